/*
 * Tasks: what the scheduler runs and what user space calls a thread.
 *
 * A process is not an object of its own. It is the set of tasks that share a
 * struct thread_group, and what else they share (address space, descriptors,
 * directories, signal handlers) is a matter of which references they hold in
 * common: fork(2) copies all of them, a thread shares all of them, and
 * clone(2) lets the caller choose.
 *
 * Life: kernel_clone() makes a task, do_exit() ends it, and what remains is a
 * zombie that keeps only its exit status until its parent waits for it
 * (release_task()). The struct itself goes when its last reference does, a
 * grace period after it has left the pid table, so that RCU readers may look
 * at a task they have found without holding anything.
 *
 * Field protection:  [C] constant once the task is visible  [S] only the task
 * itself writes  [T] tasklist_lock  [L] sighand->lock  [A] atomic  [R] RCU
 */
#pragma once

#include <arch/thread.h>
#include <keel/list.h>
#include <keel/refcount.h>
#include <kernel/io_usage.h>
#include <kernel/mutex.h>
#include <kernel/pid.h>
#include <kernel/rcu.h>
#include <kernel/rtmutex.h>
#include <kernel/sched_entity.h>
#include <kernel/signal_types.h>
#include <kernel/spinlock.h>
#include <kernel/syscall_dispatch.h>
#include <kernel/wait.h>
#include <uapi/resource.h>

struct cpu_timers;
struct core_dump;
struct cred;
struct file;
struct files;
struct fs;
struct mm;
struct posix_timers;
struct seccomp_filter;
struct sem_undo_list;
struct tty;
struct rseq;
struct vfork_wait;

#define TASK_COMM_LEN	16

/* exit_state; 0 while the task lives. */
#define EXIT_DEAD	16	/* reaped: nobody will wait for it any more */
#define EXIT_ZOMBIE	32	/* waits for wait4(2) of its parent */

/* task->flags */
#define PF_KTHREAD	0x0001	/* a kernel thread: no user half, ever */
#define PF_EXITING	0x0002	/* in do_exit() */
#define PF_FORKNOEXEC	0x0004	/* has not called execve since its fork */
#define PF_SUPERPRIV	0x0008	/* used a capability */
#define PF_SIGNALED	0x0010	/* killed by a signal */
#define PF_OOM_VICTIM	0x0020	/* may use the last pages, to die sooner */
#define PF_RANDOMIZE	0x0080	/* its program was loaded at random places */
#define PF_NPROC_EXCEEDED 0x0040 /* set*uid went over RLIMIT_NPROC: no exec */

/*
 * task->flags_work: what must be done before the task is in user mode again.
 * One word, so that the way back tests one thing. Rescheduling is not here:
 * its bit is per CPU (arch/preempt.h).
 */
#define TIF_SIGPENDING		BIT(0)	/* a signal may be deliverable */
#define TIF_NOTIFY_RESUME	BIT(1)	/* task_work waits */
#define TIF_RESTORE_SIGMASK	BIT(2)	/* saved_sigmask takes effect */
#define TIF_IRET		BIT(4)	/* registers changed: leave by iretq */
#define TIF_SYSCALL_EXIT	BIT(5)	/* this call's end has an audience */

/* task->syscall_work: what must be done before a system call is begun. */
#define SYSCALL_WORK_TRACE	BIT(0)
#define SYSCALL_WORK_SECCOMP	BIT(1)
#define SYSCALL_WORK_STEP	BIT(2)	/* single steps: a call is one */
#define SYSCALL_WORK_EMU	BIT(3)	/* the tracer makes it, not we */
#define SYSCALL_WORK_DISPATCH	BIT(4)	/* the program wants to see it */

/*
 * What the tasks of one process have in common beyond what clone(2) lets them
 * choose. Created with the group's first task, freed with its last reference.
 */
