/*
 * Between the two halves of the ELF loader: what was mapped where.
 */
#pragma once

#include <keel/types.h>

struct elf_load_info {
	unsigned long	phdr_addr;	/* the program headers in memory */
	unsigned int	phnum;
	unsigned long	entry;		/* the program's, not the interpreter's */
	unsigned long	vdso;		/* where the vDSO begins */
	unsigned long	interp_base;	/* load bias of the interpreter, or 0 */
};
