/*
 * sgdt, sidt, smsw, sldt and str: they tell where the kernel's tables are, so
 * CPUs with UMIP refuse them in ring 3. Programs for DOS, Windows and the like
 * still use them, and get made-up values: the same on every machine, of no
 * table that exists. Without UMIP the CPU answers by itself.
 */
#include "sigtools.h"

#include <asm/prctl.h>
#include <cpuid.h>
#include <sys/mman.h>
#include <ucontext.h>

#define FAKE_GDT	0xfffffffffffe0000UL
#define FAKE_IDT	0xffffffffffff0000UL
#define FAKE_CR0	0x80050033U	/* PE MP ET NE WP AM PG */
#define FAKE_TR		0x40
#define KERNEL_ADDRESS	((void *)0xffffffff81000000UL)

struct table {
	uint16_t	limit;
	uint64_t	base;
	uint16_t	behind;		/* not written to */
} __attribute__((packed));

static bool has_umip(void)
{
	unsigned a, b, c = 0, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (c & 4);
}

static void expect_table(const struct table *t, uint64_t base)
{
	if (has_umip()) {
		EXPECT_EQ(t->base, base);
		EXPECT_EQ(t->limit, 0);
	} else {
		EXPECT(t->limit != 0);
	}
	EXPECT_EQ(t->behind, 0x5555);
}

#define FRESH(t)	memset(&(t), 0x55, sizeof(t))

TEST(tables)
{
	struct table t;

	FRESH(t);
	asm volatile("sgdt %0" : "+m"(t));
	expect_table(&t, FAKE_GDT);
	FRESH(t);
	asm volatile("sidt %0" : "+m"(t));
	expect_table(&t, FAKE_IDT);
	/* The size of operands is fixed. */
	FRESH(t);
	asm volatile(".byte 0x66\n\tsgdt %0" : "+m"(t));
	expect_table(&t, FAKE_GDT);
	FRESH(t);
	asm volatile(".byte 0x66, 0x48\n\tsidt (%1)" : "+m"(t) : "a"(&t));
	expect_table(&t, FAKE_IDT);
}

/* ---- ways to say where ---- */

static struct table global;

TEST(all_kinds_of_addresses)
{
	struct table *t = OK(mmap(NULL, 8192, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT,
				  -1, 0));
	char *p = (char *)t;

#define TRY(code, ...) do {						\
	memset(t, 0x55, sizeof(*t));					\
	asm volatile(code :: __VA_ARGS__				\
		     : "memory", "r8", "r12", "r13", "r15");		\
	expect_table(t, FAKE_GDT);					\
} while (0)
	TRY("sgdt (%0)", "a"(p));
	TRY("sgdt (%0)", "S"(p));
	TRY("sgdt 100(%0)", "D"(p - 100));
	TRY("sgdt -128(%0)", "b"(p + 128));
	TRY("sgdt -100000(%0)", "d"(p + 100000));
	TRY("sgdt 100000(%0)", "c"(p - 100000));
	TRY("sgdt (%0, %1)", "a"(p - 77), "c"(77L));
	TRY("sgdt (%0, %1, 8)", "a"(p - 800), "c"(100L));
	TRY("sgdt 8(%0, %1, 4)", "a"(p - 408), "c"(100L));
	TRY("sgdt (, %0, 1)", "a"(p));
	TRY("sgdt 0x1000(, %0, 2)", "a"(((long)p - 0x1000) / 2));
	TRY("sgdt (%k0)", "a"(p + 0xdead00000000L));
	TRY("sgdt (%k0, %k1)", "a"(p + 0xdead00000000L - 16),
	    "c"(0xdead00000010L));
	TRY("movq %0, %%r8\n\tsgdt (%%r8)", "a"(p));
	TRY("movq %0, %%r13\n\tsgdt (%%r13)", "a"(p));
	TRY("movq %0, %%r12\n\tsgdt 1(%%r12)",
	    "a"(p - 1));
	TRY("movq %0, %%r15\n\tsgdt (%1, %%r15, 2)",
	    "a"(50L), "c"(p - 100));
	TRY("mov %%rbp, %%r8\n\tmov %0, %%rbp\n\tsgdt (%%rbp)\n\t"
	    "mov %%r8, %%rbp", "a"(p));
	TRY("mov %%rsp, %%r8\n\tmov %0, %%rsp\n\tsgdt 16(%%rsp)\n\t"
	    "mov %%r8, %%rsp", "a"(p - 16));
