/* kcmp: what two tasks share. */
#include "test.h"

#include <linux/kcmp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

static int kcmp(pid_t a, pid_t b, int type, unsigned long x, unsigned long y)
{
	return syscall(SYS_kcmp, a, b, type, x, y);
}

/* A child with what @flags say in common, that sleeps until it is killed. */
static pid_t clone_sleeper(unsigned long flags)
{
	pid_t pid = OK(syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL,
			       NULL));

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

static void end(pid_t pid)
{
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}

TEST(a_task_is_the_same_as_itself)
{
	pid_t me = getpid();

	for (int type = KCMP_VM; type <= KCMP_SYSVSEM; type++)
		EXPECT_EQ(kcmp(me, me, type, 0, 0), 0);
}

TEST(a_fork_shares_nothing)
{
	static const int types[] = {
		KCMP_VM, KCMP_FILES, KCMP_FS, KCMP_SIGHAND,
	};
	pid_t me = getpid(), pid = clone_sleeper(0);

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		int order = OK(kcmp(me, pid, types[i], 0, 0));

		EXPECT(order == 1 || order == 2);
		/* The other way round it is the other. */
		EXPECT_EQ(kcmp(pid, me, types[i], 0, 0), 3 - order);
	}
	/* Neither has anything to undo. */
	EXPECT_EQ(kcmp(me, pid, KCMP_SYSVSEM, 0, 0), 0);
	EXPECT_EQ(kcmp(me, pid, KCMP_IO, 0, 0), 0);
	/* But open files are the same. */
	EXPECT_EQ(kcmp(me, pid, KCMP_FILE, 0, 0), 0);
	end(pid);
}

TEST(a_clone_shares_what_it_was_told_to)
{
	pid_t me = getpid(), pid = clone_sleeper(CLONE_FILES | CLONE_FS);

	EXPECT_EQ(kcmp(me, pid, KCMP_FILES, 0, 0), 0);
	EXPECT_EQ(kcmp(me, pid, KCMP_FS, 0, 0), 0);
	EXPECT(kcmp(me, pid, KCMP_VM, 0, 0) > 0);
	EXPECT(kcmp(me, pid, KCMP_SIGHAND, 0, 0) > 0);
	end(pid);
	/* A spell on the parent's stack would be none: it only sleeps. */
	pid = clone_sleeper(CLONE_SYSVSEM);
	EXPECT_EQ(kcmp(me, pid, KCMP_SYSVSEM, 0, 0), 0);
	EXPECT(kcmp(me, pid, KCMP_FILES, 0, 0) > 0);
	end(pid);
}

TEST(open_files_are_told_apart)
{
	pid_t me = getpid();
	int a = OK(open("f", O_CREAT | O_RDWR, 0600));
	int b = OK(open("f", O_RDWR)), c = OK(dup(a)), order;

	EXPECT_EQ(kcmp(me, me, KCMP_FILE, a, a), 0);
	EXPECT_EQ(kcmp(me, me, KCMP_FILE, a, c), 0);
	order = OK(kcmp(me, me, KCMP_FILE, a, b));
	EXPECT(order == 1 || order == 2);
	EXPECT_EQ(kcmp(me, me, KCMP_FILE, b, a), 3 - order);
	EXPECT_ERR(kcmp(me, me, KCMP_FILE, a, 999), EBADF);
	EXPECT_ERR(kcmp(me, me, KCMP_FILE, 999, a), EBADF);
	OK(close(a));
	OK(close(b));
	OK(close(c));
}

TEST(what_an_epoll_watches_can_be_found)
{
	struct epoll_event ev = { .events = EPOLLIN };
	struct kcmp_epoll_slot slot = { 0 };
	pid_t me = getpid();
	int ep = OK(epoll_create1(0)), fds[2], copy;

	OK(pipe(fds));
	OK(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &ev));
	slot.efd = ep;
	slot.tfd = fds[0];
	EXPECT_EQ(kcmp(me, me, KCMP_EPOLL_TFD, fds[0], (long)&slot), 0);
	EXPECT(kcmp(me, me, KCMP_EPOLL_TFD, fds[1], (long)&slot) > 0);
	slot.toff = 1;
	EXPECT_ERR(kcmp(me, me, KCMP_EPOLL_TFD, fds[0], (long)&slot), ENOENT);
	/* The number is that of when it was added. */
	copy = OK(dup(fds[0]));
	OK(dup2(fds[1], fds[0]));
	OK(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0],
		     &(struct epoll_event){ .events = EPOLLOUT }));
	slot.toff = 0;
	EXPECT(kcmp(me, me, KCMP_EPOLL_TFD, copy, (long)&slot) == 0 ||
	       kcmp(me, me, KCMP_EPOLL_TFD, fds[1], (long)&slot) == 0);
	slot.toff = 1;
	EXPECT(kcmp(me, me, KCMP_EPOLL_TFD, copy, (long)&slot) == 0 ||
	       kcmp(me, me, KCMP_EPOLL_TFD, fds[1], (long)&slot) == 0);
	slot.tfd = 999;
	EXPECT_ERR(kcmp(me, me, KCMP_EPOLL_TFD, copy, (long)&slot), ENOENT);
	slot.efd = copy;
	EXPECT_ERR(kcmp(me, me, KCMP_EPOLL_TFD, copy, (long)&slot), EINVAL);
	slot.efd = 999;
	EXPECT_ERR(kcmp(me, me, KCMP_EPOLL_TFD, copy, (long)&slot), EBADF);
	slot.efd = ep;
	EXPECT_ERR(kcmp(me, me, KCMP_EPOLL_TFD, 999, (long)&slot), EBADF);
	EXPECT_ERR(kcmp(me, me, KCMP_EPOLL_TFD, copy, -1), EFAULT);
	OK(close(ep));
	OK(close(copy));
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(kcmp_needs_the_right_to_look)
{
	pid_t root = getpid(), pid;

	EXPECT_ERR(kcmp(root, 0x3ffffff, KCMP_VM, 0, 0), ESRCH);
	EXPECT_ERR(kcmp(0x3ffffff, root, KCMP_VM, 0, 0), ESRCH);
	EXPECT_ERR(kcmp(root, root, KCMP_TYPES, 0, 0), EINVAL);
	EXPECT_ERR(kcmp(root, root, -1, 0, 0), EINVAL);
	/* Whether the task is there comes first. */
	EXPECT_ERR(kcmp(root, 0x3ffffff, 99, 0, 0), ESRCH);
	IN_CHILD(pid) {
		become_user(1000, 1000);
		OK(prctl(PR_SET_DUMPABLE, 1));
		EXPECT_EQ(kcmp(getpid(), getpid(), KCMP_VM, 0, 0), 0);
		EXPECT_ERR(kcmp(getpid(), root, KCMP_VM, 0, 0), EPERM);
		EXPECT_ERR(kcmp(root, getpid(), KCMP_VM, 0, 0), EPERM);
		EXPECT_ERR(kcmp(root, root, KCMP_VM, 0, 0), EPERM);
		EXPECT_ERR(kcmp(root, root, 99, 0, 0), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}
