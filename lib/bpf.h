/*
 * The classic BPF machine, as seccomp filters use it: programs of user space
 * that are checked once and then run without further ado.
 */
#pragma once

#include <keel/types.h>
#include <uapi/filter.h>

/* The fields of a code; of a jump or arithmetic, what it does. */
#define BPF_CLASS(code)	((code) & 0x07)
#define BPF_OP(code)	((code) & 0xf0)

bool bpf_is_valid(const struct sock_filter *prog, unsigned int len,
		  size_t data_len, uint16_t *scratch);
uint32_t bpf_run(const struct sock_filter *prog, const void *data,
		 size_t data_len);
