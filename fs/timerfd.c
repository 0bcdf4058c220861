/*
 * timerfd: a timer that is read instead of raising a signal, so that one loop
 * over poll(2) can wait for times and for everything else.
 *
 * The timer rings once, and the descriptor becomes readable. The periods of an
 * interval after that are not rung for but computed when somebody reads: a
 * program that does not look costs nothing, and learns how many it has missed.
 *
 * A timer on the wall clock can be told to fail its reads when that clock is
 * set (TFD_TIMER_CANCEL_ON_SET): a calendar wants to compute anew what
 * "tomorrow at eight" is.
 *
 * Locking: cancel_lock, then the timer's lock.
 *
 * Source: man 2 timerfd_create.
 */
#include <fs/timerfd.h>

#include <arch/uaccess.h>
#include <fs/anon_inode.h>
#include <fs/file.h>
#include <fs/files.h>
#include <fs/poll.h>
#include <fs/seq_file.h>
#include <kernel/clock_timer.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <mm/slab.h>
#include <uapi/eventpoll.h>

/* One timerfd_create(2). */
struct timerfd {
	struct spinlock		lock;		/* taken in interrupts */
	struct clock_timer	timer;		/* [lock] */
	struct wait_queue	wait;		/* until ticks != 0 */
	uint64_t		ticks;		/* [lock] expiries not read */
	bool			expired; /* [lock] and not forwarded since */
	bool			canceled;	/* [lock] the clock was set */
	bool			may_cancel;	/* [cancel_lock] on the list */
	int			clock;		/* as the program named it */
	unsigned int		flags;	/* [lock] of timerfd_settime(2) */
	struct list_head	cancel_node;	/* [cancel_lock] */
};

static DEFINE_SPINLOCK(cancel_lock, RANK_TIMERFD_LIST);
static LIST_HEAD(cancel_list);		/* [cancel_lock] */

static void timerfd_rings(struct timer *timer)
{
	struct timerfd *tfd = container_of(timer, struct timerfd, timer.timer);
	SPIN_GUARD_IRQSAVE(&tfd->lock);

	if (!clock_timer_rings(&tfd->timer))
		return;
	tfd->expired = true;
	tfd->ticks++;
	wake_up_poll(&tfd->wait, POLLIN);
}

/* Those who asked to be cancelled are. Context: any but NMI. */
void timerfd_clock_was_set(void)
{
	unsigned long flags = spin_lock_irqsave(&cancel_lock);
	struct timerfd *tfd;

	list_for_each_entry(tfd, &cancel_list, cancel_node) {
		spin_lock(&tfd->lock);
		tfd->canceled = true;
		tfd->ticks++;
		wake_up_poll(&tfd->wait, POLLIN);
		spin_unlock(&tfd->lock);
	}
	spin_unlock_irqrestore(&cancel_lock, flags);
}

/* Was the clock set? That is said once. Locking: lock. */
static bool take_canceled(struct timerfd *tfd)
{
	bool canceled = tfd->canceled;

	tfd->canceled = false;
	return canceled;
}

static int64_t timer_now(const struct timerfd *tfd)
{
	return clock_now_ns(tfd->timer.clock);
}

/* Count the periods that have passed since it rang. Locking: lock. */
static void catch_up(struct timerfd *tfd)
{
	if (!tfd->expired || !tfd->timer.interval_ns)
		return;
	tfd->expired = false;
	tfd->ticks += clock_timer_forward(&tfd->timer, timer_now(tfd)) - 1;
	clock_timer_arm(&tfd->timer);
}

/* ---- the file ------------------------------------------------------------ */

/* Return: what a read(2) gets; 0: nothing yet; -ECANCELED. */
static int64_t take_ticks(struct timerfd *tfd)
{
	uint64_t ticks;

	SPIN_GUARD_IRQ(&tfd->lock);
	if (take_canceled(tfd)) {
		/* The program has to set it anew. */
		tfd->ticks = 0;
		tfd->expired = false;
		return -ECANCELED;
	}
	if (!tfd->ticks)
		return 0;
	catch_up(tfd);
	ticks = tfd->ticks;
	tfd->ticks = 0;
	tfd->expired = false;
	return ticks;
}

