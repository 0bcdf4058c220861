/*
 * Keeping each program's FPU and vector registers apart.
 *
 * While a task runs in user mode its state is in the registers; the area in
 * memory is only brought up to date when the task leaves the CPU or a signal
 * frame needs it. Since the kernel never touches the registers, they stay
 * valid while kernel threads run, so two marks together tell whether loading
 * can be skipped: the CPU remembers whose state its registers hold
 * (fpu_owner), and the task remembers which CPU that was (fpu_cpu). Both must
 * agree; either alone may be stale.
 *
 * Source: [SDM1 10.5, 13]; CPUID leaf 0xd for the size.
 */
#include <arch/cpu.h>
#include <arch/current.h>
#include <arch/preempt.h>
#include <arch/uaccess.h>
#include <keel/bug.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <mm/slab.h>

#include "fpu_internal.h"
#include "internal.h"

#define XFEATURE_X87		BIT(0)
#define XFEATURE_SSE		BIT(1)
#define XFEATURE_AVX		BIT(2)
#define XFEATURE_AVX512		(BIT(5) | BIT(6) | BIT(7))
/* What we understand well enough to hand to programs; PKU is not among it. */
#define XFEATURES_WANTED \
	(XFEATURE_X87 | XFEATURE_SSE | XFEATURE_AVX | XFEATURE_AVX512)

#define FCW_DEFAULT		0x037f
#define FXSAVE_SIZE		512

size_t fpu_state_size __ro_after_init = FXSAVE_SIZE;
uint64_t fpu_xfeatures __ro_after_init;
static struct kmem_cache *fpu_cache __ro_after_init;

/* What fninit and a reset would give; extended components: all zero. */
static const struct fpu_state initial_state = {
	.fx = { .cwd = FCW_DEFAULT, .mxcsr = MXCSR_DEFAULT },
};

/* Whose state this CPU's registers hold. */
static DEFINE_PER_CPU(struct arch_thread *, fpu_owner);

static void xsetbv(uint32_t index, uint64_t value)
{
	__asm__ __volatile__("xsetbv" :: "c"(index), "a"((uint32_t)value),
			     "d"((uint32_t)(value >> 32)));
}

static void save_registers(struct fpu_state *state)
{
	if (!fpu_xfeatures)
		__asm__ __volatile__("fxsave64 %0" : "=m"(*state));
	else if (cpu_has(CPU_FEATURE_XSAVEOPT))
		__asm__ __volatile__("xsaveopt64 %0" : "+m"(*state)
				     : "a"(-1), "d"(-1) : "memory");
	else
		__asm__ __volatile__("xsave64 %0" : "+m"(*state)
				     : "a"(-1), "d"(-1) : "memory");
}

/* False if the CPU refuses the content, which raises #GP. */
static bool load_registers(const struct fpu_state *state)
{
	if (!fpu_xfeatures)
		__asm__ goto("1: fxrstor64 %0\n"
			     EX_TABLE("1b", "%l[refused]")
			     :: "m"(*state) : "memory" : refused);
	else
		__asm__ goto("1: xrstor64 %0\n"
			     EX_TABLE("1b", "%l[refused]")
			     :: "m"(*state), "a"(-1), "d"(-1)
			     : "memory" : refused);
	return true;
refused:
	return false;
}

/*
 * Find out which format and size the area has.
 *
 * Context: boot CPU, in cpu_detect().
 */
__init void fpu_detect(void)
{
	if (cpu_has(CPU_FEATURE_XSAVE)) {
		struct cpuid_regs r = cpuid(0xd, 0);
		uint64_t offered = r.eax | (uint64_t)r.edx << 32;

		fpu_xfeatures = offered & XFEATURES_WANTED;
		if ((fpu_xfeatures & XFEATURE_AVX512) != XFEATURE_AVX512 ||
		    !(fpu_xfeatures & XFEATURE_AVX))
			fpu_xfeatures &= ~XFEATURE_AVX512;
	}
	fpu_init_this_cpu();
	if (fpu_xfeatures)
		fpu_state_size = cpuid(0xd, 0).ebx;	/* for XCR0 as it is */
}

