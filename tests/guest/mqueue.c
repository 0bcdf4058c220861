/*
 * POSIX message queues: mq_open, mq_unlink, mq_timedsend, mq_timedreceive,
 * mq_notify, mq_getsetattr, and the file system they are names in.
 */
#include "test.h"

#include <mqueue.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <time.h>

/* The calls themselves: the C library's check and change arguments. */
static int sys_open(const char *name, int flags, mode_t mode,
		    const struct mq_attr *attr)
{
	return syscall(SYS_mq_open, name, flags, mode, attr);
}

static int sys_notify(int mq, const struct sigevent *event)
{
	return syscall(SYS_mq_notify, mq, event);
}

static int new_queue_flags(const char *name, int max, int size, int flags)
{
	struct mq_attr attr = { .mq_maxmsg = max, .mq_msgsize = size };
	int mq = OK(sys_open(name, O_CREAT | O_EXCL | O_RDWR | flags, 0600,
			     &attr));

	return mq;
}

/* A queue that has no name any more. */
static int new_queue(int max, int size)
{
	int mq = new_queue_flags("test", max, size, 0);

	OK(mq_unlink("/test"));
	return mq;
}

static int put(int mq, const char *text, unsigned priority)
{
	return mq_send(mq, text, strlen(text), priority);
}

static void expect_next(int mq, const char *text, unsigned priority)
{
	char buf[8192] = {};
	unsigned got = -1;

	EXPECT_EQ(mq_receive(mq, buf, sizeof(buf), &got), strlen(text));
	EXPECT_STR(buf, text);
	EXPECT_EQ(got, priority);
}

static long nr_messages(int mq)
{
	struct mq_attr attr;

	OK(mq_getattr(mq, &attr));
	return attr.mq_curmsgs;
}

/* ---- opening ---- */

