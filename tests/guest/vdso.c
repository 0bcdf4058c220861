/*
 * The vDSO, as a C library uses it: found by AT_SYSINFO_EHDR, its symbols
 * looked up by name and version, the answers compared with the kernel's.
 */
#include "test.h"

#include <elf.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

typedef int gettime_fn(clockid_t, struct timespec *);
typedef int gettimeofday_fn(struct timeval *, struct timezone *);
typedef long getcpu_fn(unsigned *, unsigned *, void *);

/* What PT_DYNAMIC says, as addresses. */
struct object {
	uintptr_t		bias;
	const Elf64_Sym		*symbols;
	const char		*strings;
	const uint32_t		*hash;
	const uint16_t		*versions;
	const Elf64_Verdef	*definitions;
};

static uintptr_t vdso_base(void)
{
	uintptr_t base = getauxval(AT_SYSINFO_EHDR);

	EXPECT(base != 0);
	EXPECT_EQ(base % 4096, 0);
	return base;
}

static struct object read_object(void)
{
	uintptr_t base = vdso_base();
	const Elf64_Ehdr *header = (void *)base;
	const Elf64_Phdr *ph = (void *)(base + header->e_phoff);
	const Elf64_Dyn *dyn = NULL;
	struct object object = { 0 };

	EXPECT_MEM(header->e_ident, ELFMAG, SELFMAG);
	EXPECT_EQ(header->e_type, ET_DYN);
	for (int i = 0; i < header->e_phnum; i++) {
		if (ph[i].p_type == PT_LOAD)
			object.bias = base + ph[i].p_offset - ph[i].p_vaddr;
		else if (ph[i].p_type == PT_DYNAMIC)
			dyn = (void *)(base + ph[i].p_offset);
	}
	EXPECT(dyn != NULL);
	for (; dyn->d_tag != DT_NULL; dyn++) {
		void *value = (void *)(object.bias + dyn->d_un.d_ptr);

		switch (dyn->d_tag) {
		case DT_SYMTAB: object.symbols = value; break;
		case DT_STRTAB: object.strings = value; break;
		case DT_HASH: object.hash = value; break;
		case DT_VERSYM: object.versions = value; break;
		case DT_VERDEF: object.definitions = value; break;
		}
	}
	EXPECT(object.symbols && object.strings && object.hash);
	EXPECT(object.versions && object.definitions);
	return object;
}

static const char *version_name(const struct object *object, unsigned index)
{
	const Elf64_Verdef *def = object->definitions;

	for (;;) {
		if (def->vd_ndx == (index & 0x7fff)) {
			const Elf64_Verdaux *aux =
				(void *)((char *)def + def->vd_aux);

			return object->strings + aux->vda_name;
		}
		if (!def->vd_next)
			return "";
		def = (void *)((char *)def + def->vd_next);
	}
}

static void *find(const char *name)
{
	struct object object = read_object();
	uint32_t count = object.hash[1];

	for (uint32_t i = 0; i < count; i++) {
		const Elf64_Sym *sym = &object.symbols[i];

		if (strcmp(object.strings + sym->st_name, name) != 0)
			continue;
		EXPECT(sym->st_shndx != SHN_UNDEF);
		EXPECT_EQ(ELF64_ST_TYPE(sym->st_info), STT_FUNC);
		EXPECT_STR(version_name(&object, object.versions[i]),
			   "LINUX_2.6");
		return (void *)(object.bias + sym->st_value);
	}
	FAIL("the vDSO has no %s", name);
}

static int64_t to_ns(struct timespec ts)
{
	EXPECT(ts.tv_nsec >= 0 && ts.tv_nsec < 1000000000);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static int64_t kernel_ns(clockid_t clock)
{
	struct timespec ts;

	OK(syscall(SYS_clock_gettime, clock, &ts));
	return to_ns(ts);
}

TEST(symbols_have_the_version_libraries_ask_for)
{
	find("__vdso_clock_gettime");
	find("__vdso_gettimeofday");
	find("__vdso_time");
	find("__vdso_getcpu");
	find("__vdso_clock_getres");
}

TEST(clocks_agree_with_the_kernel)
{
	static const clockid_t clocks[] = {
		CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,
		CLOCK_BOOTTIME, CLOCK_TAI,
	};
	gettime_fn *gettime = find("__vdso_clock_gettime");

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		for (int k = 0; k < 100; k++) {
			struct timespec ts;
			int64_t before = kernel_ns(clocks[i]);

			EXPECT_EQ(gettime(clocks[i], &ts), 0);
			EXPECT(to_ns(ts) >= before);
			EXPECT(kernel_ns(clocks[i]) >= to_ns(ts));
		}
	}
}

