/* Pseudo-terminals: /dev/ptmx, devpts, and what passes between the two ends. */
#include "test.h"

#include <dirent.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <termios.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER	_IO('T', 0x41)
#endif

struct pair {
	int	master, slave;
	char	name[32];
};

static int unlocked_master(char *name)
{
	int zero = 0, master = OK(open("/dev/ptmx", O_RDWR | O_NOCTTY));
	unsigned int number;

	OK(ioctl(master, TIOCSPTLCK, &zero));
	OK(ioctl(master, TIOCGPTN, &number));
	sprintf(name, "/dev/pts/%u", number);
	return master;
}

static struct pair open_pair(void)
{
	struct pair p;

	p.master = unlocked_master(p.name);
	p.slave = OK(open(p.name, O_RDWR | O_NOCTTY));
	return p;
}

static void close_pair(struct pair *p)
{
	OK(close(p->slave));
	OK(close(p->master));
}

static void make_raw(int fd)
{
	struct termios t;

	OK(tcgetattr(fd, &t));
	cfmakeraw(&t);
	OK(tcsetattr(fd, TCSANOW, &t));
}

/* Read until @len bytes are there. */
static void expect_bytes(int fd, const char *text)
{
	size_t len = strlen(text), got = 0;
	char buf[256];

	while (got < len)
		got += OK(read(fd, buf + got, len - got));
	EXPECT_MEM(buf, text, len);
}

static short events_of(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	OK(poll(&p, 1, 0));
	return p.revents;
}

static void wait_for(int fd, short event)
{
	struct pollfd p = { .fd = fd, .events = event };

	EXPECT_EQ(poll(&p, 1, -1), 1);
	EXPECT(p.revents & event);
}

TEST(pty_has_a_node_of_its_own)
{
	struct pair p = open_pair();
	struct stat st;
	unsigned int number;

	OK(ioctl(p.master, TIOCGPTN, &number));
	OK(stat(p.name, &st));
	EXPECT_EQ(st.st_mode & S_IFMT, S_IFCHR);
	EXPECT_EQ(major(st.st_rdev), 136);
	EXPECT_EQ(minor(st.st_rdev), number);
	EXPECT_EQ(st.st_uid, geteuid());
	EXPECT_EQ(isatty(p.slave), 1);
	EXPECT_EQ(isatty(p.master), 1);
	EXPECT_STR(ttyname(p.slave), p.name);
	close_pair(&p);
	EXPECT_ERR(stat(p.name, &st), ENOENT);
}

TEST(pty_numbers_are_the_lowest_free)
{
	struct pair a = open_pair(), b = open_pair(), c;
	unsigned int first, second, third;

	OK(ioctl(a.master, TIOCGPTN, &first));
	OK(ioctl(b.master, TIOCGPTN, &second));
	EXPECT_EQ(second, first + 1);
	close_pair(&a);
	c = open_pair();
	OK(ioctl(c.master, TIOCGPTN, &third));
	EXPECT_EQ(third, first);
	close_pair(&b);
	close_pair(&c);
}

TEST(pty_slave_is_locked_at_first)
{
	int master = OK(open("/dev/ptmx", O_RDWR | O_NOCTTY)), locked = -1;
	unsigned int number;
	char name[32];

	OK(ioctl(master, TIOCGPTN, &number));
	sprintf(name, "/dev/pts/%u", number);
	OK(ioctl(master, TIOCGPTLCK, &locked));
	EXPECT_EQ(locked, 1);
	EXPECT_ERR(open(name, O_RDWR | O_NOCTTY), EIO);
	EXPECT_EQ(unlockpt(master), 0);
	int slave = OK(open(name, O_RDWR | O_NOCTTY));
	OK(close(slave));
	OK(close(master));
}

TEST(pty_peer_without_a_name)
{
	char name[32];
	int master = unlocked_master(name);
	int slave = OK(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY));

	make_raw(slave);
	EXPECT_EQ(write(slave, "hey", 3), 3);
	expect_bytes(master, "hey");
	EXPECT_STR(ttyname(slave), name);
	OK(close(slave));
	OK(close(master));
}

