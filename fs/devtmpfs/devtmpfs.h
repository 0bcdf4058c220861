/*
 * devtmpfs: a tmpfs in which the kernel makes the device nodes.
 */
#pragma once

#include <keel/types.h>

struct file_system_type;

extern const struct file_system_type devtmpfs_type;

int devtmpfs_create_node(const char *name, mode_t mode, dev_t dev);
int devtmpfs_delete_node(const char *name);
void devtmpfs_init(void);
