/*
 * The ChaCha20 block function.
 *
 * The state is a square of sixteen words:
 *
 *	 constant  constant  constant  constant
 *	 key       key       key       key
 *	 key       key       key       key
 *	 counter   nonce     nonce     nonce
 *
 * A quarter round stirs four of them with additions, rotations and exclusive
 * ors, which no input makes slower than another. A round stirs the four
 * columns or the four diagonals; twenty rounds make every bit of the result
 * depend on every bit of the state. Adding the original state at the end is
 * what makes it impossible to run backwards.
 */
#include <lib/chacha20.h>
#include <lib/string.h>
#include <lib/unaligned.h>

static inline uint32_t rotate_left(uint32_t w, unsigned int n)
{
	return w << n | w >> (32 - n);
}

static __always_inline void quarter_round(uint32_t *x, int a, int b, int c,
					  int d)
{
	x[a] += x[b];
	x[d] = rotate_left(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rotate_left(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rotate_left(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rotate_left(x[b] ^ x[c], 7);
}

/*
 * Begin the stream of a key (32 bytes) and a nonce (12 bytes: another one
 * gives another stream), at block 0.
 */
void chacha20_init(struct chacha20 *state, const uint8_t *key,
		   const uint8_t *nonce)
{
	uint32_t *w = state->words;

	/* "expand 32-byte k" */
	w[0] = 0x61707865;
	w[1] = 0x3320646e;
	w[2] = 0x79622d32;
	w[3] = 0x6b206574;
	for (int i = 0; i < 8; i++)
		w[4 + i] = get_unaligned_le32(key + 4 * i);
	w[12] = 0;
	for (int i = 0; i < 3; i++)
		w[13 + i] = get_unaligned_le32(nonce + 4 * i);
}

/*
 * Write the next 64 bytes of the stream. The counter has 32 bits: take a new
 * key before 256 GiB are used up. Context: any.
 */
void chacha20_block(struct chacha20 *state, uint8_t *out)
{
	uint32_t x[16];

	memcpy(x, state->words, sizeof(x));
	for (int i = 0; i < 10; i++) {
		quarter_round(x, 0, 4, 8, 12);
		quarter_round(x, 1, 5, 9, 13);
		quarter_round(x, 2, 6, 10, 14);
		quarter_round(x, 3, 7, 11, 15);
		quarter_round(x, 0, 5, 10, 15);
		quarter_round(x, 1, 6, 11, 12);
		quarter_round(x, 2, 7, 8, 13);
		quarter_round(x, 3, 4, 9, 14);
	}
	for (int i = 0; i < 16; i++)
		put_unaligned_le32(x[i] + state->words[i], out + 4 * i);
	state->words[12]++;
}
