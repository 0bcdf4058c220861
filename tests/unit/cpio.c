/*
 * The cpio parser: archives cut at every place, members of all kinds, and
 * damaged ones.
 */
#include <lib/cpio.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <tests/unit/unit.h>

/* What came out, as text: "[name mode size:data]" for each member. */
struct log {
	char text[4000];
	size_t len;
	int fail_at;		/* so many calls until one fails */
};

#define LOG(log, ...) \
	((log)->len += scnprintf((log)->text + (log)->len, \
				 sizeof((log)->text) - (log)->len, __VA_ARGS__))

static int log_begin(void *ctx, const struct cpio_entry *e)
{
	struct log *log = ctx;

	LOG(log, "[%s %o %u:", e->name, e->mode, e->size);
	return --log->fail_at ? 0 : -ENOSPC;
}

static int log_data(void *ctx, const void *data, size_t len)
{
	struct log *log = ctx;

	CHECK(len > 0);
	LOG(log, "%.*s", (int)len, (const char *)data);
	return --log->fail_at ? 0 : -ENOSPC;
}

static int log_end(void *ctx)
{
	struct log *log = ctx;

	LOG(log, "]");
	return --log->fail_at ? 0 : -ENOSPC;
}

static const struct cpio_ops log_ops = {
	.begin = log_begin, .data = log_data, .end = log_end,
};

/* ---- making archives ---- */

struct archive {
	char bytes[8192];
	size_t len;
};

static void append_padded(struct archive *a, const void *data, size_t len)
{
	memcpy(a->bytes + a->len, data, len);
	a->len += len;
	while (a->len % 4)
		a->bytes[a->len++] = 0;
}

static void append_member(struct archive *a, const char *name, uint32_t mode,
			  const char *data)
{
	char part[200];
	size_t len;

	len = snprintf(part, sizeof(part), "070701%08X%08x%08X%08X%08X%08X"
		       "%08X%08X%08X%08X%08X%08X%08X%s", 1, mode, 2, 3, 4,
		       0xabcdef01, (unsigned int)strlen(data), 5, 6, 7, 8,
		       (unsigned int)strlen(name) + 1, 0, name);
	append_padded(a, part, len + 1);
	append_padded(a, data, strlen(data));
}

static void append_trailer(struct archive *a)
{
	append_member(a, "TRAILER!!!", 0, "");
}

static struct cpio parser;

/* Push everything in chunks of @chunk bytes, each in memory of its own. */
static int parse(const void *data, size_t len, size_t chunk, struct log *log)
{
	int err = 0;

	log->len = 0;
	log->text[0] = '\0';
	cpio_init(&parser, &log_ops, log);
	for (size_t pos = 0; !err && pos < len; pos += chunk) {
		size_t n = min(chunk, len - pos);
		char *copy = malloc(n);

		memcpy(copy, (const char *)data + pos, n);
		err = cpio_push(&parser, copy, n);
		free(copy);
	}
	return err ? err : cpio_finish(&parser);
}

static void reports_members_however_they_are_cut(void)
{
	struct archive a = { .len = 0 };
	struct log log = { .len = 0 };

	append_member(&a, ".", 040755, "");
	append_member(&a, "a/file", 0100644, "hello");
	append_member(&a, "link", 0120777, "a/file");
	append_member(&a, "empty", 0100600, "");
	append_member(&a, "four", 0100600, "1234");
	append_trailer(&a);
	for (size_t chunk = 1; chunk <= a.len; chunk++) {
		CHECK_EQ(parse(a.bytes, a.len, chunk, &log), 0);
		CHECK_STR(log.text, "[. 40755 0:][a/file 100644 5:hello]"
			  "[link 120777 6:a/file][empty 100600 0:]"
			  "[four 100600 4:1234]");
	}
}

static struct cpio_entry seen;

static int remember_entry(void *ctx, const struct cpio_entry *entry)
{
	(void)ctx;
	seen = *entry;
	return 0;
}

static void decodes_every_number(void)
{
	static const struct cpio_ops ops = { .begin = remember_entry };
	struct archive a = { .len = 0 };

	append_member(&a, "name", 0x12Abc, "data without a receiver");
	append_trailer(&a);
	cpio_init(&parser, &ops, NULL);
	CHECK_EQ(cpio_push(&parser, a.bytes, a.len), 0);
	CHECK_EQ(cpio_finish(&parser), 0);
	CHECK_EQ(seen.ino, 1);
	CHECK_EQ(seen.mode, 0x12abc);
	CHECK_EQ(seen.uid, 2);
	CHECK_EQ(seen.gid, 3);
	CHECK_EQ(seen.nlink, 4);
	CHECK_EQ(seen.mtime, 0xabcdef01);
	CHECK_EQ(seen.size, 23);
	CHECK_EQ(seen.major, 5);
	CHECK_EQ(seen.minor, 6);
	CHECK_EQ(seen.rmajor, 7);
	CHECK_EQ(seen.rminor, 8);
}

static void reads_archives_one_after_another(void)
{
	struct archive a = { .len = 0 };
	struct log log = { .len = 0 };

	append_member(&a, "one", 1, "1");
	append_trailer(&a);
	memset(a.bytes + a.len, 0, 512);
	a.len += 512;
	append_member(&a, "two", 2, "22");
	append_trailer(&a);
	append_member(&a, "three", 3, "333");
	append_trailer(&a);
	memset(a.bytes + a.len, 0, 13);
	a.len += 13;
	for (size_t chunk = 1; chunk < 200; chunk++) {
		CHECK_EQ(parse(a.bytes, a.len, chunk, &log), 0);
		CHECK_STR(log.text, "[one 1 1:1][two 2 2:22][three 3 3:333]");
	}
}

