/*
 * Waiting for processes, words, messages, times and events: what a signal
 * makes of each call, and what is left of its time.
 */
#include "restarttools.h"

#include <linux/futex.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <time.h>

static const struct timespec a_while = { 1000, 0 };

/* ---- children ---- */

static struct event may_end;

/* The target's own child, which ends when the test says so. */
static pid_t child_of_target(void)
{
	pid_t pid;

	IN_CHILD(pid) {
		event_wait(&may_end);
		_exit(5);
	}
	return pid;
}

static void make_event(void)
{
	event_init(&may_end);
	fds[0] = may_end.fds[0];
	fds[1] = may_end.fds[1];
}

static long do_wait4(void)
{
	pid_t pid = child_of_target();
	int status = 0;
	long ret = syscall(SYS_wait4, pid, &status, 0, NULL);

	if (ret > 0) {
		EXPECT_EQ(WEXITSTATUS(status), 5);
		return 0;
	}
	event_signal(&may_end);
	return ret;
}

static long do_waitid(void)
{
	pid_t pid = child_of_target();
	siginfo_t info;
	long ret = waitid(P_PID, pid, &info, WEXITED);

	if (ret < 0)
		event_signal(&may_end);
	return ret;
}

static void end_child(void)
{
	event_signal(&may_end);
}

RULE(wait_for_a_child, .setup = make_event, .call = do_wait4,
     .complete = end_child);
RULE(waitid_for_a_child, .setup = make_event, .call = do_waitid,
     .complete = end_child);

/* ---- futexes ---- */

static uint32_t *word;			/* shared */

static long futex(int op, uint32_t value, const struct timespec *timeout,
		  uint32_t value3)
{
	return syscall(SYS_futex, word, op, value, timeout, NULL, value3);
}

static void make_word(void)
{
	if (!word)
		word = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	EXPECT(word != MAP_FAILED);
	*word = 0;
}

static long futex_wait(void)
{
	return futex(FUTEX_WAIT, 0, NULL, 0);
}

static long futex_wait_timed(void)
{
	return futex(FUTEX_WAIT, 0, &a_while, 0);
}

static long futex_wait_bitset(void)
{
	return futex(FUTEX_WAIT_BITSET, 0, NULL, 1);
}

static long futex_wait_until(void)
{
	struct timespec at;

	OK(clock_gettime(CLOCK_MONOTONIC, &at));
	at.tv_sec += 1000;
	return futex(FUTEX_WAIT_BITSET, 0, &at, 1);
}

static void futex_wake(void)
{
	EXPECT_EQ(futex(FUTEX_WAKE, 1, NULL, 0), 1);
}

RULE(futex_without_limit, .setup = make_word, .call = futex_wait,
     .complete = futex_wake);
RULE(futex_with_limit, .setup = make_word, .call = futex_wait_timed,
     .complete = futex_wake, .flags = NEVER_RESTARTS);
RULE(futex_bitset, .setup = make_word, .call = futex_wait_bitset,
     .complete = futex_wake);
RULE(futex_bitset_with_limit, .setup = make_word, .call = futex_wait_until,
     .complete = futex_wake, .flags = NEVER_RESTARTS);

static void make_lock(void)
{
	make_word();
	OK(futex(FUTEX_LOCK_PI, 0, NULL, 0));
}

static long futex_lock(void)
{
	return futex(FUTEX_LOCK_PI, 0, NULL, 0);
}

static long futex_lock_timed(void)
{
	struct timespec at;

	OK(clock_gettime(CLOCK_REALTIME, &at));
	at.tv_sec += 1000;
	return futex(FUTEX_LOCK_PI, 0, &at, 0);
}

static void futex_unlock(void)
{
	OK(futex(FUTEX_UNLOCK_PI, 0, NULL, 0));
}

RULE(futex_lock_pi, .setup = make_lock, .call = futex_lock,
     .complete = futex_unlock, .flags = ALWAYS_RESTARTS);
RULE(futex_lock_pi_with_limit, .setup = make_lock, .call = futex_lock_timed,
     .complete = futex_unlock, .flags = ALWAYS_RESTARTS);

#define FUTEX2_32	2

static long futex_waitv(void)
{
	struct { uint64_t val, uaddr; uint32_t flags, pad; } w = {
		.uaddr = (uintptr_t)word, .flags = FUTEX2_32
	};

	return syscall(449, &w, 1, 0, NULL, CLOCK_MONOTONIC);
}

