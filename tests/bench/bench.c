/*
 * What one operation costs: the benchmark behind `make bench`.
 *
 * The program is /init of an initramfs of its own, so that nothing else runs
 * beside it, and it is an ordinary static glibc program, so that the same
 * bytes run on Keel and on Linux. Each row does one thing many times and
 * prints `BENCH name value ns`, the cost of doing it once. The guest's clock
 * counts instructions (tools/bench.py starts QEMU with -icount), which makes
 * the numbers the same on a busy host and an idle one.
 *
 * A row whose operation fails says so instead of printing a number: a failing
 * call is quick, and must not look like a fast one. Rows that could stop the
 * program stand in a child, which an alarm ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE		4096UL
#define BLOCK		(256 * PAGE)

/* One row: @body does the operation @rounds times, or dies in need(). */
struct row {
	const char	*name;
	void		(*body)(unsigned long rounds);
	unsigned long	rounds;
};

static const char *now_running = "?";

/* A row is over when one of its operations fails. */
static void need_at(int ok, int line)
{
	if (ok)
		return;
	printf("FAIL %s line %d: %s\n", now_running, line, strerror(errno));
	fflush(stdout);
	_exit(1);
}

#define need(ok)	need_at(!!(ok), __LINE__)

static uint64_t nanoseconds(void)
{
	struct timespec now;

	need(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static int must_open(const char *path, int flags)
{
	int fd = open(path, flags, 0644);

	need(fd >= 0);
	return fd;
}

static void reap(pid_t pid)
{
	int status;

	need(waitpid(pid, &status, 0) == pid);
	need(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/*
 * A thousand instructions, whatever the kernel. It measures the clock: where
 * this is not 1000 ns, the other numbers are not nanoseconds either.
 */
static void bench_spin(unsigned long rounds)
{
	while (rounds--) {
		unsigned long left = 499;

		__asm__ __volatile__("1: dec %0\n\tjnz 1b" : "+r"(left));
	}
}

/* ---- calls that do next to nothing ---- */

static void bench_getppid(unsigned long rounds)
{
	while (rounds--)
		need(syscall(SYS_getppid) >= 0);
}

static void bench_clock(unsigned long rounds)
{
	struct timespec now;

	while (rounds--)
		need(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now) == 0);
}

static void bench_yield(unsigned long rounds)
{
	while (rounds--)
		need(sched_yield() == 0);
}

/* ---- files ---- */

static void bench_read(unsigned long rounds)
{
	int fd = must_open("/dev/zero", O_RDONLY);
	char byte;

	while (rounds--)
		need(read(fd, &byte, 1) == 1);
	close(fd);
}

static void bench_write(unsigned long rounds)
{
	int fd = must_open("/dev/null", O_WRONLY);

	while (rounds--)
		need(write(fd, "x", 1) == 1);
	close(fd);
}

static void bench_stat(unsigned long rounds)
{
	struct stat st;

	while (rounds--)
		need(stat("/dir/a/b/file", &st) == 0);
}

static void bench_fstat(unsigned long rounds)
{
	int fd = must_open("/dir/a/b/file", O_RDONLY);
	struct stat st;

	while (rounds--)
		need(fstat(fd, &st) == 0);
	close(fd);
}

static void bench_open_close(unsigned long rounds)
{
	while (rounds--)
		need(close(must_open("/dir/a/b/file", O_RDONLY)) == 0);
}

static void bench_create_unlink(unsigned long rounds)
{
	while (rounds--) {
		need(close(must_open("/dir/new", O_WRONLY | O_CREAT)) == 0);
		need(unlink("/dir/new") == 0);
	}
}

/* A whole file of BLOCK bytes, 4 KiB a call: the cost of one call. */
static void bench_file_write(unsigned long rounds)
{
	static char page[PAGE];
	int fd = must_open("/dir/data", O_WRONLY | O_CREAT | O_TRUNC);

	for (unsigned long i = 0; i < rounds; i++) {
		if (i % (BLOCK / PAGE) == 0)
			need(lseek(fd, 0, SEEK_SET) == 0 &&
			     ftruncate(fd, 0) == 0);
		need(write(fd, page, PAGE) == (ssize_t)PAGE);
	}
	close(fd);
}

static void bench_file_read(unsigned long rounds)
{
	static char page[PAGE];
	int fd;

	bench_file_write(BLOCK / PAGE);
	fd = must_open("/dir/data", O_RDONLY);
	for (unsigned long i = 0; i < rounds; i++)
		need(pread(fd, page, PAGE, i * PAGE % BLOCK) == (ssize_t)PAGE);
	close(fd);
}

static void bench_dup(unsigned long rounds)
{
	while (rounds--) {
		int fd = dup(0);

		need(fd > 0 && close(fd) == 0);
	}
}

static void bench_epoll(unsigned long rounds)
{
	struct epoll_event event = { .events = EPOLLIN };
	int queue = epoll_create1(0), ends[2];

	need(queue >= 0 && pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
	need(epoll_ctl(queue, EPOLL_CTL_ADD, ends[0], &event) == 0);
	while (rounds--)
		need(epoll_wait(queue, &event, 1, -1) == 1);
	close(queue);
	close(ends[0]);
	close(ends[1]);
}

/* ---- processes ---- */

static void bench_fork_wait(unsigned long rounds)
{
	while (rounds--) {
		pid_t pid = fork();

		need(pid >= 0);
		if (pid == 0)
			_exit(0);
		reap(pid);
	}
}

/* The program is this one, which does nothing when told `nothing`. */
static void bench_fork_exec(unsigned long rounds)
{
	char *argv[] = { "/init", "nothing", NULL };
	char *envp[] = { NULL };

	while (rounds--) {
		pid_t pid = fork();

		need(pid >= 0);
		if (pid == 0) {
			execve(argv[0], argv, envp);
			_exit(127);
		}
		reap(pid);
	}
}

/* A byte to a child and back: two switches and two wake-ups. */
static void bench_pipe_round(unsigned long rounds)
{
	int to[2], from[2];
	char byte = 'x';
	pid_t pid;

	need(pipe(to) == 0 && pipe(from) == 0);
	pid = fork();
	need(pid >= 0);
	if (pid == 0) {
		close(to[1]);
		while (read(to[0], &byte, 1) == 1)
			need(write(from[1], &byte, 1) == 1);
		_exit(0);
	}
	while (rounds--) {
		need(write(to[1], &byte, 1) == 1);
		need(read(from[0], &byte, 1) == 1);
	}
	close(to[1]);
	reap(pid);
	close(to[0]);
	close(from[0]);
	close(from[1]);
}

/* ---- memory ---- */

static char *map(unsigned long size)
{
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(at != MAP_FAILED);
	/* Huge pages would make this a race of two different things. */
	madvise(at, size, MADV_NOHUGEPAGE);
	return at;
}

static void touch(char *at, unsigned long size)
{
	for (unsigned long i = 0; i < size; i += PAGE)
		*(volatile char *)(at + i) = 1;
}

static void bench_mmap_unmap(unsigned long rounds)
{
	while (rounds--) {
		char *at = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE |
				MAP_ANONYMOUS, -1, 0);

		need(at != MAP_FAILED && munmap(at, PAGE) == 0);
	}
}

/* Map, touch every page, unmap; a round is one page. */
static void bench_page_touch(unsigned long rounds)
{
	for (; rounds >= BLOCK / PAGE; rounds -= BLOCK / PAGE) {
		char *at = map(BLOCK);

		touch(at, BLOCK);
		need(munmap(at, BLOCK) == 0);
	}
}

/*
 * A child writes to pages it shares with its parent; a round is one page.
 * The fork is part of the cost, as it is in life.
 */
static void bench_copy_on_write(unsigned long rounds)
{
	char *at = map(BLOCK);

	touch(at, BLOCK);
	for (; rounds >= BLOCK / PAGE; rounds -= BLOCK / PAGE) {
		pid_t pid = fork();

		need(pid >= 0);
		if (pid == 0) {
			touch(at, BLOCK);
			_exit(0);
		}
		reap(pid);
	}
	munmap(at, BLOCK);
}

static void bench_mprotect(unsigned long rounds)
{
	char *at = map(PAGE);

	touch(at, PAGE);
	while (rounds--) {
		need(mprotect(at, PAGE, PROT_READ) == 0);
		need(mprotect(at, PAGE, PROT_READ | PROT_WRITE) == 0);
	}
	munmap(at, PAGE);
}

/* ---- signals ---- */

static volatile unsigned long signals_seen;

static void count_signal(int number)
{
	(void)number;
	signals_seen++;
}

/* Sent to ourselves, delivered, returned from. */
static void bench_signal(unsigned long rounds)
{
	struct sigaction action = { .sa_handler = count_signal };
	unsigned long wanted = rounds;

	need(sigaction(SIGUSR1, &action, NULL) == 0);
	signals_seen = 0;
	while (rounds--)
		need(kill(getpid(), SIGUSR1) == 0);
	need(signals_seen == wanted);
}

static void bench_sigprocmask(unsigned long rounds)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	while (rounds--)
		need(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
}

/* Rounds of the page rows are multiples of the pages in a BLOCK. */
static const struct row rows[] = {
	{ "spin_1000",		bench_spin,		20000 },
	{ "getppid",		bench_getppid,		20000 },
	{ "clock_gettime",	bench_clock,		20000 },
	{ "sched_yield",	bench_yield,		10000 },
	{ "read_1",		bench_read,		10000 },
	{ "write_1",		bench_write,		10000 },
	{ "stat",		bench_stat,		5000 },
	{ "fstat",		bench_fstat,		10000 },
	{ "open_close",		bench_open_close,	5000 },
	{ "create_unlink",	bench_create_unlink,	2000 },
	{ "dup_close",		bench_dup,		10000 },
	{ "file_write_4k",	bench_file_write,	2048 },
	{ "file_read_4k",	bench_file_read,	4096 },
	{ "epoll_wait",		bench_epoll,		5000 },
	{ "pipe_round_trip",	bench_pipe_round,	2000 },
	{ "fork_wait",		bench_fork_wait,	200 },
	{ "fork_exec",		bench_fork_exec,	100 },
	{ "mmap_munmap",	bench_mmap_unmap,	5000 },
	{ "page_touch",		bench_page_touch,	2048 },
	{ "copy_on_write",	bench_copy_on_write,	2048 },
	{ "mprotect_pair",	bench_mprotect,		5000 },
	{ "signal",		bench_signal,		5000 },
	{ "sigprocmask",	bench_sigprocmask,	20000 },
};

/* Once to warm up, then three times; the best is the answer. */
static void run(const struct row *row)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 4; i++) {
		uint64_t start = nanoseconds(), took;

		row->body(i == 0 ? (row->rounds + 3) / 4 : row->rounds);
		took = nanoseconds() - start;
		if (i > 0 && took < best)
			best = took;
	}
	printf("BENCH %s %.1f ns\n", row->name,
	       (double)best / (double)row->rounds);
	fflush(stdout);
}

static void run_in_child(const struct row *row)
{
	int status = 0;
	pid_t pid;

	now_running = row->name;
	pid = fork();
	if (pid == 0) {
		alarm(120);
		run(row);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || WIFSIGNALED(status))
		printf("FAIL %s: signal %d\n", row->name, WTERMSIG(status));
	fflush(stdout);
}

/* /init has no terminal and no devices until it makes them. */
static void prepare(void)
{
	int fd = open("/dev/console", O_RDWR);

	for (int i = 0; fd >= 0 && i < 3; i++)
		dup2(fd, i);
	mkdir("/dir", 0755);
	/* Files belong on the same file system on both kernels. */
	if (mount("tmpfs", "/dir", "tmpfs", 0, NULL) < 0)
		perror("FAIL tmpfs");
	mkdir("/dir/a", 0755);
	mkdir("/dir/a/b", 0755);
	close(open("/dir/a/b/file", O_WRONLY | O_CREAT, 0644));
}

/* @word is a part of the names of the rows wanted, by way of BENCH=word. */
int main(int argc, char **argv)
{
	const char *word = getenv("BENCH");

	if (argc > 1 && strcmp(argv[1], "nothing") == 0)
		return 0;
	prepare();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (i == 0 || !word || strstr(rows[i].name, word))
			run_in_child(&rows[i]);
	printf("BENCH-END\n");
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 1;
}
