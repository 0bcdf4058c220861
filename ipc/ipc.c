/*
 * The floor's beginning: tables of objects, and the files of /proc/sysvipc.
 */
#include "ipc.h"

#include <fs/proc/proc.h>
#include <keel/bug.h>

#include "mqueue.h"
#include "msg.h"
#include "sem.h"
#include "shm.h"

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
	.name = "sem", .mode = 0444, .seq = &ipc_listing_ops };
static const struct pseudo_file msg_file = {
	.name = "msg", .mode = 0444, .seq = &ipc_listing_ops };
static const struct pseudo_file shm_file = {
	.name = "shm", .mode = 0444, .seq = &ipc_listing_ops };

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
