/* What glibc's threads promise, with what they ask of the kernel for it. */
#include "test.h"

#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <time.h>

#define ZERO(call)	EXPECT_EQ(call, 0)

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int counter;

static void *count(void *arg)
{
	for (int i = 0; i < 1000; i++) {
		ZERO(pthread_mutex_lock(&mutex));
		counter++;
		ZERO(pthread_mutex_unlock(&mutex));
	}
	return arg;
}

TEST(create_join_and_results)
{
	pthread_t thread[8];
	void *result;

	for (long i = 0; i < 8; i++)
		ZERO(pthread_create(&thread[i], NULL, count, (void *)i));
	for (long i = 0; i < 8; i++) {
		ZERO(pthread_join(thread[i], &result));
		EXPECT_EQ((long)result, i);
	}
	EXPECT_EQ(counter, 8000);
}

/* ---- cancellation ------------------------------------------------------- */

static int cleaned, fds[2];

static void clean(void *arg)
{
	cleaned += (long)arg;
}

static void *read_for_ever(void *arg)
{
	char c;

	pthread_cleanup_push(clean, (void *)1L);
	(void)!read(fds[0], &c, 1);
	pthread_cleanup_pop(0);
	return arg;
}

static void unlock(void *arg)
{
	ZERO(pthread_mutex_unlock(arg));
}

static void *wait_for_ever(void *arg)
{
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, &mutex);
	for (;;)
		pthread_cond_wait(&cond, &mutex);
	pthread_cleanup_pop(0);
	return arg;
}

static void *spin_for_ever(void *arg)
{
	ZERO(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL));
	for (;;)
		counter++;
	return arg;
}

static void *sleep_for_ever(void *arg)
{
	for (;;)
		sleep(1000);
	return arg;
}

TEST(cancellation)
{
	static void *(*const bodies[])(void *) = {
		read_for_ever, wait_for_ever, spin_for_ever, sleep_for_ever,
	};

	OK(pipe(fds));
	cleaned = 0;
	for (int round = 0; round < 5; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
			pthread_t thread;
			void *result;

			ZERO(pthread_create(&thread, NULL, bodies[i], NULL));
			for (int n = 0; n < round; n++)
				sched_yield();
			ZERO(pthread_cancel(thread));
			ZERO(pthread_join(thread, &result));
			EXPECT(result == PTHREAD_CANCELED);
		}
	}
	/* The mutex was let go of each time. */
	ZERO(pthread_mutex_lock(&mutex));
	ZERO(pthread_mutex_unlock(&mutex));
	OK(close(fds[0]));
	OK(close(fds[1]));
}

/* ---- barriers, semaphores, once, rwlocks -------------------------------- */

static pthread_barrier_t barrier;
static int serial, phase[4];

static void *meet(void *arg)
{
	long me = (long)arg;

	for (int i = 1; i <= 50; i++) {
		phase[me] = i;
		if (pthread_barrier_wait(&barrier) ==
		    PTHREAD_BARRIER_SERIAL_THREAD)
			__atomic_fetch_add(&serial, 1, __ATOMIC_SEQ_CST);
		for (int n = 0; n < 4; n++)
			EXPECT(phase[n] >= i);
		pthread_barrier_wait(&barrier);
	}
	return NULL;
}

