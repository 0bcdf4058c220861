/*
 * Directory entries as getdents64(2) returns them.
 *
 * The buffer holds records of different length; d_reclen, a multiple of 8,
 * leads to the next. d_off is where the directory continues after this entry:
 * a cookie for lseek(2), not a byte count.
 *
 * Source: man 2 getdents.
 */
#pragma once

#include <uapi/types.h>

struct linux_dirent64 {
	__u64	d_ino;
	__s64	d_off;
	__u16	d_reclen;
	__u8	d_type;
	char	d_name[];	/* ends with a zero byte */
};

/* getdents(2), the older call: d_type is the last byte of the record. */
struct linux_dirent {
	__u64	d_ino;
	__u64	d_off;
	__u16	d_reclen;
	char	d_name[];
};

/* d_type is the upper four bits of the mode, or unknown: then stat it. */
#define DT_UNKNOWN	0
#define DT_FIFO		1
#define DT_CHR		2
#define DT_DIR		4
#define DT_BLK		6
#define DT_REG		8
#define DT_LNK		10
#define DT_SOCK		12
#define DT_WHT		14
