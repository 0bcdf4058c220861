/*
 * mq_notify(2) by SIGEV_THREAD: what the C library asks of the kernel, and
 * what it makes of it. The other ways of being told are in mqueue.c.
 */
#include "netlinktools.h"

#include <mqueue.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#define COOKIE_LEN	32
#define WOKENUP		1
#define REMOVED		2

static int new_queue(void)
{
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = 16 };
	int mq = OK(mq_open("/notify", O_CREAT | O_EXCL | O_RDWR, 0600,
			    &attr));

	OK(mq_unlink("/notify"));
	return mq;
}

static void put(int mq)
{
	OK(mq_send(mq, "x", 1, 0));
}

static void take(int mq)
{
	char buf[16];

	EXPECT_EQ(mq_receive(mq, buf, sizeof(buf), NULL), 1);
}

/* Cookies are told apart by their first byte. */
static int ask(int mq, int sock, char name)
{
	char cookie[COOKIE_LEN] = { name };
	struct sigevent event = { .sigev_notify = SIGEV_THREAD,
				  .sigev_signo = sock,
				  .sigev_value.sival_ptr = cookie };

	for (int i = 1; i < COOKIE_LEN; i++)
		cookie[i] = 50 + i;
	return syscall(SYS_mq_notify, mq, &event);
}

static int ask_no_more(int mq)
{
	return syscall(SYS_mq_notify, mq, NULL);
}

static void expect_cookie(int sock, char name, int why)
{
	char cookie[COOKIE_LEN + 1];
	struct sockaddr_nl from;
	socklen_t len = sizeof(from);

	EXPECT_EQ(recvfrom(sock, cookie, sizeof(cookie), MSG_DONTWAIT,
			   (struct sockaddr *)&from, &len), COOKIE_LEN);
	EXPECT_EQ(from.nl_family, AF_NETLINK);
	EXPECT_EQ(from.nl_pid, 0);
	EXPECT_EQ(from.nl_groups, 0);
	EXPECT_EQ(cookie[0], name);
	for (int i = 1; i < COOKIE_LEN - 1; i++)
		EXPECT_EQ(cookie[i], 50 + i);
	EXPECT_EQ(cookie[COOKIE_LEN - 1], why);
}

/* ---- the kernel's part ---- */

TEST(a_message_brings_the_cookie)
{
	int mq = new_queue(), sock = open_netlink(NETLINK_ROUTE);
	char text[128] = {}, want[128];
	pid_t pid;

	OK(ask(mq, sock, 'a'));
	EXPECT_ERR(ask(mq, sock, 'b'), EBUSY);
	OK(pread(mq, text, sizeof(text) - 1, 0));
	snprintf(want, sizeof(want), "QSIZE:%-10d NOTIFY:%-5d SIGNO:%-5d "
		 "NOTIFY_PID:%-6d\n", 0, SIGEV_THREAD, 0, getpid());
	EXPECT_STR(text, want);
	expect_empty(sock);
	IN_CHILD(pid) {
		/* Another's wish is not ours to take back. */
		OK(ask_no_more(mq));
		EXPECT_ERR(ask(mq, sock, 'c'), EBUSY);
		put(mq);
	}
	EXPECT_EXIT(pid, 0);
	expect_cookie(sock, 'a', WOKENUP);
	/* Once only; and only when the queue was empty. */
	put(mq);
	expect_empty(sock);
	OK(ask(mq, sock, 'd'));
	put(mq);
	expect_empty(sock);
	for (int i = 0; i < 3; i++)
		take(mq);
	put(mq);
	expect_cookie(sock, 'd', WOKENUP);
	expect_empty(sock);
	OK(close(mq));
	expect_empty(sock);
	OK(close(sock));
}

TEST(the_end_of_a_registration)
{
	int mq = new_queue(), sock = open_netlink(NETLINK_USERSOCK), other;
	pid_t pid;

	OK(ask(mq, sock, 'a'));
	OK(ask_no_more(mq));
	expect_cookie(sock, 'a', REMOVED);
	OK(ask_no_more(mq));
	expect_empty(sock);
	/* Closing any descriptor of it. */
	OK(ask(mq, sock, 'b'));
	other = OK(dup(mq));
	OK(close(other));
	expect_cookie(sock, 'b', REMOVED);
	/* The process's end, however it comes. */
	IN_CHILD(pid)
		OK(ask(mq, sock, 'c'));
	EXPECT_EXIT(pid, 0);
	expect_cookie(sock, 'c', REMOVED);
	IN_CHILD(pid) {
		OK(ask(mq, sock, 'd'));
		pause();
	}
	wait_until_sleeping(pid);
	EXPECT_ERR(ask(mq, sock, 'e'), EBUSY);
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	expect_cookie(sock, 'd', REMOVED);
	/* A descriptor that execve(2) closes. */
	IN_CHILD(pid) {
		char *argv[] = { HELPER_ARGV("mqnotify_end"), NULL };

		OK(ask(mq, sock, 'f'));
		execv(SELF, argv);
	}
	EXPECT_EXIT(pid, 0);
	expect_cookie(sock, 'f', REMOVED);
	expect_empty(sock);
	OK(close(sock));
	OK(close(mq));
}

