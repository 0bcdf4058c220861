/*
 * Redirections, and the descriptors the shell keeps for itself.
 *
 * See redir.c.
 */
#pragma once

#include <stdbool.h>

#include "error.h"

struct redir;
struct redir_target;
struct saved_fd;

/*
 * A descriptor of the shell's own: a script being read, the terminal, what a
 * redirection replaced. It must be registered while it is open, and its
 * number may change.
 */
struct private_fd {
	struct private_fd	*next;
	int			fd;
};

int private_fd_move(int fd);
void private_fd_add(struct private_fd *private);
void private_fd_remove(struct private_fd *private);

/* The redirections of one command, to be undone after it. */
struct redir_scope {
	struct undo	undo;
	struct saved_fd	*saved;
	bool		keeps;		/* nothing is saved: for good */
};

void redir_enter(struct redir_scope *scope);
void redir_leave(struct redir_scope *scope);
struct redir_target *redir_expand(const struct redir *redir);
bool redir_apply(struct redir_scope *scope, const struct redir_target *target);
bool redir_apply_for_good(const struct redir_target *target);
