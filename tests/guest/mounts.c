/* mount and umount: tmpfs, proc, devtmpfs; flags, busy mounts, stacking. */
#include "test.h"

#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

static dev_t device(const char *path)
{
	struct stat st;

	OK(stat(path, &st));
	return st.st_dev;
}

static bool listed(const char *where)
{
	static char text[65536];
	char wanted[128];

	snprintf(wanted, sizeof(wanted), " %s ", where);
	return strstr(read_file("/proc/mounts", text, sizeof(text)), wanted);
}

TEST(mount_covers_and_umount_uncovers)
{
	OK(mkdir("m", 0755));
	write_file("m/below", "");
	OK(mount("none", "m", "tmpfs", 0, NULL));
	EXPECT_ERR(access("m/below", F_OK), ENOENT);
	EXPECT(device("m") != device("."));
	write_file("m/above", "");
	EXPECT(listed("/tmp/m"));
	OK(umount("m"));
	OK(access("m/below", F_OK));
	EXPECT_ERR(access("m/above", F_OK), ENOENT);
	EXPECT(!listed("/tmp/m"));
	EXPECT_ERR(umount("m"), EINVAL);
}

TEST(mount_errors)
{
	OK(mkdir("m", 0755));
	write_file("f", "");
	EXPECT_ERR(mount("none", "missing", "tmpfs", 0, NULL), ENOENT);
	EXPECT_ERR(mount("none", "f", "tmpfs", 0, NULL), ENOTDIR);
	EXPECT_ERR(mount("none", "m", "no-such-fs", 0, NULL), ENODEV);
	EXPECT_ERR(mount("none", "m", NULL, 0, NULL), EINVAL);
	EXPECT_ERR(mount("none", (char *)8, "tmpfs", 0, NULL), EFAULT);
	EXPECT_ERR(mount("none", "m", "tmpfs", 0, "nonsense=1"), EINVAL);
	EXPECT_ERR(mount("none", "m", "tmpfs", 0, "size=x"), EINVAL);
	EXPECT_ERR(umount("missing"), ENOENT);
	EXPECT_ERR(umount2("m", 0x100), EINVAL);
	pid_t pid;
	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(mount("none", "m", "tmpfs", 0, NULL), EPERM);
		EXPECT_ERR(umount("/proc"), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(busy_mounts_stay)
{
	OK(mkdir("m", 0755));
	OK(mount("none", "m", "tmpfs", 0, NULL));
	int fd = OK(open("m/f", O_CREAT | O_RDWR, 0600));
	EXPECT_ERR(umount("m"), EBUSY);
	OK(close(fd));
	OK(chdir("m"));
	EXPECT_ERR(umount("/tmp/m"), EBUSY);
	OK(chdir(".."));
	OK(mkdir("m/sub", 0755));
	OK(mount("none", "m/sub", "tmpfs", 0, NULL));
	EXPECT_ERR(umount("m"), EBUSY);
	OK(umount("m/sub"));
	OK(umount("m"));
}

TEST(lazy_umount_detaches_at_once)
{
	char c;

	OK(mkdir("m", 0755));
	OK(mount("none", "m", "tmpfs", 0, NULL));
	int fd = OK(open("m/f", O_CREAT | O_RDWR, 0600));
	EXPECT_EQ(write(fd, "x", 1), 1);
	OK(umount2("m", MNT_DETACH));
	EXPECT_ERR(access("m/f", F_OK), ENOENT);
	EXPECT_EQ(pread(fd, &c, 1, 0), 1);	/* still there for us */
	OK(close(fd));
}

TEST(mounts_stack)
{
	OK(mkdir("m", 0755));
	OK(mount("none", "m", "tmpfs", 0, NULL));
	write_file("m/one", "");
	OK(mount("none", "m", "tmpfs", 0, NULL));
	EXPECT_ERR(access("m/one", F_OK), ENOENT);
	OK(umount("m"));
	OK(access("m/one", F_OK));
	OK(umount("m"));
}

TEST(dotdot_crosses_mounts)
{
	char buf[64];

	OK(mkdir("m", 0755));
	OK(mount("none", "m", "tmpfs", 0, NULL));
	OK(mkdir("m/d", 0755));
	OK(chdir("m/d"));
	EXPECT_STR(getcwd(buf, sizeof(buf)), "/tmp/m/d");
	OK(chdir("../.."));
	EXPECT_STR(getcwd(buf, sizeof(buf)), "/tmp");
	OK(umount("m"));
}

TEST(mount_points_cannot_be_removed)
{
	OK(mkdir("m", 0755));
	OK(mount("none", "m", "tmpfs", 0, NULL));
	EXPECT_ERR(rmdir("m"), EBUSY);
	EXPECT_ERR(rename("m", "n"), EBUSY);
	OK(mkdir("e", 0755));
	EXPECT_ERR(rename("e", "m"), EBUSY);
	write_file("f", "");
	EXPECT_ERR(rename("f", "m/f"), EXDEV);
	EXPECT_ERR(link("f", "m/f"), EXDEV);
	OK(umount("m"));
	OK(rmdir("m"));
}

TEST(read_only_mounts)
{
	struct statvfs sv;

	OK(mkdir("m", 0755));
	OK(mount("none", "m", "tmpfs", 0, NULL));
	write_file("m/f", "abc");
	OK(mount("none", "m", "tmpfs", MS_REMOUNT | MS_RDONLY, NULL));
	EXPECT_ERR(open("m/f", O_RDWR), EROFS);
	EXPECT_ERR(open("m/new", O_CREAT | O_RDWR, 0600), EROFS);
	EXPECT_ERR(mkdir("m/d", 0755), EROFS);
	EXPECT_ERR(unlink("m/f"), EROFS);
	EXPECT_ERR(rename("m/f", "m/g"), EROFS);
	EXPECT_ERR(chmod("m/f", 0600), EROFS);
	EXPECT_ERR(truncate("m/f", 0), EROFS);
	EXPECT_ERR(access("m/f", W_OK), EROFS);
	EXPECT_ERR(symlink("x", "m/l"), EROFS);
	OK(close(OK(open("m/f", O_RDONLY))));
	OK(statvfs("m", &sv));
	EXPECT(sv.f_flag & ST_RDONLY);
	OK(mount("none", "m", "tmpfs", MS_REMOUNT, NULL));
	append_file("m/f", "d");
	OK(umount("m"));

	/* One that is being written cannot become read-only. */
	OK(mount("none", "m", "tmpfs", 0, NULL));
	int fd = OK(open("m/f", O_CREAT | O_RDWR, 0600));
	EXPECT_ERR(mount("none", "m", "tmpfs", MS_REMOUNT | MS_RDONLY, NULL),
		   EBUSY);
	OK(close(fd));
	OK(umount("m"));
}

TEST(noexec_and_nodev_and_nosuid)
{
	char *argv[] = { (char *)"x", NULL };

	OK(mkdir("m", 0755));
	OK(mount("none", "m", "tmpfs", MS_NOEXEC | MS_NODEV | MS_NOSUID,
		 NULL));
	write_file("m/x", "#!/tests/show\n");
	OK(chmod("m/x", 0755));
	EXPECT_ERR(execv("m/x", argv), EACCES);
	OK(mknod("m/null", S_IFCHR | 0666, 0x103));
	EXPECT_ERR(open("m/null", O_RDWR), EACCES);
	OK(umount("m"));
}

TEST(tmpfs_options)
{
	struct statfs fs;
	struct stat st;

	OK(mkdir("m", 0755));
	OK(mount("none", "m", "tmpfs", 0,
		 "size=1m,mode=1750,uid=10,gid=20,nr_inodes=10"));
	OK(stat("m", &st));
	EXPECT_EQ(st.st_mode, S_IFDIR | 01750);
	EXPECT_EQ(st.st_uid, 10);
	EXPECT_EQ(st.st_gid, 20);
	OK(statfs("m", &fs));
	EXPECT_EQ(fs.f_blocks, 256);
	EXPECT_EQ(fs.f_files, 10);
	int made = 0;
	char name[32];
	for (; made < 20; made++) {
		snprintf(name, sizeof(name), "m/%d", made);
		int fd = open(name, O_CREAT | O_RDWR, 0600);
		if (fd < 0)
			break;
		OK(close(fd));
	}
	EXPECT_EQ(errno, ENOSPC);
	EXPECT_EQ(made, 9);		/* the root is one as well */
	OK(unlink("m/0"));
	OK(mkdir("m/d", 0755));
	OK(umount("m"));
}

TEST(proc_and_devtmpfs_mount_anywhere)
{
	char buf[256];

	OK(mkdir("p", 0755));
	OK(mount("proc", "p", "proc", 0, NULL));
	EXPECT(strstr(read_file("p/self/status", buf, sizeof(buf)), "Name:"));
	OK(umount("p"));
	OK(mount("dev", "p", "devtmpfs", 0, NULL));
	OK(access("p/null", F_OK));
	EXPECT_EQ(device("p"), device("/dev"));	/* one instance for all */
	OK(umount("p"));
}

TEST(mounts_are_described)
{
	char *line, text[65536];
	char dev[64], dir[64], type[64], opts[256];

	OK(mkdir("with space", 0755));
	OK(mount("my-source", "with space", "tmpfs", MS_NOSUID | MS_RDONLY,
		 "size=64k"));
	read_file("/proc/self/mounts", text, sizeof(text));
	line = strstr(text, "my-source ");
	EXPECT(line);
	EXPECT_EQ(sscanf(line, "%63s %63s %63s %255s", dev, dir, type, opts),
		  4);
	EXPECT_STR(dir, "/tmp/with\\040space");
	EXPECT_STR(type, "tmpfs");
	EXPECT(strncmp(opts, "ro,nosuid,relatime", 18) == 0);
	EXPECT(strstr(opts, "size=64k"));
	OK(umount("with space"));
	EXPECT(strstr(read_file("/proc/filesystems", text, sizeof(text)),
		      "nodev\ttmpfs\n"));
}

/* Everything in a mount goes away with it: names, data, open places. */
TEST(many_mounts)
{
	char name[32];

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "m%d", i);
		OK(mkdir(name, 0755));
		OK(mount("none", name, "tmpfs", 0, NULL));
		snprintf(name, sizeof(name), "m%d/file", i);
		write_file(name, "some data");
	}
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "m%d", i);
		OK(umount(name));
		OK(rmdir(name));
	}
}

TEST(bind_mounts)
{
	OK(mkdir("d", 0755));
	write_file("d/f", "x");
	OK(mkdir("m", 0755));
	if (mount("d", "m", NULL, MS_BIND, NULL) != 0 && errno == EINVAL &&
	    running_on_keel())
		SKIP("bind mounts come later");
	OK(access("m/f", F_OK));
	write_file("m/g", "");
	OK(access("d/g", F_OK));
	OK(umount("m"));
	EXPECT_ERR(access("m/f", F_OK), ENOENT);
}