HELPER(mqnotify_end)
{
	return 0;
}

TEST(a_waiting_receiver_comes_first)
{
	int mq = new_queue(), sock = open_netlink(NETLINK_ROUTE);
	pid_t pid;

	IN_CHILD(pid)
		take(mq);
	wait_until_sleeping(pid);
	OK(ask(mq, sock, 'a'));
	put(mq);
	EXPECT_EXIT(pid, 0);
	/* The child's descriptor is closed, but it is not its wish. */
	expect_empty(sock);
	EXPECT_ERR(ask(mq, sock, 'b'), EBUSY);
	OK(close(mq));
	expect_cookie(sock, 'a', REMOVED);
	OK(close(sock));
}

TEST(errors_in_their_order)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD,
				  .sigev_signo = 99,
				  .sigev_value.sival_ptr = (void *)8L };
	int mq = new_queue(), sock = open_netlink(NETLINK_ROUTE), pair[2];

	EXPECT_ERR(syscall(SYS_mq_notify, 99, &event), EFAULT);
	EXPECT_ERR(ask(99, 99, 'a'), EBADF);
	EXPECT_ERR(ask(mq, 99, 'a'), EBADF);
	EXPECT_ERR(ask(mq, -1, 'a'), EBADF);
	EXPECT_ERR(ask(mq, mq, 'a'), ENOTSOCK);
	EXPECT_ERR(ask(99, 0, 'a'), ENOTSOCK);
	OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	EXPECT_ERR(ask(99, pair[0], 'a'), EINVAL);
	EXPECT_ERR(ask(99, sock, 'a'), EBADF);
	EXPECT_ERR(ask(sock, sock, 'a'), EBADF);
	OK(ask(mq, sock, 'b'));
	EXPECT_ERR(ask(mq, mq, 'a'), ENOTSOCK);
	EXPECT_ERR(ask(mq, pair[0], 'a'), EINVAL);
	EXPECT_ERR(ask(mq, sock, 'a'), EBUSY);
	/* What did not begin does not end either. */
	expect_empty(sock);
	OK(close(mq));
	expect_cookie(sock, 'b', REMOVED);
	OK(close(sock));
	OK(close(pair[0]));
	OK(close(pair[1]));
}

TEST(the_socket_may_be_gone)
{
	int mq = new_queue(), sock = open_netlink(NETLINK_ROUTE);

	OK(ask(mq, sock, 'a'));
	OK(close(sock));
	EXPECT_ERR(ask(mq, 99, 'b'), EBADF);
	put(mq);
	take(mq);
	sock = open_netlink(NETLINK_ROUTE);
	OK(ask(mq, sock, 'c'));
	OK(close(sock));
	OK(ask_no_more(mq));
	OK(close(mq));
}

static void on_signal(int sig)
{
	(void)sig;
}

/* Room is reserved when one registers, and that may have to be waited for. */
TEST(room_is_reserved)
{
	struct sigaction sa = { .sa_handler = on_signal };
	int mq = new_queue(), sock = open_bound(4711), size = 5000, n = 0;
	static char buf[1000];
	pid_t pid;

	OK(setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)));
	OK(ask(mq, sock, 'a'));
	while (send_port(sock, 4711, 0, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		n++;
	while (send_port(sock, 4711, 0, buf, 1, MSG_DONTWAIT) > 0)
		n++;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT(n > 0);
	put(mq);
	take(mq);
	IN_CHILD(pid) {
		OK(sigaction(SIGUSR1, &sa, NULL));
		EXPECT_ERR(ask(mq, sock, 'b'), EINTR);
	}
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR1));
	EXPECT_EXIT(pid, 0);
	IN_CHILD(pid) {
		OK(ask(mq, sock, 'c'));
		put(mq);
	}
	wait_until_sleeping(pid);
	while (n--)
		OK(recv(sock, buf, sizeof(buf), MSG_DONTWAIT));
	expect_cookie(sock, 'a', WOKENUP);
	EXPECT_EXIT(pid, 0);
	expect_cookie(sock, 'c', WOKENUP);
	expect_empty(sock);
	OK(close(sock));
	OK(close(mq));
}

static int ask_and_end(void *arg)
{
	int *fds = arg;

	return ask(fds[0], fds[1], 'a') ? 1 : 0;
}

