/*
 * Variables of which every CPU has its own copy.
 *
 * They are ordinary variables in the section .data..percpu, linked where the
 * linker puts them. The boot CPU uses the section itself, with gs base 0;
 * each other CPU gets a copy of it as it was linked ("its area"), and its gs
 * base is area - __per_cpu_start, so that %gs:name reaches its own copy in one
 * instruction, which no preemption can split. Variables that start with more
 * than constants are set up per CPU by their owner, for_each_possible_cpu(),
 * after per_cpu_init().
 *
 *	this_cpu_*	one instruction on our own copy, in any context
 *	this_cpu_ptr	a pointer to it: only while we cannot migrate
 *	per_cpu(v, cpu)	somebody's copy; its owner may be changing it
 */
#pragma once

#include <keel/compiler.h>

struct task;

/*
 * What entry code and the hottest inline functions need, in one cache line
 * whose members assembly knows through asm_offsets.inc.
 */
struct pcpu_hot {
	struct task	*current_task;
	int		preempt_count;	/* see <arch/preempt.h> */
	unsigned int	cpu_number;
	unsigned long	kernel_sp;	/* top of current's kernel stack */
	unsigned long	user_sp_scratch;/* user rsp, during syscall entry */
	unsigned long	offset;		/* our gs base: own copy - section */
	struct mm	*loaded_mm;	/* whose page tables cr3 points to */
	unsigned long	loaded_tlb_gen;	/* mm->tlb_gen our TLB has seen */
	bool		tlb_lazy;	/* loaded_mm is only borrowed */
} __aligned(64);

#define DEFINE_PER_CPU(type, name) \
	__section(".data..percpu") typeof(type) name
#define DECLARE_PER_CPU(type, name)	extern typeof(type) name

DECLARE_PER_CPU(struct pcpu_hot, pcpu_hot);
/* What gcc's -fstack-protector compares with; switched with the task. */
DECLARE_PER_CPU(unsigned long, __stack_chk_guard);

/* Own copy - section, for each possible CPU. */
extern unsigned long *per_cpu_offset;

#define this_cpu_read(v) ({ \
	typeof(v) pcpu_seen; \
	__asm__ __volatile__("mov %%gs:%1, %0" : "=q"(pcpu_seen) : "m"(v)); \
	pcpu_seen; })

#define this_cpu_write(v, x) do { \
	typeof(v) pcpu_val = (x); \
	__asm__ __volatile__("mov %1, %%gs:%0" : "=m"(v) : "q"(pcpu_val)); \
} while (0)

#define this_cpu_op(op, v, x) do { \
	typeof(v) pcpu_val = (x); \
	__asm__ __volatile__(op "%z0 %1, %%gs:%0" \
			     : "+m"(v) : "eq"(pcpu_val) : "cc"); \
} while (0)

#define this_cpu_add(v, n)	this_cpu_op("add", v, n)
#define this_cpu_sub(v, n)	this_cpu_op("sub", v, n)
#define this_cpu_or(v, n)	this_cpu_op("or", v, n)
#define this_cpu_and(v, n)	this_cpu_op("and", v, n)
#define this_cpu_inc(v) \
	__asm__ __volatile__("inc%z0 %%gs:%0" : "+m"(v) :: "cc")
#define this_cpu_dec(v) \
	__asm__ __volatile__("dec%z0 %%gs:%0" : "+m"(v) :: "cc")

/* Put @x there and return what was there. */
#define this_cpu_xchg(v, x) ({ \
	typeof(v) pcpu_val = (x); \
	__asm__ __volatile__("xchg %0, %%gs:%1" : "+q"(pcpu_val), "+m"(v)); \
	pcpu_val; })

/* @ptr points into the section; the result at this CPU's own copy. */
#define this_cpu_ptr(ptr) ({ \
	typeof(ptr) pcpu_ptr = (ptr); \
	__asm__ __volatile__("add %%gs:%1, %0" \
			     : "+r"(pcpu_ptr) : "m"(pcpu_hot.offset) : "cc"); \
	pcpu_ptr; })

#define per_cpu_ptr(ptr, cpu) \
	((typeof(ptr))((unsigned long)(ptr) + per_cpu_offset[cpu]))
#define per_cpu(v, cpu)		(*per_cpu_ptr(&(v), cpu))

/* Stays true only while preemption is off. */
#define smp_processor_id()	this_cpu_read(pcpu_hot.cpu_number)
#define raw_smp_processor_id()	smp_processor_id()

/* Areas for CPUs 1 to @nr - 1, sets nr_cpu_ids. CPU 0 stays. */
void per_cpu_save_template(void);
void per_cpu_init(unsigned int nr);
