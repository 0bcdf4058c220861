/*
 * Files in flight, and the collector of those that were lost there.
 *
 * A socket can be sent through a socket. Send both ends of a pair through
 * itself and close them: each lies in the other's queue, so each has a
 * reference, but no process can ever receive them. Reference counts do not see
 * that; somebody has to look who refers to whom.
 *
 *	process        process            nobody
 *	   |              |
 *	   v              v
 *	  [A]--queue-->( B )  ( C )--queue-->( D )--queue--+
 *	                        ^--------------------------+
 *	A is held by a process, so B can be received; C and D are garbage.
 *
 * A socket is suspect if all the references to its file are in flight. Then
 * each reference is explained that lies in the queue of a suspect; what stays
 * unexplained lies in the queue of a socket that some process can read, so
 * that suspect is innocent, and so are all that can be reached from it. The
 * queues of the others are relieved of the files in them, and that closes the
 * sockets. In a listener's queue lie the ends of connections that were not
 * accepted yet: their queues count as the listener's own.
 *
 * unix_gc_lock holds all references in flight still: attaching, detaching and
 * copying takes it. A receiver's new descriptor exists only afterwards, so no
 * suspect can turn out to be reachable behind the collector's back.
 */
#include "unix.h"

#include <fs/file.h>
#include <kernel/cred.h>
#include <kernel/mutex.h>
#include <kernel/pid.h>
#include <kernel/sched.h>
#include <kernel/workqueue.h>

static DEFINE_MUTEX(unix_gc_lock, RANK_SOCKET_GC);
/* [unix_gc_lock] the sockets in flight, through unix_sock.gc_node */
static LIST_HEAD(in_flight);

static void collect(struct work *work);
static DEFINE_WORK(gc_work, collect);

/* The local socket that @file is, or NULL. */
static struct unix_sock *unix_of_file(const struct file *file)
{
	const struct socket *sock = socket_of_file(file);

	if (!sock || sock->ops->family != AF_UNIX || !sock->sk)
		return NULL;
	return unix_sk(sock->sk);
}

/* ---- in and out of flight --------------------------------------------- */

static void take_off(const struct scm_fp_list *fp)
{
	for (unsigned int i = 0; i < fp->count; i++) {
		struct unix_sock *u = unix_of_file(fp->files[i]);

		if (u && u->inflight++ == 0)
			list_add_tail(&u->gc_node, &in_flight);
	}
	atomic_long_add(fp->count, &fp->user->unix_inflight);
}

static void land(struct scm_fp_list *fp)
{
	for (unsigned int i = 0; i < fp->count; i++) {
		struct unix_sock *u = unix_of_file(fp->files[i]);

		if (u && --u->inflight == 0)
			list_del_init(&u->gc_node);
	}
	atomic_long_sub(fp->count, &fp->user->unix_inflight);
	user_put(fp->user);
	fp->user = NULL;
}

/* Nobody may park more files in messages than he may open. */
static bool too_many_in_flight(struct user *user)
{
	return (unsigned long)atomic_long_read(&user->unix_inflight) >
	       task_rlimit(current, RLIMIT_NOFILE) &&
	       !capable(CAP_SYS_RESOURCE) && !capable(CAP_SYS_ADMIN);
}

/*
 * The files of @fp go with @skb, which owns them from then on. May sleep.
 * Return: 0; -ETOOMANYREFS, and @fp is still the caller's.
 */
int unix_attach_fds(struct sk_buff *skb, struct scm_fp_list *fp)
{
	struct user *user = current_cred()->user;

	if (too_many_in_flight(user))
		return -ETOOMANYREFS;
	refcount_get(&user->refs);
	fp->user = user;
	mutex_lock(&unix_gc_lock);
	take_off(fp);
	mutex_unlock(&unix_gc_lock);
	UNIX_SKB(skb)->fp = fp;
	return 0;
}

/* The files of @skb, which has some, become @scm's. May sleep. */
void unix_detach_fds(struct sk_buff *skb, struct scm_cookie *scm)
{
	mutex_lock(&unix_gc_lock);
	/* The collector may have been here. */
	scm->fp = UNIX_SKB(skb)->fp;
	UNIX_SKB(skb)->fp = NULL;
	if (scm->fp)
		land(scm->fp);
	mutex_unlock(&unix_gc_lock);
}

/* Further references to the files of @skb; NULL: no memory. May sleep. */
struct scm_fp_list *unix_peek_fds(const struct sk_buff *skb)
{
	struct scm_fp_list *fp = NULL;

	mutex_lock(&unix_gc_lock);
	if (UNIX_SKB(skb)->fp)
		fp = scm_fp_dup(UNIX_SKB(skb)->fp);
	mutex_unlock(&unix_gc_lock);
	return fp;
}

