/*
 * The way out of the kernel: when sysret may be used. The emulator forgives
 * what real CPUs do not (a non-canonical rip faults in ring 3 there, in ring 0
 * on Intel), so the decision itself is tested.
 */
#include <arch/page.h>
#include <arch/ptrace.h>
#include <arch/syscall.h>
#include <kernel/extable.h>
#include <kernel/selftest.h>

static struct pt_regs good_regs(void)
{
	return (struct pt_regs){
		.ip = 0x401000, .cx = 0x401000,
		.flags = X86_EFLAGS_IF | X86_EFLAGS_FIXED,
		.r11 = X86_EFLAGS_IF | X86_EFLAGS_FIXED,
		.cs = USER_CS, .ss = USER_DS, .sp = 0x7ffffffde000,
	};
}

/* Both rip and the register sysret takes it from. */
static bool safe_at(unsigned long ip)
{
	struct pt_regs regs = good_regs();

	regs.ip = ip;
	regs.cx = ip;
	return sysret_is_safe(&regs);
}

static bool safe_with_flags(unsigned long flags)
{
	struct pt_regs regs = good_regs();

	regs.flags |= flags;
	regs.r11 |= flags;
	return sysret_is_safe(&regs);
}

KERNEL_TEST(arch_sysret_after_a_plain_call)
{
	struct pt_regs regs = good_regs();

	EXPECT(sysret_is_safe(&regs));
	EXPECT(safe_at(0));
	EXPECT(safe_at(TASK_SIZE - 1));
	EXPECT(safe_with_flags(X86_EFLAGS_DF));
	EXPECT(safe_with_flags(X86_EFLAGS_AC | X86_EFLAGS_ID));
}

KERNEL_TEST(arch_no_sysret_to_an_address_that_faults)
{
	EXPECT(!safe_at(TASK_SIZE));
	EXPECT(!safe_at(0x7fffffffffff));
	EXPECT(!safe_at(0x800000000000));
	EXPECT(!safe_at(0xdeadbeef00000000));
	EXPECT(!safe_at(0xffff7fffffffffff));
	EXPECT(!safe_at(0xffff888000000000));
	EXPECT(!safe_at(~0UL));
}

KERNEL_TEST(arch_no_sysret_with_registers_it_cannot_restore)
{
	struct pt_regs regs = good_regs();

	regs.cx++;
	EXPECT(!sysret_is_safe(&regs));
	regs = good_regs();
	regs.r11 ^= X86_EFLAGS_CF;
	EXPECT(!sysret_is_safe(&regs));
	regs = good_regs();
	regs.cs = USER32_CS;
	EXPECT(!sysret_is_safe(&regs));
	regs = good_regs();
	regs.cs = KERNEL_CS;
	EXPECT(!sysret_is_safe(&regs));
	regs = good_regs();
	regs.ss = 0;
	EXPECT(!sysret_is_safe(&regs));
	EXPECT(!safe_with_flags(X86_EFLAGS_TF));
	EXPECT(!safe_with_flags(X86_EFLAGS_RF));
}

extern const struct ex_entry __start_ex_table[], __stop_ex_table[];

static unsigned long insn_of(const struct ex_entry *e)
{
	return (unsigned long)&e->insn + e->insn;
}

KERNEL_TEST(arch_exception_table_is_sorted_and_searchable)
{
	const struct ex_entry *e;

	EXPECT(__stop_ex_table - __start_ex_table > 10);
	for (e = __start_ex_table; e < __stop_ex_table; e++) {
		EXPECT_EQ(extable_lookup(insn_of(e)),
			  (unsigned long)&e->fixup + e->fixup);
		if (e > __start_ex_table)
			EXPECT(insn_of(e - 1) < insn_of(e));
	}
	EXPECT_EQ(extable_lookup((unsigned long)insn_of), 0UL);
	EXPECT_EQ(extable_lookup(0), 0UL);
	EXPECT_EQ(extable_lookup(~0UL), 0UL);
}
