/*
 * Terminals.
 *
 * Three layers, each ignorant of the others' inside:
 *
 *	programs    read, write, poll, ioctl		tty_io.c, tty_ioctl.c
 *	discipline  lines, echo, erase, signals		n_tty.c, n_tty_out.c
 *	driver      bytes to and from a device	8250.c, by struct tty_ops
 *
 * Beside them tty_job.c knows to which session a terminal belongs and which of
 * its process groups is in the foreground.
 *
 * A struct tty lives as long as its driver's table or anyone else holds a
 * reference: open files, and the sessions it controls. A hang-up does not
 * close files but makes them useless: each remembers the terminal's hang-up
 * count of when it was opened, and one that differs reads as ended.
 *
 * Field protection:  [C] constant  [T] termios_lock  [J] ctrl_lock  [M] mutex
 * [N] the discipline's lock  [A] atomic
 */
#pragma once

#include <fs/dev.h>
#include <keel/list.h>
#include <keel/refcount.h>
#include <kernel/mutex.h>
#include <kernel/rwsem.h>
#include <kernel/spinlock.h>
#include <kernel/wait.h>
#include <lib/ring.h>
#include <uapi/ioctl.h>
#include <uapi/termios.h>

struct file;
struct inode;
struct n_tty;
struct pid;
struct tty;

/*
 * What a driver supplies.
 *
 *	op		caller holds		may sleep   if NULL
 *	open, close	tty->mutex		yes	success
 *	write		output lock		no	required
 *	write_room	any			no	required
 *	pending		any			no	0
 *	flush		any			no	nothing
 *	set_termios	termios_lock (write)	yes	nothing
 *	stop, start	any			no	write takes nothing
 *	unthrottle	the discipline's lock	no	nothing
 *	set_break	nothing			yes	-EINVAL
 *	get_modem	nothing			yes	-ENOTTY
 *	set_modem	nothing			yes	-ENOTTY
 *	hangup		tty->mutex		yes	nothing
 *	destroy		any			no	nothing
 *
 * open and close are for the first and the last file. flush is told which
 * queues are thrown away, TCIFLUSH and so on; the discipline has thrown its own
 * away before. destroy, when the last reference is gone, ends in tty_free(), at
 * once or later.
 *
 * write takes what it has room for and says how much that was; when there is
 * room again the driver calls tty_wake_writers(). pending: bytes taken but not
 * yet on the line.
 */
struct tty_ops {
	int (*open)(struct tty *tty);
	void (*close)(struct tty *tty);
	unsigned int (*write)(struct tty *tty, const char *buf,
			      unsigned int len);
	unsigned int (*write_room)(struct tty *tty);
	unsigned int (*pending)(struct tty *tty);
	void (*flush)(struct tty *tty, unsigned int queue);
	void (*set_termios)(struct tty *tty, const struct termios2 *old);
	void (*stop)(struct tty *tty);
	void (*start)(struct tty *tty);
	void (*unthrottle)(struct tty *tty);
	int (*set_break)(struct tty *tty, bool on);
	unsigned int (*get_modem)(struct tty *tty);	/* TIOCM_* */
	void (*set_modem)(struct tty *tty, unsigned int clear,
			  unsigned int set);
	void (*hangup)(struct tty *tty);
	void (*destroy)(struct tty *tty);
};

struct tty {
	struct refcount		refs;
	const struct tty_ops	*ops;		/* [C] */
	void			*private;	/* the driver's */
	dev_t			dev;		/* [C] */
	char			name[16];	/* [C] "ttyS0" */

	struct mutex		mutex;		/* open, close, hang-up */
	unsigned int		open_count;	/* [M] files not hung up */
	unsigned int		immune_count;	/* [M] those that cannot be */
	unsigned int		hangups;	/* [A] so far */

	struct rwsem		termios_lock;
	struct termios2		termios;	/* [T] */
	struct termios2		locked;	/* [T] bits that do not change */
	struct termios2		init_termios;	/* [C] of the driver */
	struct winsize		winsize;	/* [M] */
	bool			exclusive;	/* [M] TIOCEXCL */

	struct spinlock		ctrl_lock;
	struct pid		*session;	/* [J] counted */
	struct pid		*pgrp;		/* [J] counted; foreground */
	bool			stopped;	/* [J] by ^S or tcflow(3) */

	struct wait_queue	read_wait, write_wait;
	struct fasync		*async;		/* told by signals */
	bool			misses_room;	/* [A] ... also of room */
	struct n_tty		*disc;		/* [C] */
};

/* One open(2) of a terminal: file->private. */
struct tty_file {
	struct tty	*tty;		/* counted */
	unsigned int	hangups;	/* tty->hangups when it was opened */
	bool		immune;		/* /dev/console is never hung up */
	bool		master;		/* the other end of a pseudo-terminal */
};

/* tty_io.c */
struct tty *tty_create(const char *name, dev_t dev, const struct tty_ops *ops,
		       const struct termios2 *termios, void *private);
int tty_register(struct tty *tty);
void tty_put(struct tty *tty);
void tty_free(struct tty *tty);
void tty_hangup(struct tty *tty);
struct tty *tty_of_file(const struct file *file);
bool tty_file_hung_up(const struct file *file);
void tty_init(void);
/* What a fresh terminal is set to, but for c_cflag and the speeds. */
extern const struct termios2 tty_std_termios;

static inline struct tty *tty_get(struct tty *tty)
{
	if (tty)
		refcount_get(&tty->refs);
	return tty;
}

/* For drivers. Any context; @flags NULL: all TTY_NORMAL. */
enum { TTY_NORMAL, TTY_BREAK, TTY_FRAME, TTY_PARITY, TTY_OVERRUN };
void tty_receive(struct tty *tty, const char *buf, const uint8_t *flags,
		 unsigned int len);
unsigned int tty_receive_room(struct tty *tty);
void tty_wake_writers(struct tty *tty);
void tty_tell_room(struct tty *tty);
unsigned int tty_baud_rate(const struct termios2 *termios);

/* tty_ioctl.c */
long tty_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
int tty_wait_until_sent(struct tty *tty, int64_t timeout_ns);
void tty_set_flow_stopped(struct tty *tty, bool stopped);

/* pty.c */
struct tty *pty_of_slave_inode(struct inode *inode);
void pty_init(void);

/* tty_job.c */
int tty_check_change(struct tty *tty, int sig);
void tty_open_ctty(struct tty *tty);
long tty_job_ioctl(struct tty *tty, struct file *file, unsigned int cmd,
		   unsigned long arg);
struct tty *current_tty(void);
void tty_signal_pgrp(struct tty *tty, int sig);
void tty_detach_session(struct tty *tty);
void tty_job_init(void);

/* Termios flags as the discipline asks for them. */
#define I_FLAG(tty, f)	((tty)->termios.c_iflag & (f))
#define O_FLAG(tty, f)	((tty)->termios.c_oflag & (f))
#define C_FLAG(tty, f)	((tty)->termios.c_cflag & (f))
#define L_FLAG(tty, f)	((tty)->termios.c_lflag & (f))
