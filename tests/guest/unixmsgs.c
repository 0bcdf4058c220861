/*
 * Local sockets that keep the bounds of messages; waiting, and options.
 */
#include "unixtools.h"

/* ---- signals and time-outs -------------------------------------------- */

static void on_alarm(int sig)
{
	(void)sig;
}

/* A signal for @pid when it sleeps. */
static pid_t signal_when_asleep(pid_t target)
{
	pid_t pid;

	IN_CHILD(pid) {
		wait_until_sleeping(target);
		OK(kill(target, SIGALRM));
	}
	return pid;
}

TEST(signals_interrupt)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct timeval tv = { .tv_sec = 100 };
	int s[2];
	char c;

	OK(sigaction(SIGALRM, &sa, NULL));
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		pid_t pid = signal_when_asleep(getpid());

		make_pair(types[i], s);
		EXPECT_ERR(read(s[0], &c, 1), EINTR);
		EXPECT_EXIT(pid, 0);
		fill(s[0], 4096);
		pid = signal_when_asleep(getpid());
		EXPECT_ERR(write(s[0], "x", 1), EINTR);
		EXPECT_EXIT(pid, 0);
		/* With a time-out, it is not even restarted. */
		sa.sa_flags = SA_RESTART;
		OK(sigaction(SIGALRM, &sa, NULL));
		OK(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
		pid = signal_when_asleep(getpid());
		EXPECT_ERR(read(s[0], &c, 1), EINTR);
		EXPECT_EXIT(pid, 0);
		sa.sa_flags = 0;
		OK(sigaction(SIGALRM, &sa, NULL));
		close_pair(s);
	}
}

TEST(reads_restart)
{
	struct sigaction sa = { .sa_handler = on_alarm,
				.sa_flags = SA_RESTART };
	int s[2];
	pid_t pid;

	OK(sigaction(SIGALRM, &sa, NULL));
	make_pair(SOCK_STREAM, s);
	IN_CHILD(pid) {
		wait_until_sleeping(getppid());
		OK(kill(getppid(), SIGALRM));
		wait_until_sleeping(getppid());
		send_text(s[1], "later");
	}
	expect_text(s[0], "later");
	EXPECT_EXIT(pid, 0);
	close_pair(s);
}

