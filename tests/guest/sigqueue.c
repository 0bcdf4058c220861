/*
 * Sending with a value: rt_sigqueueinfo(2) and rt_tgsigqueueinfo(2), what
 * queues and what is lost, and taking signals by rt_sigtimedwait(2). All 64
 * numbers, the two of the C library's included, hence the bare calls.
 */
#include "sigtools.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#define BAD	((void *)-4096)
#define NOBODY	99999999
#define BIT(sig)	(1UL << ((sig) - 1))

/* A siginfo as the kernel has it, the spare bytes in reach. */
union info {
	siginfo_t	si;
	unsigned char	bytes[128];
};

static union info info_of(int code, int value)
{
	union info i = {};

	i.si.si_code = code;
	i.si.si_pid = getpid();
	i.si.si_uid = getuid();
	i.si.si_value.sival_int = value;
	return i;
}

static long queue(int pid, int sig, const void *info)
{
	return syscall(SYS_rt_sigqueueinfo, pid, sig, info);
}

static long tgqueue(int tgid, int tid, int sig, const void *info)
{
	return syscall(SYS_rt_tgsigqueueinfo, tgid, tid, sig, info);
}

static void set_mask(unsigned long set)
{
	OK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &set, NULL, 8));
}

static long take(unsigned long set, void *info)
{
	const struct timespec now = {};

	return syscall(SYS_rt_sigtimedwait, &set, info, &now, 8);
}

TEST(errors_of_sigqueue)
{
	union info i = info_of(SI_QUEUE, 1);

	EXPECT_ERR(queue(getpid(), SIGUSR1, BAD), EFAULT);
	EXPECT_ERR(queue(getpid(), 65, &i), EINVAL);
	EXPECT_ERR(queue(getpid(), -1, &i), EINVAL);
	EXPECT_ERR(queue(NOBODY, SIGUSR1, &i), ESRCH);
	EXPECT_ERR(queue(NOBODY, 65, &i), ESRCH);
	EXPECT_ERR(queue(-1, SIGUSR1, &i), ESRCH);
	EXPECT_ERR(queue(0, SIGUSR1, &i), ESRCH);
	EXPECT_EQ(queue(getpid(), 0, &i), 0);

	EXPECT_ERR(tgqueue(getpid(), getpid(), SIGUSR1, BAD), EFAULT);
	EXPECT_ERR(tgqueue(getpid(), getpid(), 65, &i), EINVAL);
	EXPECT_ERR(tgqueue(getpid(), 0, SIGUSR1, &i), EINVAL);
	EXPECT_ERR(tgqueue(0, getpid(), SIGUSR1, &i), EINVAL);
	EXPECT_ERR(tgqueue(getpid(), -5, SIGUSR1, &i), EINVAL);
	EXPECT_ERR(tgqueue(getpid(), NOBODY, SIGUSR1, &i), ESRCH);
	EXPECT_ERR(tgqueue(1, getpid(), SIGUSR1, &i), ESRCH);
	EXPECT_EQ(tgqueue(getpid(), getpid(), 0, &i), 0);
}

TEST(whether_somebody_is_there_is_asked_first)
{
	EXPECT_ERR(kill(NOBODY, 65), ESRCH);
	EXPECT_ERR(kill(NOBODY, -1), ESRCH);
	EXPECT_ERR(kill(getpid(), 65), EINVAL);
	EXPECT_ERR(kill(-NOBODY, 65), ESRCH);
	EXPECT_ERR(kill(0, 65), EINVAL);
	EXPECT_ERR(syscall(SYS_tkill, NOBODY, 65), ESRCH);
	EXPECT_ERR(syscall(SYS_tkill, gettid(), 65), EINVAL);
	EXPECT_ERR(syscall(SYS_tkill, 0, SIGUSR1), EINVAL);
	EXPECT_ERR(syscall(SYS_tkill, -1, SIGUSR1), EINVAL);
	EXPECT_ERR(syscall(SYS_tgkill, getpid(), NOBODY, 65), ESRCH);
	EXPECT_ERR(syscall(SYS_tgkill, getpid(), gettid(), 65), EINVAL);
	EXPECT_ERR(syscall(SYS_tgkill, -1, gettid(), SIGUSR1), EINVAL);
	EXPECT_ERR(syscall(SYS_tgkill, 1, gettid(), SIGUSR1), ESRCH);
}

