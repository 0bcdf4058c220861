/*
 * Netlink sockets: making, naming, options, and messages between programs.
 * Those to and from the kernel are in netlinkroute.c.
 */
#include "netlinktools.h"

/* ---- making ---- */

TEST(types_and_protocols)
{
	static const int types[] = { SOCK_RAW, SOCK_DGRAM };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		int fd = OK(socket(AF_NETLINK, types[i], NETLINK_USERSOCK));
		int value;
		socklen_t len = sizeof(value);

		OK(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &len));
		EXPECT_EQ(value, types[i]);
		OK(getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &value, &len));
		EXPECT_EQ(value, AF_NETLINK);
		OK(getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &value, &len));
		EXPECT_EQ(value, NETLINK_USERSOCK);
		OK(close(fd));
	}
	EXPECT_ERR(socket(AF_NETLINK, SOCK_STREAM, 0), ESOCKTNOSUPPORT);
	EXPECT_ERR(socket(AF_NETLINK, SOCK_SEQPACKET, 99), ESOCKTNOSUPPORT);
	EXPECT_ERR(socket(AF_NETLINK, SOCK_RDM, 0), ESOCKTNOSUPPORT);
	EXPECT_ERR(socket(AF_NETLINK, SOCK_RAW, -1), EPROTONOSUPPORT);
	EXPECT_ERR(socket(AF_NETLINK, SOCK_RAW, 32), EPROTONOSUPPORT);
	EXPECT_ERR(socket(AF_NETLINK, SOCK_RAW, 31), EPROTONOSUPPORT);
	EXPECT_ERR(socket(AF_NETLINK, SOCK_RAW, NETLINK_UNUSED),
		   EPROTONOSUPPORT);
}

TEST(calls_of_other_families)
{
	int fd = open_netlink(NETLINK_USERSOCK), pair[2], value = 0;

	EXPECT_ERR(socketpair(AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK, pair),
		   EOPNOTSUPP);
	EXPECT_ERR(listen(fd, 1), EOPNOTSUPP);
	EXPECT_ERR(accept(fd, NULL, NULL), EOPNOTSUPP);
	EXPECT_ERR(shutdown(fd, SHUT_RDWR), EOPNOTSUPP);
	EXPECT_ERR(shutdown(fd, 3), EOPNOTSUPP);
	EXPECT_ERR(ioctl(fd, FIONREAD, &value), ENOTTY);
	EXPECT_ERR(ioctl(fd, TIOCOUTQ, &value), ENOTTY);
	EXPECT_ERR(setsockopt(fd, SOL_SOCKET, SO_PEEK_OFF, &value,
			      sizeof(value)), EOPNOTSUPP);
	EXPECT_ERR(lseek(fd, 0, SEEK_SET), ESPIPE);
	OK(close(fd));
}

/* ---- names ---- */

TEST(binding)
{
	int fd = open_netlink(NETLINK_USERSOCK), other, third;
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK };

	expect_name(fd, false, 0, 0);
	expect_name(fd, true, 0, 0);
	EXPECT_ERR(bind(fd, (struct sockaddr *)&nl, ADDR_LEN - 1), EINVAL);
	EXPECT_ERR(bind(fd, (struct sockaddr *)&nl, 0), EINVAL);
	nl.nl_family = AF_UNIX;
	EXPECT_ERR(bind(fd, (struct sockaddr *)&nl, ADDR_LEN), EINVAL);
	OK(bind_port(fd, 0, 0));
	expect_name(fd, false, getpid(), 0);
	EXPECT_ERR(bind_port(fd, getpid() + 1, 0), EINVAL);
	EXPECT_ERR(bind_port(fd, 0, 0), EINVAL);
	OK(bind_port(fd, getpid(), 0));
	/* The next one of the process gets some negative number. */
	other = open_netlink(NETLINK_USERSOCK);
	OK(bind_port(other, 0, 0));
	EXPECT((int)port_of(other) < -4096);
	third = open_netlink(NETLINK_USERSOCK);
	EXPECT_ERR(bind_port(third, getpid(), 0), EADDRINUSE);
	EXPECT_ERR(bind_port(third, port_of(other), 0), EADDRINUSE);
	OK(bind_port(third, 0xfffffff0, 0));
	expect_name(third, false, 0xfffffff0, 0);
	OK(close(other));
	/* Each protocol has its own numbers. */
	other = open_netlink(NETLINK_ROUTE);
	OK(bind_port(other, getpid(), 0));
	OK(close(other));
	OK(close(third));
	OK(close(fd));
	/* Closed, the number is free. */
	fd = open_netlink(NETLINK_USERSOCK);
	OK(bind_port(fd, getpid(), 0));
	OK(close(fd));
}

