/*
 * execve(2): who the new program will be, and what it may do.
 *
 * Three things can raise a program above its caller: set-id bits, being root,
 * and capabilities that a file carries (the attribute security.capability).
 * With P for the process's sets before, P' after, F for the file's:
 *
 *	P'(ambient)	= the file is privileged ? 0 : P(ambient)
 *	P'(permitted)	= (P(inheritable) & F(inheritable)) |
 *			  (F(permitted) & P(bounding)) | P'(ambient)
 *	P'(effective)	= F(effective) ? P'(permitted) : P'(ambient)
 *
 * where a file that root executes counts as having all capabilities. None of
 * it happens for a caller that has given such gains up (no_new_privs), that is
 * traced by someone weaker, or on a mount that is nosuid.
 *
 * Source: man 7 capabilities, "Transformation of capabilities".
 */
#include <fs/exec.h>

#include <fs/file.h>
#include <fs/fs.h>
#include <fs/inode.h>
#include <fs/mount.h>
#include <fs/xattr.h>
#include <kernel/cred.h>
#include <kernel/ptrace.h>
#include <mm/mm.h>
#include <uapi/securebits.h>
#include <uapi/xattr.h>

/*
 * What @file may give at most: nothing if it has no such attribute, or one
 * that is not understood.
 */
static void parse_file_caps(struct linux_binprm *bprm,
			    const struct vfs_ns_cap_data *caps, ssize_t size)
{
	uint32_t revision = caps->magic_etc & VFS_CAP_REVISION_MASK;

	if (!(revision == VFS_CAP_REVISION_1 && size == XATTR_CAPS_SZ_1) &&
	    !(revision == VFS_CAP_REVISION_2 && size == XATTR_CAPS_SZ_2) &&
	    !(revision == VFS_CAP_REVISION_3 && size == XATTR_CAPS_SZ_3 &&
	      caps->rootid == 0))
		return;
	bprm->has_file_caps = true;
	bprm->file_effective = caps->magic_etc & VFS_CAP_FLAGS_EFFECTIVE;
	bprm->file_permitted = caps->data[0].permitted;
	bprm->file_inheritable = caps->data[0].inheritable;
	if (revision != VFS_CAP_REVISION_1) {
		bprm->file_permitted |= (uint64_t)caps->data[1].permitted << 32;
		bprm->file_inheritable |=
			(uint64_t)caps->data[1].inheritable << 32;
	}
	bprm->file_permitted &= CAP_FULL_SET;
	bprm->file_inheritable &= CAP_FULL_SET;
}

static bool is_nosuid(const struct file *file)
{
	return file->path.mount->flags & MNT_NOSUID;
}

/* The file's own contribution to the permitted set. */
static kernel_cap_t from_file(const struct linux_binprm *bprm)
{
	const struct cred *old = current_cred();

	return (bprm->file_permitted & old->cap_bset) |
	       (bprm->file_inheritable & old->cap_inheritable);
}

/*
 * Read what bprm->file would give: set-id bits with the owners they are of, and
 * capabilities. chown(2) gives a file another owner and takes the bits away in
 * one critical section; who reads the bits before it and the owner after it
 * makes a user's program root's.
 *
 * Context: process; may sleep.
 * Return:  0; -EPERM: the program relies on capabilities that it would not
 *          get, and does not know how to notice.
 */
int exec_read_file_rights(struct linux_binprm *bprm)
{
	struct inode *inode = bprm->file->inode;
	struct vfs_ns_cap_data caps = {};
	ssize_t n = 0;

	if (is_nosuid(bprm->file) || !((inode->flags & S_FILE_CAPS) ||
				       (inode->mode & (S_ISUID | S_ISGID))))
		return 0;
	inode_lock_shared(inode);
	bprm->set_bits = inode->mode & (S_ISUID | S_ISGID | S_IXGRP);
	bprm->file_uid = inode->uid;
	bprm->file_gid = inode->gid;
	if (inode->flags & S_FILE_CAPS)
		n = inode->ops->getxattr(inode, XATTR_NAME_CAPS, &caps,
					 sizeof(caps));
	inode_unlock_shared(inode);
	if (n > 0)
		parse_file_caps(bprm, &caps, n);
	if (bprm->file_effective && (bprm->file_permitted & ~from_file(bprm)))
		return -EPERM;
	return 0;
}

/*
 * Owner and group of a set-id file. For a script that is its interpreter: a
 * script's own bits count for nothing, since it may be another file by the
 * time the interpreter opens it.
 */
static void apply_setid(struct linux_binprm *bprm)
{
	struct cred *cred = bprm->cred;

	cred->euid = current_euid();
	cred->egid = current_cred()->egid;
	if (current->no_new_privs)
		return;
	/* The bits count for personality(2) even if they change nothing. */
	if (bprm->set_bits & S_ISUID) {
		bprm->clear_personality = true;
		cred->euid = bprm->file_uid;
	}
	/* Without group execute the bit means something else: locking. */
	if ((bprm->set_bits & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP)) {
		bprm->clear_personality = true;
		cred->egid = bprm->file_gid;
	}
}

/* Root's files have everything. Return: is F(effective) set? */
static bool apply_root(struct linux_binprm *bprm)
{
	struct cred *new = bprm->cred;

	new->cap_permitted = from_file(bprm);
	if (new->securebits & SECBIT_NOROOT)
		return bprm->file_effective;
	/* Set-user-id root with capabilities of its own gets only those. */
	if (bprm->has_file_caps && new->uid != 0 && new->euid == 0)
		return bprm->file_effective;
	if (new->euid == 0 || new->uid == 0)
		new->cap_permitted = new->cap_bset | new->cap_inheritable;
	return new->euid == 0 || bprm->file_effective;
}

/* Somebody else has a hand in what the program will do. */
static bool is_unsafe(void)
{
	return current->no_new_privs || ptrace_forbids_setid() ||
	       refcount_read(&current->fs->refs) > 1;
}

/*
 * Decide bprm->cred, and whether the program has to mistrust its environment
 * (bprm->secure).
 *
 * Locking: the group's exec_lock held: no tracer comes in between.
 */
void exec_decide_creds(struct linux_binprm *bprm)
{
	const struct cred *old = current_cred();
	struct cred *new = bprm->cred;
	bool effective, is_setid, gained;

	apply_setid(bprm);
	effective = apply_root(bprm);
	is_setid = new->euid != old->uid || new->egid != old->gid;
	gained = new->cap_permitted & ~old->cap_permitted;
	if (is_setid || gained)
		bprm->clear_personality = true;
	if ((is_setid || gained) && is_unsafe()) {
		if (!capable(CAP_SETUID) || current->no_new_privs) {
			new->euid = new->uid;
			new->egid = new->gid;
		}
		new->cap_permitted &= old->cap_permitted;
	}
	new->suid = new->fsuid = new->euid;
	new->sgid = new->fsgid = new->egid;
	if (bprm->has_file_caps || is_setid)
		new->cap_ambient = 0;
	new->cap_permitted |= new->cap_ambient;
	new->cap_effective = effective ? new->cap_permitted : new->cap_ambient;
	new->securebits &= ~SECBIT_KEEP_CAPS;
	gained = effective || (new->cap_permitted & ~new->cap_ambient);
	bprm->secure = is_setid || (new->uid != 0 && gained);
}

/*
 * A file that cannot be read must not be read out of the program's memory
 * either: it will not be dumpable.
 */
void exec_would_dump(struct linux_binprm *bprm, struct file *file)
{
	if (inode_permission(file->inode, MAY_READ) < 0)
		bprm->unreadable = true;
}
