/*
 * Splicing: data that gets into a pipe or out of it other than by read(2) and
 * write(2).
 *
 * Between two pipes pages change hands: tee(2) has both hold a page, splice(2)
 * moves it. A file is read into pages that then become slots of the ring, and
 * is written from the pages of slots: one copy, and none to user space. Memory
 * is not copied at all: vmsplice(2) puts the program's own pages into the ring.
 *
 * A file may sleep long, and to close a file that came in a message can need
 * a pipe's lock, even this one's. So a file is read and written without the
 * lock: the slots concerned are not in the ring then, and kept free for us
 * (pipe->limit), so that what is not written can go back to where it was. Who
 * else reads the pipe waits meanwhile (pipe->away), as for a lock, but can be
 * interrupted: what the file does not take is the next to be read.
 *
 * Waiting here is not exclusive, other than in fs/pipe.c: tee(2) takes nothing,
 * and would swallow the wake-up of somebody who would have.
 *
 * Source: man 2 splice, man 2 tee, man 2 vmsplice.
 */
#include <fs/pipe.h>

#include <arch/current.h>
#include <fs/fasync.h>
#include <fs/inode.h>
#include <fs/iov_iter.h>
#include <keel/err.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include <uapi/uio.h>

#include "pipe_internal.h"

#define BATCH	16U	/* slots on their way at a time */

/*
 * Take the lock of a pipe that has data, or has come to its end. Return: 0,
 * locked; -EAGAIN, -ERESTARTSYS, not locked.
 */
static int __no_lock_check lock_readable(struct pipe *pipe, unsigned int flags)
{
	int err;

	for (;;) {
		mutex_lock(&pipe->lock);
		if (readable(pipe))
			return 0;
		mutex_unlock(&pipe->lock);
		if (flags & SPLICE_F_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&pipe->rd_wait, readable(pipe));
		if (err)
			return err;
	}
}

/* The same of one that has room. Nobody reads it: SIGPIPE and -EPIPE. */
static int __no_lock_check lock_writable(struct pipe *pipe, unsigned int flags)
{
	int err;

	for (;;) {
		mutex_lock(&pipe->lock);
		if (pipe->readers && !is_full(pipe))
			return 0;
		mutex_unlock(&pipe->lock);
		if (!READ_ONCE(pipe->readers)) {
			send_sig(SIGPIPE, current, false);
			return -EPIPE;
		}
		if (flags & SPLICE_F_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&pipe->wr_wait, writable(pipe));
		if (err)
			return err;
	}
}

static void tell_readers(struct pipe *pipe)
{
	wake_readers(pipe);
	fasync_notify(&pipe->rd_async, POLL_IN);
}

static void tell_writers(struct pipe *pipe)
{
	wake_writers(pipe);
	fasync_notify(&pipe->wr_async, POLL_OUT);
}

/* Locking: pipe->lock; there is room. */
static void push_slot(struct pipe *pipe, struct page *page,
		      unsigned int offset, size_t len, unsigned int flags)
{
	*slot_at(pipe, pipe->head) = (struct pipe_slot){
		.page = page, .offset = offset, .len = len,
		.flags = flags | SLOT_SPLICED };
	WRITE_ONCE(pipe->head, pipe->head + 1);
}

/* ---- slots outside the ring ------------------------------------------- */

/* Slots on their way between a pipe and a file. */
struct batch {
	unsigned int		nr;
	struct pipe_slot	slots[BATCH];
};

/* Nothing is in them yet. Locking: pipe->lock. */
static void keep_room(struct pipe *pipe, unsigned int nr)
{
	WRITE_ONCE(pipe->limit, pipe->limit - nr);
}

static void release_room(struct pipe *pipe, unsigned int nr)
{
	WRITE_ONCE(pipe->limit, pipe->limit + nr);
}

/* Take up to @len bytes, at most @max slots, off the ring. Locking: lock. */
static void take_slots(struct pipe *pipe, struct batch *batch, size_t len,
		       unsigned int max)
{
	for (batch->nr = 0; len && batch->nr < max && !is_empty(pipe);) {
		struct pipe_slot *slot = slot_at(pipe, pipe->tail);

		batch->slots[batch->nr++] = *slot;
		len -= min_t(size_t, len, slot->len);
		WRITE_ONCE(pipe->away, pipe->away + slot->len);
		WRITE_ONCE(pipe->tail, pipe->tail + 1);
	}
	keep_room(pipe, batch->nr);
}

/*
 * ... of which @done bytes are written; the rest goes back. All readers have
 * waited for that: is it the end, it is so for each.
 */
