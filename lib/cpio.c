/*
 * The newc cpio format, as a push parser.
 *
 * An archive is a sequence of members:
 *
 *	header	"070701" and 13 numbers of 8 hexadecimal digits
 *	name	with its terminator; zeros up to a multiple of 4
 *	data	as long as the header says; zeros up to a multiple of 4
 *
 * A member named TRAILER!!! ends it. Zeros may follow, and another archive:
 * initramfs images are put together with cat(1).
 *
 * Chunks arrive cut anywhere, even inside a number. So the parser is a state
 * machine that knows which part it is in and how many bytes that part still
 * lacks; it collects headers and names, and passes data on without copying:
 *
 *	          +---------------- padding <----------+
 *	          v                                    |
 *	BETWEEN HEADER -> NAME -> padding -> DATA -----+
 *	   ^                 |
 *	   +-- TRAILER!!! ---+
 *
 * The magic number 070702 means that the last number is a checksum of the
 * data. Nobody writes it, and Linux does not check it by default: it is read
 * as 070701.
 */
#include <lib/cpio.h>
#include <lib/string.h>

static const char trailer[] = "TRAILER!!!";

/* Begin an empty stream. @ops is used until the end of it. */
void cpio_init(struct cpio *cpio, const struct cpio_ops *ops, void *ctx)
{
	cpio->ops = ops;
	cpio->ctx = ctx;
	cpio->error = NULL;
	cpio->state = CPIO_BETWEEN;
	cpio->todo = 0;
	cpio->offset = 0;
	cpio->name_pos = 0;
}

static int malformed(struct cpio *cpio, const char *field)
{
	cpio->error = field;
	return -EINVAL;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Read 8 hexadecimal digits, neither more nor fewer. */
static bool parse_number(const char *digits, uint32_t *result)
{
	uint32_t value = 0;

	for (int i = 0; i < 8; i++) {
		int digit = digit_value(digits[i]);

		if (digit < 0)
			return false;
		value = value << 4 | digit;
	}
	*result = value;
	return true;
}

/* The numbers of the header in their order, and where each one goes. */
struct field {
	const char *name;
	size_t offset;		/* in struct cpio */
};

#define ENTRY_FIELD(f) { #f, offsetof(struct cpio, entry.f) }

static const struct field fields[] = {
	ENTRY_FIELD(ino), ENTRY_FIELD(mode), ENTRY_FIELD(uid),
	ENTRY_FIELD(gid), ENTRY_FIELD(nlink), ENTRY_FIELD(mtime),
	ENTRY_FIELD(size), ENTRY_FIELD(major), ENTRY_FIELD(minor),
	ENTRY_FIELD(rmajor), ENTRY_FIELD(rminor),
	{ "namesize", offsetof(struct cpio, name_len) },
};

static int parse_header(struct cpio *cpio)
{
	const char *digits = cpio->header + 6;

	if (memcmp(cpio->header, "070701", 6) != 0 &&
	    memcmp(cpio->header, "070702", 6) != 0)
		return malformed(cpio, "magic");
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++, digits += 8) {
		uint32_t *to = (void *)((char *)cpio + fields[i].offset);

		if (!parse_number(digits, to))
			return malformed(cpio, fields[i].name);
	}
	if (cpio->name_len < 2 || cpio->name_len > CPIO_NAME_MAX)
		return malformed(cpio, "namesize");
	cpio->state = CPIO_NAME;
	cpio->todo = cpio->name_len;
	cpio->name_pos = 0;
	return 0;
}

/* The member's data is complete. */
static int end_member(struct cpio *cpio)
{
	cpio->state = CPIO_PADDING;
	cpio->todo = -cpio->offset & 3;
	cpio->name_pos = 0;	/* so that the padding leads to a header */
	return cpio->ops->end ? cpio->ops->end(cpio->ctx) : 0;
}

static int parse_name(struct cpio *cpio)
{
	cpio->entry.name = cpio->name;
	/* Some writers align the data by terminating the name repeatedly. */
	if (!cpio->name[0] || cpio->name[cpio->name_len - 1])
		return malformed(cpio, "name");
	if (strcmp(cpio->name, trailer) == 0) {
		cpio->state = CPIO_BETWEEN;
		return 0;
	}
	cpio->state = CPIO_PADDING;
	cpio->todo = -cpio->offset & 3;
	return cpio->ops->begin(cpio->ctx, &cpio->entry);
}

