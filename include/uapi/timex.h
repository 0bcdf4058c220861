/*
 * adjtimex(2): how the wall clock is steered.
 *
 * Frequencies are in millionths, times 2^16; times in microseconds, or in
 * nanoseconds where the status has STA_NANO.
 *
 * Source: man 2 adjtimex, RFC 5905.
 */
#pragma once

#include <uapi/time.h>

struct timex {
	__u32	modes;		/* ADJ_*: what is to be changed */
	__u32	pad;
	__s64	offset;		/* of the wall clock from true time */
	__s64	freq;
	__s64	maxerror;	/* us, grows with time */
	__s64	esterror;	/* us */
	__s32	status;		/* STA_* */
	__u32	pad2;
	__s64	constant;	/* of the loop: how sluggish it is */
	__s64	precision;	/* us, read only */
	__s64	tolerance;	/* read only */
	struct timeval	time;
	__s64	tick;		/* us between two of USER_HZ ticks */
	/* Of a clock that gives pulses; there is none. */
	__s64	ppsfreq;
	__s64	jitter;
	__s32	shift;
	__u32	pad3;
	__s64	stabil;
	__s64	jitcnt;
	__s64	calcnt;
	__s64	errcnt;
	__s64	stbcnt;
	__s32	tai;		/* seconds between CLOCK_TAI and UTC */
	__u32	reserved[11];
};

#define ADJ_OFFSET		0x0001
#define ADJ_FREQUENCY		0x0002
#define ADJ_MAXERROR		0x0004
#define ADJ_ESTERROR		0x0008
#define ADJ_STATUS		0x0010
#define ADJ_TIMECONST		0x0020
#define ADJ_TAI			0x0080	/* from constant */
#define ADJ_SETOFFSET		0x0100	/* add time to the clock */
#define ADJ_MICRO		0x1000
#define ADJ_NANO		0x2000
#define ADJ_TICK		0x4000
/* adjtime(3), which knows nothing of the others. */
#define ADJ_OFFSET_SINGLESHOT	0x8001
#define ADJ_OFFSET_SS_READ	0xa001

#define STA_PLL			0x0001	/* offsets steer the clock */
#define STA_PPSFREQ		0x0002
#define STA_PPSTIME		0x0004
#define STA_FLL			0x0008	/* by frequency rather than phase */
#define STA_INS			0x0010	/* the day has 86401 seconds */
#define STA_DEL			0x0020	/* ... 86399 */
#define STA_UNSYNC		0x0040
#define STA_FREQHOLD		0x0080	/* leave the frequency alone */
#define STA_PPSSIGNAL		0x0100	/* from here on the kernel's */
#define STA_PPSJITTER		0x0200
#define STA_PPSWANDER		0x0400
#define STA_PPSERROR		0x0800
#define STA_CLOCKERR		0x1000
#define STA_NANO		0x2000
#define STA_MODE		0x4000	/* the last offset used the FLL */
#define STA_CLK			0x8000
#define STA_RONLY	(STA_PPSSIGNAL | STA_PPSJITTER | STA_PPSWANDER | \
			 STA_PPSERROR | STA_CLOCKERR | STA_NANO | STA_MODE | \
			 STA_CLK)

/* What the calls return. */
#define TIME_OK			0
#define TIME_INS		1	/* a second will be inserted today */
#define TIME_DEL		2
#define TIME_OOP		3	/* this is the inserted second */
#define TIME_WAIT		4	/* it was; take STA_INS, STA_DEL away */
#define TIME_ERROR		5	/* not synchronised */
