/*
 * epoll(7): waiting for thousands of files at the price of the few that are
 * ready.
 *
 * poll(2) is told its list of files at every call, queues itself in all of
 * them, asks all of them and leaves all queues again. An epoll instance keeps
 * the list: each watched file has an item here, which stays in the file's wait
 * queues from EPOLL_CTL_ADD to EPOLL_CTL_DEL. When the file wakes its queue,
 * the item's wake function puts the item on the instance's ready list and wakes
 * one task in epoll_wait(2). That task looks at the ready list and at nothing
 * else, so a wait costs what happened, not what is watched.
 *
 *	file's wait queue		instance
 *	 entry --- wake ---> item --> ready list --> epoll_wait(2)
 *	 entry (a poller)	      items by file and fd
 *
 * The ready list is a list of suspects. What is on it may be ready; what is not
 * on it is certainly not, except for level-triggered items that the last wait
 * has reported: these it puts back, to be asked again. fs/eventpoll_wait.c has
 * that half.
 *
 * An item holds no reference to its file, so that watching keeps nothing open.
 * The file's last fput() calls eventpoll_forget_file(), which removes the
 * items. As the instance may be closed at the same time, file->lock decides who
 * removes an item: once `dying` is set, it is the file's affair alone.
 *
 * Source: man 7 epoll, man 2 epoll_ctl.
 */
#include <fs/eventpoll.h>

#include <arch/uaccess.h>
#include <fs/anon_inode.h>
#include <fs/files.h>
#include <fs/inode.h>
#include <fs/seq_file.h>
#include <fs/super.h>
#include <kernel/cred.h>
#include <kernel/panic.h>
#include <kernel/syscall.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "eventpoll_internal.h"

long epoll_max_user_watches;
static struct kmem_cache *item_cache __ro_after_init;

/* ---- becoming ready ---------------------------------------------------- */

/*
 * Tell those who poll the instance itself. If one of them is another instance,
 * its wake function does the same again, with our lock held: the depth tells
 * the locks apart. It is bounded by how deep instances may nest.
 */
static void wake_pollers(struct epoll *ep, unsigned int depth)
{
	unsigned long flags;

	flags = spin_lock_irqsave_nested(&ep->pollers.lock, depth);
	ep->wake_depth = depth;
	wake_up_queue_locked(&ep->pollers, TASK_NORMAL, 1, 0,
			     (void *)(unsigned long)EPOLL_READABLE);
	spin_unlock_irqrestore(&ep->pollers.lock, flags);
}

/* How many queues' locks the waker of @item holds already. */
static unsigned int depth_above(const struct epoll_item *item)
{
	return is_epoll(item->file) ?
	       ((struct epoll *)item->file->private)->wake_depth + 1 : 1;
}

/*
 * Put @item on the ready list, if it is not, and wake a waiter. The exchange
 * is a full barrier: the scanner who cleared `queued` before it asks the file
 * sees what happened to it, or we see `queued` cleared.
 *
 * Context: any; perhaps under a wait queue's lock.
 * Return: how many tasks in epoll_wait(2) it woke.
 */
int epoll_item_ready(struct epoll_item *item, int wake_flags)
{
	struct epoll *ep = item->ep;
	unsigned long flags;
	int woken = 0;

	if (!xchg(&item->queued, true)) {
		flags = spin_lock_irqsave(&ep->waiters.lock);
		list_add_tail(&item->ready, &ep->ready);
		if (!list_empty(&ep->waiters.entries))
			woken = wake_up_queue_locked(&ep->waiters, TASK_NORMAL,
						     1, wake_flags, NULL);
		spin_unlock_irqrestore(&ep->waiters.lock, flags);
	}
	/* Even if it was there: for a poller it may be a new edge. */
	if (!list_empty(&ep->pollers.entries))
		wake_pollers(ep, depth_above(item));
	return woken;
}

/*
 * The wake function of all entries. What it returns matters only where the
 * entry is exclusive: 0 passes the event on to the next instance.
 */
