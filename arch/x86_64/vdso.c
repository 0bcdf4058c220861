/*
 * The kernel's side of the vDSO: its pages, where they are mapped, and the
 * data the code reads.
 *
 * Two areas are mapped side by side, [vvar] with the page of struct vdso_data
 * and [vdso] with the code. Neither belongs to a file, so this is the source
 * of their pages: a fault on the data maps the kernel's own page read-only
 * and uncounted, a fault on the code maps one of a few counted pages, which a
 * debugger may have copied to set a breakpoint. A process that unmaps or moves
 * them harms only itself: the kernel never uses them.
 *
 * They lie at a random place between the top of the stack and the end of what
 * the stack's last page table covers, so that mapping them costs no table. All
 * is mapped by faults but the first page of code.
 *
 * The data changes only when the clock is set, when its rate is, or when the
 * TSC is found to be bad; between those the count of the TSC alone says what
 * time it is.
 */
#include <arch/cpu.h>
#include <arch/pgtable.h>
#include <arch/vdso.h>
#include <arch/vdso_data.h>
#include <keel/bug.h>
#include <keel/err.h>
#include <kernel/random.h>
#include <kernel/seqlock.h>
#include <lib/string.h>
#include <mm/fault.h>
#include <mm/mm.h>
#include <mm/page.h>
#include <mm/page_alloc.h>
#include <mm/page_table.h>
#include <mm/slab.h>
#include <mm/vma.h>

#include "internal.h"

#define CPUID_RDPID	BIT(22)		/* leaf 7, ecx */

extern const char vdso_image_start[], vdso_image_end[];

/* One page, and nothing else in it. [data_lock] */
static union {
	struct vdso_data	data;
	char			page[VDSO_PAGE_SIZE];
} vvar __aligned(VDSO_PAGE_SIZE);
static DEFINE_SPINLOCK(data_lock, RANK_VDSO);

static struct page **code_pages __ro_after_init;
static unsigned long nr_code_pages __ro_after_init;

/* ---- the data ------------------------------------------------------------ */

/* Readers wait from here, or start over ... Locking: data_lock. */
static void begin_change(void)
{
	WRITE_ONCE(vvar.data.sequence, vvar.data.sequence + 1);
	smp_wmb();
}

/* ... to here. */
static void end_change(void)
{
	smp_store_release(&vvar.data.sequence, vvar.data.sequence + 1);
}

/*
 * Let no reader in until vdso_end_clock(): the clock changes.
 * Context: any but NMI, irqs off. Locking: takes data_lock.
 */
void __no_lock_check vdso_begin_clock(void)
{
	spin_lock(&data_lock);
	begin_change();
}

/* From now @clock tells the time. Locking: drops data_lock. */
void __no_lock_check vdso_end_clock(const struct vdso_clock *clock)
{
	vvar.data.tsc_is_good = clock->tsc_is_good;
	vvar.data.base = clock->base;
	vvar.data.base_ns = clock->base_ns;
	vvar.data.mult = clock->mult;
	vvar.data.raw_ns = clock->raw_ns;
	vvar.data.raw_mult = clock->raw_mult;
	end_change();
	spin_unlock(&data_lock);
}

/* The wall clock, or atomic time, was set. Context: any but NMI. */
void vdso_set_offsets(int64_t real_ns, int64_t tai_ns)
{
	SPIN_GUARD_IRQSAVE(&data_lock);

	begin_change();
	vvar.data.real_offset_ns = real_ns;
	vvar.data.tai_offset_ns = tai_ns;
	end_change();
}

/* What gettimeofday(2) says of the time zone. Context: any but NMI. */
void vdso_set_timezone(int minuteswest, int dsttime)
{
	SPIN_GUARD_IRQSAVE(&data_lock);

	begin_change();
	vvar.data.minuteswest = minuteswest;
	vvar.data.dsttime = dsttime;
	end_change();
}

/* ---- the areas ----------------------------------------------------------- */

static vm_fault_t code_fault(struct vm_fault *vmf)
{
	unsigned long index = vmf->index;

	if (index >= nr_code_pages)
		return VM_FAULT_SIGBUS;
	vmf->page = code_pages[index];
	get_page(vmf->page);
	return 0;
}

static const char *code_name(const struct vma *vma __unused)
{
	return "[vdso]";
}

