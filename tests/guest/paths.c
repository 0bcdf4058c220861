/*
 * Walking paths: dots, slashes, symlinks and their loops, names that are too
 * long, the *at forms, O_PATH, working directories and chroot.
 */
#include "test.h"

#include <limits.h>
#include <sys/vfs.h>

static ino_t inode(const char *path)
{
	struct stat st;

	OK(stat(path, &st));
	return st.st_ino;
}

TEST(dots_and_slashes)
{
	OK(mkdir("d", 0755));
	OK(mkdir("d/e", 0755));
	write_file("d/f", "x");
	ino_t f = inode("d/f");
	EXPECT_EQ(inode("/tmp/d/f"), f);
	EXPECT_EQ(inode("./d/./f"), f);
	EXPECT_EQ(inode("d//f"), f);
	EXPECT_EQ(inode("d///e//..//f"), f);
	EXPECT_EQ(inode("d/e/../../d/f"), f);
	EXPECT_EQ(inode("//tmp/d/f"), f);
	EXPECT_EQ(inode("/../../tmp/d/f"), f);
	EXPECT_EQ(inode("/.."), inode("/"));
	EXPECT_EQ(inode("d/e/.."), inode("d"));
	struct stat st;
	EXPECT_ERR(stat("d/f/..", &st), ENOTDIR);
	EXPECT_ERR(stat("d/f/.", &st), ENOTDIR);
	EXPECT_ERR(stat("d/missing/..", &st), ENOENT);
}

TEST(names_are_bytes)
{
	static const char *names[] = {
		" ", "\n", "...", "..x", "\xff\xfe", "a b", "-", "*", "\\",
	};
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		write_file(names[i], names[i]);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		OK(stat(names[i], &st));
		EXPECT_EQ(st.st_size, strlen(names[i]));
	}
}

TEST(name_max_and_path_max)
{
	char name[300], path[PATH_MAX + 100];
	struct stat st;

	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	OK(close(OK(open(name, O_CREAT | O_RDWR, 0600))));
	name[255] = 'n';
	name[256] = '\0';
	EXPECT_ERR(open(name, O_CREAT | O_RDWR, 0600), ENAMETOOLONG);
	EXPECT_ERR(stat(name, &st), ENAMETOOLONG);
	EXPECT_ERR(mkdir(name, 0755), ENAMETOOLONG);
	EXPECT_ERR(symlink("x", name), ENAMETOOLONG);
	EXPECT_ERR(rename("x", name), ENOENT);

	/* PATH_MAX counts the zero byte. */
	memset(path, '/', sizeof(path));
	memcpy(path + PATH_MAX - 2, ".", 2);
	OK(stat(path, &st));
	memset(path, '/', sizeof(path));
	memcpy(path + PATH_MAX - 1, ".", 2);
	EXPECT_ERR(stat(path, &st), ENAMETOOLONG);
}

TEST(deep_directories)
{
	char cwd[4096], big[8192];
	int depth = 0;

	for (; depth < 300; depth++) {
		OK(mkdir("0123456789abcdef", 0755));
		OK(chdir("0123456789abcdef"));
	}
	EXPECT_ERR(syscall(SYS_getcwd, cwd, sizeof(cwd)), ENAMETOOLONG);
	write_file("f", "x");
	while (depth-- > 0)
		OK(chdir(".."));
	EXPECT_STR(getcwd(big, sizeof(big)), "/tmp");
	/* Only relative steps reach it. */
	for (depth = 0; depth < 300; depth++)
		OK(chdir("0123456789abcdef"));
	OK(access("f", F_OK));
	OK(chdir("/tmp"));
}

