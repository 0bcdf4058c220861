/* Reading, writing, opening, locking: what a signal makes of each call. */
#include "restarttools.h"

#include <mqueue.h>
#include <pty.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>

/* ---- pipes ---- */

static void full_pipe(void)
{
	make_pipe();
	fill(fds[1]);
}

static long readv_byte(void)
{
	char c;
	struct iovec iov = { &c, 1 };

	return readv(fds[0], &iov, 1);
}

static long writev_byte(void)
{
	struct iovec iov = { "z", 1 };

	return writev(fds[1], &iov, 1);
}

RULE(pipe_read, .setup = make_pipe, .call = read_byte, .complete = write_z,
     .want = 1);
RULE(pipe_readv, .setup = make_pipe, .call = readv_byte, .complete = write_z,
     .want = 1);
RULE(pipe_write, .setup = full_pipe, .call = write_byte, .complete = drain_0,
     .want = 1);
RULE(pipe_writev, .setup = full_pipe, .call = writev_byte,
     .complete = drain_0, .want = 1);

/* What has been written counts: no handler can make it unwritten. */
TEST(half_a_write_is_not_restarted)
{
	static char much[200000];
	int size;

	for (int flags = 0; flags <= SA_RESTART; flags += SA_RESTART) {
		event_init(&handled);
		make_pipe();
		size = OK(fcntl(fds[1], F_GETPIPE_SZ));
		IN_CHILD(target) {
			set_handler(SIGUSR1, tell_handled, flags);
			EXPECT_EQ(write(fds[1], much, sizeof(much)), size);
		}
		wait_until_sleeping(target);
		OK(kill(target, SIGUSR1));
		EXPECT_EXIT(target, 0);
		OK(close(fds[0]));
		OK(close(fds[1]));
		event_close(&handled);
	}
}

static void full_pipe_and_file(void)
{
	full_pipe();
	fds[2] = OK(open("f", O_RDWR | O_CREAT, 0600));
	OK(ftruncate(fds[2], 1));
}

static long sendfile_in(void)
{
	off_t start = 0;

	return sendfile(fds[1], fds[2], &start, 1);
}

RULE(sendfile_waits_for_room, .setup = full_pipe_and_file,
     .call = sendfile_in, .complete = drain_0, .want = 1);

/* ---- opening a FIFO ---- */

static void make_fifo(void)
{
	unlink("fifo");
	OK(mkfifo("fifo", 0600));
}

static long close_it(int fd)
{
	return fd < 0 ? -1 : close(fd);
}

static long open_to_read(void)
{
	return close_it(open("fifo", O_RDONLY));
}

static long open_to_write(void)
{
	return close_it(open("fifo", O_WRONLY));
}

static void be_writer(void)
{
	fds[0] = OK(open("fifo", O_WRONLY));
}

static void be_reader(void)
{
	fds[0] = OK(open("fifo", O_RDONLY));
}

RULE(fifo_open_to_read, .setup = make_fifo, .call = open_to_read,
     .complete = be_writer);
RULE(fifo_open_to_write, .setup = make_fifo, .call = open_to_write,
     .complete = be_reader);

/* ---- terminals ---- */

static void make_pty(void)
{
	OK(openpty(&fds[1], &fds[0], NULL, NULL, NULL));
}

static void type_line(void)
{
	EXPECT_EQ(write(fds[1], "\n", 1), 1);
}

static void stopped_pty(void)
{
	OK(openpty(&fds[0], &fds[1], NULL, NULL, NULL));
	OK(ioctl(fds[1], TCXONC, TCOOFF));
}

static void start_output(void)
{
	OK(ioctl(fds[1], TCXONC, TCOON));
}

/* The master is fds[0] here. */
static void make_pty_to_read(void)
{
	OK(openpty(&fds[0], &fds[1], NULL, NULL, NULL));
}

RULE(terminal_read, .setup = make_pty, .call = read_byte,
     .complete = type_line, .want = 1);
RULE(terminal_write, .setup = stopped_pty, .call = write_byte,
     .complete = start_output, .want = 1);
RULE(pty_master_read, .setup = make_pty_to_read, .call = read_byte,
     .complete = write_z, .want = 1);

/* ---- sockets ---- */

static void stream_pair(void)
{
	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
}

static void dgram_pair(void)
{
	OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds));
}

static void set_timeout(int fd, int option)
{
	struct timeval tv = { 1000, 0 };

	OK(setsockopt(fd, SOL_SOCKET, option, &tv, sizeof(tv)));
}

static void stream_pair_timed(void)
{
	stream_pair();
	set_timeout(fds[0], SO_RCVTIMEO);
	set_timeout(fds[1], SO_SNDTIMEO);
}

static void dgram_pair_timed(void)
{
	dgram_pair();
	set_timeout(fds[0], SO_RCVTIMEO);
	set_timeout(fds[1], SO_SNDTIMEO);
}

