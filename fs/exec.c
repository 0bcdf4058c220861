/*
 * execve(2), as far as it does not depend on the format of the file.
 *
 * The argument strings are copied straight into the pages that will be the
 * top of the new program's stack, from the top down:
 *
 *	top		8 bytes of zero
 *			the file name
 *			environment strings
 *			argument strings, the last one first
 *	bprm->p ->	(later: auxiliary vector, envp[], argv[], argc)
 *
 * so nothing is copied twice and there is no limit but the one the man page
 * states: a quarter of the stack limit, and at most 6 MiB.
 *
 * fs/exec_cred.c decides what the new program may do.
 *
 * Source: man 2 execve.
 */
#include <fs/exec.h>

#include <arch/current.h>
#include <arch/thread.h>
#include <arch/uaccess.h>
#include <fs/dentry.h>
#include <fs/file.h>
#include <fs/inode.h>
#include <fs/mount.h>
#include <fs/namei.h>
#include <fs/task_files.h>
#include <kernel/cred.h>
#include <kernel/posix_timers.h>
#include <kernel/ptrace.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/vma.h>
#include <uapi/limits.h>

#define MAX_INTERPRETERS	5
#define ARG_LIMIT_MIN		(128UL << 10)	/* ARG_MAX: always allowed */
#define ARG_LIMIT_MAX		(6UL << 20)

static const struct binfmt *const binfmts[] = { &elf_binfmt, &script_binfmt };

/* A vector of strings, the user's or the kernel's own. */
struct arg_vector {
	const char __user *const __user	*user;
	const char *const		*kernel;
};

/*
 * Open a program: an ordinary file that current may execute. As long as it is
 * open for this, nobody may write to it.
 *
 * Context: process; may sleep. Return: ERR_PTR: -EACCES, -ETXTBSY, and what
 * path lookup and open return.
 */
struct file *exec_open(int dfd, const char *name, unsigned int at_flags)
{
	unsigned int lookup = at_flags & AT_SYMLINK_NOFOLLOW ? 0 :
			      LOOKUP_FOLLOW;
	struct inode *inode;
	struct path path;
	struct file *file;
	int err;

	if (at_flags & AT_EMPTY_PATH)
		lookup |= LOOKUP_EMPTY;
	err = path_lookup_at(dfd, name, lookup, &path);
	if (err)
		return ERR_PTR(err);
	inode = path.dentry->inode;
	err = S_ISLNK(inode->mode) ? -ELOOP : -EACCES;
	if (!S_ISREG(inode->mode) || path_noexec(&path))
		goto put_path;
	err = inode_permission(inode, MAY_EXEC);
	if (err)
		goto put_path;
	file = dentry_open(&path, O_RDONLY | FMODE_EXEC_FLAG, current_cred());
	path_put(&path);
	if (IS_ERR(file))
		return file;
	err = deny_write_access(inode);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);

put_path:
	path_put(&path);
	return ERR_PTR(err);
}

static void exec_close(struct file *file)
{
	if (!file)
		return;
	allow_write_access(file->inode);
	fput(file);
}

/* ---- strings --------------------------------------------------------- */

static const char __user *get_arg(const struct arg_vector *v, int i, int *err)
{
	const char __user *arg;

	*err = get_user(arg, &v->user[i]) ? -EFAULT : 0;
	return arg;
}

static int count_args(const struct arg_vector *v)
{
	const char __user *arg;
	int n = 0, err;

	if (v->kernel) {
		while (v->kernel[n])
			n++;
		return n;
	}
	if (!v->user)
		return 0;
	for (;; n++) {
		arg = get_arg(v, n, &err);
		if (err)
			return err;
		if (!arg)
			return n;
		if (n == MAX_ARG_STRINGS)
			return -E2BIG;
		if (fatal_signal_pending(current))
			return -ERESTARTNOHAND;
		cond_resched();
	}
}

/* Copy @len bytes to the new stack below bprm->p, from either half. */
static int push_bytes(struct linux_binprm *bprm, const char *kernel,
		      const char __user *user, size_t len)
{
	unsigned long at;

	if (len > bprm->p - bprm->p_limit || bprm->p < bprm->p_limit)
		return -E2BIG;
	bprm->p -= len;
	at = bprm->p;
	while (len > 0) {
		size_t offset = at % PAGE_SIZE;
		size_t part = min(len, PAGE_SIZE - offset);
		char *page = stack_page(bprm->mm, at - offset);

		if (IS_ERR(page))
			return PTR_ERR(page);
		if (kernel) {
			memcpy(page + offset, kernel, part);
			kernel += part;
		} else if (copy_from_user(page + offset, user, part)) {
			return -EFAULT;
		} else {
			user += part;
		}
		at += part;
		len -= part;
	}
	return 0;
}

