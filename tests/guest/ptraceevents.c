/* ptrace(2): fork, exec, threads, group stops; attaching and letting go. */
#include "ptracetools.h"

TEST(fork_events)
{
	unsigned long child = 0;
	pid_t pid;

	TRACEE(pid) {
		pid_t kid = OK(fork());

		if (kid == 0)
			_exit(3);
		EXPECT_EXIT(kid, 3);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEFORK |
	      PTRACE_O_TRACEEXIT));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, EVENT(PTRACE_EVENT_FORK));
	OK(PT(PTRACE_GETEVENTMSG, pid, 0, &child));
	EXPECT_STOP(child, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_CONT, child, 0, 0));
	EXPECT_STOP(child, EVENT(PTRACE_EVENT_EXIT));
	OK(PT(PTRACE_CONT, child, 0, 0));
	EXPECT_EXIT((pid_t)child, 3);
	OK(PT(PTRACE_CONT, pid, 0, 0));
	/* Now its parent may see the end of it, too. */
	EXPECT_STOP(pid, STOPPED_BY(SIGCHLD));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, EVENT(PTRACE_EVENT_EXIT));
	OK(PT(PTRACE_GETEVENTMSG, pid, 0, &child));
	EXPECT_EQ(child, 0);
	finish(pid);
}

TEST(vfork_and_exec_events)
{
	char *argv[] = { PROGRAMS "/show", NULL };
	unsigned long child = 0;
	pid_t pid;

	TRACEE(pid) {
		pid_t kid = vfork();

		if (kid == 0) {
			execv(argv[0], argv);
			_exit(1);
		}
		OK(waitpid(kid, NULL, 0));
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEVFORK |
	      PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXEC));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, EVENT(PTRACE_EVENT_VFORK));
	OK(PT(PTRACE_GETEVENTMSG, pid, 0, &child));
	EXPECT_STOP(child, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	OK(PT(PTRACE_CONT, child, 0, 0));
	EXPECT_STOP(child, EVENT(PTRACE_EVENT_EXEC));
	EXPECT_STOP(pid, EVENT(PTRACE_EVENT_VFORK_DONE));
	OK(PT(PTRACE_DETACH, child, 0, 0));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGCHLD));
	finish(pid);
}

TEST(exec_without_options_is_a_trap)
{
	char *argv[] = { PROGRAMS "/show", NULL };
	int status;
	pid_t pid;

	TRACEE(pid)
		execv(argv[0], argv);
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	status = stop_of(pid);
	EXPECT(WIFEXITED(status));
}

static void *thread_body(void *arg)
{
	(void)arg;
	passed_by();
	return NULL;
}

TEST(threads_are_traced_one_by_one)
{
	unsigned long tid = 0;
	int status;
	pid_t pid, got;

	TRACEE(pid) {
		pthread_t thread;

		EXPECT_EQ(pthread_create(&thread, NULL, thread_body, NULL), 0);
		EXPECT_EQ(pthread_join(thread, NULL), 0);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACECLONE));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, EVENT(PTRACE_EVENT_CLONE));
	OK(PT(PTRACE_GETEVENTMSG, pid, 0, &tid));
	EXPECT(tid != (unsigned long)pid);
	EXPECT_STOP(tid, STOPPED_BY(SIGSTOP));
	/* Only one of them goes on: then only it can have news. */
	OK(PT(PTRACE_CONT, tid, 0, 0));
	got = OK(waitpid(-1, &status, __WALL));
	EXPECT_EQ(got, tid);
	EXPECT(WIFEXITED(status));
	finish(pid);
}

TEST(seize_leaves_it_running)
{
	struct event e;
	siginfo_t info;
	pid_t pid;
	char line[128];

	event_init(&e);
	IN_CHILD(pid)
		event_wait(&e);
	OK(PT(PTRACE_SEIZE, pid, 0, 0));
	wait_until_sleeping(pid);
	snprintf(line, sizeof(line), "/proc/%d/status", pid);
	EXPECT_EQ(proc_number(line, "TracerPid:"), getpid());
	OK(PT(PTRACE_INTERRUPT, pid, 0, 0));
	EXPECT_STOP(pid, EVENT(PTRACE_EVENT_STOP));
	OK(PT(PTRACE_GETSIGINFO, pid, 0, &info));
	EXPECT_EQ(info.si_code, SIGTRAP | PTRACE_EVENT_STOP << 8);
	OK(PT(PTRACE_CONT, pid, 0, 0));
	wait_until_sleeping(pid);
	OK(PT(PTRACE_INTERRUPT, pid, 0, 0));
	EXPECT_STOP(pid, EVENT(PTRACE_EVENT_STOP));
	OK(PT(PTRACE_DETACH, pid, 0, 0));
	EXPECT_EQ(proc_number(line, "TracerPid:"), 0);
	event_signal(&e);
	EXPECT_EXIT(pid, 0);
	event_close(&e);
}

