/*
 * Huffman codes, turned into tables that decode one symbol per look.
 *
 * A Huffman code gives frequent symbols short bit strings, none of which is
 * the beginning of another. DEFLATE sends only their lengths. The strings
 * follow: sorted by length, then by symbol, each is the one before plus one,
 * with zeros appended where the length grows. Lengths 2 1 3 3 for A B C D:
 *
 *	B  0
 *	A  10
 *	C  110
 *	D  111
 *
 * To decode, take as many bits as the longest string has and use them as an
 * index: a table with 2^3 entries, where every entry whose index begins with
 * 10 says "A, of which 2 bits belong to the code". The first bit of a string
 * is the lowest in the index, so indices are strings reversed:
 *
 *	index	000 001 010 011 100 101 110 111
 *	symbol	 B   A   B   C   B   A   B   D
 *	bits	 1   2   1   3   1   2   1   3
 *
 * With 15 bits that table would be large, and slow to fill for each block. So
 * the root has fewer bits (10), which covers what occurs often, and a longer
 * code leads by its first 10 bits to a subtable indexed by the others.
 *
 * How large can root and subtables be together? With at most 286 symbols,
 * lengths up to 15 and 10 root bits, a search over all complete codes finds
 * 1332; with 30 symbols and 8 root bits, 400. The sizes in inflate.h have a
 * little more, and huffman_build() checks them.
 */
#include <lib/string.h>
#include "inflate_table.h"

/* A match length or distance: from @base up, with @extra_bits added. */
struct range {
	uint16_t base;
	uint8_t extra_bits;
};

/* Symbols 257 to 285 [RFC 1951 3.2.5]. */
static const struct range match_lengths[] = {
	{ 3, 0 }, { 4, 0 }, { 5, 0 }, { 6, 0 }, { 7, 0 }, { 8, 0 },
	{ 9, 0 }, { 10, 0 }, { 11, 1 }, { 13, 1 }, { 15, 1 }, { 17, 1 },
	{ 19, 2 }, { 23, 2 }, { 27, 2 }, { 31, 2 }, { 35, 3 }, { 43, 3 },
	{ 51, 3 }, { 59, 3 }, { 67, 4 }, { 83, 4 }, { 99, 4 }, { 115, 4 },
	{ 131, 5 }, { 163, 5 }, { 195, 5 }, { 227, 5 }, { 258, 0 },
};

static const struct range distances[] = {
	{ 1, 0 }, { 2, 0 }, { 3, 0 }, { 4, 0 }, { 5, 1 }, { 7, 1 },
	{ 9, 2 }, { 13, 2 }, { 17, 3 }, { 25, 3 }, { 33, 4 }, { 49, 4 },
	{ 65, 5 }, { 97, 5 }, { 129, 6 }, { 193, 6 }, { 257, 7 }, { 385, 7 },
	{ 513, 8 }, { 769, 8 }, { 1025, 9 }, { 1537, 9 }, { 2049, 10 },
	{ 3073, 10 }, { 4097, 11 }, { 6145, 11 }, { 8193, 12 }, { 12289, 12 },
	{ 16385, 13 }, { 24577, 13 },
};

/* The entry for a symbol, but for its bits. */
static struct huffman_entry symbol_entry(unsigned int symbol,
					 enum huffman_alphabet alphabet)
{
	const struct range *ranges = distances;
	unsigned int nr = ARRAY_SIZE(distances);

	if (alphabet == HUFF_CODE_LENGTHS)
		return (struct huffman_entry){ symbol, 0, HUFF_LITERAL };
	if (alphabet == HUFF_LITLEN) {
		if (symbol < 256)
			return (struct huffman_entry){ symbol, 0,
						       HUFF_LITERAL };
		if (symbol == 256)
			return (struct huffman_entry){ 0, 0, HUFF_END };
		symbol -= 257;
		ranges = match_lengths;
		nr = ARRAY_SIZE(match_lengths);
	}
	if (symbol >= nr)
		return (struct huffman_entry){ 0, 0, HUFF_INVALID };
	return (struct huffman_entry){ ranges[symbol].base, 0,
				       ranges[symbol].extra_bits };
}

/* The lowest @len bits of @code in reverse order. */
static unsigned int reverse_bits(unsigned int code, unsigned int len)
{
	code = (code & 0x5555) << 1 | (code & 0xaaaa) >> 1;
	code = (code & 0x3333) << 2 | (code & 0xcccc) >> 2;
	code = (code & 0x0f0f) << 4 | (code & 0xf0f0) >> 4;
	code = (code & 0x00ff) << 8 | (code & 0xff00) >> 8;
	return code >> (16 - len);
}

