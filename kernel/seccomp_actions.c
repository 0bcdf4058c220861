/*
 * The names of what a filter can say, and which of it is worth a line in the
 * log: /proc/sys/kernel/seccomp/.
 *
 * Killing is logged always, SECCOMP_RET_LOG by its nature, the others if the
 * filter was installed with SECCOMP_FILTER_FLAG_LOG; but nothing of it whose
 * action the administrator has taken off the list.
 *
 * Source: man 2 seccomp.
 */
#include <kernel/seccomp.h>

#include <fs/seq_file.h>
#include <keel/bug.h>
#include <lib/string.h>
#include <uapi/seccomp.h>

static const struct {
	uint32_t	action;
	const char	*name;
} actions[] = {
	{ SECCOMP_RET_KILL_PROCESS, "kill_process" },
	{ SECCOMP_RET_KILL_THREAD, "kill_thread" },
	{ SECCOMP_RET_TRAP, "trap" },
	{ SECCOMP_RET_ERRNO, "errno" },
	{ SECCOMP_RET_USER_NOTIF, "user_notif" },
	{ SECCOMP_RET_TRACE, "trace" },
	{ SECCOMP_RET_LOG, "log" },
	{ SECCOMP_RET_ALLOW, "allow" },
};

/* Bits by index in actions[]. Allowing is never logged. */
#define INDEX_ALLOW	(ARRAY_SIZE(actions) - 1)
#define ALL_LOGGED	(BIT(INDEX_ALLOW) - 1)

static unsigned long logged_actions = ALL_LOGGED;

/* May @action be logged? What is none of them kills. Context: any. */
bool seccomp_is_logged(uint32_t action)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(actions); i++)
		if (actions[i].action == action)
			return READ_ONCE(logged_actions) & BIT(i);
	return READ_ONCE(logged_actions) & BIT(0);
}

static void show_names(struct seq_file *m, unsigned long set)
{
	const char *space = "";

	for (unsigned int i = 0; i < ARRAY_SIZE(actions); i++) {
		if (!(set & BIT(i)))
			continue;
		seq_printf(m, "%s%s", space, actions[i].name);
		space = " ";
	}
	seq_putc(m, '\n');
}

int seccomp_show_avail(struct seq_file *m, const struct sysctl *ctl __unused)
{
	show_names(m, BIT(ARRAY_SIZE(actions)) - 1);
	return 0;
}

int seccomp_show_logged(struct seq_file *m, const struct sysctl *ctl __unused)
{
	show_names(m, READ_ONCE(logged_actions));
	return 0;
}

static int find_action(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(actions); i++)
		if (strcmp(actions[i].name, name) == 0)
			return i;
	return -1;
}

/* Names with spaces between them. Return: 0, or -EINVAL and no change. */
int seccomp_store_logged(const struct sysctl *ctl __unused, char *text)
{
	unsigned long set = 0;

	while (*text) {
		char *end = strchr(text, ' ') ?: text + strlen(text);
		bool is_last = !*end;
		int index;

		*end = '\0';
		index = *text ? find_action(text) : (int)INDEX_ALLOW;
		if (*text && (index < 0 || index == (int)INDEX_ALLOW))
			return -EINVAL;
		if (*text)
			set |= BIT(index);
		text = is_last ? end : end + 1;
	}
	WRITE_ONCE(logged_actions, set);
	return 0;
}
