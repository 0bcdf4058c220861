/*
 * The trades of the families that tests/guest/killany.c kills.
 *
 * Each keeps its processes busy in one part of the kernel, for ever, with no
 * regard to errors: partners die at any moment. What a trade holds for a moment
 * it shares with everyone (a mutex, a lock, a semaphore), so that a kill that
 * left it held would stop all others.
 */
#include "killany.h"

#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <termios.h>
#include <time.h>

#define PAGE	4096

/* ---- luck, and members ---- */

static __thread unsigned luck;

void new_luck(unsigned seed)
{
	luck = seed * 2654435761u | 1;
}

unsigned roll(unsigned n)
{
	if (luck == 0)		/* a thread's first; a new program's */
		new_luck(arena == NULL ? (unsigned)getpid() :
			 __atomic_add_fetch(&arena->tickets, 1,
					    __ATOMIC_RELAXED));
	luck ^= luck << 13;
	luck ^= luck >> 17;
	luck ^= luck << 5;
	return luck % n;
}

/* Fork one more of this family, whom the killer may choose; as fork(2). */
pid_t new_member(void)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	luck = 0;
	arena->members[family][roll(MEMBERS)] = getpid();
	if (roll(2))
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return 0;
}

static void start(void *(*fn)(void *), void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, fn, arg) == 0)
		pthread_detach(thread);
}

static void hold_on(void)
{
	if (!roll(3))
		sched_yield();
}

static void nap(void)
{
	struct timespec ts = { 0, roll(2000000) };

	nanosleep(&ts, NULL);
}

/* ---- futexes ---- */

void with_mutex(pthread_mutex_t *mutex)
{
	int error = pthread_mutex_lock(mutex);

	if (error == EOWNERDEAD)
		error = pthread_mutex_consistent(mutex);
	if (error == 0) {
		hold_on();
		error = pthread_mutex_unlock(mutex);
	}
	if (error != 0) {
		arena->error = error;
		FAIL("a mutex says %s", error_name(error));
	}
}

static void *lock_and_wait(void *arg)
{
	for (;;) {
		struct timespec ts = { 0, roll(1000000) };

		with_mutex(&arena->robust);
		with_mutex(&arena->pi);
		syscall(SYS_futex, &arena->futex, FUTEX_WAIT, 0, &ts, NULL, 0);
		syscall(SYS_futex, &arena->futex, FUTEX_WAKE, 2, NULL, NULL, 0);
	}
	return arg;
}

static void do_futexes(void)
{
	for (int i = 0; i < 2; i++)
		if (new_member() == 0)
			break;
	start(lock_and_wait, NULL);
	lock_and_wait(NULL);
}

static void *run_and_end(void *arg)
{
	int *fds = arg;
	char c = 0;

	if (write(fds[1], &c, 1) == 1 && read(fds[0], &c, 1) == 1)
		hold_on();
	return arg;
}

