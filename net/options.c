/*
 * setsockopt and getsockopt: what can be set of a socket, and asked.
 *
 * The options of SOL_SOCKET are those of all families; each is a case here,
 * since all of them are kept in struct sock. Other levels are for the family's
 * ops. Some only mean something to protocols that have a
 * wire: they are kept and told, as everywhere. Those about network devices,
 * and filters on sockets, are -ENOPROTOOPT until there are such things.
 *
 * Source: man 7 socket, man 7 unix, man 2 getsockopt.
 */
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <net/sock.h>

#include "internal.h"

/* What getsockopt(2) gives out: one of these, @len bytes of it. */
struct option_value {
	unsigned int	len;
	union {
		int		number;
		uint64_t	cookie;
		struct linger	linger;
		struct timeval	time;
		struct ucred	ucred;
		unsigned long	rate;
		uint32_t	meminfo[9];
	};
};

/* The options that are a flag and nothing else; 0 (SOCK_DEAD): it is none. */
static enum sock_flag flag_of(int option)
{
	static const unsigned char flags[] = {
		[SO_DONTROUTE] = SOCK_LOCALROUTE,
		[SO_BROADCAST] = SOCK_BROADCAST,
		[SO_KEEPALIVE] = SOCK_KEEPOPEN,
		[SO_OOBINLINE] = SOCK_URGINLINE,
		[SO_NO_CHECK] = SOCK_NO_CHECK,
		[SO_PASSCRED] = SOCK_PASSCRED,
		[SO_PASSSEC] = SOCK_PASSSEC,
		[SO_RXQ_OVFL] = SOCK_RXQ_OVFL,
		[SO_WIFI_STATUS] = SOCK_WIFI_STATUS,
		[SO_NOFCS] = SOCK_NOFCS,
		[SO_SELECT_ERR_QUEUE] = SOCK_SELECT_ERR_QUEUE,
		[SO_RCVMARK] = SOCK_RCVMARK,
	};

	return (size_t)option < ARRAY_SIZE(flags) ? flags[option] : 0;
}

/* ---- setting ---------------------------------------------------------- */

/* Twice what was asked for, since the bookkeeping is charged too. */
static int buffer_size(int asked, int min)
{
	return max(asked * 2, min);
}

static int bounded(int asked)
{
	return min_t(unsigned int, asked, SNDBUF_MAX);
}

static void set_sndbuf(struct sock *sk, int asked)
{
	WRITE_ONCE(sk->sndbuf, buffer_size(min(asked, INT32_MAX / 2),
					   SNDBUF_MIN));
	WRITE_ONCE(sk->buf_lock, sk->buf_lock | SOCK_SNDBUF_LOCK);
	/* There may be room now. */
	wake_up_interruptible_all(&sk->write_wait);
}

static void set_rcvbuf(struct sock *sk, int asked)
{
	WRITE_ONCE(sk->rcvbuf, buffer_size(min(asked, INT32_MAX / 2),
					   RCVBUF_MIN));
	WRITE_ONCE(sk->buf_lock, sk->buf_lock | SOCK_RCVBUF_LOCK);
}

static int set_linger(struct sock *sk, const void __user *uval, int len)
{
	struct linger linger;

	if ((size_t)len < sizeof(linger))
		return -EINVAL;
	if (copy_from_user(&linger, uval, sizeof(linger)))
		return -EFAULT;
	sock_assign_flag(sk, SOCK_LINGER, linger.l_onoff);
	if (linger.l_onoff)
		WRITE_ONCE(sk->linger_seconds, linger.l_linger);
	return 0;
}

/* No time at all means no limit. */
static int set_timeout(int64_t *timeo, const void __user *uval, int len)
{
	struct timeval tv;

	if ((size_t)len < sizeof(tv))
		return -EINVAL;
	if (copy_from_user(&tv, uval, sizeof(tv)))
		return -EFAULT;
	if ((uint64_t)tv.tv_usec >= USEC_PER_SEC)
		return -EDOM;
	if (tv.tv_sec < 0)
		*timeo = 0;
	else if (!tv.tv_sec && !tv.tv_usec)
		*timeo = WAIT_FOREVER;
	else
		*timeo = timeval_to_ns(&tv);
	return 0;
}