/* To others nobody speaks in the kernel's name, nor in kill's or tkill's. */
TEST(who_may_claim_what)
{
	static const int secret[] = { SI_USER, SI_KERNEL, SI_TKILL, 1, 5 };
	static const int open_to_all[] = {
		SI_QUEUE, SI_TIMER, SI_MESGQ, SI_ASYNCIO, SI_SIGIO, -7, -60,
		-1000,
	};
	union info i;
	pid_t pid;

	IN_CHILD(pid) {
		set_mask(-1UL);
		pause();
	}
	wait_until_sleeping(pid);
	set_mask(-1UL);
	for (size_t n = 0; n < ARRAY_SIZE(secret); n++) {
		i = info_of(secret[n], 1);
		EXPECT_ERR(queue(pid, SIGUSR1, &i), EPERM);
		EXPECT_ERR(tgqueue(pid, pid, SIGUSR1, &i), EPERM);
		EXPECT_ERR(queue(NOBODY, SIGUSR1, &i), EPERM);
		/* Oneself one may tell anything. */
		EXPECT_EQ(queue(getpid(), SIGUSR1, &i), 0);
		EXPECT_EQ(take(BIT(SIGUSR1), &i), SIGUSR1);
		EXPECT_EQ(i.si.si_code, secret[n]);
	}
	for (size_t n = 0; n < ARRAY_SIZE(open_to_all); n++) {
		i = info_of(open_to_all[n], 1);
		EXPECT_EQ(queue(pid, SIGUSR1, &i), 0);
		EXPECT_EQ(tgqueue(pid, pid, SIGUSR2, &i), 0);
	}
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}

static void *claim_in_thread(void *arg)
{
	union info i = info_of(SI_USER, 1);

	(void)arg;
	/* "Oneself" is the thread, and a thread has its own number. */
	EXPECT_ERR(queue(getpid(), SIGUSR1, &i), EPERM);
	EXPECT_ERR(tgqueue(getpid(), getpid(), SIGUSR1, &i), EPERM);
	EXPECT_EQ(tgqueue(getpid(), gettid(), SIGUSR1, &i), 0);
	EXPECT_EQ(take(BIT(SIGUSR1), &i), SIGUSR1);
	return NULL;
}

TEST(oneself_is_the_thread)
{
	pthread_t thread;

	set_mask(-1UL);
	EXPECT_EQ(pthread_create(&thread, NULL, claim_in_thread, NULL), 0);
	EXPECT_EQ(pthread_join(thread, NULL), 0);
}

/* Of layouts the kernel knows it keeps what belongs to them, else all. */
TEST(spare_bytes)
{
	union info i = info_of(SI_QUEUE, 7);

	set_mask(-1UL);
	memset(i.bytes + 48, 0xa5, 80);
	EXPECT_EQ(queue(getpid(), SIGUSR1, &i), 0);
	memset(&i, 0x5a, sizeof(i));
	EXPECT_EQ(take(BIT(SIGUSR1), &i), SIGUSR1);
	EXPECT_EQ(i.si.si_value.sival_int, 7);
	for (int n = 48; n < 128; n++)
		EXPECT_EQ(i.bytes[n], 0);
	i = info_of(-1000, 7);
	EXPECT_EQ(queue(getpid(), SIGUSR1, &i), 0);
	EXPECT_EQ(take(BIT(SIGUSR1), &i), SIGUSR1);
	i.bytes[100] = 1;
	EXPECT_ERR(queue(getpid(), SIGUSR1, &i), E2BIG);
}

