/*
 * pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2): see kernel/pidfd.h.
 *
 * A number is a poor name for a process: between learning it and using it the
 * process may end and another get its number. A descriptor cannot be taken
 * over like that. It becomes readable when the process has ended, so it can be
 * waited for beside sockets and pipes.
 *
 * What is waited for is the whole process. The queue lies in the struct pid
 * (wait_pidfd), which outlives the task: task_notify_parent() wakes it when
 * the last thread has ended.
 *
 * Source: man 2 pidfd_open, pidfd_send_signal, pidfd_getfd.
 */
#include <kernel/pidfd.h>

#include <arch/uaccess.h>
#include <fs/anon_inode.h>
#include <fs/files.h>
#include <fs/poll.h>
#include <fs/proc/proc.h>
#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <kernel/ptrace.h>
#include <kernel/signal_internal.h>
#include <kernel/syscall.h>
#include <uapi/pidfd.h>

static bool has_ended(struct pid *pid)
{
	struct task *task;

	RCU_GUARD();
	task = pid_task(pid, PIDTYPE_PID);
	return !task || (READ_ONCE(task->exit_state) &&
			 READ_ONCE(task->group->nr_threads) == 1);
}

static unsigned int pidfd_poll(struct file *file, struct poll_table *pt)
{
	struct pid *pid = file->private;

	poll_wait(file, &pid->wait_pidfd, pt);
	return has_ended(pid) ? POLLIN | POLLRDNORM : 0;
}

/* A process that was waited for has no number any more: -1. */
static void pidfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct pid *pid = file->private;
	pid_t nr = -1;

	RCU_GUARD();
	if (pid_task(pid, PIDTYPE_PID))
		nr = pid_nr(pid);
	seq_printf(m, "Pid:\t%d\nNSpid:\t%d\n", nr, nr);
}

static int pidfd_release(struct inode *inode __unused, struct file *file)
{
	pid_put(file->private);
	return 0;
}

static const struct file_ops pidfd_fops = {
	.poll = pidfd_poll,
	.show_fdinfo = pidfd_show_fdinfo,
	.release = pidfd_release,
};

/*
 * Make a pidfd for @pid that nobody sees yet. @flags: O_NONBLOCK or 0.
 *
 * Context: process; may sleep.
 * Return:  the reserved descriptor with its file in *@file, for fd_install();
 *          -EMFILE, -ENFILE, -ENOMEM.
 */
int pidfd_prepare(struct pid *pid, int flags, struct file **file)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);

	if (fd < 0)
		return fd;
	*file = anon_inode_file("[pidfd]", &pidfd_fops, pid_get(pid),
				flags | O_RDWR);
	if (!IS_ERR(*file))
		return fd;
	pid_put(pid);
	put_unused_fd(fd);
	return PTR_ERR(*file);
}

static struct pid *pid_of_file(struct file *file)
{
	return file->ops == &pidfd_fops ? pid_get(file->private) :
					  ERR_PTR(-EBADF);
}

/*
 * Which process pidfd @fd is of. *@flags gets the file's O_* flags.
 *
 * Context: process; may sleep.
 * Return:  a counted pid, or ERR_PTR(-EBADF): no descriptor, or no pidfd.
 */
struct pid *pidfd_get_pid(unsigned int fd, unsigned int *flags)
{
	struct fd f = fdget(fd);
	struct pid *pid;

	if (!f.file)
		return ERR_PTR(-EBADF);
	pid = pid_of_file(f.file);
	*flags = READ_ONCE(f.file->flags);
	fdput(f);
	return pid;
}

/*
 * The process of @pid has ended: wake who polls for that.
 * Locking: tasklist_lock held, which keeps @pid in use.
 */
void pidfd_notify(struct pid *pid)
{
	wake_up_all_poll(&pid->wait_pidfd, POLLIN | POLLRDNORM);
}

