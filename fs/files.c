/*
 * Descriptor tables.
 *
 * A table that is full is replaced by one twice as large; readers that still
 * look at the old one see the same files, and its memory stays for a grace
 * period. Bits and pointers change under files->lock.
 */
#include <fs/files.h>

#include <fs/task_files.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <kernel/workqueue.h>
#include <lib/bitmap.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <uapi/fcntl.h>

#include "files_internal.h"

/* What RLIMIT_NOFILE can at most be raised to: /proc/sys/fs/nr_open. */
#define FD_LIMIT	(1024U * 1024U)

static struct kmem_cache *files_cache __ro_after_init;

struct files init_files = {
	.fdt = &init_files.inline_table,
	.refs = REFCOUNT_INIT(1),
	.lock = SPINLOCK_INIT("init_files", RANK_FILES),
	.inline_table = {
		.max_fds = FILES_INLINE,
		.fd = init_files.inline_fd,
		.open_fds = init_files.inline_open,
		.close_on_exec = init_files.inline_cloexec,
	},
};

/* ---- tables and their growth ---- */

/* Tables to be freed; their memory may be vmalloc's, which wants to sleep. */
static struct fdtable *dead_tables;
static void free_dead_tables(struct work *work);
static DEFINE_WORK(free_tables_work, free_dead_tables);

static void fdtable_free(struct fdtable *fdt)
{
	kvfree(fdt->fd);
	kvfree(fdt->open_fds);
	kfree(fdt);
}

static struct fdtable **dead_link(struct fdtable *fdt)
{
	return (struct fdtable **)&fdt->rcu.next;
}

static void free_dead_tables(struct work *work __unused)
{
	struct fdtable *fdt = xchg(&dead_tables, NULL);

	while (fdt) {
		struct fdtable *next = *dead_link(fdt);

		fdtable_free(fdt);
		fdt = next;
	}
}

static void fdtable_free_rcu(struct rcu_head *rcu)
{
	struct fdtable *fdt = container_of(rcu, struct fdtable, rcu);
	struct fdtable *first = READ_ONCE(dead_tables);

	do {
		*dead_link(fdt) = first;
	} while (!try_cmpxchg(&dead_tables, &first, fdt));
	schedule_work(&free_tables_work);
}

/* An empty table for descriptors 0 to @nr - 1 at least. NULL: no memory. */
static struct fdtable *fdtable_alloc(unsigned int nr)
{
	struct fdtable *fdt = kmalloc(sizeof(*fdt), GFP_KERNEL_ACCOUNT);
	unsigned int max_fds = 2 * FILES_INLINE;

	if (!fdt)
		return NULL;
	while (max_fds < nr)
		max_fds *= 2;
	fdt->max_fds = max_fds;
	fdt->fd = kvcalloc(max_fds, sizeof(*fdt->fd), GFP_KERNEL_ACCOUNT);
	/* Both bitmaps in one piece. */
	fdt->open_fds = kvcalloc(2 * (max_fds / 64), sizeof(long),
				 GFP_KERNEL_ACCOUNT);
	if (!fdt->fd || !fdt->open_fds) {
		fdtable_free(fdt);
		return NULL;
	}
	fdt->close_on_exec = fdt->open_fds + max_fds / 64;
	return fdt;
}

static void fdtable_copy(struct fdtable *to, const struct fdtable *from)
{
	unsigned int nr = min(from->max_fds, to->max_fds);

	memcpy(to->fd, from->fd, nr * sizeof(*to->fd));
	memcpy(to->open_fds, from->open_fds, nr / 8);
	memcpy(to->close_on_exec, from->close_on_exec, nr / 8);
}

/*
 * Make room for descriptor @fd.
 *
 * Context: may sleep. Locking: files->lock held, dropped and taken again if
 * the table must grow. Return: 0, -EMFILE, -ENOMEM.
 */
