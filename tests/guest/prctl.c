/*
 * prctl: names, death signals, dumpability, subreapers and the rest of the
 * drawer.
 */
#include "test.h"

#include <grp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <ucontext.h>

TEST(unknown_operations)
{
	EXPECT_ERR(prctl(0, 0, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(12345, 0, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_GET_UNALIGN, 0, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_GET_FPEMU, 0, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_GET_ENDIAN, 0, 0, 0, 0), EINVAL);
}

TEST(names)
{
	char name[16];

	OK(prctl(PR_SET_NAME, "a-name-of-more-than-fifteen", 0, 0, 0));
	OK(prctl(PR_GET_NAME, name, 0, 0, 0));
	EXPECT_STR(name, "a-name-of-more-");
	EXPECT_ERR(prctl(PR_SET_NAME, 8, 0, 0, 0), EFAULT);
	EXPECT_ERR(prctl(PR_GET_NAME, 8, 0, 0, 0), EFAULT);
}

TEST(pdeathsig)
{
	struct event ready;
	pid_t middle, pid;
	int fds[2], sig;
	char c;

	EXPECT_ERR(prctl(PR_SET_PDEATHSIG, 65, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_PDEATHSIG, -1, 0, 0, 0), EINVAL);
	OK(prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
	OK(prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0));
	EXPECT_EQ(sig, SIGUSR1);
	EXPECT_ERR(prctl(PR_GET_PDEATHSIG, 8, 0, 0, 0), EFAULT);
	event_init(&ready);
	OK(pipe(fds));
	IN_CHILD(middle) {
		IN_CHILD(pid) {
			int none;

			/* Not inherited. */
			OK(prctl(PR_GET_PDEATHSIG, &none, 0, 0, 0));
			EXPECT_EQ(none, 0);
			OK(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0));
			event_signal(&ready);
			for (;;)
				pause();
		}
		event_wait(&ready);
	}
	EXPECT_EXIT(middle, 0);
	/* The end of the pipe is closed when the last of them is gone. */
	OK(close(fds[1]));
	EXPECT_EQ(read(fds[0], &c, 1), 0);
	OK(close(fds[0]));
	event_close(&ready);
	OK(prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0));
}

TEST(dumpable)
{
	EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
	EXPECT_ERR(prctl(PR_SET_DUMPABLE, 2, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_DUMPABLE, -1, 0, 0, 0), EINVAL);
	OK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
	EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	OK(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

TEST(a_change_of_identity_ends_dumpability)
{
	OK(prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
	OK(setresuid(-1, 1000, -1));
	EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	int sig = 1;
	OK(prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0));
	EXPECT_EQ(sig, 0);
}

TEST(changing_groups_alone_does_not)
{
	OK(setgroups(0, NULL));
	EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
}

HELPER(dumpable)
{
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
}

TEST(a_program_that_cannot_be_read_is_not_dumpable)
{
	char *argv[] = { HELPER_ARGV("dumpable"), NULL };
	char buf[65536];
	ssize_t n;
	int in = OK(open(SELF, O_RDONLY));
	int out = OK(open("prog", O_CREAT | O_WRONLY, 0711));
	pid_t pid;

	while ((n = OK(read(in, buf, sizeof(buf)))) > 0)
		EXPECT_EQ(write(out, buf, n), n);
	OK(close(in));
	OK(close(out));
	OK(chmod(".", 0755));
	EXPECT_EXIT(spawn("./prog", argv, NULL), 1);
	IN_CHILD(pid) {
		become_user(1000, 1000);
		execv("./prog", argv);
	}
	EXPECT_EXIT(pid, 0);
	OK(chmod("prog", 0755));
	IN_CHILD(pid) {
		become_user(1000, 1000);
		execv("./prog", argv);
	}
	EXPECT_EXIT(pid, 1);
}

TEST(no_new_privs)
{
	pid_t pid;

	EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	EXPECT_ERR(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 1, 0), EINVAL);
	OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	IN_CHILD(pid)
		EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	EXPECT_EXIT(pid, 0);
}

TEST(timerslack)
{
	pid_t pid;

	EXPECT_EQ(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0), 50000);
	OK(prctl(PR_SET_TIMERSLACK, 1000, 0, 0, 0));
	EXPECT_EQ(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0), 1000);
	IN_CHILD(pid) {
		/* What the parent had is the child's default. */
		OK(prctl(PR_SET_TIMERSLACK, 5, 0, 0, 0));
		OK(prctl(PR_SET_TIMERSLACK, 0, 0, 0, 0));
		EXPECT_EQ(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0), 1000);
	}
	EXPECT_EXIT(pid, 0);
	OK(prctl(PR_SET_TIMERSLACK, 0, 0, 0, 0));
	EXPECT_EQ(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0), 50000);
}

