/*
 * The PC's oldest timer, as a counter of last resort for calibration.
 *
 * Channel 2 of the 8254, the one that once made the speaker beep, counts down
 * at 1.193182 MHz and interrupts nobody. It wraps every 55 ms, which is too
 * soon for a clock but enough to measure others by.
 */
#include <arch/io.h>

#include "clock_internal.h"
#include "internal.h"

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
