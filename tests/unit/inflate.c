/*
 * The gzip decoder: what the host's gzip and zlib pack comes out again, and
 * damaged input ends in an errno. The sanitizers see every access outside the
 * buffers; inputs lie in memory of exactly their length.
 */
#include <lib/crc32.h>
#include <lib/inflate_table.h>
#include <lib/string.h>
#include <tests/unit/unit.h>

static struct inflate state;

/* Where the output goes, and what it should be. */
struct sink {
	const uint8_t *expected;
	size_t len;
	size_t pos;
	size_t limit;	/* fail behind so many bytes; 0: never */
	bool differs;
};

static int check_output(void *ctx, const void *data, size_t len)
{
	struct sink *sink = ctx;

	CHECK(len > 0);
	if (sink->expected &&
	    (len > sink->len - sink->pos ||
	     __builtin_memcmp(sink->expected + sink->pos, data, len)))
		sink->differs = true;
	sink->pos += len;
	if (sink->limit && sink->pos > sink->limit)
		return -EIO;
	return 0;
}

/* ---- inputs ---- */

#define TEXT_LEN	200000

enum kind { RANDOM, ZEROS, WORDS, STRIPES, DISTANT, NR_KINDS };

static void make_data(uint8_t *data, size_t len, enum kind kind)
{
	static const char *const words[] = {
		"page ", "fault ", "inode ", "the ", "a ", "lock\n", "of ",
	};

	for (size_t i = 0; i < len;) {
		const char *word = words[unit_random_below(7)];

		switch (kind) {
		case RANDOM:
			data[i++] = unit_random();
			break;
		case ZEROS:
			data[i++] = 0;
			break;
		case WORDS:
			while (*word && i < len)
				data[i++] = *word++;
			break;
		case STRIPES:		/* short distances of every length */
			data[i] = i % (1 + i / 1000);
			i++;
			break;
		default:		/* the longest distance, and beyond */
			data[i] = i < 32768 ? (uint8_t)unit_random() :
				  data[i - 32768 - i / 50000];
			i++;
			break;
		}
	}
}

/* Unpack and compare. Return: what the decoder returned. */
static ssize_t unpack(const void *in, size_t len, const void *expected,
		      size_t expected_len, bool is_gzip)
{
	struct sink sink = { .expected = expected, .len = expected_len };
	ssize_t used = (is_gzip ? inflate_gzip : inflate_raw)(
		&state, in, len, check_output, &sink);

	if (used >= 0) {
		CHECK(!sink.differs);
		CHECK_EQ(sink.pos, expected_len);
	}
	return used;
}

static void unpacks_what_gzip_packs(void)
{
	static const size_t lens[] = { 0, 1, 100, 32768, 65536, TEXT_LEN };
	uint8_t *data = malloc(TEXT_LEN);
	char command[32];

	for (enum kind kind = 0; kind < NR_KINDS; kind++) {
		for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
			void *packed;
			long len;

			make_data(data, lens[i], kind);
			host_snprintf(command, sizeof(command), "gzip -%d",
				      1 + 4 * (int)unit_random_below(3));
			len = host_filter(command, data, lens[i], &packed);
			CHECK(len > 0);
			CHECK_EQ(unpack(packed, len, data, lens[i], true), len);
			free(packed);
		}
	}
	free(data);
}

/* zlib's strategies lead to kinds of blocks that gzip seldom makes. */
static void unpacks_every_kind_of_block(void)
{
	uint8_t *data = malloc(TEXT_LEN);
	char command[200];

	for (int strategy = 0; strategy <= 4; strategy++) {
		for (int level = 0; level < 10; level += 3) {
			size_t data_len = TEXT_LEN >> unit_random_below(10);
			void *packed;
			long len;

			make_data(data, data_len, WORDS);
			host_snprintf(command, sizeof(command),
				      "python3 -c 'import sys,zlib;"
				      "c=zlib.compressobj(%d,8,-15,9,%d);"
				      "d=sys.stdin.buffer.read();"
				      "sys.stdout.buffer.write("
				      "c.compress(d)+c.flush())'",
				      level, strategy);
			len = host_filter(command, data, data_len, &packed);
			CHECK(len > 0);
			CHECK_EQ(unpack(packed, len, data, data_len, false),
				 len);
			free(packed);
		}
	}
	free(data);
}

/*
 * A longest match that begins on the last byte before the window slides, and
 * whose copy by words goes on behind it: the end of the output buffer.
 */
static void overshoots_only_where_there_is_room(void)
{
	size_t at = 2 * INFLATE_WINDOW - 1;
	uint8_t *data = malloc(at + 1000);
	void *packed;
	long len;

	make_data(data, at + 1000, RANDOM);
	for (size_t len_of_match = 250; len_of_match <= 258; len_of_match++) {
		memcpy(data + at, data + 1000 + len_of_match, len_of_match);
		len = host_filter("gzip -9", data, at + 1000, &packed);
		CHECK_EQ(unpack(packed, len, data, at + 1000, true), len);
		free(packed);
	}
	free(data);
}

