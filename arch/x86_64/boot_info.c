/*
 * From a boot door's own format to struct boot_info.
 *
 * Loaders leave their information wherever they like: GRUB near the top of
 * low memory, QEMU in the first pages, none of it marked as in use in the
 * memory map it comes with. So everything is copied here, before anything
 * else writes to memory, into boot_arena, which is freed after the boot. Only
 * the initramfs stays where it is; its range is kept out of the free memory.
 *
 * Nothing here is trusted to be well-formed: a damaged command line or map is
 * said to be so, and the boot stops, since nothing sensible can follow.
 *
 * Sources: Multiboot2 specification 2.0, section 3.6; Xen public headers,
 * arch-x86/hvm/start_info.h.
 */
#include <arch/boot.h>
#include <arch/page.h>
#include <arch/setup.h>
#include <keel/boot_info.h>
#include <keel/bug.h>
#include <kernel/kallsyms.h>
#include <kernel/main.h>
#include <lib/printf.h>
#include <lib/string.h>

#define PVH_MAGIC		0x336ec578
#define CMDLINE_MAX		4096 /* as Linux's COMMAND_LINE_SIZE, twice */

/* What hvm_start_info looks like; version 1 has the memory map. */
struct pvh_start_info {
	uint32_t	magic, version, flags, nr_modules;
	uint64_t	modlist, cmdline, rsdp, memmap;
	uint32_t	memmap_entries, reserved;
};

struct pvh_module {
	uint64_t	paddr, size, cmdline, reserved;
};

struct pvh_memmap_entry {
	uint64_t	addr, size;
	uint32_t	type, reserved;
};

struct mb2_tag {
	uint32_t	type, size;
};

enum {
	MB2_END, MB2_CMDLINE, MB2_LOADER, MB2_MODULE, MB2_MMAP = 6,
	MB2_FRAMEBUFFER = 8, MB2_ACPI_OLD = 14, MB2_ACPI_NEW = 15,
};

struct mb2_mmap_entry {
	uint64_t	addr, len;
	uint32_t	type, reserved;
};

struct mb2_framebuffer {
	struct mb2_tag	tag;
	uint64_t	addr;
	uint32_t	pitch, width, height;
	uint8_t		bpp, type;
	uint16_t	reserved;
	uint8_t		red_pos, red_size, green_pos, green_size;
	uint8_t		blue_pos, blue_size;
} __packed;

struct boot_info boot_info __ro_after_init;

static char boot_arena[32 * 1024] __initdata __aligned(16);
static size_t arena_used __initdata;

static __init void *arena_alloc(size_t size)
{
	size_t start = ALIGN_UP(arena_used, 16);

	if (size > sizeof(boot_arena) - start)
		panic("boot: the loader's information is too large");
	arena_used = start + size;
	return boot_arena + start;
}

static __init void *arena_copy(const void *from, size_t size)
{
	return memcpy(arena_alloc(size), from, size);
}

/* The boot page tables reach the first 4 GiB, wherever the loader put it. */
static __init const void *boot_virt(uint64_t paddr, uint64_t len)
{
	if (paddr >= 4ULL << 30 || len > (4ULL << 30) - paddr)
		panic("boot: the loader's information lies above 4 GiB");
	return __va(paddr);
}

static __init void set_cmdline(const char *text, size_t max)
{
	size_t len = strnlen(text, max);

	if (len == max)
		panic("boot: the command line is damaged or over %zu bytes",
		      max - 1);
	boot_info.cmdline = arena_copy(text, len + 1);
}

/* Append a range, merged with the one before it if they are one. */
static __init void add_range(uint64_t start, uint64_t len, uint32_t type)
{
	struct boot_mem_range *last;

	if (len == 0 || start + len < start)
		return;
	if (type < BOOT_MEM_RAM || type > BOOT_MEM_BAD)
		type = BOOT_MEM_RESERVED;
	if (boot_info.nr_ranges > 0) {
		last = &boot_info.ranges[boot_info.nr_ranges - 1];
		if (last->type == type && last->start + last->len == start) {
			last->len += len;
			return;
		}
	}
	boot_info.ranges[boot_info.nr_ranges++] =
		(struct boot_mem_range){ start, len, type };
}

/* Room for at most @max ranges, given back as far as it was not needed. */
static __init void begin_ranges(unsigned int max)
{
	if (max > sizeof(boot_arena) / sizeof(struct boot_mem_range))
		panic("boot: a memory map of %u entries", max);
	boot_info.ranges = arena_alloc(max * sizeof(struct boot_mem_range));
}

static __init void end_ranges(void)
{
	arena_used = (char *)(boot_info.ranges + boot_info.nr_ranges) -
		     boot_arena;
}

