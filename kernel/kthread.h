/*
 * Kernel threads: tasks without an address space of their own.
 *
 * They are children of kthreadd (PID 2), which is asked to make them, so that
 * they inherit nothing from whoever needs one. A thread ends by returning from
 * its function; kthread_stop() asks it to and waits for the value. A function
 * that loops tests kthread_should_stop() wherever it sleeps.
 */
#pragma once

#include <keel/compiler.h>

struct task;

struct task *kthread_create(int (*fn)(void *), void *arg, const char *fmt, ...)
	__printf(3, 4);
struct task *kthread_run(int (*fn)(void *), void *arg, const char *fmt, ...)
	__printf(3, 4);
int kthread_stop(struct task *);
bool kthread_should_stop(void);
void kthread_bind(struct task *, int cpu);
int kthreadd(void *unused);
