/*
 * Pairs of local sockets: what is sent at one end arrives at the other, in
 * three types: a stream, datagrams, and packets over a connection. Here:
 * streams, and what all types have in common.
 */
#include "unixtools.h"

/* ---- making ----------------------------------------------------------- */

TEST(arguments_are_checked)
{
	int s[2] = { -7, -7 }, before = open_fds();

	EXPECT_ERR(socket(AF_MAX, SOCK_STREAM, 0), EAFNOSUPPORT);
	EXPECT_ERR(socket(-1, SOCK_STREAM, 0), EAFNOSUPPORT);
	EXPECT_ERR(socket(AF_UNSPEC, SOCK_STREAM, 0), EAFNOSUPPORT);
	EXPECT_ERR(socket(AF_UNIX, 11, 0), EINVAL);
	EXPECT_ERR(socket(AF_UNIX, 0, 0), ESOCKTNOSUPPORT);
	EXPECT_ERR(socket(AF_UNIX, SOCK_RDM, 0), ESOCKTNOSUPPORT);
	EXPECT_ERR(socket(AF_UNIX, SOCK_STREAM, 2), EPROTONOSUPPORT);
	EXPECT_ERR(socket(AF_UNIX, SOCK_STREAM | 0x100, 0), EINVAL);
	EXPECT_ERR(socketpair(AF_UNIX, SOCK_STREAM | 0x100, 0, s), EINVAL);
	EXPECT_ERR(socketpair(AF_UNIX, SOCK_STREAM, 9, s), EPROTONOSUPPORT);
	EXPECT_ERR(socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)8), EFAULT);
	OK(socketpair(AF_UNIX, SOCK_STREAM, AF_UNIX, s));
	close_pair(s);
	EXPECT_EQ(open_fds(), before);
}

TEST(types_are_told)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		int fd = OK(socket(AF_UNIX, types[i], 0));

		EXPECT_EQ(int_option(fd, SO_TYPE), types[i]);
		EXPECT_EQ(int_option(fd, SO_DOMAIN), AF_UNIX);
		EXPECT_EQ(int_option(fd, SO_PROTOCOL), 0);
		EXPECT_EQ(int_option(fd, SO_ACCEPTCONN), 0);
		OK(close(fd));
	}
	int fd = OK(socket(AF_UNIX, SOCK_RAW, 0));

	EXPECT_EQ(int_option(fd, SO_TYPE), SOCK_DGRAM);
	OK(close(fd));
}

TEST(flags_of_new_descriptors)
{
	int s[2];

	make_pair(SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, s);
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(fcntl(s[i], F_GETFD), FD_CLOEXEC);
		EXPECT_EQ(fcntl(s[i], F_GETFL), O_RDWR | O_NONBLOCK);
	}
	close_pair(s);
	make_pair(SOCK_DGRAM, s);
	EXPECT_EQ(fcntl(s[0], F_GETFD), 0);
	EXPECT_EQ(fcntl(s[0], F_GETFL), O_RDWR);
	close_pair(s);
}

TEST(a_socket_is_a_file)
{
	char path[64], link[64], want[64], c = 0;
	struct stat st, st2;
	ssize_t n;
	int s[2];

	make_pair(SOCK_STREAM, s);
	OK(fstat(s[0], &st));
	OK(fstat(s[1], &st2));
	EXPECT_EQ(st.st_mode, S_IFSOCK | 0777);
	EXPECT_EQ(st.st_size, 0);
	EXPECT_EQ(st.st_nlink, 1);
	EXPECT(st.st_ino != st2.st_ino);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", s[0]);
	n = OK(readlink(path, link, sizeof(link) - 1));
	link[n] = '\0';
	snprintf(want, sizeof(want), "socket:[%lu]", (unsigned long)st.st_ino);
	EXPECT_STR(link, want);
	EXPECT_ERR(open(path, O_RDWR), ENXIO);
	EXPECT_ERR(lseek(s[0], 0, SEEK_SET), ESPIPE);
	EXPECT_ERR(pread(s[0], &c, 1, 0), ESPIPE);
	EXPECT_ERR(pwrite(s[0], &c, 1, 0), ESPIPE);
	EXPECT_ERR(mmap(NULL, 4096, PROT_READ, MAP_SHARED, s[0], 0), ENODEV);
	EXPECT_ERR(ftruncate(s[0], 0), EINVAL);
	EXPECT_ERR(fsync(s[0]), EINVAL);
	EXPECT_ERR(ioctl(s[0], 0x9999, 0), ENOTTY);
	close_pair(s);
}