TEST(a_thread_s_socket_has_its_process_s_number)
{
	int fd = open_netlink(NETLINK_USERSOCK);
	pid_t pid;

	/* Who binds it, not who made it. */
	IN_CHILD(pid) {
		OK(bind_port(fd, 0, 0));
		expect_name(fd, false, getpid(), 0);
	}
	EXPECT_EXIT(pid, 0);
	expect_name(fd, false, pid, 0);
	OK(close(fd));
}

TEST(connecting)
{
	int fd = open_netlink(NETLINK_USERSOCK);
	struct sockaddr_nl nl = { .nl_family = AF_UNSPEC };

	EXPECT_ERR(connect(fd, (struct sockaddr *)&nl, 1), EINVAL);
	nl.nl_family = AF_UNIX;
	EXPECT_ERR(connect(fd, (struct sockaddr *)&nl, ADDR_LEN), EINVAL);
	nl.nl_family = AF_NETLINK;
	EXPECT_ERR(connect(fd, (struct sockaddr *)&nl, ADDR_LEN - 1), EINVAL);
	expect_name(fd, false, 0, 0);
	OK(connect_port(fd, 4711, 0));	/* there need not be anyone */
	expect_name(fd, false, getpid(), 0);
	expect_name(fd, true, 4711, 0);
	OK(connect_port(fd, 0, 6));	/* the first of them */
	expect_name(fd, true, 0, 2);
	nl.nl_family = AF_UNSPEC;
	OK(connect(fd, (struct sockaddr *)&nl, sizeof(nl.nl_family)));
	expect_name(fd, false, getpid(), 0);
	expect_name(fd, true, 0, 0);
	OK(close(fd));
}

/* ---- messages between programs ---- */

TEST(one_to_another)
{
	int a = open_bound(4711), b = open_bound(4712);

	EXPECT_EQ(send_port(a, 4712, 0, "hello", 5, 0), 5);
	EXPECT_EQ(send_port(a, 4712, 0, "again", 5, 0), 5);
	expect_message(b, "hello", 4711, 0);
	expect_message(b, "again", 4711, 0);
	expect_empty(b);
	/* Who is not bound is when it sends. */
	OK(close(a));
	a = open_netlink(NETLINK_USERSOCK);
	EXPECT_EQ(send_port(a, 4712, 0, "x", 1, 0), 1);
	expect_name(a, false, getpid(), 0);
	expect_message(b, "x", getpid(), 0);
	/* To oneself. */
	EXPECT_EQ(send_port(b, 4712, 0, "me", 2, 0), 2);
	expect_message(b, "me", 4712, 0);
	OK(close(a));
	OK(close(b));
}

