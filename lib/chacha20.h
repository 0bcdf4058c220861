/*
 * ChaCha20 (RFC 8439): from a key, a stream of bytes nobody can predict.
 *
 * Here it is the heart of /dev/urandom, not a cipher; but a stream cipher is
 * no more than this stream and an exclusive or.
 */
#pragma once

#include <keel/compiler.h>

#define CHACHA20_KEY_SIZE	32
#define CHACHA20_BLOCK_SIZE	64

/* A stream, at some place in it: constants, key, block counter, nonce. */
struct chacha20 {
	uint32_t words[16];
};

void chacha20_init(struct chacha20 *state, const uint8_t *key,
		   const uint8_t *nonce);
void chacha20_block(struct chacha20 *state, uint8_t *out);
