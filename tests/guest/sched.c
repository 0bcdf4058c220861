/*
 * Scheduling of ordinary tasks: what sched_setattr(2) is told, nice values,
 * policies, the CPUs one may run on, I/O priorities.
 */
#include "schedtools.h"

#include <sys/resource.h>

/* ---- sched_setattr and sched_getattr ---- */

TEST(attributes_have_sizes)
{
	struct { struct attr attr; uint64_t more; } big;
	struct attr attr = { .size = ATTR_SIZE_0 }, got;

	memset(&got, 0xff, sizeof(got));
	OK(get_attr(0, &got, ATTR_SIZE_0));
	EXPECT_EQ(got.size, ATTR_SIZE_0);
	EXPECT_EQ(got.util_min, 0xffffffff);
	OK(get_attr(0, &got, ATTR_SIZE_1));
	EXPECT_EQ(got.size, ATTR_SIZE_1);
	EXPECT_EQ(got.policy, SCHED_OTHER);
	OK(syscall(SYS_sched_getattr, 0, &big, sizeof(big), 0));
	EXPECT_EQ(big.attr.size, ATTR_SIZE_1);
	EXPECT_ERR(get_attr(0, &got, ATTR_SIZE_0 - 1), EINVAL);
	EXPECT_ERR(get_attr(0, &got, 4097), EINVAL);
	EXPECT_ERR(get_attr(0, NULL, ATTR_SIZE_0), EINVAL);
	EXPECT_ERR(get_attr(0, (void *)8, ATTR_SIZE_0), EFAULT);
	EXPECT_ERR(get_attr(-1, &got, ATTR_SIZE_0), EINVAL);
	EXPECT_ERR(get_attr(0x3ffffff0, &got, ATTR_SIZE_0), ESRCH);
	EXPECT_ERR(syscall(SYS_sched_getattr, 0, &got, ATTR_SIZE_0, 1), EINVAL);

	OK(set_attr(0, &attr, 0));
	attr.size = 0;
	OK(set_attr(0, &attr, 0));
	attr.size = ATTR_SIZE_0 - 1;
	EXPECT_ERR(set_attr(0, &attr, 0), E2BIG);
	EXPECT_EQ(attr.size, ATTR_SIZE_1);
	attr.size = 4097;
	EXPECT_ERR(set_attr(0, &attr, 0), E2BIG);
	EXPECT_EQ(attr.size, ATTR_SIZE_1);
	memset(&big, 0, sizeof(big));
	big.attr.size = sizeof(big);
	OK(set_attr(0, &big.attr, 0));
	big.more = 1;
	EXPECT_ERR(set_attr(0, &big.attr, 0), E2BIG);
	EXPECT_EQ(big.attr.size, ATTR_SIZE_1);
}

TEST(attributes_are_judged)
{
	struct attr attr = { .size = ATTR_SIZE_1 };

	EXPECT_ERR(set_attr(0, NULL, 0), EINVAL);
	EXPECT_ERR(set_attr(0, (void *)8, 0), EFAULT);
	EXPECT_ERR(set_attr(-1, &attr, 0), EINVAL);
	EXPECT_ERR(set_attr(0, &attr, 1), EINVAL);
	EXPECT_ERR(set_attr(0x3ffffff0, &attr, 0), ESRCH);
	attr.policy = -1;
	EXPECT_ERR(set_attr(0, &attr, 0), EINVAL);
	attr.policy = 4;
	EXPECT_ERR(set_attr(0, &attr, 0), EINVAL);
	attr.policy = SCHED_OTHER;
	attr.flags = 0x80;
	EXPECT_ERR(set_attr(0, &attr, 0), EINVAL);
	attr.flags = FLAG_UTIL_MIN;
	EXPECT_ERR(set_attr(0, &attr, 0), EOPNOTSUPP);
	attr.size = ATTR_SIZE_0;
	EXPECT_ERR(set_attr(0, &attr, 0), EINVAL);
	attr.flags = 0;
	attr.priority = 1;
	EXPECT_ERR(set_attr(0, &attr, 0), EINVAL);
	attr.policy = SCHED_FIFO;
	OK(set_attr(0, &attr, 0));
	attr.priority = 100;
	EXPECT_ERR(set_attr(0, &attr, 0), EINVAL);
}

