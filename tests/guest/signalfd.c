/* signalfd: reading signals, polling for them, and whose they are. */
#include "epolltools.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/signalfd.h>

#define ONE	sizeof(struct signalfd_siginfo)

static sigset_t set_of(int a, int b)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, a);
	if (b)
		sigaddset(&set, b);
	return set;
}

/* Block @a and @b, and make a descriptor for them. */
static int open_for(int a, int b, int flags)
{
	sigset_t set = set_of(a, b);

	OK(sigprocmask(SIG_BLOCK, &set, NULL));
	return OK(signalfd(-1, &set, flags));
}

static struct signalfd_siginfo take(int fd)
{
	struct signalfd_siginfo info;

	memset(&info, 0xee, sizeof(info));
	EXPECT_EQ(read(fd, &info, sizeof(info)), ONE);
	return info;
}

static int ready(int fd)
{
	struct pollfd p = {
		.fd = fd, .events = POLLIN | POLLOUT | POLLRDNORM | POLLPRI
	};

	OK(poll(&p, 1, 0));
	return p.revents;
}

TEST(a_signal_is_read)
{
	int fd = open_for(SIGUSR1, 0, 0);
	static const char zero[28];
	struct signalfd_siginfo info;

	EXPECT_EQ(ONE, 128);
	OK(kill(getpid(), SIGUSR1));
	EXPECT(pending(SIGUSR1));
	info = take(fd);
	EXPECT(!pending(SIGUSR1));
	EXPECT_EQ(info.ssi_signo, SIGUSR1);
	EXPECT_EQ(info.ssi_errno, 0);
	EXPECT_EQ(info.ssi_code, SI_USER);
	EXPECT_EQ(info.ssi_pid, getpid());
	EXPECT_EQ(info.ssi_uid, getuid());
	EXPECT_EQ(info.ssi_fd, 0);
	EXPECT_EQ(info.ssi_tid, 0);
	EXPECT_EQ(info.ssi_int, 0);
	EXPECT_EQ(info.ssi_ptr, 0);
	EXPECT_EQ(info.ssi_addr, 0);
	EXPECT_MEM((char *)&info + 100, zero, 28);
	OK(close(fd));
}

TEST(errors_and_flags)
{
	sigset_t set = set_of(SIGUSR1, SIGKILL);
	char path[64], text[512], link[64] = "", *line;
	struct signalfd_siginfo info;
	int fd, other = OK(eventfd(0, 0));

	EXPECT_ERR(syscall(SYS_signalfd4, -1, &set, 4, 0), EINVAL);
	EXPECT_ERR(syscall(SYS_signalfd4, -1, &set, 16, 0), EINVAL);
	EXPECT_ERR(syscall(SYS_signalfd4, -1, 8L, 8, 1), EFAULT);
	EXPECT_ERR(syscall(SYS_signalfd4, -1, &set, 8, 1), EINVAL);
	EXPECT_ERR(syscall(SYS_signalfd4, 77, &set, 8, 1), EINVAL);
	EXPECT_ERR(signalfd(77, &set, 0), EBADF);
	EXPECT_ERR(signalfd(-2, &set, 0), EBADF);
	EXPECT_ERR(signalfd(other, &set, 0), EINVAL);
	fd = OK(syscall(SYS_signalfd, -1, &set, 8));
	EXPECT_EQ(OK(fcntl(fd, F_GETFD)), 0);
	EXPECT_EQ(OK(fcntl(fd, F_GETFL)), O_RDWR);
	EXPECT_EQ(syscall(SYS_signalfd, fd, &set, 8), fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	OK(readlink(path, link, sizeof(link) - 1));
	EXPECT_STR(link, "anon_inode:[signalfd]");
	/* SIGKILL and SIGSTOP are silently left out. */
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	line = strstr(read_file(path, text, sizeof(text)), "sigmask:");
	EXPECT(line);
	EXPECT(!strncmp(line, "sigmask:\t0000000000000200\n", 26));
	EXPECT_ERR(write(fd, "12345678", 8), EINVAL);
	EXPECT_EQ(lseek(fd, 3, SEEK_SET), 0);
	OK(close(fd));
	fd = OK(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
	EXPECT_EQ(OK(fcntl(fd, F_GETFD)), FD_CLOEXEC);
	EXPECT_EQ(OK(fcntl(fd, F_GETFL)), O_RDWR | O_NONBLOCK);
	EXPECT_ERR(read(fd, &info, ONE), EAGAIN);
	EXPECT_ERR(read(fd, &info, ONE - 1), EINVAL);
	EXPECT_ERR(read(fd, &info, 0), EINVAL);
	OK(close(fd));
	OK(close(other));
}

TEST(several_at_once)
{
	int fd = open_for(SIGUSR1, SIGRTMIN + 1, SFD_NONBLOCK);
	struct signalfd_siginfo info[5];

	for (int i = 0; i < 3; i++)
		OK(sigqueue(getpid(), SIGRTMIN + 1,
			    (union sigval){ .sival_int = 100 + i }));
	OK(kill(getpid(), SIGUSR1));
	OK(kill(getpid(), SIGUSR1));
	/* A buffer that is not a multiple takes what fits. */
	EXPECT_EQ(read(fd, info, 2 * ONE + 60), 2 * ONE);
	EXPECT_EQ(info[0].ssi_signo, SIGUSR1);
	EXPECT_EQ(info[1].ssi_signo, SIGRTMIN + 1);
	EXPECT_EQ(info[1].ssi_code, SI_QUEUE);
	EXPECT_EQ(info[1].ssi_int, 100);
	EXPECT_EQ(info[1].ssi_pid, getpid());
	EXPECT_EQ(read(fd, info, 5 * ONE), 2 * ONE);
	EXPECT_EQ(info[0].ssi_int, 101);
	EXPECT_EQ(info[1].ssi_int, 102);
	EXPECT_ERR(read(fd, info, 5 * ONE), EAGAIN);
	OK(close(fd));
}

TEST(a_pointer_is_passed_whole)
{
	int fd = open_for(SIGRTMIN, 0, 0);
	struct signalfd_siginfo info;

	OK(sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_ptr = &fd }));
	info = take(fd);
	EXPECT_EQ(info.ssi_ptr, (uintptr_t)&fd);
	EXPECT_EQ(info.ssi_int, (int)(uintptr_t)&fd);
	OK(close(fd));
}

