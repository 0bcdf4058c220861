/*
 * Finding the ACPI tables.
 *
 * The root pointer (RSDP) is given by the boot loader or found by its
 * signature in the BIOS area. It names the RSDT, a list of 32-bit addresses,
 * or from revision 2 on the XSDT, a list of 64-bit ones. Every table is mapped
 * once and stays so; one whose checksum is wrong is reported and left out, as
 * is anything whose length cannot be true.
 */
#include <arch/page.h>
#include <drivers/acpi/acpi.h>
#include <kernel/printk.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

#define LOG_PREFIX "acpi"

/* A longer table is not believed; DSDTs of large servers have 1 MiB. */
#define TABLE_MAX_LENGTH	(16u << 20)

#define BIOS_AREA_START		0xe0000
#define BIOS_AREA_END		0x100000
#define EBDA_SEGMENT_POINTER	0x40e	/* BIOS data: segment of the EBDA */
#define EBDA_SEARCH_LENGTH	1024

struct acpi_rsdp {
	char		signature[8];	/* "RSD PTR " */
	uint8_t		checksum;	/* of the first 20 bytes */
	char		oem_id[6];
	uint8_t		revision;
	uint32_t	rsdt;
	/* From revision 2 on: */
	uint32_t	length;
	uint64_t	xsdt;
	uint8_t		full_checksum;
	uint8_t		reserved[3];
} __packed;

#define RSDP_V1_LENGTH	20

static const struct acpi_header **tables __ro_after_init;
static unsigned int nr_tables __ro_after_init;

static bool checksum_ok(const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint8_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += bytes[i];
	return sum == 0;
}

static __init bool is_rsdp(const struct acpi_rsdp *rsdp)
{
	return memcmp(rsdp->signature, "RSD PTR ", 8) == 0 &&
	       checksum_ok(rsdp, RSDP_V1_LENGTH);
}

/* Search [@start, @start + @len) on the 16-byte boundaries it may lie on. */
static __init bool search_rsdp(paddr_t start, size_t len,
			       struct acpi_rsdp *found)
{
	const char *area = memremap(start, len);
	bool ok = false;

	if (!area)
		return false;
	for (size_t i = 0; !ok && i + sizeof(*found) <= len; i += 16) {
		ok = is_rsdp((const void *)(area + i));
		if (ok)
			memcpy(found, area + i, sizeof(*found));
	}
	memunmap(area);
	return ok;
}

static __init bool find_rsdp(paddr_t given, struct acpi_rsdp *rsdp)
{
	const uint16_t *segment;
	paddr_t ebda = 0;

	if (given && search_rsdp(given, sizeof(*rsdp), rsdp))
		return true;
	segment = memremap(EBDA_SEGMENT_POINTER, sizeof(*segment));
	if (segment) {
		ebda = (paddr_t)*segment << 4;
		memunmap(segment);
	}
	if (ebda >= 0x80000 && ebda < 0xa0000 &&
	    search_rsdp(ebda, EBDA_SEARCH_LENGTH, rsdp))
		return true;
	return search_rsdp(BIOS_AREA_START, BIOS_AREA_END - BIOS_AREA_START,
			   rsdp);
}

/* Map and check one table. NULL, with a word about it, if it is no good. */
static __init const struct acpi_header *map_table(paddr_t paddr)
{
	const struct acpi_header *header = memremap(paddr, sizeof(*header));
	uint32_t length;

	if (!header)
		return NULL;
	length = header->length;
	memunmap(header);
	if (length < sizeof(*header) || length > TABLE_MAX_LENGTH) {
		pr_warn("table at %#llx says it has %u bytes",
			(unsigned long long)paddr, length);
		return NULL;
	}
	header = memremap(paddr, length);
	if (!header)
		return NULL;
	if (!checksum_ok(header, length)) {
		pr_warn("%.4s: wrong checksum, not used", header->signature);
		memunmap(header);
		return NULL;
	}
	return header;
}

static __init bool is_table(const struct acpi_header *table,
			    const char *signature)
{
	return memcmp(table->signature, signature, 4) == 0;
}

/* The DSDT is named by the FADT alone, by one of two fields. */
static __init void add_dsdt(void)
{
	const struct acpi_fadt *fadt = acpi_fadt();
	const struct acpi_header *dsdt;
	paddr_t paddr;

	if (!fadt)
		return;
	paddr = fadt->dsdt;
	if (acpi_fadt_has(fadt, x_dsdt) && fadt->x_dsdt)
		paddr = fadt->x_dsdt;
	dsdt = paddr ? map_table(paddr) : NULL;
	if (dsdt)
		tables[nr_tables++] = dsdt;
}

/* @list is an RSDT or XSDT, whose entries have @width bytes. */
static __init void read_list(const struct acpi_header *list, size_t width)
{
	const char *entry = (const char *)(list + 1);
	size_t nr = (list->length - sizeof(*list)) / width;

	tables = kcalloc(nr + 1, sizeof(tables[0]), GFP_KERNEL);
	if (!tables) {
		pr_err("no memory for the list of %zu tables", nr);
		return;
	}
	for (size_t i = 0; i < nr; i++, entry += width) {
		const struct acpi_header *table;
		uint64_t paddr = 0;

		memcpy(&paddr, entry, width);
		table = map_table(paddr);
		if (table)
			tables[nr_tables++] = table;
	}
	add_dsdt();
}

__init void acpi_init(paddr_t given)
{
	const struct acpi_header *list = NULL;
	struct acpi_rsdp rsdp;
	bool extended;

	if (!find_rsdp(given, &rsdp)) {
		pr_warn("no tables found");
		return;
	}
	extended = rsdp.revision >= 2 && rsdp.xsdt &&
		   checksum_ok(&rsdp, sizeof(rsdp));
	if (extended)
		list = map_table(rsdp.xsdt);
	if (!list || !is_table(list, "XSDT")) {
		extended = false;
		list = map_table(rsdp.rsdt);
	}
	if (!list || !(extended || is_table(list, "RSDT"))) {
		pr_err("the list of tables is damaged");
		return;
	}
	read_list(list, extended ? 8 : 4);
	pr_info("revision %u, %u tables", rsdp.revision, nr_tables);
}

const void *acpi_find_table(const char *signature, unsigned int index)
{
	for (unsigned int i = 0; i < nr_tables; i++)
		if (memcmp(tables[i]->signature, signature, 4) == 0 &&
		    index-- == 0)
			return tables[i];
	return NULL;
}

const struct acpi_fadt *acpi_fadt(void)
{
	const struct acpi_fadt *fadt = acpi_find_table("FACP", 0);

	return fadt && acpi_fadt_has(fadt, flags) ? fadt : NULL;
}

void acpi_madt_for_each(enum acpi_madt_type type, size_t min_length,
			void (*fn)(const struct acpi_madt_entry *, void *arg),
			void *arg)
{
	const struct acpi_madt *madt = acpi_find_table("APIC", 0);
	size_t at = sizeof(*madt);

	if (!madt)
		return;
	while (at + sizeof(struct acpi_madt_entry) <= madt->header.length) {
		const struct acpi_madt_entry *entry =
			(const void *)((const char *)madt + at);

		if (entry->length < sizeof(*entry) ||
		    entry->length > madt->header.length - at) {
			pr_warn_once("MADT: damaged entry at offset %zu", at);
			return;
		}
		if (entry->type == type && entry->length >= min_length)
			fn(entry, arg);
		at += entry->length;
	}
}
