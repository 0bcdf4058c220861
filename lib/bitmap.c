/*
 * Arrays of bits.
 *
 * Everything goes by words of 64 bits, and the only care to be taken is at the
 * two ends, where a word belongs to the map, or to a range, in part: a mask
 * says which part. There are two patterns below: a loop over all words with a
 * mask for the last one, and a search that begins inside a word by masking
 * out what lies before its start.
 */
#include <lib/bitmap.h>
#include <lib/parse.h>
#include <lib/printf.h>
#include <lib/string.h>

static size_t map_bytes(unsigned int bits)
{
	return BITS_TO_LONGS((size_t)bits) * sizeof(unsigned long);
}

/* Remove all bits. */
void bitmap_zero(unsigned long *map, unsigned int bits)
{
	memset(map, 0, map_bytes(bits));
}

/* Set all bits, and none behind the end. */
void bitmap_fill(unsigned long *map, unsigned int bits)
{
	memset(map, 0xff, map_bytes(bits));
	if (bits)
		map[(bits - 1) / BITS_PER_LONG] = bitmap_last_word_mask(bits);
}

/* Copy a map. */
void bitmap_copy(unsigned long *to, const unsigned long *from,
		 unsigned int bits)
{
	memmove(to, from, map_bytes(bits));
}

/* Store the bits that are in @a and in @b. @to may be one of them. */
void bitmap_and(unsigned long *to, const unsigned long *a,
		const unsigned long *b, unsigned int bits)
{
	for (size_t i = 0; i < BITS_TO_LONGS((size_t)bits); i++)
		to[i] = a[i] & b[i];
}

/* Store the bits that are in @a or in @b. @to may be one of them. */
void bitmap_or(unsigned long *to, const unsigned long *a,
	       const unsigned long *b, unsigned int bits)
{
	for (size_t i = 0; i < BITS_TO_LONGS((size_t)bits); i++)
		to[i] = a[i] | b[i];
}

/* Store the bits that are in @a and not in @b. @to may be one of them. */
void bitmap_andnot(unsigned long *to, const unsigned long *a,
		   const unsigned long *b, unsigned int bits)
{
	for (size_t i = 0; i < BITS_TO_LONGS((size_t)bits); i++)
		to[i] = a[i] & ~b[i];
}

/* Word @i of a map of @bits bits, without what lies behind its end. */
static unsigned long word_at(const unsigned long *map, size_t i,
			     unsigned int bits)
{
	if (i == (bits - 1) / BITS_PER_LONG)
		return map[i] & bitmap_last_word_mask(bits);
	return map[i];
}

/* Return: whether the two have the same bits. */
bool bitmap_equal(const unsigned long *a, const unsigned long *b,
		  unsigned int bits)
{
	for (size_t i = 0; i < BITS_TO_LONGS((size_t)bits); i++)
		if (word_at(a, i, bits) != word_at(b, i, bits))
			return false;
	return true;
}

/* Return: whether all bits of @a are in @b. */
bool bitmap_subset(const unsigned long *a, const unsigned long *b,
		   unsigned int bits)
{
	for (size_t i = 0; i < BITS_TO_LONGS((size_t)bits); i++)
		if (word_at(a, i, bits) & ~b[i])
			return false;
	return true;
}

/* Return: whether any bit is in both. */
bool bitmap_intersects(const unsigned long *a, const unsigned long *b,
		       unsigned int bits)
{
	return find_next_and_bit(a, b, bits, 0) < bits;
}

/* The number of bits set in a word: pairs, nibbles, bytes, then their sum. */
static unsigned int word_weight(unsigned long w)
{
	w -= w >> 1 & 0x5555555555555555UL;
	w = (w & 0x3333333333333333UL) + (w >> 2 & 0x3333333333333333UL);
	w = (w + (w >> 4)) & 0x0f0f0f0f0f0f0f0fUL;
	return w * 0x0101010101010101UL >> 56;
}

/* Return: how many bits are set. */
unsigned int bitmap_weight(const unsigned long *map, unsigned int bits)
{
	unsigned int weight = 0;

	for (size_t i = 0; i < BITS_TO_LONGS((size_t)bits); i++)
		weight += word_weight(word_at(map, i, bits));
	return weight;
}

/* Change @len bits from @start on, a word or a part of one at a time. */
static void change_range(unsigned long *map, unsigned int start,
			 unsigned int len, bool value)
{
	while (len) {
		unsigned int offset = start % BITS_PER_LONG;
		unsigned int n = min(len, BITS_PER_LONG - offset);
		unsigned long mask = bitmap_last_word_mask(n) << offset;

		if (value)
			map[start / BITS_PER_LONG] |= mask;
		else
			map[start / BITS_PER_LONG] &= ~mask;
		start += n;
		len -= n;
	}
}