TEST(symlinks_in_the_middle)
{
	OK(mkdir("d", 0755));
	write_file("d/f", "x");
	ino_t f = inode("d/f");
	OK(symlink("d", "rel"));
	OK(symlink("/tmp/d", "abs"));
	OK(symlink("rel", "twice"));
	OK(symlink("d/", "slash"));
	OK(symlink("../tmp/d", "d/up"));
	EXPECT_EQ(inode("rel/f"), f);
	EXPECT_EQ(inode("abs/f"), f);
	EXPECT_EQ(inode("twice/f"), f);
	EXPECT_EQ(inode("slash/f"), f);
	EXPECT_EQ(inode("d/../rel/./f"), f);
	/* .. behind a link is the target's parent. */
	OK(mkdir("x", 0755));
	OK(mkdir("x/y", 0755));
	OK(symlink("x/y", "jump"));
	EXPECT_EQ(inode("jump/.."), inode("x"));
	struct stat st;
	OK(lstat("rel", &st));
	EXPECT(S_ISLNK(st.st_mode));
	OK(lstat("rel/", &st));			/* a slash follows it */
	EXPECT(S_ISDIR(st.st_mode));
}

TEST(symlink_loops)
{
	struct stat st;
	char name[16], target[16];

	OK(symlink("loop", "loop"));
	EXPECT_ERR(stat("loop", &st), ELOOP);
	EXPECT_ERR(stat("loop/x", &st), ELOOP);
	EXPECT_ERR(open("loop", O_RDONLY), ELOOP);
	EXPECT_ERR(open("loop", O_CREAT | O_RDWR, 0600), ELOOP);
	OK(lstat("loop", &st));
	OK(symlink("b", "a"));
	OK(symlink("a", "b"));
	EXPECT_ERR(stat("a", &st), ELOOP);

	/* Forty links are allowed, one more is not. */
	write_file("l0", "x");
	for (int i = 1; i <= 41; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		snprintf(target, sizeof(target), "l%d", i - 1);
		OK(symlink(target, name));
	}
	OK(stat("l40", &st));
	EXPECT_ERR(stat("l41", &st), ELOOP);
}

TEST(at_forms_are_relative_to_a_directory)
{
	char buf[16];
	struct stat st;

	OK(mkdir("d", 0755));
	int d = OK(open("d", O_RDONLY | O_DIRECTORY));
	int fd = OK(openat(d, "f", O_CREAT | O_RDWR, 0600));
	OK(close(fd));
	OK(mkdirat(d, "sub", 0755));
	OK(symlinkat("f", d, "link"));
	EXPECT_EQ(readlinkat(d, "link", buf, sizeof(buf)), 1);
	OK(linkat(d, "f", d, "hard", 0));
	OK(renameat(d, "hard", AT_FDCWD, "moved"));
	OK(fchmodat(d, "f", 0644, 0));
	OK(faccessat(d, "f", R_OK, 0));
	OK(mknodat(d, "fifo", S_IFIFO | 0600, 0));
	OK(stat("d/fifo", &st));
	OK(unlinkat(d, "fifo", 0));
	OK(unlinkat(d, "sub", AT_REMOVEDIR));
	OK(stat("moved", &st));
	EXPECT_EQ(st.st_nlink, 2);

	write_file("plain", "");
	int p = OK(open("plain", O_RDONLY));
	EXPECT_ERR(openat(p, "x", O_RDONLY), ENOTDIR);
	EXPECT_ERR(mkdirat(p, "x", 0755), ENOTDIR);
	EXPECT_ERR(unlinkat(p, "x", 0), ENOTDIR);
	OK(close(p));

	/* It stays the same directory when that is renamed. */
	OK(rename("d", "e"));
	OK(close(OK(openat(d, "f", O_RDONLY))));
	OK(close(d));
	EXPECT_ERR(mkdirat(d, "x", 0755), EBADF);
}

