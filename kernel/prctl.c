/*
 * prctl(2): the drawer of everything about a task that fits nowhere else; and
 * personality(2), an older such drawer.
 *
 * One operation, one function; sys_prctl() is the list of them.
 *
 * Source: man 2 prctl, man 2 personality.
 */
#include <kernel/prctl.h>

#include <arch/tsc_access.h>
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/ptrace.h>
#include <kernel/seccomp.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <uapi/prctl.h>
#include <uapi/securebits.h>

/* Name @task, cut to fit. Readers may see a mixture of old and new. */
void set_task_comm(struct task *task, const char *name)
{
	strscpy(task->comm, name, sizeof(task->comm));
}

static long set_name(const char __user *name)
{
	char comm[TASK_COMM_LEN] = {};

	if (strncpy_from_user(comm, name, sizeof(comm) - 1) < 0)
		return -EFAULT;
	set_task_comm(current, comm);
	return 0;
}

static long get_name(char __user *to)
{
	char comm[TASK_COMM_LEN] = {};

	strscpy(comm, current->comm, sizeof(comm));
	return copy_to_user(to, comm, sizeof(comm)) ? -EFAULT : 0;
}

static long set_pdeathsig(unsigned long sig)
{
	if (sig > NSIG)
		return -EINVAL;
	current->pdeath_signal = sig;
	return 0;
}

/* By itself a program cannot become root's secret (2), only sysctl can. */
static long set_dumpable(unsigned long value)
{
	if (value > DUMPABLE_USER)
		return -EINVAL;
	current->mm->dumpable = value;
	return 0;
}

static long set_no_new_privs(unsigned long value, unsigned long rest)
{
	if (value != 1 || rest)
		return -EINVAL;
	spin_lock_irq(&current->sighand->lock);
	current->no_new_privs = true;
	spin_unlock_irq(&current->sighand->lock);
	return 0;
}

/* Is @task a descendant of current's process? Locking: tasklist_lock. */
static bool is_descendant(struct task *task)
{
	while (task->pid > 1) {
		task = task->real_parent;
		if (same_thread_group(task, current))
			return true;
	}
	return false;
}

/*
 * Orphans below come to us from now on. Those that exist already learn that
 * there is somebody on their way up to PID 1.
 */
static void set_child_subreaper(bool reap)
{
	struct task *task;

	spin_lock_irq(&tasklist_lock);
	current->group->is_child_subreaper = reap;
	if (reap)
		list_for_each_entry(task, &all_tasks, tasks)
			if (is_descendant(task))
				task->group->has_child_subreaper = true;
	spin_unlock_irq(&tasklist_lock);
}

/* See kernel/sleep.c. 0 goes back to the default. */
static void set_timerslack(unsigned long ns)
{
	WRITE_ONCE(current->timer_slack_ns, (long)ns > 0 ?
		   ns : current->default_timer_slack_ns);
}

static long mce_kill(unsigned long how, unsigned long policy,
		     unsigned long rest)
{
	if (rest)
		return -EINVAL;
	if (how == PR_MCE_KILL_CLEAR)
		policy = policy ? ~0UL : PR_MCE_KILL_DEFAULT;
	else if (how != PR_MCE_KILL_SET)
		return -EINVAL;
	if (policy > PR_MCE_KILL_DEFAULT)
		return -EINVAL;
	current->mce_kill = policy;
	return 0;
}

static long set_tsc(unsigned long mode)
{
	if (mode != PR_TSC_ENABLE && mode != PR_TSC_SIGSEGV)
		return -EINVAL;
	arch_allow_tsc(mode == PR_TSC_ENABLE);
	return 0;
}

static long get_tsc(int __user *mode)
{
	return put_user(arch_may_read_tsc() ? PR_TSC_ENABLE : PR_TSC_SIGSEGV,
			mode);
}

/*
 * A server of block devices asks that memory it needs is never waited for by
 * way of writing to a block device. Here it never is: what is freed for an
 * allocation is clean. So all there is to do is to remember.
 */
static long set_io_flusher(unsigned long on, unsigned long rest)
{
	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (on > 1 || rest)
		return -EINVAL;
	current->io_flusher = on;
	return 0;
}

static long get_io_flusher(unsigned long rest)
{
	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	return rest ? -EINVAL : current->io_flusher;
}

/*
 * What a CPU does ahead of time that could give secrets away. Nothing of it is
 * switched per task here; the answers are Linux's on the CPU that QEMU
 * emulates, which does nothing ahead of time: L1D_FLUSH is off for good, and
 * indirect branches are as free as they ever were.
 */
static long get_speculation(unsigned long what)
{
	switch (what) {
	case PR_SPEC_STORE_BYPASS:
		return PR_SPEC_NOT_AFFECTED;
	case PR_SPEC_INDIRECT_BRANCH:
		return PR_SPEC_ENABLE;
	case PR_SPEC_L1D_FLUSH:
		return PR_SPEC_FORCE_DISABLE;
	default:
		return -ENODEV;
	}
}

