/*
 * One argument, printed as what it is. What a pointer points to lies in
 * another process: it is fetched by process_vm_readv(2), which reads from any
 * process that the caller may trace.
 */
#include "strace.h"

#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <uapi/fcntl.h>
#include <uapi/uio.h>
#include <unistd.h>

#define PAGE		4096UL
#define MAX_SHOWN	32	/* bytes of a string, as of strings */

/*
 * Copy up to @len bytes from @addr of thread @tid. Memory ends at pages, so
 * what lies before the end of the last page that exists is had by asking for
 * one page at a time. Return: how many bytes came.
 */
size_t read_memory(pid_t tid, unsigned long addr, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		size_t room = PAGE - (addr + done) % PAGE;
		struct iovec here = { (char *)buf + done,
				      len - done < room ? len - done : room };
		struct iovec there = { (void *)(addr + done), here.iov_len };
		long n = syscall(__NR_process_vm_readv, tid, &here, 1, &there,
				 1, 0);

		if (n <= 0)
			break;
		done += n;
	}
	return done;
}

static void print_pointer(unsigned long value)
{
	if (value)
		fprintf(out, "%#lx", value);
	else
		fputs("NULL", out);
}

/* As C would have it. A digit may follow an octal escape of three only. */
static void print_byte(unsigned char c, unsigned char next)
{
	static const char escapes[] = "\aa\bb\tt\nn\vv\ff\rr\"\"\\\\";
	const char *e;

	for (e = escapes; *e; e += 2)
		if ((unsigned char)*e == c) {
			fprintf(out, "\\%c", e[1]);
			return;
		}
	if (c >= ' ' && c < 127)
		fputc(c, out);
	else
		fprintf(out, next >= '0' && next <= '9' ? "\\%03o" : "\\%o",
			c);
}

static void print_quoted(const unsigned char *bytes, size_t len, bool more)
{
	fputc('"', out);
	for (size_t i = 0; i < len; i++)
		print_byte(bytes[i], i + 1 < len ? bytes[i + 1] : 0);
	fputs(more ? "\"..." : "\"", out);
}

static void print_buffer(pid_t tid, unsigned long addr, size_t len)
{
	size_t wanted = len < MAX_SHOWN ? len : MAX_SHOWN;
	unsigned char bytes[MAX_SHOWN];

	if (!addr || read_memory(tid, addr, bytes, wanted) < wanted)
		print_pointer(addr);
	else
		print_quoted(bytes, wanted, len > wanted);
}

static void print_string(pid_t tid, unsigned long addr)
{
	unsigned char bytes[MAX_SHOWN + 1] = { 0 };
	size_t got = addr ? read_memory(tid, addr, bytes, sizeof(bytes)) : 0;
	size_t len = strnlen((char *)bytes, got);

	if (len < got)
		print_quoted(bytes, len, false);
	else if (got == sizeof(bytes))
		print_quoted(bytes, MAX_SHOWN, true);
	else
		print_pointer(addr);	/* it has no end that can be read */
}

static void print_strings(pid_t tid, unsigned long addr)
{
	unsigned long string;

	if (!addr || read_memory(tid, addr, &string, 8) < 8) {
		print_pointer(addr);
		return;
	}
	fputc('[', out);
	for (int i = 0; string; i++) {
		fputs(i ? ", " : "", out);
		if (i == MAX_SHOWN) {
			fputs("...", out);
			break;
		}
		print_string(tid, string);
		addr += sizeof(string);
		if (read_memory(tid, addr, &string, 8) < 8)
			break;
	}
	fputc(']', out);
}

static void print_pair(pid_t tid, unsigned long addr)
{
	int fds[2];

	if (read_memory(tid, addr, fds, sizeof(fds)) == sizeof(fds))
		fprintf(out, "[%d, %d]", fds[0], fds[1]);
	else
		print_pointer(addr);
}

/* A wait status in the words of the macros that take it apart. */
static void print_status(pid_t tid, unsigned long addr)
{
	int status;

	if (!addr || read_memory(tid, addr, &status, 4) < 4) {
		print_pointer(addr);
		return;
	}
	fputs("[{", out);
	if (WIFEXITED(status)) {
		fprintf(out, "WIFEXITED(s) && WEXITSTATUS(s) == %d",
			WEXITSTATUS(status));
	} else if (WIFSIGNALED(status)) {
		fputs("WIFSIGNALED(s) && WTERMSIG(s) == ", out);
		print_signal_name(WTERMSIG(status));
		fputs(WCOREDUMP(status) ? " && WCOREDUMP(s)" : "", out);
	} else if (WIFSTOPPED(status)) {
		fputs("WIFSTOPPED(s) && WSTOPSIG(s) == ", out);
		print_signal_name(WSTOPSIG(status));
	} else if (WIFCONTINUED(status)) {
		fputs("WIFCONTINUED(s)", out);
	}
	fputs("}]", out);
}

/* What the call should have filled in, when it is over. */
static void print_result(const struct tracee *t, enum kind kind,
			 unsigned long value, long result)
{
	/* 0 of wait4() is "nobody yet"; of pipe() it is success. */
	if (result < 0 || (kind == RESULT_STATUS && result == 0))
		print_pointer(value);
	else if (kind == RESULT_BUFFER)
		print_buffer(t->tid, value, result);
	else if (kind == RESULT_PAIR)
		print_pair(t->tid, value);
	else
		print_status(t->tid, value);
}

/* Argument @i of the call @t is in. @result counts for what it filled in. */
void print_value(const struct tracee *t, enum kind kind, int i, long result)
{
	unsigned long value = t->args[i];

	if (kind >= FIRST_NAMED) {
		print_names(kind, value);
		return;
	}
	switch (kind) {
	case DIRECTORY:
		if ((int)value == AT_FDCWD) {
			fputs("AT_FDCWD", out);
			break;
		}
		/* fall through */
	case INT:
	case DESCRIPTOR:
		fprintf(out, "%d", (int)value);
		break;
	case LONG:
		fprintf(out, "%ld", (long)value);
		break;
	case SIZE:
		fprintf(out, "%lu", value);
		break;
	case OCTAL:
	case CREAT_MODE:
		fprintf(out, "%#03o", (unsigned int)value);
		break;
	case SIGNAL:
		print_signal_name((int)value);
		break;
	case STRING:
		print_string(t->tid, value);
		break;
	case STRINGS:
		print_strings(t->tid, value);
		break;
	case BUFFER:
		print_buffer(t->tid, value, t->args[i + 1]);
		break;
	case RESULT_BUFFER:
	case RESULT_PAIR:
	case RESULT_STATUS:
		print_result(t, kind, value, result);
		break;
	default:
		print_pointer(value);
		break;
	}
}
