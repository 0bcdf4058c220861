/*
 * Where commands come from, one character at a time.
 *
 * See input.c.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "redir.h"

#define INPUT_EOF	(-1)

struct input {
	struct undo		undo;
	struct private_fd	fd;		/* .fd is -1 for a string */
	const char		*data;
	size_t			pos;
	size_t			len;
	char			*block;		/* our own data */
	int			line;		/* of the next character */
	int			unread[2];
	int			nr_unread;
	bool			by_byte;	/* never read past a newline */
	bool			prompts;
	bool			continued;	/* the next prompt is PS2 */
	bool			eof;
	bool			final;		/* the shell ends with it */
};

void input_open_string(struct input *in, const char *text, int line);
void input_open_fd(struct input *in, int fd);
void input_open_stdin(struct input *in);
void input_close(struct input *in);
int input_getc(struct input *in);
void input_ungetc(struct input *in, int c);
bool input_at_end(struct input *in);
void input_drop_line(struct input *in);
