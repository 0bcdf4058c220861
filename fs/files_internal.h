/*
 * Between fs/files.c and the calls that steer descriptors.
 */
#pragma once

#include <keel/types.h>

int fd_alloc(unsigned int start, unsigned int end, unsigned int flags);
unsigned int fd_limit(void);
void set_close_on_exec(unsigned int fd, bool cloexec);

struct file;

/* fs/fcntl.c */
void file_change_flag(struct file *file, unsigned int flag, bool on);
int file_set_async(int fd, struct file *file, bool on);
