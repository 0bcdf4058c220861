/*
 * Error numbers (the kernel's own list) and the variable that holds the last.
 *
 * A plain variable, because programs of this library have one thread; with
 * threads it becomes a macro for a per-thread location, and no caller changes.
 */
#pragma once

#include <uapi/errno.h>

extern int errno;
extern char *program_invocation_name;		/* argv[0] */
extern char *program_invocation_short_name;	/* after its last slash */
