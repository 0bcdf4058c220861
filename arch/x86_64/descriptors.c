/*
 * GDT, TSS and IDT: the tables the CPU itself reads.
 *
 * Long mode leaves of segmentation only the privilege levels: the GDT holds
 * one code and one data segment per ring, in the order SYSCALL and SYSRET
 * compute selectors [SDM2 SYSRET], and the TSS. There is no 32-bit user code
 * segment, so a program cannot leave 64-bit mode. The TSS says which stack the
 * CPU takes when it comes from ring 3 (changed at every context switch), and
 * holds the interrupt stack table: stacks of their own for exceptions that
 * may come when the current stack cannot be trusted (entry_ist.asm).
 *
 * GDT and TSS are per CPU; all share one IDT, read-only after boot. There is
 * no LDT, and the CPU is told so: what its LDT register holds after a reset is
 * a table at address 0, which would be the program's to write.
 */
#include <arch/traps.h>
#include <keel/err.h>
#include <lib/string.h>
#include <mm/vmalloc.h>

#include "descriptors.h"
#include "internal.h"

#define GATE_INTERRUPT	0x8e	/* present, ring 0 may use `int` */
#define GATE_USER	0xee	/* so may ring 3 */
#define TSS_AVAILABLE	0x89

#define VECTOR_DEBUG		1
#define VECTOR_NMI		2
#define VECTOR_BREAKPOINT	3
#define VECTOR_OVERFLOW		4
#define VECTOR_DOUBLE_FAULT	8
#define VECTOR_MACHINE_CHECK	18

struct idt_gate {
	uint16_t	offset_low;
	uint16_t	selector;
	uint8_t		ist;		/* 0: stay on the stack, or tss.sp[0] */
	uint8_t		type;
	uint16_t	offset_mid;
	uint32_t	offset_high;
	uint32_t	reserved;
};
static_assert(sizeof(struct idt_gate) == 16, "as the CPU wants it");

/* [SDM3 8.7] */
struct tss {
	uint32_t	reserved0;
	uint64_t	sp[3];		/* by the ring that is entered */
	uint64_t	reserved1;
	uint64_t	ist[7];
	uint64_t	reserved2;
	uint16_t	reserved3;
	uint16_t	iomap_base;	/* at its end: no port for ring 3 */
} __packed;
static_assert(sizeof(struct tss) == 104, "as the CPU wants it");

struct table_register {
	uint16_t	limit;
	uint64_t	base;
} __packed;

/* The last entry: its limit is the CPU's number. */
#define GDT_ENTRIES	(CPU_NUMBER_SELECTOR / 8 + 1)

static DEFINE_PER_CPU(struct tss, cpu_tss) __aligned(64);
static DEFINE_PER_CPU(uint64_t[GDT_ENTRIES], cpu_gdt) = {
	[KERNEL_CS / 8]	= 0x00af9b000000ffff,
	[KERNEL_DS / 8]	= 0x00cf93000000ffff,
	[USER_DS / 8]	= 0x00cff3000000ffff,
	[USER_CS / 8]	= 0x00affb000000ffff,
};
static DEFINE_PER_CPU(char *, ist_stacks);

static struct idt_gate idt[256] __ro_after_init __aligned(4096);

/*
 * One block of memory per CPU, cut into the IST stacks. Two words at the top
 * of each hold the gs base for entry_ist.asm.
 */
static const struct {
	unsigned int vector;
	size_t size;
} ist_layout[] = {
	{ VECTOR_DOUBLE_FAULT, 8192 },
	{ VECTOR_NMI, 8192 },
	{ VECTOR_MACHINE_CHECK, 4096 },
	{ VECTOR_DEBUG, 4096 },
};
#define IST_TOTAL_SIZE	(8192 + 8192 + 4096 + 4096)

static char boot_ist_stacks[IST_TOTAL_SIZE] __aligned(16);

static __init void set_gate(unsigned int vector, unsigned int ist, uint8_t type)
{
	uintptr_t entry = vector_table[vector];

	idt[vector] = (struct idt_gate){
		.offset_low = entry,
		.offset_mid = entry >> 16,
		.offset_high = entry >> 32,
		.selector = KERNEL_CS,
		.ist = ist,
		.type = type,
	};
}

static __init void idt_init(void)
{
	for (unsigned int v = 0; v < 256; v++)
		set_gate(v, 0, GATE_INTERRUPT);
	for (unsigned int i = 0; i < ARRAY_SIZE(ist_layout); i++)
		set_gate(ist_layout[i].vector, i + 1, GATE_INTERRUPT);
	/* The instructions int3 and into; every other `int n` is a #GP. */
	set_gate(VECTOR_BREAKPOINT, 0, GATE_USER);
	set_gate(VECTOR_OVERFLOW, 0, GATE_USER);
}

