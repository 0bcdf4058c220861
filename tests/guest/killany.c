/*
 * Killing any process at any instant, under load, never hangs another.
 *
 * Families of processes are busy with everything there is to be busy with
 * (tests/guest/killtrades.c) and are killed at random: their first process, all
 * of them, or any one of them, while others wait for what it held. A bystander
 * who is never killed needs the same locks and forks, opens, maps. When it is
 * over, all are killed at once by one kill(2). Then must hold:
 *
 *	everyone can be waited for, and the bystander comes to its end;
 *	what the dead held is free: mutexes, semaphores, locks on files;
 *	all memory is back.
 *
 * guest_seed=N repeats a sequence of choices, guest_seconds=N lasts longer.
 * The families are of a user of their own: a number that has been given to
 * another process meanwhile kills nobody else.
 */
#include "killany.h"
#include "leaktools.h"

#include <dirent.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/sysinfo.h>
#include <time.h>

#define VICTIM_UID	7779
#define PATIENCE	90	/* seconds for what a moment should do */

struct arena *arena;
int family;

static pid_t leaders[FAMILIES], bystander;

static int env_number(const char *name, int otherwise)
{
	const char *word = getenv(name);

	return word ? atoi(word) : otherwise;
}

/* ---- what they share ---- */

static void make_mutex(pthread_mutex_t *mutex, int protocol)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutexattr_setprotocol(&attr, protocol);
	EXPECT_EQ(pthread_mutex_init(mutex, &attr), 0);
}

static void make_arena(unsigned seed)
{
	arena = OK(mmap(NULL, sizeof(*arena), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	make_mutex(&arena->robust, PTHREAD_PRIO_NONE);
	make_mutex(&arena->pi, PTHREAD_PRIO_INHERIT);
	arena->tickets = seed;
	arena->sem = OK(semget(IPC_PRIVATE, 2, IPC_CREAT | 0666));
	OK(semctl(arena->sem, 0, SETVAL, 1));
	OK(semctl(arena->sem, 1, SETVAL, 1));
	arena->shm = OK(shmget(IPC_PRIVATE, 8 * 4096, IPC_CREAT | 0666));
	arena->msg = OK(msgget(IPC_PRIVATE, IPC_CREAT | 0666));
}

static void drop_arena(void)
{
	char name[32];

	OK(semctl(arena->sem, 0, IPC_RMID));
	OK(shmctl(arena->shm, IPC_RMID, NULL));
	OK(msgctl(arena->msg, IPC_RMID, NULL));
	for (int i = 0; i < FAMILIES; i++) {
		snprintf(name, sizeof(name), "killany%d", i);
		syscall(SYS_mq_unlink, name);
	}
	unlink("shared");
	unlink("locked");
	unlink("core");
	OK(munmap(arena, sizeof(*arena)));
}

/* ---- who lives, and who is killed ---- */

static void found_family(int slot)
{
	const struct trade *trade = &trades[roll(nr_trades)];
	struct sysinfo info;

	OK(sysinfo(&info));
	memset(arena->members[slot], 0, sizeof(arena->members[slot]));
	IN_CHILD(leaders[slot]) {
		struct rlimit tasks = { 150, 150 }, core = { 1 << 18, 1 << 18 };

		if (info.totalram * info.mem_unit < 100UL << 20)
			tasks.rlim_cur = tasks.rlim_max = 60;
		family = slot;
		OK(setpgid(0, 0));
		OK(prctl(PR_SET_NAME, trade->name));
		OK(setrlimit(RLIMIT_NPROC, &tasks));
		OK(setrlimit(RLIMIT_CORE, &core));
		become_user(VICTIM_UID, VICTIM_UID);
		OK(prctl(PR_SET_DUMPABLE, 1));
		trade->work();
	}
	setpgid(leaders[slot], leaders[slot]);
}

/* Kill as their user would; ESRCH is as good. */
static void kill_victims(pid_t pid)
{
	OK(setresuid(VICTIM_UID, VICTIM_UID, 0));
	kill(pid, SIGKILL);
	OK(setresuid(0, 0, 0));
}

static void kill_someone(void)
{
	int slot = roll(FAMILIES);
	pid_t member = arena->members[slot][roll(MEMBERS)];

	switch (roll(4)) {
	case 0:
		kill_victims(leaders[slot]);
		break;
	case 1:
		kill_victims(-leaders[slot]);
		break;
	default:
		if (member > 1)
			kill_victims(member);
	}
}

/* A family that has lost its first process ends, and another comes. */
static void reap_and_replace(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		EXPECT(pid != bystander);
		for (int i = 0; i < FAMILIES; i++) {
			if (leaders[i] != pid)
				continue;
			kill_victims(-pid);
			found_family(i);
		}
	}
}

/* ---- the bystander ---- */

static void take_every_lock(void)
{
	with_mutex(&arena->robust);
	with_mutex(&arena->pi);
	with_sem(0);
	with_sem(1);
	with_flock();
	with_record();
}

static void live_a_little(void)
{
	char buf[4096], *p;
	int fds[2];
	pid_t pid;

	OK(pipe(fds));
	IN_CHILD(pid)
		EXPECT_EQ(write(fds[1], "x", 1), 1);
	EXPECT_EQ(read(fds[0], buf, 1), 1);
	EXPECT_EXIT(pid, 0);
	OK(close(fds[0]));
	OK(close(fds[1]));
	read_file("/proc/self/stat", buf, sizeof(buf));
	p = OK(mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	memset(p, 1, 8 * 4096);
	OK(munmap(p, 8 * 4096));
}

static void live_until_it_is_over(void)
{
	bool last;

	do {
		last = __atomic_load_n(&arena->over, __ATOMIC_ACQUIRE);
		take_every_lock();
		live_a_little();
	} while (!last);
}

/* ---- somebody hangs ---- */

static void tell_of(const char *pid, const char *what)
{
	char path[64], buf[2048];

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, what);
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, buf, sizeof(buf) - 1);

	close(fd);
	buf[n > 0 ? n : 0] = '\0';
	for (char *line = strtok(buf, "\n"); line; line = strtok(NULL, "\n"))
		remark("%s %s: %s", pid, what, line);
}

