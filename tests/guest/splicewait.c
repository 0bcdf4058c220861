/*
 * splice(2), tee(2), vmsplice(2) where they wait: for data, for room, until a
 * signal comes, and whom they wake.
 */
#include "restarttools.h"
#include "splicetools.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

/* ---- waiting ---- */

static void file_and_pipe(void)
{
	OK(pipe(fds));
	fds[2] = file_with("f", "abc");
}

static void full_pipe_and_more(void)
{
	static char buf[CAPACITY];

	file_and_pipe();
	OK(pipe(fds + 3));
	put(fds[4], "x");
	EXPECT_EQ(write(fds[1], buf, CAPACITY), CAPACITY);
}

static long splice_out(void)
{
	return splice(fds[0], NULL, fds[2], NULL, 10, 0);
}

static long splice_in(void)
{
	return splice(fds[2], NULL, fds[1], NULL, 2, 0);
}

static long splice_between(void)
{
	return splice(fds[3], NULL, fds[1], NULL, 10, 0);
}

static long tee_between(void)
{
	return tee(fds[3], fds[1], 10, 0);
}

static long vmsplice_in(void)
{
	return vmsplice(fds[1], &(struct iovec){ "xyz", 3 }, 1, 0);
}

static long vmsplice_out(void)
{
	static char buf[10];

	return vmsplice(fds[0], &(struct iovec){ buf, 10 }, 1, 0);
}

static void give_text(void)
{
	put(fds[1], "text");
}

static void take_all(void)
{
	static char buf[CAPACITY];

	EXPECT_EQ(read(fds[0], buf, CAPACITY), CAPACITY);
}

RULE(splice_waits_for_data, .setup = file_and_pipe, .call = splice_out,
     .complete = give_text, .want = 4);
RULE(splice_waits_for_room, .setup = full_pipe_and_more, .call = splice_in,
     .complete = take_all, .want = 2);
RULE(splice_waits_for_the_other_pipe, .setup = full_pipe_and_more,
     .call = splice_between, .complete = take_all, .want = 1);
RULE(tee_waits_for_the_other_pipe, .setup = full_pipe_and_more,
     .call = tee_between, .complete = take_all, .want = 1);
RULE(vmsplice_waits_for_room, .setup = full_pipe_and_more,
     .call = vmsplice_in, .complete = take_all, .want = 3);
RULE(vmsplice_waits_for_data, .setup = file_and_pipe, .call = vmsplice_out,
     .complete = give_text, .want = 4);

/* Who sleeps in read(2) and write(2) of the pipe is woken. */
TEST(splice_wakes_readers_and_writers)
{
	int fd = file_with("f", "abc"), null = OK(open("/dev/null", O_WRONLY));
	static char buf[CAPACITY + 1];
	pid_t pid;

	open_pipe(0);
	IN_CHILD(pid)
		expect_text(r, "abc");
	wait_until_sleeping(pid);
	EXPECT_EQ(splice(fd, NULL, w, NULL, 10, 0), 3);
	EXPECT_EXIT(pid, 0);
	IN_CHILD(pid)
		EXPECT_EQ(write(w, buf, CAPACITY + 1), CAPACITY + 1);
	wait_until_sleeping(pid);
	EXPECT_EQ(splice(r, NULL, null, NULL, CAPACITY, 0), CAPACITY);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(in_pipe(r), 1);
	close_pipe();
	OK(close(fd));
	OK(close(null));
}

TEST(splice_is_seen_by_poll)
{
	int fd = file_with("f", "abc");
	pid_t pid;

	open_pipe(0);
	IN_CHILD(pid) {
		struct pollfd p = { r, POLLIN, 0 };

		EXPECT_EQ(poll(&p, 1, -1), 1);
	}
	wait_until_sleeping(pid);
	EXPECT_EQ(splice(fd, NULL, w, NULL, 10, 0), 3);
	EXPECT_EXIT(pid, 0);
	close_pipe();
	OK(close(fd));
}

/* The end of the last writer ends who waits for data. */
TEST(closing_ends_the_wait)
{
	int fd = file_with("f", ""), p[2];
	pid_t pid;

	for (int kind = 0; kind < 3; kind++) {
		open_pipe(0);
		OK(pipe(p));
		IN_CHILD(pid) {
			OK(close(w));
			EXPECT_EQ(kind == 0 ? tee(r, p[1], 9, 0) :
				  splice(r, NULL, kind == 1 ? fd : p[1], NULL,
					 9, 0), 0);
		}
		wait_until_sleeping(pid);
		close_pipe();
		EXPECT_EXIT(pid, 0);
		OK(close(p[0]));
		OK(close(p[1]));
	}
	OK(close(fd));
}

/*
 * Two threads splice to and fro between two pipes: no order deadlocks. There
 * are fewer bytes than slots, so not both pipes are full; and who is ahead
 * leaves the other enough.
 */
static int ring[2][2];

static void *carry(void *from)
{
	long i = (long)from, moved = 0;

	while (moved < 20000)
		moved += OK(splice(ring[i][0], NULL, ring[!i][1], NULL,
				   1 + moved % 5, 0));
	return NULL;
}

