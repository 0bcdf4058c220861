/*
 * What stays between the files of arch/x86_64/.
 */
#pragma once

#include <arch/percpu.h>
#include <arch/ptrace.h>
#include <keel/compiler.h>

struct arch_thread;
struct irq_desc;
struct task;

/* ---- model-specific registers and control registers ---- */

#define MSR_APIC_BASE		0x0000001b
#define MSR_EFER		0xc0000080
#define MSR_STAR		0xc0000081
#define MSR_LSTAR		0xc0000082
#define MSR_CSTAR		0xc0000083
#define MSR_SFMASK		0xc0000084
#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101
#define MSR_KERNEL_GS_BASE	0xc0000102
#define MSR_TSC_AUX		0xc0000103	/* RDTSCP, RDPID */

#define EFER_SCE		BIT(0)
#define EFER_NXE		BIT(11)

#define CR0_MP			BIT(1)
#define CR0_EM			BIT(2)
#define CR0_TS			BIT(3)
#define CR0_NE			BIT(5)
#define CR0_WP			BIT(16)
#define CR0_AM			BIT(18)

#define CR4_TSD			BIT(2)
#define CR4_DE			BIT(3)
#define CR4_MCE			BIT(6)
#define CR4_PGE			BIT(7)
#define CR4_OSFXSR		BIT(9)
#define CR4_OSXMMEXCPT		BIT(10)
#define CR4_UMIP		BIT(11)
#define CR4_FSGSBASE		BIT(16)
#define CR4_OSXSAVE		BIT(18)
#define CR4_SMEP		BIT(20)
#define CR4_SMAP		BIT(21)

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ __volatile__("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return low | (uint64_t)high << 32;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ __volatile__("wrmsr" :: "c"(msr), "a"((uint32_t)value),
			     "d"((uint32_t)(value >> 32)) : "memory");
}

