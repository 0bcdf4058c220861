/*
 * splice(2), tee(2), vmsplice(2): data that moves between a pipe and something
 * else without passing through the caller's memory. How they wait is in
 * splicewait.c.
 */
#include "splicetools.h"

#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

/* ---- a file and a pipe ---- */

TEST(file_to_pipe)
{
	int fd = file_with("f", "0123456789");

	open_pipe(0);
	EXPECT_EQ(splice(fd, NULL, w, NULL, 4, 0), 4);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 4);
	expect_text(r, "0123");
	EXPECT_EQ(splice(fd, NULL, w, NULL, 100, SPLICE_F_MOVE), 6);
	expect_text(r, "456789");
	EXPECT_EQ(splice(fd, NULL, w, NULL, 100, 0), 0);
	EXPECT_EQ(in_pipe(r), 0);
	close_pipe();
	OK(close(fd));
}

TEST(file_to_pipe_at_an_offset)
{
	int fd = file_with("f", "0123456789");
	loff_t at = 3;

	open_pipe(0);
	EXPECT_EQ(splice(fd, &at, w, NULL, 4, 0), 4);
	EXPECT_EQ(at, 7);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
	expect_text(r, "3456");
	at = 10;
	EXPECT_EQ(splice(fd, &at, w, NULL, 4, 0), 0);
	EXPECT_EQ(at, 10);
	at = -1;
	EXPECT_ERR(splice(fd, &at, w, NULL, 4, 0), EINVAL);
	EXPECT_ERR(splice(fd, BAD, w, NULL, 4, 0), EFAULT);
	close_pipe();
	OK(close(fd));
}

TEST(pipe_to_file)
{
	int fd = file_with("f", "0123456789");
	char buf[11] = "";
	loff_t at = 8;

	open_pipe(0);
	put(w, "abcdefgh");
	EXPECT_EQ(splice(r, NULL, fd, NULL, 3, 0), 3);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 3);
	EXPECT_EQ(splice(r, NULL, fd, &at, 1, 0), 1);
	EXPECT_EQ(at, 9);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 3);
	EXPECT_EQ(in_pipe(r), 4);
	EXPECT_EQ(splice(r, NULL, fd, NULL, 100, 0), 4);
	EXPECT_EQ(pread(fd, buf, 10, 0), 10);
	EXPECT_STR(buf, "abcefgh7d9");
	close_pipe();
	OK(close(fd));
}

TEST(nothing_more_comes_from_an_ended_pipe)
{
	int fd = file_with("f", "");

	open_pipe(0);
	put(w, "rest");
	OK(close(w));
	EXPECT_EQ(splice(r, NULL, fd, NULL, 100, 0), 4);
	EXPECT_EQ(splice(r, NULL, fd, NULL, 100, 0), 0);
	OK(close(r));
	OK(close(fd));
}

/* A write that fits is not waited for by what is not there yet. */
TEST(as_much_as_there_is)
{
	int fd = file_with("f", "");

	open_pipe(0);
	put(w, "abc");
	EXPECT_EQ(splice(r, NULL, fd, NULL, 1 << 20, 0), 3);
	close_pipe();
	OK(close(fd));
}

TEST(as_much_as_fits)
{
	int fd = file_with("f", ""), null = OK(open("/dev/null", O_WRONLY));
	loff_t at = 0;

	OK(ftruncate(fd, 200000));
	open_pipe(0);
	EXPECT_EQ(splice(fd, &at, w, NULL, 200000, 0), CAPACITY);
	EXPECT_ERR(splice(fd, &at, w, NULL, 1, NB), EAGAIN);
	EXPECT_EQ(at, CAPACITY);
	EXPECT_EQ(splice(r, NULL, null, NULL, 200000, 0), CAPACITY);
	at = 100;
	EXPECT_EQ(splice(fd, &at, w, NULL, 200000, 0), CAPACITY);
	EXPECT_EQ(splice(r, NULL, null, NULL, 200000, 0), CAPACITY);
	OK(fcntl(w, F_SETPIPE_SZ, 1 << 20));
	EXPECT_EQ(splice(fd, NULL, w, NULL, 1 << 20, 0), 200000);
	EXPECT_EQ(in_pipe(r), 200000);
	close_pipe();
	OK(close(fd));
	OK(close(null));
}

