/*
 * Open files: what open(2) makes and descriptors point to.
 *
 * One struct file is one open(2): a position, an access mode, and the table of
 * operations that move the data. Descriptors that dup(2) or fork(2) made share
 * it. It is reached through a descriptor table under RCU; its memory comes from
 * a SLAB_TYPESAFE_BY_RCU cache, so a reader that was too late finds another
 * file there, or none, but always a file: fget() takes the reference and then
 * looks again.
 *
 * All data passes through read_iter and write_iter: a kiocb that says where and
 * how (position, may it wait), and an iov_iter that says whence or whither.
 *
 * Field protection:  [C] constant after open  [L] file->lock  [P] pos_lock, if
 * the file is shared  [A] atomic
 */
#pragma once

#include <fs/iov_iter.h>
#include <fs/path.h>
#include <keel/err.h>
#include <keel/list.h>
#include <keel/refcount.h>
#include <kernel/mutex.h>
#include <kernel/spinlock.h>
#include <uapi/fcntl.h>
#include <uapi/fs.h>

struct address_space;
struct cred;
struct dir_context;
struct file;
struct file_owner;
struct inode;
struct poll_table;
struct seq_file;
struct vma;

/* file->mode: what the opener may do, and what the file can. */
#define FMODE_READ		0x0001u
#define FMODE_WRITE		0x0002u
#define FMODE_LSEEK		0x0004u
#define FMODE_PREAD		0x0008u	/* pread(2) works */
#define FMODE_PWRITE		0x0010u
#define FMODE_EXEC		0x0020u	/* opened by execve(2) */
#define FMODE_WRITER		0x0100u	/* holds get_write_access() */
#define FMODE_CAN_READ		0x0200u	/* ops->read_iter exists */
#define FMODE_CAN_WRITE		0x0400u
#define FMODE_OPENED		0x0800u	/* ops->open has succeeded */
#define FMODE_ATOMIC_POS	0x1000u	/* reads and writes exclude others */
#define FMODE_PATH		0x4000u	/* O_PATH: a place, no content */
#define FMODE_STREAM		0x8000u	/* has no position at all */
#define FMODE_NOWAIT		0x10000u /* read/write_iter heed IOCB_NOWAIT */

/* Among the O_* of dentry_open(): execve(2) opens it. No such O_* exists. */
#define FMODE_EXEC_FLAG	FMODE_EXEC

/* kiocb->flags */
#define IOCB_NOWAIT	0x01u	/* -EAGAIN rather than sleep */
#define IOCB_APPEND	0x02u
#define IOCB_DIRECT	0x04u
#define IOCB_DSYNC	0x08u
#define IOCB_SYNC	0x10u
#define IOCB_WRITE	0x20u
#define IOCB_HIPRI	0x40u

/*
 * One read or write under way. complete is NULL for the synchronous: then
 * the op's return value is the result; otherwise an op may return
 * -EIOCBQUEUED and call it later, in any context.
 */
struct kiocb {
	struct file	*file;
	loff_t		pos;
	unsigned int	flags;		/* IOCB_* */
	void		(*complete)(struct kiocb *iocb, long result);
	void		*private;
};

#define EIOCBQUEUED	529

/* Where iterate() puts the entries; emit says false when there is no room. */
struct dir_context {
	bool	(*emit)(struct dir_context *ctx, const char *name, size_t len,
			loff_t pos, ino_t ino, unsigned int type);
	loff_t	pos;	/* the next entry's cookie; the op advances it */
};

/*
 *	op		caller holds			may sleep   if NULL
 *	llseek		pos_lock if shared		yes	-ESPIPE
 *	read_iter	pos_lock if it has a position	yes	-EINVAL
 *	write_iter	the same			yes	-EINVAL
 *	iterate		directory's rwsem for reading	yes	-ENOTDIR
 *	poll		a reference, or epoll's mutex;	no	always ready
 *			may be called in the poll
 *			loop: registers, asks
 *	ioctl		a reference			yes	-ENOTTY
 *	mmap		mmap_lock for writing		yes	-ENODEV
 *	open		nothing; the file is ours	yes	success
 *	flush		at each close(2) of a		yes	nothing
 *			descriptor
 *	release		nothing: the last reference	yes	nothing
 *	fsync		nothing				yes	-EINVAL
 *	fallocate	nothing; write access		yes	-EOPNOTSUPP
 *	fcntl		a reference: F_SETPIPE_SZ and	yes	-EINVAL
 *			other commands of its own
 *	fasync		a reference, or that the last	yes	cannot tell its
 *			is gone; see fs/fasync.h		owner
 *	get_unmapped_area mmap_lock			yes	mm's choice
 *	show_fdinfo	a reference: its own lines	yes	nothing
 *			of /proc/PID/fdinfo/N
 *
 * open may replace file->ops (replace_fops()) and sets file->private. ioctl
 * returns -ENOIOCTLCMD for what it does not know. poll returns POLL* bits.
 */
struct file_ops {
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
	ssize_t (*read_iter)(struct kiocb *iocb, struct iov_iter *to);
	ssize_t (*write_iter)(struct kiocb *iocb, struct iov_iter *from);
	int (*iterate)(struct file *file, struct dir_context *ctx);
	unsigned int (*poll)(struct file *file, struct poll_table *pt);
	long (*ioctl)(struct file *file, unsigned int cmd, unsigned long arg);
	int (*mmap)(struct file *file, struct vma *vma);
	int (*open)(struct inode *inode, struct file *file);
	int (*flush)(struct file *file);
	int (*release)(struct inode *inode, struct file *file);
	int (*fsync)(struct file *file, loff_t start, loff_t end,
		     bool data_only);
	long (*fallocate)(struct file *file, int mode, loff_t offset,
			  loff_t len);
	long (*fcntl)(struct file *file, unsigned int cmd, unsigned long arg);
	int (*fasync)(int fd, struct file *file, bool on);
	unsigned long (*get_unmapped_area)(struct file *file,
					   unsigned long addr,
					   unsigned long len,
					   unsigned long pgoff,
					   unsigned long flags);
	void (*show_fdinfo)(struct seq_file *m, struct file *file);
	unsigned int flags;	/* FOPS_* */
};