static int epoll_wake(struct wait_entry *wait, unsigned int mode __unused,
		      int flags, void *key)
{
	struct epoll_entry *entry = container_of(wait, struct epoll_entry,
						 wait);
	unsigned int events = READ_ONCE(entry->item->events);
	unsigned long what = (unsigned long)key;

	if (unlikely(what & WAIT_QUEUE_GONE)) {
		/* It will be asked once more, and then no longer heard of. */
		epoll_item_ready(entry->item, 0);
		list_del_init(&wait->node);
		/* From here on leave_queues() may free the entry. */
		smp_store_release(&entry->wq, NULL);
		return 0;
	}
	if (!(events & ~EPOLL_MODES))
		return 0;	/* EPOLLONESHOT, and that one was reported */
	if (what && !(what & events))
		return 0;
	return epoll_item_ready(entry->item, flags);
}

/* ---- standing in wait queues ------------------------------------------- */

struct epoll_poll_table {
	struct poll_table	pt;
	struct epoll_item	*item;
	int			error;
};

/* A poll op names a queue that will be woken. Context: process. */
static void epoll_queue(struct poll_table *pt, struct file *file __unused,
			struct wait_queue *wq)
{
	struct epoll_poll_table *table = container_of(pt,
					struct epoll_poll_table, pt);
	struct epoll_item *item = table->item;
	struct epoll_entry *entry = &item->entry;

	if (entry->wq) {
		entry = kmalloc(sizeof(*entry), GFP_KERNEL_ACCOUNT);
		if (!entry) {
			table->error = -ENOMEM;
			return;
		}
		entry->next = item->entry.next;
		item->entry.next = entry;
	}
	entry->wq = wq;
	entry->item = item;
	wait_entry_init_fn(&entry->wait, epoll_wake, NULL);
	if (item->events & EPOLLEXCLUSIVE)
		add_wait_queue_exclusive(wq, &entry->wait);
	else
		add_wait_queue(wq, &entry->wait);
}

/*
 * A queue whose memory goes before the file does (a signalfd's, which is its
 * reader's) has thrown us out: WAIT_QUEUE_GONE. It stays a queue for an RCU
 * grace period.
 */
static void leave_queue(struct epoll_entry *entry)
{
	struct wait_queue *wq;

	RCU_GUARD();
	wq = smp_load_acquire(&entry->wq);
	if (wq)
		remove_wait_queue(wq, &entry->wait);
}

/* After this no wake function of @item runs. */
static void leave_queues(struct epoll_item *item)
{
	struct epoll_entry *entry, *next;

	leave_queue(&item->entry);
	for (entry = item->entry.next; entry; entry = next) {
		next = entry->next;
		leave_queue(entry);
		kfree(entry);
	}
	item->entry.wq = NULL;
	item->entry.next = NULL;
}

/* ---- items ------------------------------------------------------------- */

static int compare(const struct file *file, int fd,
		   const struct epoll_item *item)
{
	if (file != item->file)
		return file < item->file ? -1 : 1;
	return fd - item->fd;
}

/* Locking: ep->mutex held. NULL: not watched. */
static struct epoll_item *find_item(struct epoll *ep, const struct file *file,
				    int fd)
{
	struct rb_node *node = ep->items.node;
	struct epoll_item *item;
	int order;

	while (node) {
		item = rb_entry(node, struct epoll_item, node);
		order = compare(file, fd, item);
		if (!order)
			return item;
		node = order < 0 ? node->left : node->right;
	}
	return NULL;
}

/*
 * The file that @instance watches as descriptor @fd; if those are several, the
 * one after @skip others. For comparing only: nobody keeps it alive.
 *
 * Context: process; may sleep. Return: -EINVAL (no instance), -ENOENT.
 */
const struct file *eventpoll_watched(struct file *instance, int fd,
				     unsigned long skip)
{
	const struct file *watched = ERR_PTR(-ENOENT);
	struct epoll *ep;

	if (!is_epoll(instance))
		return ERR_PTR(-EINVAL);
	ep = instance->private;
	mutex_lock(&ep->mutex);
	for (struct rb_node *node = rb_first(&ep->items); node;
	     node = rb_next(node)) {
		struct epoll_item *item = rb_entry(node, struct epoll_item,
						   node);

		if (item->fd == fd && !skip--) {
			watched = item->file;
			break;
		}
	}
	mutex_unlock(&ep->mutex);
	return watched;
}