/* Every byte of many, at odd offsets and lengths, there and back. */
TEST(contents_survive)
{
	enum { SIZE = 300007 };
	uint8_t *data = malloc(SIZE), *got = malloc(SIZE);
	int in = OK(open("in", O_RDWR | O_CREAT, 0600));
	int out = OK(open("out", O_RDWR | O_CREAT, 0600));
	size_t done = 0, len = 1;

	for (int i = 0; i < SIZE; i++)
		data[i] = i * 7 + i / 251;
	EXPECT_EQ(write(in, data, SIZE), SIZE);
	OK(lseek(in, 0, SEEK_SET));
	open_pipe(0);
	while (done < SIZE) {
		ssize_t n = OK(splice(in, NULL, w, NULL, len, 0));

		EXPECT(n > 0);
		for (ssize_t left = n; left; )
			left -= OK(splice(r, NULL, out, NULL, left, 0));
		done += n;
		len = (len * 3 + 1) % 70001;
	}
	EXPECT_EQ(pread(out, got, SIZE, 0), SIZE);
	EXPECT_MEM(got, data, SIZE);
	close_pipe();
	OK(close(in));
	OK(close(out));
	free(data);
	free(got);
}

/* What was written later does not change what is in the pipe's other end. */
TEST(a_write_behind_spliced_data_follows_it)
{
	int fd = file_with("f", "abc");
	char buf[20] = "";

	open_pipe(0);
	EXPECT_EQ(splice(fd, NULL, w, NULL, 3, 0), 3);
	put(w, "def");
	EXPECT_EQ(read(r, buf, 20), 6);
	EXPECT_STR(buf, "abcdef");
	EXPECT_EQ(pread(fd, buf, 20, 0), 3);
	close_pipe();
	OK(close(fd));
}

/* ---- two pipes ---- */

TEST(pipe_to_pipe)
{
	int p[2];

	open_pipe(0);
	OK(pipe(p));
	put(w, "abcdef");
	EXPECT_EQ(splice(r, NULL, p[1], NULL, 2, 0), 2);
	EXPECT_EQ(in_pipe(r), 4);
	put(p[1], "-");
	put(w, "ghi");
	expect_text(p[0], "ab-");
	EXPECT_EQ(splice(r, NULL, p[1], NULL, 100, 0), 7);
	EXPECT_EQ(in_pipe(r), 0);
	expect_text(p[0], "cdefghi");
	OK(close(w));
	EXPECT_EQ(splice(r, NULL, p[1], NULL, 100, 0), 0);
	OK(close(r));
	OK(close(p[0]));
	OK(close(p[1]));
}

TEST(pipe_to_full_pipe)
{
	int p[2], null = OK(open("/dev/null", O_WRONLY));
	static char page[4096];

	open_pipe(0);
	OK(pipe(p));
	for (int i = 0; i < 16; i++)
		EXPECT_EQ(write(p[1], page, 4096), 4096);
	put(w, "x");
	EXPECT_ERR(splice(r, NULL, p[1], NULL, 1, NB), EAGAIN);
	EXPECT_ERR(tee(r, p[1], 1, NB), EAGAIN);
	EXPECT_EQ(read(p[0], page, 4096), 4096);
	/* There is room for one page, so for a part of what there is. */
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(write(w, page, 4096), 4096);
	EXPECT_EQ(splice(r, NULL, p[1], NULL, 10000, NB), 1);
	EXPECT_EQ(splice(p[0], NULL, null, NULL, 1 << 20, 0), 15 * 4096 + 1);
	EXPECT_EQ(splice(r, NULL, p[1], NULL, 10000, NB), 10000);
	close_pipe();
	OK(close(p[0]));
	OK(close(p[1]));
	OK(close(null));
}

TEST(tee_leaves_what_it_copies)
{
	int p[2];

	open_pipe(0);
	OK(pipe(p));
	put(w, "abcdef");
	EXPECT_EQ(tee(r, p[1], 100, 0), 6);
	EXPECT_EQ(tee(r, p[1], 2, SPLICE_F_MOVE), 2);
	EXPECT_EQ(in_pipe(r), 6);
	/* Neither side sees what the other is given next. */
	put(w, "ghi");
	put(p[1], "xyz");
	expect_text(p[0], "abcdefabxyz");
	expect_text(r, "abcdefghi");
	EXPECT_ERR(tee(r, p[1], 1, NB), EAGAIN);
	EXPECT_EQ(tee(r, p[1], 0, NB), 0);
	OK(close(w));
	EXPECT_EQ(tee(r, p[1], 1, 0), 0);
	OK(close(r));
	OK(close(p[0]));
	OK(close(p[1]));
}

