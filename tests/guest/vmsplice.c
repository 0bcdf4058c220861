/*
 * vmsplice(2) shares the caller's pages with the pipe: what a reader gets when
 * they have been written to, unmapped, or copied in between.
 */
#include "splicetools.h"

#include <sys/mman.h>
#include <sys/socket.h>

#define PAGE	4096

static char *map(size_t pages, int flags)
{
	char *mem = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
			 flags | MAP_ANONYMOUS, -1, 0);

	EXPECT(mem != MAP_FAILED);
	return mem;
}

/* The word at @at, with or without a gift. */
static void give(const char *at, int flags)
{
	EXPECT_EQ(vmsplice(w, &(struct iovec){ (char *)at, 3 }, 1, flags), 3);
}

TEST(later_writes_are_read)
{
	int kinds[] = { MAP_PRIVATE, MAP_SHARED };

	open_pipe(0);
	for (int i = 0; i < 4; i++) {
		char *mem = map(1, kinds[i / 2]);

		strcpy(mem + 100, "old");
		give(mem + 100, i % 2 ? SPLICE_F_GIFT : 0);
		strcpy(mem + 100, "new");
		expect_text(r, "new");
		OK(munmap(mem, PAGE));
	}
	close_pipe();
}

TEST(later_writes_to_a_file_are_read)
{
	int fd = file_with("f", "old");
	char *mem = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);

	EXPECT(mem != MAP_FAILED);
	open_pipe(0);
	give(mem, 0);
	EXPECT_EQ(pwrite(fd, "new", 3, 0), 3);
	expect_text(r, "new");
	/* It has no page there any more, the pipe has. */
	give(mem, 0);
	OK(ftruncate(fd, 0));
	EXPECT_ERR(vmsplice(w, &(struct iovec){ mem, 3 }, 1, 0), EFAULT);
	EXPECT_EQ(in_pipe(r), 3);
	OK(close(r));
	OK(close(w));
	OK(munmap(mem, PAGE));
	OK(close(fd));
}

/* A write behind what was given, by way of the pipe, goes elsewhere. */
TEST(a_write_to_the_pipe_leaves_the_memory_alone)
{
	char *mem = map(1, MAP_PRIVATE);

	memset(mem, '.', PAGE);
	open_pipe(0);
	memcpy(mem, "abc", 3);
	give(mem, SPLICE_F_GIFT);
	put(w, "def");
	EXPECT_MEM(mem, "abc...", 6);
	expect_text(r, "abcdef");
	/* Nor is the page used again for what is written next. */
	for (int i = 0; i < 40; i++) {
		put(w, "xyz");
		expect_text(r, "xyz");
	}
	EXPECT_MEM(mem, "abc...", 6);
	close_pipe();
	OK(munmap(mem, PAGE));
}

TEST(what_is_unmapped_stays_in_the_pipe)
{
	open_pipe(0);
	for (int i = 0; i < 20; i++) {
		char *mem = map(1, i % 2 ? MAP_PRIVATE : MAP_SHARED), *more;

		strcpy(mem, "old");
		give(mem, 0);
		if (i % 4 < 2) {
			OK(munmap(mem, PAGE));
			mem = map(1, MAP_PRIVATE);
		} else {
			OK(madvise(mem, PAGE, MADV_DONTNEED));
		}
		more = map(16, MAP_PRIVATE);
		memset(more, '!', 16 * PAGE);
		memset(mem, '?', PAGE);
		/* Shared memory's page is the same one when it is back. */
		expect_text(r, i % 4 == 2 ? "???" : "old");
		OK(munmap(mem, PAGE));
		OK(munmap(more, 16 * PAGE));
	}
	close_pipe();
}

/* Zeros nobody wrote yet are not the page that a write makes. */
TEST(untouched_memory_is_zeros)
{
	char *mem = map(1, MAP_PRIVATE), buf[3] = "??";

	open_pipe(0);
	give(mem, 0);
	strcpy(mem, "new");
	EXPECT_EQ(read(r, buf, 3), 3);
	EXPECT_MEM(buf, "\0\0\0", 3);
	give(mem, 0);
	expect_text(r, "new");
	close_pipe();
	OK(munmap(mem, PAGE));
}

/* A private page of a file is the file's, until it is written to. */
TEST(private_file_pages)
{
	int fd = file_with("f", "old");
	char *mem = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd,
			 0);

	EXPECT(mem != MAP_FAILED);
	open_pipe(0);
	give(mem, 0);
	memcpy(mem, "new", 3);
	expect_text(r, "old");
	give(mem, 0);
	memcpy(mem, "NEW", 3);
	EXPECT_EQ(pwrite(fd, "OLD", 3, 0), 3);
	expect_text(r, "NEW");
	close_pipe();
	OK(munmap(mem, PAGE));
	OK(close(fd));
}