static void return_slots(struct pipe *pipe, struct batch *batch, size_t done)
{
	unsigned int i;

	mutex_lock(&pipe->lock);
	release_room(pipe, batch->nr);
	for (i = 0; i < batch->nr && done >= batch->slots[i].len; i++) {
		done -= batch->slots[i].len;
		drop_slot(pipe, &batch->slots[i]);
	}
	if (i < batch->nr) {
		batch->slots[i].offset += done;
		batch->slots[i].len -= done;
	}
	for (unsigned int j = batch->nr; j > i; j--) {
		WRITE_ONCE(pipe->tail, pipe->tail - 1);
		*slot_at(pipe, pipe->tail) = batch->slots[j - 1];
	}
	WRITE_ONCE(pipe->away, 0);
	mutex_unlock(&pipe->lock);
	if (i)
		tell_writers(pipe);
	wake_up_all_poll(&pipe->rd_wait, POLLIN | POLLRDNORM);
	if (i < batch->nr)
		fasync_notify(&pipe->rd_async, POLL_IN);
}

/* ---- out of a pipe into a file ---------------------------------------- */

/* All of them, as one write: bytes, or errno. */
static ssize_t write_batch(struct file *out, loff_t *pos,
			   const struct batch *batch, size_t len)
{
	struct kvec kvec[BATCH];
	struct iov_iter iter;
	size_t total = 0;

	for (unsigned int i = 0; i < batch->nr; i++) {
		const struct pipe_slot *slot = &batch->slots[i];

		kvec[i].base = (char *)page_address(slot->page) + slot->offset;
		kvec[i].len = min_t(size_t, slot->len, len - total);
		total += kvec[i].len;
	}
	iov_iter_kvec(&iter, ITER_SOURCE, kvec, batch->nr, total);
	return vfs_iter_write(out, &iter, pos, 0);
}

/*
 * Write up to @len bytes out of @pipe to @out at *@pos, which advances: what
 * there is, having waited for some.
 *
 * Context: may sleep. Return: bytes, 0 at the end; -EAGAIN, -ERESTARTSYS, what
 * the file says.
 */
ssize_t __no_lock_check
pipe_to_file(struct pipe *pipe, struct file *out, loff_t *pos, size_t len,
	     unsigned int flags)
{
	/* To a socket each slot is a message. */
	unsigned int max = S_ISSOCK(out->inode->mode) ? 1 : BATCH;
	size_t done = 0;
	struct batch batch;
	ssize_t n = 0;

	while (len) {
		if (signal_pending(current)) {
			n = -ERESTARTSYS;
			break;
		}
		n = lock_readable(pipe, done ? SPLICE_F_NONBLOCK : flags);
		if (n)
			break;
		take_slots(pipe, &batch, len, max);
		mutex_unlock(&pipe->lock);
		if (!batch.nr)
			break;
		n = write_batch(out, pos, &batch, len);
		return_slots(pipe, &batch, max_t(ssize_t, n, 0));
		if (n <= 0)
			break;
		done += n;
		len -= n;
	}
	return done ? (ssize_t)done : n;
}

/* ---- out of a file into a pipe ---------------------------------------- */

/* Up to @len bytes of @in into fresh pages: bytes, or errno. */
static ssize_t read_batch(struct file *in, loff_t *pos, struct batch *batch,
			  size_t len, unsigned int flags)
{
	struct kvec kvec[BATCH];
	struct iov_iter iter;
	unsigned int i;

	len = min_t(size_t, len, batch->nr * PAGE_SIZE);
	for (i = 0; i < batch->nr; i++) {
		struct page *page = alloc_page(GFP_USER | GFP_NOWARN);

		if (!page)
			break;
		batch->slots[i].page = page;
		kvec[i] = (struct kvec){ page_address(page), PAGE_SIZE };
	}
	batch->nr = i;
	if (!i)
		return -ENOMEM;
	iov_iter_kvec(&iter, ITER_DEST, kvec, i,
		      min_t(size_t, len, i * PAGE_SIZE));
	/* A socket does not wait where its pipe would not; files do. */
	return vfs_iter_read(in, &iter, pos,
			     S_ISSOCK(in->inode->mode) &&
			     (flags & SPLICE_F_NONBLOCK) ? IOCB_NOWAIT : 0);
}

