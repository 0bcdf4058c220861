/*
 * Redirections, and the descriptors the shell keeps for itself.
 *
 * A program is redirected after the fork, and that is that. A builtin, a
 * loop or a function runs in the shell's own process, so what its descriptors
 * were must come back: before a descriptor is replaced, a copy is put aside
 * at 10 or above, and the undo of the scope moves it back.
 *
 * Scripts may use descriptors from 10 on as well ("exec 12>log"). Every
 * descriptor of the shell's own is therefore registered as a private_fd; if a
 * script asks for its number it is moved elsewhere first, and as a source of
 * >& it does not exist. All of them are close-on-exec.
 */
#include "redir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arena.h"
#include "ast.h"
#include "expand.h"
#include "jobs.h"
#include "out.h"
#include "shell.h"

#define FIRST_PRIVATE	10
#define PIPE_SURE	4096	/* bytes any empty pipe holds */

/* A redirection whose target has been expanded; in the scratch arena. */
struct redir_target {
	struct redir_target	*next;
	const struct redir	*redir;
	char			*text;
};

struct saved_fd {
	struct saved_fd		*next;
	int			fd;
	struct private_fd	copy;	/* .fd is -1 if @fd was closed */
};

static struct private_fd *privates;

/*
 * Move a descriptor out of the way of scripts.
 *
 * Return: its new number, or the old one if there is no other.
 */
int private_fd_move(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_PRIVATE);

	if (moved >= 0) {
		close(fd);
		return moved;
	}
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

/*
 * Register a descriptor; @private must stay where it is until removed.
 */
void private_fd_add(struct private_fd *private)
{
	private->next = privates;
	privates = private;
}

/*
 * Unregister a descriptor, which remains open.
 */
void private_fd_remove(struct private_fd *private)
{
	struct private_fd **link = &privates;

	while (*link && *link != private)
		link = &(*link)->next;
	if (*link)
		*link = private->next;
}

static struct private_fd *private_at(int fd)
{
	struct private_fd *private = privates;

	while (private && private->fd != fd)
		private = private->next;
	return private;
}

/* Forget and close the copies, moving them back where they came from. */
static void undo_scope(struct undo *undo)
{
	struct redir_scope *scope = (struct redir_scope *)undo;

	while (scope->saved) {
		struct saved_fd *saved = scope->saved;

		scope->saved = saved->next;
		if (saved->copy.fd < 0) {
			close(saved->fd);
		} else {
			private_fd_remove(&saved->copy);
			dup2(saved->copy.fd, saved->fd);
			close(saved->copy.fd);
		}
		free(saved);
	}
}

/*
 * Begin a scope, in the frame of the caller.
 */
void redir_enter(struct redir_scope *scope)
{
	*scope = (struct redir_scope){ 0 };
	undo_push(&scope->undo, undo_scope);
}

/*
 * Put everything back; @scope must be the innermost.
 */
void redir_leave(struct redir_scope *scope)
{
	undo_pop(&scope->undo);
}

static bool already_saved(struct redir_scope *scope, int fd)
{
	for (struct saved_fd *s = scope->saved; s; s = s->next) {
		if (s->fd == fd)
			return true;
	}
	return false;
}

/* Note that @fd is to become @copy again, or closed if that is -1. */
static void save(struct redir_scope *scope, int fd, int copy)
{
	struct saved_fd *saved = xmalloc(sizeof(*saved));

	*saved = (struct saved_fd){
		.next	= scope->saved,
		.fd	= fd,
		.copy	= { .fd = copy },
	};
	scope->saved = saved;
	if (copy >= 0)
		private_fd_add(&saved->copy);
}

/* Make the number @fd free to be replaced, keeping what is to come back. */
static bool prepare(struct redir_scope *scope, int fd)
{
	struct private_fd *private = private_at(fd);
	int copy;

	if (private) {
		copy = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_PRIVATE);
		if (copy < 0) {
			shell_warn("%d: %s", fd, strerror(errno));
			return false;
		}
		private->fd = copy;
		close(fd);
	}
	if (scope->keeps || already_saved(scope, fd))
		return true;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_PRIVATE);
	if (copy < 0 && errno != EBADF) {
		shell_warn("%d: %s", fd, strerror(errno));
		return false;
	}
	save(scope, fd, copy);
	return true;
}

/* With "set -C", > must not destroy a regular file. */
static int open_new(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
	struct stat st;

	if (fd >= 0 || errno != EEXIST)
		return fd;
	fd = open(path, O_WRONLY);
	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode)) {
		close(fd);
		errno = EEXIST;
		return -1;
	}
	return fd;
}

