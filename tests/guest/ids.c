/* User and group ids: real, effective, saved, and what each may become. */
#include "test.h"

#include <grp.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>

static void expect_uids(uid_t r, uid_t e, uid_t s)
{
	uid_t ruid, euid, suid;

	OK(getresuid(&ruid, &euid, &suid));
	if (ruid != r || euid != e || suid != s)
		FAIL("uids are %d %d %d, not %d %d %d", ruid, euid, suid, r, e,
		     s);
}

static void expect_gids(gid_t r, gid_t e, gid_t s)
{
	gid_t rgid, egid, sgid;

	OK(getresgid(&rgid, &egid, &sgid));
	if (rgid != r || egid != e || sgid != s)
		FAIL("gids are %d %d %d, not %d %d %d", rgid, egid, sgid, r, e,
		     s);
}

TEST(tests_run_as_root)
{
	expect_uids(0, 0, 0);
	expect_gids(0, 0, 0);
	EXPECT_EQ(getuid(), 0);
	EXPECT_EQ(geteuid(), 0);
	EXPECT_EQ(getgid(), 0);
	EXPECT_EQ(getegid(), 0);
	EXPECT_EQ(getgroups(0, NULL), 0);
}

TEST(setuid_by_root_is_for_good)
{
	OK(setgid(50));
	expect_gids(50, 50, 50);
	OK(setuid(1000));
	expect_uids(1000, 1000, 1000);
	EXPECT_ERR(setuid(0), EPERM);
	EXPECT_ERR(setgid(0), EPERM);
	OK(setuid(1000));
	EXPECT_ERR(setresuid(-1, 0, -1), EPERM);
	EXPECT_ERR(setgroups(0, NULL), EPERM);
}

TEST(effective_ids_come_and_go)
{
	OK(setresuid(1000, 1001, 1002));
	expect_uids(1000, 1001, 1002);
	EXPECT_EQ(getuid(), 1000);
	EXPECT_EQ(geteuid(), 1001);
	OK(setuid(1002));			/* effective only */
	expect_uids(1000, 1002, 1002);
	OK(setuid(1000));
	expect_uids(1000, 1000, 1002);
	OK(seteuid(1002));
	EXPECT_ERR(setuid(1001), EPERM);
	OK(setresuid(1002, 1000, -1));
	expect_uids(1002, 1000, 1002);
	EXPECT_ERR(setresuid(1, -1, -1), EPERM);
	EXPECT_ERR(setresuid(-1, 1, -1), EPERM);
	EXPECT_ERR(setresuid(-1, -1, 1), EPERM);
	OK(setresuid(-1, -1, -1));
}

TEST(root_may_drop_and_regain_by_the_saved_id)
{
	OK(seteuid(1000));
	expect_uids(0, 1000, 0);
	EXPECT_ERR(setgroups(0, NULL), EPERM);
	EXPECT_ERR(chown("/tmp", 1, 1), EPERM);
	OK(seteuid(0));
	OK(setgroups(0, NULL));
}

TEST(setreuid_rules)
{
	OK(setreuid(1000, 1001));
	expect_uids(1000, 1001, 1001);		/* saved follows effective */
	OK(setreuid(1001, 1000));		/* swapped */
	expect_uids(1001, 1000, 1000);
	OK(setreuid(-1, 1001));
	expect_uids(1001, 1001, 1000);
	EXPECT_ERR(setreuid(1000, -1), EPERM);	/* real takes real or eff. */
	OK(setreuid(-1, 1000));			/* effective takes saved too */
}

TEST(group_rules)
{
	OK(setresgid(10, 20, 30));
	OK(setresuid(1000, 1000, 1000));
	expect_gids(10, 20, 30);
	OK(setgid(30));
	expect_gids(10, 30, 30);
	OK(setgid(10));
	EXPECT_ERR(setgid(20), EPERM);
	EXPECT_ERR(setgid(99), EPERM);
	OK(setregid(-1, 30));
	OK(setregid(30, 10));
	expect_gids(30, 10, 10);
	EXPECT_ERR(setresgid(99, -1, -1), EPERM);
}

