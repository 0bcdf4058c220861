/* eventfd: counting, semaphores, overflow, waiting, polling, fdinfo. */
#include "sigtools.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#define MOST	0xfffffffffffffffeULL

static uint64_t take(int fd)
{
	uint64_t n = 0;

	EXPECT_EQ(read(fd, &n, sizeof(n)), sizeof(n));
	return n;
}

static void add(int fd, uint64_t n)
{
	EXPECT_EQ(write(fd, &n, sizeof(n)), sizeof(n));
}

static int ready(int fd)
{
	struct pollfd p = {
		.fd = fd, .events = POLLIN | POLLOUT | POLLPRI | POLLRDNORM
	};

	OK(poll(&p, 1, 0));
	return p.revents;
}

TEST(a_read_drains_the_counter)
{
	int fd = OK(eventfd(3, 0));

	EXPECT_EQ(take(fd), 3);
	add(fd, 1);
	add(fd, 0);
	add(fd, 41);
	EXPECT_EQ(take(fd), 42);
	OK(close(fd));
}

TEST(a_semaphore_gives_one_at_a_time)
{
	int fd = OK(eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK));
	uint64_t n;

	EXPECT_EQ(take(fd), 1);
	add(fd, 1);
	EXPECT_EQ(take(fd), 1);
	EXPECT_EQ(take(fd), 1);
	EXPECT_ERR(read(fd, &n, sizeof(n)), EAGAIN);
	OK(close(fd));
}

