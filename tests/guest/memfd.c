/*
 * memfd_create: memory with a descriptor for a name, and the seals that make
 * it fit to be shared with somebody who is not trusted.
 */
#include "test.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/uio.h>

#define PAGE		4096L
#define LONGEST_NAME	249

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL	0x0008U
#define MFD_EXEC	0x0010U
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE	0x0010
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC	0x0020
#endif
#define TMPFS_MAGIC_NUMBER	0x01021994

static int new_memfd(loff_t size)
{
	int fd = OK(memfd_create("m", MFD_ALLOW_SEALING));

	OK(ftruncate(fd, size));
	return fd;
}

static int sealed_memfd(loff_t size, int seals)
{
	int fd = new_memfd(size);

	OK(fcntl(fd, F_ADD_SEALS, seals));
	EXPECT_EQ(fcntl(fd, F_GET_SEALS), seals);
	return fd;
}

static loff_t size_of(int fd)
{
	struct stat st;

	OK(fstat(fd, &st));
	return st.st_size;
}

static int reopen(int fd, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags);
}

static void *map(int fd, int prot, int flags)
{
	return mmap(NULL, PAGE, prot, flags, fd, 0);
}

/* ---- the file ---- */

TEST(is_a_file_like_others)
{
	char buf[8] = "";
	int fd = OK(memfd_create("x", 0));
	struct statfs fs;
	struct stat st;

	OK(fstat(fd, &st));
	EXPECT_EQ(st.st_mode, S_IFREG | 0777);
	EXPECT_EQ(st.st_size, 0);
	EXPECT_EQ(st.st_nlink, 0);
	EXPECT_EQ(st.st_uid, 0);
	OK(fstatfs(fd, &fs));
	EXPECT_EQ(fs.f_type, TMPFS_MAGIC_NUMBER);
	EXPECT_EQ(OK(fcntl(fd, F_GETFL)) & 0100000, 0100000);
	EXPECT_EQ(OK(fcntl(fd, F_GETFL)) & O_ACCMODE, O_RDWR);
	EXPECT_EQ(OK(fcntl(fd, F_GETFD)), 0);
	EXPECT_EQ(write(fd, "hello", 5), 5);
	EXPECT_EQ(pread(fd, buf, 8, 1), 4);
	EXPECT_STR(buf, "ello");
	EXPECT_EQ(lseek(fd, 0, SEEK_END), 5);
	EXPECT_EQ(lseek(fd, 0, SEEK_HOLE), 5);
	OK(ftruncate(fd, 3 * PAGE));
	EXPECT_EQ(lseek(fd, 0, SEEK_HOLE), PAGE);
	OK(fchmod(fd, 0600));
	OK(fsync(fd));
	OK(close(fd));
}

TEST(belongs_to_its_maker)
{
	pid_t pid;

	IN_CHILD(pid) {
		struct stat st;
		int fd;

		become_user(1000, 1001);
		fd = OK(memfd_create("x", 0));
		OK(fstat(fd, &st));
		EXPECT_EQ(st.st_uid, 1000);
		EXPECT_EQ(st.st_gid, 1001);
		OK(close(fd));
	}
	EXPECT_EXIT(pid, 0);
}

TEST(close_on_exec_if_asked)
{
	int fd = OK(memfd_create("x", MFD_CLOEXEC));

	EXPECT_EQ(OK(fcntl(fd, F_GETFD)), FD_CLOEXEC);
	OK(close(fd));
}

TEST(flags_unknown_then)
{
	EXPECT_ERR(memfd_create("x", 0x20), EINVAL);
	EXPECT_ERR(memfd_create("x", 0x80000000U), EINVAL);
	/* A size without MFD_HUGETLB. */
	EXPECT_ERR(memfd_create("x", 21U << 26), EINVAL);
	/* Between MFD_HUGETLB's flag and the sizes. */
	EXPECT_ERR(memfd_create("x", MFD_HUGETLB | 0x100), EINVAL);
	/* Linux 6.3 brought these. */
	EXPECT_ERR(memfd_create("x", MFD_NOEXEC_SEAL), EINVAL);
	EXPECT_ERR(memfd_create("x", MFD_EXEC), EINVAL);
	EXPECT_ERR(memfd_create("x", MFD_EXEC | MFD_NOEXEC_SEAL), EINVAL);
	/* Flags come before the name. */
	EXPECT_ERR(memfd_create(NULL, 0x20), EINVAL);
}

