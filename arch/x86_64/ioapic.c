/*
 * I/O APICs: where device interrupt lines become vectors on a CPU.
 *
 * The machine's lines are numbered through all I/O APICs: each serves the
 * "global system interrupts" from its base on. A line's redirection entry says
 * vector, CPU, how the line is wired and whether it is masked. Which line an
 * old ISA interrupt arrives at, and wired how, is in the MADT if it is not the
 * usual.
 *
 * Source: 82093AA datasheet; [ACPI6 5.2.12].
 */
#include <arch/io.h>
#include <arch/irq.h>
#include <drivers/acpi/acpi.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

#include "irq_internal.h"

#define LOG_PREFIX "ioapic"

/* Two registers in memory give access to all others. */
#define IOAPIC_SELECT		0x00
#define IOAPIC_WINDOW		0x10

#define IOAPIC_REG_VERSION	1
#define IOAPIC_REG_ENTRY(pin)	(0x10 + 2 * (pin))

#define ENTRY_ACTIVE_LOW	BIT(13)
#define ENTRY_LEVEL		BIT(15)
#define ENTRY_MASKED		BIT(16)

#define IOAPIC_USUAL_ADDRESS	0xfec00000

#define NR_ISA_IRQS		16

struct ioapic {
	struct ioapic	*next;
	char __iomem	*regs;
	unsigned int	gsi_base;
	unsigned int	nr_pins;
};

/* Built during boot, then constant; the registers are under the lock. */
static struct ioapic *ioapics __ro_after_init;
static DEFINE_SPINLOCK(ioapic_lock, RANK_IRQ_CHIP);

/* ISA lines that are not wired one to one, edge-triggered and active high. */
static unsigned int isa_gsi[NR_ISA_IRQS] __ro_after_init;
static struct irq_wiring isa_wiring[NR_ISA_IRQS] __ro_after_init;

static uint32_t ioapic_read(const struct ioapic *chip, unsigned int reg)
{
	writel(reg, chip->regs + IOAPIC_SELECT);
	return readl(chip->regs + IOAPIC_WINDOW);
}

static void ioapic_write(const struct ioapic *chip, unsigned int reg,
			 uint32_t value)
{
	writel(reg, chip->regs + IOAPIC_SELECT);
	writel(value, chip->regs + IOAPIC_WINDOW);
}

static const struct ioapic *ioapic_of(unsigned int gsi)
{
	for (const struct ioapic *c = ioapics; c; c = c->next)
		if (gsi >= c->gsi_base && gsi - c->gsi_base < c->nr_pins)
			return c;
	return NULL;
}

bool ioapic_has_gsi(unsigned int gsi)
{
	return ioapic_of(gsi) != NULL;
}

/*
 * Point line @gsi at @vector on one CPU, and leave it masked.
 *
 * Context: any. The line exists.
 */
void ioapic_route(unsigned int gsi, struct irq_wiring wiring,
		  unsigned int vector, uint32_t apic_id)
{
	const struct ioapic *chip = ioapic_of(gsi);
	unsigned int reg = IOAPIC_REG_ENTRY(gsi - chip->gsi_base);
	uint32_t low = vector | ENTRY_MASKED;

	if (wiring.level)
		low |= ENTRY_LEVEL;
	if (wiring.active_low)
		low |= ENTRY_ACTIVE_LOW;
	SPIN_GUARD_IRQSAVE(&ioapic_lock);
	ioapic_write(chip, reg, low);
	ioapic_write(chip, reg + 1, apic_id << 24);
}

static void set_masked(unsigned int gsi, bool masked)
{
	const struct ioapic *chip = ioapic_of(gsi);
	unsigned int reg = IOAPIC_REG_ENTRY(gsi - chip->gsi_base);
	uint32_t low;

	SPIN_GUARD_IRQSAVE(&ioapic_lock);
	low = ioapic_read(chip, reg);
	ioapic_write(chip, reg, masked ? low | ENTRY_MASKED :
					 low & ~ENTRY_MASKED);
}

