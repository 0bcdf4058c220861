/*
 * What there is to know about a file, and to change. struct stat and the
 * mode bits are in <uapi/stat.h>.
 */
#pragma once

#include <sys/types.h>
#include <uapi/stat.h>

int stat(const char *restrict path, struct stat *restrict st);
int lstat(const char *restrict path, struct stat *restrict st);
int fstat(int fd, struct stat *st);
int fstatat(int dir, const char *restrict path, struct stat *restrict st,
	    int flags);
int chmod(const char *path, mode_t mode);
int fchmod(int fd, mode_t mode);
int fchmodat(int dir, const char *path, mode_t mode, int flags);
int utimensat(int dir, const char *path, const struct timespec times[2],
	      int flags);
int futimens(int fd, const struct timespec times[2]);
mode_t umask(mode_t mask);
int mkdir(const char *path, mode_t mode);
int mkdirat(int dir, const char *path, mode_t mode);
int mknod(const char *path, mode_t mode, dev_t dev);
int mknodat(int dir, const char *path, mode_t mode, dev_t dev);
int mkfifo(const char *path, mode_t mode);
int renameat(int from_dir, const char *from, int to_dir, const char *to);
