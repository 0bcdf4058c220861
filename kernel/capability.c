/*
 * A process's capabilities: capget(2) and capset(2), which show and reduce
 * them, and what prctl(2) does with the rest: the bounding set, the ambient
 * set, and the securebits, which switch user id 0's privileges off.
 *
 * There are three sets of 64 bits; the two calls carry them as pairs of 32-bit
 * words, of which the oldest version of the interface has only the lower ones.
 *
 * The bounding set is what no execve(2) can give any more; it only shrinks.
 * The ambient set is what a program keeps across an execve(2) of a file that
 * knows nothing of capabilities; it never has what is not both permitted and
 * inheritable. The securebits come in pairs: a bit, and one that locks it.
 *
 * Source: man 2 capset, man 7 capabilities.
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/prctl.h>
#include <kernel/syscall.h>
#include <uapi/prctl.h>
#include <uapi/securebits.h>

#define MAX_WORDS	2

/*
 * How many words the caller's version has. An unknown one is answered with
 * the one we prefer, and an error unless the caller only asked for that.
 */
static int check_version(struct __user_cap_header_struct __user *head,
			 unsigned int *words)
{
	uint32_t version;

	if (get_user(version, &head->version))
		return -EFAULT;
	switch (version) {
	case _LINUX_CAPABILITY_VERSION_1:
		*words = _LINUX_CAPABILITY_U32S_1;
		return 0;
	case _LINUX_CAPABILITY_VERSION_2:
	case _LINUX_CAPABILITY_VERSION_3:
		*words = _LINUX_CAPABILITY_U32S_3;
		return 0;
	default:
		version = _LINUX_CAPABILITY_VERSION_3;
		return put_user(version, &head->version) ? -EFAULT : -EINVAL;
	}
}

SYSCALL_DEFINE2(capget, struct __user_cap_header_struct __user *, head,
		struct __user_cap_data_struct __user *, to)
{
	struct __user_cap_data_struct data[MAX_WORDS];
	const struct cred *cred;
	struct task *task;
	unsigned int words;
	int err, pid;

	err = check_version(head, &words);
	/* With no place for the sets the version is all that is asked for. */
	if (!to && (!err || err == -EINVAL))
		return 0;
	if (err)
		return err;
	if (get_user(pid, &head->pid))
		return -EFAULT;
	if (pid < 0)
		return -EINVAL;
	task = pid ? get_task_by_pid(pid) : task_get(current);
	if (!task)
		return -ESRCH;
	cred = task_cred_get(task);
	for (unsigned int i = 0; i < words; i++)
		data[i] = (struct __user_cap_data_struct){
			.effective = cred->cap_effective >> (32 * i),
			.permitted = cred->cap_permitted >> (32 * i),
			.inheritable = cred->cap_inheritable >> (32 * i),
		};
	cred_put(cred);
	task_put(task);
	return copy_to_user(to, data, words * sizeof(data[0])) ? -EFAULT : 0;
}

/* No set may gain what the permitted or the bounding set does not have. */
static bool change_allowed(const struct cred *old, const struct cred *new)
{
	if (!capable(CAP_SETPCAP) &&
	    (new->cap_inheritable & ~(old->cap_inheritable |
				      old->cap_permitted)))
		return false;
	if (new->cap_inheritable & ~(old->cap_inheritable | old->cap_bset))
		return false;
	return !(new->cap_permitted & ~old->cap_permitted) &&
	       !(new->cap_effective & ~new->cap_permitted);
}

SYSCALL_DEFINE2(capset, struct __user_cap_header_struct __user *, head,
		const struct __user_cap_data_struct __user *, from)
{
	struct __user_cap_data_struct data[MAX_WORDS] = {};
	kernel_cap_t effective = 0, permitted = 0, inheritable = 0;
	struct cred *new;
	unsigned int words;
	int err, pid;

	err = check_version(head, &words);
	if (err)
		return err;
	if (get_user(pid, &head->pid))
		return -EFAULT;
	if (pid && pid != current->pid)
		return -EPERM;
	if (copy_from_user(data, from, words * sizeof(data[0])))
		return -EFAULT;
	for (unsigned int i = 0; i < words; i++) {
		effective |= (kernel_cap_t)data[i].effective << (32 * i);
		permitted |= (kernel_cap_t)data[i].permitted << (32 * i);
		inheritable |= (kernel_cap_t)data[i].inheritable << (32 * i);
	}
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	new->cap_effective = effective & CAP_FULL_SET;
	new->cap_permitted = permitted & CAP_FULL_SET;
	new->cap_inheritable = inheritable & CAP_FULL_SET;
	new->cap_ambient &= new->cap_permitted & new->cap_inheritable;
	if (!change_allowed(current_cred(), new)) {
		abort_creds(new);
		return -EPERM;
	}
	commit_creds(new);
	return 0;
}

