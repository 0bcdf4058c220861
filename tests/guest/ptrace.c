/* ptrace(2): signals, memory, system calls, who may trace whom. */
#include "ptracetools.h"

static volatile long watched;

TEST(traceme_stops_at_signals)
{
	siginfo_t info;
	pid_t pid;

	TRACEE(pid) {
		signal(SIGUSR1, bump);
		raise(SIGUSR1);
		raise(SIGUSR1);
		EXPECT_EQ(tally, 1);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGUSR1));
	OK(PT(PTRACE_GETSIGINFO, pid, 0, &info));
	EXPECT_EQ(info.si_signo, SIGUSR1);
	EXPECT_EQ(info.si_pid, pid);
	OK(PT(PTRACE_CONT, pid, 0, SIGUSR1));
	EXPECT_STOP(pid, STOPPED_BY(SIGUSR1));
	finish(pid);	/* the second one is swallowed */
}

TEST(even_ignored_signals_are_shown)
{
	pid_t pid;

	TRACEE(pid) {
		signal(SIGUSR1, SIG_IGN);
		raise(SIGUSR1);
		raise(SIGCHLD);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGUSR1));
	OK(PT(PTRACE_CONT, pid, 0, SIGUSR1));
	EXPECT_STOP(pid, STOPPED_BY(SIGCHLD));
	finish(pid);
}

TEST(a_signal_may_be_replaced)
{
	siginfo_t info;
	pid_t pid;

	TRACEE(pid)
		raise(SIGUSR1);
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGUSR1));
	OK(PT(PTRACE_GETSIGINFO, pid, 0, &info));
	info.si_code = SI_QUEUE;
	OK(PT(PTRACE_SETSIGINFO, pid, 0, &info));
	OK(PT(PTRACE_GETSIGINFO, pid, 0, &info));
	EXPECT_EQ(info.si_code, SI_QUEUE);
	OK(PT(PTRACE_CONT, pid, 0, SIGTERM));
	EXPECT_KILLED(pid, SIGTERM);
}

TEST(errors_of_ptrace)
{
	struct user_regs_struct regs;
	pid_t pid;

	EXPECT_ERR(PT(PTRACE_ATTACH, 99999999, 0, 0), ESRCH);
	EXPECT_ERR(PT(PTRACE_ATTACH, getpid(), 0, 0), EPERM);
	EXPECT_ERR(PT(PTRACE_GETREGS, 1, 0, &regs), ESRCH);
	IN_CHILD(pid)
		pause();
	EXPECT_ERR(PT(PTRACE_CONT, pid, 0, 0), ESRCH);
	EXPECT_ERR(PT(PTRACE_SEIZE, pid, 1, 0), EIO);
	EXPECT_ERR(PT(PTRACE_SEIZE, pid, 0, 1 << 30), EIO);
	OK(PT(PTRACE_SEIZE, pid, 0, 0));
	EXPECT_ERR(PT(PTRACE_SEIZE, pid, 0, 0), EPERM);
	EXPECT_ERR(PT(PTRACE_GETREGS, pid, 0, &regs), ESRCH);	/* it runs */
	OK(PT(PTRACE_INTERRUPT, pid, 0, 0));
	EXPECT_STOP(pid, EVENT(PTRACE_EVENT_STOP));
	EXPECT_ERR(PT(PTRACE_CONT, pid, 0, 65), EIO);
	EXPECT_ERR(PT(PTRACE_SETOPTIONS, pid, 0, 1 << 30), EINVAL);
	EXPECT_ERR(PT(PTRACE_GETREGS, pid, 0, 8), EFAULT);
	EXPECT_ERR(PT(9999, pid, 0, 0), EIO);
	EXPECT_ERR(PT(PTRACE_GETSIGMASK, pid, 4, &regs), EINVAL);
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}

TEST(a_stranger_may_not_attach)
{
	struct event ready;
	pid_t target, pid;

	event_init(&ready);
	IN_CHILD(target) {
		become_user(1001, 1001);
		event_signal(&ready);
		pause();
	}
	event_wait(&ready);
	IN_CHILD(pid) {
		become_user(1002, 1002);
		EXPECT_ERR(PT(PTRACE_ATTACH, target, 0, 0), EPERM);
		EXPECT_ERR(PT(PTRACE_ATTACH, 1, 0, 0), EPERM);
	}
	EXPECT_EXIT(pid, 0);
	OK(kill(target, SIGKILL));
	EXPECT_KILLED(target, SIGKILL);
	event_close(&ready);
}

/* A parent with fewer rights is no tracer for a child that has more. */
TEST(traceme_needs_a_parent_with_as_many_rights)
{
	struct event dropped;
	pid_t parent;

	event_init(&dropped);
	IN_CHILD(parent) {
		pid_t pid;

		IN_CHILD(pid) {
			event_wait(&dropped);
			EXPECT_ERR(PT(PTRACE_TRACEME, 0, 0, 0), EPERM);
		}
		become_user(1001, 1001);
		event_signal(&dropped);
		EXPECT_EXIT(pid, 0);
	}
	EXPECT_EXIT(parent, 0);
	event_close(&dropped);
}

