/*
 * What is in /proc/sys: all of it, by directory. See sysctl.h.
 */
#include "sysctl.h"

#include <fs/coredump.h>
#include <fs/dentry.h>
#include <fs/eventpoll.h>
#include <fs/file.h>
#include <fs/files.h>
#include <fs/inode.h>
#include <fs/pipe.h>
#include <fs/seq_file.h>
#include <ipc/ipc.h>
#include <kernel/cred.h>
#include <kernel/panic.h>
#include <kernel/pid.h>
#include <kernel/printk.h>
#include <kernel/ptrace.h>
#include <kernel/random.h>
#include <kernel/sched_policy.h>
#include <kernel/seccomp.h>
#include <kernel/sys.h>
#include <kernel/task.h>
#include <kernel/usage.h>
#include <lib/parse.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/vma.h>
#include <uapi/limits.h>
#include <uapi/utsname.h>

#define INT(n, var, low, high)						\
	{ .name = n, .mode = 0644, .show = sysctl_show_int,		\
	  .store = sysctl_store_int, .data = &(var), .min = low, .max = high }
#define ULONG(n, var, low, high)					\
	{ .name = n, .mode = 0644, .show = sysctl_show_ulong,		\
	  .store = sysctl_store_ulong, .data = &(var), .min = low,	\
	  .max = high }
#define CONSTANT(n, value)						\
	{ .name = n, .mode = 0444, .show = sysctl_show_constant,	\
	  .min = value }
#define SHOWN(n, show_fn)						\
	{ .name = n, .mode = 0444, .show = show_fn }

/* ---- kernel: names ---- */

static int show_ostype(struct seq_file *m, const struct sysctl *ctl __unused)
{
	struct new_utsname uts;

	uts_read(&uts);
	seq_printf(m, "%s\n", uts.sysname);
	return 0;
}

static int show_osrelease(struct seq_file *m,
			  const struct sysctl *ctl __unused)
{
	struct new_utsname uts;

	uts_read(&uts);
	seq_printf(m, "%s\n", uts.release);
	return 0;
}

static int show_version(struct seq_file *m, const struct sysctl *ctl __unused)
{
	struct new_utsname uts;

	uts_read(&uts);
	seq_printf(m, "%s\n", uts.version);
	return 0;
}

static int show_hostname(struct seq_file *m,
			 const struct sysctl *ctl __unused)
{
	struct new_utsname uts;

	uts_read(&uts);
	seq_printf(m, "%s\n", uts.nodename);
	return 0;
}

static int show_domainname(struct seq_file *m,
			   const struct sysctl *ctl __unused)
{
	struct new_utsname uts;

	uts_read(&uts);
	seq_printf(m, "%s\n", uts.domainname);
	return 0;
}

/* One line; what is too long for the field is cut off. */
static void cut_name(char *text)
{
	size_t len = strcspn(text, "\n");

	text[min(len, sizeof_field(struct new_utsname, nodename) - 1)] = '\0';
}

static int store_hostname(const struct sysctl *ctl __unused, char *text)
{
	cut_name(text);
	return uts_set_nodename(text);
}

static int store_domainname(const struct sysctl *ctl __unused, char *text)
{
	cut_name(text);
	return uts_set_domainname(text);
}

static int show_core_pattern(struct seq_file *m,
			     const struct sysctl *ctl __unused)
{
	seq_printf(m, "%s\n", core_pattern);
	return 0;
}

static int store_core_pattern(const struct sysctl *ctl __unused, char *text)
{
	strscpy(core_pattern, text, sizeof(core_pattern));
	return 0;
}

/* ---- kernel: messages ---- */

/*
 * Four levels: the console's, and three that Linux lets one choose and that
 * are fixed here: of messages without one, the console's lowest, its default.
 */
#define FIXED_LEVELS	{ LOGLEVEL_WARNING, 1, 7 }

static int show_printk(struct seq_file *m, const struct sysctl *ctl __unused)
{
	static const int fixed[] = FIXED_LEVELS;

	seq_printf(m, "%d\t%d\t%d\t%d\n", READ_ONCE(console_loglevel),
		   fixed[0], fixed[1], fixed[2]);
	return 0;
}

