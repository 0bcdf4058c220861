/*
 * Core dumps: stopping the program, naming the file, opening it.
 *
 * A signal whose default action is to dump is taken by one thread. It makes
 * the whole process exit, but the other threads, instead of giving up what
 * they hold, wait in coredump_park() at the door of do_exit(): so they stand
 * still with their registers saved, and the memory is all there. When the file
 * is written, or SIGKILL has come, they are let go and everybody ends.
 *
 * The file is a new one, made with the rights of the process: what had the
 * name before is unlinked, not written to, so a symbolic link or a second name
 * that somebody has laid out leads nowhere. A program whose memory its user
 * must not read (set-id, or not readable) gets none, unless suid_dumpable says
 * root shall.
 *
 * Source: man 5 core.
 */
#define LOG_PREFIX "coredump"

#include <fs/coredump.h>

#include <arch/current.h>
#include <fs/attr.h>
#include <fs/dentry.h>
#include <fs/files.h>
#include <fs/fs.h>
#include <fs/inode.h>
#include <fs/namei.h>
#include <fs/pipe.h>
#include <kernel/completion.h>
#include <kernel/cred.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <kernel/umh.h>
#include <mm/mm.h>
#include <mm/page.h>
#include <mm/slab.h>

int core_pipe_limit;
static atomic_t piped_dumps;		/* under way */

/* ---- the other threads ----------------------------------------------- */

/*
 * current's process is being dumped: stand still until that is done.
 *
 * Context: do_exit(), with PF_EXITING just set under the same hold of
 * sighand->lock. Locking: sighand->lock held; dropped and taken again.
 */
void __no_lock_check coredump_park(void)
{
	struct core_dump *dump = current->group->core_dump;
	struct core_thread self = { .task = current };

	list_add_tail(&self.node, &dump->parked);
	if (--dump->awaited == 0)
		complete(&dump->all_parked);
	set_current_state(TASK_UNINTERRUPTIBLE);
	spin_unlock_irq(&current->sighand->lock);
	while (!smp_load_acquire(&self.released)) {
		schedule();
		set_current_state(TASK_UNINTERRUPTIBLE);
	}
	set_current_state(TASK_RUNNING);
	spin_lock_irq(&current->sighand->lock);
}

/*
 * End the process with @sig, and have all others of it park.
 * Return: false if it ends for another reason already.
 */
static bool stop_threads(struct core_dump *dump, int sig)
{
	struct thread_group *group = current->group;
	struct task *task;

	SPIN_GUARD_IRQ(&current->sighand->lock);
	if ((group->flags & SIGNAL_GROUP_EXIT) || group->group_exec_task)
		return false;
	RCU_GUARD();
	for_each_thread_rcu(current, task)
		if (task != current && !(task->flags & PF_EXITING))
			dump->awaited++;
	group->flags = SIGNAL_GROUP_EXIT;
	group->group_exit_code = sig;
	group->core_dump = dump;
	zap_other_threads(current);
	/* What waits for it will not be taken, and is not to disturb. */
	task_clear_work(current, TIF_SIGPENDING);
	return true;
}

/* Let the others go, and note in the exit status whether there is a core. */
static void release_threads(struct core_dump *dump, bool dumped)
{
	struct core_thread *thread, *next;
	struct task *task;

	spin_lock_irq(&current->sighand->lock);
	current->group->core_dump = NULL;
	if (dumped && !fatal_signal_pending(current))
		current->group->group_exit_code |= 0x80;
	list_for_each_entry_safe(thread, next, &dump->parked, node) {
		/* Once it is released its stack may be gone. */
		task = task_get(thread->task);
		smp_store_release(&thread->released, true);
		wake_up_process(task);
		task_put(task);
	}
	spin_unlock_irq(&current->sighand->lock);
}

/* ---- the file -------------------------------------------------------- */

/* Is it a file of ours, with one name, for us alone, that we may empty? */
static bool is_safe(struct file *file)
{
	struct inode *inode = file->inode;

	return inode->nlink <= 1 && !d_unhashed(file->path.dentry) &&
	       S_ISREG(inode->mode) && inode->uid == current_fsuid() &&
	       (inode->mode & 0677) == 0600 && (file->mode & FMODE_CAN_WRITE);
}

static struct file *open_core(const char *name, bool for_root)
{
	int flags = O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_LARGEFILE;
	struct file *file;
	int err;

	/* What the name was of so far keeps its contents, and loses the name */
	if (!for_root)
		init_unlink(name);
	file = filp_open(name, flags, 0600 & ~current_umask());
	if (IS_ERR(file))
		return file;
	err = is_safe(file) ?
	      do_truncate(file->path.dentry, 0, 0, file) : -EPERM;
	if (!err)
		return file;
	filp_close(file, NULL);
	return ERR_PTR(err);
}

/* For a file that is to be root's, current acts as root meanwhile. */
static struct file *open_core_as_root(const char *name)
{
	const struct cred *old = current->cred;
	struct cred *root;
	struct file *file;

