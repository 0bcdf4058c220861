/*
 * stat(2), statx(2), readlink(2): what is known about a file; statfs(2): how
 * full its file system is, and how it is mounted.
 *
 * The usual stat() takes no reference and no lock: the walk is under RCU, the
 * inode's fields are copied there too, and only then is checked that all of it
 * belonged together.
 */
#include <fs/stat.h>

#include <fs/dentry.h>
#include <fs/files.h>
#include <fs/inode.h>
#include <fs/libfs.h>
#include <fs/mount.h>
#include <fs/namei.h>
#include <fs/super.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <uapi/fcntl.h>
#include <uapi/statfs.h>

#include "internal.h"
#include "namei_internal.h"

void generic_fillattr(const struct inode *inode, struct kstat *stat)
{
	stat->result_mask = STATX_BASIC_STATS | STATX_MNT_ID;
	stat->mode = inode->mode;
	stat->nlink = inode->nlink;
	stat->block_size = inode->sb->block_size;
	stat->uid = inode->uid;
	stat->gid = inode->gid;
	stat->dev = inode->sb->dev;
	stat->rdev = inode->rdev;
	stat->attributes = 0;
	stat->attributes_mask = 0;
	stat->ino = inode->ino;
	stat->size = inode_size(inode);
	stat->blocks = inode->blocks;
	if (inode->data.flags & AS_SHMEM)
		stat->blocks = READ_ONCE(inode->data.nr_pages) *
			       (PAGE_SIZE / 512);
	stat->atime = inode->atime;
	stat->mtime = inode->mtime;
	stat->ctime = inode->ctime;
	stat->btime = (struct timespec){ 0, 0 };
}

int vfs_getattr(const struct path *path, struct kstat *stat,
		uint32_t request_mask, unsigned int flags)
{
	struct inode *inode = path->dentry->inode;
	int err = 0;

	if (inode->ops->getattr)
		err = inode->ops->getattr(path, stat, request_mask, flags);
	else
		generic_fillattr(inode, stat);
	if (err)
		return err;
	stat->result_mask |= STATX_MNT_ID;
	stat->mnt_id = path->mount->id;
	stat->attributes_mask |= STATX_ATTR_MOUNT_ROOT;
	if (path->dentry == path->mount->root)
		stat->attributes |= STATX_ATTR_MOUNT_ROOT;
	return 0;
}

/* ---- to user space ---- */

/* 0 or -EFAULT. */
static int put_stat(const struct kstat *k, struct stat __user *st)
{
	if (!user_access_begin(st, sizeof(*st)))
		return -EFAULT;
	unsafe_put_user((__u64)dev_encode(k->dev), &st->st_dev, fault);
	unsafe_put_user((__u64)k->ino, &st->st_ino, fault);
	unsafe_put_user((__u64)k->nlink, &st->st_nlink, fault);
	unsafe_put_user((__u32)k->mode, &st->st_mode, fault);
	unsafe_put_user((__u32)k->uid, &st->st_uid, fault);
	unsafe_put_user((__u32)k->gid, &st->st_gid, fault);
	unsafe_put_user((__u32)0, &st->__pad0, fault);
	unsafe_put_user((__u64)dev_encode(k->rdev), &st->st_rdev, fault);
	unsafe_put_user((__s64)k->size, &st->st_size, fault);
	unsafe_put_user((__s64)k->block_size, &st->st_blksize, fault);
	unsafe_put_user((__s64)k->blocks, &st->st_blocks, fault);
	unsafe_put_user(k->atime.tv_sec, &st->st_atim.tv_sec, fault);
	unsafe_put_user(k->atime.tv_nsec, &st->st_atim.tv_nsec, fault);
	unsafe_put_user(k->mtime.tv_sec, &st->st_mtim.tv_sec, fault);
	unsafe_put_user(k->mtime.tv_nsec, &st->st_mtim.tv_nsec, fault);
	unsafe_put_user(k->ctime.tv_sec, &st->st_ctim.tv_sec, fault);
	unsafe_put_user(k->ctime.tv_nsec, &st->st_ctim.tv_nsec, fault);
	unsafe_put_user((__s64)0, &st->__pad1[0], fault);
	unsafe_put_user((__s64)0, &st->__pad1[1], fault);
	unsafe_put_user((__s64)0, &st->__pad1[2], fault);
	user_access_end();
	return 0;

fault:
	user_access_end();
	return -EFAULT;
}

static struct statx_timestamp to_statx_time(const struct timespec *ts)
{
	return (struct statx_timestamp){
		.tv_sec = ts->tv_sec, .tv_nsec = ts->tv_nsec,
	};
}

