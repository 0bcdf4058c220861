/* Files on tmpfs: open flags, reading and writing, offsets, holes, sizes. */
#include "test.h"

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/uio.h>

TEST(open_creates_with_mode_and_umask)
{
	struct stat st;

	umask(027);
	int fd = OK(open("f", O_CREAT | O_RDWR, 0777));
	OK(fstat(fd, &st));
	EXPECT_EQ(st.st_mode, S_IFREG | 0750);
	EXPECT_EQ(st.st_size, 0);
	EXPECT_EQ(st.st_nlink, 1);
	EXPECT_EQ(st.st_uid, 0);
	OK(close(fd));
	/* A mode that forbids it does not hinder the creating open. */
	fd = OK(open("g", O_CREAT | O_RDWR, 0));
	EXPECT_EQ(write(fd, "x", 1), 1);
	OK(close(fd));
	fd = OK(open("s", O_CREAT | O_RDWR, 07777));
	OK(fstat(fd, &st));
	EXPECT_EQ(st.st_mode & 07777, 07750);
	OK(close(fd));
}

TEST(open_flags_and_errors)
{
	OK(mkdir("d", 0755));
	write_file("f", "abc");
	OK(symlink("f", "link"));
	OK(symlink("nowhere", "dangling"));

	EXPECT_ERR(open("missing", O_RDONLY), ENOENT);
	EXPECT_ERR(open("", O_RDONLY), ENOENT);
	EXPECT_ERR(open("f/x", O_RDONLY), ENOTDIR);
	EXPECT_ERR(open("f/", O_RDONLY), ENOTDIR);
	EXPECT_ERR(open("f", O_CREAT | O_EXCL | O_RDWR, 0600), EEXIST);
	EXPECT_ERR(open("link", O_CREAT | O_EXCL | O_RDWR, 0600), EEXIST);
	EXPECT_ERR(open("dangling", O_CREAT | O_EXCL | O_RDWR, 0600), EEXIST);
	EXPECT_ERR(open("d", O_WRONLY), EISDIR);
	EXPECT_ERR(open("d", O_RDWR), EISDIR);
	EXPECT_ERR(open("d", O_CREAT | O_RDONLY, 0600), EISDIR);
	EXPECT_ERR(open("new/", O_CREAT | O_RDWR, 0600), EISDIR);
	EXPECT_ERR(open("f", O_DIRECTORY | O_RDONLY), ENOTDIR);
	EXPECT_ERR(open("link", O_NOFOLLOW | O_RDONLY), ELOOP);
	EXPECT_ERR(open("dangling", O_RDONLY), ENOENT);
	EXPECT_ERR(open("missing/f", O_CREAT | O_RDWR, 0600), ENOENT);
	EXPECT_ERR(open((char *)8, O_RDONLY), EFAULT);

	OK(close(OK(open("d", O_RDONLY | O_DIRECTORY))));
	OK(close(OK(open("d/", O_RDONLY))));
	OK(close(OK(open("dangling", O_CREAT | O_RDWR, 0600))));
	OK(access("nowhere", F_OK));		/* made through the link */
	OK(close(OK(creat("f2", 0600))));
}

TEST(open_truncates)
{
	struct stat st;

	write_file("f", "abcdef");
	OK(close(OK(open("f", O_WRONLY))));
	OK(stat("f", &st));
	EXPECT_EQ(st.st_size, 6);
	OK(close(OK(open("f", O_WRONLY | O_TRUNC))));
	OK(stat("f", &st));
	EXPECT_EQ(st.st_size, 0);
	EXPECT_EQ(st.st_blocks, 0);
}

TEST(append_writes_at_the_end)
{
	char buf[32];

	write_file("f", "abc");
	int a = OK(open("f", O_WRONLY | O_APPEND));
	int b = OK(open("f", O_RDWR | O_APPEND));
	EXPECT_EQ(write(a, "1", 1), 1);
	EXPECT_EQ(write(b, "2", 1), 1);
	OK(lseek(a, 0, SEEK_SET));
	EXPECT_EQ(write(a, "3", 1), 1);
	EXPECT_EQ(lseek(a, 0, SEEK_CUR), 6);
	/* On Linux pwrite appends too, whatever its offset. */
	EXPECT_EQ(pwrite(b, "4", 1, 0), 1);
	EXPECT_STR(read_file("f", buf, sizeof(buf)), "abc1234");
	OK(close(a));
	OK(close(b));
}