/* Pages that two pipes share are given back once, and reused by nobody else. */
TEST(teed_pages_are_not_overwritten)
{
	int p[2];
	static char page[4096], got[4096];

	open_pipe(0);
	OK(pipe(p));
	for (int round = 0; round < 50; round++) {
		memset(page, 'a' + round % 26, sizeof(page));
		EXPECT_EQ(write(w, page, 4096), 4096);
		EXPECT_EQ(tee(r, p[1], 4096, 0), 4096);
		EXPECT_EQ(read(r, got, 4096), 4096);
		EXPECT_MEM(got, page, 4096);
		memset(got, '!', 4096);
		EXPECT_EQ(write(w, got, 4096), 4096);
		EXPECT_EQ(read(p[0], got, 4096), 4096);
		EXPECT_MEM(got, page, 4096);
		EXPECT_EQ(read(r, got, 4096), 4096);
		EXPECT_EQ(got[77], '!');
	}
	close_pipe();
	OK(close(p[0]));
	OK(close(p[1]));
}

/* ---- sockets and devices ---- */

TEST(sockets)
{
	int s[2], p[2];

	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	open_pipe(0);
	OK(pipe(p));
	put(w, "hello");
	EXPECT_EQ(splice(r, NULL, s[0], NULL, 100, SPLICE_F_MORE), 5);
	EXPECT_EQ(splice(s[1], NULL, p[1], NULL, 2, 0), 2);
	EXPECT_EQ(splice(s[1], NULL, p[1], NULL, 100, 0), 3);
	expect_text(p[0], "hello");
	EXPECT_ERR(splice(s[1], NULL, p[1], NULL, 100, NB), EAGAIN);
	OK(fcntl(s[1], F_SETFL, O_NONBLOCK));
	EXPECT_ERR(splice(s[1], NULL, p[1], NULL, 100, 0), EAGAIN);
	EXPECT_ERR(splice(s[0], &(loff_t){ 0 }, w, NULL, 1, 0), EINVAL);
	EXPECT_ERR(splice(r, NULL, s[0], &(loff_t){ 0 }, 1, 0), EINVAL);
	OK(close(s[0]));
	EXPECT_EQ(splice(s[1], NULL, p[1], NULL, 100, 0), 0);
	OK(close(s[1]));
	close_pipe();
	OK(close(p[0]));
	OK(close(p[1]));
}

TEST(socket_that_takes_no_more)
{
	int s[2], fd;
	ssize_t n, sent = 0, left;
	static char buf[CAPACITY];

	OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s));
	open_pipe(0);
	for (;;) {
		left = in_pipe(r);
		EXPECT_EQ(write(w, buf, CAPACITY - left), CAPACITY - left);
		n = splice(r, NULL, s[0], NULL, CAPACITY, 0);
		if (n < 0)
			break;
		sent += n;
		if (n < CAPACITY)
			break;
	}
	EXPECT_EQ(n < 0 ? errno : EAGAIN, EAGAIN);
	/* Nothing is lost: what was not sent is in the pipe. */
	left = in_pipe(r);
	EXPECT(left > 0);
	for (n = 0; n < sent; )
		n += OK(read(s[1], buf, sizeof(buf)));
	EXPECT_EQ(n, sent);
	EXPECT_ERR(read(s[1], buf, 1), EAGAIN);
	fd = file_with("f", "");
	EXPECT_EQ(splice(r, NULL, fd, NULL, CAPACITY, 0), left);
	close_pipe();
	OK(close(s[0]));
	OK(close(s[1]));
	OK(close(fd));
}

TEST(datagrams)
{
	int s[2];

	OK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s));
	open_pipe(0);
	put(s[0], "one");
	put(s[0], "two");
	EXPECT_EQ(splice(s[1], NULL, w, NULL, 100, 0), 3);
	expect_text(r, "one");
	EXPECT_EQ(splice(s[1], NULL, w, NULL, 2, 0), 2);
	expect_text(r, "tw");
	EXPECT_ERR(recv(s[1], s, 1, MSG_DONTWAIT), EAGAIN);
	OK(close(s[0]));
	OK(close(s[1]));
	close_pipe();
}

