/*
 * /dev/random and /dev/urandom: the generator of kernel/random.c as a file.
 *
 * Both are the same: the generator is good from before the first program runs,
 * so that neither waits. What is written is mixed in, which can make nothing
 * worse. The ioctls are from the time when a kernel counted what it thought it
 * had gathered and what it had given away. Here the count is what the key
 * holds, always; who has randomness to add is served, claims about it change
 * nothing, and to forget what is known is to mix in something new.
 *
 * Source: man 4 random.
 */
#include <drivers/char/mem.h>

#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/file.h>
#include <fs/iov_iter.h>
#include <fs/poll.h>
#include <kernel/cred.h>
#include <kernel/random.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <lib/string.h>
#include <uapi/random.h>

/* Between looks at signals and at who else wants the CPU. */
#define CHUNK	4096

static ssize_t random_read(struct kiocb *iocb __unused, struct iov_iter *to)
{
	bool asked = iov_iter_count(to);
	uint8_t bytes[256];
	ssize_t done = 0;

	while (iov_iter_count(to)) {
		size_t want = min(iov_iter_count(to), sizeof(bytes)), n;

		get_random_bytes(bytes, want);
		n = copy_to_iter(bytes, want, to);
		done += n;
		if (n < want)
			break;
		if (done % CHUNK == 0) {
			if (signal_pending(current))
				break;
			cond_resched();
		}
	}
	memzero_explicit(bytes, sizeof(bytes));
	return done || !asked ? done : -EFAULT;
}

static ssize_t mix_in(struct iov_iter *from)
{
	bool asked = iov_iter_count(from);
	uint8_t bytes[256];
	ssize_t done = 0;

	while (iov_iter_count(from)) {
		size_t want = min(iov_iter_count(from), sizeof(bytes));
		size_t n = copy_from_iter(bytes, want, from);

		add_randomness(bytes, n);
		done += n;
		if (n < want)
			break;
		if (done % CHUNK == 0) {
			if (signal_pending(current))
				break;
			cond_resched();
		}
	}
	memzero_explicit(bytes, sizeof(bytes));
	return done || !asked ? done : -EFAULT;
}

static ssize_t random_write(struct kiocb *iocb __unused, struct iov_iter *from)
{
	return mix_in(from);
}

/* A struct rand_pool_info: two ints, bits claimed and bytes, and the bytes. */
static long add_entropy(int __user *info)
{
	struct iov_iter iter;
	int bits, len;

	if (get_user(bits, info))
		return -EFAULT;
	if (bits < 0)
		return -EINVAL;
	if (get_user(len, info + 1) || len < 0)
		return -EFAULT;
	iov_iter_ubuf(&iter, ITER_SOURCE, info + 2, len);
	return mix_in(&iter) == len ? 0 : -EFAULT;
}

static long claim_entropy(int __user *user_bits)
{
	int bits;

	if (get_user(bits, user_bits))
		return -EFAULT;
	return bits < 0 ? -EINVAL : 0;
}

static long random_ioctl(struct file *file __unused, unsigned int cmd,
			 unsigned long arg)
{
	int __user *user = (int __user *)arg;

	switch (cmd) {
	case RNDGETENTCNT:
		return put_user(RANDOM_BITS, user);
	case RNDADDTOENTCNT:
	case RNDADDENTROPY:
	case RNDZAPENTCNT:
	case RNDCLEARPOOL:
	case RNDRESEEDCRNG:
		break;
	default:
		return -EINVAL;
	}
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (cmd == RNDADDENTROPY)
		return add_entropy(user);
	if (cmd == RNDADDTOENTCNT)
		return claim_entropy(user);
	reseed_random();
	return 0;
}

/* Ready to be written means short of randomness, and that it never is. */
static unsigned int random_poll(struct file *file __unused,
				struct poll_table *pt __unused)
{
	return POLLIN | POLLRDNORM;
}

const struct file_ops random_ops = {
	.llseek = noop_llseek,
	.read_iter = random_read,
	.write_iter = random_write,
	.poll = random_poll,
	.ioctl = random_ioctl,
};

/* Always ready for both. */
const struct file_ops urandom_ops = {
	.llseek = noop_llseek,
	.read_iter = random_read,
	.write_iter = random_write,
	.ioctl = random_ioctl,
};
