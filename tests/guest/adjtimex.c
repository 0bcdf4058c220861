/* Steering the wall clock: adjtimex, clock_adjtime. */
#include "test.h"

#include <poll.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>

#define SEC		1000000000LL
#define PPM		65536L
#define PHASE_LIMIT	16000000L	/* the largest maxerror, in us */

static int64_t ns_of(struct timespec ts)
{
	return ts.tv_sec * SEC + ts.tv_nsec;
}

/* By the system call, not by the vDSO. */
static int64_t now(clockid_t clock)
{
	struct timespec ts;

	OK(syscall(SYS_clock_gettime, clock, &ts));
	return ns_of(ts);
}

static int64_t vdso_now(clockid_t clock)
{
	struct timespec ts;

	OK(clock_gettime(clock, &ts));
	return ns_of(ts);
}

/* The system call itself: the library gives some modes a life of their own. */
static int adjust(struct timex *tx)
{
	return syscall(SYS_adjtimex, tx);
}

static struct timex state(void)
{
	struct timex tx = { .modes = 0 };

	OK(adjust(&tx));
	return tx;
}

static int set(struct timex tx)
{
	return OK(adjust(&tx));
}

static void set_status(int status)
{
	set((struct timex){ .modes = ADJ_STATUS, .status = status });
}

/*
 * No error, and @status. A clock at the limit of its error would be called
 * unsynchronised again when the next second begins.
 */
static int synchronise(int status)
{
	return set((struct timex){ .modes = ADJ_STATUS | ADJ_MAXERROR,
				   .status = status, .maxerror = 0 });
}

/* As at boot, however the last test left it. */
static void reset(void)
{
	/* Setting the clock forgets every offset that is still to go. */
	set((struct timex){ .modes = ADJ_SETOFFSET });
	set_status(STA_PLL);
	set_status(0);
	set((struct timex){
		.modes = ADJ_FREQUENCY | ADJ_TICK | ADJ_MICRO, .tick = 10000 });
	set((struct timex){ .modes = ADJ_TAI, .constant = 0 });
	set((struct timex){ .modes = ADJ_TIMECONST, .constant = 2 });
	set_status(STA_UNSYNC);
}

