/*
 * What a signal's context says of faults. The trap's number, its error code and the address are those of the last
 * fault the thread was sent a signal for, whatever the signal at hand is. Code
 * and stack segment are taken from the frame: hostile ones are the program's
 * own fault.
 */
#include "sigtools.h"

#include <pthread.h>
#include <sys/mman.h>
#include <ucontext.h>

#define KERNEL_TEXT	((char *)0xffffffff81000000UL)
#define KERNEL_DATA	((char *)0xffff888000000000UL)
#define KERNEL_NOTHING	((char *)0xffffc70000000000UL)
#define LAST_PAGE	((char *)0x7ffffffff000UL)	/* not the user's */

struct trap {
	unsigned long	nr, err, cr2;
};

static struct trap seen;
static char *volatile page;

static void look(ucontext_t *uc)
{
	const greg_t *regs = uc->uc_mcontext.gregs;

	seen = (struct trap){ regs[REG_TRAPNO], regs[REG_ERR], regs[REG_CR2] };
}

static void only_look(int sig, siginfo_t *si, void *uc)
{
	(void)si;
	note(sig);
	look(uc);
}

/* The trap a signal of no fault tells of. */
static struct trap told_by_kill(void)
{
	int before = count;

	handle_info(SIGUSR1, only_look, 0);
	OK(kill(getpid(), SIGUSR1));
	EXPECT_EQ(count, before + 1);
	return seen;
}

#define EXPECT_TRAP(t, number, error, address) do {			\
	struct trap _t = (t);						\
	EXPECT_EQ(_t.nr, number);					\
	EXPECT_EQ(_t.err, error);					\
	EXPECT_EQ(_t.cr2, (unsigned long)(address));			\
} while (0)

static void map_page(void)
{
	page = OK(mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0));
}

static void repair_page(int sig, siginfo_t *si, void *uc)
{
	only_look(sig, si, uc);
	OK(mprotect(page, 4096, PROT_READ | PROT_WRITE));
}

/* A fault at page + 5 which is then repaired. */
static void make_fault(void)
{
	map_page();
	handle_info(SIGSEGV, repair_page, 0);
	page[5] = 1;
	EXPECT_TRAP(seen, 14, 6, page + 5);
}