TEST(null_takes_it_all)
{
	int null = OK(open("/dev/null", O_WRONLY));

	open_pipe(0);
	put(w, "gone");
	EXPECT_EQ(splice(r, NULL, null, NULL, 3, 0), 3);
	EXPECT_EQ(splice(r, NULL, null, NULL, 3, 0), 1);
	EXPECT_ERR(splice(r, NULL, null, NULL, 3, NB), EAGAIN);
	close_pipe();
	OK(close(null));
}

/* ---- memory and a pipe ---- */

TEST(vmsplice_into_a_pipe)
{
	struct iovec iov[3] = { { "abc", 3 }, { NULL, 0 }, { "defg", 4 } };

	open_pipe(0);
	EXPECT_EQ(vmsplice(w, iov, 3, 0), 7);
	put(w, "h");
	expect_text(r, "abcdefgh");
	EXPECT_EQ(vmsplice(w, iov, 1, SPLICE_F_GIFT), 3);
	EXPECT_EQ(vmsplice(w, iov, 0, 0), 0);
	EXPECT_EQ(vmsplice(w, iov + 1, 1, 0), 0);
	expect_text(r, "abc");
	close_pipe();
}

TEST(vmsplice_as_much_as_fits)
{
	char *mem = aligned_alloc(4096, 200000);
	struct iovec iov = { mem, 200000 };

	memset(mem, 'm', 200000);
	open_pipe(0);
	EXPECT_EQ(vmsplice(w, &iov, 1, 0), CAPACITY);
	EXPECT_ERR(vmsplice(w, &iov, 1, NB), EAGAIN);
	EXPECT_EQ(in_pipe(r), CAPACITY);
	iov = (struct iovec){ mem + 4096, 200000 - 4096 };
	memset(mem, 0, 200000);
	EXPECT_EQ(vmsplice(r, &iov, 1, 0), CAPACITY);
	iov = (struct iovec){ mem + 50, 100000 };
	EXPECT_EQ(vmsplice(w, &iov, 1, 0), CAPACITY - 50);
	close_pipe();
	free(mem);
}

TEST(vmsplice_out_of_a_pipe)
{
	char a[4] = "", b[20] = "";
	struct iovec iov[2] = { { a, 3 }, { b, 19 } };

	open_pipe(0);
	put(w, "abcdefg");
	EXPECT_EQ(vmsplice(r, iov, 1, 0), 3);
	EXPECT_STR(a, "abc");
	put(w, "hij");
	EXPECT_EQ(vmsplice(r, iov, 2, 0), 7);
	EXPECT_STR(a, "def");
	EXPECT_STR(b, "ghij");
	EXPECT_ERR(vmsplice(r, iov, 2, NB), EAGAIN);
	OK(close(w));
	EXPECT_EQ(vmsplice(r, iov, 2, 0), 0);
	OK(close(r));
}

TEST(vmsplice_errors)
{
	struct iovec bad = { BAD, 10 }, good = { "x", 1 };
	int fd = file_with("f", "");

	open_pipe(0);
	EXPECT_ERR(vmsplice(w, &bad, 1, 0), EFAULT);
	EXPECT_ERR(vmsplice(w, BAD, 1, 0), EFAULT);
	EXPECT_ERR(vmsplice(w, &good, 1025, 0), EINVAL);
	EXPECT_ERR(vmsplice(w, &good, 1, ALL_FLAGS + 1), EINVAL);
	EXPECT_ERR(vmsplice(-1, &good, 1, ALL_FLAGS + 1), EINVAL);
	EXPECT_ERR(vmsplice(-1, &good, 1, 0), EBADF);
	EXPECT_ERR(vmsplice(fd, &good, 1, 0), EBADF);
	put(w, "abc");
	EXPECT_ERR(vmsplice(r, &bad, 1, 0), EFAULT);
	expect_text(r, "abc");
	close_pipe();
	OK(close(fd));
}

/* ---- errors ---- */

