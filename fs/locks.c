/*
 * Advisory locks: fcntl(2) records (of a process, or of an open file) and
 * flock(2) locks.
 *
 * An inode that has ever been locked has a context with two lists. A record is
 * a range of bytes with an owner: the descriptor table (all threads of a
 * process have one) or, for OFD locks, the open file. Records of one owner
 * never overlap: a new one absorbs, cuts or splits the older ones, which can
 * make one record more than there were; so two are allocated beforehand, and
 * no change fails half-way.
 *
 * Who has to wait sleeps in the context's queue and tries again whenever
 * something was unlocked. Before it sleeps, and again at each try, it is
 * entered in the list of the blocked with whom it waits for: following that
 * chain back to ourselves means deadlock. Whoever changes a context's records
 * clears those entries first, since they may no longer be true; the last one
 * to try again sees the whole chain.
 */
#include <fs/locks.h>

#include <fs/file.h>
#include <fs/files.h>
#include <fs/inode.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/wait.h>
#include <mm/slab.h>
#include <uapi/fcntl.h>

#include "internal.h"

#define LOCK_END	INT64_MAX	/* "to the end of the file" */
#define OFD_PID		(-1)		/* it belongs to an open file */

/* One record, or one flock. Belongs to the list it is in. */
struct file_lock {
	struct list_head	node;
	void			*owner;
	pid_t			pid;	/* to be told by F_GETLK */
	int			type;	/* F_RDLCK, F_WRLCK, F_UNLCK */
	loff_t			start, end;	/* both included */
};

struct file_lock_context {
	struct spinlock		lock;
	struct list_head	records;	/* [lock] */
	struct list_head	flocks;		/* [lock] owner is the file */
	struct wait_queue	wait;
};

/*
 * A process that waits, and for whom. On its task's stack. An open file as an
 * owner is no such thing: any thread may lock and unlock for it, so waiting in
 * a circle is no deadlock.
 */
struct blocked {
	struct list_head	node;
	struct file_lock_context *ctx;
	void			*owner;
	void			*waits_for;	/* NULL: about to look again */
};

static DEFINE_SPINLOCK(blocked_lock, RANK_LEAF);
static LIST_HEAD(blocked_list);		/* [blocked_lock] */

/* ---- contexts ---- */

static bool is_of_file(const struct file_lock *fl)
{
	return fl->pid == OFD_PID;
}

static struct file_lock_context *get_context(struct inode *inode)
{
	struct file_lock_context *ctx, *other = NULL;

	ctx = smp_load_acquire(&inode->locks);
	if (ctx)
		return ctx;
	ctx = kmalloc(sizeof(*ctx), GFP_KERNEL_ACCOUNT);
	if (!ctx)
		return NULL;
	spin_lock_init(&ctx->lock, "file_locks", RANK_FILE_LOCKS);
	list_init(&ctx->records);
	list_init(&ctx->flocks);
	wait_queue_init(&ctx->wait);
	if (try_cmpxchg(&inode->locks, &other, ctx))
		return ctx;
	kfree(ctx);
	return other;
}

/* The inode is being freed: no file is open, so no lock is left. */
void locks_free_context(struct inode *inode)
{
	struct file_lock_context *ctx = inode->locks;

	WARN_ON(!list_empty(&ctx->records) || !list_empty(&ctx->flocks));
	inode->locks = NULL;
	kfree(ctx);
}

static void free_locks(struct list_head *dead)
{
	struct file_lock *fl, *next;

	list_for_each_entry_safe(fl, next, dead, node)
		kfree(fl);
}

/* ---- records ---- */

static bool overlaps(const struct file_lock *a, const struct file_lock *b)
{
	return a->start <= b->end && b->start <= a->end;
}

static bool touches(const struct file_lock *a, const struct file_lock *b)
{
	return overlaps(a, b) ||
	       (a->end != LOCK_END && a->end + 1 == b->start) ||
	       (b->end != LOCK_END && b->end + 1 == a->start);
}

/* The first record that keeps @req out. Locking: ctx->lock held. */
static struct file_lock *find_conflict(struct file_lock_context *ctx,
				       const struct file_lock *req)
{
	struct file_lock *fl;

	list_for_each_entry(fl, &ctx->records, node)
		if (fl->owner != req->owner && overlaps(fl, req) &&
		    (fl->type == F_WRLCK || req->type == F_WRLCK))
			return fl;
	return NULL;
}

/* Two records that a change may need, and those it made superfluous. */
struct lock_memory {
	struct file_lock	*new, *split;
	struct list_head	dead;
};

/*
 * Take @req's range out of @fl, of the same owner. The right rest of a range
 * that is cut in two goes to mem->split.
 */
