/*
 * The data of signals, apart from kernel/signal.h because every task embeds
 * some of it.
 */
#pragma once

#include <keel/list.h>
#include <keel/refcount.h>
#include <kernel/rcu.h>
#include <kernel/spinlock.h>
#include <kernel/wait.h>
#include <uapi/signal.h>

struct posix_timer;
struct pt_regs;
struct task;
struct user;

typedef uint64_t sigset_t;	/* bit n-1 is signal n */

#define NSIG			64
#define sigmask(sig)		(1UL << ((sig) - 1))

static inline bool sig_valid(int sig)
{
	return sig >= 1 && sig <= NSIG;
}

/* One signal that waits, with what it has to say. */
struct sigqueue {
	struct list_head	list;
	struct siginfo		info;
	struct user		*user;		/* whose limit it counts for */
	struct posix_timer	*timer;	/* who owns it, or NULL */
};

/* Signals that wait; under sighand->lock. */
struct sigpending {
	struct list_head	list;		/* of struct sigqueue */
	sigset_t		set;	/* also those without a sigqueue */
};

/* What to do for each signal. Shared by CLONE_SIGHAND. */
struct sighand {
	struct spinlock		lock;	/* irq-safe; see docs/locking.md */
	struct refcount		refs;
	struct kernel_sigaction	action[NSIG];	/* [lock] */
	struct wait_queue	signalfd_wait;
	struct rcu_head		rcu;
};

/* A signal taken off the queue, about to be delivered to a handler. */
struct ksignal {
	int			sig;
	struct siginfo		info;
	struct kernel_sigaction	ka;
};
