/* futex_waitv(2): sleeping on many words at once. */
#include "test.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <time.h>

#define PAGE	4096
#define BAD	((void *)-PAGE)

static long waitv(void *waiters, unsigned nr, unsigned flags,
		  const void *timeout, int clock)
{
	return syscall(SYS_futex_waitv, waiters, nr, flags, timeout, clock);
}

static long wake(uint32_t *word, int nr)
{
	return syscall(SYS_futex, word, FUTEX_WAKE, nr, NULL, NULL, 0);
}

static uint32_t *shared_page(void)
{
	return OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

static struct futex_waitv on(void *word, uint64_t val)
{
	return (struct futex_waitv){
		.uaddr = (uintptr_t)word, .val = val, .flags = FUTEX_32,
	};
}

/* A child asleep on the first @nr words; it exits with which one it was. */
static pid_t waiter(uint32_t *words, unsigned nr)
{
	pid_t pid = OK(fork());

	if (pid == 0) {
		struct futex_waitv v[FUTEX_WAITV_MAX];

		for (unsigned i = 0; i < nr; i++)
			v[i] = on(words + i, words[i]);
		_exit((int)OK(waitv(v, nr, 0, NULL, 0)));
	}
	wait_until_sleeping(pid);
	return pid;
}

TEST(errors)
{
	const struct timespec wrong = { 0, -1 }, ok = { 0, 1 };
	uint32_t words[2] = {};
	struct futex_waitv v[2] = { on(words, 0), on(words + 1, 0) }, w;
	static struct futex_waitv many[FUTEX_WAITV_MAX + 1];

	EXPECT_ERR(waitv(v, 2, 1, NULL, 0), EINVAL);
	EXPECT_ERR(waitv(v, 0, 0, NULL, 0), EINVAL);
	EXPECT_ERR(waitv(NULL, 1, 0, NULL, 0), EINVAL);
	EXPECT_ERR(waitv(many, FUTEX_WAITV_MAX + 1, 0, NULL, 0), EINVAL);
	EXPECT_ERR(waitv(BAD, 1, 0, NULL, 0), EFAULT);
	EXPECT_ERR(waitv(v, 2, 0, &ok, CLOCK_BOOTTIME), EINVAL);
	EXPECT_ERR(waitv(v, 2, 0, &ok, -1), EINVAL);
	EXPECT_ERR(waitv(v, 2, 0, &wrong, CLOCK_MONOTONIC), EINVAL);
	EXPECT_ERR(waitv(v, 2, 0, BAD, CLOCK_MONOTONIC), EFAULT);

	w = v[1];
	v[1].__reserved = 1;
	EXPECT_ERR(waitv(v, 2, 0, NULL, 0), EINVAL);
	v[1] = w;
	v[1].flags = 0;			/* no size given */
	EXPECT_ERR(waitv(v, 2, 0, NULL, 0), EINVAL);
	v[1].flags = FUTEX_32 | 1;
	EXPECT_ERR(waitv(v, 2, 0, NULL, 0), EINVAL);
	v[1].flags = FUTEX_32 | FUTEX_CLOCK_REALTIME;
	EXPECT_ERR(waitv(v, 2, 0, NULL, 0), EINVAL);
	v[1] = on((char *)words + 1, 0);
	EXPECT_ERR(waitv(v, 2, 0, NULL, 0), EINVAL);
	v[1] = on(BAD, 0);
	EXPECT_ERR(waitv(v, 2, 0, NULL, 0), EFAULT);
	v[1] = on(NULL, 0);
	EXPECT_ERR(waitv(v, 2, 0, NULL, 0), EFAULT);
	v[1].flags |= FUTEX_PRIVATE_FLAG;
	EXPECT_ERR(waitv(v, 2, 0, NULL, 0), EFAULT);
}

TEST(one_other_value_is_enough)
{
	uint32_t words[2] = { 1, 2 };
	struct futex_waitv v[2] = { on(words, 1), on(words + 1, 3) };

	EXPECT_ERR(waitv(v, 2, 0, NULL, 0), EAGAIN);
	v[0].val = 0;
	EXPECT_ERR(waitv(v, 2, 0, NULL, 0), EAGAIN);
	/* Nothing of the failed call is left behind. */
	EXPECT_EQ(wake(words, 9), 0);
	EXPECT_EQ(wake(words + 1, 9), 0);
}

TEST(time_passes_on_both_clocks)
{
	static const int clocks[] = { CLOCK_MONOTONIC, CLOCK_REALTIME };
	uint32_t words[2] = {};
	struct futex_waitv v[2] = { on(words, 0), on(words + 1, 0) };

	for (int i = 0; i < 2; i++) {
		struct timespec then, now, past = { 0, 1 };

		OK(clock_gettime(clocks[i], &then));
		then.tv_nsec += 10000000;
		if (then.tv_nsec >= 1000000000) {
			then.tv_nsec -= 1000000000;
			then.tv_sec++;
		}
		EXPECT_ERR(waitv(v, 2, 0, &then, clocks[i]), ETIMEDOUT);
		OK(clock_gettime(clocks[i], &now));
		EXPECT(now.tv_sec > then.tv_sec ||
		       (now.tv_sec == then.tv_sec &&
			now.tv_nsec >= then.tv_nsec));
		EXPECT_ERR(waitv(v, 2, 0, &past, clocks[i]), ETIMEDOUT);
	}
}

TEST(it_tells_which_word)
{
	uint32_t *words = shared_page();

	for (int i = 0; i < 3; i++) {
		pid_t pid = waiter(words, 3);

		EXPECT_EQ(wake(words + i, 9), 1);
		EXPECT_EXIT(pid, i);
		for (int k = 0; k < 3; k++)
			EXPECT_EQ(wake(words + k, 9), 0);
	}
	OK(munmap(words, PAGE));
}

TEST(as_many_as_are_allowed)
{
	uint32_t *words = shared_page();
	pid_t pid = waiter(words, FUTEX_WAITV_MAX);

	EXPECT_EQ(wake(words + FUTEX_WAITV_MAX - 1, 1), 1);
	EXPECT_EXIT(pid, FUTEX_WAITV_MAX - 1);
	OK(munmap(words, PAGE));
}

/* Two entries of the same word: the later is told of. */
TEST(the_same_word_twice)
{
	uint32_t *words = shared_page();
	pid_t pid = OK(fork());

	if (pid == 0) {
		struct futex_waitv v[3] = {
			on(words, 0), on(words + 1, 0), on(words, 0)
		};

		_exit((int)OK(waitv(v, 3, 0, NULL, 0)));
	}
	wait_until_sleeping(pid);
	EXPECT_EQ(wake(words, 2), 2);
	int status = wait_status(pid);
	EXPECT(WIFEXITED(status));
	EXPECT(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 2);
	OK(munmap(words, PAGE));
}

/* Such a waiter is one of the many: it can be moved, and waits its turn. */
TEST(beside_other_waiters)
{
	uint32_t *words = shared_page();
	pid_t first = waiter(words, 2), second = waiter(words, 2);

	EXPECT_EQ(syscall(SYS_futex, words, FUTEX_REQUEUE, 0, 9L, words + 8,
			  0), 2);
	EXPECT_EQ(wake(words, 9), 0);
	EXPECT_EQ(wake(words + 8, 1), 1);
	EXPECT_EXIT(first, 0);
	EXPECT_EQ(wake(words + 1, 9), 1);
	EXPECT_EXIT(second, 1);
	EXPECT_EQ(wake(words + 8, 9), 0);
	OK(munmap(words, PAGE));
}

static volatile sig_atomic_t handled;

static void on_signal(int sig)
{
	(void)sig;
	handled++;
}

/* A signal's handler ends the wait, or, with SA_RESTART, does not. */
TEST(signals)
{
	uint32_t *words = shared_page();

	for (int restart = 0; restart <= 1; restart++) {
		pid_t pid = OK(fork());

		if (pid == 0) {
			struct sigaction sa = {
				.sa_handler = on_signal,
				.sa_flags = restart ? SA_RESTART : 0,
			};
			struct futex_waitv v[2] = {
				on(words, 0), on(words + 1, 0)
			};

			OK(sigaction(SIGUSR1, &sa, NULL));
			long ret = waitv(v, 2, 0, NULL, 0);
			EXPECT_EQ(handled, 1);
			if (!restart)
				EXPECT(ret == -1 && errno == EINTR);
			_exit(restart ? (int)ret : 5);
		}
		wait_until_sleeping(pid);
		OK(kill(pid, SIGUSR1));
		if (restart) {
			/* It is not there while its handler runs. */
			while (wake(words + 1, 1) == 0)
				sched_yield();
		}
		EXPECT_EXIT(pid, restart ? 1 : 5);
	}
	OK(munmap(words, PAGE));
}

TEST(killed_while_waiting)
{
	uint32_t *words = shared_page();
	pid_t pid = waiter(words, 5);

	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	for (int i = 0; i < 5; i++)
		EXPECT_EQ(wake(words + i, 9), 0);
	OK(munmap(words, PAGE));
}

/* Wakers on every word at once: none is lost, none counts twice. */
TEST(many_wakers)
{
	enum { WORDS = 4, ROUNDS = 200 };
	uint32_t *words = shared_page();
	pid_t wakers[WORDS], pid;

	IN_CHILD(pid) {
		struct futex_waitv v[WORDS];
		unsigned done = 0;

		while (done < WORDS * ROUNDS) {
			done = 0;
			for (int i = 0; i < WORDS; i++) {
				uint32_t now;

				now = __atomic_load_n(words + i,
						      __ATOMIC_ACQUIRE);
				v[i] = on(words + i, now);
				done += now;
			}
			if (done == WORDS * ROUNDS)
				break;
			long got = waitv(v, WORDS, 0, NULL, 0);
			if (got < 0)
				EXPECT_EQ(errno, EAGAIN);
			else
				EXPECT(words[got] != v[got].val);
		}
	}
	for (int i = 0; i < WORDS; i++) {
		IN_CHILD(wakers[i])
			for (int n = 0; n < ROUNDS; n++) {
				__atomic_add_fetch(words + i, 1,
						   __ATOMIC_RELEASE);
				wake(words + i, 1);
			}
	}
	for (int i = 0; i < WORDS; i++)
		EXPECT_EXIT(wakers[i], 0);
	EXPECT_EXIT(pid, 0);
	OK(munmap(words, PAGE));
}
