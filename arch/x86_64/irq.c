/*
 * Interrupt lines, vectors and what runs when one arrives.
 *
 * Each CPU has 256 vectors; those for devices are given out per CPU, so there
 * are some 190 lines for each CPU, not for the machine. A vector leads to a
 * struct irq_desc, the line, and that to a list of actions, one per driver
 * that shares it.
 *
 * The handler path takes no lock: with interrupts off it is inside an RCU
 * read-side section, and lines and actions are freed a grace period after
 * they have been taken out. Who requests and frees holds irq_mutex.
 */
#include <arch/irq.h>
#include <arch/smp.h>
#include <keel/err.h>
#include <keel/list.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <kernel/softirq.h>
#include <kernel/spinlock.h>
#include <kernel/timer.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/slab.h>

#include "clock_internal.h"
#include "irq_internal.h"

#define LOG_PREFIX "irq"

/* One driver's interest in a line. */
struct irq_action {
	struct irq_action	*next;		/* [irq_mutex] RCU */
	irq_handler_t		handler;
	const char		*name;
	void			*dev;
};

struct irq_desc {
	struct list_head	node;		/* [irq_mutex] all_irqs */
	unsigned int		irq;		/* == GSI */
	struct irq_action	*actions;	/* [irq_mutex] RCU */
	struct irq_wiring	wiring;		/* [irq_mutex] */
	unsigned int		cpu;		/* where it goes */
	unsigned int		vector;		/* 0: none */
	struct spinlock		lock;
	unsigned int		disable_depth;	/* [lock] 0: unmasked */
	unsigned int		nr_unhandled;	/* by its one CPU */
	unsigned long		*counts;	/* by CPU; each its own */
};

static LIST_HEAD(all_irqs);
static DEFINE_MUTEX(irq_mutex, RANK_MUTEX_LEAF);

/* Where each vector leads on this CPU; devices' part is under irq_mutex. */
static DEFINE_PER_CPU(struct irq_desc *[256], vector_irq);
DEFINE_PER_CPU(unsigned long[NR_LOCAL_IRQS], local_irq_counts);

/* This many in a row that no driver knew: the line is stuck. */
#define UNHANDLED_MAX	100000

/*
 * Enter and leave interrupt context. Context: irqs off.
 */
void irq_enter(void)
{
	rcu_irq_enter();
	preempt_count_add(HARDIRQ_OFFSET);
}

void irq_exit(void)
{
	preempt_count_sub(HARDIRQ_OFFSET);
	if (unlikely(softirq_is_pending()) && !in_interrupt())
		softirq_run();
}

/* ---- arrival ---- */

static enum irq_return run_actions(const struct irq_desc *desc)
{
	enum irq_return result = IRQ_NONE;
	const struct irq_action *action;

	for (action = rcu_dereference(desc->actions); action;
	     action = rcu_dereference(action->next))
		if (action->handler(desc->irq, action->dev) == IRQ_HANDLED)
			result = IRQ_HANDLED;
	return result;
}

/* A line that nobody claims interrupts for ever if it is level-triggered. */
static void note_unhandled(struct irq_desc *desc)
{
	if (++desc->nr_unhandled < UNHANDLED_MAX)
		return;
	pr_err("irq %u: nobody cared, line disabled", desc->irq);
	ioapic_mask(desc->irq);
	desc->nr_unhandled = 0;
}

static void handle_device(unsigned int vector)
{
	struct irq_desc *desc = rcu_dereference(
		(*this_cpu_ptr(&vector_irq))[vector]);

	if (unlikely(!desc)) {
		this_cpu_inc(local_irq_counts[LOCAL_IRQ_SPURIOUS]);
		return;
	}
	desc->counts[smp_processor_id()]++;
	if (likely(run_actions(desc) == IRQ_HANDLED))
		desc->nr_unhandled = 0;
	else
		note_unhandled(desc);
}

/*
 * Every interrupt arrives here. The EOI comes last: for a level-triggered line
 * the device must be quiet by then, or it interrupts again.
 *
 * Context: entry code, irqs off.
 */
