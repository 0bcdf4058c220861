/*
 * Credentials: who a task acts as.
 *
 * A struct cred is never changed once a task uses it. Whoever wants another
 * identity prepares a copy, changes that, and commits it, so that a reader
 * under RCU, or who took a reference, sees one consistent identity and needs
 * no lock. current_cred() is free: only the task itself replaces it.
 */
#pragma once

#include <arch/current.h>
#include <keel/refcount.h>
#include <kernel/rcu.h>
#include <kernel/task.h>
#include <uapi/capability.h>

struct user_namespace;

typedef uint64_t kernel_cap_t;	/* bit n is CAP_n */

#define CAP_FULL_SET	(BIT(CAP_LAST_CAP + 1) - 1)

/* Supplementary groups, sorted. Shared by all creds that have the same. */
struct group_info {
	struct refcount	refs;
	unsigned int	count;
	gid_t		gids[];
};

/* What all tasks of one real uid share: the counts rlimits bound. */
struct user {
	struct refcount		refs;
	uid_t			uid;
	atomic_long_t		processes;	/* RLIMIT_NPROC */
	atomic_long_t		sigpending;	/* RLIMIT_SIGPENDING */
	atomic_long_t		unix_inflight;	/* files in messages */
	atomic_long_t		epoll_watches;	/* max_user_watches */
	atomic_long_t		locked_shm;	/* pages: RLIMIT_MEMLOCK */
	atomic_long_t		mq_bytes;	/* RLIMIT_MSGQUEUE */
	struct hlist_node	hash;
};

struct cred {
	struct refcount		refs;
	uid_t			uid, suid, euid, fsuid;
	gid_t			gid, sgid, egid, fsgid;
	unsigned int		securebits;
	kernel_cap_t		cap_inheritable, cap_permitted, cap_effective;
	kernel_cap_t		cap_bset, cap_ambient;
	struct user		*user;
	struct user_namespace	*user_ns;
	struct group_info	*group_info;
	struct rcu_head		rcu;
};

extern struct user_namespace init_user_ns;
extern struct cred init_cred;

static inline const struct cred *current_cred(void)
{
	return current->cred;
}

#define current_uid()	(current_cred()->uid)
#define current_euid()	(current_cred()->euid)
#define current_gid()	(current_cred()->gid)
#define current_fsuid()	(current_cred()->fsuid)
#define current_fsgid()	(current_cred()->fsgid)

const struct cred *cred_get(const struct cred *cred);
void cred_put(const struct cred *cred);
const struct cred *task_cred_get(struct task *task);
struct cred *prepare_creds(void);
void commit_creds(struct cred *new);
void abort_creds(struct cred *new);
int copy_creds(struct task *task, uint64_t clone_flags);
bool capable(int cap);
bool ns_capable(struct user_namespace *ns, int cap);
bool cred_capable(const struct cred *cred, struct user_namespace *ns, int cap);
bool in_group_p(gid_t gid);
bool cred_in_group(const struct cred *cred, gid_t gid);
void group_info_put(struct group_info *groups);
struct user *user_get_by_uid(uid_t uid);
void user_put(struct user *user);
bool user_over_process_limit(struct user *user);
void cred_init(void);
