/*
 * ptrace(2): segment selectors. A 64-bit program has little use for them, yet
 * they are registers: a tracer, or the program, can set them, and they stay.
 */
#include "ptracetools.h"

#include <sys/auxv.h>

#define POKE(pid, name, value)	PT(PTRACE_POKEUSR, pid, \
				   offsetof(struct user, regs.name), value)
#define USER_DS		0x2b
#define USER_CS		0x33

struct selectors {
	uint64_t ds, es, fs, gs;
};

static unsigned long bases_fit;

/* Does loading fs or gs leave the base that was set? */
static bool bases_are_kept(void)
{
	return getauxval(AT_HWCAP2) & 2;	/* FSGSBASE */
}

/*
 * What the tracee runs: it reads the four, and stops; without the help of
 * anything that is found by way of fs.
 */
#define STOP_WITH_SELECTORS						\
	__asm__ __volatile__(						\
		"mov %%ds, %%r8\n\tmov %%es, %%r9\n\t"			\
		"mov %%fs, %%r10\n\tmov %%gs, %%r12\n\t"		\
		"int3\n\t"						\
		::: "r8", "r9", "r10", "r12", "memory")

static struct selectors seen(pid_t pid)
{
	struct user_regs_struct regs = regs_of(pid);

	EXPECT_EQ(regs.r8, regs.ds);
	EXPECT_EQ(regs.r9, regs.es);
	EXPECT_EQ(regs.r10, regs.fs);
	EXPECT_EQ(regs.r12, regs.gs);
	return (struct selectors){ regs.ds, regs.es, regs.fs, regs.gs };
}

static void end(pid_t pid)
{
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}

/* A tracee at the first of its stops, with no selector set. */
static pid_t stopper(void)
{
	struct selectors none;
	pid_t pid;

	TRACEE(pid)
		for (;;)
			STOP_WITH_SELECTORS;
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP));
	none = seen(pid);
	EXPECT_EQ(none.ds | none.es | none.fs | none.gs, 0);
	return pid;
}

static struct selectors next(pid_t pid)
{
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP));
	return seen(pid);
}

TEST(selectors_that_are_taken)
{
	static const unsigned int values[] = {
		0, USER_DS, USER_CS,
	};
	pid_t pid = stopper();

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		unsigned int v = values[i];
		struct user_regs_struct regs;
		struct selectors got;

		OK(POKE(pid, ds, v));
		OK(POKE(pid, es, v));
		OK(POKE(pid, fs, v));
		OK(POKE(pid, gs, v));
		regs = regs_of(pid);
		EXPECT_EQ(regs.ds, v);
		EXPECT_EQ(regs.es, v);
		EXPECT_EQ(regs.fs, v);
		EXPECT_EQ(regs.gs, v);
		for (int again = 0; again < 3; again++) {
			got = next(pid);
			EXPECT_EQ(got.ds, v);
			EXPECT_EQ(got.es, v);
			EXPECT_EQ(got.fs, v);
			EXPECT_EQ(got.gs, v);
		}
	}
	end(pid);
}

TEST(one_at_a_time)
{
	static const size_t places[] = {
		offsetof(struct user_regs_struct, ds),
		offsetof(struct user_regs_struct, es),
		offsetof(struct user_regs_struct, fs),
		offsetof(struct user_regs_struct, gs),
	};
	pid_t pid = stopper();

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct selectors got;

		OK(PT(PTRACE_POKEUSR, pid, places[i], USER_DS));
		got = next(pid);
		EXPECT_EQ(got.ds, i == 0 ? USER_DS : 0);
		EXPECT_EQ(got.es, i == 1 ? USER_DS : 0);
		EXPECT_EQ(got.fs, i == 2 ? USER_DS : 0);
		EXPECT_EQ(got.gs, i == 3 ? USER_DS : 0);
		OK(PT(PTRACE_POKEUSR, pid, places[i], 0));
		got = next(pid);
		EXPECT_EQ(got.ds | got.es | got.fs | got.gs, 0);
	}
	end(pid);
}

/* Not every selector that is taken is that of a segment: the CPU says so. */
TEST(selectors_of_nothing)
{
	static const unsigned int values[] = {
		0x07, 0x0b, 0x13, 0x1b, 0x43, 0x4b, 0xfff3, 0xffff,
	};
	pid_t pid = stopper();

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct selectors got;

		OK(POKE(pid, ds, values[i]));
		OK(POKE(pid, es, values[i]));
		OK(POKE(pid, fs, values[i]));
		OK(POKE(pid, gs, values[i]));
		EXPECT_EQ(regs_of(pid).ds, values[i]);
		EXPECT_EQ(regs_of(pid).gs, values[i]);
		got = next(pid);
		EXPECT_EQ(got.ds | got.es | got.fs | got.gs, 0);
	}
	end(pid);
}

