/*
 * Every driver in the kernel, in one visible table, and the devices a PC has
 * without telling anybody: those of the IBM PC's own ports.
 */
#include <drivers/base/device.h>

#include <drivers/char/mem.h>
#include <drivers/tty/serial/8250.h>
#include <drivers/tty/tty.h>

static struct driver *const drivers[] __initconst = {
	&serial8250_driver,
};

/* COM1 and COM2. COM3 and COM4 have no lines of their own; nobody has them. */
static const struct resource com1_resources[] = {
	{ RES_IO, 0x3f8, 8 }, { RES_IRQ, 4, 1 }, {}
};

static const struct resource com2_resources[] = {
	{ RES_IO, 0x2f8, 8 }, { RES_IRQ, 3, 1 }, {}
};

static struct device pc_devices[] = {
	{ .name = "serial8250", .bus = &platform_bus,
	  .resources = com1_resources },
	{ .name = "serial8250", .bus = &platform_bus,
	  .resources = com2_resources },
};

/* Before: the VFS, devtmpfs, workqueues, interrupts. */
void __init drivers_init(void)
{
	mem_devices_init();
	tty_init();
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		driver_register(drivers[i]);
	for (size_t i = 0; i < ARRAY_SIZE(pc_devices); i++)
		device_register(&pc_devices[i]);
}
