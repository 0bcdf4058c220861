/*
 * eventfd(2): a 64-bit counter that can be slept on.
 *
 * write(2) adds to the counter and read(2) drains it, or takes one from it if
 * the descriptor is a semaphore. A reader waits while it is zero, a writer
 * while the sum would be too large. This is the smallest object in the kernel
 * that blocks in both directions: read it before fs/pipe.c, which has the same
 * shape with a ring of pages in place of the counter.
 *
 * The counter is one word, so it needs no lock: each change is one compare and
 * exchange. Whoever changes it looks afterwards whether someone waits for just
 * that (wake_up_poll() has the barrier), and whoever waits has queued before
 * looking at the counter: one of the two sees the other.
 *
 * Source: man 2 eventfd.
 */
#include <fs/anon_inode.h>
#include <fs/file.h>
#include <fs/poll.h>
#include <fs/seq_file.h>
#include <kernel/syscall.h>
#include <kernel/wait.h>
#include <mm/slab.h>
#include <uapi/eventpoll.h>

#define COUNT_MAX	(UINT64_MAX - 1)	/* what write(2) may reach */

struct eventfd {
	uint64_t		count;		/* atomic */
	struct wait_queue	readers;	/* until count != 0 */
	struct wait_queue	writers;	/* until there is room to add */
	bool			semaphore;
	int			id;		/* for those who read fdinfo */
};

static atomic_t last_id = ATOMIC_INIT(-1);

/* Take what a read(2) gets. False: there is nothing. */
static bool try_take(struct eventfd *efd, uint64_t *got)
{
	uint64_t count = READ_ONCE(efd->count);

	do {
		if (!count)
			return false;
		*got = efd->semaphore ? 1 : count;
	} while (!try_cmpxchg(&efd->count, &count, count - *got));
	return true;
}

/* Add @n. False: it does not fit now. */
static bool try_add(struct eventfd *efd, uint64_t n)
{
	uint64_t count = READ_ONCE(efd->count);

	do {
		if (n > COUNT_MAX - count)
			return false;
	} while (!try_cmpxchg(&efd->count, &count, count + n));
	return true;
}

static bool may_wait(const struct kiocb *io)
{
	return !(READ_ONCE(io->file->flags) & O_NONBLOCK) &&
	       !(io->flags & IOCB_NOWAIT);
}

static ssize_t eventfd_read_iter(struct kiocb *io, struct iov_iter *to)
{
	struct eventfd *efd = io->file->private;
	uint64_t got;
	int err;

	if (iov_iter_count(to) < sizeof(got))
		return -EINVAL;
	if (!try_take(efd, &got)) {
		if (!may_wait(io))
			return -EAGAIN;
		err = wait_event_interruptible(&efd->readers,
					       try_take(efd, &got));
		if (err)
			return err;
	}
	wake_up_poll(&efd->writers, POLLOUT);
	/* What a bad address did not get is lost, as on Linux. */
	if (copy_to_iter(&got, sizeof(got), to) != sizeof(got))
		return -EFAULT;
	return sizeof(got);
}

static ssize_t eventfd_write_iter(struct kiocb *io, struct iov_iter *from)
{
	struct eventfd *efd = io->file->private;
	uint64_t n;
	int err;

	if (iov_iter_count(from) < sizeof(n))
		return -EINVAL;
	if (copy_from_iter(&n, sizeof(n), from) != sizeof(n))
		return -EFAULT;
	if (n > COUNT_MAX)
		return -EINVAL;
	if (!try_add(efd, n)) {
		if (!may_wait(io))
			return -EAGAIN;
		err = wait_event_interruptible(&efd->writers,
					       try_add(efd, n));
		if (err)
			return err;
	}
	/* Who has told another usually waits for the answer next. */
	wake_up_sync_poll(&efd->readers, POLLIN);
	return sizeof(n);
}

static unsigned int eventfd_poll(struct file *file, struct poll_table *pt)
{
	struct eventfd *efd = file->private;
	unsigned int mask = 0;
	uint64_t count;

	poll_wait(file, &efd->readers, pt);
	poll_wait(file, &efd->writers, pt);
	count = READ_ONCE(efd->count);
	if (count)
		mask |= POLLIN;
	if (count < COUNT_MAX)
		mask |= POLLOUT;
	return mask;
}

static void eventfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct eventfd *efd = file->private;

	seq_printf(m, "eventfd-count: %16lx\neventfd-id: %d\n",
		   READ_ONCE(efd->count), efd->id);
}

static int eventfd_release(struct inode *inode __unused, struct file *file)
{
	kfree(file->private);
	return 0;
}

static const struct file_ops eventfd_fops = {
	.llseek = noop_llseek,
	.read_iter = eventfd_read_iter,
	.write_iter = eventfd_write_iter,
	.poll = eventfd_poll,
	.show_fdinfo = eventfd_show_fdinfo,
	.release = eventfd_release,
};

/*
 * Make a counter that starts at @count, and a descriptor for it.
 *
 * Context: process, may sleep.
 * Return: the descriptor; -EINVAL (unknown flag), -EMFILE, -ENFILE, -ENOMEM.
 */
static long do_eventfd(unsigned int count, int flags)
{
	struct eventfd *efd;
	int fd;

	if (flags & ~(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK))
		return -EINVAL;
	efd = kmalloc(sizeof(*efd), GFP_KERNEL_ACCOUNT);
	if (!efd)
		return -ENOMEM;
	efd->count = count;
	wait_queue_init(&efd->readers);
	wait_queue_init(&efd->writers);
	efd->semaphore = flags & EFD_SEMAPHORE;
	efd->id = atomic_inc_return(&last_id);
	fd = anon_inode_fd("[eventfd]", &eventfd_fops, efd,
			   O_RDWR | (flags & (EFD_CLOEXEC | EFD_NONBLOCK)));
	if (fd < 0)
		kfree(efd);
	return fd;
}

SYSCALL_DEFINE1(eventfd, unsigned int, count)
{
	return do_eventfd(count, 0);
}

SYSCALL_DEFINE2(eventfd2, unsigned int, count, int, flags)
{
	return do_eventfd(count, flags);
}
