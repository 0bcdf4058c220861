/* Random bytes from the kernel, fit for secrets. */
#pragma once

#include <sys/types.h>
#include <uapi/random.h>

ssize_t getrandom(void *dst, size_t n, unsigned flags);
