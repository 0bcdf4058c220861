/*
 * What /proc and /sys say about CPUs and scheduling: loadavg, stat, schedstat,
 * sched, and the files of /sys/devices/system/cpu that C libraries count CPUs
 * by and monitors draw their bars from.
 */
#include "schedtools.h"

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

struct schedstat {
	unsigned long ran, waited, turns;
};

static void read_schedstat(struct schedstat *stat)
{
	char buf[128];

	read_file("/proc/self/schedstat", buf, sizeof(buf));
	EXPECT_EQ(sscanf(buf, "%lu %lu %lu\n", &stat->ran, &stat->waited,
			 &stat->turns), 3);
}

TEST(schedstat_counts_time_and_turns)
{
	struct schedstat before, after;
	pid_t pid;

	read_schedstat(&before);
	burn(50 * MSEC);
	read_schedstat(&after);
	EXPECT(after.ran - before.ran >= 40 * MSEC);
	/* A sleep that is over before it begins is none. */
	do {
		OK(usleep(1000));
		read_schedstat(&after);
	} while (after.turns == before.turns);
	EXPECT(after.turns > before.turns);
	/* Beside a loop on the same CPU one waits. */
	run_on(0, 0);
	IN_CHILD(pid)
		for (;;)
			;
	before = after;
	do {
		read_schedstat(&after);
	} while (after.waited - before.waited < 10 * MSEC);
	end_child(pid);
}

TEST(sched_shows_the_policy)
{
	char buf[8192], *line;
	int value;

	OK(set_policy(0, SCHED_RR, 3));
	read_file("/proc/self/sched", buf, sizeof(buf));
	line = strstr(buf, "\npolicy ");
	EXPECT(line && sscanf(strchr(line, ':') + 1, "%d", &value) == 1);
	EXPECT_EQ(value, SCHED_RR);
	line = strstr(buf, "\nprio ");
	EXPECT(line && sscanf(strchr(line, ':') + 1, "%d", &value) == 1);
	EXPECT_EQ(value, 96);
	EXPECT(strstr(buf, "\nse.sum_exec_runtime "));
	EXPECT(strstr(buf, "\nnr_voluntary_switches "));
}

#define VOLUNTARY	"\nvoluntary_ctxt_switches:"

TEST(sleeps_and_preemptions_are_counted)
{
	long slept = proc_number("/proc/self/status", VOLUNTARY),
	     lost;
	pid_t pid;

	for (int i = 0; i < 5; i++)
		OK(usleep(50000));
	EXPECT(proc_number("/proc/self/status", VOLUNTARY) > slept);
	/* Beside a loop on the same CPU we lose it now and then. */
	run_on(0, 0);
	IN_CHILD(pid)
		for (;;)
			;
	lost = proc_number("/proc/self/status", "nonvoluntary_ctxt_switches:");
	while (proc_number("/proc/self/status",
			   "nonvoluntary_ctxt_switches:") == lost)
		;
	end_child(pid);
}

TEST(the_idle_are_idle)
{
	char buf[8192];
	unsigned long user, nice, system, idle[2];

	for (int i = 0; i < 2; i++) {
		read_file("/proc/stat", buf, sizeof(buf));
		EXPECT_EQ(sscanf(buf, "cpu %lu %lu %lu %lu", &user, &nice,
				 &system, &idle[i]), 4);
		if (i == 0)
			OK(usleep(500000));
	}
	/* Half a second, of which ticks of 10 ms may be lost on both ends. */
	EXPECT(idle[1] - idle[0] >= 25);
}

TEST(cpus_have_a_topology)
{
	static const char *const files[] = {
		"physical_package_id", "core_id", "die_id", "core_cpus",
		"core_cpus_list", "core_siblings", "core_siblings_list",
		"package_cpus", "package_cpus_list", "thread_siblings",
		"thread_siblings_list",
	};
	char path[128], buf[128];
	int nr;

	OK(mkdir("sys", 0755));
	OK(mount("sysfs", "sys", "sysfs", 0, NULL));
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path),
			 "sys/devices/system/cpu/cpu0/topology/%s", files[i]);
		read_file(path, buf, sizeof(buf));
		EXPECT_EQ(sscanf(buf, "%x", &nr), 1);
	}
	read_file("sys/devices/system/cpu/cpu0/topology/thread_siblings_list",
		  buf, sizeof(buf));
	EXPECT_STR(buf, "0\n");
	read_file("sys/devices/system/cpu/offline", buf, sizeof(buf));
	EXPECT(strchr(buf, '\n'));
	OK(umount("sys"));
}

/* ---- CPUs, as C libraries and monitors count them ---- */

