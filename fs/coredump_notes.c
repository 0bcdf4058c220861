/*
 * Core dumps: the notes, which say what the memory does not.
 *
 * A note is a header, an owner's name and contents, both padded to four bytes.
 * The first thread's, the one that took the signal, come first, with what is
 * said once of the process: what it was, the signal, the auxiliary vector, and
 * which files are mapped where. Then the registers of all others.
 *
 * All of it is collected in memory first: its size stands in a header that is
 * written before it.
 */
#include <fs/coredump.h>

#include <arch/current.h>
#include <arch/traced.h>
#include <fs/dentry.h>
#include <kernel/cred.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/time.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <uapi/elf.h>
#include <uapi/elfcore.h>
#include <uapi/limits.h>

struct core_notes {
	char	*buf;
	size_t	len, room;
	bool	failed;		/* no memory */
};

/* @len more bytes, zeroed and padded to four; NULL if there is no memory. */
static void *reserve(struct core_notes *notes, size_t len)
{
	size_t need = notes->len + ALIGN_UP(len, 4), room;
	char *at;

	if (!notes->failed && need > notes->room) {
		room = max(2 * notes->room, ALIGN_UP(need, PAGE_SIZE));
		at = kvzalloc(room, GFP_KERNEL);
		if (at && notes->len)
			memcpy(at, notes->buf, notes->len);
		if (at) {
			kvfree(notes->buf);
			notes->buf = at;
			notes->room = room;
		} else {
			notes->failed = true;
		}
	}
	if (notes->failed)
		return NULL;
	at = notes->buf + notes->len;
	notes->len = need;
	return at;
}

/* Begin a note with @len bytes of contents. Return: where they go, or NULL. */
static void *begin_note(struct core_notes *notes, const char *owner,
			unsigned int type, size_t len)
{
	size_t name_len = strlen(owner) + 1;
	struct elf64_note *head = reserve(notes, sizeof(*head));
	char *name;

	if (!head)
		return NULL;
	*head = (struct elf64_note){
		.n_namesz = name_len, .n_descsz = len, .n_type = type,
	};
	name = reserve(notes, name_len);
	if (!name)
		return NULL;
	memcpy(name, owner, name_len);
	return reserve(notes, len);
}

static void add_note(struct core_notes *notes, const char *owner,
		     unsigned int type, const void *data, size_t len)
{
	void *to = begin_note(notes, owner, type, len);

	if (to)
		memcpy(to, data, len);
}

static struct timeval to_timeval(uint64_t ns)
{
	return (struct timeval){ .tv_sec = ns / NSEC_PER_SEC,
				 .tv_usec = ns % NSEC_PER_SEC / 1000 };
}

/* ---- one thread ------------------------------------------------------ */

static void fill_prstatus(struct elf_prstatus *st, struct task *task, int sig,
			  const struct siginfo *info)
{
	struct thread_group *group = task->group;
	struct cputime time = task_cputime(task);

	st->pr_info.si_signo = sig;
	st->pr_info.si_code = info ? info->si_code : 0;
	st->pr_info.si_errno = info ? info->si_errno : 0;
	st->pr_cursig = sig;
	st->pr_sigpend = task->pending.set;
	st->pr_sighold = task->blocked;
	st->pr_pid = task->pid;
	st->pr_ppid = task_ppid_nr(task);
	st->pr_pgrp = task_pgrp_nr(task);
	st->pr_sid = task_session_nr(task);
	st->pr_utime = to_timeval(time.utime_ns);
	st->pr_stime = to_timeval(time.stime_ns);
	st->pr_cutime = to_timeval(group->cutime_ns);
	st->pr_cstime = to_timeval(group->cstime_ns);
	st->pr_fpvalid = 1;
}

static void add_prstatus(struct core_notes *notes, struct task *task, int sig,
			 const struct siginfo *info)
{
	struct elf_prstatus *st = begin_note(notes, "CORE", NT_PRSTATUS,
					     sizeof(*st));

	if (!st)
		return;
	fill_prstatus(st, task, sig, info);
	arch_regset(0)->get(task, st->pr_reg);
}

/* All sets but the general registers, which are in the status. */
static void add_regsets(struct core_notes *notes, struct task *task)
{
	const struct regset *set;
	void *buf;

	for (unsigned int n = 1; (set = arch_regset(n)); n++) {
		buf = begin_note(notes, set->owner, set->note,
				 arch_regset_size(set));
		if (buf)
			set->get(task, buf);
	}
}

/* ---- the process ----------------------------------------------------- */

