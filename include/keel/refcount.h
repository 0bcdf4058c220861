/*
 * Reference counts that saturate instead of wrapping.
 *
 * A count that overflows would come round to zero and free an object still in
 * use: the classic way from a leak to an exploit. Here a count that goes out
 * of range sticks there, so the worst a bug can do is leak the object.
 */
#pragma once

#include <keel/atomic.h>
#include <keel/bug.h>

struct refcount {
	atomic_t count;
};

#define REFCOUNT_INIT(n)	{ ATOMIC_INIT(n) }
#define REFCOUNT_SATURATED	(-0x40000000)

static inline void refcount_set(struct refcount *ref, int n)
{
	atomic_set(&ref->count, n);
}

static inline int refcount_read(const struct refcount *ref)
{
	return atomic_read(&ref->count);
}

/* Take a reference, on behalf of someone who already holds one. */
static inline void refcount_get(struct refcount *ref)
{
	int old = atomic_fetch_add(1, &ref->count);

	if (WARN_ON(old <= 0))
		atomic_set(&ref->count, REFCOUNT_SATURATED);
}

/*
 * Take a reference unless the object is already dying: for lookups that
 * found the object without holding one (RCU). True if it was taken.
 */
static inline bool __must_check refcount_get_unless_zero(struct refcount *ref)
{
	int old = atomic_read(&ref->count);

	do {
		if (old == 0)
			return false;
	} while (old > 0 && !atomic_try_cmpxchg(&ref->count, &old, old + 1));
	return true;
}

/* Drop a reference. True for the last one: the caller frees the object. */
static inline bool __must_check refcount_put(struct refcount *ref)
{
	int new = atomic_dec_return(&ref->count);

	if (WARN_ON(new < 0))
		atomic_set(&ref->count, REFCOUNT_SATURATED);
	return new == 0;
}
