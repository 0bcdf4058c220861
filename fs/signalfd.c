/*
 * signalfd(2): signals as something to be read.
 *
 * A descriptor with a set of signals. A read takes the next of them that waits
 * for the reader, as sigwaitinfo(2) would; so they should be blocked, or their
 * handlers will get them first. Nothing is stored here: the signals stay in the
 * queues of task and process, and the descriptor says only which are meant. It
 * follows that who reads, or polls, sees its own signals, also of a descriptor
 * it inherited.
 *
 * Whoever sends a signal wakes sighand->signalfd_wait. That queue belongs to
 * the process, not to the descriptor, and can go before it: whoever still
 * stands in it by epoll is thrown out by wait_queue_gone().
 *
 * Source: man 2 signalfd.
 */
#include <arch/current.h>
#include <fs/anon_inode.h>
#include <fs/files.h>
#include <fs/poll.h>
#include <fs/seq_file.h>
#include <kernel/signal_internal.h>
#include <kernel/syscall.h>
#include <mm/slab.h>

struct signalfd {
	sigset_t	set;		/* which signals; read freely */
};

/* ---- what is read ------------------------------------------------------ */

/* Which members of the siginfo mean something, by signal and code. */
static void fill_by_signal(struct signalfd_siginfo *to,
			   const struct siginfo *info)
{
	switch (info->si_signo) {
	case SIGILL:
	case SIGFPE:
	case SIGSEGV:
	case SIGBUS:
	case SIGTRAP:
		to->ssi_addr = (uintptr_t)info->si_addr;
		if (info->si_signo == SIGBUS &&
		    (info->si_code == BUS_MCEERR_AR ||
		     info->si_code == BUS_MCEERR_AO))
			to->ssi_addr_lsb = info->si_addr_lsb;
		break;
	case SIGCHLD:
		to->ssi_pid = info->si_pid;
		to->ssi_uid = info->si_uid;
		to->ssi_status = info->si_status;
		to->ssi_utime = info->si_utime;
		to->ssi_stime = info->si_stime;
		break;
	case SIGSYS:
		to->ssi_call_addr = (uintptr_t)info->si_call_addr;
		to->ssi_syscall = info->si_syscall;
		to->ssi_arch = info->si_arch;
		break;
	default:	/* F_SETSIG names any */
		to->ssi_band = info->si_band;
		to->ssi_fd = info->si_fd;
		break;
	}
}

static void fill_value(struct signalfd_siginfo *to, union sigval value)
{
	to->ssi_ptr = (uintptr_t)value.sival_ptr;
	to->ssi_int = value.sival_int;
}

static void fill_siginfo(struct signalfd_siginfo *to,
			 const struct siginfo *info)
{
	*to = (struct signalfd_siginfo){
		.ssi_signo = info->si_signo, .ssi_errno = info->si_errno,
		.ssi_code = info->si_code,
	};
	if (info->si_code > SI_USER && info->si_code < SI_KERNEL) {
		fill_by_signal(to, info);
	} else if (info->si_code == SI_TIMER) {
		to->ssi_tid = info->si_tid;
		to->ssi_overrun = info->si_overrun;
		fill_value(to, info->si_value);
	} else if (info->si_code == SI_SIGIO) {
		to->ssi_band = info->si_band;
		to->ssi_fd = info->si_fd;
	} else {
		to->ssi_pid = info->si_pid;
		to->ssi_uid = info->si_uid;
		if (info->si_code < SI_USER)
			fill_value(to, info->si_value);
	}
}

/* ---- reading and polling ----------------------------------------------- */

static bool try_take(const struct signalfd *sfd, struct siginfo *info)
{
	SPIN_GUARD_IRQ(&current->sighand->lock);
	return dequeue_signal(~READ_ONCE(sfd->set), info) != 0;
}

/* The next signal; waits for it if @wait. 0, -EAGAIN, -ERESTARTSYS. */
static int take(const struct signalfd *sfd, struct siginfo *info, bool wait)
{
	if (try_take(sfd, info))
		return 0;
	if (!wait)
		return -EAGAIN;
	return wait_event_interruptible(&current->sighand->signalfd_wait,
					try_take(sfd, info));
}

