/*
 * prctl(PR_SET_SYSCALL_USER_DISPATCH): a program that gets its own system calls
 * as signals, as somebody does who runs another system's programs.
 */
#include "test.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <ucontext.h>

#ifndef SYS_USER_DISPATCH
#define SYS_USER_DISPATCH	2
#endif
#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH	59
#define PR_SYS_DISPATCH_OFF		0
#define PR_SYS_DISPATCH_ON		1
#endif
#define ALLOW	0
#define BLOCK	1

static volatile uint8_t selector;
static volatile int caught;
static siginfo_t last;
static unsigned long ip, ax;

static long dispatch(long mode, void *start, long len, volatile void *sel)
{
	return syscall(SYS_prctl, PR_SET_SYSCALL_USER_DISPATCH, mode, start,
		       len, sel);
}

/* Answers each call with 1000 more than its number. */
static void on_sigsys(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)sig;
	selector = ALLOW;
	caught++;
	last = *info;
	ip = uc->uc_mcontext.gregs[REG_RIP];
	ax = uc->uc_mcontext.gregs[REG_RAX];
	uc->uc_mcontext.gregs[REG_RAX] = info->si_syscall + 1000;
}

static void catch_sigsys(void)
{
	struct sigaction sa = { .sa_sigaction = on_sigsys,
				.sa_flags = SA_SIGINFO };

	OK(sigaction(SIGSYS, &sa, NULL));
	caught = 0;
}

static long blocked_getppid(void)
{
	long ret;

	selector = BLOCK;
	ret = syscall(SYS_getppid);
	selector = ALLOW;
	return ret;
}

TEST(a_blocked_call_is_a_signal)
{
	pid_t parent = getppid();

	catch_sigsys();
	OK(dispatch(PR_SYS_DISPATCH_ON, NULL, 0, &selector));
	EXPECT_EQ(getppid(), parent);
	EXPECT_EQ(caught, 0);
	EXPECT_EQ(blocked_getppid(), SYS_getppid + 1000);
	EXPECT_EQ(caught, 1);
	EXPECT_EQ(last.si_signo, SIGSYS);
	EXPECT_EQ(last.si_code, SYS_USER_DISPATCH);
	EXPECT_EQ(last.si_syscall, SYS_getppid);
	EXPECT_EQ(last.si_arch, 0xc000003e);
	EXPECT_EQ(last.si_errno, 0);
	EXPECT_EQ(last.si_call_addr, ip);
	EXPECT_EQ(ax, SYS_getppid);
	EXPECT_EQ(getppid(), parent);
	OK(dispatch(PR_SYS_DISPATCH_OFF, NULL, 0, NULL));
	EXPECT_EQ(blocked_getppid(), parent);
}

/* A number that no call has is as good as any. */
TEST(unknown_numbers)
{
	catch_sigsys();
	OK(dispatch(PR_SYS_DISPATCH_ON, NULL, 0, &selector));
	selector = BLOCK;
	EXPECT_EQ(syscall(100000), 101000);
	OK(dispatch(PR_SYS_DISPATCH_OFF, NULL, 0, NULL));
	EXPECT_EQ(caught, 1);
}

/* Calls that come from the range are not looked at, whatever selector says. */
TEST(the_range_is_free)
{
	extern char __executable_start, etext;
	pid_t parent = getppid();

	catch_sigsys();
	OK(dispatch(PR_SYS_DISPATCH_ON, &__executable_start,
		    &etext - &__executable_start, &selector));
	EXPECT_EQ(blocked_getppid(), parent);
	OK(dispatch(PR_SYS_DISPATCH_ON, &__executable_start, 16, &selector));
	EXPECT_EQ(blocked_getppid(), SYS_getppid + 1000);
	EXPECT_EQ(caught, 1);
}

/* Without a selector all calls from outside are signals, sigreturn too. */
TEST(without_a_selector)
{
	pid_t pid;

	catch_sigsys();
	IN_CHILD(pid) {
		OK(dispatch(PR_SYS_DISPATCH_ON, NULL, 0, NULL));
		syscall(SYS_getppid);
	}
	EXPECT_KILLED(pid, SIGSYS);
}

TEST(deaths)
{
	pid_t pid;

	IN_CHILD(pid) {		/* the default action */
		signal(SIGSYS, SIG_DFL);
		OK(dispatch(PR_SYS_DISPATCH_ON, NULL, 0, &selector));
		blocked_getppid();
	}
	EXPECT_KILLED(pid, SIGSYS);
	IN_CHILD(pid) {		/* a byte that means nothing */
		catch_sigsys();
		OK(dispatch(PR_SYS_DISPATCH_ON, NULL, 0, &selector));
		selector = 2;
		syscall(SYS_getppid);
	}
	EXPECT_KILLED(pid, SIGSYS);
	IN_CHILD(pid) {		/* no byte at all */
		catch_sigsys();
		OK(dispatch(PR_SYS_DISPATCH_ON, NULL, 0, (void *)8));
		syscall(SYS_getppid);
	}
	EXPECT_KILLED(pid, SIGSEGV);
}

TEST(arguments)
{
	void *kernel = (void *)0xffffffff81000000;
	void *page = (void *)0x1000;

	EXPECT_ERR(dispatch(2, NULL, 0, NULL), EINVAL);
	EXPECT_ERR(dispatch(-1, NULL, 0, NULL), EINVAL);
	EXPECT_ERR(dispatch(PR_SYS_DISPATCH_OFF, page, 0, NULL), EINVAL);
	EXPECT_ERR(dispatch(PR_SYS_DISPATCH_OFF, NULL, 1, NULL), EINVAL);
	EXPECT_ERR(dispatch(PR_SYS_DISPATCH_OFF, NULL, 0, &selector), EINVAL);
	EXPECT_ERR(dispatch(PR_SYS_DISPATCH_ON, page, 0, &selector), EINVAL);
	EXPECT_ERR(dispatch(PR_SYS_DISPATCH_ON, page, -0x1000L, &selector),
		   EINVAL);
	EXPECT_ERR(dispatch(PR_SYS_DISPATCH_ON, NULL, 0, kernel), EFAULT);
	OK(dispatch(PR_SYS_DISPATCH_OFF, NULL, 0, NULL));
}

/* It is one thread's own: children, threads and programs begin without. */
static void *as_thread(void *parent)
{
	EXPECT_EQ(syscall(SYS_getppid), (long)parent);
	return NULL;
}

TEST(not_inherited)
{
	pid_t parent = getppid(), self = getpid(), pid;
	pthread_t thread;
	char *argv[] = { PROGRAMS "/show", NULL };

	catch_sigsys();
	OK(dispatch(PR_SYS_DISPATCH_ON, NULL, 0, &selector));
	IN_CHILD(pid) {
		selector = BLOCK;
		EXPECT_EQ(syscall(SYS_getppid), self);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(pthread_create(&thread, NULL, as_thread,
				 (void *)(long)parent), 0);
	EXPECT_EQ(pthread_join(thread, NULL), 0);
	EXPECT_EQ(caught, 0);
	IN_CHILD(pid) {
		OK(dispatch(PR_SYS_DISPATCH_ON, NULL, 0, &selector));
		execv(argv[0], argv);
	}
	EXPECT_EXIT(pid, 0);
	OK(dispatch(PR_SYS_DISPATCH_OFF, NULL, 0, NULL));
}
