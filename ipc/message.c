/*
 * Messages: memory for them, and copying it from and to programs.
 *
 * A message may be longer than kmalloc() likes to give, so it is a chain of
 * pieces of a page each; the first has the head in it. All of it is charged to
 * who sends.
 */
#include "message.h"

#include <arch/uaccess.h>
#include <keel/err.h>
#include <lib/string.h>
#include <mm/slab.h>

struct message_part {
	struct message_part	*next;
	char			text[];
};

#define FIRST_LEN	(PAGE_SIZE - sizeof(struct message))
#define PART_LEN	(PAGE_SIZE - sizeof(struct message_part))

/* Free @msg; NULL is fine. Context: any. */
void message_free(struct message *msg)
{
	struct message_part *part, *next;

	if (!msg)
		return;
	for (part = msg->parts; part; part = next) {
		next = part->next;
		kfree(part);
	}
	kfree(msg);
}

/*
 * Memory for a message of @len bytes, whose text is not set.
 * Context: process; may sleep. Return: NULL: no memory.
 */
struct message *message_alloc(size_t len)
{
	size_t piece = min(len, FIRST_LEN);
	struct message_part **link;
	struct message *msg;

	msg = kmalloc(sizeof(*msg) + piece, GFP_KERNEL_ACCOUNT);
	if (!msg)
		return NULL;
	msg->len = len;
	msg->parts = NULL;
	link = &msg->parts;
	for (len -= piece; len; len -= piece) {
		piece = min(len, PART_LEN);
		*link = kmalloc(sizeof(**link) + piece, GFP_KERNEL_ACCOUNT);
		if (!*link) {
			message_free(msg);
			return NULL;
		}
		(*link)->next = NULL;
		link = &(*link)->next;
	}
	return msg;
}

/*
 * A message with @len bytes of the user's memory at @from.
 * Context: process; may sleep. Return: ERR_PTR: -ENOMEM, -EFAULT.
 */
struct message *message_load(const void __user *from, size_t len)
{
	struct message *msg = message_alloc(len);
	const char __user *text = from;
	struct message_part *part;
	size_t piece;

	if (!msg)
		return ERR_PTR(-ENOMEM);
	piece = min(len, FIRST_LEN);
	if (copy_from_user(msg->text, text, piece))
		goto fault;
	for (part = msg->parts; part; part = part->next) {
		text += piece;
		len -= piece;
		piece = min(len, PART_LEN);
		if (copy_from_user(part->text, text, piece))
			goto fault;
	}
	return msg;

fault:
	message_free(msg);
	return ERR_PTR(-EFAULT);
}

/*
 * Copy the first @len bytes of @msg, which has so many, to the user's @to.
 * Context: process; may sleep. Return: 0 or -EFAULT.
 */
int message_store(void __user *to, const struct message *msg, size_t len)
{
	size_t piece = min(len, FIRST_LEN);
	char __user *text = to;
	struct message_part *part;

	if (copy_to_user(text, msg->text, piece))
		return -EFAULT;
	for (part = msg->parts; part && len > piece; part = part->next) {
		text += piece;
		len -= piece;
		piece = min(len, PART_LEN);
		if (copy_to_user(text, part->text, piece))
			return -EFAULT;
	}
	return 0;
}

/* Make @to, which has room for it, a copy of @from. Context: any. */
void message_copy_text(struct message *to, const struct message *from)
{
	struct message_part *out = to->parts, *in = from->parts;
	size_t len = from->len, piece = min(len, FIRST_LEN);

	memcpy(to->text, from->text, piece);
	for (; in; in = in->next, out = out->next) {
		len -= piece;
		piece = min(len, PART_LEN);
		memcpy(out->text, in->text, piece);
	}
	to->type = from->type;
	to->len = from->len;
}