TEST(read_and_write_at_positions)
{
	char buf[16] = "";
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

	EXPECT_EQ(write(fd, "0123456789", 10), 10);
	EXPECT_EQ(read(fd, buf, 5), 0);			/* end of file */
	EXPECT_EQ(pread(fd, buf, 4, 3), 4);
	EXPECT_MEM(buf, "3456", 4);
	EXPECT_EQ(pread(fd, buf, 4, 8), 2);
	EXPECT_EQ(pread(fd, buf, 4, 10), 0);
	EXPECT_EQ(pread(fd, buf, 4, 1000), 0);
	EXPECT_EQ(pwrite(fd, "xy", 2, 4), 2);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 10);
	EXPECT_EQ(pread(fd, buf, 10, 0), 10);
	EXPECT_MEM(buf, "0123xy6789", 10);
	EXPECT_ERR(pread(fd, buf, 1, -1), EINVAL);
	EXPECT_ERR(pwrite(fd, buf, 1, -1), EINVAL);
	OK(close(fd));
}

TEST(lseek_forms)
{
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

	EXPECT_EQ(write(fd, "0123456789", 10), 10);
	EXPECT_EQ(lseek(fd, 3, SEEK_SET), 3);
	EXPECT_EQ(lseek(fd, 4, SEEK_CUR), 7);
	EXPECT_EQ(lseek(fd, -2, SEEK_CUR), 5);
	EXPECT_EQ(lseek(fd, -1, SEEK_END), 9);
	EXPECT_EQ(lseek(fd, 100, SEEK_END), 110);
	EXPECT_ERR(lseek(fd, -1, SEEK_SET), EINVAL);
	EXPECT_ERR(lseek(fd, -11, SEEK_END), EINVAL);
	EXPECT_ERR(lseek(fd, 0, 77), EINVAL);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 110);
	EXPECT_EQ(lseek(fd, INT64_MAX, SEEK_SET), INT64_MAX);
	EXPECT_ERR(lseek(fd, 1, SEEK_CUR), EINVAL);
	OK(close(fd));
}

TEST(holes_read_as_zeros)
{
	char buf[8192];
	struct stat st;
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

	EXPECT_EQ(pwrite(fd, "end", 3, 1 << 20), 3);
	OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, (1 << 20) + 3);
	EXPECT(st.st_blocks <= 16);
	memset(buf, 'x', sizeof(buf));
	EXPECT_EQ(pread(fd, buf, sizeof(buf), 5000), sizeof(buf));
	for (size_t i = 0; i < sizeof(buf); i++)
		EXPECT_EQ(buf[i], 0);
	EXPECT_EQ(pread(fd, buf, 10, (1 << 20) - 4), 7);
	EXPECT_MEM(buf, "\0\0\0\0end", 7);
	OK(close(fd));
}

TEST(seek_data_and_hole)
{
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

	EXPECT_EQ(pwrite(fd, "x", 1, 0x10000), 1);
	OK(ftruncate(fd, 0x20000));
	EXPECT_EQ(lseek(fd, 0, SEEK_DATA), 0x10000);
	EXPECT_EQ(lseek(fd, 0, SEEK_HOLE), 0);
	EXPECT_EQ(lseek(fd, 0x10000, SEEK_HOLE), 0x11000);
	EXPECT_EQ(lseek(fd, 0x10800, SEEK_DATA), 0x10800);
	EXPECT_ERR(lseek(fd, 0x11000, SEEK_DATA), ENXIO);
	EXPECT_ERR(lseek(fd, 0x20000, SEEK_HOLE), ENXIO);
	OK(close(fd));
}