static int put_statx(const struct kstat *k, struct statx __user *user)
{
	struct statx stx = {
		.stx_mask = k->result_mask,
		.stx_blksize = k->block_size,
		.stx_attributes = k->attributes,
		.stx_nlink = k->nlink,
		.stx_uid = k->uid,
		.stx_gid = k->gid,
		.stx_mode = k->mode,
		.stx_ino = k->ino,
		.stx_size = k->size,
		.stx_blocks = k->blocks,
		.stx_attributes_mask = k->attributes_mask,
		.stx_atime = to_statx_time(&k->atime),
		.stx_btime = to_statx_time(&k->btime),
		.stx_ctime = to_statx_time(&k->ctime),
		.stx_mtime = to_statx_time(&k->mtime),
		.stx_rdev_major = MAJOR(k->rdev),
		.stx_rdev_minor = MINOR(k->rdev),
		.stx_dev_major = MAJOR(k->dev),
		.stx_dev_minor = MINOR(k->dev),
		.stx_mnt_id = k->mnt_id,
	};

	return copy_to_user(user, &stx, sizeof(stx)) ? -EFAULT : 0;
}

/* ---- by name, by descriptor ---- */

static int stat_slow(int dfd, const char *name, unsigned int lookup_flags,
		     struct kstat *stat, uint32_t mask, unsigned int at_flags)
{
	struct path path;
	int err = path_lookup_at(dfd, name, lookup_flags, &path);

	if (err)
		return err;
	err = vfs_getattr(&path, stat, mask, at_flags);
	path_put(&path);
	return err;
}

static int stat_name(int dfd, const char __user *user,
		     unsigned int lookup_flags, struct kstat *stat,
		     uint32_t mask, unsigned int at_flags)
{
	struct pathname p;
	int err = pathname_get(&p, user, lookup_flags);

	if (unlikely(err))
		return err;
	err = path_getattr_rcu(dfd, p.name, lookup_flags, stat);
	if (unlikely(err == -ECHILD))
		err = stat_slow(dfd, p.name, lookup_flags, stat, mask,
				at_flags);
	pathname_put(&p);
	return err;
}

static int stat_fd(unsigned int fd, struct kstat *stat, uint32_t mask,
		   unsigned int at_flags)
{
	struct fd f = fdget_raw(fd);
	int err;

	if (unlikely(!f.file))
		return -EBADF;
	err = vfs_getattr(&f.file->path, stat, mask, at_flags);
	fdput(f);
	return err;
}

/* The descriptor itself is meant: an empty name and AT_EMPTY_PATH. */
static bool is_about_fd(int dfd, const char __user *name, int flags)
{
	char c;

	if (!(flags & AT_EMPTY_PATH) || dfd < 0)
		return false;
	return get_user(c, name) == 0 && c == '\0';
}

static int stat_at(int dfd, const char __user *name, int flags,
		   struct kstat *stat, uint32_t mask)
{
	unsigned int lookup_flags = 0;

	if (is_about_fd(dfd, name, flags))
		return stat_fd(dfd, stat, mask, flags);
	if (!(flags & AT_SYMLINK_NOFOLLOW))
		lookup_flags |= LOOKUP_FOLLOW;
	if (flags & AT_EMPTY_PATH)
		lookup_flags |= LOOKUP_EMPTY;
	return stat_name(dfd, name, lookup_flags, stat, mask, flags);
}

SYSCALL_DEFINE2(stat, const char __user *, name, struct stat __user *, st)
{
	struct kstat k;
	int err = stat_name(AT_FDCWD, name, LOOKUP_FOLLOW, &k,
			    STATX_BASIC_STATS, 0);

	return unlikely(err) ? err : put_stat(&k, st);
}

SYSCALL_DEFINE2(lstat, const char __user *, name, struct stat __user *, st)
{
	struct kstat k;
	int err = stat_name(AT_FDCWD, name, 0, &k, STATX_BASIC_STATS,
			    AT_SYMLINK_NOFOLLOW);

	return unlikely(err) ? err : put_stat(&k, st);
}

SYSCALL_DEFINE2(fstat, unsigned int, fd, struct stat __user *, st)
{
	struct kstat k;
	int err = stat_fd(fd, &k, STATX_BASIC_STATS, 0);

	return unlikely(err) ? err : put_stat(&k, st);
}

SYSCALL_DEFINE4(newfstatat, int, dfd, const char __user *, name,
		struct stat __user *, st, int, flags)
{
	struct kstat k;
	int err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH |
		      AT_STATX_SYNC_TYPE))
		return -EINVAL;
	err = stat_at(dfd, name, flags, &k, STATX_BASIC_STATS);
	return unlikely(err) ? err : put_stat(&k, st);
}

