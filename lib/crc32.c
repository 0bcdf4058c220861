/*
 * CRC-32, eight bytes at a time.
 *
 * The message is read as the coefficients of a polynomial over {0, 1}, lowest
 * bit first, and the CRC is what remains after dividing by a fixed polynomial
 * of degree 32. Subtraction is exclusive or, so one step of the division is:
 *
 *	crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
 *
 * Eight such steps shift one byte out. What they add to the rest depends on
 * that byte only, so a table of 256 words replaces them (tables[0]). tables[k]
 * does the same for a byte that is followed by k zero bytes. With eight tables,
 * the effects of eight bytes are looked up independently and summed ("slicing
 * by eight"), instead of each waiting for the one before.
 *
 * Division is linear: the remainder of a sum is the sum of the remainders. So
 * an entry is the exclusive or of the entries for its single bits, and all
 * 256 follow from eight. Those eight are written below, for each table; the
 * preprocessor makes the rest.
 */
#include <lib/crc32.h>
#include <lib/unaligned.h>

/* The entry for the byte @n, from the entries for 1, 2, 4, ... 0x80. */
#define ENTRY(n, a, b, c, d, e, f, g, h) \
	(((n) & 0x01 ? a : 0) ^ ((n) & 0x02 ? b : 0) ^ \
	 ((n) & 0x04 ? c : 0) ^ ((n) & 0x08 ? d : 0) ^ \
	 ((n) & 0x10 ? e : 0) ^ ((n) & 0x20 ? f : 0) ^ \
	 ((n) & 0x40 ? g : 0) ^ ((n) & 0x80 ? h : 0))
#define ENTRIES_4(n, ...) \
	ENTRY(n, __VA_ARGS__), ENTRY((n) + 1, __VA_ARGS__), \
	ENTRY((n) + 2, __VA_ARGS__), ENTRY((n) + 3, __VA_ARGS__)
#define ENTRIES_16(n, ...) \
	ENTRIES_4(n, __VA_ARGS__), ENTRIES_4((n) + 4, __VA_ARGS__), \
	ENTRIES_4((n) + 8, __VA_ARGS__), ENTRIES_4((n) + 12, __VA_ARGS__)
#define ENTRIES_64(n, ...) \
	ENTRIES_16(n, __VA_ARGS__), ENTRIES_16((n) + 16, __VA_ARGS__), \
	ENTRIES_16((n) + 32, __VA_ARGS__), ENTRIES_16((n) + 48, __VA_ARGS__)
#define TABLE(...) { \
	ENTRIES_64(0, __VA_ARGS__), ENTRIES_64(64, __VA_ARGS__), \
	ENTRIES_64(128, __VA_ARGS__), ENTRIES_64(192, __VA_ARGS__) }

static const uint32_t ieee_tables[8][256] = {
	TABLE(0x77073096, 0xee0e612c, 0x076dc419, 0x0edb8832,
	      0x1db71064, 0x3b6e20c8, 0x76dc4190, 0xedb88320),
	TABLE(0x191b3141, 0x32366282, 0x646cc504, 0xc8d98a08,
	      0x4ac21251, 0x958424a2, 0xf0794f05, 0x3b83984b),
	TABLE(0x01c26a37, 0x0384d46e, 0x0709a8dc, 0x0e1351b8,
	      0x1c26a370, 0x384d46e0, 0x709a8dc0, 0xe1351b80),
	TABLE(0xb8bc6765, 0xaa09c88b, 0x8f629757, 0xc5b428ef,
	      0x5019579f, 0xa032af3e, 0x9b14583d, 0xed59b63b),
	TABLE(0x3d6029b0, 0x7ac05360, 0xf580a6c0, 0x30704bc1,
	      0x60e09782, 0xc1c12f04, 0x58f35849, 0xb1e6b092),
	TABLE(0xcb5cd3a5, 0x4dc8a10b, 0x9b914216, 0xec53826d,
	      0x03d6029b, 0x07ac0536, 0x0f580a6c, 0x1eb014d8),
	TABLE(0xa6770bb4, 0x979f1129, 0xf44f2413, 0x33ef4e67,
	      0x67de9cce, 0xcfbd399c, 0x440b7579, 0x8816eaf2),
	TABLE(0xccaa009e, 0x4225077d, 0x844a0efa, 0xd3e51bb5,
	      0x7cbb312b, 0xf9766256, 0x299dc2ed, 0x533b85da),
};

static const uint32_t castagnoli_tables[8][256] = {
	TABLE(0xf26b8303, 0xe13b70f7, 0xc79a971f, 0x8ad958cf,
	      0x105ec76f, 0x20bd8ede, 0x417b1dbc, 0x82f63b78),
	TABLE(0x13a29877, 0x274530ee, 0x4e8a61dc, 0x9d14c3b8,
	      0x3fc5f181, 0x7f8be302, 0xff17c604, 0xfbc3faf9),
	TABLE(0xa541927e, 0x4f6f520d, 0x9edea41a, 0x38513ec5,
	      0x70a27d8a, 0xe144fb14, 0xc76580d9, 0x8b277743),
	TABLE(0xdd45aab8, 0xbf672381, 0x7b2231f3, 0xf64463e6,
	      0xe964b13d, 0xd725148b, 0xaba65fe7, 0x52a0c93f),
	TABLE(0x38116fac, 0x7022df58, 0xe045beb0, 0xc5670b91,
	      0x8f2261d3, 0x1ba8b557, 0x37516aae, 0x6ea2d55c),
	TABLE(0xef306b19, 0xdb8ca0c3, 0xb2f53777, 0x6006181f,
	      0xc00c303e, 0x85f4168d, 0x0e045beb, 0x1c08b7d6),
	TABLE(0x68032cc8, 0xd0065990, 0xa5e0c5d1, 0x4e2dfd53,
	      0x9c5bfaa6, 0x3d5b83bd, 0x7ab7077a, 0xf56e0ef4),
	TABLE(0x493c7d27, 0x9278fa4e, 0x211d826d, 0x423b04da,
	      0x847609b4, 0x0d006599, 0x1a00cb32, 0x34019664),
};

static uint32_t crc_update(uint32_t crc, const uint8_t *p, size_t len,
			   const uint32_t (*tables)[256])
{
	for (; len >= 8; len -= 8, p += 8) {
		uint64_t w = get_unaligned_le64(p) ^ crc;

		/* The first byte is followed by seven others, and so on. */
		crc = tables[7][w & 0xff] ^
		      tables[6][w >> 8 & 0xff] ^
		      tables[5][w >> 16 & 0xff] ^
		      tables[4][w >> 24 & 0xff] ^
		      tables[3][w >> 32 & 0xff] ^
		      tables[2][w >> 40 & 0xff] ^
		      tables[1][w >> 48 & 0xff] ^
		      tables[0][w >> 56];
	}
	for (; len; len--)
		crc = crc >> 8 ^ tables[0][(crc ^ *p++) & 0xff];
	return crc;
}

/* Carry the IEEE CRC @crc on over @len bytes. Return: the new value. */
uint32_t crc32_le(uint32_t crc, const void *data, size_t len)
{
	return crc_update(crc, data, len, ieee_tables);
}

/* Carry the Castagnoli CRC @crc on over @len bytes. Return: the new value. */
uint32_t crc32c(uint32_t crc, const void *data, size_t len)
{
	return crc_update(crc, data, len, castagnoli_tables);
}
