/*
 * The inside of a FILE.
 *
 *	base     buf            pos            end           limit
 *	| unget  | already read | to be read   | free        |     reading
 *	| unget  | written, not yet given to the kernel pos | free |    writing
 *
 * One buffer serves both directions, but only one at a time, and `state` says
 * which: a file being read has its unread bytes in [pos, end), a file being
 * written has its pending bytes in [buf, pos). Changing direction empties the
 * buffer first, so the kernel's file offset and ours agree again.
 *
 * The room before `buf` lets ungetc push a few bytes back even when nothing,
 * or only the first byte, has been read.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#define UNGET_ROOM	8

enum stdio_state { STDIO_IDLE, STDIO_READING, STDIO_WRITING };

/* One open file; from fopen to fclose, on the list of all open ones. */
struct stdio_file {
	int			fd;
	enum stdio_state	state;
	int			mode;		/* _IOFBF, _IOLBF, _IONBF */
	bool			mode_known;	/* else: decided at first use */
	bool			can_read;
	bool			can_write;
	bool			at_eof;
	bool			failed;
	bool			owns_base;	/* free it at the end */
	bool			is_static;	/* one of the three below */
	unsigned char		*base;
	unsigned char		*buf;
	unsigned char		*pos;
	unsigned char		*end;
	unsigned char		*limit;
	unsigned char		tiny[UNGET_ROOM + 1];	/* if unbuffered */
	struct stdio_file	*next;
	struct stdio_file	*prev;
};

/* file.c: have a buffer and be in the given state. Return: 0 or EOF. */
int __stdio_to_read(FILE *file);
int __stdio_to_write(FILE *file);

/* write.c: hand the pending bytes to the kernel. Return: 0 or EOF. */
int __stdio_flush_pending(FILE *file);
