/*
 * splice(2), tee(2), vmsplice(2) where they wait: for data, for room, until a
 * signal comes, and whom they wake.
 */
#include "restarttools.h"
#include "splicetools.h"

#include <poll.h>
#include <pthread.h>

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
