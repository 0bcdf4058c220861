/*
 * Signals: numbers, dispositions, and what a handler is told.
 *
 * Signals 1-31 are the classic ones: a second instance of a pending one is
 * lost. 32-64 are real-time signals, which queue. C libraries keep 32 and 33
 * for their own use, but to the kernel they are like the others.
 *
 * struct siginfo is one union whose shape depends on si_code. Its members
 * have different names here, so anonymous structs do what Linux's header does
 * with macros.
 *
 * Source: man 7 signal, man 2 sigaction, man 2 sigaltstack, man 7 sigevent.
 */
#pragma once

#include <uapi/types.h>

#define SIGHUP		1
#define SIGINT		2
#define SIGQUIT		3
#define SIGILL		4
#define SIGTRAP		5
#define SIGABRT		6
#define SIGIOT		6
#define SIGBUS		7
#define SIGFPE		8
#define SIGKILL		9
#define SIGUSR1		10
#define SIGSEGV		11
#define SIGUSR2		12
#define SIGPIPE		13
#define SIGALRM		14
#define SIGTERM		15
#define SIGSTKFLT	16
#define SIGCHLD		17
#define SIGCONT		18
#define SIGSTOP		19
#define SIGTSTP		20
#define SIGTTIN		21
#define SIGTTOU		22
#define SIGURG		23
#define SIGXCPU		24
#define SIGXFSZ		25
#define SIGVTALRM	26
#define SIGPROF		27
#define SIGWINCH	28
#define SIGIO		29
#define SIGPOLL		SIGIO
#define SIGPWR		30
#define SIGSYS		31

/* The first and last real-time signal, as the kernel counts. */
#define KERNEL_SIGRTMIN	32
#define KERNEL_SIGRTMAX	64
#define KERNEL_NSIG	64	/* signals are numbered 1 .. KERNEL_NSIG */

/* rt_sigprocmask(2). */
#define SIG_BLOCK	0
#define SIG_UNBLOCK	1
#define SIG_SETMASK	2

/* sa_flags. */
#define SA_NOCLDSTOP		0x00000001
#define SA_NOCLDWAIT		0x00000002
#define SA_SIGINFO		0x00000004
#define SA_UNSUPPORTED		0x00000400	/* cleared when read back */
#define SA_EXPOSE_TAGBITS	0x00000800
#define SA_RESTORER		0x04000000	/* required on x86-64 */
#define SA_ONSTACK		0x08000000
#define SA_RESTART		0x10000000
#define SA_NODEFER		0x40000000
#define SA_RESETHAND		0x80000000
#define SA_NOMASK		SA_NODEFER
#define SA_ONESHOT		SA_RESETHAND

/* Two handlers that are no functions, and what the failing call returns. */
#define SIG_DFL			((void (*)(int))0)
#define SIG_IGN			((void (*)(int))1)
#define SIG_ERR			((void (*)(int))-1)

/*
 * rt_sigaction(2). C libraries order struct sigaction differently and give it
 * a larger mask, hence a name and member names of its own.
 */
struct kernel_sigaction {
	void			(*handler)(int);  /* or SIG_DFL, SIG_IGN */
	__u64			flags;		  /* SA_* */
	void			(*restorer)(void); /* calls rt_sigreturn */
	__kernel_sigset_t	mask;		  /* blocked meanwhile */
};

/* sigaltstack(2). */
struct sigaltstack {
	void	*ss_sp;
	__s32	ss_flags;
	__u64	ss_size;
};

#define SS_ONSTACK	1
#define SS_DISABLE	2
#define SS_AUTODISARM	(1U << 31)
#define SS_FLAG_BITS	SS_AUTODISARM
#define MINSIGSTKSZ	2048
#define SIGSTKSZ	8192

union sigval {
	__s32	sival_int;
	void	*sival_ptr;
};

#define SI_MAX_SIZE	128

struct siginfo {
	__s32	si_signo;
	__s32	si_errno;
	__s32	si_code;
	__s32	__pad0;
	union {
		__s32	__pad[SI_MAX_SIZE / sizeof(__s32) - 4];

		/* kill, tgkill, sigqueue, and SIGCHLD */
		struct {
			__s32	si_pid;
			__u32	si_uid;
			union {
				union sigval	si_value;
				struct {
					__s32	si_status;
					__s32	__pad1;
					__s64	si_utime; /* in USER_HZ */
					__s64	si_stime;
				};
			};
		};

		/* SI_TIMER; si_value lies where the struct above has it */
		struct {
			__s32	si_tid;
			__s32	si_overrun;
			__u64	__pad2;
			__s32	si_sys_private;
		};

