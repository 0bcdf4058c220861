/* Futexes beyond wait and wake: robust lists, and changing a word to wake. */
#include "test.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sys/mman.h>

#define OP(op, arg, cmp, cmp_arg) \
	((unsigned)(op) << 28 | (unsigned)(cmp) << 24 | \
	 ((unsigned)(arg) & 0xfff) << 12 | ((unsigned)(cmp_arg) & 0xfff))

static long wake_op(uint32_t *a, uint32_t *b, unsigned val3)
{
	return syscall(SYS_futex, a, FUTEX_WAKE_OP, 1, 1L, b, val3);
}

static long set_list(void *head, size_t len)
{
	return syscall(SYS_set_robust_list, head, len);
}

static long get_list(int pid, void *head, size_t *len)
{
	return syscall(SYS_get_robust_list, pid, head, len);
}

/* What a dying process and its survivor share. */
struct lock {
	struct robust_list	node;
	uint32_t		word;
};

struct shared {
	struct robust_list_head	head;
	struct lock		locks[3];
};

static struct shared *share(void)
{
	struct shared *s = OK(mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0));

	s->head.list.next = &s->head.list;
	s->head.futex_offset = offsetof(struct lock, word);
	return s;
}

static void unshare_it(struct shared *s)
{
	OK(munmap(s, sizeof(*s)));
}

TEST(robust_list_is_registered)
{
	static struct robust_list_head head;
	void *got;
	size_t len;

	EXPECT_ERR(set_list(&head, sizeof(head) - 1), EINVAL);
	EXPECT_ERR(set_list(&head, 0), EINVAL);
	head.list.next = &head.list;
	OK(set_list(&head, sizeof(head)));
	OK(get_list(0, &got, &len));
	EXPECT(got == &head);
	EXPECT_EQ(len, sizeof(head));
	OK(get_list(getpid(), &got, &len));
	EXPECT(got == &head);
	EXPECT_ERR(get_list(0, NULL, &len), EFAULT);
	EXPECT_ERR(get_list(0, &got, NULL), EFAULT);
	EXPECT_ERR(get_list(0x3ffffff, &got, &len), ESRCH);
	EXPECT_ERR(get_list(-1, &got, &len), ESRCH);
	/* Any address will do: it is looked at when the thread ends. */
	OK(set_list((void *)-4096L, sizeof(head)));
	OK(set_list(NULL, sizeof(head)));
}

TEST(robust_list_of_a_stranger_is_secret)
{
	pid_t pid, parent = getpid();

	IN_CHILD(pid) {
		void *got;
		size_t len;

		become_user(1000, 1000);
		EXPECT_ERR(get_list(parent, &got, &len), EPERM);
		OK(get_list(0, &got, &len));
	}
	EXPECT_EXIT(pid, 0);
}

static void hold_three_and_end(struct shared *s)
{
	uint32_t me = getpid();

	s->head.list.next = &s->locks[0].node;
	s->locks[0].node.next = &s->locks[1].node;
	s->locks[1].node.next = (void *)((uintptr_t)&s->locks[2].node | 1);
	s->locks[2].node.next = &s->head.list;
	s->locks[0].word = me;
	s->locks[1].word = 1;			/* another's */
	s->locks[2].word = me | FUTEX_WAITERS;	/* a PI lock */
	OK(set_list(&s->head, sizeof(s->head)));
}

static void check_three(struct shared *s)
{
	EXPECT_EQ(s->locks[0].word, FUTEX_OWNER_DIED);
	EXPECT_EQ(s->locks[1].word, 1);
	EXPECT_EQ(s->locks[2].word, FUTEX_OWNER_DIED | FUTEX_WAITERS);
}

TEST(robust_locks_are_released_by_exit)
{
	struct shared *s = share();
	pid_t pid;

	IN_CHILD(pid)
		hold_three_and_end(s);
	EXPECT_EXIT(pid, 0);
	check_three(s);
	unshare_it(s);
}

