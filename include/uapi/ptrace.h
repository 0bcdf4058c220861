/*
 * ptrace(2): one process steering another.
 *
 * struct user_regs_struct is what PTRACE_GETREGS fills and what a core file's
 * NT_PRSTATUS note contains.
 *
 * Source: man 2 ptrace.
 */
#pragma once

#include <uapi/types.h>

#define PTRACE_TRACEME		0
#define PTRACE_PEEKTEXT		1
#define PTRACE_PEEKDATA		2
#define PTRACE_PEEKUSR		3
#define PTRACE_POKETEXT		4
#define PTRACE_POKEDATA		5
#define PTRACE_POKEUSR		6
#define PTRACE_CONT		7
#define PTRACE_KILL		8
#define PTRACE_SINGLESTEP	9
#define PTRACE_GETREGS		12
#define PTRACE_SETREGS		13
#define PTRACE_GETFPREGS	14
#define PTRACE_SETFPREGS	15
#define PTRACE_ATTACH		16
#define PTRACE_DETACH		17
#define PTRACE_OLDSETOPTIONS	21
#define PTRACE_SYSCALL		24
#define PTRACE_GET_THREAD_AREA	25
#define PTRACE_SET_THREAD_AREA	26
#define PTRACE_ARCH_PRCTL	30	/* arch_prctl's arguments, swapped */
#define PTRACE_SYSEMU		31	/* calls are shown, not made */
#define PTRACE_SYSEMU_SINGLESTEP 32
#define PTRACE_SINGLEBLOCK	33
#define PTRACE_SETOPTIONS	0x4200
#define PTRACE_GETEVENTMSG	0x4201
#define PTRACE_GETSIGINFO	0x4202
#define PTRACE_SETSIGINFO	0x4203
#define PTRACE_GETREGSET	0x4204
#define PTRACE_SETREGSET	0x4205
#define PTRACE_SEIZE		0x4206
#define PTRACE_INTERRUPT	0x4207
#define PTRACE_LISTEN		0x4208
#define PTRACE_PEEKSIGINFO	0x4209
#define PTRACE_GETSIGMASK	0x420a
#define PTRACE_SETSIGMASK	0x420b
#define PTRACE_SECCOMP_GET_FILTER 0x420c
#define PTRACE_SECCOMP_GET_METADATA 0x420d
#define PTRACE_GET_SYSCALL_INFO	0x420e
#define PTRACE_GET_RSEQ_CONFIGURATION 0x420f

#define PTRACE_EVENT_FORK	1
#define PTRACE_EVENT_VFORK	2
#define PTRACE_EVENT_CLONE	3
#define PTRACE_EVENT_EXEC	4
#define PTRACE_EVENT_VFORK_DONE	5
#define PTRACE_EVENT_EXIT	6
#define PTRACE_EVENT_SECCOMP	7
#define PTRACE_EVENT_STOP	128

#define PTRACE_O_TRACESYSGOOD	1
#define PTRACE_O_TRACEFORK	(1 << PTRACE_EVENT_FORK)
#define PTRACE_O_TRACEVFORK	(1 << PTRACE_EVENT_VFORK)
#define PTRACE_O_TRACECLONE	(1 << PTRACE_EVENT_CLONE)
#define PTRACE_O_TRACEEXEC	(1 << PTRACE_EVENT_EXEC)
#define PTRACE_O_TRACEVFORKDONE	(1 << PTRACE_EVENT_VFORK_DONE)
#define PTRACE_O_TRACEEXIT	(1 << PTRACE_EVENT_EXIT)
#define PTRACE_O_TRACESECCOMP	(1 << PTRACE_EVENT_SECCOMP)
#define PTRACE_O_EXITKILL	(1 << 20)
#define PTRACE_O_SUSPEND_SECCOMP (1 << 21)
#define PTRACE_O_MASK		(0x000000ff | PTRACE_O_EXITKILL | \
				 PTRACE_O_SUSPEND_SECCOMP)

/* PTRACE_PEEKSIGINFO: @nr signals from number @off of a queue. */
struct ptrace_peeksiginfo_args {
	__u64	off;
	__u32	flags;
	__s32	nr;
};

#define PTRACE_PEEKSIGINFO_SHARED 1	/* the process's, not the thread's */

/* PTRACE_SECCOMP_GET_METADATA: of filter @filter_off, from the oldest. */
struct seccomp_metadata {
	__u64	filter_off;
	__u64	flags;		/* SECCOMP_FILTER_FLAG_LOG */
};

/* PTRACE_GET_RSEQ_CONFIGURATION: what rseq(2) was told. */
struct ptrace_rseq_configuration {
	__u64	rseq_abi_pointer;
	__u32	rseq_abi_size;
	__u32	signature;
	__u32	flags;
	__u32	pad;
};

/* PTRACE_GET_SYSCALL_INFO. */
#define PTRACE_SYSCALL_INFO_NONE	0
#define PTRACE_SYSCALL_INFO_ENTRY	1
#define PTRACE_SYSCALL_INFO_EXIT	2
#define PTRACE_SYSCALL_INFO_SECCOMP	3

struct ptrace_syscall_info {
	__u8	op;
	__u8	pad[3];
	__u32	arch;		/* AUDIT_ARCH_* */
	__u64	instruction_pointer;
	__u64	stack_pointer;
	union {
		struct {
			__u64	nr;
			__u64	args[6];
		} entry;
		struct {
			__s64	rval;
			__u8	is_error;
		} exit;
		struct {
			__u64	nr;
			__u64	args[6];
			__u32	ret_data;
		} seccomp;
	};
};

/* What PTRACE_EVENT stops' messages say at system calls. */
#define PTRACE_EVENTMSG_SYSCALL_ENTRY	1
#define PTRACE_EVENTMSG_SYSCALL_EXIT	2

struct user_regs_struct {
	__u64	r15;
	__u64	r14;
	__u64	r13;
	__u64	r12;
	__u64	rbp;
	__u64	rbx;
	__u64	r11;
	__u64	r10;
	__u64	r9;
	__u64	r8;
	__u64	rax;
	__u64	rcx;
	__u64	rdx;
	__u64	rsi;
	__u64	rdi;
	__u64	orig_rax;	/* the system call's number, or -1 */
	__u64	rip;
	__u64	cs;
	__u64	eflags;
	__u64	rsp;
	__u64	ss;
	__u64	fs_base;
	__u64	gs_base;
	__u64	ds;
	__u64	es;
	__u64	fs;
	__u64	gs;
};
