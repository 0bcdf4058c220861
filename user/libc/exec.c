/*
 * The forms of exec: six spellings of execve.
 *
 * The letters say what differs: `l` takes the arguments as a list, `v` as a
 * vector; `p` searches PATH; `e` takes an environment, the others pass ours.
 */
#include <errno.h>
#include <limits.h>
#include <paths.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "syscall.h"

int execve(const char *path, char *const argv[], char *const envp[])
{
	return (int)SYSCALL(sys3(__NR_execve, (long)path, (long)argv,
				 (long)envp));
}

int execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

/*
 * Run a file the kernel does not know as a program: a shell script without
 * a #! line. That is POSIX's rule for execvp, and for it alone.
 */
static void exec_script(const char *path, char *const argv[],
			char *const envp[])
{
	size_t argc = 0;
	char **shell_argv;

	while (argv[argc])
		argc++;
	shell_argv = calloc(argc + 3, sizeof(*shell_argv));
	if (!shell_argv)
		return;
	shell_argv[0] = (char *)_PATH_BSHELL;
	shell_argv[1] = (char *)path;
	for (size_t i = 1; i < argc; i++)
		shell_argv[i + 1] = argv[i];
	execve(_PATH_BSHELL, shell_argv, envp);
	free(shell_argv);
}

static void try_exec(const char *path, char *const argv[], char *const envp[])
{
	execve(path, argv, envp);
	if (errno == ENOEXEC)
		exec_script(path, argv, envp);
}

/* Can another directory of PATH still have what this one has not? */
static bool search_goes_on(int err)
{
	return err == ENOENT || err == ENOTDIR || err == EACCES ||
	       err == ENAMETOOLONG;
}

/*
 * Run @file, looked for in the directories of PATH unless it has a slash.
 *
 * A file that is there but may not be executed does not end the search, but
 * it is what is reported if nothing better follows: "permission denied" says
 * more than "not found". An empty element of PATH is the working directory.
 *
 * Return: only on failure: -1 (ENOENT, EACCES, or what execve said).
 */
int execvpe(const char *file, char *const argv[], char *const envp[])
{
	const char *path = getenv("PATH");
	bool denied = false;
	char full[PATH_MAX];

	if (strchr(file, '/')) {
		try_exec(file, argv, envp);
		return -1;
	}
	errno = ENOENT;
	if (!*file)
		return -1;
	if (!path)
		path = _PATH_DEFPATH;
	for (const char *dir = path, *end; dir; dir = *end ? end + 1 : NULL) {
		size_t dir_len;

		end = strchrnul(dir, ':');
		dir_len = (size_t)(end - dir);
		if (dir_len + 1 + strlen(file) + 1 > sizeof(full)) {
			errno = ENAMETOOLONG;
			continue;
		}
		memcpy(full, dir, dir_len);
		if (dir_len > 0)
			full[dir_len++] = '/';
		strcpy(full + dir_len, file);
		try_exec(full, argv, envp);
		if (!search_goes_on(errno))
			return -1;
		denied |= errno == EACCES;
	}
	if (denied)
		errno = EACCES;
	return -1;
}

int execvp(const char *file, char *const argv[])
{
	return execvpe(file, argv, environ);
}

/*
 * Turn a list of arguments, ended by NULL, into a vector. If @envp is not
 * NULL the environment follows the list, and *@envp receives it.
 *
 * Return: the vector, to be freed, or NULL (ENOMEM).
 */
static char **list_to_vector(const char *first, va_list list, char ***envp)
{
	size_t argc = 0;
	char **argv;
	va_list count;

	va_copy(count, list);
	for (const char *arg = first; arg; arg = va_arg(count, char *))
		argc++;
	va_end(count);

	argv = calloc(argc + 1, sizeof(*argv));
	if (!argv)
		return NULL;
	argc = 0;
	for (char *arg = (char *)first; arg; arg = va_arg(list, char *))
		argv[argc++] = arg;
	if (envp)
		*envp = va_arg(list, char **);
	return argv;
}

int execl(const char *path, const char *arg, ...)
{
	va_list list;
	char **argv;

	va_start(list, arg);
	argv = list_to_vector(arg, list, NULL);
	va_end(list);
	if (argv)
		execve(path, argv, environ);
	free(argv);
	return -1;
}

int execle(const char *path, const char *arg, ...)
{
	va_list list;
	char **argv, **envp;

	va_start(list, arg);
	argv = list_to_vector(arg, list, &envp);
	va_end(list);
	if (argv)
		execve(path, argv, envp);
	free(argv);
	return -1;
}

int execlp(const char *file, const char *arg, ...)
{
	va_list list;
	char **argv;

	va_start(list, arg);
	argv = list_to_vector(arg, list, NULL);
	va_end(list);
	if (argv)
		execvp(file, argv);
	free(argv);
	return -1;
}
