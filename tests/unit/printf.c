/*
 * The printf family, against the host's for everything both know.
 */
#include <lib/printf.h>
#include <lib/string.h>
#include <tests/unit/unit.h>

/* The same text, and the same length, for every size of buffer. */
#define SAME(...) do { \
	char ours[256], theirs[256]; \
	int length = host_snprintf(theirs, sizeof(theirs), __VA_ARGS__); \
	CHECK_EQ(snprintf(ours, sizeof(ours), __VA_ARGS__), length); \
	CHECK_STR(ours, theirs); \
	for (size_t size = 0; size < 40; size++) { \
		memset(ours, '#', sizeof(ours)); \
		host_snprintf(theirs, size, __VA_ARGS__); \
		CHECK_EQ(snprintf(ours, size, __VA_ARGS__), length); \
		CHECK(ours[size] == '#'); \
		if (size) \
			CHECK_STR(ours, theirs); \
	} \
} while (0)

#define OURS(expected, ...) do { \
	char buf[256]; \
	CHECK_EQ(snprintf(buf, sizeof(buf), __VA_ARGS__), strlen(expected)); \
	CHECK_STR(buf, expected); \
} while (0)

/* Formats are made at run time here; the compiler need not check them. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-overflow"
#pragma GCC diagnostic ignored "-Wformat-truncation"

static void prints_text(void)
{
	SAME("plain");
	SAME("100%% of %s", "it");
	SAME("%s|%10s|%-10s|%.2s|%10.2s|%-10.2s|%.0s", "abc", "abc", "abc",
	     "abc", "abc", "abc", "abc");
	SAME("%c%5c%-5c|", 'x', 'y', 'z');
	SAME("%*s|%-*s|%*s|%.*s", 8, "a", 8, "b", -8, "c", 1, "dd");
	SAME("%.*s", -1, "all");
}

static void reads_no_more_of_a_string_than_the_precision(void)
{
	char *end = host_guarded_page();

	end[-1] = 'b';
	end[-2] = 'a';
	OURS("ab", "%.2s", end - 2);
}

static void prints_numbers(void)
{
	SAME("%d %i %u", INT32_MIN, INT32_MAX, UINT32_MAX);
	SAME("%ld %lu %lx %lo", INT64_MIN, UINT64_MAX, UINT64_MAX, UINT64_MAX);
	SAME("%lld %llu %zu %zd %td %jd", -1LL, 1ULL, (size_t)7, (ssize_t)-7,
	     (ptrdiff_t)-8, (intmax_t)-9);
	SAME("%hhd %hhu %hd %hu", 0x1ff, 0x1ff, 0x18000, 0x18000);
	SAME("%x %X %#x %#X %#o %#x %#o", 48879, 48879, 48879, 48879, 8, 0, 0);
	SAME("%.0d|%.0x|%#.0o|%.0u|%5.0d", 0, 0, 0, 0, 0);
}

static void agrees_with_the_host_on_random_formats(void)
{
	static const int64_t values[] = {
		0, 1, -1, 9, 10, 99, 100, 255, 256, -128, 32767, -32768,
		INT32_MAX, INT32_MIN, UINT32_MAX, INT64_MAX, INT64_MIN,
		0x123456789abcdef0,
	};
	char fmt[64];

	for (int round = 0; round < 4000; round++) {
		int64_t value = values[unit_random_below(ARRAY_SIZE(values))];
		int len = 0;

		fmt[len++] = '<';
		fmt[len++] = '%';
		for (int i = unit_random_below(4); i > 0; i--)
			fmt[len++] = "-+ #0"[unit_random_below(5)];
		if (unit_random_below(2))
			len += host_snprintf(fmt + len, 8, "%d",
					     1 + (int)unit_random_below(30));
		if (unit_random_below(2))
			len += host_snprintf(fmt + len, 8, ".%d",
					     (int)unit_random_below(30));
		len += host_snprintf(fmt + len, 8, "%s",
				     (const char *[]){ "", "l", "hh", "h", "ll",
				     "z", "j", "t" }[unit_random_below(8)]);
		fmt[len++] = "diuxXo"[unit_random_below(6)];
		fmt[len++] = '>';
		fmt[len] = '\0';
		SAME(fmt, value);
	}
}

static size_t name_of(char *buf, size_t size, unsigned long addr,
		      enum symbol_form form)
{
	if (addr != 0x1234)
		return 0;
	if (form == SYMBOL_NAME)
		return scnprintf(buf, size, "main");
	return scnprintf(buf, size, "%s+%#x/%#x",
			 form == SYMBOL_RETURN ? "caller" : "main", 4, 16);
}

static void prints_pointers_and_symbols(void)
{
	OURS("00000000deadbeef", "%p", (void *)0xdeadbeef);
	OURS("0000000000000000", "%p", NULL);
	OURS("0000000000001234|", "%pS|", (void *)0x1234);
	printf_register_symbols(name_of);
	OURS("main+0x4/0x10|", "%pS|", (void *)0x1234);
	OURS("main|", "%ps|", (void *)0x1234);
	OURS("caller+0x4/0x10|", "%pB|", (void *)0x1234);
	OURS("      main|main      |", "%10ps|%-10ps|", (void *)0x1234,
	     (void *)0x1234);
	OURS("0000000000001235 then", "%pS %s", (void *)0x1235, "then");
	OURS("0000000000001234X", "%pX", (void *)0x1234);
	printf_register_symbols(NULL);
}

static void survives_bad_strings(void)
{
	OURS("(null)", "%s", NULL);
	OURS("(invalid) (invalid)", "%s %s", (char *)42, (char *)ERR_PTR(-5));
	OURS("(nu", "%.3s", NULL);
}

static void stops_at_unknown_conversions(void)
{
	int n = 77;

	OURS("a%n%d", "a%n%d", &n, 5);
	CHECK_EQ(n, 77);
	OURS("b%f", "b%f", 1);
	OURS("c%", "c%");
	OURS("d%-08l", "d%-08l");
	CHECK_EQ(unit_warnings, 1);	/* WARN_ON reports a place once */
	unit_warnings = 0;
}

