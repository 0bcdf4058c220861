/* /proc/sys and /sys: what can be adjusted, and by whom. */
#include "test.h"

#include <sys/mount.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

static char text[4096];

static char *slurp(const char *path)
{
	return read_file(path, text, sizeof(text));
}

/* One write(2) of @value; its result. */
static ssize_t store(const char *path, const char *value)
{
	int fd = OK(open(path, O_WRONLY | O_TRUNC));
	ssize_t n = write(fd, value, strlen(value));
	int error = errno;

	OK(close(fd));
	errno = error;
	return n;
}

TEST(numbers_have_limits)
{
	char old[64];

	strcpy(old, slurp("/proc/sys/kernel/pid_max"));
	EXPECT_ERR(store("/proc/sys/kernel/pid_max", "300\n"), EINVAL);
	EXPECT_ERR(store("/proc/sys/kernel/pid_max", "4194305\n"), EINVAL);
	EXPECT_ERR(store("/proc/sys/kernel/pid_max", "many\n"), EINVAL);
	EXPECT_STR(slurp("/proc/sys/kernel/pid_max"), old);
	EXPECT_EQ(store("/proc/sys/kernel/pid_max", "40000\n"), 6);
	EXPECT_STR(slurp("/proc/sys/kernel/pid_max"), "40000\n");
	EXPECT_EQ(store("/proc/sys/kernel/pid_max", old), strlen(old));
	EXPECT_ERR(store("/proc/sys/vm/overcommit_memory", "3"), EINVAL);
	EXPECT_ERR(store("/proc/sys/vm/max_map_count", "-1"), EINVAL);
}

/* sysctl_writes_strict: what is written behind the beginning is ignored. */
TEST(a_value_is_written_at_once)
{
	char old[64];

	strcpy(old, slurp("/proc/sys/vm/max_map_count"));
	int fd = OK(open("/proc/sys/vm/max_map_count", O_WRONLY));
	EXPECT_EQ(write(fd, "70000\n", 6), 6);
	EXPECT_EQ(write(fd, "1\n", 2), 2);
	OK(close(fd));
	EXPECT_STR(slurp("/proc/sys/vm/max_map_count"), "70000\n");
	EXPECT_EQ(store("/proc/sys/vm/max_map_count", old), strlen(old));
}

TEST(modes_bind_root_too)
{
	EXPECT_ERR(open("/proc/sys/kernel/ngroups_max", O_WRONLY), EACCES);
	EXPECT_ERR(open("/proc/sys/kernel/osrelease", O_RDWR), EACCES);
	EXPECT_ERR(open("/proc/sys/vm/drop_caches", O_RDONLY), EACCES);
	EXPECT_ERR(chmod("/proc/sys/kernel/hostname", 0666), EPERM);
	EXPECT_ERR(chown("/proc/sys/kernel/hostname", 1, 1), EPERM);
	EXPECT_ERR(open("/proc/sys/kernel/new", O_CREAT | O_RDWR, 0644),
		   ENOENT);
}

