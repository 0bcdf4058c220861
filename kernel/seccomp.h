/*
 * Giving up system calls for good: kernel/seccomp.c.
 */
#pragma once

#include <keel/compiler.h>
#include <keel/types.h>

struct pt_regs;
struct task;
struct seccomp_filter;

/* syscall_enter_work(): may the call be made? If not, regs->ax is set. */
bool seccomp_allows(struct pt_regs *regs);
/* fork, at publication, with current's sighand->lock held; and the end. */
void seccomp_inherit(struct task *child);
void seccomp_release(struct task *task);
unsigned int seccomp_depth(struct task *task);
/* For a tracer. */
long seccomp_get_filter(struct task *task, unsigned long n, void __user *to);
long seccomp_get_metadata(struct task *task, size_t room, void __user *to);
long prctl_set_seccomp(unsigned long mode, void __user *arg);
/* /proc/sys/kernel/seccomp/: kernel/seccomp_actions.c. */
struct seq_file;
struct sysctl;
int seccomp_show_avail(struct seq_file *m, const struct sysctl *ctl);
int seccomp_show_logged(struct seq_file *m, const struct sysctl *ctl);
int seccomp_store_logged(const struct sysctl *ctl, char *text);
bool seccomp_is_logged(uint32_t action);
