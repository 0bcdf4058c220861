/*
 * Making paths out of paths.
 */
#include "common.h"

#include <err.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/*
 * The path of @name within @dir, in memory from malloc. Ends the program if
 * there is none: without a name nothing can be done about a file.
 */
char *join_path(const char *dir, const char *name)
{
	size_t len = strlen(dir);
	const char *slash = len > 0 && dir[len - 1] == '/' ? "" : "/";
	char *path;

	if (asprintf(&path, "%s%s%s", dir, slash, name) < 0)
		err(EXIT_FAILURE, "%s", dir);
	return path;
}

/* Is there a directory at @path, or a link to one? */
bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/*
 * Where cp, mv and ln put @source: at @target itself, or, if that is a
 * directory, in it, under the last part of the source's name.
 *
 * Return: the path, to be freed.
 */
static char *target_path(const char *target, const char *source, bool is_dir)
{
	char *copy = strdup(source), *path;

	if (!copy)
		err(EXIT_FAILURE, "%s", source);
	path = is_dir ? join_path(target, basename(copy)) : strdup(target);
	if (!path)
		err(EXIT_FAILURE, "%s", target);
	free(copy);
	return path;
}

/*
 * What cp, mv and ln do with what follows their options, at least two names:
 * FILE NEW_NAME, or FILE... DIRECTORY. @put does it for one file.
 *
 * Return: the exit status.
 */
int put_files(char **names, int count, put_fn put, int flags)
{
	const char *target = names[count - 1];
	bool into_dir = is_directory(target);
	int status = EXIT_SUCCESS;

	if (count > 2 && !into_dir)
		errx(EXIT_FAILURE, "%s is not a directory", target);
	for (int i = 0; i < count - 1; i++) {
		char *to = target_path(target, names[i], into_dir);

		if (put(names[i], to, flags) < 0)
			status = EXIT_FAILURE;
		free(to);
	}
	return status;
}
