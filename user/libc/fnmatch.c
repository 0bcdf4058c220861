/*
 * fnmatch: does a name match a shell pattern?
 *
 * A question mark stands for one character, a star for any number, a bracket
 * for one of a set. Only the star leaves a choice, and it is enough to
 * remember the last one: if a match fails after a star, that star takes one
 * character more and the rest is tried again. An earlier star need never be
 * reconsidered, because the later one could take whatever it would give up.
 * So the time is at most the product of the lengths, with no recursion.
 */
#include <fnmatch.h>

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The classes of [[:name:]]. */
static const struct char_class {
	const char	*name;
	int		(*has)(int);
} classes[] = {
	{ "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank },
	{ "cntrl", iscntrl }, { "digit", isdigit }, { "graph", isgraph },
	{ "lower", islower }, { "print", isprint }, { "punct", ispunct },
	{ "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit },
};

static unsigned char fold(char c, int flags)
{
	unsigned char u = (unsigned char)c;

	return flags & FNM_CASEFOLD ? (unsigned char)tolower(u) : u;
}

/*
 * If a class stands at @p ("[:alpha:]"), see whether it has @c.
 *
 * Return: what follows it, or NULL if there is no class.
 */
static const char *match_class(const char *p, unsigned char c, bool *found)
{
	const char *end;

	if (p[0] != '[' || p[1] != ':')
		return NULL;
	p += 2;
	end = strstr(p, ":]");
	if (!end)
		return NULL;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		const struct char_class *class = &classes[i];

		if (strlen(class->name) == (size_t)(end - p) &&
		    strncmp(class->name, p, (size_t)(end - p)) == 0)
			*found |= class->has(c) != 0;
	}
	return end + 2;
}

/* Read one character of a bracket, quoted or not. */
static const char *bracket_char(const char *p, int flags, unsigned char *c)
{
	if (*p == '\\' && !(flags & FNM_NOESCAPE) && p[1])
		p++;
	*c = fold(*p, flags);
	return p + 1;
}

/*
 * Match @c against the bracket whose first character @p points after.
 *
 * Return: what follows the bracket, or NULL if it is not closed: then it is
 * no bracket at all. *@found says whether @c is in the set.
 */
static const char *match_bracket(const char *p, char ch, int flags,
				 bool *found)
{
	unsigned char c = fold(ch, flags), low, high;
	bool negated = *p == '!' || *p == '^';
	const char *first;

	*found = false;
	p += negated;
	first = p;
	while (*p && (*p != ']' || p == first)) {
		const char *after = match_class(p, c, found);

		if (after) {
			p = after;
			continue;
		}
		if (*p == '/' && (flags & FNM_PATHNAME))
			return NULL;
		p = bracket_char(p, flags, &low);
		high = low;
		if (*p == '-' && p[1] && p[1] != ']')
			p = bracket_char(p + 1, flags, &high);
		*found |= low <= c && c <= high;
	}
	if (*p != ']')
		return NULL;
	*found ^= negated;
	return p + 1;
}

/* May a wildcard match the character at @s? */
static bool is_hidden(const char *s, const char *name, int flags)
{
	if (*s == '/')
		return flags & FNM_PATHNAME;
	if (*s != '.' || !(flags & FNM_PERIOD))
		return false;
	return s == name || ((flags & FNM_PATHNAME) && s[-1] == '/');
}

/*
 * Match the one character at @s against the pattern's next element, which is
 * no star.
 *
 * Return: what follows the element, or NULL if it does not match.
 */
static const char *match_one(const char *p, const char *s, const char *name,
			     int flags)
{
	const char *after;
	bool found;

	if (*p == '?')
		return is_hidden(s, name, flags) ? NULL : p + 1;
	if (*p == '[') {
		after = match_bracket(p + 1, *s, flags, &found);
		if (after && (!found || is_hidden(s, name, flags)))
			return NULL;
		if (after)
			return after;
	}
	if (*p == '\\' && !(flags & FNM_NOESCAPE) && p[1])
		p++;
	return *p && fold(*p, flags) == fold(*s, flags) ? p + 1 : NULL;
}

/*
 * Match all of @name against @pattern.
 *
 * Return: 0 if it matches, FNM_NOMATCH if not.
 */
int fnmatch(const char *pattern, const char *name, int flags)
{
	const char *p = pattern, *s = name;
	const char *star_p = NULL, *star_s = NULL; /* after the last star */

	while (*s || *p) {
		const char *after;

		if (*p == '*') {
			/* Not even a star for nothing may hide a dot. */
			if (*s == '.' && is_hidden(s, name, flags))
				return FNM_NOMATCH;
			while (*p == '*')
				p++;
			star_p = p;
			star_s = s;
			continue;
		}
		after = *s ? match_one(p, s, name, flags) : NULL;
		if (after) {
			p = after;
			s++;
			continue;
		}
		/* The last star takes one more, if it may. */
		if (!star_p || !*star_s || is_hidden(star_s, name, flags))
			return FNM_NOMATCH;
		p = star_p;
		s = ++star_s;
	}
	return 0;
}
