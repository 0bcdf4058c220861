/*
 * Removing files and whole trees, for rm, and for mv between file systems.
 */
#include "common.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Remove all entries of a directory. They are listed before the first is
 * removed: a directory that changes while it is read may show an entry twice
 * or not at all.
 */
static int remove_entries(const char *path, int flags)
{
	struct dirent **list;
	int count = scandir(path, &list, NULL, NULL), ret = 0;

	if (count < 0) {
		warn("%s", path);
		return -1;
	}
	for (int i = 0; i < count; i++) {
		const char *name = list[i]->d_name;

		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
			char *child = join_path(path, name);

			ret |= remove_path(child, flags);
			free(child);
		}
		free(list[i]);
	}
	free(list);
	return ret;
}

/*
 * Remove what is at @path; a symbolic link itself, never what it leads to.
 *
 * Return: 0 or -1, reported.
 */
int remove_path(const char *path, int flags)
{
	struct stat st;
	int ret;

	if (lstat(path, &st) < 0) {
		if (errno == ENOENT && (flags & REMOVE_FORCE))
			return 0;
		warn("%s", path);
		return -1;
	}
	if (!S_ISDIR(st.st_mode)) {
		ret = unlink(path);
	} else if (flags & REMOVE_RECURSIVE) {
		if (remove_entries(path, flags) < 0)
			return -1;
		ret = rmdir(path);
	} else {
		errno = EISDIR;
		ret = -1;
	}
	if (ret < 0)
		warn("%s", path);
	return ret;
}