/*
 * Check that the lengths are those of a code: the strings must not use up
 * more than there is (a string of n bits uses 2^-n of it), and nothing may be
 * left. One exception is common: an alphabet with one symbol, or with none.
 */
static bool lengths_are_valid(const uint16_t *count, unsigned int nr_used,
			      enum huffman_alphabet alphabet)
{
	int left = 1;	/* in units of 2^-len; once negative, it stays so */

	for (unsigned int len = 1; len <= HUFF_MAX_BITS; len++)
		left = 2 * left - count[len];
	if (left == 0)
		return true;
	if (alphabet == HUFF_CODE_LENGTHS)
		return false;
	return nr_used == 0 || (nr_used == 1 && count[1] == 1);
}

/*
 * How many bits index the subtable that begins with a code of @len bits, when
 * @count has the codes not yet placed: as many as make it full, since the
 * codes with the same first bits follow each other.
 */
static unsigned int subtable_bits(const uint16_t *count, unsigned int len,
				  unsigned int root_bits)
{
	int left = 1 << (len - root_bits);

	for (;; len++) {
		left -= count[len];
		if (left <= 0 || len == HUFF_MAX_BITS)
			return len - root_bits;
		left *= 2;
	}
}

/* A table while it is being filled. */
struct builder {
	struct huffman_entry *table;
	size_t size;
	unsigned int root_bits;
	size_t used;		/* entries taken: the root and subtables */
	unsigned int prefix;	/* of the current subtable, or ~0 */
};

/* Store @entry at all indices that begin with the code. False if full. */
static bool place(struct builder *b, unsigned int reversed, unsigned int len,
		  struct huffman_entry entry, const uint16_t *count)
{
	struct huffman_entry *table = b->table, *link;
	unsigned int bits = b->root_bits;

	if (len > b->root_bits) {
		unsigned int prefix = reversed & ((1U << b->root_bits) - 1);

		link = &b->table[prefix];
		if (prefix != b->prefix) {
			bits = subtable_bits(count, len, b->root_bits);
			if (b->size - b->used < 1U << bits)
				return false;
			*link = (struct huffman_entry){
				b->used, b->root_bits, HUFF_SUBTABLE | bits
			};
			b->used += 1U << bits;
			b->prefix = prefix;
		}
		bits = link->kind & HUFF_NR_BITS;
		table += link->value;
		len -= b->root_bits;
		reversed >>= b->root_bits;
	}
	entry.bits = len;
	for (; reversed < 1U << bits; reversed += 1U << len)
		table[reversed] = entry;
	return true;
}

/*
 * Build the decoding table for symbols 0 to @nr - 1, whose code lengths are
 * given (0: not used; at most HUFF_MAX_BITS), at most INFLATE_MAX_CODES.
 * Return: 0, or -EINVAL if they are not the lengths of a code.
 */
int huffman_build(struct huffman_entry *table, size_t size,
		  unsigned int root_bits, const uint8_t *lengths,
		  unsigned int nr, enum huffman_alphabet alphabet)
{
	struct builder b = {
		.table = table, .size = size, .root_bits = root_bits,
		.used = (size_t)1 << root_bits, .prefix = ~0U,
	};
	uint16_t count[HUFF_MAX_BITS + 1] = { 0 };
	uint16_t start[HUFF_MAX_BITS + 1], sorted[INFLATE_MAX_CODES];
	unsigned int code = 0, len = 0, nr_used = 0;

	for (unsigned int i = 0; i < nr; i++)
		count[lengths[i]]++;
	for (unsigned int i = 1; i <= HUFF_MAX_BITS; i++) {
		start[i] = nr_used;
		nr_used += count[i];
	}
	if (!lengths_are_valid(count, nr_used, alphabet))
		return -EINVAL;
	for (unsigned int i = 0; i < nr; i++)
		if (lengths[i])
			sorted[start[lengths[i]]++] = i;
	if (nr_used < 2)	/* not every index belongs to a code */
		for (size_t i = 0; i < b.used; i++)
			table[i] = (struct huffman_entry){ 0, 1, HUFF_INVALID };
	for (unsigned int i = 0; i < nr_used; i++, code++) {
		unsigned int symbol = sorted[i];

		code <<= lengths[symbol] - len;
		len = lengths[symbol];
		if (!place(&b, reverse_bits(code, len), len,
			   symbol_entry(symbol, alphabet), count))
			return -EINVAL;
		count[len]--;
	}
	return 0;
}
