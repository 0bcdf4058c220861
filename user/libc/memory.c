/*
 * System calls on the address space, and the break.
 *
 * The break is the end of the one memory area that a program is born with a
 * way to grow. Linux's brk answers with the new break, or with the old one if
 * it could not be moved: there is no error number in it.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "syscall.h"

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	return (void *)SYSCALL(sys6(__NR_mmap, (long)addr, (long)len, prot,
				    flags, fd, offset));
}

int munmap(void *addr, size_t len)
{
	return (int)SYSCALL(sys2(__NR_munmap, (long)addr, (long)len));
}

int mprotect(void *addr, size_t len, int prot)
{
	return (int)SYSCALL(sys3(__NR_mprotect, (long)addr, (long)len, prot));
}

int msync(void *addr, size_t len, int flags)
{
	return (int)SYSCALL(sys3(__NR_msync, (long)addr, (long)len, flags));
}

int madvise(void *addr, size_t len, int advice)
{
	return (int)SYSCALL(sys3(__NR_madvise, (long)addr, (long)len, advice));
}

/* The fifth argument, the new address, exists with MREMAP_FIXED only. */
void *mremap(void *addr, size_t old_len, size_t new_len, int flags, ...)
{
	long new_addr = 0;
	va_list args;

	if (flags & MREMAP_FIXED) {
		va_start(args, flags);
		new_addr = va_arg(args, long);
		va_end(args);
	}
	return (void *)SYSCALL(sys5(__NR_mremap, (long)addr, (long)old_len,
				    (long)new_len, flags, new_addr));
}

int mlock(const void *addr, size_t len)
{
	return (int)SYSCALL(sys2(__NR_mlock, (long)addr, (long)len));
}

int munlock(const void *addr, size_t len)
{
	return (int)SYSCALL(sys2(__NR_munlock, (long)addr, (long)len));
}

/* Move the break to @end. Return: 0, or -1 (ENOMEM). */
int brk(void *end)
{
	if ((void *)sys1(__NR_brk, (long)end) != end) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

/* Move the break by @increment. Return: the old one, or (void *)-1. */
void *sbrk(intptr_t increment)
{
	char *old = (char *)sys1(__NR_brk, 0);

	if (increment != 0 && brk(old + increment) < 0)
		return (void *)-1;
	return old;
}