TEST(opposite_directions_do_not_deadlock)
{
	pthread_t a, b;
	int n = 0;

	for (int i = 0; i < 2; i++) {
		OK(pipe(ring[i]));
		put(ring[i][1], "0123456789");
	}
	EXPECT_EQ(pthread_create(&a, NULL, carry, (void *)0L), 0);
	EXPECT_EQ(pthread_create(&b, NULL, carry, (void *)1L), 0);
	EXPECT_EQ(pthread_join(a, NULL), 0);
	EXPECT_EQ(pthread_join(b, NULL), 0);
	for (int i = 0; i < 2; i++) {
		n += in_pipe(ring[i][0]);
		OK(close(ring[i][0]));
		OK(close(ring[i][1]));
	}
	EXPECT_EQ(n, 20);
}

/* ---- two that read one pipe ---- */

/*
 * The first moves the pipe's data to a socket that takes no more; the second
 * gets what the first has left, be it much, little, or the end. It waits for
 * that in a way that is the kernel's business.
 */
static int slow[2];
static pid_t first;

static void wait_until_blocked(pid_t pid)
{
	char path[64], buf[512], *paren;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	do {
		usleep(1000);
		paren = strrchr(read_file(path, buf, sizeof(buf)), ')');
		EXPECT(paren && paren[2] != 'Z');
	} while (paren[2] != 'S' && paren[2] != 'D');
}

/* The pipe holds @text and nobody writes; @len bytes of it are on their way. */
static void start_first(const char *text, size_t len)
{
	OK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, slow));
	fill(slow[0]);
	open_pipe(0);
	put(w, text);
	OK(close(w));
	IN_CHILD(first)
		EXPECT_EQ(splice(r, NULL, slow[0], NULL, len, 0), len);
	wait_until_sleeping(first);
}

static void end_slow(void)
{
	OK(close(r));
	OK(close(slow[0]));
	OK(close(slow[1]));
}

static ssize_t by_read(void *buf, size_t len)
{
	return read(r, buf, len);
}

static ssize_t by_vmsplice(void *buf, size_t len)
{
	return vmsplice(r, &(struct iovec){ buf, len }, 1, 0);
}

/* By way of another pipe. */
static ssize_t through(ssize_t (*move)(int to, size_t len), void *buf,
		       size_t len)
{
	int p[2];
	ssize_t n;

	OK(pipe(p));
	n = OK(move(p[1], len));
	OK(close(p[1]));
	EXPECT_EQ(read(p[0], buf, len), n);
	OK(close(p[0]));
	return n;
}

static ssize_t splice_to(int to, size_t len)
{
	return splice(r, NULL, to, NULL, len, 0);
}

static ssize_t tee_to(int to, size_t len)
{
	return tee(r, to, len, 0);
}

static ssize_t by_splice(void *buf, size_t len)
{
	return through(splice_to, buf, len);
}

static ssize_t by_tee(void *buf, size_t len)
{
	return through(tee_to, buf, len);
}

static ssize_t by_file(void *buf, size_t len)
{
	int fd = file_with("second", "");
	ssize_t n = OK(splice(r, NULL, fd, NULL, len, 0));

	EXPECT_EQ(pread(fd, buf, len, 0), n);
	OK(close(fd));
	return n;
}

/* FIONREAD counts; then they are taken. */
static ssize_t by_counting(void *buf, size_t len)
{
	int n;

	while ((n = in_pipe(r)) > (int)len)
		usleep(1000);
	EXPECT_EQ(read(r, buf, len), n);
	return n;
}

static ssize_t (*const ways[])(void *buf, size_t len) = {
	by_read, by_vmsplice, by_splice, by_tee, by_file, by_counting,
};

static void expect_left(ssize_t (*way)(void *, size_t), const char *text)
{
	char buf[20] = "";

	EXPECT_EQ(way(buf, strlen(text) + 1), strlen(text));
	EXPECT_STR(buf, text);
}

TEST(a_second_reader_gets_what_a_splice_leaves)
{
	pid_t second;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		start_first("abc", 2);
		IN_CHILD(second)
			expect_left(ways[i], "c");
		wait_until_blocked(second);
		drain(slow[1]);
		EXPECT_EXIT(first, 0);
		EXPECT_EXIT(second, 0);
		end_slow();
	}
}

/* Whom a signal ends in the middle takes nothing. */
TEST(a_second_reader_gets_all_that_a_killed_one_does_not)
{
	pid_t second;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		start_first("abc", 2);
		IN_CHILD(second)
			expect_left(ways[i], "abc");
		wait_until_blocked(second);
		OK(kill(first, SIGKILL));
		EXPECT_KILLED(first, SIGKILL);
		EXPECT_EXIT(second, 0);
		end_slow();
	}
}

/* Nothing is left: that is the end for each of many. */
TEST(a_splice_that_takes_the_rest_ends_all_who_wait)
{
	pid_t others[2 * ARRAY_SIZE(ways)];

	start_first("abc", 3);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		IN_CHILD(others[i])
			expect_left(ways[i % ARRAY_SIZE(ways)], "");
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		wait_until_blocked(others[i]);
	drain(slow[1]);
	EXPECT_EXIT(first, 0);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		EXPECT_EXIT(others[i], 0);
	end_slow();
}
