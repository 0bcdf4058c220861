/*
 * What programs ask the kernel by netlink, and what it answers. Read
 * net/netlink/netlink.h first.
 *
 * What is sent to port 0 is a row of requests, each with a header; they are
 * carried out while the sender is in sendmsg(2), and the answers are in its
 * queue when that returns. A request that failed is answered by NLMSG_ERROR;
 * one that did not is not, unless it asks for it or there is something to tell.
 *
 * NETLINK_ROUTE is about network devices, addresses and routes. There are no
 * devices, so most types have nobody to answer them. Lists of addresses and
 * routes are empty, as they are on Linux without network protocols: the C
 * library reads such a list until its end before it looks up a name, and would
 * wait for that end for ever.
 *
 * Source: man 7 netlink, man 7 rtnetlink.
 */
#include "netlink.h"

#include <keel/bug.h>
#include <kernel/cred.h>
#include <mm/slab.h>

/*
 * Queue @parts, one after the other, at who asked. Context: may sleep.
 * There is no room, or no memory: the asker is told that it misses something.
 */
void netlink_answer(struct netlink_sock *asker, const struct kvec *parts,
		    unsigned int nr)
{
	struct iov_iter iter;
	struct sk_buff *skb;
	int64_t timeo = 0;
	size_t len = 0;

	for (unsigned int i = 0; i < nr; i++)
		len += parts[i].len;
	skb = netlink_alloc_skb(len, GFP_KERNEL);
	if (!skb) {
		netlink_overrun(asker);
		return;
	}
	iov_iter_kvec(&iter, ITER_SOURCE, parts, nr, len);
	/* It is kernel memory, and cannot fault. */
	ASSERT(skb_fill(skb, &iter) == 0);
	if (netlink_reserve(&asker->sk, skb, &timeo) == 0) {
		netlink_queue(&asker->sk, skb);
		return;
	}
	kfree_skb(skb);
	netlink_overrun(asker);
}

/* NLMSG_ERROR; @error 0: all is well. */
static void answer_error(struct netlink_sock *asker,
			 const struct nlmsghdr *request, int error)
{
	bool capped = !error || netlink_option(asker, NETLINK_OPT_CAP_ACK);
	size_t body = capped ? 0 : request->nlmsg_len - sizeof(*request);
	size_t len = sizeof(struct nlmsghdr) + sizeof(struct nlmsgerr) + body;
	struct nlmsghdr head = {
		.nlmsg_len = ALIGN_UP(len, NLMSG_ALIGNTO),
		.nlmsg_type = NLMSG_ERROR,
		.nlmsg_flags = capped ? NLM_F_CAPPED : 0,
		.nlmsg_seq = request->nlmsg_seq,
		.nlmsg_pid = asker->port,
	};
	static const char padding[NLMSG_ALIGNTO];
	struct kvec parts[] = {
		{ &head, sizeof(head) },
		{ &error, sizeof(error) },
		{ (void *)request, sizeof(*request) + body },
		{ (void *)padding, head.nlmsg_len - len },
	};

	netlink_answer(asker, parts, ARRAY_SIZE(parts));
}

/* NLMSG_DONE: the list is over. */
static void answer_done(struct netlink_sock *asker,
			const struct nlmsghdr *request)
{
	int error = 0;
	struct nlmsghdr head = {
		.nlmsg_len = sizeof(head) + sizeof(error),
		.nlmsg_type = NLMSG_DONE,
		.nlmsg_flags = NLM_F_MULTI,
		.nlmsg_seq = request->nlmsg_seq,
		.nlmsg_pid = asker->port,
	};
	struct kvec parts[] = {
		{ &head, sizeof(head) },
		{ &error, sizeof(error) },
	};

	netlink_answer(asker, parts, ARRAY_SIZE(parts));
}

/* ---- requests --------------------------------------------------------- */

/* Types go by fours; the third of each asks and changes nothing. */
static bool only_asks(unsigned int type)
{
	return type % 4 == RTM_GETADDR % 4;
}

static bool is_dump(const struct nlmsghdr *request)
{
	return only_asks(request->nlmsg_type) &&
	       (request->nlmsg_flags & NLM_F_DUMP);
}

/* The request op of NETLINK_ROUTE: see the top. Return: as there. */
int route_request(struct netlink_sock *asker, const struct nlmsghdr *request)
{
	unsigned int type = request->nlmsg_type;

	if (type > RTM_MAX)
		return -EOPNOTSUPP;
	if (request->nlmsg_len < sizeof(*request) + sizeof(struct rtgenmsg))
		return 0;
	if (!only_asks(type) && !capable(CAP_NET_ADMIN))
		return -EPERM;
	if (is_dump(request) && (type == RTM_GETADDR || type == RTM_GETROUTE)) {
		answer_done(asker, request);
		return NETLINK_ANSWERED;
	}
	return -EOPNOTSUPP;
}

static void carry_out(struct netlink_sock *asker,
		      const struct nlmsghdr *request)
{
	int err = 0;

	if ((request->nlmsg_flags & NLM_F_REQUEST) &&
	    request->nlmsg_type >= NLMSG_MIN_TYPE)
		err = asker->protocol->request(asker, request);
	if (err == NETLINK_ANSWERED)
		return;
	if (err || (request->nlmsg_flags & NLM_F_ACK))
		answer_error(asker, request, err);
}

/* One request after the other, until one's length cannot be. */
static void carry_out_all(struct netlink_sock *asker, const char *data,
			  size_t left)
{
	while (left >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *request = (const void *)data;
		size_t len = request->nlmsg_len;

		if (len < sizeof(*request) || len > left)
			return;
		carry_out(asker, request);
		len = min(ALIGN_UP(len, NLMSG_ALIGNTO), left);
		data += len;
		left -= len;
	}
}

/*
 * Carry out what @skb asks for. What is in pages is put together first, so
 * that a request lies in one piece; without memory the asker misses answers.
 * Context: may sleep.
 */
void netlink_ask_kernel(struct netlink_sock *asker, const struct sk_buff *skb)
{
	struct iov_iter iter;
	struct kvec all = { .len = skb->len };

	if (!skb->nr_pages) {
		carry_out_all(asker, (const char *)skb->data, skb->len);
		return;
	}
	all.base = kvmalloc(skb->len, GFP_KERNEL_ACCOUNT);
	if (!all.base) {
		netlink_overrun(asker);
		return;
	}
	iov_iter_kvec(&iter, ITER_DEST, &all, 1, skb->len);
	skb_copy_to_iter(skb, 0, skb->len, &iter);
	carry_out_all(asker, all.base, skb->len);
	kvfree(all.base);
}