struct thread_group {
	struct refcount		refs;		/* one per task */
	atomic_t		live;		/* tasks not yet in do_exit() */
	int			nr_threads;	/* [L] */
	struct list_head	threads; /* [T] tasks, by group_node; R */
	struct task		*leader;	/* [T] */

	struct sigpending	shared_pending;	/* [L] for any of the tasks */
	struct wait_queue	wait_chldexit;	/* wait4(2) sleeps here */

	/* The end: the first exit_group() or fatal signal decides. [L] */
	unsigned int		flags;		/* SIGNAL_* */
	int			group_exit_code;
	struct task		*group_exec_task; /* awaits others */
	/*
	 * Held where exec decides what rights the new program has and gives
	 * it those, and where a tracer attaches: none comes in between.
	 */
	struct mutex		exec_lock;
	int			group_stop_count;
	struct core_dump	*core_dump; /* [L] under way: threads wait */

	/* Job control. */
	struct pid		*pids[PIDTYPE_MAX]; /* [T] TGID, PGID, SID */
	bool			leader_of_session; /* [T] by setsid(2) */
	struct tty		*tty;		/* [L] controlling terminal */
	struct pid		*tty_old_pgrp;	/* [L] after the tty hung up */

	struct rlimit		rlim[RLIM_NLIMITS]; /* [L]; READ_ONCE */

	/* Usage of tasks already gone, and of children waited for. [L] */
	uint64_t		utime_ns, stime_ns;
	uint64_t		cutime_ns, cstime_ns;
	unsigned long		min_flt, maj_flt, cmin_flt, cmaj_flt;
	unsigned long		nvcsw, nivcsw, cnvcsw, cnivcsw;
	unsigned long		maxrss_pages, cmaxrss_pages;
	struct io_usage		io;	/* of both */

	struct itimers		*itimers;	/* [L] made on first use */
	struct posix_timers	*posix_timers;	/* the same */
	struct cpu_timers	*cpu_timers;	/* the same */
	bool			is_child_subreaper;
	bool			has_child_subreaper;
	/* Who else may trace it, by its wish: kernel/ptrace.c. [T] */
	struct pid		*ptracer;
	bool			any_ptracer;
	int			oom_score_adj;	/* [L] */
	int			oom_score_adj_min; /* [L] without a right */
	struct rcu_head		rcu;
};

/* thread_group.flags */
#define SIGNAL_STOP_STOPPED	0x01	/* all tasks are stopped */
#define SIGNAL_STOP_CONTINUED	0x02	/* SIGCONT came, not yet reported */
#define SIGNAL_GROUP_EXIT	0x04	/* group_exit_code is final */
#define SIGNAL_UNKILLABLE	0x08 /* PID 1: default actions do not apply */
#define SIGNAL_CLD_STOPPED	0x10	/* parent to be told of the stop */
#define SIGNAL_CLD_CONTINUED	0x20	/* parent to be told of SIGCONT */

/* How a system call that was cut short is continued (restart_syscall(2)). */
struct restart_block {
	long (*fn)(struct restart_block *);
	union {
		struct {
			int		clock;
			void __user	*rmtp;
			uint64_t	expires_ns;
		} nanosleep;
		struct {
			void __user	*fds;
			unsigned int	nfds;
			bool		has_timeout;
			uint64_t	expires_ns;
		} poll;
		struct {
			uint32_t __user	*uaddr;
			uint32_t	val, flags, bitset;
			uint64_t	expires_ns;
		} futex;
	};
};

/* rseq(2). */
struct task_rseq {
	struct rseq __user	*area;		/* NULL: not registered */
	uint32_t		signature;
	uint32_t		cpu;		/* what @area was last told */
	bool			disturbed;	/* a section is to be left */
};

struct task {
	/* First: arch_switch_to() and the entry code know these offsets. */
	struct arch_thread	thread;
	unsigned long		flags_work;	/* [A] TIF_* */
	unsigned long		syscall_work;	/* [A] SYSCALL_WORK_* */
	void			*stack;		/* [C] lowest address */

