/*
 * Descriptor tables: from the small numbers of user space to open files.
 *
 * Threads share one struct files; fork(2) copies it. Looking a descriptor up
 * takes no lock: the table is read under RCU, and grows by being replaced.
 * Changes take files->lock.
 *
 * Most tables have one user. Then nobody can close a descriptor behind our
 * back while we are in a system call, and fdget() hands out the file without
 * taking a reference at all; fdput() knows.
 *
 * Field protection:  [L] files->lock, read under RCU
 */
#pragma once

#include <arch/current.h>
#include <fs/file.h>
#include <keel/refcount.h>
#include <kernel/rcu.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>

#define FILES_INLINE	64	/* descriptors that need no extra memory */

struct fdtable {
	unsigned int	max_fds;
	struct file	**fd;			/* [L] */
	unsigned long	*open_fds;		/* [L] also reserved ones */
	unsigned long	*close_on_exec;		/* [L] */
	struct rcu_head	rcu;
};

struct files {
	struct fdtable		*fdt;		/* [L] */
	struct refcount		refs;		/* tasks that share it */
	struct spinlock		lock;
	unsigned int		next_fd;	/* [L] none below is free */
	struct fdtable		inline_table;
	unsigned long		inline_open[1];
	unsigned long		inline_cloexec[1];
	struct file		*inline_fd[FILES_INLINE];
	struct rcu_head		rcu;
};

extern struct files init_files;

/* A borrowed file: NULL if there is none. */
struct fd {
	struct file	*file;
	bool		need_put;
	bool		need_pos_unlock;
};

struct fd fdget_shared(unsigned int fd, unsigned int forbidden);
void fdput_pos_unlock(struct file *file);
struct file *fget(unsigned int fd);		/* not for O_PATH files */
struct file *fget_raw(unsigned int fd);		/* those too */
/* Another task's; takes its task->lock. NULL if none. */
struct file *fget_task(struct task *task, unsigned int fd);
/* The first open one at or after *@fd, of another task; *@fd tells which. */
struct file *fget_task_next(struct task *task, unsigned int *fd);

/* Under RCU or files->lock. */
static __always_inline struct file *files_lookup(struct files *files,
						 unsigned int fd)
{
	struct fdtable *fdt = rcu_dereference(files->fdt);

	if (unlikely(fd >= fdt->max_fds))
		return NULL;
	return rcu_dereference(fdt->fd[fd]);
}

static __always_inline struct fd fdget_mask(unsigned int fd,
					    unsigned int forbidden)
{
	struct files *files = current->files;

	if (likely(refcount_read(&files->refs) == 1)) {
		struct file *file = files_lookup(files, fd);

		if (file && unlikely(file->mode & forbidden))
			file = NULL;
		return (struct fd){ .file = file };
	}
	return fdget_shared(fd, forbidden);
}

/* Borrow the file of @fd for this system call; not O_PATH ones. */
static __always_inline struct fd fdget(unsigned int fd)
{
	return fdget_mask(fd, FMODE_PATH);
}

static __always_inline struct fd fdget_raw(unsigned int fd)
{
	return fdget_mask(fd, 0);
}

static __always_inline void fdput(struct fd fd)
{
	if (unlikely(fd.need_put))
		fput(fd.file);
}

struct fd fdget_pos_lock(struct fd fd);

/* With the position locked, where others could move it meanwhile. */
static __always_inline struct fd fdget_pos(unsigned int nr)
{
	struct fd fd = fdget(nr);

	if (fd.file && (fd.file->mode & FMODE_ATOMIC_POS) &&
	    (fd.need_put || refcount_read(&fd.file->refs) > 1))
		return fdget_pos_lock(fd);
	return fd;
}

static __always_inline void __no_lock_check fdput_pos(struct fd fd)
{
	if (unlikely(fd.need_pos_unlock))
		mutex_unlock(&fd.file->pos_lock);
	fdput(fd);
}

/*
 * Getting a new descriptor in two steps, so that nothing can fail once the
 * file is visible: reserve a number (@flags: O_CLOEXEC or 0), then install
 * the file, whose reference passes to the table, or put the number back.
 * get_unused_fd_flags: -EMFILE, -ENOMEM.
 */
int get_unused_fd_flags(unsigned int flags);
void put_unused_fd(unsigned int fd);
void fd_install(unsigned int fd, struct file *file);
/* At @fd exactly, closing what is there; takes its own reference. */
int replace_fd(unsigned int fd, struct file *file, unsigned int flags);
/* close(2). 0, -EBADF, or what ops->flush says. */
int close_fd(unsigned int fd);
bool get_close_on_exec(unsigned int fd);

/* Sharing. */
struct files *files_dup(struct files *old, int *err);
void files_put(struct files *files);
/* A table of our own, for unshare(2) and close_range(2). */
int files_unshare(void);

void files_init(void);
