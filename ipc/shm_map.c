/*
 * Attaching shared memory: shmat(2) and shmdt(2).
 *
 * Each shmat(2) opens the segment's file anew, for reading or for both, and
 * maps that; page faults, fork and exit then do what they do with any file.
 * The area's operations only count: an area that comes (by shmat, by fork, by
 * being split) is one more attachment, one that goes is one less. The last
 * one to go takes a segment with it that has been removed meanwhile.
 *
 * An area's end is told with no lock of the address space held, see
 * mm/vma_split.c:vma_release.
 *
 * Source: man 2 shmop.
 */
#include <arch/current.h>
#include <fs/file.h>
#include <fs/inode.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <mm/page_cache.h>
#include <mm/vma.h>
#include <uapi/mman.h>

#include "shm.h"

/* ---- counting ------------------------------------------------------------ */

static struct shm_segment *segment_of(const struct vma *vma)
{
	return vma->file->private;
}

static void area_open(struct vma *vma)
{
	struct shm_segment *shm = segment_of(vma);

	spin_lock(&shm->obj.lock);
	shm->nr_attached++;
	shm->atime = ktime_get_real_seconds();
	shm->lpid = current->tgid;
	spin_unlock(&shm->obj.lock);
}

/* One attachment less; the caller's reference keeps the struct. */
static void detach(struct shm_segment *shm, bool by_area)
{
	bool last;

	spin_lock(&shm->obj.lock);
	if (by_area) {
		shm->dtime = ktime_get_real_seconds();
		shm->lpid = current->tgid;
	}
	last = --shm->nr_attached == 0 && (shm->obj.mode & SHM_DEST);
	spin_unlock(&shm->obj.lock);
	if (last)
		shm_destroy_if_unused(shm);
}

static void area_close(struct vma *vma)
{
	detach(segment_of(vma), true);
}

static const struct vm_ops shm_vm_ops = {
	.open = area_open,
	.close = area_close,
	.fault = filemap_fault,
	.map_pages = filemap_map_pages,
};

static int shm_mmap(struct file *file __unused, struct vma *vma)
{
	vma->ops = &shm_vm_ops;
	area_open(vma);
	return 0;
}

static int shm_release(struct inode *inode __unused, struct file *file)
{
	shm_put(file->private);
	return 0;
}

static const struct file_ops shm_file_ops = {
	.mmap = shm_mmap,
	.release = shm_release,
};

/* ---- shmat --------------------------------------------------------------- */

/* Where to map: as the caller says. Return: 0 or -EINVAL. */
static int choose_address(unsigned long *addr, int flags)
{
	if (!*addr)
		return flags & SHM_REMAP ? -EINVAL : 0;
	if (!(*addr & ~PAGE_MASK))
		return 0;
	if (!(flags & SHM_RND))
		return -EINVAL;
	*addr &= PAGE_MASK;
	return !*addr && (flags & SHM_REMAP) ? -EINVAL : 0;
}

/*
 * The segment, with a reference, counted as attached, and its file. ERR_PTR.
 */
static struct shm_segment * __no_lock_check attach(int shmid,
						   unsigned int wanted,
						   struct file **base)
{
	struct ipc_object *obj;
	int err;

	obj = ipc_lock(&shm_ids, shmid);
	if (IS_ERR(obj))
		return ERR_CAST(obj);
	err = ipc_permission(obj, wanted);
	if (!err && obj->deleted)
		err = -EIDRM;
	if (!err) {
		to_shm(obj)->nr_attached++;
		*base = get_file(to_shm(obj)->file);
		ipc_hold(obj);
	}
	spin_unlock(&obj->lock);
	return err ? ERR_PTR(err) : to_shm(obj);
}

/* An open file of the segment for one attachment. Takes a reference. */
static struct file *open_segment(struct shm_segment *shm, struct file *base,
				 int flags)
{
	struct file *file;

	file = alloc_file_clone(base, flags & SHM_RDONLY ? O_RDONLY : O_RDWR,
				&shm_file_ops);
	if (IS_ERR(file))
		return file;
	ipc_hold(&shm->obj);
	file->private = shm;
	return file;
}

static bool is_free(struct mm *mm, unsigned long addr, size_t size)
{
	return addr + size >= addr &&
	       !find_vma_intersection(mm, addr, addr + size);
}

static unsigned long map_segment(struct file *file, size_t size,
				 unsigned long addr, bool fixed, int flags)
{
	unsigned long prot = PROT_READ, populate, ret;
	struct mm *mm = current->mm;

	if (!(flags & SHM_RDONLY))
		prot |= PROT_WRITE;
	if (flags & SHM_EXEC)
		prot |= PROT_EXEC;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	if (addr && !(flags & SHM_REMAP) && !is_free(mm, addr, size)) {
		mmap_write_unlock(mm);
		return -EINVAL;
	}
	ret = do_mmap(file, addr, size, prot,
		      MAP_SHARED | (fixed ? MAP_FIXED : 0), 0, &populate);
	mmap_write_unlock(mm);
	if (populate)
		mm_populate(mm, ret, populate);
	return ret;
}

SYSCALL_DEFINE3(shmat, int, shmid, unsigned long, addr, int, flags)
{
	unsigned int wanted = flags & SHM_RDONLY ? 0444 : 0666;
	struct file *base = NULL, *file;
	struct shm_segment *shm;
	bool fixed = addr != 0;
	unsigned long ret;

	if (shmid < 0 || choose_address(&addr, flags))
		return -EINVAL;
	if (flags & SHM_EXEC)
		wanted |= 0111;
	shm = attach(shmid, wanted, &base);
	if (IS_ERR(shm))
		return PTR_ERR(shm);
	file = open_segment(shm, base, flags);
	fput(base);
	ret = PTR_ERR_OR_ZERO(file);
	if (!ret) {
		ret = map_segment(file, shm->size, addr, fixed, flags);
		fput(file);
	}
	detach(shm, false);
	shm_put(shm);
	return ret;
}

/* ---- shmdt --------------------------------------------------------------- */

/* Is @vma a piece of a segment that was attached at @addr? */
static bool is_attached_at(const struct vma *vma, unsigned long addr)
{
	return vma->ops == &shm_vm_ops && vma->start >= addr &&
	       (vma->start - addr) >> PAGE_SHIFT == vma->pgoff;
}

/*
 * Unmap all that is left of the attachment at @addr: it may have been split.
 * Locking: mmap_lock for writing. Return: 0; -EINVAL: none is there; -ENOMEM.
 */
static int detach_at(struct mm *mm, unsigned long addr)
{
	struct vma *vma = find_vma(mm, addr), *next;
	struct file *file = NULL;
	unsigned long end = ~0UL;
	int err = -EINVAL;

	for (; vma && vma->start < end; vma = next) {
		next = vma_next(vma);
		if (!is_attached_at(vma, addr) || (file && vma->file != file))
			continue;
		if (!file) {
			file = vma->file;
			end = addr + PAGE_ALIGN(segment_of(vma)->size);
		}
		err = do_munmap(mm, vma->start, vma->end - vma->start);
		if (err)
			break;
	}
	return err;
}

SYSCALL_DEFINE1(shmdt, unsigned long, addr)
{
	struct mm *mm = current->mm;
	int err;

	if (addr & ~PAGE_MASK)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = detach_at(mm, addr);
	mmap_write_unlock(mm);
	return err;
}
