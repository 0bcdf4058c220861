/*
 * fork, vfork, clone (process form), exit codes, wait4 and waitid, orphans.
 */
#include "test.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static int global = 1;

TEST(fork_returns_zero_in_the_child)
{
	pid_t parent = getpid(), pid;

	IN_CHILD(pid) {
		EXPECT(getpid() != parent);
		EXPECT_EQ(getppid(), parent);
	}
	EXPECT(pid > 1);
	EXPECT_EXIT(pid, 0);
}

TEST(fork_copies_memory)
{
	int local = 5;
	pid_t pid;
	char *heap = malloc(100000);

	memset(heap, 'a', 100000);
	IN_CHILD(pid) {
		EXPECT_EQ(global, 1);
		EXPECT_EQ(heap[99999], 'a');
		global = 2;
		local = 6;
		memset(heap, 'b', 100000);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(global, 1);
	EXPECT_EQ(local, 5);
	EXPECT_EQ(heap[0], 'a');
	EXPECT_EQ(heap[99999], 'a');
	free(heap);
}

TEST(writes_after_fork_do_not_reach_the_child)
{
	volatile int *word = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	struct event go;
	pid_t pid;

	*word = 10;
	event_init(&go);
	IN_CHILD(pid) {
		event_wait(&go);
		EXPECT_EQ(*word, 10);
	}
	*word = 11;
	event_signal(&go);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(*word, 11);
	OK(munmap((void *)word, 4096));
	event_close(&go);
}

TEST(fork_shares_shared_memory)
{
	int *word = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	pid_t pid;

	IN_CHILD(pid)
		*word = 77;
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(*word, 77);
	OK(munmap(word, 4096));
}

TEST(grandchildren_see_their_own_copy)
{
	pid_t child;

	global = 1;
	IN_CHILD(child) {
		pid_t grandchild;

		global = 2;
		IN_CHILD(grandchild) {
			EXPECT_EQ(global, 2);
			global = 3;
		}
		EXPECT_EXIT(grandchild, 0);
		EXPECT_EQ(global, 2);
	}
	EXPECT_EXIT(child, 0);
	EXPECT_EQ(global, 1);
}

TEST(exit_status_is_eight_bits)
{
	static const int codes[] = { 0, 1, 42, 127, 128, 255, 256, 257, -1 };

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		pid_t pid = OK(fork());
		if (pid == 0)
			syscall(SYS_exit_group, codes[i]);
		EXPECT_EXIT(pid, codes[i] & 255);
	}
}

TEST(exit_ends_a_single_thread_process)
{
	pid_t pid = OK(fork());

	if (pid == 0)
		syscall(SYS_exit, 7);
	EXPECT_EXIT(pid, 7);
}

TEST(wait_by_pid_any_and_group)
{
	pid_t a, b, c;
	int status;

	IN_CHILD(a)
		_exit(1);
	IN_CHILD(b)
		_exit(2);
	EXPECT_EQ(waitpid(b, &status, 0), b);
	EXPECT_EQ(WEXITSTATUS(status), 2);
	EXPECT_EQ(waitpid(0, &status, 0), a);
	EXPECT_EQ(WEXITSTATUS(status), 1);

	IN_CHILD(c) {
		OK(setpgid(0, 0));
		_exit(3);
	}
	OK(setpgid(c, c) == 0 || errno == EACCES || errno == ESRCH ? 0 : -1);
	EXPECT_EQ(waitpid(-c, &status, 0), c);
	EXPECT_EQ(WEXITSTATUS(status), 3);
}

TEST(wait_without_children_is_echild)
{
	int status;

	EXPECT_ERR(wait(&status), ECHILD);
	EXPECT_ERR(waitpid(-1, &status, WNOHANG), ECHILD);
	EXPECT_ERR(waitpid(1, &status, 0), ECHILD);
	EXPECT_ERR(waitpid(getpid(), &status, 0), ECHILD);
	EXPECT_ERR(waitpid(99999999, &status, 0), ECHILD);
}

TEST(wait_bad_arguments)
{
	EXPECT_ERR(waitpid(-1, NULL, 0x100), EINVAL);
	EXPECT_ERR(wait4(INT32_MIN, NULL, 0, NULL), ESRCH);
	EXPECT_ERR(waitid(17, 0, NULL, WEXITED), EINVAL);
	EXPECT_ERR(waitid(P_ALL, 0, NULL, 0), EINVAL);
	EXPECT_ERR(waitid(P_ALL, 0, NULL, 0x40000), EINVAL);
	EXPECT_ERR(waitid(P_PID, 0, NULL, WEXITED), EINVAL);
	EXPECT_ERR(waitid(P_PID, -5, NULL, WEXITED), EINVAL);
}

