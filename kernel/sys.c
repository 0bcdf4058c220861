/*
 * Small system calls about the machine as a whole: its names, its numbers, its
 * end; and prctl(2), the drawer of everything that fits nowhere else.
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

SYSCALL_DEFINE1(uname, struct new_utsname __user *, to)
{
	struct new_utsname copy;

	uts_read(&copy);
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

/* Name @task, cut to fit. Readers may see a mixture of old and new. */
void set_task_comm(struct task *task, const char *name)
{
	strscpy(task->comm, name, sizeof(task->comm));
}

static long prctl_set_name(const char __user *name)
{
	char comm[TASK_COMM_LEN] = {};

	if (strncpy_from_user(comm, name, sizeof(comm) - 1) < 0)
		return -EFAULT;
	set_task_comm(current, comm);
	return 0;
}

static long prctl_get_name(char __user *to)
{
	char comm[TASK_COMM_LEN] = {};

	strscpy(comm, current->comm, sizeof(comm));
	return copy_to_user(to, comm, sizeof(comm)) ? -EFAULT : 0;
}

static long prctl_set_dumpable(unsigned long value)
{
	if (value > 1)
		return -EINVAL;
	current->mm->dumpable = value;
	return 0;
}

static long prctl_no_new_privs(unsigned long a2, unsigned long a3,
			       unsigned long a4, unsigned long a5)
{
	if (a2 != 1 || a3 || a4 || a5)
		return -EINVAL;
	current->no_new_privs = true;
	return 0;
}

SYSCALL_DEFINE5(prctl, int, option, unsigned long, arg2, unsigned long, arg3,
		unsigned long, arg4, unsigned long, arg5)
{
	switch (option) {
	case PR_SET_NAME:
		return prctl_set_name((const char __user *)arg2);
	case PR_GET_NAME:
		return prctl_get_name((char __user *)arg2);
	case PR_SET_PDEATHSIG:
		if (arg2 > NSIG)
			return -EINVAL;
		current->pdeath_signal = arg2;
		return 0;
	case PR_GET_PDEATHSIG:
		return put_user(current->pdeath_signal, (int __user *)arg2);
	case PR_SET_DUMPABLE:
		return prctl_set_dumpable(arg2);
	case PR_GET_DUMPABLE:
		return current->mm->dumpable;
	case PR_SET_NO_NEW_PRIVS:
		return prctl_no_new_privs(arg2, arg3, arg4, arg5);
	case PR_GET_NO_NEW_PRIVS:
		if (arg2 || arg3 || arg4 || arg5)
			return -EINVAL;
		return current->no_new_privs;
	case PR_SET_SECCOMP:
		return prctl_set_seccomp(arg2, (void __user *)arg3);
	case PR_GET_SECCOMP:
		return current->seccomp_mode;
	case PR_SET_CHILD_SUBREAPER:
		current->group->is_child_subreaper = arg2 != 0;
		return 0;
	case PR_GET_CHILD_SUBREAPER:
		return put_user((int)current->group->is_child_subreaper,
				(int __user *)arg2);
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE1(personality, unsigned int, persona)
{
	unsigned int old = current->personality;

	if (persona != 0xffffffff)
		current->personality = persona;
	return old;
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