TEST(other_clocks_ask_the_kernel)
{
	gettime_fn *gettime = find("__vdso_clock_gettime");
	struct timespec ts;

	EXPECT_EQ(gettime(CLOCK_THREAD_CPUTIME_ID, &ts), 0);
	EXPECT(to_ns(ts) <= kernel_ns(CLOCK_THREAD_CPUTIME_ID));
	EXPECT_EQ(gettime(CLOCK_REALTIME_COARSE, &ts), 0);
	EXPECT_EQ(gettime(CLOCK_MONOTONIC_COARSE, &ts), 0);
	EXPECT_EQ(gettime(99, &ts), -EINVAL);
}

TEST(resolution)
{
	gettime_fn *getres = find("__vdso_clock_getres");
	struct timespec ts, kernel;

	for (clockid_t clock = 0; clock < 8; clock++) {
		EXPECT_EQ(getres(clock, &ts), 0);
		OK(syscall(SYS_clock_getres, clock, &kernel));
		EXPECT_EQ(to_ns(ts), to_ns(kernel));
	}
	EXPECT_EQ(getres(CLOCK_MONOTONIC, NULL), 0);
	EXPECT_EQ(getres(99, &ts), -EINVAL);
}

TEST(gettimeofday_and_time)
{
	gettimeofday_fn *get = find("__vdso_gettimeofday");
	time_t (*seconds)(time_t *) = find("__vdso_time");
	int64_t before = kernel_ns(CLOCK_REALTIME);
	struct timezone tz = { -1, -1 };
	struct timeval tv;
	time_t now, stored;

	EXPECT_EQ(get(&tv, &tz), 0);
	EXPECT(tv.tv_usec >= 0 && tv.tv_usec < 1000000);
	EXPECT(tv.tv_sec * 1000000LL + tv.tv_usec >= before / 1000);
	EXPECT(tv.tv_sec * 1000000LL + tv.tv_usec <=
	       kernel_ns(CLOCK_REALTIME) / 1000);
	EXPECT_EQ(tz.tz_minuteswest, 0);
	EXPECT_EQ(tz.tz_dsttime, 0);
	EXPECT_EQ(get(NULL, NULL), 0);
	now = seconds(&stored);
	EXPECT_EQ(now, stored);
	EXPECT(now >= before / 1000000000 - 1);
}

TEST(sees_the_clock_being_set)
{
	gettime_fn *gettime = find("__vdso_clock_gettime");
	struct timespec back, day, now;

	OK(syscall(SYS_clock_gettime, CLOCK_REALTIME, &back));
	day = (struct timespec){ back.tv_sec + 86400, 0 };
	OK(syscall(SYS_clock_settime, CLOCK_REALTIME, &day));
	EXPECT_EQ(gettime(CLOCK_REALTIME, &now), 0);
	OK(syscall(SYS_clock_settime, CLOCK_REALTIME, &back));
	EXPECT(now.tv_sec >= day.tv_sec);
	EXPECT_EQ(gettime(CLOCK_REALTIME, &now), 0);
	EXPECT(now.tv_sec < day.tv_sec);
}

TEST(getcpu_on_each_cpu)
{
	getcpu_fn *get = find("__vdso_getcpu");
	cpu_set_t all, one;
	unsigned cpu, node;

	OK(sched_getaffinity(0, sizeof(all), &all));
	for (unsigned i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		OK(sched_setaffinity(0, sizeof(one), &one));
		EXPECT_EQ(get(&cpu, &node, NULL), 0);
		EXPECT_EQ(cpu, i);
		EXPECT_EQ(node, 0);
	}
	EXPECT_EQ(get(NULL, NULL, NULL), 0);
}

/* Pinned to one CPU, so that both are asked about the same place. */
TEST(getcpu_by_both_ways)
{
	getcpu_fn *get = find("__vdso_getcpu");
	unsigned cpu[2], node[2];
	cpu_set_t all, one;

	OK(sched_getaffinity(0, sizeof(all), &all));
	for (unsigned i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		OK(sched_setaffinity(0, sizeof(one), &one));
		EXPECT_EQ(get(&cpu[0], &node[0], NULL), 0);
		OK(syscall(SYS_getcpu, &cpu[1], &node[1], NULL));
		EXPECT_EQ(cpu[0], i);
		EXPECT_EQ(cpu[1], i);
		EXPECT_EQ(node[0], node[1]);
		cpu[0] = cpu[1] = node[0] = node[1] = 12345;
		EXPECT_EQ(get(&cpu[0], NULL, NULL), 0);
		OK(syscall(SYS_getcpu, &cpu[1], NULL, NULL));
		EXPECT_EQ(cpu[0], cpu[1]);
		EXPECT_EQ(get(NULL, &node[0], NULL), 0);
		OK(syscall(SYS_getcpu, NULL, &node[1], NULL));
		EXPECT_EQ(node[0], node[1]);
	}
}

