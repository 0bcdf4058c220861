/*
 * The exception table: instructions that are allowed to fault.
 *
 * An instruction that touches user memory, or anything else that may not be
 * there, names in the section __ex_table where to go on if it faults. The
 * trap code looks the faulting address up before it calls the fault a bug.
 */
#pragma once

#include <keel/compiler.h>

/* Both relative to the address of the field itself. */
struct ex_entry {
	int32_t		insn;
	int32_t		fixup;
};

/* Sort the table by instruction. Before the first user access. */
void extable_init(void);
/* Where to go on after a fault at @ip, or 0: that was no accident. */
unsigned long extable_lookup(unsigned long ip);
