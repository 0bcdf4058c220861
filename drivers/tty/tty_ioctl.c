/*
 * ioctls of terminals: modes, window size, flow, draining.
 *
 * The modes come in three layouts (termio of System V, termios, termios2 with
 * speeds as numbers) and with three ways of being set: at once, after what was
 * written has been sent, or after that and with unread input thrown away.
 *
 * Source: man 2 ioctl_tty, man 3 termios.
 */
#include <drivers/tty/tty.h>

#include <arch/current.h>
#include <arch/uaccess.h>
#include <drivers/tty/n_tty.h>
#include <fs/file.h>
#include <kernel/cred.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/time.h>
#include <lib/string.h>

static const unsigned int baud_rates[] = {
	0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800,
	9600, 19200, 38400, /* CBAUDEX: */ 57600, 115200, 230400, 460800,
	500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000,
	3000000, 3500000, 4000000,
};

/* Bits per second that c_cflag asks for. */
unsigned int tty_baud_rate(const struct termios2 *termios)
{
	unsigned int index = termios->c_cflag & CBAUD;

	if (index == BOTHER)
		return termios->c_ospeed;
	if (index & CBAUDEX)
		index = (index & ~CBAUDEX) + 15;
	return index < ARRAY_SIZE(baud_rates) ? baud_rates[index] : 0;
}

/* Stop or start output: ^S, ^Q, tcflow(3). Context: any. */
void tty_set_flow_stopped(struct tty *tty, bool stopped)
{
	unsigned long flags = spin_lock_irqsave(&tty->ctrl_lock);
	bool changed = tty->stopped != stopped;

	WRITE_ONCE(tty->stopped, stopped);
	spin_unlock_irqrestore(&tty->ctrl_lock, flags);
	if (!changed)
		return;
	if (stopped && tty->ops->stop)
		tty->ops->stop(tty);
	if (!stopped && tty->ops->start)
		tty->ops->start(tty);
	if (!stopped)
		tty_wake_writers(tty);
}

/*
 * Sleep until everything written has been sent.
 * Context: process. Return: 0; -ERESTARTSYS; 0 also when the time is over.
 */
int tty_wait_until_sent(struct tty *tty, int64_t timeout_ns)
{
	int64_t left;

	if (!tty->ops->pending)
		return 0;
	left = wait_event_interruptible_timeout(&tty->write_wait,
			tty->ops->pending(tty) == 0, timeout_ns);
	return left < 0 ? (int)left : 0;
}

/* ---- modes --------------------------------------------------------------- */

static int get_modes(struct tty *tty, unsigned int cmd, void __user *to)
{
	struct termios2 t;
	struct termio old = {};

	down_read(&tty->termios_lock);
	t = tty->termios;
	up_read(&tty->termios_lock);
	switch (cmd) {
	case TCGETS:
		return copy_to_user(to, &t, sizeof(struct termios)) ?
		       -EFAULT : 0;
	case TCGETS2:
		return copy_to_user(to, &t, sizeof(t)) ? -EFAULT : 0;
	default:
		old.c_iflag = t.c_iflag;
		old.c_oflag = t.c_oflag;
		old.c_cflag = t.c_cflag;
		old.c_lflag = t.c_lflag;
		memcpy(old.c_cc, t.c_cc, sizeof(old.c_cc));
		return copy_to_user(to, &old, sizeof(old)) ? -EFAULT : 0;
	}
}

static int read_modes(struct termios2 *t, unsigned int cmd,
		      const void __user *from)
{
	struct termio old;

	switch (cmd) {
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		if (copy_from_user(t, from, sizeof(struct termios)))
			return -EFAULT;
		break;
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
		return copy_from_user(t, from, sizeof(*t)) ? -EFAULT : 0;
	default:
		if (copy_from_user(&old, from, sizeof(old)))
			return -EFAULT;
		/* Only the lower halves exist in this layout. */
		t->c_iflag = (t->c_iflag & 0xffff0000) | old.c_iflag;
		t->c_oflag = (t->c_oflag & 0xffff0000) | old.c_oflag;
		t->c_cflag = (t->c_cflag & 0xffff0000) | old.c_cflag;
		t->c_lflag = (t->c_lflag & 0xffff0000) | old.c_lflag;
		memcpy(t->c_cc, old.c_cc, sizeof(old.c_cc));
	}
	t->c_ispeed = t->c_ospeed = tty_baud_rate(t);
	return 0;
}

