/*
 * personality: old programs' wishes, how they show, and what exec keeps.
 */
#include "test.h"

#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/utsname.h>

static bool is_executable(const void *at)
{
	char line[256];
	bool found = false;
	FILE *f = fopen("/proc/self/maps", "r");

	EXPECT(f);
	while (fgets(line, sizeof(line), f)) {
		unsigned long from, to;
		char mode[8];

		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) == 3 &&
		    (unsigned long)at >= from && (unsigned long)at < to)
			found = mode[2] == 'x';
	}
	fclose(f);
	return found;
}

TEST(read_implies_exec)
{
	char *page;

	OK(personality(READ_IMPLIES_EXEC));
	EXPECT_EQ(personality(0xffffffff), READ_IMPLIES_EXEC);
	page = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	EXPECT(is_executable(page));
	OK(mprotect(page, 4096, PROT_WRITE));
	EXPECT(!is_executable(page));
	OK(mprotect(page, 4096, PROT_READ));
	EXPECT(is_executable(page));
	OK(munmap(page, 4096));
	OK(personality(0));
}

HELPER(personality_is)
{
	return personality(0xffffffff) == strtol(argv[1], NULL, 0) ? 0 : 1;
}

TEST(personality_across_exec)
{
	char *keeps[] = { HELPER_ARGV("personality_is"), "0x40000", NULL };
	char *drops[] = { HELPER_ARGV("personality_is"), "0", NULL };

	OK(personality(ADDR_NO_RANDOMIZE));
	EXPECT_EXIT(spawn(SELF, keeps, NULL), 0);
	OK(personality(READ_IMPLIES_EXEC));
	EXPECT_EXIT(spawn(SELF, drops, NULL), 0);
	OK(personality(0));
}

/* ---- exec ---- */

/* Wishes that change nothing the test programs themselves would notice. */
#define HARMLESS	(ADDR_NO_RANDOMIZE | ADDR_COMPAT_LAYOUT | UNAME26 | \
			 STICKY_TIMEOUTS | WHOLE_SECONDS)

static int after_exec(const char *path, unsigned persona)
{
	char want[16];
	char *argv[] = { HELPER_ARGV("personality_is"), want, NULL };

	snprintf(want, sizeof(want), "%#x", persona);
	return wait_status(spawn(path, argv, NULL));
}

TEST(exec_keeps_all_but_read_implies_exec)
{
	OK(personality(HARMLESS));
	EXPECT_EQ(after_exec(SELF, HARMLESS), 0);
	OK(personality(HARMLESS | READ_IMPLIES_EXEC));
	EXPECT_EQ(after_exec(SELF, HARMLESS), 0);
	OK(personality(MMAP_PAGE_ZERO));
	EXPECT_EQ(after_exec(SELF, MMAP_PAGE_ZERO), 0);
	OK(personality(0));
}

static void copy_self(const char *to, int mode)
{
	char buf[65536];
	ssize_t n;
	int in = OK(open(SELF, O_RDONLY));
	int out = OK(open(to, O_CREAT | O_WRONLY, 0755));

	while ((n = OK(read(in, buf, sizeof(buf)))) > 0)
		EXPECT_EQ(write(out, buf, n), n);
	OK(close(in));
	OK(close(out));
	OK(chmod(to, mode));
}

/* The caller must not choose how a program that gains rights is laid out. */
TEST(gaining_rights_takes_layouts_away)
{
	unsigned persona = HARMLESS | MMAP_PAGE_ZERO;
	pid_t pid;

	copy_self("suid", 04755);
	copy_self("plain", 0755);
	OK(chmod(".", 0755));
	IN_CHILD(pid) {
		become_user(1000, 1000);
		OK(personality(persona));
		EXPECT_EQ(after_exec("./plain", persona), 0);
		EXPECT_EQ(after_exec("./suid", persona &
				     ~(ADDR_NO_RANDOMIZE | MMAP_PAGE_ZERO |
				       ADDR_COMPAT_LAYOUT)), 0);
	}
	EXPECT_EXIT(pid, 0);
	/* The bit decides, even for who has all rights already. */
	OK(personality(persona));
	EXPECT_EQ(after_exec("./suid", UNAME26 | STICKY_TIMEOUTS |
			     WHOLE_SECONDS), 0);
	OK(personality(0));
}

