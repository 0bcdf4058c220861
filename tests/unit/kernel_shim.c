/*
 * What portable kernel code needs of the kernel around it: see keel/bug.h. An
 * assertion that fails ends the program; the sanitizer prints where it stood.
 */
#include <keel/bug.h>
#include <tests/unit/unit.h>

/* Print the message and end the program. */
void panic(const char *fmt, ...)
{
	va_list args;

	printf("# panic: ");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	abort();
}

/* An ASSERT that does not hold: end the program. */
void assert_failed(const char *expr, const char *file, int line,
		   const char *func)
{
	panic("%s:%d: %s: ASSERT(%s) failed", file, line, func, expr);
}

/* A WARN_ON that holds: count it, and the test fails unless it expects it. */
void warn_failed(const char *expr, const char *file, int line,
		 const char *func)
{
	unit_warnings++;
	printf("# %s:%d: %s: WARN_ON(%s)\n", file, line, func, expr);
}
