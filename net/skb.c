/*
 * The memory of messages. Read net/skb.h first.
 */
#include <net/skb.h>

#include <lib/string.h>
#include <mm/page.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

static void free_skb_pages(struct sk_buff *skb)
{
	for (unsigned int i = 0; i < skb->nr_pages; i++)
		put_page(skb->pages[i]);
	kfree(skb);
}

/*
 * Make room for @len bytes, charged to the caller's memory. Context: as @gfp.
 * Return: a message in no queue and of no socket; NULL: no memory.
 */
struct sk_buff *alloc_skb(size_t len, gfp_t gfp)
{
	size_t nr = len > SKB_LINEAR_MAX ? DIV_ROUND_UP(len, PAGE_SIZE) : 0;
	size_t room = nr ? nr * sizeof(struct page *) : len;
	struct sk_buff *skb = kmalloc(sizeof(*skb) + room, gfp | GFP_ACCOUNT);

	if (!skb)
		return NULL;
	skb->sk = NULL;
	skb->destructor = NULL;
	skb->len = len;
	skb->truesize = sizeof(*skb) + room + nr * PAGE_SIZE;
	skb->nr_pages = alloc_page_batch(gfp | GFP_ACCOUNT, nr, skb->pages);
	if (likely(skb->nr_pages == nr))
		return skb;
	free_skb_pages(skb);
	return NULL;
}

/*
 * The same data once more; what lies in pages is shared, so nobody may fill
 * @skb any more. Context: as @gfp. Return: as alloc_skb().
 */
struct sk_buff *skb_dup(const struct sk_buff *skb, gfp_t gfp)
{
	size_t room = skb->nr_pages ? skb->nr_pages * sizeof(struct page *) :
				      skb->len;
	struct sk_buff *new = kmalloc(sizeof(*new) + room, gfp | GFP_ACCOUNT);

	if (!new)
		return NULL;
	new->sk = NULL;
	new->destructor = NULL;
	new->len = skb->len;
	new->truesize = skb->truesize;
	new->nr_pages = skb->nr_pages;
	memcpy(new->data, skb->data, room);
	for (unsigned int i = 0; i < new->nr_pages; i++)
		get_page(new->pages[i]);
	return new;
}

/* Context: process, as the destructor may have files to close. */
void kfree_skb(struct sk_buff *skb)
{
	if (skb->destructor)
		skb->destructor(skb);
	if (skb->nr_pages)
		free_skb_pages(skb);
	else
		kfree(skb);
}

/* All of @skb's bytes from @from. Context: may sleep. Return: 0, -EFAULT. */
int skb_fill(struct sk_buff *skb, struct iov_iter *from)
{
	if (!skb->nr_pages)
		return copy_from_iter(skb->data, skb->len, from) == skb->len ?
		       0 : -EFAULT;
	for (unsigned int i = 0; i < skb->nr_pages; i++) {
		size_t n = min(skb->len - i * PAGE_SIZE, PAGE_SIZE);

		if (copy_page_from_iter(skb->pages[i], 0, n, from) != n)
			return -EFAULT;
	}
	return 0;
}

/* @len bytes from @offset on. Context: may sleep. Return: bytes copied. */
size_t skb_copy_to_iter(const struct sk_buff *skb, size_t offset, size_t len,
			struct iov_iter *to)
{
	size_t done = 0;

	if (!skb->nr_pages)
		return copy_to_iter(skb->data + offset, len, to);
	while (done < len) {
		size_t at = (offset + done) % PAGE_SIZE;
		size_t want = min(len - done, PAGE_SIZE - at);
		size_t n = copy_page_to_iter(
			skb->pages[(offset + done) / PAGE_SIZE], at, want, to);

		done += n;
		if (n < want)
			break;
	}
	return done;
}