TEST(huge_pages_need_a_kernel_that_has_them)
{
	int fd = memfd_create("x", MFD_HUGETLB);

	if (fd >= 0) {
		EXPECT(!running_on_keel());
		OK(close(fd));
		/* No machine has pages of 8 bytes. */
		EXPECT_ERR(memfd_create("x", MFD_HUGETLB | 3U << 26), ENODEV);
		return;
	}
	EXPECT_EQ(errno, ENOSYS);
	EXPECT_ERR(memfd_create("x", MFD_HUGETLB | MFD_ALLOW_SEALING |
				MFD_CLOEXEC | 21U << 26), ENOSYS);
	EXPECT_ERR(memfd_create(NULL, MFD_HUGETLB), EFAULT);
}

TEST(names_are_bounded_and_readable)
{
	char name[LONGEST_NAME + 2];
	char *p = OK(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	memset(name, 'a', sizeof(name));
	name[LONGEST_NAME] = '\0';
	OK(close(OK(memfd_create(name, 0))));
	name[LONGEST_NAME] = 'a';
	name[LONGEST_NAME + 1] = '\0';
	EXPECT_ERR(memfd_create(name, 0), EINVAL);
	OK(close(OK(memfd_create("", 0))));
	EXPECT_ERR(memfd_create(NULL, 0), EFAULT);
	EXPECT_ERR(memfd_create((char *)-PAGE, 0), EFAULT);
	/* A name that runs into memory that is not there. */
	OK(munmap(p + PAGE, PAGE));
	memset(p, 'b', PAGE);
	EXPECT_ERR(memfd_create(p + PAGE - 3, 0), EFAULT);
	p[PAGE - 1] = '\0';
	OK(close(OK(memfd_create(p + PAGE - 3, 0))));
	OK(munmap(p, PAGE));
}

TEST(too_many_descriptors)
{
	struct rlimit old, none = { 0, 0 };

	OK(getrlimit(RLIMIT_NOFILE, &old));
	none.rlim_max = old.rlim_max;
	OK(setrlimit(RLIMIT_NOFILE, &none));
	EXPECT_ERR(memfd_create("x", 0), EMFILE);
	OK(setrlimit(RLIMIT_NOFILE, &old));
}

/* The link that /proc/self/fd has for @fd. */
static const char *link_of(int fd, char *buf, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = OK(readlink(path, buf, size - 1));
	buf[n] = '\0';
	return buf;
}

TEST(shows_its_name)
{
	char buf[512], maps[16384], *line;
	int fd = OK(memfd_create("with space/and slash", 0));
	int other = OK(memfd_create("with space/and slash", 0));
	struct stat a, b;
	void *p;

	/* Names need not differ: they are for people only. */
	OK(fstat(fd, &a));
	OK(fstat(other, &b));
	EXPECT(a.st_ino != b.st_ino && a.st_dev == b.st_dev);
	EXPECT_STR(link_of(fd, buf, sizeof(buf)),
		   "/memfd:with space/and slash (deleted)");
	OK(ftruncate(fd, PAGE));
	p = OK(map(fd, PROT_READ | PROT_WRITE, MAP_SHARED));
	read_file("/proc/self/maps", maps, sizeof(maps));
	line = strstr(maps, "/memfd:");
	EXPECT(line);
	*strchr(line, '\n') = '\0';
	EXPECT_STR(line, "/memfd:with space/and slash (deleted)");
	while (*--line == ' ')
		;
	snprintf(buf, sizeof(buf), "%lu", (unsigned long)a.st_ino);
	EXPECT(line - maps > (long)strlen(buf));
	EXPECT_MEM(line + 1 - strlen(buf), buf, strlen(buf));
	OK(munmap(p, PAGE));
	OK(close(fd));
	OK(close(other));
}

TEST(opens_again_through_proc)
{
	int fd = OK(memfd_create("x", 0)), again, ro;
	char buf[4];

	EXPECT_EQ(write(fd, "abcd", 4), 4);
	again = OK(reopen(fd, O_RDWR));
	EXPECT_EQ(read(again, buf, 4), 4);	/* a position of its own */
	EXPECT_EQ(write(again, "e", 1), 1);
	ro = OK(reopen(fd, O_RDONLY));
	EXPECT_ERR(write(ro, "x", 1), EBADF);
	EXPECT_ERR((long)map(ro, PROT_WRITE, MAP_SHARED), EACCES);
	EXPECT_EQ(size_of(ro), 5);
	OK(close(OK(reopen(fd, O_RDWR | O_TRUNC))));
	EXPECT_EQ(size_of(ro), 0);
	EXPECT_ERR(reopen(fd, O_RDONLY | O_DIRECTORY), ENOTDIR);
	OK(close(fd));
	OK(close(again));
	OK(close(ro));
}

TEST(opens_for_others_as_its_mode_says)
{
	char path[64];
	int fd = OK(memfd_create("x", 0));
	pid_t pid;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	OK(fchmod(fd, 0400));
	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(open(path, O_RDONLY), EACCES);
		EXPECT_ERR(open(path, O_RDWR), EACCES);
	}
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
}

