/*
 * What faults are reported as: arithmetic of both kinds, alignment, traps and
 * privileges, with si_code, si_addr and what the signal's context says.
 */
#include "sigtools.h"

#include <sys/mman.h>
#include <ucontext.h>

#define TRAP_FLAG	0x100
#define ALIGN_FLAG	0x40000

struct fault {
	siginfo_t	info;
	unsigned long	ip;
	unsigned long	trapno;
	unsigned long	err;
	unsigned long	cr2;
};

static struct fault *told;

static void tell(int sig, siginfo_t *si, void *uc)
{
	const greg_t *regs = ((ucontext_t *)uc)->uc_mcontext.gregs;

	/* With AC set the handler's own accesses would be next. */
	asm volatile("pushf; andl $~0x40000, (%%rsp); popf" ::: "cc");
	told->info = *si;
	told->ip = regs[REG_RIP];
	told->trapno = regs[REG_TRAPNO];
	told->err = regs[REG_ERR];
	told->cr2 = regs[REG_CR2];
	_exit(sig);
}

/* Run @code in a child; what its fault was. */
static struct fault fault_of(void (*code)(void))
{
	static const int sigs[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
	struct fault fault;
	int status;
	pid_t pid;

	told = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	IN_CHILD(pid) {
		for (size_t i = 0; i < ARRAY_SIZE(sigs); i++)
			handle_info(sigs[i], tell, 0);
		code();
	}
	status = wait_status(pid);
	EXPECT(WIFEXITED(status));
	fault = *told;
	EXPECT_EQ(WEXITSTATUS(status), fault.info.si_signo);
	OK(munmap(told, 4096));
	return fault;
}

#define EXPECT_FAULT(f, sig, code, trap) do {				\
	EXPECT_EQ((f).info.si_signo, sig);				\
	EXPECT_EQ((f).info.si_code, code);				\
	EXPECT_EQ((f).trapno, trap);					\
} while (0)

/* ---- the x87 FPU ---- */

/* Exceptions of x87 are reported at the next of its instructions. */
static void x87(unsigned short control, double a, double b)
{
	unsigned short cw = control;

	asm volatile("fninit\n\tfldcw %0\n\tfldl %1\n\tfdivl %2\n\t"
		     "fwait"
		     :: "m"(cw), "m"(a), "m"(b));
}

static volatile double zero, one = 1, three = 3;

static void x87_by_zero(void)
{
	x87(0x37f & ~4, one, zero);
}

static void x87_invalid(void)
{
	x87(0x37f & ~1, zero, zero);
}

static void x87_inexact(void)
{
	x87(0x37f & ~32, one, three);
}

/* Beyond the range of a double: when the result is stored. */
static void x87_store(unsigned short control, long scale)
{
	unsigned short cw = control;
	double scale_by = scale, to;

	asm volatile("fninit\n\tfldcw %1\n\tfldl %2\n\tfld1\n\tfscale\n\t"
		     "fstpl %0\n\tfwait"
		     : "=m"(to) : "m"(cw), "m"(scale_by));
}

static void x87_overflow(void)
{
	x87_store(0x37f & ~8, 5000);
}

static void x87_underflow(void)
{
	x87_store(0x37f & ~16, -5000);
}

TEST(x87_exceptions)
{
	struct fault f = fault_of(x87_by_zero);

	EXPECT_FAULT(f, SIGFPE, FPE_FLTDIV, 16);
	EXPECT_EQ((unsigned long)f.info.si_addr, f.ip);
	f = fault_of(x87_invalid);
	EXPECT_FAULT(f, SIGFPE, FPE_FLTINV, 16);
	f = fault_of(x87_inexact);
	EXPECT_FAULT(f, SIGFPE, FPE_FLTRES, 16);
	f = fault_of(x87_overflow);
	EXPECT_FAULT(f, SIGFPE, FPE_FLTOVF, 16);
	f = fault_of(x87_underflow);
	EXPECT_FAULT(f, SIGFPE, FPE_FLTUND, 16);
	EXPECT_EQ((unsigned long)f.info.si_addr, f.ip);
}

/* ---- SSE ---- */

/* QEMU's emulation knows the flags but raises no exception. */
static bool sse_raises(void)
{
	pid_t pid = OK(fork());
	int status;

	if (pid == 0) {
		unsigned mxcsr = 0x1f80 & ~0x200;

		signal(SIGFPE, SIG_DFL);
		asm volatile("ldmxcsr %0\n\tdivsd %2, %1"
			     :: "m"(mxcsr), "x"(one), "x"(zero));
		_exit(0);
	}
	status = wait_status(pid);
	return WIFSIGNALED(status);
}

