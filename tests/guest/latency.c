/*
 * How long who wakes waits for the CPU, and whether anybody starves for that.
 *
 * A task that sleeps most of the time is served within a bound that does not
 * depend on how many loops there are. And however one sleeps, forks or yields,
 * a loop beside it keeps its share: among n tasks that want all they can get,
 * one n-th.
 *
 * Everything happens on one CPU. Figures are judged where time is the number of
 * instructions (see precise.c); elsewhere these tests are shorter, and end,
 * which is enough: who starves does not.
 */
#include "race.h"

#include <linux/futex.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/sem.h>

static bool is_judged(void)
{
	return getenv("guest_exact") && running_on_keel();
}

static void stay(int i)
{
	(void)i;
	run_on(0, 0);
}

/* ---- waits ---- */

/*
 * A turn, and what is done besides. That is for bad luck: nearly all wait for
 * some microseconds, here and on Linux.
 */
#define WAIT_MOST	(3 * MSEC + MSEC / 5)

enum { SLEEPS_MOST = 300, SLEEPS_FEW = 50 };

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Sleep for @sleep and then work for @work, again and again: how late? */
static void expect_soon(int nr, int64_t sleep, int64_t work)
{
	struct timespec span = { .tv_nsec = sleep };
	static int64_t late[SLEEPS_MOST];
	int nr_sleeps = is_judged() ? SLEEPS_MOST : SLEEPS_FEW;
	struct race race;

	start_race(&race, nr, stay);
	run_on(0, 0);
	OK(prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0));
	for (int i = -5; i < nr_sleeps; i++) {
		int64_t start = now_ns(CLOCK_MONOTONIC);

		OK(nanosleep(&span, NULL));
		if (i >= 0)
			late[i] = now_ns(CLOCK_MONOTONIC) - start - sleep;
		if (work)
			burn(work);
	}
	end_race(&race);
	qsort(late, nr_sleeps, sizeof(late[0]), compare);
	remark("beside %d loops: half %lld us, 99 %% %lld, all %lld", nr,
	       (long long)late[nr_sleeps / 2] / 1000,
	       (long long)late[nr_sleeps * 99 / 100] / 1000,
	       (long long)late[nr_sleeps - 1] / 1000);
	if (is_judged())
		EXPECT(late[nr_sleeps - 1] < WAIT_MOST);
}

TEST_SECONDS(waits_do_not_grow_with_the_number_of_loops, 300)
{
	expect_soon(1, MSEC, 0);
	expect_soon(4, MSEC, 0);
	expect_soon(16, MSEC, 0);
	expect_soon(64, MSEC, 0);
}

/* Less than its share is less than its share. */
TEST_SECONDS(who_works_a_little_is_served_as_soon, 300)
{
	expect_soon(4, 10 * MSEC, MSEC);
	expect_soon(16, 10 * MSEC, MSEC / 3);
}

/* ---- shares ---- */

/* What the loop has to do. Its share is this in the time it takes. */
#define TO_DO		((is_judged() ? 90 : 20) * MSEC)

enum { CROWD_MAX = 8 };

/* What others do beside the loop; shared by all of them. */
struct crowd {
	int	nr;
	int	stop;
	int	sem;
	int	word[CROWD_MAX];
	int	pipes[CROWD_MAX][2];
};

static void futex(int *word, int op, int val)
{
	syscall(SYS_futex, word, op, val, NULL, NULL, 0);
}

static void pass_by_futex(struct crowd *c, int i)
{
	int *mine = &c->word[i], *next = &c->word[(i + 1) % c->nr];

	while (!load(&c->stop)) {
		while (!load(mine))
			futex(mine, FUTEX_WAIT, 0);
		store(mine, 0);
		store(next, 1);
		futex(next, FUTEX_WAKE, 1);
	}
}

static void pass_by_pipe(struct crowd *c, int i)
{
	char token = 0;

	while (!load(&c->stop)) {
		if (read(c->pipes[i][0], &token, 1) != 1)
			break;
		(void)!write(c->pipes[(i + 1) % c->nr][1], &token, 1);
	}
}

static void pass_by_semaphore(struct crowd *c, int i)
{
	struct sembuf take = { .sem_num = i, .sem_op = -1 };
	struct sembuf give = { .sem_num = (i + 1) % c->nr, .sem_op = 1 };

	while (!load(&c->stop)) {
		/* They are removed at the end. */
		if (semop(c->sem, &take, 1) || semop(c->sem, &give, 1))
			break;
	}
}

static void yield_always(struct crowd *c, int i)
{
	(void)i;
	while (!load(&c->stop))
		OK(sched_yield());
}

static void sleep_a_microsecond(struct crowd *c, int i)
{
	static const struct timespec us = { .tv_nsec = 1000 };

	(void)i;
	OK(prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0));
	while (!load(&c->stop))
		OK(nanosleep(&us, NULL));
}

