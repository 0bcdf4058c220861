/*
 * Limits that are part of the ABI rather than of the machine.
 *
 * Source: man 7 path_resolution, man 2 execve, man 7 pipe.
 */
#pragma once

#define NR_OPEN		1024	/* descriptors, before anybody raises it */
#define NGROUPS_MAX	65536	/* supplementary groups */
#define ARG_MAX		131072	/* promised for arguments + environment */
#define LINK_MAX	127	/* promised hard links of one file */
#define MAX_CANON	255	/* bytes of an edited terminal line */
#define MAX_INPUT	255	/* bytes of the terminal's input queue */
#define NAME_MAX	255	/* bytes of one name, zero byte not counted */
#define PATH_MAX	4096	/* bytes of a path, zero byte counted */
#define PIPE_BUF	4096	/* a write up to this is never torn */
#define XATTR_NAME_MAX	255
#define XATTR_SIZE_MAX	65536
#define XATTR_LIST_MAX	65536

/*
 * execve(2). One string may be 32 pages long. All of them, with pointers, may
 * fill a quarter of RLIMIT_STACK, but never less than ARG_MAX.
 */
#define MAX_ARG_STRLEN	131072
#define MAX_ARG_STRINGS	0x7fffffff
#define BINPRM_BUF_SIZE	256	/* how much of a #! line is looked at */
