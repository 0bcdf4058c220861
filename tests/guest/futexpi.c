/* PI futexes: locks that lend the urgency of who waits to who holds them. */
#include "test.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2	13
#endif

static long futex(uint32_t *word, int op, uint32_t val, const void *timeout,
		  uint32_t *word2, uint32_t val3)
{
	return syscall(SYS_futex, word, op, val, timeout, word2, val3);
}

static long lock_pi(uint32_t *word)
{
	return futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
}

static long trylock_pi(uint32_t *word)
{
	return futex(word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0);
}

static long unlock_pi(uint32_t *word)
{
	return futex(word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
}

static uint32_t gettid_(void)
{
	return syscall(SYS_gettid);
}

/* Words that a test and its children share. */
static uint32_t *share(void)
{
	return OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

TEST(lock_and_unlock)
{
	uint32_t word = 0, me = gettid_();

	OK(lock_pi(&word));
	EXPECT_EQ(word, me);
	EXPECT_ERR(lock_pi(&word), EDEADLK);
	EXPECT_ERR(trylock_pi(&word), EDEADLK);
	OK(unlock_pi(&word));
	EXPECT_EQ(word, 0);
	EXPECT_ERR(unlock_pi(&word), EPERM);
	OK(trylock_pi(&word));
	EXPECT_EQ(word, me);
	/* With the bit set nobody need be there. */
	word |= FUTEX_WAITERS;
	OK(unlock_pi(&word));
	EXPECT_EQ(word, 0);
	/* What the dead have left is taken with the mark. */
	word = FUTEX_OWNER_DIED;
	OK(futex(&word, FUTEX_LOCK_PI2, 0, NULL, NULL, 0));
	EXPECT_EQ(word, FUTEX_OWNER_DIED | me);
	OK(unlock_pi(&word));
}

TEST(bad_words)
{
	uint32_t word = 0, *ro = OK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE |
					 MAP_ANONYMOUS, -1, 0));
	uint32_t *odd = (uint32_t *)((char *)&word + 1);

	EXPECT_ERR(lock_pi(odd), EINVAL);
	EXPECT_ERR(lock_pi(ro), EFAULT);
	EXPECT_ERR(trylock_pi(ro), EFAULT);
	EXPECT_ERR(lock_pi((uint32_t *)-4096L), EFAULT);
	EXPECT_ERR(unlock_pi((uint32_t *)-4096L), EFAULT);
	EXPECT_ERR(unlock_pi(ro), EPERM);
	/* Nobody has this number. */
	word = 0x3ffffff;
	EXPECT_ERR(lock_pi(&word), ESRCH);
	EXPECT_EQ(word, 0x3ffffff | FUTEX_WAITERS);
	EXPECT_ERR(trylock_pi(&word), ESRCH);
	/* Kernel threads hold no such locks. */
	word = 2;
	EXPECT_ERR(lock_pi(&word), EPERM);
	EXPECT_ERR(futex(&word, FUTEX_LOCK_PI | FUTEX_CLOCK_REALTIME, 0, NULL,
			 NULL, 0), ENOSYS);
	EXPECT_ERR(futex(&word, FUTEX_UNLOCK_PI | FUTEX_CLOCK_REALTIME, 0,
			 NULL, NULL, 0), ENOSYS);
	OK(munmap(ro, 4096));
}

TEST(time_outs)
{
	uint32_t *word = share();
	struct timespec past = { 1, 0 }, bad = { 0, 1000000000 }, soon;
	struct event held, done;
	pid_t owner;

	event_init(&held);
	event_init(&done);
	IN_CHILD(owner) {
		OK(lock_pi(word));
		event_signal(&held);
		event_wait(&done);
		OK(unlock_pi(word));
	}
	event_wait(&held);
	EXPECT_ERR(trylock_pi(word), EAGAIN);
	EXPECT_ERR(futex(word, FUTEX_LOCK_PI, 0, &bad, NULL, 0), EINVAL);
	EXPECT_ERR(futex(word, FUTEX_LOCK_PI, 0, &past, NULL, 0), ETIMEDOUT);
	EXPECT_EQ(*word, (uint32_t)owner | FUTEX_WAITERS);
	EXPECT_ERR(futex(word, FUTEX_LOCK_PI2, 0, &past, NULL, 0), ETIMEDOUT);
	EXPECT_ERR(futex(word, FUTEX_LOCK_PI2 | FUTEX_CLOCK_REALTIME, 0, &past,
			 NULL, 0), ETIMEDOUT);
	OK(clock_gettime(CLOCK_MONOTONIC, &soon));
	soon.tv_sec += 1;
	EXPECT_ERR(futex(word, FUTEX_LOCK_PI2, 0, &soon, NULL, 0), ETIMEDOUT);
	event_signal(&done);
	OK(lock_pi(word));
	OK(unlock_pi(word));
	EXPECT_EXIT(owner, 0);
	event_close(&held);
	event_close(&done);
	OK(munmap(word, 4096));
}