static void says_how_much_input_it_used(void)
{
	static const char text[] = "one member after another\n";
	void *packed, *both;
	long len = host_filter("gzip -9", text, strlen(text), &packed);

	/* Two members, with something else behind. */
	both = malloc(2 * len + 3);
	memcpy(both, packed, len);
	memcpy((char *)both + len, packed, len);
	memset((char *)both + 2 * len, 0xff, 3);
	CHECK_EQ(unpack(both, 2 * len + 3, text, strlen(text), true), len);
	CHECK_EQ(unpack((char *)both + len, len + 3, text, strlen(text), true),
		 len);
	CHECK_EQ(unpack((char *)both + 2 * len, 3, NULL, 0, true), -EINVAL);
	CHECK_STR(state.error, "invalid gzip header");
	free(packed);
	free(both);
}

static void skips_optional_header_fields(void)
{
	/* An empty stream behind a header with every field there is. */
	static const uint8_t member[] = {
		0x1f, 0x8b, 8, 0x1f, 0, 0, 0, 0, 0, 3,
		2, 0, 'x', 'y', 'n', 'a', 'm', 'e', 0, 'c', 0, 0x12, 0x34,
		3, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};

	CHECK_EQ(unpack(member, sizeof(member), NULL, 0, true), sizeof(member));
	for (size_t len = 0; len < sizeof(member); len++) {
		uint8_t *cut = malloc(len + !len);

		memcpy(cut, member, len);
		CHECK_EQ(unpack(cut, len, NULL, 0, true), -EINVAL);
		CHECK(state.error);
		free(cut);
	}
}

/* ---- malformed streams, one by one ---- */

struct bad {
	const char *error;
	size_t len;
	uint8_t bytes[16];
};