/* ---- prctl(2) ---- */

static bool cap_valid(unsigned long cap)
{
	return cap <= CAP_LAST_CAP;
}

/* PR_CAPBSET_READ. Return: 0 or 1; -EINVAL: there is no such capability. */
long prctl_capbset_read(unsigned long cap)
{
	return cap_valid(cap) ? (long)(current_cred()->cap_bset >> cap & 1) :
				-EINVAL;
}

/* PR_CAPBSET_DROP. Return: 0; -EPERM, -EINVAL, -ENOMEM. May sleep. */
long prctl_capbset_drop(unsigned long cap)
{
	struct cred *new;

	if (!capable(CAP_SETPCAP))
		return -EPERM;
	if (!cap_valid(cap))
		return -EINVAL;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	new->cap_bset &= ~BIT(cap);
	commit_creds(new);
	return 0;
}

static bool securebits_allowed(unsigned long bits)
{
	unsigned long old = current_cred()->securebits;
	unsigned long locks = old & SECURE_ALL_LOCKS;

	/* What is locked stays, and so do locks. */
	if (((locks >> 1) & (old ^ bits)) || (locks & ~bits))
		return false;
	return !(bits & ~(SECURE_ALL_LOCKS | SECURE_ALL_BITS)) &&
	       capable(CAP_SETPCAP);
}

/* PR_SET_SECUREBITS. Return: 0; -EPERM, -ENOMEM. May sleep. */
long prctl_set_securebits(unsigned long bits)
{
	struct cred *new;

	if (!securebits_allowed(bits))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	new->securebits = bits;
	commit_creds(new);
	return 0;
}

/* PR_SET_KEEPCAPS: one securebit that everybody may change. May sleep. */
long prctl_set_keepcaps(unsigned long keep)
{
	struct cred *new;

	if (keep > 1)
		return -EINVAL;
	if (current_cred()->securebits & SECBIT_KEEP_CAPS_LOCKED)
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	new->securebits &= ~SECBIT_KEEP_CAPS;
	if (keep)
		new->securebits |= SECBIT_KEEP_CAPS;
	commit_creds(new);
	return 0;
}

static long change_ambient(unsigned long how, unsigned long cap)
{
	const struct cred *old = current_cred();
	struct cred *new;

	if (how == PR_CAP_AMBIENT_RAISE &&
	    (!(old->cap_permitted & old->cap_inheritable & BIT(cap)) ||
	     (old->securebits & SECBIT_NO_CAP_AMBIENT_RAISE)))
		return -EPERM;
	new = prepare_creds();
	if (!new)
		return -ENOMEM;
	if (how == PR_CAP_AMBIENT_RAISE)
		new->cap_ambient |= BIT(cap);
	else if (how == PR_CAP_AMBIENT_LOWER)
		new->cap_ambient &= ~BIT(cap);
	else
		new->cap_ambient = 0;
	commit_creds(new);
	return 0;
}

/*
 * PR_CAP_AMBIENT. Context: process; may sleep.
 * Return: 0, for PR_CAP_AMBIENT_IS_SET also 1; -EINVAL, -EPERM, -ENOMEM.
 */
long prctl_cap_ambient(unsigned long how, unsigned long cap, unsigned long a4,
		       unsigned long a5)
{
	if (a4 || a5)
		return -EINVAL;
	if (how == PR_CAP_AMBIENT_CLEAR_ALL)
		return cap ? -EINVAL : change_ambient(how, 0);
	if (!cap_valid(cap))
		return -EINVAL;
	switch (how) {
	case PR_CAP_AMBIENT_IS_SET:
		return current_cred()->cap_ambient >> cap & 1;
	case PR_CAP_AMBIENT_RAISE:
	case PR_CAP_AMBIENT_LOWER:
		return change_ambient(how, cap);
	default:
		return -EINVAL;
	}
}
