/*
 * Numbers and words out of text.
 *
 * All number parsers stand on one function, parse_digits(), which reads digits
 * and notes an overflow instead of wrapping in silence. What differs between
 * them is only what they say to an overflow, to a sign, and to the character
 * after the last digit.
 *
 * Nothing here allocates or sleeps; next_arg() works in the caller's buffer.
 */
#include <lib/parse.h>
#include <lib/string.h>

static const char blanks[] = " \t\n\v\f\r";

/* The value of a digit in any base up to 36; 36 or more if it is none. */
static unsigned int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 36;
}

/* Settle @base and step over a 0x that belongs to it. */
static const char *parse_base(const char *s, unsigned int *base)
{
	bool is_hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X') &&
		      digit_value(s[2]) < 16;

	if (*base == 0)
		*base = is_hex ? 16 : s[0] == '0' ? 8 : 10;
	return *base == 16 && is_hex ? s + 2 : s;
}

/*
 * Read digits from @s. Return: where they end, which is @s if there are none;
 * *@overflow tells whether the number is larger than *@result can be.
 */
static const char *parse_digits(const char *s, unsigned int base,
				unsigned long long *result, bool *overflow)
{
	unsigned long long value = 0;
	unsigned int digit;

	*overflow = false;
	for (; (digit = digit_value(*s)) < base; s++) {
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			*overflow = true;
	}
	*result = value;
	return s;
}

static int parse_whole(const char *s, unsigned int base,
		       unsigned long long *result)
{
	unsigned long long value;
	const char *digits, *end;
	bool overflow;

	digits = parse_base(s, &base);
	end = parse_digits(digits, base, &value, &overflow);
	if (end == digits)
		return -EINVAL;
	if (*end == '\n')
		end++;
	if (*end)
		return -EINVAL;
	if (overflow)
		return -ERANGE;
	*result = value;
	return 0;
}

/*
 * Read @s, all of it, as an unsigned number; a plus sign is allowed.
 * Return: 0, or, with *@result unchanged, -EINVAL if it is not a number and
 * -ERANGE if it is too large.
 */
int kstrtoull(const char *s, unsigned int base, unsigned long long *result)
{
	return parse_whole(*s == '+' ? s + 1 : s, base, result);
}

/* Read @s as a number with or without a sign. Return: as kstrtoull(). */
int kstrtoll(const char *s, unsigned int base, long long *result)
{
	unsigned long long value;
	int err;

	if (*s != '-') {
		err = kstrtoull(s, base, &value);
		if (err)
			return err;
		if (value > INT64_MAX)
			return -ERANGE;
		*result = value;
		return 0;
	}
	err = parse_whole(s + 1, base, &value);
	if (err)
		return err;
	if (value > (unsigned long long)INT64_MAX + 1)
		return -ERANGE;
	*result = -value;
	return 0;
}

/* As kstrtoull(), for unsigned long. */
int kstrtoul(const char *s, unsigned int base, unsigned long *result)
{
	unsigned long long value;
	int err = kstrtoull(s, base, &value);

	if (!err)
		*result = value;
	return err;
}

/* As kstrtoll(), for long. */
int kstrtol(const char *s, unsigned int base, long *result)
{
	long long value;
	int err = kstrtoll(s, base, &value);

	if (!err)
		*result = value;
	return err;
}

/* As kstrtoull(), for unsigned int. */
int kstrtouint(const char *s, unsigned int base, unsigned int *result)
{
	unsigned long long value;
	int err = kstrtoull(s, base, &value);

	if (err)
		return err;
	if (value != (unsigned int)value)
		return -ERANGE;
	*result = value;
	return 0;
}

/* As kstrtoll(), for int. */
int kstrtoint(const char *s, unsigned int base, int *result)
{
	long long value;
	int err = kstrtoll(s, base, &value);

	if (err)
		return err;
	if (value != (int)value)
		return -ERANGE;
	*result = value;
	return 0;
}

