/*
 * The memory devices and the kernel log as a device.
 */
#pragma once

struct file_ops;

extern const struct file_ops kmsg_ops;	/* kmsg.c */

void mem_devices_init(void);
