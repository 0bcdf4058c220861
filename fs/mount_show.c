/*
 * The mount tree as text: /proc/mounts and /proc/<pid>/mountinfo.
 */
#include <fs/mount.h>

#include <fs/dentry.h>
#include <fs/dev.h>
#include <fs/seq_file.h>
#include <fs/super.h>
#include <mm/slab.h>
#include <uapi/limits.h>

#include "internal.h"

/* What separates fields, or stands for itself in an escape. */
#define ESCAPED	" \t\n\\"

static void show_sb_flags(struct seq_file *m, const struct super_block *sb)
{
	if (sb->flags & SB_SYNCHRONOUS)
		seq_puts(m, ",sync");
}

static void show_mount_flags(struct seq_file *m, const struct mount *mount)
{
	static const struct { unsigned int flag; const char *text; } table[] = {
		{ MNT_NOSUID, ",nosuid" },	{ MNT_NODEV, ",nodev" },
		{ MNT_NOEXEC, ",noexec" },	{ MNT_NOATIME, ",noatime" },
		{ MNT_NODIRATIME, ",nodiratime" },
		{ MNT_RELATIME, ",relatime" },
		{ MNT_NOSYMFOLLOW, ",nosymfollow" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (mount->flags & table[i].flag)
			seq_puts(m, table[i].text);
}

static int show_options(struct seq_file *m, struct mount *mount)
{
	const struct super_ops *ops = mount->sb->ops;

	return ops->show_options ? ops->show_options(m, mount->root) : 0;
}

/* Where it is mounted, as seen from @root. -ENOENT if it cannot be seen. */
static int show_place(struct seq_file *m, struct mount *mount,
		      const struct path *root, char *buf)
{
	const struct path path = { mount, mount->root };
	char *text = d_path_from(&path, root, buf, PATH_MAX);

	if (!text)
		return -ENOENT;
	if (IS_ERR(text))
		return PTR_ERR(text);
	seq_escape(m, text, ESCAPED);
	return 0;
}

static bool is_visible(struct mount *mount, const struct path *root, char *buf)
{
	const struct path path = { mount, mount->root };

	return d_path_from(&path, root, buf, PATH_MAX);
}

static int show_mounts_line(struct seq_file *m, struct mount *mount,
			    const struct path *root, char *buf)
{
	int err;

	seq_escape(m, mount->source, ESCAPED);
	seq_putc(m, ' ');
	err = show_place(m, mount, root, buf);
	if (err)
		return err;
	seq_printf(m, " %s %s", mount->sb->type->name,
		   mnt_is_readonly(mount) || sb_rdonly(mount->sb) ? "ro" :
								    "rw");
	show_sb_flags(m, mount->sb);
	show_mount_flags(m, mount);
	err = show_options(m, mount);
	seq_puts(m, " 0 0\n");
	return err;
}

static int show_mountinfo_line(struct seq_file *m, struct mount *mount,
			       const struct path *root, char *buf)
{
	const struct super_block *sb = mount->sb;
	char *text = dentry_path(mount->root, buf, PATH_MAX);
	int err;

	if (IS_ERR(text))
		return PTR_ERR(text);
	seq_printf(m, "%d %d %u:%u ", mount->id, mount->parent->id,
		   MAJOR(sb->dev), MINOR(sb->dev));
	seq_escape(m, text, ESCAPED);
	seq_putc(m, ' ');
	err = show_place(m, mount, root, buf);
	if (err)
		return err;
	seq_puts(m, mnt_is_readonly(mount) ? " ro" : " rw");
	show_mount_flags(m, mount);
	seq_printf(m, " - %s ", sb->type->name);
	seq_escape(m, mount->source, ESCAPED);
	seq_puts(m, sb_rdonly(sb) ? " ro" : " rw");
	show_sb_flags(m, sb);
	err = show_options(m, mount);
	seq_putc(m, '\n');
	return err;
}

typedef int show_line_fn(struct seq_file *m, struct mount *mount,
			 const struct path *root, char *buf);

static int show(struct seq_file *m, struct mount *mount,
		const struct path *root, show_line_fn *line)
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL);
	int err = 0;

	if (!buf)
		return -ENOMEM;
	if (is_visible(mount, root, buf))
		err = line(m, mount, root, buf);
	kfree(buf);
	return err;
}

/* Locking: mounts_rwsem held. 0 or -ENOMEM. */
int mount_show(struct seq_file *m, struct mount *mount,
	       const struct path *root)
{
	return show(m, mount, root, show_mounts_line);
}

int mountinfo_show(struct seq_file *m, struct mount *mount,
		   const struct path *root)
{
	return show(m, mount, root, show_mountinfo_line);
}
