/*
 * Futexes at addresses that are not there, not allowed, not aligned, or not
 * ours: every operation, private and shared, at every such place, and those on
 * two words at every pair of places. What is checked first decides which error
 * there is, so the answers of Linux stand here as tables, a letter for each.
 */
#include "test.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <time.h>

/* In the order of the tables. */
enum {
	NONE, NONE_CROOKED, KERNEL, BEYOND, ODD, PROT_NOTHING, READ_ZERO,
	READ_ANON, READ_FILE, READ_SHARED, CROOKED, GOOD, NR_PLACES
};

static uint32_t *places[NR_PLACES];
static uint32_t other;

static void *map(int prot, int flags, int fd)
{
	return OK(mmap(NULL, 4096, prot, flags, fd, 0));
}

static void make_places(void)
{
	const int anon = MAP_PRIVATE | MAP_ANONYMOUS;
	int fd = OK(open("words", O_CREAT | O_RDWR, 0600));
	char *good = map(PROT_READ | PROT_WRITE, anon, -1);

	OK(ftruncate(fd, 4096));
	places[NONE] = (uint32_t *)64;
	places[NONE_CROOKED] = (uint32_t *)65;
	places[KERNEL] = (uint32_t *)0xffffffff81000000UL;
	places[BEYOND] = (uint32_t *)0x7ffffffff000UL;
	places[ODD] = (uint32_t *)(1UL << 63);
	places[PROT_NOTHING] = map(PROT_NONE, anon, -1);
	places[READ_ZERO] = map(PROT_READ, anon, -1);
	places[READ_ANON] = map(PROT_READ | PROT_WRITE, anon, -1);
	*places[READ_ANON] = 0;
	OK(mprotect(places[READ_ANON], 4096, PROT_READ));
	places[READ_FILE] = map(PROT_READ, MAP_PRIVATE, fd);
	places[READ_SHARED] = map(PROT_READ, MAP_SHARED, fd);
	places[CROOKED] = (uint32_t *)(good + 102);
	places[GOOD] = (uint32_t *)good;
	OK(close(fd));
}

static char letter(long ret)
{
	if (ret >= 0)
		return '0' + ret;
	switch (errno) {
	case EFAULT:	return 'f';
	case EINVAL:	return 'i';
	case EAGAIN:	return 'a';
	case ETIMEDOUT:	return 't';
	case EPERM:	return 'p';
	case ESRCH:	return 's';
	case ENOSYS:	return 'n';
	case EDEADLK:	return 'd';
	}
	return '?';
}

static const struct timespec no_time;

/* One call; the good word is 0 again afterwards. */
static char call(int op, int flag, uint32_t val, uint32_t *word, long nr2,
		 uint32_t *word2, uint32_t val3)
{
	char c;

	if (nr2 == -1)
		nr2 = (long)&no_time;
	c = letter(syscall(SYS_futex, word, op | flag, val, nr2, word2,
			   val3));
	*places[GOOD] = 0;
	return c;
}

/* ---- one word ---- */

#define ALL	FUTEX_BITSET_MATCH_ANY

static const struct {
	const char	*name;
	int		op;
	uint32_t	val, val3;
	const char	*private_answers, *shared_answers;
} singles[] = {
	{ "wait", FUTEX_WAIT, 0, 0,
	  "fiffffttttit", "fiffffffttit" },
	{ "wait for another", FUTEX_WAIT, 1, 0,
	  "fiffffaaaaia", "fiffffffaaia" },
	{ "wait for bits", FUTEX_WAIT_BITSET, 0, ALL,
	  "fiffffttttit", "fiffffffttit" },
	{ "wait for no bits", FUTEX_WAIT_BITSET, 0, 0,
	  "iiiiiiiiiiii", "iiiiiiiiiiii" },
	{ "wake", FUTEX_WAKE, 1, 0,
	  "0ifff00000i0", "fiffffff00i0" },
	{ "wake none", FUTEX_WAKE, 0, 0,
	  "0ifff00000i0", "fiffffff00i0" },
	{ "wake no bits", FUTEX_WAKE_BITSET, 1, 0,
	  "iiiiiiiiiiii", "iiiiiiiiiiii" },
	{ "lock", FUTEX_LOCK_PI, 0, 0,
	  "fiffffffffi0", "fiffffffffi0" },
	{ "lock by a clock", FUTEX_LOCK_PI2, 0, 0,
	  "fiffffffffi0", "fiffffffffi0" },
	{ "try to lock", FUTEX_TRYLOCK_PI, 0, 0,
	  "fiffffffffi0", "fiffffffffi0" },
	{ "unlock", FUTEX_UNLOCK_PI, 0, 0,
	  "ffffffpppppp", "ffffffpppppp" },
};

