/*
 * seccomp: a task that gives up system calls, itself and all it will start.
 *
 * In strict mode it keeps four. In filter mode, programs in classic BPF look
 * at each call's number and arguments (not at what pointers lead to, which
 * another thread could change after the look) and say what becomes of it. A
 * filter can be added, never taken away; each points to the one before, so that
 * fork is one more reference to the newest, and the chains of all tasks are a
 * tree.
 *
 * A filter must not fool a program that gains rights by exec, so who installs
 * one has renounced such gain (no_new_privs) or is privileged anyway.
 *
 * A task without seccomp pays nothing: SYSCALL_WORK_SECCOMP is one bit of a
 * word that system-call entry looks at in any case.
 *
 * Locking: a task's filter changes under its sighand->lock, since
 * SECCOMP_FILTER_FLAG_TSYNC lets threads change each other's; the task itself
 * reads it without. What it read stays: it can only become longer, and a
 * longer chain holds the shorter one.
 *
 * Source: man 2 seccomp.
 */
#include <kernel/seccomp.h>

#include <arch/current.h>
#include <arch/ptrace.h>
#include <arch/uaccess.h>
#include <fs/files.h>
#include <keel/err.h>
#include <kernel/cred.h>
#define LOG_PREFIX "seccomp"
#include <kernel/printk.h>
#include <kernel/ptrace.h>
#include <kernel/signal_internal.h>
#include <kernel/syscall.h>
#include <lib/bpf.h>
#include <mm/slab.h>
#include <uapi/audit.h>
#include <uapi/seccomp.h>
#include <uapi/syscall.h>

#include "seccomp_internal.h"

/* All filters of a task together: what one call may cost. */
#define MAX_INSNS_PER_TASK	(1 << 15)
#define COST_OF_A_FILTER	4

/*
 * One program, installed once. Its users are the tasks whose newest filter it
 * is, and the filters that came after it and have users; without any it is
 * just waiting for somebody who still looks at it.
 */
struct seccomp_filter {
	struct refcount		refs;
	struct refcount		users;
	bool			log;	/* also what it refuses */
	unsigned int		len;
	struct seccomp_filter	*prev;
	struct seccomp_listener	*listener; /* for SECCOMP_RET_USER_NOTIF */
	struct sock_filter	insns[];
};

#define KNOWN_FLAGS (SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG | \
		     SECCOMP_FILTER_FLAG_SPEC_ALLOW | \
		     SECCOMP_FILTER_FLAG_NEW_LISTENER | \
		     SECCOMP_FILTER_FLAG_TSYNC_ESRCH | \
		     SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)

/*
 * Drop a reference to @filter; with the last, its own to what came before is
 * dropped, and so on. Context: any. NULL is fine.
 */
static void seccomp_put(struct seccomp_filter *filter)
{
	while (filter && refcount_put(&filter->refs)) {
		struct seccomp_filter *prev = filter->prev;

		seccomp_listener_put(filter->listener);
		kfree(filter);
		filter = prev;
	}
}

/* A task is bound by @filter. With its reference. */
static struct seccomp_filter *bind_to(struct seccomp_filter *filter)
{
	refcount_get(&filter->refs);
	refcount_get(&filter->users);
	return filter;
}

/* A task is not any more: who listens may be told. Context: any. */
static void unbind_from(struct seccomp_filter *filter)
{
	struct seccomp_filter *f = filter;

	for (; f && refcount_put(&f->users); f = f->prev)
		seccomp_listener_hangup(f->listener);
	seccomp_put(filter);
}

/*
 * @task has ended, and nobody will look at its filters.
 * Context: any; its sighand is gone.
 */
void seccomp_release(struct task *task)
{
	struct seccomp_filter *filter = task->seccomp_filter;

	task->seccomp_filter = NULL;
	unbind_from(filter);
}

/*
 * @child, a copy of current that nobody has seen yet, is bound as current is.
 * Locking: current's sighand->lock held.
 */
void seccomp_inherit(struct task *child)
{
	child->no_new_privs = current->no_new_privs;
	child->seccomp_mode = current->seccomp_mode;
	if (current->seccomp_filter)
		child->seccomp_filter = bind_to(current->seccomp_filter);
	if (child->seccomp_mode)
		child->syscall_work |= SYSCALL_WORK_SECCOMP;
}

static unsigned int depth_of(const struct seccomp_filter *f)
{
	unsigned int depth = 0;

	for (; f; f = f->prev)
		depth++;
	return depth;
}