static void insert_item(struct epoll *ep, struct epoll_item *new)
{
	struct rb_node **link = &ep->items.node, *parent = NULL;

	while (*link) {
		parent = *link;
		if (compare(new->file, new->fd, rb_entry(parent,
						struct epoll_item, node)) < 0)
			link = &parent->left;
		else
			link = &parent->right;
	}
	rb_link_node(&new->node, parent, link);
	rb_insert_color(&new->node, &ep->items);
}

static void epoll_put(struct epoll *ep)
{
	if (!refcount_put(&ep->refs))
		return;
	user_put(ep->user);
	kfree(ep);
}

/* Charged to the instance's user. Return: ERR_PTR(-ENOSPC, -ENOMEM). */
static struct epoll_item *item_alloc(struct epoll *ep, struct file *file,
				     int fd, const struct epoll_event *event)
{
	struct epoll_item *item;

	if (atomic_long_inc_return(&ep->user->epoll_watches) >
	    READ_ONCE(epoll_max_user_watches)) {
		atomic_long_dec(&ep->user->epoll_watches);
		return ERR_PTR(-ENOSPC);
	}
	item = kmem_cache_alloc(item_cache, GFP_KERNEL_ACCOUNT);
	if (!item) {
		atomic_long_dec(&ep->user->epoll_watches);
		return ERR_PTR(-ENOMEM);
	}
	*item = (struct epoll_item){
		.fd = fd, .file = file, .ep = ep,
		.events = event->events, .data = event->data,
	};
	refcount_get(&ep->refs);
	return item;
}

/* Its instance's reference goes too. */
static void item_free(struct epoll_item *item)
{
	struct epoll *ep = item->ep;

	atomic_long_dec(&ep->user->epoll_watches);
	kmem_cache_free(item_cache, item);
	epoll_put(ep);
}

/*
 * Leave the file's list, after which the file may be gone: nothing of it is
 * touched any more. False: @item is dying, and we are not the file, who will
 * do all this when it gets the mutex.
 */
static bool leave_file(struct epoll_item *item, bool by_file)
{
	SPIN_GUARD(&item->file->lock);
	if (item->dying && !by_file)
		return false;
	hlist_del_init(&item->in_file);
	return true;
}

/*
 * Take @item out of everything and free it. @by_file: because its file goes.
 *
 * Locking: ep->mutex held; nest_mutex too if it is an edge. The caller has a
 * reference to the instance apart from the item's.
 */
static void remove_item(struct epoll_item *item, bool by_file)
{
	struct epoll *ep = item->ep;

	assert_mutex_held(&ep->mutex);
	leave_queues(item);
	if (item->edge)
		epoll_edge_remove(item);
	if (!leave_file(item, by_file))
		return;
	/* Nobody queues it any more, and no scan is under way. */
	if (item->queued) {
		spin_lock_irq(&ep->waiters.lock);
		list_del(&item->ready);
		spin_unlock_irq(&ep->waiters.lock);
	}
	rb_erase(&item->node, &ep->items);
	item_free(item);
}

void __no_lock_check eventpoll_forget_file(struct file *file)
{
	bool nested = is_epoll(file);
	struct epoll_item *item;
	struct epoll *ep;

	for (;;) {
		spin_lock(&file->lock);
		item = hlist_entry_safe(file->epoll.first, struct epoll_item,
					in_file);
		if (item)
			item->dying = true;
		spin_unlock(&file->lock);
		if (!item)
			return;
		/* From here on nobody else removes the item. */
		ep = item->ep;
		refcount_get(&ep->refs);
		if (nested)
			mutex_lock(&nest_mutex);
		mutex_lock(&ep->mutex);
		remove_item(item, true);
		mutex_unlock(&ep->mutex);
		if (nested)
			mutex_unlock(&nest_mutex);
		epoll_put(ep);
	}
}

/* ---- epoll_ctl --------------------------------------------------------- */

