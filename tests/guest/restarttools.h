/*
 * What the suites about interrupted system calls share: one call, and what
 * becomes of it in each of the ways a signal can meet it.
 *
 * The call sleeps in a process of its own, the target. In the first two rounds
 * a handler runs, installed without and with SA_RESTART; in the third the
 * target is stopped and continued, and in the fourth a signal with such a
 * handler has come meanwhile. Where the rule says that the call goes on,
 * it must fall asleep once more, and only then is it given what it waits for.
 */
#pragma once

#include "test.h"

#include <sys/ioctl.h>

/* What a rule says beside "as SA_RESTART says, and on after a stop". */
#define NEVER_RESTARTS	0x1	/* -EINTR after any handler */
#define ALWAYS_RESTARTS	0x2	/* never -EINTR */
#define ENDS_AT_STOPS	0x4	/* -EINTR when stopped and continued, too */

/* Each round begins with setup() and ends with everything in fds[] closed. */
struct rule {
	void		(*setup)(void);
	long		(*call)(void);		/* in the target */
	void		(*complete)(void);	/* it must return @want then */
	long		want;			/* or -errno */
	unsigned	flags;
};

enum round {
	PLAIN_HANDLER, RESTART_HANDLER, STOPPED, STOPPED_HANDLER, NR_ROUNDS
};

static int fds[6] = { -1, -1, -1, -1, -1, -1 };
static pid_t target;			/* in both processes */
static struct event handled;
static volatile sig_atomic_t handlers_run;

static inline void tell_handled(int sig)
{
	(void)sig;
	handlers_run++;
	if (write(handled.fds[1], "!", 1) != 1)
		_exit(CHECK_FAILED);
}

/* For calls that nothing completes but another signal. */
static inline void do_nothing(int sig)
{
	(void)sig;
}

static inline void send_usr2(void)
{
	OK(kill(target, SIGUSR2));
}

static inline void set_handler(int sig, void (*handler)(int), int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	OK(sigaction(sig, &sa, NULL));
}

static inline bool goes_on(const struct rule *rule, enum round round)
{
	if (round == STOPPED)
		return !(rule->flags & ENDS_AT_STOPS);
	if (rule->flags & ALWAYS_RESTARTS)
		return true;
	return round != PLAIN_HANDLER && !(rule->flags & NEVER_RESTARTS);
}

static inline void be_target(const struct rule *rule, enum round round)
{
	long want = goes_on(rule, round) ? rule->want : -EINTR;
	long got;

	target = getpid();
	set_handler(SIGUSR1, tell_handled,
		    round == PLAIN_HANDLER ? 0 : SA_RESTART);
	set_handler(SIGUSR2, do_nothing, 0);
	errno = 0;
	got = rule->call();
	if (got == -1)
		got = -errno;
	if (got != want)
		FAIL("round %d: %ld, not %ld", round, got, want);
	EXPECT_EQ(handlers_run, round != STOPPED);
}

/* With @sig, if it is not 0, in between. */
static inline void stop_and_continue(pid_t pid, int sig)
{
	int status;

	OK(kill(pid, SIGSTOP));
	EXPECT_EQ(OK(waitpid(pid, &status, WUNTRACED)), pid);
	EXPECT(WIFSTOPPED(status));
	OK(kill(pid, sig));
	OK(kill(pid, SIGCONT));
}

static inline void check_round(const struct rule *rule, enum round round)
{
	event_init(&handled);
	if (rule->setup)
		rule->setup();
	IN_CHILD(target)
		be_target(rule, round);
	wait_until_sleeping(target);
	if (round == STOPPED)
		stop_and_continue(target, 0);
	else if (round == STOPPED_HANDLER)
		stop_and_continue(target, SIGUSR1);
	else
		OK(kill(target, SIGUSR1));
	if (round != STOPPED)
		event_wait(&handled);
	if (goes_on(rule, round)) {
		wait_until_sleeping(target);
		rule->complete();
	}
	EXPECT_EXIT(target, 0);
	event_close(&handled);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static inline void check_rule(const struct rule *rule)
{
	for (int round = 0; round < NR_ROUNDS; round++)
		check_round(rule, round);
}

/* RULE(name, .setup = ..., .call = ...); is a test. */
#define RULE(ident, ...)						\
	TEST(ident)							\
	{								\
		static const struct rule rule = { __VA_ARGS__ };	\
									\
		check_rule(&rule);					\
	}								\
	struct swallow_semicolon

/* ---- what many calls need ---- */

static inline void make_pipe(void)
{
	OK(pipe(fds));
}

/* Put bytes into @fd until no more fit. */
static inline void fill(int fd)
{
	static char junk[4096];
	int flags = OK(fcntl(fd, F_GETFL));

	OK(fcntl(fd, F_SETFL, flags | O_NONBLOCK));
	while (write(fd, junk, sizeof(junk)) > 0)
		;
	EXPECT_EQ(errno, EAGAIN);
	OK(fcntl(fd, F_SETFL, flags));
}

static inline void drain(int fd)
{
	static char junk[4096];
	int flags = OK(fcntl(fd, F_GETFL));

	OK(fcntl(fd, F_SETFL, flags | O_NONBLOCK));
	while (read(fd, junk, sizeof(junk)) > 0)
		;
	EXPECT_EQ(errno, EAGAIN);
	OK(fcntl(fd, F_SETFL, flags));
}

static inline long read_byte(void)
{
	char c;

	return read(fds[0], &c, 1);
}

static inline long write_byte(void)
{
	return write(fds[1], "z", 1);
}

static inline void write_z(void)
{
	EXPECT_EQ(write(fds[1], "z", 1), 1);
}

static inline void drain_0(void)
{
	drain(fds[0]);
}