/* As many as there are and fit; the first is waited for. */
static ssize_t signalfd_read_iter(struct kiocb *io, struct iov_iter *to)
{
	const struct signalfd *sfd = io->file->private;
	bool wait = !(READ_ONCE(io->file->flags) & O_NONBLOCK) &&
		    !(io->flags & IOCB_NOWAIT);
	struct signalfd_siginfo record;
	struct siginfo info;
	ssize_t done = 0;
	int err = -EINVAL;

	for (; iov_iter_count(to) >= sizeof(record); done += sizeof(record)) {
		err = take(sfd, &info, wait && !done);
		if (err)
			break;
		fill_siginfo(&record, &info);
		err = -EFAULT;
		if (copy_to_iter(&record, sizeof(record), to) !=
		    sizeof(record))
			break;
	}
	return done ?: err;
}

static unsigned int signalfd_poll(struct file *file, struct poll_table *pt)
{
	const struct signalfd *sfd = file->private;

	poll_wait(file, &current->sighand->signalfd_wait, pt);
	SPIN_GUARD_IRQ(&current->sighand->lock);
	return has_signal(~READ_ONCE(sfd->set)) ? POLLIN : 0;
}

static void signalfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	const struct signalfd *sfd = file->private;

	seq_printf(m, "sigmask:\t%016lx\n", READ_ONCE(sfd->set));
}

static int signalfd_release(struct inode *inode __unused, struct file *file)
{
	kfree(file->private);
	return 0;
}

static const struct file_ops signalfd_fops = {
	.llseek = noop_llseek,
	.read_iter = signalfd_read_iter,
	.poll = signalfd_poll,
	.show_fdinfo = signalfd_show_fdinfo,
	.release = signalfd_release,
};

/* ---- the calls --------------------------------------------------------- */

static long new_signalfd(sigset_t set, int flags)
{
	struct signalfd *sfd = kmalloc(sizeof(*sfd), GFP_KERNEL_ACCOUNT);
	int fd;

	if (!sfd)
		return -ENOMEM;
	sfd->set = set;
	fd = anon_inode_fd("[signalfd]", &signalfd_fops, sfd, O_RDWR | flags);
	if (fd < 0)
		kfree(sfd);
	return fd;
}

/* Another set for the descriptor @fd; who waits by it looks again. */
static long change_signalfd(int fd, sigset_t set)
{
	struct fd f = fdget(fd);
	struct signalfd *sfd;
	long ret = -EINVAL;

	if (!f.file)
		return -EBADF;
	if (f.file->ops == &signalfd_fops) {
		sfd = f.file->private;
		WRITE_ONCE(sfd->set, set);
		wake_up(&current->sighand->signalfd_wait);
		ret = fd;
	}
	fdput(f);
	return ret;
}

/*
 * A descriptor (@fd -1: a new one) by which the signals @uset can be read.
 *
 * Context: process, may sleep.
 * Return: the descriptor; -EINVAL (@size, a flag, @fd is something else),
 * -EFAULT, -EBADF, -EMFILE, -ENFILE, -ENOMEM.
 */
static long do_signalfd(int fd, const sigset_t __user *uset, size_t size,
			int flags)
{
	sigset_t set;

	if (size != sizeof(set))
		return -EINVAL;
	if (copy_from_user(&set, uset, sizeof(set)))
		return -EFAULT;
	if (flags & ~(SFD_CLOEXEC | SFD_NONBLOCK))
		return -EINVAL;
	set &= ~SIG_KERNEL_ONLY_MASK;
	return fd == -1 ? new_signalfd(set, flags) : change_signalfd(fd, set);
}

SYSCALL_DEFINE4(signalfd4, int, fd, const sigset_t __user *, set, size_t, size,
		int, flags)
{
	return do_signalfd(fd, set, size, flags);
}

SYSCALL_DEFINE3(signalfd, int, fd, const sigset_t __user *, set, size_t, size)
{
	return do_signalfd(fd, set, size, 0);
}
