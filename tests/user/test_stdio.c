/*
 * Buffered files: what one writes is what one reads, through every buffer,
 * and the kernel sees it when it should.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	EXPECT(file != NULL);
	EXPECT(fputs(text, file) >= 0);
	EXPECT_EQ(fclose(file), 0);
}

static void modes_of_opening(void)
{
	const char *path = scratch("modes");
	char line[32];
	FILE *file;

	EXPECT_ERRNO(fopen(path, "r"), ENOENT);
	EXPECT_ERRNO(fopen(path, "q"), EINVAL);
	write_text(path, "one\n");
	EXPECT_ERRNO(fopen(path, "wx"), EEXIST);
	file = fopen(path, "a+e");
	EXPECT(fputs("two\n", file) >= 0);
	rewind(file);
	EXPECT_STR(fgets(line, sizeof(line), file), "one\n");
	EXPECT_STR(fgets(line, sizeof(line), file), "two\n");
	EXPECT_EQ(fcntl(fileno(file), F_GETFD), FD_CLOEXEC);
	fclose(file);
	file = fopen(path, "r");
	EXPECT_EQ(fputc('x', file), EOF);
	EXPECT_EQ(errno, EBADF);
	EXPECT(ferror(file));
	fclose(file);
	file = fopen(path, "w");
	EXPECT_EQ(fgetc(file), EOF);
	EXPECT(ferror(file) && !feof(file));
	fclose(file);
}

/* Copy a pattern through buffers of one size and blocks of another. */
static void round_trip(size_t buffer, size_t block)
{
	enum { TOTAL = 20000 };
	static unsigned char out[TOTAL], in[TOTAL];
	const char *path = scratch("trip");
	char *memory = malloc(buffer + 1);
	FILE *file = fopen(path, "w+");
	size_t done;

	for (int i = 0; i < TOTAL; i++)
		out[i] = (unsigned char)(i * 31 + i / 256);
	EXPECT_EQ(setvbuf(file, memory, buffer ? _IOFBF : _IONBF, buffer), 0);
	for (done = 0; done < TOTAL; done += block) {
		size_t n = TOTAL - done < block ? TOTAL - done : block;

		EXPECT_EQ(fwrite(out + done, 1, n, file), n);
	}
	EXPECT_EQ(ftell(file), TOTAL);
	rewind(file);
	for (done = 0; done < TOTAL; done += block)
		fread(in + done, 1, TOTAL - done < block ? TOTAL - done
							 : block, file);
	EXPECT_EQ(memcmp(in, out, TOTAL), 0);
	EXPECT(!feof(file));
	EXPECT_EQ(fgetc(file), EOF);
	EXPECT(feof(file) && !ferror(file));
	fclose(file);
	free(memory);
}

static void any_block_through_any_buffer(void)
{
	static const size_t buffers[] = { 0, 9, 64, 1000, 4096 };
	static const size_t blocks[] = { 1, 7, 100, 4096, 20000 };

	for (int i = 0; i < 5; i++)
		for (int j = 0; j < 5; j++)
			round_trip(buffers[i], blocks[j]);
}

static void lines_of_any_length(void)
{
	const char *path = scratch("lines");
	FILE *file = fopen(path, "w+");
	char *line = NULL, small[5];
	size_t cap = 0;

	for (int i = 0; i < 10000; i++)
		fputc('x', file);
	fputs("\n\nlast", file);
	rewind(file);
	EXPECT_EQ(getline(&line, &cap, file), 10001);
	EXPECT_EQ(line[9999], 'x');
	EXPECT_STR(line + 10000, "\n");
	EXPECT_EQ(getline(&line, &cap, file), 1);
	EXPECT_EQ(getline(&line, &cap, file), 4);
	EXPECT_STR(line, "last");
	EXPECT_EQ(getline(&line, &cap, file), -1);
	EXPECT(feof(file));
	EXPECT_EQ(fseek(file, -5, SEEK_END), 0);
	EXPECT_STR(fgets(small, sizeof(small), file), "\n");
	EXPECT_STR(fgets(small, sizeof(small), file), "last");
	EXPECT(fgets(small, sizeof(small), file) == NULL);
	rewind(file);
	EXPECT_STR(fgets(small, sizeof(small), file), "xxxx");
	EXPECT_STR(fgets(small, 1, file), "");
	EXPECT_EQ(getdelim(&line, &cap, 'x', file), 1);
	free(line);
	fclose(file);
}

static void seeking_and_turning_around(void)
{
	const char *path = scratch("turn");
	FILE *file;
	char text[8] = "";

	write_text(path, "0123456789");
	file = fopen(path, "r+");
	EXPECT_EQ(fgetc(file), '0');
	EXPECT_EQ(ftell(file), 1);
	EXPECT_EQ(fputc('A', file), 'A');
	EXPECT_EQ(fgetc(file), '2');
	EXPECT_EQ(ftell(file), 3);
	EXPECT_EQ(fseek(file, 2, SEEK_CUR), 0);
	EXPECT_EQ(fgetc(file), '5');
	EXPECT_EQ(fseek(file, -1, SEEK_END), 0);
	EXPECT_EQ(fputs("BC", file), 0);
	rewind(file);
	EXPECT_EQ(fread(text, 1, 3, file), 3);
	EXPECT_STR(text, "0A2");
	EXPECT_EQ(fseek(file, 9, SEEK_SET), 0);
	EXPECT_EQ(fgetc(file), 'B');
	EXPECT_EQ(fgetc(file), 'C');
	EXPECT_EQ(fgetc(file), EOF);
	EXPECT_EQ(fseek(file, -1, SEEK_SET), -1);
	EXPECT_EQ(errno, EINVAL);
	fclose(file);
}