/* Faults nobody hears of: of new pages and copies. */
static void make_quiet_faults(void)
{
	volatile char *fresh = OK(mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	pid_t pid;

	for (int i = 0; i < 8; i++)
		fresh[i * 4096] = fresh[i * 4096 + 1] + 1;
	IN_CHILD(pid)
		fresh[0] = 1;
	EXPECT_EXIT(pid, 0);
	fresh[0] = 2;
	OK(munmap((void *)fresh, 8 * 4096));
}

/* A fault of the kernel's, on our behalf: the call fails, nothing more. */
static void make_kernel_faults(void)
{
	int fds[2];

	OK(pipe(fds));
	EXPECT_ERR(write(fds[1], (void *)64, 1), EFAULT);
	EXPECT_ERR(write(fds[1], KERNEL_TEXT, 1), EFAULT);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(last_fault_is_remembered)
{
	make_fault();
	EXPECT_TRAP(told_by_kill(), 14, 6, page + 5);
	make_quiet_faults();
	make_kernel_faults();
	EXPECT_TRAP(told_by_kill(), 14, 6, page + 5);
	OK(munmap(page, 4096));
}

/* ---- other traps ---- */

static volatile int skip;		/* how long the instruction is */

static void skip_instruction(int sig, siginfo_t *si, void *uc)
{
	only_look(sig, si, uc);
	((ucontext_t *)uc)->uc_mcontext.gregs[REG_RIP] += skip;
}

static void do_hlt(void)
{
	skip = 1;
	asm volatile("hlt" ::: "memory");
}

static void do_ud2(void)
{
	skip = 2;
	asm volatile("ud2" ::: "memory");
}

static void do_int3(void)
{
	skip = 0;
	asm volatile("int3" ::: "memory");
}

static void do_divide(void)
{
	skip = 2;
	asm volatile("xor %%ecx, %%ecx; mov $1, %%eax; cltd; div %%ecx"
		     ::: "eax", "ecx", "edx", "memory");
}

static void do_bad_selector(void)
{
	skip = 2;
	asm volatile("mov %0, %%ds" :: "r"(0x10) : "memory");
}

static const struct {
	void		(*make)(void);
	int		sig;
	unsigned long	nr, err;
} traps[] = {
	{ do_divide, SIGFPE, 0, 0 },
	{ do_hlt, SIGSEGV, 13, 0 },
	{ do_int3, SIGTRAP, 3, 0 },
	{ do_ud2, SIGILL, 6, 0 },
	{ do_bad_selector, SIGSEGV, 13, 0x10 },
};

/* Traps that have no address leave the one of the last page fault alone. */
TEST(other_traps_keep_the_address)
{
	make_fault();
	for (size_t i = 0; i < ARRAY_SIZE(traps); i++) {
		handle_info(traps[i].sig, skip_instruction, 0);
		traps[i].make();
		EXPECT_EQ(last_sig, traps[i].sig);
		EXPECT_TRAP(seen, traps[i].nr, traps[i].err, page + 5);
		make_quiet_faults();
		EXPECT_TRAP(told_by_kill(), traps[i].nr, traps[i].err,
			    page + 5);
	}
	OK(munmap(page, 4096));
}

static void step_over(int sig, siginfo_t *si, void *uc)
{
	only_look(sig, si, uc);
	((ucontext_t *)uc)->uc_mcontext.gregs[REG_EFL] &= ~0x100L;
}

TEST(a_step_is_a_trap_too)
{
	make_fault();
	handle_info(SIGTRAP, step_over, 0);
	asm volatile("pushf; orl $0x100, (%%rsp); popf; nop" ::: "cc",
		     "memory");
	EXPECT_TRAP(seen, 1, 0, page + 5);
	EXPECT_TRAP(told_by_kill(), 1, 0, page + 5);
	OK(munmap(page, 4096));
}

/* Behind the end of a file: a page fault that is SIGBUS. */
TEST(a_bus_error_is_a_page_fault)
{
	char *map;
	int fd = OK(open("empty", O_CREAT | O_RDWR, 0600));

	map = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	page = OK(mmap(map, 4096, PROT_READ | PROT_WRITE, MAP_SHARED |
		       MAP_FIXED, fd, 0));
	handle_info(SIGBUS, skip_instruction, 0);
	skip = 2;
	asm volatile("movb (%0), %%al" :: "r"(page + 77) : "rax", "memory");
	EXPECT_EQ(last_sig, SIGBUS);
	EXPECT_TRAP(seen, 14, 4, page + 77);
	EXPECT_TRAP(told_by_kill(), 14, 4, page + 77);
	OK(munmap(page, 4096));
	OK(close(fd));
}

/* ---- whose fault it is ---- */

static void *thread_looks(void *arg)
{
	OK(tgkill(getpid(), gettid(), SIGUSR1));
	*(struct trap *)arg = seen;
	return NULL;
}

/* Threads and children begin with what their creator knows. */
TEST(it_is_inherited)
{
	struct trap theirs;
	pthread_t thread;
	pid_t pid;

	make_fault();
	IN_CHILD(pid)
		EXPECT_TRAP(told_by_kill(), 14, 6, page + 5);
	EXPECT_EXIT(pid, 0);
	handle_info(SIGUSR1, only_look, 0);
	EXPECT_EQ(pthread_create(&thread, NULL, thread_looks, &theirs), 0);
	EXPECT_EQ(pthread_join(thread, NULL), 0);
	EXPECT_TRAP(theirs, 14, 6, page + 5);
	OK(munmap(page, 4096));
}

static void *thread_divides(void *arg)
{
	(void)arg;
	handle_info(SIGFPE, skip_instruction, 0);
	do_divide();
	return NULL;
}

TEST(it_is_the_threads_own)
{
	pthread_t thread;

	make_fault();
	EXPECT_EQ(pthread_create(&thread, NULL, thread_divides, NULL), 0);
	EXPECT_EQ(pthread_join(thread, NULL), 0);
	EXPECT_TRAP(seen, 0, 0, page + 5);
	EXPECT_TRAP(told_by_kill(), 14, 6, page + 5);
	OK(munmap(page, 4096));
}

HELPER(trap_after_exec)
{
	EXPECT_TRAP(told_by_kill(), strtoul(argv[1], NULL, 16),
		    strtoul(argv[2], NULL, 16), strtoul(argv[3], NULL, 16));
	return 0;
}

TEST(exec_keeps_it)
{
	char cr2[32];
	char *argv[] = { HELPER_ARGV("trap_after_exec"), "e", "6", cr2, NULL };
	pid_t pid;

	make_fault();
	snprintf(cr2, sizeof(cr2), "%lx", (unsigned long)(page + 5));
	IN_CHILD(pid) {
		execv(SELF, argv);
		_exit(1);
	}
	EXPECT_EXIT(pid, 0);
	OK(munmap(page, 4096));
}

/* ---- the kernel's half ---- */

static void read_from(void *p)
{
	skip = 2;
	asm volatile("movb (%0), %%al" :: "D"(p) : "rax", "memory");
}

static void write_to(void *p)
{
	skip = 2;
	asm volatile("movb %%al, (%0)" :: "D"(p) : "memory");
}

/* The return address is that of who called it. */
static void return_from_call(int sig, siginfo_t *si, void *uc)
{
	greg_t *regs = ((ucontext_t *)uc)->uc_mcontext.gregs;

	only_look(sig, si, uc);
	regs[REG_RIP] = *(long *)regs[REG_RSP];
	regs[REG_RSP] += 8;
}

static siginfo_t kernel_info;

static void skip_and_tell(int sig, siginfo_t *si, void *uc)
{
	skip_instruction(sig, si, uc);
	kernel_info = *si;
}

/* Whatever is there, it looks like a page that is and is forbidden. */
TEST(nothing_shows_what_the_kernel_has_mapped)
{
	static char *const places[] = {
		KERNEL_TEXT, KERNEL_DATA, KERNEL_NOTHING, LAST_PAGE,
	};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		handle_info(SIGSEGV, skip_and_tell, 0);
		read_from(places[i]);
		EXPECT_TRAP(seen, 14, 5, places[i]);
		EXPECT_EQ(kernel_info.si_code, SEGV_MAPERR);
		EXPECT(kernel_info.si_addr == places[i]);
		write_to(places[i] + 3);
		EXPECT_TRAP(seen, 14, 7, places[i] + 3);
		handle_info(SIGSEGV, return_from_call, 0);
		((void (*)(void))places[i])();
		EXPECT_TRAP(seen, 14, 0x15, places[i]);
	}
}
