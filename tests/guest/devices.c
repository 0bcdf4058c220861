/* The device nodes of devtmpfs: memory devices and terminals. */
#include "test.h"

#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <termios.h>

TEST(nodes_exist_with_their_numbers)
{
	static const struct {
		const char *path;
		unsigned major, minor, mode;
	} nodes[] = {
		{ "/dev/null", 1, 3, 0666 }, { "/dev/zero", 1, 5, 0666 },
		{ "/dev/full", 1, 7, 0666 }, { "/dev/random", 1, 8, 0666 },
		{ "/dev/urandom", 1, 9, 0666 }, { "/dev/kmsg", 1, 11, 0644 },
		{ "/dev/tty", 5, 0, 0666 }, { "/dev/console", 5, 1, 0600 },
		{ "/dev/ttyS0", 4, 64, 0600 }, { "/dev/ttyS1", 4, 65, 0600 },
	};
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		OK(stat(nodes[i].path, &st));
		EXPECT(S_ISCHR(st.st_mode));
		if (st.st_rdev != makedev(nodes[i].major, nodes[i].minor))
			FAIL("%s is %d:%d", nodes[i].path, major(st.st_rdev),
			     minor(st.st_rdev));
		if ((st.st_mode & 0777) != nodes[i].mode)
			FAIL("%s has mode %o", nodes[i].path, st.st_mode);
	}
}