/*
 * After a fork the writer gets a page of its own, and the pipe keeps what it
 * was given: nobody sees through it what another process writes.
 */
TEST(fork_parts_them)
{
	char *mem = map(1, MAP_PRIVATE);
	struct event done;
	pid_t pid;

	open_pipe(0);
	strcpy(mem, "old");
	give(mem, 0);
	event_init(&done);
	IN_CHILD(pid)
		event_wait(&done);
	strcpy(mem, "new");
	expect_text(r, "old");
	event_signal(&done);
	EXPECT_EXIT(pid, 0);
	/* The child gives what it shares with us, and is gone. */
	IN_CHILD(pid)
		give(mem, 0);
	EXPECT_EXIT(pid, 0);
	strcpy(mem, "sec");
	expect_text(r, "new");
	give(mem, 0);
	strcpy(mem, "ret");
	expect_text(r, "ret");
	event_close(&done);
	close_pipe();
	OK(munmap(mem, PAGE));
}

TEST(protection_does_not_part_them)
{
	char *mem = map(1, MAP_PRIVATE);

	open_pipe(0);
	strcpy(mem, "old");
	give(mem, 0);
	OK(mprotect(mem, PAGE, PROT_READ));
	OK(mprotect(mem, PAGE, PROT_READ | PROT_WRITE));
	strcpy(mem, "new");
	expect_text(r, "new");
	OK(mprotect(mem, PAGE, PROT_NONE));
	EXPECT_ERR(vmsplice(w, &(struct iovec){ mem, 3 }, 1, 0), EFAULT);
	OK(mprotect(mem, PAGE, PROT_READ));
	give(mem, 0);
	expect_text(r, "new");
	close_pipe();
	OK(munmap(mem, PAGE));
}

/* Through tee(2) and splice(2) it is still the same page. */
TEST(other_pipes_share_it)
{
	char *mem = map(1, MAP_PRIVATE);
	int p[2], q[2], fd = file_with("f", "");

	open_pipe(0);
	OK(pipe(p));
	OK(pipe(q));
	strcpy(mem, "old");
	give(mem, 0);
	EXPECT_EQ(tee(r, p[1], 10, 0), 3);
	EXPECT_EQ(splice(r, NULL, q[1], NULL, 10, 0), 3);
	EXPECT_EQ(splice(q[0], NULL, fd, NULL, 10, 0), 3);
	strcpy(mem, "new");
	expect_text(p[0], "new");
	OK(lseek(fd, 0, SEEK_SET));
	expect_text(fd, "old");
	close_pipe();
	OK(close(p[0]));
	OK(close(p[1]));
	OK(close(q[0]));
	OK(close(q[1]));
	OK(close(fd));
	OK(munmap(mem, PAGE));
}

/* What can be given before the first page that cannot is. */
TEST(a_hole_ends_it)
{
	char *mem = map(3, MAP_PRIVATE);
	struct iovec iov[] = {
		{ mem, 0 }, { mem + PAGE - 2, 2 }, { NULL, 0 },
		{ mem + 2 * PAGE - 1, 2 },
	};
	char buf[8];

	memcpy(mem + PAGE - 2, "ab", 2);
	mem[2 * PAGE - 1] = 'c';
	OK(munmap(mem + 2 * PAGE, PAGE));
	open_pipe(0);
	EXPECT_EQ(vmsplice(w, iov, 4, 0), 3);
	EXPECT_EQ(read(r, buf, 8), 3);
	EXPECT_MEM(buf, "abc", 3);
	iov[3].iov_base = mem + 2 * PAGE;
	EXPECT_ERR(vmsplice(w, iov + 2, 2, 0), EFAULT);
	EXPECT_EQ(in_pipe(r), 0);
	close_pipe();
	OK(munmap(mem, 2 * PAGE));
}

/* Given away, and the giver gone: the reader gets it all the same. */
TEST(the_giver_may_end)
{
	static char got[CAPACITY];
	pid_t pid;

	open_pipe(0);
	IN_CHILD(pid) {
		char *mem = map(16, MAP_PRIVATE);

		for (int i = 0; i < 16; i++)
			memset(mem + i * PAGE, 'a' + i, PAGE);
		EXPECT_EQ(vmsplice(w, &(struct iovec){ mem, CAPACITY }, 1,
				   SPLICE_F_GIFT), CAPACITY);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(read(r, got, CAPACITY), CAPACITY);
	for (int i = 0; i < CAPACITY; i++)
		EXPECT_EQ(got[i], 'a' + i / PAGE);
	close_pipe();
}