/* The arguments as one line. */
static void get_arguments(char *to, size_t size)
{
	struct mm *mm = current->mm;
	size_t len = min(size - 1, mm->arg_end - mm->arg_start);

	len = access_remote_vm(mm, mm->arg_start, to, len, false, false);
	for (size_t i = 0; i < len; i++)
		if (!to[i])
			to[i] = ' ';
	to[len] = '\0';
}

static void add_psinfo(struct core_notes *notes)
{
	struct elf_prpsinfo *ps = begin_note(notes, "CORE", NT_PRPSINFO,
					     sizeof(*ps));

	if (!ps)
		return;
	ps->pr_sname = 'R';
	ps->pr_nice = task_nice(current);
	ps->pr_flag = current->flags;
	ps->pr_uid = current_uid();
	ps->pr_gid = current_gid();
	ps->pr_pid = current->tgid;
	ps->pr_ppid = task_ppid_nr(current);
	ps->pr_pgrp = task_pgrp_nr(current);
	ps->pr_sid = task_session_nr(current);
	strscpy(ps->pr_fname, current->comm, sizeof(ps->pr_fname));
	get_arguments(ps->pr_psargs, sizeof(ps->pr_psargs));
}

static void add_auxv(struct core_notes *notes)
{
	const unsigned long *auxv = current->mm->saved_auxv;
	size_t n = 0;

	do
		n += 2;
	while (n < AT_VECTOR_LONGS && auxv[n - 2]);
	add_note(notes, "CORE", NT_AUXV, auxv, n * sizeof(*auxv));
}

/* The names, one behind the other, in a buffer of their own. */
static bool collect_names(struct core_notes *names,
			  const struct core_area *areas, unsigned int nr)
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL);

	for (unsigned int i = 0; buf && i < nr; i++) {
		const char *path;
		char *to;

		if (!areas[i].file)
			continue;
		path = d_path(&areas[i].file->path, buf, PATH_MAX);
		if (IS_ERR(path))
			path = "";
		to = reserve(names, strlen(path) + 1);
		if (!to)
			break;
		memcpy(to, path, strlen(path) + 1);
		/* No padding here. */
		names->len = to + strlen(path) + 1 - names->buf;
	}
	kfree(buf);
	return buf && !names->failed;
}

/*
 * NT_FILE: how many, the unit of offsets, then from, to and offset of each,
 * then their names.
 */
static void add_files(struct core_notes *notes, const struct core_area *areas,
		      unsigned int nr)
{
	struct core_notes names = {};
	size_t count = 0;
	uint64_t *to = NULL;

	for (unsigned int i = 0; i < nr; i++)
		count += areas[i].file != NULL;
	if (count && collect_names(&names, areas, nr))
		to = begin_note(notes, "CORE", NT_FILE,
				(2 + 3 * count) * sizeof(*to) + names.len);
	if (to) {
		*to++ = count;
		*to++ = PAGE_SIZE;
		for (unsigned int i = 0; i < nr; i++) {
			if (!areas[i].file)
				continue;
			*to++ = areas[i].start;
			*to++ = areas[i].end;
			*to++ = areas[i].pgoff;
		}
		memcpy(to, names.buf, names.len);
	}
	kvfree(names.buf);
}

/*
 * Collect all notes. Context: process; may sleep; the other threads are
 * parked. Return: NULL if there is no memory.
 */
struct core_notes *core_notes_make(const struct siginfo *info,
				   const struct core_area *areas,
				   unsigned int nr_areas)
{
	struct core_notes *notes = kzalloc(sizeof(*notes), GFP_KERNEL);
	struct core_thread *thread;

	if (!notes)
		return NULL;
	arch_sync_current();
	add_prstatus(notes, current, info->si_signo, info);
	add_psinfo(notes);
	add_note(notes, "CORE", NT_SIGINFO, info, sizeof(*info));
	add_auxv(notes);
	add_files(notes, areas, nr_areas);
	add_regsets(notes, current);
	list_for_each_entry(thread, &current->group->core_dump->parked, node) {
		add_prstatus(notes, thread->task, info->si_signo, NULL);
		add_regsets(notes, thread->task);
	}
	if (!notes->failed)
		return notes;
	core_notes_free(notes);
	return NULL;
}

size_t core_notes_size(const struct core_notes *notes)
{
	return notes->len;
}

void core_notes_write(struct core_file *core, const struct core_notes *notes)
{
	core_write(core, notes->buf, notes->len);
}

void core_notes_free(struct core_notes *notes)
{
	kvfree(notes->buf);
	kfree(notes);
}
