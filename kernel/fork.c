/*
 * Making tasks: fork, vfork, clone and kernel threads.
 *
 * All of them are kernel_clone() with different flags. A new task is built in
 * three acts. First everything that can fail: memory for the task and its
 * stack, and for each thing a task holds either a copy or one more reference,
 * as the CLONE_* flags say. Then, under tasklist_lock, the task becomes
 * visible; from here nothing fails. Last it is handed to the scheduler.
 *
 * The child's first instruction in user mode is the one after its parent's
 * system call: arch_thread_copy() gives it the parent's registers with 0 for
 * the result.
 */
#include <arch/current.h>
#include <arch/thread.h>
#include <arch/uaccess.h>
#include <fs/files.h>
#include <fs/task_files.h>
#include <ipc/task_ipc.h>
#include <kernel/completion.h>
#include <kernel/cpu_timer.h>
#include <kernel/cred.h>
#include <kernel/pidfd.h>
#include <kernel/posix_timers.h>
#include <kernel/ptrace.h>
#include <kernel/rseq.h>
#include <kernel/sched.h>
#include <kernel/seccomp.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/task_tty.h>
#include <kernel/time.h>
#include <kernel/vfork.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <uapi/sched.h>

DEFINE_SPINLOCK(tasklist_lock, RANK_TASKLIST);
LIST_HEAD(all_tasks);

static struct kmem_cache *task_cache, *group_cache, *sighand_cache;
static atomic_t task_count = ATOMIC_INIT(0);	/* all but the idle tasks */
static unsigned long total_forks __guarded_by(tasklist_lock);
int max_threads;

/* Tasks and threads made since boot, for /proc/stat. Any context. */
unsigned long nr_forks(void)
{
	return READ_ONCE(total_forks);
}

/* Tasks that exist, zombies included. Any context. */
int nr_tasks(void)
{
	return atomic_read(&task_count);
}

/* For release_task(): one less. */
void nr_tasks_dec(void)
{
	atomic_dec(&task_count);
}

static void free_task_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(task_cache, container_of(rcu, struct task, rcu));
}

static void group_put(struct thread_group *group)
{
	if (!refcount_put(&group->refs))
		return;
	itimers_free(group->itimers);
	posix_timers_free(group->posix_timers);
	cpu_timers_free(group->cpu_timers);
	pid_put(group->ptracer);
	kmem_cache_free(group_cache, group);
}

/*
 * Drop a reference to @task. The last one frees it, a grace period later:
 * RCU readers may be looking at it.
 *
 * Context: any.
 */
void task_put(struct task *task)
{
	if (!refcount_put(&task->refs))
		return;
	cred_put(task->real_cred);
	cred_put(task->cred);
	group_put(task->group);
	arch_thread_free(task);
	call_rcu(&task->rcu, free_task_rcu);
}

/* Drop a reference to a handler table. Context: any. */
void sighand_put(struct sighand *sighand)
{
	if (!refcount_put(&sighand->refs))
		return;
	/* Others may watch a signalfd by what was this process's table. */
	wait_queue_gone(&sighand->signalfd_wait);
	kmem_cache_free(sighand_cache, sighand);
}

static bool clone_flags_valid(uint64_t flags)
{
	if (flags & CLONE_NAMESPACES)
		return false;
	/* A pidfd is of a process; CLONE_DETACHED meant something once. */
	if ((flags & CLONE_PIDFD) && (flags & (CLONE_THREAD | CLONE_DETACHED)))
		return false;
	/* Threads share handlers, and who shares handlers shares memory. */
	if ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND))
		return false;
	if ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM))
		return false;
	/* PID 1 has no parent to share. */
	if ((flags & CLONE_PARENT) &&
	    (current->group->flags & SIGNAL_UNKILLABLE))
		return false;
	return true;
}

/* RLIMIT_NPROC bounds all tasks of a real uid; root's are its own affair. */
static bool over_process_limit(const struct task *task)
{
	const struct cred *cred = task->real_cred;

	return user_over_process_limit(cred->user) && cred->user->uid != 0 &&
	       !capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN);
}

/* A copy of the caller that shares nothing yet and owns only its stack. */
static struct task *dup_task(void)
{
	struct task *task = kmem_cache_alloc(task_cache, GFP_KERNEL);

