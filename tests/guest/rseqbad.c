/*
 * rseq(2) with what cannot be: descriptions of critical sections that are none,
 * places that are not there. Most are SIGSEGV when the kernel next looks, which
 * here is before a handler runs; some count only within the section. Then the
 * corners of membarrier(2)'s flag, and of arch_prctl(2).
 */
#include "sigtools.h"

#include <asm/prctl.h>
#include <cpuid.h>
#include <limits.h>
#include <linux/membarrier.h>
#include <linux/rseq.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/rseq.h>

#define SIGNATURE	0x53053053
#define USER_END	0x7ffffffff000UL

static long rseq(void *area, unsigned len, int flags, unsigned sig)
{
	return syscall(SYS_rseq, area, len, flags, sig);
}

static struct rseq area __attribute__((aligned(32)));
static struct rseq_cs cs __attribute__((aligned(32)));

static void drop_librarys(void)
{
	if (__rseq_size)
		OK(rseq((char *)__builtin_thread_pointer() + __rseq_offset, 32,
			RSEQ_FLAG_UNREGISTER, SIGNATURE));
}

static void take_over(void)
{
	drop_librarys();
	memset(&area, 0, sizeof(area));
	OK(rseq(&area, 32, 0, SIGNATURE));
}

/* A place to abort to, with the signature in front of it. */
extern char abort_here[];
asm(
	".pushsection .text\n\t"
	".long 0x53053053\n"
	"abort_here:\n\t"
	"mov $60, %eax\n\t"			/* exit(44) */
	"mov $44, %edi\n\t"
	"syscall\n\t"
	".popsection");

enum { ENDS_WELL = 0, ABORTED = 44 };

/* Sections: one nobody is ever in, and one that is all of the program. */
static void set_section(bool inside)
{
	cs = (struct rseq_cs){
		.abort_ip = (unsigned long)abort_here,
		.start_ip = inside ? (unsigned long)abort_here + 16 : 0x1000,
		.post_commit_offset = inside ? 0x100000000UL : 16,
	};
	area.rseq_cs = (unsigned long)&cs;
}

/* The kernel looks at it now. */
static void be_looked_at(void)
{
	handle(SIGUSR1, note, 0);
	OK(kill(getpid(), SIGUSR1));
	EXPECT_EQ(count, 1);
	EXPECT_EQ(area.rseq_cs, 0);
}

/* What becomes of who announces a section changed by @change. */
static int fate(bool inside, void (*change)(void))
{
	int status;
	pid_t pid;

	IN_CHILD(pid) {
		take_over();
		set_section(inside);
		change();
		be_looked_at();
	}
	status = wait_status(pid);
	if (WIFSIGNALED(status))
		return -WTERMSIG(status);
	return WEXITSTATUS(status);
}

static void nothing(void)
{
}

TEST(good_ones)
{
	EXPECT_EQ(fate(false, nothing), ENDS_WELL);
	EXPECT_EQ(fate(true, nothing), ABORTED);
}

/* ---- sections that are none: inside or not ---- */

static void bad_version(void)
{
	cs.version = 1;
}

static void start_beyond(void)
{
	cs.start_ip = USER_END;
}

static void end_beyond(void)
{
	cs.post_commit_offset = USER_END - cs.start_ip;
}

static void end_wraps(void)
{
	cs.post_commit_offset = -1UL - cs.start_ip;
}

static void abort_beyond(void)
{
	cs.abort_ip = USER_END;
}

static void abort_within(void)
{
	cs.start_ip = (unsigned long)abort_here - 64;
	cs.post_commit_offset = 128;
}

static void abort_at_start(void)
{
	cs.start_ip = cs.abort_ip;
	cs.post_commit_offset = 128;
}

static void abort_nowhere(void)
{
	cs.abort_ip = 0;
}

static void abort_unmapped(void)
{
	cs.abort_ip = 0x800;
}

static void abort_unsigned(void)
{
	cs.abort_ip++;
}

static void cs_of_kernel(void)
{
	area.rseq_cs = 0xffffffff81000000UL;
}

static void cs_beyond(void)
{
	area.rseq_cs = USER_END;
}

static void cs_not_canonical(void)
{
	area.rseq_cs = 1UL << 63;
}

static void cs_unmapped(void)
{
	area.rseq_cs = 64;
}

