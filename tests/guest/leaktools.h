/*
 * What the suites that look for lost memory share: do some work twice, and
 * expect all memory back after the second time. What the first time leaves are
 * caches filled for good.
 */
#pragma once

#include "test.h"

static long free_kib(void)
{
	append_file("/proc/sys/vm/drop_caches", "3\n");
	return proc_number("/proc/meminfo", "MemFree:");
}

/* What the kernel says about its memory, to tell where it went. */
static struct { char meminfo[4096], slabinfo[16384]; } snapshots[2];

static void slurp(int fd, char *to, size_t size)
{
	ssize_t n, used = 0;

	while (fd >= 0 && (n = read(fd, to + used, size - 1 - used)) > 0)
		used += n;
	memset(to + used, 0, size - used);
	close(fd);
}

/*
 * The files are open before the caches are drained: what opening them took off
 * the slabs, to lie in a CPU's magazine, would count as objects in use.
 */
static inline void snapshot(int which)
{
	int meminfo = open("/proc/meminfo", O_RDONLY);
	int slabinfo = open("/proc/slabinfo", O_RDONLY);

	append_file("/proc/sys/vm/drop_caches", "3\n");
	slurp(slabinfo, snapshots[which].slabinfo,
	      sizeof(snapshots[which].slabinfo));
	slurp(meminfo, snapshots[which].meminfo,
	      sizeof(snapshots[which].meminfo));
}

static void say_differences(const char *a, const char *b)
{
	while (*a && *b) {
		int na = strcspn(a, "\n"), nb = strcspn(b, "\n");

		if (na != nb || memcmp(a, b, na) != 0)
			remark("%.*s -> %.*s", na, a, nb, b);
		a += na + (a[na] != 0);
		b += nb + (b[nb] != 0);
	}
}

/*
 * Memory in the hands of deferred work (RCU, dead tasks' stacks) comes back a
 * little later, so the level is given time to return, not only one look.
 */
static bool level_returns(long before, long *after)
{
	long allowed = running_on_keel() ? 0 : 4096;

	for (int tries = 0; tries < 50; tries++) {
		*after = free_kib();
		if (*after >= before - allowed)
			return true;
		usleep(20000);
	}
	return false;
}

struct slab_line {
	char name[32];
	long objects, pages_per_slab, slabs;
};

static bool parse_slab(const char *line, struct slab_line *s)
{
	return sscanf(line, "%31s %ld %*d %*d %*d %ld : tunables %*d %*d %*d"
		      " : slabdata %*d %ld", s->name, &s->objects,
		      &s->pages_per_slab, &s->slabs) == 4;
}

/*
 * How many more objects than before are none lost. The map of process numbers
 * has a node for every 64 neighbours and, later, one for every 4096: kernel
 * workers that came meanwhile live at other places in it than those that went.
 */
static long may_come(const struct slab_line *s, long tasks)
{
	return strcmp(s->name, "xa_node") == 0 ? 2 * tasks : 0;
}

static long count_tasks(const char *slabinfo)
{
	const char *line = strstr(slabinfo, "\ntask ");
	struct slab_line s;

	return line && parse_slab(line + 1, &s) ? s.objects : 0;
}

/* Pages of slabs that came although the cache has no more objects. */
static long pages_of_placement(const char *a, const char *b)
{
	struct slab_line old, new;
	long pages = 0, tasks = count_tasks(b);

	while (*a && *b) {
		if (parse_slab(a, &old) && parse_slab(b, &new) &&
		    strcmp(old.name, new.name) == 0 &&
		    new.objects <= old.objects + may_come(&old, tasks) &&
		    new.slabs > old.slabs)
			pages += (new.slabs - old.slabs) * new.pages_per_slab;
		a += strcspn(a, "\n");
		b += strcspn(b, "\n");
		a += *a != 0;
		b += *b != 0;
	}
	return pages;
}

/*
 * Do @work and expect all memory back, to the page. One long-lived object that
 * has come to lie in a slab of its own holds pages without being lost: a cache
 * with as many objects as before may have more slabs, and nothing else more.
 */
static inline void expect_no_loss(void (*work)(void), long before,
				  const char *what)
{
	long after = 0, lost;

	work();
	if (level_returns(before, &after))
		return;
	snapshot(1);
	lost = (before - after) / 4;
	if (lost <= pages_of_placement(snapshots[0].slabinfo,
				       snapshots[1].slabinfo))
		return;
	say_differences(snapshots[0].meminfo, snapshots[1].meminfo);
	say_differences(snapshots[0].slabinfo, snapshots[1].slabinfo);
	FAIL("%s: %ld KiB were free, now %ld: %ld pages lost", what, before,
	     after, lost);
}

/* Looks until it stands still: the first look itself opens files. */
static inline long steady_free_kib(void)
{
	snapshot(0);	/* the snapshots' own memory is there from now on */
	snapshot(1);
	long before = free_kib();

	for (int tries = 0; tries < 20; tries++) {
		usleep(20000);
		long now = free_kib();
		if (now == before)
			break;
		before = now;
	}
	return before;
}

/* Do @work twice: what the first time leaves are caches filled for good. */
static inline void check_leak(void (*work)(void), const char *what)
{
	work();
	long before = steady_free_kib();
	snapshot(0);
	expect_no_loss(work, before, what);
}
