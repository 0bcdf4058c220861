/*
 * The memory devices, the random ones and the kernel log as a device.
 */
#pragma once

struct file_ops;

extern const struct file_ops kmsg_ops;			/* kmsg.c */
extern const struct file_ops random_ops, urandom_ops;	/* random.c */

void mem_devices_init(void);
