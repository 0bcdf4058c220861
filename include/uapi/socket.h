/*
 * Sockets: families, types, flags, options, and what lies beside a message.
 *
 * Source: man 2 socket, man 2 send, man 2 recv, man 7 socket, man 3 cmsg.
 */
#pragma once

#include <uapi/types.h>
#include <uapi/uio.h>

#define AF_UNSPEC	0
#define AF_UNIX		1
#define AF_INET		2
#define AF_NETLINK	16
#define AF_MAX		46

#define SOCK_STREAM	1
#define SOCK_DGRAM	2
#define SOCK_RAW	3
#define SOCK_SEQPACKET	5
#define SOCK_CLOEXEC	02000000
#define SOCK_NONBLOCK	04000

#define SOMAXCONN	4096

#define SHUT_RD		0
#define SHUT_WR		1
#define SHUT_RDWR	2

#define MSG_OOB		0x1
#define MSG_PEEK	0x2
#define MSG_CTRUNC	0x8
#define MSG_TRUNC	0x20
#define MSG_DONTWAIT	0x40
#define MSG_EOR		0x80
#define MSG_WAITALL	0x100
#define MSG_NOSIGNAL	0x4000
#define MSG_WAITFORONE	0x10000
#define MSG_CMSG_CLOEXEC 0x40000000

#define SOL_SOCKET	1
#define SOL_NETLINK	270
#define SO_DEBUG	1
#define SO_REUSEADDR	2
#define SO_TYPE		3
#define SO_ERROR	4
#define SO_DONTROUTE	5
#define SO_BROADCAST	6
#define SO_SNDBUF	7
#define SO_RCVBUF	8
#define SO_KEEPALIVE	9
#define SO_OOBINLINE	10
#define SO_NO_CHECK	11
#define SO_PRIORITY	12
#define SO_LINGER	13
#define SO_BSDCOMPAT	14
#define SO_REUSEPORT	15
#define SO_PASSCRED	16
#define SO_PEERCRED	17
#define SO_RCVLOWAT	18
#define SO_SNDLOWAT	19
#define SO_RCVTIMEO_OLD	20
#define SO_SNDTIMEO_OLD	21
#define SO_PEERNAME	28
#define SO_TIMESTAMP_OLD 29
#define SO_ACCEPTCONN	30
#define SO_PEERSEC	31
#define SO_SNDBUFFORCE	32
#define SO_RCVBUFFORCE	33
#define SO_PASSSEC	34
#define SO_TIMESTAMPNS_OLD 35
#define SO_MARK		36
#define SO_PROTOCOL	38
#define SO_DOMAIN	39
#define SO_RXQ_OVFL	40
#define SO_WIFI_STATUS	41
#define SO_PEEK_OFF	42
#define SO_NOFCS	43
#define SO_SELECT_ERR_QUEUE 45
#define SO_MAX_PACING_RATE 47
#define SO_INCOMING_CPU	49
#define SO_MEMINFO	55
#define SO_COOKIE	57
#define SO_PEERGROUPS	59
#define SO_ZEROCOPY	60
#define SO_TIMESTAMP_NEW 63
#define SO_TIMESTAMPNS_NEW 64
#define SO_RCVTIMEO_NEW	66
#define SO_SNDTIMEO_NEW	67
#define SO_BUF_LOCK	72
#define SO_RESERVE_MEM	73
#define SO_RCVMARK	75

#define FIOSETOWN	0x8901
#define SIOCSPGRP	0x8902
#define FIOGETOWN	0x8903
#define SIOCGPGRP	0x8904
#define SIOCATMARK	0x8905
#define SIOCINQ		0x541B
#define SIOCOUTQ	0x5411

#define SCM_RIGHTS	1
#define SCM_CREDENTIALS	2

struct sockaddr {
	unsigned short	sa_family;
	char		sa_data[14];
};

struct linger {
	int		l_onoff;
	int		l_linger;
};

/* One item beside a message; its data follows, aligned as a long is. */
struct cmsghdr {
	__u64		cmsg_len;	/* header and data */
	int		cmsg_level;
	int		cmsg_type;
};

struct ucred {
	__u32		pid;
	__u32		uid;
	__u32		gid;
};
