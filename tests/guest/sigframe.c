/*
 * What a signal handler is given and gives back: siginfo, the frame on the
 * stack, registers and FPU state. The frame's layout is ABI: handlers look into
 * it and change it. Then what a fault tells about itself.
 */
#include "sigtools.h"

#include <sys/mman.h>
#include <ucontext.h>

static siginfo_t info;
static ucontext_t context;

static void note_info(int sig, siginfo_t *si, void *uc)
{
	note(sig);
	info = *si;
	memcpy(&context, uc, sizeof(ucontext_t) - sizeof(context.__ssp)
	       - sizeof(context.__fpregs_mem));
}

TEST(siginfo_of_kill)
{
	pid_t pid;

	handle_info(SIGUSR1, note_info, 0);
	OK(kill(getpid(), SIGUSR1));
	EXPECT_EQ(info.si_signo, SIGUSR1);
	EXPECT_EQ(info.si_code, SI_USER);
	EXPECT_EQ(info.si_pid, getpid());
	EXPECT_EQ(info.si_uid, getuid());

	OK(syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1));
	EXPECT_EQ(info.si_code, SI_TKILL);

	pid_t me = getpid();
	IN_CHILD(pid) {
		become_user(1234, 1234);
		EXPECT_ERR(kill(me, SIGUSR1), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(siginfo_of_sigchld)
{
	pid_t pid;

	handle_info(SIGCHLD, note_info, 0);
	IN_CHILD(pid)
		_exit(33);
	EXPECT_EXIT(pid, 33);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(info.si_code, CLD_EXITED);
	EXPECT_EQ(info.si_pid, pid);
	EXPECT_EQ(info.si_status, 33);
}

TEST(nocldstop_is_obeyed)
{
	pid_t pid;
	int status;

	handle_info(SIGCHLD, note_info, 0);
	IN_CHILD(pid)
		raise(SIGSTOP);
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	/* At the right moment one sees the stop before one is told of it. */
	while (!count)
		usleep(1000);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(info.si_code, CLD_STOPPED);
	OK(kill(pid, SIGCONT));
	EXPECT_EXIT(pid, 0);
	EXPECT(count >= 2);

	count = 0;
	handle_info(SIGCHLD, note_info, SA_NOCLDSTOP);
	IN_CHILD(pid)
		raise(SIGSTOP);
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT_EQ(count, 0);
	OK(kill(pid, SIGCONT));
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(count, 1);
}

/* Registers hold odd values while a handler runs and must come back. */
TEST(handler_preserves_all_registers)
{
	struct {
		long rax, rdi, rsi, rdx, r8, r9, r10, r12, r13, r14, r15, rbp;
		long before, after;
		double xmm7;
	} out;
	double x = 1.25;
	long pid = getpid();

	handle(SIGUSR1, note, 0);
	asm volatile("push %%rbp\n\tpush %%rbx\n\tmov %%rcx, %%rbx\n\t"
		     "movsd %[x], %%xmm7\n\t"
		     "mov $0x505, %%ebp\n\tmov $0x808, %%r8d\n\t"
		     "mov $0x909, %%r9d\n\tmov $0xa0a, %%r10d\n\t"
		     "mov $0xc0c, %%r12d\n\tmov $0xd0d, %%r13d\n\t"
		     "mov $0xe0e, %%r14d\n\tmov $0xf0f, %%r15d\n\t"
		     "stc\n\tpushf\n\tpopq 96(%%rbx)\n\t"
		     "syscall\n\t"
		     "pushf\n\tpopq 104(%%rbx)\n\t"
		     "mov %%rax, (%%rbx)\n\tmov %%rdi, 8(%%rbx)\n\t"
		     "mov %%rsi, 16(%%rbx)\n\tmov %%rdx, 24(%%rbx)\n\t"
		     "mov %%r8, 32(%%rbx)\n\tmov %%r9, 40(%%rbx)\n\t"
		     "mov %%r10, 48(%%rbx)\n\tmov %%r12, 56(%%rbx)\n\t"
		     "mov %%r13, 64(%%rbx)\n\tmov %%r14, 72(%%rbx)\n\t"
		     "mov %%r15, 80(%%rbx)\n\tmov %%rbp, 88(%%rbx)\n\t"
		     "movsd %%xmm7, 112(%%rbx)\n\t"
		     "pop %%rbx\n\tpop %%rbp"
		     :: "a"((long)SYS_kill), "D"(pid), "S"((long)SIGUSR1),
		     "d"(0x77L), "c"(&out), [x] "x"(x)
		     : "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
		     "xmm7", "memory", "cc");
	EXPECT_EQ(count, 1);
	EXPECT_EQ(out.rax, 0);
	EXPECT_EQ(out.rdi, pid);
	EXPECT_EQ(out.rsi, SIGUSR1);
	EXPECT_EQ(out.rdx, 0x77);
	EXPECT_EQ(out.r8, 0x808);
	EXPECT_EQ(out.r9, 0x909);
	EXPECT_EQ(out.r10, 0xa0a);
	EXPECT_EQ(out.r12, 0xc0c);
	EXPECT_EQ(out.r13, 0xd0d);
	EXPECT_EQ(out.r14, 0xe0e);
	EXPECT_EQ(out.r15, 0xf0f);
	EXPECT_EQ(out.rbp, 0x505);
	EXPECT_EQ(out.before & 0xcd5, out.after & 0xcd5);
	EXPECT(out.before & 1);
	EXPECT(out.xmm7 == 1.25);
}

static void change_context(int sig, siginfo_t *si, void *ucv)
{
	ucontext_t *uc = ucv;

	(void)si;
	note(sig);
	uc->uc_mcontext.gregs[REG_RBX] = 0x5eed;
	sigaddset(&uc->uc_sigmask, SIGUSR2);
}

TEST(handler_may_change_registers_and_mask)
{
	long rbx = 1, rax;
	sigset_t set;

	handle_info(SIGUSR1, change_context, 0);
	asm volatile("syscall"
		     : "=a"(rax), "+b"(rbx)
		     : "a"((long)SYS_kill), "D"((long)getpid()),
		       "S"((long)SIGUSR1)
		     : "rcx", "r11", "memory");
	EXPECT_EQ(rax, 0);
	EXPECT_EQ(rbx, 0x5eed);
	OK(sigprocmask(SIG_BLOCK, NULL, &set));
	EXPECT(sigismember(&set, SIGUSR2));
}

static void smash_sse(int sig)
{
	note(sig);
	asm volatile("pcmpeqd %%xmm0, %%xmm0\n\tpcmpeqd %%xmm15, %%xmm15\n\t"
		     "fninit\n\tfldpi" ::: "xmm0", "xmm15");
}

TEST(fpu_state_survives_a_handler)
{
	double in[2] = { 3.5, -7.25 }, out[2];
	unsigned mxcsr = 0x1fc0, mxcsr_after;	/* DAZ */
	long rax;

	handle(SIGUSR1, smash_sse, 0);
	asm volatile("ldmxcsr %[mx]\n\t"
		     "movsd %[a], %%xmm0\n\tmovsd %[b], %%xmm15\n\t"
		     "syscall\n\t"
		     "movsd %%xmm0, %[c]\n\tmovsd %%xmm15, %[d]\n\t"
		     "stmxcsr %[mxa]"
		     : "=a"(rax), [c] "=m"(out[0]), [d] "=m"(out[1]),
		       [mxa] "=m"(mxcsr_after)
		     : "a"((long)SYS_kill), "D"((long)getpid()),
		       "S"((long)SIGUSR1), [a] "m"(in[0]), [b] "m"(in[1]),
		       [mx] "m"(mxcsr)
		     : "rcx", "r11", "xmm0", "xmm15", "memory");
	EXPECT_EQ(count, 1);
	EXPECT(out[0] == 3.5 && out[1] == -7.25);
	EXPECT_EQ(mxcsr_after & 0xffc0, 0x1fc0);
}

static unsigned long handler_rsp, handler_flags;

static void note_stack(int sig, siginfo_t *si, void *uc)
{
	(void)si;
	note(sig);
	handler_rsp = (unsigned long)__builtin_frame_address(0);
	asm volatile("pushf; pop %0" : "=r"(handler_flags));
	handler_rsp = (unsigned long)uc;
}

TEST(frame_is_below_the_red_zone_and_clean)
{
	unsigned long rsp;

	handle_info(SIGUSR1, note_stack, 0);
	asm volatile("mov %%rsp, %0" : "=r"(rsp));
	/* With the direction flag set: the handler must see it clear. */
	long rax = SYS_kill;
	asm volatile("std\n\tsyscall\n\tpushf\n\tcld\n\tpop %%rbx"
		     : "+a"(rax), "=b"(rsp)
		     : "D"((long)getpid()), "S"((long)SIGUSR1)
		     : "rcx", "r11", "memory", "cc");
	EXPECT_EQ(count, 1);
	EXPECT(!(handler_flags & 0x400));
	EXPECT(rsp & 0x400);		/* and it comes back set */
}

/* ---- faults ---- */

static void fault_exit(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	info = *si;
	write(100, &info, sizeof(info));
	_exit(sig);
}

/* Run @code in a child; the siginfo of the fault it makes. */
static siginfo_t fault_of(void (*code)(void *), void *arg)
{
	static const int sigs[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
	int fds[2];
	siginfo_t si;

	OK(pipe(fds));
	pid_t pid = OK(fork());
	if (pid == 0) {
		dup2(fds[1], 100);
		for (size_t i = 0; i < ARRAY_SIZE(sigs); i++)
			handle_info(sigs[i], fault_exit, 0);
		code(arg);
		_exit(0);
	}
	int status = wait_status(pid);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) != 0);
	EXPECT_EQ(read(fds[0], &si, sizeof(si)), sizeof(si));
	EXPECT_EQ(si.si_signo, WEXITSTATUS(status));
	OK(close(fds[0]));
	OK(close(fds[1]));
	return si;
}

static void do_read(void *p)
{
	(void)*(volatile char *)p;
}

static void do_write(void *p)
{
	*(volatile char *)p = 1;
}

static void do_call(void *p)
{
	((void (*)(void))p)();
}

static void do_divide(void *p)
{
	(void)p;
	asm volatile("xor %%ecx, %%ecx; mov $1, %%eax; cltd; div %%ecx"
		     ::: "eax", "ecx", "edx");
}

static void do_ud2(void *p)
{
	(void)p;
	asm volatile("ud2");
}

static void do_int3(void *p)
{
	(void)p;
	asm volatile("int3");
}

static void do_step(void *p)
{
	(void)p;
	asm volatile("pushf; orl $0x100, (%%rsp); popf; nop; nop" ::: "cc");
}

static void do_hlt(void *p)
{
	(void)p;
	asm volatile("hlt");
}

TEST(segv_codes_and_addresses)
{
	siginfo_t si;
	char *page = OK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE |
			     MAP_ANONYMOUS, -1, 0));

	si = fault_of(do_read, (void *)0x10);
	EXPECT_EQ(si.si_signo, SIGSEGV);
	EXPECT_EQ(si.si_code, SEGV_MAPERR);
	EXPECT_EQ((long)si.si_addr, 0x10);

	si = fault_of(do_write, page + 5);
	EXPECT_EQ(si.si_code, SEGV_ACCERR);
	EXPECT(si.si_addr == page + 5);

	si = fault_of(do_call, page);
	EXPECT_EQ(si.si_signo, SIGSEGV);
	EXPECT_EQ(si.si_code, SEGV_ACCERR);
	EXPECT(si.si_addr == page);

	/* The kernel's half looks unmapped, whatever is there. */
	si = fault_of(do_read, (void *)0xffffffff80000000UL);
	EXPECT_EQ(si.si_signo, SIGSEGV);
	EXPECT_EQ(si.si_code, SEGV_MAPERR);
	EXPECT_EQ((unsigned long)si.si_addr, 0xffffffff80000000UL);

	/* Non-canonical: a general protection fault, which has no address. */
	si = fault_of(do_read, (void *)0x8000000000000000UL);
	EXPECT_EQ(si.si_signo, SIGSEGV);
	EXPECT_EQ(si.si_code, SI_KERNEL);
	EXPECT_EQ((long)si.si_addr, 0);
	OK(munmap(page, 4096));
}

