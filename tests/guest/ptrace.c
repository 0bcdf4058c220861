/* ptrace(2): a tracer and a tracee in one test each. */
#include "test.h"

#include <elf.h>
#include <sched.h>
#include <linux/ptrace.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/user.h>

#define PT(request, pid, addr, data) \
	syscall(SYS_ptrace, (long)(request), (long)(pid), (long)(addr), \
		(long)(data))

static volatile long watched;
static volatile int tally;

static void bump(int sig)
{
	(void)sig;
	tally++;
}

/* Wait for @pid to stop; the whole status. */
static int stop_of(pid_t pid)
{
	int status;

	EXPECT_EQ(OK(waitpid(pid, &status, __WALL)), pid);
	return status;
}

#define STOPPED_BY(sig)		((sig) << 8 | 0x7f)
#define EVENT(event)		((SIGTRAP | (event) << 8) << 8 | 0x7f)
#define EXPECT_STOP(pid, want)	EXPECT_EQ(stop_of(pid), want)

static struct user_regs_struct regs_of(pid_t pid)
{
	struct user_regs_struct regs;

	OK(PT(PTRACE_GETREGS, pid, 0, &regs));
	return regs;
}

/* A child that has asked to be traced and stopped itself. */
#define TRACEE(pid)							\
	for (pid = OK(fork()); pid == 0; _exit(0))			\
		for (int _once = (OK(PT(PTRACE_TRACEME, 0, 0, 0)),	\
				  raise(SIGSTOP), 1); _once; _once = 0)

static void finish(pid_t pid)
{
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_EXIT(pid, 0);
}

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

static void step(pid_t pid)
{
	OK(PT(PTRACE_SINGLESTEP, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP));
}

TEST(single_steps)
{
	struct user_regs_struct regs, after;
	siginfo_t info;
	pid_t pid;

	TRACEE(pid)
		__asm__ __volatile__(
			"mov $0xabc, %%ebx\n\t"
			"int3\n\t"
			"nop\n\t"
			"mov $39, %%eax\n\t"
			"syscall\n\t"
			"mov $1, %%eax\n\t"
			"nop"
			::: "rax", "rbx", "rcx", "r11", "memory");
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP));
	OK(PT(PTRACE_GETSIGINFO, pid, 0, &info));
	EXPECT_EQ(info.si_code, SI_KERNEL);
	regs = regs_of(pid);
	EXPECT_EQ(regs.rbx, 0xabc);
	step(pid);			/* nop */
	OK(PT(PTRACE_GETSIGINFO, pid, 0, &info));
	EXPECT_EQ(info.si_code, TRAP_TRACE);
	after = regs_of(pid);
	EXPECT_EQ(after.rip, regs.rip + 1);
	EXPECT_EQ(after.eflags & 0x100, 0);
	EXPECT((unsigned long)info.si_addr == after.rip);
	step(pid);			/* mov */
	EXPECT_EQ(regs_of(pid).rax, 39);
	step(pid);			/* syscall: ends in front of the next */
	after = regs_of(pid);
	EXPECT_EQ(after.rip, regs.rip + 1 + 5 + 2);
	EXPECT_EQ(after.rax, pid);
	step(pid);
	EXPECT_EQ(regs_of(pid).rax, 1);
	finish(pid);
}

TEST(a_step_may_lead_into_a_handler)
{
	struct user_regs_struct regs;
	pid_t pid;

	TRACEE(pid) {
		signal(SIGUSR1, bump);
		raise(SIGUSR1);
		EXPECT_EQ(tally, 1);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGUSR1));
	OK(PT(PTRACE_SINGLESTEP, pid, 0, SIGUSR1));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP));
	regs = regs_of(pid);
	EXPECT_EQ(regs.rip, (unsigned long)bump);
	EXPECT_EQ(regs.rdi, SIGUSR1);
	for (int i = 0; i < 3; i++)
		step(pid);
	finish(pid);
}

