/*
 * sysfs: the machine as a tree of files, one value each.
 *
 * What is there so far is what C libraries and lscpu(1) look for: which CPUs
 * there are, and which clock is in use.
 */
#pragma once

#include <fs/pseudo.h>

/* /sys itself, and the directories that others add to. */
extern struct pseudo_entry sysfs_root;
extern struct pseudo_entry *sysfs_kernel_dir, *sysfs_devices_dir;

/* After: slab, VFS, and the number of CPUs is known. */
void sysfs_init(void);
