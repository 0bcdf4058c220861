/*
 * Patterns: matching, and the file names that match.
 *
 * A pattern is text with one bit per character that says whether it was
 * quoted; "*" and * differ in nothing else. The matcher works for case,
 * ${x%pattern} and file names alike.
 *
 * Matching is iterative: on a mismatch it goes back to the last * and lets it
 * swallow one character more. Earlier stars need not be reconsidered, since
 * the last one can absorb whatever they could, so a hostile pattern such as
 * *a*a*a*a*b costs at most length times length, never exponential time.
 */
#include "pattern.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arena.h"
#include "error.h"

/*
 * Append to a list of strings in the scratch arena; the list is kept ended
 * by a NULL, as execve() wants it.
 */
void strings_add(struct strings *strings, char *s)
{
	if (strings->nr + 1 >= strings->cap) {
		size_t cap = strings->cap ? strings->cap * 2 : 8;

		strings->list = arena_grow(scratch, strings->list,
					   strings->cap * sizeof(char *),
					   cap * sizeof(char *));
		strings->cap = cap;
	}
	strings->list[strings->nr++] = s;
	strings->list[strings->nr] = NULL;
}

static bool is_magic_char(const struct pattern *p, size_t i, char c)
{
	return i < p->len && p->text[i] == c && !p->quoted[i];
}

static const struct {
	const char	*name;
	const char	*ranges;	/* pairs: from, to */
} classes[] = {
	{ "alnum",  "azAZ09" },
	{ "alpha",  "azAZ" },
	{ "blank",  "  \t\t" },
	{ "cntrl",  "\1\37\177\177" },
	{ "digit",  "09" },
	{ "graph",  "!~" },
	{ "lower",  "az" },
	{ "print",  " ~" },
	{ "punct",  "!/:@[`{~" },
	{ "space",  "  \t\r" },
	{ "upper",  "AZ" },
	{ "xdigit", "09afAF" },
};

/*
 * Match one [:class:] at @i; sets *end past it.
 *
 * Return: -1 if there is none, else whether @c is in it.
 */
static int match_class(const struct pattern *p, size_t i, unsigned char c,
		       size_t *end)
{
	if (!is_magic_char(p, i, '[') || !is_magic_char(p, i + 1, ':'))
		return -1;
	for (size_t k = 0; k < sizeof(classes) / sizeof(*classes); k++) {
		size_t len = strlen(classes[k].name);
		const char *r = classes[k].ranges;

		if (i + 2 + len + 2 > p->len ||
		    memcmp(p->text + i + 2, classes[k].name, len) ||
		    memcmp(p->text + i + 2 + len, ":]", 2))
			continue;
		*end = i + 2 + len + 2;
		for (; *r; r += 2) {
			if (c >= (unsigned char)r[0] &&
			    c <= (unsigned char)r[1])
				return true;
		}
		return false;
	}
	return -1;
}

/*
 * Match @c against the bracket expression that begins at @i; sets *end past
 * it.
 *
 * Return: -1 if it has no end, so that the [ stands for itself.
 */
static int match_bracket(const struct pattern *p, size_t i, unsigned char c,
			 size_t *end)
{
	bool negated, found = false;
	size_t first;

	i++;
	negated = is_magic_char(p, i, '!') || is_magic_char(p, i, '^');
	if (negated)
		i++;
	for (first = i; i < p->len; ) {
		unsigned char low, high;
		int in_class;

		if (is_magic_char(p, i, ']') && i > first) {
			*end = i + 1;
			return found != negated;
		}
		in_class = match_class(p, i, c, &i);
		if (in_class >= 0) {
			found |= in_class;
			continue;
		}
		if (is_magic_char(p, i, '\\') && i + 1 < p->len)
			i++;
		low = high = p->text[i++];
		if (is_magic_char(p, i, '-') && i + 1 < p->len &&
		    !is_magic_char(p, i + 1, ']')) {
			i++;
			if (is_magic_char(p, i, '\\') && i + 1 < p->len)
				i++;
			high = p->text[i++];
		}
		found |= c >= low && c <= high;
	}
	return -1;
}

/*
 * Match one character against the element at *i, which is not a *, and step
 * past the element if it matches.
 */
static bool match_one(const struct pattern *p, size_t *i, char c)
{
	size_t at = *i;

	if (at >= p->len)
		return false;
	if (is_magic_char(p, at, '[')) {
		size_t end;
		int match = match_bracket(p, at, c, &end);

		if (match >= 0) {
			*i = end;
			return match;
		}
	} else if (is_magic_char(p, at, '?')) {
		*i = at + 1;
		return true;
	} else if (is_magic_char(p, at, '\\') && at + 1 < p->len) {
		at++;
	}
	*i = at + 1;
	return p->text[at] == c;
}

