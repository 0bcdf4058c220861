/*
 * Attributes: stat and statx, modes, owners, times, access, and the
 * permission checks they lead to for those who are not root.
 */
#include "test.h"

#include <grp.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <time.h>
#include <utime.h>

/* Run the block as user @uid: if it fails a check, so does the test. */
#define AS_USER(id)							\
	for (pid_t _pid = start_user(id); ; )				\
		if (_pid > 0) {						\
			EXPECT_EXIT(_pid, 0);				\
			break;						\
		} else for (;; _exit(0))

static pid_t start_user(uid_t uid)
{
	pid_t pid = OK(fork());

	if (pid == 0)
		become_user(uid, uid);
	return pid;
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	OK(lstat(path, &st));
	return st.st_mode & 07777;
}

TEST(stat_fields)
{
	struct stat st, again;
	struct timespec now;

	write_file("f", "hello");
	OK(chmod("f", 0640));
	OK(stat("f", &st));
	EXPECT_EQ(st.st_mode, S_IFREG | 0640);
	EXPECT_EQ(st.st_size, 5);
	EXPECT_EQ(st.st_blksize, 4096);
	EXPECT_EQ(st.st_blocks, 8);
	EXPECT_EQ(st.st_nlink, 1);
	EXPECT(st.st_ino != 0);
	OK(clock_gettime(CLOCK_REALTIME, &now));
	EXPECT(st.st_mtim.tv_sec <= now.tv_sec);
	EXPECT(st.st_mtim.tv_sec > now.tv_sec - 1000);
	EXPECT(st.st_mtim.tv_nsec < 1000000000);
	int fd = OK(open("f", O_RDONLY));
	OK(fstat(fd, &again));
	EXPECT_MEM(&again, &st, sizeof(st));
	OK(close(fd));
	EXPECT_ERR(stat("missing", &st), ENOENT);
	EXPECT_ERR(stat("f/x", &st), ENOTDIR);
	EXPECT_ERR(stat("", &st), ENOENT);
	EXPECT_ERR(syscall(SYS_stat, "f", 8L), EFAULT);
	EXPECT_ERR(syscall(SYS_stat, 8L, &st), EFAULT);
	EXPECT_ERR(syscall(SYS_fstat, 0, 8L), EFAULT);
}

TEST(fstatat_forms)
{
	struct stat st, other;

	write_file("f", "x");
	OK(symlink("f", "link"));
	int fd = OK(open(".", O_RDONLY));
	OK(fstatat(fd, "link", &st, 0));
	EXPECT(S_ISREG(st.st_mode));
	OK(fstatat(fd, "link", &st, AT_SYMLINK_NOFOLLOW));
	EXPECT(S_ISLNK(st.st_mode));
	OK(fstatat(fd, "", &st, AT_EMPTY_PATH));
	OK(fstat(fd, &other));
	EXPECT_EQ(st.st_ino, other.st_ino);
	EXPECT_ERR(fstatat(fd, "", &st, 0), ENOENT);
	EXPECT_ERR(fstatat(fd, "f", &st, 0x8000), EINVAL);
	EXPECT_ERR(fstatat(77, "f", &st, 0), EBADF);
	OK(fstatat(77, "/tmp", &st, 0));	/* absolute: fd is not looked at */
	OK(close(fd));
}

TEST(statx_fields)
{
	struct statx sx;
	struct stat st;

	write_file("f", "hello");
	OK(stat("f", &st));
	OK(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &sx));
	EXPECT_EQ(sx.stx_mask & STATX_BASIC_STATS, STATX_BASIC_STATS);
	EXPECT_EQ(sx.stx_mode, st.st_mode);
	EXPECT_EQ(sx.stx_size, 5);
	EXPECT_EQ(sx.stx_ino, st.st_ino);
	EXPECT_EQ(sx.stx_nlink, 1);
	EXPECT_EQ(sx.stx_blocks, 8);
	EXPECT_EQ(sx.stx_mtime.tv_sec, st.st_mtim.tv_sec);
	EXPECT_EQ(sx.stx_mtime.tv_nsec, st.st_mtim.tv_nsec);
	EXPECT_EQ(makedev(sx.stx_dev_major, sx.stx_dev_minor), st.st_dev);
	EXPECT_ERR(statx(AT_FDCWD, "missing", 0, 0, &sx), ENOENT);
	EXPECT_ERR(statx(AT_FDCWD, "f", 0, 0x80000000, &sx), EINVAL);
	EXPECT_ERR(statx(AT_FDCWD, "f", 0x8000, 0, &sx), EINVAL);
	EXPECT_ERR(syscall(SYS_statx, AT_FDCWD, "f", 0, 0, 8L), EFAULT);
}

