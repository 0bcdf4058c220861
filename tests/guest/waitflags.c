/*
 * wait4 and waitid, one flag at a time; and whose child it is when there are
 * threads.
 */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>

/* A child that stops, ends with 5 when it is continued and told to. */
static struct event told;

static pid_t stopping_child(void)
{
	pid_t pid;

	event_init(&told);
	IN_CHILD(pid) {
		raise(SIGSTOP);
		event_wait(&told);
		_exit(5);
	}
	return pid;
}

static pid_t end_of(pid_t pid, int options)
{
	siginfo_t info = { .si_pid = 1 };

	OK(waitid(P_PID, pid, &info, options));
	return info.si_pid;
}

TEST(options_are_judged)
{
	siginfo_t info;

	EXPECT_ERR(waitid(P_ALL, 0, &info, 0), EINVAL);
	EXPECT_ERR(waitid(P_ALL, 0, &info, WNOHANG), EINVAL);
	EXPECT_ERR(waitid(P_ALL, 0, &info, WNOWAIT | __WALL), EINVAL);
	EXPECT_ERR(waitid(P_ALL, 0, &info, WEXITED | 0x10), EINVAL);
	EXPECT_ERR(waitid(P_ALL, 0, &info, WEXITED | 0x10000000), EINVAL);
	EXPECT_ERR(waitid(17, 0, &info, WEXITED), EINVAL);
	EXPECT_ERR(waitid(P_PID, 0, &info, WEXITED), EINVAL);
	EXPECT_ERR(waitid(P_PID, -1, &info, WEXITED), EINVAL);
	EXPECT_ERR(waitid(P_PGID, -1, &info, WEXITED), EINVAL);
	EXPECT_ERR(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
	EXPECT_ERR(waitid(P_PGID, 0, &info, WEXITED | WNOHANG), ECHILD);
	EXPECT_ERR(waitpid(-1, NULL, WEXITED), EINVAL);
	EXPECT_ERR(waitpid(-1, NULL, WNOWAIT), EINVAL);
	EXPECT_ERR(waitpid(-1, NULL, 0x10), EINVAL);
	EXPECT_ERR(waitpid(-1, NULL, __WALL | __WCLONE | __WNOTHREAD),
		   ECHILD);
	EXPECT_ERR(waitpid((pid_t)0x80000000, NULL, 0), ESRCH);
	EXPECT_ERR(waitpid(0x3ffffff0, NULL, 0), ECHILD);
	EXPECT_ERR(waitpid(-0x3ffffff0, NULL, 0), ECHILD);
	EXPECT_ERR(waitpid(getpid(), NULL, 0), ECHILD);
	EXPECT_ERR(waitpid(1, NULL, 0), ECHILD);
}

TEST(each_kind_of_news_is_asked_for)
{
	pid_t pid = stopping_child();

	EXPECT_EQ(end_of(pid, WSTOPPED | WNOWAIT), pid);
	EXPECT_EQ(end_of(pid, WEXITED | WNOHANG), 0);
	EXPECT_EQ(end_of(pid, WCONTINUED | WNOHANG), 0);
	EXPECT_EQ(end_of(pid, WEXITED | WCONTINUED | WNOHANG), 0);
	/* Still there, as it was only looked at. */
	EXPECT_EQ(end_of(pid, WSTOPPED | WNOHANG), pid);
	EXPECT_EQ(end_of(pid, WSTOPPED | WNOHANG), 0);
	OK(kill(pid, SIGCONT));
	EXPECT_EQ(end_of(pid, WCONTINUED | WNOWAIT), pid);
	EXPECT_EQ(end_of(pid, WEXITED | WSTOPPED | WNOHANG), 0);
	EXPECT_EQ(end_of(pid, WCONTINUED | WNOHANG), pid);
	EXPECT_EQ(end_of(pid, WCONTINUED | WNOHANG), 0);
	event_signal(&told);
	EXPECT_EQ(end_of(pid, WEXITED | WNOWAIT), pid);
	/* Of who has ended there will never be other news. */
	EXPECT_ERR(waitid(P_PID, pid, NULL, WSTOPPED), ECHILD);
	EXPECT_ERR(waitid(P_PID, pid, NULL, WCONTINUED | WNOHANG), ECHILD);
	EXPECT_EQ(end_of(pid, WEXITED | WNOWAIT | WNOHANG), pid);
	EXPECT_EXIT(pid, 5);
	event_close(&told);
}

TEST(news_that_was_not_fetched_is_replaced)
{
	int status;
	pid_t pid = stopping_child();

	EXPECT_EQ(end_of(pid, WSTOPPED | WNOWAIT), pid);
	OK(kill(pid, SIGCONT));
	EXPECT_EQ(end_of(pid, WCONTINUED | WNOWAIT), pid);
	EXPECT_EQ(end_of(pid, WSTOPPED | WNOHANG), 0);
	OK(kill(pid, SIGSTOP));
	EXPECT_EQ(end_of(pid, WSTOPPED | WNOWAIT), pid);
	EXPECT_EQ(end_of(pid, WCONTINUED | WNOHANG), 0);
	OK(kill(pid, SIGKILL));
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED | WCONTINUED), pid);
	EXPECT(WIFSIGNALED(status));
	event_close(&told);
}

