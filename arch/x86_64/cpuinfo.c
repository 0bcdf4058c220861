/*
 * /proc/cpuinfo: what CPUID says, in the words programs look for.
 *
 * All CPUs are of one kind here (cpu_matches_boot_cpu()), so the one that
 * happens to run this speaks for all. A flag is listed if the CPU has it; the
 * kernel hides none.
 *
 * Source: [SDM2 CPUID], [AMD3 E.3]; names: man 5 proc and lscpu(1).
 */
#include <arch/clock.h>
#include <arch/cpu.h>
#include <arch/cpuinfo.h>
#include <arch/topology.h>
#include <keel/cpumask.h>
#include <lib/printf.h>

#include "internal.h"

/* Names of the bits of one register; NULL: not told. */
struct flag_word {
	uint32_t	leaf, subleaf;
	unsigned int	reg;		/* 0 eax, 1 ebx, 2 ecx, 3 edx */
	const char	*names[32];
};

static const struct flag_word flag_words[] = {
	{ 0x00000001, 0, 3, {
		"fpu", "vme", "de", "pse", "tsc", "msr", "pae", "mce",
		"cx8", "apic", [11] = "sep", "mtrr", "pge", "mca", "cmov",
		"pat", "pse36", "pn", "clflush", [21] = "dts", "acpi", "mmx",
		"fxsr", "sse", "sse2", "ss", "ht", "tm", "ia64", "pbe" } },
	{ 0x80000001, 0, 3, {
		[11] = "syscall", [19] = "mp", "nx", [22] = "mmxext",
		[25] = "fxsr_opt", "pdpe1gb", "rdtscp", [29] = "lm",
		"3dnowext", "3dnow" } },
	{ 0x80000007, 0, 3, { [8] = "constant_tsc" } },
	{ 0x00000001, 0, 2, {
		"pni", "pclmulqdq", "dtes64", "monitor", "ds_cpl", "vmx",
		"smx", "est", "tm2", "ssse3", "cid", "sdbg", "fma", "cx16",
		"xtpr", "pdcm", [17] = "pcid", "dca", "sse4_1", "sse4_2",
		"x2apic", "movbe", "popcnt", "tsc_deadline_timer", "aes",
		"xsave", [28] = "avx", "f16c", "rdrand", "hypervisor" } },
	{ 0x80000001, 0, 2, {
		"lahf_lm", "cmp_legacy", "svm", "extapic", "cr8_legacy",
		"abm", "sse4a", "misalignsse", "3dnowprefetch", "osvw",
		"ibs", "xop", "skinit", "wdt", [15] = "lwp", "fma4", "tce",
		[19] = "nodeid_msr", [21] = "tbm", "topoext" } },
	{ 0x00000007, 0, 1, {
		"fsgsbase", "tsc_adjust", "sgx", "bmi1", "hle", "avx2",
		[7] = "smep", "bmi2", "erms", "invpcid", "rtm", "cqm",
		[14] = "mpx", "rdt_a", "avx512f", "avx512dq", "rdseed",
		"adx", "smap", "avx512ifma", [23] = "clflushopt", "clwb",
		"intel_pt", "avx512pf", "avx512er", "avx512cd", "sha_ni",
		"avx512bw", "avx512vl" } },
	{ 0x0000000d, 1, 0, { "xsaveopt", "xsavec", "xgetbv1", "xsaves" } },
	{ 0x00000007, 0, 2, {
		[1] = "avx512vbmi", "umip", "pku", "ospke", "waitpkg",
		"avx512_vbmi2", [8] = "gfni", "vaes", "vpclmulqdq",
		"avx512_vnni", "avx512_bitalg", [14] = "avx512_vpopcntdq",
		[16] = "la57", [22] = "rdpid" } },
	{ 0x00000007, 0, 3, { [4] = "fsrm" } },
};

/* A buffer being filled; what does not fit is dropped. */
struct text {
	char	*buf;
	size_t	size, len;
};

static __printf(2, 3) void add(struct text *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	t->len += vscnprintf(t->buf + t->len, t->size - t->len, fmt, args);
	va_end(args);
}

static uint32_t flag_bits(const struct flag_word *word)
{
	struct cpuid_regs r;

	if (cpuid(word->leaf & 0x80000000, 0).eax < word->leaf)
		return 0;
	r = cpuid(word->leaf, word->subleaf);
	return word->reg == 0 ? r.eax : word->reg == 1 ? r.ebx :
	       word->reg == 2 ? r.ecx : r.edx;
}

static void add_flags(struct text *t)
{
	add(t, "flags\t\t:");
	for (unsigned int i = 0; i < ARRAY_SIZE(flag_words); i++) {
		uint32_t bits = flag_bits(&flag_words[i]);

		for (unsigned int bit = 0; bit < 32; bit++)
			if ((bits & BIT(bit)) && flag_words[i].names[bit])
				add(t, " %s", flag_words[i].names[bit]);
	}
	add(t, "\n");
}

static void add_identity(struct text *t, unsigned int cpu)
{
	unsigned int khz = clock_tsc_khz();

	add(t, "processor\t: %u\nvendor_id\t: %s\ncpu family\t: %u\n"
	    "model\t\t: %u\nmodel name\t: %s\n", cpu, cpu_vendor, cpu_family,
	    cpu_model, *cpu_model_name ? cpu_model_name : "unknown");
	add(t, "stepping\t: %u\n", cpu_stepping);
	if (khz)
		add(t, "cpu MHz\t\t: %u.%03u\n", khz / 1000, khz % 1000);
	if (cpuid(0x80000000, 0).eax >= 0x80000006)
		add(t, "cache size\t: %u KB\n",
		    cpuid(0x80000006, 0).ecx >> 16);
}

static void add_place(struct text *t, unsigned int cpu)
{
	struct topology_place place = topology_place(cpu);
	unsigned int id = cpu_apic_id[cpu];
	struct cpumask siblings;

	topology_mates(cpu, TOPOLOGY_PACKAGE, &siblings);
	add(t, "physical id\t: %u\nsiblings\t: %u\ncore id\t\t: %u\n",
	    place.package, cpumask_weight(&siblings), place.core);
	add(t, "cpu cores\t: %u\napicid\t\t: %u\ninitial apicid\t: %u\n",
	    topology_nr_cores(cpu), id, id);
}

static void add_sizes(struct text *t)
{
	unsigned int line = (cpuid(1, 0).ebx >> 8 & 0xff) * 8;
	unsigned int phys = 36, virt = 48;

	if (cpuid(0x80000000, 0).eax >= 0x80000008) {
		phys = cpuid(0x80000008, 0).eax & 0xff;
		virt = cpuid(0x80000008, 0).eax >> 8 & 0xff;
	}
	add(t, "clflush size\t: %u\ncache_alignment\t: 64\n", line);
	add(t, "address sizes\t: %u bits physical, %u bits virtual\n", phys,
	    virt);
}

size_t arch_cpuinfo(unsigned int cpu, char *buf, size_t size)
{
	struct text t = { .buf = buf, .size = size };
	unsigned int khz = clock_tsc_khz();

	add_identity(&t, cpu);
	add_place(&t, cpu);
	add(&t, "fpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: %u\n"
	    "wp\t\t: yes\n", cpuid(0, 0).eax);
	add_flags(&t);
	add(&t, "bugs\t\t:\n");
	/* By definition twice the clock, for a loop of two instructions. */
	add(&t, "bogomips\t: %u.%02u\n", khz / 500, khz / 5 % 100);
	add_sizes(&t);
	add(&t, "power management:\n\n");
	return t.len;
}
