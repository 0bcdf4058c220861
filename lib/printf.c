/*
 * The printf family.
 *
 * One pass over the format. Ordinary text is copied; each `%` is parsed into a
 * struct spec, which says how to print, and the argument is then printed by
 * one of three functions: number, string, character. All output goes through
 * put(), which counts every character and stores those that fit. So the
 * result is right however small the buffer is, and no function below needs to
 * know its size.
 *
 * Nothing here allocates, sleeps or takes a lock: printf works in an interrupt
 * and during a panic.
 */
#include <lib/printf.h>
#include <lib/string.h>
#include <keel/bug.h>

/* Where text goes. @len counts all of it, even beyond the end of the buffer. */
struct out {
	char *buf;
	size_t size;
	size_t len;
};

enum {
	FLAG_LEFT	= 1 << 0,	/* -  pad on the right */
	FLAG_PLUS	= 1 << 1,	/* +  sign even if positive */
	FLAG_SPACE	= 1 << 2,	/* space instead of a plus */
	FLAG_ALT	= 1 << 3,	/* #  0x or 0 in front */
	FLAG_ZERO	= 1 << 4,	/* 0  pad with zeros */
	FLAG_UPPER	= 1 << 5,	/* X */
};

enum length { LEN_INT, LEN_CHAR, LEN_SHORT, LEN_LONG };

/* One conversion, parsed: what stands between the % and its letter. */
struct spec {
	unsigned int flags;
	int width;
	int precision;		/* -1: none given */
	enum length length;
};

/* Set once, early, by whoever has the symbol table. */
static symbol_name_fn *symbol_name;

/* Let %pS, %pB and %ps print names. Until then they print as %p does. */
void printf_register_symbols(symbol_name_fn *name_of)
{
	WRITE_ONCE(symbol_name, name_of);
}

static void put(struct out *out, char c)
{
	if (out->len < out->size)
		out->buf[out->len] = c;
	out->len++;
}

static void put_repeated(struct out *out, char c, int n)
{
	while (n-- > 0)
		put(out, c);
}

static void put_block(struct out *out, const char *s, size_t n)
{
	if (out->len < out->size)
		memcpy(out->buf + out->len, s, min(n, out->size - out->len));
	out->len += n;
}

/* Print @len characters of @s, padded with spaces to the width. */
static void put_padded(struct out *out, const struct spec *spec, const char *s,
		       size_t len)
{
	int padding = len < (size_t)spec->width ? spec->width - (int)len : 0;

	if (!(spec->flags & FLAG_LEFT))
		put_repeated(out, ' ', padding);
	put_block(out, s, len);
	if (spec->flags & FLAG_LEFT)
		put_repeated(out, ' ', padding);
}

static void put_string(struct out *out, const struct spec *spec, const char *s)
{
	size_t max = spec->precision < 0 ? SIZE_MAX : (size_t)spec->precision;

	/* A bad pointer in a message should not cost us the message. */
	if (!s)
		s = "(null)";
	else if ((uintptr_t)s < 4096 || IS_ERR(s))
		s = "(invalid)";
	put_padded(out, spec, s, strnlen(s, max));
}

/* The digits of @value, written backwards from @end. Return: the first. */
static char *digits_before(char *end, uint64_t value, unsigned int base,
			   bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char *p = end;

	/* Apart, so that each division is by a constant: a multiplication. */
	if (base == 10)
		for (; value; value /= 10)
			*--p = '0' + value % 10;
	else if (base == 16)
		for (; value; value /= 16)
			*--p = digits[value % 16];
	else
		for (; value; value /= 8)
			*--p = '0' + value % 8;
	return p;
}

/* What stands before the digits: a sign, 0x, or nothing. */
static const char *number_prefix(const struct spec *spec, uint64_t value,
				 unsigned int base, char sign)
{
	switch (sign) {
	case '-':
		return "-";
	case '+':
		return "+";
	case ' ':
		return " ";
	}
	if (base == 16 && (spec->flags & FLAG_ALT) && value)
		return spec->flags & FLAG_UPPER ? "0X" : "0x";
	return "";
}

/*
 * Print a number. From left to right: spaces, prefix, zeros, digits, spaces;
 * the precision is the least number of digits, and the `0` flag turns the
 * left padding into more zeros unless a precision was given.
 */
