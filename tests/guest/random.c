/*
 * Random bytes: getrandom(2), /dev/random and /dev/urandom with their ioctls;
 * what a hole in the buffer, a signal and a wrong argument do to them.
 */
#include "test.h"

#include <linux/random.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>

#define PAGE	4096
#define MUCH	(24L << 20)
#define BAD	((void *)8)

static const char *const paths[] = { "/dev/random", "/dev/urandom" };

static long get(void *buf, size_t len, unsigned int flags)
{
	return syscall(SYS_getrandom, buf, len, flags);
}

static char *map(size_t len)
{
	char *mem = mmap(NULL, len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	EXPECT(mem != MAP_FAILED);
	return mem;
}

TEST(getrandom_flags)
{
	static const unsigned int good[] = {
		0, GRND_NONBLOCK, GRND_RANDOM, GRND_RANDOM | GRND_NONBLOCK,
		GRND_INSECURE, GRND_INSECURE | GRND_NONBLOCK,
	};
	static const unsigned int bad[] = {
		GRND_INSECURE | GRND_RANDOM, 7, 8, 1U << 31, -1U,
	};
	char a[32], b[32];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		EXPECT_EQ(get(a, 32, good[i]), 32);
		EXPECT_EQ(get(b, 32, good[i]), 32);
		EXPECT(memcmp(a, b, 32) != 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_ERR(get(a, 32, bad[i]), EINVAL);
		EXPECT_ERR(get(BAD, 0, bad[i]), EINVAL);
	}
	/* The flags are an unsigned int. */
	EXPECT_EQ(syscall(SYS_getrandom, a, 8L, 1L << 32), 8);
}

TEST(no_more_than_was_asked_for)
{
	char buf[600];

	for (size_t len = 0; len < 300; len++) {
		memset(buf, 'x', sizeof(buf));
		EXPECT_EQ(get(buf + 100, len, 0), len);
		for (size_t i = 0; i < sizeof(buf); i++)
			EXPECT((i >= 100 && i < 100 + len) || buf[i] == 'x');
	}
}

TEST(holes_cut_it_short)
{
	char *mem = map(2 * PAGE);
	int fd = OK(open("/dev/urandom", O_RDWR));

	OK(munmap(mem + PAGE, PAGE));
	for (size_t there = 1; there < 900; there += 37) {
		char *at = mem + PAGE - there;

		EXPECT_EQ(get(at, 2000, 0), there);
		EXPECT_EQ(read(fd, at, 2000), there);
		EXPECT_EQ(write(fd, at, 2000), there);
	}
	EXPECT_EQ(get(mem, -1UL, 0), PAGE);
	EXPECT_EQ(get(mem, 1UL << 40, GRND_RANDOM), PAGE);
	EXPECT_EQ(get(BAD, 0, 0), 0);
	EXPECT_ERR(get(BAD, 1, 0), EFAULT);
	EXPECT_ERR(get(mem + PAGE, 1, 0), EFAULT);
	EXPECT_ERR(get((void *)-4096L, 8, 0), EFAULT);
	EXPECT_ERR(read(fd, mem + PAGE, 1), EFAULT);
	EXPECT_ERR(write(fd, mem + PAGE, 1), EFAULT);
	EXPECT_EQ(read(fd, mem, 0), 0);
	EXPECT_EQ(write(fd, mem, 0), 0);
	OK(munmap(mem, PAGE));
	OK(close(fd));
}

/* ---- signals ---- */

static void nothing(int sig)
{
	(void)sig;
}

static void tick(int usec)
{
	struct itimerval it = { { 0, usec }, { 0, usec } };

	OK(setitimer(ITIMER_REAL, &it, NULL));
}

/*
 * A request that is long enough ends at a signal, with whole pages done. Only
 * one that has to wait for the generator can be cut short before its first.
 */
TEST(signals_cut_it_short)
{
	char *mem = map(MUCH);
	int fd = OK(open("/dev/random", O_RDWR));

	/* From here on it is ready. */
	EXPECT_EQ(get(mem, 1, 0), 1);
	for (int kind = 0; kind < 6; kind++) {
		struct sigaction sa = {
			.sa_handler = nothing,
			.sa_flags = kind % 2 ? SA_RESTART : 0,
		};
		long n;

		OK(sigaction(SIGALRM, &sa, NULL));
		tick(3000);
		do {
			n = kind < 2 ? get(mem, MUCH, 0) :
			    kind < 4 ? read(fd, mem, MUCH) :
				       write(fd, mem, MUCH);
		} while (n == MUCH);
		tick(0);
		EXPECT(n > 0);
		EXPECT_EQ(n % PAGE, 0);
	}
	/* One that is waiting already lets a short one be. */
	for (int i = 0; i < 20; i++) {
		tick(1000);
		EXPECT_EQ(get(mem, 256, 0), 256);
	}
	tick(0);
	OK(munmap(mem, MUCH));
	OK(close(fd));
}

TEST(killed_in_the_middle)
{
	enum { LEN = 1 << 30 };
	char *mem = map(LEN);
	struct event started;
	pid_t pid;

	for (int i = 0; i < 2; i++) {
		event_init(&started);
		IN_CHILD(pid) {
			int fd = OK(open(paths[i], O_RDWR));

			event_signal(&started);
			for (;;)
				OK(write(fd, mem, LEN));
		}
		event_wait(&started);
		OK(kill(pid, SIGKILL));
		EXPECT_KILLED(pid, SIGKILL);
		event_close(&started);
	}
	OK(munmap(mem, LEN));
}

/* ---- the devices ---- */

TEST(always_ready)
{
	for (int i = 0; i < 2; i++) {
		int fd = OK(open(paths[i], O_RDWR | O_NONBLOCK));
		struct pollfd p = { fd, POLLIN | POLLOUT | POLLPRI, 0 };
		char buf[10];

		EXPECT_EQ(poll(&p, 1, -1), 1);
		EXPECT_EQ(p.revents, i == 0 ? POLLIN : POLLIN | POLLOUT);
		EXPECT_EQ(read(fd, buf, 10), 10);
		OK(lseek(fd, 7, SEEK_SET));
		EXPECT_EQ(pread(fd, buf, 3, 5), 3);
		EXPECT_EQ(pwrite(fd, buf, 3, 5), 3);
		OK(close(fd));
		fd = OK(open(paths[i], O_RDONLY));
		EXPECT_ERR(write(fd, buf, 3), EBADF);
		EXPECT_ERR(ftruncate(fd, 0), EINVAL);
		EXPECT_ERR(fsync(fd), EINVAL);
		OK(close(fd));
	}
}

struct pool {
	int	bits, len;
	char	bytes[8192];
};

TEST(ioctls)
{
	static struct pool pool;
	int n;

	for (int i = 0; i < 2; i++) {
		int fd = OK(open(paths[i], O_RDONLY));

		n = -1;
		OK(ioctl(fd, RNDGETENTCNT, &n));
		EXPECT(n >= 0);
		EXPECT_ERR(ioctl(fd, RNDGETENTCNT, BAD), EFAULT);
		n = 5;
		OK(ioctl(fd, RNDADDTOENTCNT, &n));
		n = -5;
		EXPECT_ERR(ioctl(fd, RNDADDTOENTCNT, &n), EINVAL);
		EXPECT_ERR(ioctl(fd, RNDADDTOENTCNT, BAD), EFAULT);
		pool = (struct pool){ .bits = 8, .len = 8192 };
		OK(ioctl(fd, RNDADDENTROPY, &pool));
		pool.len = 0;
		OK(ioctl(fd, RNDADDENTROPY, &pool));
		pool.len = -1;
		EXPECT_ERR(ioctl(fd, RNDADDENTROPY, &pool), EFAULT);
		pool.bits = -1;
		EXPECT_ERR(ioctl(fd, RNDADDENTROPY, &pool), EINVAL);
		EXPECT_ERR(ioctl(fd, RNDADDENTROPY, BAD), EFAULT);
		OK(ioctl(fd, RNDZAPENTCNT, 0));
		OK(ioctl(fd, RNDCLEARPOOL, 0));
		OK(ioctl(fd, RNDRESEEDCRNG, 0));
		EXPECT_ERR(ioctl(fd, RNDGETPOOL, &pool), EINVAL);
		EXPECT_ERR(ioctl(fd, 0x5299, &pool), EINVAL);
		OK(close(fd));
	}
}

/* All of it must be there: half of what is credited is not enough. */
TEST(entropy_that_is_not_all_there)
{
	char *mem = map(2 * PAGE);
	struct pool *pool = (struct pool *)(mem + PAGE - 40);
	int fd = OK(open("/dev/random", O_RDONLY));

	OK(munmap(mem + PAGE, PAGE));
	pool->bits = 0;
	pool->len = 32;
	OK(ioctl(fd, RNDADDENTROPY, pool));
	pool->len = 33;
	EXPECT_ERR(ioctl(fd, RNDADDENTROPY, pool), EFAULT);
	pool->len = 1 << 30;
	EXPECT_ERR(ioctl(fd, RNDADDENTROPY, pool), EFAULT);
	pool = (struct pool *)(mem + PAGE - 4);
	EXPECT_ERR(ioctl(fd, RNDADDENTROPY, pool), EFAULT);
	pool->bits = -1;
	EXPECT_ERR(ioctl(fd, RNDADDENTROPY, pool), EINVAL);
	OK(munmap(mem, PAGE));
	OK(close(fd));
}

/* Everybody may ask and stir; to claim randomness is for the privileged. */
TEST(who_may)
{
	static struct pool pool;
	int fd = OK(open("/dev/urandom", O_RDWR)), n = 0;
	pid_t pid;

	IN_CHILD(pid) {
		become_user(1000, 1000);
		OK(ioctl(fd, RNDGETENTCNT, &n));
		EXPECT_EQ(write(fd, &n, 4), 4);
		EXPECT_ERR(ioctl(fd, RNDADDTOENTCNT, BAD), EPERM);
		EXPECT_ERR(ioctl(fd, RNDADDENTROPY, BAD), EPERM);
		EXPECT_ERR(ioctl(fd, RNDADDENTROPY, &pool), EPERM);
		EXPECT_ERR(ioctl(fd, RNDZAPENTCNT, 0), EPERM);
		EXPECT_ERR(ioctl(fd, RNDCLEARPOOL, 0), EPERM);
		EXPECT_ERR(ioctl(fd, RNDRESEEDCRNG, 0), EPERM);
		EXPECT_ERR(ioctl(fd, RNDGETPOOL, BAD), EINVAL);
	}
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
}
