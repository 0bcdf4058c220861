/*
 * A program with something to find in its core: it crashes some calls deep,
 * while another thread of it sleeps. (Of two others the order in the core is
 * nobody's promise.)
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct point {
	int		x, y;
	double		weight;
	const char	*name;
	struct point	*next;
};

static struct point second = { -3, 40, 0.5, "second", NULL };
struct point first = { 1, 2, 2.25, "a point with a name", &second };
int numbers[5] = { 1, 4, 9, 16, 25 };
static int pipes[2];
static pid_t tid;

static void *sleeper(void *arg)
{
	char c;

	__atomic_store_n(&tid, syscall(SYS_gettid), __ATOMIC_SEQ_CST);
	syscall(SYS_read, pipes[0], &c, 1);
	return arg;
}

/* Wait until the thread is in read(), system call 0. */
static void until_it_reads(void)
{
	char path[64], text[64] = "";

	while (!__atomic_load_n(&tid, __ATOMIC_SEQ_CST))
		usleep(1000);
	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", tid);
	while (strncmp(text, "0 0x", 4)) {
		FILE *file = fopen(path, "r");

		if (!file || !fgets(text, sizeof(text), file))
			abort();
		fclose(file);
	}
}

static int descend(struct point *p, int depth)
{
	char local[16] = "";

	snprintf(local, sizeof(local), "at %d", depth);
	if (depth == 3)
		*(volatile int *)0x1230 = p->x;
	if (depth > 3)
		return 0;
	return descend(p->next ? p->next : p, depth + 1) + local[0];
}

int main(void)
{
	pthread_t thread;

	if (pipe(pipes) || pthread_create(&thread, NULL, sleeper, &second))
		return 1;
	until_it_reads();
	return descend(&first, 0);
}
