/*
 * Terminals as files: open, read, write, poll, hang-up.
 *
 * Three names lead to one terminal: its own (/dev/ttyS0), /dev/console (the
 * preferred console) and /dev/tty (the controlling terminal of who opens it).
 */
#include <drivers/tty/tty.h>

#define LOG_PREFIX "tty"

#include <arch/current.h>
#include <drivers/tty/n_tty.h>
#include <fs/char_dev.h>
#include <fs/devtmpfs/devtmpfs.h>
#include <fs/fasync.h>
#include <fs/file.h>
#include <fs/inode.h>
#include <fs/iov_iter.h>
#include <fs/poll.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/time.h>
#include <lib/string.h>
#include <lib/xarray.h>
#include <mm/slab.h>
#include <mm/xarray_ops.h>
#include <uapi/major.h>
#include <uapi/stat.h>

/* Every terminal, by device number; holds a reference to each. */
static struct xarray ttys = XARRAY_INIT(&xa_kernel_ops); /* [ttys_lock] */
static DEFINE_MUTEX(ttys_lock, RANK_TTY_LIST);

const struct termios2 tty_std_termios = {
	.c_iflag = ICRNL | IXON,
	.c_oflag = OPOST | ONLCR,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE |
		   IEXTEN,
	.c_cc = {
		[VINTR] = 'C' & 037, [VQUIT] = '\\' & 037, [VERASE] = 0177,
		[VKILL] = 'U' & 037, [VEOF] = 'D' & 037, [VMIN] = 1,
		[VSTART] = 'Q' & 037, [VSTOP] = 'S' & 037,
		[VSUSP] = 'Z' & 037, [VREPRINT] = 'R' & 037,
		[VDISCARD] = 'O' & 037, [VWERASE] = 'W' & 037,
		[VLNEXT] = 'V' & 037,
	},
};

/* The terminal an open @file is for. */
struct tty *tty_of_file(const struct file *file)
{
	return ((struct tty_file *)file->private)->tty;
}

/* True if the terminal was hung up since @file was opened. */
bool tty_file_hung_up(const struct file *file)
{
	const struct tty_file *tf = file->private;

	return READ_ONCE(tf->tty->hangups) != tf->hangups &&
	       !tf->immune && !tf->master;
}

/*
 * Make a terminal for a driver, which then calls tty_register().
 *
 * Context: process; may sleep. Return: with one reference; NULL: no memory.
 */
struct tty *tty_create(const char *name, dev_t dev, const struct tty_ops *ops,
		       const struct termios2 *termios, void *private)
{
	struct tty *tty = kzalloc(sizeof(*tty), GFP_KERNEL);

	if (!tty)
		return NULL;
	refcount_set(&tty->refs, 1);
	tty->ops = ops;
	tty->private = private;
	tty->dev = dev;
	strscpy(tty->name, name, sizeof(tty->name));
	mutex_init(&tty->mutex, "tty", RANK_TTY);
	rwsem_init(&tty->termios_lock, "tty_termios", RANK_TTY_TERMIOS);
	spin_lock_init(&tty->ctrl_lock, "tty_ctrl", RANK_TTY_CTRL);
	tty->termios = tty->init_termios = *termios;
	wait_queue_init(&tty->read_wait);
	wait_queue_init(&tty->write_wait);
	tty->disc = n_tty_create(tty);
	if (!tty->disc) {
		kfree(tty);
		return NULL;
	}
	return tty;
}

/* Drop a reference; NULL is fine. Context: any. */
void tty_put(struct tty *tty)
{
	if (!tty || !refcount_put(&tty->refs))
		return;
	if (tty->ops->destroy)
		tty->ops->destroy(tty);
	else
		tty_free(tty);
}

/* Free a terminal nobody refers to any more. Context: any. */
void tty_free(struct tty *tty)
{
	pid_put(tty->session);
	pid_put(tty->pgrp);
	n_tty_free(tty->disc);
	kfree(tty);
}

/* Find by device number, with a reference; NULL if there is none. */
static struct tty *tty_find(dev_t dev)
{
	struct tty *tty;

	mutex_lock(&ttys_lock);
	tty = tty_get(xa_load(&ttys, dev));
	mutex_unlock(&ttys_lock);
	return tty;
}

/* ---- open and close ------------------------------------------------------ */

/* Which terminal does opening the device @inode mean? ERR_PTR; counted. */
static struct tty *tty_for_open(struct inode *inode)
{
	dev_t dev = inode->rdev;
	struct tty *tty;