TEST(names)
{
	char longest[300];
	int mq = new_queue_flags("one", 4, 100, 0), other;

	EXPECT_EQ(fcntl(mq, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(mq, F_GETFL), O_RDWR);
	EXPECT_ERR(sys_open("one", O_CREAT | O_EXCL | O_RDWR, 0600, NULL),
		   EEXIST);
	other = OK(sys_open("one", O_RDONLY | O_NONBLOCK, 0, NULL));
	EXPECT_EQ(fcntl(other, F_GETFL), O_RDONLY | O_NONBLOCK);
	OK(close(other));
	other = OK(sys_open("one", O_CREAT | O_RDWR, 0600, NULL));
	OK(close(other));
	EXPECT_ERR(sys_open("one", 3, 0, NULL), EINVAL);
	EXPECT_ERR(sys_open("two", O_RDWR, 0, NULL), ENOENT);
	EXPECT_ERR(sys_open("/one", O_RDWR, 0, NULL), EACCES);
	EXPECT_ERR(sys_open("a/b", O_RDWR | O_CREAT, 0600, NULL), EACCES);
	EXPECT_ERR(sys_open(".", O_RDWR | O_CREAT, 0600, NULL), EACCES);
	EXPECT_ERR(sys_open("..", O_RDWR, 0, NULL), EACCES);
	EXPECT_ERR(sys_open("", O_RDWR, 0, NULL), ENOENT);
	EXPECT_ERR(sys_open((char *)8L, O_RDWR, 0, NULL), EFAULT);
	EXPECT_ERR(sys_open("three", O_RDWR | O_CREAT, 0600, (void *)8L),
		   EFAULT);
	memset(longest, 'n', 256);
	longest[256] = '\0';
	EXPECT_ERR(sys_open(longest, O_RDWR | O_CREAT, 0600, NULL),
		   ENAMETOOLONG);
	longest[255] = '\0';
	other = OK(sys_open(longest, O_RDWR | O_CREAT, 0600, NULL));
	OK(close(other));
	OK(syscall(SYS_mq_unlink, longest));
	OK(syscall(SYS_mq_unlink, "one"));
	EXPECT_ERR(syscall(SYS_mq_unlink, "one"), ENOENT);
	EXPECT_ERR(syscall(SYS_mq_unlink, ""), ENOENT);
	EXPECT_ERR(syscall(SYS_mq_unlink, "/one"), EACCES);
	/* The queue outlives its name. */
	OK(put(mq, "x", 0));
	expect_next(mq, "x", 0);
	OK(close(mq));
}

TEST(attributes)
{
	struct mq_attr attr = { .mq_flags = O_NONBLOCK, .mq_maxmsg = 3,
				.mq_msgsize = 50 }, old;
	int mq = OK(sys_open("attr", O_CREAT | O_RDWR, 0600, &attr));

	OK(mq_unlink("/attr"));
	OK(put(mq, "x", 0));
	OK(mq_getattr(mq, &old));
	EXPECT_EQ(old.mq_flags, 0);
	EXPECT_EQ(old.mq_maxmsg, 3);
	EXPECT_EQ(old.mq_msgsize, 50);
	EXPECT_EQ(old.mq_curmsgs, 1);
	attr.mq_flags = O_NONBLOCK;
	attr.mq_maxmsg = 99;
	OK(mq_setattr(mq, &attr, &old));
	EXPECT_EQ(old.mq_flags, 0);
	OK(mq_getattr(mq, &old));
	EXPECT_EQ(old.mq_flags, O_NONBLOCK);
	EXPECT_EQ(old.mq_maxmsg, 3);
	EXPECT_EQ(fcntl(mq, F_GETFL), O_RDWR | O_NONBLOCK);
	attr.mq_flags = O_APPEND;
	EXPECT_ERR(mq_setattr(mq, &attr, NULL), EINVAL);
	EXPECT_ERR(syscall(SYS_mq_getsetattr, mq, 8L, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_mq_getsetattr, mq, NULL, 8L), EFAULT);
	EXPECT_ERR(mq_getattr(0, &old), EBADF);
	EXPECT_ERR(mq_getattr(99, &old), EBADF);
	OK(close(mq));
}

static void expect_refused(long max, long size, int error)
{
	struct mq_attr attr = { .mq_maxmsg = max, .mq_msgsize = size };

	EXPECT_ERR(sys_open("bad", O_CREAT | O_RDWR, 0600, &attr), error);
	EXPECT_ERR(syscall(SYS_mq_unlink, "bad"), ENOENT);
}

TEST(impossible_attributes)
{
	pid_t pid;
	int mq;

	expect_refused(0, 10, EINVAL);
	expect_refused(10, 0, EINVAL);
	expect_refused(-1, 10, EINVAL);
	expect_refused(10, -1, EINVAL);
	expect_refused(65537, 1, EINVAL);
	expect_refused(1, (16 << 20) + 1, EINVAL);
	expect_refused(65536, 8192, EMFILE);
	IN_CHILD(pid) {
		become_user(1000, 1000);
		expect_refused(11, 10, EINVAL);
		expect_refused(10, 8193, EINVAL);
		mq = new_queue(10, 8192);
		OK(close(mq));
	}
	EXPECT_EXIT(pid, 0);
}

TEST(default_attributes)
{
	int mq = OK(sys_open("default", O_CREAT | O_RDWR, 0600, NULL));
	struct mq_attr attr;

	OK(mq_unlink("/default"));
	OK(mq_getattr(mq, &attr));
	EXPECT_EQ(attr.mq_maxmsg, 10);
	EXPECT_EQ(attr.mq_msgsize, 8192);
	OK(close(mq));
}

TEST(permissions)
{
	int mq = new_queue_flags("rights", 2, 10, 0);
	int other, fd;
	pid_t pid;

	OK(fchmod(mq, 0604));
	IN_CHILD(pid) {
		umask(077);
		become_user(1000, 1000);
		EXPECT_ERR(sys_open("rights", O_RDWR, 0, NULL), EACCES);
		EXPECT_ERR(sys_open("rights", O_WRONLY | O_CREAT, 0, NULL),
			   EACCES);
		fd = OK(sys_open("rights", O_RDONLY, 0, NULL));
		EXPECT_ERR(put(fd, "x", 0), EBADF);
		EXPECT_ERR(mq_unlink("/rights"), EACCES);
		other = OK(sys_open("mine", O_CREAT | O_WRONLY, 0666, NULL));
		EXPECT_ERR(mq_receive(other, NULL, 8192, NULL), EBADF);
		OK(mq_unlink("/mine"));
	}
	EXPECT_EXIT(pid, 0);
	OK(mq_unlink("/rights"));
	OK(close(mq));
}

/* ---- sending and receiving ---- */

TEST(by_priority_then_by_age)
{
	int mq = new_queue(10, 100);

	OK(put(mq, "low", 1));
	OK(put(mq, "first", 5));
	OK(put(mq, "", 32767));
	OK(put(mq, "second", 5));
	OK(put(mq, "zero", 0));
	EXPECT_EQ(nr_messages(mq), 5);
	expect_next(mq, "", 32767);
	expect_next(mq, "first", 5);
	expect_next(mq, "second", 5);
	expect_next(mq, "low", 1);
	expect_next(mq, "zero", 0);
	EXPECT_EQ(nr_messages(mq), 0);
	OK(close(mq));
}

TEST(errors)
{
	struct timespec bad = { 0, 1000000000 };
	int mq = new_queue(1, 10);
	char buf[10];

	OK(fcntl(mq, F_SETFL, O_NONBLOCK));
	EXPECT_ERR(put(mq, "x", 32768), EINVAL);
	EXPECT_ERR(put(mq, "12345678901", 0), EMSGSIZE);
	EXPECT_ERR(mq_send(mq, NULL, 5, 0), EFAULT);
	EXPECT_ERR(mq_receive(mq, buf, 9, NULL), EMSGSIZE);
	EXPECT_ERR(mq_receive(mq, buf, 10, NULL), EAGAIN);
	OK(put(mq, "1234567890", 0));
	EXPECT_ERR(put(mq, "", 0), EAGAIN);
	EXPECT_ERR(mq_timedsend(mq, "", 0, 0, &bad), EINVAL);
	EXPECT_ERR(mq_timedsend(mq, "", 0, 0, (void *)8L), EFAULT);
	EXPECT_ERR(mq_timedreceive(mq, buf, 10, NULL, &bad), EINVAL);
	EXPECT_ERR(mq_receive(mq, (char *)8L, 10, NULL), EFAULT);
	EXPECT_EQ(nr_messages(mq), 0);
	EXPECT_ERR(put(0, "x", 0), EBADF);
	EXPECT_ERR(put(99, "x", 0), EBADF);
	EXPECT_ERR(mq_receive(0, buf, 10, NULL), EBADF);
	OK(close(mq));
}

static struct timespec in_the_past(void)
{
	return (struct timespec){ 1, 0 };
}

TEST(time_outs)
{
	struct timespec past = in_the_past(), soon, now;
	int mq = new_queue(1, 10);
	char buf[10];

	EXPECT_ERR(mq_timedreceive(mq, buf, 10, NULL, &past), ETIMEDOUT);
	OK(mq_timedsend(mq, "x", 1, 0, &past));
	EXPECT_ERR(mq_timedsend(mq, "x", 1, 0, &past), ETIMEDOUT);
	OK(clock_gettime(CLOCK_REALTIME, &soon));
	soon.tv_nsec += 30000000;
	if (soon.tv_nsec >= 1000000000) {
		soon.tv_sec++;
		soon.tv_nsec -= 1000000000;
	}
	EXPECT_ERR(mq_timedsend(mq, "x", 1, 0, &soon), ETIMEDOUT);
	OK(clock_gettime(CLOCK_REALTIME, &now));
	EXPECT(now.tv_sec > soon.tv_sec || (now.tv_sec == soon.tv_sec &&
					    now.tv_nsec >= soon.tv_nsec));
	EXPECT_EQ(mq_timedreceive(mq, buf, 10, NULL, &past), 1);
	EXPECT_EQ(nr_messages(mq), 0);
	OK(close(mq));
}

TEST(a_receiver_waits)
{
	int mq = new_queue(2, 10);
	pid_t pid;

	IN_CHILD(pid)
		expect_next(mq, "hello", 3);
	wait_until_sleeping(pid);
	OK(put(mq, "hello", 3));
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(nr_messages(mq), 0);
	OK(close(mq));
}

TEST(a_sender_waits)
{
	int mq = new_queue(1, 10);
	pid_t pid;

	OK(put(mq, "one", 0));
	IN_CHILD(pid)
		OK(put(mq, "two", 9));
	wait_until_sleeping(pid);
	expect_next(mq, "one", 0);
	EXPECT_EXIT(pid, 0);
	expect_next(mq, "two", 9);
	OK(close(mq));
}

static void on_signal(int sig)
{
	(void)sig;
}

TEST(signals_interrupt_or_restart)
{
	struct sigaction sa = { .sa_handler = on_signal };
	int mq = new_queue(1, 10);
	pid_t pid;

	IN_CHILD(pid) {
		char buf[10];

		OK(sigaction(SIGUSR1, &sa, NULL));
		EXPECT_ERR(mq_receive(mq, buf, 10, NULL), EINTR);
	}
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR1));
	EXPECT_EXIT(pid, 0);
	sa.sa_flags = SA_RESTART;
	IN_CHILD(pid) {
		OK(sigaction(SIGUSR1, &sa, NULL));
		expect_next(mq, "late", 0);
	}
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR1));
	OK(put(mq, "late", 0));
	EXPECT_EXIT(pid, 0);
	OK(close(mq));
}

