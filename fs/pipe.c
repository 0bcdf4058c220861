/*
 * Pipes: a ring of pages between writers and readers.
 *
 *	tail                    head
 *	 v                       v
 *	[page][page][page][page][    ][    ]...		ring_size slots
 *
 * A writer appends to the newest page while there is room in it, else takes a
 * fresh one; a reader empties the oldest. Writes of up to PIPE_BUF bytes are
 * atomic because a writer holds the lock until it runs out of room.
 *
 * Wake-ups are what a pipe costs most, so there is one only when the other
 * side can be asleep: a reader is woken when the pipe was empty, a writer when
 * it was full. The waker usually sleeps next, so the wake-up is synchronous:
 * the CPU is handed over. Only where epoll(7) may watch for edges is each write
 * one, and wakes: since somebody has queued by poll.
 *
 * A FIFO is a pipe that hangs on an inode with a name, and whose open(2) waits
 * for the other side.
 *
 * Source: POSIX pipe(2), write(2), mkfifo(3); man 7 pipe.
 */
#include <fs/pipe.h>

#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/fasync.h>
#include <fs/files.h>
#include <fs/inode.h>
#include <fs/iov_iter.h>
#include <fs/libfs.h>
#include <fs/mount.h>
#include <fs/poll.h>
#include <kernel/cred.h>
#include <kernel/mutex.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <lib/printf.h>
#include <mm/page.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <uapi/ioctl.h>
#include <uapi/limits.h>
#include <uapi/statfs.h>

#include "pipe_internal.h"

#define PIPE_DEF_SLOTS	16
#define PIPEFS_MAGIC	0x50495045

unsigned int pipe_max_size = 1 << 20;

static struct pipe *pipe_alloc(void)
{
	struct pipe *pipe = kzalloc(sizeof(*pipe), GFP_KERNEL | GFP_ACCOUNT);

	if (!pipe)
		return NULL;
	pipe->slots = kcalloc(PIPE_DEF_SLOTS, sizeof(*pipe->slots),
			      GFP_KERNEL | GFP_ACCOUNT);
	if (!pipe->slots) {
		kfree(pipe);
		return NULL;
	}
	pipe->ring_size = pipe->limit = PIPE_DEF_SLOTS;
	mutex_init(&pipe->lock, "pipe", RANK_PIPE);
	wait_queue_init(&pipe->rd_wait);
	wait_queue_init(&pipe->wr_wait);
	return pipe;
}

/* The last file is closed, or never was. Context: process. */
void pipe_free(struct pipe *pipe)
{
	for (unsigned int i = pipe->tail; i != pipe->head; i++)
		put_page(slot_at(pipe, i)->page);
	for (int i = 0; i < SPARE_PAGES; i++)
		if (pipe->spare[i])
			put_page(pipe->spare[i]);
	kfree(pipe->slots);
	kfree(pipe);
}

/* ---- reading --------------------------------------------------------- */

/* Take what the oldest slot has. Return: bytes, or -EFAULT. */
static ssize_t read_slot(struct pipe *pipe, struct iov_iter *to)
{
	struct pipe_slot *slot = slot_at(pipe, pipe->tail);
	size_t want = min_t(size_t, slot->len, iov_iter_count(to));
	size_t n = copy_page_to_iter(slot->page, slot->offset, want, to);

	slot->offset += n;
	slot->len -= n;
	if (n < want)
		return n ? (ssize_t)n : -EFAULT;
	if (slot->flags & SLOT_PACKET) {
		slot->len = 0;	/* the rest of a packet is lost */
		iov_iter_truncate(to, 0);
	}
	if (slot->len == 0) {
		drop_slot(pipe, slot);
		WRITE_ONCE(pipe->tail, pipe->tail + 1);
	}
	return n;
}

/*
 * Sleep, without the lock, until @cond may hold. Return: 0, with the lock held
 * again; -ERESTARTSYS, without it. A macro for the sake of @cond.
 */
