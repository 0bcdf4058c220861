/* sigaltstack(2): a stack for handlers; and flags a program can probe for. */
#include "sigtools.h"

#include <sys/auxv.h>
#include <sys/mman.h>
#include <ucontext.h>

#ifndef SS_AUTODISARM
#define SS_AUTODISARM	(1U << 31)
#endif
#define UNSUPPORTED	0x400
#define EXPOSE_TAGBITS	0x800
#define BAD		((void *)-4096)
#define SIZE		65536

static char *stack;
static volatile stack_t seen;
static volatile uintptr_t where;

static void set_stack(void *sp, size_t size, int flags)
{
	stack_t ss = { .ss_sp = sp, .ss_size = size, .ss_flags = flags };

	OK(sigaltstack(&ss, NULL));
}

static stack_t get_stack(void)
{
	stack_t ss;

	OK(sigaltstack(NULL, &ss));
	return ss;
}

static void new_stack(int flags)
{
	stack = OK(mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	set_stack(stack, SIZE, flags);
}

static void drop_stack(void)
{
	set_stack(NULL, 0, SS_DISABLE);
	OK(munmap(stack, SIZE));
}

static bool on_it(void)
{
	return where > (uintptr_t)stack && where <= (uintptr_t)stack + SIZE;
}

TEST(errors_of_sigaltstack)
{
	static char room[SIZE];
	stack_t ss = { .ss_sp = room, .ss_size = sizeof(room) };

	EXPECT_ERR(sigaltstack(BAD, NULL), EFAULT);
	EXPECT_ERR(sigaltstack(NULL, BAD), EFAULT);
	ss.ss_size = 2047;
	EXPECT_ERR(sigaltstack(&ss, NULL), ENOMEM);
	ss.ss_size = 0;
	EXPECT_ERR(sigaltstack(&ss, NULL), ENOMEM);
	ss.ss_size = 2048;
	EXPECT_EQ(sigaltstack(&ss, NULL), 0);
	ss.ss_flags = 4;
	EXPECT_ERR(sigaltstack(&ss, NULL), EINVAL);
	ss.ss_flags = SS_DISABLE | SS_ONSTACK;
	EXPECT_ERR(sigaltstack(&ss, NULL), EINVAL);
	ss.ss_flags = SS_AUTODISARM | 8;
	EXPECT_ERR(sigaltstack(&ss, NULL), EINVAL);
	/* An odd request that is taken for 0. */
	ss.ss_flags = SS_ONSTACK;
	EXPECT_EQ(sigaltstack(&ss, NULL), 0);
	EXPECT_EQ(get_stack().ss_flags, 0);
}

TEST(what_is_set_is_told)
{
	stack_t ss = get_stack();

	EXPECT_EQ(ss.ss_flags, SS_DISABLE);
	EXPECT(ss.ss_sp == NULL);
	EXPECT_EQ(ss.ss_size, 0);
	new_stack(0);
	ss = get_stack();
	EXPECT(ss.ss_sp == stack);
	EXPECT_EQ(ss.ss_size, SIZE);
	EXPECT_EQ(ss.ss_flags, 0);
	set_stack(stack, SIZE, SS_AUTODISARM);
	EXPECT_EQ((unsigned)get_stack().ss_flags, SS_AUTODISARM);
	set_stack(stack, 100, SS_DISABLE);
	ss = get_stack();
	EXPECT_EQ(ss.ss_flags, SS_DISABLE);
	EXPECT(ss.ss_sp == NULL);
	EXPECT_EQ(ss.ss_size, 0);
	drop_stack();
}

/* Fork keeps it, exec and a thread of the same memory do not. */
HELPER(sigstack_after_exec)
{
	return get_stack().ss_flags == SS_DISABLE ? 0 : 1;
}

TEST(fork_keeps_it_and_exec_does_not)
{
	char *argv[] = { HELPER_ARGV("sigstack_after_exec"), NULL };
	pid_t pid;

	new_stack(0);
	IN_CHILD(pid) {
		EXPECT(get_stack().ss_sp == stack);
		execv(SELF, argv);
		_exit(1);
	}
	EXPECT_EXIT(pid, 0);
	drop_stack();
}

static void look(int sig, siginfo_t *si, void *uc)
{
	stack_t change = { .ss_flags = SS_DISABLE };

	(void)si;
	note(sig);
	where = (uintptr_t)uc;
	seen = get_stack();
	/* Not while one stands on it. */
	if (seen.ss_flags & SS_ONSTACK)
		EXPECT_ERR(sigaltstack(&change, NULL), EPERM);
	EXPECT(((ucontext_t *)uc)->uc_stack.ss_sp == stack);
}

TEST(handlers_run_on_it_if_they_ask)
{
	new_stack(0);
	handle_info(SIGUSR1, look, SA_ONSTACK);
	OK(raise(SIGUSR1));
	EXPECT_EQ(count, 1);
	EXPECT(on_it());
	EXPECT_EQ(seen.ss_flags, SS_ONSTACK);
	EXPECT_EQ(get_stack().ss_flags, 0);
	handle_info(SIGUSR1, look, 0);
	OK(raise(SIGUSR1));
	EXPECT_EQ(count, 2);
	EXPECT(!on_it());
	EXPECT_EQ(seen.ss_flags, 0);
	drop_stack();
}

static void nest(int sig, siginfo_t *si, void *uc)
{
	static uintptr_t outer;

	(void)si;
	note(sig);
	if (sig == SIGUSR1) {
		outer = (uintptr_t)uc;
		OK(raise(SIGUSR2));
		return;
	}
	where = (uintptr_t)uc;
	EXPECT(where < outer);		/* below, not at the top again */
}

TEST(a_nested_handler_goes_on_below)
{
	new_stack(0);
	handle_info(SIGUSR1, nest, SA_ONSTACK);
	handle_info(SIGUSR2, nest, SA_ONSTACK);
	OK(raise(SIGUSR1));
	EXPECT_EQ(count, 2);
	EXPECT(on_it());
	drop_stack();
}

/* Disarmed while the handler runs, so that it may leave it by a jump. */
static void disarmed(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *context = uc;

	(void)si;
	note(sig);
	where = (uintptr_t)uc;
	seen = get_stack();
	EXPECT_EQ(seen.ss_flags, SS_DISABLE);
	EXPECT(context->uc_stack.ss_sp == stack);
	EXPECT_EQ((unsigned)context->uc_stack.ss_flags, SS_AUTODISARM);
}

TEST(autodisarm)
{
	new_stack(SS_AUTODISARM);
	handle_info(SIGUSR1, disarmed, SA_ONSTACK);
	OK(raise(SIGUSR1));
	EXPECT_EQ(count, 1);
	EXPECT(on_it());
	EXPECT_EQ((unsigned)get_stack().ss_flags, SS_AUTODISARM);
	EXPECT(get_stack().ss_sp == stack);
	drop_stack();
}

/* A handler may set what holds when it has returned. */
static void replace(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *context = uc;

	(void)si;
	note(sig);
	context->uc_stack.ss_sp = stack + SIZE / 2;
	context->uc_stack.ss_size = SIZE / 2;
	context->uc_stack.ss_flags = 0;
}

TEST(sigreturn_sets_it)
{
	new_stack(0);
	handle_info(SIGUSR1, replace, 0);
	OK(raise(SIGUSR1));
	EXPECT(get_stack().ss_sp == stack + SIZE / 2);
	EXPECT_EQ(get_stack().ss_size, SIZE / 2);
	drop_stack();
}

/* ---- too little room ---- */

static void eat_stack(int sig)
{
	(void)sig;
	/* Stand near its lower end, where no frame fits any more. */
	asm volatile("mov %0, %%rsp\n\t"
		     "syscall\n\t"
		     "ud2"
		     :: "r"(stack + SIZE / 2 + 256), "a"((long)SYS_kill),
		     "D"((long)getpid()), "S"((long)SIGUSR2)
		     : "memory", "rcx", "r11");
}

/* The memory below is there, but is not the stack: not to be written to. */
TEST(no_frame_leaves_the_stack)
{
	pid_t pid;

	new_stack(0);
	set_stack(stack + SIZE / 2, SIZE / 2, 0);
	IN_CHILD(pid) {
		handle(SIGUSR1, eat_stack, SA_ONSTACK);
		handle(SIGUSR2, note, SA_ONSTACK);
		OK(raise(SIGUSR1));
	}
	EXPECT_KILLED(pid, SIGSEGV);
	drop_stack();
}

/* A frame with much FPU state is larger than the least stack there may be. */
TEST(a_stack_below_what_the_frame_takes)
{
	size_t least = getauxval(AT_MINSIGSTKSZ);
	pid_t pid;

	EXPECT(least >= 1024 && least < 16384);
	if (least <= 2048)
		SKIP("2048 bytes are enough on this CPU");
	new_stack(0);
	for (int disarm = 0; disarm <= 1; disarm++) {
		IN_CHILD(pid) {
			set_stack(stack + SIZE / 2, 2048,
				  disarm ? (int)SS_AUTODISARM : 0);
			handle(SIGUSR1, note, SA_ONSTACK);
			OK(raise(SIGUSR1));
		}
		EXPECT_KILLED(pid, SIGSEGV);
	}
	drop_stack();
}

TEST(a_stack_of_what_the_kernel_says)
{
	size_t least = getauxval(AT_MINSIGSTKSZ);

	EXPECT(least >= 1024 && least < 16384);
	if (least < 2048)
		least = 2048;
	new_stack(0);
	set_stack(stack, least + 1024, 0);	/* and some for the handler */
	handle(SIGUSR1, note, SA_ONSTACK);
	OK(raise(SIGUSR1));
	EXPECT_EQ(count, 1);
	drop_stack();
}

static void on_overflow(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	(void)sig;
	where = (uintptr_t)si->si_addr;
	_exit(7);
}

/* What it is for: to say a last word when the stack has run out. */
TEST(a_stack_that_ran_out)
{
	pid_t pid;

	new_stack(0);
	IN_CHILD(pid) {
		handle_info(SIGSEGV, on_overflow, SA_ONSTACK);
		asm volatile("mov $4096, %%rsp\n\tpush %%rax" ::: "memory");
	}
	EXPECT_EXIT(pid, 7);
	drop_stack();
}

/* ---- probing ---- */

/*
 * A program sets a flag it wants together with one that no kernel has, and
 * reads both back: a kernel that clears unknown bits has cleared that.
 */
TEST(flags_that_are_not_there_are_cleared)
{
	struct {
		void		*handler;
		unsigned long	flags;
		void		*restorer;
		unsigned long	mask;
	} ka = { SIG_IGN, 0, NULL, 0 };
	unsigned long known = SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO |
			      SA_ONSTACK | SA_RESTART | SA_NODEFER |
			      (unsigned)SA_RESETHAND | 0x04000000 |
			      EXPOSE_TAGBITS;

	ka.flags = EXPOSE_TAGBITS | UNSUPPORTED;
	OK(syscall(SYS_rt_sigaction, SIGUSR1, &ka, NULL, 8));
	OK(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &ka, 8));
	EXPECT_EQ(ka.flags & (EXPOSE_TAGBITS | UNSUPPORTED), EXPOSE_TAGBITS);
	ka.flags = -1UL;
	OK(syscall(SYS_rt_sigaction, SIGUSR1, &ka, NULL, 8));
	OK(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &ka, 8));
	EXPECT_EQ(ka.flags, known);
}
