/*
 * The environment: a vector of "NAME=value" strings.
 *
 * The vector and strings execve left on the stack are used until something
 * must be changed; then the vector is copied to the heap. `owned` remembers
 * which strings setenv made, so that they can be freed when they are
 * replaced: strings from the stack or from putenv belong to others.
 *
 * A program may also assign to environ itself. That is noticed by comparing
 * it with the vector we made last.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char **vector;		/* environ as we made it, or NULL */
static char **owned;		/* strings from setenv, in no order */
static size_t nr_owned;

static size_t count_strings(char **strings)
{
	size_t n = 0;

	while (strings && strings[n])
		n++;
	return n;
}

/* Find NAME, of @len bytes. Return: its place in environ, or NULL. */
static char **find(const char *name, size_t len)
{
	for (char **place = environ; place && *place; place++)
		if (strncmp(*place, name, len) == 0 && (*place)[len] == '=')
			return place;
	return NULL;
}

/* Look up a variable. Return: its value, in place, or NULL. */
char *getenv(const char *name)
{
	size_t len = strcspn(name, "=");
	char **place;

	if (len == 0 || name[len])
		return NULL;
	place = find(name, len);
	return place ? *place + len + 1 : NULL;
}

/* Make environ ours, with room for one more. Return: 0 or -1 (ENOMEM). */
static int make_room(void)
{
	size_t n = count_strings(environ);
	char **bigger;

	bigger = reallocarray(environ == vector ? vector : NULL, n + 2,
			      sizeof(*bigger));
	if (!bigger)
		return -1;
	if (environ != vector) {
		if (n > 0)
			memcpy(bigger, environ, n * sizeof(*bigger));
		free(vector);
	}
	bigger[n] = NULL;
	environ = vector = bigger;
	return 0;
}

/* Forget @string, and free it if setenv made it. */
static void release(char *string)
{
	for (size_t i = 0; i < nr_owned; i++) {
		if (owned[i] == string) {
			owned[i] = owned[--nr_owned];
			free(string);
			return;
		}
	}
}

/* Put @string, whose name has @len bytes, into environ. Return: 0 or -1. */
static int place_string(char *string, size_t len)
{
	char **place = find(string, len);
	size_t n;

	if (place) {
		char *former = *place;

		*place = string;
		if (former != string)
			release(former);
		return 0;
	}
	if (make_room() < 0)
		return -1;
	n = count_strings(environ);
	environ[n] = string;
	environ[n + 1] = NULL;
	return 0;
}

static int check_name(const char *name)
{
	if (*name && !strchr(name, '='))
		return 0;
	errno = EINVAL;
	return -1;
}

/* Make one "name=value". Return: it, noted as owned, or NULL (ENOMEM). */
static char *make_string(const char *name, const char *value)
{
	size_t name_len = strlen(name), value_len = strlen(value);
	char **more = reallocarray(owned, nr_owned + 1, sizeof(*owned));
	char *string;

	if (!more)
		return NULL;
	owned = more;
	string = malloc(name_len + 1 + value_len + 1);
	if (!string)
		return NULL;
	memcpy(string, name, name_len);
	string[name_len] = '=';
	memcpy(string + name_len + 1, value, value_len + 1);
	owned[nr_owned++] = string;
	return string;
}

/*
 * Set a variable; if it exists, only with @overwrite.
 *
 * Return: 0, or -1 (EINVAL: the name is empty or has a =; ENOMEM).
 */
int setenv(const char *name, const char *value, int overwrite)
{
	char *string;

	if (check_name(name) < 0)
		return -1;
	if (!overwrite && getenv(name))
		return 0;
	string = make_string(name, value);
	if (!string)
		return -1;
	if (place_string(string, strlen(name)) < 0) {
		release(string);
		return -1;
	}
	return 0;
}

/*
 * Put the caller's own "name=value" into the environment, which is from then
 * on part of it. Without a =, remove the variable.
 */
int putenv(char *assignment)
{
	size_t len = strcspn(assignment, "=");

	if (!assignment[len])
		return unsetenv(assignment);
	if (len == 0) {
		errno = EINVAL;
		return -1;
	}
	return place_string(assignment, len);
}

/* Remove a variable, every copy of it. Return: 0, or -1 (EINVAL). */
int unsetenv(const char *name)
{
	char **place;

	if (check_name(name) < 0)
		return -1;
	while ((place = find(name, strlen(name))) != NULL) {
		char *former = *place;

		do
			place[0] = place[1];
		while (*place++);
		release(former);
	}
	return 0;
}

/* Remove all variables. */
int clearenv(void)
{
	while (nr_owned > 0)
		free(owned[--nr_owned]);
	free(vector);
	vector = environ = NULL;
	return 0;
}
