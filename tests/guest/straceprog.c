/*
 * user/bin/strace at work: what it prints of programs whose calls are known.
 * It runs on both kernels, as every test here.
 */
#include "proctools.h"

#include <pthread.h>
#include <sys/mman.h>

#define STRACE	PROGRAMS "/strace"

/* The value of a whole run: 0-255 exited, 1000 + signal killed. */
static int run_strace(const char *calls, bool follow, const char *helper)
{
	char *argv[10], **a = argv;
	char *envp[] = { NULL };
	int status;

	*a++ = (char *)STRACE;
	if (follow)
		*a++ = (char *)"-f";
	*a++ = (char *)"-e";
	*a++ = (char *)calls;
	*a++ = (char *)"-o";
	*a++ = (char *)"out";
	*a++ = (char *)SELF;
	*a++ = (char *)"--helper";
	*a++ = (char *)helper;
	*a = NULL;
	status = wait_status(spawn(STRACE, argv, envp));
	slurp("out");
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   1000 + WTERMSIG(status);
}

/* The text with each number of a process or an address made N. */
static void mask(const char *before)
{
	char *to;

	for (char *at = text; (at = strstr(at, before)); at = to) {
		char *from = at + strlen(before);

		to = from;
		if (strncmp(from, "0x", 2) == 0)
			from += 2;
		from += strspn(from, "0123456789abcdef");
		if (from == to)
			continue;
		*to++ = 'N';
		memmove(to, from, strlen(from) + 1);
	}
}

static int lines_with(const char *what)
{
	int n = 0;

	for (char *p = text; (p = strstr(p, what)); p++)
		n++;
	return n;
}

HELPER(makes_files)
{
	char buf[8];
	int fd = syscall(SYS_openat, AT_FDCWD, "f",
			 O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

	syscall(SYS_write, fd, "a\tb\n\"\\\0017\200", 9);
	syscall(SYS_write, fd, "a string of more than 32 characters", 35);
	syscall(SYS_lseek, fd, -44L, SEEK_END);
	syscall(SYS_read, fd, buf, sizeof(buf));
	syscall(SYS_dup2, fd, 9);
	syscall(SYS_close, fd);
	syscall(SYS_openat, 9, "none", O_WRONLY | O_APPEND);
	syscall(SYS_close, -1);
	syscall(SYS_openat, AT_FDCWD, 8, O_RDONLY);
	syscall(SYS_mkdir, "d", 0700);
	syscall(SYS_access, "d", R_OK | X_OK);
	syscall(SYS_access, "d", F_OK);
	syscall(SYS_unlinkat, AT_FDCWD, "d", AT_REMOVEDIR);
	syscall(SYS_pipe2, 8, O_NONBLOCK);
	return 7;
}

TEST(strace_shows_names_arguments_results)
{
	EXPECT_EQ(run_strace("openat,write,lseek,read,dup2,close,mkdir,access,"
			     "unlinkat,pipe2,exit_group", false,
			     "makes_files"), 7);
	EXPECT_STR(text,
		"openat(AT_FDCWD, \"f\", O_RDWR|O_CREAT|O_TRUNC|O_CLOEXEC, "
			"0640) = 3\n"
		"write(3, \"a\\tb\\n\\\"\\\\\\0017\\200\", 9) = 9\n"
		"write(3, \"a string of more than 32 charact\"..., 35) = 35\n"
		"lseek(3, -44, SEEK_END) = 0\n"
		"read(3, \"a\\tb\\n\\\"\\\\\\0017\", 8) = 8\n"
		"dup2(3, 9) = 9\n"
		"close(3) = 0\n"
		"openat(9, \"none\", O_WRONLY|O_APPEND) = -1 ENOTDIR "
			"(Not a directory)\n"
		"close(-1) = -1 EBADF (Bad file descriptor)\n"
		"openat(AT_FDCWD, 0x8, O_RDONLY) = -1 EFAULT (Bad address)\n"
		"mkdir(\"d\", 0700) = 0\n"
		"access(\"d\", R_OK|X_OK) = 0\n"
		"access(\"d\", F_OK) = 0\n"
		"unlinkat(AT_FDCWD, \"d\", AT_REMOVEDIR) = 0\n"
		"pipe2(0x8, O_NONBLOCK) = -1 EFAULT (Bad address)\n"
		"exit_group(7) = ?\n"
		"+++ exited with 7 +++\n");
}

static void on_signal(int sig __attribute__((unused)))
{
}

HELPER(gets_signals)
{
	signal(SIGUSR1, on_signal);
	syscall(SYS_kill, getpid(), SIGUSR1);
	*(volatile char *)0x10 = 1;
	return 0;
}

TEST(strace_shows_signals)
{
	signal(SIGUSR1, SIG_DFL);
	EXPECT_EQ(run_strace("kill,rt_sigreturn", false, "gets_signals"),
		  1000 + SIGSEGV);
	mask("kill(");
	mask("from ");
	char *dumped = strstr(text, " (core dumped)");
	if (dumped)
		memmove(dumped, dumped + 14, strlen(dumped + 14) + 1);
	EXPECT_STR(text,
		"kill(N, SIGUSR1) = 0\n"
		"--- SIGUSR1 from N ---\n"
		"rt_sigreturn() = 0\n"
		"--- SIGSEGV at 0x10 ---\n"
		"+++ killed by SIGSEGV +++\n");
}

HELPER(maps_memory)
{
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(p, 4096, PROT_NONE);
	munmap(p, 8192);
	/* A call nobody has: a number, and all it could have been given. */
	syscall(1000, 1, 2, 3, 4, 5, 0);
	return 0;
}

TEST(strace_shows_memory)
{
	EXPECT_EQ(run_strace("mprotect", false, "maps_memory"), 0);
	mask("mprotect(");
	EXPECT(lines_with("mprotect(N, 4096, PROT_NONE) = 0\n") == 1);
}

HELPER(forks)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(3);
	syscall(SYS_wait4, pid, &status, 0, NULL);
	return 0;
}