TEST(pty_lines_go_through_the_discipline)
{
	struct pair p = open_pair();
	char buf[64];

	EXPECT_EQ(write(p.master, "heX\177llo\n", 8), 8);
	EXPECT_EQ(read(p.slave, buf, sizeof(buf)), 6);
	EXPECT_MEM(buf, "hello\n", 6);
	expect_bytes(p.master, "heX\b \bllo\r\n");
	EXPECT_EQ(write(p.slave, "a\nb", 3), 3);
	expect_bytes(p.master, "a\r\nb");
	close_pair(&p);
}

TEST(pty_raw_passes_everything)
{
	struct pair p = open_pair();
	char all[256], buf[256];
	size_t got = 0;

	make_raw(p.slave);
	for (int i = 0; i < 256; i++)
		all[i] = i;
	EXPECT_EQ(write(p.master, all, 256), 256);
	while (got < 256)
		got += OK(read(p.slave, buf + got, 256 - got));
	EXPECT_MEM(buf, all, 256);
	EXPECT_EQ(write(p.slave, all, 256), 256);
	for (got = 0; got < 256;)
		got += OK(read(p.master, buf + got, 256 - got));
	EXPECT_MEM(buf, all, 256);
	close_pair(&p);
}

TEST(pty_modes_belong_to_the_slave)
{
	struct pair p = open_pair();
	struct termios t, u;
	struct winsize ws = { 33, 77, 0, 0 }, got;

	OK(tcgetattr(p.master, &t));
	EXPECT(t.c_lflag & ICANON);
	t.c_lflag &= ~ECHO;
	OK(tcsetattr(p.master, TCSANOW, &t));
	OK(tcgetattr(p.slave, &u));
	EXPECT_EQ(u.c_lflag & ECHO, 0);
	OK(ioctl(p.master, TIOCSWINSZ, &ws));
	OK(ioctl(p.slave, TIOCGWINSZ, &got));
	EXPECT_MEM(&got, &ws, sizeof(ws));
	/* They outlive the last close of the slave. */
	OK(close(p.slave));
	p.slave = OK(open(p.name, O_RDWR | O_NOCTTY));
	OK(tcgetattr(p.slave, &u));
	EXPECT_EQ(u.c_lflag & ECHO, 0);
	close_pair(&p);
}

TEST(pty_default_modes)
{
	struct pair p = open_pair();
	struct termios t;

	OK(tcgetattr(p.slave, &t));
	EXPECT_EQ(t.c_iflag, ICRNL | IXON);
	EXPECT_EQ(t.c_oflag, OPOST | ONLCR);
	EXPECT_EQ(t.c_cflag & ~CBAUD, CS8 | CREAD);
	EXPECT_EQ(cfgetospeed(&t), B38400);
	EXPECT_EQ(t.c_lflag, ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL |
			     ECHOKE | IEXTEN);
	close_pair(&p);
}

TEST(pty_poll_of_both_ends)
{
	struct pair p = open_pair();

	make_raw(p.slave);
	EXPECT_EQ(events_of(p.master, POLLIN | POLLOUT), POLLOUT);
	EXPECT_EQ(events_of(p.slave, POLLIN | POLLOUT), POLLOUT);
	EXPECT_EQ(write(p.slave, "x", 1), 1);
	wait_for(p.master, POLLIN);
	EXPECT_EQ(write(p.master, "y", 1), 1);
	wait_for(p.slave, POLLIN);
	close_pair(&p);
}

TEST(pty_master_sees_the_last_close_of_the_slave)
{
	struct pair p = open_pair();
	char buf[8];

	EXPECT_EQ(write(p.slave, "bye", 3), 3);
	OK(close(p.slave));
	wait_for(p.master, POLLHUP);
	/* What had been written is still there. */
	expect_bytes(p.master, "bye");
	EXPECT_ERR(read(p.master, buf, sizeof(buf)), EIO);
	/* Opened again, it is as new. */
	p.slave = OK(open(p.name, O_RDWR | O_NOCTTY));
	EXPECT_EQ(events_of(p.master, POLLIN) & POLLHUP, 0);
	EXPECT_EQ(write(p.slave, "hi", 2), 2);
	expect_bytes(p.master, "hi");
	close_pair(&p);
}

