/*
 * The engine of the printf family.
 *
 * A conversion is read into a struct spec (flags, width, precision, length,
 * letter) and then carried out: the argument becomes a body of characters
 * with a prefix (a sign or 0x) and possibly leading zeros, and the four
 * pieces - padding, prefix, zeros, body - go out in the order the flags ask.
 *
 * Not supported: floating point (nothing here needs it), wide characters,
 * and %n, which writes to memory and has served attackers better than
 * programmers. Meeting one of these, or an unknown letter, the call fails
 * with EINVAL instead of guessing how large the argument is.
 */
#include "format.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

enum length { LEN_INT, LEN_CHAR, LEN_SHORT, LEN_LONG };

/* One conversion, as it was written after the percent sign. */
struct spec {
	bool		left;		/* - */
	bool		plus;		/* + */
	bool		space;		/* blank */
	bool		alternate;	/* # */
	bool		zero;		/* 0 */
	int		width;
	int		precision;	/* -1: not given */
	enum length	length;
	char		letter;
};

/* 64 bits in octal, the longest form of a number. */
enum { MAX_DIGITS = 22 };

static void put(struct sink *sink, const char *text, size_t n)
{
	sink->total += n;
	while (n > 0) {
		size_t room = sink->cap - sink->len;

		if (room == 0) {
			if (!sink->drain || sink->failed)
				return;
			sink->drain(sink);
			continue;
		}
		if (room > n)
			room = n;
		memcpy(sink->buf + sink->len, text, room);
		sink->len += room;
		text += room;
		n -= room;
	}
}

static void put_repeated(struct sink *sink, char c, size_t n)
{
	char chunk[32];

	memset(chunk, c, sizeof(chunk));
	for (; n > sizeof(chunk); n -= sizeof(chunk))
		put(sink, chunk, sizeof(chunk));
	put(sink, chunk, n);
}

/* Put the pieces of one conversion in order, filled up to its width. */
static void put_field(struct sink *sink, const struct spec *spec,
		      const char *prefix, size_t zeros, const char *body,
		      size_t body_len)
{
	size_t prefix_len = strlen(prefix);
	size_t used = prefix_len + zeros + body_len;
	size_t padding = 0;

	if ((size_t)spec->width > used)
		padding = (size_t)spec->width - used;
	if (!spec->left)
		put_repeated(sink, ' ', padding);
	put(sink, prefix, prefix_len);
	put_repeated(sink, '0', zeros);
	put(sink, body, body_len);
	if (spec->left)
		put_repeated(sink, ' ', padding);
}

/*
 * Write the digits of @value backwards from @end.
 *
 * Return: the first digit's place; none are written for 0.
 */
static char *digits_before(char *end, uintmax_t value, unsigned base,
			   bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	for (; value != 0; value /= base)
		*--end = digits[value % base];
	return end;
}

/*
 * Put a number with its prefix. A precision is a least count of digits (and
 * makes the 0 flag void); without one there is at least one digit, so the
 * single case with no digit at all is 0 with precision 0.
 */
static void put_number(struct sink *sink, const struct spec *spec,
		       const char *prefix, uintmax_t value, unsigned base)
{
	char buf[MAX_DIGITS], *end = buf + sizeof(buf);
	char *first = digits_before(end, value, base, spec->letter == 'X');
	size_t len = (size_t)(end - first), least = 1, zeros;

	if (spec->precision >= 0)
		least = (size_t)spec->precision;
	else if (spec->zero && !spec->left &&
		 (size_t)spec->width > strlen(prefix))
		least = (size_t)spec->width - strlen(prefix);
	zeros = least > len ? least - len : 0;
	if (base == 8 && spec->alternate && zeros == 0)
		zeros = 1;	/* # promises a leading zero */
	put_field(sink, spec, prefix, zeros, first, len);
}

static intmax_t signed_argument(const struct spec *spec, va_list *args)
{
	switch (spec->length) {
	case LEN_CHAR:
		return (signed char)va_arg(*args, int);
	case LEN_SHORT:
		return (short)va_arg(*args, int);
	case LEN_LONG:
		return va_arg(*args, long);
	default:
		return va_arg(*args, int);
	}
}

static uintmax_t unsigned_argument(const struct spec *spec, va_list *args)
{
	switch (spec->length) {
	case LEN_CHAR:
		return (unsigned char)va_arg(*args, unsigned);
	case LEN_SHORT:
		return (unsigned short)va_arg(*args, unsigned);
	case LEN_LONG:
		return va_arg(*args, unsigned long);
	default:
		return va_arg(*args, unsigned);
	}
}

static void convert_signed(struct sink *sink, const struct spec *spec,
			   va_list *args)
{
	intmax_t value = signed_argument(spec, args);
	/* The negation is done unsigned: INTMAX_MIN has no positive twin. */
	uintmax_t magnitude = value < 0 ? -(uintmax_t)value : (uintmax_t)value;
	const char *sign = "";

	if (value < 0)
		sign = "-";
	else if (spec->plus)
		sign = "+";
	else if (spec->space)
		sign = " ";
	put_number(sink, spec, sign, magnitude, 10);
}

static void convert_unsigned(struct sink *sink, const struct spec *spec,
			     va_list *args)
{
	uintmax_t value = unsigned_argument(spec, args);

	switch (spec->letter) {
	case 'o':
		put_number(sink, spec, "", value, 8);
		break;
	case 'x':
		put_number(sink, spec, spec->alternate && value ? "0x" : "",
			   value, 16);
		break;
	case 'X':
		put_number(sink, spec, spec->alternate && value ? "0X" : "",
			   value, 16);
		break;
	default:
		put_number(sink, spec, "", value, 10);
		break;
	}
}

