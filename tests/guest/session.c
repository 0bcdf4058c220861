/* Process groups and sessions: setpgid, setsid, and who may do what to whom. */
#include "test.h"

TEST(setpgid_makes_and_joins_groups)
{
	struct event go;
	pid_t a, b;

	event_init(&go);
	IN_CHILD(a)
		event_wait(&go);
	IN_CHILD(b)
		event_wait(&go);
	EXPECT_EQ(getpgid(a), getpid());
	OK(setpgid(a, 0));
	EXPECT_EQ(getpgid(a), a);
	OK(setpgid(b, a));
	EXPECT_EQ(getpgid(b), a);
	OK(setpgid(b, getpgrp()));
	EXPECT_EQ(getpgid(b), getpgrp());
	event_signal(&go);
	event_signal(&go);
	EXPECT_EXIT(a, 0);
	EXPECT_EXIT(b, 0);
	event_close(&go);
}

TEST(setpgid_errors)
{
	struct event go;
	pid_t pid, other;

	EXPECT_ERR(setpgid(0, -1), EINVAL);
	EXPECT_ERR(setpgid(99999999, 0), ESRCH);
	EXPECT_ERR(setpgid(1, 0), ESRCH);		/* not our child */
	EXPECT_ERR(setpgid(0, 0), EPERM);		/* a session leader */
	EXPECT_ERR(getpgid(99999999), ESRCH);
	EXPECT_ERR(getpgid(-1), ESRCH);
	event_init(&go);
	IN_CHILD(pid)
		event_wait(&go);
	EXPECT_ERR(setpgid(pid, 99999999), EPERM);	/* no such group */
	EXPECT_ERR(setpgid(pid, 1), EPERM);		/* other session */
	IN_CHILD(other) {
		setsid();
		event_signal(&go);
		event_wait(&go);
	}
	event_signal(&go);
	event_signal(&go);
	EXPECT_EXIT(pid, 0);
	EXPECT_EXIT(other, 0);
	event_close(&go);
}

TEST(setpgid_after_exec_is_eacces)
{
	char *argv[] = { HELPER_ARGV("wait_for_input"), NULL };
	int fds[2], ready[2];
	char c;

	OK(pipe(fds));
	OK(pipe(ready));
	pid_t pid = OK(fork());
	if (pid == 0) {
		dup2(fds[0], 0);
		dup2(ready[1], 1);
		close(fds[1]);
		execv(SELF, argv);
		_exit(126);
	}
	EXPECT_EQ(read(ready[0], &c, 1), 1);	/* it has executed */
	EXPECT_ERR(setpgid(pid, 0), EACCES);
	EXPECT_EQ(write(fds[1], "x", 1), 1);
	EXPECT_EXIT(pid, 0);
	for (int i = 0; i < 2; i++) {
		OK(close(fds[i]));
		OK(close(ready[i]));
	}
}

HELPER(wait_for_input)
{
	char c = 'r';

	return write(1, &c, 1) == 1 && read(0, &c, 1) == 1 ? 0 : 1;
}

TEST(setsid_leads_a_new_session)
{
	pid_t pid;

	EXPECT_ERR(setsid(), EPERM);		/* we lead one already */
	IN_CHILD(pid) {
		EXPECT_EQ(setsid(), getpid());
		EXPECT_EQ(getsid(0), getpid());
		EXPECT_EQ(getpgrp(), getpid());
		EXPECT_ERR(setsid(), EPERM);
		pid_t kid;
		IN_CHILD(kid) {
			EXPECT_EQ(getsid(0), getppid());
			EXPECT_EQ(getpgrp(), getppid());
		}
		EXPECT_EXIT(kid, 0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(getsid(0), getpid());
	EXPECT_EQ(getsid(getpid()), getpid());
	EXPECT_ERR(getsid(99999999), ESRCH);
}

TEST(group_leaders_cannot_setsid)
{
	pid_t pid;

	IN_CHILD(pid) {
		OK(setpgid(0, 0));
		EXPECT_ERR(setsid(), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

/* A group's number stays taken while a member lives, its leader or not. */
TEST(groups_outlive_their_leader)
{
	struct event ready;
	pid_t leader, member;

	event_init(&ready);
	IN_CHILD(leader) {
		OK(setpgid(0, 0));
		event_signal(&ready);
		pause();
	}
	event_wait(&ready);
	IN_CHILD(member)
		pause();
	OK(setpgid(member, leader));
	OK(kill(leader, SIGKILL));
	EXPECT_KILLED(leader, SIGKILL);
	EXPECT_EQ(getpgid(member), leader);
	OK(kill(-leader, SIGTERM));
	EXPECT_KILLED(member, SIGTERM);
	event_close(&ready);
}

/* When a group loses its last parent outside, stopped members get HUP, CONT. */
TEST(newly_orphaned_stopped_groups_are_woken)
{
	int fds[2];
	pid_t pid;
	char c;

	OK(pipe(fds));
	IN_CHILD(pid) {
		pid_t kid;
		int status;

		IN_CHILD(kid) {
			OK(setpgid(0, 0));
			raise(SIGSTOP);
			/* SIGHUP has killed us before this line. */
			EXPECT_EQ(write(fds[1], "!", 1), 1);
		}
		EXPECT_EQ(waitpid(kid, &status, WUNTRACED), kid);
		EXPECT(WIFSTOPPED(status));
	}
	EXPECT_EXIT(pid, 0);
	OK(close(fds[1]));
	EXPECT_EQ(read(fds[0], &c, 1), 0); /* it is gone, and said nothing */
	OK(close(fds[0]));
}

TEST(orphaned_groups_do_not_stop_for_the_terminal)
{
	pid_t pid;

	/* Our group's only member with a parent outside leads the session. */
	IN_CHILD(pid) {
		raise(SIGTSTP);
		raise(SIGTTIN);
		raise(SIGTTOU);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(no_terminal_no_dev_tty)
{
	EXPECT_ERR(open("/dev/tty", O_RDWR), ENXIO);
}
