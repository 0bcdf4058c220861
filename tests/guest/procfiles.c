/* /proc/<pid>: the files that only few programs ask for. */
#include "proctools.h"

#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>

#define PAGE	4096UL

static pid_t a_zombie(void)
{
	siginfo_t info;
	pid_t pid;

	IN_CHILD(pid)
		;
	OK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	return pid;
}

/* A write in one piece to /proc/self/@name: its result, and errno. */
static ssize_t put(const char *name, const char *bytes)
{
	int fd = OK(open(of(getpid(), name), O_WRONLY));
	ssize_t n = write(fd, bytes, strlen(bytes));
	int err = errno;

	OK(close(fd));
	errno = err;
	return n;
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	OK(stat(path, &st));
	return st.st_mode & 07777;
}

TEST(modes_are_known)
{
	static const struct { const char *name; mode_t mode; } files[] = {
		{ "cgroup", 0444 }, { "clear_refs", 0200 },
		{ "gid_map", 0644 }, { "oom_adj", 0644 },
		{ "pagemap", 0400 }, { "projid_map", 0644 },
		{ "setgroups", 0644 }, { "uid_map", 0644 },
	};
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		EXPECT_EQ(mode_of(of(getpid(), files[i].name)), files[i].mode);
		snprintf(path, sizeof(path), "task/%d/%s", getpid(),
			 files[i].name);
		EXPECT_EQ(mode_of(of(getpid(), path)), files[i].mode);
	}
	snprintf(path, sizeof(path), "task/%d/children", getpid());
	EXPECT_EQ(mode_of(of(getpid(), path)), 0444);
	EXPECT_ERR(access(of(getpid(), "children"), F_OK), ENOENT);
}

/* ---- the user namespace ---- */

TEST(ids_are_what_they_are)
{
	static const char *const maps[] = { "uid_map", "gid_map",
					    "projid_map" };
	pid_t zombie = a_zombie();

	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		EXPECT_STR(slurp(of(getpid(), maps[i])),
			   "         0          0 4294967295\n");
		EXPECT_STR(slurp(of(zombie, maps[i])),
			   "         0          0 4294967295\n");
		EXPECT_STR(slurp(of(2, maps[i])),
			   "         0          0 4294967295\n");
		EXPECT_ERR(put(maps[i], "0 0 1"), EPERM);
		EXPECT_ERR(put(maps[i], "x"), EPERM);
	}
	EXPECT_EXIT(zombie, 0);
}

TEST(setgroups_is_allowed)
{
	pid_t pid;

	EXPECT_STR(slurp("/proc/self/setgroups"), "allow\n");
	EXPECT_EQ(put("setgroups", "allow"), 5);
	EXPECT_EQ(put("setgroups", "allow\n"), 6);
	EXPECT_ERR(put("setgroups", "deny"), EPERM);
	EXPECT_ERR(put("setgroups", "deny\n"), EPERM);
	EXPECT_ERR(put("setgroups", "allowed"), EINVAL);
	EXPECT_ERR(put("setgroups", "x"), EINVAL);
	EXPECT_ERR(put("setgroups", "allow    "), EINVAL);
	EXPECT_STR(slurp("/proc/self/setgroups"), "allow\n");
	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(open("/proc/self/setgroups", O_WRONLY), EACCES);
		EXPECT_STR(slurp("/proc/self/setgroups"), "allow\n");
	}
	EXPECT_EXIT(pid, 0);
}

/* Of hierarchies there are none until one is mounted. */
TEST(no_control_groups)
{
	EXPECT_STR(slurp("/proc/self/cgroup"), "");
}

/* ---- tasks ---- */

TEST(children_of_a_thread)
{
	char path[64], want[64];
	pid_t first, second, zombie;
	struct event end;

	event_init(&end);
	snprintf(path, sizeof(path), "task/%d/children", getpid());
	EXPECT_STR(slurp(of(getpid(), path)), "");
	IN_CHILD(first)
		event_wait(&end);
	IN_CHILD(second)
		event_wait(&end);
	zombie = a_zombie();
	snprintf(want, sizeof(want), "%d %d %d ", first, second, zombie);
	EXPECT_STR(slurp(of(getpid(), path)), want);
	EXPECT_EXIT(zombie, 0);
	event_signal(&end);
	event_signal(&end);
	EXPECT_EXIT(first, 0);
	EXPECT_EXIT(second, 0);
	EXPECT_STR(slurp(of(getpid(), path)), "");
	event_close(&end);
}

