/* /proc/<pid>/io: each call that moves bytes, counted where it belongs. */
#include "proctools.h"

#include <pthread.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

struct io {
	unsigned long rchar, wchar, syscr, syscw, read, write, cancelled;
};

/* Read by pread() of an open file: it counts as one call itself, afterwards. */
static struct io io_of_fd(int fd)
{
	char buf[512];
	ssize_t n = OK(pread(fd, buf, sizeof(buf) - 1, 0));
	struct io io;
	int end = 0;

	buf[n] = '\0';
	EXPECT_EQ(sscanf(buf, "rchar: %lu\nwchar: %lu\nsyscr: %lu\n"
			 "syscw: %lu\nread_bytes: %lu\nwrite_bytes: %lu\n"
			 "cancelled_write_bytes: %lu\n%n", &io.rchar, &io.wchar,
			 &io.syscr, &io.syscw, &io.read, &io.write,
			 &io.cancelled, &end), 7);
	EXPECT_EQ(end, n);
	return io;
}

static struct io io_of(const char *path)
{
	int fd = OK(open(path, O_RDONLY));
	struct io io = io_of_fd(fd);

	OK(close(fd));
	return io;
}

/* What @body costs this thread, without the measuring. */
#define COST(body) ({							\
	int _fd = OK(open("/proc/thread-self/io", O_RDONLY));		\
	struct io _first = io_of_fd(_fd), _a = io_of_fd(_fd);		\
	body;								\
	struct io _b = io_of_fd(_fd);					\
	OK(close(_fd));							\
	(struct io){ _b.rchar - _a.rchar - (_a.rchar - _first.rchar),	\
		     _b.wchar - _a.wchar, _b.syscr - _a.syscr - 1,	\
		     _b.syscw - _a.syscw, 0, 0, 0 };			\
})

/*
 * The text itself is read, and may get longer by some digits from one time to
 * the next; what is moved here is more than that.
 */
#define EXPECT_COST(body, reads, bytes_in, writes, bytes_out) do {	\
	struct io _c = COST(body);					\
	EXPECT_EQ(_c.syscr, reads);					\
	EXPECT_EQ(_c.syscw, writes);					\
	EXPECT_EQ(_c.wchar, bytes_out);					\
	EXPECT((long)_c.rchar - (long)(bytes_in) >= 0);			\
	EXPECT((long)_c.rchar - (long)(bytes_in) < 64);			\
} while (0)

static char buf[1000];

TEST(io_has_seven_lines)
{
	struct stat st;

	(void)io_of("/proc/self/io");
	(void)io_of("/proc/thread-self/io");
	OK(stat("/proc/self/io", &st));
	EXPECT_EQ(st.st_mode, S_IFREG | 0400);
}

TEST(io_counts_read_and_write)
{
	int fd = OK(open("f", O_CREAT | O_RDWR, 0600));

	EXPECT_COST(write(fd, buf, 700), 0, 0, 1, 700);
	EXPECT_COST(pwrite(fd, buf, 300, 0), 0, 0, 1, 300);
	EXPECT_COST(pread(fd, buf, 1000, 0), 1, 700, 0, 0);
	EXPECT_COST(pread(fd, buf, 1000, 700), 1, 0, 0, 0);	/* the end */
	EXPECT_COST(write(fd, buf, 0), 0, 0, 1, 0);
	OK(close(fd));
	fd = OK(open("/dev/zero", O_RDONLY));
	EXPECT_COST(read(fd, buf, 500), 1, 500, 0, 0);
	OK(close(fd));
}

/* A call counts once the file has been asked, whatever it answers. */
TEST(io_counts_calls_that_fail)
{
	int fds[2], null = OK(open("/dev/null", O_RDONLY));

	OK(pipe2(fds, O_NONBLOCK));
	EXPECT_COST(read(fds[0], buf, 10), 1, 0, 0, 0);		/* EAGAIN */
	EXPECT_COST(read(-1, buf, 10), 0, 0, 0, 0);
	EXPECT_COST(write(null, buf, 10), 0, 0, 0, 0);		/* EBADF */
	EXPECT_COST(read(fds[1], buf, 10), 0, 0, 0, 0);
	EXPECT_COST(pread(fds[0], buf, 10, 0), 0, 0, 0, 0);	/* ESPIPE */
	EXPECT_COST(read(fds[0], (void *)-4096UL, 10), 0, 0, 0, 0);
	EXPECT_COST(write(fds[1], (void *)8, 10), 0, 0, 1, 0);	/* EFAULT */
	OK(close(fds[0]));
	signal(SIGPIPE, SIG_IGN);
	EXPECT_COST(write(fds[1], buf, 10), 0, 0, 1, 0);	/* EPIPE */
	OK(close(fds[1]));
	OK(close(null));
}

/* Vectors count as one call each, even one of no file at all. */
TEST(io_counts_vectors)
{
	struct iovec iov[2] = { { buf, 400 }, { buf + 400, 200 } };
	int fd = OK(open("f", O_CREAT | O_RDWR, 0600));

	EXPECT_COST(writev(fd, iov, 2), 0, 0, 1, 600);
	EXPECT_COST(preadv(fd, iov, 2, 0), 1, 600, 0, 0);
	EXPECT_COST(pwritev2(fd, iov, 1, 0, 0), 0, 0, 1, 400);
	EXPECT_COST(readv(-1, iov, 2), 1, 0, 0, 0);
	EXPECT_COST(writev(-1, iov, 2), 0, 0, 1, 0);
	EXPECT_COST(preadv(-1, iov, 2, 0), 1, 0, 0, 0);
	EXPECT_COST(preadv(fd, iov, 2, -5), 0, 0, 0, 0);
	EXPECT_COST(writev(fd, iov, -1), 0, 0, 1, 0);
	OK(close(fd));
}

