/*
 * Core dumps: what a program that died of a signal leaves for a debugger.
 */
#pragma once

#include <fs/file.h>
#include <keel/list.h>
#include <kernel/completion.h>
#include <uapi/limits.h>

struct siginfo;
struct task;

bool do_coredump(const struct siginfo *info);
void coredump_park(void);

/*
 * /proc/sys/kernel/: the name, whether ".PID" is appended to it; how many may
 * go into pipes at a time, and wait for the reader. 0: any number, and not.
 */
#define CORENAME_MAX	128
extern char core_pattern[CORENAME_MAX];
extern int core_uses_pid;
extern int core_pipe_limit;

/* What the pattern becomes: a file's name, or a command's words. */
struct core_name {
	char		text[PATH_MAX];	/* each word ends in a null byte */
	size_t		len;
	bool		too_long;
	bool		is_command;
	bool		in_word;
	unsigned int	argc;
	const char	*argv[CORENAME_MAX / 2 + 1]; /* NULL ends it */
};

int core_name_make(struct core_name *name, int sig);

/* One dump under way; on the stack of the thread that writes it. */
struct core_dump {
	struct list_head	parked;		/* [sighand] core_thread.node */
	unsigned int		awaited;	/* [sighand] not parked yet */
	struct completion	all_parked;
};

/* One thread that waits for the end of the dump; on its own stack. */
struct core_thread {
	struct list_head	node;
	struct task		*task;
	bool			released;
};

/* A core file being written. Errors stick: err is looked at in the end. */
struct core_file {
	struct file	*file;
	loff_t		pos;
	unsigned long	limit;		/* RLIMIT_CORE, in bytes */
	bool		is_pipe;
	bool		failed;		/* full, killed, I/O error */
	bool		hole_at_end;
};

void core_write(struct core_file *core, const void *data, size_t len);
void core_skip(struct core_file *core, size_t len);

/* fs/coredump_elf.c, fs/coredump_notes.c */
struct core_notes;
bool elf_core_dump(struct core_file *core, const struct siginfo *info);

/* One area as it was when the dump began. */
struct core_area {
	unsigned long	start, end;
	unsigned long	dump_size;	/* bytes of it in the file */
	unsigned long	flags;
	unsigned long	pgoff;
	struct file	*file;		/* counted, or NULL */
};

struct core_notes *core_notes_make(const struct siginfo *info,
				   const struct core_area *areas,
				   unsigned int nr_areas);
size_t core_notes_size(const struct core_notes *notes);
void core_notes_write(struct core_file *core, const struct core_notes *notes);
void core_notes_free(struct core_notes *notes);
