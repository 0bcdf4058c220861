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
#include <arch/topology.h>
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

static int show_offline(struct seq_file *m, void *v __unused)
{
	struct cpumask offline = CPUMASK_NONE;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		if (!cpu_online(cpu))
			cpumask_set_cpu(cpu, &offline);
	seq_cpulist(m, &offline);
	seq_putc(m, '\n');
	return 0;
}

static const struct pseudo_file offline_file = {
	.name = "offline", .mode = 0444, .show = show_offline,
};

/* No CPU is kept out of the scheduler's hands: an empty list. */
static int show_isolated(struct seq_file *m, void *v __unused)
{
	seq_putc(m, '\n');
	return 0;
}

static const struct pseudo_file isolated_file = {
	.name = "isolated", .mode = 0444, .show = show_isolated,
};

/* ---- devices/system/cpu/cpuN/topology ---- */

static unsigned int cpu_of(const struct seq_file *m)
{
	return (uintptr_t)m->private;
}

static int show_package(struct seq_file *m, void *v __unused)
{
	seq_printf(m, "%u\n", topology_place(cpu_of(m)).package);
	return 0;
}

static int show_die(struct seq_file *m, void *v __unused)
{
	seq_printf(m, "%u\n", topology_place(cpu_of(m)).die);
	return 0;
}

static int show_cluster(struct seq_file *m, void *v __unused)
{
	seq_printf(m, "%u\n", topology_place(cpu_of(m)).cluster);
	return 0;
}

static int show_core(struct seq_file *m, void *v __unused)
{
	seq_printf(m, "%u\n", topology_place(cpu_of(m)).core);
	return 0;
}

static int show_mask(struct seq_file *m, enum topology_level level)
{
	struct cpumask mates;

	topology_mates(cpu_of(m), level, &mates);
	seq_cpumask(m, &mates);
	seq_putc(m, '\n');
	return 0;
}

static int show_list(struct seq_file *m, enum topology_level level)
{
	struct cpumask mates;

	topology_mates(cpu_of(m), level, &mates);
	seq_cpulist(m, &mates);
	seq_putc(m, '\n');
	return 0;
}

static int show_core_mask(struct seq_file *m, void *v __unused)
{
	return show_mask(m, TOPOLOGY_CORE);
}

static int show_core_list(struct seq_file *m, void *v __unused)
{
	return show_list(m, TOPOLOGY_CORE);
}

static int show_cluster_mask(struct seq_file *m, void *v __unused)
{
	return show_mask(m, TOPOLOGY_CLUSTER);
}

static int show_cluster_list(struct seq_file *m, void *v __unused)
{
	return show_list(m, TOPOLOGY_CLUSTER);
}

static int show_package_mask(struct seq_file *m, void *v __unused)
{
	return show_mask(m, TOPOLOGY_PACKAGE);
}

static int show_package_list(struct seq_file *m, void *v __unused)
{
	return show_list(m, TOPOLOGY_PACKAGE);
}

/* A package has one die. Threads and siblings are older names. */
static const struct pseudo_file topology_files[] = {
	{ .name = "physical_package_id", .mode = 0444, .show = show_package },
	{ .name = "die_id", .mode = 0444, .show = show_die },
	{ .name = "cluster_id", .mode = 0444, .show = show_cluster },
	{ .name = "core_id", .mode = 0444, .show = show_core },
	{ .name = "core_cpus", .mode = 0444, .show = show_core_mask },
	{ .name = "core_cpus_list", .mode = 0444, .show = show_core_list },
	{ .name = "thread_siblings", .mode = 0444, .show = show_core_mask },
	{ .name = "thread_siblings_list", .mode = 0444,
	  .show = show_core_list },
	{ .name = "cluster_cpus", .mode = 0444, .show = show_cluster_mask },
	{ .name = "cluster_cpus_list", .mode = 0444,
	  .show = show_cluster_list },
	{ .name = "die_cpus", .mode = 0444, .show = show_package_mask },
	{ .name = "die_cpus_list", .mode = 0444, .show = show_package_list },
	{ .name = "package_cpus", .mode = 0444, .show = show_package_mask },
	{ .name = "package_cpus_list", .mode = 0444,
	  .show = show_package_list },
	{ .name = "core_siblings", .mode = 0444, .show = show_package_mask },
	{ .name = "core_siblings_list", .mode = 0444,
	  .show = show_package_list },
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
	add(dir, &offline_file, NULL);
	add(dir, &isolated_file, NULL);
	for_each_possible_cpu(cpu) {
		struct pseudo_entry *sub, *topology;
		void *nr = (void *)(uintptr_t)cpu;

		snprintf(name, sizeof(name), "cpu%u", cpu);
		sub = make_dir(dir, name);
		/* The boot CPU has no such file: it is never off. */
		if (cpu != 0)
			add(sub, &cpu_online_file, nr);
		topology = make_dir(sub, "topology");
		for (unsigned int i = 0; i < ARRAY_SIZE(topology_files); i++)
			add(topology, &topology_files[i], nr);
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