static void bounds_enormous_widths(void)
{
	char buf[16];

	CHECK_EQ(snprintf(buf, sizeof(buf), "%99999999999d", 1), 1 << 20);
	CHECK_STR(buf, "               ");
	CHECK_EQ(snprintf(buf, sizeof(buf), "%.99999999999d", 1), 1 << 20);
	CHECK_STR(buf, "000000000000000");
	CHECK_EQ(snprintf(buf, sizeof(buf), "%*d", INT32_MIN, 1), 1 << 20);
	CHECK_EQ(snprintf(buf, sizeof(buf), "%.*d", INT32_MIN, 1), 1);
}

static void counts_what_was_stored(void)
{
	char buf[8] = "";

	CHECK_EQ(scnprintf(buf, sizeof(buf), "%d", 1234567), 7);
	CHECK_EQ(scnprintf(buf, sizeof(buf), "%d", 12345678), 7);
	CHECK_STR(buf, "1234567");
	CHECK_EQ(scnprintf(buf, 1, "%d", 1), 0);
	CHECK_STR(buf, "");
	CHECK_EQ(scnprintf(NULL, 0, "%d", 1), 0);
	CHECK_EQ(snprintf(NULL, 0, "%d", 100), 3);
}

UNIT_MAIN(
	UNIT_TEST(prints_text),
	UNIT_TEST(reads_no_more_of_a_string_than_the_precision),
	UNIT_TEST(prints_numbers),
	UNIT_TEST(agrees_with_the_host_on_random_formats),
	UNIT_TEST(prints_pointers_and_symbols),
	UNIT_TEST(survives_bad_strings),
	UNIT_TEST(stops_at_unknown_conversions),
	UNIT_TEST(bounds_enormous_widths),
	UNIT_TEST(counts_what_was_stored),
)
