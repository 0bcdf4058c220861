/*
 * A program that does everything it must not. Each deed happens in a child
 * that has to be killed by the right signal, or to get its errno; the kernel
 * goes on as if nothing had been.
 */
#include "test.h"

#include <sys/mman.h>
#include <ucontext.h>

/* One forbidden deed; @sig of 0: any outcome will do, if the kernel lives. */
struct deed {
	const char	*name;
	void		(*run)(void);
	int		sig;
};

#define DEED(ident, code)						\
	static void do_##ident(void)					\
	{								\
		asm volatile(code ::: "rax", "rbx", "rcx", "rdx",	\
			     "rsi", "rdi", "memory", "cc");		\
	}

/* Privileged instructions: a general protection fault each. */
DEED(cli, "cli")
DEED(sti, "sti")
DEED(hlt, "hlt")
DEED(inb, "mov $0x60, %%dx; in %%dx, %%al")
DEED(inb_imm, "in $0x64, %%al")
DEED(outb, "mov $0xf4, %%dx; mov $1, %%al; out %%al, %%dx")
DEED(insb, "mov $0x3f8, %%dx; lea -64(%%rsp), %%rdi; insb")
DEED(rdmsr, "mov $0xc0000080, %%ecx; rdmsr")
DEED(wrmsr, "mov $0xc0000082, %%ecx; xor %%eax, %%eax; mov %%eax, %%edx; wrmsr")
DEED(mov_from_cr0, "mov %%cr0, %%rax")
DEED(mov_to_cr0, "xor %%eax, %%eax; mov %%rax, %%cr0")
DEED(mov_to_cr3, "xor %%eax, %%eax; mov %%rax, %%cr3")
DEED(mov_from_cr4, "mov %%cr4, %%rax")
DEED(mov_to_cr8, "xor %%eax, %%eax; mov %%rax, %%cr8")
DEED(mov_to_dr7, "mov $0x401, %%eax; mov %%rax, %%dr7")
DEED(lgdt, "lgdt -16(%%rsp)")
DEED(lidt, "lidt -16(%%rsp)")
DEED(lldt, "xor %%eax, %%eax; lldt %%ax")
DEED(ltr, "mov $0x40, %%ax; ltr %%ax")
DEED(lmsw, "xor %%eax, %%eax; lmsw %%ax")
DEED(clts, "clts")
DEED(invd, "invd")
DEED(wbinvd, "wbinvd")
DEED(invlpg, "invlpg (%%rsp)")
DEED(swapgs, "swapgs")
DEED(sysret, "mov $0x400000, %%ecx; mov $0x202, %%r11d; sysretq")
DEED(xsetbv, "xor %%ecx, %%ecx; mov $7, %%eax; xor %%edx, %%edx; xsetbv")

/* Faults with signals of their own, or of the machine's choice. */
DEED(ud2, "ud2")
DEED(int3, "int3")
DEED(icebp, ".byte 0xf1")
DEED(into, ".byte 0xce")
DEED(lock_nop, ".byte 0xf0, 0x90")
DEED(long_instruction, ".fill 15, 1, 0x66; nop")
DEED(sgdt, "sgdt -16(%%rsp)")
DEED(smsw, "smsw %%ax")
DEED(str, "str %%ax")
DEED(rdpmc, "xor %%ecx, %%ecx; rdpmc")
DEED(sysenter, "mov %%rsp, %%rcx; sysenter")
DEED(syscall32, "mov $1, %%eax; xor %%ebx, %%ebx; int $0x80")
DEED(rdtsc, "rdtsc")
DEED(cpuid, "xor %%eax, %%eax; xor %%ecx, %%ecx; cpuid")

