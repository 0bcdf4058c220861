/*
 * The random number generator: ChaCha20 with fast key erasure.
 *
 * A key is 32 bytes. One block of its stream is 64: half of it becomes the
 * next key, so the old one is gone for good, and half is given out, or, for
 * more than 32 bytes, is the key of a stream made for this request alone.
 * Someone who later reads all of the kernel's memory cannot compute backwards.
 *
 * There is one base key, into which new randomness is mixed, and a key per CPU
 * drawn from it, so that requests share no lock. When the base key has been
 * mixed anew its generation number tells the CPUs to draw again.
 *
 * Mixing is key = first half of block(key xor input): nobody who does not know
 * the key can choose an input that makes the result worse.
 */
#include <arch/cpu.h>
#include <arch/percpu.h>
#include <arch/uaccess.h>
#include <kernel/random.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/spinlock.h>
#include <kernel/syscall.h>
#include <kernel/time.h>
#include <lib/chacha20.h>
#include <lib/string.h>
#include <uapi/random.h>

#define KEY_SIZE		CHACHA20_KEY_SIZE
#define RESEED_INTERVAL_NS	(60 * NSEC_PER_SEC)
#define JITTER_ROUNDS		512

struct cpu_key {
	uint8_t		key[KEY_SIZE];
	unsigned long	generation;	/* of the base key it was drawn from */
};

static DEFINE_SPINLOCK(base_lock, RANK_RANDOM);
static uint8_t base_key[KEY_SIZE] __guarded_by(base_lock);
static unsigned long base_generation = 1; /* [base_lock]; read by anyone */
static uint64_t reseed_at_ns __guarded_by(base_lock);

static DEFINE_PER_CPU(struct cpu_key, cpu_keys);	/* irqs off */

/* Replace @key by its successor, and give out the other half of the block. */
static void next_key(uint8_t key[KEY_SIZE], uint8_t out[KEY_SIZE])
{
	static const uint8_t nonce[12];
	uint8_t block[CHACHA20_BLOCK_SIZE];
	struct chacha20 stream;

	chacha20_init(&stream, key, nonce);
	chacha20_block(&stream, block);
	memcpy(key, block, KEY_SIZE);
	if (out)
		memcpy(out, block + KEY_SIZE, KEY_SIZE);
	memzero_explicit(block, sizeof(block));
	memzero_explicit(&stream, sizeof(stream));
}

/* Locking: base_lock. */
static void __must_hold(base_lock) mix_locked(const void *data, size_t len)
{
	const uint8_t *bytes = data;

	while (len > 0) {
		size_t part = min_t(size_t, len, KEY_SIZE);

		for (size_t i = 0; i < part; i++)
			base_key[i] ^= bytes[i];
		next_key(base_key, NULL);
		bytes += part;
		len -= part;
	}
}

/* What the machine can say by itself. Locking: base_lock. */
static void __must_hold(base_lock) mix_machine_locked(void)
{
	unsigned long words[6] = { 0 };

	for (unsigned int i = 0; i < 4; i++)
		arch_random_long(&words[i]);
	words[4] = ktime_get_ns();
	words[5] = ktime_get_real_ns();
	mix_locked(words, sizeof(words));
	memzero_explicit(words, sizeof(words));
	WRITE_ONCE(base_generation, base_generation + 1);
	WRITE_ONCE(reseed_at_ns, ktime_get_ns() + RESEED_INTERVAL_NS);
}

/*
 * Mix @data, of which something may be unpredictable, into the generator.
 * It cannot get worse by that. Context: any but NMI.
 */
void add_randomness(const void *data, size_t len)
{
	SPIN_GUARD_IRQSAVE(&base_lock);

	mix_locked(data, len);
	WRITE_ONCE(base_generation, base_generation + 1);
}

/* Mix in what the machine has to say now. Context: any but NMI. */
void reseed_random(void)
{
	SPIN_GUARD_IRQSAVE(&base_lock);

	mix_machine_locked();
}

/* Draw this CPU's key from the base key, mixed anew now and then. Irqs off. */
static void draw_cpu_key(struct cpu_key *cpu_key)
{
	spin_lock(&base_lock);
	if (ktime_get_ns() >= reseed_at_ns)
		mix_machine_locked();
	next_key(base_key, cpu_key->key);
	cpu_key->generation = base_generation;
	spin_unlock(&base_lock);
}

