/*
 * Reading numbers from text.
 *
 * One function reads a sign and digits into an unsigned magnitude; the four
 * public ones differ in the limits they hold it to. A value beyond a limit
 * becomes that limit, with ERANGE: a caller who cares sets errno to 0 before.
 */
#include <stdlib.h>

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>

/* What was read: the number is -magnitude or magnitude. */
struct number {
	unsigned long	magnitude;
	bool		negative;
	bool		overflow;
};

/* The value of a digit in some base up to 36; 36 for what is none. */
static int digit_value(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	if (isalpha((unsigned char)c))
		return tolower((unsigned char)c) - 'a' + 10;
	return 36;
}

/* Does a hexadecimal number begin here? "0x" alone is just a zero. */
static bool has_hex_prefix(const char *s)
{
	return s[0] == '0' && (s[1] == 'x' || s[1] == 'X') &&
	       digit_value(s[2]) < 16;
}

/*
 * Read blanks, a sign, a prefix and digits. Base 0 is told by the prefix: 0x
 * is 16, 0 is 8, all else 10.
 *
 * *@end is set to what follows, which is @s itself if there is no number;
 * then the number is 0.
 */
static struct number parse(const char *s, char **end, int base)
{
	struct number num = { 0 };
	const char *p = s;

	if (end)
		*end = (char *)s;
	if (base < 0 || base == 1 || base > 36) {
		errno = EINVAL;
		return num;
	}
	while (isspace((unsigned char)*p))
		p++;
	if (*p == '-' || *p == '+')
		num.negative = *p++ == '-';
	if ((base == 0 || base == 16) && has_hex_prefix(p)) {
		p += 2;
		base = 16;
	} else if (base == 0) {
		base = *p == '0' ? 8 : 10;
	}
	for (; digit_value(*p) < base; p++) {
		num.overflow |= __builtin_mul_overflow(num.magnitude,
				(unsigned long)base, &num.magnitude);
		num.overflow |= __builtin_add_overflow(num.magnitude,
				(unsigned long)digit_value(*p), &num.magnitude);
		if (end)
			*end = (char *)p + 1;
	}
	return num;
}

long strtol(const char *restrict s, char **restrict end, int base)
{
	struct number num = parse(s, end, base);
	unsigned long limit = num.negative ? (unsigned long)LONG_MAX + 1
					   : (unsigned long)LONG_MAX;

	if (num.overflow || num.magnitude > limit) {
		errno = ERANGE;
		return num.negative ? LONG_MIN : LONG_MAX;
	}
	return (long)(num.negative ? -num.magnitude : num.magnitude);
}

/* A minus sign is allowed and negates as unsigned numbers do. */
unsigned long strtoul(const char *restrict s, char **restrict end, int base)
{
	struct number num = parse(s, end, base);

	if (num.overflow) {
		errno = ERANGE;
		return ULONG_MAX;
	}
	return num.negative ? -num.magnitude : num.magnitude;
}

long long strtoll(const char *restrict s, char **restrict end, int base)
{
	return strtol(s, end, base);
}

unsigned long long strtoull(const char *restrict s, char **restrict end,
			    int base)
{
	return strtoul(s, end, base);
}

int atoi(const char *s)
{
	return (int)strtol(s, NULL, 10);
}

long atol(const char *s)
{
	return strtol(s, NULL, 10);
}

long long atoll(const char *s)
{
	return strtol(s, NULL, 10);
}

int abs(int n)
{
	return n < 0 ? -n : n;
}

long labs(long n)
{
	return n < 0 ? -n : n;
}

div_t div(int num, int den)
{
	return (div_t){ .quot = num / den, .rem = num % den };
}

ldiv_t ldiv(long num, long den)
{
	return (ldiv_t){ .quot = num / den, .rem = num % den };
}
