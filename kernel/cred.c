/*
 * Credentials: copied, changed, committed; never edited in place.
 *
 * Every task has two pointers. `cred` is what it acts with, `real_cred` is
 * what others judge it by when they want to signal or trace it; they differ
 * only while the kernel does something on a task's behalf with other rights.
 *
 * The file also keeps struct user, the per-uid counts that RLIMIT_NPROC and
 * RLIMIT_SIGPENDING bound. They live as long as any cred names them.
 */
#include <kernel/cred.h>

#include <lib/hash.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>

struct user_namespace {
	struct user_namespace *parent;	/* NULL for the initial one */
};

struct user_namespace init_user_ns;

/* /proc/sys/fs/suid_dumpable */
int suid_dumpable;

static struct group_info no_groups = { .refs = REFCOUNT_INIT(2) };
static struct user root_user = {
	.refs = REFCOUNT_INIT(2),
	.processes = ATOMIC_INIT(1),	/* init_task */
};

/* Root with every capability: what the kernel itself acts as. */
struct cred init_cred = {
	.refs = REFCOUNT_INIT(4),
	.cap_permitted = CAP_FULL_SET,
	.cap_effective = CAP_FULL_SET,
	.cap_bset = CAP_FULL_SET,
	.user = &root_user,
	.user_ns = &init_user_ns,
	.group_info = &no_groups,
};

#define USER_HASH_BITS	6

static DEFINE_SPINLOCK(users_lock, RANK_CRED);
static struct hlist_head users[1 << USER_HASH_BITS];	/* [users_lock] */
static struct kmem_cache *cred_cache;

static struct hlist_head *user_bucket(uid_t uid)
{
	return &users[hash_long(uid, USER_HASH_BITS)];
}

static struct user *user_find_locked(uid_t uid)
{
	struct user *user;

	hlist_for_each_entry(user, user_bucket(uid), hash)
		if (user->uid == uid)
			return user;
	return NULL;
}

/*
 * The struct user of @uid, made if there is none, with a reference.
 *
 * Context: process; may sleep. Return: NULL if there is no memory.
 */
struct user *user_get_by_uid(uid_t uid)
{
	struct user *user, *new;
	unsigned long flags;

	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return NULL;
	refcount_set(&new->refs, 1);
	new->uid = uid;
	flags = spin_lock_irqsave(&users_lock);
	user = user_find_locked(uid);
	if (user)
		refcount_get(&user->refs);
	else
		hlist_add_head(&new->hash, user_bucket(uid));
	spin_unlock_irqrestore(&users_lock, flags);
	if (!user)
		return new;
	kfree(new);
	return user;
}

/*
 * Drop a reference. The count falls under the lock, so that a lookup never
 * finds a user with none. Context: any.
 */
void user_put(struct user *user)
{
	unsigned long flags = spin_lock_irqsave(&users_lock);
	bool last = refcount_put(&user->refs);

	if (last)
		hlist_del_rcu(&user->hash);
	spin_unlock_irqrestore(&users_lock, flags);
	if (last)
		kfree(user);
}

/* Drop a reference to a set of groups. Context: any but NMI. */
void group_info_put(struct group_info *groups)
{
	if (refcount_put(&groups->refs))
		kvfree(groups);
}

static void cred_free_rcu(struct rcu_head *rcu)
{
	struct cred *cred = container_of(rcu, struct cred, rcu);

	group_info_put(cred->group_info);
	user_put(cred->user);
	kmem_cache_free(cred_cache, cred);
}

/* Take a reference to a cred one already may use. Context: any. */
const struct cred *cred_get(const struct cred *cred)
{
	refcount_get(&((struct cred *)cred)->refs);
	return cred;
}

/* Drop a reference. Context: any. */
void cred_put(const struct cred *cred)
{
	struct cred *c = (struct cred *)cred;

	if (refcount_put(&c->refs))
		call_rcu(&c->rcu, cred_free_rcu);
}

/* What others see of @task, with a reference. Context: any. */
const struct cred *task_cred_get(struct task *task)
{
	const struct cred *cred;

	RCU_GUARD();
	do {
		cred = rcu_dereference(task->real_cred);
	} while (!refcount_get_unless_zero(&((struct cred *)cred)->refs));
	return cred;
}