TEST(is_shared_memory)
{
	int fd = new_memfd(PAGE);
	char *p = OK(map(fd, PROT_READ | PROT_WRITE, MAP_SHARED));
	char *q = OK(map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE));
	char c;
	pid_t pid;

	IN_CHILD(pid)
		p[10] = 'x';
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(q[10], 'x');
	q[10] = 'y';
	EXPECT_EQ(p[10], 'x');
	EXPECT_EQ(pread(fd, &c, 1, 10), 1);
	EXPECT_EQ(c, 'x');
	/* The memory outlives the descriptor. */
	OK(close(fd));
	EXPECT_EQ(p[10], 'x');
	OK(munmap(p, PAGE));
	OK(munmap(q, PAGE));
}

TEST(cannot_be_given_a_name)
{
	int fd = OK(memfd_create("x", 0));
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_ERR(linkat(AT_FDCWD, path, AT_FDCWD, "name", AT_SYMLINK_FOLLOW),
		   EXDEV);
	OK(close(fd));
}

/* ---- the limit of a file's size ---- */

TEST(file_size_limit)
{
	struct rlimit limit = { 2 * PAGE, RLIM_INFINITY };
	int fd = new_memfd(PAGE);
	char page[PAGE];
	pid_t pid;

	memset(page, 'x', PAGE);
	IN_CHILD(pid) {
		signal(SIGXFSZ, SIG_IGN);
		OK(setrlimit(RLIMIT_FSIZE, &limit));
		EXPECT_ERR(ftruncate(fd, 2 * PAGE + 1), EFBIG);
		OK(ftruncate(fd, 2 * PAGE));
		EXPECT_ERR(pwrite(fd, page, 1, 2 * PAGE), EFBIG);
		EXPECT_EQ(pwrite(fd, page, PAGE, 2 * PAGE - 10), 10);
		EXPECT_ERR(fallocate(fd, 0, 0, 2 * PAGE + 1), EFBIG);
		/* Of a size that does not show, too. */
		EXPECT_ERR(fallocate(fd, FALLOC_FL_KEEP_SIZE, 2 * PAGE, 1),
			   EFBIG);
		OK(fallocate(fd, 0, 0, 2 * PAGE));
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(size_of(fd), 2 * PAGE);
	IN_CHILD(pid) {
		OK(setrlimit(RLIMIT_FSIZE, &limit));
		ftruncate(fd, 3 * PAGE);
	}
	EXPECT_KILLED(pid, SIGXFSZ);
	OK(close(fd));
}

TEST(huge_sizes)
{
	int fd = new_memfd(0);

	OK(ftruncate(fd, 0x7ffffffffffff000));
	EXPECT_EQ(size_of(fd), 0x7ffffffffffff000);
	EXPECT_ERR(ftruncate(fd, -1), EINVAL);
	EXPECT_EQ(pwrite(fd, "x", 1, 0x7fffffffffffefff), 1);
	OK(close(fd));
}

/* ---- seals ---- */

TEST(seals_must_be_allowed)
{
	int fd = OK(memfd_create("x", 0));

	EXPECT_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL);
	EXPECT_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
	EXPECT_ERR(fcntl(fd, F_ADD_SEALS, 0), EPERM);
	OK(close(fd));
}