#define pipe_sleep(pipe, wq, cond) ({ \
	int sleep_err; \
	mutex_unlock(&(pipe)->lock); \
	sleep_err = wait_event_interruptible_exclusive(wq, cond); \
	if (!sleep_err) \
		mutex_lock(&(pipe)->lock); \
	sleep_err; })

static ssize_t __no_lock_check
pipe_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *file = iocb->file;
	struct pipe *pipe = file->private;
	bool was_full = false, slept = false, more;
	ssize_t done = 0, n;

	if (!iov_iter_count(to))
		return 0;
	mutex_lock(&pipe->lock);
	for (;;) {
		while (has_data(pipe) && iov_iter_count(to)) {
			was_full |= is_full(pipe);
			n = read_slot(pipe, to);
			if (n < 0) {
				done = done ?: n;
				goto out;
			}
			done += n;
		}
		if (done || at_end(pipe))
			break;
		if ((file->flags & O_NONBLOCK) || (iocb->flags & IOCB_NOWAIT)) {
			done = -EAGAIN;
			break;
		}
		n = pipe_sleep(pipe, &pipe->rd_wait, readable(pipe));
		if (n)
			return n;
		slept = true;
	}
out:
	/* Exclusive waiters: who was woken and leaves some passes it on. */
	more = slept && has_data(pipe);
	mutex_unlock(&pipe->lock);
	if (was_full)
		wake_writers(pipe);
	if (more)
		wake_readers(pipe);
	fasync_notify(&pipe->wr_async, POLL_OUT);
	if (done > 0)
		file_accessed(file);
	return done;
}

/* ---- writing --------------------------------------------------------- */

/* Append to the newest page, if the whole small rest fits into it. */
static ssize_t merge(struct pipe *pipe, struct iov_iter *from, bool packet)
{
	size_t chars = iov_iter_count(from) % PAGE_SIZE;
	struct pipe_slot *slot;
	unsigned int end;
	size_t n;

	if (!chars || packet || is_empty(pipe))
		return 0;
	slot = slot_at(pipe, pipe->head - 1);
	end = slot->offset + slot->len;
	if (slot->flags || end + chars > PAGE_SIZE)
		return 0;
	n = copy_page_from_iter(slot->page, end, chars, from);
	if (n < chars)
		return -EFAULT;
	slot->len += n;
	return n;
}

/* A fresh page with as much as it holds. Return: bytes, -ENOMEM, -EFAULT. */
static ssize_t append(struct pipe *pipe, struct iov_iter *from, bool packet)
{
	struct page *page = take_page(pipe);
	size_t want = min(iov_iter_count(from), PAGE_SIZE), n;

	if (!page)
		return -ENOMEM;
	n = copy_page_from_iter(page, 0, want, from);
	if (n < want) {
		give_page(pipe, page);
		return -EFAULT;
	}
	*slot_at(pipe, pipe->head) = (struct pipe_slot){
		.page = page, .len = n, .flags = packet ? SLOT_PACKET : 0 };
	WRITE_ONCE(pipe->head, pipe->head + 1);
	return n;
}

/* As much as there is room for. Return: bytes, or an errno if none. */
static ssize_t write_some(struct pipe *pipe, struct iov_iter *from, bool packet)
{
	ssize_t done = 0, n;

	while (iov_iter_count(from) && !is_full(pipe)) {
		n = append(pipe, from, packet);
		if (n < 0)
			return done ?: n;
		done += n;
	}
	return done;
}

