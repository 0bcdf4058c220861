/*
 * Processes as descriptors: pidfd_open, pidfd_send_signal, pidfd_getfd,
 * CLONE_PIDFD, poll and waitid on them, setns without namespaces.
 */
#include "test.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

static int pidfd_open(pid_t pid, unsigned flags)
{
	return syscall(SYS_pidfd_open, pid, flags);
}

static int pidfd_kill(int fd, int sig, siginfo_t *info, unsigned flags)
{
	return syscall(SYS_pidfd_send_signal, fd, sig, info, flags);
}

static int pidfd_getfd(int pidfd, int fd, unsigned flags)
{
	return syscall(SYS_pidfd_getfd, pidfd, fd, flags);
}

static int poll_in(int fd, int timeout)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n = OK(poll(&p, 1, timeout));

	return n ? p.revents : 0;
}

static pid_t sleeping_child(void)
{
	pid_t pid = OK(fork());

	if (pid == 0) {
		OK(prctl(PR_SET_PDEATHSIG, SIGKILL));
		for (;;)
			pause();
	}
	return pid;
}

/* A process that has ended and been waited for: nobody has its number. */
static pid_t gone_pid(void)
{
	pid_t pid;

	IN_CHILD(pid)
		;
	EXPECT_EXIT(pid, 0);
	return pid;
}

TEST(open_checks_its_arguments)
{
	EXPECT_ERR(pidfd_open(0, 0), EINVAL);
	EXPECT_ERR(pidfd_open(-1, 0), EINVAL);
	EXPECT_ERR(pidfd_open(getpid(), 1), EINVAL);
	EXPECT_ERR(pidfd_open(getpid(), O_CLOEXEC), EINVAL);
	EXPECT_ERR(pidfd_open(gone_pid(), 0), ESRCH);
}

TEST(open_sets_close_on_exec_and_nonblock)
{
	int fd = OK(pidfd_open(getpid(), 0));

	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(fd, F_GETFL), O_RDWR);
	OK(close(fd));
	fd = OK(pidfd_open(getpid(), O_NONBLOCK));
	EXPECT_EQ(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
	OK(close(fd));
}

TEST(reading_and_writing_is_not_for_pidfds)
{
	int fd = OK(pidfd_open(getpid(), 0));
	char c = 0;

	EXPECT_ERR(read(fd, &c, 1), EINVAL);
	EXPECT_ERR(write(fd, &c, 1), EINVAL);
	EXPECT_ERR(lseek(fd, 0, SEEK_SET), ESPIPE);
	OK(close(fd));
}

static void *open_my_thread(void *arg)
{
	pid_t tid = syscall(SYS_gettid);

	*(int *)arg = pidfd_open(tid, 0) == -1 ? errno : 0;
	return NULL;
}

TEST(a_thread_has_no_pidfd)
{
	pthread_t thread;
	int err;

	EXPECT_EQ(pthread_create(&thread, NULL, open_my_thread, &err), 0);
	EXPECT_EQ(pthread_join(thread, NULL), 0);
	EXPECT_EQ(err, EINVAL);
}

TEST(poll_is_ready_when_the_process_has_ended)
{
	struct event go;
	pid_t pid;
	int fd;

	event_init(&go);
	IN_CHILD(pid)
		event_wait(&go);
	fd = OK(pidfd_open(pid, 0));
	EXPECT_EQ(poll_in(fd, 0), 0);
	event_signal(&go);
	EXPECT_EQ(poll_in(fd, -1), POLLIN);
	/* Before and after it was waited for. */
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(poll_in(fd, -1), POLLIN);
	OK(close(fd));
	event_close(&go);
}

