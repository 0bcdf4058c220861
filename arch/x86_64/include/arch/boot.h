/*
 * What the first C code of a boot needs; see boot_info.c.
 */
#pragma once

#include <keel/compiler.h>

void x86_start_kernel(unsigned int door, uint64_t info) __noreturn;

/* arch/x86_64/early_console.c */
void early_console_init(void);
void early_console_write(const char *text, size_t len);