TEST(wnohang_returns_zero_while_running)
{
	struct event go;
	pid_t pid;
	int status = 1234;

	event_init(&go);
	IN_CHILD(pid)
		event_wait(&go);
	EXPECT_EQ(waitpid(pid, &status, WNOHANG), 0);
	EXPECT_EQ(status, 1234);
	event_signal(&go);
	EXPECT_EXIT(pid, 0);
	event_close(&go);
}

TEST(a_child_can_be_waited_for_once)
{
	pid_t pid;

	IN_CHILD(pid)
		;
	EXPECT_EXIT(pid, 0);
	EXPECT_ERR(waitpid(pid, NULL, 0), ECHILD);
}

TEST(wait_null_status_and_rusage)
{
	struct rusage ru;
	pid_t pid;

	IN_CHILD(pid)
		;
	EXPECT_EQ(wait4(pid, NULL, 0, NULL), pid);

	memset(&ru, 0xff, sizeof(ru));
	IN_CHILD(pid)
		;
	EXPECT_EQ(wait4(pid, NULL, 0, &ru), pid);
	EXPECT(ru.ru_utime.tv_sec >= 0 && ru.ru_utime.tv_sec < 1000);
	EXPECT(ru.ru_stime.tv_usec >= 0 && ru.ru_stime.tv_usec < 1000000);
}

/* The child is gone even when its status could not be told. */
TEST(wait_with_bad_pointer_reaps)
{
	pid_t pid;

	IN_CHILD(pid)
		;
	EXPECT_ERR(syscall(SYS_wait4, pid, 8L, 0, NULL), EFAULT);
	EXPECT_ERR(waitpid(pid, NULL, 0), ECHILD);
}

TEST(waitid_fills_siginfo)
{
	siginfo_t info;
	pid_t pid;

	IN_CHILD(pid)
		_exit(9);
	memset(&info, 0, sizeof(info));
	OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	EXPECT_EQ(info.si_signo, SIGCHLD);
	EXPECT_EQ(info.si_code, CLD_EXITED);
	EXPECT_EQ(info.si_pid, pid);
	EXPECT_EQ(info.si_status, 9);
	EXPECT_EQ(info.si_uid, 0);
	/* WNOWAIT left it there. */
	OK(waitid(P_ALL, 0, &info, WEXITED));
	EXPECT_ERR(waitid(P_ALL, 0, &info, WEXITED), ECHILD);

	IN_CHILD(pid) {
		raise(SIGKILL);
	}
	OK(waitid(P_PID, pid, &info, WEXITED));
	EXPECT_EQ(info.si_code, CLD_KILLED);
	EXPECT_EQ(info.si_status, SIGKILL);
}

TEST(waitid_nohang_clears_siginfo)
{
	siginfo_t info;
	struct event go;
	pid_t pid;

	event_init(&go);
	IN_CHILD(pid)
		event_wait(&go);
	memset(&info, 0xff, sizeof(info));
	OK(waitid(P_PID, pid, &info, WEXITED | WNOHANG));
	EXPECT_EQ(info.si_pid, 0);
	EXPECT_EQ(info.si_signo, 0);
	event_signal(&go);
	EXPECT_EXIT(pid, 0);
	event_close(&go);
}

TEST(wait_reports_stop_and_continue)
{
	pid_t pid;
	int status, go[2];
	char c;

	OK(pipe(go));
	IN_CHILD(pid) {
		raise(SIGSTOP);
		/* An exit would be told instead of the continuation. */
		EXPECT_EQ(read(go[0], &c, 1), 1);
		raise(SIGTSTP);
		_exit(4);
	}
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(status));
	EXPECT_EQ(WSTOPSIG(status), SIGSTOP);
	/* Told once only. */
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED | WNOHANG), 0);

	OK(kill(pid, SIGCONT));
	EXPECT_EQ(waitpid(pid, &status, WCONTINUED), pid);
	EXPECT(WIFCONTINUED(status));
	EXPECT_EQ(status, 0xffff);
	EXPECT_EQ(write(go[1], "g", 1), 1);
	OK(close(go[0]));
	OK(close(go[1]));
	/*
	 * The child's group is orphaned for job control (its parent leads the
	 * session), so SIGTSTP does not stop it and it exits.
	 */
	EXPECT_EXIT(pid, 4);
}

TEST(stopped_child_dies_by_sigkill)
{
	pid_t pid;
	int status;

	IN_CHILD(pid)
		raise(SIGSTOP);
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(status));
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
}