TEST(truncate_both_ways)
{
	char buf[16];
	struct stat st;
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

	EXPECT_EQ(write(fd, "0123456789", 10), 10);
	OK(ftruncate(fd, 4));
	OK(ftruncate(fd, 8));
	EXPECT_EQ(pread(fd, buf, 16, 0), 8);
	EXPECT_MEM(buf, "0123\0\0\0\0", 8);	/* no old bytes come back */
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 10);	/* the offset stays */
	OK(truncate("f", 1 << 30));
	OK(stat("f", &st));
	EXPECT_EQ(st.st_size, 1 << 30);
	EXPECT(st.st_blocks <= 8);
	OK(truncate("f", 0));

	EXPECT_ERR(ftruncate(fd, -1), EINVAL);
	EXPECT_ERR(truncate("f", -1), EINVAL);
	EXPECT_ERR(truncate("missing", 0), ENOENT);
	EXPECT_ERR(truncate(".", 0), EISDIR);
	EXPECT_ERR(truncate((char *)8, 0), EFAULT);
	OK(close(fd));
}

TEST(truncate_inside_a_page_clears_the_rest)
{
	static char page[4096], got[8192];
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

	memset(page, 'a', sizeof(page));
	EXPECT_EQ(write(fd, page, 4096), 4096);
	EXPECT_EQ(write(fd, page, 4096), 4096);
	OK(ftruncate(fd, 5000));
	OK(ftruncate(fd, 8192));
	EXPECT_EQ(pread(fd, got, 8192, 0), 8192);
	EXPECT_EQ(got[4999], 'a');
	for (int i = 5000; i < 8192; i++)
		EXPECT_EQ(got[i], 0);
	OK(close(fd));
}

TEST(file_size_limits)
{
	struct rlimit limit = { 10000, RLIM_INFINITY };
	static char buf[8192];
	pid_t pid;

	IN_CHILD(pid) {
		int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

		signal(SIGXFSZ, SIG_IGN);
		OK(setrlimit(RLIMIT_FSIZE, &limit));
		EXPECT_EQ(write(fd, buf, 8192), 8192);
		EXPECT_EQ(write(fd, buf, 8192), 10000 - 8192);
		EXPECT_ERR(write(fd, buf, 1), EFBIG);
		EXPECT_ERR(ftruncate(fd, 10001), EFBIG);
		OK(ftruncate(fd, 10000));
		signal(SIGXFSZ, SIG_DFL);
		write(fd, buf, 1);
	}
	EXPECT_KILLED(pid, SIGXFSZ);

	int fd = OK(open("g", O_RDWR | O_CREAT, 0600));
	EXPECT_ERR(pwrite(fd, "x", 1, INT64_MAX), EINVAL);
	OK(close(fd));
}

TEST(zero_length_and_huge_lengths)
{
	char c;
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

	EXPECT_EQ(write(fd, "abc", 3), 3);
	EXPECT_EQ(write(fd, NULL, 0), 0);
	EXPECT_EQ(read(fd, NULL, 0), 0);
	EXPECT_EQ(pread(fd, &c, 0, 100), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 3);
	EXPECT_ERR(syscall(SYS_read, fd, &c, -1L), EFAULT);
	EXPECT_ERR(syscall(SYS_write, fd, &c, -1L), EFAULT);
	OK(lseek(fd, 0, SEEK_SET));
	EXPECT_ERR(read(fd, (void *)8, 3), EFAULT);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
	EXPECT_ERR(write(fd, (void *)8, 3), EFAULT);
	OK(close(fd));
}

/* What was copied before the bad page counts. */
TEST(transfers_stop_at_a_bad_page)
{
	char *two = OK((char *)sbrk(0));
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

	two = (char *)(((uintptr_t)two + 4095) & ~4095UL);
	OK(brk(two + 4096));
	memset(two, 'a', 4096);
	EXPECT_EQ(write(fd, two + 4000, 500), 96);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 96);
	EXPECT_EQ(pwrite(fd, two, 4096, 0), 4096);
	OK(lseek(fd, 0, SEEK_SET));
	EXPECT_EQ(read(fd, two + 4000, 500), 96);
	OK(close(fd));
}

