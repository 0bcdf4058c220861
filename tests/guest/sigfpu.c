/*
 * The FPU state in a signal frame: where it may lie, what it may say, and what
 * the program goes on with if it is refused. The CPU itself loads it, so its
 * rules hold: 64-byte alignment for XRSTOR, 16 for FXRSTOR, no features the
 * kernel has not turned on.
 */
#include "sigtools.h"

#include <cpuid.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>

#define LEGACY_SIZE	512
#define XSTATE_BV	512		/* offsets in the frame */
#define XCOMP_BV	520
#define RESERVED_LOW	528
#define RESERVED_HIGH	536
#define MARK_MAGIC1	464
#define MARK_SIZE	468		/* of all, with the second magic */
#define MARK_FEATURES	472
#define MARK_XSTATE	480		/* of the state */
#define MAGIC1		0x46505853
#define MAGIC2		0x46505845

#define PATTERN		0x1122334455667788UL
#define MXCSR		0x1fc0U		/* denormals are zero */
#define MXCSR_INITIAL	0x1f80U

static char *room;			/* aligned to a page */
static unsigned saved_size;

static bool has_xsave(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_OSXSAVE);
}

static uint32_t get32(const char *frame, int at)
{
	uint32_t value;

	memcpy(&value, frame + at, 4);
	return value;
}

static void put32(char *frame, int at, uint32_t value)
{
	memcpy(frame + at, &value, 4);
}

static void put64(char *frame, int at, uint64_t value)
{
	memcpy(frame + at, &value, 8);
}

/* ---- a signal while the registers hold something ---- */

/* What the handler is to do with its frame's state. */
static void *(*volatile give_back)(char *frame);

static void swap_frame(int sig, siginfo_t *si, void *arg)
{
	mcontext_t *mc = &((ucontext_t *)arg)->uc_mcontext;

	(void)si;
	note(sig);
	saved_size = has_xsave() ? get32((char *)mc->fpregs, MARK_SIZE) :
				   LEGACY_SIZE;
	mc->fpregs = give_back((char *)mc->fpregs);
}

struct fpu {
	uint64_t	xmm;
	unsigned	mxcsr;
};

/* Send a signal with known FPU registers; what they are afterwards. */
static struct fpu signal_with_state(void)
{
	struct fpu f = { PATTERN, MXCSR };
	long rax = SYS_kill;

	asm volatile("ldmxcsr %[csr]\n\tmovq %[xmm], %%xmm5\n\t"
		     "syscall\n\t"
		     "movq %%xmm5, %[xmm]\n\tstmxcsr %[csr]"
		     : "+a"(rax), [xmm] "+m"(f.xmm), [csr] "+m"(f.mxcsr)
		     : "D"((long)getpid()), "S"((long)SIGUSR1)
		     : "rcx", "r11", "xmm5", "memory");
	EXPECT_EQ(rax, 0);
	return f;
}

static volatile int refused;

static void on_refusal(int sig, siginfo_t *si, void *arg)
{
	const greg_t *regs = ((ucontext_t *)arg)->uc_mcontext.gregs;

	note(sig);
	refused++;
	EXPECT_EQ(si->si_code, SI_KERNEL);
	/* The registers are back already. */
	EXPECT_EQ(regs[REG_RAX], 0);
	EXPECT_EQ(regs[REG_RSI], SIGUSR1);
}

/* Is what @give supplies loaded? Refused, the state is the initial one. */
static bool accepted(void *(*give)(char *))
{
	struct fpu f;

	if (!room)
		room = OK(mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	give_back = give;
	refused = 0;
	handle_info(SIGUSR1, swap_frame, 0);
	handle_info(SIGSEGV, on_refusal, 0);
	f = signal_with_state();
	if (refused) {
		EXPECT_EQ(refused, 1);
		EXPECT_EQ(f.xmm, 0);
		EXPECT_EQ(f.mxcsr, MXCSR_INITIAL);
		return false;
	}
	EXPECT_EQ(f.xmm, PATTERN);
	EXPECT_EQ(f.mxcsr & ~0x3fU, MXCSR);
	return true;
}

/* ---- where it lies ---- */

static volatile size_t offset;
static void *volatile place;

static void *moved(char *frame)
{
	return memcpy(room + offset, frame, saved_size);
}

static void *moved_without_marks(char *frame)
{
	char *to = memset(room + offset, 0, LEGACY_SIZE + 64);

	memcpy(to, frame, LEGACY_SIZE);
	put32(to, MARK_MAGIC1, 0);
	return to;
}

TEST(it_may_lie_anywhere_that_is_aligned)
{
	size_t align = has_xsave() ? 64 : 16;

	for (offset = 0; offset < 512; offset += 8) {
		EXPECT_EQ(accepted(moved), offset % align == 0);
		EXPECT_EQ(accepted(moved_without_marks), offset % 16 == 0);
	}
	for (offset = 1; offset < 16; offset += 2) {
		EXPECT(!accepted(moved));
		EXPECT(!accepted(moved_without_marks));
	}
}

static void *somewhere(char *frame)
{
	(void)frame;
	return place;
}

TEST(places_that_are_not_the_users)
{
	static void *const places[] = {
		(void *)64, (void *)4096, (void *)0x7ffffffff000,
		(void *)0x7fffffffefc0, (void *)0x8000000000000000,
		(void *)0xffffffff81000000, (void *)0xffff888000000000,
		(void *)-64L, (void *)-1L, (void *)1,
	};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		place = places[i];
		EXPECT(!accepted(somewhere));
	}
}

