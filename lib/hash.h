/*
 * Hashes for tables inside the kernel.
 *
 * They spread keys over buckets and are quick; they keep no secret. Where a
 * stranger chooses the keys, a seed that he does not know goes in first.
 *
 * All are built on one step: fold a word in, multiply by an odd constant near
 * 2^64 / phi, which carries each bit to every place above it, and fold the
 * well-mixed upper half back onto the lower. The upper bits are the best, so
 * hash_long() hands out those.
 *
 * A name is hashed as its 8-byte words, the last one padded with zeros, and
 * then its length. hash_name() and hash_component() agree on every name.
 */
#pragma once

#include <lib/word.h>

#define HASH_MULTIPLIER	0x9e3779b97f4a7c15UL

static inline uint64_t hash_mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * HASH_MULTIPLIER;
	return hash ^ (hash >> 32);
}

/* A bucket number of @bits bits (1 to 32) for an integer. */
static inline unsigned int hash_long(uint64_t value, unsigned int bits)
{
	return (value * HASH_MULTIPLIER) >> (64 - bits);
}

/* A bucket number of @bits bits (1 to 32) for an object's address. */
static inline unsigned int hash_ptr(const void *ptr, unsigned int bits)
{
	return hash_long((uintptr_t)ptr, bits);
}

/* 1 to 7 bytes as a word, padded with zeros, reading no other byte. */
static inline uint64_t hash_load_short(const char *s, size_t len)
{
	if (len >= 4) {
		uint64_t high = get_unaligned_le32(s + len - 4);

		/* The two halves overlap in bytes that are equal. */
		return get_unaligned_le32(s) | high << ((len - 4) * 8);
	}
	if (len == 1)
		return (unsigned char)*s;
	return get_unaligned_le16(s) |
	       (uint64_t)(unsigned char)s[len - 1] << ((len - 1) * 8);
}

/*
 * Hash @len bytes at @name, which need no alignment and no terminator; not a
 * byte outside them is read.
 */
static inline uint64_t hash_name(const char *name, size_t len, uint64_t seed)
{
	uint64_t hash = seed;
	size_t done;

	for (done = 0; done + 8 <= len; done += 8)
		hash = hash_mix(hash, get_unaligned_le64(name + done));
	if (done < len) {
		unsigned int rest = len - done;
		uint64_t tail;

		/* The name's last 8 bytes, shifted so that @rest remain. */
		if (len >= 8)
			tail = get_unaligned_le64(name + len - 8) >>
			       ((8 - rest) * 8);
		else
			tail = hash_load_short(name, len);
		hash = hash_mix(hash, tail);
	}
	return hash_mix(hash, len);
}

/*
 * Hash a path's first component while looking for its end, which is the first
 * '/' or NUL, and store its length in *@len. The result is that of
 * hash_name(name, *len, seed).
 *
 * Reads up to 7 bytes after the end: the caller's buffer has that much room
 * behind its terminator.
 */
static inline uint64_t hash_component(const char *name, uint64_t seed,
				      size_t *len)
{
	const uint64_t slashes = word_repeat('/');
	uint64_t hash = seed;
	size_t done = 0;

	for (;; done += 8) {
		uint64_t word = get_unaligned_le64(name + done);
		uint64_t marks = word_find_zero(word) |
				 word_find_byte(word, slashes);

		if (marks) {
			unsigned int rest = word_mark_index(marks);

			if (rest)
				hash = hash_mix(hash,
						word_first_bytes(word, rest));
			*len = done + rest;
			return hash_mix(hash, done + rest);
		}
		hash = hash_mix(hash, word);
	}
}
