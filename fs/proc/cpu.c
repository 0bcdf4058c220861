/*
 * /proc/stat, schedstat, uptime, loadavg, cpuinfo, interrupts: where CPU time
 * went, and what interrupted it.
 *
 * Times are in ticks of 1 / USER_HZ s. Source: man 5 proc.
 */
#include "internal.h"

#include <arch/cpuinfo.h>
#include <arch/irq.h>
#include <arch/smp.h>
#include <fs/seq_file.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <kernel/softirq.h>
#include <kernel/time.h>
#include <lib/parse.h>
#include <mm/slab.h>

static unsigned long ticks(uint64_t ns)
{
	return ns / NSEC_PER_CLOCK_TICK;
}

/* ---- stat ---- */

/* The last three (steal, guest, guest_nice) are for virtual machines. */
static void show_times(struct seq_file *m, const struct cpu_times *t)
{
	seq_printf(m, " %lu %lu %lu %lu %lu %lu %lu 0 0 0\n",
		   ticks(t->user_ns), ticks(t->nice_ns), ticks(t->system_ns),
		   ticks(t->idle_ns), ticks(t->iowait_ns), ticks(t->irq_ns),
		   ticks(t->softirq_ns));
}

static void show_cpus(struct seq_file *m)
{
	struct cpu_times sum = { 0 }, t;
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		cpu_times_read(cpu, &t);
		sum.user_ns += t.user_ns;
		sum.nice_ns += t.nice_ns;
		sum.system_ns += t.system_ns;
		sum.idle_ns += t.idle_ns;
		sum.iowait_ns += t.iowait_ns;
		sum.irq_ns += t.irq_ns;
		sum.softirq_ns += t.softirq_ns;
	}
	seq_puts(m, "cpu ");
	show_times(m, &sum);
	for_each_online_cpu(cpu) {
		cpu_times_read(cpu, &t);
		seq_printf(m, "cpu%u", cpu);
		show_times(m, &t);
	}
}

/* Device interrupts by number: their counts have gaps to be filled. */
struct irq_sums {
	unsigned long	*counts;	/* NULL: only find the highest */
	unsigned int	nr;
};

static void sum_line(const struct irq_line *line, void *arg)
{
	struct irq_sums *sums = arg;
	unsigned int irq, cpu;

	if (kstrtouint(line->label, 10, &irq))
		return;		/* a CPU's own, which has no number */
	if (!sums->counts)
		sums->nr = max(sums->nr, irq + 1);
	else if (irq < sums->nr)
		for_each_online_cpu(cpu)
			sums->counts[irq] += irq_count(line, cpu);
}

static int show_irqs(struct seq_file *m)
{
	struct irq_sums sums = { 0 };

	irq_for_each(sum_line, &sums);
	sums.counts = kcalloc(max(sums.nr, 1U), sizeof(*sums.counts),
			      GFP_KERNEL);
	if (!sums.counts)
		return -ENOMEM;
	irq_for_each(sum_line, &sums);
	seq_printf(m, "intr %lu", irq_total());
	for (unsigned int i = 0; i < sums.nr; i++)
		seq_printf(m, " %lu", sums.counts[i]);
	seq_putc(m, '\n');
	kfree(sums.counts);
	return 0;
}

/*
 * The ABI has ten kinds, in this order. Ours are fewer, and some of Linux's
 * work is done elsewhere: timers in their interrupt.
 */
static void show_softirqs(struct seq_file *m)
{
	unsigned long counts[] = {
		0,					/* HI */
		0,					/* TIMER */
		0,					/* NET_TX */
		softirq_count_of(SOFTIRQ_NET),		/* NET_RX */
		softirq_count_of(SOFTIRQ_BLOCK),	/* BLOCK */
		0,					/* IRQ_POLL */
		softirq_count_of(SOFTIRQ_LOG),		/* TASKLET */
		softirq_count_of(SOFTIRQ_SCHED),	/* SCHED */
		0,					/* HRTIMER */
		softirq_count_of(SOFTIRQ_RCU),		/* RCU */
	};
	unsigned long sum = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(counts); i++)
		sum += counts[i];
	seq_printf(m, "softirq %lu", sum);
	for (unsigned int i = 0; i < ARRAY_SIZE(counts); i++)
		seq_printf(m, " %lu", counts[i]);
	seq_putc(m, '\n');
}

static int stat_show(struct seq_file *m, void *v __unused)
{
	int err;

	show_cpus(m);
	err = show_irqs(m);
	seq_printf(m, "ctxt %lu\nbtime %ld\nprocesses %lu\n"
		   "procs_running %u\nprocs_blocked %lu\n",
		   (unsigned long)nr_context_switches(),
		   (long)(ktime_real_offset_ns() / NSEC_PER_SEC), nr_forks(),
		   nr_running(), nr_uninterruptible());
	show_softirqs(m);
	return err;
}

