/*
 * User and group ids: the set*id family.
 *
 * Each process has a real, an effective, a saved and a file-system id, for
 * users and groups. Who has CAP_SETUID (CAP_SETGID) may set them freely,
 * others only move among those they have. Losing user id 0 altogether loses
 * the capabilities that came with it.
 *
 * Source: POSIX setuid(2) and the man pages setresuid(2), capabilities(7).
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <lib/sort.h>
#include <mm/slab.h>
#include <uapi/limits.h>
#include <uapi/securebits.h>

#define NO_ID		((uid_t)-1)	/* leave this one as it is */

/* The capabilities about files that follow the file-system uid. */
#define CAP_FS_SET	(BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | \
			 BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_FOWNER) | \
			 BIT(CAP_FSETID) | BIT(CAP_LINUX_IMMUTABLE) | \
			 BIT(CAP_MKNOD) | BIT(CAP_MAC_OVERRIDE))

static void fix_caps(struct cred *new, const struct cred *old)
{
	bool was_root = old->uid == 0 || old->euid == 0 || old->suid == 0;
	bool is_root = new->uid == 0 || new->euid == 0 || new->suid == 0;

	if (new->securebits & SECBIT_NO_SETUID_FIXUP)
		return;
	if (was_root && !is_root) {
		if (!(new->securebits & SECBIT_KEEP_CAPS)) {
			new->cap_permitted = 0;
			new->cap_effective = 0;
		}
		new->cap_ambient = 0;
	}
	if (old->euid == 0 && new->euid != 0)
		new->cap_effective = 0;
	if (old->euid != 0 && new->euid == 0)
		new->cap_effective = new->cap_permitted;
}

/* A changed real uid counts with another user's processes. */
static int set_user(struct cred *new)
{
	struct user *user = user_get_by_uid(new->uid);

	if (!user)
		return -EAGAIN;
	user_put(new->user);
	new->user = user;
	/* Programs do not expect setuid(2) to fail: execve(2) will. */
	if (user->uid != 0 && user_over_process_limit(user))
		current->flags |= PF_NPROC_EXCEEDED;
	else
		current->flags &= ~PF_NPROC_EXCEEDED;
	return 0;
}

static long commit_uids(struct cred *new, const struct cred *old)
{
	int err = 0;

	new->fsuid = new->euid;
	if (new->uid != old->uid)
		err = set_user(new);
	if (err) {
		abort_creds(new);
		return err;
	}
	fix_caps(new, old);
	commit_creds(new);
	return 0;
}

SYSCALL_DEFINE1(setuid, uid_t, uid)
{
	const struct cred *old = current_cred();
	struct cred *new;

	if (uid == NO_ID)
		return -EINVAL;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (capable(CAP_SETUID)) {
		new->uid = uid;
		new->suid = uid;
	} else if (uid != old->uid && uid != old->suid) {
		abort_creds(new);
		return -EPERM;
	}
	new->euid = uid;
	return commit_uids(new, old);
}

SYSCALL_DEFINE2(setreuid, uid_t, ruid, uid_t, euid)
{
	const struct cred *old = current_cred();
	bool privileged = capable(CAP_SETUID);
	struct cred *new = prepare_creds();

	if (!new)
		return -ENOMEM;
	if (!privileged &&
	    ((ruid != NO_ID && ruid != old->uid && ruid != old->euid) ||
	     (euid != NO_ID && euid != old->uid && euid != old->euid &&
	      euid != old->suid))) {
		abort_creds(new);
		return -EPERM;
	}
	if (ruid != NO_ID)
		new->uid = ruid;
	if (euid != NO_ID)
		new->euid = euid;
	if (ruid != NO_ID || (euid != NO_ID && euid != old->uid))
		new->suid = new->euid;
	return commit_uids(new, old);
}

static bool uid_is_mine(const struct cred *cred, uid_t uid)
{
	return uid == NO_ID || uid == cred->uid || uid == cred->euid ||
	       uid == cred->suid;
}

SYSCALL_DEFINE3(setresuid, uid_t, ruid, uid_t, euid, uid_t, suid)
{
	const struct cred *old = current_cred();
	struct cred *new;

	if (!capable(CAP_SETUID) &&
	    (!uid_is_mine(old, ruid) || !uid_is_mine(old, euid) ||
	     !uid_is_mine(old, suid)))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (ruid != NO_ID)
		new->uid = ruid;
	if (euid != NO_ID)
		new->euid = euid;
	if (suid != NO_ID)
		new->suid = suid;
	return commit_uids(new, old);
}

