/*
 * Where commands come from: a string, a script, or standard input.
 *
 * The shell shares its standard input with the commands it starts: in
 *
 *	printf 'read x\nhello\necho $x\n' | sh
 *
 * the second line belongs to "read". So from descriptor 0 nothing past the
 * end of the current line may be taken. A terminal gives one line per read()
 * by itself; from anything else we read byte by byte until the newline. A
 * script opened by the shell is nobody else's, and is read in blocks.
 *
 * The prompt is printed here, when a terminal has no more characters for us:
 * only at this point is it certain that the user is being waited for.
 */
#include "input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "expand.h"
#include "out.h"
#include "shell.h"
#include "trap.h"

#define BLOCK_SIZE	4096

static void undo_open(struct undo *undo)
{
	/* The undo is the first member, hence the same address. */
	struct input *in = (struct input *)undo;

	if (in->fd.fd > STDIN_FILENO) {
		private_fd_remove(&in->fd);
		close(in->fd.fd);
	}
	free(in->block);
}

/*
 * Read from @text, which must outlive @in and whose first line is called
 * @line in messages.
 */
void input_open_string(struct input *in, const char *text, int line)
{
	*in = (struct input){
		.fd	= { .fd = -1 },
		.data	= text,
		.len	= strlen(text),
		.line	= line,
	};
	undo_push(&in->undo, undo_open);
}

/*
 * Read a script from @fd, which is ours from now on; it is moved out of the
 * way of the descriptors that scripts use.
 */
void input_open_fd(struct input *in, int fd)
{
	*in = (struct input){ .fd = { .fd = -1 }, .line = 1 };
	in->block = xmalloc(BLOCK_SIZE);
	undo_push(&in->undo, undo_open);
	in->fd.fd = private_fd_move(fd);
	private_fd_add(&in->fd);
}

/*
 * Read from standard input, leaving to commands what is theirs.
 */
void input_open_stdin(struct input *in)
{
	*in = (struct input){ .fd = { .fd = STDIN_FILENO }, .line = 1 };
	in->block = xmalloc(BLOCK_SIZE);
	in->prompts = shell.interactive;
	in->by_byte = !isatty(STDIN_FILENO);
	undo_push(&in->undo, undo_open);
}

/*
 * Stop reading from @in, the last one opened.
 */
void input_close(struct input *in)
{
	undo_pop(&in->undo);
}

static void print_prompt(struct input *in)
{
	struct arena_mark mark = arena_mark(scratch);
	const char *prompt = expand_prompt(in->continued ? "PS2" : "PS1");

	write_all(STDERR_FILENO, prompt, strlen(prompt));
	arena_release(scratch, mark);
	in->continued = true;
}

/* Read into the block: a line byte by byte, or what one read() gives. */
static ssize_t read_block(struct input *in)
{
	size_t len = 0;

	while (len < BLOCK_SIZE) {
		size_t want = in->by_byte ? 1 : BLOCK_SIZE;
		ssize_t n = read_interruptible(in->fd.fd, in->block + len,
					       want);

		if (n < 0 && errno == EINTR) {
			signals_run_traps();
			continue;
		}
		if (n < 0)
			return len ? (ssize_t)len : n;
		len += n;
		if (n < (ssize_t)want || !in->by_byte ||
		    in->block[len - 1] == '\n')
			break;
	}
	return len;
}

/* Get more characters; false at the end. */
static bool refill(struct input *in)
{
	ssize_t n;

	if (in->fd.fd < 0 || in->eof)
		return false;
	if (in->prompts)
		print_prompt(in);
	n = read_block(in);
	if (n <= 0) {
		in->eof = true;
		return false;
	}
	in->data = in->block;
	in->pos = 0;
	in->len = n;
	if (shell.options[OPT_VERBOSE])
		write_all(STDERR_FILENO, in->data, in->len);
	return true;
}

/*
 * Take the next character; NUL bytes are skipped.
 *
 * Return: the character, or INPUT_EOF.
 */
int input_getc(struct input *in)
{
	int c;

	if (in->nr_unread) {
		c = in->unread[--in->nr_unread];
	} else {
		do {
			if (in->pos == in->len && !refill(in))
				return INPUT_EOF;
			c = (unsigned char)in->data[in->pos++];
		} while (!c);
	}
	if (c == '\n')
		in->line++;
	return c;
}

/*
 * Give back the character taken last, or the last two in reverse order.
 */
void input_ungetc(struct input *in, int c)
{
	if (c == INPUT_EOF)
		return;
	in->unread[in->nr_unread++] = c;
	if (c == '\n')
		in->line--;
}

/*
 * Tell whether nothing follows, as far as is known without reading.
 */
bool input_at_end(struct input *in)
{
	return !in->nr_unread && in->pos == in->len &&
	       (in->fd.fd < 0 || in->eof);
}

/*
 * Drop what was read but not yet used: after an error at the prompt, the
 * rest of the user's line.
 */
void input_drop_line(struct input *in)
{
	in->nr_unread = 0;
	in->pos = in->len;
	in->continued = false;
}