TEST(epoll_is_told_of_the_end)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int ep = epoll_create1(0), fd;
	struct event go;
	pid_t pid;

	if (ep < 0 && errno == ENOSYS)
		SKIP("no epoll yet");
	event_init(&go);
	IN_CHILD(pid)
		event_wait(&go);
	fd = OK(pidfd_open(pid, 0));
	OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	EXPECT_EQ(epoll_wait(ep, &ev, 1, 0), 0);
	event_signal(&go);
	EXPECT_EQ(epoll_wait(ep, &ev, 1, -1), 1);
	EXPECT_EQ(ev.events, EPOLLIN);
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
	OK(close(ep));
	event_close(&go);
}

static void *outlive_leader(void *arg)
{
	event_wait(arg);
	_exit(4);
}

TEST(poll_waits_for_the_last_thread)
{
	struct event go;
	siginfo_t info;
	pid_t pid;
	int fd;

	event_init(&go);
	IN_CHILD(pid) {
		pthread_t thread;

		EXPECT_EQ(pthread_create(&thread, NULL, outlive_leader, &go),
			  0);
		syscall(SYS_exit, 0);
	}
	fd = OK(pidfd_open(pid, 0));
	/* The leader is a zombie soon, and the process lives on. */
	for (;;) {
		char path[64], buf[512];

		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		if (strrchr(read_file(path, buf, sizeof(buf)), ')')[2] == 'Z')
			break;
		usleep(1000);
	}
	EXPECT_EQ(poll_in(fd, 0), 0);
	memset(&info, 0, sizeof(info));
	OK(waitid(P_PIDFD, fd, &info, WEXITED | WNOHANG));
	EXPECT_EQ(info.si_pid, 0);
	event_signal(&go);
	EXPECT_EQ(poll_in(fd, -1), POLLIN);
	EXPECT_EXIT(pid, 4);
	OK(close(fd));
	event_close(&go);
}

TEST(poll_sees_a_child_that_reaps_itself)
{
	struct event go;
	pid_t pid;
	int fd;

	signal(SIGCHLD, SIG_IGN);
	event_init(&go);
	IN_CHILD(pid)
		event_wait(&go);
	fd = OK(pidfd_open(pid, 0));
	event_signal(&go);
	EXPECT_EQ(poll_in(fd, -1), POLLIN);
	EXPECT_ERR(waitid(P_PIDFD, fd, NULL, WEXITED), ECHILD);
	OK(close(fd));
	event_close(&go);
	signal(SIGCHLD, SIG_DFL);
}

TEST(send_signal_checks_its_arguments)
{
	int self = OK(pidfd_open(getpid(), 0)), file;

	EXPECT_ERR(pidfd_kill(-1, 0, NULL, 0), EBADF);
	file = OK(open("f", O_CREAT | O_RDWR, 0600));
	EXPECT_ERR(pidfd_kill(file, 0, NULL, 0), EBADF);
	OK(close(file));
	EXPECT_ERR(pidfd_kill(self, 0, NULL, 1), EINVAL);
	EXPECT_ERR(pidfd_kill(self, 65, NULL, 0), EINVAL);
	EXPECT_ERR(pidfd_kill(self, -1, NULL, 0), EINVAL);
	EXPECT_ERR(pidfd_kill(self, 0, (siginfo_t *)8, 0), EFAULT);
	OK(pidfd_kill(self, 0, NULL, 0));
	OK(close(self));
}

static siginfo_t got;

static void note(int sig, siginfo_t *info, void *ctx)
{
	(void)sig;
	(void)ctx;
	got = *info;
}

TEST(send_signal_says_who_sent_it)
{
	struct sigaction sa = { .sa_sigaction = note, .sa_flags = SA_SIGINFO };
	int self = OK(pidfd_open(getpid(), 0));

	OK(sigaction(SIGUSR1, &sa, NULL));
	OK(pidfd_kill(self, SIGUSR1, NULL, 0));
	EXPECT_EQ(got.si_signo, SIGUSR1);
	EXPECT_EQ(got.si_code, SI_USER);
	EXPECT_EQ(got.si_pid, getpid());
	EXPECT_EQ(got.si_uid, getuid());
	OK(close(self));
}

