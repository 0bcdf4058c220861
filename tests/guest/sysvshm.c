/*
 * System V shared memory: shmget, shmat, shmdt, shmctl.
 *
 * Objects outlive the processes that made them, so each test removes its own.
 */
#include "test.h"

#include <sched.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <time.h>

#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif

#define PAGE	4096UL

static int new_segment(size_t size)
{
	return OK(shmget(IPC_PRIVATE, size, IPC_CREAT | 0600));
}

static void drop(int id)
{
	OK(shmctl(id, IPC_RMID, NULL));
}

static struct shmid_ds stat_of(int id)
{
	struct shmid_ds ds;

	OK(shmctl(id, IPC_STAT, &ds));
	return ds;
}

static unsigned long attached(int id)
{
	return stat_of(id).shm_nattch;
}

/* ---- shmget ---- */

TEST(get_makes_and_finds)
{
	key_t key = 0x4b455331;
	int id;

	EXPECT_ERR(shmget(key, 100, 0600), ENOENT);
	id = OK(shmget(key, 100, IPC_CREAT | IPC_EXCL | 0600));
	EXPECT_EQ(shmget(key, 100, 0), id);
	EXPECT_EQ(shmget(key, 0, 0), id);
	EXPECT_EQ(shmget(key, 50, IPC_CREAT), id);
	EXPECT_ERR(shmget(key, 101, 0), EINVAL);
	EXPECT_ERR(shmget(key, 100, IPC_CREAT | IPC_EXCL), EEXIST);
	drop(id);
	EXPECT_ERR(shmget(key, 100, 0), ENOENT);
	EXPECT_ERR(shmctl(id, IPC_STAT, &(struct shmid_ds){}), EINVAL);
	EXPECT_ERR(shmat(id, NULL, 0), EINVAL);
}

TEST(get_errors)
{
	EXPECT_ERR(shmget(IPC_PRIVATE, 0, IPC_CREAT | 0600), EINVAL);
	EXPECT_ERR(shmget(IPC_PRIVATE, -1, IPC_CREAT | 0600), EINVAL);
	EXPECT_ERR(shmget(IPC_PRIVATE, 1UL << 46, IPC_CREAT | 0600), ENOMEM);
}

TEST(sizes_are_kept_and_memory_is_zero)
{
	int id = new_segment(5000);
	char *p = OK(shmat(id, NULL, 0));

	EXPECT_EQ(stat_of(id).shm_segsz, 5000);
	for (int i = 0; i < 8192; i++)
		EXPECT_EQ(p[i], 0);
	memset(p, 'x', 8192);
	OK(shmdt(p));
	p = OK(shmat(id, NULL, SHM_RDONLY));
	EXPECT_EQ(p[0], 'x');
	EXPECT_EQ(p[8191], 'x');
	OK(shmdt(p));
	drop(id);
}

/* ---- sharing ---- */

TEST(two_attachments_show_the_same)
{
	int id = new_segment(PAGE);
	volatile int *a = OK(shmat(id, NULL, 0)), *b = OK(shmat(id, NULL, 0));

	EXPECT(a != b);
	*a = 42;
	EXPECT_EQ(*b, 42);
	EXPECT_EQ(attached(id), 2);
	OK(shmdt((void *)a));
	EXPECT_EQ(attached(id), 1);
	EXPECT_EQ(*b, 42);
	OK(shmdt((void *)b));
	EXPECT_EQ(attached(id), 0);
	drop(id);
}

TEST(fork_and_exit_count)
{
	int id = new_segment(PAGE);
	volatile int *p = OK(shmat(id, NULL, 0));
	struct event go;
	pid_t pid;

	event_init(&go);
	IN_CHILD(pid) {
		*p = 7;
		event_wait(&go);
	}
	while (*p != 7)
		sched_yield();
	EXPECT_EQ(attached(id), 2);
	event_signal(&go);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(attached(id), 1);
	EXPECT_EQ(stat_of(id).shm_lpid, pid);
	event_close(&go);
	OK(shmdt((void *)p));
	drop(id);
}

HELPER(shm_exec)
{
	int id = atoi(argv[argc - 1]);

	EXPECT_EQ(attached(id), 0);
	return 0;
}

