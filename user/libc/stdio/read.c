/*
 * Reading from a FILE.
 *
 * Everything goes through refill(), the only place that asks the kernel, and
 * the buffer it fills; only fread of large blocks passes the buffer by. The
 * end of file is sticky: once seen, it is reported until clearerr or a seek,
 * so that a loop over a terminal ends with the first ^D.
 */
#include <stdio.h>

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* Note what read(2) said. Return: the count, 0 at the end or on an error. */
static size_t account(FILE *file, ssize_t n)
{
	if (n > 0)
		return (size_t)n;
	if (n == 0)
		file->at_eof = true;
	else
		file->failed = true;
	return 0;
}

/*
 * Have at least one unread byte in the buffer.
 *
 * Before we wait for a human, what we have to say must be on the screen: so
 * a line-buffered stdout is written out first.
 *
 * Return: 0, or EOF (end of file or error, which the state tells apart).
 */
static int refill(FILE *file)
{
	if (__stdio_to_read(file) < 0)
		return EOF;
	if (file->pos < file->end)
		return 0;
	if (file->at_eof)
		return EOF;
	if (stdout->state == STDIO_WRITING && stdout->mode == _IOLBF)
		__stdio_flush_pending(stdout);
	file->pos = file->buf;
	file->end = file->buf + account(file, read(file->fd, file->buf,
				(size_t)(file->limit - file->buf)));
	return file->pos < file->end ? 0 : EOF;
}

/* Read one byte. Return: it, or EOF. */
int fgetc(FILE *file)
{
	if (file->state != STDIO_READING || file->pos == file->end)
		if (refill(file) < 0)
			return EOF;
	return *file->pos++;
}

int getc(FILE *file)
{
	return fgetc(file);
}

int getchar(void)
{
	return fgetc(stdin);
}

/*
 * Push a byte back, to be read next. At least UNGET_ROOM bytes fit.
 *
 * Return: @c, or EOF (no room, or @c is EOF).
 */
int ungetc(int c, FILE *file)
{
	if (c == EOF || __stdio_to_read(file) < 0 || file->pos == file->base)
		return EOF;
	*--file->pos = (unsigned char)c;
	file->at_eof = false;
	return (unsigned char)c;
}

/*
 * Read @count items of @size bytes. What the buffer holds is taken first;
 * then whole buffers' worth go straight to their destination.
 *
 * Return: the number of complete items; fewer at the end or on an error.
 */
size_t fread(void *restrict dst, size_t size, size_t count,
	     FILE *restrict file)
{
	unsigned char *to = dst;
	size_t total, left;

	if (__builtin_mul_overflow(size, count, &total)) {
		file->failed = true;
		errno = EOVERFLOW;
		return 0;
	}
	if (total == 0 || __stdio_to_read(file) < 0)
		return 0;
	for (left = total; left > 0;) {
		size_t n = (size_t)(file->end - file->pos);

		if (n > 0) {
			n = n < left ? n : left;
			memcpy(to, file->pos, n);
			file->pos += n;
		} else if (!file->at_eof &&
			   left >= (size_t)(file->limit - file->buf)) {
			n = account(file, read(file->fd, to, left));
			if (n == 0)
				break;
		} else if (refill(file) < 0) {
			break;
		}
		to += n;
		left -= n;
	}
	return (total - left) / size;
}

/*
 * Take bytes from the buffer up to and including @delim, at most @max.
 *
 * Return: how many; *@found says whether the last one is @delim.
 */
static size_t take_until(FILE *file, char *dst, size_t max, int delim,
			 bool *found)
{
	size_t n = (size_t)(file->end - file->pos);
	unsigned char *hit;

	if (n > max)
		n = max;
	hit = memchr(file->pos, delim, n);
	*found = hit != NULL;
	if (hit)
		n = (size_t)(hit + 1 - file->pos);
	memcpy(dst, file->pos, n);
	file->pos += n;
	return n;
}

/*
 * Read a line, newline included, or the part of it that fits in @size - 1
 * bytes, and terminate it.
 *
 * Return: @dst, or NULL if there was nothing more to read, or on an error.
 */
char *fgets(char *restrict dst, int size, FILE *restrict file)
{
	bool found = false;
	size_t len = 0;

	if (size <= 0)
		return NULL;
	while (!found && len < (size_t)size - 1 && refill(file) == 0)
		len += take_until(file, dst + len, (size_t)size - 1 - len,
				  '\n', &found);
	if (file->failed || (len == 0 && size > 1))
		return NULL;
	dst[len] = '\0';
	return dst;
}

/* Make *@line at least @need bytes. Return: 0 or EOF (ENOMEM). */
static int grow_line(char **line, size_t *cap, size_t need)
{
	size_t new_cap = *cap < 128 ? 128 : *cap;
	char *new_line;

	if (*line && need <= *cap)
		return 0;
	while (new_cap < need)
		new_cap += new_cap / 2;
	new_line = realloc(*line, new_cap);
	if (!new_line)
		return EOF;
	*line = new_line;
	*cap = new_cap;
	return 0;
}

/*
 * Read up to and including @delim, however long that is. *@line is memory
 * from malloc, of *@cap bytes, or NULL; it grows as needed and is the
 * caller's to free.
 *
 * Return: the length without the terminator, or -1 (end, error, ENOMEM).
 */
ssize_t getdelim(char **restrict line, size_t *restrict cap, int delim,
		 FILE *restrict file)
{
	bool found = false;
	size_t len = 0;

	while (!found && refill(file) == 0) {
		size_t ready = (size_t)(file->end - file->pos);

		if (grow_line(line, cap, len + ready + 1) < 0) {
			file->failed = true;
			return -1;
		}
		len += take_until(file, *line + len, ready, delim, &found);
	}
	if (len == 0 || (!found && file->failed))
		return -1;
	(*line)[len] = '\0';
	return (ssize_t)len;
}

ssize_t getline(char **restrict line, size_t *restrict cap,
		FILE *restrict file)
{
	return getdelim(line, cap, '\n', file);
}
