/*
 * membarrier(2): make other threads execute a memory barrier.
 *
 * Two threads that look at each other's variables each need a full barrier
 * between their store and their load. If one of them does so a million times
 * as often as the other, the rare one can pay for both: it asks the kernel to
 * put a barrier into every other thread at that moment, and the frequent one
 * needs none.
 *
 * An interrupt is such a barrier; its return, moreover, makes a CPU fetch
 * anew what instructions it had read ahead. So the expedited commands interrupt
 * all CPUs that have the program's memory loaded (mm->cpumask, which includes
 * those that merely borrow it). All others load it before they run a thread of
 * the program, and loading an address space is a barrier of both kinds too.
 *
 * The commands have to be registered for, once for a program; that is
 * forgotten by exec with the address space, and inherited by fork.
 *
 * Source: man 2 membarrier.
 */
#include <arch/current.h>
#include <arch/smp.h>
#include <kernel/rcu.h>
#include <kernel/rseq.h>
#include <kernel/syscall.h>
#include <mm/mm.h>
#include <uapi/rseq.h>

#define REGISTERS	(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED |	\
			 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED |	\
			 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE | \
			 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ)
#define COMMANDS	(MEMBARRIER_CMD_GLOBAL |			\
			 MEMBARRIER_CMD_GLOBAL_EXPEDITED |		\
			 MEMBARRIER_CMD_PRIVATE_EXPEDITED |		\
			 MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE |	\
			 MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ | REGISTERS)

/* The interrupt was it; this makes sure that no compiler thinks otherwise. */
static void barrier_here(void *arg __unused)
{
	smp_mb();
}

/* Sections of @arg's threads, too, are to begin anew. */
static void barrier_and_restart(void *arg)
{
	smp_mb();
	if (current->mm == arg && current->rseq.area)
		rseq_disturb_current();
}

/* Run @fn on the CPUs of @mask; only on @cpu if that is not negative. */
static void interrupt_cpus(const struct cpumask *mask, smp_call_fn fn, int cpu)
{
	struct mm *mm = current->mm;

	smp_mb();
	if (cpu < 0)
		on_each_cpu_mask(mask, fn, mm, true);
	else if ((unsigned int)cpu < nr_cpu_ids && cpu_online(cpu) &&
		 cpumask_test_cpu(cpu, mask))
		(void)smp_call_function_single(cpu, fn, mm, true);
	smp_mb();
}

static int private_expedited(unsigned int registration, smp_call_fn fn, int cpu)
{
	struct mm *mm = current->mm;
	struct cpumask mask;

	if (!(READ_ONCE(mm->membarrier) & registration))
		return -EPERM;
	mask = mm->cpumask;
	interrupt_cpus(&mask, fn, cpu);
	return 0;
}

static int register_for(unsigned int command)
{
	__atomic_fetch_or(&current->mm->membarrier, command, __ATOMIC_SEQ_CST);
	return 0;
}

/*
 * Return: 0, or with MEMBARRIER_CMD_QUERY the commands there are; -EINVAL (no
 * such command or flag); -EPERM: not registered for.
 */
SYSCALL_DEFINE3(membarrier, int, cmd, unsigned int, flags, int, cpu)
{
	if (cmd == MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ) {
		if (flags & ~MEMBARRIER_CMD_FLAG_CPU)
			return -EINVAL;
	} else if (flags) {
		return -EINVAL;
	}
	/* A negative one is all, as if it had not been given. */
	if (!(flags & MEMBARRIER_CMD_FLAG_CPU))
		cpu = -1;
	switch (cmd) {
	case MEMBARRIER_CMD_QUERY:
		return COMMANDS;
	case MEMBARRIER_CMD_GLOBAL:
		synchronize_rcu();
		return 0;
	case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
		interrupt_cpus(&cpu_online_mask, barrier_here, -1);
		return 0;
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
		return private_expedited(
			MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED,
			barrier_here, -1);
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE:
		return private_expedited(
			MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE,
			barrier_here, -1);
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ:
		return private_expedited(
			MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ,
			barrier_and_restart, cpu);
	case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ:
		return register_for(cmd);
	default:
		return -EINVAL;
	}
}
