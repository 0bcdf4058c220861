/*
 * The scheduler, as the rest of the kernel sees it.
 *
 * A task that must wait sets its state, makes sure someone will wake it, tests
 * once more that it must wait, and calls schedule(). kernel/wait.h wraps this
 * up; use these calls directly only where no wait queue fits. How the next
 * task is chosen: kernel/sched_fair.c. Where the switch happens:
 * kernel/sched.c.
 */
#pragma once

#include <arch/current.h>
#include <kernel/sched_entity.h>
#include <kernel/task.h>
#include <kernel/wait.h>

struct cpumask;
struct cputime;
struct mm;

/* More task states (the common ones are in kernel/wait.h). */
#define TASK_STOPPED_BIT	0x0004	/* by a job-control signal */
#define TASK_TRACED_BIT		0x0008	/* by its tracer */
#define TASK_DEAD		0x0080	/* its last schedule() */
#define TASK_NEW		0x0800	/* made, not yet started */
#define TASK_STOPPED		(TASK_WAKEKILL | TASK_STOPPED_BIT)
#define TASK_TRACED		(TASK_WAKEKILL | TASK_TRACED_BIT)

/*
 * Set before the condition is tested. The exchange is a full barrier: the
 * test cannot be moved in front of it, which would lose a wake-up.
 */
static inline void set_current_state(unsigned int state)
{
	(void)xchg(&current->sched.state, state);
}

/* Where the order is given by a lock that the waker takes as well. */
static inline void set_current_state_relaxed(unsigned int state)
{
	WRITE_ONCE(current->sched.state, state);
}

static inline bool task_is_running(const struct task *task)
{
	return READ_ONCE(task->sched.state) == TASK_RUNNING;
}

static inline unsigned int task_cpu(const struct task *task)
{
	return READ_ONCE(task->sched.cpu);
}

/* On a CPU right now, as opposed to waiting for one. */
static inline bool task_on_cpu(const struct task *task)
{
	return READ_ONCE(task->sched.on_cpu);
}

static inline bool need_resched(void)
{
	return unlikely(test_need_resched());
}

/* Giving up the CPU. */
void schedule(void);
void yield(void);
void do_task_dead(void) __noreturn;
void cond_resched_slow(void);

/* Let others run if they should, in a loop that may take long. May sleep. */
static inline void cond_resched(void)
{
	might_sleep();
	if (unlikely(should_resched()))
		cond_resched_slow();
}

/* Waking. True if the task was not running already. Any context. */
bool wake_up_process(struct task *);
bool wake_up_state(struct task *, unsigned int states);
bool wake_up_task(struct task *, unsigned int states, int wake_flags);

/*
 * The life of a task. fork: sched_fork() fills in child->sched (from
 * current's), wake_up_new_task() starts it. do_task_dead() never returns;
 * once the task has left its stack, the scheduler calls
 * task_finish_dead() (kernel/exit.c), which frees that and drops a reference.
 */
int sched_fork(struct task *child);
void wake_up_new_task(struct task *);
void task_finish_dead(struct task *);
void wait_task_inactive(struct task *);
bool task_call_asleep(struct task *, void (*fn)(struct task *, void *arg),
		      void *arg);
void sched_init_idle(struct task *idle, unsigned int cpu);
void cpu_idle_loop(void) __noreturn;
/* arch's TLB code: this CPU has unloaded @mm, which it borrowed. */
void sched_stop_borrowing(struct mm *mm);

/* Boot. sched_init() turns init_task into the boot CPU's idle task. */
void sched_init(void);

/* For interrupts: arch's reschedule IPI ends here. */
void scheduler_ipi(void);

/*
 * Priorities, all on one scale, the smaller the more urgent: -1 is a deadline
 * task, 0 to 99 are 99 minus a real-time priority, 100 to 139 are 120 plus a
 * nice value.
 */
#define PRIO_DEADLINE	(-1)
#define PRIO_FAIR	100	/* the first that is not real-time */
#define PRIO_NICE_0	120
#define PRIO_NONE	140

/* What @task runs at: its own priority, or a higher one lent to it. */
static inline int task_effective_prio(const struct task *task)
{
	return READ_ONCE(task->sched.prio);
}

int sched_normal_prio(const struct task *);

static inline bool prio_is_urgent(int prio)
{
	return prio < PRIO_FAIR;
}

void sched_set_boost(struct task *, int prio);

#define NICE_MIN	(-20)
#define NICE_MAX	19

void set_user_nice(struct task *, int nice);
int task_nice(const struct task *);
/* As /proc/PID/stat has it: 20 + nice, -1 - rt_priority, or -101. */
int task_prio(const struct task *);
int set_cpus_allowed(struct task *, const struct cpumask *);
bool can_nice(struct task *, int nice);
char task_state_char(const struct task *);
struct task *idle_task(unsigned int cpu);
struct task *cpu_curr(unsigned int cpu);

/* Numbers for /proc and wait4(2). All in ns. */
struct cputime {
	uint64_t	utime_ns;
	uint64_t	stime_ns;
};

struct cpu_times {
	uint64_t	user_ns, nice_ns, system_ns, idle_ns, iowait_ns;
	uint64_t	irq_ns, softirq_ns;
};

uint64_t task_runtime_ns(struct task *);
struct cputime task_cputime(struct task *);
struct cputime group_cputime(struct task *);
void cpu_times_read(unsigned int cpu, struct cpu_times *);
unsigned int nr_running(void);
unsigned long nr_uninterruptible(void);
uint64_t nr_context_switches(void);
uint64_t cpu_context_switches(unsigned int cpu);
uint64_t cpu_waited_ns(unsigned int cpu);
unsigned long nr_forks(void);

/* Averages over 1, 5 and 15 minutes, in steps of 1 / LOAD_FIXED. */
#define LOAD_FIXED	2048UL
void get_loadavg(unsigned long loads[3]);

/* A process leader's itimers: kernel/itimer.c. */
struct itimers;
void itimers_exit(struct task *);
void itimers_free(struct itimers *);
