/*
 * The floating-point and vector registers of user programs.
 *
 * The kernel is compiled not to use them, so they stay in the registers while
 * it runs and are moved only when another user task comes to the CPU. The
 * memory format is XSAVE's, of whatever size CPUID tells for the components
 * we enabled, or FXSAVE's 512 bytes on a CPU without XSAVE. A task gets its
 * area on its way to user mode; kernel threads have none.
 */
#pragma once

#include <keel/compiler.h>

struct arch_thread;
struct task;
struct fpu_state;	/* 64-byte aligned, fpu_state_size bytes */

/* Boot CPU: learn sizes. Then on every CPU: enable. */
void fpu_detect(void);
void fpu_init_this_cpu(void);
/* After the slab: the cache of areas. */
void fpu_init(void);

/* Give @t an area in the initial state. Return: 0 or -ENOMEM. */
int fpu_alloc(struct arch_thread *t);
/* Give @child a copy of current's state. Return: 0 or -ENOMEM. */
int fpu_copy(struct arch_thread *child, struct arch_thread *parent);
/* current starts over with the initial state. */
void fpu_reset(struct arch_thread *t);
void fpu_free(struct arch_thread *t);
/* Parts of the context switch; irqs off. */
void fpu_save(struct arch_thread *prev);
void fpu_load(struct arch_thread *next);
/* Do this CPU's registers hold @t's state? irqs or preemption off. */
bool fpu_is_loaded(const struct arch_thread *t);

/* Bytes of FPU state in a signal frame; the address must be 64-aligned. */
size_t fpu_frame_size(void);
/* Return: 0 or -EFAULT. */
int fpu_to_user_frame(void __user *frame);
/* NULL: initial state. Return: 0, -EFAULT or -EINVAL (hostile content). */
int fpu_from_user_frame(const void __user *frame);
