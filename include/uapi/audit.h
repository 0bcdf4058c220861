/*
 * Which machine a system call was made for, as seccomp filters and tracers
 * are told it: the ELF machine number, with a bit for 64-bit and one for
 * little-endian.
 *
 * Source: man 2 seccomp.
 */
#pragma once

#define AUDIT_ARCH_X86_64	0xc000003e
