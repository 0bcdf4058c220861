/*
 * Which CPUs are threads of one core, and which cores are in one package.
 */
#pragma once

#include <keel/types.h>

struct cpumask;

/* What CPUs may have in common, from little to much. */
enum topology_level {
	TOPOLOGY_CORE,		/* threads of one core */
	TOPOLOGY_CLUSTER,	/* one second-level cache */
	TOPOLOGY_PACKAGE,	/* one piece of hardware in a socket */
};

#define TOPOLOGY_NO_CLUSTER	0xffffU

/* Numbers as the hardware gives them: unique only within the package. */
struct topology_place {
	unsigned int	package, die, core, cluster;
};

struct topology_place topology_place(unsigned int cpu);
void topology_mates(unsigned int cpu, enum topology_level, struct cpumask *);
unsigned int topology_nr_cores(unsigned int cpu);
/* Boot; before: cpu_init(). */
void topology_init(void);
