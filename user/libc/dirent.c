/*
 * Reading directories.
 *
 * The kernel fills a buffer with as many records as fit, and readdir hands
 * them out one by one, in place. A record's d_off is a place to seek to, not
 * a count of anything.
 */
#include <dirent.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "syscall.h"

enum { BUFFER_SIZE = 8192 };

/* One open directory. */
struct dir_stream {
	int	fd;
	long	place;			/* d_off of the last record */
	size_t	pos;			/* of the next record in buf */
	size_t	len;			/* of what buf holds */
	char	buf[BUFFER_SIZE] __attribute__((aligned(16)));
};

/*
 * Make a stream of the directory @fd, which then belongs to it.
 *
 * Return: the stream, or NULL (EBADF, ENOTDIR, ENOMEM).
 */
DIR *fdopendir(int fd)
{
	struct stat st;
	DIR *dir;

	if (fstat(fd, &st) < 0)
		return NULL;
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return NULL;
	}
	dir = malloc(sizeof(*dir));
	if (!dir)
		return NULL;
	dir->fd = fd;
	dir->place = 0;
	dir->pos = dir->len = 0;
	return dir;
}

DIR *opendir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir;

	if (fd < 0)
		return NULL;
	dir = fdopendir(fd);
	if (!dir)
		close(fd);
	return dir;
}

/*
 * The next entry, valid until the next call on the same stream.
 *
 * Return: it, or NULL: at the end with errno as it was, else with the error.
 * A directory removed while it is read has ended, hence ENOENT is no error.
 */
struct dirent *readdir(DIR *dir)
{
	struct dirent *entry;

	if (dir->pos >= dir->len) {
		long n = sys3(__NR_getdents64, dir->fd, (long)dir->buf,
			      sizeof(dir->buf));

		if (n == 0 || n == -ENOENT)
			return NULL;
		if (SYSCALL(n) < 0)
			return NULL;
		dir->len = (size_t)n;
		dir->pos = 0;
	}
	entry = (struct dirent *)(dir->buf + dir->pos);
	dir->pos += entry->d_reclen;
	dir->place = entry->d_off;
	return entry;
}

int closedir(DIR *dir)
{
	int ret = close(dir->fd);

	free(dir);
	return ret;
}

int dirfd(DIR *dir)
{
	return dir->fd;
}

long telldir(DIR *dir)
{
	return dir->place;
}

/* Go to a place that telldir returned. What was read ahead is forgotten. */
void seekdir(DIR *dir, long place)
{
	dir->place = lseek(dir->fd, place, SEEK_SET);
	dir->pos = dir->len = 0;
}

void rewinddir(DIR *dir)
{
	seekdir(dir, 0);
}

int alphasort(const struct dirent **a, const struct dirent **b)
{
	return strcoll((*a)->d_name, (*b)->d_name);
}

/* Add a copy of @entry to the list. Return: 0 or -1 (ENOMEM). */
static int list_append(struct dirent ***list, int *count,
		       const struct dirent *entry)
{
	struct dirent **longer;
	struct dirent *copy;

	longer = reallocarray(*list, (size_t)*count + 1, sizeof(**list));
	if (!longer)
		return -1;
	*list = longer;
	copy = malloc(entry->d_reclen);
	if (!copy)
		return -1;
	memcpy(copy, entry, entry->d_reclen);
	longer[(*count)++] = copy;
	return 0;
}

/*
 * Read a whole directory: the entries that @keep accepts (all, if it is
 * NULL), sorted by @compare (not, if it is NULL). Each entry, and the list,
 * is the caller's to free.
 *
 * Return: the number of entries, or -1 (what opendir said, ENOMEM).
 */
int scandir(const char *path, struct dirent ***list,
	    int (*keep)(const struct dirent *),
	    int (*compare)(const struct dirent **, const struct dirent **))
{
	struct dirent **found = NULL, *entry;
	int count = 0, err = 0;
	DIR *dir = opendir(path);

	if (!dir)
		return -1;
	for (errno = 0; (entry = readdir(dir)) != NULL; errno = 0) {
		if (keep && !keep(entry))
			continue;
		if (list_append(&found, &count, entry) < 0)
			break;
	}
	err = errno;
	closedir(dir);
	if (err) {
		while (count > 0)
			free(found[--count]);
		free(found);
		errno = err;
		return -1;
	}
	if (compare && count > 1)
		qsort(found, (size_t)count, sizeof(*found),
		      (int (*)(const void *, const void *))compare);
	*list = found;
	return count;
}
