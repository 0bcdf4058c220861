/*
 * Odd arguments of several calls, where the order of checks decides which error
 * there is, or whether there is one: policies and nice values, groups, clocks
 * that are files, bounds of epoll_wait(2), filters at no address, terminals in
 * the background, and the rarer requests of ptrace(2).
 */
#include "ptracetools.h"

#include <cpuid.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>

#define USER_END	0x7ffffffff000L
#define NOBODY		1234

/* ---- sched_setattr(2) ---- */

struct attributes {
	uint32_t	size, policy;
	uint64_t	flags;
	int32_t		nice;
	uint32_t	priority;
	uint64_t	runtime, deadline, period;
};

static int set_policy(int policy, int nice)
{
	struct attributes a = {
		.size = sizeof(a), .policy = policy, .nice = nice,
	};

	return syscall(SYS_sched_setattr, 0, &a, 0);
}

static int nice_now(void)
{
	errno = 0;
	return getpriority(PRIO_PROCESS, 0);
}

/* An idle task has no use for a nice value, so its own stays. */
TEST(idle_tasks_keep_their_nice_value)
{
	EXPECT_EQ(nice_now(), 0);
	OK(set_policy(SCHED_IDLE, 5));
	EXPECT_EQ(nice_now(), 0);
	OK(set_policy(SCHED_IDLE, -20));
	EXPECT_EQ(nice_now(), 0);
	OK(set_policy(SCHED_OTHER, 7));
	EXPECT_EQ(nice_now(), 7);
	OK(set_policy(SCHED_IDLE, 9));
	EXPECT_EQ(nice_now(), 7);
	EXPECT_EQ(sched_getscheduler(0), SCHED_IDLE);
	OK(set_policy(SCHED_OTHER, 3));
	EXPECT_EQ(nice_now(), 3);
	OK(setpriority(PRIO_PROCESS, 0, 4));
	OK(set_policy(SCHED_BATCH, -3));
	EXPECT_EQ(nice_now(), -3);
}