static int store_printk(const struct sysctl *ctl __unused, char *text)
{
	static const int fixed[] = FIXED_LEVELS;
	int values[4] = { 0, fixed[0], fixed[1], fixed[2] };
	int n = 0;

	while (*text && n < 4) {
		char *end = text + strcspn(text, " \t");
		char *next = end + strspn(end, " \t");

		*end = '\0';
		if (kstrtoint(text, 0, &values[n++]))
			return -EINVAL;
		text = next;
	}
	if (n == 0 || *text || memcmp(values + 1, fixed, sizeof(fixed)))
		return -EINVAL;
	WRITE_ONCE(console_loglevel, values[0]);
	return 0;
}

static int show_tainted(struct seq_file *m, const struct sysctl *ctl __unused)
{
	seq_printf(m, "%lu\n", taint_mask());
	return 0;
}

/* ---- kernel/random ---- */

/* A random UUID has version 4 and variant 1 written over. [RFC 4122, 4.4] */
static void make_uuid(uint8_t uuid[16])
{
	get_random_bytes(uuid, 16);
	uuid[6] = (uuid[6] & 0x0f) | 0x40;
	uuid[8] = (uuid[8] & 0x3f) | 0x80;
}

static void show_uuid_bytes(struct seq_file *m, const uint8_t uuid[16])
{
	for (int i = 0; i < 16; i++)
		seq_printf(m, "%s%02x", i >= 4 && i <= 10 && i % 2 == 0 ?
			   "-" : "", uuid[i]);
	seq_putc(m, '\n');
}

static int show_uuid(struct seq_file *m, const struct sysctl *ctl __unused)
{
	uint8_t uuid[16];

	make_uuid(uuid);
	show_uuid_bytes(m, uuid);
	return 0;
}

/* Made when it is first asked for, and then the same until the next boot. */
static int show_boot_id(struct seq_file *m, const struct sysctl *ctl __unused)
{
	static DEFINE_SPINLOCK(lock, RANK_LEAF);
	static uint8_t uuid[16];
	static bool made;
	uint8_t fresh[16];

	make_uuid(fresh);
	spin_lock(&lock);
	if (!made)
		memcpy(uuid, fresh, sizeof(uuid));
	made = true;
	spin_unlock(&lock);
	show_uuid_bytes(m, uuid);
	return 0;
}

/* ---- kernel: scheduling ---- */

/* Real-time tasks' share: of a period, not more than the period. */
static int store_rt_period(const struct sysctl *ctl, char *text)
{
	int value, err = kstrtoint(text, 0, &value);

	if (err || value <= 0 || value < READ_ONCE(sched_rt_runtime_us))
		return -EINVAL;
	return sysctl_store_int(ctl, text);
}

static int store_rt_runtime(const struct sysctl *ctl, char *text)
{
	int value, err = kstrtoint(text, 0, &value);

	if (err || value < -1 || value > READ_ONCE(sched_rt_period_us))
		return -EINVAL;
	return sysctl_store_int(ctl, text);
}

/* Nothing, or less: back to what it was at boot. */
static int store_rr_slice(const struct sysctl *ctl, char *text)
{
	int value, err = kstrtoint(text, 0, &value);

	if (err)
		return -EINVAL;
	if (value <= 0) {
		WRITE_ONCE(sched_rr_slice_ms, RR_SLICE_DEFAULT_MS);
		return 0;
	}
	return sysctl_store_int(ctl, text);
}

/* ---- kernel ---- */

static const struct sysctl random_table[] = {
	SHOWN("boot_id", show_boot_id),
	SHOWN("uuid", show_uuid),
	/* The pool is one 256-bit key, always full. */
	CONSTANT("entropy_avail", 256),
	CONSTANT("poolsize", 256),
};

static int store_ptrace_scope(const struct sysctl *ctl __unused, char *text)
{
	int value, err = kstrtoint(text, 0, &value);

	return set_ptrace_scope(err ? -1 : value);
}

static const struct sysctl yama_table[] = {
	{ .name = "ptrace_scope", .mode = 0644, .show = sysctl_show_int,
	  .store = store_ptrace_scope, .data = &ptrace_scope },
};