TEST(strace_follows_forks)
{
	EXPECT_EQ(run_strace("exit_group,wait4", true, "forks"), 0);
	/* The parent's wait may begin in the middle of the child's line. */
	EXPECT_EQ(lines_with(" exit_group(3"), 1);
	EXPECT_EQ(lines_with(") = ?\n"), 2);
	EXPECT_EQ(lines_with(" +++ exited with 3 +++\n"), 1);
	EXPECT_EQ(lines_with(" exit_group(0) = ?\n"), 1);
	EXPECT_EQ(lines_with(" +++ exited with 0 +++\n"), 1);
	EXPECT_EQ(lines_with("[{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, "
			     "NULL) = "), 1);
	/* A line begins with the number of who makes the call. */
	mask("\n");
	EXPECT_EQ(lines_with("\nN exit_group(0) = ?\n"), 1);
	EXPECT_EQ(run_strace("exit_group", false, "forks"), 0);
	mask("from ");
	EXPECT_STR(text, "--- SIGCHLD from N ---\n"
		   "exit_group(0) = ?\n"
		   "+++ exited with 0 +++\n");
}

static void *makes_a_call(void *arg)
{
	syscall(SYS_write, -1, arg, 1);
	return NULL;
}

HELPER(has_threads)
{
	pthread_t threads[3];

	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, makes_a_call, (void *)"t");
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

static void *executes(void *arg)
{
	char *argv[] = { HELPER_ARGV("says_that_it_lives"), NULL };

	execv(SELF, argv);
	return arg;
}

HELPER(says_that_it_lives)
{
	return syscall(SYS_write, -1, "alive", 5) == 5;
}

HELPER(executes_from_a_thread)
{
	pthread_t thread;

	pthread_create(&thread, NULL, executes, NULL);
	pthread_join(thread, NULL);
	return 1;
}

TEST(strace_follows_threads)
{
	EXPECT_EQ(run_strace("write", true, "has_threads"), 0);
	EXPECT_EQ(lines_with("write(-1, \"t\", 1"), 3);
	EXPECT_EQ(lines_with(" = -1 EBADF (Bad file descriptor)\n"), 3);
	EXPECT_EQ(lines_with(" +++ exited with 0 +++\n"), 4);
	/* The calling thread's number changes under the tracer's hands. */
	EXPECT_EQ(run_strace("write,execve", true, "executes_from_a_thread"),
		  0);
	EXPECT_EQ(lines_with("write(-1, \"alive\", 5) = -1 EBADF"), 1);
	EXPECT_EQ(lines_with("execve(\"/init\""), 2);
	EXPECT_EQ(lines_with(" +++ exited with 0 +++\n"), 1);
}