/* Ways into the kernel's code segment and addresses. */
DEED(far_return, "pushq $0x10; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:")
DEED(far_call_kernel_cs, "pushq $0x10; pushq $0; lcall *(%%rsp)")
DEED(load_kernel_ss, "mov $0x18, %%eax; mov %%eax, %%ss")
DEED(load_kernel_ds, "mov $0x10, %%eax; mov %%eax, %%ds")
DEED(load_tss_ds, "mov $0x40, %%eax; mov %%eax, %%ds")
DEED(load_big_selector, "mov $0xfff8, %%eax; mov %%eax, %%es")
DEED(iret_to_ring_0, "pushq $0x18; push %%rsp; pushq $0x202; pushq $0x10;"
     "lea 1f(%%rip), %%rax; push %%rax; iretq; 1:")
DEED(iret_with_iopl, "mov %%rsp, %%rbx; pushq $0x2b; push %%rbx; pushq $0x3202;"
     "pushq $0x33; lea 1f(%%rip), %%rax; push %%rax; iretq; 1: cli")
DEED(jump_to_kernel, "mov $0xffffffff80100000, %%rax; jmp *%%rax")
DEED(jump_to_direct_map, "mov $0xffff888000001000, %%rax; jmp *%%rax")
DEED(jump_non_canonical, "mov $0x800000000000, %%rax; jmp *%%rax")
DEED(jump_to_last_page, "mov $0x7ffffffff000, %%rax; jmp *%%rax")
DEED(read_kernel, "mov $0xffffffff80100000, %%rax; mov (%%rax), %%rax")
DEED(write_kernel, "mov $0xffffffff80100000, %%rax; movq $0, (%%rax)")
DEED(write_direct_map, "mov $0xffff888000001000, %%rax; movq $0, (%%rax)")
DEED(stack_non_canonical, "mov $0x8000000000000000, %%rax; mov %%rax, %%rsp;"
     "push %%rax")
DEED(stack_in_kernel, "mov $0xffffffff80100000, %%rax; mov %%rax, %%rsp;"
     "push %%rax")
DEED(syscall_with_stack_in_kernel, "mov $0xffffffff80100000, %%rsp;"
     "mov $39, %%eax; syscall; push %%rax")
DEED(syscall_with_no_stack, "xor %%esp, %%esp; mov $39, %%eax; syscall;"
     "push %%rax")

/* Flags: none of them may survive into the kernel or confuse its exits. */
DEED(trap_flag_over_syscall, "pushf; orl $0x100, (%%rsp); popf;"
     "mov $39, %%eax; syscall; nop")
DEED(nested_task_flag, "pushf; orl $0x4000, (%%rsp); popf;"
     "mov $39, %%eax; syscall; mov $24, %%eax; syscall;"
     "pushf; andl $~0x4000, (%%rsp); popf")
DEED(nested_task_and_iret, "pushf; orl $0x4000, (%%rsp); popf; iretq")
DEED(alignment_check_flag, "pushf; orl $0x40000, (%%rsp); popf;"
     "mov $39, %%eax; syscall; mov $24, %%eax; syscall;"
     "pushf; andl $~0x40000, (%%rsp); popf")
DEED(direction_flag, "std; mov $39, %%eax; syscall; mov $24, %%eax; syscall;"
     "cld")
DEED(popf_iopl, "pushf; orl $0x3000, (%%rsp); popf; cli")
DEED(resume_flag, "pushf; orl $0x10000, (%%rsp); popf; ud2")

#define D(ident, sig) { #ident, do_##ident, sig }