TEST(supplementary_groups)
{
	gid_t groups[70000], got[8];
	pid_t pid;

	for (int i = 0; i < 70000; i++)
		groups[i] = i;
	OK(setgroups(3, (gid_t[]){ 30, 10, 20 }));
	EXPECT_EQ(getgroups(0, NULL), 3);
	EXPECT_EQ(getgroups(8, got), 3);
	int sum = got[0] + got[1] + got[2];
	EXPECT_EQ(sum, 60);
	EXPECT_ERR(getgroups(2, got), EINVAL);
	EXPECT_ERR(getgroups(-1, got), EINVAL);
	EXPECT_ERR(syscall(SYS_getgroups, 8, 8L), EFAULT);
	EXPECT_ERR(setgroups(65537, groups), EINVAL);
	EXPECT_ERR(syscall(SYS_setgroups, 3, 8L), EFAULT);
	IN_CHILD(pid)
		EXPECT_EQ(getgroups(0, NULL), 3);
	EXPECT_EXIT(pid, 0);
	OK(setgroups(65536, groups));
	EXPECT_EQ(getgroups(0, NULL), 65536);
	OK(setgroups(0, NULL));
	EXPECT_EQ(getgroups(0, NULL), 0);
}

TEST(getresuid_bad_pointers)
{
	uid_t id;

	EXPECT_ERR(syscall(SYS_getresuid, 8L, &id, &id), EFAULT);
	EXPECT_ERR(syscall(SYS_getresuid, &id, 8L, &id), EFAULT);
	EXPECT_ERR(syscall(SYS_getresuid, &id, &id, 8L), EFAULT);
	EXPECT_ERR(syscall(SYS_getresgid, 8L, &id, &id), EFAULT);
}

TEST(invalid_ids)
{
	EXPECT_ERR(setuid(-1), EINVAL);
	EXPECT_ERR(setgid(-1), EINVAL);
	EXPECT_ERR(seteuid(-1), EINVAL);
}

/* File access follows its own id, which follows the effective one. */
TEST(fsuid)
{
	write_file("f", "");
	OK(chmod("f", 0600));
	EXPECT_EQ(setfsuid(1000), 0);
	EXPECT_EQ(setfsuid(-1), 1000);
	EXPECT_ERR(open("f", O_RDONLY), EACCES);
	EXPECT_EQ(setfsuid(0), 1000);
	OK(close(OK(open("f", O_RDONLY))));
	OK(seteuid(1000));
	EXPECT_ERR(open("f", O_RDONLY), EACCES);
	OK(seteuid(0));
	EXPECT_EQ(setfsgid(5), 0);
	EXPECT_EQ(setfsgid(-1), 5);
}

TEST(ids_survive_fork)
{
	pid_t pid;

	OK(setresgid(7, 8, 9));
	OK(setresuid(1000, 1001, 1002));
	IN_CHILD(pid) {
		expect_uids(1000, 1001, 1002);
		expect_gids(7, 8, 9);
	}
	EXPECT_EXIT(pid, 0);
}

HELPER(ids_are)
{
	uid_t r, e, s;

	getresuid(&r, &e, &s);
	return (int)r == atoi(argv[1]) && (int)e == atoi(argv[2]) &&
		(int)s == atoi(argv[3]) ? 0 : 1;
}

TEST(exec_copies_effective_into_saved)
{
	char *argv[] = { HELPER_ARGV("ids_are"), (char *)"1000",
			 (char *)"1001", (char *)"1001", NULL };

	OK(setresuid(1000, 1001, 1002));
	EXPECT_EXIT(spawn(SELF, argv, NULL), 0);
}

TEST(no_new_privs_stops_set_user_id)
{
	static char data[8 << 20];
	char *argv[] = { HELPER_ARGV("ids_are"), (char *)"1000",
			 (char *)"1000", (char *)"1000", NULL };
	int fd = OK(open(SELF, O_RDONLY));
	ssize_t len = OK(read(fd, data, sizeof(data)));

	OK(close(fd));
	fd = OK(open("suid", O_CREAT | O_WRONLY, 0755));
	EXPECT_EQ(write(fd, data, len), len);
	OK(fchown(fd, 1234, 1234));
	OK(fchmod(fd, 06755));
	OK(close(fd));
	OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	EXPECT_ERR(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
	become_user(1000, 1000);
	EXPECT_EXIT(spawn("/tmp/suid", argv, NULL), 0);
}