TEST(killed_waiters_leave)
{
	int mq = new_queue(1, 10);
	pid_t first, second;
	char buf[10];

	IN_CHILD(first)
		mq_receive(mq, buf, 10, NULL);
	wait_until_sleeping(first);
	IN_CHILD(second)
		expect_next(mq, "x", 0);
	wait_until_sleeping(second);
	OK(kill(first, SIGKILL));
	EXPECT_KILLED(first, SIGKILL);
	OK(put(mq, "x", 0));
	EXPECT_EXIT(second, 0);
	OK(put(mq, "full", 0));
	IN_CHILD(first)
		put(mq, "never", 0);
	wait_until_sleeping(first);
	OK(kill(first, SIGKILL));
	EXPECT_KILLED(first, SIGKILL);
	expect_next(mq, "full", 0);
	EXPECT_EQ(nr_messages(mq), 0);
	OK(close(mq));
}

TEST(polling)
{
	int mq = new_queue(2, 10);
	struct pollfd p = { .fd = mq, .events = POLLIN | POLLOUT };
	pid_t pid;

	EXPECT_EQ(poll(&p, 1, 0), 1);
	EXPECT_EQ(p.revents, POLLOUT);
	OK(put(mq, "a", 0));
	EXPECT_EQ(poll(&p, 1, 0), 1);
	EXPECT_EQ(p.revents, POLLIN | POLLOUT);
	OK(put(mq, "b", 0));
	EXPECT_EQ(poll(&p, 1, 0), 1);
	EXPECT_EQ(p.revents, POLLIN);
	p.events = POLLOUT;
	IN_CHILD(pid) {
		EXPECT_EQ(poll(&p, 1, -1), 1);
		EXPECT_EQ(p.revents, POLLOUT);
	}
	wait_until_sleeping(pid);
	expect_next(mq, "a", 0);
	EXPECT_EXIT(pid, 0);
	expect_next(mq, "b", 0);
	p.events = POLLIN;
	IN_CHILD(pid) {
		EXPECT_EQ(poll(&p, 1, -1), 1);
		EXPECT_EQ(p.revents, POLLIN);
	}
	wait_until_sleeping(pid);
	OK(put(mq, "c", 0));
	EXPECT_EXIT(pid, 0);
	OK(close(mq));
}

