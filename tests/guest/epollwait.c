/* Waiting by epoll: waiters, time-outs, signals, threads, races. */
#include "epolltools.h"

#include <pthread.h>

static int pwait2(int ep, struct epoll_event *e, int max,
		  const struct timespec *ts, const sigset_t *set, size_t size)
{
	return syscall(SYS_epoll_pwait2, ep, e, max, ts, set, size);
}

/* ---- time ---- */

TEST(time_outs)
{
	int ep = OK(epoll_create1(0)), fd = OK(eventfd(0, 0));
	struct timespec start, ts = { 0, 40000000 };
	struct epoll_event e;

	watch(ep, fd, EPOLLIN);
	EXPECT_EQ(epoll_wait(ep, &e, 1, 0), 0);
	OK(clock_gettime(CLOCK_MONOTONIC, &start));
	EXPECT_EQ(epoll_wait(ep, &e, 1, 30), 0);
	EXPECT(ms_since(&start) >= 30);
	OK(clock_gettime(CLOCK_MONOTONIC, &start));
	EXPECT_EQ(pwait2(ep, &e, 1, &ts, NULL, 0), 0);
	EXPECT(ms_since(&start) >= 40);
	/* What is left is not told. */
	EXPECT_EQ(ts.tv_nsec, 40000000);
	ts = (struct timespec){ 0, 0 };
	EXPECT_EQ(pwait2(ep, &e, 1, &ts, NULL, 0), 0);
	ts.tv_nsec = 1000000000;
	EXPECT_ERR(pwait2(ep, &e, 1, &ts, NULL, 0), EINVAL);
	ts = (struct timespec){ -1, 0 };
	EXPECT_ERR(pwait2(ep, &e, 1, &ts, NULL, 0), EINVAL);
	EXPECT_ERR(pwait2(ep, &e, 1, (void *)8, NULL, 0), EFAULT);
	EXPECT_ERR(pwait2(77, &e, 1, &ts, NULL, 0), EINVAL);
	ts = (struct timespec){ 0x7fffffffffffffff, 999999999 };
	OK(eventfd_write(fd, 1));
	EXPECT_EQ(pwait2(ep, &e, 1, &ts, NULL, 0), 1);
	EXPECT_EQ(pwait2(ep, &e, 1, NULL, NULL, 0), 1);
	OK(close(fd));
	OK(close(ep));
}

TEST(pwait2_waits_its_time)
{
	int ep = OK(epoll_create1(0));
	struct timespec start, end, ts = { 0, 25000001 };
	struct epoll_event e;
	int64_t ns;

	OK(clock_gettime(CLOCK_MONOTONIC, &start));
	EXPECT_EQ(pwait2(ep, &e, 1, &ts, NULL, 0), 0);
	OK(clock_gettime(CLOCK_MONOTONIC, &end));
	ns = (end.tv_sec - start.tv_sec) * 1000000000LL +
	     end.tv_nsec - start.tv_nsec;
	EXPECT(ns >= ts.tv_nsec);
	OK(close(ep));
}

/* Without a time-out it waits for ever: until there is an event. */
TEST(pwait2_without_time)
{
	int ep = OK(epoll_create1(0)), fds[2];
	pid_t me = getpid(), pid;
	struct epoll_event e;

	OK(pipe(fds));
	watch(ep, fds[0], EPOLLIN);
	IN_CHILD(pid) {
		wait_until_sleeping(me);
		put(fds[1]);
	}
	EXPECT_EQ(pwait2(ep, &e, 1, NULL, NULL, 0), 1);
	EXPECT_EQ(e.events, EPOLLIN);
	EXPECT_EXIT(pid, 0);
	close_pair(fds);
	OK(close(ep));
}

