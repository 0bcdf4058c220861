/*
 * Iterators over user and kernel memory: all that is not the one-buffer case,
 * which fs/iov_iter.h has inline.
 *
 * Everything is built on walk(): cut the next @len bytes of the iterator into
 * pieces that are contiguous in memory, and hand each to a function that says
 * how many bytes of it could not be done.
 */
#include <fs/iov_iter.h>

#include <lib/string.h>
#include <mm/page.h>
#include <mm/slab.h>

#define MAX_RW_COUNT	(INT32_MAX & ~(PAGE_SIZE - 1))

/* Work on one piece; returns the bytes left undone. */
typedef size_t step_fn(void *piece, size_t len, void *data);

static void *segment(const struct iov_iter *i, size_t *len)
{
	switch (i->type) {
	case ITER_UBUF:
		*len = i->offset + i->count;
		return (void __force *)i->ubuf;
	case ITER_IOVEC:
		*len = i->iov->iov_len;
		return (void __force *)i->iov->iov_base;
	case ITER_KVEC:
		*len = i->kvec->len;
		return i->kvec->base;
	default:
		*len = i->offset + i->count;
		return NULL;
	}
}

static void next_segment(struct iov_iter *i)
{
	if (i->type == ITER_IOVEC)
		i->iov++;
	else
		i->kvec++;
	i->nr_segs--;
	i->offset = 0;
}

static bool is_vector(const struct iov_iter *i)
{
	return i->type == ITER_IOVEC || i->type == ITER_KVEC;
}

/* @data advances with the pieces. Return: bytes done. */
static size_t walk(struct iov_iter *i, size_t len, step_fn *step, char *data)
{
	size_t done = 0;

	len = min(len, i->count);
	while (done < len) {
		size_t seg_len, part, left;
		char *base = segment(i, &seg_len);

		part = min(seg_len - i->offset, len - done);
		left = part ? step(base + i->offset, part, data + done) : 0;
		done += part - left;
		i->offset += part - left;
		i->count -= part - left;
		if (left)
			break;
		if (is_vector(i) && i->offset == seg_len && i->count)
			next_segment(i);
	}
	return done;
}

/* The steps. */
static size_t step_to_user(void *piece, size_t len, void *data)
{
	return copy_to_user((void __force __user *)piece, data, len);
}

static size_t step_from_user(void *piece, size_t len, void *data)
{
	return copy_from_user(data, (void __force __user *)piece, len);
}

static size_t step_to_user_nofault(void *piece, size_t len, void *data)
{
	return copy_to_user_nofault((void __force __user *)piece, data, len);
}

static size_t step_from_user_nofault(void *piece, size_t len, void *data)
{
	return copy_from_user_nofault(data, (void __force __user *)piece, len);
}

static size_t step_clear_user(void *piece, size_t len, void *data __unused)
{
	return clear_user((void __force __user *)piece, len);
}

static size_t step_to_kernel(void *piece, size_t len, void *data)
{
	memcpy(piece, data, len);
	return 0;
}

static size_t step_from_kernel(void *piece, size_t len, void *data)
{
	memcpy(data, piece, len);
	return 0;
}

static size_t step_clear_kernel(void *piece, size_t len, void *data __unused)
{
	memset(piece, 0, len);
	return 0;
}

static size_t step_nothing(void *piece __unused, size_t len __unused,
			   void *data __unused)
{
	return 0;
}

static size_t copy_with(struct iov_iter *i, size_t len, char *data,
			step_fn *user, step_fn *kernel)
{
	if (iov_iter_is_user(i))
		return walk(i, len, user, data);
	if (i->type == ITER_KVEC)
		return walk(i, len, kernel, data);
	return walk(i, len, step_nothing, data);
}

size_t copy_to_iter_slow(const void *from, size_t len, struct iov_iter *i)
{
	return copy_with(i, len, (char *)from, step_to_user, step_to_kernel);
}

size_t copy_from_iter_slow(void *to, size_t len, struct iov_iter *i)
{
	return copy_with(i, len, to, step_from_user, step_from_kernel);
}

bool copy_from_iter_full(void *to, size_t len, struct iov_iter *i)
{
	size_t done = copy_from_iter(to, len, i);

	if (likely(done == len))
		return true;
	iov_iter_revert(i, done);
	return false;
}

size_t iov_iter_zero(size_t len, struct iov_iter *i)
{
	if (likely(i->type == ITER_UBUF)) {
		len = min(len, i->count);
		len -= clear_user(i->ubuf + i->offset, len);
		i->offset += len;
		i->count -= len;
		return len;
	}
	return copy_with(i, len, NULL, step_clear_user, step_clear_kernel);
}

size_t copy_page_to_iter(struct page *page, size_t offset, size_t len,
			 struct iov_iter *i)
{
	return copy_to_iter((char *)page_address(page) + offset, len, i);
}

size_t copy_page_from_iter(struct page *page, size_t offset, size_t len,
			   struct iov_iter *i)
{
	return copy_from_iter((char *)page_address(page) + offset, len, i);
}