static const struct sysctl seccomp_table[] = {
	SHOWN("actions_avail", seccomp_show_avail),
	{ .name = "actions_logged", .mode = 0644, .show = seccomp_show_logged,
	  .store = seccomp_store_logged },
};

static const struct sysctl_dir kernel_subdirs[] = {
	{ .name = "seccomp", .table = seccomp_table,
	  .nr = ARRAY_SIZE(seccomp_table) },
	{ .name = "random", .table = random_table,
	  .nr = ARRAY_SIZE(random_table) },
	{ .name = "yama", .table = yama_table, .nr = ARRAY_SIZE(yama_table) },
	{ .name = NULL },
};

static const struct sysctl kernel_table[] = {
	SHOWN("ostype", show_ostype),
	SHOWN("osrelease", show_osrelease),
	SHOWN("version", show_version),
	{ .name = "hostname", .mode = 0644, .show = show_hostname,
	  .store = store_hostname },
	{ .name = "domainname", .mode = 0644, .show = show_domainname,
	  .store = store_domainname },
	{ .name = "core_pattern", .mode = 0644, .show = show_core_pattern,
	  .store = store_core_pattern },
	INT("core_pipe_limit", core_pipe_limit, 0, INT_MAX),
	INT("core_uses_pid", core_uses_pid, 0, 1),
	INT("pid_max", pid_max, PID_MAX_MIN, PID_MAX_LIMIT),
	INT("threads-max", max_threads, 1, PID_MAX_LIMIT),
	INT("randomize_va_space", randomize_va_space, 0, 2),
	{ .name = "printk", .mode = 0644, .show = show_printk,
	  .store = store_printk },
	INT("panic", panic_timeout, INT_MIN, INT_MAX),
	{ .name = "panic_on_oops", .mode = 0644, .show = sysctl_show_bool,
	  .store = sysctl_store_bool, .data = &panic_on_oops },
	SHOWN("tainted", show_tainted),
	CONSTANT("ngroups_max", NGROUPS_MAX),
	CONSTANT("cap_last_cap", CAP_LAST_CAP),
	{ .name = "sem", .mode = 0644, .show = sem_limits_show,
	  .store = sem_limits_store },
	ULONG("shmmax", shm_max_size, 0, -1),
	ULONG("shmall", shm_max_pages, 0, -1),
	INT("shmmni", shm_max_segments, 0, 32768),
	INT("msgmax", msg_max_size, 0, INT_MAX),
	INT("msgmnb", msg_queue_bytes, 0, INT_MAX),
	INT("msgmni", msg_max_queues, 0, 32768),
	CONSTANT("overflowuid", 65534),
	CONSTANT("overflowgid", 65534),
	{ .name = "sched_rt_period_us", .mode = 0644, .show = sysctl_show_int,
	  .store = store_rt_period, .data = &sched_rt_period_us,
	  .min = 1, .max = INT_MAX },
	{ .name = "sched_rt_runtime_us", .mode = 0644, .show = sysctl_show_int,
	  .store = store_rt_runtime, .data = &sched_rt_runtime_us,
	  .min = -1, .max = INT_MAX },
	{ .name = "sched_rr_timeslice_ms", .mode = 0644,
	  .show = sysctl_show_int, .store = store_rr_slice,
	  .data = &sched_rr_slice_ms, .min = 1, .max = INT_MAX },
	INT("sched_deadline_period_min_us", sched_dl_period_min_us, 100,
	    SCHED_DL_PERIOD_MAX_US),
	INT("sched_deadline_period_max_us", sched_dl_period_max_us, 100,
	    SCHED_DL_PERIOD_MAX_US),
};

/* ---- vm ---- */

static int show_nothing(struct seq_file *m __unused,
			const struct sysctl *ctl __unused)
{
	return 0;
}

/*
 * 1: pages of files, 2: dentries and inodes, 3: both. Each lets all go that
 * can be had again: the parts depend on each other, and tests count the rest.
 */
static int store_drop_caches(const struct sysctl *ctl, char *text)
{
	int value, err = kstrtoint(text, 0, &value);

	if (err || value < ctl->min || value > ctl->max)
		return -EINVAL;
	drop_caches();
	return 0;
}

