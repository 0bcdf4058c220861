/*
 * Asking other CPUs to run a function.
 *
 * Each CPU has an inbox, a stack of requests that anybody pushes onto with one
 * compare-exchange and that its owner empties as a whole in the interrupt. The
 * requests themselves are memory of the sender, one per receiver, so nothing
 * is allocated and no lock is taken; a sender whose last request to the same
 * CPU has not been fetched yet waits for that.
 *
 * Waiting is done with interrupts on, because the CPU waited for may be
 * waiting for us. pause is more than politeness here: under an emulator that
 * runs all CPUs in one thread it is what lets the other one run.
 */
#include <arch/clock.h>
#include <arch/irqflags.h>
#include <arch/smp.h>
#include <keel/bug.h>
#include <keel/err.h>
#include <kernel/panic.h>
#include <mm/slab.h>

#include "internal.h"

struct call_request {
	struct call_request	*next;		/* in the receiver's inbox */
	smp_call_fn		fn;
	void			*arg;
	atomic_t		*pending;	/* NULL: nobody waits */
	bool			busy;		/* until the receiver took it */
};

static DEFINE_PER_CPU(struct call_request *, inbox);
/* By receiver. */
static DEFINE_PER_CPU(struct call_request *, outbox);

/* Before other CPUs start: nr_cpu_ids is final. */
__init void smp_call_init(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct call_request *requests =
			kcalloc(nr_cpu_ids, sizeof(*requests), GFP_KERNEL);

		if (!requests)
			panic("no memory for CPU %u's call requests", cpu);
		per_cpu(outbox, cpu) = requests;
	}
}

/* Returns true if the inbox was empty: its owner must be interrupted. */
static bool push(unsigned int cpu, struct call_request *request)
{
	struct call_request **head = &per_cpu(inbox, cpu);
	struct call_request *first = READ_ONCE(*head);

	do {
		request->next = first;
	} while (!try_cmpxchg(head, &first, request));
	return !first;
}

/*
 * Hand @cpu a request. Preemption is off. An interrupt on this CPU may want to
 * use the same request slot, so claiming and sending are one step with
 * interrupts off.
 */
static void send(unsigned int cpu, smp_call_fn fn, void *arg,
		 atomic_t *pending)
{
	struct call_request *request = &this_cpu_read(outbox)[cpu];
	unsigned long flags;

	for (;;) {
		flags = local_irq_save();
		if (!smp_load_acquire(&request->busy))
			break;
		/* The receiver may in turn wait for us to empty our inbox. */
		smp_call_run_queue();
		local_irq_restore(flags);
		cpu_relax();
	}
	request->busy = true;
	request->fn = fn;
	request->arg = arg;
	request->pending = pending;
	if (push(cpu, request))
		apic_send_ipi(cpu_apic_id[cpu], VECTOR_CALL_FUNCTION);
	local_irq_restore(flags);
}

static struct call_request *reverse(struct call_request *list)
{
	struct call_request *reversed = NULL, *next;

	for (; list; list = next) {
		next = list->next;
		list->next = reversed;
		reversed = list;
	}
	return reversed;
}

/*
 * Empty this CPU's inbox, oldest request first.
 *
 * Context: irqs off; the call-function interrupt, or a CPU that waits.
 */
void smp_call_run_queue(void)
{
	struct call_request *request =
		reverse(xchg(this_cpu_ptr(&inbox), NULL));

	while (request) {
		struct call_request *next = request->next;
		smp_call_fn fn = request->fn;
		void *arg = request->arg;
		atomic_t *pending = request->pending;

		/* From here on the sender may use it again. */
		smp_store_release(&request->busy, false);
		fn(arg);
		if (pending)
			atomic_sub_return(1, pending);
		request = next;
	}
}

static void call_here(smp_call_fn fn, void *arg)
{
	unsigned long flags = local_irq_save();

	fn(arg);
	local_irq_restore(flags);
}

static void wait_for_answers(const atomic_t *pending)
{
	DEBUG_ASSERT(!irqs_disabled());
	while (atomic_read(pending))
		cpu_relax();
	smp_mb();	/* what the functions did is visible from here */
}

/* See <arch/smp.h>. Context: @wait: interrupts on; else any. */
int smp_call_function_single(unsigned int cpu, smp_call_fn fn, void *arg,
			     bool wait)
{
	atomic_t pending = ATOMIC_INIT(1);
	int err = 0;

	preempt_disable();
	if (cpu == smp_processor_id()) {
		call_here(fn, arg);
	} else if (cpu >= nr_cpu_ids || !cpu_online(cpu)) {
		err = -ENXIO;
	} else {
		send(cpu, fn, arg, wait ? &pending : NULL);
		if (wait)
			wait_for_answers(&pending);
	}
	preempt_enable();
	return err;
}

/* See <arch/smp.h>. Context: as above. */
void on_each_cpu_mask(const struct cpumask *mask, smp_call_fn fn, void *arg,
		      bool wait)
{
	atomic_t pending = ATOMIC_INIT(0);
	unsigned int me, cpu;

	preempt_disable();
	me = smp_processor_id();
	for_each_cpu(cpu, mask) {
		if (cpu == me || !cpu_online(cpu))
			continue;
		if (wait)
			atomic_inc(&pending);
		send(cpu, fn, arg, wait ? &pending : NULL);
	}
	if (cpumask_test_cpu(me, mask))
		call_here(fn, arg);
	if (wait && atomic_read(&pending))
		wait_for_answers(&pending);
	preempt_enable();
}

void on_each_cpu(smp_call_fn fn, void *arg, bool wait)
{
	on_each_cpu_mask(&cpu_online_mask, fn, arg, wait);
}

void smp_send_reschedule(unsigned int cpu)
{
	apic_send_ipi(cpu_apic_id[cpu], VECTOR_RESCHEDULE);
}

/*
 * Have @cpu say where it is and how it got there, whatever it does, and give
 * it a while to do so. For reports of what does not go on. Context: any.
 */
void smp_show_cpu(int cpu)
{
	if (cpu < 0 || cpu == (int)smp_processor_id())
		return;
	apic_send_nmi(cpu_apic_id[cpu]);
	delay_us(200000);
}

/* Halt for good; nobody is told, this CPU just no longer answers. */
void smp_stop_this_cpu(void)
{
	local_irq_disable();
	cpumask_clear_cpu(smp_processor_id(), &cpu_online_mask);
	cpu_halt_forever();
}

/*
 * Stop all other CPUs. First by an NMI, which also reaches one that hangs with
 * interrupts off; in a panic its handler stops the CPU. Nobody waits for it:
 * the caller may be in no state to.
 *
 * Context: any.
 */
void smp_send_stop(void)
{
	unsigned int me = smp_processor_id();
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		if (cpu == me)
			continue;
		if (in_panic())
			apic_send_nmi(cpu_apic_id[cpu]);
		else
			apic_send_ipi(cpu_apic_id[cpu], VECTOR_STOP);
	}
}
