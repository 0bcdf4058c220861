/*
 * Errors in pointers, and the codes that never leave the kernel.
 *
 * The last page of the address space is never mapped, so a pointer into it
 * can carry a negative errno. NULL is not an error in this sense: it means
 * "no memory" or "not found", as the function's contract says.
 */
#pragma once

#include <keel/compiler.h>
#include <uapi/errno.h>

#define MAX_ERRNO	4095

/*
 * Why a system call was cut short by a signal, for the signal code that
 * decides whether it is run again. Never seen by user space.
 */
#define ERESTARTSYS	512	/* run again if the handler has SA_RESTART */
#define ERESTARTNOINTR	513	/* always run again */
#define ERESTARTNOHAND	514	/* run again only if no handler runs */
#define ENOIOCTLCMD	515 /* this layer does not know the ioctl: -ENOTTY */
#define ERESTART_RESTARTBLOCK 516 /* continue by restart_syscall(2) */

static inline void *ERR_PTR(long err)
{
	return (void *)err;
}

static inline long PTR_ERR(const void *ptr)
{
	return (long)ptr;
}

static inline bool IS_ERR(const void *ptr)
{
	return unlikely((unsigned long)ptr >= (unsigned long)-MAX_ERRNO);
}

/* For results that are addresses or errnos as plain numbers. */
static inline bool IS_ERR_VALUE(unsigned long value)
{
	return unlikely(value >= (unsigned long)-MAX_ERRNO);
}

static inline bool IS_ERR_OR_NULL(const void *ptr)
{
	return unlikely(!ptr) || IS_ERR(ptr);
}

static inline void *ERR_CAST(const void *ptr)
{
	return (void *)ptr;
}

static inline int PTR_ERR_OR_ZERO(const void *ptr)
{
	return IS_ERR(ptr) ? (int)PTR_ERR(ptr) : 0;
}
