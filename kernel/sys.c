/*
 * Small system calls about the machine as a whole: its names, its numbers, its
 * end.
 */
#include <kernel/sys.h>

#include <arch/power.h>
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/main.h>
#include <kernel/sched.h>
#include <kernel/rwsem.h>
#include <kernel/seccomp.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>
#include <uapi/prctl.h>
#include <uapi/reboot.h>
#include <uapi/sysinfo.h>
#include <uapi/utsname.h>

#define UTS_LEN	64

static DEFINE_RWSEM(uts_lock, RANK_SYSCTL);
static struct new_utsname uts = {	/* [uts_lock] */
	.sysname = "Linux",
	.nodename = "(none)",
	.release = KEEL_RELEASE,
	.version = KEEL_VERSION,
	.machine = "x86_64",
	.domainname = "(none)",
};

/* A copy of what uname(2) says. Context: process; may sleep. */
void uts_read(struct new_utsname *to)
{
	down_read(&uts_lock);
	*to = uts;
	up_read(&uts_lock);
}

/*
 * UNAME26, for programs that cannot count beyond 2.6: "6.1.0-keel" is called
 * "2.6.61-keel". Three numbers make a version; a fourth is kept.
 */
static void call_it_26(char *release)
{
	char rest[UTS_LEN + 1];
	const char *p = release;
	unsigned int dots = 0;

	while ((*p >= '0' && *p <= '9') || (*p == '.' && ++dots < 3))
		p++;
	strscpy(rest, p, sizeof(rest));
	snprintf(release, UTS_LEN + 1, "2.6.%u%s", 60 + KEEL_MINOR, rest);
}

/* Return: 0, -EFAULT. What it says depends on personality(2). */
SYSCALL_DEFINE1(uname, struct new_utsname __user *, to)
{
	unsigned int persona = current->personality;
	struct new_utsname copy;

	uts_read(&copy);
	if (unlikely(persona & UNAME26))
		call_it_26(copy.release);
	if (unlikely((persona & PER_MASK) == PER_LINUX32))
		strscpy(copy.machine, "i686", sizeof(copy.machine));
	return copy_to_user(to, &copy, sizeof(copy)) ? -EFAULT : 0;
}

/* @name has UTS_LEN + 1 bytes, zeros behind its end. */
static void store_name(char *field, const char *name)
{
	down_write(&uts_lock);
	memcpy(field, name, UTS_LEN + 1);
	up_write(&uts_lock);
}

static long set_name(char *field, const char __user *from, int len)
{
	char name[UTS_LEN + 1] = {};

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (len < 0 || len > UTS_LEN)
		return -EINVAL;
	if (copy_from_user(name, from, len))
		return -EFAULT;
	store_name(field, name);
	return 0;
}

static int set_kernel_name(char *field, const char *from)
{
	char name[UTS_LEN + 1] = {};

	if (strscpy(name, from, sizeof(name)) < 0)
		return -EINVAL;
	store_name(field, name);
	return 0;
}

/* For /proc/sys. Context: process; may sleep. Return: 0; -EINVAL: too long. */
int uts_set_nodename(const char *name)
{
	return set_kernel_name(uts.nodename, name);
}

int uts_set_domainname(const char *name)
{
	return set_kernel_name(uts.domainname, name);
}

SYSCALL_DEFINE2(sethostname, const char __user *, name, int, len)
{
	return set_name(uts.nodename, name, len);
}

SYSCALL_DEFINE2(setdomainname, const char __user *, name, int, len)
{
	return set_name(uts.domainname, name, len);
}

SYSCALL_DEFINE1(sysinfo, struct sysinfo __user *, to)
{
	struct sysinfo info = {};
	unsigned long loads[3];
	struct mem_info mem;

	get_loadavg(loads);
	/* The ABI's unit is 1 / 65536. */
	for (int i = 0; i < 3; i++)
		info.loads[i] = loads[i] * (65536 / LOAD_FIXED);
	si_meminfo(&mem);
	info.uptime = DIV_ROUND_UP(ktime_get_boottime_ns(), NSEC_PER_SEC);
	info.totalram = mem.total * PAGE_SIZE;
	info.freeram = mem.free * PAGE_SIZE;
	info.sharedram = mem.shmem * PAGE_SIZE;
	info.bufferram = 0;
	info.procs = nr_tasks();
	info.mem_unit = 1;
	return copy_to_user(to, &info, sizeof(info)) ? -EFAULT : 0;
}

SYSCALL_DEFINE4(reboot, int, magic1, int, magic2, unsigned int, cmd,
		void __user *, arg __unused)
{
	if (!capable(CAP_SYS_BOOT))
		return -EPERM;
	if ((unsigned int)magic1 != LINUX_REBOOT_MAGIC1 ||
	    (magic2 != LINUX_REBOOT_MAGIC2 && magic2 != LINUX_REBOOT_MAGIC2A &&
	     magic2 != LINUX_REBOOT_MAGIC2B && magic2 != LINUX_REBOOT_MAGIC2C))
		return -EINVAL;
	switch (cmd) {
	case LINUX_REBOOT_CMD_CAD_ON:
	case LINUX_REBOOT_CMD_CAD_OFF:
		return 0;	/* no keyboard sends Ctrl-Alt-Del yet */
	case LINUX_REBOOT_CMD_RESTART:
		system_state = SYSTEM_HALTING;
		machine_restart();
	case LINUX_REBOOT_CMD_POWER_OFF:
		system_state = SYSTEM_HALTING;
		machine_power_off();
	case LINUX_REBOOT_CMD_HALT:
		system_state = SYSTEM_HALTING;
		machine_halt();
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE3(getcpu, unsigned int __user *, cpu, unsigned int __user *,
		node, void __user *, unused __unused)
{
	unsigned int here = raw_smp_processor_id();

	if ((cpu && put_user(here, cpu)) || (node && put_user(0U, node)))
		return -EFAULT;
	return 0;
}

/* What a call that exists nowhere else in the table does. */
SYSCALL_DEFINE0(restart_syscall)
{
	struct restart_block *restart = &current->restart_block;

	return restart->fn ? restart->fn(restart) : -EINTR;
}