static const struct deed deeds[] = {
	D(cli, SIGSEGV), D(sti, SIGSEGV), D(hlt, SIGSEGV), D(inb, SIGSEGV),
	D(inb_imm, SIGSEGV), D(outb, SIGSEGV), D(insb, SIGSEGV),
	D(rdmsr, SIGSEGV), D(wrmsr, SIGSEGV), D(mov_from_cr0, SIGSEGV),
	D(mov_to_cr0, SIGSEGV), D(mov_to_cr3, SIGSEGV),
	D(mov_from_cr4, SIGSEGV), D(mov_to_cr8, SIGSEGV),
	D(mov_to_dr7, SIGSEGV), D(lgdt, SIGSEGV), D(lidt, SIGSEGV),
	D(lldt, SIGSEGV), D(ltr, SIGSEGV), D(lmsw, SIGSEGV),
	D(clts, SIGSEGV), D(invd, SIGSEGV), D(wbinvd, SIGSEGV),
	D(invlpg, SIGSEGV), D(swapgs, SIGSEGV), D(sysret, SIGSEGV),
	D(xsetbv, 0), D(ud2, SIGILL), D(int3, SIGTRAP), D(icebp, 0),
	D(into, SIGILL), D(lock_nop, SIGILL), D(long_instruction, SIGSEGV),
	D(sgdt, 0), D(smsw, 0), D(str, 0), D(rdpmc, SIGSEGV),
	D(sysenter, 0), D(syscall32, 0), D(rdtsc, 0), D(cpuid, 0),
	D(far_return, SIGSEGV), D(far_call_kernel_cs, SIGSEGV),
	D(load_kernel_ss, SIGSEGV), D(load_kernel_ds, SIGSEGV),
	D(load_tss_ds, SIGSEGV), D(load_big_selector, SIGSEGV),
	D(iret_to_ring_0, SIGSEGV), D(iret_with_iopl, SIGSEGV),
	D(jump_to_kernel, SIGSEGV), D(jump_to_direct_map, SIGSEGV),
	D(jump_non_canonical, SIGSEGV), D(jump_to_last_page, SIGSEGV),
	D(read_kernel, SIGSEGV), D(write_kernel, SIGSEGV),
	D(write_direct_map, SIGSEGV), D(stack_non_canonical, 0),
	D(stack_in_kernel, SIGSEGV),
	D(syscall_with_stack_in_kernel, SIGSEGV),
	D(syscall_with_no_stack, SIGSEGV), D(trap_flag_over_syscall, SIGTRAP),
	D(nested_task_flag, 0), D(nested_task_and_iret, SIGSEGV),
	D(alignment_check_flag, 0), D(direction_flag, 0),
	D(popf_iopl, SIGSEGV), D(resume_flag, SIGILL),
};

TEST(forbidden_instructions)
{
	for (size_t i = 0; i < ARRAY_SIZE(deeds); i++) {
		pid_t pid = OK(fork());
		if (pid == 0) {
			alarm(20);
			deeds[i].run();
			_exit(0);
		}
		int status = wait_status(pid);
		if (deeds[i].sig && (!WIFSIGNALED(status) ||
				     WTERMSIG(status) != deeds[i].sig))
			FAIL("%s %s, not killed by signal %d", deeds[i].name,
			     status_name(status), deeds[i].sig);
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
			FAIL("%s hung", deeds[i].name);
	}
}

/* Again, but caught: each handler's frame must be built and taken back. */
static void skip_out(int sig)
{
	_exit(100 + sig);
}

TEST(forbidden_instructions_with_handlers)
{
	static const int sigs[] = { SIGSEGV, SIGILL, SIGBUS, SIGTRAP, SIGFPE };

	for (size_t i = 0; i < ARRAY_SIZE(deeds); i++) {
		pid_t pid = OK(fork());
		if (pid == 0) {
			alarm(20);
			for (size_t k = 0; k < ARRAY_SIZE(sigs); k++)
				signal(sigs[k], skip_out);
			deeds[i].run();
			_exit(0);
		}
		int status = wait_status(pid);
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
			FAIL("%s hung", deeds[i].name);
	}
}

/* ---- int n ---- */

TEST(software_interrupts)
{
	unsigned char *code = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE |
				      PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
				      -1, 0));

	for (int n = 0; n < 256; n++) {
		if (n == 0x80)
			continue;	/* Linux's 32-bit entry; we have none */
		code[0] = 0xcd;
		code[1] = n;
		code[2] = 0xc3;
		pid_t pid = OK(fork());
		if (pid == 0) {
			((void (*)(void))code)();
			_exit(0);
		}
		int status = wait_status(pid);
		int want = n == 3 ? SIGTRAP : SIGSEGV;
		if (!WIFSIGNALED(status) || WTERMSIG(status) != want)
			FAIL("int %#x: %s", n, status_name(status));
	}
	OK(munmap(code, 4096));
}

/* ---- every short instruction ---- */

