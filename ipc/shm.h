/*
 * Shared memory segments: what ipc/shm.c and ipc/shm_map.c share.
 *
 * Field protection:  [C] constant  [L] the segment's lock
 */
#pragma once

#include <arch/page.h>
#include <uapi/shm.h>

#include "util.h"

struct file;
struct user;

/* In obj.mode, and seen by IPC_STAT. */
#define SHM_DEST	01000	/* goes with its last attachment */
#define SHM_LOCKED	02000

/*
 * One segment. Removed by IPC_RMID or, if it is attached then, with its last
 * attachment. Each attachment's file has a reference.
 */
struct shm_segment {
	struct ipc_object	obj;
	struct file		*file;		/* [L] NULL: destroyed */
	size_t			size;		/* [C] bytes */
	unsigned long		nr_attached;	/* [L] areas, and shmats */
	int64_t			atime, dtime, ctime;	/* [L] seconds */
	pid_t			cpid;		/* [C] who made it */
	pid_t			lpid;		/* [L] who came or went last */
	bool			committed;	/* [C] counted by overcommit */
	struct user		*locked_by;	/* [L] whose limit SHM_LOCK
						 * counts for */
};

extern struct ipc_ids shm_ids;

static inline struct shm_segment *to_shm(struct ipc_object *obj)
{
	return container_of(obj, struct shm_segment, obj);
}

static inline unsigned long shm_pages(const struct shm_segment *shm)
{
	return PAGE_ALIGN(shm->size) >> PAGE_SHIFT;
}

void shm_put(struct shm_segment *shm);

/* shm.c; for the last attachment: the segment goes, if it is to. */
void shm_destroy_if_unused(struct shm_segment *shm);

void shm_show(struct seq_file *m, struct ipc_object *obj);
void shm_init(void);
