/*
 * Namespaces as far as they can be seen: the links in /proc/PID/ns and the
 * files behind them. There is only the initial one of each kind, and its
 * number is the same on every Linux (but for net and mnt, counted at boot).
 */
#include "test.h"

#include <dirent.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/vfs.h>

#define NS_GET_USERNS		0xb701
#define NS_GET_PARENT		0xb702
#define NS_GET_NSTYPE		0xb703
#define NS_GET_OWNER_UID	0xb704
#define NSFS_MAGIC		0x6e736673

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME	0x80
#endif

static const struct {
	const char	*name, *type;
	unsigned long	number;		/* 0: counted at boot */
	int		flag;
} kinds[] = {
	{ "cgroup", "cgroup", 4026531835, CLONE_NEWCGROUP },
	{ "ipc", "ipc", 4026531839, CLONE_NEWIPC },
	{ "mnt", "mnt", 0, CLONE_NEWNS },
	{ "net", "net", 0, CLONE_NEWNET },
	{ "pid", "pid", 4026531836, CLONE_NEWPID },
	{ "pid_for_children", "pid", 4026531836, CLONE_NEWPID },
	{ "time", "time", 4026531834, CLONE_NEWTIME },
	{ "time_for_children", "time", 4026531834, CLONE_NEWTIME },
	{ "user", "user", 4026531837, CLONE_NEWUSER },
	{ "uts", "uts", 4026531838, CLONE_NEWUTS },
};

static const char *in_dir(pid_t pid, const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, name);
	return path;
}

static const char *text_of(const char *path)
{
	static char text[64];
	ssize_t n = OK(readlink(path, text, sizeof(text) - 1));

	text[n] = '\0';
	return text;
}

static const char *text_for(const char *type, unsigned long number)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s:[%lu]", type, number);
	return text;
}

TEST(links_tell_kind_and_number)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const char *path = in_dir(getpid(), kinds[i].name);
		struct stat link, file;

		OK(lstat(path, &link));
		EXPECT_EQ(link.st_mode, S_IFLNK | 0777);
		EXPECT_EQ(link.st_size, 0);
		OK(stat(path, &file));
		EXPECT_EQ(file.st_mode, S_IFREG | 0444);
		EXPECT_EQ(file.st_size, 0);
		EXPECT_EQ(file.st_nlink, 1);
		EXPECT_EQ(file.st_uid, 0);
		if (kinds[i].number)
			EXPECT_EQ(file.st_ino, kinds[i].number);
		EXPECT_STR(text_of(path), text_for(kinds[i].type, file.st_ino));
	}
}