/* 32 bytes nobody else has seen. Context: any but NMI. */
static void draw(uint8_t out[KEY_SIZE])
{
	unsigned long flags = local_irq_save();
	struct cpu_key *cpu_key = this_cpu_ptr(&cpu_keys);

	if (cpu_key->generation != READ_ONCE(base_generation) ||
	    ktime_get_ns() >= READ_ONCE(reseed_at_ns))
		draw_cpu_key(cpu_key);
	next_key(cpu_key->key, out);
	local_irq_restore(flags);
}

/*
 * Fill @buf with random bytes, good for keys. Context: any but NMI. Never
 * fails, never waits.
 */
void get_random_bytes(void *buf, size_t len)
{
	static const uint8_t nonce[12];
	uint8_t first[KEY_SIZE], block[CHACHA20_BLOCK_SIZE], *out = buf;
	struct chacha20 stream;

	draw(first);
	if (len <= KEY_SIZE) {
		memcpy(buf, first, len);
		memzero_explicit(first, sizeof(first));
		return;
	}
	chacha20_init(&stream, first, nonce);
	while (len > 0) {
		size_t part = min_t(size_t, len, sizeof(block));

		chacha20_block(&stream, block);
		memcpy(out, block, part);
		out += part;
		len -= part;
	}
	memzero_explicit(first, sizeof(first));
	memzero_explicit(block, sizeof(block));
	memzero_explicit(&stream, sizeof(stream));
}

uint32_t get_random_u32(void)
{
	uint32_t value;

	get_random_bytes(&value, sizeof(value));
	return value;
}

uint64_t get_random_u64(void)
{
	uint64_t value;

	get_random_bytes(&value, sizeof(value));
	return value;
}

/*
 * A number below @ceiling (0 for a ceiling of 0), all with the same
 * probability: values beyond the last whole multiple are drawn again.
 */
uint64_t get_random_below(uint64_t ceiling)
{
	uint64_t value, limit;

	if (ceiling <= 1)
		return 0;
	limit = UINT64_MAX - UINT64_MAX % ceiling;
	do {
		value = get_random_u64();
	} while (value >= limit);
	return value % ceiling;
}

/*
 * Randomness of last resort: how long things take. Where the CPU has no
 * generator this is all there is besides the wall clock.
 */
static void __init mix_jitter(void)
{
	uint64_t times[32] = { 0 };

	for (unsigned int i = 0; i < JITTER_ROUNDS; i++) {
		uint64_t *slot = &times[i % ARRAY_SIZE(times)];

		*slot = (*slot << 7 | *slot >> 57) ^ ktime_get_ns();
		if (i % ARRAY_SIZE(times) == 0)
			add_randomness(times, sizeof(times));
	}
}

/* After this: random bytes are good. Needs the clock. */
void __init random_init(void)
{
	unsigned long flags;

	mix_jitter();
	flags = spin_lock_irqsave(&base_lock);
	mix_machine_locked();
	spin_unlock_irqrestore(&base_lock, flags);
}

/*
 * Give user space random bytes. Requests of more than a page may be cut short
 * by a signal, and any at memory that is not there.
 *
 * Context: process; may sleep.
 * Return:  how many bytes; -EINVAL (flags), -EFAULT.
 */
SYSCALL_DEFINE3(getrandom, char __user *, buf, size_t, len,
		unsigned int, flags)
{
	uint8_t bytes[256];
	size_t done = 0;

	if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE) ||
	    (flags & (GRND_RANDOM | GRND_INSECURE)) ==
	    (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	len = min_t(size_t, len, INT32_MAX & ~4095UL);
	while (done < len) {
		size_t part = min(len - done, sizeof(bytes)), left;

		get_random_bytes(bytes, part);
		left = copy_to_user(buf + done, bytes, part);
		done += part - left;
		if (left) {
			if (!done)
				return -EFAULT;
			break;
		}
		if (done % 4096 == 0) {
			if (signal_pending(current))
				break;
			cond_resched();
		}
	}
	memzero_explicit(bytes, sizeof(bytes));
	return done;
}
