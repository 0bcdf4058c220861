/*
 * Counting the CPUs, and starting all but the first.
 *
 * The firmware's table (MADT) lists the CPUs by their APIC id; we number them
 * in that order, the boot CPU being 0. Each is given its per-CPU area, its
 * exception stacks and an idle task before it runs a single instruction. Then
 * it is reset and started by two commands to its APIC, begins in
 * boot/trampoline.asm, and comes to ap_start() below on the stack of its idle
 * task, which it never leaves again.
 *
 * One CPU is started at a time. The starter sleeps meanwhile rather than
 * spins: where an emulator runs all CPUs in one thread, that is what lets the
 * new one make progress. A CPU that does not answer is left out.
 */
#include <arch/cpu.h>
#include <arch/page.h>
#include <arch/pgtable.h>
#include <arch/smp.h>
#include <arch/traps.h>
#include <drivers/acpi/acpi.h>
#include <keel/bug.h>
#include <keel/err.h>
#include <kernel/completion.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/task.h>
#include <kernel/timer.h>
#include <lib/string.h>
#include <mm/early.h>
#include <mm/mm.h>
#include <mm/slab.h>

#include "descriptors.h"
#include "internal.h"

#define LOG_PREFIX "smp"

/* How long a CPU may take to answer; a busy host can delay it. */
#define START_POLL_NS		100000		/* 0.1 ms */
#define START_POLLS_PER_SIPI	500
#define START_SIPIS		20

extern const char trampoline_start[], trampoline_end[];

/* The boot CPU is there from the first instruction. */
struct cpumask cpu_possible_mask __ro_after_init = { .bits = { 1 } };
struct cpumask cpu_online_mask = { .bits = { 1 } };
static uint32_t boot_apic_id;
const uint32_t *cpu_apic_id __ro_after_init = &boot_apic_id;

/* How far the CPU being started has come. */
enum ap_state { AP_SILENT, AP_ALIVE, AP_REFUSED };
static enum ap_state ap_state;		/* [A] */
static struct completion ap_online;

/* ---- counting ---- */

struct cpu_list {
	uint32_t	*apic_ids;
	unsigned int	nr, max;
};

static __init uint32_t this_apic_id(void)
{
	if (cpuid(0, 0).eax >= 0xb && cpuid(0xb, 0).ebx != 0)
		return cpuid(0xb, 0).edx;
	return cpuid(1, 0).ebx >> 24;
}

static __init void add_cpu(struct cpu_list *list, uint32_t apic_id,
			   uint32_t flags)
{
	if (!(flags & ACPI_CPU_ENABLED) || list->nr == list->max)
		return;
	for (unsigned int i = 0; i < list->nr; i++)
		if (list->apic_ids[i] == apic_id)
			return;		/* listed in both forms */
	list->apic_ids[list->nr++] = apic_id;
}

static __init void add_lapic(const struct acpi_madt_entry *entry, void *list)
{
	const struct acpi_madt_lapic *e = (const void *)entry;

	if (e->apic_id != 0xff)
		add_cpu(list, e->apic_id, e->flags);
}

static __init void add_x2apic(const struct acpi_madt_entry *entry, void *list)
{
	const struct acpi_madt_x2apic *e = (const void *)entry;

	add_cpu(list, e->apic_id, e->flags);
}

/*
 * After this: nr_cpu_ids, cpu_possible_mask and the per-CPU areas are final.
 *
 * Context: boot; after acpi_init() and the slab, before anybody sizes
 * something by the number of CPUs.
 */
__init void smp_prepare(void)
{
	struct cpu_list list = {
		.max = clamp(param_int("maxcpus", NR_CPUS), 1L, (long)NR_CPUS),
	};

	if (param_is_set("nosmp"))
		list.max = 1;
	list.apic_ids = kcalloc(list.max, sizeof(uint32_t), GFP_KERNEL);
	if (!list.apic_ids)
		panic("no memory for the list of CPUs");
	boot_apic_id = this_apic_id();
	list.apic_ids[list.nr++] = boot_apic_id;
	acpi_madt_for_each(ACPI_MADT_LAPIC, sizeof(struct acpi_madt_lapic),
			   add_lapic, &list);
	acpi_madt_for_each(ACPI_MADT_X2APIC, sizeof(struct acpi_madt_x2apic),
			   add_x2apic, &list);
	cpu_apic_id = list.apic_ids;
	per_cpu_init(list.nr);
	for (unsigned int cpu = 0; cpu < list.nr; cpu++)
		cpumask_set_cpu(cpu, &cpu_possible_mask);
	smp_call_init();
}

/* ---- starting: the new CPU's side ---- */