TEST(sending_errors)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_pid = 4711 };
	int a = open_bound(4711);
	static char large[300000];

	EXPECT_ERR(send_port(a, 4799, 0, "x", 1, 0), ECONNREFUSED);
	EXPECT_ERR(send_port(a, 0, 0, "x", 1, 0), ECONNREFUSED);
	EXPECT_ERR(send(a, "x", 1, 0), ECONNREFUSED);
	EXPECT_ERR(write(a, "x", 1), ECONNREFUSED);
	EXPECT_ERR(send_port(a, 4711, 0, "", 0, 0), ENODATA);
	EXPECT_ERR(write(a, "", 0), ENODATA);
	EXPECT_ERR(send_port(a, 4711, 0, "x", 1, MSG_OOB), EOPNOTSUPP);
	EXPECT_ERR(sendto(a, "x", 1, 0, (struct sockaddr *)&nl, ADDR_LEN - 1),
		   EINVAL);
	nl.nl_family = AF_UNIX;
	EXPECT_ERR(sendto(a, "x", 1, 0, (struct sockaddr *)&nl, ADDR_LEN),
		   EINVAL);
	EXPECT_ERR(send_port(a, 4711, 0, large, sizeof(large), 0), EMSGSIZE);
	EXPECT_ERR(send_port(a, 4711, 0, (char *)8L, 10, 0), EFAULT);
	expect_empty(a);
	OK(close(a));
}

TEST(connected)
{
	int a = open_bound(4711), b = open_bound(4712), c = open_bound(4713);

	OK(connect_port(a, 4712, 0));
	EXPECT_EQ(send(a, "hello", 5, 0), 5);
	expect_message(b, "hello", 4711, 0);
	EXPECT_EQ(send_port(a, 4713, 0, "you", 3, 0), 3);
	expect_message(c, "you", 4711, 0);
	/* Who is connected hears its peer alone. */
	EXPECT_ERR(send_port(c, 4711, 0, "x", 1, 0), ECONNREFUSED);
	EXPECT_EQ(send_port(b, 4711, 0, "yes", 3, 0), 3);
	expect_message(a, "yes", 4712, 0);
	OK(close(b));
	EXPECT_ERR(send(a, "x", 1, 0), ECONNREFUSED);
	OK(close(a));
	OK(close(c));
}

TEST(truncation_and_peeking)
{
	int fd = open_bound(4711);
	char buf[8] = {};
	struct iovec iov = { buf, 3 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	EXPECT_EQ(send_port(fd, 4711, 0, "hello", 5, 0), 5);
	EXPECT_EQ(recv(fd, buf, 3, MSG_PEEK), 3);
	EXPECT_STR(buf, "hel");
	EXPECT_EQ(recv(fd, buf, 3, MSG_PEEK | MSG_TRUNC), 5);
	EXPECT_EQ(recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC), 5);
	EXPECT_EQ(recvmsg(fd, &msg, MSG_PEEK), 3);
	EXPECT_EQ(msg.msg_flags, MSG_TRUNC);
	EXPECT_EQ(recvmsg(fd, &msg, MSG_TRUNC), 5);
	EXPECT_EQ(msg.msg_flags, MSG_TRUNC);
	expect_empty(fd);
	EXPECT_EQ(send_port(fd, 4711, 0, "xyz", 3, 0), 3);
	EXPECT_EQ(recvmsg(fd, &msg, 0), 3);
	EXPECT_EQ(msg.msg_flags, 0);
	EXPECT_STR(buf, "xyz");
	/* What could not be copied is lost. */
	EXPECT_EQ(send_port(fd, 4711, 0, "xyz", 3, 0), 3);
	EXPECT_ERR(recv(fd, (char *)8L, 3, 0), EFAULT);
	expect_empty(fd);
	EXPECT_ERR(recv(fd, buf, 3, MSG_OOB), EOPNOTSUPP);
	OK(close(fd));
}

TEST(large_messages)
{
	static char data[100000], got[100000];
	int fd = open_bound(4711);

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = i * 7 + i / 256;
	EXPECT_EQ(send_port(fd, 4711, 0, data, sizeof(data), 0), sizeof(data));
	EXPECT_EQ(recv(fd, got, sizeof(got), 0), sizeof(data));
	EXPECT_MEM(got, data, sizeof(data));
	OK(close(fd));
}

