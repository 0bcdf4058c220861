/*
 * The options of SOL_SOCKET on local sockets: what is kept, what is refused,
 * and what they do where they do something. Those about sizes, times and peers
 * are in unixmsgs, unixpair and unixrights as well.
 */
#include "unixtools.h"

#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK	72
#endif
#ifndef SO_RESERVE_MEM
#define SO_RESERVE_MEM	73
#endif
#ifndef SO_RCVMARK
#define SO_RCVMARK	75
#endif
#ifndef SO_MEMINFO
#define SO_MEMINFO	55
#endif
#define TIMESTAMP_NEW	63
#define TIMESTAMPNS_NEW	64

static int set(int fd, int option, int value)
{
	return setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value));
}

TEST(flags)
{
	static const int options[] = {
		SO_DONTROUTE, SO_BROADCAST, SO_KEEPALIVE, SO_OOBINLINE,
		SO_NO_CHECK, SO_PASSCRED, SO_PASSSEC, SO_RXQ_OVFL,
		SO_WIFI_STATUS, SO_NOFCS, SO_SELECT_ERR_QUEUE, SO_RCVMARK,
		SO_TIMESTAMP, SO_TIMESTAMPNS, TIMESTAMP_NEW, TIMESTAMPNS_NEW,
	};

	for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
		int fd = OK(socket(AF_UNIX, types[t], 0));

		for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
			EXPECT_EQ(int_option(fd, options[i]), 0);
			OK(set(fd, options[i], -1));
			EXPECT_EQ(int_option(fd, options[i]), 1);
			OK(set(fd, options[i], 0));
			EXPECT_EQ(int_option(fd, options[i]), 0);
			EXPECT_ERR(setsockopt(fd, SOL_SOCKET, options[i],
					      (void *)8, 4), EFAULT);
			EXPECT_ERR(setsockopt(fd, SOL_SOCKET, options[i],
					      &fd, 3), EINVAL);
		}
		OK(close(fd));
	}
}

TEST(lengths_are_cut)
{
	int fd = OK(socket(AF_UNIX, SOCK_STREAM, 0));
	unsigned char value[8] = { 9, 9, 9, 9, 9, 9, 9, 9 };
	socklen_t len = 2;

	OK(set(fd, SO_PASSSEC, 1));
	OK(getsockopt(fd, SOL_SOCKET, SO_PASSSEC, value, &len));
	EXPECT_EQ(len, 2);
	EXPECT_MEM(value, "\1\0\t\t", 4);
	len = 0;
	OK(getsockopt(fd, SOL_SOCKET, SO_PASSSEC, NULL, &len));
	len = -1;
	EXPECT_ERR(getsockopt(fd, SOL_SOCKET, SO_PASSSEC, value, &len), EINVAL);
	EXPECT_ERR(getsockopt(fd, SOL_SOCKET, SO_PASSSEC, value, NULL), EFAULT);
	len = 4;
	EXPECT_ERR(getsockopt(fd, SOL_SOCKET, SO_PASSSEC, (void *)8, &len),
		   EFAULT);
	OK(close(fd));
}

TEST(numbers)
{
	int fd = OK(socket(AF_UNIX, SOCK_DGRAM, 0));
	pid_t pid;

	EXPECT_EQ(int_option(fd, SO_MARK), 0);
	OK(set(fd, SO_MARK, -5));
	EXPECT_EQ(int_option(fd, SO_MARK), -5);
	EXPECT_EQ(int_option(fd, SO_INCOMING_CPU), -1);
	OK(set(fd, SO_INCOMING_CPU, 77));
	EXPECT_EQ(int_option(fd, SO_INCOMING_CPU), 77);
	/* Nothing to be compatible with, but no error. */
	OK(set(fd, SO_BSDCOMPAT, 1));
	EXPECT_EQ(int_option(fd, SO_BSDCOMPAT), 0);
	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(set(fd, SO_MARK, 1), EPERM);
		EXPECT_EQ(int_option(fd, SO_MARK), -5);
		OK(set(fd, SO_INCOMING_CPU, 1));
	}
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
}

