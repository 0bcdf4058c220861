/*
 * ptrace(2): what a tracer asks of its tracee.
 *
 * Nearly all requests want a tracee that stands still, and that goes on doing
 * so until the request is done. It does by itself, but for SIGKILL, which must
 * wake it at any moment. So it is frozen: TASK_WAKEKILL is taken out of its
 * state while the request runs, and who comes to kill only leaves word; the
 * thawing looks for it.
 *
 * A frozen tracee is off the CPU, its registers are in memory, and nobody else
 * can be its tracer: its state is the tracer's to read and write, without any
 * lock.
 *
 * Source: man 2 ptrace.
 */
#include <arch/current.h>
#include <arch/traced.h>
#include <arch/uaccess.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/seccomp.h>
#include <kernel/signal_internal.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <uapi/audit.h>
#include <uapi/elf.h>
#include <uapi/rseq.h>
#include <uapi/uio.h>

/* ---- standing still -------------------------------------------------- */

static bool is_frozen_or_traced(const struct task *task)
{
	return READ_ONCE(task->sched.state) & TASK_TRACED_BIT;
}

/* Locking: tasklist_lock held. */
static bool freeze(struct task *task)
{
	bool frozen = false;

	spin_lock(&task->sighand->lock);
	if (is_frozen_or_traced(task) &&
	    !(task->jobctl & JOBCTL_LISTENING) &&
	    !(task->pending.set & sigmask(SIGKILL))) {
		WRITE_ONCE(task->sched.state, TASK_TRACED_BIT);
		frozen = true;
	}
	spin_unlock(&task->sighand->lock);
	return frozen;
}

/* A tracee that was resumed, or let go, is none of our business any more. */
static void thaw(struct task *task)
{
	unsigned long flags;

	if (!lock_task_sighand(task, &flags))
		return;
	if (READ_ONCE(task->sched.state) == TASK_TRACED_BIT) {
		if (task->pending.set & sigmask(SIGKILL))
			wake_up_state(task, TASK_TRACED_BIT);
		else
			WRITE_ONCE(task->sched.state, TASK_TRACED);
	}
	unlock_task_sighand(task, flags);
}

/*
 * Is @task current's tracee, and, unless @any_state, standing still? Then it
 * is frozen. Return: 0 or -ESRCH.
 */
static int check_tracee(struct task *task, bool any_state)
{
	bool ok;

	spin_lock_irq(&tasklist_lock);
	ok = task->ptrace && task->parent == current && !task->exit_state &&
	     (any_state || freeze(task));
	spin_unlock_irq(&tasklist_lock);
	if (!ok)
		return -ESRCH;
	if (!any_state)
		wait_task_inactive(task);
	return 0;
}

/* ---- memory ---------------------------------------------------------- */

static long access_word(struct task *task, unsigned long addr,
			unsigned long *word, bool write)
{
	struct mm *mm = get_task_mm(task);
	size_t done;

	if (!mm)
		return -EIO;
	done = access_remote_vm(mm, addr, word, sizeof(*word), write, true);
	mmput(mm);
	return done == sizeof(*word) ? 0 : -EIO;
}

static long peek(struct task *task, unsigned long addr,
		 unsigned long __user *to)
{
	unsigned long word;
	long err = access_word(task, addr, &word, false);

	return err ? err : put_user(word, to);
}

/* ---- registers ------------------------------------------------------- */

static const struct regset *find_regset(unsigned long note)
{
	const struct regset *set;

	for (unsigned int n = 0; (set = arch_regset(n)); n++)
		if (set->note == note)
			return set;
	return NULL;
}

/* PTRACE_GETREGSET and SETREGSET: @note names the set, @uiov a buffer. */
static long access_regset(struct task *task, unsigned long note,
			  struct iovec __user *uiov, bool write)
{
	const struct regset *set = find_regset(note);
	struct iovec iov;
	void __user *area;
	size_t size, len;
	void *buf;
	long err = 0;

