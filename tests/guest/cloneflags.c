/*
 * clone, one flag at a time: what is shared by it, and that the rest is not.
 */
#include "test.h"

#include <sched.h>
#include <sys/mman.h>

#define STACK	65536

static char *child_stack(void)
{
	return (char *)OK(mmap(NULL, STACK, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) + STACK;
}

static volatile int word;
static int fd;

static void on_usr1(int sig __attribute__((unused)))
{
}

/* Change everything that can be shared. */
static int change_all(void *arg __attribute__((unused)))
{
	sigset_t set;

	word = 1;
	close(fd);
	umask(0123);
	chdir("/");
	signal(SIGUSR1, on_usr1);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return 7;
}

/* Run change_all() in a child that shares what @flags say; compare. */
static void check_shared(int flags)
{
	char cwd[256], *stack = child_stack();
	struct sigaction action;
	sigset_t blocked;
	pid_t pid;

	IN_CHILD(pid) {
		fd = OK(dup(0));
		umask(022);
		signal(SIGUSR1, SIG_DFL);
		pid_t kid = OK(clone(change_all, stack, flags | SIGCHLD,
				     NULL));
		EXPECT_EXIT(kid, 7);
		EXPECT_EQ(word, !!(flags & CLONE_VM));
		EXPECT_EQ(fcntl(fd, F_GETFD), flags & CLONE_FILES ? -1 : 0);
		EXPECT_EQ(umask(0), flags & CLONE_FS ? 0123 : 022);
		OK((long)getcwd(cwd, sizeof(cwd)));
		EXPECT_EQ(strcmp(cwd, "/") == 0, !!(flags & CLONE_FS));
		OK(sigaction(SIGUSR1, NULL, &action));
		EXPECT_EQ(action.sa_handler == on_usr1,
			  !!(flags & CLONE_SIGHAND));
		/* Masks are each task's own, whatever is shared. */
		OK(sigprocmask(SIG_BLOCK, NULL, &blocked));
		EXPECT_EQ(sigismember(&blocked, SIGUSR2), 0);
	}
	EXPECT_EXIT(pid, 0);
	OK(munmap(stack - STACK, STACK));
}

TEST(nothing_is_shared)
{
	check_shared(0);
}

TEST(one_thing_is_shared)
{
	check_shared(CLONE_VM);
	check_shared(CLONE_FILES);
	check_shared(CLONE_FS);
	check_shared(CLONE_SYSVSEM);
	check_shared(CLONE_IO);
	check_shared(CLONE_UNTRACED);
	check_shared(CLONE_PTRACE);
}

TEST(handlers_are_shared_with_memory)
{
	check_shared(CLONE_VM | CLONE_SIGHAND);
	check_shared(CLONE_VM | CLONE_SIGHAND | CLONE_FS);
	check_shared(CLONE_VM | CLONE_FILES | CLONE_FS);
	check_shared(CLONE_VM | CLONE_SIGHAND | CLONE_FILES | CLONE_FS |
		     CLONE_SYSVSEM | CLONE_IO);
}

/* To wait for the child is one thing, to lend it memory another. */
TEST(vfork_without_memory)
{
	int *shared = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	pid_t pid;

	pid = OK(syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0, NULL, NULL, 0));
	if (pid == 0) {
		for (int i = 0; i < 10; i++)
			sched_yield();
		word = 3;
		*shared = 3;
		_exit(0);
	}
	EXPECT_EQ(*shared, 3);
	EXPECT_EQ(word, 0);
	EXPECT_EXIT(pid, 0);
	OK(munmap(shared, 4096));
}

TEST(any_signal_may_tell_of_the_end)
{
	sigset_t set;
	siginfo_t info;
	pid_t pid;

	sigfillset(&set);
	OK(sigprocmask(SIG_BLOCK, &set, NULL));
	for (int sig = 1; sig <= 64; sig++) {
		/* The C library keeps two for itself. */
		if (sig == SIGKILL || sig == SIGSTOP || sig == 32 || sig == 33)
			continue;
		pid = OK(syscall(SYS_clone, sig, 0, NULL, NULL, 0));
		if (pid == 0)
			_exit(sig);
		EXPECT_EQ(waitpid(pid, NULL, __WALL), pid);
		/* Blocked, also those wait that nobody would notice. */
		EXPECT_EQ(sigwaitinfo(&set, &info), sig);
		EXPECT_EQ(info.si_pid, pid);
		EXPECT_EQ(info.si_code, CLD_EXITED);
		EXPECT_EQ(info.si_status, sig);
	}
}