TEST(refused)
{
	int fd = OK(socket(AF_UNIX, SOCK_STREAM, 0)), value = 1;
	socklen_t len = sizeof(value);
	char label[64];

	/* No family of messages that stay in memory has these. */
	EXPECT_EQ(int_option(fd, SO_ZEROCOPY), 0);
	EXPECT_ERR(set(fd, SO_ZEROCOPY, 1), EOPNOTSUPP);
	EXPECT_ERR(set(fd, SO_ZEROCOPY, 0), EOPNOTSUPP);
	EXPECT_EQ(int_option(fd, SO_RESERVE_MEM), 0);
	EXPECT_ERR(set(fd, SO_RESERVE_MEM, 1), EOPNOTSUPP);
	EXPECT_ERR(set(fd, SO_RESERVE_MEM, -1), EINVAL);
	/* What can only be asked. */
	EXPECT_ERR(set(fd, SO_TYPE, 1), ENOPROTOOPT);
	EXPECT_ERR(set(fd, SO_DOMAIN, 1), ENOPROTOOPT);
	EXPECT_ERR(set(fd, SO_PROTOCOL, 1), ENOPROTOOPT);
	EXPECT_ERR(set(fd, SO_ERROR, 1), ENOPROTOOPT);
	EXPECT_ERR(set(fd, SO_ACCEPTCONN, 1), ENOPROTOOPT);
	EXPECT_ERR(set(fd, SO_SNDLOWAT, 1), ENOPROTOOPT);
	EXPECT_ERR(set(fd, SO_PEERNAME, 1), ENOPROTOOPT);
	EXPECT_ERR(set(fd, SO_PEERCRED, 1), ENOPROTOOPT);
	EXPECT_ERR(set(fd, SO_PEERGROUPS, 1), ENOPROTOOPT);
	EXPECT_ERR(set(fd, SO_PEERSEC, 1), ENOPROTOOPT);
	EXPECT_ERR(set(fd, SO_MEMINFO, 1), ENOPROTOOPT);
	EXPECT_ERR(set(fd, SO_COOKIE, 1), ENOPROTOOPT);
	/* Nobody labels processes here. */
	len = sizeof(label);
	EXPECT_ERR(getsockopt(fd, SOL_SOCKET, SO_PEERSEC, label, &len),
		   ENOPROTOOPT);
	/* Numbers that mean nothing. */
	EXPECT_ERR(set(fd, 0x7fff, 1), ENOPROTOOPT);
	EXPECT_ERR(set(fd, -1, 1), ENOPROTOOPT);
	EXPECT_ERR(getsockopt(fd, SOL_SOCKET, 0x7fff, &value, &len),
		   ENOPROTOOPT);
	EXPECT_ERR(getsockopt(fd, SOL_SOCKET, -1, &value, &len), ENOPROTOOPT);
	OK(close(fd));
}

TEST(pacing_rate)
{
	int fd = OK(socket(AF_UNIX, SOCK_STREAM, 0));
	unsigned long rate = 0;
	socklen_t len = sizeof(rate);

	OK(getsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, &len));
	EXPECT_EQ(rate, -1UL);
	OK(set(fd, SO_MAX_PACING_RATE, 100000));
	OK(getsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, &len));
	EXPECT_EQ(rate, 100000);
	OK(set(fd, SO_MAX_PACING_RATE, -1));
	OK(getsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, &len));
	EXPECT_EQ(rate, -1UL);
	rate = 1UL << 40;
	OK(setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof(rate)));
	rate = 0;
	OK(getsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, &len));
	EXPECT_EQ(rate, 1UL << 40);
	EXPECT_EQ(len, sizeof(rate));
	OK(close(fd));
}

TEST(which_sizes_were_chosen)
{
	int fd = OK(socket(AF_UNIX, SOCK_STREAM, 0));

	EXPECT_EQ(int_option(fd, SO_BUF_LOCK), 0);
	OK(set(fd, SO_SNDBUF, 10000));
	EXPECT_EQ(int_option(fd, SO_BUF_LOCK), 1);
	OK(set(fd, SO_RCVBUF, 10000));
	EXPECT_EQ(int_option(fd, SO_BUF_LOCK), 3);
	OK(set(fd, SO_BUF_LOCK, 2));
	EXPECT_EQ(int_option(fd, SO_BUF_LOCK), 2);
	EXPECT_ERR(set(fd, SO_BUF_LOCK, 4), EINVAL);
	EXPECT_EQ(int_option(fd, SO_BUF_LOCK), 2);
	OK(close(fd));
}

