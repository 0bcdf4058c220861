/* Timers as descriptors. */
#include "test.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <time.h>

#define SEC	1000000000LL
#define MSEC	1000000LL

#ifndef TFD_IOC_SET_TICKS
#define TFD_IOC_SET_TICKS	_IOW('T', 0, uint64_t)
#endif
#ifndef CAP_WAKE_ALARM
#define CAP_WAKE_ALARM		35
#endif

static struct timespec ts_of(int64_t ns)
{
	return (struct timespec){ ns / SEC, ns % SEC };
}

static int64_t ns_of(struct timespec ts)
{
	EXPECT(ts.tv_nsec >= 0 && ts.tv_nsec < SEC);
	return ts.tv_sec * SEC + ts.tv_nsec;
}

static int64_t now(clockid_t clock)
{
	struct timespec ts;

	OK(clock_gettime(clock, &ts));
	return ns_of(ts);
}

static struct itimerspec spec(int64_t value, int64_t interval)
{
	return (struct itimerspec){ ts_of(interval), ts_of(value) };
}

static int settime(int fd, int flags, int64_t value, int64_t interval)
{
	struct itimerspec it = spec(value, interval);

	return timerfd_settime(fd, flags, &it, NULL);
}

static uint64_t take(int fd)
{
	uint64_t ticks = 0;

	EXPECT_EQ(read(fd, &ticks, sizeof(ticks)), 8);
	return ticks;
}

static int64_t left(int fd)
{
	struct itimerspec it;

	OK(timerfd_gettime(fd, &it));
	return ns_of(it.it_value);
}

static bool readable(int fd, int timeout)
{
	struct pollfd pfd = { fd, POLLIN, 0 };

	return OK(poll(&pfd, 1, timeout)) == 1 && pfd.revents == POLLIN;
}

TEST(rings_once_on_each_clock)
{
	static const clockid_t clocks[] = {
		CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME,
	};

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		int fd = OK(timerfd_create(clocks[i], 0));
		int64_t start = now(CLOCK_MONOTONIC);

		OK(settime(fd, 0, 20 * MSEC, 0));
		EXPECT_EQ(take(fd), 1);
		EXPECT(now(CLOCK_MONOTONIC) - start >= 20 * MSEC);
		EXPECT_EQ(left(fd), 0);
		EXPECT(!readable(fd, 0));
		start = now(clocks[i]);
		OK(settime(fd, TFD_TIMER_ABSTIME, start + 20 * MSEC, 0));
		EXPECT_EQ(take(fd), 1);
		EXPECT(now(clocks[i]) >= start + 20 * MSEC);
		OK(close(fd));
	}
}

TEST(a_time_that_has_passed_rings_at_once)
{
	int fd = OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));

	OK(settime(fd, TFD_TIMER_ABSTIME, 1, 0));
	EXPECT(readable(fd, -1));
	EXPECT_EQ(take(fd), 1);
	OK(close(fd));
	fd = OK(timerfd_create(CLOCK_REALTIME, 0));
	OK(settime(fd, TFD_TIMER_ABSTIME, 1, 0));
	EXPECT_EQ(take(fd), 1);
	OK(close(fd));
}

TEST(missed_periods_are_counted)
{
	int fd = OK(timerfd_create(CLOCK_MONOTONIC, 0));
	int64_t start = now(CLOCK_MONOTONIC), end;
	struct timespec nap = { 0, 50 * MSEC };
	uint64_t sum = 0;

	OK(settime(fd, 0, 5 * MSEC, 1 * MSEC));
	OK(nanosleep(&nap, NULL));
	sum = take(fd);
	EXPECT(sum >= 40);
	for (int i = 0; i < 20; i++)
		sum += take(fd);
	end = now(CLOCK_MONOTONIC);
	EXPECT(sum >= 60);
	EXPECT((int64_t)sum <= (end - start - 5 * MSEC) / MSEC + 1);
	/* A very short interval only makes large numbers. */
	OK(settime(fd, 0, 1, 1));
	OK(nanosleep(&nap, NULL));
	EXPECT(take(fd) > 40000000);
	OK(close(fd));
}