static void full_stream(void)
{
	stream_pair();
	fill(fds[1]);
}

static void full_stream_timed(void)
{
	stream_pair_timed();
	fill(fds[1]);
}

static void full_dgram(void)
{
	dgram_pair();
	fill(fds[1]);
}

static long recv_byte(void)
{
	char c;

	return recv(fds[0], &c, 1, 0);
}

static long recvmsg_byte(void)
{
	char c;
	struct iovec iov = { &c, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	return recvmsg(fds[0], &msg, 0);
}

static long recvmmsg_byte(void)
{
	char c;
	struct iovec iov = { &c, 1 };
	struct mmsghdr msg = {
		.msg_hdr = { .msg_iov = &iov, .msg_iovlen = 1 }
	};

	return recvmmsg(fds[0], &msg, 1, 0, NULL);
}

static long send_byte(void)
{
	return send(fds[1], "z", 1, 0);
}

RULE(stream_read, .setup = stream_pair, .call = read_byte,
     .complete = write_z, .want = 1);
RULE(stream_recv, .setup = stream_pair, .call = recv_byte,
     .complete = write_z, .want = 1);
RULE(stream_recvmsg, .setup = stream_pair, .call = recvmsg_byte,
     .complete = write_z, .want = 1);
RULE(dgram_recv, .setup = dgram_pair, .call = recv_byte,
     .complete = write_z, .want = 1);
RULE(dgram_recvmsg, .setup = dgram_pair, .call = recvmsg_byte,
     .complete = write_z, .want = 1);
RULE(dgram_recvmmsg, .setup = dgram_pair, .call = recvmmsg_byte,
     .complete = write_z, .want = 1);
RULE(stream_send, .setup = full_stream, .call = send_byte,
     .complete = drain_0, .want = 1);
RULE(dgram_send, .setup = full_dgram, .call = send_byte,
     .complete = drain_0, .want = 1);

/* With a time limit of its own, a call does not begin anew. */
RULE(timed_stream_recv, .setup = stream_pair_timed, .call = recv_byte,
     .flags = NEVER_RESTARTS | ENDS_AT_STOPS);
RULE(timed_stream_recvmsg, .setup = stream_pair_timed, .call = recvmsg_byte,
     .flags = NEVER_RESTARTS | ENDS_AT_STOPS);
RULE(timed_dgram_recv, .setup = dgram_pair_timed, .call = recv_byte,
     .flags = NEVER_RESTARTS | ENDS_AT_STOPS);
RULE(timed_stream_send, .setup = full_stream_timed, .call = send_byte,
     .flags = NEVER_RESTARTS | ENDS_AT_STOPS);

static const struct sockaddr_un address = { AF_UNIX, "socket" };
#define ADDRESS	((const struct sockaddr *)&address), sizeof(address)

static void make_listener(void)
{
	unlink("socket");
	fds[0] = OK(socket(AF_UNIX, SOCK_STREAM, 0));
	OK(bind(fds[0], ADDRESS));
	OK(listen(fds[0], 0));
	fds[1] = OK(socket(AF_UNIX, SOCK_STREAM, 0));
}

static void make_listener_timed(void)
{
	make_listener();
	set_timeout(fds[0], SO_RCVTIMEO);
}

/* One more than the backlog is let in, and none after that. */
static void make_busy_listener(void)
{
	make_listener();
	fds[2] = OK(socket(AF_UNIX, SOCK_STREAM, 0));
	OK(connect(fds[2], ADDRESS));
}

static void make_busy_listener_timed(void)
{
	make_busy_listener();
	set_timeout(fds[1], SO_SNDTIMEO);
}

static long accept_one(void)
{
	return close_it(accept(fds[0], NULL, NULL));
}

static long connect_one(void)
{
	return connect(fds[1], ADDRESS);
}

static void do_connect(void)
{
	OK(connect(fds[1], ADDRESS));
}

static void do_accept(void)
{
	fds[3] = OK(accept(fds[0], NULL, NULL));
}

RULE(socket_accept, .setup = make_listener, .call = accept_one,
     .complete = do_connect);
RULE(timed_accept, .setup = make_listener_timed, .call = accept_one,
     .flags = NEVER_RESTARTS | ENDS_AT_STOPS);
RULE(socket_connect, .setup = make_busy_listener, .call = connect_one,
     .complete = do_accept);
RULE(timed_connect, .setup = make_busy_listener_timed, .call = connect_one,
     .flags = NEVER_RESTARTS | ENDS_AT_STOPS);

/* ---- event descriptors ---- */

static void make_eventfd(void)
{
	fds[0] = OK(eventfd(0, 0));
}

static void make_full_eventfd(void)
{
	uint64_t most = UINT64_MAX - 1;

	make_eventfd();
	EXPECT_EQ(write(fds[0], &most, 8), 8);
}

static long read_eight(void)
{
	uint64_t value;

	return read(fds[0], &value, 8);
}

static long write_eight(void)
{
	uint64_t value = 1;

	return write(fds[0], &value, 8);
}

static void do_write_eight(void)
{
	EXPECT_EQ(write_eight(), 8);
}

static void do_read_eight(void)
{
	EXPECT_EQ(read_eight(), 8);
}

RULE(eventfd_read, .setup = make_eventfd, .call = read_eight,
     .complete = do_write_eight, .want = 8);
RULE(eventfd_write, .setup = make_full_eventfd, .call = write_eight,
     .complete = do_read_eight, .want = 8);

static void make_timerfd(void)
{
	fds[0] = OK(timerfd_create(CLOCK_MONOTONIC, 0));
}

static void let_it_expire(void)
{
	struct itimerspec at = { .it_value = { 0, 1 } };

	OK(timerfd_settime(fds[0], 0, &at, NULL));
}

RULE(timerfd_read, .setup = make_timerfd, .call = read_eight,
     .complete = let_it_expire, .want = 8);

static long read_signalfd(void)
{
	struct signalfd_siginfo info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	OK(sigprocmask(SIG_BLOCK, &set, NULL));
	fds[0] = OK(signalfd(-1, &set, 0));
	return read(fds[0], &info, sizeof(info));
}

RULE(signalfd_read, .call = read_signalfd, .complete = send_usr2,
     .want = sizeof(struct signalfd_siginfo));

/* ---- locks ---- */

static void lock_file(void)
{
	fds[0] = OK(open("locked", O_RDWR | O_CREAT, 0600));
	OK(flock(fds[0], LOCK_EX));
}

static long flock_it(void)
{
	int fd = OK(open("locked", O_RDWR));

	return flock(fd, LOCK_EX);
}

static void unlock_file(void)
{
	OK(flock(fds[0], LOCK_UN));
}

RULE(flock_waits, .setup = lock_file, .call = flock_it,
     .complete = unlock_file);

static struct flock whole(int type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET };
}