TEST(exec_detaches)
{
	int id = new_segment(PAGE);
	char text[16];
	char *args[] = { HELPER_ARGV("shm_exec"), text, NULL };
	pid_t pid;

	snprintf(text, sizeof(text), "%d", id);
	IN_CHILD(pid) {
		OK(shmat(id, NULL, 0));
		execv(SELF, args);
		FAIL("exec");
	}
	EXPECT_EXIT(pid, 0);
	drop(id);
}

TEST(death_detaches)
{
	int id = new_segment(PAGE);
	pid_t pid;

	IN_CHILD(pid) {
		OK(shmat(id, NULL, 0));
		pause();
	}
	while (attached(id) != 1)
		sched_yield();
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	EXPECT_EQ(attached(id), 0);
	drop(id);
}

TEST(removed_segments_live_until_the_last_detach)
{
	key_t key = 0x4b455332;
	int id = OK(shmget(key, PAGE, IPC_CREAT | 0600)), other;
	char *a = OK(shmat(id, NULL, 0)), *b;

	strcpy(a, "still here");
	drop(id);
	EXPECT_STR(a, "still here");
	EXPECT_EQ(stat_of(id).shm_perm.mode & 01000, 01000);
	EXPECT_EQ(stat_of(id).shm_perm.__key, IPC_PRIVATE);
	EXPECT_ERR(shmget(key, PAGE, 0), ENOENT);
	other = OK(shmget(key, PAGE, IPC_CREAT | 0600));
	EXPECT(other != id);
	drop(other);
	/* By its id it can be attached even now. */
	b = OK(shmat(id, NULL, 0));
	EXPECT_STR(b, "still here");
	OK(shmdt(a));
	EXPECT_EQ(attached(id), 1);
	OK(shmdt(b));
	EXPECT_ERR(shmctl(id, IPC_STAT, &(struct shmid_ds){}), EINVAL);
	EXPECT_ERR(shmat(id, NULL, 0), EINVAL);
}

/* ---- shmat ---- */