TEST(pwait2_judges_its_arguments)
{
	int ep = OK(epoll_create1(0)), fd = OK(eventfd(1, 0)), fds[2];
	struct timespec ts = { 0, 0 }, bad = { 0, -1 };
	struct epoll_event e;
	sigset_t none;

	sigemptyset(&none);
	OK(pipe(fds));
	watch(ep, fd, EPOLLIN);
	EXPECT_ERR(pwait2(-1, &e, 1, &ts, NULL, 0), EBADF);
	EXPECT_ERR(pwait2(777, &e, 1, NULL, NULL, 0), EBADF);
	EXPECT_ERR(pwait2(fds[0], &e, 1, &ts, NULL, 0), EINVAL);
	EXPECT_ERR(pwait2(ep, &e, 0, &ts, NULL, 0), EINVAL);
	EXPECT_ERR(pwait2(ep, &e, -1, &ts, NULL, 0), EINVAL);
	EXPECT_ERR(pwait2(ep, (void *)8, 1, &ts, NULL, 0), EFAULT);
	/* The time-out is read before everything else. */
	EXPECT_ERR(pwait2(-1, &e, 1, &bad, NULL, 0), EINVAL);
	EXPECT_ERR(pwait2(-1, &e, 1, (void *)8, NULL, 0), EFAULT);
	EXPECT_ERR(pwait2(ep, &e, 1, &bad, (void *)8, 8), EINVAL);
	/* Then the mask, then the descriptor. */
	EXPECT_ERR(pwait2(-1, &e, 1, &ts, (void *)8, 8), EFAULT);
	EXPECT_ERR(pwait2(-1, &e, 1, &ts, &none, 4), EINVAL);
	/* Nothing of that took the event away. */
	EXPECT_EQ(pwait2(ep, &e, 1, &ts, NULL, 4), 1);
	close_pair(fds);
	OK(close(fd));
	OK(close(ep));
}

/* ---- who is woken ---- */

TEST(an_event_ends_the_wait)
{
	int ep = OK(epoll_create1(0)), fds[2], fd;
	pid_t me = getpid(), pid;

	OK(pipe(fds));
	watch(ep, fds[0], EPOLLIN);
	IN_CHILD(pid) {
		wait_until_sleeping(me);
		put(fds[1]);
	}
	EXPECT_EQ(wait_one(ep, &fd, FOREVER), EPOLLIN);
	EXPECT_EQ(fd, fds[0]);
	EXPECT_EXIT(pid, 0);
	get(fds[0]);
	IN_CHILD(pid) {
		wait_until_sleeping(me);
		put(fds[1]);
	}
	EXPECT_EQ(wait_one(ep, &fd, 1000000), EPOLLIN);
	EXPECT_EXIT(pid, 0);
	close_pair(fds);
	OK(close(ep));
}

TEST(the_wrong_event_does_not)
{
	int ep = OK(epoll_create1(0)), fds[2];
	pid_t pid;

	OK(pipe(fds));
	watch(ep, fds[0], EPOLLPRI);
	IN_CHILD(pid) {
		OK(close(fds[1]));
		EXPECT_EQ(wait_one(ep, NULL, FOREVER), EPOLLHUP);
	}
	wait_until_sleeping(pid);
	put(fds[1]);
	wait_until_sleeping(pid);
	OK(close(fds[1]));
	EXPECT_EXIT(pid, 0);
	OK(close(fds[0]));
	OK(close(ep));
}

TEST(a_change_of_what_is_watched_ends_the_wait)
{
	int ep = OK(epoll_create1(0)), fd = OK(eventfd(1, 0));
	pid_t pid;

	IN_CHILD(pid)
		EXPECT_EQ(wait_one(ep, NULL, FOREVER), EPOLLIN);
	wait_until_sleeping(pid);
	watch(ep, fd, EPOLLIN);
	EXPECT_EXIT(pid, 0);
	rearm(ep, fd, EPOLLPRI);
	IN_CHILD(pid)
		EXPECT_EQ(wait_one(ep, NULL, FOREVER), EPOLLIN);
	wait_until_sleeping(pid);
	rearm(ep, fd, EPOLLIN);
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
	OK(close(ep));
}

/* Two wait; how many of them a single event wakes. */
static void start_two(int ep, pid_t pids[2])
{
	for (int i = 0; i < 2; i++) {
		IN_CHILD(pids[i])
			EXPECT(wait_one(ep, NULL, FOREVER) & EPOLLIN);
		wait_until_sleeping(pids[i]);
	}
}

TEST(an_edge_wakes_one_of_two)
{
	int ep = OK(epoll_create1(0)), fds[2], status;
	pid_t pids[2], first;

	OK(pipe(fds));
	watch(ep, fds[0], EPOLLIN | EPOLLET);
	start_two(ep, pids);
	put(fds[1]);
	first = OK(wait(&status));
	EXPECT_EQ(status, 0);
	wait_until_sleeping(first == pids[0] ? pids[1] : pids[0]);
	put(fds[1]);
	OK(wait(&status));
	EXPECT_EQ(status, 0);
	close_pair(fds);
	OK(close(ep));
}

