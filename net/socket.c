/*
 * Socket files: sockfs, and the system calls that make them.
 *
 * A socket is a file without a name. sockfs, which nobody can mount, gives it
 * an inode, so that fstat(2), fcntl(2), poll(2), read(2) and close(2) need to
 * know nothing about it; file->private is the struct socket. The calls that
 * give sockets names and peers are in net/names.c, those that move messages
 * in net/message.c.
 *
 * Source: man 2 socket, man 2 socketpair.
 */
#include <net/socket.h>

#include <arch/uaccess.h>
#include <fs/fasync.h>
#include <fs/files.h>
#include <fs/inode.h>
#include <fs/libfs.h>
#include <fs/mount.h>
#include <fs/poll.h>
#include <kernel/cred.h>
#include <kernel/panic.h>
#include <kernel/syscall.h>
#include <lib/printf.h>
#include <mm/slab.h>
#include <net/netlink/netlink.h>
#include <net/sock.h>
#include <net/unix/unix.h>
#include <uapi/ioctl.h>
#include <uapi/statfs.h>

#include "internal.h"

static struct mount *sock_mount __ro_after_init;

/* All families. */
static const struct net_family *const families[] = {
	&unix_family,
	&netlink_family,
};

static int sock_dname(struct dentry *dentry, char *buf, size_t size)
{
	return snprintf(buf, size, "socket:[%lu]",
			(unsigned long)dentry->inode->ino);
}

static const struct dentry_ops sock_dentry_ops = {
	.dname = sock_dname,
};

static int sockfs_fill_super(struct super_block *sb,
			     const struct mount_args *args __unused)
{
	return pseudo_fill_super(sb, SOCKFS_MAGIC, NULL, &sock_dentry_ops);
}

static const struct file_system_type sockfs_type = {
	.name = "sockfs",
	.flags = FS_NOMOUNT,
	.fill_super = sockfs_fill_super,
};

/* ---- the file's operations -------------------------------------------- */

static unsigned int message_flags(const struct kiocb *iocb)
{
	return (iocb->file->flags & O_NONBLOCK) || (iocb->flags & IOCB_NOWAIT) ?
	       MSG_DONTWAIT : 0;
}

static ssize_t sock_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct socket *sock = iocb->file->private;
	struct msghdr msg = { .iter = to };

	if (!iov_iter_count(to))
		return 0;
	return sock->ops->recvmsg(sock, &msg, message_flags(iocb));
}

static ssize_t sock_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct socket *sock = iocb->file->private;
	struct msghdr msg = { .iter = from, .flags = message_flags(iocb) };

	return sock->ops->sendmsg(sock, &msg);
}

static unsigned int sock_poll(struct file *file, struct poll_table *pt)
{
	struct socket *sock = file->private;

	return sock->ops->poll(file, sock, pt);
}

static long sock_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct socket *sock = file->private;
	int who;

	switch (cmd) {
	case FIOSETOWN:
	case SIOCSPGRP:
		if (get_user(who, (int __user *)arg))
			return -EFAULT;
		return file_set_owner(file, who);
	case FIOGETOWN:
	case SIOCGPGRP:
		return put_user(file_get_owner(file), (int __user *)arg);
	default:
		return sock->ops->ioctl ? sock->ops->ioctl(sock, cmd, arg) :
					  -ENOIOCTLCMD;
	}
}

static int sock_fasync(int fd, struct file *file, bool on)
{
	struct socket *sock = file->private;

	return sock->sk ? fasync_set(fd, file, on, &sock->sk->async) : -EINVAL;
}

static int sock_flush(struct file *file)
{
	struct socket *sock = file->private;

	if (sock->ops->flush)
		sock->ops->flush(sock);
	return 0;
}

static void sock_release(struct socket *sock)
{
	if (sock->sk)
		sock->ops->release(sock);
	kfree(sock);
}

static int sock_close(struct inode *inode __unused, struct file *file)
{
	sock_release(file->private);
	return 0;
}

static const struct file_ops sock_fops = {
	.llseek = no_llseek,
	.read_iter = sock_read,
	.write_iter = sock_write,
	.poll = sock_poll,
	.ioctl = sock_ioctl,
	.flush = sock_flush,
	.fasync = sock_fasync,
	.release = sock_close,
};

/* Through /proc/self/fd: a socket is not opened, but connected to. */
static int sock_no_open(struct inode *inode __unused,
			struct file *file __unused)
{
	return -ENXIO;
}

static const struct file_ops sock_inode_fops = {
	.open = sock_no_open,
};

/* The socket that @file is, or NULL. */
struct socket *socket_of_file(const struct file *file)
{
	return file->ops == &sock_fops ? file->private : NULL;
}

/* ---- making them ------------------------------------------------------ */

/* A socket without family and file. NULL: no memory. */
struct socket *sock_alloc(int type)
{
	struct socket *sock = kzalloc(sizeof(*sock), GFP_KERNEL | GFP_ACCOUNT);

	if (sock)
		sock->type = type;
	return sock;
}

/*
 * The file of @sock, which from then on owns it. @flags: O_NONBLOCK. May sleep.
 * Return: ERR_PTR(-ENFILE, -ENOMEM), and @sock is released.
 */
