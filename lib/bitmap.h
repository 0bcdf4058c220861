/*
 * Arrays of bits: sets of small numbers.
 *
 * Bit n is bit n % 64 of word n / 64. Bits behind the length in the last word
 * are undefined on input and never reported. Nothing here is atomic; for that
 * there are set_bit() and its kin in <keel/atomic.h>, on the same arrays.
 *
 * find_*() return the length when there is no such bit, so that a loop over
 * them needs one comparison only.
 */
#pragma once

#include <keel/err.h>

#define BITS_PER_LONG		64U
#define BITS_TO_LONGS(bits)	DIV_ROUND_UP(bits, BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) \
	unsigned long name[BITS_TO_LONGS(bits)]

static inline void __set_bit(unsigned int bit, unsigned long *map)
{
	map[bit / BITS_PER_LONG] |= BIT(bit % BITS_PER_LONG);
}

static inline void __clear_bit(unsigned int bit, unsigned long *map)
{
	map[bit / BITS_PER_LONG] &= ~BIT(bit % BITS_PER_LONG);
}

/* The bits of the last word that belong to a map of @bits bits (not 0). */
static inline unsigned long bitmap_last_word_mask(unsigned int bits)
{
	return ~0UL >> (-bits % BITS_PER_LONG);
}

/* Whole maps. */
void bitmap_zero(unsigned long *map, unsigned int bits);
void bitmap_fill(unsigned long *map, unsigned int bits);
void bitmap_copy(unsigned long *to, const unsigned long *from,
		 unsigned int bits);
void bitmap_and(unsigned long *to, const unsigned long *a,
		const unsigned long *b, unsigned int bits);
void bitmap_or(unsigned long *to, const unsigned long *a,
	       const unsigned long *b, unsigned int bits);
void bitmap_andnot(unsigned long *to, const unsigned long *a,
		   const unsigned long *b, unsigned int bits);
bool bitmap_equal(const unsigned long *a, const unsigned long *b,
		  unsigned int bits);
bool bitmap_subset(const unsigned long *a, const unsigned long *b,
		   unsigned int bits);
bool bitmap_intersects(const unsigned long *a, const unsigned long *b,
		       unsigned int bits);
unsigned int bitmap_weight(const unsigned long *map, unsigned int bits);

/* @len bits from @start on. */
void bitmap_set(unsigned long *map, unsigned int start, unsigned int len);
void bitmap_clear(unsigned long *map, unsigned int start, unsigned int len);

/* Searches. */
unsigned int find_next_bit(const unsigned long *map, unsigned int bits,
			   unsigned int start);
unsigned int find_next_zero_bit(const unsigned long *map, unsigned int bits,
				unsigned int start);
unsigned int find_next_and_bit(const unsigned long *a, const unsigned long *b,
			       unsigned int bits, unsigned int start);
unsigned int find_last_bit(const unsigned long *map, unsigned int bits);

static inline unsigned int find_first_bit(const unsigned long *map,
					  unsigned int bits)
{
	return find_next_bit(map, bits, 0);
}

static inline unsigned int find_first_zero_bit(const unsigned long *map,
					       unsigned int bits)
{
	return find_next_zero_bit(map, bits, 0);
}

static inline bool bitmap_empty(const unsigned long *map, unsigned int bits)
{
	return find_first_bit(map, bits) == bits;
}

static inline bool bitmap_full(const unsigned long *map, unsigned int bits)
{
	return find_first_zero_bit(map, bits) == bits;
}

#define for_each_set_bit(bit, map, bits) \
	for (bit = find_first_bit(map, bits); bit < (bits); \
	     bit = find_next_bit(map, bits, bit + 1))

/* As text: "0-3,5". */
int bitmap_parselist(const char *text, unsigned long *map, unsigned int bits);
int bitmap_print_list(char *buf, size_t size, const unsigned long *map,
		      unsigned int bits);
