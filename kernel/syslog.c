/*
 * syslog(2): the kernel log for dmesg(1) and klogd(8).
 *
 * One call with a dozen subcommands. Reading comes in two kinds: READ takes
 * messages off, each of which goes to one reader only and may be waited for;
 * READ_ALL looks at the last ones, as many as fit the buffer, and leaves them.
 * CLEAR hides from READ_ALL what is there now, from nobody else.
 *
 * The log itself needs no lock (kernel/log_ring.c); what each subcommand
 * remembers from call to call is protected by syslog_lock.
 *
 * Source: man 2 syslog.
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <kernel/syscall.h>
#include <kernel/wait.h>
#include <lib/string.h>
#include <mm/gfp.h>
#include <mm/slab.h>
#include <uapi/klog.h>

#include "log_internal.h"

#define CONSOLE_LOGLEVEL_MIN	1
#define CONSOLE_LOGLEVEL_MAX	8

static DEFINE_MUTEX(syslog_lock, RANK_SYSLOG);
/* READ: the record to be taken next, and how much of it has been taken. */
static uint64_t read_seq __guarded_by(syslog_lock);
static size_t read_offset __guarded_by(syslog_lock);
/* READ_ALL starts here. */
static uint64_t clear_seq __guarded_by(syslog_lock);
/* What CONSOLE_ON restores. */
static int saved_loglevel __guarded_by(syslog_lock) = -1;

/* One line of the log, and the record it comes from. */
struct log_line {
	struct log_record	record;
	size_t			len;
	char			text[LOG_LINE_MAX];
	char			line[CONSOLE_LINE_MAX];
};

static bool next_line(uint64_t *seq, struct log_line *line)
{
	if (log_read(seq, &line->record, line->text, sizeof(line->text)) < 0)
		return false;
	line->len = log_format_line(&line->record, line->text, line->line,
				    sizeof(line->line), true);
	return true;
}

/* The first record that CLEAR has not hidden, for /dev/kmsg's SEEK_DATA. */
uint64_t log_clear_seq(void)
{
	return READ_ONCE(clear_seq);
}

/* Hide from READ_ALL what is in the log now. Context: process. */
void log_clear(void)
{
	WRITE_ONCE(clear_seq, log_next_seq());
}

/* What is to be taken off next: text in a log_line, and what follows it. */
struct log_part {
	const char	*text;
	size_t		len;
	uint64_t	next_seq;
	size_t		next_offset;
};

/*
 * Find the next bytes to be taken, at most @size of them: a line, what is left
 * of one, or a part of it. Locking: syslog_lock. Return: false if none.
 */
static bool __must_hold(syslog_lock)
next_part(struct log_line *line, size_t size, struct log_part *part)
{
	uint64_t seq = read_seq;
	size_t offset;

	if (!next_line(&seq, line))
		return false;
	/* Only if that record is still the one we were in. */
	offset = line->record.seq == read_seq ? read_offset : 0;
	offset = min(offset, line->len);
	part->text = line->line + offset;
	part->len = min(line->len - offset, size);
	part->next_seq = line->record.seq;
	part->next_offset = offset + part->len;
	if (part->next_offset == line->len) {
		part->next_seq = seq;
		part->next_offset = 0;
	}
	return true;
}

static void __must_hold(syslog_lock) take_part(const struct log_part *part)
{
	WRITE_ONCE(read_seq, part->next_seq);
	read_offset = part->next_offset;
}

/* Take up to @size bytes of lines off. Locking: syslog_lock. */
static ssize_t __must_hold(syslog_lock)
take_lines(char __user *buf, size_t size, struct log_line *line)
{
	struct log_part part;
	size_t done = 0;

	while (done < size && next_part(line, size - done, &part)) {
		if (copy_to_user(buf + done, part.text, part.len))
			return done ? (ssize_t)done : -EFAULT;
		take_part(&part);
		done += part.len;
	}
	return done;
}

/* Is there anything that SYSLOG_ACTION_READ could take? Context: any. */
bool log_can_take(void)
{
	return READ_ONCE(read_seq) < log_next_seq();
}

/*
 * Take up to @size bytes of lines off into kernel memory, for /proc/kmsg.
 *
 * Context: process; may sleep, but not until there are messages.
 * Return:  the bytes, 0 if there are none; -ENOMEM.
 */
ssize_t log_take(char *buf, size_t size)
{
	struct log_line *line = kmalloc(sizeof(*line), GFP_KERNEL);
	struct log_part part;
	size_t done = 0;

	if (!line)
		return -ENOMEM;
	mutex_lock(&syslog_lock);
	while (done < size && next_part(line, size - done, &part)) {
		memcpy(buf + done, part.text, part.len);
		take_part(&part);
		done += part.len;
	}
	mutex_unlock(&syslog_lock);
	kfree(line);
	return done;
}

static ssize_t syslog_read(char __user *buf, size_t size,
			   struct log_line *line)
{
	ssize_t done;
	int err;