/* The number of CPUs in a list such as "0-3,7". */
static int count_cpus(const char *list)
{
	int count = 0, first, last, used;

	while (sscanf(list, "%d%n", &first, &used) == 1) {
		last = first;
		list += used;
		if (sscanf(list, "-%d%n", &last, &used) == 1)
			list += used;
		count += last - first + 1;
		if (*list == ',')
			list++;
	}
	EXPECT_STR(list, "\n");
	return count;
}

static int cpus_in(const char *file)
{
	char path[128], buf[256];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/%s", file);
	return count_cpus(read_file(path, buf, sizeof(buf)));
}

TEST(libraries_count_cpus)
{
	char path[128], buf[64];
	int cpus = online_cpus();

	OK(mkdir("/sys", 0555));
	OK(mount("sysfs", "/sys", "sysfs", 0, NULL));
	EXPECT_EQ(sysconf(_SC_NPROCESSORS_ONLN), cpus);
	EXPECT_EQ(sysconf(_SC_NPROCESSORS_CONF), cpus_in("possible"));
	EXPECT_EQ(get_nprocs(), cpus);
	EXPECT_EQ(get_nprocs_conf(), cpus_in("possible"));
	EXPECT_EQ(cpus_in("online"), cpus);
	EXPECT_EQ(cpus_in("present"), cpus_in("possible"));
	EXPECT_STR(read_file("/sys/devices/system/cpu/isolated", buf,
			     sizeof(buf)), "\n");
	for (int cpu = 0; cpu < cpus; cpu++) {
		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d",
			 cpu);
		OK(access(path, F_OK));
		strcat(path, "/online");
		if (cpu == 0)
			EXPECT_ERR(access(path, F_OK), ENOENT);
		else
			EXPECT_STR(read_file(path, buf, sizeof(buf)), "1\n");
	}
	OK(umount("/sys"));
	OK(rmdir("/sys"));
}

/* What a monitor does twice, to draw a bar from the difference. */
static void read_cpu_times(const char *name, unsigned long *times)
{
	char buf[65536], *line = buf;
	size_t len = strlen(name);

	read_file("/proc/stat", buf, sizeof(buf));
	while (strncmp(line, name, len) != 0 || line[len] != ' ') {
		line = strchr(line, '\n');
		EXPECT(line);
		line++;
	}
	EXPECT_EQ(sscanf(line + len, "%lu %lu %lu %lu %lu %lu %lu %lu %lu %lu\n",
			 &times[0], &times[1], &times[2], &times[3], &times[4],
			 &times[5], &times[6], &times[7], &times[8],
			 &times[9]), 10);
}

TEST(stat_says_what_cpus_did)
{
	unsigned long before[10], after[10];

	run_on(0, 0);
	OK(setpriority(PRIO_PROCESS, 0, 1));
	read_cpu_times("cpu0", before);
	/* What a loop in user mode uses is nice time, sooner or later. */
	do {
		for (volatile int i = 0; i < 1000000; i++)
			;
		read_cpu_times("cpu0", after);
	} while (after[1] - before[1] < 10);
	for (int i = 0; i < 10; i++)
		EXPECT(after[i] >= before[i]);
	/* The first line is the sum of all, and read a moment later. */
	read_cpu_times("cpu", before);
	for (int i = 0; i < 3; i++)
		EXPECT(before[i] >= after[i]);
}

TEST(loadavg_has_five_words)
{
	char buf[128], again[128];
	double loads[3], info;
	int running, all, last;
	struct sysinfo si;

	read_file("/proc/loadavg", buf, sizeof(buf));
	EXPECT_EQ(sscanf(buf, "%lf %lf %lf %d/%d %d", &loads[0], &loads[1],
			 &loads[2], &running, &all, &last), 6);
	snprintf(again, sizeof(again), "%.2f %.2f %.2f %d/%d %d\n", loads[0],
		 loads[1], loads[2], running, all, last);
	EXPECT_STR(buf, again);
	EXPECT(running >= 1 && all >= running);
	OK(sysinfo(&si));
	/* Five seconds may end between the two. */
	info = si.loads[1] / 65536.0;
	EXPECT(info - loads[1] < 0.2 && loads[1] - info < 0.2);
	EXPECT(getloadavg(loads, 3) == 3);
}

TEST(schedstat_has_a_line_for_each_cpu)
{
	unsigned long n[9], cpus = 0;
	char buf[65536], *line;

	read_file("/proc/schedstat", buf, sizeof(buf));
	for (line = buf; (line = strstr(line, "\ncpu")); line++) {
		unsigned long cpu;

		EXPECT_EQ(sscanf(line, "\ncpu%lu %lu %lu %lu %lu %lu %lu %lu "
				 "%lu %lu\n", &cpu, &n[0], &n[1], &n[2],
				 &n[3], &n[4], &n[5], &n[6], &n[7], &n[8]), 10);
		EXPECT_EQ(cpu, cpus);
		cpus++;
		EXPECT(n[6] > 0 && n[8] > 0);
	}
	EXPECT_EQ(cpus, online_cpus());
}