TEST(chmod_forms)
{
	struct stat st;

	write_file("f", "");
	OK(symlink("f", "link"));
	OK(chmod("f", 0));
	EXPECT_EQ(mode_of("f"), 0);
	OK(chmod("link", 07777));
	EXPECT_EQ(mode_of("f"), 07777);
	EXPECT_EQ(mode_of("link"), 0777);
	OK(chmod("f", 0100644));		/* the type is not taken */
	EXPECT_EQ(mode_of("f"), 0644);
	int fd = OK(open("f", O_RDONLY));
	OK(fchmod(fd, 0600));
	OK(fstat(fd, &st));
	EXPECT_EQ(st.st_mode, S_IFREG | 0600);
	OK(close(fd));
	OK(fchmodat(AT_FDCWD, "f", 0604, 0));
	EXPECT_EQ(mode_of("f"), 0604);
	EXPECT_ERR(chmod("missing", 0), ENOENT);
	EXPECT_ERR(chmod((char *)8, 0), EFAULT);
}

TEST(chown_forms)
{
	struct stat st;

	write_file("f", "");
	OK(symlink("f", "link"));
	OK(chown("f", 10, 20));
	OK(stat("f", &st));
	EXPECT_EQ(st.st_uid, 10);
	EXPECT_EQ(st.st_gid, 20);
	OK(chown("f", -1, 30));
	OK(chown("link", 11, -1));
	OK(stat("f", &st));
	EXPECT_EQ(st.st_uid, 11);
	EXPECT_EQ(st.st_gid, 30);
	OK(lchown("link", 40, 50));
	OK(lstat("link", &st));
	EXPECT_EQ(st.st_uid, 40);
	EXPECT_EQ(st.st_gid, 50);
	OK(fchownat(AT_FDCWD, "link", 41, -1, AT_SYMLINK_NOFOLLOW));
	OK(lstat("link", &st));
	EXPECT_EQ(st.st_uid, 41);
	int fd = OK(open("f", O_RDONLY));
	OK(fchown(fd, 1, 2));
	OK(fchownat(fd, "", 3, -1, AT_EMPTY_PATH));
	OK(fstat(fd, &st));
	EXPECT_EQ(st.st_uid, 3);
	EXPECT_EQ(st.st_gid, 2);
	OK(close(fd));
	EXPECT_ERR(fchownat(AT_FDCWD, "f", 0, 0, 0x8000), EINVAL);
}

/* Even root's chown takes the set-id bits of a program away. */
TEST(chown_clears_set_id)
{
	write_file("f", "");
	OK(chmod("f", 06755));
	OK(chown("f", 1000, 1000));
	EXPECT_EQ(mode_of("f"), 0755);
	OK(chmod("f", 06644));
	OK(chown("f", 1001, 1001));
	/* Set-group-id without group x meant mandatory locking: it stays. */
	EXPECT_EQ(mode_of("f"), 02644);
}

TEST(write_clears_set_id_for_users)
{
	write_file("f", "");
	OK(chmod("f", 06777));
	AS_USER(1000) {
		append_file("f", "x");
		EXPECT_EQ(mode_of("f"), 0777);
	}
}

TEST(only_owners_change_modes)
{
	write_file("f", "");
	OK(chown("f", 1000, 1000));
	AS_USER(1000) {
		OK(chmod("f", 0600));
		EXPECT_ERR(chown("f", 1001, -1), EPERM);
		OK(chown("f", 1000, -1));
		OK(chown("f", -1, 1000));
		EXPECT_ERR(chown("f", -1, 1001), EPERM);
		/* A group one is not in: set-group-id is dropped silently. */
	}
	AS_USER(1001) {
		EXPECT_ERR(chmod("f", 0777), EPERM);
		EXPECT_ERR(chown("f", -1, 1001), EPERM);
		EXPECT_ERR(utime("f", NULL), EACCES);
	}
}

