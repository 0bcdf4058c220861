/*
 * The FPU state of a task that stands still, for its tracer and for core
 * files.
 *
 * The area in memory nearly is what user space expects. But the CPU need not
 * write a component that is in its initial state; it only says so in the
 * header, and what lies there is of some time before. So on the way out such
 * parts are filled in. On the way in the header is checked as rt_sigreturn
 * checks it; what the CPU still refuses becomes the initial state when it is
 * loaded (fpu_load()).
 *
 * Where components lie: [SDM1 13.5], CPUID leaf 0xd.
 */
#include <arch/cpu.h>
#include <arch/thread.h>
#include <keel/err.h>
#include <kernel/task.h>
#include <lib/string.h>

#include "fpu_internal.h"
#include "internal.h"

#define XFEATURE_X87	BIT(0)
#define XFEATURE_SSE	BIT(1)
#define FIRST_EXTENDED	2

/* Where debuggers look for the components this machine has. */
#define XCR0_OFFSET	464

/* All but the SSE registers and their control word. */
static void init_x87(struct _fpstate *fx)
{
	fx->cwd = 0x037f;
	fx->swd = 0;
	fx->twd = 0;
	fx->fop = 0;
	fx->rip = 0;
	fx->rdp = 0;
	memset(fx->st_space, 0, sizeof(fx->st_space));
}

/* Fill in what the CPU left out of the first 512 bytes. */
static void complete_legacy(struct _fpstate *fx, uint64_t present)
{
	if (!fpu_xfeatures)
		return;
	if (!(present & XFEATURE_X87))
		init_x87(fx);
	if (!(present & XFEATURE_SSE)) {
		memset(fx->xmm_space, 0, sizeof(fx->xmm_space));
		/* mxcsr belongs to no component that could be left out. */
		if (!(present & ~(uint64_t)XFEATURE_X87))
			fx->mxcsr = MXCSR_DEFAULT;
	}
}

static uint64_t components_of(const struct task *task)
{
	return fpu_xfeatures ? task->thread.fpu->header.xfeatures : 0;
}

/* NT_PRFPREG: x87 and SSE. Context: process; @task stands still. */
void fpu_regset_get(struct task *task, void *buf)
{
	memcpy(buf, &task->thread.fpu->fx, sizeof(struct _fpstate));
	complete_legacy(buf, components_of(task));
}

/* mxcsr bits the CPU does not have make loading it fault. */
static bool mxcsr_is_valid(const struct task *task, uint32_t mxcsr)
{
	uint32_t mask = task->thread.fpu->fx.mxcsr_mask;

	return !(mxcsr & ~(mask ? mask : 0xffbfU));
}

/* Return: 0; -EINVAL: not all of it, or bits in mxcsr that do not exist. */
int fpu_regset_set(struct task *task, const void *buf, size_t len)
{
	struct _fpstate fx;

	if (len != sizeof(fx))
		return -EINVAL;
	memcpy(&fx, buf, sizeof(fx));
	if (!mxcsr_is_valid(task, fx.mxcsr))
		return -EINVAL;
	memcpy(&task->thread.fpu->fx, &fx,
	       offsetof(struct _fpstate, reserved2));
	if (fpu_xfeatures)
		task->thread.fpu->header.xfeatures |= XFEATURE_X87 |
						      XFEATURE_SSE;
	task->thread.fpu_cpu = -1;
	return 0;
}

/* NT_X86_XSTATE: everything. As above. */
void xstate_regset_get(struct task *task, void *buf)
{
	uint64_t present = components_of(task);

	memcpy(buf, task->thread.fpu, fpu_state_size);
	complete_legacy(buf, present);
	memset((char *)buf + XCR0_OFFSET, 0,
	       sizeof(struct _fpstate) - XCR0_OFFSET);
	memcpy((char *)buf + XCR0_OFFSET, &fpu_xfeatures,
	       sizeof(fpu_xfeatures));
	for (unsigned int i = FIRST_EXTENDED; i < 63; i++) {
		struct cpuid_regs r;

		if (!(fpu_xfeatures & BIT(i)) || (present & BIT(i)))
			continue;
		r = cpuid(0xd, i);
		if (r.ebx + r.eax <= fpu_state_size)
			memset((char *)buf + r.ebx, 0, r.eax);
	}
}

/* Return: 0; -EFAULT: not all of it; -EINVAL: not what a CPU writes. */
int xstate_regset_set(struct task *task, const void *buf, size_t len)
{
	const struct fpu_state *new = buf;

	if (len < fpu_state_size)
		return -EFAULT;
	if (!fpu_header_is_valid(&new->header) ||
	    !mxcsr_is_valid(task, new->fx.mxcsr))
		return -EINVAL;
	memcpy(task->thread.fpu, new, fpu_state_size);
	task->thread.fpu_cpu = -1;
	return 0;
}
