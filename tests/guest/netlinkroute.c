/*
 * Netlink messages to the kernel, and its answers: NETLINK_ROUTE.
 *
 * There are no network devices to ask for: what is tested are requests of
 * kinds that no kernel has.
 */
#include "netlinktools.h"

struct request {
	struct nlmsghdr	head;
	struct rtgenmsg	body;
	char		rest[15];
};

struct answer {
	struct nlmsghdr	head;
	struct nlmsgerr	error;
	char		rest[200];
};

static struct request request_of(int type, int flags, int seq)
{
	return (struct request){
		.head = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct rtgenmsg)),
			  .nlmsg_type = type, .nlmsg_flags = flags,
			  .nlmsg_seq = seq },
		.body = { AF_UNSPEC },
	};
}

static void send_request(int fd, const void *request, size_t len)
{
	EXPECT_EQ(send_port(fd, 0, 0, request, len, 0), len);
}

/* The next message is an answer to @request with @error. */
static void expect_answer(int fd, const struct request *request, int error,
			  size_t body)
{
	size_t len = NLMSG_ALIGN(sizeof(struct nlmsghdr) +
				 sizeof(struct nlmsgerr) + body);
	struct answer answer = {};
	struct sockaddr_nl from;
	socklen_t from_len = sizeof(from);

	EXPECT_EQ(recvfrom(fd, &answer, sizeof(answer), MSG_DONTWAIT,
			   (struct sockaddr *)&from, &from_len), len);
	EXPECT_EQ(from.nl_pid, 0);
	EXPECT_EQ(from.nl_groups, 0);
	EXPECT_EQ(answer.head.nlmsg_len, len);
	EXPECT_EQ(answer.head.nlmsg_type, NLMSG_ERROR);
	EXPECT_EQ(answer.head.nlmsg_flags, body ? 0 : NLM_F_CAPPED);
	EXPECT_EQ(answer.head.nlmsg_seq, request->head.nlmsg_seq);
	EXPECT_EQ(answer.head.nlmsg_pid, port_of(fd));
	EXPECT_EQ(answer.error.error, -error);
	EXPECT_MEM(&answer.error.msg, &request->head,
		   sizeof(request->head) + body);
}

#define UNKNOWN	200	/* beyond all of rtnetlink's numbers */

TEST(unknown_requests)
{
	int fd = open_netlink(NETLINK_ROUTE), one = 1;
	struct request r = request_of(UNKNOWN, NLM_F_REQUEST, 17);

	send_request(fd, &r, r.head.nlmsg_len);
	expect_answer(fd, &r, EOPNOTSUPP, sizeof(r.body));
	expect_empty(fd);
	r.head.nlmsg_flags |= NLM_F_ACK | NLM_F_DUMP;
	send_request(fd, &r, r.head.nlmsg_len);
	expect_answer(fd, &r, EOPNOTSUPP, sizeof(r.body));
	expect_empty(fd);
	OK(setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one)));
	send_request(fd, &r, r.head.nlmsg_len);
	expect_answer(fd, &r, EOPNOTSUPP, 0);
	OK(setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one)));
	send_request(fd, &r, r.head.nlmsg_len);
	expect_answer(fd, &r, EOPNOTSUPP, 0);
	OK(close(fd));
}

TEST(what_is_not_a_request)
{
	int fd = open_netlink(NETLINK_ROUTE);
	struct request r = request_of(UNKNOWN, 0, 1);

	/* Nobody asks, nobody answers. */
	send_request(fd, &r, r.head.nlmsg_len);
	expect_empty(fd);
	r.head.nlmsg_flags = NLM_F_ACK;
	send_request(fd, &r, r.head.nlmsg_len);
	expect_answer(fd, &r, 0, 0);
	/* Control messages are for netlink itself. */
	r.head.nlmsg_type = NLMSG_NOOP;
	r.head.nlmsg_flags = NLM_F_REQUEST;
	send_request(fd, &r, r.head.nlmsg_len);
	expect_empty(fd);
	r.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	send_request(fd, &r, r.head.nlmsg_len);
	expect_answer(fd, &r, 0, 0);
	/* A request without its one byte does nothing. */
	r = request_of(RTM_GETLINK, NLM_F_REQUEST | NLM_F_ACK, 3);
	r.head.nlmsg_len = sizeof(r.head);
	send_request(fd, &r, r.head.nlmsg_len);
	expect_answer(fd, &r, 0, 0);
	expect_empty(fd);
	OK(close(fd));
}

