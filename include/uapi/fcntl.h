/*
 * Opening files and steering descriptors: open(2), openat2(2), fcntl(2),
 * flock(2), the *at() flags, posix_fadvise(2), close_range(2).
 *
 * Two kinds of flags hide behind O_*: those that act once, while the name is
 * looked up (O_CREAT, O_EXCL, O_NOFOLLOW, ...), and those that stay with the
 * open file and can be seen with F_GETFL (the access mode, O_APPEND,
 * O_NONBLOCK, ...). O_CLOEXEC is neither: it belongs to the descriptor.
 *
 * Source: man 2 open, man 2 openat2, man 2 fcntl.
 */
#pragma once

#include <uapi/types.h>

/* The access mode is a two-bit number, not a set of bits. */
#define O_ACCMODE		00000003
#define O_RDONLY		00000000
#define O_WRONLY		00000001
#define O_RDWR			00000002

#define O_CREAT			00000100
#define O_EXCL			00000200
#define O_NOCTTY		00000400
#define O_TRUNC			00001000
#define O_APPEND		00002000
#define O_NONBLOCK		00004000
#define O_DSYNC			00010000
#define FASYNC			00020000	/* O_ASYNC of C libraries */
#define O_DIRECT		00040000
#define O_LARGEFILE		00100000	/* always on in a 64-bit call */
#define O_DIRECTORY		00200000
#define O_NOFOLLOW		00400000
#define O_NOATIME		01000000
#define O_CLOEXEC		02000000
#define __O_SYNC		04000000
#define O_PATH			010000000
#define __O_TMPFILE		020000000

#define O_NDELAY		O_NONBLOCK
/* Either contains a weaker flag, which older kernels would then honour. */
#define O_SYNC			(__O_SYNC | O_DSYNC)
#define O_TMPFILE		(__O_TMPFILE | O_DIRECTORY)

/* openat2(2): the same flags, checked strictly, and how to resolve. */
struct open_how {
	__u64	flags;
	__u64	mode;
	__u64	resolve;
};

#define OPEN_HOW_SIZE_VER0	24

#define RESOLVE_NO_XDEV		0x01	/* do not cross a mount */
#define RESOLVE_NO_MAGICLINKS	0x02	/* nor follow /proc/self/fd/N */
#define RESOLVE_NO_SYMLINKS	0x04	/* nor any symbolic link */
#define RESOLVE_BENEATH		0x08	/* never leave the starting point */
#define RESOLVE_IN_ROOT		0x10	/* take the starting point for / */
#define RESOLVE_CACHED		0x20	/* only if it needs no waiting */

/* For the descriptor argument: "relative to the working directory". */
#define AT_FDCWD		(-100)

/* Flags of the *at() calls. The one value 0x200 means two things. */
#define AT_SYMLINK_NOFOLLOW	0x100
#define AT_EACCESS		0x200	/* faccessat2 */
#define AT_REMOVEDIR		0x200	/* unlinkat */
#define AT_SYMLINK_FOLLOW	0x400	/* linkat */
#define AT_NO_AUTOMOUNT		0x800
#define AT_EMPTY_PATH		0x1000
#define AT_STATX_SYNC_TYPE	0x6000
#define AT_STATX_SYNC_AS_STAT	0x0000
#define AT_STATX_FORCE_SYNC	0x2000
#define AT_STATX_DONT_SYNC	0x4000
#define AT_RECURSIVE		0x8000

/* fcntl(2) commands. */
#define F_DUPFD			0
#define F_GETFD			1
#define F_SETFD			2
#define F_GETFL			3
#define F_SETFL			4
#define F_GETLK			5
#define F_SETLK			6
#define F_SETLKW		7
#define F_SETOWN		8
#define F_GETOWN		9
#define F_SETSIG		10
#define F_GETSIG		11
#define F_SETOWN_EX		15
#define F_GETOWN_EX		16
#define F_GETOWNER_UIDS		17
#define F_OFD_GETLK		36
#define F_OFD_SETLK		37
#define F_OFD_SETLKW		38

#define F_LINUX_SPECIFIC_BASE	1024
#define F_SETLEASE		1024
#define F_GETLEASE		1025
#define F_NOTIFY		1026
#define F_CANCELLK		1029
#define F_DUPFD_CLOEXEC		1030
#define F_SETPIPE_SZ		1031
#define F_GETPIPE_SZ		1032
#define F_ADD_SEALS		1033
#define F_GET_SEALS		1034
#define F_GET_RW_HINT		1035
#define F_SET_RW_HINT		1036
#define F_GET_FILE_RW_HINT	1037
#define F_SET_FILE_RW_HINT	1038

/* F_GETFD, F_SETFD: the only flag of a descriptor. */
#define FD_CLOEXEC		1

/* F_SETOWN_EX: whom to signal. */
#define F_OWNER_TID		0
#define F_OWNER_PID		1
#define F_OWNER_PGRP		2

struct f_owner_ex {
	__s32	type;
	__s32	pid;
};

/* Record locks. l_pid is an answer only (0 is required for F_OFD_*). */
#define F_RDLCK			0
#define F_WRLCK			1
#define F_UNLCK			2

struct flock {
	__s16	l_type;
	__s16	l_whence;
	__s64	l_start;
	__s64	l_len;		/* 0: to the end, wherever that will be */
	__s32	l_pid;
};

/* flock(2). */
#define LOCK_SH			1
#define LOCK_EX			2
#define LOCK_NB			4
#define LOCK_UN			8
#define LOCK_MAND		32

/* F_ADD_SEALS. */
#define F_SEAL_SEAL		0x0001
#define F_SEAL_SHRINK		0x0002
#define F_SEAL_GROW		0x0004
#define F_SEAL_WRITE		0x0008
#define F_SEAL_FUTURE_WRITE	0x0010

/* F_SET_RW_HINT: how long written data is likely to live. */
#define RWH_WRITE_LIFE_NOT_SET	0
#define RWH_WRITE_LIFE_NONE	1
#define RWH_WRITE_LIFE_SHORT	2
#define RWH_WRITE_LIFE_MEDIUM	3
#define RWH_WRITE_LIFE_LONG	4
#define RWH_WRITE_LIFE_EXTREME	5

/* posix_fadvise(2). */
#define POSIX_FADV_NORMAL	0
#define POSIX_FADV_RANDOM	1
#define POSIX_FADV_SEQUENTIAL	2
#define POSIX_FADV_WILLNEED	3
#define POSIX_FADV_DONTNEED	4
#define POSIX_FADV_NOREUSE	5

/* close_range(2). */
#define CLOSE_RANGE_UNSHARE	(1U << 1)
#define CLOSE_RANGE_CLOEXEC	(1U << 2)
