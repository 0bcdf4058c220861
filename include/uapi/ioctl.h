/*
 * ioctl(2) request numbers: how they are composed, and those of terminals.
 *
 * A modern number says which way data goes, how many bytes, whose it is and
 * which request:	direction << 30 | size << 16 | type << 8 | number.
 * Terminal requests are older than that scheme and are plain numbers 0x54xx.
 *
 * Source: man 2 ioctl, man 2 ioctl_tty.
 */
#pragma once

#include <uapi/termios.h>
#include <uapi/types.h>

#define _IOC_NRBITS	8
#define _IOC_TYPEBITS	8
#define _IOC_SIZEBITS	14
#define _IOC_DIRBITS	2

#define _IOC_NRMASK	0xff
#define _IOC_TYPEMASK	0xff
#define _IOC_SIZEMASK	0x3fff
#define _IOC_DIRMASK	0x3

#define _IOC_NRSHIFT	0
#define _IOC_TYPESHIFT	8
#define _IOC_SIZESHIFT	16
#define _IOC_DIRSHIFT	30

/* As the user program sees it: write hands data to the kernel. */
#define _IOC_NONE	0U
#define _IOC_WRITE	1U
#define _IOC_READ	2U

#define _IOC(dir, type, nr, size)		\
	(((dir) << _IOC_DIRSHIFT) |		\
	 ((size) << _IOC_SIZESHIFT) |		\
	 ((type) << _IOC_TYPESHIFT) |		\
	 ((nr) << _IOC_NRSHIFT))

#define _IO(type, nr)		_IOC(_IOC_NONE, (type), (nr), 0)
#define _IOR(type, nr, arg)	_IOC(_IOC_READ, (type), (nr), sizeof(arg))
#define _IOW(type, nr, arg)	_IOC(_IOC_WRITE, (type), (nr), sizeof(arg))
#define _IOWR(type, nr, arg)	\
	_IOC(_IOC_READ | _IOC_WRITE, (type), (nr), sizeof(arg))

#define _IOC_DIR(req)	(((req) >> _IOC_DIRSHIFT) & _IOC_DIRMASK)
#define _IOC_TYPE(req)	(((req) >> _IOC_TYPESHIFT) & _IOC_TYPEMASK)
#define _IOC_NR(req)	(((req) >> _IOC_NRSHIFT) & _IOC_NRMASK)
#define _IOC_SIZE(req)	(((req) >> _IOC_SIZESHIFT) & _IOC_SIZEMASK)

/* Terminal settings: at once (S), after output (SW), and drop input (SF). */
#define TCGETS		0x5401
#define TCSETS		0x5402
#define TCSETSW		0x5403
#define TCSETSF		0x5404
#define TCGETA		0x5405
#define TCSETA		0x5406
#define TCSETAW		0x5407
#define TCSETAF		0x5408
#define TCSBRK		0x5409	/* argument not 0: tcdrain(3) */
#define TCXONC		0x540A	/* TCOOFF ...: tcflow(3) */
#define TCFLSH		0x540B	/* TCIFLUSH ...: tcflush(3) */
#define TIOCEXCL	0x540C
#define TIOCNXCL	0x540D
#define TIOCSCTTY	0x540E	/* make it the controlling terminal */
#define TIOCGPGRP	0x540F	/* the foreground process group */
#define TIOCSPGRP	0x5410
#define TIOCOUTQ	0x5411	/* bytes not yet sent */
#define TIOCSTI		0x5412	/* pretend this byte was typed */
#define TIOCGWINSZ	0x5413
#define TIOCSWINSZ	0x5414
#define TIOCMGET	0x5415	/* modem lines */
#define TIOCMBIS	0x5416
#define TIOCMBIC	0x5417
#define TIOCMSET	0x5418
#define TIOCGSOFTCAR	0x5419
#define TIOCSSOFTCAR	0x541A
#define FIONREAD	0x541B	/* bytes ready to be read */
#define TIOCINQ		FIONREAD
#define TIOCLINUX	0x541C
#define TIOCCONS	0x541D	/* console output comes here */
#define TIOCGSERIAL	0x541E
#define TIOCSSERIAL	0x541F
#define TIOCPKT		0x5420
#define FIONBIO		0x5421
#define TIOCNOTTY	0x5422	/* give the controlling terminal up */
#define TIOCSETD	0x5423
#define TIOCGETD	0x5424
#define TCSBRKP		0x5425
#define TIOCSBRK	0x5427
#define TIOCCBRK	0x5428
#define TIOCGSID	0x5429
#define TCGETS2		_IOR('T', 0x2A, struct termios2)
#define TCSETS2		_IOW('T', 0x2B, struct termios2)
#define TCSETSW2	_IOW('T', 0x2C, struct termios2)
#define TCSETSF2	_IOW('T', 0x2D, struct termios2)
#define TIOCGPTN	_IOR('T', 0x30, __u32)	/* number of the pty */
#define TIOCSPTLCK	_IOW('T', 0x31, __s32)	/* lock or unlock it */
#define TIOCGDEV	_IOR('T', 0x32, __u32)
#define TIOCSIG		_IOW('T', 0x36, __s32)
#define TIOCVHANGUP	0x5437
#define TIOCGPKT	_IOR('T', 0x38, __s32)
#define TIOCGPTLCK	_IOR('T', 0x39, __s32)
#define TIOCGEXCL	_IOR('T', 0x40, __s32)
#define TIOCGPTPEER	_IO('T', 0x41)		/* open the other side */
#define TIOCGLCKTRMIOS	0x5456		/* modes that cannot change */
#define TIOCSLCKTRMIOS	0x5457

/* Of any file. */
#define FIONCLEX	0x5450
#define FIOCLEX		0x5451
#define FIOASYNC	0x5452
#define FIOQSIZE	0x5460

#define TIOCSERGETLSR	0x5459
#define TIOCMIWAIT	0x545C
#define TIOCGICOUNT	0x545D

/* TIOCPKT: what the first byte of a packet says. */
#define TIOCPKT_DATA		0
#define TIOCPKT_FLUSHREAD	1
#define TIOCPKT_FLUSHWRITE	2
#define TIOCPKT_STOP		4
#define TIOCPKT_START		8
#define TIOCPKT_NOSTOP		16
#define TIOCPKT_DOSTOP		32
#define TIOCPKT_IOCTL		64

#define TIOCSER_TEMT	0x01	/* the transmitter has run empty */

/* TIOCMGET, TIOCMSET. */
#define TIOCM_LE	0x001
#define TIOCM_DTR	0x002
#define TIOCM_RTS	0x004
#define TIOCM_ST	0x008
#define TIOCM_SR	0x010
#define TIOCM_CTS	0x020
#define TIOCM_CAR	0x040
#define TIOCM_RNG	0x080
#define TIOCM_DSR	0x100
#define TIOCM_CD	TIOCM_CAR
#define TIOCM_RI	TIOCM_RNG
#define TIOCM_OUT1	0x2000
#define TIOCM_OUT2	0x4000
#define TIOCM_LOOP	0x8000

/* TIOCSETD. */
#define N_TTY		0