/* ---- being told ---- */

TEST(notification_by_signal)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGUSR1,
				  .sigev_value.sival_int = 77 };
	int mq = new_queue(4, 10);
	siginfo_t info;
	sigset_t set;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	OK(sigprocmask(SIG_BLOCK, &set, NULL));
	OK(sys_notify(mq, &event));
	EXPECT_ERR(sys_notify(mq, &event), EBUSY);
	IN_CHILD(pid) {
		/* Another's wish is not ours to take back. */
		OK(sys_notify(mq, NULL));
		EXPECT_ERR(sys_notify(mq, &event), EBUSY);
		OK(put(mq, "x", 0));
		OK(put(mq, "y", 0));
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(sigwaitinfo(&set, &info), SIGUSR1);
	EXPECT_EQ(info.si_code, SI_MESGQ);
	EXPECT_EQ(info.si_pid, pid);
	EXPECT_EQ(info.si_uid, 0);
	EXPECT_EQ(info.si_value.sival_int, 77);
	/* Once only; and only when the queue was empty. */
	OK(sys_notify(mq, &event));
	OK(put(mq, "z", 0));
	OK(sigpending(&set));
	EXPECT_EQ(sigismember(&set, SIGUSR1), 0);
	expect_next(mq, "x", 0);
	expect_next(mq, "y", 0);
	expect_next(mq, "z", 0);
	OK(put(mq, "x", 0));
	OK(sigpending(&set));
	EXPECT_EQ(sigismember(&set, SIGUSR1), 1);
	OK(sys_notify(mq, &event));
	OK(sys_notify(mq, NULL));
	OK(sys_notify(mq, NULL));
	OK(close(mq));
}

