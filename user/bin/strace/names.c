/*
 * Names of flags and of values that stand for something.
 *
 * Each name has a mask: it fits where value & mask is its own value. A flag is
 * its own mask; a number among others, such as SEEK_END, is compared as a
 * whole; the access mode of open() is two bits of which 0 is a value too. One
 * loop prints them all. What no name fits is printed as a number.
 */
#include "strace.h"

#include <uapi/fcntl.h>
#include <uapi/fs.h>
#include <uapi/futex.h>
#include <uapi/mman.h>
#include <uapi/sched.h>
#include <uapi/signal.h>
#include <uapi/socket.h>
#include <uapi/time.h>
#include <uapi/wait.h>

struct name {
	unsigned long	mask, value;
	const char	*text;
};

#define FLAG(x)		{ x, x, #x }
#define VALUE(x)	{ ~0UL, x, #x }
#define FIELD(mask, x)	{ mask, x, #x }
#define LAST		{ 0, 0, NULL }

static const struct name access_modes[] = {
	{ ~0UL, 0, "F_OK" }, { 4, 4, "R_OK" }, { 2, 2, "W_OK" },
	{ 1, 1, "X_OK" }, LAST
};

static const struct name at_flags[] = {
	VALUE(0), FLAG(AT_SYMLINK_NOFOLLOW), FLAG(AT_REMOVEDIR),
	FLAG(AT_SYMLINK_FOLLOW), FLAG(AT_NO_AUTOMOUNT), FLAG(AT_EMPTY_PATH),
	LAST
};

static const struct name clocks[] = {
	VALUE(CLOCK_REALTIME), VALUE(CLOCK_MONOTONIC),
	VALUE(CLOCK_PROCESS_CPUTIME_ID), VALUE(CLOCK_THREAD_CPUTIME_ID),
	VALUE(CLOCK_BOOTTIME), LAST
};

/* The lowest byte is the signal that the end will send. */
static const struct name clone_flags[] = {
	FLAG(CLONE_VM), FLAG(CLONE_FS), FLAG(CLONE_FILES), FLAG(CLONE_SIGHAND),
	FLAG(CLONE_PIDFD), FLAG(CLONE_PTRACE), FLAG(CLONE_VFORK),
	FLAG(CLONE_PARENT), FLAG(CLONE_THREAD), FLAG(CLONE_SYSVSEM),
	FLAG(CLONE_SETTLS), FLAG(CLONE_PARENT_SETTID),
	FLAG(CLONE_CHILD_CLEARTID), FLAG(CLONE_CHILD_SETTID),
	FIELD(CSIGNAL, SIGCHLD), LAST
};

static const struct name fd_flags[] = {
	VALUE(0), FLAG(O_NONBLOCK), FLAG(O_CLOEXEC), FLAG(O_DIRECT), LAST
};

static const struct name fcntl_commands[] = {
	VALUE(F_DUPFD), VALUE(F_GETFD), VALUE(F_SETFD), VALUE(F_GETFL),
	VALUE(F_SETFL), VALUE(F_GETLK), VALUE(F_SETLK), VALUE(F_SETLKW),
	VALUE(F_SETOWN), VALUE(F_GETOWN), VALUE(F_DUPFD_CLOEXEC),
	VALUE(F_SETPIPE_SZ), VALUE(F_GETPIPE_SZ), LAST
};

#define COMMAND(x)	{ (unsigned int)FUTEX_CMD_MASK, x, #x }

static const struct name futex_commands[] = {
	COMMAND(FUTEX_WAIT), COMMAND(FUTEX_WAKE), COMMAND(FUTEX_REQUEUE),
	COMMAND(FUTEX_CMP_REQUEUE), COMMAND(FUTEX_WAKE_OP),
	COMMAND(FUTEX_LOCK_PI), COMMAND(FUTEX_UNLOCK_PI),
	COMMAND(FUTEX_WAIT_BITSET), COMMAND(FUTEX_WAKE_BITSET),
	FLAG(FUTEX_PRIVATE_FLAG), FLAG(FUTEX_CLOCK_REALTIME), LAST
};

