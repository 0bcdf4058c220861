/*
 * What uname(2) tells about the system.
 *
 * Source: man 2 uname.
 */
#pragma once

#define __NEW_UTS_LEN	64

/* Each field ends with a zero byte. */
struct new_utsname {
	char	sysname[__NEW_UTS_LEN + 1];
	char	nodename[__NEW_UTS_LEN + 1];
	char	release[__NEW_UTS_LEN + 1];
	char	version[__NEW_UTS_LEN + 1];
	char	machine[__NEW_UTS_LEN + 1];
	char	domainname[__NEW_UTS_LEN + 1];
};
