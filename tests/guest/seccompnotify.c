/*
 * seccomp(2) with a listener: calls that another process answers. The kernel's
 * part of it only: what a supervisor should make of it is not tested.
 */
#include "test.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV	(1UL << 5)
#endif

#define NEW_LISTENER	SECCOMP_FILTER_FLAG_NEW_LISTENER
#define WAIT_KILLABLE	SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define CONTINUE	SECCOMP_USER_NOTIF_FLAG_CONTINUE
#define RECV		SECCOMP_IOCTL_NOTIF_RECV
#define SEND		SECCOMP_IOCTL_NOTIF_SEND
#define ID_VALID	SECCOMP_IOCTL_NOTIF_ID_VALID
#define ID_VALID_OLD	_IOR('!', 2, uint64_t)
#define ADDFD		SECCOMP_IOCTL_NOTIF_ADDFD

/* A filter that answers @what to getpgid(2), and allows the rest. */
static long filter_getpgid(unsigned what, unsigned long flags)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, what),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_SIZE(insns), insns };

	OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

/*
 * The target installs a filter with a listener and lends it to the test, which
 * takes it out of its descriptor table: nothing is left of it over there.
 */
static int to_test[2] = { -1, -1 };

static void lend(int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov = { "l", 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	*cmsg = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS,
				  .cmsg_len = CMSG_LEN(sizeof(int)) };
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	EXPECT_EQ(sendmsg(to_test[1], &msg, 0), 1);
	OK(close(fd));
}

static int borrow(void)
{
	char control[CMSG_SPACE(sizeof(int))] = {}, c;
	struct iovec iov = { &c, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int fd;

	OK(close(to_test[1]));
	EXPECT_EQ(recvmsg(to_test[0], &msg, MSG_CMSG_CLOEXEC), 1);
	EXPECT(CMSG_FIRSTHDR(&msg) != NULL);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	OK(close(to_test[0]));
	return fd;
}

/* TARGET(pid, listener, flags) { ... } runs the block under such a filter. */
#define TARGET(pid, listener, filter_flags)				\
	for (OK(socketpair(AF_UNIX, SOCK_STREAM, 0, to_test)),		\
	     pid = OK(fork()), listener = pid ? borrow() : -1;		\
	     pid == 0; _exit(0))					\
		for (int _once = (lend(OK(filter_getpgid(		\
				SECCOMP_RET_USER_NOTIF,			\
				NEW_LISTENER | (filter_flags)))), 1);	\
		     _once; _once = 0)

static struct seccomp_notif receive(int listener)
{
	struct seccomp_notif n = {};

	OK(ioctl(listener, RECV, &n));
	return n;
}

static long answer(int listener, uint64_t id, int error, int64_t val,
		   unsigned flags)
{
	struct seccomp_notif_resp resp = { .id = id, .error = error,
					   .val = val, .flags = flags };

	return ioctl(listener, SEND, &resp);
}

static short ready(int listener)
{
	struct pollfd p = { listener, POLLIN | POLLOUT, 0 };

	OK(poll(&p, 1, 0));
	return p.revents;
}

static void wait_ready(int listener, short events)
{
	struct pollfd p = { listener, events, 0 };

	EXPECT_EQ(poll(&p, 1, -1), 1);
	EXPECT(p.revents & events);
}

/* ---- questions and answers ---- */

TEST(how_large_they_are)
{
	struct seccomp_notif_sizes sizes;

	OK(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes));
	EXPECT_EQ(sizes.seccomp_notif, 80);
	EXPECT_EQ(sizes.seccomp_notif_resp, 24);
	EXPECT_EQ(sizes.seccomp_data, 64);
	EXPECT_ERR(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 1, &sizes),
		   EINVAL);
	EXPECT_ERR(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, 8),
		   EFAULT);
}