static int store_mmap_min_addr(const struct sysctl *ctl, char *text)
{
	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	return sysctl_store_ulong(ctl, text);
}

static const struct sysctl vm_table[] = {
	{ .name = "drop_caches", .mode = 0200, .show = show_nothing,
	  .store = store_drop_caches, .min = 1, .max = 4 },
	INT("overcommit_memory", sysctl_overcommit_memory, 0, 2),
	INT("max_map_count", sysctl_max_map_count, 0, INT_MAX),
	{ .name = "mmap_min_addr", .mode = 0644, .show = sysctl_show_ulong,
	  .store = store_mmap_min_addr, .data = &sysctl_mmap_min_addr,
	  .min = 0, .max = LONG_MAX },
};

/* ---- fs ---- */

static int show_file_nr(struct seq_file *m, const struct sysctl *ctl __unused)
{
	seq_printf(m, "%lu\t0\t%lu\n", nr_open_files(), max_open_files);
	return 0;
}

/* Unused inodes go with their dentries: none is free by itself. */
static int show_inode_nr(struct seq_file *m, const struct sysctl *ctl __unused)
{
	seq_printf(m, "%lu\t0\n", nr_inodes());
	return 0;
}

static int show_dentry_state(struct seq_file *m,
			     const struct sysctl *ctl __unused)
{
	/* The age limit of 45 s has not meant anything for long. */
	seq_printf(m, "%lu\t%lu\t45\t0\t0\t0\n", dcache_nr_dentries(),
		   dcache_nr_unused());
	return 0;
}

/* Rounded up to what a pipe can have: a power of two of pages. */
static int store_pipe_max_size(const struct sysctl *ctl, char *text)
{
	unsigned int value, size = PAGE_SIZE;
	int err = kstrtouint(text, 0, &value);

	if (err || value < ctl->min || value > ctl->max)
		return -EINVAL;
	while (size < value)
		size *= 2;
	WRITE_ONCE(pipe_max_size, size);
	return 0;
}

static int show_pipe_max_size(struct seq_file *m,
			      const struct sysctl *ctl __unused)
{
	seq_printf(m, "%u\n", READ_ONCE(pipe_max_size));
	return 0;
}

static const struct sysctl epoll_table[] = {
	ULONG("max_user_watches", epoll_max_user_watches, 0, LONG_MAX),
};

static const struct sysctl mqueue_table[] = {
	INT("queues_max", mq_max_queues, INT_MIN, INT_MAX),
	INT("msg_max", mq_msg_max, 1, 65536),
	INT("msgsize_max", mq_msgsize_max, 128, 16 << 20),
	INT("msg_default", mq_msg_default, 1, 65536),
	INT("msgsize_default", mq_msgsize_default, 128, 16 << 20),
};

static const struct sysctl_dir fs_subdirs[] = {
	{ .name = "epoll", .table = epoll_table,
	  .nr = ARRAY_SIZE(epoll_table) },
	{ .name = "mqueue", .table = mqueue_table,
	  .nr = ARRAY_SIZE(mqueue_table) },
	{ .name = NULL },
};

static const struct sysctl fs_table[] = {
	ULONG("file-max", max_open_files, 0, LONG_MAX),
	SHOWN("file-nr", show_file_nr),
	INT("nr_open", nr_open_limit, 64, INT_MAX & ~63),
	INT("suid_dumpable", suid_dumpable, 0, DUMPABLE_ROOT),
	SHOWN("inode-nr", show_inode_nr),
	SHOWN("dentry-state", show_dentry_state),
	{ .name = "pipe-max-size", .mode = 0644, .show = show_pipe_max_size,
	  .store = store_pipe_max_size, .min = PAGE_SIZE, .max = 1L << 31 },
};

const struct sysctl_dir sysctl_dirs[] = {
	{ .name = "kernel", .table = kernel_table,
	  .nr = ARRAY_SIZE(kernel_table), .subdirs = kernel_subdirs },
	{ .name = "vm", .table = vm_table, .nr = ARRAY_SIZE(vm_table) },
	{ .name = "fs", .table = fs_table, .nr = ARRAY_SIZE(fs_table),
	  .subdirs = fs_subdirs },
	{ .name = NULL },
};
