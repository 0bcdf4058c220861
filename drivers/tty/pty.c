/*
 * Pseudo-terminals: a terminal without a device.
 *
 * Opening ptmx makes a pair. The slave is an ordinary terminal, with a line
 * discipline and a name in devpts, whose driver is this file: what a program
 * writes to it goes into a ring. The master is the other end of the wire, held
 * by a terminal emulator: it reads the ring and writes what is "typed".
 *
 *	emulator			shell
 *	 | ^				  | ^
 *	 v | read, write	read, write v |
 *	master  <-- to_master --  line discipline (slave)
 *		---- tty_receive() --->
 *
 * The last close of the slave reads as EIO at the master until it is opened
 * again; the close of the master hangs the slave up. The pair is an object of
 * the slave's tty and goes with it; the master file holds a reference to that.
 *
 * Field protection: [C] constant  [L] lock  [M] slave->mutex
 *
 * Source: man 7 pty, man 2 ioctl_tty.
 */
#include <drivers/tty/tty.h>

#define LOG_PREFIX "pty"

#include <arch/uaccess.h>
#include <drivers/tty/n_tty.h>
#include <fs/char_dev.h>
#include <fs/devpts/devpts.h>
#include <fs/devtmpfs/devtmpfs.h>
#include <fs/dentry.h>
#include <fs/fasync.h>
#include <fs/file.h>
#include <fs/files.h>
#include <fs/inode.h>
#include <fs/iov_iter.h>
#include <fs/mount.h>
#include <fs/path.h>
#include <fs/poll.h>
#include <keel/bug.h>
#include <kernel/cred.h>
#include <kernel/signal.h>
#include <lib/printf.h>
#include <mm/slab.h>
#include <uapi/major.h>
#include <uapi/stat.h>

#define TO_MASTER_SIZE	8192
#define CHUNK		512
#define FEW_BYTES	128	/* left to read: writers are told of room */

struct pty {
	struct tty		*slave;		/* [C] */
	struct super_block	*sb;		/* [C] the devpts */
	unsigned int		number;		/* [C] */
	bool			locked;		/* unlockpt(3) not called yet */
	bool			master_closed;	/* [M] */

	struct spinlock		lock;
	struct ring		to_master;	/* [L] */
	bool			slave_closed;	/* [L] since its last open */
	bool			packet;		/* [L] TIOCPKT */
	uint8_t			status;		/* [L] TIOCPKT_* to be told */

	struct mutex		read_mutex;	/* one reading master */
	struct mutex		write_mutex;	/* one writing master */
	struct wait_queue	read_wait, write_wait;
	struct fasync		*async;		/* masters told by signals */
	bool			misses_room;	/* [A] ... also of room */
	struct work		destroy_work;
	char			buf[TO_MASTER_SIZE];
};

/* The master's file->private. What works on its slave sees just the first. */
struct ptm_file {
	struct tty_file	tf;
	struct pty	*pty;
};

static struct pty *pty_of(const struct tty *slave)
{
	return slave->private;
}

static struct pty *pty_of_master(const struct file *file)
{
	return container_of((struct tty_file *)file->private, struct ptm_file,
			    tf)->pty;
}

static void wake_master(struct pty *pty)
{
	wake_up_all_poll(&pty->read_wait, POLLIN | POLLRDNORM);
	fasync_notify(&pty->async, POLL_IN);
}

/* In packet mode the master learns of what happens at the slave. */
static void tell(struct pty *pty, uint8_t status, uint8_t no_longer)
{
	unsigned long flags = spin_lock_irqsave(&pty->lock);

	if (pty->packet)
		pty->status = (pty->status & ~no_longer) | status;
	spin_unlock_irqrestore(&pty->lock, flags);
	wake_up_all_poll(&pty->read_wait, POLLIN | POLLRDNORM | POLLPRI);
}

/* ---- the slave's driver -------------------------------------------------- */

static int slave_open(struct tty *tty)
{
	struct pty *pty = pty_of(tty);

	if (pty->master_closed)
		return -EIO;
	SPIN_GUARD_IRQSAVE(&pty->lock);
	pty->slave_closed = false;
	return 0;
}