TEST(vectors)
{
	char a[4], b[4], c[16];
	struct iovec out[] = {
		{ (char *)"abcd", 4 }, { NULL, 0 }, { (char *)"efgh", 4 }
	};
	struct iovec in[] = { { a, 4 }, { b, 2 }, { c, 16 } };
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

	EXPECT_EQ(writev(fd, out, 3), 8);
	OK(lseek(fd, 1, SEEK_SET));
	EXPECT_EQ(readv(fd, in, 3), 7);
	EXPECT_MEM(a, "bcde", 4);
	EXPECT_MEM(b, "fg", 2);
	EXPECT_MEM(c, "h", 1);
	EXPECT_EQ(preadv(fd, in, 1, 4), 4);
	EXPECT_MEM(a, "efgh", 4);
	EXPECT_EQ(pwritev(fd, out, 1, 6), 4);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), 10);
	EXPECT_EQ(readv(fd, in, 0), 0);
	EXPECT_ERR(readv(fd, in, -1), EINVAL);
	EXPECT_ERR(readv(fd, in, 1025), EINVAL);
	EXPECT_ERR(readv(fd, (void *)8, 1), EFAULT);
	EXPECT_ERR(preadv(fd, in, 1, -1), EINVAL);
	in[0].iov_len = -1;
	EXPECT_ERR(readv(fd, in, 2), EINVAL);
	OK(close(fd));
}

TEST(readv_with_a_bad_element)
{
	char a[4];
	struct iovec in[] = { { a, 4 }, { (void *)8, 4 } };

	write_file("f", "abcdefgh");
	int fd = OK(open("f", O_RDONLY));
	EXPECT_EQ(readv(fd, in, 2), 4);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 4);
	OK(close(fd));
}

TEST(big_file_keeps_its_bytes)
{
	enum { SIZE = 4 << 20 };
	char *buf = malloc(SIZE), *got = malloc(SIZE);
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));
	struct stat st;

	for (int i = 0; i < SIZE; i++)
		buf[i] = i * 31 + (i >> 12);
	for (int done = 0; done < SIZE; done += 77777) {
		int n = SIZE - done < 77777 ? SIZE - done : 77777;
		EXPECT_EQ(write(fd, buf + done, n), n);
	}
	OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, SIZE);
	EXPECT_EQ(st.st_blocks, SIZE / 512);
	EXPECT_EQ(pread(fd, got, SIZE, 0), SIZE);
	EXPECT_MEM(got, buf, SIZE);
	OK(close(fd));
	free(buf);
	free(got);
}

TEST(unlinked_file_lives_until_closed)
{
	char buf[4];
	struct stat st;
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

	EXPECT_EQ(write(fd, "abc", 3), 3);
	OK(unlink("f"));
	EXPECT_ERR(open("f", O_RDONLY), ENOENT);
	OK(fstat(fd, &st));
	EXPECT_EQ(st.st_nlink, 0);
	EXPECT_EQ(pread(fd, buf, 3, 0), 3);
	EXPECT_EQ(write(fd, "def", 3), 3);
	OK(close(fd));
}

TEST(o_tmpfile)
{
	struct stat st;
	int fd = OK(open(".", O_TMPFILE | O_RDWR, 0600));
	char path[64];

	OK(fstat(fd, &st));
	EXPECT_EQ(st.st_nlink, 0);
	EXPECT_EQ(write(fd, "abc", 3), 3);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	OK(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
	OK(stat("named", &st));
	EXPECT_EQ(st.st_size, 3);
	OK(close(fd));
	EXPECT_ERR(open(".", O_TMPFILE | O_RDONLY, 0600), EINVAL);
}

TEST(fallocate_forms)
{
	struct stat st;
	char buf[4096];
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

	OK(fallocate(fd, 0, 0, 8192));
	OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 8192);
	EXPECT_EQ(st.st_blocks, 16);
	EXPECT_EQ(pwrite(fd, "abc", 3, 4096), 3);
	OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096,
		     4096));
	EXPECT_EQ(pread(fd, buf, 3, 4096), 3);
	EXPECT_MEM(buf, "\0\0\0", 3);
	EXPECT_ERR(fallocate(fd, 0, -1, 10), EINVAL);
	EXPECT_ERR(fallocate(fd, 0, 0, 0), EINVAL);
	EXPECT_ERR(fallocate(fd, 0x4000, 0, 10), EOPNOTSUPP);
	OK(close(fd));
}

