/*
 * Output of builtin commands.
 *
 * See out.c.
 */
#pragma once

#include <stddef.h>

int write_all(int fd, const void *data, size_t len);
void out_putc(char c);
void out_put(const char *s, size_t len);
void out_puts(const char *s);
void out_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void out_quoted(const char *value);
int out_flush(void);
void out_discard(void);
