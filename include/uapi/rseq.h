/*
 * Per-CPU work in user space: rseq(2) restarts a critical section that was
 * interrupted, membarrier(2) makes other CPUs pass a memory barrier.
 *
 * Source: man 2 membarrier; librseq's man 2 rseq.
 */
#pragma once

#include <uapi/types.h>

#define RSEQ_CPU_ID_UNINITIALIZED	(-1)
#define RSEQ_CPU_ID_REGISTRATION_FAILED	(-2)
#define RSEQ_FLAG_UNREGISTER		(1 << 0)

/* A critical section; the abort address follows a signature word. */
struct rseq_cs {
	__u32	version;
	__u32	flags;
	__u64	start_ip;
	__u64	post_commit_offset;
	__u64	abort_ip;
} __attribute__((aligned(32)));

/* Registered once per thread; the kernel keeps the CPU numbers current. */
struct rseq {
	__u32	cpu_id_start;	/* always a number that may be used */
	__u32	cpu_id;		/* or RSEQ_CPU_ID_* */
	__u64	rseq_cs;
	__u32	flags;
} __attribute__((aligned(32)));

#define MEMBARRIER_CMD_QUERY				0
#define MEMBARRIER_CMD_GLOBAL				(1 << 0)
#define MEMBARRIER_CMD_GLOBAL_EXPEDITED			(1 << 1)
#define MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED	(1 << 2)
#define MEMBARRIER_CMD_PRIVATE_EXPEDITED		(1 << 3)
#define MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED	(1 << 4)
#define MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE	(1 << 5)
#define MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE (1 << 6)
#define MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ		(1 << 7)
#define MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ	(1 << 8)
#define MEMBARRIER_CMD_FLAG_CPU				(1 << 0)
