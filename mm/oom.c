/*
 * When a page fault finds no page.
 *
 * The process whose end frees most is killed, one at a time: while a victim is
 * still dying, others wait for what it leaves, for a while. The victim itself
 * may use the last pages, so that it gets to its end.
 *
 * Locking: oom_mutex, by trylock: who finds it taken waits for the result.
 */
#include <arch/current.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/timer.h>
#include <kernel/wait.h>
#include <mm/mm.h>
#include <mm/oom.h>
#include <mm/page_alloc.h>
#include <uapi/signal.h>

#include "internal.h"

#define LOG_PREFIX	"oom"
#define VICTIM_WAIT_NS	(1000LL * 1000 * 1000)
#define RETRY_WAIT_NS	(10LL * 1000 * 1000)

static DEFINE_MUTEX(oom_mutex, RANK_OOM);
static DEFINE_WAIT_QUEUE(oom_wait);
static atomic_t nr_victims;

/* Is current dying to free memory? Context: process. */
bool oom_current_is_victim(void)
{
	struct mm *mm = current->mm;

	return mm && (READ_ONCE(mm->flags) & BIT(MMF_OOM_VICTIM));
}

/* A victim's address space has been torn down. */
void oom_victim_gone(void)
{
	atomic_dec(&nr_victims);
	wake_up_all(&oom_wait);
}

/* Pages a process's end would free, and the adjustment of its owner. */
static long badness(const struct mm *mm, int adj)
{
	long pages = mm_rss(mm) + atomic_long_read(&mm->rss[RSS_SWAP]) +
		     (atomic_long_read(&mm->pgtable_bytes) >> PAGE_SHIFT);

	return pages + (long)totalram_pages() / 1000 * adj;
}

/*
 * /proc/<pid>/oom_score, on Linux's scale: thousandths of memory, moved up by
 * 1000 so that what is adjusted down can be told apart, times two thirds.
 */
unsigned long oom_score(const struct mm *mm, int oom_score_adj)
{
	long points = badness(mm, oom_score_adj) * 1000 /
		      (long)totalram_pages();

	if (oom_score_adj <= -1000)
		return 0;	/* never to be killed */
	return max(1000 + points, 0L) * 2 / 3;
}

/* Points of @task's process; negative if it must not be killed. */
static long task_points(struct task *task)
{
	int adj = READ_ONCE(task->group->oom_score_adj);
	long points = -1;
	struct mm *mm;

	if (task_is_kthread(task) || task == init_process || adj <= -1000)
		return -1;
	spin_lock(&task->lock);
	mm = task->mm;
	if (mm && !(READ_ONCE(mm->flags) & BIT(MMF_OOM_VICTIM)))
		points = max(badness(mm, adj), 0L);
	spin_unlock(&task->lock);
	return points;
}

/* The largest process, with a reference, or NULL. */
static struct task *choose_victim(long *points)
{
	struct task *task, *victim = NULL;

	*points = -1;
	rcu_read_lock();
	for_each_process_rcu(task) {
		long p = task_points(task);

		if (p > *points) {
			*points = p;
			victim = task;
		}
	}
	if (victim)
		task_get(victim);
	rcu_read_unlock();
	return victim;
}

/* Mark the address space, so that its tasks get the last pages. */
static bool mark_victim(struct task *task)
{
	struct mm *mm;
	bool marked = false;

	SPIN_GUARD(&task->lock);
	mm = task->mm;
	if (mm) {
		atomic_inc(&nr_victims);
		marked = !(__atomic_fetch_or(&mm->flags,
					     (unsigned int)BIT(MMF_OOM_VICTIM),
					     __ATOMIC_SEQ_CST) &
			   BIT(MMF_OOM_VICTIM));
		if (!marked)
			atomic_dec(&nr_victims);
	}
	return marked;
}

static void kill_largest(void)
{
	long points;
	struct task *victim = choose_victim(&points);

	if (!victim) {
		/* Those who are dying may leave enough. */
		if (atomic_read(&nr_victims) > 0)
			return;
		/* Nobody is left but those who must not go: then us. */
		pr_err("nothing left to kill but %s (%d)", current->comm,
		       current->pid);
		force_sig(SIGKILL);
		return;
	}
	if (mark_victim(victim))
		pr_err("out of memory: killed %s (%d), %ld KiB resident",
		       victim->comm, victim->pid, points << 2);
	(void)send_sig_info(SIGKILL, SEND_SIG_PRIV, victim, PIDTYPE_TGID);
	task_put(victim);
}

/*
 * Sleep until no victim is left. Other signals than fatal ones do not end it:
 * they stay pending until the fault is over, and a task that has one would
 * kill process after process without ever waiting for what they leave.
 */
static void wait_for_victims(int64_t timeout_ns)
{
	(void)wait_event_killable_timeout(&oom_wait,
					  atomic_read(&nr_victims) == 0,
					  timeout_ns);
}

/*
 * Make memory free by killing, then wait a little for it. Whoever calls tries
 * again afterwards, whatever came of it.
 * Context: process, no locks held; sleeps, killably.
 */
void out_of_memory(void)
{
	/* A victim that faults must not wait for itself. */
	if (fatal_signal_pending(current))
		return;
	if (atomic_read(&nr_victims) > 0) {
		wait_for_victims(VICTIM_WAIT_NS);
		if (atomic_read(&nr_victims) == 0)
			return;
	}
	if (fatal_signal_pending(current))
		return;
	if (mutex_trylock(&oom_mutex)) {
		kill_largest();
		mutex_unlock(&oom_mutex);
	}
	wait_for_victims(RETRY_WAIT_NS);
}
