/*
 * The battery-backed clock: what day it was when we came up.
 *
 * The MC146818's registers hold the date in decimal or binary, 12 or 24 hour
 * form, as a flag register says. Once a second they are being changed and read
 * as nonsense; there is a bit that warns of it, but it can come up right after
 * it was looked at, so all is read until two readings agree.
 *
 * It is taken to run in UTC. Source: MC146818A datasheet.
 */
#include <arch/clock.h>
#include <arch/io.h>
#include <arch/irqflags.h>
#include <drivers/acpi/acpi.h>
#include <lib/string.h>

#define RTC_INDEX_PORT		0x70
#define RTC_DATA_PORT		0x71

#define RTC_SECOND		0
#define RTC_MINUTE		2
#define RTC_HOUR		4
#define RTC_DAY			7
#define RTC_MONTH		8
#define RTC_YEAR		9
#define RTC_STATUS_A		10
#define RTC_STATUS_B		11

#define RTC_A_UPDATING		BIT(7)
#define RTC_B_24_HOURS		BIT(1)
#define RTC_B_BINARY		BIT(2)
#define RTC_HOUR_PM		BIT(7)

/* Longest wait for an update to end: it takes 2 ms of each second. */
#define RTC_UPDATE_TRIES	10000

struct rtc_time {
	uint8_t	second, minute, hour, day, month, year, century;
};

static uint8_t rtc_register(uint8_t reg)
{
	outb(reg, RTC_INDEX_PORT);
	return inb(RTC_DATA_PORT);
}

static struct rtc_time read_registers(uint8_t century_register)
{
	return (struct rtc_time){
		.second = rtc_register(RTC_SECOND),
		.minute = rtc_register(RTC_MINUTE),
		.hour = rtc_register(RTC_HOUR),
		.day = rtc_register(RTC_DAY),
		.month = rtc_register(RTC_MONTH),
		.year = rtc_register(RTC_YEAR),
		.century = century_register ?
			   rtc_register(century_register) : 0,
	};
}

static struct rtc_time read_stable(uint8_t century_register)
{
	struct rtc_time a, b;

	b = read_registers(century_register);
	for (int tries = 0; tries < RTC_UPDATE_TRIES; tries++) {
		if (rtc_register(RTC_STATUS_A) & RTC_A_UPDATING) {
			cpu_relax();
			continue;
		}
		a = b;
		b = read_registers(century_register);
		if (memcmp(&a, &b, sizeof(a)) == 0)
			break;
	}
	return b;
}

static unsigned int decode(uint8_t value, bool binary)
{
	return binary ? value : (value >> 4) * 10 + (value & 0xf);
}

static unsigned int decode_hour(uint8_t value, uint8_t status)
{
	bool pm = value & RTC_HOUR_PM;
	unsigned int hour;

	if (status & RTC_B_24_HOURS)
		return decode(value, status & RTC_B_BINARY);
	hour = decode(value & ~RTC_HOUR_PM, status & RTC_B_BINARY) % 12;
	return pm ? hour + 12 : hour;
}

/*
 * Days from 1970-01-01 to a date of the Gregorian calendar. Years are counted
 * from March, so that the leap day is the last of its year.
 */
static int64_t days_from_civil(int64_t year, unsigned int month,
			       unsigned int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = y / 400;
	unsigned int year_of_era = y - era * 400;
	unsigned int day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 -
	       year_of_era / 100 + day_of_year - 719468;
}

/*
 * Context: process or boot. Return: seconds since 1970, 0 if the clock holds
 * no possible date.
 */
time64_t rtc_read(void)
{
	const struct acpi_fadt *fadt = acpi_fadt();
	uint8_t century_register = fadt ? fadt->century : 0;
	struct rtc_time t = read_stable(century_register);
	uint8_t status = rtc_register(RTC_STATUS_B);
	bool binary = status & RTC_B_BINARY;
	unsigned int month = decode(t.month, binary);
	unsigned int day = decode(t.day, binary);
	unsigned int year = decode(t.year, binary);

	if (century_register)
		year += decode(t.century, binary) * 100;
	else
		year += year < 70 ? 2000 : 1900;
	if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1970)
		return 0;
	return days_from_civil(year, month, day) * 86400 +
	       decode_hour(t.hour, status) * 3600 +
	       decode(t.minute, binary) * 60 + decode(t.second, binary);
}
