/*
 * Device numbers: how major and minor share one word, and the majors of the
 * devices that every Unix program expects.
 *
 * stat(2) and mknod(2) speak a 32-bit encoding that grew around the old
 * 16-bit one: minor bits 0-7, major bits 8-19, minor bits 8-19 on top.
 *
 * Source: man 3 makedev, man 4 mem, man 4 tty, man 4 ttyS.
 */
#pragma once

#define MEM_MAJOR		1	/* null, zero, full, random ... */
#define RAMDISK_MAJOR		1
#define PTY_MASTER_MAJOR	2
#define PTY_SLAVE_MAJOR		3
#define TTY_MAJOR		4	/* tty0-63; ttyS0 is 64 */
#define TTYAUX_MAJOR		5	/* tty 0, console 1, ptmx 2 */
#define LOOP_MAJOR		7
#define SCSI_DISK0_MAJOR	8
#define MD_MAJOR		9
#define MISC_MAJOR		10
#define INPUT_MAJOR		13
#define FB_MAJOR		29
#define UNIX98_PTY_MASTER_MAJOR	128
#define UNIX98_PTY_SLAVE_MAJOR	136

/* Minors of MEM_MAJOR. */
#define MEM_MINOR_MEM		1
#define MEM_MINOR_PORT		4
#define MEM_MINOR_NULL		3
#define MEM_MINOR_ZERO		5
#define MEM_MINOR_FULL		7
#define MEM_MINOR_RANDOM	8
#define MEM_MINOR_URANDOM	9
#define MEM_MINOR_KMSG		11

/* Minors of TTYAUX_MAJOR; of TTY_MAJOR, where the serial lines begin. */
#define TTYAUX_MINOR_TTY	0
#define TTYAUX_MINOR_CONSOLE	1
#define TTYAUX_MINOR_PTMX	2
#define TTY_MINOR_SERIAL	64

#define DEV_ENCODE(major, minor)				\
	(((minor) & 0xffU) | (((major) & 0xfffU) << 8) |	\
	 (((minor) & 0xfff00U) << 12))
#define DEV_MAJOR(dev)	(((dev) >> 8) & 0xfffU)
#define DEV_MINOR(dev)	(((dev) & 0xffU) | (((dev) >> 12) & 0xfff00U))