static void give_up(int sig)
{
	DIR *dir = opendir("/proc");
	struct dirent *d;

	(void)sig;
	while (dir && (d = readdir(dir)) != NULL) {
		if (d->d_name[0] < '0' || d->d_name[0] > '9')
			continue;
		tell_of(d->d_name, "stat");
		tell_of(d->d_name, "status");
		tell_of(d->d_name, "wchan");
		tell_of(d->d_name, "syscall");
		tell_of(d->d_name, "stack");
	}
	FAIL("somebody hangs");
}

/* ---- the test ---- */

static long now_ms(void)
{
	struct timespec ts;

	OK(clock_gettime(CLOCK_MONOTONIC, &ts));
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void kill_for_a_while(long ms)
{
	long end = now_ms() + ms;

	while (now_ms() < end) {
		struct timespec ts = { 0, roll(3000) * 1000 };

		if (roll(3))
			nanosleep(&ts, NULL);
		kill_someone();
		reap_and_replace();
	}
}

/* What the dead held is free, and nobody has seen it broken. */
static void expect_all_free(void)
{
	struct flock lock = { .l_type = F_WRLCK };
	int fd = OK(open("locked", O_RDWR | O_CREAT, 0666));

	take_every_lock();
	EXPECT_EQ(arena->error, 0);
	EXPECT_EQ(semctl(arena->sem, 0, GETVAL), 1);
	EXPECT_EQ(semctl(arena->sem, 1, GETVAL), 1);
	OK(flock(fd, LOCK_EX | LOCK_NB));
	OK(fcntl(fd, F_GETLK, &lock));
	EXPECT_EQ(lock.l_type, F_UNLCK);
	OK(close(fd));
}

static long how_long;

static void live_and_let_die(void)
{
	make_arena(roll(1 << 30));
	IN_CHILD(bystander)
		live_until_it_is_over();
	for (int i = 0; i < FAMILIES; i++)
		found_family(i);
	kill_for_a_while(how_long);

	alarm(PATIENCE);
	__atomic_store_n(&arena->over, 1, __ATOMIC_RELEASE);
	EXPECT_EXIT(bystander, 0);
	/* A new family's first process may not be of their user yet. */
	for (int i = 0; i < FAMILIES; i++)
		OK(kill(leaders[i], SIGKILL));
	kill_victims(-1);
	while (wait(NULL) > 0 || errno == EINTR)
		;
	expect_all_free();
	alarm(0);
	drop_arena();
}

TEST_SECONDS(nobody_hangs_and_nothing_is_lost, 7200)
{
	unsigned seed = 0;

	OK(getrandom(&seed, sizeof(seed), 0));
	seed = env_number("guest_seed", seed >> 2);
	remark("guest_seed=%u", seed);
	new_luck(seed);
	how_long = 500L * env_number("guest_seconds", 3);
	/* Half of the families' processes lose their parent: they are ours. */
	OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
	signal(SIGALRM, give_up);
	check_leak(live_and_let_die, "killed families");
}