#undef TRY
	FRESH(global);
	asm volatile("sgdt global(%%rip)" ::: "memory");
	expect_table(&global, FAKE_GDT);
	/* The address counts from behind the instruction. */
	FRESH(global);
	asm volatile("cs sgdt global(%%rip)" ::: "memory");
	expect_table(&global, FAKE_GDT);
	OK(munmap(t, 8192));
}

TEST(segments_with_a_base)
{
	struct table *t = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	OK(syscall(SYS_arch_prctl, ARCH_SET_GS, (char *)t - 4096));
	memset(t, 0x55, sizeof(*t));
	asm volatile("sgdt %%gs:(%0)" :: "a"(4096L) : "memory");
	expect_table(t, FAKE_GDT);
	memset(t, 0x55, sizeof(*t));
	asm volatile("sgdt %%gs:4096" ::: "memory");
	expect_table(t, FAKE_GDT);
	memset(t, 0x55, sizeof(*t));
	asm volatile("sidt %%fs:(%0)"
		     :: "a"((char *)t - (char *)__builtin_thread_pointer())
		     : "memory");
	expect_table(t, FAKE_IDT);
	OK(munmap(t, 4096));
}

/* ---- words ---- */

#define JUNK		0x5555555555555555UL
#define HIGH_JUNK	0x5555555500000000UL

TEST(machine_status_word)
{
	uint16_t word[2] = { 0x5555, 0x5555 };
	unsigned long reg = JUNK;

	asm volatile("smsw %0" : "+m"(word[0]));
	EXPECT_EQ(word[0] & 0x33, 0x33);
	EXPECT_EQ(word[1], 0x5555);
	asm volatile("smsww %w0" : "+a"(reg));
	EXPECT_EQ(reg & ~0xffffUL, JUNK & ~0xffffUL);
	EXPECT_EQ(reg & 0x33, 0x33);
	if (!has_umip())
		return;
	EXPECT_EQ(word[0], FAKE_CR0 & 0xffff);
	EXPECT_EQ(reg & 0xffff, FAKE_CR0 & 0xffff);
	/* As many bytes are written as the operand has. */
	reg = JUNK;
	asm volatile("smswl %k0" : "+a"(reg));
	EXPECT_EQ(reg, HIGH_JUNK | FAKE_CR0);
	reg = JUNK;
	asm volatile(".byte 0x48, 0x0f, 0x01, 0xe0" : "+a"(reg));
	EXPECT_EQ(reg, FAKE_CR0);
	asm volatile("mov %1, %%r14\n\tsmswl %%r14d\n\tmov %%r14, %0"
		     : "=a"(reg) : "r"(JUNK) : "r14");
	EXPECT_EQ(reg, HIGH_JUNK | FAKE_CR0);
}

TEST(selectors)
{
	uint16_t word[2] = { 0x5555, 0x5555 };
	unsigned long reg = JUNK;

	asm volatile("sldt %0" : "+m"(word[0]));
	EXPECT_EQ(word[0], 0);
	EXPECT_EQ(word[1], 0x5555);
	asm volatile("str %0" : "+m"(word[0]));
	EXPECT_EQ(word[0], FAKE_TR);
	EXPECT_EQ(word[1], 0x5555);
	asm volatile(".byte 0x48, 0x0f, 0x00, 0xc0" : "+a"(reg));
	EXPECT_EQ(reg, 0);
	reg = JUNK;
	asm volatile(".byte 0x48, 0x0f, 0x00, 0xc8" : "+a"(reg));
	EXPECT_EQ(reg, FAKE_TR);
	reg = JUNK;
	asm volatile("strw %w0" : "+a"(reg));
	EXPECT_EQ(reg, (JUNK & ~0xffffUL) | FAKE_TR);
	reg = JUNK;
	asm volatile("strl %k0" : "+a"(reg));
	EXPECT_EQ(reg, (has_umip() ? HIGH_JUNK : 0) | FAKE_TR);
	asm volatile("mov %1, %%r9\n\t.byte 0x49, 0x0f, 0x00, 0xc9\n\t"
		     "mov %%r9, %0"
		     : "=a"(reg) : "r"(JUNK) : "r9");
	EXPECT_EQ(reg, FAKE_TR);
}

