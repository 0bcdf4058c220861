/*
 * ptrace(2) as emulators and checkpointers use it: calls that are shown but
 * never made, filters read back and suspended, where rseq is registered.
 */
#include "ptracetools.h"

#include <linux/filter.h>
#include <linux/rseq.h>
#include <linux/seccomp.h>

#define SYSEMU			31
#define SYSEMU_SINGLESTEP	32
#define SINGLEBLOCK		33
#define GET_FILTER		0x420c
#define GET_METADATA		0x420d
#define GET_RSEQ		0x420f
#define SUSPEND_SECCOMP		(1 << 21)
#define SIGNATURE		0x53053053

struct metadata {
	uint64_t	filter_off;
	uint64_t	flags;
};

struct rseq_conf {
	uint64_t	pointer;
	uint32_t	size;
	uint32_t	signature;
	uint32_t	flags;
	uint32_t	pad;
};

/* A tracee that is about to make @nr's call, through no C library. */
static void to_emulated(pid_t pid, unsigned long nr, long request)
{
	do {
		OK(PT(request, pid, 0, 0));
		EXPECT_STOP(pid, STOPPED_BY(SIGTRAP | 0x80));
	} while (regs_of(pid).orig_rax != nr);
}

static void set_result(pid_t pid, long value)
{
	OK(PT(PTRACE_POKEUSR, pid, offsetof(struct user, regs.rax), value));
}

/* The call is not made; its result is what the tracer leaves in rax. */
TEST(sysemu_makes_no_call)
{
	pid_t pid;

	TRACEE(pid) {
		EXPECT_EQ(syscall(SYS_getppid), 4711);
		EXPECT_ERR(syscall(SYS_getpgrp), ENOSYS);
		EXPECT_ERR(syscall(SYS_exit_group, 7), EXDEV);
		EXPECT_EQ(syscall(SYS_getpid), getpid());
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	to_emulated(pid, SYS_getppid, PTRACE_SYSCALL);
	OK(PT(PTRACE_SYSCALL, pid, 0, 0));	/* its end */
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP | 0x80));
	set_result(pid, 4711);
	/* One stop for each call, not two. */
	OK(PT(SYSEMU, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP | 0x80));
	EXPECT_EQ(regs_of(pid).orig_rax, SYS_getpgrp);
	EXPECT_EQ(regs_of(pid).rax, -ENOSYS);
	OK(PT(SYSEMU, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP | 0x80));
	EXPECT_EQ(regs_of(pid).orig_rax, SYS_exit_group);
	set_result(pid, -EXDEV);
	finish(pid);
}

/* With PTRACE_SYSCALL the call that is not made ends in a stop all the same. */
TEST(sysemu_then_syscall)
{
	struct ptrace_syscall_info info;
	pid_t pid;

	TRACEE(pid)
		EXPECT_EQ(syscall(SYS_getppid), 12);
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	OK(PT(SYSEMU, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP | 0x80));
	EXPECT_EQ(regs_of(pid).orig_rax, SYS_getppid);
	OK(PT(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info));
	EXPECT_EQ(info.op, PTRACE_SYSCALL_INFO_ENTRY);
	set_result(pid, 12);
	OK(PT(PTRACE_SYSCALL, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP | 0x80));
	OK(PT(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info));
	EXPECT_EQ(info.op, PTRACE_SYSCALL_INFO_EXIT);
	EXPECT_EQ(info.exit.rval, 12);
	finish(pid);
}

TEST(sysemu_and_single_steps)
{
	unsigned long ip;
	pid_t pid;

	TRACEE(pid)
		__asm__ __volatile__(
			"int3\n\t"
			"mov $110, %%eax\n\t"		/* getppid */
			"syscall\n\t"
			"nop\n\t"
			"cmp $77, %%rax\n\t"
			"je 1f\n\t"
			"ud2\n"
			"1:"
			::: "rax", "rcx", "r11", "cc", "memory");
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP));
	ip = regs_of(pid).rip;
	OK(PT(SYSEMU_SINGLESTEP, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP));
	EXPECT_EQ(regs_of(pid).rip, ip + 5);
	OK(PT(SYSEMU_SINGLESTEP, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP | 0x80));
	EXPECT_EQ(regs_of(pid).orig_rax, SYS_getppid);
	set_result(pid, 77);
	/* No stop at the call's end: the step is the instruction after it. */
	OK(PT(SYSEMU_SINGLESTEP, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP));
	EXPECT_EQ(regs_of(pid).rip, ip + 5 + 2 + 1);
	finish(pid);
}

