/*
 * Where is room? The search for a range of addresses nobody uses.
 *
 * Normally from the top: mmap areas grow down from mm->mmap_base, below the
 * stack's share. The gaps the tree of areas knows about lead there directly:
 * from one gap that is large enough to the next lower one.
 */
#include <arch/current.h>
#include <fs/file.h>
#include <keel/err.h>
#include <kernel/cred.h>
#include <kernel/task.h>
#include <mm/vma.h>
#include <uapi/capability.h>
#include <uapi/mman.h>

#include "internal.h"

static inline struct vma *vma_of(struct rb_node *node)
{
	return rb_entry(node, struct vma, node);
}

static bool subtree_has(const struct rb_node *node, unsigned long len)
{
	return node && rb_entry(node, struct vma, node)->max_gap >= len;
}

/* The last node of a subtree with a gap of @len; there is one. */
static struct rb_node *last_gap(struct rb_node *node, unsigned long len)
{
	for (;;) {
		if (subtree_has(node->right, len))
			node = node->right;
		else if (vma_of(node)->gap >= len)
			return node;
		else
			node = node->left;
	}
}

/* The first one. */
static struct rb_node *first_gap(struct rb_node *node, unsigned long len)
{
	for (;;) {
		if (subtree_has(node->left, len))
			node = node->left;
		else if (vma_of(node)->gap >= len)
			return node;
		else
			node = node->right;
	}
}

/* The next area in front of @node with a gap of @len before it, or NULL. */
static struct rb_node *prev_gap(struct rb_node *node, unsigned long len)
{
	if (subtree_has(node->left, len))
		return last_gap(node->left, len);
	for (;;) {
		struct rb_node *child = node;

		node = rb_parent(node);
		if (!node)
			return NULL;
		if (child != node->right)
			continue;
		if (vma_of(node)->gap >= len)
			return node;
		if (subtree_has(node->left, len))
			return last_gap(node->left, len);
	}
}

/* The same in the other direction. */
static struct rb_node *next_gap(struct rb_node *node, unsigned long len)
{
	if (subtree_has(node->right, len))
		return first_gap(node->right, len);
	for (;;) {
		struct rb_node *child = node;

		node = rb_parent(node);
		if (!node)
			return NULL;
		if (child != node->left)
			continue;
		if (vma_of(node)->gap >= len)
			return node;
		if (subtree_has(node->right, len))
			return first_gap(node->right, len);
	}
}

/* The highest @len bytes free in [low, high), or -ENOMEM. */
static unsigned long find_top_down(struct mm *mm, unsigned long len,
				   unsigned long low, unsigned long high)
{
	struct vma *vma = find_vma(mm, high - 1), *prev;
	struct rb_node *node;

	/* The gap that reaches over @high, in front of @vma or behind all. */
	prev = vma ? vma_prev(vma) : vma_last(mm);
	if (vma)
		high = min(high, vma_start_gap(vma));
	if (prev && prev->end > low) {
		if (high >= prev->end && high - prev->end >= len)
			return high - len;
	} else {
		return high >= low && high - low >= len ?
		       high - len : (unsigned long)-ENOMEM;
	}
	node = &prev->node;
	if (prev->gap < len)
		node = prev_gap(node, len);
	for (; node; node = prev_gap(node, len)) {
		unsigned long end = vma_start_gap(vma_of(node));
		unsigned long start = max(end - vma_of(node)->gap, low);

		if (end > start && end - start >= len)
			return end - len;
		if (end < low)
			break;
	}
	return -ENOMEM;
}

/* The lowest @len bytes free in [low, high), or -ENOMEM. */
static unsigned long find_bottom_up(struct mm *mm, unsigned long len,
				    unsigned long low, unsigned long high)
{
	struct vma *vma = find_vma(mm, low), *last = vma_last(mm);
	struct rb_node *node = vma ? &vma->node : NULL;
	unsigned long start, end;

	if (node && vma->gap < len)
		node = next_gap(node, len);
	for (; node; node = next_gap(node, len)) {
		end = min(vma_start_gap(vma_of(node)), high);
		start = max(vma_start_gap(vma_of(node)) - vma_of(node)->gap,
			    low);
		if (end > start && end - start >= len)
			return start;
		if (start >= high)
			return -ENOMEM;
	}
	start = max(last ? last->end : 0, low);
	return high > start && high - start >= len ? start :
						     (unsigned long)-ENOMEM;
}

/* Can [addr, addr + len) be used as it is? */
static bool hint_is_free(struct mm *mm, unsigned long addr, unsigned long len)
{
	struct vma *vma, *prev;

	if (addr < sysctl_mmap_min_addr || TASK_SIZE - len < addr)
		return false;
	vma = find_vma(mm, addr);
	if (vma && addr + len > vma_start_gap(vma))
		return false;
	prev = vma ? vma_prev(vma) : vma_last(mm);
	return !prev || addr >= prev->end;
}

/*
 * A range of @len bytes (whole pages) in the current mm that nobody uses, at
 * @addr if that is free. Locking: mmap_lock for writing. Return: the address
 * (for MAP_FIXED: @addr, whatever is there), or -ENOMEM, -EINVAL, -EPERM.
 */
unsigned long get_unmapped_area(struct file *file, unsigned long addr,
				unsigned long len, unsigned long pgoff,
				unsigned long flags)
{
	struct mm *mm = current->mm;
	unsigned long low = max(sysctl_mmap_min_addr, PAGE_SIZE);
	unsigned long found;

	if (len > TASK_SIZE)
		return -ENOMEM;
	if (flags & MAP_FIXED) {
		if (addr & ~PAGE_MASK)
			return -EINVAL;
		if (addr > TASK_SIZE - len)
			return -ENOMEM;
		if (addr < sysctl_mmap_min_addr && !capable(CAP_SYS_RAWIO))
			return -EPERM;
		return addr;
	}
	if (file && file->ops->get_unmapped_area)
		return file->ops->get_unmapped_area(file, addr, len, pgoff,
						    flags);
	if (flags & MAP_32BIT)
		return find_bottom_up(mm, len, 0x40000000, 0x80000000);
	addr = PAGE_ALIGN(addr);
	if (addr && hint_is_free(mm, addr, len))
		return addr;
	if (!mm->mmap_legacy) {
		found = find_top_down(mm, len, low, mm->mmap_base);
		if (found < TASK_SIZE)
			return found;
	}
	/* The stack's share may be all that is left. */
	return find_bottom_up(mm, len, mm->mmap_legacy ? mm->mmap_legacy :
							 low, TASK_SIZE);
}
