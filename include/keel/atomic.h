/*
 * Atomic integers and ordered accesses, over the compiler's builtins.
 *
 * Names are Linux's. Operations that return a value are full barriers;
 * atomic_read/atomic_set and the void operations order nothing by themselves.
 * On x86 every locked instruction is a full barrier anyway, and only a store
 * followed by a load can be seen out of order (SDM 3A, 9.2.2), which is what
 * smp_mb() is for.
 */
#pragma once

#include <keel/compiler.h>

typedef struct { int counter; } atomic_t;
typedef struct { long counter; } atomic_long_t;

#define ATOMIC_INIT(n)		{ (n) }

#define smp_mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb()		__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()		__atomic_thread_fence(__ATOMIC_RELEASE)

#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)

#define xchg(p, v)		__atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
/* Store @new in *@p if it holds *@old; true if so, else *@old is updated. */
#define try_cmpxchg(p, old, new) \
	__atomic_compare_exchange_n(p, old, new, false, \
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)
/* The same, returning what *@p held. */
#define cmpxchg(p, old, new) ({ \
	typeof(*(p)) cmpxchg_old = (old); \
	(void)try_cmpxchg(p, &cmpxchg_old, new); \
	cmpxchg_old; })

#define DEFINE_ATOMIC_OPS(name, type, int_type) \
static inline int_type name##_read(const type *v) \
{ return __atomic_load_n(&v->counter, __ATOMIC_RELAXED); } \
static inline void name##_set(type *v, int_type i) \
{ __atomic_store_n(&v->counter, i, __ATOMIC_RELAXED); } \
static inline void name##_add(int_type i, type *v) \
{ __atomic_fetch_add(&v->counter, i, __ATOMIC_RELAXED); } \
static inline void name##_sub(int_type i, type *v) \
{ __atomic_fetch_sub(&v->counter, i, __ATOMIC_RELAXED); } \
static inline void name##_inc(type *v) { name##_add(1, v); } \
static inline void name##_dec(type *v) { name##_sub(1, v); } \
static inline int_type name##_add_return(int_type i, type *v) \
{ return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST); } \
static inline int_type name##_sub_return(int_type i, type *v) \
{ return __atomic_sub_fetch(&v->counter, i, __ATOMIC_SEQ_CST); } \
static inline int_type name##_inc_return(type *v) \
{ return name##_add_return(1, v); } \
static inline int_type name##_dec_return(type *v) \
{ return name##_sub_return(1, v); } \
static inline bool name##_dec_and_test(type *v) \
{ return name##_sub_return(1, v) == 0; } \
static inline int_type name##_xchg(type *v, int_type i) \
{ return xchg(&v->counter, i); } \
static inline int_type name##_fetch_add(int_type i, type *v) \
{ return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST); } \
static inline int_type name##_fetch_or(int_type i, type *v) \
{ return __atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST); } \
static inline int_type name##_fetch_and(int_type i, type *v) \
{ return __atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST); } \
static inline bool name##_try_cmpxchg(type *v, int_type *old, int_type new) \
{ return try_cmpxchg(&v->counter, old, new); } \
static inline int_type name##_cmpxchg(type *v, int_type old, int_type new) \
{ return cmpxchg(&v->counter, old, new); } \
/* Add @i unless the value is @u; true if it was added. */ \
static inline bool name##_add_unless(type *v, int_type i, int_type u) \
{ \
	int_type old = name##_read(v); \
	do { \
		if (old == u) \
			return false; \
	} while (!name##_try_cmpxchg(v, &old, old + i)); \
	return true; \
}

DEFINE_ATOMIC_OPS(atomic, atomic_t, int)
DEFINE_ATOMIC_OPS(atomic_long, atomic_long_t, long)

/* Bit operations on an array of longs, atomic and fully ordered. */
static inline bool test_bit(unsigned int nr, const unsigned long *words)
{
	return READ_ONCE(words[nr / 64]) & BIT(nr % 64);
}

static inline bool test_and_set_bit(unsigned int nr, unsigned long *words)
{
	return __atomic_fetch_or(&words[nr / 64], BIT(nr % 64),
				 __ATOMIC_SEQ_CST) & BIT(nr % 64);
}

static inline bool test_and_clear_bit(unsigned int nr, unsigned long *words)
{
	return __atomic_fetch_and(&words[nr / 64], ~BIT(nr % 64),
				  __ATOMIC_SEQ_CST) & BIT(nr % 64);
}

static inline void set_bit(unsigned int nr, unsigned long *words)
{
	__atomic_fetch_or(&words[nr / 64], BIT(nr % 64), __ATOMIC_RELAXED);
}

static inline void clear_bit(unsigned int nr, unsigned long *words)
{
	__atomic_fetch_and(&words[nr / 64], ~BIT(nr % 64), __ATOMIC_RELEASE);
}