static void keep_bits(uint32_t *flags, uint32_t old, uint32_t locked)
{
	*flags = (*flags & ~locked) | (old & locked);
}

/* What root has locked stays as it was. Locking: termios_lock, to write. */
static void keep_locked(struct tty *tty, const struct termios2 *old)
{
	struct termios2 *new = &tty->termios;
	const struct termios2 *locked = &tty->locked;

	keep_bits(&new->c_iflag, old->c_iflag, locked->c_iflag);
	keep_bits(&new->c_oflag, old->c_oflag, locked->c_oflag);
	keep_bits(&new->c_cflag, old->c_cflag, locked->c_cflag);
	keep_bits(&new->c_lflag, old->c_lflag, locked->c_lflag);
	for (size_t i = 0; i < ARRAY_SIZE(new->c_cc); i++)
		if (locked->c_cc[i])
			new->c_cc[i] = old->c_cc[i];
}

static void apply_modes(struct tty *tty, const struct termios2 *new)
{
	struct termios2 old;

	down_write(&tty->termios_lock);
	old = tty->termios;
	tty->termios = *new;
	tty->termios.c_line = old.c_line;	/* there is one discipline */
	keep_locked(tty, &old);
	n_tty_set_termios(tty, &old);
	if (tty->ops->set_termios)
		tty->ops->set_termios(tty, &old);
	up_write(&tty->termios_lock);
}

static bool drains(unsigned int cmd)
{
	return cmd == TCSETSW || cmd == TCSETSF || cmd == TCSETSW2 ||
	       cmd == TCSETSF2 || cmd == TCSETAW || cmd == TCSETAF;
}

static bool flushes(unsigned int cmd)
{
	return cmd == TCSETSF || cmd == TCSETSF2 || cmd == TCSETAF;
}

static int set_modes(struct tty *tty, unsigned int cmd, const void __user *from)
{
	struct termios2 t;
	int err = tty_check_change(tty, SIGTTOU);

	if (err)
		return err;
	down_read(&tty->termios_lock);
	t = tty->termios;
	up_read(&tty->termios_lock);
	err = read_modes(&t, cmd, from);
	if (err)
		return err;
	if (flushes(cmd))
		n_tty_flush_input(tty);
	if (drains(cmd)) {
		err = tty_wait_until_sent(tty, WAIT_FOREVER);
		if (err)
			return err;
	}
	apply_modes(tty, &t);
	return 0;
}

static int get_locked(struct tty *tty, void __user *to)
{
	struct termios2 t;

	down_read(&tty->termios_lock);
	t = tty->locked;
	up_read(&tty->termios_lock);
	return copy_to_user(to, &t, sizeof(struct termios)) ? -EFAULT : 0;
}

static int set_locked(struct tty *tty, const void __user *from)
{
	struct termios2 t = {};

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (copy_from_user(&t, from, sizeof(struct termios)))
		return -EFAULT;
	down_write(&tty->termios_lock);
	tty->locked = t;
	up_write(&tty->termios_lock);
	return 0;
}

/* CLOCAL by itself: whether a lost carrier hangs up. */
static int get_softcar(struct tty *tty, int __user *to)
{
	return put_user((int)!!(READ_ONCE(tty->termios.c_cflag) & CLOCAL), to);
}

static int set_softcar(struct tty *tty, const int __user *from)
{
	struct termios2 old;
	int on;

	if (get_user(on, from))
		return -EFAULT;
	down_write(&tty->termios_lock);
	old = tty->termios;
	tty->termios.c_cflag = (old.c_cflag & ~CLOCAL) | (on ? CLOCAL : 0);
	if (tty->ops->set_termios)
		tty->ops->set_termios(tty, &old);
	up_write(&tty->termios_lock);
	return 0;
}

static long mode_ioctl(struct tty *tty, unsigned int cmd, void __user *user)
{
	switch (cmd) {
	case TCGETS:
	case TCGETS2:
	case TCGETA:
		return get_modes(tty, cmd, user);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
	case TCSETA:
	case TCSETAW:
	case TCSETAF:
		return set_modes(tty, cmd, user);
	case TIOCGLCKTRMIOS:
		return get_locked(tty, user);
	case TIOCSLCKTRMIOS:
		return set_locked(tty, user);
	case TIOCGSOFTCAR:
		return get_softcar(tty, user);
	case TIOCSSOFTCAR:
		return set_softcar(tty, user);
	default:
		return -ENOIOCTLCMD;
	}
}