TEST(a_waiting_receiver_comes_first)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGKILL };
	int mq = new_queue(4, 10);
	pid_t pid;

	IN_CHILD(pid)
		expect_next(mq, "x", 0);
	wait_until_sleeping(pid);
	OK(sys_notify(mq, &event));
	OK(put(mq, "x", 0));
	EXPECT_EXIT(pid, 0);
	EXPECT_ERR(sys_notify(mq, &event), EBUSY);
	OK(close(mq));
}

TEST(notification_ends_with_close_and_exit)
{
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	int mq = new_queue_flags("told", 4, 10, 0), copy;
	pid_t pid;

	IN_CHILD(pid)
		OK(sys_notify(mq, &event));
	EXPECT_EXIT(pid, 0);
	OK(sys_notify(mq, &event));
	EXPECT_ERR(sys_notify(mq, &event), EBUSY);
	copy = OK(sys_open("told", O_RDONLY, 0, NULL));
	OK(close(copy));	/* any descriptor of the queue */
	OK(sys_notify(mq, &event));
	OK(put(mq, "x", 0));	/* nobody is told, but it is over */
	OK(sys_notify(mq, &event));
	OK(mq_unlink("/told"));
	OK(close(mq));
}

TEST(notification_errors)
{
	struct sigevent event = { .sigev_notify = 99 };
	int mq = new_queue(4, 10), fds[2];
	char cookie[32] = {};

	EXPECT_ERR(sys_notify(mq, &event), EINVAL);
	event.sigev_notify = SIGEV_SIGNAL;
	event.sigev_signo = 65;
	EXPECT_ERR(sys_notify(mq, &event), EINVAL);
	event.sigev_signo = -1;
	EXPECT_ERR(sys_notify(mq, &event), EINVAL);
	event.sigev_signo = SIGUSR1;
	EXPECT_ERR(sys_notify(0, &event), EBADF);
	EXPECT_ERR(sys_notify(99, &event), EBADF);
	EXPECT_ERR(sys_notify(mq, (void *)8L), EFAULT);
	event.sigev_notify = SIGEV_THREAD;
	event.sigev_value.sival_ptr = (void *)8L;
	EXPECT_ERR(sys_notify(mq, &event), EFAULT);
	event.sigev_value.sival_ptr = cookie;
	event.sigev_signo = 99;
	EXPECT_ERR(sys_notify(mq, &event), EBADF);
	OK(pipe(fds));
	event.sigev_signo = fds[0];
	EXPECT_ERR(sys_notify(mq, &event), ENOTSOCK);
	OK(close(fds[0]));
	OK(close(fds[1]));
	OK(close(mq));
}

/* ---- the file system ---- */

TEST(mounted)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGUSR1 };
	char text[128], want[128];
	struct statfs fs;
	struct stat st;
	int mq, fd;

	OK(mkdir("m", 0755));
	OK(mount("none", "m", "mqueue", 0, NULL));
	OK(statfs("m", &fs));
	EXPECT_EQ(fs.f_type, 0x19800202);
	OK(stat("m", &st));
	EXPECT_EQ(st.st_mode, S_IFDIR | 01777);
	mq = new_queue_flags("seen", 4, 100, 0);
	OK(stat("m/seen", &st));
	EXPECT_EQ(st.st_mode, S_IFREG | 0600);
	EXPECT_EQ(st.st_size, 80);
	OK(put(mq, "12345", 0));
	OK(put(mq, "678", 0));
	read_file("m/seen", text, sizeof(text));
	EXPECT_STR(text, "QSIZE:8          NOTIFY:0     SIGNO:0     "
			 "NOTIFY_PID:0     \n");
	OK(sys_notify(mq, &event));
	/* Through mq, whose closing would end the wish. */
	memset(text, 0, sizeof(text));
	OK(pread(mq, text, sizeof(text) - 1, 0));
	snprintf(want, sizeof(want), "QSIZE:%-10d NOTIFY:%-5d SIGNO:%-5d "
		 "NOTIFY_PID:%-6d\n", 8, SIGEV_SIGNAL, SIGUSR1, getpid());
	EXPECT_STR(text, want);
	EXPECT_ERR(write(mq, "x", 1), EINVAL);
	/* A file made there is a queue. */
	fd = OK(open("m/made", O_CREAT | O_RDWR, 0600));
	OK(put(fd, "hello", 1));
	expect_next(fd, "hello", 1);
	OK(close(fd));
	EXPECT_ERR(mkdir("m/dir", 0700), EPERM);
	EXPECT_ERR(rename("m/made", "m/other"), EPERM);
	EXPECT_ERR(link("m/made", "m/other"), EPERM);
	OK(unlink("m/made"));
	EXPECT_ERR(sys_open("made", O_RDWR, 0, NULL), ENOENT);
	OK(mq_unlink("/seen"));
	EXPECT_ERR(stat("m/seen", &st), ENOENT);
	OK(close(mq));
	OK(umount("m"));
	OK(rmdir("m"));
}