TEST(peek_and_poke_memory)
{
	static const long constant = 0x1122334455667788;
	long word = 0;
	pid_t pid;

	watched = 5;
	TRACEE(pid) {
		EXPECT_EQ(watched, 6);
		EXPECT_EQ(*(volatile const long *)&constant, 7);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_PEEKDATA, pid, &watched, &word));
	EXPECT_EQ(word, 5);
	OK(PT(PTRACE_POKEDATA, pid, &watched, 6));
	OK(PT(PTRACE_PEEKTEXT, pid, &constant, &word));
	EXPECT_EQ(word, 0x1122334455667788);
	/* Read-only memory is private: it is copied, and written. */
	OK(PT(PTRACE_POKETEXT, pid, &constant, 7));
	EXPECT_EQ(*(volatile const long *)&constant, 0x1122334455667788);
	EXPECT_ERR(PT(PTRACE_PEEKDATA, pid, 16, &word), EIO);
	EXPECT_ERR(PT(PTRACE_POKEDATA, pid, 16, 1), EIO);
	EXPECT_ERR(PT(PTRACE_PEEKDATA, pid, -4096L, &word), EIO);
	finish(pid);
}

TEST(system_call_stops)
{
	struct ptrace_syscall_info info;
	struct user_regs_struct regs;
	pid_t pid;

	TRACEE(pid)
		EXPECT_EQ(syscall(SYS_dup3, 71, 72, 73, 74, 75, 76), -1);
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	EXPECT_EQ(OK(PT(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info)),
		  24);
	EXPECT_EQ(info.op, PTRACE_SYSCALL_INFO_NONE);
	do {
		OK(PT(PTRACE_SYSCALL, pid, 0, 0));
		EXPECT_STOP(pid, STOPPED_BY(SIGTRAP | 0x80));
		regs = regs_of(pid);
	} while (regs.orig_rax != SYS_dup3);
	EXPECT_EQ(regs.rax, -ENOSYS);
	EXPECT_EQ(regs.rdi, 71);
	EXPECT_EQ(regs.r10, 74);
	EXPECT_EQ(OK(PT(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info)),
		  80);
	EXPECT_EQ(info.op, PTRACE_SYSCALL_INFO_ENTRY);
	EXPECT_EQ(info.entry.nr, SYS_dup3);
	EXPECT_EQ(info.entry.args[0], 71);
	EXPECT_EQ(info.entry.args[5], 76);
	EXPECT_EQ(info.instruction_pointer, regs.rip);
	EXPECT_EQ(info.stack_pointer, regs.rsp);
	OK(PT(PTRACE_SYSCALL, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP | 0x80));
	EXPECT_EQ(regs_of(pid).rax, -EINVAL);
	EXPECT_EQ(OK(PT(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info)),
		  33);
	EXPECT_EQ(info.op, PTRACE_SYSCALL_INFO_EXIT);
	EXPECT_EQ(info.exit.rval, -EINVAL);
	EXPECT_EQ(info.exit.is_error, 1);
	finish(pid);
}

/* Run the tracee to the entry of its next call of @nr. */
static void to_call(pid_t pid, unsigned long nr)
{
	struct user_regs_struct regs;

	for (;;) {
		OK(PT(PTRACE_SYSCALL, pid, 0, 0));
		EXPECT_STOP(pid, STOPPED_BY(SIGTRAP | 0x80));
		regs = regs_of(pid);
		if (regs.orig_rax == nr && regs.rax == -(unsigned long)ENOSYS)
			return;
	}
}

TEST(a_tracer_can_change_calls_and_results)
{
	struct user_regs_struct regs;
	pid_t pid;

	TRACEE(pid) {
		EXPECT_EQ(syscall(SYS_getpid), 4711);
		EXPECT_EQ(syscall(SYS_getgid), getppid());
		EXPECT_EQ(syscall(SYS_getuid), -1);
		EXPECT_EQ(errno, ENOSYS);
		EXPECT_EQ(syscall(SYS_getegid), 12);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	to_call(pid, SYS_getpid);
	OK(PT(PTRACE_SYSCALL, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP | 0x80));
	OK(PT(PTRACE_POKEUSR, pid, offsetof(struct user, regs.rax), 4711));
	to_call(pid, SYS_getgid);
	OK(PT(PTRACE_POKEUSR, pid, offsetof(struct user, regs.orig_rax),
	      SYS_getppid));
	to_call(pid, SYS_getuid);
	regs = regs_of(pid);
	regs.orig_rax = -1;
	OK(PT(PTRACE_SETREGS, pid, 0, &regs));
	to_call(pid, SYS_getegid);
	regs = regs_of(pid);
	regs.orig_rax = -1;
	regs.rax = 12;
	OK(PT(PTRACE_SETREGS, pid, 0, &regs));
	finish(pid);
}

TEST(interrupted_calls_show_their_restart)
{
	struct event e;
	pid_t pid;
	char c;

	event_init(&e);
	TRACEE(pid) {
		signal(SIGUSR1, SIG_IGN);
		EXPECT_EQ(syscall(SYS_read, e.fds[0], &c, 1), 1);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	to_call(pid, SYS_read);
	OK(PT(PTRACE_SYSCALL, pid, 0, 0));
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR1));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP | 0x80));
	EXPECT_EQ(regs_of(pid).rax, -512);	/* ERESTARTSYS */
	OK(PT(PTRACE_SYSCALL, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGUSR1));
	to_call(pid, SYS_read);
	OK(PT(PTRACE_CONT, pid, 0, 0));
	event_signal(&e);
	EXPECT_EXIT(pid, 0);
	event_close(&e);
}