static int __no_lock_check files_expand(struct files *files, unsigned int fd)
{
	while (fd >= files->fdt->max_fds) {
		struct fdtable *old, *new;

		if (fd >= FD_LIMIT)
			return -EMFILE;
		spin_unlock(&files->lock);
		new = fdtable_alloc(fd + 1);
		spin_lock(&files->lock);
		if (!new)
			return -ENOMEM;
		old = files->fdt;
		if (old->max_fds >= new->max_fds) {
			fdtable_free(new);	/* somebody was faster */
			continue;
		}
		fdtable_copy(new, old);
		rcu_assign_pointer(files->fdt, new);
		if (old != &files->inline_table)
			call_rcu(&old->rcu, fdtable_free_rcu);
	}
	return 0;
}

/* ---- looking up ---- */

/*
 * A reference to the file of @fd, unless its mode has one of @forbidden.
 *
 * Context: any. The file may be closed, and its memory become another file,
 * between our finding it and taking the reference: hence the second look.
 */
static struct file *files_get(struct files *files, unsigned int fd,
			      unsigned int forbidden)
{
	struct file *file;

	RCU_GUARD();
	for (;;) {
		file = files_lookup(files, fd);
		if (!file || (file->mode & forbidden))
			return NULL;
		if (unlikely(!refcount_get_unless_zero(&file->refs)))
			continue;
		if (likely(files_lookup(files, fd) == file &&
			   !(file->mode & forbidden)))
			return file;
		fput_deferred(file);
	}
}

struct fd fdget_shared(unsigned int fd, unsigned int forbidden)
{
	struct file *file = files_get(current->files, fd, forbidden);

	return (struct fd){ .file = file, .need_put = file };
}

struct file *fget(unsigned int fd)
{
	return files_get(current->files, fd, FMODE_PATH);
}

struct file *fget_raw(unsigned int fd)
{
	return files_get(current->files, fd, 0);
}

struct file *fget_task(struct task *task, unsigned int fd)
{
	SPIN_GUARD(&task->lock);
	return task->files ? files_get(task->files, fd, 0) : NULL;
}

struct file *fget_task_next(struct task *task, unsigned int *fd)
{
	struct files *files;

	SPIN_GUARD(&task->lock);
	files = task->files;
	if (!files)
		return NULL;
	for (; *fd < READ_ONCE(files->fdt)->max_fds; ++*fd) {
		struct file *file = files_get(files, *fd, 0);

		if (file)
			return file;
	}
	return NULL;
}

/* Slow half of fdget_pos(): others may use the position too. */
struct fd __no_lock_check fdget_pos_lock(struct fd fd)
{
	mutex_lock(&fd.file->pos_lock);
	fd.need_pos_unlock = true;
	return fd;
}

/* ---- handing out numbers ---- */

static void set_cloexec(struct fdtable *fdt, unsigned int fd, bool cloexec)
{
	if (cloexec)
		__set_bit(fd, fdt->close_on_exec);
	else
		__clear_bit(fd, fdt->close_on_exec);
}

/*
 * Reserve the lowest unused descriptor from @start on and below @end.
 *
 * Context: may sleep. Return: it, -EMFILE, -ENOMEM.
 */
int fd_alloc(unsigned int start, unsigned int end, unsigned int flags)
{
	struct files *files = current->files;
	struct fdtable *fdt;
	unsigned int fd;
	int err;

	spin_lock(&files->lock);
	for (;;) {
		fdt = files->fdt;
		fd = find_next_zero_bit(fdt->open_fds, fdt->max_fds,
					max(start, files->next_fd));
		/* The search gives max_fds if all are taken. */
		fd = max(fd, start);
		err = -EMFILE;
		if (fd >= end)
			break;
		err = 0;
		if (likely(fd < fdt->max_fds))
			break;
		err = files_expand(files, fd);
		if (err)
			break;
	}
	if (!err) {
		if (start <= files->next_fd)
			files->next_fd = fd + 1;
		__set_bit(fd, fdt->open_fds);
		set_cloexec(fdt, fd, flags & O_CLOEXEC);
		err = fd;
	}
	spin_unlock(&files->lock);
	return err;
}

/* No descriptor of this process may be this large. */
unsigned int fd_limit(void)
{
	return min(task_rlimit(current, RLIMIT_NOFILE),
		   (unsigned long)FD_LIMIT);
}

int get_unused_fd_flags(unsigned int flags)
{
	return fd_alloc(0, fd_limit(), flags);
}

