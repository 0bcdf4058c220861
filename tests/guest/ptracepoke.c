/* ptrace(2): every register of struct user, with values that nobody expects. */
#include "ptracetools.h"

#define REG_AT(name)	offsetof(struct user_regs_struct, name)
#define DEBUGREG(n)	(offsetof(struct user, u_debugreg) + 8 * (n))
#define POKE(pid, at, value)	PT(PTRACE_POKEUSR, pid, at, value)

static unsigned long peek(pid_t pid, size_t at)
{
	unsigned long value;

	OK(PT(PTRACE_PEEKUSR, pid, at, &value));
	return value;
}

/* A stopped tracee that nothing is run of any more. */
static pid_t stopped(void)
{
	pid_t pid;

	TRACEE(pid)
		;
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	return pid;
}

static void end(pid_t pid)
{
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}

TEST(general_registers_take_anything)
{
	static const unsigned long values[] = {
		0, 1, -1UL, 1UL << 63, 0x0000800000000000, 0xffffffff81000000,
	};
	static const size_t registers[] = {
		REG_AT(r15), REG_AT(r14), REG_AT(r13), REG_AT(r12),
		REG_AT(rbp), REG_AT(rbx), REG_AT(r11), REG_AT(r10),
		REG_AT(r9), REG_AT(r8), REG_AT(rax), REG_AT(rcx),
		REG_AT(rdx), REG_AT(rsi), REG_AT(rdi), REG_AT(orig_rax),
		REG_AT(rip), REG_AT(rsp),
	};
	pid_t pid = stopped();

	for (size_t r = 0; r < ARRAY_SIZE(registers); r++)
		for (size_t v = 0; v < ARRAY_SIZE(values); v++) {
			OK(POKE(pid, registers[r], values[v]));
			EXPECT_EQ(peek(pid, registers[r]), values[v]);
		}
	/* All of them at once, as the last left them. */
	EXPECT_EQ(regs_of(pid).rsp, values[ARRAY_SIZE(values) - 1]);
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGSEGV));
	end(pid);
}

TEST(code_and_stack_selectors)
{
	pid_t pid = stopped();
	unsigned long cs = peek(pid, REG_AT(cs)), ss = peek(pid, REG_AT(ss));
	struct user_regs_struct regs;

	for (int rpl = 0; rpl < 3; rpl++) {
		EXPECT_ERR(POKE(pid, REG_AT(cs), 0x30 + rpl), EIO);
		EXPECT_ERR(POKE(pid, REG_AT(ss), 0x28 + rpl), EIO);
	}
	EXPECT_ERR(POKE(pid, REG_AT(cs), 0), EIO);
	EXPECT_ERR(POKE(pid, REG_AT(ss), 0x10000), EIO);
	EXPECT_ERR(POKE(pid, REG_AT(ds), 0x10), EIO);
	EXPECT_ERR(POKE(pid, REG_AT(es), 1), EIO);
	EXPECT_ERR(POKE(pid, REG_AT(fs), 0x2a), EIO);
	EXPECT_ERR(POKE(pid, REG_AT(gs), 0xfffc), EIO);
	/* Sixteen bits count. */
	OK(POKE(pid, REG_AT(cs), 0xabcd0000UL << 16 | cs));
	EXPECT_EQ(peek(pid, REG_AT(cs)), cs);
	OK(POKE(pid, REG_AT(ds), 0x10000));
	EXPECT_EQ(peek(pid, REG_AT(ds)), 0);
	/* In a set, what comes before the bad one is set. */
	regs = regs_of(pid);
	regs.r15 = 0x15;
	regs.cs = 0;
	regs.rsp = 0x1234;
	EXPECT_ERR(PT(PTRACE_SETREGS, pid, 0, &regs), EIO);
	EXPECT_EQ(regs_of(pid).r15, 0x15);
	EXPECT(regs_of(pid).rsp != 0x1234);
	EXPECT_EQ(peek(pid, REG_AT(cs)), cs);
	EXPECT_EQ(peek(pid, REG_AT(ss)), ss);
	finish(pid);
}

TEST(bases_are_user_addresses)
{
	static const unsigned long good[] = { 0, 1, 0x1000, 0x7fffffffefff };
	static const unsigned long bad[] = {
		0x7ffffffff000, 0x800000000000, 1UL << 63, -1UL,
		0xffff888000000000, 0xffffffff81000000,
	};
	pid_t pid = stopped();

	for (int gs = 0; gs < 2; gs++) {
		size_t at = gs ? REG_AT(gs_base) : REG_AT(fs_base);

		for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
			OK(POKE(pid, at, good[i]));
			EXPECT_EQ(peek(pid, at), good[i]);
		}
		for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
			EXPECT_ERR(POKE(pid, at, bad[i]), EIO);
			EXPECT_EQ(peek(pid, at), 0x7fffffffefff);
		}
	}
	end(pid);
}