static void sse(unsigned unmask, double a, double b)
{
	unsigned mxcsr = 0x1f80 & ~unmask;

	asm volatile("ldmxcsr %0\n\tdivsd %2, %1"
		     :: "m"(mxcsr), "x"(a), "x"(b));
}

static void sse_by_zero(void)
{
	sse(0x200, one, zero);
}

static void sse_invalid(void)
{
	sse(0x80, zero, zero);
}

static void sse_inexact(void)
{
	sse(0x1000, one, three);
}

static void sse_overflow(void)
{
	sse(0x400, 1e300, 1e-300);
}

static void sse_underflow(void)
{
	sse(0x800, 1e-300, 1e300);
}

TEST(sse_exceptions)
{
	struct fault f;

	if (!sse_raises())
		SKIP("the CPU raises no SSE exceptions");
	f = fault_of(sse_by_zero);
	EXPECT_FAULT(f, SIGFPE, FPE_FLTDIV, 19);
	EXPECT_EQ((unsigned long)f.info.si_addr, f.ip);
	f = fault_of(sse_invalid);
	EXPECT_FAULT(f, SIGFPE, FPE_FLTINV, 19);
	f = fault_of(sse_inexact);
	EXPECT_FAULT(f, SIGFPE, FPE_FLTRES, 19);
	f = fault_of(sse_overflow);
	EXPECT_FAULT(f, SIGFPE, FPE_FLTOVF, 19);
	f = fault_of(sse_underflow);
	EXPECT_FAULT(f, SIGFPE, FPE_FLTUND, 19);
}

/* ---- integers ---- */

static void divide_by_zero(void)
{
	asm volatile("xor %%ecx, %%ecx; mov $1, %%eax; cltd; idiv %%ecx"
		     ::: "eax", "ecx", "edx");
}

/* The quotient has no room: the same exception. */
static void divide_overflows(void)
{
	asm volatile("mov $0x80000000, %%eax; cltd; mov $-1, %%ecx;"
		     "idiv %%ecx" ::: "eax", "ecx", "edx");
}

TEST(integer_division)
{
	struct fault f = fault_of(divide_by_zero);

	EXPECT_FAULT(f, SIGFPE, FPE_INTDIV, 0);
	EXPECT_EQ((unsigned long)f.info.si_addr, f.ip);
	f = fault_of(divide_overflows);
	EXPECT_FAULT(f, SIGFPE, FPE_INTDIV, 0);
	EXPECT_EQ((unsigned long)f.info.si_addr, f.ip);
}

/* ---- alignment ---- */

static void crooked(void)
{
	static char room[16] __attribute__((aligned(16)));

	asm volatile("pushf; orl %1, (%%rsp); popf; mov (%0), %%eax"
		     :: "r"(room + 1), "i"(ALIGN_FLAG) : "eax", "cc");
	/* Not on this CPU. */
	asm volatile("pushf; andl %0, (%%rsp); popf"
		     :: "i"(~ALIGN_FLAG) : "cc");
	told->info.si_signo = 0;
}

TEST(alignment)
{
	struct fault f = fault_of(crooked);

	if (f.info.si_signo == 0)
		SKIP("the CPU does not check alignment");
	EXPECT_FAULT(f, SIGBUS, BUS_ADRALN, 17);
	EXPECT(f.info.si_addr == NULL);
}

/* ---- traps ---- */

extern char after_int3[], after_icebp[], after_step[];

static __attribute__((noinline, noclone)) void do_int3(void)
{
	asm volatile("int3\n\tafter_int3:" ::: "memory");
}

static __attribute__((noinline, noclone)) void do_icebp(void)
{
	asm volatile(".byte 0xf1\n\tafter_icebp:" ::: "memory");
}

static __attribute__((noinline, noclone)) void do_step(void)
{
	asm volatile("pushf; orl %0, (%%rsp); popf; nop; after_step: nop"
		     :: "i"(TRAP_FLAG) : "cc");
}