TEST(seals_of_other_files)
{
	int fd = OK(open("f", O_CREAT | O_RDWR, 0600)), fds[2];

	/* Of tmpfs, so it has seals, and cannot get more. */
	EXPECT_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL);
	EXPECT_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
	OK(close(fd));
	fd = OK(open(".", O_RDONLY));
	EXPECT_ERR(fcntl(fd, F_ADD_SEALS, 0), EPERM);
	OK(close(fd));
	OK(pipe(fds));
	EXPECT_ERR(fcntl(fds[0], F_GET_SEALS), EINVAL);
	EXPECT_ERR(fcntl(fds[0], F_ADD_SEALS, 0), EPERM);
	EXPECT_ERR(fcntl(fds[1], F_ADD_SEALS, 0), EINVAL);
	OK(close(fds[0]));
	OK(close(fds[1]));
	EXPECT_ERR(fcntl(fds[0], F_GET_SEALS), EBADF);
}

TEST(seals_add_up)
{
	static const int seals[] = { F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE,
				     F_SEAL_FUTURE_WRITE, F_SEAL_SEAL };
	int fd = new_memfd(PAGE), sum = 0, other;

	EXPECT_EQ(fcntl(fd, F_GET_SEALS), 0);
	OK(fcntl(fd, F_ADD_SEALS, 0));
	for (size_t i = 0; i < ARRAY_SIZE(seals); i++) {
		OK(fcntl(fd, F_ADD_SEALS, seals[i]));
		sum |= seals[i];
		EXPECT_EQ(fcntl(fd, F_GET_SEALS), sum);
		if (seals[i] != F_SEAL_SEAL)
			OK(fcntl(fd, F_ADD_SEALS, seals[i]));
	}
	EXPECT_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL), EPERM);
	EXPECT_ERR(fcntl(fd, F_ADD_SEALS, 0), EPERM);
	/* They are the file's, not the descriptor's. */
	other = OK(reopen(fd, O_RDONLY));
	EXPECT_EQ(fcntl(other, F_GET_SEALS), sum);
	OK(close(other));
	OK(close(fd));
}

TEST(seals_refused)
{
	int fd = new_memfd(PAGE), ro = OK(reopen(fd, O_RDONLY)), path;

	/* Who cannot write cannot seal. */
	EXPECT_ERR(fcntl(ro, F_ADD_SEALS, F_SEAL_WRITE), EPERM);
	EXPECT_ERR(fcntl(ro, F_ADD_SEALS, 0x40), EPERM);
	EXPECT_ERR(fcntl(fd, F_ADD_SEALS, 0x40), EINVAL);
	EXPECT_ERR(fcntl(fd, F_ADD_SEALS, -1), EINVAL);
	EXPECT_ERR(syscall(SYS_fcntl, fd, F_ADD_SEALS, 0x100000001UL), EINVAL);
	/* Linux 6.3 brought this. */
	EXPECT_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_EXEC), EINVAL);
	path = OK(reopen(fd, O_PATH));
	EXPECT_ERR(fcntl(path, F_GET_SEALS), EBADF);
	EXPECT_ERR(fcntl(path, F_ADD_SEALS, 0), EBADF);
	EXPECT_EQ(fcntl(fd, F_GET_SEALS), 0);
	OK(close(path));
	OK(close(ro));
	OK(close(fd));
}

TEST(seal_shrink)
{
	int fd = sealed_memfd(2 * PAGE, F_SEAL_SHRINK);

	EXPECT_ERR(ftruncate(fd, 2 * PAGE - 1), EPERM);
	EXPECT_ERR(ftruncate(fd, 0), EPERM);
	EXPECT_ERR(reopen(fd, O_RDWR | O_TRUNC), EPERM);
	OK(ftruncate(fd, 2 * PAGE));
	OK(ftruncate(fd, 3 * PAGE));
	EXPECT_EQ(pwrite(fd, "x", 1, 4 * PAGE - 1), 1);
	OK(fallocate(fd, 0, 0, 5 * PAGE));
	OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE));
	EXPECT_EQ(size_of(fd), 5 * PAGE);
	OK(close(fd));
}