TEST(what_is_written)
{
	siginfo_t info;
	pid_t pid;

	IN_CHILD(pid) {
		OK(setresuid(1234, 5678, 5678));
		_exit(300 & 0xff);
	}
	memset(&info, 0xff, sizeof(info));
	OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	EXPECT_EQ(info.si_signo, SIGCHLD);
	EXPECT_EQ(info.si_errno, 0);
	EXPECT_EQ(info.si_code, CLD_EXITED);
	EXPECT_EQ(info.si_pid, pid);
	EXPECT_EQ(info.si_uid, 1234);	/* the real one */
	EXPECT_EQ(info.si_status, 44);
	/* The rest is left as it was. */
	EXPECT_EQ(((unsigned char *)&info)[sizeof(info) - 1], 0xff);
	OK(waitid(P_PID, pid, NULL, WEXITED | WNOWAIT));
	EXPECT_ERR(syscall(SYS_waitid, P_PID, pid, 8L, WEXITED | WNOWAIT,
			   NULL), EFAULT);
	/* Usage that cannot be written: the child is gone all the same. */
	EXPECT_ERR(syscall(SYS_waitid, P_PID, pid, &info, WEXITED, 8L),
		   EFAULT);
	EXPECT_ERR(waitid(P_PID, pid, &info, WEXITED), ECHILD);
}

TEST(groups)
{
	siginfo_t info;
	pid_t ours, theirs, member;
	struct event go;

	event_init(&go);
	IN_CHILD(ours)
		_exit(1);
	IN_CHILD(theirs) {
		OK(setpgid(0, 0));
		event_wait(&go);
		_exit(2);
	}
	if (setpgid(theirs, theirs) != 0)
		EXPECT_EQ(errno, EACCES);
	IN_CHILD(member) {
		OK(setpgid(0, theirs));
		_exit(3);
	}
	OK(waitid(P_PGID, theirs, &info, WEXITED));
	EXPECT_EQ(info.si_pid, member);
	EXPECT_EQ(waitpid(-theirs, NULL, WNOHANG), 0);
	OK(waitid(P_PGID, 0, &info, WEXITED));
	EXPECT_EQ(info.si_pid, ours);
	EXPECT_ERR(waitpid(0, NULL, 0), ECHILD);
	EXPECT_ERR(waitpid(-getpgrp(), NULL, 0), ECHILD);
	EXPECT_ERR(waitid(P_PGID, ours, &info, WEXITED), ECHILD);
	event_signal(&go);
	EXPECT_EQ(waitpid(-theirs, NULL, 0), theirs);
	event_close(&go);
}

/* ---- children that do not report by SIGCHLD ---- */

