/*
 * Time as the hardware gives it.
 *
 * clock_mono_ns() counts nanoseconds from boot and never goes back, on any
 * CPU, however its rate is bent (clock_set_rate). It reads the TSC once a test
 * at bring-up has shown that all CPUs agree about it (the "invariant" bit of
 * CPUID is no proof), else the HPET, else the ACPI timer. The clock event is
 * the one alarm each CPU has, its local APIC's one-shot timer; kernel/timer.c
 * multiplexes everything over it, and an idle CPU with nothing to wait for has
 * none.
 */
#pragma once

#include <keel/types.h>

/* Context: any, NMI included. */
uint64_t clock_mono_ns(void);
/* The same, but as fast as the hardware goes. */
uint64_t clock_raw_ns(void);

/*
 * From now, let clock_mono_ns() gain @extra / 2^32 ns per second of the
 * hardware, or lose that if it is negative; at most a quarter.
 * Context: any but NMI. Return: true if it is faster than it was.
 */
bool clock_set_rate(int64_t extra);

/*
 * Raise this CPU's alarm at @deadline_ns of clock_mono_ns(), or at once if
 * that is past. Replaces the former deadline. The interrupt calls
 * timer_interrupt() (kernel/timer.h), and may come early, as long deadlines
 * do: look at the clock, then set it anew.
 * Context: irqs off.
 */
void clock_event_set(uint64_t deadline_ns);
/* No alarm until the next clock_event_set(). Context: irqs off. */
void clock_event_stop(void);

/* Find and calibrate clocks; needs ACPI tables, ioremap and the local APIC. */
void clock_init(void);

/* Seconds since 1970 by the battery-backed clock. Takes up to a second. */
time64_t rtc_read(void);

/* Busy for at least @us microseconds. For hardware that wants it, only. */
void delay_us(unsigned long us);

/* The name of the clock in use: "tsc", "hpet" or "acpi_pm". */
const char *clock_name(void);
/* Kilohertz of the TSC, 0 if unknown. */
unsigned int clock_tsc_khz(void);
