/*
 * Many CPUs: which there are, and how one asks something of another.
 *
 * A CPU is asked by an inter-processor interrupt. Waiting for an answer is
 * only allowed with interrupts on: two CPUs that wait for each other with
 * interrupts off wait for ever. CPU numbers are ours, dense from 0, the boot
 * CPU being 0; the hardware's APIC ids stay inside arch/.
 */
#pragma once

#include <arch/percpu.h>
#include <keel/cpumask.h>

extern struct cpumask cpu_possible_mask;	/* constant after smp_prepare */
extern struct cpumask cpu_online_mask;		/* they schedule tasks */

#define cpu_online(cpu)		cpumask_test_cpu(cpu, &cpu_online_mask)
#define cpu_possible(cpu)	cpumask_test_cpu(cpu, &cpu_possible_mask)
#define num_online_cpus()	cpumask_weight(&cpu_online_mask)
#define num_possible_cpus()	cpumask_weight(&cpu_possible_mask)
#define for_each_possible_cpu(cpu)	for_each_cpu(cpu, &cpu_possible_mask)
#define for_each_online_cpu(cpu)	for_each_cpu(cpu, &cpu_online_mask)

typedef void (*smp_call_fn)(void *arg);

/* Make @cpu look at its need_resched bit. Any context. */
void smp_send_reschedule(unsigned int cpu);

/*
 * Run @fn(@arg) on @cpu, in interrupt context with interrupts off; here, if
 * it is us. @wait: return after it has run (interrupts must be on, whatever
 * preemption is). Return: 0, or -ENXIO if @cpu is not online.
 */
int smp_call_function_single(unsigned int cpu, smp_call_fn fn, void *arg,
			     bool wait);

/* The same on all online CPUs of @mask, this one included if it is in it. */
void on_each_cpu_mask(const struct cpumask *mask, smp_call_fn fn, void *arg,
		      bool wait);
void on_each_cpu(smp_call_fn fn, void *arg, bool wait);

/* Halt all other CPUs for good: panic, power off. Any context, no waiting. */
void smp_send_stop(void);

/* Have a CPU print where it is: for reports of what does not go on. */
void smp_show_cpu(int cpu);

/* Count the CPUs in the firmware's tables; sets nr_cpu_ids. */
void smp_prepare(void);
/*
 * Start all others, each in an idle task of its own that fork_idle() makes;
 * they end in cpu_idle_loop(). Needs the scheduler. Context: process.
 */
void smp_bring_up_all(void);
