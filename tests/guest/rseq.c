/* rseq(2) and membarrier(2): work on per-CPU data in user mode. */
#include "test.h"

#include <linux/membarrier.h>
#include <linux/rseq.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/rseq.h>
#include <sys/time.h>

#define SIGNATURE	0x53053053
#define OTHER_SIGNATURE	0x12345678

static long rseq(void *area, unsigned len, int flags, unsigned sig)
{
	return syscall(SYS_rseq, area, len, flags, sig);
}

static struct rseq *glibcs(void)
{
	return (struct rseq *)((char *)__builtin_thread_pointer() +
			       __rseq_offset);
}

/* Our own, in place of the C library's. */
static struct rseq area __attribute__((aligned(32)));

static void take_over(unsigned signature)
{
	if (__rseq_size)
		OK(rseq(glibcs(), 32, RSEQ_FLAG_UNREGISTER, SIGNATURE));
	memset(&area, 0, sizeof(area));
	area.cpu_id = RSEQ_CPU_ID_UNINITIALIZED;
	OK(rseq(&area, 32, 0, signature));
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	OK(sched_setaffinity(0, sizeof(set), &set));
}

TEST(library_has_registered)
{
	EXPECT(__rseq_size >= 20);
	EXPECT_EQ(rseq(glibcs(), 32, 0, SIGNATURE), -1);
	EXPECT_EQ(errno, EBUSY);
	EXPECT(glibcs()->cpu_id < 1024);
	EXPECT_EQ(glibcs()->cpu_id, glibcs()->cpu_id_start);
}

TEST(registration)
{
	struct rseq *mine = &area;
	pid_t pid;

	IN_CHILD(pid) {
		take_over(SIGNATURE);
		EXPECT_ERR(rseq(mine, 32, 0, SIGNATURE), EBUSY);
		EXPECT_ERR(rseq(mine, 32, 0, OTHER_SIGNATURE), EPERM);
		EXPECT_ERR(rseq(mine, 64, 0, SIGNATURE), EINVAL);
		EXPECT_ERR(rseq(mine + 1, 32, 0, SIGNATURE), EINVAL);
		EXPECT_ERR(rseq(mine, 32, RSEQ_FLAG_UNREGISTER,
				OTHER_SIGNATURE), EPERM);
		EXPECT_ERR(rseq(mine + 1, 32, RSEQ_FLAG_UNREGISTER,
				SIGNATURE), EINVAL);
		EXPECT_ERR(rseq(mine, 16, RSEQ_FLAG_UNREGISTER, SIGNATURE),
			   EINVAL);
		EXPECT_ERR(rseq(mine, 32, RSEQ_FLAG_UNREGISTER | 2,
				SIGNATURE), EINVAL);
		OK(rseq(mine, 32, RSEQ_FLAG_UNREGISTER, SIGNATURE));
		EXPECT_EQ((int)mine->cpu_id, RSEQ_CPU_ID_UNINITIALIZED);
		EXPECT_EQ(mine->cpu_id_start, 0);
		EXPECT_ERR(rseq(mine, 32, RSEQ_FLAG_UNREGISTER, SIGNATURE),
			   EINVAL);
		EXPECT_ERR(rseq(mine, 32, 2, SIGNATURE), EINVAL);
		EXPECT_ERR(rseq(mine, 16, 0, SIGNATURE), EINVAL);
		EXPECT_ERR(rseq((char *)mine + 8, 32, 0, SIGNATURE), EINVAL);
		EXPECT_ERR(rseq((void *)-4096L, 32, 0, SIGNATURE), EFAULT);
		OK(rseq(mine, 32, 0, OTHER_SIGNATURE));
	}
	EXPECT_EXIT(pid, 0);
}

TEST(cpu_number_is_current)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN);
	pid_t pid;

	IN_CHILD(pid) {
		take_over(SIGNATURE);
		for (int i = 0; i < 4 * cpus; i++) {
			pin(i % cpus);
			EXPECT_EQ(*(volatile unsigned *)&area.cpu_id,
				  i % cpus);
			EXPECT_EQ(*(volatile unsigned *)&area.cpu_id_start,
				  i % cpus);
		}
	}
	EXPECT_EXIT(pid, 0);
}