/* How many filters bind @task, for /proc. Context: any. */
unsigned int seccomp_depth(struct task *task)
{
	unsigned int depth;
	unsigned long flags;

	if (!lock_task_sighand(task, &flags))
		return 0;
	depth = depth_of(task->seccomp_filter);
	unlock_task_sighand(task, flags);
	return depth;
}

/* ---- at each call ---------------------------------------------------- */

/* What filters, and listeners, are told of the call in @regs. */
void seccomp_fill_data(const struct pt_regs *regs, struct seccomp_data *data)
{
	data->nr = syscall_get_nr(regs);
	data->arch = AUDIT_ARCH_X86_64;
	data->instruction_pointer = instruction_pointer(regs);
	syscall_get_args(regs, (unsigned long *)data->args);
}

/*
 * Run all filters on the call. Return: the most severe verdict; *@by gets
 * the newest that gave it, or NULL: all allow the call.
 */
static uint32_t judge(const struct pt_regs *regs,
		      const struct seccomp_filter **by)
{
	const struct seccomp_filter *f = READ_ONCE(current->seccomp_filter);
	uint32_t verdict = SECCOMP_RET_ALLOW;
	struct seccomp_data data;

	*by = NULL;
	seccomp_fill_data(regs, &data);
	for (; f; f = f->prev) {
		uint32_t v = bpf_run(f->insns, &data, sizeof(data));

		if ((int32_t)(v & SECCOMP_RET_ACTION_FULL) >=
		    (int32_t)(verdict & SECCOMP_RET_ACTION_FULL))
			continue;
		verdict = v;
		*by = f;
	}
	return verdict;
}

static void log_verdict(const struct pt_regs *regs, uint32_t verdict)
{
	if (!seccomp_is_logged(verdict & SECCOMP_RET_ACTION_FULL))
		return;
	pr_info("pid %d (%s): system call %ld: action %08x", current->pid,
		current->comm, syscall_get_nr(regs), verdict);
}

/*
 * SIGSYS about the call at hand, which then looks as if it had not begun.
 * A @deadly one is not to be caught.
 */
static void send_sigsys(struct pt_regs *regs, uint32_t verdict, bool deadly)
{
	struct siginfo info = {
		.si_signo = SIGSYS,
		.si_code = SYS_SECCOMP,
		.si_errno = verdict & SECCOMP_RET_DATA,
	};

	info.si_call_addr = (void *)instruction_pointer(regs);
	info.si_syscall = syscall_get_nr(regs);
	info.si_arch = AUDIT_ARCH_X86_64;
	regs_set_return_value(regs, (int)syscall_get_nr(regs));
	if (deadly) {
		spin_lock_irq(&current->sighand->lock);
		current->sighand->action[SIGSYS - 1].handler = SIG_DFL;
		spin_unlock_irq(&current->sighand->lock);
	}
	force_sig_info(&info);
}

