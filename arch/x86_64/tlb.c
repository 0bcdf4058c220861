/*
 * TLB shootdown, by generation.
 *
 * The rules are in <arch/tlb.h>. Why no flush is ever missed: whoever changes
 * page tables raises mm->tlb_gen, then looks who has the mm loaded; whoever
 * loads it enters its name in mm->cpumask, then reads tlb_gen. Both pairs are
 * ordered by a locked instruction in between, so either the changer sees the
 * CPU and interrupts it, or the CPU sees the new generation, and with it the
 * new page tables. The same holds for a CPU that stops being lazy.
 *
 * PCIDs are not used: an address-space switch flushes what is not global.
 */
#include <arch/cpu.h>
#include <arch/page.h>
#include <arch/smp.h>
#include <arch/tlb.h>
#include <keel/bug.h>
#include <kernel/sched.h>
#include <mm/mm.h>

#include "internal.h"

/* Above this many pages, forgetting everything is cheaper. */
#define RANGE_FLUSH_MAX_PAGES	32UL

struct tlb_flush {
	struct mm	*mm;
	vaddr_t		start, end;
	long		new_gen;	/* of mm->tlb_gen, by this flush */
	bool		freed_tables;
};

static void invlpg(vaddr_t addr)
{
	__asm__ __volatile__("invlpg (%0)" :: "r"(addr) : "memory");
}

void flush_tlb_local_page(vaddr_t addr)
{
	invlpg(addr);
}

/* Global entries survive a cr3 load, but not a change of CR4.PGE. */
void flush_tlb_local_all(void)
{
	unsigned long flags = local_irq_save();
	unsigned long cr4 = read_cr4();

	if (cr4 & CR4_PGE) {
		write_cr4(cr4 & ~CR4_PGE);
		write_cr4(cr4);
	} else {
		write_cr3(read_cr3());
	}
	local_irq_restore(flags);
}

static bool is_small(vaddr_t start, vaddr_t end)
{
	return end - start <= RANGE_FLUSH_MAX_PAGES << PAGE_SHIFT;
}

static void flush_range_here(vaddr_t start, vaddr_t end)
{
	for (vaddr_t addr = start & PAGE_MASK; addr < end; addr += PAGE_SIZE)
		invlpg(addr);
}

/* Stop borrowing: the tables in use are about to be freed. irqs off. */
static void leave_lazy_mm(struct mm *mm)
{
	this_cpu_write(pcpu_hot.loaded_mm, &init_mm);
	write_cr3(__pa(init_mm.pgd));
	cpumask_clear_cpu(smp_processor_id(), &mm->cpumask);
	sched_stop_borrowing(mm);
}

/*
 * Bring this CPU up to date. Flushing a range only is right if this is the one
 * flush we are behind by. Context: irqs off.
 */
static void flush_here(const struct tlb_flush *flush)
{
	struct mm *mm = flush->mm;
	long seen = this_cpu_read(pcpu_hot.loaded_tlb_gen);
	long now;

	if (this_cpu_read(pcpu_hot.loaded_mm) != mm)
		return;
	if (this_cpu_read(pcpu_hot.tlb_lazy)) {
		if (flush->freed_tables)
			leave_lazy_mm(mm);
		return;		/* what we missed is seen when we come back */
	}
	now = atomic_long_read(&mm->tlb_gen);
	if (seen == now)
		return;
	if (flush->new_gen == seen + 1 && flush->new_gen == now &&
	    is_small(flush->start, flush->end))
		flush_range_here(flush->start, flush->end);
	else
		write_cr3(read_cr3());
	this_cpu_write(pcpu_hot.loaded_tlb_gen, now);
}

static void flush_ipi(void *arg)
{
	this_cpu_inc(local_irq_counts[LOCAL_IRQ_TLB]);
	flush_here(arg);
}

/*
 * The CPUs that must be asked about @flush. A lazy one looks for itself when
 * it comes back, except that it must let go of tables that will be freed.
 */