TEST(send_signal_takes_siginfo_by_rules)
{
	struct sigaction sa = { .sa_sigaction = note, .sa_flags = SA_SIGINFO };
	int self = OK(pidfd_open(getpid(), 0)), other;
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = SI_QUEUE };
	pid_t pid = sleeping_child();

	OK(sigaction(SIGUSR1, &sa, NULL));
	info.si_value.sival_int = 1234;
	OK(pidfd_kill(self, SIGUSR1, &info, 0));
	EXPECT_EQ(got.si_code, SI_QUEUE);
	EXPECT_EQ(got.si_value.sival_int, 1234);
	/* The signal and what is said of it must agree. */
	EXPECT_ERR(pidfd_kill(self, SIGUSR2, &info, 0), EINVAL);
	/* To oneself anything may be said, to others not as the kernel. */
	info.si_code = SI_USER;
	OK(pidfd_kill(self, SIGUSR1, &info, 0));
	other = OK(pidfd_open(pid, 0));
	EXPECT_ERR(pidfd_kill(other, SIGUSR1, &info, 0), EPERM);
	info.si_code = SI_TKILL;
	EXPECT_ERR(pidfd_kill(other, SIGUSR1, &info, 0), EPERM);
	info.si_code = SI_QUEUE;
	OK(pidfd_kill(other, SIGUSR1, &info, 0));
	EXPECT_KILLED(pid, SIGUSR1);
	OK(close(other));
	OK(close(self));
}

TEST(send_signal_to_the_dead)
{
	pid_t pid = sleeping_child();
	int fd = OK(pidfd_open(pid, 0));

	OK(pidfd_kill(fd, SIGKILL, NULL, 0));
	EXPECT_EQ(poll_in(fd, -1), POLLIN);
	OK(pidfd_kill(fd, 0, NULL, 0));		/* a zombie still is one */
	EXPECT_KILLED(pid, SIGKILL);
	EXPECT_ERR(pidfd_kill(fd, 0, NULL, 0), ESRCH);
	EXPECT_ERR(pidfd_kill(fd, SIGKILL, NULL, 0), ESRCH);
	OK(close(fd));
}

TEST(send_signal_needs_permission)
{
	pid_t victim = sleeping_child(), pid;
	int fd = OK(pidfd_open(victim, 0));

	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(pidfd_kill(fd, SIGTERM, NULL, 0), EPERM);
		EXPECT_ERR(pidfd_kill(fd, 0, NULL, 0), EPERM);
	}
	EXPECT_EXIT(pid, 0);
	OK(kill(victim, SIGKILL));
	EXPECT_KILLED(victim, SIGKILL);
	OK(close(fd));
}

TEST(send_signal_takes_a_proc_directory)
{
	pid_t pid = sleeping_child();
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	fd = OK(open(path, O_RDONLY | O_DIRECTORY));
	OK(pidfd_kill(fd, SIGTERM, NULL, 0));
	EXPECT_KILLED(pid, SIGTERM);
	EXPECT_ERR(pidfd_kill(fd, SIGTERM, NULL, 0), ESRCH);
	OK(close(fd));
	fd = OK(open("/proc", O_RDONLY | O_DIRECTORY));
	EXPECT_ERR(pidfd_kill(fd, SIGTERM, NULL, 0), EBADF);
	OK(close(fd));
}