TEST(group_stops_of_the_seized)
{
	pid_t pid;

	IN_CHILD(pid)
		pause();
	OK(PT(PTRACE_SEIZE, pid, 0, 0));
	OK(kill(pid, SIGSTOP));
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));		/* the signal */
	OK(PT(PTRACE_CONT, pid, 0, SIGSTOP));
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP | PTRACE_EVENT_STOP << 8));
	OK(PT(PTRACE_LISTEN, pid, 0, 0));
	OK(kill(pid, SIGCONT));
	EXPECT_STOP(pid, EVENT(PTRACE_EVENT_STOP));	/* it is over */
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGCONT));
	OK(PT(PTRACE_CONT, pid, 0, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}

TEST(attach_and_detach)
{
	struct event e;
	pid_t pid;

	event_init(&e);
	IN_CHILD(pid)
		event_wait(&e);
	OK(PT(PTRACE_ATTACH, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_DETACH, pid, 0, 0));
	event_signal(&e);
	EXPECT_EXIT(pid, 0);
	event_close(&e);
}

TEST(attach_to_what_is_stopped)
{
	int status;
	pid_t pid;

	IN_CHILD(pid)
		pause();
	OK(kill(pid, SIGSTOP));
	EXPECT_EQ(OK(waitpid(pid, &status, WUNTRACED)), pid);
	OK(PT(PTRACE_ATTACH, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	/* Detached, it is stopped as before. */
	OK(PT(PTRACE_DETACH, pid, 0, SIGSTOP));
	OK(kill(pid, SIGCONT));
	OK(kill(pid, SIGTERM));
	EXPECT_KILLED(pid, SIGTERM);
}

TEST(a_tracer_that_is_not_the_parent)
{
	struct event e, ready, seen;
	pid_t pid, tracer;

	event_init(&e);
	event_init(&ready);
	event_init(&seen);
	IN_CHILD(pid) {
		event_wait(&e);
		_exit(5);
	}
	IN_CHILD(tracer) {
		OK(PT(PTRACE_SEIZE, pid, 0, 0));
		event_signal(&ready);
		EXPECT_EXIT(pid, 5);
		event_signal(&seen);
		EXPECT_ERR(waitpid(pid, NULL, 0), ECHILD);
	}
	event_wait(&ready);
	event_signal(&e);
	event_wait(&seen);
	EXPECT_EXIT(pid, 5);		/* and then by its parent */
	EXPECT_EXIT(tracer, 0);
	event_close(&e);
	event_close(&ready);
	event_close(&seen);
}

HELPER(run_suid)
{
	/* Twice the same program: the second time with its owner's rights. */
	if (geteuid() != 0)
		execl("suid", SELF, "--helper", "run_suid", NULL);
	pause();
	return 0;
}

static bool is_roots(pid_t pid)
{
	char path[64], text[4096];
	int euid = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	sscanf(strstr(read_file(path, text, sizeof(text)), "\nUid:"),
	       "\nUid:%*d%d", &euid);
	return euid == 0;
}

/* However an attach meets the exec of a set-id program: never both. */
static void race_with_set_id(void)
{
	pid_t pid = OK(fork());

	if (pid == 0) {
		execl(SELF, SELF, "--helper", "run_suid", NULL);
		_exit(126);
	}
	while (PT(PTRACE_SEIZE, pid, 0, PTRACE_O_EXITKILL) == 0) {
		EXPECT(!is_roots(pid));
		OK(PT(PTRACE_INTERRUPT, pid, 0, 0));
		stop_of(pid);
		EXPECT(!is_roots(pid));
		OK(PT(PTRACE_DETACH, pid, 0, 0));
		if (rand() % 4 == 0)
			break;
	}
	/* Traced too early, it stays ours; else it is root's by now. */
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}

TEST(attaching_never_meets_set_id)
{
	pid_t tracer;
	int fd = OK(open(SELF, O_RDONLY)), out;
	static char buf[65536];
	ssize_t n;

	out = OK(open("suid", O_CREAT | O_WRONLY, 0755));
	while ((n = OK(read(fd, buf, sizeof(buf)))) > 0)
		EXPECT_EQ(write(out, buf, n), n);
	OK(close(fd));
	OK(fchmod(out, 04755));
	OK(close(out));
	IN_CHILD(tracer) {
		become_user(1000, 1000);
		for (int i = 0; i < 50; i++)
			race_with_set_id();
	}
	EXPECT_EXIT(tracer, 0);
}

TEST(the_end_of_the_tracer)
{
	struct event e;
	pid_t pid, doomed, tracer;

	event_init(&e);
	IN_CHILD(pid)
		event_wait(&e);
	IN_CHILD(doomed)
		pause();
	IN_CHILD(tracer) {
		OK(PT(PTRACE_SEIZE, doomed, 0, PTRACE_O_EXITKILL));
		OK(PT(PTRACE_ATTACH, pid, 0, 0));
		EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	}
	EXPECT_EXIT(tracer, 0);
	EXPECT_KILLED(doomed, SIGKILL);
	event_signal(&e);
	EXPECT_EXIT(pid, 0);
	event_close(&e);
}

TEST(sigkill_ends_every_stop)
{
	pid_t pid;

	TRACEE(pid)
		;
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	TRACEE(pid)
		;
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_KILL, pid, 0, 0));
	EXPECT_KILLED(pid, SIGKILL);
}

TEST(masks_and_waiting_signals_of_a_tracee)
{
	struct ptrace_peeksiginfo_args args = { .nr = 4 };
	siginfo_t infos[4];
	uint64_t mask = 0;
	union sigval value = { .sival_int = 3 };
	pid_t pid;

	TRACEE(pid) {
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, SIGRTMIN);
		sigprocmask(SIG_BLOCK, &set, NULL);
		raise(SIGRTMIN);
		raise(SIGRTMIN);
		raise(SIGSTOP);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_GETSIGMASK, pid, 8, &mask));
	EXPECT_EQ(mask, 1UL << (SIGRTMIN - 1));
	EXPECT_EQ(OK(PT(PTRACE_PEEKSIGINFO, pid, &args, infos)), 2);
	EXPECT_EQ(infos[1].si_signo, SIGRTMIN);
	EXPECT_EQ(infos[1].si_code, SI_TKILL);
	args.flags = PTRACE_PEEKSIGINFO_SHARED;
	EXPECT_EQ(OK(PT(PTRACE_PEEKSIGINFO, pid, &args, infos)), 0);
	OK(sigqueue(pid, SIGRTMIN, value));
	EXPECT_EQ(OK(PT(PTRACE_PEEKSIGINFO, pid, &args, infos)), 1);
	EXPECT_EQ(infos[0].si_value.sival_int, 3);
	mask = ~0UL;
	OK(PT(PTRACE_SETSIGMASK, pid, 8, &mask));
	OK(PT(PTRACE_GETSIGMASK, pid, 8, &mask));
	EXPECT_EQ(mask, ~(1UL << (SIGKILL - 1) | 1UL << (SIGSTOP - 1)));
	finish(pid);
}

