/*
 * The file systems this kernel knows, in one visible table.
 */
#include <fs/super.h>

#include <lib/string.h>

#include "filesystems.h"

static const struct file_system_type *const file_systems[] = {
	&tmpfs_type,
	&devtmpfs_type,
	&proc_type,
	&sysfs_type,
	&devpts_type,
	&mqueue_type,
};

const struct file_system_type *file_system_at(unsigned int index)
{
	return index < ARRAY_SIZE(file_systems) ? file_systems[index] : NULL;
}

/* By the name mount(2) is given. NULL if we do not have it. */
const struct file_system_type *file_system_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(file_systems); i++)
		if (strcmp(file_systems[i]->name, name) == 0)
			return file_systems[i];
	return NULL;
}
