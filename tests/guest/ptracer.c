/*
 * Who may trace beyond being the same user: /proc/sys/kernel/yama/ptrace_scope
 * and prctl(PR_SET_PTRACER).
 *
 * A tracee here is a child that has said by whom it may be traced and waits;
 * who tries to trace it is another child, its sibling, of the same user.
 */
#include "ptracetools.h"

#include <linux/capability.h>

#define SCOPE	"/proc/sys/kernel/yama/ptrace_scope"

static struct event ready, go;
static int secret = 4711;

static void scope(const char *value)
{
	write_file(SCOPE, value);
}

static void become_somebody(void)
{
	become_user(1000, 1000);
	OK(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

/* Somebody's process that names @ptracer, unless that is 0, and waits. */
static pid_t tracee_naming(long ptracer)
{
	pid_t pid;

	event_init(&ready);
	IN_CHILD(pid) {
		become_somebody();
		if (ptracer)
			OK(prctl(PR_SET_PTRACER, ptracer, 0, 0, 0));
		event_signal(&ready);
		for (;;)
			pause();
	}
	event_wait(&ready);
	event_close(&ready);
	return pid;
}

static void end(pid_t pid)
{
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}

/* What current's attempt to trace @pid fails with, or 0. */
static int seize(pid_t pid)
{
	return PT(PTRACE_SEIZE, pid, 0, 0) ? errno : 0;
}

#define EXPECT_SIBLING(tracee, error) do {				\
	pid_t _tracer;							\
	IN_CHILD(_tracer) {						\
		become_somebody();					\
		_exit(seize(tracee));					\
	}								\
	EXPECT_EXIT(_tracer, error);					\
} while (0)

static int look(pid_t pid)
{
	int value = 0;
	struct iovec mine = { &value, sizeof(value) };
	struct iovec its = { &secret, sizeof(secret) };

	if (process_vm_readv(pid, &mine, 1, &its, 1, 0) < 0)
		return errno;
	EXPECT_EQ(value, 4711);
	return 0;
}

static void *end_at_once(void *arg)
{
	return arg;
}

static void *wait_for_go(void *tid)
{
	*(pid_t *)tid = gettid();
	event_signal(&ready);
	event_wait(&go);
	return NULL;
}

TEST(answers_of_set_ptracer)
{
	char text[16];
	pthread_t thread;
	pid_t pid, tid;

	EXPECT_STR(read_file(SCOPE, text, sizeof(text)), "0\n");
	OK(prctl(PR_SET_PTRACER, 0, 0, 0, 0));
	OK(prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0));
	OK(prctl(PR_SET_PTRACER, 0xffffffffUL, 0, 0, 0));
	OK(prctl(PR_SET_PTRACER, getpid(), 0, 0, 0));
	OK(prctl(PR_SET_PTRACER, getppid(), 1, 2, 3));
	OK(prctl(PR_SET_PTRACER, 1, 0, 0, 0));
	OK(prctl(PR_SET_PTRACER, 1UL << 32 | 1, 0, 0, 0));
	EXPECT_ERR(prctl(PR_SET_PTRACER, 1UL << 32, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_PTRACER, -2, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_PTRACER, 0x7fffffff, 0, 0, 0), EINVAL);
	/* Any task will do: a thread, and a zombie until it is reaped. */
	event_init(&ready);
	event_init(&go);
	EXPECT_EQ(pthread_create(&thread, NULL, wait_for_go, &tid), 0);
	event_wait(&ready);
	EXPECT(tid != getpid());
	OK(prctl(PR_SET_PTRACER, tid, 0, 0, 0));
	event_signal(&go);
	pthread_join(thread, NULL);
	event_close(&ready);
	event_close(&go);
	IN_CHILD(pid)
		;
	OK(waitid(P_PID, pid, &(siginfo_t){}, WEXITED | WNOWAIT));
	OK(prctl(PR_SET_PTRACER, pid, 0, 0, 0));
	EXPECT_EXIT(pid, 0);
	EXPECT_ERR(prctl(PR_SET_PTRACER, pid, 0, 0, 0), EINVAL);
	OK(prctl(PR_SET_PTRACER, 0, 0, 0, 0));
}

