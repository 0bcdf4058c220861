/*
 * Unpacking DEFLATE and gzip.
 *
 * A DEFLATE stream is a sequence of blocks. A block is stored as it is, or it
 * is a sequence of symbols in Huffman code: a byte, or "copy n bytes from d
 * bytes back". The code is a fixed one, or the block begins with its own.
 *
 *	3 bits		last block?, type
 *	[lengths]	of the two codes, for literals and lengths and for
 *			distances; themselves in a Huffman code
 *	symbols		until the end-of-block symbol
 *
 * Speed comes from three things. Codes are decoded by table (inflate_table.c).
 * Bits are taken from a 64-bit register that is refilled by one unaligned load
 * when fewer are left than the longest symbol needs, 48; so between two
 * symbols there is one comparison for the input and one for the output. And
 * the output buffer holds twice the window: a match is one copy forwards, by
 * words, with no end to wrap around; every 32 KiB the data is handed on and
 * its second half moves to the front.
 *
 *	out[]	|  window: 32 KiB  |  new data: up to 32 KiB  | overshoot |
 *	                           ^ emitted            ^ pos
 *
 * Safety comes from two rules. The reader never loads behind the end of the
 * input; missing bits read as anything, and nr_bits becomes negative, which is
 * looked at after every symbol. And a distance is compared with pos: before
 * the first move that is all output there ever was, and afterwards at least a
 * whole window.
 *
 * Nothing here allocates or sleeps, except that @emit may.
 */
#include <lib/crc32.h>
#include <lib/inflate.h>
#include <lib/string.h>
#include <lib/unaligned.h>
#include "inflate_table.h"

/* Bits of the longest symbol: 15 + 5 for a length, 15 + 13 for a distance. */
#define SYMBOL_MAX_BITS	48

static int malformed(struct inflate *s, const char *error)
{
	s->error = error;
	return -EINVAL;
}

/* Have at least 56 bits in the register, or all that are left. */
static __always_inline void refill(struct bit_reader *r)
{
	if (likely(r->end - r->next >= 8)) {
		/*
		 * The load may bring bits that do not fit as a whole byte.
		 * They are not counted, and the next load brings them again,
		 * to the same place.
		 */
		r->bits |= get_unaligned_le64(r->next) << r->nr_bits;
		r->next += (63 - r->nr_bits) / 8;
		r->nr_bits |= 56;
		return;
	}
	while (r->nr_bits < 56 && r->next < r->end) {
		r->bits |= (uint64_t)*r->next++ << r->nr_bits;
		r->nr_bits += 8;
	}
}

static __always_inline unsigned int peek_bits(const struct bit_reader *r,
					      unsigned int n)
{
	return r->bits & ((1U << n) - 1);
}

static __always_inline void drop_bits(struct bit_reader *r, unsigned int n)
{
	r->bits >>= n;
	r->nr_bits -= n;
}

static __always_inline unsigned int take_bits(struct bit_reader *r,
					      unsigned int n)
{
	unsigned int value = peek_bits(r, n);

	drop_bits(r, n);
	return value;
}

/* Decode the next symbol's code, but not its extra bits. */
static __always_inline struct huffman_entry
take_code(struct bit_reader *r, const struct huffman_entry *table,
	  unsigned int root_bits)
{
	struct huffman_entry e = table[peek_bits(r, root_bits)];

	drop_bits(r, e.bits);
	if (unlikely(e.kind & HUFF_SUBTABLE)) {
		e = table[e.value + peek_bits(r, e.kind & HUFF_NR_BITS)];
		drop_bits(r, e.bits);
	}
	return e;
}

/* Hand new output on. */
static int flush_output(struct inflate *s)
{
	size_t len = s->pos - s->emitted;
	int err;

	if (!len)
		return 0;
	s->crc = crc32_le(s->crc, s->out + s->emitted, len);
	s->total += len;
	err = s->emit(s->ctx, s->out + s->emitted, len);
	s->emitted = s->pos;
	return err;
}