/* Locking: ep->mutex; nest_mutex if @nested. As the call's return values. */
static int add_item(struct epoll *ep, struct file *file, int fd,
		    const struct epoll_event *event, bool nested)
{
	struct epoll_poll_table table = { .pt.queue = epoll_queue };
	struct epoll_item *item = item_alloc(ep, file, fd, event);
	int err = 0;

	if (IS_ERR(item))
		return PTR_ERR(item);
	insert_item(ep, item);
	spin_lock(&file->lock);
	hlist_add_head(&item->in_file, &file->epoll);
	spin_unlock(&file->lock);
	if (is_epoll(file))
		err = epoll_edge_add(item);
	if (!err && nested)
		err = epoll_check_paths(item);
	if (err)
		goto remove;
	table.item = item;
	table.pt.events = event->events;
	if (epoll_ask(item, &table.pt, 0) && !table.error)
		epoll_item_ready(item, 0);
	err = table.error;
	if (err)
		goto remove;
	return 0;

remove:
	remove_item(item, false);
	return err;
}

/* Locking: ep->mutex held. */
static int modify_item(struct epoll_item *item, const struct epoll_event *event)
{
	if (item->events & EPOLLEXCLUSIVE)
		return -EINVAL;
	WRITE_ONCE(item->events, event->events);
	item->data = event->data;
	/*
	 * Either our asking sees what happens to the file, or the wake
	 * function sees the new events.
	 */
	smp_mb();
	if (epoll_ask(item, NULL, 0))
		epoll_item_ready(item, 0);
	return 0;
}

static int ctl_locked(struct epoll *ep, int op, struct file *file, int fd,
		      const struct epoll_event *event, bool nested)
{
	struct epoll_item *item = find_item(ep, file, fd);

	switch (op) {
	case EPOLL_CTL_ADD:
		return item ? -EEXIST :
			      add_item(ep, file, fd, event, nested);
	case EPOLL_CTL_MOD:
		return item ? modify_item(item, event) : -ENOENT;
	case EPOLL_CTL_DEL:
		if (!item)
			return -ENOENT;
		remove_item(item, false);
		return 0;
	default:
		return -EINVAL;
	}
}

/*
 * Take ep->mutex; and before it nest_mutex where edges change or must be
 * followed: to and from instances, and to files of an instance that others
 * watch. That it has become one can only be seen with its mutex held.
 * Return: whether nest_mutex is held.
 */
static bool __no_lock_check ctl_lock(struct epoll *ep, int op,
				     struct file *file)
{
	bool nested = is_epoll(file);

	for (;;) {
		if (nested)
			mutex_lock(&nest_mutex);
		mutex_lock(&ep->mutex);
		if (nested || op != EPOLL_CTL_ADD || list_empty(&ep->outer))
			return nested;
		mutex_unlock(&ep->mutex);
		nested = true;
	}
}

static int __no_lock_check ctl(struct epoll *ep, int op, struct file *file,
			       int fd, const struct epoll_event *event)
{
	bool nested = ctl_lock(ep, op, file);
	int err = 0;

	if (op == EPOLL_CTL_ADD && is_epoll(file))
		err = epoll_check_loop(ep, file->private);
	if (!err)
		err = ctl_locked(ep, op, file, fd, event, nested);
	mutex_unlock(&ep->mutex);
	if (nested)
		mutex_unlock(&nest_mutex);
	return err;
}

/* What may be asked for together with EPOLLEXCLUSIVE. */
#define EXCLUSIVE_OK	(EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | \
			 EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE)

static int check_ctl(struct file *epfile, int op, struct file *file,
		     struct epoll_event *event)
{
	if (!file->ops->poll)
		return -EPERM;
	/* There is no sleep of the whole machine to be kept from. */
	event->events &= ~EPOLLWAKEUP;
	if (epfile == file || !is_epoll(epfile))
		return -EINVAL;
	if (op == EPOLL_CTL_DEL || !(event->events & EPOLLEXCLUSIVE))
		return 0;
	if (op == EPOLL_CTL_MOD || is_epoll(file) ||
	    (event->events & ~EXCLUSIVE_OK))
		return -EINVAL;
	return 0;
}

/*
 * Add, change or remove what is watched.
 *
 * Context: process, may sleep.
 * Return: 0; -EBADF; -EEXIST, -ENOENT (is or is not watched); -EPERM (the file
 * cannot be polled); -EINVAL (not an instance, or itself; EPOLLEXCLUSIVE where
 * it has no meaning; too many or too long ways through instances); -ELOOP;
 * -ENOSPC (max_user_watches); -ENOMEM; -EFAULT.
 */
