/*
 * What the notes of a core file contain.
 *
 * Source: man 5 core, man 5 elf; the layouts are what debuggers read.
 */
#pragma once

#include <uapi/time.h>
#include <uapi/types.h>

struct elf_siginfo {
	__s32	si_signo;
	__s32	si_code;
	__s32	si_errno;
};

/* NT_PRSTATUS: one thread. */
struct elf_prstatus {
	struct elf_siginfo	pr_info;
	__s16			pr_cursig;
	__u64			pr_sigpend;
	__u64			pr_sighold;
	__s32			pr_pid, pr_ppid, pr_pgrp, pr_sid;
	struct timeval		pr_utime, pr_stime, pr_cutime, pr_cstime;
	__u64			pr_reg[27];	/* struct user_regs_struct */
	__s32			pr_fpvalid;
};

/* NT_PRPSINFO: the process. */
struct elf_prpsinfo {
	char	pr_state;
	char	pr_sname;
	char	pr_zomb;
	char	pr_nice;
	__u64	pr_flag;
	__u32	pr_uid, pr_gid;
	__s32	pr_pid, pr_ppid, pr_pgrp, pr_sid;
	char	pr_fname[16];
	char	pr_psargs[80];
};