TEST(other_fault_codes)
{
	siginfo_t si = fault_of(do_divide, NULL);

	EXPECT_EQ(si.si_signo, SIGFPE);
	EXPECT_EQ(si.si_code, FPE_INTDIV);
	si = fault_of(do_ud2, NULL);
	EXPECT_EQ(si.si_signo, SIGILL);
	EXPECT_EQ(si.si_code, ILL_ILLOPN);
	si = fault_of(do_int3, NULL);
	EXPECT_EQ(si.si_signo, SIGTRAP);
	EXPECT_EQ(si.si_code, SI_KERNEL);
	si = fault_of(do_step, NULL);
	EXPECT_EQ(si.si_signo, SIGTRAP);
	EXPECT_EQ(si.si_code, TRAP_TRACE);
	si = fault_of(do_hlt, NULL);
	EXPECT_EQ(si.si_signo, SIGSEGV);
	EXPECT_EQ(si.si_code, SI_KERNEL);
}

TEST(blocked_or_ignored_faults_kill)
{
	pid_t pid;

	IN_CHILD(pid) {
		mask(SIG_BLOCK, SIGSEGV);
		do_read((void *)8);
	}
	EXPECT_KILLED(pid, SIGSEGV);
	IN_CHILD(pid) {
		handle(SIGSEGV, SIG_IGN, 0);
		do_read((void *)8);
	}
	EXPECT_KILLED(pid, SIGSEGV);
}

static void *volatile fix_page;

static void fix_fault(int sig, siginfo_t *si, void *uc)
{
	(void)si, (void)uc;
	note(sig);
	mprotect(fix_page, 4096, PROT_READ | PROT_WRITE);
}

TEST(a_handler_can_repair_a_fault)
{
	fix_page = OK(mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0));
	handle_info(SIGSEGV, fix_fault, 0);
	*(volatile char *)fix_page = 5;
	EXPECT_EQ(count, 1);
	EXPECT_EQ(*(volatile char *)fix_page, 5);
	OK(munmap(fix_page, 4096));
}

TEST(no_stack_for_the_frame_kills)
{
	pid_t pid;

	IN_CHILD(pid) {
		handle(SIGSEGV, note, 0);
		handle(SIGUSR1, note, 0);
		asm volatile("mov $8, %%rsp; syscall; ud2"
			     :: "a"((long)SYS_kill), "D"((long)getpid()),
			     "S"((long)SIGUSR1) : "memory");
	}
	EXPECT_KILLED(pid, SIGSEGV);
}
