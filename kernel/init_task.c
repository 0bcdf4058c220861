/*
 * The first task, made by the linker.
 *
 * When the boot CPU arrives in C there is nobody to fork from, so everything
 * a task needs is written down here: init_task runs start_kernel(), forks the
 * first two tasks, and becomes the boot CPU's idle task, which has the number
 * 0 and is in no list. What the others inherit from it, limits and an empty
 * directory context among them, is what Linux starts its first task with.
 */
#include <kernel/task.h>

#include <fs/files.h>
#include <fs/fs.h>
#include <kernel/cred.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <mm/mm.h>
#include <uapi/prctl.h>

#define MiB		(1UL << 20)
#define NO_LIMIT	{ RLIM_INFINITY, RLIM_INFINITY }

/* The boot stack; boot/entry.asm loads its end into rsp. */
char init_stack[KERNEL_STACK_SIZE] __aligned(KERNEL_STACK_SIZE)
	__section(".bss..page_aligned");

static struct sighand init_sighand = {
	.lock = SPINLOCK_INIT("init_sighand", RANK_SIGHAND),
	.refs = REFCOUNT_INIT(1),
	.signalfd_wait = WAIT_QUEUE_INIT(init_sighand.signalfd_wait),
};

static struct thread_group init_group = {
	.refs = REFCOUNT_INIT(1),
	.live = ATOMIC_INIT(1),
	.nr_threads = 1,
	.threads = LIST_HEAD_INIT(init_group.threads),
	.leader = &init_task,
	.shared_pending = {
		.list = LIST_HEAD_INIT(init_group.shared_pending.list),
	},
	.wait_chldexit = WAIT_QUEUE_INIT(init_group.wait_chldexit),
	/* NPROC and SIGPENDING follow from the memory: fork_init(). */
	.rlim = {
		[RLIMIT_CPU] = NO_LIMIT,
		[RLIMIT_FSIZE] = NO_LIMIT,
		[RLIMIT_DATA] = NO_LIMIT,
		[RLIMIT_STACK] = { 8 * MiB, RLIM_INFINITY },
		[RLIMIT_CORE] = { 0, RLIM_INFINITY },
		[RLIMIT_RSS] = NO_LIMIT,
		[RLIMIT_NOFILE] = { 1024, 4096 },
		[RLIMIT_MEMLOCK] = { 8 * MiB, 8 * MiB },
		[RLIMIT_AS] = NO_LIMIT,
		[RLIMIT_LOCKS] = NO_LIMIT,
		[RLIMIT_MSGQUEUE] = { 819200, 819200 },
		[RLIMIT_NICE] = { 0, 0 },
		[RLIMIT_RTPRIO] = { 0, 0 },
		[RLIMIT_RTTIME] = NO_LIMIT,
	},
};

struct task init_task = {
	.stack = init_stack,
	.refs = REFCOUNT_INIT(2),
	.flags = PF_KTHREAD,
	.lock = SPINLOCK_INIT("init_task", RANK_TASK),
	.active_mm = &init_mm,
	.files = &init_files,
	.fs = &init_fs,
	.sighand = &init_sighand,
	.group = &init_group,
	.cred = &init_cred,
	.real_cred = &init_cred,
	.real_parent = &init_task,
	.parent = &init_task,
	.children = LIST_HEAD_INIT(init_task.children),
	.sibling = LIST_HEAD_INIT(init_task.sibling),
	.group_node = LIST_HEAD_INIT(init_task.group_node),
	.tasks = LIST_HEAD_INIT(init_task.tasks),
	.pi = { .owned = LIST_HEAD_INIT(init_task.pi.owned),
		.lent = PRIO_NONE },
	.pending = { .list = LIST_HEAD_INIT(init_task.pending.list) },
	.comm = "swapper",
	.mce_kill = PR_MCE_KILL_DEFAULT,
	.timer_slack_ns = 50000,
	.default_timer_slack_ns = 50000,
};
