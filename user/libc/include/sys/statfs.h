/* What there is to know about a mounted file system. */
#pragma once

#include <sys/types.h>
#include <uapi/statfs.h>

int statfs(const char *path, struct statfs *st);
int fstatfs(int fd, struct statfs *st);
