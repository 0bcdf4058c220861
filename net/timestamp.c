/*
 * SO_TIMESTAMP and its kin: when a message came.
 *
 * The sender takes the time, if the receiver wants to know it then; a message
 * that was already there when it began to want gets the time at which it is
 * read. There are four options for one thing, in microseconds or nanoseconds
 * and in two layouts (which on 64-bit machines are the same): the last one set
 * holds. Streams have no messages, and tell nothing.
 *
 * Source: man 7 socket (SO_TIMESTAMP, SO_TIMESTAMPNS).
 */
#include <kernel/time.h>
#include <net/scm.h>
#include <net/sock.h>

#include "internal.h"

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

		scm_put_cmsg(msg, new ? SO_TIMESTAMPNS_NEW : SO_TIMESTAMPNS_OLD,
			     &ts, sizeof(ts));
	} else {
		struct timeval tv = ns_to_timeval(stamp_ns);

		scm_put_cmsg(msg, new ? SO_TIMESTAMP_NEW : SO_TIMESTAMP_OLD,
			     &tv, sizeof(tv));
	}
}