	if (MAJOR(dev) == UNIX98_PTY_SLAVE_MAJOR)
		return pty_of_slave_inode(inode);

	if (dev == MKDEV(TTYAUX_MAJOR, 0)) {
		tty = current_tty();
		return tty ?: ERR_PTR(-ENXIO);
	}
	if (dev == MKDEV(TTYAUX_MAJOR, 1))
		dev = console_preferred_device();
	tty = dev ? tty_find(dev) : NULL;
	return tty ?: ERR_PTR(-ENODEV);
}

/* Count a file in. The first one wakes the driver. Locking: tty->mutex. */
static int open_locked(struct tty *tty, struct tty_file *tf)
{
	int err = 0;

	if (tty->exclusive && !capable(CAP_SYS_ADMIN))
		return -EBUSY;
	/* The modes are not touched: they outlive the last close. */
	if (tty->open_count == 0 && tty->ops->open)
		err = tty->ops->open(tty);
	if (err)
		return err;
	if (tty->open_count == 0 && tty->ops->set_termios)
		tty->ops->set_termios(tty, NULL);
	tty->open_count++;
	tty->immune_count += tf->immune;
	tf->hangups = tty->hangups;
	return 0;
}

static void close_driver(struct tty *tty)
{
	tty->exclusive = false;
	if (tty->ops->close)
		tty->ops->close(tty);
}

static int tty_open(struct inode *inode, struct file *file)
{
	struct tty_file *tf = kmalloc(sizeof(*tf), GFP_KERNEL);
	struct tty *tty;
	int err;

	if (!tf)
		return -ENOMEM;
	tty = tty_for_open(inode);
	if (IS_ERR(tty)) {
		kfree(tf);
		return PTR_ERR(tty);
	}
	*tf = (struct tty_file){
		.tty = tty,
		.immune = inode->rdev == MKDEV(TTYAUX_MAJOR, 1),
	};
	mutex_lock(&tty->mutex);
	err = open_locked(tty, tf);
	mutex_unlock(&tty->mutex);
	if (err) {
		tty_put(tty);
		kfree(tf);
		return err;
	}
	file->private = tf;
	nonseekable_open(inode, file);
	if (!(file->flags & O_NOCTTY) && MAJOR(inode->rdev) != TTYAUX_MAJOR)
		tty_open_ctty(tty);
	return 0;
}

/* The last close waits for what was written to go out, but not for ever. */
#define CLOSING_WAIT_NS		(30 * NSEC_PER_SEC)

static int tty_release(struct inode *inode __unused, struct file *file)
{
	struct tty_file *tf = file->private;
	struct tty *tty = tf->tty;

	if (READ_ONCE(tty->open_count) == 1 && !tty_file_hung_up(file))
		tty_wait_until_sent(tty, CLOSING_WAIT_NS);
	mutex_lock(&tty->mutex);
	/* A hang-up has already counted its files out. */
	if (!tty_file_hung_up(file)) {
		tty->immune_count -= tf->immune;
		if (--tty->open_count == 0)
			close_driver(tty);
	}
	mutex_unlock(&tty->mutex);
	tty_put(tty);
	kfree(tf);
	return 0;
}

/* ---- data ---------------------------------------------------------------- */

static bool nonblocking(const struct kiocb *iocb)
{
	return (iocb->file->flags & O_NONBLOCK) ||
	       (iocb->flags & IOCB_NOWAIT);
}

static ssize_t tty_read(struct kiocb *iocb, struct iov_iter *to)
{
	if (tty_file_hung_up(iocb->file))
		return 0;
	return n_tty_read(tty_of_file(iocb->file), iocb->file, to,
			  nonblocking(iocb));
}

static ssize_t tty_write(struct kiocb *iocb, struct iov_iter *from)
{
	if (tty_file_hung_up(iocb->file))
		return -EIO;
	return n_tty_write(tty_of_file(iocb->file), iocb->file, from,
			   nonblocking(iocb));
}

static unsigned int tty_poll(struct file *file, struct poll_table *pt)
{
	struct tty *tty = tty_of_file(file);
	unsigned int mask = 0;

	poll_wait(file, &tty->read_wait, pt);
	poll_wait(file, &tty->write_wait, pt);
	if (tty_file_hung_up(file))
		return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLERR |
		       POLLHUP;
	if (n_tty_input_available(tty, true))
		mask |= POLLIN | POLLRDNORM;
	if (!READ_ONCE(tty->stopped) && tty->ops->write_room(tty) >= 8)
		mask |= POLLOUT | POLLWRNORM;
	return mask;
}