TEST(gettime_and_old_values)
{
	int fd = OK(timerfd_create(CLOCK_MONOTONIC, 0));
	struct itimerspec it, old;

	OK(timerfd_gettime(fd, &it));
	EXPECT_EQ(ns_of(it.it_value), 0);
	EXPECT_EQ(ns_of(it.it_interval), 0);
	OK(settime(fd, 0, 1000 * SEC, 7 * SEC));
	OK(timerfd_gettime(fd, &it));
	EXPECT(ns_of(it.it_value) <= 1000 * SEC);
	EXPECT(ns_of(it.it_value) > 900 * SEC);
	EXPECT_EQ(ns_of(it.it_interval), 7 * SEC);
	it = spec(0, 0);
	OK(timerfd_settime(fd, 0, &it, &old));
	EXPECT(ns_of(old.it_value) > 900 * SEC);
	EXPECT_EQ(ns_of(old.it_interval), 7 * SEC);
	EXPECT_EQ(left(fd), 0);
	/* Stopped, although the interval is given. */
	OK(settime(fd, 0, 0, 5 * SEC));
	OK(timerfd_gettime(fd, &it));
	EXPECT_EQ(ns_of(it.it_value), 0);
	EXPECT_EQ(ns_of(it.it_interval), 5 * SEC);
	OK(close(fd));
}

TEST(looking_at_an_expired_interval_starts_the_next)
{
	int fd = OK(timerfd_create(CLOCK_MONOTONIC, 0));

	OK(settime(fd, 0, 1 * MSEC, 1000 * SEC));
	EXPECT(readable(fd, -1));
	EXPECT(left(fd) > 900 * SEC);
	EXPECT_EQ(take(fd), 1);
	EXPECT(left(fd) > 900 * SEC);
	EXPECT(!readable(fd, 0));
	OK(close(fd));
}

TEST(setting_forgets_what_was_not_read)
{
	int fd = OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
	uint64_t ticks;

	OK(settime(fd, 0, 1, 0));
	EXPECT(readable(fd, -1));
	OK(settime(fd, 0, 1000 * SEC, 0));
	EXPECT(!readable(fd, 0));
	EXPECT_ERR(read(fd, &ticks, 8), EAGAIN);
	OK(close(fd));
}

TEST(errors)
{
	int fd = OK(timerfd_create(CLOCK_MONOTONIC,
				   TFD_NONBLOCK | TFD_CLOEXEC));
	int other = OK(open("/dev/null", O_RDONLY));
	struct itimerspec it = spec(1 * SEC, 0);
	char buf[16];

	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK),
		  O_RDWR | O_NONBLOCK);
	EXPECT_ERR(timerfd_create(CLOCK_MONOTONIC, 1), EINVAL);
	EXPECT_ERR(timerfd_create(CLOCK_TAI, 0), EINVAL);
	EXPECT_ERR(timerfd_create(CLOCK_MONOTONIC_RAW, 0), EINVAL);
	EXPECT_ERR(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0), EINVAL);
	EXPECT_ERR(timerfd_create(99, 0), EINVAL);
	EXPECT_ERR(timerfd_create(-1, 0), EINVAL);

	EXPECT_ERR(timerfd_settime(fd, 4, &it, NULL), EINVAL);
	EXPECT_ERR(timerfd_settime(other, 0, &it, NULL), EINVAL);
	EXPECT_ERR(timerfd_settime(99, 0, &it, NULL), EBADF);
	EXPECT_ERR(syscall(SYS_timerfd_settime, fd, 0, NULL, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_timerfd_settime, 99, 0, 8L, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_timerfd_settime, fd, 0, &it, 8L), EFAULT);
	EXPECT(left(fd) > 0);
	it.it_value.tv_nsec = SEC;
	EXPECT_ERR(timerfd_settime(fd, 0, &it, NULL), EINVAL);
	EXPECT_ERR(timerfd_settime(99, 0, &it, NULL), EINVAL);
	it.it_value = (struct timespec){ -1, 0 };
	EXPECT_ERR(timerfd_settime(fd, 0, &it, NULL), EINVAL);
	it = spec(1 * SEC, 0);
	it.it_interval.tv_nsec = -1;
	EXPECT_ERR(timerfd_settime(fd, 0, &it, NULL), EINVAL);

	EXPECT_ERR(timerfd_gettime(other, &it), EINVAL);
	EXPECT_ERR(timerfd_gettime(99, &it), EBADF);
	EXPECT_ERR(syscall(SYS_timerfd_gettime, fd, 8L), EFAULT);

	EXPECT_ERR(read(fd, buf, 7), EINVAL);
	EXPECT_ERR(read(fd, buf, 16), EAGAIN);
	EXPECT_ERR(write(fd, buf, 8), EINVAL);
	OK(settime(fd, 0, 1, 0));
	EXPECT(readable(fd, -1));
	EXPECT_EQ(read(fd, buf, 16), 8);
	OK(close(fd));
	OK(close(other));
}

