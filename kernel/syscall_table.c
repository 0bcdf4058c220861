/*
 * The system-call table: every call this kernel has, in the order of Linux's
 * numbers. What is not listed does not exist: sys_ni_syscall() says so.
 *
 * The entry code calls sys_call_table[number] with the registers; how a
 * function gets from there to its arguments is in kernel/syscall.h.
 * docs/syscalls.md is generated from this file.
 */
#define LOG_PREFIX "syscall"

#include <arch/current.h>
#include <arch/syscall.h>
#include <kernel/printk.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <uapi/syscall.h>

#define NR_SYSCALLS	(__NR_set_mempolicy_home_node + 1)

/* The X in X(read) is what one line of the table becomes. */
#define ALL_SYSCALLS(X) \
	X(read) X(write) X(open) X(close) X(stat) X(fstat) X(lstat) X(poll) \
	X(lseek) X(mmap) X(mprotect) X(munmap) X(brk) X(rt_sigaction) \
	X(rt_sigprocmask) X(rt_sigreturn) X(ioctl) X(pread64) X(pwrite64) \
	X(readv) X(writev) X(access) X(pipe) X(select) X(sched_yield) \
	X(mremap) X(msync) X(mincore) X(madvise) X(shmget) X(shmat) \
	X(shmctl) X(dup) X(dup2) X(pause) X(nanosleep) X(getitimer) X(alarm) \
	X(setitimer) X(getpid) X(sendfile) X(socket) X(connect) X(accept) \
	X(sendto) X(recvfrom) X(sendmsg) X(recvmsg) X(shutdown) X(bind) \
	X(listen) X(getsockname) X(getpeername) X(socketpair) X(setsockopt) \
	X(getsockopt) X(clone) X(fork) X(vfork) X(execve) X(exit) X(wait4) \
	X(kill) X(uname) X(semget) X(semop) X(semctl) X(shmdt) X(msgget) \
	X(msgsnd) X(msgrcv) X(msgctl) X(fcntl) X(flock) X(fsync) \
	X(fdatasync) X(truncate) X(ftruncate) X(getdents) X(getcwd) X(chdir) \
	X(fchdir) X(rename) X(mkdir) X(rmdir) X(creat) X(link) X(unlink) \
	X(symlink) X(readlink) X(chmod) X(fchmod) X(chown) X(fchown) \
	X(lchown) X(umask) X(gettimeofday) X(getrlimit) X(getrusage) \
	X(sysinfo) X(times) X(ptrace) X(getuid) X(syslog) X(getgid) \
	X(setuid) X(setgid) X(geteuid) X(getegid) X(setpgid) X(getppid) \
	X(getpgrp) X(setsid) X(setreuid) X(setregid) X(getgroups) \
	X(setgroups) X(setresuid) X(getresuid) X(setresgid) X(getresgid) \
	X(getpgid) X(setfsuid) X(setfsgid) X(getsid) X(capget) X(capset) \
	X(rt_sigpending) X(rt_sigtimedwait) X(rt_sigqueueinfo) \
	X(rt_sigsuspend) X(sigaltstack) X(utime) X(mknod) X(personality) \
	X(statfs) X(fstatfs) X(getpriority) X(setpriority) X(sched_setparam) \
	X(sched_getparam) X(sched_setscheduler) X(sched_getscheduler) \
	X(sched_get_priority_max) X(sched_get_priority_min) \
	X(sched_rr_get_interval) X(mlock) X(munlock) X(mlockall) \
	X(munlockall) X(vhangup) X(pivot_root) X(prctl) X(arch_prctl) \
	X(adjtimex) X(setrlimit) X(chroot) X(sync) X(settimeofday) X(mount) \
	X(umount2) X(reboot) X(sethostname) X(setdomainname) X(gettid) \
	X(readahead) X(setxattr) X(lsetxattr) X(fsetxattr) X(getxattr) \
	X(lgetxattr) X(fgetxattr) X(listxattr) X(llistxattr) X(flistxattr) \
	X(removexattr) X(lremovexattr) X(fremovexattr) X(tkill) X(time) \
	X(futex) X(sched_setaffinity) X(sched_getaffinity) X(epoll_create) \
	X(getdents64) X(set_tid_address) X(restart_syscall) X(semtimedop) \
	X(fadvise64) X(timer_create) X(timer_settime) X(timer_gettime) \
	X(timer_getoverrun) X(timer_delete) X(clock_settime) \
	X(clock_gettime) X(clock_getres) X(clock_nanosleep) X(exit_group) \
	X(epoll_wait) X(epoll_ctl) X(tgkill) X(utimes) X(mq_open) \
	X(mq_unlink) X(mq_timedsend) X(mq_timedreceive) X(mq_notify) \
	X(mq_getsetattr) X(waitid) X(ioprio_set) X(ioprio_get) X(openat) \
	X(mkdirat) X(mknodat) X(fchownat) X(futimesat) X(newfstatat) \
	X(unlinkat) X(renameat) X(linkat) X(symlinkat) X(readlinkat) \
	X(fchmodat) X(faccessat) X(pselect6) X(ppoll) X(unshare) \
	X(set_robust_list) X(get_robust_list) X(splice) X(tee) \
	X(sync_file_range) X(vmsplice) X(utimensat) X(epoll_pwait) \
	X(signalfd) X(timerfd_create) X(eventfd) X(fallocate) \
	X(timerfd_settime) X(timerfd_gettime) X(accept4) X(signalfd4) \
	X(eventfd2) X(epoll_create1) X(dup3) X(pipe2) X(preadv) X(pwritev) \
	X(rt_tgsigqueueinfo) X(recvmmsg) X(prlimit64) X(clock_adjtime) \
	X(syncfs) X(sendmmsg) X(setns) X(getcpu) X(process_vm_readv) \
	X(process_vm_writev) X(kcmp) X(sched_setattr) X(sched_getattr) \
	X(renameat2) X(seccomp) X(getrandom) X(memfd_create) X(execveat) \
	X(membarrier) X(mlock2) X(copy_file_range) X(preadv2) X(pwritev2) \
	X(statx) X(rseq) X(pidfd_send_signal) X(pidfd_open) X(clone3) \
	X(close_range) X(openat2) X(pidfd_getfd) X(faccessat2) \
	X(process_madvise) X(epoll_pwait2) X(futex_waitv)

