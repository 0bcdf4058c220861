/*
 * Waiting for children: wait4(2) and waitid(2).
 *
 * wait4 packs what happened into one word:
 *
 *	exited		status << 8
 *	killed		signal		| 0x80 if a core was dumped
 *	stopped		signal << 8	| 0x7f
 *	continued	0xffff
 *
 * Source: man 2 wait, man 2 waitid.
 */
#pragma once

#define WNOHANG			0x00000001
#define WUNTRACED		0x00000002	/* wait4: also stopped ones */
#define WSTOPPED		WUNTRACED
#define WEXITED			0x00000004	/* waitid only */
#define WCONTINUED		0x00000008
#define WNOWAIT			0x01000000	/* leave it waitable */
#define __WNOTHREAD		0x20000000	/* children of this thread */
#define __WALL			0x40000000	/* whatever their exit signal */
#define __WCLONE		0x80000000	/* exit signal not SIGCHLD */

/* waitid: what the id names. */
#define P_ALL			0
#define P_PID			1
#define P_PGID			2
#define P_PIDFD			3

#define WEXITSTATUS(status)	(((status) >> 8) & 0xff)
#define WTERMSIG(status)	((status) & 0x7f)
#define WSTOPSIG(status)	WEXITSTATUS(status)
#define WIFEXITED(status)	(WTERMSIG(status) == 0)
#define WIFSTOPPED(status)	(((status) & 0xff) == 0x7f)
#define WIFCONTINUED(status)	((status) == 0xffff)
#define WIFSIGNALED(status)	\
	(WTERMSIG(status) != 0 && WTERMSIG(status) != 0x7f)
#define WCOREDUMP(status)	((status) & 0x80)
