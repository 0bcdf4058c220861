/*
 * semop(2): several operations on a set, all at once or not at all.
 *
 * A request is tried under the set's lock: each operation in turn is applied;
 * the first that cannot be has those before it taken back. Then the caller
 * puts the request, which lies on its stack, into the set's queue and sleeps.
 *
 * The one who changes values does the sleepers' work: it tries their requests
 * for them, oldest first, and wakes only those that are done. A sleeper
 * that wakes up has its semaphores already, or an error; it never fights for
 * them again. It also needs no lock to find that out.
 *
 * Not every change can help somebody. Values that have only fallen, and not to
 * zero, cannot: then nobody is looked at.
 *
 * Source: man 2 semop.
 */
#include <arch/current.h>
#include <arch/uaccess.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <mm/slab.h>
#include <uapi/stat.h>

#include "ipc.h"
#include "sem.h"

#define OPS_ON_STACK	16

/* ---- trying -------------------------------------------------------------- */

static bool cannot_yet(int value, int op)
{
	return op == 0 ? value != 0 : value + op < 0;
}

/* Take back operations [0, @nr) of @rq. */
static void take_back(struct sem_set *set, struct sem_request *rq,
		      unsigned int nr)
{
	while (nr-- > 0) {
		const struct sembuf *op = &rq->ops[nr];

		set->sems[op->sem_num].value -= op->sem_op;
		if (op->sem_flg & SEM_UNDO)
			rq->undo->adjust[op->sem_num] += op->sem_op;
	}
}

/* Return: 0; -ERANGE; SEM_WAITING. */
static int apply_one(struct sem_set *set, struct sem_request *rq,
		     const struct sembuf *op)
{
	struct semaphore *sem = &set->sems[op->sem_num];
	int adjust;

	if (cannot_yet(sem->value, op->sem_op))
		return op->sem_flg & IPC_NOWAIT ? -EAGAIN : SEM_WAITING;
	if (sem->value + op->sem_op > SEMVMX)
		return -ERANGE;
	if (op->sem_flg & SEM_UNDO) {
		adjust = rq->undo->adjust[op->sem_num] - op->sem_op;
		if (adjust < -SEMAEM - 1 || adjust > SEMAEM)
			return -ERANGE;
		rq->undo->adjust[op->sem_num] = adjust;
	}
	sem->value += op->sem_op;
	return 0;
}

/* Could what @rq has done let another request go on? */
static bool may_help(const struct sem_set *set, const struct sem_request *rq)
{
	for (unsigned int i = 0; i < rq->nr_ops; i++)
		if (rq->ops[i].sem_op > 0 ||
		    (rq->ops[i].sem_op < 0 &&
		     set->sems[rq->ops[i].sem_num].value == 0))
			return true;
	return false;
}

/*
 * Do all of @rq or nothing. Locking: the set's lock.
 * Return: 0; SEM_WAITING, with rq->blocking; -EAGAIN; -ERANGE.
 */
static int try_request(struct sem_set *set, struct sem_request *rq)
{
	const struct sembuf *op = rq->blocking;
	unsigned int i;
	int ret;

	/* The one that was in the way may be it still: no need to begin. */
	if (op && !rq->repeats &&
	    cannot_yet(set->sems[op->sem_num].value, op->sem_op))
		return SEM_WAITING;
	for (i = 0; i < rq->nr_ops; i++) {
		ret = apply_one(set, rq, &rq->ops[i]);
		if (ret) {
			rq->blocking = &rq->ops[i];
			take_back(set, rq, i);
			return ret;
		}
	}
	for (i = 0; i < rq->nr_ops; i++)
		set->sems[rq->ops[i].sem_num].pid = rq->pid;
	set->otime = ktime_get_real_seconds();
	return 0;
}

/* ---- those who wait ------------------------------------------------------ */

/* @rq is done, with @result. It may be gone on return. */
static void finish(struct sem_request *rq, int result)
{
	struct task *task = task_get(rq->task);

	list_del(&rq->node);
	smp_store_release(&rq->status, result);
	wake_up_process(task);
	task_put(task);
}

