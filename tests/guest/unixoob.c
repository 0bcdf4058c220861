/*
 * MSG_OOB on local streams: one byte that overtakes the others, and the mark
 * that it leaves among them.
 *
 * Linux has this since 5.15, and it took until 6.12 to be right. Only what all
 * versions do alike is tested here; so nothing is asked of the mark once its
 * byte is taken, but that a read stops there.
 */
#include "unixtools.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

#ifndef SIOCATMARK
#define FIOSETOWN	0x8901
#define SIOCSPGRP	0x8902
#define FIOGETOWN	0x8903
#define SIOCGPGRP	0x8904
#define SIOCATMARK	0x8905
#endif

static void urgent(int fd, const char *text)
{
	EXPECT_EQ(send(fd, text, strlen(text), MSG_OOB), strlen(text));
}

/* A pair of which the second end does not wait, perhaps with SO_OOBINLINE. */
static void oob_pair(int s[2], int in_line)
{
	make_pair(SOCK_STREAM, s);
	set_nonblock(s[1]);
	OK(setsockopt(s[1], SOL_SOCKET, SO_OOBINLINE, &in_line,
		      sizeof(in_line)));
}

static void expect_recv(int fd, int flags, const char *text)
{
	char buf[64] = "";

	EXPECT_EQ(recv(fd, buf, sizeof(buf) - 1, flags), strlen(text));
	EXPECT_STR(buf, text);
}

static void expect_nothing(int fd)
{
	char c;

	EXPECT_ERR(recv(fd, &c, 1, 0), EAGAIN);
}

static void expect_no_oob(int fd)
{
	char c;

	EXPECT_ERR(recv(fd, &c, 1, MSG_OOB), EINVAL);
	EXPECT_ERR(recv(fd, &c, 1, MSG_OOB | MSG_PEEK), EINVAL);
}

static int at_mark(int fd)
{
	int answer = -1;

	OK(ioctl(fd, SIOCATMARK, &answer));
	return answer;
}

static int unread(int fd)
{
	int bytes = -1;

	OK(ioctl(fd, SIOCINQ, &bytes));
	return bytes;
}

/* ---- the byte ------------------------------------------------------------ */

TEST(the_last_byte_overtakes)
{
	int s[2];

	oob_pair(s, 0);
	urgent(s[0], "abc");
	expect_recv(s[1], MSG_OOB, "c");
	expect_no_oob(s[1]);
	expect_recv(s[1], 0, "ab");
	expect_nothing(s[1]);
	close_pair(s);
}

TEST(may_be_looked_at_first)
{
	int s[2];

	oob_pair(s, 0);
	urgent(s[0], "abc");
	expect_recv(s[1], MSG_OOB | MSG_PEEK, "c");
	expect_recv(s[1], MSG_OOB | MSG_PEEK, "c");
	EXPECT_EQ(unread(s[1]), 3);
	expect_recv(s[1], MSG_OOB, "c");
	EXPECT_EQ(unread(s[1]), 2);
	close_pair(s);
}

TEST(comes_by_itself_too)
{
	int s[2];

	oob_pair(s, 0);
	EXPECT_EQ(at_mark(s[1]), 0);
	urgent(s[0], "x");
	EXPECT_EQ(at_mark(s[1]), 1);
	EXPECT_EQ(unread(s[1]), 1);
	expect_recv(s[1], MSG_OOB, "x");
	EXPECT_EQ(unread(s[1]), 0);
	expect_nothing(s[1]);
	close_pair(s);
}

