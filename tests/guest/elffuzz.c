/*
 * Corrupted programs: real ELF files with bytes changed where the loader
 * looks. execve may fail, the program may crash; the kernel may do neither.
 * The changes come from a fixed seed, so a failure can be repeated.
 */
#include "test.h"

#include <elf.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>

static unsigned long seed;

static unsigned long rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* Run the file as an unprivileged user, for at most half a second. */
static void try_file(const char *path)
{
	struct itimerval soon = { { 0, 500000 }, { 0, 500000 } }, off = { 0 };
	struct sigaction sa = { .sa_handler = on_alarm };
	char *argv[] = { (char *)path, NULL }, *envp[] = { NULL };
	struct rlimit as = { 256 << 20, 256 << 20 };

	OK(sigaction(SIGALRM, &sa, NULL));
	pid_t pid = OK(fork());
	if (pid == 0) {
		setsid();
		setrlimit(RLIMIT_AS, &as);
		become_user(1000, 1000);
		execve(path, argv, envp);
		_exit(126);
	}
	OK(setitimer(ITIMER_REAL, &soon, NULL));
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		kill(pid, SIGKILL);
	OK(setitimer(ITIMER_REAL, &off, NULL));
}

static uint64_t strange_value(void)
{
	static const uint64_t values[] = {
		0, 1, 7, 0xfff, 0x1000, 0x7fffffff, 0x80000000, 0xffffffff,
		0x7fffffffffff, 0x800000000000, 0x7fffffffffffffff,
		0x8000000000000000, 0xffffffff80000000, -4096UL, -1UL,
	};

	return rnd() % 4 ? values[rnd() % ARRAY_SIZE(values)] : rnd();
}

/* Change a few fields of the headers, which are what the loader believes. */
static void corrupt(unsigned char *page, size_t len)
{
	Elf64_Ehdr *eh = (void *)page;
	int changes = 1 + rnd() % 3;

	while (changes--) {
		switch (rnd() % 4) {
		case 0:			/* any byte of the ELF header */
			page[rnd() % sizeof(*eh)] = rnd();
			break;
		case 1:			/* a field of a program header */
		case 2: {
			size_t at = sizeof(*eh) + rnd() % 12 * 56 +
				rnd() % 7 * 8;
			uint64_t v = strange_value();
			if (at + 8 <= len)
				memcpy(page + at, &v, 8);
			break;
		}
		default: {		/* a field of the ELF header */
			uint64_t v = strange_value();
			size_t at = 16 + rnd() % 6 * 8;
			memcpy(page + at, &v, 8);
		}
		}
	}
}

static void fuzz_program(const char *path, int rounds, unsigned long start)
{
	static unsigned char good[4096], bad[4096];
	char *whole = malloc(16 << 20);
	int fd = OK(open(path, O_RDONLY));
	ssize_t len = OK(read(fd, whole, 16 << 20));

	OK(close(fd));
	OK(chmod(".", 0777));
	fd = OK(open("prog", O_CREAT | O_WRONLY | O_TRUNC, 0755));
	EXPECT_EQ(write(fd, whole, len), len);
	OK(close(fd));
	memcpy(good, whole, sizeof(good));
	free(whole);
	for (int i = 0; i < rounds; i++) {
		seed = (start + i + 1) * 0x9e3779b97f4a7c15UL;
		memcpy(bad, good, sizeof(bad));
		corrupt(bad, sizeof(bad));
		fd = OK(open("prog", O_WRONLY));
		EXPECT_EQ(pwrite(fd, bad, sizeof(bad), 0), sizeof(bad));
		OK(close(fd));
		try_file("./prog");
	}
}

TEST_SECONDS(static_program, 300)
{
	fuzz_program(PROGRAMS "/show", 150, 0);
}

TEST_SECONDS(static_pie_program, 300)
{
	fuzz_program(PROGRAMS "/show-pie", 100, 1000);
}

TEST_SECONDS(dynamic_program, 300)
{
	fuzz_program(PROGRAMS "/show-dyn-pie", 100, 2000);
}

