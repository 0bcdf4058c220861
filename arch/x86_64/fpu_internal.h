/*
 * Between the files that know the FPU's memory formats.
 */
#pragma once

#include <arch/fpu.h>
#include <uapi/sigcontext.h>

/* FXSAVE's 512 bytes, then, with XSAVE, header and components. */
struct fpu_state {
	struct _fpstate	fx;
	struct _header	header;
	uint8_t		extended[];
} __aligned(64);

#define XFEATURES_LEGACY 0x3		/* x87 and SSE */
#define XFEATURE_MAX	18		/* the last bit Linux knows */
#define MXCSR_DEFAULT	0x1f80		/* all exceptions masked */

extern size_t fpu_state_size;		/* bytes of the whole area */
extern uint64_t fpu_xfeatures;		/* components enabled; 0: no XSAVE */

/* Save current's registers to its area; irqs or preemption off. */
void fpu_save_current(void);
/* Load current's registers from its area. False if the CPU refuses. */
bool fpu_load_current(void);
void fpu_load_initial(void);

bool fpu_header_is_valid(const struct _header *header);

/* The registers of a task that stands still: fpu_regset.c. */
void fpu_regset_get(struct task *task, void *buf);
int fpu_regset_set(struct task *task, const void *buf, size_t len);
void xstate_regset_get(struct task *task, void *buf);
int xstate_regset_set(struct task *task, const void *buf, size_t len);

/* si_code of a SIGFPE, from the live registers. */
int fpu_exception_code(bool simd);
