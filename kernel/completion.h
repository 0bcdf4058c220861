/*
 * Completions: waiting for something that happens once.
 *
 * complete() lets one waiter through, past or future; complete_all() lets all.
 * The completion may be on the waiter's stack: complete() is done with it
 * before the waiter can return, because both hold its lock.
 */
#pragma once

#include <kernel/wait.h>

struct completion {
	unsigned int		done;	/* [wait.lock] UINT_MAX: for all */
	struct wait_queue	wait;
};

#define COMPLETION_INIT(var)	{ .wait = WAIT_QUEUE_INIT((var).wait) }
#define DEFINE_COMPLETION(var)	struct completion var = COMPLETION_INIT(var)

void completion_init(struct completion *);
void complete(struct completion *);
void complete_all(struct completion *);
void wait_for_completion(struct completion *);
int __must_check wait_for_completion_interruptible(struct completion *);
int __must_check wait_for_completion_killable(struct completion *);
int64_t wait_for_completion_timeout(struct completion *, int64_t timeout_ns);
bool try_wait_for_completion(struct completion *);
bool completion_done(struct completion *);