TEST(refused)
{
	int s[2], fd;
	char c = 'x';

	oob_pair(s, 0);
	/* There must be a byte. */
	EXPECT_ERR(send(s[0], &c, 0, MSG_OOB), EOPNOTSUPP);
	expect_no_oob(s[1]);
	/* None is there because of others that are not. */
	send_text(s[0], "abc");
	expect_no_oob(s[1]);
	EXPECT_ERR(send(s[0], (void *)8, 1, MSG_OOB), EFAULT);
	expect_no_oob(s[1]);
	urgent(s[0], "x");
	expect_recv(s[1], 0, "abc");
	EXPECT_ERR(ioctl(s[1], SIOCATMARK, 8), EFAULT);
	EXPECT_ERR(recv(s[1], (void *)8, 1, MSG_OOB), EFAULT);
	close_pair(s);
	/* A stream, and connected. */
	fd = OK(socket(AF_UNIX, SOCK_STREAM, 0));
	EXPECT_ERR(send(fd, &c, 1, MSG_OOB), ENOTCONN);
	EXPECT_ERR(recv(fd, &c, 1, MSG_OOB), EINVAL);
	EXPECT_EQ(at_mark(fd), 0);
	OK(close(fd));
	for (int i = 1; i < 3; i++) {
		make_pair(types[i], s);
		EXPECT_ERR(send(s[0], &c, 1, MSG_OOB), EOPNOTSUPP);
		EXPECT_ERR(recv(s[1], &c, 1, MSG_OOB), EOPNOTSUPP);
		EXPECT_ERR(ioctl(s[1], SIOCATMARK, &fd), EOPNOTSUPP);
		close_pair(s);
	}
}

TEST(broken_pipe)
{
	int s[2];
	pid_t pid;

	oob_pair(s, 0);
	OK(shutdown(s[1], SHUT_RD));
	EXPECT_ERR(send(s[0], "ab", 2, MSG_OOB | MSG_NOSIGNAL), EPIPE);
	EXPECT_ERR(send(s[0], "b", 1, MSG_OOB | MSG_NOSIGNAL), EPIPE);
	expect_no_oob(s[1]);
	IN_CHILD(pid)
		send(s[0], "b", 1, MSG_OOB);
	EXPECT_KILLED(pid, SIGPIPE);
	close_pair(s);
}

TEST(is_told_to_who_receives)
{
	char byte, buf[8];
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int s[2];

	oob_pair(s, 0);
	urgent(s[0], "abc");
	EXPECT_EQ(recvmsg(s[1], &msg, MSG_OOB | MSG_PEEK), 1);
	EXPECT_EQ(msg.msg_flags, MSG_OOB);
	EXPECT_EQ(recvmsg(s[1], &msg, MSG_OOB), 1);
	EXPECT_EQ(msg.msg_flags, MSG_OOB);
	EXPECT_EQ(byte, 'c');
	iov = (struct iovec){ buf, 8 };
	EXPECT_EQ(recvmsg(s[1], &msg, 0), 2);
	EXPECT_EQ(msg.msg_flags, 0);
	/* No room for it, and yet it counts. */
	urgent(s[0], "d");
	EXPECT_EQ(recv(s[1], buf, 0, MSG_OOB), 1);
	expect_no_oob(s[1]);
	close_pair(s);
}

TEST(survives_the_sender)
{
	int s[2];

	oob_pair(s, 0);
	urgent(s[0], "ab");
	OK(close(s[0]));
	EXPECT(polled(s[1]) & POLLPRI);
	expect_recv(s[1], 0, "a");
	expect_recv(s[1], MSG_OOB, "b");
	expect_recv(s[1], 0, "");
	OK(close(s[1]));
}

/* ---- the mark ------------------------------------------------------------ */

TEST(reads_stop_at_the_mark)
{
	int s[2];

	oob_pair(s, 0);
	urgent(s[0], "abc");
	send_text(s[0], "de");
	EXPECT_EQ(at_mark(s[1]), 0);
	expect_recv(s[1], 0, "ab");
	EXPECT_EQ(at_mark(s[1]), 1);
	EXPECT_EQ(unread(s[1]), 3);
	/* Who reads on has lost it. */
	expect_recv(s[1], 0, "de");
	EXPECT_EQ(at_mark(s[1]), 0);
	expect_no_oob(s[1]);
	expect_nothing(s[1]);
	close_pair(s);
}

