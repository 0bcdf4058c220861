/*
 * Magic links of a task: its working directory, its root, its program.
 *
 * Each function is given a task with a reference, and the link's inode, and
 * gives a path with references; -ENOENT if the task has no such thing (kernel
 * threads have no program, zombies have nothing).
 */
#include "internal.h"

#include <fs/file.h>
#include <fs/fs.h>
#include <mm/mm.h>

int task_cwd_link(struct inode *inode __unused, struct task *task,
			  struct path *path)
{
	SPIN_GUARD(&task->lock);
	if (!task->fs)
		return -ENOENT;
	fs_get_pwd(task->fs, path);
	return 0;
}

int task_root_link(struct inode *inode __unused, struct task *task,
			  struct path *path)
{
	SPIN_GUARD(&task->lock);
	if (!task->fs)
		return -ENOENT;
	fs_get_root(task->fs, path);
	return 0;
}

/* Context: may sleep, for mmap_lock. */
int task_exe_link(struct inode *inode __unused, struct task *task,
			  struct path *path)
{
	struct mm *mm = get_task_mm(task);
	int err = -ENOENT;

	if (!mm)
		return err;
	mmap_read_lock(mm);
	if (mm->exe_file) {
		*path = mm->exe_file->path;
		path_get(path);
		err = 0;
	}
	mmap_read_unlock(mm);
	mmput(mm);
	return err;
}
