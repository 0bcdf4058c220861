/*
 * The scalar types every header of this folder is written in.
 *
 * include/uapi/ describes what crosses the border between kernel and user
 * programs: numbers, flags and memory layouts of Linux's x86-64 system-call
 * ABI. Both sides include it, so nothing here may belong to one of them: no
 * size_t or pid_t (each side has its own header for those), no function, no
 * variable. Every field has a fixed width, so that a layout can be read off
 * without knowing the compiler.
 *
 * Names and values are Linux 6.1's. tools/check-uapi.py compares each of them
 * with Debian's linux-libc-dev.
 */
#pragma once

typedef __UINT8_TYPE__		__u8;
typedef __UINT16_TYPE__		__u16;
typedef __UINT32_TYPE__		__u32;
typedef __UINT64_TYPE__		__u64;
typedef __INT8_TYPE__		__s8;
typedef __INT16_TYPE__		__s16;
typedef __INT32_TYPE__		__s32;
typedef __INT64_TYPE__		__s64;

/* The width these have in registers and structures on x86-64. */
typedef __u64			__kernel_size_t;
typedef __s64			__kernel_ssize_t;
typedef __s64			__kernel_off_t;
typedef __s64			__kernel_loff_t;
typedef __s64			__kernel_time_t;
typedef __s64			__kernel_clock_t;
typedef __s32			__kernel_clockid_t;
typedef __s32			__kernel_timer_t;
typedef __s32			__kernel_pid_t;
typedef __u32			__kernel_uid_t;
typedef __u32			__kernel_gid_t;
typedef __u32			__kernel_mode_t;
typedef __u64			__kernel_ino_t;

/*
 * A signal set as the kernel sees it: bit n-1 stands for signal n. Calls that
 * take a set also take its size, which must be sizeof(__kernel_sigset_t). The
 * sigset_t of a C library is often larger; only its first word is passed on.
 */
typedef __u64			__kernel_sigset_t;