static const struct vm_ops code_ops = {
	.fault = code_fault,
	.name = code_name,
};

static vm_fault_t data_fault(struct vm_fault *vmf)
{
	pfn_t pfn = PFN_DOWN(__pa_symbol(&vvar));
	pte_t *pte = pte_lock(vmf->pmd, vmf->address, &vmf->ptl);

	if (pte_none(pte_get(pte)))
		pte_set(pte, pte_mkspecial(pte_make(pfn,
						    vmf->vma->page_prot)));
	spin_unlock(vmf->ptl);
	return VM_FAULT_NOPAGE;
}

static const char *data_name(const struct vma *vma __unused)
{
	return "[vvar]";
}

static const struct vm_ops data_ops = {
	.fault = data_fault,
	.name = data_name,
};

/* A place for @len bytes in @mm, whose stack ends at @stack_top. */
static unsigned long choose_place(struct mm *mm, unsigned long stack_top,
				  unsigned long len)
{
	unsigned long start = PAGE_ALIGN(stack_top), end, slots, random;

	end = min(ALIGN_UP(start, PMD_SIZE), TASK_SIZE);
	if (end < start || end - start < len)
		return get_unmapped_area(NULL, 0, len, 0, 0);
	slots = ((end - start - len) >> PAGE_SHIFT) + 1;
	random = 0;
	if (randomize_va_space)
		get_random_bytes(&random, sizeof(random));
	start += random % slots << PAGE_SHIFT;
	if (find_vma_intersection(mm, start, start + len))
		return get_unmapped_area(NULL, 0, len, 0, 0);
	return start;
}

/*
 * Have the first page of the code there before it is asked for: the C library
 * of every program looks for its functions when the program starts. If this
 * fails, a fault will try again.
 */
static void map_early(struct vma *vma)
{
	fault_in_page(vma, vma->start, 0);
}

/*
 * Map both areas into @mm, that of current, whose stack ends at @stack_top.
 *
 * Context: process; may sleep. Return: where the object begins, for
 *	    AT_SYSINFO_EHDR, or an errno.
 */
unsigned long vdso_map(struct mm *mm, unsigned long stack_top)
{
	unsigned long len = nr_code_pages << PAGE_SHIFT, addr;
	struct vma *vma;

	mmap_write_lock(mm);
	addr = choose_place(mm, stack_top, VDSO_PAGE_SIZE + len);
	if (IS_ERR_VALUE(addr))
		goto out;
	vma = install_special_mapping(mm, addr, VDSO_PAGE_SIZE,
				      VM_READ | VM_MAYREAD | VM_IO |
				      VM_PFNMAP | VM_DONTDUMP, &data_ops, NULL);
	if (!IS_ERR(vma)) {
		addr += VDSO_PAGE_SIZE;
		vma = install_special_mapping(mm, addr, len,
					      VM_READ | VM_EXEC | VM_MAY_FLAGS,
					      &code_ops, NULL);
	}
	if (IS_ERR(vma))
		addr = PTR_ERR(vma);
	else
		map_early(vma);
out:
	mmap_write_unlock(mm);
	return addr;
}

/* After this: programs find the vDSO. Needs page_alloc and slab. */
void __init vdso_init(void)
{
	size_t size = vdso_image_end - vdso_image_start;

	nr_code_pages = DIV_ROUND_UP(size, PAGE_SIZE);
	code_pages = kcalloc(nr_code_pages, sizeof(*code_pages), GFP_KERNEL);
	if (!code_pages)
		panic("vdso: no memory");
	for (unsigned long i = 0; i < nr_code_pages; i++) {
		size_t done = i * PAGE_SIZE;

		code_pages[i] = alloc_page(GFP_KERNEL | GFP_ZERO);
		if (!code_pages[i])
			panic("vdso: no memory");
		memcpy(page_address(code_pages[i]), vdso_image_start + done,
		       min(size - done, (size_t)PAGE_SIZE));
	}
	/* Both read TSC_AUX, which is set where there is RDTSCP. */
	if (cpu_has(CPU_FEATURE_RDTSCP) && cpuid(0, 0).eax >= 7)
		vvar.data.has_rdpid = !!(cpuid(7, 0).ecx & CPUID_RDPID);
}
