/*
 * A ring of bytes between one producer and one consumer.
 *
 * head counts all bytes ever put in, tail all ever taken out; both run freely
 * and wrap with the type. Their difference is the fill, and because the size
 * is a power of two, `head % size` is a place in the buffer even after they
 * wrapped. No byte is lost to tell full from empty.
 *
 *	tail = 13, head = 18, size = 8: five bytes, a to e
 *
 *	place	  0   1   2   3   4   5   6   7
 *	buffer	  d   e   .   .   .   a   b   c
 *			  ^ 18 % 8    ^ 13 % 8
 *
 * Locking: none for one producer beside one consumer, an interrupt handler and
 * a thread for instance. Each writes one counter only, and publishes it after
 * the bytes it stands for. Two producers, or two consumers, need a lock among
 * themselves.
 */
#pragma once

#include <keel/atomic.h>

struct ring {
	char *buffer;
	unsigned int size;	/* bytes, a power of two */
	unsigned int head;	/* written by the producer */
	unsigned int tail;	/* written by the consumer */
};

void ring_init(struct ring *ring, void *buffer, unsigned int size);
unsigned int ring_put(struct ring *ring, const void *data, unsigned int len);
unsigned int ring_get(struct ring *ring, void *data, unsigned int len);

/* How many bytes wait to be taken out. */
static inline unsigned int ring_len(const struct ring *ring)
{
	return smp_load_acquire(&ring->head) - smp_load_acquire(&ring->tail);
}

/* How many more bytes fit. */
static inline unsigned int ring_space(const struct ring *ring)
{
	return ring->size - ring_len(ring);
}

/* Put one byte in; false if the ring is full. For the producer. */
static inline bool ring_put_byte(struct ring *ring, char c)
{
	if (!ring_space(ring))
		return false;
	ring->buffer[ring->head % ring->size] = c;
	smp_store_release(&ring->head, ring->head + 1);
	return true;
}

/* Take one byte out; false if the ring is empty. For the consumer. */
static inline bool ring_get_byte(struct ring *ring, char *c)
{
	if (!ring_len(ring))
		return false;
	*c = ring->buffer[ring->tail % ring->size];
	smp_store_release(&ring->tail, ring->tail + 1);
	return true;
}
