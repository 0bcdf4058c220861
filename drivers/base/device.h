/*
 * Devices, the buses they are on, and the drivers that serve them.
 *
 * A bus knows its devices and its drivers and brings together those that
 * match: whichever of the two comes last, device_register() or
 * driver_register(), finds the other. A driver says by a table which devices
 * it serves; what an entry means is the bus's affair (a name on the platform
 * bus, vendor and device numbers on PCI).
 *
 * Field protection:  [C] constant once registered  [B] bus->lock
 */
#pragma once

#include <keel/list.h>
#include <keel/refcount.h>
#include <kernel/mutex.h>

struct device;
struct driver;

/*
 *	op	caller holds	may sleep
 *	match	bus->lock	no	does @drv serve @dev?
 */
struct bus_type {
	const char		*name;
	bool (*match)(const struct device *dev, const struct driver *drv);
	struct mutex		lock;
	struct list_head	devices;	/* [lock] by bus_node */
	struct list_head	drivers;	/* [lock] by bus_node */
};

/*
 *	op	caller holds	may sleep
 *	probe	bus->lock	yes	0: the device is ours; or -ENODEV
 *	remove	bus->lock	yes	undo probe
 */
struct driver {
	const char		*name;		/* [C] */
	struct bus_type		*bus;		/* [C] */
	const void		*id_table;	/* [C] as the bus defines it */
	int (*probe)(struct device *dev);
	void (*remove)(struct device *dev);
	struct list_head	bus_node;	/* [B] */
};

/* What a device occupies. */
enum resource_type { RES_END, RES_IO, RES_MEM, RES_IRQ };

struct resource {
	enum resource_type	type;
	unsigned long		start, len;
};

struct device {
	const char		*name;		/* [C] */
	struct bus_type		*bus;		/* [C] */
	struct driver		*driver;	/* [B] NULL: nobody's yet */
	const struct resource	*resources;	/* [C] up to RES_END */
	void			*driver_data;	/* the driver's */
	struct list_head	bus_node;	/* [B] */
};

/* The @index-th resource of a kind, or NULL. */
const struct resource *device_resource(const struct device *dev,
				       enum resource_type type,
				       unsigned int index);
int device_register(struct device *dev);
int driver_register(struct driver *drv);

/* Devices that no bus can list: known by name. id_table: strings, then NULL. */
extern struct bus_type platform_bus;

/* drivers/drivers.c: all drivers there are, and the legacy PC's devices. */
void drivers_init(void);