static void cut_out(struct file_lock *fl, const struct file_lock *req,
		    struct lock_memory *mem)
{
	bool left = fl->start < req->start, right = fl->end > req->end;

	if (left && right) {
		struct file_lock *rest = mem->split;

		mem->split = NULL;
		*rest = *fl;
		rest->start = req->end + 1;
		list_add(&rest->node, &fl->node);
		fl->end = req->start - 1;
	} else if (left) {
		fl->end = req->start - 1;
	} else if (right) {
		fl->start = req->end + 1;
	} else {
		list_move(&fl->node, &mem->dead);
	}
}

/* Make @req true; nobody objects. Locking: ctx->lock held. */
static void apply(struct file_lock_context *ctx, struct file_lock *req,
		  struct lock_memory *mem)
{
	struct file_lock *fl, *next;

	list_for_each_entry_safe(fl, next, &ctx->records, node) {
		if (fl->owner != req->owner)
			continue;
		if (fl->type == req->type && touches(fl, req)) {
			req->start = min(req->start, fl->start);
			req->end = max(req->end, fl->end);
			list_move(&fl->node, &mem->dead);
		} else if (overlaps(fl, req)) {
			cut_out(fl, req, mem);
		}
	}
	if (req->type == F_UNLCK)
		return;
	*mem->new = *req;
	list_add_tail(&mem->new->node, &ctx->records);
	mem->new = NULL;
}

#define MAX_CHAIN	10	/* longer ones are not searched for deadlocks */

static void *blocked_on(const void *owner)
{
	const struct blocked *b;

	list_for_each_entry(b, &blocked_list, node)
		if (b->owner == owner && b->waits_for)
			return b->waits_for;
	return NULL;
}

/* Does @owner, by a chain of waiting, wait for @me? blocked_lock held. */
static bool waits_for(const void *owner, const void *me)
{
	unsigned int hops;

	for (hops = 0; owner && hops < MAX_CHAIN; hops++) {
		owner = blocked_on(owner);
		if (owner == me)
			return true;
	}
	return false;
}

/* Enter what we wait for. Return: false if that would be a deadlock. */
static bool note_blocked(struct blocked *self, void *conflict_owner)
{
	SPIN_GUARD(&blocked_lock);
	self->waits_for = NULL;
	if (waits_for(conflict_owner, self->owner))
		return false;
	self->waits_for = conflict_owner;
	return true;
}

/* The records have changed: nobody is known to wait here. ctx->lock held. */
static void forget_blocked(struct file_lock_context *ctx)
{
	struct blocked *b;

	SPIN_GUARD(&blocked_lock);
	list_for_each_entry(b, &blocked_list, node)
		if (b->ctx == ctx)
			b->waits_for = NULL;
}

/*
 * Set a record if nobody objects. Does not sleep.
 * Return: 0; -EAGAIN; -EDEADLK, if @self (who will wait) is given.
 */
static int try_record(struct file_lock_context *ctx, struct file_lock *req,
		      struct lock_memory *mem, struct blocked *self)
{
	struct file_lock *conflict;
	int err = 0;

	spin_lock(&ctx->lock);
	conflict = req->type == F_UNLCK ? NULL : find_conflict(ctx, req);
	if (!conflict) {
		apply(ctx, req, mem);
		forget_blocked(ctx);
	} else if (self && !note_blocked(self, conflict->owner)) {
		err = -EDEADLK;
	} else {
		err = -EAGAIN;
	}
	spin_unlock(&ctx->lock);
	return err;
}

static int wait_for_record_of_file(struct file_lock_context *ctx,
				   struct file_lock *req,
				   struct lock_memory *mem)
{
	int err = -EAGAIN;
	int woken = wait_event_interruptible(&ctx->wait,
		(err = try_record(ctx, req, mem, NULL)) != -EAGAIN);

	return woken ? woken : err;
}

static int wait_for_record(struct file_lock_context *ctx,
			   struct file_lock *req, struct lock_memory *mem)
{
	struct blocked self = { .ctx = ctx, .owner = req->owner };
	int err = -EAGAIN, woken;

	if (is_of_file(req))
		return wait_for_record_of_file(ctx, req, mem);

	spin_lock(&blocked_lock);
	list_add(&self.node, &blocked_list);
	spin_unlock(&blocked_lock);
	woken = wait_event_interruptible(&ctx->wait,
		(err = try_record(ctx, req, mem, &self)) != -EAGAIN);
	spin_lock(&blocked_lock);
	list_del(&self.node);
	spin_unlock(&blocked_lock);
	return woken ? woken : err;
}