void irq_dispatch(struct pt_regs *regs, unsigned int vector)
{
	irq_enter();
	switch (vector) {
	case VECTOR_TIMER:
		this_cpu_inc(local_irq_counts[LOCAL_IRQ_TIMER]);
		apic_eoi();
		clock_watchdog();
		timer_interrupt(regs);
		break;
	case VECTOR_RESCHEDULE:
		this_cpu_inc(local_irq_counts[LOCAL_IRQ_RESCHEDULE]);
		apic_eoi();
		scheduler_ipi();
		break;
	case VECTOR_CALL_FUNCTION:
		this_cpu_inc(local_irq_counts[LOCAL_IRQ_CALL]);
		apic_eoi();
		smp_call_run_queue();
		break;
	case VECTOR_STOP:
		apic_eoi();
		smp_stop_this_cpu();
	case VECTOR_APIC_ERROR:
		this_cpu_inc(local_irq_counts[LOCAL_IRQ_ERROR]);
		apic_report_error();
		apic_eoi();
		break;
	case VECTOR_APIC_SPURIOUS:	/* takes no EOI */
	case VECTOR_PIC_SPURIOUS ... VECTOR_PIC_SPURIOUS + 15:
		this_cpu_inc(local_irq_counts[LOCAL_IRQ_SPURIOUS]);
		break;
	default:
		handle_device(vector);
		apic_eoi();
	}
	irq_exit();
}

/* ---- lines and vectors ---- */

static struct irq_desc *find_desc(unsigned int irq)
{
	struct irq_desc *desc;

	list_for_each_entry_rcu(desc, &all_irqs, node)
		if (desc->irq == irq)
			return desc;
	return NULL;
}

static struct irq_desc *get_desc(unsigned int irq)
{
	struct irq_desc *desc = find_desc(irq);

	if (desc)
		return desc;
	desc = kzalloc(sizeof(*desc), GFP_KERNEL);
	if (!desc)
		return NULL;
	desc->counts = kcalloc(nr_cpu_ids, sizeof(*desc->counts), GFP_KERNEL);
	if (!desc->counts) {
		kfree(desc);
		return NULL;
	}
	desc->irq = irq;
	desc->wiring = ioapic_default_wiring(irq);
	spin_lock_init(&desc->lock, "irq_desc", RANK_IRQ_DESC);
	list_add_tail(&desc->node, &all_irqs);
	return desc;
}

/*
 * A free vector, on the boot CPU while it has any. A vector's upper half is
 * its priority: taking them in steps of 16 spreads the lines over priorities.
 */
static int assign_vector(struct irq_desc *desc)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		struct irq_desc **vectors = per_cpu(vector_irq, cpu);

		for (unsigned int low = 0; low < 16; low++) {
			for (unsigned int v = VECTOR_FIRST_DEVICE + low;
			     v <= VECTOR_LAST_DEVICE; v += 16) {
				if (vectors[v])
					continue;
				desc->cpu = cpu;
				desc->vector = v;
				rcu_assign_pointer(vectors[v], desc);
				return 0;
			}
		}
	}
	return -ENOSPC;
}

static void add_action(struct irq_desc *desc, struct irq_action *action)
{
	struct irq_action **last = &desc->actions;

	while (*last)
		last = &(*last)->next;
	rcu_assign_pointer(*last, action);
}

/* See <arch/irq.h>. */
int request_irq(unsigned int irq, irq_handler_t handler, const char *name,
		void *dev)
{
	struct irq_action *action;
	struct irq_desc *desc;

	if (!ioapic_has_gsi(irq))
		return -EINVAL;
	action = kzalloc(sizeof(*action), GFP_KERNEL);
	if (!action)
		return -ENOMEM;
	*action = (struct irq_action){
		.handler = handler, .name = name, .dev = dev,
	};
	MUTEX_GUARD(&irq_mutex);
	desc = get_desc(irq);
	if (!desc || (!desc->vector && assign_vector(desc))) {
		kfree(action);
		return desc ? -ENOSPC : -ENOMEM;
	}
	add_action(desc, action);
	if (desc->actions == action) {
		ioapic_route(irq, desc->wiring, desc->vector,
			     cpu_apic_id[desc->cpu]);
		desc->disable_depth = 0;
		ioapic_unmask(irq);
	}
	return 0;
}

static struct irq_action *remove_action(struct irq_desc *desc,
					const void *dev)
{
	struct irq_action **link = &desc->actions;
	struct irq_action *action;

	while ((action = *link) && action->dev != dev)
		link = &action->next;
	if (action)
		rcu_assign_pointer(*link, action->next);
	return action;
}

void free_irq(unsigned int irq, void *dev)
{
	struct irq_action *action = NULL;
	struct irq_desc *desc;

	mutex_lock(&irq_mutex);
	desc = find_desc(irq);
	if (desc)
		action = remove_action(desc, dev);
	if (desc && !desc->actions)
		ioapic_mask(irq);
	mutex_unlock(&irq_mutex);
	if (WARN_ON(!action))
		return;
	/* A handler that is running is an RCU reader. */
	synchronize_rcu();
	kfree(action);
}