static void put_number(struct out *out, const struct spec *spec, uint64_t value,
		       unsigned int base, char sign)
{
	char buf[24];		/* 2^64 has 22 octal digits */
	char *end = buf + sizeof(buf);
	char *digits = digits_before(end, value, base,
				     spec->flags & FLAG_UPPER);
	const char *prefix = number_prefix(spec, value, base, sign);
	int nr_digits = end - digits, nr_prefix = strlen(prefix);
	int zeros = (spec->precision < 0 ? 1 : spec->precision) - nr_digits;
	int padding;

	if (zeros < 0)
		zeros = 0;
	if (base == 8 && (spec->flags & FLAG_ALT) && zeros == 0)
		zeros = 1;
	/* Neither can overflow: both are bounded by parse_number(). */
	padding = spec->width - nr_prefix - zeros - nr_digits;
	if (padding > 0 && (spec->flags & FLAG_ZERO) && spec->precision < 0 &&
	    !(spec->flags & FLAG_LEFT)) {
		zeros += padding;
		padding = 0;
	}
	if (!(spec->flags & FLAG_LEFT))
		put_repeated(out, ' ', padding);
	put_block(out, prefix, nr_prefix);
	put_repeated(out, '0', zeros);
	put_block(out, digits, nr_digits);
	if (spec->flags & FLAG_LEFT)
		put_repeated(out, ' ', padding);
}

static void put_signed(struct out *out, const struct spec *spec, int64_t value)
{
	char sign = value < 0 ? '-' :
		    spec->flags & FLAG_PLUS ? '+' :
		    spec->flags & FLAG_SPACE ? ' ' : 0;

	/* Negating as unsigned is right for the smallest number too. */
	put_number(out, spec, value < 0 ? -(uint64_t)value : (uint64_t)value,
		   10, sign);
}

/*
 * Print a pointer; *@fmt stands behind the p, and moves on if an S, s or B
 * is there. A symbol's name can be long: this is the one buffer of some size.
 */
static void put_pointer(struct out *out, struct spec *spec, const void *ptr,
			const char **fmt)
{
	symbol_name_fn *name_of = READ_ONCE(symbol_name);
	char name[160];
	size_t len = 0;

	if (**fmt == 'S' || **fmt == 's' || **fmt == 'B') {
		enum symbol_form form = **fmt == 'S' ? SYMBOL_OFFSET :
					**fmt == 's' ? SYMBOL_NAME :
						       SYMBOL_RETURN;

		if (name_of)
			len = name_of(name, sizeof(name), (unsigned long)ptr,
				      form);
		++*fmt;
	}
	if (len) {
		put_padded(out, spec, name, min(len, sizeof(name)));
		return;
	}
	if (spec->precision < 0)
		spec->precision = 16;
	put_number(out, spec, (unsigned long)ptr, 16, 0);
}

static unsigned int parse_flags(const char **fmt)
{
	unsigned int flags = 0;

	for (;; ++*fmt) {
		switch (**fmt) {
		case '-':
			flags |= FLAG_LEFT;
			break;
		case '+':
			flags |= FLAG_PLUS;
			break;
		case ' ':
			flags |= FLAG_SPACE;
			break;
		case '#':
			flags |= FLAG_ALT;
			break;
		case '0':
			flags |= FLAG_ZERO;
			break;
		default:
			return flags;
		}
	}
}

/* The longest field: what a width or precision is cut down to. */
#define MAX_FIELD	(1 << 20)

static int parse_number(const char **fmt)
{
	int n = 0;

	for (; **fmt >= '0' && **fmt <= '9'; ++*fmt)
		n = min(n * 10 + (**fmt - '0'), MAX_FIELD);
	return n;
}

static enum length parse_length(const char **fmt)
{
	switch (**fmt) {
	case 'h':
		++*fmt;
		if (**fmt != 'h')
			return LEN_SHORT;
		++*fmt;
		return LEN_CHAR;
	case 'l':
		++*fmt;
		if (**fmt == 'l')	/* long long is as wide as long */
			++*fmt;
		return LEN_LONG;
	case 'z':
	case 't':
	case 'j':
		++*fmt;
		return LEN_LONG;
	default:
		return LEN_INT;
	}
}

/* An `int` argument for a `*`: a negative width means flag - as well. */
static void set_width(struct spec *spec, int width)
{
	if (width < 0) {
		spec->flags |= FLAG_LEFT;
		width = width < -MAX_FIELD ? MAX_FIELD : -width;
	}
	spec->width = min(width, MAX_FIELD);
}

