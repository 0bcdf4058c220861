/*
 * Small regular expressions: the half of them that covers most uses.
 *
 *	c	itself
 *	.	any character
 *	[abc]	one of a set; with ranges (a-z), and ^ first for "none of"
 *	\c	c, whatever it means otherwise
 *	*	after one of these: any number of it
 *	\+ \?	after one of these: at least once, at most once
 *	^	at the beginning of the pattern: of the line
 *	$	at the end of the pattern: of the line
 *
 * There are no groups and no alternatives, which is why no compilation is
 * needed: the pattern is a row of elements, each with a range of repetitions,
 * and it is interpreted where it stands. An element takes as much as it can,
 * then gives back one by one until the rest matches. A pattern such as
 * a*a*a*b can make that slow, and a user who types it waits.
 */
#include "regex.h"

#include <stddef.h>
#include <string.h>

/* The length of the element at @p, without its repetition; 0: not closed. */
static size_t element_length(const char *p)
{
	const char *start = p;

	if (*p == '\\')
		return p[1] ? 2 : 0;
	if (*p != '[')
		return 1;
	p++;
	if (*p == '^')
		p++;
	if (*p == ']')		/* first in the set, it is a member */
		p++;
	while (*p && *p != ']')
		p++;
	return *p ? (size_t)(p - start) + 1 : 0;
}

/* Is @c in the set whose text is [p, end), brackets not included? */
static bool in_set(const char *p, const char *end, unsigned char c)
{
	bool negated = *p == '^', found = false;

	for (p += negated; p < end; p++) {
		unsigned char low = (unsigned char)*p, high = low;

		if (p + 2 < end && p[1] == '-') {
			high = (unsigned char)p[2];
			p += 2;
		}
		found |= low <= c && c <= high;
	}
	return found != negated;
}

static bool element_matches(const char *p, size_t len, char c)
{
	switch (*p) {
	case '.':
		return c != '\0';
	case '[':
		return c != '\0' && in_set(p + 1, p + len - 1,
					   (unsigned char)c);
	case '\\':
		return p[1] == c;
	default:
		return *p == c;
	}
}

/* How often an element may occur, and the length of the mark that says so. */
struct repetition {
	size_t	min, max;
	size_t	mark_len;
};

static struct repetition repetition_at(const char *p)
{
	if (*p == '*')
		return (struct repetition){ 0, (size_t)-1, 1 };
	if (p[0] == '\\' && p[1] == '+')
		return (struct repetition){ 1, (size_t)-1, 2 };
	if (p[0] == '\\' && p[1] == '?')
		return (struct repetition){ 0, 1, 2 };
	return (struct repetition){ 1, 1, 0 };
}

/* Does @text begin with what @p, the rest of a pattern, describes? */
static bool match_here(const char *p, const char *text)
{
	struct repetition rep;
	size_t len, n = 0;

	if (!*p)
		return true;
	if (p[0] == '$' && !p[1])
		return !*text;
	len = element_length(p);
	rep = repetition_at(p + len);
	while (n < rep.max && text[n] && element_matches(p, len, text[n]))
		n++;
	p += len;
	for (;; n--) {
		if (n < rep.min)
			return false;
		if (match_here(p + rep.mark_len, text + n))
			return true;
		if (n == 0)
			return false;
	}
}

/* A star that has nothing before it to repeat stands for itself. */
static bool match_beginning(const char *pattern, const char *text)
{
	if (*pattern == '*')
		return *text == '*' && match_here(pattern + 1, text + 1);
	return match_here(pattern, text);
}

/* Are all brackets closed, and is there something after each backslash? */
bool regex_is_valid(const char *pattern)
{
	while (*pattern) {
		size_t len = element_length(pattern);

		if (len == 0)
			return false;
		pattern += len;
	}
	return true;
}

/* Does @pattern, which must be valid, match anywhere in @text? */
bool regex_search(const char *pattern, const char *text)
{
	if (*pattern == '^')
		return match_beginning(pattern + 1, text);
	do {
		if (match_beginning(pattern, text))
			return true;
	} while (*text++);
	return false;
}
