/*
 * The line discipline's output: OPOST, and echo.
 *
 * A newline may need a carriage return, a tab may need spaces. The column of
 * the cursor is kept, since erasing a tab must know how wide it was. Program
 * output and echo go out under output_lock, so that neither splits the other's
 * two-byte sequences; an echo that finds no room waits in a ring of its own,
 * because whoever typed must not have to wait for the line.
 */
#include <drivers/tty/n_tty.h>

#include <arch/current.h>
#include <fs/file.h>
#include <fs/iov_iter.h>
#include <kernel/signal.h>
#include <lib/string.h>

/* The cursor's column after @c, in columns of eight for tabs. */
static unsigned int column_after(unsigned int column, char c)
{
	switch (c) {
	case '\n':	/* the caller knows whether this is also a return */
		return column;
	case '\r':
		return 0;
	case '\t':
		return (column | 7) + 1;
	case '\b':
		return column ? column - 1 : 0;
	default:
		return (unsigned char)c < ' ' || c == 0x7f ? column :
							     column + 1;
	}
}

/*
 * What @c becomes on its way out, at most 8 bytes, in @out. Updates
 * disc->column. Locking: output_lock.
 */
static unsigned int process(struct n_tty *disc, char c, char *out)
{
	struct tty *tty = disc->tty;
	unsigned int n = 0;

	out[0] = c;
	if (!O_FLAG(tty, OPOST))
		return 1;
	switch (c) {
	case '\n':
		if (O_FLAG(tty, ONLCR)) {
			disc->column = 0;
			out[0] = '\r';
			out[1] = '\n';
			return 2;
		}
		if (O_FLAG(tty, ONLRET))
			disc->column = 0;
		return 1;
	case '\r':
		if (O_FLAG(tty, ONOCR) && disc->column == 0)
			return 0;
		if (O_FLAG(tty, OCRNL)) {
			out[0] = '\n';
			if (O_FLAG(tty, ONLRET))
				disc->column = 0;
			return 1;
		}
		disc->column = 0;
		return 1;
	case '\t':
		if (O_FLAG(tty, TABDLY) == XTABS) {
			do
				out[n++] = ' ';
			while (++disc->column % 8);
			return n;
		}
		break;
	default:
		if (O_FLAG(tty, OLCUC) && c >= 'a' && c <= 'z')
			out[0] = c - 'a' + 'A';
	}
	disc->column = column_after(disc->column, c);
	return 1;
}

/* Output one byte if there is room for what it becomes. output_lock. */
static bool put_processed(struct n_tty *disc, char c)
{
	struct tty *tty = disc->tty;
	char out[8];
	unsigned int n;

	if (tty->ops->write_room(tty) < sizeof(out))
		return false;
	n = process(disc, c, out);
	if (n)
		tty->ops->write(tty, out, n);
	return true;
}

/* Send the echoes that had to wait, as far as there is room. */
void n_tty_flush_echo(struct n_tty *disc)
{
	char c;

	if (!ring_len(&disc->echo))
		return;
	MUTEX_GUARD(&disc->output_lock);
	while (ring_len(&disc->echo)) {
		c = disc->echo.buffer[disc->echo.tail % disc->echo.size];
		if (!put_processed(disc, c))
			return;
		(void)ring_get_byte(&disc->echo, &c);
	}
}

/*
 * Echo @c as it is, processed like output. Context: process. An echo for which
 * there is no room even in the ring is lost, as bytes on a full line are.
 */
void n_tty_echo_literal(struct n_tty *disc, char c)
{
	MUTEX_GUARD(&disc->output_lock);
	if (ring_len(&disc->echo) || !put_processed(disc, c))
		(void)ring_put_byte(&disc->echo, c);
}

/* Echo @c; with ECHOCTL a control character shows as ^X. */
void n_tty_echo(struct n_tty *disc, char c)
{
	if (L_FLAG(disc->tty, ECHOCTL) &&
	    ((unsigned char)c < ' ' || c == 0x7f) &&
	    c != '\t' && c != '\n') {
		n_tty_echo_literal(disc, '^');
		n_tty_echo_literal(disc, c ^ 0100);
	} else {
		n_tty_echo_literal(disc, c);
	}
}