TEST(the_action_is_available)
{
	uint32_t action = SECCOMP_RET_USER_NOTIF;

	OK(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
}

TEST(flags_that_do_not_go_together)
{
	pid_t pid;

	IN_CHILD(pid) {
		unsigned what = SECCOMP_RET_USER_NOTIF;

		EXPECT_ERR(filter_getpgid(what, WAIT_KILLABLE), EINVAL);
		EXPECT_ERR(filter_getpgid(what, NEW_LISTENER |
					  SECCOMP_FILTER_FLAG_TSYNC), EINVAL);
		EXPECT_ERR(filter_getpgid(what, 1 << 6), EINVAL);
		EXPECT_EQ(prctl(PR_GET_SECCOMP), 0);
		int fd = OK(filter_getpgid(what, NEW_LISTENER |
					   SECCOMP_FILTER_FLAG_TSYNC |
					   SECCOMP_FILTER_FLAG_TSYNC_ESRCH));
		EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
		EXPECT_EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(the_answer_is_the_result)
{
	int listener;
	pid_t pid;

	TARGET(pid, listener, 0) {
		EXPECT_EQ(syscall(SYS_getpgid, 11, 22, 33, 44, 55, 66), 4711);
		EXPECT_ERR(syscall(SYS_getpgid, 0), EXDEV);
		EXPECT_EQ(syscall(SYS_getpgid, 0), getpgrp());
		EXPECT_EQ(syscall(SYS_getpgid, 0), 0);
	}
	struct seccomp_notif n = receive(listener);
	EXPECT_EQ(n.pid, pid);
	EXPECT_EQ(n.flags, 0);
	EXPECT_EQ(n.data.nr, SYS_getpgid);
	EXPECT_EQ(n.data.arch, 0xc000003e);
	EXPECT(n.data.instruction_pointer != 0);
	for (int i = 0; i < 6; i++)
		EXPECT_EQ(n.data.args[i], 11 * (i + 1));
	OK(answer(listener, n.id, 0, 4711, 0));
	struct seccomp_notif second = receive(listener);
	EXPECT_EQ(second.id, n.id + 1);
	OK(answer(listener, second.id, -EXDEV, 99, 0));
	OK(answer(listener, receive(listener).id, 0, 0, CONTINUE));
	OK(answer(listener, receive(listener).id, 0, 0, 0));
	EXPECT_EXIT(pid, 0);
	OK(close(listener));
}

TEST(wrong_questions)
{
	struct seccomp_notif n = {}, dirty = { .pid = 1 };
	int listener;
	uint64_t id;
	pid_t pid;

	TARGET(pid, listener, 0)
		EXPECT_EQ(syscall(SYS_getpgid, 0), 3);
	wait_ready(listener, POLLIN);
	EXPECT_ERR(ioctl(listener, RECV, &dirty), EINVAL);
	EXPECT_ERR(ioctl(listener, RECV, 8), EFAULT);
	/* Not lost by a copy that failed at its end, either. */
	EXPECT_ERR(ioctl(listener, RECV, NULL), EFAULT);
	EXPECT_ERR(ioctl(listener, _IOWR('!', 0, int), &n), EINVAL);
	EXPECT_ERR(ioctl(listener, 0x5401, &n), EINVAL);
	EXPECT_EQ(ready(listener), POLLIN);
	n = receive(listener);
	EXPECT_EQ(ready(listener), POLLOUT);

	id = n.id;
	OK(ioctl(listener, ID_VALID, &id));
	OK(ioctl(listener, ID_VALID_OLD, &id));
	id++;
	EXPECT_ERR(ioctl(listener, ID_VALID, &id), ENOENT);
	EXPECT_ERR(ioctl(listener, ID_VALID, 8), EFAULT);

	EXPECT_ERR(answer(listener, n.id, 0, 0, 2), EINVAL);
	EXPECT_ERR(answer(listener, n.id, -1, 0, CONTINUE), EINVAL);
	EXPECT_ERR(answer(listener, n.id, 0, 1, CONTINUE), EINVAL);
	EXPECT_ERR(answer(listener, id, 0, 1, 0), ENOENT);
	EXPECT_ERR(ioctl(listener, SEND, 8), EFAULT);
	OK(answer(listener, n.id, 0, 3, 0));
	EXPECT_EXIT(pid, 0);
	EXPECT_ERR(answer(listener, n.id, 0, 3, 0), ENOENT);
	EXPECT_ERR(ioctl(listener, ID_VALID, &n.id), ENOENT);
	char c;
	EXPECT_ERR(read(listener, &c, 1), EINVAL);
	EXPECT_ERR(write(listener, &c, 1), EINVAL);
	OK(close(listener));
}

/* What nobody has seen cannot be answered. */
TEST(answers_that_come_too_early)
{
	int listener;
	pid_t pid;

	TARGET(pid, listener, 0) {
		EXPECT_EQ(syscall(SYS_getpgid, 0), 1);
		EXPECT_EQ(syscall(SYS_getpgid, 0), 2);
	}
	uint64_t id = receive(listener).id;
	OK(answer(listener, id, 0, 1, 0));
	wait_ready(listener, POLLIN);
	id++;
	EXPECT_ERR(answer(listener, id, 0, 2, 0), EINPROGRESS);
	EXPECT_ERR(ioctl(listener, ID_VALID, &id), ENOENT);
	EXPECT_EQ(receive(listener).id, id);
	OK(answer(listener, id, 0, 2, 0));
	EXPECT_EXIT(pid, 0);
	OK(close(listener));
}

static void *call_getpgid(void *arg)
{
	return (void *)syscall(SYS_getpgid, arg);
}

TEST(many_callers_at_once)
{
	enum { N = 5 };
	struct seccomp_notif n[N];
	int listener;
	pid_t pid;

	TARGET(pid, listener, 0) {
		pthread_t threads[N];
		void *got;

		for (long i = 0; i < N; i++)
			EXPECT_EQ(pthread_create(&threads[i], NULL,
						 call_getpgid, (void *)i), 0);
		for (long i = 0; i < N; i++) {
			EXPECT_EQ(pthread_join(threads[i], &got), 0);
			EXPECT_EQ((long)got, 100 + i);
		}
	}
	for (int i = 0; i < N; i++) {
		n[i] = receive(listener);
		EXPECT(n[i].pid != (uint32_t)pid);
		for (int j = 0; j < i; j++)
			EXPECT(n[i].pid != n[j].pid && n[i].id != n[j].id);
	}
	/* In any order. */
	for (int i = N; i-- > 0;)
		OK(answer(listener, n[i].id, 0, 100 + n[i].data.args[0], 0));
	EXPECT_EXIT(pid, 0);
	OK(close(listener));
}

/* ---- the end of either side ---- */

TEST(a_listener_that_closes)
{
	int listener;
	pid_t pid;

	TARGET(pid, listener, 0) {
		EXPECT_ERR(syscall(SYS_getpgid, 0), ENOSYS);
		EXPECT_ERR(syscall(SYS_getpgid, 0), ENOSYS);
		/* There may be a new one, which is more than one too many. */
		int fd = OK(filter_getpgid(SECCOMP_RET_ALLOW, NEW_LISTENER));
		EXPECT_ERR(filter_getpgid(SECCOMP_RET_ALLOW, NEW_LISTENER),
			   EBUSY);
		OK(filter_getpgid(SECCOMP_RET_ALLOW, 0));
		OK(close(fd));
	}
	receive(listener);
	OK(close(listener));
	EXPECT_EXIT(pid, 0);
}

TEST(a_filter_without_a_listener)
{
	pid_t pid;

	IN_CHILD(pid) {
		OK(filter_getpgid(SECCOMP_RET_USER_NOTIF, 0));
		EXPECT_ERR(syscall(SYS_getpgid, 0), ENOSYS);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(a_caller_that_is_killed)
{
	int listener;
	pid_t pid;

	for (int seen = 0; seen < 2; seen++) {
		TARGET(pid, listener, 0)
			syscall(SYS_getpgid, 0);
		struct seccomp_notif n = {};
		if (seen)
			n = receive(listener);
		else
			wait_ready(listener, POLLIN);
		EXPECT(!(ready(listener) & POLLHUP));
		OK(kill(pid, SIGKILL));
		EXPECT_KILLED(pid, SIGKILL);
		EXPECT_EQ(ready(listener), POLLHUP);
		if (seen)
			EXPECT_ERR(answer(listener, n.id, 0, 0, 0), ENOENT);
		else
			EXPECT_ERR(ioctl(listener, RECV, &n), ENOENT);
		OK(close(listener));
	}
}

/* Who polls is woken when nobody is left: children and threads count. */
TEST(the_last_caller)
{
	struct event end;
	int listener;
	pid_t pid;

	event_init(&end);
	TARGET(pid, listener, 0) {
		/* Orphans are reaped by init: not to be seen from here. */
		pid_t child;

		IN_CHILD(child)
			event_wait(&end);
		EXPECT_EXIT(child, 0);
	}
	EXPECT_EQ(ready(listener), 0);
	event_signal(&end);
	struct pollfd p = { listener, POLLIN, 0 };
	pid_t poller;
	IN_CHILD(poller) {
		EXPECT_EQ(poll(&p, 1, -1), 1);
		EXPECT_EQ(p.revents, POLLHUP);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EXIT(poller, 0);
	OK(close(listener));
	event_close(&end);
}

/* ---- signals ---- */

static volatile sig_atomic_t handled;

static void on_signal(int sig)
{
	(void)sig;
	handled++;
}

static void handle(int sig, int flags)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = flags };

	OK(sigaction(sig, &sa, NULL));
}

TEST(a_signal_ends_the_wait)
{
	int listener;
	pid_t pid;

	TARGET(pid, listener, 0) {
		handle(SIGUSR1, 0);
		EXPECT_ERR(syscall(SYS_getpgid, 0), EINTR);
		EXPECT_EQ(handled, 1);
	}
	struct seccomp_notif n = receive(listener);
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR1));
	EXPECT_EXIT(pid, 0);
	EXPECT_ERR(answer(listener, n.id, 0, 0, 0), ENOENT);
	OK(close(listener));
}

TEST(a_restarted_call_asks_anew)
{
	int listener;
	pid_t pid;

	TARGET(pid, listener, 0) {
		handle(SIGUSR1, SA_RESTART);
		EXPECT_EQ(syscall(SYS_getpgid, 7), 70);
		EXPECT_EQ(handled, 1);
	}
	struct seccomp_notif n = receive(listener);
	OK(kill(pid, SIGUSR1));
	struct seccomp_notif again = receive(listener);
	EXPECT_EQ(again.id, n.id + 1);
	EXPECT_EQ(again.data.args[0], 7);
	EXPECT_ERR(answer(listener, n.id, 0, 0, 0), ENOENT);
	OK(answer(listener, again.id, 0, 70, 0));
	EXPECT_EXIT(pid, 0);
	OK(close(listener));
}

/* Past those that were asked and then left: each of them is a failure once. */
static struct seccomp_notif receive_living(int listener)
{
	struct seccomp_notif n = {};

	while (ioctl(listener, RECV, &n) < 0)
		EXPECT_EQ(errno, ENOENT);
	return n;
}

/* Who waits patiently takes signals when there is an answer. */
TEST(a_patient_caller)
{
	struct event interrupted;
	struct seccomp_notif n;
	int listener;
	pid_t pid;

	event_init(&interrupted);
	TARGET(pid, listener, WAIT_KILLABLE) {
		handle(SIGUSR1, 0);
		EXPECT_ERR(syscall(SYS_getpgid, 0), EINTR);
		EXPECT_EQ(handled, 1);
		event_signal(&interrupted);
		EXPECT_EQ(syscall(SYS_getpgid, 0), 5);
		EXPECT_EQ(handled, 2);
		syscall(SYS_getpgid, 0);
	}
	/* Not patient before somebody has looked. */
	wait_ready(listener, POLLIN);
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR1));
	event_wait(&interrupted);
	n = receive_living(listener);
	OK(kill(pid, SIGUSR1));
	OK(ioctl(listener, ID_VALID, &n.id));
	OK(answer(listener, n.id, 0, 5, 0));
	receive_living(listener);
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	OK(close(listener));
	event_close(&interrupted);
}

