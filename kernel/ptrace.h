/*
 * Looking into other processes, and steering them: ptrace(2).
 *
 * ptrace.c says who may. ptrace_stop.c is the tracee's half: the stops in
 * which it waits for its tracer. ptrace_attach.c ties the two together and
 * apart, and ptrace_syscall.c is what a tracer may ask of a stopped tracee.
 *
 * /proc shows of a stranger's process what everybody may know. What lies in
 * its memory, and where its files lead to, is for those who could trace it.
 */
#pragma once

#include <kernel/task.h>
#include <uapi/ptrace.h>

struct cred;
struct mm;

#define PTRACE_MODE_READ	0x01u	/* look */
#define PTRACE_MODE_ATTACH	0x02u	/* look and change */
/* As whom: for files, by fsuid; for system calls, by the real uid. */
#define PTRACE_MODE_FSCREDS	0x08u
#define PTRACE_MODE_REALCREDS	0x10u

/* task->ptrace: traced at all, how, and PTRACE_O_* shifted. */
#define PT_PTRACED		BIT(0)
#define PT_SEIZED		BIT(1)	/* by PTRACE_SEIZE: no false SIGSTOPs */
#define PT_OPTIONS_SHIFT	3
#define PT_OPTION(o)		((unsigned int)(o) << PT_OPTIONS_SHIFT)

bool ptrace_may_access(struct task *task, unsigned int mode);
struct mm *mm_access(struct task *task, unsigned int mode);

/* /proc/sys/kernel/yama/ptrace_scope, and prctl(PR_SET_PTRACER). */
extern int ptrace_scope;
#define PTRACE_SCOPE_USER	0	/* the rules of users suffice */
#define PTRACE_SCOPE_RELATION	1	/* descendants, and who agrees to it */
#define PTRACE_SCOPE_RIGHT	2	/* CAP_SYS_PTRACE */
#define PTRACE_SCOPE_NOBODY	3	/* until the next boot */
int set_ptrace_scope(int scope);
bool ptrace_scope_lets_parent(const struct cred *parent);
long prctl_set_ptracer(unsigned long tracer);

/* Is @task's tracer somebody else than its parent? tasklist_lock. */
static inline bool ptrace_reparented(const struct task *task)
{
	return !same_thread_group(task->group->leader->real_parent,
				  task->parent);
}

/* Current stops for its tracer, if that wants to know. */
void ptrace_event(int event, unsigned long message);
int ptrace_notify(int exit_code, unsigned long message);
bool ptrace_syscall_enter(struct pt_regs *regs);
void ptrace_syscall_exit(struct pt_regs *regs);

/* fork, exit and wait. tasklist_lock is held but by the first. */
int ptrace_event_of_clone(const struct kernel_clone_args *args);
void ptrace_trace_child(struct task *child,
			const struct kernel_clone_args *args);
void ptrace_unlink(struct task *task);
void ptrace_tracer_exits(struct task *tracer, struct list_head *dead);
int ptrace_exit_signal(const struct task *task);
bool ptrace_hand_back(struct task *task);
int ptrace_take_stop(struct task *task, bool leave);
void ptrace_end_trapping(struct task *task);
pid_t ptrace_tracer_nr(struct task *task);
bool ptrace_forbids_setid(void);
bool ptrace_may_set_options(unsigned long options);

/* kernel/ptrace_attach.c, for ptrace(2). */
int ptrace_traceme(void);
int ptrace_attach(struct task *task, bool seize, unsigned long flags);
int ptrace_detach(struct task *task, int sig);
