/*
 * poll(2), select(2) and their p-forms.
 *
 * Both are one loop: ask every file, and if none is ready, sleep until one
 * wakes us and ask again. In the first round each file's wait queues get an
 * entry of ours (poll_queue()), so that a change after the asking is not
 * missed: the entry's wake function sets `triggered`, and the sleep is skipped
 * if it is set. Entries live in the caller's frame as far as they fit.
 *
 * Source: POSIX poll(2), select(2); man 2 poll for what Linux adds.
 */
#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/files.h>
#include <fs/poll.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <uapi/time.h>

/* One wait queue we stand in. */
struct poll_entry {
	struct file		*file;		/* counted */
	struct wait_entry	wait;
	struct wait_queue	*wq;
	unsigned int		events;
	struct poll_waiter	*waiter;
};

#define INLINE_ENTRIES	8
#define CHUNK_ENTRIES	40

struct poll_chunk {
	struct poll_chunk	*next;
	unsigned int		used;
	struct poll_entry	entries[CHUNK_ENTRIES];
};

struct poll_waiter {
	struct poll_table	pt;
	struct task		*task;
	bool			triggered;	/* set by any entry */
	int			error;		/* -ENOMEM while queueing */
	unsigned int		inline_used;
	struct poll_chunk	*chunks;
	struct poll_entry	inline_entries[INLINE_ENTRIES];
};

/* Runs in the waker's context, under the queue's lock. */
static int poll_wake(struct wait_entry *wait, unsigned int mode __unused,
		     int flags, void *key)
{
	struct poll_entry *entry = container_of(wait, struct poll_entry, wait);

	if (key && !((unsigned long)key & entry->events))
		return 0;
	smp_store_release(&entry->waiter->triggered, true);
	return wake_up_task(entry->waiter->task, TASK_NORMAL, flags);
}

static struct poll_entry *new_entry(struct poll_waiter *w)
{
	struct poll_chunk *chunk = w->chunks;

	if (w->inline_used < INLINE_ENTRIES)
		return &w->inline_entries[w->inline_used++];
	if (!chunk || chunk->used == CHUNK_ENTRIES) {
		chunk = kmalloc(sizeof(*chunk), GFP_KERNEL);
		if (!chunk) {
			w->error = -ENOMEM;
			return NULL;
		}
		chunk->used = 0;
		chunk->next = w->chunks;
		w->chunks = chunk;
	}
	return &chunk->entries[chunk->used++];
}

static void poll_queue(struct poll_table *pt, struct file *file,
		       struct wait_queue *wq)
{
	struct poll_waiter *w = container_of(pt, struct poll_waiter, pt);
	struct poll_entry *entry = new_entry(w);

	if (!entry)
		return;
	entry->file = get_file(file);
	entry->wq = wq;
	entry->events = pt->events;
	entry->waiter = w;
	wait_entry_init_fn(&entry->wait, poll_wake, entry);
	add_wait_queue(wq, &entry->wait);
}

static void waiter_init(struct poll_waiter *w)
{
	w->pt.queue = poll_queue;
	w->task = current;
	w->triggered = false;
	w->error = 0;
	w->inline_used = 0;
	w->chunks = NULL;
}

static void free_entries(struct poll_entry *entries, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		remove_wait_queue(entries[i].wq, &entries[i].wait);
		fput(entries[i].file);
	}
}

static void waiter_free(struct poll_waiter *w)
{
	struct poll_chunk *chunk, *next;

	free_entries(w->inline_entries, w->inline_used);
	for (chunk = w->chunks; chunk; chunk = next) {
		next = chunk->next;
		free_entries(chunk->entries, chunk->used);
		kfree(chunk);
	}
}

/*
 * Sleep until an entry is triggered or @deadline_ns passes.
 * Return: false when the time is over.
 */
static bool waiter_sleep(struct poll_waiter *w, uint64_t deadline_ns)
{
	uint64_t now;

	set_current_state(TASK_INTERRUPTIBLE);
	if (!smp_load_acquire(&w->triggered)) {
		if (deadline_ns == INT64_MAX) {
			schedule();
		} else {
			now = ktime_get_ns();
			if (now >= deadline_ns) {
				set_current_state(TASK_RUNNING);
				return false;
			}
			wait_sleep(deadline_ns - now);
		}
	}
	set_current_state(TASK_RUNNING);
	/* Cleared before the files are asked again, never after. */
	WRITE_ONCE(w->triggered, false);
	smp_mb();
	return true;
}

