/*
 * Opening and closing files, their buffers, their state and position.
 *
 * All open files are on one list, because exit() must write out each of them.
 * A buffer is only allocated when it is first needed; before that the file
 * may be given another one, or a mode, by setvbuf. Where memory is short a
 * file works unbuffered rather than not at all.
 */
#include <stdio.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../internal.h"
#include "internal.h"

/* Declared first, so that the initialisers can link them both ways. */
static struct stdio_file std_in, std_out, std_err;

static struct stdio_file std_in = {
	.fd = STDIN_FILENO,
	.can_read = true,
	.is_static = true,
	.next = &std_out,
};

static struct stdio_file std_out = {
	.fd = STDOUT_FILENO,
	.can_write = true,
	.is_static = true,
	.next = &std_err,
	.prev = &std_in,
};

static struct stdio_file std_err = {
	.fd = STDERR_FILENO,
	.can_write = true,
	.is_static = true,
	.mode = _IONBF,
	.mode_known = true,
	.prev = &std_out,
};

FILE *const stdin = &std_in;
FILE *const stdout = &std_out;
FILE *const stderr = &std_err;

/* The youngest file; the list runs towards the oldest through prev. */
static struct stdio_file *last = &std_err;

static void list_add(FILE *file)
{
	file->prev = last;
	file->next = NULL;
	if (last)
		last->next = file;
	last = file;
}

static void list_remove(FILE *file)
{
	if (file->prev)
		file->prev->next = file->next;
	if (file->next)
		file->next->prev = file->prev;
	else
		last = file->prev;
}

/*
 * Read fopen's mode string into open's flags.
 *
 * Return: the flags, or -1 (EINVAL).
 */
static int parse_mode(const char *mode)
{
	int access, flags;

	switch (*mode) {
	case 'r':
		access = O_RDONLY;
		flags = 0;
		break;
	case 'w':
		access = O_WRONLY;
		flags = O_CREAT | O_TRUNC;
		break;
	case 'a':
		access = O_WRONLY;
		flags = O_CREAT | O_APPEND;
		break;
	default:
		errno = EINVAL;
		return -1;
	}
	while (*++mode) {
		if (*mode == '+')
			access = O_RDWR;
		else if (*mode == 'x')
			flags |= O_EXCL;
		else if (*mode == 'e')
			flags |= O_CLOEXEC;
	}
	return access | flags;
}

static void set_access(FILE *file, int flags)
{
	file->can_read = (flags & O_ACCMODE) != O_WRONLY;
	file->can_write = (flags & O_ACCMODE) != O_RDONLY;
}

static FILE *file_create(int fd, int flags)
{
	FILE *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	file->fd = fd;
	set_access(file, flags);
	list_add(file);
	return file;
}

/*
 * Open the file @path. @mode is r, w or a, then any of + (read and write),
 * x (must not exist), e (close on exec) and b (nothing).
 *
 * Return: the file, or NULL (EINVAL, ENOMEM, or what open said).
 */
FILE *fopen(const char *restrict path, const char *restrict mode)
{
	int flags = parse_mode(mode);
	FILE *file;
	int fd;

	if (flags < 0)
		return NULL;
	fd = open(path, flags, 0666);
	if (fd < 0)
		return NULL;
	file = file_create(fd, flags);
	if (!file)
		close(fd);
	return file;
}

/*
 * Put a FILE around an open descriptor, which then belongs to it. The mode
 * must be one the descriptor was opened for; nothing is truncated.
 *
 * Return: the file, or NULL (EBADF, EINVAL, ENOMEM); @fd is then untouched.
 */
FILE *fdopen(int fd, const char *mode)
{
	int flags = parse_mode(mode);
	int have;

	if (flags < 0)
		return NULL;
	have = fcntl(fd, F_GETFL);
	if (have < 0)
		return NULL;
	if ((have & O_ACCMODE) != O_RDWR &&
	    (have & O_ACCMODE) != (flags & O_ACCMODE)) {
		errno = EINVAL;
		return NULL;
	}
	if (flags & O_APPEND)
		fcntl(fd, F_SETFL, have | O_APPEND);
	if (flags & O_CLOEXEC)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	return file_create(fd, flags);
}

/* Give the buffer back; the next use of the file finds none. */
static void drop_buffer(FILE *file)
{
	if (file->owns_base)
		free(file->base);
	file->owns_base = false;
	file->base = file->buf = file->pos = file->end = file->limit = NULL;
	file->state = STDIO_IDLE;
}

/*
 * Close the file and forget it, even if the last bytes could not be written.
 *
 * Return: 0, or EOF if something was lost.
 */
int fclose(FILE *file)
{
	int ret = fflush(file);

	if (close(file->fd) < 0)
		ret = EOF;
	drop_buffer(file);
	list_remove(file);
	if (!file->is_static)
		free(file);
	return ret;
}

/*
 * Let @file, whatever it was, stand for @path from now on: how a program
 * redirects its own stdout. A NULL @path is not supported.
 *
 * The new file takes the old one's descriptor number, so what the program
 * starts later has it as well.
 *
 * Return: @file, or NULL; the old file is closed in any case.
 */
FILE *freopen(const char *restrict path, const char *restrict mode,
	      FILE *restrict file)
{
	int flags = parse_mode(mode);
	int fd;

	fflush(file);
	if (flags >= 0 && !path) {
		errno = EINVAL;
		flags = -1;
	}
	fd = flags < 0 ? -1 : open(path, flags, 0666);
	if (fd >= 0 && fd != file->fd) {
		int moved = dup3(fd, file->fd, flags & O_CLOEXEC);

		close(fd);
		fd = moved;
	}
	if (fd < 0) {
		int err = errno;

		fclose(file);
		errno = err;
		return NULL;
	}
	drop_buffer(file);
	set_access(file, flags);
	clearerr(file);
	return file;
}

