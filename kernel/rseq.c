/*
 * Restartable sequences: work on per-CPU data in user mode, without atomics.
 *
 * A thread registers one struct rseq (rseq(2)). The kernel keeps the number of
 * the CPU the thread runs on in it, always current when user mode looks. And
 * the thread may point it at a description of a critical section, a stretch of
 * code that ends with one committing instruction. If the thread is preempted,
 * moved or interrupted by a signal within the stretch, it does not go on there
 * but at the section's abort address. So whatever such a section read about its
 * CPU still holds at its last instruction.
 *
 * The work is done on the way to user mode, since the struct may have to be
 * faulted in. What leads there is TIF_NOTIFY_RESUME, set when a task is given
 * a CPU other than the number it was last told, or loses the CPU at a point
 * that can lie within a section. A system call never does: sections must not
 * contain any. So a thread that blocks and is woken on the CPU it was on, which
 * is what most do, pays nothing for being registered.
 *
 * Nothing the user wrote is believed; an address that cannot be used, or a
 * section that cannot be one, is SIGSEGV. The word before the abort address
 * has to hold the signature that was registered: else who can write a struct
 * rseq could make a thread jump anywhere.
 *
 * Source: librseq's man 2 rseq.
 */
#include <kernel/rseq.h>

#include <arch/irqflags.h>
#include <arch/ptrace.h>
#include <arch/smp.h>
#include <arch/thread.h>
#include <arch/uaccess.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <uapi/rseq.h>
#include <uapi/sched.h>

/* current may be within a section, and has been disturbed. Any context. */
void rseq_disturb_current(void)
{
	current->rseq.disturbed = true;
	task_set_work(current, TIF_NOTIFY_RESUME);
}

/* For rseq_switch(): one of the two has registered. */
void rseq_switch_slow(struct task *prev, struct task *next, unsigned int cpu)
{
	/* Entered by a trap or an interrupt: perhaps within a section. */
	if (prev->rseq.area && (int)task_pt_regs(prev)->orig_ax < 0) {
		prev->rseq.disturbed = true;
		task_set_work(prev, TIF_NOTIFY_RESUME);
	}
	if (next->rseq.area && next->rseq.cpu != cpu)
		task_set_work(next, TIF_NOTIFY_RESUME);
}

/* A child that shares the memory has to register for itself. */
void rseq_fork(struct task *child, uint64_t clone_flags)
{
	if (clone_flags & CLONE_VM)
		child->rseq = (struct task_rseq){};
	else
		child->rseq.cpu = RSEQ_CPU_ID_UNINITIALIZED;
}

static int put_cpu(struct rseq __user *area, uint32_t start, uint32_t id)
{
	if (!user_access_begin(area, sizeof(*area)))
		return -EFAULT;
	unsafe_put_user(start, &area->cpu_id_start, fault);
	unsafe_put_user(id, &area->cpu_id, fault);
	user_access_end();
	return 0;
fault:
	user_access_end();
	return -EFAULT;
}

/* Tell the program where it runs, if that is news. */
static int update_cpu(void)
{
	uint32_t cpu = raw_smp_processor_id();

	/* Moved meanwhile? Then rseq_switch() has asked for another round. */
	if (current->rseq.cpu == cpu)
		return 0;
	current->rseq.cpu = cpu;
	return put_cpu(current->rseq.area, cpu, cpu);
}

static bool section_valid(const struct rseq_cs *cs)
{
	return cs->start_ip < TASK_SIZE && cs->abort_ip < TASK_SIZE &&
	       cs->post_commit_offset < TASK_SIZE - cs->start_ip &&
	       cs->version == 0 &&
	       cs->abort_ip - cs->start_ip >= cs->post_commit_offset;
}

/* Return: 1 with *@cs; 0: no section is announced; -EINVAL, -EFAULT. */
static int read_section(struct rseq_cs *cs)
{
	struct rseq __user *area = current->rseq.area;
	uint64_t where;
	uint32_t sig;

	if (get_user(where, &area->rseq_cs))
		return -EFAULT;
	if (!where)
		return 0;
	if (copy_from_user(cs, (void __user *)where, sizeof(*cs)))
		return -EFAULT;
	if (!section_valid(cs))
		return -EINVAL;
	if (get_user(sig, (uint32_t __user *)(cs->abort_ip - sizeof(sig))))
		return -EFAULT;
	return sig == current->rseq.signature ? 1 : -EINVAL;
}

