/*
 * mmap and its kin: anonymous and file mappings, private and shared, splits,
 * protections, placing, and what may not be.
 */
#include "test.h"

#include <setjmp.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define PAGE 4096UL
#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char *map(size_t len, int prot, int flags)
{
	return OK(mmap(NULL, len, prot, flags, -1, 0));
}

/* Whether touching the address faults, and with which signal (0: not). */
static int touch(volatile char *p, bool write_it)
{
	pid_t pid = OK(fork());

	if (pid == 0) {
		if (write_it)
			*p = 1;
		else
			(void)*p;
		_exit(0);
	}
	int status = wait_status(pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

#define READS(p)	(touch((p), false) == 0)
#define WRITES(p)	(touch((p), true) == 0)

TEST(anonymous_memory_is_zero)
{
	char *p = map(64 * PAGE, RW, ANON);

	for (size_t i = 0; i < 64 * PAGE; i += 512)
		EXPECT_EQ(p[i], 0);
	memset(p, 'x', 64 * PAGE);
	OK(munmap(p, 64 * PAGE));
	p = map(64 * PAGE, RW, ANON);
	for (size_t i = 0; i < 64 * PAGE; i += 512)
		EXPECT_EQ(p[i], 0);
	OK(munmap(p, 64 * PAGE));
}

TEST(mmap_argument_errors)
{
	int fd = OK(open("f", O_CREAT | O_RDWR, 0600));

	EXPECT_ERR(mmap(NULL, 0, RW, ANON, -1, 0), EINVAL);
	EXPECT_ERR(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0), EINVAL);
	EXPECT_ERR(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0), EBADF);
	EXPECT_ERR(mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 100), EINVAL);
	EXPECT_ERR(mmap((void *)100, PAGE, RW, ANON | MAP_FIXED, -1, 0),
		   EINVAL);
	EXPECT_ERR(mmap(NULL, -1UL, RW, ANON, -1, 0), ENOMEM);
	EXPECT_ERR(mmap(NULL, 1UL << 47, RW, ANON, -1, 0), ENOMEM);
	EXPECT_ERR(mmap((void *)(1UL << 47), PAGE, RW, ANON | MAP_FIXED, -1,
			0), ENOMEM);
	EXPECT_ERR(mmap((void *)0xffffffff80000000UL, PAGE, RW,
			ANON | MAP_FIXED, -1, 0), ENOMEM);
	EXPECT_ERR(mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd,
			-PAGE), EOVERFLOW);
	int d = OK(open(".", O_RDONLY));
	EXPECT_ERR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, d, 0), ENODEV);
	int fds[2];
	OK(pipe(fds));
	EXPECT_ERR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fds[0], 0),
		   ENODEV);
	OK(close(fds[0]));
	OK(close(fds[1]));
	OK(close(d));
	OK(close(fd));
}

TEST(a_hint_is_rounded_and_used_when_free)
{
	char *p = map(4 * PAGE, RW, ANON), *q;

	OK(munmap(p, 4 * PAGE));
	q = OK(mmap(p + 100, PAGE, RW, ANON, -1, 0));
	EXPECT(q == p);
	/* Taken now: another place is chosen. */
	char *r = OK(mmap(p, PAGE, RW, ANON, -1, 0));
	EXPECT(r != p);
	OK(munmap(q, PAGE));
	OK(munmap(r, PAGE));
}

TEST(fixed_replaces_noreplace_does_not)
{
	char *p = map(3 * PAGE, RW, ANON);

	memset(p, 'a', 3 * PAGE);
	EXPECT_ERR(mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1,
			0), EEXIST);
	EXPECT(mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0) == p + PAGE);
	EXPECT_EQ(p[0], 'a');
	EXPECT_EQ(p[PAGE], 0);
	EXPECT_EQ(p[2 * PAGE], 'a');
	OK(munmap(p + PAGE, PAGE));
	EXPECT(mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) ==
	       p + PAGE);
	OK(munmap(p, 3 * PAGE));
}

