/*
 * process_vm_readv(2) and process_vm_writev(2): copying between two address
 * spaces in one go, as debuggers do it that have more to read than a word.
 *
 * The caller must be one who could trace the other, and gets no more than the
 * other's own rights: unlike /proc/PID/mem, a page it may not write stays as it
 * is. What is copied goes through a page of the kernel's, so that neither side
 * need be mapped in the other's.
 *
 * Source: man 2 process_vm_readv.
 */
#include <arch/uaccess.h>
#include <fs/iov_iter.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <uapi/uio.h>

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
