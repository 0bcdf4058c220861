/*
 * The types that fs/super.c lists; each is defined in its own room.
 */
#pragma once

#include <fs/super.h>

extern const struct file_system_type tmpfs_type;	/* fs/tmpfs */
extern const struct file_system_type devtmpfs_type;	/* fs/devtmpfs */
extern const struct file_system_type proc_type;		/* fs/proc */
extern const struct file_system_type sysfs_type;	/* fs/sysfs */
extern const struct file_system_type devpts_type;	/* fs/devpts */
extern const struct file_system_type mqueue_type;	/* ipc */