TEST(timing_is_statistical)
{
	EXPECT_EQ(prctl(PR_GET_TIMING, 0, 0, 0, 0), PR_TIMING_STATISTICAL);
	OK(prctl(PR_SET_TIMING, PR_TIMING_STATISTICAL, 0, 0, 0));
	EXPECT_ERR(prctl(PR_SET_TIMING, PR_TIMING_TIMESTAMP, 0, 0, 0), EINVAL);
}

TEST(mce_kill)
{
	EXPECT_EQ(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0), PR_MCE_KILL_DEFAULT);
	OK(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0));
	EXPECT_EQ(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0), PR_MCE_KILL_EARLY);
	OK(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_LATE, 0, 0));
	EXPECT_EQ(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0), PR_MCE_KILL_LATE);
	OK(prctl(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 0, 0));
	EXPECT_EQ(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0), PR_MCE_KILL_DEFAULT);
	EXPECT_ERR(prctl(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 1, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, 3, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_MCE_KILL, 2, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, 0, 1, 0), EINVAL);
	EXPECT_ERR(prctl(PR_MCE_KILL_GET, 1, 0, 0, 0), EINVAL);
}

TEST(thp_disable)
{
	pid_t pid;

	EXPECT_EQ(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), 0);
	EXPECT_ERR(prctl(PR_GET_THP_DISABLE, 1, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_THP_DISABLE, 1, 1, 0, 0), EINVAL);
	OK(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
	IN_CHILD(pid)
		EXPECT_EQ(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), 1);
	EXPECT_EXIT(pid, 0);
}

TEST(tid_address)
{
	int word, *old = NULL;

	syscall(SYS_set_tid_address, &word);
	OK(prctl(PR_GET_TID_ADDRESS, &old, 0, 0, 0));
	EXPECT(old == &word);
	EXPECT_ERR(prctl(PR_GET_TID_ADDRESS, 8, 0, 0, 0), EFAULT);
}

TEST(set_mm)
{
	char buf[256], *page = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	pid_t pid;

	strcpy(page, "renamed");
	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_ARG_START, page, 0, 1), EINVAL);
	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_ARG_START, -1L, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_ARG_START, 8, 0, 0), EINVAL);
	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_ARG_START, page, 0, 0),
			   EPERM);
	}
	EXPECT_EXIT(pid, 0);
	(void)buf;
	OK(munmap(page, 4096));
}

TEST(subreaper_gets_the_orphans)
{
	pid_t middle, orphan;
	int fds[2], on = -1;

	OK(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	OK(prctl(PR_GET_CHILD_SUBREAPER, &on, 0, 0, 0));
	EXPECT_EQ(on, 1);
	OK(pipe(fds));
	IN_CHILD(middle) {
		int inherited = 1;

		OK(prctl(PR_GET_CHILD_SUBREAPER, &inherited, 0, 0, 0));
		EXPECT_EQ(inherited, 0);
		IN_CHILD(orphan)
			_exit(7);
		EXPECT_EQ(write(fds[1], &orphan, sizeof(orphan)),
			  sizeof(orphan));
	}
	EXPECT_EXIT(middle, 0);
	EXPECT_EQ(read(fds[0], &orphan, sizeof(orphan)), sizeof(orphan));
	EXPECT_EXIT(orphan, 7);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

/* Who becomes one when its grandchildren exist already gets those too. */
TEST(subreaper_of_those_who_are_there)
{
	struct event made, go;
	pid_t middle, orphan;
	int fds[2];

	event_init(&made);
	event_init(&go);
	OK(pipe(fds));
	IN_CHILD(middle) {
		IN_CHILD(orphan) {
			event_wait(&go);
			_exit(6);
		}
		EXPECT_EQ(write(fds[1], &orphan, sizeof(orphan)),
			  sizeof(orphan));
		event_wait(&made);
	}
	EXPECT_EQ(read(fds[0], &orphan, sizeof(orphan)), sizeof(orphan));
	OK(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	event_signal(&made);
	EXPECT_EXIT(middle, 0);
	event_signal(&go);
	EXPECT_EXIT(orphan, 6);
	OK(close(fds[0]));
	OK(close(fds[1]));
	event_close(&made);
	event_close(&go);
}

/* ---- the time stamp counter ---- */

static int tsc_mode(void)
{
	int mode = -1;

	OK(prctl(PR_GET_TSC, &mode, 0, 0, 0));
	return mode;
}

static void read_tsc(void)
{
	unsigned low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high));
}

static volatile sig_atomic_t refused;

/* rdtsc has two bytes. */
static void skip_rdtsc(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	if (sig != SIGSEGV || info->si_code != SI_KERNEL || info->si_addr)
		_exit(98);
	refused++;
	uc->uc_mcontext.gregs[REG_RIP] += 2;
}

static void handle_refusals(void)
{
	struct sigaction act = { .sa_sigaction = skip_rdtsc,
				 .sa_flags = SA_SIGINFO };

	OK(sigaction(SIGSEGV, &act, NULL));
}

TEST(tsc_can_be_forbidden)
{
	EXPECT_EQ(tsc_mode(), PR_TSC_ENABLE);
	read_tsc();
	handle_refusals();
	OK(prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0));
	EXPECT_EQ(tsc_mode(), PR_TSC_SIGSEGV);
	read_tsc();
	EXPECT_EQ(refused, 1);
	OK(sched_yield());
	read_tsc();
	EXPECT_EQ(refused, 2);
	/* Twice is as good as once. */
	OK(prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0));
	read_tsc();
	EXPECT_EQ(refused, 3);
	OK(prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0));
	EXPECT_EQ(tsc_mode(), PR_TSC_ENABLE);
	read_tsc();
	EXPECT_EQ(refused, 3);
}

