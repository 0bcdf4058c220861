/*
 * ptrace(2)'s view of the registers: PTRACE_GETREGS and its relatives.
 *
 * A tracee that stands still has its registers in two places: what it entered
 * the kernel with in the struct pt_regs at the top of its stack, the bases of
 * fs and gs and the FPU state in its arch_thread, where the context switch has
 * put them. The tracer reads and writes both there.
 *
 * What it writes, ring 3 will run with, so it is bound by what ring 3 could do
 * by itself: no ring but 3, no flags but the harmless ones, no base outside
 * the user half. What remains impossible, a selector of no segment or an rip
 * that is no address, makes iretq fail in the program's name
 * (traps.c:fixup_bad_iret()). And iretq it must be: TIF_IRET.
 *
 * Source: man 2 ptrace; struct user in <sys/user.h>.
 */
#include <arch/current.h>
#include <arch/page.h>
#include <arch/thread.h>
#include <arch/traced.h>
#include <arch/uaccess.h>
#include <keel/bug.h>
#include <kernel/ptrace.h>
#include <kernel/signal.h>
#include <lib/string.h>
#include <uapi/elf.h>
#include <uapi/prctl.h>
#include <uapi/ptrace.h>

#include "debug_regs.h"
#include "fpu_internal.h"
#include "internal.h"
#include "thread_unusual.h"

/* struct user: registers, nothing we keep, debug registers, two words more. */
#define USER_SIZE		928
#define USER_DEBUGREG		848
#define NR_DEBUGREGS		8

/* The flags a program could set by itself, and RF, which only we could. */
#define TRACER_FLAGS \
	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | \
	 X86_EFLAGS_SF | X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_OF | \
	 X86_EFLAGS_NT | X86_EFLAGS_RF | X86_EFLAGS_AC)

#define REG(name)	(offsetof(struct user_regs_struct, name) / 8)
#define NR_REGS		(sizeof(struct user_regs_struct) / 8)

/* ---- single step ----------------------------------------------------- */

/*
 * TF makes the CPU trap after the next instruction. `syscall` clears it on the
 * way in, so a step over one is ended by software: SYSCALL_WORK_STEP.
 *
 * Context: process; @task stands still.
 */
void arch_enable_step(struct task *task)
{
	struct pt_regs *regs = task_pt_regs(task);

	__atomic_fetch_or(&task->syscall_work, SYSCALL_WORK_STEP,
			  __ATOMIC_SEQ_CST);
	task_set_work(task, TIF_IRET);
	if (regs->flags & X86_EFLAGS_TF)
		return;		/* the program's own */
	regs->flags |= X86_EFLAGS_TF;
	task->thread.forced_tf = true;
}

/* Context: any; @task stands still, or is current. */
void arch_disable_step(struct task *task)
{
	__atomic_fetch_and(&task->syscall_work, ~SYSCALL_WORK_STEP,
			   __ATOMIC_SEQ_CST);
	if (!task->thread.forced_tf)
		return;
	task->thread.forced_tf = false;
	task_pt_regs(task)->flags &= ~X86_EFLAGS_TF;
	task_set_work(task, TIF_IRET);
}

/* Context: process, on the way to user mode. */
void arch_report_step(struct pt_regs *regs)
{
	remember_trap(1, 0);
	force_sig_fault(SIGTRAP, TRAP_BRKPT, (void __user *)regs->ip);
}

/* ---- one register at a time ------------------------------------------ */

/* Where pt_regs has what user_regs_struct has at index @n: at the same. */
static unsigned long *in_pt_regs(struct task *task, unsigned int n)
{
	static_assert(sizeof(struct pt_regs) == (REG(ss) + 1) * 8,
		      "the two agree up to ss");
	return n <= REG(ss) ? (unsigned long *)task_pt_regs(task) + n : NULL;
}

static unsigned long get_register(struct task *task, unsigned int n)
{
	unsigned long value;

	switch (n) {
	case REG(fs_base):
		return task->thread.fsbase;
	case REG(gs_base):
		return task->thread.gsbase;
	case REG(ds):
		return task->thread.selectors.ds;
	case REG(es):
		return task->thread.selectors.es;
	case REG(fs):
		return task->thread.selectors.fs;
	case REG(gs):
		return task->thread.selectors.gs;
	}
	value = *in_pt_regs(task, n);
	if (n == REG(eflags) && task->thread.forced_tf)
		value &= ~X86_EFLAGS_TF;
	return value;
}

