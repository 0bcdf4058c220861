/*
 * execve(2) of a process that has threads.
 *
 * A program replaces another as a whole, so of the threads only the one that
 * called is left. The others are killed and the caller waits for them to be
 * gone. If it is not the leader it then takes the leader's place: to its
 * parent, to who knows the process by a number or a group, and to itself, it
 * is the process, and always was. What the leader lends its name to, it takes
 * over in one critical section:
 *
 *	before				after
 *	pid 70: leader, zombie		pid 70: caller, leader
 *	pid 73: caller			pid 73: dead, about to be released
 *
 * Nobody who looks for 70 under RCU meets a moment in which there is none, so
 * that a signal sent to the process meanwhile is never refused.
 *
 * The leader has to be a zombie before, which no parent can take away: it is
 * not reported as long as its process has other threads.
 *
 * A thread of the old program that is traced remains a zombie until its tracer
 * has seen it; so the wait can last, and a fatal signal ends it.
 */
#include <arch/current.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/task.h>

/*
 * Move all that names the process from @leader, a zombie, to current.
 * Locking: tasklist_lock and sighand->lock held.
 */
static void take_place_of(struct task *leader)
{
	struct thread_group *group = current->group;

	/* The age of a process is not that of its latest program. */
	current->start_ns = leader->start_ns;
	pid_exchange(current, leader);
	pid_transfer(leader, current, PIDTYPE_TGID);
	pid_transfer(leader, current, PIDTYPE_PGID);
	pid_transfer(leader, current, PIDTYPE_SID);
	list_replace_rcu(&leader->tasks, &current->tasks);
	list_init(&leader->tasks);
	list_replace_rcu(&leader->sibling, &current->sibling);
	list_init(&leader->sibling);
	WRITE_ONCE(group->leader, current);
	current->exit_signal = SIGCHLD;
	leader->exit_signal = -1;
	leader->exit_state = EXIT_DEAD;
	/* Who waits for its end by its number shall look again. */
	if (unlikely(leader->ptrace))
		wake_up_all(&leader->parent->group->wait_chldexit);
}

/* What exec waits for: current and, at most, a leader that is a zombie. */
static bool others_are_gone(const struct thread_group *group)
{
	if (group->nr_threads == 1)
		return true;
	return group->leader != current && group->nr_threads == 2 &&
	       group->leader->exit_state == EXIT_ZOMBIE;
}

/*
 * If the others are gone, or current is to die, exec waits no longer.
 * Return: 0: it does; 1, or -EAGAIN. *@old is a leader to be released.
 */
static int end_of_wait(struct thread_group *group, struct task **old)
{
	int ret = 0;

	spin_lock_irq(&tasklist_lock);
	spin_lock(&current->sighand->lock);
	if (fatal_signal_pending(current)) {
		ret = -EAGAIN;
	} else if (others_are_gone(group)) {
		ret = 1;
		if (group->leader != current) {
			*old = group->leader;
			take_place_of(*old);
		}
	}
	if (ret)
		group->group_exec_task = NULL;
	spin_unlock(&current->sighand->lock);
	spin_unlock_irq(&tasklist_lock);
	return ret;
}

/*
 * A thread has left @group, or its leader has become a zombie: is that what an
 * exec in it waits for? Locking: tasklist_lock and sighand->lock held.
 */
void exec_thread_gone(struct thread_group *group)
{
	if (group->nr_threads <= 2)
		wake_up_process(group->group_exec_task);
}

/*
 * Make current the only thread of its process, and the leader. All this is
 * ordered by the lock of the sighand that threads share, so that must not have
 * been unshared yet.
 *
 * Context: process; sleeps.
 * Return:  0; -EAGAIN: another thread ends the process or executes a program,
 *          or a fatal signal came. Then current is about to die.
 */
int exec_kill_threads(void)
{
	struct thread_group *group = current->group;
	struct task *old = NULL;
	int ret;

	if (group->nr_threads == 1)
		return 0;
	spin_lock_irq(&current->sighand->lock);
	if ((group->flags & SIGNAL_GROUP_EXIT) || group->group_exec_task) {
		spin_unlock_irq(&current->sighand->lock);
		return -EAGAIN;
	}
	group->group_exec_task = current;
	zap_other_threads(current);
	spin_unlock_irq(&current->sighand->lock);
	for (;;) {
		set_current_state(TASK_KILLABLE);
		ret = end_of_wait(group, &old);
		if (ret)
			break;
		schedule();
	}
	set_current_state(TASK_RUNNING);
	if (old)
		release_task(old);
	return ret < 0 ? ret : 0;
}
