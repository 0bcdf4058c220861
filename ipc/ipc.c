/*
 * The floor's beginning: tables of objects, the files of /proc/sysvipc, and
 * /proc/sys/kernel/sem, which has four limits in one line.
 *
 * Source: man 5 proc.
 */
#include "ipc.h"

#include <fs/proc/proc.h>
#include <fs/proc/sysctl.h>
#include <fs/seq_file.h>
#include <keel/bug.h>
#include <keel/err.h>
#include <lib/parse.h>
#include <lib/string.h>

#include "mqueue.h"
#include "msg.h"
#include "sem.h"
#include "shm.h"
#include "util.h"

static struct ipc_listing sem_listing = {
	.ids = &sem_ids, .show = sem_show,
	.heading = "       key      semid perms      nsems   uid   gid  cuid"
		   "  cgid      otime      ctime\n",
};

static struct ipc_listing msg_listing = {
	.ids = &msg_ids, .show = msg_show,
	.heading = "       key      msqid perms      cbytes       qnum lspid"
		   " lrpid   uid   gid  cuid  cgid      stime      rtime"
		   "      ctime\n",
};

static struct ipc_listing shm_listing = {
	.ids = &shm_ids, .show = shm_show,
	.heading = "       key      shmid perms                  size  cpid"
		   "  lpid nattch   uid   gid  cuid  cgid      atime      dtime"
		   "      ctime                   rss                  swap\n",
};

static const struct pseudo_file sem_file = {
	.name = "sem", .mode = 0444, .seq = &ipc_listing_ops,
	.no_splice = true };
static const struct pseudo_file msg_file = {
	.name = "msg", .mode = 0444, .seq = &ipc_listing_ops,
	.no_splice = true };
static const struct pseudo_file shm_file = {
	.name = "shm", .mode = 0444, .seq = &ipc_listing_ops,
	.no_splice = true };

/* Before: slab, /proc. After: processes can share what has a key. */
void __init ipc_init(void)
{
	struct pseudo_entry *dir = pseudo_mkdir(&proc_root, "sysvipc");

	sem_init();
	msg_init();
	shm_init();
	mqueue_init();
	if (!dir || !pseudo_add(dir, &sem_file, &sem_listing) ||
	    !pseudo_add(dir, &msg_file, &msg_listing) ||
	    !pseudo_add(dir, &shm_file, &shm_listing))
		panic("no memory for /proc/sysvipc");
}

/* ---- /proc/sys/kernel/sem ---- */

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