TEST(flags)
{
	int fd = OK(syscall(SYS_eventfd, 7));
	uint64_t n;

	EXPECT_EQ(OK(fcntl(fd, F_GETFL)), O_RDWR);
	EXPECT_EQ(OK(fcntl(fd, F_GETFD)), 0);
	EXPECT_EQ(take(fd), 7);
	OK(close(fd));
	fd = OK(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	EXPECT_EQ(OK(fcntl(fd, F_GETFL)), O_RDWR | O_NONBLOCK);
	EXPECT_EQ(OK(fcntl(fd, F_GETFD)), FD_CLOEXEC);
	EXPECT_ERR(read(fd, &n, sizeof(n)), EAGAIN);
	OK(close(fd));
	EXPECT_ERR(eventfd(0, 2), EINVAL);
	EXPECT_ERR(eventfd(0, -1), EINVAL);
	/* The initial count is 32 bits wide. */
	fd = OK(syscall(SYS_eventfd2, 0x1ffffffffUL, 0));
	EXPECT_EQ(take(fd), 0xffffffff);
	OK(close(fd));
}

TEST(sizes_and_addresses)
{
	int fd = OK(eventfd(5, EFD_NONBLOCK));
	uint64_t n[2] = { 1, 1 };
	char *edge;

	EXPECT_ERR(read(fd, n, 7), EINVAL);
	EXPECT_ERR(write(fd, n, 7), EINVAL);
	EXPECT_ERR(write(fd, n, 0), EINVAL);
	EXPECT_ERR(read(fd, n, 0), EINVAL);
	EXPECT_EQ(read(fd, n, 16), 8);
	EXPECT_EQ(n[0], 5);
	EXPECT_EQ(write(fd, n, 16), 8);
	EXPECT_ERR(write(fd, (void *)8, 8), EFAULT);
	/* A bad buffer loses the events. */
	EXPECT_ERR(read(fd, (void *)8, 8), EFAULT);
	EXPECT_ERR(read(fd, n, 8), EAGAIN);
	edge = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	OK(munmap(edge + 4096, 4096));
	EXPECT_ERR(write(fd, edge + 4092, 8), EFAULT);
	EXPECT_ERR(read(fd, n, 8), EAGAIN);
	OK(munmap(edge, 4096));
	OK(close(fd));
}

TEST(the_counter_stops_short_of_all_ones)
{
	int fd = OK(eventfd(0, EFD_NONBLOCK));
	uint64_t n = ~0ULL;

	EXPECT_ERR(write(fd, &n, sizeof(n)), EINVAL);
	add(fd, MOST);
	EXPECT_EQ(ready(fd), POLLIN);
	n = 1;
	EXPECT_ERR(write(fd, &n, sizeof(n)), EAGAIN);
	add(fd, 0);
	EXPECT_EQ(take(fd), MOST);
	EXPECT_EQ(ready(fd), POLLOUT);
	add(fd, MOST - 1);
	EXPECT_EQ(ready(fd), POLLIN | POLLOUT);
	add(fd, 1);
	EXPECT_EQ(ready(fd), POLLIN);
	OK(close(fd));
}

TEST(a_reader_waits_for_a_writer)
{
	int fd = OK(eventfd(0, 0));
	pid_t me = getpid(), pid;

	IN_CHILD(pid) {
		wait_until_sleeping(me);
		add(fd, 9);
	}
	EXPECT_EQ(take(fd), 9);
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
}

TEST(a_writer_waits_for_room)
{
	int fd = OK(eventfd(0, 0));
	pid_t pid;

	add(fd, MOST - 4);
	IN_CHILD(pid)
		add(fd, 5);
	wait_until_sleeping(pid);
	EXPECT_EQ(take(fd), MOST - 4);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(take(fd), 5);
	OK(close(fd));
}

TEST(zero_wakes_no_reader)
{
	int fd = OK(eventfd(0, 0));
	pid_t pid;

	IN_CHILD(pid)
		EXPECT_EQ(take(fd), 1);
	wait_until_sleeping(pid);
	add(fd, 0);
	wait_until_sleeping(pid);
	add(fd, 1);
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
}

TEST(a_signal_ends_the_wait)
{
	int fd = OK(eventfd(0, 0));
	uint64_t n = 5;
	pid_t pid;

	handle(SIGUSR1, note, 0);
	IN_CHILD(pid) {
		EXPECT_ERR(read(fd, &n, sizeof(n)), EINTR);
		EXPECT_EQ(count, 1);
	}
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR1));
	EXPECT_EXIT(pid, 0);
	handle(SIGUSR1, note, SA_RESTART);
	IN_CHILD(pid) {
		EXPECT_EQ(take(fd), 6);
		EXPECT_EQ(count, 1);
	}
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR1));
	wait_until_sleeping(pid);
	add(fd, 6);
	EXPECT_EXIT(pid, 0);
	/* The writer, too, and it has added nothing. */
	handle(SIGUSR1, note, 0);
	add(fd, MOST);
	IN_CHILD(pid)
		EXPECT_ERR(write(fd, &n, sizeof(n)), EINTR);
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR1));
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(take(fd), MOST);
	OK(close(fd));
}

TEST(a_semaphore_serves_every_waiter_once)
{
	enum { WAITERS = 5 };
	int fd = OK(eventfd(0, EFD_SEMAPHORE));
	pid_t pids[WAITERS];
	uint64_t n;

	for (int i = 0; i < WAITERS; i++) {
		IN_CHILD(pids[i])
			EXPECT_EQ(take(fd), 1);
		wait_until_sleeping(pids[i]);
	}
	add(fd, WAITERS);
	for (int i = 0; i < WAITERS; i++)
		EXPECT_EXIT(pids[i], 0);
	OK(fcntl(fd, F_SETFL, O_NONBLOCK));
	EXPECT_ERR(read(fd, &n, sizeof(n)), EAGAIN);
	OK(close(fd));
}

TEST(poll_sees_both_directions)
{
	int fd = OK(eventfd(0, 0));
	pid_t pid;

	EXPECT_EQ(ready(fd), POLLOUT);
	IN_CHILD(pid) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		EXPECT_EQ(poll(&p, 1, -1), 1);
		EXPECT_EQ(p.revents, POLLIN);
	}
	wait_until_sleeping(pid);
	add(fd, MOST);
	EXPECT_EXIT(pid, 0);
	IN_CHILD(pid) {
		struct pollfd p = { .fd = fd, .events = POLLOUT };

		EXPECT_EQ(poll(&p, 1, -1), 1);
		EXPECT_EQ(p.revents, POLLOUT);
	}
	wait_until_sleeping(pid);
	EXPECT_EQ(take(fd), MOST);
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
}