TEST(tsc_errors)
{
	EXPECT_ERR(prctl(PR_SET_TSC, 0, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_TSC, 3, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_GET_TSC, 8, 0, 0, 0), EFAULT);
	EXPECT_ERR(prctl(PR_GET_TSC, NULL, 0, 0, 0), EFAULT);
	EXPECT_EQ(tsc_mode(), PR_TSC_ENABLE);
}

TEST(tsc_without_a_handler)
{
	pid_t pid;

	IN_CHILD(pid) {
		OK(prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0));
		read_tsc();
	}
	EXPECT_KILLED(pid, SIGSEGV);
}

HELPER(tsc_mode_is)
{
	return tsc_mode() == atoi(argv[1]) ? 0 : 1;
}

TEST(tsc_mode_over_fork_and_exec)
{
	char *argv[] = { HELPER_ARGV("tsc_mode_is"), "2", NULL };
	pid_t pid;

	OK(prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0));
	IN_CHILD(pid) {
		EXPECT_EQ(tsc_mode(), PR_TSC_SIGSEGV);
		handle_refusals();
		read_tsc();
		EXPECT_EQ(refused, 1);
		OK(prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0));
		read_tsc();
		EXPECT_EQ(refused, 1);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(tsc_mode(), PR_TSC_SIGSEGV);
	EXPECT_EXIT(spawn(SELF, argv, NULL), 0);
	OK(prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0));
}

/* Two take turns on one CPU: each has its own mode whenever it runs. */
TEST(tsc_mode_is_each_tasks_own)
{
	enum { ROUNDS = 200 };
	struct event ping, pong;
	cpu_set_t one;
	pid_t pid;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	OK(sched_setaffinity(0, sizeof(one), &one));
	event_init(&ping);
	event_init(&pong);
	IN_CHILD(pid) {
		handle_refusals();
		OK(prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0));
		for (int i = 0; i < ROUNDS; i++) {
			event_wait(&ping);
			read_tsc();
			EXPECT_EQ(refused, i + 1);
			event_signal(&pong);
		}
	}
	for (int i = 0; i < ROUNDS; i++) {
		event_signal(&ping);
		read_tsc();
		event_wait(&pong);
		read_tsc();
	}
	EXPECT_EXIT(pid, 0);
	event_close(&ping);
	event_close(&pong);
}

/* ---- smaller ones ---- */

TEST(io_flusher)
{
	pid_t pid;

	EXPECT_EQ(prctl(PR_GET_IO_FLUSHER, 0, 0, 0, 0), 0);
	EXPECT_ERR(prctl(PR_GET_IO_FLUSHER, 1, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_GET_IO_FLUSHER, 0, 0, 0, 1), EINVAL);
	EXPECT_ERR(prctl(PR_SET_IO_FLUSHER, 2, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_IO_FLUSHER, 1, 1, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 1), EINVAL);
	EXPECT_EQ(prctl(PR_GET_IO_FLUSHER, 0, 0, 0, 0), 0);
	OK(prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0));
	EXPECT_EQ(prctl(PR_GET_IO_FLUSHER, 0, 0, 0, 0), 1);
	IN_CHILD(pid) {
		EXPECT_EQ(prctl(PR_GET_IO_FLUSHER, 0, 0, 0, 0), 1);
		become_user(1000, 1000);
		/* It takes CAP_SYS_RESOURCE even to ask, and before all. */
		EXPECT_ERR(prctl(PR_GET_IO_FLUSHER, 1, 0, 0, 0), EPERM);
		EXPECT_ERR(prctl(PR_SET_IO_FLUSHER, 2, 0, 0, 0), EPERM);
	}
	EXPECT_EXIT(pid, 0);
	OK(prctl(PR_SET_IO_FLUSHER, 0, 0, 0, 0));
	EXPECT_EQ(prctl(PR_GET_IO_FLUSHER, 0, 0, 0, 0), 0);
}

TEST(mce_kill_is_inherited)
{
	pid_t pid;

	OK(prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0));
	IN_CHILD(pid)
		EXPECT_EQ(prctl(PR_MCE_KILL_GET, 0, 0, 0, 0),
			  PR_MCE_KILL_EARLY);
	EXPECT_EXIT(pid, 0);
	OK(prctl(PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 0, 0));
}
