/*
 * The smaller ioctls of terminals, and which of them a pseudo-terminal's two
 * ends and a serial port have. The larger ones are in pty.c and session.c.
 */
#include "test.h"

#include <linux/tty.h>
#include <sys/ioctl.h>
#include <termios.h>

#ifndef TIOCM_OUT1
#define TIOCM_OUT1	0x2000
#endif

struct pair {
	int master, slave;
};

static struct pair open_pair(void)
{
	struct pair p = { .master = OK(open("/dev/ptmx", O_RDWR | O_NOCTTY)) };
	char name[32];
	int number, zero = 0;

	OK(ioctl(p.master, TIOCGPTN, &number));
	OK(ioctl(p.master, TIOCSPTLCK, &zero));
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	p.slave = OK(open(name, O_RDWR | O_NOCTTY));
	return p;
}

static void close_pair(struct pair *p)
{
	OK(close(p->slave));
	OK(close(p->master));
}

static void on_both(const struct pair *p, void (*check)(int fd))
{
	check(p->slave);
	check(p->master);
}

/* ---- both ends ---- */

static void check_discipline(int fd)
{
	static const int others[] = { 99, -1, 31, 29 };
	int value = 77;

	OK(ioctl(fd, TIOCGETD, &value));
	EXPECT_EQ(value, N_TTY);
	OK(ioctl(fd, TIOCSETD, &value));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		value = others[i];
		EXPECT_ERR(ioctl(fd, TIOCSETD, &value), EINVAL);
	}
	EXPECT_ERR(ioctl(fd, TIOCSETD, NULL), EFAULT);
	EXPECT_ERR(ioctl(fd, TIOCGETD, NULL), EFAULT);
}

static void check_exclusive(int fd)
{
	int value = 77;

	OK(ioctl(fd, TIOCGEXCL, &value));
	EXPECT_EQ(value, 0);
	OK(ioctl(fd, TIOCEXCL));
	OK(ioctl(fd, TIOCGEXCL, &value));
	EXPECT_EQ(value, 1);
	OK(ioctl(fd, TIOCNXCL));
	OK(ioctl(fd, TIOCGEXCL, &value));
	EXPECT_EQ(value, 0);
	EXPECT_ERR(ioctl(fd, TIOCGEXCL, NULL), EFAULT);
}

static void check_softcar(int fd)
{
	struct termios t;
	int value = 5;

	OK(ioctl(fd, TIOCSSOFTCAR, &value));
	OK(ioctl(fd, TIOCGSOFTCAR, &value));
	EXPECT_EQ(value, 1);
	OK(tcgetattr(fd, &t));
	EXPECT(t.c_cflag & CLOCAL);
	value = 0;
	OK(ioctl(fd, TIOCSSOFTCAR, &value));
	OK(tcgetattr(fd, &t));
	EXPECT(!(t.c_cflag & CLOCAL));
	OK(ioctl(fd, TIOCGSOFTCAR, &value));
	EXPECT_EQ(value, 0);
	EXPECT_ERR(ioctl(fd, TIOCSSOFTCAR, NULL), EFAULT);
	EXPECT_ERR(ioctl(fd, TIOCGSOFTCAR, NULL), EFAULT);
}

