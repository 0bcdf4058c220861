/*
 * skb: one message, or one piece of a stream, on its way between sockets.
 *
 * Small data lies right behind the struct, one allocation in all; larger data
 * lies in pages of its own, so that no message needs memory in one piece.
 *
 * While it is on its way, the skb is charged to the socket that sent it (@sk),
 * and @destructor, called when it is freed, takes that back. @cb is whose
 * queue it is in: each family lays its own struct over it.
 */
#pragma once

#include <fs/iov_iter.h>
#include <keel/list.h>
#include <mm/gfp.h>

struct page;
struct sock;

#define SKB_LINEAR_MAX	2048

struct sk_buff {
	struct list_head	node;		/* in a queue */
	struct sock		*sk;		/* who sent it, or NULL */
	void			(*destructor)(struct sk_buff *skb);
	unsigned int		len;		/* bytes of data */
	unsigned int		truesize;	/* what it costs in memory */
	unsigned int		nr_pages;	/* 0: the data is linear */
	char			cb[40] __aligned(8);
	union {
		struct page	*pages[0];
		unsigned char	data[0];
	};
};

struct sk_buff *alloc_skb(size_t len, gfp_t gfp);
void kfree_skb(struct sk_buff *skb);
struct sk_buff *skb_dup(const struct sk_buff *skb, gfp_t gfp);
int skb_fill(struct sk_buff *skb, struct iov_iter *from);
size_t skb_copy_to_iter(const struct sk_buff *skb, size_t offset, size_t len,
			struct iov_iter *to);