static void slave_close(struct tty *tty)
{
	struct pty *pty = pty_of(tty);

	spin_lock_irq(&pty->lock);
	pty->slave_closed = true;
	spin_unlock_irq(&pty->lock);
	wake_up_all(&pty->read_wait);
}

static unsigned int slave_write(struct tty *tty, const char *buf,
				unsigned int len)
{
	struct pty *pty = pty_of(tty);
	unsigned long flags;

	if (READ_ONCE(tty->stopped))
		return 0;
	flags = spin_lock_irqsave(&pty->lock);
	len = ring_put(&pty->to_master, buf, len);
	spin_unlock_irqrestore(&pty->lock, flags);
	if (len)
		wake_master(pty);
	return len;
}

static unsigned int slave_write_room(struct tty *tty)
{
	return READ_ONCE(tty->stopped) ? 0 :
	       ring_space(&pty_of(tty)->to_master);
}

/* What the master would read is forgotten. */
static void drop_output(struct pty *pty)
{
	unsigned long flags = spin_lock_irqsave(&pty->lock);

	ring_init(&pty->to_master, pty->buf, TO_MASTER_SIZE);
	spin_unlock_irqrestore(&pty->lock, flags);
	tty_wake_writers(pty->slave);
}

/* What was written is at the master: there is no slow line to wait for. */
static void slave_flush(struct tty *tty, unsigned int queue)
{
	tell(pty_of(tty), (queue != TCOFLUSH ? TIOCPKT_FLUSHREAD : 0) |
			  (queue != TCIFLUSH ? TIOCPKT_FLUSHWRITE : 0), 0);
}

static void slave_stop(struct tty *tty)
{
	tell(pty_of(tty), TIOCPKT_STOP, TIOCPKT_START);
}

static void slave_start(struct tty *tty)
{
	tell(pty_of(tty), TIOCPKT_START, TIOCPKT_STOP);
}

static void slave_unthrottle(struct tty *tty)
{
	struct pty *pty = pty_of(tty);

	wake_up_all_poll(&pty->write_wait, POLLOUT | POLLWRNORM);
	/* We are called whenever there may be room, not only when there is. */
	if (unlikely(READ_ONCE(pty->misses_room)) && tty_receive_room(tty)) {
		WRITE_ONCE(pty->misses_room, false);
		fasync_notify(&pty->async, POLL_OUT);
	}
}

/* Does ^S stop the output? Then the emulator may do it by itself. */
static bool flows(const struct termios2 *t)
{
	return (t->c_iflag & IXON) && t->c_cc[VSTOP] == ('S' & 037) &&
	       t->c_cc[VSTART] == ('Q' & 037);
}

static void slave_set_termios(struct tty *tty, const struct termios2 *old)
{
	struct termios2 *t = &tty->termios;

	/* A wire of memory has one format. */
	t->c_cflag = (t->c_cflag & ~(CSIZE | PARENB)) | CS8 | CREAD;
	if (!old || flows(old) == flows(t))
		return;
	if (flows(t))
		tell(pty_of(tty), TIOCPKT_DOSTOP, TIOCPKT_NOSTOP);
	else
		tell(pty_of(tty), TIOCPKT_NOSTOP, TIOCPKT_DOSTOP);
}

static void destroy(struct work *work)
{
	struct pty *pty = container_of(work, struct pty, destroy_work);

	tty_free(pty->slave);
	kvfree(pty);
}

/* Whoever dropped the last reference may hold spinlocks. */
static void slave_destroy(struct tty *tty)
{
	schedule_work(&pty_of(tty)->destroy_work);
}

static const struct tty_ops slave_ops = {
	.open = slave_open,
	.close = slave_close,
	.write = slave_write,
	.write_room = slave_write_room,
	.flush = slave_flush,
	.set_termios = slave_set_termios,
	.stop = slave_stop,
	.start = slave_start,
	.unthrottle = slave_unthrottle,
	.destroy = slave_destroy,
};

/*
 * Opening a device node of the slave's major number: which terminal is it?
 * Context: process; may sleep. Return: counted; ERR_PTR(-EIO): its master is
 * gone or has not unlocked it, or the node is not devpts's own.
 */
struct tty *pty_of_slave_inode(struct inode *inode)
{
	struct tty *tty = devpts_find(inode, tty_get);