/* @batch, in whose pages are @len bytes, for which @kept slots are kept. */
static void push_batch(struct pipe *pipe, struct batch *batch, size_t len,
		       unsigned int kept)
{
	unsigned int i = 0;

	mutex_lock(&pipe->lock);
	release_room(pipe, kept);
	for (; len; i++) {
		size_t n = min(len, PAGE_SIZE);

		push_slot(pipe, batch->slots[i].page, 0, n, 0);
		len -= n;
	}
	mutex_unlock(&pipe->lock);
	if (i)
		tell_readers(pipe);
	if (i < kept)
		wake_writers(pipe);
	for (; i < batch->nr; i++)
		put_page(batch->slots[i].page);
}

/* The same once: as much as one batch holds. */
static ssize_t __no_lock_check
pipe_fill(struct pipe *pipe, struct file *in, loff_t *pos, size_t len,
	  unsigned int flags)
{
	unsigned int kept;
	struct batch batch;
	ssize_t n = lock_writable(pipe, flags);

	if (n)
		return n;
	kept = min_t(size_t, DIV_ROUND_UP(len, PAGE_SIZE),
		     min(BATCH, pipe->limit - used(pipe)));
	keep_room(pipe, kept);
	mutex_unlock(&pipe->lock);
	batch.nr = kept;
	n = read_batch(in, pos, &batch, len, flags);
	push_batch(pipe, &batch, max_t(ssize_t, n, 0), kept);
	return n;
}

/*
 * Read up to @len bytes of @in at *@pos, which advances, into @pipe: as many
 * as there is room for, having waited for some.
 *
 * Context: may sleep. Return: bytes, 0 at the end of @in; -EAGAIN, -EPIPE,
 * -ERESTARTSYS, -ENOMEM, what the file says.
 */
ssize_t pipe_from_file(struct pipe *pipe, struct file *in, loff_t *pos,
		       size_t len, unsigned int flags)
{
	/* Of what comes when it comes one read is all; it would wait again. */
	bool once = !S_ISREG(in->inode->mode) && !S_ISBLK(in->inode->mode);
	size_t done = 0;
	ssize_t n = 0;

	while (len) {
		if (done && (once || is_full(pipe) || signal_pending(current) ||
			     !READ_ONCE(pipe->readers)))
			break;
		n = pipe_fill(pipe, in, pos, len,
			      done ? SPLICE_F_NONBLOCK : flags);
		if (n <= 0)
			break;
		done += n;
		len -= n;
	}
	return done ? (ssize_t)done : n;
}

/* ---- between two pipes ------------------------------------------------ */

static void __no_lock_check lock_both(struct pipe *a, struct pipe *b)
{
	mutex_lock(a < b ? &a->lock : &b->lock);
	mutex_lock(a < b ? &b->lock : &a->lock);
}

static void __no_lock_check unlock_both(struct pipe *a, struct pipe *b)
{
	mutex_unlock(&a->lock);
	mutex_unlock(&b->lock);
}

/* Both sides may have something to do: each was waited for by itself. */
static int __no_lock_check
lock_ready(struct pipe *in, struct pipe *out, unsigned int flags)
{
	int err;

	for (;;) {
		err = lock_readable(in, flags);
		if (err)
			return err;
		mutex_unlock(&in->lock);
		err = lock_writable(out, flags);
		if (err)
			return err;
		mutex_unlock(&out->lock);
		lock_both(in, out);
		if (likely(out->readers))
			return 0;
		/* They have just gone: then it is not writable. */
		unlock_both(in, out);
	}
}

/*
 * Give @out what is in slot @i of @in, up to @len bytes of it. Nothing may be
 * written behind it in the same page: there is the rest, or will be.
 */
static size_t share_slot(struct pipe *in, unsigned int i, struct pipe *out,
			 size_t len)
{
	struct pipe_slot *slot = slot_at(in, i), *copy;

	copy = slot_at(out, out->head);
	*copy = *slot;
	copy->len = min_t(size_t, len, slot->len);
	copy->flags |= SLOT_SPLICED;
	get_page(copy->page);
	WRITE_ONCE(out->head, out->head + 1);
	return copy->len;
}

/* Take @n bytes off the oldest slot. */
static void drop_bytes(struct pipe *pipe, size_t n)
{
	struct pipe_slot *slot = slot_at(pipe, pipe->tail);

	slot->offset += n;
	slot->len -= n;
	if (slot->len)
		return;
	drop_slot(pipe, slot);
	WRITE_ONCE(pipe->tail, pipe->tail + 1);
}

/*
 * Move up to @len bytes from @in to @out, another pipe: what there is and has
 * room, having waited for both.
 *
 * Context: may sleep. Return: bytes, 0 at the end; -EAGAIN, -EPIPE,
 * -ERESTARTSYS.
 */