static void do_threads(void)
{
	char *argv[] = { HELPER_ARGV("killany_again"), NULL };
	int fds[2];

	if (pipe(fds) != 0)
		_exit(1);
	for (;;) {
		pthread_t thread[4];
		int made = 0;

		while (made < 4 && pthread_create(&thread[made], NULL,
						  run_and_end, fds) == 0)
			made++;
		if (!roll(20) && new_member() == 0)
			execv(SELF, argv);
		while (made > 0)
			pthread_join(thread[--made], NULL);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

/* ---- forks and programs ---- */

/* Threads that exec, or end all, at the same time. */
HELPER(killany_again)
{
	int fds[2];

	if (pipe(fds) != 0)
		return 1;
	for (int i = 0; i < 3; i++)
		start(run_and_end, fds);
	return 0;
}

static void *exec_at_once(void *arg)
{
	char *argv[] = { HELPER_ARGV("killany_again"), NULL };

	execv(SELF, argv);
	return arg;
}

static void do_forks(void)
{
	char *argv[] = { HELPER_ARGV("exit_with"), (char *)"0", NULL };

	for (;;) {
		pid_t pid = roll(3) ? new_member() : vfork();

		if (pid == 0) {
			if (roll(4) == 0)
				_exit(0);
			execv(SELF, argv);
			_exit(1);
		}
		if (pid > 0 && !roll(4))
			kill(pid, SIGKILL);
		if (!roll(4) && new_member() == 0) {
			start(exec_at_once, NULL);
			start(exec_at_once, NULL);
			exec_at_once(NULL);
		}
		while (waitpid(-1, NULL, roll(2) ? WNOHANG : 0) > 0)
			;
	}
}

/* ---- pipes, and waiting on many things ---- */

static void do_pipes(void)
{
	static char buf[3 * PAGE];
	int fds[2], other[2];

	if (pipe(fds) != 0 || pipe(other) != 0)
		_exit(1);
	for (int i = 0; i < 3; i++)
		if (new_member() == 0)
			break;
	for (;;) {
		/* Never all of them in the same sleep. */
		fcntl(fds[roll(2)], F_SETFL, roll(2) ? O_NONBLOCK : 0);
		write(fds[1], buf, 1 + roll(sizeof(buf)));
		tee(fds[0], other[1], PAGE, SPLICE_F_NONBLOCK);
		splice(fds[0], NULL, other[1], NULL, PAGE, SPLICE_F_NONBLOCK);
		fcntl(other[0], F_SETFL, O_NONBLOCK);
		read(other[0], buf, sizeof(buf));
		read(fds[0], buf, 1 + roll(sizeof(buf)));
	}
}

static void add(int ep, int fd, unsigned events)
{
	struct epoll_event e = { .events = events, .data.fd = fd };

	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}

static void do_epoll(void)
{
	struct itimerspec often = { { 0, 2000000 }, { 0, 1000000 } };
	int ep = epoll_create1(0), outer = epoll_create1(0);
	int counter = eventfd(0, EFD_NONBLOCK), timer, fds[2];

	timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	if (pipe2(fds, O_NONBLOCK) != 0 || timer < 0)
		_exit(1);
	timerfd_settime(timer, 0, &often, NULL);
	add(outer, ep, EPOLLIN);
	add(ep, timer, EPOLLIN);
	for (int i = 0; i < 2; i++)
		if (new_member() == 0)
			break;
	for (;;) {
		struct epoll_event events[4];
		uint64_t one = 1;

		add(ep, fds[0], EPOLLIN | (roll(2) ? EPOLLET : 0));
		add(ep, counter, EPOLLIN | EPOLLONESHOT);
		write(roll(2) ? fds[1] : counter, &one, sizeof(one));
		epoll_wait(roll(2) ? ep : outer, events, 4, roll(20));
		read(timer, &one, sizeof(one));
		read(roll(2) ? fds[0] : counter, &one, sizeof(one));
		epoll_ctl(ep, EPOLL_CTL_DEL, roll(2) ? fds[0] : counter, NULL);
	}
}

/* ---- sockets ---- */

/* Send @fd, or take whatever comes and close it. */
static void pass(int sock, int fd)
{
	char c = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &c, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	if (fd >= 0) {
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
		sendmsg(sock, &msg, MSG_NOSIGNAL |
			(roll(2) ? MSG_DONTWAIT : 0));
	} else if (recvmsg(sock, &msg, roll(2) ? MSG_DONTWAIT : 0) == 1 &&
		   (cmsg = CMSG_FIRSTHDR(&msg)) != NULL) {
		memcpy(&fd, CMSG_DATA(cmsg), sizeof(int));
		close(fd);
	}
}

static void do_sockets(void)
{
	int kinds[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };
	int pair[2], cycle[2];

	if (socketpair(AF_UNIX, kinds[roll(3)], 0, pair) != 0)
		_exit(1);
	if (new_member() == 0)
		new_member();
	for (;;) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, cycle) != 0)
			continue;
		/* Two that hold each other, found only by their collector. */
		pass(cycle[0], cycle[0]);
		pass(cycle[1], cycle[1]);
		pass(pair[0], cycle[roll(2)]);
		pass(pair[1], pair[roll(2)]);
		close(cycle[0]);
		close(cycle[1]);
		pass(pair[roll(2)], -1);
		pass(pair[roll(2)], -1);
	}
}

