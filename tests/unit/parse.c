/*
 * Numbers and words out of text.
 */
#include <lib/parse.h>
#include <lib/string.h>
#include <tests/unit/unit.h>

#define NUMBER(function, type, text, base, err, expected) do { \
	type value = 77; \
	CHECK_EQ(function(text, base, &value), err); \
	CHECK_EQ(value, (err) ? 77 : (expected)); \
} while (0)

#define UNSIGNED(text, base, err, expected) \
	NUMBER(kstrtoul, unsigned long, text, base, err, expected)
#define SIGNED(text, base, err, expected) \
	NUMBER(kstrtol, long, text, base, err, expected)

static void reads_whole_numbers(void)
{
	UNSIGNED("0", 0, 0, 0);
	UNSIGNED("42", 10, 0, 42);
	UNSIGNED("42\n", 10, 0, 42);
	UNSIGNED("+42", 0, 0, 42);
	UNSIGNED("0x2A", 0, 0, 42);
	UNSIGNED("0X2a", 16, 0, 42);
	UNSIGNED("2a", 16, 0, 42);
	UNSIGNED("052", 0, 0, 42);
	UNSIGNED("101010", 2, 0, 42);
	UNSIGNED("18446744073709551615", 0, 0, -1);
	UNSIGNED("0000000000000000000000000000001", 10, 0, 1);
	SIGNED("-42", 0, 0, -42);
	SIGNED("-0x2a\n", 0, 0, -42);
	SIGNED("9223372036854775807", 0, 0, INT64_MAX);
	SIGNED("-9223372036854775808", 0, 0, INT64_MIN);
}

static void refuses_what_is_no_number(void)
{
	static const char *const texts[] = {
		"", " 1", "1 ", "1\n\n", "-", "+", "0x", "x", "1x", "0xg",
		"08", "+-1", "--1", "1.0", "\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		UNSIGNED(texts[i], 0, -EINVAL, 0);
		SIGNED(texts[i], 0, -EINVAL, 0);
	}
	UNSIGNED("-1", 0, -EINVAL, 0);
	UNSIGNED("18446744073709551616x", 0, -EINVAL, 0);
}

static void refuses_what_does_not_fit(void)
{
	UNSIGNED("18446744073709551616", 0, -ERANGE, 0);
	UNSIGNED("99999999999999999999999", 0, -ERANGE, 0);
	UNSIGNED("0x10000000000000000", 0, -ERANGE, 0);
	SIGNED("9223372036854775808", 0, -ERANGE, 0);
	SIGNED("-9223372036854775809", 0, -ERANGE, 0);
	NUMBER(kstrtoint, int, "2147483647", 0, 0, INT32_MAX);
	NUMBER(kstrtoint, int, "2147483648", 0, -ERANGE, 0);
	NUMBER(kstrtoint, int, "-2147483648", 0, 0, INT32_MIN);
	NUMBER(kstrtoint, int, "-2147483649", 0, -ERANGE, 0);
	NUMBER(kstrtouint, unsigned int, "4294967295", 0, 0, UINT32_MAX);
	NUMBER(kstrtouint, unsigned int, "4294967296", 0, -ERANGE, 0);
	NUMBER(kstrtouint, unsigned int, "-1", 0, -EINVAL, 0);
}

static void reads_switches(void)
{
	static const char *const yes[] = {
		"1", "y", "Yes", "true", "on", "ON\n",
	};
	static const char *const no[] = { "0", "n", "No", "F", "off", "oFf" };
	static const char *const neither[] = { "", "2", "o", "ox", "maybe" };
	bool value;

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		CHECK(kstrtobool(yes[i], &value) == 0 && value);
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		CHECK(kstrtobool(no[i], &value) == 0 && !value);
	for (size_t i = 0; i < ARRAY_SIZE(neither); i++)
		CHECK_EQ(kstrtobool(neither[i], &value), -EINVAL);
}

