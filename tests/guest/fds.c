/* Descriptors: dup and its kin, fcntl, close-on-exec, limits, sharing. */
#include "test.h"

#include <sys/resource.h>
#include <sys/uio.h>
#include <linux/close_range.h>

TEST(lowest_free_number)
{
	int a = OK(open("/dev/null", O_RDONLY));
	int b = OK(open("/dev/null", O_RDONLY));

	EXPECT_EQ(a, 3);
	EXPECT_EQ(b, 4);
	OK(close(a));
	EXPECT_EQ(dup(b), 3);
	OK(close(3));
	EXPECT_EQ(open("/dev/null", O_RDONLY), 3);
	OK(close(3));
	OK(close(b));
	EXPECT_ERR(close(b), EBADF);
	EXPECT_ERR(close(-1), EBADF);
	EXPECT_ERR(close(1 << 30), EBADF);
}

TEST(dup_shares_offset_and_flags_not_cloexec)
{
	char c;
	int fd = OK(open("f", O_RDWR | O_CREAT | O_CLOEXEC, 0600));

	EXPECT_EQ(write(fd, "abcdef", 6), 6);
	OK(lseek(fd, 0, SEEK_SET));
	int copy = OK(dup(fd));
	EXPECT_EQ(fcntl(copy, F_GETFD), 0);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(read(fd, &c, 1), 1);
	EXPECT_EQ(read(copy, &c, 1), 1);
	EXPECT_EQ(c, 'b');
	OK(fcntl(copy, F_SETFL, O_APPEND));
	EXPECT(fcntl(fd, F_GETFL) & O_APPEND);
	OK(close(fd));
	EXPECT_EQ(read(copy, &c, 1), 1);
	OK(close(copy));
}

TEST(two_opens_do_not_share)
{
	write_file("f", "abcdef");
	int a = OK(open("f", O_RDONLY)), b = OK(open("f", O_RDONLY));
	char c;

	EXPECT_EQ(read(a, &c, 1), 1);
	EXPECT_EQ(read(b, &c, 1), 1);
	EXPECT_EQ(c, 'a');
	OK(close(a));
	OK(close(b));
}

TEST(fork_shares_the_offset)
{
	write_file("f", "abcdef");
	int fd = OK(open("f", O_RDONLY));
	char c;
	pid_t pid;

	IN_CHILD(pid)
		EXPECT_EQ(read(fd, &c, 1), 1);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(read(fd, &c, 1), 1);
	EXPECT_EQ(c, 'b');
	OK(close(fd));
}

TEST(dup2_forms)
{
	int fd = OK(open("/dev/null", O_RDONLY));

	EXPECT_EQ(dup2(fd, 50), 50);
	EXPECT_EQ(dup2(fd, fd), fd);
	EXPECT_EQ(dup2(fd, 50), 50);		/* closes the old one */
	EXPECT_ERR(dup2(fd, -1), EBADF);
	EXPECT_ERR(dup2(77, 50), EBADF);
	EXPECT_ERR(dup2(77, 77), EBADF);
	EXPECT_EQ(fcntl(50, F_GETFD), 0);
	OK(close(50));
	EXPECT_ERR(dup(fd + 40), EBADF);
	OK(close(fd));
}

