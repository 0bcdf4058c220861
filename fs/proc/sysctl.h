/*
 * /proc/sys: the kernel's adjustable numbers and names.
 *
 * Each is one line in a visible table (sysctl_table.c): a name, a mode, how it
 * is shown and, if it can be changed, how it is stored. Most are a variable
 * with limits, for which there are ready-made handlers.
 */
#pragma once

#include <keel/types.h>

struct seq_file;

/*
 *	op	caller holds			may sleep   if NULL
 *	show	nothing				yes	    -
 *	store	nothing; writes may race	yes	    read-only
 *
 * store gets the text without the white space at its end, and may change it.
 * It returns 0 or -EINVAL, -EPERM, ...
 */
struct sysctl {
	const char	*name;
	mode_t		mode;
	int		(*show)(struct seq_file *m, const struct sysctl *ctl);
	int		(*store)(const struct sysctl *ctl, char *text);
	void		*data;		/* for the handlers below */
	long		min, max;	/* what may be stored, inclusive */
};

struct sysctl_dir {
	const char		*name;
	const struct sysctl	*table;
	unsigned int		nr;
	const struct sysctl_dir	*subdirs;	/* ended by one without name */
};

/* What /proc/sys consists of. */
extern const struct sysctl_dir sysctl_dirs[];

/* Handlers for a variable at ->data: int, unsigned long, bool. */
int sysctl_show_int(struct seq_file *m, const struct sysctl *ctl);
int sysctl_store_int(const struct sysctl *ctl, char *text);
int sysctl_show_ulong(struct seq_file *m, const struct sysctl *ctl);
int sysctl_store_ulong(const struct sysctl *ctl, char *text);
int sysctl_show_bool(struct seq_file *m, const struct sysctl *ctl);
int sysctl_store_bool(const struct sysctl *ctl, char *text);
/* The number ->min, which cannot be changed. */
int sysctl_show_constant(struct seq_file *m, const struct sysctl *ctl);