/* Context: any. */
void ioapic_mask(unsigned int gsi)
{
	set_masked(gsi, true);
}

void ioapic_unmask(unsigned int gsi)
{
	set_masked(gsi, false);
}

/* The irq number of an ISA line. */
unsigned int irq_from_isa(unsigned int isa)
{
	return isa < NR_ISA_IRQS ? isa_gsi[isa] : isa;
}

/* How @gsi is wired unless somebody says otherwise: as PCI, or as ISA. */
struct irq_wiring ioapic_default_wiring(unsigned int gsi)
{
	for (unsigned int isa = 0; isa < NR_ISA_IRQS; isa++)
		if (isa_gsi[isa] == gsi)
			return isa_wiring[isa];
	return (struct irq_wiring){ .level = true, .active_low = true };
}

static __init void add_ioapic(paddr_t address, unsigned int gsi_base)
{
	struct ioapic *chip = kzalloc(sizeof(*chip), GFP_KERNEL);
	uint32_t version;

	if (!chip)
		panic("no memory for an I/O APIC");
	chip->regs = ioremap(address, PAGE_SIZE);
	if (!chip->regs)
		panic("no memory to map an I/O APIC");
	version = ioapic_read(chip, IOAPIC_REG_VERSION);
	if (version == ~0U || version == 0) {
		pr_warn("nothing answers at %#lx", address);
		iounmap(chip->regs);
		kfree(chip);
		return;
	}
	chip->gsi_base = gsi_base;
	chip->nr_pins = (version >> 16 & 0xff) + 1;
	for (unsigned int pin = 0; pin < chip->nr_pins; pin++)
		ioapic_write(chip, IOAPIC_REG_ENTRY(pin), ENTRY_MASKED);
	chip->next = ioapics;
	ioapics = chip;
	pr_info("lines %u-%u", chip->gsi_base,
		chip->gsi_base + chip->nr_pins - 1);
}

static __init void add_listed(const struct acpi_madt_entry *entry,
			      void *unused __unused)
{
	const struct acpi_madt_ioapic *e = (const void *)entry;

	add_ioapic(e->address, e->gsi_base);
}

static __init void apply_override(const struct acpi_madt_entry *entry,
				  void *unused __unused)
{
	const struct acpi_madt_override *e = (const void *)entry;

	if (e->bus != 0 || e->source >= NR_ISA_IRQS)
		return;
	isa_gsi[e->source] = e->gsi;
	isa_wiring[e->source] = (struct irq_wiring){
		.level = (e->flags & ACPI_INTI_TRIGGER_MASK) ==
			 ACPI_INTI_LEVEL,
		.active_low = (e->flags & ACPI_INTI_POLARITY_MASK) ==
			      ACPI_INTI_ACTIVE_LOW,
	};
	/* The line that was displaced (2, by the timer) is nobody's. */
	if (e->gsi != e->source && e->gsi < NR_ISA_IRQS &&
	    isa_gsi[e->gsi] == e->gsi)
		isa_gsi[e->gsi] = e->source;
}

/* Context: boot; after acpi_init(). All lines are masked afterwards. */
__init void ioapic_init(void)
{
	for (unsigned int isa = 0; isa < NR_ISA_IRQS; isa++)
		isa_gsi[isa] = isa;
	acpi_madt_for_each(ACPI_MADT_IOAPIC, sizeof(struct acpi_madt_ioapic),
			   add_listed, NULL);
	acpi_madt_for_each(ACPI_MADT_OVERRIDE,
			   sizeof(struct acpi_madt_override), apply_override,
			   NULL);
	/* A PC without tables has it at the usual place. */
	if (!ioapics)
		add_ioapic(IOAPIC_USUAL_ADDRESS, 0);
	if (!ioapics)
		pr_warn("none found: no device can interrupt");
}
