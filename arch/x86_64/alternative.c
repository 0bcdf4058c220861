/*
 * Writing to the kernel's own code.
 *
 * Two ways. At boot, on one CPU with interrupts off, nobody else can be
 * executing what is changed: alternatives_apply() just writes. Later, with
 * other CPUs running, an instruction may be fetched half old and half new, so
 * text_patch() goes through a breakpoint [SDM3 9.1.3 on cross-modifying code]:
 *
 *	1. first byte := int3; all CPUs serialise
 *	2. the other bytes; all CPUs serialise
 *	3. the first byte; all CPUs serialise
 *
 * Whoever arrives meanwhile traps. It cannot be made to wait, as it may be an
 * interrupt handler on the very CPU that is patching; instead the trap handler
 * does what the new instruction will do. That is why only two can be patched
 * in: a jump, and five bytes of nothing.
 *
 * The kernel's text is mapped read-only, its alias in the direct map too; for
 * a single store CR0.WP is off, with interrupts off, on this CPU only.
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

#define INSN_JUMP	0xe9	/* jmp rel32 */
#define JUMP_LEN	5

static DEFINE_MUTEX(patch_mutex, RANK_MUTEX_LEAF);
/* For the int3 handler: what is being patched, and where it will lead. */
static uint8_t *patch_site;		/* [patch_mutex] writes */
static unsigned long patch_target;	/* [patch_mutex] writes */

/*
 * If @regs' breakpoint is ours, go where the new instruction will go.
 *
 * Context: int3 handler, irqs off: text_patch() waits for this CPU before it
 * forgets the site.
 */
bool text_patch_handle_int3(struct pt_regs *regs)
{
	uint8_t *site = smp_load_acquire(&patch_site);

	if (!site || regs->ip - 1 != (unsigned long)site)
		return false;
	regs->ip = READ_ONCE(patch_target);
	return true;
}

/*
 * Make the five bytes at @site, a jump or nop5, a jump to @target, or a nop5
 * if that is NULL.
 *
 * Context: process, may sleep, interrupts on.
 */
void text_patch(void *site, const void *target)
{
	const uint8_t int3 = INSN_INT3;
	uint8_t *bytes = site;
	uint8_t new[JUMP_LEN];
	int32_t distance;

	memcpy(new, nops[JUMP_LEN], JUMP_LEN);
	if (target) {
		distance = (const uint8_t *)target - (bytes + JUMP_LEN);
		new[0] = INSN_JUMP;
		memcpy(new + 1, &distance, sizeof(distance));
	}
	mutex_lock(&patch_mutex);
	WRITE_ONCE(patch_target, target ? (unsigned long)target :
					  (unsigned long)bytes + JUMP_LEN);
	smp_store_release(&patch_site, bytes);
	text_write(bytes, &int3, 1);
	on_each_cpu(serialise, NULL, true);
	text_write(bytes + 1, new + 1, JUMP_LEN - 1);
	on_each_cpu(serialise, NULL, true);
	text_write(bytes, new, 1);
	on_each_cpu(serialise, NULL, true);
	/*
	 * Once more, for emulators: a CPU that was translating this code while
	 * it was written may keep a translation of the old bytes, unnoticed
	 * (seen with QEMU 7.2). By now nobody can be in the middle of that, so
	 * a second write is noticed and throws such a translation away.
	 */
	text_write(bytes, new, 1);
	on_each_cpu(serialise, NULL, true);
	smp_store_release(&patch_site, NULL);
	mutex_unlock(&patch_mutex);
}