/* Push one string of the kernel's. Return: 0, -E2BIG, -ENOMEM. */
int exec_push_string(struct linux_binprm *bprm, const char *string)
{
	return push_bytes(bprm, string, NULL, strlen(string) + 1);
}

static int push_user_string(struct linux_binprm *bprm, const char __user *s)
{
	long len = strnlen_user(s, MAX_ARG_STRLEN);

	if (len <= 0)
		return -EFAULT;
	if (len > MAX_ARG_STRLEN)
		return -E2BIG;
	return push_bytes(bprm, NULL, s, len);
}

/* Push @n strings, the last one first. */
static int push_args(struct linux_binprm *bprm, const struct arg_vector *v,
		     int n)
{
	const char __user *arg;
	int err = 0;

	while (n-- > 0 && !err) {
		if (v->kernel) {
			err = exec_push_string(bprm, v->kernel[n]);
			continue;
		}
		arg = get_arg(v, n, &err);
		if (!err)
			err = push_user_string(bprm, arg);
		if (fatal_signal_pending(current))
			return -ERESTARTNOHAND;
		cond_resched();
	}
	return err;
}

/*
 * Take the first argument off the stack again: a script's interpreter gets
 * others in its place. Return: 0 or -ENOMEM.
 */
int exec_pop_arg0(struct linux_binprm *bprm)
{
	if (bprm->argc == 0)
		return 0;
	for (;;) {
		size_t offset = bprm->p % PAGE_SIZE;
		char *page = stack_page(bprm->mm, bprm->p - offset);
		size_t left = PAGE_SIZE - offset, len;

		if (IS_ERR(page))
			return PTR_ERR(page);
		len = strnlen(page + offset, left);
		bprm->p += len;
		if (len < left)
			break;
	}
	bprm->p++;
	bprm->argc--;
	return 0;
}

/* Room for strings; the pointers to them, still to come, count as well. */
static void set_arg_limit(struct linux_binprm *bprm)
{
	unsigned long limit = task_rlimit(current, RLIMIT_STACK) / 4;
	unsigned long pointers = (max(bprm->argc, 1) + (unsigned long)
				  bprm->envc) * sizeof(char *);

	limit = max(min(limit, ARG_LIMIT_MAX), ARG_LIMIT_MIN);
	if (pointers >= limit)
		bprm->p_limit = bprm->p + 1;	/* nothing fits */
	else
		bprm->p_limit = bprm->p - (limit - pointers);
}

/* ---- building -------------------------------------------------------- */

static int create_mm(struct linux_binprm *bprm)
{
	unsigned long top = aslr_stack_top();
	int err;

	bprm->mm = mm_alloc();
	if (!bprm->mm)
		return -ENOMEM;
	mm_set_layout(bprm->mm, top);
	err = stack_create(bprm->mm, top);
	bprm->stack_top = top;
	bprm->p = top - sizeof(void *);
	return err;
}

static int count_strings(struct linux_binprm *bprm,
			 const struct arg_vector *argv,
			 const struct arg_vector *envp)
{
	bprm->argc = count_args(argv);
	if (bprm->argc < 0)
		return bprm->argc;
	bprm->envc = count_args(envp);
	return min(bprm->envc, 0);
}

static int copy_strings(struct linux_binprm *bprm,
			const struct arg_vector *argv,
			const struct arg_vector *envp)
{
	int err;

	set_arg_limit(bprm);
	err = exec_push_string(bprm, bprm->filename);
	if (err)
		return err;
	bprm->filename_addr = bprm->p;
	err = push_args(bprm, envp, bprm->envc);
	if (err)
		return err;
	bprm->mm->env_end = bprm->filename_addr;
	err = push_args(bprm, argv, bprm->argc);
	if (err || bprm->argc > 0)
		return err;
	/* Programs rely on there being an argv[0]. */
	bprm->argc = 1;
	return exec_push_string(bprm, "");
}

static int read_head(struct linux_binprm *bprm)
{
	loff_t pos = 0;
	ssize_t n;

	memset(bprm->buf, 0, sizeof(bprm->buf));
	n = kernel_read(bprm->file, bprm->buf, sizeof(bprm->buf), &pos);
	return n < 0 ? n : 0;
}

/*
 * Load @interp instead; what was loaded so far is its argument.
 * Return: 0, -ELOOP after too many, or as exec_open().
 */