TEST(damaged_messages_end_the_reading)
{
	int fd = open_netlink(NETLINK_ROUTE);
	struct request r[3];

	for (int i = 0; i < 3; i++)
		r[i] = request_of(UNKNOWN, NLM_F_REQUEST, i);
	/* Shorter than a header. */
	send_request(fd, r, sizeof(struct nlmsghdr) - 1);
	expect_empty(fd);
	/* Longer than what was sent. */
	send_request(fd, r, r[0].head.nlmsg_len - 1);
	expect_empty(fd);
	for (int i = 0; i < 3; i++)
		r[i].head.nlmsg_len = sizeof(r[i]);
	send_request(fd, r, sizeof(r));
	for (int i = 0; i < 3; i++)
		expect_answer(fd, &r[i], EOPNOTSUPP, sizeof(r[i]) -
			      sizeof(r[i].head));
	expect_empty(fd);
	r[1].head.nlmsg_len = sizeof(struct nlmsghdr) - 1;
	send_request(fd, r, sizeof(r));
	expect_answer(fd, &r[0], EOPNOTSUPP, sizeof(r[0]) - sizeof(r[0].head));
	expect_empty(fd);
	r[1].head.nlmsg_len = 0xfffffff0;
	send_request(fd, r, sizeof(r));
	expect_answer(fd, &r[0], EOPNOTSUPP, sizeof(r[0]) - sizeof(r[0].head));
	expect_empty(fd);
	/* The last one need not be padded. */
	r[0].head.nlmsg_len = sizeof(struct nlmsghdr) + 1;
	send_request(fd, r, r[0].head.nlmsg_len);
	expect_answer(fd, &r[0], EOPNOTSUPP, 1);
	OK(close(fd));
}

TEST(only_root_may_change)
{
	struct request r = request_of(RTM_NEWLINK, NLM_F_REQUEST, 5);
	pid_t pid;

	IN_CHILD(pid) {
		int fd = open_netlink(NETLINK_ROUTE);

		become_user(1000, 1000);
		send_request(fd, &r, r.head.nlmsg_len);
		expect_answer(fd, &r, EPERM, sizeof(r.body));
	}
	EXPECT_EXIT(pid, 0);
}

/* Who does not read its answers loses some, and is told so. */
TEST(answers_that_find_no_room)
{
	struct request r = request_of(UNKNOWN, NLM_F_REQUEST, 5);
	int fd = open_netlink(NETLINK_ROUTE), size = 5000, n = 0;
	struct answer answer;

	OK(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)));
	for (int i = 0; i < 100; i++)
		send_request(fd, &r, r.head.nlmsg_len);
	EXPECT_ERR(recv(fd, &answer, sizeof(answer), MSG_DONTWAIT), ENOBUFS);
	while (recv(fd, &answer, sizeof(answer), MSG_DONTWAIT) > 0)
		n++;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT(n > 0 && n < 100);
	OK(close(fd));
}

TEST(the_kernel_says_who_it_is)
{
	struct request r = request_of(UNKNOWN, NLM_F_REQUEST, 5);
	int fd = open_netlink(NETLINK_ROUTE), one = 1;
	char control[CMSG_SPACE(sizeof(struct ucred))]
		__attribute__((aligned(8)));
	struct cmsghdr *cmsg = (struct cmsghdr *)control;
	struct ucred *who = (struct ucred *)CMSG_DATA(cmsg);
	struct answer answer;
	struct iovec iov = { &answer, sizeof(answer) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };

	OK(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)));
	send_request(fd, &r, r.head.nlmsg_len);
	OK(recvmsg(fd, &msg, MSG_DONTWAIT));
	EXPECT_EQ(msg.msg_controllen, sizeof(control));
	EXPECT_EQ(cmsg->cmsg_type, SCM_CREDENTIALS);
	EXPECT_EQ(who->pid, 0);
	EXPECT_EQ(who->uid, 0);
	EXPECT_EQ(who->gid, 0);
	OK(close(fd));
}

/* Addresses of a family that has none: the list comes, and is empty. */
TEST(empty_lists_end)
{
	static const int types[] = { RTM_GETADDR, RTM_GETROUTE };
	int fd = open_netlink(NETLINK_ROUTE);
	char buf[8192] __attribute__((aligned(8)));

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct request r = request_of(types[i],
					      NLM_F_REQUEST | NLM_F_DUMP, 9);
		struct nlmsghdr *head = (struct nlmsghdr *)buf;
		int len;

		send_request(fd, &r, r.head.nlmsg_len);
		do {
			len = OK(recv(fd, buf, sizeof(buf), MSG_DONTWAIT));
			EXPECT(NLMSG_OK(head, (unsigned)len));
		} while (head->nlmsg_type != NLMSG_DONE);
		EXPECT_EQ(len, 20);
		EXPECT_EQ(head->nlmsg_len, 20);
		EXPECT_EQ(head->nlmsg_flags, NLM_F_MULTI);
		EXPECT_EQ(head->nlmsg_seq, 9);
		EXPECT_EQ(head->nlmsg_pid, port_of(fd));
		EXPECT_EQ(*(int *)NLMSG_DATA(head), 0);
		expect_empty(fd);
	}
	OK(close(fd));
}