static const struct name map_flags[] = {
	FIELD(MAP_TYPE, MAP_SHARED), FIELD(MAP_TYPE, MAP_PRIVATE),
	FIELD(MAP_TYPE, MAP_SHARED_VALIDATE), FLAG(MAP_FIXED),
	FLAG(MAP_ANONYMOUS), FLAG(MAP_32BIT), FLAG(MAP_GROWSDOWN),
	FLAG(MAP_DENYWRITE), FLAG(MAP_LOCKED), FLAG(MAP_NORESERVE),
	FLAG(MAP_POPULATE), FLAG(MAP_STACK), FLAG(MAP_FIXED_NOREPLACE), LAST
};

/* O_SYNC and O_TMPFILE contain other flags, so they come before those. */
static const struct name open_flags[] = {
	FIELD(O_ACCMODE, O_RDONLY), FIELD(O_ACCMODE, O_WRONLY),
	FIELD(O_ACCMODE, O_RDWR), FLAG(O_CREAT), FLAG(O_EXCL), FLAG(O_NOCTTY),
	FLAG(O_TRUNC), FLAG(O_APPEND), FLAG(O_NONBLOCK), FLAG(O_SYNC),
	FLAG(O_DSYNC), FLAG(O_DIRECT), FLAG(O_LARGEFILE), FLAG(O_TMPFILE),
	FLAG(O_DIRECTORY), FLAG(O_NOFOLLOW), FLAG(O_NOATIME),
	FLAG(O_CLOEXEC), FLAG(O_PATH), LAST
};

static const struct name protections[] = {
	VALUE(PROT_NONE), FLAG(PROT_READ), FLAG(PROT_WRITE), FLAG(PROT_EXEC),
	FLAG(PROT_GROWSDOWN), LAST
};

static const struct name seek_origins[] = {
	VALUE(SEEK_SET), VALUE(SEEK_CUR), VALUE(SEEK_END), VALUE(SEEK_DATA),
	VALUE(SEEK_HOLE), LAST
};

static const struct name sigmask_hows[] = {
	VALUE(SIG_BLOCK), VALUE(SIG_UNBLOCK), VALUE(SIG_SETMASK), LAST
};

static const struct name socket_families[] = {
	VALUE(AF_UNIX), LAST
};

static const struct name socket_types[] = {
	FIELD(0xf, SOCK_STREAM), FIELD(0xf, SOCK_DGRAM),
	FIELD(0xf, SOCK_SEQPACKET), FLAG(SOCK_NONBLOCK), FLAG(SOCK_CLOEXEC),
	LAST
};

static const struct name wait_flags[] = {
	VALUE(0), FLAG(WNOHANG), FLAG(WUNTRACED), FLAG(WCONTINUED),
	FLAG(WEXITED), FLAG(WNOWAIT), FLAG(__WALL), FLAG(__WCLONE), LAST
};

static const struct name *const tables[NR_KINDS] = {
	[ACCESS_MODE] = access_modes,
	[AT_FLAGS] = at_flags,
	[CLOCK] = clocks,
	[CLONE_FLAGS] = clone_flags,
	[FCNTL_COMMAND] = fcntl_commands,
	[FD_FLAGS] = fd_flags,
	[FUTEX_COMMAND] = futex_commands,
	[MAP_FLAGS] = map_flags,
	[OPEN_FLAGS] = open_flags,
	[PROTECTION] = protections,
	[SEEK_FROM] = seek_origins,
	[SIGMASK_HOW] = sigmask_hows,
	[SOCKET_FAMILY] = socket_families,
	[SOCKET_TYPE] = socket_types,
	[WAIT_FLAGS] = wait_flags,
};

/* A field is found once: what has been printed takes its mask out of @left. */
void print_names(enum kind kind, unsigned long value)
{
	unsigned long left = ~0UL;
	const char *between = "";

	/* All of these are of type int or unsigned int in the kernel. */
	value = (unsigned int)value;
	for (const struct name *name = tables[kind]; name->text; name++) {
		if ((value & name->mask) != name->value ||
		    (left & name->mask) != name->mask)
			continue;
		fprintf(out, "%s%s", between, name->text);
		between = "|";
		left &= ~name->mask;
	}
	if (value & left)
		fprintf(out, "%s%#lx", between, value & left);
	else if (!*between)
		fprintf(out, "%#lx", value);
}
