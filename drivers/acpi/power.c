/*
 * Switching off and resetting by ACPI registers.
 *
 * Soft-off is one write to the PM1 control registers, but of a value that only
 * AML tells: the package \_S5_. In its compiled form that is a name followed
 * by a package of small integers, recognisable without an interpreter:
 *
 *	08 5f 53 35 5f		Name (_S5_,
 *	12 <length> <count>	Package () {
 *	0a xx | 00 | 01 ...		SLP_TYPa, SLP_TYPb, ...
 *
 * Source: [ACPI6 4.8.3.2, 4.8.3.6, 7.4.2, 20.2].
 */
#include <arch/clock.h>
#include <arch/io.h>
#include <drivers/acpi/acpi.h>
#include <kernel/printk.h>
#include <lib/string.h>

#define LOG_PREFIX "acpi"

#define PM1_SCI_ENABLE		BIT(0)
#define PM1_SLEEP_TYPE_SHIFT	10
#define PM1_SLEEP_TYPE_MASK	(7u << PM1_SLEEP_TYPE_SHIFT)
#define PM1_SLEEP_ENABLE	BIT(13)

#define AML_ZERO		0x00
#define AML_ONE			0x01
#define AML_BYTE_PREFIX		0x0a
#define AML_NAME		0x08
#define AML_PACKAGE		0x12

struct sleep_types {
	unsigned int	a, b;
};

/* One integer at *@at, which moves behind it. False if it is no small one. */
static bool aml_small_int(const uint8_t **at, const uint8_t *end,
			  unsigned int *value)
{
	const uint8_t *p = *at;

	if (p >= end)
		return false;
	if (*p == AML_ZERO || *p == AML_ONE) {
		*value = *p++;
	} else if (*p == AML_BYTE_PREFIX && p + 1 < end) {
		*value = p[1];
		p += 2;
	} else {
		return false;
	}
	*at = p;
	return true;
}

/* @p is behind the name "_S5_". */
static bool parse_package(const uint8_t *p, const uint8_t *end,
			  struct sleep_types *types)
{
	if (p + 2 >= end || *p++ != AML_PACKAGE)
		return false;
	p += 1 + (*p >> 6);	/* the length; top bits: bytes that follow */
	p += 1;			/* the number of elements */
	return aml_small_int(&p, end, &types->a) &&
	       aml_small_int(&p, end, &types->b);
}

static bool find_s5_in(const struct acpi_header *table,
		       struct sleep_types *types)
{
	const uint8_t *start = (const uint8_t *)(table + 1);
	const uint8_t *end = (const uint8_t *)table + table->length;

	for (const uint8_t *p = start + 2; p + 4 <= end; p++) {
		if (memcmp(p, "_S5_", 4) != 0)
			continue;
		/* Name (_S5_, or Name (\_S5_ */
		if (p[-1] != AML_NAME && !(p[-1] == '\\' && p[-2] == AML_NAME))
			continue;
		if (parse_package(p + 4, end, types))
			return true;
	}
	return false;
}

static bool find_s5(struct sleep_types *types)
{
	const struct acpi_header *table = acpi_find_table("DSDT", 0);

	if (table && find_s5_in(table, types))
		return true;
	for (unsigned int i = 0; (table = acpi_find_table("SSDT", i)); i++)
		if (find_s5_in(table, types))
			return true;
	return false;
}

/* Some firmware wants to be told that ACPI is used before it obeys. */
static void enable_acpi_mode(const struct acpi_fadt *fadt, uint16_t pm1a)
{
	if ((inw(pm1a) & PM1_SCI_ENABLE) || !fadt->smi_command ||
	    !fadt->acpi_enable)
		return;
	outb(fadt->acpi_enable, fadt->smi_command);
	for (int i = 0; i < 100 && !(inw(pm1a) & PM1_SCI_ENABLE); i++)
		delay_us(1000);
}

static void write_sleep(uint16_t port, unsigned int type)
{
	uint16_t value = inw(port) & ~PM1_SLEEP_TYPE_MASK;

	value |= type << PM1_SLEEP_TYPE_SHIFT;
	outw(value | PM1_SLEEP_ENABLE, port);
}

/* A port from the old field, or from the new one if that is where it is. */
static uint16_t pm1_port(const struct acpi_fadt *fadt, uint32_t port,
			 bool has_extended, const struct acpi_address *extended)
{
	if (port == 0 && has_extended && extended->space == ACPI_SPACE_IO)
		port = extended->address;
	return port <= 0xffff && fadt ? port : 0;
}

void acpi_power_off(void)
{
	const struct acpi_fadt *fadt = acpi_fadt();
	struct sleep_types types;
	uint16_t pm1a, pm1b;

	if (!fadt)
		return;
	pm1a = pm1_port(fadt, fadt->pm1a_control,
			acpi_fadt_has(fadt, x_pm1a_control),
			&fadt->x_pm1a_control);
	pm1b = pm1_port(fadt, fadt->pm1b_control,
			acpi_fadt_has(fadt, x_pm1b_control),
			&fadt->x_pm1b_control);
	if (!pm1a)
		return;
	if (!find_s5(&types)) {
		pr_warn("the tables do not tell how to power off");
		return;
	}
	enable_acpi_mode(fadt, pm1a);
	write_sleep(pm1a, types.a);
	if (pm1b)
		write_sleep(pm1b, types.b);
	delay_us(100000);
}

void acpi_reset(void)
{
	const struct acpi_fadt *fadt = acpi_fadt();

	if (!fadt || !acpi_fadt_has(fadt, reset_value) ||
	    !(fadt->flags & ACPI_FADT_RESET_REG))
		return;
	if (fadt->reset_register.space != ACPI_SPACE_IO ||
	    fadt->reset_register.address > 0xffff)
		return;
	outb(fadt->reset_value, fadt->reset_register.address);
	delay_us(100000);
}
