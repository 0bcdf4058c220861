/*
 * Consoles: the devices on which messages appear as they are printed.
 *
 * Each console remembers the number of the record it shows next, so one that
 * registers late, or was busy, loses nothing that is still in the ring.
 *
 * The console lock protects the list and the devices' turn. It is not a mutex:
 * whoever prints only tries for it, from any context, and if someone else has
 * it that one will show the new record too, because it looks for more after
 * letting go. Only console_lock(), for those who change the list, waits.
 *
 * Which consoles the user wants is said by console=ttyS0,115200 console=tty0.
 * Each word has the name of a driver, a number (which may be missing: 0), and
 * behind a comma options that are the driver's. Messages appear on all of them;
 * the last one is preferred, which means that /dev/console is that one.
 */
#define LOG_PREFIX "console"
#include <kernel/main.h>
#include <kernel/panic.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/wait.h>
#include <lib/parse.h>
#include <lib/string.h>

#include "log_internal.h"

/* ---- console= on the command line ---- */

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
static bool console_words_none(void)
{
	return !param_is_set("console");
}

/* True if the last console= names it. */
static bool console_words_preferred(const char *name, int index)
{
	const char *word = param_get("console");

	return word && word_names(word, name, index);
}

/* ---- the consoles ---- */

#define LOGLEVEL_QUIET		4
#define LOGLEVEL_DEFAULT	7
#define LOGLEVEL_EVERYTHING	15

int console_loglevel = LOGLEVEL_DEFAULT;

static bool ignore_loglevel;
static uint32_t console_locked;
static struct console *consoles;	/* [console lock] */
static DEFINE_WAIT_QUEUE(console_wait);
static bool console_waited_for;

bool console_shows(unsigned int level)
{
	return ignore_loglevel || (int)level < READ_ONCE(console_loglevel);
}

/* Try for the console lock. Context: any. Preemption is off while held. */
bool console_trylock(void)
{
	preempt_disable();
	if (!xchg(&console_locked, 1))
		return true;
	preempt_enable();
	return false;
}

/* Take the console lock. Context: process; may sleep. */
void console_lock(void)
{
	might_sleep();
	while (!console_trylock()) {
		WRITE_ONCE(console_waited_for, true);
		wait_event(&console_wait, !READ_ONCE(console_locked));
	}
}

/* The softirq wakes them: who unlocks may be in no position to. */
void console_wake_waiters(void)
{
	if (xchg(&console_waited_for, false))
		wake_up_all(&console_wait);
}

/* Show everything that @con has not shown yet. */
static void console_catch_up(struct console *con, bool final)
{
	static char text[LOG_LINE_MAX], line[CONSOLE_LINE_MAX];
	struct log_record record;

	while (log_read(&con->seq, &record, text, sizeof(text)) >= 0) {
		size_t len;

		if (!console_shows(record.level))
			continue;
		len = log_format_line(&record, text, line, sizeof(line),
				      false);
		con->write(con, line, len, final);
	}
}

static void consoles_catch_up(bool final)
{
	for (struct console *con = consoles; con; con = con->next)
		if (con->flags & CONSOLE_ENABLED)
			console_catch_up(con, final);
}

static bool console_is_behind(void)
{
	struct console *con = READ_ONCE(consoles);

	return con && READ_ONCE(con->seq) < log_next_seq();
}

static void console_release(void)
{
	smp_store_release(&console_locked, 0);
	preempt_enable();
	if (READ_ONCE(console_waited_for))
		log_defer();
}

/*
 * Show what was printed meanwhile and let go of the console lock.
 *
 * A record that is added after the last look, by someone who found the lock
 * taken, would stay unseen: hence the second look after letting go. It is one
 * look only; a record that is not finished will be shown by its own writer.
 */
void console_unlock(void)
{
	consoles_catch_up(false);
	console_release();
	smp_mb();
	if (console_is_behind() && console_trylock()) {
		consoles_catch_up(false);
		console_release();
	}
}

/* Show what can be shown. Context: any; see may_show_now() in printk.c. */
void console_flush(void)
{
	if (in_panic())
		console_flush_panic();
	else if (console_trylock())
		console_unlock();
}

/*
 * Show the rest although the lock may be held by a CPU that is stopped. A line
 * that one was in the middle of may appear twice.
 *
 * Context: the one CPU that still runs: in a panic, or at power-off.
 */
void console_flush_panic(void)
{
	consoles_catch_up(true);
}

/* How far an early console has come, and away with it: a real one is here. */
static uint64_t retire_boot_consoles(void)
{
	struct console **link = &consoles;
	uint64_t seq = 0;

	while (*link) {
		struct console *con = *link;

		if (con->flags & CONSOLE_BOOT) {
			seq = max(seq, con->seq);
			*link = con->next;
		} else {
			link = &con->next;
		}
	}
	return seq;
}

/*
 * Make @con a console. One that the command line does not name stays silent,
 * unless it names none and this is the first. Messages from before appear on
 * it if an early console has not shown them already.
 *
 * Context: process, may sleep; or boot, before there is anyone to wait for.
 */
void console_register(struct console *con)
{
	bool is_boot = con->flags & CONSOLE_BOOT;
	struct console **link = &consoles;
	uint64_t shown;

	if (!is_boot && !console_wanted(con->name, con->index) &&
	    !(console_words_none() && (!consoles || consoles->flags &
				       CONSOLE_BOOT)))
		return;
	console_lock();
	shown = is_boot ? 0 : retire_boot_consoles();
	con->seq = con->flags & CONSOLE_REPLAY ? 0 : shown;
	if (console_words_preferred(con->name, con->index))
		con->flags |= CONSOLE_PREFERRED;
	con->flags |= CONSOLE_ENABLED;
	con->next = NULL;
	while (*link)
		link = &(*link)->next;
	WRITE_ONCE(*link, con);
	console_unlock();
	if (!is_boot)
		pr_info("%s%d enabled", con->name, con->index);
}

/* Take @con off the list; on return nobody is in its write(). May sleep. */
void console_unregister(struct console *con)
{
	console_lock();
	for (struct console **link = &consoles; *link;
	     link = &(*link)->next) {
		if (*link == con) {
			*link = con->next;
			break;
		}
	}
	con->flags &= ~CONSOLE_ENABLED;
	console_unlock();
}

/*
 * The tty behind /dev/console: that of the preferred console if it is there,
 * else of the first one that has a tty; 0 if there is none. May sleep.
 */
dev_t console_preferred_device(void)
{
	dev_t device = 0;

	console_lock();
	for (struct console *con = consoles; con; con = con->next) {
		if (!con->device)
			continue;
		if (!device || con->flags & CONSOLE_PREFERRED)
			device = con->device;
	}
	console_unlock();
	return device;
}

/* Levels from the command line. */
void __init console_init(void)
{
	if (param_bool("quiet", false))
		console_loglevel = LOGLEVEL_QUIET;
	if (param_bool("debug", false))
		console_loglevel = 10;
	/* 0 would silence even a panic; Linux's lowest is 1. */
	console_loglevel = max(param_int("loglevel", console_loglevel), 1L);
	ignore_loglevel = param_bool("ignore_loglevel", false);
	if (param_is_set("log"))
		console_loglevel = max(console_loglevel, LOGLEVEL_DEBUG + 1);
}