	if (tty && READ_ONCE(pty_of(tty)->locked)) {
		tty_put(tty);
		tty = NULL;
	}
	return tty ?: ERR_PTR(-EIO);
}

/* ---- the master: data ---------------------------------------------------- */

/* Up to @size bytes for the master, in packet mode behind the status byte. */
static unsigned int take(struct pty *pty, char *out, unsigned int size)
{
	unsigned int n = 0;

	SPIN_GUARD_IRQSAVE(&pty->lock);
	if (pty->packet) {
		if (!pty->status && !ring_len(&pty->to_master))
			return 0;
		out[n++] = pty->status;
		if (pty->status) {
			pty->status = 0;
			return n;
		}
	}
	return n + ring_get(&pty->to_master, out + n, size - n);
}

static bool master_readable(struct pty *pty)
{
	return ring_len(&pty->to_master) || READ_ONCE(pty->status);
}

/* Until there is something. Return: 0; -EIO: nobody is there; -EAGAIN; ... */
static int wait_readable(struct pty *pty, bool nonblock)
{
	int err;

	if (master_readable(pty))
		return 0;
	if (READ_ONCE(pty->slave_closed))
		return -EIO;
	if (nonblock)
		return -EAGAIN;
	err = wait_event_interruptible(&pty->read_wait,
				       master_readable(pty) ||
				       READ_ONCE(pty->slave_closed));
	return err ?: master_readable(pty) ? 0 : -EIO;
}

static ssize_t read_some(struct pty *pty, struct iov_iter *to, bool nonblock)
{
	char chunk[CHUNK];
	ssize_t total = 0;
	unsigned int n;
	int err = wait_readable(pty, nonblock);

	if (err)
		return err;
	while (iov_iter_count(to)) {
		n = take(pty, chunk, min(iov_iter_count(to), sizeof(chunk)));
		if (!n)
			break;
		tty_wake_writers(pty->slave);
		if (copy_to_iter(chunk, n, to) != n)
			return total ?: -EFAULT;
		total += n;
		if (READ_ONCE(pty->packet))
			break;	/* one packet a read */
	}
	if (ring_len(&pty->to_master) <= FEW_BYTES)
		tty_tell_room(pty->slave);
	return total;
}

static bool is_nonblocking(const struct kiocb *iocb)
{
	return (iocb->file->flags & O_NONBLOCK) ||
	       (iocb->flags & IOCB_NOWAIT);
}

static ssize_t master_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct pty *pty = pty_of_master(iocb->file);
	bool nonblock = is_nonblocking(iocb);
	ssize_t n;

	if (!iov_iter_count(to))
		return 0;
	if (nonblock) {
		if (!mutex_trylock(&pty->read_mutex))
			return -EAGAIN;
	} else if (mutex_lock_interruptible(&pty->read_mutex)) {
		return -ERESTARTSYS;
	}
	n = read_some(pty, to, nonblock);
	mutex_unlock(&pty->read_mutex);
	return n;
}

/*
 * The master is told by a signal when there is room. Or is there already, from
 * a reader that has not seen us miss it?
 */
static bool miss_room(struct pty *pty)
{
	if (likely(!READ_ONCE(pty->async)))
		return false;
	WRITE_ONCE(pty->misses_room, true);
	smp_mb();
	return tty_receive_room(pty->slave) > 0;
}

static ssize_t write_some(struct pty *pty, struct iov_iter *from,
			  bool nonblock)
{
	char chunk[CHUNK];
	ssize_t done = 0;
	int err;

	while (iov_iter_count(from)) {
		size_t room = tty_receive_room(pty->slave);
		size_t n = min(min(room, iov_iter_count(from)), sizeof(chunk));

		if (!n && nonblock && miss_room(pty))
			continue;
		if (!n) {
			err = nonblock ? -EAGAIN :
			      wait_event_interruptible(&pty->write_wait,
					tty_receive_room(pty->slave) > 0);
			if (err)
				return done ?: err;
			continue;
		}
		if (copy_from_iter(chunk, n, from) != n)
			return done ?: -EFAULT;
		tty_receive(pty->slave, chunk, NULL, n);
		done += n;
	}
	return done;
}

