/*
 * Random numbers of both kinds.
 *
 * rand and random are a sequence that the seed determines: good for tests
 * and games. getrandom asks the kernel and is what a secret needs.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

#include "syscall.h"

static uint64_t state = 1;

void srandom(unsigned seed)
{
	state = seed;
}

/*
 * The next number of the sequence, 0 to RAND_MAX.
 *
 * A linear congruential generator with Knuth's 64-bit constants (MMIX); its
 * low bits repeat soon, so the result is taken from the top.
 */
long random(void)
{
	state = state * 6364136223846793005UL + 1442695040888963407UL;
	return (long)(state >> 33);
}

void srand(unsigned seed)
{
	srandom(seed);
}

int rand(void)
{
	return (int)random();
}

ssize_t getrandom(void *dst, size_t n, unsigned flags)
{
	return SYSCALL(sys3(__NR_getrandom, (long)dst, (long)n, flags));
}