ssize_t pipe_to_pipe(struct pipe *in, struct pipe *out, size_t len,
		     unsigned int flags)
{
	size_t done = 0, n;
	bool end;
	int err;

	do {
		err = lock_ready(in, out, flags);
		if (err)
			return err;
		while (len && has_data(in) && !is_full(out)) {
			n = share_slot(in, in->tail, out, len);
			drop_bytes(in, n);
			done += n;
			len -= n;
		}
		end = at_end(in);
		unlock_both(in, out);
		/* Nothing, yet not at the end? Others were quicker. */
	} while (!done && !end);
	if (done) {
		tell_readers(out);
		tell_writers(in);
	}
	return done;
}

/* The same, but what @out is given stays in @in, too. */
ssize_t pipe_tee(struct pipe *in, struct pipe *out, size_t len,
		 unsigned int flags)
{
	size_t done = 0, n;
	bool end;
	int err;

	do {
		err = lock_ready(in, out, flags);
		if (err)
			return err;
		for (unsigned int i = in->tail; len && has_data(in) &&
		     i != in->head && !is_full(out); i++) {
			n = share_slot(in, i, out, len);
			done += n;
			len -= n;
		}
		end = at_end(in);
		unlock_both(in, out);
	} while (!done && !end);
	if (done)
		tell_readers(out);
	return done;
}

/* ---- memory ----------------------------------------------------------- */

/* Where @i, of user memory, has come to; no empty segment is in the way. */
static unsigned long address_at(struct iov_iter *i)
{
	/* To a byte, so to where there is one, and before it. */
	iov_iter_advance(i, 1);
	iov_iter_revert(i, 1);
	return (i->type == ITER_UBUF ? (unsigned long)i->ubuf :
		(unsigned long)i->iov->iov_base) + i->offset;
}

/*
 * One slot from @from: what of it is in one page, which stays the caller's,
 * too. Locking: pipe->lock, there is room; mmap_lock. Return: bytes, or errno.
 */
static ssize_t push_memory(struct pipe *pipe, struct iov_iter *from)
{
	unsigned long at = address_at(from);
	unsigned int offset = PAGE_OFFSET_IN(at);
	size_t n = min(iov_iter_single_seg_count(from), PAGE_SIZE - offset);
	struct page *page = get_user_page(current->mm, at, 0, NULL);

	if (IS_ERR(page))
		return PTR_ERR(page);
	push_slot(pipe, page, offset, n, SLOT_USER);
	iov_iter_advance(from, n);
	return n;
}

/*
 * vmsplice(2) into @pipe: as much as there is room for, having waited for some.
 * Nothing is copied: the pages are in the pipe and in the caller's memory, and
 * what is written to them until somebody reads the pipe, he reads. That is so
 * for as long as the caller's memory has them: it has others once he wrote
 * after a fork(2), to what had only been zeros, or mapped anew.
 *
 * Context: may sleep. Return: bytes; -EAGAIN, -EPIPE, -ERESTARTSYS, -EFAULT,
 * -ENOMEM, -EINTR.
 */
ssize_t __no_lock_check
pipe_from_memory(struct pipe *pipe, struct iov_iter *from, unsigned int flags)
{
	size_t done = 0;
	ssize_t n = lock_writable(pipe, flags);

	if (n)
		return n;
	mmap_read_lock(current->mm);
	while (n >= 0 && iov_iter_count(from) && !is_full(pipe)) {
		n = push_memory(pipe, from);
		if (n > 0)
			done += n;
	}
	mmap_read_unlock(current->mm);
	mutex_unlock(&pipe->lock);
	if (done)
		tell_readers(pipe);
	return done ? (ssize_t)done : n;
}

/*
 * ... and out of it: what there is, having waited for some.
 *
 * Context: may sleep. Return: bytes, 0 at the end; -EAGAIN, -ERESTARTSYS,
 * -EFAULT.
 */
ssize_t __no_lock_check
pipe_to_memory(struct pipe *pipe, struct iov_iter *to, unsigned int flags)
{
	size_t done = 0, want, n;
	int err = lock_readable(pipe, flags);

	if (err)
		return err;
	while (iov_iter_count(to) && !is_empty(pipe)) {
		struct pipe_slot *slot = slot_at(pipe, pipe->tail);

		want = min_t(size_t, slot->len, iov_iter_count(to));
		n = copy_page_to_iter(slot->page, slot->offset, want, to);
		drop_bytes(pipe, n);
		done += n;
		if (n < want) {
			err = -EFAULT;
			break;
		}
	}
	mutex_unlock(&pipe->lock);
	if (done)
		tell_writers(pipe);
	return done ? (ssize_t)done : err;
}
