/*
 * The one instruction paging.c needs.
 */
#pragma once

#include <keel/types.h>

static inline void load_page_table(paddr_t top)
{
	__asm__ __volatile__("mov %0, %%cr3" :: "r"(top) : "memory");
}
