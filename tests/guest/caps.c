/*
 * Capabilities: the sets, what setuid and exec do to them, bounding and
 * ambient sets, securebits, capabilities of files.
 */
#include "test.h"

#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/xattr.h>

struct caps {
	uint64_t effective, permitted, inheritable;
};

static struct caps caps_get(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2];

	OK(syscall(SYS_capget, &head, d));
	return (struct caps){
		d[0].effective | (uint64_t)d[1].effective << 32,
		d[0].permitted | (uint64_t)d[1].permitted << 32,
		d[0].inheritable | (uint64_t)d[1].inheritable << 32,
	};
}

static int caps_set(uint64_t effective, uint64_t permitted,
		    uint64_t inheritable)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = {
		{ effective, permitted, inheritable },
		{ effective >> 32, permitted >> 32, inheritable >> 32 },
	};

	return syscall(SYS_capset, &head, d);
}

#define CAP(c)		(1ULL << CAP_##c)

static int ambient(int how, unsigned long cap)
{
	return prctl(PR_CAP_AMBIENT, how, cap, 0, 0);
}

TEST(bounding_set_is_read_and_dropped)
{
	EXPECT_EQ(prctl(PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0), 1);
	EXPECT_ERR(prctl(PR_CAPBSET_READ, 64, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_CAPBSET_READ, -1, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_CAPBSET_DROP, 64, 0, 0, 0), EINVAL);
	OK(prctl(PR_CAPBSET_DROP, CAP_CHOWN, 0, 0, 0));
	EXPECT_EQ(prctl(PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0), 0);
	OK(prctl(PR_CAPBSET_DROP, CAP_CHOWN, 0, 0, 0));
	/* What one has is not touched, only what exec can give. */
	EXPECT(caps_get().permitted & CAP(CHOWN));
	OK(caps_set(caps_get().effective & ~CAP(SETPCAP),
		    caps_get().permitted, 0));
	EXPECT_ERR(prctl(PR_CAPBSET_DROP, CAP_KILL, 0, 0, 0), EPERM);
	EXPECT_ERR(prctl(PR_CAPBSET_DROP, 64, 0, 0, 0), EPERM);
}

TEST(capset_rules)
{
	struct caps c = caps_get();

	/* Effective within permitted; permitted never grows. */
	OK(caps_set(CAP(KILL), CAP(KILL) | CAP(SETPCAP), 0));
	EXPECT_ERR(caps_set(CAP(KILL), CAP(KILL) | CAP(CHOWN), 0), EPERM);
	EXPECT_ERR(caps_set(CAP(CHOWN), CAP(KILL), 0), EPERM);
	/* Inheritable: from permitted, or with CAP_SETPCAP from bounding. */
	OK(caps_set(CAP(KILL), CAP(KILL) | CAP(SETPCAP), CAP(KILL)));
	EXPECT_ERR(caps_set(CAP(KILL), CAP(KILL) | CAP(SETPCAP), CAP(CHOWN)),
		   EPERM);
	OK(caps_set(CAP(SETPCAP), CAP(KILL) | CAP(SETPCAP), CAP(KILL)));
	OK(caps_set(CAP(SETPCAP), CAP(KILL) | CAP(SETPCAP), CAP(CHOWN)));
	EXPECT(c.permitted != caps_get().permitted);
}

TEST(ambient_needs_permitted_and_inheritable)
{
	uint64_t all = caps_get().permitted;

	EXPECT_ERR(ambient(PR_CAP_AMBIENT_RAISE, CAP_KILL), EPERM);
	OK(caps_set(all, all, CAP(KILL) | CAP(CHOWN)));
	OK(ambient(PR_CAP_AMBIENT_RAISE, CAP_KILL));
	OK(ambient(PR_CAP_AMBIENT_RAISE, CAP_CHOWN));
	EXPECT_EQ(ambient(PR_CAP_AMBIENT_IS_SET, CAP_KILL), 1);
	OK(ambient(PR_CAP_AMBIENT_LOWER, CAP_KILL));
	EXPECT_EQ(ambient(PR_CAP_AMBIENT_IS_SET, CAP_KILL), 0);
	/* Losing either of the two loses it. */
	OK(caps_set(all, all, 0));
	EXPECT_EQ(ambient(PR_CAP_AMBIENT_IS_SET, CAP_CHOWN), 0);
	OK(caps_set(all, all, CAP(KILL)));
	OK(ambient(PR_CAP_AMBIENT_RAISE, CAP_KILL));
	OK(ambient(PR_CAP_AMBIENT_CLEAR_ALL, 0));
	EXPECT_EQ(ambient(PR_CAP_AMBIENT_IS_SET, CAP_KILL), 0);
	EXPECT_ERR(ambient(PR_CAP_AMBIENT_RAISE, 64), EINVAL);
	EXPECT_ERR(ambient(PR_CAP_AMBIENT_IS_SET, 64), EINVAL);
	EXPECT_ERR(ambient(PR_CAP_AMBIENT_CLEAR_ALL, 1), EINVAL);
	EXPECT_ERR(ambient(9, CAP_KILL), EINVAL);
	EXPECT_ERR(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 1, 0),
		   EINVAL);
	EXPECT_ERR(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 1),
		   EINVAL);
}

