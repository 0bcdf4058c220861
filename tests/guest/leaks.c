/*
 * Nothing is lost: after thousands of forks, execs and other lives the free
 * memory is what it was. On Keel to the page, once drop_caches has drained
 * per-CPU lists and caches; on Linux, where that file promises less, within
 * a few MiB.
 */
#include "leaktools.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/time.h>

static void fork_exec_many(int count)
{
	char *argv[] = { HELPER_ARGV("exit_with"), (char *)"0", NULL };

	for (int i = 0; i < count; i++)
		EXPECT_EXIT(spawn(SELF, argv, NULL), 0);
}

static int fork_exec_rounds;

static void fork_exec_on_all_cpus(void)
{
	int cpus = get_nprocs();
	pid_t pids[cpus];

	for (int i = 0; i < cpus; i++)
		IN_CHILD(pids[i])
			fork_exec_many(fork_exec_rounds / cpus);
	for (int i = 0; i < cpus; i++)
		EXPECT_EXIT(pids[i], 0);
}

/* 10,000 where there are four CPUs; fewer elsewhere, to save time. */
TEST_SECONDS(fork_exec_wait, 900)
{
	fork_exec_rounds = 500;
	fork_exec_on_all_cpus();
	fork_exec_on_all_cpus();
	long before = steady_free_kib();
	snapshot(0);
	fork_exec_rounds = get_nprocs() == 4 ? 10000 : 1000;
	expect_no_loss(fork_exec_on_all_cpus, before, "fork+exec+wait");
}

static void fork_bomb(void)
{
	struct rlimit limit = { 60, 60 };
	pid_t pid;
	int fds[2];
	char c;

	OK(pipe(fds));
	IN_CHILD(pid) {
		OK(setrlimit(RLIMIT_NPROC, &limit));
		become_user(7777, 7777);
		/* Everyone forks until no one can; the first refused tells. */
		for (;;)
			if (fork() < 0) {
				EXPECT_EQ(errno, EAGAIN);
				EXPECT_EQ(write(fds[1], "!", 1), 1);
				pause();
			}
	}
	OK(close(fds[1]));
	for (int i = 0; i < 30; i++)
		EXPECT_EQ(read(fds[0], &c, 1), 1);
	pid_t killer;
	IN_CHILD(killer) {
		/* A raised limit for the killer, who is of the same user. */
		limit = (struct rlimit){ 200, 200 };
		OK(setrlimit(RLIMIT_NPROC, &limit));
		become_user(7777, 7777);
		OK(kill(-1, SIGKILL));
	}
	EXPECT_EXIT(killer, 0);
	EXPECT_KILLED(pid, SIGKILL);
	/* The pipe ends when the last of them is gone. */
	while (OK(read(fds[0], &c, 1)) == 1)
		;
	OK(close(fds[0]));
}

TEST_SECONDS(bounded_fork_bomb, 300)
{
	check_leak(fork_bomb, "fork bomb");
}

static void files(void)
{
	char name[32], page[4096] = { 1 };

	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		int fd = OK(open(name, O_CREAT | O_RDWR, 0600));
		for (int k = 0; k < 4; k++)
			EXPECT_EQ(write(fd, page, 4096), 4096);
		OK(ftruncate(fd, 100));
		OK(close(fd));
		OK(unlink(name));
	}
	for (int i = 0; i < 100; i++) {
		OK(mkdir("d", 0755));
		OK(symlink("a long target for a symbolic link, to be kept "
			   "outside of the inode itself, one hopes", "d/l"));
		OK(mkfifo("d/p", 0600));
		OK(rename("d/p", "d/q"));
		OK(unlink("d/q"));
		OK(unlink("d/l"));
		OK(rmdir("d"));
	}
}

TEST(files_and_names)
{
	check_leak(files, "files");
}

static void pipes(void)
{
	static char buf[65536];
	int fds[2];

	for (int i = 0; i < 300; i++) {
		OK(pipe(fds));
		EXPECT_EQ(write(fds[1], buf, sizeof(buf)), sizeof(buf));
		struct pollfd p = { .fd = fds[0], .events = POLLIN };
		EXPECT_EQ(poll(&p, 1, 0), 1);
		OK(close(fds[0]));
		OK(close(fds[1]));
	}
}

TEST(pipes_with_data)
{
	check_leak(pipes, "pipes");
}

static void mappings(void)
{
	for (int i = 0; i < 50; i++) {
		char *p = OK(mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
		memset(p, 1, 1 << 20);
		for (int k = 0; k < 256; k += 3)
			OK(mprotect(p + k * 4096, 4096, PROT_READ));
		pid_t pid;
		IN_CHILD(pid)
			for (int k = 1; k < 256; k += 3)
				p[k * 4096] = 2;
		EXPECT_EXIT(pid, 0);
		OK(munmap(p, 1 << 20));
		p = OK(mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0));
		memset(p, 1, 1 << 20);
		OK(munmap(p, 1 << 20));
	}
}

TEST_SECONDS(mappings_and_copies, 120)
{
	check_leak(mappings, "mappings");
}

static void mounts(void)
{
	OK(mkdir("m", 0755));
	for (int i = 0; i < 50; i++) {
		OK(mount("none", "m", "tmpfs", 0, NULL));
		write_file("m/f", "data");
		OK(mkdir("m/d", 0755));
		OK(umount("m"));
	}
	OK(rmdir("m"));
}