/* ---- System V, and message queues ---- */

void with_sem(int num)
{
	struct sembuf down = { num, -1, SEM_UNDO }, up = { num, 1, SEM_UNDO };

	if (semop(arena->sem, &down, 1) != 0)
		return;
	hold_on();
	semop(arena->sem, &up, 1);
}

static void do_sysv(void)
{
	struct { long type; char text[200]; } msg;

	new_member();
	for (;;) {
		char *p = shmat(arena->shm, NULL, 0);

		if (p != (void *)-1) {
			p[roll(8) * PAGE] = 1;
			shmdt(p);
		}
		with_sem(0);
		with_sem(1);
		msg.type = 1 + roll(3);
		msgsnd(arena->msg, &msg, roll(200), roll(2) ? IPC_NOWAIT : 0);
		msgrcv(arena->msg, &msg, 200, -3, roll(2) ? IPC_NOWAIT : 0);
	}
}

static void do_mqueues(void)
{
	struct sigevent none = { .sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGCHLD };
	char name[32], buf[64];
	struct mq_attr attr = { .mq_maxmsg = 4, .mq_msgsize = sizeof(buf) };

	snprintf(name, sizeof(name), "killany%d", family);
	int mq = syscall(SYS_mq_open, name, O_CREAT | O_RDWR, 0600, &attr);

	if (mq < 0)
		_exit(1);
	new_member();
	for (;;) {
		struct timespec now;

		clock_gettime(CLOCK_REALTIME, &now);
		syscall(SYS_mq_timedsend, mq, buf, roll(64), roll(4), &now);
		syscall(SYS_mq_notify, mq, roll(2) ? &none : NULL);
		syscall(SYS_mq_timedreceive, mq, buf, 64, NULL,
			roll(2) ? &now : NULL);
		syscall(SYS_mq_timedsend, mq, buf, roll(64), roll(4),
			roll(2) ? &now : NULL);
	}
}

/* ---- tracing ---- */

/* Takes no locks: it may be stopped, and its tracer killed, at any place. */
static void *wait_in_vain(void *arg)
{
	for (;;) {
		struct timespec ts = { 0, roll(1000000) };

		syscall(SYS_futex, &arena->futex, FUTEX_WAIT, 0, &ts, NULL, 0);
	}
	return arg;
}

static void be_traced(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	for (;;) {
		pid_t pid;

		raise(roll(2) ? SIGUSR2 : SIGSTOP);
		getppid();
		pid = roll(4) ? -1 : fork();
		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
		if (!roll(4))
			start(wait_in_vain, NULL);
		if (!roll(10))
			_exit(0);
	}
}

static void let_go(pid_t pid, int status)
{
	static const int ways[] = { PTRACE_CONT, PTRACE_SYSCALL,
				    PTRACE_SINGLESTEP, PTRACE_DETACH };
	unsigned which = roll(40);

	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACEFORK |
	       PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXIT |
	       (roll(2) ? PTRACE_O_EXITKILL : 0));
	ptrace(PTRACE_PEEKUSER, pid, (void *)(16 * 8L), NULL);
	if (!roll(10))
		kill(pid, SIGKILL);
	ptrace(ways[which < 3 ? which : which < 39 ? 0 : 3], pid, NULL,
	       (void *)(long)(WSTOPSIG(status) == SIGUSR2 ? SIGUSR2 : 0));
}

static void do_ptrace(void)
{
	signal(SIGUSR2, SIG_IGN);
	for (;;) {
		pid_t pid = new_member();
		int status;

		if (pid == 0)
			be_traced();
		if (pid > 0 && !roll(3))
			ptrace(PTRACE_SEIZE, pid, NULL, NULL);
		/* A zombie's threads are told of one by one. */
		for (int i = 0; i < 60; i++) {
			pid_t got = waitpid(-1, &status, __WALL |
					    (roll(3) ? 0 : WNOHANG));

			if (got > 0 && WIFSTOPPED(status))
				let_go(got, status);
			else if (got < 0)
				break;
		}
	}
}

