/*
 * Futexes: waiting, waking and moving. Errors, bit sets, both clocks, who is
 * woken first, what is moved, and which words are the same word.
 */
#include "test.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <time.h>

#define PAGE	4096
#define BAD	((void *)-PAGE)
#define ANY_BITS	FUTEX_BITSET_MATCH_ANY

static long fx(void *word, int op, unsigned val, const void *arg, void *word2,
	       unsigned val3)
{
	return syscall(SYS_futex, word, op, val, arg, word2, val3);
}

static long wake(void *word, int nr)
{
	return fx(word, FUTEX_WAKE, nr, NULL, NULL, 0);
}

static uint32_t *shared_page(void)
{
	return OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

/* A child asleep on *@word with @bits; it exits with 0 when it is woken. */
static pid_t waiter(uint32_t *word, unsigned bits)
{
	pid_t pid;

	IN_CHILD(pid)
		EXPECT_EQ(fx(word, FUTEX_WAIT_BITSET, 0, NULL, NULL, bits), 0);
	wait_until_sleeping(pid);
	return pid;
}

static struct timespec soon(clockid_t clock, long ns)
{
	struct timespec ts;

	OK(clock_gettime(clock, &ts));
	ts.tv_nsec += ns;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	return ts;
}

static bool reached(clockid_t clock, const struct timespec *then)
{
	struct timespec now;

	OK(clock_gettime(clock, &now));
	return now.tv_sec > then->tv_sec || (now.tv_sec == then->tv_sec &&
					     now.tv_nsec >= then->tv_nsec);
}

/* ---- errors ---- */

TEST(operations_there_are_not)
{
	uint32_t word = 0;

	EXPECT_ERR(fx(&word, 2, 0, NULL, NULL, 0), ENOSYS);	/* FUTEX_FD */
	EXPECT_ERR(fx(&word, 14, 0, NULL, NULL, 0), ENOSYS);
	EXPECT_ERR(fx(&word, 127, 0, NULL, NULL, 0), ENOSYS);
	/* Only absolute times are on a clock of one's choice. */
	EXPECT_ERR(fx(&word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 1, NULL, NULL,
		      0), ENOSYS);
	EXPECT_ERR(fx(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL,
		      0), ENOSYS);
	EXPECT_ERR(fx(&word, FUTEX_CMP_REQUEUE | FUTEX_CLOCK_REALTIME, 1, NULL,
		      &word, 0), ENOSYS);
}

TEST(words_that_are_none)
{
	char *page = OK(mmap(NULL, PAGE, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	uint32_t words[2] = {};
	void *crooked = (char *)words + 2;

	for (int private = 0; private <= 128; private += 128) {
		EXPECT_ERR(fx(crooked, FUTEX_WAIT | private, 0, NULL, NULL, 0),
			   EINVAL);
		EXPECT_ERR(fx(crooked, FUTEX_WAKE | private, 1, NULL, NULL, 0),
			   EINVAL);
		EXPECT_ERR(fx(words, FUTEX_REQUEUE | private, 1, (void *)1,
			      crooked, 0), EINVAL);
		EXPECT_ERR(fx(BAD, FUTEX_WAIT | private, 0, NULL, NULL, 0),
			   EFAULT);
		EXPECT_ERR(fx(BAD, FUTEX_WAKE | private, 1, NULL, NULL, 0),
			   EFAULT);
		EXPECT_ERR(fx(page, FUTEX_WAIT | private, 0, NULL, NULL, 0),
			   EFAULT);
		EXPECT_ERR(fx(page, FUTEX_CMP_REQUEUE | private, 1, (void *)1,
			      words, 0), EFAULT);
	}
	OK(munmap(page, PAGE));
	EXPECT_ERR(fx(page, FUTEX_WAIT, 0, NULL, NULL, 0), EFAULT);
	EXPECT_ERR(fx(page, FUTEX_WAKE, 1, NULL, NULL, 0), EFAULT);
	EXPECT_ERR(fx(NULL, FUTEX_WAKE, 1, NULL, NULL, 0), EFAULT);
	/* Of a private word nothing is known but its address. */
	EXPECT_EQ(fx(page, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 0);
	EXPECT_EQ(fx(NULL, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 0);
}

TEST(another_value_is_eagain)
{
	uint32_t word = 5;

	EXPECT_ERR(fx(&word, FUTEX_WAIT, 4, NULL, NULL, 0), EAGAIN);
	EXPECT_ERR(fx(&word, FUTEX_WAIT_PRIVATE, 4, NULL, NULL, 0), EAGAIN);
	EXPECT_ERR(fx(&word, FUTEX_WAIT_BITSET, 4, NULL, NULL, 1), EAGAIN);
	EXPECT_ERR(fx(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &word, 4),
		   EAGAIN);
}

TEST(a_set_without_bits)
{
	uint32_t word = 0;

	EXPECT_ERR(fx(&word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0), EINVAL);
	EXPECT_ERR(fx(&word, FUTEX_WAIT_BITSET, 9, NULL, NULL, 0), EINVAL);
	EXPECT_ERR(fx(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0), EINVAL);
}

TEST(times_that_are_none)
{
	static const struct timespec wrong[] = {
		{ 0, 1000000000 }, { 0, -1 }, { -1, 0 },
	};
	uint32_t word = 0;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_ERR(fx(&word, FUTEX_WAIT, 0, &wrong[i], NULL, 0),
			   EINVAL);
		EXPECT_ERR(fx(&word, FUTEX_WAIT_BITSET, 0, &wrong[i], NULL, 1),
			   EINVAL);
		EXPECT_ERR(fx(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME,
			      0, &wrong[i], NULL, 1), EINVAL);
	}
	EXPECT_ERR(fx(&word, FUTEX_WAIT, 0, BAD, NULL, 0), EFAULT);
	/* The time is looked at before the word. */
	EXPECT_ERR(fx(BAD, FUTEX_WAIT, 0, &wrong[0], NULL, 0), EINVAL);
}

/* ---- time ---- */

TEST(a_relative_wait_ends)
{
	const struct timespec ten_ms = { 0, 10000000 }, none = {};
	struct timespec then = soon(CLOCK_MONOTONIC, 10000000);
	uint32_t word = 0;

	EXPECT_ERR(fx(&word, FUTEX_WAIT, 0, &ten_ms, NULL, 0), ETIMEDOUT);
	EXPECT(reached(CLOCK_MONOTONIC, &then));
	EXPECT_ERR(fx(&word, FUTEX_WAIT_PRIVATE, 0, &none, NULL, 0),
		   ETIMEDOUT);
}

TEST(an_absolute_wait_ends_by_either_clock)
{
	static const struct {
		clockid_t	clock;
		int		flag;
	} by[] = {
		{ CLOCK_MONOTONIC, 0 },
		{ CLOCK_REALTIME, FUTEX_CLOCK_REALTIME },
	};
	static const struct timespec past = { 0, 1 };
	uint32_t word = 0;

	for (size_t i = 0; i < ARRAY_SIZE(by); i++) {
		struct timespec then = soon(by[i].clock, 10000000);
		int op = FUTEX_WAIT_BITSET | by[i].flag;

		EXPECT_ERR(fx(&word, op, 0, &then, NULL, ANY_BITS), ETIMEDOUT);
		EXPECT(reached(by[i].clock, &then));
		EXPECT_ERR(fx(&word, op, 0, &past, NULL, ANY_BITS), ETIMEDOUT);
		EXPECT_ERR(fx(&word, op, 1, &past, NULL, ANY_BITS), EAGAIN);
	}
}

/* The end of time is far away, not in the past. */
TEST(very_long_waits)
{
	static const struct timespec ever = { INT64_MAX, 999999999 };
	static const int ops[] = {
		FUTEX_WAIT, FUTEX_WAIT_BITSET,
		FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME,
	};
	uint32_t *word = shared_page();
	pid_t pid;

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		IN_CHILD(pid)
			EXPECT_EQ(fx(word, ops[i], 0, &ever, NULL, ANY_BITS),
				  0);
		wait_until_sleeping(pid);
		EXPECT_EQ(wake(word, 1), 1);
		EXPECT_EXIT(pid, 0);
	}
	OK(munmap(word, PAGE));
}

/* ---- who is woken ---- */

TEST(who_waits_longest_is_woken_first)
{
	uint32_t *word = shared_page();
	pid_t pids[4];

	for (int i = 0; i < 4; i++)
		pids[i] = waiter(word, ANY_BITS);
	EXPECT_EQ(wake(word, 1), 1);
	EXPECT_EXIT(pids[0], 0);
	EXPECT_EQ(wake(word, 0), 1);		/* none is one */
	EXPECT_EXIT(pids[1], 0);
	EXPECT_EQ(wake(word, INT32_MAX), 2);
	EXPECT_EXIT(pids[2], 0);
	EXPECT_EXIT(pids[3], 0);
	EXPECT_EQ(wake(word, 1), 0);
	EXPECT_EQ(wake(word + 1, 1), 0);
	OK(munmap(word, PAGE));
}

TEST(bits_select_the_waiters)
{
	uint32_t *word = shared_page();
	pid_t one = waiter(word, 1), two = waiter(word, 2);
	pid_t six = waiter(word, 6);

	EXPECT_EQ(fx(word, FUTEX_WAKE_BITSET, 9, NULL, NULL, 8), 0);
	EXPECT_EQ(fx(word, FUTEX_WAKE_BITSET, 9, NULL, NULL, 4), 1);
	EXPECT_EXIT(six, 0);
	EXPECT_EQ(fx(word, FUTEX_WAKE_BITSET, 9, NULL, NULL, 0x80000002), 1);
	EXPECT_EXIT(two, 0);
	EXPECT_EQ(wake(word, 9), 1);		/* all bits */
	EXPECT_EXIT(one, 0);
	OK(munmap(word, PAGE));
}

/* ---- moving ---- */

TEST(requeue_checks_its_counts)
{
	uint32_t words[2] = {};

	EXPECT_ERR(fx(words, FUTEX_REQUEUE, -1, (void *)1, words + 1, 0),
		   EINVAL);
	EXPECT_ERR(fx(words, FUTEX_REQUEUE, 1, (void *)-1L, words + 1, 0),
		   EINVAL);
	EXPECT_ERR(fx(words, FUTEX_CMP_REQUEUE, -1, (void *)1, words + 1, 0),
		   EINVAL);
	EXPECT_ERR(fx(words, FUTEX_REQUEUE, 1, (void *)1, BAD, 0), EFAULT);
	EXPECT_ERR(fx(BAD, FUTEX_REQUEUE, 1, (void *)1, words, 0), EFAULT);
	EXPECT_EQ(fx(words, FUTEX_REQUEUE, 0, (void *)0, words + 1, 0), 0);
	EXPECT_EQ(fx(words, FUTEX_REQUEUE, 1, (void *)1, words, 0), 0);
}

TEST(some_are_woken_and_some_moved)
{
	uint32_t *word = shared_page(), *other = word + 512;
	pid_t pids[5];

	for (int i = 0; i < 5; i++)
		pids[i] = waiter(word, ANY_BITS);
	*word = 7;
	EXPECT_ERR(fx(word, FUTEX_CMP_REQUEUE, 1, (void *)2, other, 0),
		   EAGAIN);
	EXPECT_EQ(fx(word, FUTEX_CMP_REQUEUE, 1, (void *)2, other, 7), 3);
	EXPECT_EXIT(pids[0], 0);
	/* Two are at the other word now, and two where they were. */
	EXPECT_EQ(wake(other, 1), 1);
	EXPECT_EXIT(pids[1], 0);
	EXPECT_EQ(fx(word, FUTEX_REQUEUE, 0, (void *)9, other, 0), 2);
	EXPECT_EQ(wake(word, 9), 0);
	EXPECT_EQ(wake(other, 9), 3);
	for (int i = 2; i < 5; i++)
		EXPECT_EXIT(pids[i], 0);
	OK(munmap(word, PAGE));
}

TEST(moved_to_where_it_is)
{
	uint32_t *word = shared_page();
	pid_t pid = waiter(word, ANY_BITS);

	EXPECT_EQ(fx(word, FUTEX_REQUEUE, 0, (void *)1, word, 0), 1);
	EXPECT_EQ(wake(word, 1), 1);
	EXPECT_EXIT(pid, 0);
	OK(munmap(word, PAGE));
}

/* The moved keep what they wait with: bits, time, and SIGKILL. */
TEST(a_moved_waiter_is_still_itself)
{
	uint32_t *word = shared_page(), *other = word + 1;
	pid_t bits = waiter(word, 2), killed = waiter(word, 4), timed;

	IN_CHILD(timed) {
		struct timespec then = soon(CLOCK_MONOTONIC, 300000000);

		EXPECT_ERR(fx(word, FUTEX_WAIT_BITSET, 0, &then, NULL, 8),
			   ETIMEDOUT);
	}
	wait_until_sleeping(timed);
	OK(fx(word, FUTEX_REQUEUE, 0, (void *)3, other, 0));
	EXPECT_EQ(fx(other, FUTEX_WAKE_BITSET, 9, NULL, NULL, 1), 0);
	OK(kill(killed, SIGKILL));
	EXPECT_KILLED(killed, SIGKILL);
	EXPECT_EQ(fx(other, FUTEX_WAKE_BITSET, 9, NULL, NULL, 2), 1);
	EXPECT_EXIT(bits, 0);
	EXPECT_EXIT(timed, 0);
	EXPECT_EQ(wake(other, 9), 0);
	OK(munmap(word, PAGE));
}

/* ---- which words are one ---- */

struct thread_wait {
	uint32_t	*word;
	int		op;
	pid_t		tid;
};

static void *wait_in_thread(void *arg)
{
	struct thread_wait *w = arg;

	__atomic_store_n(&w->tid, gettid(), __ATOMIC_RELEASE);
	return (void *)fx(w->word, w->op, 0, NULL, NULL, ANY_BITS);
}

static pthread_t start_wait(struct thread_wait *w)
{
	pthread_t thread;

	EXPECT_EQ(pthread_create(&thread, NULL, wait_in_thread, w), 0);
	while (!__atomic_load_n(&w->tid, __ATOMIC_ACQUIRE))
		sched_yield();
	wait_until_sleeping(w->tid);
	return thread;
}

TEST(private_and_shared_do_not_meet)
{
	static uint32_t word;
	struct thread_wait private = { &word, FUTEX_WAIT_PRIVATE, 0 };
	struct thread_wait shared = { &word, FUTEX_WAIT, 0 };
	pthread_t first = start_wait(&private);
	void *result;

	EXPECT_EQ(wake(&word, 9), 0);
	pthread_t second = start_wait(&shared);
	EXPECT_EQ(fx(&word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 1);
	EXPECT_EQ(pthread_join(first, &result), 0);
	EXPECT_EQ((long)result, 0);
	EXPECT_EQ(wake(&word, 9), 1);
	EXPECT_EQ(pthread_join(second, &result), 0);
	EXPECT_EQ((long)result, 0);
}

/* Private to the process, even where the memory is not. */
TEST(private_ends_at_the_process)
{
	uint32_t *word = shared_page();
	pid_t pid;

	IN_CHILD(pid)
		fx(word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	wait_until_sleeping(pid);
	EXPECT_EQ(wake(word, 9), 0);
	EXPECT_EQ(fx(word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 0);
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	OK(munmap(word, PAGE));
}

/* After fork the private memory of two processes is two memories. */
TEST(private_memory_is_not_shared_by_fork)
{
	static uint32_t word;
	pid_t pid;

	IN_CHILD(pid)
		fx(&word, FUTEX_WAIT, 0, NULL, NULL, 0);
	wait_until_sleeping(pid);
	EXPECT_EQ(wake(&word, 9), 0);
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}

TEST(a_file_at_two_addresses)
{
	int fd = OK(open("words", O_CREAT | O_RDWR, 0600));
	uint32_t *here, *there;
	pid_t pid;

	OK(ftruncate(fd, 2 * PAGE));
	here = OK(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		       0));
	there = OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			PAGE));
	pid = waiter(here + PAGE / 4 + 3, ANY_BITS);
	EXPECT_EQ(wake(there + 2, 9), 0);
	EXPECT_EQ(wake(here + 3, 9), 0);
	EXPECT_EQ(wake(there + 3, 9), 1);
	EXPECT_EXIT(pid, 0);

	/* The mapping may go while somebody waits; the file is the key. */
	pid = waiter(here, ANY_BITS);
	OK(munmap(here, 2 * PAGE));
	here = OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	EXPECT_EQ(wake(here, 9), 1);
	EXPECT_EXIT(pid, 0);
	OK(munmap(here, PAGE));
	OK(munmap(there, PAGE));
	OK(close(fd));
}