static void convert_pointer(struct sink *sink, const struct spec *spec,
			    va_list *args)
{
	uintptr_t value = (uintptr_t)va_arg(*args, void *);

	if (value)
		put_number(sink, spec, "0x", value, 16);
	else
		put_field(sink, spec, "", 0, "(nil)", 5);
}

static void convert_string(struct sink *sink, const struct spec *spec,
			   va_list *args)
{
	const char *s = va_arg(*args, const char *);
	size_t max = spec->precision < 0 ? SIZE_MAX : (size_t)spec->precision;
	size_t len = 0;

	if (!s)
		s = "(null)";
	while (len < max && s[len])	/* s need not be terminated after max */
		len++;
	put_field(sink, spec, "", 0, s, len);
}

static void convert_char(struct sink *sink, const struct spec *spec,
			 va_list *args)
{
	char c = (char)va_arg(*args, int);

	put_field(sink, spec, "", 0, &c, 1);
}

/* Carry out one conversion. Return: false if there is no such thing. */
static bool convert(struct sink *sink, const struct spec *spec, va_list *args)
{
	switch (spec->letter) {
	case 'd':
	case 'i':
		convert_signed(sink, spec, args);
		return true;
	case 'u':
	case 'o':
	case 'x':
	case 'X':
		convert_unsigned(sink, spec, args);
		return true;
	case 'c':
		convert_char(sink, spec, args);
		return spec->length == LEN_INT;
	case 's':
		convert_string(sink, spec, args);
		return spec->length == LEN_INT;
	case 'p':
		convert_pointer(sink, spec, args);
		return true;
	case '%':
		put(sink, "%", 1);
		return true;
	default:
		return false;
	}
}

static const char *parse_flags(const char *fmt, struct spec *spec)
{
	for (;; fmt++) {
		switch (*fmt) {
		case '-':
			spec->left = true;
			break;
		case '+':
			spec->plus = true;
			break;
		case ' ':
			spec->space = true;
			break;
		case '#':
			spec->alternate = true;
			break;
		case '0':
			spec->zero = true;
			break;
		default:
			return fmt;
		}
	}
}

/*
 * Read a width or precision: digits, or a star for an argument.
 *
 * Return: what follows it, or NULL if it is too large for an int.
 */
static const char *parse_count(const char *fmt, int *count, va_list *args)
{
	*count = 0;
	if (*fmt == '*') {
		*count = va_arg(*args, int);
		return fmt + 1;
	}
	for (; isdigit((unsigned char)*fmt); fmt++)
		if (__builtin_mul_overflow(*count, 10, count) ||
		    __builtin_add_overflow(*count, *fmt - '0', count))
			return NULL;
	return fmt;
}

/* long, long long, size_t, intmax_t and ptrdiff_t are one type to us. */
static const char *parse_length(const char *fmt, struct spec *spec)
{
	spec->length = LEN_INT;
	switch (*fmt) {
	case 'h':
		spec->length = fmt[1] == 'h' ? LEN_CHAR : LEN_SHORT;
		return fmt + (fmt[1] == 'h' ? 2 : 1);
	case 'l':
		spec->length = LEN_LONG;
		return fmt + (fmt[1] == 'l' ? 2 : 1);
	case 'j':
	case 't':
	case 'z':
		spec->length = LEN_LONG;
		return fmt + 1;
	default:
		return fmt;
	}
}

/*
 * Read one conversion, of which @fmt is what follows the percent sign.
 *
 * Return: what follows the conversion, or NULL (a number is too large).
 */
static const char *parse_spec(const char *fmt, struct spec *spec,
			      va_list *args)
{
	*spec = (struct spec){ .precision = -1 };
	fmt = parse_flags(fmt, spec);
	fmt = parse_count(fmt, &spec->width, args);
	if (!fmt || spec->width == INT_MIN)
		return NULL;
	if (spec->width < 0) {	/* from a star: the sign is a - flag */
		spec->left = true;
		spec->width = -spec->width;
	}
	if (*fmt == '.') {
		fmt = parse_count(fmt + 1, &spec->precision, args);
		if (!fmt)
			return NULL;
		if (spec->precision < 0)
			spec->precision = -1;
	}
	fmt = parse_length(fmt, spec);
	spec->letter = *fmt;
	return *fmt ? fmt + 1 : fmt;
}

/*
 * Format @args as @fmt says into @sink. The last part may still be in the
 * sink's buffer afterwards; the caller drains it.
 *
 * Return: the number of bytes of the whole text, or -1 (EINVAL: a conversion
 * that does not exist here; EOVERFLOW: longer than an int can say).
 */
int __format(struct sink *sink, const char *fmt, va_list args)
{
	struct spec spec;
	va_list list;
	bool ok = true;

	va_copy(list, args);	/* a parameter's address is not a va_list * */
	while (ok && *fmt) {
		const char *percent = strchrnul(fmt, '%');

		put(sink, fmt, (size_t)(percent - fmt));
		fmt = percent;
		if (*fmt == '%') {
			fmt = parse_spec(fmt + 1, &spec, &list);
			ok = fmt && convert(sink, &spec, &list);
		}
	}
	va_end(list);
	if (!ok || sink->total > INT_MAX) {
		errno = !fmt || ok ? EOVERFLOW : EINVAL;
		return -1;
	}
	return (int)sink->total;
}