static __init void read_pvh(uint64_t info_paddr)
{
	const struct pvh_start_info *info =
		boot_virt(info_paddr, sizeof(*info));
	const struct pvh_memmap_entry *map;
	const struct pvh_module *module;

	/*
	 * QEMU writes the command line below start_info without looking at
	 * its length: too long a one destroys the magic.
	 */
	if (info->magic != PVH_MAGIC)
		panic("boot: start_info is damaged (a command line over 4095 bytes?)");
	if (info->version < 1 || info->memmap_entries == 0)
		panic("boot: the loader gave no memory map");
	boot_info.loader = "PVH";
	boot_info.rsdp = info->rsdp;
	map = boot_virt(info->memmap,
			(uint64_t)info->memmap_entries * sizeof(*map));
	begin_ranges(info->memmap_entries);
	for (uint32_t i = 0; i < info->memmap_entries; i++)
		add_range(map[i].addr, map[i].size, map[i].type);
	end_ranges();
	if (info->cmdline)
		set_cmdline(boot_virt(info->cmdline, CMDLINE_MAX), CMDLINE_MAX);
	if (info->nr_modules > 0) {
		module = boot_virt(info->modlist, sizeof(*module));
		boot_info.initrd_start = module->paddr;
		boot_info.initrd_len = module->size;
	}
}

static __init void read_mb2_mmap(const struct mb2_tag *tag)
{
	const uint32_t *head = (const uint32_t *)(tag + 1);
	uint32_t entry_size = head[0];
	const char *p = (const char *)(head + 2);
	const char *end = (const char *)tag + tag->size;

	if (entry_size < sizeof(struct mb2_mmap_entry))
		panic("boot: multiboot2 memory map with %u-byte entries",
		      entry_size);
	begin_ranges((end - p) / entry_size);
	for (; p + entry_size <= end; p += entry_size) {
		const struct mb2_mmap_entry *e = (const void *)p;

		add_range(e->addr, e->len, e->type);
	}
	end_ranges();
}

static __init void read_mb2_framebuffer(const struct mb2_framebuffer *fb)
{
	if (fb->type != 1)	/* not direct colour */
		return;
	boot_info.framebuffer = (struct boot_framebuffer){
		.phys = fb->addr, .pitch = fb->pitch, .width = fb->width,
		.height = fb->height, .bits_per_pixel = fb->bpp,
		.red_pos = fb->red_pos, .red_size = fb->red_size,
		.green_pos = fb->green_pos, .green_size = fb->green_size,
		.blue_pos = fb->blue_pos, .blue_size = fb->blue_size,
	};
}

static __init void read_mb2_tag(const struct mb2_tag *tag)
{
	const void *body = tag + 1;
	const uint32_t *words = body;
	size_t len = tag->size - sizeof(*tag);

	switch (tag->type) {
	case MB2_CMDLINE:
		set_cmdline(body, min_t(size_t, len + 1, CMDLINE_MAX));
		break;
	case MB2_LOADER:
		boot_info.loader = arena_copy(body, len);
		break;
	case MB2_MODULE:
		if (boot_info.initrd_len == 0) {
			boot_info.initrd_start = words[0];
			boot_info.initrd_len = words[1] - words[0];
		}
		break;
	case MB2_MMAP:
		read_mb2_mmap(tag);
		break;
	case MB2_FRAMEBUFFER:
		if (tag->size >= sizeof(struct mb2_framebuffer))
			read_mb2_framebuffer((const void *)tag);
		break;
	case MB2_ACPI_OLD:
	case MB2_ACPI_NEW:	/* a copy of the RSDP itself; newer wins */
		if (boot_info.rsdp == 0 || tag->type == MB2_ACPI_NEW)
			boot_info.rsdp = __pa_symbol(arena_copy(body, len));
		break;
	}
}

static __init void read_multiboot2(uint64_t info_paddr)
{
	const uint32_t *head = boot_virt(info_paddr, 8);
	uint32_t total = head[0];
	uint32_t at = 8;

	boot_virt(info_paddr, total);
	while (at + sizeof(struct mb2_tag) <= total) {
		const struct mb2_tag *tag = (const void *)
			((const char *)head + at);

		if (tag->type == MB2_END)
			break;
		if (tag->size < sizeof(*tag) || tag->size > total - at)
			panic("boot: damaged multiboot2 tag %u", tag->type);
		read_mb2_tag(tag);
		at += ALIGN_UP(tag->size, 8);
	}
	if (boot_info.nr_ranges == 0)
		panic("boot: the loader gave no memory map");
}

/*
 * Where boot/entry.asm arrives in C: on init_stack, on the boot page tables,
 * interrupts off. @info is the physical address of what @door left for us.
 */
__init __no_stack_protector void x86_start_kernel(unsigned int door,
						  uint64_t info)
{
	arch_early_init();	/* first: it saves the per-CPU template */
	printf_register_symbols(kallsyms_format);	/* panics name places */
	early_console_init();
	boot_info.door = door;
	boot_info.cmdline = "";
	boot_info.loader = "unknown loader";
	if (door == BOOT_DOOR_PVH)
		read_pvh(info);
	else
		read_multiboot2(info);
	start_kernel();
}
