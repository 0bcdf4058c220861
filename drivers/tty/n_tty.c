/*
 * The line discipline's input: see n_tty.h for the ring.
 *
 * Every byte passes through receive_byte(), which asks in the order POSIX
 * lays down: is it to be changed (ICRNL), does it stop or start output (IXON),
 * is it a signal (ISIG), does it edit the line (ICANON)? What is left goes
 * into the ring.
 *
 * Source: POSIX, Base Definitions, chapter 11; man 3 termios.
 */
#include <drivers/tty/n_tty.h>

#include <arch/current.h>
#include <fs/fasync.h>
#include <fs/file.h>
#include <fs/iov_iter.h>
#include <fs/poll.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/time.h>
#include <lib/string.h>
#include <mm/slab.h>

#define RAW_SIZE	4096
#define ECHO_SIZE	4096
#define MASK		(N_TTY_BUF_SIZE - 1)

static bool is_cc(struct tty *tty, char c, int index)
{
	/* 0 disables a control character. */
	return tty->termios.c_cc[index] &&
	       (unsigned char)c == tty->termios.c_cc[index];
}

static char *at(struct n_tty *disc, unsigned int pos)
{
	return &disc->buf[pos & MASK];
}

static void set_end(struct n_tty *disc, unsigned int pos, bool end)
{
	unsigned long *word = &disc->ends[(pos & MASK) / 64];
	unsigned long bit = BIT(pos & 63);

	*word = end ? *word | bit : *word & ~bit;
}

static bool is_end(const struct n_tty *disc, unsigned int pos)
{
	return disc->ends[(pos & MASK) / 64] & BIT(pos & 63);
}

static unsigned int space(const struct n_tty *disc)
{
	return N_TTY_BUF_SIZE - (disc->read_head - disc->read_tail);
}

/* Is there room for @n characters? If not, what was typed is lost: say so. */
static bool has_room(struct n_tty *disc, unsigned int n)
{
	if (space(disc) >= n)
		return true;
	if (I_FLAG(disc->tty, IMAXBEL))
		n_tty_echo_literal(disc, '\a');
	return false;
}

static bool store(struct n_tty *disc, char c)
{
	/* One place is kept for the character that ends the line. */
	if (!has_room(disc, 2))
		return false;
	*at(disc, disc->read_head) = c;
	set_end(disc, disc->read_head, false);
	disc->read_head++;
	return true;
}

/* ---- echo ------------------------------------------------------------- */

static void echo(struct n_tty *disc, char c)
{
	struct tty *tty = disc->tty;

	if (!L_FLAG(tty, ECHO) && !(c == '\n' && L_FLAG(tty, ECHONL) &&
				    L_FLAG(tty, ICANON)))
		return;
	n_tty_echo(disc, c);
}

/* Where the cursor is when the line up to @pos has been echoed. */
static unsigned int column_at(struct n_tty *disc, unsigned int pos)
{
	unsigned int column = disc->canon_column;

	for (unsigned int i = disc->canon_head; i != pos; i++)
		column += n_tty_width(disc, *at(disc, i), column);
	return column;
}

static void erase_one_echo(struct n_tty *disc, char c)
{
	unsigned int n = n_tty_width(disc, c,
				     column_at(disc, disc->read_head));

	while (n-- > 0) {
		n_tty_echo_literal(disc, '\b');
		n_tty_echo_literal(disc, ' ');
		n_tty_echo_literal(disc, '\b');
	}
}

/* ---- editing the line ---------------------------------------------------- */

static bool line_is_empty(const struct n_tty *disc)
{
	return disc->read_head == disc->canon_head;
}

/* Take the last character back; with IUTF8 all its bytes. */
static void erase_char(struct n_tty *disc)
{
	struct tty *tty = disc->tty;
	char c;

	do {
		if (line_is_empty(disc))
			return;
		c = *at(disc, --disc->read_head);
	} while (I_FLAG(tty, IUTF8) && (c & 0xc0) == 0x80);
	if (!L_FLAG(tty, ECHO))
		return;
	if (L_FLAG(tty, ECHOE))
		erase_one_echo(disc, c);
	else
		n_tty_echo(disc, tty->termios.c_cc[VERASE]);
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || (c & 0x80);
}

