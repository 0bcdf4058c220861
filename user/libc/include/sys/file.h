/* Whole-file locks; LOCK_* are in <uapi/fcntl.h>. */
#pragma once

#include <fcntl.h>

int flock(int fd, int operation);