TEST(time_outs)
{
	struct timeval tv = { .tv_usec = 20000 }, got;
	struct timeval bad = { .tv_usec = 1000000 };
	socklen_t len = sizeof(got);
	struct timespec a, b;
	int s[2];
	char c;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		make_pair(types[i], s);
		OK(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
		OK(setsockopt(s[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
		OK(getsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &got, &len));
		EXPECT_EQ(len, sizeof(got));
		EXPECT_EQ(got.tv_sec, 0);
		EXPECT_EQ(got.tv_usec, 20000);
		OK(clock_gettime(CLOCK_MONOTONIC, &a));
		EXPECT_ERR(read(s[0], &c, 1), EAGAIN);
		OK(clock_gettime(CLOCK_MONOTONIC, &b));
		EXPECT((b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec -
		       a.tv_nsec >= 20000000L);
		fill(s[0], 4096);
		EXPECT_ERR(write(s[0], "x", 1), EAGAIN);
		EXPECT_ERR(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &bad,
				      sizeof(bad)), EDOM);
		EXPECT_ERR(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, 8),
			   EINVAL);
		close_pair(s);
	}
}

/* ---- messages --------------------------------------------------------- */

TEST(messages_keep_bounds)
{
	char buf[8];
	int s[2];

	for (size_t i = 1; i < ARRAY_SIZE(types); i++) {
		make_pair(types[i], s);
		send_text(s[0], "abc");
		EXPECT_EQ(write(s[0], "", 0), 0);
		send_text(s[0], "defg");
		send_text(s[0], "h");
		expect_text(s[1], "abc");
		EXPECT_EQ(recv(s[1], buf, sizeof(buf), 0), 0);
		/* What does not fit is lost, and can be told. */
		EXPECT_EQ(recv(s[1], buf, 2, MSG_PEEK | MSG_TRUNC), 4);
		EXPECT_EQ(recv(s[1], buf, 2, 0), 2);
		EXPECT_MEM(buf, "de", 2);
		expect_text(s[1], "h");
		EXPECT_ERR(recv(s[1], buf, 1, MSG_DONTWAIT), EAGAIN);
		close_pair(s);
	}
}

TEST(truncation_is_told)
{
	char buf[8];
	struct iovec iov = { buf, 2 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int s[2];

	for (size_t i = 1; i < ARRAY_SIZE(types); i++) {
		make_pair(types[i], s);
		send_text(s[0], "abc");
		send_text(s[0], "de");
		EXPECT_EQ(recvmsg(s[1], &msg, 0), 2);
		EXPECT_EQ(msg.msg_flags, MSG_TRUNC);
		EXPECT_EQ(recvmsg(s[1], &msg, MSG_CMSG_CLOEXEC), 2);
		EXPECT_EQ(msg.msg_flags, MSG_CMSG_CLOEXEC);
		close_pair(s);
	}
}

/* The bounds need no mark here: none is given, and asking for one is fine. */
TEST(end_of_record)
{
	char buf[8];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int s[2];

	make_pair(SOCK_SEQPACKET, s);
	EXPECT_EQ(send(s[0], "abc", 3, MSG_EOR), 3);
	EXPECT_EQ(recvmsg(s[1], &msg, 0), 3);
	EXPECT_EQ(msg.msg_flags, 0);
	close_pair(s);
}

TEST(messages_must_fit_the_budget)
{
	char *big = calloc(1, 300000);
	char *got = calloc(1, 300000);
	int s[2];

	for (size_t i = 1; i < ARRAY_SIZE(types); i++) {
		make_pair(types[i], s);
		EXPECT_ERR(send(s[0], big, 212992 - 31, 0), EMSGSIZE);
		big[0] = 'B';
		big[199999] = 'E';
		EXPECT_EQ(send(s[0], big, 200000, 0), 200000);
		EXPECT_EQ(recv(s[1], got, 300000, 0), 200000);
		EXPECT_MEM(got, big, 200000);
		close_pair(s);
	}
	free(big);
	free(got);
}

TEST(a_full_pair_of_datagrams_blocks)
{
	char buf[4096];
	int s[2], n = 0;
	pid_t pid;

	for (size_t i = 1; i < ARRAY_SIZE(types); i++) {
		make_pair(types[i], s);
		n = fill(s[0], sizeof(buf)) / sizeof(buf);
		EXPECT_EQ(polled(s[0]), 0);
		IN_CHILD(pid) {
			send_text(s[0], "last");
		}
		wait_until_sleeping(pid);
		while (n--)
			EXPECT_EQ(read(s[1], buf, sizeof(buf)), sizeof(buf));
		expect_text(s[1], "last");
		EXPECT_EXIT(pid, 0);
		close_pair(s);
	}
}

TEST(datagram_peers_die_silently)
{
	char c;
	int s[2];

	make_pair(SOCK_DGRAM, s);
	send_text(s[0], "a");
	OK(close(s[0]));
	EXPECT_EQ(polled(s[1]), READABLE | WRITABLE);
	expect_text(s[1], "a");
	EXPECT_ERR(recv(s[1], &c, 1, MSG_DONTWAIT), EAGAIN);
	EXPECT_ERR(send(s[1], "x", 1, 0), ECONNREFUSED);
	/* From then on it has no peer. */
	EXPECT_ERR(send(s[1], "x", 1, 0), ENOTCONN);
	OK(close(s[1]));
}

TEST(seqpacket_peers_do_not)
{
	char c;
	int s[2];

	make_pair(SOCK_SEQPACKET, s);
	send_text(s[0], "a");
	OK(close(s[0]));
	EXPECT_EQ(polled(s[1]), READABLE | WRITABLE | POLLHUP | POLLRDHUP);
	expect_text(s[1], "a");
	EXPECT_EQ(recv(s[1], &c, 1, MSG_DONTWAIT), 0);
	EXPECT_EQ(recv(s[1], &c, 1, 0), 0);
	EXPECT_ERR(send(s[1], "x", 1, 0), EPIPE);
	OK(close(s[1]));

	make_pair(SOCK_SEQPACKET, s);
	send_text(s[1], "unread");
	send_text(s[0], "lost");
	OK(close(s[0]));
	/* The error comes before the message. */
	EXPECT_ERR(recv(s[1], &c, 1, 0), ECONNRESET);
	expect_text(s[1], "lost");
	OK(close(s[1]));
}

TEST(datagram_shutdown)
{
	char c;
	int s[2];

	make_pair(SOCK_DGRAM, s);
	send_text(s[0], "a");
	OK(shutdown(s[1], SHUT_RD));
	EXPECT_EQ(polled(s[1]), READABLE | WRITABLE | POLLRDHUP);
	EXPECT_EQ(polled(s[0]), WRITABLE);
	EXPECT_ERR(send(s[0], "x", 1, 0), EPIPE);
	expect_text(s[1], "a");
	EXPECT_EQ(recv(s[1], &c, 1, 0), 0);
	EXPECT_ERR(recv(s[1], &c, 1, MSG_DONTWAIT), EAGAIN);
	OK(shutdown(s[0], SHUT_WR));
	EXPECT_ERR(send(s[0], "x", 1, 0), EPIPE);
	close_pair(s);
}

/* ---- unconnected ------------------------------------------------------ */

TEST(unconnected)
{
	static const int errors[][2] = {
		{ ENOTCONN, EINVAL }, { ENOTCONN, EAGAIN },
		{ ENOTCONN, ENOTCONN } };
	static const int bits[] = { WRITABLE | POLLHUP, WRITABLE,
				    WRITABLE | POLLHUP };
	struct sockaddr_un un = { 0 };
	socklen_t len = sizeof(un);
	char c;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		int fd = OK(socket(AF_UNIX, types[i], 0));

		EXPECT_ERR(send(fd, "x", 1, 0), errors[i][0]);
		EXPECT_ERR(recv(fd, &c, 1, MSG_DONTWAIT), errors[i][1]);
		EXPECT_EQ(polled(fd), bits[i]);
		EXPECT_ERR(getpeername(fd, (void *)&un, &len), ENOTCONN);
		OK(shutdown(fd, SHUT_RDWR));
		OK(close(fd));
	}
}

TEST(unnamed_names)
{
	struct sockaddr_un un;
	socklen_t len = sizeof(un);
	int s[2], negative = -1;

	make_pair(SOCK_STREAM, s);
	memset(&un, 0xff, sizeof(un));
	OK(getsockname(s[0], (void *)&un, &len));
	EXPECT_EQ(len, 2);
	EXPECT_EQ(un.sun_family, AF_UNIX);
	len = 1;
	OK(getpeername(s[0], (void *)&un, &len));
	EXPECT_EQ(len, 2);
	EXPECT_ERR(getsockname(s[0], (void *)&un, (void *)&negative), EINVAL);
	EXPECT_ERR(getsockname(s[0], (void *)&un, NULL), EFAULT);
	len = sizeof(un);
	EXPECT_ERR(getsockname(s[0], NULL, &len), EFAULT);
	send_text(s[0], "x");
	len = sizeof(un);
	EXPECT_EQ(recvfrom(s[1], &un, 1, 0, (void *)&un, &len), 1);
	EXPECT_EQ(len, 0);
	close_pair(s);
}

/* ---- options ---------------------------------------------------------- */

TEST(flags_are_kept)
{
	static const int options[] = { SO_REUSEADDR, SO_BROADCAST,
				       SO_KEEPALIVE, SO_OOBINLINE, SO_DONTROUTE,
				       SO_PASSCRED, SO_DEBUG };
	int fd = OK(socket(AF_UNIX, SOCK_STREAM, 0)), on = 5, off = 0;

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		EXPECT_EQ(int_option(fd, options[i]), 0);
		OK(setsockopt(fd, SOL_SOCKET, options[i], &on, sizeof(on)));
		EXPECT_EQ(int_option(fd, options[i]), 1);
		OK(setsockopt(fd, SOL_SOCKET, options[i], &off, sizeof(off)));
		EXPECT_EQ(int_option(fd, options[i]), 0);
	}
	/* Ports are for those who have them. */
	EXPECT_ERR(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)),
		   EOPNOTSUPP);
	OK(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &off, sizeof(off)));
	EXPECT_EQ(int_option(fd, SO_REUSEPORT), 0);
	on = 6;
	OK(setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &on, sizeof(on)));
	EXPECT_EQ(int_option(fd, SO_PRIORITY), 6);
	OK(close(fd));
}

