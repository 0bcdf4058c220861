/*
 * Control messages in both directions. Read net/scm.h first.
 *
 * A sender may name files it has, and may say who it is, but only the truth:
 * its own process, one of its own ids. Who has the capability to become
 * someone else may also speak for him.
 *
 * When a message came (SO_TIMESTAMP and its kin) is the sender's to take, if
 * the receiver wants to know it then; a message that was already there when it
 * began to want gets the time at which it is read. There are four options for
 * one thing, in microseconds or nanoseconds and in two layouts (which on 64-bit
 * machines are the same): the last one set holds. Streams have no messages, and
 * tell nothing.
 *
 * Source: man 7 unix, man 3 cmsg, man 2 recvmsg, man 7 socket (SO_TIMESTAMP,
 * SO_TIMESTAMPNS).
 */
#include <net/scm.h>

#include <arch/uaccess.h>
#include <fs/files.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/time.h>
#include <lib/string.h>
#include <mm/slab.h>
#include <net/sock.h>

#include "internal.h"

#define CMSG_ALIGN(len)	(((len) + 7UL) & ~7UL)
#define CMSG_LEN(len)	(sizeof(struct cmsghdr) + (len))
#define CMSG_SPACE(len)	(sizeof(struct cmsghdr) + CMSG_ALIGN(len))

/* Whom a receiver is told of when the sender said nothing. */
#define OVERFLOW_ID	65534

/* ---- files ------------------------------------------------------------ */

/* An empty list with room for @max files. NULL: no memory. */
struct scm_fp_list *scm_fp_alloc(unsigned int max)
{
	struct scm_fp_list *fp = kmalloc(sizeof(*fp) +
					 max * sizeof(fp->files[0]),
					 GFP_KERNEL | GFP_ACCOUNT);

	if (!fp)
		return NULL;
	list_init(&fp->node);
	fp->user = NULL;
	fp->count = 0;
	return fp;
}

/* The same files once more. NULL: no memory. */
struct scm_fp_list *scm_fp_dup(const struct scm_fp_list *fp)
{
	struct scm_fp_list *new = scm_fp_alloc(fp->count);

	if (!new)
		return NULL;
	for (; new->count < fp->count; new->count++)
		new->files[new->count] = get_file(fp->files[new->count]);
	return new;
}

/*
 * Let the files go. A socket among them may hold further files in its queue,
 * and those further ones: they are closed one after the other by a work item,
 * not one inside the other on this stack.
 */
void scm_fp_free(struct scm_fp_list *fp)
{
	for (unsigned int i = 0; i < fp->count; i++) {
		if (socket_of_file(fp->files[i]))
			fput_deferred(fp->files[i]);
		else
			fput(fp->files[i]);
	}
	kfree(fp);
}

void scm_release(struct scm_cookie *scm)
{
	pid_put(scm->pid);
	scm->pid = NULL;
	if (scm->fp)
		scm_fp_free(scm->fp);
	scm->fp = NULL;
}

/* ---- sending ---------------------------------------------------------- */

/* The header at @at of the control data, or NULL: there is no more. */
static const struct cmsghdr *cmsg_at(const struct msghdr *msg, size_t at)
{
	if (at + sizeof(struct cmsghdr) > msg->controllen)
		return NULL;
	return (const struct cmsghdr *)(msg->control + at);
}

static bool cmsg_ok(const struct msghdr *msg, const struct cmsghdr *cmsg)
{
	size_t at = (const char *)cmsg - msg->control;

	return cmsg->cmsg_len >= sizeof(*cmsg) &&
	       cmsg->cmsg_len <= msg->controllen - at;
}

static size_t cmsg_next(size_t at, const struct cmsghdr *cmsg)
{
	return at + CMSG_ALIGN(cmsg->cmsg_len);
}

static size_t nr_rights(const struct cmsghdr *cmsg)
{
	return (cmsg->cmsg_len - sizeof(*cmsg)) / sizeof(int);
}

/* How many descriptors the control data names in all, at most. */
static unsigned int count_rights(const struct msghdr *msg)
{
	const struct cmsghdr *cmsg;
	size_t count = 0;

	for (size_t at = 0; (cmsg = cmsg_at(msg, at)) != NULL;
	     at = cmsg_next(at, cmsg)) {
		if (!cmsg_ok(msg, cmsg))
			break;
		if (cmsg->cmsg_level == SOL_SOCKET &&
		    cmsg->cmsg_type == SCM_RIGHTS)
			count += nr_rights(cmsg);
	}
	return min_t(size_t, count, SCM_MAX_FD);
}

/* SCM_RIGHTS. Return: 0; -EINVAL (too many), -EBADF, -ENOMEM. */
static int add_rights(const struct msghdr *msg, const struct cmsghdr *cmsg,
		      struct scm_fp_list **fp)
{
	const int *fds = (const int *)(cmsg + 1);
	size_t nr = nr_rights(cmsg);