TEST(waiting_and_polling)
{
	int a = open_bound(4711), b = open_bound(4712);
	struct timeval soon = { 0, 20000 };
	char buf[8];
	pid_t pid;

	EXPECT_EQ(events_of(b), WRITABLE);
	IN_CHILD(pid) {
		EXPECT_EQ(recv(b, buf, sizeof(buf), 0), 5);
		EXPECT_EQ(memcmp(buf, "hello", 5), 0);
	}
	wait_until_sleeping(pid);
	EXPECT_EQ(send_port(a, 4712, 0, "hello", 5, 0), 5);
	EXPECT_EXIT(pid, 0);
	IN_CHILD(pid) {
		struct pollfd p = { .fd = b, .events = POLLIN };

		EXPECT_EQ(poll(&p, 1, -1), 1);
		EXPECT_EQ(p.revents, POLLIN);
	}
	wait_until_sleeping(pid);
	EXPECT_EQ(send_port(a, 4712, 0, "hello", 5, 0), 5);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(events_of(b), WRITABLE | READABLE);
	EXPECT_EQ(recv(b, buf, sizeof(buf), 0), 5);
	OK(setsockopt(b, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon)));
	EXPECT_ERR(recv(b, buf, sizeof(buf), 0), EAGAIN);
	OK(fcntl(b, F_SETFL, O_NONBLOCK));
	EXPECT_ERR(read(b, buf, sizeof(buf)), EAGAIN);
	OK(close(a));
	OK(close(b));
}

static int on_sigio_calls;

static void on_sigio(int sig)
{
	(void)sig;
	on_sigio_calls++;
}

TEST(told_by_signals)
{
	int fd = open_bound(4711);

	on_sigio_calls = 0;
	signal(SIGIO, on_sigio);
	OK(fcntl(fd, F_SETOWN, getpid()));
	OK(fcntl(fd, F_SETFL, O_ASYNC));
	EXPECT_EQ(send_port(fd, 4711, 0, "x", 1, 0), 1);
	EXPECT_EQ(on_sigio_calls, 1);
	OK(close(fd));
}

/* ---- who pays ---- */

static int fill_up(int fd, unsigned port)
{
	static char buf[1000];
	int n = 0;

	while (send_port(fd, port, 0, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		n++;
	EXPECT_EQ(errno, EAGAIN);
	return n;
}

TEST(the_receiver_s_budget_bounds_its_queue)
{
	int a = open_bound(4711), b = open_bound(4712), size = 20000, n, again;
	struct timeval soon = { 0, 20000 };
	char buf[1000];
	pid_t pid;

	OK(setsockopt(b, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)));
	n = fill_up(a, 4712);
	EXPECT(n >= 10 && n <= 60);
	/* The sender is free to write to others. */
	EXPECT_EQ(events_of(a), WRITABLE);
	EXPECT_EQ(send_port(a, 4711, 0, "x", 1, 0), 1);
	expect_message(a, "x", 4711, 0);
	OK(setsockopt(a, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof(soon)));
	EXPECT_ERR(send_port(a, 4712, 0, buf, sizeof(buf), 0), EAGAIN);
	soon.tv_usec = 0;
	OK(setsockopt(a, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof(soon)));
	IN_CHILD(pid)
		EXPECT_EQ(send_port(a, 4712, 0, buf, sizeof(buf), 0),
			  sizeof(buf));
	wait_until_sleeping(pid);
	for (int i = 0; i <= n; i++)
		EXPECT_EQ(recv(b, buf, sizeof(buf), 0), sizeof(buf));
	EXPECT_EXIT(pid, 0);
	expect_empty(b);
	again = fill_up(a, 4712);
	EXPECT_EQ(again, n);
	/* A sender is not left to wait for who is gone. */
	IN_CHILD(pid) {
		close(b);
		EXPECT_ERR(send_port(a, 4712, 0, buf, sizeof(buf), 0),
			   ECONNREFUSED);
	}
	wait_until_sleeping(pid);
	OK(close(b));
	EXPECT_EXIT(pid, 0);
	OK(close(a));
}

/* ---- what comes beside ---- */

static ssize_t receive_with(int fd, struct msghdr *msg, void *control,
			    size_t room)
{
	static char buf[64];
	static struct iovec iov = { buf, sizeof(buf) };

	memset(control, 0, room);
	*msg = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1,
				.msg_control = control,
				.msg_controllen = room };
	return recvmsg(fd, msg, MSG_DONTWAIT);
}

