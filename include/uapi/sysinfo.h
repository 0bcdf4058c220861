/*
 * The system in one glance: sysinfo(2).
 *
 * Source: man 2 sysinfo.
 */
#pragma once

#include <uapi/types.h>

#define SI_LOAD_SHIFT	16	/* loads are 65536 times the load average */

struct sysinfo {
	__s64	uptime;		/* seconds */
	__u64	loads[3];	/* over 1, 5 and 15 minutes */
	__u64	totalram;	/* this and all sizes below: in mem_unit */
	__u64	freeram;
	__u64	sharedram;
	__u64	bufferram;
	__u64	totalswap;
	__u64	freeswap;
	__u16	procs;		/* tasks, threads included */
	__u16	pad;
	__u64	totalhigh;
	__u64	freehigh;
	__u32	mem_unit;
};
