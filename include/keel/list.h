/*
 * Doubly linked lists embedded in the objects they link.
 *
 * list_head is circular, with a head that is itself a node, so insertion and
 * removal have no special cases. hlist has a one-pointer head for hash tables.
 * The _rcu forms may be walked under rcu_read_lock() while one writer, who
 * holds the list's lock, changes them: a removed node keeps its next pointer
 * until a grace period is over.
 */
#pragma once

#include <keel/atomic.h>

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD_INIT(name)	{ &(name), &(name) }
#define LIST_HEAD(name)		struct list_head name = LIST_HEAD_INIT(name)

static inline void list_init(struct list_head *head)
{
	head->next = head->prev = head;
}

static inline void list_insert_between(struct list_head *node,
				       struct list_head *prev,
				       struct list_head *next)
{
	node->next = next;
	node->prev = prev;
	next->prev = node;
	smp_store_release(&prev->next, node);
}

static inline void list_add(struct list_head *node, struct list_head *head)
{
	list_insert_between(node, head, head->next);
}

static inline void list_add_tail(struct list_head *node, struct list_head *head)
{
	list_insert_between(node, head->prev, head);
}

/* Unlink; @node's own pointers stay, so RCU readers on it can go on. */
static inline void list_del_rcu(struct list_head *node)
{
	node->next->prev = node->prev;
	WRITE_ONCE(node->prev->next, node->next);
}

/* Put @new where @old is; RCU readers on @old can go on. */
static inline void list_replace_rcu(struct list_head *old,
				    struct list_head *new)
{
	new->next = old->next;
	new->prev = old->prev;
	new->next->prev = new;
	smp_store_release(&new->prev->next, new);
}

static inline void list_del(struct list_head *node)
{
	list_del_rcu(node);
	node->next = node->prev = NULL;
}

static inline void list_del_init(struct list_head *node)
{
	list_del_rcu(node);
	list_init(node);
}

static inline bool list_empty(const struct list_head *head)
{
	return READ_ONCE(head->next) == head;
}

static inline bool list_is_singular(const struct list_head *head)
{
	return !list_empty(head) && head->next == head->prev;
}

static inline void list_move(struct list_head *node, struct list_head *head)
{
	list_del_rcu(node);
	list_add(node, head);
}

static inline void list_move_tail(struct list_head *node,
				  struct list_head *head)
{
	list_del_rcu(node);
	list_add_tail(node, head);
}

/* Move all of @from behind @head and leave @from empty. */
static inline void list_splice_init(struct list_head *from,
				    struct list_head *head)
{
	if (list_empty(from))
		return;
	from->prev->next = head->next;
	head->next->prev = from->prev;
	from->next->prev = head;
	head->next = from->next;
	list_init(from);
}

#define list_entry(ptr, type, member)	container_of(ptr, type, member)
#define list_first_entry(head, type, member) \
	list_entry((head)->next, type, member)
#define list_last_entry(head, type, member) \
	list_entry((head)->prev, type, member)
#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_first_entry(head, type, member))
#define list_next_entry(pos, member) \
	list_entry((pos)->member.next, typeof(*(pos)), member)

#define list_for_each(pos, head) \
	for (pos = (head)->next; pos != (head); pos = pos->next)
#define list_for_each_entry(pos, head, member) \
	for (pos = list_first_entry(head, typeof(*pos), member); \
	     &pos->member != (head); pos = list_next_entry(pos, member))
#define list_for_each_entry_reverse(pos, head, member) \
	for (pos = list_last_entry(head, typeof(*pos), member); \
	     &pos->member != (head); \
	     pos = list_entry(pos->member.prev, typeof(*pos), member))
/* As above, and @pos may be removed and freed in the body. */
#define list_for_each_entry_safe(pos, tmp, head, member) \
	for (pos = list_first_entry(head, typeof(*pos), member), \
	     tmp = list_next_entry(pos, member); &pos->member != (head); \
	     pos = tmp, tmp = list_next_entry(tmp, member))
#define list_for_each_entry_rcu(pos, head, member) \
	for (pos = list_entry(smp_load_acquire(&(head)->next), \
			      typeof(*pos), member); \
	     &pos->member != (head); \
	     pos = list_entry(smp_load_acquire(&pos->member.next), \
			      typeof(*pos), member))

struct hlist_head {
	struct hlist_node *first;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

static inline void hlist_init_node(struct hlist_node *node)
{
	node->next = NULL;
	node->pprev = NULL;
}

static inline bool hlist_unhashed(const struct hlist_node *node)
{
	return !READ_ONCE(node->pprev);
}

static inline bool hlist_empty(const struct hlist_head *head)
{
	return !READ_ONCE(head->first);
}

static inline void hlist_add_head(struct hlist_node *node,
				  struct hlist_head *head)
{
	struct hlist_node *first = head->first;

	node->next = first;
	WRITE_ONCE(node->pprev, &head->first);
	if (first)
		first->pprev = &node->next;
	smp_store_release(&head->first, node);
}

/* Unlink; the next pointer stays for RCU readers. Safe if not hashed. */
static inline void hlist_del_rcu(struct hlist_node *node)
{
	if (hlist_unhashed(node))
		return;
	WRITE_ONCE(*node->pprev, node->next);
	if (node->next)
		node->next->pprev = node->pprev;
	WRITE_ONCE(node->pprev, NULL);
}

/* Put @new, which is in no list, where @old is; for RCU readers as well. */
static inline void hlist_replace_rcu(struct hlist_node *old,
				     struct hlist_node *new)
{
	new->next = old->next;
	WRITE_ONCE(new->pprev, old->pprev);
	smp_store_release(new->pprev, new);
	if (new->next)
		new->next->pprev = &new->next;
	WRITE_ONCE(old->pprev, NULL);
}

static inline void hlist_del_init(struct hlist_node *node)
{
	hlist_del_rcu(node);
	hlist_init_node(node);
}

#define hlist_entry(ptr, type, member)	container_of(ptr, type, member)
#define hlist_entry_safe(ptr, type, member) ({ \
	struct hlist_node *hlist_ptr = (ptr); \
	hlist_ptr ? hlist_entry(hlist_ptr, type, member) : NULL; })
#define hlist_for_each_entry(pos, head, member) \
	for (pos = hlist_entry_safe((head)->first, typeof(*pos), member); \
	     pos; \
	     pos = hlist_entry_safe(pos->member.next, typeof(*pos), member))
#define hlist_for_each_entry_rcu(pos, head, member) \
	for (pos = hlist_entry_safe(smp_load_acquire(&(head)->first), \
				    typeof(*pos), member); \
	     pos; \
	     pos = hlist_entry_safe(smp_load_acquire(&pos->member.next), \
				    typeof(*pos), member))
