/* seccomp(2): strict mode, filters and all they can answer. */
#include "test.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/user.h>

#define NR	((unsigned)offsetof(struct seccomp_data, nr))
#define STMT(code, k)		BPF_STMT(code, k)
#define LOAD(what)		STMT(BPF_LD | BPF_W | BPF_ABS, what)
#define GIVE(what)		STMT(BPF_RET | BPF_K, what)
/* If the call is @nr, answer @what. */
#define IF_CALL(nr, what)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1), \
				GIVE(what)

#define PROG(insns) ((struct sock_fprog){ ARRAY_SIZE(insns), insns })

static long install(struct sock_fprog prog, unsigned flags)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

/* A filter that answers @what to getpgrp, and allows the rest. */
static void filter_getpgrp(unsigned what)
{
	struct sock_filter insns[] = {
		LOAD(NR), IF_CALL(SYS_getpgrp, what), GIVE(SECCOMP_RET_ALLOW),
	};

	OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	OK(install(PROG(insns), 0));
}

TEST(strict_mode_keeps_four_calls)
{
	pid_t pid;
	char c = 0;

	IN_CHILD(pid) {
		EXPECT_EQ(prctl(PR_GET_SECCOMP), 0);
		OK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
		syscall(SYS_read, 0, &c, 1);
		syscall(SYS_exit, 4);
	}
	EXPECT_EXIT(pid, 4);
	IN_CHILD(pid) {
		OK(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL));
		syscall(SYS_getpid);
	}
	EXPECT_KILLED(pid, SIGKILL);
}

