/*
 * What rt_sigreturn(2) makes of a frame that a handler has changed: segments,
 * addresses, the alternate stack. The frame is the program's memory, so it may
 * say anything. What cannot be ends in SIGSEGV, and the kernel is not harmed.
 */
#include "sigtools.h"

#include <pthread.h>
#include <sys/mman.h>
#include <ucontext.h>

#ifndef SS_AUTODISARM
#define SS_AUTODISARM	(1U << 31)
#endif
#define UC_FP_XSTATE		1
#define UC_SIGCONTEXT_SS	2
#define UC_STRICT_RESTORE_SS	4
#define USER_CS			0x33
#define USER_SS			0x2b
#define ALT_SIZE		65536

/* What the second handler, the one for SIGSEGV, is told. */
struct told {
	int		sig, code;
	unsigned short	cs, ss;
	unsigned long	trap, err, rip, rsp, flags;
	unsigned long	own_ss;		/* the handler's */
};

static struct told *told;

/* What the first handler is to write into its frame; 0: leave it alone. */
static volatile struct {
	unsigned short	cs, ss;
	bool		set_cs, set_ss, lax;
	unsigned long	rip, rsp;
} change;

static unsigned short cs_of(const ucontext_t *uc)
{
	return uc->uc_mcontext.gregs[REG_CSGSFS];
}

static unsigned short ss_of(const ucontext_t *uc)
{
	return (uint64_t)uc->uc_mcontext.gregs[REG_CSGSFS] >> 48;
}

static void do_change(int sig, siginfo_t *si, void *arg)
{
	ucontext_t *uc = arg;
	uint64_t segs = uc->uc_mcontext.gregs[REG_CSGSFS];

	(void)si;
	note(sig);
	if (change.set_cs)
		segs = (segs & ~0xffffUL) | change.cs;
	if (change.set_ss)
		segs = (segs & ~(0xffffUL << 48)) | (uint64_t)change.ss << 48;
	uc->uc_mcontext.gregs[REG_CSGSFS] = segs;
	if (change.lax)
		uc->uc_flags &= ~UC_STRICT_RESTORE_SS;
	if (change.rip)
		uc->uc_mcontext.gregs[REG_RIP] = change.rip;
	if (change.rsp)
		uc->uc_mcontext.gregs[REG_RSP] = change.rsp;
}

static unsigned long read_ss(void)
{
	unsigned long ss;

	asm volatile("mov %%ss, %0" : "=r"(ss));
	return ss;
}

static void tell_and_exit(int sig, siginfo_t *si, void *arg)
{
	ucontext_t *uc = arg;
	const greg_t *regs = uc->uc_mcontext.gregs;

	*told = (struct told){
		.sig = sig, .code = si->si_code,
		.cs = cs_of(uc), .ss = ss_of(uc),
		.trap = regs[REG_TRAPNO], .err = regs[REG_ERR],
		.rip = regs[REG_RIP], .rsp = regs[REG_RSP],
		.flags = uc->uc_flags, .own_ss = read_ss(),
	};
	_exit(sig);
}

