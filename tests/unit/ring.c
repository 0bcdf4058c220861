/*
 * The byte ring: against a counter, across the wrap of its counters, and
 * between two threads.
 */
#include <lib/ring.h>
#include <lib/string.h>
#include <tests/unit/unit.h>

static char nth_byte(uint64_t n)
{
	return n * 0x9e3779b97f4a7c15UL >> 56;
}

static void keeps_bytes_in_order(void)
{
	struct ring ring;
	char buffer[16], block[40];
	uint64_t put = 0, got = 0;

	ring_init(&ring, buffer, sizeof(buffer));
	ring.head = ring.tail = -100U;	/* the counters wrap on the way */
	for (int round = 0; round < 20000; round++) {
		unsigned int len = unit_random_below(sizeof(block)), n;

		CHECK_EQ(ring_len(&ring), put - got);
		CHECK_EQ(ring_space(&ring), 16 - (put - got));
		if (round % 2) {
			for (unsigned int i = 0; i < len; i++)
				block[i] = nth_byte(put + i);
			n = ring_put(&ring, block, len);
			CHECK_EQ(n, min(len, 16 - (unsigned int)(put - got)));
			put += n;
		} else {
			n = ring_get(&ring, block, len);
			CHECK_EQ(n, min(len, (unsigned int)(put - got)));
			for (unsigned int i = 0; i < n; i++)
				CHECK_EQ(block[i], nth_byte(got + i));
			got += n;
		}
	}
}

static void is_full_and_empty_to_the_byte(void)
{
	struct ring ring;
	char buffer[4], c;

	ring_init(&ring, buffer, sizeof(buffer));
	CHECK(!ring_get_byte(&ring, &c));
	for (char i = 0; i < 4; i++)
		CHECK(ring_put_byte(&ring, i));
	CHECK(!ring_put_byte(&ring, 9));
	for (char i = 0; i < 4; i++)
		CHECK(ring_get_byte(&ring, &c) && c == i);
	CHECK(!ring_get_byte(&ring, &c));
}

#define NR_BYTES	300000

static void *produce(void *arg)
{
	struct ring *ring = arg;

	for (uint64_t n = 0; n < NR_BYTES;)
		n += ring_put_byte(ring, nth_byte(n));
	return NULL;
}

static void works_between_two_threads(void)
{
	struct ring ring;
	char buffer[64], block[10];
	uint64_t got = 0;
	void *producer;

	ring_init(&ring, buffer, sizeof(buffer));
	producer = host_thread_start(produce, &ring);
	while (got < NR_BYTES) {
		unsigned int n = ring_get(&ring, block, sizeof(block));

		for (unsigned int i = 0; i < n; i++)
			CHECK_EQ(block[i], nth_byte(got + i));
		got += n;
	}
	host_thread_join(producer);
	CHECK_EQ(ring_len(&ring), 0);
}

UNIT_MAIN(
	UNIT_TEST(keeps_bytes_in_order),
	UNIT_TEST(is_full_and_empty_to_the_byte),
	UNIT_TEST(works_between_two_threads),
)