TEST(null)
{
	char c;
	int fd = OK(open("/dev/null", O_RDWR));

	EXPECT_EQ(write(fd, "abc", 3), 3);
	EXPECT_EQ(read(fd, &c, 1), 0);
	EXPECT_EQ(lseek(fd, 100, SEEK_SET), 0);
	EXPECT_EQ(write(fd, (void *)8, 3), 3);	/* it never looks */
	EXPECT_EQ(pwrite(fd, "x", 1, 1000), 1);
	OK(close(fd));
	OK(close(OK(open("/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0600))));
	EXPECT_ERR(open("/dev/null", O_RDONLY | O_DIRECTORY), ENOTDIR);
}

TEST(zero)
{
	static char buf[100000];
	int fd = OK(open("/dev/zero", O_RDWR));

	memset(buf, 'x', sizeof(buf));
	EXPECT_EQ(read(fd, buf, sizeof(buf)), sizeof(buf));
	for (size_t i = 0; i < sizeof(buf); i++)
		EXPECT_EQ(buf[i], 0);
	EXPECT_EQ(write(fd, "abc", 3), 3);
	EXPECT_ERR(read(fd, (void *)8, 3), EFAULT);
	OK(close(fd));
}

TEST(full)
{
	char c = 'x';
	int fd = OK(open("/dev/full", O_RDWR));

	EXPECT_EQ(read(fd, &c, 1), 1);
	EXPECT_EQ(c, 0);
	EXPECT_ERR(write(fd, "x", 1), ENOSPC);
	OK(close(fd));
}

TEST(random_devices)
{
	static const char *paths[] = { "/dev/random", "/dev/urandom" };
	unsigned char a[32], b[32];

	for (int i = 0; i < 2; i++) {
		int fd = OK(open(paths[i], O_RDWR));
		EXPECT_EQ(read(fd, a, 32), 32);
		EXPECT_EQ(read(fd, b, 32), 32);
		EXPECT(memcmp(a, b, 32) != 0);
		EXPECT_EQ(write(fd, a, 32), 32);	/* stirs */
		EXPECT_ERR(read(fd, (void *)8, 32), EFAULT);
		OK(close(fd));
	}
}

TEST(ioctls_of_things_that_are_no_terminals)
{
	struct termios t;
	struct winsize w;
	int fds[2], fd = OK(open("f", O_CREAT | O_RDWR, 0600));

	OK(pipe(fds));
	EXPECT_ERR(ioctl(fd, TCGETS, &t), ENOTTY);
	EXPECT_ERR(ioctl(fd, TIOCGWINSZ, &w), ENOTTY);
	EXPECT_ERR(ioctl(fds[0], TCGETS, &t), ENOTTY);
	EXPECT_ERR(ioctl(0, TCGETS, &t), ENOTTY);	/* /dev/null */
	EXPECT_EQ(isatty(fd), 0);
	OK(ioctl(fd, FIOCLEX, 0));
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	OK(ioctl(fd, FIONCLEX, 0));
	EXPECT_EQ(fcntl(fd, F_GETFD), 0);
	int on = 1;
	OK(ioctl(fds[0], FIONBIO, &on));
	EXPECT(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
	int count = -1;
	EXPECT_EQ(write(fd, "abc", 3), 3);
	OK(lseek(fd, 1, SEEK_SET));
	OK(ioctl(fd, FIONREAD, &count));
	EXPECT_EQ(count, 2);
	OK(close(fd));
	OK(close(fds[0]));
	OK(close(fds[1]));
}

/* ---- the serial console as a terminal ---- */

static int open_tty(void)
{
	return OK(open("/dev/ttyS0", O_RDWR | O_NOCTTY | O_NONBLOCK));
}

TEST(termios_round_trip)
{
	struct termios t, old;
	int fd = open_tty();

	EXPECT_EQ(isatty(fd), 1);
	OK(tcgetattr(fd, &old));
	t = old;
	cfmakeraw(&t);
	t.c_cc[VMIN] = 3;
	t.c_cc[VTIME] = 7;
	t.c_cc[VINTR] = 5;
	OK(tcsetattr(fd, TCSANOW, &t));
	memset(&t, 0, sizeof(t));
	OK(tcgetattr(fd, &t));
	EXPECT_EQ(t.c_lflag & (ICANON | ECHO | ISIG), 0);
	EXPECT_EQ(t.c_oflag & OPOST, 0);
	EXPECT_EQ(t.c_cc[VMIN], 3);
	EXPECT_EQ(t.c_cc[VTIME], 7);
	EXPECT_EQ(t.c_cc[VINTR], 5);
	OK(tcsetattr(fd, TCSANOW, &old));
	EXPECT_ERR(ioctl(fd, TCGETS, 8L), EFAULT);
	EXPECT_ERR(ioctl(fd, TCSETS, 8L), EFAULT);
	EXPECT_ERR(ioctl(fd, 0x5499, 0), ENOTTY);
	OK(close(fd));
}

TEST(termios_defaults)
{
	struct termios t;
	int fd = open_tty();

	OK(tcgetattr(fd, &t));
	EXPECT(t.c_cflag & CREAD);
	EXPECT_EQ(t.c_cflag & CSIZE, CS8);
	EXPECT_EQ(t.c_cc[VINTR], 3);
	EXPECT_EQ(t.c_cc[VQUIT], 28);
	EXPECT_EQ(t.c_cc[VERASE], 127);
	EXPECT_EQ(t.c_cc[VKILL], 21);
	EXPECT_EQ(t.c_cc[VEOF], 4);
	EXPECT_EQ(t.c_cc[VSUSP], 26);
	OK(close(fd));
}

TEST(window_size_round_trip)
{
	struct winsize w, old;
	int fd = open_tty();

	OK(ioctl(fd, TIOCGWINSZ, &old));
	w = (struct winsize){ 33, 99, 1, 2 };
	OK(ioctl(fd, TIOCSWINSZ, &w));
	memset(&w, 0, sizeof(w));
	OK(ioctl(fd, TIOCGWINSZ, &w));
	EXPECT_EQ(w.ws_row, 33);
	EXPECT_EQ(w.ws_col, 99);
	OK(ioctl(fd, TIOCSWINSZ, &old));
	EXPECT_ERR(ioctl(fd, TIOCGWINSZ, 8L), EFAULT);
	OK(close(fd));
}

TEST(a_terminal_cannot_seek)
{
	int fd = open_tty();
	char c;

	EXPECT_ERR(lseek(fd, 0, SEEK_SET), ESPIPE);
	EXPECT_ERR(pread(fd, &c, 1, 0), ESPIPE);
	EXPECT_ERR(read(fd, &c, 1), EAGAIN);
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
	EXPECT_EQ(poll(&p, 1, 0), 1);
	EXPECT_EQ(p.revents, POLLOUT);
	OK(close(fd));
}

static volatile sig_atomic_t winch;

static void on_winch(int sig)
{
	(void)sig;
	winch++;
}

TEST(controlling_terminal_and_foreground_group)
{
	pid_t pid, sid = getpid(), kid;
	struct winsize w, old;
	int fd = open_tty(), tty;

	EXPECT_ERR(tcgetpgrp(fd), ENOTTY);	/* not ours yet */
	OK(ioctl(fd, TIOCSCTTY, 0));
	OK(ioctl(fd, TIOCSCTTY, 0));		/* again: nothing changes */
	EXPECT_EQ(tcgetpgrp(fd), sid);
	pid_t got;
	OK(ioctl(fd, TIOCGSID, &got));
	EXPECT_EQ(got, sid);
	tty = OK(open("/dev/tty", O_RDWR | O_NONBLOCK));
	EXPECT_EQ(tcgetpgrp(tty), sid);
	struct stat st;
	OK(fstat(tty, &st));
	EXPECT_EQ(st.st_rdev, makedev(5, 0));
	EXPECT_EQ(proc_number("/proc/self/stat", ") R "), getppid());

	/* Another session cannot take it. */
	IN_CHILD(pid) {
		OK(setsid());
		EXPECT_ERR(open("/dev/tty", O_RDWR), ENXIO);
		EXPECT_ERR(ioctl(fd, TIOCSCTTY, 0), EPERM);
		EXPECT_ERR(tcgetpgrp(fd), ENOTTY);
	}
	EXPECT_EXIT(pid, 0);

	/* The foreground moves between groups of the session. */
	IN_CHILD(kid)
		pause();
	OK(setpgid(kid, kid));
	OK(tcsetpgrp(fd, kid));
	EXPECT_EQ(tcgetpgrp(fd), kid);
	signal(SIGTTOU, SIG_IGN);
	OK(tcsetpgrp(fd, sid));
	EXPECT_ERR(tcsetpgrp(fd, 1), EPERM);
	EXPECT_ERR(tcsetpgrp(fd, 99999999), ESRCH);
	EXPECT_ERR(tcsetpgrp(fd, -1), EINVAL);

	/* A new window size is told to the foreground group. */
	signal(SIGWINCH, on_winch);
	OK(ioctl(fd, TIOCGWINSZ, &old));
	w = (struct winsize){ old.ws_row + 1, 80, 0, 0 };
	OK(ioctl(fd, TIOCSWINSZ, &w));
	EXPECT_EQ(winch, 1);
	OK(ioctl(fd, TIOCSWINSZ, &w));		/* the same: no signal */
	EXPECT_EQ(winch, 1);
	OK(ioctl(fd, TIOCSWINSZ, &old));

	OK(kill(kid, SIGKILL));
	EXPECT_KILLED(kid, SIGKILL);
	OK(close(tty));
	signal(SIGHUP, SIG_IGN);
	OK(ioctl(fd, TIOCNOTTY, 0));
	EXPECT_ERR(open("/dev/tty", O_RDWR), ENXIO);
	OK(close(fd));
}

TEST(background_access_stops_the_group)
{
	pid_t kid;
	int fd, status;
	struct termios t;

	fd = open_tty();
	OK(ioctl(fd, TIOCSCTTY, 0));
	OK(tcgetattr(fd, &t));

	IN_CHILD(kid) {				/* reading: SIGTTIN */
		char c;
		OK(setpgid(0, 0));
		read(fd, &c, 1);
	}
	EXPECT_EQ(waitpid(kid, &status, WUNTRACED), kid);
	EXPECT(WIFSTOPPED(status));
	EXPECT_EQ(WSTOPSIG(status), SIGTTIN);
	OK(kill(kid, SIGKILL));
	EXPECT_KILLED(kid, SIGKILL);

	IN_CHILD(kid) {				/* changing modes: SIGTTOU */
		OK(setpgid(0, 0));
		tcsetattr(fd, TCSANOW, &t);
	}
	EXPECT_EQ(waitpid(kid, &status, WUNTRACED), kid);
	EXPECT(WIFSTOPPED(status));
	EXPECT_EQ(WSTOPSIG(status), SIGTTOU);
	OK(kill(kid, SIGKILL));
	EXPECT_KILLED(kid, SIGKILL);

	IN_CHILD(kid) {				/* ignoring SIGTTIN: EIO */
		char c;
		OK(setpgid(0, 0));
		signal(SIGTTIN, SIG_IGN);
		EXPECT_ERR(read(fd, &c, 1), EIO);
		signal(SIGTTOU, SIG_IGN);
		OK(tcsetattr(fd, TCSANOW, &t));
	}
	EXPECT_EXIT(kid, 0);
	signal(SIGHUP, SIG_IGN);
	OK(ioctl(fd, TIOCNOTTY, 0));
	OK(close(fd));
}

/* ---- type-ahead ---- */

static void type(int fd, const char *text)
{
	for (; *text; text++)
		OK(ioctl(fd, TIOCSTI, text));
}

static void wait_for_readable(int fd, int wanted)
{
	int n = 0;

	while (OK(ioctl(fd, FIONREAD, &n)), n != wanted)
		sched_yield();
}

/*
 * More than fits is lost, and what was typed first stays what it was. How much
 * of the last line fits is each kernel's own affair.
 */
TEST(type_ahead_keeps_what_was_typed_first)
{
	static const char line[] = "abcdefghi\n";
	int fd = OK(open("/dev/console", O_RDWR | O_NOCTTY));
	struct termios old, quiet;
	char buf[64];

	OK(tcgetattr(fd, &old));
	quiet = old;
	quiet.c_iflag &= ~IMAXBEL;
	quiet.c_lflag &= ~ECHO;
	quiet.c_lflag |= ICANON;
	OK(tcsetattr(fd, TCSAFLUSH, &quiet));
	for (int i = 0; i < 409; i++)
		type(fd, line);
	wait_for_readable(fd, 4090);
	type(fd, line);
	for (int i = 0; i < 20; i++)
		type(fd, "\n\n\x04X");
	for (int i = 0; i < 409; i++) {
		EXPECT_EQ(read(fd, buf, sizeof(buf)), 10);
		EXPECT_MEM(buf, line, 10);
	}
	OK(tcsetattr(fd, TCSAFLUSH, &old));
	OK(close(fd));
}