TEST(mounts_of_tmpfs)
{
	check_leak(mounts, "mounts");
}

static void failed_calls(void)
{
	char *argv[] = { (char *)"x", NULL }, *envp[] = { NULL };
	char *bad_argv[] = { (char *)"x", (char *)8, NULL };
	int fds[2];
	struct rlimit limit = { 8, 8 };
	pid_t pid;

	write_file("text", "no program");
	OK(chmod("text", 0755));
	for (int i = 0; i < 200; i++) {
		EXPECT_ERR(execve("text", argv, envp), ENOEXEC);
		EXPECT_ERR(execve(SELF, bad_argv, envp), EFAULT);
		EXPECT_ERR(open("no/such", O_CREAT | O_RDWR, 0600), ENOENT);
		EXPECT_ERR(mount("x", "text", "tmpfs", 0, "bad=1"),
			   EINVAL);
		EXPECT_ERR(mmap(NULL, 1UL << 47, PROT_READ, MAP_PRIVATE |
				MAP_ANONYMOUS, -1, 0), ENOMEM);
		EXPECT_ERR(syscall(SYS_pipe, 8L), EFAULT);
	}
	IN_CHILD(pid) {
		OK(setrlimit(RLIMIT_NOFILE, &limit));
		while (dup(0) >= 0)
			;
		for (int i = 0; i < 200; i++) {
			EXPECT_ERR(pipe(fds), EMFILE);
			EXPECT_ERR(dup(0), EMFILE);
		}
	}
	EXPECT_EXIT(pid, 0);
	OK(unlink("text"));
}

TEST(calls_that_fail)
{
	check_leak(failed_calls, "failed calls");
}

/* Children killed in every state: running, sleeping, stopped, in a fault. */
static void violent_ends(void)
{
	int fds[2];
	pid_t pids[40];

	OK(pipe(fds));
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 40; i++)
			IN_CHILD(pids[i]) {
				char c, *p;
				switch (i % 4) {
				case 0: for (;;)
					;
				case 1: read(fds[0], &c, 1); break;
				case 2: raise(SIGSTOP); break;
				case 3: for (;;) {
					p = mmap(NULL, 1 << 18, PROT_READ |
						 PROT_WRITE, MAP_PRIVATE |
						 MAP_ANONYMOUS, -1, 0);
					if (p != MAP_FAILED) {
						memset(p, 1, 1 << 18);
						munmap(p, 1 << 18);
					}
				}
				}
			}
		for (int i = 0; i < 40; i++)
			OK(kill(pids[i], SIGKILL));
		for (int i = 0; i < 40; i++)
			EXPECT_KILLED(pids[i], SIGKILL);
	}
	OK(close(fds[0]));
	OK(close(fds[1]));
}

TEST_SECONDS(killed_in_every_state, 120)
{
	check_leak(violent_ends, "killed children");
}

/* ---- no memory left ---- */

/* A process that takes all there is is killed; all others live on. */
static void take_everything(void)
{
	pid_t pid;

	IN_CHILD(pid)
		for (;;) {
			char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			if (p == MAP_FAILED)
				raise(SIGKILL);		/* refused: also fine */
			for (int i = 0; i < 1 << 20; i += 4096)
				p[i] = 1;
		}
	EXPECT_KILLED(pid, SIGKILL);
}

TEST_SECONDS(out_of_memory_kills_the_largest, 300)
{
	struct event go;
	pid_t bystander;

	event_init(&go);
	IN_CHILD(bystander)
		event_wait(&go);
	check_leak(take_everything, "out of memory");
	event_signal(&go);
	EXPECT_EXIT(bystander, 0);
	event_close(&go);
}

static void tick_handler(int sig)
{
	(void)sig;
}

static void stop_handler(int sig)
{
	(void)sig;
	_exit(0);
}

/* Fault all the time, with signals coming all the time. */
static void fault_among_signals(struct event *ready)
{
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } };

	signal(SIGALRM, tick_handler);
	signal(SIGTERM, stop_handler);
	OK(setitimer(ITIMER_REAL, &often, NULL));
	event_signal(ready);
	for (;;) {
		char *p = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			continue;
		for (int i = 0; i < 1 << 16; i += 4096)
			p[i] = 1;
		munmap(p, 1 << 16);
	}
}

/* A signal that waits does not make the search for memory more impatient. */
TEST_SECONDS(out_of_memory_spares_the_small, 300)
{
	struct event ready;
	pid_t small[4];

	event_init(&ready);
	for (int i = 0; i < 4; i++) {
		IN_CHILD(small[i])
			fault_among_signals(&ready);
		event_wait(&ready);
	}
	for (int i = 0; i < 3; i++)
		take_everything();
	for (int i = 0; i < 4; i++)
		OK(kill(small[i], SIGTERM));
	for (int i = 0; i < 4; i++)
		EXPECT_EXIT(small[i], 0);
	event_close(&ready);
}

TEST_SECONDS(tmpfs_full_of_all_memory, 300)
{
	static char buf[1 << 16];
	ssize_t n;

	/* The default size is half of the memory: it must hold. */
	int fd = OK(open("big", O_CREAT | O_WRONLY, 0600));
	while ((n = write(fd, buf, sizeof(buf))) > 0)
		;
	EXPECT_EQ(errno, ENOSPC);
	OK(close(fd));
	OK(unlink("big"));
}
