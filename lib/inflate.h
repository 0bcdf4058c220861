/*
 * Unpacking DEFLATE (RFC 1951) and gzip (RFC 1952).
 *
 * The input lies in memory as a whole; the output comes in pieces, in order,
 * through a function. No input, however malformed, makes the decoder read or
 * write outside its buffers: it is an errno, with the reason in `error`.
 */
#pragma once

#include <keel/err.h>

#define INFLATE_WINDOW		32768	/* how far back a match may reach */
#define INFLATE_MAX_MATCH	258
#define INFLATE_MAX_CODES	288

/* Takes @len bytes of output; 0, or an errno that ends the decoding. */
typedef int inflate_emit_fn(void *ctx, const void *data, size_t len);

struct huffman_entry {
	uint16_t value;
	uint8_t bits;
	uint8_t kind;
};

/* How many entries a table needs at most: see inflate_table.c. */
#define LITLEN_ROOT_BITS	10
#define LITLEN_TABLE_SIZE	1334
#define DISTANCE_ROOT_BITS	8
#define DISTANCE_TABLE_SIZE	402

/* What is read next: @nr_bits of @bits, lowest first, and then @next. */
struct bit_reader {
	uint64_t bits;
	int nr_bits;		/* negative: more was used than there is */
	const uint8_t *next;
	const uint8_t *end;
};

/*
 * One decoding. Some 72 KiB, so the caller allocates it; it needs no
 * initialisation, and belongs to one call at a time.
 */
struct inflate {
	const char *error;	/* after -EINVAL: what is wrong */
	struct bit_reader reader;
	inflate_emit_fn *emit;
	void *ctx;
	size_t pos;		/* output: end of the data in out[] */
	size_t emitted;		/* output: how much of it was handed on */
	uint32_t crc;
	uint64_t total;
	uint8_t lengths[INFLATE_MAX_CODES + 32];
	struct huffman_entry litlen[LITLEN_TABLE_SIZE];
	struct huffman_entry distance[DISTANCE_TABLE_SIZE];
	/* The window, as much again for new data, and room to overshoot. */
	uint8_t out[2 * INFLATE_WINDOW + INFLATE_MAX_MATCH + 8];
};

ssize_t inflate_raw(struct inflate *s, const void *in, size_t len,
		    inflate_emit_fn *emit, void *ctx);
ssize_t inflate_gzip(struct inflate *s, const void *in, size_t len,
		     inflate_emit_fn *emit, void *ctx);