#define DECLARE(name)	long sys_##name(const struct pt_regs *regs);
ALL_SYSCALLS(DECLARE)

/* Entries are first all given to sys_ni_syscall, then the known ones set. */
#pragma GCC diagnostic ignored "-Woverride-init"
#define ENTRY(name)	[__NR_##name] = sys_##name,
const syscall_fn sys_call_table[NR_SYSCALLS] = {
	[0 ... NR_SYSCALLS - 1] = sys_ni_syscall,
	ALL_SYSCALLS(ENTRY)
};

const unsigned int nr_syscalls = NR_SYSCALLS;

/* Names of all of Linux's calls, for the log; made from uapi/syscall.h. */
static const char *const syscall_names[] = {
#include <syscall_names.inc>
};

static unsigned long told[NR_SYSCALLS / 64 + 1];	/* atomic bits */

/*
 * A call this kernel does not have, or a number that is nobody's: -ENOSYS, and
 * one line in the log for each that somebody tried.
 */
long sys_ni_syscall(const struct pt_regs *regs)
{
	unsigned int nr = syscall_get_nr(regs);

	if (nr >= NR_SYSCALLS || nr >= ARRAY_SIZE(syscall_names) ||
	    !syscall_names[nr])
		return -ENOSYS;
	if (!test_bit(nr, told) && !test_and_set_bit(nr, told))
		pr_info("%s (%u) is not implemented; %s called it",
			syscall_names[nr], nr, current->comm);
	return -ENOSYS;
}
