/*
 * The CPU's state inside a signal frame.
 *
 * When a handler runs, the interrupted registers lie on its stack in a struct
 * sigcontext, and rt_sigreturn(2) loads them again from there, so a handler
 * may change them. fpstate points to the FPU state, 64-byte aligned, in the
 * memory format of FXSAVE. Where XSAVE exists the state is longer, which the
 * spare bytes at its end tell:
 *
 *	fpstate ->	FXSAVE area, 512 bytes; bytes 464-511 are sw_reserved:
 *			  magic1 = FP_XSTATE_MAGIC1, sizes, features
 *			XSAVE header, 64 bytes
 *			the extended components
 *			magic2 = FP_XSTATE_MAGIC2, at xstate_size
 *
 * If one of the two magic numbers is missing, only the first 512 bytes count.
 * None of it can be trusted when it comes back: the program could write it.
 *
 * Source: man 2 sigreturn; [SDM1 10.5, 13.4] for the two save areas.
 */
#pragma once

#include <uapi/types.h>

#define FP_XSTATE_MAGIC1	0x46505853U
#define FP_XSTATE_MAGIC2	0x46505845U
#define FP_XSTATE_MAGIC2_SIZE	sizeof(FP_XSTATE_MAGIC2)

struct _fpx_sw_bytes {
	__u32	magic1;
	__u32	extended_size;	/* all of it, magic2 included */
	__u64	xfeatures;	/* components that may be present */
	__u32	xstate_size;	/* without magic2 */
	__u32	padding[7];
};

struct _fpstate {
	__u16	cwd;
	__u16	swd;
	__u16	twd;		/* one bit per register, as FXSAVE has it */
	__u16	fop;
	__u64	rip;
	__u64	rdp;
	__u32	mxcsr;
	__u32	mxcsr_mask;
	__u32	st_space[32];	/* 8 x87 registers, 16 bytes each */
	__u32	xmm_space[64];	/* 16 XMM registers */
	__u32	reserved2[12];
	union {
		__u32			reserved3[12];
		struct _fpx_sw_bytes	sw_reserved;
	};
};

struct _header {
	__u64	xfeatures;	/* components not in their initial state */
	__u64	reserved1[2];	/* the first is XCOMP_BV: must be zero */
	__u64	reserved2[5];
};

struct _ymmh_state {
	__u32	ymmh_space[64];	/* upper halves of 16 YMM registers */
};

struct _xstate {
	struct _fpstate		fpstate;
	struct _header		xstate_hdr;
	struct _ymmh_state	ymmh;
	/* whatever CPUID leaf 0xd says follows */
};

struct sigcontext {
	__u64	r8;
	__u64	r9;
	__u64	r10;
	__u64	r11;
	__u64	r12;
	__u64	r13;
	__u64	r14;
	__u64	r15;
	__u64	rdi;
	__u64	rsi;
	__u64	rbp;
	__u64	rbx;
	__u64	rdx;
	__u64	rax;
	__u64	rcx;
	__u64	rsp;
	__u64	rip;
	__u64	eflags;
	__u16	cs;
	__u16	gs;		/* always 0 */
	__u16	fs;		/* always 0 */
	__u16	ss;		/* valid if UC_SIGCONTEXT_SS is set */
	__u64	err;		/* of the exception, if one was the cause */
	__u64	trapno;
	__u64	oldmask;
	__u64	cr2;		/* of the last page fault */
	struct _fpstate	*fpstate;	/* NULL: no state saved */
	__u64	reserved1[8];
};