TEST(dup2_beyond_the_limit)
{
	struct rlimit limit;
	int fd = OK(open("/dev/null", O_RDONLY));

	OK(getrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_ERR(dup2(fd, limit.rlim_cur), EBADF);
	EXPECT_EQ(dup2(fd, limit.rlim_cur - 1), (int)limit.rlim_cur - 1);
	OK(close(limit.rlim_cur - 1));
	OK(close(fd));
}

TEST(dup3_forms)
{
	int fd = OK(open("/dev/null", O_RDONLY));

	EXPECT_EQ(dup3(fd, 50, O_CLOEXEC), 50);
	EXPECT_EQ(fcntl(50, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(dup3(fd, 50, 0), 50);
	EXPECT_EQ(fcntl(50, F_GETFD), 0);
	EXPECT_ERR(dup3(fd, fd, 0), EINVAL);
	EXPECT_ERR(dup3(fd, 50, O_APPEND), EINVAL);
	EXPECT_ERR(dup3(77, 50, 0), EBADF);
	OK(close(50));
	OK(close(fd));
}

TEST(fcntl_dupfd)
{
	int fd = OK(open("/dev/null", O_RDONLY));

	EXPECT_EQ(fcntl(fd, F_DUPFD, 60), 60);
	EXPECT_EQ(fcntl(fd, F_DUPFD, 60), 61);
	EXPECT_EQ(fcntl(fd, F_DUPFD_CLOEXEC, 0), 4);
	EXPECT_EQ(fcntl(4, F_GETFD), FD_CLOEXEC);
	EXPECT_ERR(fcntl(fd, F_DUPFD, -1), EINVAL);
	EXPECT_ERR(fcntl(fd, F_DUPFD, 1 << 30), EINVAL);
	OK(close(4));
	OK(close(60));
	OK(close(61));
	OK(close(fd));
}

TEST(fcntl_flags)
{
	int fd = OK(open("f", O_RDWR | O_CREAT | O_TRUNC, 0600));
	int large = 0100000;	/* O_LARGEFILE, always set on 64 bits */

	EXPECT_EQ(fcntl(fd, F_GETFL), O_RDWR | large);
	/* Access mode and creation flags are not changed. */
	OK(fcntl(fd, F_SETFL, O_WRONLY | O_NONBLOCK | O_APPEND | O_TRUNC));
	EXPECT_EQ(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK | O_APPEND | large);
	OK(fcntl(fd, F_SETFL, 0));
	EXPECT_EQ(fcntl(fd, F_GETFL), O_RDWR | large);
	OK(fcntl(fd, F_SETFD, FD_CLOEXEC));
	EXPECT_EQ(fcntl(fd, F_GETFD), 1);
	OK(fcntl(fd, F_SETFD, 0));
	EXPECT_EQ(fcntl(fd, F_GETFD), 0);
	EXPECT_ERR(fcntl(fd, 9999, 0), EINVAL);
	EXPECT_ERR(fcntl(77, F_GETFD), EBADF);
	OK(close(fd));
}

TEST(rlimit_nofile_is_enforced)
{
	struct rlimit limit = { 10, 10 };
	int fd, n = 0, fds[2];
	pid_t pid;

	IN_CHILD(pid) {
		OK(setrlimit(RLIMIT_NOFILE, &limit));
		while ((fd = open("/dev/null", O_RDONLY)) >= 0)
			n++;
		EXPECT_EQ(errno, EMFILE);
		EXPECT_EQ(n, 7);
		EXPECT_ERR(dup(0), EMFILE);
		EXPECT_ERR(pipe(fds), EMFILE);
		EXPECT_ERR(fcntl(0, F_DUPFD, 5), EMFILE);
		EXPECT_ERR(fcntl(0, F_DUPFD, 10), EINVAL);
		OK(close(9));
		EXPECT_ERR(pipe(fds), EMFILE);	/* one is not enough */
		EXPECT_EQ(dup(0), 9);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(a_thousand_descriptors)
{
	enum { COUNT = 1000 };
	struct rlimit limit;
	pid_t pid;

	OK(getrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(limit.rlim_cur, 1024);
	EXPECT_EQ(limit.rlim_max, 4096);
	IN_CHILD(pid) {
		limit.rlim_cur = limit.rlim_max;
		OK(setrlimit(RLIMIT_NOFILE, &limit));
		for (int i = 0; i < COUNT; i++)
			OK(dup(0));
		EXPECT_EQ(dup2(0, 4095), 4095);
		EXPECT_ERR(dup2(0, 4096), EBADF);
		pid_t kid;
		IN_CHILD(kid)
			OK(fcntl(4095, F_GETFD));
		EXPECT_EXIT(kid, 0);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(rlimit_rules)
{
	struct rlimit limit = { 20, 10 };
	pid_t pid;

	EXPECT_ERR(setrlimit(RLIMIT_NOFILE, &limit), EINVAL);
	EXPECT_ERR(getrlimit(99, &limit), EINVAL);
	EXPECT_ERR(syscall(SYS_getrlimit, RLIMIT_NOFILE, 8L), EFAULT);
	EXPECT_ERR(syscall(SYS_setrlimit, RLIMIT_NOFILE, 8L), EFAULT);
	limit = (struct rlimit){ 100, 2000000000 };
	EXPECT_ERR(setrlimit(RLIMIT_NOFILE, &limit), EPERM);
	IN_CHILD(pid) {
		limit = (struct rlimit){ 100, 100 };
		OK(setrlimit(RLIMIT_NOFILE, &limit));
		become_user(1000, 1000);
		limit = (struct rlimit){ 100, 200 };
		EXPECT_ERR(setrlimit(RLIMIT_NOFILE, &limit), EPERM);
		limit = (struct rlimit){ 50, 100 };
		OK(setrlimit(RLIMIT_NOFILE, &limit));
	}
	EXPECT_EXIT(pid, 0);
}

TEST(prlimit_of_another)
{
	struct rlimit limit = { 33, 44 }, old;
	struct event go;
	pid_t pid;

	event_init(&go);
	IN_CHILD(pid) {
		event_wait(&go);
		OK(getrlimit(RLIMIT_NOFILE, &old));
		EXPECT_EQ(old.rlim_cur, 33);
		EXPECT_EQ(old.rlim_max, 44);
	}
	OK(prlimit(pid, RLIMIT_NOFILE, &limit, &old));
	EXPECT_EQ(old.rlim_cur, 1024);
	OK(prlimit(pid, RLIMIT_NOFILE, NULL, &old));
	EXPECT_EQ(old.rlim_cur, 33);
	EXPECT_ERR(prlimit(99999999, RLIMIT_NOFILE, NULL, &old), ESRCH);
	event_signal(&go);
	EXPECT_EXIT(pid, 0);
	event_close(&go);
}

HELPER(is_open)
{
	return fcntl(atoi(argv[1]), F_GETFD) == -1 ? 1 : 0;
}

static int open_after_exec(int fd)
{
	char number[16];
	char *argv[] = { HELPER_ARGV("is_open"), number, NULL };

	sprintf(number, "%d", fd);
	return WEXITSTATUS(wait_status(spawn(SELF, argv, NULL))) == 0;
}

TEST(cloexec_closes_in_exec_only)
{
	int fd = OK(open("/dev/null", O_RDONLY | O_CLOEXEC));
	pid_t pid;

	IN_CHILD(pid)
		OK(fcntl(fd, F_GETFD));
	EXPECT_EXIT(pid, 0);
	EXPECT(!open_after_exec(fd));
	OK(fcntl(fd, F_SETFD, 0));
	EXPECT(open_after_exec(fd));
	OK(close(fd));
}

TEST(close_range_forms)
{
	for (int i = 40; i < 50; i++)
		OK(dup2(0, i));
	OK(syscall(SYS_close_range, 42, 44, 0));
	EXPECT_ERR(fcntl(42, F_GETFD), EBADF);
	EXPECT_ERR(fcntl(44, F_GETFD), EBADF);
	OK(fcntl(41, F_GETFD));
	OK(fcntl(45, F_GETFD));
	OK(syscall(SYS_close_range, 45, 46, CLOSE_RANGE_CLOEXEC));
	EXPECT_EQ(fcntl(45, F_GETFD), FD_CLOEXEC);
	EXPECT_ERR(syscall(SYS_close_range, 46, 45, 0), EINVAL);
	EXPECT_ERR(syscall(SYS_close_range, 40, 50, 0x80), EINVAL);
	OK(syscall(SYS_close_range, 40, 60, 0));
	EXPECT_ERR(fcntl(49, F_GETFD), EBADF);
}

TEST(closing_while_another_process_reads)
{
	int fds[2];
	char c;
	pid_t pid;

	OK(pipe(fds));
	IN_CHILD(pid)
		EXPECT_EQ(read(fds[0], &c, 1), 1);
	wait_until_sleeping(pid);
	OK(close(fds[0]));
	EXPECT_EQ(write(fds[1], "x", 1), 1);
	EXPECT_EXIT(pid, 0);
	OK(close(fds[1]));
}

TEST(access_modes_are_checked_by_every_call)
{
	char c;
	struct iovec iov = { &c, 1 };

	write_file("f", "abc");
	int r = OK(open("f", O_RDONLY)), w = OK(open("f", O_WRONLY));
	EXPECT_ERR(write(r, "x", 1), EBADF);
	EXPECT_ERR(pwrite(r, "x", 1, 0), EBADF);
	EXPECT_ERR(writev(r, &iov, 1), EBADF);
	EXPECT_ERR(ftruncate(r, 0), EINVAL);
	EXPECT_ERR(read(w, &c, 1), EBADF);
	EXPECT_ERR(pread(w, &c, 1, 0), EBADF);
	EXPECT_ERR(readv(w, &iov, 1), EBADF);
	OK(close(r));
	OK(close(w));
}

TEST(calls_on_a_closed_descriptor)
{
	char c;
	struct stat st;
	struct iovec iov = { &c, 1 };

	EXPECT_ERR(read(77, &c, 1), EBADF);
	EXPECT_ERR(write(77, &c, 1), EBADF);
	EXPECT_ERR(readv(77, &iov, 1), EBADF);
	EXPECT_ERR(pread(77, &c, 1, 0), EBADF);
	EXPECT_ERR(lseek(77, 0, SEEK_SET), EBADF);
	EXPECT_ERR(fstat(77, &st), EBADF);
	EXPECT_ERR(ftruncate(77, 0), EBADF);
	EXPECT_ERR(fchmod(77, 0), EBADF);
	EXPECT_ERR(fchown(77, 0, 0), EBADF);
	EXPECT_ERR(fchdir(77), EBADF);
	EXPECT_ERR(fsync(77), EBADF);
	EXPECT_ERR(syscall(SYS_ioctl, 77, 0, 0), EBADF);
	EXPECT_ERR(openat(77, "x", O_RDONLY), EBADF);
	EXPECT_ERR(syscall(SYS_getdents64, 77, &c, 1), EBADF);
}

TEST(proc_self_fd_names_what_is_open)
{
	char path[64], link[64] = "";
	int fd = OK(open("file", O_CREAT | O_RDWR, 0600));

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	OK(readlink(path, link, sizeof(link) - 1));
	EXPECT_STR(link, "/tmp/file");
	OK(unlink("file"));
	memset(link, 0, sizeof(link));
	OK(readlink(path, link, sizeof(link) - 1));
	EXPECT_STR(link, "/tmp/file (deleted)");
	/* The link leads to the file itself, not to its old name. */
	EXPECT_EQ(write(fd, "x", 1), 1);
	int again = OK(open(path, O_RDONLY));
	EXPECT_EQ(read(again, link, 1), 1);
	OK(close(again));
	OK(close(fd));
}
