/*
 * The floor's beginning: tables of objects, and the files of /proc/sysvipc.
 */
#include "ipc.h"

#include <fs/proc/proc.h>
#include <keel/bug.h>

#include "sem.h"

static struct ipc_listing sem_listing = {
	.ids = &sem_ids, .show = sem_show,
	.heading = "       key      semid perms      nsems   uid   gid  cuid"
		   "  cgid      otime      ctime\n",
};

static const struct pseudo_file sem_file = {
	.name = "sem", .mode = 0444, .seq = &ipc_listing_ops };

/* Before: slab, /proc. After: processes can share what has a key. */
void __init ipc_init(void)
{
	struct pseudo_entry *dir = pseudo_mkdir(&proc_root, "sysvipc");

	sem_init();
	if (!dir || !pseudo_add(dir, &sem_file, &sem_listing))
		panic("no memory for /proc/sysvipc");
}