static ssize_t timerfd_read_iter(struct kiocb *io, struct iov_iter *to)
{
	struct timerfd *tfd = io->file->private;
	int64_t ticks;
	int err;

	if (iov_iter_count(to) < sizeof(ticks))
		return -EINVAL;
	ticks = take_ticks(tfd);
	if (!ticks) {
		if ((READ_ONCE(io->file->flags) & O_NONBLOCK) ||
		    (io->flags & IOCB_NOWAIT))
			return -EAGAIN;
		err = wait_event_interruptible(&tfd->wait,
					       (ticks = take_ticks(tfd)));
		if (err)
			return err;
	}
	if (ticks < 0)
		return ticks;
	if (copy_to_iter(&ticks, sizeof(ticks), to) != sizeof(ticks))
		return -EFAULT;
	return sizeof(ticks);
}

static unsigned int timerfd_poll(struct file *file, struct poll_table *pt)
{
	struct timerfd *tfd = file->private;

	poll_wait(file, &tfd->wait, pt);
	return READ_ONCE(tfd->ticks) ? POLLIN : 0;
}

/* Return: 0, -EFAULT, -EINVAL (0 ticks), -ECANCELED. */
static long set_ticks(struct timerfd *tfd, const uint64_t __user *from)
{
	uint64_t ticks;

	if (get_user(ticks, from))
		return -EFAULT;
	if (!ticks)
		return -EINVAL;
	SPIN_GUARD_IRQ(&tfd->lock);
	if (take_canceled(tfd))
		return -ECANCELED;
	tfd->ticks = ticks;
	wake_up_poll(&tfd->wait, POLLIN);
	return 0;
}

static long timerfd_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	if (cmd != TFD_IOC_SET_TICKS)
		return -ENOTTY;
	return set_ticks(file->private, (const uint64_t __user *)arg);
}

/* What is left, never negative. Locking: lock. */
static struct timespec time_left(const struct timerfd *tfd)
{
	return ns_to_timespec(max(clock_timer_left(&tfd->timer), 0L));
}

static void timerfd_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct timerfd *tfd = file->private;
	struct timespec left, interval;
	unsigned int flags;
	uint64_t ticks;

	spin_lock_irq(&tfd->lock);
	left = time_left(tfd);
	interval = ns_to_timespec(tfd->timer.interval_ns);
	flags = tfd->flags;
	ticks = tfd->ticks;
	spin_unlock_irq(&tfd->lock);
	seq_printf(m, "clockid: %d\nticks: %lu\nsettime flags: 0%o\n"
		   "it_value: (%ld, %ld)\nit_interval: (%ld, %ld)\n",
		   tfd->clock, ticks, flags, (long)left.tv_sec,
		   (long)left.tv_nsec, (long)interval.tv_sec,
		   (long)interval.tv_nsec);
}

static void set_cancel(struct timerfd *tfd, bool may_cancel)
{
	SPIN_GUARD_IRQ(&cancel_lock);
	if (may_cancel && !tfd->may_cancel)
		list_add_tail(&tfd->cancel_node, &cancel_list);
	else if (!may_cancel && tfd->may_cancel)
		list_del(&tfd->cancel_node);
	tfd->may_cancel = may_cancel;
}

static int timerfd_release(struct inode *inode __unused, struct file *file)
{
	struct timerfd *tfd = file->private;

	set_cancel(tfd, false);
	spin_lock_irq(&tfd->lock);
	clock_timer_stop(&tfd->timer);
	spin_unlock_irq(&tfd->lock);
	clock_timer_finish(&tfd->timer);
	kfree(tfd);
	return 0;
}

static const struct file_ops timerfd_fops = {
	.llseek = noop_llseek,
	.read_iter = timerfd_read_iter,
	.poll = timerfd_poll,
	.ioctl = timerfd_ioctl,
	.show_fdinfo = timerfd_show_fdinfo,
	.release = timerfd_release,
};

/* ---- the system calls ---------------------------------------------------- */

static bool is_alarm(int clock)
{
	return clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM;
}

/*
 * Return: the descriptor; -EINVAL (a clock or flag that does not go), -EPERM
 *	   (an alarm clock without CAP_WAKE_ALARM), -EMFILE, -ENFILE, -ENOMEM.
 */
