/*
 * The ring of log records: any context writes, nobody waits.
 *
 * There are two rings. Descriptors are a fixed array in which record number
 * `seq` has the place seq % LOG_RECORDS; text is a ring of bytes addressed by
 * positions that only grow. A writer takes a number and a stretch of text by
 * one atomic addition each, so writers never wait for each other, not even for
 * one they interrupted. It fills in the text, then the descriptor, and marks
 * this complete.
 *
 * A reader copies first and checks afterwards that the descriptor still is
 * the one it wanted and that nobody has taken its text since; otherwise the
 * record is too old and it goes on with the next. An unfinished record ends
 * the reading for now.
 *
 * A writer held up in the middle while others fill the whole ring would see
 * its text mixed with theirs: that costs a line its sense, and nothing else.
 */
#include <arch/current.h>
#include <kernel/printk.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/printf.h>
#include <lib/string.h>

#include "log_internal.h"

#define LOG_RECORDS	1024
#define LOG_TEXT_SIZE	(64 * 1024UL)

/* Complete, or being written: what descriptor.state says about record @seq. */
#define STATE_DONE(seq)		(((seq) + 1) << 1)
#define STATE_BUSY(seq)		(STATE_DONE(seq) | 1)

struct log_descriptor {
	uint64_t		state;
	uint64_t		text_pos;
	struct log_record	record;
};

static struct log_descriptor descriptors[LOG_RECORDS];
static char log_text[LOG_TEXT_SIZE];
static atomic_long_t next_seq;
static atomic_long_t text_head;

static uint64_t current_text_head(void)
{
	return (uint64_t)atomic_long_read(&text_head);
}

/* The number the next record will have. */
uint64_t log_next_seq(void)
{
	return (uint64_t)atomic_long_read(&next_seq);
}

size_t log_buffer_size(void)
{
	return LOG_TEXT_SIZE;
}

static void text_copy_in(uint64_t pos, const char *text, size_t len)
{
	size_t start = pos % LOG_TEXT_SIZE;
	size_t part = min_t(size_t, len, LOG_TEXT_SIZE - start);

	memcpy(log_text + start, text, part);
	memcpy(log_text, text + part, len - part);
}

static void text_copy_out(uint64_t pos, char *text, size_t len)
{
	size_t start = pos % LOG_TEXT_SIZE;
	size_t part = min_t(size_t, len, LOG_TEXT_SIZE - start);

	memcpy(text, log_text + start, part);
	memcpy(text + part, log_text, len - part);
}

static uint32_t caller_id(void)
{
	if (in_task())
		return current->pid;
	return 0x80000000 + smp_processor_id();
}

/*
 * Append a record; text beyond LOG_LINE_MAX is cut. Readers are not woken and
 * nothing is shown: printk() sees to that.
 *
 * Context: any.
 */
void log_append(unsigned int level, unsigned int facility, const char *text,
		size_t len)
{
	struct log_descriptor *desc;
	uint64_t seq, pos;

	len = min_t(size_t, len, LOG_LINE_MAX);
	/* Text first: taking it is what tells readers its old owner is gone. */
	pos = atomic_long_fetch_add(len, &text_head);
	seq = atomic_long_fetch_add(1, &next_seq);
	desc = &descriptors[seq % LOG_RECORDS];
	WRITE_ONCE(desc->state, STATE_BUSY(seq));
	smp_wmb();
	text_copy_in(pos, text, len);
	desc->text_pos = pos;
	desc->record = (struct log_record){
		.seq = seq,
		.time_ns = ktime_get_ns(),
		.level = level,
		.facility = facility,
		.caller = caller_id(),
		.len = len,
	};
	smp_store_release(&desc->state, STATE_DONE(seq));
}

/* True if record @seq was there, whole, during all of the copying. */
static bool read_record(uint64_t seq, struct log_record *record, char *text,
			size_t size)
{
	struct log_descriptor *desc = &descriptors[seq % LOG_RECORDS];
	uint64_t pos;

	if (smp_load_acquire(&desc->state) != STATE_DONE(seq))
		return false;
	*record = desc->record;
	pos = desc->text_pos;
	if (record->len > LOG_LINE_MAX)
		return false;
	text_copy_out(pos, text, min_t(size_t, size, record->len));
	smp_rmb();
	return READ_ONCE(desc->state) == STATE_DONE(seq) &&
	       current_text_head() - pos <= LOG_TEXT_SIZE;
}

/* Whether @seq may still become readable if we wait. */
static bool is_unfinished(uint64_t seq)
{
	struct log_descriptor *desc = &descriptors[seq % LOG_RECORDS];

	return READ_ONCE(desc->state) <= STATE_BUSY(seq) &&
	       READ_ONCE(desc->state) != STATE_DONE(seq);
}

/*
 * Read the record with number *@seq or, if it is gone, the oldest one after
 * it, whose number is in @record. At most @size bytes of its text go to @text
 * (no terminator). *@seq moves on to the record after it.
 *
 * Context: any.
 * Return: the number of bytes of text, or -EAGAIN if there is no such record
 * yet; *@seq is then the one to wait for.
 */
ssize_t log_read(uint64_t *seq, struct log_record *record, char *text,
		 size_t size)
{
	for (;;) {
		uint64_t next = log_next_seq();

		if (next > LOG_RECORDS && *seq < next - LOG_RECORDS)
			*seq = next - LOG_RECORDS;
		if (*seq >= next)
			return -EAGAIN;
		if (read_record(*seq, record, text, size)) {
			++*seq;
			return min_t(size_t, size, record->len);
		}
		/* Its writer may be what a panic has stopped for ever. */
		if (is_unfinished(*seq) && !log_is_final())
			return -EAGAIN;
		++*seq;
	}
}

/* The number of the oldest record that can be read, or the next one's. */
uint64_t log_first_seq(void)
{
	struct log_record record;
	uint64_t seq = 0;

	if (log_read(&seq, &record, NULL, 0) < 0)
		return seq;
	return record.seq;
}

/*
 * Write @record as a line of dmesg, "<6>[    1.234567] text\n", the level only
 * if @with_level. Return: the number of bytes in @out, not terminated.
 */
size_t log_format_line(const struct log_record *record, const char *text,
		       char *out, size_t size, bool with_level)
{
	size_t len = 0, part;

	if (with_level)
		len = scnprintf(out, size, "<%u>",
				record->facility << 3 | record->level);
	len += scnprintf(out + len, size - len, "[%5llu.%06llu] ",
			 record->time_ns / 1000000000ULL,
			 record->time_ns / 1000 % 1000000ULL);
	part = min_t(size_t, record->len, size - len - 1);
	memcpy(out + len, text, part);
	len += part;
	out[len++] = '\n';
	return len;
}