/*
 * The write may land before, during or after the reader's decision to sleep.
 * No delay picks one: many rounds visit all three, and a lost wake-up hangs,
 * which the runner's time-out reports under this test's name.
 */
TEST(no_wake_up_is_lost)
{
	int there = OK(eventfd(0, 0)), back = OK(eventfd(0, 0));
	enum { ROUNDS = 3000 };
	pid_t pid;

	IN_CHILD(pid) {
		for (int i = 0; i < ROUNDS; i++) {
			EXPECT_EQ(take(there), 1);
			add(back, 1);
		}
	}
	for (int i = 0; i < ROUNDS; i++) {
		add(there, 1);
		EXPECT_EQ(take(back), 1);
	}
	EXPECT_EXIT(pid, 0);
	OK(close(there));
	OK(close(back));
}

static int shared_fd;

static void *add_many(void *arg)
{
	for (int i = 0; i < 2000; i++)
		add(shared_fd, (uintptr_t)arg);
	return NULL;
}

TEST(nothing_is_counted_twice_or_not_at_all)
{
	pthread_t threads[3];
	uint64_t sum = 0;

	shared_fd = OK(eventfd(0, 0));
	for (uintptr_t i = 0; i < 3; i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, add_many,
					 (void *)(i + 1)), 0);
	while (sum < 2000 * 6)
		sum += take(shared_fd);
	EXPECT_EQ(sum, 2000 * 6);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(pthread_join(threads[i], NULL), 0);
	OK(close(shared_fd));
}

TEST(what_it_looks_like)
{
	int fd = OK(eventfd(0xabc, EFD_SEMAPHORE)), id;
	char path[64], text[512], link[64] = "";
	unsigned long long shown;
	struct stat st;
	char *line;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	OK(readlink(path, link, sizeof(link) - 1));
	EXPECT_STR(link, "anon_inode:[eventfd]");
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	line = strstr(read_file(path, text, sizeof(text)), "eventfd-count:");
	EXPECT(line);
	EXPECT(!strncmp(line, "eventfd-count:              abc\n", 32));
	EXPECT_EQ(sscanf(line, "eventfd-count: %llx eventfd-id: %d", &shown,
			 &id), 2);
	EXPECT_EQ(shown, 0xabc);
	EXPECT(id >= 0);
	OK(fstat(fd, &st));
	EXPECT_EQ(st.st_mode, 0600);
	OK(close(fd));
}

TEST(what_it_cannot_do)
{
	int fd = OK(eventfd(1, EFD_NONBLOCK));
	uint64_t n = 1;

	EXPECT_EQ(lseek(fd, 5, SEEK_SET), 0);
	EXPECT_ERR(pread(fd, &n, sizeof(n), 0), ESPIPE);
	EXPECT_ERR(pwrite(fd, &n, sizeof(n), 0), ESPIPE);
	EXPECT_ERR(ftruncate(fd, 0), EINVAL);
	EXPECT_ERR(fsync(fd), EINVAL);
	EXPECT(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	EXPECT_EQ(errno, ENODEV);
	EXPECT_EQ(take(fd), 1);
	OK(close(fd));
}

TEST(fork_and_dup_share_it)
{
	int fd = OK(eventfd(0, 0)), other = OK(dup(fd));
	pid_t pid;

	IN_CHILD(pid) {
		OK(close(fd));
		add(other, 4);
	}
	EXPECT_EXIT(pid, 0);
	OK(close(other));
	EXPECT_EQ(take(fd), 4);
	OK(close(fd));
}
