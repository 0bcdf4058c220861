/*
 * Opening files, and fcntl. The flags are in <uapi/fcntl.h>.
 */
#pragma once

#include <sys/types.h>
#include <uapi/fcntl.h>

#define O_ASYNC		FASYNC

int open(const char *path, int flags, ...);
int openat(int dir, const char *path, int flags, ...);
int creat(const char *path, mode_t mode);
int fcntl(int fd, int cmd, ...);
