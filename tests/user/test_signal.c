/*
 * Signals: sets, handlers and their return, masks, jumps out of handlers.
 */
#include "test.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t count, last;

static void note(int sig)
{
	count++;
	last = sig;
}

static void sets(void)
{
	sigset_t set;

	sigemptyset(&set);
	EXPECT_EQ(sigismember(&set, SIGINT), 0);
	EXPECT_EQ(sigaddset(&set, SIGINT), 0);
	EXPECT_EQ(sigaddset(&set, 64), 0);
	EXPECT_EQ(sigismember(&set, SIGINT), 1);
	EXPECT_EQ(sigismember(&set, 64), 1);
	EXPECT_EQ(sigismember(&set, 63), 0);
	EXPECT_EQ(sigdelset(&set, SIGINT), 0);
	EXPECT_EQ(sigismember(&set, SIGINT), 0);
	EXPECT_ERRNO(sigaddset(&set, 0), EINVAL);
	EXPECT_ERRNO(sigaddset(&set, 65), EINVAL);
	EXPECT_ERRNO(sigismember(&set, -1), EINVAL);
	sigfillset(&set);
	EXPECT_EQ(sigismember(&set, SIGKILL), 1);
}

static void a_handler_runs_and_returns(void)
{
	struct sigaction act = { .sa_handler = note }, old;

	EXPECT_EQ(sigaction(SIGUSR1, &act, NULL), 0);
	EXPECT_EQ(raise(SIGUSR1), 0);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(last, SIGUSR1);
	EXPECT_EQ(kill(getpid(), SIGUSR1), 0);
	EXPECT_EQ(count, 2);
	EXPECT_EQ(sigaction(SIGUSR1, NULL, &old), 0);
	EXPECT(old.sa_handler == note);
	EXPECT_EQ(old.sa_flags, 0);
	EXPECT(signal(SIGUSR1, SIG_IGN) == note);
	EXPECT_EQ(raise(SIGUSR1), 0);
	EXPECT_EQ(count, 2);
	EXPECT(signal(SIGKILL, SIG_IGN) == SIG_ERR);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_ERRNO(kill(getpid(), 65), EINVAL);
}

static siginfo_t seen;

static void note_info(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	count += context != NULL;
	seen = *info;
}

static void a_handler_is_told_who_sent_it(void)
{
	struct sigaction act = {
		.sa_sigaction = note_info,
		.sa_flags = SA_SIGINFO | SA_RESETHAND,
	};
	struct sigaction old;

	sigaction(SIGUSR2, &act, NULL);
	kill(getpid(), SIGUSR2);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(seen.si_signo, SIGUSR2);
	EXPECT_EQ(seen.si_code, SI_USER);
	EXPECT_EQ(seen.si_pid, getpid());
	EXPECT_EQ(seen.si_uid, getuid());
	sigaction(SIGUSR2, NULL, &old);
	EXPECT(old.sa_handler == SIG_DFL);
}

static void masks_hold_signals_back(void)
{
	sigset_t set, old, pending;

	signal(SIGUSR1, note);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	EXPECT_EQ(sigprocmask(SIG_BLOCK, &set, &old), 0);
	EXPECT_EQ(sigismember(&old, SIGUSR1), 0);
	raise(SIGUSR1);
	raise(SIGUSR1);
	EXPECT_EQ(count, 0);
	EXPECT_EQ(sigpending(&pending), 0);
	EXPECT_EQ(sigismember(&pending, SIGUSR1), 1);
	EXPECT_ERRNO(sigsuspend(&old), EINTR);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(sigprocmask(SIG_SETMASK, &old, &set), 0);
	EXPECT_EQ(sigismember(&set, SIGUSR1), 1);
	EXPECT_EQ(count, 1);
	EXPECT_ERRNO(sigprocmask(99, &set, NULL), EINVAL);
}

static void system_calls_restart_or_fail(void)
{
	struct sigaction act = { .sa_handler = note };
	int fds[2], status;
	char c;

	EXPECT_EQ(pipe(fds), 0);
	sigaction(SIGUSR1, &act, NULL);
	if (fork() == 0) {
		usleep(100000);
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	EXPECT_ERRNO(read(fds[0], &c, 1), EINTR);
	wait(&status);
	act.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &act, NULL);
	if (fork() == 0) {
		usleep(100000);
		kill(getppid(), SIGUSR1);
		usleep(100000);
		write(fds[1], "x", 1);
		_exit(0);
	}
	EXPECT_EQ(read(fds[0], &c, 1), 1);
	wait(&status);
	EXPECT_EQ(count, 2);
}

static sigjmp_buf env;

static void jump_out(int sig)
{
	siglongjmp(env, sig);
}

static bool is_blocked(int sig)
{
	sigset_t set;

	sigprocmask(SIG_SETMASK, NULL, &set);
	return sigismember(&set, sig);
}

static void jumping_out_of_a_handler(void)
{
	volatile int times = 0;
	int value;

	signal(SIGUSR1, jump_out);
	value = sigsetjmp(env, 1);
	if (value == 0)
		raise(SIGUSR1);
	EXPECT_EQ(value, SIGUSR1);
	EXPECT(!is_blocked(SIGUSR1));
	times++;
	if (times < 3)
		raise(SIGUSR1);
	EXPECT_EQ(times, 3);

	value = sigsetjmp(env, 0);
	if (value == 0)
		raise(SIGUSR1);
	EXPECT(is_blocked(SIGUSR1));
}

static void crash(void)
{
	volatile int *volatile nowhere = NULL;

	*nowhere = 1;
}

static void a_fault_can_be_survived(void)
{
	signal(SIGSEGV, jump_out);
	if (sigsetjmp(env, 1) == 0)
		crash();
	else
		count++;
	EXPECT_EQ(count, 1);
}

static void abort_cannot_be_stopped(void)
{
	int status;

	if (fork() == 0) {
		sigset_t all;

		sigfillset(&all);
		sigprocmask(SIG_BLOCK, &all, NULL);
		signal(SIGABRT, note);
		abort();
	}
	wait(&status);
	EXPECT(WIFSIGNALED(status));
	EXPECT_EQ(WTERMSIG(status), SIGABRT);
}

const struct test signal_tests[] = {
	{ "signal_sets", sets },
	{ "signal_handler_runs_and_returns", a_handler_runs_and_returns },
	{ "signal_handler_is_told_who_sent_it",
	  a_handler_is_told_who_sent_it },
	{ "signal_masks_hold_signals_back", masks_hold_signals_back },
	{ "signal_system_calls_restart_or_fail",
	  system_calls_restart_or_fail },
	{ "signal_jumping_out_of_a_handler", jumping_out_of_a_handler },
	{ "signal_fault_can_be_survived", a_fault_can_be_survived },
	{ "abort_cannot_be_stopped", abort_cannot_be_stopped },
	{ NULL, NULL },
};
