/*
 * The unit tests' window to the host, with the host's headers: see host.h.
 */
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host.h"

static void must(int condition, const char *what)
{
	if (condition)
		return;
	perror(what);
	exit(2);
}

void host_flush(void)
{
	fflush(stdout);
}

int host_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}

static long read_all(FILE *file, void **out)
{
	size_t size = 1 << 16, len = 0;
	char *buf = malloc(size);

	must(buf != NULL, "malloc");
	for (;;) {
		size_t n = fread(buf + len, 1, size - len, file);

		if (!n)
			break;
		len += n;
		if (len == size) {
			size *= 2;
			buf = realloc(buf, size);
			must(buf != NULL, "realloc");
		}
	}
	*out = buf;
	return len;
}

long host_filter(const char *command, const void *in, size_t len, void **out)
{
	char path[] = "/tmp/keel-unit-XXXXXX";
	char line[4096];
	int fd = mkstemp(path);
	FILE *pipe;
	long result;

	must(fd >= 0, "mkstemp");
	must(write(fd, in, len) == (ssize_t)len, "write");
	close(fd);
	snprintf(line, sizeof(line), "( %s ) < %s", command, path);
	pipe = popen(line, "r");
	must(pipe != NULL, "popen");
	result = read_all(pipe, out);
	if (pclose(pipe) != 0)
		result = -1;
	unlink(path);
	return result;
}

char *host_guarded_page(void)
{
	char *map = mmap(NULL, 3 * HOST_PAGE, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(map != MAP_FAILED, "mmap");
	must(mprotect(map + HOST_PAGE, HOST_PAGE, PROT_READ | PROT_WRITE) == 0,
	     "mprotect");
	return map + 2 * HOST_PAGE;
}

void *host_thread_start(void *(*main)(void *), void *arg)
{
	pthread_t *thread = malloc(sizeof(*thread));

	must(thread != NULL, "malloc");
	must(pthread_create(thread, NULL, main, arg) == 0, "pthread_create");
	return thread;
}

void host_thread_join(void *thread)
{
	must(pthread_join(*(pthread_t *)thread, NULL) == 0, "pthread_join");
	free(thread);
}