TEST(a_level_wakes_all)
{
	int ep = OK(epoll_create1(0)), fds[2];
	pid_t pids[2];

	OK(pipe(fds));
	watch(ep, fds[0], EPOLLIN);
	start_two(ep, pids);
	put(fds[1]);
	EXPECT_EXIT(pids[0], 0);
	EXPECT_EXIT(pids[1], 0);
	close_pair(fds);
	OK(close(ep));
}

/* ---- EPOLLEXCLUSIVE ---- */

TEST(exclusive_and_its_errors)
{
	int ep = OK(epoll_create1(0)), in = OK(epoll_create1(0)), fds[2];
	uint32_t x = EPOLLEXCLUSIVE;

	OK(pipe(fds));
	EXPECT_ERR(ctl(ep, EPOLL_CTL_ADD, fds[0], x | EPOLLIN | EPOLLONESHOT),
		   EINVAL);
	EXPECT_ERR(ctl(ep, EPOLL_CTL_ADD, fds[0], x | EPOLLPRI), EINVAL);
	EXPECT_ERR(ctl(ep, EPOLL_CTL_ADD, fds[0], x | EPOLLRDHUP), EINVAL);
	EXPECT_ERR(ctl(ep, EPOLL_CTL_ADD, in, x | EPOLLIN), EINVAL);
	EXPECT_ERR(ctl(ep, EPOLL_CTL_MOD, fds[0], x | EPOLLIN), EINVAL);
	watch(ep, fds[0], x | EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP |
	      EPOLLET | EPOLLWAKEUP);
	EXPECT_ERR(ctl(ep, EPOLL_CTL_MOD, fds[0], EPOLLIN), EINVAL);
	EXPECT_ERR(ctl(ep, EPOLL_CTL_MOD, fds[0], x | EPOLLIN), EINVAL);
	put(fds[1]);
	EXPECT_EQ(now(ep), EPOLLIN);
	EXPECT_EQ(now(ep), 0);
	forget(ep, fds[0]);
	watch(ep, fds[0], x);
	EXPECT_EQ(now(ep), 0);
	OK(close(fds[1]));
	EXPECT_EQ(now(ep), EPOLLHUP);
	OK(close(fds[0]));
	OK(close(in));
	OK(close(ep));
}

TEST(exclusive_wakes_one_of_three)
{
	enum { COUNT = 3 };
	int ep[COUNT], fds[2], woken = 0, status;
	pid_t pids[COUNT], pid;

	OK(pipe(fds));
	for (int i = 0; i < COUNT; i++) {
		ep[i] = OK(epoll_create1(0));
		watch(ep[i], fds[0], EPOLLIN | EPOLLEXCLUSIVE);
		IN_CHILD(pids[i])
			EXPECT_EQ(wait_one(ep[i], NULL, FOREVER), EPOLLIN);
		wait_until_sleeping(pids[i]);
	}
	while (woken < COUNT) {
		put(fds[1]);
		pid = OK(wait(&status));
		EXPECT_EQ(status, 0);
		woken++;
		for (int i = 0; i < COUNT; i++) {
			if (pids[i] == pid)
				pids[i] = 0;
			if (pids[i])
				wait_until_sleeping(pids[i]);
		}
	}
	for (int i = 0; i < COUNT; i++)
		OK(close(ep[i]));
	close_pair(fds);
}

/* An instance nobody waits for must not swallow the event. */
TEST(exclusive_looks_for_one_who_waits)
{
	int idle = OK(epoll_create1(0)), ep = OK(epoll_create1(0)), fds[2];
	pid_t pid;

	OK(pipe(fds));
	watch(idle, fds[0], EPOLLIN | EPOLLEXCLUSIVE);
	watch(ep, fds[0], EPOLLIN | EPOLLEXCLUSIVE);
	IN_CHILD(pid)
		EXPECT_EQ(wait_one(ep, NULL, FOREVER), EPOLLIN);
	wait_until_sleeping(pid);
	put(fds[1]);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(now(idle), EPOLLIN);
	close_pair(fds);
	OK(close(idle));
	OK(close(ep));
}

/* ---- signals ---- */