static void cs_cut_off(void)
{
	char *pages = OK(mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	OK(munmap(pages + 4096, 4096));
	memcpy(pages + 4096 - 24, &cs, 24);
	area.rseq_cs = (unsigned long)pages + 4096 - 24;
}

static void (*const hopeless[])(void) = {
	bad_version, start_beyond, end_beyond, end_wraps, abort_beyond,
	abort_within, abort_at_start, abort_nowhere, abort_unmapped,
	abort_unsigned, cs_of_kernel, cs_beyond, cs_not_canonical, cs_unmapped,
	cs_cut_off,
};

TEST(what_is_no_section_kills)
{
	for (size_t i = 0; i < ARRAY_SIZE(hopeless); i++) {
		EXPECT_EQ(fate(false, hopeless[i]), -SIGSEGV);
		EXPECT_EQ(fate(true, hopeless[i]), -SIGSEGV);
	}
}

/* A handler for that signal would be called in the same state. */
TEST(no_handler_saves_it)
{
	pid_t pid;

	IN_CHILD(pid) {
		take_over();
		set_section(false);
		cs.version = 1;
		handle(SIGSEGV, note, 0);
		be_looked_at();
	}
	EXPECT_KILLED(pid, SIGSEGV);
}

/* ---- what counts inside only ---- */

static void cs_flags(void)
{
	cs.flags = 1;
}

static void cs_unknown_flags(void)
{
	cs.flags = 1U << 31;
}

static void area_flags(void)
{
	area.flags = 4;
}

static void area_unknown_flags(void)
{
	area.flags = 8;
}

static void (*const flags[])(void) = {
	cs_flags, cs_unknown_flags, area_flags, area_unknown_flags,
};

TEST(flags_matter_inside)
{
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		EXPECT_EQ(fate(true, flags[i]), -SIGSEGV);
		EXPECT_EQ(fate(false, flags[i]), ENDS_WELL);
	}
}

static void cs_crooked(void)
{
	static char room[64];

	memcpy(room + 1, &cs, sizeof(cs));
	area.rseq_cs = (unsigned long)room + 1;
}

static void length_of_nothing(void)
{
	cs.post_commit_offset = 0;
	cs.start_ip = cs.abort_ip;
}

TEST(odd_but_allowed)
{
	EXPECT_EQ(fate(true, cs_crooked), ABORTED);
	EXPECT_EQ(fate(false, cs_crooked), ENDS_WELL);
	EXPECT_EQ(fate(true, length_of_nothing), ENDS_WELL);
}

/* ---- the area itself ---- */

TEST(an_area_at_no_address)
{
	pid_t pid;

	IN_CHILD(pid) {
		drop_librarys();
		EXPECT_ERR(rseq(NULL, 31, 0, SIGNATURE), EINVAL);
		EXPECT_ERR(rseq(NULL, 0, 0, SIGNATURE), EINVAL);
		EXPECT_ERR(rseq(NULL, 32, 2, SIGNATURE), EINVAL);
		EXPECT_ERR(rseq(NULL, 32, 0, SIGNATURE), EFAULT);
		EXPECT_ERR(rseq((void *)64, 32, 0, SIGNATURE), EFAULT);
		EXPECT_ERR(rseq((void *)USER_END, 32, 0, SIGNATURE), EFAULT);
		EXPECT_ERR(rseq(NULL, 32, RSEQ_FLAG_UNREGISTER, SIGNATURE),
			   EINVAL);
		/* None of them is registered. */
		OK(rseq(&area, 32, 0, SIGNATURE));
		EXPECT_ERR(rseq(NULL, 32, 0, SIGNATURE), EINVAL);
	}
	EXPECT_EXIT(pid, 0);
}

/* A library may use the area of a thread that is gone, as it is. */
TEST(what_was_announced_before_does_not_count)
{
	pid_t pid;

	IN_CHILD(pid) {
		drop_librarys();
		area.rseq_cs = 8;
		OK(rseq(&area, 32, 0, SIGNATURE));
		EXPECT_EQ(area.rseq_cs, 0);
		be_looked_at();
	}
	EXPECT_EXIT(pid, 0);
}

TEST(an_area_that_can_only_be_read)
{
	char *page = OK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE |
			     MAP_ANONYMOUS, -1, 0));
	pid_t pid;

	IN_CHILD(pid) {
		drop_librarys();
		rseq(page, 32, 0, SIGNATURE);
		_exit(1);
	}
	EXPECT_KILLED(pid, SIGSEGV);
	IN_CHILD(pid) {
		drop_librarys();
		OK(mprotect(page, 4096, PROT_READ | PROT_WRITE));
		page[8] = 1;
		OK(mprotect(page, 4096, PROT_READ));
		EXPECT_ERR(rseq(page, 32, 0, SIGNATURE), EFAULT);
	}
	EXPECT_EXIT(pid, 0);
	OK(munmap(page, 4096));
}

/* Gone while it runs: the next preemption finds that out. */
TEST(an_area_that_is_unmapped)
{
	cpu_set_t one;
	pid_t rival, pid;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	OK(sched_setaffinity(0, sizeof(one), &one));
	IN_CHILD(rival)
		for (;;)
			;
	IN_CHILD(pid) {
		void *page = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

		drop_librarys();
		OK(rseq(page, 32, 0, SIGNATURE));
		OK(munmap(page, 4096));
		for (;;)
			;
	}
	EXPECT_KILLED(pid, SIGSEGV);
	OK(kill(rival, SIGKILL));
	EXPECT_KILLED(rival, SIGKILL);
}