TEST(access_bits)
{
	OK(mkdir("d", 0755));
	write_file("f", "");
	OK(chmod("f", 0640));
	OK(chown("f", 1000, 2000));
	EXPECT_ERR(access("missing", F_OK), ENOENT);
	EXPECT_ERR(access("f", 8), EINVAL);
	OK(access("f", R_OK | W_OK));
	EXPECT_ERR(access("f", X_OK), EACCES);	/* even for root */
	AS_USER(1000) {
		OK(access("f", R_OK | W_OK));
		EXPECT_ERR(access("f", X_OK), EACCES);
	}
	AS_USER(2000) {
		OK(access("f", R_OK));
		EXPECT_ERR(access("f", W_OK), EACCES);
	}
	AS_USER(3000) {
		EXPECT_ERR(access("f", R_OK), EACCES);
		OK(access("f", F_OK));
	}
}

TEST(access_asks_for_the_real_user)
{
	pid_t pid;

	write_file("f", "");
	OK(chmod("f", 0600));
	IN_CHILD(pid) {
		OK(setresuid(1000, 0, 0));
		EXPECT_ERR(access("f", R_OK), EACCES);
		OK(faccessat(AT_FDCWD, "f", R_OK, AT_EACCESS));
		OK(close(OK(open("f", O_RDONLY))));
	}
	EXPECT_EXIT(pid, 0);
}

TEST(the_first_class_that_fits_decides)
{
	write_file("f", "");
	OK(chown("f", 1000, 2000));
	OK(chmod("f", 0077));		/* nothing for the owner */
	AS_USER(1000)
		EXPECT_ERR(open("f", O_RDONLY), EACCES);
	AS_USER(2000)
		OK(open("f", O_RDWR));
	OK(chmod("f", 0707));		/* nothing for the group */
	AS_USER(2000)
		EXPECT_ERR(open("f", O_RDONLY), EACCES);
	AS_USER(3000)
		OK(open("f", O_RDWR));
	OK(chmod("f", 0000));
	OK(close(OK(open("f", O_RDWR))));	/* root may */
}

TEST(supplementary_groups_count)
{
	pid_t pid;
	gid_t groups[] = { 7, 2000 };

	write_file("f", "");
	OK(chown("f", 0, 2000));
	OK(chmod("f", 0060));
	IN_CHILD(pid) {
		OK(setgroups(2, groups));
		OK(setresgid(5, 5, 5));
		OK(setresuid(5, 5, 5));
		OK(open("f", O_RDWR));
	}
	EXPECT_EXIT(pid, 0);
	AS_USER(5)
		EXPECT_ERR(open("f", O_RDWR), EACCES);
}

TEST(directories_need_x_to_pass_and_w_to_change)
{
	OK(mkdir("d", 0755));
	write_file("d/f", "x");
	OK(chown("d/f", 1000, 1000));
	OK(chown("d", 1000, 1000));
	OK(chmod("d", 0644));
	AS_USER(1000) {
		struct stat st;

		EXPECT_ERR(stat("d/f", &st), EACCES);
		EXPECT_ERR(chdir("d"), EACCES);
		EXPECT_ERR(open("d/new", O_CREAT | O_RDWR, 0600), EACCES);
		OK(open("d", O_RDONLY));	/* listing is allowed */
	}
	OK(chmod("d", 0111));
	AS_USER(1000) {
		struct stat st;

		OK(stat("d/f", &st));
		OK(open("d/f", O_RDONLY));
		EXPECT_ERR(open("d", O_RDONLY), EACCES);
		EXPECT_ERR(unlink("d/f"), EACCES);
		EXPECT_ERR(mkdir("d/x", 0755), EACCES);
		EXPECT_ERR(rename("d/f", "d/g"), EACCES);
		EXPECT_ERR(link("d/f", "d/g"), EACCES);
		EXPECT_ERR(symlink("x", "d/l"), EACCES);
		EXPECT_ERR(mkfifo("d/p", 0600), EACCES);
	}
	OK(chmod("d", 0333));
	AS_USER(1000) {
		OK(mkdir("d/x", 0755));
		OK(rmdir("d/x"));
		OK(unlink("d/f"));	/* the file itself is not asked */
	}
}

TEST(sticky_directories_protect_others_files)
{
	OK(mkdir("d", 0755));
	OK(chmod("d", 01777));
	write_file("d/f", "");
	OK(chmod("d/f", 0666));
	OK(chown("d/f", 1000, 1000));
	OK(mkdir("d/sub", 0777));
	OK(chown("d/sub", 1000, 1000));
	AS_USER(1001) {
		EXPECT_ERR(unlink("d/f"), EPERM);
		EXPECT_ERR(rename("d/f", "d/g"), EPERM);
		EXPECT_ERR(rmdir("d/sub"), EPERM);
		OK(mkdir("d/own", 0755));
		EXPECT_ERR(rename("d/own", "d/sub"), EPERM);
		OK(rmdir("d/own"));
	}
	AS_USER(1000) {
		OK(rename("d/f", "d/g"));
		OK(unlink("d/g"));
		OK(rmdir("d/sub"));
	}
	/* The directory's owner may as well. */
	write_file("d/f", "");
	OK(chown("d", 1002, 1002));
	AS_USER(1002)
		OK(unlink("d/f"));
}

