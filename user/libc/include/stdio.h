/*
 * Buffered input and output.
 *
 * A FILE is a descriptor with a buffer in front of it, so that a program may
 * work in characters while the kernel is asked in blocks. stdin and stdout
 * are buffered by line on a terminal and in blocks otherwise; stderr is not
 * buffered at all, since what it says should survive a crash.
 *
 * Implemented in stdio/: file.c (opening, closing, positions), read.c,
 * write.c, printf.c and format.c.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>
#include <uapi/fs.h>	/* SEEK_* */

#define EOF		(-1)
#define BUFSIZ		4096
#define FILENAME_MAX	4096
#define FOPEN_MAX	1000

/* Buffering modes for setvbuf. */
#define _IOFBF		0	/* in blocks */
#define _IOLBF		1	/* by line */
#define _IONBF		2	/* not at all */

typedef struct stdio_file FILE;

extern FILE *const stdin;
extern FILE *const stdout;
extern FILE *const stderr;

/* Opening and closing. */
FILE *fopen(const char *restrict path, const char *restrict mode);
FILE *fdopen(int fd, const char *mode);
FILE *freopen(const char *restrict path, const char *restrict mode,
	      FILE *restrict file);
int fclose(FILE *file);
int fflush(FILE *file);
int setvbuf(FILE *restrict file, char *restrict buf, int mode, size_t size);
void setbuf(FILE *restrict file, char *restrict buf);
void setlinebuf(FILE *file);

/* State. */
int fileno(FILE *file);
int feof(FILE *file);
int ferror(FILE *file);
void clearerr(FILE *file);

/* Position. */
int fseek(FILE *file, long offset, int whence);
int fseeko(FILE *file, off_t offset, int whence);
long ftell(FILE *file);
off_t ftello(FILE *file);
void rewind(FILE *file);

/* Reading. */
size_t fread(void *restrict dst, size_t size, size_t count,
	     FILE *restrict file);
int fgetc(FILE *file);
int getc(FILE *file);
int getchar(void);
int ungetc(int c, FILE *file);
char *fgets(char *restrict dst, int size, FILE *restrict file);
ssize_t getline(char **restrict line, size_t *restrict cap,
		FILE *restrict file);
ssize_t getdelim(char **restrict line, size_t *restrict cap, int delim,
		 FILE *restrict file);

/* Writing. */
size_t fwrite(const void *restrict src, size_t size, size_t count,
	      FILE *restrict file);
int fputc(int c, FILE *file);
int putc(int c, FILE *file);
int putchar(int c);
int fputs(const char *restrict s, FILE *restrict file);
int puts(const char *s);
void perror(const char *prefix);

/* Formatting. No floating point; %n is refused on purpose (see format.c). */
#define PRINTF_LIKE(fmt, args) \
	__attribute__((__format__(__printf__, fmt, args)))

int printf(const char *restrict fmt, ...) PRINTF_LIKE(1, 2);
int fprintf(FILE *restrict file, const char *restrict fmt, ...)
	PRINTF_LIKE(2, 3);
int dprintf(int fd, const char *restrict fmt, ...) PRINTF_LIKE(2, 3);
int sprintf(char *restrict dst, const char *restrict fmt, ...)
	PRINTF_LIKE(2, 3);
int snprintf(char *restrict dst, size_t size, const char *restrict fmt, ...)
	PRINTF_LIKE(3, 4);
int asprintf(char **dst, const char *fmt, ...) PRINTF_LIKE(2, 3);
int vprintf(const char *restrict fmt, va_list args) PRINTF_LIKE(1, 0);
int vfprintf(FILE *restrict file, const char *restrict fmt, va_list args)
	PRINTF_LIKE(2, 0);
int vdprintf(int fd, const char *restrict fmt, va_list args)
	PRINTF_LIKE(2, 0);
int vsprintf(char *restrict dst, const char *restrict fmt, va_list args)
	PRINTF_LIKE(2, 0);
int vsnprintf(char *restrict dst, size_t size, const char *restrict fmt,
	      va_list args) PRINTF_LIKE(3, 0);
int vasprintf(char **dst, const char *fmt, va_list args) PRINTF_LIKE(2, 0);

/* Files by name. */
int remove(const char *path);
int rename(const char *from, const char *to);