TEST(attributes_set_nice_values)
{
	struct attr attr = { .size = ATTR_SIZE_1, .nice = 7 }, got;
	pid_t pid;

	OK(set_attr(0, &attr, 0));
	EXPECT_EQ(OK(getpriority(PRIO_PROCESS, 0)), 7);
	attr.nice = 100;
	OK(set_attr(0, &attr, 0));
	OK(get_attr(0, &got, sizeof(got)));
	EXPECT_EQ(got.nice, 19);
	attr.nice = -100;
	OK(set_attr(0, &attr, 0));
	OK(get_attr(0, &got, sizeof(got)));
	EXPECT_EQ(got.nice, -20);
	IN_CHILD(pid) {
		struct rlimit none = { 0, 0 };

		attr.nice = 5;
		OK(set_attr(0, &attr, 0));
		OK(setrlimit(RLIMIT_NICE, &none));
		become_user(1000, 1000);
		attr.nice = 6;
		OK(set_attr(0, &attr, 0));
		attr.nice = 5;
		EXPECT_ERR(set_attr(0, &attr, 0), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- policies of ordinary tasks ---- */

TEST(batch_and_idle_keep_nice_values)
{
	OK(setpriority(PRIO_PROCESS, 0, 3));
	OK(set_policy(0, SCHED_BATCH, 0));
	EXPECT_EQ(get_policy(0), SCHED_BATCH);
	EXPECT_EQ(OK(getpriority(PRIO_PROCESS, 0)), 3);
	OK(set_policy(0, SCHED_IDLE, 0));
	EXPECT_EQ(get_policy(0), SCHED_IDLE);
	OK(setpriority(PRIO_PROCESS, 0, 4));
	OK(set_policy(0, SCHED_FIFO, 3));
	EXPECT_EQ(OK(getpriority(PRIO_PROCESS, 0)), 4);
	OK(setpriority(PRIO_PROCESS, 0, 5));
	OK(set_policy(0, SCHED_OTHER, 0));
	EXPECT_EQ(OK(getpriority(PRIO_PROCESS, 0)), 5);
}

TEST(leaving_idle_is_a_raise)
{
	struct rlimit limit = { 0, 40 };
	pid_t pid;

	IN_CHILD(pid) {
		OK(setrlimit(RLIMIT_NICE, &limit));
		OK(set_policy(0, SCHED_IDLE, 0));
		become_user(1000, 1000);
		EXPECT_ERR(set_policy(0, SCHED_OTHER, 0), EPERM);
		OK(set_policy(0, SCHED_IDLE, 0));
		limit.rlim_cur = 20;
		OK(setrlimit(RLIMIT_NICE, &limit));
		OK(set_policy(0, SCHED_BATCH, 0));
	}
	EXPECT_EXIT(pid, 0);
}

/* Both are for everybody; neither has a priority. */
TEST(anybody_may_enter_batch_and_idle)
{
	pid_t pid;

	EXPECT_ERR(set_policy(0, SCHED_IDLE, 1), EINVAL);
	EXPECT_ERR(set_policy(0, SCHED_IDLE, -1), EINVAL);
	EXPECT_ERR(set_policy(0, SCHED_BATCH, 1), EINVAL);
	IN_CHILD(pid) {
		become_user(1000, 1000);
		OK(set_policy(0, SCHED_BATCH, 0));
		EXPECT_EQ(get_policy(0), SCHED_BATCH);
		OK(set_policy(0, SCHED_OTHER, 0));
		OK(set_policy(0, SCHED_BATCH, 0));
		OK(set_policy(0, SCHED_IDLE, 0));
		EXPECT_EQ(get_policy(0), SCHED_IDLE);
		EXPECT_EQ(get_rt_priority(0), 0);
		EXPECT_ERR(set_policy(0, SCHED_FIFO, 1), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

/* Leaving needs RLIMIT_NICE for the nice value the task has. */
TEST(leaving_idle_takes_the_limit_of_its_nice_value)
{
	struct rlimit limit = { 14, 14 };
	struct attr attr = { .size = ATTR_SIZE_0, .policy = SCHED_OTHER,
			     .nice = 5 };
	pid_t pid;

	IN_CHILD(pid) {
		OK(setpriority(PRIO_PROCESS, 0, 6));
		OK(set_policy(0, SCHED_IDLE, 0));
		OK(setrlimit(RLIMIT_NICE, &limit));
		become_user(1000, 1000);
		/* 20 - 14 = 6: just so. A raise of the value is not. */
		EXPECT_ERR(set_attr(0, &attr, 0), EPERM);
		OK(set_policy(0, SCHED_OTHER, 0));
		EXPECT_EQ(OK(getpriority(PRIO_PROCESS, 0)), 6);
		OK(set_policy(0, SCHED_IDLE, 0));
		OK(set_policy(0, SCHED_BATCH, 0));
		OK(set_policy(0, SCHED_IDLE, 0));
		limit.rlim_cur = 13;
		OK(setrlimit(RLIMIT_NICE, &limit));
		EXPECT_ERR(set_policy(0, SCHED_BATCH, 0), EPERM);
		EXPECT_ERR(set_policy(0, SCHED_OTHER, 0), EPERM);
		/* What it asks for does not count, only what it has. */
		attr.nice = 19;
		EXPECT_ERR(set_attr(0, &attr, 0), EPERM);
		EXPECT_EQ(get_policy(0), SCHED_IDLE);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(the_capability_is_enough_to_leave_idle)
{
	struct rlimit none = { 0, 0 };
	struct event ready, changed;
	pid_t pid;

	event_init(&ready);
	event_init(&changed);
	OK(setrlimit(RLIMIT_NICE, &none));
	OK(set_policy(0, SCHED_IDLE, 0));
	OK(set_policy(0, SCHED_OTHER, 0));
	/* By another's hand, too, whose limits do not count. */
	IN_CHILD(pid) {
		OK(set_policy(0, SCHED_IDLE, 0));
		become_user(1000, 1000);
		EXPECT_ERR(set_policy(0, SCHED_OTHER, 0), EPERM);
		event_signal(&ready);
		event_wait(&changed);
		EXPECT_EQ(get_policy(0), SCHED_BATCH);
		/* Another's task is not ours to change, not even downwards. */
		EXPECT_ERR(set_policy(getppid(), SCHED_IDLE, 0), EPERM);
	}
	event_wait(&ready);
	OK(set_policy(pid, SCHED_BATCH, 0));
	event_signal(&changed);
	EXPECT_EXIT(pid, 0);
	event_close(&ready);
	event_close(&changed);
}

/* A child is what its parent is, unless that asked otherwise. */
TEST(children_of_idle_tasks)
{
	pid_t pid;

	OK(set_policy(0, SCHED_IDLE, 0));
	IN_CHILD(pid)
		EXPECT_EQ(get_policy(0), SCHED_IDLE);
	EXPECT_EXIT(pid, 0);
	OK(set_policy(0, SCHED_IDLE | SCHED_RESET_ON_FORK, 0));
	EXPECT_EQ(get_policy(0), SCHED_IDLE | SCHED_RESET_ON_FORK);
	IN_CHILD(pid)
		EXPECT_EQ(get_policy(0), SCHED_IDLE);
	EXPECT_EXIT(pid, 0);
}

/* ---- affinity ---- */

TEST(affinity_is_inherited_and_obeyed)
{
	cpu_set_t set, got;
	pid_t pid;

	for (int cpu = 0; cpu < online_cpus(); cpu++) {
		run_on(0, cpu);
		EXPECT_EQ(sched_getcpu(), cpu);
		OK(sched_getaffinity(0, sizeof(got), &got));
		EXPECT_EQ(CPU_COUNT(&got), 1);
		IN_CHILD(pid)
			EXPECT_EQ(sched_getcpu(), cpu);
		EXPECT_EXIT(pid, 0);
		run_anywhere(0);
	}
	CPU_ZERO(&set);
	EXPECT_ERR(sched_setaffinity(0, sizeof(set), &set), EINVAL);
	EXPECT_ERR(sched_setaffinity(0, 0, &set), EINVAL);
	EXPECT_ERR(syscall(SYS_sched_setaffinity, 0, 8, -1L), EFAULT);
	EXPECT_ERR(sched_setaffinity(0x3ffffff0, sizeof(set), &set), ESRCH);
	EXPECT_ERR(syscall(SYS_sched_getaffinity, 0, 1, &set), EINVAL);
	EXPECT_ERR(syscall(SYS_sched_getaffinity, 0, 9, &set), EINVAL);
	EXPECT_ERR(syscall(SYS_sched_getaffinity, 0, 8, -1L), EFAULT);
	EXPECT_ERR(syscall(SYS_sched_getaffinity, 0x3ffffff0, 8, &set), ESRCH);
	EXPECT_EQ(OK(syscall(SYS_sched_getaffinity, 0, 8, &set)), 8);
}

TEST(affinity_of_others_needs_to_be_ones_own)
{
	pid_t pid;

	IN_CHILD(pid) {
		cpu_set_t set;

		become_user(1000, 1000);
		memset(&set, 0xff, sizeof(set));
		OK(sched_setaffinity(0, sizeof(set), &set));
		EXPECT_ERR(sched_setaffinity(getppid(), sizeof(set), &set),
			   EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- I/O priorities ---- */

#define IOPRIO(class, level)	((class) << 13 | (level))

static long ioprio_set(int which, int who, int value)
{
	return syscall(SYS_ioprio_set, which, who, value);
}

static long ioprio_get(int which, int who)
{
	return syscall(SYS_ioprio_get, which, who);
}

TEST(io_priorities_are_remembered)
{
	pid_t pid;

	EXPECT_EQ(OK(ioprio_get(1, 0)), IOPRIO(0, 0));
	OK(ioprio_set(1, 0, IOPRIO(2, 6)));
	EXPECT_EQ(OK(ioprio_get(1, 0)), IOPRIO(2, 6));
	EXPECT_EQ(OK(ioprio_get(1, getpid())), IOPRIO(2, 6));
	IN_CHILD(pid)
		EXPECT_EQ(OK(ioprio_get(1, 0)), IOPRIO(2, 6));
	EXPECT_EXIT(pid, 0);
	OK(ioprio_set(1, 0, IOPRIO(1, 3)));
	EXPECT_EQ(OK(ioprio_get(1, 0)), IOPRIO(1, 3));
	OK(ioprio_set(1, 0, IOPRIO(3, 0)));
	EXPECT_EQ(OK(ioprio_get(1, 0)), IOPRIO(3, 0));
	IN_CHILD(pid) {
		OK(setpgid(0, 0));
		OK(ioprio_set(2, 0, IOPRIO(2, 1)));
		EXPECT_EQ(OK(ioprio_get(2, 0)), IOPRIO(2, 1));
		become_user(1234, 1234);
		OK(ioprio_set(3, 1234, IOPRIO(2, 5)));
		EXPECT_EQ(OK(ioprio_get(3, 1234)), IOPRIO(2, 5));
		EXPECT_ERR(ioprio_set(1, 0, IOPRIO(1, 0)), EPERM);
		OK(ioprio_set(1, 0, IOPRIO(3, 0)));
		EXPECT_ERR(ioprio_set(1, getppid(), IOPRIO(2, 1)), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

/* Who has none is ranked by nice value and policy, and of many the best. */
TEST(io_priorities_of_those_who_have_none)
{
	struct event from, to;
	pid_t pid;

	event_init(&from);
	event_init(&to);
	EXPECT_EQ(OK(ioprio_get(2, 0)), IOPRIO(2, 4));
	OK(setpriority(PRIO_PROCESS, 0, 12));
	EXPECT_EQ(OK(ioprio_get(1, 0)), IOPRIO(0, 0));
	EXPECT_EQ(OK(ioprio_get(2, 0)), IOPRIO(2, 6));
	IN_CHILD(pid) {
		OK(ioprio_set(1, 0, IOPRIO(2, 5)));
		event_signal(&from);
		event_wait(&to);
	}
	event_wait(&from);
	EXPECT_EQ(OK(ioprio_get(2, 0)), IOPRIO(2, 5));
	OK(ioprio_set(1, pid, IOPRIO(3, 0)));
	EXPECT_EQ(OK(ioprio_get(2, 0)), IOPRIO(2, 6));
	event_signal(&to);
	EXPECT_EXIT(pid, 0);
	OK(set_policy(0, SCHED_IDLE, 0));
	EXPECT_EQ(OK(ioprio_get(2, 0)), IOPRIO(3, 6));
	OK(set_policy(0, SCHED_FIFO, 1));
	EXPECT_EQ(OK(ioprio_get(2, 0)), IOPRIO(1, 6));
	event_close(&from);
	event_close(&to);
}

TEST(io_priorities_are_judged)
{
	/* Above the level there is room for a hint, which is kept. */
	OK(ioprio_set(1, 0, IOPRIO(2, 8 | 3)));
	EXPECT_EQ(OK(ioprio_get(1, 0)), IOPRIO(2, 8 | 3));
	OK(ioprio_set(1, 0, IOPRIO(3, 7)));
	EXPECT_ERR(ioprio_set(1, 0, -1), EINVAL);
	/* There is nothing above the class. */
	OK(ioprio_set(1, 0, 1 << 16 | IOPRIO(2, 1)));
	EXPECT_EQ(OK(ioprio_get(1, 0)), IOPRIO(2, 1));
	EXPECT_ERR(ioprio_set(-1, 0, IOPRIO(2, 0)), EINVAL);
	EXPECT_ERR(ioprio_set(1, 0, IOPRIO(4, 0)), EINVAL);
	EXPECT_ERR(ioprio_set(1, 0, IOPRIO(0, 1)), EINVAL);
	OK(ioprio_set(1, 0, IOPRIO(0, 0)));
	EXPECT_ERR(ioprio_set(0, 0, IOPRIO(2, 1)), EINVAL);
	EXPECT_ERR(ioprio_set(4, 0, IOPRIO(2, 1)), EINVAL);
	EXPECT_ERR(ioprio_set(1, 0x3ffffff0, IOPRIO(2, 1)), ESRCH);
	EXPECT_ERR(ioprio_get(4, 0), EINVAL);
	EXPECT_ERR(ioprio_get(1, 0x3ffffff0), ESRCH);
	EXPECT_ERR(ioprio_get(2, 0x3ffffff0), ESRCH);
	EXPECT_ERR(ioprio_get(3, 0x3ffffff0), ESRCH);
}