RULE(futex_waitv_call, .setup = make_word, .call = futex_waitv,
     .complete = futex_wake);

/* ---- System V ---- */

static int id;
static struct msg_one {
	long	type;
	char	text[1];
} one = { 1, "z" };

static void make_sem(void)
{
	id = OK(semget(IPC_PRIVATE, 1, 0600));
}

static long sem_end(long ret)
{
	int err = errno;

	OK(semctl(id, 0, IPC_RMID));
	errno = err;
	return ret;
}

static long do_semop(void)
{
	struct sembuf take = { 0, -1, 0 };

	return sem_end(semop(id, &take, 1));
}

static long do_semtimedop(void)
{
	struct sembuf take = { 0, -1, 0 };

	return sem_end(semtimedop(id, &take, 1, &a_while));
}

RULE(semop_waits, .setup = make_sem, .call = do_semop,
     .flags = NEVER_RESTARTS | ENDS_AT_STOPS);
RULE(semtimedop_waits, .setup = make_sem, .call = do_semtimedop,
     .flags = NEVER_RESTARTS | ENDS_AT_STOPS);

static void make_msg(void)
{
	id = OK(msgget(IPC_PRIVATE, 0600));
}

static void make_full_msg(void)
{
	struct msqid_ds ds;

	make_msg();
	OK(msgctl(id, IPC_STAT, &ds));
	ds.msg_qbytes = 1;
	OK(msgctl(id, IPC_SET, &ds));
	OK(msgsnd(id, &one, 1, 0));
}

static long msg_end(long ret)
{
	int err = errno;

	OK(msgctl(id, IPC_RMID, NULL));
	errno = err;
	return ret;
}

static long do_msgrcv(void)
{
	struct msg_one msg;

	return msg_end(msgrcv(id, &msg, 1, 0, 0));
}

static long do_msgsnd(void)
{
	return msg_end(msgsnd(id, &one, 1, 0));
}

static void give_message(void)
{
	OK(msgsnd(id, &one, 1, 0));
}

static void take_message(void)
{
	struct msg_one msg;

	EXPECT_EQ(msgrcv(id, &msg, 1, 0, 0), 1);
}

RULE(msgrcv_waits, .setup = make_msg, .call = do_msgrcv,
     .complete = give_message, .want = 1, .flags = NEVER_RESTARTS);
RULE(msgsnd_waits, .setup = make_full_msg, .call = do_msgsnd,
     .complete = take_message, .flags = NEVER_RESTARTS);

/* ---- many things at once ---- */

static long do_poll(void)
{
	struct pollfd p = { fds[0], POLLIN, 0 };

	return poll(&p, 1, -1);
}

static long do_poll_timed(void)
{
	struct pollfd p = { fds[0], POLLIN, 0 };

	return poll(&p, 1, 1000000);
}

static long do_ppoll(void)
{
	struct pollfd p = { fds[0], POLLIN, 0 };

	return ppoll(&p, 1, &a_while, NULL);
}

static long do_select(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	return select(fds[0] + 1, &set, NULL, NULL, NULL);
}

