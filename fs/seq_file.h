/*
 * Files whose text is made when they are read: /proc.
 *
 * The maker is an iterator over records. start() positions it at record number
 * *pos, next() advances, show() prints one record, stop() ends what start()
 * began; read(2) may stop after any record and go on later with start(). For a
 * text that is one record there is single_open().
 *
 * A record that does not fit has the buffer doubled and is shown again, so
 * show() must be able to run twice.
 *
 *	op	caller holds			may sleep
 *	start	seq_file's mutex		yes
 *	next	what start took			as start's locks allow
 *	show	the same			the same
 *	stop	the same			yes
 */
#pragma once

#include <fs/file.h>
#include <kernel/mutex.h>

struct cpumask;
struct seq_file;

struct seq_ops {
	void *(*start)(struct seq_file *m, loff_t *pos);
	void *(*next)(struct seq_file *m, void *record, loff_t *pos);
	int (*show)(struct seq_file *m, void *record);
	void (*stop)(struct seq_file *m, void *record);
};

struct seq_file {
	char			*buf;	/* [mutex] size bytes, or NULL */
	size_t			size;
	size_t			from;		/* first byte not yet read */
	size_t			count;	/* bytes made; > size: overflow */
	loff_t			index;		/* the next record */
	loff_t			read_pos;	/* file position of buf[from] */
	struct mutex		mutex;
	const struct seq_ops	*ops;
	struct file		*file;
	void			*private;	/* the maker's */
};

int seq_open(struct file *file, const struct seq_ops *ops, void *private);
int single_open(struct file *file, int (*show)(struct seq_file *m, void *v),
		void *private);
ssize_t seq_read_iter(struct kiocb *iocb, struct iov_iter *to);
loff_t seq_lseek(struct file *file, loff_t offset, int whence);
int seq_release(struct inode *inode, struct file *file);

void seq_printf(struct seq_file *m, const char *fmt, ...) __printf(2, 3);
void seq_puts(struct seq_file *m, const char *s);
void seq_putc(struct seq_file *m, char c);
void seq_write(struct seq_file *m, const void *data, size_t len);
/* @s with the characters of @esc, and all that is not printable, as \ooo. */
void seq_escape(struct seq_file *m, const char *s, const char *esc);
/* A path, escaped as in /proc/mounts. */
int seq_path(struct seq_file *m, const struct path *path, const char *esc);
/* A set of CPUs in hexadecimal ("3"), and as a list ("0-1"). */
void seq_cpumask(struct seq_file *m, const struct cpumask *mask);
void seq_cpulist(struct seq_file *m, const struct cpumask *mask);
/* Pad with spaces to column @width, counted from the last newline. */
void seq_pad(struct seq_file *m, unsigned int width);

static inline bool seq_has_overflowed(const struct seq_file *m)
{
	return m->count >= m->size;
}