TEST(seal_grow)
{
	int fd = sealed_memfd(PAGE + 100, F_SEAL_GROW);
	char pages[3 * PAGE];

	memset(pages, 'x', sizeof(pages));
	EXPECT_ERR(ftruncate(fd, 2 * PAGE), EPERM);
	EXPECT_ERR(fallocate(fd, 0, 0, PAGE + 101), EPERM);
	EXPECT_ERR(fallocate(fd, FALLOC_FL_KEEP_SIZE, PAGE, PAGE), EPERM);
	EXPECT_ERR(pwrite(fd, "x", 1, PAGE + 100), EPERM);
	EXPECT_ERR(pwrite(fd, pages, 101, PAGE), EPERM);
	/* What is before the page in which the end lies is written. */
	EXPECT_EQ(pwrite(fd, pages, 2 * PAGE, 0), PAGE);
	EXPECT_EQ(pwrite(fd, pages, 100, PAGE), 100);
	OK(fallocate(fd, 0, 0, PAGE + 100));
	EXPECT_EQ(size_of(fd), PAGE + 100);
	OK(ftruncate(fd, 10));
	EXPECT_ERR(ftruncate(fd, 11), EPERM);
	OK(lseek(fd, 0, SEEK_SET));
	OK(fcntl(fd, F_SETFL, O_APPEND));
	EXPECT_ERR(write(fd, "x", 1), EPERM);
	OK(close(fd));
}

static void check_no_writes(int fd)
{
	int again;

	EXPECT_ERR(write(fd, "x", 1), EPERM);
	EXPECT_ERR(pwrite(fd, "x", 1, 2 * PAGE), EPERM);
	EXPECT_EQ(write(fd, "x", 0), 0);
	EXPECT_ERR(write(fd, (void *)1, 1), EFAULT);
	EXPECT_ERR(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			     PAGE), EPERM);
	/* It may be opened for writing, which then fails. */
	again = OK(reopen(fd, O_RDWR));
	EXPECT_ERR(write(again, "x", 1), EPERM);
	OK(close(again));
	/* The size is the matter of other seals. */
	OK(fallocate(fd, 0, 0, 2 * PAGE));
	OK(ftruncate(fd, 3 * PAGE));
	OK(ftruncate(fd, PAGE));
	OK(fchmod(fd, 0700));
	EXPECT_ERR((long)map(fd, PROT_READ | PROT_WRITE, MAP_SHARED), EPERM);
	EXPECT_ERR((long)map(fd, PROT_WRITE, MAP_SHARED_VALIDATE), EPERM);
}

static void check_private_writes(int fd)
{
	char *p = OK(map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE)), c;

	EXPECT_EQ(p[5], 'a');
	p[5] = 'b';
	EXPECT_EQ(pread(fd, &c, 1, 5), 1);
	EXPECT_EQ(c, 'a');
	OK(munmap(p, PAGE));
}

/* A shared mapping by a descriptor that cannot write never could. */
static void check_read_only_map(int fd)
{
	int ro = OK(reopen(fd, O_RDONLY));
	char *p = OK(map(ro, PROT_READ, MAP_SHARED));

	EXPECT_EQ(p[5], 'a');
	EXPECT_ERR(mprotect(p, PAGE, PROT_READ | PROT_WRITE), EACCES);
	OK(mprotect(p, PAGE, PROT_READ | PROT_EXEC));
	OK(munmap(p, PAGE));
	OK(close(ro));
}

TEST(seal_write)
{
	int fd = new_memfd(PAGE);

	EXPECT_EQ(pwrite(fd, "aaaaaaaa", 8, 0), 8);
	OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	check_no_writes(fd);
	check_private_writes(fd);
	check_read_only_map(fd);
	OK(close(fd));
}