static void change_depth(unsigned int irq, int change)
{
	struct irq_desc *desc = find_desc(irq);

	if (WARN_ON(!desc))
		return;
	SPIN_GUARD_IRQSAVE(&desc->lock);
	if (WARN_ON(change < 0 && desc->disable_depth == 0))
		return;
	desc->disable_depth += change;
	if (desc->disable_depth == 0)
		ioapic_unmask(irq);
	else if (change > 0 && desc->disable_depth == 1)
		ioapic_mask(irq);
}

/* Context: any; the caller has requested @irq. Lines are never freed. */
void disable_irq(unsigned int irq)
{
	change_depth(irq, 1);
}

void enable_irq(unsigned int irq)
{
	change_depth(irq, -1);
}

/*
 * Context: process, may sleep. Return: 0, -EINVAL (no such line), -EBUSY (in
 * use, and wired differently), -ENOMEM.
 */
int irq_set_trigger(unsigned int irq, enum irq_trigger trigger)
{
	struct irq_wiring wiring = {
		.level = trigger == IRQ_LEVEL_HIGH || trigger == IRQ_LEVEL_LOW,
		.active_low = trigger == IRQ_EDGE_LOW ||
			      trigger == IRQ_LEVEL_LOW,
	};
	struct irq_desc *desc;

	if (!ioapic_has_gsi(irq))
		return -EINVAL;
	MUTEX_GUARD(&irq_mutex);
	desc = get_desc(irq);
	if (!desc)
		return -ENOMEM;
	if (desc->actions && (desc->wiring.level != wiring.level ||
			      desc->wiring.active_low != wiring.active_low))
		return -EBUSY;
	desc->wiring = wiring;
	return 0;
}

/* ---- statistics ---- */

static const struct {
	const char *label, *what;
} local_irq_names[NR_LOCAL_IRQS] = {
	[LOCAL_IRQ_TIMER] = { "LOC", "Local timer interrupts" },
	[LOCAL_IRQ_RESCHEDULE] = { "RES", "Rescheduling interrupts" },
	[LOCAL_IRQ_CALL] = { "CAL", "Function call interrupts" },
	[LOCAL_IRQ_TLB] = { "TLB", "TLB shootdowns" },
	[LOCAL_IRQ_NMI] = { "NMI", "Non-maskable interrupts" },
	[LOCAL_IRQ_SPURIOUS] = { "SPU", "Spurious interrupts" },
	[LOCAL_IRQ_ERROR] = { "ERR", "APIC errors" },
};

/* Context: process, may sleep. @fn must not request or free an irq. */
void irq_for_each(void (*fn)(const struct irq_line *line, void *arg),
		  void *arg)
{
	struct irq_desc *desc;

	MUTEX_GUARD(&irq_mutex);
	list_for_each_entry(desc, &all_irqs, node) {
		struct irq_line line = {
			.chip = desc->wiring.level ? "IO-APIC level" :
						     "IO-APIC edge",
			.name = desc->actions ? desc->actions->name : "",
			.source = desc->counts,
		};

		if (!desc->actions)
			continue;
		snprintf(line.label, sizeof(line.label), "%u", desc->irq);
		fn(&line, arg);
	}
	for (unsigned int i = 0; i < NR_LOCAL_IRQS; i++) {
		struct irq_line line = {
			.chip = "", .name = local_irq_names[i].what,
			.source = &local_irq_names[i],
		};

		strscpy(line.label, local_irq_names[i].label,
			sizeof(line.label));
		fn(&line, arg);
	}
}

static bool is_local_line(const struct irq_line *line)
{
	return (const char *)line->source >= (const char *)local_irq_names &&
	       (const char *)line->source <
		       (const char *)(local_irq_names + NR_LOCAL_IRQS);
}

/* Context: inside irq_for_each(). */
unsigned long irq_count(const struct irq_line *line, unsigned int cpu)
{
	const unsigned long *counts = line->source;

	if (!is_local_line(line))
		return READ_ONCE(counts[cpu]);
	for (unsigned int i = 0; i < NR_LOCAL_IRQS; i++)
		if (line->source == &local_irq_names[i])
			return READ_ONCE(per_cpu(local_irq_counts, cpu)[i]);
	return 0;
}

static void add_line(const struct irq_line *line, void *sum)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		*(unsigned long *)sum += irq_count(line, cpu);
}

/* Context: process, may sleep. */
unsigned long irq_total(void)
{
	unsigned long sum = 0;

	irq_for_each(add_line, &sum);
	return sum;
}

/*
 * The interrupt controllers. After this: request_irq() works, and the boot
 * CPU's timer can be used. Interrupts stay off.
 *
 * Context: boot, after acpi_init().
 */
__init void irq_init(void)
{
	apic_init();
	ioapic_init();
}
