/*
 * Restartable sequences: see kernel/rseq.c.
 */
#pragma once

#include <arch/current.h>
#include <kernel/task.h>

struct pt_regs;

void rseq_resume(struct pt_regs *regs);
void rseq_before_signal(struct pt_regs *regs, int sig);
void rseq_disturb_current(void);
void rseq_fork(struct task *child, uint64_t clone_flags);
void rseq_switch_slow(struct task *prev, struct task *next, unsigned int cpu);

/* @prev leaves the CPU, @next gets it. Locking: the run queue's lock. */
static inline void rseq_switch(struct task *prev, struct task *next,
			       unsigned int cpu)
{
	if (prev->rseq.area || next->rseq.area)
		rseq_switch_slow(prev, next, cpu);
}
