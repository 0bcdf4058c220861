/*
 * ptrace(2): PTRACE_PEEKSIGINFO, the signals that wait for a tracee or for its
 * process. They are looked at, not taken.
 */
#include "ptracetools.h"

#include <sys/mman.h>

#define PEEK(pid, args, to)	PT(PTRACE_PEEKSIGINFO, pid, args, to)
#define SHARED			PTRACE_PEEKSIGINFO_SHARED
#define MINE			(SIGRTMIN + 1)	/* to the thread */
#define OURS			(SIGRTMIN + 2)	/* to the process */
#define EACH			5

/*
 * A tracee for which five of either wait, numbered, and a SIGUSR1 each, which
 * was sent twice and is there once.
 */
static pid_t with_signals(void)
{
	pid_t pid;

	TRACEE(pid) {
		sigset_t set;

		sigfillset(&set);
		sigdelset(&set, SIGSTOP);
		OK(sigprocmask(SIG_BLOCK, &set, NULL));
		for (int i = 0; i < EACH; i++) {
			siginfo_t info = { .si_code = SI_QUEUE };

			info.si_value.sival_int = 100 + i;
			OK(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(),
				   MINE, &info));
			info.si_value.sival_int = 200 + i;
			OK(sigqueue(getpid(), OURS, info.si_value));
		}
		for (int i = 0; i < 2; i++) {
			OK(raise(SIGUSR1));
			OK(kill(getpid(), SIGUSR1));
		}
		raise(SIGSTOP);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	return pid;
}

static void end(pid_t pid)
{
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}

TEST(both_queues_in_their_order)
{
	struct ptrace_peeksiginfo_args args = { .nr = 10 };
	pid_t pid = with_signals();
	siginfo_t got[10];

	for (int shared = 0; shared < 2; shared++) {
		args.flags = shared ? SHARED : 0;
		/* Looking takes nothing away. */
		for (int again = 0; again < 2; again++) {
			memset(got, 0, sizeof(got));
			EXPECT_EQ(OK(PEEK(pid, &args, got)), EACH + 1);
			for (int i = 0; i < EACH; i++) {
				EXPECT_EQ(got[i].si_signo,
					  shared ? OURS : MINE);
				EXPECT_EQ(got[i].si_code, SI_QUEUE);
				EXPECT_EQ(got[i].si_value.sival_int,
					  (shared ? 200 : 100) + i);
			}
			EXPECT_EQ(got[EACH].si_signo, SIGUSR1);
			EXPECT_EQ(got[EACH].si_code,
				  shared ? SI_USER : SI_TKILL);
			EXPECT_EQ(got[EACH].si_pid, pid);
			EXPECT_EQ(got[EACH + 1].si_signo, 0);
		}
	}
	end(pid);
}

TEST(offsets_and_numbers)
{
	struct ptrace_peeksiginfo_args args = {};
	pid_t pid = with_signals();
	siginfo_t got[10];

	for (uint64_t off = 0; off < 8; off++)
		for (int nr = 0; nr < 8; nr++) {
			int left = off > EACH ? 0 : EACH + 1 - (int)off;

			args.off = off;
			args.nr = nr;
			EXPECT_EQ(OK(PEEK(pid, &args, got)),
				  nr < left ? nr : left);
			if (nr && left > 1)
				EXPECT_EQ(got[0].si_value.sival_int, 100 + off);
		}
	args.nr = 1;
	for (int shift = 31; shift < 64; shift++) {
		args.off = 1UL << shift;
		EXPECT_EQ(OK(PEEK(pid, &args, got)), 0);
	}
	args.off = -1UL;
	EXPECT_EQ(OK(PEEK(pid, &args, got)), 0);
	/* More than there are, and more than there is room for. */
	args.off = 0;
	args.nr = 0x7fffffff;
	EXPECT_EQ(OK(PEEK(pid, &args, got)), EACH + 1);
	end(pid);
}

TEST(wrong_ways_to_ask)
{
	struct ptrace_peeksiginfo_args args = { .nr = 1 };
	pid_t pid = with_signals();
	siginfo_t got[10];

	for (int bit = 1; bit < 32; bit++) {
		args.flags = 1U << bit;
		EXPECT_ERR(PEEK(pid, &args, got), EINVAL);
		args.flags |= SHARED;
		EXPECT_ERR(PEEK(pid, &args, got), EINVAL);
	}
	args.flags = 0;
	args.nr = -1;
	EXPECT_ERR(PEEK(pid, &args, got), EINVAL);
	args.nr = 0x80000000;
	EXPECT_ERR(PEEK(pid, &args, got), EINVAL);
	EXPECT_ERR(PEEK(pid, 0, got), EFAULT);
	EXPECT_ERR(PEEK(pid, 8, got), EFAULT);
	args.nr = 1;
	EXPECT_ERR(PEEK(pid, &args, 0), EFAULT);
	EXPECT_ERR(PEEK(pid, &args, 1UL << 63), EFAULT);
	/* Where there is nothing to copy, where to does not matter. */
	args.nr = 0;
	EXPECT_EQ(OK(PEEK(pid, &args, 8)), 0);
	args.nr = 1;
	args.off = EACH + 1;
	EXPECT_EQ(OK(PEEK(pid, &args, 8)), 0);
	end(pid);
	EXPECT_ERR(PEEK(pid, &args, got), ESRCH);
	EXPECT_ERR(PEEK(getpid(), &args, got), ESRCH);
}

/* When some did fit, how many is the answer, not the fault. */
TEST(where_the_room_ends)
{
	struct ptrace_peeksiginfo_args args = { .nr = 10 };
	long page = sysconf(_SC_PAGESIZE);
	char *area = OK(mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	pid_t pid = with_signals();
	siginfo_t *got = (siginfo_t *)(area + page) - 3;

	OK(munmap(area + page, page));
	EXPECT_EQ(OK(PEEK(pid, &args, got)), 3);
	EXPECT_EQ(got[2].si_value.sival_int, 102);
	EXPECT_ERR(PEEK(pid, &args, area + page - 64), EFAULT);
	OK(munmap(area, page));
	end(pid);
}

/* What a tracer sees change: signals come, others are taken. */
TEST(queues_of_one_that_goes_on)
{
	struct ptrace_peeksiginfo_args args = { .nr = 10, .flags = SHARED };
	siginfo_t got[10];
	sigset_t set;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, OURS);
	TRACEE(pid) {
		OK(sigprocmask(SIG_BLOCK, &set, NULL));
		raise(SIGSTOP);
		EXPECT_EQ(OK(sigwaitinfo(&set, got)), OURS);
		EXPECT_EQ(got[0].si_value.sival_int, 1);
		raise(SIGSTOP);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	EXPECT_EQ(OK(PEEK(pid, &args, got)), 0);
	for (int i = 1; i <= 2; i++) {
		OK(sigqueue(pid, OURS, (union sigval){ .sival_int = i }));
		EXPECT_EQ(OK(PEEK(pid, &args, got)), i);
	}
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	EXPECT_EQ(OK(PEEK(pid, &args, got)), 1);
	EXPECT_EQ(got[0].si_value.sival_int, 2);
	EXPECT_EQ(got[0].si_pid, getpid());
	finish(pid);
}
