/* Signals: sending, permissions, default actions, masks, flags, groups. */
#include "sigtools.h"

TEST(handler_runs_before_kill_returns)
{
	handle(SIGUSR1, note, 0);
	OK(kill(getpid(), SIGUSR1));
	EXPECT_EQ(count, 1);
	OK(raise(SIGUSR1));
	EXPECT_EQ(count, 2);
	EXPECT_EQ(last_sig, SIGUSR1);
}

TEST(kill_errors)
{
	EXPECT_ERR(kill(getpid(), 65), EINVAL);
	EXPECT_ERR(kill(getpid(), -1), EINVAL);
	EXPECT_ERR(kill(99999999, 0), ESRCH);
	EXPECT_ERR(kill(-99999999, SIGTERM), ESRCH);
	OK(kill(getpid(), 0));
	OK(kill(0, 0));
	EXPECT_ERR(syscall(SYS_tgkill, getpid(), getpid(), 65), EINVAL);
	EXPECT_ERR(syscall(SYS_tgkill, -1, getpid(), 0), EINVAL);
	EXPECT_ERR(syscall(SYS_tgkill, 1, getpid(), 0), ESRCH);
	EXPECT_ERR(syscall(SYS_tkill, 0, 0), EINVAL);
	OK(syscall(SYS_tkill, getpid(), 0));
	OK(syscall(SYS_tgkill, getpid(), getpid(), 0));
}

TEST(kill_needs_the_same_user)
{
	struct event ready;
	pid_t target, pid;

	event_init(&ready);
	IN_CHILD(target) {
		become_user(1001, 1001);
		event_signal(&ready);
		pause();
	}
	event_wait(&ready);
	IN_CHILD(pid) {
		become_user(1002, 1002);
		EXPECT_ERR(kill(target, 0), EPERM);
		EXPECT_ERR(kill(target, SIGKILL), EPERM);
		EXPECT_ERR(kill(1, SIGTERM), EPERM);
	}
	EXPECT_EXIT(pid, 0);
	IN_CHILD(pid) {
		become_user(1001, 1001);
		/* SIGCONT may go anywhere in the session as well. */
		OK(kill(target, SIGCONT));
		OK(kill(target, SIGTERM));
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_KILLED(target, SIGTERM);
	event_close(&ready);
}

TEST(process_1_cannot_be_killed)
{
	OK(kill(1, SIGKILL));
	OK(kill(1, SIGSTOP));
	OK(kill(1, SIGSEGV));
	OK(kill(1, SIGTERM));
	EXPECT_EQ(getppid(), 1);
}

TEST(default_actions)
{
	static const struct {
		int sig;
		char kind;	/* d dies, i ignored */
	} table[] = {
		{ SIGHUP, 'd' }, { SIGINT, 'd' }, { SIGQUIT, 'd' },
		{ SIGILL, 'd' }, { SIGABRT, 'd' }, { SIGFPE, 'd' },
		{ SIGKILL, 'd' }, { SIGSEGV, 'd' }, { SIGPIPE, 'd' },
		{ SIGALRM, 'd' }, { SIGTERM, 'd' }, { SIGUSR1, 'd' },
		{ SIGUSR2, 'd' }, { SIGCHLD, 'i' }, { SIGURG, 'i' },
		{ SIGWINCH, 'i' }, { SIGCONT, 'i' }, { SIGBUS, 'd' },
		{ SIGSYS, 'd' }, { SIGTRAP, 'd' }, { SIGXCPU, 'd' },
		{ SIGVTALRM, 'd' }, { SIGPROF, 'd' }, { SIGIO, 'd' },
		{ SIGPWR, 'd' }, { SIGSTKFLT, 'd' }, { SIGXFSZ, 'd' },
	};
	pid_t pid;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		IN_CHILD(pid)
			OK(kill(getpid(), table[i].sig));
		if (table[i].kind == 'd')
			EXPECT_KILLED(pid, table[i].sig);
		else
			EXPECT_EXIT(pid, 0);
	}
}

TEST(sigaction_tells_what_was_set)
{
	struct sigaction sa = { .sa_handler = note, .sa_flags = SA_RESTART };
	struct sigaction old;

	sigaddset(&sa.sa_mask, SIGUSR2);
	OK(sigaction(SIGUSR1, &sa, &old));
	EXPECT(old.sa_handler == SIG_DFL);
	OK(sigaction(SIGUSR1, NULL, &old));
	EXPECT(old.sa_handler == note);
	EXPECT(old.sa_flags & SA_RESTART);
	EXPECT(sigismember(&old.sa_mask, SIGUSR2));
	EXPECT(!sigismember(&old.sa_mask, SIGUSR1));
}

