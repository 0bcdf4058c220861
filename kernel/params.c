/*
 * The kernel's command line: split once, asked by name.
 *
 * Linux lets each file register its own words from a section of the image;
 * here each subsystem asks when it starts, and the one table below says which
 * words exist, for people to read and for telling ours from init's. The split
 * words lie one behind the other in a buffer of their own, each as a name and
 * a value, so that nothing has to be allocated before there is memory.
 *
 * Everything is constant after params_init(): no locking.
 */
#define LOG_PREFIX "params"

#include <kernel/params.h>
#include <kernel/printk.h>
#include <lib/parse.h>
#include <lib/string.h>

/* As long as any of the doors lets it be. */
#define COMMAND_LINE_MAX	4096

/*
 * Every word the kernel knows. Those with a dot are ours without standing here:
 *
 *	keel.poweroff		power off instead of starting init
 *	keel.selftest=		run the kernel tests so named, power off
 */
static const char *const known[] = {
	"clocksource",		/* hpet or acpi_pm: do not use the TSC */
	"console",		/* console=ttyS0,115200: where messages go */
	"debug",		/* loglevel 7 */
	"earlycon",	/* where to print before the drivers are there */
	"earlyprintk",
	"ignore_loglevel",	/* print everything on the console */
	"init",		/* PID 1's program where there is no /init */
	"log",			/* log=mm,fs: debug messages of these files */
	"loglevel",		/* print messages more urgent than this */
	"maxcpus",		/* start at most so many CPUs */
	"mem",			/* use only so much memory */
	"mitigations",		/* accepted: there are none to switch off */
	"nokaslr",		/* accepted: the kernel is where it is linked */
	"nosmp",		/* as maxcpus=0 */
	"nox2apic",
	"panic",	/* seconds until reboot; <0: at once; 0: never */
	"panic_on_oops",
	"quiet",		/* loglevel 4 */
	"rdinit",		/* PID 1's program in the initramfs */
	"reboot",
	"ro",			/* mount the root read-only */
	"root",
	"rootdelay",
	"rootflags",
	"rootfstype",
	"rootwait",
	"rw",			/* mount the root for writing */
	"selinux",
	"tsc",			/* tsc=reliable: do not test it */
};

/*
 * The words as they are stored: one character for the kind, then "name" or
 * "name=value" with its NUL. A WORD_END stands behind the last.
 */
enum word_kind {
	WORD_END,
	WORD_ALONE,
	WORD_VALUE,
};

static char whole_line[COMMAND_LINE_MAX];	/* as it was given */
static char words[2 * COMMAND_LINE_MAX + 2];
/* What follows "--" is init's even if it looks like ours. */
static const char *first_of_init;

static const char *word_text(const char *word)
{
	return word + 1;
}

static const char *word_value(const char *word)
{
	return *word == WORD_VALUE ? strchr(word_text(word), '=') + 1 : "";
}

static const char *word_next(const char *word)
{
	return word_text(word) + strlen(word_text(word)) + 1;
}

/*
 * True if @word has the name @name. Linux takes "log_level" for "log-level"
 * and the other way round.
 */
static bool word_is(const char *word, const char *name)
{
	const char *text = word_text(word);

	for (; *name; text++, name++) {
		if ((*text == '-' ? '_' : *text) !=
		    (*name == '-' ? '_' : *name))
			return false;
	}
	return *text == '\0' || *text == '=';
}

static bool is_ours(const char *word)
{
	const char *text = word_text(word);

	if (first_of_init && word >= first_of_init)
		return false;
	/* A dot makes it a parameter of a module, which Linux keeps too. */
	if (memchr(text, '.', strcspn(text, "=")))
		return true;
	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++)
		if (word_is(word, known[i]))
			return true;
	return false;
}

static char *store(char *to, const char *text)
{
	size_t size = strlen(text) + 1;

	memcpy(to, text, size);
	return to + size;
}

/*
 * Split @command_line, which need not stay where it is. Called once, first.
 * A line that is too long for any door is cut, and that is said.
 */
