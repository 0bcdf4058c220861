/* ptrace(2): registers, single steps, breakpoints and watchpoints. */
#include "ptracetools.h"

static volatile long watched;

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