TEST(others_only_look)
{
	pid_t pid;

	IN_CHILD(pid) {
		become_user(1000, 1000);
		OK(open("/proc/sys/kernel/pid_max", O_RDONLY));
		EXPECT_ERR(open("/proc/sys/kernel/pid_max", O_WRONLY), EACCES);
		EXPECT_ERR(open("/proc/sys/vm/drop_caches", O_WRONLY), EACCES);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(drop_caches_takes_1_to_4)
{
	EXPECT_ERR(store("/proc/sys/vm/drop_caches", "0"), EINVAL);
	EXPECT_ERR(store("/proc/sys/vm/drop_caches", "5"), EINVAL);
	for (int i = 1; i <= 3; i++) {
		char value[4];
		snprintf(value, sizeof(value), "%d\n", i);
		EXPECT_EQ(store("/proc/sys/vm/drop_caches", value), 2);
	}
}

TEST(names_are_cut_to_fit)
{
	char long_name[81], old[80];
	struct utsname uts;

	memset(long_name, 'n', 80);
	long_name[80] = '\0';
	strcpy(old, slurp("/proc/sys/kernel/hostname"));
	EXPECT_EQ(store("/proc/sys/kernel/hostname", long_name), 80);
	OK(uname(&uts));
	EXPECT_EQ(strlen(uts.nodename), 64);
	OK(sethostname("short", 5));
	EXPECT_STR(slurp("/proc/sys/kernel/hostname"), "short\n");
	EXPECT_EQ(store("/proc/sys/kernel/hostname", old), strlen(old));
	EXPECT_STR(slurp("/proc/sys/kernel/hostname"), old);
}

static void check_uuid(const char *uuid)
{
	EXPECT_EQ(strlen(uuid), 37);
	for (int i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		EXPECT(dash ? uuid[i] == '-' :
			      strchr("0123456789abcdef", uuid[i]) != NULL);
	}
	EXPECT_EQ(uuid[14], '4');
	EXPECT(strchr("89ab", uuid[19]) != NULL);
}

TEST(random_ids)
{
	char first[64];

	strcpy(first, slurp("/proc/sys/kernel/random/boot_id"));
	check_uuid(first);
	EXPECT_STR(slurp("/proc/sys/kernel/random/boot_id"), first);
	strcpy(first, slurp("/proc/sys/kernel/random/uuid"));
	check_uuid(first);
	EXPECT(strcmp(slurp("/proc/sys/kernel/random/uuid"), first) != 0);
	EXPECT_STR(slurp("/proc/sys/kernel/random/poolsize"), "256\n");
	EXPECT(atoi(slurp("/proc/sys/kernel/random/entropy_avail")) > 0);
}

TEST(tables_of_numbers)
{
	long a, b, c, d, e, f;

	EXPECT_EQ(sscanf(slurp("/proc/sys/kernel/printk"), "%ld\t%ld\t%ld\t%ld",
			 &a, &b, &c, &d), 4);
	EXPECT(b == 4 && c == 1 && d == 7);
	EXPECT_EQ(sscanf(slurp("/proc/sys/fs/file-nr"), "%ld\t%ld\t%ld\n", &a,
			 &b, &c), 3);
	EXPECT_EQ(c, atol(slurp("/proc/sys/fs/file-max")));
	EXPECT_EQ(sscanf(slurp("/proc/sys/fs/inode-nr"), "%ld\t%ld\n", &a, &b),
		  2);
	EXPECT(a > b);
	EXPECT_EQ(sscanf(slurp("/proc/sys/fs/dentry-state"),
			 "%ld\t%ld\t%ld\t%ld\t%ld\t%ld", &a, &b, &c, &d, &e,
			 &f), 6);
	EXPECT(a >= b && c == 45);
}

TEST(pipe_max_size_is_rounded_up)
{
	char old[32];

	strcpy(old, slurp("/proc/sys/fs/pipe-max-size"));
	EXPECT_EQ(store("/proc/sys/fs/pipe-max-size", "5000"), 4);
	EXPECT_STR(slurp("/proc/sys/fs/pipe-max-size"), "8192\n");
	EXPECT_EQ(store("/proc/sys/fs/pipe-max-size", old), strlen(old));
}

TEST(limits_of_the_system)
{
	EXPECT_STR(slurp("/proc/sys/kernel/ngroups_max"), "65536\n");
	EXPECT_STR(slurp("/proc/sys/kernel/cap_last_cap"), "40\n");
	EXPECT_STR(slurp("/proc/sys/kernel/overflowuid"), "65534\n");
	EXPECT_STR(slurp("/proc/sys/fs/nr_open"), "1048576\n");
	EXPECT_STR(slurp("/proc/sys/vm/mmap_min_addr"), "65536\n");
	EXPECT_STR(slurp("/proc/sys/kernel/randomize_va_space"), "2\n");
	EXPECT(atoi(slurp("/proc/sys/kernel/threads-max")) > 20);
}

/* ---- /sys ---- */

TEST(sysfs_shows_cpus_and_clock)
{
	char want[32], clock[32];
	struct statfs fs;
	int cpus = get_nprocs();

	OK(mkdir("sys", 0755));
	OK(mount("sysfs", "sys", "sysfs", 0, NULL));
	OK(chdir("sys/devices/system"));
	snprintf(want, sizeof(want), cpus > 1 ? "0-%d\n" : "0\n", cpus - 1);
	EXPECT_STR(slurp("cpu/online"), want);
	EXPECT_STR(slurp("cpu/possible"), want);
	EXPECT_STR(slurp("cpu/present"), want);
	OK(access("cpu/cpu0", F_OK));
	snprintf(want, sizeof(want), "cpu/cpu%d", cpus);
	EXPECT_ERR(access(want, F_OK), ENOENT);
	strcpy(clock, slurp("clocksource/clocksource0/current_clocksource"));
	clock[strcspn(clock, "\n")] = '\0';
	EXPECT(strstr(slurp("clocksource/clocksource0/available_clocksource"),
		      clock));
	OK(chdir("../../.."));
	OK(access("sys/kernel", F_OK));
	OK(statfs("sys", &fs));
	EXPECT_EQ(fs.f_type, 0x62656572);
	EXPECT(mkdir("sys/new", 0755) == -1);
	OK(umount("sys"));
}
