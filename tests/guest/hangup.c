/*
 * vhangup(2): taking the terminal away from all who have it. What a hang-up
 * from the other end does is in pty.
 */
#include "test.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

static int new_master(char *name)
{
	int zero = 0, master = OK(open("/dev/ptmx", O_RDWR | O_NOCTTY));
	unsigned int number;

	OK(ioctl(master, TIOCSPTLCK, &zero));
	OK(ioctl(master, TIOCGPTN, &number));
	sprintf(name, "/dev/pts/%u", number);
	return master;
}

static int pending(int sig)
{
	const struct timespec none = { 0, 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	return sigtimedwait(&set, NULL, &none) == sig;
}

static void block_hangups(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCONT);
	OK(sigprocmask(SIG_BLOCK, &set, NULL));
}

TEST(is_for_the_privileged)
{
	pid_t pid;

	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(vhangup(), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(without_a_terminal_nothing_happens)
{
	pid_t pid;

	IN_CHILD(pid) {
		setsid();
		OK(vhangup());
		OK(vhangup());
	}
	EXPECT_EXIT(pid, 0);
}

TEST(the_leader_is_told_and_the_terminal_is_gone)
{
	char name[32], c;
	int master = new_master(name);
	pid_t pid;

	IN_CHILD(pid) {
		struct pollfd p = { .events = POLLIN | POLLOUT };

		block_hangups();
		OK(setsid());
		p.fd = OK(open(name, O_RDWR));
		OK(tcgetpgrp(p.fd));
		OK(vhangup());
		EXPECT(pending(SIGHUP));
		EXPECT(pending(SIGCONT));
		EXPECT_EQ(read(p.fd, &c, 1), 0);
		EXPECT_ERR(write(p.fd, "x", 1), EIO);
		EXPECT_ERR(tcgetpgrp(p.fd), EIO);
		EXPECT_EQ(poll(&p, 1, 0), 1);
		EXPECT(p.revents & POLLHUP);
		EXPECT_ERR(open("/dev/tty", O_RDWR), ENXIO);
		/* There is none any more. */
		OK(vhangup());
		EXPECT(!pending(SIGHUP));
		OK(close(p.fd));
	}
	EXPECT_EXIT(pid, 0);
	OK(close(master));
}

TEST(by_default_it_kills_the_leader)
{
	char name[32];
	int master = new_master(name);
	pid_t pid;

	IN_CHILD(pid) {
		OK(setsid());
		OK(open(name, O_RDWR));
		vhangup();
		pause();
	}
	EXPECT_KILLED(pid, SIGHUP);
	OK(close(master));
}

TEST(whoever_else_has_it_open_loses_it)
{
	char name[32], c;
	int master = new_master(name), slave;
	struct event done;
	pid_t pid[2];

	slave = OK(open(name, O_RDWR | O_NOCTTY));
	event_init(&done);
	/* One who sleeps for input. */
	IN_CHILD(pid[0])
		EXPECT_EQ(read(slave, &c, 1), 0);
	wait_until_sleeping(pid[0]);
	IN_CHILD(pid[1]) {
		int fd;

		block_hangups();
		OK(setsid());
		fd = OK(open(name, O_RDWR));
		OK(vhangup());
		event_signal(&done);
		OK(close(fd));
	}
	event_wait(&done);
	EXPECT_EXIT(pid[0], 0);
	EXPECT_EXIT(pid[1], 0);
	EXPECT_EQ(read(slave, &c, 1), 0);
	EXPECT_ERR(write(slave, "x", 1), EIO);
	OK(close(slave));
	event_close(&done);
	OK(close(master));
}

/* What a login does: it opens the terminal again, and has it to itself. */
TEST(it_may_be_opened_again)
{
	char name[32], buf[8] = "";
	int master = new_master(name);
	struct termios raw;
	struct event opened;
	pid_t pid;

	event_init(&opened);
	IN_CHILD(pid) {
		int fd, again;

		block_hangups();
		OK(setsid());
		fd = OK(open(name, O_RDWR));
		OK(vhangup());
		again = OK(open(name, O_RDWR));
		EXPECT_EQ(tcgetsid(again), getpid());
		EXPECT_ERR(write(fd, "x", 1), EIO);
		OK(tcgetattr(again, &raw));
		cfmakeraw(&raw);
		OK(tcsetattr(again, TCSANOW, &raw));
		EXPECT_EQ(write(again, "new", 3), 3);
		event_signal(&opened);
		EXPECT_EQ(read(again, buf, 1), 1);
		OK(close(fd));
		OK(close(again));
	}
	/* Between the two, who reads at the master is told of an end. */
	event_wait(&opened);
	EXPECT_EQ(read(master, buf, sizeof(buf)), 3);
	EXPECT_STR(buf, "new");
	EXPECT_EQ(write(master, "x", 1), 1);
	EXPECT_EXIT(pid, 0);
	event_close(&opened);
	OK(close(master));
}