TEST(fork_inherits_and_exec_forgets)
{
	pid_t pid, inner;

	IN_CHILD(pid) {
		take_over(OTHER_SIGNATURE);
		IN_CHILD(inner) {
			EXPECT_ERR(rseq(&area, 32, 0, OTHER_SIGNATURE),
				   EBUSY);
			pin(0);
			EXPECT_EQ(*(volatile unsigned *)&area.cpu_id, 0);
			OK(rseq(&area, 32, RSEQ_FLAG_UNREGISTER,
				OTHER_SIGNATURE));
		}
		EXPECT_EXIT(inner, 0);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(address_that_goes_bad_kills)
{
	pid_t pid;

	IN_CHILD(pid) {
		void *page = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

		if (__rseq_size)
			OK(rseq(glibcs(), 32, RSEQ_FLAG_UNREGISTER,
				SIGNATURE));
		OK(rseq(page, 32, 0, SIGNATURE));
		OK(munmap(page, 4096));
		raise(SIGURG);
		OK(signal(SIGUSR1, (void (*)(int))_exit) == SIG_ERR ? -1 : 0);
		raise(SIGUSR1);
	}
	EXPECT_KILLED(pid, SIGSEGV);
}

/* ---- critical sections -------------------------------------------------- */

/*
 * A section that never commits: it spins until *@stop. Aborted, the result is
 * 1; left because of @stop, 0.
 */
static int spin_in_section(volatile int *stop, struct rseq_cs *cs)
{
	int result;

	__asm__ __volatile__(
		"lea 1f(%%rip), %%rax\n\t"
		"mov %%rax, 8(%2)\n\t"		/* start_ip */
		"movq $(2f - 1f), 16(%2)\n\t"	/* post_commit_offset */
		"lea 4f(%%rip), %%rax\n\t"
		"mov %%rax, 24(%2)\n\t"		/* abort_ip */
		"mov %2, 8(%3)\n"		/* rseq_cs */
		"1:\n\t"
		"cmpl $0, (%1)\n\t"
		"je 1b\n"
		"2:\n\t"
		"xor %%eax, %%eax\n\t"
		"jmp 5f\n\t"
		".long 0x53053053\n"
		"4:\n\t"
		"mov $1, %%eax\n"
		"5:\n\t"
		: "=&a"(result)
		: "r"(stop), "r"(cs), "r"(&area)
		: "memory", "cc");
	return result;
}

static volatile int stop, handled;

static void on_alarm(int sig)
{
	(void)sig;
	handled++;
}

static void alarm_soon(void)
{
	struct itimerval soon = { .it_value.tv_usec = 20000 };
	struct sigaction action = { .sa_handler = on_alarm };

	OK(sigaction(SIGALRM, &action, NULL));
	OK(setitimer(ITIMER_REAL, &soon, NULL));
}

TEST(signal_aborts_a_section)
{
	static struct rseq_cs cs __attribute__((aligned(32)));
	pid_t pid;

	IN_CHILD(pid) {
		take_over(SIGNATURE);
		memset(&cs, 0, sizeof(cs));
		alarm_soon();
		EXPECT_EQ(spin_in_section(&stop, &cs), 1);
		EXPECT_EQ(area.rseq_cs, 0);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(preemption_aborts_a_section)
{
	static struct rseq_cs cs __attribute__((aligned(32)));
	pid_t pid, rival;

	pin(0);
	IN_CHILD(rival)
		for (;;)
			;
	IN_CHILD(pid) {
		take_over(SIGNATURE);
		memset(&cs, 0, sizeof(cs));
		for (int i = 0; i < 3; i++)
			EXPECT_EQ(spin_in_section(&stop, &cs), 1);
	}
	EXPECT_EXIT(pid, 0);
	OK(kill(rival, SIGKILL));
	EXPECT_KILLED(rival, SIGKILL);
}

/* An announcement left behind is taken back when it is next looked at. */
TEST(stale_sections_are_cleared)
{
	static struct rseq_cs cs __attribute__((aligned(32)));
	static volatile int now = 1;
	pid_t pid;

	IN_CHILD(pid) {
		take_over(SIGNATURE);
		EXPECT_EQ(spin_in_section(&now, &cs), 0);
		on_alarm(0);
		OK(signal(SIGUSR1, on_alarm) == SIG_ERR ? -1 : 0);
		raise(SIGUSR1);
		EXPECT_EQ(area.rseq_cs, 0);
	}
	EXPECT_EXIT(pid, 0);
}

static void run_bad(int which)
{
	static struct rseq_cs cs __attribute__((aligned(32)));

	take_over(which == 0 ? OTHER_SIGNATURE : SIGNATURE);
	if (which == 1)
		cs.version = 1;
	if (which == 2)
		cs.flags = 1;
	if (which == 3) {
		area.rseq_cs = -4096L;
		OK(signal(SIGUSR1, on_alarm) == SIG_ERR ? -1 : 0);
		raise(SIGUSR1);
		_exit(1);
	}
	if (which == 4)
		area.flags = 1;
	alarm_soon();
	spin_in_section(&stop, &cs);
}

TEST(bad_sections_kill)
{
	for (int i = 0; i < 5; i++) {
		pid_t pid;

		IN_CHILD(pid)
			run_bad(i);
		EXPECT_KILLED(pid, SIGSEGV);
	}
}

/* ---- membarrier --------------------------------------------------------- */

static long membarrier(int cmd, unsigned flags, int cpu)
{
	return syscall(SYS_membarrier, cmd, flags, cpu);
}

TEST(barrier_commands)
{
	static const int registered[][2] = {
		{ MEMBARRIER_CMD_PRIVATE_EXPEDITED,
		  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED },
		{ MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE,
		  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE },
		{ MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ,
		  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ },
	};

	EXPECT_EQ(membarrier(MEMBARRIER_CMD_QUERY, 0, 0), 0x1ff);
	EXPECT_ERR(membarrier(MEMBARRIER_CMD_QUERY, 1, 0), EINVAL);
	EXPECT_ERR(membarrier(1 << 20, 0, 0), EINVAL);
	EXPECT_ERR(membarrier(-1, 0, 0), EINVAL);
	OK(membarrier(MEMBARRIER_CMD_GLOBAL, 0, 0));
	EXPECT_ERR(membarrier(MEMBARRIER_CMD_GLOBAL, 1, 0), EINVAL);
	OK(membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0));
	OK(membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0));
	for (int i = 0; i < 3; i++) {
		EXPECT_ERR(membarrier(registered[i][0], 0, 0), EPERM);
		OK(membarrier(registered[i][1], 0, 0));
		OK(membarrier(registered[i][0], 0, 0));
	}
	EXPECT_ERR(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED,
			      MEMBARRIER_CMD_FLAG_CPU, 0), EINVAL);
	EXPECT_ERR(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, 2, 0),
		   EINVAL);
	OK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ,
		      MEMBARRIER_CMD_FLAG_CPU, 0));
	OK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ,
		      MEMBARRIER_CMD_FLAG_CPU, 100000));
}

/* Inherited by fork. */
TEST(registration_is_inherited)
{
	pid_t pid;

	OK(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
	IN_CHILD(pid)
		OK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
	EXPECT_EXIT(pid, 0);
}