static void reads_what_the_tool_writes(void)
{
	struct log log = { .len = 0 };
	void *archive;
	long len;

	/* Where there is no cpio(1), the members made above must do. */
	len = host_filter("command -v cpio >/dev/null || exit 0; d=$(mktemp -d)"
			  " && cd $d && echo hi > f && chmod 600 f &&"
			  " echo f | cpio -o -H newc 2>/dev/null; rm -r $d",
			  "", 0, &archive);
	if (len > 0) {
		CHECK_EQ(parse(archive, len, 100, &log), 0);
		CHECK_STR(log.text, "[f 100600 3:hi\n]");
	}
	free(archive);
}

static void accepts_an_empty_stream(void)
{
	struct log log = { .len = 0 };

	CHECK_EQ(parse("", 0, 1, &log), 0);
	CHECK_EQ(parse("\0\0\0\0\0", 5, 2, &log), 0);
	CHECK_STR(log.text, "");
}

static void names_the_field_that_is_wrong(void)
{
	static const struct {
		size_t at;
		char c;
		const char *field;
	} damages[] = {
		{ 0, '1', "magic" }, { 5, '3', "magic" }, { 5, '7', "magic" },
		{ 6, 'x', "ino" }, { 21, 'g', "mode" }, { 22, ' ', "uid" },
		{ 30, '-', "gid" }, { 38, '+', "nlink" }, { 46, 'X', "mtime" },
		{ 54, '/', "size" }, { 62, ':', "major" }, { 70, '@', "minor" },
		{ 78, 'G', "rmajor" }, { 86, '`', "rminor" },
		{ 101, 0x7f, "namesize" }, { 94, 'f', "namesize" },
		{ 98, '2', "namesize" }, { 101, '1', "namesize" },
		{ 101, '4', "name" },	/* cuts "name" before its end */
		{ 110, '\0', "name" },
	};
	struct archive a = { .len = 0 };
	struct log log = { .len = 0 };

	append_member(&a, "name", 0, "");
	append_trailer(&a);
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		char old = a.bytes[damages[i].at];

		a.bytes[damages[i].at] = damages[i].c;
		CHECK_EQ(parse(a.bytes, a.len, 7, &log), -EINVAL);
		CHECK_STR(parser.error, damages[i].field);
		a.bytes[damages[i].at] = old;
	}
	/* The last 3 bytes only fill up behind the trailer. */
	for (size_t len = 1; len < a.len - 3; len++) {
		CHECK_EQ(parse(a.bytes, len, 64, &log), -EINVAL);
		CHECK_STR(parser.error, "trailer");
	}
}

static void takes_the_longest_name(void)
{
	static char member[CPIO_HEADER_LEN + 2 * CPIO_NAME_MAX];
	struct log log = { .len = 0 };

	snprintf(member, sizeof(member), "070701%088x%08x%08x", 0,
		 CPIO_NAME_MAX, 0);
	memset(member + CPIO_HEADER_LEN, 'n', CPIO_NAME_MAX - 1);
	cpio_init(&parser, &log_ops, &log);
	CHECK_EQ(cpio_push(&parser, member,
			   CPIO_HEADER_LEN + CPIO_NAME_MAX + 2), 0);
	CHECK_EQ(strlen(parser.name), CPIO_NAME_MAX - 1);
	snprintf(member, sizeof(member), "070701%088x%08x%08x", 0,
		 CPIO_NAME_MAX + 1, 0);
	CHECK_EQ(parse(member, sizeof(member), 4096, &log), -EINVAL);
	CHECK_STR(parser.error, "namesize");
}

static void passes_on_what_the_receiver_says(void)
{
	struct archive a = { .len = 0 };
	struct log log = { .len = 0 };

	append_member(&a, "f", 0, "data");
	append_member(&a, "g", 0, "");
	append_trailer(&a);
	for (int call = 1; call <= 5; call++) {
		log.fail_at = call;
		CHECK_EQ(parse(a.bytes, a.len, a.len, &log), -ENOSPC);
	}
	log.fail_at = 6;
	CHECK_EQ(parse(a.bytes, a.len, a.len, &log), 0);
}

static void survives_any_damage(void)
{
	struct log log = { .len = 0 };

	for (int round = 0; round < 30000; round++) {
		struct archive a = { .len = 0 };
		int nr = 1 + unit_random_below(5), err;

		append_member(&a, "a/file", 0100644, "hello");
		append_member(&a, "b", 0100644, "there");
		append_trailer(&a);
		while (nr--) {
			size_t at = unit_random_below(a.len);

			a.bytes[at] = "0123456789abcdef\0\377"
				[unit_random_below(18)];
		}
		err = parse(a.bytes, a.len, 1 + unit_random_below(a.len), &log);
		CHECK(err == 0 || (err == -EINVAL && parser.error));
	}
}

UNIT_MAIN(
	UNIT_TEST(reports_members_however_they_are_cut),
	UNIT_TEST(decodes_every_number),
	UNIT_TEST(reads_archives_one_after_another),
	UNIT_TEST(reads_what_the_tool_writes),
	UNIT_TEST(accepts_an_empty_stream),
	UNIT_TEST(names_the_field_that_is_wrong),
	UNIT_TEST(takes_the_longest_name),
	UNIT_TEST(passes_on_what_the_receiver_says),
	UNIT_TEST(survives_any_damage),
)