/* Nothing of it is left when the tracer goes, nor in children. */
TEST(sysemu_ends_with_the_tracer)
{
	pid_t pid;

	TRACEE(pid) {
		syscall(SYS_getpgrp);
		pid_t child = syscall(SYS_fork);
		if (child == 0)
			_exit(getppid() > 1 ? 3 : 4);
		EXPECT_EXIT(child, 3);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
	OK(PT(SYSEMU, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP | 0x80));
	EXPECT_EQ(regs_of(pid).orig_rax, SYS_getpgrp);
	OK(PT(PTRACE_DETACH, pid, 0, 0));
	EXPECT_EXIT(pid, 0);
}

/* From branch to branch, or, where the CPU cannot, in shorter steps. */
TEST(steps_of_blocks)
{
	unsigned long ip;
	int steps = 0;
	pid_t pid;

	TRACEE(pid)
		__asm__ __volatile__(
			"int3\n\t"
			"nop\n\tnop\n\tnop\n\t"
			"jmp 1f\n\t"
			"ud2\n"
			"1:\tnop"
			::: "memory");
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGTRAP));
	ip = regs_of(pid).rip;
	do {
		OK(PT(SINGLEBLOCK, pid, 0, 0));
		EXPECT_STOP(pid, STOPPED_BY(SIGTRAP));
	} while (regs_of(pid).rip < ip + 3 + 2 + 2 && ++steps < 10);
	EXPECT_EQ(regs_of(pid).rip, ip + 3 + 2 + 2);
	finish(pid);
}

/* ---- seccomp ---- */

static struct sock_filter allow[] = {
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static struct sock_filter refuse[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static void install(struct sock_filter *insns, int len, unsigned flags)
{
	struct sock_fprog prog = { len, insns };

	OK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog));
}

