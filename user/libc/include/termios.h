/*
 * Terminals. struct termios and its flags are in <uapi/termios.h>: the
 * kernel's own form, in which a speed is a few bits of c_cflag.
 */
#pragma once

#include <sys/types.h>
#include <uapi/termios.h>

typedef unsigned	tcflag_t;
typedef unsigned	speed_t;
typedef unsigned char	cc_t;

int tcgetattr(int fd, struct termios *tio);
int tcsetattr(int fd, int when, const struct termios *tio);
int tcsendbreak(int fd, int duration);
int tcdrain(int fd);
int tcflush(int fd, int queue);
int tcflow(int fd, int action);
pid_t tcgetsid(int fd);
int tcgetwinsize(int fd, struct winsize *size);
int tcsetwinsize(int fd, const struct winsize *size);
void cfmakeraw(struct termios *tio);
speed_t cfgetispeed(const struct termios *tio);
speed_t cfgetospeed(const struct termios *tio);
int cfsetispeed(struct termios *tio, speed_t speed);
int cfsetospeed(struct termios *tio, speed_t speed);
int cfsetspeed(struct termios *tio, speed_t speed);
