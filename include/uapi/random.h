/*
 * Randomness: getrandom(2), the ioctls of /dev/random.
 *
 * Source: man 2 getrandom, man 4 random.
 */
#pragma once

#include <uapi/ioctl.h>

#define GRND_NONBLOCK	0x0001
#define GRND_RANDOM	0x0002
#define GRND_INSECURE	0x0004	/* before the generator is seeded, too */

#define RNDGETENTCNT	_IOR('R', 0x00, int)
#define RNDADDTOENTCNT	_IOW('R', 0x01, int)
#define RNDADDENTROPY	_IOW('R', 0x03, int [2])
#define RNDZAPENTCNT	_IO('R', 0x04)
#define RNDCLEARPOOL	_IO('R', 0x06)
#define RNDRESEEDCRNG	_IO('R', 0x07)
