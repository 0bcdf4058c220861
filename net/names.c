/*
 * The calls that give a socket a name and a peer: bind, listen, accept,
 * connect, getsockname, getpeername, shutdown.
 *
 * They copy addresses between the user and kernel memory, whatever family they
 * are of, and leave the rest to the family. An address is at most SOCKADDR_MAX
 * bytes; what the user's buffer has no room for is cut, and the full length
 * told.
 *
 * Source: man 2 bind, listen, accept, connect, getsockname, shutdown.
 */
#include <arch/uaccess.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include <net/sock.h>

#include "internal.h"

/* An address from the user. Return: 0, -EINVAL, -EFAULT. */
int sock_get_address(void *addr, const void __user *uaddr, int len)
{
	if (len < 0 || len > SOCKADDR_MAX)
		return -EINVAL;
	memset(addr, 0, SOCKADDR_MAX);
	return copy_from_user(addr, uaddr, len) ? -EFAULT : 0;
}

/*
 * Tell the user an address of @size bytes, cut to the room at *@ulen, where
 * the full size goes. Return: 0, -EFAULT, -EINVAL.
 */
int sock_put_address(const void *addr, int size, void __user *uaddr,
		     int __user *ulen)
{
	int room;

	if (get_user(room, ulen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (copy_to_user(uaddr, addr, min(room, size)))
		return -EFAULT;
	return put_user(size, ulen);
}

SYSCALL_DEFINE3(bind, int, nr, const void __user *, uaddr, int, len)
{
	char addr[SOCKADDR_MAX];
	struct socket *sock;
	struct fd fd;
	int err = sock_get(nr, &fd, &sock);

	if (err)
		return err;
	err = sock_get_address(addr, uaddr, len);
	if (!err)
		err = sock->ops->bind ? sock->ops->bind(sock, addr, len) :
					-EOPNOTSUPP;
	fdput(fd);
	return err;
}

SYSCALL_DEFINE3(connect, int, nr, const void __user *, uaddr, int, len)
{
	char addr[SOCKADDR_MAX];
	struct socket *sock;
	struct fd fd;
	int err = sock_get(nr, &fd, &sock);

	if (err)
		return err;
	err = sock_get_address(addr, uaddr, len);
	if (!err)
		err = sock->ops->connect ?
		      sock->ops->connect(sock, addr, len, fd.file->flags) :
		      -EOPNOTSUPP;
	fdput(fd);
	return err;
}

SYSCALL_DEFINE2(listen, int, nr, int, backlog)
{
	struct socket *sock;
	struct fd fd;
	int err = sock_get(nr, &fd, &sock);

	if (err)
		return err;
	err = sock->ops->listen ?
	      sock->ops->listen(sock, min_t(unsigned int, backlog, SOMAXCONN)) :
	      -EOPNOTSUPP;
	fdput(fd);
	return err;
}

/* The file of the next connection; its address to the user. ERR_PTR. */
static struct file *accept_file(struct socket *sock, unsigned int file_flags,
				void __user *uaddr, int __user *ulen, int flags)
{
	struct socket *newsock;
	struct file *newfile;
	char addr[SOCKADDR_MAX];
	int err;

	if (!sock->ops->accept)
		return ERR_PTR(-EOPNOTSUPP);
	newsock = sock_alloc(sock->type);
	if (!newsock)
		return ERR_PTR(-ENFILE);
	newsock->ops = sock->ops;
	newfile = sock_alloc_file(newsock, flags);
	if (IS_ERR(newfile))
		return newfile;
	err = sock->ops->accept(sock, newsock, file_flags);
	if (!err && uaddr) {
		err = sock->ops->getname(newsock, addr, true);
		err = err < 0 ? -ECONNABORTED :
				sock_put_address(addr, err, uaddr, ulen);
	}
	if (!err)
		return newfile;
	fput(newfile);
	return ERR_PTR(err);
}

static long do_accept(struct fd *fd, void __user *uaddr, int __user *ulen,
		      int flags)
{
	struct socket *sock;
	struct file *file;
	int new;

	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	sock = socket_of_file(fd->file);
	if (!sock)
		return -ENOTSOCK;
	new = get_unused_fd_flags(flags & SOCK_CLOEXEC);
	if (new < 0)
		return new;
	file = accept_file(sock, fd->file->flags, uaddr, ulen, flags);
	if (IS_ERR(file)) {
		put_unused_fd(new);
		return PTR_ERR(file);
	}
	fd_install(new, file);
	return new;
}

static long sys_accept_flags(int nr, void __user *uaddr, int __user *ulen,
			     int flags)
{
	struct fd fd = fdget(nr);
	long ret;

	if (!fd.file)
		return -EBADF;
	ret = do_accept(&fd, uaddr, ulen, flags);
	fdput(fd);
	return ret;
}

SYSCALL_DEFINE4(accept4, int, fd, void __user *, addr, int __user *, len,
		int, flags)
{
	return sys_accept_flags(fd, addr, len, flags);
}

SYSCALL_DEFINE3(accept, int, fd, void __user *, addr, int __user *, len)
{
	return sys_accept_flags(fd, addr, len, 0);
}

static long get_name(unsigned int nr, void __user *uaddr, int __user *ulen,
		     bool peer)
{
	char addr[SOCKADDR_MAX];
	struct socket *sock;
	struct fd fd;
	int err = sock_get(nr, &fd, &sock);

	if (err)
		return err;
	err = sock->ops->getname(sock, addr, peer);
	fdput(fd);
	return err < 0 ? err : sock_put_address(addr, err, uaddr, ulen);
}

SYSCALL_DEFINE3(getsockname, int, fd, void __user *, addr, int __user *, len)
{
	return get_name(fd, addr, len, false);
}

SYSCALL_DEFINE3(getpeername, int, fd, void __user *, addr, int __user *, len)
{
	return get_name(fd, addr, len, true);
}

SYSCALL_DEFINE2(shutdown, int, nr, int, how)
{
	struct socket *sock;
	struct fd fd;
	int err = sock_get(nr, &fd, &sock);

	if (err)
		return err;
	if (!sock->ops->shutdown)
		err = -EOPNOTSUPP;
	else if (how < SHUT_RD || how > SHUT_RDWR)
		err = -EINVAL;
	else
		err = sock->ops->shutdown(sock, how);
	fdput(fd);
	return err;
}