/* The buffer is full: hand its new data on and keep a window of it. */
static int slide_window(struct inflate *s)
{
	int err = flush_output(s);

	memcpy(s->out, s->out + s->pos - INFLATE_WINDOW, INFLATE_WINDOW);
	s->pos = s->emitted = INFLATE_WINDOW;
	return err;
}

/*
 * Copy @len bytes from @distance bytes back. The source may reach into what
 * is being written (a distance of 1 repeats one byte): so it goes upwards, in
 * steps no larger than the distance. May write up to 7 bytes too many.
 */
static __always_inline void copy_match(uint8_t *to, unsigned int distance,
				       unsigned int len)
{
	const uint8_t *from = to - distance;
	uint8_t *end = to + len;

	if (distance >= 8) {
		do {
			put_unaligned_le64(get_unaligned_le64(from), to);
			from += 8;
			to += 8;
		} while (to < end);
	} else {
		do
			*to++ = *from++;
		while (to < end);
	}
}

/*
 * Decode the symbols of a block, with the tables in place. The reader is kept
 * in a local copy, so that the compiler can hold it in registers.
 */
static int inflate_symbols(struct inflate *s)
{
	struct bit_reader r = s->reader;
	size_t pos = s->pos;
	struct huffman_entry e;
	unsigned int len, distance;

	for (;;) {
		if (unlikely(pos >= 2 * INFLATE_WINDOW)) {
			int err;

			s->pos = pos;
			err = slide_window(s);
			if (err)
				return err;
			pos = s->pos;
		}
		if (r.nr_bits < SYMBOL_MAX_BITS)
			refill(&r);
		e = take_code(&r, s->litlen, LITLEN_ROOT_BITS);
		if (unlikely(r.nr_bits < 0))
			return malformed(s, "input ends within a block");
		if (likely(e.kind & HUFF_LITERAL)) {
			s->out[pos++] = e.value;
			continue;
		}
		if (unlikely(e.kind & (HUFF_END | HUFF_INVALID)))
			break;
		len = e.value + take_bits(&r, e.kind);
		e = take_code(&r, s->distance, DISTANCE_ROOT_BITS);
		if (unlikely(e.kind & HUFF_INVALID))
			return malformed(s, "invalid distance code");
		distance = e.value + take_bits(&r, e.kind);
		if (unlikely(r.nr_bits < 0))
			return malformed(s, "input ends within a block");
		if (unlikely(distance > pos))
			return malformed(s, "distance beyond the beginning");
		copy_match(s->out + pos, distance, len);
		pos += len;
	}
	if (e.kind & HUFF_INVALID)
		return malformed(s, "invalid length code");
	s->reader = r;
	s->pos = pos;
	return 0;
}

/* A stored block: length, its complement, and the bytes [RFC 1951 3.2.4]. */
static int inflate_stored(struct inflate *s)
{
	struct bit_reader *r = &s->reader;
	size_t len;

	/* Back to bytes: give those that the register holds whole back. */
	r->next -= r->nr_bits / 8;
	r->bits = 0;
	r->nr_bits = 0;
	if (r->end - r->next < 4)
		return malformed(s, "input ends within a stored length");
	len = get_unaligned_le16(r->next);
	if (len != (uint16_t)~get_unaligned_le16(r->next + 2))
		return malformed(s, "stored length and complement differ");
	r->next += 4;
	if ((size_t)(r->end - r->next) < len)
		return malformed(s, "input ends within a stored block");
	while (len) {
		size_t n;
		int err;

		if (s->pos >= 2 * INFLATE_WINDOW) {
			err = slide_window(s);
			if (err)
				return err;
		}
		n = min(len, 2 * INFLATE_WINDOW - s->pos);
		memcpy(s->out + s->pos, r->next, n);
		s->pos += n;
		r->next += n;
		len -= n;
	}
	return 0;
}