TEST(credentials)
{
	int fd = open_bound(4711), one = 1;
	char control[CMSG_SPACE(sizeof(struct ucred))]
		__attribute__((aligned(8)));
	struct cmsghdr *cmsg = (struct cmsghdr *)control;
	struct ucred *who = (struct ucred *)CMSG_DATA(cmsg);
	struct msghdr msg;
	pid_t pid;

	OK(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)));
	IN_CHILD(pid) {
		int sender = open_netlink(NETLINK_USERSOCK);

		become_user(1000, 1001);
		EXPECT_EQ(send_port(sender, 4711, 0, "x", 1, 0), 1);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(receive_with(fd, &msg, control, sizeof(control)), 1);
	EXPECT_EQ(msg.msg_flags, 0);
	EXPECT_EQ(msg.msg_controllen, sizeof(control));
	EXPECT_EQ(cmsg->cmsg_len, CMSG_LEN(sizeof(*who)));
	EXPECT_EQ(cmsg->cmsg_level, SOL_SOCKET);
	EXPECT_EQ(cmsg->cmsg_type, SCM_CREDENTIALS);
	EXPECT_EQ(who->uid, 1000);
	EXPECT_EQ(who->gid, 1001);
	OK(close(fd));
}

static ssize_t send_control(int fd, unsigned port, int type, const void *data,
			    size_t len)
{
	struct sockaddr_nl nl = { .nl_family = AF_NETLINK, .nl_pid = port };
	char control[CMSG_SPACE(sizeof(struct ucred))]
		__attribute__((aligned(8))) = {};
	struct cmsghdr *cmsg = (struct cmsghdr *)control;
	struct iovec iov = { (void *)"x", 1 };
	struct msghdr msg = { .msg_name = &nl, .msg_namelen = sizeof(nl),
			      .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = CMSG_SPACE(len) };

	cmsg->cmsg_len = CMSG_LEN(len);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = type;
	memcpy(CMSG_DATA(cmsg), data, len);
	return sendmsg(fd, &msg, 0);
}

TEST(control_messages_sent)
{
	int fd = open_bound(4711), one = 1;
	char control[CMSG_SPACE(sizeof(struct ucred))]
		__attribute__((aligned(8)));
	struct cmsghdr *cmsg = (struct cmsghdr *)control;
	struct ucred *who = (struct ucred *)CMSG_DATA(cmsg);
	struct ucred claim = { .pid = getpid(), .uid = 5, .gid = 6 };
	struct msghdr msg;

	/* Files pass between local sockets only. */
	EXPECT_ERR(send_control(fd, 4711, SCM_RIGHTS, &fd, sizeof(fd)),
		   EINVAL);
	EXPECT_ERR(send_control(fd, 4711, 99, &fd, sizeof(fd)), EINVAL);
	OK(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)));
	EXPECT_EQ(send_control(fd, 4711, SCM_CREDENTIALS, &claim,
			       sizeof(claim)), 1);
	EXPECT_EQ(receive_with(fd, &msg, control, sizeof(control)), 1);
	EXPECT_EQ(who->pid, getpid());
	EXPECT_EQ(who->uid, 5);
	EXPECT_EQ(who->gid, 6);
	claim.pid = 999999;
	EXPECT_ERR(send_control(fd, 4711, SCM_CREDENTIALS, &claim,
				sizeof(claim)), ESRCH);
	OK(close(fd));
}

/* ---- options ---- */

static int set_option(int fd, int option, int value)
{
	return setsockopt(fd, SOL_NETLINK, option, &value, sizeof(value));
}

static int get_option(int fd, int option)
{
	int value = -12345;
	socklen_t len = sizeof(value);

	OK(getsockopt(fd, SOL_NETLINK, option, &value, &len));
	EXPECT_EQ(len, sizeof(value));
	return value;
}