static void check_locked_modes(int fd)
{
	struct termios t, locked = { .c_iflag = IXON, .c_lflag = ECHO };

	locked.c_cc[VINTR] = 1;
	OK(ioctl(fd, TIOCSLCKTRMIOS, &locked));
	OK(tcgetattr(fd, &t));
	t.c_iflag ^= IXON | ICRNL;
	t.c_lflag ^= ECHO | ISIG;
	t.c_cc[VINTR]++;
	t.c_cc[VQUIT]++;
	OK(tcsetattr(fd, TCSANOW, &t));
	struct termios got;

	OK(tcgetattr(fd, &got));
	EXPECT_EQ(got.c_iflag, t.c_iflag ^ IXON);
	EXPECT_EQ(got.c_lflag, t.c_lflag ^ ECHO);
	EXPECT_EQ(got.c_cc[VINTR], t.c_cc[VINTR] - 1);
	EXPECT_EQ(got.c_cc[VQUIT], t.c_cc[VQUIT]);
	memset(&got, 0, sizeof(got));
	OK(ioctl(fd, TIOCGLCKTRMIOS, &got));
	EXPECT_EQ(got.c_iflag, IXON);
	EXPECT_EQ(got.c_lflag, ECHO);
	EXPECT_EQ(got.c_cc[VINTR], 1);
	memset(&locked, 0, sizeof(locked));
	OK(ioctl(fd, TIOCSLCKTRMIOS, &locked));
	OK(tcsetattr(fd, TCSANOW, &t));
	OK(tcgetattr(fd, &got));
	EXPECT_EQ(got.c_lflag, t.c_lflag);
	EXPECT_ERR(ioctl(fd, TIOCSLCKTRMIOS, NULL), EFAULT);
	EXPECT_ERR(ioctl(fd, TIOCGLCKTRMIOS, NULL), EFAULT);
}

static void check_breaks_and_lines(int fd)
{
	int value = 0;

	/* There is no line to have a break, or a modem, on it. */
	OK(ioctl(fd, TIOCSBRK));
	OK(ioctl(fd, TIOCCBRK));
	EXPECT_ERR(ioctl(fd, TIOCMGET, &value), ENOTTY);
	EXPECT_ERR(ioctl(fd, TIOCMSET, &value), ENOTTY);
	EXPECT_ERR(ioctl(fd, TIOCMBIS, NULL), ENOTTY);
	EXPECT_ERR(ioctl(fd, TIOCMBIC, NULL), ENOTTY);
}

static void check_groups(int fd)
{
	int value = -5;

	EXPECT_ERR(ioctl(fd, TIOCSPGRP, &value), EINVAL);
	value = getpgrp();
	EXPECT_ERR(ioctl(fd, TIOCSPGRP, &value), ENOTTY);
	EXPECT_ERR(ioctl(fd, TIOCSPGRP, NULL), EFAULT);
}

TEST(both_ends_of_a_pseudo_terminal)
{
	struct pair p = open_pair();

	on_both(&p, check_discipline);
	on_both(&p, check_exclusive);
	on_both(&p, check_softcar);
	on_both(&p, check_locked_modes);
	on_both(&p, check_breaks_and_lines);
	on_both(&p, check_groups);
	close_pair(&p);
}

TEST(what_only_a_master_has)
{
	static const unsigned long requests[] = {
		TIOCGPTN, TIOCSPTLCK, TIOCGPTLCK, TIOCPKT, TIOCGPKT, TIOCSIG,
	};
	struct pair p = open_pair();
	int value = 0, peer;

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		EXPECT_ERR(ioctl(p.slave, requests[i], &value), ENOTTY);
	EXPECT_ERR(ioctl(p.slave, TIOCGPTPEER, O_RDWR), EIO);
	peer = OK(ioctl(p.master, TIOCGPTPEER, O_RDWR | O_NOCTTY));
	OK(close(peer));
	close_pair(&p);
}

TEST(what_only_root_may)
{
	struct pair p = open_pair();
	struct termios t = {};
	pid_t pid;

	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(ioctl(p.slave, TIOCSLCKTRMIOS, &t), EPERM);
		EXPECT_ERR(ioctl(p.slave, TIOCSLCKTRMIOS, NULL), EPERM);
		EXPECT_ERR(ioctl(p.slave, TIOCVHANGUP), EPERM);
		EXPECT_ERR(ioctl(p.slave, TIOCSTI, "x"), EPERM);
		OK(ioctl(p.slave, TIOCGLCKTRMIOS, &t));
	}
	EXPECT_EXIT(pid, 0);
	close_pair(&p);
}

