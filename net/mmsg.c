/*
 * Many messages in one call: sendmmsg, recvmmsg.
 *
 * Both go on until one message fails, and then tell how many did not. What
 * went wrong after the first is not lost: sending, the next call meets it
 * again; receiving, it waits in the socket as SO_ERROR.
 *
 * Source: man 2 sendmmsg, man 2 recvmmsg.
 */
#include "message.h"

#include <arch/uaccess.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <net/sock.h>
#include <uapi/limits.h>

#define MAX_MESSAGES	((unsigned int)UIO_MAXIOV)

/* Return: how many were sent, or the errno of the first. */
static long send_many(const struct file *file, struct socket *sock,
		      struct mmsghdr __user *vec, unsigned int nr,
		      unsigned int flags)
{
	unsigned int done = 0;
	ssize_t ret = 0;

	while (done < nr) {
		ret = message_send(file, sock, &vec[done].msg_hdr, flags);
		if (ret >= 0)
			ret = put_user((unsigned int)ret, &vec[done].msg_len);
		if (ret < 0)
			break;
		done++;
		if (signal_pending(current))
			break;
	}
	return done ? (long)done : ret;
}

SYSCALL_DEFINE4(sendmmsg, int, nr, struct mmsghdr __user *, vec,
		unsigned int, vlen, unsigned int, flags)
{
	struct socket *sock;
	struct fd fd;
	long ret = sock_get(nr, &fd, &sock);

	if (ret)
		return ret;
	ret = send_many(fd.file, sock, vec, min(vlen, MAX_MESSAGES), flags);
	fdput(fd);
	return ret;
}

/* Receive until @end; *@err gets what ended it. Return: how many came. */
static unsigned int receive_many(const struct file *file, struct socket *sock,
				 struct mmsghdr __user *vec, unsigned int nr,
				 unsigned int flags, uint64_t end, int *err)
{
	unsigned int done = 0;

	*err = 0;
	while (done < nr) {
		ssize_t ret = message_receive(file, sock, &vec[done].msg_hdr,
					      flags & ~MSG_WAITFORONE);

		if (ret >= 0)
			ret = put_user((unsigned int)ret, &vec[done].msg_len);
		if (ret < 0) {
			*err = ret;
			break;
		}
		done++;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		if (ktime_get_ns() >= end || signal_pending(current))
			break;
	}
	return done;
}

static long recvmmsg_until(int nr, struct mmsghdr __user *vec,
			   unsigned int vlen, unsigned int flags, uint64_t end)
{
	struct socket *sock;
	unsigned int done;
	struct fd fd;
	int err = sock_get(nr, &fd, &sock);

	if (err)
		return err;
	err = sock_error(sock->sk);
	if (err) {
		fdput(fd);
		return err;
	}
	done = receive_many(fd.file, sock, vec, min(vlen, MAX_MESSAGES), flags,
			    end, &err);
	if (done && err && err != -EAGAIN && err != -ERESTARTSYS)
		WRITE_ONCE(sock->sk->err, -err);
	fdput(fd);
	return done ? (long)done : err;
}

SYSCALL_DEFINE5(recvmmsg, int, nr, struct mmsghdr __user *, vec,
		unsigned int, vlen, unsigned int, flags,
		struct timespec __user *, utimeout)
{
	uint64_t now = ktime_get_ns(), end = UINT64_MAX;
	struct timespec left;
	long ret;

	if (utimeout) {
		if (get_timespec(&left, utimeout))
			return -EFAULT;
		if (!timespec_valid(&left))
			return -EINVAL;
		if (__builtin_add_overflow(now, timespec_to_ns(&left), &end))
			end = UINT64_MAX;
	}
	ret = recvmmsg_until(nr, vec, vlen, flags, end);
	if (ret <= 0 || !utimeout)
		return ret;
	now = ktime_get_ns();
	left = ns_to_timespec(end > now ? end - now : 0);
	return put_timespec(&left, utimeout) ? -EFAULT : ret;
}
