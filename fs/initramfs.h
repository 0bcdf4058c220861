/*
 * The first root file system: what the boot loader put into memory.
 */
#pragma once

void initramfs_unpack(void);