static ssize_t master_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct pty *pty = pty_of_master(iocb->file);
	bool nonblock = is_nonblocking(iocb);
	ssize_t n;

	if (nonblock) {
		if (!mutex_trylock(&pty->write_mutex))
			return -EAGAIN;
	} else if (mutex_lock_interruptible(&pty->write_mutex)) {
		return -ERESTARTSYS;
	}
	n = write_some(pty, from, nonblock);
	mutex_unlock(&pty->write_mutex);
	return n;
}

static unsigned int master_poll(struct file *file, struct poll_table *pt)
{
	struct pty *pty = pty_of_master(file);
	unsigned int mask = 0;

	poll_wait(file, &pty->read_wait, pt);
	poll_wait(file, &pty->write_wait, pt);
	if (master_readable(pty))
		mask |= POLLIN | POLLRDNORM;
	if (READ_ONCE(pty->status))
		mask |= POLLPRI;
	if (READ_ONCE(pty->slave_closed))
		mask |= POLLHUP;
	if (tty_receive_room(pty->slave))
		mask |= POLLOUT | POLLWRNORM;
	return mask;
}

/* ---- the master: ioctls -------------------------------------------------- */

static int set_lock(struct pty *pty, const int __user *from)
{
	int value;

	if (get_user(value, from))
		return -EFAULT;
	WRITE_ONCE(pty->locked, value != 0);
	return 0;
}

static int set_packet(struct pty *pty, const int __user *from)
{
	int value;

	if (get_user(value, from))
		return -EFAULT;
	SPIN_GUARD_IRQSAVE(&pty->lock);
	if (value && !pty->packet)
		pty->status = 0;
	pty->packet = value != 0;
	return 0;
}

static int send_signal(struct pty *pty, unsigned long sig)
{
	if (sig != SIGINT && sig != SIGQUIT && sig != SIGTSTP)
		return -EINVAL;
	tty_signal_pgrp(pty->slave, sig);
	return 0;
}

/* The master's queues are the slave's, the other way round. */
static int flush(struct pty *pty, unsigned long queue)
{
	if (queue > TCIOFLUSH)
		return -EINVAL;
	if (queue != TCOFLUSH)
		drop_output(pty);
	if (queue != TCIFLUSH)
		n_tty_flush_input(pty->slave);
	return 0;
}