TEST(reads_stop_there_when_the_byte_is_gone)
{
	int s[2];

	oob_pair(s, 0);
	urgent(s[0], "abc");
	send_text(s[0], "de");
	expect_recv(s[1], MSG_OOB, "c");
	EXPECT_EQ(at_mark(s[1]), 0);
	expect_recv(s[1], 0, "ab");
	expect_recv(s[1], 0, "de");
	/* Also when what follows it came later. */
	urgent(s[0], "abc");
	expect_recv(s[1], MSG_OOB, "c");
	send_text(s[0], "de");
	expect_recv(s[1], 0, "ab");
	expect_recv(s[1], 0, "de");
	expect_nothing(s[1]);
	close_pair(s);
}

TEST(reading_past_a_lone_byte_loses_it)
{
	int s[2];

	oob_pair(s, 0);
	urgent(s[0], "x");
	expect_nothing(s[1]);
	expect_no_oob(s[1]);
	EXPECT_EQ(unread(s[1]), 0);
	EXPECT_EQ(polled(s[1]), WRITABLE);
	close_pair(s);
}

TEST(parts_of_what_is_before)
{
	char c;
	int s[2];

	oob_pair(s, 0);
	urgent(s[0], "abc");
	EXPECT_EQ(read(s[1], &c, 1), 1);
	EXPECT_EQ(c, 'a');
	EXPECT_EQ(at_mark(s[1]), 0);
	EXPECT_EQ(read(s[1], &c, 1), 1);
	EXPECT_EQ(c, 'b');
	EXPECT_EQ(at_mark(s[1]), 1);
	expect_recv(s[1], MSG_OOB, "c");
	close_pair(s);
}

TEST(one_that_follows_takes_the_place)
{
	int s[2];

	oob_pair(s, 0);
	urgent(s[0], "abc");
	urgent(s[0], "def");
	EXPECT_EQ(unread(s[1]), 6);
	expect_recv(s[1], MSG_OOB, "f");
	expect_no_oob(s[1]);
	expect_recv(s[1], 0, "abcde");
	close_pair(s);
	oob_pair(s, 0);
	urgent(s[0], "abc");
	urgent(s[0], "def");
	expect_recv(s[1], 0, "abcde");
	EXPECT_EQ(at_mark(s[1]), 1);
	close_pair(s);
}

TEST(looking_stops_there_too)
{
	int s[2];

	oob_pair(s, 0);
	urgent(s[0], "abc");
	send_text(s[0], "de");
	expect_recv(s[1], MSG_PEEK, "ab");
	expect_recv(s[1], 0, "ab");
	/* Looking passes over the byte, and leaves it. */
	expect_recv(s[1], MSG_PEEK, "de");
	EXPECT_EQ(at_mark(s[1]), 1);
	expect_recv(s[1], MSG_OOB, "c");
	close_pair(s);
	oob_pair(s, 0);
	urgent(s[0], "x");
	EXPECT_ERR(recv(s[1], (char[1]){}, 1, MSG_PEEK), EAGAIN);
	expect_recv(s[1], MSG_OOB, "x");
	close_pair(s);
}

TEST(msg_waitall_does_not_cross)
{
	char buf[8] = "";
	int s[2];

	for (int in_line = 0; in_line < 2; in_line++) {
		oob_pair(s, in_line);
		OK(fcntl(s[1], F_SETFL, 0));
		urgent(s[0], "abc");
		send_text(s[0], "de");
		EXPECT_EQ(recv(s[1], buf, 4, MSG_WAITALL), 2);
		EXPECT_MEM(buf, "ab", 2);
		EXPECT_EQ(recv(s[1], buf, 2, MSG_WAITALL), 2);
		EXPECT_MEM(buf, in_line ? "cd" : "de", 2);
		close_pair(s);
	}
}

TEST(msg_waitall_ends_when_the_mark_comes)
{
	char buf[8] = "";
	int s[2];
	pid_t pid;

	make_pair(SOCK_STREAM, s);
	send_text(s[0], "ab");
	IN_CHILD(pid) {
		EXPECT_EQ(recv(s[1], buf, 4, MSG_WAITALL), 2);
		EXPECT_MEM(buf, "ab", 2);
		expect_recv(s[1], MSG_OOB, "x");
	}
	wait_until_sleeping(pid);
	urgent(s[0], "x");
	EXPECT_EXIT(pid, 0);
	close_pair(s);
}