TEST(hostile_registers_hurt_only_the_tracee)
{
	static const unsigned long rips[] = {
		0x800000000000, 0x7ffffffffff0, 0x8000000000000000,
		0xffffffff80000000, 0xffff800000000000, 0 };
	struct user_regs_struct regs, back;
	pid_t pid;

	for (size_t i = 0; i < ARRAY_SIZE(rips); i++) {
		TRACEE(pid)
			;
		EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
		regs = regs_of(pid);
		regs.rip = rips[i];
		regs.rcx = rips[i];
		regs.rsp = rips[i] ^ 0x5a;
		regs.orig_rax = -1;
		OK(PT(PTRACE_SETREGS, pid, 0, &regs));
		OK(PT(PTRACE_CONT, pid, 0, 0));
		EXPECT_STOP(pid, STOPPED_BY(SIGSEGV));
		OK(PT(PTRACE_CONT, pid, 0, SIGSEGV));
		EXPECT_EQ(stop_of(pid) & 0x7f, SIGSEGV);
	}
	TRACEE(pid)
		;
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	regs = regs_of(pid);
#define POKE_REG(reg, value) PT(PTRACE_POKEUSR, pid, \
				offsetof(struct user, regs.reg), value)
	EXPECT_ERR(POKE_REG(cs, 0x10), EIO);
	EXPECT_ERR(POKE_REG(cs, 0), EIO);
	EXPECT_ERR(POKE_REG(ss, 0x18), EIO);
	EXPECT_ERR(POKE_REG(fs_base, 0xffff800000000000), EIO);
	EXPECT_ERR(POKE_REG(gs_base, 0x8000000000000000), EIO);
	EXPECT_ERR(PT(PTRACE_POKEUSR, pid, 3, 0), EIO);
	EXPECT_ERR(PT(PTRACE_POKEUSR, pid, -8L, 0), EIO);
	EXPECT_ERR(PT(PTRACE_POKEUSR, pid, sizeof(struct user), 0), EIO);
	/* Flags: neither IOPL nor IF nor VM are the tracer's to set. */
	OK(POKE_REG(eflags, 0xffffffffUL & ~0x100UL));
	back = regs_of(pid);
	EXPECT_EQ(back.eflags & ~0x10000UL, (regs.eflags & ~0x10000UL) |
		  0x44cd5);
	OK(PT(PTRACE_SETREGS, pid, 0, &regs));
	finish(pid);
}

TEST(impossible_selectors)
{
	static const unsigned long selectors[] = { 0x2b, 0x43, 0xfff3, 0x07 };
	int status;
	pid_t pid;

	for (size_t i = 0; i < ARRAY_SIZE(selectors); i++) {
		TRACEE(pid)
			;
		EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
		OK(POKE_REG(cs, selectors[i]));
		OK(PT(PTRACE_CONT, pid, 0, 0));
		status = stop_of(pid);
		EXPECT(WIFSTOPPED(status));
		EXPECT(WSTOPSIG(status) == SIGSEGV ||
		       WSTOPSIG(status) == SIGBUS);
		OK(kill(pid, SIGKILL));
		EXPECT_KILLED(pid, SIGKILL);
	}
}

TEST(register_sets)
{
	struct user_regs_struct regs;
	struct user_fpregs_struct fp;
	unsigned char xstate[4096];
	struct iovec iov = { &regs, sizeof(regs) };
	double one = 0;
	pid_t pid;

	TRACEE(pid) {
		double x = 1.5;

		__asm__ __volatile__("movq %0, %%xmm7\n\tint3\n\t"
				     "movq %%xmm7, %0"
				     : "+r"(x) :: "xmm7");
		EXPECT_EQ(x == 2.5, true);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP));
	OK(PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	EXPECT_EQ(iov.iov_len, sizeof(regs));
	EXPECT_EQ(regs.rip, regs_of(pid).rip);
	iov.iov_len = 16;
	OK(PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	EXPECT_EQ(iov.iov_len, 16);
	iov.iov_len = 17;
	EXPECT_ERR(PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov), EINVAL);
	EXPECT_ERR(PT(PTRACE_GETREGSET, pid, 12345, &iov), EINVAL);

	OK(PT(PTRACE_GETFPREGS, pid, 0, &fp));
	memcpy(&one, &fp.xmm_space[7 * 4], sizeof(one));
	EXPECT_EQ(one == 1.5, true);
	one = 2.5;
	memcpy(&fp.xmm_space[7 * 4], &one, sizeof(one));
	fp.mxcsr |= 0x80000000;
	EXPECT_ERR(PT(PTRACE_SETFPREGS, pid, 0, &fp), EINVAL);
	fp.mxcsr &= ~0x80000000;
	OK(PT(PTRACE_SETFPREGS, pid, 0, &fp));
	iov = (struct iovec){ &fp, sizeof(fp) };
	OK(PT(PTRACE_GETREGSET, pid, NT_PRFPREG, &iov));
	memcpy(&one, &fp.xmm_space[7 * 4], sizeof(one));
	EXPECT_EQ(one == 2.5, true);

	iov = (struct iovec){ xstate, sizeof(xstate) };
	if (PT(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &iov) == 0) {
		size_t size = iov.iov_len;

		EXPECT(size >= 576);
		memcpy(&one, xstate + 160 + 7 * 16, sizeof(one));
		EXPECT_EQ(one == 2.5, true);
		EXPECT_EQ(xstate[464] & 3, 3);	/* x87 and SSE */
		OK(PT(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &iov));
		xstate[512 + 7] = 0x40;		/* no such component */
		EXPECT_ERR(PT(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &iov),
			   EINVAL);
		iov.iov_len = size - 8;
		EXPECT_ERR(PT(PTRACE_SETREGSET, pid, NT_X86_XSTATE, &iov),
			   EFAULT);
	}
	finish(pid);
}

