/*
 * execve(2): one program's task becomes another program's.
 *
 * A struct linux_binprm is one such change under way. Everything that can be
 * checked is checked, and the new address space is built with the argument
 * strings already on its stack, while the old program still exists: up to
 * exec_begin() an error is simply returned to it. After that there is no
 * program to return to, and an error kills the task.
 *
 * Formats are tried in turn (binfmts in exec.c). One that only names an
 * interpreter (a #! script) replaces bprm->file and has the search begin again.
 */
#pragma once

#include <keel/types.h>

struct cred;
struct file;
struct mm;
struct pt_regs;

#define BINPRM_BUF_SIZE	256

struct linux_binprm {
	struct file	*file;		/* what is loaded; counted */
	struct file	*executable;	/* the script, if that was a script */
	struct mm	*mm;		/* the new one; NULL once installed */
	unsigned long	p;		/* the stack so far, growing down */
	unsigned long	p_limit;	/* below this: -E2BIG */
	unsigned long	stack_top;	/* where the stack ends */
	int		argc, envc;
	const char	*filename;	/* as given to execve: AT_EXECFN */
	char		*fd_name;	/* allocated filename, or NULL */
	const char	*interp;	/* what scripts are told they are */
	char		*interp_name;	/* allocated interp, or NULL */
	unsigned long	filename_addr;	/* where it lies on the new stack */
	struct cred	*cred;		/* who the new program will be */
	bool		secure;		/* set-id or new capabilities */
	bool		unreadable;	/* execute permission only: no dumps */
	bool		clear_personality; /* gains rights: no odd layouts */
	/* Set-id bits and owners, read together; 0: it has no such bits. */
	mode_t		set_bits;
	uid_t		file_uid;
	gid_t		file_gid;
	/* What the file's security.capability says. */
	bool		has_file_caps, file_effective;
	uint64_t	file_permitted, file_inheritable;
	bool		past_return;	/* exec_begin() was called */
	int		depth;		/* interpreters so far */
	bool		opened_by_fd;	/* execveat(fd, "", AT_EMPTY_PATH) */
	char		buf[BINPRM_BUF_SIZE];	/* the file's first bytes */
};

/*
 * A format. load returns 0 when the task is set up, -ENOEXEC for "not mine",
 * or another errno. Context: process; may sleep.
 */
struct binfmt {
	const char	*name;
	int		(*load)(struct linux_binprm *bprm);
};

extern const struct binfmt elf_binfmt;
extern const struct binfmt script_binfmt;

/* What formats use. */
struct file *exec_open(int dfd, const char *name, unsigned int at_flags);
int exec_change_interpreter(struct linux_binprm *bprm, const char *interp);
int exec_push_string(struct linux_binprm *bprm, const char *string);
int exec_pop_arg0(struct linux_binprm *bprm);
int exec_begin(struct linux_binprm *bprm);

/* fs/exec_cred.c */
int exec_read_file_rights(struct linux_binprm *bprm);
void exec_decide_creds(struct linux_binprm *bprm);
void exec_would_dump(struct linux_binprm *bprm, struct file *file);

/* fs/elf_tables.c */
struct elf_load_info;
int elf_create_tables(struct linux_binprm *bprm,
		      const struct elf_load_info *info, unsigned long *sp);

/* The kernel's own exec, for PID 1: vectors end in NULL. */
int kernel_execve(const char *filename, const char *const *argv,
		  const char *const *envp);
