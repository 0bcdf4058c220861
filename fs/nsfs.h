/*
 * nsfs: namespaces as files.
 *
 * There is one namespace of each kind, the initial one, with the number that
 * Linux gives it. What can be done with its file is to compare it with another
 * (stat(2), kcmp(2)) and to ask what kind it is; that is enough for programs
 * that show which processes share which namespaces.
 */
#pragma once

#include <fs/path.h>

enum ns_kind {
	NS_TIME,
	NS_CGROUP,
	NS_PID,
	NS_USER,
	NS_UTS,
	NS_IPC,
	NS_NET,
	NS_MNT,
	NR_NS_KINDS,
};

/* Where the file of the namespace of @kind is, with references. */
void ns_path(enum ns_kind kind, struct path *path);

void nsfs_init(void);
