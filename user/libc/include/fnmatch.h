/* Matching a name against a shell pattern (fnmatch.c). */
#pragma once

#define FNM_NOMATCH	1

#define FNM_PATHNAME	1	/* a slash is matched by a slash only */
#define FNM_NOESCAPE	2	/* a backslash is an ordinary character */
#define FNM_PERIOD	4	/* a leading dot is matched by a dot only */
#define FNM_CASEFOLD	16

int fnmatch(const char *pattern, const char *name, int flags);
