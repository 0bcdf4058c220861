/*
 * errno: the number of the last error.
 *
 * The kernel reports errors in the result itself, which is the better way;
 * C's convention of -1 and a global variable is older. The conversion stands
 * here, once, for all system calls. A successful call leaves errno alone.
 */
#include <errno.h>

#include "syscall.h"

int errno;

enum { MAX_ERRNO = 4095 };

/*
 * Convert the raw result of a system call.
 *
 * Only the top 4095 values are errors: the result of mmap may well be
 * negative as a long and yet an address.
 *
 * Return: @raw, or -1 with errno set.
 */
long __sys_return(long raw)
{
	if ((unsigned long)raw < (unsigned long)-MAX_ERRNO)
		return raw;
	errno = (int)-raw;
	return -1;
}
