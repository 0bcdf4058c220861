/*
 * Waiting for several descriptors at once.
 */
#include <poll.h>
#include <sys/select.h>

#include <stddef.h>
#include <stdint.h>

#include "syscall.h"

int poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	return (int)SYSCALL(sys3(__NR_poll, (long)fds, (long)count,
				 timeout_ms));
}

/*
 * Like poll, under another signal mask while it waits. The kernel writes the
 * remaining time back; POSIX wants @timeout unchanged, so it gets a copy.
 */
int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
	  const sigset_t *mask)
{
	struct timespec left;

	if (timeout)
		left = *timeout;
	return (int)SYSCALL(sys5(__NR_ppoll, (long)fds, (long)count,
				 timeout ? (long)&left : 0, (long)mask,
				 sizeof(*mask)));
}

int select(int nr_fds, fd_set *restrict read, fd_set *restrict write,
	   fd_set *restrict except, struct timeval *restrict timeout)
{
	return (int)SYSCALL(sys5(__NR_select, nr_fds, (long)read, (long)write,
				 (long)except, (long)timeout));
}

/* The sixth argument is a pair, mask and its size: there is no seventh. */
int pselect(int nr_fds, fd_set *restrict read, fd_set *restrict write,
	    fd_set *restrict except, const struct timespec *restrict timeout,
	    const sigset_t *restrict mask)
{
	struct pselect6_sigmask pair = {
		.ss = (uintptr_t)mask,
		.ss_len = sizeof(*mask),
	};
	struct timespec left;

	if (timeout)
		left = *timeout;
	return (int)SYSCALL(sys6(__NR_pselect6, nr_fds, (long)read,
				 (long)write, (long)except,
				 timeout ? (long)&left : 0, (long)&pair));
}
