/*
 * Files without a place: see fs/anon_inode.h.
 *
 * The one inode lives on a file system that nobody can mount. Its mode has no
 * type, as on Linux: fstat(2) on such a descriptor answers 0600.
 */
#include <fs/anon_inode.h>

#include <fs/dentry.h>
#include <fs/file.h>
#include <fs/files.h>
#include <fs/inode.h>
#include <fs/libfs.h>
#include <fs/mount.h>
#include <fs/super.h>
#include <kernel/panic.h>
#include <lib/printf.h>
#include <uapi/statfs.h>

static struct mount *anon_mount __ro_after_init;
static struct inode *anon_inode __ro_after_init;

static int anon_dname(struct dentry *dentry, char *buf, size_t size)
{
	return snprintf(buf, size, "anon_inode:%.*s", (int)dentry->name_len,
			dentry->name);
}

static const struct dentry_ops anon_dentry_ops = {
	.dname = anon_dname,
};

static int anon_fill_super(struct super_block *sb,
			   const struct mount_args *args __unused)
{
	return pseudo_fill_super(sb, ANON_INODE_FS_MAGIC, NULL,
				 &anon_dentry_ops);
}

static const struct file_system_type anon_type = {
	.name = "anon_inodefs",
	.flags = FS_NOMOUNT,
	.fill_super = anon_fill_super,
};

/*
 * A file whose operations are @ops, shown as "anon_inode:@name". @private is
 * the file's from then on: @ops->release() lets it go. @flags: the access mode
 * and O_NONBLOCK.
 *
 * Context: may sleep. Return: ERR_PTR(-ENFILE, -ENOMEM), and then @private is
 * still the caller's.
 */
struct file *anon_inode_file(const char *name, const struct file_ops *ops,
			     void *private, int flags)
{
	struct file *file;

	ihold(anon_inode);
	file = alloc_file_pseudo(anon_inode, anon_mount, name,
				 flags & (O_ACCMODE | O_NONBLOCK), ops);
	if (IS_ERR(file)) {
		iput(anon_inode);
		return file;
	}
	file->private = private;
	stream_open(anon_inode, file);
	if (ops->llseek)	/* succeeds, and means nothing */
		file->mode |= FMODE_LSEEK;
	return file;
}

/*
 * anon_inode_file() behind a new descriptor of the caller's; O_CLOEXEC among
 * @flags is the descriptor's.
 *
 * Context: process, may sleep. Return: the descriptor; -EMFILE too.
 */
int anon_inode_fd(const char *name, const struct file_ops *ops, void *private,
		  int flags)
{
	int fd = get_unused_fd_flags(flags & O_CLOEXEC);
	struct file *file;

	if (fd < 0)
		return fd;
	file = anon_inode_file(name, ops, private, flags);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

/* Before: slab, the VFS. After: anon_inode_file() works. */
void __init anon_inode_init(void)
{
	anon_mount = kern_mount(&anon_type);
	if (IS_ERR(anon_mount))
		panic("anon_inode: cannot mount");
	anon_inode = alloc_anon_inode(anon_mount->sb);
	if (!anon_inode)
		panic("anon_inode: no memory");
}
