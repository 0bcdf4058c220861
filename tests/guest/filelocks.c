/* Locks whose owner is an open file: F_OFD_SETLK and its kin, flock(2). */
#include "test.h"

#include <sched.h>
#include <sys/file.h>
#include <sys/syscall.h>

#define NAME	"/tmp/filelocks"

static int lock(int fd, int cmd, int type, off_t at)
{
	struct flock fl = {
		.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1,
	};

	return fcntl(fd, cmd, &fl);
}

/* Is that byte locked, for somebody who opens the file anew? */
static bool is_locked(off_t at)
{
	struct flock fl = { .l_type = F_WRLCK, .l_start = at, .l_len = 1 };
	int fd = OK(open(NAME, O_RDWR));

	OK(fcntl(fd, F_OFD_GETLK, &fl));
	OK(close(fd));
	return fl.l_type != F_UNLCK;
}

/* A process that shares our descriptors, as a thread would. */
static pid_t fork_with_files(void)
{
	return OK(syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, NULL, NULL, 0));
}

TEST(belong_to_the_open_file_not_to_the_descriptor)
{
	int a = OK(open(NAME, O_RDWR | O_CREAT, 0600));
	int b = OK(open(NAME, O_RDWR)), copy;
	pid_t pid;

	OK(lock(b, F_OFD_SETLK, F_WRLCK, 1));
	OK(lock(a, F_OFD_SETLK, F_WRLCK, 5));
	copy = OK(dup(a));
	pid = fork_with_files();
	if (pid == 0)
		_exit(lock(a, F_OFD_SETLKW, F_WRLCK, 1) ? 1 : 0);
	wait_until_sleeping(pid);
	OK(close(a));
	OK(lock(b, F_OFD_SETLK, F_UNLCK, 1));
	EXPECT_EXIT(pid, 0);
	EXPECT(is_locked(1));
	EXPECT(is_locked(5));
	OK(close(copy));
	EXPECT(!is_locked(1));
	EXPECT(!is_locked(5));
	OK(close(b));
	OK(unlink(NAME));
}

TEST(of_a_process_fall_with_the_descriptor)
{
	int a = OK(open(NAME, O_RDWR | O_CREAT, 0600));
	int b = OK(open(NAME, O_RDWR)), copy;
	pid_t pid;

	OK(lock(b, F_OFD_SETLK, F_WRLCK, 1));
	copy = OK(dup(a));
	pid = fork_with_files();
	if (pid == 0)
		_exit(lock(a, F_SETLKW, F_WRLCK, 1) && errno == EBADF ? 0 : 1);
	wait_until_sleeping(pid);
	OK(close(a));
	OK(lock(b, F_OFD_SETLK, F_UNLCK, 1));
	EXPECT_EXIT(pid, 0);
	EXPECT(!is_locked(1));
	OK(close(copy));
	OK(close(b));
	OK(unlink(NAME));
}

static void nothing(int sig)
{
	(void)sig;
}

/* Somebody else may unlock for an open file that waits. */
TEST(waiting_in_a_circle_is_no_deadlock)
{
	int a = OK(open(NAME, O_RDWR | O_CREAT, 0600));
	int b = OK(open(NAME, O_RDWR));
	struct sigaction sa = { .sa_handler = nothing };
	pid_t first, second;

	OK(lock(a, F_OFD_SETLK, F_WRLCK, 0));
	OK(lock(b, F_OFD_SETLK, F_WRLCK, 1));
	OK(sigaction(SIGUSR1, &sa, NULL));
	IN_CHILD(first)
		OK(lock(a, F_OFD_SETLKW, F_WRLCK, 1));
	wait_until_sleeping(first);
	IN_CHILD(second)
		EXPECT_ERR(lock(b, F_OFD_SETLKW, F_WRLCK, 0), EINTR);
	wait_until_sleeping(second);
	OK(kill(second, SIGUSR1));
	EXPECT_EXIT(second, 0);
	OK(lock(b, F_OFD_SETLK, F_UNLCK, 1));
	EXPECT_EXIT(first, 0);
	OK(close(a));
	OK(close(b));
	OK(unlink(NAME));
}

TEST(flock_arguments)
{
	int fd = OK(open(NAME, O_RDWR | O_CREAT, 0600));
	static const int bad[] = { 0, 3, 16, LOCK_NB, -1 & ~LOCK_MAND };

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_ERR(flock(fd, bad[i]), EINVAL);
		EXPECT_ERR(flock(-1, bad[i]), EINVAL);
	}
	EXPECT_ERR(flock(-1, LOCK_EX), EBADF);
	/* Mandatory locks are no more, and it is not said. */
	EXPECT_EQ(flock(fd, LOCK_MAND | LOCK_READ), 0);
	EXPECT_EQ(flock(-1, LOCK_MAND), 0);
	OK(close(fd));
	OK(unlink(NAME));
}