/* splice(2) may not take from it, or bring to it, since on Linux it may not. */
#define FOPS_NO_SPLICE_IN	1
#define FOPS_NO_SPLICE_OUT	2
#define FOPS_NO_SPLICE		(FOPS_NO_SPLICE_IN | FOPS_NO_SPLICE_OUT)

struct file {
	const struct file_ops	*ops;		/* [C] */
	unsigned int		mode;		/* [C] FMODE_* */
	unsigned int		flags;		/* [L] O_*; read freely */
	void			*private;	/* the ops' own */
	struct inode		*inode;		/* [C] path.dentry's */
	struct address_space	*mapping;	/* [C] */
	loff_t			pos;		/* [P] */
	struct path		path;		/* [C] references */
	struct refcount		refs;		/* [A] */
	struct spinlock		lock;
	struct mutex		pos_lock;
	const struct cred	*cred;		/* [C] the opener's, counted */
	struct file_owner	*owner;		/* [L] whom SIGIO goes to */
	struct hlist_head	epoll;		/* [L] who watches it */
	struct file		*deferred;	/* fput_deferred()'s list */
};

/* Context: any, with a reference held. */
static inline struct file *get_file(struct file *file)
{
	refcount_get(&file->refs);
	return file;
}

/*
 * Drop a reference; NULL is fine. May sleep, and takes an inode's locks if it
 * is the last: fput_deferred() leaves that to a work item, for those who hold
 * spinlocks or are in an interrupt.
 */
void fput(struct file *file);
void fput_deferred(struct file *file);

/* Opening from inside the kernel. ERR_PTR. */
struct file *filp_open(const char *name, int flags, mode_t mode);
struct file *dentry_open(const struct path *path, int flags,
			 const struct cred *cred);
/* close(2) of one descriptor: flush, drop POSIX locks, fput. */
int filp_close(struct file *file, void *owner);

/*
 * A file of the kernel's making (pipe, shmem, ...): on @inode, whose reference
 * it takes over if it succeeds, with @name as its dname. ERR_PTR.
 */
struct file *alloc_file_pseudo(struct inode *inode, struct mount *mount,
			       const char *name, int flags,
			       const struct file_ops *ops);
/* A second open file on the same place (the other end of a pipe). */
struct file *alloc_file_clone(struct file *base, int flags,
			      const struct file_ops *ops);

/* For ops->open: from now on the file is @new_ops's. */
void replace_fops(struct file *file, const struct file_ops *new_ops);
/* For ops->open: no position; or none that lseek(2) could move. */
int stream_open(struct inode *inode, struct file *file);
int nonseekable_open(struct inode *inode, struct file *file);
/* -EOVERFLOW is not for us: all files are large. Always 0. */
int generic_file_open(struct inode *inode, struct file *file);

/* Is the access the kernel's own path allowed at all? Used by mmap, exec. */
static inline bool file_can_read(const struct file *file)
{
	return file->mode & FMODE_READ;
}

static inline bool file_can_write(const struct file *file)
{
	return file->mode & FMODE_WRITE;
}

/* Reading and writing from inside the kernel; *@pos advances. */
ssize_t kernel_read(struct file *file, void *buf, size_t len, loff_t *pos);
ssize_t kernel_write(struct file *file, const void *buf, size_t len,
		     loff_t *pos);
/* The whole length or an error (-EIO: the file was shorter). */
int kernel_read_exact(struct file *file, void *buf, size_t len, loff_t pos);

/* With every check; what read(2) and write(2) are made of. */
ssize_t vfs_iter_read(struct file *file, struct iov_iter *to, loff_t *pos,
		      unsigned int iocb_flags);
ssize_t vfs_iter_write(struct file *file, struct iov_iter *from, loff_t *pos,
		       unsigned int iocb_flags);
unsigned int iocb_flags(const struct file *file);

loff_t vfs_llseek(struct file *file, loff_t offset, int whence);
/* Ready-made llseek ops. */
loff_t generic_file_llseek(struct file *file, loff_t offset, int whence);
loff_t generic_file_llseek_size(struct file *file, loff_t offset, int whence,
				loff_t max, loff_t eof);
loff_t noop_llseek(struct file *file, loff_t offset, int whence);
loff_t no_llseek(struct file *file, loff_t offset, int whence);
loff_t fixed_size_llseek(struct file *file, loff_t offset, int whence,
			 loff_t size);

int vfs_fsync(struct file *file, bool data_only);
long vfs_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
long vfs_fallocate(struct file *file, int mode, loff_t offset, loff_t len);

/* Readdir: pass an entry on; the two every directory begins with. */
static inline bool dir_emit(struct dir_context *ctx, const char *name,
			    size_t len, ino_t ino, unsigned int type)
{
	return ctx->emit(ctx, name, len, ctx->pos, ino, type);
}

/* At pos 0 and 1; true if both are done and pos is 2 or more. */
bool dir_emit_dots(struct file *file, struct dir_context *ctx);
int iterate_dir(struct file *file, struct dir_context *ctx);
/* DT_* of a mode. */
static inline unsigned int mode_to_dtype(unsigned int mode)
{
	return (mode >> 12) & 15;
}

/* How many there are, and may be: /proc/sys/fs/file-nr. */
unsigned long nr_open_files(void);
extern unsigned long max_open_files;

void file_init(void);