TEST(pty_slave_sees_the_close_of_the_master)
{
	struct pair p = open_pair();
	char c;

	OK(close(p.master));
	EXPECT_EQ(events_of(p.slave, POLLIN) & POLLHUP, POLLHUP);
	EXPECT_EQ(read(p.slave, &c, 1), 0);
	EXPECT_ERR(write(p.slave, "x", 1), EIO);
	EXPECT_ERR(open(p.name, O_RDWR | O_NOCTTY), ENOENT);
	OK(close(p.slave));
}

TEST(pty_close_wakes_a_sleeping_reader)
{
	struct pair p = open_pair();
	pid_t pid;

	IN_CHILD(pid) {
		char c;

		close(p.master);
		_exit(read(p.slave, &c, 1) == 0 ? 0 : 1);
	}
	OK(close(p.slave));
	OK(close(p.master));
	EXPECT_EXIT(pid, 0);
}

TEST(pty_without_a_reader_blocks_the_writer)
{
	struct pair p = open_pair();
	static char block[4096], buf[4096];
	size_t written = 0, got = 0;
	ssize_t n;

	make_raw(p.slave);
	OK(fcntl(p.slave, F_SETFL, O_NONBLOCK));
	while ((n = write(p.slave, block, sizeof(block))) > 0)
		written += n;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT(written >= 2048);
	EXPECT_EQ(events_of(p.slave, POLLOUT), 0);
	while (got < written)
		got += OK(read(p.master, buf, sizeof(buf)));
	wait_for(p.slave, POLLOUT);
	close_pair(&p);
}

TEST(pty_much_data_in_order)
{
	struct pair p = open_pair();
	unsigned char buf[512];
	size_t total = 200000, got = 0;
	pid_t pid;

	make_raw(p.slave);
	IN_CHILD(pid) {
		close(p.slave);
		for (size_t i = 0; i < total; i += sizeof(buf)) {
			for (size_t k = 0; k < sizeof(buf); k++)
				buf[k] = (i + k) % 251;
			size_t len = total - i < sizeof(buf) ? total - i :
							       sizeof(buf);
			for (size_t done = 0; done < len;) {
				ssize_t n = write(p.master, buf + done,
						  len - done);

				if (n <= 0)
					_exit(1);
				done += n;
			}
		}
	}
	while (got < total) {
		ssize_t n = OK(read(p.slave, buf, sizeof(buf)));

		for (ssize_t k = 0; k < n; k++)
			EXPECT_EQ(buf[k], (got + k) % 251);
		got += n;
	}
	EXPECT_EXIT(pid, 0);
	close_pair(&p);
}

/* A shell's start: a session of its own with the slave as its terminal. */
static void new_session(const char *name)
{
	int slave;

	setsid();
	slave = open(name, O_RDWR);
	if (slave < 0)
		_exit(10);
	dup2(slave, 0);
}

/*
 * A child with the slave as its terminal, who then waits for a signal; it has
 * got there when this returns.
 */
static pid_t session_at(const char *name, int master)
{
	struct event ready;
	pid_t pid;

	event_init(&ready);
	IN_CHILD(pid) {
		close(master);
		new_session(name);
		event_signal(&ready);
		pause();
	}
	event_wait(&ready);
	event_close(&ready);
	return pid;
}

TEST(pty_becomes_the_controlling_terminal)
{
	struct event ready;
	char name[32];
	int master = unlocked_master(name);
	pid_t pid;
	int pgrp = -1, sid = -1;

	event_init(&ready);
	IN_CHILD(pid) {
		int tty;

		new_session(name);
		tty = open("/dev/tty", O_RDWR);
		if (tty < 0 || tcgetpgrp(tty) != getpid() ||
		    tcgetsid(0) != getpid())
			_exit(11);
		event_signal(&ready);
		pause();
	}
	event_wait(&ready);
	/* The master may ask too, though it is not its terminal. */
	OK(ioctl(master, TIOCGPGRP, &pgrp));
	OK(ioctl(master, TIOCGSID, &sid));
	EXPECT_EQ(pgrp, pid);
	EXPECT_EQ(sid, pid);
	EXPECT_EQ(write(master, "\003", 1), 1);
	EXPECT_KILLED(pid, SIGINT);
	OK(close(master));
	event_close(&ready);
}