/* Open the slave without its name, which may mean another file by now. */
static int open_peer(struct file *master, unsigned int flags)
{
	struct pty *pty = pty_of_master(master);
	struct path path;
	struct file *file;
	int fd, err;

	err = devpts_root_of(master, &path);
	if (err)
		return err;
	dput(path.dentry);
	path.dentry = path.mount->root->sb == pty->sb ?
		      devpts_dentry(pty->sb, pty->number) : ERR_PTR(-EIO);
	if (IS_ERR(path.dentry)) {
		mntput(path.mount);
		return PTR_ERR(path.dentry);
	}
	fd = get_unused_fd_flags(flags & O_CLOEXEC);
	if (fd < 0) {
		path_put(&path);
		return fd;
	}
	file = dentry_open(&path, flags & ~O_CLOEXEC, current_cred());
	path_put(&path);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

static long master_ioctl(struct file *file, unsigned int cmd,
			 unsigned long arg)
{
	struct pty *pty = pty_of_master(file);
	int __user *user = (int __user *)arg;

	switch (cmd) {
	case TIOCGPTN:
		return put_user(pty->number, (unsigned int __user *)user);
	case TIOCSPTLCK:
		return set_lock(pty, user);
	case TIOCGPTLCK:
		return put_user((int)READ_ONCE(pty->locked), user);
	case TIOCPKT:
		return set_packet(pty, user);
	case TIOCGPKT:
		return put_user((int)READ_ONCE(pty->packet), user);
	case TIOCSIG:
		return send_signal(pty, arg);
	case TIOCGPTPEER:
		return open_peer(file, arg);
	case FIONREAD:
		return put_user((int)ring_len(&pty->to_master), user);
	case TIOCOUTQ:
		return put_user(0, user);
	case TCFLSH:
		return flush(pty, arg);
	default:
		return tty_ioctl(file, cmd, arg);
	}
}

/* ---- making and ending a pair -------------------------------------------- */

static struct pty *pty_alloc(struct super_block *sb, unsigned int number)
{
	struct pty *pty = kvzalloc(sizeof(*pty), GFP_KERNEL);
	struct termios2 termios = tty_std_termios;
	char name[16];

	if (!pty)
		return NULL;
	termios.c_cflag = B38400 | CS8 | CREAD;
	termios.c_ispeed = termios.c_ospeed = 38400;
	pty->sb = sb;
	pty->number = number;
	pty->locked = true;
	spin_lock_init(&pty->lock, "pty", RANK_TTY_PORT);
	ring_init(&pty->to_master, pty->buf, TO_MASTER_SIZE);
	mutex_init(&pty->read_mutex, "pty_read", RANK_TTY_READ);
	mutex_init(&pty->write_mutex, "pty_write", RANK_TTY_READ);
	wait_queue_init(&pty->read_wait);
	wait_queue_init(&pty->write_wait);
	work_init(&pty->destroy_work, destroy);
	snprintf(name, sizeof(name), "pts%u", number);
	pty->slave = tty_create(name, MKDEV(UNIX98_PTY_SLAVE_MAJOR, number),
				&slave_ops, &termios, pty);
	if (!pty->slave) {
		kvfree(pty);
		return NULL;
	}
	return pty;
}

/* A new pair with a name. ERR_PTR. */
static struct pty *make_pair(struct super_block *sb)
{
	unsigned int number;
	struct pty *pty;
	int err = devpts_take_number(sb, &number);

	if (err)
		return ERR_PTR(err);
	pty = pty_alloc(sb, number);
	if (!pty) {
		devpts_drop_number(sb, number);
		return ERR_PTR(-ENOMEM);
	}
	err = devpts_add_name(sb, number, pty->slave);
	if (err) {
		devpts_drop_number(sb, number);
		tty_put(pty->slave);
		return ERR_PTR(err);
	}
	return pty;
}

static int master_open(struct inode *inode, struct file *file)
{
	struct ptm_file *pf = kzalloc(sizeof(*pf), GFP_KERNEL);
	struct path root;
	struct pty *pty;
	int err;

	if (!pf)
		return -ENOMEM;
	err = devpts_root_of(file, &root);
	if (err)
		goto free_pf;
	pty = make_pair(root.dentry->sb);
	path_put(&root);
	err = PTR_ERR_OR_ZERO(pty);
	if (err)
		goto free_pf;
	pf->pty = pty;
	pf->tf = (struct tty_file){ .tty = pty->slave, .master = true };
	file->private = &pf->tf;
	return nonseekable_open(inode, file);
free_pf:
	kfree(pf);
	return err;
}

static int master_release(struct inode *inode __unused, struct file *file)
{
	struct pty *pty = pty_of_master(file);

	devpts_remove_name(pty->sb, pty->number);
	mutex_lock(&pty->slave->mutex);
	pty->master_closed = true;
	mutex_unlock(&pty->slave->mutex);
	tty_hangup(pty->slave);
	devpts_drop_number(pty->sb, pty->number);
	kfree(container_of((struct tty_file *)file->private, struct ptm_file,
			   tf));
	tty_put(pty->slave);
	return 0;
}

static int master_fasync(int fd, struct file *file, bool on)
{
	struct pty *pty = pty_of_master(file);
	int err = fasync_set(fd, file, on, &pty->async);

	if (err || !on)
		return err;
	err = file_default_owner(file, task_pid_of(current, PIDTYPE_TGID),
				 F_OWNER_PID);
	if (err)
		fasync_set(fd, file, false, &pty->async);
	return err;
}

static const struct file_ops master_fops = {
	.llseek = no_llseek,
	.open = master_open,
	.release = master_release,
	.read_iter = master_read,
	.write_iter = master_write,
	.poll = master_poll,
	.ioctl = master_ioctl,
	.fasync = master_fasync,
};

/* Before: devtmpfs, tty_init()'s own nodes. */
void __init pty_init(void)
{
	if (register_chrdev(TTYAUX_MAJOR, 2, 1, "/dev/ptmx", &master_fops,
			    NULL))
		panic("pty: cannot register /dev/ptmx");
	devtmpfs_create_node("ptmx", S_IFCHR | 0666, MKDEV(TTYAUX_MAJOR, 2));
}
