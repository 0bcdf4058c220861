/*
 * What the kernel tells about itself and keeps for a process: uname, sysinfo,
 * random numbers, prctl, arch_prctl, CPU numbers, the log, odd small calls.
 */
#include "test.h"

#include <asm/prctl.h>
#include <sched.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

TEST(uname_fields)
{
	struct utsname u;

	OK(uname(&u));
	EXPECT_STR(u.sysname, "Linux");
	EXPECT_STR(u.machine, "x86_64");
	EXPECT(strncmp(u.release, "6.1.", 4) == 0);
	EXPECT(u.version[0] == '#');
	EXPECT_ERR(syscall(SYS_uname, 8L), EFAULT);
}

TEST(host_names)
{
	struct utsname old, u;
	pid_t pid;

	OK(uname(&old));
	OK(sethostname("a-name", 6));
	OK(uname(&u));
	EXPECT_STR(u.nodename, "a-name");
	OK(setdomainname("dom", 3));
	OK(uname(&u));
	EXPECT_STR(u.domainname, "dom");
	EXPECT_ERR(sethostname("x", 65), EINVAL);
	EXPECT_ERR(sethostname("x", -1), EINVAL);
	EXPECT_ERR(syscall(SYS_sethostname, 8L, 5), EFAULT);
	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(sethostname("b", 1), EPERM);
	}
	EXPECT_EXIT(pid, 0);
	OK(sethostname(old.nodename, strlen(old.nodename)));
	OK(setdomainname(old.domainname, strlen(old.domainname)));
}

TEST(sysinfo_agrees_with_proc)
{
	struct sysinfo si;

	OK(sysinfo(&si));
	unsigned long kib = si.totalram / 1024 * si.mem_unit;
	EXPECT_EQ(proc_number("/proc/meminfo", "MemTotal:"), kib);
	EXPECT(si.freeram <= si.totalram);
	EXPECT(si.procs >= 2);
	EXPECT(si.uptime >= 0);
	EXPECT_EQ(si.totalswap, 0);
	EXPECT_ERR(syscall(SYS_sysinfo, 8L), EFAULT);
}

TEST(getrandom_forms)
{
	unsigned char a[64], b[64];
	static char big[1 << 20];
	int zeros = 0;

	EXPECT_EQ(getrandom(a, sizeof(a), 0), 64);
	EXPECT_EQ(getrandom(b, sizeof(b), 0), 64);
	EXPECT(memcmp(a, b, 64) != 0);
	EXPECT_EQ(getrandom(big, sizeof(big), 0), sizeof(big));
	for (size_t i = 0; i < sizeof(big); i++)
		zeros += big[i] == 0;
	EXPECT(zeros > 2000 && zeros < 8000);
	EXPECT_EQ(getrandom(a, 0, 0), 0);
	OK(getrandom(a, 8, GRND_NONBLOCK));
	EXPECT_ERR(getrandom(a, 8, 0x100), EINVAL);
	EXPECT_ERR(syscall(SYS_getrandom, 8L, 8, 0), EFAULT);
}