	if (copy_from_user(&iov, uiov, sizeof(iov)))
		return -EFAULT;
	if (iov.iov_len % sizeof(long))
		return -EINVAL;
	if (!set)
		return arch_no_regset(note, write);
	area = (__force void __user *)iov.iov_base;
	size = arch_regset_size(set);
	len = min_t(size_t, iov.iov_len, size);
	buf = kzalloc(size, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	if (write) {
		err = -EFAULT;
		if (!copy_from_user(buf, area, len))
			err = set->set(task, buf, len);
	} else {
		set->get(task, buf);
		if (copy_to_user(area, buf, len))
			err = -EFAULT;
	}
	kfree(buf);
	if (!err)
		err = put_user(len, &uiov->iov_len);
	return err;
}

/* ---- signals --------------------------------------------------------- */

static long get_siginfo(struct task *task, struct siginfo __user *to)
{
	struct siginfo info;
	bool there;

	spin_lock_irq(&task->sighand->lock);
	there = task->last_siginfo;
	if (there)
		info = *task->last_siginfo;
	spin_unlock_irq(&task->sighand->lock);
	if (!there)
		return -EINVAL;
	return copy_to_user(to, &info, sizeof(info)) ? -EFAULT : 0;
}

static long set_siginfo(struct task *task, const struct siginfo __user *from)
{
	struct siginfo info;
	bool there;

	if (copy_from_user(&info, from, sizeof(info)))
		return -EFAULT;
	spin_lock_irq(&task->sighand->lock);
	there = task->last_siginfo;
	if (there)
		*task->last_siginfo = info;
	spin_unlock_irq(&task->sighand->lock);
	return there ? 0 : -EINVAL;
}

/* The @n-th signal that waits in @pending. False: there is none. */
static bool peek_one(struct task *task, struct sigpending *pending,
		     uint64_t n, struct siginfo *info)
{
	struct sigqueue *q;
	bool found = false;

	spin_lock_irq(&task->sighand->lock);
	list_for_each_entry(q, &pending->list, list) {
		if (n--)
			continue;
		*info = q->info;
		found = true;
		break;
	}
	spin_unlock_irq(&task->sighand->lock);
	return found;
}

/* PTRACE_PEEKSIGINFO. Return: how many were copied to @to. */
static long peek_siginfo(struct task *task,
			 const struct ptrace_peeksiginfo_args __user *uargs,
			 struct siginfo __user *to)
{
	struct ptrace_peeksiginfo_args args;
	struct sigpending *pending = &task->pending;
	struct siginfo info;
	int i;

	if (copy_from_user(&args, uargs, sizeof(args)))
		return -EFAULT;
	if ((args.flags & ~PTRACE_PEEKSIGINFO_SHARED) || args.nr < 0)
		return -EINVAL;
	if (args.flags & PTRACE_PEEKSIGINFO_SHARED)
		pending = &task->group->shared_pending;
	for (i = 0; i < args.nr; i++) {
		if (args.off + i < args.off ||
		    !peek_one(task, pending, args.off + i, &info))
			break;
		if (copy_to_user(to + i, &info, sizeof(info)))
			return i ? i : -EFAULT;
		if (signal_pending(current))
			return i + 1;
		cond_resched();
	}
	return i;
}

static long access_sigmask(struct task *task, size_t size,
			   sigset_t __user *umask, bool write)
{
	sigset_t mask;

	if (size != sizeof(mask))
		return -EINVAL;
	if (!write) {
		mask = READ_ONCE(task->flags_work) & TIF_RESTORE_SIGMASK ?
		       task->saved_sigmask : task->blocked;
		return copy_to_user(umask, &mask, sizeof(mask)) ? -EFAULT : 0;
	}
	if (copy_from_user(&mask, umask, sizeof(mask)))
		return -EFAULT;
	spin_lock_irq(&task->sighand->lock);
	task->blocked = mask & ~SIG_KERNEL_ONLY_MASK;
	spin_unlock_irq(&task->sighand->lock);
	task_clear_work(task, TIF_RESTORE_SIGMASK);
	return 0;
}

/* ---- system calls ---------------------------------------------------- */

/* Is the stop one at a system call, and on which side of it? */
static unsigned int syscall_stop_kind(const struct task *task)
{
	int code = task->last_siginfo ? task->last_siginfo->si_code : 0;

	if (code == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8))
		return PTRACE_SYSCALL_INFO_SECCOMP;
	if (code != (SIGTRAP | 0x80))
		return PTRACE_SYSCALL_INFO_NONE;
	return task->ptrace_message == PTRACE_EVENTMSG_SYSCALL_ENTRY ?
	       PTRACE_SYSCALL_INFO_ENTRY : PTRACE_SYSCALL_INFO_EXIT;
}

static void fill_entry(const struct pt_regs *regs,
		       struct ptrace_syscall_info *info)
{
	unsigned long args[6];

	syscall_get_args(regs, args);
	info->entry.nr = syscall_get_nr(regs);
	for (int i = 0; i < 6; i++)
		info->entry.args[i] = args[i];
}

