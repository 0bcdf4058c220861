/* Mapping memory. The flags are in <uapi/mman.h>. */
#pragma once

#include <sys/types.h>
#include <uapi/mman.h>

#define MAP_FAILED	((void *)-1)
#define MAP_ANON	MAP_ANONYMOUS

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset);
int munmap(void *addr, size_t len);
int mprotect(void *addr, size_t len, int prot);
int msync(void *addr, size_t len, int flags);
int madvise(void *addr, size_t len, int advice);
void *mremap(void *addr, size_t old_len, size_t new_len, int flags, ...);
int mlock(const void *addr, size_t len);
int munlock(const void *addr, size_t len);
