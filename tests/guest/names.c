/*
 * Names: mkdir, rmdir, link, symlink, unlink, the rename family, and
 * getdents64, which lists them.
 */
#include "test.h"

#include <sys/mount.h>

#include <dirent.h>
#include <sys/syscall.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE 2
#endif

static ino_t inode(const char *path)
{
	struct stat st;

	OK(lstat(path, &st));
	return st.st_ino;
}

static int links(const char *path)
{
	struct stat st;

	OK(lstat(path, &st));
	return st.st_nlink;
}

TEST(mkdir_and_rmdir)
{
	struct stat st;

	umask(022);
	OK(mkdir("d", 0777));
	OK(stat("d", &st));
	EXPECT_EQ(st.st_mode, S_IFDIR | 0755);
	EXPECT_EQ(st.st_nlink, 2);
	OK(mkdir("d/sub", 01777));
	OK(stat("d/sub", &st));
	EXPECT_EQ(st.st_mode, S_IFDIR | 01755);
	EXPECT_EQ(links("d"), 3);
	EXPECT_ERR(rmdir("d"), ENOTEMPTY);
	OK(rmdir("d/sub"));
	EXPECT_EQ(links("d"), 2);
	OK(rmdir("d/"));
	EXPECT_ERR(stat("d", &st), ENOENT);
}

TEST(mkdir_errors)
{
	write_file("f", "");
	OK(symlink("nowhere", "dangling"));
	EXPECT_ERR(mkdir("f", 0755), EEXIST);
	EXPECT_ERR(mkdir(".", 0755), EEXIST);
	EXPECT_ERR(mkdir("/", 0755), EEXIST);
	EXPECT_ERR(mkdir("", 0755), ENOENT);
	EXPECT_ERR(mkdir("dangling", 0755), EEXIST);
	EXPECT_ERR(mkdir("missing/d", 0755), ENOENT);
	EXPECT_ERR(mkdir("f/d", 0755), ENOTDIR);
	EXPECT_ERR(mkdir((char *)8, 0755), EFAULT);
	OK(mkdir("slash/", 0755));
}

TEST(rmdir_errors)
{
	write_file("f", "");
	OK(mkdir("d", 0755));
	OK(symlink("d", "link"));
	EXPECT_ERR(rmdir("f"), ENOTDIR);
	EXPECT_ERR(rmdir("missing"), ENOENT);
	EXPECT_ERR(rmdir("link"), ENOTDIR);
	EXPECT_ERR(rmdir("link/"), ENOTDIR);
	EXPECT_ERR(rmdir("."), EINVAL);
	EXPECT_ERR(rmdir("d/."), EINVAL);
	EXPECT_ERR(rmdir("d/.."), ENOTEMPTY);
	EXPECT_ERR(rmdir("/tmp"), EBUSY);	/* a mount point */
	EXPECT_ERR(rmdir("/"), EBUSY);
}

TEST(removed_working_directory)
{
	char buf[64];

	OK(mkdir("d", 0755));
	OK(chdir("d"));
	OK(rmdir("../d"));
	EXPECT_ERR(open("f", O_CREAT | O_RDWR, 0600), ENOENT);
	EXPECT_ERR(mkdir("x", 0755), ENOENT);
	EXPECT_ERR(syscall(SYS_getcwd, buf, sizeof(buf)), ENOENT);
	OK(chdir(".."));
	EXPECT_STR(getcwd(buf, sizeof(buf)), "/tmp");
}

TEST(unlink_and_errors)
{
	write_file("f", "");
	OK(mkdir("d", 0755));
	OK(symlink("f", "link"));
	EXPECT_ERR(unlink("d"), EISDIR);
	EXPECT_ERR(unlink("missing"), ENOENT);
	EXPECT_ERR(unlink("f/"), ENOTDIR);
	EXPECT_ERR(unlink("f/x"), ENOTDIR);
	EXPECT_ERR(unlink(""), ENOENT);
	EXPECT_ERR(unlink("."), EISDIR);
	OK(unlink("link"));
	OK(access("f", F_OK));
	OK(unlink("f"));
	EXPECT_ERR(unlinkat(AT_FDCWD, "d", 0x1000), EINVAL);
	OK(unlinkat(AT_FDCWD, "d", AT_REMOVEDIR));
}

TEST(hard_links)
{
	char buf[16];

	write_file("a", "one");
	OK(link("a", "b"));
	EXPECT_EQ(links("a"), 2);
	EXPECT_EQ(inode("a"), inode("b"));
	append_file("b", "two");
	EXPECT_STR(read_file("a", buf, sizeof(buf)), "onetwo");
	OK(unlink("a"));
	EXPECT_EQ(links("b"), 1);
	EXPECT_STR(read_file("b", buf, sizeof(buf)), "onetwo");
}

