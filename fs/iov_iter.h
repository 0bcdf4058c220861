/*
 * Iterators over memory: the one way data goes into and out of files.
 *
 * An iov_iter says where the bytes come from or go to, and how many are left.
 * The producer of data does not know whether that is one user buffer, a vector
 * of them (readv) or memory of the kernel (exec reading a header, sendfile):
 * it calls copy_to_iter() and gets told how much arrived. Each copy advances
 * the iterator; iov_iter_revert() takes it back.
 *
 * A short copy means a bad user address (nothing else), so a caller that
 * copied nothing at all says -EFAULT.
 */
#pragma once

#include <arch/uaccess.h>
#include <keel/err.h>
#include <uapi/uio.h>

struct page;

enum iter_type {
	ITER_UBUF,	/* one user buffer */
	ITER_IOVEC,	/* a vector of user buffers */
	ITER_KVEC,	/* a vector of kernel buffers */
	ITER_DISCARD,	/* to nowhere */
};

struct kvec {
	void	*base;
	size_t	len;
};

struct iov_iter {
	enum iter_type	type;
	bool		is_source;	/* data comes from here: a write */
	unsigned int	nr_segs;	/* from the current one on */
	size_t		offset;		/* into the current segment */
	size_t		count;		/* bytes left in all */
	union {
		char __user		*ubuf;
		const struct iovec	*iov;
		const struct kvec	*kvec;
	};
};

#define ITER_DEST	false
#define ITER_SOURCE	true

static __always_inline void iov_iter_ubuf(struct iov_iter *i, bool is_source,
					  void __user *buf, size_t len)
{
	i->type = ITER_UBUF;
	i->is_source = is_source;
	i->nr_segs = 1;
	i->offset = 0;
	i->count = len;
	i->ubuf = (char __user *)buf;
}

static inline void iov_iter_kvec(struct iov_iter *i, bool is_source,
				 const struct kvec *kvec, unsigned int nr,
				 size_t count)
{
	i->type = ITER_KVEC;
	i->is_source = is_source;
	i->nr_segs = nr;
	i->offset = 0;
	i->count = count;
	i->kvec = kvec;
}

static inline void iov_iter_discard(struct iov_iter *i, size_t count)
{
	*i = (struct iov_iter){ .type = ITER_DISCARD, .count = count };
}

static inline size_t iov_iter_count(const struct iov_iter *i)
{
	return i->count;
}

static inline bool iov_iter_is_user(const struct iov_iter *i)
{
	return i->type == ITER_UBUF || i->type == ITER_IOVEC;
}

/* At most @count bytes; what is cut off is gone unless reexpanded. */
static inline void iov_iter_truncate(struct iov_iter *i, size_t count)
{
	if (i->count > count)
		i->count = count;
}

static inline void iov_iter_reexpand(struct iov_iter *i, size_t count)
{
	i->count = count;
}

size_t copy_to_iter_slow(const void *from, size_t len, struct iov_iter *i);
size_t copy_from_iter_slow(void *to, size_t len, struct iov_iter *i);

/* Return: the bytes copied. Context: may sleep, if the memory is a user's. */
static __always_inline size_t copy_to_iter(const void *from, size_t len,
					   struct iov_iter *i)
{
	if (len > i->count)
		len = i->count;
	if (likely(i->type == ITER_UBUF)) {
		len -= copy_to_user(i->ubuf + i->offset, from, len);
		i->offset += len;
		i->count -= len;
		return len;
	}
	return copy_to_iter_slow(from, len, i);
}

static __always_inline size_t copy_from_iter(void *to, size_t len,
					     struct iov_iter *i)
{
	if (len > i->count)
		len = i->count;
	if (likely(i->type == ITER_UBUF)) {
		len -= copy_from_user(to, i->ubuf + i->offset, len);
		i->offset += len;
		i->count -= len;
		return len;
	}
	return copy_from_iter_slow(to, len, i);
}

/* All of @len or, false, an iterator that has not moved. */
bool copy_from_iter_full(void *to, size_t len, struct iov_iter *i);

/* Zeros to the iterator. */
size_t iov_iter_zero(size_t len, struct iov_iter *i);

/* Between a page and the iterator. */
size_t copy_page_to_iter(struct page *page, size_t offset, size_t len,
			 struct iov_iter *i);
size_t copy_page_from_iter(struct page *page, size_t offset, size_t len,
			   struct iov_iter *i);
/*
 * The same without sleeping (a page lock is held): stops at the first user
 * page that is not there. The iterator advances by what was copied.
 */
size_t copy_page_from_iter_atomic(struct page *page, size_t offset, size_t len,
				  struct iov_iter *i);
size_t copy_page_to_iter_atomic(struct page *page, size_t offset, size_t len,
				struct iov_iter *i);

/* Touch up to @len bytes so that an atomic copy will succeed. Return: bytes
 * that could NOT be brought in. */
size_t fault_in_iov_iter_readable(const struct iov_iter *i, size_t len);
size_t fault_in_iov_iter_writeable(const struct iov_iter *i, size_t len);

void iov_iter_advance(struct iov_iter *i, size_t bytes);
void iov_iter_revert(struct iov_iter *i, size_t bytes);
/* Bytes until the current segment ends. */
size_t iov_iter_single_seg_count(const struct iov_iter *i);

/*
 * Copy a vector from user space. *@iov points to a buffer of @fast entries on
 * entry; afterwards to NULL or to what kfree() shall free.
 * Return: the total length; -EINVAL (too many, or a length that is negative),
 * -EFAULT, -ENOMEM.
 */
ssize_t import_iovec(bool is_source, const struct iovec __user *uvec,
		     unsigned long nr, unsigned int fast, struct iovec **iov,
		     struct iov_iter *i);