/*
 * The one domain in which work is evened out: all CPUs. What is counted of that
 * Linux, too, only counts when asked.
 */
static void show_domain(struct seq_file *m)
{
	if (num_online_cpus() < 2)
		return;
	seq_puts(m, "domain0 ");
	seq_cpumask(m, &cpu_online_mask);
	for (int i = 0; i < 36; i++)
		seq_puts(m, " 0");
	seq_putc(m, '\n');
}

/*
 * Of nine numbers for each CPU six are counts of events that Linux, too, only
 * keeps when asked (0 until then). The rest: ns that tasks ran, ns that they
 * waited, and how often the CPU went from one to another.
 */
static int schedstat_show(struct seq_file *m, void *v __unused)
{
	struct cpu_times t;
	unsigned int cpu;

	seq_printf(m, "version 15\ntimestamp %lu\n",
		   ticks(ktime_get_boottime_ns()));
	for_each_online_cpu(cpu) {
		cpu_times_read(cpu, &t);
		seq_printf(m, "cpu%u 0 0 0 0 0 0 %lu %lu %lu\n", cpu,
			   (unsigned long)(t.user_ns + t.nice_ns +
					   t.system_ns),
			   (unsigned long)cpu_waited_ns(cpu),
			   (unsigned long)cpu_context_switches(cpu));
		show_domain(m);
	}
	return 0;
}

/* ---- uptime and loadavg ---- */

static void show_hundredths(struct seq_file *m, uint64_t ns, char end)
{
	unsigned long hundredths = ns / (NSEC_PER_SEC / 100);

	seq_printf(m, "%lu.%02lu%c", hundredths / 100, hundredths % 100, end);
}

static int uptime_show(struct seq_file *m, void *v __unused)
{
	struct cpu_times times;
	uint64_t idle_ns = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		cpu_times_read(cpu, &times);
		idle_ns += times.idle_ns;
	}
	show_hundredths(m, ktime_get_boottime_ns(), ' ');
	show_hundredths(m, idle_ns, '\n');
	return 0;
}

static int loadavg_show(struct seq_file *m, void *v __unused)
{
	unsigned long loads[3];

	get_loadavg(loads);
	for (int i = 0; i < 3; i++) {
		/* Rounded to the nearest hundredth. */
		unsigned long load = loads[i] + LOAD_FIXED / 200;

		seq_printf(m, "%lu.%02lu ", load / LOAD_FIXED,
			   load % LOAD_FIXED * 100 / LOAD_FIXED);
	}
	seq_printf(m, "%u/%d %d\n", nr_running(), nr_tasks(), last_pid());
	return 0;
}

/* ---- cpuinfo ---- */

static int cpuinfo_show(struct seq_file *m, void *v __unused)
{
	size_t size = 4096;
	char *text = kmalloc(size, GFP_KERNEL);
	unsigned int cpu;

	if (!text)
		return -ENOMEM;
	for_each_online_cpu(cpu) {
		arch_cpuinfo(cpu, text, size);
		seq_puts(m, text);
	}
	kfree(text);
	return 0;
}

/* ---- interrupts ---- */

static void show_line(const struct irq_line *line, void *arg)
{
	struct seq_file *m = arg;
	unsigned int cpu;

	seq_printf(m, "%3s: ", line->label);
	for_each_online_cpu(cpu)
		seq_printf(m, "%10lu ", irq_count(line, cpu));
	if (*line->chip)
		seq_printf(m, "  %s  ", line->chip);
	seq_printf(m, "  %s\n", line->name);
}

static int interrupts_show(struct seq_file *m, void *v __unused)
{
	unsigned int cpu;

	seq_puts(m, "           ");
	for_each_online_cpu(cpu)
		seq_printf(m, "CPU%-8u", cpu);
	seq_putc(m, '\n');
	irq_for_each(show_line, m);
	return 0;
}

static const struct pseudo_file files[] = {
	{ .name = "stat", .mode = 0444, .show = stat_show },
	{ .name = "uptime", .mode = 0444, .show = uptime_show },
	{ .name = "loadavg", .mode = 0444, .show = loadavg_show },
	{ .name = "schedstat", .mode = 0444, .show = schedstat_show },
	{ .name = "cpuinfo", .mode = 0444, .show = cpuinfo_show },
	{ .name = "interrupts", .mode = 0444, .show = interrupts_show },
};

void __init proc_cpu_init(void)
{
	pseudo_add_all(&proc_root, files, ARRAY_SIZE(files));
}