SYSCALL_DEFINE5(statx, int, dfd, const char __user *, name, unsigned int, flags,
		unsigned int, mask, struct statx __user *, buf)
{
	struct kstat k;
	int err;

	if (mask & STATX__RESERVED)
		return -EINVAL;
	if ((flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH |
		      AT_STATX_SYNC_TYPE))
		return -EINVAL;
	err = stat_at(dfd, name, flags, &k, mask);
	return err ? err : put_statx(&k, buf);
}

/* ---- readlink ---- */

static int readlink_text(struct dentry *dentry, char __user *buf, int size)
{
	struct inode *inode = dentry->inode;
	struct link_done done = { .fn = NULL };
	const char *text = inode->link;
	int len;

	if (!text)
		text = inode->ops->get_link(dentry, inode, &done);
	if (IS_ERR(text))
		return PTR_ERR(text);
	len = min(strlen(text), (size_t)size);
	if (copy_to_user(buf, text, len))
		len = -EFAULT;
	if (done.fn)
		done.fn(done.arg);
	return len;
}

/* Magic links have no text of their own. */
static int readlink_magic(struct dentry *dentry, char __user *buf, int size)
{
	char *page = kmalloc(PATH_MAX, GFP_KERNEL);
	int len;

	if (!page)
		return -ENOMEM;
	len = dentry->inode->ops->readlink(dentry, page,
					   min(size, PATH_MAX));
	if (len > 0 && copy_to_user(buf, page, len))
		len = -EFAULT;
	kfree(page);
	return len;
}

int vfs_readlink(struct dentry *dentry, char __user *buf, int size)
{
	if (dentry->inode->ops->readlink)
		return readlink_magic(dentry, buf, size);
	return readlink_text(dentry, buf, size);
}

static long do_readlinkat(int dfd, const char __user *name, char __user *buf,
			  int size)
{
	struct pathname p;
	struct path path;
	int err;

	if (size <= 0)
		return -EINVAL;
	err = pathname_get(&p, name, LOOKUP_EMPTY);
	if (err)
		return err;
	err = path_lookup_at(dfd, p.name, LOOKUP_EMPTY, &path);
	if (!err) {
		/* An empty name is for descriptors of links (O_PATH). */
		err = *p.name ? -EINVAL : -ENOENT;
		if (d_is_symlink(path.dentry)) {
			touch_atime(&path);
			err = vfs_readlink(path.dentry, buf, size);
		}
		path_put(&path);
	}
	pathname_put(&p);
	return err;
}

SYSCALL_DEFINE4(readlinkat, int, dfd, const char __user *, name,
		char __user *, buf, int, size)
{
	return do_readlinkat(dfd, name, buf, size);
}

SYSCALL_DEFINE3(readlink, const char __user *, name, char __user *, buf,
		int, size)
{
	return do_readlinkat(AT_FDCWD, name, buf, size);
}

/* ---- statfs(2) ---- */

static unsigned int mount_to_st_flags(const struct mount *mount)
{
	static const struct { unsigned int mnt, st; } table[] = {
		{ MNT_READONLY, ST_RDONLY },	{ MNT_NOSUID, ST_NOSUID },
		{ MNT_NODEV, ST_NODEV },	{ MNT_NOEXEC, ST_NOEXEC },
		{ MNT_NOATIME, ST_NOATIME },	{ MNT_RELATIME, ST_RELATIME },
		{ MNT_NODIRATIME, ST_NODIRATIME },
		{ MNT_NOSYMFOLLOW, ST_NOSYMFOLLOW },
	};
	unsigned int i, flags = ST_VALID;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (mount->flags & table[i].mnt)
			flags |= table[i].st;
	if (mount->sb->flags & SB_RDONLY)
		flags |= ST_RDONLY;
	if (mount->sb->flags & SB_SYNCHRONOUS)
		flags |= ST_SYNCHRONOUS;
	return flags;
}

static int statfs_path(const struct path *path, struct statfs __user *user)
{
	struct super_block *sb = path->dentry->sb;
	struct statfs buf = { .f_fsid.val[0] = sb->dev };
	int err;

	if (sb->ops->statfs)
		err = sb->ops->statfs(path->dentry, &buf);
	else
		err = simple_statfs(path->dentry, &buf);
	if (err)
		return err;
	if (!buf.f_frsize)
		buf.f_frsize = buf.f_bsize;
	buf.f_flags = mount_to_st_flags(path->mount);
	return copy_to_user(user, &buf, sizeof(buf)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(statfs, const char __user *, name, struct statfs __user *, buf)
{
	struct path path;
	int err = user_path_at(AT_FDCWD, name, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	err = statfs_path(&path, buf);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE2(fstatfs, unsigned int, fd, struct statfs __user *, buf)
{
	struct fd f = fdget_raw(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = statfs_path(&f.file->path, buf);
	fdput(f);
	return err;
}
