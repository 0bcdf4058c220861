/*
 * The vDSO: kernel code that runs in user mode.
 *
 * Telling the time needs no privilege: the counter can be read by anyone, and
 * what turns its count into a time lies in a page that the kernel lets every
 * process read. A call that does not enter the kernel saves most of what such
 * a question costs. Where the counter failed its test, and for clocks that
 * live in the kernel (CPU time), the functions make the system call.
 *
 * This is compiled as any shared library would be, and knows nothing of the
 * kernel but struct vdso_data. That page is mapped right in front of the
 * object, so it is found by an address relative to the code.
 *
 * Source: man 7 vdso; the names and their version are those C libraries ask
 * for.
 */
#include <arch/vdso_data.h>
#include <keel/compiler.h>
#include <uapi/errno.h>
#include <uapi/syscall.h>
#include <uapi/time.h>

#define NSEC_PER_SEC	1000000000UL
#define COARSE_NS	4000000L
/* The GDT entry whose limit is the number of the CPU; see descriptors.c. */
#define CPU_NUMBER_SELECTOR	0x7b

extern const volatile struct vdso_data vdso_data
	__attribute__((visibility("hidden")));

int __vdso_clock_gettime(int id, struct timespec *ts);
int __vdso_gettimeofday(struct timeval *tv, struct timezone *tz);
int64_t __vdso_time(int64_t *to);
long __vdso_getcpu(unsigned int *cpu, unsigned int *node, void *unused);
int __vdso_clock_getres(int id, struct timespec *ts);

static inline long syscall2(long nr, long a, long b)
{
	long ret;

	__asm__ __volatile__("syscall" : "=a"(ret)
			     : "0"(nr), "D"(a), "S"(b)
			     : "rcx", "r11", "memory");
	return ret;
}

/* Not before earlier loads are done. */
static inline uint64_t read_tsc(void)
{
	uint32_t low, high;

	__asm__ __volatile__("lfence; rdtsc" : "=a"(low), "=d"(high)
			     :: "memory");
	return low | (uint64_t)high << 32;
}

/* The monotonic or the wall clock. False: only the kernel knows. */
static inline bool read_clock(bool is_wall, uint64_t *ns)
{
	const volatile struct vdso_data *data = &vdso_data;
	uint32_t sequence;
	uint64_t count;

	do {
		while (unlikely((sequence = data->sequence) & 1))
			__builtin_ia32_pause();
		/* Loads are not reordered with loads; only the compiler is. */
		__asm__ __volatile__("" ::: "memory");
		if (unlikely(!data->tsc_is_good))
			return false;
		count = read_tsc() - data->base;
		*ns = data->base_ns +
		      (uint64_t)((unsigned __int128)count * data->mult >> 32);
		if (is_wall)
			*ns += data->real_offset_ns;
		__asm__ __volatile__("" ::: "memory");
	} while (unlikely(data->sequence != sequence));
	return true;
}

/* The clocks nobody is in a hurry for: atomic time, and the bare counter. */
static bool read_rare_clock(int id, uint64_t *ns)
{
	const volatile struct vdso_data *data = &vdso_data;
	uint32_t sequence;
	uint64_t count;

	do {
		while (unlikely((sequence = data->sequence) & 1))
			__builtin_ia32_pause();
		__asm__ __volatile__("" ::: "memory");
		if (!data->tsc_is_good)
			return false;
		count = read_tsc() - data->base;
		*ns = id == CLOCK_TAI ? data->base_ns : data->raw_ns;
		*ns += (unsigned __int128)count *
		       (id == CLOCK_TAI ? data->mult : data->raw_mult) >> 32;
		if (id == CLOCK_TAI)
			*ns += data->real_offset_ns + data->tai_offset_ns;
		__asm__ __volatile__("" ::: "memory");
	} while (unlikely(data->sequence != sequence));
	return true;
}

static inline bool is_wall_clock(int id)
{
	return id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE;
}

static inline bool is_monotonic_clock(int id)
{
	return id == CLOCK_MONOTONIC || id == CLOCK_BOOTTIME ||
	       id == CLOCK_MONOTONIC_COARSE;
}

static inline bool is_rare_clock(int id)
{
	return id == CLOCK_TAI || id == CLOCK_MONOTONIC_RAW;
}

/* Return: 0 or a negative errno; the C library makes errno of it. */
int __vdso_clock_gettime(int id, struct timespec *ts)
{
	bool is_wall = is_wall_clock(id);
	uint64_t ns;

	if (likely(is_wall || is_monotonic_clock(id))
			? likely(read_clock(is_wall, &ns))
			: is_rare_clock(id) && read_rare_clock(id, &ns)) {
		ts->tv_sec = ns / NSEC_PER_SEC;
		ts->tv_nsec = ns % NSEC_PER_SEC;
		return 0;
	}
	return syscall2(__NR_clock_gettime, id, (long)ts);
}

int __vdso_gettimeofday(struct timeval *tv, struct timezone *tz)
{
	uint64_t ns;

	if (tv) {
		if (unlikely(!read_clock(true, &ns)))
			return syscall2(__NR_gettimeofday, (long)tv, (long)tz);
		tv->tv_sec = ns / NSEC_PER_SEC;
		tv->tv_usec = ns % NSEC_PER_SEC / 1000;
	}
	if (unlikely(tz)) {
		tz->tz_minuteswest = vdso_data.minuteswest;
		tz->tz_dsttime = vdso_data.dsttime;
	}
	return 0;
}

int64_t __vdso_time(int64_t *to)
{
	int64_t now;
	uint64_t ns;

	if (unlikely(!read_clock(true, &ns)))
		return syscall2(__NR_time, (long)to, 0);
	now = ns / NSEC_PER_SEC;
	if (to)
		*to = now;
	return now;
}

/* There is one node. The answer may be stale when it arrives, as always. */
long __vdso_getcpu(unsigned int *cpu, unsigned int *node, void *unused __unused)
{
	unsigned long number;

	if (vdso_data.has_rdpid)
		__asm__ __volatile__("rdpid %0" : "=r"(number));
	else
		__asm__ __volatile__("lsl %k1, %k0" : "=r"(number)
				     : "r"(CPU_NUMBER_SELECTOR) : "cc");
	if (cpu)
		*cpu = number;
	if (node)
		*node = 0;
	return 0;
}

int __vdso_clock_getres(int id, struct timespec *ts)
{
	bool is_coarse = id == CLOCK_REALTIME_COARSE ||
			 id == CLOCK_MONOTONIC_COARSE;

	if (unlikely(!is_wall_clock(id) && !is_monotonic_clock(id) &&
		     !is_rare_clock(id)))
		return syscall2(__NR_clock_getres, id, (long)ts);
	if (ts)
		*ts = (struct timespec){ 0, is_coarse ? COARSE_NS : 1 };
	return 0;
}

int clock_gettime(int id, struct timespec *ts)
	__attribute__((weak, alias("__vdso_clock_gettime")));
int gettimeofday(struct timeval *tv, struct timezone *tz)
	__attribute__((weak, alias("__vdso_gettimeofday")));
int64_t time(int64_t *to) __attribute__((weak, alias("__vdso_time")));
long getcpu(unsigned int *cpu, unsigned int *node, void *unused)
	__attribute__((weak, alias("__vdso_getcpu")));
int clock_getres(int id, struct timespec *ts)
	__attribute__((weak, alias("__vdso_clock_getres")));