TEST(sigaction_errors)
{
	struct sigaction sa = { .sa_handler = SIG_IGN }, old;

	EXPECT_ERR(syscall(SYS_rt_sigaction, 0, NULL, NULL, 8), EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigaction, 65, NULL, NULL, 8), EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4), EINVAL);
	EXPECT_ERR(sigaction(SIGKILL, &sa, NULL), EINVAL);
	EXPECT_ERR(sigaction(SIGSTOP, &sa, NULL), EINVAL);
	OK(syscall(SYS_rt_sigaction, SIGKILL, NULL, &old, 8));
	EXPECT_ERR(syscall(SYS_rt_sigaction, SIGUSR1, 8L, NULL, 8), EFAULT);
	EXPECT_ERR(syscall(SYS_rt_sigaction, SIGUSR1, NULL, 8L, 8), EFAULT);
}

/* ---- masks ---- */

TEST(blocked_signals_wait)
{
	handle(SIGUSR1, note, 0);
	mask(SIG_BLOCK, SIGUSR1);
	raise(SIGUSR1);
	raise(SIGUSR1);
	EXPECT_EQ(count, 0);
	EXPECT(pending(SIGUSR1));
	mask(SIG_UNBLOCK, SIGUSR1);
	EXPECT_EQ(count, 1);		/* standard signals do not queue */
	EXPECT(!pending(SIGUSR1));
}

TEST(lower_numbers_come_first)
{
	sigset_t none;

	handle(SIGUSR1, note, 0);
	handle(SIGUSR2, note, 0);
	handle(SIGHUP, note, 0);
	mask(SIG_BLOCK, SIGUSR1);
	mask(SIG_BLOCK, SIGUSR2);
	mask(SIG_BLOCK, SIGHUP);
	raise(SIGUSR2);
	raise(SIGUSR1);
	raise(SIGHUP);
	sigemptyset(&none);
	OK(sigprocmask(SIG_SETMASK, &none, NULL));
	/*
	 * All frames are built before any handler runs: the last built, which
	 * is the highest number, runs first.
	 */
	EXPECT_EQ(count, 3);
	EXPECT_EQ(order[0], SIGUSR2);
	EXPECT_EQ(order[1], SIGUSR1);
	EXPECT_EQ(order[2], SIGHUP);
}

TEST(sigprocmask_how_and_errors)
{
	sigset_t set, old;

	EXPECT_ERR(syscall(SYS_rt_sigprocmask, 3, &set, NULL, 8), EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, 16),
		   EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 8L, NULL, 8),
		   EFAULT);
	EXPECT_ERR(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, 8L, 8),
		   EFAULT);
	/* With no set, how is not looked at. */
	OK(syscall(SYS_rt_sigprocmask, 99, NULL, &old, 8));

	sigfillset(&set);
	OK(sigprocmask(SIG_SETMASK, &set, NULL));
	OK(sigprocmask(SIG_SETMASK, NULL, &old));
	EXPECT(sigismember(&old, SIGTERM));
	EXPECT(!sigismember(&old, SIGKILL));
	EXPECT(!sigismember(&old, SIGSTOP));
	EXPECT_ERR(syscall(SYS_rt_sigpending, &set, 16), EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigpending, 8L, 8), EFAULT);
}

static void note_mask(int sig)
{
	sigset_t set;

	note(sig);
	sigprocmask(SIG_BLOCK, NULL, &set);
	order[8] = sigismember(&set, SIGUSR1);
	order[9] = sigismember(&set, SIGUSR2);
}

TEST(handler_runs_with_its_signal_and_mask_blocked)
{
	struct sigaction sa = { .sa_handler = note_mask };
	sigset_t set;

	sigaddset(&sa.sa_mask, SIGUSR2);
	OK(sigaction(SIGUSR1, &sa, NULL));
	raise(SIGUSR1);
	EXPECT_EQ(order[8], 1);
	EXPECT_EQ(order[9], 1);
	OK(sigprocmask(SIG_BLOCK, NULL, &set));
	EXPECT(!sigismember(&set, SIGUSR1));
	EXPECT(!sigismember(&set, SIGUSR2));

	sa.sa_flags = SA_NODEFER;
	OK(sigaction(SIGUSR1, &sa, NULL));
	raise(SIGUSR1);
	EXPECT_EQ(order[8], 0);
	EXPECT_EQ(order[9], 1);
}

TEST(resethand_works_once)
{
	pid_t pid;

	IN_CHILD(pid) {
		handle(SIGUSR1, note, SA_RESETHAND);
		raise(SIGUSR1);
		EXPECT_EQ(count, 1);
		raise(SIGUSR1);
	}
	EXPECT_KILLED(pid, SIGUSR1);
}

TEST(ignoring_discards_what_is_pending)
{
	mask(SIG_BLOCK, SIGUSR1);
	raise(SIGUSR1);
	EXPECT(pending(SIGUSR1));
	handle(SIGUSR1, SIG_IGN, 0);
	EXPECT(!pending(SIGUSR1));
	raise(SIGUSR1);
	mask(SIG_UNBLOCK, SIGUSR1);
}