static long set_speculation(unsigned long what, unsigned long how)
{
	switch (what) {
	case PR_SPEC_STORE_BYPASS:
		return -ENXIO;
	case PR_SPEC_INDIRECT_BRANCH:
		if (how == PR_SPEC_ENABLE)
			return 0;
		return how == PR_SPEC_DISABLE || how == PR_SPEC_FORCE_DISABLE ?
		       -EPERM : -ERANGE;
	case PR_SPEC_L1D_FLUSH:
		return -EPERM;
	default:
		return -ENODEV;
	}
}

/* Operations on credentials and other rights. -ENOSYS: not one of them. */
static long prctl_rights(int option, unsigned long arg2, unsigned long arg3,
			 unsigned long arg4, unsigned long arg5)
{
	switch (option) {
	case PR_SET_NO_NEW_PRIVS:
		return set_no_new_privs(arg2, arg3 | arg4 | arg5);
	case PR_GET_NO_NEW_PRIVS:
		return arg2 | arg3 | arg4 | arg5 ? -EINVAL :
						   current->no_new_privs;
	case PR_SET_SECCOMP:
		return prctl_set_seccomp(arg2, (void __user *)arg3);
	case PR_GET_SECCOMP:
		return current->seccomp_mode;
	case PR_CAPBSET_READ:
		return prctl_capbset_read(arg2);
	case PR_CAPBSET_DROP:
		return prctl_capbset_drop(arg2);
	case PR_SET_SECUREBITS:
		return prctl_set_securebits(arg2);
	case PR_GET_SECUREBITS:
		return current_cred()->securebits;
	case PR_SET_KEEPCAPS:
		return prctl_set_keepcaps(arg2);
	case PR_GET_KEEPCAPS:
		return !!(current_cred()->securebits & SECBIT_KEEP_CAPS);
	case PR_CAP_AMBIENT:
		return prctl_cap_ambient(arg2, arg3, arg4, arg5);
	default:
		return -ENOSYS;
	}
}

SYSCALL_DEFINE5(prctl, int, option, unsigned long, arg2, unsigned long, arg3,
		unsigned long, arg4, unsigned long, arg5)
{
	long ret = prctl_rights(option, arg2, arg3, arg4, arg5);

	if (ret != -ENOSYS)
		return ret;
	switch (option) {
	case PR_SET_NAME:
		return set_name((const char __user *)arg2);
	case PR_GET_NAME:
		return get_name((char __user *)arg2);
	case PR_SET_PDEATHSIG:
		return set_pdeathsig(arg2);
	case PR_GET_PDEATHSIG:
		return put_user(current->pdeath_signal, (int __user *)arg2);
	case PR_SET_DUMPABLE:
		return set_dumpable(arg2);
	case PR_GET_DUMPABLE:
		return current->mm->dumpable;
	case PR_SET_TIMING:
		return arg2 == PR_TIMING_STATISTICAL ? 0 : -EINVAL;
	case PR_GET_TIMING:
		return PR_TIMING_STATISTICAL;
	case PR_SET_TIMERSLACK:
		set_timerslack(arg2);
		return 0;
	case PR_GET_TIMERSLACK:
		return current->timer_slack_ns;
	case PR_MCE_KILL:
		return mce_kill(arg2, arg3, arg4 | arg5);
	case PR_MCE_KILL_GET:
		return arg2 | arg3 | arg4 | arg5 ? -EINVAL : current->mce_kill;
	case PR_SET_TSC:
		return set_tsc(arg2);
	case PR_GET_TSC:
		return get_tsc((int __user *)arg2);
	case PR_SET_IO_FLUSHER:
		return set_io_flusher(arg2, arg3 | arg4 | arg5);
	case PR_GET_IO_FLUSHER:
		return get_io_flusher(arg2 | arg3 | arg4 | arg5);
	case PR_SET_MM:
		return prctl_set_mm(arg2, arg3, arg4, arg5);
	case PR_SET_PTRACER:
		return prctl_set_ptracer(arg2);
	case PR_SET_SYSCALL_USER_DISPATCH:
		return prctl_set_dispatch(arg2, arg3, arg4,
					  (const uint8_t __user *)arg5);
	case PR_GET_SPECULATION_CTRL:
		return arg3 | arg4 | arg5 ? -EINVAL : get_speculation(arg2);
	case PR_SET_SPECULATION_CTRL:
		return arg4 | arg5 ? -EINVAL : set_speculation(arg2, arg3);
	case PR_SET_CHILD_SUBREAPER:
		set_child_subreaper(arg2);
		return 0;
	case PR_GET_CHILD_SUBREAPER:
		return put_user((int)current->group->is_child_subreaper,
				(int __user *)arg2);
	case PR_GET_TID_ADDRESS:
		return put_user(current->clear_child_tid,
				(uint32_t __user *__user *)arg2);
	case PR_SET_THP_DISABLE:
		if (arg3 | arg4 | arg5)
			return -EINVAL;
		current->mm->thp_disabled = arg2;
		return 0;
	case PR_GET_THP_DISABLE:
		return arg2 | arg3 | arg4 | arg5 ? -EINVAL :
						   current->mm->thp_disabled;
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE1(personality, unsigned int, persona)
{
	unsigned int old = current->personality;

	if (persona != 0xffffffff)
		current->personality = persona;
	return old;
}
