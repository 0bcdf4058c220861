/* Being told by a signal that a file is ready: O_ASYNC, F_SETSIG, F_SETOWN. */
#include "test.h"

#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#define RT	(SIGRTMIN + 3)
#define OUT_BAND	(POLLOUT | POLLWRNORM | POLLWRBAND)
#define IN_BAND		(POLLIN | POLLRDNORM)

static void block(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	OK(sigprocmask(SIG_BLOCK, &set, NULL));
}

/* Take a pending @sig; false: there is none. */
static bool take(int sig, siginfo_t *info)
{
	struct timespec none = { 0, 0 };
	sigset_t set;
	int got;

	sigemptyset(&set);
	sigaddset(&set, sig);
	got = sigtimedwait(&set, info, &none);
	if (got == -1)
		EXPECT_EQ(errno, EAGAIN);
	return got == sig;
}

static bool none(int sig)
{
	siginfo_t info;

	return !take(sig, &info);
}

static void drop_all(int sig)
{
	siginfo_t info;

	while (take(sig, &info))
		;
}

static void expect(int sig, int code, long band, int fd)
{
	siginfo_t info;

	if (!take(sig, &info))
		FAIL("no signal");
	EXPECT_EQ(info.si_code, code);
	EXPECT_EQ(info.si_band, band);
	EXPECT_EQ(info.si_fd, fd);
}

/* Have @fd tell this process of what happens, by @sig (0: SIGIO). */
static void watch(int fd, int sig)
{
	block(sig ? sig : SIGIO);
	OK(fcntl(fd, F_SETOWN, getpid()));
	OK(fcntl(fd, F_SETSIG, sig));
	OK(fcntl(fd, F_SETFL, OK(fcntl(fd, F_GETFL)) | O_ASYNC));
}

static void unwatch(int fd)
{
	OK(fcntl(fd, F_SETFL, OK(fcntl(fd, F_GETFL)) & ~O_ASYNC));
}