static void set_flags(struct task *task, unsigned long value)
{
	struct pt_regs *regs = task_pt_regs(task);

	/* A step that was asked for is made, whatever the program's TF. */
	if (value & X86_EFLAGS_TF)
		task->thread.forced_tf = false;
	else if (task->thread.forced_tf)
		value |= X86_EFLAGS_TF;
	regs->flags = (regs->flags & ~TRACER_FLAGS) | (value & TRACER_FLAGS);
}

static int set_base(struct task *task, unsigned long *base,
		    unsigned long value)
{
	if (value >= TASK_SIZE)
		return -EIO;
	*base = value;
	task->thread.fpu_cpu = -1;	/* loaded anew together with the FPU */
	return 0;
}

/*
 * Null or of ring 3; of no segment may it be, then the CPU will not have it.
 * Return: 0 or -EIO.
 */
static int set_selector(struct task *task, uint16_t *selector,
			unsigned long value)
{
	value &= 0xffff;
	if (value && (value & 3) != 3)
		return -EIO;
	*selector = value;
	selectors_changed(&task->thread);
	return 0;
}

/* Return: 0, or -EIO for what would not be ring 3. */
static int set_register(struct task *task, unsigned int n,
			unsigned long value)
{
	switch (n) {
	case REG(fs_base):
		return set_base(task, &task->thread.fsbase, value);
	case REG(gs_base):
		return set_base(task, &task->thread.gsbase, value);
	case REG(ds):
		return set_selector(task, &task->thread.selectors.ds, value);
	case REG(es):
		return set_selector(task, &task->thread.selectors.es, value);
	case REG(fs):
		return set_selector(task, &task->thread.selectors.fs, value);
	case REG(gs):
		return set_selector(task, &task->thread.selectors.gs, value);
	case REG(eflags):
		set_flags(task, value);
		break;
	case REG(cs):
	case REG(ss):
		value &= 0xffff;
		if ((value & 3) != 3)
			return -EIO;
		fallthrough;
	default:
		*in_pt_regs(task, n) = value;
	}
	task_set_work(task, TIF_IRET);
	return 0;
}

/* ---- sets of them ---------------------------------------------------- */

static void get_all(struct task *task, void *buf)
{
	unsigned long *to = buf;

	for (unsigned int n = 0; n < NR_REGS; n++)
		to[n] = get_register(task, n);
}

static int set_all(struct task *task, const void *buf, size_t len)
{
	const unsigned long *from = buf;
	int err = 0;

	for (unsigned int n = 0; !err && n < len / 8; n++)
		err = set_register(task, n, from[n]);
	return err;
}

static const struct regset regsets[] = {
	{ NT_PRSTATUS, "CORE", sizeof(struct user_regs_struct), get_all,
	  set_all },
	{ NT_PRFPREG, "CORE", sizeof(struct _fpstate), fpu_regset_get,
	  fpu_regset_set },
	{ NT_X86_XSTATE, "LINUX", 0, xstate_regset_get, xstate_regset_set },
};

/* Context: any. See <arch/traced.h>. */
const struct regset *arch_regset(unsigned int n)
{
	if (n >= ARRAY_SIZE(regsets))
		return NULL;
	/* How large the last is, or whether there is one, the CPU says. */
	if (regsets[n].note == NT_X86_XSTATE && !fpu_xfeatures)
		return NULL;
	return &regsets[n];
}

/* How large @set is; of one set the CPU decides. Context: any. */
size_t arch_regset_size(const struct regset *set)
{
	return set->size ? set->size : fpu_state_size;
}

/*
 * See <arch/traced.h>. Some there could be: permissions for ports, which nobody
 * has, and XSAVE's on a CPU without it.
 */
int arch_no_regset(unsigned long note, bool write)
{
	switch (note) {
	case NT_386_IOPERM:
		return write ? -EOPNOTSUPP : -ENXIO;
	case NT_X86_XSTATE:
		return -ENODEV;
	default:
		return -EINVAL;
	}
}

/* A set that lies on the stack, for the requests with a fixed one. */
static long get_set(struct task *task, const struct regset *set,
		    void __user *to)
{
	union {
		struct user_regs_struct	regs;
		struct _fpstate		fpu;
	} buf;

	set->get(task, &buf);
	return copy_to_user(to, &buf, set->size) ? -EFAULT : 0;
}

static long put_set(struct task *task, const struct regset *set,
		    const void __user *from)
{
	union {
		struct user_regs_struct	regs;
		struct _fpstate		fpu;
	} buf;

	if (copy_from_user(&buf, from, set->size))
		return -EFAULT;
	return set->set(task, &buf, set->size);
}

