/*
 * The line discipline: what makes a terminal of a serial line.
 *
 * Input is kept in a ring. In canonical mode it becomes readable line by line:
 * `canon_head` is behind the last finished line, and a mark stands at each
 * character that ends one. In raw mode everything is readable at once.
 *
 *	read_tail	  canon_head		read_head
 *	    v		      v			    v
 *	    | lines to be read | line being typed   |
 *
 * Bytes come from the driver in interrupts and go into `raw`; a work item
 * takes them out and does the rest (echo, editing, signals) where it may wait
 * for locks.
 */
#pragma once

#include <drivers/tty/tty.h>
#include <kernel/workqueue.h>

struct iov_iter;

#define N_TTY_BUF_SIZE	4096	/* a line may be this long, as on Linux */

struct n_tty {
	struct tty		*tty;
	struct ring		raw;		/* driver -> work; bytes */
	struct ring		raw_flags;	/* what is wrong with each */
	struct work		receive_work;
	bool			throttled;	/* the driver waits for room */

	struct mutex		lock;		/* everything below */
	char			*buf;		/* N_TTY_BUF_SIZE */
	unsigned long		ends[N_TTY_BUF_SIZE / 64]; /* line ends */
	unsigned int		read_head, read_tail, canon_head;
	unsigned int		column;		/* of the cursor */
	unsigned int		canon_column;	/* where this line began */
	bool			lnext;		/* ^V: next one literally */

	struct ring		echo;		/* echoes that found no room */
	struct mutex		output_lock;	/* order of what is written */
	struct mutex		read_lock;	/* one reader at a time */
};

struct n_tty *n_tty_create(struct tty *tty);
void n_tty_free(struct n_tty *disc);
ssize_t n_tty_read(struct tty *tty, struct file *file, struct iov_iter *to,
		   bool nonblock);
unsigned int n_tty_readable(struct n_tty *disc);
bool n_tty_input_available(struct tty *tty, bool poll);
void n_tty_fake_input(struct tty *tty, char c);
void n_tty_flush_input(struct tty *tty);
void n_tty_set_termios(struct tty *tty, const struct termios2 *old);
void n_tty_reset(struct tty *tty);

/* n_tty_out.c */
ssize_t n_tty_write(struct tty *tty, struct file *file, struct iov_iter *from,
		    bool nonblock);
void n_tty_echo(struct n_tty *disc, char c);
void n_tty_echo_literal(struct n_tty *disc, char c);
void n_tty_flush_echo(struct n_tty *disc);
unsigned int n_tty_width(struct n_tty *disc, char c, unsigned int column);