TEST(not_a_socket)
{
	int fd = OK(open("f", O_CREAT | O_RDWR, 0600)), one = 1;
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "x" };
	socklen_t len = sizeof(one);
	struct msghdr msg = { 0 };
	struct mmsghdr mm = { 0 };

	EXPECT_ERR(send(fd, "x", 1, 0), ENOTSOCK);
	EXPECT_ERR(recv(fd, &one, 1, 0), ENOTSOCK);
	EXPECT_ERR(sendmsg(fd, &msg, 0), ENOTSOCK);
	EXPECT_ERR(recvmsg(fd, &msg, 0), ENOTSOCK);
	EXPECT_ERR(sendmmsg(fd, &mm, 1, 0), ENOTSOCK);
	EXPECT_ERR(recvmmsg(fd, &mm, 1, 0, NULL), ENOTSOCK);
	EXPECT_ERR(shutdown(fd, SHUT_RD), ENOTSOCK);
	EXPECT_ERR(listen(fd, 1), ENOTSOCK);
	EXPECT_ERR(accept(fd, NULL, NULL), ENOTSOCK);
	EXPECT_ERR(bind(fd, (void *)&un, sizeof(un)), ENOTSOCK);
	EXPECT_ERR(connect(fd, (void *)&un, sizeof(un)), ENOTSOCK);
	EXPECT_ERR(getsockname(fd, (void *)&un, &len), ENOTSOCK);
	EXPECT_ERR(getpeername(fd, (void *)&un, &len), ENOTSOCK);
	EXPECT_ERR(getsockopt(fd, SOL_SOCKET, SO_TYPE, &one, &len), ENOTSOCK);
	EXPECT_ERR(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &one, 4), ENOTSOCK);
	OK(close(fd));
	EXPECT_ERR(send(fd, "x", 1, 0), EBADF);
	EXPECT_ERR(recv(fd, &one, 1, 0), EBADF);
	EXPECT_ERR(sendmsg(fd, &msg, 0), EBADF);
	EXPECT_ERR(accept4(fd, NULL, NULL, 0x10), EBADF);
	EXPECT_ERR(shutdown(fd, 9), EBADF);
}

/* ---- streams ---------------------------------------------------------- */

TEST(stream_forgets_bounds)
{
	char buf[16] = "";
	int s[2];

	make_pair(SOCK_STREAM, s);
	send_text(s[0], "abc");
	send_text(s[0], "defg");
	EXPECT_EQ(read(s[1], buf, 2), 2);
	EXPECT_MEM(buf, "ab", 2);
	expect_text(s[1], "cdefg");
	send_text(s[1], "back");
	expect_text(s[0], "back");
	EXPECT_EQ(write(s[0], "", 0), 0);
	EXPECT_EQ(read(s[1], buf, 0), 0);
	EXPECT_ERR(recv(s[1], buf, 4, MSG_DONTWAIT), EAGAIN);
	set_nonblock(s[1]);
	EXPECT_ERR(read(s[1], buf, 4), EAGAIN);
	close_pair(s);
}

TEST(stream_moves_large_amounts_whole)
{
	enum { SIZE = 1 << 20 };
	unsigned char *data = malloc(SIZE), *got = malloc(SIZE);
	size_t done = 0;
	int s[2];
	pid_t pid;

	for (size_t i = 0; i < SIZE; i++)
		data[i] = i * 7 + (i >> 9);
	make_pair(SOCK_STREAM, s);
	IN_CHILD(pid) {
		OK(close(s[1]));
		EXPECT_EQ(write(s[0], data, SIZE), SIZE);
	}
	OK(close(s[0]));
	while (done < SIZE) {
		ssize_t n = OK(read(s[1], got + done, SIZE - done));

		EXPECT(n > 0);
		done += n;
	}
	EXPECT_MEM(got, data, SIZE);
	EXPECT_EQ(read(s[1], got, 1), 0);
	EXPECT_EXIT(pid, 0);
	OK(close(s[1]));
	free(data);
	free(got);
}

