/*
 * Copying and removing files and whole trees, for cp and rm, and for mv between
 * file systems; and making paths out of paths.
 */
#include "common.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- copying ---- */

/* As large as a pipe: more would not make fewer system calls on one. */
enum { COPY_BUFFER = 64 * 1024 };

/* Write all of it. Return: 0 or -1. */
static int write_all(int fd, const char *data, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, data, n);

		if (done < 0)
			return -1;
		data += done;
		n -= (size_t)done;
	}
	return 0;
}

/*
 * Copy what is left to read in @from to @to. The names are for messages.
 *
 * Return: 0 or -1, reported.
 */
int copy_data(int from, const char *from_name, int to, const char *to_name)
{
	static char buf[COPY_BUFFER];
	ssize_t n;

	while ((n = read(from, buf, sizeof(buf))) > 0) {
		if (write_all(to, buf, (size_t)n) < 0) {
			warn("%s", to_name);
			return -1;
		}
	}
	if (n < 0)
		warn("%s", from_name);
	return n < 0 ? -1 : 0;
}

/*
 * Give the copy its mode, and with COPY_PRESERVE owner and times. The owner
 * comes first: changing it clears the set-id bits.
 */
static int copy_attributes(const struct stat *st, const char *to, int flags)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };

	if (!(flags & COPY_PRESERVE))
		return 0;
	if (lchown(to, st->st_uid, st->st_gid) < 0 && errno != EPERM)
		goto failed;
	if (!S_ISLNK(st->st_mode) && chmod(to, st->st_mode & 07777) < 0)
		goto failed;
	if (utimensat(AT_FDCWD, to, times, AT_SYMLINK_NOFOLLOW) < 0)
		goto failed;
	return 0;
failed:
	warn("%s", to);
	return -1;
}

static int copy_regular(const char *from, const struct stat *st,
			const char *to)
{
	struct stat to_st;
	int in, out, ret = -1;

	/* Opening it for writing would empty the file we want to read. */
	if (stat(to, &to_st) == 0 && to_st.st_dev == st->st_dev &&
	    to_st.st_ino == st->st_ino) {
		warnx("%s and %s are the same file", from, to);
		return -1;
	}
	in = open(from, O_RDONLY | O_CLOEXEC);
	if (in < 0) {
		warn("%s", from);
		return -1;
	}
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		   st->st_mode & 0777);
	if (out < 0) {
		warn("%s", to);
		goto close_in;
	}
	ret = copy_data(in, from, out, to);
	if (close(out) < 0) {
		warn("%s", to);
		ret = -1;
	}
close_in:
	close(in);
	return ret;
}

static int copy_symlink(const char *from, const char *to)
{
	char text[PATH_MAX];
	ssize_t len = readlink(from, text, sizeof(text) - 1);

	if (len < 0) {
		warn("%s", from);
		return -1;
	}
	text[len] = '\0';
	if (symlink(text, to) < 0) {
		warn("%s", to);
		return -1;
	}
	return 0;
}

/* Copy the entries of a directory into one that exists. */
static int copy_entries(const char *from, const char *to, int flags)
{
	struct dirent **list;
	int count = scandir(from, &list, NULL, NULL), ret = 0;

	if (count < 0) {
		warn("%s", from);
		return -1;
	}
	for (int i = 0; i < count; i++) {
		const char *name = list[i]->d_name;

		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
			char *child = join_path(from, name);
			char *child_to = join_path(to, name);

			ret |= copy_path(child, child_to, flags);
			free(child);
			free(child_to);
		}
		free(list[i]);
	}
	free(list);
	return ret;
}

/*
 * Would a directory at @to lie within the one @st is about, so that a copy
 * of it would have to contain itself?
 */