TEST(getfd_shares_the_open_file)
{
	int fd = OK(open("f", O_CREAT | O_RDWR, 0600)), pidfd, copy;
	struct event ready, done;
	pid_t pid;

	event_init(&ready);
	event_init(&done);
	IN_CHILD(pid) {
		OK(dup2(fd, 50));
		EXPECT_EQ(write(50, "abc", 3), 3);
		event_signal(&ready);
		event_wait(&done);
		EXPECT_EQ(lseek(50, 0, SEEK_CUR), 1);
	}
	event_wait(&ready);
	pidfd = OK(pidfd_open(pid, 0));
	copy = OK(pidfd_getfd(pidfd, 50, 0));
	EXPECT_EQ(fcntl(copy, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(lseek(copy, 0, SEEK_CUR), 3);
	OK(lseek(copy, 1, SEEK_SET));
	event_signal(&done);
	EXPECT_EXIT(pid, 0);
	OK(close(copy));
	OK(close(pidfd));
	OK(close(fd));
	event_close(&ready);
	event_close(&done);
}

TEST(getfd_errors)
{
	pid_t target = sleeping_child(), pid;
	int pidfd = OK(pidfd_open(target, 0));
	int file = OK(open("f", O_CREAT | O_RDWR, 0600));

	EXPECT_ERR(pidfd_getfd(pidfd, 0, 1), EINVAL);
	EXPECT_ERR(pidfd_getfd(-1, 0, 0), EBADF);
	EXPECT_ERR(pidfd_getfd(file, 0, 0), EBADF);
	EXPECT_ERR(pidfd_getfd(pidfd, 5000, 0), EBADF);
	EXPECT_ERR(pidfd_getfd(pidfd, -1, 0), EBADF);
	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(pidfd_getfd(pidfd, 0, 0), EPERM);
	}
	EXPECT_EXIT(pid, 0);
	OK(kill(target, SIGKILL));
	EXPECT_KILLED(target, SIGKILL);
	EXPECT_ERR(pidfd_getfd(pidfd, 0, 0), ESRCH);
	OK(close(pidfd));
	OK(close(file));
}

TEST(waitid_by_pidfd)
{
	siginfo_t info = { 0 };
	pid_t pid;
	int fd;

	IN_CHILD(pid)
		_exit(9);
	fd = OK(pidfd_open(pid, 0));
	OK(waitid(P_PIDFD, fd, &info, WEXITED | WNOWAIT));
	EXPECT_EQ(info.si_pid, pid);
	EXPECT_EQ(info.si_status, 9);
	EXPECT_EQ(info.si_code, CLD_EXITED);
	OK(waitid(P_PIDFD, fd, &info, WEXITED));
	EXPECT_ERR(waitid(P_PIDFD, fd, &info, WEXITED), ECHILD);
	OK(close(fd));
	EXPECT_ERR(waitid(P_PIDFD, fd, &info, WEXITED), EBADF);
	EXPECT_ERR(waitid(P_PIDFD, -1, &info, WEXITED), EINVAL);
	fd = OK(open("/", O_RDONLY));
	EXPECT_ERR(waitid(P_PIDFD, fd, &info, WEXITED), EBADF);
	OK(close(fd));
}

TEST(waitid_by_pidfd_that_does_not_block)
{
	siginfo_t info = { 0 };
	pid_t pid = sleeping_child();
	int fd = OK(pidfd_open(pid, O_NONBLOCK));

	EXPECT_ERR(waitid(P_PIDFD, fd, &info, WEXITED), EAGAIN);
	OK(waitid(P_PIDFD, fd, &info, WEXITED | WNOHANG));
	EXPECT_EQ(info.si_pid, 0);
	OK(kill(pid, SIGKILL));
	EXPECT_EQ(poll_in(fd, -1), POLLIN);
	OK(waitid(P_PIDFD, fd, &info, WEXITED));
	EXPECT_EQ(info.si_pid, pid);
	EXPECT_EQ(info.si_code, CLD_KILLED);
	OK(close(fd));
}

TEST(waitid_only_for_children)
{
	int fd = OK(pidfd_open(getppid(), 0));
	siginfo_t info;

	EXPECT_ERR(waitid(P_PIDFD, fd, &info, WEXITED), ECHILD);
	OK(close(fd));
}

TEST(fdinfo_names_the_process)
{
	char path[64], buf[1024], line[64];
	pid_t pid = sleeping_child();
	int fd = OK(pidfd_open(pid, 0));

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	snprintf(line, sizeof(line), "\nPid:\t%d\nNSpid:\t%d\n", pid, pid);
	EXPECT(strstr(read_file(path, buf, sizeof(buf)), line));
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	EXPECT(strstr(read_file(path, buf, sizeof(buf)),
		      "\nPid:\t-1\nNSpid:\t-1\n"));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	buf[OK(readlink(path, buf, sizeof(buf) - 1))] = '\0';
	EXPECT_STR(buf, "anon_inode:[pidfd]");
	OK(close(fd));
}

static long raw_clone(unsigned long flags, void *ptid)
{
	return syscall(SYS_clone, flags, 0, ptid, NULL, 0);
}

TEST(clone_answers_with_a_pidfd)
{
	int fd = -1;
	pid_t pid = OK(raw_clone(CLONE_PIDFD | SIGCHLD, &fd));
	siginfo_t info = { 0 };

	if (pid == 0)
		_exit(5);
	EXPECT(fd >= 0);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	OK(waitid(P_PIDFD, fd, &info, WEXITED));
	EXPECT_EQ(info.si_pid, pid);
	EXPECT_EQ(info.si_status, 5);
	OK(close(fd));
}

TEST(clone_pidfd_errors)
{
	int before = open_fds(), fd;

	EXPECT_ERR(raw_clone(CLONE_PIDFD | CLONE_DETACHED | SIGCHLD, &fd),
		   EINVAL);
	EXPECT_ERR(raw_clone(CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, &fd),
		   EINVAL);
	EXPECT_ERR(raw_clone(CLONE_PIDFD | CLONE_VM | CLONE_SIGHAND |
			     CLONE_THREAD, &fd), EINVAL);
	EXPECT_ERR(raw_clone(CLONE_PIDFD | SIGCHLD, (void *)8), EFAULT);
	EXPECT_EQ(open_fds(), before);
	EXPECT_ERR(waitpid(-1, NULL, 0), ECHILD);
}

TEST(setns_wants_a_namespace)
{
	int fd = OK(open("f", O_CREAT | O_RDWR, 0600));

	EXPECT_ERR(setns(-1, 0), EBADF);
	EXPECT_ERR(setns(fd, 0), EINVAL);
	EXPECT_ERR(setns(fd, CLONE_NEWNET), EINVAL);
	OK(close(fd));
	fd = OK(pidfd_open(getpid(), 0));
	EXPECT_ERR(setns(fd, 0), EINVAL);
	OK(close(fd));
}

/* ---- many threads wait ----------------------------------------------- */

enum { WAITERS = 8, CHILDREN = 200 };

static _Atomic int reaped[CHILDREN], failures;
static pid_t pids[CHILDREN];
static pthread_barrier_t all_made;

static void *wait_for_any(void *arg)
{
	int status;
	pid_t pid;

	(void)arg;
	pthread_barrier_wait(&all_made);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		int i = 0;

		while (i < CHILDREN && pids[i] != pid)
			i++;
		if (i == CHILDREN || !WIFEXITED(status) ||
		    WEXITSTATUS(status) != i % 100)
			failures++;
		else
			reaped[i]++;
	}
	if (errno != ECHILD)
		failures++;
	return NULL;
}

TEST(a_zombie_is_reaped_once)
{
	pthread_t threads[WAITERS];

	EXPECT_EQ(pthread_barrier_init(&all_made, NULL, WAITERS + 1), 0);
	for (int i = 0; i < WAITERS; i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, wait_for_any,
					 NULL), 0);
	for (int i = 0; i < CHILDREN; i++) {
		pids[i] = OK(fork());
		if (pids[i] == 0)
			_exit(i % 100);
	}
	pthread_barrier_wait(&all_made);
	for (int i = 0; i < WAITERS; i++)
		EXPECT_EQ(pthread_join(threads[i], NULL), 0);
	EXPECT_EQ(failures, 0);
	for (int i = 0; i < CHILDREN; i++)
		EXPECT_EQ(reaped[i], 1);
	EXPECT_EQ(pthread_barrier_destroy(&all_made), 0);
}