TEST(set_group_id_directories_hand_their_group_down)
{
	struct stat st;

	OK(mkdir("d", 0755));
	OK(chown("d", 0, 2000));
	OK(chmod("d", 02777));
	AS_USER(1000) {
		write_file("d/f", "");
		OK(mkdir("d/sub", 0755));
	}
	OK(stat("d/f", &st));
	EXPECT_EQ(st.st_uid, 1000);
	EXPECT_EQ(st.st_gid, 2000);
	OK(stat("d/sub", &st));
	EXPECT_EQ(st.st_gid, 2000);
	EXPECT_EQ(st.st_mode & 07777, 02755);
}

TEST(umask_is_applied_and_returned)
{
	EXPECT_EQ(umask(0), 022);
	EXPECT_EQ(umask(01777), 0);
	EXPECT_EQ(umask(022), 0777);
	umask(0077);
	OK(mkdir("d", 0777));
	EXPECT_EQ(mode_of("d"), 0700);
	OK(mkfifo("p", 0666));
	EXPECT_EQ(mode_of("p"), 0600);
	OK(symlink("x", "l"));
	EXPECT_EQ(mode_of("l"), 0777);
}

/* ---- times ---- */

static struct stat times_of(const char *path)
{
	struct stat st;

	OK(lstat(path, &st));
	return st;
}

TEST(utimensat_forms)
{
	struct timespec ts[2] = { { 1000, 123456789 }, { 2000, 987654321 } };
	struct stat st;

	write_file("f", "");
	OK(symlink("f", "link"));
	OK(utimensat(AT_FDCWD, "f", ts, 0));
	st = times_of("f");
	EXPECT_EQ(st.st_atim.tv_sec, 1000);
	EXPECT_EQ(st.st_atim.tv_nsec, 123456789);
	EXPECT_EQ(st.st_mtim.tv_sec, 2000);
	EXPECT_EQ(st.st_mtim.tv_nsec, 987654321);
	EXPECT(st.st_ctim.tv_sec > 2000);

	ts[0].tv_nsec = UTIME_OMIT;
	ts[1] = (struct timespec){ 3000, 0 };
	OK(utimensat(AT_FDCWD, "f", ts, 0));
	st = times_of("f");
	EXPECT_EQ(st.st_atim.tv_sec, 1000);
	EXPECT_EQ(st.st_mtim.tv_sec, 3000);

	ts[0].tv_nsec = UTIME_NOW;
	OK(utimensat(AT_FDCWD, "f", ts, 0));
	st = times_of("f");
	EXPECT(st.st_atim.tv_sec > 3000);

	OK(utimensat(AT_FDCWD, "link", ts, AT_SYMLINK_NOFOLLOW));
	EXPECT_EQ(times_of("link").st_mtim.tv_sec, 3000);

	ts[0].tv_nsec = 1000000000;
	EXPECT_ERR(utimensat(AT_FDCWD, "f", ts, 0), EINVAL);
	EXPECT_ERR(utimensat(AT_FDCWD, "missing", NULL, 0), ENOENT);
	EXPECT_ERR(utimensat(AT_FDCWD, "f", NULL, 0x8000), EINVAL);
	ts[0].tv_nsec = ts[1].tv_nsec = UTIME_OMIT;
	OK(utimensat(AT_FDCWD, "f", ts, 0));
}

TEST(utime_and_futimens)
{
	struct utimbuf ub = { 11, 22 };
	struct timeval tv[2] = { { 33, 1000 }, { 44, 2000 } };
	struct timespec ts[2] = { { 55, 5 }, { 66, 6 } };
	struct stat st;

	write_file("f", "");
	OK(utime("f", &ub));
	st = times_of("f");
	EXPECT_EQ(st.st_atim.tv_sec, 11);
	EXPECT_EQ(st.st_mtim.tv_sec, 22);
	OK(utimes("f", tv));
	st = times_of("f");
	EXPECT_EQ(st.st_mtim.tv_sec, 44);
	EXPECT_EQ(st.st_mtim.tv_nsec, 2000000);
	int fd = OK(open("f", O_RDONLY));
	OK(futimens(fd, ts));
	st = times_of("f");
	EXPECT_EQ(st.st_atim.tv_sec, 55);
	EXPECT_EQ(st.st_mtim.tv_nsec, 6);
	OK(close(fd));
}