static ssize_t __no_lock_check
pipe_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct file *file = iocb->file;
	struct pipe *pipe = file->private;
	bool packet = file->flags & O_DIRECT, was_empty, slept = false, more;
	ssize_t done = 0, n;

	if (!iov_iter_count(from))
		return 0;
	mutex_lock(&pipe->lock);
	was_empty = is_empty(pipe);
	if (pipe->readers) {
		n = merge(pipe, from, packet);
		if (n < 0)
			done = n;
		else
			done += n;
	}
	while (done >= 0) {
		if (!pipe->readers) {
			send_sig(SIGPIPE, current, false);
			done = done ?: -EPIPE;
			break;
		}
		n = write_some(pipe, from, packet);
		if (n < 0) {
			done = done ?: n;
			break;
		}
		done += n;
		if (!iov_iter_count(from))
			break;
		if ((file->flags & O_NONBLOCK) || (iocb->flags & IOCB_NOWAIT)) {
			done = done ?: -EAGAIN;
			break;
		}
		/* Readers have to make room first. */
		if (was_empty)
			wake_readers(pipe);
		n = pipe_sleep(pipe, &pipe->wr_wait, writable(pipe));
		if (n)
			return done ?: n;
		slept = true;
		was_empty = is_empty(pipe);
	}
	more = slept && !is_full(pipe);
	mutex_unlock(&pipe->lock);
	if ((was_empty || READ_ONCE(pipe->polled)) && done > 0)
		wake_readers(pipe);
	if (more)
		wake_writers(pipe);
	fasync_notify(&pipe->rd_async, POLL_IN);
	if (done > 0)
		file_update_time(file);
	return done;
}

/* ---- the rest of a file's operations ---------------------------------- */

static __always_inline unsigned int pipe_state(const struct file *file)
{
	const struct pipe *pipe = file->private;
	unsigned int mask = 0;

	if (file->mode & FMODE_READ) {
		if (has_data(pipe))
			mask |= POLLIN | POLLRDNORM;
		/* A FIFO nobody has written to yet has not been hung up. */
		if (!READ_ONCE(pipe->writers) && !READ_ONCE(pipe->away) &&
		    (unsigned int)file->pos != READ_ONCE(pipe->w_counter))
			mask |= POLLHUP;
	}
	if (file->mode & FMODE_WRITE) {
		if (!is_full(pipe))
			mask |= POLLOUT | POLLWRNORM;
		if (!READ_ONCE(pipe->readers))
			mask |= POLLERR;
	}
	return mask;
}

static noinline unsigned int pipe_queue(struct file *file,
					struct poll_table *pt)
{
	struct pipe *pipe = file->private;

	WRITE_ONCE(pipe->polled, true);
	if (file->mode & FMODE_READ)
		poll_wait(file, &pipe->rd_wait, pt);
	if (file->mode & FMODE_WRITE)
		poll_wait(file, &pipe->wr_wait, pt);
	return pipe_state(file);
}

/* Only asking is frequent, and kept short: poll(2) of many asks each. */
static unsigned int pipe_poll(struct file *file, struct poll_table *pt)
{
	return pt ? pipe_queue(file, pt) : pipe_state(file);
}

static long pipe_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pipe *pipe = file->private;
	unsigned int bytes;

	if (cmd != FIONREAD)
		return -ENOIOCTLCMD;
	mutex_lock(&pipe->lock);
	bytes = pipe->away;
	for (unsigned int i = pipe->tail; i != pipe->head; i++)
		bytes += slot_at(pipe, i)->len;
	mutex_unlock(&pipe->lock);
	return put_user((int)bytes, (int __user *)arg);
}

/* Move the ring to one of @slots slots. Locking: pipe->lock held. */
static int resize(struct pipe *pipe, unsigned int slots)
{
	unsigned int n = used(pipe), kept = pipe->ring_size - pipe->limit;
	struct pipe_slot *new;

	if (slots < n + kept)
		return -EBUSY;
	new = kcalloc(slots, sizeof(*new),
		      GFP_KERNEL | GFP_ACCOUNT | GFP_NOWARN);
	if (!new)
		return -ENOMEM;
	for (unsigned int i = 0; i < n; i++)
		new[i] = *slot_at(pipe, pipe->tail + i);
	kfree(pipe->slots);
	pipe->slots = new;
	pipe->ring_size = slots;
	WRITE_ONCE(pipe->limit, slots - kept);
	pipe->tail = 0;
	pipe->head = n;
	return 0;
}

