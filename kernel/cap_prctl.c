/*
 * The rest of a process's capabilities, by prctl(2): the bounding set, the
 * ambient set, and the securebits, which switch user id 0's privileges off.
 *
 * The bounding set is what no execve(2) can give any more; it only shrinks.
 * The ambient set is what a program keeps across an execve(2) of a file that
 * knows nothing of capabilities; it never has what is not both permitted and
 * inheritable. The securebits come in pairs: a bit, and one that locks it.
 *
 * Source: man 7 capabilities.
 */
#include <kernel/cred.h>
#include <kernel/prctl.h>
#include <uapi/prctl.h>
#include <uapi/securebits.h>

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
