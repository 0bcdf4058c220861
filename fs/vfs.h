/*
 * The whole floor in one call, for kernel/main.c.
 */
#pragma once

/*
 * Caches and tables of the VFS, and the first tree (an empty tmpfs) as root
 * and working directory of init_task. After: slab, vmalloc, rcu, time and
 * tmpfs_init().
 * Before: anything that opens a file or forks.
 */
void vfs_init(void);