TEST(a_bad_buffer_loses_the_count)
{
	int fd = OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
	uint64_t ticks;

	OK(settime(fd, 0, 1, 0));
	EXPECT(readable(fd, -1));
	EXPECT_ERR(syscall(SYS_read, fd, 8L, 8), EFAULT);
	EXPECT_ERR(read(fd, &ticks, 8), EAGAIN);
	OK(close(fd));
}

TEST(alarm_clocks_need_a_capability)
{
	pid_t pid;
	int fd = OK(timerfd_create(CLOCK_REALTIME_ALARM, 0));

	OK(settime(fd, 0, 1 * MSEC, 0));
	EXPECT_EQ(take(fd), 1);
	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(timerfd_create(CLOCK_REALTIME_ALARM, 0), EPERM);
		EXPECT_ERR(timerfd_create(CLOCK_BOOTTIME_ALARM, 0), EPERM);
		EXPECT_ERR(timerfd_create(CLOCK_BOOTTIME_ALARM, 1), EINVAL);
		EXPECT_ERR(settime(fd, 0, 1, 0), EPERM);
		EXPECT_EQ(left(fd), 0);
	}
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
	fd = OK(timerfd_create(CLOCK_BOOTTIME_ALARM, 0));
	OK(settime(fd, TFD_TIMER_ABSTIME, 1, 0));
	EXPECT_EQ(take(fd), 1);
	OK(close(fd));
}

static void on_signal(int sig)
{
	(void)sig;
}

TEST(a_signal_interrupts_a_read)
{
	int fd = OK(timerfd_create(CLOCK_MONOTONIC, 0));
	struct sigaction sa = { .sa_handler = on_signal };
	uint64_t ticks;
	pid_t pid;

	OK(sigaction(SIGUSR1, &sa, NULL));
	OK(settime(fd, 0, 1000 * SEC, 0));
	IN_CHILD(pid)
		EXPECT_ERR(read(fd, &ticks, 8), EINTR);
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR1));
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
}

TEST(many_readers_share_one_expiry)
{
	int fd = OK(timerfd_create(CLOCK_MONOTONIC, 0));
	pid_t pids[4];

	OK(settime(fd, 0, 10 * MSEC, 10 * MSEC));
	for (int i = 0; i < 4; i++)
		IN_CHILD(pids[i])
			for (int k = 0; k < 5; k++)
				EXPECT(take(fd) >= 1);
	for (int i = 0; i < 4; i++)
		EXPECT_EXIT(pids[i], 0);
	OK(close(fd));
}

TEST(poll_wakes_when_it_rings)
{
	int fd = OK(timerfd_create(CLOCK_MONOTONIC, 0));

	EXPECT(!readable(fd, 0));
	OK(settime(fd, 0, 20 * MSEC, 0));
	EXPECT(readable(fd, -1));
	EXPECT(readable(fd, 0));
	EXPECT_EQ(take(fd), 1);
	EXPECT(!readable(fd, 0));
	OK(close(fd));
}

TEST(shared_by_fork_and_dup)
{
	int fd = OK(timerfd_create(CLOCK_MONOTONIC, 0));
	int copy = OK(dup(fd));
	pid_t pid;

	OK(settime(fd, 0, 1 * MSEC, 0));
	IN_CHILD(pid)
		EXPECT_EQ(take(copy), 1);
	EXPECT_EXIT(pid, 0);
	EXPECT(!readable(fd, 0));
	OK(close(fd));
	OK(close(copy));
}

TEST(fdinfo)
{
	int fd = OK(timerfd_create(CLOCK_REALTIME, 0));
	char path[64], buf[512];
	uint64_t three = 3;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	OK(settime(fd, 0, 0, 5 * SEC + 7));
	read_file(path, buf, sizeof(buf));
	EXPECT(strstr(buf, "\nclockid: 0\nticks: 0\nsettime flags: 00\n"
		      "it_value: (0, 0)\nit_interval: (5, 7)\n"));
	OK(settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
		   now(CLOCK_REALTIME) + 1000 * SEC, 0));
	read_file(path, buf, sizeof(buf));
	EXPECT(strstr(buf, "settime flags: 03\nit_value: (99"));
	OK(ioctl(fd, TFD_IOC_SET_TICKS, &three));
	read_file(path, buf, sizeof(buf));
	EXPECT(strstr(buf, "\nticks: 3\n"));
	OK(close(fd));
}

TEST(set_ticks)
{
	int fd = OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
	uint64_t ticks = 12345;

	OK(ioctl(fd, TFD_IOC_SET_TICKS, &ticks));
	EXPECT(readable(fd, 0));
	EXPECT_EQ(take(fd), 12345);
	ticks = 0;
	EXPECT_ERR(ioctl(fd, TFD_IOC_SET_TICKS, &ticks), EINVAL);
	EXPECT_ERR(ioctl(fd, TFD_IOC_SET_TICKS, 8L), EFAULT);
	EXPECT_ERR(ioctl(fd, TFD_IOC_SET_TICKS + 1, &ticks), ENOTTY);
	OK(close(fd));
}

