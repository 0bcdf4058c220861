/*
 * Interrupts on this CPU: off, on, and back to what they were.
 *
 * The pair local_irq_save()/local_irq_restore() nests: the value saved is
 * RFLAGS, of which only the interrupt flag matters. All of these are compiler
 * barriers, because what they guard is memory an interrupt handler shares.
 */
#pragma once

#include <keel/compiler.h>

#define X86_EFLAGS_IF	0x200UL

static __always_inline void local_irq_disable(void)
{
	__asm__ __volatile__("cli" ::: "memory");
}

static __always_inline void local_irq_enable(void)
{
	__asm__ __volatile__("sti" ::: "memory");
}

static __always_inline unsigned long local_irq_flags(void)
{
	unsigned long flags;

	__asm__ __volatile__("pushfq; pop %0" : "=r"(flags) :: "memory");
	return flags;
}

static __always_inline unsigned long local_irq_save(void)
{
	unsigned long flags = local_irq_flags();

	local_irq_disable();
	return flags;
}

/* Interrupts are off now; switch them on if @flags says they were on. */
static __always_inline void local_irq_restore(unsigned long flags)
{
	if (flags & X86_EFLAGS_IF)
		local_irq_enable();
	else
		barrier();
}

static __always_inline bool irqs_disabled(void)
{
	return !(local_irq_flags() & X86_EFLAGS_IF);
}

static __always_inline bool irqs_disabled_flags(unsigned long flags)
{
	return !(flags & X86_EFLAGS_IF);
}

/*
 * Say that we wait for another CPU. Under an emulator this also gives the
 * host thread away, so every waiting loop must contain it.
 */
static __always_inline void cpu_relax(void)
{
	__asm__ __volatile__("pause" ::: "memory");
}

/*
 * Sleep until an interrupt. Called with interrupts off, returns with them on.
 * sti takes effect after the next instruction, so an interrupt that arrives
 * after the caller's last look at its work wakes the hlt instead of being
 * lost between the two.
 */
static __always_inline void cpu_halt_irqs_on(void)
{
	__asm__ __volatile__("sti; hlt" ::: "memory");
}

/* The end of this CPU: nothing short of a reset brings it back. */
static __always_inline __noreturn void cpu_halt_forever(void)
{
	for (;;)
		__asm__ __volatile__("cli; hlt" ::: "memory");
}