TEST(a_stranger_may_not_queue)
{
	union info i = info_of(SI_QUEUE, 1);
	pid_t pid, target = getpid();

	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(queue(target, SIGUSR1, &i), EPERM);
		EXPECT_ERR(tgqueue(target, target, SIGUSR1, &i), EPERM);
		EXPECT_ERR(queue(target, 0, &i), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- queues ---- */

/* One each of 1..64 and two more: classic ones are kept once. */
TEST(all_numbers_in_order)
{
	union info i;

	set_mask(-1UL);
	for (int round = 1; round <= 3; round++)
		for (int sig = 64; sig >= 1; sig--) {
			if (sig == SIGKILL || sig == SIGSTOP)
				continue;
			/* A stop signal would take SIGCONT away, and back. */
			if (sig == SIGCONT || sig == SIGTSTP ||
			    sig == SIGTTIN || sig == SIGTTOU)
				continue;
			i = info_of(SI_QUEUE, sig * 10 + round);
			EXPECT_EQ(queue(getpid(), sig, &i), 0);
		}
	/* Those a fault would send come first of all. */
	static const int urgent[] = {
		SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGSYS
	};
	for (size_t n = 0; n < ARRAY_SIZE(urgent); n++) {
		EXPECT_EQ(take(-1UL, &i), urgent[n]);
		EXPECT_EQ(i.si.si_value.sival_int, urgent[n] * 10 + 1);
	}
	for (int sig = 1; sig < 32; sig++) {
		if ((BIT(sig) & (BIT(SIGILL) | BIT(SIGTRAP) | BIT(SIGBUS) |
				 BIT(SIGFPE) | BIT(SIGSEGV) | BIT(SIGSYS) |
				 BIT(SIGKILL) | BIT(SIGSTOP) | BIT(SIGCONT) |
				 BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU))))
			continue;
		EXPECT_EQ(take(-1UL, &i), sig);
		EXPECT_EQ(i.si.si_value.sival_int, sig * 10 + 1);
	}
	for (int sig = 32; sig <= 64; sig++)
		for (int round = 1; round <= 3; round++) {
			EXPECT_EQ(take(-1UL, &i), sig);
			EXPECT_EQ(i.si.si_signo, sig);
			EXPECT_EQ(i.si.si_code, SI_QUEUE);
			EXPECT_EQ(i.si.si_value.sival_int, sig * 10 + round);
		}
	EXPECT_ERR(take(-1UL, &i), EAGAIN);
}

/* What is for the thread comes before what is for the process. */
TEST(the_threads_own_come_first)
{
	union info i = info_of(SI_QUEUE, 1);

	set_mask(-1UL);
	EXPECT_EQ(queue(getpid(), 40, &i), 0);
	i = info_of(SI_QUEUE, 2);
	EXPECT_EQ(tgqueue(getpid(), gettid(), 41, &i), 0);
	EXPECT_EQ(take(-1UL, &i), 41);
	EXPECT_EQ(take(-1UL, &i), 40);
}

static void limit_pending(rlim_t limit)
{
	struct rlimit lim = { limit, limit };

	OK(setrlimit(RLIMIT_SIGPENDING, &lim));
}

/* Queued signals are counted by user: hence one that nobody else is. */
TEST(a_full_queue)
{
	pid_t pid;

	IN_CHILD(pid) {
		union info i = info_of(SI_QUEUE, 1);

		become_user(4711, 4711);
		set_mask(-1UL);
		limit_pending(3);
		for (int n = 0; n < 3; n++)
			EXPECT_EQ(queue(getpid(), 40, &i), 0);
		EXPECT_ERR(queue(getpid(), 40, &i), EAGAIN);
		EXPECT_ERR(queue(getpid(), 41, &i), EAGAIN);
		EXPECT_ERR(tgqueue(getpid(), gettid(), 41, &i), EAGAIN);
		EXPECT_ERR(syscall(SYS_tkill, gettid(), 41), EAGAIN);
		EXPECT_ERR(take(BIT(41), &i), EAGAIN);
		/* kill's are never refused; what gets lost is who it was. */
		OK(kill(getpid(), 42));
		EXPECT_EQ(take(BIT(42), &i), 42);
		EXPECT_EQ(i.si.si_code, SI_USER);
		EXPECT_EQ(i.si.si_pid, 0);
		/* Nor are classic ones, */
		i = info_of(SI_QUEUE, 5);
		EXPECT_EQ(queue(getpid(), SIGUSR1, &i), 0);
		EXPECT_EQ(take(BIT(SIGUSR1), &i), SIGUSR1);
		EXPECT_EQ(i.si.si_code, SI_USER);
		EXPECT_EQ(i.si.si_value.sival_int, 0);
		/* and kill's classic ones even are complete. */
		OK(kill(getpid(), SIGUSR2));
		EXPECT_EQ(take(BIT(SIGUSR2), &i), SIGUSR2);
		EXPECT_EQ(i.si.si_pid, getpid());
		/* Room again. */
		EXPECT_EQ(take(BIT(40), &i), 40);
		i = info_of(SI_QUEUE, 6);
		EXPECT_EQ(queue(getpid(), 41, &i), 0);
		EXPECT_ERR(queue(getpid(), 41, &i), EAGAIN);
	}
	EXPECT_EXIT(pid, 0);
}

/* The dead leave nothing in the count. */
TEST(a_full_queue_is_given_back)
{
	pid_t pid;

	for (int round = 0; round < 3; round++) {
		IN_CHILD(pid) {
			union info i = info_of(SI_QUEUE, 1);

			become_user(4712, 4712);
			set_mask(-1UL);
			limit_pending(8);
			for (int n = 0; n < 8; n++)
				EXPECT_EQ(queue(getpid(), 50, &i), 0);
			EXPECT_ERR(queue(getpid(), 50, &i), EAGAIN);
		}
		EXPECT_EXIT(pid, 0);
	}
}

/* ---- taking ---- */

TEST(errors_of_sigtimedwait)
{
	const struct timespec wrong[] = { { -1, 0 }, { 0, 1000000000 } };
	unsigned long set = BIT(SIGUSR1);

	EXPECT_ERR(syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, 4), EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, 16), EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigtimedwait, BAD, NULL, NULL, 8), EFAULT);
	EXPECT_ERR(syscall(SYS_rt_sigtimedwait, NULL, NULL, NULL, 8), EFAULT);
	EXPECT_ERR(syscall(SYS_rt_sigtimedwait, &set, NULL, BAD, 8), EFAULT);
	for (int i = 0; i < 2; i++)
		EXPECT_ERR(syscall(SYS_rt_sigtimedwait, &set, NULL, wrong + i,
				   8), EINVAL);
	EXPECT_ERR(take(set, NULL), EAGAIN);
	/* A wrong place for the siginfo: the signal is gone all the same. */
	set_mask(-1UL);
	OK(raise(SIGUSR1));
	EXPECT_ERR(take(set, BAD), EFAULT);
	EXPECT_ERR(take(set, NULL), EAGAIN);
	/* KILL and STOP are left out without a word. */
	OK(raise(SIGUSR1));
	EXPECT_EQ(take(set | BIT(SIGKILL) | BIT(SIGSTOP), NULL), SIGUSR1);
}