/* PTRACE_GET_SYSCALL_INFO. Return: the bytes there are, however few fit. */
static long get_syscall_info(struct task *task, size_t room, void __user *to)
{
	const struct pt_regs *regs = task_pt_regs(task);
	struct ptrace_syscall_info info = {
		.op = syscall_stop_kind(task),
		.arch = AUDIT_ARCH_X86_64,
		.instruction_pointer = instruction_pointer(regs),
		.stack_pointer = user_stack_pointer(regs),
	};
	long value = regs_return_value(regs);
	size_t size = offsetof(struct ptrace_syscall_info, entry);

	switch (info.op) {
	case PTRACE_SYSCALL_INFO_ENTRY:
		fill_entry(regs, &info);
		size += sizeof(info.entry);
		break;
	case PTRACE_SYSCALL_INFO_SECCOMP:
		fill_entry(regs, &info);
		info.seccomp.ret_data = task->ptrace_message;
		size += offsetof(typeof(info.seccomp), ret_data) + 4;
		break;
	case PTRACE_SYSCALL_INFO_EXIT:
		info.exit.rval = value;
		info.exit.is_error = IS_ERR_VALUE(value);
		size += offsetof(typeof(info.exit), is_error) + 1;
		break;
	}
	return copy_to_user(to, &info, min(room, size)) ? -EFAULT : (long)size;
}

/* PTRACE_GET_RSEQ_CONFIGURATION. Return: the bytes there are. */
static long get_rseq(struct task *task, size_t room, void __user *to)
{
	struct ptrace_rseq_configuration conf = {
		.rseq_abi_pointer = (uintptr_t)task->rseq.area,
		.rseq_abi_size = sizeof(struct rseq),
		.signature = task->rseq.signature,
	};

	if (copy_to_user(to, &conf, min(room, sizeof(conf))))
		return -EFAULT;
	return sizeof(conf);
}

/* ---- going on -------------------------------------------------------- */

/* What @request wants to see of the system calls. */
static unsigned long syscall_work_of(long request)
{
	switch (request) {
	case PTRACE_SYSCALL:
		return SYSCALL_WORK_TRACE;
	case PTRACE_SYSEMU:
	case PTRACE_SYSEMU_SINGLESTEP:
		return SYSCALL_WORK_EMU;
	}
	return 0;
}

/*
 * Does @request go on for one step only? Stopping at branches alone takes a
 * CPU that can; a stop at each instruction is one at each branch as well.
 */
static bool is_step(long request)
{
	return request == PTRACE_SINGLESTEP || request == PTRACE_SINGLEBLOCK ||
	       request == PTRACE_SYSEMU_SINGLESTEP;
}

/* CONT, SYSCALL, SINGLESTEP...: go on with signal @sig, if not 0. */
static long resume(struct task *task, long request, unsigned long sig)
{
	if (sig > NSIG)
		return -EIO;
	__atomic_fetch_and(&task->syscall_work,
			   ~(SYSCALL_WORK_TRACE | SYSCALL_WORK_EMU),
			   __ATOMIC_SEQ_CST);
	__atomic_fetch_or(&task->syscall_work, syscall_work_of(request),
			  __ATOMIC_SEQ_CST);
	if (is_step(request))
		arch_enable_step(task);
	else
		arch_disable_step(task);
	spin_lock_irq(&task->sighand->lock);
	task->exit_code = sig;
	wake_up_state(task, TASK_TRACED_BIT);
	spin_unlock_irq(&task->sighand->lock);
	return 0;
}

static long set_options(struct task *task, unsigned long options)
{
	unsigned int ptrace;

	if (options & ~PTRACE_O_MASK)
		return -EINVAL;
	if (!ptrace_may_set_options(options))
		return -EPERM;
	spin_lock_irq(&task->sighand->lock);
	ptrace = task->ptrace & ~PT_OPTION(PTRACE_O_MASK);
	task->ptrace = ptrace | PT_OPTION(options);
	spin_unlock_irq(&task->sighand->lock);
	return 0;
}

/* PTRACE_INTERRUPT: stop, without a signal. */
static long interrupt(struct task *task)
{
	unsigned long flags;

	if (!(task->ptrace & PT_SEIZED))
		return -EIO;
	if (!lock_task_sighand(task, &flags))
		return 0;
	if (jobctl_set_pending(task, JOBCTL_TRAP_STOP))
		ptrace_wake(task, task->jobctl & JOBCTL_LISTENING);
	unlock_task_sighand(task, flags);
	return 0;
}