static void erase_word(struct n_tty *disc)
{
	while (!line_is_empty(disc) &&
	       !is_word_char(*at(disc, disc->read_head - 1)))
		erase_char(disc);
	while (!line_is_empty(disc) &&
	       is_word_char(*at(disc, disc->read_head - 1)))
		erase_char(disc);
}

static void kill_line(struct n_tty *disc)
{
	struct tty *tty = disc->tty;

	if (L_FLAG(tty, ECHO) && L_FLAG(tty, ECHOK) && L_FLAG(tty, ECHOKE) &&
	    L_FLAG(tty, ECHOE)) {
		while (!line_is_empty(disc))
			erase_char(disc);
		return;
	}
	disc->read_head = disc->canon_head;
	if (!L_FLAG(tty, ECHO))
		return;
	n_tty_echo(disc, tty->termios.c_cc[VKILL]);
	if (L_FLAG(tty, ECHOK))
		n_tty_echo_literal(disc, '\n');
}

static void reprint_line(struct n_tty *disc)
{
	n_tty_echo(disc, disc->tty->termios.c_cc[VREPRINT]);
	n_tty_echo_literal(disc, '\n');
	for (unsigned int i = disc->canon_head; i != disc->read_head; i++)
		n_tty_echo(disc, *at(disc, i));
}

#define EOF_MARK	'\0'	/* with an end mark: VEOF was typed here */

/*
 * The line is complete with @c, which readers get unless it is EOF_MARK. With
 * no place left, even store()'s, all of the buffer is finished lines, and @c
 * is lost as any other character would be.
 */
static void end_line(struct n_tty *disc, char c)
{
	if (!has_room(disc, 1))
		return;
	if (c != EOF_MARK)
		echo(disc, c);
	*at(disc, disc->read_head) = c;
	set_end(disc, disc->read_head, true);
	disc->read_head++;
	disc->canon_head = disc->read_head;
	disc->canon_column = disc->column;
	wake_up_all_poll(&disc->tty->read_wait, POLLIN | POLLRDNORM);
	fasync_notify(&disc->tty->async, POLL_IN);
}

/* True if @c edited or finished the line. */
static bool edit(struct n_tty *disc, char c)
{
	struct tty *tty = disc->tty;

	if (is_cc(tty, c, VERASE)) {
		erase_char(disc);
		return true;
	}
	if (is_cc(tty, c, VKILL)) {
		kill_line(disc);
		return true;
	}
	if (L_FLAG(tty, IEXTEN)) {
		if (is_cc(tty, c, VWERASE)) {
			erase_word(disc);
			return true;
		}
		if (is_cc(tty, c, VLNEXT)) {
			disc->lnext = true;
			if (L_FLAG(tty, ECHO) && L_FLAG(tty, ECHOCTL)) {
				n_tty_echo_literal(disc, '^');
				n_tty_echo_literal(disc, '\b');
			}
			return true;
		}
		if (is_cc(tty, c, VREPRINT) && L_FLAG(tty, ECHO)) {
			reprint_line(disc);
			return true;
		}
	}
	if (c == '\n') {
		end_line(disc, c);
		return true;
	}
	if (is_cc(tty, c, VEOF)) {
		end_line(disc, EOF_MARK);
		return true;
	}
	if (is_cc(tty, c, VEOL) ||
	    (is_cc(tty, c, VEOL2) && L_FLAG(tty, IEXTEN))) {
		end_line(disc, c);
		return true;
	}
	return false;
}

/* ---- signals and flow ---------------------------------------------------- */

static void flush_input_locked(struct n_tty *disc)
{
	disc->read_head = disc->read_tail = disc->canon_head = 0;
	disc->lnext = false;
	disc->canon_column = disc->column;
}

static int signal_of(struct tty *tty, char c)
{
	if (is_cc(tty, c, VINTR))
		return SIGINT;
	if (is_cc(tty, c, VQUIT))
		return SIGQUIT;
	return is_cc(tty, c, VSUSP) ? SIGTSTP : 0;
}

/* True if @c was a signal for the foreground process group. */
static bool raise_signal(struct n_tty *disc, char c)
{
	struct tty *tty = disc->tty;
	int sig = L_FLAG(tty, ISIG) ? signal_of(tty, c) : 0;

	if (!sig)
		return false;
	if (!L_FLAG(tty, NOFLSH)) {
		flush_input_locked(disc);
		if (tty->ops->flush)
			tty->ops->flush(tty, TCIOFLUSH);
	}
	if (READ_ONCE(tty->stopped))
		tty_set_flow_stopped(tty, false);
	/* ^C first, then what the program says about it. */
	echo(disc, c);
	tty_signal_pgrp(tty, sig);
	return true;
}