/* ---- what goes wrong ---- */

static struct {
	int		sig, code;
	void		*addr;
	unsigned long	trap, err, cr2;
} *told;

static void tell(int sig, siginfo_t *si, void *uc)
{
	const greg_t *regs = ((ucontext_t *)uc)->uc_mcontext.gregs;

	told->sig = sig;
	told->code = si->si_code;
	told->addr = si->si_addr;
	told->trap = regs[REG_TRAPNO];
	told->err = regs[REG_ERR];
	told->cr2 = regs[REG_CR2];
	_exit(sig);
}

static int fate_of(void (*use)(void *), void *arg)
{
	int status;
	pid_t pid;

	memset(told, 0, sizeof(*told));
	IN_CHILD(pid) {
		handle_info(SIGSEGV, tell, 0);
		handle_info(SIGBUS, tell, 0);
		handle_info(SIGILL, tell, 0);
		use(arg);
	}
	status = wait_status(pid);
	EXPECT(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void use_sgdt(void *p)
{
	asm volatile("sgdt (%0)" :: "a"(p) : "memory");
}

static void use_str(void *p)
{
	asm volatile("str (%0)" :: "a"(p) : "memory");
}

/* Their neighbours, which ring 3 may not have either. */
static void use_lgdt(void *p)
{
	asm volatile("lgdt (%0)" :: "a"(p) : "memory");
}

static void use_lidt(void *p)
{
	asm volatile("lidt (%0)" :: "a"(p) : "memory");
}

static void use_lmsw(void *p)
{
	(void)p;
	asm volatile("lmsw %w0" :: "a"(0x33) : "memory");
}

static void use_ltr(void *p)
{
	(void)p;
	asm volatile("ltr %w0" :: "a"(0x40) : "memory");
}

static void use_invlpg(void *p)
{
	asm volatile("invlpg (%0)" :: "a"(p) : "memory");
}

TEST(their_neighbours_are_forbidden)
{
	static void (*const uses[])(void *) = {
		use_lgdt, use_lidt, use_lmsw, use_ltr, use_invlpg,
	};
	struct table t = { 0, 0, 0 };

	told = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	for (size_t i = 0; i < ARRAY_SIZE(uses); i++) {
		EXPECT_EQ(fate_of(uses[i], &t), SIGSEGV);
		EXPECT_EQ(told->code, SI_KERNEL);
		EXPECT_EQ(told->trap, 13);
		EXPECT_EQ(told->err, 0);
	}
	OK(munmap(told, 4096));
}

static void expect_fault(void (*use)(void *), char *p, unsigned err)
{
	EXPECT_EQ(fate_of(use, p), SIGSEGV);
	EXPECT_EQ(told->trap, 14);
	EXPECT_EQ(told->err & ~1UL, err);
	EXPECT_EQ(told->cr2, (unsigned long)p);
	EXPECT(told->addr == p);
}

/* A place that cannot be written to: as if the CPU had tried. */
TEST(bad_places)
{
	char *page = OK(mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	told = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	expect_fault(use_sgdt, (char *)64, 6);
	EXPECT_EQ(told->code, SEGV_MAPERR);
	expect_fault(use_str, (char *)64, 6);
	EXPECT_EQ(told->code, SEGV_MAPERR);
	expect_fault(use_sgdt, KERNEL_ADDRESS, 6);
	EXPECT_EQ(told->code, SEGV_MAPERR);
	expect_fault(use_str, KERNEL_ADDRESS, 6);
	/* Never touched before, and then not there at all. */
	EXPECT_EQ(fate_of(use_sgdt, page + 4096), 0);
	OK(mprotect(page, 4096, PROT_READ));
	expect_fault(use_sgdt, page, 6);
	EXPECT_EQ(told->code, has_umip() ? SEGV_MAPERR : SEGV_ACCERR);
	OK(munmap(page, 8192));
	OK(munmap(told, 4096));
}

/* Two pages, of which the second may not be written to. */
TEST(across_pages)
{
	char *page = OK(mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	struct table *t = (struct table *)(page + 4096 - 5);

	memset(t, 0x55, sizeof(*t));
	asm volatile("sgdt (%0)" :: "a"(t) : "memory");
	expect_table(t, FAKE_GDT);
	OK(munmap(page, 8192));
}
