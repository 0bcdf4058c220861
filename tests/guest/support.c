/*
 * What several suites of guest tests need: names for errors and statuses,
 * small files, children, events. A helper that cannot do its work fails the
 * test, so that its callers need no checks of their own.
 */
#include "test.h"

#include <grp.h>
#include <sys/utsname.h>

const char *error_name(int error)
{
	static char text[64];
	const char *name = strerrorname_np(error);

	if (name)
		return name;
	snprintf(text, sizeof(text), "error %d", error);
	return text;
}

const char *status_name(int status)
{
	static char text[64];

	if (WIFEXITED(status))
		snprintf(text, sizeof(text), "exited with %d",
			 WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "was killed by signal %d (%s)%s",
			 WTERMSIG(status), strsignal(WTERMSIG(status)),
			 WCOREDUMP(status) ? " with core" : "");
	else if (WIFSTOPPED(status))
		snprintf(text, sizeof(text), "was stopped by signal %d",
			 WSTOPSIG(status));
	else
		snprintf(text, sizeof(text), "has status %#x", status);
	return text;
}

/* Wait for one child; its status. Signals only interrupt, they do not end it */
int wait_status(pid_t pid)
{
	int status;
	pid_t got;

	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	if (got != pid)
		FAIL("waitpid(%d) = %d: %s", pid, got, error_name(errno));
	return status;
}

void reap_all(void)
{
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

bool running_on_keel(void)
{
	struct utsname u;

	OK(uname(&u));
	return strstr(u.release, "keel") != NULL;
}

static void put_file(const char *path, const char *text, int flags)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0644);

	if (fd < 0)
		FAIL("open %s: %s", path, error_name(errno));
	ssize_t n = write(fd, text, strlen(text));
	if (n != (ssize_t)strlen(text))
		FAIL("write %s: %zd, %s", path, n, error_name(errno));
	OK(close(fd));
}

void write_file(const char *path, const char *text)
{
	put_file(path, text, O_TRUNC);
}

void append_file(const char *path, const char *text)
{
	put_file(path, text, O_APPEND);
}

/* All of @path, at most @size - 1 bytes, as a string in @buf. */
char *read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY);
	size_t len = 0;

	if (fd < 0)
		FAIL("open %s: %s", path, error_name(errno));
	while (len < size - 1) {
		ssize_t n = read(fd, buf + len, size - 1 - len);
		if (n < 0)
			FAIL("read %s: %s", path, error_name(errno));
		if (n == 0)
			break;
		len += n;
	}
	buf[len] = '\0';
	OK(close(fd));
	return buf;
}

/* Start @path in a child; 126 is its status when exec fails. */
pid_t spawn(const char *path, char *const argv[], char *const envp[])
{
	static char *const empty[] = { NULL };
	pid_t pid = OK(fork());

	if (pid == 0) {
		execve(path, argv, envp ? envp : empty);
		_exit(126);
	}
	return pid;
}

/* Give up root for good. */
void become_user(uid_t uid, gid_t gid)
{
	OK(setgroups(0, NULL));
	OK(setresgid(gid, gid, gid));
	OK(setresuid(uid, uid, uid));
}

/* The first number behind @key in @file, as in "MemFree:  1234 kB". */
long proc_number(const char *file, const char *key)
{
	static char buf[65536];
	char *at = strstr(read_file(file, buf, sizeof(buf)), key);

	if (!at)
		FAIL("%s has no %s", file, key);
	return strtol(at + strlen(key), NULL, 0);
}

/*
 * Return once @pid sleeps in the kernel. It is how a test knows that a child
 * has reached the call that blocks, without guessing how long that takes.
 */
void wait_until_sleeping(pid_t pid)
{
	char path[64], buf[512];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	for (;;) {
		char *paren = strrchr(read_file(path, buf, sizeof(buf)), ')');
		if (!paren)
			FAIL("%s is not understood: %s", path, buf);
		if (paren[2] == 'S')
			return;
		if (paren[2] == 'Z' || paren[2] == 'X')
			FAIL("process %d ended instead of sleeping", pid);
		usleep(1000);
	}
}

int open_fds(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) != -1;
	return count;
}

void event_init(struct event *e)
{
	OK(pipe(e->fds));
}

void event_signal(struct event *e)
{
	EXPECT_EQ(write(e->fds[1], "!", 1), 1);
}

/* Sleep until someone signals; a writer that died instead is a failure. */
void event_wait(struct event *e)
{
	char c;
	ssize_t n;

	do
		n = read(e->fds[0], &c, 1);
	while (n < 0 && errno == EINTR);
	EXPECT_EQ(n, 1);
}

void event_close(struct event *e)
{
	OK(close(e->fds[0]));
	OK(close(e->fds[1]));
}