static int open_target(const struct redir *redir, const char *path)
{
	switch (redir->kind) {
	case REDIR_READ:
		return open(path, O_RDONLY);
	case REDIR_BOTH:
		return open(path, O_RDWR | O_CREAT, 0666);
	case REDIR_APPEND:
		return open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
	case REDIR_WRITE:
		if (shell.options[OPT_NOCLOBBER])
			return open_new(path);
		break;
	default:
		break;
	}
	return open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
}

/*
 * Make a descriptor from which @text is read. What surely fits is left in a
 * pipe; for more, a child does the writing while the command reads.
 */
static int open_heredoc(const char *text)
{
	size_t len = strlen(text);
	int fds[2];

	if (pipe(fds))
		return -1;
	if (len <= PIPE_SURE) {
		write_all(fds[1], text, len);
	} else {
		pid_t pid = job_fork_writer();

		if (pid < 0) {
			close(fds[0]);
			close(fds[1]);
			return -1;
		}
		if (!pid) {
			close(fds[0]);
			write_all(fds[1], text, len);
			_exit(0);
		}
	}
	close(fds[1]);
	return fds[0];
}

static bool apply_dup(struct redir_scope *scope, const struct redir *redir,
		      const char *target)
{
	char *end;
	long from = strtol(target, &end, 10);

	if (!strcmp(target, "-")) {
		if (!prepare(scope, redir->fd))
			return false;
		close(redir->fd);
		return true;
	}
	if (*target < '0' || *target > '9' || *end || from > 1 << 30) {
		shell_warn("%s: bad descriptor number", target);
		return false;
	}
	if (private_at(from) || fcntl(from, F_GETFD) < 0) {
		shell_warn("%ld: %s", from, strerror(EBADF));
		return false;
	}
	if (from == redir->fd)
		return true;
	if (!prepare(scope, redir->fd))
		return false;
	if (dup2(from, redir->fd) < 0) {
		shell_warn("%d: %s", redir->fd, strerror(errno));
		return false;
	}
	return true;
}

/* Open first, so that a failure leaves the descriptor as it was. */
static bool apply_open(struct redir_scope *scope, const struct redir *redir,
		       const char *target)
{
	bool heredoc = redir->kind == REDIR_HEREDOC;
	int fd = heredoc ? open_heredoc(target) : open_target(redir, target);
	bool moved;

	if (fd < 0) {
		shell_warn("%s: %s", heredoc ? "<<" : target, strerror(errno));
		return false;
	}
	if (fd == redir->fd) {
		/* It was closed, and that is what it must be again. */
		if (!scope->keeps && !already_saved(scope, fd))
			save(scope, fd, -1);
		return true;
	}
	if (!prepare(scope, redir->fd)) {
		close(fd);
		return false;
	}
	moved = dup2(fd, redir->fd) >= 0;
	if (!moved)
		shell_warn("%d: %s", redir->fd, strerror(errno));
	close(fd);
	return moved;
}

/*
 * Expand the targets of redirections. This is apart from carrying them out,
 * because it belongs to the shell's process and the rest to the command's:
 * "program >${x?}" must end the script.
 */
struct redir_target *redir_expand(const struct redir *redir)
{
	struct redir_target *first = NULL, **tail = &first;

	for (; redir; redir = redir->next) {
		struct redir_target *target = arena_alloc(scratch,
							  sizeof(*target));

		*target = (struct redir_target){
			.redir	= redir,
			.text	= expand_string(redir->target, EXPAND_TILDE),
		};
		*tail = target;
		tail = &target->next;
	}
	return first;
}

/*
 * Carry out redirections from left to right.
 *
 * Return: false, after a message, at the first that cannot be done.
 */
bool redir_apply(struct redir_scope *scope, const struct redir_target *target)
{
	for (; target; target = target->next) {
		const struct redir *redir = target->redir;
		bool dup = redir->kind == REDIR_DUP_READ ||
			   redir->kind == REDIR_DUP_WRITE;

		if (dup ? !apply_dup(scope, redir, target->text) :
			  !apply_open(scope, redir, target->text))
			return false;
	}
	return true;
}

/*
 * Carry out redirections that last: "exec >log", or in a child.
 */
bool redir_apply_for_good(const struct redir_target *target)
{
	struct redir_scope scope = { .keeps = true };

	return redir_apply(&scope, target);
}
