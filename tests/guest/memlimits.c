/*
 * Limits on memory: how much address space, data and stack a process may have,
 * and how much of it may be locked.
 */
#include "test.h"

#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>

#define PAGE	4096UL
#define MiB	(1UL << 20)
#define RW	(PROT_READ | PROT_WRITE)
#define ANON	(MAP_PRIVATE | MAP_ANONYMOUS)
#define USER	4711

static void set_limit(int which, rlim_t soft, rlim_t hard)
{
	struct rlimit limit = { soft, hard };

	OK(setrlimit(which, &limit));
}

static char *map(size_t len)
{
	return OK(mmap(NULL, len, RW, ANON, -1, 0));
}

static long raw_brk(long to)
{
	return syscall(SYS_brk, to);
}

/* ---- address space ---- */

TEST(address_space_of_every_kind)
{
	int id = OK(shmget(IPC_PRIVATE, 8 * MiB, 0600));
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));
	pid_t pid;

	OK(ftruncate(fd, 8 * MiB));
	IN_CHILD(pid) {
		long end = raw_brk(0);
		rlim_t used = proc_number("/proc/self/statm", "") * PAGE;

		set_limit(RLIMIT_AS, used + 4 * MiB, RLIM_INFINITY);
		EXPECT_EQ(raw_brk(end + 8 * MiB), end);
		EXPECT_ERR((long)shmat(id, NULL, 0), ENOMEM);
		EXPECT_ERR(mmap(NULL, 8 * MiB, PROT_READ, MAP_SHARED, fd, 0),
			   ENOMEM);
		EXPECT_ERR(mmap(NULL, 8 * MiB, PROT_NONE, ANON, -1, 0),
			   ENOMEM);
		char *p = map(2 * MiB);
		EXPECT_ERR(mremap(p, 2 * MiB, 8 * MiB, MREMAP_MAYMOVE),
			   ENOMEM);
		/* Replaced is not added. */
		OK(mmap(p, 2 * MiB, RW, ANON | MAP_FIXED, -1, 0));
		OK(mmap(p, 2 * MiB, RW, ANON | MAP_FIXED, -1, 0));
		OK(munmap(p, 2 * MiB));
		/* Less than there is: nothing more, but nothing is lost. */
		p = map(MiB);
		set_limit(RLIMIT_AS, PAGE, RLIM_INFINITY);
		memset(p, 1, MiB);
		EXPECT_ERR(mmap(NULL, PAGE, RW, ANON, -1, 0), ENOMEM);
		pid_t kid = fork();
		if (kid == 0)
			_exit(3);
		EXPECT_EXIT(kid, 3);
	}
	EXPECT_EXIT(pid, 0);
	OK(shmctl(id, IPC_RMID, NULL));
	OK(close(fd));
}

static char *stack_pointer(void)
{
	char *sp;

	asm volatile("mov %%rsp, %0" : "=r"(sp));
	return sp;
}

TEST(the_stack_is_part_of_it)
{
	pid_t pid;

	IN_CHILD(pid) {
		set_limit(RLIMIT_AS, PAGE, RLIM_INFINITY);
		*(volatile char *)(stack_pointer() - MiB) = 1;
	}
	EXPECT_KILLED(pid, SIGSEGV);
}

TEST(a_stack_limit_holds_at_once)
{
	pid_t pid;

	IN_CHILD(pid) {
		*(volatile char *)(stack_pointer() - MiB) = 1;
		set_limit(RLIMIT_STACK, MiB / 2, RLIM_INFINITY);
		/* What there is stays. */
		*(volatile char *)(stack_pointer() - MiB) = 1;
		set_limit(RLIMIT_STACK, 16 * MiB, RLIM_INFINITY);
		*(volatile char *)(stack_pointer() - 4 * MiB) = 1;
		set_limit(RLIMIT_STACK, MiB, RLIM_INFINITY);
		*(volatile char *)(stack_pointer() - 5 * MiB) = 1;
	}
	EXPECT_KILLED(pid, SIGSEGV);
}

/* ---- data ---- */

TEST(data_is_what_is_private_and_writable)
{
	int fd = OK(open("f", O_RDWR | O_CREAT, 0600));
	pid_t pid;

	OK(ftruncate(fd, 64 * MiB));
	IN_CHILD(pid) {
		set_limit(RLIMIT_DATA, 32 * MiB, RLIM_INFINITY);
		EXPECT_ERR(mmap(NULL, 64 * MiB, RW, ANON, -1, 0), ENOMEM);
		EXPECT_ERR(mmap(NULL, 64 * MiB, RW, MAP_PRIVATE, fd, 0),
			   ENOMEM);
		OK(mmap(NULL, 64 * MiB, RW, MAP_SHARED, fd, 0));
		OK(mmap(NULL, 64 * MiB, RW, MAP_SHARED | MAP_ANONYMOUS, -1,
			0));
		char *p = OK(mmap(NULL, 64 * MiB, PROT_READ, ANON, -1, 0));
		EXPECT_ERR(mprotect(p, 64 * MiB, RW), ENOMEM);
		OK(mprotect(p, 4 * MiB, RW));
		EXPECT_ERR(mremap(p, 4 * MiB, 64 * MiB, MREMAP_MAYMOVE),
			   ENOMEM);
		OK(mprotect(p, 4 * MiB, PROT_READ));
		OK(munmap(OK(map(4 * MiB)), 4 * MiB));
	}
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
}

