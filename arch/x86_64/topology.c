/*
 * The topology of CPUs: threads, cores, packages.
 *
 * All of it is in the APIC ids. Their lowest bits number the threads of a
 * core, the ones above the cores of a package, the rest the packages; each
 * field is as wide as it has to be, so that ids need not be dense:
 *
 *	| package          | core       | thread  |
 *	                   ^ package_shift
 *	                                ^ core_shift
 *
 * How wide is said by CPUID, in a different leaf at each time and by each
 * maker. All CPUs are of one kind (cpu_matches_boot_cpu()), so the boot CPU is
 * asked for all, and where one is follows from its APIC id alone.
 *
 * AMD's CPUs are believed to have several threads a core only if they have the
 * leaf that says how many. Emulators that do not offer it count each thread as
 * a core, as did the CPUs that came before it.
 *
 * Source: [SDM3 9.9.3], [SDM2 CPUID], [AMD3 E.3, E.4].
 */
#include <arch/topology.h>

#include <arch/cpu.h>
#include <arch/smp.h>
#include <lib/string.h>

#include "internal.h"

#define LEAF_CACHES		0x4
#define LEAF_TOPOLOGY		0xb
#define LEAF_AMD_SIZES		0x80000008
#define LEAF_AMD_TOPOLOGY	0x8000001e

#define LEAF1_EDX_HTT		BIT(28)
#define AMD1_ECX_TOPOEXT	BIT(22)
/* LEAF_TOPOLOGY, ecx[15:8]: what its level is about. */
#define TOPOLOGY_TYPE_SMT	1
#define TOPOLOGY_TYPE_CORE	2

static unsigned int core_shift __ro_after_init;
static unsigned int package_shift __ro_after_init;
static unsigned int cluster_shift __ro_after_init;
static bool has_clusters __ro_after_init;
static bool is_amd __ro_after_init;

/* The bits it takes to number @nr things. */
static __init unsigned int bits_for(unsigned int nr)
{
	unsigned int bits = 0;

	while ((1UL << bits) < nr)
		bits++;
	return bits;
}

static __init bool has_leaf(uint32_t leaf)
{
	return cpuid(leaf & 0x80000000, 0).eax >= leaf;
}

/* The leaf made for it. Return: false if it is not there, or empty. */
static __init bool read_topology_leaf(void)
{
	if (!has_leaf(LEAF_TOPOLOGY) || cpuid(LEAF_TOPOLOGY, 0).ebx == 0)
		return false;
	for (uint32_t level = 0;; level++) {
		struct cpuid_regs r = cpuid(LEAF_TOPOLOGY, level);
		unsigned int type = r.ecx >> 8 & 0xff, shift = r.eax & 0x1f;

		if (type == TOPOLOGY_TYPE_SMT)
			core_shift = package_shift = shift;
		else if (type == TOPOLOGY_TYPE_CORE)
			package_shift = shift;
		else
			return true;
	}
}

/* Before that: so many threads in all, of which each core has a part. */
static __init void read_old_leaves(void)
{
	struct cpuid_regs r = cpuid(1, 0);
	unsigned int threads = r.ebx >> 16 & 0xff, cores = 1;

	if (!(r.edx & LEAF1_EDX_HTT))
		return;
	if (has_leaf(LEAF_CACHES))
		cores = (cpuid(LEAF_CACHES, 0).eax >> 26) + 1;
	package_shift = bits_for(threads);
	core_shift = bits_for(threads / cores);
}

static __init void read_amd_leaves(void)
{
	struct cpuid_regs r;

	if (!has_leaf(LEAF_AMD_SIZES))
		return;
	r = cpuid(LEAF_AMD_SIZES, 0);
	package_shift = r.ecx >> 12 & 0xf;
	if (!package_shift)
		package_shift = bits_for((r.ecx & 0xff) + 1);
	if (!(cpuid(0x80000001, 0).ecx & AMD1_ECX_TOPOEXT) ||
	    !has_leaf(LEAF_AMD_TOPOLOGY))
		return;
	if (!read_topology_leaf()) {
		r = cpuid(LEAF_AMD_TOPOLOGY, 0);
		core_shift = bits_for((r.ebx >> 8 & 0xff) + 1);
	}
}

/* Who shares the cache of the second level. */
static __init void read_caches(void)
{
	if (is_amd || !has_leaf(LEAF_CACHES))
		return;
	for (uint32_t i = 0;; i++) {
		uint32_t eax = cpuid(LEAF_CACHES, i).eax;

		if ((eax & 0x1f) == 0)
			return;
		if ((eax >> 5 & 0x7) == 2) {
			cluster_shift = bits_for((eax >> 14 & 0xfff) + 1);
			has_clusters = true;
			return;
		}
	}
}

/* See <arch/topology.h>. */
void __init topology_init(void)
{
	is_amd = strcmp(cpu_vendor, "AuthenticAMD") == 0 ||
		 strcmp(cpu_vendor, "HygonGenuine") == 0;
	if (is_amd)
		read_amd_leaves();
	else if (!read_topology_leaf())
		read_old_leaves();
	/* A package has at least what its cores have. */
	package_shift = max(package_shift, core_shift);
	read_caches();
}

/*
 * Where @cpu is. AMD's dies are counted through all packages; elsewhere a
 * package has one, 0. Context: any.
 */
struct topology_place topology_place(unsigned int cpu)
{
	uint32_t id = cpu_apic_id[cpu];
	uint32_t in_package = id & ((1UL << package_shift) - 1);
	unsigned int package = (uint64_t)id >> package_shift;

	return (struct topology_place){
		.package = package,
		.die = is_amd ? package : 0,
		.core = in_package >> core_shift,
		.cluster = has_clusters ?
			(uint64_t)id >> cluster_shift << cluster_shift :
			TOPOLOGY_NO_CLUSTER,
	};
}

static bool are_mates(unsigned int a, unsigned int b, enum topology_level level)
{
	struct topology_place x = topology_place(a), y = topology_place(b);

	if (x.package != y.package)
		return false;
	if (level == TOPOLOGY_PACKAGE || x.core == y.core)
		return true;
	return level == TOPOLOGY_CLUSTER && has_clusters &&
	       x.cluster == y.cluster;
}

/*
 * All online CPUs that are one with @cpu at @level; itself, if it is online,
 * is among them. Context: any; a snapshot.
 */
void topology_mates(unsigned int cpu, enum topology_level level,
		    struct cpumask *mates)
{
	unsigned int other;

	cpumask_clear(mates);
	for_each_online_cpu(other)
		if (are_mates(cpu, other, level))
			cpumask_set_cpu(other, mates);
}

/* Cores of @cpu's package with a CPU online. Context: any; a snapshot. */
unsigned int topology_nr_cores(unsigned int cpu)
{
	unsigned int package = topology_place(cpu).package, nr = 0, other;
	struct cpumask threads;

	for_each_online_cpu(other) {
		if (topology_place(other).package != package)
			continue;
		topology_mates(other, TOPOLOGY_CORE, &threads);
		nr += cpumask_first(&threads) == other;
	}
	return nr;
}
