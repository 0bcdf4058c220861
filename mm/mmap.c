/*
 * mmap(2): making areas.
 *
 * do_mmap() translates what the user asked for into area flags and checks
 * whether he may; map_area() finds the limits, removes what is in the way,
 * and either enlarges a neighbour or makes a new area. No page is touched:
 * that is for the faults.
 */
#include <arch/current.h>
#include <fs/file.h>
#include <fs/files.h>
#include <fs/inode.h>
#include <fs/mount.h>
#include <fs/super.h>
#include <keel/err.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/page_cache.h>
#include <mm/tlb_gather.h>
#include <mm/vma.h>
#include <uapi/capability.h>
#include <uapi/mman.h>

#include "internal.h"

/* What MAP_SHARED_VALIDATE knows; anything else is -EOPNOTSUPP. */
#define MAP_KNOWN_FLAGS	(MAP_SHARED | MAP_PRIVATE | MAP_FIXED | \
			 MAP_ANONYMOUS | MAP_DENYWRITE | MAP_EXECUTABLE | \
			 MAP_UNINITIALIZED | MAP_GROWSDOWN | MAP_LOCKED | \
			 MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | \
			 MAP_STACK | MAP_HUGETLB | MAP_32BIT | \
			 MAP_HUGE_MASK << MAP_HUGE_SHIFT)

int sysctl_max_map_count = 65530;
unsigned long sysctl_mmap_min_addr = 65536;

struct file *(*shmem_file_setup)(const char *name, loff_t size,
				 unsigned long vm_flags);

unsigned long prot_to_vm_flags(unsigned long prot)
{
	return (prot & PROT_READ ? VM_READ : 0) |
	       (prot & PROT_WRITE ? VM_WRITE : 0) |
	       (prot & PROT_EXEC ? VM_EXEC : 0);
}

/* Would @pages more break RLIMIT_AS, or RLIMIT_DATA where it applies? */
bool may_expand_vm(const struct mm *mm, unsigned long vm_flags,
		   unsigned long pages)
{
	unsigned long limit = task_rlimit(current, RLIMIT_AS) >> PAGE_SHIFT;

	if (mm->total_vm + pages > limit)
		return false;
	if ((vm_flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) != VM_WRITE)
		return true;
	limit = task_rlimit(current, RLIMIT_DATA);
	/* A soft limit of nothing used to bind only the heap. */
	if (!limit)
		limit = current->group->rlim[RLIMIT_DATA].rlim_max;
	return mm->data_vm + pages <= limit >> PAGE_SHIFT;
}

/* May the task lock memory at all? */
bool can_do_mlock(void)
{
	return task_rlimit(current, RLIMIT_MEMLOCK) != 0 ||
	       capable(CAP_IPC_LOCK);
}

/* 0, or -EAGAIN if @pages more would be too many to lock. */
int check_lock_limit(const struct mm *mm, unsigned long pages)
{
	unsigned long limit = task_rlimit(current, RLIMIT_MEMLOCK);

	if (mm->locked_vm + pages > limit >> PAGE_SHIFT &&
	    !capable(CAP_IPC_LOCK))
		return -EAGAIN;
	return 0;
}

/* Rights of a shared mapping follow from how the file was opened. */
static int shared_file_flags(const struct file *file, unsigned long *vm_flags)
{
	if ((*vm_flags & VM_WRITE) && !file_can_write(file))
		return -EACCES;
	*vm_flags |= VM_SHARED | VM_MAYSHARE;
	if (!file_can_write(file))
		*vm_flags &= ~(VM_MAYWRITE | VM_SHARED);
	return 0;
}

/* Could the file be so large that it has these pages? */
static bool offset_is_possible(const struct file *file, unsigned long len,
			       unsigned long pgoff)
{
	unsigned long max = ~0UL;

	if (S_ISREG(file->inode->mode))
		max = file->inode->sb->max_bytes;
	return len <= max && pgoff <= (max - len) >> PAGE_SHIFT;
}

/* Checks for a mapping of @file, and what they mean for the flags. */
static int file_flags(struct file *file, unsigned long flags,
		      unsigned long *vm_flags)
{
	int err = 0;

	switch (flags & MAP_TYPE) {
	case MAP_SHARED_VALIDATE:
		if (flags & ~(unsigned long)MAP_KNOWN_FLAGS)
			return -EOPNOTSUPP;
		fallthrough;
	case MAP_SHARED:
		err = shared_file_flags(file, vm_flags);
		break;
	case MAP_PRIVATE:
		break;
	default:
		return -EINVAL;
	}
	if (err)
		return err;
	if (!file_can_read(file))
		return -EACCES;
	if (path_noexec(&file->path)) {
		if (*vm_flags & VM_EXEC)
			return -EPERM;
		*vm_flags &= ~VM_MAYEXEC;
	}
	if (!file->ops->mmap)
		return -ENODEV;
	return *vm_flags & VM_GROWSDOWN ? -EINVAL : 0;
}

