/*
 * For the suites about scheduling: policies, CPUs, and children that report
 * through memory they share with their parent.
 */
#pragma once

#include "test.h"

#include <sched.h>
#include <sys/mman.h>
#include <time.h>

#ifndef SCHED_DEADLINE
#define SCHED_DEADLINE	6
#endif
#ifndef SCHED_RESET_ON_FORK
#define SCHED_RESET_ON_FORK	0x40000000
#endif

#define MSEC	1000000LL
#define SEC	1000000000LL

/* The kernel's struct sched_attr; C libraries of this age have none. */
struct attr {
	uint32_t	size, policy;
	uint64_t	flags;
	int32_t		nice;
	uint32_t	priority;
	uint64_t	runtime, deadline, period;
	uint32_t	util_min, util_max;
};

enum { ATTR_SIZE_0 = 48, ATTR_SIZE_1 = 56 };

#define FLAG_RESET_ON_FORK	0x01
#define FLAG_RECLAIM		0x02
#define FLAG_DL_OVERRUN		0x04
#define FLAG_KEEP_POLICY	0x08
#define FLAG_KEEP_PARAMS	0x10
#define FLAG_UTIL_MIN		0x20

static inline int set_attr(pid_t pid, struct attr *attr, unsigned flags)
{
	return syscall(SYS_sched_setattr, pid, attr, flags);
}

static inline int get_attr(pid_t pid, struct attr *attr, unsigned size)
{
	return syscall(SYS_sched_getattr, pid, attr, size, 0);
}

static inline int set_policy(pid_t pid, int policy, int priority)
{
	struct sched_param param = { .sched_priority = priority };

	/* The C library's own function, on musl, refuses to try. */
	return syscall(SYS_sched_setscheduler, pid, policy, &param);
}

static inline int get_policy(pid_t pid)
{
	return syscall(SYS_sched_getscheduler, pid);
}

static inline int get_rt_priority(pid_t pid)
{
	struct sched_param param = { .sched_priority = -1 };

	OK(syscall(SYS_sched_getparam, pid, &param));
	return param.sched_priority;
}

static inline int online_cpus(void)
{
	cpu_set_t set;

	OK(sched_getaffinity(0, sizeof(set), &set));
	return CPU_COUNT(&set);
}

static inline void run_on(pid_t pid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	OK(sched_setaffinity(pid, sizeof(set), &set));
}

static inline void run_anywhere(pid_t pid)
{
	cpu_set_t set;

	memset(&set, 0xff, sizeof(set));
	OK(sched_setaffinity(pid, sizeof(set), &set));
}

/* Zeroed memory that children share. */
static inline void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	EXPECT(p != MAP_FAILED);
	return p;
}

static inline int load(const int *p)
{
	return __atomic_load_n(p, __ATOMIC_SEQ_CST);
}

static inline void store(int *p, int value)
{
	__atomic_store_n(p, value, __ATOMIC_SEQ_CST);
}

static inline int add(int *p, int n)
{
	return __atomic_add_fetch(p, n, __ATOMIC_SEQ_CST);
}

static inline int64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	OK(clock_gettime(clock, &ts));
	return ts.tv_sec * SEC + ts.tv_nsec;
}

/* Use so much CPU time. */
static inline void burn(int64_t ns)
{
	int64_t until = now_ns(CLOCK_THREAD_CPUTIME_ID) + ns;

	while (now_ns(CLOCK_THREAD_CPUTIME_ID) < until)
		;
}

/* Real-time tasks may use all of the CPUs, or 95 % as usual. */
static inline void limit_real_time(bool on)
{
	write_file("/proc/sys/kernel/sched_rt_runtime_us",
		   on ? "950000" : "-1");
}

static inline void end_child(pid_t pid)
{
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}
