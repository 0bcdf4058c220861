/*
 * Robust futexes: the locks of a thread that dies while it holds them.
 *
 * User space takes its locks without telling us, so we cannot know which ones
 * a dead thread held. It keeps a list of them in its own memory instead, and
 * tells us once where that begins (set_robust_list(2)). When the thread ends,
 * or calls execve(2), we walk the list: where a lock's word still names the
 * thread as owner, the word becomes FUTEX_OWNER_DIED and one waiter is woken,
 * who then owns both the lock and the duty to repair what it guards.
 *
 * A lock cannot enter the list and be taken in one instruction. Before either,
 * user space names it in list_op_pending, so that we find it in between too.
 *
 * Invariant: nothing in the list is believed. It may be circular, point into
 * the kernel or change while we read. Each step is a checked user access, the
 * number of steps is bounded, and the only words changed are such that hold
 * the caller's own thread id.
 *
 * Source: man 2 set_robust_list.
 */
#include <arch/current.h>
#include <arch/uaccess.h>
#include <kernel/futex.h>
#include <kernel/pid.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <uapi/futex.h>

#define ENTRY_IS_PI	1UL	/* bit 0 of a list pointer */

/* Where a list pointer leads, apart from what its lowest bit says. */
struct robust_entry {
	unsigned long	addr;
	bool		pi;	/* a priority-inheritance lock */
};

static int read_entry(struct robust_entry *entry,
		      struct robust_list *__user *from)
{
	unsigned long word;

	if (get_user(word, (unsigned long __user *)from))
		return -EFAULT;
	entry->addr = word & ~ENTRY_IS_PI;
	entry->pi = word & ENTRY_IS_PI;
	return 0;
}

/*
 * Let go of one lock, if it is ours. A pending one without an owner is one we
 * were just releasing: the word was cleared, but perhaps nobody woken yet.
 * Waiters of a PI lock sleep in the lock itself and are not woken here.
 */
static int release_lock(const struct robust_entry *entry, int64_t offset,
			bool pending)
{
	uint32_t __user *uaddr = (uint32_t __user *)(entry->addr + offset);
	uint32_t old, seen, new;

	if ((unsigned long)uaddr % sizeof(*uaddr) || get_user(old, uaddr))
		return -EFAULT;
	for (;;) {
		uint32_t owner = old & FUTEX_TID_MASK;

		if (pending && !entry->pi && !owner)
			break;
		if (owner != (uint32_t)current->pid)
			return 0;
		new = (old & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
		if (cmpxchg_user_u32(&seen, uaddr, old, new))
			return -EFAULT;
		if (seen == old) {
			if (entry->pi || !(old & FUTEX_WAITERS))
				return 0;
			break;
		}
		old = seen;
	}
	futex_wake_user(uaddr, true, 1, FUTEX_BITSET_MATCH_ANY);
	return 0;
}

/*
 * Let go of all locks in current's robust list, and forget the list.
 * Context: process; may fault. current->mm is still the one it lies in.
 */
void futex_release_robust(void)
{
	struct robust_list_head __user *head = current->robust_list;
	struct robust_entry entry, next, pending;
	int64_t offset;
	int err;

	current->robust_list = NULL;
	if (read_entry(&entry, &head->list.next) ||
	    get_user(offset, &head->futex_offset) ||
	    read_entry(&pending, &head->list_op_pending))
		return;
	for (int left = ROBUST_LIST_LIMIT;
	     left > 0 && entry.addr != (unsigned long)head; left--) {
		/* Read on first: who is woken may free the entry. */
		err = read_entry(&next, (struct robust_list *__user *)
				 entry.addr);
		if (entry.addr != pending.addr &&
		    release_lock(&entry, offset, false))
			return;
		if (err)
			return;
		entry = next;
		cond_resched();
	}
	if (pending.addr)
		release_lock(&pending, offset, true);
}

SYSCALL_DEFINE2(set_robust_list, struct robust_list_head __user *, head,
		size_t, len)
{
	if (len != sizeof(*head))
		return -EINVAL;
	current->robust_list = head;
	return 0;
}

/* Whose list is an address in its memory, which not everybody may learn. */
static int robust_list_of(pid_t pid, void __user **head)
{
	struct task *task = pid ? get_task_by_pid(pid) : task_get(current);
	int err = -EPERM;

	if (!task)
		return -ESRCH;
	if (ptrace_may_access(task, PTRACE_MODE_READ |
			      PTRACE_MODE_REALCREDS)) {
		*head = READ_ONCE(task->robust_list);
		err = 0;
	}
	task_put(task);
	return err;
}

SYSCALL_DEFINE3(get_robust_list, int, pid, void __user *__user *, head_ptr,
		size_t __user *, len_ptr)
{
	void __user *head;
	int err = robust_list_of(pid, &head);

	if (err)
		return err;
	if (put_user(sizeof(struct robust_list_head), len_ptr))
		return -EFAULT;
	return put_user((unsigned long)head, (unsigned long __user *)head_ptr);
}
