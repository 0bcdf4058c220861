/*
 * process_vm_readv(2) and process_vm_writev(2): copying between two address
 * spaces in one go, as debuggers do it that have more to read than a word.
 *
 * The caller must be one who could trace the other, and gets no more than the
 * other's own rights: unlike /proc/PID/mem, a page it may not write stays as it
 * is. What is copied goes through a page of the kernel's, so that neither side
 * need be mapped in the other's.
 *
 * process_madvise(2) gives advice about another's memory: only such as makes
 * no difference to what it computes.
 *
 * Source: man 2 process_vm_readv, man 2 process_madvise.
 */
#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/iov_iter.h>
#include <keel/err.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/pidfd.h>
#include <kernel/ptrace.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <uapi/mman.h>
#include <uapi/uio.h>

#include "internal.h"

/*
 * Copy between @local and [addr, addr + len) of @mm, through @page.
 * Return: the bytes copied, less than @len where something could not be.
 */
static size_t copy_range(struct mm *mm, unsigned long addr, size_t len,
			 struct iov_iter *local, bool write, char *page)
{
	size_t done = 0;

	while (done < len && iov_iter_count(local)) {
		size_t n = min(min(len - done, PAGE_SIZE),
			       iov_iter_count(local));
		size_t got;

		if (write) {
			n = copy_from_iter(page, n, local);
			got = access_remote_vm(mm, addr + done, page, n, true,
					       false);
		} else {
			n = access_remote_vm(mm, addr + done, page, n, false,
					     false);
			got = copy_to_iter(page, n, local);
		}
		done += got;
		if (!got || got < n)
			break;
		cond_resched();
	}
	return done;
}

/* All of @remote in turn. Return: bytes copied; -EFAULT, -ENOMEM if none. */
static ssize_t copy_ranges(struct mm *mm, struct iov_iter *local,
			   const struct iovec *remote, unsigned long nr,
			   bool write)
{
	char *page = get_free_page(GFP_KERNEL);
	size_t wanted = 0, done = 0;

	if (!page)
		return -ENOMEM;
	for (unsigned long i = 0; i < nr && iov_iter_count(local); i++) {
		size_t len = min(remote[i].iov_len, iov_iter_count(local));
		size_t n = copy_range(mm, (unsigned long)remote[i].iov_base,
				      len, local, write, page);

		wanted += len;
		done += n;
		if (n < len)
			break;
	}
	free_page(page);
	return done || !wanted ? (ssize_t)done : -EFAULT;
}

/* The other side's vector, whose addresses mean nothing here. */
static int read_remote(struct iovec **to, const struct iovec __user *uvec,
		       unsigned long nr)
{
	struct iovec *vec;

	if (nr > UIO_MAXIOV)
		return -EINVAL;
	vec = kcalloc(nr ? nr : 1, sizeof(*vec), GFP_KERNEL);
	if (!vec)
		return -ENOMEM;
	if (copy_from_user(vec, uvec, nr * sizeof(*vec))) {
		kfree(vec);
		return -EFAULT;
	}
	for (unsigned long i = 0; i < nr; i++) {
		if ((ssize_t)vec[i].iov_len < 0) {
			kfree(vec);
			return -EINVAL;
		}
	}
	*to = vec;
	return 0;
}

/* Return: a user reference; ERR_PTR(-ESRCH, -EPERM). */
static struct mm *mm_of(pid_t pid)
{
	struct task *task = get_task_by_pid(pid);
	struct mm *mm;

	if (!task)
		return ERR_PTR(-ESRCH);
	mm = mm_access(task, PTRACE_MODE_ATTACH | PTRACE_MODE_REALCREDS);
	task_put(task);
	if (!mm)
		return ERR_PTR(-ESRCH);
	return PTR_ERR_OR_ZERO(mm) == -EACCES ? ERR_PTR(-EPERM) : mm;
}

