/*
 * The local APIC: each CPU's own interrupt controller and timer.
 *
 * Registers are in memory (one page, which shows every CPU its own APIC), or
 * in MSRs if the firmware has switched to x2APIC mode, which it must not leave
 * again. We do not switch to it ourselves: it is needed above 255 CPUs only.
 *
 * The two PICs of the PC are told to use vectors nothing else uses, and
 * masked.
 *
 * Source: [SDM3 11].
 */
#include <arch/cpu.h>
#include <arch/io.h>
#include <arch/irqflags.h>
#include <arch/smp.h>
#include <drivers/acpi/acpi.h>
#include <keel/bug.h>
#include <kernel/printk.h>
#include <mm/vmalloc.h>

#include "irq_internal.h"

#define LOG_PREFIX "apic"

#define APIC_BASE_ENABLE	BIT(11)
#define APIC_BASE_X2APIC	BIT(10)
#define APIC_BASE_ADDRESS	0x000ffffffffff000UL

/* Register offsets in the page; in x2APIC mode MSR 0x800 + offset / 16. */
#define APIC_ID			0x020
#define APIC_TPR		0x080	/* task priority: 0 takes everything */
#define APIC_EOI		0x0b0
#define APIC_SPURIOUS		0x0f0
#define APIC_ESR		0x280
#define APIC_ICR_LOW		0x300
#define APIC_ICR_HIGH		0x310
#define APIC_LVT_TIMER		0x320
#define APIC_LVT_LINT0		0x350
#define APIC_LVT_LINT1		0x360
#define APIC_LVT_ERROR		0x370
#define APIC_TIMER_INITIAL	0x380
#define APIC_TIMER_CURRENT	0x390
#define APIC_TIMER_DIVIDE	0x3e0

#define APIC_SPURIOUS_ENABLE	BIT(8)
#define APIC_LVT_MASKED		BIT(16)
#define APIC_LVT_NMI		0x400
#define APIC_TIMER_DIVIDE_16	0x3

#define ICR_FIXED		0x00000
#define ICR_NMI			0x00400
#define ICR_INIT		0x00500
#define ICR_STARTUP		0x00600
#define ICR_PENDING		0x01000
#define ICR_ASSERT		0x04000

#define PIC1_COMMAND		0x20
#define PIC1_DATA		0x21
#define PIC2_COMMAND		0xa0
#define PIC2_DATA		0xa1

static char __iomem *apic_regs __ro_after_init;
static bool x2apic __ro_after_init;

static uint32_t apic_read(unsigned int reg)
{
	if (unlikely(x2apic))
		return rdmsr(0x800 + reg / 16);
	return readl(apic_regs + reg);
}

static void apic_write(unsigned int reg, uint32_t value)
{
	if (unlikely(x2apic))
		wrmsr(0x800 + reg / 16, value);
	else
		writel(value, apic_regs + reg);
}

/* Context: interrupt handlers, once each. */
void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

/* After apic_init(). */
uint32_t apic_this_id(void)
{
	return x2apic ? apic_read(APIC_ID) : apic_read(APIC_ID) >> 24;
}

bool apic_present(void)
{
	return x2apic || apic_regs;
}

/*
 * Send what @command says to one CPU. In memory mode two writes make one
 * command, and it can be sent only when the last has left: interrupts must
 * not come in between. Leaving takes some bus cycles at most.
 */
static void send_command(uint32_t apic_id, uint32_t command)
{
	unsigned long flags;

	if (x2apic) {
		/* Unlike a store to the page, this does not order memory. */
		smp_mb();
		wrmsr(0x800 + APIC_ICR_LOW / 16,
		      (uint64_t)apic_id << 32 | command);
		return;
	}
	flags = local_irq_save();
	while (apic_read(APIC_ICR_LOW) & ICR_PENDING)
		cpu_relax();
	apic_write(APIC_ICR_HIGH, apic_id << 24);
	apic_write(APIC_ICR_LOW, command);
	local_irq_restore(flags);
}

void apic_send_ipi(uint32_t apic_id, unsigned int vector)
{
	send_command(apic_id, ICR_FIXED | ICR_ASSERT | vector);
}