/* Set @len bits from @start on. */
void bitmap_set(unsigned long *map, unsigned int start, unsigned int len)
{
	change_range(map, start, len, true);
}

/* Clear @len bits from @start on. */
void bitmap_clear(unsigned long *map, unsigned int start, unsigned int len)
{
	change_range(map, start, len, false);
}

/*
 * The search behind all find_next functions: in a ^ @invert, restricted to @b
 * unless that is NULL.
 */
static __always_inline unsigned int
find_next(const unsigned long *a, const unsigned long *b, unsigned long invert,
	  unsigned int bits, unsigned int start)
{
	unsigned long mask = ~0UL << start % BITS_PER_LONG;

	for (size_t i = start / BITS_PER_LONG;
	     i < BITS_TO_LONGS((size_t)bits); i++) {
		unsigned long w = (a[i] ^ invert) & mask;

		if (b)
			w &= b[i];
		if (w) {
			size_t bit = i * BITS_PER_LONG + bit_lowest(w);

			return min_t(size_t, bit, bits);
		}
		mask = ~0UL;
	}
	return bits;
}

/* Return: the first bit set at or behind @start; @bits if there is none. */
unsigned int find_next_bit(const unsigned long *map, unsigned int bits,
			   unsigned int start)
{
	return find_next(map, NULL, 0, bits, start);
}

/* Return: the first bit clear at or behind @start; @bits if there is none. */
unsigned int find_next_zero_bit(const unsigned long *map, unsigned int bits,
				unsigned int start)
{
	return find_next(map, NULL, ~0UL, bits, start);
}

/* Return: the first bit from @start on that both have; else @bits. */
unsigned int find_next_and_bit(const unsigned long *a, const unsigned long *b,
			       unsigned int bits, unsigned int start)
{
	return find_next(a, b, 0, bits, start);
}

/* Return: the last bit set; @bits if there is none. */
unsigned int find_last_bit(const unsigned long *map, unsigned int bits)
{
	for (size_t i = BITS_TO_LONGS((size_t)bits); i-- > 0;) {
		unsigned long w = word_at(map, i, bits);

		if (w)
			return i * BITS_PER_LONG + bit_highest(w);
	}
	return bits;
}

/* Read one number and move *@text behind it. */
static int parse_bit(const char **text, unsigned int *bit)
{
	char *end;
	unsigned long long value = simple_strtoull(*text, &end, 10);

	if (end == *text)
		return -EINVAL;
	if (value > UINT32_MAX)
		return -ERANGE;
	*bit = value;
	*text = end;
	return 0;
}

/* Read "5" or "0-3", set those bits, and move *@text behind it. */
static int parse_range(const char **text, unsigned long *map, unsigned int bits)
{
	unsigned int first, last;
	int err = parse_bit(text, &first);

	if (err)
		return err;
	last = first;
	if (**text == '-') {
		++*text;
		err = parse_bit(text, &last);
		if (err)
			return err;
	}
	if (first > last)
		return -EINVAL;
	if (last >= bits)
		return -ERANGE;
	bitmap_set(map, first, last - first + 1);
	return 0;
}

/*
 * Read a list such as "0-3,5" (a newline may end it) into @map. An empty list
 * is no bits.
 * Return: 0; -EINVAL if it is not such a list; -ERANGE if a number is @bits or
 * more. After an error @map is undefined.
 */
int bitmap_parselist(const char *text, unsigned long *map, unsigned int bits)
{
	bool more = *text && *text != '\n';

	bitmap_zero(map, bits);
	while (more) {
		int err = parse_range(&text, map, bits);

		if (err)
			return err;
		more = *text == ',';
		text += more;
	}
	if (*text == '\n')
		text++;
	return *text ? -EINVAL : 0;
}

/*
 * Write @map as a list such as "0-3,5", cut off if it is too long.
 * Return: the length stored, without the terminator.
 */
int bitmap_print_list(char *buf, size_t size, const unsigned long *map,
		      unsigned int bits)
{
	unsigned int first = find_first_bit(map, bits), end;
	int len = scnprintf(buf, size, "%s", "");

	for (; first < bits; first = find_next_bit(map, bits, end)) {
		end = find_next_zero_bit(map, bits, first);
		len += scnprintf(buf + len, size - len, "%s%u",
				 len ? "," : "", first);
		if (end - first > 1)
			len += scnprintf(buf + len, size - len, "-%u", end - 1);
	}
	return len;
}
