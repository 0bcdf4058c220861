/*
 * Between fs/files.c and the calls that steer descriptors.
 */
#pragma once

int fd_alloc(unsigned int start, unsigned int end, unsigned int flags);
unsigned int fd_limit(void);
void set_close_on_exec(unsigned int fd, bool cloexec);