TEST(other_rings_selectors)
{
	pid_t pid = stopper();

	for (unsigned int v = 1; v < 0x80; v++) {
		if ((v & 3) == 3)
			continue;
		EXPECT_ERR(POKE(pid, ds, v), EIO);
		EXPECT_ERR(POKE(pid, es, v), EIO);
		EXPECT_ERR(POKE(pid, fs, v), EIO);
		EXPECT_ERR(POKE(pid, gs, v), EIO);
	}
	/* 3 is null as well, and sixteen bits count. */
	OK(POKE(pid, ds, 3));
	EXPECT_EQ(regs_of(pid).ds, 3);
	OK(POKE(pid, es, 0x1234500000000UL | USER_DS));
	EXPECT_EQ(regs_of(pid).es, USER_DS);
	end(pid);
}

/* By instruction: they stay over switches, calls, fork; exec ends them. */
TEST(selectors_that_a_program_loads)
{
	pid_t pid;

	TRACEE(pid) {
		__asm__ __volatile__("mov %0, %%ds\n\tmov %0, %%es"
				     :: "r"(USER_DS) : "memory");
		for (int i = 0; i < 3; i++) {
			sched_yield();
			STOP_WITH_SELECTORS;
		}
		if (syscall(SYS_fork) == 0) {
			unsigned int ds, es;

			__asm__ __volatile__("mov %%ds, %0\n\tmov %%es, %1"
					     : "=r"(ds), "=r"(es));
			_exit(ds == USER_DS && es == USER_DS ? 0 : 1);
		}
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	for (int i = 0; i < 3; i++) {
		struct selectors got = next(pid);

		EXPECT_EQ(got.ds, USER_DS);
		EXPECT_EQ(got.es, USER_DS);
		EXPECT_EQ(got.fs | got.gs, 0);
	}
	OK(PT(PTRACE_DETACH, pid, 0, 0));
	EXPECT_EXIT(pid, 0);
}

HELPER(selectors_are_zero)
{
	unsigned long ds, es, fs, gs;

	__asm__ __volatile__("mov %%ds, %0\n\tmov %%es, %1\n\t"
			     "mov %%fs, %2\n\tmov %%gs, %3"
			     : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs));
	return ds | es | fs | gs ? 1 : 0;
}

TEST(exec_clears_them)
{
	char *args[] = { HELPER_ARGV("selectors_are_zero"), NULL };
	pid_t pid;

	IN_CHILD(pid) {
		__asm__ __volatile__("mov %0, %%ds\n\tmov %0, %%es\n\t"
				     "mov %0, %%gs"
				     :: "r"(USER_DS) : "memory");
		execv(SELF, args);
	}
	EXPECT_EXIT(pid, 0);
}

/*
 * A selector in fs or gs stands for a base. With FSGSBASE the base is the
 * program's own affair and stays; without, it is the segment's: 0.
 */
TEST(selectors_and_bases)
{
	pid_t pid = stopper();
	struct user_regs_struct regs;

	OK(POKE(pid, gs_base, &bases_fit));
	OK(POKE(pid, fs_base, &bases_fit));
	next(pid);
	regs = regs_of(pid);
	EXPECT_EQ(regs.gs_base, (unsigned long)&bases_fit);
	EXPECT_EQ(regs.fs_base, (unsigned long)&bases_fit);
	OK(POKE(pid, fs, USER_DS));
	OK(POKE(pid, gs, USER_DS));
	next(pid);
	regs = regs_of(pid);
	EXPECT_EQ(regs.gs_base,
		  bases_are_kept() ? (unsigned long)&bases_fit : 0);
	EXPECT_EQ(regs.fs_base,
		  bases_are_kept() ? (unsigned long)&bases_fit : 0);
	end(pid);
}

/* Two with different selectors, one CPU: each has its own. */
TEST(selectors_do_not_leak)
{
	cpu_set_t one;
	pid_t with, without;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	OK(sched_setaffinity(0, sizeof(one), &one));
	with = stopper();
	without = stopper();
	OK(POKE(with, ds, USER_DS));
	OK(POKE(with, gs, USER_CS));
	for (int i = 0; i < 20; i++) {
		struct selectors a, b;

		OK(PT(PTRACE_CONT, with, 0, 0));
		b = next(without);
		EXPECT_STOP(with, STOPPED_BY(SIGTRAP));
		a = seen(with);
		EXPECT_EQ(a.ds, USER_DS);
		EXPECT_EQ(a.gs, USER_CS);
		EXPECT_EQ(b.ds | b.es | b.fs | b.gs, 0);
	}
	end(with);
	end(without);
}