static void run_zero_waiters(struct sem_set *set)
{
	struct sem_request *rq, *tmp;
	int ret;

	list_for_each_entry_safe(rq, tmp, &set->waiting_zero, node) {
		ret = try_request(set, rq);
		if (ret != SEM_WAITING)
			finish(rq, ret);
	}
}

/* True if one got what helps others: begin again with the oldest. */
static bool run_alter_waiters(struct sem_set *set)
{
	struct sem_request *rq, *tmp;
	bool again;
	int ret;

	list_for_each_entry_safe(rq, tmp, &set->waiting_alter, node) {
		ret = try_request(set, rq);
		if (ret == SEM_WAITING)
			continue;
		again = ret == 0 && may_help(set, rq);
		finish(rq, ret);
		if (again)
			return true;
	}
	return false;
}

/* Values have changed: do what can be done now. Locking: the set's lock. */
void sem_run_waiters(struct sem_set *set)
{
	do {
		run_zero_waiters(set);
	} while (run_alter_waiters(set));
}

/* Wake all with @error: the set goes. Locking: the set's lock. */
void sem_fail_waiters(struct sem_set *set, int error)
{
	struct sem_request *rq, *tmp;

	list_for_each_entry_safe(rq, tmp, &set->waiting_alter, node)
		finish(rq, error);
	list_for_each_entry_safe(rq, tmp, &set->waiting_zero, node)
		finish(rq, error);
}

static unsigned int count_in(const struct list_head *list, unsigned int num,
			     bool for_zero)
{
	struct sem_request *rq;
	unsigned int nr = 0;

	list_for_each_entry(rq, list, node)
		nr += rq->blocking->sem_num == num &&
		      (rq->blocking->sem_op == 0) == for_zero;
	return nr;
}

/* How many wait for semaphore @num to become zero, or to grow. */
unsigned int sem_count_waiters(const struct sem_set *set, unsigned int num,
			       bool for_zero)
{
	return count_in(&set->waiting_alter, num, for_zero) +
	       count_in(&set->waiting_zero, num, for_zero);
}

/* ---- waiting ------------------------------------------------------------- */

static int64_t sleep_until(uint64_t deadline_ns)
{
	if (deadline_ns == INT64_MAX) {
		schedule();
		return 1;
	}
	return schedule_timeout_until(deadline_ns);
}

/*
 * Sleep until somebody has done @rq, which is queued, as the state is set.
 * Locking: the set's lock is held, and dropped.
 */
static int __no_lock_check wait_for_result(struct sem_set *set,
					   struct sem_request *rq,
					   uint64_t deadline_ns)
{
	int64_t left;
	int status;

	for (;;) {
		spin_unlock(&set->obj.lock);
		left = sleep_until(deadline_ns);
		status = smp_load_acquire(&rq->status);
		if (status != SEM_WAITING)
			break;
		spin_lock(&set->obj.lock);
		status = rq->status;
		if (status == SEM_WAITING && signal_pending(current))
			status = -EINTR;
		else if (status == SEM_WAITING && left == 0)
			status = -EAGAIN;
		if (status != SEM_WAITING) {
			if (rq->status == SEM_WAITING)
				list_del(&rq->node);
			spin_unlock(&set->obj.lock);
			break;
		}
		set_current_state(TASK_INTERRUPTIBLE);
	}
	set_current_state_relaxed(TASK_RUNNING);
	return status;
}

/*
 * Do @rq now or later. Locking: the set's lock is held, and dropped; while it
 * sleeps, it keeps a reference to the set, to be able to lock it again.
 */
static int __no_lock_check do_request(struct sem_set *set,
				      struct sem_request *rq,
				      uint64_t deadline_ns)
{
	int ret = try_request(set, rq);

	if (ret != SEM_WAITING) {
		if (ret == 0 && rq->alters && may_help(set, rq))
			sem_run_waiters(set);
		spin_unlock(&set->obj.lock);
		return ret;
	}
	rq->status = SEM_WAITING;
	list_add_tail(&rq->node, rq->alters ? &set->waiting_alter :
					      &set->waiting_zero);
	set_current_state(TASK_INTERRUPTIBLE);
	ipc_hold(&set->obj);
	ret = wait_for_result(set, rq, deadline_ns);
	sem_put(set);
	return ret;
}