TEST(scope_0_asks_for_nothing_more)
{
	pid_t pid = tracee_naming(0);

	EXPECT_SIBLING(pid, 0);
	end(pid);
	/* Naming one does not exclude the others. */
	pid = tracee_naming(1);
	EXPECT_SIBLING(pid, 0);
	end(pid);
}

TEST(who_may_change_the_scope)
{
	struct __user_cap_header_struct head = {
		_LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct caps[2] = {};
	pid_t pid;
	int fd = OK(open(SCOPE, O_RDWR));

	EXPECT_ERR(write(fd, "4", 1), EINVAL);
	EXPECT_ERR(write(fd, "-1", 2), EINVAL);
	EXPECT_ERR(write(fd, "x", 1), EINVAL);
	IN_CHILD(pid) {
		char c;

		OK(syscall(SYS_capget, &head, caps));
		caps[0].effective &= ~(1U << CAP_SYS_PTRACE);
		OK(syscall(SYS_capset, &head, caps));
		EXPECT_ERR(pwrite(fd, "0", 1, 0), EPERM);
		EXPECT_EQ(OK(pread(fd, &c, 1, 0)), 1);
	}
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
	IN_CHILD(pid) {
		become_somebody();
		EXPECT_ERR(open(SCOPE, O_WRONLY), EACCES);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(scope_1_wants_an_ancestor)
{
	char path[64];
	pid_t pid, tracer;

	scope("1");
	pid = tracee_naming(0);
	EXPECT_SIBLING(pid, EPERM);
	IN_CHILD(tracer) {
		become_somebody();
		EXPECT_EQ(look(pid), EPERM);
		snprintf(path, sizeof(path), "/proc/%d/mem", pid);
		EXPECT_ERR(open(path, O_RDONLY), EACCES);
		/* Looking is not attaching. */
		snprintf(path, sizeof(path), "/proc/%d/maps", pid);
		OK(close(OK(open(path, O_RDONLY))));
	}
	EXPECT_EXIT(tracer, 0);
	/* Root may, whosever it is. */
	IN_CHILD(tracer)
		_exit(seize(pid));
	EXPECT_EXIT(tracer, 0);
	end(pid);
	/* And so may parents and theirs. */
	IN_CHILD(tracer) {
		pid_t child, deep;
		int fds[2];

		become_somebody();
		OK(pipe(fds));
		IN_CHILD(child) {
			IN_CHILD(deep)
				for (;;)
					pause();
			EXPECT_EQ(write(fds[1], &deep, sizeof(deep)),
				  sizeof(deep));
			EXPECT_KILLED(deep, SIGKILL);
		}
		EXPECT_EQ(read(fds[0], &deep, sizeof(deep)), sizeof(deep));
		EXPECT_EQ(look(deep), 0);
		EXPECT_EQ(seize(deep), 0);
		EXPECT_EQ(seize(child), 0);
		OK(kill(deep, SIGKILL));
		EXPECT_KILLED(deep, SIGKILL);
		EXPECT_STOP(child, STOPPED_BY(SIGCHLD));
		OK(PT(PTRACE_DETACH, child, 0, 0));
		EXPECT_EXIT(child, 0);
		/* PTRACE_TRACEME is for the parent that there is. */
		TRACEE(child)
			;
		EXPECT_STOP(child, STOPPED_BY(SIGSTOP));
		finish(child);
	}
	EXPECT_EXIT(tracer, 0);
	scope("0");
}

TEST(scope_1_and_who_is_named)
{
	pid_t pid, tracer;

	scope("1");
	pid = tracee_naming(-1);
	EXPECT_SIBLING(pid, 0);
	end(pid);
	/* Who is named names its descendants with it. */
	pid = tracee_naming(getpid());
	EXPECT_SIBLING(pid, 0);
	end(pid);
	/* And nobody else. */
	event_init(&go);
	IN_CHILD(tracer) {
		become_somebody();
		event_wait(&go);
		EXPECT_EQ(read(go.fds[0], &pid, sizeof(pid)), sizeof(pid));
		_exit(seize(pid));
	}
	pid = tracee_naming(tracer);
	EXPECT_SIBLING(pid, EPERM);
	event_signal(&go);
	EXPECT_EQ(write(go.fds[1], &pid, sizeof(pid)), sizeof(pid));
	EXPECT_EXIT(tracer, 0);
	event_close(&go);
	/* It is gone, and the permission with it. */
	EXPECT_SIBLING(pid, EPERM);
	end(pid);
	scope("0");
}

/* What was said last counts; children have to say it themselves. */
TEST(scope_1_and_what_is_kept)
{
	int fds[2];
	pid_t pid, child;

	scope("1");
	event_init(&ready);
	event_init(&go);
	OK(pipe(fds));
	IN_CHILD(pid) {
		pthread_t thread;

		become_somebody();
		OK(prctl(PR_SET_PTRACER, -1, 0, 0, 0));
		IN_CHILD(child)
			for (;;)
				pause();
		EXPECT_EQ(write(fds[1], &child, sizeof(child)), sizeof(child));
		event_wait(&go);
		/* An error leaves it as it was. */
		EXPECT_ERR(prctl(PR_SET_PTRACER, 0x7fffffff, 0, 0, 0), EINVAL);
		EXPECT_EQ(pthread_create(&thread, NULL, end_at_once, NULL), 0);
		pthread_join(thread, NULL);
		event_signal(&ready);
		event_wait(&go);
		OK(prctl(PR_SET_PTRACER, 0, 0, 0, 0));
		event_signal(&ready);
		EXPECT_KILLED(child, SIGKILL);
	}
	EXPECT_EQ(read(fds[0], &child, sizeof(child)), sizeof(child));
	EXPECT_SIBLING(child, EPERM);
	EXPECT_SIBLING(pid, 0);
	event_signal(&go);
	event_wait(&ready);
	EXPECT_SIBLING(pid, 0);
	event_signal(&go);
	event_wait(&ready);
	EXPECT_SIBLING(pid, EPERM);
	OK(kill(child, SIGKILL));
	EXPECT_EXIT(pid, 0);
	OK(close(fds[0]));
	OK(close(fds[1]));
	event_close(&ready);
	event_close(&go);
	scope("0");
}

HELPER(say_and_wait)
{
	if (write(STDOUT_FILENO, "!", 1) != 1)
		return 1;
	for (;;)
		pause();
}

TEST(scope_1_over_exec)
{
	char *args[] = { HELPER_ARGV("say_and_wait"), NULL };
	int fds[2];
	char c;
	pid_t pid;

	scope("1");
	OK(pipe(fds));
	IN_CHILD(pid) {
		become_somebody();
		OK(prctl(PR_SET_PTRACER, -1, 0, 0, 0));
		OK(dup2(fds[1], STDOUT_FILENO));
		execv(SELF, args);
	}
	EXPECT_EQ(read(fds[0], &c, 1), 1);
	EXPECT_SIBLING(pid, 0);
	end(pid);
	OK(close(fds[0]));
	OK(close(fds[1]));
	scope("0");
}

/* Who is the tracer already may also read memory, whatever the scope. */
TEST(scope_1_and_a_tracer_of_before)
{
	pid_t pid = tracee_naming(0), tracer;

	event_init(&ready);
	event_init(&go);
	IN_CHILD(tracer) {
		become_somebody();
		EXPECT_EQ(seize(pid), 0);
		event_signal(&ready);
		event_wait(&go);
		EXPECT_EQ(look(pid), 0);
	}
	event_wait(&ready);
	scope("1");
	event_signal(&go);
	EXPECT_EXIT(tracer, 0);
	event_close(&ready);
	event_close(&go);
	end(pid);
	scope("0");
}

TEST(scope_2_wants_a_right)
{
	pid_t pid, tracer;

	scope("2");
	pid = tracee_naming(-1);
	EXPECT_SIBLING(pid, EPERM);
	IN_CHILD(tracer)
		_exit(seize(pid));
	EXPECT_EXIT(tracer, 0);
	end(pid);
	IN_CHILD(tracer) {
		pid_t child;

		become_somebody();
		IN_CHILD(child)
			EXPECT_ERR(PT(PTRACE_TRACEME, 0, 0, 0), EPERM);
		EXPECT_EXIT(child, 0);
		IN_CHILD(child)
			for (;;)
				pause();
		EXPECT_EQ(seize(child), EPERM);
		EXPECT_EQ(look(child), EPERM);
		/* Oneself one may always look at. */
		EXPECT_EQ(look(getpid()), 0);
		end(child);
	}
	EXPECT_EXIT(tracer, 0);
	TRACEE(pid)
		;
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	finish(pid);
	scope("0");
}