void __init params_init(const char *line)
{
	static __initdata char copy[COMMAND_LINE_MAX];
	char *rest = copy, *to = words, *name, *value;

	strscpy(whole_line, line, sizeof(whole_line));
	if (strscpy(copy, line, sizeof(copy)) < 0)
		pr_warn("command line cut to %d bytes", COMMAND_LINE_MAX - 1);
	while (*rest) {
		rest = next_arg(rest, &name, &value);
		if (!*name)
			break;
		if (!first_of_init && !value && strcmp(name, "--") == 0) {
			first_of_init = to;
			continue;
		}
		*to++ = value ? WORD_VALUE : WORD_ALONE;
		to = store(to, name);
		if (value) {
			to[-1] = '=';
			to = store(to, value);
		}
	}
	*to = WORD_END;
}

/* The command line as the boot loader gave it. */
const char *command_line(void)
{
	return whole_line;
}

/*
 * Go through all occurrences of @name, in order: *@pos starts at 0, and
 * *@value is set for each. Return: false after the last one.
 */
bool param_for_each(const char *name, const char **value, unsigned int *pos)
{
	const char *word = words + *pos;

	for (; *word != WORD_END; word = word_next(word)) {
		if (first_of_init && word >= first_of_init)
			break;
		if (!word_is(word, name))
			continue;
		*value = word_value(word);
		*pos = word_next(word) - words;
		return true;
	}
	return false;
}

/*
 * The value of the last @name on the command line: "" if it stands there
 * without one, NULL if it does not stand there.
 */
const char *param_get(const char *name)
{
	const char *value = NULL;
	unsigned int pos = 0;

	while (param_for_each(name, &value, &pos))
		;
	return value;
}

bool param_is_set(const char *name)
{
	return param_get(name) != NULL;
}

/* A switch: @name alone is true, @name=0 is false. */
bool param_bool(const char *name, bool if_absent)
{
	const char *value = param_get(name);
	bool result;

	if (!value)
		return if_absent;
	if (!*value)
		return true;
	return kstrtobool(value, &result) == 0 ? result : if_absent;
}

/* A number; anything else counts as absent. */
long param_int(const char *name, long if_absent)
{
	const char *value = param_get(name);
	long result;

	if (!value || kstrtol(value, 0, &result) != 0)
		return if_absent;
	return result;
}

/* A size in bytes, such as 64M. */
uint64_t param_size(const char *name, uint64_t if_absent)
{
	const char *value = param_get(name);
	char *end;
	uint64_t size;

	if (!value)
		return if_absent;
	size = memparse(value, &end);
	return end == value ? if_absent : size;
}

/* True if @item is in the comma-separated list @name, or that is "all". */
bool param_list_has(const char *name, const char *item)
{
	const char *list = param_get(name);
	size_t len = strlen(item);

	while (list && *list) {
		size_t part = strcspn(list, ",");

		if (part == len && strncmp(list, item, len) == 0)
			return true;
		if (part == 3 && strncmp(list, "all", 3) == 0)
			return true;
		list += part;
		list += *list == ',';
	}
	return false;
}

/*
 * The @index'th word that is init's and, before "--", of @kind; behind "--"
 * everything is an argument.
 */
static const char *init_word(enum word_kind kind, unsigned int index)
{
	for (const char *word = words; *word != WORD_END;
	     word = word_next(word)) {
		enum word_kind is = *word;

		if (is_ours(word))
			continue;
		if (first_of_init && word >= first_of_init)
			is = WORD_ALONE;
		if (is == kind && index-- == 0)
			return word_text(word);
	}
	return NULL;
}

/* The @index'th argument for init, from 0; NULL behind the last. */
const char *params_init_arg(unsigned int index)
{
	return init_word(WORD_ALONE, index);
}

/* The @index'th "name=value" of init's environment; NULL behind the last. */
const char *params_init_env(unsigned int index)
{
	return init_word(WORD_VALUE, index);
}