TEST(waitid_reports_stop)
{
	struct event seen;
	siginfo_t info;
	pid_t pid;

	event_init(&seen);
	IN_CHILD(pid) {
		raise(SIGSTOP);
		event_wait(&seen);
	}
	OK(waitid(P_PID, pid, &info, WSTOPPED));
	EXPECT_EQ(info.si_code, CLD_STOPPED);
	EXPECT_EQ(info.si_status, SIGSTOP);
	OK(kill(pid, SIGCONT));
	OK(waitid(P_PID, pid, &info, WCONTINUED));
	EXPECT_EQ(info.si_code, CLD_CONTINUED);
	EXPECT_EQ(info.si_status, SIGCONT);
	event_signal(&seen);
	/* Of one that has ended there is no other news to wait for. */
	OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	EXPECT_ERR(waitid(P_PID, pid, &info, WCONTINUED), ECHILD);
	EXPECT_EXIT(pid, 0);
	event_close(&seen);
}

TEST(orphans_get_pid_1_as_parent)
{
	struct event orphaned, told;
	pid_t pid;

	event_init(&orphaned);
	event_init(&told);
	IN_CHILD(pid) {
		pid_t grandchild;

		IN_CHILD(grandchild) {
			event_wait(&orphaned);
			EXPECT_EQ(getppid(), 1);
			event_signal(&told);
		}
	}
	EXPECT_EXIT(pid, 0);
	event_signal(&orphaned);
	event_wait(&told);
	event_close(&orphaned);
	event_close(&told);
}