/* True if @c stopped or started output. */
static bool control_flow(struct n_tty *disc, char c)
{
	struct tty *tty = disc->tty;

	if (!I_FLAG(tty, IXON))
		return false;
	if (is_cc(tty, c, VSTART)) {
		tty_set_flow_stopped(tty, false);
		return true;
	}
	if (is_cc(tty, c, VSTOP)) {
		tty_set_flow_stopped(tty, true);
		return true;
	}
	if (READ_ONCE(tty->stopped) && I_FLAG(tty, IXANY))
		tty_set_flow_stopped(tty, false);
	return false;
}

/* ---- receiving -------------------------------------------------------- */

static void receive_byte(struct n_tty *disc, char c)
{
	struct tty *tty = disc->tty;

	if (I_FLAG(tty, ISTRIP))
		c &= 0x7f;
	if (I_FLAG(tty, IUCLC) && L_FLAG(tty, IEXTEN) && c >= 'A' && c <= 'Z')
		c += 'a' - 'A';
	if (disc->lnext) {
		disc->lnext = false;
		if (store(disc, c))
			echo(disc, c);
		return;
	}
	if (control_flow(disc, c) || raise_signal(disc, c))
		return;
	if (c == '\r') {
		if (I_FLAG(tty, IGNCR))
			return;
		if (I_FLAG(tty, ICRNL))
			c = '\n';
	} else if (c == '\n' && I_FLAG(tty, INLCR)) {
		c = '\r';
	}
	if (L_FLAG(tty, ICANON) && edit(disc, c))
		return;
	if (line_is_empty(disc))
		disc->canon_column = disc->column;
	if (store(disc, c))
		echo(disc, c);
	/* PARMRK doubles what else would look like a mark. */
	if (I_FLAG(tty, PARMRK) && (unsigned char)c == 0xff)
		store(disc, c);
}

static void store_marked(struct n_tty *disc, char c)
{
	store(disc, (char)0xff);
	store(disc, 0);
	store(disc, c);
}

static void receive_break(struct n_tty *disc)
{
	struct tty *tty = disc->tty;

	if (I_FLAG(tty, IGNBRK))
		return;
	if (I_FLAG(tty, BRKINT)) {
		flush_input_locked(disc);
		tty_signal_pgrp(tty, SIGINT);
	} else if (I_FLAG(tty, PARMRK)) {
		store_marked(disc, 0);
	} else {
		store(disc, 0);
	}
}

static void receive_bad(struct n_tty *disc, char c)
{
	if (I_FLAG(disc->tty, IGNPAR))
		return;
	if (I_FLAG(disc->tty, PARMRK))
		store_marked(disc, c);
	else
		store(disc, 0);
}

static void receive_one(struct n_tty *disc, char c, uint8_t flag)
{
	switch (flag) {
	case TTY_BREAK:
		receive_break(disc);
		break;
	case TTY_FRAME:
	case TTY_PARITY:
		if (I_FLAG(disc->tty, INPCK)) {
			receive_bad(disc, c);
			break;
		}
		fallthrough;
	default:
		receive_byte(disc, c);
	}
}

/*
 * Is there nowhere to put the next byte, though a read would make room? A line
 * too long for the buffer is no reason to wait: only its end makes it readable,
 * so what is too much of it is dropped.
 */
static bool must_wait_for_reader(const struct n_tty *disc)
{
	if (space(disc) >= 2)
		return false;
	return !L_FLAG(disc->tty, ICANON) ||
	       disc->canon_head != disc->read_tail;
}

/* There is room in the raw ring: let the driver go on, if it had to stop. */
static void unthrottle(struct n_tty *disc)
{
	/* Pairs with tty_receive_room(): our reads of the ring come first. */
	smp_mb();
	if (READ_ONCE(disc->throttled)) {
		WRITE_ONCE(disc->throttled, false);
		if (disc->tty->ops->unthrottle)
			disc->tty->ops->unthrottle(disc->tty);
	}
}