/* ---- asking ---------------------------------------------------------- */

/*
 * The descriptor table, looked up once for one round of many. Nobody can change
 * it under us if it is ours alone; else each file needs a reference.
 */
struct table {
	struct file	**fd;		/* NULL: others use it too */
	unsigned int	max_fds;
};

static __always_inline struct table own_table(void)
{
	struct files *files = current->files;
	struct fdtable *fdt;

	if (unlikely(refcount_read(&files->refs) != 1))
		return (struct table){ NULL, 0 };
	fdt = files->fdt;
	return (struct table){ fdt->fd, fdt->max_fds };
}

static __always_inline unsigned int ask(struct file *file, unsigned int events,
					struct poll_table *pt)
{
	events |= POLLERR | POLLHUP;
	if (pt)
		pt->events = events;
	return vfs_poll(file, pt) & events;
}

static noinline unsigned int poll_shared(unsigned int nr, unsigned int events,
					 struct poll_table *pt)
{
	struct fd fd = fdget(nr);
	unsigned int mask;

	if (!fd.file)
		return POLLNVAL;
	mask = ask(fd.file, events, pt);
	fdput(fd);
	return mask;
}

/* Ask descriptor @nr, which is not negative, for @events. */
static __always_inline unsigned int poll_one(struct table table,
					     unsigned int nr,
					     unsigned int events,
					     struct poll_table *pt)
{
	struct file *file;

	if (unlikely(!table.fd))
		return poll_shared(nr, events, pt);
	if (unlikely(nr >= table.max_fds))
		return POLLNVAL;
	file = table.fd[nr];
	if (unlikely(!file || (file->mode & FMODE_PATH)))
		return POLLNVAL;
	return ask(file, events, pt);
}

/* ---- poll ------------------------------------------------------------ */

#define INLINE_POLLFDS	32

static int poll_round(struct pollfd *fds, unsigned int nr,
		      struct poll_table *pt)
{
	struct table table = own_table();
	int count = 0;

	for (struct pollfd *p = fds; p < fds + nr; p++) {
		p->revents = p->fd < 0 ? 0 :
			     poll_one(table, p->fd, (uint16_t)p->events, pt);
		if (p->revents) {
			count++;
			pt = NULL;	/* nobody will sleep */
		}
	}
	return count;
}

static int poll_loop(struct pollfd *fds, unsigned int nr, uint64_t deadline_ns)
{
	struct poll_waiter w;
	struct poll_table *pt = &w.pt;
	int count;

	/* A time-out of 0 only asks. */
	if (deadline_ns == 0)
		return poll_round(fds, nr, NULL);
	waiter_init(&w);
	for (;;) {
		count = poll_round(fds, nr, pt);
		pt = NULL;
		if (count)
			break;
		count = w.error;
		if (!count && signal_pending(current))
			count = -ERESTARTNOHAND;
		if (count || !waiter_sleep(&w, deadline_ns))
			break;
	}
	waiter_free(&w);
	return count;
}

static int do_poll(struct pollfd __user *ufds, unsigned int nr,
		   uint64_t deadline_ns)
{
	struct pollfd inline_fds[INLINE_POLLFDS], *fds = inline_fds;
	int count;

	if (nr > task_rlimit(current, RLIMIT_NOFILE))
		return -EINVAL;
	if (nr > INLINE_POLLFDS) {
		fds = kvmalloc(nr * sizeof(*fds), GFP_KERNEL);
		if (!fds)
			return -ENOMEM;
	}
	count = -EFAULT;
	if (copy_from_user(fds, ufds, nr * sizeof(*fds)))
		goto out;
	count = poll_loop(fds, nr, deadline_ns);
	/* Only revents is ours to write. */
	if (!user_access_begin(ufds, nr * sizeof(*fds))) {
		count = -EFAULT;
		goto out;
	}
	for (unsigned int i = 0; i < nr; i++)
		unsafe_put_user(fds[i].revents, &ufds[i].revents, fault);
	user_access_end();
	goto out;

fault:
	user_access_end();
	count = -EFAULT;
out:
	if (fds != inline_fds)
		kvfree(fds);
	return count;
}

static uint64_t deadline_after(int64_t timeout_ns)
{
	if (timeout_ns == 0)
		return 0;
	return timeout_ns < 0 ? (uint64_t)INT64_MAX : ktime_after(timeout_ns);
}

static long poll_restart(struct restart_block *restart)
{
	int count = do_poll(restart->poll.fds, restart->poll.nfds,
			    restart->poll.expires_ns);

	return count == -ERESTARTNOHAND ? -ERESTART_RESTARTBLOCK : count;
}

