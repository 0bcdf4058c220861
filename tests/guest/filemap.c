/*
 * Files in memory: shared and private mappings, the page cache seen from both
 * sides, SIGBUS behind the end, truncation under a mapping.
 */
#include "test.h"

#include <sys/mman.h>

#define PAGE 4096UL
#define RW (PROT_READ | PROT_WRITE)

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

static int file_of(size_t size)
{
	int fd = OK(open("f", O_CREAT | O_RDWR | O_TRUNC, 0600));
	char page[PAGE];

	for (size_t at = 0; at < size; at += PAGE) {
		size_t n = size - at < PAGE ? size - at : PAGE;
		memset(page, 'a' + at / PAGE % 26, PAGE);
		EXPECT_EQ(write(fd, page, n), n);
	}
	return fd;
}

TEST(private_mapping_reads_the_file)
{
	int fd = file_of(3 * PAGE + 100);
	char *p = OK(mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0));

	OK(close(fd));				/* the mapping stays */
	EXPECT_EQ(p[0], 'a');
	EXPECT_EQ(p[PAGE], 'b');
	EXPECT_EQ(p[3 * PAGE + 99], 'd');
	EXPECT_EQ(p[3 * PAGE + 100], 0);	/* zeros to the page's end */
	EXPECT_EQ(p[4 * PAGE - 1], 0);
	OK(munmap(p, 4 * PAGE));
}

TEST(offsets)
{
	int fd = file_of(4 * PAGE);
	char *p = OK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 2 * PAGE));

	EXPECT_EQ(p[0], 'c');
	OK(munmap(p, PAGE));
	OK(close(fd));
}

TEST(private_writes_stay_private)
{
	char buf[2];
	int fd = file_of(2 * PAGE);
	char *p = OK(mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0));
	char *q = OK(mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0));

	p[0] = 'X';
	EXPECT_EQ(q[0], 'a');
	EXPECT_EQ(pread(fd, buf, 1, 0), 1);
	EXPECT_EQ(buf[0], 'a');
	/* A page not yet written still follows the file. */
	EXPECT_EQ(pwrite(fd, "Y", 1, PAGE), 1);
	EXPECT_EQ(p[PAGE], 'Y');
	/* One that was does not. */
	EXPECT_EQ(pwrite(fd, "Z", 1, 1), 1);
	EXPECT_EQ(p[1], 'a');
	EXPECT_EQ(q[1], 'Z');
	OK(munmap(p, 2 * PAGE));
	OK(munmap(q, 2 * PAGE));
	OK(close(fd));
}

TEST(shared_writes_reach_file_and_others)
{
	char buf[4];
	int fd = file_of(2 * PAGE);
	char *p = OK(mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0));
	char *q = OK(mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0));
	pid_t pid;

	p[5] = 'X';
	EXPECT_EQ(q[5], 'X');
	EXPECT_EQ(pread(fd, buf, 1, 5), 1);
	EXPECT_EQ(buf[0], 'X');
	EXPECT_EQ(pwrite(fd, "Y", 1, 6), 1);
	EXPECT_EQ(p[6], 'Y');
	IN_CHILD(pid)
		p[PAGE + 7] = 'Z';
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(q[PAGE + 7], 'Z');
	OK(munmap(p, 2 * PAGE));
	OK(munmap(q, 2 * PAGE));
	EXPECT_EQ(pread(fd, buf, 1, PAGE + 7), 1);
	EXPECT_EQ(buf[0], 'Z');
	OK(close(fd));
}

