/* Limits and accounts. The structures are in <uapi/resource.h>. */
#pragma once

#include <sys/types.h>
#include <uapi/resource.h>

typedef unsigned long rlim_t;

int getrlimit(int resource, struct rlimit *limit);
int setrlimit(int resource, const struct rlimit *limit);
int getrusage(int who, struct rusage *usage);
int getpriority(int which, id_t who);
int setpriority(int which, id_t who, int value);
