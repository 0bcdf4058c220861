/*
 * procfs: the kernel's state as files.
 *
 * It has two halves. What belongs to the machine (/proc/meminfo, /proc/sys)
 * stands in a tree of entries that are added once and stay: fs/pseudo.h says
 * how, and proc_root is where they go. What belongs to processes is not stored
 * anywhere: looking up a number finds the task, and from then on each file of
 * its directory asks that task when it is read (fs/proc/task.c).
 */
#pragma once

#include <fs/pseudo.h>

struct file;
struct pid;

/* /proc itself: the parent of what others add. */
extern struct pseudo_entry proc_root;
/* /proc/net: the parent of what protocols add. */
extern struct pseudo_entry proc_net;

/*
 * The process whose directory @file has open, counted; NULL if it is another
 * file. Context: any.
 */
struct pid *proc_process_of(struct file *file);

/*
 * /proc and all that is in it. After: slab, VFS, tasks. Before: anyone who
 * mounts it or adds to it.
 */
void proc_init(void);