TEST(vectors)
{
	char a[4] = "", b[8] = "";
	struct iovec out[3] = { { "one", 3 }, { "", 0 }, { "twofour", 7 } };
	struct iovec in[2] = { { a, 3 }, { b, 7 } };
	int s[2];

	make_pair(SOCK_STREAM, s);
	EXPECT_EQ(writev(s[0], out, 3), 10);
	EXPECT_EQ(readv(s[1], in, 2), 10);
	EXPECT_STR(a, "one");
	EXPECT_STR(b, "twofour");
	close_pair(s);
}

TEST(peek_takes_nothing)
{
	char buf[16] = "";
	int s[2];

	make_pair(SOCK_STREAM, s);
	send_text(s[0], "abc");
	send_text(s[0], "def");
	EXPECT_EQ(recv(s[1], buf, 2, MSG_PEEK), 2);
	EXPECT_STR(buf, "ab");
	EXPECT_EQ(recv(s[1], buf, 16, MSG_PEEK), 6);
	EXPECT_STR(buf, "abcdef");
	EXPECT_EQ(recv(s[1], buf, 16, MSG_PEEK | MSG_WAITALL), 6);
	expect_text(s[1], "abcdef");
	close_pair(s);
}

TEST(peek_offset_moves)
{
	char buf[16] = "";
	int s[2], offset = 1;

	make_pair(SOCK_STREAM, s);
	EXPECT_EQ(int_option(s[1], SO_PEEK_OFF), -1);
	OK(setsockopt(s[1], SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof(offset)));
	EXPECT_EQ(int_option(s[1], SO_PEEK_OFF), 1);
	send_text(s[0], "abcdef");
	EXPECT_EQ(recv(s[1], buf, 2, MSG_PEEK), 2);
	EXPECT_MEM(buf, "bc", 2);
	EXPECT_EQ(int_option(s[1], SO_PEEK_OFF), 3);
	EXPECT_EQ(recv(s[1], buf, 2, MSG_PEEK), 2);
	EXPECT_MEM(buf, "de", 2);
	EXPECT_EQ(recv(s[1], buf, 3, 0), 3);
	EXPECT_MEM(buf, "abc", 3);
	EXPECT_EQ(int_option(s[1], SO_PEEK_OFF), 2);
	EXPECT_EQ(recv(s[1], buf, 2, MSG_PEEK), 1);
	EXPECT_MEM(buf, "f", 1);
	EXPECT_ERR(recv(s[1], buf, 2, MSG_PEEK | MSG_DONTWAIT), EAGAIN);
	close_pair(s);
}

TEST(waitall_waits_for_all)
{
	char buf[8] = "";
	int s[2];
	pid_t pid;

	make_pair(SOCK_STREAM, s);
	IN_CHILD(pid) {
		char c;

		send_text(s[0], "abc");
		EXPECT_EQ(read(s[0], &c, 1), 1);
		send_text(s[0], "def");
	}
	EXPECT_EQ(recv(s[1], buf, 3, MSG_PEEK | MSG_WAITALL), 3);
	send_text(s[1], "!");
	EXPECT_EQ(recv(s[1], buf, 6, MSG_WAITALL), 6);
	EXPECT_STR(buf, "abcdef");
	EXPECT_EXIT(pid, 0);
	send_text(s[0], "xy");
	OK(close(s[0]));
	EXPECT_EQ(recv(s[1], buf, 6, MSG_WAITALL), 2);
	OK(close(s[1]));
}