/*
 * Does the pattern match all of the @len characters at @s?
 */
bool pattern_match(const struct pattern *p, const char *s, size_t len)
{
	size_t at = 0, pos = 0;
	size_t star = 0, star_pos = 0;
	bool starred = false;

	for (;;) {
		size_t next = at;

		if (is_magic_char(p, at, '*')) {
			star = ++at;
			star_pos = pos;
			starred = true;
		} else if (pos < len && match_one(p, &next, s[pos])) {
			at = next;
			pos++;
		} else if (pos == len && at == p->len) {
			return true;
		} else if (starred && star_pos < len) {
			at = star;
			pos = ++star_pos;
		} else {
			return false;
		}
	}
}

/*
 * Could the pattern match anything but its own text? A [ only can if there is
 * a ] after it; otherwise every use of the command [ would search the
 * directory.
 */
bool pattern_is_magic(const struct pattern *p)
{
	bool bracket = false;

	for (size_t i = 0; i < p->len; i++) {
		if (is_magic_char(p, i, '*') || is_magic_char(p, i, '?') ||
		    (bracket && p->text[i] == ']'))
			return true;
		bracket |= is_magic_char(p, i, '[');
	}
	return false;
}

/* The text a path component stands for when it is not magic. */
static void put_literal(struct sbuf *path, const struct pattern *p)
{
	for (size_t i = 0; i < p->len; i++) {
		if (is_magic_char(p, i, '\\') && i + 1 < p->len)
			i++;
		sbuf_putc(path, p->text[i]);
	}
}

static struct pattern sub_pattern(const struct pattern *p, size_t from,
				  size_t to)
{
	return (struct pattern){
		.text	= p->text + from,
		.quoted	= p->quoted + from,
		.len	= to - from,
	};
}

static void glob_from(const struct pattern *rest, struct sbuf *path,
		      struct strings *found);

/* Try each name in the directory @path against @part, then go on. */
static void glob_directory(const struct pattern *part,
			   const struct pattern *rest, struct sbuf *path,
			   struct strings *found)
{
	bool hidden = part->len && part->text[0] == '.';
	size_t base = path->len;
	struct strings names = { 0 };
	struct dirent *entry;
	DIR *dir = opendir(base ? sbuf_str(path) : ".");

	if (!dir)
		return;
	/* Only names that match are kept; nothing here may throw but memory. */
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' && !hidden)
			continue;
		if (pattern_match(part, entry->d_name, strlen(entry->d_name)))
			strings_add(&names,
				    arena_strdup(scratch, entry->d_name));
	}
	closedir(dir);
	for (size_t i = 0; i < names.nr; i++) {
		path->len = base;
		sbuf_puts(path, names.list[i]);
		glob_from(rest, path, found);
	}
	path->len = base;
}

/*
 * Add to @found the existing paths that begin with @path and go on as @rest
 * says. @rest begins with a slash or is the first component.
 */
static void glob_from(const struct pattern *rest, struct sbuf *path,
		      struct strings *found)
{
	size_t base = path->len;
	size_t start = 0, end;
	struct pattern part, tail;
	struct stat st;

	stack_check();
	while (start < rest->len && rest->text[start] == '/') {
		sbuf_putc(path, '/');
		start++;
	}
	for (end = start; end < rest->len && rest->text[end] != '/'; )
		end++;
	part = sub_pattern(rest, start, end);
	tail = sub_pattern(rest, end, rest->len);
	if (!part.len) {
		if (!lstat(sbuf_str(path), &st))
			strings_add(found, arena_strdup(scratch,
							sbuf_str(path)));
	} else if (pattern_is_magic(&part)) {
		glob_directory(&part, &tail, path, found);
	} else {
		put_literal(path, &part);
		glob_from(&tail, path, found);
	}
	path->len = base;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * Append the existing paths that match, in order.
 *
 * Return: whether there are any.
 */
bool pattern_glob(const struct pattern *pattern, struct strings *found)
{
	size_t before = found->nr;
	struct sbuf path;

	sbuf_init(&path, scratch);
	glob_from(pattern, &path, found);
	if (found->nr == before)
		return false;
	qsort(found->list + before, found->nr - before, sizeof(char *),
	      compare);
	return true;
}