/* Leave a section that was disturbed. Return: 0, -EINVAL, -EFAULT. */
static int abort_section(struct pt_regs *regs)
{
	struct rseq __user *area = current->rseq.area;
	uint32_t flags;
	struct rseq_cs cs;
	bool inside;
	int ret = read_section(&cs);

	if (ret <= 0)
		return ret;
	inside = instruction_pointer(regs) - cs.start_ip <
		 cs.post_commit_offset;
	/* No flag has a meaning any more, but only here does it matter. */
	if (inside && (cs.flags || get_user(flags, &area->flags) || flags))
		return -EINVAL;
	/* Left behind by a section that has ended: not to be read again. */
	if (put_user(0UL, &area->rseq_cs))
		return -EFAULT;
	if (inside) {
		regs->ip = cs.abort_ip;
		task_set_work(current, TIF_IRET);
	}
	return 0;
}

static int look_after(struct pt_regs *regs)
{
	int err = 0;

	if (current->rseq.disturbed) {
		current->rseq.disturbed = false;
		err = abort_section(regs);
	}
	return err ?: update_cpu();
}

/*
 * TIF_NOTIFY_RESUME was set and current has registered.
 * Context: on the way to user mode with @regs; may fault.
 */
void rseq_resume(struct pt_regs *regs)
{
	if (look_after(regs))
		force_sig(SIGSEGV);
}

/*
 * A handler for @sig is about to run: it is to return to where a section's
 * abort leads. As rseq_resume().
 */
void rseq_before_signal(struct pt_regs *regs, int sig)
{
	current->rseq.disturbed = true;
	if (look_after(regs))
		force_sigsegv(sig);
}

static int unregister(struct rseq __user *area, uint32_t len, int flags,
		      uint32_t sig)
{
	if (flags & ~RSEQ_FLAG_UNREGISTER || !area ||
	    area != current->rseq.area || len != sizeof(*area))
		return -EINVAL;
	if (sig != current->rseq.signature)
		return -EPERM;
	if (put_cpu(area, 0, RSEQ_CPU_ID_UNINITIALIZED))
		return -EFAULT;
	current->rseq = (struct task_rseq){};
	return 0;
}

/* Asked for once more. Return: why not. */
static int registered_already(struct rseq __user *area, uint32_t len,
			      uint32_t sig)
{
	if (area != current->rseq.area || len != sizeof(*area))
		return -EINVAL;
	return sig != current->rseq.signature ? -EPERM : -EBUSY;
}

/*
 * A library may use again the area of a thread that is gone, without clearing
 * it: what that has announced last does not count. Return: 0, -EFAULT.
 */
static int forget_section(struct rseq __user *area)
{
	uint64_t where;

	if (get_user(where, &area->rseq_cs))
		return -EFAULT;
	return where ? put_user(0UL, &area->rseq_cs) : 0;
}

/*
 * Register or unregister current's struct rseq.
 * Return: 0; -EINVAL (alignment, size, flags, not the one registered), -EPERM
 * (another signature), -EBUSY (registered already), -EFAULT.
 */
SYSCALL_DEFINE4(rseq, struct rseq __user *, area, uint32_t, len, int, flags,
		uint32_t, sig)
{
	if (flags & RSEQ_FLAG_UNREGISTER)
		return unregister(area, len, flags, sig);
	if (flags)
		return -EINVAL;
	if (current->rseq.area)
		return registered_already(area, len, sig);
	if ((unsigned long)area % __alignof__(*area) || len != sizeof(*area))
		return -EINVAL;
	if (!access_ok(area, len) || forget_section(area))
		return -EFAULT;
	current->rseq.area = area;
	current->rseq.signature = sig;
	current->rseq.cpu = RSEQ_CPU_ID_UNINITIALIZED;
	rseq_disturb_current();
	return 0;
}