static void release_number(struct files *files, unsigned int fd)
{
	__clear_bit(fd, files->fdt->open_fds);
	if (fd < files->next_fd)
		files->next_fd = fd;
}

void put_unused_fd(unsigned int fd)
{
	struct files *files = current->files;

	SPIN_GUARD(&files->lock);
	release_number(files, fd);
}

void fd_install(unsigned int fd, struct file *file)
{
	struct files *files = current->files;

	SPIN_GUARD(&files->lock);
	DEBUG_ASSERT(!files->fdt->fd[fd]);
	rcu_assign_pointer(files->fdt->fd[fd], file);
}

/* Take @fd out of the table. Locking: files->lock held. NULL: not open. */
static struct file *files_remove(struct files *files, unsigned int fd)
{
	struct fdtable *fdt = files->fdt;
	struct file *file;

	if (fd >= fdt->max_fds)
		return NULL;
	file = fdt->fd[fd];
	if (!file)
		return NULL;
	rcu_assign_pointer(fdt->fd[fd], NULL);
	release_number(files, fd);
	return file;
}

int close_fd(unsigned int fd)
{
	struct files *files = current->files;
	struct file *file;

	spin_lock(&files->lock);
	file = files_remove(files, fd);
	spin_unlock(&files->lock);
	return file ? filp_close(file, files) : -EBADF;
}

/*
 * dup2(2): @file, with one more reference, becomes descriptor @fd.
 *
 * Return: 0; -EBADF (beyond the limit); -EBUSY (another thread is opening
 * this very number); -ENOMEM.
 */
int replace_fd(unsigned int fd, struct file *file, unsigned int flags)
{
	struct files *files = current->files;
	struct file *old;
	int err;

	if (fd >= fd_limit())
		return -EBADF;
	spin_lock(&files->lock);
	err = files_expand(files, fd);
	if (err) {
		spin_unlock(&files->lock);
		return err == -EMFILE ? -EBADF : err;
	}
	old = files->fdt->fd[fd];
	if (!old && test_bit(fd, files->fdt->open_fds)) {
		spin_unlock(&files->lock);
		return -EBUSY;
	}
	rcu_assign_pointer(files->fdt->fd[fd], get_file(file));
	__set_bit(fd, files->fdt->open_fds);
	set_cloexec(files->fdt, fd, flags & O_CLOEXEC);
	spin_unlock(&files->lock);
	if (old)
		filp_close(old, files);
	return 0;
}

bool get_close_on_exec(unsigned int fd)
{
	struct files *files = current->files;

	SPIN_GUARD(&files->lock);
	return fd < files->fdt->max_fds &&
	       test_bit(fd, files->fdt->close_on_exec);
}

/* F_SETFD of an open descriptor. */
void set_close_on_exec(unsigned int fd, bool cloexec)
{
	struct files *files = current->files;

	SPIN_GUARD(&files->lock);
	if (fd < files->fdt->max_fds && test_bit(fd, files->fdt->open_fds))
		set_cloexec(files->fdt, fd, cloexec);
}

/* ---- whole tables ---- */

/* One beyond the highest open descriptor. Locking: files->lock held. */
static unsigned int count_open(const struct fdtable *fdt)
{
	unsigned int last = find_last_bit(fdt->open_fds, fdt->max_fds);

	return last == fdt->max_fds ? 0 : last + 1;
}

static struct files *files_alloc(void)
{
	struct files *files = kmem_cache_alloc(files_cache,
					       GFP_KERNEL_ACCOUNT);

	if (!files)
		return NULL;
	memset(files, 0, offsetof(struct files, rcu));
	refcount_set(&files->refs, 1);
	spin_lock_init(&files->lock, "files", RANK_FILES);
	files->inline_table = (struct fdtable){
		.max_fds = FILES_INLINE,
		.fd = files->inline_fd,
		.open_fds = files->inline_open,
		.close_on_exec = files->inline_cloexec,
	};
	files->fdt = &files->inline_table;
	return files;
}

static void files_free(struct files *files)
{
	if (files->fdt != &files->inline_table)
		fdtable_free(files->fdt);
	kmem_cache_free(files_cache, files);
}