TEST(waitid_sees_traps)
{
	siginfo_t info;
	pid_t pid;

	TRACEE(pid)
		;
	OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	EXPECT_EQ(info.si_code, CLD_TRAPPED);
	EXPECT_EQ(info.si_status, SIGSTOP);
	OK(waitid(P_PID, pid, &info, WSTOPPED));
	EXPECT_EQ(info.si_code, CLD_TRAPPED);
	info.si_pid = 0;
	OK(waitid(P_PID, pid, &info, WSTOPPED | WNOHANG));
	EXPECT_EQ(info.si_pid, 0);
	finish(pid);
}

/* Many steppings while somebody else shoots: nothing hangs, nothing leaks. */
TEST(steps_under_fire)
{
	int status;

	for (int i = 0; i < 20; i++) {
		pid_t pid, killer;

		TRACEE(pid)
			for (;;)
				passed_by();
		EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
		IN_CHILD(killer) {
			for (int n = 0; n < i * 5; n++)
				sched_yield();
			OK(kill(pid, SIGKILL));
		}
		do {
			PT(PTRACE_SINGLESTEP, pid, 0, 0);
			status = stop_of(pid);
		} while (WIFSTOPPED(status));
		EXPECT_EQ(WTERMSIG(status), SIGKILL);
		EXPECT_EXIT(killer, 0);
	}
}