TEST(a_filter_gives_errors)
{
	pid_t pid;

	IN_CHILD(pid) {
		filter_getpgrp(SECCOMP_RET_ERRNO | EXDEV);
		EXPECT_EQ(prctl(PR_GET_SECCOMP), 2);
		EXPECT_ERR(syscall(SYS_getpgrp), EXDEV);
		OK(getppid());
		EXPECT_ERR(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT), EINVAL);
	}
	EXPECT_EXIT(pid, 0);
	IN_CHILD(pid) {
		filter_getpgrp(SECCOMP_RET_ERRNO);
		EXPECT_EQ(syscall(SYS_getpgrp), 0);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(a_filter_kills)
{
	pid_t pid;

	IN_CHILD(pid) {
		signal(SIGSYS, SIG_IGN);
		filter_getpgrp(SECCOMP_RET_KILL_PROCESS);
		syscall(SYS_getpgrp);
	}
	EXPECT_KILLED(pid, SIGSYS);
	IN_CHILD(pid) {
		filter_getpgrp(SECCOMP_RET_KILL_THREAD);
		syscall(SYS_getpgrp);
	}
	EXPECT_KILLED(pid, SIGSYS);
	IN_CHILD(pid) {
		filter_getpgrp(0x12340000);	/* no such action */
		syscall(SYS_getpgrp);
	}
	EXPECT_KILLED(pid, SIGSYS);
}

static void *call_getpgrp(void *arg)
{
	(void)arg;
	syscall(SYS_getpgrp);
	return NULL;
}

TEST(one_thread_may_be_killed_alone)
{
	pthread_t thread;
	pid_t pid;

	IN_CHILD(pid) {
		filter_getpgrp(SECCOMP_RET_KILL_THREAD);
		EXPECT_EQ(pthread_create(&thread, NULL, call_getpgrp, NULL), 0);
		EXPECT_EQ(pthread_join(thread, NULL), 0);
	}
	EXPECT_EXIT(pid, 0);
}

static volatile int seen_errno, seen_nr, seen_code;
static void *volatile seen_addr;

static void on_sigsys(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	seen_errno = info->si_errno;
	seen_nr = info->si_syscall;
	seen_code = info->si_code;
	seen_addr = info->si_call_addr;
}

TEST(a_filter_traps)
{
	struct sigaction sa = { .sa_sigaction = on_sigsys,
				.sa_flags = SA_SIGINFO };
	pid_t pid;

	IN_CHILD(pid) {
		OK(sigaction(SIGSYS, &sa, NULL));
		filter_getpgrp(SECCOMP_RET_TRAP | 77);
		EXPECT_EQ(syscall(SYS_getpgrp), SYS_getpgrp);
		EXPECT_EQ(seen_errno, 77);
		EXPECT_EQ(seen_nr, SYS_getpgrp);
		EXPECT_EQ(seen_code, 1);	/* SYS_SECCOMP */
		EXPECT(seen_addr != NULL);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(without_a_tracer_there_is_no_such_call)
{
	pid_t pid;

	IN_CHILD(pid) {
		filter_getpgrp(SECCOMP_RET_TRACE | 5);
		EXPECT_ERR(syscall(SYS_getpgrp), ENOSYS);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(a_tracer_decides_for_a_filter)
{
	struct user_regs_struct regs;
	unsigned long message;
	int status;
	pid_t pid;

	IN_CHILD(pid) {
		OK(syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0));
		raise(SIGSTOP);
		filter_getpgrp(SECCOMP_RET_TRACE | 5);
		EXPECT_EQ(syscall(SYS_getpgrp), getpid());
	}
	OK(waitpid(pid, &status, 0));
	OK(syscall(SYS_ptrace, PTRACE_SETOPTIONS, pid, 0,
		   PTRACE_O_TRACESECCOMP));
	OK(syscall(SYS_ptrace, PTRACE_CONT, pid, 0, 0));
	OK(waitpid(pid, &status, 0));
	EXPECT_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_SECCOMP << 8);
	OK(syscall(SYS_ptrace, PTRACE_GETEVENTMSG, pid, 0, &message));
	EXPECT_EQ(message, 5);
	OK(syscall(SYS_ptrace, PTRACE_GETREGS, pid, 0, &regs));
	EXPECT_EQ(regs.orig_rax, SYS_getpgrp);
	regs.orig_rax = SYS_getpid;
	OK(syscall(SYS_ptrace, PTRACE_SETREGS, pid, 0, &regs));
	OK(syscall(SYS_ptrace, PTRACE_CONT, pid, 0, 0));
	EXPECT_EXIT(pid, 0);
}

TEST(the_most_severe_filter_counts)
{
	pid_t pid;

	IN_CHILD(pid) {
		filter_getpgrp(SECCOMP_RET_ERRNO | 11);
		filter_getpgrp(SECCOMP_RET_LOG);
		EXPECT_ERR(syscall(SYS_getpgrp), 11);
		/* The newest of equals. */
		filter_getpgrp(SECCOMP_RET_ERRNO | 12);
		EXPECT_ERR(syscall(SYS_getpgrp), 12);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(filters_see_the_arguments)
{
	struct sock_filter insns[] = {
		LOAD((unsigned)offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		GIVE(SECCOMP_RET_KILL_PROCESS),
		LOAD(NR),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_dup3, 1, 0),
		GIVE(SECCOMP_RET_ALLOW),
		/* errno = low half of argument 1 + high half of argument 2 */
		LOAD(16),
		STMT(BPF_ST, 3),
		LOAD(16 + 8 + 4),
		STMT(BPF_LDX | BPF_MEM, 3),
		STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
		STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
		STMT(BPF_RET | BPF_A, 0),
	};
	pid_t pid;

	IN_CHILD(pid) {
		OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		OK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &PROG(insns)));
		EXPECT_ERR(syscall(SYS_dup3, 30, 0x300000007, 0), 33);
		OK(close(OK(dup(0))));
	}
	EXPECT_EXIT(pid, 0);
}

#define REFUSED(...) do {						\
	struct sock_filter _insns[] = { __VA_ARGS__ };			\
	EXPECT_ERR(install(PROG(_insns), 0), EINVAL);			\
} while (0)

TEST(filters_are_checked)
{
	pid_t pid;

	IN_CHILD(pid) {
		struct sock_fprog none = { 0, NULL };
		struct sock_fprog bad = { 1, (void *)8 };

		OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		EXPECT_ERR(install(none, 0), EINVAL);
		EXPECT_ERR(install(bad, 0), EFAULT);
		EXPECT_ERR(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0,
				   (void *)8), EFAULT);
		EXPECT_ERR(syscall(SYS_seccomp, 99, 0, NULL), EINVAL);
		EXPECT_ERR(install(none, 1 << 20), EINVAL);
		REFUSED(LOAD(NR));			/* no end */
		REFUSED(LOAD(2), GIVE(0));		/* not aligned */
		REFUSED(LOAD(64), GIVE(0));		/* outside */
		REFUSED(STMT(BPF_LD | BPF_H | BPF_ABS, 0), GIVE(0));
		REFUSED(STMT(BPF_LD | BPF_MEM, 0), GIVE(0)); /* never set */
		REFUSED(STMT(BPF_ST, 16), GIVE(0));
		REFUSED(STMT(BPF_ALU | BPF_DIV | BPF_K, 0), GIVE(0));
		REFUSED(STMT(BPF_JMP | BPF_JA, 1), GIVE(0));
		REFUSED(STMT(BPF_JMP | BPF_JA, 0xffffffff), GIVE(0));
		REFUSED(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 9, 0), GIVE(0));
		REFUSED(STMT(0xffff, 0), GIVE(0));
		REFUSED(STMT(BPF_ALU | BPF_MOD | BPF_K, 3), GIVE(0));
	}
	EXPECT_EXIT(pid, 0);
}

