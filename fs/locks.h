/*
 * Advisory locks on files: fcntl(2) records and flock(2).
 */
#pragma once

#include <keel/compiler.h>

struct file;
struct flock;
struct inode;

/* Last close, and each close of a process for its POSIX locks. */
void locks_remove_posix(struct file *file, void *owner);
void locks_remove_file(struct file *file);
void locks_free_context(struct inode *inode);

/* fcntl(2): F_GETLK, F_SETLK, F_SETLKW and their OFD forms. */
long fcntl_getlk(struct file *file, unsigned int cmd, struct flock __user *);
long fcntl_setlk(unsigned int fd, struct file *file, unsigned int cmd,
		 struct flock __user *);
