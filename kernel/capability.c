/*
 * capget(2) and capset(2): a process's capabilities, seen and reduced.
 *
 * There are three sets of 64 bits; the calls carry them as pairs of 32-bit
 * words, of which the oldest version of the interface has only the lower ones.
 *
 * Source: man 2 capset, man 7 capabilities.
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>

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
	if (err)
		return !to && err == -EINVAL ? 0 : err;
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
