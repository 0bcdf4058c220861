/*
 * ls: list files.
 *
 *	ls [-aldi1] [FILE...]		the working directory if none is named
 *
 *	-a	those whose name begins with a dot, too
 *	-l	with type, permissions, links, owner, group, size and time
 *	-d	directories themselves, not what is in them
 *	-i	with inode numbers
 *	-1	one name a line, which is how it is if nobody watches
 *
 * Everything is listed twice: first into an array, which is sorted and gives
 * the widths of the columns, then to the output. Users and groups are shown
 * as the numbers the kernel knows.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "common/common.h"

enum { TROUBLE = 2 };		/* a file that was named is not there */

static struct {
	bool	all;
	bool	details;
	bool	no_descent;
	bool	inodes;
	int	columns;	/* of the terminal; 0: one name a line */
} options;

/* One line of the listing. */
struct entry {
	char		*name;		/* as it is shown */
	char		*path;		/* as it is found */
	struct stat	st;
};

struct list {
	struct entry	*entries;
	size_t		count;
};

/* The widths of the columns that are numbers. */
struct widths {
	int	inode, links, uid, gid, size, major, minor;
};

static void list_add(struct list *list, const char *name, char *path,
		     const struct stat *st)
{
	struct entry *e;

	list->entries = reallocarray(list->entries, list->count + 1,
				     sizeof(*list->entries));
	if (!list->entries)
		err(EXIT_FAILURE, "%s", path);
	e = &list->entries[list->count++];
	e->name = strdup(name);
	if (!e->name)
		err(EXIT_FAILURE, "%s", path);
	e->path = path;
	e->st = *st;
}

static void list_free(struct list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->entries[i].name);
		free(list->entries[i].path);
	}
	free(list->entries);
}

static int compare_names(const void *a, const void *b)
{
	return strcoll(((const struct entry *)a)->name,
		       ((const struct entry *)b)->name);
}

static void list_sort(struct list *list)
{
	qsort(list->entries, list->count, sizeof(*list->entries),
	      compare_names);
}

static int digits(unsigned long n)
{
	int count = 1;

	for (; n >= 10; n /= 10)
		count++;
	return count;
}

static void widen(int *width, unsigned long n)
{
	if (digits(n) > *width)
		*width = digits(n);
}

static bool is_device(const struct stat *st)
{
	return S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode);
}

static struct widths measure(const struct list *list)
{
	struct widths w = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		const struct stat *st = &list->entries[i].st;

		widen(&w.inode, st->st_ino);
		widen(&w.links, st->st_nlink);
		widen(&w.uid, st->st_uid);
		widen(&w.gid, st->st_gid);
		if (is_device(st)) {
			widen(&w.major, major(st->st_rdev));
			widen(&w.minor, minor(st->st_rdev));
		} else {
			widen(&w.size, (unsigned long)st->st_size);
		}
	}
	/* A device has "major, minor" where others have their size. */
	if (w.major && w.size < w.major + 2 + w.minor)
		w.size = w.major + 2 + w.minor;
	if (w.major)
		w.major = w.size - 2 - w.minor;
	return w;
}

/* "drwxr-xr-x", with the set-id and sticky bits over the x they modify. */
static void format_mode(mode_t mode, char text[11])
{
	static const char types[] = "?pc?d?b?-?l?s???";
	static const char bits[] = "rwxrwxrwx";

	text[0] = types[mode >> 12 & 15];
	for (int i = 0; i < 9; i++)
		text[1 + i] = mode & 0400 >> i ? bits[i] : '-';
	if (mode & S_ISUID)
		text[3] = mode & S_IXUSR ? 's' : 'S';
	if (mode & S_ISGID)
		text[6] = mode & S_IXGRP ? 's' : 'S';
	if (mode & S_ISVTX)
		text[9] = mode & S_IXOTH ? 't' : 'T';
	text[10] = '\0';
}

/* Half a year ago or in the future, the year says more than the hour. */
static void print_time(time_t when)
{
	const time_t half_a_year = 31556952 / 2;
	time_t now = time(NULL);
	bool recent = when <= now && now - when < half_a_year;
	struct tm *tm = localtime(&when);
	char text[32];

	if (!tm || strftime(text, sizeof(text), recent ? "%b %e %H:%M"
						       : "%b %e  %Y", tm) == 0)
		snprintf(text, sizeof(text), "%12ld", when);
	printf(" %s", text);
}

static void print_link_target(const struct entry *e)
{
	char target[PATH_MAX];
	ssize_t len = readlink(e->path, target, sizeof(target));

	if (len >= 0)
		printf(" -> %.*s", (int)len, target);
}

static void print_details(const struct entry *e, const struct widths *w)
{
	char mode[11];

	format_mode(e->st.st_mode, mode);
	printf("%s %*lu %-*u %-*u ", mode, w->links, e->st.st_nlink, w->uid,
	       e->st.st_uid, w->gid, e->st.st_gid);
	if (is_device(&e->st))
		printf("%*u, %*u", w->major, major(e->st.st_rdev), w->minor,
		       minor(e->st.st_rdev));
	else
		printf("%*ld", w->size, e->st.st_size);
	print_time(e->st.st_mtim.tv_sec);
	printf(" %s", e->name);
	if (S_ISLNK(e->st.st_mode))
		print_link_target(e);
	putchar('\n');
}