/*
 * By a descriptor that could write, one that only reads is a matter of the
 * version: Linux refused it for long. If there is one, it stays as it is.
 */
TEST(seal_write_and_a_map_that_only_reads)
{
	int fd = sealed_memfd(PAGE, F_SEAL_WRITE);
	char *p = map(fd, PROT_READ, MAP_SHARED);

	if (p == MAP_FAILED) {
		EXPECT_EQ(errno, EPERM);
	} else {
		EXPECT_EQ(p[5], 0);
		EXPECT_ERR(mprotect(p, PAGE, PROT_READ | PROT_WRITE), EACCES);
		OK(munmap(p, PAGE));
	}
	OK(close(fd));
}

TEST(seal_write_is_refused_while_mapped)
{
	int fd = new_memfd(2 * PAGE), ro = OK(reopen(fd, O_RDONLY));
	char *p = OK(mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			  fd, 0));
	char *q;

	EXPECT_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	EXPECT_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW), EBUSY);
	EXPECT_EQ(fcntl(fd, F_GET_SEALS), 0);
	/* That it cannot be written now does not help: it could again. */
	OK(mprotect(p, 2 * PAGE, PROT_READ));
	EXPECT_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	OK(mprotect(p, 2 * PAGE, PROT_READ | PROT_WRITE));
	/* In two parts, then one of them gone, then moved. */
	OK(mprotect(p, PAGE, PROT_NONE));
	EXPECT_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	OK(munmap(p, PAGE));
	EXPECT_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	p = OK(mremap(p + PAGE, PAGE, 4 * PAGE, MREMAP_MAYMOVE));
	EXPECT_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	OK(munmap(p, 4 * PAGE));
	/* These do not stand in the way. */
	p = OK(map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE));
	q = OK(map(ro, PROT_READ, MAP_SHARED));
	OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	OK(munmap(p, PAGE));
	OK(munmap(q, PAGE));
	OK(close(ro));
	OK(close(fd));
}

TEST(seal_write_is_refused_while_a_child_maps)
{
	int fd = new_memfd(PAGE);
	void *p = OK(map(fd, PROT_READ | PROT_WRITE, MAP_SHARED));
	struct event mapped, leave;
	pid_t pid;

	event_init(&mapped);
	event_init(&leave);
	IN_CHILD(pid) {
		event_signal(&mapped);
		event_wait(&leave);
	}
	event_wait(&mapped);
	OK(munmap(p, PAGE));
	EXPECT_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	event_signal(&leave);
	EXPECT_EXIT(pid, 0);
	OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	event_close(&mapped);
	event_close(&leave);
	OK(close(fd));
}

TEST(seal_future_write)
{
	int fd = new_memfd(PAGE);
	char *p = OK(map(fd, PROT_READ | PROT_WRITE, MAP_SHARED)), *q;

	memset(p, 'a', 8);
	OK(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
	check_no_writes(fd);
	p[5] = 'a';
	check_private_writes(fd);
	check_read_only_map(fd);
	/* What is mapped stays writable, in all that can be done to it. */
	OK(mprotect(p, PAGE, PROT_READ));
	OK(mprotect(p, PAGE, PROT_READ | PROT_WRITE));
	p[6] = 'c';
	q = OK(map(fd, PROT_READ, MAP_SHARED));
	EXPECT_EQ(q[6], 'c');
	EXPECT_ERR(mprotect(q, PAGE, PROT_READ | PROT_WRITE), EACCES);
	EXPECT_ERR(mprotect(q, PAGE, PROT_WRITE), EACCES);
	/* The stronger seal may follow. */
	EXPECT_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	OK(munmap(p, PAGE));
	OK(munmap(q, PAGE));
	OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	OK(close(fd));
}

TEST(all_seals)
{
	int fd = sealed_memfd(PAGE, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW |
			      F_SEAL_WRITE | F_SEAL_FUTURE_WRITE);
	char buf[PAGE];

	EXPECT_ERR(ftruncate(fd, 0), EPERM);
	EXPECT_ERR(ftruncate(fd, 2 * PAGE), EPERM);
	EXPECT_ERR(write(fd, "x", 1), EPERM);
	EXPECT_EQ(read(fd, buf, PAGE), PAGE);
	OK(close(fd));
}

/*
 * Somebody maps and unmaps while another seals: at the end the seal is there,
 * and no writable mapping is.
 */
TEST(seal_write_races_with_mmap)
{
	for (int round = 0; round < 200; round++) {
		int fd = new_memfd(PAGE);
		pid_t pid = OK(fork());
		void *p;

		if (pid == 0) {
			while ((p = map(fd, PROT_READ | PROT_WRITE,
					MAP_SHARED)) != MAP_FAILED) {
				*(volatile char *)p = 1;
				munmap(p, PAGE);
			}
			_exit(errno == EPERM ? 0 : 1);
		}
		while (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE))
			EXPECT_EQ(errno, EBUSY);
		EXPECT_EXIT(pid, 0);
		OK(close(fd));
	}
}

