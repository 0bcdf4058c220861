/* epoll instances in epoll instances, and as files that are polled. */
#include "epolltools.h"

#include <sys/select.h>

static int polled(int fd)
{
	struct pollfd p = {
		.fd = fd, .events = POLLIN | POLLRDNORM | POLLOUT | POLLPRI
	};

	OK(poll(&p, 1, 0));
	return p.revents;
}

TEST(an_instance_can_be_polled)
{
	int ep = OK(epoll_create1(0)), fds[2];
	pid_t pid;
	fd_set set;

	OK(pipe(fds));
	EXPECT_EQ(polled(ep), 0);
	watch(ep, fds[0], EPOLLIN);
	EXPECT_EQ(polled(ep), 0);
	put(fds[1]);
	EXPECT_EQ(polled(ep), POLLIN | POLLRDNORM);
	EXPECT_EQ(polled(ep), POLLIN | POLLRDNORM);
	FD_ZERO(&set);
	FD_SET(ep, &set);
	EXPECT_EQ(select(ep + 1, &set, NULL, NULL, NULL), 1);
	get(fds[0]);
	EXPECT_EQ(polled(ep), 0);
	IN_CHILD(pid) {
		struct pollfd p = { .fd = ep, .events = POLLIN };

		EXPECT_EQ(poll(&p, 1, FOREVER), 1);
		EXPECT_EQ(p.revents, POLLIN);
	}
	wait_until_sleeping(pid);
	put(fds[1]);
	EXPECT_EXIT(pid, 0);
	close_pair(fds);
	OK(close(ep));
}

TEST(polling_an_instance_takes_no_edge_away)
{
	int ep = OK(epoll_create1(0)), fds[2];

	OK(pipe(fds));
	watch(ep, fds[0], EPOLLIN | EPOLLET);
	put(fds[1]);
	EXPECT_EQ(polled(ep), POLLIN | POLLRDNORM);
	EXPECT_EQ(polled(ep), POLLIN | POLLRDNORM);
	EXPECT_EQ(now(ep), EPOLLIN);
	EXPECT_EQ(polled(ep), 0);
	close_pair(fds);
	OK(close(ep));
}

TEST(level_in_level)
{
	int in = OK(epoll_create1(0)), out = OK(epoll_create1(0)), fds[2], fd;

	OK(pipe(fds));
	watch(in, fds[0], EPOLLIN);
	watch(out, in, EPOLLIN | EPOLLRDNORM | EPOLLOUT);
	EXPECT_EQ(now(out), 0);
	put(fds[1]);
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(wait_one(out, &fd, FOREVER),
			  EPOLLIN | EPOLLRDNORM);
		EXPECT_EQ(fd, in);
	}
	EXPECT_EQ(wait_one(in, &fd, 0), EPOLLIN);
	EXPECT_EQ(fd, fds[0]);
	get(fds[0]);
	EXPECT_EQ(now(out), 0);
	EXPECT_EQ(now(in), 0);
	close_pair(fds);
	OK(close(in));
	OK(close(out));
}

TEST(edge_of_an_instance)
{
	int in = OK(epoll_create1(0)), out = OK(epoll_create1(0)), fds[2];

	OK(pipe(fds));
	watch(in, fds[0], EPOLLIN);
	watch(out, in, EPOLLIN | EPOLLET);
	put(fds[1]);
	EXPECT_EQ(now(out), EPOLLIN);
	EXPECT_EQ(now(out), 0);
	/* The inner one has not been looked at, and yet: a new event. */
	put(fds[1]);
	EXPECT_EQ(now(out), EPOLLIN);
	EXPECT_EQ(now(out), 0);
	EXPECT_EQ(now(in), EPOLLIN);
	EXPECT_EQ(now(out), 0);
	close_pair(fds);
	OK(close(in));
	OK(close(out));
}

TEST(edge_in_an_instance)
{
	int in = OK(epoll_create1(0)), out = OK(epoll_create1(0)), fds[2];

	OK(pipe(fds));
	watch(in, fds[0], EPOLLIN | EPOLLET);
	watch(out, in, EPOLLIN);
	put(fds[1]);
	EXPECT_EQ(now(out), EPOLLIN);
	EXPECT_EQ(now(out), EPOLLIN);
	EXPECT_EQ(now(in), EPOLLIN);
	EXPECT_EQ(now(out), 0);
	close_pair(fds);
	OK(close(in));
	OK(close(out));
}

TEST(a_waiter_is_woken_through_four_instances)
{
	int ep[4], fds[2], fd;
	pid_t pid;

	OK(pipe(fds));
	for (int i = 0; i < 4; i++) {
		ep[i] = OK(epoll_create1(0));
		watch(ep[i], i ? ep[i - 1] : fds[0],
		      i % 2 ? EPOLLIN | EPOLLET : EPOLLIN);
	}
	IN_CHILD(pid) {
		EXPECT_EQ(wait_one(ep[3], &fd, FOREVER), EPOLLIN);
		EXPECT_EQ(fd, ep[2]);
	}
	wait_until_sleeping(pid);
	put(fds[1]);
	EXPECT_EXIT(pid, 0);
	for (int i = 0; i < 4; i++)
		OK(close(ep[i]));
	close_pair(fds);
}

