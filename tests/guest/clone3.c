/*
 * clone3: its structure, its checks, what each flag shares; the combinations
 * clone refuses; unshare.
 */
#include "test.h"

#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static long clone3(struct clone_args *args, size_t size)
{
	return syscall(SYS_clone3, args, size);
}

/* A copy like fork's that ends at once with 0, if it comes to be. */
static long try_clone3(struct clone_args *args, size_t size)
{
	long pid = clone3(args, size);

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		EXPECT_EXIT(pid, 0);
	return pid;
}

static long try_flags(uint64_t flags, int sig)
{
	struct clone_args args = { .flags = flags, .exit_signal = sig };

	return try_clone3(&args, sizeof(args));
}

TEST(like_fork)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	pid_t pid = OK(clone3(&args, sizeof(args)));

	if (pid == 0)
		_exit(getppid() > 1 ? 3 : 4);
	EXPECT_EXIT(pid, 3);
}

TEST(every_size_of_the_structure)
{
	union {
		struct clone_args args;
		char bytes[8192];
	} *u = OK(mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	u->args.exit_signal = SIGCHLD;
	EXPECT_ERR(try_clone3(&u->args, 0), EINVAL);
	EXPECT_ERR(try_clone3(&u->args, CLONE_ARGS_SIZE_VER0 - 1), EINVAL);
	EXPECT(try_clone3(&u->args, CLONE_ARGS_SIZE_VER0) > 0);
	EXPECT(try_clone3(&u->args, CLONE_ARGS_SIZE_VER1) > 0);
	EXPECT(try_clone3(&u->args, CLONE_ARGS_SIZE_VER2) > 0);
	EXPECT(try_clone3(&u->args, CLONE_ARGS_SIZE_VER0 + 1) > 0);
	EXPECT(try_clone3(&u->args, 4096) > 0);
	EXPECT_ERR(try_clone3(&u->args, 4097), E2BIG);
	EXPECT_ERR(try_clone3(&u->args, (size_t)-1), E2BIG);
	/* What no version knows yet has to be zero. */
	u->bytes[sizeof(u->args)] = 1;
	EXPECT_ERR(try_clone3(&u->args, sizeof(u->args) + 1), E2BIG);
	EXPECT_ERR(try_clone3(&u->args, 4096), E2BIG);
	EXPECT(try_clone3(&u->args, sizeof(u->args)) > 0);
	OK(munmap(u, 8192));
}

TEST(bad_addresses)
{
	char *page = OK(mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	struct clone_args *args =
		(void *)(page + 4096 - CLONE_ARGS_SIZE_VER0);

	OK(munmap(page + 4096, 4096));
	EXPECT_ERR(try_clone3(NULL, 64), EFAULT);
	args->exit_signal = SIGCHLD;
	EXPECT(try_clone3(args, 64) > 0);
	EXPECT_ERR(try_clone3(args, 72), EFAULT);
	EXPECT_ERR(try_clone3(args, 88), EFAULT);
	OK(munmap(page, 4096));
}

TEST(flags_that_clone3_does_not_know)
{
	EXPECT_ERR(try_flags(1ULL << 34, SIGCHLD), EINVAL);
	EXPECT_ERR(try_flags(1ULL << 63, SIGCHLD), EINVAL);
	EXPECT_ERR(try_flags(CLONE_DETACHED, SIGCHLD), EINVAL);
	for (int bit = 0; bit < 7; bit++)
		EXPECT_ERR(try_flags(1ULL << bit, SIGCHLD), EINVAL);
}

TEST(exit_signals)
{
	struct clone_args args = { .exit_signal = 65 };

	EXPECT_ERR(try_clone3(&args, sizeof(args)), EINVAL);
	args.exit_signal = 256;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EINVAL);
	args.exit_signal = 1ULL << 32 | SIGCHLD;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EINVAL);
	EXPECT_ERR(try_flags(CLONE_PARENT, SIGCHLD), EINVAL);
	EXPECT_ERR(try_flags(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, SIGCHLD),
		   EINVAL);
}

static _Atomic int caught;

static void catch(int sig)
{
	caught = sig;
}

TEST(the_exit_signal_is_sent)
{
	struct clone_args args = { .exit_signal = SIGUSR1 };
	pid_t pid;

	signal(SIGUSR1, catch);
	pid = OK(clone3(&args, sizeof(args)));
	if (pid == 0)
		_exit(6);
	/* A child that reports by another signal is a clone child. */
	EXPECT_ERR(waitpid(pid, NULL, 0), ECHILD);
	int status;
	pid_t got;
	do
		got = waitpid(pid, &status, __WCLONE);
	while (got < 0 && errno == EINTR);
	EXPECT_EQ(got, pid);
	EXPECT_EQ(WEXITSTATUS(status), 6);
	EXPECT_EQ(caught, SIGUSR1);
}

