/*
 * Processes: fork, wait, exec with a search path, limits, poll, groups.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void wait_tells_how_it_ended(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(300);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT(WIFEXITED(status) && !WIFSIGNALED(status));
	EXPECT_EQ(WEXITSTATUS(status), 44);
	pid = fork();
	if (pid == 0)
		raise(SIGKILL);
	EXPECT_EQ(wait(&status), pid);
	EXPECT(WIFSIGNALED(status) && !WIFEXITED(status));
	EXPECT_EQ(WTERMSIG(status), SIGKILL);
	EXPECT_ERRNO(wait(&status), ECHILD);
	pid = fork();
	if (pid == 0) {
		raise(SIGSTOP);
		_exit(5);
	}
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(status));
	EXPECT_EQ(WSTOPSIG(status), SIGSTOP);
	EXPECT_EQ(waitpid(pid, &status, WNOHANG), 0);
	kill(pid, SIGCONT);
	EXPECT_EQ(waitpid(-1, &status, 0), pid);
	EXPECT_EQ(WEXITSTATUS(status), 5);
}

static void vfork_shares_and_returns_twice(void)
{
	volatile int shared = 1;
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		shared = 2;
		_exit(7);
	}
	EXPECT(pid > 0);
	EXPECT_EQ(shared, 2);
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(WEXITSTATUS(status), 7);
}

/* Make a script that exits with the number of its arguments. */
static void make_script(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0777);

	EXPECT(fd >= 0);
	EXPECT_EQ(write(fd, text, strlen(text)), strlen(text));
	EXPECT_EQ(fchmod(fd, mode), 0);
	close(fd);
}

/*
 * Run @exec_call in a child. Return: its exit status; 200 + errno if the
 * call came back.
 */
#define EXEC_STATUS(exec_call) ({ \
	int exec_status; \
	if (fork() == 0) { \
		exec_call; \
		_exit(200 + errno); \
	} \
	wait(&exec_status); \
	WEXITSTATUS(exec_status); })

static void exec_finds_programs(void)
{
	char path[256], arg0[] = "prog", arg1[] = "x";
	char *argv[] = { arg0, arg1, NULL }, *envp[] = { NULL };

	mkdir(scratch("exec"), 0755);
	EXPECT_EQ(chdir(scratch("exec")), 0);
	mkdir("bin1", 0755);
	mkdir("bin2", 0755);
	snprintf(path, sizeof(path), "%s/bin1:/nonexistent:%s/bin2",
		 scratch("exec"), scratch("exec"));
	setenv("PATH", path, 1);
	EXPECT_EQ(EXEC_STATUS(execlp("prog", "prog", NULL)), 200 + ENOENT);
	EXPECT_EQ(EXEC_STATUS(execvp("", argv)), 200 + ENOENT);
	if (access("/bin/sh", X_OK) < 0)
		return;
	make_script("bin2/prog", "#!/bin/sh\nexit $#\n", 0755);
	EXPECT_EQ(EXEC_STATUS(execvp("prog", argv)), 1);
	EXPECT_EQ(EXEC_STATUS(execlp("prog", "prog", "a", "b", NULL)), 2);
	EXPECT_EQ(EXEC_STATUS(execl("bin2/prog", "p", "a", NULL)), 1);
	EXPECT_EQ(EXEC_STATUS(execle("bin2/prog", "p", NULL, envp)), 0);
	EXPECT_EQ(EXEC_STATUS(execv("bin2/none", argv)), 200 + ENOENT);
	/* Without #! it is a script for the shell, but for execvp only. */
	make_script("bin2/prog", "exit 3$#\n", 0755);
	EXPECT_EQ(EXEC_STATUS(execvp("prog", argv)), 31);
	EXPECT_EQ(EXEC_STATUS(execv("bin2/prog", argv)), 200 + ENOEXEC);
	/* One that may not be run does not hide another that may. */
	make_script("bin1/prog", "exit 9\n", 0644);
	EXPECT_EQ(EXEC_STATUS(execvp("prog", argv)), 31);
	unlink("bin2/prog");
	EXPECT_EQ(EXEC_STATUS(execvp("prog", argv)), 200 + EACCES);
}

static void exec_passes_the_environment(void)
{
	char script[] = "test \"$A\" = one && test -z \"$B\" || exit 1";

	if (access("/bin/sh", X_OK) < 0)
		return;
	setenv("A", "one", 1);
	setenv("B", "two", 1);
	unsetenv("B");
	EXPECT_EQ(EXEC_STATUS(execl("/bin/sh", "sh", "-c", script, NULL)), 0);
}

static void limits(void)
{
	struct rlimit limit;

	EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
	EXPECT_EQ(sysconf(_SC_OPEN_MAX), limit.rlim_cur);
	limit.rlim_cur = 10;
	EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (int fd = 0; fd >= 0 && fd < 20;)
		fd = dup(0);
	EXPECT_EQ(errno, EMFILE);
	EXPECT_ERRNO(getrlimit(99, &limit), EINVAL);
}

static void niceness(void)
{
	int before = getpriority(PRIO_PROCESS, 0);

	errno = 0;
	EXPECT_EQ(nice(3), before + 3 > 19 ? 19 : before + 3);
	EXPECT_EQ(errno, 0);
}