/* Place the empty buffer over [base, base + size). */
static void use_memory(FILE *file, unsigned char *base, size_t size)
{
	file->base = base;
	file->buf = file->pos = file->end = base + UNGET_ROOM;
	file->limit = base + size;
}

static void ensure_buffer(FILE *file)
{
	if (!file->mode_known) {
		file->mode = isatty(file->fd) ? _IOLBF : _IOFBF;
		file->mode_known = true;
	}
	if (file->base)
		return;
	if (file->mode != _IONBF) {
		unsigned char *base = malloc(UNGET_ROOM + BUFSIZ);

		if (base) {
			use_memory(file, base, UNGET_ROOM + BUFSIZ);
			file->owns_base = true;
			return;
		}
		file->mode = _IONBF;
	}
	use_memory(file, file->tiny, sizeof(file->tiny));
}

/*
 * Choose how @file is buffered, before it is first read or written. @buf may
 * supply the memory; then a few bytes of it serve ungetc.
 *
 * Return: 0, or EOF (EINVAL: no such mode, or the file is in use).
 */
int setvbuf(FILE *restrict file, char *restrict buf, int mode, size_t size)
{
	if (mode < _IOFBF || mode > _IONBF || file->state != STDIO_IDLE) {
		errno = EINVAL;
		return EOF;
	}
	drop_buffer(file);
	file->mode = mode;
	file->mode_known = true;
	if (mode != _IONBF && buf && size > UNGET_ROOM)
		use_memory(file, (unsigned char *)buf, size);
	return 0;
}

void setbuf(FILE *restrict file, char *restrict buf)
{
	setvbuf(file, buf, buf ? _IOFBF : _IONBF, BUFSIZ);
}

void setlinebuf(FILE *file)
{
	setvbuf(file, NULL, _IOLBF, 0);
}

/*
 * Forget what was read ahead, and tell the kernel that it was not used. On
 * what cannot seek, such as a terminal, the bytes are kept: they could not
 * be had again.
 */
static void unread(FILE *file)
{
	off_t ahead = file->end - file->pos;

	if (ahead != 0) {
		int err = errno;

		if (lseek(file->fd, -ahead, SEEK_CUR) < 0) {
			errno = err;
			return;
		}
	}
	file->pos = file->end = file->buf;
	file->state = STDIO_IDLE;
}

/*
 * Get ready to read.
 *
 * Return: 0, or EOF (EBADF: not opened for it; or a failed write).
 */
int __stdio_to_read(FILE *file)
{
	if (file->state == STDIO_READING)
		return 0;
	if (!file->can_read) {
		file->failed = true;
		errno = EBADF;
		return EOF;
	}
	if (file->state == STDIO_WRITING && __stdio_flush_pending(file) < 0)
		return EOF;
	ensure_buffer(file);
	file->pos = file->end = file->buf;
	file->state = STDIO_READING;
	return 0;
}

/* Get ready to write; the counterpart of __stdio_to_read. */
int __stdio_to_write(FILE *file)
{
	if (file->state == STDIO_WRITING)
		return 0;
	if (!file->can_write) {
		file->failed = true;
		errno = EBADF;
		return EOF;
	}
	if (file->state == STDIO_READING)
		unread(file);
	ensure_buffer(file);
	file->pos = file->end = file->buf;
	file->state = STDIO_WRITING;
	return 0;
}

/*
 * Make the kernel's view of @file, or of all files if NULL, agree with ours:
 * pending output is written, input read ahead is given back if possible.
 *
 * Return: 0, or EOF (what write said).
 */
int fflush(FILE *file)
{
	int ret = 0;

	if (!file) {
		for (file = last; file; file = file->prev)
			ret |= fflush(file);
		return ret;
	}
	if (file->state == STDIO_WRITING)
		ret = __stdio_flush_pending(file);
	else if (file->state == STDIO_READING)
		unread(file);
	return ret;
}

/* What exit() does about stdio. */
void __stdio_exit(void)
{
	fflush(NULL);
}

/*
 * Move the position. What was pushed back or read ahead is forgotten, and
 * so is the end of file.
 *
 * Return: 0, or -1 (ESPIPE, EINVAL).
 */
int fseeko(FILE *file, off_t offset, int whence)
{
	if (file->state == STDIO_WRITING && __stdio_flush_pending(file) < 0)
		return -1;
	if (file->state == STDIO_READING && whence == SEEK_CUR)
		offset -= file->end - file->pos;
	if (lseek(file->fd, offset, whence) < 0)
		return -1;
	file->pos = file->end = file->buf;
	file->state = STDIO_IDLE;
	file->at_eof = false;
	return 0;
}

int fseek(FILE *file, long offset, int whence)
{
	return fseeko(file, offset, whence);
}

/* The position of the next byte. Return: it, or -1 (ESPIPE). */
off_t ftello(FILE *file)
{
	off_t at = lseek(file->fd, 0, SEEK_CUR);

	if (at < 0)
		return -1;
	if (file->state == STDIO_READING)
		return at - (file->end - file->pos);
	if (file->state == STDIO_WRITING)
		return at + (file->pos - file->buf);
	return at;
}

long ftell(FILE *file)
{
	return ftello(file);
}

void rewind(FILE *file)
{
	fseeko(file, 0, SEEK_SET);
	file->failed = false;
}

int fileno(FILE *file)
{
	return file->fd;
}

int feof(FILE *file)
{
	return file->at_eof;
}

int ferror(FILE *file)
{
	return file->failed;
}

void clearerr(FILE *file)
{
	file->at_eof = false;
	file->failed = false;
}
