/*
 * fork(2), vfork(2), clone(2), clone3(2) and unshare(2): what user space may
 * ask of kernel/fork.c.
 *
 * clone(2) is as old as threads and has used up its registers and its bits.
 * clone3(2) takes a structure that can grow, in which nothing is packed into
 * anything else; its arguments are checked here, down to bits that clone(2)
 * has always ignored. unshare(2) is the same flags the other way round: what
 * clone would not have shared is made the caller's own.
 *
 * Source: man 2 clone, man 2 unshare.
 */
#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/task_files.h>
#include <ipc/task_ipc.h>
#include <kernel/cred.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/user_struct.h>
#include <mm/mm.h>
#include <uapi/sched.h>

#define MAX_PID_NS_LEVEL	32

SYSCALL_DEFINE0(fork)
{
	struct kernel_clone_args args = { .exit_signal = SIGCHLD };

	return kernel_clone(&args);
}

SYSCALL_DEFINE0(vfork)
{
	struct kernel_clone_args args = {
		.flags = CLONE_VFORK | CLONE_VM, .exit_signal = SIGCHLD };

	return kernel_clone(&args);
}

SYSCALL_DEFINE5(clone, unsigned long, flags, unsigned long, stack,
		int __user *, parent_tid, int __user *, child_tid,
		unsigned long, tls)
{
	struct kernel_clone_args args = {
		.flags = (uint32_t)flags & ~CSIGNAL,
		.exit_signal = flags & CSIGNAL,
		.stack = stack,
		.pidfd = parent_tid,	/* CLONE_PIDFD answers there */
		.parent_tid = parent_tid,
		.child_tid = child_tid,
		.tls = tls,
	};

	return kernel_clone(&args);
}

/* ---- clone3 ---------------------------------------------------------- */

static bool exit_signal_valid(const struct clone_args *args)
{
	if (args->exit_signal > NSIG)
		return false;
	/* Who has no parent of its own choosing does not choose its signal. */
	return !(args->flags & (CLONE_THREAD | CLONE_PARENT)) ||
	       !args->exit_signal;
}

/* Both or neither; where it ends, it has to be user memory. */
static bool stack_valid(const struct clone_args *args)
{
	if (!args->stack)
		return !args->stack_size;
	return args->stack_size &&
	       access_ok((const void __user *)args->stack, args->stack_size);
}

static bool set_tid_valid(const struct clone_args *args)
{
	return args->set_tid_size <= MAX_PID_NS_LEVEL &&
	       !args->set_tid == !args->set_tid_size;
}

static bool clone3_flags_valid(uint64_t flags)
{
	if (flags & ~(UINT32_MAX | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP))
		return false;
	if (flags & (CLONE_DETACHED | (CSIGNAL & ~CLONE_NEWTIME)))
		return false;
	return !(flags & CLONE_SIGHAND) || !(flags & CLONE_CLEAR_SIGHAND);
}

static int get_clone_args(struct clone_args *args,
			  const struct clone_args __user *from, size_t size)
{
	int err;

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	err = copy_struct_from_user(args, sizeof(*args), from, size);
	if (err)
		return err;
	if (!set_tid_valid(args) || args->exit_signal > NSIG)
		return -EINVAL;
	if ((args->flags & CLONE_INTO_CGROUP) &&
	    (args->cgroup > INT_MAX || size < CLONE_ARGS_SIZE_VER2))
		return -EINVAL;
	return 0;
}

/*
 * The number the child shall have, for who restores a process as it was.
 * Return: 0 with *@nr set; -EFAULT, -EINVAL, -EPERM.
 */
static int get_wanted_tid(const struct clone_args *args, pid_t *nr)
{
	if (get_user(*nr, (const pid_t __user *)args->set_tid))
		return -EFAULT;
	if (args->set_tid_size > 1 || *nr < 1 || *nr >= pid_max)
		return -EINVAL;
	return capable(CAP_CHECKPOINT_RESTORE) || capable(CAP_SYS_ADMIN) ?
	       0 : -EPERM;
}

SYSCALL_DEFINE2(clone3, const struct clone_args __user *, from, size_t, size)
{
	struct kernel_clone_args kargs = {};
	struct clone_args args;
	int err = get_clone_args(&args, from, size);

	if (err)
		return err;
	if (!clone3_flags_valid(args.flags) || !exit_signal_valid(&args) ||
	    !stack_valid(&args))
		return -EINVAL;
	if (args.set_tid) {
		err = get_wanted_tid(&args, &kargs.set_tid);
		if (err)
			return err;
	}
	/* There are no cgroups a descriptor could be of. */
	if (args.flags & CLONE_INTO_CGROUP)
		return -EBADF;
	kargs.flags = args.flags;
	kargs.exit_signal = args.exit_signal;
	kargs.stack = args.stack + args.stack_size;
	kargs.tls = args.tls;
	kargs.pidfd = (int __user *)args.pidfd;
	kargs.parent_tid = (int __user *)args.parent_tid;
	kargs.child_tid = (int __user *)args.child_tid;
	return kernel_clone(&kargs);
}

/* ---- unshare --------------------------------------------------------- */

#define UNSHARE_FLAGS	(CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | \
			 CLONE_FS | CLONE_FILES | CLONE_SYSVSEM)

/* Does any other process run in current's memory, as after vfork(2)? */
static bool mm_is_shared(void)
{
	struct task *task;

	if (refcount_read(&current->mm->users) == 1)
		return false;
	RCU_GUARD();
	for_each_process_rcu(task)
		if (!same_thread_group(task, current) &&
		    READ_ONCE(task->mm) == current->mm)
			return true;
	return false;
}

/*
 * Threads, handlers and memory cannot be taken apart. Asking for it is right
 * where they are not shared to begin with.
 */
static bool is_unshared(unsigned long flags)
{
	if (flags & CLONE_VM)
		flags |= CLONE_SIGHAND;
	if (flags & CLONE_SIGHAND)
		flags |= CLONE_THREAD;
	if ((flags & CLONE_THREAD) &&
	    READ_ONCE(current->group->nr_threads) > 1)
		return false;
	if ((flags & CLONE_SIGHAND) &&
	    refcount_read(&current->sighand->refs) > 1)
		return false;
	return !(flags & CLONE_VM) || !mm_is_shared();
}

SYSCALL_DEFINE1(unshare, unsigned long, flags)
{
	int err;

	if ((flags & ~UNSHARE_FLAGS) || !is_unshared(flags))
		return -EINVAL;
	err = task_files_unshare(flags);
	if (!err && (flags & CLONE_SYSVSEM))
		task_sem_undo_drop(current);
	return err;
}
