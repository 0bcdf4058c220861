/*
 * Text made on demand: see fs/seq_file.h for the idea.
 *
 * A read fills the buffer with as many whole records as fit, copies out, and
 * remembers where it stopped. One record larger than the buffer makes the
 * buffer grow; nothing but memory bounds it.
 */
#include <fs/seq_file.h>

#include <fs/dentry.h>
#include <fs/iov_iter.h>
#include <keel/cpumask.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <uapi/limits.h>

/*
 * Make @file a seq_file over @ops, for an open op.
 * Context: process; may sleep. Return: 0 or -ENOMEM.
 */
int seq_open(struct file *file, const struct seq_ops *ops, void *private)
{
	struct seq_file *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	mutex_init(&m->mutex, "seq_file", RANK_SEQ_FILE);
	m->ops = ops;
	m->file = file;
	m->private = private;
	file->private = m;
	return 0;
}

/* The one record of a single_open() file has the number 0. */
struct single {
	struct seq_ops	ops;
};

static void *single_start(struct seq_file *m __unused, loff_t *pos)
{
	return *pos == 0 ? (void *)1 : NULL;
}

static void *single_next(struct seq_file *m __unused, void *v __unused,
			 loff_t *pos)
{
	++*pos;
	return NULL;
}

static void single_stop(struct seq_file *m __unused, void *v __unused)
{
}

/* The same for a text that @show makes as a whole. */
int single_open(struct file *file, int (*show)(struct seq_file *m, void *v),
		void *private)
{
	struct single *single = kmalloc(sizeof(*single), GFP_KERNEL);
	int err;

	if (!single)
		return -ENOMEM;
	single->ops = (struct seq_ops){ single_start, single_next, show,
					single_stop };
	err = seq_open(file, &single->ops, private);
	if (err)
		kfree(single);
	return err;
}

int seq_release(struct inode *inode __unused, struct file *file)
{
	struct seq_file *m = file->private;

	if (m->ops->start == single_start)
		kfree(container_of(m->ops, struct single, ops));
	kvfree(m->buf);
	kfree(m);
	return 0;
}

/* Twice the buffer, or the first one. */
static int grow(struct seq_file *m)
{
	size_t size = m->size ? m->size * 2 : PAGE_SIZE;
	char *buf = kvmalloc(size, GFP_KERNEL);

	if (!buf)
		return -ENOMEM;
	kvfree(m->buf);
	m->buf = buf;
	m->size = size;
	m->count = 0;
	m->from = 0;
	return 0;
}

/*
 * Show the record at m->index, growing until it fits. *record is
 * NULL if there is none; *started: stop() is owed.
 */
static int show_first(struct seq_file *m, void **record, bool *started)
{
	int err;

	if (!m->buf) {
		err = grow(m);
		if (err)
			return err;
	}
	for (;;) {
		m->count = 0;
		m->from = 0;
		*record = m->ops->start(m, &m->index);
		*started = true;
		if (IS_ERR_OR_NULL(*record))
			return PTR_ERR_OR_ZERO(*record);
		err = m->ops->show(m, *record);
		if (err)
			return err;
		if (!seq_has_overflowed(m))
			return 0;
		m->ops->stop(m, *record);
		*started = false;
		*record = NULL;
		err = grow(m);
		if (err)
			return err;
	}
}

/* Append records while they fit and the reader wants more. */
static int show_more(struct seq_file *m, void **record, size_t wanted)
{
	size_t before;
	int err;

	for (;;) {
		*record = m->ops->next(m, *record, &m->index);
		if (IS_ERR_OR_NULL(*record))
			return PTR_ERR_OR_ZERO(*record);
		if (m->count >= wanted)
			return 0;
		before = m->count;
		err = m->ops->show(m, *record);
		if (err || seq_has_overflowed(m)) {
			m->count = before;	/* next time, first */
			return err;
		}
	}
}

/* Refill the empty buffer. Return: 0, also at the end, or errno. */
static int fill(struct seq_file *m, size_t wanted)
{
	void *record = NULL;
	bool started = false;
	int err = show_first(m, &record, &started);

	if (!err && record)
		err = show_more(m, &record, wanted);
	if (started)
		m->ops->stop(m, IS_ERR(record) ? NULL : record);
	if (err && m->count == 0)
		return err;
	return 0;
}

static size_t copy_out(struct seq_file *m, struct iov_iter *to)
{
	size_t n = copy_to_iter(m->buf + m->from, m->count - m->from, to);

	m->from += n;
	m->read_pos += n;
	return n;
}