TEST(low_water_mark)
{
	char buf[8] = "";
	int s[2], four = 4;
	pid_t pid;

	make_pair(SOCK_STREAM, s);
	EXPECT_EQ(int_option(s[1], SO_RCVLOWAT), 1);
	EXPECT_EQ(int_option(s[1], SO_SNDLOWAT), 1);
	OK(setsockopt(s[1], SOL_SOCKET, SO_RCVLOWAT, &four, sizeof(four)));
	IN_CHILD(pid) {
		send_text(s[0], "ab");
		wait_until_sleeping(getppid());
		send_text(s[0], "cd");
	}
	EXPECT_EQ(read(s[1], buf, 8), 4);
	EXPECT_EXIT(pid, 0);
	close_pair(s);
}

/* ---- the end of a stream ---------------------------------------------- */

TEST(closing_ends_the_stream)
{
	char c;
	int s[2];

	make_pair(SOCK_STREAM, s);
	send_text(s[0], "last");
	OK(close(s[0]));
	EXPECT_EQ(polled(s[1]), READABLE | WRITABLE | POLLHUP | POLLRDHUP);
	expect_text(s[1], "last");
	EXPECT_EQ(read(s[1], &c, 1), 0);
	EXPECT_EQ(read(s[1], &c, 1), 0);
	EXPECT_ERR(send(s[1], "x", 1, MSG_NOSIGNAL), EPIPE);
	OK(close(s[1]));
}

static volatile sig_atomic_t pipe_signals;

static void on_sigpipe(int sig)
{
	pipe_signals += sig == SIGPIPE;
}

TEST(writing_to_nobody_signals)
{
	int s[2];

	OK((long)signal(SIGPIPE, on_sigpipe));
	make_pair(SOCK_STREAM, s);
	OK(close(s[0]));
	EXPECT_ERR(write(s[1], "x", 1), EPIPE);
	EXPECT_EQ(pipe_signals, 1);
	EXPECT_ERR(send(s[1], "x", 1, 0), EPIPE);
	EXPECT_EQ(pipe_signals, 2);
	EXPECT_ERR(send(s[1], "x", 1, MSG_NOSIGNAL), EPIPE);
	EXPECT_ERR(send(s[1], "", 0, MSG_NOSIGNAL), EPIPE);
	EXPECT_EQ(pipe_signals, 2);
	OK(close(s[1]));
	/* Packets that nobody can receive are an error, but no signal. */
	make_pair(SOCK_SEQPACKET, s);
	OK(close(s[0]));
	EXPECT_ERR(write(s[1], "x", 1), EPIPE);
	EXPECT_EQ(pipe_signals, 2);
	OK(close(s[1]));
}

TEST(unread_data_resets)
{
	char c;
	int s[2];

	make_pair(SOCK_STREAM, s);
	send_text(s[1], "unread");
	send_text(s[0], "read");
	OK(close(s[0]));
	EXPECT_EQ(polled(s[1]), READABLE | WRITABLE | POLLHUP | POLLRDHUP |
		  POLLERR);
	expect_text(s[1], "read");
	EXPECT_ERR(read(s[1], &c, 1), ECONNRESET);
	EXPECT_EQ(read(s[1], &c, 1), 0);
	OK(close(s[1]));

	make_pair(SOCK_STREAM, s);
	send_text(s[1], "unread");
	OK(close(s[0]));
	EXPECT_EQ(int_option(s[1], SO_ERROR), ECONNRESET);
	EXPECT_EQ(int_option(s[1], SO_ERROR), 0);
	EXPECT_EQ(read(s[1], &c, 1), 0);
	OK(close(s[1]));
}

