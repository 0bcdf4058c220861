/*
 * Core dumps: the file itself.
 *
 *	ELF header
 *	program headers: one PT_NOTE, one PT_LOAD for each area
 *	the notes: registers of every thread, and what a debugger asks about
 *	the areas' contents, from a page boundary on
 *
 * Which areas have contents is the process's choice (coredump_filter in /proc,
 * MADV_DONTDUMP); the others have a program header that says how large they
 * were. Pages that were never touched are holes in the file.
 */
#include <fs/coredump.h>

#include <arch/current.h>
#include <fs/attr.h>
#include <fs/inode.h>
#include <kernel/signal.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vma.h>
#include <uapi/elf.h>

/* A file that was mapped from its beginning, as programs and libraries are. */
static bool is_elf_image(const struct vma *vma)
{
	return vma->file && vma->pgoff == 0 && (vma->flags & VM_READ) &&
	       (vma->file->inode->mode & 0111);
}

/* How much of @vma is dumped. Locking: mmap_lock. man 5 core. */
static unsigned long dump_size(const struct vma *vma, unsigned int filter)
{
	unsigned long all = vma->end - vma->start;

	/* The kernel's own, the vDSO: no file has it. */
	if (vma->ops && vma->ops->name && !vma->file)
		return vma->flags & VM_PFNMAP ? 0 : all;
	if (vma->flags & (VM_DONTDUMP | VM_IO))
		return 0;
	if (vma->flags & VM_SHARED) {
		bool unnamed = !vma->file || vma->file->inode->nlink == 0;

		return filter & (unnamed ? COREDUMP_ANON_SHARED :
					   COREDUMP_FILE_SHARED) ? all : 0;
	}
	if (vma->anon_vma && (filter & COREDUMP_ANON_PRIVATE))
		return all;
	if (!vma->file)
		return 0;
	if (filter & COREDUMP_FILE_PRIVATE)
		return all;
	return (filter & COREDUMP_ELF_HEADERS) && is_elf_image(vma) ?
	       PAGE_SIZE : 0;
}

static void put_areas(struct core_area *areas, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		fput(areas[i].file);
	kvfree(areas);
}

/* All areas as they are now. Return: NULL if there is no memory. */
static struct core_area *get_areas(struct mm *mm, unsigned int *nr)
{
	struct core_area *areas = NULL;
	unsigned int i = 0;
	struct vma *vma;

	mmap_read_lock(mm);
	areas = kvmalloc((mm->nr_vmas ?: 1) * sizeof(*areas), GFP_KERNEL);
	if (!areas)
		goto unlock;
	for (vma = vma_first(mm); vma && i < mm->nr_vmas; vma = vma_next(vma))
		areas[i++] = (struct core_area){
			.start = vma->start,
			.end = vma->end,
			.dump_size = dump_size(vma, mm->dump_filter),
			.flags = vma->flags,
			.pgoff = vma->pgoff,
			.file = vma->file ? get_file(vma->file) : NULL,
		};
unlock:
	mmap_read_unlock(mm);
	*nr = i;
	return areas;
}

static void write_header(struct core_file *core, unsigned int nr_segments)
{
	struct elf64_hdr hdr = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			     ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(hdr),
		.e_ehsize = sizeof(hdr),
		.e_phentsize = sizeof(struct elf64_phdr),
		.e_phnum = nr_segments,
	};

	core_write(core, &hdr, sizeof(hdr));
}

static void write_segments(struct core_file *core, size_t notes_offset,
			   size_t notes_size, const struct core_area *areas,
			   unsigned int nr)
{
	size_t offset = PAGE_ALIGN(notes_offset + notes_size);
	struct elf64_phdr ph = {
		.p_type = PT_NOTE, .p_offset = notes_offset,
		.p_filesz = notes_size, .p_align = 4,
	};

	core_write(core, &ph, sizeof(ph));
	for (unsigned int i = 0; i < nr; i++) {
		ph = (struct elf64_phdr){
			.p_type = PT_LOAD,
			.p_flags = (areas[i].flags & VM_READ ? PF_R : 0) |
				   (areas[i].flags & VM_WRITE ? PF_W : 0) |
				   (areas[i].flags & VM_EXEC ? PF_X : 0),
			.p_offset = offset,
			.p_vaddr = areas[i].start,
			.p_filesz = areas[i].dump_size,
			.p_memsz = areas[i].end - areas[i].start,
			.p_align = PAGE_SIZE,
		};
		core_write(core, &ph, sizeof(ph));
		offset += areas[i].dump_size;
	}
}

static void write_memory(struct core_file *core, const struct core_area *area,
			 void *page)
{
	unsigned long end = area->start + area->dump_size;

	for (unsigned long at = area->start; at < end; at += PAGE_SIZE) {
		if (core->failed)
			return;
		if (read_page_for_dump(current->mm, at, page))
			core_write(core, page, PAGE_SIZE);
		else
			core_skip(core, PAGE_SIZE);
	}
}

/* What a hole at the end of a file needs to be there at all. */
static void finish(struct core_file *core)
{
	if (core->hole_at_end && !core->failed &&
	    do_truncate(core->file->path.dentry, core->pos, 0, core->file))
		core->failed = true;
}

static void write_all(struct core_file *core, const struct core_notes *notes,
		      const struct core_area *areas, unsigned int nr,
		      void *page)
{
	size_t offset = sizeof(struct elf64_hdr) +
			(nr + 1) * sizeof(struct elf64_phdr);
	size_t size = core_notes_size(notes);

	write_header(core, nr + 1);
	write_segments(core, offset, size, areas, nr);
	core_notes_write(core, notes);
	core_skip(core, PAGE_ALIGN(offset + size) - (offset + size));
	for (unsigned int i = 0; i < nr; i++)
		write_memory(core, &areas[i], page);
	finish(core);
}

/*
 * Write current's process, whose other threads stand still, to @core.
 * What does not fit
 * (limits, a full disk, a reader that has had enough) is missing: such a core
 * is one nevertheless.
 *
 * Context: process; may sleep. Return: false if there was no memory for it.
 */
bool elf_core_dump(struct core_file *core, const struct siginfo *info)
{
	struct core_notes *notes;
	struct core_area *areas;
	unsigned int nr;
	void *page = get_free_page(GFP_KERNEL);
	bool ok = false;

	if (!page)
		return false;
	areas = get_areas(current->mm, &nr);
	if (!areas)
		goto out;
	notes = core_notes_make(info, areas, nr);
	if (notes) {
		write_all(core, notes, areas, nr, page);
		core_notes_free(notes);
		ok = true;
	}
	put_areas(areas, nr);
out:
	free_page(page);
	return ok;
}