/*
 * Far returns: QEMU reads their stack with the kernel's rights, though ring 3
 * asks. The page fault says "supervisor" and comes from user code; Linux takes
 * it for a bug of its own. We must see through it and kill the program.
 */
static bool fools_linux(int opcode)
{
	return opcode == 0xca || opcode == 0xcb || opcode == 0xcf;
}

/* Each first byte, and each byte behind 0f, followed by the same filler. */
TEST_SECONDS(all_opcodes, 120)
{
	unsigned char *code = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE |
				      PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
				      -1, 0));

	for (int n = 0; n < 512; n++) {
		if (fools_linux(n) && !running_on_keel())
			continue;
		memset(code, 0, 64);
		code[0] = n < 256 ? n : 0x0f;
		code[1] = n < 256 ? 0 : n;
		pid_t pid = OK(fork());
		if (pid == 0) {
			become_user(1000, 1000);
			alarm(2);
			/* All registers that could name memory hold zero. */
			asm volatile("xor %%eax, %%eax; xor %%ecx, %%ecx;"
				     "xor %%edx, %%edx; xor %%esi, %%esi;"
				     "xor %%edi, %%edi; call *%0; ud2"
				     :: "b"(code) : "rax", "rcx", "rdx", "rsi",
				     "rdi", "memory", "cc");
		}
		wait_status(pid);
	}
	OK(munmap(code, 4096));
}

/* ---- broken signal frames ---- */

static void sigreturn_with(const void *frame)
{
	asm volatile("mov %0, %%rsp; mov $15, %%eax; syscall; ud2"
		     :: "r"(frame) : "memory");
}

TEST(sigreturn_from_nowhere)
{
	static const unsigned long places[] = {
		0, 8, 0x7ffffffff000, 0x7fffffffffff, 0x800000000000,
		0xffff888000000000, 0xffffffff80000000, -8UL, -1UL,
	};
	pid_t pid;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		IN_CHILD(pid)
			sigreturn_with((void *)places[i]);
		EXPECT_KILLED(pid, SIGSEGV);
	}
}

static int mutation;
static volatile int survived;

/* Change one thing in a real frame and let the kernel return through it. */
static void break_frame(int sig, siginfo_t *si, void *ucv)
{
	ucontext_t *uc = ucv;
	greg_t *r = uc->uc_mcontext.gregs;
	unsigned char *fp = (void *)uc->uc_mcontext.fpregs;

	(void)sig, (void)si;
	switch (mutation) {
	case 0: r[REG_RIP] = 0x800000000000; break;
	case 1: r[REG_RIP] = (long)0xffffffff80000000; break;
	case 2: r[REG_RSP] = (long)0x8000000000000000; break;
	case 3: r[REG_RSP] = (long)0xffffffff80000000; break;
	case 4: r[REG_CSGSFS] = 0; break;
	case 5: r[REG_CSGSFS] = 0x002b000000000010; break;
	case 6: r[REG_CSGSFS] = 0x0018000000000033; break;
	case 7: r[REG_CSGSFS] = 0x00000000000000f3; break;
	case 8: r[REG_CSGSFS] = (long)0xffffffffffffffff; break;
	case 9: r[REG_EFL] = -1; break;
	case 10: r[REG_EFL] = 0; break;
	case 11: r[REG_EFL] = 0x3202; break;		/* IOPL 3 */
	case 12: r[REG_EFL] = 0x20202; break;		/* VM */
	case 13: r[REG_EFL] = 0x4202; break;		/* NT */
	case 14: uc->uc_mcontext.fpregs = (void *)8; break;
	case 15: uc->uc_mcontext.fpregs = (void *)0xffffffff80000000; break;
	case 16: uc->uc_mcontext.fpregs = (void *)(fp + 8); break;
	case 17: memset(fp, 0xff, 512); break;
	case 18: memset(fp + 24, 0xff, 4); break;	/* mxcsr */
	case 19: memset(fp + 464, 0xff, 48); break;	/* what its size is */
	case 20: memset(fp + 464, 0, 48); break;
	case 21: memset(fp + 512, 0xff, 64); break;	/* xsave header */
	case 22: uc->uc_mcontext.fpregs = NULL; break;
	case 23: uc->uc_flags = -1; break;
	case 24: memset(&uc->uc_sigmask, 0xff, 8); break;
	case 25: uc->uc_stack.ss_flags = 0x7777; break;
	case 26: uc->uc_mcontext.fpregs = (void *)0x7ffffffffff0; break;
	case 27: memset(uc, 0xff, 256); break;
	case 28: memset(uc, 0, 256); break;
	case 29: uc->uc_mcontext.fpregs = (void *)-64L; break;
	}
}

