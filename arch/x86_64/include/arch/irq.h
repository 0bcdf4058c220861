/*
 * Device interrupts as objects.
 *
 * A struct irq_desc is one interrupt line (later also one MSI). Its number is
 * the ACPI "global system interrupt" of the I/O APIC pin; the sixteen ISA
 * lines keep their number unless the firmware says otherwise, which
 * irq_from_isa() knows. request_irq() gives the line a vector on one CPU and
 * unmasks it. Lines are shareable: every action on it is asked, and says
 * whether it was its device.
 *
 * Handlers run in hard interrupt context: interrupts off, no sleeping. They
 * acknowledge, take the data and wake somebody.
 */
#pragma once

#include <arch/preempt.h>

enum irq_return {
	IRQ_NONE,		/* not my device */
	IRQ_HANDLED,
};

typedef enum irq_return (*irq_handler_t)(int irq, void *dev);

struct irq_desc;

/*
 * Context: process; may sleep. @name must outlive the action.
 * Return: 0, -EINVAL (no such line), -ENOSPC (no vector left), -ENOMEM.
 */
int request_irq(unsigned int irq, irq_handler_t handler, const char *name,
		void *dev);
/* On return no handler of it is running. Context: process; may sleep. */
void free_irq(unsigned int irq, void *dev);

/* Mask the line; nests. Does not wait for a running handler. */
void disable_irq(unsigned int irq);
void enable_irq(unsigned int irq);

/* The irq number of an ISA line (0-15). */
unsigned int irq_from_isa(unsigned int isa);

enum irq_trigger { IRQ_EDGE_HIGH, IRQ_EDGE_LOW, IRQ_LEVEL_HIGH, IRQ_LEVEL_LOW };

/* Say how @irq is wired, before it is requested (PCI: IRQ_LEVEL_LOW). */
int irq_set_trigger(unsigned int irq, enum irq_trigger trigger);

/* Around everything that runs in interrupt context. */
void irq_enter(void);
/* Runs pending softirqs when this was the outermost interrupt. */
void irq_exit(void);

/*
 * For /proc/interrupts: calls @fn for each line in use and each kind of
 * local interrupt. irq_count() tells how often it came on @cpu.
 */
struct irq_line {
	char		label[8];	/* "4" or "LOC" */
	const char	*chip;		/* "IO-APIC 4-edge", or "" */
	const char	*name;		/* the driver's, or a description */
	const void	*source;
};

void irq_for_each(void (*fn)(const struct irq_line *line, void *arg),
		  void *arg);
unsigned long irq_count(const struct irq_line *line, unsigned int cpu);
/* All interrupts since boot on all CPUs, for /proc/stat. */
unsigned long irq_total(void);

/* Boot order: after ACPI tables and ioremap; interrupts stay off. */
void irq_init(void);
