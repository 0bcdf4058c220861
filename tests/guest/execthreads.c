/* execve(2) of a process with threads, by any of them; ends of its threads. */
#include "ptracetools.h"

#include <dirent.h>
#include <sys/mman.h>
#include <sys/resource.h>

static __thread char number[4][24];	/* threads race to exec */

static char *decimal(int slot, long value)
{
	snprintf(number[slot], sizeof(number[slot]), "%ld", value);
	return number[slot];
}

static long start_time(pid_t tid)
{
	char path[64], buf[1024], *at;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", tid, tid);
	at = strrchr(read_file(path, buf, sizeof(buf)), ')') + 2;
	for (int field = 3; field < 22; field++)
		at = strchr(at, ' ') + 1;
	return atol(at);
}

static int nr_tasks(void)
{
	DIR *dir = OK(opendir("/proc/self/task"));
	int n = 0;

	for (struct dirent *d; (d = readdir(dir)) != NULL;)
		n += d->d_name[0] != '.';
	closedir(dir);
	return n;
}

/* The new program: argv are pid, parent, group, start time. */
HELPER(execthreads_after)
{
	EXPECT_EQ(getpid(), atol(argv[1]));
	EXPECT_EQ(syscall(SYS_gettid), getpid());
	EXPECT_EQ(getppid(), atol(argv[2]));
	EXPECT_EQ(getpgrp(), atol(argv[3]));
	EXPECT_EQ(start_time(getpid()), atol(argv[4]));
	EXPECT_EQ(nr_tasks(), 1);
	return 7;
}

static void exec_after(void)
{
	char *argv[] = { HELPER_ARGV("execthreads_after"),
			 decimal(0, getpid()), decimal(1, getppid()),
			 decimal(2, getpgrp()),
			 decimal(3, start_time(getpid())),
			 NULL };

	OK(execv(SELF, argv));
}

static void *do_exec(void *arg)
{
	(void)arg;
	exec_after();
	return NULL;
}

static void start(void *(*fn)(void *), void *arg)
{
	pthread_t thread;

	EXPECT_EQ(pthread_create(&thread, NULL, fn, arg), 0);
}