TEST(pty_close_of_the_master_hangs_up_the_session)
{
	char name[32];
	int master = unlocked_master(name);
	pid_t pid = session_at(name, master);

	OK(close(master));
	EXPECT_KILLED(pid, SIGHUP);
}

TEST(pty_leaders_exit_is_seen_at_the_master)
{
	char name[32], c;
	int master = unlocked_master(name);
	pid_t pid;

	IN_CHILD(pid) {
		close(master);
		new_session(name);
	}
	EXPECT_EXIT(pid, 0);
	wait_for(master, POLLHUP);
	EXPECT_ERR(read(master, &c, 1), EIO);
	OK(close(master));
}

/* Unlike a serial line: script(1) waits for the end of what it holds open. */
TEST(pty_outlives_its_session)
{
	struct pollfd at = { .events = POLLIN };
	char name[32], buf[8];
	int master = unlocked_master(name);
	int slave = OK(open(name, O_RDWR | O_NOCTTY));
	pid_t pid;

	IN_CHILD(pid) {
		close(master);
		close(slave);
		new_session(name);
	}
	EXPECT_EXIT(pid, 0);
	at.fd = master;
	EXPECT_EQ(poll(&at, 1, 0), 0);
	EXPECT_EQ(write(slave, "x", 1), 1);
	wait_for(master, POLLIN);
	EXPECT_EQ(read(master, buf, sizeof(buf)), 1);
	EXPECT_ERR(tcgetpgrp(slave), ENOTTY);
	OK(close(slave));
	wait_for(master, POLLHUP);
	OK(close(master));
}

TEST(pty_window_change_signals_the_foreground)
{
	struct winsize ws = { 10, 20, 0, 0 };
	struct event ready;
	char name[32];
	int master = unlocked_master(name);
	pid_t pid;

	event_init(&ready);
	IN_CHILD(pid) {
		sigset_t set;
		int sig;

		sigemptyset(&set);
		sigaddset(&set, SIGWINCH);
		sigprocmask(SIG_BLOCK, &set, NULL);
		new_session(name);
		event_signal(&ready);
		sigwait(&set, &sig);
	}
	event_wait(&ready);
	OK(ioctl(master, TIOCSWINSZ, &ws));
	EXPECT_EXIT(pid, 0);
	OK(close(master));
	event_close(&ready);
}

TEST(pty_tiocsig_signals_the_foreground)
{
	char name[32];
	int master = unlocked_master(name);
	pid_t pid = session_at(name, master);

	EXPECT_ERR(ioctl(master, TIOCSIG, SIGUSR1), EINVAL);
	OK(ioctl(master, TIOCSIG, SIGQUIT));
	EXPECT_KILLED(pid, SIGQUIT);
	OK(close(master));
}

TEST(pty_packet_mode)
{
	struct pair p = open_pair();
	int on = 1, got = -1;
	char buf[16];

	make_raw(p.slave);
	OK(ioctl(p.master, TIOCPKT, &on));
	OK(ioctl(p.master, TIOCGPKT, &got));
	EXPECT_EQ(got, 1);
	EXPECT_ERR(ioctl(p.slave, TIOCPKT, &on), ENOTTY);
	EXPECT_EQ(write(p.slave, "ab", 2), 2);
	EXPECT_EQ(read(p.master, buf, sizeof(buf)), 3);
	EXPECT_MEM(buf, "\0ab", 3);
	OK(tcflush(p.slave, TCIFLUSH));
	EXPECT(events_of(p.master, POLLIN | POLLPRI) & POLLPRI);
	EXPECT_EQ(read(p.master, buf, sizeof(buf)), 1);
	EXPECT_EQ(buf[0], TIOCPKT_FLUSHREAD);
	OK(tcflow(p.slave, TCOOFF));
	EXPECT_EQ(read(p.master, buf, sizeof(buf)), 1);
	EXPECT_EQ(buf[0], TIOCPKT_STOP);
	OK(tcflow(p.slave, TCOON));
	EXPECT_EQ(read(p.master, buf, sizeof(buf)), 1);
	EXPECT_EQ(buf[0], TIOCPKT_START);
	close_pair(&p);
}