static void waiting_for_descriptors(void)
{
	struct timeval none = { 0 };
	struct pollfd p[2];
	fd_set set;
	int fds[2];

	EXPECT_EQ(pipe(fds), 0);
	p[0] = (struct pollfd){ .fd = fds[0], .events = POLLIN };
	p[1] = (struct pollfd){ .fd = fds[1], .events = POLLOUT };
	EXPECT_EQ(poll(p, 1, 0), 0);
	EXPECT_EQ(poll(p, 2, 0), 1);
	EXPECT_EQ(p[1].revents, POLLOUT);
	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	EXPECT_EQ(select(fds[0] + 1, &set, NULL, NULL, &none), 0);
	EXPECT(!FD_ISSET(fds[0], &set));
	EXPECT_EQ(write(fds[1], "x", 1), 1);
	EXPECT_EQ(poll(p, 1, -1), 1);
	EXPECT_EQ(p[0].revents, POLLIN);
	FD_SET(fds[0], &set);
	EXPECT_EQ(select(fds[0] + 1, &set, NULL, NULL, NULL), 1);
	EXPECT(FD_ISSET(fds[0], &set));
	close(fds[1]);
	EXPECT_EQ(poll(p, 1, -1), 1);
	EXPECT_EQ(p[0].revents, POLLIN | POLLHUP);
}

static void sessions_and_groups(void)
{
	int status;

	EXPECT_EQ(getpgid(0), getpgrp());
	if (fork() == 0) {
		EXPECT_EQ(setpgid(0, 0), 0);
		EXPECT_EQ(getpgrp(), getpid());
		EXPECT_ERRNO(setsid(), EPERM);
		if (fork() == 0) {
			EXPECT_EQ(setsid(), getpid());
			EXPECT_EQ(getsid(0), getpid());
			_exit(getpgrp() != getpid());
		}
		wait(&status);
		fflush(stdout);
		_exit(WEXITSTATUS(status));
	}
	wait(&status);
	EXPECT_EQ(WEXITSTATUS(status), 0);
}

static void what_is_no_terminal(void)
{
	struct termios tio;
	int fds[2];

	EXPECT_EQ(pipe(fds), 0);
	EXPECT_EQ(isatty(fds[0]), 0);
	EXPECT_EQ(errno, ENOTTY);
	EXPECT_ERRNO(tcgetattr(fds[0], &tio), ENOTTY);
	EXPECT_EQ(ttyname(fds[0]), NULL);
	EXPECT_EQ(isatty(-1), 0);
	EXPECT_EQ(errno, EBADF);
	EXPECT_ERRNO(tcsetattr(fds[0], 9, &tio), EINVAL);
	tio = (struct termios){ .c_lflag = ECHO | ICANON, .c_oflag = OPOST };
	cfmakeraw(&tio);
	EXPECT_EQ(tio.c_lflag & (ECHO | ICANON), 0);
	EXPECT_EQ(tio.c_oflag & OPOST, 0);
	EXPECT_EQ(cfsetspeed(&tio, B115200), 0);
	EXPECT_EQ(cfgetospeed(&tio), B115200);
}

static void mappings(void)
{
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT(p != MAP_FAILED);
	p[0] = 1;
	p = mremap(p, 8192, 1 << 20, MREMAP_MAYMOVE);
	EXPECT(p != MAP_FAILED);
	EXPECT_EQ(p[0], 1);
	EXPECT_EQ(p[(1 << 20) - 1], 0);
	EXPECT_EQ(munmap(p, 1 << 20), 0);
	EXPECT_ERRNO(munmap((void *)1, 4096), EINVAL);
	EXPECT(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	       MAP_FAILED);
	EXPECT_EQ(errno, EINVAL);
}

static void the_system(void)
{
	struct utsname name;
	struct sysinfo info;
	char host[65];

	EXPECT_EQ(uname(&name), 0);
	EXPECT_STR(name.sysname, "Linux");
	EXPECT_STR(name.machine, "x86_64");
	EXPECT_EQ(gethostname(host, sizeof(host)), 0);
	EXPECT_STR(host, name.nodename);
	EXPECT_EQ(sysinfo(&info), 0);
	EXPECT(info.totalram > 0 && info.procs > 0);
	EXPECT_EQ(getpagesize(), 4096);
	EXPECT_EQ(sysconf(_SC_CLK_TCK), 100);
	EXPECT(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
	EXPECT_ERRNO(sysconf(-5), EINVAL);
	EXPECT_EQ(syscall(__NR_getpid), getpid());
	EXPECT_ERRNO(syscall(9999), ENOSYS);
}

const struct test process_tests[] = {
	{ "wait_tells_how_it_ended", wait_tells_how_it_ended },
	{ "vfork_shares_and_returns_twice", vfork_shares_and_returns_twice },
	{ "exec_finds_programs", exec_finds_programs },
	{ "exec_passes_the_environment", exec_passes_the_environment },
	{ "limits", limits },
	{ "niceness", niceness },
	{ "waiting_for_descriptors", waiting_for_descriptors },
	{ "sessions_and_groups", sessions_and_groups },
	{ "what_is_no_terminal", what_is_no_terminal },
	{ "mappings", mappings },
	{ "the_system", the_system },
	{ NULL, NULL },
};
