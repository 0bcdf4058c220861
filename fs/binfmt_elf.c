/*
 * ELF: programs and their interpreters, mapped into a new address space.
 *
 * Loading is mapping. Each PT_LOAD header becomes one area of the file's page
 * cache with the header's rights; pages are read when they are touched. What
 * lies beyond the file's part of a segment (bss) is zeroed in its last page
 * and anonymous memory after that.
 *
 * A position-independent file (ET_DYN) goes wherever the layout wants it: a
 * program with an interpreter into the gap below the mmap area, everything
 * else where mmap(2) would put it. A program with PT_INTERP is not started
 * itself: its dynamic linker is, which finds it by the auxiliary vector.
 *
 * Every number in the file is a stranger's. Headers are checked here, sizes
 * and addresses by do_mmap(), which accepts only what a user could have asked
 * for by itself.
 *
 * Source: System V ABI, chapters 4 and 5, and its AMD64 supplement.
 */
#include <arch/current.h>
#include <arch/thread.h>
#include <arch/uaccess.h>
#include <arch/vdso.h>
#include <fs/elf_load.h>
#include <fs/exec.h>
#include <fs/file.h>
#include <fs/inode.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/vma.h>
#include <uapi/elf.h>
#include <uapi/limits.h>
#include <uapi/mman.h>

#define MAX_PHDR_BYTES	65536

/* One file being mapped. */
struct elf_image {
	struct file		*file;
	struct elf64_hdr	hdr;
	struct elf64_phdr	*phdrs;
	unsigned long		bias;		/* address - p_vaddr */
	unsigned long		end_brk;	/* end of the highest segment */
	unsigned long		start_code, end_code;
	unsigned long		start_data, end_data;
};

static bool header_valid(const struct elf64_hdr *hdr)
{
	return memcmp(hdr->e_ident, ELFMAG, SELFMAG) == 0 &&
	       hdr->e_ident[EI_CLASS] == ELFCLASS64 &&
	       hdr->e_ident[EI_DATA] == ELFDATA2LSB &&
	       (hdr->e_type == ET_EXEC || hdr->e_type == ET_DYN) &&
	       hdr->e_machine == EM_X86_64 &&
	       hdr->e_phentsize == sizeof(struct elf64_phdr) &&
	       hdr->e_phnum > 0 &&
	       hdr->e_phnum <= MAX_PHDR_BYTES / sizeof(struct elf64_phdr);
}

/* Fill @image from its file. Return: 0, -ENOEXEC, -ENOMEM, -EIO. */
static int read_headers(struct elf_image *image)
{
	size_t size;
	int err;

	if (!header_valid(&image->hdr) || !image->file->ops->mmap)
		return -ENOEXEC;
	size = image->hdr.e_phnum * sizeof(struct elf64_phdr);
	image->phdrs = kmalloc(size, GFP_KERNEL);
	if (!image->phdrs)
		return -ENOMEM;
	if (image->hdr.e_phoff > LONG_MAX - size)
		return -ENOEXEC;
	err = kernel_read_exact(image->file, image->phdrs, size,
				image->hdr.e_phoff);
	return err == -EIO ? -ENOEXEC : err;
}

/* The path in PT_INTERP, allocated, in *path; NULL if there is none. */
static int read_interp(const struct elf_image *image, char **path)
{
	const struct elf64_phdr *ph = image->phdrs;
	int err;

	*path = NULL;
	for (int i = 0; i < image->hdr.e_phnum; i++, ph++) {
		if (ph->p_type != PT_INTERP)
			continue;
		if (ph->p_filesz < 2 || ph->p_filesz > PATH_MAX ||
		    ph->p_offset > LONG_MAX - PATH_MAX)
			return -ENOEXEC;
		/* The path walker reads words: 8 bytes more than the name. */
		*path = kzalloc(ph->p_filesz + 8, GFP_KERNEL);
		if (!*path)
			return -ENOMEM;
		err = kernel_read_exact(image->file, *path, ph->p_filesz,
					ph->p_offset);
		if (!err && (*path)[ph->p_filesz - 1])
			err = -ENOEXEC;
		if (!err)
			return 0;
		kfree(*path);
		*path = NULL;
		return err == -EIO ? -ENOEXEC : err;
	}
	return 0;
}

static bool wants_exec_stack(const struct elf_image *image)
{
	for (int i = 0; i < image->hdr.e_phnum; i++)
		if (image->phdrs[i].p_type == PT_GNU_STACK)
			return image->phdrs[i].p_flags & PF_X;
	return false;
}

static unsigned long prot_of(const struct elf64_phdr *ph)
{
	return (ph->p_flags & PF_R ? PROT_READ : 0) |
	       (ph->p_flags & PF_W ? PROT_WRITE : 0) |
	       (ph->p_flags & PF_X ? PROT_EXEC : 0);
}