bool unix_is_in_flight(const struct sock *sk)
{
	return READ_ONCE(unix_sk(sk)->inflight);
}

/* References have gone: look soon whether what is left is reachable. */
void unix_gc_schedule(void)
{
	if (!list_empty(&in_flight))
		schedule_work(&gc_work);
}

/* ---- the collector ---------------------------------------------------- */

typedef void visit_fn(struct unix_sock *u, struct list_head *list);

/* Call @visit for each suspect among the files of @fp. */
static void visit_files(const struct scm_fp_list *fp, visit_fn *visit,
			struct list_head *list)
{
	for (unsigned int i = 0; i < fp->count; i++) {
		struct unix_sock *u = unix_of_file(fp->files[i]);

		if (u && u->gc_suspect)
			visit(u, list);
	}
}

/* The same for all files in one queue. Locking: its lock held. */
static void visit_queue(struct sock *sk, visit_fn *visit,
			struct list_head *list)
{
	struct sk_buff *skb;

	list_for_each_entry(skb, &sk->queue, node)
		if (UNIX_SKB(skb)->fp)
			visit_files(UNIX_SKB(skb)->fp, visit, list);
}

/* The same for all that can be received from @sk. */
static void visit_children(struct sock *sk, visit_fn *visit,
			   struct list_head *list)
{
	struct sk_buff *skb;

	SPIN_GUARD(&sk->lock);
	if (sk->state != TCP_LISTEN) {
		visit_queue(sk, visit, list);
		return;
	}
	list_for_each_entry(skb, &sk->queue, node) {
		spin_lock_nested(&skb->sk->lock, 1);
		visit_queue(skb->sk, visit, list);
		spin_unlock(&skb->sk->lock);
	}
}

static void explain(struct unix_sock *u, struct list_head *list __unused)
{
	u->gc_refs--;
}

static void acquit(struct unix_sock *u, struct list_head *innocent)
{
	u->gc_suspect = false;
	list_move_tail(&u->gc_node, innocent);
}

/* Those with no reference outside messages go to @suspects. */
static void find_suspects(struct list_head *suspects)
{
	struct unix_sock *u, *next;

	list_for_each_entry_safe(u, next, &in_flight, gc_node) {
		const struct file *file = u->sk.socket->file;

		u->gc_refs = u->inflight;
		u->gc_suspect = (unsigned long)refcount_read(&file->refs) ==
				u->inflight;
		if (u->gc_suspect)
			list_move_tail(&u->gc_node, suspects);
	}
}

/* Those that can be reached leave @suspects. */
static void acquit_reachable(struct list_head *suspects,
			     struct list_head *innocent)
{
	struct unix_sock *u, *next;

	list_for_each_entry(u, suspects, gc_node)
		visit_children(&u->sk, explain, NULL);
	list_for_each_entry_safe(u, next, suspects, gc_node)
		if (u->gc_refs)
			acquit(u, innocent);
	/* The list grows as we walk it. */
	list_for_each_entry(u, innocent, gc_node)
		visit_children(&u->sk, acquit, innocent);
}

/* Move the files in one queue to @found. Locking: its lock held. */
static void strip_queue(struct sock *sk, struct list_head *found)
{
	struct sk_buff *skb;

	list_for_each_entry(skb, &sk->queue, node) {
		struct scm_fp_list *fp = UNIX_SKB(skb)->fp;

		UNIX_SKB(skb)->fp = NULL;
		if (fp)
			list_add_tail(&fp->node, found);
	}
}

static void strip(struct sock *sk, struct list_head *found)
{
	struct sk_buff *skb;

	SPIN_GUARD(&sk->lock);
	if (sk->state != TCP_LISTEN) {
		strip_queue(sk, found);
		return;
	}
	list_for_each_entry(skb, &sk->queue, node) {
		spin_lock_nested(&skb->sk->lock, 1);
		strip_queue(skb->sk, found);
		spin_unlock(&skb->sk->lock);
	}
}

static void collect(struct work *work __unused)
{
	struct scm_fp_list *fp, *next;
	struct unix_sock *u;
	LIST_HEAD(suspects);
	LIST_HEAD(innocent);
	LIST_HEAD(found);

	mutex_lock(&unix_gc_lock);
	find_suspects(&suspects);
	acquit_reachable(&suspects, &innocent);
	list_for_each_entry(u, &suspects, gc_node)
		strip(&u->sk, &found);
	list_splice_init(&suspects, &in_flight);
	list_splice_init(&innocent, &in_flight);
	list_for_each_entry(fp, &found, node)
		land(fp);
	mutex_unlock(&unix_gc_lock);
	list_for_each_entry_safe(fp, next, &found, node)
		scm_fp_free(fp);
}