TEST(securebits_and_their_locks)
{
	EXPECT_EQ(prctl(PR_GET_SECUREBITS, 0, 0, 0, 0), 0);
	EXPECT_ERR(prctl(PR_SET_SECUREBITS, 0x100, 0, 0, 0), EPERM);
	OK(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED, 0, 0,
		 0));
	EXPECT_EQ(prctl(PR_GET_SECUREBITS, 0, 0, 0, 0), 3);
	EXPECT_ERR(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT_LOCKED, 0, 0, 0),
		   EPERM);
	EXPECT_ERR(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT, 0, 0, 0), EPERM);
	OK(prctl(PR_SET_SECUREBITS, 3 | SECBIT_NO_CAP_AMBIENT_RAISE, 0, 0, 0));
	OK(caps_set(caps_get().effective, caps_get().permitted, CAP(KILL)));
	EXPECT_ERR(ambient(PR_CAP_AMBIENT_RAISE, CAP_KILL), EPERM);
}

TEST(keepcaps)
{
	EXPECT_EQ(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0), 0);
	EXPECT_ERR(prctl(PR_SET_KEEPCAPS, 2, 0, 0, 0), EINVAL);
	OK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	EXPECT_EQ(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0), 1);
	EXPECT_EQ(prctl(PR_GET_SECUREBITS, 0, 0, 0, 0), SECBIT_KEEP_CAPS);
	become_user(1000, 1000);
	EXPECT(caps_get().permitted & CAP(KILL));
	EXPECT_EQ(caps_get().effective, 0);
}

TEST(keepcaps_can_be_locked)
{
	OK(prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED, 0, 0, 0));
	EXPECT_ERR(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), EPERM);
}

TEST(without_keepcaps_leaving_root_loses_all)
{
	uint64_t all = caps_get().permitted;

	OK(caps_set(all, all, CAP(KILL)));
	OK(ambient(PR_CAP_AMBIENT_RAISE, CAP_KILL));
	become_user(1000, 1000);
	EXPECT_EQ(caps_get().permitted, 0);
	EXPECT_EQ(caps_get().effective, 0);
	EXPECT_EQ(ambient(PR_CAP_AMBIENT_IS_SET, CAP_KILL), 0);
}

TEST(no_setuid_fixup)
{
	OK(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0));
	syscall(SYS_setfsuid, 1000);
	EXPECT(caps_get().effective & CAP(DAC_OVERRIDE));
	become_user(1000, 1000);
	EXPECT(caps_get().effective & CAP(KILL));
}

TEST(setfsuid_moves_file_capabilities)
{
	syscall(SYS_setfsuid, 1000);
	EXPECT(!(caps_get().effective & CAP(DAC_OVERRIDE)));
	EXPECT(caps_get().effective & CAP(KILL));
	syscall(SYS_setfsuid, 0);
	EXPECT(caps_get().effective & CAP(DAC_OVERRIDE));
}

/* ---- exec ------------------------------------------------------------ */

/* Prints nothing: its status says whether the sets are as told. */
HELPER(check_caps)
{
	struct caps c = caps_get();

	return c.permitted == strtoull(argv[1], NULL, 0) &&
	       c.effective == strtoull(argv[2], NULL, 0) ? 0 : 1;
}

static char self_copy[64];

/* A copy of this program, which every user may execute. */
static const char *program(void)
{
	char buf[65536];
	ssize_t n;
	int in = OK(open(SELF, O_RDONLY)), out;

	strcpy(self_copy, "./prog");
	out = OK(open(self_copy, O_CREAT | O_WRONLY | O_TRUNC, 0755));
	while ((n = OK(read(in, buf, sizeof(buf)))) > 0)
		EXPECT_EQ(write(out, buf, n), n);
	OK(close(in));
	OK(close(out));
	OK(chmod(".", 0755));
	return self_copy;
}

static int exec_check(const char *path, uint64_t permitted,
		      uint64_t effective)
{
	char p[32], e[32];
	char *argv[] = { HELPER_ARGV("check_caps"), p, e, NULL };

	snprintf(p, sizeof(p), "%#llx", (unsigned long long)permitted);
	snprintf(e, sizeof(e), "%#llx", (unsigned long long)effective);
	return execv(path, argv);
}

