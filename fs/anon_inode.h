/*
 * Files that have no place in any tree: epoll instances, event counters,
 * timers and processes as descriptors.
 *
 * Such a file is all state of its own and no inode; one inode serves them all,
 * since every struct file needs one. /proc/PID/fd shows them as
 * "anon_inode:NAME".
 */
#pragma once

struct file;
struct file_ops;

struct file *anon_inode_file(const char *name, const struct file_ops *ops,
			     void *private, int flags);
int anon_inode_fd(const char *name, const struct file_ops *ops, void *private,
		  int flags);

void anon_inode_init(void);