static int set_peek_off(struct socket *sock, int offset)
{
	if (!sock->ops->set_peek_off)
		return -EOPNOTSUPP;
	return sock->ops->set_peek_off(sock->sk, offset);
}

/* The options that are a number. Return: -ENOPROTOOPT for what is not one. */
static int set_number(struct socket *sock, int option, int value)
{
	struct sock *sk = sock->sk;

	if (flag_of(option)) {
		sock_assign_flag(sk, flag_of(option), value);
		return 0;
	}
	switch (option) {
	case SO_DEBUG:
		if (value && !capable(CAP_NET_ADMIN))
			return -EACCES;
		sock_assign_flag(sk, SOCK_DBG, value);
		return 0;
	case SO_REUSEADDR:
		sk->reuse = value;
		return 0;
	case SO_REUSEPORT:	/* for families that have ports */
		return value ? -EOPNOTSUPP : 0;
	case SO_BSDCOMPAT:	/* nothing to be compatible with */
		return 0;
	case SO_MARK:
		if (!capable(CAP_NET_RAW) && !capable(CAP_NET_ADMIN))
			return -EPERM;
		WRITE_ONCE(sk->mark, value);
		return 0;
	case SO_INCOMING_CPU:
		WRITE_ONCE(sk->incoming_cpu, value);
		return 0;
	case SO_BUF_LOCK:
		if (value & ~(SOCK_SNDBUF_LOCK | SOCK_RCVBUF_LOCK))
			return -EINVAL;
		WRITE_ONCE(sk->buf_lock, value);
		return 0;
	case SO_RESERVE_MEM:	/* memory of protocols that count it */
		return value < 0 ? -EINVAL : -EOPNOTSUPP;
	case SO_ZEROCOPY:
		return -EOPNOTSUPP;
	case SO_PRIORITY:
		if ((value < 0 || value > 6) && !capable(CAP_NET_RAW) &&
		    !capable(CAP_NET_ADMIN))
			return -EPERM;
		WRITE_ONCE(sk->priority, value);
		return 0;
	case SO_SNDBUFFORCE:
		if (!capable(CAP_NET_ADMIN))
			return -EPERM;
		set_sndbuf(sk, max(value, 0));
		return 0;
	case SO_SNDBUF:
		set_sndbuf(sk, bounded(value));
		return 0;
	case SO_RCVBUFFORCE:
		if (!capable(CAP_NET_ADMIN))
			return -EPERM;
		set_rcvbuf(sk, max(value, 0));
		return 0;
	case SO_RCVBUF:
		set_rcvbuf(sk, bounded(value));
		return 0;
	case SO_RCVLOWAT:
		WRITE_ONCE(sk->rcvlowat, value < 0 ? INT32_MAX : value ?: 1);
		return 0;
	case SO_PEEK_OFF:
		return set_peek_off(sock, value);
	default:
		return sock_set_timestamp(sk, option, value);
	}
}

/* A number of 32 bits, or of 64 if there are that many; all ones: no limit. */
static int set_pacing_rate(struct sock *sk, unsigned int value,
			   const void __user *uval, int len)
{
	unsigned long rate = value == UINT_MAX ? ULONG_MAX : value;

	if ((size_t)len >= sizeof(rate) &&
	    get_user(rate, (const unsigned long __user *)uval))
		return -EFAULT;
	WRITE_ONCE(sk->pacing_rate, rate);
	return 0;
}

static int set_option(struct socket *sock, int option, const void __user *uval,
		      int len)
{
	int value;

	if ((size_t)len < sizeof(value))
		return -EINVAL;
	if (get_user(value, (const int __user *)uval))
		return -EFAULT;
	switch (option) {
	case SO_LINGER:
		return set_linger(sock->sk, uval, len);
	case SO_RCVTIMEO_OLD:
	case SO_RCVTIMEO_NEW:
		return set_timeout(&sock->sk->rcvtimeo, uval, len);
	case SO_SNDTIMEO_OLD:
	case SO_SNDTIMEO_NEW:
		return set_timeout(&sock->sk->sndtimeo, uval, len);
	case SO_MAX_PACING_RATE:
		return set_pacing_rate(sock->sk, value, uval, len);
	default:
		return set_number(sock, option, value);
	}
}

