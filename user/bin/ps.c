/*
 * ps: list processes.
 *
 *	ps [-]aAdefluwx
 *
 * The letters ask elsewhere for what is always shown here.
 *
 * There is no system call for this: the kernel shows each process as a
 * directory /proc/PID, and what we want is in its files stat and cmdline.
 *
 * STAT is R (running), S (sleeping), D (in a sleep that no signal ends),
 * T (stopped) or Z (dead and not yet asked about by its parent); TIME is CPU
 * time used; the sizes are in KiB.
 */
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/common.h"

/* What a line shows. */
struct process {
	pid_t		pid, ppid;
	unsigned	uid;
	char		state;
	unsigned long	ticks;
	unsigned long	vsize_kib, rss_kib;
	char		*command;
};

/* Numbered as in man 5 proc, where the state is field 3. */
enum stat_field {
	FIELD_STATE = 3,
	FIELD_PPID = 4,
	FIELD_UTIME = 14,
	FIELD_STIME = 15,
	FIELD_VSIZE = 23,
	FIELD_RSS = 24,
};

/* Read a file of /proc/PID. Return: its contents, or NULL. */
static char *read_proc(const char *pid, const char *name, size_t *len)
{
	char path[64], *text = NULL;
	size_t cap = 0;
	ssize_t n;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	file = fopen(path, "re");
	if (!file)
		return NULL;
	n = getdelim(&text, &cap, EOF, file);	/* no byte is EOF: read all */
	fclose(file);
	if (n <= 0) {
		free(text);
		return NULL;
	}
	*len = (size_t)n;
	return text;
}

/*
 * Take /proc/PID/stat apart: "7 (name) S 1 ...". The name may contain blanks
 * and parentheses of its own, so the fields begin after the last one.
 *
 * Return: the name, in place, or NULL if this is not such a line.
 */
static char *parse_stat(char *text, struct process *p)
{
	const long page_kib = sysconf(_SC_PAGESIZE) / 1024;
	char *name = strchr(text, '('), *rest = strrchr(text, ')'), *word;

	if (!name || !rest)
		return NULL;
	*rest++ = '\0';
	p->ticks = 0;
	for (int field = FIELD_STATE; field <= FIELD_RSS; field++) {
		word = strtok(rest, " ");
		rest = NULL;
		if (!word)
			return NULL;
		if (field == FIELD_STATE)
			p->state = *word;
		else if (field == FIELD_PPID)
			p->ppid = atoi(word);
		else if (field == FIELD_UTIME || field == FIELD_STIME)
			p->ticks += strtoul(word, NULL, 10);
		else if (field == FIELD_VSIZE)
			p->vsize_kib = strtoul(word, NULL, 10) / 1024;
		else if (field == FIELD_RSS)
			p->rss_kib = strtoul(word, NULL, 10) *
				     (unsigned long)page_kib;
	}
	return name + 1;
}

/*
 * The command line, its arguments separated by zeros in the file; a kernel
 * thread or a zombie has none, and is shown by its name in brackets.
 */
static char *command_line(const char *pid, const char *name)
{
	size_t len;
	char *text = read_proc(pid, "cmdline", &len);

	if (!text) {
		if (asprintf(&text, "[%s]", name) < 0)
			err(EXIT_FAILURE, "/proc/%s", pid);
		return text;
	}
	for (size_t i = 0; i + 1 < len; i++)
		if (!isprint((unsigned char)text[i]))
			text[i] = ' ';
	return text;
}

/* Learn about one process. Return: whether it was still there. */
static bool read_process(const char *pid, struct process *p)
{
	struct stat st;
	char path[64], *text, *name;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%s", pid);
	if (stat(path, &st) < 0)
		return false;
	text = read_proc(pid, "stat", &len);
	if (!text)
		return false;
	name = parse_stat(text, p);
	if (name) {
		p->pid = atoi(pid);
		p->uid = st.st_uid;
		p->command = command_line(pid, name);
	}
	free(text);
	return name != NULL;
}

static void print_process(const struct process *p)
{
	unsigned long secs = p->ticks / (unsigned long)sysconf(_SC_CLK_TCK);

	printf("%5d %5d %5u %c %4lu:%02lu %7lu %6lu %s\n", p->pid, p->ppid,
	       p->uid, p->state, secs / 60, secs % 60, p->vsize_kib,
	       p->rss_kib, p->command);
}

static int is_pid(const struct dirent *d)
{
	return isdigit((unsigned char)d->d_name[0]);
}

static int by_number(const struct dirent **a, const struct dirent **b)
{
	return atoi((*a)->d_name) - atoi((*b)->d_name);
}

int main(int argc, char **argv)
{
	struct dirent **list;
	int count;

	for (int i = 1; i < argc; i++)
		if (argv[i][strspn(argv[i], "-aAdefluwx")])
			usage("[-]aAdefluwx");
	count = scandir("/proc", &list, is_pid, by_number);
	if (count < 0)
		err(EXIT_FAILURE, "/proc");
	puts("  PID  PPID   UID S    TIME     VSZ    RSS COMMAND");
	for (int i = 0; i < count; i++) {
		struct process p;

		/* It may have ended since the directory was read. */
		if (read_process(list[i]->d_name, &p)) {
			print_process(&p);
			free(p.command);
		}
		free(list[i]);
	}
	free(list);
	return finish_output(EXIT_SUCCESS);
}
