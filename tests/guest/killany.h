/*
 * What tests/guest/killany.c, who kills, and tests/guest/killtrades.c, who are
 * killed, know of each other.
 */
#pragma once

#include "test.h"

#include <pthread.h>

#define FAMILIES	12
#define MEMBERS		6	/* numbers remembered of each family */

/* What all of them share: memory that is mapped before the first fork. */
struct arena {
	pthread_mutex_t	robust;		/* these two are passed on by the */
	pthread_mutex_t	pi;		/* dying */
	int		futex;		/* the one to wait for in vain */
	int		error;		/* what a lock failed with */
	int		over;		/* no more kills */
	int		sem;		/* System V's, a set of two */
	int		shm;
	int		msg;
	unsigned	tickets;	/* what random sequences begin with */
	pid_t		members[FAMILIES][MEMBERS];
};

extern struct arena *arena;
extern int family;		/* whose member this process is */

/* A family's trade: what its first process does until it is killed. */
struct trade {
	const char	*name;
	void		(*work)(void);
};

extern const struct trade trades[];
extern const int nr_trades;

unsigned roll(unsigned n);
void new_luck(unsigned seed);
pid_t new_member(void);

void with_mutex(pthread_mutex_t *mutex);
void with_sem(int num);
void with_flock(void);
void with_record(void);
