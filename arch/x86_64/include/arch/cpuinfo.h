/*
 * One CPU in words, for /proc/cpuinfo.
 */
#pragma once

#include <keel/types.h>

/*
 * Write CPU @cpu's paragraph and the empty line behind it into @buf.
 * Context: any. Return: its length; cut off if @size does not suffice.
 */
size_t arch_cpuinfo(unsigned int cpu, char *buf, size_t size);
