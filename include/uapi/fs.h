/*
 * Small change of the file calls: seeking, access, renaming, allocating,
 * reading and writing with flags.
 *
 * Source: man 2 lseek, access, rename, fallocate, preadv2, sync_file_range.
 */
#pragma once

#define SEEK_SET	0
#define SEEK_CUR	1
#define SEEK_END	2
#define SEEK_DATA	3	/* next byte that is not in a hole */
#define SEEK_HOLE	4	/* next hole; the end of the file is one */
#define SEEK_MAX	SEEK_HOLE

/* access(2), faccessat2(2). */
#define F_OK		0
#define X_OK		1
#define W_OK		2
#define R_OK		4

/* renameat2(2). */
#define RENAME_NOREPLACE	(1 << 0)
#define RENAME_EXCHANGE		(1 << 1)
#define RENAME_WHITEOUT		(1 << 2)

/* fallocate(2); 0 allocates and extends. */
#define FALLOC_FL_KEEP_SIZE		0x01
#define FALLOC_FL_PUNCH_HOLE		0x02
#define FALLOC_FL_NO_HIDE_STALE		0x04
#define FALLOC_FL_COLLAPSE_RANGE	0x08
#define FALLOC_FL_ZERO_RANGE		0x10
#define FALLOC_FL_INSERT_RANGE		0x20
#define FALLOC_FL_UNSHARE_RANGE		0x40

/* preadv2(2), pwritev2(2). */
#define RWF_HIPRI	0x00000001
#define RWF_DSYNC	0x00000002
#define RWF_SYNC	0x00000004
#define RWF_NOWAIT	0x00000008
#define RWF_APPEND	0x00000010
#define RWF_SUPPORTED	(RWF_HIPRI | RWF_DSYNC | RWF_SYNC | \
			 RWF_NOWAIT | RWF_APPEND)

/* sync_file_range(2). */
#define SYNC_FILE_RANGE_WAIT_BEFORE	1
#define SYNC_FILE_RANGE_WRITE		2
#define SYNC_FILE_RANGE_WAIT_AFTER	4

/* setxattr(2). */
#define XATTR_CREATE	0x1
#define XATTR_REPLACE	0x2

/* Requests to any block device. */
#define BLKROSET	0x125d
#define BLKROGET	0x125e
#define BLKRRPART	0x125f
#define BLKGETSIZE	0x1260	/* in units of 512 bytes, a long */
#define BLKFLSBUF	0x1261
#define BLKSSZGET	0x1268	/* logical sector size */
#define BLKGETSIZE64	0x80081272	/* in bytes, 64 bits */
