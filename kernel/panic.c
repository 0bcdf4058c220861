/*
 * When we cannot go on: panics, failed assertions, warnings.
 *
 * A panic may come in any context, with any lock held, and on several CPUs at
 * once. The first CPU to get here owns it; the others are stopped and stay so.
 * From then on consoles are written to without regard to their lock, nothing
 * is allocated, nothing waits for anyone, and a panic inside the panic just
 * stops.
 */
#define LOG_PREFIX ""

#include <arch/clock.h>
#include <arch/current.h>
#include <arch/power.h>
#include <arch/smp.h>
#include <arch/stacktrace.h>
#include <kernel/main.h>
#include <kernel/panic.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/task.h>
#include <lib/printf.h>

/* Letters for a warning's first line stand in Linux's order of taints. */
static unsigned long taints;

int panic_cpu;
bool panic_on_oops;
int panic_timeout;

/* True on the CPU that panics. */
bool in_panic(void)
{
	return unlikely(READ_ONCE(panic_cpu)) &&
	       READ_ONCE(panic_cpu) == (int)smp_processor_id() + 1;
}

/* Stop here for ever: what the other CPUs do in a panic. Any context. */
void panic_halt_this_cpu(void)
{
	cpu_halt_forever();
}

void add_taint(unsigned int bit)
{
	__atomic_fetch_or(&taints, BIT(bit), __ATOMIC_RELAXED);
}

unsigned long taint_mask(void)
{
	return READ_ONCE(taints);
}

/* Print "@what CPU: 0 PID: 1 Comm: init": where we are. Context: any. */
void show_where(const char *what)
{
	const struct task *task = current;

	pr_emerg("%sCPU: %u PID: %d Comm: %.*s", what, smp_processor_id(),
		 task ? task->pid : 0, TASK_COMM_LEN,
		 task ? task->comm : "?");
}

static bool print_frame(void *cookie __unused, unsigned long addr,
			bool interrupted)
{
	if (interrupted)
		pr_emerg(" %pS", (void *)addr);
	else
		pr_emerg(" %pB", (void *)addr);
	return true;
}

/*
 * Print the call chain of @task, which must not be running elsewhere, or of
 * the interrupted code in @regs. Context: any.
 */
void show_task_stack(struct task *task, struct pt_regs *regs)
{
	pr_emerg("Call Trace:");
	arch_stack_walk(task, regs, print_frame, NULL);
}

/* Print how we got here. Context: any. */
void dump_stack(void)
{
	show_where("");
	show_task_stack(current, NULL);
}

static void wait_and_restart(void)
{
	if (panic_timeout > 0)
		pr_emerg("Rebooting in %d seconds..", panic_timeout);
	for (int second = 0; second < panic_timeout; second++)
		delay_us(1000000);
	if (panic_timeout != 0)
		machine_restart();
}

/*
 * Stop the machine, saying why. panic= on the command line tells what then:
 * stand still, or restart after so many seconds.
 *
 * Context: any.
 */
void panic(const char *fmt, ...)
{
	static char reason[512];
	int expected = 0, me;
	va_list args;

	local_irq_disable();
	preempt_disable();
	me = smp_processor_id() + 1;
	if (!try_cmpxchg(&panic_cpu, &expected, me)) {
		/* Another CPU was first, or the panic itself went wrong. */
		if (expected == me)
			pr_emerg("panic while panicking");
		panic_halt_this_cpu();
	}
	smp_send_stop();
	va_start(args, fmt);
	vscnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	pr_emerg("Kernel panic - not syncing: %s", reason);
	dump_stack();
	lock_debug_print_held();
	console_flush_panic();
	wait_and_restart();
	pr_emerg("---[ end Kernel panic - not syncing: %s ]---", reason);
	panic_halt_this_cpu();
}

/* What ASSERT() comes to. */
void assert_failed(const char *expr, const char *file, int line,
		   const char *func)
{
	panic("assertion failed: %s at %s:%d, %s()", expr, file, line, func);
}

/* What WARN_ON() comes to: a report, and on we go. */
void warn_failed(const char *expr, const char *file, int line,
		 const char *func)
{
	add_taint(TAINT_WARN);
	log_urgent_begin();
	pr_warn("------------[ cut here ]------------");
	pr_warn("WARNING: %s at %s:%d, %s()", expr, file, line, func);
	dump_stack();
	pr_warn("---[ end trace ]---");
	log_urgent_end();
}

/* gcc's stack protector found the canary overwritten: trust nothing. */
void __stack_chk_fail(void) __noreturn;
void __stack_chk_fail(void)
{
	panic("stack-protector: kernel stack is corrupted in %pB",
	      __builtin_return_address(0));
}

/* After this: panic= and panic_on_oops= are known. */
void __init panic_init(void)
{
	panic_timeout = param_int("panic", 0);
	panic_on_oops = param_bool("panic_on_oops", false) ||
			param_is_set("oops");
}