static void share_told(void)
{
	told = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

static void use_alt_stack(void)
{
	stack_t ss = { .ss_size = ALT_SIZE };

	ss.ss_sp = OK(mmap(NULL, ALT_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	OK(sigaltstack(&ss, NULL));
}

/*
 * In a child: return from a handler through a frame changed as `change` says.
 * 0 if nothing happens, else the signal; *told has the rest.
 */
static int come_back(void)
{
	pid_t pid;
	int status;

	memset(told, 0, sizeof(*told));
	IN_CHILD(pid) {
		use_alt_stack();
		handle_info(SIGUSR1, do_change, SA_ONSTACK);
		handle_info(SIGSEGV, tell_and_exit, SA_ONSTACK);
		handle_info(SIGBUS, tell_and_exit, SA_ONSTACK);
		OK(kill(getpid(), SIGUSR1));
		_exit(0);
	}
	status = wait_status(pid);
	EXPECT(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int with_cs(unsigned short cs)
{
	change.set_cs = true;
	change.cs = cs;
	return come_back();
}

static int with_ss(unsigned short ss)
{
	change.set_ss = true;
	change.ss = ss;
	return come_back();
}

#define EXPECT_GP(selector) do {					\
	EXPECT_EQ(told->code, SI_KERNEL);				\
	EXPECT_EQ(told->trap, 13);					\
	EXPECT_EQ(told->err, (selector) & ~3);				\
	EXPECT_EQ(told->own_ss, USER_SS);				\
} while (0)

/* ---- segments ---- */

/*
 * Kernel's, none, data, system, and beyond the tables. (What a program may
 * call through in 32-bit mode, 0x23, is not a subject here.)
 */
static const unsigned short bad_cs[] = {
	0, 3, 8, 0x10, 0x13, 0x18, 0x1b, 0x28, 0x2b, 0x40, 0x43, 0x48,
	0x7b, 0x1000, 0x1003, 0xfff8, 0xffff,
};

TEST(code_segments_that_cannot_be)
{
	share_told();
	for (size_t i = 0; i < ARRAY_SIZE(bad_cs); i++) {
		EXPECT_EQ(with_cs(bad_cs[i]), SIGSEGV);
		EXPECT_GP(bad_cs[i]);
		/* The frame shows it as it would have been. */
		EXPECT_EQ(told->cs, bad_cs[i] | 3);
		EXPECT_EQ(told->ss, USER_SS);
	}
	OK(munmap(told, 4096));
}

TEST(ring_3_is_forced)
{
	share_told();
	for (int rpl = 0; rpl < 4; rpl++)
		EXPECT_EQ(with_cs((USER_CS & ~3) | rpl), 0);
	change.set_cs = false;
	for (int rpl = 0; rpl < 4; rpl++)
		EXPECT_EQ(with_ss((USER_SS & ~3) | rpl), 0);
	OK(munmap(told, 4096));
}

static const unsigned short bad_ss[] = {
	0, 3, 8, 0x10, 0x13, 0x18, 0x1b, 0x30, 0x33, 0x40, 0x43, 0x7b,
	0x1000, 0x1003, 0xfff8, 0xffff,
};

TEST(stack_segments_that_cannot_be)
{
	share_told();
	for (size_t i = 0; i < ARRAY_SIZE(bad_ss); i++) {
		EXPECT_EQ(with_ss(bad_ss[i]), SIGSEGV);
		EXPECT_GP(bad_ss[i]);
		EXPECT_EQ(told->cs, USER_CS);
		EXPECT_EQ(told->ss, bad_ss[i] | 3);
	}
	OK(munmap(told, 4096));
}

/* Who does not say that it means it gets one that works. */
TEST(stack_segments_are_mended_on_request)
{
	share_told();
	change.lax = true;
	for (size_t i = 0; i < ARRAY_SIZE(bad_ss); i++)
		EXPECT_EQ(with_ss(bad_ss[i]), 0);
	/* But not for the sake of a code segment that is none. */
	EXPECT_EQ(with_cs(0x10), SIGSEGV);
	EXPECT_EQ(told->ss, bad_ss[ARRAY_SIZE(bad_ss) - 1] | 3);
	OK(munmap(told, 4096));
}

TEST(both_at_once)
{
	share_told();
	change.set_ss = true;
	change.ss = 0x18;
	EXPECT_EQ(with_cs(0x10), SIGSEGV);
	EXPECT_EQ(told->trap, 13);
	EXPECT_EQ(told->cs, 0x13);
	EXPECT_EQ(told->ss, 0x1b);
	OK(munmap(told, 4096));
}

static volatile int tries;

static void mend_cs(int sig, siginfo_t *si, void *arg)
{
	ucontext_t *uc = arg;
	greg_t *regs = uc->uc_mcontext.gregs;

	(void)si;
	note(sig);
	if (++tries < 3)
		return;			/* the same again */
	regs[REG_CSGSFS] = (regs[REG_CSGSFS] & ~0xffffL) | USER_CS;
}

TEST(a_handler_can_mend_it)
{
	handle_info(SIGUSR1, do_change, 0);
	handle_info(SIGSEGV, mend_cs, 0);
	change.set_cs = true;
	change.cs = 0x10;
	OK(kill(getpid(), SIGUSR1));
	EXPECT_EQ(tries, 3);
	EXPECT_EQ(count, 4);
}

static void look_at_segments(int sig, siginfo_t *si, void *arg)
{
	(void)si;
	note(sig);
	EXPECT_EQ(cs_of(arg), USER_CS);
	EXPECT_EQ(ss_of(arg), USER_SS);
	EXPECT_EQ(((ucontext_t *)arg)->uc_mcontext.gregs[REG_CSGSFS] >> 16 &
		  0xffffffff, 0);
	EXPECT_EQ(((ucontext_t *)arg)->uc_flags & ~UC_FP_XSTATE,
		  UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS);
}

TEST(segments_of_a_normal_frame)
{
	handle_info(SIGUSR1, look_at_segments, 0);
	OK(kill(getpid(), SIGUSR1));
	EXPECT_EQ(count, 1);
}

/* ---- addresses ---- */

TEST(places_that_cannot_be)
{
	share_told();
	change.rip = 0x8000000000000000UL;
	EXPECT_EQ(come_back(), SIGSEGV);
	EXPECT_EQ(told->code, SI_KERNEL);
	EXPECT_EQ(told->trap, 13);
	EXPECT_EQ(told->rip, change.rip);
	change.rip = 0xffffffff81000000UL;
	EXPECT_EQ(come_back(), SIGSEGV);
	EXPECT_EQ(told->code, SEGV_MAPERR);
	EXPECT_EQ(told->trap, 14);
	EXPECT_EQ(told->err, 0x15);
	EXPECT_EQ(told->rip, change.rip);
	OK(munmap(told, 4096));
}

/* A frame that lies where none can: the call itself. */
static void return_without_frame(void *sp)
{
	asm volatile("mov %0, %%rsp\n\tsyscall\n\tud2"
		     :: "r"(sp), "a"((long)SYS_rt_sigreturn)
		     : "memory", "rcx", "r11");
}

TEST(no_frame_at_all)
{
	static void *const places[] = {
		NULL, (void *)8, (void *)4096, (void *)0x7fffffffeff8,
		(void *)0x7ffffffff000, (void *)0x8000000000000000,
		(void *)0xffffffff81000000, (void *)-8L,
	};
	pid_t pid;

	share_told();
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		IN_CHILD(pid) {
			use_alt_stack();
			handle_info(SIGSEGV, tell_and_exit, SA_ONSTACK);
			return_without_frame(places[i]);
		}
		EXPECT_EXIT(pid, SIGSEGV);
		EXPECT_EQ(told->code, SI_KERNEL);
		EXPECT_EQ(told->rsp, (unsigned long)places[i]);
		/* Whether the handler has a stack or not. */
		IN_CHILD(pid)
			return_without_frame(places[i]);
		EXPECT_KILLED(pid, SIGSEGV);
	}
	OK(munmap(told, 4096));
}

/* ---- the alternate stack as the frame shows it ---- */

static volatile stack_t in_frame[2];
static volatile int frames;

static void nest_once(int sig, siginfo_t *si, void *arg)
{
	ucontext_t *uc = arg;

	(void)si;
	note(sig);
	in_frame[frames].ss_sp = uc->uc_stack.ss_sp;
	in_frame[frames].ss_size = uc->uc_stack.ss_size;
	in_frame[frames].ss_flags = uc->uc_stack.ss_flags;
	if (frames++ == 0)
		OK(kill(getpid(), SIGUSR2));
}

/* Handlers for SIGUSR1 and, within it, SIGUSR2, with @how; @mode is asked. */
static void nest(int how1, int how2, char *sp, unsigned mode)
{
	stack_t ss = { .ss_sp = sp, .ss_size = ALT_SIZE, .ss_flags = mode };

	OK(sigaltstack(&ss, NULL));
	handle_info(SIGUSR1, nest_once, how1);
	handle_info(SIGUSR2, nest_once, how2);
	frames = 0;
	OK(kill(getpid(), SIGUSR1));
	EXPECT_EQ(frames, 2);
}

#define EXPECT_STACK(i, sp, size, flags) do {				\
	EXPECT(in_frame[i].ss_sp == (sp));				\
	EXPECT_EQ(in_frame[i].ss_size, size);				\
	EXPECT_EQ((unsigned)in_frame[i].ss_flags, (unsigned)(flags));	\
} while (0)

/* It is what sigaltstack(2) was told, not where one stands. */
TEST(the_frame_shows_what_was_set)
{
	static const unsigned modes[] = { 0, SS_ONSTACK };
	char *sp = OK(mmap(NULL, ALT_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		nest(SA_ONSTACK, SA_ONSTACK, sp, modes[i]);
		EXPECT_STACK(0, sp, ALT_SIZE, modes[i]);
		EXPECT_STACK(1, sp, ALT_SIZE, modes[i]);
		nest(0, SA_ONSTACK, sp, modes[i]);
		EXPECT_STACK(0, sp, ALT_SIZE, modes[i]);
		EXPECT_STACK(1, sp, ALT_SIZE, modes[i]);
		nest(SA_ONSTACK, 0, sp, modes[i]);
		EXPECT_STACK(1, sp, ALT_SIZE, modes[i]);
	}
	nest(SA_ONSTACK, SA_ONSTACK, sp, SS_AUTODISARM);
	EXPECT_STACK(0, sp, ALT_SIZE, SS_AUTODISARM);
	EXPECT_STACK(1, NULL, 0, SS_DISABLE);
	nest(SA_ONSTACK, SA_ONSTACK, sp, SS_AUTODISARM | SS_ONSTACK);
	EXPECT_STACK(0, sp, ALT_SIZE, SS_AUTODISARM | SS_ONSTACK);
	EXPECT_STACK(1, NULL, 0, SS_DISABLE);
	nest(SA_ONSTACK, SA_ONSTACK, sp, SS_DISABLE);
	EXPECT_STACK(0, NULL, 0, SS_DISABLE);
	nest(SA_ONSTACK, SA_ONSTACK, sp, SS_DISABLE | SS_AUTODISARM);
	EXPECT_STACK(0, NULL, 0, SS_DISABLE | SS_AUTODISARM);
	OK(munmap(sp, ALT_SIZE));
}

static void *thread_looks(void *arg)
{
	(void)arg;
	OK(tgkill(getpid(), gettid(), SIGUSR1));
	return NULL;
}

/* Before any sigaltstack(2): in a new program, and in a new thread. */
TEST(the_frame_when_none_was_set)
{
	pthread_t thread;

	handle_info(SIGUSR1, nest_once, 0);
	frames = 1;
	OK(kill(getpid(), SIGUSR1));
	EXPECT_STACK(1, NULL, 0, SS_DISABLE);
	use_alt_stack();
	frames = 1;
	EXPECT_EQ(pthread_create(&thread, NULL, thread_looks, NULL), 0);
	EXPECT_EQ(pthread_join(thread, NULL), 0);
	EXPECT_STACK(1, NULL, 0, SS_DISABLE);
}