TEST(o_path_names_without_opening)
{
	char c, path[64];
	struct stat st;

	write_file("f", "abc");
	OK(chmod("f", 0));
	OK(symlink("f", "link"));
	int fd = OK(open("f", O_PATH));
	EXPECT_ERR(read(fd, &c, 1), EBADF);
	EXPECT_ERR(write(fd, &c, 1), EBADF);
	EXPECT_ERR(fchmod(fd, 0600), EBADF);
	EXPECT_ERR(fchown(fd, 0, 0), EBADF);
	EXPECT_ERR(ftruncate(fd, 0), EBADF);
	EXPECT_ERR(lseek(fd, 0, SEEK_SET), EBADF);
	OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 3);
	EXPECT(fcntl(fd, F_GETFL) & O_PATH);
	int copy = OK(dup(fd));
	OK(close(copy));
	/* The magic link opens it for real. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	copy = OK(open(path, O_RDONLY));
	EXPECT_EQ(read(copy, &c, 1), 1);
	OK(close(copy));
	OK(close(fd));

	fd = OK(open("link", O_PATH | O_NOFOLLOW));
	OK(fstat(fd, &st));
	EXPECT(S_ISLNK(st.st_mode));
	EXPECT_EQ(readlinkat(fd, "", path, sizeof(path)), 1);
	OK(close(fd));

	OK(mkdir("d", 0755));
	fd = OK(open("d", O_PATH));
	OK(close(OK(openat(fd, "g", O_CREAT | O_RDWR, 0600))));
	OK(fchdir(fd));
	OK(access("g", F_OK));
	OK(close(fd));
}

TEST(getcwd_and_chdir)
{
	char buf[64];

	OK(mkdir("d", 0755));
	write_file("f", "");
	OK(chdir("d"));
	EXPECT_EQ(syscall(SYS_getcwd, buf, sizeof(buf)), sizeof("/tmp/d"));
	EXPECT_STR(buf, "/tmp/d");
	EXPECT_ERR(syscall(SYS_getcwd, buf, 6), ERANGE);
	EXPECT_EQ(syscall(SYS_getcwd, buf, 7), 7);
	EXPECT_ERR(syscall(SYS_getcwd, buf, 0), ERANGE);
	EXPECT_ERR(syscall(SYS_getcwd, 8L, 64), EFAULT);
	EXPECT_ERR(chdir("missing"), ENOENT);
	EXPECT_ERR(chdir("../f"), ENOTDIR);
	EXPECT_ERR(chdir(""), ENOENT);
	EXPECT_ERR(chdir((char *)8), EFAULT);
	OK(chdir("/"));
	EXPECT_EQ(syscall(SYS_getcwd, buf, sizeof(buf)), 2);
	int fd = OK(open("/tmp/f", O_RDONLY));
	EXPECT_ERR(fchdir(fd), ENOTDIR);
	OK(close(fd));
	fd = OK(open("/tmp/d", O_RDONLY));
	OK(fchdir(fd));
	EXPECT_STR(getcwd(buf, sizeof(buf)), "/tmp/d");
	OK(close(fd));
}

TEST(cwd_follows_renames)
{
	char buf[64];

	OK(mkdir("d", 0755));
	OK(chdir("d"));
	OK(rename("/tmp/d", "/tmp/e"));
	EXPECT_STR(getcwd(buf, sizeof(buf)), "/tmp/e");
}

TEST(chroot_confines)
{
	pid_t pid;

	OK(mkdir("jail", 0755));
	OK(mkdir("jail/sub", 0755));
	write_file("jail/in", "");
	write_file("out", "");
	OK(symlink("/in", "jail/link"));
	IN_CHILD(pid) {
		char buf[64];
		struct stat st;

		OK(chroot("jail"));
		OK(chdir("/"));
		EXPECT_STR(getcwd(buf, sizeof(buf)), "/");
		OK(stat("/in", &st));
		OK(stat("/link", &st));
		OK(stat("/../../in", &st));
		EXPECT_ERR(stat("../out", &st), ENOENT);
		EXPECT_ERR(stat("/tmp/out", &st), ENOENT);
		EXPECT_ERR(stat("sub/../../out", &st), ENOENT);
		EXPECT_ERR(chroot("in"), ENOTDIR);
		EXPECT_ERR(chroot("missing"), ENOENT);
		pid_t kid;
		IN_CHILD(kid)
			EXPECT_ERR(stat("/tmp/out", &st), ENOENT);
		EXPECT_EXIT(kid, 0);
	}
	EXPECT_EXIT(pid, 0);
	OK(access("/tmp/out", F_OK));

	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(chroot("jail"), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

/* A working directory outside of the root has no path any more. */
TEST(getcwd_outside_of_the_root)
{
	pid_t pid;
	char buf[64];

	OK(mkdir("jail", 0755));
	IN_CHILD(pid) {
		OK(chroot("jail"));
		EXPECT(syscall(SYS_getcwd, buf, sizeof(buf)) > 0);
		EXPECT(strncmp(buf, "(unreachable)", 13) == 0);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(openat2_resolve_flags)
{
	struct { uint64_t flags, mode, resolve; } how = { O_RDONLY, 0, 0 };
	enum { NO_XDEV = 1, NO_MAGICLINKS = 2, NO_SYMLINKS = 4, BENEATH = 8,
	       IN_ROOT = 16 };

	OK(mkdir("d", 0755));
	write_file("d/f", "");
	write_file("out", "");
	OK(symlink("f", "d/link"));
	OK(symlink("../out", "d/escape"));
	OK(symlink("/f", "d/abs"));
	int d = OK(open("d", O_RDONLY));
	long fd = syscall(SYS_openat2, d, "link", &how, sizeof(how));
	if (fd == -1 && errno == ENOSYS) {
		OK(close(d));
		SKIP("openat2 does not exist");
	}
	OK(close(OK(fd)));
	how.resolve = NO_SYMLINKS;
	EXPECT_ERR(syscall(SYS_openat2, d, "link", &how, sizeof(how)), ELOOP);
	how.resolve = BENEATH;
	OK(close(OK(syscall(SYS_openat2, d, "link", &how, sizeof(how)))));
	EXPECT_ERR(syscall(SYS_openat2, d, "escape", &how, sizeof(how)),
		   EXDEV);
	EXPECT_ERR(syscall(SYS_openat2, d, "/tmp", &how, sizeof(how)), EXDEV);
	EXPECT_ERR(syscall(SYS_openat2, d, "..", &how, sizeof(how)), EXDEV);
	how.resolve = IN_ROOT;
	OK(close(OK(syscall(SYS_openat2, d, "abs", &how, sizeof(how)))));
	EXPECT_ERR(syscall(SYS_openat2, d, "../out", &how, sizeof(how)),
		   ENOENT);
	how.resolve = NO_XDEV;
	EXPECT_ERR(syscall(SYS_openat2, d, "/dev/null", &how, sizeof(how)),
		   EXDEV);
	how.resolve = 0x1000;
	EXPECT_ERR(syscall(SYS_openat2, d, "f", &how, sizeof(how)), EINVAL);
	OK(close(d));
}

/* Walks race with renames of the directories they pass; none may go wrong. */
TEST(walking_while_directories_move)
{
	pid_t mover, walkers[3];
	struct event ready;

	OK(mkdir("a", 0755));
	OK(mkdir("a/b", 0755));
	write_file("a/b/f", "x");
	event_init(&ready);
	IN_CHILD(mover) {
		event_signal(&ready);
		for (;;) {
			rename("a", "c");
			rename("c/b", "c/d");
			rename("c/d", "c/b");
			rename("c", "a");
		}
	}
	event_wait(&ready);
	for (int w = 0; w < 3; w++)
		IN_CHILD(walkers[w])
			for (int i = 0; i < 3000; i++) {
				struct stat st;
				if (stat("a/b/f", &st) == 0)
					EXPECT_EQ(st.st_size, 1);
				else
					EXPECT_EQ(errno, ENOENT);
				if (stat("a/b/../..", &st) == 0)
					EXPECT(S_ISDIR(st.st_mode));
			}
	for (int w = 0; w < 3; w++)
		EXPECT_EXIT(walkers[w], 0);
	OK(kill(mover, SIGKILL));
	EXPECT_KILLED(mover, SIGKILL);
	event_close(&ready);
}
