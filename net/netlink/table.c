/*
 * The netlink protocols, and which sockets they have. Read
 * net/netlink/netlink.h first.
 *
 * A socket is in its protocol's table by port once it is bound, and among the
 * members as long as it is in a group, bound or not. Who sends to a group
 * walks over the members by the numbers they got when they joined: between two
 * of them no lock is held, and whoever comes or goes meanwhile does not disturb
 * the walk.
 */
#include "netlink.h"

#include <mm/xarray_ops.h>

/* All protocols. */
static struct netlink_protocol protocols[] = {
	{
		.number = NETLINK_ROUTE,
		.nr_groups = RTNLGRP_MAX,
		.all_may_listen = true,
		.request = route_request,
	}, {
		.number = NETLINK_USERSOCK,
		.nr_groups = 32,
		.all_may_send = true,
	},
};

/* Return: NULL: there is no such. */
struct netlink_protocol *netlink_find_protocol(int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i].number == number)
			return &protocols[i];
	return NULL;
}

/* The socket bound to @port, with a reference, or NULL. Context: any. */
struct netlink_sock *netlink_find(struct netlink_protocol *protocol,
				  uint32_t port)
{
	struct netlink_sock *nl;

	SPIN_GUARD(&protocol->lock);
	nl = xa_load(&protocol->ports, port);
	if (nl)
		sock_hold(&nl->sk);
	return nl;
}

/*
 * The first socket in @group that joined any group later than *@id, which
 * becomes its number. With a reference, or NULL: there are no more.
 */
struct netlink_sock *netlink_next_member(struct netlink_protocol *protocol,
					 unsigned int group, unsigned long *id)
{
	struct netlink_sock *nl;

	SPIN_GUARD(&protocol->lock);
	do {
		nl = xa_find_after(&protocol->members, id, ULONG_MAX,
				   XA_PRESENT);
	} while (nl && !(nl->groups & BIT(group - 1)));
	if (nl)
		sock_hold(&nl->sk);
	return nl;
}

/*
 * Give @nl its port. Context: may sleep. Locking: bind_lock held.
 * Return: 0, -EADDRINUSE, -ENOMEM.
 */
int netlink_take_port(struct netlink_sock *nl, uint32_t port)
{
	struct netlink_protocol *protocol = nl->protocol;
	struct xa_pool pool = XA_POOL_INIT;
	void *old;

	assert_mutex_held(&nl->bind_lock);
	do {
		spin_lock(&protocol->lock);
		old = xa_load(&protocol->ports, port);
		if (!old)
			old = xa_store_pool(&protocol->ports, port, nl, &pool);
		else
			old = ERR_PTR(-EADDRINUSE);
		spin_unlock(&protocol->lock);
	} while (old == ERR_PTR(-ENOMEM) &&
		 xa_pool_fill(&pool, &protocol->ports, GFP_KERNEL) == 0);
	xa_pool_drain(&pool, &protocol->ports);
	if (IS_ERR(old))
		return PTR_ERR(old);
	nl->port = port;
	smp_store_release(&nl->bound, true);
	return 0;
}

/* Locking: protocol->lock held. Return: 0; -ENOMEM: @pool has too little. */
static int update_groups(struct netlink_sock *nl, uint64_t groups,
			 struct xa_pool *pool)
{
	struct netlink_protocol *protocol = nl->protocol;

	if (groups && !nl->join_id) {
		unsigned long id = protocol->last_join_id + 1;
		void *old = xa_store_pool(&protocol->members, id, nl, pool);

		if (IS_ERR(old))
			return PTR_ERR(old);
		nl->join_id = protocol->last_join_id = id;
	} else if (!groups && nl->join_id) {
		xa_erase(&protocol->members, nl->join_id);
		nl->join_id = 0;
	}
	nl->groups = groups;
	nl->nr_groups = protocol->nr_groups;
	return 0;
}

/*
 * Leave the groups of @clear and join those of @set; those that the protocol
 * does not have are left out. Context: may sleep. Return: 0, -ENOMEM.
 */
int netlink_set_groups(struct netlink_sock *nl, uint64_t clear, uint64_t set)
{
	struct netlink_protocol *protocol = nl->protocol;
	struct xa_pool pool = XA_POOL_INIT;
	int err;

	set &= UINT64_MAX >> (64 - protocol->nr_groups);
	do {
		spin_lock(&protocol->lock);
		err = update_groups(nl, (nl->groups & ~clear) | set, &pool);
		spin_unlock(&protocol->lock);
	} while (err == -ENOMEM &&
		 xa_pool_fill(&pool, &protocol->members, GFP_KERNEL) == 0);
	xa_pool_drain(&pool, &protocol->members);
	return err;
}

/* Out of the tables. Context: its file is closed, so nobody binds it. */
void netlink_leave(struct netlink_sock *nl)
{
	struct netlink_protocol *protocol = nl->protocol;

	SPIN_GUARD(&protocol->lock);
	if (nl->bound)
		xa_erase(&protocol->ports, nl->port);
	if (nl->join_id)
		xa_erase(&protocol->members, nl->join_id);
	nl->join_id = 0;
	nl->groups = 0;
}

void __init netlink_table_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		struct netlink_protocol *protocol = &protocols[i];

		ASSERT(protocol->nr_groups <= 64);
		spin_lock_init(&protocol->lock, "netlink", RANK_SOCKET_TABLE);
		xa_init(&protocol->ports, &xa_kernel_ops);
		xa_init(&protocol->members, &xa_kernel_ops);
	}
}
