/*
 * Writing to the kernel's own code.
 *
 * Two ways. At boot, on one CPU with interrupts off, nobody else can be
 * executing what is changed: alternatives_apply() just writes. Later, with
 * other CPUs running, an instruction may be fetched half old and half new, so
 * text_patch() goes through a breakpoint [SDM3 9.1.3 on cross-modifying code]:
 *
 *	1. first byte := int3	whoever arrives now waits in the trap handler
 *	2. all CPUs serialise	nobody executes the old instruction any more
 *	3. the other bytes, serialise
 *	4. first byte := its new value, serialise
 *
 * The kernel's text is mapped read-only, its alias in the direct map too; the
 * page is made writable in a private way: CR0.WP is off for the single store,
 * with interrupts off, on this CPU only.
 */
#include <arch/alternative.h>
#include <arch/smp.h>
#include <keel/bug.h>
#include <kernel/mutex.h>
#include <lib/string.h>

#include "internal.h"
#include "text_patch.h"

#define INSN_INT3	0xcc
#define NOP_MAX		8

extern const struct alt_entry __start_altinstructions[];
extern const struct alt_entry __stop_altinstructions[];

/* One instruction that does nothing, by its length [SDM2 NOP]. */
static const uint8_t nops[NOP_MAX + 1][NOP_MAX] = {
	[1] = { 0x90 },
	[2] = { 0x66, 0x90 },
	[3] = { 0x0f, 0x1f, 0x00 },
	[4] = { 0x0f, 0x1f, 0x40, 0x00 },
	[5] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 },
	[6] = { 0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00 },
	[7] = { 0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00 },
	[8] = { 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00 },
};

/* CPUID is a serialising instruction: what was fetched before is discarded. */
static void serialise(void *unused __unused)
{
	cpuid(0, 0);
}

static __no_stack_protector void text_write(void *site, const void *bytes,
					    size_t len)
{
	unsigned long flags = local_irq_save();
	unsigned long cr0 = read_cr0();

	write_cr0(cr0 & ~CR0_WP);
	memcpy(site, bytes, len);
	write_cr0(cr0);
	serialise(NULL);
	local_irq_restore(flags);
}

static __init void apply_one(const struct alt_entry *alt)
{
	uint8_t *site = (uint8_t *)&alt->site + alt->site;
	const uint8_t *replacement =
		(const uint8_t *)&alt->replacement + alt->replacement;
	size_t done = alt->replacement_len;

	ASSERT(done <= alt->site_len);
	text_write(site, replacement, done);
	while (done < alt->site_len) {
		size_t n = min_t(size_t, alt->site_len - done, NOP_MAX);

		text_write(site + done, nops[n], n);
		done += n;
	}
}

/*
 * Choose all alternatives for this machine's CPU.
 *
 * Context: boot CPU alone, after cpu_detect(); once.
 */
__init void alternatives_apply(void)
{
	const struct alt_entry *alt;

	for (alt = __start_altinstructions; alt < __stop_altinstructions; alt++)
		if (cpu_has(alt->feature))
			apply_one(alt);
}

static DEFINE_MUTEX(patch_mutex, RANK_MUTEX_LEAF);
/* The site being patched; the int3 handler looks. [patch_mutex] writes */
static uint8_t *patch_site;
/* CPUs that have serialised since the last write. */
static struct cpumask patch_acked;

static void acknowledge(void *unused)
{
	serialise(unused);
	cpumask_set_cpu(smp_processor_id(), &patch_acked);
}

/*
 * Return when no CPU can be executing anything it fetched before the call. A
 * CPU that waits in the int3 handler does not take interrupts, but coming
 * there has serialised it, and it has said so.
 */
static void serialise_all_cpus(void)
{
	struct cpumask seen;

	cpumask_clear(&patch_acked);
	on_each_cpu(acknowledge, NULL, false);
	do {
		cpu_relax();
		cpumask_and(&seen, &patch_acked, &cpu_online_mask);
	} while (!cpumask_equal(&seen, &cpu_online_mask));
}

/*
 * Is @ip a breakpoint of ours? Then wait here until the patch is complete;
 * the caller goes back to @ip. Context: int3 handler, irqs off.
 */
bool text_patch_handle_int3(unsigned long ip)
{
	const volatile uint8_t *byte = (const volatile uint8_t *)ip;

	/*
	 * The patch may have been completed since we trapped: the byte is no
	 * int3 any more, and whatever it is can be run.
	 */
	if (byte != READ_ONCE(patch_site))
		return *byte != INSN_INT3;
	while (*byte == INSN_INT3) {
		cpumask_set_cpu(smp_processor_id(), &patch_acked);
		cpu_relax();
	}
	return true;
}

/*
 * Replace @len bytes of code at @site, which must be a single instruction
 * before and after.
 *
 * Context: process, may sleep, interrupts on.
 */
void text_patch(void *site, const void *bytes, size_t len)
{
	const uint8_t int3 = INSN_INT3;
	const uint8_t *new = bytes;

	ASSERT(len > 0 && len <= NOP_MAX);
	mutex_lock(&patch_mutex);
	smp_store_release(&patch_site, (uint8_t *)site);
	text_write(site, &int3, 1);
	serialise_all_cpus();
	if (len > 1) {
		text_write((uint8_t *)site + 1, new + 1, len - 1);
		serialise_all_cpus();
	}
	text_write(site, new, 1);
	serialise_all_cpus();
	smp_store_release(&patch_site, NULL);
	mutex_unlock(&patch_mutex);
}
