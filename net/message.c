/*
 * The calls that move messages: sendto, recvfrom, sendmsg, recvmsg, and those
 * for many at once, sendmmsg and recvmmsg.
 *
 * They turn what the user passes into a struct msghdr - an iterator over the
 * user's memory, an address, control data - and leave the rest to the family.
 * An open file's O_NONBLOCK becomes MSG_DONTWAIT here, so that families look
 * at one flag.
 *
 * The calls for many go on until one message fails, and then tell how many did
 * not. What went wrong after the first is not lost: sending, the next call
 * meets it again; receiving, it waits in the socket as SO_ERROR.
 *
 * Source: man 2 send, man 2 recv, man 2 sendmmsg, man 2 recvmmsg.
 */
#include <arch/uaccess.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <mm/slab.h>
#include <net/sock.h>
#include <uapi/limits.h>

#include "internal.h"

/* A single buffer may be as long as read(2)'s; more is cut. */
#define MAX_RW		(INT32_MAX & PAGE_MASK)
/* So much control data may be sent with one message. */
#define CONTROL_MAX	20480
#define CONTROL_FAST	64

static unsigned int message_flags(const struct file *file, unsigned int flags)
{
	return file->flags & O_NONBLOCK ? flags | MSG_DONTWAIT : flags;
}

static int import_buffer(struct iov_iter *iter, bool is_source,
			 void __user *buf, size_t len)
{
	len = min_t(size_t, len, MAX_RW);
	if (!access_ok(buf, len))
		return -EFAULT;
	iov_iter_ubuf(iter, is_source, buf, len);
	return 0;
}

SYSCALL_DEFINE6(sendto, int, nr, void __user *, buf, size_t, len,
		unsigned int, flags, void __user *, uaddr, int, addr_len)
{
	char addr[SOCKADDR_MAX];
	struct iov_iter iter;
	struct msghdr msg = { .iter = &iter };
	struct socket *sock;
	struct fd fd;
	ssize_t ret = import_buffer(&iter, ITER_SOURCE, buf, len);

	if (ret)
		return ret;
	ret = sock_get(nr, &fd, &sock);
	if (ret)
		return ret;
	if (uaddr) {
		ret = sock_get_address(addr, uaddr, addr_len);
		msg.name = addr;
		msg.namelen = addr_len;
	}
	if (!ret) {
		msg.flags = message_flags(fd.file, flags);
		ret = sock->ops->sendmsg(sock, &msg);
	}
	fdput(fd);
	return ret;
}

SYSCALL_DEFINE6(recvfrom, int, nr, void __user *, buf, size_t, len,
		unsigned int, flags, void __user *, uaddr, int __user *, ulen)
{
	char addr[SOCKADDR_MAX];
	struct iov_iter iter;
	struct msghdr msg = { .iter = &iter, .name = uaddr ? addr : NULL };
	struct socket *sock;
	struct fd fd;
	ssize_t ret = import_buffer(&iter, ITER_DEST, buf, len);

	if (ret)
		return ret;
	ret = sock_get(nr, &fd, &sock);
	if (ret)
		return ret;
	ret = sock->ops->recvmsg(sock, &msg, message_flags(fd.file, flags));
	fdput(fd);
	if (ret >= 0 && uaddr) {
		int err = sock_put_address(addr, msg.namelen, uaddr, ulen);

		if (err)
			return err;
	}
	return ret;
}

/* ---- with a header ---------------------------------------------------- */

/*
 * The header and the vector of buffers. *@iov: UIO_FASTIOV entries, then what
 * kfree() shall free. Return: 0; -EFAULT, -EINVAL, -EMSGSIZE, -ENOMEM.
 */
static int import_header(struct user_msghdr *um,
			 const struct user_msghdr __user *umsg, bool is_source,
			 struct iovec **iov, struct iov_iter *iter)
{
	ssize_t len;

	if (copy_from_user(um, umsg, sizeof(*um)))
		return -EFAULT;
	if (!um->msg_name)
		um->msg_namelen = 0;
	if (um->msg_namelen < 0)
		return -EINVAL;
	um->msg_namelen = min(um->msg_namelen, SOCKADDR_MAX);
	if (um->msg_iovlen > UIO_MAXIOV)
		return -EMSGSIZE;
	len = import_iovec(is_source, (void __user *)um->msg_iov,
			   um->msg_iovlen, UIO_FASTIOV, iov, iter);
	return len < 0 ? len : 0;
}

