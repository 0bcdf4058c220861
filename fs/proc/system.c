/*
 * /proc/version, cmdline, filesystems, devices, partitions: what this kernel
 * is, and what it knows.
 *
 * Source: man 5 proc.
 */
#include "internal.h"

#include <fs/char_dev.h>
#include <fs/filesystems.h>
#include <fs/seq_file.h>
#include <fs/super.h>
#include <kernel/params.h>
#include <kernel/sys.h>
#include <uapi/utsname.h>

static int version_show(struct seq_file *m, void *v __unused)
{
	struct new_utsname uts;

	uts_read(&uts);
	seq_printf(m, "%s version %s (keel@keel) (gcc %s) %s\n", uts.sysname,
		   uts.release, __VERSION__, uts.version);
	return 0;
}

static int cmdline_show(struct seq_file *m, void *v __unused)
{
	seq_printf(m, "%s\n", command_line());
	return 0;
}

static int filesystems_show(struct seq_file *m, void *v __unused)
{
	const struct file_system_type *type;

	for (unsigned int i = 0; (type = file_system_at(i)); i++)
		if (!(type->flags & FS_NOMOUNT))
			seq_printf(m, "%s\t%s\n",
				   type->flags & FS_REQUIRES_DEV ? "" : "nodev",
				   type->name);
	return 0;
}

struct device_list {
	struct seq_file	*m;
	unsigned int	major;		/* of the line before */
	const char	*name;
};

/* Ranges of one driver below one major number make one line. */
static int show_device(const struct char_dev *dev, void *arg)
{
	struct device_list *list = arg;
	unsigned int major = MAJOR(dev->first);

	if (list->name && list->major == major &&
	    strcmp(list->name, dev->name) == 0)
		return 0;
	seq_printf(list->m, "%3u %s\n", major, dev->name);
	list->major = major;
	list->name = dev->name;
	return 0;
}

static int devices_show(struct seq_file *m, void *v __unused)
{
	struct device_list list = { .m = m };

	seq_puts(m, "Character devices:\n");
	char_devs_for_each(show_device, &list);
	seq_puts(m, "\nBlock devices:\n");
	return 0;
}

/* The header comes with the first disk, and there is none. */
static int partitions_show(struct seq_file *m __unused, void *v __unused)
{
	return 0;
}

static const struct pseudo_file files[] = {
	{ .name = "version", .mode = 0444, .show = version_show },
	{ .name = "cmdline", .mode = 0444, .show = cmdline_show },
	{ .name = "filesystems", .mode = 0444, .show = filesystems_show },
	{ .name = "devices", .mode = 0444, .show = devices_show },
	{ .name = "partitions", .mode = 0444, .show = partitions_show },
};

void __init proc_system_init(void)
{
	pseudo_add_all(&proc_root, files, ARRAY_SIZE(files));
}
