/*
 * Who may do what with a file: the mode bits, and the capabilities that
 * overrule them.
 *
 * The rule is Unix's: the owner is asked for the owner's bits only, else a
 * member of the group for the group's, else everybody for the others'. What
 * they deny, CAP_DAC_OVERRIDE grants (execution of a file only if somebody may
 * execute it), and CAP_DAC_READ_SEARCH what is needed to read and search.
 *
 * All of it works on the filesystem uid and gid, and none of it sleeps, so an
 * RCU walk may ask; only a file system's own permission op may have to.
 */
#include <fs/inode.h>

#include <fs/super.h>
#include <kernel/cred.h>

#include "internal.h"

/* @cap, of the user namespace the file belongs to. */
bool inode_capable(const struct inode *inode __unused, int cap)
{
	return capable(cap);
}

/* May the caller change mode, times and the like? */
bool inode_owner_or_capable(const struct inode *inode)
{
	return current_fsuid() == inode->uid ||
	       inode_capable(inode, CAP_FOWNER);
}

static mode_t granted_bits(const struct inode *inode, const struct cred *cred)
{
	mode_t mode = inode->mode;

	if (inode->uid == cred->fsuid)
		return mode >> 6;
	/* Whom group and others grant the same need not be told apart. */
	if (((mode >> 3) ^ mode) & 7 && in_group_p(inode->gid))
		return mode >> 3;
	return mode;
}

static int overrule(const struct inode *inode, int want)
{
	if (S_ISDIR(inode->mode)) {
		if (!(want & MAY_WRITE) &&
		    inode_capable(inode, CAP_DAC_READ_SEARCH))
			return 0;
		return inode_capable(inode, CAP_DAC_OVERRIDE) ? 0 : -EACCES;
	}
	if (want == MAY_READ && inode_capable(inode, CAP_DAC_READ_SEARCH))
		return 0;
	if ((!(want & MAY_EXEC) || (inode->mode & 0111)) &&
	    inode_capable(inode, CAP_DAC_OVERRIDE))
		return 0;
	return -EACCES;
}

/*
 * The mode bits and capabilities. Context: any; does not sleep.
 * Return: 0 or -EACCES.
 */
int generic_permission(struct inode *inode, int mask)
{
	int want = mask & (MAY_READ | MAY_WRITE | MAY_EXEC);

	if (likely(!(want & ~granted_bits(inode, current_cred()))))
		return 0;
	return overrule(inode, want);
}

static bool is_device_or_fifo(const struct inode *inode)
{
	return S_ISCHR(inode->mode) || S_ISBLK(inode->mode) ||
	       S_ISFIFO(inode->mode) || S_ISSOCK(inode->mode);
}

/*
 * May the current task access @inode as @mask (MAY_*) says?
 *
 * Context: may sleep, unless @mask has MAY_NOT_BLOCK.
 * Return: 0; -EACCES; -EPERM (immutable); -EROFS; -ECHILD if it would sleep.
 */
int inode_permission(struct inode *inode, int mask)
{
	if (unlikely(mask & MAY_WRITE)) {
		if (sb_rdonly(inode->sb) && !is_device_or_fifo(inode))
			return -EROFS;
		if (inode->flags & S_IMMUTABLE)
			return -EPERM;
	}
	if (unlikely(inode->ops->permission))
		return inode->ops->permission(inode, mask);
	return generic_permission(inode, mask);
}