TEST(children_inherit_it)
{
	pid_t pid;

	OK(personality(HARMLESS));
	IN_CHILD(pid) {
		EXPECT_EQ(personality(0xffffffff), HARMLESS);
		OK(personality(0));
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(personality(0xffffffff), HARMLESS);
	EXPECT_EQ(personality(0), HARMLESS);
}

/* ---- layouts ---- */

/* Where things are: a mapping, the heap's end, the stack, the program. */
HELPER(where)
{
	unsigned long at[4] = { (unsigned long)mmap(NULL, 4096, PROT_READ,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
				(unsigned long)sbrk(0),
				(unsigned long)&argc & ~0xfffffUL,
				(unsigned long)&helper_where };

	return write(3, at, sizeof(at)) == sizeof(at) ? 0 : 1;
}

static void ask_where(unsigned long at[4])
{
	char *argv[] = { HELPER_ARGV("where"), NULL };
	int fds[2];
	pid_t pid;

	OK(pipe(fds));
	IN_CHILD(pid) {
		if (fds[1] != 3)
			OK(dup2(fds[1], 3));
		execv(SELF, argv);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(read(fds[0], at, 4 * sizeof(*at)), 4 * sizeof(*at));
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(no_randomize_is_the_same_each_time)
{
	unsigned long first[4], second[4];

	OK(personality(ADDR_NO_RANDOMIZE));
	ask_where(first);
	ask_where(second);
	for (int i = 0; i < 4; i++)
		EXPECT_EQ(first[i], second[i]);
	OK(personality(0));
}

/* From a third of the address space upwards, as it was once. */
TEST(compat_layout_maps_upwards)
{
	unsigned long at[4], task_size = 0x7ffffffff000;

	OK(personality(ADDR_COMPAT_LAYOUT | ADDR_NO_RANDOMIZE));
	ask_where(at);
	EXPECT(at[0] >= task_size / 3 && at[0] < task_size / 3 + (1 << 30));
	OK(personality(ADDR_NO_RANDOMIZE));
	ask_where(at);
	EXPECT(at[0] > task_size / 3 * 2);
	OK(personality(0));
}

/* ---- page 0 ---- */

/* 0: it is there, readable and zero. 1: it is not. */
HELPER(look_at_page_zero)
{
	unsigned long from, to;
	char line[256], mode[8];
	int result = 1;
	FILE *f = fopen("/proc/self/maps", "r");

	if (!f || !fgets(line, sizeof(line), f) ||
	    sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3)
		return 2;
	if (from == 0 && to == 4096 && strcmp(mode, "r-xp") == 0) {
		const volatile char *null = NULL;

		asm volatile("" : "+r"(null));
		result = null[0] | null[4095];
	}
	fclose(f);
	return result;
}

TEST(page_zero_for_who_may_have_it)
{
	char *argv[] = { HELPER_ARGV("look_at_page_zero"), NULL };
	pid_t pid;

	EXPECT_EXIT(spawn(SELF, argv, NULL), 1);
	OK(personality(MMAP_PAGE_ZERO));
	EXPECT_EXIT(spawn(SELF, argv, NULL), 0);
	/* Below vm.mmap_min_addr: not for everybody, and no error either. */
	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_EXIT(spawn(SELF, argv, NULL), 1);
	}
	EXPECT_EXIT(pid, 0);
	OK(personality(0));
}

/* ---- uname ---- */

TEST(uname_of_the_old_days)
{
	struct utsname plain, old;
	unsigned major, minor, said;
	const char *rest, *said_rest;
	pid_t pid;

	OK(uname(&plain));
	OK(personality(UNAME26));
	OK(uname(&old));
	EXPECT_EQ(sscanf(plain.release, "%u.%u", &major, &minor), 2);
	EXPECT_EQ(sscanf(old.release, "2.6.%u", &said), 1);
	EXPECT_EQ(said, 60 + minor);
	rest = plain.release + strspn(plain.release, "0123456789.");
	said_rest = old.release + strspn(old.release, "0123456789.");
	EXPECT_STR(said_rest, rest);
	EXPECT_STR(old.sysname, plain.sysname);
	EXPECT_STR(old.version, plain.version);
	EXPECT_STR(old.machine, plain.machine);
	IN_CHILD(pid) {
		OK(uname(&plain));
		EXPECT_STR(plain.release, old.release);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_ERR(syscall(SYS_uname, 8), EFAULT);
	OK(personality(0));
	OK(uname(&plain));
	EXPECT(strncmp(plain.release, "2.6.", 4) != 0);
}

TEST(uname_for_32_bit_programs)
{
	struct utsname plain, said;

	OK(uname(&plain));
	OK(personality(PER_LINUX32));
	OK(uname(&said));
	EXPECT_STR(said.machine, "i686");
	EXPECT_STR(said.release, plain.release);
	OK(personality(PER_LINUX));
	OK(uname(&said));
	EXPECT_STR(said.machine, plain.machine);
}
