/*
 * Names, mounts and locks that several processes work on at once.
 *
 * Each test has an invariant that must hold at every moment: a name that is
 * only ever replaced never vanishes, two swapped directories are both always
 * there, exactly one of many creates a file. One process changes things a
 * fixed number of times, others look until it has ended.
 */
#include "test.h"

#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE	(1 << 1)
#endif

#define LOOKERS	3

static volatile int *shared_ints(void)
{
	return OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

static void make_file(const char *name, const char *text)
{
	int fd = OK(open(name, O_CREAT | O_TRUNC | O_WRONLY, 0600));

	EXPECT_EQ(write(fd, text, strlen(text)), strlen(text));
	OK(close(fd));
}

/* Fork @LOOKERS that call @look until *@over, then @change; wait for all. */
static void race(void (*look)(void), void (*change)(void))
{
	volatile int *over = shared_ints();
	pid_t pids[LOOKERS];

	for (int i = 0; i < LOOKERS; i++) {
		IN_CHILD(pids[i]) {
			do
				look();
			while (!*over);
		}
	}
	change();
	*over = 1;
	for (int i = 0; i < LOOKERS; i++)
		EXPECT_EXIT(pids[i], 0);
}

static void look_at_target(void)
{
	struct stat st;

	OK(stat("dir/target", &st));
	OK(close(OK(open("dir/target", O_RDONLY))));
}

static void replace_target(void)
{
	for (int i = 0; i < 1500; i++) {
		make_file("dir/new", "x");
		OK(rename("dir/new", "dir/target"));
	}
}

TEST(a_replaced_name_never_vanishes)
{
	OK(mkdir("dir", 0700));
	make_file("dir/target", "x");
	race(look_at_target, replace_target);
}

static void look_at_both(void)
{
	struct stat a, b;

	OK(stat("x/a/deep/file", &a));
	OK(stat("y/b/deep/file", &b));
	/* The way up may lead to the other parent, where no "a" is. */
	if (stat("x/a/../a/deep/../deep/file", &a) != 0)
		EXPECT_EQ(errno, ENOENT);
}

static void swap_directories(void)
{
	for (int i = 0; i < 3000; i++)
		OK(syscall(SYS_renameat2, AT_FDCWD, "x/a", AT_FDCWD, "y/b",
			   RENAME_EXCHANGE));
}

TEST(swapped_directories_are_always_there)
{
	OK(mkdir("x", 0700));
	OK(mkdir("y", 0700));
	OK(mkdir("x/a", 0700));
	OK(mkdir("y/b", 0700));
	OK(mkdir("x/a/deep", 0700));
	OK(mkdir("y/b/deep", 0700));
	make_file("x/a/deep/file", "1");
	make_file("y/b/deep/file", "2");
	race(look_at_both, swap_directories);
}

/* Who stands in a directory that moves still has its parent above. */
static void look_upwards(void)
{
	struct stat st;
	int fd = open("p/inner", O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		fd = open("q/inner", O_RDONLY | O_DIRECTORY);
	if (fd < 0) {
		EXPECT_EQ(errno, ENOENT);
		return;
	}
	OK(fstatat(fd, "../mark", &st, 0));
	OK(fstatat(fd, "../../p_or_q", &st, 0));
	OK(close(fd));
}

static void move_directory(void)
{
	for (int i = 0; i < 1500; i++) {
		OK(rename("p", "q"));
		OK(rename("q", "p"));
	}
}

TEST(a_moved_directory_keeps_its_parent)
{
	OK(mkdir("p", 0700));
	OK(mkdir("p/inner", 0700));
	make_file("p/mark", "x");
	make_file("p_or_q", "x");
	race(look_upwards, move_directory);
}

static void look_into_mount(void)
{
	struct stat st;

	if (stat("m/dir/../file", &st) != 0)
		EXPECT_EQ(errno, ENOENT);
	OK(stat("m/..", &st));
}

static void mount_and_umount(void)
{
	for (int i = 0; i < 100; i++) {
		OK(mount("none", "m", "tmpfs", 0, NULL));
		OK(mkdir("m/dir", 0700));
		make_file("m/file", "x");
		while (umount2("m", i % 2 ? MNT_DETACH : 0) != 0)
			EXPECT_EQ(errno, EBUSY);
	}
}

TEST(walks_survive_umount)
{
	OK(mkdir("m", 0700));
	race(look_into_mount, mount_and_umount);
}

TEST(exclusive_creation_has_one_winner)
{
	enum { ROUNDS = 300, RACERS = 4 };
	volatile int *wins = shared_ints();
	pid_t pids[RACERS];

	for (int r = 0; r < RACERS; r++) {
		IN_CHILD(pids[r]) {
			for (int i = 0; i < ROUNDS; i++) {
				char name[16];
				int fd;

				snprintf(name, sizeof(name), "n%d", i);
				fd = open(name, O_CREAT | O_EXCL | O_RDWR,
					  0600);
				if (fd < 0) {
					EXPECT_EQ(errno, EEXIST);
					continue;
				}
				__atomic_fetch_add(wins, 1, __ATOMIC_SEQ_CST);
				OK(close(fd));
			}
		}
	}
	for (int r = 0; r < RACERS; r++)
		EXPECT_EXIT(pids[r], 0);
	EXPECT_EQ(*wins, ROUNDS);
}

/* Add one to the number in the file @rounds times; @lock makes it safe. */
static void count_up(int rounds, void (*lock)(int fd, bool on))
{
	int fd = OK(open("counter", O_RDWR));

	for (int i = 0; i < rounds; i++) {
		int value;

		lock(fd, true);
		EXPECT_EQ(pread(fd, &value, sizeof(value), 0), sizeof(value));
		value++;
		EXPECT_EQ(pwrite(fd, &value, sizeof(value), 0), sizeof(value));
		lock(fd, false);
	}
	OK(close(fd));
}

static void count_together(void (*lock)(int fd, bool on))
{
	enum { ROUNDS = 300, COUNTERS = 4 };
	pid_t pids[COUNTERS];
	int value = 0, fd = OK(open("counter", O_CREAT | O_RDWR, 0600));

	EXPECT_EQ(write(fd, &value, sizeof(value)), sizeof(value));
	for (int i = 0; i < COUNTERS; i++)
		IN_CHILD(pids[i])
			count_up(ROUNDS, lock);
	for (int i = 0; i < COUNTERS; i++)
		EXPECT_EXIT(pids[i], 0);
	EXPECT_EQ(pread(fd, &value, sizeof(value), 0), sizeof(value));
	EXPECT_EQ(value, ROUNDS * COUNTERS);
	OK(close(fd));
}

static void lock_record(int fd, bool on)
{
	struct flock fl = {
		.l_type = on ? F_WRLCK : F_UNLCK, .l_whence = SEEK_SET,
		.l_len = sizeof(int),
	};

	OK(fcntl(fd, F_SETLKW, &fl));
}

static void lock_whole(int fd, bool on)
{
	OK(flock(fd, on ? LOCK_EX : LOCK_UN));
}

TEST(record_locks_exclude)
{
	count_together(lock_record);
}

TEST(flock_excludes)
{
	count_together(lock_whole);
}

/* Each waits for what the other has: one of them is told. */
TEST(record_locks_find_deadlock)
{
	struct flock first = { .l_type = F_WRLCK, .l_start = 0, .l_len = 1 };
	struct flock second = { .l_type = F_WRLCK, .l_start = 1, .l_len = 1 };
	int fd, here[2], there[2];
	pid_t pid;
	char c;

	make_file("f", "xx");
	fd = OK(open("f", O_RDWR));
	OK(pipe(here));
	OK(pipe(there));
	OK(fcntl(fd, F_SETLK, &first));
	IN_CHILD(pid) {
		OK(fcntl(fd, F_SETLK, &second));
		EXPECT_EQ(write(there[1], "x", 1), 1);
		EXPECT_EQ(read(here[0], &c, 1), 1);
		/* Either we get it after the parent has been refused, or we
		 * are the one who is refused. */
		if (fcntl(fd, F_SETLKW, &first) != 0)
			EXPECT_EQ(errno, EDEADLK);
		first.l_type = second.l_type = F_UNLCK;
		OK(fcntl(fd, F_SETLK, &second));
	}
	EXPECT_EQ(read(there[0], &c, 1), 1);
	EXPECT_EQ(write(here[1], "x", 1), 1);
	if (fcntl(fd, F_SETLKW, &second) != 0)
		EXPECT_EQ(errno, EDEADLK);
	first.l_type = F_UNLCK;
	OK(fcntl(fd, F_SETLK, &first));
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
	for (int i = 0; i < 2; i++) {
		OK(close(here[i]));
		OK(close(there[i]));
	}
}

/* ---- rights of a program that changes hands ---- */

HELPER(not_root)
{
	return geteuid() == 0;
}

static void copy_self(const char *to)
{
	struct stat st;
	int in = OK(open(SELF, O_RDONLY));
	int out = OK(open(to, O_CREAT | O_WRONLY, 0755));

	OK(fstat(in, &st));
	EXPECT_EQ(sendfile(out, in, NULL, st.st_size), st.st_size);
	OK(close(in));
	OK(close(out));
}

/*
 * chown(2) takes the set-user-id bit away as it gives the new owner: at no
 * moment is what was a user's program root's with the bit set.
 */
TEST(chown_never_makes_a_set_id_program_of_roots)
{
	char *argv[] = { HELPER_ARGV("not_root"), NULL };
	char *envp[] = { NULL };
	volatile int *over = shared_ints();
	pid_t giver, pid;

	copy_self("program");
	IN_CHILD(giver)
		while (!*over) {
			OK(chown("program", 1000, 1000));
			OK(chmod("program", 04755));
			OK(chown("program", 0, 0));
		}
	for (int i = 0; i < 200; i++) {
		IN_CHILD(pid) {
			become_user(1234, 1234);
			execve("program", argv, envp);
			_exit(126);
		}
		EXPECT_EXIT(pid, 0);
	}
	*over = 1;
	EXPECT_EXIT(giver, 0);
	OK(munmap((void *)over, 4096));
}
