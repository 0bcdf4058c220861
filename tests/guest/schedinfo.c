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

#define TOPOLOGY	"sys/devices/system/cpu/cpu%d/topology/%s"

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

static void read_topology(int cpu, const char *file, char *buf, size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), TOPOLOGY, cpu, file);
	read_file(path, buf, size);
}

static int topology_number(int cpu, const char *file)
{
	char buf[64];
	int nr;

	read_topology(cpu, file, buf, sizeof(buf));
	EXPECT_EQ(sscanf(buf, "%d", &nr), 1);
	return nr;
}

/* The first 32 CPUs of a mask, which has a list beside it of as many. */
static unsigned int topology_mask(int cpu, const char *file)
{
	char buf[256], list[64], *last;
	unsigned int mask;

	read_topology(cpu, file, buf, sizeof(buf));
	last = strrchr(buf, ',');
	EXPECT_EQ(sscanf(last ? last + 1 : buf, "%x", &mask), 1);
	EXPECT(mask >> cpu & 1);
	snprintf(list, sizeof(list), "%s_list", file);
	read_topology(cpu, list, buf, sizeof(buf));
	EXPECT_EQ(count_cpus(buf), __builtin_popcount(mask));
	return mask;
}

/* Of each two CPUs: one core or package if the numbers say so. */
static void compare_places(int a, int b)
{
	bool one_package = topology_number(a, "physical_package_id") ==
			   topology_number(b, "physical_package_id");
	bool one_core = topology_number(a, "core_id") ==
			topology_number(b, "core_id");

	EXPECT_EQ(topology_mask(a, "package_cpus") >> b & 1, one_package);
	EXPECT_EQ(topology_mask(a, "core_cpus") >> b & 1,
		  one_package && one_core);
}

TEST(cpus_have_a_topology)
{
	int cpus = online_cpus();
	char buf[128];

	OK(mkdir("sys", 0755));
	OK(mount("sysfs", "sys", "sysfs", 0, NULL));
	for (int cpu = 0; cpu < cpus; cpu++) {
		unsigned int core = topology_mask(cpu, "core_cpus");
		unsigned int package = topology_mask(cpu, "package_cpus");
		unsigned int cluster = topology_mask(cpu, "cluster_cpus");

		EXPECT_EQ(topology_mask(cpu, "thread_siblings"), core);
		EXPECT_EQ(topology_mask(cpu, "core_siblings"), package);
		EXPECT_EQ(topology_mask(cpu, "die_cpus"), package);
		EXPECT_EQ(core & ~cluster, 0);
		EXPECT_EQ(cluster & ~package, 0);
		EXPECT(topology_number(cpu, "die_id") >= 0);
		EXPECT(topology_number(cpu, "cluster_id") >= 0);
		for (int other = 0; other < cpus; other++)
			compare_places(cpu, other);
	}
	read_file("sys/devices/system/cpu/offline", buf, sizeof(buf));
	EXPECT(strchr(buf, '\n'));
	OK(umount("sys"));
}

/* The value of @key in the paragraph of CPU @cpu, or -1. */
static int cpuinfo_number(const char *text, int cpu, const char *key)
{
	char line[32];
	const char *at;

	snprintf(line, sizeof(line), "processor\t: %d\n", cpu);
	at = strstr(text, line);
	at = at ? strstr(at, key) : NULL;
	return at ? atoi(strchr(at, ':') + 1) : -1;
}

static int nr_cores(int cpu, int cpus)
{
	unsigned int package = topology_mask(cpu, "package_cpus");
	int nr = 0;

	for (int i = 0; i < cpus; i++)
		if (package >> i & 1)
			nr += __builtin_ctz(topology_mask(i, "core_cpus")) == i;
	return nr;
}

TEST(cpuinfo_says_where_cpus_are)
{
	static char text[65536];
	int cpus = online_cpus();

	OK(mkdir("sys", 0755));
	OK(mount("sysfs", "sys", "sysfs", 0, NULL));
	read_file("/proc/cpuinfo", text, sizeof(text));
	if (cpus == 1 && !strstr(text, "physical id"))
		cpus = 0;	/* nothing to tell apart */
	for (int cpu = 0; cpu < cpus; cpu++) {
		unsigned int package = topology_mask(cpu, "package_cpus");

		EXPECT_EQ(cpuinfo_number(text, cpu, "physical id"),
			  topology_number(cpu, "physical_package_id"));
		EXPECT_EQ(cpuinfo_number(text, cpu, "core id"),
			  topology_number(cpu, "core_id"));
		EXPECT_EQ(cpuinfo_number(text, cpu, "siblings"),
			  __builtin_popcount(package));
		EXPECT_EQ(cpuinfo_number(text, cpu, "cpu cores"),
			  nr_cores(cpu, cpus));
		EXPECT_EQ(cpuinfo_number(text, cpu, "apicid"),
			  cpuinfo_number(text, cpu, "initial apicid"));
	}
	OK(umount("sys"));
}

/* ---- CPUs, as C libraries and monitors count them ---- */

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
