/*
 * echo and printf.
 */
#include "builtin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "error.h"
#include "out.h"

/* The value of up to @max octal digits at *p. */
static int octal(const char **p, int max)
{
	int value = 0;

	while (max-- && **p >= '0' && **p <= '7')
		value = value * 8 + *(*p)++ - '0';
	return value;
}

/*
 * Decode what follows a backslash, at *p. In echo and %b a 0 may stand before
 * the three octal digits.
 *
 * Return: the character; -1 for \c, which ends the output; -2 if this is not
 * an escape, and nothing was taken.
 */
static int decode_escape(const char **p, bool in_format)
{
	static const char letters[] = "abfnrtv\\";
	static const char values[] = "\a\b\f\n\r\t\v\\";
	const char *found;

	if (!**p)
		return -2;
	found = strchr(letters, **p);
	if (found) {
		++*p;
		return values[found - letters];
	}
	if (!in_format && **p == 'c')
		return -1;
	if (**p < '0' || **p > '7')
		return -2;
	if (!in_format && **p == '0')
		++*p;
	return octal(p, 3) & 0xff;
}

/* Append with escapes decoded; false if \c said to print nothing more. */
static bool put_escaped(struct sbuf *sb, const char *s)
{
	while (*s) {
		int c = (unsigned char)*s++;

		if (c == '\\') {
			c = decode_escape(&s, false);
			if (c == -1)
				return false;
			if (c == -2)
				c = '\\';
		}
		sbuf_putc(sb, c);
	}
	return true;
}

/*
 * echo [-n] [words]: with the escapes that POSIX calls XSI.
 */
int builtin_echo(int argc, char **argv)
{
	bool newline = argc < 2 || strcmp(argv[1], "-n");
	struct sbuf sb;

	sbuf_init(&sb, scratch);
	for (int i = newline ? 1 : 2; i < argc; i++) {
		if (!put_escaped(&sb, argv[i])) {
			newline = false;
			break;
		}
		if (i + 1 < argc)
			sbuf_putc(&sb, ' ');
	}
	if (newline)
		sbuf_putc(&sb, '\n');
	out_put(sb.data, sb.len);
	return 0;
}

struct printer {
	char	**args;			/* the next operand; ends with NULL */
	bool	used_any;
	bool	stop;			/* \c */
	int	status;
};

static const char *next_arg(struct printer *pr)
{
	if (!*pr->args)
		return NULL;
	pr->used_any = true;
	return *pr->args++;
}

/* An operand as a number; 'c or "c is the code of the character. */
static long number_arg(struct printer *pr)
{
	const char *arg = next_arg(pr);
	char *end;
	long n;

	if (!arg)
		return 0;
	if (*arg == '\'' || *arg == '"')
		return (unsigned char)arg[1];
	errno = 0;
	n = *arg == '-' ? strtol(arg, &end, 0) : (long)strtoul(arg, &end, 0);
	if (end == arg || *end || errno) {
		shell_warn("printf: %s: not completely a number", arg);
		pr->status = 1;
	}
	return n;
}

/*
 * A conversion being read: flags, and width and precision or -1. printf()
 * does the work, but its format is built here from checked pieces only.
 */
struct conversion {
	char	flags[8];
	int	width;
	int	precision;
};

static int star_or_number(struct printer *pr, const char **p)
{
	long n;
	char *end;

	if (**p == '*') {
		++*p;
		return number_arg(pr);
	}
	n = strtol(*p, &end, 10);
	*p = end;
	return n > 0xffffff ? 0xffffff : n;
}

static const char *read_conversion(struct printer *pr, const char *p,
				   struct conversion *conv)
{
	size_t nr = 0;

	*conv = (struct conversion){ .width = -1, .precision = -1 };
	for (; *p && strchr("-+ #0", *p); p++) {
		if (!strchr(conv->flags, *p))
			conv->flags[nr++] = *p;
	}
	if (*p == '*' || (*p >= '0' && *p <= '9'))
		conv->width = star_or_number(pr, &p);
	if (*p == '.') {
		p++;
		conv->precision = 0;
		if (*p == '*' || (*p >= '0' && *p <= '9'))
			conv->precision = star_or_number(pr, &p);
	}
	if (conv->width < -1) {
		conv->flags[nr] = '-';
		conv->width = conv->width < -0xffffff ? 0xffffff : -conv->width;
	}
	return p;
}

/* Print @len characters at @s in the field that @conv describes. */
static void put_field(const struct conversion *conv, const char *s, size_t len)
{
	size_t width = conv->width < 0 ? 0 : conv->width;
	bool left = strchr(conv->flags, '-');

	if (conv->precision >= 0 && len > (size_t)conv->precision)
		len = conv->precision;
	for (size_t i = len; !left && i < width; i++)
		out_putc(' ');
	out_put(s, len);
	for (size_t i = len; left && i < width; i++)
		out_putc(' ');
}

static void put_number(const struct conversion *conv, char letter, long n)
{
	char format[24];
	struct sbuf sb;

	snprintf(format, sizeof(format), "%%%s*.*l%c", conv->flags, letter);
	sbuf_init(&sb, scratch);
	sbuf_printf(&sb, format, conv->width < 0 ? 0 : conv->width,
		    conv->precision, n);
	out_put(sb.data, sb.len);
}

/* Carry out the conversion after a %; returns where the format goes on. */
static const char *convert(struct printer *pr, const char *p)
{
	struct conversion conv;
	const char *arg;
	struct sbuf sb;

	p = read_conversion(pr, p, &conv);
	switch (*p) {
	case '%':
		out_putc('%');
		break;
	case 'd': case 'i': case 'o': case 'u': case 'x': case 'X':
		put_number(&conv, *p, number_arg(pr));
		break;
	case 'c':
		arg = next_arg(pr);
		put_field(&conv, arg ? arg : "", arg && *arg);
		break;
	case 's':
		arg = next_arg(pr);
		put_field(&conv, arg ? arg : "", arg ? strlen(arg) : 0);
		break;
	case 'b':
		arg = next_arg(pr);
		sbuf_init(&sb, scratch);
		pr->stop = !put_escaped(&sb, arg ? arg : "");
		put_field(&conv, sb.data, sb.len);
		break;
	default:
		shell_warn("printf: bad conversion %%%.1s", p);
		pr->status = 1;
		pr->stop = true;
		return p;
	}
	return p + 1;
}

static void print_once(struct printer *pr, const char *format)
{
	while (*format && !pr->stop) {
		int c = (unsigned char)*format++;

		if (c == '%') {
			format = convert(pr, format);
			continue;
		}
		if (c == '\\') {
			c = decode_escape(&format, true);
			if (c < 0)
				c = '\\';
		}
		out_putc(c);
	}
}

/*
 * printf format [operands]: %s %b %c %d %i %o %u %x %X; the format is used
 * again as long as operands are left.
 */
int builtin_printf(int argc, char **argv)
{
	char option;
	int i = builtin_options(argc, argv, "", &option);
	struct printer pr = { 0 };

	if (i >= argc) {
		shell_warn("printf: usage: printf format [operands]");
		return 2;
	}
	pr.args = argv + i + 1;
	do {
		pr.used_any = false;
		print_once(&pr, argv[i]);
	} while (*pr.args && pr.used_any && !pr.stop);
	return pr.status;
}
