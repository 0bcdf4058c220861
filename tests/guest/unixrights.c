/*
 * What travels beside messages between local sockets: files, and who sent it.
 */
#include "unixtools.h"

#include <sys/resource.h>

union control {
	char		buf[CMSG_SPACE(256 * sizeof(int)) + 64];
	struct cmsghdr	align;
};

/* Send "x" with @nr descriptors. */
static ssize_t send_fds(int sock, const int *fds, int nr)
{
	union control c = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = &c,
			      .msg_controllen = CMSG_SPACE(nr * sizeof(int)) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(nr * sizeof(int));
	memcpy(CMSG_DATA(cmsg), fds, nr * sizeof(int));
	return sendmsg(sock, &msg, 0);
}

/* Receive descriptors; how many. *@flags: in and out. */
static int recv_fds(int sock, int *fds, size_t room, int *flags)
{
	union control c = { 0 };
	char buf[8];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = room ? &c : NULL,
			      .msg_controllen = room };
	struct cmsghdr *cmsg;
	int nr;

	OK(recvmsg(sock, &msg, *flags));
	*flags = msg.msg_flags;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg)
		return 0;
	EXPECT_EQ(cmsg->cmsg_level, SOL_SOCKET);
	EXPECT_EQ(cmsg->cmsg_type, SCM_RIGHTS);
	nr = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(fds, CMSG_DATA(cmsg), nr * sizeof(int));
	return nr;
}

TEST(files_travel)
{
	int s[2], p[2], got[4], flags;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		make_pair(types[i], s);
		OK(pipe(p));
		EXPECT_EQ(send_fds(s[0], p, 2), 1);
		close_pair(p);
		flags = MSG_PEEK;
		EXPECT_EQ(recv_fds(s[1], got, CMSG_SPACE(8), &flags), 2);
		close_pair(got);
		flags = MSG_CMSG_CLOEXEC;
		EXPECT_EQ(recv_fds(s[1], got, CMSG_SPACE(8), &flags), 2);
		EXPECT_EQ(flags, MSG_CMSG_CLOEXEC);
		EXPECT_EQ(fcntl(got[0], F_GETFD), FD_CLOEXEC);
		send_text(got[1], "through");
		expect_text(got[0], "through");
		close_pair(got);
		close_pair(s);
	}
}

TEST(what_has_no_room_is_lost)
{
	int s[2], p[2], got[4], flags = 0, before = open_fds();

	make_pair(SOCK_STREAM, s);
	OK(pipe(p));
	EXPECT_EQ(send_fds(s[0], p, 2), 1);
	EXPECT_EQ(recv_fds(s[1], got, CMSG_LEN(4), &flags), 1);
	EXPECT_EQ(flags, MSG_CTRUNC);
	OK(close(got[0]));
	EXPECT_EQ(send_fds(s[0], p, 2), 1);
	flags = 0;
	EXPECT_EQ(recv_fds(s[1], got, 0, &flags), 0);
	EXPECT_EQ(flags, MSG_CTRUNC);
	/* A plain read drops them too. */
	EXPECT_EQ(send_fds(s[0], p, 2), 1);
	expect_text(s[1], "x");
	close_pair(p);
	close_pair(s);
	EXPECT_EQ(open_fds(), before);
}

TEST(a_stream_stops_behind_files)
{
	int s[2], got[1], flags = 0;
	char buf[8];

	make_pair(SOCK_STREAM, s);
	send_text(s[0], "a");
	EXPECT_EQ(send_fds(s[0], s, 1), 1);
	send_text(s[0], "b");
	EXPECT_EQ(recv(s[1], buf, 8, MSG_PEEK), 2);
	EXPECT_EQ(recv_fds(s[1], got, CMSG_SPACE(4), &flags), 1);
	OK(close(got[0]));
	expect_text(s[1], "b");
	close_pair(s);
}