void apic_send_nmi(uint32_t apic_id)
{
	send_command(apic_id, ICR_NMI | ICR_ASSERT);
}

/* Put a CPU into the state after reset, waiting for a start-up command. */
void apic_send_init(uint32_t apic_id)
{
	send_command(apic_id, ICR_INIT | ICR_ASSERT);
}

/* Start it in real mode at the beginning of @page, below 1 MiB. */
void apic_send_startup(uint32_t apic_id, paddr_t page)
{
	send_command(apic_id, ICR_STARTUP | ICR_ASSERT | page >> PAGE_SHIFT);
}

/* ---- the timer: counts down once, in units of 16 bus cycles ---- */

uint32_t apic_timer_count(void)
{
	return apic_read(APIC_TIMER_CURRENT);
}

/* @count 0 stops it. */
void apic_timer_start(uint32_t count)
{
	apic_write(APIC_TIMER_INITIAL, count);
}

void apic_timer_stop(void)
{
	apic_write(APIC_TIMER_INITIAL, 0);
}

/* ---- setting up ---- */

/* Move the PICs' vectors away from the exceptions, then mask all lines. */
static __init void pic_disable(void)
{
	outb(0x11, PIC1_COMMAND);	/* initialise, four words follow */
	outb(0x11, PIC2_COMMAND);
	outb(VECTOR_PIC_SPURIOUS, PIC1_DATA);
	outb(VECTOR_PIC_SPURIOUS + 8, PIC2_DATA);
	outb(4, PIC1_DATA);		/* the second one is on line 2 */
	outb(2, PIC2_DATA);
	outb(1, PIC1_DATA);		/* 8086 mode */
	outb(1, PIC2_DATA);
	outb(0xff, PIC1_DATA);
	outb(0xff, PIC2_DATA);
}

static __init void take_madt_address(const struct acpi_madt_entry *entry,
				     void *arg)
{
	const struct acpi_madt_lapic_address *e = (const void *)entry;

	*(paddr_t *)arg = e->address;
}

/*
 * Find the APICs and set up the boot CPU's.
 *
 * Context: boot; after acpi_init(). Without an APIC there is no timer and no
 * other CPU: we do not run on such a machine.
 */
__init void apic_init(void)
{
	const struct acpi_madt *madt = acpi_find_table("APIC", 0);
	uint64_t base;
	paddr_t address;

	if (!cpu_has(CPU_FEATURE_APIC))
		panic("this CPU has no local APIC");
	base = rdmsr(MSR_APIC_BASE);
	address = base & APIC_BASE_ADDRESS;
	pic_disable();
	if (base & APIC_BASE_X2APIC) {
		x2apic = true;
	} else {
		if (madt)
			address = madt->lapic_address;
		acpi_madt_for_each(ACPI_MADT_LAPIC_ADDRESS,
				   sizeof(struct acpi_madt_lapic_address),
				   take_madt_address, &address);
		apic_regs = ioremap(address, PAGE_SIZE);
		if (!apic_regs)
			panic("no memory to map the local APIC");
	}
	apic_init_this_cpu();
}

/*
 * LINT0 carries the PICs, which are masked; LINT1 the NMI button. The timer
 * is set to single shots and does not run yet.
 *
 * Context: every CPU, interrupts off.
 */
void apic_init_this_cpu(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	if (!(base & APIC_BASE_ENABLE))
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_ENABLE);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED);
	apic_write(APIC_LVT_LINT1, APIC_LVT_NMI);
	apic_write(APIC_LVT_ERROR, VECTOR_APIC_ERROR);
	apic_write(APIC_SPURIOUS, APIC_SPURIOUS_ENABLE | VECTOR_APIC_SPURIOUS);
	apic_write(APIC_ESR, 0);
	apic_write(APIC_TIMER_DIVIDE, APIC_TIMER_DIVIDE_16);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
	apic_write(APIC_TIMER_INITIAL, 0);
}

/* The error interrupt: reading the register takes a write first. */
void apic_report_error(void)
{
	apic_write(APIC_ESR, 0);
	pr_warn_ratelimited("CPU %u: error status %#x", smp_processor_id(),
			    apic_read(APIC_ESR));
}