/* Take references to all files; numbers only reserved are not for the copy. */
static void get_all_files(struct fdtable *fdt, unsigned int nr)
{
	unsigned int fd;

	for_each_set_bit(fd, fdt->open_fds, nr) {
		if (fdt->fd[fd])
			get_file(fdt->fd[fd]);
		else
			__clear_bit(fd, fdt->open_fds);
	}
}

/*
 * A copy of @old that shares the open files.
 *
 * Context: may sleep. Return: NULL with *@err -ENOMEM.
 */
struct files *files_dup(struct files *old, int *err)
{
	struct files *files = files_alloc();
	unsigned int nr;

	*err = -ENOMEM;
	if (!files)
		return NULL;
	spin_lock(&old->lock);
	for (;;) {
		nr = count_open(old->fdt);
		if (likely(nr <= files->fdt->max_fds))
			break;
		spin_unlock(&old->lock);
		if (files->fdt != &files->inline_table)
			fdtable_free(files->fdt);
		files->fdt = fdtable_alloc(nr);
		if (!files->fdt) {
			files->fdt = &files->inline_table;
			files_free(files);
			return NULL;
		}
		spin_lock(&old->lock);
	}
	fdtable_copy(files->fdt, old->fdt);
	get_all_files(files->fdt, nr);
	files->next_fd = old->next_fd;
	spin_unlock(&old->lock);
	*err = 0;
	return files;
}

void files_put(struct files *files)
{
	struct fdtable *fdt;
	unsigned int fd;

	if (!files || !refcount_put(&files->refs))
		return;
	fdt = files->fdt;
	for_each_set_bit(fd, fdt->open_fds, fdt->max_fds)
		if (fdt->fd[fd])
			filp_close(fdt->fd[fd], files);
	files_free(files);
}

/* Make current's table its own. 0 or -ENOMEM. */
int files_unshare(void)
{
	struct task *task = current;
	struct files *old = task->files, *new;
	int err;

	if (refcount_read(&old->refs) == 1)
		return 0;
	new = files_dup(old, &err);
	if (!new)
		return err;
	spin_lock(&task->lock);
	task->files = new;
	spin_unlock(&task->lock);
	files_put(old);
	return 0;
}

int files_unshare_for_exec(void)
{
	return files_unshare();
}

/* Locking: the table is ours alone, after files_unshare_for_exec(). */
void files_close_on_exec(void)
{
	struct files *files = current->files;
	struct fdtable *fdt = files->fdt;
	unsigned int fd;

	for_each_set_bit(fd, fdt->close_on_exec, fdt->max_fds) {
		__clear_bit(fd, fdt->close_on_exec);
		close_fd(fd);
	}
}

/* ---- close_range(2) ---- */

static void cloexec_range(struct files *files, unsigned int first,
			  unsigned int last)
{
	SPIN_GUARD(&files->lock);
	last = min(last, files->fdt->max_fds - 1);
	if (first <= last)
		bitmap_set(files->fdt->close_on_exec, first,
			   last - first + 1);
}

static void close_range(struct files *files, unsigned int first,
			unsigned int last)
{
	unsigned int fd = first;

	for (;;) {
		struct file *file;

		spin_lock(&files->lock);
		fd = find_next_bit(files->fdt->open_fds, files->fdt->max_fds,
				   fd);
		if (fd > last || fd >= files->fdt->max_fds) {
			spin_unlock(&files->lock);
			return;
		}
		file = files_remove(files, fd);
		spin_unlock(&files->lock);
		if (file)
			filp_close(file, files);
		fd++;
	}
}

SYSCALL_DEFINE3(close_range, unsigned int, first, unsigned int, last,
		unsigned int, flags)
{
	int err;

	if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC))
		return -EINVAL;
	if (first > last)
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE) {
		err = files_unshare();
		if (err)
			return err;
	}
	if (flags & CLOSE_RANGE_CLOEXEC)
		cloexec_range(current->files, first, last);
	else
		close_range(current->files, first, last);
	return 0;
}

void __init files_init(void)
{
	files_cache = kmem_cache_create("files", sizeof(struct files), 0,
					SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
}