/* ---- the window ---------------------------------------------------------- */

static int get_winsize(struct tty *tty, struct winsize __user *to)
{
	struct winsize ws;

	mutex_lock(&tty->mutex);
	ws = tty->winsize;
	mutex_unlock(&tty->mutex);
	return copy_to_user(to, &ws, sizeof(ws)) ? -EFAULT : 0;
}

static int set_winsize(struct tty *tty, const struct winsize __user *from)
{
	struct winsize ws;
	bool changed;

	if (copy_from_user(&ws, from, sizeof(ws)))
		return -EFAULT;
	mutex_lock(&tty->mutex);
	changed = memcmp(&tty->winsize, &ws, sizeof(ws)) != 0;
	tty->winsize = ws;
	mutex_unlock(&tty->mutex);
	if (changed)
		tty_signal_pgrp(tty, SIGWINCH);
	return 0;
}

/* ---- the rest ------------------------------------------------------------ */

static int flush(struct tty *tty, unsigned long queue)
{
	int err = tty_check_change(tty, SIGTTOU);

	if (err)
		return err;
	if (queue > TCIOFLUSH)
		return -EINVAL;
	if (queue != TCOFLUSH)
		n_tty_flush_input(tty);
	if (queue != TCIFLUSH && tty->ops->flush)
		tty->ops->flush(tty, TCOFLUSH);
	return 0;
}

static int flow(struct tty *tty, unsigned long action)
{
	int err = tty_check_change(tty, SIGTTOU);
	char c;

	if (err)
		return err;
	switch (action) {
	case TCOOFF:
	case TCOON:
		tty_set_flow_stopped(tty, action == TCOOFF);
		return 0;
	case TCIOFF:
	case TCION:
		c = tty->termios.c_cc[action == TCIOFF ? VSTOP : VSTART];
		if (c)
			tty->ops->write(tty, &c, 1);
		return 0;
	default:
		return -EINVAL;
	}
}

static int send_break(struct tty *tty, int64_t duration_ns)
{
	int err = tty_check_change(tty, SIGTTOU);

	if (!err)
		err = tty_wait_until_sent(tty, WAIT_FOREVER);
	if (err || !tty->ops->set_break)
		return err;
	err = tty->ops->set_break(tty, true);
	if (err)
		return err;
	set_current_state(TASK_INTERRUPTIBLE);
	wait_sleep(duration_ns);
	tty->ops->set_break(tty, false);
	return signal_pending(current) ? -EINTR : 0;
}

/* A break goes on until it is ended. What has no line has none. */
static int begin_break(struct tty *tty)
{
	int err = tty_check_change(tty, SIGTTOU);

	if (!err)
		err = tty_wait_until_sent(tty, WAIT_FOREVER);
	if (err || !tty->ops->set_break)
		return err;
	return tty->ops->set_break(tty, true);
}

static int end_break(struct tty *tty)
{
	int err = tty_check_change(tty, SIGTTOU);

	if (err || !tty->ops->set_break)
		return err;
	return tty->ops->set_break(tty, false);
}

#define TIOCM_SETTABLE	(TIOCM_DTR | TIOCM_RTS | TIOCM_OUT1 | TIOCM_OUT2 | \
			 TIOCM_LOOP)

static int set_modem(struct tty *tty, unsigned int cmd, const int __user *from)
{
	unsigned int lines, clear = 0, set = 0;

	if (!tty->ops->set_modem)
		return -ENOTTY;
	if (get_user(lines, (const unsigned int __user *)from))
		return -EFAULT;
	lines &= TIOCM_SETTABLE;
	if (cmd != TIOCMBIC)
		set = lines;
	if (cmd == TIOCMBIC)
		clear = lines;
	else if (cmd == TIOCMSET)
		clear = TIOCM_SETTABLE & ~lines;
	tty->ops->set_modem(tty, clear, set);
	return 0;
}

