/*
 * Character classes, written as the ASCII ranges they are.
 *
 * A range test is a subtraction and one unsigned comparison, which is no
 * slower than the traditional table and needs no explanation.
 */
#include <ctype.h>

#include <stdbool.h>

static bool in_range(int c, int first, int last)
{
	return (unsigned)c - (unsigned)first <= (unsigned)(last - first);
}

int isdigit(int c)
{
	return in_range(c, '0', '9');
}

int islower(int c)
{
	return in_range(c, 'a', 'z');
}

int isupper(int c)
{
	return in_range(c, 'A', 'Z');
}

int isalpha(int c)
{
	return islower(c) || isupper(c);
}

int isalnum(int c)
{
	return isalpha(c) || isdigit(c);
}

int isxdigit(int c)
{
	return isdigit(c) || in_range(c, 'a', 'f') || in_range(c, 'A', 'F');
}

int isblank(int c)
{
	return c == ' ' || c == '\t';
}

/* The blank, and \t \n \v \f \r, which stand in a row. */
int isspace(int c)
{
	return c == ' ' || in_range(c, '\t', '\r');
}

int iscntrl(int c)
{
	return in_range(c, 0, 0x1f) || c == 0x7f;
}

int isprint(int c)
{
	return in_range(c, 0x20, 0x7e);
}

int isgraph(int c)
{
	return in_range(c, 0x21, 0x7e);
}

int ispunct(int c)
{
	return isgraph(c) && !isalnum(c);
}

int isascii(int c)
{
	return in_range(c, 0, 0x7f);
}

/* The two cases of a letter differ in bit 5 alone. */
int tolower(int c)
{
	return isupper(c) ? c | 0x20 : c;
}

int toupper(int c)
{
	return islower(c) ? c & ~0x20 : c;
}