static void expect_row(const char *name, const char *how, int first,
		       const char *got, const char *wanted)
{
	if (strcmp(got, wanted) != 0)
		FAIL("%s, %s, place %d: %s, not %s", name, how, first, got,
		     wanted);
}

static void try_single(int i, int flag, const char *how, const char *wanted)
{
	char row[NR_PLACES + 1] = "";

	for (int p = 0; p < NR_PLACES; p++)
		row[p] = call(singles[i].op, flag, singles[i].val, places[p],
			      -1, &other, singles[i].val3);
	expect_row(singles[i].name, how, 0, row, wanted);
}

TEST(one_word)
{
	make_places();
	for (size_t i = 0; i < ARRAY_SIZE(singles); i++) {
		try_single(i, FUTEX_PRIVATE_FLAG, "private",
			   singles[i].private_answers);
		try_single(i, 0, "shared", singles[i].shared_answers);
	}
}

/* ---- two words ---- */

#define SET_ALWAYS	FUTEX_OP(FUTEX_OP_SET, 0, FUTEX_OP_CMP_EQ, 0)
#define NO_SUCH_OP	FUTEX_OP(7, 0, FUTEX_OP_CMP_EQ, 0)
#define NO_SUCH_TEST	FUTEX_OP(FUTEX_OP_SET, 0, 9, 0)