TEST(no_exit_signal_at_all)
{
	struct clone_args args = { 0 };
	pid_t pid = OK(clone3(&args, sizeof(args)));
	int status;

	if (pid == 0)
		_exit(6);
	EXPECT_EQ(waitpid(pid, &status, __WALL), pid);
	EXPECT_EQ(WEXITSTATUS(status), 6);
}

TEST(stack_and_size_go_together)
{
	struct clone_args args = { .exit_signal = SIGCHLD };

	args.stack_size = 4096;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EINVAL);
	args.stack = 0x10000;
	args.stack_size = 0;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EINVAL);
	args.stack_size = 1ULL << 62;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EINVAL);
	args.stack = ~0ULL - 4095;
	args.stack_size = 4096;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EINVAL);
}

TEST(set_tid_checks)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	pid_t tids[2] = { 0, 0 };

	args.set_tid_size = 1;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EINVAL);
	args.set_tid = (uintptr_t)tids;
	args.set_tid_size = 0;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EINVAL);
	args.set_tid_size = 33;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EINVAL);
	args.set_tid_size = 1;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EINVAL);
	tids[0] = -1;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EINVAL);
	tids[0] = 1 << 30;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EINVAL);
	tids[0] = tids[1] = 20000;
	args.set_tid_size = 2;		/* more than there are levels */
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EINVAL);
	args.set_tid = 8;
	args.set_tid_size = 1;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EFAULT);
	/* Older versions of the structure have no such wish. */
	args.set_tid = 8;
	EXPECT(try_clone3(&args, CLONE_ARGS_SIZE_VER0) > 0);
}

TEST(set_tid_gives_the_number)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	pid_t tid = 29876, pid;

	args.set_tid = (uintptr_t)&tid;
	args.set_tid_size = 1;
	EXPECT_EQ(try_clone3(&args, sizeof(args)), 29876);
	tid = getpid();
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EEXIST);
	tid = 1;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EEXIST);
	tid = 29876;
	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(try_clone3(&args, sizeof(args)), EPERM);
		tid = 0;
		EXPECT_ERR(try_clone3(&args, sizeof(args)), EINVAL);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(into_cgroup_wants_a_cgroup)
{
	struct clone_args args = { .exit_signal = SIGCHLD,
				   .flags = CLONE_INTO_CGROUP };
	int fd = OK(open(".", O_RDONLY | O_DIRECTORY));

	args.cgroup = 1ULL << 31;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EINVAL);
	args.cgroup = 1000;
	EXPECT_ERR(try_clone3(&args, CLONE_ARGS_SIZE_VER1), EINVAL);
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EBADF);
	args.cgroup = fd;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EBADF);
	OK(close(fd));
}

TEST(clear_sighand_resets_what_is_ignored_not)
{
	struct clone_args args = { .exit_signal = SIGCHLD,
				   .flags = CLONE_CLEAR_SIGHAND };
	struct sigaction sa;
	pid_t pid;

	EXPECT_ERR(try_flags(CLONE_CLEAR_SIGHAND | CLONE_SIGHAND | CLONE_VM,
			     SIGCHLD), EINVAL);
	signal(SIGUSR1, catch);
	signal(SIGUSR2, SIG_IGN);
	pid = OK(clone3(&args, sizeof(args)));
	if (pid == 0) {
		OK(sigaction(SIGUSR1, NULL, &sa));
		EXPECT(sa.sa_handler == SIG_DFL);
		OK(sigaction(SIGUSR2, NULL, &sa));
		EXPECT(sa.sa_handler == SIG_IGN);
		_exit(0);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(numbers_are_stored_where_asked)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	volatile pid_t *shared = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					 MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	int pidfd = -1;
	pid_t pid;

	args.flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_PIDFD;
	args.parent_tid = (uintptr_t)&shared[0];
	args.child_tid = (uintptr_t)&shared[1];
	args.pidfd = (uintptr_t)&pidfd;
	pid = OK(clone3(&args, sizeof(args)));
	if (pid == 0)
		_exit(shared[1] == getpid() ? 0 : 1);
	EXPECT_EQ(shared[0], pid);
	EXPECT(pidfd >= 0);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(shared[1], pid);
	OK(close(pidfd));
	args.pidfd = args.parent_tid;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EINVAL);
	args.pidfd = 8;
	EXPECT_ERR(try_clone3(&args, sizeof(args)), EFAULT);
	OK(munmap((void *)shared, 4096));
}