int exec_change_interpreter(struct linux_binprm *bprm, const char *interp)
{
	struct file *file;

	if (bprm->depth++ >= MAX_INTERPRETERS - 1)
		return -ELOOP;
	file = exec_open(AT_FDCWD, interp, 0);
	if (IS_ERR(file))
		return PTR_ERR(file);
	exec_would_dump(bprm, bprm->file);
	if (bprm->executable)
		exec_close(bprm->file);
	else
		bprm->executable = bprm->file;
	bprm->file = file;
	return read_head(bprm);
}

static int load_binary(struct linux_binprm *bprm)
{
	struct file *tried;
	int err = read_head(bprm);

	do {
		tried = bprm->file;
		for (size_t i = 0; !err && i < ARRAY_SIZE(binfmts); i++) {
			err = binfmts[i]->load(bprm);
			if (bprm->past_return || (err && err != -ENOEXEC))
				return err;
			if (bprm->file != tried)
				break;	/* an interpreter: begin again */
			err = 0;
		}
	} while (!err && bprm->file != tried);
	return err ?: -ENOEXEC;
}

static void free_bprm(struct linux_binprm *bprm)
{
	if (bprm->mm)
		mmput(bprm->mm);
	if (bprm->cred)
		abort_creds(bprm->cred);
	exec_close(bprm->executable);
	exec_close(bprm->file);
	kfree(bprm->fd_name);
	kfree(bprm->interp_name);
	kfree(bprm);
}

/* An execveat(2) by descriptor has no name a script could be opened by. */
static int name_by_fd(struct linux_binprm *bprm, int dfd, const char *name)
{
	bprm->filename = name;
	if (dfd == AT_FDCWD || name[0] == '/')
		return 0;
	bprm->opened_by_fd = true;
	bprm->fd_name = name[0] ?
		kasprintf(GFP_KERNEL, "/dev/fd/%d/%s", dfd, name) :
		kasprintf(GFP_KERNEL, "/dev/fd/%d", dfd);
	bprm->filename = bprm->fd_name;
	return bprm->filename ? 0 : -ENOMEM;
}

static int do_execve(int dfd, const char *name, unsigned int at_flags,
		     const struct arg_vector *argv,
		     const struct arg_vector *envp)
{
	struct linux_binprm *bprm = kzalloc(sizeof(*bprm), GFP_KERNEL);
	pid_t old_pid = current->pid;	/* a thread becomes the leader */
	int err = -ENOMEM;

	if (!bprm)
		return err;
	err = name_by_fd(bprm, dfd, name);
	if (err)
		goto out;
	bprm->interp = bprm->filename;
	err = count_strings(bprm, argv, envp);
	if (err)
		goto out;
	bprm->file = exec_open(dfd, name, at_flags);
	if (IS_ERR(bprm->file)) {
		err = PTR_ERR(bprm->file);
		bprm->file = NULL;
		goto out;
	}
	err = -ENOMEM;
	bprm->cred = prepare_creds();
	if (!bprm->cred)
		goto out;
	err = create_mm(bprm);
	if (!err)
		err = copy_strings(bprm, argv, envp);
	if (!err)
		err = load_binary(bprm);
	if (!err && unlikely(current->ptrace))
		ptrace_event(PTRACE_EVENT_EXEC, old_pid);
	if (err && bprm->past_return)
		force_sigsegv(SIGSEGV);	/* nothing left to return to */
out:
	free_bprm(bprm);
	return err;
}

/* ---- the point of no return ------------------------------------------ */

/* Handlers shared without sharing a process (CLONE_SIGHAND) are copied. */
static int unshare_sighand(void)
{
	return refcount_read(&current->sighand->refs) > 1 ?
	       sighand_unshare() : 0;
}

/*
 * From now on others see current as what the new program makes of it.
 * Locking: the group's exec_lock held. Return: the old address space, or NULL.
 */
static struct mm *become(struct linux_binprm *bprm)
{
	const struct cred *cred = bprm->cred;
	struct mm *old;
	bool trusted;

	exec_decide_creds(bprm);
	/*
	 * A program whose rights changed is not for others to look into; that
	 * holds before they can reach its memory.
	 */
	trusted = !bprm->secure && !bprm->unreadable &&
		  cred->euid == cred->uid && cred->egid == cred->gid;
	bprm->mm->dumpable = trusted ? DUMPABLE_USER : suid_dumpable;
	if (current->mm) {
		bprm->mm->thp_disabled = current->mm->thp_disabled;
		bprm->mm->dump_filter = current->mm->dump_filter;
	}
	if (bprm->secure)
		current->pdeath_signal = 0;
	if (bprm->clear_personality)
		current->personality &= ~PER_CLEAR_ON_SETID;
	current->personality &= ~READ_IMPLIES_EXEC;
	old = mm_install(bprm->mm);
	bprm->mm = NULL;
	commit_creds(bprm->cred);
	bprm->cred = NULL;
	return old;
}

