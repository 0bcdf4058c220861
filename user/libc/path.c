/*
 * Paths: splitting them, resolving them, inventing new ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Cut trailing slashes off, but leave the root its one. */
static void strip_slashes(char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
}

/* The last component. Return: a place in @path, or "." if that is empty. */
char *basename(char *path)
{
	char *slash;

	if (!path || !*path)
		return (char *)".";
	strip_slashes(path);
	slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

/* All but the last component, "." if there is nothing before it. */
char *dirname(char *path)
{
	char *slash;

	if (!path || !*path)
		return (char *)".";
	strip_slashes(path);
	slash = strrchr(path, '/');
	if (!slash)
		return (char *)".";
	if (slash == path)
		slash++;
	*slash = '\0';
	strip_slashes(path);
	return path;
}

/*
 * The absolute path of @path without links and dots: the kernel knows it for
 * any open file, and O_PATH opens without needing to read.
 *
 * Return: @resolved, or memory from malloc if that is NULL; NULL on failure
 * (what open or readlink said; ENAMETOOLONG).
 */
char *realpath(const char *restrict path, char *restrict resolved)
{
	char link[32], full[PATH_MAX];
	int fd = open(path, O_PATH | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, full, sizeof(full));
	close(fd);
	if (len < 0)
		return NULL;
	if ((size_t)len == sizeof(full)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	full[len] = '\0';
	return resolved ? strcpy(resolved, full) : strdup(full);
}

/* Replace the XXXXXX at the end. Return: 0 or -1 (EINVAL: not there). */
static int fill_template(char *template)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t len = strlen(template);
	unsigned char bytes[6];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -1;
	for (size_t i = 0; i < sizeof(bytes); i++)
		template[len - sizeof(bytes) + i] =
			letters[bytes[i] % (sizeof(letters) - 1)];
	return 0;
}

static int check_template(const char *template)
{
	size_t len = strlen(template);

	if (len >= 6 && strcmp(template + len - 6, "XXXXXX") == 0)
		return 0;
	errno = EINVAL;
	return -1;
}

enum { MAX_TRIES = 100 };

/*
 * Create a file that nobody else has, for reading and writing, with a name
 * made from @template, whose last six bytes are XXXXXX and are replaced.
 *
 * Return: its descriptor, or -1 (EINVAL, or what open said).
 */
int mkstemp(char *template)
{
	int fd = -1;

	if (check_template(template) < 0)
		return -1;
	for (int i = 0; i < MAX_TRIES; i++) {
		if (fill_template(template) < 0)
			return -1;
		fd = open(template, O_RDWR | O_CREAT | O_EXCL, 0600);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	return fd;
}

/* The same for a directory. Return: @template, or NULL. */
char *mkdtemp(char *template)
{
	if (check_template(template) < 0)
		return NULL;
	for (int i = 0; i < MAX_TRIES; i++) {
		if (fill_template(template) < 0)
			return NULL;
		if (mkdir(template, 0700) == 0)
			return template;
		if (errno != EEXIST)
			break;
	}
	return NULL;
}
