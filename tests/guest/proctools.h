/*
 * What the suites about /proc/<pid> share: names of its files, and their text.
 */
#pragma once

#include "test.h"

static char text[1 << 16] __attribute__((unused));

static inline char *slurp(const char *path)
{
	return read_file(path, text, sizeof(text));
}

/* "/proc/<pid>/<name>", in one of a few buffers. */
static inline char *of(pid_t pid, const char *name)
{
	static char paths[4][96];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "/proc/%d/%s", pid, name);
	return path;
}

static inline char *link_of(const char *path)
{
	static char target[256];
	ssize_t len = OK(readlink(path, target, sizeof(target) - 1));

	target[len] = '\0';
	return target;
}