TEST(shared_anonymous_mappings_belong_to_the_family)
{
	char *p = OK(mmap(NULL, 16 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1,
			  0));
	pid_t pid;

	IN_CHILD(pid) {
		pid_t kid;

		p[0] = 1;
		IN_CHILD(kid)
			p[15 * PAGE] = 2;
		EXPECT_EXIT(kid, 0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(p[0], 1);
	EXPECT_EQ(p[15 * PAGE], 2);
	EXPECT_EQ(p[PAGE], 0);
	OK(munmap(p, 16 * PAGE));
}

TEST(behind_the_end_is_sigbus)
{
	int fd = file_of(PAGE + 10);
	char *p = OK(mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0));

	EXPECT_EQ(touch(p + PAGE + 4000, false), 0);
	EXPECT_EQ(touch(p + 2 * PAGE, false), SIGBUS);
	EXPECT_EQ(touch(p + 3 * PAGE, true), SIGBUS);
	/* It appears when the file grows. */
	OK(ftruncate(fd, 4 * PAGE));
	EXPECT_EQ(touch(p + 3 * PAGE, true), 0);
	/* And goes when it shrinks, touched or not. */
	OK(ftruncate(fd, PAGE));
	EXPECT_EQ(touch(p + 3 * PAGE, false), SIGBUS);
	EXPECT_EQ(touch(p + PAGE, false), SIGBUS);
	EXPECT_EQ(touch(p, false), 0);
	OK(munmap(p, 4 * PAGE));
	OK(close(fd));
}

TEST(sigbus_tells_code_and_address)
{
	int fd = file_of(10), fds[2];
	char *p = OK(mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0));
	pid_t pid;

	OK(pipe(fds));
	IN_CHILD(pid) {
		extern void report_sigbus(int, siginfo_t *, void *);
		struct sigaction sa = {
			.sa_sigaction = report_sigbus, .sa_flags = SA_SIGINFO
		};
		OK(dup2(fds[1], 60));
		OK(sigaction(SIGBUS, &sa, NULL));
		(void)*(volatile char *)(p + PAGE + 3);
	}
	EXPECT_EXIT(pid, 5);
	siginfo_t si;
	EXPECT_EQ(read(fds[0], &si, sizeof(si)), sizeof(si));
	EXPECT_EQ(si.si_code, BUS_ADRERR);
	EXPECT(si.si_addr == p + PAGE + 3);
	OK(close(fds[0]));
	OK(close(fds[1]));
	OK(munmap(p, 2 * PAGE));
	OK(close(fd));
}

void report_sigbus(int sig, siginfo_t *si, void *uc)
{
	(void)sig, (void)uc;
	write(60, si, sizeof(*si));
	_exit(5);
}

/* A system call meets the missing page too: EFAULT, no signal. */
TEST(system_calls_behind_the_end)
{
	int fd = file_of(10), null = OK(open("/dev/null", O_WRONLY));
	int fds[2];
	char *p = OK(mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0));

	OK(pipe(fds));
	EXPECT_ERR(write(fds[1], p + PAGE, 10), EFAULT);
	OK(close(fds[0]));
	OK(close(fds[1]));
	OK(close(null));
	OK(munmap(p, 2 * PAGE));
	OK(close(fd));
}

TEST(truncation_removes_private_copies)
{
	int fd = file_of(3 * PAGE);
	char *p = OK(mmap(NULL, 3 * PAGE, RW, MAP_PRIVATE, fd, 0));

	p[2 * PAGE] = 'X';			/* our own copy */
	OK(ftruncate(fd, PAGE));
	EXPECT_EQ(touch(p + 2 * PAGE, false), SIGBUS);
	OK(munmap(p, 3 * PAGE));
	OK(close(fd));
}

/* The part of the last page behind the end is cleared by truncation. */
TEST(truncation_clears_the_mapped_tail)
{
	int fd = file_of(PAGE);
	char *p = OK(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));

	OK(ftruncate(fd, 100));
	EXPECT_EQ(p[99], 'a');
	EXPECT_EQ(p[100], 0);
	EXPECT_EQ(p[4095], 0);
	OK(munmap(p, PAGE));
	OK(close(fd));
}

TEST(modes_of_the_descriptor)
{
	int r, w;

	OK(close(file_of(PAGE)));
	r = OK(open("f", O_RDONLY));
	w = OK(open("f", O_WRONLY));
	EXPECT_ERR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, w, 0), EACCES);
	EXPECT_ERR(mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, w, 0), EACCES);
	EXPECT_ERR(mmap(NULL, PAGE, RW, MAP_SHARED, r, 0), EACCES);
	/* Private copies of a read-only file may be written. */
	char *p = OK(mmap(NULL, PAGE, RW, MAP_PRIVATE, r, 0));
	p[0] = 'X';
	OK(munmap(p, PAGE));
	/* A read-only shared mapping cannot be made writable later. */
	p = OK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, r, 0));
	EXPECT_ERR(mprotect(p, PAGE, RW), EACCES);
	OK(munmap(p, PAGE));
	OK(close(r));
	OK(close(w));
}

