/* poll, ppoll, select, pselect: readiness, time-outs, masks, limits. */
#include "test.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <time.h>

static volatile sig_atomic_t caught;

static void on_signal(int sig)
{
	(void)sig;
	caught++;
}

static long ms_since(struct timespec *start)
{
	struct timespec now;

	OK(clock_gettime(CLOCK_MONOTONIC, &now));
	return (now.tv_sec - start->tv_sec) * 1000 +
		(now.tv_nsec - start->tv_nsec) / 1000000;
}

TEST(files_and_devices_are_always_ready)
{
	int fd = OK(open("f", O_CREAT | O_RDWR, 0600));
	int null = OK(open("/dev/null", O_RDWR));
	struct pollfd p[2] = {
		{ .fd = fd, .events = POLLIN | POLLOUT },
		{ .fd = null, .events = POLLIN | POLLOUT },
	};

	EXPECT_EQ(poll(p, 2, -1), 2);
	EXPECT_EQ(p[0].revents, POLLIN | POLLOUT);
	EXPECT_EQ(p[1].revents, POLLIN | POLLOUT);
	OK(close(fd));
	OK(close(null));
}

TEST(bad_descriptors)
{
	struct pollfd p[3] = {
		{ .fd = 77, .events = POLLIN, .revents = 0x55 },
		{ .fd = -1, .events = POLLIN, .revents = 0x55 },
		{ .fd = 0, .events = 0, .revents = 0x55 },
	};

	EXPECT_EQ(poll(p, 3, 0), 1);
	EXPECT_EQ(p[0].revents, POLLNVAL);
	EXPECT_EQ(p[1].revents, 0);
	EXPECT_EQ(p[2].revents, 0);
	EXPECT_ERR(syscall(SYS_poll, 8L, 1, 0), EFAULT);
	EXPECT_ERR(syscall(SYS_poll, p, 1 << 20, 0), EINVAL);
	EXPECT_EQ(poll(NULL, 0, 0), 0);
}