static void lock_range(void)
{
	struct flock lock = whole(F_WRLCK);

	fds[0] = OK(open("locked", O_RDWR | O_CREAT, 0600));
	OK(fcntl(fds[0], F_SETLK, &lock));
}

static long setlkw(void)
{
	struct flock lock = whole(F_WRLCK);

	return fcntl(fds[0], F_SETLKW, &lock);
}

static long ofd_setlkw(void)
{
	struct flock lock = whole(F_WRLCK);
	int fd = OK(open("locked", O_RDWR));

	return fcntl(fd, F_OFD_SETLKW, &lock);
}

static void unlock_range(void)
{
	struct flock lock = whole(F_UNLCK);

	OK(fcntl(fds[0], F_SETLK, &lock));
}

RULE(fcntl_setlkw, .setup = lock_range, .call = setlkw,
     .complete = unlock_range);
RULE(fcntl_ofd_setlkw, .setup = lock_range, .call = ofd_setlkw,
     .complete = unlock_range);

/* ---- POSIX message queues ---- */

static void make_queue(void)
{
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = 1 };

	fds[0] = OK(mq_open("/restart", O_RDWR | O_CREAT, 0600, &attr));
	OK(mq_unlink("/restart"));
}

static void make_full_queue(void)
{
	make_queue();
	OK(mq_send(fds[0], "z", 1, 0));
}

static void far_away(struct timespec *at)
{
	OK(clock_gettime(CLOCK_REALTIME, at));
	at->tv_sec += 1000;
}

static long mq_receive_one(void)
{
	char c;

	return mq_receive(fds[0], &c, 1, NULL);
}

static long mq_timedreceive_one(void)
{
	struct timespec at;
	char c;

	far_away(&at);
	return mq_timedreceive(fds[0], &c, 1, NULL, &at);
}

static long mq_send_one(void)
{
	return mq_send(fds[0], "z", 1, 0);
}

static long mq_timedsend_one(void)
{
	struct timespec at;

	far_away(&at);
	return mq_timedsend(fds[0], "z", 1, 0, &at);
}

static void do_mq_send(void)
{
	OK(mq_send_one());
}

static void do_mq_receive(void)
{
	OK(mq_receive_one());
}

RULE(mqueue_receive, .setup = make_queue, .call = mq_receive_one,
     .complete = do_mq_send, .want = 1);
RULE(mqueue_timedreceive, .setup = make_queue, .call = mq_timedreceive_one,
     .complete = do_mq_send, .want = 1);
RULE(mqueue_send, .setup = make_full_queue, .call = mq_send_one,
     .complete = do_mq_receive);
RULE(mqueue_timedsend, .setup = make_full_queue, .call = mq_timedsend_one,
     .complete = do_mq_receive);
