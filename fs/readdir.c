/*
 * Reading directories: getdents(2).
 *
 * The file system hands each entry to emit(), which puts it straight into the
 * caller's buffer. An entry's d_off is the cookie of the one after it, which is
 * known only when that one comes: so it is filled in one step later.
 */
#include <fs/file.h>

#include <fs/dentry.h>
#include <fs/files.h>
#include <fs/inode.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include <uapi/dirent.h>

#include "internal.h"

/*
 * Call the file system's iterate with the directory locked.
 *
 * Context: may sleep. Locking: pos_lock if shared; takes the directory's rwsem.
 * Return: 0; -ENOTDIR; -ENOENT (removed); -EINTR; the file system's errors.
 */
int iterate_dir(struct file *file, struct dir_context *ctx)
{
	struct inode *inode = file->inode;
	int err;

	if (!file->ops->iterate)
		return -ENOTDIR;
	if (down_read_killable(&inode->rwsem))
		return -EINTR;
	err = -ENOENT;
	if (!(inode->flags & S_DEAD)) {
		ctx->pos = file->pos;
		err = file->ops->iterate(file, ctx);
		file->pos = ctx->pos;
		file_accessed(file);
	}
	up_read(&inode->rwsem);
	return err;
}

bool dir_emit_dots(struct file *file, struct dir_context *ctx)
{
	struct dentry *parent;
	ino_t ino;

	if (ctx->pos == 0) {
		if (!dir_emit(ctx, ".", 1, file->inode->ino, DT_DIR))
			return false;
		ctx->pos = 1;
	}
	if (ctx->pos == 1) {
		parent = dget_parent(file->path.dentry);
		ino = parent->inode->ino;
		dput(parent);
		if (!dir_emit(ctx, "..", 2, ino, DT_DIR))
			return false;
		ctx->pos = 2;
	}
	return true;
}

/*
 * Put a name and its NUL at @to, inside an open window to user memory: words
 * while there are any, then what the bits of the rest say.
 */
#define unsafe_put_name(to, name, len, label) do { \
	char __user *upn_to = (to); \
	const char *upn_from = (name); \
	size_t upn_len = (len); \
	uint64_t upn_word; \
	for (; upn_len >= 8; upn_len -= 8, upn_to += 8, upn_from += 8) \
		unsafe_put_user(get_unaligned_le64(upn_from), \
				(uint64_t __user *)upn_to, label); \
	upn_word = upn_len ? hash_load_short(upn_from, upn_len) : 0; \
	if (upn_len & 4) { \
		unsafe_put_user((uint32_t)upn_word, \
				(uint32_t __user *)upn_to, label); \
		upn_word >>= 32; \
		upn_to += 4; \
	} \
	if (upn_len & 2) { \
		unsafe_put_user((uint16_t)upn_word, \
				(uint16_t __user *)upn_to, label); \
		upn_word >>= 16; \
		upn_to += 2; \
	} \
	if (upn_len & 1) \
		unsafe_put_user((char)upn_word, upn_to++, label); \
	unsafe_put_user('\0', upn_to, label); \
} while (0)

struct getdents {
	struct dir_context	ctx;
	char __user		*at;	/* the next record goes here */
	__s64 __user		*d_off;	/* the last one's, to be known */
	size_t			room;
	int			err;
};

/* Both kinds of records begin alike; the older's type is its last byte. */
static_assert(offsetof(struct linux_dirent, d_off) ==
	      offsetof(struct linux_dirent64, d_off), "one head");
static_assert(offsetof(struct linux_dirent, d_reclen) ==
	      offsetof(struct linux_dirent64, d_reclen), "one head");

/* Put the record's fields and name. False: a bad address. */
static __always_inline bool put_record(struct getdents *g, bool old,
				       const char *name, size_t len,
				       size_t reclen, loff_t pos, ino_t ino,
				       unsigned int type)
{
	struct linux_dirent64 __user *d = (void __user *)g->at;
	struct linux_dirent __user *d_old = (void __user *)g->at;

	if (!user_access_begin(d, reclen))
		return false;
	if (g->d_off)
		unsafe_put_user((__s64)pos, g->d_off, fault);
	unsafe_put_user((__u64)ino, &d->d_ino, fault);
	unsafe_put_user((__u16)reclen, &d->d_reclen, fault);
	unsafe_put_user((__u8)type, old ? (__u8 __user *)g->at + reclen - 1 :
			&d->d_type, fault);
	unsafe_put_name(old ? d_old->d_name : d->d_name, name, len, fault);
	user_access_end();
	return true;

fault:
	user_access_end();
	return false;
}

static __always_inline bool emit_record(struct dir_context *ctx, bool old,
					const char *name, size_t len,
					loff_t pos, ino_t ino,
					unsigned int type)
{
	struct getdents *g = container_of(ctx, struct getdents, ctx);
	size_t head = old ? offsetof(struct linux_dirent, d_name) + 1 :
			    offsetof(struct linux_dirent64, d_name);
	size_t reclen = ALIGN_UP(head + len + 1, 8);

	g->err = -EINVAL;	/* not even one fits */
	if (reclen > g->room)
		return false;
	if (g->d_off && signal_pending(current))
		return false;	/* what we have is the answer */
	if (!put_record(g, old, name, len, reclen, pos, ino, type)) {
		g->err = -EFAULT;
		return false;
	}
	g->err = 0;
	g->d_off = (void __user *)(g->at +
				   offsetof(struct linux_dirent, d_off));
	g->at += reclen;
	g->room -= reclen;
	return true;
}

static bool emit(struct dir_context *ctx, const char *name, size_t len,
		 loff_t pos, ino_t ino, unsigned int type)
{
	return emit_record(ctx, false, name, len, pos, ino, type);
}

static bool emit_old(struct dir_context *ctx, const char *name, size_t len,
		     loff_t pos, ino_t ino, unsigned int type)
{
	return emit_record(ctx, true, name, len, pos, ino, type);
}

static long do_getdents(unsigned int fd, char __user *buf, unsigned int size,
			bool old)
{
	struct getdents g = {
		.ctx.emit = old ? emit_old : emit, .at = buf, .room = size,
	};
	struct fd f = fdget_pos(fd);
	long ret;

	if (!f.file)
		return -EBADF;
	ret = iterate_dir(f.file, &g.ctx);
	if (ret >= 0)
		ret = g.err;
	if (g.d_off) {
		ret = size - g.room;
		if (put_user((__s64)g.ctx.pos, g.d_off))
			ret = -EFAULT;
	}
	fdput_pos(f);
	return ret;
}

SYSCALL_DEFINE3(getdents64, unsigned int, fd, void __user *, buf,
		unsigned int, size)
{
	return do_getdents(fd, buf, size, false);
}

SYSCALL_DEFINE3(getdents, unsigned int, fd, void __user *, buf,
		unsigned int, size)
{
	return do_getdents(fd, buf, size, true);
}
