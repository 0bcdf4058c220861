/*
 * The shape of an address space: brk, the stack and its guard gap, mremap,
 * and what several processes on several CPUs do to one another's pages.
 */
#include "test.h"

#include <sys/mman.h>
#include <sys/resource.h>

#define PAGE 4096UL
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static long raw_brk(long to)
{
	return syscall(SYS_brk, to);
}

TEST(brk_grows_and_shrinks)
{
	long start = raw_brk(0);
	pid_t pid;

	EXPECT_EQ(raw_brk(start + 10 * PAGE), start + 10 * PAGE);
	char *p = (char *)((start + PAGE - 1) & -PAGE);
	EXPECT_EQ(p[0], 0);
	memset(p, 'a', 8 * PAGE);
	EXPECT_EQ(raw_brk(start), start);
	IN_CHILD(pid)
		p[4 * PAGE] = 1;
	EXPECT_KILLED(pid, SIGSEGV);
	EXPECT_EQ(raw_brk(start + 10 * PAGE), start + 10 * PAGE);
	EXPECT_EQ(p[PAGE], 0);			/* fresh zeros */
	/* What cannot be done returns where the break is. */
	EXPECT_EQ(raw_brk(1), start + 10 * PAGE);
	EXPECT_EQ(raw_brk(-PAGE), start + 10 * PAGE);
	EXPECT_EQ(raw_brk(1L << 46), start + 10 * PAGE);
	EXPECT_EQ(raw_brk(start), start);
}