static void *across_the_end(char *frame)
{
	char *to = room + 4096 - offset;

	memcpy(to, frame, saved_size < offset ? saved_size : offset);
	OK(munmap(room + 4096, 7 * 4096));
	return to;
}

TEST(a_frame_that_is_not_all_there)
{
	/* The last bytes of the old format hold nothing FXRSTOR must read. */
	size_t most = has_xsave() ? LEGACY_SIZE : LEGACY_SIZE - 128;
	pid_t pid;

	for (offset = 64; offset <= most; offset += 64) {
		IN_CHILD(pid)
			EXPECT(!accepted(across_the_end));
		EXPECT_EXIT(pid, 0);
	}
}

static void *read_only(char *frame)
{
	memcpy(room, frame, saved_size);
	OK(mprotect(room, 8 * 4096, PROT_READ));
	return room;
}

static void *not_readable(char *frame)
{
	memcpy(room, frame, saved_size);
	OK(mprotect(room, 8 * 4096, PROT_NONE));
	return room;
}

TEST(it_is_only_read)
{
	EXPECT(accepted(read_only));
	OK(mprotect(room, 8 * 4096, PROT_READ | PROT_WRITE));
	EXPECT(!accepted(not_readable));
	OK(munmap(room, 8 * 4096));
}

static void *none(char *frame)
{
	(void)frame;
	return NULL;
}

TEST(none_is_the_initial_state)
{
	struct fpu f;

	give_back = none;
	handle_info(SIGUSR1, swap_frame, 0);
	f = signal_with_state();
	EXPECT_EQ(f.xmm, 0);
	EXPECT_EQ(f.mxcsr, MXCSR_INITIAL);
}

/* ---- what it says ---- */

static volatile int at;
static volatile uint64_t value;

static void *with_value(char *frame)
{
	memcpy(room, frame, saved_size);
	put64(room, at, value);
	return room;
}

static bool accepted_with(int where, uint64_t what)
{
	at = where;
	value = what;
	return accepted(with_value);
}

TEST(headers_the_cpu_refuses)
{
	/* Behind the legacy state there is nothing without XSAVE. */
	bool none_there = !has_xsave();

	EXPECT_EQ(accepted_with(XSTATE_BV, 1UL << 62), none_there);
	EXPECT_EQ(accepted_with(XSTATE_BV, 1UL << 63), none_there);
	EXPECT_EQ(accepted_with(XSTATE_BV, -1UL), none_there);
	EXPECT_EQ(accepted_with(XCOMP_BV, 1), none_there);
	EXPECT(accepted_with(XSTATE_BV, 3));
	/* These it does not look at. */
	EXPECT(accepted_with(RESERVED_HIGH, -1UL));
	EXPECT(accepted_with(RESERVED_HIGH, 0));
}

/* What was refused is gone: it does not come back with the next switch. */
TEST(a_refused_header_is_forgotten)
{
	struct timespec moment = { .tv_nsec = 2000000 };
	uint64_t xmm;

	for (int where = XSTATE_BV; where <= RESERVED_LOW; where += 8) {
		EXPECT_EQ(accepted_with(where, -1UL), !has_xsave());
		for (int i = 0; i < 4; i++) {
			long rax = SYS_nanosleep;

			xmm = PATTERN + i;
			asm volatile("movq %[xmm], %%xmm5\n\t"
				     "syscall\n\t"
				     "movq %%xmm5, %[xmm]"
				     : "+a"(rax), [xmm] "+m"(xmm)
				     : "D"(&moment), "S"(NULL)
				     : "rcx", "r11", "xmm5", "memory");
			EXPECT_EQ(rax, 0);
			EXPECT_EQ(xmm, PATTERN + i);
		}
	}
}

static void *without_marks(char *frame)
{
	memcpy(room, frame, saved_size);
	put32(room, MARK_MAGIC1, value);
	/* What follows does not count then. */
	put64(room, XSTATE_BV, -1UL);
	return room;
}

static void *with_wrong_size(char *frame)
{
	memcpy(room, frame, saved_size);
	put32(room, MARK_XSTATE, value);
	if (has_xsave())
		put64(room, XSTATE_BV, -1UL);
	return room;
}

TEST(marks_that_are_wrong_mean_the_old_format)
{
	static const uint32_t sizes[] = { 0, 1, 511, 512, 575, 1 << 20, -1 };

	value = 0;
	EXPECT(accepted(without_marks));
	value = MAGIC2;
	EXPECT(accepted(without_marks));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		value = sizes[i];
		EXPECT(accepted(with_wrong_size));
	}
	if (has_xsave())
		EXPECT(!accepted_with(XSTATE_BV, -1UL));
}

/* Features the marks do not name get their initial state. */
static void *with_features(char *frame)
{
	memcpy(room, frame, saved_size);
	if (has_xsave())
		put64(room, MARK_FEATURES, value);
	return room;
}

TEST(features_the_marks_do_not_name)
{
	struct fpu f;

	value = 3;
	EXPECT(accepted(with_features));
	value = -1UL;
	EXPECT(accepted(with_features));
	value = 1;
	give_back = with_features;
	f = signal_with_state();
	EXPECT_EQ(f.xmm, has_xsave() ? 0 : PATTERN);
	EXPECT_EQ(f.mxcsr & ~0x3fU, has_xsave() ? MXCSR_INITIAL : MXCSR);
	value = 0;
	f = signal_with_state();
	EXPECT_EQ(f.xmm, has_xsave() ? 0 : PATTERN);
	EXPECT_EQ(f.mxcsr & ~0x3fU, has_xsave() ? MXCSR_INITIAL : MXCSR);
	EXPECT(saved_size >= LEGACY_SIZE);
}