TEST(a_pipe_tells_its_reader)
{
	siginfo_t info;
	int fds[2];
	char c;

	OK(pipe(fds));
	watch(fds[0], 0);
	EXPECT(none(SIGIO));
	EXPECT_EQ(write(fds[1], "a", 1), 1);
	EXPECT(take(SIGIO, &info));
	EXPECT_EQ(info.si_code, SI_KERNEL);
	/* Each write does, however much is there already. */
	EXPECT_EQ(write(fds[1], "b", 1), 1);
	EXPECT(take(SIGIO, &info));
	EXPECT_EQ(read(fds[0], &c, 1), 1);
	EXPECT(none(SIGIO));
	unwatch(fds[0]);
	EXPECT_EQ(write(fds[1], "c", 1), 1);
	EXPECT(none(SIGIO));
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(a_chosen_signal_says_which_file)
{
	int fds[2];
	char c;

	OK(pipe(fds));
	watch(fds[0], RT);
	EXPECT_EQ(OK(fcntl(fds[0], F_GETSIG)), RT);
	EXPECT_EQ(write(fds[1], "a", 1), 1);
	EXPECT_EQ(write(fds[1], "b", 1), 1);
	expect(RT, POLL_IN, IN_BAND, fds[0]);
	expect(RT, POLL_IN, IN_BAND, fds[0]);
	EXPECT(none(RT));
	/* The writing end hears that something was read. */
	watch(fds[1], RT);
	EXPECT_EQ(read(fds[0], &c, 1), 1);
	expect(RT, POLL_OUT, OUT_BAND, fds[1]);
	EXPECT(none(RT));
	/* SIGIO by name has the siginfo too. */
	watch(fds[0], SIGIO);
	EXPECT_EQ(write(fds[1], "c", 1), 1);
	expect(SIGIO, POLL_IN, IN_BAND, fds[0]);
	/* Signals whose codes mean something else get one that does not. */
	watch(fds[0], SIGCHLD);
	EXPECT_EQ(write(fds[1], "c", 1), 1);
	expect(SIGCHLD, SI_SIGIO, IN_BAND, fds[0]);
	watch(fds[0], SIGUSR1);
	EXPECT_EQ(write(fds[1], "c", 1), 1);
	expect(SIGUSR1, POLL_IN, IN_BAND, fds[0]);
	OK(close(fds[0]));
	OK(close(fds[1]));
	drop_all(RT);
}

TEST(a_pipe_that_loses_its_other_end_tells)
{
	int fds[2];

	OK(pipe(fds));
	watch(fds[0], RT);
	OK(close(fds[1]));
	expect(RT, POLL_IN, IN_BAND, fds[0]);
	OK(close(fds[0]));
	OK(pipe(fds));
	watch(fds[1], RT);
	OK(close(fds[0]));
	expect(RT, POLL_OUT, OUT_BAND, fds[1]);
	OK(close(fds[1]));
}

TEST(a_fifo_open_for_both_tells_of_both)
{
	char c;
	int fd;

	OK(mkfifo("f", 0600));
	fd = OK(open("f", O_RDWR));
	watch(fd, RT);
	EXPECT_EQ(write(fd, "a", 1), 1);
	expect(RT, POLL_IN, IN_BAND, fd);
	EXPECT_EQ(read(fd, &c, 1), 1);
	expect(RT, POLL_OUT, OUT_BAND, fd);
	EXPECT(none(RT));
	OK(close(fd));
}

TEST(without_an_owner_nobody_is_told)
{
	struct f_owner_ex ex;
	int fds[2];

	OK(pipe(fds));
	block(SIGIO);
	OK(fcntl(fds[0], F_SETFL, O_ASYNC));
	EXPECT_EQ(OK(fcntl(fds[0], F_GETFL)) & O_ASYNC, O_ASYNC);
	EXPECT_EQ(OK(fcntl(fds[0], F_GETOWN)), 0);
	EXPECT_EQ(OK(fcntl(fds[0], F_GETSIG)), 0);
	OK(fcntl(fds[0], F_GETOWN_EX, &ex));
	EXPECT_EQ(ex.pid, 0);
	EXPECT_EQ(write(fds[1], "a", 1), 1);
	EXPECT(none(SIGIO));
	OK(fcntl(fds[0], F_SETOWN, getpid()));
	EXPECT_EQ(write(fds[1], "a", 1), 1);
	EXPECT(!none(SIGIO));
	OK(fcntl(fds[0], F_SETOWN, 0));
	EXPECT_EQ(write(fds[1], "a", 1), 1);
	EXPECT(none(SIGIO));
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(owners_are_checked)
{
	struct f_owner_ex ex = { .type = 3, .pid = getpid() };
	int fds[2];

	OK(pipe(fds));
	EXPECT_ERR(fcntl(fds[0], F_SETOWN, 0x3ffffff), ESRCH);
	EXPECT_ERR(fcntl(fds[0], F_SETOWN, -0x3ffffff), ESRCH);
	EXPECT_ERR(fcntl(fds[0], F_SETOWN, INT32_MIN), EINVAL);
	EXPECT_ERR(fcntl(fds[0], F_SETOWN_EX, &ex), EINVAL);
	ex.type = F_OWNER_PID;
	ex.pid = 0x3ffffff;
	EXPECT_ERR(fcntl(fds[0], F_SETOWN_EX, &ex), ESRCH);
	EXPECT_ERR(fcntl(fds[0], F_SETOWN_EX, (void *)-1), EFAULT);
	EXPECT_ERR(fcntl(fds[0], F_SETSIG, 65), EINVAL);
	EXPECT_ERR(fcntl(fds[0], F_SETSIG, -1), EINVAL);
	ex.pid = getpid();
	OK(fcntl(fds[0], F_SETOWN_EX, &ex));
	EXPECT_EQ(OK(fcntl(fds[0], F_GETOWN)), getpid());
	OK(fcntl(fds[0], F_SETOWN, -getpgrp()));
	OK(fcntl(fds[0], F_GETOWN_EX, &ex));
	EXPECT_EQ(ex.type, F_OWNER_PGRP);
	EXPECT_EQ(ex.pid, getpgrp());
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(a_group_is_told_as_a_whole)
{
	struct event ready;
	int fds[2];
	char c;
	pid_t pid;

	OK(pipe(fds));
	event_init(&ready);
	block(RT);
	IN_CHILD(pid) {
		siginfo_t info;
		sigset_t set;

		event_signal(&ready);
		sigemptyset(&set);
		sigaddset(&set, RT);
		EXPECT_EQ(OK(sigwaitinfo(&set, &info)), RT);
		EXPECT_EQ(info.si_fd, fds[0]);
	}
	event_wait(&ready);
	OK(fcntl(fds[0], F_SETOWN, -getpgrp()));
	OK(fcntl(fds[0], F_SETSIG, RT));
	OK(fcntl(fds[0], F_SETFL, O_ASYNC));
	EXPECT_EQ(write(fds[1], "a", 1), 1);
	expect(RT, POLL_IN, IN_BAND, fds[0]);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(read(fds[0], &c, 1), 1);
	event_close(&ready);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

struct told {
	int	fd;
	pid_t	tid;
	int	ready[2];
	bool	got;
};

static void *be_told(void *arg)
{
	struct told *told = arg;
	siginfo_t info;
	sigset_t set;

	told->tid = syscall(SYS_gettid);
	EXPECT_EQ(write(told->ready[1], "x", 1), 1);
	sigemptyset(&set);
	sigaddset(&set, RT);
	told->got = sigwaitinfo(&set, &info) == RT && info.si_fd == told->fd;
	return NULL;
}

TEST(one_thread_can_be_the_owner)
{
	struct f_owner_ex ex = { .type = F_OWNER_TID };
	struct told told = { .got = false };
	pthread_t thread;
	int fds[2];
	char c;

	OK(pipe(fds));
	OK(pipe(told.ready));
	block(RT);
	told.fd = fds[0];
	EXPECT_EQ(pthread_create(&thread, NULL, be_told, &told), 0);
	EXPECT_EQ(read(told.ready[0], &c, 1), 1);
	ex.pid = told.tid;
	OK(fcntl(fds[0], F_SETOWN_EX, &ex));
	OK(fcntl(fds[0], F_SETSIG, RT));
	OK(fcntl(fds[0], F_SETFL, O_ASYNC));
	EXPECT_EQ(write(fds[1], "a", 1), 1);
	/* It is not the process's: the other threads cannot take it. */
	EXPECT(none(RT));
	EXPECT_EQ(pthread_join(thread, NULL), 0);
	EXPECT(told.got);
	for (int i = 0; i < 2; i++) {
		OK(close(fds[i]));
		OK(close(told.ready[i]));
	}
}

TEST(a_queue_that_is_full_overflows_into_sigio)
{
	struct rlimit none_queued = { 0, 0 }, old;
	siginfo_t info;
	int fds[2];

	OK(pipe(fds));
	watch(fds[0], RT);
	block(SIGIO);
	OK(getrlimit(RLIMIT_SIGPENDING, &old));
	OK(setrlimit(RLIMIT_SIGPENDING, &none_queued));
	EXPECT_EQ(write(fds[1], "a", 1), 1);
	EXPECT(none(RT));
	EXPECT(take(SIGIO, &info));
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(an_owner_who_could_not_be_signalled_is_not)
{
	struct event ready, done;
	int fds[2];
	pid_t pid;

	OK(pipe(fds));
	event_init(&ready);
	event_init(&done);
	block(SIGIO);
	IN_CHILD(pid) {
		/* Who asks is nobody to the parent, which is root's. */
		become_user(1000, 1000);
		OK(fcntl(fds[0], F_SETOWN, getppid()));
		OK(fcntl(fds[0], F_SETFL, O_ASYNC));
		EXPECT_EQ(write(fds[1], "a", 1), 1);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT(none(SIGIO));
	/* The other way round it is allowed. */
	IN_CHILD(pid) {
		siginfo_t info;
		sigset_t set;

		become_user(1000, 1000);
		event_signal(&ready);
		sigemptyset(&set);
		sigaddset(&set, SIGIO);
		EXPECT_EQ(OK(sigwaitinfo(&set, &info)), SIGIO);
	}
	event_wait(&ready);
	OK(fcntl(fds[0], F_SETOWN, pid));
	EXPECT_EQ(write(fds[1], "a", 1), 1);
	EXPECT_EXIT(pid, 0);
	event_close(&ready);
	event_close(&done);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(the_flag_belongs_to_the_open_file)
{
	int fds[2], other;

	OK(pipe(fds));
	watch(fds[0], RT);
	other = OK(dup(fds[0]));
	EXPECT(OK(fcntl(other, F_GETFL)) & O_ASYNC);
	/* Closing the descriptor it names does not end it. */
	OK(close(fds[0]));
	EXPECT_EQ(write(fds[1], "a", 1), 1);
	expect(RT, POLL_IN, IN_BAND, fds[0]);
	/* Who asks again by another is told of that. */
	unwatch(other);
	watch(other, RT);
	EXPECT_EQ(write(fds[1], "a", 1), 1);
	expect(RT, POLL_IN, IN_BAND, other);
	OK(close(other));
	OK(close(fds[1]));
}

TEST(fioasync_does_the_same)
{
	int fds[2], on = 1, off = 0, fd;

	OK(pipe(fds));
	block(SIGIO);
	OK(fcntl(fds[0], F_SETOWN, getpid()));
	OK(ioctl(fds[0], FIOASYNC, &on));
	EXPECT(OK(fcntl(fds[0], F_GETFL)) & O_ASYNC);
	EXPECT_EQ(write(fds[1], "a", 1), 1);
	EXPECT(!none(SIGIO));
	OK(ioctl(fds[0], FIOASYNC, &off));
	EXPECT(!(OK(fcntl(fds[0], F_GETFL)) & O_ASYNC));
	EXPECT_EQ(write(fds[1], "a", 1), 1);
	EXPECT(none(SIGIO));
	EXPECT_ERR(ioctl(fds[0], FIOASYNC, (void *)-1), EFAULT);
	OK(close(fds[0]));
	OK(close(fds[1]));
	/* A file that cannot tell says so here, but not to F_SETFL. */
	fd = OK(open("plain", O_CREAT | O_RDWR, 0600));
	EXPECT_ERR(ioctl(fd, FIOASYNC, &on), ENOTTY);
	OK(ioctl(fd, FIOASYNC, &off));
	OK(fcntl(fd, F_SETFL, O_ASYNC));
	EXPECT(!(OK(fcntl(fd, F_GETFL)) & O_ASYNC));
	OK(close(fd));
	fd = OK(eventfd(0, 0));
	EXPECT_ERR(ioctl(fd, FIOASYNC, &on), ENOTTY);
	OK(close(fd));
}

TEST(sockets_tell)
{
	char c;
	int s[2];

	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	watch(s[0], RT);
	EXPECT_EQ(write(s[1], "a", 1), 1);
	expect(RT, POLL_IN, IN_BAND, s[0]);
	EXPECT_EQ(write(s[1], "b", 1), 1);
	expect(RT, POLL_IN, IN_BAND, s[0]);
	/* What it does itself is no news. */
	EXPECT_EQ(read(s[0], &c, 1), 1);
	EXPECT_EQ(write(s[0], "c", 1), 1);
	EXPECT_EQ(read(s[1], &c, 1), 1);
	EXPECT(none(RT));
	OK(shutdown(s[1], SHUT_WR));
	expect(RT, POLL_IN, IN_BAND, s[0]);
	OK(close(s[1]));
	expect(RT, POLL_HUP, POLLHUP | POLLERR, s[0]);
	EXPECT(none(RT));
	OK(close(s[0]));
	OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, s));
	watch(s[0], RT);
	EXPECT_EQ(write(s[1], "a", 1), 1);
	expect(RT, POLL_IN, IN_BAND, s[0]);
	OK(close(s[0]));
	OK(close(s[1]));
}

TEST(a_socket_tells_of_room_once_it_was_missed)
{
	static char buf[65536];
	struct pollfd pfd;
	siginfo_t info;
	int s[2];

	OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s));
	watch(s[0], RT);
	while (write(s[0], buf, sizeof(buf)) > 0)
		;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT(none(RT));
	pfd = (struct pollfd){ s[0], POLLOUT, 0 };
	EXPECT_EQ(OK(poll(&pfd, 1, 0)), 0);
	while (read(s[1], buf, sizeof(buf)) > 0)
		;
	EXPECT(take(RT, &info));
	EXPECT_EQ(info.si_code, POLL_OUT);
	EXPECT_EQ(info.si_band, OUT_BAND);
	EXPECT(none(RT));
	OK(close(s[0]));
	OK(close(s[1]));
}

TEST(a_listener_tells_of_a_connection)
{
	struct sockaddr_un addr = { AF_UNIX, "listener" };
	int l = OK(socket(AF_UNIX, SOCK_STREAM, 0));
	int s = OK(socket(AF_UNIX, SOCK_STREAM, 0));

	OK(bind(l, (void *)&addr, sizeof(addr)));
	OK(listen(l, 5));
	watch(l, RT);
	OK(connect(s, (void *)&addr, sizeof(addr)));
	expect(RT, POLL_IN, IN_BAND, l);
	EXPECT(none(RT));
	OK(close(s));
	OK(close(l));
}

TEST(a_terminal_tells_of_input)
{
	struct pollfd pfd;
	siginfo_t info;
	sigset_t set;
	int m, s;

	OK(openpty(&m, &s, NULL, NULL, NULL));
	block(RT);
	OK(fcntl(s, F_SETSIG, RT));
	OK(fcntl(s, F_SETFL, O_RDWR | O_ASYNC));
	/* Who asks is the owner, if nobody was named. */
	EXPECT_EQ(OK(fcntl(s, F_GETOWN)), getpid());
	EXPECT_EQ(write(m, "a\n", 2), 2);
	sigemptyset(&set);
	sigaddset(&set, RT);
	for (;;) {
		EXPECT_EQ(OK(sigwaitinfo(&set, &info)), RT);
		EXPECT_EQ(info.si_fd, s);
		if (info.si_code == POLL_IN)
			break;
		EXPECT_EQ(info.si_code, POLL_OUT);
	}
	EXPECT_EQ(info.si_band, IN_BAND);
	pfd = (struct pollfd){ s, POLLIN, 0 };
	EXPECT_EQ(OK(poll(&pfd, 1, -1)), 1);
	OK(fcntl(s, F_SETFL, O_RDWR));
	OK(close(s));
	OK(close(m));
	drop_all(RT);
}

/* A signal of @fd's with @code, waited for. */
static void await(int code, long band, int fd)
{
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, RT);
	EXPECT_EQ(OK(sigwaitinfo(&set, &info)), RT);
	EXPECT_EQ(info.si_code, code);
	EXPECT_EQ(info.si_band, band);
	EXPECT_EQ(info.si_fd, fd);
}

/* Write to @fd until it is full, also after what came has been moved on. */
static size_t fill_terminal(int fd)
{
	struct pollfd pfd = { fd, POLLOUT, 0 };
	size_t total = 0;
	char buf[512];
	ssize_t n;

	memset(buf, 'x', sizeof(buf));
	do {
		while ((n = write(fd, buf, sizeof(buf))) > 0)
			total += n;
		EXPECT_EQ(errno, EAGAIN);
	} while (poll(&pfd, 1, 100) == 1);
	return total;
}

static void read_all(int fd, size_t total)
{
	char buf[4096];

	while (total) {
		struct pollfd pfd = { fd, POLLIN, 0 };

		EXPECT_EQ(OK(poll(&pfd, 1, -1)), 1);
		total -= OK(read(fd, buf, sizeof(buf)));
	}
}

static void check_room(int fd, int other)
{
	size_t total;

	drop_all(RT);
	OK(fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK));
	watch(fd, RT);
	EXPECT_EQ(write(fd, "x", 1), 1);
	read_all(other, 1);
	EXPECT(none(RT));	/* there was room all the time */
	total = fill_terminal(fd);
	drop_all(RT);
	read_all(other, total);
	await(POLL_OUT, OUT_BAND, fd);
	EXPECT(none(RT));
	unwatch(fd);
}

TEST(a_terminal_tells_of_room_once_it_was_missed)
{
	struct termios t;
	int m, s;

	OK(openpty(&m, &s, NULL, NULL, NULL));
	OK(tcgetattr(s, &t));
	cfmakeraw(&t);
	OK(tcsetattr(s, TCSANOW, &t));
	check_room(s, m);
	check_room(m, s);
	OK(close(s));
	OK(close(m));
}

TEST(a_master_tells_of_input)
{
	int m, s;

	OK(openpty(&m, &s, NULL, NULL, NULL));
	block(RT);
	OK(fcntl(m, F_SETSIG, RT));
	OK(fcntl(m, F_SETFL, O_RDWR | O_ASYNC));
	EXPECT_EQ(OK(fcntl(m, F_GETOWN)), getpid());
	EXPECT_EQ(write(s, "a", 1), 1);
	await(POLL_IN, IN_BAND, m);
	EXPECT(none(RT));
	OK(close(s));
	OK(close(m));
	drop_all(RT);
}

/* Asking, telling and closing at once: nobody may be told by a freed file. */
TEST(files_come_and_go_while_they_tell)
{
	int fds[2];
	pid_t pid;

	OK(pipe(fds));
	signal(SIGIO, SIG_IGN);
	IN_CHILD(pid) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
		for (int i = 0; i < 2000; i++) {
			int fd = OK(open(path, O_RDONLY | O_NONBLOCK));

			OK(fcntl(fd, F_SETOWN, getpid()));
			OK(fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK));
			if (i % 2)
				OK(fcntl(fd, F_SETFL, O_NONBLOCK));
			OK(close(fd));
		}
	}
	while (OK(waitpid(pid, NULL, WNOHANG)) == 0) {
		char c;

		EXPECT_EQ(write(fds[1], "a", 1), 1);
		EXPECT_EQ(read(fds[0], &c, 1), 1);
	}
	OK(close(fds[0]));
	OK(close(fds[1]));
}
