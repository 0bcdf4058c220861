/*
 * assert: a statement about the program itself, checked at run time.
 *
 * Like every libc's, this header may be included again with NDEBUG changed;
 * that is why it has no #pragma once.
 */
#undef assert

#ifdef NDEBUG
#define assert(cond)	((void)0)
#else
#define assert(cond) \
	((cond) ? (void)0 : \
		  __assert_fail(#cond, __FILE__, __LINE__, __func__))
#endif

#undef static_assert
#define static_assert	_Static_assert

void __assert_fail(const char *cond, const char *file, int line,
		   const char *func) __attribute__((__noreturn__));
