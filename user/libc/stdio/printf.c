/*
 * The printf family: four kinds of sink for one engine (format.c).
 *
 * Text for a FILE or a descriptor collects in a small buffer on the stack, so
 * that an unbuffered stderr still gets a message in one write, not a write
 * for each piece of it.
 */
#include <stdio.h>

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "format.h"

enum { CHUNK = 256 };

static void drain_to_file(struct sink *sink)
{
	if (fwrite(sink->buf, 1, sink->len, sink->target) != sink->len)
		sink->failed = 1;
	sink->len = 0;
}

static void drain_to_fd(struct sink *sink)
{
	const char *p = sink->buf;

	while (sink->len > 0 && !sink->failed) {
		ssize_t n = write(*(int *)sink->target, p, sink->len);

		if (n < 0) {
			sink->failed = 1;
			break;
		}
		p += n;
		sink->len -= (size_t)n;
	}
	sink->len = 0;
}

/* Format into a sink that drains, and drain the rest. */
static int format_and_drain(struct sink *sink, const char *fmt, va_list args)
{
	int total = __format(sink, fmt, args);

	if (sink->len > 0)
		sink->drain(sink);
	return sink->failed ? -1 : total;
}

int vfprintf(FILE *restrict file, const char *restrict fmt, va_list args)
{
	char chunk[CHUNK];
	struct sink sink = {
		.buf = chunk,
		.cap = sizeof(chunk),
		.drain = drain_to_file,
		.target = file,
	};

	return format_and_drain(&sink, fmt, args);
}

int vdprintf(int fd, const char *restrict fmt, va_list args)
{
	char chunk[CHUNK];
	struct sink sink = {
		.buf = chunk,
		.cap = sizeof(chunk),
		.drain = drain_to_fd,
		.target = &fd,
	};

	return format_and_drain(&sink, fmt, args);
}

/*
 * Format into the @size bytes at @dst: as much as fits, always terminated
 * unless @size is 0.
 *
 * Return: the length the whole text has; @size or more means it was cut.
 */
int vsnprintf(char *restrict dst, size_t size, const char *restrict fmt,
	      va_list args)
{
	struct sink sink = { .buf = dst, .cap = size ? size - 1 : 0 };
	int total = __format(&sink, fmt, args);

	if (size)
		dst[sink.len] = '\0';
	return total;
}

int vsprintf(char *restrict dst, const char *restrict fmt, va_list args)
{
	return vsnprintf(dst, INT_MAX, fmt, args);
}

/*
 * Format into memory from malloc: once to learn the length, once to write.
 *
 * Return: the length, with *@dst set; or -1 (ENOMEM), *@dst NULL.
 */
int vasprintf(char **dst, const char *fmt, va_list args)
{
	va_list again;
	int len;

	*dst = NULL;
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		return -1;
	*dst = malloc((size_t)len + 1);
	if (!*dst)
		return -1;
	return vsnprintf(*dst, (size_t)len + 1, fmt, args);
}

int printf(const char *restrict fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = vfprintf(stdout, fmt, args);
	va_end(args);
	return ret;
}

int fprintf(FILE *restrict file, const char *restrict fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = vfprintf(file, fmt, args);
	va_end(args);
	return ret;
}

int dprintf(int fd, const char *restrict fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = vdprintf(fd, fmt, args);
	va_end(args);
	return ret;
}

int sprintf(char *restrict dst, const char *restrict fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = vsprintf(dst, fmt, args);
	va_end(args);
	return ret;
}

int snprintf(char *restrict dst, size_t size, const char *restrict fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = vsnprintf(dst, size, fmt, args);
	va_end(args);
	return ret;
}

int asprintf(char **dst, const char *fmt, ...)
{
	va_list args;
	int ret;

	va_start(args, fmt);
	ret = vasprintf(dst, fmt, args);
	va_end(args);
	return ret;
}