TEST(bad_control_data)
{
	union control c = { 0 };
	struct iovec iov = { "x", 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = &c, .msg_controllen = 24 };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int s[2], fds[254], bad = -1;

	make_pair(SOCK_STREAM, s);
	EXPECT_ERR(send_fds(s[0], &bad, 1), EBADF);
	bad = 999;
	EXPECT_ERR(send_fds(s[0], &bad, 1), EBADF);
	for (int i = 0; i < 254; i++)
		fds[i] = s[0];
	EXPECT_ERR(send_fds(s[0], fds, 254), EINVAL);
	EXPECT_EQ(send_fds(s[0], fds, 253), 1);
	expect_text(s[1], "x");
	cmsg->cmsg_len = 8;
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	EXPECT_ERR(sendmsg(s[0], &msg, 0), EINVAL);
	cmsg->cmsg_len = 25;
	EXPECT_ERR(sendmsg(s[0], &msg, 0), EINVAL);
	cmsg->cmsg_len = 20;
	cmsg->cmsg_type = 77;
	EXPECT_ERR(sendmsg(s[0], &msg, 0), EINVAL);
	cmsg->cmsg_type = SCM_CREDENTIALS;
	EXPECT_ERR(sendmsg(s[0], &msg, 0), EINVAL);
	cmsg->cmsg_level = 77;
	EXPECT_EQ(sendmsg(s[0], &msg, 0), 1);
	msg.msg_control = (void *)8;
	EXPECT_ERR(sendmsg(s[0], &msg, 0), EFAULT);
	msg.msg_controllen = 1 << 20;
	EXPECT_ERR(sendmsg(s[0], &msg, 0), ENOBUFS);
	close_pair(s);
}

/* Does the reader of @fd see that nobody can write to it any more? */
static void expect_end(int fd)
{
	char c;

	EXPECT_EQ(read(fd, &c, 1), 0);
	OK(close(fd));
}

TEST(closing_a_queue_closes_its_files)
{
	int s[2], p[2];

	make_pair(SOCK_STREAM, s);
	OK(pipe(p));
	EXPECT_EQ(send_fds(s[0], &p[1], 1), 1);
	OK(close(p[1]));
	close_pair(s);
	expect_end(p[0]);
}

TEST(circles_are_collected)
{
	int s[2], t[2], p[2];

	make_pair(SOCK_STREAM, s);
	make_pair(SOCK_DGRAM, t);
	OK(pipe(p));
	/* Each end lies in the queue of the other, and a pipe with them. */
	EXPECT_EQ(send_fds(s[0], (int[]){ s[0], p[1] }, 2), 1);
	EXPECT_EQ(send_fds(s[1], (int[]){ s[1], p[1] }, 2), 1);
	OK(close(p[1]));
	close_pair(s);
	close_pair(t);
	expect_end(p[0]);
}

TEST(circles_over_a_backlog_are_collected)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "s" };
	int l = OK(socket(AF_UNIX, SOCK_STREAM, 0)), c, p[2];

	OK(bind(l, (void *)&un, sizeof(un)));
	OK(listen(l, 5));
	c = OK(socket(AF_UNIX, SOCK_STREAM, 0));
	OK(connect(c, (void *)&un, sizeof(un)));
	OK(pipe(p));
	EXPECT_EQ(send_fds(c, (int[]){ l, p[1] }, 2), 1);
	OK(close(p[1]));
	OK(close(l));
	OK(close(c));
	expect_end(p[0]);
}

TEST(what_can_be_received_stays)
{
	int s[2], t[2], got[2], flags = 0;

	make_pair(SOCK_STREAM, s);
	make_pair(SOCK_STREAM, t);
	EXPECT_EQ(send_fds(t[0], &t[1], 1), 1);	/* t[1] is in its own queue */
	EXPECT_EQ(send_fds(s[0], &t[1], 1), 1);	/* and in that of s[1] */
	close_pair(t);
	EXPECT_EQ(recv_fds(s[1], got, CMSG_SPACE(4), &flags), 1);
	flags = 0;
	EXPECT_EQ(recv_fds(got[0], got + 1, CMSG_SPACE(4), &flags), 1);
	close_pair(got);
	close_pair(s);
}

