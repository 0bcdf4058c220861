/*
 * Classic BPF: programs of a small machine that judge a packet or, for
 * seccomp(2), a system call.
 *
 * An instruction's code is class | size | mode for loads, class | operation |
 * source for arithmetic and jumps.
 *
 * Source: man 2 seccomp; McCanne and Jacobson, "The BSD Packet Filter", 1993.
 */
#pragma once

#include <uapi/types.h>

struct sock_filter {
	__u16	code;
	__u8	jt;		/* instructions to skip if true */
	__u8	jf;		/* and if false */
	__u32	k;
};

struct sock_fprog {
	__u16			len;	/* instructions */
	struct sock_filter	*filter;
};

#define BPF_MAXINSNS	4096
#define BPF_MEMWORDS	16

/* Classes. */
#define BPF_LD		0x00
#define BPF_LDX		0x01
#define BPF_ST		0x02
#define BPF_STX		0x03
#define BPF_ALU		0x04
#define BPF_JMP		0x05
#define BPF_RET		0x06
#define BPF_MISC	0x07

/* Loads: how much, and from where. */
#define BPF_W		0x00
#define BPF_H		0x08
#define BPF_B		0x10
#define BPF_IMM		0x00
#define BPF_ABS		0x20
#define BPF_IND		0x40
#define BPF_MEM		0x60
#define BPF_LEN		0x80
#define BPF_MSH		0xa0

/* Arithmetic and jumps. */
#define BPF_ADD		0x00
#define BPF_SUB		0x10
#define BPF_MUL		0x20
#define BPF_DIV		0x30
#define BPF_OR		0x40
#define BPF_AND		0x50
#define BPF_LSH		0x60
#define BPF_RSH		0x70
#define BPF_NEG		0x80
#define BPF_MOD		0x90
#define BPF_XOR		0xa0
#define BPF_JA		0x00
#define BPF_JEQ		0x10
#define BPF_JGT		0x20
#define BPF_JGE		0x30
#define BPF_JSET	0x40
#define BPF_K		0x00
#define BPF_X		0x08

#define BPF_A		0x10	/* BPF_RET: the accumulator */
#define BPF_TAX		0x00
#define BPF_TXA		0x80
