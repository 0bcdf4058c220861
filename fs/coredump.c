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
#include <fs/inode.h>
#include <fs/namei.h>
#include <kernel/completion.h>
#include <kernel/cred.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/sys.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <uapi/limits.h>
#include <uapi/utsname.h>

char core_pattern[CORENAME_MAX] = "core";
int core_uses_pid;

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

/* ---- the name -------------------------------------------------------- */

struct core_name {
	char	text[PATH_MAX];
	size_t	len;
	bool	too_long;
};

static void __printf(2, 3) append(struct core_name *name, const char *fmt, ...)
{
	size_t room = sizeof(name->text) - name->len;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(name->text + name->len, room, fmt, args);
	va_end(args);
	if ((size_t)n >= room)
		name->too_long = true;
	else
		name->len += n;
}

/* What a program calls itself must not lead into another directory. */
static void append_escaped(struct core_name *name, const char *text)
{
	if (text[0] == '.' && (!text[1] || (text[1] == '.' && !text[2]))) {
		append(name, "!%s", text + 1);
		return;
	}
	for (; *text; text++)
		append(name, "%c", *text == '/' ? '!' : *text);
}

static void append_path(struct core_name *name)
{
	struct file *exe = current->mm->exe_file;
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL);
	char *path = buf && exe ? d_path(&exe->path, buf, PATH_MAX) : NULL;

	if (IS_ERR_OR_NULL(path))
		append_escaped(name, current->comm);
	else
		append_escaped(name, path);
	kfree(buf);
}

static void append_host(struct core_name *name)
{
	struct new_utsname uts;

	uts_read(&uts);
	append_escaped(name, uts.nodename);
}

/* One %-letter of the pattern. Return: did it make the name unique by pid? */
static bool expand(struct core_name *name, char letter, int sig)
{
	switch (letter) {
	case '%':
		append(name, "%%");
		break;
	case 'p':
	case 'P':
		append(name, "%d", current->tgid);
		return true;
	case 'i':
	case 'I':
		append(name, "%d", current->pid);
		break;
	case 'u':
		append(name, "%u", current_uid());
		break;
	case 'g':
		append(name, "%u", current_gid());
		break;
	case 'd':
		append(name, "%u", current->mm->dumpable);
		break;
	case 's':
		append(name, "%d", sig);
		break;
	case 't':
		append(name, "%ld", (long)(ktime_get_real_ns() /
					   NSEC_PER_SEC));
		break;
	case 'h':
		append_host(name);
		break;
	case 'e':
		append_escaped(name, current->comm);
		break;
	case 'E':
		append_path(name);
		break;
	case 'c':
		append(name, "%lu", task_rlimit(current, RLIMIT_CORE));
		break;
	}
	return false;
}

/* Letters nobody knows stand for nothing. */
static void make_name(struct core_name *name, int sig)
{
	char pattern[CORENAME_MAX];
	bool has_pid = false;

	strscpy(pattern, core_pattern, sizeof(pattern));
	for (const char *p = pattern; *p; p++) {
		if (*p != '%')
			append(name, "%c", *p);
		else if (!*++p)
			break;
		else
			has_pid |= expand(name, *p, sig);
	}
	if (!has_pid && core_uses_pid)
		append(name, ".%d", current->tgid);
}

/* ---- the file -------------------------------------------------------- */

/* Is it a file of ours, with one name, that we may empty? */
static bool is_safe(struct file *file, bool for_root)
{
	struct inode *inode = file->inode;

	if (inode->nlink > 1 || d_unhashed(file->path.dentry) ||
	    !S_ISREG(inode->mode) || inode->uid != current_fsuid() ||
	    !(file->mode & FMODE_CAN_WRITE))
		return false;
	return !for_root || (inode->mode & 0677) == 0600;
}

static struct file *open_core(const char *name, bool for_root)
{
	int flags = O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_LARGEFILE;
	struct file *file;
	int err;

	/* What the name was of so far keeps its contents, and loses the name */
	if (!for_root)
		init_unlink(name);
	file = filp_open(name, flags, 0600);
	if (IS_ERR(file))
		return file;
	err = is_safe(file, for_root) ?
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

/* Leave @len bytes out: they read as zeros. */
void core_skip(struct core_file *core, size_t len)
{
	if (core->failed || !len)
		return;
	if (len > core->limit || (unsigned long)core->pos > core->limit - len)
		core->failed = true;
	core->pos += len;
	core->hole_at_end = true;
}

static bool write_core(const struct siginfo *info, unsigned long limit)
{
	bool for_root = current->mm->dumpable == DUMPABLE_ROOT;
	struct core_file core = { .limit = limit };
	struct core_name *name = kzalloc(sizeof(*name), GFP_KERNEL);
	bool dumped = false;

	if (!name)
		return false;
	make_name(name, info->si_signo);
	core.file = name->too_long ? ERR_PTR(-ENAMETOOLONG) :
		    for_root ? open_core_as_root(name->text) :
			       open_core(name->text, false);
	kfree(name);
	if (IS_ERR(core.file))
		return false;
	dumped = elf_core_dump(&core, info);
	filp_close(core.file, NULL);
	return dumped;
}

/* Is there to be a core at all? */
static bool is_wanted(unsigned long limit)
{
	static bool said;

	if (!current->mm || current->mm->dumpable == DUMPABLE_NOT)
		return false;
	if (core_pattern[0] == '|') {
		if (!said)
			pr_info("no pipes to programs in core_pattern");
		said = true;
		return false;
	}
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