static void forget_old_program(struct linux_binprm *bprm)
{
	const char *base = strrchr(bprm->filename, '/');

	current->flags &= ~(PF_FORKNOEXEC | PF_RANDOMIZE);
	if (aslr_is_on())
		current->flags |= PF_RANDOMIZE;
	current->rseq = (struct task_rseq){};
	syscall_dispatch_end();
	posix_timers_exit();
	current->sas_ss_sp = 0;
	current->sas_ss_size = 0;
	current->sas_ss_flags = SS_DISABLE;
	spin_lock_irq(&tasklist_lock);
	if (task_is_leader(current))
		current->exit_signal = SIGCHLD;
	spin_unlock_irq(&tasklist_lock);
	spin_lock_irq(&current->sighand->lock);
	flush_timer_signals(current);
	flush_signal_handlers(current, false);
	spin_unlock_irq(&current->sighand->lock);
	set_task_comm(current, base ? base + 1 : bprm->filename);
}

/*
 * Give up the old program for good: from here on current lives in the new
 * address space. For formats, once they know the file to be theirs.
 *
 * Context: process; may sleep.
 * Return:  0, or an error that the old program gets to see.
 */
int exec_begin(struct linux_binprm *bprm)
{
	struct mm *old;
	int err;

	exec_would_dump(bprm, bprm->file);
	err = exec_read_file_rights(bprm);
	if (!err)
		err = files_unshare_for_exec();
	if (!err)
		err = arch_thread_prepare_exec();
	if (!err)
		err = exec_kill_threads();
	if (err)
		return err;
	bprm->past_return = true;	/* without its threads it is no more */
	err = unshare_sighand();
	if (err)
		return err;
	files_close_on_exec();
	/* An address space keeps its program from being written to. */
	if (!deny_write_access(bprm->file->inode))
		bprm->mm->exe_file = get_file(bprm->file);

	mm_release(current);
	mutex_lock(&current->group->exec_lock);
	old = become(bprm);
	mutex_unlock(&current->group->exec_lock);
	if (old) {
		/* It is still the same process, whose peak this may be. */
		current->group->maxrss_pages =
			max(current->group->maxrss_pages, mm_hiwater_rss(old));
		mmput(old);
	}
	arch_thread_flush();
	forget_old_program(bprm);
	return 0;
}

/* ---- system calls ---------------------------------------------------- */

static long execve_user(int dfd, const char __user *filename,
			const struct arg_vector *argv,
			const struct arg_vector *envp, int flags)
{
	struct pathname name;
	int err;

	if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
		return -EINVAL;
	if (unlikely(current->flags & PF_NPROC_EXCEEDED)) {
		if (user_over_process_limit(current_cred()->user))
			return -EAGAIN;
		current->flags &= ~PF_NPROC_EXCEEDED;
	}
	err = pathname_get(&name, filename,
			   flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	if (err)
		return err;
	err = do_execve(dfd, name.name, flags, argv, envp);
	pathname_put(&name);
	return err;
}

SYSCALL_DEFINE3(execve, const char __user *, filename,
		const char __user *const __user *, argv,
		const char __user *const __user *, envp)
{
	return execve_user(AT_FDCWD, filename,
			   &(struct arg_vector){ .user = argv },
			   &(struct arg_vector){ .user = envp }, 0);
}

SYSCALL_DEFINE5(execveat, int, dfd, const char __user *, filename,
		const char __user *const __user *, argv,
		const char __user *const __user *, envp, int, flags)
{
	return execve_user(dfd, filename, &(struct arg_vector){ .user = argv },
			   &(struct arg_vector){ .user = envp }, flags);
}

/*
 * Turn a kernel thread that has no user half yet into a user program: how PID
 * 1 comes to be (kernel/main.c). On success the caller returns, and its return
 * leads to user mode.
 *
 * Context: process; may sleep. Return: 0, or why the file cannot be run.
 */
int kernel_execve(const char *filename, const char *const *argv,
		  const char *const *envp)
{
	return do_execve(AT_FDCWD, filename, 0,
			 &(struct arg_vector){ .kernel = argv },
			 &(struct arg_vector){ .kernel = envp });
}