TEST(holes_are_filled_by_writing)
{
	struct stat st;
	int fd = OK(open("f", O_CREAT | O_RDWR, 0600));

	OK(ftruncate(fd, 100 * PAGE));
	char *p = OK(mmap(NULL, 100 * PAGE, RW, MAP_SHARED, fd, 0));
	EXPECT_EQ(p[50 * PAGE], 0);
	p[99 * PAGE] = 'x';
	OK(fstat(fd, &st));
	EXPECT(st.st_blocks >= 8 && st.st_blocks <= 8 * 40);
	char c;
	EXPECT_EQ(pread(fd, &c, 1, 99 * PAGE), 1);
	EXPECT_EQ(c, 'x');
	OK(munmap(p, 100 * PAGE));
	OK(close(fd));
}

TEST(reading_a_file_into_its_own_mapping)
{
	int fd = file_of(2 * PAGE);
	char *p = OK(mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0));

	EXPECT_EQ(pread(fd, p + PAGE, PAGE, 0), PAGE);
	EXPECT_EQ(p[PAGE], 'a');
	EXPECT_EQ(pwrite(fd, p, PAGE, PAGE), PAGE);
	/* Untouched pages: the copy has to fault while it is under way. */
	OK(munmap(p, 2 * PAGE));
	p = OK(mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0));
	EXPECT_EQ(pwrite(fd, p, PAGE, 0), PAGE);
	EXPECT_EQ(pread(fd, p, PAGE, PAGE), PAGE);
	OK(munmap(p, 2 * PAGE));
	OK(close(fd));
}

TEST(unlinked_files_live_in_mappings)
{
	int fd = file_of(PAGE);
	char *p = OK(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));

	OK(close(fd));
	OK(unlink("f"));
	EXPECT_EQ(p[0], 'a');
	p[0] = 'b';
	EXPECT_EQ(p[0], 'b');
	OK(munmap(p, PAGE));
}

TEST(dev_zero_maps_as_anonymous_memory)
{
	int fd = OK(open("/dev/zero", O_RDWR));
	char *p = OK(mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0));
	char *s = OK(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0));
	pid_t pid;

	OK(close(fd));
	EXPECT_EQ(p[0], 0);
	p[0] = 'a';
	IN_CHILD(pid)
		s[0] = 'b';
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(s[0], 'b');
	OK(munmap(p, 2 * PAGE));
	OK(munmap(s, PAGE));
}

/* Several processes write and truncate one mapped file; nothing breaks. */
TEST_SECONDS(writers_against_truncation, 120)
{
	enum { ROUNDS = 200, SIZE = 16 };
	int fd = file_of(SIZE * PAGE);
	pid_t writers[3], cutter;

	for (int w = 0; w < 3; w++)
		IN_CHILD(writers[w]) {
			char *p = OK(mmap(NULL, SIZE * PAGE, RW, MAP_SHARED,
					  fd, 0));
			for (int i = 0; i < ROUNDS; i++) {
				/* A store past the end would be SIGBUS. */
				p[w] = i;
				char c = 'k';
				EXPECT_EQ(pwrite(fd, &c, 1, (i % SIZE) * PAGE),
					  1);
				EXPECT(pread(fd, p + w, 1, 0) == 1);
			}
		}
	IN_CHILD(cutter)
		for (int i = 0; i < ROUNDS; i++) {
			OK(ftruncate(fd, PAGE));
			OK(ftruncate(fd, SIZE * PAGE));
		}
	for (int w = 0; w < 3; w++)
		EXPECT_EXIT(writers[w], 0);
	EXPECT_EXIT(cutter, 0);
	OK(close(fd));
}

TEST(a_failed_write_behind_the_end_changes_nothing)
{
	int fd = file_of(100);
	char *gone = OK(mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			     0));
	struct stat st;

	OK(munmap(gone, PAGE));
	EXPECT_ERR(pwrite(fd, gone, 10, 2 * PAGE + 5), EFAULT);
	EXPECT_ERR(pwrite(fd, gone, PAGE, 100), EFAULT);
	EXPECT_ERR(pwrite(fd, NULL, 3 * PAGE, 50), EFAULT);
	OK(fstat(fd, &st));
	EXPECT_EQ(st.st_size, 100);
	OK(close(fd));
}