TEST(syscall_of_those_that_make_none)
{
	pid_t zombie = a_zombie();

	EXPECT_STR(slurp(of(zombie, "syscall")), "-1 0x0 0x0\n");
	EXPECT_STR(slurp("/proc/2/syscall"),
		   "0 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n");
	EXPECT_EXIT(zombie, 0);
}

static unsigned int flags_of(pid_t pid)
{
	unsigned int flags;

	slurp(of(pid, "stat"));
	EXPECT_EQ(sscanf(strrchr(text, ')'), ") %*c %*d %*d %*d %*d %*d %u",
			 &flags), 1);
	return flags;
}

#define ABI_FORKNOEXEC	0x00000040
#define ABI_NOFREEZE	0x00008000
#define ABI_KTHREAD	0x00200000
#define ABI_RANDOMIZE	0x00400000

HELPER(show_randomize)
{
	return flags_of(getpid()) & ABI_RANDOMIZE ? 1 : 2;
}

TEST(flags_tell_where_it_was_loaded)
{
	char *argv[] = { HELPER_ARGV("show_randomize"), NULL };
	pid_t pid;

	EXPECT_EQ(flags_of(2) & ABI_KTHREAD, ABI_KTHREAD);
	EXPECT_EQ(flags_of(2) & ABI_NOFREEZE, ABI_NOFREEZE);
	EXPECT_EQ(flags_of(2) & ABI_FORKNOEXEC, ABI_FORKNOEXEC);
	EXPECT_EQ(flags_of(2) & ABI_RANDOMIZE, 0);
	EXPECT_EQ(flags_of(getpid()) & (ABI_KTHREAD | ABI_NOFREEZE), 0);
	IN_CHILD(pid)
		OK(execv(SELF, argv));
	EXPECT_EXIT(pid, 1);
	IN_CHILD(pid) {
		EXPECT_EQ(flags_of(getpid()) & ABI_RANDOMIZE, ABI_RANDOMIZE);
		OK(personality(ADDR_NO_RANDOMIZE));
		EXPECT_EQ(flags_of(getpid()) & ABI_RANDOMIZE, ABI_RANDOMIZE);
		OK(execv(SELF, argv));
	}
	EXPECT_EXIT(pid, 2);
}

/* ---- oom_adj, from when it had 32 steps ---- */

static int adjusted(const char *to)
{
	EXPECT_EQ(put("oom_adj", to), strlen(to));
	slurp("/proc/self/oom_score_adj");
	return atoi(text);
}