SYSCALL_DEFINE2(pidfd_open, pid_t, nr, unsigned int, flags)
{
	struct file *file;
	struct pid *pid;
	bool leads;
	int fd;

	if ((flags & ~PIDFD_NONBLOCK) || nr <= 0)
		return -EINVAL;
	pid = find_get_pid(nr);
	if (!pid)
		return -ESRCH;
	rcu_read_lock();
	leads = pid_task(pid, PIDTYPE_TGID);
	rcu_read_unlock();
	fd = leads ? pidfd_prepare(pid, flags, &file) : -EINVAL;
	pid_put(pid);
	if (fd >= 0)
		fd_install(fd, file);
	return fd;
}

/* A descriptor of /proc/PID will do as well. */
static struct pid *signalled_pid(unsigned int fd)
{
	struct fd f = fdget(fd);
	struct pid *pid;

	if (!f.file)
		return ERR_PTR(-EBADF);
	pid = pid_of_file(f.file);
	if (IS_ERR(pid)) {
		pid = proc_process_of(f.file);
		if (!pid)
			pid = ERR_PTR(-EBADF);
	}
	fdput(f);
	return pid;
}

/* What the sender says about it; only of itself may it say anything. */
static int check_info(struct siginfo *info, int sig, struct pid *pid,
		      const struct siginfo __user *from)
{
	if (copy_from_user(info, from, sizeof(*info)))
		return -EFAULT;
	if (info->si_signo != sig)
		return -EINVAL;
	if (current->thread_pid != pid &&
	    (info->si_code >= 0 || info->si_code == SI_TKILL))
		return -EPERM;
	return 0;
}

SYSCALL_DEFINE4(pidfd_send_signal, int, pidfd, int, sig,
		const struct siginfo __user *, from, unsigned int, flags)
{
	struct siginfo info;
	struct pid *pid;
	int err = 0;

	if (flags)
		return -EINVAL;
	pid = signalled_pid(pidfd);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	if (from)
		err = check_info(&info, sig, pid, from);
	if (!err && (sig < 0 || sig > NSIG))
		err = -EINVAL;
	if (!err)
		err = kill_pid_info(sig, from ? &info : SEND_SIG_NOINFO, pid);
	pid_put(pid);
	return err;
}

/* @fd of @task, if current could trace it: that is as good as debugging. */
static struct file *take_file(struct task *task, unsigned int fd)
{
	struct mutex *lock = &task->group->exec_lock;
	struct file *file = ERR_PTR(-EPERM);

	if (mutex_lock_killable(lock))
		return ERR_PTR(-EINTR);
	if (ptrace_may_access(task, PTRACE_MODE_ATTACH |
				    PTRACE_MODE_REALCREDS))
		file = fget_task(task, fd) ?: ERR_PTR(-EBADF);
	mutex_unlock(lock);
	return file;
}

static struct task *task_of_pid(struct pid *pid)
{
	struct task *task;

	RCU_GUARD();
	task = pid_task(pid, PIDTYPE_PID);
	return task && refcount_get_unless_zero(&task->refs) ? task : NULL;
}

static int install_copy(struct file *file)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);

	if (fd < 0)
		fput(file);
	else
		fd_install(fd, file);
	return fd;
}

SYSCALL_DEFINE3(pidfd_getfd, int, pidfd, int, fd, unsigned int, flags)
{
	unsigned int file_flags;
	struct task *task;
	struct file *file;
	struct pid *pid;

	if (flags)
		return -EINVAL;
	pid = pidfd_get_pid(pidfd, &file_flags);
	if (IS_ERR(pid))
		return PTR_ERR(pid);
	task = task_of_pid(pid);
	pid_put(pid);
	if (!task)
		return -ESRCH;
	file = take_file(task, fd);
	task_put(task);
	return IS_ERR(file) ? PTR_ERR(file) : install_copy(file);
}

/*
 * There is one namespace of each kind, which nothing names: every descriptor
 * is the wrong one.
 */
SYSCALL_DEFINE2(setns, int, fd, int, type __unused)
{
	struct fd f = fdget(fd);

	if (!f.file)
		return -EBADF;
	fdput(f);
	return -EINVAL;
}