TEST(filters_can_be_read_back)
{
	struct sock_filter got[8];
	struct metadata md = {};
	pid_t pid;

	TRACEE(pid) {
		OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		install(allow, 1, 0);
		install(refuse, 4, SECCOMP_FILTER_FLAG_LOG);
		raise(SIGSTOP);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	EXPECT_ERR(PT(GET_FILTER, pid, 0, NULL), EINVAL);	/* none yet */
	EXPECT_ERR(PT(GET_METADATA, pid, sizeof(md), &md), EINVAL);
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	EXPECT_EQ(PT(GET_FILTER, pid, 0, NULL), 1);	/* the oldest */
	EXPECT_EQ(PT(GET_FILTER, pid, 1, NULL), 4);
	EXPECT_ERR(PT(GET_FILTER, pid, 2, NULL), ENOENT);
	EXPECT_ERR(PT(GET_FILTER, pid, -1L, NULL), ENOENT);
	EXPECT_ERR(PT(GET_FILTER, pid, 1, 8), EFAULT);
	EXPECT_EQ(PT(GET_FILTER, pid, 1, got), 4);
	EXPECT_MEM(got, refuse, sizeof(refuse));
	EXPECT_EQ(PT(GET_FILTER, pid, 0, got), 1);
	EXPECT_MEM(got, allow, sizeof(allow));

	EXPECT_ERR(PT(GET_METADATA, pid, 7, &md), EINVAL);
	EXPECT_ERR(PT(GET_METADATA, pid, sizeof(md), 8), EFAULT);
	EXPECT_EQ(PT(GET_METADATA, pid, sizeof(md), &md), 16);
	EXPECT_EQ(md.flags, 0);
	md = (struct metadata){ 1, 99 };
	EXPECT_EQ(PT(GET_METADATA, pid, 8, &md), 8);
	EXPECT_EQ(md.flags, 99);
	EXPECT_EQ(PT(GET_METADATA, pid, 100, &md), 16);
	EXPECT_EQ(md.flags, SECCOMP_FILTER_FLAG_LOG);
	EXPECT_EQ(md.filter_off, 1);
	md.filter_off = 2;
	EXPECT_ERR(PT(GET_METADATA, pid, sizeof(md), &md), ENOENT);
	finish(pid);
}

TEST(filters_are_not_for_everybody)
{
	struct metadata md = {};
	pid_t pid, tracer;

	IN_CHILD(tracer) {
		become_user(1000, 1000);
		TRACEE(pid) {
			OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
			install(allow, 1, 0);
			raise(SIGSTOP);
		}
		EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
		OK(PT(PTRACE_CONT, pid, 0, 0));
		EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
		EXPECT_ERR(PT(GET_FILTER, pid, 0, NULL), EACCES);
		EXPECT_ERR(PT(GET_METADATA, pid, sizeof(md), &md), EACCES);
		EXPECT_ERR(PT(PTRACE_SETOPTIONS, pid, 0, SUSPEND_SECCOMP),
			   EPERM);
		finish(pid);
	}
	EXPECT_EXIT(tracer, 0);
	/* Nor for one that is bound itself. */
	IN_CHILD(tracer) {
		TRACEE(pid)
			;
		EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
		install(allow, 1, 0);
		EXPECT_ERR(PT(GET_FILTER, pid, 0, NULL), EACCES);
		EXPECT_ERR(PT(PTRACE_SETOPTIONS, pid, 0, SUSPEND_SECCOMP),
			   EPERM);
		finish(pid);
	}
	EXPECT_EXIT(tracer, 0);
}

/* For as long as the option is set, no filter is asked. */
TEST(seccomp_can_be_suspended)
{
	pid_t pid;

	TRACEE(pid) {
		OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		install(refuse, 4, 0);
		EXPECT_ERR(syscall(SYS_getppid), EXDEV);
		raise(SIGSTOP);
		EXPECT(syscall(SYS_getppid) > 0);
		raise(SIGSTOP);
		EXPECT_ERR(syscall(SYS_getppid), EXDEV);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_SETOPTIONS, pid, 0, SUSPEND_SECCOMP));
	OK(PT(PTRACE_CONT, pid, 0, 0));
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	OK(PT(PTRACE_SETOPTIONS, pid, 0, 0));
	finish(pid);
}

/* ---- rseq ---- */

TEST(where_rseq_is_registered)
{
	static struct rseq area;
	struct rseq_conf conf;
	pid_t pid;

	TRACEE(pid) {
		/* Whatever the C library has registered is in the way. */
		if (syscall(SYS_rseq, &area, sizeof(area), 0, SIGNATURE) < 0)
			_exit(TEST_SKIPPED);
		raise(SIGSTOP);
	}
	EXPECT_STOP(pid, STOPPED_BY(SIGSTOP));
	EXPECT_EQ(PT(GET_RSEQ, pid, sizeof(conf), &conf), 24);
	OK(PT(PTRACE_CONT, pid, 0, 0));
	int status = stop_of(pid);
	if (WIFEXITED(status)) {
		/* By glibc, then, with its own signature. */
		EXPECT_EQ(WEXITSTATUS(status), TEST_SKIPPED);
		EXPECT(conf.pointer != 0);
		EXPECT_EQ(conf.size, 32);
		EXPECT_EQ(conf.signature, SIGNATURE);
		return;
	}
	EXPECT_EQ(status, STOPPED_BY(SIGSTOP));
	EXPECT_EQ(conf.pointer, 0);
	memset(&conf, 0xff, sizeof(conf));
	EXPECT_EQ(PT(GET_RSEQ, pid, 8, &conf), 24);
	EXPECT_EQ(conf.pointer, (unsigned long)&area);
	EXPECT_EQ(conf.size, -1);
	EXPECT_EQ(PT(GET_RSEQ, pid, 100, &conf), 24);
	EXPECT_EQ(conf.size, 32);
	EXPECT_EQ(conf.signature, SIGNATURE);
	EXPECT_EQ(conf.flags, 0);
	EXPECT_EQ(conf.pad, 0);
	EXPECT_ERR(PT(GET_RSEQ, pid, sizeof(conf), 8), EFAULT);
	finish(pid);
}
