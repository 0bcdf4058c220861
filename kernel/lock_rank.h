/*
 * The order of all locks, in one place.
 *
 * Whoever holds a lock may take only locks further down this list; a debug
 * build panics at the first acquisition that breaks the rule, whether or not
 * it would have deadlocked this time. A rank is also the lock's class: what
 * is learnt about interrupts (taken in a handler; taken with interrupts on)
 * is kept per rank, so two kinds of lock should not share one.
 *
 * Two locks of one rank are taken either in address order, or by
 * *_lock_nested() with a rising subclass (parent before child).
 *
 * Sleeping locks come first, since no one may sleep with a spinlock held.
 * docs/locking.md says what each of them protects.
 */
#pragma once

enum lock_rank {
	RANK_UNCHECKED,		/* not yet initialised, or ordered by hand */

	/* Sleeping locks. */
	RANK_FIRST,		/* nothing is held when it is taken */
	RANK_DEVICE_LIST,	/* buses, drivers */
	RANK_DEVICE,		/* one device: open, close, configure */
	RANK_TTY_LIST,
	RANK_TTY,		/* one tty: open, hang-up, discipline */
	RANK_TTY_READ,		/* one reader at a time */
	RANK_TTY_TERMIOS,
	RANK_TTY_WRITE,
	RANK_TTY_OUTPUT,
	RANK_EXEC,		/* execve(2) and who looks into the task */
	RANK_FILE_POS,		/* offset of an open file */
	RANK_SOCKET,		/* one reader, or naming, of one socket */
	RANK_SOCKET_GC,		/* files in flight between sockets */
	RANK_PIPE,
	RANK_SEQ_FILE,
	RANK_SYSLOG,		/* syslog(2); copies to user memory */
	RANK_SUPER_LIST,
	RANK_SUPER_UMOUNT,	/* a super block's life */
	RANK_FREEZE,
	RANK_RENAME,		/* cross-directory renames of one file system */
	RANK_INODE,		/* an inode's rwsem */
	RANK_MOUNT,		/* the mount tree's rwsem */
	RANK_EPOLL_NEST,	/* which epoll instances watch others */
	RANK_EPOLL,		/* what one epoll instance watches */
	RANK_MMAP,		/* an address space's list of areas */
	RANK_VMA,		/* one area */
	RANK_MAPPING_INVALIDATE,
	RANK_IPC_IDS,		/* the objects of one kind of System V IPC */
	RANK_I_MMAP,		/* the areas that map one file */
	RANK_ANON_VMA,
	RANK_PAGE_LOCK,
	RANK_OOM,
	RANK_SHRINKER,
	RANK_SLAB_LIST,
	RANK_VMALLOC,
	RANK_KSTACK,
	RANK_DRAIN,
	RANK_CPU_MAP,
	RANK_WORKQUEUE_LIST,
	RANK_KTHREAD,
	RANK_SYSCTL,
	RANK_CONSOLE,
	RANK_MUTEX_LEAF,	/* sleeping, and takes nothing that sleeps */

	/* Spinlocks. */
	RANK_SPIN_FIRST,
	RANK_FASYNC_LISTS,	/* files that tell their owners of news */
	RANK_FASYNC,		/* one of them */
	RANK_TASKLIST,		/* the tree of tasks, groups and sessions */
	RANK_TASK,		/* one task's references: mm, files, fs */
	RANK_TTY_CTRL,		/* session and foreground group */
	RANK_CPU_TIMERS,	/* timers on the CPU time of one process */
	RANK_SIGHAND,		/* signals of one process */
	RANK_GROUP_STATS,
	RANK_ITIMER,		/* interval timers of one process */
	RANK_PID,
	RANK_CRED,
	RANK_FS_STRUCT,		/* working directory, root, umask */
	RANK_FILES,		/* one descriptor table */
	RANK_FILE,		/* flags and owner of one open file */
	RANK_FILE_LOCKS,
	RANK_MOUNT_HASH,
	RANK_RENAME_SEQ,
	RANK_INODE_SPIN,	/* an inode's small fields */
	RANK_DENTRY,		/* parent before child */
	RANK_DCACHE_HASH,
	RANK_DCACHE_LRU,
	RANK_INODE_HASH,
	RANK_INODE_LIST,
	RANK_MM_LIST,
	RANK_MM_SPIN,
	RANK_PAGE_TABLE_TOP,	/* creation of page tables */
	RANK_PAGE_TABLE,	/* one table's entries */
	RANK_MAPPING,		/* pages of one file */
	RANK_LRU,
	RANK_TLB,
	RANK_FUTEX,
	RANK_PI,		/* who waits for whose lock */
	RANK_IPC,		/* one object of System V IPC, one mqueue */
	RANK_SEM_UNDO,		/* one list of what semop(2) is to undo */
	RANK_PIPE_SPIN,
	RANK_SOCKET_TABLE,	/* sockets by name */
	RANK_SOCKET_SPIN,	/* one socket's queue and state */
	RANK_TTY_BUFFER,
	RANK_TTY_PORT,
	RANK_UART,
	RANK_INPUT,
	RANK_BLOCK_QUEUE,
	RANK_DEVICE_SPIN,
	RANK_TIMERFD_LIST,	/* those who want to know when it is set */
	RANK_TIMERFD,
	RANK_SECCOMP_LISTENER,	/* calls that wait for an answer */
	RANK_NTP,		/* how the clock is steered */
	RANK_CLOCK_SET,		/* the wall clock */
	RANK_CLOCK_TIMERS,	/* timers on it */
	RANK_RANDOM,
	RANK_CALL_FUNCTION,
	RANK_IRQ_DESC,
	RANK_IRQ_CHIP,
	RANK_WORK_POOL,
	RANK_RCU,
	RANK_WAIT_QUEUE,	/* wake functions run under it */
	RANK_EPOLL_SPIN,	/* ready list of an epoll instance */
	RANK_COMPLETION,
	RANK_MUTEX_WAIT,	/* the waiters of a mutex or rwsem */
	RANK_PAGE_ZONE,
	RANK_SLAB,
	RANK_VMAP,
	RANK_TASK_SCHED,	/* a task's place: run queue, affinity, nice */
	RANK_RUNQUEUE,
	RANK_DL_SHARES,		/* what deadline tasks were promised */
	RANK_TIMER_BASE,
	RANK_LOAD,		/* load averages */
	RANK_CLOCK_RATE,	/* how fast it goes */
	RANK_VDSO,		/* what programs are told of it */
	RANK_PRINTK,
	RANK_LEAF,		/* takes nothing */

	NR_LOCK_RANKS,
};

#define RANK_IS_SLEEPING(rank)	((rank) < RANK_SPIN_FIRST)