static void names_what_is_wrong(void)
{
	static const struct bad streams[] = {
		{ "input ends before a block", 0, { 0 } },
		{ "unknown type of block", 1, { 0x07 } },
		{ "input ends within a stored length", 3, { 1, 0, 0 } },
		{ "stored length and complement differ", 5,
		  { 1, 1, 0, 0xfe, 0xfe } },
		{ "input ends within a stored block", 6,
		  { 1, 2, 0, 0xfd, 0xff, 7 } },
		{ "input ends within a block", 1, { 3 } },
		{ "distance beyond the beginning", 4, { 0x03, 0x02, 0, 0 } },
		{ "invalid distance code", 4, { 0x4b, 0x04, 0x7f, 0 } },
		{ "invalid length code", 4, { 0x1b, 0x07, 0, 0 } },
		{ "too many symbols", 4, { 0xfd, 0xff, 0xff, 0xff } },
		{ "invalid code for code lengths", 12, { 0x05, 0, 0, 0 } },
		{ "input ends within a block header", 2, { 0x05, 0x00 } },
		/* Code lengths in a code of two symbols: 0 and 16, 0 and 18. */
		{ "nothing to repeat", 12,
		  { 0x05, 0xe0, 0x03, 0x04, 0, 0, 0, 0, 0, 0x04 } },
		{ "too many code lengths", 14,
		  { 0x05, 0xe0, 0x81, 0x04, 0, 0, 0, 0, 0, 0xfc, 0xff, 3 } },
		{ "block without an end", 14,
		  { 0x05, 0xe0, 0x81, 0, 0, 0, 0, 0, 0x10, 0xfc, 0x6f, 3 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(streams); i++) {
		const struct bad *bad = &streams[i];
		uint8_t *in = malloc(bad->len + !bad->len);

		memcpy(in, bad->bytes, bad->len);
		CHECK_EQ(unpack(in, bad->len, NULL, 0, false), -EINVAL);
		CHECK_STR(state.error, bad->error);
		free(in);
	}
}

/* Lengths for @count[n] codes of n bits. Return: how many codes. */
static unsigned int make_lengths(uint8_t *lengths, const uint8_t *count)
{
	unsigned int nr = 0;

	for (int len = 1; len <= HUFF_MAX_BITS; len++)
		for (int i = 0; i < count[len]; i++)
			lengths[nr++] = len;
	return nr;
}

/*
 * The codes whose tables are largest, found by a search over all complete
 * codes: 1332 and 400 entries, and not one fewer is enough.
 */
static void has_room_for_the_largest_tables(void)
{
	static const uint8_t litlen[16] = {
		[2] = 3, [3] = 1, [11] = 233, [12] = 45, [13] = 1, [14] = 1,
		[15] = 2,
	};
	static const uint8_t distance[16] = {
		[2] = 3, [3] = 1, [4] = 1, [5] = 1, [9] = 13, [10] = 5,
		[11] = 1, [12] = 1, [13] = 1, [14] = 1, [15] = 2,
	};
	uint8_t lengths[INFLATE_MAX_CODES];
	struct huffman_entry *table = malloc(1332 * sizeof(*table));
	unsigned int nr = make_lengths(lengths, litlen);

	CHECK_EQ(nr, 286);
	CHECK_EQ(huffman_build(table, 1332, 10, lengths, nr, HUFF_LITLEN), 0);
	CHECK_EQ(huffman_build(table, 1331, 10, lengths, nr, HUFF_LITLEN),
		 -EINVAL);
	nr = make_lengths(lengths, distance);
	CHECK_EQ(nr, 30);
	CHECK_EQ(huffman_build(table, 400, 8, lengths, nr, HUFF_DISTANCES), 0);
	CHECK_EQ(huffman_build(table, 399, 8, lengths, nr, HUFF_DISTANCES),
		 -EINVAL);
	CHECK(LITLEN_TABLE_SIZE >= 1332 && DISTANCE_TABLE_SIZE >= 400);
	free(table);
}

static void checks_the_trailer(void)
{
	static const char text[] = "checked";
	uint8_t *packed;
	long len = host_filter("gzip -1", text, strlen(text), (void **)&packed);

	packed[len - 5] ^= 1;
	CHECK_EQ(unpack(packed, len, text, strlen(text), true), -EINVAL);
	CHECK_STR(state.error, "checksum differs");
	packed[len - 5] ^= 1;
	packed[len - 1] ^= 1;
	CHECK_EQ(unpack(packed, len, text, strlen(text), true), -EINVAL);
	CHECK_STR(state.error, "length differs");
	packed[len - 1] ^= 1;
	CHECK_EQ(unpack(packed, len - 1, text, strlen(text), true), -EINVAL);
	CHECK_STR(state.error, "input ends within the gzip trailer");
	free(packed);
}

static void refuses_every_truncation(void)
{
	uint8_t *data = malloc(3000), *packed;
	long len;

	make_data(data, 3000, WORDS);
	len = host_filter("gzip -9", data, 3000, (void **)&packed);
	for (long cut = 0; cut < len; cut++) {
		uint8_t *in = malloc(cut + !cut);

		memcpy(in, packed, cut);
		CHECK_EQ(unpack(in, cut, data, 3000, true), -EINVAL);
		CHECK(state.error);
		free(in);
	}
	free(packed);
	free(data);
}

/* Damaged streams, without the checksum's help: anything but harm. */
static void survives_any_damage(void)
{
	uint8_t *data = malloc(20000), *packed, *in;
	long ends[2] = { 0, 0 };

	for (int round = 0; round < 40; round++) {
		size_t data_len = 1 + unit_random_below(20000);
		long len;

		make_data(data, data_len, unit_random_below(NR_KINDS));
		len = host_filter("gzip -6", data, data_len, (void **)&packed);
		in = malloc(len - 18);
		for (int damage = 0; damage < 300; damage++) {
			struct sink sink = { .limit = 10 << 20 };
			int nr = 1 + unit_random_below(4);
			ssize_t used;

			memcpy(in, packed + 10, len - 18);
			while (nr--)
				in[unit_random_below(len - 18)] ^=
					BIT(unit_random_below(8));
			used = inflate_raw(&state, in, len - 18, check_output,
					   &sink);
			CHECK((used > 0 && used <= len - 18) ||
			      (used == -EINVAL && state.error) ||
			      used == -EIO);
			ends[used > 0]++;
		}
		free(in);
		free(packed);
	}
	free(data);
	/* Both happen, or the damage was not what it should be. */
	CHECK(ends[0] > 1000 && ends[1] > 100);
}

static void survives_noise(void)
{
	for (int round = 0; round < 30000; round++) {
		struct sink sink = { .limit = 1 << 20 };
		size_t len = unit_random_below(300);
		uint8_t *in = malloc(len + !len);
		ssize_t used;

		for (size_t i = 0; i < len; i++)
			in[i] = unit_random();
		if (len)	/* mostly dynamic blocks with plausible sizes */
			in[0] = round % 4 ? 0x05 | (in[0] & 0xc0) : in[0];
		used = inflate_raw(&state, in, len, check_output, &sink);
		CHECK(used <= (ssize_t)len);
		free(in);
	}
}

static void passes_on_what_the_receiver_says(void)
{
	uint8_t *data = malloc(TEXT_LEN);
	void *packed;
	long len;

	for (enum kind kind = 0; kind < NR_KINDS; kind++) {
		struct sink sink = { .limit = 70000 };

		make_data(data, TEXT_LEN, kind);
		len = host_filter("gzip -1", data, TEXT_LEN, &packed);
		CHECK_EQ(inflate_gzip(&state, packed, len, check_output, &sink),
			 -EIO);
		CHECK(!state.error);
		CHECK(sink.pos < 140000);	/* nothing after the refusal */
		free(packed);
	}
	free(data);
}

UNIT_MAIN(
	UNIT_TEST(unpacks_what_gzip_packs),
	UNIT_TEST(unpacks_every_kind_of_block),
	UNIT_TEST(overshoots_only_where_there_is_room),
	UNIT_TEST(says_how_much_input_it_used),
	UNIT_TEST(skips_optional_header_fields),
	UNIT_TEST(names_what_is_wrong),
	UNIT_TEST(has_room_for_the_largest_tables),
	UNIT_TEST(checks_the_trailer),
	UNIT_TEST(refuses_every_truncation),
	UNIT_TEST(survives_any_damage),
	UNIT_TEST(survives_noise),
	UNIT_TEST(passes_on_what_the_receiver_says),
)