TEST(getcpu_and_its_pointers)
{
	unsigned word = 0;

	OK(syscall(SYS_getcpu, NULL, NULL, NULL));
	/* The third was a cache once; it is not looked at. */
	OK(syscall(SYS_getcpu, &word, NULL, (void *)8));
	EXPECT_ERR(syscall(SYS_getcpu, (void *)8, NULL, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_getcpu, NULL, (void *)8, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_getcpu, &word, (void *)8, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_getcpu, -1L, NULL, NULL), EFAULT);
	/* Program text cannot be written. */
	EXPECT_ERR(syscall(SYS_getcpu, (void *)vdso_base(), NULL, NULL),
		   EFAULT);
}

/* The line of /proc/self/maps with @name; false if there is none. */
static bool find_area(const char *name, uintptr_t *start, uintptr_t *end,
		      char rights[5])
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	bool found = false;

	EXPECT(maps != NULL);
	while (!found && fgets(line, sizeof(line), maps))
		found = strstr(line, name) &&
			sscanf(line, "%lx-%lx %4s", start, end, rights) == 3;
	fclose(maps);
	return found;
}

TEST(maps_name_both_areas)
{
	uintptr_t start, end;
	char rights[5];

	EXPECT(find_area("[vdso]", &start, &end, rights));
	EXPECT_STR(rights, "r-xp");
	EXPECT_EQ(start, vdso_base());
	EXPECT(find_area("[vvar]", &start, &end, rights));
	EXPECT_STR(rights, "r--p");
	EXPECT_EQ(end, vdso_base());
	/* The kernel's data stays read-only. */
	EXPECT_ERR(mprotect((void *)start, 4096, PROT_READ | PROT_WRITE),
		   EACCES);
}

HELPER(print_vdso)
{
	printf("%lx\n", getauxval(AT_SYSINFO_EHDR));
	fflush(stdout);
	return 0;
}

static unsigned long base_of_new_program(void)
{
	unsigned long base;
	char text[32] = "";
	int fds[2];
	pid_t pid;

	OK(pipe(fds));
	IN_CHILD(pid) {
		char *argv[] = { HELPER_ARGV("print_vdso"), NULL };

		OK(dup2(fds[1], 1));
		execv(SELF, argv);
		_exit(1);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT(read(fds[0], text, sizeof(text) - 1) > 0);
	OK(close(fds[0]));
	OK(close(fds[1]));
	base = strtoul(text, NULL, 16);
	EXPECT(base != 0);
	return base;
}

TEST(each_program_has_it_elsewhere)
{
	unsigned long first = base_of_new_program();

	for (int i = 0; i < 8; i++)
		if (base_of_new_program() != first)
			return;
	FAIL("nine programs have it at the same place");
}

static void handler(int sig)
{
	(void)sig;
}

/* Without it, time still passes, signals still return. */
TEST(unmapping_it_harms_nobody)
{
	struct timespec ts;
	uintptr_t start, end;
	char rights[5];
	pid_t pid;

	IN_CHILD(pid) {
		EXPECT(find_area("[vdso]", &start, &end, rights));
		OK(munmap((void *)start, end - start));
		EXPECT(find_area("[vvar]", &start, &end, rights));
		OK(munmap((void *)start, end - start));
		EXPECT(signal(SIGUSR1, handler) != SIG_ERR);
		OK(kill(getpid(), SIGUSR1));
		OK(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts));
		EXPECT(!find_area("[vdso]", &start, &end, rights));
	}
	EXPECT_EXIT(pid, 0);
	EXPECT(find_area("[vdso]", &start, &end, rights));
}

/* A debugger reads it, and writes a breakpoint that only its child sees. */
TEST(a_private_copy_can_be_written)
{
	uintptr_t start, end;
	unsigned char first;
	char rights[5];
	pid_t pid;

	/* All of it: Linux does not split it. */
	EXPECT(find_area("[vdso]", &start, &end, rights));
	IN_CHILD(pid) {
		OK(mprotect((void *)start, end - start,
			    PROT_READ | PROT_WRITE | PROT_EXEC));
		*(volatile unsigned char *)start = 0xcc;
		EXPECT_EQ(*(volatile unsigned char *)start, 0xcc);
	}
	EXPECT_EXIT(pid, 0);
	first = *(volatile unsigned char *)start;
	EXPECT_EQ(first, 0x7f);
}
