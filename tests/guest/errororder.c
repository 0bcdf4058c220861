/*
 * Which error comes first. A call that is wrong in two ways fails with the
 * error that Linux looks for first; programs that probe rely on it.
 */
#include "test.h"

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define BAD	((void *)0x8000000000000000)

static char *no_strings[] = { NULL };

TEST(copies_of_what_is_no_file_or_elsewhere)
{
	int dir = OK(open(".", O_RDONLY)), null = OK(open("/dev/null", O_RDWR));
	int out = OK(open("f", O_CREAT | O_RDWR, 0600));
	int in = OK(open("f", O_RDONLY)), init = OK(open(SELF, O_RDONLY));

	EXPECT_ERR(syscall(SYS_copy_file_range, dir, NULL, dir, NULL, 1, 0),
		   EISDIR);
	EXPECT_ERR(syscall(SYS_copy_file_range, null, NULL, in, NULL, 1, 0),
		   EINVAL);
	EXPECT_ERR(syscall(SYS_copy_file_range, out, NULL, in, NULL, 1, 0),
		   EBADF);
	EXPECT_ERR(syscall(SYS_copy_file_range, init, NULL, in, NULL, 1, 0),
		   EBADF);
	EXPECT_ERR(syscall(SYS_copy_file_range, init, NULL, out, NULL, 1, 0),
		   EXDEV);
	OK(close(dir));
	OK(close(null));
	OK(close(in));
	OK(close(out));
	OK(close(init));
}

TEST(exec_counts_its_strings_before_it_opens)
{
	EXPECT_ERR(syscall(SYS_execve, "nonexistent", BAD, no_strings), EFAULT);
	EXPECT_ERR(syscall(SYS_execve, "nonexistent", no_strings, BAD), EFAULT);
	EXPECT_ERR(syscall(SYS_execve, "nonexistent", no_strings, no_strings),
		   ENOENT);
	EXPECT_ERR(syscall(SYS_execveat, 99, "x", BAD, no_strings, 0), EFAULT);
}

TEST(ranges_look_at_the_descriptor_first)
{
	int fd = OK(open("f", O_CREAT | O_RDWR, 0600));

	EXPECT_ERR(syscall(SYS_sync_file_range, 99, 0, 0, 0x100), EBADF);
	EXPECT_ERR(syscall(SYS_sync_file_range, 99, -1L, 0L, 0), EBADF);
	EXPECT_ERR(syscall(SYS_sync_file_range, fd, 0, 0, 0x100), EINVAL);
	EXPECT_ERR(syscall(SYS_sync_file_range, fd, -1L, 0L, 0), EINVAL);
	EXPECT_ERR(syscall(SYS_copy_file_range, 99, BAD, fd, BAD, 1, 1), EBADF);
	EXPECT_ERR(syscall(SYS_copy_file_range, fd, BAD, 99, BAD, 1, 1), EBADF);
	EXPECT_ERR(syscall(SYS_copy_file_range, fd, BAD, fd, NULL, 1, 1),
		   EFAULT);
	EXPECT_ERR(syscall(SYS_copy_file_range, fd, NULL, fd, NULL, 1, 1),
		   EINVAL);
	OK(close(fd));
}

TEST(prlimit_looks_at_the_limit_last)
{
	struct rlimit limit = { 10, 10 };
	pid_t pid;

	EXPECT_ERR(syscall(SYS_prlimit64, 0, 99, BAD, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_prlimit64, 0x3fffffff, 99, &limit, NULL), ESRCH);
	EXPECT_ERR(syscall(SYS_prlimit64, 0, 99, &limit, NULL), EINVAL);
	IN_CHILD(pid) {
		become_user(7777, 7777);
		EXPECT_ERR(syscall(SYS_prlimit64, 1, 99, NULL, &limit), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(setpgid_looks_at_the_group_first)
{
	EXPECT_ERR(setpgid(-1, -1), EINVAL);
	EXPECT_ERR(setpgid(-1, 1), ESRCH);
}

TEST(umount_looks_for_permission_before_the_flags_meaning)
{
	pid_t pid;

	EXPECT_ERR(umount2("nonexistent", MNT_DETACH | MNT_EXPIRE), ENOENT);
	IN_CHILD(pid) {
		become_user(7777, 7777);
		EXPECT_ERR(umount2("/", MNT_DETACH | MNT_EXPIRE), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(a_failed_waitid_reports_zeros)
{
	siginfo_t info;

	memset(&info, 0xff, sizeof(info));
	EXPECT_ERR(syscall(SYS_waitid, P_ALL, 0, &info, WEXITED, NULL), ECHILD);
	EXPECT_EQ(info.si_signo, 0);
	EXPECT_EQ(info.si_pid, 0);
	EXPECT_ERR(syscall(SYS_waitid, P_ALL, 0, BAD, WEXITED, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_waitid, 99, 0, BAD, WEXITED, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_waitid, 99, 0, NULL, WEXITED, NULL), EINVAL);
}