/* ---- programs ---- */

static int memfd_of(const char *path, unsigned int flags)
{
	int from = OK(open(path, O_RDONLY)), fd = OK(memfd_create("p", flags));
	char buf[PAGE];
	ssize_t n;

	while ((n = OK(read(from, buf, sizeof(buf)))) > 0)
		EXPECT_EQ(write(fd, buf, n), n);
	OK(close(from));
	return fd;
}

static void exec_memfd(int fd, int out)
{
	char *argv[] = { (char *)"name", (char *)"exit=7", NULL };
	char *envp[] = { NULL };

	dup2(out, 1);
	syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
	_exit(errno == EACCES ? 126 : errno == ETXTBSY ? 125 : 124);
}

TEST(runs_a_program)
{
	int fd = memfd_of(PROGRAMS "/show", MFD_ALLOW_SEALING), fds[2];
	char out[1024], wanted[64];
	ssize_t len = 0, n;
	pid_t pid;

	OK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	OK(pipe2(fds, O_CLOEXEC));
	pid = OK(fork());
	if (pid == 0)
		exec_memfd(fd, fds[1]);
	OK(close(fds[1]));
	while ((n = OK(read(fds[0], out + len, sizeof(out) - 1 - len))) > 0)
		len += n;
	out[len] = '\0';
	EXPECT_EXIT(pid, 7);
	snprintf(wanted, sizeof(wanted), "execfn=/dev/fd/%d\n", fd);
	EXPECT(strstr(out, wanted));
	OK(close(fds[0]));
	OK(close(fd));
}

TEST(runs_by_its_path_in_proc)
{
	int fd = memfd_of(PROGRAMS "/show", 0), null = OK(open("/dev/null", 1));
	char path[64];
	char *argv[] = { (char *)"name", (char *)"exit=3", NULL };
	pid_t pid;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	pid = OK(fork());
	if (pid == 0) {
		dup2(null, 1);
		execve(path, argv, argv + 2);
		_exit(126);
	}
	EXPECT_EXIT(pid, 3);
	OK(close(fd));
	OK(close(null));
}

TEST(does_not_run_unless_allowed)
{
	int fd = memfd_of(PROGRAMS "/show", 0), writer;
	pid_t pid;

	/* Open for writing by name, which the first descriptor is not. */
	writer = OK(reopen(fd, O_WRONLY));
	pid = OK(fork());
	if (pid == 0)
		exec_memfd(fd, 2);
	EXPECT_EXIT(pid, 125);
	OK(close(writer));
	OK(fchmod(fd, 0600));
	pid = OK(fork());
	if (pid == 0)
		exec_memfd(fd, 2);
	EXPECT_EXIT(pid, 126);
	OK(close(fd));
}

HELPER(exe_link)
{
	char buf[256];
	ssize_t n = readlink("/proc/self/exe", buf, sizeof(buf) - 1);

	if (n < 0)
		return 1;
	buf[n] = '\0';
	return strcmp(buf, "/memfd:p (deleted)") ? 2 : 0;
}

TEST(shows_as_what_runs)
{
	int fd = memfd_of(SELF, 0);
	char *argv[] = { HELPER_ARGV("exe_link"), NULL };
	char *envp[] = { NULL };
	pid_t pid = OK(fork());

	if (pid == 0) {
		syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
		_exit(126);
	}
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
}
