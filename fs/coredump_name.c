/*
 * Core dumps: what core_pattern makes of a dead process.
 *
 * The pattern is a file name in which %-letters stand for facts about the
 * process; or, after a `|`, the words of a command that is to be run with the
 * core as its input. A command is divided where the pattern has blanks: those
 * in what a letter stands for, which the dead program may have chosen, make no
 * words.
 *
 * Source: man 5 core.
 */
#include <fs/coredump.h>

#include <arch/current.h>
#include <fs/dentry.h>
#include <kernel/cred.h>
#include <kernel/sys.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <uapi/utsname.h>

char core_pattern[CORENAME_MAX] = "core";
int core_uses_pid;

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

/* With a reference, or NULL. Others may share the mm, and change it. */
static struct file *get_exe(struct mm *mm)
{
	struct file *exe;

	mmap_read_lock(mm);
	exe = mm->exe_file ? get_file(mm->exe_file) : NULL;
	mmap_read_unlock(mm);
	return exe;
}

/* The program's file: its path, or the last part of that. */
static void append_exe(struct core_name *name, bool whole)
{
	struct file *exe = get_exe(current->mm);
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL);
	char *path = buf && exe ? d_path(&exe->path, buf, PATH_MAX) : NULL;
	const char *slash;

	if (IS_ERR_OR_NULL(path)) {
		append_escaped(name, current->comm);
	} else {
		slash = whole ? NULL : strrchr(path, '/');
		append_escaped(name, slash ? slash + 1 : path);
	}
	kfree(buf);
	if (exe)
		fput(exe);
}

static void append_host(struct core_name *name)
{
	struct new_utsname uts;

	uts_read(&uts);
	append_escaped(name, uts.nodename);
}

/* One %-letter of the pattern. Return: does core_uses_pid find itself in it? */
static bool expand(struct core_name *name, char letter, int sig)
{
	switch (letter) {
	case '%':
		append(name, "%%");
		break;
	case 'p':
	case 'P':
		append(name, "%d", current->tgid);
		return letter == 'p';
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
		append_exe(name, true);
		break;
	case 'f':
		append_exe(name, false);
		break;
	case 'c':
		append(name, "%lu", task_rlimit(current, RLIMIT_CORE));
		break;
	}
	return false;
}

/* Of a command: does @c of the pattern only divide words? */
static bool divides(struct core_name *name, char c)
{
	if (c == ' ' || (c >= '\t' && c <= '\r')) {
		name->in_word = false;
		return true;
	}
	if (name->in_word)
		return false;
	/* The word before keeps the null byte that append() left behind it. */
	if (name->argc)
		name->len = min(name->len + 1, sizeof(name->text) - 1);
	name->argv[name->argc++] = name->text + name->len;
	name->in_word = true;
	return false;
}

/*
 * Fill @name, all zeros so far, for current, which dies of @sig. Letters
 * nobody knows stand for nothing.
 *
 * Context: process; may sleep.
 * Return:  0, -ENAMETOOLONG, -EINVAL (a command without a word).
 */
int core_name_make(struct core_name *name, int sig)
{
	char pattern[CORENAME_MAX];
	const char *p = pattern;
	bool has_pid = false;

	strscpy(pattern, core_pattern, sizeof(pattern));
	name->is_command = *p == '|';
	if (name->is_command)
		p++;
	for (; *p; p++) {
		if (name->is_command && divides(name, *p))
			continue;
		if (*p != '%')
			append(name, "%c", *p);
		else if (!*++p)
			break;
		else
			has_pid |= expand(name, *p, sig);
	}
	if (!name->is_command && !has_pid && core_uses_pid)
		append(name, ".%d", current->tgid);
	if (name->too_long)
		return -ENAMETOOLONG;
	return name->is_command && !name->argc ? -EINVAL : 0;
}
