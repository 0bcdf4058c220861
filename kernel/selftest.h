/*
 * Tests that need the inside of the kernel.
 *
 * tests/kernel/ is linked into the part of the image that is given back after
 * the boot, and runs at its end if the command line says keel.selftest=all or
 * names what to run (a part of a name). Results go to the second serial port
 * as TAP. After them the machine powers off.
 *
 *	KERNEL_TEST(xarray_survives_no_memory)
 *	{
 *		EXPECT_EQ(xa_load(&xa, 1), NULL);
 *	}
 */
#pragma once

#include <keel/bug.h>

struct kernel_test {
	const char	*name;
	void		(*run)(void);
};

#define KERNEL_TEST(test) \
	static void test_##test(void); \
	static const struct kernel_test kernel_test_##test __used \
		__section("selftests") __aligned(8) = { #test, test_##test }; \
	static void test_##test(void)

/* A failure is noted and the test goes on; it returns whether it held. */
bool selftest_check(bool ok, const char *what, const char *file, int line);

#define EXPECT(cond)	selftest_check(cond, #cond, __FILE__, __LINE__)
#define EXPECT_EQ(a, b)	selftest_check((a) == (b), #a " == " #b, \
				       __FILE__, __LINE__)

void selftests_run(void);