size_t copy_page_from_iter_atomic(struct page *page, size_t offset, size_t len,
				  struct iov_iter *i)
{
	return copy_with(i, len, (char *)page_address(page) + offset,
			 step_from_user_nofault, step_from_kernel);
}

size_t copy_page_to_iter_atomic(struct page *page, size_t offset, size_t len,
				struct iov_iter *i)
{
	return copy_with(i, len, (char *)page_address(page) + offset,
			 step_to_user_nofault, step_to_kernel);
}

/* ---- touching pages beforehand ---- */

/* Touch a byte of each page of the piece. */
static size_t step_fault_in(void *piece, size_t len, void *data __unused)
{
	const char __user *at = (const char __force __user *)piece;
	const char __user *end = at + len;
	char c __unused;

	if (!access_ok(at, len))
		return len;
	while (at < end) {
		if (get_user(c, at))
			return end - at;
		at += PAGE_SIZE - (unsigned long)at % PAGE_SIZE;
	}
	return 0;
}

/* The same for writing, changing nothing: add 0 to the byte's word. */
static size_t step_fault_in_write(void *piece, size_t len, void *data __unused)
{
	char __user *at = (char __force __user *)piece;
	char __user *end = at + len;
	uint32_t old;

	if (!access_ok(at, len))
		return len;
	while (at < end) {
		uint32_t __user *word = (uint32_t __user *)
			((unsigned long)at & ~3UL);

		if (atomic_op_user_u32(USER_OR, word, 0, &old))
			return end - at;
		at += PAGE_SIZE - (unsigned long)at % PAGE_SIZE;
	}
	return 0;
}

static size_t fault_in(const struct iov_iter *i, size_t len, step_fn *step)
{
	struct iov_iter copy = *i;

	len = min(len, i->count);
	if (!iov_iter_is_user(i))
		return 0;
	return len - walk(&copy, len, step, NULL);
}

size_t fault_in_iov_iter_readable(const struct iov_iter *i, size_t len)
{
	return fault_in(i, len, step_fault_in);
}

size_t fault_in_iov_iter_writeable(const struct iov_iter *i, size_t len)
{
	return fault_in(i, len, step_fault_in_write);
}

/* ---- moving ---- */

void iov_iter_advance(struct iov_iter *i, size_t bytes)
{
	if (is_vector(i)) {
		walk(i, bytes, step_nothing, NULL);
		return;
	}
	bytes = min(bytes, i->count);
	i->offset += bytes;
	i->count -= bytes;
}

/* Undo the last @bytes of copying; they were all copied by this iterator. */
void iov_iter_revert(struct iov_iter *i, size_t bytes)
{
	i->count += bytes;
	if (!is_vector(i)) {
		i->offset -= bytes;
		return;
	}
	while (bytes > i->offset) {
		size_t seg_len;

		bytes -= i->offset;
		if (i->type == ITER_IOVEC)
			i->iov--;
		else
			i->kvec--;
		i->nr_segs++;
		segment(i, &seg_len);
		i->offset = seg_len;
	}
	i->offset -= bytes;
}

size_t iov_iter_single_seg_count(const struct iov_iter *i)
{
	size_t seg_len;

	segment(i, &seg_len);
	return min(seg_len - i->offset, i->count);
}

/* ---- from user space ---- */

/* Lengths must not be negative, nor addresses outside; cut at the maximum. */
static ssize_t check_vector(struct iovec *iov, unsigned long nr)
{
	size_t total = 0;
	unsigned long n;

	for (n = 0; n < nr; n++) {
		size_t len = iov[n].iov_len;

		if ((ssize_t)len < 0)
			return -EINVAL;
		if (!access_ok((void __user *)iov[n].iov_base, len))
			return -EFAULT;
		if (len > MAX_RW_COUNT - total) {
			len = MAX_RW_COUNT - total;
			iov[n].iov_len = len;
		}
		total += len;
	}
	return total;
}

ssize_t import_iovec(bool is_source, const struct iovec __user *uvec,
		     unsigned long nr, unsigned int fast, struct iovec **iov,
		     struct iov_iter *i)
{
	struct iovec *vec = *iov, *allocated = NULL;
	ssize_t total;

	*iov = NULL;
	if (nr > UIO_MAXIOV)
		return -EINVAL;
	if (nr > fast) {
		allocated = kmalloc_array(nr, sizeof(*vec), GFP_KERNEL);
		if (!allocated)
			return -ENOMEM;
		vec = allocated;
	}
	total = -EFAULT;
	if (!copy_from_user(vec, uvec, nr * sizeof(*vec)))
		total = check_vector(vec, nr);
	if (total < 0) {
		kfree(allocated);
		return total;
	}
	*iov = allocated;
	i->type = ITER_IOVEC;
	i->is_source = is_source;
	i->nr_segs = nr;
	i->offset = 0;
	i->count = total;
	i->iov = vec;
	return total;
}
