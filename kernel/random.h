/*
 * Random numbers: one ChaCha20 key, and a stream of it for each CPU.
 *
 * At boot the key is made from the CPU's generator where there is one, and
 * from the jitter of the clock. Every request runs on a key of its own and
 * overwrites it, so that what was given out cannot be computed from what the
 * kernel holds later. Any context; never blocks, never fails.
 */
#pragma once

#include <keel/compiler.h>

void get_random_bytes(void *buf, size_t len);
uint32_t get_random_u32(void);
uint64_t get_random_u64(void);
uint64_t get_random_below(uint64_t ceiling);
void add_randomness(const void *data, size_t len);
void reseed_random(void);

/* Bits of the key nobody can guess: what counts as entropy. */
#define RANDOM_BITS	256

void random_init(void);