SYSCALL_DEFINE2(timerfd_create, int, clock, int, flags)
{
	struct timerfd *tfd;
	int fd;

	if ((flags & ~(TFD_CLOEXEC | TFD_NONBLOCK)) ||
	    (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC &&
	     clock != CLOCK_BOOTTIME && !is_alarm(clock)))
		return -EINVAL;
	if (is_alarm(clock) && !capable(CAP_WAKE_ALARM))
		return -EPERM;
	tfd = kzalloc(sizeof(*tfd), GFP_KERNEL_ACCOUNT);
	if (!tfd)
		return -ENOMEM;
	spin_lock_init(&tfd->lock, "timerfd", RANK_TIMERFD);
	clock_timer_init(&tfd->timer, timerfd_rings);
	wait_queue_init(&tfd->wait);
	tfd->clock = clock;
	fd = anon_inode_fd("[timerfd]", &timerfd_fops, tfd, O_RDWR | flags);
	if (fd < 0)
		kfree(tfd);
	return fd;
}

static void get_setting(struct timerfd *tfd, struct itimerspec *to)
{
	to->it_value = time_left(tfd);
	to->it_interval = ns_to_timespec(tfd->timer.interval_ns);
}

/* Return: 0, or -ECANCELED: it is set, but the clock was too, before. */
static int set_timer(struct timerfd *tfd, unsigned int flags,
		     const struct itimerspec *new, struct itimerspec *old)
{
	int64_t value = timespec_to_ns(&new->it_value);
	bool absolute = flags & TFD_TIMER_ABSTIME;
	bool may_cancel = clock_is_wall(tfd->clock) && absolute &&
			  (flags & TFD_TIMER_CANCEL_ON_SET);

	set_cancel(tfd, may_cancel);
	SPIN_GUARD_IRQ(&tfd->lock);
	if (tfd->expired && tfd->timer.interval_ns)
		clock_timer_forward(&tfd->timer, timer_now(tfd));
	get_setting(tfd, old);
	clock_timer_stop(&tfd->timer);
	tfd->expired = false;
	tfd->ticks = 0;
	tfd->flags = flags & (TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET);
	clock_timer_set(&tfd->timer, tfd->clock, value,
			timespec_to_ns(&new->it_interval),
			absolute || !value);
	if (value)
		clock_timer_arm(&tfd->timer);
	else if (may_cancel)
		return 0;
	return take_canceled(tfd) && may_cancel ? -ECANCELED : 0;
}

/* The timer behind @fd.file. Return: -EBADF, -EINVAL: it is none. */
static struct timerfd *timerfd_of(struct file *file)
{
	if (!file)
		return ERR_PTR(-EBADF);
	if (file->ops != &timerfd_fops)
		return ERR_PTR(-EINVAL);
	return file->private;
}

/*
 * Return: 0; -EFAULT; -EINVAL (a flag, not a time, not a timer), -EBADF,
 *	   -EPERM, -ECANCELED.
 */
SYSCALL_DEFINE4(timerfd_settime, int, nr, int, flags,
		const struct itimerspec __user *, from,
		struct itimerspec __user *, to)
{
	struct itimerspec new, old;
	struct timerfd *tfd;
	struct fd fd;
	int err;

	if (copy_from_user(&new, from, sizeof(new)))
		return -EFAULT;
	if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) ||
	    !timespec_valid(&new.it_value) || !timespec_valid(&new.it_interval))
		return -EINVAL;
	fd = fdget(nr);
	tfd = timerfd_of(fd.file);
	if (IS_ERR(tfd))
		err = PTR_ERR(tfd);
	else if (is_alarm(tfd->clock) && !capable(CAP_WAKE_ALARM))
		err = -EPERM;
	else
		err = set_timer(tfd, flags, &new, &old);
	fdput(fd);
	if (!err && to && copy_to_user(to, &old, sizeof(old)))
		return -EFAULT;
	return err;
}

/* Return: 0, -EBADF, -EINVAL (not a timer), -EFAULT. */
SYSCALL_DEFINE2(timerfd_gettime, int, nr, struct itimerspec __user *, to)
{
	struct itimerspec now;
	struct timerfd *tfd;
	struct fd fd = fdget(nr);

	tfd = timerfd_of(fd.file);
	if (!IS_ERR(tfd)) {
		spin_lock_irq(&tfd->lock);
		catch_up(tfd);
		get_setting(tfd, &now);
		spin_unlock_irq(&tfd->lock);
	}
	fdput(fd);
	if (IS_ERR(tfd))
		return PTR_ERR(tfd);
	return copy_to_user(to, &now, sizeof(now)) ? -EFAULT : 0;
}