/* ---- SO_OOBINLINE -------------------------------------------------------- */

TEST(in_line_it_is_data)
{
	int s[2];

	oob_pair(s, 1);
	urgent(s[0], "abc");
	send_text(s[0], "de");
	EXPECT(polled(s[1]) & POLLPRI);
	expect_no_oob(s[1]);
	expect_recv(s[1], MSG_PEEK, "ab");
	expect_recv(s[1], 0, "ab");
	EXPECT_EQ(at_mark(s[1]), 1);
	expect_recv(s[1], MSG_PEEK, "cde");
	EXPECT_EQ(at_mark(s[1]), 1);
	expect_recv(s[1], 0, "cde");
	EXPECT_EQ(at_mark(s[1]), 0);
	EXPECT_EQ(polled(s[1]), WRITABLE);
	close_pair(s);
}

TEST(in_line_alone)
{
	int s[2];

	oob_pair(s, 1);
	urgent(s[0], "x");
	EXPECT_EQ(at_mark(s[1]), 1);
	expect_recv(s[1], 0, "x");
	expect_nothing(s[1]);
	urgent(s[0], "x");
	urgent(s[0], "y");
	urgent(s[0], "z");
	expect_recv(s[1], 0, "xy");
	expect_recv(s[1], 0, "z");
	close_pair(s);
}

TEST(what_counts_is_the_option_now)
{
	int s[2], on = 1;

	oob_pair(s, 0);
	urgent(s[0], "abc");
	OK(setsockopt(s[1], SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on)));
	expect_no_oob(s[1]);
	on = 0;
	OK(setsockopt(s[1], SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on)));
	expect_recv(s[1], MSG_OOB, "c");
	close_pair(s);
}

/* ---- being told ---------------------------------------------------------- */

TEST(poll_says_pri)
{
	int s[2];

	oob_pair(s, 0);
	EXPECT_EQ(polled(s[1]), WRITABLE);
	urgent(s[0], "abc");
	EXPECT_EQ(polled(s[1]), WRITABLE | READABLE | POLLPRI);
	EXPECT_EQ(polled(s[0]), WRITABLE);
	expect_recv(s[1], MSG_OOB | MSG_PEEK, "c");
	EXPECT_EQ(polled(s[1]), WRITABLE | READABLE | POLLPRI);
	expect_recv(s[1], MSG_OOB, "c");
	EXPECT_EQ(polled(s[1]), WRITABLE | READABLE);
	close_pair(s);
}

TEST(select_calls_it_exceptional)
{
	struct timeval none = { 0, 0 };
	fd_set set;
	int s[2];

	oob_pair(s, 0);
	FD_ZERO(&set);
	FD_SET(s[1], &set);
	EXPECT_EQ(select(s[1] + 1, NULL, NULL, &set, &none), 0);
	urgent(s[0], "x");
	FD_SET(s[1], &set);
	EXPECT_EQ(select(s[1] + 1, NULL, NULL, &set, &none), 1);
	EXPECT(FD_ISSET(s[1], &set));
	expect_recv(s[1], MSG_OOB, "x");
	EXPECT_EQ(select(s[1] + 1, NULL, NULL, &set, &none), 0);
	close_pair(s);
}

TEST(wakes_who_waits_for_it_alone)
{
	int s[2], ep = OK(epoll_create1(0));
	struct epoll_event event = { .events = EPOLLPRI | EPOLLET };
	pid_t pid[2];

	make_pair(SOCK_STREAM, s);
	OK(epoll_ctl(ep, EPOLL_CTL_ADD, s[1], &event));
	IN_CHILD(pid[0]) {
		struct pollfd p = { .fd = s[1], .events = POLLPRI };

		EXPECT_EQ(poll(&p, 1, -1), 1);
		EXPECT_EQ(p.revents, POLLPRI);
	}
	IN_CHILD(pid[1]) {
		EXPECT_EQ(epoll_wait(ep, &event, 1, -1), 1);
		EXPECT_EQ(event.events, EPOLLPRI);
	}
	wait_until_sleeping(pid[0]);
	wait_until_sleeping(pid[1]);
	/* This does not wake them; or if it does, they sleep again. */
	send_text(s[0], "abc");
	urgent(s[0], "x");
	EXPECT_EXIT(pid[0], 0);
	EXPECT_EXIT(pid[1], 0);
	close_pair(s);
	OK(close(ep));
}

