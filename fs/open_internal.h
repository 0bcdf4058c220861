/*
 * Between fs/open.c (the system calls), fs/namei_open.c (finding or making the
 * file) and fs/file_open.c (opening what was found).
 */
#pragma once

#include <keel/types.h>

struct file;
struct path;

/* What open(2) was asked for, taken apart. */
struct open_flags {
	unsigned int	flags;		/* O_*, as the file will have them */
	mode_t		mode;		/* of a file to be created */
	int		acc_mode;	/* MAY_*: what must be allowed */
	unsigned int	lookup_flags;
};

struct open_how;

int build_open_flags(const struct open_how *how, struct open_flags *op);
struct file *open_at(int dfd, const char *name, const struct open_flags *op);
int may_open(const struct path *path, int acc_mode, unsigned int flags);
