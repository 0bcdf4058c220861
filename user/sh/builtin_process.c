/*
 * Builtins for what the kernel keeps per process: the working directory, the
 * umask, limits and times. A child that changed them would change its own.
 *
 * The shell remembers by which name it came to where it is: after
 * "cd /tmp/link" the directory is called that, and "cd .." leads to /tmp even
 * if the link led elsewhere. -P asks for the physical directory instead.
 */
#include "builtin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/times.h>
#include <unistd.h>

#include "arena.h"
#include "error.h"
#include "out.h"
#include "shell.h"
#include "vars.h"

/* The working directory by name; in the heap, NULL if it has none. */
static char *directory;

static void set_directory(char *path)
{
	free(directory);
	directory = path;
	if (path)
		var_set("PWD", path);
}

static bool is_current(const char *path)
{
	struct stat here, there;

	return *path == '/' && !stat(".", &here) && !stat(path, &there) &&
	       here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

/*
 * Learn where the shell was started: $PWD knows a name if it is true.
 */
void directory_init(void)
{
	const char *pwd = var_get("PWD");

	if (pwd && is_current(pwd))
		set_directory(xstrdup(pwd));
	else
		set_directory(getcwd(NULL, 0));
}

/* Remove ".", ".." and double slashes from an absolute path, by text only. */
static char *normalise(const char *path)
{
	struct sbuf out;

	sbuf_init(&out, scratch);
	while (*path) {
		size_t len;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len == 2 && !memcmp(path, "..", 2)) {
			while (out.len && out.data[--out.len] != '/')
				continue;
		} else if (len && !(len == 1 && *path == '.')) {
			sbuf_putc(&out, '/');
			sbuf_put(&out, path, len);
		}
		path += len;
	}
	if (!out.len)
		sbuf_putc(&out, '/');
	return sbuf_str(&out);
}

static char *join(const char *dir, const char *name)
{
	struct sbuf sb;

	sbuf_init(&sb, scratch);
	sbuf_puts(&sb, dir);
	if (sb.len && sb.data[sb.len - 1] != '/')
		sbuf_putc(&sb, '/');
	sbuf_puts(&sb, name);
	return sbuf_str(&sb);
}

/* Change to @path, and take note of it; 0 or -1 with errno. */
static int change_to(const char *path, bool physical)
{
	char *target = (char *)path;

	if (!physical && directory) {
		target = normalise(*path == '/' ? path :
				   join(directory, path));
	}
	if (chdir(target))
		return -1;
	if (directory)
		var_set("OLDPWD", directory);
	if (!physical && *target == '/')
		set_directory(xstrdup(target));
	else
		set_directory(getcwd(NULL, 0));
	return 0;
}

/* Try the directories of $CDPATH for a name that does not say where it is. */
static bool change_by_cdpath(const char *name, bool physical)
{
	const char *path = var_get("CDPATH");

	if (!path || *name == '/' || !strcmp(name, ".") ||
	    !strcmp(name, "..") || !strncmp(name, "./", 2) ||
	    !strncmp(name, "../", 3))
		return false;
	while (*path) {
		size_t len = strcspn(path, ":");
		char *dir = arena_strndup(scratch, path, len);

		if (!change_to(join(dir, name), physical)) {
			if (len)
				out_printf("%s\n", directory);
			return true;
		}
		path += len + (path[len] == ':');
	}
	return false;
}

/*
 * cd [-LP] [directory]: home without operand, back with "-".
 */
int builtin_cd(int argc, char **argv)
{
	char option = 'L';
	int i = builtin_options(argc, argv, "LP", &option);
	const char *name = i < argc ? argv[i] : var_get("HOME");
	bool back = name && !strcmp(name, "-");

	if (back)
		name = var_get("OLDPWD");
	if (!name) {
		shell_warn("cd: %s not set", back ? "OLDPWD" : "HOME");
		return 2;
	}
	name = arena_strdup(scratch, name);
	if (!*name || change_by_cdpath(name, option == 'P'))
		return 0;
	if (change_to(name, option == 'P')) {
		shell_warn("cd: %s: %s", name, strerror(errno));
		return 2;
	}
	if (back)
		out_printf("%s\n", directory ? directory : name);
	return 0;
}

/*
 * pwd [-LP]
 */
int builtin_pwd(int argc, char **argv)
{
	char option = 'L';
	char *path;

	builtin_options(argc, argv, "LP", &option);
	if (option == 'L' && directory && is_current(directory)) {
		out_printf("%s\n", directory);
		return 0;
	}
	path = getcwd(NULL, 0);
	if (!path) {
		shell_warn("pwd: %s", strerror(errno));
		return 1;
	}
	out_printf("%s\n", path);
	free(path);
	return 0;
}

static void print_symbolic(mode_t mask)
{
	static const char who[] = "ugo";

	for (int i = 0; i < 3; i++) {
		mode_t bits = ~mask >> (6 - 3 * i) & 7;

		out_printf("%s%c=%s%s%s", i ? "," : "", who[i],
			   bits & 4 ? "r" : "", bits & 2 ? "w" : "",
			   bits & 1 ? "x" : "");
	}
	out_putc('\n');
}

/* The bits of "rwx" at *p, times three. */
static mode_t parse_permissions(const char **p)
{
	mode_t bits = 0;

	for (;; ++*p) {
		if (**p == 'r')
			bits |= 0444;
		else if (**p == 'w')
			bits |= 0222;
		else if (**p == 'x')
			bits |= 0111;
		else
			return bits;
	}
}

