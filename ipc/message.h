/*
 * A message: some bytes of a user's, kept in the kernel until somebody takes
 * them. System V's queues and POSIX's both consist of these.
 */
#pragma once

#include <keel/list.h>
#include <lib/rbtree.h>

struct message_part;

/*
 * Belongs to the sender until it is in a queue or handed to a receiver, then
 * to those. What does not fit into one page goes on in parts.
 */
struct message {
	union {
		struct list_head list;	/* in a System V queue */
		struct rb_node	node;	/* in a POSIX queue */
	};
	long			type;	/* System V: type; POSIX: priority */
	uint64_t		order;	/* POSIX: of its arrival */
	size_t			len;	/* bytes of text */
	struct message_part	*parts;
	char			text[];
};

struct message *message_alloc(size_t len);
struct message *message_load(const void __user *from, size_t len);
int message_store(void __user *to, const struct message *msg, size_t len);
void message_copy_text(struct message *to, const struct message *from);
void message_free(struct message *msg);