TEST(time_outs)
{
	struct pollfd p;
	struct timespec start;
	int fds[2];

	OK(pipe(fds));
	p = (struct pollfd){ .fd = fds[0], .events = POLLIN };
	OK(clock_gettime(CLOCK_MONOTONIC, &start));
	EXPECT_EQ(poll(&p, 1, 50), 0);
	EXPECT(ms_since(&start) >= 50);
	EXPECT_EQ(p.revents, 0);
	OK(clock_gettime(CLOCK_MONOTONIC, &start));
	EXPECT_EQ(poll(NULL, 0, 30), 0);
	EXPECT(ms_since(&start) >= 30);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(a_writer_wakes_the_poller)
{
	int fds[2];
	pid_t me = getpid(), pid;

	OK(pipe(fds));
	IN_CHILD(pid) {
		wait_until_sleeping(me);
		EXPECT_EQ(write(fds[1], "x", 1), 1);
	}
	struct pollfd p = { .fd = fds[0], .events = POLLIN };
	EXPECT_EQ(poll(&p, 1, -1), 1);
	EXPECT_EQ(p.revents, POLLIN);
	EXPECT_EXIT(pid, 0);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(a_reader_wakes_the_poller)
{
	static char buf[65536];
	int fds[2];
	pid_t me = getpid(), pid;

	OK(pipe(fds));
	EXPECT_EQ(write(fds[1], buf, 65536), 65536);
	IN_CHILD(pid) {
		wait_until_sleeping(me);
		EXPECT_EQ(read(fds[0], buf, 65536), 65536);
	}
	struct pollfd p = { .fd = fds[1], .events = POLLOUT };
	EXPECT_EQ(poll(&p, 1, -1), 1);
	EXPECT_EQ(p.revents, POLLOUT);
	EXPECT_EXIT(pid, 0);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(closing_the_other_end_wakes_the_poller)
{
	int fds[2];
	pid_t pid;

	OK(pipe(fds));
	IN_CHILD(pid) {
		OK(close(fds[1]));
		struct pollfd p = { .fd = fds[0], .events = 0 };
		EXPECT_EQ(poll(&p, 1, -1), 1);
		EXPECT_EQ(p.revents, POLLHUP);
	}
	wait_until_sleeping(pid);
	OK(close(fds[1]));
	EXPECT_EXIT(pid, 0);
	OK(close(fds[0]));
}

TEST(two_pollers_of_one_pipe)
{
	int fds[2];
	pid_t a, b;

	OK(pipe(fds));
	struct pollfd p = { .fd = fds[0], .events = POLLIN };
	IN_CHILD(a)
		EXPECT_EQ(poll(&p, 1, -1), 1);
	IN_CHILD(b)
		EXPECT_EQ(poll(&p, 1, -1), 1);
	wait_until_sleeping(a);
	wait_until_sleeping(b);
	EXPECT_EQ(write(fds[1], "x", 1), 1);
	EXPECT_EXIT(a, 0);
	EXPECT_EXIT(b, 0);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(hundreds_of_descriptors)
{
	enum { COUNT = 200 };
	int fds[COUNT][2];
	struct pollfd p[COUNT];

	for (int i = 0; i < COUNT; i++) {
		OK(pipe(fds[i]));
		p[i] = (struct pollfd){ .fd = fds[i][0], .events = POLLIN };
	}
	EXPECT_EQ(poll(p, COUNT, 0), 0);
	EXPECT_EQ(write(fds[7][1], "x", 1), 1);
	EXPECT_EQ(write(fds[COUNT - 1][1], "x", 1), 1);
	EXPECT_EQ(poll(p, COUNT, -1), 2);
	for (int i = 0; i < COUNT; i++)
		EXPECT_EQ(p[i].revents, i == 7 || i == COUNT - 1 ? POLLIN : 0);
	for (int i = 0; i < COUNT; i++) {
		OK(close(fds[i][0]));
		OK(close(fds[i][1]));
	}
}

TEST(one_descriptor_many_times)
{
	struct pollfd p[50];
	int fds[2];

	OK(pipe(fds));
	for (int i = 0; i < 50; i++)
		p[i] = (struct pollfd){ .fd = fds[0], .events = POLLIN };
	EXPECT_EQ(poll(p, 50, 10), 0);
	EXPECT_EQ(write(fds[1], "x", 1), 1);
	EXPECT_EQ(poll(p, 50, -1), 50);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(poll_is_limited_by_nofile)
{
	struct rlimit limit = { 10, 10 };
	struct pollfd p[11];
	pid_t pid;

	for (int i = 0; i < 11; i++)
		p[i].fd = -1;
	IN_CHILD(pid) {
		OK(setrlimit(RLIMIT_NOFILE, &limit));
		EXPECT_EQ(poll(p, 10, 0), 0);
		EXPECT_ERR(poll(p, 11, 0), EINVAL);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(ppoll_swaps_the_mask)
{
	struct timespec zero = { 0, 0 }, left = { 0, 20000000 };
	sigset_t set, none;
	struct sigaction sa = { .sa_handler = on_signal };

	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	OK(sigaction(SIGUSR1, &sa, NULL));
	OK(sigprocmask(SIG_BLOCK, &set, NULL));
	raise(SIGUSR1);
	/* Blocked by the mask given: it only times out. */
	EXPECT_EQ(ppoll(NULL, 0, &left, &set), 0);
	EXPECT_EQ(caught, 0);
	EXPECT_ERR(ppoll(NULL, 0, NULL, &none), EINTR);
	EXPECT_EQ(caught, 1);
	OK(sigprocmask(SIG_BLOCK, NULL, &none));
	EXPECT(sigismember(&none, SIGUSR1));
	zero.tv_nsec = -1;
	EXPECT_ERR(syscall(SYS_ppoll, NULL, 0, &zero, NULL, 8), EINVAL);
	EXPECT_ERR(syscall(SYS_ppoll, NULL, 0, 8L, NULL, 8), EFAULT);
	zero.tv_nsec = 0;
	EXPECT_ERR(syscall(SYS_ppoll, NULL, 0, &zero, &none, 4), EINVAL);
	/* The kernel tells what time was left. */
	left = (struct timespec){ 0, 10000000 };
	EXPECT_EQ(syscall(SYS_ppoll, NULL, 0, &left, NULL, 8), 0);
	EXPECT_EQ(left.tv_nsec, 0);
}

/* ---- select ---- */

TEST(select_sets_and_counts)
{
	int fds[2];
	fd_set r, w, e;

	OK(pipe(fds));
	struct timeval tv = { 0, 0 };
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_ZERO(&e);
	FD_SET(fds[0], &r);
	FD_SET(fds[1], &w);
	FD_SET(fds[0], &e);
	EXPECT_EQ(select(fds[1] + 1, &r, &w, &e, &tv), 1);
	EXPECT(!FD_ISSET(fds[0], &r));
	EXPECT(FD_ISSET(fds[1], &w));
	EXPECT(!FD_ISSET(fds[0], &e));
	EXPECT_EQ(write(fds[1], "x", 1), 1);
	FD_SET(fds[0], &r);
	EXPECT_EQ(select(fds[1] + 1, &r, &w, NULL, NULL), 2);
	/* Bits at and above n are left alone. */
	FD_ZERO(&r);
	FD_SET(fds[0], &r);
	EXPECT_EQ(select(fds[0], &r, NULL, NULL, &tv), 0);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(select_errors)
{
	fd_set r;
	struct timeval tv = { 0, 0 };

	FD_ZERO(&r);
	FD_SET(77, &r);
	EXPECT_ERR(select(78, &r, NULL, NULL, &tv), EBADF);
	EXPECT_ERR(select(-1, NULL, NULL, NULL, &tv), EINVAL);
	EXPECT_ERR(syscall(SYS_select, 8, 8L, NULL, NULL, &tv), EFAULT);
	EXPECT_ERR(syscall(SYS_select, 0, NULL, NULL, NULL, 8L), EFAULT);
	tv.tv_sec = -1;
	EXPECT_ERR(select(0, NULL, NULL, NULL, &tv), EINVAL);
}

TEST(select_time_out_counts_down)
{
	struct timeval tv = { 0, 30000 };
	struct timespec start;
	int fds[2];
	fd_set r;

	OK(pipe(fds));
	FD_ZERO(&r);
	FD_SET(fds[0], &r);
	OK(clock_gettime(CLOCK_MONOTONIC, &start));
	EXPECT_EQ(select(fds[0] + 1, &r, NULL, NULL, &tv), 0);
	EXPECT(ms_since(&start) >= 30);
	EXPECT(!FD_ISSET(fds[0], &r));
	EXPECT_EQ(tv.tv_usec, 0);
	tv = (struct timeval){ 1000, 0 };
	FD_SET(fds[0], &r);
	EXPECT_EQ(write(fds[1], "x", 1), 1);
	EXPECT_EQ(select(fds[0] + 1, &r, NULL, NULL, &tv), 1);
	EXPECT(tv.tv_sec >= 900);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(select_reports_hangup_as_readable)
{
	int fds[2];
	fd_set r, w;

	OK(pipe(fds));
	OK(close(fds[1]));
	FD_ZERO(&r);
	FD_SET(fds[0], &r);
	EXPECT_EQ(select(fds[0] + 1, &r, NULL, NULL, NULL), 1);
	OK(close(fds[0]));
	OK(pipe(fds));
	OK(close(fds[0]));
	FD_ZERO(&w);
	FD_SET(fds[1], &w);
	EXPECT_EQ(select(fds[1] + 1, NULL, &w, NULL, NULL), 1);
	OK(close(fds[1]));
}

TEST(pselect_swaps_the_mask)
{
	struct timespec ts = { 0, 10000000 };
	sigset_t set, none;
	struct sigaction sa = { .sa_handler = on_signal };

	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	OK(sigaction(SIGUSR1, &sa, NULL));
	OK(sigprocmask(SIG_BLOCK, &set, NULL));
	raise(SIGUSR1);
	EXPECT_EQ(pselect(0, NULL, NULL, NULL, &ts, &set), 0);
	EXPECT_EQ(caught, 0);
	EXPECT_ERR(pselect(0, NULL, NULL, NULL, NULL, &none), EINTR);
	EXPECT_EQ(caught, 1);
}

/* A wake-up between the test for readiness and the sleep must not be lost. */
TEST_SECONDS(no_wakeup_is_lost, 120)
{
	enum { ROUNDS = 2000 };
	int ping[2], pong[2];
	pid_t pid;
	char c;

	OK(pipe(ping));
	OK(pipe(pong));
	IN_CHILD(pid)
		for (int i = 0; i < ROUNDS; i++) {
			struct pollfd p = { .fd = ping[0], .events = POLLIN };
			EXPECT_EQ(poll(&p, 1, -1), 1);
			EXPECT_EQ(read(ping[0], &c, 1), 1);
			EXPECT_EQ(write(pong[1], "o", 1), 1);
		}
	for (int i = 0; i < ROUNDS; i++) {
		struct pollfd p = { .fd = pong[0], .events = POLLIN };
		EXPECT_EQ(write(ping[1], "i", 1), 1);
		EXPECT_EQ(poll(&p, 1, -1), 1);
		EXPECT_EQ(read(pong[0], &c, 1), 1);
	}
	EXPECT_EXIT(pid, 0);
	for (int i = 0; i < 2; i++) {
		OK(close(ping[i]));
		OK(close(pong[i]));
	}
}
