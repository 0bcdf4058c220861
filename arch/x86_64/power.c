/*
 * Off, again, or stand still: every way this kind of machine knows.
 *
 * Ordered from the documented to the desperate. None of them may return; a
 * machine that ignores them all is halted.
 */
#include <arch/clock.h>
#include <arch/io.h>
#include <arch/irqflags.h>
#include <arch/power.h>
#include <arch/smp.h>
#include <drivers/acpi/acpi.h>
#include <kernel/printk.h>

#define LOG_PREFIX "power"

#define RESET_CONTROL_PORT	0xcf9	/* chipsets since the PIIX3 */
#define RESET_CONTROL_FULL	0x06
#define KEYBOARD_STATUS_PORT	0x64
#define KEYBOARD_INPUT_FULL	0x02
#define KEYBOARD_PULSE_RESET	0xfe

/* Only this CPU goes on, and nothing interrupts it. */
static void be_alone(void)
{
	local_irq_disable();
	smp_send_stop();
}

/* Context: any; does not return. */
void machine_halt(void)
{
	be_alone();
	cpu_halt_forever();
}

/* Context: any; does not return. */
void machine_power_off(void)
{
	be_alone();
	acpi_power_off();
	pr_emerg("this machine cannot be powered off; halted");
	/* Interrupts are off, and a stopped CPU may hold the console. */
	console_flush_panic();
	cpu_halt_forever();
}

/* The keyboard controller's one remaining job: it pulls the reset line. */
static void keyboard_reset(void)
{
	for (int i = 0; i < 100; i++) {
		if (!(inb(KEYBOARD_STATUS_PORT) & KEYBOARD_INPUT_FULL))
			break;
		delay_us(100);
	}
	outb(KEYBOARD_PULSE_RESET, KEYBOARD_STATUS_PORT);
	delay_us(100000);
}

/* An exception without an IDT cannot be delivered: the CPU resets itself. */
static __noreturn void triple_fault(void)
{
	static const struct {
		uint16_t limit;
		uint64_t base;
	} __packed no_idt;

	__asm__ __volatile__("lidt %0\n\tint3" :: "m"(no_idt));
	cpu_halt_forever();
}

/* Context: any; does not return. */
void machine_restart(void)
{
	be_alone();
	acpi_reset();
	outb(RESET_CONTROL_FULL & ~0x04, RESET_CONTROL_PORT);
	delay_us(50);
	outb(RESET_CONTROL_FULL, RESET_CONTROL_PORT);
	delay_us(100000);
	keyboard_reset();
	triple_fault();
}
