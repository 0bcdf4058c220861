/*
 * Counters that tell the time when the TSC cannot be trusted, and by which it
 * is calibrated: the HPET, the ACPI power-management timer, and the PIT.
 *
 * The first two run at a rate they state themselves. The HPET is a 32- or
 * 64-bit counter in memory; the PM timer, in every PC, has 24 or 32 bits behind
 * an I/O port and always runs at 3.579545 MHz. Only the counters are used, none
 * of their interrupts.
 *
 * The PC's oldest timer is the last resort, for calibration only. Channel 2 of
 * the 8254, the one that once made the speaker beep, counts down at 1.193182
 * MHz and interrupts nobody. It wraps every 55 ms, which is too soon for a
 * clock but enough to measure others by.
 *
 * Sources: IA-PC HPET specification 1.0a, 2.3; [ACPI6 4.8.3.3].
 */
#define LOG_PREFIX "clock"
#include <arch/io.h>
#include <drivers/acpi/acpi.h>
#include <kernel/printk.h>
#include <mm/vmalloc.h>

#include "clock_internal.h"
#include "internal.h"

/* ---- the HPET and the ACPI timer ---- */

#define HPET_CAPABILITIES	0x000
#define HPET_CONFIG		0x010
#define HPET_COUNTER		0x0f0

#define HPET_CAP_64_BIT		BIT(13)
#define HPET_CONFIG_ENABLE	BIT(0)
#define HPET_CONFIG_LEGACY	BIT(1)	/* takes over PIT and RTC lines */

#define FEMTOSECONDS		1000000000000000UL
#define HPET_PERIOD_MAX_FS	100000000	/* 100 ns, by the spec */
#define PM_TIMER_HZ		3579545

static char __iomem *hpet_regs __ro_after_init;
static uint16_t pm_timer_port __ro_after_init;

static uint64_t hpet_read(void)
{
	return readq(hpet_regs + HPET_COUNTER);
}

static uint64_t hpet_read_32(void)
{
	return readl(hpet_regs + HPET_COUNTER);
}

static uint64_t pm_timer_read(void)
{
	return inl(pm_timer_port);
}

struct clock_source hpet_clock __ro_after_init = { .name = "hpet" };
struct clock_source acpi_pm_clock __ro_after_init = { .name = "acpi_pm" };

/* Context: boot, after acpi_init(). hpet_clock.read stays NULL without one. */
__init void hpet_init(void)
{
	const struct acpi_hpet *table = acpi_find_table("HPET", 0);
	uint64_t caps, period_fs;

	if (!table || table->header.length < sizeof(*table) ||
	    table->address.space != ACPI_SPACE_MEMORY)
		return;
	hpet_regs = ioremap(table->address.address, 1024);
	if (!hpet_regs)
		return;
	caps = readq(hpet_regs + HPET_CAPABILITIES);
	period_fs = caps >> 32;
	if (period_fs == 0 || period_fs > HPET_PERIOD_MAX_FS) {
		pr_warn("HPET claims a period of %lu fs, not used",
			period_fs);
		return;
	}
	writeq((readq(hpet_regs + HPET_CONFIG) | HPET_CONFIG_ENABLE) &
	       ~HPET_CONFIG_LEGACY, hpet_regs + HPET_CONFIG);
	hpet_clock.hz = FEMTOSECONDS / period_fs;
	if (caps & HPET_CAP_64_BIT) {
		hpet_clock.mask = ~0UL;
		hpet_clock.read = hpet_read;
	} else {
		hpet_clock.mask = 0xffffffff;
		hpet_clock.read = hpet_read_32;
	}
}

/* Context: boot, after acpi_init(). */
__init void acpi_pm_init(void)
{
	const struct acpi_fadt *fadt = acpi_fadt();
	uint32_t first;

	if (!fadt || fadt->pm_timer_len != 4 || fadt->pm_timer == 0 ||
	    fadt->pm_timer > 0xffff)
		return;
	pm_timer_port = fadt->pm_timer;
	/* A port that nobody answers at reads as all ones for ever. */
	first = inl(pm_timer_port);
	for (int i = 0; i < 1000 && inl(pm_timer_port) == first; i++)
		io_delay();
	if (inl(pm_timer_port) == first)
		return;
	acpi_pm_clock.hz = PM_TIMER_HZ;
	acpi_pm_clock.mask = fadt->flags & ACPI_FADT_TIMER_32_BIT ?
			     0xffffffff : 0xffffff;
	acpi_pm_clock.read = pm_timer_read;
}

/* ---- the PIT ---- */

#define PIT_HZ			1193182
#define PIT_CHANNEL_2		0x42
#define PIT_COMMAND		0x43
#define PIT_GATE_PORT		0x61
#define PIT_GATE_ON		BIT(0)
#define PIT_SPEAKER_ON		BIT(1)

#define PIT_CH2_RATE		0xb4	/* channel 2, two bytes, mode 2 */
#define PIT_CH2_LATCH		0x80

static uint64_t pit_read(void)
{
	uint8_t low, high;

	outb(PIT_CH2_LATCH, PIT_COMMAND);
	low = inb(PIT_CHANNEL_2);
	high = inb(PIT_CHANNEL_2);
	return 0xffff - (low | high << 8);
}

struct clock_source pit_clock = {
	.name = "pit", .read = pit_read, .mask = 0xffff, .hz = PIT_HZ,
};

/* Let it run, over its full range. Context: boot. */
__init void pit_init(void)
{
	outb((inb(PIT_GATE_PORT) & ~PIT_SPEAKER_ON) | PIT_GATE_ON,
	     PIT_GATE_PORT);
	outb(PIT_CH2_RATE, PIT_COMMAND);
	outb(0, PIT_CHANNEL_2);
	outb(0, PIT_CHANNEL_2);
}