TEST(barriers)
{
	pthread_t thread[4];

	ZERO(pthread_barrier_init(&barrier, NULL, 4));
	for (long i = 0; i < 4; i++)
		ZERO(pthread_create(&thread[i], NULL, meet, (void *)i));
	for (int i = 0; i < 4; i++)
		ZERO(pthread_join(thread[i], NULL));
	EXPECT_EQ(serial, 50);
	ZERO(pthread_barrier_destroy(&barrier));
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static volatile int written[2];

static void *read_or_write(void *arg)
{
	for (int i = 0; i < 200; i++) {
		if (arg) {
			ZERO(pthread_rwlock_wrlock(&rwlock));
			written[0]++;
			written[1]++;
		} else {
			ZERO(pthread_rwlock_rdlock(&rwlock));
			EXPECT_EQ(written[0], written[1]);
		}
		ZERO(pthread_rwlock_unlock(&rwlock));
	}
	return NULL;
}

TEST(readers_and_writers)
{
	pthread_t thread[6];

	for (long i = 0; i < 6; i++)
		ZERO(pthread_create(&thread[i], NULL, read_or_write,
				    (void *)(i % 3 ? 0 : 1L)));
	for (int i = 0; i < 6; i++)
		ZERO(pthread_join(thread[i], NULL));
	EXPECT_EQ(written[0], 400);
}

TEST(semaphores_between_processes)
{
	sem_t *sem = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	pid_t pid;

	OK(sem_init(&sem[0], 1, 0));
	OK(sem_init(&sem[1], 1, 0));
	IN_CHILD(pid) {
		for (int i = 0; i < 100; i++) {
			OK(sem_wait(&sem[0]));
			OK(sem_post(&sem[1]));
		}
	}
	for (int i = 0; i < 100; i++) {
		OK(sem_post(&sem[0]));
		OK(sem_wait(&sem[1]));
	}
	EXPECT_EXIT(pid, 0);
	OK(munmap(sem, 4096));
}

/* ---- time --------------------------------------------------------------- */

TEST(conditions_time_out_by_both_clocks)
{
	static const clockid_t clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC };

	for (int i = 0; i < 2; i++) {
		pthread_condattr_t attr;
		pthread_cond_t timed;
		struct timespec until, now;

		ZERO(pthread_condattr_init(&attr));
		ZERO(pthread_condattr_setclock(&attr, clocks[i]));
		ZERO(pthread_cond_init(&timed, &attr));
		OK(clock_gettime(clocks[i], &until));
		until.tv_nsec += 20000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_sec++;
			until.tv_nsec -= 1000000000;
		}
		ZERO(pthread_mutex_lock(&mutex));
		EXPECT_EQ(pthread_cond_timedwait(&timed, &mutex, &until),
			  ETIMEDOUT);
		ZERO(pthread_mutex_unlock(&mutex));
		OK(clock_gettime(clocks[i], &now));
		EXPECT(now.tv_sec > until.tv_sec ||
		       (now.tv_sec == until.tv_sec &&
			now.tv_nsec >= until.tv_nsec));
		ZERO(pthread_cond_destroy(&timed));
	}
}

/* ---- robust ------------------------------------------------------------- */

static void robust_init(pthread_mutex_t *m, int protocol)
{
	pthread_mutexattr_t attr;

	ZERO(pthread_mutexattr_init(&attr));
	ZERO(pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED));
	ZERO(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST));
	ZERO(pthread_mutexattr_setprotocol(&attr, protocol));
	ZERO(pthread_mutex_init(m, &attr));
}

/* The owner is killed while another process waits; that one repairs. */
static void kill_the_owner(int protocol)
{
	pthread_mutex_t *m = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	struct event held, end;
	pid_t owner, waiter;

	event_init(&held);
	event_init(&end);
	robust_init(m, protocol);
	IN_CHILD(owner) {
		ZERO(pthread_mutex_lock(m));
		event_signal(&held);
		event_wait(&end);
	}
	event_wait(&held);
	EXPECT_EQ(pthread_mutex_trylock(m), EBUSY);
	IN_CHILD(waiter) {
		EXPECT_EQ(pthread_mutex_lock(m), EOWNERDEAD);
		ZERO(pthread_mutex_consistent(m));
		ZERO(pthread_mutex_unlock(m));
	}
	wait_until_sleeping(waiter);
	OK(kill(owner, SIGKILL));
	EXPECT_KILLED(owner, SIGKILL);
	EXPECT_EXIT(waiter, 0);
	ZERO(pthread_mutex_lock(m));
	ZERO(pthread_mutex_unlock(m));
	event_close(&held);
	event_close(&end);
	OK(munmap(m, 4096));
}

TEST(robust_mutex_between_processes)
{
	kill_the_owner(PTHREAD_PRIO_NONE);
}

TEST(robust_inheriting_mutex_between_processes)
{
	kill_the_owner(PTHREAD_PRIO_INHERIT);
}

/* Not repaired, it is of no use to anybody any more. */
TEST(robust_mutex_that_is_given_up)
{
	pthread_mutex_t *m = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	pid_t owner;

	robust_init(m, PTHREAD_PRIO_NONE);
	IN_CHILD(owner)
		ZERO(pthread_mutex_lock(m));
	EXPECT_EXIT(owner, 0);
	EXPECT_EQ(pthread_mutex_lock(m), EOWNERDEAD);
	ZERO(pthread_mutex_unlock(m));
	EXPECT_EQ(pthread_mutex_lock(m), ENOTRECOVERABLE);
	OK(munmap(m, 4096));
}

/* ---- signals to threads ------------------------------------------------- */

static pthread_t seen_by;

static void note_thread(int sig)
{
	(void)sig;
	seen_by = pthread_self();
}

TEST(pthread_kill_reaches_its_thread)
{
	struct sigaction action = { .sa_handler = note_thread };
	pthread_t thread;

	OK(sigaction(SIGUSR1, &action, NULL));
	ZERO(pthread_create(&thread, NULL, sleep_for_ever, NULL));
	ZERO(pthread_kill(thread, SIGUSR1));
	while (!__atomic_load_n(&seen_by, __ATOMIC_ACQUIRE))
		sched_yield();
	EXPECT(pthread_equal(seen_by, thread));
	ZERO(pthread_cancel(thread));
	ZERO(pthread_join(thread, NULL));
}