TEST(bad_options)
{
	int fd = OK(socket(AF_UNIX, SOCK_STREAM, 0)), value = 1;
	struct linger linger = { 1, 7 };
	socklen_t len = sizeof(value);
	long zero[2] = { 0 };

	EXPECT_ERR(setsockopt(fd, SOL_SOCKET, SO_TYPE, &value, 4), ENOPROTOOPT);
	EXPECT_ERR(setsockopt(fd, SOL_SOCKET, SO_ERROR, &value, 4),
		   ENOPROTOOPT);
	EXPECT_ERR(setsockopt(fd, SOL_SOCKET, 999, &value, 4), ENOPROTOOPT);
	EXPECT_ERR(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &value, 3), EINVAL);
	EXPECT_ERR(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &value, -1), EINVAL);
	EXPECT_ERR(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, NULL, 4), EFAULT);
	EXPECT_ERR(setsockopt(fd, 6, 1, &value, 4), EOPNOTSUPP);
	EXPECT_ERR(getsockopt(fd, 6, 1, &value, &len), EOPNOTSUPP);
	EXPECT_ERR(getsockopt(fd, SOL_SOCKET, 999, &value, &len), ENOPROTOOPT);
	EXPECT_ERR(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, NULL), EFAULT);
	EXPECT_ERR(getsockopt(fd, SOL_SOCKET, SO_TYPE, NULL, &len), EFAULT);
	len = -1;
	EXPECT_ERR(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &len), EINVAL);
	len = 1;
	value = 0x01010101;
	OK(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &len));
	EXPECT_EQ(value, 0x01010100 | SOCK_STREAM);
	EXPECT_EQ(len, 1);
	OK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	linger = (struct linger){ 0 };
	len = sizeof(linger);
	OK(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len));
	EXPECT_EQ(linger.l_onoff, 1);
	EXPECT_EQ(linger.l_linger, 7);
	EXPECT_ERR(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, 4), EINVAL);
	OK(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, zero, sizeof(zero)));
	OK(close(fd));
}