static void reads_sizes(void)
{
	static const struct {
		const char *text;
		unsigned long size;
		size_t used;
	} sizes[] = {
		{ "64M", 64UL << 20, 3 }, { "64m@1", 64UL << 20, 3 },
		{ "1", 1, 1 }, { "0x10k", 16UL << 10, 5 },
		{ "2G", 2UL << 30, 2 },
		{ "3T", 3UL << 40, 2 }, { "4P", 4UL << 50, 2 },
		{ "5E", 5UL << 60, 2 }, { "16E", UINT64_MAX, 3 },
		{ "99999999999999999999", UINT64_MAX, 20 }, { "", 0, 0 },
		{ "M", 0, 0 }, { "7x", 7, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char *end;

		CHECK_EQ(memparse(sizes[i].text, &end), sizes[i].size);
		CHECK_EQ(end - sizes[i].text, sizes[i].used);
	}
	CHECK_EQ(memparse("1k", NULL), 1024);
}

static void reads_lists_of_options(void)
{
	char text[] = "3,-4,0x10-20,end";
	char *s = text;
	int value = 0;

	CHECK_EQ(get_option(&s, &value), 2);
	CHECK_EQ(value, 3);
	CHECK_EQ(get_option(&s, &value), 2);
	CHECK_EQ(value, -4);
	CHECK_EQ(get_option(&s, &value), 3);
	CHECK_EQ(value, 16);
	CHECK_EQ(*s++, '-');
	CHECK_EQ(get_option(&s, &value), 2);
	CHECK_EQ(value, 20);
	CHECK_EQ(get_option(&s, &value), 0);
	CHECK_STR(s, "end");
}

/* Take @line apart and write what was found as [param=value] or [param]. */
static void split(const char *line, char *result)
{
	size_t len = strlen(line);
	char *copy = malloc(len + 1), *args = copy, *param, *value;

	memcpy(copy, line, len + 1);
	*result = '\0';
	while (*args) {
		args = next_arg(args, &param, &value);
		if (!*param && !value)
			break;
		result += host_snprintf(result, 100, value ? "[%s=%s]" : "[%s]",
					param, value);
	}
	free(copy);
}

static void takes_command_lines_apart(void)
{
	static const char *const lines[][2] = {
		{ "", "" },
		{ "  \t ", "" },
		{ "quiet", "[quiet]" },
		{ " a  b\tc\n", "[a][b][c]" },
		{ "console=ttyS0,115200 root=/dev/vda", "[console=ttyS0,115200]"
						       "[root=/dev/vda]" },
		{ "a= b==c d=e=f", "[a=][b==c][d=e=f]" },
		{ "a=\"b c\" d", "[a=b c][d]" },
		{ "\"a=b c\" d", "[a=b c][d]" },
		{ "\"a b\" c", "[a b][c]" },
		{ "dyn=\"x=1 y=2\" z", "[dyn=x=1 y=2][z]" },
		{ "a=\"\" b", "[a=][b]" },
		{ "a=\"", "[a=]" },
		{ "a=\"b c", "[a=b c]" },
		{ "\"a", "[a]" },
		{ "-- arg", "[--][arg]" },
		{ "a=x\"y z\"", "[a=x\"y z\"]" },
	};
	char result[400];

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		split(lines[i][0], result);
		CHECK_STR(result, lines[i][1]);
	}
}

/* Nothing but the sanitizers watches: quotes and blanks in every order. */
static void survives_any_command_line(void)
{
	char line[12], result[4000];

	for (int round = 0; round < 50000; round++) {
		size_t len = unit_random_below(sizeof(line));

		for (size_t i = 0; i < len; i++)
			line[i] = " \"=a"[unit_random_below(4)];
		line[len] = '\0';
		split(line, result);
	}
}

UNIT_MAIN(
	UNIT_TEST(reads_whole_numbers),
	UNIT_TEST(refuses_what_is_no_number),
	UNIT_TEST(refuses_what_does_not_fit),
	UNIT_TEST(reads_switches),
	UNIT_TEST(reads_sizes),
	UNIT_TEST(reads_lists_of_options),
	UNIT_TEST(takes_command_lines_apart),
	UNIT_TEST(survives_any_command_line),
)