TEST(flags_and_length)
{
	int p[2];

	open_pipe(0);
	OK(pipe(p));
	EXPECT_EQ(splice(-1, BAD, -1, BAD, 0, -1), 0);
	EXPECT_ERR(splice(-1, NULL, -1, NULL, 1, ALL_FLAGS + 1), EINVAL);
	EXPECT_ERR(tee(-1, -1, 0, ALL_FLAGS + 1), EINVAL);
	EXPECT_EQ(tee(-1, -1, 0, 0), 0);
	put(w, "abc");
	EXPECT_EQ(splice(r, NULL, p[1], NULL, 1, ALL_FLAGS), 1);
	EXPECT_EQ(tee(r, p[1], 1, ALL_FLAGS), 1);
	close_pipe();
	OK(close(p[0]));
	OK(close(p[1]));
}

TEST(descriptors_of_the_wrong_kind)
{
	int a = file_with("a", "a"), b = file_with("b", "b");
	int path = OK(open("a", O_PATH)), dir = OK(open(".", O_RDONLY));
	int append = OK(open("a", O_WRONLY | O_APPEND));
	int rd = OK(open("a", O_RDONLY)), p[2];

	open_pipe(0);
	OK(pipe(p));
	put(w, "abc");
	EXPECT_ERR(splice(a, NULL, b, NULL, 1, 0), EINVAL);
	EXPECT_ERR(splice(-1, NULL, b, NULL, 1, 0), EBADF);
	EXPECT_ERR(splice(a, NULL, -1, NULL, 1, 0), EBADF);
	EXPECT_ERR(splice(path, NULL, w, NULL, 1, 0), EBADF);
	EXPECT_ERR(splice(dir, NULL, w, NULL, 1, 0), EINVAL);
	EXPECT_ERR(splice(r, NULL, dir, NULL, 1, 0), EBADF);
	EXPECT_ERR(splice(append, NULL, w, NULL, 1, 0), EBADF);
	EXPECT_ERR(splice(r, NULL, append, NULL, 1, 0), EINVAL);
	EXPECT_ERR(splice(r, NULL, rd, NULL, 1, 0), EBADF);
	/* The wrong ends. */
	EXPECT_ERR(splice(w, NULL, b, NULL, 1, 0), EBADF);
	EXPECT_ERR(splice(a, NULL, r, NULL, 1, 0), EBADF);
	EXPECT_ERR(splice(w, NULL, p[1], NULL, 1, 0), EBADF);
	EXPECT_ERR(splice(r, NULL, p[0], NULL, 1, 0), EBADF);
	EXPECT_ERR(tee(w, p[1], 1, 0), EBADF);
	EXPECT_ERR(tee(r, p[0], 1, 0), EBADF);
	EXPECT_ERR(tee(r, -1, 1, 0), EBADF);
	EXPECT_ERR(tee(-1, w, 1, 0), EBADF);
	EXPECT_ERR(tee(r, b, 1, 0), EINVAL);
	EXPECT_ERR(tee(a, w, 1, 0), EINVAL);
	/* Into itself. */
	EXPECT_ERR(splice(r, NULL, w, NULL, 1, 0), EINVAL);
	EXPECT_ERR(tee(r, w, 1, 0), EINVAL);
	EXPECT_EQ(in_pipe(r), 3);
	close_pipe();
	OK(close(p[0]));
	OK(close(p[1]));
	OK(close(a));
	OK(close(b));
	OK(close(path));
	OK(close(dir));
	OK(close(append));
	OK(close(rd));
}

TEST(pipes_have_no_offsets)
{
	int fd = file_with("f", "abc"), p[2];
	loff_t zero = 0;

	open_pipe(0);
	OK(pipe(p));
	put(w, "abc");
	EXPECT_ERR(splice(r, &zero, fd, NULL, 1, 0), ESPIPE);
	EXPECT_ERR(splice(fd, NULL, w, &zero, 1, 0), ESPIPE);
	EXPECT_ERR(splice(r, BAD, fd, BAD, 1, 0), ESPIPE);
	EXPECT_ERR(splice(r, NULL, p[1], &zero, 1, 0), ESPIPE);
	EXPECT_ERR(splice(r, NULL, fd, BAD, 1, 0), EFAULT);
	zero = -5;
	EXPECT_ERR(splice(r, NULL, fd, &zero, 1, 0), EINVAL);
	EXPECT_EQ(in_pipe(r), 3);
	close_pipe();
	OK(close(p[0]));
	OK(close(p[1]));
	OK(close(fd));
}