static void pushing_back(void)
{
	const char *path = scratch("unget");
	FILE *file;

	write_text(path, "ab");
	file = fopen(path, "r");
	EXPECT_EQ(ungetc('x', file), 'x');
	EXPECT_EQ(fgetc(file), 'x');
	EXPECT_EQ(fgetc(file), 'a');
	EXPECT_EQ(fgetc(file), 'b');
	EXPECT_EQ(fgetc(file), EOF);
	EXPECT_EQ(ungetc(0xff, file), 0xff);
	EXPECT(!feof(file));
	EXPECT_EQ(fgetc(file), 0xff);
	EXPECT_EQ(fgetc(file), EOF);
	EXPECT_EQ(ungetc(EOF, file), EOF);
	for (int i = 0; i < 8; i++)
		EXPECT_EQ(ungetc('0' + i, file), '0' + i);
	for (int i = 7; i >= 0; i--)
		EXPECT_EQ(fgetc(file), '0' + i);
	fclose(file);
}

/* How many bytes has the other end of the pipe seen so far? */
static long arrived(int fd)
{
	char buf[256];
	ssize_t n = read(fd, buf, sizeof(buf));

	return n < 0 ? 0 : n;
}

static void when_the_kernel_sees_it(void)
{
	int fds[2];
	FILE *file;

	EXPECT_EQ(pipe2(fds, O_NONBLOCK), 0);
	file = fdopen(fds[1], "w");
	fputs("abc\n", file);
	EXPECT_EQ(arrived(fds[0]), 0);
	EXPECT_EQ(fflush(file), 0);
	EXPECT_EQ(arrived(fds[0]), 4);
	EXPECT_EQ(setvbuf(file, NULL, _IOLBF, 0), 0);
	fputs("abc", file);
	EXPECT_EQ(arrived(fds[0]), 0);
	fputs("d\n", file);
	EXPECT_EQ(arrived(fds[0]), 5);
	EXPECT_EQ(setvbuf(file, NULL, _IONBF, 0), 0);
	fputc('x', file);
	EXPECT_EQ(arrived(fds[0]), 1);
	fprintf(file, "%d-%s", 12, "ab");
	EXPECT_EQ(arrived(fds[0]), 5);
	EXPECT_EQ(setvbuf(file, NULL, 17, 0), EOF);
	fclose(file);
}

static void errors_are_reported(void)
{
	FILE *full = fopen("/dev/full", "w");
	int fds[2];

	if (full) {
		fputs("text", full);
		EXPECT_EQ(fflush(full), EOF);
		EXPECT_EQ(errno, ENOSPC);
		EXPECT(ferror(full));
		clearerr(full);
		EXPECT(!ferror(full));
		EXPECT_EQ(fclose(full), 0);
	}
	EXPECT_ERRNO(fdopen(-1, "r"), EBADF);
	EXPECT_EQ(pipe(fds), 0);
	EXPECT_ERRNO(fdopen(fds[0], "w"), EINVAL);
}

/* What one process has read ahead is given back for the next. */
static void flushing_input_moves_the_offset(void)
{
	const char *path = scratch("offset");
	char c;
	FILE *file;

	write_text(path, "line one\nline two\n");
	file = fopen(path, "r");
	fgetc(file);
	fgetc(file);
	EXPECT_EQ(lseek(fileno(file), 0, SEEK_CUR), 18);
	EXPECT_EQ(fflush(file), 0);
	EXPECT_EQ(lseek(fileno(file), 0, SEEK_CUR), 2);
	EXPECT_EQ(read(fileno(file), &c, 1), 1);
	EXPECT_EQ(c, 'n');
	EXPECT_EQ(fgetc(file), 'e');
	fclose(file);
}

static void reopening_keeps_the_descriptor(void)
{
	const char *path = scratch("reopen");
	char line[16];
	FILE *file;
	int fd;

	write_text(path, "first\n");
	file = fopen(path, "r");
	fd = fileno(file);
	EXPECT(freopen(scratch("reopen2"), "w+", file) == file);
	EXPECT_EQ(fileno(file), fd);
	EXPECT(fputs("second\n", file) >= 0);
	rewind(file);
	EXPECT_STR(fgets(line, sizeof(line), file), "second\n");
	EXPECT(freopen("/nonexistent/x", "r", file) == NULL);
	EXPECT_EQ(errno, ENOENT);
	EXPECT_EQ(fcntl(fd, F_GETFD), -1);
}

const struct test stdio_tests[] = {
	{ "stdio_modes_of_opening", modes_of_opening },
	{ "stdio_any_block_through_any_buffer",
	  any_block_through_any_buffer },
	{ "stdio_lines_of_any_length", lines_of_any_length },
	{ "stdio_seeking_and_turning_around", seeking_and_turning_around },
	{ "stdio_pushing_back", pushing_back },
	{ "stdio_when_the_kernel_sees_it", when_the_kernel_sees_it },
	{ "stdio_errors_are_reported", errors_are_reported },
	{ "stdio_flushing_input_moves_the_offset",
	  flushing_input_moves_the_offset },
	{ "stdio_reopening_keeps_the_descriptor",
	  reopening_keeps_the_descriptor },
	{ NULL, NULL },
};