static struct cred *cred_copy(const struct cred *old)
{
	struct cred *new = kmem_cache_alloc(cred_cache, GFP_KERNEL);

	if (!new)
		return NULL;
	*new = *old;
	refcount_set(&new->refs, 1);
	refcount_get(&new->user->refs);
	refcount_get(&new->group_info->refs);
	return new;
}

/*
 * A private copy of current's credentials, to change and then commit_creds()
 * or abort_creds().
 *
 * Context: process; may sleep. Return: NULL if there is no memory.
 */
struct cred *prepare_creds(void)
{
	return cred_copy(current_cred());
}

/*
 * Other rights than before: what the memory holds may be more secret than who
 * looks at it next can be trusted with.
 */
static void become_undumpable(const struct cred *old, const struct cred *new)
{
	if (new->euid == old->euid && new->egid == old->egid &&
	    new->fsuid == old->fsuid && new->fsgid == old->fsgid &&
	    !(new->cap_permitted & ~old->cap_permitted))
		return;
	if (current->mm)
		WRITE_ONCE(current->mm->dumpable, suid_dumpable);
	current->pdeath_signal = 0;
}

/*
 * Make @new, from prepare_creds(), what current is from now on. The process
 * counts with the new uid's processes.
 *
 * Context: process. Cannot fail.
 */
void commit_creds(struct cred *new)
{
	const struct cred *old = current->real_cred;

	ASSERT(current->cred == old);
	if (new->user != old->user) {
		atomic_long_inc(&new->user->processes);
		atomic_long_dec(&old->user->processes);
	}
	become_undumpable(old, new);
	cred_get(new);
	rcu_assign_pointer(current->real_cred, new);
	rcu_assign_pointer(current->cred, new);
	cred_put(old);
	cred_put(old);
}

/* Throw away what prepare_creds() made. */
void abort_creds(struct cred *new)
{
	cred_put(new);
}

/*
 * Give the new @task its parent's credentials: they are immutable, so two
 * references do. Counts the task for RLIMIT_NPROC.
 */
int copy_creds(struct task *task, uint64_t clone_flags __unused)
{
	task->cred = cred_get(cred_get(current_cred()));
	task->real_cred = task->cred;
	atomic_long_inc(&task->cred->user->processes);
	return 0;
}

/*
 * Has @user more tasks than current's RLIMIT_NPROC? Just as many is not more.
 * Context: any.
 */
bool user_over_process_limit(struct user *user)
{
	unsigned long limit = task_rlimit(current, RLIMIT_NPROC);

	return (unsigned long)atomic_long_read(&user->processes) > limit;
}

/*
 * Does @cred hold capability @cap over what belongs to @ns? There is one user
 * namespace so far, and capabilities in it are valid everywhere.
 */
bool cred_capable(const struct cred *cred, struct user_namespace *ns __unused,
		  int cap)
{
	return cred->cap_effective >> cap & 1;
}

/* May current do what @cap allows to objects of @ns? Notes that it did. */
bool ns_capable(struct user_namespace *ns, int cap)
{
	if (!cred_capable(current_cred(), ns, cap))
		return false;
	current->flags |= PF_SUPERPRIV;
	return true;
}

/* May current do what @cap allows, to the machine as a whole? */
bool capable(int cap)
{
	return ns_capable(&init_user_ns, cap);
}

/* Is @gid among the supplementary groups? They are sorted. */
static bool groups_search(const struct group_info *groups, gid_t gid)
{
	unsigned int low = 0, high = groups->count;

	while (low < high) {
		unsigned int mid = low + (high - low) / 2;

		if (groups->gids[mid] == gid)
			return true;
		if (groups->gids[mid] < gid)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

bool cred_in_group(const struct cred *cred, gid_t gid)
{
	return cred->fsgid == gid || groups_search(cred->group_info, gid);
}

/* Is current a member of @gid, for file permissions? */
bool in_group_p(gid_t gid)
{
	return cred_in_group(current_cred(), gid);
}

/* Before: slab. */
void __init cred_init(void)
{
	cred_cache = kmem_cache_create("cred", sizeof(struct cred), 0,
				       SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
	hlist_add_head(&root_user.hash, user_bucket(0));
}