/* From the first to the last page of all segments; 0 if they make no sense. */
static unsigned long total_size(const struct elf_image *image)
{
	unsigned long low = ~0UL, high = 0, end;

	for (int i = 0; i < image->hdr.e_phnum; i++) {
		const struct elf64_phdr *ph = &image->phdrs[i];

		if (ph->p_type != PT_LOAD)
			continue;
		if (__builtin_add_overflow(ph->p_vaddr, ph->p_memsz, &end) ||
		    end > TASK_SIZE)
			return 0;
		low = min(low, ALIGN_DOWN((unsigned long)ph->p_vaddr,
					  PAGE_SIZE));
		high = max(high, end);
	}
	return high > low ? ALIGN_UP(high, PAGE_SIZE) - low : 0;
}

/* The largest alignment any segment asks for, if it is a sane one. */
static unsigned long max_alignment(const struct elf_image *image)
{
	unsigned long align = PAGE_SIZE;

	for (int i = 0; i < image->hdr.e_phnum; i++) {
		const struct elf64_phdr *ph = &image->phdrs[i];

		if (ph->p_type == PT_LOAD && is_power_of_2(ph->p_align) &&
		    ph->p_align < TASK_SIZE)
			align = max(align, (unsigned long)ph->p_align);
	}
	return align;
}

/*
 * Map the file's part of one segment at @addr (page-aligned down), or, for the
 * first one of a movable image, reserve @total bytes there and keep the rest
 * free for the others.
 */
static unsigned long map_file_part(struct elf_image *image,
				   const struct elf64_phdr *ph,
				   unsigned long addr, unsigned long flags,
				   unsigned long total)
{
	unsigned long skew = ph->p_vaddr % PAGE_SIZE;
	unsigned long size = ALIGN_UP(ph->p_filesz + skew, PAGE_SIZE);
	unsigned long offset = ph->p_offset - skew, mapped;

	addr = ALIGN_DOWN(addr, PAGE_SIZE);
	if (ph->p_filesz + skew < ph->p_filesz || ph->p_offset < skew)
		return -EINVAL;
	if (size == 0)
		return addr;
	if (!total)
		return vm_mmap(image->file, addr, size, prot_of(ph), flags,
			       offset);
	total = ALIGN_UP(total, PAGE_SIZE);
	mapped = vm_mmap(image->file, addr, total, prot_of(ph), flags, offset);
	if (!IS_ERR((void *)mapped) && total > size)
		vm_munmap(mapped + size, total - size);
	return mapped;
}

/* Zero from the end of the file's part to the end of its last page. */
static int zero_tail(unsigned long addr)
{
	unsigned long tail = -addr % PAGE_SIZE;

	if (tail && clear_user((void __user *)addr, tail))
		return -EFAULT;
	return 0;
}

static int map_bss(const struct elf_image *image, const struct elf64_phdr *ph)
{
	unsigned long file_end = image->bias + ph->p_vaddr + ph->p_filesz;
	unsigned long mem_end = image->bias + ph->p_vaddr + ph->p_memsz;
	unsigned long start = ALIGN_UP(file_end, PAGE_SIZE);
	unsigned long end = ALIGN_UP(mem_end, PAGE_SIZE);
	int err = 0;

	if (ph->p_memsz <= ph->p_filesz)
		return 0;
	if (ph->p_filesz == 0)
		start = ALIGN_DOWN(file_end, PAGE_SIZE);
	if (end > start)
		err = vm_brk(start, end - start,
			     ph->p_flags & PF_X ? VM_EXEC : 0);
	/* A read-only segment's tail stays what the file has there. */
	if (!err && ph->p_filesz && (ph->p_flags & PF_W))
		err = zero_tail(file_end);
	return err;
}

static void note_bounds(struct elf_image *image, const struct elf64_phdr *ph)
{
	unsigned long start = image->bias + ph->p_vaddr;
	unsigned long file_end = start + ph->p_filesz;

	if ((ph->p_flags & PF_X) && start < image->start_code)
		image->start_code = start;
	if (start > image->start_data)
		image->start_data = start;
	if ((ph->p_flags & PF_X) && file_end > image->end_code)
		image->end_code = file_end;
	image->end_data = max(image->end_data, file_end);
	image->end_brk = max(image->end_brk, start + ph->p_memsz);
}

/*
 * Map all segments of @image into current's address space. @base is where a
 * movable image should begin, 0 for anywhere.
 */
static int map_image(struct elf_image *image, unsigned long base)
{
	bool movable = image->hdr.e_type == ET_DYN, first = true;
	unsigned long total = total_size(image), addr, flags;
	int err;

	if (!total)
		return -EINVAL;
	image->start_code = ~0UL;
	for (int i = 0; i < image->hdr.e_phnum; i++) {
		const struct elf64_phdr *ph = &image->phdrs[i];

		if (ph->p_type != PT_LOAD)
			continue;
		flags = MAP_PRIVATE;
		if (!first || !movable)
			flags |= MAP_FIXED_NOREPLACE;
		addr = image->bias + ph->p_vaddr;
		if (first && movable)
			addr = base ? base + ALIGN_DOWN(
				(unsigned long)ph->p_vaddr, PAGE_SIZE) : 0;
		addr = map_file_part(image, ph, addr, flags,
				     first && movable ? total : 0);
		if (IS_ERR((void *)addr))
			return (long)addr;
		if (first && movable)
			image->bias = addr - ALIGN_DOWN(
				(unsigned long)ph->p_vaddr, PAGE_SIZE);
		first = false;
		err = map_bss(image, ph);
		if (err)
			return err;
		note_bounds(image, ph);
	}
	return first ? -EINVAL : 0;
}

