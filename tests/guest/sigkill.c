/*
 * The two signals that nobody can refuse, and one that everybody can.
 *
 * A program that wants to live says so in every way there is: it blocks, it
 * ignores, it catches, it waits for the signal as for a message. With SIGTERM
 * each way works. With SIGKILL and SIGSTOP none does: some calls are errors,
 * the others leave these two out of the set without a word.
 */
#include "sigtools.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <ucontext.h>

static void block_everything(void)
{
	uint64_t all = ~0ULL;

	/* Not by way of the C library, which keeps some for itself. */
	OK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof(all)));
}

static uint64_t blocked_now(void)
{
	uint64_t mask;

	OK(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, sizeof(mask)));
	return mask;
}

#define BIT(sig)	(1ULL << ((sig) - 1))
#define REFUSABLE	(~(BIT(SIGKILL) | BIT(SIGSTOP)))

/* A child that has done @refuse and then sleeps, whatever wakes it. */
static pid_t one_that_refuses(void (*refuse)(void))
{
	struct event ready;
	pid_t pid;

	event_init(&ready);
	IN_CHILD(pid) {
		refuse();
		event_signal(&ready);
		for (;;)
			pause();
	}
	event_wait(&ready);
	event_close(&ready);
	return pid;
}

static void ignore_it(void)
{
	handle(SIGTERM, SIG_IGN, 0);
}

static void catch_it(void)
{
	handle(SIGTERM, note, 0);
}

static void wait_for_it(void)
{
	uint64_t all = ~0ULL;
	int sig;

	block_everything();
	do {
		sig = syscall(SYS_rt_sigtimedwait, &all, NULL, NULL, 8);
	} while (sig == SIGTERM);
}

static void expect_term_refused_and_kill_not(void (*refuse)(void))
{
	pid_t pid = one_that_refuses(refuse);
	int i;

	for (i = 0; i < 3; i++)
		OK(kill(pid, SIGTERM));
	wait_until_sleeping(pid);
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}

TEST(sigterm_can_be_ignored_and_sigkill_not)
{
	expect_term_refused_and_kill_not(ignore_it);
}

TEST(sigterm_can_be_caught_and_sigkill_not)
{
	expect_term_refused_and_kill_not(catch_it);
}

TEST(sigterm_can_be_blocked_and_sigkill_not)
{
	expect_term_refused_and_kill_not(block_everything);
}

TEST(sigterm_can_be_waited_for_and_sigkill_not)
{
	struct event ready;
	pid_t pid;

	event_init(&ready);
	IN_CHILD(pid) {
		block_everything();
		event_signal(&ready);
		wait_for_it();
	}
	event_wait(&ready);
	event_close(&ready);
	OK(kill(pid, SIGTERM));
	wait_until_sleeping(pid);
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}

TEST(sigstop_stops_who_blocks_everything)
{
	pid_t pid = one_that_refuses(block_everything);
	int status;

	OK(kill(pid, SIGSTOP));
	EXPECT_EQ(OK(waitpid(pid, &status, WUNTRACED)), pid);
	EXPECT(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	/* One that stands still is killed as well. */
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}

TEST(no_handler_for_the_two)
{
	struct sigaction sa = { .sa_handler = note };

	EXPECT_ERR(sigaction(SIGKILL, &sa, NULL), EINVAL);
	EXPECT_ERR(sigaction(SIGSTOP, &sa, NULL), EINVAL);
	sa.sa_handler = SIG_IGN;
	EXPECT_ERR(sigaction(SIGKILL, &sa, NULL), EINVAL);
	/* Not even what they do anyway. */
	sa.sa_handler = SIG_DFL;
	EXPECT_ERR(sigaction(SIGSTOP, &sa, NULL), EINVAL);
}

TEST(every_mask_leaves_the_two_out)
{
	block_everything();
	EXPECT_EQ(blocked_now(), REFUSABLE);
}

static uint64_t seen_in_handler;

static void look_at_the_mask(int sig)
{
	note(sig);
	seen_in_handler = blocked_now();
}

TEST(so_does_the_mask_of_a_handler)
{
	struct sigaction sa = { .sa_handler = look_at_the_mask };

	sigfillset(&sa.sa_mask);
	sigaddset(&sa.sa_mask, SIGKILL);
	sigaddset(&sa.sa_mask, SIGSTOP);
	OK(sigaction(SIGUSR1, &sa, NULL));
	raise(SIGUSR1);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(seen_in_handler & ~REFUSABLE, 0);
	EXPECT(seen_in_handler & BIT(SIGTERM));
}

static void fill_the_mask_to_return_to(int sig, siginfo_t *info, void *uc)
{
	(void)info;
	note(sig);
	memset(&((ucontext_t *)uc)->uc_sigmask, 0xff, 8);
}

TEST(so_does_a_forged_frame)
{
	handle_info(SIGUSR1, fill_the_mask_to_return_to, 0);
	raise(SIGUSR1);
	EXPECT_EQ(blocked_now(), REFUSABLE);
}

TEST(so_does_a_tracer)
{
	uint64_t all = ~0ULL, mask;
	int status;
	pid_t pid;

	IN_CHILD(pid) {
		OK(ptrace(PTRACE_TRACEME, 0, 0, 0));
		raise(SIGSTOP);
	}
	EXPECT_EQ(OK(waitpid(pid, &status, 0)), pid);
	EXPECT(WIFSTOPPED(status));
	OK(ptrace(PTRACE_SETSIGMASK, pid, sizeof(all), &all));
	OK(ptrace(PTRACE_GETSIGMASK, pid, sizeof(mask), &mask));
	EXPECT_EQ(mask, REFUSABLE);
	OK(ptrace(PTRACE_CONT, pid, 0, 0));
	EXPECT_EXIT(pid, 0);
}

/* Each of these calls sleeps with everything blocked until it is killed. */
static void expect_killed_while(long (*sleeper)(void))
{
	struct event ready;
	pid_t pid;

	event_init(&ready);
	IN_CHILD(pid) {
		event_signal(&ready);
		sleeper();
	}
	event_wait(&ready);
	event_close(&ready);
	wait_until_sleeping(pid);
	OK(kill(pid, SIGTERM));
	wait_until_sleeping(pid);
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}

static uint64_t everything = ~0ULL;

static long in_sigsuspend(void)
{
	return syscall(SYS_rt_sigsuspend, &everything, 8);
}

static long in_ppoll(void)
{
	return syscall(SYS_ppoll, NULL, 0, NULL, &everything, 8);
}

static long in_pselect(void)
{
	struct { uint64_t *set; size_t size; } arg = { &everything, 8 };

	return syscall(SYS_pselect6, 0, NULL, NULL, NULL, NULL, &arg);
}

static long in_epoll_pwait(void)
{
	struct epoll_event event;
	int fd = OK(epoll_create1(0));

	return syscall(SYS_epoll_pwait, fd, &event, 1, -1, &everything, 8);
}

/* A descriptor for all signals gives out SIGTERM, and never the two. */
static long in_signalfd(void)
{
	struct signalfd_siginfo info;
	int fd;

	block_everything();
	fd = OK(syscall(SYS_signalfd4, -1, &everything, 8, 0));
	do {
		OK(read(fd, &info, sizeof(info)));
	} while (info.ssi_signo == SIGTERM);
	return 0;
}

TEST(no_sleep_keeps_sigkill_out)
{
	expect_killed_while(in_sigsuspend);
	expect_killed_while(in_ppoll);
	expect_killed_while(in_pselect);
	expect_killed_while(in_epoll_pwait);
	expect_killed_while(in_signalfd);
}
