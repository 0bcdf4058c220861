/*
 * Between fs/file.c and those who make and finish files.
 */
#pragma once

#include <fs/file.h>

struct file *file_alloc(unsigned int flags, const struct cred *cred);
/* fs/fasync.c */
void file_owner_free(struct file *file);
long file_owner_fcntl(struct file *file, unsigned int cmd, unsigned long arg);


/*
 * Open @file on what file->path (references) leads to. Whether it succeeds or
 * not, all that is left to do with it is fput().
 */
int file_open_path(struct file *file);