static bool find_targets(const struct tlb_flush *flush, struct cpumask *targets)
{
	const struct cpumask *users = &flush->mm->cpumask;
	unsigned int me = smp_processor_id();
	bool any = false;
	unsigned int cpu;

	for_each_cpu(cpu, users) {
		if (cpu == me || (!flush->freed_tables &&
				  READ_ONCE(per_cpu(pcpu_hot, cpu).tlb_lazy)))
			continue;
		if (!any)
			cpumask_clear(targets);
		any = true;
		targets->bits[cpu / 64] |= BIT(cpu % 64);
	}
	return any;
}

/*
 * See <arch/tlb.h>.
 *
 * Context: process, interrupts on; waits for other CPUs, which wait for
 * nothing in turn.
 */
void flush_tlb_mm_range(struct mm *mm, vaddr_t start, vaddr_t end,
			bool freed_tables)
{
	struct tlb_flush flush = {
		.mm = mm, .start = start, .end = end,
		.freed_tables = freed_tables,
	};
	struct cpumask targets;

	preempt_disable();
	flush.new_gen = atomic_long_inc_return(&mm->tlb_gen);
	local_irq_disable();
	flush_here(&flush);
	local_irq_enable();
	if (find_targets(&flush, &targets))
		on_each_cpu_mask(&targets, flush_ipi, &flush, true);
	preempt_enable();
}

void flush_tlb_mm(struct mm *mm)
{
	flush_tlb_mm_range(mm, 0, TASK_SIZE, false);
}

static void flush_kernel_ipi(void *arg)
{
	const struct tlb_flush *flush = arg;

	if (is_small(flush->start, flush->end))
		flush_range_here(flush->start, flush->end);
	else
		flush_tlb_local_all();
}

/* Context: process, interrupts on; during boot, on the only CPU, any. */
void flush_tlb_kernel_range(vaddr_t start, vaddr_t end)
{
	struct tlb_flush flush = { .start = start, .end = end };

	on_each_cpu(flush_kernel_ipi, &flush, true);
}

/* The CPU has @mm loaded and runs a task of it again. irqs off. */
static void stop_being_lazy(struct mm *mm)
{
	unsigned long gen;

	this_cpu_write(pcpu_hot.tlb_lazy, false);
	smp_mb();	/* before we read: a flusher sees this, or we its gen */
	gen = atomic_long_read(&mm->tlb_gen);
	if (gen == this_cpu_read(pcpu_hot.loaded_tlb_gen))
		return;
	this_cpu_write(pcpu_hot.loaded_tlb_gen, gen);
	write_cr3(read_cr3());
}

static void load_mm(struct mm *old, struct mm *next)
{
	unsigned int me = smp_processor_id();

	/* The kernel's own tables are never shot down by this mask. */
	if (next != &init_mm)
		cpumask_set_cpu(me, &next->cpumask);
	smp_mb();
	this_cpu_write(pcpu_hot.loaded_tlb_gen,
		       (unsigned long)atomic_long_read(&next->tlb_gen));
	this_cpu_write(pcpu_hot.loaded_mm, next);
	this_cpu_write(pcpu_hot.tlb_lazy, false);
	write_cr3(__pa(next->pgd));
	if (old && old != &init_mm)
		cpumask_clear_cpu(me, &old->cpumask);
}

/*
 * Make @next's page tables this CPU's, as part of a context switch. @prev is
 * the mm the scheduler believes loaded; what really is may be init_mm, if a
 * flush made us let go of it.
 *
 * Context: preemption off.
 */
void switch_mm(struct mm *prev __unused, struct mm *next)
{
	unsigned long flags = local_irq_save();
	struct mm *loaded = this_cpu_read(pcpu_hot.loaded_mm);

	if (!next)
		this_cpu_write(pcpu_hot.tlb_lazy, true);
	else if (next != loaded)
		load_mm(loaded, next);
	else if (this_cpu_read(pcpu_hot.tlb_lazy))
		stop_being_lazy(next);
	local_irq_restore(flags);
}

/* Context: process; @next has just become current's mm. */
void activate_mm(struct mm *prev, struct mm *next)
{
	preempt_disable();
	switch_mm(prev, next);
	preempt_enable();
}
