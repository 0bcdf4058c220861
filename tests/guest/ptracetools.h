/*
 * What the suites about ptrace(2) share: a tracee, its stops, its registers.
 */
#pragma once

#include "test.h"

#include <elf.h>
#include <linux/ptrace.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/user.h>

#define PT(request, pid, addr, data) \
	syscall(SYS_ptrace, (long)(request), (long)(pid), (long)(addr), \
		(long)(data))

static volatile int tally __attribute__((unused));

static inline void bump(int sig)
{
	(void)sig;
	tally++;
}

/* Wait for @pid to stop; the whole status. */
static inline int stop_of(pid_t pid)
{
	int status;

	EXPECT_EQ(OK(waitpid(pid, &status, __WALL)), pid);
	return status;
}

#define STOPPED_BY(sig)		((sig) << 8 | 0x7f)
#define EVENT(event)		((SIGTRAP | (event) << 8) << 8 | 0x7f)
#define EXPECT_STOP(pid, want)	EXPECT_EQ(stop_of(pid), want)

static inline struct user_regs_struct regs_of(pid_t pid)
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

static inline void finish(pid_t pid)
{
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_EXIT(pid, 0);
}

static __attribute__((noinline, unused)) void passed_by(void)
{
	tally++;
	__asm__ __volatile__("");
}