/* Children that end at once, or after a while. */
static void fork_always(struct crowd *c, int i)
{
	(void)i;
	while (!load(&c->stop)) {
		pid_t pid;

		IN_CHILD(pid)
			;
		EXPECT_EXIT(pid, 0);
	}
}

static void fork_workers(struct crowd *c, int i)
{
	(void)i;
	while (!load(&c->stop)) {
		pid_t pid;

		IN_CHILD(pid)
			burn(2 * MSEC);
		EXPECT_EXIT(pid, 0);
	}
}

/* Each is succeeded by its child, and nobody waits for it. */
static void flee_by_fork(struct crowd *c, int i)
{
	pid_t pid;

	(void)i;
	OK(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	EXPECT(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
	IN_CHILD(pid)
		while (!load(&c->stop))
			if (OK(fork()) > 0)
				_exit(0);
	reap_all();
}

typedef void crowd_fn(struct crowd *, int);

static struct crowd *start_crowd(crowd_fn *fn, int nr, pid_t *pids)
{
	struct crowd *c = shared(sizeof(*c));

	c->nr = nr;
	c->sem = OK(semget(IPC_PRIVATE, nr, 0600));
	for (int i = 0; i < nr; i++)
		OK(pipe(c->pipes[i]));
	for (int i = 0; i < nr; i++)
		IN_CHILD(pids[i])
			fn(c, i);
	/* The token. */
	store(&c->word[0], 1);
	futex(&c->word[0], FUTEX_WAKE, 1);
	OK(write(c->pipes[0][1], "", 1));
	OK(semop(c->sem, &(struct sembuf){ .sem_op = 1 }, 1));
	return c;
}

/* Everybody sees that it is time, wherever the token is. */
static void end_crowd(struct crowd *c, const pid_t *pids)
{
	store(&c->stop, 1);
	for (int i = 0; i < c->nr; i++) {
		store(&c->word[i], 1);
		futex(&c->word[i], FUTEX_WAKE, 1);
	}
	for (int i = 0; i < c->nr; i++)
		OK(write(c->pipes[i][1], "", 1));
	OK(semctl(c->sem, 0, IPC_RMID));
	for (int i = 0; i < c->nr; i++)
		EXPECT_EXIT(pids[i], 0);
	for (int i = 0; i < c->nr; i++) {
		OK(close(c->pipes[i][0]));
		OK(close(c->pipes[i][1]));
	}
}

/*
 * Beside @nr that do @fn, a loop gets the share of one among @tasks, less a
 * tenth.
 */
static void expect_share(const char *what, crowd_fn *fn, int nr, int tasks)
{
	pid_t pids[CROWD_MAX], loop;
	int64_t start, took;
	struct crowd *c;

	run_on(0, 0);
	c = start_crowd(fn, nr, pids);
	start = now_ns(CLOCK_MONOTONIC);
	IN_CHILD(loop)
		burn(TO_DO);
	EXPECT_EXIT(loop, 0);
	took = now_ns(CLOCK_MONOTONIC) - start;
	end_crowd(c, pids);
	remark("%d %s: %lld %% of a share", nr, what,
	       (long long)(TO_DO * tasks * 100 / took));
	if (is_judged())
		EXPECT(TO_DO * tasks * 100 / took >= 90);
}

static void expect_shares(const char *what, crowd_fn *fn)
{
	expect_share(what, fn, 2, 3);
	expect_share(what, fn, 4, 5);
	expect_share(what, fn, 8, 9);
}

TEST_SECONDS(a_loop_beside_tokens_in_pipes, 300)
{
	expect_shares("by pipe", pass_by_pipe);
}

TEST_SECONDS(a_loop_beside_tokens_in_futexes, 300)
{
	expect_shares("by futex", pass_by_futex);
}

TEST_SECONDS(a_loop_beside_tokens_in_semaphores, 300)
{
	expect_shares("by semaphore", pass_by_semaphore);
}

TEST_SECONDS(a_loop_beside_yielding_tasks, 300)
{
	expect_share("yield", yield_always, 1, 2);
	expect_share("yield", yield_always, 8, 9);
}

TEST_SECONDS(a_loop_beside_short_sleeps, 300)
{
	expect_share("sleep", sleep_a_microsecond, 1, 2);
	expect_share("sleep", sleep_a_microsecond, 8, 9);
}

/* Who forks and waits is two at most. */
TEST_SECONDS(a_loop_beside_forks, 300)
{
	expect_share("fork", fork_always, 1, 3);
	expect_share("fork", fork_always, 4, 9);
	expect_share("fork workers", fork_workers, 1, 3);
	expect_share("fork workers", fork_workers, 4, 9);
	expect_share("flee", flee_by_fork, 1, 2);
	expect_share("flee", flee_by_fork, 4, 5);
}
