/*
 * Character devices: from device numbers to file operations.
 *
 * A driver registers a range of numbers with a table of operations. Opening a
 * device node looks the number up and hands the file over: file->ops becomes
 * the driver's, and its open op is called, which finds the range's private
 * pointer with char_dev_private().
 */
#pragma once

#include <fs/dev.h>
#include <keel/list.h>
#include <kernel/rcu.h>

struct file_ops;
struct inode;

/* One registered range. Made and freed by the functions below. */
struct char_dev {
	dev_t			first;
	unsigned int		count;
	const char		*name;
	const struct file_ops	*ops;
	void			*private;
	struct hlist_node	node;	/* of the registry */
	struct rcu_head		rcu;
};

/*
 * 0; -EBUSY if a number is taken, -EINVAL, -ENOMEM. @name must stay: it is
 * what /proc/devices shows.
 */
int register_chrdev(unsigned int major, unsigned int minor, unsigned int count,
		    const char *name, const struct file_ops *ops,
		    void *private);
/* Files that are open keep working on what they have. */
void unregister_chrdev(unsigned int major, unsigned int minor,
		       unsigned int count);

/* For open ops: what register_chrdev() was given. */
void *char_dev_private(const struct inode *inode);

/* For /proc/devices: by number, until @fn returns nonzero. */
int char_devs_for_each(int (*fn)(const struct char_dev *dev, void *arg),
		       void *arg);

/* What a device node's inode begins with. */
extern const struct file_ops char_dev_fops;