static long line_ioctl(struct tty *tty, unsigned int cmd, unsigned long arg)
{
	int __user *user = (int __user *)arg;

	switch (cmd) {
	case TIOCSBRK:
		return begin_break(tty);
	case TIOCCBRK:
		return end_break(tty);
	case TIOCMGET:
		if (!tty->ops->get_modem)
			return -ENOTTY;
		return put_user((int)tty->ops->get_modem(tty), user);
	case TIOCMSET:
	case TIOCMBIS:
	case TIOCMBIC:
		return set_modem(tty, cmd, user);
	default:
		return -ENOIOCTLCMD;
	}
}

static int drain(struct tty *tty)
{
	int err = tty_check_change(tty, SIGTTOU);

	return err ?: tty_wait_until_sent(tty, WAIT_FOREVER);
}

/* There is one line discipline, and a terminal has it. */
static int set_discipline(struct tty *tty, const int __user *from)
{
	int err = drain(tty), number;

	if (err)
		return err;
	if (get_user(number, from))
		return -EFAULT;
	return number == N_TTY ? 0 : -EINVAL;
}

static int set_exclusive(struct tty *tty, bool on)
{
	mutex_lock(&tty->mutex);
	tty->exclusive = on;
	mutex_unlock(&tty->mutex);
	return 0;
}

/* Pretend @c was typed: on one's own terminal, or as root. */
static int fake_input(struct tty *tty, const struct file *file,
		      const char __user *from)
{
	const struct tty_file *tf = file->private;
	char c;

	if ((current->group->tty != tty || tf->master) &&
	    !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (get_user(c, from))
		return -EFAULT;
	n_tty_fake_input(tty, c);
	return 0;
}

static int input_queue(struct tty *tty, int __user *to)
{
	int n;

	down_read(&tty->termios_lock);
	mutex_lock(&tty->disc->lock);
	n = n_tty_readable(tty->disc);
	mutex_unlock(&tty->disc->lock);
	up_read(&tty->termios_lock);
	return put_user(n, to);
}

static long queue_ioctl(struct tty *tty, const struct file *file,
			unsigned int cmd, unsigned long arg)
{
	int __user *user = (int __user *)arg;

	switch (cmd) {
	case FIONREAD:
		return input_queue(tty, user);
	case TIOCOUTQ:
		return put_user(tty->ops->pending ?
				(int)tty->ops->pending(tty) : 0, user);
	case TCFLSH:
		return flush(tty, arg);
	case TCXONC:
		return flow(tty, arg);
	case TCSBRK:
		return arg ? drain(tty) : send_break(tty, NSEC_PER_SEC / 4);
	case TCSBRKP:
		return send_break(tty, (arg ? arg : 2) * NSEC_PER_SEC / 10);
	case TIOCSTI:
		return fake_input(tty, file, (const char __user *)arg);
	default:
		return -ENOIOCTLCMD;
	}
}

/* The ioctl op of terminals. Context: process; may sleep. */
long tty_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct tty *tty = tty_of_file(file);
	void __user *user = (void __user *)arg;
	long ret;

	if (tty_file_hung_up(file))
		return cmd == TIOCSPGRP ? -ENOTTY : -EIO;
	switch (cmd) {
	case TIOCGWINSZ:
		return get_winsize(tty, user);
	case TIOCSWINSZ:
		return set_winsize(tty, user);
	case TIOCEXCL:
	case TIOCNXCL:
		return set_exclusive(tty, cmd == TIOCEXCL);
	case TIOCGEXCL:
		return put_user((int)READ_ONCE(tty->exclusive),
				(int __user *)user);
	case TIOCGETD:
		return put_user(0, (int __user *)user);
	case TIOCSETD:
		return set_discipline(tty, user);
	case TIOCGPTPEER:	/* masters have it from their driver */
		return -EIO;
	case TIOCVHANGUP:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		tty_hangup(tty);
		return 0;
	case TIOCGDEV:
		return put_user(dev_encode(tty->dev), (uint32_t __user *)user);
	default:
		ret = mode_ioctl(tty, cmd, user);
		if (ret == -ENOIOCTLCMD)
			ret = tty_job_ioctl(tty, file, cmd, arg);
		if (ret == -ENOIOCTLCMD)
			ret = line_ioctl(tty, cmd, arg);
		return ret != -ENOIOCTLCMD ? ret :
					     queue_ioctl(tty, file, cmd, arg);
	}
}