TEST(a_supervisor_is_interrupted)
{
	struct event end;
	int listener;
	struct seccomp_notif n = {};
	pid_t pid, super;

	event_init(&end);
	TARGET(pid, listener, 0)
		event_wait(&end);
	IN_CHILD(super) {
		handle(SIGUSR1, SA_RESTART);
		EXPECT_ERR(ioctl(listener, RECV, &n), EINTR);
	}
	wait_until_sleeping(super);
	OK(kill(super, SIGUSR1));
	EXPECT_EXIT(super, 0);
	event_signal(&end);
	EXPECT_EXIT(pid, 0);
	OK(close(listener));
	event_close(&end);
}

/* ---- descriptors for the caller ---- */

static long addfd(int listener, uint64_t id, unsigned flags, int srcfd,
		  unsigned newfd, unsigned newfd_flags)
{
	struct seccomp_notif_addfd a = {
		.id = id, .flags = flags, .srcfd = srcfd, .newfd = newfd,
		.newfd_flags = newfd_flags,
	};

	return ioctl(listener, ADDFD, &a);
}

#define SETFD	SECCOMP_ADDFD_FLAG_SETFD
#define ADDSEND	SECCOMP_ADDFD_FLAG_SEND

static bool is_our_file(int fd)
{
	char text[3] = {};

	return pread(fd, text, 2, 0) == 2 && strcmp(text, "ok") == 0;
}

