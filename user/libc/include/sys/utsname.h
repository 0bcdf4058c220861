/* What the system calls itself. */
#pragma once

#include <uapi/utsname.h>

/* The same layout as the kernel's struct new_utsname. */
struct utsname {
	char	sysname[__NEW_UTS_LEN + 1];
	char	nodename[__NEW_UTS_LEN + 1];
	char	release[__NEW_UTS_LEN + 1];
	char	version[__NEW_UTS_LEN + 1];
	char	machine[__NEW_UTS_LEN + 1];
	char	domainname[__NEW_UTS_LEN + 1];
};

int uname(struct utsname *name);