TEST(privileged_options)
{
	int value = 1 << 20;
	pid_t pid;

	IN_CHILD(pid) {
		int fd = OK(socket(AF_UNIX, SOCK_STREAM, 0));

		become_user(1000, 1000);
		EXPECT_ERR(setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &value,
				      sizeof(value)), EPERM);
		EXPECT_ERR(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &value,
				      sizeof(value)), EPERM);
		EXPECT_ERR(setsockopt(fd, SOL_SOCKET, SO_DEBUG, &value,
				      sizeof(value)), EACCES);
		value = 7;
		EXPECT_ERR(setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &value,
				      sizeof(value)), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(cookies_are_unique)
{
	uint64_t a = 0, b = 0, again = 0;
	socklen_t len = sizeof(a);
	int s[2];

	make_pair(SOCK_STREAM, s);
	OK(getsockopt(s[0], SOL_SOCKET, SO_COOKIE, &a, &len));
	EXPECT_EQ(len, 8);
	OK(getsockopt(s[1], SOL_SOCKET, SO_COOKIE, &b, &len));
	OK(getsockopt(s[0], SOL_SOCKET, SO_COOKIE, &again, &len));
	EXPECT(a && b && a != b);
	EXPECT_EQ(a, again);
	len = 4;
	EXPECT_ERR(getsockopt(s[0], SOL_SOCKET, SO_COOKIE, &a, &len), EINVAL);
	close_pair(s);
}

/* ---- many messages at once -------------------------------------------- */

