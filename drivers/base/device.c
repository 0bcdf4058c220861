/*
 * Bringing devices and drivers together: see device.h.
 */
#include <drivers/base/device.h>

#define LOG_PREFIX "driver"

#include <kernel/printk.h>
#include <lib/string.h>

const struct resource *device_resource(const struct device *dev,
				       enum resource_type type,
				       unsigned int index)
{
	for (const struct resource *r = dev->resources; r->type; r++)
		if (r->type == type && index-- == 0)
			return r;
	return NULL;
}

/* Try @drv for @dev. Locking: bus->lock held. */
static void try_bind(struct device *dev, struct driver *drv)
{
	int err;

	if (dev->driver || !dev->bus->match(dev, drv))
		return;
	dev->driver = drv;
	err = drv->probe(dev);
	if (!err)
		return;
	dev->driver = NULL;
	if (err != -ENODEV)
		pr_warn("%s: %s failed: error %d", dev->name, drv->name, err);
}

/*
 * Put @dev on its bus and find its driver. Context: process; may sleep.
 * Return: 0; not having a driver (yet) is no error.
 */
int device_register(struct device *dev)
{
	struct driver *drv;

	MUTEX_GUARD(&dev->bus->lock);
	list_add_tail(&dev->bus_node, &dev->bus->devices);
	list_for_each_entry(drv, &dev->bus->drivers, bus_node)
		try_bind(dev, drv);
	return 0;
}

/* Offer @drv to all devices of its bus, present and future. As above. */
int driver_register(struct driver *drv)
{
	struct device *dev;

	MUTEX_GUARD(&drv->bus->lock);
	list_add_tail(&drv->bus_node, &drv->bus->drivers);
	list_for_each_entry(dev, &drv->bus->devices, bus_node)
		try_bind(dev, drv);
	return 0;
}

static bool platform_match(const struct device *dev, const struct driver *drv)
{
	const char *const *names = drv->id_table;

	for (; *names; names++)
		if (strcmp(*names, dev->name) == 0)
			return true;
	return false;
}

struct bus_type platform_bus = {
	.name = "platform",
	.match = platform_match,
	.lock = MUTEX_INIT(platform_bus.lock, RANK_DEVICE_LIST),
	.devices = LIST_HEAD_INIT(platform_bus.devices),
	.drivers = LIST_HEAD_INIT(platform_bus.drivers),
};
