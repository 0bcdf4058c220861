/*
 * The symbol table embedded in the image.
 *
 * tools/symbols.py writes it between the two links of the kernel: a sorted
 * array of addresses, as offsets from the lowest one, another of offsets into
 * the names, and the names. It is the last section of the image, so that its
 * being filled in moves nothing. At the first link it is empty.
 *
 * It is read-only, so it may be used in any context, a panic included.
 */
#include <kernel/kallsyms.h>
#include <lib/printf.h>
#include <lib/string.h>

struct symbol_table {
	uint64_t	base;		/* address of the lowest symbol */
	uint32_t	nr;
	uint32_t	names;		/* offset of the names from the table */
	uint32_t	offsets[];	/* nr addresses, then nr name offsets */
};

/* In its own section by tools/symbols.py's kallsyms.asm. */
extern const struct symbol_table kallsyms_table;

static const char *symbol_name(uint32_t i)
{
	const struct symbol_table *t = &kallsyms_table;

	return (const char *)t + t->names + t->offsets[t->nr + i];
}

/*
 * Find the symbol that @addr lies in. The last one has no end to be known by
 * and gets size 0.
 *
 * Return: false if @addr is below the first symbol or the table is empty.
 */
bool kallsyms_lookup(unsigned long addr, const char **name,
		     unsigned long *offset, unsigned long *size)
{
	const struct symbol_table *t = &kallsyms_table;
	uint32_t low = 0, high = t->nr;

	if (t->nr == 0 || addr < t->base || addr - t->base > UINT32_MAX)
		return false;
	/* Invariant: offsets[low] <= addr < offsets[high], were there one. */
	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;

		if (t->base + t->offsets[mid] <= addr)
			low = mid;
		else
			high = mid;
	}
	*name = symbol_name(low);
	*offset = addr - t->base - t->offsets[low];
	*size = high < t->nr ? t->offsets[high] - t->offsets[low] : 0;
	return true;
}

/* The address of @name, or 0. Linear: for debugging and tests. */
unsigned long kallsyms_lookup_name(const char *name)
{
	const struct symbol_table *t = &kallsyms_table;

	for (uint32_t i = 0; i < t->nr; i++)
		if (strcmp(symbol_name(i), name) == 0)
			return t->base + t->offsets[i];
	return 0;
}

/*
 * For printf's %pS, %pB and %ps: "name+0x12/0x34", or the name. A call that
 * does not return may end its function; the return address is then the next
 * one's. So the byte before it is looked up. Return: length, or 0.
 */
size_t kallsyms_format(char *buf, size_t size, unsigned long addr,
		       enum symbol_form form)
{
	unsigned long back = form == SYMBOL_RETURN, offset, len;
	const char *name;

	if (!kallsyms_lookup(addr - back, &name, &offset, &len))
		return 0;
	if (form == SYMBOL_NAME)
		return scnprintf(buf, size, "%s", name);
	return scnprintf(buf, size, "%s+%#lx/%#lx", name, offset + back, len);
}
