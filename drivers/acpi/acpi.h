/*
 * ACPI tables: what the firmware says about the machine.
 *
 * The root pointer leads to a list of tables, each with a signature, a length
 * and a checksum. We read the static ones: processors and interrupt wiring
 * (MADT), a timer (HPET), power and reset registers (FADT). AML, the code in
 * the DSDT, is not interpreted; the one value needed from it, how to enter
 * soft-off, has a shape that can be recognised (power.c).
 *
 * Everything here is constant after acpi_init() and may be used in any
 * context. Layouts: [ACPI6 5.2].
 */
#pragma once

#include <keel/compiler.h>

/* At the start of every table. */
struct acpi_header {
	char		signature[4];
	uint32_t	length;		/* of the whole table */
	uint8_t		revision;
	uint8_t		checksum;	/* all bytes add up to 0 */
	char		oem_id[6];
	char		oem_table_id[8];
	uint32_t	oem_revision;
	char		creator_id[4];
	uint32_t	creator_revision;
} __packed;

/* Generic address: a register in memory or in I/O space. */
struct acpi_address {
	uint8_t		space;		/* ACPI_SPACE_* */
	uint8_t		bit_width;
	uint8_t		bit_offset;
	uint8_t		access_size;
	uint64_t	address;
} __packed;

#define ACPI_SPACE_MEMORY	0
#define ACPI_SPACE_IO		1

struct acpi_fadt {
	struct acpi_header	header;
	uint32_t	facs;
	uint32_t	dsdt;
	uint8_t		reserved0;
	uint8_t		preferred_profile;
	uint16_t	sci_irq;
	uint32_t	smi_command;	/* port */
	uint8_t		acpi_enable;	/* write this there */
	uint8_t		acpi_disable;
	uint8_t		s4bios_request;
	uint8_t		pstate_control;
	uint32_t	pm1a_event, pm1b_event;
	uint32_t	pm1a_control, pm1b_control;
	uint32_t	pm2_control, pm_timer;
	uint32_t	gpe0, gpe1;
	uint8_t		pm1_event_len, pm1_control_len;
	uint8_t		pm2_control_len, pm_timer_len;
	uint8_t		gpe0_len, gpe1_len, gpe1_base, cst_control;
	uint16_t	c2_latency, c3_latency;
	uint16_t	flush_size, flush_stride;
	uint8_t		duty_offset, duty_width;
	uint8_t		day_alarm, month_alarm, century;
	uint16_t	boot_arch;
	uint8_t		reserved1;
	uint32_t	flags;		/* ACPI_FADT_* */
	/* Revision 1 tables end here, at 116 bytes. */
	struct acpi_address reset_register;
	uint8_t		reset_value;
	uint16_t	arm_boot_arch;
	uint8_t		minor_revision;
	uint64_t	x_facs, x_dsdt;
	struct acpi_address x_pm1a_event, x_pm1b_event;
	struct acpi_address x_pm1a_control, x_pm1b_control;
	struct acpi_address x_pm2_control, x_pm_timer;
} __packed;

#define ACPI_FADT_TIMER_32_BIT	BIT(8)
#define ACPI_FADT_RESET_REG	BIT(10)

/* Is @field inside the FADT, as long as it is? */
#define acpi_fadt_has(fadt, field) \
	((fadt)->header.length >= offsetof(struct acpi_fadt, field) + \
				  sizeof((fadt)->field))

struct acpi_hpet {
	struct acpi_header	header;
	uint32_t		block_id;
	struct acpi_address	address;
	uint8_t			number;
	uint16_t		min_tick;
	uint8_t			attributes;
} __packed;

struct acpi_madt {
	struct acpi_header	header;
	uint32_t		lapic_address;
	uint32_t		flags;
	/* then entries, each starting with a struct acpi_madt_entry */
} __packed;

struct acpi_madt_entry {
	uint8_t		type;
	uint8_t		length;
} __packed;

enum acpi_madt_type {
	ACPI_MADT_LAPIC		= 0,
	ACPI_MADT_IOAPIC	= 1,
	ACPI_MADT_OVERRIDE	= 2,
	ACPI_MADT_NMI_SOURCE	= 3,
	ACPI_MADT_LAPIC_NMI	= 4,
	ACPI_MADT_LAPIC_ADDRESS	= 5,
	ACPI_MADT_X2APIC	= 9,
};

struct acpi_madt_lapic {
	struct acpi_madt_entry	entry;
	uint8_t		processor_id;
	uint8_t		apic_id;
	uint32_t	flags;		/* ACPI_CPU_* */
} __packed;

struct acpi_madt_x2apic {
	struct acpi_madt_entry	entry;
	uint16_t	reserved;
	uint32_t	apic_id;
	uint32_t	flags;
	uint32_t	processor_uid;
} __packed;

#define ACPI_CPU_ENABLED	BIT(0)

struct acpi_madt_ioapic {
	struct acpi_madt_entry	entry;
	uint8_t		ioapic_id;
	uint8_t		reserved;
	uint32_t	address;
	uint32_t	gsi_base;
} __packed;

struct acpi_madt_override {
	struct acpi_madt_entry	entry;
	uint8_t		bus;		/* 0: ISA */
	uint8_t		source;		/* the ISA line */
	uint32_t	gsi;
	uint16_t	flags;		/* ACPI_INTI_* */
} __packed;

/* How a line is wired; 0 in either field: as its bus says. */
#define ACPI_INTI_POLARITY_MASK	0x3
#define ACPI_INTI_ACTIVE_LOW	0x3
#define ACPI_INTI_TRIGGER_MASK	0xc
#define ACPI_INTI_LEVEL		0xc

struct acpi_madt_lapic_address {
	struct acpi_madt_entry	entry;
	uint16_t	reserved;
	uint64_t	address;
} __packed;

/*
 * Find and check the tables. @rsdp is the physical address the boot loader
 * gave, 0 if it gave none. Needs memremap(). Works without any table too: then
 * nothing is found.
 */
void acpi_init(paddr_t rsdp);

/* The table with this signature, or NULL. @index counts equal ones. */
const void *acpi_find_table(const char *signature, unsigned int index);

/* Call @fn for each entry of @type in the MADT; its length was checked. */
void acpi_madt_for_each(enum acpi_madt_type type, size_t min_length,
			void (*fn)(const struct acpi_madt_entry *, void *arg),
			void *arg);

/* The FADT, or NULL. */
const struct acpi_fadt *acpi_fadt(void);

/* Any context. Return only if it did not work. */
void acpi_power_off(void);
void acpi_reset(void);