SYSCALL_DEFINE5(setsockopt, int, nr, int, level, int, option,
		const void __user *, uval, int, len)
{
	struct socket *sock;
	struct fd fd;
	int err;

	if (len < 0)
		return -EINVAL;
	err = sock_get(nr, &fd, &sock);
	if (err)
		return err;
	if (level == SOL_SOCKET)
		err = set_option(sock, option, uval, len);
	else if (sock->ops->setsockopt)
		err = sock->ops->setsockopt(sock, level, option, uval, len);
	else
		err = -EOPNOTSUPP;
	fdput(fd);
	return err;
}

/* ---- asking ----------------------------------------------------------- */

/* The options that are a flag or a number. Return: 0, -ENOPROTOOPT, ... */
static int get_number(struct socket *sock, int option, int *value)
{
	struct sock *sk = sock->sk;

	if (flag_of(option)) {
		*value = sock_flag(sk, flag_of(option));
		return 0;
	}
	switch (option) {
	case SO_DEBUG:
		*value = sock_flag(sk, SOCK_DBG);
		return 0;
	case SO_REUSEADDR:
		*value = sk->reuse;
		return 0;
	case SO_REUSEPORT:
		*value = 0;
		return 0;
	case SO_BSDCOMPAT:
	case SO_ZEROCOPY:
	case SO_RESERVE_MEM:
		*value = 0;
		return 0;
	case SO_MARK:
		*value = READ_ONCE(sk->mark);
		return 0;
	case SO_INCOMING_CPU:
		*value = READ_ONCE(sk->incoming_cpu);
		return 0;
	case SO_BUF_LOCK:
		*value = READ_ONCE(sk->buf_lock);
		return 0;
	case SO_PRIORITY:
		*value = READ_ONCE(sk->priority);
		return 0;
	case SO_TYPE:
		*value = sk->type;
		return 0;
	case SO_DOMAIN:
		*value = sk->family;
		return 0;
	case SO_PROTOCOL:
		*value = sk->protocol;
		return 0;
	case SO_ERROR:
		*value = -sock_error(sk);
		return 0;
	case SO_SNDBUF:
		*value = READ_ONCE(sk->sndbuf);
		return 0;
	case SO_RCVBUF:
		*value = READ_ONCE(sk->rcvbuf);
		return 0;
	case SO_RCVLOWAT:
		*value = READ_ONCE(sk->rcvlowat);
		return 0;
	case SO_SNDLOWAT:
		*value = 1;
		return 0;
	case SO_ACCEPTCONN:
		*value = READ_ONCE(sk->state) == TCP_LISTEN;
		return 0;
	case SO_PEEK_OFF:
		*value = READ_ONCE(sk->peek_off);
		return sock->ops->set_peek_off ? 0 : -EOPNOTSUPP;
	default:
		return sock_get_timestamp(sk, option, value);
	}
}

static void get_timeout(struct option_value *v, int64_t timeo)
{
	v->len = sizeof(v->time);
	v->time = ns_to_timeval(timeo == WAIT_FOREVER ? 0 : timeo);
}

static void get_peer_cred(struct sock *sk, struct option_value *v)
{
	SPIN_GUARD(&sk->lock);
	v->len = sizeof(v->ucred);
	v->ucred.pid = pid_nr(sk->peer_pid);
	v->ucred.uid = sk->peer_cred ? sk->peer_cred->euid : -1U;
	v->ucred.gid = sk->peer_cred ? sk->peer_cred->egid : -1U;
}

/* A number for this socket that no other has, given when first asked for. */
static uint64_t get_cookie(struct sock *sk)
{
	static atomic_long_t last;
	uint64_t none = 0;

	if (!READ_ONCE(sk->cookie))
		try_cmpxchg(&sk->cookie, &none, atomic_long_inc_return(&last));
	return READ_ONCE(sk->cookie);
}

