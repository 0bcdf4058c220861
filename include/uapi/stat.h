/*
 * What stat(2) and statx(2) say about a file, and the mode bits.
 *
 * st_mode holds the file type in its upper four bits, then set-user-id,
 * set-group-id and sticky, then three times read-write-execute.
 *
 * Each time has two spellings at one place, POSIX's struct timespec and the
 * two words of Linux's own header, so that either side finds its own.
 *
 * Source: man 7 inode, man 2 stat, man 2 statx.
 */
#pragma once

#include <uapi/time.h>
#include <uapi/types.h>

#define S_IFMT		00170000
#define S_IFSOCK	0140000
#define S_IFLNK		0120000
#define S_IFREG		0100000
#define S_IFBLK		0060000
#define S_IFDIR		0040000
#define S_IFCHR		0020000
#define S_IFIFO		0010000

#define S_ISUID		0004000
#define S_ISGID		0002000
#define S_ISVTX		0001000

#define S_IRWXU		00700
#define S_IRUSR		00400
#define S_IWUSR		00200
#define S_IXUSR		00100
#define S_IRWXG		00070
#define S_IRGRP		00040
#define S_IWGRP		00020
#define S_IXGRP		00010
#define S_IRWXO		00007
#define S_IROTH		00004
#define S_IWOTH		00002
#define S_IXOTH		00001

#define S_ISSOCK(m)	(((m) & S_IFMT) == S_IFSOCK)
#define S_ISLNK(m)	(((m) & S_IFMT) == S_IFLNK)
#define S_ISREG(m)	(((m) & S_IFMT) == S_IFREG)
#define S_ISBLK(m)	(((m) & S_IFMT) == S_IFBLK)
#define S_ISDIR(m)	(((m) & S_IFMT) == S_IFDIR)
#define S_ISCHR(m)	(((m) & S_IFMT) == S_IFCHR)
#define S_ISFIFO(m)	(((m) & S_IFMT) == S_IFIFO)

struct stat {
	__u64	st_dev;
	__u64	st_ino;
	__u64	st_nlink;
	__u32	st_mode;
	__u32	st_uid;
	__u32	st_gid;
	__u32	__pad0;
	__u64	st_rdev;
	__s64	st_size;
	__s64	st_blksize;
	__s64	st_blocks;	/* of 512 bytes, whatever st_blksize is */
	union {
		struct timespec	st_atim;
		struct {
			__u64	st_atime;
			__u64	st_atime_nsec;
		};
	};
	union {
		struct timespec	st_mtim;
		struct {
			__u64	st_mtime;
			__u64	st_mtime_nsec;
		};
	};
	union {
		struct timespec	st_ctim;
		struct {
			__u64	st_ctime;
			__u64	st_ctime_nsec;
		};
	};
	__s64	__pad1[3];
};

struct statx_timestamp {
	__s64	tv_sec;
	__u32	tv_nsec;
	__s32	__reserved;
};

struct statx {
	__u32	stx_mask;	/* which fields below are filled in */
	__u32	stx_blksize;
	__u64	stx_attributes;
	__u32	stx_nlink;
	__u32	stx_uid;
	__u32	stx_gid;
	__u16	stx_mode;
	__u16	__spare0[1];
	__u64	stx_ino;
	__u64	stx_size;
	__u64	stx_blocks;
	__u64	stx_attributes_mask;	/* which attributes could be set */
	struct statx_timestamp	stx_atime;
	struct statx_timestamp	stx_btime;
	struct statx_timestamp	stx_ctime;
	struct statx_timestamp	stx_mtime;
	__u32	stx_rdev_major;
	__u32	stx_rdev_minor;
	__u32	stx_dev_major;
	__u32	stx_dev_minor;
	__u64	stx_mnt_id;
	__u32	stx_dio_mem_align;
	__u32	stx_dio_offset_align;
	__u64	__spare3[12];
};

/* stx_mask, and what the caller asks for. */
#define STATX_TYPE		0x00000001U
#define STATX_MODE		0x00000002U
#define STATX_NLINK		0x00000004U
#define STATX_UID		0x00000008U
#define STATX_GID		0x00000010U
#define STATX_ATIME		0x00000020U
#define STATX_MTIME		0x00000040U
#define STATX_CTIME		0x00000080U
#define STATX_INO		0x00000100U
#define STATX_SIZE		0x00000200U
#define STATX_BLOCKS		0x00000400U
#define STATX_BASIC_STATS	0x000007ffU
#define STATX_BTIME		0x00000800U
#define STATX_MNT_ID		0x00001000U
#define STATX_DIOALIGN		0x00002000U
#define STATX__RESERVED		0x80000000U	/* -EINVAL if asked for */

/* stx_attributes. */
#define STATX_ATTR_COMPRESSED	0x00000004
#define STATX_ATTR_IMMUTABLE	0x00000010
#define STATX_ATTR_APPEND	0x00000020
#define STATX_ATTR_NODUMP	0x00000040
#define STATX_ATTR_ENCRYPTED	0x00000800
#define STATX_ATTR_AUTOMOUNT	0x00001000
#define STATX_ATTR_MOUNT_ROOT	0x00002000
#define STATX_ATTR_VERITY	0x00100000
#define STATX_ATTR_DAX		0x00200000
