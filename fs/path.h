/*
 * A place in the tree of files: where a lookup ends.
 *
 * A dentry alone does not say where we are, since one file system can be
 * mounted at several places. The pair can go "up" from the root of a mount,
 * and knows whether this way to the file is read-only.
 *
 * A struct path in somebody's hands owns a reference to each half, unless its
 * holder says otherwise (RCU walks do).
 */
#pragma once

#include <keel/types.h>

struct dentry;
struct mount;

struct path {
	struct mount	*mount;
	struct dentry	*dentry;
};

/* Context: path_get() any, with a reference held; path_put() may sleep. */
void path_get(const struct path *path);
void path_put(const struct path *path);

static inline bool path_equal(const struct path *a, const struct path *b)
{
	return a->mount == b->mount && a->dentry == b->dentry;
}