static ssize_t process_vm(pid_t pid, const struct iovec __user *lvec,
			  unsigned long nr_local,
			  const struct iovec __user *rvec,
			  unsigned long nr_remote, unsigned long flags,
			  bool write)
{
	struct iovec stack[UIO_FASTIOV], *iov = stack, *remote;
	struct iov_iter local;
	struct mm *mm;
	ssize_t ret;

	if (flags)
		return -EINVAL;
	ret = import_iovec(write, lvec, nr_local, UIO_FASTIOV, &iov, &local);
	if (ret < 0)
		return ret;
	if (!iov_iter_count(&local))
		goto free_local;
	ret = read_remote(&remote, rvec, nr_remote);
	if (ret)
		goto free_local;
	mm = mm_of(pid);
	ret = PTR_ERR_OR_ZERO(mm);
	if (!ret) {
		ret = copy_ranges(mm, &local, remote, nr_remote, write);
		mmput(mm);
	}
	kfree(remote);
free_local:
	kfree(iov);
	return ret;
}

/*
 * Return: bytes copied; -EINVAL (@flags, lengths), -EFAULT, -ENOMEM, -ESRCH,
 * -EPERM.
 */
SYSCALL_DEFINE6(process_vm_readv, pid_t, pid, const struct iovec __user *,
		lvec, unsigned long, nr_local, const struct iovec __user *,
		rvec, unsigned long, nr_remote, unsigned long, flags)
{
	return process_vm(pid, lvec, nr_local, rvec, nr_remote, flags, false);
}

SYSCALL_DEFINE6(process_vm_writev, pid_t, pid, const struct iovec __user *,
		lvec, unsigned long, nr_local, const struct iovec __user *,
		rvec, unsigned long, nr_remote, unsigned long, flags)
{
	return process_vm(pid, lvec, nr_local, rvec, nr_remote, flags, true);
}

/* ---- advice ---- */

/* The address space of @pidfd's process: a user reference, or ERR_PTR. */
static struct mm *mm_of_pidfd(int pidfd, int advice)
{
	unsigned int flags;
	struct pid *pid = pidfd_get_pid(pidfd, &flags);
	struct task *task;
	struct mm *mm;

	if (IS_ERR(pid))
		return ERR_CAST(pid);
	rcu_read_lock();
	task = pid_task(pid, PIDTYPE_TGID);
	if (task && !refcount_get_unless_zero(&task->refs))
		task = NULL;
	rcu_read_unlock();
	pid_put(pid);
	if (!task)
		return ERR_PTR(-ESRCH);
	if (advice == MADV_COLD || advice == MADV_PAGEOUT ||
	    advice == MADV_WILLNEED)
		mm = mm_access(task, PTRACE_MODE_READ | PTRACE_MODE_FSCREDS);
	else
		mm = ERR_PTR(-EINVAL);
	task_put(task);
	return mm ?: ERR_PTR(-ESRCH);
}

/* Return: the bytes dealt with, or why there were none. */
static ssize_t advise_ranges(struct mm *mm, const struct iovec *ranges,
			     size_t nr, int advice)
{
	size_t done = 0;
	int err = 0;

	for (size_t i = 0; i < nr && !err; i++) {
		unsigned long start = (unsigned long)ranges[i].iov_base;

		err = do_madvise(mm, start, ranges[i].iov_len, advice);
		if (!err)
			done += ranges[i].iov_len;
		cond_resched();
	}
	return done ? (ssize_t)done : err;
}

/* Return: as advise_ranges(); -EBADF, -ESRCH, -EINVAL, -EACCES, -EPERM. */
static ssize_t advise_process(int pidfd, const struct iovec *ranges, size_t nr,
			      int advice)
{
	struct mm *mm = mm_of_pidfd(pidfd, advice);
	ssize_t ret = -EPERM;

	if (IS_ERR(mm))
		return PTR_ERR(mm);
	if (mm == current->mm || capable(CAP_SYS_NICE))
		ret = advise_ranges(mm, ranges, nr, advice);
	mmput(mm);
	return ret;
}

SYSCALL_DEFINE5(process_madvise, int, pidfd, const struct iovec __user *, vec,
		size_t, nr, int, advice, unsigned int, flags)
{
	struct iovec *ranges;
	ssize_t ret;

	if (flags)
		return -EINVAL;
	ret = read_remote(&ranges, vec, nr);
	if (ret)
		return ret;
	ret = advise_process(pidfd, ranges, nr, advice);
	kfree(ranges);
	return ret;
}