TEST(descriptors_are_added)
{
	int listener, src;
	pid_t pid;

	write_file("f", "ok");
	src = OK(open("f", O_RDONLY));
	TARGET(pid, listener, 0) {
		OK(close(src));
		int fd = OK(syscall(SYS_getpgid, 0));
		EXPECT(is_our_file(fd));
		EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
		EXPECT(is_our_file(40));
		EXPECT_EQ(fcntl(40, F_GETFD), 0);
		fd = OK(syscall(SYS_getpgid, 0));
		EXPECT(is_our_file(fd));
		EXPECT_EQ(fcntl(fd, F_GETFD), 0);
	}
	struct seccomp_notif n = receive(listener);
	int fd = OK(addfd(listener, n.id, 0, src, 0, O_CLOEXEC));
	EXPECT_EQ(addfd(listener, n.id, SETFD, src, 40, 0), 40);
	/* What is there is replaced. */
	EXPECT_EQ(addfd(listener, n.id, SETFD, src, 40, 0), 40);
	EXPECT_ERR(addfd(listener, n.id, SETFD, src, 1 << 30, 0), EBADF);
	OK(answer(listener, n.id, 0, fd, 0));
	/* And at once answered with. */
	n = receive(listener);
	OK(addfd(listener, n.id, ADDSEND, src, 0, 0));
	EXPECT_EXIT(pid, 0);
	EXPECT_ERR(addfd(listener, n.id, 0, src, 0, 0), ENOENT);
	OK(close(src));
	OK(close(listener));
}

