/*
 * console=ttyS0,115200 console=tty0: the consoles the user wants. Each word
 * has the name of a driver, a number (which may be missing: 0), and behind a
 * comma options that are the driver's. Messages appear on all of them; the
 * last one is preferred, which means that /dev/console is that one.
 */
#include <kernel/console_words.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <lib/parse.h>
#include <lib/string.h>

/* True if @word, up to a comma, is @name with the number @index. */
static bool word_names(const char *word, const char *name, int index)
{
	char *end;

	if (!strstarts(word, name))
		return false;
	word += strlen(name);
	if (*word == '\0' || *word == ',')
		return index == 0;
	if (simple_strtoull(word, &end, 10) != (unsigned long long)index)
		return false;
	return end != word && (*end == '\0' || *end == ',');
}

/* True if some console= names the console @name@index. */
bool console_wanted(const char *name, int index)
{
	const char *word;
	unsigned int pos = 0;

	while (param_for_each("console", &word, &pos))
		if (word_names(word, name, index))
			return true;
	return false;
}

/* True if there is no console= at all: the first one will do. */
bool console_words_none(void)
{
	return !param_is_set("console");
}

/* True if the last console= names it. */
bool console_words_preferred(const char *name, int index)
{
	const char *word = param_get("console");

	return word && word_names(word, name, index);
}