/*
 * Change the records of @inode as @req says, waiting if @wait.
 * Return: 0; -EAGAIN; -EDEADLK; -ENOMEM; -ERESTARTSYS.
 */
static int change_records(struct inode *inode, struct file_lock *req, bool wait)
{
	struct file_lock_context *ctx;
	struct lock_memory mem = { .dead = LIST_HEAD_INIT(mem.dead) };
	int err = -ENOMEM;

	ctx = req->type == F_UNLCK ? inode->locks : get_context(inode);
	if (!ctx)
		return req->type == F_UNLCK ? 0 : -ENOMEM;
	mem.new = kmalloc(sizeof(*mem.new), GFP_KERNEL_ACCOUNT);
	mem.split = kmalloc(sizeof(*mem.split), GFP_KERNEL_ACCOUNT);
	if (mem.new && mem.split)
		err = wait ? wait_for_record(ctx, req, &mem) :
			     try_record(ctx, req, &mem, NULL);
	kfree(mem.new);
	kfree(mem.split);
	if (!err)
		wake_up_all(&ctx->wait);
	free_locks(&mem.dead);
	return err;
}

/* Take all of @owner's entries off a list. Locking: ctx->lock held. */
static void take_owned(struct list_head *list, const void *owner,
		       struct list_head *dead)
{
	struct file_lock *fl, *next;

	list_for_each_entry_safe(fl, next, list, node)
		if (fl->owner == owner)
			list_move(&fl->node, dead);
}

/* Those that @dead no longer keeps out shall try again. */
static void bury(struct file_lock_context *ctx, struct list_head *dead)
{
	if (list_empty(dead))
		return;
	wake_up_all(&ctx->wait);
	free_locks(dead);
}

/* A process closes @file: all its records on it fall, as POSIX wants. */
void locks_remove_posix(struct file *file, void *owner)
{
	struct file_lock_context *ctx = smp_load_acquire(&file->inode->locks);
	LIST_HEAD(dead);

	if (!ctx)
		return;
	spin_lock(&ctx->lock);
	take_owned(&ctx->records, owner, &dead);
	forget_blocked(ctx);
	spin_unlock(&ctx->lock);
	bury(ctx, &dead);
}

/* The open file itself is gone. */
void locks_remove_file(struct file *file)
{
	struct file_lock_context *ctx = smp_load_acquire(&file->inode->locks);
	LIST_HEAD(dead);

	if (!ctx)
		return;
	spin_lock(&ctx->lock);
	take_owned(&ctx->records, file, &dead);
	take_owned(&ctx->flocks, file, &dead);
	forget_blocked(ctx);
	spin_unlock(&ctx->lock);
	bury(ctx, &dead);
}

/* ---- fcntl ---- */

/* 0; -EINVAL; -EOVERFLOW. */
static int range_from_user(const struct file *file, const struct flock *user,
			   struct file_lock *fl)
{
	loff_t start;

	switch (user->l_whence) {
	case SEEK_SET:
		start = 0;
		break;
	case SEEK_CUR:
		start = file->pos;
		break;
	case SEEK_END:
		start = inode_size(file->inode);
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(start, user->l_start, &start))
		return -EOVERFLOW;
	if (start < 0)
		return -EINVAL;
	if (user->l_len > 0) {
		if (user->l_len - 1 > INT64_MAX - start)
			return -EOVERFLOW;
		fl->end = start + user->l_len - 1;
	} else if (user->l_len < 0) {
		if (start + user->l_len < 0)
			return -EINVAL;
		fl->end = start - 1;
		start += user->l_len;
	} else {
		fl->end = LOCK_END;
	}
	fl->start = start;
	return 0;
}

static bool is_ofd(unsigned int cmd)
{
	return cmd == F_OFD_GETLK || cmd == F_OFD_SETLK || cmd == F_OFD_SETLKW;
}

static int lock_from_user(struct file *file, unsigned int cmd,
			  const struct flock *user, struct file_lock *fl)
{
	if (is_ofd(cmd) && user->l_pid)
		return -EINVAL;
	fl->owner = is_ofd(cmd) ? (void *)file : (void *)current->files;
	fl->pid = is_ofd(cmd) ? OFD_PID : current->tgid;
	fl->type = user->l_type;
	return range_from_user(file, user, fl);
}