static const struct {
	const char	*name;
	int		op;
	uint32_t	val;
	long		nr2;
	uint32_t	val3;
	const char	*private_answers[NR_PLACES];
	const char	*shared_answers[NR_PLACES];
} pairs[] = {
	{ "requeue", FUTEX_REQUEUE, 1, 1, 0,
	  {
	    "0ifff00000i0", "iiiiiiiiiiii", "ffffffffffff", "ffffffffffff",
	    "ffffffffffff", "0ifff00000i0", "0ifff00000i0", "0ifff00000i0",
	    "0ifff00000i0", "0ifff00000i0", "iiiiiiiiiiii", "0ifff00000i0",
	  }, {
	    "ffffffffffff", "iiiiiiiiiiii", "ffffffffffff", "ffffffffffff",
	    "ffffffffffff", "ffffffffffff", "ffffffffffff", "ffffffffffff",
	    "fiffffff00i0", "fiffffff00i0", "iiiiiiiiiiii", "fiffffff00i0",
	  } },
	{ "requeue less than none", FUTEX_REQUEUE, -1, 1, 0,
	  {
	    "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii",
	    "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii",
	    "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii",
	  }, {
	    "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii",
	    "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii",
	    "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii",
	  } },
	{ "compare and requeue", FUTEX_CMP_REQUEUE, 1, 1, 0,
	  {
	    "fiffffffffif", "iiiiiiiiiiii", "ffffffffffff", "ffffffffffff",
	    "ffffffffffff", "fiffffffffif", "0ifff00000i0", "0ifff00000i0",
	    "0ifff00000i0", "0ifff00000i0", "iiiiiiiiiiii", "0ifff00000i0",
	  }, {
	    "ffffffffffff", "iiiiiiiiiiii", "ffffffffffff", "ffffffffffff",
	    "ffffffffffff", "ffffffffffff", "ffffffffffff", "ffffffffffff",
	    "fiffffff00i0", "fiffffff00i0", "iiiiiiiiiiii", "fiffffff00i0",
	  } },
	{ "compare with another", FUTEX_CMP_REQUEUE, 1, 1, 7,
	  {
	    "fiffffffffif", "iiiiiiiiiiii", "ffffffffffff", "ffffffffffff",
	    "ffffffffffff", "fiffffffffif", "aifffaaaaaia", "aifffaaaaaia",
	    "aifffaaaaaia", "aifffaaaaaia", "iiiiiiiiiiii", "aifffaaaaaia",
	  }, {
	    "ffffffffffff", "iiiiiiiiiiii", "ffffffffffff", "ffffffffffff",
	    "ffffffffffff", "ffffffffffff", "ffffffffffff", "ffffffffffff",
	    "fiffffffaaia", "fiffffffaaia", "iiiiiiiiiiii", "fiffffffaaia",
	  } },
	{ "wake and set", FUTEX_WAKE_OP, 1, 1, SET_ALWAYS,
	  {
	    "fiffffffffi0", "iiiiiiiiiiii", "ffffffffffff", "ffffffffffff",
	    "ffffffffffff", "fiffffffffi0", "fiffffffffi0", "fiffffffffi0",
	    "fiffffffffi0", "fiffffffffi0", "iiiiiiiiiiii", "fiffffffffi0",
	  }, {
	    "ffffffffffff", "iiiiiiiiiiii", "ffffffffffff", "ffffffffffff",
	    "ffffffffffff", "ffffffffffff", "ffffffffffff", "ffffffffffff",
	    "fiffffffffi0", "fiffffffffi0", "iiiiiiiiiiii", "fiffffffffi0",
	  } },
	{ "no operation", FUTEX_WAKE_OP, 1, 1, NO_SUCH_OP,
	  {
	    "nifffnnnnnin", "iiiiiiiiiiii", "ffffffffffff", "ffffffffffff",
	    "ffffffffffff", "nifffnnnnnin", "nifffnnnnnin", "nifffnnnnnin",
	    "nifffnnnnnin", "nifffnnnnnin", "iiiiiiiiiiii", "nifffnnnnnin",
	  }, {
	    "ffffffffffff", "iiiiiiiiiiii", "ffffffffffff", "ffffffffffff",
	    "ffffffffffff", "ffffffffffff", "ffffffffffff", "ffffffffffff",
	    "fiffffffffin", "fiffffffffin", "iiiiiiiiiiii", "fiffffffffin",
	  } },
	{ "no test", FUTEX_WAKE_OP, 1, 1, NO_SUCH_TEST,
	  {
	    "fiffffffffin", "iiiiiiiiiiii", "ffffffffffff", "ffffffffffff",
	    "ffffffffffff", "fiffffffffin", "fiffffffffin", "fiffffffffin",
	    "fiffffffffin", "fiffffffffin", "iiiiiiiiiiii", "fiffffffffin",
	  }, {
	    "ffffffffffff", "iiiiiiiiiiii", "ffffffffffff", "ffffffffffff",
	    "ffffffffffff", "ffffffffffff", "ffffffffffff", "ffffffffffff",
	    "fiffffffffin", "fiffffffffin", "iiiiiiiiiiii", "fiffffffffin",
	  } },
	{ "requeue to a lock", FUTEX_CMP_REQUEUE_PI, 1, 1, 0,
	  {
	    "iiffffffffif", "iiiiiiiiiiii", "ffifffffffff", "fffiffffffff",
	    "ffffifffffff", "fifffiffffif", "fiffffi000i0", "fiffff0i00i0",
	    "fiffff00i0i0", "fiffff000ii0", "iiiiiiiiiiii", "fiffff0000ii",
	  }, {
	    "ifffffffffff", "iiiiiiiiiiii", "ffifffffffff", "fffiffffffff",
	    "ffffifffffff", "fffffiffffff", "ffffffifffff", "fffffffiffff",
	    "fiffffffifi0", "fifffffffii0", "iiiiiiiiiiii", "fiffffffffii",
	  } },
	{ "to a lock, another", FUTEX_CMP_REQUEUE_PI, 1, 1, 7,
	  {
	    "iiffffffffif", "iiiiiiiiiiii", "ffifffffffff", "fffiffffffff",
	    "ffffifffffff", "fifffiffffif", "aifffaiaaaia", "aifffaaiaaia",
	    "aifffaaaiaia", "aifffaaaaiia", "iiiiiiiiiiii", "aifffaaaaaii",
	  }, {
	    "ifffffffffff", "iiiiiiiiiiii", "ffifffffffff", "fffiffffffff",
	    "ffffifffffff", "fffffiffffff", "ffffffifffff", "fffffffiffff",
	    "fiffffffifia", "fifffffffiia", "iiiiiiiiiiii", "fiffffffffii",
	  } },
	{ "to a lock, wake two", FUTEX_CMP_REQUEUE_PI, 2, 1, 0,
	  {
	    "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii",
	    "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii",
	    "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii",
	  }, {
	    "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii",
	    "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii",
	    "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii", "iiiiiiiiiiii",
	  } },
	{ "wait for a lock", FUTEX_WAIT_REQUEUE_PI, 0, -1, ALL,
	  {
	    "iiffffffffif", "iifffiiiiiii", "fiifffffffif", "fififfffffif",
	    "fiffifffffif", "fifffiffffif", "tiffftitttit", "tifffttittit",
	    "tiffftttitit", "tifffttttiit", "iifffiiiiiii", "tiffftttttii",
	  }, {
	    "iiffffffffif", "fiffffffffii", "fiifffffffif", "fififfffffif",
	    "fiffifffffif", "fifffiffffif", "fiffffifffif", "fifffffiffif",
	    "fiffffffifit", "fifffffffiit", "fiffffffffii", "fiffffffffii",
	  } },
	{ "for a lock, another", FUTEX_WAIT_REQUEUE_PI, 7, -1, ALL,
	  {
	    "iiffffffffif", "iifffiiiiiii", "fiifffffffif", "fififfffffif",
	    "fiffifffffif", "fifffiffffif", "aifffaiaaaia", "aifffaaiaaia",
	    "aifffaaaiaia", "aifffaaaaiia", "iifffiiiiiii", "aifffaaaaaii",
	  }, {
	    "iiffffffffif", "fiffffffffii", "fiifffffffif", "fififfffffif",
	    "fiffifffffif", "fifffiffffif", "fiffffifffif", "fifffffiffif",
	    "fiffffffifia", "fifffffffiia", "fiffffffffii", "fiffffffffii",
	  } },
};