TEST(what_a_child_s_end_says)
{
	int fd = open_for(SIGCHLD, 0, 0);
	struct signalfd_siginfo info;
	pid_t pid = OK(fork());

	if (pid == 0)
		_exit(42);
	info = take(fd);
	EXPECT_EQ(info.ssi_signo, SIGCHLD);
	EXPECT_EQ(info.ssi_code, CLD_EXITED);
	EXPECT_EQ(info.ssi_pid, pid);
	EXPECT_EQ(info.ssi_status, 42);
	EXPECT_EXIT(pid, 42);
	OK(close(fd));
}

TEST(a_bad_buffer)
{
	int fd = open_for(SIGUSR1, SIGUSR2, SFD_NONBLOCK);
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	OK(munmap(page + 4096, 4096));
	OK(kill(getpid(), SIGUSR1));
	OK(kill(getpid(), SIGUSR2));
	EXPECT_EQ(read(fd, page + 4096 - ONE, 2 * ONE), ONE);
	OK(kill(getpid(), SIGUSR1));
	EXPECT_ERR(read(fd, (void *)8, ONE), EFAULT);
	/* The signal is gone. */
	EXPECT_EQ(ready(fd), 0);
	OK(munmap(page, 4096));
	OK(close(fd));
}

TEST(the_set_can_be_changed)
{
	int fd = open_for(SIGUSR1, SIGUSR2, SFD_NONBLOCK);
	sigset_t usr2 = set_of(SIGUSR2, 0), usr1 = set_of(SIGUSR1, 0);
	struct signalfd_siginfo info;
	pid_t pid;

	EXPECT_EQ(OK(signalfd(fd, &usr2, 0)), fd);
	OK(kill(getpid(), SIGUSR1));
	EXPECT_ERR(read(fd, &info, ONE), EAGAIN);
	EXPECT_EQ(ready(fd), 0);
	EXPECT_EQ(OK(signalfd(fd, &usr1, 0)), fd);
	EXPECT_EQ(ready(fd), POLLIN);
	EXPECT_EQ(take(fd).ssi_signo, SIGUSR1);
	/* It is not the descriptor's flags that change. */
	EXPECT_EQ(OK(signalfd(fd, &usr1, SFD_CLOEXEC)), fd);
	EXPECT_EQ(OK(fcntl(fd, F_GETFD)), 0);
	EXPECT_EQ(OK(fcntl(fd, F_GETFL)), O_RDWR | O_NONBLOCK);
	/* A child's change is everybody's. */
	IN_CHILD(pid)
		OK(signalfd(fd, &usr2, 0));
	EXPECT_EXIT(pid, 0);
	OK(kill(getpid(), SIGUSR2));
	EXPECT_EQ(take(fd).ssi_signo, SIGUSR2);
	OK(close(fd));
}

TEST(a_reader_waits)
{
	int fd = open_for(SIGUSR1, 0, 0);
	pid_t pid;

	IN_CHILD(pid)
		EXPECT_EQ(take(fd).ssi_signo, SIGUSR1);
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR1));
	EXPECT_EXIT(pid, 0);
	/* Ours it did not take, nor did we get its. */
	EXPECT_EQ(ready(fd), 0);
	IN_CHILD(pid) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		EXPECT_EQ(poll(&p, 1, FOREVER), 1);
		EXPECT_EQ(p.revents, POLLIN);
		EXPECT_EQ(take(fd).ssi_signo, SIGUSR1);
	}
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR1));
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
}