/* ---- signals and timers ---- */

static void on_signal(int sig)
{
	(void)sig;
	hold_on();
}

static void set_timers(void)
{
	struct itimerval often = { { 0, 1500 }, { 0, 1500 } };
	struct itimerspec spec = { { 0, 700000 }, { 0, 700000 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
				  .sigev_signo = SIGRTMIN };
	timer_t timer;

	for (int sig = SIGRTMIN; sig < SIGRTMIN + 4; sig++)
		signal(sig, on_signal);
	signal(SIGUSR1, on_signal);
	signal(SIGALRM, on_signal);
	setitimer(ITIMER_REAL, &often, NULL);
	if (syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer) == 0)
		syscall(SYS_timer_settime, timer, 0, &spec, NULL);
}

static void do_signals(void)
{
	struct timespec soon = { 0, 1000000 };
	sigset_t set;

	signal(SIGUSR1, on_signal);
	for (int i = 0; i < 2; i++)
		if (new_member() == 0)
			break;
	set_timers();
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	for (;;) {
		pid_t pid = arena->members[family][roll(MEMBERS)];
		union sigval value = { .sival_int = 1 };

		sigqueue(getpid(), SIGRTMIN + roll(4), value);
		if (pid > 0 && pid != getpid() && getpgid(pid) == getpgrp()) {
			kill(pid, SIGCONT);
			sigqueue(pid, SIGUSR1, value);
			if (!roll(10))
				kill(pid, SIGSTOP);
			if (!roll(2))
				kill(pid, SIGCONT);
		}
		sigtimedwait(&set, NULL, &soon);
		int fd = signalfd(-1, &set, SFD_NONBLOCK);
		struct signalfd_siginfo si;

		read(fd, &si, sizeof(si));
		close(fd);
	}
}

/* ---- memory ---- */