/* Of these nine, messages that stay in memory have but the four first. */
static void get_meminfo(struct sock *sk, struct option_value *v)
{
	v->len = sizeof(v->meminfo);
	v->meminfo[0] = 0;	/* the sender pays */
	v->meminfo[1] = READ_ONCE(sk->rcvbuf);
	v->meminfo[2] = atomic_read(&sk->wmem) - 1;
	v->meminfo[3] = READ_ONCE(sk->sndbuf);
}

static int get_option(struct socket *sock, int option, struct option_value *v)
{
	struct sock *sk = sock->sk;

	switch (option) {
	case SO_LINGER:
		v->len = sizeof(v->linger);
		v->linger.l_onoff = sock_flag(sk, SOCK_LINGER);
		v->linger.l_linger = READ_ONCE(sk->linger_seconds);
		return 0;
	case SO_RCVTIMEO_OLD:
	case SO_RCVTIMEO_NEW:
		get_timeout(v, READ_ONCE(sk->rcvtimeo));
		return 0;
	case SO_SNDTIMEO_OLD:
	case SO_SNDTIMEO_NEW:
		get_timeout(v, READ_ONCE(sk->sndtimeo));
		return 0;
	case SO_PEERCRED:
		get_peer_cred(sk, v);
		return 0;
	case SO_MAX_PACING_RATE:
		v->len = sizeof(v->rate);
		v->rate = READ_ONCE(sk->pacing_rate);
		return 0;
	case SO_MEMINFO:
		get_meminfo(sk, v);
		return 0;
	case SO_COOKIE:
		v->len = sizeof(v->cookie);
		v->cookie = get_cookie(sk);
		return 0;
	default:
		v->len = sizeof(v->number);
		return get_number(sock, option, &v->number);
	}
}

/* SO_PEERGROUPS, whose length varies: -ERANGE tells it if @len is short. */
static int get_peer_groups(struct sock *sk, gid_t __user *uval, int len,
			   int __user *ulen)
{
	const struct cred *cred;
	struct group_info *groups;
	int need, err = 0;

	spin_lock(&sk->lock);
	cred = sk->peer_cred ? cred_get(sk->peer_cred) : NULL;
	spin_unlock(&sk->lock);
	if (!cred)
		return -ENODATA;
	groups = cred->group_info;
	need = groups->count * sizeof(gid_t);
	if (len < need)
		err = -ERANGE;
	else if (copy_to_user(uval, groups->gids, need))
		err = -EFAULT;
	if ((!err || err == -ERANGE) && put_user(need, ulen))
		err = -EFAULT;
	cred_put(cred);
	return err;
}

/* SO_PEERNAME: getpeername(2) for whom @len is exact, or less. */
static int get_peer_name(struct socket *sock, void __user *uval, int len,
			 int __user *ulen)
{
	char addr[SOCKADDR_MAX];
	int has = sock->ops->getname(sock, addr, true);

	if (has < 0)
		return -ENOTCONN;
	if (has < len)
		return -EINVAL;
	return copy_to_user(uval, addr, len) ? -EFAULT : put_user(len, ulen);
}

static int put_option(struct socket *sock, int option, void __user *uval,
		      int __user *ulen)
{
	struct option_value v = {};
	int len, err;

	if (get_user(len, ulen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (option == SO_PEERGROUPS)
		return get_peer_groups(sock->sk, uval, len, ulen);
	if (option == SO_PEERNAME)
		return get_peer_name(sock, uval, len, ulen);
	if (option == SO_COOKIE && (size_t)len < sizeof(v.cookie))
		return -EINVAL;
	err = get_option(sock, option, &v);
	if (err)
		return err;
	len = min_t(unsigned int, len, v.len);
	if (copy_to_user(uval, &v.number, len))
		return -EFAULT;
	return put_user(len, ulen);
}

SYSCALL_DEFINE5(getsockopt, int, nr, int, level, int, option,
		void __user *, uval, int __user *, ulen)
{
	struct socket *sock;
	struct fd fd;
	int err;

	err = sock_get(nr, &fd, &sock);
	if (err)
		return err;
	if (level == SOL_SOCKET)
		err = put_option(sock, option, uval, ulen);
	else if (sock->ops->getsockopt)
		err = sock->ops->getsockopt(sock, level, option, uval, ulen);
	else
		err = -EOPNOTSUPP;
	fdput(fd);
	return err;
}