TEST(adding_what_is_ready_tells_the_outer_one)
{
	int in = OK(epoll_create1(0)), out = OK(epoll_create1(0)),
	    fd = OK(eventfd(1, 0));

	watch(out, in, EPOLLIN | EPOLLET);
	watch(in, fd, EPOLLPRI);
	EXPECT_EQ(now(out), 0);
	rearm(in, fd, EPOLLIN);
	EXPECT_EQ(now(out), EPOLLIN);
	EXPECT_EQ(now(out), 0);
	forget(in, fd);
	watch(in, fd, EPOLLIN);
	EXPECT_EQ(now(out), EPOLLIN);
	OK(close(fd));
	OK(close(in));
	OK(close(out));
}

TEST(a_closed_inner_instance)
{
	int in = OK(epoll_create1(0)), out = OK(epoll_create1(0)),
	    fd = OK(eventfd(1, 0));

	watch(in, fd, EPOLLIN);
	watch(out, in, EPOLLIN);
	EXPECT_EQ(now(out), EPOLLIN);
	OK(close(in));
	EXPECT_EQ(now(out), 0);
	in = OK(epoll_create1(0));
	watch(in, fd, EPOLLIN);
	watch(out, in, EPOLLIN);
	OK(close(out));
	EXPECT_EQ(now(in), EPOLLIN);
	OK(close(in));
	OK(close(fd));
}

TEST(loops_are_refused)
{
	int a = OK(epoll_create1(0)), b = OK(epoll_create1(0)),
	    c = OK(epoll_create1(0)), other;

	EXPECT_ERR(ctl(a, EPOLL_CTL_ADD, a, EPOLLIN), EINVAL);
	/* The same instance by another name is no better. */
	other = OK(dup(a));
	EXPECT_ERR(ctl(a, EPOLL_CTL_ADD, other, EPOLLIN), EINVAL);
	watch(a, b, EPOLLIN);
	EXPECT_ERR(ctl(b, EPOLL_CTL_ADD, a, EPOLLIN), ELOOP);
	watch(b, c, EPOLLIN);
	EXPECT_ERR(ctl(c, EPOLL_CTL_ADD, a, EPOLLIN), ELOOP);
	EXPECT_ERR(ctl(c, EPOLL_CTL_ADD, other, EPOLLIN), ELOOP);
	EXPECT_ERR(ctl(c, EPOLL_CTL_ADD, b, EPOLLIN), ELOOP);
	/* Twice the same way is none. */
	watch(a, c, EPOLLIN);
	EXPECT_ERR(ctl(a, EPOLL_CTL_ADD, b, EPOLLIN), EEXIST);
	forget(a, b);
	EXPECT_ERR(ctl(c, EPOLL_CTL_ADD, a, EPOLLIN), ELOOP);
	forget(a, c);
	watch(c, a, EPOLLIN);
	OK(close(other));
	OK(close(a));
	OK(close(b));
	OK(close(c));
}

/* Five instances, whether the chain grows at its end or its beginning. */
TEST(instances_nest_only_so_deep)
{
	enum { COUNT = 10 };
	int ep[COUNT], fds[2], fd;

	OK(pipe(fds));
	for (int i = 0; i < COUNT; i++)
		ep[i] = OK(epoll_create1(0));
	for (int i = 1; i < 5; i++)
		watch(ep[i], ep[i - 1], EPOLLIN);
	EXPECT_ERR(ctl(ep[5], EPOLL_CTL_ADD, ep[4], EPOLLIN), ELOOP);
	EXPECT_ERR(ctl(ep[0], EPOLL_CTL_ADD, ep[5], EPOLLIN), ELOOP);
	/* Two chains that are too long together. */
	watch(ep[6], ep[5], EPOLLIN);
	EXPECT_ERR(ctl(ep[5], EPOLL_CTL_ADD, ep[3], EPOLLIN), ELOOP);
	watch(ep[5], ep[2], EPOLLIN);
	EXPECT_ERR(ctl(ep[7], EPOLL_CTL_ADD, ep[6], EPOLLIN), ELOOP);
	/* A refusal leaves nothing behind. */
	forget(ep[1], ep[0]);
	watch(ep[7], ep[6], EPOLLIN);
	forget(ep[7], ep[6]);
	watch(ep[1], ep[0], EPOLLIN);
	watch(ep[0], fds[0], EPOLLIN);
	put(fds[1]);
	EXPECT_EQ(wait_one(ep[4], &fd, 0), EPOLLIN);
	EXPECT_EQ(fd, ep[3]);
	EXPECT_EQ(now(ep[6]), EPOLLIN);
	for (int i = 0; i < COUNT; i++)
		OK(close(ep[i]));
	close_pair(fds);
}

TEST(ways_are_counted)
{
	enum { LIMIT = 500 };
	int in = OK(epoll_create1(0)), fd = OK(eventfd(1, 0)),
	    other = OK(eventfd(1, 0));
	static int out[LIMIT + 1];

	watch(in, fd, EPOLLIN);
	for (int i = 0; i <= LIMIT; i++)
		out[i] = OK(epoll_create1(0));
	for (int i = 0; i < LIMIT; i++)
		watch(out[i], in, EPOLLIN);
	EXPECT_ERR(ctl(out[LIMIT], EPOLL_CTL_ADD, in, EPOLLIN), EINVAL);
	/* One more file is 500 ways of its own. */
	watch(in, other, EPOLLIN);
	forget(out[0], in);
	watch(out[LIMIT], in, EPOLLIN);
	for (int i = 0; i <= LIMIT; i++)
		OK(close(out[i]));
	OK(close(in));
	OK(close(fd));
	OK(close(other));
}