TEST(a_signal_always_ends_the_wait)
{
	int ep = OK(epoll_create1(0));
	struct epoll_event e;
	pid_t pid;

	handle(SIGUSR1, note, SA_RESTART);
	IN_CHILD(pid) {
		EXPECT_ERR(epoll_wait(ep, &e, 1, FOREVER), EINTR);
		EXPECT_EQ(count, 1);
	}
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR1));
	EXPECT_EXIT(pid, 0);
	IN_CHILD(pid)
		EXPECT_ERR(epoll_wait(ep, &e, 1, 1000000), EINTR);
	wait_until_sleeping(pid);
	OK(kill(pid, SIGUSR1));
	EXPECT_EXIT(pid, 0);
	/* Being stopped and continued ends it, too. */
	IN_CHILD(pid)
		EXPECT_ERR(epoll_wait(ep, &e, 1, FOREVER), EINTR);
	wait_until_sleeping(pid);
	OK(kill(pid, SIGSTOP));
	EXPECT_EQ(OK(waitpid(pid, NULL, WUNTRACED)), pid);
	OK(kill(pid, SIGCONT));
	EXPECT_EXIT(pid, 0);
	OK(close(ep));
}

TEST(the_mask_holds_while_it_waits)
{
	int ep = OK(epoll_create1(0)), fd = OK(eventfd(0, 0));
	struct timespec ts = { 0, 1000000 };
	struct epoll_event e;
	sigset_t none, usr1, got;

	sigemptyset(&none);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	handle(SIGUSR1, note, 0);
	watch(ep, fd, EPOLLIN);
	OK(sigprocmask(SIG_BLOCK, &usr1, NULL));
	raise(SIGUSR1);
	EXPECT_EQ(epoll_pwait(ep, &e, 1, 1, NULL), 0);
	EXPECT_EQ(epoll_pwait(ep, &e, 1, 1, &usr1), 0);
	EXPECT_EQ(count, 0);
	EXPECT_ERR(epoll_pwait(ep, &e, 1, FOREVER, &none), EINTR);
	EXPECT_EQ(count, 1);
	OK(sigprocmask(SIG_BLOCK, NULL, &got));
	EXPECT_EQ(sigismember(&got, SIGUSR1), 1);
	raise(SIGUSR1);
	EXPECT_ERR(pwait2(ep, &e, 1, NULL, &none, 8), EINTR);
	EXPECT_EQ(count, 2);
	/* Nothing to wait for: the signal comes after the call's answer. */
	raise(SIGUSR1);
	EXPECT_EQ(epoll_pwait(ep, &e, 1, 0, &none), 0);
	EXPECT_EQ(count, 2);
	/* An event goes before the signal. */
	OK(eventfd_write(fd, 1));
	EXPECT_EQ(epoll_pwait(ep, &e, 1, FOREVER, &none), 1);
	EXPECT_EQ(count, 2);
	EXPECT(pending(SIGUSR1));
	OK(sigprocmask(SIG_UNBLOCK, &usr1, NULL));
	EXPECT_EQ(count, 3);
	EXPECT_ERR(syscall(SYS_epoll_pwait, ep, &e, 1, 0, &none, 4), EINVAL);
	EXPECT_ERR(syscall(SYS_epoll_pwait, ep, &e, 1, 0, 8L, 8), EFAULT);
	EXPECT_ERR(syscall(SYS_epoll_pwait, ep, &e, 0, 0, 8L, 8), EFAULT);
	EXPECT_ERR(pwait2(ep, &e, 1, &ts, &none, 16), EINVAL);
	EXPECT_EQ(syscall(SYS_epoll_pwait, ep, &e, 1, 0, NULL, 4), 1);
	OK(close(fd));
	OK(close(ep));
}

