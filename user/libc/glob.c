/*
 * glob: the paths that match a shell pattern.
 *
 * The pattern is taken component by component. One without wildcards is
 * appended to the path found so far; one with wildcards is compared with
 * each entry of that directory, and every match is followed further. What
 * the last component leads to is a result, if it exists.
 */
#include <glob.h>

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One call of glob. `path` is the path found so far. */
struct search {
	glob_t	*result;
	int	flags;
	int	(*on_error)(const char *path, int err);
	char	path[PATH_MAX];
};

/* Add a copy of @path to the results. Return: 0 or GLOB_NOSPACE. */
static int add_result(struct search *s, const char *path, bool slash)
{
	glob_t *g = s->result;
	size_t place = g->gl_offs + g->gl_pathc;
	char **longer = reallocarray(g->gl_pathv, place + 2, sizeof(*longer));
	size_t len = strlen(path);
	char *copy;

	if (!longer)
		return GLOB_NOSPACE;
	g->gl_pathv = longer;
	copy = malloc(len + 2);
	if (!copy)
		return GLOB_NOSPACE;
	memcpy(copy, path, len);
	copy[len] = slash ? '/' : '\0';
	copy[len + 1] = '\0';
	longer[place] = copy;
	longer[place + 1] = NULL;
	g->gl_pathc++;
	return 0;
}

/* The pattern is used up: s->path is a result if something is there. */
static int finish(struct search *s)
{
	struct stat st;
	bool is_dir;

	if (lstat(s->path, &st) < 0)
		return 0;
	is_dir = S_ISDIR(st.st_mode);
	if (S_ISLNK(st.st_mode) && (s->flags & GLOB_MARK))
		is_dir = stat(s->path, &st) == 0 && S_ISDIR(st.st_mode);
	return add_result(s, s->path, is_dir && (s->flags & GLOB_MARK) &&
			  s->path[strlen(s->path) - 1] != '/');
}

/*
 * Append @len bytes to the path; with @unquote, without the backslashes.
 *
 * Return: whether it fits; a path that does not cannot exist.
 */
static bool append(struct search *s, size_t *path_len, const char *text,
		   size_t len, bool unquote)
{
	for (size_t i = 0; i < len; i++) {
		if (unquote && text[i] == '\\' && i + 1 < len)
			i++;
		if (*path_len + 1 >= sizeof(s->path))
			return false;
		s->path[(*path_len)++] = text[i];
	}
	s->path[*path_len] = '\0';
	return true;
}

static bool has_wildcard(const char *text, size_t len, int flags)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\' && !(flags & GLOB_NOESCAPE))
			i++;
		else if (strchr("*?[", text[i]))
			return true;
	}
	return false;
}

static int expand(struct search *s, size_t path_len, const char *pattern);

/* Follow every entry of the directory s->path that matches @component. */
static int expand_matches(struct search *s, size_t path_len,
			  const char *component, const char *rest)
{
	int match_flags = 0, ret = 0;
	struct dirent *entry;
	DIR *dir;

	if (s->flags & GLOB_NOESCAPE)
		match_flags |= FNM_NOESCAPE;
	if (!(s->flags & GLOB_PERIOD))
		match_flags |= FNM_PERIOD;
	dir = opendir(path_len ? s->path : ".");
	if (!dir) {
		if ((s->on_error && s->on_error(s->path, errno)) ||
		    (s->flags & GLOB_ERR))
			return GLOB_ABORTED;
		return 0;
	}
	while (ret == 0 && (entry = readdir(dir)) != NULL) {
		size_t len = path_len;

		if (fnmatch(component, entry->d_name, match_flags) != 0)
			continue;
		if (append(s, &len, entry->d_name, strlen(entry->d_name),
			   false))
			ret = expand(s, len, rest);
		s->path[path_len] = '\0';
	}
	closedir(dir);
	return ret;
}

/*
 * Expand the rest of a pattern from s->path, of @path_len bytes, on.
 *
 * Return: 0, GLOB_NOSPACE or GLOB_ABORTED.
 */
static int expand(struct search *s, size_t path_len, const char *pattern)
{
	size_t slashes = strspn(pattern, "/"), len;
	char *component;
	int ret;

	if (!append(s, &path_len, pattern, slashes, false))
		return 0;
	pattern += slashes;
	len = strcspn(pattern, "/");
	if (len == 0)
		return finish(s);
	if (!has_wildcard(pattern, len, s->flags)) {
		if (!append(s, &path_len, pattern, len,
			    !(s->flags & GLOB_NOESCAPE)))
			return 0;
		return expand(s, path_len, pattern + len);
	}
	component = strndup(pattern, len);
	if (!component)
		return GLOB_NOSPACE;
	ret = expand_matches(s, path_len, component, pattern + len);
	free(component);
	return ret;
}

static int compare_paths(const void *a, const void *b)
{
	return strcoll(*(char *const *)a, *(char *const *)b);
}

/* Start a result with nothing in it but the free places at its beginning. */
static int init_result(glob_t *g, int flags)
{
	g->gl_pathc = 0;
	if (!(flags & GLOB_DOOFFS))
		g->gl_offs = 0;
	g->gl_pathv = calloc(g->gl_offs + 1, sizeof(*g->gl_pathv));
	return g->gl_pathv ? 0 : GLOB_NOSPACE;
}

/*
 * Find the paths that match @pattern. @on_error is told of directories that
 * cannot be read and may stop the search by returning not 0.
 *
 * Return: 0, GLOB_NOMATCH, GLOB_NOSPACE or GLOB_ABORTED. *@result is to be
 * freed with globfree in every case.
 */
int glob(const char *restrict pattern, int flags,
	 int (*on_error)(const char *path, int err), glob_t *restrict result)
{
	struct search *s;
	size_t before;
	int ret = 0;

	if (!(flags & GLOB_APPEND))
		ret = init_result(result, flags);
	if (ret)
		return ret;
	before = result->gl_pathc;
	s = malloc(sizeof(*s));		/* a whole path is much for the stack */
	if (!s)
		return GLOB_NOSPACE;
	s->result = result;
	s->flags = flags;
	s->on_error = on_error;
	s->path[0] = '\0';
	if (*pattern)
		ret = expand(s, 0, pattern);
	if (ret == 0 && result->gl_pathc == before)
		ret = flags & GLOB_NOCHECK ? add_result(s, pattern, false)
					   : GLOB_NOMATCH;
	free(s);
	if (ret == 0 && !(flags & GLOB_NOSORT))
		qsort(result->gl_pathv + result->gl_offs + before,
		      result->gl_pathc - before, sizeof(char *),
		      compare_paths);
	return ret;
}

void globfree(glob_t *result)
{
	for (size_t i = 0; i < result->gl_pathc; i++)
		free(result->gl_pathv[result->gl_offs + i]);
	free(result->gl_pathv);
	result->gl_pathv = NULL;
	result->gl_pathc = 0;
}