static int anon_flags(unsigned long flags, unsigned long *vm_flags)
{
	switch (flags & MAP_TYPE) {
	case MAP_SHARED:
		if (*vm_flags & VM_GROWSDOWN)
			return -EINVAL;
		*vm_flags |= VM_SHARED | VM_MAYSHARE;
		return 0;
	case MAP_PRIVATE:
		return 0;
	default:
		return -EINVAL;
	}
}

/* Make [addr, addr + len) free, as MAP_FIXED says. */
static int clear_range(struct mm *mm, unsigned long addr, unsigned long len)
{
	return find_vma_intersection(mm, addr, addr + len) ?
	       do_munmap(mm, addr, len) : 0;
}

/* Private memory that can be written is a promise to have that much. */
static bool needs_commit(unsigned long vm_flags)
{
	return (vm_flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) == VM_WRITE;
}

/* Connect @vma with what provides its pages. @file may be NULL. */
static int attach_source(struct vma *vma, struct file *file)
{
	int err;

	if (file) {
		vma->file = get_file(file);
		err = file->ops->mmap(file, vma);
		if (err) {
			fput(file);
			vma->file = NULL;
		}
		return err;
	}
	if (!(vma->flags & VM_SHARED))
		return 0;
	if (!shmem_file_setup)
		return -ENODEV;
	/* As maps shows it. */
	file = shmem_file_setup("dev/zero", vma->end - vma->start,
				vma->flags);
	if (IS_ERR(file))
		return PTR_ERR(file);
	vma->file = file;
	err = file->ops->mmap(file, vma);
	if (err) {
		fput(file);
		vma->file = NULL;
	}
	return err;
}

/* A new area for [addr, addr + len). */
static int create_area(struct mm *mm, struct file *file, unsigned long addr,
		       unsigned long len, unsigned long vm_flags,
		       unsigned long pgoff)
{
	struct vma *vma = vma_alloc(mm);
	bool writes;
	int err;

	if (!vma)
		return -ENOMEM;
	vma->start = addr;
	vma->end = addr + len;
	vma->flags = vm_flags;
	vma->page_prot = vm_page_prot(vm_flags);
	vma->pgoff = pgoff;
	err = attach_source(vma, file);
	if (err) {
		vma_free(vma);
		return err;
	}
	/* The driver may have changed the flags, not the place. */
	writes = vma_may_write_file(vma);
	err = writes ? mapping_map_writable(vma->file->mapping) : 0;
	if (err) {
		vma_release(vma);
		return err;
	}
	vma_insert(mm, vma);
	/* Whom insertion has counted needs no announcement any more. */
	if (writes)
		mapping_unmap_writable(vma->file->mapping);
	return 0;
}

/*
 * Map [addr, addr + len), a range chosen by get_unmapped_area(), removing what
 * is there. Locking: mmap_lock for writing. Return: @addr or an errno.
 */
unsigned long map_area(struct mm *mm, struct file *file, unsigned long addr,
		       unsigned long len, unsigned long vm_flags,
		       unsigned long pgoff)
{
	unsigned long pages = len >> PAGE_SHIFT;
	int err;

	err = clear_range(mm, addr, len);
	if (err)
		return err;
	if (!may_expand_vm(mm, vm_flags, pages))
		return -ENOMEM;
	if (needs_commit(vm_flags)) {
		if (vm_commit(pages))
			return -ENOMEM;
		vm_flags |= VM_ACCOUNT;
	}
	if (file || (vm_flags & VM_SHARED) ||
	    !vma_extend_anon(mm, addr, addr + len, vm_flags))
		err = create_area(mm, file, addr, len, vm_flags, pgoff);
	if (err) {
		if (vm_flags & VM_ACCOUNT)
			vm_uncommit(pages);
		return err;
	}
	vm_account(mm, vm_flags, pages);
	return addr;
}

/* mmap's flags that become area flags. */
static unsigned long map_to_vm_flags(unsigned long flags)
{
	unsigned long vm_flags = 0;

	if (flags & MAP_GROWSDOWN)
		vm_flags |= VM_GROWSDOWN;
	if (flags & MAP_LOCKED)
		vm_flags |= VM_LOCKED;
	if ((flags & MAP_NORESERVE) &&
	    sysctl_overcommit_memory != OVERCOMMIT_NEVER)
		vm_flags |= VM_NORESERVE;
	return vm_flags;
}

/*
 * mmap(2) in the current mm, at page @pgoff of @file (NULL: anonymous). What
 * must be faulted in afterwards, without the lock, is left in *@populate.
 * Locking: mmap_lock for writing. Return: the address, or an errno as
 * man 2 mmap has them.
 */