struct file *sock_alloc_file(struct socket *sock, int flags)
{
	struct inode *inode = alloc_anon_inode(sock_mount->sb);
	struct file *file;

	if (!inode) {
		sock_release(sock);
		return ERR_PTR(-ENFILE);
	}
	inode->mode = S_IFSOCK | 0777;
	inode->uid = current_fsuid();
	inode->gid = current_fsgid();
	inode->fops = &sock_inode_fops;
	file = alloc_file_pseudo(inode, sock_mount, "",
				 O_RDWR | (flags & O_NONBLOCK), &sock_fops);
	if (IS_ERR(file)) {
		iput(inode);
		sock_release(sock);
		return file;
	}
	sock->file = file;
	file->private = sock;
	stream_open(inode, file);
	return file;
}

static const struct net_family *find_family(int family)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (families[i]->family == family)
			return families[i];
	return NULL;
}

/* ERR_PTR: -EAFNOSUPPORT, -EINVAL, -ENOMEM, or what the family says. */
static struct socket *sock_create(int family_nr, int type, int protocol)
{
	const struct net_family *family;
	struct socket *sock;
	int err;

	if (family_nr < 0 || family_nr >= AF_MAX)
		return ERR_PTR(-EAFNOSUPPORT);
	if (type < 0 || type >= SOCK_MAX)
		return ERR_PTR(-EINVAL);
	family = find_family(family_nr);
	if (!family)
		return ERR_PTR(-EAFNOSUPPORT);
	sock = sock_alloc(type);
	if (!sock)
		return ERR_PTR(-ENOMEM);
	err = family->create(sock, protocol);
	if (!err)
		return sock;
	kfree(sock);
	return ERR_PTR(err);
}

static struct file *sock_create_file(int family, int type, int protocol)
{
	struct socket *sock = sock_create(family, type & SOCK_TYPE_MASK,
					  protocol);

	return IS_ERR(sock) ? ERR_CAST(sock) : sock_alloc_file(sock, type);
}

static bool has_bad_flags(int type)
{
	return type & ~(SOCK_TYPE_MASK | SOCK_CLOEXEC | SOCK_NONBLOCK);
}

SYSCALL_DEFINE3(socket, int, family, int, type, int, protocol)
{
	struct file *file;
	int fd;

	if (has_bad_flags(type))
		return -EINVAL;
	file = sock_create_file(family, type, protocol);
	if (IS_ERR(file))
		return PTR_ERR(file);
	fd = get_unused_fd_flags(type & SOCK_CLOEXEC);
	if (fd < 0)
		fput(file);
	else
		fd_install(fd, file);
	return fd;
}

/* Two files that are connected to each other. Return: 0 or errno. */
static int create_pair(int family, int type, int protocol,
		       struct file *files[2])
{
	struct socket *sock;
	int err;

	files[0] = sock_create_file(family, type, protocol);
	if (IS_ERR(files[0]))
		return PTR_ERR(files[0]);
	files[1] = sock_create_file(family, type, protocol);
	if (IS_ERR(files[1])) {
		err = PTR_ERR(files[1]);
		goto put_first;
	}
	sock = files[0]->private;
	err = sock->ops->socketpair ?
	      sock->ops->socketpair(sock, files[1]->private) : -EOPNOTSUPP;
	if (!err)
		return 0;
	fput(files[1]);
put_first:
	fput(files[0]);
	return err;
}

SYSCALL_DEFINE4(socketpair, int, family, int, type, int, protocol,
		int __user *, ufds)
{
	struct file *files[2] = {};
	int fds[2], err;

	if (has_bad_flags(type))
		return -EINVAL;
	err = fds[0] = get_unused_fd_flags(type & SOCK_CLOEXEC);
	if (err < 0)
		return err;
	err = fds[1] = get_unused_fd_flags(type & SOCK_CLOEXEC);
	if (err < 0)
		goto put_fd0;
	err = -EFAULT;
	if (copy_to_user(ufds, fds, sizeof(fds)))
		goto put_fd1;
	err = create_pair(family, type, protocol, files);
	if (err)
		goto put_fd1;
	/* From here on the files belong to the descriptor table. */
	fd_install(fds[0], files[0]);
	fd_install(fds[1], files[1]);
	return 0;

put_fd1:
	put_unused_fd(fds[1]);
put_fd0:
	put_unused_fd(fds[0]);
	return err;
}

/*
 * The socket of a descriptor. Return: 0, with @fd to be put; -EBADF;
 * -ENOTSOCK. Context: process.
 */
int sock_get(unsigned int nr, struct fd *fd, struct socket **sock)
{
	*fd = fdget(nr);
	if (!fd->file)
		return -EBADF;
	*sock = socket_of_file(fd->file);
	if (*sock)
		return 0;
	fdput(*fd);
	return -ENOTSOCK;
}

/* Before: slab, the VFS, /proc. After: sockets can be made. */
void __init socket_init(void)
{
	sock_mount = kern_mount(&sockfs_type);
	if (IS_ERR(sock_mount))
		panic("net: cannot mount sockfs");
	unix_init();
	netlink_init();
}
