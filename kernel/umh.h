/*
 * User-mode helpers: programs that the kernel itself starts.
 */
#pragma once

#include <keel/compiler.h>

int __must_check umh_exec(const char *const *argv, int (*prepare)(void *),
			  void *data);
