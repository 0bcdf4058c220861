/*
 * What a unit test may use of the machine it runs on. The host's own headers
 * cannot be included beside the kernel's, which define the same types.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

int printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int vprintf(const char *fmt, va_list args)
	__attribute__((format(printf, 1, 0)));
void abort(void) __attribute__((noreturn));
void *malloc(size_t size);
void *calloc(size_t nr, size_t size);
void free(void *ptr);

/* Let what was printed so far out. */
void host_flush(void);

/* Formats with the host's printf. */
int host_snprintf(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Run a shell command with @len bytes of input. Its output, in *@out, is to
 * be freed; the return is its length, or -1 if the command failed.
 */
long host_filter(const char *command, const void *in, size_t len, void **out);

/* One page between two that fault; the return is the end of it. */
#define HOST_PAGE	4096
char *host_guarded_page(void);

/* A thread that runs @main(@arg). */
void *host_thread_start(void *(*main)(void *), void *arg);
void host_thread_join(void *thread);