TEST(low_addresses_need_privilege)
{
	pid_t pid;

	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(mmap(NULL, PAGE, RW, ANON | MAP_FIXED, -1, 0),
			   EPERM);
		EXPECT_ERR(mmap((void *)PAGE, PAGE, RW, ANON | MAP_FIXED, -1,
				0), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(munmap_splits_and_tolerates_holes)
{
	char *p = map(5 * PAGE, RW, ANON);

	memset(p, 'a', 5 * PAGE);
	OK(munmap(p + 2 * PAGE, PAGE));
	EXPECT(READS(p + PAGE));
	EXPECT_EQ(touch(p + 2 * PAGE, false), SIGSEGV);
	EXPECT(READS(p + 3 * PAGE));
	EXPECT_EQ(p[4 * PAGE], 'a');
	OK(munmap(p + 2 * PAGE, PAGE));		/* nothing there: fine */
	OK(munmap(p, 5 * PAGE));
	EXPECT_EQ(touch(p, false), SIGSEGV);
	EXPECT_ERR(munmap(p + 1, PAGE), EINVAL);
	EXPECT_ERR(munmap(p, 0), EINVAL);
	EXPECT_ERR(munmap((void *)(1UL << 47), PAGE), EINVAL);
	EXPECT_ERR(munmap(p, -PAGE), EINVAL);
	/* A length that is no multiple is rounded up. */
	p = map(2 * PAGE, RW, ANON);
	OK(munmap(p, PAGE + 1));
	EXPECT_EQ(touch(p + PAGE, false), SIGSEGV);
}

TEST(many_small_mappings)
{
	enum { COUNT = 1000 };
	char *p = map(2 * COUNT * PAGE, PROT_NONE, ANON);

	for (int i = 0; i < COUNT; i++)
		OK(mprotect(p + 2 * i * PAGE, PAGE, RW));
	for (int i = 0; i < COUNT; i++)
		p[2 * i * PAGE] = i;
	for (int i = 0; i < COUNT; i++)
		EXPECT_EQ(p[2 * i * PAGE], (char)i);
	EXPECT_EQ(touch(p + PAGE, false), SIGSEGV);
	OK(munmap(p, 2 * COUNT * PAGE));
}

/* ---- protections ---- */

TEST(mprotect_changes_what_is_allowed)
{
	char *p = map(3 * PAGE, RW, ANON);

	p[0] = 'a';
	OK(mprotect(p, PAGE, PROT_READ));
	EXPECT(READS(p));
	EXPECT_EQ(touch(p, true), SIGSEGV);
	OK(mprotect(p, PAGE, PROT_NONE));
	EXPECT_EQ(touch(p, false), SIGSEGV);
	OK(mprotect(p, PAGE, RW));
	EXPECT_EQ(p[0], 'a');
	p[0] = 'b';
	/* In the middle: splits into three. */
	OK(mprotect(p + PAGE, PAGE, PROT_READ));
	p[0] = p[2 * PAGE] = 'c';
	EXPECT_EQ(touch(p + PAGE, true), SIGSEGV);
	OK(mprotect(p, 3 * PAGE, RW));
	p[PAGE] = 'd';
	OK(munmap(p, 3 * PAGE));
}

TEST(mprotect_errors)
{
	char *p = map(3 * PAGE, RW, ANON);

	OK(munmap(p + PAGE, PAGE));
	EXPECT_ERR(mprotect(p + 1, PAGE, RW), EINVAL);
	EXPECT_ERR(mprotect(p, 3 * PAGE, PROT_READ), ENOMEM);
	/* What came before the hole has been changed. */
	EXPECT_EQ(touch(p, true), SIGSEGV);
	EXPECT(WRITES(p + 2 * PAGE));
	EXPECT_ERR(mprotect(p + PAGE, PAGE, RW), ENOMEM);
	EXPECT_ERR(mprotect(p, PAGE, 0x100), EINVAL);
	EXPECT_ERR(mprotect(p, -PAGE, RW), ENOMEM);
	OK(mprotect(p, 0, RW));
	OK(munmap(p, 3 * PAGE));
}

TEST(no_execution_of_data)
{
	char *p = map(PAGE, RW, ANON);
	pid_t pid;

	p[0] = (char)0xc3;			/* ret */
	IN_CHILD(pid)
		((void (*)(void))p)();
	EXPECT_KILLED(pid, SIGSEGV);
	OK(mprotect(p, PAGE, PROT_READ | PROT_EXEC));
	((void (*)(void))p)();
	EXPECT_EQ(touch(p, true), SIGSEGV);
	OK(munmap(p, PAGE));
	IN_CHILD(pid) {
		char on_stack[8] = { (char)0xc3 };
		((void (*)(void))on_stack)();
	}
	EXPECT_KILLED(pid, SIGSEGV);
}

TEST(write_only_implies_read)
{
	char *p = map(PAGE, PROT_WRITE, ANON);

	p[0] = 'a';
	EXPECT(READS(p));
	OK(munmap(p, PAGE));
}

TEST(kernel_honours_protections)
{
	char *p = map(2 * PAGE, PROT_READ, ANON);
	int fd = OK(open("f", O_CREAT | O_RDWR, 0600));

	EXPECT_EQ(write(fd, p, PAGE), PAGE);
	EXPECT_ERR(pread(fd, p, PAGE, 0), EFAULT);
	OK(mprotect(p, PAGE, PROT_NONE));
	EXPECT_ERR(pwrite(fd, p, PAGE, 0), EFAULT);
	OK(mprotect(p, 2 * PAGE, RW));
	EXPECT_EQ(pread(fd, p, PAGE, 0), PAGE);
	OK(munmap(p, 2 * PAGE));
	OK(close(fd));
}

/* ---- fork ---- */

TEST(copy_on_write_in_both_directions)
{
	char *p = map(16 * PAGE, RW, ANON);
	pid_t pid;

	memset(p, 'a', 16 * PAGE);
	IN_CHILD(pid) {
		pid_t kid;

		memset(p, 'b', 8 * PAGE);
		IN_CHILD(kid) {
			EXPECT_EQ(p[0], 'b');
			EXPECT_EQ(p[8 * PAGE], 'a');
			memset(p, 'c', 16 * PAGE);
		}
		EXPECT_EXIT(kid, 0);
		EXPECT_EQ(p[0], 'b');
		EXPECT_EQ(p[15 * PAGE], 'a');
	}
	memset(p, 'z', PAGE);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(p[0], 'z');
	EXPECT_EQ(p[PAGE], 'a');
	OK(munmap(p, 16 * PAGE));
}

/* System calls that write to memory break sharing as stores do. */
TEST(copy_on_write_by_system_calls)
{
	char *p = map(PAGE, RW, ANON);
	pid_t pid;

	write_file("f", "from the file");
	memcpy(p, "unchanged", 10);
	IN_CHILD(pid) {
		int fd = OK(open("f", O_RDONLY));
		EXPECT_EQ(read(fd, p, 13), 13);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_STR(p, "unchanged");
	OK(munmap(p, PAGE));
}

TEST(read_only_after_fork_stays_so)
{
	char *p = map(PAGE, RW, ANON);
	pid_t pid;

	p[0] = 'a';
	OK(mprotect(p, PAGE, PROT_READ));
	IN_CHILD(pid)
		EXPECT_EQ(touch(p, true), SIGSEGV);
	EXPECT_EXIT(pid, 0);
	IN_CHILD(pid) {
		OK(mprotect(p, PAGE, RW));
		p[0] = 'b';
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(p[0], 'a');
	OK(munmap(p, PAGE));
}

/* The zero page is shared; a write to it must never be seen elsewhere. */
TEST(reading_first_then_writing)
{
	char *p = map(8 * PAGE, RW, ANON), *q = map(8 * PAGE, RW, ANON);

	for (int i = 0; i < 8; i++)
		EXPECT_EQ(((volatile char *)p)[i * PAGE], 0);
	for (int i = 0; i < 8; i++)
		EXPECT_EQ(((volatile char *)q)[i * PAGE], 0);
	for (int i = 0; i < 8; i++)
		p[i * PAGE] = i + 1;
	for (int i = 0; i < 8; i++) {
		EXPECT_EQ(p[i * PAGE], i + 1);
		EXPECT_EQ(q[i * PAGE], 0);
	}
	OK(munmap(p, 8 * PAGE));
	OK(munmap(q, 8 * PAGE));
}

/* ---- limits ---- */

TEST(rlimit_as)
{
	struct rlimit limit = { 64 << 20, RLIM_INFINITY };
	pid_t pid;

	IN_CHILD(pid) {
		OK(setrlimit(RLIMIT_AS, &limit));
		EXPECT_ERR(mmap(NULL, 64 << 20, RW, ANON, -1, 0), ENOMEM);
		char *p = map(16 << 20, RW, ANON);
		EXPECT_ERR(mmap(NULL, 50 << 20, PROT_NONE, ANON, -1, 0),
			   ENOMEM);
		EXPECT_ERR(mremap(p, 16 << 20, 70 << 20, MREMAP_MAYMOVE),
			   ENOMEM);
		OK(munmap(p, 16 << 20));
		map(30 << 20, RW, ANON);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- the rest of the family ---- */

TEST(madvise_dontneed_forgets)
{
	char *p = map(4 * PAGE, RW, ANON);

	memset(p, 'a', 4 * PAGE);
	OK(madvise(p + PAGE, 2 * PAGE, MADV_DONTNEED));
	EXPECT_EQ(p[0], 'a');
	EXPECT_EQ(p[PAGE], 0);
	EXPECT_EQ(p[2 * PAGE], 0);
	EXPECT_EQ(p[3 * PAGE], 'a');
	EXPECT_ERR(madvise(p + 1, PAGE, MADV_DONTNEED), EINVAL);
	EXPECT_ERR(madvise(p, PAGE, 7777), EINVAL);
	OK(munmap(p + PAGE, PAGE));
	EXPECT_ERR(madvise(p, 4 * PAGE, MADV_DONTNEED), ENOMEM);
	OK(munmap(p, 4 * PAGE));
}

TEST(mincore_tells_what_is_there)
{
	unsigned char vec[4];
	char *p = map(4 * PAGE, RW, ANON);

	p[PAGE] = 1;
	OK(mincore(p, 4 * PAGE, vec));
	EXPECT_EQ(vec[0] & 1, 0);
	EXPECT_EQ(vec[1] & 1, 1);
	EXPECT_ERR(mincore(p + 1, PAGE, vec), EINVAL);
	OK(munmap(p, 4 * PAGE));
	EXPECT_ERR(mincore(p, PAGE, vec), ENOMEM);
}

TEST(msync_forms)
{
	int fd = OK(open("f", O_CREAT | O_RDWR, 0600));

	OK(ftruncate(fd, PAGE));
	char *p = OK(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
	OK(msync(p, PAGE, MS_SYNC));
	OK(msync(p, PAGE, MS_ASYNC));
	EXPECT_ERR(msync(p, PAGE, MS_SYNC | MS_ASYNC), EINVAL);
	EXPECT_ERR(msync(p + 1, PAGE, MS_SYNC), EINVAL);
	EXPECT_ERR(msync(p, PAGE, 0x100), EINVAL);
	OK(munmap(p, PAGE));
	EXPECT_ERR(msync(p, PAGE, MS_SYNC), ENOMEM);
	OK(close(fd));
}

TEST(proc_self_maps_shows_areas)
{
	static char text[65536], wanted[64];
	char *p = map(3 * PAGE, RW, ANON);

	OK(mprotect(p + PAGE, PAGE, PROT_READ | PROT_EXEC));
	read_file("/proc/self/maps", text, sizeof(text));
	snprintf(wanted, sizeof(wanted), "%lx-%lx r-xp 00000000 00:00 0",
		 (long)p + PAGE, (long)p + 2 * PAGE);
	EXPECT(strstr(text, wanted));
	EXPECT(strstr(text, "[stack]"));
	EXPECT(strstr(text, "/init"));
	OK(munmap(p, 3 * PAGE));
}