SYSCALL_DEFINE4(epoll_ctl, int, epfd, int, op, int, fd,
		struct epoll_event __user *, uevent)
{
	struct epoll_event event = {};
	struct fd f, target;
	int err = -EBADF;

	if (op != EPOLL_CTL_DEL &&
	    copy_from_user(&event, uevent, sizeof(event)))
		return -EFAULT;
	f = fdget(epfd);
	if (!f.file)
		return -EBADF;
	target = fdget(fd);
	if (!target.file)
		goto put_epoll;
	err = check_ctl(f.file, op, target.file, &event);
	event.events |= EPOLL_ALWAYS;
	if (!err)
		err = ctl(f.file->private, op, target.file, fd, &event);
	fdput(target);
put_epoll:
	fdput(f);
	return err;
}

/* ---- the file ----------------------------------------------------------- */

static int __no_lock_check epoll_release(struct inode *inode __unused,
					 struct file *file)
{
	struct epoll *ep = file->private;
	/* Nobody adds any more; who removes holds nest_mutex as we shall. */
	bool nested = !list_empty(&ep->inner);
	struct rb_node *node, *next;

	if (nested)
		mutex_lock(&nest_mutex);
	mutex_lock(&ep->mutex);
	for (node = rb_first(&ep->items); node; node = next) {
		next = rb_next(node);
		remove_item(rb_entry(node, struct epoll_item, node), false);
	}
	mutex_unlock(&ep->mutex);
	if (nested)
		mutex_unlock(&nest_mutex);
	epoll_put(ep);
	return 0;
}

static void epoll_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct epoll *ep = file->private;
	struct epoll_item *item;
	struct rb_node *node;

	MUTEX_GUARD(&ep->mutex);
	for (node = rb_first(&ep->items); node; node = rb_next(node)) {
		item = rb_entry(node, struct epoll_item, node);
		seq_printf(m, "tfd: %8d events: %8x data: %16lx  pos:%ld "
			   "ino:%lx sdev:%x\n", item->fd, item->events,
			   item->data, (long)item->file->pos,
			   (unsigned long)item->file->inode->ino,
			   (unsigned int)item->file->inode->sb->dev);
	}
}

const struct file_ops epoll_fops = {
	.llseek = noop_llseek,
	.poll = epoll_poll,
	.show_fdinfo = epoll_show_fdinfo,
	.release = epoll_release,
};

static struct epoll *epoll_alloc(void)
{
	struct epoll *ep = kzalloc(sizeof(*ep), GFP_KERNEL_ACCOUNT);

	if (!ep)
		return NULL;
	mutex_init(&ep->mutex, "epoll", RANK_EPOLL);
	wait_queue_init(&ep->waiters);
	/* Taken by wake functions: below the queue that was woken. */
	spin_lock_init(&ep->waiters.lock, "epoll.waiters", RANK_EPOLL_SPIN);
	wait_queue_init(&ep->pollers);
	list_init(&ep->ready);
	ep->items = RB_ROOT;
	refcount_set(&ep->refs, 1);
	ep->user = current_cred()->user;
	refcount_get(&ep->user->refs);
	list_init(&ep->inner);
	list_init(&ep->outer);
	return ep;
}

static long do_epoll_create(int flags)
{
	struct epoll *ep;
	int fd;

	if (flags & ~EPOLL_CLOEXEC)
		return -EINVAL;
	ep = epoll_alloc();
	if (!ep)
		return -ENOMEM;
	fd = anon_inode_fd("[eventpoll]", &epoll_fops, ep, O_RDWR | flags);
	if (fd < 0)
		epoll_put(ep);
	return fd;
}

/* @size was once a hint, and must still be positive. */
SYSCALL_DEFINE1(epoll_create, int, size)
{
	return size > 0 ? do_epoll_create(0) : -EINVAL;
}

SYSCALL_DEFINE1(epoll_create1, int, flags)
{
	return do_epoll_create(flags);
}

/* Before: slab. A user's items may fill 4 % of memory. */
void __init eventpoll_init(void)
{
	item_cache = kmem_cache_create("epoll_item", sizeof(struct epoll_item),
				       0, SLAB_HWCACHE_ALIGN | SLAB_PANIC,
				       NULL);
	epoll_max_user_watches = totalram_pages() / 25 * PAGE_SIZE /
				 sizeof(struct epoll_item);
}
