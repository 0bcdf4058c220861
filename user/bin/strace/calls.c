/*
 * What the arguments of the commonest system calls are. A call that is not
 * here is printed with all six registers that could hold an argument: the
 * kernel does not say how many of them a call looks at.
 */
#include "strace.h"

#include <sys/syscall.h>

#define TAKES(...)	{ .args = { __VA_ARGS__ }, .known = true }
#define MAPS(...)	{ .args = { __VA_ARGS__ }, .known = true, \
			  .returns_pointer = true }

static const struct shape shapes[] = {
	/* files */
	[__NR_read] = TAKES(DESCRIPTOR, RESULT_BUFFER, SIZE),
	[__NR_write] = TAKES(DESCRIPTOR, BUFFER, SIZE),
	[__NR_pread64] = TAKES(DESCRIPTOR, RESULT_BUFFER, SIZE, LONG),
	[__NR_pwrite64] = TAKES(DESCRIPTOR, BUFFER, SIZE, LONG),
	[__NR_readv] = TAKES(DESCRIPTOR, POINTER, INT),
	[__NR_writev] = TAKES(DESCRIPTOR, POINTER, INT),
	[__NR_open] = TAKES(STRING, OPEN_FLAGS, CREAT_MODE),
	[__NR_openat] = TAKES(DIRECTORY, STRING, OPEN_FLAGS, CREAT_MODE),
	[__NR_close] = TAKES(DESCRIPTOR),
	[__NR_lseek] = TAKES(DESCRIPTOR, LONG, SEEK_FROM),
	[__NR_stat] = TAKES(STRING, POINTER),
	[__NR_lstat] = TAKES(STRING, POINTER),
	[__NR_fstat] = TAKES(DESCRIPTOR, POINTER),
	[__NR_newfstatat] = TAKES(DIRECTORY, STRING, POINTER, AT_FLAGS),
	[__NR_access] = TAKES(STRING, ACCESS_MODE),
	[__NR_faccessat] = TAKES(DIRECTORY, STRING, ACCESS_MODE),
	[__NR_readlink] = TAKES(STRING, RESULT_BUFFER, SIZE),
	[__NR_readlinkat] = TAKES(DIRECTORY, STRING, RESULT_BUFFER, SIZE),
	[__NR_getcwd] = TAKES(RESULT_BUFFER, SIZE),
	[__NR_chdir] = TAKES(STRING),
	[__NR_mkdir] = TAKES(STRING, OCTAL),
	[__NR_mkdirat] = TAKES(DIRECTORY, STRING, OCTAL),
	[__NR_rmdir] = TAKES(STRING),
	[__NR_unlink] = TAKES(STRING),
	[__NR_unlinkat] = TAKES(DIRECTORY, STRING, AT_FLAGS),
	[__NR_rename] = TAKES(STRING, STRING),
	[__NR_symlink] = TAKES(STRING, STRING),
	[__NR_link] = TAKES(STRING, STRING),
	[__NR_chmod] = TAKES(STRING, OCTAL),
	[__NR_umask] = TAKES(OCTAL),
	[__NR_ftruncate] = TAKES(DESCRIPTOR, LONG),
	[__NR_getdents64] = TAKES(DESCRIPTOR, POINTER, SIZE),
	[__NR_dup] = TAKES(DESCRIPTOR),
	[__NR_dup2] = TAKES(DESCRIPTOR, DESCRIPTOR),
	[__NR_fcntl] = TAKES(DESCRIPTOR, FCNTL_COMMAND, LONG),
	[__NR_ioctl] = TAKES(DESCRIPTOR, POINTER, POINTER),
	[__NR_pipe] = TAKES(RESULT_PAIR),
	[__NR_pipe2] = TAKES(RESULT_PAIR, FD_FLAGS),
	[__NR_poll] = TAKES(POINTER, INT, INT),
	[__NR_mount] = TAKES(STRING, STRING, STRING, POINTER, POINTER),

	/* memory */
	[__NR_brk] = MAPS(POINTER),
	[__NR_mmap] = MAPS(POINTER, SIZE, PROTECTION, MAP_FLAGS, DESCRIPTOR,
			   LONG),
	[__NR_mremap] = MAPS(POINTER, SIZE, SIZE, INT, POINTER),
	[__NR_munmap] = TAKES(POINTER, SIZE),
	[__NR_mprotect] = TAKES(POINTER, SIZE, PROTECTION),

	/* processes */
	[__NR_fork] = TAKES(END),
	[__NR_vfork] = TAKES(END),
	[__NR_clone] = TAKES(CLONE_FLAGS, POINTER, POINTER, POINTER, POINTER),
	[__NR_clone3] = TAKES(POINTER, SIZE),
	[__NR_execve] = TAKES(STRING, STRINGS, POINTER),
	[__NR_exit] = TAKES(INT),
	[__NR_exit_group] = TAKES(INT),
	[__NR_wait4] = TAKES(INT, RESULT_STATUS, WAIT_FLAGS, POINTER),
	[__NR_getpid] = TAKES(END),
	[__NR_gettid] = TAKES(END),
	[__NR_getppid] = TAKES(END),
	[__NR_getuid] = TAKES(END),
	[__NR_geteuid] = TAKES(END),
	[__NR_getgid] = TAKES(END),
	[__NR_getegid] = TAKES(END),
	[__NR_getpgrp] = TAKES(END),
	[__NR_setsid] = TAKES(END),
	[__NR_setpgid] = TAKES(INT, INT),
	[__NR_sched_yield] = TAKES(END),
	[__NR_set_tid_address] = TAKES(POINTER),
	[__NR_arch_prctl] = TAKES(POINTER, POINTER),
	[__NR_futex] = TAKES(POINTER, FUTEX_COMMAND, INT, POINTER),
	[__NR_uname] = TAKES(POINTER),
	[__NR_set_robust_list] = TAKES(POINTER, SIZE),
	[__NR_rseq] = TAKES(POINTER, SIZE, INT, POINTER),
	[__NR_prlimit64] = TAKES(INT, INT, POINTER, POINTER),
	[__NR_getrandom] = TAKES(POINTER, SIZE, POINTER),

	/* signals and time */
	[__NR_kill] = TAKES(INT, SIGNAL),
	[__NR_tkill] = TAKES(INT, SIGNAL),
	[__NR_tgkill] = TAKES(INT, INT, SIGNAL),
	[__NR_rt_sigaction] = TAKES(SIGNAL, POINTER, POINTER, SIZE),
	[__NR_rt_sigprocmask] = TAKES(SIGMASK_HOW, POINTER, POINTER, SIZE),
	[__NR_rt_sigreturn] = TAKES(END),
	[__NR_rt_sigsuspend] = TAKES(POINTER, SIZE),
	[__NR_pause] = TAKES(END),
	[__NR_alarm] = TAKES(INT),
	[__NR_nanosleep] = TAKES(POINTER, POINTER),
	[__NR_clock_nanosleep] = TAKES(CLOCK, INT, POINTER, POINTER),
	[__NR_clock_gettime] = TAKES(CLOCK, POINTER),

	/* sockets */
	[__NR_socket] = TAKES(SOCKET_FAMILY, SOCKET_TYPE, INT),
	[__NR_socketpair] = TAKES(SOCKET_FAMILY, SOCKET_TYPE, INT,
				  RESULT_PAIR),
	[__NR_connect] = TAKES(DESCRIPTOR, POINTER, INT),
	[__NR_bind] = TAKES(DESCRIPTOR, POINTER, INT),
	[__NR_listen] = TAKES(DESCRIPTOR, INT),
	[__NR_accept] = TAKES(DESCRIPTOR, POINTER, POINTER),
	[__NR_shutdown] = TAKES(DESCRIPTOR, INT),
};

static const struct shape anything = {
	.args = { POINTER, POINTER, POINTER, POINTER, POINTER, POINTER },
};

const struct shape *shape_of(unsigned long nr)
{
	if (nr < sizeof(shapes) / sizeof(shapes[0]) && shapes[nr].known)
		return &shapes[nr];
	return &anything;
}