/* ---- limits ---- */

TEST(bytes_are_limited_per_user)
{
	struct rlimit limit = { 3000, 3000 };
	pid_t pid;
	int mq;

	IN_CHILD(pid) {
		OK(setrlimit(RLIMIT_MSGQUEUE, &limit));
		become_user(4322, 4322);
		expect_refused(10, 205, EMFILE);
		mq = new_queue(10, 204);	/* 10 * (204 + 48 + 48) */
		expect_refused(1, 1, EMFILE);
		OK(close(mq));
		mq = new_queue(10, 204);
		OK(close(mq));
	}
	EXPECT_EXIT(pid, 0);
}

TEST(limits_can_be_changed)
{
	char text[32];
	pid_t pid;
	int mq;

	read_file("/proc/sys/fs/mqueue/queues_max", text, sizeof(text));
	EXPECT_STR(text, "256\n");
	read_file("/proc/sys/fs/mqueue/msg_max", text, sizeof(text));
	EXPECT_STR(text, "10\n");
	read_file("/proc/sys/fs/mqueue/msgsize_max", text, sizeof(text));
	EXPECT_STR(text, "8192\n");
	write_file("/proc/sys/fs/mqueue/msg_max", "20");
	write_file("/proc/sys/fs/mqueue/msg_default", "2");
	write_file("/proc/sys/fs/mqueue/queues_max", "1");
	IN_CHILD(pid) {
		struct mq_attr attr;

		become_user(1000, 1000);
		mq = OK(sys_open("q", O_CREAT | O_RDWR, 0600, NULL));
		OK(mq_unlink("/q"));
		OK(mq_getattr(mq, &attr));
		EXPECT_EQ(attr.mq_maxmsg, 2);
		expect_refused(1, 1, ENOSPC);
		OK(close(mq));
		mq = new_queue(20, 10);
		OK(close(mq));
	}
	EXPECT_EXIT(pid, 0);
	write_file("/proc/sys/fs/mqueue/msg_max", "10");
	write_file("/proc/sys/fs/mqueue/msg_default", "10");
	write_file("/proc/sys/fs/mqueue/queues_max", "256");
}

/* ---- many at once ---- */

TEST(many_senders_and_receivers)
{
	enum { PAIRS = 3, ROUNDS = 300 };
	int mq = new_queue(2, 16);
	pid_t pids[2 * PAIRS];

	for (int i = 0; i < PAIRS; i++) {
		IN_CHILD(pids[2 * i])
			for (int n = 0; n < ROUNDS; n++)
				OK(mq_send(mq, (char *)&n, sizeof(n), n % 5));
		IN_CHILD(pids[2 * i + 1]) {
			char buf[16];

			for (int n = 0; n < ROUNDS; n++)
				EXPECT_EQ(mq_receive(mq, buf, 16, NULL), 4);
		}
	}
	for (int i = 0; i < 2 * PAIRS; i++)
		EXPECT_EXIT(pids[i], 0);
	EXPECT_EQ(nr_messages(mq), 0);
	OK(close(mq));
}

TEST(killing_senders_and_receivers)
{
	for (int round = 0; round < 10; round++) {
		int mq = new_queue(1, 10);
		char buf[10];
		pid_t pids[4];

		for (int i = 0; i < 4; i++)
			IN_CHILD(pids[i])
				for (;;)
					if (i % 2)
						put(mq, "hello", i);
					else
						mq_receive(mq, buf, 10, NULL);
		for (int i = 0; i < 20; i++)
			sched_yield();
		for (int i = 0; i < 4; i++) {
			OK(kill(pids[i], SIGKILL));
			EXPECT_KILLED(pids[i], SIGKILL);
		}
		OK(fcntl(mq, F_SETFL, O_NONBLOCK));
		while (mq_receive(mq, buf, 10, NULL) >= 0)
			;
		OK(put(mq, "hello", 0));
		expect_next(mq, "hello", 0);
		OK(close(mq));
	}
}
