/* The old way to set a file's times, in seconds. */
#pragma once

#include <uapi/time.h>

int utime(const char *path, const struct utimbuf *times);