TEST(combinations_clone_refuses)
{
	static const unsigned long bad[] = {
		CLONE_THREAD, CLONE_SIGHAND, CLONE_THREAD | CLONE_VM,
		CLONE_THREAD | CLONE_SIGHAND, CLONE_PIDFD | CLONE_DETACHED,
		CLONE_PIDFD | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM,
		CLONE_NEWNS | CLONE_FS, CLONE_NEWUSER | CLONE_FS,
		CLONE_NEWPID | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM,
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_ERR(syscall(SYS_clone, bad[i] | SIGCHLD, 0, NULL, NULL,
				   0), EINVAL);
}

TEST(namespaces_are_refused)
{
	static const unsigned long flags[] = {
		CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER,
		CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWCGROUP, CLONE_NEWTIME,
	};

	if (!running_on_keel())
		SKIP("this kernel has namespaces");
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		EXPECT_ERR(try_flags(flags[i], SIGCHLD), EINVAL);
		EXPECT_ERR(unshare(flags[i]), EINVAL);
	}
}

/* Harmless ones: accepted and without an effect that a test could see. */
TEST(flags_without_effect)
{
	static const uint64_t flags[] = {
		CLONE_SYSVSEM, CLONE_IO, CLONE_UNTRACED, CLONE_PTRACE,
		CLONE_FS, CLONE_FILES, CLONE_FS | CLONE_FILES | CLONE_SYSVSEM,
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		EXPECT(try_flags(flags[i], SIGCHLD) > 0);
	EXPECT_EQ(WEXITSTATUS(wait_status(({
		pid_t pid = OK(syscall(SYS_clone, CLONE_DETACHED | SIGCHLD,
				       0, NULL, NULL, 0));
		if (pid == 0)
			_exit(2);
		pid;
	}))), 2);
}

TEST(clone_parent_makes_a_sibling)
{
	pid_t middle, sibling;
	int fds[2];

	OK(pipe(fds));
	IN_CHILD(middle) {
		struct clone_args args = { .flags = CLONE_PARENT };
		pid_t pid = OK(clone3(&args, sizeof(args)));

		if (pid == 0)
			_exit(8);
		EXPECT_EQ(write(fds[1], &pid, sizeof(pid)), sizeof(pid));
		EXPECT_ERR(waitpid(pid, NULL, __WALL), ECHILD);
	}
	EXPECT_EXIT(middle, 0);
	EXPECT_EQ(read(fds[0], &sibling, sizeof(sibling)), sizeof(sibling));
	EXPECT_EXIT(sibling, 8);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

/* ---- unshare --------------------------------------------------------- */

TEST(unshare_checks_its_flags)
{
	OK(unshare(0));
	EXPECT_ERR(unshare(1), EINVAL);
	EXPECT_ERR(unshare(CLONE_VFORK), EINVAL);
	EXPECT_ERR(unshare(CLONE_PIDFD), EINVAL);
	EXPECT_ERR(unshare(CLONE_SETTLS), EINVAL);
	OK(unshare(CLONE_SYSVSEM));
	/* A single thread shares none of these. */
	OK(unshare(CLONE_THREAD));
	OK(unshare(CLONE_SIGHAND));
	OK(unshare(CLONE_VM));
}

static void *unshare_in_thread(void *arg)
{
	int *err = arg;

	err[0] = unshare(CLONE_THREAD) ? errno : 0;
	err[1] = unshare(CLONE_SIGHAND) ? errno : 0;
	err[2] = unshare(CLONE_VM) ? errno : 0;
	err[3] = unshare(CLONE_FILES) ? errno : 0;
	close(0);
	err[4] = unshare(CLONE_FS) ? errno : 0;
	if (chdir("/"))
		err[4] = errno;
	err[5] = unshare(CLONE_SYSVSEM) ? errno : 0;
	return NULL;
}

TEST(unshare_in_a_thread)
{
	char before[256], after[256];
	pthread_t thread;
	int err[6];

	EXPECT(getcwd(before, sizeof(before)));
	EXPECT_EQ(pthread_create(&thread, NULL, unshare_in_thread, err), 0);
	EXPECT_EQ(pthread_join(thread, NULL), 0);
	EXPECT_EQ(err[0], EINVAL);
	EXPECT_EQ(err[1], EINVAL);
	EXPECT_EQ(err[2], EINVAL);
	EXPECT_EQ(err[3], 0);
	EXPECT_EQ(err[4], 0);
	EXPECT_EQ(err[5], 0);
	/* What it closed and where it went was its own. */
	OK(fcntl(0, F_GETFD));
	EXPECT(getcwd(after, sizeof(after)));
	EXPECT_STR(after, before);
}

TEST(unshare_vm_needs_memory_of_ones_own)
{
	pid_t pid = OK(vfork());

	if (pid == 0)
		_exit(unshare(CLONE_VM) == -1 && errno == EINVAL ? 0 : 1);
	EXPECT_EXIT(pid, 0);
}