TEST(hard_link_errors)
{
	write_file("f", "");
	OK(mkdir("d", 0755));
	OK(symlink("f", "link"));
	EXPECT_ERR(link("missing", "x"), ENOENT);
	EXPECT_ERR(link("f", "d"), EEXIST);
	EXPECT_ERR(link("f", "link"), EEXIST);
	EXPECT_ERR(link("d", "d2"), EPERM);
	EXPECT_ERR(link("f", "/dev/x"), EXDEV);
	EXPECT_ERR(link("f", "missing/x"), ENOENT);
	EXPECT_ERR(link("f/", "x"), ENOTDIR);
	/* link names the symlink itself; linkat may follow it. */
	OK(link("link", "link2"));
	EXPECT_EQ(inode("link"), inode("link2"));
	OK(linkat(AT_FDCWD, "link", AT_FDCWD, "f2", AT_SYMLINK_FOLLOW));
	EXPECT_EQ(inode("f"), inode("f2"));
	EXPECT_ERR(linkat(AT_FDCWD, "f", AT_FDCWD, "x", 0x10), EINVAL);
}

TEST(symbolic_links)
{
	char buf[64];
	struct stat st;

	OK(symlink("target/name", "link"));
	EXPECT_EQ(readlink("link", buf, sizeof(buf)), 11);
	EXPECT_MEM(buf, "target/name", 11);
	EXPECT_EQ(readlink("link", buf, 3), 3);
	EXPECT_MEM(buf, "tar", 3);
	OK(lstat("link", &st));
	EXPECT_EQ(st.st_mode, S_IFLNK | 0777);
	EXPECT_EQ(st.st_size, 11);
	EXPECT_ERR(stat("link", &st), ENOENT);

	EXPECT_ERR(symlink("x", "link"), EEXIST);
	EXPECT_ERR(symlink("", "empty"), ENOENT);
	EXPECT_ERR(symlink("x", ""), ENOENT);
	EXPECT_ERR(symlink("x", "missing/l"), ENOENT);
	EXPECT_ERR(readlink("missing", buf, 10), ENOENT);
	EXPECT_ERR(readlink(".", buf, 10), EINVAL);
	EXPECT_ERR(readlink("link", buf, 0), EINVAL);
	EXPECT_ERR(syscall(SYS_readlink, "link", buf, -1), EINVAL);
	EXPECT_ERR(syscall(SYS_readlink, "link", 8L, 10), EFAULT);
}

TEST(symlink_of_any_length)
{
	char text[4096], got[4096];

	memset(text, 'a', sizeof(text));
	text[4095] = '\0';
	OK(symlink(text, "long"));
	EXPECT_EQ(readlink("long", got, sizeof(got)), 4095);
	EXPECT_MEM(got, text, 4095);
	/* One longer than PATH_MAX allows. */
	char *longer = malloc(4097);
	memset(longer, 'a', 4096);
	longer[4096] = '\0';
	EXPECT_ERR(symlink(longer, "longer"), ENAMETOOLONG);
	free(longer);
}

/* ---- rename ---- */

TEST(rename_replaces_files)
{
	char buf[16];

	write_file("a", "aa");
	write_file("b", "bb");
	ino_t a = inode("a");
	int open_b = OK(open("b", O_RDONLY));
	OK(rename("a", "b"));
	EXPECT_EQ(inode("b"), a);
	EXPECT_ERR(access("a", F_OK), ENOENT);
	/* The replaced file lives on for those who have it open. */
	EXPECT_EQ(read(open_b, buf, 2), 2);
	EXPECT_MEM(buf, "bb", 2);
	OK(close(open_b));
}

TEST(rename_to_itself_or_to_a_link_of_itself)
{
	write_file("a", "aa");
	OK(link("a", "b"));
	OK(rename("a", "a"));
	OK(rename("a", "b"));		/* does nothing, both names stay */
	OK(access("a", F_OK));
	OK(access("b", F_OK));
	EXPECT_EQ(links("a"), 2);
}

TEST(rename_directories)
{
	OK(mkdir("d", 0755));
	OK(mkdir("d/sub", 0755));
	OK(mkdir("e", 0755));
	write_file("d/f", "");
	EXPECT_EQ(links("d"), 3);
	EXPECT_EQ(links("e"), 2);
	OK(rename("d/sub", "e/sub"));
	EXPECT_EQ(links("d"), 2);
	EXPECT_EQ(links("e"), 3);
	char buf[64];
	OK(chdir("e/sub"));
	OK(rename("../../e", "../../e2"));
	EXPECT_STR(getcwd(buf, sizeof(buf)), "/tmp/e2/sub");
	OK(chdir("/tmp"));

	OK(mkdir("empty", 0755));
	OK(rename("d", "empty"));	/* replaces an empty directory */
	OK(access("empty/f", F_OK));
	EXPECT_ERR(rename("e2", "empty"), ENOTEMPTY);
}