TEST(option_flags)
{
	static const int flags[] = { NETLINK_PKTINFO, NETLINK_BROADCAST_ERROR,
				     NETLINK_NO_ENOBUFS, NETLINK_CAP_ACK,
				     NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK };
	int fd = open_netlink(NETLINK_USERSOCK), value = 1;
	socklen_t len;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		EXPECT_EQ(get_option(fd, flags[i]), 0);
		OK(set_option(fd, flags[i], 7));
		EXPECT_EQ(get_option(fd, flags[i]), 1);
		OK(set_option(fd, flags[i], 0));
		EXPECT_EQ(get_option(fd, flags[i]), 0);
		/* Too short a value is none, and none is 0. */
		OK(set_option(fd, flags[i], 1));
		OK(setsockopt(fd, SOL_NETLINK, flags[i], &value, 3));
		EXPECT_EQ(get_option(fd, flags[i]), 0);
		len = 3;
		EXPECT_ERR(getsockopt(fd, SOL_NETLINK, flags[i], &value, &len),
			   EINVAL);
	}
	EXPECT_ERR(set_option(fd, NETLINK_RX_RING, 0), ENOPROTOOPT);
	EXPECT_ERR(set_option(fd, NETLINK_TX_RING, 0), ENOPROTOOPT);
	EXPECT_ERR(set_option(fd, 99, 0), ENOPROTOOPT);
	EXPECT_ERR(set_option(fd, NETLINK_LIST_MEMBERSHIPS, 0), ENOPROTOOPT);
	EXPECT_ERR(setsockopt(fd, 99, NETLINK_PKTINFO, &value, 4),
		   ENOPROTOOPT);
	EXPECT_ERR(setsockopt(fd, SOL_NETLINK, NETLINK_PKTINFO, (void *)8L, 4),
		   EFAULT);
	EXPECT_ERR(setsockopt(fd, SOL_NETLINK, NETLINK_PKTINFO, &value, -1),
		   EINVAL);
	len = sizeof(value);
	EXPECT_ERR(getsockopt(fd, SOL_NETLINK, 99, &value, &len), ENOPROTOOPT);
	EXPECT_ERR(getsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &value,
			      &len), ENOPROTOOPT);
	EXPECT_ERR(getsockopt(fd, 99, NETLINK_PKTINFO, &value, &len),
		   ENOPROTOOPT);
	EXPECT_ERR(getsockopt(fd, SOL_NETLINK, NETLINK_PKTINFO, (void *)8L,
			      &len), EFAULT);
	EXPECT_ERR(getsockopt(fd, SOL_NETLINK, NETLINK_PKTINFO, &value,
			      (void *)8L), EFAULT);
	len = -1;
	EXPECT_ERR(getsockopt(fd, SOL_NETLINK, NETLINK_PKTINFO, &value, &len),
		   EINVAL);
	OK(close(fd));
}

/* ---- groups ---- */

TEST(memberships)
{
	int fd = open_netlink(NETLINK_USERSOCK);
	uint32_t list[4] = {};
	socklen_t len = sizeof(list);

	OK(getsockopt(fd, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, list, &len));
	EXPECT_EQ(len, 0);	/* it never was in any */
	len = sizeof(list);
	EXPECT_ERR(set_option(fd, NETLINK_ADD_MEMBERSHIP, 0), EINVAL);
	EXPECT_ERR(set_option(fd, NETLINK_ADD_MEMBERSHIP, 33), EINVAL);
	EXPECT_ERR(set_option(fd, NETLINK_ADD_MEMBERSHIP, -1), EINVAL);
	OK(set_option(fd, NETLINK_ADD_MEMBERSHIP, 3));
	OK(set_option(fd, NETLINK_ADD_MEMBERSHIP, 32));
	OK(set_option(fd, NETLINK_ADD_MEMBERSHIP, 32));
	expect_name(fd, false, 0, 0x80000004);
	OK(getsockopt(fd, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, list, &len));
	EXPECT_EQ(len, 4);
	EXPECT_EQ(list[0], 0x80000004);
	len = 3;
	list[0] = 77;
	OK(getsockopt(fd, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, list, &len));
	EXPECT_EQ(len, 4);
	EXPECT_EQ(list[0], 77);
	OK(set_option(fd, NETLINK_DROP_MEMBERSHIP, 32));
	OK(set_option(fd, NETLINK_DROP_MEMBERSHIP, 31));
	expect_name(fd, false, 0, 4);
	/* bind(2) says which there are, all of them. */
	OK(bind_port(fd, 0, 3));
	expect_name(fd, false, getpid(), 3);
	OK(bind_port(fd, getpid(), 0));
	expect_name(fd, false, getpid(), 0);
	OK(close(fd));
}

