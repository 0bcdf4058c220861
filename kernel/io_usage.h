/*
 * What a task has moved by read(2), write(2) and their kin: /proc/<pid>/io.
 *
 * Each task counts for itself, without a lock: two additions on a path that
 * every program takes all the time. The counts go to the thread group when the
 * task ends, and to the parent when the process is waited for. A reader may
 * see a call of this moment half counted.
 *
 * Bytes are those the caller got or gave, wherever they were. Of calls, each
 * that came as far as asking the file counts, whatever the file said.
 */
#pragma once

#include <keel/compiler.h>
#include <keel/types.h>

struct io_usage {
	unsigned long	read_bytes, written_bytes;
	unsigned long	read_calls, write_calls;
};

/* A call is over that returned @ret. Context: the task itself. */
static __always_inline void io_count_read(struct io_usage *io, ssize_t ret)
{
	if (likely(ret > 0))
		io->read_bytes += ret;
	io->read_calls++;
}

static __always_inline void io_count_write(struct io_usage *io, ssize_t ret)
{
	if (likely(ret > 0))
		io->written_bytes += ret;
	io->write_calls++;
}

static inline void io_usage_add(struct io_usage *sum, const struct io_usage *io)
{
	sum->read_bytes += READ_ONCE(io->read_bytes);
	sum->written_bytes += READ_ONCE(io->written_bytes);
	sum->read_calls += READ_ONCE(io->read_calls);
	sum->write_calls += READ_ONCE(io->write_calls);
}