TEST(broken_signal_frames)
{
	struct sigaction sa = {
		.sa_sigaction = break_frame, .sa_flags = SA_SIGINFO
	};
	pid_t pid;

	for (mutation = 0; mutation < 30; mutation++) {
		IN_CHILD(pid) {
			alarm(20);
			OK(sigaction(SIGUSR1, &sa, NULL));
			raise(SIGUSR1);
			/* Flags that came from the frame must be harmless. */
			asm volatile("pushf; andl $~0x44500, (%%rsp); popf"
				     ::: "cc");
			survived = getppid();
		}
		int status = wait_status(pid);
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
			FAIL("mutation %d hung", mutation);
		if (mutation < 4 && !WIFSIGNALED(status))
			FAIL("mutation %d: %s", mutation, status_name(status));
	}
}

TEST(iopl_from_a_frame_is_not_taken)
{
	struct sigaction sa = {
		.sa_sigaction = break_frame, .sa_flags = SA_SIGINFO
	};
	pid_t pid;

	mutation = 11;
	IN_CHILD(pid) {
		OK(sigaction(SIGUSR1, &sa, NULL));
		raise(SIGUSR1);
		asm volatile("cli");
	}
	EXPECT_KILLED(pid, SIGSEGV);
}

/* The frame's stack is unmapped by another hand while the handler runs. */
static void unmap_frame(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)si;
	munmap((void *)((long)uc & -4096L), 4096);
}

TEST(frame_disappears)
{
	pid_t pid;

	IN_CHILD(pid) {
		struct sigaction sa = {
			.sa_sigaction = unmap_frame, .sa_flags = SA_SIGINFO
		};
		OK(sigaction(SIGUSR1, &sa, NULL));
		raise(SIGUSR1);
	}
	EXPECT_KILLED(pid, SIGSEGV);
}

/* ---- system calls from odd places ---- */

/* A syscall instruction at the very end of user memory cannot come back. */
TEST(syscall_at_the_end_of_user_space)
{
	pid_t pid;

	IN_CHILD(pid) {
		char *page = mmap((void *)0x7fffffffe000, 4096, PROT_READ |
				  PROT_WRITE | PROT_EXEC, MAP_PRIVATE |
				  MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		if (page == MAP_FAILED)
			raise(SIGSEGV);		/* something else lives there */
		page[4094] = 0x0f;
		page[4095] = 0x05;
		asm volatile("jmp *%0" :: "r"(page + 4094), "a"(39L));
	}
	EXPECT_KILLED(pid, SIGSEGV);
	/* The page above is never given out: its end is non-canonical. */
	EXPECT_ERR(mmap((void *)0x7ffffffff000, 4096, PROT_READ, MAP_PRIVATE |
			MAP_ANONYMOUS | MAP_FIXED, -1, 0), ENOMEM);
}

TEST(single_stepping_through_system_calls)
{
	pid_t pid;

	IN_CHILD(pid) {
		signal(SIGTRAP, SIG_IGN);
		asm volatile("pushf; orl $0x100, (%%rsp); popf;"
			     "mov $39, %%eax; syscall; nop"
			     ::: "rax", "rcx", "r11", "memory", "cc");
	}
	EXPECT_KILLED(pid, SIGTRAP);	/* a forced signal is not ignored */
}

static volatile sig_atomic_t steps;

static void count_step(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)si, (void)uc;
	steps++;
}