static unsigned int round_up_pow2(unsigned int n)
{
	return n <= 1 ? 1 : 1U << (bit_highest(n - 1) + 1);
}

static long set_size(struct pipe *pipe, unsigned long bytes)
{
	unsigned int slots;
	int err;

	if (bytes > 1UL << 31)
		return -EINVAL;
	slots = round_up_pow2(DIV_ROUND_UP(max_t(unsigned long, bytes, 1),
					   PAGE_SIZE));
	if (slots * PAGE_SIZE > pipe_max_size && slots > pipe->ring_size &&
	    !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	mutex_lock(&pipe->lock);
	err = resize(pipe, slots);
	mutex_unlock(&pipe->lock);
	if (err)
		return err;
	wake_up_interruptible(&pipe->wr_wait);
	return slots * PAGE_SIZE;
}

static long pipe_fcntl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pipe *pipe = file->private;

	switch (cmd) {
	case F_SETPIPE_SZ:
		return set_size(pipe, arg);
	case F_GETPIPE_SZ:
		return READ_ONCE(pipe->ring_size) * PAGE_SIZE;
	default:
		return -EINVAL;
	}
}

/* Drop @inode's hold on its pipe; the last file frees it. */
static void put_pipe(struct inode *inode, struct pipe *pipe)
{
	bool last;

	spin_lock(&inode->lock);
	last = --pipe->files == 0;
	if (last)
		inode->pipe = NULL;
	spin_unlock(&inode->lock);
	if (last)
		pipe_free(pipe);
}

static int pipe_release(struct inode *inode, struct file *file)
{
	struct pipe *pipe = file->private;
	bool ends;

	mutex_lock(&pipe->lock);
	if (file->mode & FMODE_READ)
		pipe->readers--;
	if (file->mode & FMODE_WRITE)
		pipe->writers--;
	/* The other side sees the end, or that nobody listens. */
	ends = !pipe->readers != !pipe->writers;
	if (ends) {
		wake_up_all_poll(&pipe->rd_wait, POLLIN | POLLRDNORM |
				 POLLERR | POLLHUP);
		wake_up_all_poll(&pipe->wr_wait, POLLOUT | POLLWRNORM |
				 POLLERR | POLLHUP);
	}
	mutex_unlock(&pipe->lock);
	if (ends) {
		fasync_notify(&pipe->rd_async, POLL_IN);
		fasync_notify(&pipe->wr_async, POLL_OUT);
	}
	put_pipe(inode, pipe);
	return 0;
}

/* A FIFO that is open for both tells of both. */
static int pipe_fasync(int fd, struct file *file, bool on)
{
	struct pipe *pipe = file->private;
	int err = 0;

	if (file->mode & FMODE_READ)
		err = fasync_set(fd, file, on, &pipe->rd_async);
	if (!err && (file->mode & FMODE_WRITE)) {
		err = fasync_set(fd, file, on, &pipe->wr_async);
		if (err && (file->mode & FMODE_READ))
			fasync_set(fd, file, false, &pipe->rd_async);
	}
	return err;
}

static const struct file_ops pipe_fops = {
	.llseek = no_llseek,
	.read_iter = pipe_read,
	.write_iter = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.fcntl = pipe_fcntl,
	.fasync = pipe_fasync,
	.release = pipe_release,
};

/* @file's pipe, or NULL: it is something else. Context: any. */
struct pipe *file_pipe(const struct file *file)
{
	return file->ops == &pipe_fops ? file->private : NULL;
}

/* ---- FIFOs ------------------------------------------------------------ */

/* The inode's pipe, made by the first to open it. Counts a file. */
static struct pipe *get_fifo(struct inode *inode)
{
	struct pipe *pipe, *new = NULL;

	for (;;) {
		spin_lock(&inode->lock);
		pipe = inode->pipe;
		if (!pipe && new) {
			pipe = inode->pipe = new;
			new = NULL;
		}
		if (pipe)
			pipe->files++;
		spin_unlock(&inode->lock);
		if (pipe)
			break;
		new = pipe_alloc();
		if (!new)
			return NULL;
	}
	if (new)
		pipe_free(new);
	return pipe;
}

