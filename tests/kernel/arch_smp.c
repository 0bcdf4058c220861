/*
 * One CPU asking another: calls, code patching, clocks, per-CPU data.
 */
#include <arch/alternative.h>
#include <arch/clock.h>
#include <arch/cpu.h>
#include <arch/smp.h>
#include <arch/stacktrace.h>
#include <keel/err.h>
#include <kernel/kallsyms.h>
#include <kernel/kthread.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/timer.h>
#include <lib/string.h>

static atomic_t calls;
static atomic_t wrong_cpu;

static void count_call(void *arg)
{
	unsigned int wanted = (unsigned long)arg;

	if (!irqs_disabled() || smp_processor_id() != wanted)
		atomic_inc(&wrong_cpu);
	atomic_inc(&calls);
}

static void count_any(void *counter)
{
	atomic_inc(counter);
}

KERNEL_TEST(arch_calls_run_on_the_cpu_asked)
{
	unsigned int cpu;

	atomic_set(&calls, 0);
	for_each_online_cpu(cpu)
		EXPECT_EQ(smp_call_function_single(cpu, count_call,
				(void *)(unsigned long)cpu, true), 0);
	EXPECT_EQ(atomic_read(&calls), (int)num_online_cpus());
	EXPECT_EQ(atomic_read(&wrong_cpu), 0);
	EXPECT_EQ(smp_call_function_single(NR_CPUS, count_any, &calls, true),
		  -ENXIO);
}

KERNEL_TEST(arch_waiting_calls_have_run_on_return)
{
	for (int i = 1; i <= 100; i++) {
		atomic_set(&calls, 0);
		on_each_cpu(count_any, &calls, true);
		if (!EXPECT_EQ(atomic_read(&calls), (int)num_online_cpus()))
			return;
	}
}

#define CALLS_EACH	64

static atomic_t callers_done;

/* Everybody calls everybody at once: no two CPUs wait for each other. */
static int call_all(void *counter)
{
	for (int i = 0; i < CALLS_EACH; i++) {
		on_each_cpu(count_any, counter, i % 2);
		if (i % 16 == 0)
			cond_resched();
	}
	atomic_inc(&callers_done);
	while (!kthread_should_stop())
		sleep_ns(1000000);
	return 0;
}

KERNEL_TEST(arch_calls_from_all_cpus_at_once)
{
	struct task *callers[8];
	unsigned int nr = 0, cpu;
	atomic_t counter = ATOMIC_INIT(0);

	atomic_set(&callers_done, 0);
	for_each_online_cpu(cpu) {
		struct task *task;

		if (nr == ARRAY_SIZE(callers))
			break;
		task = kthread_run(call_all, &counter, "caller/%u", cpu);
		if (!EXPECT(!IS_ERR(task)))
			break;
		callers[nr++] = task;
	}
	while (atomic_read(&callers_done) < (int)nr)
		sleep_ns(1000000);
	for (unsigned int i = 0; i < nr; i++)
		kthread_stop(callers[i]);
	/* Those nobody waited for have come when a later one has. */
	on_each_cpu(count_any, &counter, true);
	EXPECT_EQ(atomic_read(&counter),
		  (int)((nr * CALLS_EACH + 1) * num_online_cpus()));
}

KERNEL_TEST(arch_time_never_goes_back)
{
	uint64_t last = clock_mono_ns();

	for (int i = 0; i < 20000; i++) {
		uint64_t now = clock_mono_ns();

		if (!EXPECT(now >= last))
			return;
		last = now;
	}
}

static uint64_t remote_ns;

static void read_clock(void *unused __unused)
{
	remote_ns = clock_mono_ns();
}

KERNEL_TEST(arch_cpus_agree_on_the_time)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		uint64_t before = clock_mono_ns();

		smp_call_function_single(cpu, read_clock, NULL, true);
		EXPECT(remote_ns >= before);
		EXPECT(clock_mono_ns() >= remote_ns);
	}
}

KERNEL_TEST(arch_delay_is_long_enough)
{
	uint64_t start = clock_mono_ns();

	delay_us(200);
	EXPECT(clock_mono_ns() - start >= 200000);
}

static DEFINE_PER_CPU(unsigned int, number) = 7;

static void set_number(void *unused __unused)
{
	this_cpu_add(number, smp_processor_id());
}

KERNEL_TEST(arch_per_cpu_data_is_per_cpu)
{
	unsigned int cpu;

	on_each_cpu(set_number, NULL, true);
	for_each_online_cpu(cpu)
		EXPECT_EQ(per_cpu(number, cpu), 7 + cpu);
	preempt_disable();
	EXPECT_EQ(this_cpu_ptr(&number),
		  per_cpu_ptr(&number, smp_processor_id()));
	preempt_enable();
}

/* A function whose answer depends on one patched instruction. */
static noinline unsigned int patched_answer(void)
{
	unsigned int answer;

	__asm__ __volatile__("movl $1, %0\n"
			     ".globl arch_smp_patch_site\n"
			     "arch_smp_patch_site:\n\t"
			     ".byte 0x0f, 0x1f, 0x44, 0x00, 0x00\n\t"
			     "movl $2, %0\n"
			     ".globl arch_smp_patch_target\n"
			     "arch_smp_patch_target:"
			     : "=r"(answer));
	return answer;
}

extern char arch_smp_patch_site[], arch_smp_patch_target[];

static atomic_t bad_answers;

static int ask(void *unused __unused)
{
	while (!kthread_should_stop()) {
		unsigned int answer = patched_answer();

		if (answer != 1 && answer != 2)
			atomic_inc(&bad_answers);
		cond_resched();
	}
	return 0;
}

KERNEL_TEST(arch_code_can_be_patched_while_it_runs)
{
	struct task *askers[4];
	unsigned int nr;

	for (nr = 0; nr < ARRAY_SIZE(askers); nr++) {
		askers[nr] = kthread_run(ask, NULL, "asker/%u", nr);
		if (!EXPECT(!IS_ERR(askers[nr])))
			break;
	}
	for (int i = 0; i < 20; i++) {
		text_patch(arch_smp_patch_site, arch_smp_patch_target);
		EXPECT_EQ(patched_answer(), 1U);
		text_patch(arch_smp_patch_site, NULL);
		EXPECT_EQ(patched_answer(), 2U);
		cond_resched();
	}
	while (nr-- > 0)
		kthread_stop(askers[nr]);
	EXPECT_EQ(atomic_read(&bad_answers), 0);
}

struct trace {
	unsigned int frames;
	bool found;
};

static bool look_for_test(void *cookie, unsigned long addr,
			  bool interrupted)
{
	struct trace *trace = cookie;
	unsigned long offset, size;
	const char *name;

	trace->frames++;
	if (kallsyms_lookup(addr - !interrupted, &name, &offset, &size) &&
	    strcmp(name, "selftests_run") == 0)
		trace->found = true;
	return true;
}

KERNEL_TEST(arch_stack_traces_reach_the_caller)
{
	struct trace trace = { 0 };

	arch_stack_walk(NULL, NULL, look_for_test, &trace);
	EXPECT(trace.frames >= 3);
	EXPECT(trace.found);
}
