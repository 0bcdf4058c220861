/*
 * The contents of /sys: see sysfs.h.
 *
 * One value a file, a newline behind it.
 *
 * Source: Linux, Documentation/ABI/testing/sysfs-devices-system-cpu.
 */
#include <fs/sysfs/sysfs.h>

#include <arch/clock.h>
#include <arch/smp.h>
#include <fs/dentry.h>
#include <fs/seq_file.h>
#include <fs/super.h>
#include <keel/bug.h>
#include <lib/printf.h>
#include <uapi/statfs.h>

struct pseudo_entry sysfs_root = PSEUDO_ROOT_INIT(sysfs_root,
						  &pseudo_dir_iops);
struct pseudo_entry *sysfs_kernel_dir, *sysfs_devices_dir;

/* ---- devices/system/cpu ---- */

/* A set of CPUs as "0-3,7". */
static int show_cpus(struct seq_file *m, void *v __unused)
{
	seq_cpulist(m, m->private);
	seq_putc(m, '\n');
	return 0;
}

static int show_kernel_max(struct seq_file *m, void *v __unused)
{
	seq_printf(m, "%u\n", NR_CPUS - 1);
	return 0;
}

static int show_online(struct seq_file *m, void *v __unused)
{
	unsigned int cpu = (uintptr_t)m->private;

	seq_printf(m, "%d\n", cpu_online(cpu));
	return 0;
}

static const struct {
	struct pseudo_file	file;
	struct cpumask		*mask;
} cpu_sets[] = {
	{ { .name = "online", .mode = 0444, .show = show_cpus },
	  &cpu_online_mask },
	{ { .name = "possible", .mode = 0444, .show = show_cpus },
	  &cpu_possible_mask },
	{ { .name = "present", .mode = 0444, .show = show_cpus },
	  &cpu_possible_mask },
};

static const struct pseudo_file kernel_max = {
	.name = "kernel_max", .mode = 0444, .show = show_kernel_max,
};

static const struct pseudo_file cpu_online_file = {
	.name = "online", .mode = 0444, .show = show_online,
};

/* ---- devices/system/clocksource ---- */

static int show_clock(struct seq_file *m, void *v __unused)
{
	seq_printf(m, "%s\n", clock_name());
	return 0;
}

/* The boot has chosen for good: there is nothing else to be had. */
static int show_clocks(struct seq_file *m, void *v __unused)
{
	seq_printf(m, "%s \n", clock_name());
	return 0;
}

static const struct pseudo_file clock_files[] = {
	{ .name = "current_clocksource", .mode = 0444, .show = show_clock },
	{ .name = "available_clocksource", .mode = 0444,
	  .show = show_clocks },
};

/* ---- the tree ---- */

static struct pseudo_entry *__init make_dir(struct pseudo_entry *parent,
					    const char *name)
{
	struct pseudo_entry *dir = pseudo_mkdir(parent, name);

	if (!dir)
		panic("no memory for /sys");
	return dir;
}

static void __init add(struct pseudo_entry *dir, const struct pseudo_file *file,
		       void *private)
{
	if (!pseudo_add(dir, file, private))
		panic("no memory for /sys");
}

static void __init add_cpus(struct pseudo_entry *dir)
{
	unsigned int cpu;
	char name[16];

	for (unsigned int i = 0; i < ARRAY_SIZE(cpu_sets); i++)
		add(dir, &cpu_sets[i].file, cpu_sets[i].mask);
	add(dir, &kernel_max, NULL);
	for_each_possible_cpu(cpu) {
		struct pseudo_entry *sub;

		snprintf(name, sizeof(name), "cpu%u", cpu);
		sub = make_dir(dir, name);
		/* The boot CPU has no such file: it is never off. */
		if (cpu != 0)
			add(sub, &cpu_online_file, (void *)(uintptr_t)cpu);
	}
}

static int fill_super(struct super_block *sb,
		      const struct mount_args *args __unused)
{
	sb->magic = SYSFS_MAGIC;
	sb->root = d_make_root(pseudo_inode(sb, &sysfs_root));
	return sb->root ? 0 : -ENOMEM;
}

const struct file_system_type sysfs_type = {
	.name = "sysfs",
	.flags = FS_SINGLE,
	.fill_super = fill_super,
};

void __init sysfs_init(void)
{
	struct pseudo_entry *system, *clocks;

	sysfs_devices_dir = make_dir(&sysfs_root, "devices");
	sysfs_kernel_dir = make_dir(&sysfs_root, "kernel");
	system = make_dir(sysfs_devices_dir, "system");
	add_cpus(make_dir(system, "cpu"));
	clocks = make_dir(system, "clocksource");
	pseudo_add_all(make_dir(clocks, "clocksource0"), clock_files,
		       ARRAY_SIZE(clock_files));
}
