/*
 * free: how much memory there is, and what it is used for, in KiB.
 *
 * Memory that caches files is neither free nor lost: "available" is what
 * programs could still get, with most of it given up.
 */
#include <stdlib.h>

#include "common/common.h"

int main(int argc, char **argv)
{
	long total, unused, cache, swap, swap_free;

	no_arguments(argc, argv);
	total = meminfo_kib("MemTotal");
	unused = meminfo_kib("MemFree");
	cache = meminfo_kib("Buffers") + meminfo_kib("Cached") +
		meminfo_kib("SReclaimable");
	swap = meminfo_kib("SwapTotal");
	swap_free = meminfo_kib("SwapFree");
	printf("%14s %11s %11s %11s %11s %11s\n", "total", "used", "free",
	       "shared", "buff/cache", "available");
	printf("Mem: %9ld %11ld %11ld %11ld %11ld %11ld\n", total,
	       total - unused - cache, unused, meminfo_kib("Shmem"), cache,
	       meminfo_kib("MemAvailable"));
	printf("Swap:%9ld %11ld %11ld\n", swap, swap - swap_free, swap_free);
	return finish_output(EXIT_SUCCESS);
}
