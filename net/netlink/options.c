/*
 * Options of netlink sockets, at the level SOL_NETLINK.
 *
 * Two of them are kept and told, but have nobody here to heed them: what else
 * an error may say (EXT_ACK) and how strictly a dump's request is checked
 * (GET_STRICT_CHK) is for handlers of requests to look at. BROADCAST_ERROR is
 * for kernel code that broadcasts, of which there is none.
 *
 * Source: man 7 netlink.
 */
#include "netlink.h"

#include <arch/uaccess.h>
#include <kernel/cred.h>

/* The bit of an option that is a flag, or -1. */
static int flag_of(int option)
{
	switch (option) {
	case NETLINK_PKTINFO:
		return NETLINK_OPT_PKTINFO;
	case NETLINK_BROADCAST_ERROR:
		return NETLINK_OPT_BROADCAST_ERROR;
	case NETLINK_NO_ENOBUFS:
		return NETLINK_OPT_NO_ENOBUFS;
	case NETLINK_LISTEN_ALL_NSID:
		return NETLINK_OPT_LISTEN_ALL_NSID;
	case NETLINK_CAP_ACK:
		return NETLINK_OPT_CAP_ACK;
	case NETLINK_EXT_ACK:
		return NETLINK_OPT_EXT_ACK;
	case NETLINK_GET_STRICT_CHK:
		return NETLINK_OPT_STRICT_CHK;
	default:
		return -1;
	}
}

static void set_flag(struct netlink_sock *nl, int flag, bool on)
{
	if (on)
		__atomic_fetch_or(&nl->options, BIT(flag), __ATOMIC_SEQ_CST);
	else
		__atomic_fetch_and(&nl->options, ~BIT(flag), __ATOMIC_SEQ_CST);
}

static int set_membership(struct netlink_sock *nl, unsigned int group,
			  bool join)
{
	if (!nl->protocol->all_may_listen && !capable(CAP_NET_ADMIN))
		return -EPERM;
	if (!group || group > nl->protocol->nr_groups)
		return -EINVAL;
	return netlink_set_groups(nl, join ? 0 : BIT(group - 1),
				  join ? BIT(group - 1) : 0);
}

/* Who wants to hear no more of what is missing need not catch up either. */
static void set_no_enobufs(struct netlink_sock *nl, bool on)
{
	set_flag(nl, NETLINK_OPT_NO_ENOBUFS, on);
	if (!on)
		return;
	spin_lock(&nl->sk.lock);
	WRITE_ONCE(nl->congested, false);
	spin_unlock(&nl->sk.lock);
	wake_up_interruptible_all(&nl->room_wait);
}

/*
 * The setsockopt op. A value shorter than an int counts as 0.
 * Return: 0; -ENOPROTOOPT, -EFAULT, -EPERM, -EINVAL, -ENOMEM.
 */
int netlink_setsockopt(struct socket *sock, int level, int option,
		       const void __user *uval, int len)
{
	struct netlink_sock *nl = netlink_sk(sock->sk);
	int value = 0;

	if (level != SOL_NETLINK)
		return -ENOPROTOOPT;
	if ((size_t)len >= sizeof(value) &&
	    get_user(value, (const int __user *)uval))
		return -EFAULT;
	switch (option) {
	case NETLINK_ADD_MEMBERSHIP:
	case NETLINK_DROP_MEMBERSHIP:
		return set_membership(nl, value,
				      option == NETLINK_ADD_MEMBERSHIP);
	case NETLINK_NO_ENOBUFS:
		set_no_enobufs(nl, value);
		return 0;
	case NETLINK_LISTEN_ALL_NSID:
		if (!capable(CAP_NET_BROADCAST))
			return -EPERM;
		break;
	}
	if (flag_of(option) < 0)
		return -ENOPROTOOPT;
	set_flag(nl, flag_of(option), value);
	return 0;
}

/* The groups, by words of 32: those that the buffer holds, and all's length. */
static int list_memberships(struct netlink_sock *nl, uint32_t __user *uval,
			    unsigned int len, int __user *ulen)
{
	unsigned int nr_words;
	uint64_t groups;

	spin_lock(&nl->protocol->lock);
	groups = nl->groups;
	nr_words = DIV_ROUND_UP(nl->nr_groups, 32);
	spin_unlock(&nl->protocol->lock);
	for (unsigned int i = 0; i < min(nr_words, len / 4); i++)
		if (put_user((uint32_t)(groups >> (32 * i)), uval + i))
			return -EFAULT;
	return put_user((int)(nr_words * sizeof(uint32_t)), ulen);
}

/* The getsockopt op. Return: 0; -ENOPROTOOPT, -EFAULT, -EINVAL. */
int netlink_getsockopt(struct socket *sock, int level, int option,
		       void __user *uval, int __user *ulen)
{
	struct netlink_sock *nl = netlink_sk(sock->sk);
	int len, flag = flag_of(option);

	if (level != SOL_NETLINK)
		return -ENOPROTOOPT;
	if (get_user(len, ulen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (option == NETLINK_LIST_MEMBERSHIPS)
		return list_memberships(nl, uval, len, ulen);
	if (flag < 0)
		return -ENOPROTOOPT;
	if ((size_t)len < sizeof(int))
		return -EINVAL;
	if (put_user((int)sizeof(int), ulen) ||
	    put_user((int)netlink_option(nl, flag), (int __user *)uval))
		return -EFAULT;
	return 0;
}