/* Change a mask as "u=rwx,g-w" says; false if it says nothing sensible. */
static bool parse_symbolic(const char *p, mode_t *mask)
{
	mode_t allowed = ~*mask & 0777;

	for (;; p++) {
		mode_t who = 0, bits;
		char op;

		for (; *p && strchr("ugoa", *p); p++)
			who |= *p == 'u' ? 0700 : *p == 'g' ? 0070 :
			       *p == 'o' ? 0007 : 0777;
		op = *p;
		if (op != '=' && op != '+' && op != '-')
			return false;
		p++;
		bits = parse_permissions(&p) & (who ? who : 0777);
		if (op == '=')
			allowed &= ~(who ? who : 0777);
		allowed = op == '-' ? allowed & ~bits : allowed | bits;
		if (!*p)
			break;
		if (*p != ',')
			return false;
	}
	*mask = ~allowed & 0777;
	return true;
}

/*
 * umask [-S] [mask]
 */
int builtin_umask(int argc, char **argv)
{
	mode_t mask = umask(0);
	char option = 0;
	int i;

	umask(mask);
	i = builtin_options(argc, argv, "S", &option);
	if (i >= argc) {
		if (option)
			print_symbolic(mask);
		else
			out_printf("%04o\n", (unsigned)mask);
		return 0;
	}
	if (*argv[i] >= '0' && *argv[i] <= '7') {
		char *end;
		long octal = strtol(argv[i], &end, 8);

		if (*end || octal > 0777)
			shell_error("umask: %s: not a mask", argv[i]);
		mask = octal;
	} else if (!parse_symbolic(argv[i], &mask)) {
		shell_error("umask: %s: not a mask", argv[i]);
	}
	umask(mask);
	return 0;
}

static void print_time(clock_t ticks, char end)
{
	long per_second = sysconf(_SC_CLK_TCK);
	long seconds = ticks / per_second;

	out_printf("%ldm%ld.%02lds%c", seconds / 60, seconds % 60,
		   ticks % per_second * 100 / per_second, end);
}

/*
 * times: user and system time of the shell, then of its children.
 */
int builtin_times(int argc, char **argv)
{
	struct tms tms;

	(void)argc;
	(void)argv;
	times(&tms);
	print_time(tms.tms_utime, ' ');
	print_time(tms.tms_stime, '\n');
	print_time(tms.tms_cutime, ' ');
	print_time(tms.tms_cstime, '\n');
	return 0;
}

static const struct {
	char		letter;
	int		resource;
	rlim_t		unit;
	const char	*name;
} limits[] = {
	{ 'c', RLIMIT_CORE,	512,	"core file (blocks)" },
	{ 'd', RLIMIT_DATA,	1024,	"data (KiB)" },
	{ 'f', RLIMIT_FSIZE,	512,	"file size (blocks)" },
	{ 'n', RLIMIT_NOFILE,	1,	"open files" },
	{ 's', RLIMIT_STACK,	1024,	"stack (KiB)" },
	{ 't', RLIMIT_CPU,	1,	"CPU time (seconds)" },
	{ 'u', RLIMIT_NPROC,	1,	"processes" },
	{ 'v', RLIMIT_AS,	1024,	"address space (KiB)" },
};

#define NR_LIMITS	(sizeof(limits) / sizeof(*limits))

static void print_limit(size_t i, bool hard)
{
	struct rlimit limit;
	rlim_t value;

	if (getrlimit(limits[i].resource, &limit))
		shell_error("ulimit: %s", strerror(errno));
	value = hard ? limit.rlim_max : limit.rlim_cur;
	if (value == RLIM_INFINITY)
		out_puts("unlimited\n");
	else
		out_printf("%lu\n", (unsigned long)(value / limits[i].unit));
}

static void set_limit(size_t i, const char *text, bool soft, bool hard)
{
	struct rlimit limit;
	rlim_t value = RLIM_INFINITY;

	if (strcmp(text, "unlimited"))
		value = builtin_number("ulimit", text) * limits[i].unit;
	if (getrlimit(limits[i].resource, &limit))
		shell_error("ulimit: %s", strerror(errno));
	if (soft)
		limit.rlim_cur = value;
	if (hard)
		limit.rlim_max = value;
	if (setrlimit(limits[i].resource, &limit))
		shell_error("ulimit: %s", strerror(errno));
	stack_measure();
}

/*
 * ulimit [-HS] [-a | -cdfnstuv] [value | unlimited]
 */
int builtin_ulimit(int argc, char **argv)
{
	bool soft = false, hard = false, all = false;
	size_t which = 2;
	int i;

	for (i = 1; i < argc && *argv[i] == '-'; i++) {
		for (const char *p = argv[i] + 1; *p; p++) {
			size_t k = 0;

			while (k < NR_LIMITS && limits[k].letter != *p)
				k++;
			if (k < NR_LIMITS)
				which = k;
			else if (*p == 'H')
				hard = true;
			else if (*p == 'S')
				soft = true;
			else if (*p == 'a')
				all = true;
			else
				shell_error("ulimit: bad option -%c", *p);
		}
	}
	for (size_t k = 0; all && k < NR_LIMITS; k++) {
		out_printf("-%c: %-20s ", limits[k].letter, limits[k].name);
		print_limit(k, hard && !soft);
	}
	if (all)
		return 0;
	if (i < argc)
		set_limit(which, argv[i], soft || !hard, hard || !soft);
	else
		print_limit(which, hard && !soft);
	return 0;
}