TEST(children_do_not_repeat_random_numbers)
{
	unsigned char a[16], b[16];
	int fds[2];
	pid_t pid;

	OK(pipe(fds));
	IN_CHILD(pid) {
		EXPECT_EQ(getrandom(a, 16, 0), 16);
		EXPECT_EQ(write(fds[1], a, 16), 16);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(getrandom(a, 16, 0), 16);
	EXPECT_EQ(read(fds[0], b, 16), 16);
	EXPECT(memcmp(a, b, 16) != 0);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(prctl_names)
{
	char name[17] = "";
	char comm[32];
	pid_t pid;

	OK(prctl(PR_SET_NAME, "a name longer than fifteen"));
	OK(prctl(PR_GET_NAME, name));
	EXPECT_STR(name, "a name longer t");
	read_file("/proc/self/comm", comm, sizeof(comm));
	EXPECT_STR(comm, "a name longer t\n");
	IN_CHILD(pid) {
		OK(prctl(PR_GET_NAME, name));
		EXPECT_STR(name, "a name longer t");
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_ERR(prctl(PR_SET_NAME, 8L), EFAULT);
	EXPECT_ERR(prctl(PR_GET_NAME, 8L), EFAULT);
	EXPECT_ERR(prctl(99999, 0, 0, 0, 0), EINVAL);
}

TEST(prctl_dumpable_and_pdeathsig)
{
	int sig;

	EXPECT_EQ(prctl(PR_GET_DUMPABLE), 1);
	OK(prctl(PR_SET_DUMPABLE, 0));
	EXPECT_EQ(prctl(PR_GET_DUMPABLE), 0);
	EXPECT_ERR(prctl(PR_SET_DUMPABLE, 7), EINVAL);
	EXPECT_ERR(prctl(PR_SET_PDEATHSIG, 99), EINVAL);
	OK(prctl(PR_GET_PDEATHSIG, &sig));
	EXPECT_EQ(sig, 0);
}

TEST(child_subreaper)
{
	struct event orphaned;
	pid_t me = getpid(), pid, orphan;
	int fds[2];

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 && running_on_keel())
		SKIP("subreapers come later");
	event_init(&orphaned);
	OK(pipe(fds));
	IN_CHILD(pid) {
		IN_CHILD(orphan) {
			event_wait(&orphaned);
			EXPECT_EQ(getppid(), me);
		}
		EXPECT_EQ(write(fds[1], &orphan, sizeof(orphan)),
			  sizeof(orphan));
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(read(fds[0], &orphan, sizeof(orphan)), sizeof(orphan));
	event_signal(&orphaned);
	EXPECT_EXIT(orphan, 0);
	event_close(&orphaned);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(arch_prctl_bases)
{
	unsigned long fs, gs, value;
	static unsigned long area[4] = { 0x1111, 0x2222 };

	OK(syscall(SYS_arch_prctl, ARCH_GET_FS, &fs));
	EXPECT(fs != 0);				/* the library's TLS */
	OK(syscall(SYS_arch_prctl, ARCH_SET_GS, area));
	OK(syscall(SYS_arch_prctl, ARCH_GET_GS, &gs));
	EXPECT_EQ(gs, (long)area);
	asm volatile("mov %%gs:8, %0" : "=r"(value));
	EXPECT_EQ(value, 0x2222);
	getppid();
	usleep(1000);
	asm volatile("mov %%gs:0, %0" : "=r"(value));
	EXPECT_EQ(value, 0x1111);
	EXPECT_ERR(syscall(SYS_arch_prctl, ARCH_SET_GS, 1UL << 47), EPERM);
	EXPECT_ERR(syscall(SYS_arch_prctl, ARCH_SET_FS, -1UL), EPERM);
	EXPECT_ERR(syscall(SYS_arch_prctl, 0x7777, 0), EINVAL);
	EXPECT_ERR(syscall(SYS_arch_prctl, ARCH_GET_GS, 8L), EFAULT);
	OK(syscall(SYS_arch_prctl, ARCH_SET_GS, 0));
}

TEST(gs_base_is_private_to_each_process)
{
	static unsigned long mine[1] = { 0xaaaa }, other[1] = { 0xbbbb };
	unsigned long value;
	pid_t pid;

	OK(syscall(SYS_arch_prctl, ARCH_SET_GS, mine));
	IN_CHILD(pid) {
		asm volatile("mov %%gs:0, %0" : "=r"(value));
		EXPECT_EQ(value, 0xaaaa);		/* inherited */
		OK(syscall(SYS_arch_prctl, ARCH_SET_GS, other));
		for (int i = 0; i < 100; i++) {
			sched_yield();
			asm volatile("mov %%gs:0, %0" : "=r"(value));
			EXPECT_EQ(value, 0xbbbb);
		}
	}
	for (int i = 0; i < 100; i++) {
		sched_yield();
		asm volatile("mov %%gs:0, %0" : "=r"(value));
		EXPECT_EQ(value, 0xaaaa);
	}
	EXPECT_EXIT(pid, 0);
}

/* FPU registers belong to a process, whoever else computes meanwhile. */
TEST(fpu_state_is_private_to_each_process)
{
	pid_t pids[4];

	for (int w = 0; w < 4; w++)
		IN_CHILD(pids[w]) {
			double x = w + 0.5, y;
			unsigned csr = 0x1f80 | w << 13, got;
			for (int i = 0; i < 2000; i++) {
				asm volatile("ldmxcsr %3\n\t"
					     "movsd %2, %%xmm9\n\t"
					     "mov $24, %%eax\n\tsyscall\n\t"
					     "movsd %%xmm9, %0\n\t"
					     "stmxcsr %1"
					     : "=m"(y), "=m"(got)
					     : "m"(x), "m"(csr)
					     : "rax", "rcx", "r11", "xmm9",
					     "memory");
				EXPECT(y == x);
				EXPECT_EQ(got & 0x7fc0, csr & 0x7fc0);
			}
		}
	for (int w = 0; w < 4; w++)
		EXPECT_EXIT(pids[w], 0);
}

TEST(fpu_state_starts_clean_and_is_inherited)
{
	unsigned csr = 0x3f80, got;
	unsigned short cw;
	pid_t pid;

	asm volatile("stmxcsr %0" : "=m"(got));
	EXPECT_EQ(got & 0xffc0, 0x1f80);
	asm volatile("fnstcw %0" : "=m"(cw));
	EXPECT_EQ(cw, 0x37f);
	asm volatile("ldmxcsr %0" :: "m"(csr));
	IN_CHILD(pid) {
		asm volatile("stmxcsr %0" : "=m"(got));
		EXPECT_EQ(got & 0xffc0, 0x3f80);
	}
	EXPECT_EXIT(pid, 0);
	csr = 0x1f80;
	asm volatile("ldmxcsr %0" :: "m"(csr));
}

TEST(affinity_and_cpu_numbers)
{
	cpu_set_t set, one;
	unsigned cpu, node;
	int count;

	CPU_ZERO(&set);
	EXPECT(syscall(SYS_sched_getaffinity, 0, sizeof(set), &set) > 0);
	count = CPU_COUNT(&set);
	EXPECT_EQ(count, get_nprocs());
	OK(syscall(SYS_getcpu, &cpu, &node, NULL));
	EXPECT((int)cpu < count);
	for (int i = 0; i < count; i++) {
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		OK(sched_setaffinity(0, sizeof(one), &one));
		OK(syscall(SYS_getcpu, &cpu, NULL, NULL));
		EXPECT_EQ(cpu, i);
	}
	CPU_ZERO(&one);
	EXPECT_ERR(sched_setaffinity(0, sizeof(one), &one), EINVAL);
	OK(sched_setaffinity(0, sizeof(set), &set));
	EXPECT_ERR(sched_setaffinity(99999999, sizeof(set), &set), ESRCH);
	EXPECT_ERR(syscall(SYS_sched_getaffinity, 0, 1, &set), EINVAL);
}

TEST(sched_yield_and_policies)
{
	OK(sched_yield());
	EXPECT_EQ(sched_getscheduler(0), SCHED_OTHER);
	EXPECT_EQ(sched_get_priority_max(SCHED_FIFO), 99);
	EXPECT_EQ(sched_get_priority_min(SCHED_FIFO), 1);
	EXPECT_EQ(sched_get_priority_max(SCHED_OTHER), 0);
	EXPECT_ERR(sched_get_priority_max(77), EINVAL);
}

TEST(kernel_log_can_be_read)
{
	static char buf[1 << 17];
	int size = OK(klogctl(10, NULL, 0));		/* SIZE_BUFFER */

	EXPECT(size >= 4096);
	int len = OK(klogctl(3, buf, sizeof(buf) - 1));	/* READ_ALL */
	EXPECT(len > 100);
	EXPECT_EQ(buf[0], '<');
	EXPECT_ERR(klogctl(99, NULL, 0), EINVAL);
	/* Room for a line at least, or there is nothing to be copied. */
	EXPECT_ERR(syscall(SYS_syslog, 3, 8L, 4096), EFAULT);
}

TEST(kmsg_takes_and_gives_records)
{
	char rec[4096], mark[64];
	int fd = OK(open("/dev/kmsg", O_RDWR | O_NONBLOCK));
	int seen = 0;
	ssize_t n;

	snprintf(mark, sizeof(mark), "<6>guest test %d was here\n", getpid());
	EXPECT_EQ(write(fd, mark, strlen(mark)), strlen(mark));
	while ((n = read(fd, rec, sizeof(rec) - 1)) > 0) {
		rec[n] = '\0';
		unsigned prio;
		unsigned long long seq, us;
		EXPECT_EQ(sscanf(rec, "%u,%llu,%llu,", &prio, &seq, &us), 3);
		seen += strstr(rec, mark + 3) != NULL;
	}
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_EQ(seen, 1);
	OK(lseek(fd, 0, SEEK_END));
	EXPECT_ERR(read(fd, rec, sizeof(rec)), EAGAIN);
	OK(close(fd));
}

TEST(reboot_needs_magic_and_privilege)
{
	pid_t pid;

	EXPECT_ERR(syscall(SYS_reboot, 1, 2, 3, 0), EINVAL);
	EXPECT_ERR(syscall(SYS_reboot, 0xfee1dead, 672274793, 0x77, 0),
		   EINVAL);
	OK(syscall(SYS_reboot, 0xfee1dead, 672274793, 0, 0));	/* CAD off */
	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(syscall(SYS_reboot, 0xfee1dead, 672274793,
				   0x4321fedc, 0), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(capabilities_of_root_and_others)
{
	struct { uint32_t version; int pid; } head = { 0x20080522, 0 };
	struct { uint32_t eff, perm, inh; } data[2];
	pid_t pid;

	OK(syscall(SYS_capget, &head, data));
	EXPECT_EQ(data[0].eff, 0xffffffff);
	IN_CHILD(pid) {
		become_user(1000, 1000);
		OK(syscall(SYS_capget, &head, data));
		EXPECT_EQ(data[0].eff, 0);
		EXPECT_EQ(data[0].perm, 0);
	}
	EXPECT_EXIT(pid, 0);
	head.version = 1;
	EXPECT_ERR(syscall(SYS_capget, &head, data), EINVAL);
	EXPECT_EQ(head.version, 0x20080522);
}