TEST(pwait2_restores_the_mask)
{
	int ep = OK(epoll_create1(0)), fd = OK(eventfd(0, 0));
	struct timespec ts = { 0, 1000000 }, bad = { 0, -1 };
	sigset_t none, usr1, got;
	struct epoll_event e;

	sigemptyset(&none);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	handle(SIGUSR1, note, 0);
	watch(ep, fd, EPOLLIN);
	OK(sigprocmask(SIG_BLOCK, &usr1, NULL));
	raise(SIGUSR1);
	EXPECT_EQ(pwait2(ep, &e, 1, &ts, &usr1, 8), 0);
	EXPECT_EQ(pwait2(ep, &e, 1, &ts, NULL, 0), 0);
	EXPECT_EQ(count, 0);
	/* A refused call has no mask to restore. */
	EXPECT_ERR(pwait2(ep, &e, 1, &bad, &none, 8), EINVAL);
	EXPECT_ERR(pwait2(-1, &e, 1, &ts, &none, 8), EBADF);
	EXPECT_EQ(count, 0);
	EXPECT_ERR(pwait2(ep, &e, 1, NULL, &none, 8), EINTR);
	EXPECT_EQ(count, 1);
	OK(sigprocmask(SIG_BLOCK, NULL, &got));
	EXPECT_EQ(sigismember(&got, SIGUSR1), 1);
	/* An event goes before the signal. */
	raise(SIGUSR1);
	OK(eventfd_write(fd, 1));
	EXPECT_EQ(pwait2(ep, &e, 1, NULL, &none, 8), 1);
	EXPECT_EQ(count, 1);
	OK(sigprocmask(SIG_UNBLOCK, &usr1, NULL));
	EXPECT_EQ(count, 2);
	OK(close(fd));
	OK(close(ep));
}

/* ---- races ---- */

/* The wake-up for one who was killed goes to another. */
TEST(no_wake_up_dies_with_a_waiter)
{
	int ep = OK(epoll_create1(0)), fds[2];
	pid_t doomed, pid;

	OK(pipe(fds));
	watch(ep, fds[0], EPOLLIN);
	for (int i = 0; i < 50; i++) {
		IN_CHILD(doomed)
			wait_one(ep, NULL, FOREVER);
		wait_until_sleeping(doomed);
		IN_CHILD(pid)
			EXPECT_EQ(wait_one(ep, NULL, FOREVER), EPOLLIN);
		wait_until_sleeping(pid);
		OK(kill(doomed, SIGKILL));
		put(fds[1]);
		EXPECT_EXIT(pid, 0);
		wait_status(doomed);
		get(fds[0]);
	}
	close_pair(fds);
	OK(close(ep));
}

TEST(no_edge_is_lost)
{
	enum { ROUNDS = 2000 };
	int there[2], back[2], ep = OK(epoll_create1(0));
	pid_t pid;

	OK(pipe(there));
	OK(pipe(back));
	IN_CHILD(pid) {
		int mine = OK(epoll_create1(0));

		watch(mine, there[0], EPOLLIN | EPOLLET);
		for (int i = 0; i < ROUNDS; i++) {
			EXPECT_EQ(wait_one(mine, NULL, FOREVER), EPOLLIN);
			get(there[0]);
			put(back[1]);
		}
		OK(close(mine));
	}
	watch(ep, back[0], EPOLLIN | EPOLLET);
	for (int i = 0; i < ROUNDS; i++) {
		put(there[1]);
		EXPECT_EQ(wait_one(ep, NULL, FOREVER), EPOLLIN);
		get(back[0]);
	}
	EXPECT_EXIT(pid, 0);
	close_pair(there);
	close_pair(back);
	OK(close(ep));
}

static int the_ep, the_fd;

static void *wait_in_thread(void *arg)
{
	(void)arg;
	return (void *)(uintptr_t)wait_one(the_ep, NULL, FOREVER);
}

TEST(closing_the_instance_does_not_end_the_wait)
{
	pthread_t thread;
	char path[64];
	void *got;

	the_ep = OK(epoll_create1(0));
	the_fd = OK(eventfd(0, 0));
	watch(the_ep, the_fd, EPOLLIN);
	EXPECT_EQ(pthread_create(&thread, NULL, wait_in_thread, NULL), 0);
	/* The other thread sleeps when the instance has a waiter. */
	for (;;) {
		char text[256], state = 0;
		pid_t tid;

		for (tid = getpid() + 1; tid < getpid() + 50; tid++) {
			snprintf(path, sizeof(path), "/proc/self/task/%d/stat",
				 tid);
			if (access(path, F_OK) == 0)
				break;
		}
		read_file(path, text, sizeof(text));
		sscanf(strrchr(text, ')') + 2, "%c", &state);
		if (state == 'S')
			break;
	}
	OK(close(the_ep));
	OK(eventfd_write(the_fd, 1));
	EXPECT_EQ(pthread_join(thread, &got), 0);
	EXPECT_EQ((uintptr_t)got, EPOLLIN);
	OK(close(the_fd));
}

enum { SHARED = 8 };
static int shared[SHARED];
static volatile bool over;