TEST(long_chains_fall)
{
	int s[2], next[2], p[2];

	OK(pipe(p));
	make_pair(SOCK_STREAM, s);
	EXPECT_EQ(send_fds(s[0], &p[1], 1), 1);
	OK(close(p[1]));
	OK(close(s[0]));
	for (int i = 0; i < 500; i++) {
		make_pair(SOCK_STREAM, next);
		EXPECT_EQ(send_fds(next[0], &s[1], 1), 1);
		OK(close(s[1]));
		OK(close(next[0]));
		s[1] = next[1];
	}
	OK(close(s[1]));
	expect_end(p[0]);
}

TEST(files_in_flight_are_limited)
{
	struct rlimit limit = { 20, 20 };
	pid_t pid;

	IN_CHILD(pid) {
		int s[2], n = 0;

		become_user(1234, 1234);
		make_pair(SOCK_STREAM, s);
		OK(setrlimit(RLIMIT_NOFILE, &limit));
		while (send_fds(s[0], s, 1) == 1)
			n++;
		EXPECT_EQ(errno, ETOOMANYREFS);
		EXPECT_EQ(n, 21);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- who --------------------------------------------------------- */

static ssize_t send_cred(int sock, pid_t pid, uid_t uid, gid_t gid)
{
	union control c = { 0 };
	struct ucred cred = { pid, uid, gid };
	struct iovec iov = { "x", 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = &c,
			      .msg_controllen = CMSG_SPACE(sizeof(cred)) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_CREDENTIALS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(cred));
	memcpy(CMSG_DATA(cmsg), &cred, sizeof(cred));
	return sendmsg(sock, &msg, 0);
}

static struct ucred recv_cred(int sock, ssize_t len)
{
	union control c = { 0 };
	char buf[8];
	struct ucred cred;
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = &c, .msg_controllen = 64 };

	EXPECT_EQ(recvmsg(sock, &msg, 0), len);
	EXPECT(CMSG_FIRSTHDR(&msg) != NULL);
	EXPECT_EQ(CMSG_FIRSTHDR(&msg)->cmsg_type, SCM_CREDENTIALS);
	memcpy(&cred, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(cred));
	return cred;
}

TEST(senders_are_told)
{
	int s[2], on = 1;
	struct ucred cred;
	pid_t pid;

	make_pair(SOCK_STREAM, s);
	send_text(s[0], "before");
	OK(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	send_text(s[0], "mine");
	IN_CHILD(pid) {
		become_user(1000, 1001);
		send_text(s[0], "his");
	}
	EXPECT_EXIT(pid, 0);
	/* What different senders sent is not glued. */
	cred = recv_cred(s[1], 6);
	EXPECT_EQ(cred.pid, 0);
	EXPECT_EQ(cred.uid, 65534);
	cred = recv_cred(s[1], 4);
	EXPECT_EQ(cred.pid, getpid());
	EXPECT_EQ(cred.uid, 0);
	cred = recv_cred(s[1], 3);
	EXPECT_EQ(cred.pid, pid > 0 ? cred.pid : -1);
	EXPECT_EQ(cred.uid, 1000);
	EXPECT_EQ(cred.gid, 1001);
	close_pair(s);
}

TEST(claims_are_checked)
{
	int s[2], on = 1;
	struct ucred cred;
	pid_t pid;

	make_pair(SOCK_DGRAM, s);
	OK(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	EXPECT_EQ(send_cred(s[0], 1, 7, 8), 1);
	cred = recv_cred(s[1], 1);
	EXPECT_EQ(cred.pid, 1);
	EXPECT_EQ(cred.uid, 7);
	EXPECT_EQ(cred.gid, 8);
	EXPECT_ERR(send_cred(s[0], 4000000, 0, 0), ESRCH);
	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_EQ(send_cred(s[0], getpid(), 1000, 1000), 1);
		EXPECT_ERR(send_cred(s[0], 1, 1000, 1000), EPERM);
		EXPECT_ERR(send_cred(s[0], getpid(), 0, 1000), EPERM);
		EXPECT_ERR(send_cred(s[0], getpid(), 1000, 0), EPERM);
	}
	EXPECT_EXIT(pid, 0);
	close_pair(s);
}