/* So whoever may not raise it may ask for any: it does not count. */
TEST(idle_asks_no_permission_for_a_nice_value)
{
	pid_t pid;

	IN_CHILD(pid) {
		become_user(NOBODY, NOBODY);
		EXPECT_ERR(set_policy(SCHED_OTHER, -5), EPERM);
		EXPECT_ERR(set_policy(SCHED_BATCH, -5), EPERM);
		OK(set_policy(SCHED_IDLE, -5));
		EXPECT_EQ(nice_now(), 0);
		OK(set_policy(SCHED_IDLE, -20));
		EXPECT_EQ(nice_now(), 0);
		/* There is no way back: it would be a raise. */
		EXPECT_ERR(set_policy(SCHED_OTHER, 7), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- setpgid(2) ---- */

TEST(groups_below_none)
{
	EXPECT_ERR(setpgid(-1, 0), EINVAL);
	EXPECT_ERR(setpgid(INT_MIN, 0), EINVAL);
	EXPECT_ERR(setpgid(-getpid(), 0), EINVAL);
	EXPECT_ERR(setpgid(-1, -1), EINVAL);
	EXPECT_ERR(setpgid(0, -1), EINVAL);
	EXPECT_ERR(setpgid(-1, getpgrp()), ESRCH);
	EXPECT_ERR(setpgid(-1, 1), ESRCH);
}

/* ---- clocks with negative numbers ---- */

static bool is_file(int id)
{
	return (id & 7) == 3;
}

/* Kinds: 0 to 2 CPU times of processes, 4 to 6 of threads, 3 a file, 7 none. */
static void try_clock(int id, bool exists)
{
	struct timespec ts = { 0, 0 };
	long unknown = is_file(id) ? EOPNOTSUPP : EINVAL;
	int timer;

	if (exists) {
		OK(syscall(SYS_timer_create, id, NULL, &timer));
		OK(syscall(SYS_timer_delete, timer));
		OK(syscall(SYS_clock_getres, id, NULL));
		EXPECT_ERR(syscall(SYS_clock_settime, id, &ts), EPERM);
		return;
	}
	EXPECT_ERR(syscall(SYS_timer_create, id, NULL, &timer), unknown);
	EXPECT_ERR(syscall(SYS_clock_nanosleep, id, 0, &ts, NULL), unknown);
	EXPECT_ERR(syscall(SYS_clock_gettime, id, &ts), EINVAL);
	EXPECT_ERR(syscall(SYS_clock_getres, id, &ts), EINVAL);
	EXPECT_ERR(syscall(SYS_clock_settime, id, &ts), EINVAL);
}

TEST(clocks_of_tasks_and_of_files)
{
	/* Descriptors from 0 on, of which none is a clock. */
	for (int fd = 0; fd < 6; fd++)
		try_clock(~fd * 8 | 3, false);
	for (int kind = 0; kind < 8; kind++) {
		try_clock(~4000000 * 8 | kind, false);
		/* Number 0 is oneself, */
		try_clock(~0 * 8 | kind, kind % 4 != 3);
		try_clock(~getpid() * 8 | kind, kind % 4 != 3);
		/* and only one's own threads have clocks. */
		try_clock(~1 * 8 | kind, kind < 3);
	}
	EXPECT_ERR(syscall(SYS_timer_create, -13, (void *)8, NULL), EFAULT);
}

/* ---- epoll_wait(2) ---- */

TEST(how_many_events_there_can_be)
{
	struct epoll_event ev;
	const int most = INT_MAX / sizeof(ev);
	int ep = OK(epoll_create1(0));

#define WAIT(fd, to, n)	syscall(SYS_epoll_wait, fd, to, n, 0)
	/* Where two gigabytes of them would have room. */
	EXPECT_EQ(WAIT(ep, (void *)0x10000, most), 0);
	EXPECT_ERR(WAIT(ep, (void *)0x10000, most + 1), EINVAL);
	EXPECT_ERR(WAIT(ep, &ev, INT_MAX), EINVAL);
	EXPECT_ERR(WAIT(ep, &ev, 0), EINVAL);
	EXPECT_ERR(WAIT(ep, &ev, -1), EINVAL);
	EXPECT_ERR(WAIT(ep, (void *)USER_END, 1), EFAULT);
	EXPECT_ERR(WAIT(ep, (void *)(USER_END - 24), 3), EFAULT);
	EXPECT_EQ(WAIT(ep, (void *)(USER_END - 24), 2), 0);
	EXPECT_EQ(WAIT(ep, (void *)8, 1), 0);
	/* Numbers, then the place, then the descriptor. */
	EXPECT_ERR(WAIT(-1, (void *)-1L, 0), EINVAL);
	EXPECT_ERR(WAIT(-1, (void *)-1L, 1), EFAULT);
	EXPECT_ERR(WAIT(-1, &ev, 1), EBADF);
	EXPECT_ERR(WAIT(0, &ev, 1), EINVAL);
#undef WAIT
	OK(close(ep));
}

/* ---- seccomp(2) ---- */

static int install(unsigned flags, unsigned short len, void *filter)
{
	struct sock_fprog prog = { len, filter };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

TEST(filters_at_no_address)
{
	static const unsigned short bad_lengths[] = { 0, 4097, 65535 };
	pid_t pid;

	for (size_t i = 0; i < ARRAY_SIZE(bad_lengths); i++) {
		EXPECT_ERR(install(0, bad_lengths[i], NULL), EINVAL);
		EXPECT_ERR(install(0, bad_lengths[i], (void *)8), EINVAL);
	}
	EXPECT_ERR(install(0, 1, NULL), EINVAL);
	EXPECT_ERR(install(0, 4096, NULL), EINVAL);
	EXPECT_ERR(install(0, 1, (void *)8), EFAULT);
	EXPECT_ERR(install(0, 4096, (void *)8), EFAULT);
	EXPECT_ERR(install(0x1000, 1, (void *)8), EINVAL);
	IN_CHILD(pid) {
		become_user(NOBODY, NOBODY);
		EXPECT_ERR(install(0, 0, NULL), EINVAL);
		EXPECT_ERR(install(0, 1, NULL), EACCES);
		EXPECT_ERR(install(0, 1, (void *)8), EACCES);
		OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		EXPECT_ERR(install(0, 1, NULL), EINVAL);
		EXPECT_ERR(install(0, 1, (void *)8), EFAULT);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- terminals ---- */

static int open_terminal(int *master)
{
	char name[32];
	int number, zero = 0;

	*master = OK(open("/dev/ptmx", O_RDWR | O_NOCTTY));
	OK(ioctl(*master, TIOCSPTLCK, &zero));
	OK(ioctl(*master, TIOCGPTN, &number));
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	return OK(open(name, O_RDWR | O_NOCTTY));
}

TEST(line_disciplines)
{
	int master, tty = open_terminal(&master), disc = -1;

	OK(ioctl(tty, TIOCGETD, &disc));
	EXPECT_EQ(disc, 0);
	OK(ioctl(tty, TIOCSETD, &disc));
	OK(ioctl(master, TIOCSETD, &disc));
	EXPECT_ERR(ioctl(tty, TIOCSETD, 8L), EFAULT);
	disc = 31;
	EXPECT_ERR(ioctl(tty, TIOCSETD, &disc), EINVAL);
	disc = -1;
	EXPECT_ERR(ioctl(tty, TIOCSETD, &disc), EINVAL);
	OK(close(tty));
	OK(close(master));
}

TEST(line_disciplines_in_the_background)
{
	int master, tty = open_terminal(&master), disc = 0, status;
	pid_t pid;

	OK(ioctl(tty, TIOCSCTTY, 0));
	IN_CHILD(pid) {
		OK(setpgid(0, 0));
		ioctl(tty, TIOCSETD, 8L);	/* not looked at yet */
	}
	EXPECT_EQ(OK(waitpid(pid, &status, WUNTRACED)), pid);
	EXPECT_EQ(status, STOPPED_BY(SIGTTOU));
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	IN_CHILD(pid) {
		OK(setpgid(0, 0));
		OK(ioctl(tty, TIOCGETD, &disc));
		signal(SIGTTOU, SIG_IGN);
		OK(ioctl(tty, TIOCSETD, &disc));
	}
	EXPECT_EXIT(pid, 0);
	signal(SIGHUP, SIG_IGN);
	OK(ioctl(tty, TIOCNOTTY, 0));
	OK(close(tty));
	OK(close(master));
}

/* ---- ptrace(2) ---- */

static const long unknown[] = {
	-1, 10, 11, 20, 22, 23, 27, 28, 29, 34, 0x41ff, 0x4300, INT_MAX,
};

TEST(requests_that_are_none)
{
	char buf[1024];
	pid_t pid;

	TRACEE(pid)
		;
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		EXPECT_ERR(PT(unknown[i], pid, buf, buf), EIO);
	/* An old number for another. */
	OK(PT(21, pid, 0, PTRACE_O_TRACEEXEC));
	EXPECT_ERR(PT(21, pid, 0, -1), EINVAL);
	finish(pid);
}

/* Segments of 32-bit threads, by their place in the table. */
TEST(thread_areas)
{
	struct { unsigned entry, base, limit, flags; } d = {}, zero = {};
	pid_t pid;

	TRACEE(pid)
		;
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	for (long entry = 12; entry <= 14; entry++) {
		OK(PT(25, pid, entry, &d));
		EXPECT_EQ(d.entry, entry);
		EXPECT_EQ(d.base, 0);
		EXPECT_EQ(d.limit, 0);
		EXPECT_EQ(d.flags & 0xff, 0x28);	/* not present */
		OK(PT(26, pid, entry, &d));
		OK(PT(26, pid, entry, &zero));
		EXPECT_ERR(PT(25, pid, entry, 8), EFAULT);
	}
	EXPECT_ERR(PT(25, pid, 0, &d), EINVAL);
	EXPECT_ERR(PT(25, pid, 11, &d), EINVAL);
	EXPECT_ERR(PT(25, pid, 15, 8), EINVAL);
	EXPECT_ERR(PT(25, pid, -1, &d), EIO);
	EXPECT_ERR(PT(26, pid, 0, 8), EFAULT);
	EXPECT_ERR(PT(26, pid, 11, &zero), EINVAL);
	EXPECT_ERR(PT(26, pid, 15, &zero), EINVAL);
	EXPECT_ERR(PT(26, pid, -1, 8), EIO);
	finish(pid);
}

static bool has_xsave(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_OSXSAVE);
}

static char room[16384];

static long regset(int request, pid_t pid, long note, size_t len)
{
	struct iovec iov = { room, len };

	return PT(request, pid, note, &iov);
}

TEST(sets_of_registers_there_are_not)
{
	static const long none[] = {
		0, 3, 4, 6, 0x100, 0x200, 0x203, 0x300, 0x46e62b7f, -1,
	};
	pid_t pid;

	TRACEE(pid)
		;
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		EXPECT_ERR(regset(PTRACE_GETREGSET, pid, none[i], 8), EINVAL);
		EXPECT_ERR(regset(PTRACE_SETREGSET, pid, none[i], 8), EINVAL);
	}
	/* Ports nobody may use, so there is nothing to show. */
	EXPECT_ERR(regset(PTRACE_GETREGSET, pid, 0x201, 0), ENXIO);
	EXPECT_ERR(regset(PTRACE_GETREGSET, pid, 0x201, 4096), ENXIO);
	EXPECT_ERR(regset(PTRACE_SETREGSET, pid, 0x201, 8), EOPNOTSUPP);
	EXPECT_ERR(regset(PTRACE_GETREGSET, pid, 0x201, 7), EINVAL);
	EXPECT_ERR(regset(PTRACE_SETREGSET, pid, 0x201, 7), EINVAL);
	EXPECT_ERR(regset(PTRACE_GETREGSET, pid, NT_X86_XSTATE, 7), EINVAL);
	if (!has_xsave()) {
		EXPECT_ERR(regset(PTRACE_GETREGSET, pid, NT_X86_XSTATE, 8),
			   ENODEV);
		EXPECT_ERR(regset(PTRACE_SETREGSET, pid, NT_X86_XSTATE, 8),
			   ENODEV);
	}
	/* The FPU's registers are written all at once. */
	EXPECT_EQ(regset(PTRACE_GETREGSET, pid, NT_PRFPREG, 8), 0);
	EXPECT_EQ(regset(PTRACE_GETREGSET, pid, NT_PRFPREG, 4096), 0);
	EXPECT_ERR(regset(PTRACE_SETREGSET, pid, NT_PRFPREG, 0), EINVAL);
	EXPECT_ERR(regset(PTRACE_SETREGSET, pid, NT_PRFPREG, 504), EINVAL);
	EXPECT_EQ(regset(PTRACE_SETREGSET, pid, NT_PRFPREG, 512), 0);
	EXPECT_EQ(regset(PTRACE_SETREGSET, pid, NT_PRFPREG, 4096), 0);
	finish(pid);
}

static long debugreg(int n)
{
	return offsetof(struct user, u_debugreg[n]);
}

/* What is written is read back, also the bits that mean nothing. */
TEST(debug_registers_as_they_were_written)
{
	static const unsigned long values[] = {
		0, 1, 0x55, 0xff, 0x300, 0x400, 0x800, 0x2000, 0x4000, 0xff00,
		0xffff, 0xffff0ff0, 0xffffffff, 1UL << 32, -1UL,
	};
	unsigned long got;
	pid_t pid;

	TRACEE(pid)
		;
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		for (int n = 6; n <= 7; n++) {
			/* All four addresses are 0: any size is aligned. */
			if (n == 7 && (values[i] & 0xff) == 0xff)
				OK(PT(PTRACE_POKEUSR, pid, debugreg(7), 0));
			OK(PT(PTRACE_POKEUSR, pid, debugreg(n), values[i]));
			OK(PT(PTRACE_PEEKUSR, pid, debugreg(n), &got));
			EXPECT_EQ(got, values[i]);
		}
	}
	OK(PT(PTRACE_POKEUSR, pid, debugreg(7), 0xffff0000 | 0x2f00));
	finish(pid);
}
