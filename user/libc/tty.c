/*
 * Terminals: each function is one ioctl on the terminal's descriptor.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "syscall.h"

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	long arg;

	va_start(args, request);
	arg = va_arg(args, long);
	va_end(args);
	return (int)SYSCALL(sys3(__NR_ioctl, fd, (long)request, arg));
}

/* Is @fd a terminal? If not, errno says ENOTTY or EBADF. */
int isatty(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == 0;
}

int tcgetattr(int fd, struct termios *tio)
{
	return ioctl(fd, TCGETS, tio);
}

/* @when is TCSANOW, TCSADRAIN or TCSAFLUSH: three requests in a row. */
int tcsetattr(int fd, int when, const struct termios *tio)
{
	if (when < TCSANOW || when > TCSAFLUSH) {
		errno = EINVAL;
		return -1;
	}
	return ioctl(fd, TCSETS + (unsigned long)when, tio);
}

/* A break of the usual length; @duration has no portable meaning. */
int tcsendbreak(int fd, int duration)
{
	(void)duration;
	return ioctl(fd, TCSBRK, 0);
}

int tcdrain(int fd)
{
	return ioctl(fd, TCSBRK, 1);
}

int tcflush(int fd, int queue)
{
	return ioctl(fd, TCFLSH, queue);
}

int tcflow(int fd, int action)
{
	return ioctl(fd, TCXONC, action);
}

/* The terminal's foreground process group. Return: its id, or -1. */
pid_t tcgetpgrp(int fd)
{
	pid_t pgid;

	return ioctl(fd, TIOCGPGRP, &pgid) < 0 ? -1 : pgid;
}

int tcsetpgrp(int fd, pid_t pgid)
{
	return ioctl(fd, TIOCSPGRP, &pgid);
}

/* The session whose controlling terminal this is. Return: its id, or -1. */
pid_t tcgetsid(int fd)
{
	pid_t sid;

	return ioctl(fd, TIOCGSID, &sid) < 0 ? -1 : sid;
}

int tcgetwinsize(int fd, struct winsize *size)
{
	return ioctl(fd, TIOCGWINSZ, size);
}

int tcsetwinsize(int fd, const struct winsize *size)
{
	return ioctl(fd, TIOCSWINSZ, size);
}

/* Every byte as it comes: no lines, no echo, no signals, no translation. */
void cfmakeraw(struct termios *tio)
{
	tio->c_iflag &= ~(unsigned)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR |
				    IGNCR | ICRNL | IXON);
	tio->c_oflag &= ~(unsigned)OPOST;
	tio->c_lflag &= ~(unsigned)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	tio->c_cflag &= ~(unsigned)(CSIZE | PARENB);
	tio->c_cflag |= CS8;
	tio->c_cc[VMIN] = 1;
	tio->c_cc[VTIME] = 0;
}

speed_t cfgetospeed(const struct termios *tio)
{
	return tio->c_cflag & CBAUD;
}

/* There is one speed for both directions. */
speed_t cfgetispeed(const struct termios *tio)
{
	return cfgetospeed(tio);
}

int cfsetospeed(struct termios *tio, speed_t speed)
{
	if (speed & ~(speed_t)CBAUD) {
		errno = EINVAL;
		return -1;
	}
	tio->c_cflag = (tio->c_cflag & ~(unsigned)CBAUD) | speed;
	return 0;
}

/* An input speed of 0 means "as the output speed", which it always is. */
int cfsetispeed(struct termios *tio, speed_t speed)
{
	return speed == 0 ? 0 : cfsetospeed(tio, speed);
}

int cfsetspeed(struct termios *tio, speed_t speed)
{
	return cfsetospeed(tio, speed);
}

/*
 * Find the name of the terminal @fd: the kernel's link in /proc says it, and
 * is believed if that name leads to the same device.
 *
 * Return: 0, or an error number (ENOTTY, EBADF, ENODEV, ERANGE).
 */
int ttyname_r(int fd, char *dst, size_t size)
{
	struct stat there, here;
	char link[32];
	ssize_t len;

	if (!isatty(fd))
		return errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, dst, size);
	if (len < 0)
		return errno;
	if ((size_t)len == size)
		return ERANGE;
	dst[len] = '\0';
	if (stat(dst, &there) < 0 || fstat(fd, &here) < 0 ||
	    there.st_rdev != here.st_rdev || there.st_ino != here.st_ino)
		return ENODEV;
	return 0;
}

char *ttyname(int fd)
{
	static char name[64];
	int err = ttyname_r(fd, name, sizeof(name));

	if (err) {
		errno = err;
		return NULL;
	}
	return name;
}