TEST(unlock_hands_over)
{
	uint32_t *word = share();
	pid_t waiter;

	OK(lock_pi(word));
	IN_CHILD(waiter) {
		OK(lock_pi(word));
		EXPECT_EQ(*word & FUTEX_TID_MASK, gettid_());
		OK(unlock_pi(word));
	}
	wait_until_sleeping(waiter);
	EXPECT_EQ(*word, gettid_() | FUTEX_WAITERS);
	EXPECT_ERR(futex(word, FUTEX_WAKE, 1, NULL, NULL, 0), EINVAL);
	OK(unlock_pi(word));
	EXPECT_EXIT(waiter, 0);
	EXPECT_EQ(*word, 0);
	OK(munmap(word, 4096));
}

/* Who waits plainly and who waits for a lock do not mix. */
TEST(plain_waiters_are_refused)
{
	uint32_t *word = share();
	pid_t waiter;

	*word = 1;
	IN_CHILD(waiter)
		EXPECT_EQ(futex(word, FUTEX_WAIT, 1, NULL, NULL, 0), 0);
	wait_until_sleeping(waiter);
	EXPECT_ERR(lock_pi(word), EINVAL);
	EXPECT_EQ(futex(word, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
	EXPECT_EXIT(waiter, 0);
	OK(munmap(word, 4096));
}

TEST(owner_that_ends_is_inherited_from)
{
	uint32_t *word = share();
	struct event held, end;
	pid_t owner, waiter[3];

	event_init(&held);
	event_init(&end);
	IN_CHILD(owner) {
		OK(lock_pi(word));
		event_signal(&held);
		event_wait(&end);
	}
	event_wait(&held);
	for (int i = 0; i < 3; i++) {
		IN_CHILD(waiter[i]) {
			OK(lock_pi(word));
			EXPECT_EQ(*word & FUTEX_TID_MASK, gettid_());
			OK(unlock_pi(word));
		}
		wait_until_sleeping(waiter[i]);
	}
	OK(kill(owner, SIGKILL));
	EXPECT_KILLED(owner, SIGKILL);
	for (int i = 0; i < 3; i++)
		EXPECT_EXIT(waiter[i], 0);
	EXPECT_EQ(*word & FUTEX_TID_MASK, 0);
	event_close(&held);
	event_close(&end);
	OK(munmap(word, 4096));
}

TEST(waiters_that_are_killed_leave)
{
	uint32_t *word = share();
	pid_t waiter[3];

	OK(lock_pi(word));
	for (int i = 0; i < 3; i++) {
		IN_CHILD(waiter[i]) {
			OK(lock_pi(word));
			OK(unlock_pi(word));
		}
		wait_until_sleeping(waiter[i]);
	}
	OK(kill(waiter[0], SIGKILL));
	EXPECT_KILLED(waiter[0], SIGKILL);
	OK(unlock_pi(word));
	EXPECT_EXIT(waiter[1], 0);
	EXPECT_EXIT(waiter[2], 0);
	EXPECT_EQ(*word, 0);
	OK(munmap(word, 4096));
}

static void nothing(int sig)
{
	(void)sig;
}

TEST(signals_do_not_end_the_wait)
{
	uint32_t *word = share();
	pid_t waiter;

	OK(lock_pi(word));
	IN_CHILD(waiter) {
		struct sigaction action = { .sa_handler = nothing };

		OK(sigaction(SIGUSR1, &action, NULL));
		OK(lock_pi(word));
		OK(unlock_pi(word));
	}
	wait_until_sleeping(waiter);
	OK(kill(waiter, SIGUSR1));
	wait_until_sleeping(waiter);
	OK(unlock_pi(word));
	EXPECT_EXIT(waiter, 0);
	OK(munmap(word, 4096));
}

/* ---- deadlock ----------------------------------------------------------- */

TEST(circles_are_found)
{
	uint32_t *word = share();
	struct event held;
	pid_t other;

	event_init(&held);
	OK(lock_pi(&word[0]));
	IN_CHILD(other) {
		OK(lock_pi(&word[1]));
		event_signal(&held);
		OK(lock_pi(&word[0]));
		OK(unlock_pi(&word[0]));
		OK(unlock_pi(&word[1]));
	}
	event_wait(&held);
	wait_until_sleeping(other);
	EXPECT_ERR(lock_pi(&word[1]), EDEADLK);
	OK(unlock_pi(&word[0]));
	EXPECT_EXIT(other, 0);
	event_close(&held);
	OK(munmap(word, 4096));
}

/* A chain of locks, each owner waiting for the next one's. */
TEST(long_circles_are_found)
{
	enum { LENGTH = 8 };
	uint32_t *word = share();
	pid_t pid[LENGTH];

	OK(lock_pi(&word[0]));
	for (int i = 1; i < LENGTH; i++) {
		IN_CHILD(pid[i]) {
			OK(lock_pi(&word[i]));
			OK(lock_pi(&word[i - 1]));
			OK(unlock_pi(&word[i - 1]));
			OK(unlock_pi(&word[i]));
		}
		wait_until_sleeping(pid[i]);
	}
	EXPECT_ERR(lock_pi(&word[LENGTH - 1]), EDEADLK);
	OK(unlock_pi(&word[0]));
	for (int i = 1; i < LENGTH; i++)
		EXPECT_EXIT(pid[i], 0);
	OK(munmap(word, 4096));
}

/* ---- urgency ------------------------------------------------------------ */

/* As /proc has it: 20 for nice 0, -1 - n for real-time priority n. */
static int priority_of(pid_t pid)
{
	char path[64], buf[1024], *at;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	at = strrchr(read_file(path, buf, sizeof(buf)), ')') + 2;
	for (int field = 3; field < 18; field++)
		at = strchr(at, ' ') + 1;
	return atoi(at);
}

static void be_fifo(int priority)
{
	struct sched_param param = { .sched_priority = priority };

	OK(sched_setscheduler(0, SCHED_FIFO, &param));
}

/* Take @mine, if any, then wait for @wanted, both in order. */
static pid_t start_waiter(uint32_t *mine, uint32_t *wanted, int priority)
{
	pid_t pid;

	IN_CHILD(pid) {
		if (mine)
			OK(lock_pi(mine));
		if (priority)
			be_fifo(priority);
		OK(lock_pi(wanted));
		wanted[8] = wanted[8] * 100 + priority; /* who had it */
		OK(unlock_pi(wanted));
		if (mine)
			OK(unlock_pi(mine));
	}
	wait_until_sleeping(pid);
	return pid;
}

TEST(owner_is_as_urgent_as_its_waiters)
{
	uint32_t *word = share();
	pid_t low, high, me = getpid();

	OK(lock_pi(&word[0]));
	EXPECT_EQ(priority_of(me), 20);
	low = start_waiter(NULL, &word[0], 10);
	EXPECT_EQ(priority_of(me), -11);
	high = start_waiter(NULL, &word[0], 20);
	EXPECT_EQ(priority_of(me), -21);
	OK(kill(high, SIGKILL));
	EXPECT_KILLED(high, SIGKILL);
	EXPECT_EQ(priority_of(me), -11);
	OK(unlock_pi(&word[0]));
	EXPECT_EQ(priority_of(me), 20);
	EXPECT_EXIT(low, 0);
	OK(munmap(word, 4096));
}

TEST(urgency_goes_along_the_chain)
{
	uint32_t *word = share();
	pid_t middle, last, me = getpid();

	OK(lock_pi(&word[0]));
	middle = start_waiter(&word[1], &word[0], 0);
	EXPECT_EQ(priority_of(me), 20);
	last = start_waiter(NULL, &word[1], 30);
	EXPECT_EQ(priority_of(middle), -31);
	EXPECT_EQ(priority_of(me), -31);
	OK(kill(last, SIGKILL));
	EXPECT_KILLED(last, SIGKILL);
	EXPECT_EQ(priority_of(middle), 20);
	EXPECT_EQ(priority_of(me), 20);
	OK(unlock_pi(&word[0]));
	EXPECT_EXIT(middle, 0);
	OK(munmap(word, 4096));
}

/* A waiter that becomes more urgent moves forward, and lends more. */
TEST(waiters_may_change_their_priority)
{
	struct sched_param param = { .sched_priority = 40 };
	uint32_t *word = share();
	pid_t first, second, me = getpid();

	OK(lock_pi(&word[0]));
	first = start_waiter(NULL, &word[0], 10);
	second = start_waiter(NULL, &word[0], 0);
	OK(sched_setscheduler(second, SCHED_FIFO, &param));
	EXPECT_EQ(priority_of(me), -41);
	OK(unlock_pi(&word[0]));
	EXPECT_EXIT(first, 0);
	EXPECT_EXIT(second, 0);
	OK(munmap(word, 4096));
}

TEST(most_urgent_is_next)
{
	uint32_t *word = share();
	pid_t low, high;

	OK(lock_pi(&word[0]));
	low = start_waiter(NULL, &word[0], 10);
	high = start_waiter(NULL, &word[0], 20);
	OK(unlock_pi(&word[0]));
	EXPECT_EXIT(high, 0);
	EXPECT_EXIT(low, 0);
	EXPECT_EQ(word[8], 2010);
	OK(munmap(word, 4096));
}

/* ---- contention --------------------------------------------------------- */

static uint32_t contended;
static int tally;

static void *add_many(void *arg)
{
	uint32_t me = gettid_(), zero;

	for (int i = 0; i < 500; i++) {
		zero = 0;
		if (!__atomic_compare_exchange_n(&contended, &zero, me, false,
						 __ATOMIC_ACQUIRE,
						 __ATOMIC_RELAXED))
			OK(futex(&contended, FUTEX_LOCK_PI_PRIVATE, 0, NULL,
				 NULL, 0));
		tally++;
		if (i % 16 == 0)
			sched_yield();
		zero = me;
		if (!__atomic_compare_exchange_n(&contended, &zero, 0, false,
						 __ATOMIC_RELEASE,
						 __ATOMIC_RELAXED))
			OK(futex(&contended, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL,
				 NULL, 0));
	}
	return arg;
}

TEST(many_threads_exclude_each_other)
{
	pthread_t thread[6];

	tally = 0;
	for (int i = 0; i < 6; i++)
		EXPECT_EQ(pthread_create(&thread[i], NULL, add_many, NULL), 0);
	for (int i = 0; i < 6; i++)
		EXPECT_EQ(pthread_join(thread[i], NULL), 0);
	EXPECT_EQ(tally, 6 * 500);
	EXPECT_EQ(contended, 0);
}

/* ---- robust ------------------------------------------------------------- */

struct robust_lock {
	struct robust_list	node;
	uint32_t		word;
};

TEST(robust_pi_locks_are_marked)
{
	struct {
		struct robust_list_head	head;
		struct robust_lock	lock;
	} *s = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	struct event held, end;
	pid_t owner, waiter;

	event_init(&held);
	event_init(&end);
	IN_CHILD(owner) {
		s->head.list.next = (void *)((uintptr_t)&s->lock.node | 1);
		s->head.futex_offset = offsetof(struct robust_lock, word);
		s->lock.node.next = &s->head.list;
		OK(syscall(SYS_set_robust_list, &s->head, sizeof(s->head)));
		OK(lock_pi(&s->lock.word));
		event_signal(&held);
		event_wait(&end);
	}
	event_wait(&held);
	IN_CHILD(waiter) {
		OK(lock_pi(&s->lock.word));
		EXPECT_EQ(s->lock.word & ~FUTEX_WAITERS,
			  gettid_() | FUTEX_OWNER_DIED);
		OK(unlock_pi(&s->lock.word));
	}
	wait_until_sleeping(waiter);
	OK(kill(owner, SIGKILL));
	EXPECT_KILLED(owner, SIGKILL);
	EXPECT_EXIT(waiter, 0);
	event_close(&held);
	event_close(&end);
	OK(munmap(s, 4096));
}

/* ---- conditions --------------------------------------------------------- */

static long wait_requeue(uint32_t *cond, uint32_t val, const void *timeout,
			 uint32_t *lock)
{
	return futex(cond, FUTEX_WAIT_REQUEUE_PI, val, timeout, lock, 0);
}

static long requeue(uint32_t *cond, int nr_wake, long nr_move, uint32_t *lock,
		    uint32_t val)
{
	return futex(cond, FUTEX_CMP_REQUEUE_PI, nr_wake, (void *)nr_move,
		     lock, val);
}

TEST(requeue_errors)
{
	uint32_t cond = 1, lock = 0;
	struct timespec past = { 1, 0 };

	EXPECT_ERR(requeue(&cond, 1, 1, &cond, 1), EINVAL);
	EXPECT_ERR(requeue(&cond, 0, 1, &lock, 1), EINVAL);
	EXPECT_ERR(requeue(&cond, 2, 1, &lock, 1), EINVAL);
	EXPECT_ERR(requeue(&cond, 1, -1, &lock, 1), EINVAL);
	EXPECT_ERR(requeue(&cond, 1, 1, &lock, 2), EAGAIN);
	EXPECT_EQ(requeue(&cond, 1, 1, &lock, 1), 0);
	EXPECT_EQ(lock, 0);
	EXPECT_ERR(wait_requeue(&cond, 1, NULL, &cond), EINVAL);
	EXPECT_ERR(wait_requeue(&cond, 2, NULL, &lock), EAGAIN);
	EXPECT_ERR(wait_requeue(&cond, 1, &past, &lock), ETIMEDOUT);
	EXPECT_ERR(wait_requeue(&cond, 1, NULL, (uint32_t *)-4096L), EFAULT);
}

TEST(requeued_waiters_get_the_lock)
{
	uint32_t *word = share();	/* condition, lock */
	pid_t pid[3];

	for (int i = 0; i < 3; i++) {
		IN_CHILD(pid[i]) {
			OK(wait_requeue(&word[0], 0, NULL, &word[1]));
			EXPECT_EQ(word[1] & FUTEX_TID_MASK, gettid_());
			OK(unlock_pi(&word[1]));
		}
		wait_until_sleeping(pid[i]);
	}
	EXPECT_ERR(futex(&word[0], FUTEX_WAKE, 1, NULL, NULL, 0), EINVAL);
	EXPECT_ERR(futex(&word[0], FUTEX_CMP_REQUEUE, 0, (void *)1L, &word[2],
			 0), EINVAL);
	EXPECT_ERR(requeue(&word[0], 1, 1, &word[2], 0), EINVAL);
	EXPECT_EQ(requeue(&word[0], 1, 100, &word[1], 0), 3);
	for (int i = 0; i < 3; i++)
		EXPECT_EXIT(pid[i], 0);
	EXPECT_EQ(word[1], 0);
	OK(munmap(word, 4096));
}

TEST(requeued_to_a_lock_that_is_held)
{
	uint32_t *word = share();
	pid_t pid[2];

	OK(lock_pi(&word[1]));
	for (int i = 0; i < 2; i++) {
		IN_CHILD(pid[i]) {
			OK(wait_requeue(&word[0], 0, NULL, &word[1]));
			EXPECT_EQ(word[1] & FUTEX_TID_MASK, gettid_());
			OK(unlock_pi(&word[1]));
		}
		wait_until_sleeping(pid[i]);
	}
	EXPECT_EQ(requeue(&word[0], 1, 0, &word[1], 0), 1);
	EXPECT_EQ(requeue(&word[0], 1, 0, &word[1], 0), 1);
	EXPECT_EQ(requeue(&word[0], 1, 0, &word[1], 0), 0);
	OK(unlock_pi(&word[1]));
	for (int i = 0; i < 2; i++)
		EXPECT_EXIT(pid[i], 0);
	OK(munmap(word, 4096));
}

/* ---- glibc -------------------------------------------------------------- */

static pthread_mutex_t mutex;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int ready, turns;

static void *take_turns(void *arg)
{
	for (int i = 0; i < 50; i++) {
		EXPECT_EQ(pthread_mutex_lock(&mutex), 0);
		while (!ready)
			EXPECT_EQ(pthread_cond_wait(&cond, &mutex), 0);
		turns++;
		EXPECT_EQ(pthread_mutex_unlock(&mutex), 0);
		sched_yield();
	}
	return arg;
}

TEST(glibc_inheriting_mutexes_and_conditions)
{
	pthread_mutexattr_t attr;
	pthread_t thread[4];

	EXPECT_EQ(pthread_mutexattr_init(&attr), 0);
	EXPECT_EQ(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT),
		  0);
	EXPECT_EQ(pthread_mutex_init(&mutex, &attr), 0);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(pthread_create(&thread[i], NULL, take_turns, NULL),
			  0);
	EXPECT_EQ(pthread_mutex_lock(&mutex), 0);
	ready = 1;
	EXPECT_EQ(pthread_cond_broadcast(&cond), 0);
	EXPECT_EQ(pthread_mutex_unlock(&mutex), 0);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(pthread_join(thread[i], NULL), 0);
	EXPECT_EQ(turns, 200);
	EXPECT_EQ(pthread_mutex_destroy(&mutex), 0);
}