TEST(sigtimedwait_waits)
{
	const struct timespec ten_ms = { 0, 10000000 };
	unsigned long set = BIT(50);
	struct timespec before, after;
	union info i;
	pid_t pid;

	set_mask(-1UL);
	OK(clock_gettime(CLOCK_MONOTONIC, &before));
	EXPECT_ERR(syscall(SYS_rt_sigtimedwait, &set, &i, &ten_ms, 8), EAGAIN);
	OK(clock_gettime(CLOCK_MONOTONIC, &after));
	EXPECT((after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec -
	       before.tv_nsec >= 10000000);
	IN_CHILD(pid) {
		EXPECT_EQ(syscall(SYS_rt_sigtimedwait, &set, &i, NULL, 8), 50);
		EXPECT_EQ(i.si.si_value.sival_int, 8);
		EXPECT_EQ(i.si.si_pid, getppid());
	}
	wait_until_sleeping(pid);
	i = info_of(SI_QUEUE, 8);
	EXPECT_EQ(queue(pid, 50, &i), 0);
	EXPECT_EXIT(pid, 0);
}

/* A handler that runs meanwhile ends it, SA_RESTART or not. */
TEST(sigtimedwait_is_interrupted)
{
	unsigned long set = BIT(50);
	pid_t pid;

	IN_CHILD(pid) {
		handle(SIGUSR1, note, SA_RESTART);
		EXPECT_ERR(syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, 8),
			   EINTR);
		EXPECT_EQ(count, 1);
	}
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR1));
	EXPECT_EXIT(pid, 0);
}

/* ---- the two that are the kernel's ---- */

TEST(kill_and_stop_are_not_the_programs)
{
	static const int sigs[] = { SIGKILL, SIGSTOP };
	unsigned long set = -1UL, got = 0;
	struct {
		void		*handler;
		unsigned long	flags;
		void		*restorer;
		unsigned long	mask;
	} ka = { SIG_IGN, 0, NULL, 0 };

	for (int i = 0; i < 2; i++) {
		EXPECT_ERR(syscall(SYS_rt_sigaction, sigs[i], &ka, NULL, 8),
			   EINVAL);
		EXPECT_EQ(syscall(SYS_rt_sigaction, sigs[i], NULL, &ka, 8), 0);
		EXPECT(ka.handler == SIG_DFL);
		EXPECT_ERR(syscall(SYS_rt_sigaction, sigs[i], &ka, NULL, 8),
			   EINVAL);
	}
	OK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &set, NULL, 8));
	OK(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &got, 8));
	EXPECT_EQ(got, ~(BIT(SIGKILL) | BIT(SIGSTOP)));
	/* Nor by a handler's mask. */
	ka.mask = -1UL;
	OK(syscall(SYS_rt_sigaction, SIGUSR1, &ka, NULL, 8));
	OK(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &ka, 8));
	EXPECT_EQ(ka.mask, ~(BIT(SIGKILL) | BIT(SIGSTOP)));
	EXPECT_ERR(syscall(SYS_rt_sigaction, 0, NULL, &ka, 8), EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigaction, 65, NULL, &ka, 8), EINVAL);
	EXPECT_ERR(syscall(SYS_rt_sigaction, 1, NULL, &ka, 4), EINVAL);
}
