/*
 * What seccomp.c, which judges calls, and seccomp_notify.c, which has another
 * process judge them, know of each other.
 */
#pragma once

#include <keel/types.h>
#include <uapi/seccomp.h>

struct file;
struct pt_regs;
struct seccomp_listener;

void seccomp_fill_data(const struct pt_regs *regs, struct seccomp_data *data);

struct seccomp_listener *seccomp_listener_alloc(bool wait_killable);
struct file *seccomp_listener_file(struct seccomp_listener *l);
void seccomp_listener_put(struct seccomp_listener *l);
bool seccomp_listener_is_open(struct seccomp_listener *l);
void seccomp_listener_hangup(struct seccomp_listener *l);
bool seccomp_ask_listener(struct seccomp_listener *l, struct pt_regs *regs);