/* Neither tcflush(3) nor the flush that ^C does takes it back. */
TEST(pty_sent_output_stays_sent)
{
	struct pair p = open_pair();

	EXPECT_EQ(write(p.slave, "abc", 3), 3);
	wait_for(p.master, POLLIN);
	OK(tcflush(p.slave, TCOFLUSH));
	EXPECT_EQ(write(p.master, "\3", 1), 1);
	expect_bytes(p.master, "abc^C");
	close_pair(&p);
}

TEST(pty_stopped_output_waits)
{
	struct pair p = open_pair();

	make_raw(p.slave);
	OK(fcntl(p.slave, F_SETFL, O_NONBLOCK));
	OK(tcflow(p.slave, TCOOFF));
	EXPECT_ERR(write(p.slave, "x", 1), EAGAIN);
	OK(tcflow(p.slave, TCOON));
	EXPECT_EQ(write(p.slave, "x", 1), 1);
	expect_bytes(p.master, "x");
	close_pair(&p);
}

TEST(pty_counts_of_waiting_bytes)
{
	struct pair p = open_pair();
	int n = -1;

	make_raw(p.slave);
	EXPECT_EQ(write(p.slave, "abc", 3), 3);
	wait_for(p.master, POLLIN);
	OK(ioctl(p.master, FIONREAD, &n));
	EXPECT_EQ(n, 3);
	EXPECT_EQ(write(p.master, "abcd", 4), 4);
	wait_for(p.slave, POLLIN);
	OK(ioctl(p.slave, FIONREAD, &n));
	EXPECT_EQ(n, 4);
	close_pair(&p);
}

TEST(devpts_instances_are_apart)
{
	struct stat st;
	unsigned int number = 99;
	int zero = 0;

	OK(mkdir("pts", 0755));
	OK(mount("devpts", "pts", "devpts", 0, "mode=0620,ptmxmode=0666"));
	int master = OK(open("pts/ptmx", O_RDWR | O_NOCTTY));
	OK(ioctl(master, TIOCGPTN, &number));
	EXPECT_EQ(number, 0);
	OK(stat("pts/0", &st));
	EXPECT_EQ(st.st_mode & 07777, 0620);
	OK(stat("pts/ptmx", &st));
	EXPECT_EQ(st.st_mode & 07777, 0666);
	EXPECT_EQ(major(st.st_rdev), 5);
	EXPECT_EQ(minor(st.st_rdev), 2);
	OK(ioctl(master, TIOCSPTLCK, &zero));
	int slave = OK(open("pts/0", O_RDWR | O_NOCTTY));
	OK(close(slave));
	/* A busy terminal does not keep the mount. */
	OK(close(master));
	OK(umount("pts"));
	EXPECT_ERR(mount("devpts", "pts", "devpts", 0, "nonsense=1"), EINVAL);
	OK(rmdir("pts"));
}

TEST(devpts_nodes_can_be_chowned_not_made)
{
	struct pair p = open_pair();
	struct stat st;

	OK(fchmod(p.slave, 0640));
	OK(fchown(p.slave, 5, 6));
	OK(stat(p.name, &st));
	EXPECT_EQ(st.st_mode & 07777, 0640);
	EXPECT_EQ(st.st_uid, 5);
	EXPECT_EQ(st.st_gid, 6);
	EXPECT_ERR(mkdir("/dev/pts/x", 0755), EPERM);
	EXPECT_ERR(open("/dev/pts/x", O_CREAT | O_RDWR, 0600), EACCES);
	EXPECT_ERR(unlink(p.name), EPERM);
	close_pair(&p);
}

TEST(devpts_lists_what_is_open)
{
	struct pair p = open_pair();
	char *name = strrchr(p.name, '/') + 1;
	bool found = false;
	struct dirent *entry;
	DIR *dir = opendir("/dev/pts");

	EXPECT(dir);
	while ((entry = readdir(dir)))
		found |= strcmp(entry->d_name, name) == 0;
	EXPECT(found);
	closedir(dir);
	close_pair(&p);
}
