/* System V semaphores: what SEM_UNDO takes back, when, and for whom. */
#include "semtools.h"

TEST(exit_undoes)
{
	int id = new_set(3);
	pid_t pid;

	set(id, 0, 5);
	IN_CHILD(pid) {
		OK(op_flags(id, 0, -3, SEM_UNDO));
		OK(op_flags(id, 1, 4, SEM_UNDO));
		OK(op_flags(id, 1, -1, SEM_UNDO));
		OK(op(id, 2, 1));
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(value(id, 0), 5);
	EXPECT_EQ(value(id, 1), 0);
	EXPECT_EQ(value(id, 2), 1);
	EXPECT_EQ(semctl(id, 0, GETPID), pid);
	drop(id);
}

TEST(death_by_a_signal_undoes_and_wakes)
{
	int id = new_set(2);
	pid_t holder, waiter;

	set(id, 0, 1);
	IN_CHILD(holder) {
		OK(op_flags(id, 0, -1, SEM_UNDO));
		OK(op(id, 1, 1));
		pause();
	}
	OK(op(id, 1, -1));
	IN_CHILD(waiter)
		OK(op(id, 0, -1));
	wait_for_waiters(id, 0, 1, GETNCNT);
	OK(kill(holder, SIGKILL));
	EXPECT_KILLED(holder, SIGKILL);
	EXPECT_EXIT(waiter, 0);
	drop(id);
}

TEST(undoing_stays_within_limits)
{
	int id = new_set(2);
	pid_t pid;

	IN_CHILD(pid) {
		OK(op_flags(id, 0, 3, SEM_UNDO));
		OK(op(id, 0, -2));
		set(id, 1, 32767);
		OK(op_flags(id, 1, -10, SEM_UNDO));
		OK(op(id, 1, 10));
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(value(id, 0), 0);
	EXPECT_EQ(value(id, 1), 32767);
	drop(id);
}

TEST(setting_forgets_what_is_to_be_undone)
{
	unsigned short values[2] = { 1, 1 };
	int id = new_set(2);
	pid_t pid;

	IN_CHILD(pid) {
		OK(op_flags(id, 0, 3, SEM_UNDO));
		OK(op_flags(id, 1, 3, SEM_UNDO));
		set(id, 0, 9);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(value(id, 0), 9);
	EXPECT_EQ(value(id, 1), 0);
	IN_CHILD(pid) {
		OK(op_flags(id, 1, 3, SEM_UNDO));
		OK(semctl(id, 0, SETALL, (union semun){ .array = values }));
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(value(id, 1), 1);
	drop(id);
}

TEST(fork_does_not_inherit_what_is_to_be_undone)
{
	int id = new_set(1);
	pid_t pid, child;

	IN_CHILD(pid) {
		OK(op_flags(id, 0, 2, SEM_UNDO));
		IN_CHILD(child)
			;
		EXPECT_EXIT(child, 0);
		EXPECT_EQ(value(id, 0), 2);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(value(id, 0), 0);
	drop(id);
}

HELPER(sem_exec)
{

	EXPECT_EQ(semctl(atoi(argv[argc - 1]), 0, GETVAL), 2);
	return 0;
}

TEST(exec_keeps_what_is_to_be_undone)
{
	int id = new_set(1);
	char text[16];
	char *args[] = { HELPER_ARGV("sem_exec"), text, NULL };
	pid_t pid;

	snprintf(text, sizeof(text), "%d", id);
	IN_CHILD(pid) {
		OK(op_flags(id, 0, 2, SEM_UNDO));
		execv(SELF, args);
		FAIL("exec");
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(value(id, 0), 0);
	drop(id);
}

static void *take_one(void *arg)
{
	OK(op_flags(*(int *)arg, 0, 1, SEM_UNDO));
	return NULL;
}

/* Threads share the list: a thread's end undoes nothing. */
TEST(threads_share_the_list)
{
	int id = new_set(1);
	pthread_t thread;
	pid_t pid;

	IN_CHILD(pid) {
		EXPECT_EQ(pthread_create(&thread, NULL, take_one, &id), 0);
		EXPECT_EQ(pthread_join(thread, NULL), 0);
		EXPECT_EQ(value(id, 0), 1);
		OK(op_flags(id, 0, 1, SEM_UNDO));
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(value(id, 0), 0);
	drop(id);
}

/* clone(2) lets processes share it, too. */
TEST(processes_may_share_the_list)
{
	int id = new_set(1);
	pid_t pid, child;

	IN_CHILD(pid) {
		OK(op_flags(id, 0, 1, SEM_UNDO));
		child = OK(syscall(SYS_clone, CLONE_SYSVSEM | SIGCHLD, 0, 0, 0,
				   0));
		if (!child) {
			OK(op_flags(id, 0, 1, SEM_UNDO));
			_exit(0);
		}
		EXPECT_EXIT(child, 0);
		EXPECT_EQ(value(id, 0), 2);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(value(id, 0), 0);
	drop(id);
}

/* unshare(2) undoes at once, and what comes later begins anew. */
TEST(unsharing_the_list)
{
	int id = new_set(1);
	pid_t pid;

	IN_CHILD(pid) {
		OK(op_flags(id, 0, 2, SEM_UNDO));
		OK(unshare(CLONE_SYSVSEM));
		EXPECT_EQ(value(id, 0), 0);
		OK(op_flags(id, 0, 3, SEM_UNDO));
		EXPECT_EQ(value(id, 0), 3);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(value(id, 0), 0);
	drop(id);
}

TEST(a_removed_set_is_not_undone)
{
	int a = new_set(1), b = new_set(1);
	pid_t pid;

	IN_CHILD(pid) {
		OK(op_flags(a, 0, 1, SEM_UNDO));
		OK(op_flags(b, 0, 1, SEM_UNDO));
		drop(a);
		EXPECT_ERR(op_flags(a, 0, 1, SEM_UNDO), EINVAL);
		OK(op_flags(b, 0, 1, SEM_UNDO));
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(value(b, 0), 0);
	drop(b);
}
