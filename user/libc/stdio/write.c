/*
 * Writing to a FILE.
 *
 * Bytes collect in the buffer until it is full, until a newline if the file
 * is buffered by line, or not at all. What is as large as the buffer goes
 * directly: copying it would only cost.
 */
#include <stdio.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

/* Write all of it, however many calls that takes. Return: 0 or EOF. */
static int write_fully(FILE *file, const unsigned char *src, size_t n)
{
	while (n > 0) {
		ssize_t done = write(file->fd, src, n);

		if (done < 0) {
			file->failed = true;
			return EOF;
		}
		src += done;
		n -= (size_t)done;
	}
	return 0;
}

/*
 * Hand the pending bytes to the kernel and be idle. After a failure they are
 * gone: keeping them would make every later write fail for an old reason.
 */
int __stdio_flush_pending(FILE *file)
{
	size_t n = (size_t)(file->pos - file->buf);

	file->pos = file->end = file->buf;
	file->state = STDIO_IDLE;
	return write_fully(file, file->buf, n);
}

/* Add @n bytes to the file. Return: 0 or EOF. */
static int put_bytes(FILE *file, const unsigned char *src, size_t n)
{
	if (__stdio_to_write(file) < 0)
		return EOF;
	if (file->mode == _IONBF)
		return write_fully(file, src, n);
	if (n > (size_t)(file->limit - file->pos)) {
		if (__stdio_flush_pending(file) < 0 ||
		    __stdio_to_write(file) < 0)
			return EOF;
		if (n >= (size_t)(file->limit - file->buf))
			return write_fully(file, src, n);
	}
	memcpy(file->pos, src, n);
	file->pos += n;
	if (file->mode == _IOLBF && memchr(src, '\n', n))
		return __stdio_flush_pending(file);
	return 0;
}

/* Write @count items of @size bytes. Return: @count, or 0 on an error. */
size_t fwrite(const void *restrict src, size_t size, size_t count,
	      FILE *restrict file)
{
	size_t total;

	if (__builtin_mul_overflow(size, count, &total)) {
		file->failed = true;
		errno = EOVERFLOW;
		return 0;
	}
	if (total == 0)
		return 0;
	return put_bytes(file, src, total) < 0 ? 0 : count;
}

/* Write one byte. Return: it, or EOF. */
int fputc(int c, FILE *file)
{
	unsigned char byte = (unsigned char)c;

	if (file->state == STDIO_WRITING && file->mode == _IOFBF &&
	    file->pos < file->limit)
		return *file->pos++ = byte;
	return put_bytes(file, &byte, 1) < 0 ? EOF : byte;
}

int putc(int c, FILE *file)
{
	return fputc(c, file);
}

int putchar(int c)
{
	return fputc(c, stdout);
}

/* Write a string without its terminator. Return: 0 or EOF. */
int fputs(const char *restrict s, FILE *restrict file)
{
	return put_bytes(file, (const unsigned char *)s, strlen(s));
}

/* Write a string and a newline. Return: 0 or EOF. */
int puts(const char *s)
{
	if (fputs(s, stdout) < 0 || fputc('\n', stdout) < 0)
		return EOF;
	return 0;
}

/* Say on stderr what errno means, after "@prefix: " unless that is empty. */
void perror(const char *prefix)
{
	const char *text = strerror(errno);

	if (prefix && *prefix)
		fprintf(stderr, "%s: %s\n", prefix, text);
	else
		fprintf(stderr, "%s\n", text);
}