TEST(brk_is_inherited)
{
	long start = raw_brk(0);
	pid_t pid;

	EXPECT_EQ(raw_brk(start + 2 * PAGE), start + 2 * PAGE);
	IN_CHILD(pid) {
		EXPECT_EQ(raw_brk(0), start + 2 * PAGE);
		EXPECT_EQ(raw_brk(start), start);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(raw_brk(0), start + 2 * PAGE);
	EXPECT_EQ(raw_brk(start), start);
}

TEST(brk_does_not_run_into_mappings)
{
	long start = raw_brk(0), page = (start + 16 * PAGE) & -PAGE;

	OK(mmap((void *)page, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0));
	EXPECT_EQ(raw_brk(page + 2 * PAGE), start);
	OK(munmap((void *)page, PAGE));
}

TEST(rlimit_data_limits_brk)
{
	struct rlimit limit = { 1 << 20, RLIM_INFINITY };
	long start = raw_brk(0);
	pid_t pid;

	IN_CHILD(pid) {
		OK(setrlimit(RLIMIT_DATA, &limit));
		EXPECT_EQ(raw_brk(start + (4 << 20)), start);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- the stack ---- */

static void __attribute__((noinline)) grow(long bytes)
{
	volatile char frame[PAGE];

	frame[0] = 1;
	if (bytes > 0)
		grow(bytes - PAGE);
	EXPECT_EQ(frame[0], 1);
}

/* Where the stack is, without the compiler knowing what it may point at. */
static char *stack_pointer(void)
{
	char *sp;

	asm volatile("mov %%rsp, %0" : "=r"(sp));
	return sp;
}

TEST(stack_grows_on_demand)
{
	pid_t pid;

	IN_CHILD(pid)
		grow(4 << 20);
	EXPECT_EXIT(pid, 0);
}

TEST(stack_stops_at_its_limit)
{
	struct rlimit limit = { 1 << 20, RLIM_INFINITY };
	pid_t pid;

	IN_CHILD(pid) {
		OK(setrlimit(RLIMIT_STACK, &limit));
		grow(512 << 10);
		grow(2 << 20);
	}
	EXPECT_KILLED(pid, SIGSEGV);
}

/* A single access may jump far down, as long as the limit allows it. */
TEST(stack_grows_over_untouched_pages)
{
	pid_t pid;

	IN_CHILD(pid) {
		volatile char *far = stack_pointer() - (1 << 20);
		*far = 1;
		EXPECT_EQ(*far, 1);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(the_kernel_grows_the_stack_too)
{
	pid_t pid;

	write_file("f", "data");
	IN_CHILD(pid) {
		int fd = OK(open("f", O_RDONLY));
		EXPECT_EQ(read(fd, stack_pointer() - (2 << 20), 4), 4);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(a_gap_guards_the_stack)
{
	pid_t pid;

	IN_CHILD(pid) {
		/* A mapping 2 MiB below; growth must stop 256 pages above. */
		long sp = (long)stack_pointer();
		char *low = (char *)((sp - (2 << 20)) & -PAGE);
		OK(mmap(low, PAGE, RW, ANON | MAP_FIXED, -1, 0));
		*(volatile char *)(low + 300 * PAGE) = 1;
		*(volatile char *)(low + 200 * PAGE) = 1;
	}
	EXPECT_KILLED(pid, SIGSEGV);
	IN_CHILD(pid) {
		long sp = (long)stack_pointer();
		char *low = (char *)((sp - (2 << 20)) & -PAGE);
		OK(mmap(low, PAGE, RW, ANON | MAP_FIXED, -1, 0));
		*(volatile char *)(low + 300 * PAGE) = 1;
	}
	EXPECT_EXIT(pid, 0);
}

TEST(growsdown_mappings_grow)
{
	pid_t pid;

	IN_CHILD(pid) {
		char *room = OK(mmap(NULL, 1024 * PAGE, PROT_NONE, ANON, -1,
				     0));
		OK(munmap(room, 1024 * PAGE));
		char *p = OK(mmap(room + 1000 * PAGE, 2 * PAGE, RW, ANON |
				  MAP_GROWSDOWN | MAP_FIXED, -1, 0));
		p[0] = 1;
		*(volatile char *)(p - PAGE) = 2;
		*(volatile char *)(p - 10 * PAGE) = 3;
		EXPECT_EQ(p[0], 1);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- mremap ---- */

TEST(mremap_shrinks_and_grows_in_place)
{
	char *p = OK(mmap(NULL, 4 * PAGE, RW, ANON, -1, 0));
	pid_t pid;

	memset(p, 'a', 4 * PAGE);
	EXPECT(mremap(p, 4 * PAGE, 2 * PAGE, 0) == p);
	IN_CHILD(pid)
		p[2 * PAGE] = 1;
	EXPECT_KILLED(pid, SIGSEGV);
	EXPECT(mremap(p, 2 * PAGE, 4 * PAGE, 0) == p);	/* room is free */
	EXPECT_EQ(p[PAGE], 'a');
	EXPECT_EQ(p[3 * PAGE], 0);
	OK(munmap(p, 4 * PAGE));
}

TEST(mremap_moves_when_it_must)
{
	char *p = OK(mmap(NULL, 4 * PAGE, RW, ANON, -1, 0)), *q;

	memset(p, 'a', 4 * PAGE);
	OK(munmap(p + 2 * PAGE, PAGE));		/* page 3 is in the way */
	EXPECT_ERR(mremap(p, 2 * PAGE, 8 * PAGE, 0), ENOMEM);
	q = OK(mremap(p, 2 * PAGE, 64 * PAGE, MREMAP_MAYMOVE));
	EXPECT(q != p);
	EXPECT_EQ(q[0], 'a');
	EXPECT_EQ(q[2 * PAGE - 1], 'a');
	EXPECT_EQ(q[2 * PAGE], 0);
	pid_t pid;
	IN_CHILD(pid)
		p[0] = 1;
	EXPECT_KILLED(pid, SIGSEGV);
	OK(munmap(q, 64 * PAGE));
	OK(munmap(p, 4 * PAGE));
}

TEST(mremap_to_a_fixed_place)
{
	char *p = OK(mmap(NULL, 2 * PAGE, RW, ANON, -1, 0));
	char *to = OK(mmap(NULL, 4 * PAGE, RW, ANON, -1, 0));

	memset(p, 'a', 2 * PAGE);
	memset(to, 'b', 4 * PAGE);
	EXPECT(mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		      to + PAGE) == to + PAGE);
	EXPECT_EQ(to[0], 'b');
	EXPECT_EQ(to[PAGE], 'a');
	EXPECT_EQ(to[3 * PAGE - 1], 'a');
	EXPECT_EQ(to[3 * PAGE], 'b');
	OK(munmap(to, 4 * PAGE));
}

TEST(mremap_errors)
{
	char *p = OK(mmap(NULL, 4 * PAGE, RW, ANON, -1, 0));

	EXPECT_ERR(mremap(p + 1, PAGE, PAGE, 0), EINVAL);
	EXPECT_ERR(mremap(p, PAGE, 0, 0), EINVAL);
	EXPECT_ERR(mremap(p, PAGE, PAGE, 0x100), EINVAL);
	EXPECT_ERR(mremap(p, PAGE, PAGE, MREMAP_FIXED, p + PAGE), EINVAL);
	EXPECT_ERR(mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_FIXED |
			  MREMAP_MAYMOVE, p + PAGE), EINVAL);
	EXPECT_ERR(mremap(p, PAGE, 1UL << 47, MREMAP_MAYMOVE), ENOMEM);
	OK(munmap(p, 4 * PAGE));
	EXPECT_ERR(mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
}

TEST(mremap_moves_file_mappings)
{
	char page[PAGE];
	int fd = OK(open("f", O_CREAT | O_RDWR, 0600));

	for (int i = 0; i < 8; i++) {
		memset(page, 'a' + i, PAGE);
		EXPECT_EQ(write(fd, page, PAGE), PAGE);
	}
	char *p = OK(mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 2 * PAGE));
	char *q = OK(mremap(p, 2 * PAGE, 6 * PAGE, MREMAP_MAYMOVE));
	EXPECT_EQ(q[0], 'c');
	EXPECT_EQ(q[5 * PAGE], 'h');
	OK(munmap(q, 6 * PAGE));
	OK(close(fd));
}

TEST(mremap_keeps_copy_on_write)
{
	char *p = OK(mmap(NULL, 2 * PAGE, RW, ANON, -1, 0));
	pid_t pid;

	memset(p, 'a', 2 * PAGE);
	IN_CHILD(pid) {
		char *q = OK(mremap(p, 2 * PAGE, 100 * PAGE, MREMAP_MAYMOVE));
		EXPECT_EQ(q[0], 'a');
		memset(q, 'b', 100 * PAGE);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(p[0], 'a');
	OK(munmap(p, 2 * PAGE));
}

/* ---- layout ---- */

HELPER(print_address)
{
	char here;
	void *heap = malloc(1);
	void *map = mmap(NULL, PAGE, RW, ANON, -1, 0);
	unsigned long all[3] = { (long)&here, (long)heap, (long)map };

	return write(1, all, sizeof(all)) == sizeof(all) ? 0 : 1;
}

static void addresses(unsigned long out[3])
{
	char *argv[] = { HELPER_ARGV("print_address"), NULL };
	int fds[2];

	OK(pipe(fds));
	pid_t pid = OK(fork());
	if (pid == 0) {
		dup2(fds[1], 1);
		execv(SELF, argv);
		_exit(126);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(read(fds[0], out, 24), 24);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(addresses_are_random)
{
	unsigned long a[3], b[3];
	int same[3] = { 0 };

	addresses(a);
	for (int i = 0; i < 4; i++) {
		addresses(b);
		for (int k = 0; k < 3; k++)
			same[k] += a[k] == b[k];
	}
	for (int k = 0; k < 3; k++)
		EXPECT(same[k] < 4);
	EXPECT(a[0] > a[2] && a[2] > a[1]);	/* stack, mappings, heap */
	EXPECT(a[0] < 0x7ffffffff000UL);
}

/* ---- many at once ---- */

/* Each process writes its own mark over and over and never sees another's. */
TEST_SECONDS(private_pages_under_pressure, 120)
{
	enum { WORKERS = 6, PAGES = 256, ROUNDS = 10 };
	char *p = OK(mmap(NULL, PAGES * PAGE, RW, ANON, -1, 0));
	pid_t pids[WORKERS];

	memset(p, 'p', PAGES * PAGE);
	for (int w = 0; w < WORKERS; w++)
		IN_CHILD(pids[w])
			for (int r = 0; r < ROUNDS; r++) {
				char mark = r ? 'A' + w : 'p';
				for (int i = 0; i < PAGES; i++)
					EXPECT_EQ(p[i * PAGE + w], mark);
				for (int i = 0; i < PAGES; i++)
					p[i * PAGE + w] = 'A' + w;
			}
	for (int w = 0; w < WORKERS; w++)
		EXPECT_EXIT(pids[w], 0);
	for (int i = 0; i < PAGES; i++)
		for (int w = 0; w < WORKERS; w++)
			EXPECT_EQ(p[i * PAGE + w], 'p');
	OK(munmap(p, PAGES * PAGE));
}

/* Atomic adds to a shared page from many processes: none is lost. */
TEST(shared_counters_are_exact)
{
	enum { WORKERS = 6, ADDS = 20000 };
	long *counter = OK(mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS,
				-1, 0));
	pid_t pids[WORKERS];

	for (int w = 0; w < WORKERS; w++)
		IN_CHILD(pids[w])
			for (int i = 0; i < ADDS; i++)
				__atomic_add_fetch(counter, 1,
						   __ATOMIC_RELAXED);
	for (int w = 0; w < WORKERS; w++)
		EXPECT_EXIT(pids[w], 0);
	EXPECT_EQ(*counter, WORKERS * ADDS);
	OK(munmap(counter, PAGE));
}

/* CLONE_VM: two tasks map, protect and unmap in one address space. */
static int vm_worker(void *arg)
{
	long w = (long)arg;

	for (int i = 0; i < 300; i++) {
		char *p = mmap(NULL, 8 * PAGE, RW, ANON, -1, 0);
		if (p == MAP_FAILED)
			return 1;
		memset(p, w, 8 * PAGE);
		if (mprotect(p + PAGE, PAGE, PROT_READ) != 0)
			return 2;
		for (int k = 0; k < 8; k++)
			if (p[k * PAGE] != (char)w)
				return 3;
		if (munmap(p, 8 * PAGE) != 0)
			return 4;
	}
	return 0;
}

TEST_SECONDS(one_address_space_many_tasks, 120)
{
	enum { WORKERS = 4, STACK = 65536 };
	static char stacks[WORKERS][STACK] __attribute__((aligned(16)));
	extern int clone(int (*)(void *), void *, int, void *, ...);
	int pids[WORKERS];

	for (long w = 0; w < WORKERS; w++)
		pids[w] = OK(clone(vm_worker, stacks[w] + STACK,
				   0x100 /* CLONE_VM */ | SIGCHLD,
				   (void *)(w + 1)));
	for (int w = 0; w < WORKERS; w++)
		EXPECT_EXIT(pids[w], 0);
}