TEST(nonblocking_pipes)
{
	int fd = file_with("f", "abc"), p[2];
	static char page[CAPACITY];

	open_pipe(O_NONBLOCK);
	OK(pipe(p));
	EXPECT_ERR(splice(r, NULL, fd, NULL, 1, 0), EAGAIN);
	EXPECT_ERR(splice(r, NULL, p[1], NULL, 1, 0), EAGAIN);
	EXPECT_ERR(splice(p[0], NULL, w, NULL, 1, 0), EAGAIN);
	EXPECT_ERR(tee(r, p[1], 1, 0), EAGAIN);
	EXPECT_ERR(vmsplice(r, &(struct iovec){ page, 1 }, 1, NB), EAGAIN);
	EXPECT_EQ(write(w, page, CAPACITY), CAPACITY);
	EXPECT_ERR(splice(fd, NULL, w, NULL, 1, 0), EAGAIN);
	put(p[1], "x");
	EXPECT_ERR(splice(p[0], NULL, w, NULL, 1, 0), EAGAIN);
	EXPECT_ERR(tee(p[0], w, 1, 0), EAGAIN);
	close_pipe();
	OK(close(p[0]));
	OK(close(p[1]));
	OK(close(fd));
}

TEST(nobody_reads)
{
	int fd = file_with("f", "abc"), p[2], s[2];
	struct iovec iov = { "x", 1 };
	pid_t pid;

	open_pipe(0);
	OK(pipe(p));
	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	OK(close(s[1]));
	OK(close(r));
	put(p[1], "abc");
	IN_CHILD(pid)
		splice(fd, NULL, w, NULL, 1, 0);
	EXPECT_KILLED(pid, SIGPIPE);
	IN_CHILD(pid)
		splice(p[0], NULL, w, NULL, 1, 0);
	EXPECT_KILLED(pid, SIGPIPE);
	IN_CHILD(pid)
		tee(p[0], w, 1, 0);
	EXPECT_KILLED(pid, SIGPIPE);
	IN_CHILD(pid)
		vmsplice(w, &iov, 1, 0);
	EXPECT_KILLED(pid, SIGPIPE);
	IN_CHILD(pid)
		splice(p[0], NULL, s[0], NULL, 1, 0);
	EXPECT_KILLED(pid, SIGPIPE);
	OK((long)signal(SIGPIPE, SIG_IGN));
	EXPECT_ERR(splice(fd, NULL, w, NULL, 1, 0), EPIPE);
	EXPECT_ERR(splice(p[0], NULL, w, NULL, 1, 0), EPIPE);
	EXPECT_ERR(tee(p[0], w, 1, 0), EPIPE);
	EXPECT_ERR(vmsplice(w, &iov, 1, 0), EPIPE);
	EXPECT_ERR(splice(p[0], NULL, s[0], NULL, 3, 0), EPIPE);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 0);
	OK(close(w));
	OK(close(s[0]));
	OK(close(p[0]));
	OK(close(p[1]));
	OK(close(fd));
}

TEST(files_that_cannot_grow)
{
	struct rlimit lim = { 5, 5 };
	int fd = file_with("f", "abc");

	open_pipe(0);
	put(w, "0123456789");
	OK((long)signal(SIGXFSZ, SIG_IGN));
	OK(lseek(fd, 0, SEEK_END));
	OK(setrlimit(RLIMIT_FSIZE, &lim));
	EXPECT_EQ(splice(r, NULL, fd, NULL, 10, 0), 2);
	EXPECT_ERR(splice(r, NULL, fd, NULL, 10, 0), EFBIG);
	expect_text(r, "23456789");
	close_pipe();
	OK(close(fd));
}
/* ---- sendfile(2) into a pipe ---- */

TEST(sendfile_into_a_pipe_is_a_splice)
{
	int fd = file_with("f", ""), null = OK(open("/dev/null", O_WRONLY));
	off_t at = 0;

	OK(ftruncate(fd, 200000));
	open_pipe(0);
	EXPECT_EQ(sendfile(w, fd, &at, 200000), CAPACITY);
	EXPECT_EQ(at, CAPACITY);
	OK(fcntl(w, F_SETPIPE_SZ, 1 << 20));
	EXPECT_EQ(sendfile(w, fd, NULL, 10), 10);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 10);
	EXPECT_EQ(splice(r, NULL, null, NULL, 200000, 0), CAPACITY + 10);
	close_pipe();
	OK(close(fd));
	OK(close(null));
}