/* Context: each CPU, once. */
void fpu_init_this_cpu(void)
{
	write_cr0((read_cr0() | CR0_MP | CR0_NE) & ~(CR0_EM | CR0_TS));
	write_cr4(read_cr4() | CR4_OSFXSR | CR4_OSXMMEXCPT |
		  (fpu_xfeatures ? CR4_OSXSAVE : 0));
	if (fpu_xfeatures)
		xsetbv(0, fpu_xfeatures);
	__asm__ __volatile__("fninit");
}

/* Context: boot, after the slab. */
__init void fpu_init(void)
{
	fpu_cache = kmem_cache_create("fpu_state", fpu_state_size,
				      __alignof__(struct fpu_state),
				      SLAB_PANIC, NULL);
}

/* Context: process, may sleep. */
int fpu_alloc(struct arch_thread *t)
{
	t->fpu = kmem_cache_zalloc(fpu_cache, GFP_KERNEL);
	if (!t->fpu)
		return -ENOMEM;
	memcpy(t->fpu, &initial_state, FXSAVE_SIZE);
	t->fpu_cpu = -1;
	return 0;
}

/*
 * May be asked by whoever loads other registers that belong to the same task
 * together with these. Context: irqs or preemption off.
 */
bool fpu_is_loaded(const struct arch_thread *t)
{
	return this_cpu_read(fpu_owner) == t &&
	       t->fpu_cpu == (int)smp_processor_id();
}

void fpu_save(struct arch_thread *t)
{
	if (fpu_is_loaded(t))
		save_registers(t->fpu);
}

void fpu_save_current(void)
{
	fpu_save(&current->thread);
}

static bool load(struct arch_thread *t)
{
	this_cpu_write(fpu_owner, t);
	t->fpu_cpu = smp_processor_id();
	return load_registers(t->fpu);
}

bool fpu_load_current(void)
{
	if (load(&current->thread))
		return true;
	load_registers(&initial_state);
	return false;
}

/* current starts anew; its area is brought up to date when it is saved. */
void fpu_load_initial(void)
{
	preempt_disable();
	this_cpu_write(fpu_owner, &current->thread);
	current->thread.fpu_cpu = smp_processor_id();
	load_registers(&initial_state);
	preempt_enable();
}

void fpu_load(struct arch_thread *t)
{
	/* The area was written by the CPU, or checked when it was not. */
	if (!load(t))
		load_registers(&initial_state);
}

/*
 * Context: process (fork), may sleep; @parent is current's thread.
 */
int fpu_copy(struct arch_thread *child, struct arch_thread *parent)
{
	child->fpu = NULL;
	child->fpu_cpu = -1;
	if (!parent->fpu)
		return 0;
	child->fpu = kmem_cache_alloc(fpu_cache, GFP_KERNEL);
	if (!child->fpu)
		return -ENOMEM;
	preempt_disable();
	fpu_save_current();
	preempt_enable();
	memcpy(child->fpu, parent->fpu, fpu_state_size);
	return 0;
}

/* Context: process; @t is current's thread. */
void fpu_reset(struct arch_thread *t)
{
	ASSERT(t == &current->thread);
	fpu_load_initial();
}

void fpu_free(struct arch_thread *t)
{
	if (t->fpu)
		kmem_cache_free(fpu_cache, t->fpu);
	t->fpu = NULL;
}

/*
 * Why did the FPU complain? Both units have six exception flags and six masks
 * in the same order [SDM1 8.1.3, 10.2.3].
 */
int fpu_exception_code(bool simd)
{
	unsigned int flags;

	if (simd) {
		uint32_t mxcsr;

		__asm__ __volatile__("stmxcsr %0" : "=m"(mxcsr));
		flags = mxcsr & ~(mxcsr >> 7) & 0x3f;
	} else {
		uint16_t control, status;

		__asm__ __volatile__("fnstcw %0\n\tfnstsw %1"
				     : "=m"(control), "=m"(status));
		flags = status & ~control & 0x3f;
	}
	if (flags & 0x01)
		return FPE_FLTINV;
	if (flags & 0x04)
		return FPE_FLTDIV;
	if (flags & 0x08)
		return FPE_FLTOVF;
	if (flags & 0x12)	/* underflow, denormal operand */
		return FPE_FLTUND;
	if (flags & 0x20)
		return FPE_FLTRES;
	return 0;
}
