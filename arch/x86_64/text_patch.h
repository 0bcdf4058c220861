/*
 * Between alternative.c and the breakpoint handler.
 */
#pragma once

#include <keel/types.h>

bool text_patch_handle_int3(unsigned long ip);