/* ---- the system calls ---------------------------------------------------- */

/* What @rq is, from its operations. Return: the largest semaphore number. */
static unsigned int look_over(struct sem_request *rq, bool *undo)
{
	unsigned int max = 0;
	uint64_t seen = 0;

	*undo = false;
	for (unsigned int i = 0; i < rq->nr_ops; i++) {
		const struct sembuf *op = &rq->ops[i];
		uint64_t bit = 1ULL << op->sem_num % 64;

		max = max(max, (unsigned int)op->sem_num);
		*undo |= !!(op->sem_flg & SEM_UNDO);
		rq->alters |= op->sem_op != 0;
		rq->repeats |= (seen & bit) != 0;
		seen |= bit;
	}
	return max;
}

static int may_operate(const struct sem_set *set, const struct sem_request *rq,
		       unsigned int max)
{
	if (max >= set->nr)
		return -EFBIG;
	return ipc_permission(&set->obj, rq->alters ? 0222 : 0444);
}

/* Operations with SEM_UNDO: memory for what there is to undo comes first. */
static int __no_lock_check do_with_undo(struct sem_set *set,
					struct sem_request *rq,
					uint64_t deadline_ns)
{
	int ret = sem_lock_with_undo(set, &rq->undo);

	if (!ret)
		ret = do_request(set, rq, deadline_ns);
	sem_put(set);
	return ret;
}

/* The request is in memory of ours. */
static int __no_lock_check semop_on(int semid, struct sem_request *rq,
				    uint64_t deadline_ns)
{
	struct ipc_object *obj;
	struct sem_set *set;
	unsigned int max;
	bool undo;
	int err;

	max = look_over(rq, &undo);
	obj = ipc_lock(&sem_ids, semid);
	if (IS_ERR(obj))
		return PTR_ERR(obj);
	set = to_sem_set(obj);
	err = obj->deleted ? -EIDRM : may_operate(set, rq, max);
	if (err) {
		spin_unlock(&obj->lock);
		return err;
	}
	if (!undo)
		return do_request(set, rq, deadline_ns);
	ipc_hold(obj);
	spin_unlock(&obj->lock);
	return do_with_undo(set, rq, deadline_ns);
}

static long do_semtimedop(int semid, const struct sembuf __user *uops,
			  unsigned int nr, const struct timespec *timeout)
{
	struct sembuf stack[OPS_ON_STACK];
	struct sem_request rq = {
		.task = current, .ops = stack, .nr_ops = nr,
		.pid = current->tgid,
	};
	uint64_t deadline_ns = INT64_MAX;
	long ret = -EFAULT;

	if (nr < 1 || semid < 0)
		return -EINVAL;
	if (nr > (unsigned int)READ_ONCE(sem_limits[SEM_OPS]))
		return -E2BIG;
	if (nr > OPS_ON_STACK) {
		rq.ops = kvcalloc(nr, sizeof(*rq.ops), GFP_KERNEL_ACCOUNT);
		if (!rq.ops)
			return -ENOMEM;
	}
	if (copy_from_user(rq.ops, uops, nr * sizeof(*rq.ops)))
		goto free_ops;
	ret = -EINVAL;
	if (timeout && !timespec_valid(timeout))
		goto free_ops;
	if (timeout)
		deadline_ns = ktime_after(timespec_to_ns(timeout));
	ret = semop_on(semid, &rq, deadline_ns);
free_ops:
	if (rq.ops != stack)
		kvfree(rq.ops);
	return ret;
}

SYSCALL_DEFINE4(semtimedop, int, semid, struct sembuf __user *, ops,
		unsigned int, nr_ops, const struct timespec __user *, utimeout)
{
	struct timespec timeout;

	if (utimeout && get_timespec(&timeout, utimeout))
		return -EFAULT;
	return do_semtimedop(semid, ops, nr_ops, utimeout ? &timeout : NULL);
}

SYSCALL_DEFINE3(semop, int, semid, struct sembuf __user *, ops,
		unsigned int, nr_ops)
{
	return do_semtimedop(semid, ops, nr_ops, NULL);
}