#define DEFINE_CONTROL_REGISTER(name) \
static inline unsigned long read_##name(void) \
{ \
	unsigned long value; \
	__asm__ __volatile__("mov %%" #name ", %0" : "=r"(value) :: "memory");\
	return value; \
} \
static inline void write_##name(unsigned long value) \
{ \
	__asm__ __volatile__("mov %0, %%" #name :: "r"(value) : "memory"); \
}

DEFINE_CONTROL_REGISTER(cr0)
DEFINE_CONTROL_REGISTER(cr2)
DEFINE_CONTROL_REGISTER(cr3)
DEFINE_CONTROL_REGISTER(cr4)
DEFINE_CONTROL_REGISTER(dr0)
DEFINE_CONTROL_REGISTER(dr1)
DEFINE_CONTROL_REGISTER(dr2)
DEFINE_CONTROL_REGISTER(dr3)
DEFINE_CONTROL_REGISTER(dr6)
DEFINE_CONTROL_REGISTER(dr7)

/* Only where CPU_FEATURE_FSGSBASE. */
static inline unsigned long rdfsbase(void)
{
	unsigned long base;

	__asm__ __volatile__("rdfsbase %0" : "=r"(base));
	return base;
}

static inline void wrfsbase(unsigned long base)
{
	__asm__ __volatile__("wrfsbase %0" :: "r"(base));
}

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ __volatile__("rdtsc" : "=a"(low), "=d"(high));
	return low | (uint64_t)high << 32;
}

/* Not before earlier loads are done. */
static inline uint64_t rdtsc_ordered(void)
{
	uint32_t low, high;

	__asm__ __volatile__("lfence; rdtsc" : "=a"(low), "=d"(high)
			     :: "memory");
	return low | (uint64_t)high << 32;
}

/* ---- entry code ---- */

extern const uintptr_t vector_table[256];
extern const char entry_text_start[], entry_text_end[];
extern const char syscall_entry[], ret_from_fork[], iretq_to_user[];

struct task *switch_stacks(struct task *prev, struct task *next);

/* What exceptions of ring 3 need. */
void remember_trap(unsigned int vector, unsigned long error);
bool umip_emulate(struct pt_regs *regs);
unsigned long user_segment_base(unsigned int msr);

/* What the assembly calls. */
struct pt_regs *fixup_bad_iret(struct pt_regs *bad);
void irq_dispatch(struct pt_regs *regs, unsigned int vector);
typedef void (*trap_handler_fn)(struct pt_regs *regs, unsigned long error);
extern const trap_handler_fn trap_handlers[32];
void trap_debug(struct pt_regs *regs, unsigned long error);
void trap_nmi(struct pt_regs *regs, unsigned long error);
void trap_double_fault(struct pt_regs *regs, unsigned long error);
void trap_machine_check(struct pt_regs *regs, unsigned long error);

/* The stack the CPU enters the kernel on from ring 3. */
void tss_set_stack(unsigned long stack_top);

/* Is @addr on one of this CPU's exception stacks? Its end, or 0. */
unsigned long ist_stack_end(unsigned long addr);

/* ---- vectors ---- */

#define VECTOR_FIRST_DEVICE	0x30
#define VECTOR_LAST_DEVICE	0xef
#define VECTOR_PIC_SPURIOUS	0x20	/* 16 of them, all masked */
#define VECTOR_TIMER		0xf0
#define VECTOR_CALL_FUNCTION	0xf1
#define VECTOR_RESCHEDULE	0xf2
#define VECTOR_STOP		0xf3
#define VECTOR_APIC_ERROR	0xfe
#define VECTOR_APIC_SPURIOUS	0xff

/* ---- local APIC (apic.c) ---- */

void apic_init(void);
void apic_init_this_cpu(void);
bool apic_present(void);
uint32_t apic_this_id(void);
void apic_eoi(void);
void apic_send_ipi(uint32_t apic_id, unsigned int vector);
void apic_send_nmi(uint32_t apic_id);
void apic_send_init(uint32_t apic_id);
void apic_send_startup(uint32_t apic_id, paddr_t page);
uint32_t apic_timer_count(void);
void apic_timer_start(uint32_t count);
void apic_timer_stop(void);

/* ---- I/O APICs (ioapic.c) ---- */

struct irq_wiring {
	bool	level;
	bool	active_low;
};

void ioapic_init(void);
bool ioapic_has_gsi(unsigned int gsi);
void ioapic_route(unsigned int gsi, struct irq_wiring wiring,
		  unsigned int vector, uint32_t apic_id);
void ioapic_mask(unsigned int gsi);
void ioapic_unmask(unsigned int gsi);

/* ---- clocks ---- */

/* One free-running counter we may tell the time by. */
struct clock_source {
	const char	*name;
	uint64_t	(*read)(void);	/* counts up; NULL: not there */
	uint64_t	mask;		/* where it wraps */
	uint64_t	hz;
};

extern struct clock_source hpet_clock, acpi_pm_clock, pit_clock;
void hpet_init(void);
void acpi_pm_init(void);
void clock_tsc_is_bad(const char *why);

/* Compare two CPUs' TSCs; both sides run at once, when a CPU comes up. */
void tsc_sync_source(void);
void tsc_sync_target(void);

/* ---- SMP ---- */

/* What the trampoline reads, at the end of its page. */
struct ap_boot {
	uint64_t	cr3;		/* below 4 GiB */
	uint64_t	efer;
	uint64_t	stack;		/* [A] taken by the CPU; 0: none */
	uint64_t	gs_base;
	uint64_t	entry;		/* ap_start */
};

extern const uint32_t *cpu_apic_id;	/* by CPU number */
void smp_call_init(void);
void smp_call_run_queue(void);
void smp_stop_this_cpu(void) __noreturn;

/* ---- kinds of local interrupts, for the statistics ---- */

enum local_irq {
	LOCAL_IRQ_TIMER, LOCAL_IRQ_RESCHEDULE, LOCAL_IRQ_CALL, LOCAL_IRQ_TLB,
	LOCAL_IRQ_NMI, LOCAL_IRQ_SPURIOUS, LOCAL_IRQ_ERROR, NR_LOCAL_IRQS
};

DECLARE_PER_CPU(unsigned long[NR_LOCAL_IRQS], local_irq_counts);

/* ---- oops.c ---- */

void oops_page_fault(struct pt_regs *regs, unsigned long addr,
		     unsigned int error_code) __noreturn __cold;
/* Print the report only. */
void oops_report(const char *what, struct pt_regs *regs,
		 unsigned long error_code) __cold;