static sigset_t block(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	OK(sigprocmask(SIG_BLOCK, &set, NULL));
	return set;
}

static bool take(int sig, siginfo_t *info)
{
	const struct timespec none = { 0, 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	return sigtimedwait(&set, info, &none) == sig;
}

TEST(sigurg_goes_to_the_owner)
{
	siginfo_t info;
	int s[2];

	block(SIGURG);
	block(SIGIO);
	make_pair(SOCK_STREAM, s);
	/* Nobody has asked. */
	urgent(s[0], "x");
	EXPECT(!take(SIGURG, &info));
	OK(fcntl(s[1], F_SETOWN, getpid()));
	send_text(s[0], "abc");
	EXPECT(!take(SIGURG, &info));
	urgent(s[0], "x");
	EXPECT(take(SIGURG, &info));
	EXPECT_EQ(info.si_code, SI_KERNEL);
	/* Looking and taking send none; nor is it for whom O_ASYNC is. */
	expect_recv(s[1], MSG_OOB, "x");
	EXPECT(!take(SIGURG, &info));
	EXPECT(!take(SIGIO, &info));
	/* The owner of the other end is another. */
	urgent(s[1], "x");
	EXPECT(!take(SIGURG, &info));
	OK(fcntl(s[1], F_SETOWN, 0));
	urgent(s[0], "x");
	EXPECT(!take(SIGURG, &info));
	close_pair(s);
}

TEST(sigurg_goes_to_groups_and_threads)
{
	struct f_owner_ex ex = { F_OWNER_TID, gettid() };
	siginfo_t info;
	struct event ready;
	int s[2];
	pid_t pid;

	block(SIGURG);
	event_init(&ready);
	make_pair(SOCK_STREAM, s);
	OK(fcntl(s[1], F_SETOWN_EX, &ex));
	urgent(s[0], "x");
	EXPECT(take(SIGURG, &info));
	IN_CHILD(pid) {
		sigset_t set = block(SIGURG);
		int sig;

		event_signal(&ready);
		EXPECT_EQ(sigwait(&set, &sig), 0);
		EXPECT_EQ(sig, SIGURG);
	}
	event_wait(&ready);
	OK(fcntl(s[1], F_SETOWN, -getpgrp()));
	urgent(s[0], "x");
	EXPECT_EXIT(pid, 0);
	EXPECT(take(SIGURG, &info));
	event_close(&ready);
	close_pair(s);
}

/* What was there before fcntl(2) could do it. */
TEST(owner_by_ioctl)
{
	int s[2], value = getpid();
	siginfo_t info;

	block(SIGURG);
	make_pair(SOCK_STREAM, s);
	OK(ioctl(s[1], SIOCSPGRP, &value));
	EXPECT_EQ(fcntl(s[1], F_GETOWN), getpid());
	urgent(s[0], "x");
	EXPECT(take(SIGURG, &info));
	value = -getpgrp();
	OK(ioctl(s[1], FIOSETOWN, &value));
	value = 0;
	OK(ioctl(s[1], FIOGETOWN, &value));
	EXPECT_EQ(value, -getpgrp());
	value = 0;
	OK(ioctl(s[1], SIOCGPGRP, &value));
	EXPECT_EQ(value, -getpgrp());
	value = 0x7ffffff;
	EXPECT_ERR(ioctl(s[1], SIOCSPGRP, &value), ESRCH);
	EXPECT_ERR(ioctl(s[1], SIOCSPGRP, 8), EFAULT);
	EXPECT_ERR(ioctl(s[1], SIOCGPGRP, 8), EFAULT);
	close_pair(s);
}

TEST(sigurg_by_default_does_nothing)
{
	int s[2];

	make_pair(SOCK_STREAM, s);
	OK(fcntl(s[1], F_SETOWN, getpid()));
	urgent(s[0], "x");
	close_pair(s);
}

/* Who chose a signal is told of the band by it, besides SIGURG. */
TEST(a_chosen_signal_tells_of_the_band)
{
	bool in = false, pri = false;
	siginfo_t info;
	int s[2];

	block(SIGURG);
	block(SIGRTMIN);
	make_pair(SOCK_STREAM, s);
	OK(fcntl(s[1], F_SETOWN, getpid()));
	OK(fcntl(s[1], F_SETSIG, SIGRTMIN));
	OK(fcntl(s[1], F_SETFL, O_ASYNC));
	urgent(s[0], "x");
	EXPECT(take(SIGURG, &info));
	while (take(SIGRTMIN, &info)) {
		EXPECT_EQ(info.si_fd, s[1]);
		if (info.si_code == POLL_PRI)
			EXPECT_EQ(info.si_band, POLLPRI | POLLRDBAND);
		pri = pri || info.si_code == POLL_PRI;
		in = in || info.si_code == POLL_IN;
	}
	EXPECT(pri && in);
	close_pair(s);
}

/* ---- together with the rest ---------------------------------------------- */

static void send_fd(int to, int fd, const char *text)
{
	union {
		struct cmsghdr	header;
		char		space[CMSG_SPACE(sizeof(int))];
	} control = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET,
				  SCM_RIGHTS } };
	struct iovec iov = { (char *)text, strlen(text) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	EXPECT_EQ(sendmsg(to, &msg, MSG_OOB), strlen(text));
}