/* A soft limit of 0 means the hard one, except to the heap. */
TEST(no_data_at_all)
{
	pid_t pid;

	IN_CHILD(pid) {
		long end = raw_brk(0);

		set_limit(RLIMIT_DATA, 0, 64 * MiB);
		EXPECT_EQ(raw_brk(end + MiB), end);
		OK(munmap(map(16 * MiB), 16 * MiB));
		EXPECT_ERR(mmap(NULL, 64 * MiB, RW, ANON, -1, 0), ENOMEM);
		set_limit(RLIMIT_DATA, 0, 0);
		EXPECT_ERR(mmap(NULL, PAGE, RW, ANON, -1, 0), ENOMEM);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- locked memory ---- */

static long locked(void)
{
	return proc_number("/proc/self/status", "VmLck:");
}

#define IN_USER_WITH(pid, bytes)					\
	for (pid = lockers_child(bytes); pid == 0; _exit(0))

/* A child without privilege that may lock @bytes. */
static pid_t lockers_child(rlim_t bytes)
{
	pid_t pid = OK(fork());

	if (pid == 0) {
		set_limit(RLIMIT_MEMLOCK, bytes, bytes);
		become_user(USER, USER);
	}
	return pid;
}

TEST(so_much_may_be_locked)
{
	pid_t pid;

	IN_USER_WITH(pid, 4 * PAGE) {
		char *p = map(8 * PAGE);

		EXPECT_ERR(mlock(p, 5 * PAGE), ENOMEM);
		EXPECT_EQ(locked(), 0);
		OK(mlock(p, 4 * PAGE));
		EXPECT_EQ(locked(), 16);
		EXPECT_ERR(mlock(p + 4 * PAGE, 1), ENOMEM);
		/* Twice locked counts once. */
		OK(mlock(p + 1, 4 * PAGE - 1));
		OK(mlock2(p, 4 * PAGE, MLOCK_ONFAULT));
		EXPECT_EQ(locked(), 16);
		EXPECT_ERR(mlock(p + 2 * PAGE, 3 * PAGE), ENOMEM);
		OK(munlock(p, 2 * PAGE));
		EXPECT_EQ(locked(), 8);
		OK(mlock(p + 4 * PAGE, 2 * PAGE));
		OK(munmap(p, 8 * PAGE));
		EXPECT_EQ(locked(), 0);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(nothing_may_be_locked)
{
	pid_t pid;

	IN_USER_WITH(pid, 0) {
		char *p = map(PAGE);

		EXPECT_ERR(mlock(p, PAGE), EPERM);
		EXPECT_ERR(mlock2(p, PAGE, MLOCK_ONFAULT), EPERM);
		EXPECT_ERR(mlockall(MCL_CURRENT), EPERM);
		EXPECT_ERR(mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0),
			   EPERM);
		OK(munlock(p, PAGE));
		OK(munlockall());
	}
	EXPECT_EXIT(pid, 0);
	/* Less than a page is not nothing, but of no use. */
	IN_USER_WITH(pid, PAGE - 1) {
		char *p = map(PAGE);

		EXPECT_ERR(mlock(p, 1), ENOMEM);
		OK(mlock(p, 0));
		/* As whole pages that is none. */
		OK(mlock(p, -1UL));
		OK(munlock(p + 1, -PAGE));
		EXPECT_ERR(mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0),
			   EAGAIN);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(mappings_that_are_locked)
{
	pid_t pid;

	IN_USER_WITH(pid, 4 * PAGE) {
		char *p;

		EXPECT_ERR(mmap(NULL, 5 * PAGE, RW, ANON | MAP_LOCKED, -1, 0),
			   EAGAIN);
		p = OK(mmap(NULL, 3 * PAGE, RW, ANON | MAP_LOCKED, -1, 0));
		EXPECT_EQ(locked(), 12);
		EXPECT_ERR(mremap(p, 3 * PAGE, 8 * PAGE, MREMAP_MAYMOVE),
			   EAGAIN);
		p = OK(mremap(p, 3 * PAGE, 4 * PAGE, MREMAP_MAYMOVE));
		EXPECT_EQ(locked(), 16);
		EXPECT_ERR(madvise(p, 4 * PAGE, MADV_DONTNEED), EINVAL);
		p = OK(mremap(p, 4 * PAGE, PAGE, 0));
		EXPECT_EQ(locked(), 4);
		OK(munmap(p, PAGE));
	}
	EXPECT_EXIT(pid, 0);
}

TEST(all_that_is_and_that_will_be)
{
	pid_t pid;

	EXPECT_ERR(mlockall(0), EINVAL);
	EXPECT_ERR(mlockall(8), EINVAL);
	EXPECT_ERR(mlockall(MCL_ONFAULT), EINVAL);
	IN_USER_WITH(pid, 64 * PAGE) {
		long end = raw_brk(0);
		char *p;

		EXPECT_ERR(mlockall(MCL_CURRENT), ENOMEM);
		EXPECT_ERR(mlockall(MCL_CURRENT | MCL_FUTURE), ENOMEM);
		OK(mlockall(MCL_FUTURE));
		EXPECT_EQ(locked(), 0);
		EXPECT_ERR(mmap(NULL, 65 * PAGE, RW, ANON, -1, 0), EAGAIN);
		EXPECT_EQ(raw_brk(end + 65 * PAGE), end);
		p = map(16 * PAGE);
		EXPECT_EQ(locked(), 64);
		OK(munlock(p, 16 * PAGE));
		EXPECT_EQ(locked(), 0);
		OK(mlockall(MCL_FUTURE | MCL_ONFAULT));
		p = map(PAGE);
		EXPECT_EQ(locked(), 4);
		OK(munlockall());
		EXPECT_EQ(locked(), 0);
		map(65 * PAGE);
		EXPECT_EQ(locked(), 0);
	}
	EXPECT_EXIT(pid, 0);
}

HELPER(nothing_is_locked)
{
	map(PAGE);
	return locked() == 0 ? 0 : 1;
}

TEST(locks_are_not_inherited)
{
	char *argv[] = { HELPER_ARGV("nothing_is_locked"), NULL };
	char *p = map(4 * PAGE);
	pid_t pid;

	IN_CHILD(pid) {
		pid_t kid;

		OK(mlock(p, 4 * PAGE));
		OK(mlockall(MCL_FUTURE));
		IN_CHILD(kid) {
			EXPECT_EQ(locked(), 0);
			map(PAGE);
			EXPECT_EQ(locked(), 0);
		}
		EXPECT_EXIT(kid, 0);
		EXPECT_EQ(locked(), 16);
		execv(SELF, argv);
	}
	EXPECT_EXIT(pid, 0);
	OK(munmap(p, 4 * PAGE));
}

TEST(what_cannot_be_locked)
{
	char *p = map(4 * PAGE);
	pid_t pid;

	EXPECT_ERR(mlock2(p, PAGE, 2), EINVAL);
	EXPECT_ERR(mlock(p, -PAGE), EINVAL);
	EXPECT_ERR(munlock(p, -PAGE), EINVAL);
	OK(munmap(p + 2 * PAGE, PAGE));
	IN_CHILD(pid) {
		EXPECT_ERR(mlock(p, 4 * PAGE), ENOMEM);
		EXPECT_ERR(munlock(p, 4 * PAGE), ENOMEM);
		/* Locked it is, though it cannot be made present. */
		EXPECT_EQ(locked(), 0);
		OK(mprotect(p + 3 * PAGE, PAGE, PROT_NONE));
		EXPECT_ERR(mlock(p + 3 * PAGE, PAGE), ENOMEM);
		EXPECT_EQ(locked(), 4);
	}
	EXPECT_EXIT(pid, 0);
	OK(munmap(p, 4 * PAGE));
}

TEST(locked_memory_is_there)
{
	unsigned char there[4];
	char *p = map(4 * PAGE);

	OK(mlock2(p, 2 * PAGE, MLOCK_ONFAULT));
	OK(mlock(p + 2 * PAGE, 2 * PAGE));
	OK(mincore(p, 4 * PAGE, there));
	EXPECT_EQ(there[0] & 1, 0);
	EXPECT_EQ(there[2] & 1, 1);
	EXPECT_EQ(there[3] & 1, 1);
	OK(munmap(p, 4 * PAGE));
}

static char *start_of_stack(void)
{
	static char buf[65536];
	char *end = strstr(read_file("/proc/self/maps", buf, sizeof(buf)),
			   "[stack]");

	EXPECT(end);
	while (end > buf && end[-1] != '\n')
		end--;
	return (char *)strtoul(end, NULL, 16);
}

/* The part that grows would be locked, and that is too much. */
TEST(a_locked_stack_grows_within_the_limit)
{
	pid_t pid;

	IN_USER_WITH(pid, 64 * PAGE) {
		char *start = start_of_stack();

		OK(mlock(start, PAGE));
		*(volatile char *)(start - 8 * PAGE) = 1;
		EXPECT_EQ(locked(), 36);
		*(volatile char *)(start - MiB) = 1;
	}
	EXPECT_KILLED(pid, SIGSEGV);
}
