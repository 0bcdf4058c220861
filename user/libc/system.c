/*
 * The machine as a whole: its name, its mounts, its log, its end.
 */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <uapi/elf.h>
#include <unistd.h>

#include "internal.h"
#include "syscall.h"

int uname(struct utsname *name)
{
	return (int)SYSCALL(sys1(__NR_uname, (long)name));
}

int sysinfo(struct sysinfo *info)
{
	return (int)SYSCALL(sys1(__NR_sysinfo, (long)info));
}

int mount(const char *source, const char *target, const char *type,
	  unsigned long flags, const void *data)
{
	return (int)SYSCALL(sys5(__NR_mount, (long)source, (long)target,
				 (long)type, (long)flags, (long)data));
}

int umount(const char *target)
{
	return umount2(target, 0);
}

int umount2(const char *target, int flags)
{
	return (int)SYSCALL(sys2(__NR_umount2, (long)target, flags));
}

/* The two magic numbers are there so that nobody gets here by accident. */
int reboot(int command)
{
	return (int)SYSCALL(sys4(__NR_reboot, (int)LINUX_REBOOT_MAGIC1,
				 LINUX_REBOOT_MAGIC2, command, 0));
}

int klogctl(int action, char *buf, int len)
{
	return (int)SYSCALL(sys3(__NR_syslog, action, (long)buf, len));
}

/* Copy the host name, terminated. Return: 0, or -1 (ENAMETOOLONG). */
int gethostname(char *dst, size_t size)
{
	struct utsname name;

	if (uname(&name) < 0)
		return -1;
	if (strlcpy(dst, name.nodename, size) >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

int sethostname(const char *name, size_t len)
{
	return (int)SYSCALL(sys2(__NR_sethostname, (long)name, (long)len));
}

/* The page size, as the kernel told it to us at the start. */
int getpagesize(void)
{
	return (int)__auxval(AT_PAGESZ);
}

/* How many CPUs may we run on? */
int get_nprocs(void)
{
	unsigned long mask[128];	/* 8192 CPUs */
	int bytes = sched_getaffinity(0, sizeof(mask), mask);
	int count = 0;

	for (int i = 0; i < bytes / (int)sizeof(mask[0]); i++)
		count += __builtin_popcountl(mask[i]);
	return count > 0 ? count : 1;
}

/* A limit or size of the system. Return: it, or -1 (EINVAL: not known). */
long sysconf(int name)
{
	struct rlimit limit;

	switch (name) {
	case _SC_PAGESIZE:
		return getpagesize();
	case _SC_CLK_TCK:
		return (long)__auxval(AT_CLKTCK);
	case _SC_OPEN_MAX:
		return getrlimit(RLIMIT_NOFILE, &limit) < 0 ?
			-1 : (long)limit.rlim_cur;
	case _SC_NPROCESSORS_CONF:
	case _SC_NPROCESSORS_ONLN:
		return get_nprocs();
	default:
		errno = EINVAL;
		return -1;
	}
}

/* Any system call, by number: for those that have no function here. */
long syscall(long number, ...)
{
	va_list args;
	long a[6];

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	return SYSCALL(sys6(number, a[0], a[1], a[2], a[3], a[4], a[5]));
}