static int64_t narrow_signed(int64_t value, enum length length)
{
	switch (length) {
	case LEN_CHAR:
		return (signed char)value;
	case LEN_SHORT:
		return (short)value;
	case LEN_INT:
		return (int)value;
	case LEN_LONG:
		break;
	}
	return value;
}

static uint64_t narrow_unsigned(uint64_t value, enum length length)
{
	switch (length) {
	case LEN_CHAR:
		return (unsigned char)value;
	case LEN_SHORT:
		return (unsigned short)value;
	case LEN_INT:
		return (unsigned int)value;
	case LEN_LONG:
		break;
	}
	return value;
}

/*
 * An integer argument. va_arg() must be told the type that was passed: types
 * narrower than int were widened to int, so only long differs. A va_list can
 * be an array type, so it is handed on by address inside a struct.
 */
struct arguments {
	va_list list;
};

static int64_t next_signed(struct arguments *args, enum length length)
{
	if (length == LEN_LONG)
		return va_arg(args->list, long);
	return narrow_signed(va_arg(args->list, int), length);
}

static uint64_t next_unsigned(struct arguments *args, enum length length)
{
	if (length == LEN_LONG)
		return va_arg(args->list, unsigned long);
	return narrow_unsigned(va_arg(args->list, unsigned int), length);
}

static void parse_spec(struct spec *spec, const char **fmt,
		       struct arguments *args)
{
	*spec = (struct spec){ .flags = parse_flags(fmt), .precision = -1 };
	if (**fmt == '*') {
		++*fmt;
		set_width(spec, va_arg(args->list, int));
	} else {
		spec->width = parse_number(fmt);
	}
	if (**fmt == '.') {
		++*fmt;
		if (**fmt == '*') {
			++*fmt;
			spec->precision = min(va_arg(args->list, int),
					      MAX_FIELD);
		} else {
			spec->precision = parse_number(fmt);
		}
		if (spec->precision < 0)	/* as if none were given */
			spec->precision = -1;
	}
	spec->length = parse_length(fmt);
}

/*
 * Print one conversion; *@fmt stands behind the %. False if it is not one we
 * know: then the types of all arguments after it are unknown as well.
 */
static bool convert(struct out *out, const char **fmt, struct arguments *args)
{
	struct spec spec;
	char c;

	parse_spec(&spec, fmt, args);
	switch (*(*fmt)++) {
	case 'd':
	case 'i':
		put_signed(out, &spec, next_signed(args, spec.length));
		return true;
	case 'u':
		put_number(out, &spec, next_unsigned(args, spec.length), 10, 0);
		return true;
	case 'o':
		put_number(out, &spec, next_unsigned(args, spec.length), 8, 0);
		return true;
	case 'X':
		spec.flags |= FLAG_UPPER;
		fallthrough;
	case 'x':
		put_number(out, &spec, next_unsigned(args, spec.length), 16, 0);
		return true;
	case 'c':
		c = va_arg(args->list, int);
		put_padded(out, &spec, &c, 1);
		return true;
	case 's':
		put_string(out, &spec, va_arg(args->list, const char *));
		return true;
	case 'p':
		put_pointer(out, &spec, va_arg(args->list, void *), fmt);
		return true;
	case '%':
		put(out, '%');
		return true;
	default:
		return false;
	}
}

/*
 * Format @args into @buf, which receives at most @size bytes, the terminator
 * included; @buf may be NULL if @size is 0. An unknown conversion is a bug of
 * the caller: it is reported, and the rest of the format is printed as it is.
 *
 * Context: any.
 * Return: the length the text has when nothing is cut off.
 */
int vsnprintf(char *buf, size_t size, const char *fmt, va_list list)
{
	struct out out = { .buf = buf, .size = size };
	struct arguments args;

	va_copy(args.list, list);
	while (*fmt) {
		const char *text = fmt;

		while (*fmt && *fmt != '%')
			fmt++;
		put_block(&out, text, fmt - text);
		if (!*fmt)
			break;
		text = fmt++;
		if (WARN_ON(!convert(&out, &fmt, &args))) {
			put_block(&out, text, strlen(text));
			break;
		}
	}
	va_end(args.list);
	if (size)
		buf[min(out.len, size - 1)] = '\0';
	return out.len;
}

/* Format into a buffer. Context, return: as vsnprintf(). */
int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}

/* As vsnprintf(). Return: the length stored, without the terminator. */
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	size_t len = vsnprintf(buf, size, fmt, args);

	if (!size)
		return 0;
	return min(len, size - 1);
}

/* As snprintf(). Return: the length stored, without the terminator. */
int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}