TEST(robust_locks_are_released_by_sigkill)
{
	struct shared *s = share();
	pid_t pid;

	IN_CHILD(pid) {
		hold_three_and_end(s);
		kill(getpid(), SIGKILL);
	}
	EXPECT_KILLED(pid, SIGKILL);
	check_three(s);
	unshare_it(s);
}

HELPER(futexes_after_exec)
{
	return 0;
}

TEST(robust_locks_are_released_by_exec)
{
	char *args[] = { HELPER_ARGV("futexes_after_exec"), NULL };
	struct shared *s = share();
	pid_t pid;

	IN_CHILD(pid) {
		hold_three_and_end(s);
		OK(execv(SELF, args));
	}
	EXPECT_EXIT(pid, 0);
	check_three(s);
	unshare_it(s);
}

TEST(robust_exit_wakes_a_waiter)
{
	struct shared *s = share();
	uint32_t *word = &s->locks[0].word;
	pid_t owner, waiter;
	struct event go;

	event_init(&go);
	IN_CHILD(owner) {
		*word = getpid() | FUTEX_WAITERS;
		s->head.list_op_pending = &s->locks[0].node;
		OK(set_list(&s->head, sizeof(s->head)));
		s->locks[1].word = 1;
		event_wait(&go);
	}
	while (!__atomic_load_n(&s->locks[1].word, __ATOMIC_ACQUIRE))
		sched_yield();
	IN_CHILD(waiter)
		EXPECT_EQ(syscall(SYS_futex, word, FUTEX_WAIT,
				  owner | FUTEX_WAITERS, NULL), 0);
	wait_until_sleeping(waiter);
	event_signal(&go);
	EXPECT_EXIT(owner, 0);
	EXPECT_EXIT(waiter, 0);
	EXPECT_EQ(*word, FUTEX_OWNER_DIED | FUTEX_WAITERS);
	event_close(&go);
	unshare_it(s);
}

/* Lists no honest program has: the process must simply end. */
TEST(robust_hostile_lists_end)
{
	struct shared *s = share();
	void *bad[] = { NULL, (void *)8, (void *)1, (void *)-4096L,
			(void *)0xffffffff80000000UL,
			(void *)0x8000000000000000UL, &s->locks[1].node };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		pid_t pid;

		IN_CHILD(pid) {
			s->head.list.next = &s->locks[0].node;
			s->locks[0].node.next = bad[i];
			s->locks[1].node.next = &s->locks[0].node; /* a ring */
			s->locks[0].word = getpid();
			OK(set_list(&s->head, sizeof(s->head)));
		}
		EXPECT_EXIT(pid, 0);
		EXPECT_EQ(s->locks[0].word, FUTEX_OWNER_DIED);
		IN_CHILD(pid) {
			if (bad[i] != &s->locks[1].node)
				OK(set_list(bad[i], sizeof(s->head)));
		}
		EXPECT_EXIT(pid, 0);
		IN_CHILD(pid) {	/* a word at an odd place */
			s->head.futex_offset = 3;
			OK(set_list(&s->head, sizeof(s->head)));
		}
		EXPECT_EXIT(pid, 0);
		s->head.futex_offset = offsetof(struct lock, word);
	}
	unshare_it(s);
}

static pthread_mutex_t robust_mutex;

static void *die_holding(void *arg)
{
	EXPECT_EQ(pthread_mutex_lock(&robust_mutex), 0);
	return arg;
}

