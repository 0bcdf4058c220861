/*
 * Reading directories (dirent.c). DT_* are in <uapi/dirent.h>.
 */
#pragma once

#include <sys/types.h>
#include <uapi/dirent.h>

/* The kernel's record; d_name is as long as d_reclen lets it be. */
struct dirent {
	ino_t		d_ino;
	off_t		d_off;
	unsigned short	d_reclen;
	unsigned char	d_type;
	char		d_name[256];
};

typedef struct dir_stream DIR;

DIR *opendir(const char *path);
DIR *fdopendir(int fd);
struct dirent *readdir(DIR *dir);
int closedir(DIR *dir);
int dirfd(DIR *dir);
void rewinddir(DIR *dir);
long telldir(DIR *dir);
void seekdir(DIR *dir, long place);
int scandir(const char *path, struct dirent ***list,
	    int (*keep)(const struct dirent *),
	    int (*compare)(const struct dirent **, const struct dirent **));
int alphasort(const struct dirent **a, const struct dirent **b);
