/*
 * The registry of character devices: a hash of ranges by their major number.
 *
 * Openers look under RCU; who registers holds the mutex. A range stays in
 * memory for a grace period after it was removed; what it pointed to is the
 * driver's, who does not go before its files are closed.
 */
#include <fs/char_dev.h>

#include <fs/file.h>
#include <fs/inode.h>
#include <kernel/mutex.h>
#include <mm/slab.h>

#include "internal.h"

#define BUCKETS	64	/* majors beyond share them */

static struct hlist_head registry[BUCKETS];
static DEFINE_MUTEX(registry_mutex, RANK_MUTEX_LEAF);

static struct hlist_head *bucket(dev_t dev)
{
	return &registry[MAJOR(dev) % BUCKETS];
}

static bool is_in(const struct char_dev *cd, dev_t dev)
{
	return dev - cd->first < cd->count;
}

/* Context: RCU, or registry_mutex held. NULL: no such device. */
static struct char_dev *find(dev_t dev)
{
	struct char_dev *cd;

	hlist_for_each_entry_rcu(cd, bucket(dev), node)
		if (is_in(cd, dev))
			return cd;
	return NULL;
}

static bool is_taken(dev_t first, unsigned int count)
{
	struct char_dev *cd;

	hlist_for_each_entry(cd, bucket(first), node)
		if (first < cd->first + cd->count && cd->first < first + count)
			return true;
	return false;
}

int register_chrdev(unsigned int major, unsigned int minor, unsigned int count,
		    const char *name, const struct file_ops *ops,
		    void *private)
{
	struct char_dev *cd;

	if (major > DEV_MAJOR_MAX || minor > DEV_MINOR_MAX || !count ||
	    count > DEV_MINOR_MAX + 1 - minor)
		return -EINVAL;
	cd = kzalloc(sizeof(*cd), GFP_KERNEL);
	if (!cd)
		return -ENOMEM;
	cd->first = MKDEV(major, minor);
	cd->count = count;
	cd->name = name;
	cd->ops = ops;
	cd->private = private;
	mutex_lock(&registry_mutex);
	if (is_taken(cd->first, count)) {
		mutex_unlock(&registry_mutex);
		kfree(cd);
		return -EBUSY;
	}
	hlist_add_head(&cd->node, bucket(cd->first));
	mutex_unlock(&registry_mutex);
	return 0;
}

void unregister_chrdev(unsigned int major, unsigned int minor,
		       unsigned int count)
{
	dev_t first = MKDEV(major, minor);
	struct char_dev *cd;

	MUTEX_GUARD(&registry_mutex);
	cd = find(first);
	if (WARN_ON(!cd || cd->first != first || cd->count != count))
		return;
	hlist_del_rcu(&cd->node);
	kfree_rcu(cd, rcu);
}

void *char_dev_private(const struct inode *inode)
{
	struct char_dev *cd;

	RCU_GUARD();
	cd = find(inode->rdev);
	return cd ? cd->private : NULL;
}

int char_devs_for_each(int (*fn)(const struct char_dev *dev, void *arg),
		       void *arg)
{
	struct char_dev *cd;
	unsigned int major;
	int err;

	MUTEX_GUARD(&registry_mutex);
	for (major = 0; major <= DEV_MAJOR_MAX; major++) {
		hlist_for_each_entry(cd, &registry[major % BUCKETS], node) {
			if (MAJOR(cd->first) != major)
				continue;
			err = fn(cd, arg);
			if (err)
				return err;
		}
	}
	return 0;
}

/* Hand the file over to the driver. -ENXIO: there is none. */
static int char_dev_open(struct inode *inode, struct file *file)
{
	const struct file_ops *ops = NULL;
	struct char_dev *cd;

	rcu_read_lock();
	cd = find(inode->rdev);
	if (cd)
		ops = cd->ops;
	rcu_read_unlock();
	if (!ops)
		return -ENXIO;
	replace_fops(file, ops);
	return ops->open ? ops->open(inode, file) : 0;
}

const struct file_ops char_dev_fops = {
	.open = char_dev_open,
};
