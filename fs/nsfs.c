/*
 * The file system of namespaces: see fs/nsfs.h.
 *
 * Its files are made at boot and stay. They have no names, only what readlink
 * shows, "pid:[4026531836]", and are reached through the links in /proc/PID/ns.
 *
 * Source: man 7 namespaces, man 2 ioctl_ns.
 */
#include <fs/nsfs.h>

#include <arch/uaccess.h>
#include <fs/dentry.h>
#include <fs/file.h>
#include <fs/files.h>
#include <fs/inode.h>
#include <fs/libfs.h>
#include <fs/mount.h>
#include <fs/super.h>
#include <kernel/cred.h>
#include <kernel/panic.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <uapi/fcntl.h>
#include <uapi/nsfs.h>
#include <uapi/sched.h>
#include <uapi/statfs.h>

struct namespace {
	const char	*name;
	unsigned int	clone_flag;
	bool		is_tree;	/* of its kind, some have parents */
	ino_t		ino;
};

static const struct namespace namespaces[NR_NS_KINDS] = {
	[NS_TIME] = { "time", CLONE_NEWTIME, false, 4026531834 },
	[NS_CGROUP] = { "cgroup", CLONE_NEWCGROUP, false, 4026531835 },
	[NS_PID] = { "pid", CLONE_NEWPID, true, 4026531836 },
	[NS_USER] = { "user", CLONE_NEWUSER, true, 4026531837 },
	[NS_UTS] = { "uts", CLONE_NEWUTS, false, 4026531838 },
	[NS_IPC] = { "ipc", CLONE_NEWIPC, false, 4026531839 },
	[NS_NET] = { "net", CLONE_NEWNET, false, 4026531840 },
	[NS_MNT] = { "mnt", CLONE_NEWNS, false, 4026531841 },
};

static struct mount *ns_mount __ro_after_init;
static struct dentry *dentries[NR_NS_KINDS] __ro_after_init;

void ns_path(enum ns_kind kind, struct path *path)
{
	path->mount = ns_mount;
	path->dentry = dentries[kind];
	path_get(path);
}

/* ---- asking -------------------------------------------------------------- */

static int open_user_namespace(void)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);
	struct file *file;
	struct path path;

	if (fd < 0)
		return fd;
	ns_path(NS_USER, &path);
	file = dentry_open(&path, O_RDONLY, current_cred());
	path_put(&path);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

/* What is above the initial namespaces is for nobody to see. */
static long ns_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	const struct namespace *ns = file->inode->private;

	switch (cmd) {
	case NS_GET_USERNS:
		return ns->clone_flag == CLONE_NEWUSER ? -EPERM :
							 open_user_namespace();
	case NS_GET_PARENT:
		return ns->is_tree ? -EPERM : -EINVAL;
	case NS_GET_NSTYPE:
		return ns->clone_flag;
	case NS_GET_OWNER_UID:
		if (ns->clone_flag != CLONE_NEWUSER)
			return -EINVAL;
		return put_user(0, (uid_t __user *)arg);
	default:
		return -ENOTTY;
	}
}

static const struct file_ops ns_file_ops = {
	.ioctl = ns_ioctl,
};

/* ---- making -------------------------------------------------------------- */

static int ns_dname(struct dentry *dentry, char *buf, size_t size)
{
	const struct namespace *ns = dentry->inode->private;

	return snprintf(buf, size, "%s:[%lu]", ns->name, ns->ino);
}

static const struct dentry_ops ns_dentry_ops = {
	.dname = ns_dname,
};

static int ns_fill_super(struct super_block *sb,
			 const struct mount_args *args __unused)
{
	return pseudo_fill_super(sb, NSFS_MAGIC, NULL, &ns_dentry_ops);
}

static const struct file_system_type ns_type = {
	.name = "nsfs",
	.flags = FS_NOMOUNT,
	.fill_super = ns_fill_super,
};

/* The file of @ns. NULL: no memory. */
static struct dentry *make_file(struct super_block *sb,
				const struct namespace *ns)
{
	struct qstr name = QSTR(ns->name);
	struct inode *inode = new_inode(sb);
	struct dentry *dentry;

	if (!inode)
		return NULL;
	inode->ino = ns->ino;
	inode->mode = S_IFREG | 0444;
	inode->flags |= S_IMMUTABLE;
	inode->fops = &ns_file_ops;
	inode->private = (void *)ns;
	inode->atime = inode->mtime = inode->ctime = current_time(inode);
	dentry = d_alloc_anon(sb, &name, sb->dentry_ops);
	if (dentry)
		d_instantiate(dentry, inode);
	else
		iput(inode);
	return dentry;
}

/* Before: slab, the VFS. After: ns_path() works. */
void __init nsfs_init(void)
{
	ns_mount = kern_mount(&ns_type);
	if (IS_ERR(ns_mount))
		panic("nsfs: cannot mount");
	for (unsigned int i = 0; i < NR_NS_KINDS; i++) {
		dentries[i] = make_file(ns_mount->sb, &namespaces[i]);
		if (!dentries[i])
			panic("nsfs: no memory");
	}
}