static pid_t clone_child(int exit_signal)
{
	pid_t pid = OK(syscall(SYS_clone, exit_signal, 0, NULL, NULL, 0));

	if (pid == 0)
		_exit(6);
	return pid;
}

TEST(clone_children)
{
	const int sigs[] = { 0, SIGUSR1, SIGRTMIN };
	siginfo_t info;
	pid_t pid;

	signal(SIGUSR1, SIG_IGN);
	signal(SIGRTMIN, SIG_IGN);
	for (size_t i = 0; i < ARRAY_SIZE(sigs); i++) {
		pid = clone_child(sigs[i]);
		EXPECT_ERR(waitpid(pid, NULL, 0), ECHILD);
		EXPECT_ERR(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
		OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT | __WALL));
		EXPECT_EQ(info.si_signo, SIGCHLD);
		EXPECT_EQ(waitpid(pid, NULL, __WCLONE), pid);
		pid = clone_child(sigs[i]);
		EXPECT_EQ(waitpid(-1, NULL, __WALL), pid);
	}
	IN_CHILD(pid)
		;
	EXPECT_ERR(waitpid(pid, NULL, __WCLONE), ECHILD);
	EXPECT_EQ(waitpid(pid, NULL, __WALL | __WCLONE), pid);
}

/* ---- threads ---- */

static void *wait_for_nobody(void *arg)
{
	pid_t pid = (long)arg;

	EXPECT_ERR(waitpid(pid, NULL, __WNOTHREAD), ECHILD);
	EXPECT_ERR(waitid(P_ALL, 0, NULL, WEXITED | __WNOTHREAD), ECHILD);
	EXPECT_EQ(waitpid(pid, NULL, 0), pid);
	return NULL;
}

static void *fork_one(void *arg)
{
	pid_t pid;

	IN_CHILD(pid)
		_exit(8);
	*(pid_t *)arg = pid;
	/* Until it is waited for as ours. */
	EXPECT_EQ(end_of(pid, WEXITED | WNOWAIT | __WNOTHREAD), pid);
	return NULL;
}

TEST(wnothread_means_the_thread_that_forked)
{
	pthread_t thread;
	pid_t pid;

	IN_CHILD(pid)
		;
	EXPECT_EQ(pthread_create(&thread, NULL, wait_for_nobody,
				 (void *)(long)pid), 0);
	EXPECT_EQ(pthread_join(thread, NULL), 0);
	/* A thread that ends leaves its children to another one. */
	EXPECT_EQ(pthread_create(&thread, NULL, fork_one, &pid), 0);
	EXPECT_EQ(pthread_join(thread, NULL), 0);
	EXPECT_EXIT(pid, 8);
}

enum { WAITERS = 16, CHILDREN = 25 };

static struct {
	pid_t	reaped[WAITERS][WAITERS * CHILDREN];
	int	nr[WAITERS];
} book;

static void *reap_until_none(void *arg)
{
	long me = (long)arg;
	pid_t pid;

	for (int i = 0; i < CHILDREN; i++) {
		IN_CHILD(pid)
			_exit(me);
	}
	while ((pid = waitpid(-1, NULL, 0)) > 0)
		book.reaped[me][book.nr[me]++] = pid;
	EXPECT_EQ(errno, ECHILD);
	return NULL;
}

static int by_number(const void *a, const void *b)
{
	return *(const pid_t *)a - *(const pid_t *)b;
}

/* All of them fork and all of them wait, for whoever's child it is. */
TEST_SECONDS(each_zombie_goes_to_one_of_many, 120)
{
	static pid_t all[WAITERS * CHILDREN];
	pthread_t threads[WAITERS];
	int nr = 0;

	for (long i = 0; i < WAITERS; i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, reap_until_none,
					 (void *)i), 0);
	for (int i = 0; i < WAITERS; i++)
		EXPECT_EQ(pthread_join(threads[i], NULL), 0);
	for (int i = 0; i < WAITERS; i++)
		for (int j = 0; j < book.nr[i]; j++) {
			EXPECT(nr < WAITERS * CHILDREN);
			all[nr++] = book.reaped[i][j];
		}
	EXPECT_EQ(nr, WAITERS * CHILDREN);
	qsort(all, nr, sizeof(all[0]), by_number);
	for (int i = 1; i < nr; i++)
		EXPECT(all[i] != all[i - 1]);
}

