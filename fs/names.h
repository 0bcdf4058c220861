/*
 * Between fs/names.c, fs/names_syscalls.c and fs/rename.c.
 */
#pragma once

#include <keel/types.h>

struct dentry;
struct inode;

int may_create(struct inode *dir, const struct dentry *dentry);
int may_delete(struct inode *dir, const struct dentry *victim, bool as_dir);
void directory_is_gone(struct dentry *dentry);
