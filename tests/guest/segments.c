/*
 * What is left of segmentation in the hands of a program: segment registers
 * it may load, far calls, and tables it may only ask about. A selector with bit
 * 2 set means the local descriptor table. Nobody has one before modify_ldt(2);
 * whoever thinks there is one at address 0 lets programs build gates into ring
 * 0, so each use of such a selector has to fault, whatever lies at 0.
 */
#include "sigtools.h"

#include <sys/mman.h>
#include <ucontext.h>

#define SELECTOR_LOCAL	4

struct fault {
	siginfo_t	info;
	unsigned long	trapno;
	unsigned long	err;
};

static struct fault *told;

static void tell(int sig, siginfo_t *si, void *uc)
{
	const greg_t *regs = ((ucontext_t *)uc)->uc_mcontext.gregs;

	told->info = *si;
	told->trapno = regs[REG_TRAPNO];
	told->err = regs[REG_ERR];
	_exit(sig);
}

/* Load @selector into a register, or call through it. */
typedef void (*use_fn)(unsigned short selector);

static void load_ds(unsigned short selector)
{
	asm volatile("movw %0, %%ds" :: "r"(selector));
}

static void load_es(unsigned short selector)
{
	asm volatile("movw %0, %%es" :: "r"(selector));
}

static void load_fs(unsigned short selector)
{
	asm volatile("movw %0, %%fs" :: "r"(selector));
}

static void load_gs(unsigned short selector)
{
	asm volatile("movw %0, %%gs" :: "r"(selector));
}

static void load_ss(unsigned short selector)
{
	asm volatile("movw %0, %%ss" :: "r"(selector));
}

static void far_call(unsigned short selector)
{
	struct {
		unsigned	offset;
		unsigned short	selector;
	} __attribute__((packed)) to = { 0, selector };

	asm volatile("lcall *%0" :: "m"(to) : "memory");
}

static void far_jump(unsigned short selector)
{
	struct {
		unsigned	offset;
		unsigned short	selector;
	} __attribute__((packed)) to = { 0, selector };

	asm volatile("ljmp *%0" :: "m"(to) : "memory");
}

static const use_fn uses[] = {
	load_ds, load_es, load_fs, load_gs, load_ss, far_call, far_jump,
};

/* In a child: @use must be a #GP that names @selector. */
static void expect_protection(use_fn use, unsigned short selector)
{
	static char stack[65536];
	stack_t alt = { .ss_sp = stack, .ss_size = sizeof(stack) };
	pid_t pid;

	memset(told, 0, sizeof(*told));
	IN_CHILD(pid) {
		OK(sigaltstack(&alt, NULL));
		handle_info(SIGSEGV, tell, SA_ONSTACK);
		handle_info(SIGBUS, tell, SA_ONSTACK);
		use(selector);
	}
	EXPECT_EXIT(pid, SIGSEGV);
	EXPECT_EQ(told->info.si_code, SI_KERNEL);
	EXPECT_EQ(told->info.si_addr, 0);
	EXPECT_EQ(told->trapno, 13);
	EXPECT_EQ(told->err, selector & ~3);
}

static void expect_no_local_table(void)
{
	static const unsigned short selectors[] = {
		0x0004, 0x0007, 0x000f, 0x0037, 0x1007, 0xffff, 0xfffc,
	};

	for (size_t i = 0; i < ARRAY_SIZE(uses); i++)
		for (size_t n = 0; n < ARRAY_SIZE(selectors); n++)
			expect_protection(uses[i], selectors[n]);
}

/* What lar, lsl, verr and verw think of @selector: the ones that accept it. */
static unsigned visible(unsigned short selector)
{
	unsigned long value = 0;
	bool lar, lsl, verr, verw;

	asm volatile("lar %2, %0" : "+r"(value), "=@ccz"(lar)
		     : "r"((unsigned long)selector));
	asm volatile("lsl %2, %0" : "+r"(value), "=@ccz"(lsl)
		     : "r"((unsigned long)selector));
	asm volatile("verr %1" : "=@ccz"(verr) : "r"(selector));
	asm volatile("verw %1" : "=@ccz"(verw) : "r"(selector));
	return lar | lsl << 1 | verr << 2 | verw << 3;
}

static void expect_nothing_visible(void)
{
	for (unsigned s = SELECTOR_LOCAL | 3; s < 0x10000; s += 8)
		EXPECT_EQ(visible(s), 0);
}

static void share_told(void)
{
	told = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

TEST(there_is_no_local_table)
{
	share_told();
	expect_no_local_table();
	expect_nothing_visible();
	OK(munmap(told, 4096));
}

/* Descriptors of @low and @high in all of the first 64 KiB. */
static void fill(unsigned *zero, unsigned low, unsigned high)
{
	/* As 0 may not be a pointer, the compiler must not see it is one. */
	asm volatile("" : "+r"(zero));
	for (size_t i = 0; i < 65536 / sizeof(*zero); i += 2) {
		zero[i] = low;
		zero[i + 1] = high;
	}
}

/* The superuser may map address 0. That does not make it a table. */
TEST(memory_at_address_0_is_no_table)
{
	static const unsigned tables[][2] = {
		{ 0x0000ffff, 0x00cff300 },	/* data, ring 3 */
		{ 0x0000ffff, 0x00affb00 },	/* code, ring 3 */
		{ 0x0000ffff, 0x00cffb00 },	/* the same, 32 bits */
		{ 0x00100000, 0x0000ec00 },	/* call gate, ring 0 */
		{ 0x00080000, 0x0000ec00 },
	};
	unsigned *zero = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	EXPECT_EQ((long)zero, 0);
	share_told();
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		fill(zero, tables[i][0], tables[i][1]);
		expect_no_local_table();
		expect_nothing_visible();
	}
	OK(munmap(told, 4096));
	OK(munmap(zero, 65536));
}

/* Every CPU has to know: one program per CPU asks. */
TEST(no_cpu_has_a_local_table)
{
	int cpus = sysconf(_SC_NPROCESSORS_ONLN);

	share_told();
	for (int cpu = 0; cpu < cpus; cpu++) {
		unsigned long set = 1UL << cpu;

		OK(syscall(SYS_sched_setaffinity, 0, sizeof(set), &set));
		expect_protection(load_fs, 0x1007);
		expect_protection(far_call, 0x1007);
		expect_nothing_visible();
	}
	OK(munmap(told, 4096));
}