unsigned long do_mmap(struct file *file, unsigned long addr,
		      unsigned long len, unsigned long prot,
		      unsigned long flags, unsigned long pgoff,
		      unsigned long *populate)
{
	struct mm *mm = current->mm;
	unsigned long vm_flags;
	int err;

	*populate = 0;
	if (!len)
		return -EINVAL;
	if (flags & MAP_FIXED_NOREPLACE)
		flags |= MAP_FIXED;
	if (!(flags & MAP_FIXED))
		addr &= PAGE_MASK;
	len = PAGE_ALIGN(len);
	if (!len)
		return -ENOMEM;
	if (pgoff + (len >> PAGE_SHIFT) < pgoff ||
	    (file && pgoff + (len >> PAGE_SHIFT) > LLONG_MAX >> PAGE_SHIFT))
		return -EOVERFLOW;
	if (mm->nr_vmas > (unsigned int)sysctl_max_map_count)
		return -ENOMEM;

	addr = get_unmapped_area(file, addr, len, pgoff, flags);
	if (IS_ERR_VALUE(addr))
		return addr;
	if ((flags & MAP_FIXED_NOREPLACE) &&
	    find_vma_intersection(mm, addr, addr + len))
		return -EEXIST;

	/* Old programs run what they may read. */
	if (unlikely(current->personality & READ_IMPLIES_EXEC) &&
	    (prot & PROT_READ) && !(file && path_noexec(&file->path)))
		prot |= PROT_EXEC;
	vm_flags = prot_to_vm_flags(prot) | map_to_vm_flags(flags) |
		   mm->def_flags | VM_MAY_FLAGS;
	if ((flags & MAP_LOCKED) && !can_do_mlock())
		return -EPERM;
	if ((vm_flags & VM_LOCKED) && check_lock_limit(mm, len >> PAGE_SHIFT))
		return -EAGAIN;
	if (file && !offset_is_possible(file, len, pgoff))
		return -EOVERFLOW;
	err = file ? file_flags(file, flags, &vm_flags) :
		     anon_flags(flags, &vm_flags);
	if (err)
		return err;
	/* Private anonymous pages are numbered by their address. */
	if (!file)
		pgoff = vm_flags & VM_SHARED ? 0 : addr >> PAGE_SHIFT;

	addr = map_area(mm, file, addr, len, vm_flags, pgoff);
	if (!IS_ERR_VALUE(addr) &&
	    ((vm_flags & (VM_LOCKED | VM_LOCKONFAULT)) == VM_LOCKED ||
	     (flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE))
		*populate = len;
	return addr;
}

static unsigned long mmap_pgoff(struct file *file, unsigned long addr,
				unsigned long len, unsigned long prot,
				unsigned long flags, unsigned long pgoff)
{
	struct mm *mm = current->mm;
	unsigned long populate, ret;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	ret = do_mmap(file, addr, len, prot, flags, pgoff, &populate);
	mmap_write_unlock(mm);
	if (unlikely(populate))
		mm_populate(mm, ret, populate);
	return ret;
}

/* The same with an offset in bytes, and the lock. For exec and drivers. */
unsigned long vm_mmap(struct file *file, unsigned long addr,
		      unsigned long len, unsigned long prot,
		      unsigned long flags, unsigned long offset)
{
	if (offset + PAGE_ALIGN(len) < offset)
		return -EINVAL;
	if (offset & ~PAGE_MASK)
		return -EINVAL;
	return mmap_pgoff(file, addr, len, prot, flags, offset >> PAGE_SHIFT);
}

SYSCALL_DEFINE6(mmap, unsigned long, addr, unsigned long, len,
		unsigned long, prot, unsigned long, flags, unsigned long, fd,
		unsigned long, offset)
{
	struct file *file = NULL;
	unsigned long ret;

	if (offset & ~PAGE_MASK)
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS)) {
		file = fget(fd);
		if (!file)
			return -EBADF;
	}
	/* There is no pool of huge pages, so it has none left. */
	if (flags & MAP_HUGETLB)
		ret = file ? -EINVAL : -ENOMEM;
	else
		ret = mmap_pgoff(file, addr, len, prot, flags,
				 offset >> PAGE_SHIFT);
	if (file)
		fput(file);
	return ret;
}

/*
 * An area whose pages @ops supplies, of no file, in an mm that is perhaps not
 * ours yet: the vDSO. Locking: mmap_lock for writing. ERR_PTR.
 */
struct vma *install_special_mapping(struct mm *mm, unsigned long addr,
				    unsigned long len, unsigned long vm_flags,
				    const struct vm_ops *ops, void *private)
{
	struct vma *vma = vma_alloc(mm);

	if (!vma)
		return ERR_PTR(-ENOMEM);
	vma->start = addr;
	vma->end = addr + len;
	vma->flags = vm_flags | VM_DONTEXPAND;
	vma->page_prot = vm_page_prot(vma->flags);
	vma->ops = ops;
	vma->private = private;
	vma_insert(mm, vma);
	vm_account(mm, vma->flags, len >> PAGE_SHIFT);
	return vma;
}