#define DEBUGREG(n)	(offsetof(struct user, u_debugreg) + 8 * (n))

TEST(watchpoints)
{
	siginfo_t info;
	long dr6 = 0;
	pid_t pid;

	TRACEE(pid) {
		(void)watched;
		watched = 1;
		watched = 2;
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_POKEUSR, pid, DEBUGREG(1), &watched));
	OK(PT(PTRACE_POKEUSR, pid, DEBUGREG(7),
	      1 << 2 | 1 << 20 | 2 << 22));	/* dr1, write, 8 bytes */
	for (int i = 1; i <= 2; i++) {
		long word;

		OK(PT(PTRACE_CONT, pid, 0, 0));
		EXPECT_STOP(pid, STOPPED_BY(SIGTRAP));
		OK(PT(PTRACE_GETSIGINFO, pid, 0, &info));
		EXPECT_EQ(info.si_code, TRAP_HWBKPT);
		OK(PT(PTRACE_PEEKUSR, pid, DEBUGREG(6), &dr6));
		EXPECT_EQ(dr6 & 0xf, 2);
		OK(PT(PTRACE_PEEKDATA, pid, &watched, &word));
		EXPECT_EQ(word, i);
	}
	OK(PT(PTRACE_POKEUSR, pid, DEBUGREG(7), 0));
	finish(pid);
}

static __attribute__((noinline)) void passed_by(void)
{
	tally++;
	__asm__ __volatile__("");
}

TEST(hardware_breakpoints)
{
	pid_t pid;

	TRACEE(pid) {
		passed_by();
		passed_by();
		EXPECT_EQ(tally, 2);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_POKEUSR, pid, DEBUGREG(0), passed_by));
	OK(PT(PTRACE_POKEUSR, pid, DEBUGREG(7), 1));
	for (int i = 0; i < 2; i++) {
		OK(PT(PTRACE_CONT, pid, 0, 0));
		EXPECT_STOP(pid, STOPPED_BY(SIGTRAP));
		EXPECT_EQ(regs_of(pid).rip, (unsigned long)passed_by);
	}
	finish(pid);
}

TEST(hostile_debug_registers)
{
	long value;
	pid_t pid;

	TRACEE(pid)
		;
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	EXPECT_ERR(PT(PTRACE_POKEUSR, pid, DEBUGREG(0), 0xffffffff80000000),
		   EINVAL);
	EXPECT_ERR(PT(PTRACE_POKEUSR, pid, DEBUGREG(0), 0x800000000000),
		   EINVAL);
	EXPECT_ERR(PT(PTRACE_POKEUSR, pid, DEBUGREG(4), 1), EIO);
	OK(PT(PTRACE_POKEUSR, pid, DEBUGREG(0), (char *)&watched + 1));
	/* Four bytes at an odd address; I/O; an instruction of 4 bytes. */
	EXPECT_ERR(PT(PTRACE_POKEUSR, pid, DEBUGREG(7), 1 | 0xdUL << 16),
		   EINVAL);
	EXPECT_ERR(PT(PTRACE_POKEUSR, pid, DEBUGREG(7), 1 | 0x2UL << 16),
		   EINVAL);
	EXPECT_ERR(PT(PTRACE_POKEUSR, pid, DEBUGREG(7), 1 | 0xcUL << 16),
		   EINVAL);
	OK(PT(PTRACE_PEEKUSR, pid, DEBUGREG(7), &value));
	EXPECT_EQ(value, 0);
	finish(pid);
}

TEST(children_inherit_no_breakpoints)
{
	pid_t pid;

	TRACEE(pid) {
		pid_t child;

		IN_CHILD(child)
			passed_by();
		EXPECT_EXIT(child, 0);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_POKEUSR, pid, DEBUGREG(0), passed_by));
	OK(PT(PTRACE_POKEUSR, pid, DEBUGREG(7), 1));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGCHLD));
	finish(pid);
}

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
			for (int n = 0; n < i * 50; n++)
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