/* Wait until the other side has been opened once more. The lock is held. */
static int __no_lock_check
wait_for_partner(struct pipe *pipe, struct wait_queue *wq,
		 unsigned int *counter)
{
	unsigned int was = *counter;
	int err;

	mutex_unlock(&pipe->lock);
	err = wait_event_interruptible(wq, READ_ONCE(*counter) != was);
	mutex_lock(&pipe->lock);
	return err;
}

/* A pipe(2) opened again, through /proc, waits for nobody. */
static int fifo_open_locked(struct pipe *pipe, struct file *file,
			    bool is_pipe)
{
	bool nonblock = file->flags & O_NONBLOCK;

	switch (file->mode & (FMODE_READ | FMODE_WRITE)) {
	case FMODE_READ:
		pipe->r_counter++;
		if (pipe->readers++ == 0)
			wake_up_all(&pipe->wr_wait);
		if (pipe->writers || is_pipe)
			return 0;
		if (nonblock) {
			/* No POLLHUP before there has been a writer. */
			file->pos = pipe->w_counter;
			return 0;
		}
		return wait_for_partner(pipe, &pipe->rd_wait,
					&pipe->w_counter);
	case FMODE_WRITE:
		if (nonblock && !pipe->readers && !is_pipe)
			return -ENXIO;
		pipe->w_counter++;
		if (pipe->writers++ == 0)
			wake_up_all(&pipe->rd_wait);
		if (pipe->readers || is_pipe)
			return 0;
		return wait_for_partner(pipe, &pipe->wr_wait,
					&pipe->r_counter);
	default:	/* both: never waits */
		pipe->readers++;
		pipe->writers++;
		pipe->r_counter++;
		pipe->w_counter++;
		if (pipe->readers == 1 || pipe->writers == 1) {
			wake_up_all(&pipe->wr_wait);
			wake_up_all(&pipe->rd_wait);
		}
		return 0;
	}
}

static int fifo_open(struct inode *inode, struct file *file)
{
	struct pipe *pipe = get_fifo(inode);
	int err;

	if (!pipe)
		return -ENOMEM;
	file->private = pipe;
	file->pos = -1;		/* no w_counter that could be */
	stream_open(inode, file);
	replace_fops(file, &pipe_fops);
	mutex_lock(&pipe->lock);
	err = fifo_open_locked(pipe, file, inode->sb->magic == PIPEFS_MAGIC);
	mutex_unlock(&pipe->lock);
	if (!err)
		return 0;
	if (err == -ENXIO) {	/* not counted yet */
		put_pipe(inode, pipe);
		return err;
	}
	pipe_release(inode, file);
	return err;
}

const struct file_ops fifo_fops = {
	.open = fifo_open,
	.llseek = no_llseek,
};

/* ---- pipe(2) ----------------------------------------------------------- */

static struct mount *pipe_mount __ro_after_init;

static int pipe_dname(struct dentry *dentry, char *buf, size_t size)
{
	return snprintf(buf, size, "pipe:[%lu]",
			(unsigned long)dentry->inode->ino);
}

static const struct dentry_ops pipe_dentry_ops = {
	.dname = pipe_dname,
};

static int pipefs_fill_super(struct super_block *sb,
			     const struct mount_args *args __unused)
{
	return pseudo_fill_super(sb, PIPEFS_MAGIC, NULL, &pipe_dentry_ops);
}

static const struct file_system_type pipefs_type = {
	.name = "pipefs",
	.flags = FS_NOMOUNT,
	.fill_super = pipefs_fill_super,
};

static struct inode *new_pipe_inode(void)
{
	struct inode *inode = alloc_anon_inode(pipe_mount->sb);
	struct pipe *pipe;