TEST(addresses)
{
	int id = new_segment(2 * PAGE);
	char *area = OK(mmap(NULL, 8 * PAGE, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	OK(munmap(area, 8 * PAGE));
	EXPECT_ERR(shmat(id, area + 1, 0), EINVAL);
	EXPECT(OK(shmat(id, area + PAGE + 100, SHM_RND)) == area + PAGE);
	EXPECT_ERR(shmat(id, area + PAGE, 0), EINVAL);
	EXPECT_ERR(shmat(id, area, 0), EINVAL);
	EXPECT_EQ(attached(id), 1);
	area[PAGE] = 'a';
	EXPECT(OK(shmat(id, area, SHM_REMAP)) == area);
	EXPECT_EQ(area[0], 'a');
	EXPECT_EQ(attached(id), 2);
	EXPECT_ERR(shmat(id, NULL, SHM_REMAP), EINVAL);
	EXPECT_ERR(shmat(id, (void *)100, SHM_RND | SHM_REMAP), EINVAL);
	EXPECT_ERR(shmat(id, (void *)-PAGE, 0), EINVAL);
	EXPECT_ERR(shmat(-1, NULL, 0), EINVAL);
	OK(shmdt(area));
	/* Of the first one, the second page is left. */
	EXPECT_EQ(attached(id), 1);
	OK(shmdt(area + PAGE));
	EXPECT_EQ(attached(id), 0);
	drop(id);
}

TEST(read_only_attachments)
{
	int id = new_segment(PAGE);
	char *p = OK(shmat(id, NULL, SHM_RDONLY));
	pid_t pid;

	EXPECT_ERR(mprotect(p, PAGE, PROT_READ | PROT_WRITE), EACCES);
	IN_CHILD(pid)
		*(volatile char *)p = 1;
	EXPECT_KILLED(pid, SIGSEGV);
	OK(shmdt(p));
	drop(id);
}

TEST(executable_attachments)
{
	int id = OK(shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0700));
	unsigned char *w = OK(shmat(id, NULL, 0));
	int (*fn)(void);

	memcpy(w, "\xb8\x2a\0\0\0\xc3", 6);	/* mov eax, 42; ret */
	fn = (void *)OK(shmat(id, NULL, SHM_RDONLY | SHM_EXEC));
	EXPECT_EQ(fn(), 42);
	OK(shmdt(w));
	OK(shmdt((void *)fn));
	drop(id);
}

TEST(permissions)
{
	int id = OK(shmget(0x4b455333, PAGE, IPC_CREAT | 0644));
	int secret = new_segment(PAGE);
	struct shmid_ds ds = stat_of(id);
	pid_t pid;

	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(shmat(id, NULL, 0), EACCES);
		OK(shmat(id, NULL, SHM_RDONLY));
		EXPECT_ERR(shmat(id, NULL, SHM_RDONLY | SHM_EXEC), EACCES);
		EXPECT_ERR(shmat(secret, NULL, SHM_RDONLY), EACCES);
		EXPECT_ERR(shmctl(secret, IPC_STAT, &ds), EACCES);
		EXPECT_EQ(shmctl(secret & 32767, SHM_STAT_ANY, &ds), secret);
		EXPECT_ERR(shmctl(secret & 32767, SHM_STAT, &ds), EACCES);
		EXPECT_ERR(shmctl(id, IPC_RMID, NULL), EPERM);
		EXPECT_ERR(shmctl(id, IPC_SET, &ds), EPERM);
		EXPECT_ERR(shmctl(id, SHM_LOCK, NULL), EPERM);
		EXPECT_ERR(shmctl(id, SHM_UNLOCK, NULL), EPERM);
		EXPECT_ERR(shmget(0x4b455333, PAGE, 0666), EACCES);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(attached(id), 0);
	drop(id);
	drop(secret);
}

/* ---- shmdt ---- */

TEST(detach_errors)
{
	int id = new_segment(2 * PAGE);
	char *p = OK(shmat(id, NULL, 0));
	char *other = OK(mmap(NULL, PAGE, PROT_READ,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0));

	EXPECT_ERR(shmdt(p + 1), EINVAL);
	EXPECT_ERR(shmdt(p + PAGE), EINVAL);
	EXPECT_ERR(shmdt(other), EINVAL);
	EXPECT_ERR(shmdt(NULL), EINVAL);
	OK(shmdt(p));
	EXPECT_ERR(shmdt(p), EINVAL);
	OK(munmap(other, PAGE));
	drop(id);
}

/* However an attachment was cut up, shmdt takes all that is left of it. */
TEST(pieces_count_and_go_together)
{
	int id = new_segment(5 * PAGE);
	char *p = OK(shmat(id, NULL, 0));

	p[4 * PAGE] = 'z';
	OK(munmap(p + 2 * PAGE, PAGE));
	EXPECT_EQ(attached(id), 2);
	OK(mprotect(p + PAGE, PAGE, PROT_READ));
	EXPECT_EQ(attached(id), 3);
	EXPECT_EQ(p[4 * PAGE], 'z');
	OK(shmdt(p));
	EXPECT_EQ(attached(id), 0);
	EXPECT_ERR(msync(p + 4 * PAGE, PAGE, MS_ASYNC), ENOMEM);
	drop(id);
}

TEST(a_head_cut_off_leaves_the_rest_to_shmdt)
{
	int id = new_segment(3 * PAGE);
	char *p = OK(shmat(id, NULL, 0));

	OK(munmap(p, PAGE));
	EXPECT_EQ(attached(id), 1);
	OK(shmdt(p));
	EXPECT_EQ(attached(id), 0);
	drop(id);
}

TEST(mremap_moves_an_attachment)
{
	int id = new_segment(2 * PAGE);
	char *p = OK(shmat(id, NULL, 0)), *q;
	char *to = OK(mmap(NULL, 2 * PAGE, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	p[PAGE] = 'm';
	q = OK(mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		      to));
	EXPECT_EQ(q[PAGE], 'm');
	EXPECT_EQ(attached(id), 1);
	OK(shmdt(q));
	EXPECT_EQ(attached(id), 0);
	drop(id);
}

/* ---- shmctl ---- */

TEST(stat_and_set)
{
	time_t before = time(NULL);
	int id = OK(shmget(IPC_PRIVATE, 100, IPC_CREAT | 0640));
	struct shmid_ds ds = stat_of(id);
	void *p;

	EXPECT_EQ(ds.shm_perm.mode, 0640);
	EXPECT_EQ(ds.shm_segsz, 100);
	EXPECT_EQ(ds.shm_cpid, getpid());
	EXPECT_EQ(ds.shm_lpid, 0);
	EXPECT_EQ(ds.shm_atime, 0);
	EXPECT_EQ(ds.shm_dtime, 0);
	EXPECT(ds.shm_ctime >= before);
	p = OK(shmat(id, NULL, 0));
	ds = stat_of(id);
	EXPECT_EQ(ds.shm_lpid, getpid());
	EXPECT(ds.shm_atime >= before);
	EXPECT_EQ(ds.shm_dtime, 0);
	OK(shmdt(p));
	EXPECT(stat_of(id).shm_dtime >= before);
	ds.shm_perm.uid = 1000;
	ds.shm_perm.mode = 0777;
	OK(shmctl(id, IPC_SET, &ds));
	ds = stat_of(id);
	EXPECT_EQ(ds.shm_perm.uid, 1000);
	EXPECT_EQ(ds.shm_perm.mode, 0777);
	EXPECT_ERR(shmctl(id, IPC_SET, NULL), EFAULT);
	EXPECT_ERR(shmctl(id, IPC_STAT, NULL), EFAULT);
	EXPECT_ERR(shmctl(id, 99, NULL), EINVAL);
	EXPECT_ERR(shmctl(id, -1, NULL), EINVAL);
	EXPECT_ERR(shmctl(-1, IPC_STAT, &ds), EINVAL);
	drop(id);
}

TEST(info)
{
	int id = new_segment(3 * PAGE), max, found = 0;
	char *p = OK(shmat(id, NULL, 0));
	struct shminfo limits;
	struct shm_info info;
	struct shmid_ds ds;

	p[0] = 1;
	max = OK(shmctl(0, IPC_INFO, (void *)&limits));
	EXPECT_EQ(limits.shmmni, 4096);
	EXPECT_EQ(limits.shmmin, 1);
	EXPECT_EQ(limits.shmmax, -1UL - (1UL << 24));
	EXPECT_EQ(limits.shmall, -1UL - (1UL << 24));
	EXPECT_EQ(shmctl(0, SHM_INFO, (void *)&info), max);
	EXPECT(info.used_ids >= 1);
	EXPECT(info.shm_tot >= 3);
	EXPECT(info.shm_rss >= 1);
	for (int i = 0; i <= max; i++)
		if (shmctl(i, SHM_STAT, &ds) == id)
			found += ds.shm_segsz == 3 * PAGE;
	EXPECT_EQ(found, 1);
	EXPECT_ERR(shmctl(40000, SHM_STAT, &ds), EINVAL);
	OK(shmdt(p));
	drop(id);
}

TEST(locking)
{
	int id = new_segment(4 * PAGE);
	struct rlimit limit = { 2 * PAGE, 2 * PAGE };
	pid_t pid;

	OK(shmctl(id, SHM_LOCK, NULL));
	EXPECT_EQ(stat_of(id).shm_perm.mode & 02000, 02000);
	OK(shmctl(id, SHM_LOCK, NULL));
	OK(shmctl(id, SHM_UNLOCK, NULL));
	EXPECT_EQ(stat_of(id).shm_perm.mode & 02000, 0);
	EXPECT_ERR(shmctl(id ^ 0x40000000, SHM_LOCK, NULL), EINVAL);
	drop(id);
	IN_CHILD(pid) {
		OK(setrlimit(RLIMIT_MEMLOCK, &limit));
		become_user(4321, 4321);
		id = new_segment(3 * PAGE);
		EXPECT_ERR(shmctl(id, SHM_LOCK, NULL), ENOMEM);
		drop(id);
		id = new_segment(2 * PAGE);
		OK(shmctl(id, SHM_LOCK, NULL));
		drop(id);
		/* What was locked counts no more. */
		id = new_segment(2 * PAGE);
		OK(shmctl(id, SHM_LOCK, NULL));
		OK(shmctl(id, SHM_UNLOCK, NULL));
		OK(shmctl(id, SHM_LOCK, NULL));
		limit.rlim_cur = limit.rlim_max = 0;
		OK(setrlimit(RLIMIT_MEMLOCK, &limit));
		EXPECT_ERR(shmctl(id, SHM_LOCK, NULL), EPERM);
		OK(shmctl(id, SHM_UNLOCK, NULL));
		drop(id);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- /proc ---- */

static const char shm_heading[] =
	"       key      shmid perms                  size  cpid  lpid nattch"
	"   uid   gid  cuid  cgid      atime      dtime      ctime"
	"                   rss                  swap\n";

TEST(proc_lists_segments)
{
	static char text[65536];
	char want[128];
	int id = OK(shmget(0x4b455334, 5000, IPC_CREAT | 0640));
	char *p = OK(shmat(id, NULL, 0));

	p[4096] = 1;
	read_file("/proc/sysvipc/shm", text, sizeof(text));
	EXPECT_EQ(strncmp(text, shm_heading, strlen(shm_heading)), 0);
	snprintf(want, sizeof(want), "%10d %10d  %4o %21lu %5u %5u  %5lu",
		 0x4b455334, id, 0640, 5000UL, getpid(), getpid(), 1UL);
	EXPECT(strstr(text, want) != NULL);
	read_file("/proc/self/maps", text, sizeof(text));
	snprintf(want, sizeof(want), "rw-s 00000000 ");
	EXPECT(strstr(text, want) != NULL);
	snprintf(want, sizeof(want), " %d ", id);
	EXPECT(strstr(text, want) != NULL);
	EXPECT(strstr(text, "/SYSV4b455334 (deleted)\n") != NULL);
	OK(shmdt(p));
	drop(id);
}

TEST(limits_can_be_changed)
{
	char text[32];

	read_file("/proc/sys/kernel/shmmax", text, sizeof(text));
	EXPECT_STR(text, "18446744073692774399\n");
	read_file("/proc/sys/kernel/shmall", text, sizeof(text));
	EXPECT_STR(text, "18446744073692774399\n");
	read_file("/proc/sys/kernel/shmmni", text, sizeof(text));
	EXPECT_STR(text, "4096\n");
	write_file("/proc/sys/kernel/shmmax", "10000");
	EXPECT_ERR(shmget(IPC_PRIVATE, 10001, 0600), EINVAL);
	write_file("/proc/sys/kernel/shmmax", "18446744073692774399");
	write_file("/proc/sys/kernel/shmall", "2");
	EXPECT_ERR(shmget(IPC_PRIVATE, 3 * PAGE, 0600), ENOSPC);
	write_file("/proc/sys/kernel/shmall", "18446744073692774399");
	write_file("/proc/sys/kernel/shmmni", "0");
	EXPECT_ERR(shmget(IPC_PRIVATE, PAGE, 0600), ENOSPC);
	write_file("/proc/sys/kernel/shmmni", "4096");
}

/* ---- many at once ---- */

TEST(many_processes_add_up)
{
	enum { WORKERS = 4, ROUNDS = 50 };
	int id = new_segment(PAGE);
	int *p = OK(shmat(id, NULL, 0));
	pid_t pids[WORKERS];

	for (int i = 0; i < WORKERS; i++)
		IN_CHILD(pids[i])
			for (int n = 0; n < ROUNDS; n++) {
				int *mine = OK(shmat(id, NULL, 0));

				__atomic_fetch_add(mine, 1, __ATOMIC_SEQ_CST);
				OK(shmdt(mine));
			}
	for (int i = 0; i < WORKERS; i++)
		EXPECT_EXIT(pids[i], 0);
	EXPECT_EQ(*p, WORKERS * ROUNDS);
	EXPECT_EQ(attached(id), 1);
	OK(shmdt(p));
	drop(id);
}

/* Removing while others attach and detach: exactly one destroys it. */
TEST(removing_while_others_attach)
{
	for (int round = 0; round < 15; round++) {
		int id = new_segment(PAGE);
		pid_t pids[3];

		for (int i = 0; i < 3; i++)
			IN_CHILD(pids[i]) {
				void *p;

				while ((p = shmat(id, NULL, 0)) != (void *)-1) {
					*(volatile int *)p = i;
					OK(shmdt(p));
				}
				EXPECT(errno == EIDRM || errno == EINVAL);
			}
		for (int i = 0; i < 10; i++)
			sched_yield();
		drop(id);
		for (int i = 0; i < 3; i++)
			EXPECT_EXIT(pids[i], 0);
		EXPECT_ERR(shmctl(id, IPC_STAT, &(struct shmid_ds){}),
			   EINVAL);
	}
}
