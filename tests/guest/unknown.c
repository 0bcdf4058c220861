/*
 * System call numbers that do not exist, and every number with every kind of
 * bad pointer. The kernel may answer what it likes, as long as it answers.
 */
#include "test.h"

#include <sys/mman.h>
#include <sys/time.h>

#define PAGE 4096UL

TEST(unknown_numbers_are_enosys)
{
	static const long numbers[] = {
		335, 400, 423, 470, 511, 512, 600, 1000, 4096, 65536,
		0x3fffffff, 0x40000000, 0x40000001, 0x7fffffff, 0x80000000,
		-1, -2, -4096, INT64_MAX, 0xffffffff00000200,
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		EXPECT_ERR(syscall(numbers[i], 0, 0, 0, 0, 0, 0), ENOSYS);
}

/* On Linux only the low half of rax is the number. */
TEST(the_number_is_an_int)
{
	long ret;

	asm volatile("syscall" : "=a"(ret)
		     : "a"(0xffffffff00000000UL | SYS_getpid)
		     : "rcx", "r11", "memory");
	EXPECT(ret == getpid() || ret == -ENOSYS);
}

/* ---- every number ---- */

/* Those whose work is to end or block the caller, or the machine. */
static bool spared(int nr)
{
	static const short list[] = {
		SYS_fork, SYS_vfork, SYS_clone, 435 /* clone3 */, SYS_exit,
		SYS_exit_group, SYS_pause, SYS_reboot, SYS_kexec_load,
		SYS_kexec_file_load, SYS_kill, SYS_tkill, SYS_tgkill,
		SYS_vhangup, SYS_rt_sigsuspend, SYS_init_module,
		SYS_delete_module, SYS_swapon, SYS_swapoff, SYS_rt_sigreturn,
		SYS_pivot_root, SYS_settimeofday, SYS_clock_settime,
		SYS_adjtimex, SYS_clock_adjtime, SYS_syslog, SYS_sethostname,
		SYS_setdomainname,
	};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		if (list[i] == nr)
			return true;
	return false;
}

static void six(int nr, long a, long b, long c, long d, long e, long f)
{
	syscall(nr, a, b, c, d, e, f);
}

/* One number with all shapes of arguments, in a child of its own. */
static void try_number(int nr, const long *bad, int count, long good)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	for (int i = 0; i < count; i++) {
		long p = bad[i];
		six(nr, p, p, p, p, p, p);
		six(nr, fd, p, p, p, p, p);
		six(nr, fd, p, 64, p, p, p);
		six(nr, fd, good, p, p, p, p);
		six(nr, good, p, p, p, p, p);
		six(nr, good, good, p, p, p, p);
		six(nr, AT_FDCWD, good, p, p, p, p);
		six(nr, AT_FDCWD, p, good, p, p, p);
		six(nr, 0, p, 0, p, 0, p);
		six(nr, p, 1, p, 1, p, 1);
	}
	_exit(0);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* Wait for a child, but kill it when it blocks. */
static void wait_or_kill(pid_t pid)
{
	struct itimerval soon = { { 0, 300000 }, { 0, 300000 } }, off = { 0 };
	struct sigaction sa = { .sa_handler = on_alarm };

	OK(sigaction(SIGALRM, &sa, NULL));
	OK(setitimer(ITIMER_REAL, &soon, NULL));
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		kill(pid, SIGKILL);
	OK(setitimer(ITIMER_REAL, &off, NULL));
}

static void every_number(uid_t uid)
{
	char *mem = OK(mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	char *canary = malloc(PAGE);

	strcpy(mem, "file");
	OK(mprotect(mem + PAGE, PAGE, PROT_NONE));
	OK(mprotect(mem + 3 * PAGE, PAGE, PROT_READ));
	memset(canary, 0x5a, PAGE);
	const long bad[] = {
		0, 8, (long)mem + PAGE - 3, (long)mem + PAGE,
		(long)mem + 3 * PAGE, (long)mem + 4 * PAGE - 1,
		0x7ffffffff000, 0x7fffffffffff, 0x800000000000,
		(long)0x8000000000000000, (long)0xffff7fffffffffff,
		(long)0xffff888000000000, (long)0xffff888000100000,
		(long)0xffffc90000000000, (long)0xffffea0000000000,
		(long)0xffffffff80000000, (long)0xffffffff81000000,
		(long)0xffffffffff5fd000, (long)0xfffffffffffff000, -1,
	};

	OK(chmod(".", 0777));
	for (int nr = 0; nr < 452; nr++) {
		if (spared(nr))
			continue;
		pid_t pid = OK(fork());
		if (pid == 0) {
			setsid();
			if (uid)
				become_user(uid, uid);
			try_number(nr, bad, ARRAY_SIZE(bad), (long)mem);
		}
		wait_or_kill(pid);
	}
	reap_all();
	for (size_t i = 0; i < PAGE; i++)
		EXPECT_EQ(canary[i], 0x5a);
	EXPECT_STR(mem, "file");
	OK(munmap(mem, 4 * PAGE));
	free(canary);
}

TEST_SECONDS(every_call_with_bad_pointers_as_root, 300)
{
	every_number(0);
}

TEST_SECONDS(every_call_with_bad_pointers_as_user, 300)
{
	every_number(1000);
}

/* ---- random numbers and arguments ---- */

static unsigned long seed;

static unsigned long rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static long random_argument(long good)
{
	switch (rnd() % 8) {
	case 0: return rnd() % 8;
	case 1: return rnd() % 5000;
	case 2: return good + rnd() % 8000;
	case 3: return -(long)(rnd() % 300);
	case 4: return 1L << rnd() % 64;
	case 5: return 0xffffffff80000000L + rnd() % (1 << 24);
	case 6: return good;
	default: return rnd();
	}
}

TEST_SECONDS(random_calls_as_user, 300)
{
	char *mem = OK(mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	strcpy(mem, "file");
	OK(chmod(".", 0777));
	for (int round = 1; round <= 100; round++) {
		pid_t pid = OK(fork());
		if (pid == 0) {
			setsid();
			become_user(1000, 1000);
			seed = round * 0x9e3779b97f4a7c15UL;
			for (int i = 0; i < 200; i++) {
				int nr = rnd() % 452;
				if (spared(nr))
					continue;
				long a[6];
				for (int k = 0; k < 6; k++)
					a[k] = random_argument((long)mem);
				six(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
			}
			_exit(0);
		}
		wait_or_kill(pid);
	}
	kill(-1, 0);
	OK(munmap(mem, 4 * PAGE));
}
