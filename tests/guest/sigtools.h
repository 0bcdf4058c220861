/*
 * What the suites about signals share: a handler that keeps count, and short
 * ways to install one and to change the mask. Each suite has its own counters.
 */
#pragma once

#include "test.h"

static volatile sig_atomic_t count, last_sig, order[16];

static inline void note(int sig)
{
	if (count < 16)
		order[count] = sig;
	count++;
	last_sig = sig;
}

static inline void handle(int sig, void (*handler)(int), int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	OK(sigaction(sig, &sa, NULL));
}

static inline void handle_info(int sig,
			       void (*handler)(int, siginfo_t *, void *),
			int flags)
{
	struct sigaction sa = {
		.sa_sigaction = handler, .sa_flags = flags | SA_SIGINFO
	};

	OK(sigaction(sig, &sa, NULL));
}

static inline void mask(int how, int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	OK(sigprocmask(how, &set, NULL));
}

static inline bool pending(int sig)
{
	sigset_t set;

	OK(sigpending(&set));
	return sigismember(&set, sig);
}