static void *do_pause(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void *do_spin(void *arg)
{
	for (;;)
		sched_yield();
	return arg;
}

TEST(thread_takes_the_leaders_place)
{
	pid_t pid;

	IN_CHILD(pid) {
		start(do_exec, NULL);
		pause();
	}
	EXPECT_EXIT(pid, 7);
}

TEST(leader_execs_and_others_die)
{
	pid_t pid;

	IN_CHILD(pid) {
		for (int i = 0; i < 4; i++)
			start(i % 2 ? do_pause : do_spin, NULL);
		exec_after();
	}
	EXPECT_EXIT(pid, 7);
}

TEST(thread_execs_among_many)
{
	pid_t pid;

	IN_CHILD(pid) {
		for (int i = 0; i < 6; i++)
			start(i % 2 ? do_pause : do_spin, NULL);
		start(do_exec, NULL);
		do_spin(NULL);
	}
	EXPECT_EXIT(pid, 7);
}

static void *exec_without_leader(void *arg)
{
	char path[64], buf[512];

	/* The leader is a zombie by now, and stays one: its place is ours. */
	snprintf(path, sizeof(path), "/proc/%d/stat", getpid());
	while (strrchr(read_file(path, buf, sizeof(buf)), ')')[2] != 'Z')
		sched_yield();
	exec_after();
	return arg;
}

TEST(leader_had_ended_before)
{
	int status;
	pid_t pid;

	IN_CHILD(pid) {
		start(exec_without_leader, NULL);
		syscall(SYS_exit, 3);
	}
	EXPECT_EQ(OK(waitpid(pid, &status, 0)), pid);
	EXPECT(WIFEXITED(status));
	EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(nobody_wants_the_old_leader)
{
	pid_t pid;

	OK(signal(SIGCHLD, SIG_IGN) == SIG_ERR ? -1 : 0);
	for (int i = 0; i < 10; i++) {
		IN_CHILD(pid) {
			start(exec_without_leader, NULL);
			syscall(SYS_exit, 3);
		}
		EXPECT_ERR(waitpid(pid, NULL, 0), ECHILD);
	}
	OK(signal(SIGCHLD, SIG_DFL) == SIG_ERR ? -1 : 0);
}

static void *exec_nothing(void *arg)
{
	char *argv[] = { "x", NULL };

	EXPECT_ERR(execv("/nothing/there", argv), ENOENT);
	EXPECT_EQ(nr_tasks(), 3);
	return arg;
}

TEST(failed_exec_leaves_threads_alone)
{
	pid_t pid;

	IN_CHILD(pid) {
		pthread_t thread;

		start(do_pause, NULL);
		EXPECT_EQ(pthread_create(&thread, NULL, exec_nothing, NULL),
			  0);
		EXPECT_EQ(pthread_join(thread, NULL), 0);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- what the new program inherits -------------------------------------- */

HELPER(execthreads_children)
{
	EXPECT_EXIT((pid_t)atol(argv[1]), 5);
	EXPECT_EXIT((pid_t)atol(argv[2]), 6);
	EXPECT_ERR(wait(NULL), ECHILD);
	return 0;
}

static pid_t kids[2];

static void *exec_with_children(void *arg)
{
	char *argv[] = { HELPER_ARGV("execthreads_children"), number[0],
			 number[1], NULL };

	IN_CHILD(kids[1])
		_exit(6);
	decimal(0, kids[0]);
	decimal(1, kids[1]);
	OK(execv(SELF, argv));
	return arg;
}

TEST(children_of_all_threads_stay)
{
	pid_t pid;

	IN_CHILD(pid) {
		IN_CHILD(kids[0])
			_exit(5);
		start(exec_with_children, NULL);
		pause();
	}
	EXPECT_EXIT(pid, 0);
}

HELPER(execthreads_signals)
{
	sigset_t set, want;

	OK(sigprocmask(SIG_SETMASK, NULL, &set));
	EXPECT(sigismember(&set, SIGUSR1) && sigismember(&set, SIGUSR2));
	EXPECT(!sigismember(&set, SIGHUP));
	/* The process's signal and the thread's own; not the leader's. */
	OK(sigpending(&set));
	EXPECT(sigismember(&set, SIGUSR1) && sigismember(&set, SIGUSR2));
	EXPECT(!sigismember(&set, SIGALRM));
	sigemptyset(&want);
	sigaddset(&want, SIGUSR1);
	EXPECT_EQ(OK(sigwaitinfo(&want, NULL)), SIGUSR1);
	return 0;
}

static void *exec_with_signals(void *arg)
{
	char *argv[] = { HELPER_ARGV("execthreads_signals"), NULL };

	OK(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR2));
	OK(syscall(SYS_tgkill, getpid(), getpid(), SIGALRM));
	OK(kill(getpid(), SIGUSR1));
	OK(execv(SELF, argv));
	return arg;
}

TEST(mask_and_pending_signals_are_the_callers)
{
	pid_t pid;

	IN_CHILD(pid) {
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, SIGUSR1);
		sigaddset(&set, SIGUSR2);
		sigaddset(&set, SIGALRM);
		OK(sigprocmask(SIG_BLOCK, &set, NULL));
		start(exec_with_signals, NULL);
		pause();
	}
	EXPECT_EXIT(pid, 0);
}

HELPER(execthreads_group)
{
	EXPECT_EQ(getpgrp(), getpid());
	EXPECT_EQ(getsid(0), getpid());
	EXPECT_EQ(getpgid(getpid()), getpid());
	OK(kill(-getpid(), 0));
	EXPECT_EQ(kill(0, SIGTERM), 0);
	pause();
	return 1;
}

static void *exec_in_group(void *arg)
{
	char *argv[] = { HELPER_ARGV("execthreads_group"), NULL };

	OK(execv(SELF, argv));
	return arg;
}

TEST(group_and_session_stay)
{
	pid_t pid;

	IN_CHILD(pid) {
		OK(setsid());
		start(exec_in_group, NULL);
		pause();
	}
	EXPECT_KILLED(pid, SIGTERM);
}

/* The number of the thread that exec'ed is free again, its old self gone. */
static int told[2];

static void *exec_telling_tid(void *arg)
{
	pid_t tid = syscall(SYS_gettid);
	char *argv[] = { HELPER_ARGV("execthreads_group"), NULL };

	EXPECT_EQ(write(told[1], &tid, sizeof(tid)), sizeof(tid));
	OK(execv(SELF, argv));
	return arg;
}

TEST(old_thread_id_is_gone)
{
	pid_t pid, tid;

	OK(pipe2(told, O_CLOEXEC));
	IN_CHILD(pid) {
		OK(setsid());
		start(exec_telling_tid, NULL);
		pause();
	}
	EXPECT_EQ(OK(read(told[0], &tid, sizeof(tid))), sizeof(tid));
	EXPECT(tid != pid);
	EXPECT_KILLED(pid, SIGTERM);
	EXPECT_ERR(kill(tid, 0), ESRCH);
	EXPECT_ERR(syscall(SYS_tgkill, pid, tid, 0), ESRCH);
	OK(close(told[0]));
	OK(close(told[1]));
}

/* A child that reports by another signal reports by SIGCHLD after exec. */
TEST(exit_signal_becomes_sigchld)
{
	pid_t pid = OK(syscall(SYS_clone, SIGUSR1, 0, 0, 0, 0));
	int status;

	if (pid == 0) {
		start(do_exec, NULL);
		for (;;)
			pause();
	}
	/* Not awaited with __WCLONE: it is an ordinary child in the end. */
	EXPECT_EQ(OK(waitpid(pid, &status, __WALL)), pid);
	EXPECT(WIFEXITED(status));
	EXPECT_EQ(WEXITSTATUS(status), 7);
}

/* ---- races --------------------------------------------------------------- */

static pthread_barrier_t barrier;

static void *exec_at_once(void *arg)
{
	pthread_barrier_wait(&barrier);
	/* One wins; the other is one of those who die. */
	exec_after();
	return arg;
}

TEST(two_threads_exec_at_once)
{
	for (int i = 0; i < 20; i++) {
		pid_t pid;

		IN_CHILD(pid) {
			pthread_barrier_init(&barrier, NULL, 3);
			start(exec_at_once, NULL);
			start(exec_at_once, NULL);
			exec_at_once(NULL);
		}
		EXPECT_EXIT(pid, 7);
	}
}

static void *exit_at_once(void *arg)
{
	pthread_barrier_wait(&barrier);
	_exit(4);
	return arg;
}

TEST(exec_races_with_exit_group)
{
	for (int i = 0; i < 20; i++) {
		int status;
		pid_t pid;

		IN_CHILD(pid) {
			pthread_barrier_init(&barrier, NULL, 2);
			start(i % 2 ? exec_at_once : exit_at_once, NULL);
			(i % 2 ? exit_at_once : exec_at_once)(NULL);
		}
		status = wait_status(pid);
		EXPECT(WIFEXITED(status));
		EXPECT(WEXITSTATUS(status) == 7 || WEXITSTATUS(status) == 4);
	}
}

TEST(exec_races_with_sigkill)
{
	for (int i = 0; i < 20; i++) {
		int status;
		pid_t pid;

		IN_CHILD(pid) {
			for (int n = 0; n < 3; n++)
				start(do_spin, NULL);
			start(do_exec, NULL);
			do_spin(NULL);
		}
		for (int n = 0; n < i; n++)
			sched_yield();
		OK(kill(pid, SIGKILL));
		status = wait_status(pid);
		EXPECT((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ||
		       (WIFEXITED(status) && WEXITSTATUS(status) == 7));
	}
}

static void *wait_for_any(void *arg)
{
	while (wait(NULL) > 0 || errno == EINTR)
		;
	return arg;
}

/* Many wait, some ask with WNOHANG, while a child changes leaders. */
TEST(exec_races_with_waits)
{
	pthread_t waiter[2];

	for (int i = 0; i < 10; i++) {
		int status = 0;
		pid_t pid, got;

		IN_CHILD(pid) {
			start(exec_without_leader, NULL);
			syscall(SYS_exit, 3);
		}
		do
			got = OK(waitpid(pid, &status, WNOHANG));
		while (got == 0);
		EXPECT_EQ(got, pid);
		EXPECT_EQ(status, 7 << 8);
	}
	for (int i = 0; i < 10; i++) {
		pid_t pid;

		IN_CHILD(pid) {
			start(do_exec, NULL);
			pause();
		}
		for (int n = 0; n < 2; n++)
			EXPECT_EQ(pthread_create(&waiter[n], NULL,
						 wait_for_any, NULL), 0);
		for (int n = 0; n < 2; n++)
			EXPECT_EQ(pthread_join(waiter[n], NULL), 0);
		EXPECT_ERR(waitpid(pid, NULL, 0), ECHILD);
	}
}

/* A stream of signals meets a process whose leader is being replaced. */
TEST(signals_always_find_the_process)
{
	for (int i = 0; i < 10; i++) {
		int status;
		pid_t pid;

		IN_CHILD(pid) {
			start(do_exec, NULL);
			do_spin(NULL);
		}
		while (waitpid(pid, &status, WNOHANG) == 0) {
			OK(kill(pid, 0));
			OK(kill(pid, SIGCONT));
			OK(getpgid(pid));
		}
		EXPECT_EQ(status, 7 << 8);
	}
}

/* ---- under a tracer ------------------------------------------------------ */

/*
 * Let @pid go until it has started @threads and they have passed their first
 * stop; the last one's number. Only then may they be killed, by exec too: a
 * kill takes a thread out of any stop to that of its end, and a tracer that had
 * only read of the first one would let it go from the second without having
 * seen it; and who is killed early tells of no clone.
 */
static unsigned long run_to_threads(pid_t pid, int threads)
{
	unsigned long tid = 0;

	for (int stops = 0; stops < 2 * threads; stops++) {
		int status;
		pid_t got = OK(waitpid(-1, &status, __WALL));

		EXPECT_EQ(status, got == pid ? EVENT(PTRACE_EVENT_CLONE) :
			  STOPPED_BY(SIGSTOP));
		if (got == pid)
			OK(PT(PTRACE_GETEVENTMSG, got, 0, &tid));
		OK(PT(PTRACE_CONT, got, 0, 0));
	}
	return tid;
}

static void *exec_when_told(void *go)
{
	event_wait(go);
	exec_after();
	return NULL;
}

/* Let go whatever stops until @pid shows its exec; its old number. */
static unsigned long run_to_exec(pid_t pid)
{
	unsigned long old = 0;

	for (;;) {
		int status;
		pid_t got = OK(waitpid(-1, &status, __WALL));

		if (!WIFSTOPPED(status))
			continue;
		if (status == EVENT(PTRACE_EVENT_EXEC)) {
			EXPECT_EQ(got, pid);
			OK(PT(PTRACE_GETEVENTMSG, got, 0, &old));
			return old;
		}
		EXPECT_EQ(status, EVENT(PTRACE_EVENT_EXIT));
		OK(PT(PTRACE_CONT, got, 0, 0));
	}
}

TEST(tracer_sees_exec_with_the_old_id)
{
	unsigned long tid;
	struct event go;
	pid_t pid;

	event_init(&go);
	TRACEE(pid) {
		start(exec_when_told, &go);
		pause();
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE |
	      PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	tid = run_to_threads(pid, 1);
	EXPECT(tid != 0 && tid != (unsigned long)pid);
	event_signal(&go);
	EXPECT_EQ(run_to_exec(pid), tid);
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, EVENT(PTRACE_EVENT_EXIT));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_EXIT(pid, 7);
	event_close(&go);
}

/* Each thread's end is an event, whoever caused it. */
static void expect_exit_events(pid_t pid, int wanted, int status_wanted)
{
	int seen = 0;

	for (;;) {
		unsigned long code;
		int status;
		pid_t got = OK(waitpid(-1, &status, __WALL));

		if (!WIFSTOPPED(status)) {
			EXPECT_EQ(status, status_wanted);
			if (got == pid)
				break;
			continue;
		}
		EXPECT_EQ(status, EVENT(PTRACE_EVENT_EXIT));
		OK(PT(PTRACE_GETEVENTMSG, got, 0, &code));
		EXPECT_EQ(code, status_wanted);
		seen++;
		OK(PT(PTRACE_CONT, got, 0, 0));
	}
	EXPECT_EQ(seen, wanted);
}

static void *exit_group_when_told(void *go)
{
	event_wait(go);
	_exit(9);
}

TEST(exit_group_is_an_event_for_every_thread)
{
	struct event go;
	pid_t pid;

	event_init(&go);
	TRACEE(pid) {
		start(do_pause, NULL);
		start(do_spin, NULL);
		start(exit_group_when_told, &go);
		pause();
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE |
	      PTRACE_O_TRACEEXIT));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	run_to_threads(pid, 3);
	event_signal(&go);
	expect_exit_events(pid, 4, 9 << 8);
	event_close(&go);
}

TEST(fatal_signal_is_an_event_for_every_thread)
{
	struct event go;
	pid_t pid;

	event_init(&go);
	TRACEE(pid) {
		start(do_pause, NULL);
		event_wait(&go);
		raise(SIGTERM);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE |
	      PTRACE_O_TRACEEXIT));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	run_to_threads(pid, 1);
	event_signal(&go);
	EXPECT_STOP(pid, STOPPED_BY(SIGTERM));
	OK(PT(PTRACE_CONT, pid, 0, SIGTERM));
	expect_exit_events(pid, 2, SIGTERM);
	event_close(&go);
}

/*
 * A traced thread that ended is a zombie until its tracer asks; exec waits for
 * that, but can be killed meanwhile.
 */
TEST(exec_waits_for_the_tracer_but_dies)
{
	unsigned long tid = 0;
	pid_t pid;

	TRACEE(pid) {
		start(do_pause, NULL);
		exec_after();
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE |
	      PTRACE_O_TRACEEXIT));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, EVENT(PTRACE_EVENT_CLONE));
	OK(PT(PTRACE_GETEVENTMSG, pid, 0, &tid));
	EXPECT_STOP((pid_t)tid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_CONT, tid, 0, 0));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	/* The thread is killed, stops to say so, and is left there. */
	EXPECT_STOP((pid_t)tid, EVENT(PTRACE_EVENT_EXIT));
	OK(kill(pid, SIGKILL));
	expect_exit_events(pid, 1, SIGKILL);
}

