/*
 * Variables and the environment.
 *
 * One hash table holds them all. A variable may be known without having a
 * value ("export x" before "x=1"), which is why unset and absent look alike
 * from outside. Exporting is a flag: the environment is an array made from
 * the table at the moment a program is started.
 *
 * Scopes are dynamic, as in every Bourne shell: "local x" does not make a
 * second x, it saves the first and puts it back when the function is left,
 * so that functions called meanwhile see the new one.
 */
#include "vars.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "out.h"
#include "parser.h"
#include "shell.h"

struct var {
	struct var	*next;		/* in its bucket */
	char		*value;		/* NULL if unset */
	unsigned	flags;
	char		name[];
};

/* One variable to put back; lives in the heap until its scope is left. */
struct saved_var {
	struct saved_var	*next;
	char			*value;
	unsigned		flags;
	char			name[];
};

static struct var **buckets;
static size_t nr_buckets;		/* a power of two */
static size_t nr_vars;

static size_t hash(const char *name)
{
	size_t h = 5381;

	while (*name)
		h = h * 33 + (unsigned char)*name++;
	return h;
}

static void grow_table(void)
{
	size_t nr = nr_buckets ? nr_buckets * 2 : 64;
	struct var **table = xmalloc(nr * sizeof(*table));

	for (size_t i = 0; i < nr; i++)
		table[i] = NULL;
	for (size_t i = 0; i < nr_buckets; i++) {
		while (buckets[i]) {
			struct var *var = buckets[i];
			size_t h = hash(var->name) & (nr - 1);

			buckets[i] = var->next;
			var->next = table[h];
			table[h] = var;
		}
	}
	free(buckets);
	buckets = table;
	nr_buckets = nr;
}

static struct var *find(const char *name)
{
	struct var *var = buckets[hash(name) & (nr_buckets - 1)];

	while (var && strcmp(var->name, name))
		var = var->next;
	return var;
}

static struct var *find_or_create(const char *name)
{
	struct var *var = find(name);
	size_t size = strlen(name) + 1;
	struct var **bucket;

	if (var)
		return var;
	if (nr_vars >= nr_buckets)
		grow_table();
	var = xmalloc(sizeof(*var) + size);
	memcpy(var->name, name, size);
	var->value = NULL;
	var->flags = 0;
	bucket = &buckets[hash(name) & (nr_buckets - 1)];
	var->next = *bucket;
	*bucket = var;
	nr_vars++;
	return var;
}

static struct var *find_writable(const char *name)
{
	struct var *var = find_or_create(name);

	if (var->flags & VAR_READONLY)
		shell_error("%s: is read only", name);
	return var;
}

/*
 * Take over the environment. What a shell finds there but could not have
 * assigned (a name with a dot in it) is not passed on.
 */
void vars_init(char *const envp[])
{
	char number[24];

	grow_table();
	for (; *envp; envp++) {
		const char *equals = strchr(*envp, '=');
		char *name;

		if (!equals)
			continue;
		name = arena_strndup(scratch, *envp, equals - *envp);
		if (!is_name(name))
			continue;
		var_set(name, equals + 1);
		var_set_flags(name, VAR_EXPORT);
	}
	/* A caller must not decide how our words are split. */
	var_unset("IFS");
	var_set("IFS", " \t\n");
	var_set("OPTIND", "1");
	snprintf(number, sizeof(number), "%ld", (long)getppid());
	var_set("PPID", number);
	if (!var_get("PATH"))
		var_set("PATH", "/usr/local/sbin:/usr/local/bin:"
				"/usr/sbin:/usr/bin:/sbin:/bin");
	if (!var_get("PS1"))
		var_set("PS1", geteuid() ? "keel$ " : "keel# ");
	if (!var_get("PS2"))
		var_set("PS2", "> ");
	if (!var_get("PS4"))
		var_set("PS4", "+ ");
}

/*
 * The value of a variable, valid until it is next changed; NULL if unset.
 */
const char *var_get(const char *name)
{
	static char line[16];
	struct var *var = find(name);

	if (var && var->value)
		return var->value;
	if (strcmp(name, "LINENO"))
		return NULL;
	snprintf(line, sizeof(line), "%d", shell.line);
	return line;
}

/*
 * Set a variable to a copy of @value; throws if it is read only.
 */
