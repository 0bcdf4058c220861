/*
 * How a system call is declared.
 *
 * SYSCALL_DEFINE3(read, unsigned int, fd, char __user *, buf, size_t, count)
 * defines `long sys_read(const struct pt_regs *)`, which is what the table in
 * kernel/syscall_table.c holds, in front of a function with the arguments as
 * written. Each argument is cut to its declared type on the way: whatever a
 * caller left in the upper half of a register does not reach the body.
 */
#pragma once

#include <arch/ptrace.h>
#include <keel/compiler.h>
#include <keel/err.h>

typedef long (*syscall_fn)(const struct pt_regs *regs);

#define SC_ARG(t)		(t)
#define SC_D0()
#define SC_D1(t, a)		t a
#define SC_D2(t, a, ...)	t a, SC_D1(__VA_ARGS__)
#define SC_D3(t, a, ...)	t a, SC_D2(__VA_ARGS__)
#define SC_D4(t, a, ...)	t a, SC_D3(__VA_ARGS__)
#define SC_D5(t, a, ...)	t a, SC_D4(__VA_ARGS__)
#define SC_D6(t, a, ...)	t a, SC_D5(__VA_ARGS__)

/* The registers of arguments 1 to 6: di si dx r10 r8 r9. */
#define SC_C1(t, a)		SC_ARG(t)regs->di
#define SC_C2(t1, a1, t2, a2)	SC_C1(t1, a1), SC_ARG(t2)regs->si
#define SC_C3(t1, a1, t2, a2, t3, a3) \
	SC_C2(t1, a1, t2, a2), SC_ARG(t3)regs->dx
#define SC_C4(t1, a1, t2, a2, t3, a3, t4, a4) \
	SC_C3(t1, a1, t2, a2, t3, a3), SC_ARG(t4)regs->r10
#define SC_C5(t1, a1, t2, a2, t3, a3, t4, a4, t5, a5) \
	SC_C4(t1, a1, t2, a2, t3, a3, t4, a4), SC_ARG(t5)regs->r8
#define SC_C6(t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, t6, a6) \
	SC_C5(t1, a1, t2, a2, t3, a3, t4, a4, t5, a5), SC_ARG(t6)regs->r9

#define SYSCALL_DEFINE0(name) \
	long sys_##name(const struct pt_regs *regs); \
	static inline long do_sys_##name(void); \
	long sys_##name(const struct pt_regs *regs __unused) \
	{ return do_sys_##name(); } \
	static inline long do_sys_##name(void)

#define SYSCALL_DEFINE(n, name, ...) \
	long sys_##name(const struct pt_regs *regs); \
	static inline long do_sys_##name(SC_D##n(__VA_ARGS__)); \
	long sys_##name(const struct pt_regs *regs) \
	{ return do_sys_##name(SC_C##n(__VA_ARGS__)); } \
	static inline long do_sys_##name(SC_D##n(__VA_ARGS__))

#define SYSCALL_DEFINE1(name, ...) SYSCALL_DEFINE(1, name, __VA_ARGS__)
#define SYSCALL_DEFINE2(name, ...) SYSCALL_DEFINE(2, name, __VA_ARGS__)
#define SYSCALL_DEFINE3(name, ...) SYSCALL_DEFINE(3, name, __VA_ARGS__)
#define SYSCALL_DEFINE4(name, ...) SYSCALL_DEFINE(4, name, __VA_ARGS__)
#define SYSCALL_DEFINE5(name, ...) SYSCALL_DEFINE(5, name, __VA_ARGS__)
#define SYSCALL_DEFINE6(name, ...) SYSCALL_DEFINE(6, name, __VA_ARGS__)

/* For calls that need the frame itself (clone, rt_sigreturn, ...). */
#define SYSCALL_DEFINE_REGS(name) \
	long sys_##name(const struct pt_regs *regs); \
	long sys_##name(const struct pt_regs *regs)

extern const syscall_fn sys_call_table[];
extern const unsigned int nr_syscalls;
long sys_ni_syscall(const struct pt_regs *regs);