/*
 * Read a switch by its first letters: 1, y, t, on are true; 0, n, f, off are
 * false, in either case. Return: 0, or -EINVAL for anything else.
 */
int kstrtobool(const char *s, bool *result)
{
	static const char yes[] = "1yYtT", no[] = "0nNfF";
	char c = *s;

	if (c == 'o' || c == 'O')
		c = s[1] == 'n' || s[1] == 'N' ? 'y' :
		    s[1] == 'f' || s[1] == 'F' ? 'n' : '\0';
	if (c && strchr(yes, c))
		*result = true;
	else if (c && strchr(no, c))
		*result = false;
	else
		return -EINVAL;
	return 0;
}

/*
 * Read the digits at the start of @s; *@end, unless @end is NULL, says where
 * they end, which is @s itself if there are none.
 * Return: the number, 0 without digits, the largest one after an overflow.
 */
unsigned long long simple_strtoull(const char *s, char **end,
				   unsigned int base)
{
	unsigned long long value;
	bool overflow;

	s = parse_base(s, &base);
	s = parse_digits(s, base, &value, &overflow);
	if (end)
		*end = (char *)s;
	return overflow ? UINT64_MAX : value;
}

/*
 * Read a size such as "64M": digits and one of K M G T P E, in either case,
 * for powers of 1024. *@end, unless NULL, says where it ends.
 * Return: the size in bytes, the largest number after an overflow.
 */
unsigned long long memparse(const char *s, char **end)
{
	static const char units[] = "kmgtpe";
	char *p;
	unsigned long long size = simple_strtoull(s, &p, 0);
	const char *unit = *p ? strchr(units, *p | 0x20) : NULL;

	if (unit && p != s) {
		unsigned int shift = 10 * (unit - units + 1);

		if (size > UINT64_MAX >> shift)
			size = UINT64_MAX;
		else
			size <<= shift;
		p++;
	}
	if (end)
		*end = p;
	return size;
}

/*
 * Read one number of a comma-separated list and move *@s behind it, and
 * behind the comma. Return: 0 if there is none (*@s stays), 1 if it is the
 * last, 2 if a comma followed, 3 if a hyphen follows (a range; *@s is at it).
 */
int get_option(char **s, int *result)
{
	char *start = *s, *end;
	bool negative = *start == '-';
	unsigned long long value;

	value = simple_strtoull(start + negative, &end, 0);
	if (end == start + negative)
		return 0;
	*result = negative ? -value : value;
	*s = end;
	if (*end == ',') {
		++*s;
		return 2;
	}
	return *end == '-' ? 3 : 1;
}

/* Remove the quotes around @s, or the opening one if it was never closed. */
static char *unquote(char *s)
{
	size_t len;

	if (*s != '"')
		return s;
	len = strlen(++s);
	if (len && s[len - 1] == '"')
		s[len - 1] = '\0';
	return s;
}

/*
 * Take the first word of a kernel command line apart, in place:
 *
 *	quiet dyn="a b" "x=y z"
 *	param		value
 *	quiet		NULL
 *	dyn		a b
 *	x		y z
 *
 * Blanks inside double quotes do not end a word, and quotes around a value or
 * around the whole word are removed. At the end of the line *@param is "".
 *
 * Return: where the next word begins; "" after the last one.
 */
char *next_arg(char *args, char **param, char **value)
{
	bool whole, quoted;
	char *equals = NULL, *end;

	args += strspn(args, blanks);
	whole = quoted = *args == '"';
	*param = args += whole;
	for (end = args; *end && (quoted || !strchr(blanks, *end)); end++) {
		if (*end == '=' && !equals)
			equals = end;
		else if (*end == '"')
			quoted = !quoted;
	}
	args = *end ? end + 1 : end;
	*end = '\0';
	if (whole && end > *param && end[-1] == '"')
		end[-1] = '\0';
	*value = NULL;
	if (equals) {
		*equals = '\0';
		*value = unquote(equals + 1);
	}
	return args + strspn(args, blanks);
}