	if (!inode)
		return NULL;
	pipe = pipe_alloc();
	if (!pipe) {
		iput(inode);
		return NULL;
	}
	inode->mode = S_IFIFO | 0600;
	inode->fops = &fifo_fops;
	pipe->files = 2;
	pipe->readers = pipe->writers = 1;
	pipe->r_counter = pipe->w_counter = 1;
	inode->pipe = pipe;
	return inode;
}

/*
 * Make a pipe: @files become its reading and its writing end, of which the
 * caller owns a reference each. @flags: O_NONBLOCK, O_DIRECT.
 *
 * Context: process; may sleep. Return: 0, -ENFILE, -ENOMEM.
 */
int pipe_create(struct file *files[2], int flags)
{
	struct inode *inode = new_pipe_inode();

	if (!inode)
		return -ENFILE;
	files[1] = alloc_file_pseudo(inode, pipe_mount, "", O_WRONLY |
				     (flags & (O_NONBLOCK | O_DIRECT)),
				     &pipe_fops);
	if (IS_ERR(files[1])) {
		pipe_free(inode->pipe);
		inode->pipe = NULL;
		iput(inode);
		return PTR_ERR(files[1]);
	}
	files[1]->private = inode->pipe;
	stream_open(inode, files[1]);
	files[0] = alloc_file_clone(files[1], O_RDONLY | (flags & O_NONBLOCK),
				    &pipe_fops);
	if (IS_ERR(files[0])) {
		inode->pipe->files--;
		fput(files[1]);
		return PTR_ERR(files[0]);
	}
	files[0]->private = inode->pipe;
	stream_open(inode, files[0]);
	files[0]->pos = -1;
	return 0;
}

/*
 * Nothing more will be written to the pipe whose only writing end is @file:
 * show its readers the end, and wait until all of them have closed it.
 *
 * Context: process; sleeps. Return: 0, -ERESTARTSYS (a fatal signal).
 */
int pipe_await_end(struct file *file)
{
	struct pipe *pipe = file->private;
	int err;

	/* A reader instead of a writer: one who notices the others going. */
	mutex_lock(&pipe->lock);
	pipe->readers++;
	pipe->writers--;
	wake_up_all_poll(&pipe->rd_wait, POLLIN | POLLRDNORM | POLLHUP);
	mutex_unlock(&pipe->lock);
	fasync_notify(&pipe->rd_async, POLL_IN);
	err = wait_event_killable(&pipe->rd_wait,
				  READ_ONCE(pipe->readers) == 1);
	mutex_lock(&pipe->lock);
	pipe->readers--;
	pipe->writers++;
	mutex_unlock(&pipe->lock);
	return err;
}

static long do_pipe(int __user *ufds, int flags)
{
	struct file *files[2] = {};
	int fds[2], err;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	err = pipe_create(files, flags);
	if (err)
		return err;
	err = fds[0] = get_unused_fd_flags(flags);
	if (err < 0)
		goto put_files;
	err = fds[1] = get_unused_fd_flags(flags);
	if (err < 0)
		goto put_fd0;
	err = -EFAULT;
	if (copy_to_user(ufds, fds, sizeof(fds)))
		goto put_fd1;
	/* From here on the files belong to the descriptor table. */
	fd_install(fds[0], files[0]);
	fd_install(fds[1], files[1]);
	return 0;

put_fd1:
	put_unused_fd(fds[1]);
put_fd0:
	put_unused_fd(fds[0]);
put_files:
	fput(files[0]);
	fput(files[1]);
	return err;
}

SYSCALL_DEFINE1(pipe, int __user *, fds)
{
	return do_pipe(fds, 0);
}

SYSCALL_DEFINE2(pipe2, int __user *, fds, int, flags)
{
	return do_pipe(fds, flags);
}

/* Before: slab, the VFS. After: pipes can be made. */
void __init pipe_init(void)
{
	pipe_mount = kern_mount(&pipefs_type);
	if (IS_ERR(pipe_mount))
		panic("pipe: cannot mount pipefs");
}
