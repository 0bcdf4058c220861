/*
 * What the files of fs/ share with each other and with nobody else.
 */
#pragma once

#include <fs/dentry.h>
#include <fs/file.h>
#include <fs/inode.h>
#include <fs/namei.h>
#include <lib/hash.h>

struct iattr;
struct kstat;
struct mount;
struct open_how;

/* ---- fs/dcache.c ---- */

/*
 * Is @name, of @len bytes, what the dentry's @cached name says? The latter is
 * aligned and padded with zeros; not a byte outside @name is read.
 */
static __always_inline bool name_equal(const char *cached, const char *name,
				       size_t len)
{
	size_t done;

	if (len < 8)
		return *(const uint64_t *)cached == hash_load_short(name, len);
	for (done = 0; done + 8 <= len; done += 8)
		if (*(const uint64_t *)(cached + done) !=
		    get_unaligned_le64(name + done))
			return false;
	return get_unaligned_le64(cached + len - 8) ==
	       get_unaligned_le64(name + len - 8);
}

/* A reference to a dentry seen under RCU, unless it is being freed. */
static inline bool __must_check dentry_get_rcu(struct dentry *dentry)
{
	int count = atomic_read(&dentry->count);

	do {
		if (count < 0)
			return false;
	} while (!atomic_try_cmpxchg(&dentry->count, &count, count + 1));
	return true;
}

struct dcache_bucket {
	struct hlist_head	head;
	struct spinlock		lock;
};

extern struct dcache_bucket *dcache_table;
extern unsigned int dcache_shift;

static __always_inline struct dcache_bucket *dcache_bucket(uint32_t hash)
{
	return &dcache_table[hash >> dcache_shift];
}

unsigned int dentry_type(const struct inode *inode);
void dentry_hash_locked(struct dentry *dentry);
void dentry_unhash_locked(struct dentry *dentry);
void dentry_lru_add(struct dentry *dentry);
void dentry_lru_del(struct dentry *dentry);
struct dentry *dentry_kill(struct dentry *dentry);
void dput_prune(struct dentry *dentry);
void dcache_lru_init(void);
void dentry_name_share(struct dentry *to, const struct dentry *from);
void dentry_name_swap(struct dentry *a, struct dentry *b);