/* Somebody's controlling terminal is the slave, never the master. */
TEST(a_master_is_no_controlling_terminal)
{
	pid_t pid;

	IN_CHILD(pid) {
		struct pair p;
		int group;

		OK(setsid());
		p = open_pair();
		OK(ioctl(p.slave, TIOCSCTTY, 0));
		EXPECT_ERR(ioctl(p.master, TIOCNOTTY), ENOTTY);
		OK(ioctl(p.slave, TIOCGPGRP, &group));
		EXPECT_EQ(group, getpgrp());
		become_user(1000, 1000);
		EXPECT_ERR(ioctl(p.master, TIOCSTI, "x"), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- a serial port ---- */

TEST(modem_lines_of_a_serial_port)
{
	int fd = OK(open("/dev/ttyS0", O_RDWR | O_NOCTTY | O_NONBLOCK));
	int lines, value;

	OK(ioctl(fd, TIOCMGET, &lines));
	EXPECT_EQ(lines & (TIOCM_DTR | TIOCM_RTS), TIOCM_DTR | TIOCM_RTS);
	value = TIOCM_RTS;
	OK(ioctl(fd, TIOCMBIC, &value));
	OK(ioctl(fd, TIOCMGET, &value));
	EXPECT_EQ(value & (TIOCM_DTR | TIOCM_RTS), TIOCM_DTR);
	value = TIOCM_RTS | TIOCM_OUT1 | TIOCM_CTS;
	OK(ioctl(fd, TIOCMBIS, &value));
	OK(ioctl(fd, TIOCMGET, &value));
	EXPECT_EQ(value & (TIOCM_DTR | TIOCM_RTS | TIOCM_OUT1),
		  TIOCM_DTR | TIOCM_RTS | TIOCM_OUT1);
	value = lines;
	OK(ioctl(fd, TIOCMSET, &value));
	OK(ioctl(fd, TIOCMGET, &value));
	EXPECT_EQ(value, lines);
	EXPECT_ERR(ioctl(fd, TIOCMGET, NULL), EFAULT);
	EXPECT_ERR(ioctl(fd, TIOCMSET, NULL), EFAULT);
	EXPECT_ERR(ioctl(fd, TIOCGPTPEER, O_RDWR), EIO);
	check_discipline(fd);
	OK(ioctl(fd, TIOCSBRK));
	OK(ioctl(fd, TIOCCBRK));
	OK(close(fd));
}

/* ---- what is no terminal ---- */

static void expect_none(int fd)
{
	static const unsigned long requests[] = {
		TCGETS, TCSETS, TCSBRK, TIOCSBRK, TCXONC, TCFLSH, TIOCEXCL,
		TIOCGPGRP, TIOCSPGRP, TIOCGSID, TIOCGWINSZ, TIOCMGET, TIOCSTI,
		TIOCGSOFTCAR, TIOCSETD, TIOCNOTTY, TIOCSCTTY, TIOCGPTN,
		TIOCGPTPEER, TIOCGLCKTRMIOS, TIOCVHANGUP, TIOCGEXCL,
	};

	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		EXPECT_ERR(ioctl(fd, requests[i], NULL), ENOTTY);
}

TEST(other_files_have_none_of_these)
{
	int fds[2], fd = OK(open("f", O_CREAT | O_RDWR, 0600));

	expect_none(fd);
	OK(close(fd));
	fd = OK(open(".", O_RDONLY));
	expect_none(fd);
	OK(close(fd));
	fd = OK(open("/dev/null", O_RDWR));
	expect_none(fd);
	OK(close(fd));
	OK(pipe(fds));
	expect_none(fds[0]);
	OK(close(fds[0]));
	OK(close(fds[1]));
	fd = OK(open("f", O_PATH));
	EXPECT_ERR(ioctl(fd, TCGETS, NULL), EBADF);
	OK(close(fd));
}