SYSCALL_DEFINE3(poll, struct pollfd __user *, fds, unsigned int, nr,
		int, timeout_ms)
{
	uint64_t deadline = deadline_after(timeout_ms < 0 ? -1 :
					   timeout_ms * NSEC_PER_MSEC);
	struct restart_block *restart = &current->restart_block;
	int count = do_poll(fds, nr, deadline);

	if (count != -ERESTARTNOHAND)
		return count;
	restart->fn = poll_restart;
	restart->poll.fds = fds;
	restart->poll.nfds = nr;
	restart->poll.expires_ns = deadline;
	return -ERESTART_RESTARTBLOCK;
}

/* ---- time-outs and masks of the p-forms ------------------------------- */

static int read_timeout(const struct timespec __user *uts, uint64_t *deadline)
{
	struct timespec ts;

	*deadline = INT64_MAX;
	if (!uts)
		return 0;
	if (get_timespec(&ts, uts))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	*deadline = deadline_after(timespec_to_ns(&ts));
	return 0;
}

static int64_t time_left(uint64_t deadline)
{
	uint64_t now = ktime_get_ns();

	return deadline > now ? (int64_t)(deadline - now) : 0;
}

/* The mask comes back, and the time that was left is told. */
static long finish_timespec(long count, uint64_t deadline,
			    struct timespec __user *uts)
{
	struct timespec left;

	restore_saved_sigmask_unless(count == -ERESTARTNOHAND);
	if (!uts)
		return count;
	left = ns_to_timespec(deadline ? time_left(deadline) : 0);
	/* A call that is to be run again must find what was not told. */
	if (put_timespec(&left, uts) && count == -ERESTARTNOHAND)
		return -EINTR;
	return count;
}

SYSCALL_DEFINE5(ppoll, struct pollfd __user *, fds, unsigned int, nr,
		struct timespec __user *, timeout,
		const sigset_t __user *, mask,
		size_t, size)
{
	uint64_t deadline;
	int err = read_timeout(timeout, &deadline);

	if (!err)
		err = set_user_sigmask(mask, size);
	if (err)
		return err;
	return finish_timespec(do_poll(fds, nr, deadline), deadline, timeout);
}

/* ---- select ---------------------------------------------------------- */

#define IN_EVENTS	(POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR)
#define OUT_EVENTS	(POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR)
#define EX_EVENTS	POLLPRI
#define INLINE_SET_LONGS 5	/* of each set: 320 descriptors */

/* Three sets asked for, three of results, each @longs words. */
struct select_sets {
	unsigned long	*in, *out, *ex;
	unsigned long	*res_in, *res_out, *res_ex;
	unsigned int	longs;
};

/* Note in the result sets what @fd is ready for; how many of the three. */
static __always_inline int select_one(struct select_sets *s,
				      struct table table, unsigned int fd,
				      struct poll_table *pt)
{
	unsigned long bit = BIT(fd % 64);
	unsigned int word = fd / 64, events = 0, mask;
	int count = 0;

	if (s->in[word] & bit)
		events |= IN_EVENTS;
	if (s->out[word] & bit)
		events |= OUT_EVENTS;
	if (s->ex[word] & bit)
		events |= EX_EVENTS;
	mask = poll_one(table, fd, events, pt);
	if (likely(!mask))
		return 0;
	if (mask & POLLNVAL)
		return -EBADF;
	if ((s->in[word] & bit) && (mask & IN_EVENTS)) {
		s->res_in[word] |= bit;
		count++;
	}
	if ((s->out[word] & bit) && (mask & OUT_EVENTS)) {
		s->res_out[word] |= bit;
		count++;
	}
	if ((s->ex[word] & bit) && (mask & EX_EVENTS)) {
		s->res_ex[word] |= bit;
		count++;
	}
	return count;
}

static int select_round(struct select_sets *s, struct poll_table *pt)
{
	struct table table = own_table();
	int count = 0, one;

	for (unsigned int word = 0; word < s->longs; word++) {
		unsigned long todo = s->in[word] | s->out[word] | s->ex[word];

		for (; todo; todo &= todo - 1) {
			one = select_one(s, table, word * 64 + bit_lowest(todo),
					 count ? NULL : pt);
			if (one < 0)
				return one;
			count += one;
		}
	}
	return count;
}

