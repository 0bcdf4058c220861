/*
 * Both CRCs: published values, and the definition, bit by bit.
 */
#include <lib/crc32.h>
#include <lib/string.h>
#include <tests/unit/unit.h>

static uint32_t by_definition(uint32_t crc, const uint8_t *p, size_t len,
			      uint32_t polynomial)
{
	for (; len; len--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc & 1 ? crc >> 1 ^ polynomial : crc >> 1;
	}
	return crc;
}

static void gives_the_published_values(void)
{
	const char *digits = "123456789";
	uint8_t zeros[32] = { 0 };

	CHECK_EQ((uint32_t)~crc32_le(~0U, digits, 9), 0xcbf43926);
	CHECK_EQ((uint32_t)~crc32c(~0U, digits, 9), 0xe3069283);
	/* RFC 3720, B.4 */
	CHECK_EQ((uint32_t)~crc32c(~0U, zeros, 32), 0x8a9136aa);
	CHECK_EQ(crc32_le(0x12345678, digits, 0), 0x12345678);
}

static void agrees_with_the_definition(void)
{
	uint8_t buf[128];

	for (int round = 0; round < 5000; round++) {
		size_t at = unit_random_below(16);
		size_t len = unit_random_below(sizeof(buf) - 15);
		uint32_t crc = unit_random();

		for (size_t i = 0; i < sizeof(buf); i++)
			buf[i] = unit_random();
		CHECK_EQ(crc32_le(crc, buf + at, len),
			 by_definition(crc, buf + at, len, 0xedb88320));
		CHECK_EQ(crc32c(crc, buf + at, len),
			 by_definition(crc, buf + at, len, 0x82f63b78));
	}
}

static void may_be_carried_on_in_pieces(void)
{
	const char *text = "the quick brown fox jumps over the lazy dog";
	size_t len = strlen(text);
	uint32_t whole = crc32_le(~0U, text, len);

	for (size_t cut = 0; cut <= len; cut++)
		CHECK_EQ(crc32_le(crc32_le(~0U, text, cut), text + cut,
				  len - cut), whole);
}

UNIT_MAIN(
	UNIT_TEST(gives_the_published_values),
	UNIT_TEST(agrees_with_the_definition),
	UNIT_TEST(may_be_carried_on_in_pieces),
)
