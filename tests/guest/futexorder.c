/*
 * Futexes: in which order those who wait are woken and moved. The most urgent
 * first, which is a matter of real-time priority alone; among equals, who has
 * waited longest.
 */
#include "schedtools.h"

#include <linux/futex.h>

static long fx(uint32_t *word, int op, int nr, long nr2, uint32_t *word2,
	       uint32_t val3)
{
	return syscall(SYS_futex, word, op, nr, nr2, word2, val3);
}

static long wake(uint32_t *word, int nr)
{
	return fx(word, FUTEX_WAKE, nr, 0, NULL, 0);
}

/* A child asleep on *@word; it exits with 0 when it is woken. */
static pid_t waiter(uint32_t *word, int policy, int priority)
{
	pid_t pid;

	IN_CHILD(pid) {
		OK(set_policy(0, policy, priority));
		EXPECT_EQ(fx(word, FUTEX_WAIT, 0, 0, NULL, 0), 0);
	}
	wait_until_sleeping(pid);
	return pid;
}

/* Wake one at @word: it is @pid, and nobody else. */
static void expect_next(uint32_t *word, pid_t pid)
{
	int status;

	EXPECT_EQ(wake(word, 1), 1);
	EXPECT_EQ(OK(waitpid(-1, &status, 0)), pid);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* In the order in which they come, and as they are to be woken. */
static const struct {
	int	policy, priority, place;
} crowd[] = {
	{ SCHED_OTHER, 0, 5 }, { SCHED_FIFO, 10, 3 }, { SCHED_BATCH, 0, 6 },
	{ SCHED_FIFO, 99, 0 }, { SCHED_RR, 10, 4 }, { SCHED_IDLE, 0, 7 },
	{ SCHED_RR, 30, 1 }, { SCHED_FIFO, 30, 2 }, { SCHED_OTHER, 0, 8 },
};

enum { CROWD = ARRAY_SIZE(crowd) };

static void gather(uint32_t *word, pid_t *pids)
{
	for (int i = 0; i < CROWD; i++)
		pids[crowd[i].place] = waiter(word, crowd[i].policy,
					      crowd[i].priority);
}

TEST(the_most_urgent_is_woken_first)
{
	uint32_t *word = shared(sizeof(*word));
	pid_t pids[CROWD];

	gather(word, pids);
	for (int i = 0; i < CROWD; i++)
		expect_next(word, pids[i]);
	EXPECT_EQ(wake(word, 1), 0);
}

/* The bits choose first, urgency among those who are left. */
TEST(bits_come_before_urgency)
{
	uint32_t *word = shared(sizeof(*word));
	pid_t pids[3];
	int status;

	for (int i = 0; i < 3; i++) {
		IN_CHILD(pids[i]) {
			OK(set_policy(0, SCHED_FIFO, 10 + i));
			EXPECT_EQ(fx(word, FUTEX_WAIT_BITSET, 0, 0, NULL,
				     i == 2 ? 2 : 1), 0);
		}
		wait_until_sleeping(pids[i]);
	}
	EXPECT_EQ(fx(word, FUTEX_WAKE_BITSET, 1, 0, NULL, 1), 1);
	EXPECT_EQ(OK(waitpid(-1, &status, 0)), pids[1]);
	EXPECT_EQ(status, 0);
	expect_next(word, pids[2]);
	expect_next(word, pids[0]);
}

/* A nice value is no urgency. */
TEST(nice_values_do_not_count)
{
	uint32_t *word = shared(sizeof(*word));
	static const int values[] = { 19, 0, -20, 5 };
	pid_t pids[ARRAY_SIZE(values)];

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		IN_CHILD(pids[i]) {
			EXPECT_EQ(nice(values[i]), values[i]);
			EXPECT_EQ(fx(word, FUTEX_WAIT, 0, 0, NULL, 0), 0);
		}
		wait_until_sleeping(pids[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		expect_next(word, pids[i]);
}

/* What counts is what they were when they came. */
TEST(who_becomes_urgent_while_it_waits_keeps_its_place)
{
	uint32_t *word = shared(sizeof(*word));
	pid_t first = waiter(word, SCHED_OTHER, 0);
	pid_t second = waiter(word, SCHED_OTHER, 0);

	OK(set_policy(second, SCHED_FIFO, 50));
	expect_next(word, first);
	expect_next(word, second);
}

TEST(the_most_urgent_are_moved_first_and_stay_in_order)
{
	uint32_t *words = shared(2 * sizeof(*words));
	pid_t pids[CROWD], there;

	there = waiter(words + 1, SCHED_FIFO, 20);
	gather(words, pids);
	/* One woken, four moved: 30, 30, 10, 10. */
	EXPECT_EQ(fx(words, FUTEX_CMP_REQUEUE, 1, 4, words + 1, 0), 5);
	EXPECT_EXIT(pids[0], 0);
	expect_next(words + 1, pids[1]);
	expect_next(words + 1, pids[2]);
	expect_next(words + 1, there);
	expect_next(words, pids[5]);
	expect_next(words + 1, pids[3]);
	/* The rest by the call without comparison. */
	EXPECT_EQ(fx(words, FUTEX_REQUEUE, 0, 99, words + 1, 0), 3);
	for (int i = 4; i < CROWD; i++)
		if (i != 5)
			expect_next(words + 1, pids[i]);
	EXPECT_EQ(wake(words, 1), 0);
	EXPECT_EQ(wake(words + 1, 1), 0);
}

/* Each is moved once, however many may be, and nobody changes places. */
TEST(moved_to_the_same_word)
{
	uint32_t *word = shared(sizeof(*word));
	pid_t pids[CROWD];

	gather(word, pids);
	EXPECT_EQ(fx(word, FUTEX_REQUEUE, 0, 3, word, 0), 3);
	EXPECT_EQ(fx(word, FUTEX_REQUEUE, 0, 99, word, 0), CROWD);
	for (int i = 0; i < CROWD; i++)
		expect_next(word, pids[i]);
}

TEST(wake_op_wakes_the_most_urgent_of_each_word)
{
	uint32_t *words = shared(2 * sizeof(*words));
	pid_t a[2], b[2];

	for (int i = 0; i < 2; i++) {
		a[i] = waiter(words, SCHED_FIFO, 10 + i);
		b[i] = waiter(words + 1, SCHED_RR, 10 + i);
	}
	EXPECT_EQ(fx(words, FUTEX_WAKE_OP, 1, 1, words + 1,
		     FUTEX_OP(FUTEX_OP_SET, 0, FUTEX_OP_CMP_EQ, 0)), 2);
	EXPECT_EXIT(a[1], 0);
	EXPECT_EXIT(b[1], 0);
	expect_next(words, a[0]);
	expect_next(words + 1, b[0]);
}

/* Who waits for many words is sorted in each of their queues. */
TEST(waiting_for_many_words_is_sorted_too)
{
	uint32_t *words = shared(2 * sizeof(*words));
	pid_t plain = waiter(words + 1, SCHED_OTHER, 0), vector;

	IN_CHILD(vector) {
		struct {
			uint64_t	val, uaddr;
			uint32_t	flags, reserved;
		} waits[] = {
			{ 0, (uint64_t)words, 2, 0 },
			{ 0, (uint64_t)(words + 1), 2, 0 },
		};

		OK(set_policy(0, SCHED_FIFO, 5));
		EXPECT_EQ(syscall(449 /* futex_waitv */, waits, 2, 0, NULL, 0),
			  1);
	}
	wait_until_sleeping(vector);
	expect_next(words + 1, vector);
	expect_next(words + 1, plain);
}