TEST(oom_adj_is_scaled)
{
	pid_t pid;

	IN_CHILD(pid) {
		EXPECT_STR(slurp("/proc/self/oom_adj"), "0\n");
		EXPECT_EQ(adjusted("15"), 1000);
		EXPECT_STR(slurp("/proc/self/oom_adj"), "15\n");
		EXPECT_EQ(adjusted("-16\n"), -941);
		EXPECT_STR(slurp("/proc/self/oom_adj"), "-15\n");
		EXPECT_EQ(adjusted("-17"), -1000);
		EXPECT_STR(slurp("/proc/self/oom_adj"), "-17\n");
		EXPECT_EQ(adjusted("14"), 823);
		EXPECT_STR(slurp("/proc/self/oom_adj"), "13\n");
		EXPECT_ERR(put("oom_adj", "16"), EINVAL);
		EXPECT_ERR(put("oom_adj", "-18"), EINVAL);
		EXPECT_ERR(put("oom_adj", "x"), EINVAL);
		become_user(1000, 1000);
		OK(prctl(PR_SET_DUMPABLE, 1));
		EXPECT_ERR(put("oom_adj", "13"), EACCES);
		EXPECT_EQ(adjusted("15"), 1000);
		EXPECT_ERR(put("oom_adj", "14"), EACCES);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- pagemap ---- */

#define PM_PRESENT	(1UL << 63)
#define PM_SWAP		(1UL << 62)
#define PM_FILE		(1UL << 61)
#define PM_EXCLUSIVE	(1UL << 56)
#define PM_PFN		((1UL << 55) - 1)

static uint64_t entry_of(const volatile void *addr)
{
	int fd = OK(open("/proc/self/pagemap", O_RDONLY));
	uint64_t entry;

	EXPECT_EQ(pread(fd, &entry, 8, (uintptr_t)addr / PAGE * 8), 8);
	OK(close(fd));
	return entry;
}

TEST(pagemap_tells_what_is_there)
{
	volatile char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile char *q = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct event end;
	pid_t pid;

	EXPECT(p != MAP_FAILED && q != MAP_FAILED);
	event_init(&end);
	p[0] = q[0] = 1;
	EXPECT_EQ(entry_of(p) & (PM_PRESENT | PM_SWAP | PM_FILE),
		  PM_PRESENT);
	EXPECT_EQ(entry_of(p) & PM_EXCLUSIVE, PM_EXCLUSIVE);
	EXPECT((entry_of(p) & PM_PFN) != 0);
	EXPECT_EQ(entry_of(p + PAGE) & ~(1UL << 55), 0);
	EXPECT_EQ(entry_of(q) & (PM_PRESENT | PM_FILE | PM_EXCLUSIVE),
		  PM_PRESENT | PM_FILE | PM_EXCLUSIVE);
	/* Reading makes it the page of zeros, which is nobody's. */
	EXPECT_EQ(p[2 * PAGE], 0);
	EXPECT_EQ(entry_of(p + 2 * PAGE) & (PM_PRESENT | PM_EXCLUSIVE),
		  PM_PRESENT);
	IN_CHILD(pid) {
		EXPECT_EQ(q[0], 1);
		event_wait(&end);
	}
	wait_until_sleeping(pid);
	EXPECT_EQ(entry_of(p) & (PM_PRESENT | PM_EXCLUSIVE), PM_PRESENT);
	EXPECT_EQ(entry_of(q) & (PM_PRESENT | PM_EXCLUSIVE), PM_PRESENT);
	event_signal(&end);
	EXPECT_EXIT(pid, 0);
	/* Where it lies is for the administrator to know. */
	IN_CHILD(pid) {
		EXPECT((entry_of(p) & PM_PFN) != 0);
		become_user(1000, 1000);
		OK(prctl(PR_SET_DUMPABLE, 1));
		EXPECT_EQ(entry_of(p) & PM_PFN, 0);
		EXPECT(entry_of(p) & PM_PRESENT);
	}
	EXPECT_EXIT(pid, 0);
	event_close(&end);
	OK(munmap((void *)p, 4 * PAGE));
	OK(munmap((void *)q, PAGE));
}

TEST(pagemap_is_read_by_eights)
{
	int fd = OK(open("/proc/self/pagemap", O_RDONLY)), kernel;
	char *p = mmap(NULL, 2000 * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	static uint64_t entries[2000];

	EXPECT(p != MAP_FAILED);
	EXPECT_ERR(pread(fd, entries, 7, 0), EINVAL);
	EXPECT_ERR(pread(fd, entries, 12, 0), EINVAL);
	EXPECT_ERR(pread(fd, entries, 8, 4), EINVAL);
	EXPECT_EQ(pread(fd, entries, 0, 0), 0);
	EXPECT_EQ(pread(fd, entries, 16000, (uintptr_t)p / PAGE * 8), 16000);
	for (int i = 0; i < 2000; i++)
		EXPECT(entries[i] & PM_PRESENT);
	EXPECT_ERR(pread(fd, (void *)8, 8, 0), EFAULT);
	/* Behind the last address there is nothing. */
	EXPECT_EQ(pread(fd, entries, 8, (1UL << 56) / PAGE * 8), 0);
	EXPECT_EQ(pread(fd, entries, 8, 1UL << 60), 0);
	OK(close(fd));
	kernel = OK(open("/proc/2/pagemap", O_RDONLY));
	EXPECT_EQ(read(kernel, entries, 8), 0);
	OK(close(kernel));
	OK(munmap(p, 2000 * PAGE));
}

/* ---- clear_refs ---- */

static long referenced(const char *p)
{
	char want[32], *at;
	long kib;

	snprintf(want, sizeof(want), "%lx-", (unsigned long)p);
	at = strstr(slurp("/proc/self/smaps"), want);
	EXPECT(at != NULL);
	EXPECT_EQ(sscanf(strstr(at, "Referenced:"), "Referenced: %ld", &kib),
		  1);
	return kib;
}

TEST(references_can_be_forgotten)
{
	char *p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT(p != MAP_FAILED);
	OK(mprotect(p, PAGE, PROT_NONE));
	OK(mprotect(p + 63 * PAGE, PAGE, PROT_NONE));
	memset(p + PAGE, 1, 62 * PAGE);
	EXPECT_EQ(referenced(p + PAGE), 62 * 4);
	/* Those of files: not these. */
	EXPECT_EQ(put("clear_refs", "3"), 1);
	EXPECT_EQ(referenced(p + PAGE), 62 * 4);
	EXPECT_EQ(put("clear_refs", "2\n"), 2);
	EXPECT_EQ(referenced(p + PAGE), 0);
	OK(munmap(p, 64 * PAGE));
}

TEST(peaks_can_be_forgotten)
{
	enum { LEN = 8 << 20 };
	char *p = mmap(NULL, LEN, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	long before;

	EXPECT(p != MAP_FAILED);
	OK(munmap(p, LEN));
	before = proc_number("/proc/self/status", "VmHWM:");
	EXPECT(before >= LEN >> 10);
	EXPECT_EQ(put("clear_refs", "5"), 1);
	EXPECT(proc_number("/proc/self/status", "VmHWM:") <
	       before - (LEN >> 11));
}

TEST(clear_refs_takes_numbers)
{
	EXPECT_ERR(put("clear_refs", "0"), EINVAL);
	EXPECT_ERR(put("clear_refs", "6"), EINVAL);
	EXPECT_ERR(put("clear_refs", "-1"), EINVAL);
	EXPECT_ERR(put("clear_refs", "1x"), EINVAL);
	EXPECT_EQ(put("clear_refs", " 1 "), 3);
}

/* ---- the machine's ---- */

TEST(stat_counts_softirqs)
{
	unsigned long total, sum = 0, n;
	int used;
	char *at;

	at = strstr(slurp("/proc/stat"), "\nsoftirq ");
	EXPECT(at != NULL);
	EXPECT_EQ(sscanf(at, "\nsoftirq %lu%n", &total, &used), 1);
	at += used;
	for (int i = 0; i < 10; i++) {
		EXPECT_EQ(sscanf(at, " %lu%n", &n, &used), 1);
		at += used;
		sum += n;
	}
	EXPECT_STR(at, "\n");
	EXPECT_EQ(sum, total);
	EXPECT(total > 0);
}

/* All at default: what is logged can be chosen, what there is cannot. */
TEST(seccomp_actions)
{
#define ACTIONS "kill_process kill_thread trap errno user_notif trace log"
#define LOGGED "/proc/sys/kernel/seccomp/actions_logged"
	int fd;

	EXPECT_STR(slurp("/proc/sys/kernel/seccomp/actions_avail"),
		   ACTIONS " allow\n");
	EXPECT_STR(slurp(LOGGED), ACTIONS "\n");
	fd = OK(open(LOGGED, O_WRONLY));
	EXPECT_EQ(pwrite(fd, "errno kill_thread", 17, 0), 17);
	EXPECT_STR(slurp(LOGGED), "kill_thread errno\n");
	EXPECT_ERR(pwrite(fd, "allow", 5, 0), EINVAL);
	EXPECT_ERR(pwrite(fd, "trap foo", 8, 0), EINVAL);
	EXPECT_STR(slurp(LOGGED), "kill_thread errno\n");
	EXPECT_EQ(pwrite(fd, "\n", 1, 0), 1);
	EXPECT_STR(slurp(LOGGED), "\n");
	EXPECT_EQ(pwrite(fd, ACTIONS, strlen(ACTIONS), 0), strlen(ACTIONS));
	EXPECT_STR(slurp(LOGGED), ACTIONS "\n");
	OK(close(fd));
}
