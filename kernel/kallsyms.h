/*
 * Names of the kernel's own functions and data, for stack traces.
 */
#pragma once

#include <keel/compiler.h>
#include <lib/printf.h>

bool kallsyms_lookup(unsigned long addr, const char **name,
		     unsigned long *offset, unsigned long *size);
unsigned long kallsyms_lookup_name(const char *name);
size_t kallsyms_format(char *buf, size_t size, unsigned long addr,
		       enum symbol_form form);