		/* SIGILL, SIGFPE, SIGSEGV, SIGBUS, SIGTRAP */
		struct {
			void	*si_addr;
			union {
				__s16	si_addr_lsb;	/* BUS_MCEERR_* */
				struct {		/* SEGV_BNDERR */
					__u64	__pad3;
					void	*si_lower;
					void	*si_upper;
				};
				struct {		/* SEGV_PKUERR */
					__u64	__pad4;
					__u32	si_pkey;
				};
				struct {		/* TRAP_PERF */
					__u64	si_perf_data;
					__u32	si_perf_type;
					__u32	si_perf_flags;
				};
			};
		};

		/* SIGIO */
		struct {
			__s64	si_band;
			__s32	si_fd;
		};

		/* SIGSYS */
		struct {
			void	*si_call_addr;
			__s32	si_syscall;
			__u32	si_arch;
		};
	};
};

/*
 * si_code. Positive: the kernel found it, and the meaning depends on the
 * signal. Zero or negative: somebody asked for it.
 */
#define SI_USER		0	/* kill */
#define SI_KERNEL	0x80
#define SI_QUEUE	(-1)	/* sigqueue */
#define SI_TIMER	(-2)
#define SI_MESGQ	(-3)
#define SI_ASYNCIO	(-4)
#define SI_SIGIO	(-5)
#define SI_TKILL	(-6)	/* tkill, tgkill */
#define SI_DETHREAD	(-7)	/* exec ends the other threads */
#define SI_ASYNCNL	(-60)

#define ILL_ILLOPC	1
#define ILL_ILLOPN	2
#define ILL_ILLADR	3
#define ILL_ILLTRP	4
#define ILL_PRVOPC	5
#define ILL_PRVREG	6
#define ILL_COPROC	7
#define ILL_BADSTK	8

#define FPE_INTDIV	1
#define FPE_INTOVF	2
#define FPE_FLTDIV	3
#define FPE_FLTOVF	4
#define FPE_FLTUND	5
#define FPE_FLTRES	6
#define FPE_FLTINV	7
#define FPE_FLTSUB	8
#define FPE_FLTUNK	14
#define FPE_CONDTRAP	15

#define SEGV_MAPERR	1	/* nothing is mapped there */
#define SEGV_ACCERR	2	/* something is, but not for this access */
#define SEGV_BNDERR	3
#define SEGV_PKUERR	4

#define BUS_ADRALN	1
#define BUS_ADRERR	2	/* beyond the end of the mapped file */
#define BUS_OBJERR	3
#define BUS_MCEERR_AR	4
#define BUS_MCEERR_AO	5

#define TRAP_BRKPT	1
#define TRAP_TRACE	2
#define TRAP_BRANCH	3
#define TRAP_HWBKPT	4
#define TRAP_UNK	5
#define TRAP_PERF	6

#define CLD_EXITED	1
#define CLD_KILLED	2
#define CLD_DUMPED	3
#define CLD_TRAPPED	4
#define CLD_STOPPED	5
#define CLD_CONTINUED	6

#define POLL_IN		1
#define POLL_OUT	2
#define POLL_MSG	3
#define POLL_ERR	4
#define POLL_PRI	5
#define POLL_HUP	6

#define SYS_SECCOMP	1
#define SYS_USER_DISPATCH 2

/* How a timer or a message queue reports: timer_create(2), mq_notify(3). */
#define SIGEV_SIGNAL	0
#define SIGEV_NONE	1
#define SIGEV_THREAD	2
#define SIGEV_THREAD_ID	4

#define SIGEV_MAX_SIZE	64

struct sigevent {
	union sigval	sigev_value;
	__s32		sigev_signo;
	__s32		sigev_notify;
	union {
		__s32	__pad[SIGEV_MAX_SIZE / sizeof(__s32) - 4];
		__s32	sigev_notify_thread_id;
		struct {
			void	(*sigev_notify_function)(union sigval);
			void	*sigev_notify_attributes;
		};
	};
};

/* signalfd4(2): one record read from the descriptor. */
#define SFD_CLOEXEC	02000000	/* O_CLOEXEC */
#define SFD_NONBLOCK	00004000	/* O_NONBLOCK */

struct signalfd_siginfo {
	__u32	ssi_signo;
	__s32	ssi_errno;
	__s32	ssi_code;
	__u32	ssi_pid;
	__u32	ssi_uid;
	__s32	ssi_fd;
	__u32	ssi_tid;
	__u32	ssi_band;
	__u32	ssi_overrun;
	__u32	ssi_trapno;
	__s32	ssi_status;
	__s32	ssi_int;
	__u64	ssi_ptr;
	__u64	ssi_utime;
	__u64	ssi_stime;
	__u64	ssi_addr;
	__u16	ssi_addr_lsb;
	__u16	__pad2;
	__s32	ssi_syscall;
	__u64	ssi_call_addr;
	__u32	ssi_arch;
	__u8	__pad[28];
};