TEST(half_close)
{
	char c;
	int s[2];

	make_pair(SOCK_STREAM, s);
	send_text(s[0], "abc");
	OK(shutdown(s[0], SHUT_WR));
	EXPECT_ERR(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	EXPECT_EQ(polled(s[0]), WRITABLE);
	EXPECT_EQ(polled(s[1]), READABLE | WRITABLE | POLLRDHUP);
	expect_text(s[1], "abc");
	EXPECT_EQ(read(s[1], &c, 1), 0);
	send_text(s[1], "other way");
	expect_text(s[0], "other way");
	OK(shutdown(s[1], SHUT_WR));
	EXPECT_EQ(polled(s[0]), READABLE | WRITABLE | POLLRDHUP | POLLHUP);
	EXPECT_EQ(read(s[0], &c, 1), 0);
	close_pair(s);
}

TEST(closing_for_reading)
{
	char c;
	int s[2];

	make_pair(SOCK_STREAM, s);
	send_text(s[1], "abc");
	OK(shutdown(s[0], SHUT_RD));
	EXPECT_ERR(send(s[1], "x", 1, MSG_NOSIGNAL), EPIPE);
	expect_text(s[0], "abc");
	EXPECT_EQ(read(s[0], &c, 1), 0);
	send_text(s[0], "still");
	expect_text(s[1], "still");
	EXPECT_ERR(shutdown(s[0], 3), EINVAL);
	EXPECT_ERR(shutdown(s[0], -1), EINVAL);
	OK(shutdown(s[0], SHUT_RDWR));
	close_pair(s);
}

TEST(a_sleeping_reader_sees_the_end)
{
	int s[2];
	pid_t pid;
	char c;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		make_pair(types[i], s);
		IN_CHILD(pid) {
			OK(close(s[0]));
			EXPECT_EQ(read(s[1], &c, 1), 0);
		}
		wait_until_sleeping(pid);
		if (types[i] == SOCK_DGRAM)
			OK(shutdown(s[1], SHUT_RD));
		else
			OK(close(s[0]));
		EXPECT_EXIT(pid, 0);
		OK(close(s[1]));
		if (types[i] == SOCK_DGRAM)
			OK(close(s[0]));
	}
}

/* ---- back-pressure ---------------------------------------------------- */