static bool would_be_inside(const struct stat *st, const char *to)
{
	struct stat here, below = { 0 };
	char *copy = strdup(to), *path;
	bool inside = false;

	if (!copy)
		err(EXIT_FAILURE, "%s", to);
	path = join_path(dirname(copy), ".");
	free(copy);
	/* Climb until ".." leads nowhere new: that is the root. */
	while (!inside && stat(path, &here) == 0 &&
	       (here.st_ino != below.st_ino || here.st_dev != below.st_dev)) {
		char *up = join_path(path, "..");

		inside = here.st_dev == st->st_dev &&
			 here.st_ino == st->st_ino;
		below = here;
		free(path);
		path = up;
	}
	free(path);
	return inside;
}

static int copy_directory(const char *from, const struct stat *st,
			  const char *to, int flags)
{
	if (!(flags & COPY_RECURSIVE)) {
		warnx("%s is a directory (use -r)", from);
		return -1;
	}
	if (would_be_inside(st, to)) {
		warnx("cannot copy %s into itself, %s", from, to);
		return -1;
	}
	/* The owner must be able to fill it, even if he may not later. */
	if (mkdir(to, (st->st_mode & 0777) | S_IRWXU) < 0 &&
	    (errno != EEXIST || !is_directory(to))) {
		warn("%s", to);
		return -1;
	}
	return copy_entries(from, to, flags);
}

static int copy_special(const struct stat *st, const char *to)
{
	if (mknod(to, st->st_mode, st->st_rdev) < 0) {
		warn("%s", to);
		return -1;
	}
	return 0;
}

/*
 * Copy whatever is at @from to the path @to. A symbolic link is followed,
 * unless whole trees are copied: then it is copied as the link it is.
 *
 * Return: 0 or -1, reported.
 */
int copy_path(const char *from, const char *to, int flags)
{
	struct stat st;
	int ret = flags & COPY_RECURSIVE ? lstat(from, &st) : stat(from, &st);

	if (ret < 0) {
		warn("%s", from);
		return -1;
	}
	if (S_ISDIR(st.st_mode))
		ret = copy_directory(from, &st, to, flags);
	else if (S_ISLNK(st.st_mode))
		ret = copy_symlink(from, to);
	else if (S_ISREG(st.st_mode) || !(flags & COPY_RECURSIVE))
		ret = copy_regular(from, &st, to);
	else
		ret = copy_special(&st, to);
	return ret < 0 ? ret : copy_attributes(&st, to, flags);
}

/* ---- removing ---- */

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

/* ---- paths ---- */

/*
 * The path of @name within @dir, in memory from malloc. Ends the program if
 * there is none: without a name nothing can be done about a file.
 */
char *join_path(const char *dir, const char *name)
{
	size_t len = strlen(dir);
	const char *slash = len > 0 && dir[len - 1] == '/' ? "" : "/";
	char *path;

	if (asprintf(&path, "%s%s%s", dir, slash, name) < 0)
		err(EXIT_FAILURE, "%s", dir);
	return path;
}

/* Is there a directory at @path, or a link to one? */
bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/*
 * Where cp, mv and ln put @source: at @target itself, or, if that is a
 * directory, in it, under the last part of the source's name.
 *
 * Return: the path, to be freed.
 */
static char *target_path(const char *target, const char *source, bool is_dir)
{
	char *copy = strdup(source), *path;

	if (!copy)
		err(EXIT_FAILURE, "%s", source);
	path = is_dir ? join_path(target, basename(copy)) : strdup(target);
	if (!path)
		err(EXIT_FAILURE, "%s", target);
	free(copy);
	return path;
}

/*
 * What cp, mv and ln do with what follows their options, at least two names:
 * FILE NEW_NAME, or FILE... DIRECTORY. @put does it for one file.
 *
 * Return: the exit status.
 */
int put_files(char **names, int count, put_fn put, int flags)
{
	const char *target = names[count - 1];
	bool into_dir = is_directory(target);
	int status = EXIT_SUCCESS;

	if (count > 2 && !into_dir)
		errx(EXIT_FAILURE, "%s is not a directory", target);
	for (int i = 0; i < count - 1; i++) {
		char *to = target_path(target, names[i], into_dir);

		if (put(names[i], to, flags) < 0)
			status = EXIT_FAILURE;
		free(to);
	}
	return status;
}
