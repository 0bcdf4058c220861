/*
 * devpts: the directory in which each pseudo-terminal has its name.
 *
 * Each mount is an instance of its own, with its own numbers and its own
 * "ptmx", the file that makes a new pair when it is opened. The terminal driver
 * (drivers/tty/pty.c) takes a number here, gives it a name when the pair is
 * ready, and takes both back when the master end is closed.
 *
 * An instance lives as long as it is mounted or one of its numbers is taken.
 */
#pragma once

#include <fs/super.h>

struct file;
struct inode;
struct path;
struct tty;

int devpts_root_of(const struct file *ptmx, struct path *root);
int devpts_take_number(struct super_block *sb, unsigned int *number);
void devpts_drop_number(struct super_block *sb, unsigned int number);
int devpts_add_name(struct super_block *sb, unsigned int number,
		    struct tty *tty);
void devpts_remove_name(struct super_block *sb, unsigned int number);
struct tty *devpts_find(struct inode *inode,
			struct tty *(*get)(struct tty *tty));
struct dentry *devpts_dentry(struct super_block *sb, unsigned int number);
