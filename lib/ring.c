/*
 * A ring of bytes: blocks. A block that reaches over the end of the buffer is
 * copied in two parts.
 */
#include <lib/ring.h>
#include <lib/string.h>
#include <keel/bug.h>

/* Begin with an empty ring in @buffer, whose @size is a power of two. */
void ring_init(struct ring *ring, void *buffer, unsigned int size)
{
	ASSERT(is_power_of_2(size));
	*ring = (struct ring){ .buffer = buffer, .size = size };
}

/*
 * Put in what fits of @len bytes. Context: any; one producer at a time.
 * Return: how many were put in.
 */
unsigned int ring_put(struct ring *ring, const void *data, unsigned int len)
{
	unsigned int place = ring->head % ring->size, first;

	len = min(len, ring_space(ring));
	first = min(len, ring->size - place);
	memcpy(ring->buffer + place, data, first);
	memcpy(ring->buffer, (const char *)data + first, len - first);
	smp_store_release(&ring->head, ring->head + len);
	return len;
}

/*
 * Take out up to @len bytes. Context: any; one consumer at a time.
 * Return: how many were taken out.
 */
unsigned int ring_get(struct ring *ring, void *data, unsigned int len)
{
	unsigned int place = ring->tail % ring->size, first;

	len = min(len, ring_len(ring));
	first = min(len, ring->size - place);
	memcpy(data, ring->buffer + place, first);
	memcpy((char *)data + first, ring->buffer, len - first);
	smp_store_release(&ring->tail, ring->tail + len);
	return len;
}