TEST(anyone_may_read)
{
	pid_t pid;

	reset();
	IN_CHILD(pid) {
		struct timex tx = { .modes = 0 };
		struct timeval tv;

		become_user(1000, 1000);
		EXPECT_EQ(adjust(&tx), TIME_ERROR);
		EXPECT_EQ(tx.status, STA_UNSYNC);
		EXPECT_EQ(tx.offset, 0);
		EXPECT_EQ(tx.freq, 0);
		EXPECT_EQ(tx.constant, 6);
		EXPECT_EQ(tx.precision, 1);
		EXPECT_EQ(tx.tolerance, 500 * PPM);
		EXPECT_EQ(tx.tick, 10000);
		EXPECT_EQ(tx.tai, 0);
		EXPECT_EQ(tx.maxerror, PHASE_LIMIT);
		EXPECT_EQ(tx.esterror, PHASE_LIMIT);
		EXPECT_EQ(tx.ppsfreq | tx.jitter | tx.shift | tx.stabil |
			  tx.jitcnt | tx.calcnt | tx.errcnt | tx.stbcnt, 0);
		OK(gettimeofday(&tv, NULL));
		EXPECT(tv.tv_sec - tx.time.tv_sec <= 10);
		EXPECT(tx.time.tv_usec >= 0 && tx.time.tv_usec < 1000000);
		EXPECT_EQ(OK(clock_adjtime(CLOCK_REALTIME, &tx)), TIME_ERROR);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(changing_takes_a_privilege)
{
	pid_t pid;

	IN_CHILD(pid) {
		struct timex tx = { .modes = ADJ_MAXERROR };

		become_user(1000, 1000);
		EXPECT_ERR(adjust(&tx), EPERM);
		EXPECT_ERR(clock_adjtime(CLOCK_REALTIME, &tx), EPERM);
		/* A bit that means nothing is still a wish to change. */
		tx.modes = 0x0400;
		EXPECT_ERR(adjust(&tx), EPERM);
		tx.modes = ADJ_TICK;
		tx.tick = 1;
		EXPECT_ERR(adjust(&tx), EPERM);
		tx.modes = ADJ_OFFSET_SINGLESHOT;
		EXPECT_ERR(adjust(&tx), EPERM);
		tx.modes = ADJ_OFFSET_SS_READ;
		EXPECT_EQ(OK(adjust(&tx)), TIME_ERROR);
		/* A singleshot may hide a wish to step. */
		tx.modes = ADJ_OFFSET_SS_READ | ADJ_SETOFFSET;
		EXPECT_ERR(adjust(&tx), EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(what_is_not_valid_is_refused)
{
	struct timex tx = { .modes = ADJ_TICK, .tick = 8999 };

	reset();
	EXPECT_ERR(adjust(&tx), EINVAL);
	tx.tick = 11001;
	EXPECT_ERR(adjust(&tx), EINVAL);
	tx = (struct timex){ .modes = 0x8000 };
	EXPECT_ERR(adjust(&tx), EINVAL);
	tx.modes = 0xa000;
	EXPECT_ERR(adjust(&tx), EINVAL);
	tx = (struct timex){ .modes = ADJ_FREQUENCY };
	tx.freq = INT64_MAX / 65536000 + 1;
	EXPECT_ERR(adjust(&tx), EINVAL);
	tx.freq = INT64_MIN / 65536000 - 1;
	EXPECT_ERR(adjust(&tx), EINVAL);
	tx = (struct timex){ .modes = ADJ_SETOFFSET };
	tx.time.tv_usec = -1;
	EXPECT_ERR(adjust(&tx), EINVAL);
	tx.time.tv_usec = 1000000;
	EXPECT_ERR(adjust(&tx), EINVAL);
	tx.modes |= ADJ_NANO;
	tx.time.tv_usec = SEC;
	EXPECT_ERR(adjust(&tx), EINVAL);
	/* Not before the machine was started. */
	tx = (struct timex){ .modes = ADJ_SETOFFSET };
	tx.time.tv_sec = -time(NULL);
	EXPECT_ERR(adjust(&tx), EINVAL);
	EXPECT_ERR(syscall(SYS_adjtimex, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_adjtimex, (void *)-1), EFAULT);
	EXPECT_EQ(state().tick, 10000);
}

TEST(only_the_wall_clock_can_be_adjusted)
{
	struct timex tx = { .modes = 0 };

	EXPECT_ERR(clock_adjtime(CLOCK_MONOTONIC, &tx), EOPNOTSUPP);
	EXPECT_ERR(clock_adjtime(CLOCK_TAI, &tx), EOPNOTSUPP);
	EXPECT_ERR(clock_adjtime(CLOCK_REALTIME_COARSE, &tx), EOPNOTSUPP);
	EXPECT_ERR(clock_adjtime(CLOCK_PROCESS_CPUTIME_ID, &tx), EOPNOTSUPP);
	EXPECT_ERR(clock_adjtime(-6, &tx), EOPNOTSUPP);
	EXPECT_ERR(clock_adjtime(10, &tx), EINVAL);
	EXPECT_ERR(clock_adjtime(99, &tx), EINVAL);
	/* A clock behind a descriptor that is none. */
	EXPECT_ERR(clock_adjtime((~9999 << 3) | 3, &tx), EINVAL);
	EXPECT_ERR(syscall(SYS_clock_adjtime, CLOCK_MONOTONIC, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_clock_adjtime, 99, NULL), EFAULT);
}

TEST(status_bits_that_are_the_kernels_stay)
{
	reset();
	/* Who has steered the clock says so, and the error goes away. */
	EXPECT_EQ(synchronise(0), TIME_OK);
	EXPECT_EQ(state().status, 0);
	set_status(STA_PLL | STA_FREQHOLD | STA_NANO | STA_CLOCKERR | STA_MODE);
	EXPECT_EQ(state().status, STA_PLL | STA_FREQHOLD);
	set((struct timex){ .modes = ADJ_NANO });
	EXPECT_EQ(state().status, STA_PLL | STA_FREQHOLD | STA_NANO);
	EXPECT(state().time.tv_usec < SEC);
	set_status(STA_PLL);
	EXPECT_EQ(state().status, STA_PLL | STA_NANO);
	set((struct timex){ .modes = ADJ_MICRO });
	EXPECT_EQ(state().status, STA_PLL);
	EXPECT_EQ(synchronise(0), TIME_OK);
	EXPECT_EQ(state().status, 0);
	reset();
}

TEST(errors_and_constants_are_kept)
{
	reset();
	set((struct timex){ .modes = ADJ_ESTERROR, .esterror = 1234 });
	EXPECT_EQ(state().esterror, 1234);
	set((struct timex){ .modes = ADJ_MAXERROR, .maxerror = 1000000 });
	/* It grows by 500 us in each second. */
	EXPECT(state().maxerror >= 1000000);
	EXPECT_EQ((state().maxerror - 1000000) % 500, 0);
	EXPECT(state().maxerror < PHASE_LIMIT);
	set((struct timex){ .modes = ADJ_TIMECONST, .constant = 3 });
	EXPECT_EQ(state().constant, 7);
	set((struct timex){ .modes = ADJ_TIMECONST, .constant = 9 });
	EXPECT_EQ(state().constant, 10);
	set((struct timex){ .modes = ADJ_TIMECONST | ADJ_NANO, .constant = 3 });
	EXPECT_EQ(state().constant, 3);
	set((struct timex){ .modes = ADJ_TIMECONST, .constant = -9 });
	EXPECT_EQ(state().constant, 0);
	reset();
}

TEST(the_possible_error_grows_with_time)
{
	struct timex tx;

	reset();
	set((struct timex){ .modes = ADJ_STATUS | ADJ_MAXERROR,
			    .status = 0, .maxerror = 1000 });
	do {
		usleep(50000);
		tx = state();
	} while (tx.maxerror < 2000);
	EXPECT_EQ(tx.maxerror, 2000);
	EXPECT_EQ(tx.status, 0);
	/* At the limit nobody would call it synchronised. */
	set((struct timex){ .modes = ADJ_MAXERROR,
			    .maxerror = PHASE_LIMIT - 100 });
	do {
		usleep(50000);
		tx = state();
	} while (!(tx.status & STA_UNSYNC));
	EXPECT_EQ(tx.maxerror, PHASE_LIMIT);
	EXPECT_EQ(OK(adjust(&tx)), TIME_ERROR);
	reset();
}

TEST(frequency_is_clamped)
{
	struct timex tx = { .modes = ADJ_FREQUENCY, .freq = 100 * PPM };

	reset();
	OK(adjust(&tx));
	EXPECT_EQ(tx.freq, 100 * PPM);
	tx.freq = -33 * PPM - 7;
	OK(adjust(&tx));
	EXPECT_EQ(state().freq, -33 * PPM - 7);
	tx.freq = 501 * PPM;
	OK(adjust(&tx));
	EXPECT_EQ(state().freq, 500 * PPM);
	tx.freq = -9999 * PPM;
	OK(adjust(&tx));
	EXPECT_EQ(state().freq, -500 * PPM);
	reset();
}

/* ---- time that really goes faster ---------------------------------------- */

/* A moment by two clocks; several tries, since we may be interrupted. */
static void read_both(clockid_t clock, int64_t *bent, int64_t *raw)
{
	int64_t best = INT64_MAX;

	for (int i = 0; i < 20; i++) {
		int64_t a = now(CLOCK_MONOTONIC_RAW);
		int64_t b = now(clock);
		int64_t c = now(CLOCK_MONOTONIC_RAW);

		if (c - a < best) {
			best = c - a;
			*bent = b;
			*raw = a + best / 2;
		}
	}
}

static void nap(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	OK(nanosleep(&ts, NULL));
}

/* By how much @clock is faster than the counter, in millionths. */
static long measured_ppm(clockid_t clock)
{
	int64_t bent1, raw1, bent2, raw2;

	read_both(clock, &bent1, &raw1);
	nap(300);
	read_both(clock, &bent2, &raw2);
	return ((bent2 - bent1) - (raw2 - raw1)) * 1000000 / (raw2 - raw1);
}

static void expect_ppm(long wanted)
{
	static const clockid_t clocks[] = {
		CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME, CLOCK_TAI,
	};

	for (size_t i = 0; i < ARRAY_SIZE(clocks); i++) {
		long got = measured_ppm(clocks[i]);

		if (got < wanted - 20000 || got > wanted + 20000)
			FAIL("clock %d: %ld ppm, not %ld", clocks[i], got,
			     wanted);
	}
}

TEST(the_clocks_follow_the_tick)
{
	reset();
	set((struct timex){ .modes = ADJ_TICK, .tick = 11000 });
	expect_ppm(100000);
	set((struct timex){ .modes = ADJ_TICK, .tick = 9000 });
	expect_ppm(-100000);
	reset();
	expect_ppm(0);
}

/* Whatever is done to the rate, on whatever CPU, by whatever way of asking. */
TEST(no_change_of_rate_turns_time_back)
{
	pid_t pid;
	int64_t last = 0;

	reset();
	IN_CHILD(pid) {
		for (int i = 0; i < 2000; i++)
			set((struct timex){ .modes = ADJ_TICK,
				.tick = i % 2 ? 9000 : 11000 });
	}
	while (OK(waitpid(pid, NULL, WNOHANG)) == 0) {
		for (int i = 0; i < 500; i++) {
			int64_t t = i % 2 ? vdso_now(CLOCK_MONOTONIC)
					  : now(CLOCK_MONOTONIC);

			if (t < last)
				FAIL("it went back by %ld ns",
				     (long)(last - t));
			last = t;
		}
	}
	reset();
}

TEST(a_sleep_is_measured_by_the_bent_clock)
{
	static const long ticks[] = { 9000, 11000 };
	struct timespec ts;

	reset();
	for (size_t i = 0; i < ARRAY_SIZE(ticks); i++) {
		int64_t end = now(CLOCK_MONOTONIC) + SEC / 4;

		ts = (struct timespec){ end / SEC, end % SEC };
		set((struct timex){ .modes = ADJ_TICK, .tick = ticks[i] });
		EXPECT_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts,
					  NULL), 0);
		EXPECT(now(CLOCK_MONOTONIC) >= end);
		EXPECT(vdso_now(CLOCK_MONOTONIC) >= end);
	}
	reset();
}

/* ---- offsets ------------------------------------------------------------- */

/* What is left of an adjtime(3), and what was, if it is given a new value. */
static long left_of_singleshot(void)
{
	struct timex tx = { .modes = ADJ_OFFSET_SS_READ };

	OK(adjust(&tx));
	return tx.offset;
}

TEST(a_singleshot_is_slewed_at_500_ppm)
{
	int64_t mono1, raw1, mono2, raw2;
	struct timex tx = { .modes = ADJ_OFFSET_SINGLESHOT, .offset = 1200 };
	time_t second;
	long left;

	reset();
	EXPECT_EQ(left_of_singleshot(), 0);
	read_both(CLOCK_MONOTONIC, &mono1, &raw1);
	OK(adjust(&tx));
	EXPECT_EQ(tx.offset, 0);	/* the former one */
	EXPECT_EQ(state().offset, 0);	/* is something else */
	/* It goes down by 500 us with each second that begins. */
	while ((left = left_of_singleshot())) {
		EXPECT(left == 1200 || left == 700 || left == 200);
		nap(50);
	}
	/* The last of it is spread over this second. */
	second = now(CLOCK_REALTIME) / SEC;
	while (now(CLOCK_REALTIME) / SEC == second)
		nap(20);
	nap(50);
	read_both(CLOCK_MONOTONIC, &mono2, &raw2);
	left = (mono2 - mono1) - (raw2 - raw1);
	if (left < 1100000 || left > 1300000)
		FAIL("slewed by %ld ns", left);
	reset();
}

TEST(a_singleshot_gives_way_to_the_next)
{
	struct timex tx = { .modes = ADJ_OFFSET_SINGLESHOT, .offset = 100000 };

	reset();
	OK(adjust(&tx));
	EXPECT(left_of_singleshot() >= 90000);
	tx.offset = -40000;
	OK(adjust(&tx));
	EXPECT(tx.offset >= 90000 && tx.offset <= 100000);
	EXPECT(left_of_singleshot() <= -30000);
	/* Setting the clock ends it. */
	set((struct timex){ .modes = ADJ_SETOFFSET });
	EXPECT_EQ(left_of_singleshot(), 0);
	reset();
}

TEST(an_offset_is_worked_off_by_the_loop)
{
	struct timex tx;

	reset();
	/* Without the loop it is not taken. */
	set((struct timex){ .modes = ADJ_OFFSET, .offset = 1000 });
	EXPECT_EQ(state().offset, 0);
	set_status(STA_PLL);
	set((struct timex){ .modes = ADJ_NANO | ADJ_TIMECONST, .constant = 0 });
	set((struct timex){ .modes = ADJ_OFFSET, .offset = 100000000 });
	tx = state();
	EXPECT(tx.offset > 10000000 && tx.offset <= 100000000);
	/* A quarter of what is left in each second. */
	do {
		nap(50);
		tx = state();
	} while (tx.offset > 60000000);
	EXPECT(tx.offset > 20000000);
	set((struct timex){ .modes = ADJ_MICRO });
	EXPECT(state().offset <= 60000);
	/* No more than half a second is believed. */
	set((struct timex){ .modes = ADJ_OFFSET, .offset = 900000 });
	EXPECT(state().offset <= 500000);
	reset();
	EXPECT_EQ(state().offset, 0);
}

TEST(a_step_moves_the_wall_clock_only)
{
	struct timex tx = { .modes = ADJ_SETOFFSET };
	int64_t wall, mono, step;

	reset();
	set_status(0);
	mono = now(CLOCK_MONOTONIC);
	wall = now(CLOCK_REALTIME);
	tx.time.tv_sec = 1000;
	tx.time.tv_usec = 500000;
	EXPECT_EQ(OK(adjust(&tx)), TIME_ERROR);
	step = (now(CLOCK_REALTIME) - wall) - (now(CLOCK_MONOTONIC) - mono);
	EXPECT(step > 1000 * SEC && step < 1001 * SEC);
	EXPECT(vdso_now(CLOCK_REALTIME) >= wall + 1000 * SEC);
	/* Who steps it does not know how good it is now. */
	EXPECT_EQ(state().status, STA_UNSYNC);
	EXPECT_EQ(state().maxerror, PHASE_LIMIT);
	/* Back: minus 1001 seconds and half a second more. */
	tx = (struct timex){ .modes = ADJ_SETOFFSET | ADJ_NANO };
	tx.time.tv_sec = -1001;
	tx.time.tv_usec = SEC / 2;
	OK(adjust(&tx));
	step = (now(CLOCK_REALTIME) - wall) - (now(CLOCK_MONOTONIC) - mono);
	EXPECT(step > -SEC / 10 && step < SEC / 10);
	reset();
}

TEST(setting_the_clock_forgets_what_steered_it)
{
	struct timespec ts;

	reset();
	set_status(STA_PLL);
	set((struct timex){ .modes = ADJ_MAXERROR | ADJ_ESTERROR,
			    .maxerror = 10, .esterror = 10 });
	set((struct timex){ .modes = ADJ_OFFSET | ADJ_FREQUENCY,
			    .offset = 100000, .freq = 7 * PPM });
	OK(clock_gettime(CLOCK_REALTIME, &ts));
	OK(clock_settime(CLOCK_REALTIME, &ts));
	EXPECT_EQ(state().status, STA_PLL | STA_UNSYNC);
	EXPECT_EQ(state().maxerror, PHASE_LIMIT);
	EXPECT_EQ(state().esterror, PHASE_LIMIT);
	EXPECT_EQ(state().offset, 0);
	/* But not how fast the counter is. */
	EXPECT(state().freq != 0);
	reset();
}

TEST(a_step_cancels_timers_that_asked_for_it)
{
	struct itimerspec far = { .it_value = { time(NULL) + 100000, 0 } };
	int fd = OK(timerfd_create(CLOCK_REALTIME, 0));
	struct pollfd pfd = { fd, POLLIN, 0 };
	uint64_t ticks;

	reset();
	OK(timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
			   &far, NULL));
	/* Bending it is not setting it. */
	set((struct timex){ .modes = ADJ_FREQUENCY, .freq = PPM });
	EXPECT_EQ(OK(poll(&pfd, 1, 0)), 0);
	/* Nor is setting it to the time it is. */
	set((struct timex){ .modes = ADJ_SETOFFSET });
	EXPECT_EQ(OK(poll(&pfd, 1, 0)), 0);
	set((struct timex){ .modes = ADJ_SETOFFSET, .time = { 5, 0 } });
	EXPECT_EQ(OK(poll(&pfd, 1, -1)), 1);
	EXPECT_ERR(read(fd, &ticks, 8), ECANCELED);
	set((struct timex){ .modes = ADJ_SETOFFSET, .time = { -5, 0 } });
	OK(close(fd));
	reset();
}

/* ---- leap seconds -------------------------------------------------------- */

TEST(atomic_time_is_ahead_by_what_was_set)
{
	int64_t tai, wall;
	struct timespec ts;

	reset();
	set((struct timex){ .modes = ADJ_TAI, .constant = 37 });
	EXPECT_EQ(state().tai, 37);
	/* Read twice: the later one is later. */
	wall = now(CLOCK_REALTIME);
	tai = now(CLOCK_TAI);
	EXPECT(tai >= wall + 37 * SEC && tai < wall + 47 * SEC);
	tai = vdso_now(CLOCK_TAI);
	EXPECT(tai >= wall + 37 * SEC && tai < wall + 47 * SEC);
	/* Sleeping by it, too. */
	tai = now(CLOCK_TAI) + SEC / 20;
	ts = (struct timespec){ tai / SEC, tai % SEC };
	EXPECT_EQ(clock_nanosleep(CLOCK_TAI, TIMER_ABSTIME, &ts, NULL), 0);
	EXPECT(now(CLOCK_TAI) >= tai);
	EXPECT(now(CLOCK_TAI) < tai + 10 * SEC);
	/* Neither less than none nor more than makes sense. */
	set((struct timex){ .modes = ADJ_TAI, .constant = -1 });
	EXPECT_EQ(state().tai, 37);
	set((struct timex){ .modes = ADJ_TAI, .constant = 100001 });
	EXPECT_EQ(state().tai, 37);
	set((struct timex){ .modes = ADJ_TAI, .constant = 100000 });
	EXPECT_EQ(state().tai, 100000);
	reset();
}

/* Go to the last second but two of a day, with the order @status. */
static void go_to_midnight(int status, int tai)
{
	struct timex tx = { .modes = ADJ_SETOFFSET };
	time_t today = now(CLOCK_REALTIME) / SEC;

	reset();
	tx.time.tv_sec = 86400 - today % 86400 - 3;
	OK(adjust(&tx));
	set((struct timex){ .modes = ADJ_TAI, .constant = tai });
	synchronise(status);
}

/* Wait until the clock's state is no longer @old; the next. */
static int next_state(int old)
{
	int next;

	while ((next = set((struct timex){ .modes = 0 })) == old)
		nap(10);
	return next;
}

static void leave_midnight(int64_t wall, int64_t mono)
{
	struct timespec ts;
	int64_t ns = wall + now(CLOCK_MONOTONIC) - mono;

	synchronise(0);
	EXPECT_EQ(next_state(TIME_WAIT), TIME_OK);
	ts = (struct timespec){ ns / SEC, ns % SEC };
	OK(clock_settime(CLOCK_REALTIME, &ts));
	reset();
}

TEST(a_leap_second_is_inserted)
{
	int64_t wall = now(CLOCK_REALTIME), mono = now(CLOCK_MONOTONIC);
	int64_t before, before_mono, step;

	go_to_midnight(STA_INS, 10);
	before = now(CLOCK_REALTIME);
	before_mono = now(CLOCK_MONOTONIC);
	EXPECT_EQ(next_state(TIME_OK), TIME_INS);
	EXPECT_EQ(next_state(TIME_INS), TIME_OOP);
	EXPECT_EQ(state().tai, 11);
	step = (now(CLOCK_REALTIME) - before) -
	       (now(CLOCK_MONOTONIC) - before_mono);
	EXPECT(step > -11 * SEC / 10 && step < -9 * SEC / 10);
	EXPECT_EQ(next_state(TIME_OOP), TIME_WAIT);
	leave_midnight(wall, mono);
}

TEST(a_leap_second_is_deleted)
{
	int64_t wall = now(CLOCK_REALTIME), mono = now(CLOCK_MONOTONIC);
	int64_t before, before_mono, step;

	go_to_midnight(STA_DEL, 10);
	before = now(CLOCK_REALTIME);
	before_mono = now(CLOCK_MONOTONIC);
	EXPECT_EQ(next_state(TIME_OK), TIME_DEL);
	EXPECT_EQ(next_state(TIME_DEL), TIME_WAIT);
	EXPECT_EQ(state().tai, 9);
	step = (now(CLOCK_REALTIME) - before) -
	       (now(CLOCK_MONOTONIC) - before_mono);
	EXPECT(step < 11 * SEC / 10 && step > 9 * SEC / 10);
	leave_midnight(wall, mono);
}