SYSCALL_DEFINE3(getresuid, uid_t __user *, ruid, uid_t __user *, euid,
		uid_t __user *, suid)
{
	const struct cred *cred = current_cred();

	if (put_user(cred->uid, ruid) || put_user(cred->euid, euid) ||
	    put_user(cred->suid, suid))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE1(setgid, gid_t, gid)
{
	const struct cred *old = current_cred();
	struct cred *new;

	if (gid == NO_ID)
		return -EINVAL;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (capable(CAP_SETGID)) {
		new->gid = gid;
		new->sgid = gid;
	} else if (gid != old->gid && gid != old->sgid) {
		abort_creds(new);
		return -EPERM;
	}
	new->egid = gid;
	new->fsgid = gid;
	commit_creds(new);
	return 0;
}

SYSCALL_DEFINE2(setregid, gid_t, rgid, gid_t, egid)
{
	const struct cred *old = current_cred();
	bool privileged = capable(CAP_SETGID);
	struct cred *new = prepare_creds();

	if (!new)
		return -ENOMEM;
	if (!privileged &&
	    ((rgid != NO_ID && rgid != old->gid && rgid != old->egid) ||
	     (egid != NO_ID && egid != old->gid && egid != old->egid &&
	      egid != old->sgid))) {
		abort_creds(new);
		return -EPERM;
	}
	if (rgid != NO_ID)
		new->gid = rgid;
	if (egid != NO_ID)
		new->egid = egid;
	if (rgid != NO_ID || (egid != NO_ID && egid != old->gid))
		new->sgid = new->egid;
	new->fsgid = new->egid;
	commit_creds(new);
	return 0;
}

static bool gid_is_mine(const struct cred *cred, gid_t gid)
{
	return gid == NO_ID || gid == cred->gid || gid == cred->egid ||
	       gid == cred->sgid;
}

SYSCALL_DEFINE3(setresgid, gid_t, rgid, gid_t, egid, gid_t, sgid)
{
	const struct cred *old = current_cred();
	struct cred *new;

	if (!capable(CAP_SETGID) &&
	    (!gid_is_mine(old, rgid) || !gid_is_mine(old, egid) ||
	     !gid_is_mine(old, sgid)))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (rgid != NO_ID)
		new->gid = rgid;
	if (egid != NO_ID)
		new->egid = egid;
	if (sgid != NO_ID)
		new->sgid = sgid;
	new->fsgid = new->egid;
	commit_creds(new);
	return 0;
}

SYSCALL_DEFINE3(getresgid, gid_t __user *, rgid, gid_t __user *, egid,
		gid_t __user *, sgid)
{
	const struct cred *cred = current_cred();

	if (put_user(cred->gid, rgid) || put_user(cred->egid, egid) ||
	    put_user(cred->sgid, sgid))
		return -EFAULT;
	return 0;
}

/* setfsuid(2) reports no error: it returns the old id in any case. */
SYSCALL_DEFINE1(setfsuid, uid_t, uid)
{
	const struct cred *old = current_cred();
	uid_t was = old->fsuid;
	struct cred *new;

	if (uid == was || (!uid_is_mine(old, uid) && !capable(CAP_SETUID)) ||
	    uid == NO_ID)
		return was;
	new = prepare_creds();
	if (!new)
		return was;
	new->fsuid = uid;
	if (!(new->securebits & SECBIT_NO_SETUID_FIXUP)) {
		if (was == 0 && uid != 0)
			new->cap_effective &= ~CAP_FS_SET;
		else if (was != 0 && uid == 0)
			new->cap_effective |= new->cap_permitted & CAP_FS_SET;
	}
	commit_creds(new);
	return was;
}

SYSCALL_DEFINE1(setfsgid, gid_t, gid)
{
	const struct cred *old = current_cred();
	gid_t was = old->fsgid;
	struct cred *new;

	if (gid == was || (!gid_is_mine(old, gid) && !capable(CAP_SETGID)) ||
	    gid == NO_ID)
		return was;
	new = prepare_creds();
	if (!new)
		return was;
	new->fsgid = gid;
	commit_creds(new);
	return was;
}

SYSCALL_DEFINE0(getuid)
{
	return current_uid();
}

SYSCALL_DEFINE0(geteuid)
{
	return current_euid();
}

SYSCALL_DEFINE0(getgid)
{
	return current_gid();
}

SYSCALL_DEFINE0(getegid)
{
	return current_cred()->egid;
}

SYSCALL_DEFINE2(getgroups, int, size, gid_t __user *, list)
{
	const struct group_info *groups = current_cred()->group_info;

	if (size < 0)
		return -EINVAL;
	if (size == 0)
		return groups->count;
	if ((unsigned int)size < groups->count)
		return -EINVAL;
	if (copy_to_user(list, groups->gids,
			 groups->count * sizeof(gid_t)))
		return -EFAULT;
	return groups->count;
}

static int compare_gids(const void *a, const void *b)
{
	gid_t x = *(const gid_t *)a, y = *(const gid_t *)b;

	return (x > y) - (x < y);
}

SYSCALL_DEFINE2(setgroups, int, count, const gid_t __user *, list)
{
	struct group_info *groups;
	struct cred *new;

	if (!capable(CAP_SETGID))
		return -EPERM;
	if (count < 0 || count > NGROUPS_MAX)
		return -EINVAL;
	groups = kvmalloc(sizeof(*groups) + count * sizeof(gid_t), GFP_KERNEL);
	if (!groups)
		return -ENOMEM;
	refcount_set(&groups->refs, 1);
	groups->count = count;
	if (copy_from_user(groups->gids, list, count * sizeof(gid_t))) {
		kvfree(groups);
		return -EFAULT;
	}
	sort(groups->gids, count, sizeof(gid_t), compare_gids);
	/* -1 is no id, and the largest of all. */
	if (count && groups->gids[count - 1] == (gid_t)-1) {
		kvfree(groups);
		return -EINVAL;
	}
	new = prepare_creds();
	if (!new) {
		kvfree(groups);
		return -ENOMEM;
	}
	group_info_put(new->group_info);
	new->group_info = groups;
	commit_creds(new);
	return 0;
}