TEST(each_bit_of_the_flags)
{
	const unsigned long changeable = 0x1 | 0x4 | 0x10 | 0x40 | 0x80 |
		0x100 | 0x400 | 0x800 | 0x4000 | 0x10000 | 0x40000;
	pid_t pid = stopped();
	unsigned long none;

	OK(POKE(pid, REG_AT(eflags), 0));
	none = peek(pid, REG_AT(eflags));
	EXPECT_EQ(none, 0x202);
	for (int bit = 0; bit < 64; bit++) {
		OK(POKE(pid, REG_AT(eflags), 1UL << bit));
		EXPECT_EQ(peek(pid, REG_AT(eflags)),
			  none | (1UL << bit & changeable));
	}
	OK(POKE(pid, REG_AT(eflags), -1UL));
	EXPECT_EQ(peek(pid, REG_AT(eflags)), none | changeable);
	OK(POKE(pid, REG_AT(eflags), 0));
	finish(pid);
}

TEST(places_that_are_no_register)
{
	pid_t pid = stopped();
	long value;

	EXPECT_ERR(PT(PTRACE_PEEKUSR, pid, 1, &value), EIO);
	EXPECT_ERR(PT(PTRACE_PEEKUSR, pid, 4, &value), EIO);
	EXPECT_ERR(PT(PTRACE_PEEKUSR, pid, -8L, &value), EIO);
	EXPECT_ERR(PT(PTRACE_PEEKUSR, pid, 1L << 32, &value), EIO);
	EXPECT_ERR(PT(PTRACE_PEEKUSR, pid, 928, &value), EIO);
	EXPECT_ERR(POKE(pid, 928, 0), EIO);
	EXPECT_ERR(POKE(pid, 3, 0), EIO);
	EXPECT_ERR(POKE(pid, -8L, 0), EIO);
	EXPECT_ERR(PT(PTRACE_PEEKUSR, pid, 0, 8), EFAULT);
	/* struct user has more than registers; nothing is there. */
	for (size_t at = sizeof(struct user_regs_struct); at < 928; at += 8) {
		if (at >= DEBUGREG(0) && at < DEBUGREG(8))
			continue;
		EXPECT_EQ(peek(pid, at), 0);
		EXPECT_ERR(POKE(pid, at, 0), EIO);
	}
	finish(pid);
}

/* Which DR7 values may be, for the breakpoint that each belongs to. */
TEST(debug_control_combinations)
{
	static char aligned[16] __attribute__((aligned(16)));
	pid_t pid = stopped();

	for (int n = 0; n < 4; n++)
		OK(POKE(pid, DEBUGREG(n), aligned));
	for (int n = 0; n < 4; n++)
		for (unsigned long kind = 0; kind < 16; kind++) {
			unsigned long rw = kind & 3;
			unsigned long dr7 = 1UL << 2 * n |
					    kind << (16 + 4 * n);
			/* Execution is of one byte, and I/O is not ours. */
			bool valid = rw == 0 ? kind == 0 : rw != 2;

			if (valid)
				OK(POKE(pid, DEBUGREG(7), dr7));
			else
				EXPECT_ERR(POKE(pid, DEBUGREG(7), dr7), EINVAL);
			OK(POKE(pid, DEBUGREG(7), 0));
			EXPECT_EQ(peek(pid, DEBUGREG(7)), 0);
		}
	for (int n = 4; n < 6; n++) {
		EXPECT_ERR(POKE(pid, DEBUGREG(n), 0), EIO);
		EXPECT_EQ(peek(pid, DEBUGREG(n)), 0);
	}
	for (int bit = 0; bit < 4; bit++) {
		OK(POKE(pid, DEBUGREG(6), 1UL << bit));
		EXPECT_EQ(peek(pid, DEBUGREG(6)) & 0xf, 1UL << bit);
	}
	finish(pid);
}

TEST(sizes_of_sets)
{
	struct user_regs_struct regs, was;
	unsigned long buf[64];
	pid_t pid = stopped();
	struct iovec iov = { buf, sizeof(buf) };

	was = regs_of(pid);
	OK(PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
	EXPECT_EQ(iov.iov_len, sizeof(regs));
	EXPECT_MEM(buf, &was, sizeof(was));
	for (size_t len = 0; len <= 24; len++) {
		memset(buf, 0x5a, sizeof(buf));
		iov = (struct iovec){ buf, len };
		if (len % 8) {
			EXPECT_ERR(PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov),
				   EINVAL);
			EXPECT_ERR(PT(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov),
				   EINVAL);
			continue;
		}
		OK(PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov));
		EXPECT_EQ(iov.iov_len, len);
		EXPECT_MEM(buf, &was, len);
		EXPECT_EQ(((unsigned char *)buf)[len], 0x5a);
	}
	/* A short one sets the first registers alone. */
	buf[0] = 0x1515;
	iov = (struct iovec){ buf, 8 };
	OK(PT(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov));
	EXPECT_EQ(iov.iov_len, 8);
	regs = regs_of(pid);
	EXPECT_EQ(regs.r15, 0x1515);
	regs.r15 = was.r15;
	EXPECT_MEM(&regs, &was, sizeof(was));
	OK(PT(PTRACE_SETREGS, pid, 0, &was));
	iov = (struct iovec){ (void *)8, 8 };
	EXPECT_ERR(PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov), EFAULT);
	EXPECT_ERR(PT(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov), EFAULT);
	EXPECT_ERR(PT(PTRACE_GETREGSET, pid, NT_PRSTATUS, 8), EFAULT);
	EXPECT_ERR(PT(PTRACE_GETREGSET, pid, 0, &iov), EINVAL);
	EXPECT_ERR(PT(PTRACE_SETREGS, pid, 0, 8), EFAULT);
	finish(pid);
}
