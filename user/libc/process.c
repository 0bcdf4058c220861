/*
 * Processes: making them, waiting for them, grouping them, and who they are.
 *
 * fork and wait are one system call each; the work that makes them look
 * simple is the kernel's. exec's many forms are in exec.c.
 */
#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <unistd.h>

#include "syscall.h"

pid_t fork(void)
{
	return (pid_t)SYSCALL(sys0(__NR_fork));
}

pid_t wait(int *status)
{
	return waitpid(-1, status, 0);
}

/*
 * Wait for a child: @pid > 0 that one, -1 any, 0 any of our process group,
 * less than -1 any of group -@pid.
 *
 * Return: its id, 0 (WNOHANG, and none is ready), or -1 (ECHILD, EINTR).
 */
pid_t waitpid(pid_t pid, int *status, int options)
{
	return wait4(pid, status, options, NULL);
}

pid_t wait3(int *status, int options, struct rusage *usage)
{
	return wait4(-1, status, options, usage);
}

pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	return (pid_t)SYSCALL(sys4(__NR_wait4, pid, (long)status, options,
				   (long)usage));
}

/* The fifth argument, the child's bill, is the kernel's addition. */
int waitid(int id_type, id_t id, siginfo_t *info, int options)
{
	return (int)SYSCALL(sys5(__NR_waitid, id_type, id, (long)info, options,
				 0));
}

/* Ids and groups. */

pid_t getpid(void)
{
	return (pid_t)sys0(__NR_getpid);
}

pid_t getppid(void)
{
	return (pid_t)sys0(__NR_getppid);
}

pid_t gettid(void)
{
	return (pid_t)sys0(__NR_gettid);
}

pid_t getpgid(pid_t pid)
{
	return (pid_t)SYSCALL(sys1(__NR_getpgid, pid));
}

pid_t getpgrp(void)
{
	return getpgid(0);
}

int setpgid(pid_t pid, pid_t pgid)
{
	return (int)SYSCALL(sys2(__NR_setpgid, pid, pgid));
}

pid_t getsid(pid_t pid)
{
	return (pid_t)SYSCALL(sys1(__NR_getsid, pid));
}

pid_t setsid(void)
{
	return (pid_t)SYSCALL(sys0(__NR_setsid));
}

/* Users. */

uid_t getuid(void)
{
	return (uid_t)sys0(__NR_getuid);
}

uid_t geteuid(void)
{
	return (uid_t)sys0(__NR_geteuid);
}

gid_t getgid(void)
{
	return (gid_t)sys0(__NR_getgid);
}

gid_t getegid(void)
{
	return (gid_t)sys0(__NR_getegid);
}

int setuid(uid_t uid)
{
	return (int)SYSCALL(sys1(__NR_setuid, uid));
}

int setgid(gid_t gid)
{
	return (int)SYSCALL(sys1(__NR_setgid, gid));
}

int seteuid(uid_t uid)
{
	return setresuid((uid_t)-1, uid, (uid_t)-1);
}

int setegid(gid_t gid)
{
	return setresgid((gid_t)-1, gid, (gid_t)-1);
}

int setreuid(uid_t real, uid_t effective)
{
	return (int)SYSCALL(sys2(__NR_setreuid, real, effective));
}

int setregid(gid_t real, gid_t effective)
{
	return (int)SYSCALL(sys2(__NR_setregid, real, effective));
}

int setresuid(uid_t real, uid_t effective, uid_t saved)
{
	return (int)SYSCALL(sys3(__NR_setresuid, real, effective, saved));
}

int setresgid(gid_t real, gid_t effective, gid_t saved)
{
	return (int)SYSCALL(sys3(__NR_setresgid, real, effective, saved));
}

int getgroups(int count, gid_t groups[])
{
	return (int)SYSCALL(sys2(__NR_getgroups, count, (long)groups));
}

int setgroups(size_t count, const gid_t groups[])
{
	return (int)SYSCALL(sys2(__NR_setgroups, (long)count, (long)groups));
}

/* Limits, priorities, the bill. */

int getrlimit(int resource, struct rlimit *limit)
{
	return (int)SYSCALL(sys4(__NR_prlimit64, 0, resource, 0, (long)limit));
}

int setrlimit(int resource, const struct rlimit *limit)
{
	return (int)SYSCALL(sys4(__NR_prlimit64, 0, resource, (long)limit, 0));
}

int getrusage(int who, struct rusage *usage)
{
	return (int)SYSCALL(sys2(__NR_getrusage, who, (long)usage));
}

clock_t times(struct tms *usage)
{
	return SYSCALL(sys1(__NR_times, (long)usage));
}

/*
 * The nice value of a process, group or user.
 *
 * The kernel answers 20 - nice, so that its result is never negative. Ours
 * may well be -1: whoever must know sets errno to 0 before.
 */
int getpriority(int which, id_t who)
{
	long ret = SYSCALL(sys2(__NR_getpriority, which, who));

	return ret < 0 ? -1 : 20 - (int)ret;
}

int setpriority(int which, id_t who, int value)
{
	return (int)SYSCALL(sys3(__NR_setpriority, which, who, value));
}

/* Add to our nice value. Return: the new one, or -1 (EPERM). */
int nice(int increment)
{
	int value = getpriority(PRIO_PROCESS, 0) + increment;

	if (setpriority(PRIO_PROCESS, 0, value) < 0) {
		if (errno == EACCES)
			errno = EPERM;	/* POSIX's word for it */
		return -1;
	}
	return getpriority(PRIO_PROCESS, 0);
}

int sched_yield(void)
{
	return (int)SYSCALL(sys0(__NR_sched_yield));
}

int sched_getaffinity(pid_t pid, size_t size, unsigned long *mask)
{
	return (int)SYSCALL(sys3(__NR_sched_getaffinity, pid, (long)size,
				 (long)mask));
}