/* The fixed codes [RFC 1951 3.2.6]. */
static int build_fixed_tables(struct inflate *s)
{
	uint8_t *lengths = s->lengths;
	int err;

	memset(lengths, 8, 144);
	memset(lengths + 144, 9, 112);
	memset(lengths + 256, 7, 24);
	memset(lengths + 280, 8, 8);
	memset(lengths + 288, 5, 32);
	err = huffman_build(s->litlen, LITLEN_TABLE_SIZE, LITLEN_ROOT_BITS,
			    lengths, 288, HUFF_LITLEN);
	if (err)
		return err;
	return huffman_build(s->distance, DISTANCE_TABLE_SIZE,
			     DISTANCE_ROOT_BITS, lengths + 288, 32,
			     HUFF_DISTANCES);
}

/* A code length symbol above 15 repeats a length: which, how often. */
static int read_repeat(struct inflate *s, unsigned int symbol,
		       unsigned int done, unsigned int nr)
{
	struct bit_reader *r = &s->reader;
	unsigned int times;
	uint8_t length = 0;

	if (symbol == 16) {
		if (!done)
			return malformed(s, "nothing to repeat");
		length = s->lengths[done - 1];
		times = 3 + take_bits(r, 2);
	} else if (symbol == 17) {
		times = 3 + take_bits(r, 3);
	} else {
		times = 11 + take_bits(r, 7);
	}
	if (times > nr - done)
		return malformed(s, "too many code lengths");
	memset(s->lengths + done, length, times);
	return times;
}

/* Read @nr code lengths; the table of their own code is in s->distance. */
static int read_lengths(struct inflate *s, unsigned int nr)
{
	struct bit_reader *r = &s->reader;
	unsigned int done = 0;

	while (done < nr) {
		struct huffman_entry e;

		refill(r);
		e = take_code(r, s->distance, 7);
		if (e.value < 16) {
			s->lengths[done++] = e.value;
		} else {
			int n = read_repeat(s, e.value, done, nr);

			if (n < 0)
				return n;
			done += n;
		}
		if (r->nr_bits < 0)
			return malformed(s, "input ends within code lengths");
	}
	return 0;
}

/* The codes that a dynamic block begins with [RFC 1951 3.2.7]. */
static int build_dynamic_tables(struct inflate *s)
{
	static const uint8_t order[19] = {
		16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
	};
	struct bit_reader *r = &s->reader;
	unsigned int nr_litlen = 257 + take_bits(r, 5);
	unsigned int nr_distances = 1 + take_bits(r, 5);
	unsigned int nr_lengths = 4 + take_bits(r, 4);
	int err;

	if (nr_litlen > 286 || nr_distances > 30)
		return malformed(s, "too many symbols");
	memset(s->lengths, 0, 19);
	for (unsigned int i = 0; i < nr_lengths; i++) {
		refill(r);
		s->lengths[order[i]] = take_bits(r, 3);
	}
	if (r->nr_bits < 0)
		return malformed(s, "input ends within a block header");
	if (huffman_build(s->distance, DISTANCE_TABLE_SIZE, 7, s->lengths, 19,
			  HUFF_CODE_LENGTHS))
		return malformed(s, "invalid code for code lengths");
	err = read_lengths(s, nr_litlen + nr_distances);
	if (err)
		return err;
	if (!s->lengths[256])
		return malformed(s, "block without an end");
	if (huffman_build(s->litlen, LITLEN_TABLE_SIZE, LITLEN_ROOT_BITS,
			  s->lengths, nr_litlen, HUFF_LITLEN))
		return malformed(s, "invalid code for literals and lengths");
	if (huffman_build(s->distance, DISTANCE_TABLE_SIZE, DISTANCE_ROOT_BITS,
			  s->lengths + nr_litlen, nr_distances, HUFF_DISTANCES))
		return malformed(s, "invalid code for distances");
	return 0;
}

