/*
 * Integers at any address, in either byte order.
 *
 * Packets and disk blocks put a 32-bit field wherever the format says, not
 * where the compiler would. x86 loads it in one instruction all the same;
 * what C forbids is to *say* so through a plain pointer cast. A packed
 * structure of one member says it: the compiler knows the address may be odd.
 *
 * The le and be names tell the byte order of the memory; values are always in
 * the order of the CPU, which on this machine is little endian.
 */
#pragma once

#include <keel/compiler.h>

#define DEFINE_UNALIGNED(bits) \
struct unaligned_u##bits { \
	uint##bits##_t value; \
} __packed; \
static inline uint##bits##_t get_unaligned_le##bits(const void *p) \
{ \
	return ((const struct unaligned_u##bits *)p)->value; \
} \
static inline void put_unaligned_le##bits(uint##bits##_t value, void *p) \
{ \
	((struct unaligned_u##bits *)p)->value = value; \
} \
static inline uint##bits##_t get_unaligned_be##bits(const void *p) \
{ \
	return __builtin_bswap##bits(get_unaligned_le##bits(p)); \
} \
static inline void put_unaligned_be##bits(uint##bits##_t value, void *p) \
{ \
	put_unaligned_le##bits(__builtin_bswap##bits(value), p); \
}

DEFINE_UNALIGNED(16)
DEFINE_UNALIGNED(32)
DEFINE_UNALIGNED(64)

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	      "the le accessors assume a little endian CPU");