/* A zombie whose parent dies is inherited too, and process 1 reaps it. */
TEST(zombies_of_the_dead_go_away)
{
	int fds[2], zombie;
	pid_t pid;

	OK(pipe(fds));
	IN_CHILD(pid) {
		pid_t z;

		IN_CHILD(z)
			;
		siginfo_t info;
		OK(waitid(P_PID, z, &info, WEXITED | WNOWAIT));
		EXPECT_EQ(write(fds[1], &z, sizeof(z)), sizeof(z));
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(read(fds[0], &zombie, sizeof(zombie)), sizeof(zombie));
	while (kill(zombie, 0) == 0)
		usleep(1000);
	EXPECT_EQ(errno, ESRCH);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(sigchld_ignored_reaps_automatically)
{
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	for (int i = 0; i < 5; i++)
		IN_CHILD(pid)
			_exit(i);
	/* wait blocks until the last is gone, then says so. */
	EXPECT_ERR(wait(NULL), ECHILD);
	signal(SIGCHLD, SIG_DFL);
}

TEST(sa_nocldwait_reaps_automatically)
{
	struct sigaction sa = {
		.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT
	};
	pid_t pid;

	OK(sigaction(SIGCHLD, &sa, NULL));
	IN_CHILD(pid)
		;
	EXPECT_ERR(waitpid(pid, NULL, 0), ECHILD);
}

TEST(vfork_child_runs_first_in_our_memory)
{
	volatile int seen = 0;
	pid_t pid = vfork();

	if (pid == 0) {
		seen = 1;
		_exit(3);
	}
	EXPECT_EQ(seen, 1);
	EXPECT_EXIT(pid, 3);
}

TEST(vfork_parent_waits_for_exec)
{
	char *argv[] = { HELPER_ARGV("exit_with"), (char *)"5", NULL };
	char *envp[] = { NULL };
	pid_t pid = vfork();

	if (pid == 0) {
		execve(SELF, argv, envp);
		_exit(1);
	}
	EXPECT_EXIT(pid, 5);
}

/* ---- clone(2) without threads ---- */

static long raw_clone(unsigned long flags, void *stack, int *ptid, int *ctid)
{
	return syscall(SYS_clone, flags, stack, ptid, ctid, 0);
}

TEST(clone_like_fork)
{
	long pid = OK(raw_clone(SIGCHLD, NULL, NULL, NULL));

	if (pid == 0)
		_exit(11);
	EXPECT_EXIT(pid, 11);
}

TEST(clone_tells_the_ids)
{
	int ptid = 0;
	int *ctid = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	long pid = OK(raw_clone(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |
				SIGCHLD, NULL, &ptid, ctid));

	if (pid == 0)
		_exit(*ctid == getpid() ? 0 : 1);
	EXPECT_EQ(ptid, pid);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(*ctid, pid);
	OK(munmap(ctid, 4096));
}

TEST(clone_without_signal_needs_wclone)
{
	long pid = OK(raw_clone(0, NULL, NULL, NULL));
	int status;

	if (pid == 0)
		_exit(6);
	EXPECT_ERR(waitpid(pid, &status, 0), ECHILD);
	EXPECT_EQ(waitpid(pid, &status, __WCLONE), pid);
	EXPECT_EQ(WEXITSTATUS(status), 6);

	pid = OK(raw_clone(0, NULL, NULL, NULL));
	if (pid == 0)
		_exit(6);
	EXPECT_EQ(waitpid(pid, &status, __WALL), pid);
}

static int count_files(void *arg)
{
	*(int *)arg = open("/dev/null", O_RDONLY);
	OK(chdir("/"));
	return 0;
}

TEST(clone_files_and_fs_are_shared)
{
	static char stack[65536] __attribute__((aligned(16)));
	int fd = -1;
	char cwd[64];
	int pid = OK(clone(count_files, stack + sizeof(stack), CLONE_VM |
			   CLONE_FILES | CLONE_FS | SIGCHLD, &fd));

	EXPECT_EXIT(pid, 0);
	EXPECT(fd > 2);
	OK(close(fd));
	EXPECT_STR(getcwd(cwd, sizeof(cwd)), "/");
}

TEST(clone_flags_that_contradict)
{
	EXPECT_ERR(raw_clone(CLONE_THREAD | SIGCHLD, NULL, NULL, NULL),
		   EINVAL);
	EXPECT_ERR(raw_clone(CLONE_SIGHAND | SIGCHLD, NULL, NULL, NULL),
		   EINVAL);
	EXPECT_ERR(raw_clone(CLONE_FS | CLONE_NEWNS | SIGCHLD, NULL, NULL,
			     NULL), EINVAL);
}

TEST(clone_parent_makes_a_sibling)
{
	pid_t me = getpid(), child;

	IN_CHILD(child) {
		long pid = OK(raw_clone(CLONE_PARENT | SIGCHLD, NULL, NULL,
					NULL));
		if (pid == 0)
			_exit(getppid() == me ? 0 : 1);
	}
	EXPECT_EXIT(child, 0);
	int status;
	EXPECT(wait(&status) > 0);
	EXPECT_EQ(status, 0);
}

/* ---- limits ---- */

TEST(rlimit_nproc_bounds_fork)
{
	struct rlimit limit = { 5, 5 };
	pid_t pid;

	IN_CHILD(pid) {
		int made = 0;
		pid_t kid;

		OK(setrlimit(RLIMIT_NPROC, &limit));
		become_user(4321, 4321);
		while ((kid = fork()) >= 0 && made < 20) {
			if (kid == 0) {
				pause();
				_exit(0);
			}
			made++;
		}
		EXPECT_EQ(errno, EAGAIN);
		EXPECT_EQ(made, 4);
		/* All that we may signal, but never ourselves. */
		OK(kill(-1, SIGKILL));
		reap_all();
	}
	EXPECT_EXIT(pid, 0);
}

TEST(pids_are_not_reused_at_once)
{
	pid_t a, b;

	IN_CHILD(a)
		;
	EXPECT_EXIT(a, 0);
	IN_CHILD(b)
		;
	EXPECT_EXIT(b, 0);
	EXPECT(a != b);
}

TEST(many_children_at_once)
{
	enum { COUNT = 100 };
	struct event go;
	pid_t pids[COUNT];
	char all[COUNT];

	event_init(&go);
	for (int i = 0; i < COUNT; i++)
		IN_CHILD(pids[i]) {
			event_wait(&go);
			_exit(i);
		}
	memset(all, '!', sizeof(all));
	EXPECT_EQ(write(go.fds[1], all, sizeof(all)), COUNT);
	for (int i = COUNT - 1; i >= 0; i--)
		EXPECT_EXIT(pids[i], i);
	event_close(&go);
}

TEST(gettid_is_getpid)
{
	EXPECT_EQ(syscall(SYS_gettid), getpid());
	EXPECT_EQ(syscall(SYS_set_tid_address, NULL), getpid());
}

TEST(child_inherits_and_does_not)
{
	pid_t pid;

	umask(0123);
	OK(chdir("/"));
	alarm(1000);
	IN_CHILD(pid) {
		char cwd[16];

		EXPECT_EQ(umask(0), 0123);
		EXPECT_STR(getcwd(cwd, sizeof(cwd)), "/");
		EXPECT_EQ(alarm(0), 0);		/* alarms are not inherited */
		EXPECT_EQ(getsid(0), getppid());
	}
	EXPECT_EXIT(pid, 0);
	EXPECT(alarm(0) > 900);
}

TEST(pdeathsig_comes_with_the_parents_death)
{
	struct event ready, died;
	pid_t pid;

	event_init(&ready);
	event_init(&died);
	IN_CHILD(pid) {
		pid_t kid;

		IN_CHILD(kid) {
			sigset_t set;
			int sig;

			sigemptyset(&set);
			sigaddset(&set, SIGUSR1);
			sigprocmask(SIG_BLOCK, &set, NULL);
			OK(prctl(PR_SET_PDEATHSIG, SIGUSR1));
			OK(prctl(PR_GET_PDEATHSIG, &sig));
			EXPECT_EQ(sig, SIGUSR1);
			event_signal(&ready);
			do {
				sigpending(&set);
				usleep(1000);
			} while (!sigismember(&set, SIGUSR1));
			event_signal(&died);
		}
		event_wait(&ready);
	}
	EXPECT_EXIT(pid, 0);
	event_wait(&died);
	event_close(&ready);
	event_close(&died);
}