static int select_loop(struct select_sets *s, uint64_t deadline_ns)
{
	struct poll_waiter w;
	struct poll_table *pt = &w.pt;
	int count;

	if (deadline_ns == 0)
		return select_round(s, NULL);
	waiter_init(&w);
	for (;;) {
		count = select_round(s, pt);
		pt = NULL;
		if (count)
			break;
		count = w.error;
		if (!count && signal_pending(current))
			count = -ERESTARTNOHAND;
		if (count || !waiter_sleep(&w, deadline_ns))
			break;
	}
	waiter_free(&w);
	return count;
}

static int get_set(unsigned long *set, const void __user *from,
		   unsigned int bytes)
{
	if (!from)
		return 0;
	return copy_from_user(set, from, bytes) ? -EFAULT : 0;
}

static int put_set(const unsigned long *set, void __user *to,
		   unsigned int bytes)
{
	return to && copy_to_user(to, set, bytes) ? -EFAULT : 0;
}

static int select_with_sets(struct select_sets *s, int n, void __user *in,
			    void __user *out, void __user *ex,
			    uint64_t deadline)
{
	unsigned int bytes = s->longs * sizeof(long);
	int count;

	if (get_set(s->in, in, bytes) || get_set(s->out, out, bytes) ||
	    get_set(s->ex, ex, bytes))
		return -EFAULT;
	if (n % 64) {	/* bits from n on are not ours to look at */
		unsigned long valid = BIT(n % 64) - 1;

		s->in[s->longs - 1] &= valid;
		s->out[s->longs - 1] &= valid;
		s->ex[s->longs - 1] &= valid;
	}
	count = select_loop(s, deadline);
	if (count < 0)
		return count;
	if (put_set(s->res_in, in, bytes) || put_set(s->res_out, out, bytes) ||
	    put_set(s->res_ex, ex, bytes))
		return -EFAULT;
	return count;
}

static unsigned int max_fds(void)
{
	RCU_GUARD();
	return rcu_dereference(current->files->fdt)->max_fds;
}

static int do_select(int n, void __user *in, void __user *out,
		     void __user *ex, uint64_t deadline)
{
	unsigned long inline_sets[6 * INLINE_SET_LONGS], *sets = inline_sets;
	struct select_sets s;
	int count;

	if (n < 0)
		return -EINVAL;
	/* More than the table could hold are not there to be looked at. */
	n = min_t(unsigned long, n, max_fds());
	s.longs = DIV_ROUND_UP((unsigned int)n, 64);
	if (s.longs > INLINE_SET_LONGS) {
		sets = kvmalloc(6 * s.longs * sizeof(long), GFP_KERNEL);
		if (!sets)
			return -ENOMEM;
	}
	memset(sets, 0, 6 * s.longs * sizeof(long));
	s.in = sets;
	s.out = s.in + s.longs;
	s.ex = s.out + s.longs;
	s.res_in = s.ex + s.longs;
	s.res_out = s.res_in + s.longs;
	s.res_ex = s.res_out + s.longs;
	count = select_with_sets(&s, n, in, out, ex, deadline);
	if (sets != inline_sets)
		kvfree(sets);
	return count;
}

SYSCALL_DEFINE5(select, int, n, void __user *, in, void __user *, out,
		void __user *, ex, struct timeval __user *, utv)
{
	uint64_t deadline = INT64_MAX;
	struct timeval tv;
	int count;

	if (utv) {
		if (get_timeval(&tv, utv))
			return -EFAULT;
		if (tv.tv_sec < 0 || tv.tv_usec < 0)
			return -EINVAL;
		deadline = deadline_after(timeval_to_ns(&tv));
	}
	count = do_select(n, in, out, ex, deadline);
	if (!utv)
		return count;
	tv = ns_to_timeval(deadline ? time_left(deadline) : 0);
	if (put_timeval(&tv, utv) && count == -ERESTARTNOHAND)
		return -EINTR;
	return count;
}

SYSCALL_DEFINE6(pselect6, int, n, void __user *, in, void __user *, out,
		void __user *, ex, struct timespec __user *, timeout,
		const struct pselect6_sigmask __user *, usig)
{
	struct pselect6_sigmask sig = {};
	uint64_t deadline;
	int err;

	if (usig && copy_from_user(&sig, usig, sizeof(sig)))
		return -EFAULT;
	err = read_timeout(timeout, &deadline);
	if (!err)
		err = set_user_sigmask((const sigset_t __user *)sig.ss,
				       sig.ss_len);
	if (err)
		return err;
	return finish_timespec(do_select(n, in, out, ex, deadline), deadline,
			       timeout);
}
