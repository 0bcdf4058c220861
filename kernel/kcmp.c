/*
 * kcmp(2): do two tasks share a part of themselves?
 *
 * A program that writes down processes to bring them back later has to know
 * which of their parts are one and the same. The kernel knows: the pointers
 * are equal. It also says which is the greater, so that many can be sorted;
 * what the pointers are is nobody's business, so they are first put into
 * another order by numbers drawn at boot. An odd factor loses nothing.
 *
 * Source: man 2 kcmp.
 */
#include <arch/uaccess.h>
#include <fs/eventpoll.h>
#include <fs/files.h>
#include <kernel/kcmp.h>
#include <kernel/mutex.h>
#include <kernel/pid.h>
#include <kernel/ptrace.h>
#include <kernel/random.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <uapi/kcmp.h>

static unsigned long cookies[KCMP_TYPES][2] __ro_after_init;

/* Return: 0: the same; 1: the first is less; 2: greater. */
static int compare(const void *first, const void *second, int type)
{
	unsigned long a = (unsigned long)first ^ cookies[type][0];
	unsigned long b = (unsigned long)second ^ cookies[type][0];

	a *= cookies[type][1] | 1;
	b *= cookies[type][1] | 1;
	return a == b ? 0 : a < b ? 1 : 2;
}

/* Return: as compare(), or -EBADF. */
static int compare_files(struct task *a, struct task *b, unsigned int fd_a,
			 unsigned int fd_b)
{
	struct file *first = fget_task(a, fd_a), *second = fget_task(b, fd_b);
	int ret = -EBADF;

	if (first && second)
		ret = compare(first, second, KCMP_FILE);
	fput(first);
	fput(second);
	return ret;
}

/* Return: as compare(), -EFAULT, -EBADF, -EINVAL (no epoll), -ENOENT. */
static int compare_watched(struct task *a, struct task *b, unsigned int fd,
			   const struct kcmp_epoll_slot __user *user)
{
	struct kcmp_epoll_slot slot;
	struct file *file, *instance;
	const struct file *watched;
	int ret = -EBADF;

	if (copy_from_user(&slot, user, sizeof(slot)))
		return -EFAULT;
	file = fget_task(a, fd);
	instance = file ? fget_task(b, slot.efd) : NULL;
	if (instance) {
		watched = eventpoll_watched(instance, slot.tfd, slot.toff);
		ret = IS_ERR(watched) ? PTR_ERR(watched) :
					compare(file, watched, KCMP_FILE);
	}
	fput(instance);
	fput(file);
	return ret;
}

/* Locking: neither can execve(2). */
static int compare_tasks(struct task *a, struct task *b, int type,
			 unsigned long idx_a, unsigned long idx_b)
{
	switch (type) {
	case KCMP_FILE:
		return compare_files(a, b, idx_a, idx_b);
	case KCMP_VM:
		return compare(a->mm, b->mm, type);
	case KCMP_FILES:
		return compare(a->files, b->files, type);
	case KCMP_FS:
		return compare(a->fs, b->fs, type);
	case KCMP_SIGHAND:
		return compare(a->sighand, b->sighand, type);
	case KCMP_IO:
		/* No task has a queue of its own for what it reads. */
		return 0;
	case KCMP_SYSVSEM:
		return compare(a->sem_undo, b->sem_undo, type);
	case KCMP_EPOLL_TFD:
		return compare_watched(a, b, idx_a, (void __user *)idx_b);
	default:
		return -EINVAL;
	}
}

/* Keep both from execve(2), which would change who may look at them. */
static int __no_lock_check lock_both(struct mutex *a, struct mutex *b)
{
	if (a > b)
		swap(a, b);
	if (mutex_lock_killable(a))
		return -EINTR;
	if (a == b || !mutex_lock_killable(b))
		return 0;
	mutex_unlock(a);
	return -EINTR;
}

static void __no_lock_check unlock_both(struct mutex *a, struct mutex *b)
{
	mutex_unlock(a);
	if (a != b)
		mutex_unlock(b);
}

static struct task *task_of_number(pid_t nr)
{
	struct task *task;

	RCU_GUARD();
	task = find_task_by_pid(nr);
	return task && refcount_get_unless_zero(&task->refs) ? task : NULL;
}

static int check_and_compare(struct task *a, struct task *b, int type,
			     unsigned long idx_a, unsigned long idx_b)
{
	unsigned int mode = PTRACE_MODE_READ | PTRACE_MODE_REALCREDS;
	struct mutex *lock_a = &a->group->exec_lock;
	struct mutex *lock_b = &b->group->exec_lock;
	int ret = lock_both(lock_a, lock_b);

	if (ret)
		return ret;
	if (ptrace_may_access(a, mode) && ptrace_may_access(b, mode))
		ret = compare_tasks(a, b, type, idx_a, idx_b);
	else
		ret = -EPERM;
	unlock_both(lock_a, lock_b);
	return ret;
}

/*
 * Return: 0: they share it; 1, 2: they do not, in some order; -ESRCH, -EPERM,
 *	   -EINVAL (no such part), -EBADF, -EFAULT, -ENOENT, -EINTR.
 */
SYSCALL_DEFINE5(kcmp, pid_t, pid1, pid_t, pid2, int, type, unsigned long, idx1,
		unsigned long, idx2)
{
	struct task *a = task_of_number(pid1), *b = task_of_number(pid2);
	int ret = -ESRCH;

	if (a && b)
		ret = check_and_compare(a, b, type, idx1, idx2);
	if (a)
		task_put(a);
	if (b)
		task_put(b);
	return ret;
}

/* After this: kcmp(2) gives nothing away. Needs random numbers. */
void __init kcmp_init(void)
{
	get_random_bytes(cookies, sizeof(cookies));
}
