/*
 * Between alternative.c and the breakpoint handler.
 */
#pragma once

#include <keel/types.h>

struct pt_regs;

bool text_patch_handle_int3(struct pt_regs *regs);
