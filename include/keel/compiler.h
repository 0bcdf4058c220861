/*
 * What the compiler can be told, under one set of names.
 *
 * Three groups: attributes (placement, hints, checks), the annotations that
 * clang's second pass understands (`__user` pointers may not be dereferenced,
 * lock annotations), and access to memory another CPU may touch (READ_ONCE).
 */
#pragma once

#include <keel/types.h>

#define __packed		__attribute__((packed))
#define __aligned(n)		__attribute__((aligned(n)))
#define __section(name)		__attribute__((section(name)))
#define __used			__attribute__((used))
#define __unused		__attribute__((unused))
#define __noreturn		__attribute__((noreturn))
#define __cold			__attribute__((cold))
#define __weak			__attribute__((weak))
#define __must_check		__attribute__((warn_unused_result))
#define __printf(fmt, args)	__attribute__((format(printf, fmt, args)))
#define __malloc		__attribute__((malloc))
#define __cleanup(fn)		__attribute__((cleanup(fn)))
#define __no_stack_protector	__attribute__((optimize("no-stack-protector")))
#ifdef __clang__
#undef __no_stack_protector
#define __no_stack_protector	__attribute__((no_stack_protector))
#endif
#define noinline		__attribute__((noinline))
#undef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#define fallthrough		__attribute__((fallthrough))

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)

/* Code and data that start_kernel() frees when the boot is over. */
#define __init			__section(".init.text") __cold noinline
#define __initdata		__section(".init.data")
#define __initconst		__section(".init.rodata")
/* Data that is written during boot and read-only from then on. */
#define __ro_after_init		__section(".data..ro_after_init")

/* Address spaces, checked by sparse and by the clang pass of `make check`. */
#if defined(__CHECKER__)
#define __user			__attribute__((noderef, address_space(__user)))
#define __iomem			__attribute__((noderef, address_space(__iomem)))
#define __force			__attribute__((force))
#elif defined(__clang__) && defined(CHECK_ADDRESS_SPACES)
#define __user			__attribute__((noderef, address_space(1)))
#define __iomem			__attribute__((noderef))
#define __force
#else
#define __user
#define __iomem
#define __force
#endif

/*
 * Who takes and who lets go of locks, checked by the clang pass: that a
 * function releases on every path what it takes, unless it says otherwise here,
 * and that a variable is touched only with its lock held. They stand on
 * prototypes: clang does not know the parameters' names any earlier.
 */
#if defined(__clang__) && defined(CHECK_LOCKS)
#define LOCK_ATTR(x)		__attribute__((x))
#else
#define LOCK_ATTR(x)
#endif
#define __capability(kind)	LOCK_ATTR(capability(kind))
#define __acquires(...)		LOCK_ATTR(acquire_capability(__VA_ARGS__))
#define __acquires_shared(...)	\
	LOCK_ATTR(acquire_shared_capability(__VA_ARGS__))
#define __try_acquires(ok, ...)	\
	LOCK_ATTR(try_acquire_capability(ok, __VA_ARGS__))
#define __try_acquires_shared(ok, ...) \
	LOCK_ATTR(try_acquire_shared_capability(ok, __VA_ARGS__))
#define __releases(...)		LOCK_ATTR(release_capability(__VA_ARGS__))
#define __releases_shared(...)	\
	LOCK_ATTR(release_shared_capability(__VA_ARGS__))
#define __must_hold(...)	LOCK_ATTR(requires_capability(__VA_ARGS__))
#define __must_hold_shared(...)	\
	LOCK_ATTR(requires_shared_capability(__VA_ARGS__))
/* After this the lock counts as held: debug assertions, scope guards. */
#define __asserts_held(...)	LOCK_ATTR(assert_capability(__VA_ARGS__))
#define __guarded_by(lock)	LOCK_ATTR(guarded_by(lock))
/* Not followed inside: locks, and who takes or drops one for the caller. */
#define __no_lock_check		LOCK_ATTR(no_thread_safety_analysis)

#define static_assert		_Static_assert
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define sizeof_field(type, f)	sizeof(((type *)0)->f)

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

/* Keep the compiler, and only the compiler, from moving memory accesses. */
#define barrier()		__asm__ __volatile__("" ::: "memory")

/*
 * One access, of the whole object, exactly where it is written: for data that
 * another CPU or an interrupt changes while no lock is held.
 */
#define READ_ONCE(x)		(*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile typeof(x) *)&(x) = (v))

/*
 * min and max evaluate their arguments once and insist on one type. The names
 * of their variables are numbered, so that one may stand inside another.
 */
#define PASTE2(a, b)		a##b
#define PASTE(a, b)		PASTE2(a, b)
#define MIN_MAX(a, op, b, x, y) ({ typeof(a) x = (a); typeof(b) y = (b); \
	(void)(&x == &y); x op y ? x : y; })
#define min(a, b) \
	MIN_MAX(a, <, b, PASTE(min_a, __COUNTER__), PASTE(min_b, __COUNTER__))
#define max(a, b) \
	MIN_MAX(a, >, b, PASTE(max_a, __COUNTER__), PASTE(max_b, __COUNTER__))
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define clamp(v, lo, hi)	min(max(v, lo), hi)
#define swap(a, b) \
	do { typeof(a) swap_t = (a); (a) = (b); (b) = swap_t; } while (0)

/* @to must be a power of two. */
#define ALIGN_DOWN(x, to)	((x) & ~((typeof(x))(to) - 1))
#define ALIGN_UP(x, to)		ALIGN_DOWN((x) + (typeof(x))(to) - 1, to)
#define IS_ALIGNED(x, to)	(((x) & ((typeof(x))(to) - 1)) == 0)
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define BIT(n)			(1UL << (n))

static inline bool is_power_of_2(unsigned long n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

/* Index of the lowest and highest set bit; @x must not be 0. */
static inline unsigned int bit_lowest(unsigned long x)
{
	return __builtin_ctzl(x);
}

static inline unsigned int bit_highest(unsigned long x)
{
	return 63 - __builtin_clzl(x);
}
