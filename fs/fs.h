/*
 * A task's place in the tree: root, working directory, umask.
 *
 * Shared by threads, copied by fork(2). Path walks begin here, under RCU: they
 * read root or pwd and check seq instead of taking references.
 */
#pragma once

#include <fs/path.h>
#include <keel/refcount.h>
#include <kernel/seqlock.h>
#include <kernel/spinlock.h>

/* Field protection: [L] lock; changes under seq too. */
struct fs {
	struct refcount	refs;		/* tasks that share it */
	struct spinlock	lock;
	struct seqcount	seq;
	mode_t		umask;		/* read and xchg()ed freely */
	struct path	root;		/* [L] */
	struct path	pwd;		/* [L] */
};

extern struct fs init_fs;

struct fs *fs_dup(struct fs *old);
void fs_put(struct fs *fs);
/* chdir and chroot: @path is copied, with references of its own. */
void fs_set_pwd(struct fs *fs, const struct path *path);
void fs_set_root(struct fs *fs, const struct path *path);
/* Copies with references. */
void fs_get_root(struct fs *fs, struct path *root);
void fs_get_pwd(struct fs *fs, struct path *pwd);
/* Everybody who has @old as root or working directory gets @new. */
void fs_replace_all(const struct path *old, const struct path *new);

mode_t current_umask(void);

void fs_struct_init(void);