/* What everyone wants to know once input has been taken. disc->lock is free. */
static void input_has_come(struct tty *tty)
{
	if (!n_tty_input_available(tty, true))
		return;
	wake_up_all_poll(&tty->read_wait, POLLIN | POLLRDNORM);
	fasync_notify(&tty->async, POLL_IN);
}

/* Work item: what the driver has put into the raw ring, as far as it fits. */
static void receive_all(struct work *work)
{
	struct n_tty *disc = container_of(work, struct n_tty, receive_work);
	struct tty *tty = disc->tty;
	char c, flag = TTY_NORMAL;

	down_read(&tty->termios_lock);
	mutex_lock(&disc->lock);
	n_tty_flush_echo(disc);
	while (!must_wait_for_reader(disc) && ring_get_byte(&disc->raw, &c)) {
		(void)ring_get_byte(&disc->raw_flags, &flag);
		receive_one(disc, c, flag);
	}
	unthrottle(disc);
	mutex_unlock(&disc->lock);
	input_has_come(tty);
	up_read(&tty->termios_lock);
	tty_put(tty);
}

/*
 * Take a byte as if it had been typed: TIOCSTI. It does not queue behind what
 * the driver has received, and is lost if there is no room for it.
 * Context: process; may sleep.
 */
void n_tty_fake_input(struct tty *tty, char c)
{
	struct n_tty *disc = tty->disc;

	down_read(&tty->termios_lock);
	mutex_lock(&disc->lock);
	receive_one(disc, c, TTY_NORMAL);
	mutex_unlock(&disc->lock);
	input_has_come(tty);
	up_read(&tty->termios_lock);
}

/* Have receive_all() run. Context: any. */
static void schedule_receive(struct tty *tty)
{
	tty_get(tty);
	if (!schedule_work(&tty->disc->receive_work))
		tty_put(tty);
}

/*
 * How many bytes tty_receive() would take now. A driver that is told 0 stops
 * taking bytes from its device until its unthrottle op is called, which may be
 * before this returns to it, unless it holds a lock that the op needs as well.
 * Context: any, as tty_receive().
 */
unsigned int tty_receive_room(struct tty *tty)
{
	struct n_tty *disc = tty->disc;

	if (ring_space(&disc->raw_flags))
		return ring_space(&disc->raw_flags);
	WRITE_ONCE(disc->throttled, true);
	/* Pairs with unthrottle(): either it sees that, or we the room. */
	smp_mb();
	return ring_space(&disc->raw_flags);
}

/*
 * Take bytes from the device. Context: any, one caller at a time for a tty;
 * bytes for which there is no room are lost, as on the wire.
 */
void tty_receive(struct tty *tty, const char *buf, const uint8_t *flags,
		 unsigned int len)
{
	struct n_tty *disc = tty->disc;

	/* A byte's flag comes before it and goes after it. */
	len = min(len, ring_space(&disc->raw_flags));
	for (unsigned int i = 0; i < len; i++)
		(void)ring_put_byte(&disc->raw_flags,
				    flags ? flags[i] : TTY_NORMAL);
	/* In one go: receive_all(), if it runs, sees all of them or none. */
	(void)ring_put(&disc->raw, buf, len);
	schedule_receive(tty);
}

/* ---- reading ------------------------------------------------------------- */

/* How many bytes read(2) could return now: FIONREAD. Locking: disc->lock. */
unsigned int n_tty_readable(struct n_tty *disc)
{
	unsigned int end = L_FLAG(disc->tty, ICANON) ? disc->canon_head :
						       disc->read_head;
	unsigned int n = end - disc->read_tail;

	if (L_FLAG(disc->tty, ICANON))
		for (unsigned int i = disc->read_tail; i != end; i++)
			n -= is_end(disc, i) && *at(disc, i) == EOF_MARK;
	return n;
}

/* Would a read return at once? @poll: with VMIN's say. */
bool n_tty_input_available(struct tty *tty, bool poll)
{
	struct n_tty *disc = tty->disc;
	unsigned int want = poll && !tty->termios.c_cc[VTIME] &&
			    tty->termios.c_cc[VMIN] ?
			    tty->termios.c_cc[VMIN] : 1;

	if (L_FLAG(tty, ICANON))
		return READ_ONCE(disc->canon_head) !=
		       READ_ONCE(disc->read_tail);
	return READ_ONCE(disc->read_head) - READ_ONCE(disc->read_tail) >= want;
}