/* ---- ptrace(2) ------------------------------------------------------- */

static bool is_debugreg(unsigned long addr)
{
	return addr >= USER_DEBUGREG && addr < USER_DEBUGREG + NR_DEBUGREGS * 8;
}

static long peek_user(struct task *task, unsigned long addr,
		      unsigned long __user *to)
{
	unsigned long value = 0;

	if ((addr & 7) || addr >= USER_SIZE)
		return -EIO;
	if (addr < sizeof(struct user_regs_struct))
		value = get_register(task, addr / 8);
	else if (is_debugreg(addr))
		value = debug_regs_get(task, (addr - USER_DEBUGREG) / 8);
	return put_user(value, to);
}

static long poke_user(struct task *task, unsigned long addr,
		      unsigned long value)
{
	if ((addr & 7) || addr >= USER_SIZE)
		return -EIO;
	if (addr < sizeof(struct user_regs_struct))
		return set_register(task, addr / 8, value);
	if (!is_debugreg(addr))
		return -EIO;
	return debug_regs_set(task, (addr - USER_DEBUGREG) / 8, value);
}

static long tracee_prctl(struct task *task, int option, unsigned long arg)
{
	struct arch_thread *t = &task->thread;

	switch (option) {
	case ARCH_SET_FS:
		return set_base(task, &t->fsbase, arg) ? -EPERM : 0;
	case ARCH_SET_GS:
		return set_base(task, &t->gsbase, arg) ? -EPERM : 0;
	case ARCH_GET_FS:
		return put_user(t->fsbase, (unsigned long __user *)arg);
	case ARCH_GET_GS:
		return put_user(t->gsbase, (unsigned long __user *)arg);
	}
	return -EINVAL;
}

/*
 * Segments that 32-bit programs have for their threads' data, as struct
 * user_desc of <asm/ldt.h>. Nobody has any here, so all are empty, and none can
 * be filled.
 */
#define FIRST_TLS_ENTRY		12
#define NR_TLS_ENTRIES		3
#define DESC_EMPTY		0x28	/* read_exec_only, seg_not_present */

enum { DESC_ENTRY, DESC_BASE, DESC_LIMIT, DESC_FLAGS, DESC_WORDS };

static int check_tls_entry(unsigned long entry)
{
	if ((int)entry < 0)
		return -EIO;
	return (unsigned int)entry - FIRST_TLS_ENTRY < NR_TLS_ENTRIES ?
	       0 : -EINVAL;
}

static long get_thread_area(unsigned long entry, void __user *to)
{
	uint32_t desc[DESC_WORDS] = { (uint32_t)entry, 0, 0, DESC_EMPTY };
	int err = check_tls_entry(entry);

	if (err)
		return err;
	return copy_to_user(to, desc, sizeof(desc)) ? -EFAULT : 0;
}

static long set_thread_area(unsigned long entry, const void __user *from)
{
	uint32_t desc[DESC_WORDS];
	int err = check_tls_entry(entry);

	if (err == -EIO)
		return err;
	if (copy_from_user(desc, from, sizeof(desc)))
		return -EFAULT;
	/* Both ways to say so: all zero, or the flags of an empty one. */
	if (desc[DESC_BASE] || desc[DESC_LIMIT] ||
	    (desc[DESC_FLAGS] && desc[DESC_FLAGS] != DESC_EMPTY))
		return -EINVAL;
	return err;
}

/* Context: process; may sleep; @task stands still. See <arch/traced.h>. */
long arch_ptrace(struct task *task, long request, unsigned long addr,
		 unsigned long data)
{
	void __user *buf = (void __user *)data;

	switch (request) {
	case PTRACE_PEEKUSR:
		return peek_user(task, addr, buf);
	case PTRACE_POKEUSR:
		return poke_user(task, addr, data);
	case PTRACE_GETREGS:
		return get_set(task, &regsets[0], buf);
	case PTRACE_SETREGS:
		return put_set(task, &regsets[0], buf);
	case PTRACE_GETFPREGS:
		return get_set(task, &regsets[1], buf);
	case PTRACE_SETFPREGS:
		return put_set(task, &regsets[1], buf);
	case PTRACE_GET_THREAD_AREA:
		return get_thread_area(addr, buf);
	case PTRACE_SET_THREAD_AREA:
		return set_thread_area(addr, buf);
	case PTRACE_ARCH_PRCTL:
		return tracee_prctl(task, (int)data, addr);
	}
	return -EIO;
}
