/*
 * What a boot door hands to start_kernel(): the machine as firmware and boot
 * loader describe it, in one form whichever door was used.
 *
 * boot/ fills it from multiboot2 tags or PVH's start_info. Everything it
 * points at has been copied into the kernel's own memory, except the
 * initramfs, which the early allocator keeps its hands off by its range.
 */
#pragma once

#include <keel/compiler.h>

enum boot_mem_type {
	BOOT_MEM_RAM		= 1,	/* free for us */
	BOOT_MEM_RESERVED	= 2,
	BOOT_MEM_ACPI		= 3,	/* ACPI tables: reclaimable RAM */
	BOOT_MEM_NVS		= 4,	/* firmware's, never touched */
	BOOT_MEM_BAD		= 5,
};

struct boot_mem_range {
	paddr_t			start;
	uint64_t		len;
	enum boot_mem_type	type;
};

enum boot_door { BOOT_DOOR_PVH, BOOT_DOOR_MULTIBOOT2 };

/* A linear framebuffer, if the loader set one up; phys 0 if not. */
struct boot_framebuffer {
	paddr_t		phys;
	uint32_t	pitch, width, height;
	uint8_t		bits_per_pixel;
	uint8_t		red_pos, red_size, green_pos, green_size;
	uint8_t		blue_pos, blue_size;
};

struct boot_info {
	enum boot_door		door;
	const char		*loader;	/* its name, for the log */
	struct boot_mem_range	*ranges; /* as the firmware listed them */
	unsigned int		nr_ranges;
	char			*cmdline;	/* NUL-terminated copy */
	paddr_t			initrd_start;
	uint64_t		initrd_len;	/* 0 if there is none */
	paddr_t			rsdp;	/* ACPI root; 0: search for it */
	struct boot_framebuffer	framebuffer;
};

extern struct boot_info boot_info;