/* Who shares its descriptors does not close them when it ends. */
TEST(a_registration_may_outlive_its_process)
{
	int fds[2] = { new_queue(), open_netlink(NETLINK_ROUTE) };
	static char stack[16384];
	pid_t pid = OK(clone(ask_and_end, stack + sizeof(stack),
			     CLONE_FILES | CLONE_VM | SIGCHLD, fds));

	EXPECT_EXIT(pid, 0);
	EXPECT_ERR(ask(fds[0], fds[1], 'b'), EBUSY);
	put(fds[0]);
	expect_cookie(fds[1], 'a', WOKENUP);
	take(fds[0]);
	pid = OK(clone(ask_and_end, stack + sizeof(stack),
		       CLONE_FILES | CLONE_VM | SIGCHLD, fds));
	EXPECT_EXIT(pid, 0);
	OK(close(fds[1]));
	OK(close(fds[0]));
}

TEST(registering_and_sending_at_once)
{
	enum { ROUNDS = 200 };
	int mq = new_queue(), sock = open_netlink(NETLINK_ROUTE), told = 0;
	int removed = 0;
	pid_t sender;

	IN_CHILD(sender)
		for (int i = 0; i < ROUNDS; i++) {
			put(mq);
			take(mq);
		}
	for (int i = 0; i < ROUNDS; i++) {
		char cookie[COOKIE_LEN];

		OK(ask(mq, sock, i));
		if (i % 3 == 0)
			sched_yield();
		OK(ask_no_more(mq));
		/* One registration, one answer. */
		EXPECT_EQ(recv(sock, cookie, sizeof(cookie), 0), COOKIE_LEN);
		EXPECT_EQ(cookie[0], (char)i);
		if (cookie[COOKIE_LEN - 1] == WOKENUP)
			told++;
		else
			removed++;
		expect_empty(sock);
	}
	EXPECT_EXIT(sender, 0);
	EXPECT_EQ(told + removed, ROUNDS);
	OK(close(sock));
	OK(close(mq));
}

/* ---- the C library's part ---- */

static sem_t told;
static int told_value;

static void on_message(union sigval value)
{
	told_value = value.sival_int;
	sem_post(&told);
}

static struct sigevent calling(void (*function)(union sigval), int value)
{
	return (struct sigevent){ .sigev_notify = SIGEV_THREAD,
				  .sigev_notify_function = function,
				  .sigev_value.sival_int = value };
}

/* In children: the library keeps its socket and its thread. */
TEST(a_function_is_called)
{
	pid_t pid;

	IN_CHILD(pid) {
		int mq = new_queue();
		struct sigevent event = calling(on_message, 77);

		sem_init(&told, 0, 0);
		OK(mq_notify(mq, &event));
		EXPECT_ERR(mq_notify(mq, &event), EBUSY);
		put(mq);
		OK(sem_wait(&told));
		EXPECT_EQ(told_value, 77);
		take(mq);
		/* Taken back: nobody is called, the library only cleans up. */
		OK(mq_notify(mq, &event));
		OK(mq_notify(mq, NULL));
		put(mq);
		take(mq);
		event = calling(on_message, 78);
		OK(mq_notify(mq, &event));
		put(mq);
		OK(sem_wait(&told));
		EXPECT_EQ(told_value, 78);
		EXPECT_ERR(sem_trywait(&told), EAGAIN);
	}
	EXPECT_EXIT(pid, 0);
}

static int again_mq;

static void again(union sigval value)
{
	struct sigevent event = calling(again, value.sival_int - 1);

	take(again_mq);
	if (value.sival_int)
		OK(mq_notify(again_mq, &event));
	sem_post(&told);
}

TEST(it_may_ask_again)
{
	pid_t pid;

	IN_CHILD(pid) {
		struct sigevent event = calling(again, 50);

		again_mq = new_queue();
		sem_init(&told, 0, 0);
		OK(mq_notify(again_mq, &event));
		for (int i = 0; i <= 50; i++) {
			put(again_mq);
			OK(sem_wait(&told));
		}
	}
	EXPECT_EXIT(pid, 0);
}

TEST(many_queues_many_senders)
{
	enum { QUEUES = 8 };
	pid_t pid, senders[QUEUES];

	IN_CHILD(pid) {
		int mq[QUEUES];

		sem_init(&told, 0, 0);
		for (int i = 0; i < QUEUES; i++)
			mq[i] = new_queue();
		for (int round = 0; round < 10; round++) {
			for (int i = 0; i < QUEUES; i++) {
				struct sigevent event = calling(on_message, i);

				OK(mq_notify(mq[i], &event));
				IN_CHILD(senders[i])
					put(mq[i]);
			}
			for (int i = 0; i < QUEUES; i++)
				OK(sem_wait(&told));
			for (int i = 0; i < QUEUES; i++) {
				EXPECT_EXIT(senders[i], 0);
				take(mq[i]);
			}
		}
	}
	EXPECT_EXIT(pid, 0);
}
