/*
 * What the files of the library know about each other and no program sees.
 *
 * External names that are not part of the C or POSIX interface begin with
 * two underscores, the name space the C standard reserves for us: a program
 * may have its own function called anything else.
 */
#pragma once

#include <stddef.h>

/* x86_64/: the handler's way back into the kernel. */
void __sigreturn(void);

/* start.c: called by _start with the address of argc on the first stack. */
void __libc_start(long *stack) __attribute__((noreturn));

/* start.c: a value from the auxiliary vector, or 0 if the kernel gave none. */
unsigned long __auxval(unsigned long type);

/* stdio/file.c: write out every buffer, as exit() must. */
void __stdio_exit(void);