TEST(fsync_family_and_fadvise)
{
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));

	OK(fsync(fd));
	OK(fdatasync(fd));
	sync();
	OK(syscall(SYS_syncfs, fd));
	EXPECT_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL), 0);
	EXPECT_EQ(posix_fadvise(fd, 0, 0, 77), EINVAL);
	OK(close(fd));
}

TEST(sendfile_copies)
{
	char buf[16] = "";

	write_file("in", "0123456789");
	int in = OK(open("in", O_RDONLY));
	int out = OK(open("out", O_RDWR | O_CREAT, 0600));
	off_t from = 3;
	EXPECT_EQ(syscall(SYS_sendfile, out, in, &from, 4L), 4);
	EXPECT_EQ(from, 7);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 0);
	EXPECT_EQ(syscall(SYS_sendfile, out, in, NULL, 100L), 10);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 10);
	EXPECT_STR(read_file("out", buf, sizeof(buf)), "34560123456789");
	EXPECT_ERR(syscall(SYS_sendfile, in, out, NULL, 1L), EBADF);
	OK(close(in));
	OK(close(out));
}

TEST(concurrent_appends_do_not_overwrite)
{
	enum { WRITERS = 4, LINES = 200 };
	pid_t pids[WRITERS];
	struct stat st;

	for (int w = 0; w < WRITERS; w++)
		IN_CHILD(pids[w]) {
			int fd = OK(open("log", O_WRONLY | O_CREAT | O_APPEND,
					 0600));
			for (int i = 0; i < LINES; i++)
				EXPECT_EQ(write(fd, "0123456789\n", 11), 11);
			_exit(0);
		}
	for (int w = 0; w < WRITERS; w++)
		EXPECT_EXIT(pids[w], 0);
	OK(stat("log", &st));
	EXPECT_EQ(st.st_size, WRITERS * LINES * 11);
	char *all = malloc(st.st_size + 1);
	read_file("log", all, st.st_size + 1);
	for (int i = 0; i < WRITERS * LINES; i++)
		EXPECT_MEM(all + i * 11, "0123456789\n", 11);
	free(all);
}

/* A write to a shared offset moves it by exactly what it wrote. */
TEST(shared_offset_is_not_torn)
{
	enum { WRITERS = 4, COUNT = 200 };
	pid_t pids[WRITERS];
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));
	struct stat st;

	for (int w = 0; w < WRITERS; w++)
		IN_CHILD(pids[w])
			for (int i = 0; i < COUNT; i++)
				EXPECT_EQ(write(fd, "0123456789", 10), 10);
	for (int w = 0; w < WRITERS; w++)
		EXPECT_EXIT(pids[w], 0);
	OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, WRITERS * COUNT * 10);
	OK(close(fd));
}

TEST(full_file_system_is_enospc)
{
	static char buf[65536];
	struct statfs fs;
	pid_t pid;

	OK(statfs(".", &fs));
	EXPECT_EQ(fs.f_type, 0x01021994);
	EXPECT_EQ(fs.f_bsize, 4096);
	EXPECT_EQ(fs.f_namelen, 255);
	EXPECT_ERR(statfs("missing", &fs), ENOENT);
	EXPECT_ERR(syscall(SYS_statfs, ".", 8L), EFAULT);
	OK(mkdir("small", 0755));
	OK(mount("t", "small", "tmpfs", 0, "size=64k"));
	IN_CHILD(pid) {
		int fd = OK(open("small/f", O_RDWR | O_CREAT, 0600));

		EXPECT_EQ(write(fd, buf, sizeof(buf)), 65536);
		EXPECT_ERR(write(fd, buf, 1), ENOSPC);
		OK(statfs("small", &fs));
		EXPECT_EQ(fs.f_blocks, 16);
		EXPECT_EQ(fs.f_bfree, 0);
		OK(ftruncate(fd, 4096));
		OK(fstatfs(fd, &fs));
		EXPECT_EQ(fs.f_bfree, 15);
	}
	EXPECT_EXIT(pid, 0);
	OK(umount("small"));
}
