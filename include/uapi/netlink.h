/*
 * Netlink: addresses, options, and how messages to the kernel begin.
 *
 * Source: man 7 netlink, man 7 rtnetlink.
 */
#pragma once

#include <uapi/types.h>

#define NETLINK_ROUTE		0
#define NETLINK_USERSOCK	2

struct sockaddr_nl {
	unsigned short	nl_family;
	unsigned short	nl_pad;
	__u32		nl_pid;		/* 0: the kernel */
	__u32		nl_groups;	/* a mask */
};

/* Options of SOL_NETLINK. */
#define NETLINK_ADD_MEMBERSHIP		1
#define NETLINK_DROP_MEMBERSHIP		2
#define NETLINK_PKTINFO			3
#define NETLINK_BROADCAST_ERROR		4
#define NETLINK_NO_ENOBUFS		5
#define NETLINK_LISTEN_ALL_NSID		8
#define NETLINK_LIST_MEMBERSHIPS	9
#define NETLINK_CAP_ACK			10
#define NETLINK_EXT_ACK			11
#define NETLINK_GET_STRICT_CHK		12

/* What NETLINK_PKTINFO tells beside a message. */
struct nl_pktinfo {
	__u32		group;
};

/* A message to or from the kernel; its body follows. */
struct nlmsghdr {
	__u32		nlmsg_len;	/* header and body */
	__u16		nlmsg_type;
	__u16		nlmsg_flags;	/* NLM_F_* */
	__u32		nlmsg_seq;	/* the asker's; answers repeat it */
	__u32		nlmsg_pid;	/* whom it is for */
};

#define NLMSG_ALIGNTO		4U

#define NLMSG_ERROR		2	/* or, with the error 0, an "all done" */
#define NLMSG_DONE		3	/* a list's end */
#define NLMSG_MIN_TYPE		0x10	/* those below are netlink's own */

#define NLM_F_REQUEST		0x1
#define NLM_F_MULTI		0x2
#define NLM_F_ACK		0x4
#define NLM_F_DUMP		0x300
#define NLM_F_CAPPED		0x100

/* The body of NLMSG_ERROR: the request follows, or its header alone. */
struct nlmsgerr {
	int		error;
	struct nlmsghdr	msg;
};

/*
 * The types of NETLINK_ROUTE go by fours: new, delete, get, set. A body begins
 * with the address family it is about.
 */
#define RTM_GETADDR		22
#define RTM_GETROUTE		26
#define RTM_MAX			123
#define RTNLGRP_MAX		36

struct rtgenmsg {
	unsigned char	rtgen_family;
};