	if (!task)
		return NULL;
	memcpy(task, current, sizeof(*task));
	task->stack = kernel_stack_alloc();
	if (!task->stack) {
		kmem_cache_free(task_cache, task);
		return NULL;
	}
	/* One for being in the lists, one for the scheduler until it is off. */
	refcount_set(&task->refs, 2);
	spin_lock_init(&task->lock, "task", RANK_TASK);
	task->flags &= ~(PF_SUPERPRIV | PF_KTHREAD | PF_SIGNALED);
	task->flags |= PF_FORKNOEXEC;
	task->flags_work = 0;
	task->syscall_work = 0;
	list_init(&task->children);
	list_init(&task->sibling);
	list_init(&task->tasks);
	list_init(&task->group_node);
	for (int type = 0; type < PIDTYPE_MAX; type++)
		hlist_init_node(&task->pid_links[type]);
	list_init(&task->pending.list);
	task->pending.set = 0;
	task->thread_pid = NULL;
	task->exit_state = 0;
	task->exit_code = 0;
	task->pdeath_signal = 0;
	task->jobctl = 0;
	task->vfork_done = NULL;
	task->ptrace = 0;
	list_init(&task->ptraced);
	list_init(&task->ptrace_entry);
	task->last_siginfo = NULL;
	task->seccomp_mode = 0;
	task->seccomp_filter = NULL;
	task->restart_block.fn = NULL;
	task->set_child_tid = NULL;
	task->clear_child_tid = NULL;
	task->robust_list = NULL;
	task_pi_init(&task->pi);
	task->utime_ns = task->stime_ns = 0;
	task->min_flt = task->maj_flt = 0;
	task->nvcsw = task->nivcsw = 0;
	task->io = (struct io_usage){};
	task->start_ns = ktime_get_ns();
	task->default_timer_slack_ns = current->timer_slack_ns;
	return task;
}

static void free_unborn(struct task *task)
{
	kernel_stack_free(task->stack);
	kmem_cache_free(task_cache, task);
}

static int copy_sighand(struct task *task, uint64_t flags)
{
	struct sighand *sighand;

	if (flags & CLONE_SIGHAND) {
		refcount_get(&current->sighand->refs);
		return 0;
	}
	sighand = kmem_cache_alloc(sighand_cache, GFP_KERNEL);
	if (!sighand)
		return -ENOMEM;
	refcount_set(&sighand->refs, 1);
	spin_lock_irq(&current->sighand->lock);
	memcpy(sighand->action, current->sighand->action,
	       sizeof(sighand->action));
	spin_unlock_irq(&current->sighand->lock);
	task->sighand = sighand;
	if (flags & CLONE_CLEAR_SIGHAND)
		flush_signal_handlers(task, false);
	return 0;
}

/*
 * Give current a handler table of its own, for exec.
 * Context: process; may sleep. Return: 0 or -ENOMEM.
 */
