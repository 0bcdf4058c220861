/*
 * Reading a cpio archive in the "newc" format, as initramfs images have it.
 *
 * The archive is pushed in, in chunks cut anywhere, as a decompressor delivers
 * them; what is found is reported through functions.
 */
#pragma once

#include <keel/err.h>

#define CPIO_HEADER_LEN	110
#define CPIO_NAME_MAX	4096		/* PATH_MAX, with the terminator */

/* One archive member: its header, decoded, and its name. */
struct cpio_entry {
	uint32_t ino;
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
	uint32_t nlink;
	uint32_t mtime;
	uint32_t size;
	uint32_t major, minor;		/* of the device it was on */
	uint32_t rmajor, rminor;	/* of the device it is */
	const char *name;
};

/*
 * What the reader does with a member: begin, data as often as the chunks
 * demand, end. data and end may be NULL. An errno ends the reading.
 */
struct cpio_ops {
	int (*begin)(void *ctx, const struct cpio_entry *entry);
	int (*data)(void *ctx, const void *data, size_t len);
	int (*end)(void *ctx);
};

enum cpio_state {
	CPIO_BETWEEN,	/* archives: only zeros, or the next header */
	CPIO_HEADER,
	CPIO_NAME,
	CPIO_DATA,
	CPIO_PADDING,
};

/* One stream of archives. Set up by cpio_init(); has no resources. */
struct cpio {
	const struct cpio_ops *ops;
	void *ctx;
	const char *error;	/* after -EINVAL: the field that is wrong */
	enum cpio_state state;
	uint32_t todo;		/* bytes still to come in this state */
	uint64_t offset;	/* in the stream, for alignment and messages */
	uint32_t name_len;	/* with the terminator */
	uint32_t name_pos;
	struct cpio_entry entry;
	char header[CPIO_HEADER_LEN];
	char name[CPIO_NAME_MAX];
};

void cpio_init(struct cpio *cpio, const struct cpio_ops *ops, void *ctx);
ssize_t cpio_push_archive(struct cpio *cpio, const void *data, size_t len);
int cpio_push(struct cpio *cpio, const void *data, size_t len);
int cpio_finish(struct cpio *cpio);