/* How many columns @c took on the screen when typed at @column. */
unsigned int n_tty_width(struct n_tty *disc, char c, unsigned int column)
{
	if (c == '\t')
		return 8 - column % 8;
	if ((unsigned char)c < ' ' || c == 0x7f)
		return L_FLAG(disc->tty, ECHOCTL) ? 2 : 0;
	return (c & 0xc0) == 0x80 && I_FLAG(disc->tty, IUTF8) ? 0 : 1;
}

/* Bytes that mean nothing special, in one go. Returns how many went. */
static unsigned int write_plain(struct n_tty *disc, const char *buf,
				unsigned int len)
{
	struct tty *tty = disc->tty;
	unsigned int n = 0;

	if (O_FLAG(tty, OPOST)) {
		if (O_FLAG(tty, OLCUC))
			return 0;
		while (n < len && (unsigned char)buf[n] >= ' ' &&
		       buf[n] != 0x7f)
			n++;
	} else {
		n = len;
	}
	if (n)
		n = tty->ops->write(tty, buf, n);
	if (O_FLAG(tty, OPOST))
		disc->column += n;
	return n;
}

/* As much of @buf as there is room for. */
static unsigned int write_some(struct n_tty *disc, const char *buf,
			       unsigned int len)
{
	unsigned int done = 0, n;

	down_read(&disc->tty->termios_lock);
	mutex_lock(&disc->output_lock);
	while (done < len) {
		n = write_plain(disc, buf + done, len - done);
		done += n;
		if (done == len || (!n && !put_processed(disc, buf[done])))
			break;
		if (!n)
			done++;
	}
	mutex_unlock(&disc->output_lock);
	up_read(&disc->tty->termios_lock);
	return done;
}

/* Write all of @buf, sleeping for room. Return: bytes, or errno if none. */
static ssize_t write_all(struct tty *tty, struct file *file, const char *buf,
			 size_t len, bool nonblock)
{
	struct n_tty *disc = tty->disc;
	size_t done = 0;
	int err;

	for (;;) {
		done += write_some(disc, buf + done, len - done);
		if (done == len)
			return done;
		if (nonblock)
			return done ? (ssize_t)done : -EAGAIN;
		err = wait_event_interruptible(&tty->write_wait,
			tty->ops->write_room(tty) >= 8 ||
			tty_file_hung_up(file));
		if (!err && tty_file_hung_up(file))
			err = -EIO;
		if (err)
			return done ? (ssize_t)done : err;
	}
}

/*
 * Not all could be written: whoever is told by signals wants to know of room.
 * There may be some by now, from a reader that has not seen us miss it.
 */
static void miss_room(struct tty *tty)
{
	if (likely(!READ_ONCE(tty->async)))
		return;
	WRITE_ONCE(tty->misses_room, true);
	smp_mb();
	if (tty->ops->write_room(tty) >= 8)
		tty_tell_room(tty);
}

/* The write op of terminals. Context: process; may sleep. */
ssize_t n_tty_write(struct tty *tty, struct file *file, struct iov_iter *from,
		    bool nonblock)
{
	char chunk[512];
	ssize_t done = 0, n;

	if (L_FLAG(tty, TOSTOP)) {
		n = tty_check_change(tty, SIGTTOU);
		if (n)
			return n;
	}
	n_tty_flush_echo(tty->disc);
	while (iov_iter_count(from)) {
		size_t len = min(iov_iter_count(from), sizeof(chunk));

		if (copy_from_iter(chunk, len, from) != len)
			return done ? done : -EFAULT;
		n = write_all(tty, file, chunk, len, nonblock);
		if (n < (ssize_t)len)
			miss_room(tty);
		if (n < 0)
			return done ? done : n;
		done += n;
		if ((size_t)n < len)
			break;
	}
	return done;
}
