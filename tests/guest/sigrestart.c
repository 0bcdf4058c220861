/* System calls that a signal interrupts, and those that it restarts. */
#include "sigtools.h"

#include <poll.h>
#include <sys/select.h>
#include <time.h>

static pid_t signal_when_asleep(int sig)
{
	pid_t me = getpid(), pid;

	IN_CHILD(pid) {
		wait_until_sleeping(me);
		OK(kill(me, sig));
	}
	return pid;
}

TEST(read_is_interrupted_without_sa_restart)
{
	int fds[2];
	char c;

	OK(pipe(fds));
	handle(SIGUSR1, note, 0);
	pid_t pid = signal_when_asleep(SIGUSR1);
	EXPECT_ERR(read(fds[0], &c, 1), EINTR);
	EXPECT_EQ(count, 1);
	EXPECT_EXIT(pid, 0);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(read_restarts_with_sa_restart)
{
	int fds[2];
	char c = 0;
	pid_t me = getpid(), pid;

	OK(pipe(fds));
	handle(SIGUSR1, note, SA_RESTART);
	IN_CHILD(pid) {
		wait_until_sleeping(me);
		OK(kill(me, SIGUSR1));
		wait_until_sleeping(me);
		EXPECT_EQ(write(fds[1], "z", 1), 1);
	}
	EXPECT_EQ(read(fds[0], &c, 1), 1);
	EXPECT_EQ(c, 'z');
	EXPECT_EQ(count, 1);
	EXPECT_EXIT(pid, 0);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(wait_restarts_with_sa_restart)
{
	pid_t me = getpid(), pid;

	handle(SIGUSR1, note, SA_RESTART);
	IN_CHILD(pid) {
		wait_until_sleeping(me);
		OK(kill(me, SIGUSR1));
		_exit(17);
	}
	int status;
	EXPECT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(WEXITSTATUS(status), 17);
	EXPECT_EQ(count, 1);
}

TEST(ignored_signals_do_not_interrupt)
{
	int fds[2];
	char c;
	pid_t me = getpid(), pid;

	OK(pipe(fds));
	handle(SIGUSR1, SIG_IGN, 0);
	IN_CHILD(pid) {
		wait_until_sleeping(me);
		OK(kill(me, SIGUSR1));
		OK(kill(me, SIGWINCH));
		wait_until_sleeping(me);
		EXPECT_EQ(write(fds[1], "z", 1), 1);
	}
	EXPECT_EQ(read(fds[0], &c, 1), 1);
	EXPECT_EXIT(pid, 0);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST(stop_and_continue_resume_a_sleep)
{
	int fds[2], status;
	pid_t pid;

	OK(pipe(fds));
	IN_CHILD(pid) {
		char c;
		EXPECT_EQ(read(fds[0], &c, 1), 1);
	}
	wait_until_sleeping(pid);
	OK(kill(pid, SIGSTOP));
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	OK(kill(pid, SIGCONT));
	EXPECT_EQ(waitpid(pid, &status, WCONTINUED), pid);
	EXPECT_EQ(write(fds[1], "z", 1), 1);
	EXPECT_EXIT(pid, 0);
	OK(close(fds[0]));
	OK(close(fds[1]));
}

/* pause, poll and sigsuspend never restart, whatever the flags. */
TEST(some_calls_never_restart)
{
	handle(SIGUSR1, note, SA_RESTART);
	pid_t pid = signal_when_asleep(SIGUSR1);
	EXPECT_ERR(pause(), EINTR);
	EXPECT_EXIT(pid, 0);

	pid = signal_when_asleep(SIGUSR1);
	EXPECT_ERR(poll(NULL, 0, -1), EINTR);
	EXPECT_EXIT(pid, 0);

	pid = signal_when_asleep(SIGUSR1);
	EXPECT_ERR(select(0, NULL, NULL, NULL, NULL), EINTR);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(count, 3);
}

TEST(nanosleep_tells_what_is_left)
{
	struct timespec want = { 100, 0 }, left = { 0, 0 };

	handle(SIGUSR1, note, SA_RESTART);
	pid_t pid = signal_when_asleep(SIGUSR1);
	EXPECT_ERR(nanosleep(&want, &left), EINTR);
	EXPECT_EXIT(pid, 0);
	EXPECT(left.tv_sec > 10 && left.tv_sec < 100);
}

/* A sleep that is only stopped and continued goes on where it was. */
TEST(nanosleep_survives_stop_and_continue)
{
	pid_t pid;
	int status;

	IN_CHILD(pid) {
		struct timespec want = { 0, 300000000 };
		OK(nanosleep(&want, NULL));
	}
	wait_until_sleeping(pid);
	OK(kill(pid, SIGSTOP));
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	OK(kill(pid, SIGCONT));
	EXPECT_EXIT(pid, 0);
}
