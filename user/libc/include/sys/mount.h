/* Attaching and detaching file systems. MS_* are in <uapi/mount.h>. */
#pragma once

#include <sys/types.h>
#include <uapi/mount.h>

int mount(const char *source, const char *target, const char *type,
	  unsigned long flags, const void *data);
int umount(const char *target);
int umount2(const char *target, int flags);