/* Open and read the interpreter @path names. Return: 0 or errno. */
static int open_interp(const char *path, struct elf_image *interp)
{
	int err;

	interp->file = exec_open(AT_FDCWD, path, 0);
	if (IS_ERR(interp->file)) {
		err = PTR_ERR(interp->file);
		interp->file = NULL;
		return err;
	}
	err = kernel_read_exact(interp->file, &interp->hdr,
				sizeof(interp->hdr), 0);
	if (!err)
		err = read_headers(interp);
	/* A bad interpreter is not a reason to try other formats. */
	return err == -ENOEXEC || err == -EIO ? -ELIBBAD : err;
}

static void close_interp(struct elf_image *interp)
{
	if (interp->file) {
		allow_write_access(interp->file->inode);
		fput(interp->file);
	}
	kfree(interp->phdrs);
}

/* Where the program headers are in memory, for AT_PHDR. */
static unsigned long phdr_address(const struct elf_image *image)
{
	for (int i = 0; i < image->hdr.e_phnum; i++) {
		const struct elf64_phdr *ph = &image->phdrs[i];

		if (ph->p_type == PT_LOAD &&
		    ph->p_offset <= image->hdr.e_phoff &&
		    image->hdr.e_phoff < ph->p_offset + ph->p_filesz)
			return image->bias + ph->p_vaddr +
			       (image->hdr.e_phoff - ph->p_offset);
	}
	return 0;
}

static void set_mm_layout(const struct elf_image *image, bool has_interp)
{
	struct mm *mm = current->mm;
	unsigned long brk = ALIGN_UP(image->end_brk, PAGE_SIZE);

	mm->start_code = image->start_code;
	mm->end_code = image->end_code;
	mm->start_data = image->start_data;
	mm->end_data = image->end_data;
	/*
	 * A dynamic linker run by hand lies in the mmap area, where its heap
	 * could not grow: give it the place a program would have.
	 */
	if (image->hdr.e_type == ET_DYN && !has_interp)
		brk = aslr_pie_base();
	mm->start_brk = mm->brk = brk + aslr_brk_offset(brk);
}

static int map_all(struct linux_binprm *bprm, struct elf_image *image,
		   struct elf_image *interp)
{
	unsigned long base = 0;
	int err;

	if (image->hdr.e_type == ET_DYN && interp->file)
		base = ALIGN_DOWN(aslr_pie_base(), max_alignment(image));
	err = setup_arg_pages(current->mm, bprm->p, wants_exec_stack(image));
	if (!err)
		err = map_image(image, base);
	if (!err && interp->file)
		err = map_image(interp, 0);
	if (!err)
		set_mm_layout(image, interp->file);
	return err;
}

static int start(struct linux_binprm *bprm, struct elf_image *image,
		 struct elf_image *interp)
{
	struct elf_load_info info = {
		.phdr_addr = phdr_address(image),
		.phnum = image->hdr.e_phnum,
		.entry = image->hdr.e_entry + image->bias,
		.interp_base = interp->file ? interp->bias : 0,
	};
	unsigned long entry = interp->file ?
			      interp->hdr.e_entry + interp->bias : info.entry;
	unsigned long sp;
	int err;

	if (entry >= TASK_SIZE)
		return -EINVAL;
	info.vdso = vdso_map(current->mm, bprm->stack_top);
	if (IS_ERR_VALUE(info.vdso))
		return (long)info.vdso;
	err = elf_create_tables(bprm, &info, &sp);
	if (!err)
		arch_start_user(current_pt_regs(), entry, sp);
	return err;
}

static int load_elf(struct linux_binprm *bprm)
{
	struct elf_image image = { .file = bprm->file }, interp = {};
	char *interp_path = NULL;
	int err;

	memcpy(&image.hdr, bprm->buf, sizeof(image.hdr));
	err = read_headers(&image);
	if (err)
		goto out;
	err = read_interp(&image, &interp_path);
	if (!err && interp_path)
		err = open_interp(interp_path, &interp);
	if (err)
		goto out;
	err = exec_begin(bprm);
	if (!err)
		err = map_all(bprm, &image, &interp);
	if (!err)
		err = start(bprm, &image, &interp);
out:
	kfree(interp_path);
	close_interp(&interp);
	kfree(image.phdrs);
	return err;
}

const struct binfmt elf_binfmt = {
	.name = "elf",
	.load = load_elf,
};
