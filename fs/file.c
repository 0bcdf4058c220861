/*
 * Open files: making, counting and closing them.
 *
 * The memory comes from a type-stable cache, so it needs no grace period of
 * its own: it can be reused at once, and what fget() finds it checks again
 * after taking the reference. That is why refs must never be set to 1 while a
 * late fget() might still add to it from an old life: it goes from 0 to 1 by
 * one store, and a refcount_get_unless_zero() either fails before it or gets
 * a reference to the new file, which the second look rejects and drops.
 */
#include <fs/file.h>

#include <fs/dentry.h>
#include <fs/eventpoll.h>
#include <fs/inode.h>
#include <fs/locks.h>
#include <fs/mount.h>
#include <kernel/cred.h>
#include <kernel/workqueue.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "file_internal.h"
#include "internal.h"

static struct kmem_cache *file_cache __ro_after_init;
static atomic_long_t nr_files;
unsigned long max_open_files;

/* Closed where it may not sleep; a stack linked through ->deferred. */
static struct file *deferred_files;
static void put_deferred_files(struct work *work);
static DEFINE_WORK(deferred_work, put_deferred_files);

static void file_ctor(void *object)
{
	struct file *file = object;

	memset(file, 0, sizeof(*file));
	spin_lock_init(&file->lock, "file", RANK_FILE);
	mutex_init(&file->pos_lock, "file.pos", RANK_FILE_POS);
}

static bool too_many_files(void)
{
	return atomic_long_read(&nr_files) >= (long)max_open_files &&
	       !capable(CAP_SYS_ADMIN);
}

/*
 * A file that is open on nothing yet.
 *
 * Context: may sleep. Return: ERR_PTR(-ENFILE, -ENOMEM).
 */
struct file *file_alloc(unsigned int flags, const struct cred *cred)
{
	struct file *file;

	if (unlikely(too_many_files()))
		return ERR_PTR(-ENFILE);
	file = kmem_cache_alloc(file_cache, GFP_KERNEL_ACCOUNT);
	if (!file)
		return ERR_PTR(-ENOMEM);
	atomic_long_inc(&nr_files);
	file->ops = NULL;
	file->mode = 0;
	file->flags = flags;
	file->private = NULL;
	file->inode = NULL;
	file->mapping = NULL;
	file->pos = 0;
	file->path = (struct path){ NULL, NULL };
	file->cred = cred_get(cred);
	file->owner = NULL;
	file->epoll.first = NULL;
	refcount_set(&file->refs, 1);
	return file;
}

static void file_free(struct file *file)
{
	cred_put(file->cred);
	atomic_long_dec(&nr_files);
	kmem_cache_free(file_cache, file);
}

/* The last reference is gone. May sleep. */
static void file_release(struct file *file)
{
	struct inode *inode = file->inode;

	if (unlikely(!hlist_empty(&file->epoll)))
		eventpoll_forget_file(file);
	if (file->mode & FMODE_OPENED) {
		if (unlikely(file->flags & FASYNC) && file->ops->fasync)
			file->ops->fasync(-1, file, false);
		if (unlikely(inode->locks))
			locks_remove_file(file);
		if (file->ops->release)
			file->ops->release(inode, file);
	}
	if (file->mode & FMODE_WRITER) {
		put_write_access(inode);
		mnt_drop_write(file->path.mount);
	}
	if (unlikely(file->owner))
		file_owner_free(file);
	dput(file->path.dentry);
	mntput(file->path.mount);
	file_free(file);
}

void fput(struct file *file)
{
	if (file && refcount_put(&file->refs))
		file_release(file);
}

static void put_deferred_files(struct work *work __unused)
{
	struct file *file = xchg(&deferred_files, NULL);

	while (file) {
		struct file *next = file->deferred;

		file_release(file);
		file = next;
	}
}

/* fput() for any context. */
void fput_deferred(struct file *file)
{
	struct file *first;

	if (!file || !refcount_put(&file->refs))
		return;
	first = READ_ONCE(deferred_files);
	do {
		file->deferred = first;
	} while (!try_cmpxchg(&deferred_files, &first, file));
	schedule_work(&deferred_work);
}

/*
 * What close(2) does with the file: @owner is the descriptor table, on whose
 * behalf POSIX locks are held.
 *
 * Return: what ops->flush says; the file is closed nevertheless.
 */
int filp_close(struct file *file, void *owner)
{
	int err = 0;

	if (unlikely(file->mode & FMODE_PATH)) {
		fput(file);
		return 0;
	}
	if (unlikely(file->ops->flush))
		err = file->ops->flush(file);
	if (unlikely(file->inode->locks))
		locks_remove_posix(file, owner);
	fput(file);
	return err;
}

unsigned long nr_open_files(void)
{
	return max(atomic_long_read(&nr_files), 0L);
}

/* At most a tenth of memory for open files, at about 1 KiB each. */
void __init file_init(void)
{
	unsigned long kib = totalram_pages() * (PAGE_SIZE / 1024);

	file_cache = kmem_cache_create("file", sizeof(struct file), 0,
				       SLAB_HWCACHE_ALIGN |
				       SLAB_TYPESAFE_BY_RCU | SLAB_PANIC,
				       file_ctor);
	max_open_files = max(kib / 10, 1024UL);
}