TEST(more_groups_than_an_address_has_bits)
{
	int fd = open_netlink(NETLINK_ROUTE);
	uint32_t list[4] = {};
	socklen_t len = sizeof(list);

	EXPECT_ERR(set_option(fd, NETLINK_ADD_MEMBERSHIP, 37), EINVAL);
	OK(set_option(fd, NETLINK_ADD_MEMBERSHIP, 1));
	OK(set_option(fd, NETLINK_ADD_MEMBERSHIP, 36));
	expect_name(fd, false, 0, 1);
	OK(getsockopt(fd, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, list, &len));
	EXPECT_EQ(len, 8);
	EXPECT_EQ(list[0], 1);
	EXPECT_EQ(list[1], 8);
	OK(bind_port(fd, 0, 2));
	len = sizeof(list);
	OK(getsockopt(fd, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, list, &len));
	EXPECT_EQ(list[0], 2);
	EXPECT_EQ(list[1], 8);
	OK(close(fd));
}

TEST(to_groups)
{
	int a = open_bound(4711), b = open_bound(4712), c = open_bound(4713),
	    d = open_netlink(NETLINK_USERSOCK);
	char control[CMSG_SPACE(sizeof(struct nl_pktinfo))]
		__attribute__((aligned(8)));
	struct cmsghdr *cmsg = (struct cmsghdr *)control;
	struct nl_pktinfo *info = (struct nl_pktinfo *)CMSG_DATA(cmsg);
	struct msghdr msg;

	OK(bind_port(a, 4711, 2));
	OK(bind_port(b, 4712, 2 | 8));
	OK(set_option(c, NETLINK_ADD_MEMBERSHIP, 4));
	/*
	 * Not to who sends; the lowest bit is the group. Then the message goes
	 * to the number as well, and 0 is the kernel, which hears none.
	 */
	EXPECT_ERR(send_port(a, 0, 2 | 8, "two", 3, 0), ECONNREFUSED);
	expect_message(b, "two", 4711, 2);
	expect_empty(a);
	expect_empty(c);
	EXPECT_ERR(send_port(a, 0, 8, "four", 4, 0), ECONNREFUSED);
	expect_message(b, "four", 4711, 8);
	expect_message(c, "four", 4711, 8);
	expect_empty(b);
	EXPECT_ERR(send_port(a, 4799, 16, "none", 4, 0), ECONNREFUSED);
	/* Who is both in the group and has the number gets it once. */
	EXPECT_EQ(send_port(a, 4713, 8, "both", 4, 0), 4);
	expect_message(c, "both", 4711, 8);
	expect_message(b, "both", 4711, 8);
	expect_empty(c);
	/* Without a number of its own, too. */
	OK(set_option(d, NETLINK_ADD_MEMBERSHIP, 4));
	EXPECT_EQ(send_port(a, 4711, 8, "late", 4, 0), 4);
	expect_message(a, "late", 4711, 8);
	expect_message(b, "late", 4711, 8);
	expect_message(c, "late", 4711, 8);
	expect_message(d, "late", 4711, 8);
	OK(close(d));
	OK(set_option(c, NETLINK_PKTINFO, 1));
	EXPECT_EQ(send_port(a, 4712, 8, "info", 4, 0), 4);
	EXPECT_EQ(receive_with(c, &msg, control, sizeof(control)), 4);
	EXPECT_EQ(msg.msg_controllen, sizeof(control));
	EXPECT_EQ(cmsg->cmsg_level, SOL_NETLINK);
	EXPECT_EQ(cmsg->cmsg_type, NETLINK_PKTINFO);
	EXPECT_EQ(cmsg->cmsg_len, CMSG_LEN(sizeof(*info)));
	EXPECT_EQ(info->group, 4);
	OK(close(a));
	OK(close(b));
	OK(close(c));
}

