/*
 * Sleeping and waking: no wake-up is lost, times are kept, threads stop, move
 * and share the CPU as they should.
 */
#include <arch/smp.h>
#include <kernel/sched.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <kernel/wait.h>

#include "threads.h"

#define ROUNDS	2000

/* Two threads that take turns; each waits for the other's move. */
struct ping_pong {
	struct wait_queue	wait;
	unsigned int		turn;
	bool			sync;
};

static void ping_pong_member(void *arg, unsigned int index)
{
	struct ping_pong *pp = arg;

	for (int i = 0; i < ROUNDS; i++) {
		wait_event(&pp->wait, READ_ONCE(pp->turn) % 2 == index);
		WRITE_ONCE(pp->turn, pp->turn + 1);
		if (pp->sync)
			wake_up_sync(&pp->wait);
		else
			wake_up(&pp->wait);
	}
}

KERNEL_TEST(wake_ups_are_not_lost)
{
	static struct ping_pong pp;

	for (int sync = 0; sync < 2; sync++) {
		pp.turn = 0;
		pp.sync = sync;
		wait_queue_init(&pp.wait);
		crew_run(2, ping_pong_member, &pp);
		EXPECT_EQ(pp.turn, 2 * ROUNDS);
	}
}

/* Many waiters, exclusive; each token wakes one. */
struct tokens {
	struct wait_queue	wait;
	atomic_t		left;
	atomic_t		taken;
	bool			closed;
};

static bool take_token(struct tokens *tokens)
{
	int left = atomic_read(&tokens->left);

	do {
		if (left == 0)
			return false;
	} while (!atomic_try_cmpxchg(&tokens->left, &left, left - 1));
	atomic_inc(&tokens->taken);
	return true;
}

static void token_member(void *arg, unsigned int index __unused)
{
	struct tokens *tokens = arg;

	while (!READ_ONCE(tokens->closed))
		(void)wait_event_interruptible_exclusive(&tokens->wait,
				take_token(tokens) ||
				READ_ONCE(tokens->closed));
}

KERNEL_TEST(exclusive_waiters_are_all_served)
{
	static struct tokens tokens;
	struct crew crew;

	tokens = (struct tokens){};
	wait_queue_init(&tokens.wait);
	crew_start(&crew, 5, token_member, &tokens);
	for (int i = 0; i < ROUNDS; i++) {
		atomic_inc(&tokens.left);
		wake_up(&tokens.wait);
		if (i % 16 == 0)
			yield();
	}
	while (atomic_read(&tokens.left))
		sleep_ns(NSEC_PER_MSEC);
	WRITE_ONCE(tokens.closed, true);
	wake_up_all(&tokens.wait);
	crew_wait(&crew);
	EXPECT_EQ(atomic_read(&tokens.taken), ROUNDS);
}

KERNEL_TEST(sleeps_are_never_short)
{
	static const uint64_t spans[] = { 1, 1000, 100000, 3000000, 20000000 };

	for (unsigned int i = 0; i < ARRAY_SIZE(spans); i++) {
		uint64_t start = ktime_get_ns();

		sleep_ns(spans[i]);
		EXPECT(ktime_get_ns() - start >= spans[i]);
	}
}

KERNEL_TEST(time_out_and_wake_up_are_told_apart)
{
	DEFINE_COMPLETION(never);
	DEFINE_COMPLETION(now);

	EXPECT_EQ(wait_for_completion_timeout(&never, 2 * NSEC_PER_MSEC), 0);
	complete(&now);
	EXPECT(wait_for_completion_timeout(&now, 2 * NSEC_PER_MSEC) > 0);
	EXPECT(!try_wait_for_completion(&now));
	complete_all(&now);
	EXPECT(try_wait_for_completion(&now));
	EXPECT(try_wait_for_completion(&now));
}

static int obedient(void *arg)
{
	int *rounds = arg;

	while (!kthread_should_stop()) {
		++*rounds;
		sleep_ns(NSEC_PER_MSEC);
	}
	return 42;
}

KERNEL_TEST(kthread_stop_returns_the_result)
{
	static int rounds;
	struct task *task;

	rounds = 0;
	task = kthread_run(obedient, &rounds, "obedient");
	if (!EXPECT(!IS_ERR(task)))
		return;
	sleep_ns(10 * NSEC_PER_MSEC);
	EXPECT_EQ(kthread_stop(task), 42);
	EXPECT(rounds > 0);
	/* One that is stopped before it was started never runs. */
	rounds = 0;
	task = kthread_create(obedient, &rounds, "unborn");
	if (!EXPECT(!IS_ERR(task)))
		return;
	EXPECT_EQ(kthread_stop(task), -EINTR);
	EXPECT_EQ(rounds, 0);
}

static void wander_member(void *arg, unsigned int index)
{
	atomic_t *wrong = arg;

	for (unsigned int i = 0; i < 200; i++) {
		unsigned int cpu = (i + index) % num_online_cpus();
		struct cpumask mask = CPUMASK_NONE;

		cpumask_set_cpu(cpu, &mask);
		EXPECT_EQ(set_cpus_allowed(current, &mask), 0);
		for (int look = 0; look < 3; look++) {
			/* It took effect before the call returned. */
			if (smp_processor_id() != cpu)
				atomic_inc(wrong);
			yield();
		}
	}
}

KERNEL_TEST(affinity_is_obeyed)
{
	static atomic_t wrong;

	atomic_set(&wrong, 0);
	crew_run(4, wander_member, &wrong);
	EXPECT_EQ(atomic_read(&wrong), 0);
}

/*
 * Threads of different weight on one CPU. How long each has run is read for
 * all of them at one moment, and the shares are looked at again and again: an
 * emulated CPU may be stopped by its host in the middle of somebody's turn for
 * longer than the shares can bear, but what is wrong then does not grow.
 */
struct race {
	struct task	*tasks[3];
	bool		stop;
};

static const int race_nice[3] = { 0, 0, 5 };

static void race_member(void *arg, unsigned int index)
{
	struct race *race = arg;
	struct cpumask mask = CPUMASK_NONE;

	cpumask_set_cpu(0, &mask);
	set_cpus_allowed(current, &mask);
	set_user_nice(current, race_nice[index]);
	WRITE_ONCE(race->tasks[index], current);
	while (!READ_ONCE(race->stop))
		cpu_relax();
}

static bool is_between(uint64_t a, uint64_t b, unsigned int least,
		       unsigned int most)
{
	return a * 100 >= b * least && a * 100 <= b * most;
}

/* 1024 : 1024 : 335, within a tenth. */
static bool shares_are_right(const struct race *race, const uint64_t *start)
{
	uint64_t ran[3];

	for (int i = 0; i < 3; i++)
		ran[i] = task_runtime_ns(race->tasks[i]) - start[i];
	return is_between(ran[0], ran[1], 90, 110) &&
	       is_between(ran[0], ran[2], 275, 336);
}

KERNEL_TEST(cpu_time_follows_weights)
{
	static struct race race;
	uint64_t start[3];
	struct crew crew;
	bool right = false;

	race = (struct race){};
	crew_start(&crew, 3, race_member, &race);
	for (int i = 0; i < 3; i++) {
		while (!READ_ONCE(race.tasks[i]))
			sleep_ns(NSEC_PER_MSEC);
		start[i] = task_runtime_ns(race.tasks[i]);
	}
	for (int i = 0; i < 50 && !right; i++) {
		sleep_ns(400 * NSEC_PER_MSEC);
		right = shares_are_right(&race, start);
	}
	WRITE_ONCE(race.stop, true);
	crew_wait(&crew);
	EXPECT(right);
}