TEST(exec_by_root_gives_what_is_bounded)
{
	uint64_t all = caps_get().permitted;
	pid_t pid;

	IN_CHILD(pid) {
		OK(prctl(PR_CAPBSET_DROP, CAP_CHOWN, 0, 0, 0));
		exec_check(SELF, all & ~CAP(CHOWN), all & ~CAP(CHOWN));
	}
	EXPECT_EXIT(pid, 0);
	IN_CHILD(pid) {
		OK(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT, 0, 0, 0));
		exec_check(SELF, 0, 0);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(exec_keeps_ambient)
{
	pid_t pid;

	IN_CHILD(pid) {
		OK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
		become_user(1000, 1000);
		OK(caps_set(CAP(KILL), CAP(KILL) | CAP(CHOWN), CAP(KILL)));
		OK(ambient(PR_CAP_AMBIENT_RAISE, CAP_KILL));
		exec_check(SELF, CAP(KILL), CAP(KILL));
	}
	EXPECT_EXIT(pid, 0);
	IN_CHILD(pid) {
		OK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
		become_user(1000, 1000);
		exec_check(SELF, 0, 0);
	}
	EXPECT_EXIT(pid, 0);
}

static void set_file_caps(const char *path, uint64_t permitted,
			  uint64_t inheritable, bool effective)
{
	struct vfs_cap_data d = {
		.magic_etc = VFS_CAP_REVISION_2 |
			     (effective ? VFS_CAP_FLAGS_EFFECTIVE : 0),
		.data = { { permitted, inheritable },
			  { permitted >> 32, inheritable >> 32 } },
	};

	OK(setxattr(path, "security.capability", &d, sizeof(d), 0));
}

TEST(exec_takes_capabilities_of_the_file)
{
	const char *prog = program();
	pid_t pid;

	set_file_caps(prog, CAP(KILL) | CAP(CHECKPOINT_RESTORE), 0, true);
	IN_CHILD(pid) {
		become_user(1000, 1000);
		exec_check(prog, CAP(KILL) | CAP(CHECKPOINT_RESTORE),
			   CAP(KILL) | CAP(CHECKPOINT_RESTORE));
	}
	EXPECT_EXIT(pid, 0);
	set_file_caps(prog, CAP(KILL), 0, false);
	IN_CHILD(pid) {
		become_user(1000, 1000);
		exec_check(prog, CAP(KILL), 0);
	}
	EXPECT_EXIT(pid, 0);
	/* Not for who has renounced such gains. */
	set_file_caps(prog, CAP(KILL), 0, true);
	IN_CHILD(pid) {
		become_user(1000, 1000);
		OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
		exec_check(prog, 0, 0);
	}
	EXPECT_EXIT(pid, 0);
	/* A program that relies on what it cannot get is not run at all. */
	IN_CHILD(pid) {
		OK(prctl(PR_CAPBSET_DROP, CAP_KILL, 0, 0, 0));
		become_user(1000, 1000);
		EXPECT_ERR(exec_check(prog, 0, 0), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(inheritable_of_the_file)
{
	const char *prog = program();
	pid_t pid;

	set_file_caps(prog, 0, CAP(KILL), true);
	IN_CHILD(pid) {
		become_user(1000, 1000);
		exec_check(prog, 0, 0);
	}
	EXPECT_EXIT(pid, 0);
	IN_CHILD(pid) {
		OK(caps_set(caps_get().effective, caps_get().permitted,
			    CAP(KILL)));
		become_user(1000, 1000);
		exec_check(prog, CAP(KILL), CAP(KILL));
	}
	EXPECT_EXIT(pid, 0);
}

TEST(capabilities_of_a_file_are_lost_by_change)
{
	const char *prog = program();
	char buf[64];
	pid_t pid;

	set_file_caps(prog, CAP(KILL), 0, true);
	OK(chown(prog, 1000, 1000));
	EXPECT_ERR(getxattr(prog, "security.capability", buf, sizeof(buf)),
		   ENODATA);
	set_file_caps(prog, CAP(KILL), 0, true);
	append_file(prog, "x");
	EXPECT_ERR(getxattr(prog, "security.capability", buf, sizeof(buf)),
		   ENODATA);
	IN_CHILD(pid) {
		struct vfs_cap_data d = { .magic_etc = VFS_CAP_REVISION_2 };

		EXPECT_ERR(setxattr(prog, "security.capability", &d, 3, 0),
			   EINVAL);
		d.magic_etc = 0x05000000;
		EXPECT_ERR(setxattr(prog, "security.capability", &d, sizeof(d),
				    0), EINVAL);
		become_user(1000, 1000);
		d.magic_etc = VFS_CAP_REVISION_2;
		EXPECT_ERR(setxattr(prog, "security.capability", &d, sizeof(d),
				    0), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(keepcaps_ends_at_exec)
{
	char *argv[] = { HELPER_ARGV("keepcaps_state"), NULL };
	pid_t pid;

	IN_CHILD(pid) {
		OK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
		execv(SELF, argv);
	}
	EXPECT_EXIT(pid, 0);
}

HELPER(keepcaps_state)
{
	return prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0);
}