TEST(utime_permissions)
{
	struct timespec ts[2] = { { 1, 0 }, { 2, 0 } };

	write_file("f", "");
	OK(chown("f", 1000, 1000));
	OK(chmod("f", 0666));
	AS_USER(1001) {
		/* Writers may set the time to now, only owners to another. */
		OK(utimensat(AT_FDCWD, "f", NULL, 0));
		EXPECT_ERR(utimensat(AT_FDCWD, "f", ts, 0), EPERM);
	}
	AS_USER(1000)
		OK(utimensat(AT_FDCWD, "f", ts, 0));
}

static void set_old(const char *path)
{
	struct timespec ts[2] = { { 100, 0 }, { 100, 0 } };

	OK(utimensat(AT_FDCWD, path, ts, AT_SYMLINK_NOFOLLOW));
}

TEST(what_updates_mtime)
{
	char c;

	write_file("f", "abc");
	OK(mkdir("d", 0755));

	set_old("f");
	append_file("f", "x");
	EXPECT(times_of("f").st_mtim.tv_sec > 100);
	set_old("f");
	OK(chmod("f", 0600));
	EXPECT_EQ(times_of("f").st_mtim.tv_sec, 100);
	EXPECT(times_of("f").st_ctim.tv_sec > 100);
	OK(truncate("f", 2));
	EXPECT(times_of("f").st_mtim.tv_sec > 100);
	set_old("f");
	int fd = OK(open("f", O_RDONLY));
	EXPECT_EQ(read(fd, &c, 1), 1);
	OK(close(fd));
	EXPECT_EQ(times_of("f").st_mtim.tv_sec, 100);
	EXPECT(times_of("f").st_atim.tv_sec > 100);	/* relatime */

	set_old("d");
	write_file("d/new", "");
	EXPECT(times_of("d").st_mtim.tv_sec > 100);
	set_old("d");
	OK(unlink("d/new"));
	EXPECT(times_of("d").st_mtim.tv_sec > 100);
	set_old("d");
	OK(mkdir("d/sub", 0755));
	EXPECT(times_of("d").st_mtim.tv_sec > 100);
	set_old("d");
	OK(rename("d/sub", "sub"));
	EXPECT(times_of("d").st_mtim.tv_sec > 100);
}

/* ---- device nodes and other kinds ---- */

TEST(mknod_kinds)
{
	struct stat st;

	OK(mknod("r", S_IFREG | 0644, 0));
	OK(mknod("r0", 0600, 0));		/* no type: a regular file */
	OK(mknod("p", S_IFIFO | 0600, 0));
	OK(mknod("c", S_IFCHR | 0600, makedev(1, 3)));
	OK(mknod("b", S_IFBLK | 0600, makedev(7, 300)));
	OK(mknod("s", S_IFSOCK | 0600, 0));
	OK(stat("r0", &st));
	EXPECT(S_ISREG(st.st_mode));
	OK(stat("c", &st));
	EXPECT(S_ISCHR(st.st_mode));
	EXPECT_EQ(st.st_rdev, makedev(1, 3));
	OK(stat("b", &st));
	EXPECT(S_ISBLK(st.st_mode));
	EXPECT_EQ(st.st_rdev, makedev(7, 300));
	EXPECT_ERR(mknod("d", S_IFDIR | 0755, 0), EPERM);
	EXPECT_ERR(mknod("l", S_IFLNK | 0755, 0), EINVAL);
	EXPECT_ERR(mknod("c", S_IFCHR | 0600, 0), EEXIST);
	EXPECT_ERR(open("s", O_RDWR), ENXIO);

	int fd = OK(open("c", O_RDWR));		/* it is /dev/null */
	EXPECT_EQ(write(fd, "abc", 3), 3);
	EXPECT_EQ(read(fd, &st, 1), 0);
	OK(close(fd));
	OK(mknod("none", S_IFCHR | 0600, makedev(250, 77)));
	EXPECT_ERR(open("none", O_RDWR), ENXIO);
	OK(chmod(".", 0777));
	AS_USER(1000) {
		EXPECT_ERR(mknod("c2", S_IFCHR | 0600, makedev(1, 3)), EPERM);
		OK(mknod("p2", S_IFIFO | 0600, 0));
	}
}
