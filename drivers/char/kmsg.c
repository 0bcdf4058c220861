/*
 * /dev/kmsg: the kernel log, record by record.
 *
 * Each read(2) returns one record: "level,sequence,time_us,-;text\n". Each
 * reader has its own place, kept in the file. Who was too slow gets -EPIPE
 * once and goes on with the oldest record there is. Writing adds a record.
 *
 * Source: Linux, Documentation/ABI/testing/dev-kmsg.
 */
#include <drivers/char/mem.h>

#include <fs/file.h>
#include <fs/iov_iter.h>
#include <fs/poll.h>
#include <kernel/cred.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <lib/parse.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/slab.h>

#define PREFIX_MAX	64
#define LOG_USER	1	/* the facility of what programs write */

struct kmsg_reader {
	struct mutex	lock;
	uint64_t	seq;		/* [lock] the next record */
	char		text[LOG_LINE_MAX]; /* [lock] */
	char		line[PREFIX_MAX + LOG_LINE_MAX * 4]; /* [lock] */
};

static int kmsg_open(struct inode *inode __unused, struct file *file)
{
	struct kmsg_reader *reader;

	if (!(file->mode & FMODE_READ))
		return 0;
	reader = kvzalloc(sizeof(*reader), GFP_KERNEL);
	if (!reader)
		return -ENOMEM;
	mutex_init(&reader->lock, "kmsg", RANK_SEQ_FILE);
	reader->seq = log_first_seq();
	file->private = reader;
	return 0;
}

static int kmsg_release(struct inode *inode __unused, struct file *file)
{
	kvfree(file->private);
	return 0;
}

/* The record as a reader gets it; what is not printable as \xNN. */
static size_t format(struct kmsg_reader *r, const struct log_record *rec)
{
	size_t n = snprintf(r->line, PREFIX_MAX, "%d,%lu,%lu,-;",
			    rec->facility << 3 | rec->level,
			    (unsigned long)rec->seq,
			    (unsigned long)rec->time_ns / 1000);

	for (size_t i = 0; i < rec->len; i++) {
		unsigned char c = r->text[i];

		if (c < ' ' || c >= 127 || c == '\\')
			n += snprintf(r->line + n, 5, "\\x%02x", c);
		else
			r->line[n++] = c;
	}
	r->line[n++] = '\n';
	return n;
}

static ssize_t read_record(struct kmsg_reader *r, struct iov_iter *to)
{
	uint64_t wanted = r->seq;
	struct log_record rec;
	ssize_t len = log_read(&r->seq, &rec, r->text, sizeof(r->text));
	size_t n;

	if (len < 0)
		return len;
	if (rec.seq != wanted && wanted != 0) {
		r->seq = rec.seq;	/* it is still to be read */
		return -EPIPE;
	}
	n = format(r, &rec);
	if (n > iov_iter_count(to))
		return -EINVAL;
	if (copy_to_iter(r->line, n, to) != n)
		return -EFAULT;
	r->seq = rec.seq + 1;
	return n;
}

static ssize_t kmsg_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *file = iocb->file;
	struct kmsg_reader *reader = file->private;
	ssize_t n;

	if (!reader)
		return -EBADF;
	for (;;) {
		mutex_lock(&reader->lock);
		n = reader->seq < log_next_seq() ? read_record(reader, to) :
						   -EAGAIN;
		mutex_unlock(&reader->lock);
		if (n != -EAGAIN || (file->flags & O_NONBLOCK))
			return n;
		n = wait_event_interruptible(&log_wait, READ_ONCE(reader->seq) <
					     log_next_seq());
		if (n)
			return n;
	}
}

/* "<13>text": a level in front, or none. */
static ssize_t kmsg_write(struct kiocb *iocb __unused, struct iov_iter *from)
{
	size_t len = iov_iter_count(from);
	unsigned int level = LOGLEVEL_NOTICE, facility = LOG_USER;
	char *text, *start, *end;
	unsigned long prefix;
	size_t len_left;

	if (len > LOG_LINE_MAX)
		return -EINVAL;
	text = kzalloc(len + 1, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	if (copy_from_iter(text, len, from) != len) {
		kfree(text);
		return -EFAULT;
	}
	start = text;
	end = text[0] == '<' ? strchr(text, '>') : NULL;
	if (end) {
		*end = '\0';
		if (!kstrtoul(text + 1, 10, &prefix)) {
			level = prefix & 7;
			if (prefix >> 3)
				facility = prefix >> 3;
			start = end + 1;
		} else {
			*end = '>';
		}
	}
	len_left = strlen(start);
	if (len_left && start[len_left - 1] == '\n')
		len_left--;	/* echo(1) adds one; the record ends anyway */
	log_store(level, facility, start, len_left);
	kfree(text);
	return len;
}

static loff_t kmsg_llseek(struct file *file, loff_t offset, int whence)
{
	struct kmsg_reader *reader = file->private;

	if (!reader)
		return -EBADF;
	if (offset)
		return -ESPIPE;
	mutex_lock(&reader->lock);
	switch (whence) {
	case SEEK_SET:
		reader->seq = log_first_seq();
		break;
	case SEEK_DATA:		/* behind the last clear */
		reader->seq = log_clear_seq();
		break;
	case SEEK_END:
		reader->seq = log_next_seq();
		break;
	default:
		offset = -EINVAL;
	}
	mutex_unlock(&reader->lock);
	return offset;
}

static unsigned int kmsg_poll(struct file *file, struct poll_table *pt)
{
	struct kmsg_reader *reader = file->private;

	if (!reader)
		return POLLERR | POLLNVAL;
	poll_wait(file, &log_wait, pt);
	return READ_ONCE(reader->seq) < log_next_seq() ?
	       POLLIN | POLLRDNORM : 0;
}

const struct file_ops kmsg_ops = {
	.open = kmsg_open,
	.release = kmsg_release,
	.read_iter = kmsg_read,
	.write_iter = kmsg_write,
	.llseek = kmsg_llseek,
	.poll = kmsg_poll,
	.flags = FOPS_NO_SPLICE,
};
