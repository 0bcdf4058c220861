/*
 * Eight characters at a time.
 *
 * A 64-bit register holds eight bytes, and one subtraction can ask of all of
 * them at once "is one of you zero?". Subtracting 1 from a byte sets its top
 * bit if it was 0 (or above 0x80, which `& ~w` excludes):
 *
 *	w		..  2f  00  62		the bytes of a string
 *	w - 0x01..01	..  2e  ff  61		0 borrowed
 *	& ~w & 0x80..80	..  00  80  00		only the zero keeps a mark
 *
 * A borrow can spoil bytes *above* the first zero, never below it, so the
 * lowest mark is exact. That is the one we want: on a little-endian machine
 * the lowest byte is the first character.
 */
#pragma once

#include <lib/unaligned.h>

#define WORD_ONES	0x0101010101010101UL
#define WORD_TOPS	0x8080808080808080UL

/* A word all of whose bytes are @c. */
static inline uint64_t word_repeat(unsigned char c)
{
	return c * WORD_ONES;
}

/* Nonzero if a byte of @w is zero; its lowest set bit marks the first one. */
static inline uint64_t word_find_zero(uint64_t w)
{
	return (w - WORD_ONES) & ~w & WORD_TOPS;
}

/* As word_find_zero(), for the first byte equal to that of @repeated. */
static inline uint64_t word_find_byte(uint64_t w, uint64_t repeated)
{
	return word_find_zero(w ^ repeated);
}

/* Which byte, 0 to 7, the lowest mark of a nonzero result is at. */
static inline unsigned int word_mark_index(uint64_t marks)
{
	return bit_lowest(marks) / 8;
}

/* The first @n bytes of @w, the others zero; @n is 0 to 7. */
static inline uint64_t word_first_bytes(uint64_t w, unsigned int n)
{
	return w & ((1UL << (n * 8)) - 1);
}