static int inflate_block(struct inflate *s, bool *is_last)
{
	struct bit_reader *r = &s->reader;
	int err;

	refill(r);
	*is_last = take_bits(r, 1);
	switch (take_bits(r, 2)) {
	case 0:
		if (r->nr_bits < 0)
			break;
		return inflate_stored(s);
	case 1:
		err = build_fixed_tables(s);
		return err ? err : inflate_symbols(s);
	case 2:
		err = build_dynamic_tables(s);
		return err ? err : inflate_symbols(s);
	default:
		return malformed(s, "unknown type of block");
	}
	return malformed(s, "input ends before a block");
}

/*
 * Unpack the DEFLATE stream at the beginning of @in.
 *
 * Context: as @emit. Locking: @s belongs to the caller.
 * Return: how many bytes of the input the stream has; -EINVAL if it is
 * malformed or cut off, with the reason in @s->error; or what @emit returned.
 */
ssize_t inflate_raw(struct inflate *s, const void *in, size_t len,
		    inflate_emit_fn *emit, void *ctx)
{
	const uint8_t *start = in;
	bool is_last = false;
	int err;

	s->error = NULL;
	s->reader = (struct bit_reader){ .next = start, .end = start + len };
	s->emit = emit;
	s->ctx = ctx;
	s->pos = s->emitted = 0;
	s->crc = ~0U;
	s->total = 0;
	while (!is_last) {
		err = inflate_block(s, &is_last);
		if (err)
			return err;
	}
	err = flush_output(s);
	if (err)
		return err;
	return s->reader.next - s->reader.nr_bits / 8 - start;
}

/* Flags in a gzip header [RFC 1952 2.3.1]. */
#define GZIP_HEADER_CRC	0x02
#define GZIP_EXTRA	0x04
#define GZIP_NAME	0x08
#define GZIP_COMMENT	0x10
#define GZIP_RESERVED	0xe0

/* Return: the length of the gzip header; 0 if it is malformed or cut off. */
static size_t gzip_header_len(const uint8_t *in, size_t len)
{
	size_t pos = 10;
	uint8_t flags;

	if (len < pos || in[0] != 0x1f || in[1] != 0x8b || in[2] != 8)
		return 0;
	flags = in[3];
	if (flags & GZIP_RESERVED)
		return 0;
	if (flags & GZIP_EXTRA) {
		if (len - pos < 2)
			return 0;
		pos += 2 + get_unaligned_le16(in + pos);
	}
	/* Two strings, both terminated, both optional. */
	for (uint8_t flag = GZIP_NAME; flag <= GZIP_COMMENT; flag <<= 1) {
		const uint8_t *end;

		if (!(flags & flag))
			continue;
		end = pos < len ? memchr(in + pos, 0, len - pos) : NULL;
		if (!end)
			return 0;
		pos = end + 1 - in;
	}
	if (flags & GZIP_HEADER_CRC)
		pos += 2;
	return pos <= len ? pos : 0;
}

/*
 * Unpack the gzip member at the beginning of @in and check its length and CRC.
 * They stand at its end, so all output has been handed on by then.
 *
 * Context, locking: as inflate_raw().
 * Return: how many bytes of the input the member has; else as inflate_raw().
 */
ssize_t inflate_gzip(struct inflate *s, const void *in, size_t len,
		     inflate_emit_fn *emit, void *ctx)
{
	const uint8_t *bytes = in;
	size_t pos = gzip_header_len(bytes, len);
	ssize_t used;

	if (!pos)
		return malformed(s, "invalid gzip header");
	used = inflate_raw(s, bytes + pos, len - pos, emit, ctx);
	if (used < 0)
		return used;
	pos += used;
	if (len - pos < 8)
		return malformed(s, "input ends within the gzip trailer");
	if (get_unaligned_le32(bytes + pos) != ~s->crc)
		return malformed(s, "checksum differs");
	if (get_unaligned_le32(bytes + pos + 4) != (uint32_t)s->total)
		return malformed(s, "length differs");
	return pos + 8;
}