TEST(a_full_stream_blocks)
{
	static char buf[1 << 19];
	int s[2];
	pid_t pid;
	long total;

	make_pair(SOCK_STREAM, s);
	EXPECT_EQ(polled(s[0]), WRITABLE);
	total = fill(s[0], 4096);
	EXPECT(total >= 4096);
	EXPECT_EQ(polled(s[0]), 0);
	EXPECT_EQ(polled(s[1]), READABLE | WRITABLE);
	IN_CHILD(pid) {
		EXPECT_EQ(write(s[0], "end", 3), 3);
	}
	wait_until_sleeping(pid);
	for (long got = 0; got < total + 3; ) {
		ssize_t n = OK(read(s[1], buf, sizeof(buf)));

		EXPECT(n > 0);
		got += n;
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(polled(s[0]), WRITABLE);
	close_pair(s);
}

TEST(a_sleeping_writer_sees_the_end)
{
	int s[2];
	pid_t pid;

	make_pair(SOCK_STREAM, s);
	fill(s[0], 4096);
	IN_CHILD(pid) {
		OK(close(s[1]));
		EXPECT_ERR(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	}
	wait_until_sleeping(pid);
	OK(shutdown(s[1], SHUT_RD));
	EXPECT_EXIT(pid, 0);
	close_pair(s);
}

TEST(the_budget_can_be_set)
{
	int s[2], small = 1, value = 10000;
	long before, after;

	make_pair(SOCK_STREAM, s);
	EXPECT_EQ(int_option(s[0], SO_SNDBUF), 212992);
	EXPECT_EQ(int_option(s[0], SO_RCVBUF), 212992);
	before = fill(s[0], 1024);
	OK(setsockopt(s[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)));
	EXPECT_EQ(int_option(s[1], SO_SNDBUF), 4608);
	after = fill(s[1], 1024);
	EXPECT(after < before);
	EXPECT(after >= 1024);
	OK(setsockopt(s[1], SOL_SOCKET, SO_SNDBUF, &value, sizeof(value)));
	EXPECT_EQ(int_option(s[1], SO_SNDBUF), 20000);
	OK(setsockopt(s[1], SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)));
	EXPECT_EQ(int_option(s[1], SO_RCVBUF), 2304);
	value = 1 << 30;
	OK(setsockopt(s[1], SOL_SOCKET, SO_SNDBUF, &value, sizeof(value)));
	EXPECT_EQ(int_option(s[1], SO_SNDBUF), 2 * 212992);
	value = -1;
	OK(setsockopt(s[1], SOL_SOCKET, SO_RCVBUF, &value, sizeof(value)));
	EXPECT_EQ(int_option(s[1], SO_RCVBUF), 2 * 212992);
	value = 1 << 20;
	OK(setsockopt(s[1], SOL_SOCKET, SO_SNDBUFFORCE, &value, sizeof(value)));
	EXPECT_EQ(int_option(s[1], SO_SNDBUF), 2 << 20);
	close_pair(s);
}

TEST(bytes_on_their_way)
{
	int s[2], value = -1;

	make_pair(SOCK_STREAM, s);
	OK(ioctl(s[0], SIOCOUTQ, &value));
	EXPECT_EQ(value, 0);
	send_text(s[0], "abc");
	send_text(s[0], "de");
	OK(ioctl(s[0], SIOCOUTQ, &value));
	EXPECT(value >= 5);
	OK(ioctl(s[1], FIONREAD, &value));
	EXPECT_EQ(value, 5);
	OK(ioctl(s[0], FIONREAD, &value));
	EXPECT_EQ(value, 0);
	expect_text(s[1], "abcde");
	OK(ioctl(s[0], SIOCOUTQ, &value));
	EXPECT_EQ(value, 0);
	EXPECT_ERR(ioctl(s[0], FIONREAD, NULL), EFAULT);
	close_pair(s);

	make_pair(SOCK_DGRAM, s);
	send_text(s[0], "abc");
	send_text(s[0], "de");
	OK(ioctl(s[1], SIOCINQ, &value));
	EXPECT_EQ(value, 3);
	close_pair(s);

	make_pair(SOCK_SEQPACKET, s);
	send_text(s[0], "abc");
	send_text(s[0], "de");
	OK(ioctl(s[1], SIOCINQ, &value));
	EXPECT_EQ(value, 5);
	close_pair(s);
}

/* ---- bad memory ------------------------------------------------------- */

TEST(bad_buffers)
{
	char *bad = (char *)8, buf[8];
	struct iovec iov = { buf, 4 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int s[2];

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		make_pair(types[i], s);
		EXPECT_ERR(send(s[0], bad, 4, 0), EFAULT);
		send_text(s[0], "abc");
		EXPECT_ERR(recv(s[1], bad, 4, 0), EFAULT);
		/* A stream keeps what it could not give; a message is lost. */
		if (types[i] == SOCK_STREAM)
			expect_text(s[1], "abc");
		EXPECT_ERR(recv(s[1], buf, 4, MSG_DONTWAIT), EAGAIN);
		EXPECT_ERR(sendmsg(s[0], (void *)bad, 0), EFAULT);
		EXPECT_ERR(recvmsg(s[1], (void *)bad, 0), EFAULT);
		msg.msg_iovlen = 1025;
		EXPECT_ERR(sendmsg(s[0], &msg, 0), EMSGSIZE);
		EXPECT_ERR(recvmsg(s[1], &msg, 0), EMSGSIZE);
		msg.msg_iovlen = 1;
		msg.msg_iov = (void *)bad;
		EXPECT_ERR(sendmsg(s[0], &msg, 0), EFAULT);
		msg.msg_iov = &iov;
		msg.msg_name = buf;
		msg.msg_namelen = -1;
		EXPECT_ERR(recvmsg(s[1], &msg, 0), EINVAL);
		msg.msg_name = NULL;
		close_pair(s);
	}
}

TEST(a_page_that_ends)
{
	char *map = OK(mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	char buf[8] = "";
	int s[2];

	OK(munmap(map + 4096, 4096));
	make_pair(SOCK_STREAM, s);
	EXPECT_ERR(send(s[0], map + 4092, 8, 0), EFAULT);
	EXPECT_EQ(polled(s[1]), WRITABLE);
	send_text(s[0], "abcdefgh");
	EXPECT_ERR(recv(s[1], map + 4092, 8, 0), EFAULT);
	expect_text(s[1], "abcdefgh");
	EXPECT_EQ(recv(s[1], buf, 1, MSG_DONTWAIT), -1);
	close_pair(s);
	OK(munmap(map, 4096));
}