static long do_select_timed(void)
{
	struct timeval tv = { 1000, 0 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	return select(fds[0] + 1, &set, NULL, NULL, &tv);
}

static long do_pselect(void)
{
	sigset_t none;
	fd_set set;

	sigemptyset(&none);
	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	return pselect(fds[0] + 1, &set, NULL, NULL, &a_while, &none);
}

RULE(poll_without_limit, .setup = make_pipe, .call = do_poll,
     .complete = write_z, .want = 1, .flags = NEVER_RESTARTS);
RULE(poll_with_limit, .setup = make_pipe, .call = do_poll_timed,
     .complete = write_z, .want = 1, .flags = NEVER_RESTARTS);
RULE(ppoll_waits, .setup = make_pipe, .call = do_ppoll,
     .complete = write_z, .want = 1, .flags = NEVER_RESTARTS);
RULE(select_without_limit, .setup = make_pipe, .call = do_select,
     .complete = write_z, .want = 1, .flags = NEVER_RESTARTS);
RULE(select_with_limit, .setup = make_pipe, .call = do_select_timed,
     .complete = write_z, .want = 1, .flags = NEVER_RESTARTS);
RULE(pselect_waits, .setup = make_pipe, .call = do_pselect,
     .complete = write_z, .want = 1, .flags = NEVER_RESTARTS);

static void make_epoll(void)
{
	fds[0] = OK(epoll_create1(0));
}

static long do_epoll(void)
{
	struct epoll_event e;

	return epoll_wait(fds[0], &e, 1, -1);
}

static long do_epoll_timed(void)
{
	struct epoll_event e;

	return epoll_wait(fds[0], &e, 1, 1000000);
}

static long do_epoll_pwait(void)
{
	struct epoll_event e;
	sigset_t none;

	sigemptyset(&none);
	return epoll_pwait(fds[0], &e, 1, -1, &none);
}

static long do_epoll_pwait2(void)
{
	struct epoll_event e;

	return syscall(441, fds[0], &e, 1, &a_while, NULL, 8);
}

RULE(epoll_without_limit, .setup = make_epoll, .call = do_epoll,
     .flags = NEVER_RESTARTS | ENDS_AT_STOPS);
RULE(epoll_with_limit, .setup = make_epoll, .call = do_epoll_timed,
     .flags = NEVER_RESTARTS | ENDS_AT_STOPS);
RULE(epoll_pwait_call, .setup = make_epoll, .call = do_epoll_pwait,
     .flags = NEVER_RESTARTS | ENDS_AT_STOPS);
RULE(epoll_pwait2_call, .setup = make_epoll, .call = do_epoll_pwait2,
     .flags = NEVER_RESTARTS | ENDS_AT_STOPS);

/* ---- signals and times ---- */

static long do_pause(void)
{
	return pause();
}

static long do_sigsuspend(void)
{
	sigset_t none;

	sigemptyset(&none);
	return sigsuspend(&none);
}

static long do_sigwaitinfo(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	OK(sigprocmask(SIG_BLOCK, &set, NULL));
	return syscall(SYS_rt_sigtimedwait, &set, NULL, NULL, 8);
}

static long do_sigtimedwait(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	OK(sigprocmask(SIG_BLOCK, &set, NULL));
	return sigtimedwait(&set, NULL, &a_while);
}

/* Only a signal ends the first two: after a stop they go on waiting for it. */
RULE(pause_waits, .call = do_pause, .complete = send_usr2, .want = -EINTR,
     .flags = NEVER_RESTARTS);
RULE(sigsuspend_waits, .call = do_sigsuspend, .complete = send_usr2,
     .want = -EINTR, .flags = NEVER_RESTARTS);
RULE(sigwaitinfo_waits, .call = do_sigwaitinfo,
     .flags = NEVER_RESTARTS | ENDS_AT_STOPS);
RULE(sigtimedwait_waits, .call = do_sigtimedwait,
     .flags = NEVER_RESTARTS | ENDS_AT_STOPS);

static long do_nanosleep(void)
{
	return syscall(SYS_nanosleep, &a_while, NULL);
}

static long do_clock_nanosleep(void)
{
	return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &a_while,
		       NULL);
}

static long do_clock_nanosleep_until(void)
{
	struct timespec at;

	OK(clock_gettime(CLOCK_REALTIME, &at));
	at.tv_sec += 1000;
	return syscall(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME,
		       &at, NULL);
}

RULE(nanosleep_waits, .call = do_nanosleep, .complete = send_usr2,
     .want = -EINTR, .flags = NEVER_RESTARTS);
RULE(clock_nanosleep_waits, .call = do_clock_nanosleep,
     .complete = send_usr2, .want = -EINTR, .flags = NEVER_RESTARTS);
RULE(clock_nanosleep_until_waits, .call = do_clock_nanosleep_until,
     .complete = send_usr2, .want = -EINTR, .flags = NEVER_RESTARTS);

/* ---- what is left of the time ---- */