static void try_pair(int i, int p, int flag, const char *how,
		     const char *wanted)
{
	char row[NR_PLACES + 1] = "";

	for (int q = 0; q < NR_PLACES; q++)
		row[q] = call(pairs[i].op, flag, pairs[i].val, places[p],
			      pairs[i].nr2, places[q], pairs[i].val3);
	expect_row(pairs[i].name, how, p, row, wanted);
}

TEST(two_words)
{
	make_places();
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		for (int p = 0; p < NR_PLACES; p++) {
			try_pair(i, p, 0, "shared",
				 pairs[i].shared_answers[p]);
			try_pair(i, p, FUTEX_PRIVATE_FLAG, "private",
				 pairs[i].private_answers[p]);
		}
}

/* ---- shared words in memory that cannot be written to ---- */

/*
 * A private mapping of a file that is only read is the file, and meets those
 * who can write to it; once it has a copy, it is nobody's.
 */
TEST(read_only_is_the_file)
{
	int fd = OK(open("words", O_CREAT | O_RDWR, 0600));
	uint32_t *writer, *reader;
	pid_t pid;

	OK(ftruncate(fd, 4096));
	writer = map(PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	reader = map(PROT_READ, MAP_PRIVATE, fd);
	IN_CHILD(pid)
		EXPECT_EQ(syscall(SYS_futex, reader, FUTEX_WAIT, 0, NULL), 0);
	wait_until_sleeping(pid);
	EXPECT_EQ(syscall(SYS_futex, writer, FUTEX_WAKE, 9), 1);
	EXPECT_EXIT(pid, 0);

	OK(mprotect(reader, 4096, PROT_READ | PROT_WRITE));
	*reader = 0;
	EXPECT_EQ(syscall(SYS_futex, reader, FUTEX_WAKE, 9), 0);
	OK(mprotect(reader, 4096, PROT_READ));
	EXPECT_ERR(syscall(SYS_futex, reader, FUTEX_WAKE, 9), EFAULT);
	EXPECT_ERR(syscall(SYS_futex, reader, FUTEX_WAIT, 0, &no_time),
		   EFAULT);
	OK(munmap(writer, 4096));
	OK(munmap(reader, 4096));
	OK(close(fd));
}