TEST(memory)
{
	uint32_t info[9] = { 0 };
	socklen_t len = sizeof(info);
	int s[2], queued;

	make_pair(SOCK_DGRAM, s);
	send_text(s[0], "abc");
	OK(getsockopt(s[0], SOL_SOCKET, SO_MEMINFO, info, &len));
	EXPECT_EQ(len, sizeof(info));
	OK(ioctl(s[0], SIOCOUTQ, &queued));
	EXPECT_EQ(info[0], 0);
	EXPECT_EQ(info[1], int_option(s[0], SO_RCVBUF));
	EXPECT_EQ(info[2], queued);
	EXPECT_EQ(info[3], int_option(s[0], SO_SNDBUF));
	close_pair(s);
}

TEST(peer_name)
{
	struct sockaddr_un name = { AF_UNIX, "\0somebody" }, got;
	socklen_t len = 2 + 9, n;
	int a = OK(socket(AF_UNIX, SOCK_DGRAM, 0));
	int b = OK(socket(AF_UNIX, SOCK_DGRAM, 0));

	OK(bind(a, (void *)&name, len));
	n = sizeof(got);
	EXPECT_ERR(getsockopt(b, SOL_SOCKET, SO_PEERNAME, &got, &n), ENOTCONN);
	OK(connect(b, (void *)&name, len));
	/* No more may be asked for than there is. */
	n = sizeof(got);
	EXPECT_ERR(getsockopt(b, SOL_SOCKET, SO_PEERNAME, &got, &n), EINVAL);
	n = len;
	OK(getsockopt(b, SOL_SOCKET, SO_PEERNAME, &got, &n));
	EXPECT_EQ(n, len);
	EXPECT_MEM(&got, &name, len);
	n = 2;
	OK(getsockopt(b, SOL_SOCKET, SO_PEERNAME, &got, &n));
	EXPECT_EQ(n, 2);
	OK(close(a));
	OK(close(b));
}

/* ---- when a message came ------------------------------------------------- */

union control {
	struct cmsghdr	header;
	char		space[256];
};

/* Receive one message; its first item, or NULL. */
static struct cmsghdr *receive(int fd, union control *control, int flags)
{
	char c;
	struct iovec iov = { &c, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(*control),
	};

	EXPECT_EQ(recvmsg(fd, &msg, flags), 1);
	EXPECT_EQ(msg.msg_flags & MSG_CTRUNC, 0);
	return CMSG_FIRSTHDR(&msg);
}

static struct timespec now(void)
{
	struct timespec ts;

	OK(clock_gettime(CLOCK_REALTIME, &ts));
	return ts;
}

static bool not_after(struct timespec a, struct timespec b)
{
	return a.tv_sec < b.tv_sec ||
	       (a.tv_sec == b.tv_sec && a.tv_nsec <= b.tv_nsec);
}

static struct timespec stamp_of(const struct cmsghdr *item, int type)
{
	struct timespec ts;

	EXPECT(item);
	EXPECT_EQ(item->cmsg_level, SOL_SOCKET);
	EXPECT_EQ(item->cmsg_type, type);
	EXPECT_EQ(item->cmsg_len, CMSG_LEN(16));
	memcpy(&ts, CMSG_DATA(item), sizeof(ts));
	if (type == SO_TIMESTAMP || type == TIMESTAMP_NEW) {
		EXPECT(ts.tv_nsec < 1000000);
		ts.tv_nsec *= 1000;
	}
	return ts;
}