/* PTRACE_LISTEN: stay in the group stop, but say when it ends. */
static long listen(struct task *task)
{
	long err = -EIO;

	if (!(task->ptrace & PT_SEIZED))
		return err;
	spin_lock_irq(&task->sighand->lock);
	if (task->last_siginfo &&
	    task->last_siginfo->si_code >> 8 == PTRACE_EVENT_STOP) {
		task->jobctl |= JOBCTL_LISTENING;
		if (task->jobctl & JOBCTL_TRAP_NOTIFY)
			ptrace_wake(task, true);
		err = 0;
	}
	spin_unlock_irq(&task->sighand->lock);
	return err;
}

/* ---- the call -------------------------------------------------------- */

/* Requests of a tracee that is frozen, but for those at the top. */
static long do_request(struct task *task, long request, unsigned long addr,
		       unsigned long data)
{
	void __user *buf = (void __user *)data;

	switch (request) {
	case PTRACE_KILL:
		return send_sig_info(SIGKILL, SEND_SIG_NOINFO, task,
				     PIDTYPE_PID);
	case PTRACE_INTERRUPT:
		return interrupt(task);
	case PTRACE_PEEKTEXT:
	case PTRACE_PEEKDATA:
		return peek(task, addr, buf);
	case PTRACE_POKETEXT:
	case PTRACE_POKEDATA:
		return access_word(task, addr, &data, true);
	case PTRACE_CONT:
	case PTRACE_SYSCALL:
	case PTRACE_SINGLESTEP:
	case PTRACE_SINGLEBLOCK:
	case PTRACE_SYSEMU:
	case PTRACE_SYSEMU_SINGLESTEP:
		return resume(task, request, data);
	case PTRACE_DETACH:
		return data > NSIG ? -EIO : ptrace_detach(task, (int)data);
	case PTRACE_LISTEN:
		return listen(task);
	case PTRACE_OLDSETOPTIONS:
	case PTRACE_SETOPTIONS:
		return set_options(task, data);
	case PTRACE_GETEVENTMSG:
		return put_user(task->ptrace_message,
				(unsigned long __user *)buf);
	case PTRACE_GETSIGINFO:
		return get_siginfo(task, buf);
	case PTRACE_SETSIGINFO:
		return set_siginfo(task, buf);
	case PTRACE_PEEKSIGINFO:
		return peek_siginfo(task, (const void __user *)addr, buf);
	case PTRACE_GETSIGMASK:
		return access_sigmask(task, addr, buf, false);
	case PTRACE_SETSIGMASK:
		return access_sigmask(task, addr, buf, true);
	case PTRACE_GETREGSET:
		return access_regset(task, addr, buf, false);
	case PTRACE_SETREGSET:
		return access_regset(task, addr, buf, true);
	case PTRACE_GET_SYSCALL_INFO:
		return get_syscall_info(task, addr, buf);
	case PTRACE_SECCOMP_GET_FILTER:
		return seccomp_get_filter(task, addr, buf);
	case PTRACE_SECCOMP_GET_METADATA:
		return seccomp_get_metadata(task, addr, buf);
	case PTRACE_GET_RSEQ_CONFIGURATION:
		return get_rseq(task, addr, buf);
	}
	return arch_ptrace(task, request, addr, data);
}

/*
 * Return: 0 or what the request gives; -ESRCH (no tracee of current's, or not
 * standing still), -EPERM, -EIO, -EINVAL, -EFAULT, -ENOMEM.
 */
SYSCALL_DEFINE4(ptrace, long, request, long, pid, unsigned long, addr,
		unsigned long, data)
{
	bool any_state = request == PTRACE_KILL || request == PTRACE_INTERRUPT;
	struct task *task;
	long ret;

	if (request == PTRACE_TRACEME)
		return ptrace_traceme();
	task = get_task_by_pid((pid_t)pid);
	if (!task)
		return -ESRCH;
	if (request == PTRACE_ATTACH || request == PTRACE_SEIZE) {
		ret = request == PTRACE_SEIZE && addr ? -EIO :
		      ptrace_attach(task, request == PTRACE_SEIZE, data);
		goto out;
	}
	ret = check_tracee(task, any_state);
	if (ret)
		goto out;
	ret = do_request(task, request, addr, data);
	if (!any_state)
		thaw(task);
out:
	task_put(task);
	return ret;
}
