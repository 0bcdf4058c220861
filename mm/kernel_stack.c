/*
 * Kernel stacks: four pages in the vmalloc area, with nothing below.
 *
 * Making one means five allocations and a change of the kernel's page tables,
 * taking it apart a TLB flush on all CPUs. So a stack that a task left behind
 * waits, on its CPU, for the next fork there. What is too much goes through a
 * work item, since tasks end where nobody may sleep.
 *
 * Locking: interrupts off for a CPU's own list; stack_lock for the surplus.
 */
#include <arch/percpu.h>
#include <arch/smp.h>
#include <arch/thread.h>
#include <keel/bug.h>
#include <kernel/spinlock.h>
#include <kernel/workqueue.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

#include "internal.h"

#define STACKS_PER_CPU	4
#define STACK_PAGES	(KERNEL_STACK_SIZE / PAGE_SIZE)

/* In the lowest bytes of a stack that is not in use. */
struct free_stack {
	struct free_stack	*next;
};

struct stack_cache {
	struct free_stack	*list;
	unsigned int		nr;
};

static DEFINE_PER_CPU(struct stack_cache, stack_cache);
static struct free_stack *surplus;
static unsigned long nr_surplus;
static DEFINE_SPINLOCK(stack_lock, RANK_VMAP);

/*
 * A stack for a new task: its lowest address; not zeroed.
 * Context: process, may sleep. Return: NULL if there is no memory.
 */
void *kernel_stack_alloc(void)
{
	unsigned long flags = local_irq_save();
	struct stack_cache *cache = this_cpu_ptr(&stack_cache);
	struct free_stack *stack = cache->list;
	void *memory;

	if (likely(stack)) {
		cache->list = stack->next;
		cache->nr--;
	}
	local_irq_restore(flags);
	if (stack)
		return stack;

	memory = vmalloc(KERNEL_STACK_SIZE);
	if (memory) {
		mem_counter_add(MEM_KERNEL_STACKS, STACK_PAGES);
		mem_counter_add(MEM_VMALLOC, -(long)STACK_PAGES);
	}
	return memory;
}

static void free_surplus(struct work *unused __unused)
{
	struct free_stack *list;
	unsigned long flags = spin_lock_irqsave(&stack_lock);

	list = surplus;
	surplus = NULL;
	nr_surplus = 0;
	spin_unlock_irqrestore(&stack_lock, flags);
	while (list) {
		struct free_stack *next = list->next;

		mem_counter_add(MEM_KERNEL_STACKS, -(long)STACK_PAGES);
		mem_counter_add(MEM_VMALLOC, STACK_PAGES);
		vfree(list);
		list = next;
	}
}

static DEFINE_WORK(surplus_work, free_surplus);

static void add_surplus(struct free_stack *stack)
{
	unsigned long flags = spin_lock_irqsave(&stack_lock);

	stack->next = surplus;
	surplus = stack;
	nr_surplus++;
	spin_unlock_irqrestore(&stack_lock, flags);
}

/* A stack nobody runs on any more. Context: any but NMI. */
void kernel_stack_free(void *memory)
{
	struct free_stack *stack = memory;
	unsigned long flags;
	struct stack_cache *cache;

	if (!memory)
		return;
	flags = local_irq_save();
	cache = this_cpu_ptr(&stack_cache);
	if (likely(cache->nr < STACKS_PER_CPU)) {
		stack->next = cache->list;
		cache->list = stack;
		cache->nr++;
		stack = NULL;
	}
	local_irq_restore(flags);
	if (stack) {
		add_surplus(stack);
		schedule_work(&surplus_work);
	}
}

/* This CPU's stacks join the surplus. Interrupts are off. */
static void drain_one_cpu(void *unused __unused)
{
	struct stack_cache *cache = this_cpu_ptr(&stack_cache);

	while (cache->list) {
		struct free_stack *stack = cache->list;

		cache->list = stack->next;
		cache->nr--;
		add_surplus(stack);
	}
}

/*
 * Let the stacks that are in reserve be freed. Not here: freeing takes locks,
 * and who asks may hold any. Context: process, may sleep.
 */
static unsigned long stacks_scan(struct shrinker *unused __unused,
				 unsigned long nr __unused,
				 gfp_t gfp __unused)
{
	on_each_cpu(drain_one_cpu, NULL, true);
	schedule_work(&surplus_work);
	return READ_ONCE(nr_surplus);
}

static unsigned long stacks_count(struct shrinker *unused __unused,
				  gfp_t gfp __unused)
{
	unsigned long nr = 0;
	unsigned int cpu;

	for_each_online_cpu(cpu)
		nr += READ_ONCE(per_cpu(stack_cache, cpu).nr);
	return nr;
}

static struct shrinker stack_shrinker = {
	.name = "kernel stacks",
	.count = stacks_count,
	.scan = stacks_scan,
};

/* Did an access to @addr, which faulted, run off the lower end of a stack? */
bool kernel_stack_guard_hit(unsigned long addr)
{
	return is_vmalloc_addr((void *)addr) && !kernel_addr_mapped(addr) &&
	       kernel_addr_mapped((addr & PAGE_MASK) + PAGE_SIZE);
}

void __init kernel_stacks_init(void)
{
	shrinker_register(&stack_shrinker);
}