TEST(robust_mutex_of_glibc_is_inherited)
{
	pthread_mutexattr_t attr;
	pthread_t thread;

	EXPECT_EQ(pthread_mutexattr_init(&attr), 0);
	EXPECT_EQ(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST), 0);
	EXPECT_EQ(pthread_mutex_init(&robust_mutex, &attr), 0);
	EXPECT_EQ(pthread_create(&thread, NULL, die_holding, NULL), 0);
	EXPECT_EQ(pthread_join(thread, NULL), 0);
	EXPECT_EQ(pthread_mutex_lock(&robust_mutex), EOWNERDEAD);
	EXPECT_EQ(pthread_mutex_consistent(&robust_mutex), 0);
	EXPECT_EQ(pthread_mutex_unlock(&robust_mutex), 0);
	EXPECT_EQ(pthread_mutex_lock(&robust_mutex), 0);
	EXPECT_EQ(pthread_mutex_unlock(&robust_mutex), 0);
	EXPECT_EQ(pthread_mutex_destroy(&robust_mutex), 0);
}

TEST(wake_op_changes_the_second_word)
{
	uint32_t a = 0, b = 5;

	EXPECT_EQ(wake_op(&a, &b, OP(FUTEX_OP_SET, 9, 0, 0)), 0);
	EXPECT_EQ(b, 9);
	EXPECT_EQ(wake_op(&a, &b, OP(FUTEX_OP_ADD, -1, 0, 0)), 0);
	EXPECT_EQ(b, 8);
	EXPECT_EQ(wake_op(&a, &b, OP(FUTEX_OP_OR, 3, 0, 0)), 0);
	EXPECT_EQ(b, 11);
	EXPECT_EQ(wake_op(&a, &b, OP(FUTEX_OP_ANDN, 9, 0, 0)), 0);
	EXPECT_EQ(b, 2);
	EXPECT_EQ(wake_op(&a, &b, OP(FUTEX_OP_XOR, 6, 0, 0)), 0);
	EXPECT_EQ(b, 4);
	EXPECT_EQ(wake_op(&a, &b, OP(FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT,
				     31, 0, 0)), 0);
	EXPECT_EQ(b, 0x80000004);
	EXPECT_EQ(a, 0);
}

TEST(wake_op_errors)
{
	uint32_t a = 0, b = 5;
	uint32_t *ro = OK(mmap(NULL, 4096, PROT_READ,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	EXPECT_ERR(wake_op(&a, &b, OP(5, 1, 0, 0)), ENOSYS);
	EXPECT_EQ(b, 5);
	EXPECT_ERR(wake_op(&a, &b, OP(FUTEX_OP_SET, 7, 6, 0)), ENOSYS);
	EXPECT_EQ(b, 7);	/* changed before the test was looked at */
	EXPECT_ERR(wake_op(&a, ro, OP(FUTEX_OP_SET, 1, 0, 0)), EFAULT);
	EXPECT_ERR(wake_op(&a, (uint32_t *)((char *)&b + 1), 0), EINVAL);
	EXPECT_ERR(wake_op((uint32_t *)((char *)&a + 2), &b, 0), EINVAL);
	EXPECT_ERR(wake_op(&a, (uint32_t *)-4096L, 0), EFAULT);
	OK(munmap(ro, 4096));
}

/* Waiters on both words; the second is woken only if the test holds. */
TEST(wake_op_wakes_by_the_test)
{
	struct shared *s = share();
	pid_t first, second;

	IN_CHILD(first)
		EXPECT_EQ(syscall(SYS_futex, &s->locks[0].word, FUTEX_WAIT, 0,
				  NULL), 0);
	IN_CHILD(second)
		EXPECT_EQ(syscall(SYS_futex, &s->locks[1].word, FUTEX_WAIT, 0,
				  NULL), 0);
	wait_until_sleeping(first);
	wait_until_sleeping(second);
	EXPECT_EQ(wake_op(&s->locks[2].word, &s->locks[1].word,
			  OP(FUTEX_OP_SET, -2, FUTEX_OP_CMP_NE, 0)), 0);
	EXPECT_EQ(wake_op(&s->locks[0].word, &s->locks[1].word,
			  OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_LT, -1)), 2);
	EXPECT_EXIT(first, 0);
	EXPECT_EXIT(second, 0);
	EXPECT_EQ(s->locks[1].word, (uint32_t)-1);
	unshare_it(s);
}