static void do_mappings(void)
{
	int fd = open("shared", O_RDWR | O_CREAT, 0666);

	if (fd < 0)
		_exit(1);
	signal(SIGBUS, SIG_DFL);
	new_member();
	for (;;) {
		char *p = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE,
			       roll(2) ? MAP_SHARED : MAP_PRIVATE, fd, 0);

		if (p == MAP_FAILED)
			continue;
		ftruncate(fd, 16 * PAGE);
		p[roll(16) * PAGE] = 1;		/* or SIGBUS */
		if (!roll(8) && new_member() == 0) {
			p[roll(16) * PAGE] = 2;
			_exit(0);
		}
		madvise(p, 8 * PAGE, MADV_DONTNEED);
		mprotect(p + roll(8) * PAGE, PAGE, PROT_READ);
		msync(p, 16 * PAGE, MS_ASYNC);
		if (!roll(4))
			ftruncate(fd, roll(16) * PAGE);
		munmap(p, 16 * PAGE);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

/* ---- terminals ---- */

static void own_terminal(const char *name)
{
	char buf[64];

	setsid();
	int fd = open(name, O_RDWR);

	signal(SIGHUP, roll(2) ? SIG_IGN : SIG_DFL);
	ioctl(fd, TIOCSCTTY, 0);
	if (new_member() == 0)
		setpgid(0, 0);
	for (;;) {
		tcsetpgrp(fd, getpgrp());
		if (read(fd, buf, sizeof(buf)) <= 0 ||
		    write(fd, buf, sizeof(buf)) < 0)
			_exit(0);
	}
}

static void do_terminals(void)
{
	for (;;) {
		int zero = 0, fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
		char name[32], buf[64];
		unsigned number = 0;

		ioctl(fd, TIOCSPTLCK, &zero);
		ioctl(fd, TIOCGPTN, &number);
		snprintf(name, sizeof(name), "/dev/pts/%u", number);
		if (new_member() == 0)
			own_terminal(name);
		for (int i = roll(20); i > 0; i--) {
			struct pollfd p = { .fd = fd, .events = POLLIN };

			write(fd, roll(4) ? "line\n" : "\003", roll(2) ? 5 : 1);
			if (poll(&p, 1, roll(5)) > 0)
				read(fd, buf, sizeof(buf));
		}
		close(fd);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

/* ---- looking at each other ---- */

static void look_at(pid_t pid)
{
	static const char *const names[] = {
		"stat", "status", "statm", "maps", "smaps", "cmdline",
		"environ", "io", "limits", "comm", "wchan", "syscall",
		"auxv", "oom_score", "mounts", "fdinfo/0", "mem", "sched",
	};
	char path[64], buf[512];
	struct iovec mine = { buf, 64 }, its = { arena, 64 };

	snprintf(path, sizeof(path), "/proc/%d/%s", pid,
		 names[roll(ARRAY_SIZE(names))]);
	int fd = open(path, O_RDONLY);

	while (fd >= 0 && read(fd, buf, sizeof(buf)) > 0 && roll(20))
		;
	close(fd);
	snprintf(path, sizeof(path), "/proc/%d/%s", pid,
		 roll(2) ? "task" : "fd");
	fd = open(path, O_RDONLY | O_DIRECTORY);
	syscall(SYS_getdents64, fd, buf, sizeof(buf));
	close(fd);
	snprintf(path, sizeof(path), "/proc/%d/%s", pid,
		 roll(2) ? "exe" : "fd/1");
	readlink(path, buf, sizeof(buf));
	process_vm_readv(pid, &mine, 1, &its, 1, 0);
	process_vm_writev(pid, &mine, 1, &its, 0, 0);
}

static void do_looks(void)
{
	new_member();
	for (;;) {
		pid_t pid = arena->members[roll(FAMILIES)][roll(MEMBERS)];

		look_at(pid > 0 ? pid : 1);
		hold_on();
	}
}

/* ---- locks on files ---- */

void with_flock(void)
{
	int fd = open("locked", O_RDWR | O_CREAT, 0666);

	if (flock(fd, roll(3) ? LOCK_EX : LOCK_SH) == 0) {
		hold_on();
		if (roll(2))
			flock(fd, LOCK_UN);
	}
	close(fd);
}

void with_record(void)
{
	int fd = open("locked", O_RDWR | O_CREAT, 0666);
	struct flock lock = { .l_type = roll(3) ? F_WRLCK : F_RDLCK,
			      .l_start = roll(3), .l_len = 1 + roll(3) };

	if (fcntl(fd, roll(2) ? F_SETLKW : F_OFD_SETLKW, &lock) == 0)
		hold_on();
	close(fd);
}

static void do_locks(void)
{
	for (int i = 0; i < 2; i++)
		if (new_member() == 0)
			break;
	for (;;) {
		with_flock();
		with_record();
	}
}

/* ---- ends of another kind ---- */

static void *crash(void *arg)
{
	if (roll(2))
		*(volatile char *)8 = 1;
	abort();
	return arg;
}

static void do_crashes(void)
{
	for (;;) {
		pid_t pid = new_member();

		if (pid == 0) {
			start(roll(2) ? crash : lock_and_wait, NULL);
			start(lock_and_wait, NULL);
			hold_on();
			crash(NULL);
		}
		nap();
		if (pid > 0 && roll(2))
			kill(pid, SIGKILL);
		while (waitpid(-1, NULL, roll(2) ? WNOHANG : 0) > 0)
			;
		unlink("core");
	}
}

const struct trade trades[] = {
	{ "futexes", do_futexes },	{ "threads", do_threads },
	{ "forks", do_forks },		{ "pipes", do_pipes },
	{ "epoll", do_epoll },		{ "sockets", do_sockets },
	{ "sysv", do_sysv },		{ "mqueues", do_mqueues },
	{ "ptrace", do_ptrace },	{ "signals", do_signals },
	{ "mappings", do_mappings },	{ "terminals", do_terminals },
	{ "looks", do_looks },		{ "locks", do_locks },
	{ "crashes", do_crashes },
};

const int nr_trades = ARRAY_SIZE(trades);