long fcntl_getlk(struct file *file, unsigned int cmd, struct flock __user *u)
{
	struct file_lock_context *ctx;
	struct file_lock req, *conflict;
	struct flock user;
	int err;

	if (copy_from_user(&user, u, sizeof(user)))
		return -EFAULT;
	if (user.l_type != F_RDLCK && user.l_type != F_WRLCK)
		return -EINVAL;
	err = lock_from_user(file, cmd, &user, &req);
	if (err)
		return err;
	user.l_type = F_UNLCK;
	ctx = smp_load_acquire(&file->inode->locks);
	if (ctx) {
		SPIN_GUARD(&ctx->lock);
		conflict = find_conflict(ctx, &req);
		if (conflict) {
			user.l_type = conflict->type;
			user.l_pid = conflict->pid;
			user.l_whence = SEEK_SET;
			user.l_start = conflict->start;
			user.l_len = conflict->end == LOCK_END ? 0 :
				conflict->end - conflict->start + 1;
		}
	}
	return copy_to_user(u, &user, sizeof(user)) ? -EFAULT : 0;
}

static int check_access(const struct file *file, int type)
{
	switch (type) {
	case F_RDLCK:
		return file->mode & FMODE_READ ? 0 : -EBADF;
	case F_WRLCK:
		return file->mode & FMODE_WRITE ? 0 : -EBADF;
	case F_UNLCK:
		return 0;
	default:
		return -EINVAL;
	}
}

/*
 * Another thread may have closed @fd while we set the lock, after its close
 * removed the process's locks: then ours would stay for ever.
 */
static bool was_closed(unsigned int fd, const struct file *file)
{
	SPIN_GUARD(&current->files->lock);
	return files_lookup(current->files, fd) != file;
}

long fcntl_setlk(unsigned int fd, struct file *file, unsigned int cmd,
		 struct flock __user *u)
{
	bool wait = cmd == F_SETLKW || cmd == F_OFD_SETLKW;
	struct file_lock req;
	struct flock user;
	int err;

	if (copy_from_user(&user, u, sizeof(user)))
		return -EFAULT;
	err = lock_from_user(file, cmd, &user, &req);
	if (!err)
		err = check_access(file, req.type);
	if (!err)
		err = change_records(file->inode, &req, wait);
	if (!err && user.l_type != F_UNLCK && !is_of_file(&req) &&
	    was_closed(fd, file)) {
		locks_remove_posix(file, req.owner);
		err = -EBADF;
	}
	return err;
}

/* ---- flock ---- */

/*
 * One try. Our old lock goes first, even if the new one cannot be had: that
 * is how conversion works. Locking: takes ctx->lock. 0 or -EAGAIN.
 */
static int try_flock(struct file_lock_context *ctx, struct file_lock **new,
		     struct list_head *dead)
{
	struct file_lock *fl, *next, *req = *new;
	int err = 0;

	SPIN_GUARD(&ctx->lock);
	list_for_each_entry_safe(fl, next, &ctx->flocks, node) {
		if (fl->owner == req->owner) {
			if (fl->type == req->type)
				return 0;
			list_move(&fl->node, dead);
		}
	}
	if (req->type == F_UNLCK)
		return 0;
	list_for_each_entry(fl, &ctx->flocks, node)
		if (fl->type == F_WRLCK || req->type == F_WRLCK)
			err = -EAGAIN;
	if (!err) {
		list_add_tail(&req->node, &ctx->flocks);
		*new = NULL;
	}
	return err;
}

static int do_flock(struct file *file, int type, bool wait)
{
	struct file_lock_context *ctx = get_context(file->inode);
	struct file_lock *new;
	LIST_HEAD(dead);
	int err, woken = 0;

	if (!ctx)
		return -ENOMEM;
	new = kmalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return -ENOMEM;
	*new = (struct file_lock){
		.owner = file, .pid = current->tgid, .type = type,
		.end = LOCK_END,
	};
	err = try_flock(ctx, &new, &dead);
	/* Others may want what the old lock kept from them. */
	if (!list_empty(&dead))
		wake_up_all(&ctx->wait);
	if (err && wait)
		woken = wait_event_interruptible(&ctx->wait,
			(err = try_flock(ctx, &new, &dead)) != -EAGAIN);
	kfree(new);
	free_locks(&dead);
	return woken ? woken : err;
}

SYSCALL_DEFINE2(flock, unsigned int, fd, unsigned int, cmd)
{
	static const int types[] = {
		[LOCK_SH] = F_RDLCK, [LOCK_EX] = F_WRLCK, [LOCK_UN] = F_UNLCK,
	};
	unsigned int op = cmd & ~LOCK_NB;
	struct fd f;
	int err;

	/* Never did what it should; who still asks for it gets nothing. */
	if (cmd & LOCK_MAND)
		return 0;
	if (op != LOCK_SH && op != LOCK_EX && op != LOCK_UN)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	if (op != LOCK_UN && !(f.file->mode & (FMODE_READ | FMODE_WRITE)))
		err = -EBADF;
	else
		err = do_flock(f.file, types[op], !(cmd & LOCK_NB));
	fdput(f);
	return err;
}