TEST(another_signal_ends_the_wait)
{
	int fd = open_for(SIGUSR1, 0, 0);
	struct signalfd_siginfo info;
	pid_t pid;

	handle(SIGUSR2, note, 0);
	IN_CHILD(pid) {
		EXPECT_ERR(read(fd, &info, ONE), EINTR);
		EXPECT_EQ(count, 1);
	}
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR2));
	EXPECT_EXIT(pid, 0);
	handle(SIGUSR2, note, SA_RESTART);
	IN_CHILD(pid) {
		EXPECT_EQ(take(fd).ssi_signo, SIGUSR1);
		EXPECT_EQ(count, 1);
	}
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR2));
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR1));
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
}

TEST(an_unblocked_signal_goes_to_its_handler)
{
	sigset_t set = set_of(SIGUSR1, 0);
	int fd = OK(signalfd(-1, &set, SFD_NONBLOCK));

	handle(SIGUSR1, note, 0);
	raise(SIGUSR1);
	EXPECT_EQ(count, 1);
	EXPECT_EQ(ready(fd), 0);
	OK(close(fd));
}

/* ---- threads ---- */

static int the_fd;
static pthread_barrier_t barrier;

static void *look(void *arg)
{
	(void)arg;
	pthread_barrier_wait(&barrier);
	/* What was sent to the other thread alone is not ours. */
	return (void *)(intptr_t)ready(the_fd);
}

TEST(a_thread_s_own_signals)
{
	pthread_t thread;
	void *seen;

	the_fd = open_for(SIGUSR1, SIGUSR2, SFD_NONBLOCK);
	EXPECT_EQ(pthread_barrier_init(&barrier, NULL, 2), 0);
	EXPECT_EQ(pthread_create(&thread, NULL, look, NULL), 0);
	EXPECT_EQ(pthread_kill(pthread_self(), SIGUSR1), 0);
	pthread_barrier_wait(&barrier);
	EXPECT_EQ(pthread_join(thread, &seen), 0);
	EXPECT_EQ((intptr_t)seen, 0);
	EXPECT_EQ(ready(the_fd), POLLIN);
	EXPECT_EQ(take(the_fd).ssi_code, SI_TKILL);
	EXPECT_EQ(pthread_create(&thread, NULL, look, NULL), 0);
	OK(kill(getpid(), SIGUSR2));
	pthread_barrier_wait(&barrier);
	EXPECT_EQ(pthread_join(thread, &seen), 0);
	EXPECT_EQ((intptr_t)seen, POLLIN);
	EXPECT_EQ(take(the_fd).ssi_signo, SIGUSR2);
	OK(close(the_fd));
}

/* ---- epoll ---- */

TEST(watched_by_epoll)
{
	int fd = open_for(SIGUSR1, 0, SFD_NONBLOCK),
	    ep = OK(epoll_create1(0));
	pid_t me = getpid(), pid;

	watch(ep, fd, EPOLLIN);
	EXPECT_EQ(now(ep), 0);
	IN_CHILD(pid) {
		wait_until_sleeping(me);
		OK(kill(me, SIGUSR1));
	}
	EXPECT_EQ(wait_one(ep, NULL, FOREVER), EPOLLIN);
	EXPECT_EQ(take(fd).ssi_signo, SIGUSR1);
	EXPECT_EQ(now(ep), 0);
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
	OK(close(ep));
}

/* The process whose signals are watched ends before the watch does. */
TEST(the_watcher_dies_first)
{
	int fd = open_for(SIGUSR1, 0, SFD_NONBLOCK),
	    ep = OK(epoll_create1(0));
	pid_t pid;

	for (int i = 0; i < 20; i++) {
		IN_CHILD(pid) {
			watch(ep, fd, EPOLLIN | EPOLLET);
			EXPECT_EQ(now(ep), 0);
			raise(SIGUSR1);
			EXPECT_EQ(now(ep), EPOLLIN);
		}
		EXPECT_EXIT(pid, 0);
		/* It stood in the child's queue; now it stands in none. */
		EXPECT_EQ(now(ep), 0);
		raise(SIGUSR1);
		EXPECT_EQ(now(ep), 0);
		EXPECT_EQ(take(fd).ssi_signo, SIGUSR1);
		if (i % 2) {
			forget(ep, fd);
		} else {
			OK(close(fd));
			fd = open_for(SIGUSR1, 0, SFD_NONBLOCK);
		}
	}
	OK(close(fd));
	OK(close(ep));
}

/* exec gives a process with threads' old table up, too. */
TEST(exec_keeps_the_descriptor)
{
	int fd = open_for(SIGUSR1, 0, 0);
	char arg[16];
	pid_t pid;

	snprintf(arg, sizeof(arg), "%d", fd);
	IN_CHILD(pid) {
		char *argv[] = { HELPER_ARGV("read_signal"), arg, NULL };

		raise(SIGUSR1);
		execve(SELF, argv, environ);
	}
	EXPECT_EXIT(pid, SIGUSR1);
	OK(close(fd));
}

HELPER(read_signal)
{
	return take(atoi(argv[1])).ssi_signo;
}