static void send_many(int fd, int n)
{
	static char buf[1000];

	for (int i = 0; i < n; i++)
		EXPECT_ERR(send_port(fd, 0, 2, buf, sizeof(buf), 0),
			   ECONNREFUSED);
}

TEST(who_is_slow_misses_broadcasts)
{
	int a = open_bound(4711), b = open_bound(4712), size = 10000, n = 0;
	char buf[1000];

	OK(setsockopt(b, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)));
	OK(bind_port(b, 4712, 2));
	send_many(a, 100);
	EXPECT_EQ(events_of(b), WRITABLE | READABLE | POLLERR);
	/* It is told so once, and then gets what there was room for. */
	EXPECT_ERR(recv(b, buf, sizeof(buf), MSG_DONTWAIT), ENOBUFS);
	while (recv(b, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		n++;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT(n > 0 && n < 100);
	/* Who asked not to be told is not. */
	OK(set_option(b, NETLINK_NO_ENOBUFS, 1));
	send_many(a, 100);
	n = 0;
	while (recv(b, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		n++;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT(n > 0 && n < 100);
	OK(close(a));
	OK(close(b));
}

TEST(permissions)
{
	pid_t pid;

	IN_CHILD(pid) {
		int fd, route;

		become_user(1000, 1000);
		fd = open_netlink(NETLINK_USERSOCK);
		EXPECT_ERR(bind_port(fd, 0, 1), EPERM);
		EXPECT_ERR(set_option(fd, NETLINK_ADD_MEMBERSHIP, 1), EPERM);
		EXPECT_ERR(set_option(fd, NETLINK_LISTEN_ALL_NSID, 1), EPERM);
		OK(bind_port(fd, 0, 0));
		OK(connect_port(fd, 4711, 0));
		EXPECT_ERR(send_port(fd, 4711, 0, "x", 1, 0), ECONNREFUSED);
		EXPECT_ERR(send_port(fd, 0, 1, "x", 1, 0), ECONNREFUSED);
		/* The routing protocol is the other way round. */
		route = open_netlink(NETLINK_ROUTE);
		EXPECT_ERR(connect_port(route, 4711, 0), EPERM);
		EXPECT_ERR(connect_port(route, 0, 1), EPERM);
		EXPECT_ERR(send_port(route, 4711, 0, "x", 1, 0), EPERM);
		EXPECT_ERR(send_port(route, 0, 1, "x", 1, 0), EPERM);
		OK(bind_port(route, 0, 1));
		OK(connect_port(route, 0, 0));
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- many at once ---- */

TEST(closing_while_others_send)
{
	enum { SENDERS = 3 };
	pid_t pids[SENDERS];
	struct event stop;

	event_init(&stop);
	for (int i = 0; i < SENDERS; i++)
		IN_CHILD(pids[i]) {
			struct pollfd p = { .fd = stop.fds[0],
					    .events = POLLIN };
			int fd = open_netlink(NETLINK_USERSOCK);

			while (poll(&p, 1, 0) == 0) {
				if (send_port(fd, 4711, 0, "hello", 5, 0) < 0)
					EXPECT_EQ(errno, ECONNREFUSED);
				EXPECT_ERR(send_port(fd, 0, 1, "all", 3, 0),
					   ECONNREFUSED);
			}
		}
	for (int i = 0; i < 300; i++) {
		int fd = open_netlink(NETLINK_USERSOCK);
		char buf[8];

		OK(bind_port(fd, 4711, i % 2));
		for (int n = 0; n < i % 4; n++)
			recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		OK(close(fd));
	}
	event_signal(&stop);
	for (int i = 0; i < SENDERS; i++)
		EXPECT_EXIT(pids[i], 0);
	event_close(&stop);
}