TEST_SECONDS(truncated_programs, 300)
{
	static const long sizes[] = {
		0, 1, 3, 4, 16, 52, 63, 64, 65, 120, 176, 1000, 4095, 4096,
		4097, 100000,
	};
	char *whole = malloc(16 << 20);
	int fd = OK(open(PROGRAMS "/show", O_RDONLY));
	ssize_t len = OK(read(fd, whole, 16 << 20));

	OK(close(fd));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		fd = OK(open("prog", O_CREAT | O_WRONLY | O_TRUNC, 0755));
		long n = sizes[i] < len ? sizes[i] : len;
		EXPECT_EQ(write(fd, whole, n), n);
		OK(close(fd));
		try_file("./prog");
	}
	free(whole);
}

/* The interpreter is a file like any other, and may be as broken. */
TEST_SECONDS(broken_interpreter, 300)
{
	static unsigned char page[4096];
	char *whole = malloc(16 << 20);
	int fd = OK(open("/lib64/ld-linux-x86-64.so.2", O_RDONLY));
	ssize_t len = OK(read(fd, whole, 16 << 20));

	OK(close(fd));
	OK(mkdir("l", 0755));
	/* A copy of the program that names /tmp/l/ld... as its interpreter. */
	char *prog = malloc(16 << 20);
	fd = OK(open(PROGRAMS "/show-dyn", O_RDONLY));
	ssize_t plen = OK(read(fd, prog, 16 << 20));
	OK(close(fd));
	char *name = memmem(prog, plen, "/lib64/ld-linux-x86-64.so.2", 27);
	EXPECT(name != NULL);
	memcpy(name, "/tmp/l/ld-nux-x86-64.so.222", 27);
	fd = OK(open("prog", O_CREAT | O_WRONLY, 0755));
	EXPECT_EQ(write(fd, prog, plen), plen);
	OK(close(fd));
	fd = OK(open("/tmp/l/ld-nux-x86-64.so.222", O_CREAT | O_WRONLY, 0755));
	EXPECT_EQ(write(fd, whole, len), len);
	OK(close(fd));
	for (int i = 0; i < 60; i++) {
		seed = (3000 + i) * 0x9e3779b97f4a7c15UL;
		memcpy(page, whole, sizeof(page));
		corrupt(page, sizeof(page));
		fd = OK(open("/tmp/l/ld-nux-x86-64.so.222", O_WRONLY));
		EXPECT_EQ(pwrite(fd, page, sizeof(page), 0), sizeof(page));
		OK(close(fd));
		try_file("./prog");
	}
	free(whole);
	free(prog);
}

TEST_SECONDS(random_scripts, 300)
{
	char text[300];

	for (int i = 0; i < 60; i++) {
		seed = (4000 + i) * 0x9e3779b97f4a7c15UL;
		for (size_t k = 0; k < sizeof(text); k++)
			text[k] = rnd() % 4 ? "/ \t\n#!abtests."[rnd() % 14] :
				(char)rnd();
		text[0] = '#';
		text[1] = '!';
		int fd = OK(open("script", O_CREAT | O_WRONLY | O_TRUNC,
				 0755));
		EXPECT_EQ(write(fd, text, sizeof(text)), sizeof(text));
		OK(close(fd));
		try_file("./script");
	}
}

/* A program whose file is cut while it runs and is executed. */
TEST_SECONDS(truncation_during_exec, 120)
{
	char *whole = malloc(16 << 20);
	int fd = OK(open(PROGRAMS "/show", O_RDONLY));
	ssize_t len = OK(read(fd, whole, 16 << 20));
	pid_t cutter;

	OK(close(fd));
	IN_CHILD(cutter)
		for (;;) {
			fd = open("prog", O_CREAT | O_WRONLY | O_TRUNC, 0755);
			if (fd < 0)
				continue;	/* ETXTBSY */
			for (ssize_t at = 0; at < len; at += 100000) {
				ssize_t n = len - at < 100000 ? len - at :
					100000;
				if (write(fd, whole + at, n) != n)
					_exit(1);
			}
			close(fd);
		}
	for (int i = 0; i < 100; i++)
		try_file("./prog");
	OK(kill(cutter, SIGKILL));
	EXPECT_KILLED(cutter, SIGKILL);
	free(whole);
}