	struct task_sched	sched;		/* see kernel/sched_entity.h */

	struct refcount		refs;
	unsigned int		flags;		/* [S] PF_* */

	/*
	 * The task reads these freely; it changes them, and others read them,
	 * under lock (RANK_TASK).
	 */
	struct spinlock		lock;
	struct mm		*mm;		/* NULL for kernel threads */
	struct mm		*active_mm;	/* [S] page tables in use */
	struct files		*files;
	struct fs		*fs;
	struct sem_undo_list	*sem_undo;	/* [S] NULL: nothing yet */
	struct sighand		*sighand;	/* [R] NULL once released */
	struct thread_group	*group;		/* [C] */
	const struct cred	*cred;	/* [R] only the task replaces it */
	const struct cred	*real_cred;	/* [R] who others see */

	pid_t			pid; /* [T] number in the root ns; exec in a
				      * thread changes it */
	pid_t			tgid;		/* [C] */
	struct pid		*thread_pid;	/* [T] */
	struct hlist_node	pid_links[PIDTYPE_MAX]; /* [T] R */

	/* The family. [T] */
	struct task		*real_parent; /* who forked us, or heir; R */
	struct task		*parent; /* who is told: tracer or parent */
	struct list_head	children;	/* by sibling */
	struct list_head	sibling;
	struct list_head	group_node;	/* R */
	struct list_head	tasks;		/* all group leaders; R */

	/* The end. */
	int			exit_state;	/* [T] */
	int			exit_code;	/* [S] as wait4(2) reports it */
	int			exit_signal; /* [T] to parent; -1: a thread */
	int			pdeath_signal;	/* [S] */
	unsigned long		jobctl;		/* [L] stop in progress */
	struct vfork_wait	*vfork_done; /* [S] parent awaits exec/exit */

	/* Tracing: see kernel/ptrace_stop.c. */
	unsigned int		ptrace;	/* [T] and [L]: PT_*; 0: by nobody */
	struct list_head	ptraced;	/* [T] those it traces */
	struct list_head	ptrace_entry;	/* [T] in its tracer's list */
	unsigned long		ptrace_message;	/* [L] of the last stop */
	struct siginfo		*last_siginfo;	/* [L] NULL: not in a stop */

	/* Signals. */
	sigset_t		blocked; /* [L] written by the task only */
	sigset_t		waited_for; /* [L] blocked, but that it sleeps
					     * in rt_sigtimedwait(2) for them */
	sigset_t		saved_sigmask;	/* [S] sigsuspend, ppoll */
	struct sigpending	pending;	/* [L] for this task only */
	unsigned long		sas_ss_sp;	/* [S] sigaltstack(2) */
	size_t			sas_ss_size;
	unsigned int		sas_ss_flags;

	struct restart_block	restart_block;	/* [S] */
	uint32_t __user		*set_child_tid;	/* [S] CLONE_CHILD_SETTID */
	uint32_t __user		*clear_child_tid; /* [S] */
	void __user		*robust_list;	/* [S] */
	struct task_pi		pi;	/* see kernel/rtmutex.h */
	struct task_rseq	rseq;	/* [S] see kernel/rseq.c */

	char			comm[TASK_COMM_LEN]; /* [S] may be torn */
	unsigned int		personality;	/* [S] */
	bool			no_new_privs;	/* [L] only ever set */
	bool			io_flusher;	/* [S] PR_SET_IO_FLUSHER */
	uint8_t			mce_kill;	/* [S] PR_MCE_KILL_* */
	uint8_t			seccomp_mode;	/* [L] SECCOMP_MODE_* */
	struct seccomp_filter	*seccomp_filter; /* [L] the newest */
	struct syscall_dispatch	dispatch;	/* [S] */
	uint64_t		start_ns;	/* [S] CLOCK_MONOTONIC */
	/* how late sleeps may end: [S], and /proc */
	unsigned long		timer_slack_ns, default_timer_slack_ns;