static void *ring(void *arg)
{
	unsigned int seed = (uintptr_t)arg;

	while (!over) {
		(void)!write(shared[rand_r(&seed) % SHARED],
			     &(uint64_t){ 1 }, 8);
		(void)!read(shared[rand_r(&seed) % SHARED],
			    &(uint64_t){ 0 }, 8);
	}
	return NULL;
}

static void *change(void *arg)
{
	static const uint32_t how[] = {
		EPOLLIN, EPOLLIN | EPOLLET, EPOLLIN | EPOLLONESHOT,
		EPOLLIN | EPOLLEXCLUSIVE,
	};
	unsigned int seed = (uintptr_t)arg;

	while (!over) {
		int fd = shared[rand_r(&seed) % SHARED];

		ctl(the_ep, 1 + rand_r(&seed) % 3, fd,
		    how[rand_r(&seed) % ARRAY_SIZE(how)]);
	}
	return NULL;
}

static void *replace(void *arg)
{
	unsigned int seed = (uintptr_t)arg;

	while (!over) {
		int fd = OK(eventfd(0, EFD_NONBLOCK));

		if (dup2(fd, shared[rand_r(&seed) % SHARED]) < 0)
			EXPECT_EQ(errno, EBUSY);
		OK(close(fd));
	}
	return NULL;
}

static void *collect(void *arg)
{
	struct epoll_event e[SHARED];

	(void)arg;
	while (!over)
		if (epoll_wait(the_ep, e, SHARED, 1) < 0)
			EXPECT_EQ(errno, EINTR);
	return NULL;
}

/* All of it at once; what is tested is that nothing breaks or hangs. */
TEST(everything_at_once)
{
	void *(*const jobs[])(void *) = {
		ring, change, replace, collect, ring, change, collect,
	};
	struct timespec start;
	pthread_t threads[ARRAY_SIZE(jobs)];
	int outer = OK(epoll_create1(0));

	the_ep = OK(epoll_create1(0));
	watch(outer, the_ep, EPOLLIN);
	for (int i = 0; i < SHARED; i++)
		shared[i] = OK(eventfd(0, EFD_NONBLOCK));
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		EXPECT_EQ(pthread_create(&threads[i], NULL, jobs[i],
					 (void *)(i + 1)), 0);
	OK(clock_gettime(CLOCK_MONOTONIC, &start));
	while (ms_since(&start) < 1000)
		now(outer);
	over = true;
	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		EXPECT_EQ(pthread_join(threads[i], NULL), 0);
	for (int i = 0; i < SHARED; i++)
		OK(close(shared[i]));
	OK(close(the_ep));
	OK(close(outer));
}

/* Instances come and go with the files they watch, which others change. */
static void open_and_close(unsigned int seed)
{
	int ep = OK(epoll_create1(0)), in = OK(epoll_create1(0)), fds[2];
	bool in_first = rand_r(&seed) % 2;

	OK(pipe(fds));
	watch(in, fds[0], EPOLLIN);
	watch(in, shared[rand_r(&seed) % SHARED], EPOLLIN);
	watch(ep, in, EPOLLIN | EPOLLET);
	watch(ep, shared[rand_r(&seed) % SHARED], EPOLLIN);
	put(fds[1]);
	EXPECT(wait_one(ep, NULL, 0));
	if (rand_r(&seed) % 2)
		forget(ep, in);
	if (rand_r(&seed) % 2)
		close_pair(fds);
	else
		put(fds[1]);
	OK(close(in_first ? in : ep));
	OK(close(in_first ? ep : in));
	close(fds[0]);
	close(fds[1]);
}

TEST(instances_come_and_go)
{
	enum { JOBS = 3, ROUNDS = 300 };
	pid_t pids[JOBS];
	pthread_t ringer;

	for (int i = 0; i < SHARED; i++)
		shared[i] = OK(eventfd(0, EFD_NONBLOCK));
	for (intptr_t i = 0; i < JOBS; i++) {
		IN_CHILD(pids[i]) {
			EXPECT_EQ(pthread_create(&ringer, NULL, ring,
						 (void *)(i + 9)), 0);
			for (int k = 0; k < ROUNDS; k++)
				open_and_close(i * ROUNDS + k);
			over = true;
			EXPECT_EQ(pthread_join(ringer, NULL), 0);
		}
	}
	for (int i = 0; i < JOBS; i++)
		EXPECT_EXIT(pids[i], 0);
	for (int i = 0; i < SHARED; i++)
		OK(close(shared[i]));
}