static void tss_init(struct tss *tss, char *stacks)
{
	memset(tss, 0, sizeof(*tss));
	tss->iomap_base = sizeof(*tss);
	for (unsigned int i = 0; i < ARRAY_SIZE(ist_layout); i++) {
		uint64_t *top;

		stacks += ist_layout[i].size;
		top = (uint64_t *)stacks;
		top[-2] = this_cpu_read(pcpu_hot.offset);
		tss->ist[i] = (uintptr_t)&top[-2];
	}
}

static void gdt_set_tss(uint64_t *gdt, const struct tss *tss)
{
	uint64_t base = (uintptr_t)tss;

	gdt[TSS_SELECTOR / 8] = (sizeof(*tss) - 1) |
		(base & 0xffffff) << 16 | (uint64_t)TSS_AVAILABLE << 40 |
		(base >> 24 & 0xff) << 56;
	gdt[TSS_SELECTOR / 8 + 1] = base >> 32;
}

/*
 * A segment that nobody uses, with the CPU's number as its limit: LSL, which
 * ring 3 may execute, is how a program asks where it runs (the vDSO's getcpu).
 */
static void gdt_set_cpu_number(uint64_t *gdt, unsigned int cpu)
{
	gdt[CPU_NUMBER_SELECTOR / 8] = 0x0040f10000000000 | (cpu & 0xffff) |
				       (uint64_t)(cpu >> 16 & 0xf) << 48;
}

/* lgdt, then each segment register anew; cs by a far return. */
static void load_gdt(const struct table_register *gdtr)
{
	__asm__ __volatile__(
		"lgdt %0\n\t"
		"pushq %1\n\t"
		"leaq 1f(%%rip), %%rax\n\t"
		"pushq %%rax\n\t"
		"lretq\n"
		"1:\n\t"
		"movl %2, %%eax\n\t"
		"movl %%eax, %%ss\n\t"
		"xorl %%eax, %%eax\n\t"
		"movl %%eax, %%ds\n\t"
		"movl %%eax, %%es\n"
		:: "m"(*gdtr), "i"(KERNEL_CS), "i"(KERNEL_DS)
		: "rax", "memory");
}

/*
 * Build and load this CPU's GDT and TSS, and load the IDT. gs keeps its base.
 * The null LDT makes each use of a selector into that table a #GP.
 *
 * Context: every CPU when it starts; the boot CPU early, with interrupts off.
 */
void descriptors_init_this_cpu(void)
{
	struct tss *tss = this_cpu_ptr(&cpu_tss);
	uint64_t *gdt = *this_cpu_ptr(&cpu_gdt);
	char *stacks = this_cpu_read(ist_stacks);
	struct table_register gdtr = {
		.limit = sizeof(cpu_gdt) - 1,
		.base = (uintptr_t)gdt,
	};
	struct table_register idtr = {
		.limit = sizeof(idt) - 1,
		.base = (uintptr_t)idt,
	};

	tss_init(tss, stacks);
	gdt_set_tss(gdt, tss);
	gdt_set_cpu_number(gdt, smp_processor_id());
	load_gdt(&gdtr);
	__asm__ __volatile__("lidt %0\n\tltr %w1\n\tlldt %w2"
			     :: "m"(idtr), "r"(TSS_SELECTOR), "r"(0)
			     : "memory");
}

/*
 * Fill the IDT and give the boot CPU its tables: from here on an exception is
 * reported instead of resetting the machine.
 */
__init void traps_init(void)
{
	idt_init();
	this_cpu_write(ist_stacks, boot_ist_stacks);
	descriptors_init_this_cpu();
}

/*
 * Allocate what @cpu will need in descriptors_init_this_cpu().
 *
 * Context: process; may sleep. Return: 0 or -ENOMEM.
 */
int descriptors_prepare_cpu(unsigned int cpu)
{
	char *stacks;

	if (per_cpu(ist_stacks, cpu))
		return 0;
	stacks = vzalloc(IST_TOTAL_SIZE);
	if (!stacks)
		return -ENOMEM;
	per_cpu(ist_stacks, cpu) = stacks;
	return 0;
}

/* Context: irqs off, part of the context switch. */
void tss_set_stack(unsigned long stack_top)
{
	this_cpu_write(cpu_tss.sp[0], stack_top);
}

/*
 * The end of the exception stack of this CPU that @addr is on, 0 if it is on
 * none.
 */
unsigned long ist_stack_end(unsigned long addr)
{
	unsigned long end = (unsigned long)this_cpu_read(ist_stacks);

	for (unsigned int i = 0; end && i < ARRAY_SIZE(ist_layout); i++) {
		unsigned long start = end;

		end += ist_layout[i].size;
		if (addr >= start && addr < end)
			return end;
	}
	return 0;
}