int sighand_unshare(void)
{
	struct sighand *old = current->sighand, *new;

	new = kmem_cache_alloc(sighand_cache, GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	refcount_set(&new->refs, 1);
	spin_lock_irq(&tasklist_lock);
	spin_lock(&old->lock);
	memcpy(new->action, old->action, sizeof(new->action));
	rcu_assign_pointer(current->sighand, new);
	spin_unlock(&old->lock);
	spin_unlock_irq(&tasklist_lock);
	sighand_put(old);
	return 0;
}

static int copy_group(struct task *task, uint64_t flags)
{
	struct thread_group *old = current->group, *group;

	if (flags & CLONE_THREAD) {
		refcount_get(&old->refs);
		return 0;
	}
	group = kmem_cache_zalloc(group_cache, GFP_KERNEL);
	if (!group)
		return -ENOMEM;
	refcount_set(&group->refs, 1);
	atomic_set(&group->live, 1);
	group->nr_threads = 1;
	list_init(&group->threads);
	list_init(&group->shared_pending.list);
	wait_queue_init(&group->wait_chldexit);
	mutex_init(&group->exec_lock, "exec", RANK_EXEC);
	group->leader = task;
	spin_lock_irq(&current->sighand->lock);
	memcpy(group->rlim, old->rlim, sizeof(group->rlim));
	spin_unlock_irq(&current->sighand->lock);
	group->oom_score_adj = old->oom_score_adj;
	group->oom_score_adj_min = old->oom_score_adj_min;
	group->has_child_subreaper = old->has_child_subreaper ||
				     old->is_child_subreaper;
	task->group = group;
	return 0;
}

static int copy_mm(struct task *task, uint64_t flags)
{
	struct mm *mm;

	task->mm = NULL;
	if (!current->mm) {
		/* A kernel thread runs on whatever tables are loaded. */
		task->active_mm = NULL;
		return 0;
	}
	if (flags & CLONE_VM) {
		mm = mmget(current->mm);
	} else {
		mm = mm_dup(current->mm);
		if (IS_ERR(mm))
			return PTR_ERR(mm);
	}
	task->mm = mm;
	task->active_mm = mm;
	return 0;
}

static int copy_thread(struct task *task, const struct kernel_clone_args *args)
{
	if (args->fn) {
		arch_kthread_setup(task, args->fn, args->fn_arg);
		if (args->kthread)
			task->flags |= PF_KTHREAD;
		return 0;
	}
	return arch_thread_copy(task, current, current_pt_regs(), args->stack,
				args->flags & CLONE_SETTLS, args->tls);
}

/* What the child keeps of the alternate signal stack: vfork's alone. */
static void copy_altstack(struct task *task, uint64_t flags)
{
	if ((flags & (CLONE_VM | CLONE_VFORK)) != CLONE_VM)
		return;
	task->sas_ss_sp = 0;
	task->sas_ss_size = 0;
	task->sas_ss_flags = SS_DISABLE;
}

/* Everything that may fail. On error all of it has been undone. */
static int copy_resources(struct task *task, struct kernel_clone_args *args)
{
	uint64_t flags = args->flags;
	int err;

	err = task_files_copy(task, flags);
	if (err)
		return err;
	err = task_sem_undo_copy(task, flags);
	if (err)
		goto drop_files;
	err = copy_sighand(task, flags);
	if (err)
		goto drop_undo;
	err = copy_group(task, flags);
	if (err)
		goto put_sighand;
	err = copy_mm(task, flags);
	if (err)
		goto put_group;
	err = copy_thread(task, args);
	if (err)
		goto put_mm;
	return 0;

put_mm:
	if (task->mm)
		mmput(task->mm);
put_group:
	group_put(task->group);
put_sighand:
	sighand_put(task->sighand);
drop_undo:
	task_sem_undo_drop(task);
drop_files:
	task_files_drop(task);
	return err;
}

static void drop_resources(struct task *task)
{
	arch_thread_free(task);
	if (task->mm)
		mmput(task->mm);
	group_put(task->group);
	sighand_put(task->sighand);
	task_sem_undo_drop(task);
	task_files_drop(task);
}

static void drop_creds(struct task *task)
{
	atomic_long_dec(&task->real_cred->user->processes);
	cred_put(task->cred);
	cred_put(task->real_cred);
}

static void link_leader(struct task *task, struct pid *pid)
{
	struct thread_group *group = task->group;
	struct thread_group *parent = current->group;

	group->pids[PIDTYPE_TGID] = pid;
	group->pids[PIDTYPE_PGID] = parent->pids[PIDTYPE_PGID];
	group->pids[PIDTYPE_SID] = parent->pids[PIDTYPE_SID];
	group->tty = task_tty_inherit(parent);
	list_add_tail(&task->sibling, &task->real_parent->children);
	list_add_tail(&task->tasks, &all_tasks);
	list_add_tail(&task->group_node, &group->threads);
	pid_attach(task, PIDTYPE_TGID);
	pid_attach(task, PIDTYPE_PGID);
	pid_attach(task, PIDTYPE_SID);
}

static void link_thread(struct task *task)
{
	struct thread_group *group = task->group;

	group->nr_threads++;
	atomic_inc(&group->live);
	list_add_tail(&task->group_node, &group->threads);
}

/*
 * Make @task visible. A fatal signal that arrived meanwhile was sent to a
 * process the child would belong to or be a copy of: then there is no child.
 */
static int publish_task(struct task *task, struct pid *pid,
			const struct kernel_clone_args *args)
{
	bool thread = args->flags & CLONE_THREAD;

	spin_lock_irq(&tasklist_lock);
	if (args->flags & (CLONE_PARENT | CLONE_THREAD)) {
		task->real_parent = current->real_parent;
		task->exit_signal = thread ? -1 :
				    current->group->leader->exit_signal;
	} else {
		task->real_parent = current;
		task->exit_signal = args->exit_signal;
	}
	task->parent = task->real_parent;
	spin_lock(&current->sighand->lock);
	if (fatal_signal_pending(current) ||
	    (!args->fn && task_sigpending(current) && !thread)) {
		/* fork's child must not miss a signal meant for both. */
		spin_unlock(&current->sighand->lock);
		spin_unlock_irq(&tasklist_lock);
		return -ERESTARTNOINTR;
	}
	if (unlikely(current->ptrace))
		ptrace_trace_child(task, args);
	if (unlikely(current->seccomp_mode))
		seccomp_inherit(task);
	task->thread_pid = pid;
	task->pid = pid_nr(pid);
	task->tgid = thread ? current->tgid : task->pid;
	if (thread)
		link_thread(task);
	else
		link_leader(task, pid);
	pid_attach(task, PIDTYPE_PID);
	atomic_inc(&task_count);
	WRITE_ONCE(total_forks, total_forks + 1);
	spin_unlock(&current->sighand->lock);
	spin_unlock_irq(&tasklist_lock);
	return 0;
}

/* CLONE_PIDFD: the descriptor is told before there is a child to speak of. */
static int make_pidfd(struct kernel_clone_args *args, struct pid *pid)
{
	int fd = pidfd_prepare(pid, 0, &args->pidfd_file);

	if (fd < 0)
		return fd;
	args->pidfd_nr = fd;
	if (!put_user(fd, args->pidfd))
		return 0;
	put_unused_fd(fd);
	fput(args->pidfd_file);
	return -EFAULT;
}

/*
 * Build a task as @args says, a copy of the caller, not yet runnable.
 *
 * Context: process; may sleep.
 * Return:  the task; -EINVAL (flags), -EAGAIN (limits), -ENOMEM, or
 *          -ERESTARTNOINTR when a signal is to be handled first. With a
 *          number wished for or CLONE_PIDFD also what pid_alloc() and
 *          pidfd_prepare() return, and -EFAULT.
 */
struct task *copy_process(struct kernel_clone_args *args)
{
	struct task *task;
	struct pid *pid;
	int err;

	if (!clone_flags_valid(args->flags))
		return ERR_PTR(-EINVAL);
	if (!args->fn && task_sigpending(current))
		return ERR_PTR(-ERESTARTNOINTR);
	task = dup_task();
	if (!task)
		return ERR_PTR(-ENOMEM);
	copy_creds(task, args->flags);
	err = -EAGAIN;
	if (over_process_limit(task) || nr_tasks() >= max_threads)
		goto drop_creds;
	err = sched_fork(task);
	if (err)
		goto drop_creds;
	err = copy_resources(task, args);
	if (err)
		goto drop_creds;
	pid = pid_alloc(&init_pid_ns, args->set_tid);
	err = PTR_ERR_OR_ZERO(pid);
	if (err)
		goto drop_resources;
	if (unlikely(args->flags & CLONE_PIDFD)) {
		err = make_pidfd(args, pid);
		if (err)
			goto free_pid;
	}
	copy_altstack(task, args->flags);
	rseq_fork(task, args->flags);
	if (args->flags & CLONE_CHILD_SETTID)
		task->set_child_tid = (uint32_t __user *)args->child_tid;
	if (args->flags & CLONE_CHILD_CLEARTID)
		task->clear_child_tid = (uint32_t __user *)args->child_tid;
	err = publish_task(task, pid, args);
	if (err)
		goto put_pidfd;
	if (unlikely(args->flags & CLONE_PIDFD))
		fd_install(args->pidfd_nr, args->pidfd_file);
	return task;

put_pidfd:
	if (args->flags & CLONE_PIDFD) {
		put_unused_fd(args->pidfd_nr);
		fput(args->pidfd_file);
	}
free_pid:
	pid_free_number(pid);
drop_resources:
	drop_resources(task);
drop_creds:
	drop_creds(task);
	free_unborn(task);
	return ERR_PTR(err);
}

/*
 * vfork(2): the parent sleeps until the child has left its address space.
 * The child finds the completion through task->vfork_done, which is only
 * followed and cleared under vfork_lock, since the parent may be killed.
 */
static DEFINE_SPINLOCK(vfork_lock, RANK_TASK);

/* Let a parent in vfork(2) go on: @task has left the shared memory. */
void vfork_complete(struct task *task)
{
	if (!READ_ONCE(task->vfork_done))
		return;
	SPIN_GUARD(&vfork_lock);
	if (task->vfork_done)
		complete(&task->vfork_done->completion);
	task->vfork_done = NULL;
}

static void vfork_wait(struct task *child, struct vfork_wait *wait)
{
	/* A parent that is being killed does not wait for its child. */
	if (wait_for_completion_killable(&wait->completion)) {
		SPIN_GUARD(&vfork_lock);
		child->vfork_done = NULL;
	}
}

/*
 * Make a task and start it.
 *
 * Context: process; may sleep, with CLONE_VFORK until the child execs or ends.
 * Return:  the child's pid, or as copy_process().
 */
pid_t kernel_clone(struct kernel_clone_args *args)
{
	struct vfork_wait wait;
	struct task *task;
	pid_t nr;

	/* One word cannot hold both answers. */
	if ((args->flags & CLONE_PIDFD) &&
	    (args->flags & CLONE_PARENT_SETTID) &&
	    args->pidfd == args->parent_tid)
		return -EINVAL;
	if (unlikely(current->ptrace))
		args->trace_event = ptrace_event_of_clone(args);
	task = copy_process(args);
	if (IS_ERR(task))
		return PTR_ERR(task);
	nr = task->pid;
	if (args->flags & CLONE_PARENT_SETTID)
		(void)put_user(nr, args->parent_tid);
	if (args->flags & CLONE_VFORK) {
		completion_init(&wait.completion);
		task->vfork_done = &wait;
		task_get(task);
	}
	wake_up_new_task(task);
	if (unlikely(args->trace_event))
		ptrace_event(args->trace_event, nr);
	if (args->flags & CLONE_VFORK) {
		vfork_wait(task, &wait);
		task_put(task);
		if (unlikely(current->ptrace))
			ptrace_event(PTRACE_EVENT_VFORK_DONE, nr);
	}
	return nr;
}

/*
 * Make the idle task of @cpu, which has no number and is in no list.
 * Context: boot, process. Return: ERR_PTR(-ENOMEM) if there is no memory.
 */
struct task *fork_idle(int cpu)
{
	struct kernel_clone_args args = { .flags = CLONE_FS | CLONE_FILES |
		CLONE_SIGHAND | CLONE_VM | CLONE_THREAD };
	struct task *task = dup_task();
	int err;

	if (!task)
		return ERR_PTR(-ENOMEM);
	copy_creds(task, args.flags);
	(void)sched_fork(task);
	err = copy_resources(task, &args);
	if (err) {
		drop_creds(task);
		free_unborn(task);
		return ERR_PTR(err);
	}
	task->flags |= PF_KTHREAD;
	task->pid = 0;
	task->tgid = 0;
	sched_init_idle(task, cpu);
	return task;
}

static void sighand_ctor(void *object)
{
	struct sighand *sighand = object;

	spin_lock_init(&sighand->lock, "sighand", RANK_SIGHAND);
	wait_queue_init(&sighand->signalfd_wait);
}

/* Before: slab, pid, cred. After: tasks can be made. */
void __init fork_init(void)
{
	task_cache = kmem_cache_create("task", sizeof(struct task), 0,
				       SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
	group_cache = kmem_cache_create("thread_group",
					sizeof(struct thread_group), 0,
					SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
	/* Looked at under RCU by who finds a dying task. */
	sighand_cache = kmem_cache_create("sighand", sizeof(struct sighand), 0,
					  SLAB_HWCACHE_ALIGN | SLAB_PANIC |
					  SLAB_TYPESAFE_BY_RCU, sighand_ctor);
	/* As on Linux: an eighth of memory, at a stack a thread. */
	max_threads = max_t(unsigned long, 20,
			    totalram_pages() / (8 * KERNEL_STACK_SIZE /
						PAGE_SIZE));
	init_task.group->rlim[RLIMIT_NPROC] = (struct rlimit){
		max_threads / 2, max_threads / 2 };
	init_task.group->rlim[RLIMIT_SIGPENDING] =
		init_task.group->rlim[RLIMIT_NPROC];
}

SYSCALL_DEFINE1(set_tid_address, uint32_t __user *, tidptr)
{
	current->clear_child_tid = tidptr;
	return current->pid;
}