/* Control data into @fast, or allocated. Return: 0, -ENOBUFS, -EFAULT. */
static int import_control(const struct user_msghdr *um, struct msghdr *msg,
			  void *fast)
{
	void *control = fast;

	if (!um->msg_controllen)
		return 0;
	if (um->msg_controllen > CONTROL_MAX)
		return -ENOBUFS;
	if (um->msg_controllen > CONTROL_FAST)
		control = kmalloc(um->msg_controllen, GFP_KERNEL | GFP_ACCOUNT);
	if (!control)
		return -ENOBUFS;
	if (copy_from_user(control, (void __user *)um->msg_control,
			   um->msg_controllen)) {
		if (control != fast)
			kfree(control);
		return -EFAULT;
	}
	msg->control = control;
	msg->controllen = um->msg_controllen;
	return 0;
}

static ssize_t send_imported(const struct file *file, struct socket *sock,
			     const struct user_msghdr *um, struct msghdr *msg,
			     unsigned int flags)
{
	char addr[SOCKADDR_MAX];
	long control[CONTROL_FAST / sizeof(long)];
	ssize_t ret;

	if (um->msg_namelen) {
		ret = sock_get_address(addr, (void __user *)um->msg_name,
				       um->msg_namelen);
		if (ret)
			return ret;
		msg->name = addr;
		msg->namelen = um->msg_namelen;
	}
	ret = import_control(um, msg, control);
	if (ret)
		return ret;
	msg->flags = message_flags(file, flags);
	ret = sock->ops->sendmsg(sock, msg);
	if (msg->control && msg->control != (const char *)control)
		kfree(msg->control);
	return ret;
}

/* One sendmsg(2). Context: may sleep; a reference on the file. */
static ssize_t message_send(const struct file *file, struct socket *sock,
			    const struct user_msghdr __user *umsg,
			    unsigned int flags)
{
	struct iovec fast[UIO_FASTIOV], *iov = fast;
	struct user_msghdr um;
	struct iov_iter iter;
	struct msghdr msg = { .iter = &iter };
	ssize_t ret = import_header(&um, umsg, ITER_SOURCE, &iov, &iter);

	if (ret)
		return ret;
	ret = send_imported(file, sock, &um, &msg, flags);
	kfree(iov);
	return ret;
}

/* Tell what came beside the message. Return: 0 or errno. */
static int put_results(const struct user_msghdr *um, const struct msghdr *msg,
		       struct user_msghdr __user *umsg)
{
	int err = 0;

	if (um->msg_name)
		err = sock_put_address(msg->name, msg->namelen,
				       (void __user *)um->msg_name,
				       &umsg->msg_namelen);
	if (!err)
		err = put_user(msg->flags, &umsg->msg_flags);
	if (!err)
		err = put_user(um->msg_controllen - msg->controllen,
			       &umsg->msg_controllen);
	return err;
}

/* One recvmsg(2). Context: may sleep; a reference on the file. */
static ssize_t message_receive(const struct file *file, struct socket *sock,
			       struct user_msghdr __user *umsg,
			       unsigned int flags)
{
	struct iovec fast[UIO_FASTIOV], *iov = fast;
	char addr[SOCKADDR_MAX];
	struct user_msghdr um;
	struct iov_iter iter;
	struct msghdr msg = { .iter = &iter };
	ssize_t ret = import_header(&um, umsg, ITER_DEST, &iov, &iter);

	if (ret)
		return ret;
	msg.name = um.msg_name ? addr : NULL;
	msg.control_user = (char __user *)um.msg_control;
	msg.controllen = um.msg_controllen;
	msg.flags = flags & MSG_CMSG_CLOEXEC;
	ret = sock->ops->recvmsg(sock, &msg, message_flags(file, flags));
	kfree(iov);
	if (ret >= 0) {
		int err = put_results(&um, &msg, umsg);

		if (err)
			ret = err;
	}
	return ret;
}

SYSCALL_DEFINE3(sendmsg, int, nr, const struct user_msghdr __user *, umsg,
		unsigned int, flags)
{
	struct socket *sock;
	struct fd fd;
	ssize_t ret = sock_get(nr, &fd, &sock);

	if (ret)
		return ret;
	ret = message_send(fd.file, sock, umsg, flags);
	fdput(fd);
	return ret;
}

SYSCALL_DEFINE3(recvmsg, int, nr, struct user_msghdr __user *, umsg,
		unsigned int, flags)
{
	struct socket *sock;
	struct fd fd;
	ssize_t ret = sock_get(nr, &fd, &sock);

	if (ret)
		return ret;
	ret = message_receive(fd.file, sock, umsg, flags);
	fdput(fd);
	return ret;
}

/* ---- many messages in one call ---- */

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