void var_set(const char *name, const char *value)
{
	struct var *var = find_writable(name);
	char *copy = xstrdup(value);

	free(var->value);
	var->value = copy;
	if (shell.options[OPT_ALLEXPORT])
		var->flags |= VAR_EXPORT;
}

/*
 * Set a variable to a number in decimal.
 */
void var_set_number(const char *name, long value)
{
	char number[24];

	snprintf(number, sizeof(number), "%ld", value);
	var_set(name, number);
}

/*
 * Add @flags to a variable, which need not have a value.
 */
void var_set_flags(const char *name, unsigned flags)
{
	find_or_create(name)->flags |= flags;
}

/*
 * Forget a variable; throws if it is read only.
 */
void var_unset(const char *name)
{
	struct var **link = &buckets[hash(name) & (nr_buckets - 1)];
	struct var *var;

	while (*link && strcmp((*link)->name, name))
		link = &(*link)->next;
	var = *link;
	if (!var)
		return;
	if (var->flags & VAR_READONLY)
		shell_error("%s: is read only", name);
	*link = var->next;
	nr_vars--;
	free(var->value);
	free(var);
}

static int by_name(const void *a, const void *b)
{
	const struct var *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/*
 * Print the variables that have all of @flags, as commands: @prefix is
 * "export ", "readonly " or "". Without flags only those with a value.
 */
void vars_print(const char *prefix, unsigned flags)
{
	struct var **list = arena_alloc(scratch, nr_vars * sizeof(*list));
	size_t nr = 0;

	for (size_t i = 0; i < nr_buckets; i++) {
		for (struct var *var = buckets[i]; var; var = var->next) {
			if ((var->flags & flags) == flags &&
			    (flags || var->value))
				list[nr++] = var;
		}
	}
	qsort(list, nr, sizeof(*list), by_name);
	for (size_t i = 0; i < nr; i++) {
		out_printf("%s%s", prefix, list[i]->name);
		if (list[i]->value) {
			out_putc('=');
			out_quoted(list[i]->value);
		}
		out_putc('\n');
	}
}

/*
 * Make the environment of a program, in the scratch arena.
 */
char **vars_environment(void)
{
	char **list = arena_alloc(scratch, (nr_vars + 1) * sizeof(*list));
	size_t nr = 0;

	for (size_t i = 0; i < nr_buckets; i++) {
		for (struct var *var = buckets[i]; var; var = var->next) {
			struct sbuf sb;

			if (!(var->flags & VAR_EXPORT) || !var->value)
				continue;
			sbuf_init(&sb, scratch);
			sbuf_printf(&sb, "%s=%s", var->name, var->value);
			list[nr++] = sbuf_str(&sb);
		}
	}
	list[nr] = NULL;
	return list;
}

static void restore(struct saved_var *saved)
{
	struct var *var = find_or_create(saved->name);

	free(var->value);
	var->value = saved->value;
	var->flags = saved->flags;
	if (!var->value && !var->flags)
		var_unset(saved->name);
}

static void undo_scope(struct undo *undo)
{
	struct var_scope *scope = (struct var_scope *)undo;

	while (scope->saved) {
		struct saved_var *saved = scope->saved;

		scope->saved = saved->next;
		restore(saved);
		free(saved);
	}
}

/*
 * Begin a scope, in the frame of the caller, that restores nothing yet.
 */
void var_scope_enter(struct var_scope *scope)
{
	scope->saved = NULL;
	undo_push(&scope->undo, undo_scope);
}

/*
 * Put back what was saved; @scope must be the innermost.
 */
void var_scope_leave(struct var_scope *scope)
{
	undo_pop(&scope->undo);
}

/*
 * Remember what @name is now; at the end of @scope it will be that again.
 */
void var_scope_save(struct var_scope *scope, const char *name)
{
	struct var *var = find(name);
	size_t size = strlen(name) + 1;
	struct saved_var *saved = xmalloc(sizeof(*saved) + size);

	memcpy(saved->name, name, size);
	saved->value = NULL;
	saved->flags = 0;
	saved->next = scope->saved;
	scope->saved = saved;
	if (!var)
		return;
	saved->flags = var->flags;
	if (var->value)
		saved->value = xstrdup(var->value);
}