/* From now on like any other CPU. */
static __noreturn void ap_run(void)
{
	apic_init_this_cpu();
	WRITE_ONCE(ap_state, AP_ALIVE);
	tsc_sync_target();
	cpumask_set_cpu(smp_processor_id(), &cpu_online_mask);
	complete(&ap_online);
	/* Once through the scheduler, which then knows that we are idle. */
	set_need_resched_this_cpu();
	cpu_idle_loop();
}

/*
 * Where the trampoline calls. No stack protector: its canary is found by gs,
 * which is set here.
 *
 * Context: a new CPU, on its idle task's stack, irqs off.
 */
static __noreturn __no_stack_protector void ap_start(unsigned long gs_base)
{
	wrmsr(MSR_GS_BASE, gs_base);
	descriptors_init_this_cpu();
	if (!cpu_matches_boot_cpu()) {
		WRITE_ONCE(ap_state, AP_REFUSED);
		cpu_halt_forever();
	}
	cpu_init_this();
	this_cpu_write(pcpu_hot.loaded_mm, &init_mm);
	ap_run();
}

/* ---- starting: the boot CPU's side ---- */

/* Everything @cpu finds in its per-CPU area. Return: 0 or -ENOMEM. */
static int prepare_cpu(unsigned int cpu, struct ap_boot *boot)
{
	struct pcpu_hot *hot = &per_cpu(pcpu_hot, cpu);
	struct task *idle;
	int err = descriptors_prepare_cpu(cpu);

	if (err)
		return err;
	idle = fork_idle(cpu);
	if (IS_ERR(idle))
		return PTR_ERR(idle);
	hot->current_task = idle;
	hot->kernel_sp = idle->thread.stack_top;
	per_cpu(__stack_chk_guard, cpu) = idle->thread.stack_canary;
	boot->gs_base = hot->offset;
	smp_store_release(&boot->stack, idle->thread.stack_top);
	return 0;
}

/*
 * Send start-up commands until it takes its stack. Return: false if it never
 * does; then it does not get another chance.
 */
static bool wake_cpu(unsigned int cpu, paddr_t page, struct ap_boot *boot)
{
	for (int sipi = 0; sipi < START_SIPIS; sipi++) {
		apic_send_startup(cpu_apic_id[cpu], page);
		for (int poll = 0; poll < START_POLLS_PER_SIPI; poll++) {
			if (!READ_ONCE(boot->stack))
				return true;
			sleep_ns(START_POLL_NS);
		}
	}
	return xchg(&boot->stack, 0) == 0;
}

/* Return: true when @cpu schedules tasks. */
static bool start_cpu(unsigned int cpu, paddr_t page, struct ap_boot *boot)
{
	WRITE_ONCE(ap_state, AP_SILENT);
	completion_init(&ap_online);
	if (prepare_cpu(cpu, boot)) {
		pr_err("no memory to start CPU %u", cpu);
		return false;
	}
	apic_send_init(cpu_apic_id[cpu]);
	if (!wake_cpu(cpu, page, boot)) {
		pr_err("CPU %u (APIC id %u) does not answer", cpu,
		       cpu_apic_id[cpu]);
		return false;
	}
	while (READ_ONCE(ap_state) == AP_SILENT)
		sleep_ns(START_POLL_NS);
	if (READ_ONCE(ap_state) == AP_REFUSED) {
		pr_err("CPU %u lacks features of the boot CPU, not used", cpu);
		return false;
	}
	tsc_sync_source();
	wait_for_completion(&ap_online);
	return true;
}

/* Put the trampoline in its page. */
static struct ap_boot *install_trampoline(paddr_t page)
{
	struct ap_boot *boot = __va(page + PAGE_SIZE - sizeof(*boot));

	static_assert(sizeof(*boot) % 8 == 0, "aligned at the page's end");
	ASSERT(trampoline_end - trampoline_start <=
	       (long)(PAGE_SIZE - sizeof(*boot)));
	memcpy(__va(page), trampoline_start, trampoline_end - trampoline_start);
	*boot = (struct ap_boot){
		.cr3 = __pa(kernel_pgd),
		.efer = rdmsr(MSR_EFER),
		.entry = (uintptr_t)ap_start,
	};
	ASSERT(boot->cr3 < 1UL << 32);
	return boot;
}

/* See <arch/smp.h>. Context: process, may sleep; the only starter. */
void smp_bring_up_all(void)
{
	paddr_t page = mem_trampoline_page();
	struct ap_boot *boot;
	unsigned int cpu;

	if (nr_cpu_ids == 1)
		return;
	if (!page) {
		pr_err("no free page below 1 MiB, other CPUs not started");
		return;
	}
	boot = install_trampoline(page);
	paging_identity_map_low(true);
	for_each_possible_cpu(cpu)
		if (!cpu_online(cpu))
			start_cpu(cpu, page, boot);
	paging_identity_map_low(false);
	pr_info("%u of %u CPUs online", num_online_cpus(), nr_cpu_ids);
}