	/* Usage of this task. [S], and the scheduler for the times */
	uint64_t		utime_ns, stime_ns;
	unsigned long		min_flt, maj_flt;
	unsigned long		nvcsw, nivcsw;
	struct io_usage		io;

	struct list_head	reap_node; /* [T] dead, about to be released */
	struct rcu_head		rcu;
};

/* Protects the family tree, pid links and thread lists; readers use RCU. */
extern struct spinlock tasklist_lock;
/* Every thread group leader but the idle tasks, by task->tasks. */
extern struct list_head all_tasks;
/* The task the boot CPU starts as; becomes its idle task. */
extern struct task init_task;
/* PID 1. NULL until kernel_init() has made it. */
extern struct task *init_process;

#define for_each_process_rcu(p) \
	list_for_each_entry_rcu(p, &all_tasks, tasks)
/* All tasks of @g's process, @g included; RCU or tasklist_lock. */
#define for_each_thread_rcu(g, t) \
	list_for_each_entry_rcu(t, &(g)->group->threads, group_node)

static inline struct task *task_get(struct task *task)
{
	refcount_get(&task->refs);
	return task;
}

void task_put(struct task *task);

static inline bool task_is_leader(const struct task *task)
{
	return task->exit_signal >= 0;
}

static inline bool same_thread_group(const struct task *a, const struct task *b)
{
	return a->group == b->group;
}

static inline bool task_is_kthread(const struct task *task)
{
	return task->flags & PF_KTHREAD;
}

static inline void task_set_work(struct task *task, unsigned long tif)
{
	__atomic_fetch_or(&task->flags_work, tif, __ATOMIC_SEQ_CST);
}

static inline void task_clear_work(struct task *task, unsigned long tif)
{
	__atomic_fetch_and(&task->flags_work, ~tif, __ATOMIC_SEQ_CST);
}

static inline unsigned long task_rlimit(const struct task *task, int limit)
{
	return READ_ONCE(task->group->rlim[limit].rlim_cur);
}

void set_task_comm(struct task *task, const char *name);

/* kernel/fork.c */
struct kernel_clone_args {
	uint64_t	flags;		/* CLONE_*, without the signal byte */
	int		exit_signal;
	unsigned long	stack;		/* child's user stack pointer, or 0 */
	unsigned long	tls;
	int __user	*parent_tid;
	int __user	*child_tid;
	int __user	*pidfd;
	struct file	*pidfd_file;	/* CLONE_PIDFD: until installed */
	int		pidfd_nr;
	pid_t		set_tid;	/* the number it shall have; 0: any */
	int		(*fn)(void *);	/* kernel thread: run this */
	void		*fn_arg;
	bool		kthread; /* never leaves the kernel (PID 1 does) */
	int		trace_event;	/* PTRACE_EVENT_* its tracer gets */
};

/* Refused by clone(2), clone3(2) and unshare(2): there is one of each. */
#define CLONE_NAMESPACES (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | \
			  CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | \
			  CLONE_NEWNET | CLONE_NEWTIME)

pid_t kernel_clone(struct kernel_clone_args *args);
struct task *copy_process(struct kernel_clone_args *args);
struct task *fork_idle(int cpu);
void fork_init(void);
int nr_tasks(void);
void nr_tasks_dec(void);
extern int max_threads;

/* kernel/exit.c */
void do_exit(int code) __noreturn;
void do_group_exit(int code) __noreturn;
void release_task(struct task *task);
void mm_release(struct task *task);
bool is_orphaned_pgrp(struct pid *pgrp, struct task *ignored);

/* kernel/exec_threads.c */
int exec_kill_threads(void);
void exec_thread_gone(struct thread_group *group);

/* kernel/wait_syscalls.c */
int kernel_wait4(pid_t pid, int *status, int options, struct rusage *usage);
