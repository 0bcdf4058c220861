/*
 * Timers, work queues and RCU: everything put off is done, once, in order
 * where that is promised, and not after it was cancelled.
 */
#include <arch/irqflags.h>
#include <arch/smp.h>
#include <kernel/mutex.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <kernel/workqueue.h>
#include <mm/gfp.h>
#include <mm/slab.h>

#include "threads.h"

/* ---- timers ---- */

struct test_timer {
	struct timer	timer;
	uint64_t	fired_ns;
	int		count;
	int		restarts;
};

static void test_timer_fn(struct timer *timer)
{
	struct test_timer *t = container_of(timer, struct test_timer, timer);

	t->fired_ns = ktime_get_ns();
	t->count++;
	if (t->restarts-- > 0)
		timer_start(timer, timer_expires(timer) + NSEC_PER_MSEC);
}

KERNEL_TEST(timers_fire_in_order_and_not_early)
{
	static struct test_timer timers[20];
	uint64_t start = ktime_get_ns();
	/* None may fire before all have been started, on one CPU. */
	unsigned long flags = local_irq_save();

	for (unsigned int i = 0; i < ARRAY_SIZE(timers); i++) {
		/* Backwards, so that each becomes the first of the tree. */
		uint64_t delay = (ARRAY_SIZE(timers) - i) * NSEC_PER_MSEC;

		timers[i] = (struct test_timer){};
		timer_init(&timers[i].timer, test_timer_fn);
		timer_start(&timers[i].timer, start + delay);
	}
	EXPECT(timer_cancel(&timers[0].timer));
	EXPECT(!timer_cancel(&timers[0].timer));
	local_irq_restore(flags);
	sleep_ns(30 * NSEC_PER_MSEC);
	EXPECT_EQ(timers[0].count, 0);
	for (unsigned int i = 1; i < ARRAY_SIZE(timers); i++) {
		EXPECT_EQ(timers[i].count, 1);
		EXPECT(timers[i].fired_ns >= timer_expires(&timers[i].timer));
		if (i > 1)
			EXPECT(timers[i].fired_ns <= timers[i - 1].fired_ns);
	}
}

KERNEL_TEST(a_timer_may_restart_itself)
{
	static struct test_timer t;

	t = (struct test_timer){ .restarts = 1000000 };
	timer_init(&t.timer, test_timer_fn);
	timer_start(&t.timer, ktime_get_ns());
	sleep_ns(20 * NSEC_PER_MSEC);
	EXPECT(timer_cancel_sync(&t.timer));
	EXPECT(t.count >= 5);
	t.count = 0;
	sleep_ns(5 * NSEC_PER_MSEC);
	EXPECT_EQ(t.count, 0);
}

/* ---- work ---- */

struct test_work {
	struct work		work;
	unsigned int		*order;
	unsigned int		ran_as;
	struct completion	*wait_for;
};

static void test_work_fn(struct work *work)
{
	struct test_work *w = container_of(work, struct test_work, work);

	if (w->wait_for)
		wait_for_completion(w->wait_for);
	w->ran_as = ++*w->order;
	sleep_ns(10 * NSEC_PER_USEC);
}

KERNEL_TEST(ordered_work_is_done_in_order)
{
	static struct test_work works[50];
	static unsigned int order;
	struct workqueue *wq = workqueue_create("test", WORKQUEUE_ORDERED);

	order = 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(works); i++) {
		works[i] = (struct test_work){ .order = &order };
		work_init(&works[i].work, test_work_fn);
		EXPECT(queue_work(wq, &works[i].work));
	}
	flush_workqueue(wq);
	for (unsigned int i = 0; i < ARRAY_SIZE(works); i++)
		EXPECT_EQ(works[i].ran_as, i + 1);
	workqueue_destroy(wq);
}

/* Items that all wait for the last one: only new workers can get to it. */
KERNEL_TEST(sleeping_work_does_not_hold_up_the_rest)
{
	static struct test_work works[12];
	static unsigned int order;
	DEFINE_COMPLETION(last_ran);

	order = 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(works); i++) {
		works[i] = (struct test_work){ .order = &order,
					       .wait_for = &last_ran };
		work_init(&works[i].work, test_work_fn);
	}
	works[ARRAY_SIZE(works) - 1].wait_for = NULL;
	for (unsigned int i = 0; i < ARRAY_SIZE(works); i++)
		schedule_work(&works[i].work);
	flush_work(&works[ARRAY_SIZE(works) - 1].work);
	EXPECT_EQ(works[ARRAY_SIZE(works) - 1].ran_as, 1);
	complete_all(&last_ran);
	for (unsigned int i = 0; i < ARRAY_SIZE(works); i++)
		flush_work(&works[i].work);
	EXPECT_EQ(order, ARRAY_SIZE(works));
}

