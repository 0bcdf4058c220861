/* Pipes: order, end of file, SIGPIPE, atomic writes, capacity, flags. */
#include "test.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

static void close_both(int fds[2])
{
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(bytes_come_out_in_order)
{
	int fds[2];
	char buf[16];

	OK(pipe(fds));
	EXPECT_EQ(write(fds[1], "hello ", 6), 6);
	EXPECT_EQ(write(fds[1], "world", 5), 5);
	EXPECT_EQ(read(fds[0], buf, 3), 3);
	EXPECT_MEM(buf, "hel", 3);
	EXPECT_EQ(read(fds[0], buf, sizeof(buf)), 8);
	EXPECT_MEM(buf, "lo world", 8);
	close_both(fds);
}

TEST(lowest_descriptors_reading_first)
{
	int fds[2];

	OK(pipe(fds));
	EXPECT_EQ(fds[0], 3);
	EXPECT_EQ(fds[1], 4);
	EXPECT_EQ(fcntl(fds[0], F_GETFL), O_RDONLY);
	EXPECT_EQ(fcntl(fds[1], F_GETFL), O_WRONLY);
	EXPECT_ERR(write(fds[0], "x", 1), EBADF);
	EXPECT_ERR(read(fds[1], fds, 1), EBADF);
	close_both(fds);
}

TEST(pipe2_flags)
{
	int fds[2];
	char c;

	OK(pipe2(fds, O_CLOEXEC | O_NONBLOCK));
	EXPECT_EQ(fcntl(fds[0], F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(fds[1], F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(fds[0], F_GETFL), O_RDONLY | O_NONBLOCK);
	EXPECT_ERR(read(fds[0], &c, 1), EAGAIN);
	close_both(fds);
	EXPECT_ERR(pipe2(fds, O_APPEND), EINVAL);
	EXPECT_ERR(syscall(SYS_pipe2, 8L, 0), EFAULT);
	EXPECT_ERR(syscall(SYS_pipe, 8L), EFAULT);
}

TEST(end_of_file_when_all_writers_are_gone)
{
	int fds[2], copy;
	char c;

	OK(pipe(fds));
	copy = OK(dup(fds[1]));
	EXPECT_EQ(write(fds[1], "x", 1), 1);
	OK(close(fds[1]));
	EXPECT_EQ(read(fds[0], &c, 1), 1);
	OK(fcntl(fds[0], F_SETFL, O_NONBLOCK));
	EXPECT_ERR(read(fds[0], &c, 1), EAGAIN);	/* copy still writes */
	OK(close(copy));
	EXPECT_EQ(read(fds[0], &c, 1), 0);
	EXPECT_EQ(read(fds[0], &c, 1), 0);
	OK(close(fds[0]));
}

TEST(closing_the_writer_wakes_the_reader)
{
	int fds[2];
	char c;
	pid_t pid;

	OK(pipe(fds));
	IN_CHILD(pid) {
		OK(close(fds[1]));
		EXPECT_EQ(read(fds[0], &c, 1), 0);
	}
	OK(close(fds[0]));
	wait_until_sleeping(pid);
	OK(close(fds[1]));
	EXPECT_EXIT(pid, 0);
}

static volatile sig_atomic_t broken;

static void on_sigpipe(int sig)
{
	(void)sig;
	broken++;
}

TEST(writing_without_readers)
{
	int fds[2];
	pid_t pid;

	OK(pipe(fds));
	OK(close(fds[0]));
	IN_CHILD(pid)
		write(fds[1], "x", 1);
	EXPECT_KILLED(pid, SIGPIPE);

	signal(SIGPIPE, on_sigpipe);
	EXPECT_ERR(write(fds[1], "x", 1), EPIPE);
	EXPECT_EQ(broken, 1);
	signal(SIGPIPE, SIG_IGN);
	EXPECT_ERR(write(fds[1], "x", 1), EPIPE);
	/* Nothing to write is no reason to look. */
	EXPECT_EQ(write(fds[1], "", 0), 0);
	OK(close(fds[1]));
}

TEST(closing_the_reader_wakes_the_writer)
{
	static char big[200000];
	int fds[2];
	pid_t pid;

	OK(pipe(fds));
	IN_CHILD(pid) {
		signal(SIGPIPE, SIG_IGN);
		OK(close(fds[0]));
		/* Part of it went in before the reader was lost. */
		EXPECT_EQ(write(fds[1], big, sizeof(big)), 65536);
		EXPECT_ERR(write(fds[1], big, 1), EPIPE);
	}
	OK(close(fds[1]));
	wait_until_sleeping(pid);
	OK(close(fds[0]));
	EXPECT_EXIT(pid, 0);
}

TEST(capacity_is_64_kib)
{
	static char buf[4096];
	int fds[2], n = 0, unread;

	OK(pipe2(fds, O_NONBLOCK));
	while (write(fds[1], buf, sizeof(buf)) == sizeof(buf))
		n++;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_EQ(n, 16);
	OK(ioctl(fds[0], FIONREAD, &unread));
	EXPECT_EQ(unread, 65536);
	EXPECT_EQ(fcntl(fds[1], F_GETPIPE_SZ), 65536);
	EXPECT_EQ(read(fds[0], buf, 1), 1);
	/* A page is free only when it was read to its end. */
	EXPECT_ERR(write(fds[1], buf, 1), EAGAIN);
	EXPECT_EQ(read(fds[0], buf, 4095), 4095);
	EXPECT_EQ(write(fds[1], buf, 1), 1);
	close_both(fds);
}

TEST(small_writes_share_pages)
{
	int fds[2], n = 0;

	OK(pipe2(fds, O_NONBLOCK));
	while (write(fds[1], "x", 1) == 1)
		n++;
	EXPECT_EQ(n, 65536);
	close_both(fds);
}

TEST(writes_up_to_pipe_buf_are_atomic)
{
	static char buf[65536];
	int fds[2];

	OK(pipe2(fds, O_NONBLOCK));
	EXPECT_EQ(write(fds[1], buf, 65536 - 100), 65536 - 100);
	/* 4096 bytes do not fit and are not torn, 5000 may be. */
	EXPECT_ERR(write(fds[1], buf, 4096), EAGAIN);
	EXPECT_EQ(read(fds[0], buf, 4096), 4096);
	ssize_t part = write(fds[1], buf, 5000);
	EXPECT(part >= 4096 && part < 5000);
	close_both(fds);
}

TEST(big_transfers_block_and_go_on)
{
	enum { TOTAL = 1 << 20 };
	static char buf[TOTAL];
	int fds[2];
	pid_t pid;

	OK(pipe(fds));
	IN_CHILD(pid) {
		OK(close(fds[0]));
		for (int i = 0; i < TOTAL; i++)
			buf[i] = i * 7 + (i >> 8);
		EXPECT_EQ(write(fds[1], buf, TOTAL), TOTAL);
	}
	OK(close(fds[1]));
	int got = 0;
	ssize_t n;
	while ((n = OK(read(fds[0], buf + got, 3000))) > 0)
		got += n;
	EXPECT_EQ(got, TOTAL);
	for (int i = 0; i < TOTAL; i++)
		if (buf[i] != (char)(i * 7 + (i >> 8)))
			FAIL("byte %d is wrong", i);
	EXPECT_EXIT(pid, 0);
	OK(close(fds[0]));
}

TEST(concurrent_writers_do_not_mix_records)
{
	enum { WRITERS = 4, RECORDS = 200, SIZE = 512 };
	int fds[2];
	pid_t pids[WRITERS];
	char rec[SIZE];
	int seen[WRITERS] = { 0 };

	OK(pipe(fds));
	for (int w = 0; w < WRITERS; w++)
		IN_CHILD(pids[w]) {
			memset(rec, 'a' + w, SIZE);
			for (int i = 0; i < RECORDS; i++)
				EXPECT_EQ(write(fds[1], rec, SIZE), SIZE);
		}
	OK(close(fds[1]));
	for (int i = 0; i < WRITERS * RECORDS; i++) {
		size_t len = 0;
		while (len < SIZE)
			len += OK(read(fds[0], rec + len, SIZE - len));
		for (int k = 1; k < SIZE; k++)
			EXPECT_EQ(rec[k], rec[0]);
		seen[rec[0] - 'a']++;
	}
	for (int w = 0; w < WRITERS; w++) {
		EXPECT_EQ(seen[w], RECORDS);
		EXPECT_EXIT(pids[w], 0);
	}
	EXPECT_EQ(read(fds[0], rec, 1), 0);
	OK(close(fds[0]));
}

TEST(vectors)
{
	int fds[2];
	char a[3], b[8];
	struct iovec in[2] = { { (char *)"one", 3 }, { (char *)"two", 3 } };
	struct iovec out[2] = { { a, 3 }, { b, 8 } };

	OK(pipe(fds));
	EXPECT_EQ(writev(fds[1], in, 2), 6);
	EXPECT_EQ(readv(fds[0], out, 2), 6);
	EXPECT_MEM(a, "one", 3);
	EXPECT_MEM(b, "two", 3);
	close_both(fds);
}

TEST(bad_buffers)
{
	int fds[2];
	char c;

	OK(pipe2(fds, O_NONBLOCK));
	EXPECT_ERR(write(fds[1], (void *)8, 1), EFAULT);
	EXPECT_ERR(read(fds[0], &c, 1), EAGAIN);
	EXPECT_EQ(write(fds[1], "x", 1), 1);
	EXPECT_ERR(read(fds[0], (void *)8, 1), EFAULT);
	EXPECT_EQ(read(fds[0], &c, 1), 1);	/* it was not consumed */
	close_both(fds);
}

TEST(pipes_cannot_seek)
{
	int fds[2];
	char c;

	OK(pipe(fds));
	EXPECT_ERR(lseek(fds[0], 0, SEEK_CUR), ESPIPE);
	EXPECT_ERR(pread(fds[0], &c, 1, 0), ESPIPE);
	EXPECT_ERR(pwrite(fds[1], &c, 1, 0), ESPIPE);
	EXPECT_ERR(ftruncate(fds[1], 0), EINVAL);
	EXPECT_ERR(fsync(fds[1]), EINVAL);
	close_both(fds);
}

TEST(stat_of_a_pipe)
{
	int fds[2];
	struct stat a, b;
	char link[64] = "", path[64];

	OK(pipe(fds));
	OK(fstat(fds[0], &a));
	OK(fstat(fds[1], &b));
	EXPECT(S_ISFIFO(a.st_mode));
	EXPECT_EQ(a.st_mode & 0777, 0600);
	EXPECT_EQ(a.st_ino, b.st_ino);
	EXPECT_EQ(a.st_dev, b.st_dev);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	OK(readlink(path, link, sizeof(link) - 1));
	EXPECT(strncmp(link, "pipe:[", 6) == 0);
	EXPECT_EQ(strtoul(link + 6, NULL, 10), a.st_ino);
	close_both(fds);
}

static short events_of(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	OK(poll(&p, 1, 0));
	return p.revents;
}

TEST(poll_states)
{
	static char buf[65536];
	int fds[2];

	OK(pipe2(fds, O_NONBLOCK));
	EXPECT_EQ(events_of(fds[0], POLLIN), 0);
	EXPECT_EQ(events_of(fds[1], POLLOUT), POLLOUT);
	EXPECT_EQ(write(fds[1], buf, 65536), 65536);
	EXPECT_EQ(events_of(fds[0], POLLIN), POLLIN);
	EXPECT_EQ(events_of(fds[1], POLLOUT), 0);
	OK(close(fds[1]));
	EXPECT_EQ(events_of(fds[0], POLLIN), POLLIN | POLLHUP);
	EXPECT_EQ(read(fds[0], buf, 65536), 65536);
	EXPECT_EQ(events_of(fds[0], POLLIN), POLLHUP);
	OK(close(fds[0]));

	OK(pipe(fds));
	OK(close(fds[0]));
	EXPECT_EQ(events_of(fds[1], POLLOUT), POLLOUT | POLLERR);
	OK(close(fds[1]));
}

/* ---- named pipes ---- */

TEST(fifo_open_waits_for_the_other_end)
{
	char c;
	pid_t pid;

	OK(mkfifo("f", 0600));
	IN_CHILD(pid) {
		int fd = OK(open("f", O_WRONLY));
		EXPECT_EQ(write(fd, "q", 1), 1);
	}
	wait_until_sleeping(pid);
	int fd = OK(open("f", O_RDONLY));
	EXPECT_EQ(read(fd, &c, 1), 1);
	EXPECT_EQ(c, 'q');
	EXPECT_EQ(read(fd, &c, 1), 0);
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
}

TEST(fifo_reader_waits_for_a_writer)
{
	pid_t pid;
	char c;

	OK(mkfifo("f", 0600));
	IN_CHILD(pid) {
		int fd = OK(open("f", O_RDONLY));
		EXPECT_EQ(read(fd, &c, 1), 1);
	}
	wait_until_sleeping(pid);
	int fd = OK(open("f", O_WRONLY));
	EXPECT_EQ(write(fd, "q", 1), 1);
	OK(close(fd));
	EXPECT_EXIT(pid, 0);
}

TEST(fifo_nonblocking)
{
	int r, w;
	char c;

	OK(mkfifo("f", 0600));
	EXPECT_ERR(open("f", O_WRONLY | O_NONBLOCK), ENXIO);
	r = OK(open("f", O_RDONLY | O_NONBLOCK));
	EXPECT_EQ(read(r, &c, 1), 0);		/* no writer yet: end of file */
	w = OK(open("f", O_WRONLY | O_NONBLOCK));
	EXPECT_ERR(read(r, &c, 1), EAGAIN);
	EXPECT_EQ(write(w, "x", 1), 1);
	EXPECT_EQ(read(r, &c, 1), 1);
	OK(close(w));
	OK(close(r));
	r = OK(open("f", O_RDWR));		/* never waits */
	EXPECT_EQ(write(r, "y", 1), 1);
	EXPECT_EQ(read(r, &c, 1), 1);
	OK(close(r));
}

TEST(fifo_open_is_interrupted)
{
	pid_t me = getpid(), pid;

	struct sigaction sa = { .sa_handler = on_sigpipe };
	OK(sigaction(SIGUSR1, &sa, NULL));
	OK(mkfifo("f", 0600));
	IN_CHILD(pid) {
		wait_until_sleeping(me);
		OK(kill(me, SIGUSR1));
	}
	EXPECT_ERR(open("f", O_RDONLY), EINTR);
	EXPECT_EXIT(pid, 0);
}

TEST(fifo_data_is_gone_when_all_have_closed)
{
	char c;

	OK(mkfifo("f", 0600));
	int fd = OK(open("f", O_RDWR));
	EXPECT_EQ(write(fd, "abc", 3), 3);
	OK(close(fd));
	fd = OK(open("f", O_RDWR | O_NONBLOCK));
	EXPECT_ERR(read(fd, &c, 1), EAGAIN);
	OK(close(fd));
}