/* What follows a part's padding: after a name its data, else a header. */
static int end_padding(struct cpio *cpio)
{
	if (cpio->name_pos) {
		cpio->state = CPIO_DATA;
		cpio->todo = cpio->entry.size;
	} else {
		cpio->state = CPIO_HEADER;
		cpio->todo = CPIO_HEADER_LEN;
	}
	return 0;
}

/* The part is complete: draw the conclusions and begin the next one. */
static int end_part(struct cpio *cpio)
{
	switch (cpio->state) {
	case CPIO_HEADER:
		return parse_header(cpio);
	case CPIO_NAME:
		return parse_name(cpio);
	case CPIO_DATA:
		return end_member(cpio);
	case CPIO_PADDING:
		return end_padding(cpio);
	case CPIO_BETWEEN:
		break;
	}
	return 0;
}

/* Use @n bytes, all of which belong to the current part. */
static int take_part(struct cpio *cpio, const char *p, size_t n)
{
	switch (cpio->state) {
	case CPIO_HEADER:
		memcpy(cpio->header + CPIO_HEADER_LEN - cpio->todo, p, n);
		break;
	case CPIO_NAME:
		memcpy(cpio->name + cpio->name_pos, p, n);
		cpio->name_pos += n;
		break;
	case CPIO_DATA:
		if (n && cpio->ops->data) {
			int err = cpio->ops->data(cpio->ctx, p, n);

			if (err)
				return err;
		}
		break;
	case CPIO_PADDING:
	case CPIO_BETWEEN:
		break;
	}
	cpio->todo -= n;
	cpio->offset += n;
	return 0;
}

/*
 * Step over zeros between two archives. A header begins at a multiple of 4
 * from the start of its archive, which is a new one. Return: bytes used.
 */
static size_t skip_zeros(struct cpio *cpio, const char *p, size_t len)
{
	const char *next = memchr_inv(p, 0, len);

	if (!next)
		return len;
	cpio->state = CPIO_HEADER;
	cpio->todo = CPIO_HEADER_LEN;
	cpio->offset = 0;
	return next - p;
}

/*
 * Take the next @len bytes of the stream, but none behind the end of an
 * archive, and report what they complete. After an error the stream is at its
 * end: only cpio->error may be looked at.
 *
 * Context: as the functions of cpio->ops.
 * Return: how many were taken; -EINVAL if the archive is malformed,
 * cpio->error naming the field; or what one of the ops returned.
 */
ssize_t cpio_push_archive(struct cpio *cpio, const void *data, size_t len)
{
	const char *start = data, *p = data, *end = p + len;
	int err;

	while (p < end) {
		size_t n;

		if (cpio->state == CPIO_BETWEEN) {
			p += skip_zeros(cpio, p, end - p);
			continue;
		}
		n = min_t(size_t, cpio->todo, end - p);
		err = take_part(cpio, p, n);
		if (err)
			return err;
		p += n;
		/* Parts may be empty: no padding, no data. */
		while (!cpio->todo && cpio->state != CPIO_BETWEEN) {
			err = end_part(cpio);
			if (err)
				return err;
		}
		if (cpio->state == CPIO_BETWEEN)
			break;
	}
	return p - start;
}

/*
 * Take all @len bytes, of however many archives.
 *
 * Context: as cpio_push_archive(). Return: 0; else as it.
 */
int cpio_push(struct cpio *cpio, const void *data, size_t len)
{
	while (len > 0) {
		ssize_t n = cpio_push_archive(cpio, data, len);

		if (n < 0)
			return n;
		data = (const char *)data + n;
		len -= n;
	}
	return 0;
}

/*
 * Say that the stream is over. Return: 0, or -EINVAL if it ended inside an
 * archive: without a trailer something may be missing.
 */
int cpio_finish(struct cpio *cpio)
{
	if (cpio->state != CPIO_BETWEEN)
		return malformed(cpio, "trailer");
	return 0;
}
