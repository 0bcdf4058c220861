/*
 * Huffman decoding tables: see inflate_table.c. Private to the inflate code.
 */
#pragma once

#include <lib/inflate.h>

/*
 * huffman_entry.kind: one of these flags, or none for a match length or a
 * distance. The low bits hold a number of bits: the extra ones to add to the
 * value, or those that index the subtable.
 */
#define HUFF_LITERAL	0x80	/* value: the symbol itself */
#define HUFF_END	0x40	/* end of block */
#define HUFF_SUBTABLE	0x20	/* value: where in the table it begins */
#define HUFF_INVALID	0x10	/* no code, or a symbol that may not occur */
#define HUFF_NR_BITS	0x0f

#define HUFF_MAX_BITS	15

enum huffman_alphabet { HUFF_CODE_LENGTHS, HUFF_LITLEN, HUFF_DISTANCES };

int huffman_build(struct huffman_entry *table, size_t size,
		  unsigned int root_bits, const uint8_t *lengths,
		  unsigned int nr, enum huffman_alphabet alphabet);
