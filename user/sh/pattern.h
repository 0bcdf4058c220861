/*
 * Patterns: matching, and the file names that match.
 *
 * See pattern.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Text in which each character may have been quoted: quoted[i] is nonzero if
 * text[i] stands for itself only.
 */
struct pattern {
	const char	*text;
	const char	*quoted;
	size_t		len;
};

struct strings {
	char	**list;
	size_t	nr;
	size_t	cap;
};

void strings_add(struct strings *strings, char *s);
bool pattern_is_magic(const struct pattern *pattern);
bool pattern_match(const struct pattern *pattern, const char *s, size_t len);
bool pattern_glob(const struct pattern *pattern, struct strings *found);