TEST(descriptors_that_cannot_be_added)
{
	int listener;
	char large[4096] = {};
	pid_t pid;

	TARGET(pid, listener, 0) {
		EXPECT_EQ(syscall(SYS_getpgid, 0), 1);
		EXPECT_EQ(syscall(SYS_getpgid, 0), 2);
	}
	struct seccomp_notif n = receive(listener);
	EXPECT_ERR(addfd(listener, n.id, 4, 0, 0, 0), EINVAL);
	EXPECT_ERR(addfd(listener, n.id, 0, 0, 0, O_NONBLOCK), EINVAL);
	EXPECT_ERR(addfd(listener, n.id, 0, 0, 9, 0), EINVAL);
	EXPECT_ERR(addfd(listener, n.id, 0, 999, 0, 0), EBADF);
	EXPECT_ERR(addfd(listener, n.id + 9, 0, 0, 0, 0), ENOENT);
	EXPECT_ERR(ioctl(listener, ADDFD, 8), EFAULT);
	/* Its size is in the request: smaller, larger, and too large. */
	EXPECT_ERR(ioctl(listener, _IOC(_IOC_WRITE, '!', 3, 16), large),
		   EINVAL);
	EXPECT_ERR(ioctl(listener, _IOC(_IOC_WRITE, '!', 3, 4096), large),
		   EINVAL);
	memcpy(large, &n.id, sizeof(n.id));
	large[30] = 1;
	EXPECT_ERR(ioctl(listener, _IOC(_IOC_WRITE, '!', 3, 32), large),
		   E2BIG);
	large[30] = 0;
	OK(ioctl(listener, _IOC(_IOC_WRITE, '!', 3, 32), large));
	/* The direction does not matter. */
	OK(ioctl(listener, _IOC(_IOC_READ, '!', 3, 24), large));
	/* One that fails answers nothing. */
	EXPECT_ERR(addfd(listener, n.id, SETFD | ADDSEND, 0, 1 << 30, 0),
		   EBADF);
	OK(ioctl(listener, ID_VALID, &n.id));
	OK(answer(listener, n.id, 0, 1, 0));
	/* Nor is any added to who was not taken yet. */
	wait_ready(listener, POLLIN);
	EXPECT_ERR(addfd(listener, n.id + 1, 0, 0, 0, 0), EINPROGRESS);
	OK(answer(listener, receive(listener).id, 0, 2, 0));
	EXPECT_EXIT(pid, 0);
	OK(close(listener));
}

