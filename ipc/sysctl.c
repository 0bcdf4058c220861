/*
 * /proc/sys/kernel/sem: four limits in one line.
 *
 * Source: man 5 proc.
 */
#include <fs/proc/sysctl.h>
#include <fs/seq_file.h>
#include <keel/err.h>
#include <lib/parse.h>
#include <lib/string.h>

#include "ipc.h"
#include "util.h"

/* The show handler of /proc/sys/kernel/sem. */
int sem_limits_show(struct seq_file *m, const struct sysctl *ctl __unused)
{
	seq_printf(m, "%d\t%d\t%d\t%d\n", READ_ONCE(sem_limits[0]),
		   READ_ONCE(sem_limits[1]), READ_ONCE(sem_limits[2]),
		   READ_ONCE(sem_limits[3]));
	return 0;
}

/* The store handler: the first one to four of them. */
int sem_limits_store(const struct sysctl *ctl __unused, char *text)
{
	int values[4], nr = 0;

	while (*text && nr < 4) {
		char *end = text + strcspn(text, " \t");
		char *next = end + strspn(end, " \t");

		*end = '\0';
		if (kstrtoint(text, 0, &values[nr++]))
			return -EINVAL;
		text = next;
	}
	if (!nr || *text)
		return -EINVAL;
	if (nr == 4 && (values[3] < 0 || values[3] > (int)IPC_MAX_OBJECTS))
		return -EINVAL;
	while (nr-- > 0)
		WRITE_ONCE(sem_limits[nr], values[nr]);
	return 0;
}