/* Who is told of input, if nobody is named: the foreground, or who asks. */
static int tty_fasync(int fd, struct file *file, bool on)
{
	struct tty *tty = tty_of_file(file);
	struct pid *pgrp;
	int err = fasync_set(fd, file, on, &tty->async);

	if (err || !on)
		return err;
	spin_lock_irq(&tty->ctrl_lock);
	pgrp = tty->pgrp ? pid_get(tty->pgrp) : NULL;
	spin_unlock_irq(&tty->ctrl_lock);
	if (pgrp)
		err = file_default_owner(file, pgrp, F_OWNER_PGRP);
	else
		err = file_default_owner(file,
					 task_pid_of(current, PIDTYPE_TGID),
					 F_OWNER_PID);
	if (pgrp)
		pid_put(pgrp);
	if (err)
		fasync_set(fd, file, false, &tty->async);
	return err;
}

static const struct file_ops tty_fops = {
	.llseek = no_llseek,
	.open = tty_open,
	.release = tty_release,
	.read_iter = tty_read,
	.write_iter = tty_write,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
	.fasync = tty_fasync,
};

/* There is room again. For drivers; context: any. */
void tty_wake_writers(struct tty *tty)
{
	wake_up_all_poll(&tty->write_wait, POLLOUT | POLLWRNORM);
}

/*
 * The same by a signal, for who wrote and found too little, once. For drivers,
 * when there is much room again. Context: process, as fasync_notify().
 */
void tty_tell_room(struct tty *tty)
{
	if (likely(!READ_ONCE(tty->misses_room)))
		return;
	WRITE_ONCE(tty->misses_room, false);
	fasync_notify(&tty->async, POLL_OUT);
}

/*
 * Hang up: whoever has the terminal open has it no longer, but for those who
 * opened it as /dev/console, and the session it controls is told (SIGHUP,
 * SIGCONT) and loses it.
 *
 * Context: process; may sleep.
 */
void tty_hangup(struct tty *tty)
{
	mutex_lock(&tty->mutex);
	WRITE_ONCE(tty->hangups, tty->hangups + 1);
	tty_detach_session(tty);
	if (tty->ops->hangup)
		tty->ops->hangup(tty);
	if (tty->open_count && !tty->immune_count)
		close_driver(tty);
	tty->open_count = tty->immune_count;
	n_tty_reset(tty);
	down_write(&tty->termios_lock);
	tty->termios = tty->init_termios;
	up_write(&tty->termios_lock);
	mutex_unlock(&tty->mutex);
	wake_up_all(&tty->read_wait);
	wake_up_all(&tty->write_wait);
}

/* ---- registration -------------------------------------------------------- */

/*
 * Make @tty openable and give it a node in /dev. The table takes a reference.
 * Context: process; may sleep. Return: 0, -EBUSY, -ENOMEM.
 */
int tty_register(struct tty *tty)
{
	int err;

	mutex_lock(&ttys_lock);
	err = xa_insert(&ttys, tty->dev, tty_get(tty), GFP_KERNEL);
	mutex_unlock(&ttys_lock);
	if (!err)
		err = register_chrdev(MAJOR(tty->dev), MINOR(tty->dev), 1,
				      "tty", &tty_fops, NULL);
	if (err) {
		tty_put(tty);
		return err;
	}
	devtmpfs_create_node(tty->name, S_IFCHR | 0600, tty->dev);
	return 0;
}

/* Before: the VFS, devtmpfs, workqueues. After: drivers may register ttys. */
void __init tty_init(void)
{
	if (register_chrdev(TTYAUX_MAJOR, 0, 1, "/dev/tty", &tty_fops, NULL) ||
	    register_chrdev(TTYAUX_MAJOR, 1, 1, "/dev/console", &tty_fops,
			    NULL) ||
	    register_chrdev(UNIX98_PTY_SLAVE_MAJOR, 0, DEV_MINOR_MAX + 1,
			    "pts", &tty_fops, NULL))
		panic("tty: cannot register the devices");
	devtmpfs_create_node("tty", S_IFCHR | 0666, MKDEV(TTYAUX_MAJOR, 0));
	devtmpfs_create_node("console", S_IFCHR | 0600,
			     MKDEV(TTYAUX_MAJOR, 1));
	pty_init();
	tty_job_init();
}
