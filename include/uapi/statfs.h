/*
 * What statfs(2) says about a mounted file system.
 *
 * f_type is a magic number by which programs recognise the kind of file
 * system; most are words or dates in disguise.
 *
 * Source: man 2 statfs, man 3 statvfs.
 */
#pragma once

#include <uapi/types.h>

struct __kernel_fsid {
	__s32	val[2];
};

struct statfs {
	__s64			f_type;
	__s64			f_bsize;
	__s64			f_blocks;
	__s64			f_bfree;
	__s64			f_bavail;	/* to those who are not root */
	__s64			f_files;
	__s64			f_ffree;
	struct __kernel_fsid	f_fsid;
	__s64			f_namelen;
	__s64			f_frsize;
	__s64			f_flags;	/* ST_* */
	__s64			f_spare[4];
};

/* f_flags: how it is mounted. */
#define ST_RDONLY		0x0001
#define ST_NOSUID		0x0002
#define ST_NODEV		0x0004
#define ST_NOEXEC		0x0008
#define ST_SYNCHRONOUS		0x0010
#define ST_VALID		0x0020	/* f_flags is filled in at all */
#define ST_MANDLOCK		0x0040
#define ST_NOATIME		0x0400
#define ST_NODIRATIME		0x0800
#define ST_RELATIME		0x1000
#define ST_NOSYMFOLLOW		0x2000

/* f_type. */
#define ANON_INODE_FS_MAGIC	0x09041934
#define BDEVFS_MAGIC		0x62646576
#define BPF_FS_MAGIC		0xcafe4a11
#define CGROUP_SUPER_MAGIC	0x27e0eb
#define CGROUP2_SUPER_MAGIC	0x63677270
#define DEBUGFS_MAGIC		0x64626720
#define DEVPTS_SUPER_MAGIC	0x1cd1
#define EXT2_SUPER_MAGIC	0xEF53
#define EXT3_SUPER_MAGIC	0xEF53
#define EXT4_SUPER_MAGIC	0xEF53
#define FUSE_SUPER_MAGIC	0x65735546
#define HUGETLBFS_MAGIC		0x958458f6
#define ISOFS_SUPER_MAGIC	0x9660
#define MSDOS_SUPER_MAGIC	0x4d44
#define NSFS_MAGIC		0x6e736673
#define OVERLAYFS_SUPER_MAGIC	0x794c7630
#define PIPEFS_MAGIC		0x50495045
#define PROC_SUPER_MAGIC	0x9fa0
#define RAMFS_MAGIC		0x858458f6
#define SECURITYFS_MAGIC	0x73636673
#define SOCKFS_MAGIC		0x534F434B
#define NSFS_MAGIC		0x6e736673
#define SYSFS_MAGIC		0x62656572
#define TMPFS_MAGIC		0x01021994
#define TRACEFS_MAGIC		0x74726163
#define XENFS_SUPER_MAGIC	0xabba1974