TEST(the_directory)
{
	char seen[ARRAY_SIZE(kinds)] = { 0 };
	struct dirent *entry;
	struct stat st;
	DIR *dir;

	OK(stat("/proc/self/ns", &st));
	EXPECT_EQ(st.st_mode, S_IFDIR | 0511);
	EXPECT_EQ(st.st_nlink, 2);
	OK(stat("/proc/thread-self/ns", &st));
	EXPECT_EQ(st.st_mode, S_IFDIR | 0511);
	dir = opendir("/proc/self/ns");
	EXPECT(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		EXPECT_EQ(entry->d_type, DT_LNK);
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
			if (!strcmp(kinds[i].name, entry->d_name))
				seen[i]++;
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		EXPECT_EQ(seen[i], 1);
	closedir(dir);
	EXPECT_ERR(access("/proc/self/ns/nothing", F_OK), ENOENT);
	EXPECT_ERR(unlink("/proc/self/ns/pid"), EPERM);
}

TEST(files_can_be_opened_and_no_more)
{
	char path[32], c;
	struct statfs fs;
	int fd = OK(open("/proc/self/ns/uts", O_RDONLY));

	OK(fstatfs(fd, &fs));
	EXPECT_EQ(fs.f_type, NSFS_MAGIC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_STR(text_of(path), "uts:[4026531838]");
	EXPECT_ERR(read(fd, &c, 1), EINVAL);
	EXPECT_ERR(write(fd, &c, 1), EBADF);
	EXPECT_ERR(lseek(fd, 0, SEEK_SET), ESPIPE);
	EXPECT_ERR((long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0),
		   ENODEV);
	EXPECT_ERR(fchmod(fd, 0600), EPERM);
	EXPECT_ERR(chmod("/proc/self/ns/uts", 0600), EPERM);
	EXPECT_ERR(open("/proc/self/ns/uts", O_RDWR), EPERM);
	EXPECT_ERR(open("/proc/self/ns/uts", O_WRONLY), EPERM);
	/* Through the descriptor's own link, too. */
	OK(close(OK(open(path, O_RDONLY))));
	OK(close(fd));
}

TEST(ioctls)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		int fd = OK(open(in_dir(getpid(), kinds[i].name), O_RDONLY));
		bool user = kinds[i].flag == CLONE_NEWUSER;
		bool tree = user || kinds[i].flag == CLONE_NEWPID;
		uid_t uid = 77;
		int owner;

		EXPECT_EQ(ioctl(fd, NS_GET_NSTYPE), kinds[i].flag);
		/* The initial ones have no parents to be seen. */
		EXPECT_ERR(ioctl(fd, NS_GET_PARENT), tree ? EPERM : EINVAL);
		if (user) {
			OK(ioctl(fd, NS_GET_OWNER_UID, &uid));
			EXPECT_EQ(uid, 0);
			EXPECT_ERR(ioctl(fd, NS_GET_OWNER_UID, 8), EFAULT);
			EXPECT_ERR(ioctl(fd, NS_GET_USERNS), EPERM);
		} else {
			EXPECT_ERR(ioctl(fd, NS_GET_OWNER_UID, &uid), EINVAL);
			owner = OK(ioctl(fd, NS_GET_USERNS));
			EXPECT_EQ(fcntl(owner, F_GETFD), FD_CLOEXEC);
			EXPECT_EQ(ioctl(owner, NS_GET_NSTYPE), CLONE_NEWUSER);
			OK(close(owner));
		}
		EXPECT_ERR(ioctl(fd, 0xb7ff), ENOTTY);
		OK(close(fd));
	}
}

TEST(same_for_all_who_may_be_looked_at)
{
	struct event go;
	struct stat mine, its;
	pid_t pid;

	event_init(&go);
	IN_CHILD(pid)
		event_wait(&go);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		OK(stat(in_dir(getpid(), kinds[i].name), &mine));
		OK(stat(in_dir(pid, kinds[i].name), &its));
		EXPECT_EQ(mine.st_ino, its.st_ino);
		EXPECT_EQ(mine.st_dev, its.st_dev);
	}
	event_signal(&go);
	EXPECT_EXIT(pid, 0);
	event_close(&go);
}

TEST(others_may_not_look)
{
	char path[64], text[64];
	struct stat st;
	pid_t parent = getpid(), pid;

	IN_CHILD(pid) {
		become_user(1000, 1000);
		snprintf(path, sizeof(path), "/proc/%d/ns/pid", parent);
		EXPECT_ERR(readlink(path, text, sizeof(text)), EACCES);
		EXPECT_ERR(open(path, O_RDONLY), EACCES);
		EXPECT_ERR(stat(path, &st), EACCES);
		OK(lstat(path, &st));
		snprintf(path, sizeof(path), "/proc/%d/ns", parent);
		EXPECT_ERR(open(path, O_RDONLY), EACCES);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(zombies_keep_what_they_were)
{
	pid_t pid = OK(fork());
	siginfo_t info;
	char text[64];

	if (!pid)
		_exit(0);
	OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	EXPECT_STR(text_of(in_dir(pid, "pid")), "pid:[4026531836]");
	EXPECT_STR(text_of(in_dir(pid, "user")), "user:[4026531837]");
	EXPECT_ERR(readlink(in_dir(pid, "net"), text, sizeof(text)), ENOENT);
	EXPECT_ERR(readlink(in_dir(pid, "pid_for_children"), text,
			    sizeof(text)), ENOENT);
	EXPECT_ERR(open(in_dir(pid, "mnt"), O_RDONLY), ENOENT);
	EXPECT_EXIT(pid, 0);
}

TEST(entering_one_that_it_is_not)
{
	int fd = OK(open("/proc/self/ns/pid", O_RDONLY));

	EXPECT_ERR(setns(fd, CLONE_NEWUTS), EINVAL);
	EXPECT_ERR(setns(fd, CLONE_VM), EINVAL);
	OK(close(fd));
	EXPECT_ERR(setns(fd, 0), EBADF);
}