/* Start strace -p; come back when it has told that it is attached. */
static pid_t attach(pid_t pid)
{
	char number[16], said[64] = "";
	char *argv[] = { (char *)STRACE, (char *)"-o", (char *)"out",
			 (char *)"-p", number, NULL };
	int fds[2];
	size_t len = 0;

	snprintf(number, sizeof(number), "%d", pid);
	OK(pipe2(fds, O_CLOEXEC));
	pid_t tracer = OK(fork());
	if (tracer == 0) {
		dup2(fds[1], 2);
		execv(STRACE, argv);
		_exit(126);
	}
	OK(close(fds[1]));
	while (len < sizeof(said) - 1 && !strchr(said, '\n')) {
		ssize_t n = OK(read(fds[0], said + len, sizeof(said) - 1 -
				    len));
		EXPECT(n > 0);
		len += n;
	}
	EXPECT(strstr(said, " attached\n"));
	OK(close(fds[0]));
	return tracer;
}

TEST(strace_attaches_to_a_sleeper)
{
	int fds[2];
	pid_t pid;
	char c;

	OK(pipe(fds));
	IN_CHILD(pid) {
		OK(close(fds[1]));
		EXPECT_EQ(syscall(SYS_read, fds[0], &c, 1), 1);
		syscall(SYS_close, fds[0]);
		syscall(SYS_exit_group, 4);
	}
	OK(close(fds[0]));
	wait_until_sleeping(pid);
	pid_t tracer = attach(pid);
	EXPECT_EQ(write(fds[1], "x", 1), 1);
	EXPECT_EXIT(tracer, 0);
	EXPECT_EXIT(pid, 4);
	/* The call it slept in is made again, and so it is seen. */
	EXPECT_STR(slurp("out"),
		"read(3, \"x\", 1) = 1\n"
		"close(3) = 0\n"
		"exit_group(4) = ?\n"
		"+++ exited with 4 +++\n");
	OK(close(fds[1]));
}

/* A tracer that dies lets go; what it traced goes on. */
TEST(strace_can_be_killed)
{
	int fds[2];
	pid_t pid;
	char c;

	OK(pipe(fds));
	IN_CHILD(pid) {
		OK(close(fds[1]));
		EXPECT_EQ(read(fds[0], &c, 1), 1);
	}
	OK(close(fds[0]));
	wait_until_sleeping(pid);
	pid_t tracer = attach(pid);
	OK(kill(tracer, SIGKILL));
	EXPECT_KILLED(tracer, SIGKILL);
	EXPECT_EQ(write(fds[1], "x", 1), 1);
	EXPECT_EXIT(pid, 0);
	OK(close(fds[1]));
}

/* A tracer is a program like any other. */
TEST(strace_can_be_traced)
{
	char *argv[] = { (char *)STRACE, (char *)"-e",
			 (char *)"ptrace,wait4,process_vm_readv", (char *)"-o",
			 (char *)"outer", (char *)STRACE, (char *)"-e",
			 (char *)"write,exit_group", (char *)"-o",
			 (char *)"out", (char *)SELF, (char *)"--helper",
			 (char *)"says_that_it_lives", NULL };
	pid_t pid = spawn(STRACE, argv, NULL);

	EXPECT_EXIT(pid, 0);
	EXPECT_STR(slurp("out"),
		"write(-1, \"alive\", 5) = -1 EBADF (Bad file descriptor)\n"
		"exit_group(0) = ?\n"
		"+++ exited with 0 +++\n");
	slurp("outer");
	/* Two borders of one call, and the entry of another. */
	EXPECT(lines_with("ptrace(0x420e, ") >= 3);
	EXPECT(lines_with("process_vm_readv(") >= 1);
	EXPECT_EQ(lines_with("WEXITSTATUS(s) == 0"), 1);
	EXPECT_EQ(lines_with("+++ exited with 0 +++\n"), 1);
}

TEST(strace_complains)
{
	char *no_call[] = { (char *)STRACE, (char *)"-e", (char *)"nocall",
			    (char *)SELF, NULL };
	char *no_program[] = { (char *)STRACE, (char *)"/does/not/exist",
			       NULL };
	char *no_process[] = { (char *)STRACE, (char *)"-p", (char *)"4000000",
			       NULL };
	char *envp[] = { NULL };
	pid_t pid;

	pid = spawn(STRACE, no_call, envp);
	EXPECT_EXIT(pid, 1);
	pid = spawn(STRACE, no_program, envp);
	EXPECT_EXIT(pid, 127);
	pid = spawn(STRACE, no_process, envp);
	EXPECT_EXIT(pid, 1);
}