TEST(many_messages_in_one_call)
{
	char in[3][8] = { "" };
	struct iovec out_iov[3] = { { "a", 1 }, { "bc", 2 }, { "def", 3 } };
	struct iovec in_iov[4];
	struct mmsghdr out[3] = { 0 }, got[4] = { 0 };
	struct timespec bad = { .tv_nsec = -1 };
	struct timespec timeout = { .tv_sec = 100 };
	int s[2];

	for (int i = 0; i < 3; i++) {
		out[i].msg_hdr = (struct msghdr){ .msg_iov = &out_iov[i],
						  .msg_iovlen = 1 };
		in_iov[i] = (struct iovec){ in[i], 8 };
		got[i].msg_hdr = (struct msghdr){ .msg_iov = &in_iov[i],
						  .msg_iovlen = 1 };
	}
	make_pair(SOCK_DGRAM, s);
	EXPECT_EQ(sendmmsg(s[0], out, 3, 0), 3);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(out[i].msg_len, i + 1);
	EXPECT_EQ(recvmmsg(s[1], got, 2, 0, NULL), 2);
	EXPECT_EQ(got[0].msg_len, 1);
	EXPECT_EQ(got[1].msg_len, 2);
	EXPECT_STR(in[0], "a");
	EXPECT_STR(in[1], "bc");
	EXPECT_EQ(recvmmsg(s[1], got, 3, MSG_WAITFORONE, &timeout), 1);
	EXPECT_EQ(got[0].msg_len, 3);
	EXPECT(timeout.tv_sec < 100);
	EXPECT_ERR(recvmmsg(s[1], got, 3, MSG_DONTWAIT, NULL), EAGAIN);
	EXPECT_ERR(recvmmsg(s[1], got, 3, 0, &bad), EINVAL);
	EXPECT_ERR(recvmmsg(s[1], got, 3, 0, (void *)8), EFAULT);
	EXPECT_EQ(sendmmsg(s[0], out, 0, 0), 0);
	/* What failed is told if nothing came before it. */
	out[1].msg_hdr.msg_iovlen = 1025;
	EXPECT_EQ(sendmmsg(s[0], out, 3, 0), 1);
	EXPECT_ERR(sendmmsg(s[0], out + 1, 2, 0), EMSGSIZE);
	close_pair(s);
}

/* ---- several readers -------------------------------------------------- */

TEST(each_message_wakes_one_reader)
{
	enum { READERS = 6 };
	pid_t pids[READERS];
	int s[2];
	char c;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		make_pair(types[i], s);
		for (int n = 0; n < READERS; n++) {
			IN_CHILD(pids[n]) {
				EXPECT_EQ(recv(s[1], &c, 1, n & 1 ? 0 :
					       MSG_PEEK), 1);
				if (!(n & 1))
					EXPECT_EQ(recv(s[1], &c, 1, 0), 1);
			}
		}
		for (int n = 0; n < READERS; n++)
			wait_until_sleeping(pids[n]);
		for (int n = 0; n < READERS; n++)
			send_text(s[0], "x");
		for (int n = 0; n < READERS; n++)
			EXPECT_EXIT(pids[n], 0);
		EXPECT_ERR(recv(s[1], &c, 1, MSG_DONTWAIT), EAGAIN);
		close_pair(s);
	}
}

TEST(killed_sleepers_hold_nothing)
{
	int s[2];

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		pid_t reader, writer;
		char c;

		make_pair(types[i], s);
		fill(s[0], 2048);
		IN_CHILD(reader)
			OK(read(s[0], &c, 1));
		IN_CHILD(writer)
			OK(write(s[0], "x", 1));
		wait_until_sleeping(reader);
		wait_until_sleeping(writer);
		OK(kill(reader, SIGKILL));
		OK(kill(writer, SIGKILL));
		EXPECT_KILLED(reader, SIGKILL);
		EXPECT_KILLED(writer, SIGKILL);
		send_text(s[1], "y");
		expect_text(s[0], "y");
		close_pair(s);
	}
}

TEST(poll_wakes)
{
	char buf[65536];
	int s[2];
	pid_t pid;

	make_pair(SOCK_STREAM, s);
	IN_CHILD(pid) {
		struct pollfd p = { .fd = s[1], .events = POLLIN };

		EXPECT_EQ(poll(&p, 1, -1), 1);
		EXPECT_EQ(p.revents, POLLIN);
	}
	wait_until_sleeping(pid);
	send_text(s[0], "x");
	EXPECT_EXIT(pid, 0);
	fill(s[0], 8192);
	IN_CHILD(pid) {
		struct pollfd p = { .fd = s[0], .events = POLLOUT };

		EXPECT_EQ(poll(&p, 1, -1), 1);
		EXPECT_EQ(p.revents, POLLOUT);
	}
	wait_until_sleeping(pid);
	while (recv(s[1], buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	EXPECT_EXIT(pid, 0);
	IN_CHILD(pid) {
		struct pollfd p = { .fd = s[1], .events = 0 };

		OK(close(s[0]));
		EXPECT_EQ(poll(&p, 1, -1), 1);
		EXPECT_EQ(p.revents, POLLHUP);
	}
	wait_until_sleeping(pid);
	OK(close(s[0]));
	EXPECT_EXIT(pid, 0);
	OK(close(s[1]));
}