TEST(stop_and_continue_cancel_each_other)
{
	mask(SIG_BLOCK, SIGTSTP);
	mask(SIG_BLOCK, SIGCONT);
	raise(SIGTSTP);
	EXPECT(pending(SIGTSTP));
	raise(SIGCONT);
	EXPECT(!pending(SIGTSTP));
	handle(SIGCONT, note, 0);
	raise(SIGCONT);
	EXPECT(pending(SIGCONT));
	raise(SIGTSTP);
	EXPECT(!pending(SIGCONT));
}

TEST(sigsuspend_swaps_the_mask)
{
	struct event ready;
	sigset_t none, now;
	pid_t me = getpid(), pid;

	handle(SIGUSR1, note, 0);
	mask(SIG_BLOCK, SIGUSR1);
	event_init(&ready);
	IN_CHILD(pid) {
		wait_until_sleeping(me);
		OK(kill(me, SIGUSR1));
	}
	sigemptyset(&none);
	EXPECT_ERR(sigsuspend(&none), EINTR);
	EXPECT_EQ(count, 1);
	OK(sigprocmask(SIG_BLOCK, NULL, &now));
	EXPECT(sigismember(&now, SIGUSR1));
	EXPECT_EXIT(pid, 0);
	event_close(&ready);
	EXPECT_ERR(syscall(SYS_rt_sigsuspend, &none, 4), EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigsuspend, 8L, 8), EFAULT);
}

TEST(sigsuspend_with_signal_already_pending)
{
	sigset_t none;

	handle(SIGUSR1, note, 0);
	mask(SIG_BLOCK, SIGUSR1);
	raise(SIGUSR1);
	sigemptyset(&none);
	EXPECT_ERR(sigsuspend(&none), EINTR);
	EXPECT_EQ(count, 1);
}

/* ---- nesting and groups ---- */

static void nested(int sig)
{
	note(sig);
	if (sig == SIGUSR1) {
		raise(SIGUSR2);
		order[10] = last_sig;
	}
}

TEST(handlers_nest)
{
	handle(SIGUSR1, nested, 0);
	handle(SIGUSR2, nested, 0);
	raise(SIGUSR1);
	EXPECT_EQ(count, 2);
	EXPECT_EQ(order[10], SIGUSR2);
}

TEST(process_group_signals)
{
	struct event ready;
	pid_t leader, member = 0, pid;

	event_init(&ready);
	IN_CHILD(leader) {
		OK(setpgid(0, 0));
		event_signal(&ready);
		pause();
	}
	event_wait(&ready);
	IN_CHILD(member) {
		OK(setpgid(0, leader));
		event_signal(&ready);
		pause();
	}
	event_wait(&ready);
	IN_CHILD(pid)
		OK(kill(-leader, SIGTERM));
	EXPECT_EXIT(pid, 0);
	EXPECT_KILLED(leader, SIGTERM);
	EXPECT_KILLED(member, SIGTERM);
	EXPECT_ERR(kill(-leader, 0), ESRCH);
	event_close(&ready);
}

TEST(realtime_numbers_are_accepted)
{
	handle(SIGRTMIN, note, 0);
	handle(SIGRTMAX, note, 0);
	raise(SIGRTMIN);
	raise(SIGRTMAX);
	EXPECT_EQ(count, 2);
	EXPECT_EQ(last_sig, SIGRTMAX);
}

TEST(kill_zero_checks_zombies)
{
	pid_t pid;
	siginfo_t si;

	IN_CHILD(pid)
		;
	OK(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	OK(kill(pid, 0));
	OK(kill(pid, SIGKILL));
	EXPECT_EXIT(pid, 0);
	EXPECT_ERR(kill(pid, 0), ESRCH);
}

/* What one waits for does not do its default action meanwhile. */
TEST(sigwait_gets_signals_that_kill_or_are_ignored)
{
	static const int signals[] = { SIGTERM, SIGWINCH, SIGCHLD, SIGUSR1 };

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		struct event ready;
		pid_t pid;

		event_init(&ready);
		mask(SIG_BLOCK, signals[i]);
		IN_CHILD(pid) {
			sigset_t set;
			int got = 0;

			sigemptyset(&set);
			sigaddset(&set, signals[i]);
			event_signal(&ready);
			sigwait(&set, &got);
			_exit(got == signals[i] ? 0 : 1);
		}
		event_wait(&ready);
		wait_until_sleeping(pid);
		OK(kill(pid, signals[i]));
		EXPECT_EXIT(pid, 0);
		mask(SIG_UNBLOCK, signals[i]);
		event_close(&ready);
	}
}

/* They would wait there for ever: such a thread never leaves the kernel. */
TEST(kernel_threads_ignore_signals)
{
	pid_t kthreadd = 2;

	OK(kill(kthreadd, SIGUSR1));
	OK(kill(kthreadd, SIGKILL));
	OK(kill(kthreadd, 0));
	EXPECT_EQ(proc_number("/proc/2/status", "SigPnd:"), 0);
	EXPECT_EQ(proc_number("/proc/2/status", "ShdPnd:"), 0);
}