TEST(filters_need_no_new_privs)
{
	struct sock_filter insns[] = { GIVE(SECCOMP_RET_ALLOW) };
	pid_t pid;

	IN_CHILD(pid) {
		become_user(1001, 1001);
		EXPECT_ERR(install(PROG(insns), 0), EACCES);
		OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		OK(install(PROG(insns), 0));
	}
	EXPECT_EXIT(pid, 0);
}

HELPER(seccomp_child)
{
	errno = 0;
	return syscall(SYS_getpgrp) == -1 && errno == 55 ? 0 : 1;
}

TEST(filters_survive_fork_and_exec)
{
	char *argv[] = { HELPER_ARGV("seccomp_child"), NULL };
	pid_t pid;

	IN_CHILD(pid) {
		pid_t child;

		filter_getpgrp(SECCOMP_RET_ERRNO | 55);
		IN_CHILD(child)
			execv(SELF, argv);
		EXPECT_EXIT(child, 0);
	}
	EXPECT_EXIT(pid, 0);
}

static struct event start;

static void *wait_and_call(void *arg)
{
	(void)arg;
	event_wait(&start);
	errno = 0;
	return (void *)(long)(syscall(SYS_getpgrp) == -1 ? errno : 0);
}

TEST(tsync_binds_all_threads)
{
	struct sock_filter insns[] = {
		LOAD(NR), IF_CALL(SYS_getpgrp, SECCOMP_RET_ERRNO | 9),
		GIVE(SECCOMP_RET_ALLOW),
	};
	pthread_t thread;
	void *result;
	pid_t pid;

	event_init(&start);
	IN_CHILD(pid) {
		EXPECT_EQ(pthread_create(&thread, NULL, wait_and_call, NULL),
			  0);
		OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		OK(install(PROG(insns), SECCOMP_FILTER_FLAG_TSYNC));
		event_signal(&start);
		EXPECT_EQ(pthread_join(thread, &result), 0);
		EXPECT_EQ((long)result, 9);
	}
	EXPECT_EXIT(pid, 0);
	event_close(&start);
}

TEST(which_actions_there_are)
{
	uint32_t known[] = { SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD,
			     SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO,
			     SECCOMP_RET_TRACE, SECCOMP_RET_LOG,
			     SECCOMP_RET_ALLOW };
	uint32_t unknown = 0x12340000;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		OK(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0,
			   &known[i]));
	EXPECT_ERR(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &unknown),
		   EOPNOTSUPP);
	EXPECT_ERR(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 1, &unknown),
		   EINVAL);
	EXPECT_ERR(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, 8),
		   EFAULT);
}

TEST(too_many_filters)
{
	static struct sock_filter insns[4096];
	pid_t pid;
	int n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(insns); i++)
		insns[i] = (struct sock_filter)GIVE(SECCOMP_RET_ALLOW);
	IN_CHILD(pid) {
		OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		while (install(PROG(insns), 0) == 0)
			n++;
		EXPECT_EQ(errno, ENOMEM);
		EXPECT(n > 0 && n < 64);
	}
	EXPECT_EXIT(pid, 0);
}