/* Up to @size bytes of one line. *done: its end was reached. disc->lock. */
static unsigned int take_line(struct n_tty *disc, char *out, unsigned int size,
			      bool *done)
{
	unsigned int n = 0;

	while (n < size && disc->read_tail != disc->canon_head) {
		bool end = is_end(disc, disc->read_tail);
		char c = *at(disc, disc->read_tail);

		WRITE_ONCE(disc->read_tail, disc->read_tail + 1);
		if (!end || c != EOF_MARK)
			out[n++] = c;
		if (end) {
			*done = true;
			return n;
		}
	}
	/* A VEOF right behind what just fitted ends this read, not the next. */
	if (n == size && disc->read_tail != disc->canon_head &&
	    is_end(disc, disc->read_tail) &&
	    *at(disc, disc->read_tail) == EOF_MARK) {
		WRITE_ONCE(disc->read_tail, disc->read_tail + 1);
		*done = true;
	}
	return n;
}

static unsigned int take_raw(struct n_tty *disc, char *out, unsigned int size)
{
	unsigned int n = min(size, disc->read_head - disc->read_tail);

	for (unsigned int i = 0; i < n; i++)
		out[i] = *at(disc, disc->read_tail + i);
	WRITE_ONCE(disc->read_tail, disc->read_tail + n);
	disc->canon_head = max(disc->canon_head, disc->read_tail);
	return n;
}

/*
 * Sleep for input. Return: 1: there may be some; 0: hung up, or the time is
 * over; -EAGAIN, -ERESTARTSYS, or -EIO from the background.
 */
static int __no_lock_check
wait_for_input(struct tty *tty, struct file *file, bool nonblock,
	       int64_t timeout_ns)
{
	int64_t left;
	int err;

	if (tty_file_hung_up(file))
		return 0;
	err = tty_check_change(tty, SIGTTIN);
	if (err)
		return err;
	if (n_tty_input_available(tty, false))
		return 1;
	if (nonblock)
		return -EAGAIN;
	up_read(&tty->termios_lock);
	left = wait_event_interruptible_timeout(&tty->read_wait,
			n_tty_input_available(tty, false) ||
			tty_file_hung_up(file), timeout_ns);
	down_read(&tty->termios_lock);
	if (left < 0)
		return left;
	return left > 0 && !tty_file_hung_up(file);
}

static ssize_t read_canonical(struct tty *tty, struct file *file,
			      struct iov_iter *to, bool nonblock)
{
	char chunk[256];
	ssize_t total = 0;
	bool done = false;
	int err;

	err = wait_for_input(tty, file, nonblock, WAIT_FOREVER);
	if (err <= 0)
		return err;
	while (!done && iov_iter_count(to)) {
		unsigned int n;

		mutex_lock(&tty->disc->lock);
		n = take_line(tty->disc, chunk,
			      min(iov_iter_count(to), sizeof(chunk)), &done);
		mutex_unlock(&tty->disc->lock);
		if (copy_to_iter(chunk, n, to) != n)
			return total ? total : -EFAULT;
		total += n;
		if (!n)
			break;
	}
	return total;
}

/*
 * Raw mode: VMIN bytes at least, VTIME tenths of a second between bytes (VMIN
 * > 0) or in all (VMIN 0). POSIX 11.1.7 lists the four cases.
 */
static ssize_t read_raw(struct tty *tty, struct file *file,
			struct iov_iter *to, bool nonblock)
{
	unsigned int vmin = tty->termios.c_cc[VMIN];
	int64_t vtime_ns = tty->termios.c_cc[VTIME] * (NSEC_PER_SEC / 10);
	char chunk[256];
	ssize_t total = 0;
	int err;

	while (iov_iter_count(to)) {
		int64_t timeout = vtime_ns && (!vmin || total) ? vtime_ns :
				  vmin ? WAIT_FOREVER : 0;
		unsigned int n;

		err = wait_for_input(tty, file, nonblock, timeout);
		if (err <= 0) {
			if (err == -EAGAIN && !vmin && !total)
				return nonblock ? -EAGAIN : 0;
			return total ? total : err;
		}
		mutex_lock(&tty->disc->lock);
		n = take_raw(tty->disc, chunk,
			     min(iov_iter_count(to), sizeof(chunk)));
		mutex_unlock(&tty->disc->lock);
		if (copy_to_iter(chunk, n, to) != n)
			return total ? total : -EFAULT;
		total += n;
		if (total >= (ssize_t)vmin &&
		    !n_tty_input_available(tty, false))
			break;
	}
	return total;
}