/* Names in columns, read downwards, all as wide as the longest. */
static void print_columns(const struct list *list)
{
	int width = 1, per_row;	/* an empty list, too */
	size_t rows;

	for (size_t i = 0; i < list->count; i++) {
		int len = (int)strlen(list->entries[i].name) + 2;

		width = len > width ? len : width;
	}
	per_row = options.columns / width;
	per_row = per_row < 1 ? 1 : per_row;
	rows = (list->count + (size_t)per_row - 1) / (size_t)per_row;
	for (size_t row = 0; row < rows; row++) {
		for (size_t i = row; i < list->count; i += rows) {
			bool last = i + rows >= list->count;

			printf("%-*s", last ? 0 : width,
			       list->entries[i].name);
		}
		putchar('\n');
	}
}

static void print_list(struct list *list)
{
	struct widths w = measure(list);

	list_sort(list);
	if (options.columns && !options.details && !options.inodes &&
	    list->count > 0) {
		print_columns(list);
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct entry *e = &list->entries[i];

		if (options.inodes)
			printf("%*lu ", w.inode, e->st.st_ino);
		if (options.details)
			print_details(e, &w);
		else
			puts(e->name);
	}
}

/* Read a directory into a list. Return: 0, or -1 if anything failed. */
static int read_directory(const char *path, struct list *list)
{
	struct dirent *d;
	DIR *dir = opendir(path);
	int ret = 0;

	if (!dir) {
		warn("%s", path);
		return -1;
	}
	for (errno = 0; (d = readdir(dir)) != NULL; errno = 0) {
		struct stat st;
		char *full;

		if (d->d_name[0] == '.' && !options.all)
			continue;
		full = join_path(path, d->d_name);
		if (lstat(full, &st) < 0) {
			warn("%s", full);
			free(full);
			ret = -1;
			continue;
		}
		list_add(list, d->d_name, full, &st);
	}
	if (errno) {
		warn("%s", path);
		ret = -1;
	}
	closedir(dir);
	return ret;
}

static int list_directory(const char *path)
{
	struct list list = { 0 };
	int ret = read_directory(path, &list);
	unsigned long blocks = 0;

	if (options.details) {
		for (size_t i = 0; i < list.count; i++)
			blocks += (unsigned long)list.entries[i].st.st_blocks;
		printf("total %lu\n", blocks / 2);	/* in KiB */
	}
	print_list(&list);
	list_free(&list);
	return ret;
}

/*
 * Should the operand be listed itself, or what is in it? With -l a link to a
 * directory is shown as the link it is.
 */
static bool shows_contents(const char *path, struct stat *st)
{
	if (options.no_descent || S_ISDIR(st->st_mode))
		return !options.no_descent;
	return S_ISLNK(st->st_mode) && !options.details && is_directory(path);
}

/*
 * List the files among the operands first, then each directory's contents.
 *
 * Return: the exit status.
 */
static int list_operands(char **names, int count)
{
	int status = EXIT_SUCCESS;
	struct list files = { 0 }, dirs = { 0 };
	bool titles = count > 1;

	for (int i = 0; i < count; i++) {
		struct stat st;
		char *path;

		if (lstat(names[i], &st) < 0) {
			warn("%s", names[i]);
			status = TROUBLE;
			continue;
		}
		path = strdup(names[i]);
		if (!path)
			err(EXIT_FAILURE, "%s", names[i]);
		list_add(shows_contents(path, &st) ? &dirs : &files, names[i],
			 path, &st);
	}
	print_list(&files);
	list_sort(&dirs);
	for (size_t i = 0; i < dirs.count; i++) {
		if (titles)
			printf("%s%s:\n", i > 0 || files.count > 0 ? "\n" : "",
			       dirs.entries[i].name);
		if (list_directory(dirs.entries[i].path) < 0 && !status)
			status = EXIT_FAILURE;
	}
	list_free(&files);
	list_free(&dirs);
	return status;
}

static int terminal_columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col > 0 ? size.ws_col : 80;
}

int main(int argc, char **argv)
{
	char here[] = ".", *no_names[] = { here };
	int opt, status;

	options.columns = terminal_columns();
	while ((opt = getopt(argc, argv, "aldi1")) != -1) {
		switch (opt) {
		case 'a':
			options.all = true;
			break;
		case 'l':
			options.details = true;
			break;
		case 'd':
			options.no_descent = true;
			break;
		case 'i':
			options.inodes = true;
			break;
		case '1':
			options.columns = 0;
			break;
		default:
			usage("[-aldi1] [FILE...]");
		}
	}
	if (optind == argc)
		status = list_operands(no_names, 1);
	else
		status = list_operands(argv + optind, argc - optind);
	return finish_output(status);
}