	/* Where a relative name leads is for the user to say. */
	if (name[0] != '/')
		return ERR_PTR(-EPERM);
	root = prepare_creds();
	if (!root)
		return ERR_PTR(-ENOMEM);
	root->fsuid = 0;
	rcu_assign_pointer(current->cred, root);
	file = open_core(name, true);
	rcu_assign_pointer(current->cred, old);
	cred_put(root);
	return file;
}

/* Append @len bytes, unless the file is complete for some other reason. */
void core_write(struct core_file *core, const void *data, size_t len)
{
	if (core->failed)
		return;
	if (len > core->limit || (unsigned long)core->pos > core->limit - len ||
	    fatal_signal_pending(current) ||
	    kernel_write(core->file, data, len, &core->pos) != (ssize_t)len)
		core->failed = true;
	core->hole_at_end = false;
}

/* Leave @len bytes out: they read as zeros. A pipe has no holes. */
void core_skip(struct core_file *core, size_t len)
{
	if (core->is_pipe) {
		for (size_t n; len && !core->failed; len -= n) {
			n = min(len, PAGE_SIZE);
			core_write(core, page_address(zero_page), n);
		}
		return;
	}
	if (core->failed || !len)
		return;
	if (len > core->limit || (unsigned long)core->pos > core->limit - len)
		core->failed = true;
	core->pos += len;
	core->hole_at_end = true;
}

static bool dump_to_file(struct core_name *name, const struct siginfo *info,
			 unsigned long limit)
{
	bool for_root = current->mm->dumpable == DUMPABLE_ROOT;
	struct core_file core = { .limit = limit };
	bool dumped;

	if (limit < PAGE_SIZE)
		return false;
	core.file = for_root ? open_core_as_root(name->text) :
			       open_core(name->text, false);
	if (IS_ERR(core.file))
		return false;
	dumped = elf_core_dump(&core, info);
	filp_close(core.file, NULL);
	return dumped;
}

/* ---- the pipe -------------------------------------------------------- */

/* In the helper, which is to leave no core itself, lest there be no end. */
static int prepare_helper(void *read_end)
{
	spin_lock_irq(&current->sighand->lock);
	current->group->rlim[RLIMIT_CORE] = (struct rlimit){ 1, 1 };
	spin_unlock_irq(&current->sighand->lock);
	return replace_fd(0, read_end, 0);
}

static bool pipe_core(const struct core_name *name, const struct siginfo *info,
		      bool wait)
{
	struct core_file core = { .limit = RLIM_INFINITY, .is_pipe = true };
	struct file *ends[2];
	bool dumped = false;
	int err = pipe_create(ends, 0);

	if (err)
		return false;
	err = umh_exec(name->argv, prepare_helper, ends[0]);
	fput(ends[0]);
	if (err) {
		pr_info("cannot run %s: error %d", name->argv[0], err);
		goto out;
	}
	core.file = ends[1];
	dumped = elf_core_dump(&core, info);
	/* Its helper may look at it in /proc until it has seen enough. */
	if (wait && pipe_await_end(ends[1]))
		dumped = false;
out:
	filp_close(ends[1], NULL);
	return dumped;
}

/* A limit of 1 byte is how helpers, and who wishes so, are left alone. */
static bool dump_to_pipe(const struct core_name *name,
			 const struct siginfo *info, unsigned long limit)
{
	int most = READ_ONCE(core_pipe_limit);
	bool dumped = false;

	if (limit == 1)
		return false;
	if (atomic_add_return(1, &piped_dumps) <= most || !most)
		dumped = pipe_core(name, info, most != 0);
	else
		pr_info("%d (%s): more dumps than core_pipe_limit",
			current->tgid, current->comm);
	atomic_dec(&piped_dumps);
	return dumped;
}

/* ---- altogether ------------------------------------------------------ */

static bool write_core(const struct siginfo *info, unsigned long limit)
{
	struct core_name *name = kzalloc(sizeof(*name), GFP_KERNEL);
	bool dumped = false;

	if (!name)
		return false;
	if (!core_name_make(name, info->si_signo))
		dumped = name->is_command ? dump_to_pipe(name, info, limit) :
					    dump_to_file(name, info, limit);
	kfree(name);
	return dumped;
}

/* Is there to be a core at all? */
static bool is_wanted(unsigned long limit)
{
	if (!current->mm || current->mm->dumpable == DUMPABLE_NOT)
		return false;
	if (core_pattern[0] == '|')
		return limit != 1;
	return core_pattern[0] && limit >= PAGE_SIZE;
}

/*
 * The process dies of @info's signal: write its core file, if that is wanted
 * and possible. The process has begun to exit when this returns true.
 *
 * Context: process, on the way to user mode, no locks held; may sleep.
 * Return:  whether there is a core.
 */
bool do_coredump(const struct siginfo *info)
{
	unsigned long limit = task_rlimit(current, RLIMIT_CORE);
	struct core_dump dump = { .parked = LIST_HEAD_INIT(dump.parked) };
	bool dumped = false;

	if (!is_wanted(limit))
		return false;
	completion_init(&dump.all_parked);
	if (!stop_threads(&dump, info->si_signo))
		return false;
	if (!dump.awaited || !wait_for_completion_killable(&dump.all_parked))
		dumped = write_core(info, limit);
	release_threads(&dump, dumped);
	return dumped;
}