	do {
		err = wait_event_interruptible(&log_wait, log_can_take());
		if (err)
			return err;
		err = mutex_lock_interruptible(&syslog_lock);
		if (err)
			return err;
		done = take_lines(buf, size, line);
		mutex_unlock(&syslog_lock);
	} while (done == 0);	/* another reader was quicker */
	return done;
}

/* Where to start so that all lines from there to the end fit @size bytes. */
static uint64_t __must_hold(syslog_lock)
find_start(size_t size, struct log_line *line)
{
	uint64_t start = clear_seq, seq = start;
	size_t total = 0;

	while (next_line(&seq, line))
		total += line->len;
	seq = start;
	while (total > size && next_line(&seq, line)) {
		total -= min(total, line->len);
		start = seq;
	}
	return start;
}

static ssize_t syslog_read_all(char __user *buf, size_t size, bool clear,
			       struct log_line *line)
{
	uint64_t seq, end;
	size_t done = 0;

	MUTEX_GUARD(&syslog_lock);
	end = log_next_seq();
	seq = find_start(size, line);
	while (seq < end && next_line(&seq, line)) {
		if (line->len > size - done)
			break;
		if (copy_to_user(buf + done, line->line, line->len))
			return -EFAULT;
		done += line->len;
	}
	if (clear)
		WRITE_ONCE(clear_seq, end);
	return done;
}

static ssize_t syslog_size_unread(struct log_line *line)
{
	size_t size = 0;
	uint64_t seq;

	MUTEX_GUARD(&syslog_lock);
	seq = read_seq;
	while (next_line(&seq, line))
		size += line->len;
	return size - min(size, read_offset);
}

/* The subcommands that need room for a line. */
static ssize_t syslog_lines(int type, char __user *buf, size_t size)
{
	struct log_line *line = kmalloc(sizeof(*line), GFP_KERNEL);
	ssize_t ret;

	if (!line)
		return -ENOMEM;
	if (type == SYSLOG_ACTION_READ)
		ret = syslog_read(buf, size, line);
	else if (type == SYSLOG_ACTION_SIZE_UNREAD)
		ret = syslog_size_unread(line);
	else
		ret = syslog_read_all(buf, size,
				      type == SYSLOG_ACTION_READ_CLEAR, line);
	kfree(line);
	return ret;
}

static int syslog_console(int type, int level)
{
	MUTEX_GUARD(&syslog_lock);
	switch (type) {
	case SYSLOG_ACTION_CONSOLE_OFF:
		if (saved_loglevel < 0)
			saved_loglevel = console_loglevel;
		console_loglevel = CONSOLE_LOGLEVEL_MIN;
		return 0;
	case SYSLOG_ACTION_CONSOLE_ON:
		if (saved_loglevel >= 0)
			console_loglevel = saved_loglevel;
		saved_loglevel = -1;
		return 0;
	default:
		if (level < 1 || level > CONSOLE_LOGLEVEL_MAX)
			return -EINVAL;
		console_loglevel = level;
		saved_loglevel = -1;
		return 0;
	}
}

static bool may_use(int type)
{
	/* Looking is free, as with dmesg_restrict=0; taking is not. */
	return type == SYSLOG_ACTION_READ_ALL ||
	       type == SYSLOG_ACTION_SIZE_BUFFER ||
	       capable(CAP_SYSLOG) || capable(CAP_SYS_ADMIN);
}

/*
 * Read and steer the kernel log.
 *
 * Context: process; may sleep.
 * Return:  a number of bytes or 0; -EPERM, -EINVAL (unknown subcommand, no
 *          buffer, wrong level), -EFAULT, -ENOMEM, -ERESTARTSYS.
 */
SYSCALL_DEFINE3(syslog, int, type, char __user *, buf, int, len)
{
	if (!may_use(type))
		return -EPERM;
	switch (type) {
	case SYSLOG_ACTION_CLOSE:
	case SYSLOG_ACTION_OPEN:
		return 0;
	case SYSLOG_ACTION_READ:
	case SYSLOG_ACTION_READ_ALL:
	case SYSLOG_ACTION_READ_CLEAR:
		if (!buf || len < 0)
			return -EINVAL;
		if (len == 0)
			return 0;
		if (!access_ok(buf, len))
			return -EFAULT;
		return syslog_lines(type, buf, len);
	case SYSLOG_ACTION_CLEAR:
		log_clear();
		return 0;
	case SYSLOG_ACTION_CONSOLE_OFF:
	case SYSLOG_ACTION_CONSOLE_ON:
	case SYSLOG_ACTION_CONSOLE_LEVEL:
		return syslog_console(type, len);
	case SYSLOG_ACTION_SIZE_UNREAD:
		return syslog_lines(type, buf, 0);
	case SYSLOG_ACTION_SIZE_BUFFER:
		return log_buffer_size();
	default:
		return -EINVAL;
	}
}