static int64_t now_ns(void)
{
	struct timespec ts;

	OK(clock_gettime(CLOCK_MONOTONIC, &ts));
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/*
 * A sleep of 1000 s, stopped, continued and at last interrupted: what is left
 * counts from its beginning. @outside is how long it slept at least; the calls
 * that write down what is left, and read that again, do so before they stop,
 * so that for them the time of the stops counts for nothing.
 */
static void check_what_is_left(long (*sleep_for)(struct timespec *left),
			       bool stops_count)
{
	int64_t begun, slept = 0;
	int pipe_fds[2];

	OK(pipe(pipe_fds));
	IN_CHILD(target) {
		struct timespec left = { -1, -1 };
		int64_t rest, outside, inside = now_ns();

		set_handler(SIGUSR2, do_nothing, SA_RESTART);
		EXPECT_ERR(sleep_for(&left), EINTR);
		inside = now_ns() - inside;
		rest = left.tv_sec * 1000000000LL + left.tv_nsec;
		EXPECT_EQ(read(pipe_fds[0], &outside, 8), 8);
		EXPECT(rest <= 1000000000000LL - outside);
		EXPECT(rest >= 1000000000000LL - inside);
	}
	wait_until_sleeping(target);
	begun = now_ns();
	for (int i = 0; i < 2; i++) {
		int64_t since = now_ns();

		while (now_ns() - since < 20000000)
			usleep(1000);
		slept += now_ns() - since;
		stop_and_continue(target, 0);
		wait_until_sleeping(target);
	}
	if (stops_count)
		slept = now_ns() - begun;
	send_usr2();
	EXPECT_EQ(write(pipe_fds[1], &slept, 8), 8);
	EXPECT_EXIT(target, 0);
	OK(close(pipe_fds[0]));
	OK(close(pipe_fds[1]));
}

static long nanosleep_left(struct timespec *left)
{
	return nanosleep(&a_while, left);
}

static long clock_nanosleep_left(struct timespec *left)
{
	return syscall(SYS_clock_nanosleep, CLOCK_BOOTTIME, 0, &a_while, left);
}

static long ppoll_left(struct timespec *left)
{
	*left = a_while;
	return syscall(SYS_ppoll, NULL, 0, left, NULL, 8);
}

static long pselect_left(struct timespec *left)
{
	*left = a_while;
	return syscall(SYS_pselect6, 0, NULL, NULL, NULL, left, NULL);
}

static long select_left(struct timespec *left)
{
	struct timeval tv = { 1000, 0 };
	long ret = syscall(SYS_select, 0, NULL, NULL, NULL, &tv);

	/* Whole microseconds are left: allow for what was cut off. */
	*left = (struct timespec){ tv.tv_sec, tv.tv_usec * 1000 + 999 };
	return ret;
}

TEST(nanosleep_counts_from_its_beginning)
{
	check_what_is_left(nanosleep_left, true);
}

TEST(clock_nanosleep_counts_from_its_beginning)
{
	check_what_is_left(clock_nanosleep_left, true);
}

TEST(ppoll_counts_from_its_beginning)
{
	check_what_is_left(ppoll_left, false);
}

TEST(pselect_counts_from_its_beginning)
{
	check_what_is_left(pselect_left, false);
}

TEST(select_counts_from_its_beginning)
{
	check_what_is_left(select_left, false);
}

/*
 * A limit of 2 s is over 2 s after the call, not after its last restart; but
 * certainly not before.
 */
static const struct timespec two_seconds = { 2, 0 };

static pid_t start_limited(long (*wait)(void), long want)
{
	pid_t pid;

	IN_CHILD(pid) {
		int64_t begun = now_ns();
		long got;

		errno = 0;
		got = wait();
		if (got == -1)
			got = -errno;
		EXPECT_EQ(got, want);
		EXPECT(now_ns() - begun >= 2000000000);
	}
	return pid;
}

static long nanosleep_limited(void)
{
	return nanosleep(&two_seconds, NULL);
}

static long poll_limited(void)
{
	return poll(NULL, 0, 2000);
}

static long select_limited(void)
{
	struct timeval tv = { 2, 0 };

	return select(0, NULL, NULL, NULL, &tv);
}

static long futex_limited(void)
{
	return futex(FUTEX_WAIT, 0, &two_seconds, 0);
}

TEST(limits_hold_over_stops)
{
	pid_t pids[4];

	make_word();
	pids[0] = start_limited(nanosleep_limited, 0);
	pids[1] = start_limited(poll_limited, 0);
	pids[2] = start_limited(select_limited, 0);
	pids[3] = start_limited(futex_limited, -ETIMEDOUT);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		wait_until_sleeping(pids[i]);
		stop_and_continue(pids[i], 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT_EXIT(pids[i], 0);
}

/* ---- restart_syscall ---- */

/* Nothing was interrupted; or not any more, since a handler has run. */
TEST(restart_syscall_without_a_call)
{
	EXPECT_ERR(syscall(SYS_restart_syscall), EINTR);
	IN_CHILD(target) {
		set_handler(SIGUSR2, do_nothing, 0);
		EXPECT_ERR(do_nanosleep(), EINTR);
		EXPECT_ERR(syscall(SYS_restart_syscall), EINTR);
	}
	wait_until_sleeping(target);
	stop_and_continue(target, 0);
	wait_until_sleeping(target);
	send_usr2();
	EXPECT_EXIT(target, 0);
}