/* ---- among other filters ---- */

/* From the most severe: each hides what stands behind it. */
TEST(precedence)
{
	static const unsigned order[] = {
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD,
		SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO | 9,
		SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE, SECCOMP_RET_LOG,
		SECCOMP_RET_ALLOW,
	};
	pid_t pid;

	for (int i = 0; i < (int)ARRAY_SIZE(order); i++) {
		IN_CHILD(pid) {
			for (int j = ARRAY_SIZE(order); j-- > i;)
				OK(filter_getpgid(order[j], 0));
			/* And in the other order. */
			for (int j = i; j < (int)ARRAY_SIZE(order); j++)
				OK(filter_getpgid(order[j], 0));
			handle(SIGSYS, 0);
			errno = 0;
			long ret = syscall(SYS_getpgid, 0);
			if (handled)
				_exit(1);
			if (ret >= 0)
				_exit(2);
			_exit(errno == 9 ? 3 : errno == ENOSYS ? 4 : 5);
		}
		if (i < 2)
			EXPECT_KILLED(pid, SIGSYS);
		else
			EXPECT_EXIT(pid, i == 2 ? 1 : i == 3 ? 3 : i < 6 ? 4 :
					 2);
	}
}

static struct event hold;

static void *own_filter(void *arg)
{
	(void)arg;
	OK(filter_getpgid(SECCOMP_RET_ALLOW, 0));
	event_signal(&hold);
	sigset_t none;
	sigemptyset(&none);
	sigsuspend(&none);
	return NULL;
}

TEST(threads_that_went_their_own_way)
{
	pthread_t thread;
	pid_t pid;

	event_init(&hold);
	IN_CHILD(pid) {
		EXPECT_EQ(pthread_create(&thread, NULL, own_filter, NULL), 0);
		event_wait(&hold);
		long tid = filter_getpgid(SECCOMP_RET_ALLOW,
					  SECCOMP_FILTER_FLAG_TSYNC);
		EXPECT(tid > 0 && tid != getpid());
		EXPECT_EQ(prctl(PR_GET_SECCOMP), 0);
		EXPECT_ERR(filter_getpgid(SECCOMP_RET_ALLOW,
					  SECCOMP_FILTER_FLAG_TSYNC |
					  SECCOMP_FILTER_FLAG_TSYNC_ESRCH),
			   ESRCH);
		int fds = open_fds();
		EXPECT_ERR(filter_getpgid(SECCOMP_RET_USER_NOTIF,
					  NEW_LISTENER |
					  SECCOMP_FILTER_FLAG_TSYNC |
					  SECCOMP_FILTER_FLAG_TSYNC_ESRCH),
			   ESRCH);
		EXPECT_EQ(open_fds(), fds);
		EXPECT_EQ(prctl(PR_GET_SECCOMP), 0);
	}
	EXPECT_EXIT(pid, 0);
	event_close(&hold);
}