static void check_stamp(int type, int option)
{
	struct timespec before, sent, stamp;
	union control control;
	int s[2];

	make_pair(type, s);
	OK(set(s[1], option, 1));
	before = now();
	before.tv_nsec -= before.tv_nsec % 1000;
	send_text(s[0], "x");
	sent = now();
	stamp = stamp_of(receive(s[1], &control, MSG_PEEK), option);
	EXPECT(not_after(before, stamp) && not_after(stamp, sent));
	/* It came when it came, however often it is looked at. */
	stamp = stamp_of(receive(s[1], &control, 0), option);
	EXPECT(not_after(before, stamp) && not_after(stamp, sent));
	OK(set(s[1], option, 0));
	send_text(s[0], "x");
	EXPECT(!receive(s[1], &control, 0));
	close_pair(s);
}

TEST(messages_tell_when_they_came)
{
	for (int i = 1; i < 3; i++) {
		check_stamp(types[i], SO_TIMESTAMP);
		check_stamp(types[i], SO_TIMESTAMPNS);
		check_stamp(types[i], TIMESTAMP_NEW);
		check_stamp(types[i], TIMESTAMPNS_NEW);
	}
}

TEST(who_asks_late_gets_the_time_of_reading)
{
	struct timespec asked, stamp;
	union control control;
	int s[2];

	make_pair(SOCK_DGRAM, s);
	send_text(s[0], "x");
	OK(set(s[1], SO_TIMESTAMPNS, 1));
	asked = now();
	stamp = stamp_of(receive(s[1], &control, 0), SO_TIMESTAMPNS);
	EXPECT(not_after(asked, stamp) && not_after(stamp, now()));
	close_pair(s);
}

TEST(streams_tell_no_times)
{
	union control control;
	int s[2];

	make_pair(SOCK_STREAM, s);
	OK(set(s[1], SO_TIMESTAMP, 1));
	send_text(s[0], "x");
	EXPECT(!receive(s[1], &control, 0));
	close_pair(s);
}

TEST(the_last_layout_holds)
{
	int fd = OK(socket(AF_UNIX, SOCK_DGRAM, 0));

	OK(set(fd, SO_TIMESTAMP, 1));
	OK(set(fd, SO_TIMESTAMPNS, 1));
	EXPECT_EQ(int_option(fd, SO_TIMESTAMP), 0);
	EXPECT_EQ(int_option(fd, SO_TIMESTAMPNS), 1);
	OK(set(fd, TIMESTAMP_NEW, 1));
	EXPECT_EQ(int_option(fd, SO_TIMESTAMPNS), 0);
	EXPECT_EQ(int_option(fd, TIMESTAMP_NEW), 1);
	EXPECT_EQ(int_option(fd, TIMESTAMPNS_NEW), 0);
	/* Any of them ends it. */
	OK(set(fd, SO_TIMESTAMPNS, 0));
	EXPECT_EQ(int_option(fd, TIMESTAMP_NEW), 0);
	OK(close(fd));
}

TEST(stamps_come_before_credentials)
{
	union control control;
	struct cmsghdr *item;
	struct msghdr msg;
	char c;
	struct iovec iov = { &c, 1 };
	int s[2];

	make_pair(SOCK_DGRAM, s);
	OK(set(s[1], SO_TIMESTAMP, 1));
	OK(set(s[1], SO_PASSCRED, 1));
	/* Of labels there are none to be told. */
	OK(set(s[1], SO_PASSSEC, 1));
	send_text(s[0], "xy");
	msg = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1,
			       .msg_control = &control,
			       .msg_controllen = sizeof(control) };
	EXPECT_EQ(recvmsg(s[1], &msg, 0), 1);
	EXPECT_EQ(msg.msg_flags, MSG_TRUNC);
	item = CMSG_FIRSTHDR(&msg);
	EXPECT_EQ(item->cmsg_type, SO_TIMESTAMP);
	item = CMSG_NXTHDR(&msg, item);
	EXPECT(item);
	EXPECT_EQ(item->cmsg_type, SCM_CREDENTIALS);
	EXPECT(!CMSG_NXTHDR(&msg, item));
	/* No room for it. */
	send_text(s[0], "x");
	msg.msg_controllen = 0;
	EXPECT_EQ(recvmsg(s[1], &msg, 0), 1);
	EXPECT_EQ(msg.msg_flags, MSG_CTRUNC);
	close_pair(s);
}
