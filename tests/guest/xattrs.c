/* Extended attributes: who may set which, sizes, flags, lists. */
#include <sys/mount.h>
#include <sys/xattr.h>

#include "test.h"

static void make_file(const char *name)
{
	OK(close(OK(open(name, O_CREAT | O_RDWR, 0644))));
}

TEST(xattr_set_get_list_remove)
{
	char buf[64];

	make_file("f");
	OK(setxattr("f", "trusted.one", "value", 5, 0));
	EXPECT_EQ(getxattr("f", "trusted.one", NULL, 0), 5);
	EXPECT_EQ(getxattr("f", "trusted.one", buf, sizeof(buf)), 5);
	EXPECT_MEM(buf, "value", 5);
	EXPECT_ERR(getxattr("f", "trusted.one", buf, 4), ERANGE);
	OK(setxattr("f", "trusted.two", "", 0, 0));
	EXPECT_EQ(getxattr("f", "trusted.two", buf, sizeof(buf)), 0);
	EXPECT_EQ(listxattr("f", NULL, 0), 24);
	EXPECT_EQ(listxattr("f", buf, sizeof(buf)), 24);
	EXPECT_ERR(listxattr("f", buf, 23), ERANGE);
	OK(removexattr("f", "trusted.one"));
	EXPECT_ERR(removexattr("f", "trusted.one"), ENODATA);
	EXPECT_ERR(getxattr("f", "trusted.one", buf, sizeof(buf)), ENODATA);
	EXPECT_EQ(listxattr("f", buf, sizeof(buf)), 12);
	EXPECT_MEM(buf, "trusted.two", 12);
	OK(unlink("f"));
}

TEST(xattr_flags)
{
	char buf[8];

	make_file("f");
	EXPECT_ERR(setxattr("f", "trusted.x", "a", 1, XATTR_REPLACE), ENODATA);
	OK(setxattr("f", "trusted.x", "a", 1, XATTR_CREATE));
	EXPECT_ERR(setxattr("f", "trusted.x", "b", 1, XATTR_CREATE), EEXIST);
	OK(setxattr("f", "trusted.x", "bc", 2, XATTR_REPLACE));
	EXPECT_EQ(getxattr("f", "trusted.x", buf, sizeof(buf)), 2);
	EXPECT_ERR(setxattr("f", "trusted.x", "b", 1, 4), EINVAL);
	OK(unlink("f"));
}

TEST(xattr_bad_arguments)
{
	static char big[65537], name[300] = "trusted.";

	make_file("f");
	memset(name + 8, 'n', 290);
	EXPECT_ERR(setxattr("f", name, "", 0, 0), ERANGE);
	EXPECT_ERR(setxattr("f", "", "", 0, 0), ERANGE);
	EXPECT_ERR(setxattr("f", "trusted.x", big, sizeof(big), 0), E2BIG);
	OK(setxattr("f", "trusted.x", big, 65536, 0));
	EXPECT_ERR(setxattr("f", "trusted.x", (void *)1, 8, 0), EFAULT);
	EXPECT_ERR(setxattr("f", (char *)1, "", 0, 0), EFAULT);
	EXPECT_ERR(getxattr("f", "trusted.x", (void *)1, 65536), EFAULT);
	EXPECT_ERR(setxattr("missing", "trusted.x", "", 0, 0), ENOENT);
	EXPECT_ERR(fsetxattr(-1, "trusted.x", "", 0, 0), EBADF);
	EXPECT_ERR(fgetxattr(99, "trusted.x", NULL, 0), EBADF);
	EXPECT_ERR(setxattr("f", "nowhere.x", "", 0, 0), EOPNOTSUPP);
	EXPECT_ERR(getxattr("f", "nowhere.x", NULL, 0), EOPNOTSUPP);
	EXPECT_ERR(setxattr("f", "user.x", "", 0, 0), EOPNOTSUPP);
	OK(unlink("f"));
}

TEST(xattr_of_links_and_descriptors)
{
	char buf[8];
	int fd;

	make_file("f");
	OK(symlink("f", "l"));
	OK(setxattr("l", "trusted.x", "to", 2, 0));
	OK(lsetxattr("l", "trusted.x", "link", 4, 0));
	EXPECT_EQ(getxattr("l", "trusted.x", buf, sizeof(buf)), 2);
	EXPECT_EQ(lgetxattr("l", "trusted.x", buf, sizeof(buf)), 4);
	EXPECT_EQ(llistxattr("l", buf, 0), 10);
	fd = OK(open("f", O_RDONLY));
	EXPECT_EQ(fgetxattr(fd, "trusted.x", buf, sizeof(buf)), 2);
	OK(fsetxattr(fd, "trusted.x", "fd!", 3, 0));
	EXPECT_EQ(getxattr("f", "trusted.x", buf, sizeof(buf)), 3);
	OK(fremovexattr(fd, "trusted.x"));
	EXPECT_EQ(flistxattr(fd, buf, 0), 0);
	OK(lremovexattr("l", "trusted.x"));
	OK(close(fd));
	EXPECT_ERR(lsetxattr("l", "user.x", "", 0, 0), EPERM);
	EXPECT_ERR(lgetxattr("l", "user.x", buf, 8), ENODATA);
}

TEST(xattr_permissions)
{
	char buf[64];
	pid_t pid;

	make_file("f");
	OK(chmod("f", 0666));
	OK(setxattr("f", "trusted.x", "t", 1, 0));
	IN_CHILD(pid) {
		OK(setuid(1000));
		EXPECT_ERR(setxattr("f", "trusted.x", "", 0, 0), EPERM);
		EXPECT_ERR(getxattr("f", "trusted.x", buf, 8), ENODATA);
		EXPECT_EQ(listxattr("f", buf, sizeof(buf)), 0);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(xattr_on_a_read_only_mount)
{
	OK(mkdir("m", 0755));
	OK(mount("tmpfs", "m", "tmpfs", 0, NULL));
	make_file("m/f");
	OK(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	EXPECT_ERR(setxattr("m/f", "trusted.x", "", 0, 0), EROFS);
	EXPECT_ERR(removexattr("m/f", "trusted.x"), EROFS);
	EXPECT_ERR(getxattr("m/f", "trusted.x", NULL, 0), ENODATA);
	OK(umount("m"));
}

TEST(xattr_where_there_are_none)
{
	char buf[8];

	EXPECT_ERR(getxattr("/proc/version", "trusted.x", buf, 8), EOPNOTSUPP);
	EXPECT_ERR(setxattr("/proc/version", "trusted.x", "", 0, 0),
		   EOPNOTSUPP);
	EXPECT_EQ(listxattr("/proc/version", buf, 8), 0);
}
