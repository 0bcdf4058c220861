/*
 * Mounting: mount(2), umount2(2), and the newer calls that take a mount apart
 * into opening, configuring and attaching.
 *
 * Source: man 2 mount, man 2 umount, man 2 mount_setattr.
 */
#pragma once

#include <uapi/types.h>

#define MS_RDONLY	1
#define MS_NOSUID	2
#define MS_NODEV	4
#define MS_NOEXEC	8
#define MS_SYNCHRONOUS	16
#define MS_REMOUNT	32
#define MS_MANDLOCK	64
#define MS_DIRSYNC	128
#define MS_NOSYMFOLLOW	256
#define MS_NOATIME	1024
#define MS_NODIRATIME	2048
#define MS_BIND		4096
#define MS_MOVE		8192
#define MS_REC		16384
#define MS_SILENT	32768
#define MS_POSIXACL	(1 << 16)
#define MS_UNBINDABLE	(1 << 17)
#define MS_PRIVATE	(1 << 18)
#define MS_SLAVE	(1 << 19)
#define MS_SHARED	(1 << 20)
#define MS_RELATIME	(1 << 21)
#define MS_KERNMOUNT	(1 << 22)
#define MS_I_VERSION	(1 << 23)
#define MS_STRICTATIME	(1 << 24)
#define MS_LAZYTIME	(1 << 25)

/* What a remount may change. */
#define MS_RMT_MASK	(MS_RDONLY | MS_SYNCHRONOUS | MS_MANDLOCK | \
			 MS_I_VERSION | MS_LAZYTIME)

/* Once required in the upper half of the flags; still ignored there. */
#define MS_MGC_VAL	0xC0ED0000
#define MS_MGC_MSK	0xffff0000

/* umount2(2). */
#define MNT_FORCE	0x00000001
#define MNT_DETACH	0x00000002	/* gone from sight now, freed later */
#define MNT_EXPIRE	0x00000004
#define UMOUNT_NOFOLLOW	0x00000008

/* open_tree(2), move_mount(2), fsopen(2), fsmount(2), fspick(2). */
#define OPEN_TREE_CLONE		1
#define OPEN_TREE_CLOEXEC	02000000	/* O_CLOEXEC */

#define MOVE_MOUNT_F_SYMLINKS	0x00000001
#define MOVE_MOUNT_F_AUTOMOUNTS	0x00000002
#define MOVE_MOUNT_F_EMPTY_PATH	0x00000004
#define MOVE_MOUNT_T_SYMLINKS	0x00000010
#define MOVE_MOUNT_T_AUTOMOUNTS	0x00000020
#define MOVE_MOUNT_T_EMPTY_PATH	0x00000040
#define MOVE_MOUNT_SET_GROUP	0x00000100

#define FSOPEN_CLOEXEC		0x00000001
#define FSMOUNT_CLOEXEC		0x00000001
#define FSPICK_CLOEXEC		0x00000001
#define FSPICK_SYMLINK_NOFOLLOW	0x00000002
#define FSPICK_NO_AUTOMOUNT	0x00000004
#define FSPICK_EMPTY_PATH	0x00000008

/* fsconfig(2). */
#define FSCONFIG_SET_FLAG	0
#define FSCONFIG_SET_STRING	1
#define FSCONFIG_SET_BINARY	2
#define FSCONFIG_SET_PATH	3
#define FSCONFIG_SET_PATH_EMPTY	4
#define FSCONFIG_SET_FD		5
#define FSCONFIG_CMD_CREATE	6
#define FSCONFIG_CMD_RECONFIGURE 7

/* mount_setattr(2). */
#define MOUNT_ATTR_RDONLY	0x00000001
#define MOUNT_ATTR_NOSUID	0x00000002
#define MOUNT_ATTR_NODEV	0x00000004
#define MOUNT_ATTR_NOEXEC	0x00000008
#define MOUNT_ATTR__ATIME	0x00000070	/* a number, not bits */
#define MOUNT_ATTR_RELATIME	0x00000000
#define MOUNT_ATTR_NOATIME	0x00000010
#define MOUNT_ATTR_STRICTATIME	0x00000020
#define MOUNT_ATTR_NODIRATIME	0x00000080
#define MOUNT_ATTR_IDMAP	0x00100000
#define MOUNT_ATTR_NOSYMFOLLOW	0x00200000

struct mount_attr {
	__u64	attr_set;
	__u64	attr_clr;
	__u64	propagation;
	__u64	userns_fd;
};

#define MOUNT_ATTR_SIZE_VER0	32