static void kill_for(struct pt_regs *regs, uint32_t verdict)
{
	log_verdict(regs, verdict);
	if ((verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_KILL_THREAD &&
	    atomic_read(&current->group->live) > 1)
		do_exit(SIGSYS);
	send_sigsys(regs, verdict, true);
}

/*
 * The tracer decides, and may have changed the call: then the filters see it
 * again. Return: true to make the call, with no more questions to the tracer.
 */
static bool ask_tracer(struct pt_regs *regs, uint32_t verdict)
{
	if (!(current->ptrace & PT_OPTION(PTRACE_O_TRACESECCOMP))) {
		regs_set_return_value(regs, -ENOSYS);
		return false;
	}
	ptrace_event(PTRACE_EVENT_SECCOMP, verdict & SECCOMP_RET_DATA);
	return !fatal_signal_pending(current) && syscall_get_nr(regs) >= 0;
}

static bool obey(struct pt_regs *regs, uint32_t verdict,
		 const struct seccomp_filter *f)
{
	switch (verdict & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_ALLOW:
		return true;
	case SECCOMP_RET_ERRNO:
		regs_set_return_value(regs, -(long)min_t(uint32_t, MAX_ERRNO,
						verdict & SECCOMP_RET_DATA));
		return false;
	case SECCOMP_RET_TRAP:
		send_sigsys(regs, verdict, false);
		return false;
	case SECCOMP_RET_USER_NOTIF:
		if (f->listener)
			return seccomp_ask_listener(f->listener, regs);
		fallthrough;
	case SECCOMP_RET_TRACE:
		regs_set_return_value(regs, -ENOSYS);
		return false;
	default:
		kill_for(regs, verdict);
		return false;
	}
}

static bool strict_allows(long nr)
{
	return nr == __NR_read || nr == __NR_write || nr == __NR_exit ||
	       nr == __NR_rt_sigreturn;
}

/*
 * May current make the call in @regs? If not, its result is in regs->ax, and a
 * signal may be on its way.
 *
 * Context: process, system-call entry; may sleep, or not return.
 */
bool seccomp_allows(struct pt_regs *regs)
{
	const struct seccomp_filter *f;
	uint32_t verdict;

	if (unlikely(current->ptrace & PT_OPTION(PTRACE_O_SUSPEND_SECCOMP)))
		return true;
	if (current->seccomp_mode == SECCOMP_MODE_STRICT) {
		if (strict_allows(syscall_get_nr(regs)))
			return true;
		do_exit(SIGKILL);
	}
	verdict = judge(regs, &f);
	if ((verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRACE) {
		if (!ask_tracer(regs, verdict))
			return false;
		verdict = judge(regs, &f);
		if ((verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRACE)
			return true;
	}
	if (unlikely(f && f->log) ||
	    (verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_LOG)
		log_verdict(regs, verdict);
	return obey(regs, verdict, f);
}

/* ---- setting it up --------------------------------------------------- */

/* Locking: @task's sighand->lock held. */
static void set_mode(struct task *task, int mode)
{
	task->seccomp_mode = mode;
	__atomic_fetch_or(&task->syscall_work, SYSCALL_WORK_SECCOMP,
			  __ATOMIC_SEQ_CST);
}

static long set_strict(void)
{
	long err = -EINVAL;

	spin_lock_irq(&current->sighand->lock);
	if (current->seccomp_mode != SECCOMP_MODE_FILTER) {
		set_mode(current, SECCOMP_MODE_STRICT);
		err = 0;
	}
	spin_unlock_irq(&current->sighand->lock);
	return err;
}

/* Copy and check a program. Return: the filter; ERR_PTR. */
static struct seccomp_filter *load_filter(const struct sock_fprog *prog)
{
	size_t size = prog->len * sizeof(struct sock_filter);
	struct seccomp_filter *f;
	uint16_t *scratch;
	int err = -ENOMEM;

	if (prog->len == 0 || prog->len > BPF_MAXINSNS)
		return ERR_PTR(-EINVAL);
	if (!current->no_new_privs && !capable(CAP_SYS_ADMIN))
		return ERR_PTR(-EACCES);
	if (!prog->filter)
		return ERR_PTR(-EINVAL);	/* not an address like others */
	f = kmalloc(sizeof(*f) + size, GFP_KERNEL | GFP_NOWARN);
	scratch = kcalloc(prog->len, sizeof(*scratch), GFP_KERNEL);
	if (!f || !scratch)
		goto fail;
	err = -EFAULT;
	if (copy_from_user(f->insns, (__force void __user *)prog->filter,
			   size))
		goto fail;
	err = -EINVAL;
	if (!bpf_is_valid(f->insns, prog->len, sizeof(struct seccomp_data),
			  scratch))
		goto fail;
	kfree(scratch);
	refcount_set(&f->refs, 1);
	refcount_set(&f->users, 1);
	f->len = prog->len;
	f->log = false;
	f->prev = NULL;
	f->listener = NULL;
	return f;

fail:
	kfree(scratch);
	kfree(f);
	return ERR_PTR(err);
}

static bool is_ancestor(const struct seccomp_filter *old,
			const struct seccomp_filter *f)
{
	for (; f && f != old; f = f->prev)
		;
	return f == old;
}

/* The first thread that went a way of its own, or 0. sighand->lock, RCU. */
static pid_t find_deviant(void)
{
	struct task *t;

	for_each_thread_rcu(current, t) {
		if (t == current || (t->flags & PF_EXITING) ||
		    t->seccomp_mode == SECCOMP_MODE_DISABLED)
			continue;
		if (t->seccomp_mode != SECCOMP_MODE_FILTER ||
		    !is_ancestor(t->seccomp_filter, current->seccomp_filter))
			return t->pid;
	}
	return 0;
}

/* All other threads get current's filters. As above. */
static void synchronise_threads(void)
{
	struct task *t;

	for_each_thread_rcu(current, t) {
		struct seccomp_filter *old = t->seccomp_filter;

		if (t == current || (t->flags & PF_EXITING))
			continue;
		WRITE_ONCE(t->seccomp_filter,
			   bind_to(current->seccomp_filter));
		unbind_from(old);
		if (current->no_new_privs)
			t->no_new_privs = true;
		set_mode(t, SECCOMP_MODE_FILTER);
	}
}

/* A call could be asked about twice. */
static bool has_listener(const struct seccomp_filter *f)
{
	for (; f; f = f->prev)
		if (seccomp_listener_is_open(f->listener))
			return true;
	return false;
}

/* Return: 0, or why @f is not installed. Locking: sighand->lock, RCU. */
static long install_locked(struct seccomp_filter *f, unsigned long flags)
{
	unsigned int total = f->len;

	if (current->seccomp_mode == SECCOMP_MODE_STRICT)
		return -EINVAL;
	if (f->listener && has_listener(current->seccomp_filter))
		return -EBUSY;
	for (struct seccomp_filter *p = current->seccomp_filter; p;
	     p = p->prev)
		total += p->len + COST_OF_A_FILTER;
	if (total > MAX_INSNS_PER_TASK)
		return -ENOMEM;
	if (flags & SECCOMP_FILTER_FLAG_TSYNC) {
		pid_t deviant = find_deviant();

		if (deviant)
			return flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH ?
			       -ESRCH : deviant;
	}
	f->log = flags & SECCOMP_FILTER_FLAG_LOG;
	f->prev = current->seccomp_filter;	/* with its reference */
	WRITE_ONCE(current->seccomp_filter, f);
	set_mode(current, SECCOMP_MODE_FILTER);
	if (flags & SECCOMP_FILTER_FLAG_TSYNC)
		synchronise_threads();
	return 0;
}

static bool are_flags_valid(unsigned long flags)
{
	if (flags & ~KNOWN_FLAGS)
		return false;
	/* A result cannot be a descriptor and a thread's number. */
	if ((flags & SECCOMP_FILTER_FLAG_TSYNC) &&
	    (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) &&
	    !(flags & SECCOMP_FILTER_FLAG_TSYNC_ESRCH))
		return false;
	return !(flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) ||
	       (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

/* Return: as install_locked(); after 0 @f is in use, and not ours to free. */
static long install(struct seccomp_filter *f, unsigned long flags)
{
	long ret;

	rcu_read_lock();
	spin_lock_irq(&current->sighand->lock);
	ret = install_locked(f, flags);
	spin_unlock_irq(&current->sighand->lock);
	rcu_read_unlock();
	return ret;
}

/* With a listener. Return: the descriptor; as install(), -EMFILE, -ENFILE. */
static long install_with_listener(struct seccomp_filter *f,
				  unsigned long flags)
{
	bool patient = flags & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	struct file *file;
	long ret;
	int fd;

	f->listener = seccomp_listener_alloc(patient);
	if (!f->listener)
		return -ENOMEM;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	file = seccomp_listener_file(f->listener);
	ret = IS_ERR(file) ? PTR_ERR(file) : install(f, flags);
	if (ret) {
		if (!IS_ERR(file))
			fput(file);
		put_unused_fd(fd);
		return ret;
	}
	fd_install(fd, file);
	return fd;
}

static long set_filter(unsigned long flags, const void __user *uprog)
{
	struct seccomp_filter *f;
	struct sock_fprog prog;
	bool failed;
	long ret;

	if (!are_flags_valid(flags))
		return -EINVAL;
	if (copy_from_user(&prog, uprog, sizeof(prog)))
		return -EFAULT;
	f = load_filter(&prog);
	if (IS_ERR(f))
		return PTR_ERR(f);
	if (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) {
		ret = install_with_listener(f, flags);
		failed = ret < 0;
	} else {
		ret = install(f, flags);
		failed = ret != 0;
	}
	if (failed)
		seccomp_put(f);
	return ret;
}

static long action_available(const uint32_t __user *uaction)
{
	uint32_t action;

	if (copy_from_user(&action, uaction, sizeof(action)))
		return -EFAULT;
	switch (action) {
	case SECCOMP_RET_KILL_PROCESS:
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_TRAP:
	case SECCOMP_RET_ERRNO:
	case SECCOMP_RET_USER_NOTIF:
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_ALLOW:
		return 0;
	}
	return -EOPNOTSUPP;
}

static long notif_sizes(struct seccomp_notif_sizes __user *to)
{
	static const struct seccomp_notif_sizes sizes = {
		.seccomp_notif = sizeof(struct seccomp_notif),
		.seccomp_notif_resp = sizeof(struct seccomp_notif_resp),
		.seccomp_data = sizeof(struct seccomp_data),
	};

	return copy_to_user(to, &sizes, sizeof(sizes)) ? -EFAULT : 0;
}

/* ---- what a tracer may know ------------------------------------------ */

/*
 * The @n-th filter of @task, from the oldest.
 * Return: with a reference; ERR_PTR(-EACCES: current is not privileged, or is
 * bound itself; -EINVAL: no filters; -ENOENT: not so many).
 */
static struct seccomp_filter *get_nth_filter(struct task *task,
					     unsigned long n)
{
	struct seccomp_filter *f = ERR_PTR(-EINVAL);
	unsigned long flags;
	unsigned int depth;

	if (!capable(CAP_SYS_ADMIN) || current->seccomp_mode)
		return ERR_PTR(-EACCES);
	if (!lock_task_sighand(task, &flags))
		return f;
	depth = depth_of(task->seccomp_filter);
	if (depth && n >= depth) {
		f = ERR_PTR(-ENOENT);
	} else if (depth) {
		f = task->seccomp_filter;
		for (unsigned long skip = depth - n - 1; skip; skip--)
			f = f->prev;
		refcount_get(&f->refs);
	}
	unlock_task_sighand(task, flags);
	return f;
}

/*
 * PTRACE_SECCOMP_GET_FILTER: the program of filter @n, if @to is not NULL.
 * Context: process; may sleep; @task stands still.
 * Return:  its length; as get_nth_filter(); -EFAULT.
 */
long seccomp_get_filter(struct task *task, unsigned long n, void __user *to)
{
	struct seccomp_filter *f = get_nth_filter(task, n);
	long ret;

	if (IS_ERR(f))
		return PTR_ERR(f);
	ret = f->len;
	if (to && copy_to_user(to, f->insns, f->len * sizeof(f->insns[0])))
		ret = -EFAULT;
	seccomp_put(f);
	return ret;
}

/*
 * PTRACE_SECCOMP_GET_METADATA, of the filter that *@to names.
 * Context: process; may sleep; @task stands still.
 * Return:  the bytes written; as get_nth_filter(); -EINVAL (@room); -EFAULT.
 */
long seccomp_get_metadata(struct task *task, size_t room, void __user *to)
{
	struct seccomp_metadata md = {};
	struct seccomp_filter *f;

	if (!capable(CAP_SYS_ADMIN) || current->seccomp_mode)
		return -EACCES;
	room = min(room, sizeof(md));
	if (room < sizeof(md.filter_off))
		return -EINVAL;
	if (copy_from_user(&md.filter_off, to, sizeof(md.filter_off)))
		return -EFAULT;
	f = get_nth_filter(task, md.filter_off);
	if (IS_ERR(f))
		return PTR_ERR(f);
	md.flags = f->log ? SECCOMP_FILTER_FLAG_LOG : 0;
	seccomp_put(f);
	return copy_to_user(to, &md, room) ? -EFAULT : (long)room;
}

/* prctl(PR_SET_SECCOMP). Return: as seccomp(2). */
long prctl_set_seccomp(unsigned long mode, void __user *arg)
{
	switch (mode) {
	case SECCOMP_MODE_STRICT:
		return set_strict();
	case SECCOMP_MODE_FILTER:
		return set_filter(0, arg);
	}
	return -EINVAL;
}

/*
 * Return: 0; the number of a thread that TSYNC cannot bring along; a listener's
 * descriptor; -EINVAL (@op, @flags, the program), -EACCES (neither no_new_privs
 * nor privileged), -EBUSY (there is a listener), -EFAULT, -ENOMEM, -ESRCH,
 * -EMFILE, -ENFILE, -EOPNOTSUPP (no such action).
 */
SYSCALL_DEFINE3(seccomp, unsigned int, op, unsigned int, flags, void __user *,
		arg)
{
	switch (op) {
	case SECCOMP_SET_MODE_STRICT:
		return flags || arg ? -EINVAL : set_strict();
	case SECCOMP_SET_MODE_FILTER:
		return set_filter(flags, arg);
	case SECCOMP_GET_ACTION_AVAIL:
		return flags ? -EINVAL : action_available(arg);
	case SECCOMP_GET_NOTIF_SIZES:
		return flags ? -EINVAL : notif_sizes(arg);
	}
	return -EINVAL;
}