static atomic_t delayed_runs;

static void delayed_fn(struct work *work __unused)
{
	atomic_inc(&delayed_runs);
}

KERNEL_TEST(delayed_work_waits_and_can_be_cancelled)
{
	static struct delayed_work work;

	atomic_set(&delayed_runs, 0);
	delayed_work_init(&work, delayed_fn);
	EXPECT(schedule_delayed_work(&work, 5 * NSEC_PER_MSEC));
	EXPECT(!schedule_delayed_work(&work, 5 * NSEC_PER_MSEC));
	EXPECT_EQ(atomic_read(&delayed_runs), 0);
	sleep_ns(10 * NSEC_PER_MSEC);
	flush_work(&work.work);
	EXPECT_EQ(atomic_read(&delayed_runs), 1);
	EXPECT(schedule_delayed_work(&work, 100 * NSEC_PER_MSEC));
	EXPECT(cancel_delayed_work_sync(&work));
	EXPECT(!cancel_delayed_work_sync(&work));
	EXPECT_EQ(atomic_read(&delayed_runs), 1);
}

/* ---- RCU ---- */

#define ALIVE	0x600dUL
#define DEAD	0xdeadUL

struct rcu_object {
	unsigned long	state;
	struct rcu_head	rcu;
};

struct rcu_test {
	struct rcu_object	*object;
	atomic_t		seen_dead;
	atomic_t		freed;
	bool			stop;
};

static struct rcu_test rcu_test;

static void object_free(struct rcu_head *head)
{
	struct rcu_object *object = container_of(head, struct rcu_object, rcu);

	WRITE_ONCE(object->state, DEAD);
	atomic_inc(&rcu_test.freed);
	kfree(object);
}

static struct rcu_object *object_new(void)
{
	struct rcu_object *object = kmalloc(sizeof(*object), GFP_KERNEL);

	if (object)
		object->state = ALIVE;
	return object;
}

static void rcu_reader(void *arg __unused, unsigned int index __unused)
{
	while (!READ_ONCE(rcu_test.stop)) {
		rcu_read_lock();
		for (int i = 0; i < 20; i++) {
			struct rcu_object *object =
				rcu_dereference(rcu_test.object);

			cpu_relax();
			if (READ_ONCE(object->state) != ALIVE)
				atomic_inc(&rcu_test.seen_dead);
		}
		rcu_read_unlock();
		cond_resched();
	}
}

KERNEL_TEST(rcu_readers_never_see_freed_objects)
{
	struct crew crew;
	int replaced = 0;

	rcu_test = (struct rcu_test){ .object = object_new() };
	if (!EXPECT(rcu_test.object))
		return;
	crew_start(&crew, 3, rcu_reader, NULL);
	for (int i = 0; i < 100; i++) {
		struct rcu_object *new = object_new(), *old = rcu_test.object;

		if (!EXPECT(new))
			break;
		rcu_assign_pointer(rcu_test.object, new);
		if (i % 8) {
			call_rcu(&old->rcu, object_free);
		} else {
			synchronize_rcu();
			object_free(&old->rcu);
		}
		replaced++;
		sleep_ns(20 * NSEC_PER_USEC);
	}
	WRITE_ONCE(rcu_test.stop, true);
	crew_wait(&crew);
	rcu_barrier();
	EXPECT_EQ(atomic_read(&rcu_test.freed), replaced);
	EXPECT_EQ(atomic_read(&rcu_test.seen_dead), 0);
	kfree(rcu_test.object);
}

/* ---- rcu_barrier: callbacks that are running count as well ------------- */

static struct {
	struct rcu_head	rcu;
	bool		began, ended;
} slow_callback;

static void slow_callback_fn(struct rcu_head *head __unused)
{
	uint64_t until = ktime_get_ns() + 3 * NSEC_PER_MSEC;

	WRITE_ONCE(slow_callback.began, true);
	while (ktime_get_ns() < until)
		cpu_relax();
	WRITE_ONCE(slow_callback.ended, true);
}

static void call_slow_callback(void *unused __unused)
{
	call_rcu(&slow_callback.rcu, slow_callback_fn);
}

KERNEL_TEST(rcu_barrier_waits_for_a_running_callback)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		slow_callback.began = slow_callback.ended = false;
		smp_call_function_single(cpu, call_slow_callback, NULL, true);
		while (!READ_ONCE(slow_callback.began))
			cond_resched();
		rcu_barrier();
		EXPECT(READ_ONCE(slow_callback.ended));
	}
}