TEST(rename_errors)
{
	OK(mkdir("d", 0755));
	OK(mkdir("d/sub", 0755));
	write_file("f", "");
	EXPECT_ERR(rename("missing", "x"), ENOENT);
	EXPECT_ERR(rename("f", "missing/x"), ENOENT);
	EXPECT_ERR(rename("f", "d"), EISDIR);
	EXPECT_ERR(rename("d", "f"), ENOTDIR);
	EXPECT_ERR(rename("d", "d/sub/x"), EINVAL);
	EXPECT_ERR(rename("d", "d/x"), EINVAL);
	EXPECT_ERR(rename("d/sub", "d"), ENOTEMPTY);
	EXPECT_ERR(rename("f", "f/x"), ENOTDIR);
	EXPECT_ERR(rename("f", "x/"), ENOTDIR);
	EXPECT_ERR(rename("f/", "x"), ENOTDIR);
	EXPECT_ERR(rename("d/.", "x"), EBUSY);
	EXPECT_ERR(rename("d", ".."), EBUSY);
	EXPECT_ERR(rename("f", "/dev/f"), EXDEV);
	EXPECT_ERR(rename("", "x"), ENOENT);
	EXPECT_ERR(rename("f", ""), ENOENT);
	OK(rename("d/", "d2"));
	OK(rename("d2", "d3/"));
	OK(access("d3/sub", F_OK));
}

static long renameat2_(const char *from, const char *to, unsigned flags)
{
	return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

TEST(renameat2_flags)
{
	char buf[16];

	write_file("a", "aa");
	write_file("b", "bb");
	OK(mkdir("d", 0755));
	write_file("d/in", "");
	EXPECT_ERR(renameat2_("a", "b", RENAME_NOREPLACE), EEXIST);
	OK(renameat2_("a", "c", RENAME_NOREPLACE));
	OK(renameat2_("b", "c", RENAME_EXCHANGE));
	EXPECT_STR(read_file("b", buf, sizeof(buf)), "aa");
	EXPECT_STR(read_file("c", buf, sizeof(buf)), "bb");
	OK(renameat2_("b", "d", RENAME_EXCHANGE));
	EXPECT_STR(read_file("d", buf, sizeof(buf)), "aa");
	OK(access("b/in", F_OK));
	EXPECT_ERR(renameat2_("b", "x", RENAME_EXCHANGE), ENOENT);
	EXPECT_ERR(renameat2_("b", "x", 0x100), EINVAL);
	EXPECT_ERR(renameat2_("b", "x", RENAME_NOREPLACE | RENAME_EXCHANGE),
		   EINVAL);
}

TEST(rename_moves_symlinks_not_their_targets)
{
	write_file("f", "");
	OK(symlink("f", "link"));
	write_file("g", "");
	OK(rename("link", "g"));
	char buf[8];
	EXPECT_EQ(readlink("g", buf, 8), 1);
	OK(access("f", F_OK));
}

/* ---- listing ---- */

struct entry {
	uint64_t	ino;
	int64_t		off;
	uint16_t	reclen;
	uint8_t		type;
	char		name[];
};

static int list(int fd, size_t bufsize, char names[][32], int types[], int max)
{
	char buf[4096];
	int n = 0;
	long len;

	while ((len = OK(syscall(SYS_getdents64, fd, buf, bufsize))) > 0)
		for (long at = 0; at < len;) {
			struct entry *e = (void *)(buf + at);
			EXPECT(n < max);
			EXPECT(e->ino != 0);
			EXPECT_EQ(e->reclen % 8, 0);
			snprintf(names[n], 32, "%s", e->name);
			types[n++] = e->type;
			at += e->reclen;
		}
	return n;
}

static int find(char names[][32], int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	FAIL("%s is not listed", name);
}

TEST(getdents_lists_all_with_types)
{
	char names[20][32];
	int types[20];

	OK(mkdir("d", 0755));
	OK(chdir("d"));
	write_file("file", "");
	OK(mkdir("dir", 0755));
	OK(symlink("x", "link"));
	OK(mkfifo("fifo", 0600));
	OK(mknod("chr", S_IFCHR | 0600, 0x103));
	OK(mknod("blk", S_IFBLK | 0600, 0x700));
	int fd = OK(open(".", O_RDONLY));
	int n = list(fd, 4096, names, types, 20);
	EXPECT_EQ(n, 8);
	EXPECT_EQ(types[find(names, n, ".")], DT_DIR);
	EXPECT_EQ(types[find(names, n, "..")], DT_DIR);
	EXPECT_EQ(types[find(names, n, "file")], DT_REG);
	EXPECT_EQ(types[find(names, n, "dir")], DT_DIR);
	EXPECT_EQ(types[find(names, n, "link")], DT_LNK);
	EXPECT_EQ(types[find(names, n, "fifo")], DT_FIFO);
	EXPECT_EQ(types[find(names, n, "chr")], DT_CHR);
	EXPECT_EQ(types[find(names, n, "blk")], DT_BLK);
	/* Rewinding lists again; new names are seen. */
	write_file("new", "");
	OK(lseek(fd, 0, SEEK_SET));
	EXPECT_EQ(list(fd, 4096, names, types, 20), 9);
	OK(close(fd));
}

TEST(getdents_with_small_buffers)
{
	static char names[220][32];
	static int types[220];
	char name[32], seen[200] = { 0 };

	OK(mkdir("d", 0755));
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "d/file-%d", i);
		write_file(name, "");
	}
	int fd = OK(open("d", O_RDONLY));
	EXPECT_EQ(list(fd, 100, names, types, 220), 202);
	for (int i = 0; i < 202; i++)
		if (names[i][0] != '.')
			seen[atoi(names[i] + 5)]++;
	for (int i = 0; i < 200; i++)
		EXPECT_EQ(seen[i], 1);
	OK(lseek(fd, 0, SEEK_SET));
	EXPECT_ERR(syscall(SYS_getdents64, fd, names, 10), EINVAL);
	EXPECT_ERR(syscall(SYS_getdents64, fd, 8L, 1000), EFAULT);
	OK(close(fd));
}