/* ---- groups that lose a thread amid something ---------------------------- */

static void *do_nothing(void *arg)
{
	return arg;
}

/* A stop is complete when the last thread has stopped or ended. */
TEST(stop_is_reported_with_threads_ending)
{
	for (int i = 0; i < 20; i++) {
		int status;
		pid_t pid;

		IN_CHILD(pid) {
			for (;;) {
				pthread_t thread;

				EXPECT_EQ(pthread_create(&thread, NULL,
							 do_nothing, NULL), 0);
				pthread_join(thread, NULL);
			}
		}
		for (int n = 0; n < i; n++)
			sched_yield();
		OK(kill(pid, SIGSTOP));
		EXPECT_EQ(OK(waitpid(pid, &status, WUNTRACED)), pid);
		EXPECT_EQ(status, STOPPED_BY(SIGSTOP));
		OK(kill(pid, SIGKILL));
		EXPECT_KILLED(pid, SIGKILL);
	}
}

/* A thread's parent is its process's, also once that is another. */
static void *report_parent(void *arg)
{
	int *fds = arg;
	pid_t ppid;
	char c;

	while (read(fds[0], &c, 1) == 1) {
		ppid = getppid();
		EXPECT_EQ(write(fds[1], &ppid, sizeof(ppid)), sizeof(ppid));
	}
	_exit(0);
}

TEST(threads_are_reparented_with_their_process)
{
	int ask[2], answer[2], fds[2];
	pid_t middle, ppid;

	OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	OK(pipe(ask));
	OK(pipe(answer));
	fds[0] = ask[0];
	fds[1] = answer[1];
	IN_CHILD(middle) {
		pid_t inner;

		IN_CHILD(inner) {
			close(ask[1]);
			start(report_parent, fds);
			pause();
		}
		EXPECT_EQ(write(ask[1], "?", 1), 1);
		EXPECT_EQ(OK(read(answer[0], &ppid, sizeof(ppid))),
			  sizeof(ppid));
		EXPECT_EQ(ppid, getpid());
	}
	EXPECT_EXIT(middle, 0);
	EXPECT_EQ(write(ask[1], "?", 1), 1);
	EXPECT_EQ(OK(read(answer[0], &ppid, sizeof(ppid))), sizeof(ppid));
	EXPECT_EQ(ppid, getpid());
	for (int i = 0; i < 2; i++) {
		OK(close(ask[!i]));
		OK(close(answer[i]));
	}
	EXPECT(OK(wait(NULL)) > 0);
	OK(prctl(PR_SET_CHILD_SUBREAPER, 0));
}