TEST(an_area_that_goes_bad_cannot_be_left)
{
	void *page = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	pid_t pid;

	IN_CHILD(pid) {
		drop_librarys();
		OK(rseq(page, 32, 0, SIGNATURE));
		OK(munmap(page, 4096));
		EXPECT_ERR(rseq(page, 32, RSEQ_FLAG_UNREGISTER, SIGNATURE),
			   EFAULT);
		_exit(7);
	}
	int status = wait_status(pid);
	/* Unless it was preempted in between. */
	EXPECT(WIFSIGNALED(status) ? WTERMSIG(status) == SIGSEGV :
				     WEXITSTATUS(status) == 7);
	OK(munmap(page, 4096));
}

/* ---- membarrier(2) for one CPU ---- */

static long membarrier(int cmd, unsigned flags, int cpu)
{
	return syscall(SYS_membarrier, cmd, flags, cpu);
}

TEST(barrier_for_one_cpu)
{
	static const int cpus[] = { -1, -2, INT_MIN, 0, 1, 100000, INT_MAX };
	const int cmd = MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ;

	for (size_t i = 0; i < ARRAY_SIZE(cpus); i++) {
		EXPECT_ERR(membarrier(cmd, MEMBARRIER_CMD_FLAG_CPU, cpus[i]),
			   EPERM);
		EXPECT_ERR(membarrier(cmd, 0, cpus[i]), EPERM);
		EXPECT_ERR(membarrier(cmd, 2, cpus[i]), EINVAL);
		EXPECT_ERR(membarrier(cmd, 3, cpus[i]), EINVAL);
		EXPECT_ERR(membarrier(MEMBARRIER_CMD_QUERY,
				      MEMBARRIER_CMD_FLAG_CPU, cpus[i]),
			   EINVAL);
	}
	OK(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ, 0, 0));
	for (size_t i = 0; i < ARRAY_SIZE(cpus); i++) {
		OK(membarrier(cmd, MEMBARRIER_CMD_FLAG_CPU, cpus[i]));
		OK(membarrier(cmd, 0, cpus[i]));
	}
}

/* ---- arch_prctl(2) ---- */

static long arch_prctl(int option, unsigned long arg)
{
	return syscall(SYS_arch_prctl, option, arg);
}

#define GET_XCOMP_SUPP		0x1021
#define GET_XCOMP_PERM		0x1022
#define REQ_XCOMP_PERM		0x1023
#define GET_XCOMP_GUEST_PERM	0x1024
#define REQ_XCOMP_GUEST_PERM	0x1025
#define GET_CPUID		0x1011
#define SET_CPUID		0x1012

TEST(arch_prctl_about_cpuid)
{
	EXPECT_EQ(arch_prctl(GET_CPUID, 0), 1);
	EXPECT_EQ(arch_prctl(GET_CPUID, 12345), 1);
	/* No CPU here can forbid it. */
	EXPECT_ERR(arch_prctl(SET_CPUID, 0), ENODEV);
	EXPECT_ERR(arch_prctl(SET_CPUID, 1), ENODEV);
	EXPECT_ERR(arch_prctl(SET_CPUID, 2), ENODEV);
}

static bool has_xsave(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_OSXSAVE);
}

TEST(arch_prctl_about_fpu_features)
{
	uint64_t supported = 1, permitted = 2, guest = 4;

	OK(arch_prctl(GET_XCOMP_SUPP, (long)&supported));
	OK(arch_prctl(GET_XCOMP_PERM, (long)&permitted));
	OK(arch_prctl(GET_XCOMP_GUEST_PERM, (long)&guest));
	EXPECT_EQ(supported & 3, 3);	/* x87 and SSE */
	EXPECT_EQ(permitted, has_xsave() ? supported : 0);
	EXPECT_EQ(guest, permitted);
	EXPECT_ERR(arch_prctl(GET_XCOMP_SUPP, 0), EFAULT);
	EXPECT_ERR(arch_prctl(GET_XCOMP_PERM, 8), EFAULT);
	EXPECT_ERR(arch_prctl(GET_XCOMP_GUEST_PERM, -8L), EFAULT);
	for (int n = 0; n < 19; n++) {
		EXPECT_ERR(arch_prctl(REQ_XCOMP_PERM, n), EOPNOTSUPP);
		EXPECT_ERR(arch_prctl(REQ_XCOMP_GUEST_PERM, n), EOPNOTSUPP);
	}
	EXPECT_ERR(arch_prctl(REQ_XCOMP_PERM, 19), EINVAL);
	EXPECT_ERR(arch_prctl(REQ_XCOMP_PERM, 1UL << 40), EINVAL);
	EXPECT_ERR(arch_prctl(REQ_XCOMP_GUEST_PERM, -1UL), EINVAL);
}

TEST(arch_prctl_unknown)
{
	static const int unknown[] = {
		0, -1, 0x1000, 0x1005, 0x1010, 0x1013, 0x1020, 0x1026, 0x2000,
		0x2004, 0x3001, 0x4001, INT_MIN, INT_MAX,
	};

	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		EXPECT_ERR(arch_prctl(unknown[i], (long)&area), EINVAL);
}
