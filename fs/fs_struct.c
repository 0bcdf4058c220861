/*
 * Root, working directory and umask of tasks.
 */
#include <fs/fs.h>

#include <arch/current.h>
#include <fs/dentry.h>
#include <fs/files.h>
#include <fs/mount.h>
#include <fs/task_files.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/slab.h>
#include <uapi/sched.h>

static struct kmem_cache *fs_cache __ro_after_init;

struct fs init_fs = {
	.refs = REFCOUNT_INIT(1),
	.lock = SPINLOCK_INIT("init_fs", RANK_FS_STRUCT),
	.umask = 0022,
};

/* A copy with references of its own. NULL: no memory. May sleep. */
struct fs *fs_dup(struct fs *old)
{
	struct fs *fs = kmem_cache_alloc(fs_cache, GFP_KERNEL_ACCOUNT);

	if (!fs)
		return NULL;
	refcount_set(&fs->refs, 1);
	spin_lock_init(&fs->lock, "fs", RANK_FS_STRUCT);
	seqcount_init(&fs->seq);
	spin_lock(&old->lock);
	fs->umask = old->umask;
	fs->root = old->root;
	path_get(&fs->root);
	fs->pwd = old->pwd;
	path_get(&fs->pwd);
	spin_unlock(&old->lock);
	return fs;
}

void fs_put(struct fs *fs)
{
	if (!fs || !refcount_put(&fs->refs))
		return;
	path_put(&fs->root);
	path_put(&fs->pwd);
	kmem_cache_free(fs_cache, fs);
}

/* May sleep: the old place may go. */
static void replace_path(struct fs *fs, struct path *which,
			 const struct path *path)
{
	struct path old;

	path_get(path);
	spin_lock(&fs->lock);
	write_seqcount_begin(&fs->seq);
	old = *which;
	*which = *path;
	write_seqcount_end(&fs->seq);
	spin_unlock(&fs->lock);
	if (old.dentry)
		path_put(&old);
}

void fs_set_pwd(struct fs *fs, const struct path *path)
{
	replace_path(fs, &fs->pwd, path);
}

void fs_set_root(struct fs *fs, const struct path *path)
{
	replace_path(fs, &fs->root, path);
}

void fs_get_root(struct fs *fs, struct path *root)
{
	SPIN_GUARD(&fs->lock);
	*root = fs->root;
	path_get(root);
}

void fs_get_pwd(struct fs *fs, struct path *pwd)
{
	SPIN_GUARD(&fs->lock);
	*pwd = fs->pwd;
	path_get(pwd);
}

/* Locking: fs->lock held. Return: true if it was replaced. */
static bool replace_if(struct path *which, const struct path *old,
		       const struct path *new)
{
	if (!path_equal(which, old))
		return false;
	path_get(new);
	*which = *new;
	return true;
}

static unsigned int fs_replace(struct fs *fs, const struct path *old,
			       const struct path *new)
{
	unsigned int hits;

	SPIN_GUARD(&fs->lock);
	write_seqcount_begin(&fs->seq);
	hits = replace_if(&fs->root, old, new);
	hits += replace_if(&fs->pwd, old, new);
	write_seqcount_end(&fs->seq);
	return hits;
}

/*
 * pivot_root(2) has moved the root from under everybody. The references to
 * @old are dropped at the end, since that may sleep; the caller holds one.
 */
void fs_replace_all(const struct path *old, const struct path *new)
{
	struct task *process, *task;
	unsigned int hits = 0;

	spin_lock(&tasklist_lock);
	for_each_process_rcu(process) {
		for_each_thread_rcu(process, task) {
			spin_lock(&task->lock);
			if (task->fs)
				hits += fs_replace(task->fs, old, new);
			spin_unlock(&task->lock);
		}
	}
	spin_unlock(&tasklist_lock);
	while (hits--)
		path_put(old);
}

mode_t current_umask(void)
{
	return READ_ONCE(current->fs->umask);
}

SYSCALL_DEFINE1(umask, int, mask)
{
	return xchg(&current->fs->umask, (mode_t)mask & 0777);
}

/* ---- fork, exit, unshare ---- */

static int copy_fs(struct task *child, uint64_t clone_flags)
{
	struct fs *fs = current->fs;

	if (clone_flags & CLONE_FS) {
		refcount_get(&fs->refs);
		child->fs = fs;
		return 0;
	}
	child->fs = fs_dup(fs);
	return child->fs ? 0 : -ENOMEM;
}

static int copy_files(struct task *child, uint64_t clone_flags)
{
	struct files *files = current->files;
	int err = 0;

	if (clone_flags & CLONE_FILES) {
		refcount_get(&files->refs);
		child->files = files;
		return 0;
	}
	child->files = files_dup(files, &err);
	return err;
}

int task_files_copy(struct task *child, uint64_t clone_flags)
{
	int err = copy_files(child, clone_flags);

	if (err)
		return err;
	err = copy_fs(child, clone_flags);
	if (err) {
		files_put(child->files);
		child->files = NULL;
	}
	return err;
}

void task_files_drop(struct task *task)
{
	struct files *files;
	struct fs *fs;

	spin_lock(&task->lock);
	files = task->files;
	fs = task->fs;
	task->files = NULL;
	task->fs = NULL;
	spin_unlock(&task->lock);
	files_put(files);
	fs_put(fs);
}

int task_files_unshare(uint64_t clone_flags)
{
	struct task *task = current;
	struct fs *old = task->fs, *new;

	if ((clone_flags & CLONE_FS) && refcount_read(&old->refs) > 1) {
		new = fs_dup(old);
		if (!new)
			return -ENOMEM;
		spin_lock(&task->lock);
		task->fs = new;
		spin_unlock(&task->lock);
		fs_put(old);
	}
	return clone_flags & CLONE_FILES ? files_unshare() : 0;
}

void __init fs_struct_init(void)
{
	fs_cache = kmem_cache_create("fs", sizeof(struct fs), 0,
				     SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
}