TEST(single_stepping_goes_on_with_a_handler)
{
	struct sigaction sa = {
		.sa_sigaction = count_step, .sa_flags = SA_SIGINFO
	};

	OK(sigaction(SIGTRAP, &sa, NULL));
	asm volatile("pushf; orl $0x100, (%%rsp); popf;"
		     "nop; nop; mov $39, %%eax; syscall; nop; nop;"
		     "pushf; andl $~0x100, (%%rsp); popf; nop"
		     ::: "rax", "rcx", "r11", "memory", "cc");
	EXPECT(steps >= 6);
}

/* x87 and SSE exceptions, and state that is restored with them pending. */
TEST(floating_point_faults)
{
	pid_t pid;

	IN_CHILD(pid) {
		unsigned short cw = 0x360;		/* all unmasked */
		asm volatile("fninit; fldcw %0; fldz; fld1; fdiv %%st(1);"
			     "fwait" :: "m"(cw));
	}
	EXPECT_KILLED(pid, SIGFPE);
	IN_CHILD(pid) {
		unsigned csr = 0x1d80;			/* divide unmasked */
		asm volatile("ldmxcsr %0; xorps %%xmm1, %%xmm1;"
			     "pcmpeqd %%xmm0, %%xmm0; psrld $25, %%xmm0;"
			     "pslld $23, %%xmm0; divps %%xmm1, %%xmm0"
			     :: "m"(csr) : "xmm0", "xmm1");
	}
	/* Not every emulator raises what SSE unmasks. */
	int status = wait_status(pid);
	EXPECT(status == 0 || status == SIGFPE);
	IN_CHILD(pid) {
		unsigned csr = 0xffffffff;		/* reserved bits: #GP */
		asm volatile("ldmxcsr %0" :: "m"(csr));
	}
	status = wait_status(pid);
	EXPECT(status == 0 || status == SIGSEGV);
	/* Pending but not yet taken, carried over switches and fork. */
	IN_CHILD(pid) {
		unsigned short cw = 0x360;
		asm volatile("fninit; fldz; fld1; fdiv %%st(1); fldcw %0"
			     :: "m"(cw));
		for (int i = 0; i < 10; i++)
			usleep(1000);
		pid_t kid = fork();
		if (kid == 0)
			_exit(0);
		waitpid(kid, NULL, 0);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(segment_registers_hold_nothing_secret)
{
	unsigned short ds, es, fs, gs, ss, cs;

	asm volatile("mov %%ds, %0; mov %%es, %1; mov %%fs, %2;"
		     "mov %%gs, %3; mov %%ss, %4; mov %%cs, %5"
		     : "=r"(ds), "=r"(es), "=r"(fs), "=r"(gs), "=r"(ss),
		       "=r"(cs));
	EXPECT_EQ(cs, 0x33);
	EXPECT_EQ(ss, 0x2b);
	EXPECT_EQ(cs & 3, 3);
	EXPECT(ds == 0 || (ds & 3) == 3);
	EXPECT(es == 0 || (es & 3) == 3);
	EXPECT(fs == 0 || (fs & 3) == 3);
	EXPECT(gs == 0 || (gs & 3) == 3);
}

/* A system call leaves nothing of the kernel in the registers it may change */
TEST(syscall_registers_hold_nothing_secret)
{
	unsigned long rcx, r11, rdx = 0x1234, r8v, r9v, r10v;

	asm volatile("mov $0x88, %%r8d; mov $0x99, %%r9d; mov $0xaa, %%r10d;"
		     "syscall; mov %%r8, %3; mov %%r9, %4; mov %%r10, %5"
		     : "=c"(rcx), "+d"(rdx), "=&b"(r11), "=m"(r8v), "=m"(r9v),
		       "=m"(r10v)
		     : "a"((long)SYS_getppid)
		     : "r8", "r9", "r10", "r11", "memory");
	EXPECT(rcx < 0x800000000000);
	EXPECT_EQ(rdx, 0x1234);
	EXPECT_EQ(r8v, 0x88);
	EXPECT_EQ(r9v, 0x99);
	EXPECT_EQ(r10v, 0xaa);
}