/* The read op of terminals. Context: process; may sleep. */
ssize_t n_tty_read(struct tty *tty, struct file *file, struct iov_iter *to,
		   bool nonblock)
{
	ssize_t n;

	if (nonblock) {
		if (!mutex_trylock(&tty->disc->read_lock))
			return -EAGAIN;
	} else if (mutex_lock_interruptible(&tty->disc->read_lock)) {
		return -ERESTARTSYS;
	}
	down_read(&tty->termios_lock);
	n = L_FLAG(tty, ICANON) ? read_canonical(tty, file, to, nonblock) :
				  read_raw(tty, file, to, nonblock);
	up_read(&tty->termios_lock);
	mutex_unlock(&tty->disc->read_lock);
	/* There may be room now for what had to wait. */
	if (n > 0 && ring_len(&tty->disc->raw))
		schedule_receive(tty);
	return n;
}

/* tcflush(3): forget what has been typed and not been read. */
void n_tty_flush_input(struct tty *tty)
{
	struct n_tty *disc = tty->disc;
	char c;

	mutex_lock(&disc->lock);
	/* What has arrived and not been looked at goes too. */
	while (ring_get_byte(&disc->raw, &c))
		(void)ring_get_byte(&disc->raw_flags, &c);
	flush_input_locked(disc);
	unthrottle(disc);
	mutex_unlock(&disc->lock);
	if (tty->ops->flush)
		tty->ops->flush(tty, TCIFLUSH);
}

/*
 * The modes have changed. What was typed in raw mode is a readable line from
 * canonical mode's point of view, as Linux has it, and the other way round all
 * is readable anyway. Locking: termios_lock held for writing.
 */
void n_tty_set_termios(struct tty *tty, const struct termios2 *old)
{
	struct n_tty *disc = tty->disc;

	if (((old->c_lflag ^ tty->termios.c_lflag) & ICANON)) {
		mutex_lock(&disc->lock);
		disc->lnext = false;
		if (L_FLAG(tty, ICANON) && disc->read_head != disc->read_tail) {
			set_end(disc, disc->read_head - 1, true);
			disc->canon_head = disc->read_head;
		} else {
			disc->canon_head = disc->read_tail;
		}
		disc->canon_column = disc->column;
		mutex_unlock(&disc->lock);
		wake_up_all_poll(&tty->read_wait, POLLIN | POLLRDNORM);
	}
	/* Other modes may have room where the old ones had none. */
	schedule_receive(tty);
	if (!I_FLAG(tty, IXON) && (old->c_iflag & IXON))
		tty_set_flow_stopped(tty, false);
}

/* After a hang-up: as if just created. */
void n_tty_reset(struct tty *tty)
{
	n_tty_flush_input(tty);
	tty_set_flow_stopped(tty, false);
}

/* Context: process; may sleep. NULL: no memory. */
struct n_tty *n_tty_create(struct tty *tty)
{
	struct n_tty *disc = kzalloc(sizeof(*disc), GFP_KERNEL);
	char *mem;

	if (!disc)
		return NULL;
	mem = kvzalloc(N_TTY_BUF_SIZE + 2 * RAW_SIZE + ECHO_SIZE, GFP_KERNEL);
	if (!mem) {
		kfree(disc);
		return NULL;
	}
	disc->tty = tty;
	disc->buf = mem;
	ring_init(&disc->raw, mem + N_TTY_BUF_SIZE, RAW_SIZE);
	ring_init(&disc->raw_flags, mem + N_TTY_BUF_SIZE + RAW_SIZE, RAW_SIZE);
	ring_init(&disc->echo, mem + N_TTY_BUF_SIZE + 2 * RAW_SIZE, ECHO_SIZE);
	mutex_init(&disc->lock, "n_tty", RANK_TTY_WRITE);
	mutex_init(&disc->output_lock, "tty_output", RANK_TTY_OUTPUT);
	mutex_init(&disc->read_lock, "tty_read", RANK_TTY_READ);
	work_init(&disc->receive_work, receive_all);
	return disc;
}

void n_tty_free(struct n_tty *disc)
{
	kvfree(disc->buf);
	kfree(disc);
}