/* Those who remove as they list must still see every other entry. */
TEST(removing_while_listing)
{
	char name[300];
	int removed = 0;

	OK(mkdir("d", 0755));
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "d/file-%d", i);
		write_file(name, "");
	}
	DIR *dir = opendir("d");
	EXPECT(dir != NULL);
	for (struct dirent *e; (e = readdir(dir));) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "d/%s", e->d_name);
		OK(unlink(name));
		removed++;
	}
	closedir(dir);
	EXPECT_EQ(removed, 300);
	OK(rmdir("d"));
}

TEST(getdents_errors)
{
	char buf[256];

	write_file("f", "");
	int fd = OK(open("f", O_RDONLY));
	EXPECT_ERR(syscall(SYS_getdents64, fd, buf, sizeof(buf)), ENOTDIR);
	OK(close(fd));
	fd = OK(open(".", O_RDONLY));
	EXPECT_ERR(read(fd, buf, 1), EISDIR);
	EXPECT_ERR(write(fd, buf, 1), EBADF);
	OK(close(fd));
	OK(mkdir("gone", 0755));
	fd = OK(open("gone", O_RDONLY));
	OK(rmdir("gone"));
	EXPECT_ERR(syscall(SYS_getdents64, fd, buf, sizeof(buf)), ENOENT);
	OK(close(fd));
}

TEST(seekdir_and_telldir)
{
	char name[64], second[256];

	OK(mkdir("d", 0755));
	for (int i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		write_file(name, "");
	}
	DIR *dir = opendir("d");
	readdir(dir);
	long at = telldir(dir);
	snprintf(second, sizeof(second), "%s", readdir(dir)->d_name);
	while (readdir(dir))
		;
	seekdir(dir, at);
	EXPECT_STR(readdir(dir)->d_name, second);
	closedir(dir);
}

TEST(ten_thousand_names)
{
	char name[64];
	struct stat st;

	/* A mount of its own: by default memory limits how many there are. */
	OK(mkdir("d", 0755));
	OK(mount("many", "d", "tmpfs", 0, "nr_inodes=20000"));
	OK(chdir("d"));
	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		OK(close(OK(open(name, O_CREAT | O_EXCL | O_WRONLY, 0600))));
	}
	OK(stat("n0", &st));
	OK(stat("n9999", &st));
	EXPECT_ERR(stat("n10000", &st), ENOENT);
	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		OK(unlink(name));
	}
	OK(chdir(".."));
	OK(umount("d"));
	OK(rmdir("d"));
}

/* Two processes rename and remove in each other's way; names stay sane. */
TEST(concurrent_renames)
{
	pid_t pids[4];

	OK(mkdir("a", 0755));
	OK(mkdir("b", 0755));
	for (int w = 0; w < 4; w++)
		IN_CHILD(pids[w])
			for (int i = 0; i < 300; i++) {
				rename("a", "b/x");
				rename("b/x", "a");
				rename("b", "a/y");
				rename("a/y", "b");
				mkdir("a", 0755);
				mkdir("b", 0755);
			}
	for (int w = 0; w < 4; w++)
		EXPECT_EXIT(pids[w], 0);
	OK(access("a", F_OK));
	OK(access("b", F_OK));
}