/* Make the text up to byte @pos again, for a reader that jumped. */
static int traverse(struct seq_file *m, loff_t pos)
{
	int err;

	m->index = 0;
	m->count = m->from = 0;
	m->read_pos = 0;
	while (m->read_pos < pos) {
		size_t part;

		if (m->from == m->count) {
			err = fill(m, 1);
			if (err || m->count == 0)
				return err;
		}
		part = min_t(uint64_t, m->count - m->from, pos - m->read_pos);
		m->from += part;
		m->read_pos += part;
	}
	return 0;
}

/* The read_iter op. Context: process; may sleep. */
ssize_t seq_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct seq_file *m = iocb->file->private;
	ssize_t copied = 0;
	int err = 0;

	MUTEX_GUARD(&m->mutex);
	if (iocb->pos != m->read_pos || iocb->pos == 0)
		err = traverse(m, iocb->pos);
	while (!err && iov_iter_count(to)) {
		size_t n;

		if (m->from == m->count) {
			err = fill(m, iov_iter_count(to));
			if (err || m->count == 0)
				break;
		}
		n = copy_out(m, to);
		copied += n;
		if (n == 0) {
			err = -EFAULT;
			break;
		}
	}
	iocb->pos += copied;
	return copied ? copied : err;
}

loff_t seq_lseek(struct file *file, loff_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += file->pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0)
		return -EINVAL;
	file->pos = offset;
	return offset;
}

/* ---- printing: what does not fit sets the overflow mark ---------------- */

void seq_write(struct seq_file *m, const void *data, size_t len)
{
	if (m->count + len < m->size) {
		memcpy(m->buf + m->count, data, len);
		m->count += len;
	} else {
		m->count = m->size;
	}
}

void seq_puts(struct seq_file *m, const char *s)
{
	seq_write(m, s, strlen(s));
}

void seq_putc(struct seq_file *m, char c)
{
	seq_write(m, &c, 1);
}

void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	va_list args;
	int n;

	if (seq_has_overflowed(m))
		return;
	va_start(args, fmt);
	n = vsnprintf(m->buf + m->count, m->size - m->count, fmt, args);
	va_end(args);
	m->count = min(m->count + n, m->size);
}

void seq_escape(struct seq_file *m, const char *s, const char *esc)
{
	for (; *s; s++) {
		unsigned char c = *s;

		if (c < ' ' || strchr(esc, c))
			seq_printf(m, "\\%03o", c);
		else
			seq_putc(m, c);
	}
}

int seq_path(struct seq_file *m, const struct path *path, const char *esc)
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL);
	char *text;

	if (!buf)
		return -ENOMEM;
	text = d_path(path, buf, PATH_MAX);
	if (!IS_ERR(text))
		seq_escape(m, text, esc);
	kfree(buf);
	return PTR_ERR_OR_ZERO(text);
}

void seq_pad(struct seq_file *m, unsigned int width)
{
	size_t start = m->count;

	if (seq_has_overflowed(m))
		return;
	while (start > 0 && m->buf[start - 1] != '\n')
		start--;
	while (m->count - start < width && !seq_has_overflowed(m))
		seq_putc(m, ' ');
}

/* Groups of 32 bits, the highest first, with commas between them. */
void seq_cpumask(struct seq_file *m, const struct cpumask *mask)
{
	unsigned int group = DIV_ROUND_UP(nr_cpu_ids, 32);
	unsigned int nr_bits = (nr_cpu_ids - 1) % 32 + 1; /* of the highest */

	while (group-- > 0) {
		uint32_t bits = READ_ONCE(mask->bits[group / 2]) >>
				(group % 2 * 32);

		bits &= ~0U >> (32 - nr_bits);
		seq_printf(m, "%0*x%s", (int)DIV_ROUND_UP(nr_bits, 4), bits,
			   group ? "," : "");
		nr_bits = 32;
	}
}

void seq_cpulist(struct seq_file *m, const struct cpumask *mask)
{
	unsigned int first = cpumask_first(mask), last;
	const char *separator = "";

	while (first < nr_cpu_ids) {
		for (last = first; last + 1 < nr_cpu_ids &&
				   cpumask_test_cpu(last + 1, mask); last++)
			;
		seq_printf(m, "%s%u", separator, first);
		if (last > first)
			seq_printf(m, "-%u", last);
		separator = ",";
		first = cpumask_next_from(last + 1, mask);
	}
}