TEST(files_that_come_with_it_are_let_go)
{
	int s[2], p[2];
	char c;

	OK(pipe(p));
	make_pair(SOCK_STREAM, s);
	send_fd(s[0], p[1], "x");
	send_fd(s[0], p[1], "abc");
	OK(close(p[1]));
	expect_recv(s[1], MSG_OOB, "c");
	close_pair(s);
	/* The end of the pipe: nobody has it any more. */
	EXPECT_EQ(read(p[0], &c, 1), 0);
	OK(close(p[0]));
}

/* In line, nothing is lost and nothing changes places. */
TEST(in_line_under_load)
{
	enum { BYTES = 20000 };
	unsigned char out[8], in[64];
	int s[2], n = 0;
	ssize_t got;
	pid_t pid;

	make_pair(SOCK_STREAM, s);
	OK(setsockopt(s[1], SOL_SOCKET, SO_OOBINLINE, &(int){ 1 },
		      sizeof(int)));
	IN_CHILD(pid) {
		while (n < BYTES) {
			int len = 1 + n % 7;

			for (int i = 0; i < len; i++)
				out[i] = n + i;
			EXPECT_EQ(send(s[0], out, len, n % 3 ? 0 : MSG_OOB),
				  len);
			n += len;
		}
	}
	OK(close(s[0]));
	while ((got = OK(read(s[1], in, sizeof(in)))) > 0)
		for (int i = 0; i < got; i++)
			EXPECT_EQ(in[i], n++ % 256);
	EXPECT(n >= BYTES);
	EXPECT_EXIT(pid, 0);
	OK(close(s[1]));
}

/* Taking, reading, looking and sending at once: the kernel survives it. */
TEST(races_of_readers)
{
	pid_t pids[4];
	int s[2];

	oob_pair(s, 0);
	for (int i = 0; i < 4; i++)
		IN_CHILD(pids[i]) {
			char buf[16];

			for (int n = 0; n < 3000; n++) {
				if (i == 0)
					send(s[0], "abcdef", 1 + n % 6,
					     MSG_DONTWAIT |
					     (n % 2 ? MSG_OOB : 0));
				else if (i == 1)
					recv(s[1], buf, n % 16, 0);
				else if (i == 2)
					recv(s[1], buf, 1, MSG_OOB |
					     (n % 2 ? MSG_PEEK : 0));
				else
					recv(s[1], buf, 16, MSG_PEEK);
			}
		}
	for (int i = 0; i < 4; i++)
		EXPECT_EXIT(pids[i], 0);
	close_pair(s);
}