TEST(traps)
{
	struct fault f = fault_of(do_int3);

	EXPECT_FAULT(f, SIGTRAP, SI_KERNEL, 3);
	EXPECT(f.info.si_addr == NULL);
	EXPECT_EQ(f.ip, (unsigned long)after_int3);
	f = fault_of(do_icebp);
	if (f.info.si_signo != SIGILL) {	/* not every CPU has it */
		EXPECT_FAULT(f, SIGTRAP, TRAP_BRKPT, 1);
		EXPECT_EQ((unsigned long)f.info.si_addr, f.ip);
		EXPECT_EQ(f.ip, (unsigned long)after_icebp);
	}
	f = fault_of(do_step);
	EXPECT_FAULT(f, SIGTRAP, TRAP_TRACE, 1);
	EXPECT_EQ(f.ip, (unsigned long)after_step);
	EXPECT_EQ((unsigned long)f.info.si_addr, f.ip);
}

/* ---- what is not the program's to do ---- */

static void do_cli(void)
{
	asm volatile("cli");
}

static void do_in(void)
{
	asm volatile("in $0x60, %%al" ::: "al");
}

static void do_rdmsr(void)
{
	asm volatile("rdmsr" :: "c"(0x10) : "eax", "edx");
}

static void do_int(void)
{
	asm volatile("int $0x21");
}

static void do_far_jump(void)
{
	static const struct {
		unsigned	offset;
		unsigned short	selector;
	} __attribute__((packed)) to = { 0, 0x10 };	/* ring 0's */

	asm volatile("ljmp *%0" :: "m"(to));
}

static void do_bad_opcode(void)
{
	asm volatile(".byte 0x06");	/* push %es: not in 64-bit mode */
}

TEST(privileges)
{
	static void (*const forbidden[])(void) = {
		do_cli, do_in, do_rdmsr, do_int, do_far_jump,
	};
	struct fault f;

	for (size_t i = 0; i < ARRAY_SIZE(forbidden); i++) {
		f = fault_of(forbidden[i]);
		EXPECT_FAULT(f, SIGSEGV, SI_KERNEL, 13);
		EXPECT(f.info.si_addr == NULL);
	}
	f = fault_of(do_bad_opcode);
	EXPECT_FAULT(f, SIGILL, ILL_ILLOPN, 6);
	EXPECT_EQ((unsigned long)f.info.si_addr, f.ip);
}

/* ---- memory ---- */

static char *page;

static void read_page(void)
{
	(void)*(volatile char *)page;
}

static void write_page(void)
{
	*(volatile char *)(page + 123) = 1;
}

static void run_page(void)
{
	((void (*)(void))page)();
}

static void stack_not_canonical(void)
{
	asm volatile("push %%rbp; mov %0, %%rbp; mov (%%rbp), %%rax; pop %%rbp"
		     :: "r"(1UL << 62) : "rax", "memory");
}

TEST(memory)
{
	struct fault f;
	int fd;

	page = OK(mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0));
	f = fault_of(read_page);
	EXPECT_FAULT(f, SIGSEGV, SEGV_ACCERR, 14);
	EXPECT(f.info.si_addr == page);
	EXPECT_EQ(f.cr2, (unsigned long)page);
	EXPECT_EQ(f.err & 7, 4);		/* from ring 3, a read */
	OK(mprotect(page, 4096, PROT_READ));
	f = fault_of(write_page);
	EXPECT_FAULT(f, SIGSEGV, SEGV_ACCERR, 14);
	EXPECT(f.info.si_addr == page + 123);
	EXPECT_EQ(f.err & 6, 6);
	f = fault_of(run_page);
	EXPECT_FAULT(f, SIGSEGV, SEGV_ACCERR, 14);
	EXPECT_EQ(f.ip, (unsigned long)page);
	EXPECT_EQ(f.err & 0x14, 0x14);
	OK(munmap(page, 4096));
	page = (char *)0x5000;
	f = fault_of(run_page);
	EXPECT_FAULT(f, SIGSEGV, SEGV_MAPERR, 14);
	EXPECT(f.info.si_addr == page);

	/* What rbp points to is in the stack segment. */
	f = fault_of(stack_not_canonical);
	EXPECT(f.trapno == 12 || f.trapno == 13);
	EXPECT_EQ(f.info.si_signo, f.trapno == 12 ? SIGBUS : SIGSEGV);
	EXPECT_EQ(f.info.si_code, SI_KERNEL);

	/* Behind the end of the file. */
	fd = OK(open("short", O_CREAT | O_RDWR, 0600));
	page = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	f = fault_of(write_page);
	EXPECT_FAULT(f, SIGBUS, BUS_ADRERR, 14);
	EXPECT(f.info.si_addr == page + 123);
	OK(munmap(page, 4096));
	OK(close(fd));
}
