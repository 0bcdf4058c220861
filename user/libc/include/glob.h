/* Finding the files whose path matches a shell pattern (glob.c). */
#pragma once

#include <stddef.h>

#define GLOB_ERR	1	/* stop at a directory that cannot be read */
#define GLOB_MARK	2	/* a slash after each directory */
#define GLOB_NOSORT	4
#define GLOB_DOOFFS	8	/* leave gl_offs empty places at the start */
#define GLOB_NOCHECK	16	/* no match: the pattern itself is the result */
#define GLOB_APPEND	32	/* to the results of an earlier call */
#define GLOB_NOESCAPE	64
#define GLOB_PERIOD	128	/* a wildcard may match a leading dot */

#define GLOB_NOSPACE	1
#define GLOB_ABORTED	2
#define GLOB_NOMATCH	3

typedef struct {
	size_t	gl_pathc;
	char	**gl_pathv;	/* ends with NULL */
	size_t	gl_offs;
} glob_t;

int glob(const char *restrict pattern, int flags,
	 int (*on_error)(const char *path, int err), glob_t *restrict result);
void globfree(glob_t *result);