static void move_wall_clock(int64_t by)
{
	struct timespec ts = ts_of(now(CLOCK_REALTIME) + by);

	OK(clock_settime(CLOCK_REALTIME, &ts));
}

TEST(setting_the_clock_cancels)
{
	int fd = OK(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK));
	int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
	uint64_t ticks;

	OK(settime(fd, flags, now(CLOCK_REALTIME) + 100000 * SEC, 0));
	EXPECT(!readable(fd, 0));
	move_wall_clock(5 * SEC);
	EXPECT(readable(fd, 0));
	EXPECT_ERR(read(fd, &ticks, 8), ECANCELED);
	EXPECT_ERR(read(fd, &ticks, 8), EAGAIN);
	EXPECT(!readable(fd, 0));
	/* The timer itself goes on, on the new time. */
	EXPECT(left(fd) > 90000 * SEC);
	move_wall_clock(-5 * SEC);
	/* Not read: setting it says so, once. */
	EXPECT_ERR(settime(fd, flags, now(CLOCK_REALTIME) + 1000 * SEC, 0),
		   ECANCELED);
	EXPECT(left(fd) > 900 * SEC);
	OK(settime(fd, flags, now(CLOCK_REALTIME) + 1000 * SEC, 0));
	/* Without the flag, or for a span, nothing is cancelled. */
	OK(settime(fd, TFD_TIMER_ABSTIME, now(CLOCK_REALTIME) + 1000 * SEC,
		   0));
	move_wall_clock(5 * SEC);
	EXPECT_ERR(read(fd, &ticks, 8), EAGAIN);
	OK(settime(fd, TFD_TIMER_CANCEL_ON_SET, 1000 * SEC, 0));
	move_wall_clock(-5 * SEC);
	EXPECT_ERR(read(fd, &ticks, 8), EAGAIN);
	OK(close(fd));
	fd = OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
	OK(settime(fd, flags, now(CLOCK_MONOTONIC) + 1000 * SEC, 0));
	move_wall_clock(1 * SEC);
	move_wall_clock(-1 * SEC);
	EXPECT_ERR(read(fd, &ticks, 8), EAGAIN);
	OK(close(fd));
}

TEST(setting_the_clock_wakes_a_reader)
{
	int fd = OK(timerfd_create(CLOCK_REALTIME, 0));
	uint64_t ticks;
	pid_t pid;

	OK(settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
		   now(CLOCK_REALTIME) + 100000 * SEC, 0));
	IN_CHILD(pid)
		EXPECT_ERR(read(fd, &ticks, 8), ECANCELED);
	wait_until_sleeping(pid);
	move_wall_clock(5 * SEC);
	EXPECT_EXIT(pid, 0);
	move_wall_clock(-5 * SEC);
	OK(close(fd));
}

TEST(an_absolute_time_follows_the_wall_clock)
{
	int fd = OK(timerfd_create(CLOCK_REALTIME, 0));
	int span = OK(timerfd_create(CLOCK_REALTIME, 0));
	pid_t pid;

	OK(settime(fd, TFD_TIMER_ABSTIME, now(CLOCK_REALTIME) + 1000 * SEC,
		   0));
	OK(settime(span, 0, 1000 * SEC, 0));
	IN_CHILD(pid)
		EXPECT_EQ(take(fd), 1);
	wait_until_sleeping(pid);
	move_wall_clock(2000 * SEC);
	EXPECT_EXIT(pid, 0);
	EXPECT(!readable(span, 0));
	EXPECT(left(span) > 900 * SEC);
	/* And back: what would have come comes later. */
	OK(settime(fd, TFD_TIMER_ABSTIME, now(CLOCK_REALTIME) + 10 * MSEC,
		   0));
	move_wall_clock(-2000 * SEC);
	struct timespec nap = { 0, 30 * MSEC };
	OK(nanosleep(&nap, NULL));
	EXPECT(left(fd) > 1900 * SEC || readable(fd, 0));
	OK(close(fd));
	OK(close(span));
}

TEST(closing_an_armed_timer)
{
	for (int i = 0; i < 200; i++) {
		int fd = OK(timerfd_create(i % 2 ? CLOCK_REALTIME :
					   CLOCK_MONOTONIC, 0));

		OK(settime(fd, i % 3 ? 0 : TFD_TIMER_ABSTIME, 1 + i * 100,
			   1));
		OK(close(fd));
	}
}
