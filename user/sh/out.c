/*
 * Output of builtin commands.
 *
 * Builtins write to descriptor 1, which may be another file before each of
 * them and is shared with the programs in between: nothing may stay behind in
 * a buffer when a builtin ends, not even after a failed write, or it would
 * come out in the wrong place. stdio keeps what it could not write, so the
 * shell collects here instead and hands the kernel large pieces.
 */
#include "out.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"

static char buffer[1024];
static size_t used;
static int failed;		/* errno of the first write that failed */

/*
 * Write all of @data, however many calls that takes.
 *
 * Return: 0, or -1 with errno set.
 */
int write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= n;
	}
	return 0;
}

static void push(const char *s, size_t len)
{
	if (!failed && write_all(STDOUT_FILENO, s, len))
		failed = errno;
}

/*
 * Print to standard output, in time.
 */
void out_put(const char *s, size_t len)
{
	if (!len)
		return;
	if (len > sizeof(buffer) - used) {
		push(buffer, used);
		used = 0;
	}
	if (len > sizeof(buffer)) {
		push(s, len);
		return;
	}
	memcpy(buffer + used, s, len);
	used += len;
}

void out_putc(char c)
{
	out_put(&c, 1);
}

void out_puts(const char *s)
{
	out_put(s, strlen(s));
}

/*
 * Print to standard output what printf() would.
 */
void out_printf(const char *fmt, ...)
{
	struct arena_mark mark = arena_mark(scratch);
	struct sbuf sb;
	va_list args;

	sbuf_init(&sb, scratch);
	va_start(args, fmt);
	sbuf_vprintf(&sb, fmt, args);
	va_end(args);
	out_put(sb.data, sb.len);
	arena_release(scratch, mark);
}

/*
 * Print @value so that the shell reads it back as one word: in single
 * quotes, with each ' written as '"'"'.
 */
void out_quoted(const char *value)
{
	if (!*value)
		out_puts("''");
	while (*value) {
		size_t plain = strcspn(value, "'");
		size_t quotes = strspn(value + plain, "'");

		if (plain)
			out_printf("'%.*s'", (int)plain, value);
		if (quotes)
			out_printf("\"%.*s\"", (int)quotes, value + plain);
		value += plain + quotes;
	}
}

/*
 * Write what was collected.
 *
 * Return: 0, or the errno of the first write that failed since the last call.
 */
int out_flush(void)
{
	int err;

	push(buffer, used);
	err = failed;
	out_discard();
	return err;
}

/*
 * Forget what was collected: the command that made it was abandoned.
 */
void out_discard(void)
{
	used = 0;
	failed = 0;
}