static int won;

static void *wait_for_this(void *arg)
{
	pid_t pid = (long)arg;
	pid_t got = waitpid(pid, NULL, 0);

	if (got == pid)
		__atomic_add_fetch(&won, 1, __ATOMIC_SEQ_CST);
	else
		EXPECT_EQ(errno, ECHILD);
	return NULL;
}

/* All sleep for the same one: one has it, and the others are not left. */
TEST(one_of_many_has_the_child)
{
	pthread_t threads[WAITERS];
	struct event go;
	pid_t pid;

	event_init(&go);
	IN_CHILD(pid)
		event_wait(&go);
	for (int i = 0; i < WAITERS; i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, wait_for_this,
					 (void *)(long)pid), 0);
	event_signal(&go);
	for (int i = 0; i < WAITERS; i++)
		EXPECT_EQ(pthread_join(threads[i], NULL), 0);
	EXPECT_EQ(won, 1);
	event_close(&go);
}

static void *wait_and_exit(void *arg)
{
	pid_t pid = (long)arg;
	int status;

	/* The first thread ends meanwhile, whose child it was. */
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	exit(WEXITSTATUS(status));
}

TEST(the_leader_ends_while_its_child_is_waited_for)
{
	struct event go;
	pid_t pid, kid;

	event_init(&go);
	IN_CHILD(pid) {
		pthread_t thread;

		IN_CHILD(kid) {
			event_wait(&go);
			_exit(9);
		}
		EXPECT_EQ(pthread_create(&thread, NULL, wait_and_exit,
					 (void *)(long)kid), 0);
		syscall(SYS_exit, 0);
	}
	/* No news of the process as long as a thread is left. */
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	event_signal(&go);
	EXPECT_EXIT(pid, 9);
	event_close(&go);
}

/* ---- the death of parents ---- */

static void *fork_and_end(void *arg)
{
	struct event ready;
	pid_t pid;

	event_init(&ready);
	IN_CHILD(pid) {
		OK(prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0));
		event_signal(&ready);
		for (;;)
			pause();
	}
	event_wait(&ready);
	event_close(&ready);
	*(pid_t *)arg = pid;
	return NULL;
}

/* The parent whose death is told is the thread, not its process. */
TEST(pdeathsig_comes_with_the_thread)
{
	pthread_t thread;
	pid_t pid;

	EXPECT_EQ(pthread_create(&thread, NULL, fork_and_end, &pid), 0);
	EXPECT_EQ(pthread_join(thread, NULL), 0);
	EXPECT_KILLED(pid, SIGTERM);
}

TEST(the_nearest_subreaper_has_the_orphan)
{
	struct event go;
	pid_t near, middle, orphan;
	int fds[2];

	event_init(&go);
	OK(pipe(fds));
	OK(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	IN_CHILD(near) {
		OK(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
		IN_CHILD(middle) {
			IN_CHILD(orphan) {
				event_wait(&go);
				_exit(3);
			}
			OK(write(fds[1], &orphan, sizeof(orphan)));
		}
		EXPECT_EXIT(middle, 0);
		OK(read(fds[0], &orphan, sizeof(orphan)));
		EXPECT_EQ(waitpid(orphan, NULL, WNOHANG), 0);
		OK(write(fds[1], &orphan, sizeof(orphan)));
	}
	EXPECT_EXIT(near, 0);
	/* When that one ends, it is the next one's. */
	OK(read(fds[0], &orphan, sizeof(orphan)));
	EXPECT_EQ(waitpid(orphan, NULL, WNOHANG), 0);
	event_signal(&go);
	EXPECT_EXIT(orphan, 3);
	event_close(&go);
	OK(close(fds[0]));
	OK(close(fds[1]));
}