	if (!nr)
		return 0;
	if (nr > SCM_MAX_FD)
		return -EINVAL;
	if (!*fp)
		*fp = scm_fp_alloc(count_rights(msg));
	if (!*fp)
		return -ENOMEM;
	if ((*fp)->count + nr > SCM_MAX_FD)
		return -EINVAL;
	for (size_t i = 0; i < nr; i++) {
		struct file *file = fds[i] < 0 ? NULL : fget_raw(fds[i]);

		if (!file)
			return -EBADF;
		(*fp)->files[(*fp)->count++] = file;
	}
	return 0;
}

static bool may_claim(const struct ucred *claim)
{
	const struct cred *cred = current_cred();

	return ((pid_t)claim->pid == current->tgid || capable(CAP_SYS_ADMIN)) &&
	       (claim->uid == cred->uid || claim->uid == cred->euid ||
		claim->uid == cred->suid || capable(CAP_SETUID)) &&
	       (claim->gid == cred->gid || claim->gid == cred->egid ||
		claim->gid == cred->sgid || capable(CAP_SETGID));
}

/* SCM_CREDENTIALS. Return: 0; -EINVAL, -EPERM, -ESRCH. */
static int set_credentials(const struct cmsghdr *cmsg, struct scm_cookie *scm)
{
	struct ucred claim;
	struct pid *pid;

	if (cmsg->cmsg_len != CMSG_LEN(sizeof(claim)))
		return -EINVAL;
	memcpy(&claim, cmsg + 1, sizeof(claim));
	if (!may_claim(&claim))
		return -EPERM;
	if (claim.uid == SCM_NO_ID || claim.gid == SCM_NO_ID)
		return -EINVAL;
	pid = find_get_pid(claim.pid);
	if (!pid)
		return -ESRCH;
	pid_put(scm->pid);
	scm->pid = pid;
	scm->uid = claim.uid;
	scm->gid = claim.gid;
	return 0;
}

static int parse_one(const struct msghdr *msg, const struct cmsghdr *cmsg,
		     struct scm_cookie *scm)
{
	if (!cmsg_ok(msg, cmsg))
		return -EINVAL;
	if (cmsg->cmsg_level != SOL_SOCKET)
		return 0;
	switch (cmsg->cmsg_type) {
	case SCM_RIGHTS:
		return add_rights(msg, cmsg, &scm->fp);
	case SCM_CREDENTIALS:
		return set_credentials(cmsg, scm);
	default:
		return -EINVAL;
	}
}

/*
 * Parse @msg's control data into an empty @scm. Context: may sleep.
 * Return: 0, to be undone by scm_destroy() or taken over; -EINVAL, -EBADF,
 * -EPERM, -ESRCH, -ENOMEM, and then @scm is empty.
 */
int scm_parse(const struct msghdr *msg, struct scm_cookie *scm)
{
	const struct cmsghdr *cmsg;
	int err = 0;

	for (size_t at = 0; !err && (cmsg = cmsg_at(msg, at)) != NULL;
	     at = cmsg_next(at, cmsg))
		err = parse_one(msg, cmsg, scm);
	if (err)
		scm_destroy(scm);
	return err;
}

/* ---- receiving -------------------------------------------------------- */

/* Write one header and its data, cut to the room there is. */
static int put_header(struct msghdr *msg, int level, int type, size_t len)
{
	struct cmsghdr cmsg = { .cmsg_len = len, .cmsg_level = level,
				.cmsg_type = type };

	return copy_to_user(msg->control_user, &cmsg, sizeof(cmsg)) ? -EFAULT :
								      0;
}

/* The next item begins behind @space bytes. */
static void advance(struct msghdr *msg, size_t space)
{
	space = min(space, msg->controllen);
	msg->control_user += space;
	msg->controllen -= space;
}

/*
 * Add one item to what the receiver is told beside the data, cut to the room
 * there is. Context: process, may sleep.
 */
void scm_put_cmsg(struct msghdr *msg, int level, int type, const void *data,
		  size_t len)
{
	size_t fits = min(CMSG_LEN(len), msg->controllen);

	if (!msg->control_user || msg->controllen < sizeof(struct cmsghdr)) {
		msg->flags |= MSG_CTRUNC;
		return;
	}
	if (fits < CMSG_LEN(len))
		msg->flags |= MSG_CTRUNC;
	if (put_header(msg, level, type, fits))
		return;
	if (copy_to_user(msg->control_user + sizeof(struct cmsghdr), data,
			 fits - sizeof(struct cmsghdr)))
		return;
	advance(msg, CMSG_SPACE(len));
}

/* A descriptor for @file, its number to @user. Return: 0 or errno. */
static int receive_fd(struct file *file, int __user *user, unsigned int flags)
{
	int fd = get_unused_fd_flags(flags);

	if (fd < 0)
		return fd;
	if (put_user(fd, user)) {
		put_unused_fd(fd);
		return -EFAULT;
	}
	fd_install(fd, get_file(file));
	return 0;
}