/* From file to file in the kernel: a read and a write. Messages: neither. */
TEST(io_counts_copies_in_the_kernel)
{
	int a = OK(open("a", O_CREAT | O_RDWR, 0600));
	int b = OK(open("b", O_CREAT | O_RDWR, 0600));
	static char page[20000];
	off_t off = 0;
	loff_t from = 0, to = 0;
	int fds[2];

	EXPECT_EQ(write(a, page, sizeof(page)), sizeof(page));
	EXPECT_COST(sendfile(b, a, &off, 20000), 1, 20000, 1, 20000);
	EXPECT_COST(sendfile(b, a, &off, 20000), 1, 0, 1, 0);
	EXPECT_COST(sendfile(b, -1, &off, 20000), 0, 0, 0, 0);
	EXPECT_COST(copy_file_range(a, &from, b, &to, 20000, 0), 1, 20000,
		    1, 20000);
	EXPECT_COST(copy_file_range(a, &from, b, &to, 0, 0), 0, 0, 0, 0);
	OK(close(a));
	OK(close(b));
	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	EXPECT_COST(send(fds[0], buf, 100, 0), 0, 0, 0, 0);
	EXPECT_COST(recv(fds[1], buf, 100, 0), 0, 0, 0, 0);
	EXPECT_COST(write(fds[0], buf, 100), 0, 0, 1, 100);
	EXPECT_COST(read(fds[1], buf, 100), 1, 100, 0, 0);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

static void *writes_a_lot(void *arg)
{
	int fd = *(int *)arg;

	EXPECT_COST(({
		for (int i = 0; i < 100; i++)
			EXPECT_EQ(write(fd, buf, 1000), 1000);
	}), 0, 0, 100, 100000);
	return NULL;
}

/* A process's file sums up its threads, those that have ended too. */
TEST(io_of_a_process_is_its_threads_sum)
{
	int fd = OK(open("/dev/null", O_WRONLY));
	struct io before = io_of("/proc/self/io"), after;
	pthread_t thread;

	EXPECT_COST(({
		pthread_create(&thread, NULL, writes_a_lot, &fd);
		pthread_join(thread, NULL);
	}), 0, 0, 0, 0);
	after = io_of("/proc/self/io");
	EXPECT_EQ(after.wchar - before.wchar, 100000);
	EXPECT_EQ(after.syscw - before.syscw, 100);
	/* As a thread, the first one wrote nothing of it. */
	EXPECT(io_of("/proc/thread-self/io").wchar < 100000);
	OK(close(fd));
}

/* A child begins at nothing; its parent gets its sum when it waits for it. */
TEST(io_of_children_is_added_when_they_are_waited_for)
{
	int fd = OK(open("/dev/null", O_WRONLY));
	struct io before, after;
	siginfo_t si;
	pid_t pid;

	EXPECT_EQ(write(fd, buf, 1000), 1000);
	before = io_of("/proc/self/io");
	IN_CHILD(pid) {
		struct io mine = io_of("/proc/self/io");

		EXPECT_EQ(mine.wchar, 0);
		EXPECT_EQ(mine.syscw, 0);
		EXPECT_EQ(mine.rchar, 0);
		for (int i = 0; i < 50; i++)
			EXPECT_EQ(write(fd, buf, 1000), 1000);
	}
	OK(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	EXPECT_EQ(io_of(of(pid, "io")).wchar, 50000);		/* a zombie */
	after = io_of("/proc/self/io");
	EXPECT_EQ(after.wchar - before.wchar, 0);
	EXPECT_EXIT(pid, 0);
	after = io_of("/proc/self/io");
	EXPECT_EQ(after.wchar - before.wchar, 50000);
	EXPECT_EQ(after.syscw - before.syscw, 50);
	OK(close(fd));
}

TEST(io_survives_exec)
{
	char *argv[] = { (char *)PROGRAMS "/show", NULL };
	struct io before = io_of("/proc/self/io"), after;
	int fd = OK(open("/dev/null", O_WRONLY));
	pid_t pid;

	IN_CHILD(pid) {
		EXPECT_EQ(write(fd, buf, 777), 777);
		execv(argv[0], argv);
		_exit(126);
	}
	int status = wait_status(pid);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) != 126);
	after = io_of("/proc/self/io");
	EXPECT(after.wchar - before.wchar >= 777);
	/* The kernel's reading of the program was one of its calls. */
	EXPECT(after.rchar - before.rchar > 64);
	OK(close(fd));
}

/* How many bytes a program reads can tell a secret: only its owner is told. */
TEST(io_is_not_for_others)
{
	pid_t pid;

	IN_CHILD(pid) {
		/* Opened while it was allowed, read when it is not. */
		int fd = OK(open(of(getppid(), "io"), O_RDONLY));

		become_user(1000, 1000);
		EXPECT_ERR(pread(fd, text, 100, 0), EACCES);
		EXPECT_ERR(open(of(getppid(), "io"), O_RDONLY), EACCES);
		OK(close(fd));
	}
	EXPECT_EXIT(pid, 0);
}
