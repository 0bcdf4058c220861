/* Waiting for children. The status macros are in <uapi/wait.h>. */
#pragma once

#include <signal.h>
#include <sys/types.h>
#include <uapi/wait.h>

struct rusage;

pid_t wait(int *status);
pid_t waitpid(pid_t pid, int *status, int options);
pid_t wait3(int *status, int options, struct rusage *usage);
pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage);
int waitid(int id_type, id_t id, siginfo_t *info, int options);