static void put_rights(struct msghdr *msg, const struct scm_fp_list *fp,
		       unsigned int flags)
{
	int __user *fds = (int __user *)(msg->control_user +
					 sizeof(struct cmsghdr));
	unsigned int room = 0, i;

	if (msg->controllen > sizeof(struct cmsghdr))
		room = (msg->controllen - sizeof(struct cmsghdr)) / sizeof(int);
	flags = flags & MSG_CMSG_CLOEXEC ? O_CLOEXEC : 0;
	for (i = 0; i < min(room, fp->count); i++)
		if (receive_fd(fp->files[i], fds + i, flags))
			break;
	if (i && !put_header(msg, SOL_SOCKET, SCM_RIGHTS,
			     CMSG_LEN(i * sizeof(int))))
		advance(msg, CMSG_SPACE(i * sizeof(int)));
	if (i < fp->count)
		msg->flags |= MSG_CTRUNC;
}

/*
 * Give the receiver, @sk, what came with a message; @scm is empty afterwards.
 * What does not fit is lost, and MSG_CTRUNC says so: nothing here fails.
 * Context: process, may sleep.
 */
void scm_put(const struct sock *sk, struct msghdr *msg,
	     struct scm_cookie *scm, unsigned int flags)
{
	bool tell = sock_flag(sk, SOCK_PASSCRED);

	if (likely(!tell && !scm->fp)) {
		scm_destroy(scm);
		return;
	}
	if (!msg->control_user) {
		msg->flags |= MSG_CTRUNC;
		scm_destroy(scm);
		return;
	}
	if (tell) {
		struct ucred ucred = {
			.pid = pid_nr(scm->pid),
			.uid = scm->uid == SCM_NO_ID ? OVERFLOW_ID : scm->uid,
			.gid = scm->gid == SCM_NO_ID ? OVERFLOW_ID : scm->gid,
		};

		scm_put_cmsg(msg, SOL_SOCKET, SCM_CREDENTIALS, &ucred,
			     sizeof(ucred));
	}
	if (scm->fp)
		put_rights(msg, scm->fp, flags);
	scm_destroy(scm);
}

/* ---- when a message came ---- */

static bool is_ns(int option)
{
	return option == SO_TIMESTAMPNS_OLD || option == SO_TIMESTAMPNS_NEW;
}

static bool is_new(int option)
{
	return option == SO_TIMESTAMP_NEW || option == SO_TIMESTAMPNS_NEW;
}

/* Context: any. Return: 0; -ENOPROTOOPT: @option is none of them. */
int sock_set_timestamp(struct sock *sk, int option, bool on)
{
	if (option != SO_TIMESTAMP_OLD && !is_ns(option) && !is_new(option))
		return -ENOPROTOOPT;
	if (on)
		sock_assign_flag(sk, SOCK_STAMP_NEW, is_new(option));
	sock_assign_flag(sk, SOCK_STAMP_NS, on && is_ns(option));
	sock_assign_flag(sk, SOCK_STAMP, on);
	return 0;
}

/* Context: any. Return: 0; -ENOPROTOOPT. */
int sock_get_timestamp(const struct sock *sk, int option, int *value)
{
	bool ns = sock_flag(sk, SOCK_STAMP_NS);

	if (option != SO_TIMESTAMP_OLD && !is_ns(option) && !is_new(option))
		return -ENOPROTOOPT;
	*value = sock_flag(sk, SOCK_STAMP) &&
		 sock_flag(sk, SOCK_STAMP_NEW) == is_new(option);
	if (is_ns(option))
		*value = *value && ns;
	else if (option == SO_TIMESTAMP_OLD)
		*value = *value && !ns;
	return 0;
}

/*
 * Tell the receiver when a message came: @stamp_ns of the real clock, or 0:
 * nobody noted it. Context: process, may sleep.
 */
void sock_put_timestamp(const struct sock *sk, struct msghdr *msg,
			uint64_t stamp_ns)
{
	bool new = sock_flag(sk, SOCK_STAMP_NEW);

	if (!stamp_ns)
		stamp_ns = ktime_get_real_ns();
	if (sock_flag(sk, SOCK_STAMP_NS)) {
		struct timespec ts = ns_to_timespec(stamp_ns);

		scm_put_cmsg(msg, SOL_SOCKET,
			     new ? SO_TIMESTAMPNS_NEW : SO_TIMESTAMPNS_OLD, &ts,
			     sizeof(ts));
	} else {
		struct timeval tv = ns_to_timeval(stamp_ns);

		scm_put_cmsg(msg, SOL_SOCKET,
			     new ? SO_TIMESTAMP_NEW : SO_TIMESTAMP_OLD, &tv,
			     sizeof(tv));
	}
}
