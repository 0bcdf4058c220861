/*
 * System V semaphores: semget, semop, semtimedop, semctl. Undoing is tested in
 * sysvsemundo.c.
 */
#include "semtools.h"

/* ---- semget ---- */

TEST(get_makes_and_finds)
{
	key_t key = 0x4b45454c;
	int id;

	EXPECT_ERR(semget(key, 2, 0600), ENOENT);
	id = OK(semget(key, 2, IPC_CREAT | IPC_EXCL | 0600));
	EXPECT_EQ(semget(key, 2, 0), id);
	EXPECT_EQ(semget(key, 0, 0), id);
	EXPECT_EQ(semget(key, 1, IPC_CREAT), id);
	EXPECT_ERR(semget(key, 3, 0), EINVAL);
	EXPECT_ERR(semget(key, 2, IPC_CREAT | IPC_EXCL), EEXIST);
	drop(id);
	EXPECT_ERR(semget(key, 2, 0), ENOENT);
	EXPECT_ERR(semctl(id, 0, GETVAL), EINVAL);
	EXPECT_ERR(semctl(id, 0, IPC_RMID), EINVAL);
}

TEST(get_errors)
{
	EXPECT_ERR(semget(IPC_PRIVATE, 0, IPC_CREAT | 0600), EINVAL);
	EXPECT_ERR(semget(IPC_PRIVATE, -1, IPC_CREAT | 0600), EINVAL);
	EXPECT_ERR(semget(IPC_PRIVATE, 32001, IPC_CREAT | 0600), EINVAL);
}

TEST(private_sets_are_different)
{
	int a = new_set(1), b = OK(semget(IPC_PRIVATE, 1, 0600));

	EXPECT(a != b);
	drop(a);
	drop(b);
}

TEST(ids_are_not_used_again_at_once)
{
	int first = new_set(1), id = first;

	for (int i = 0; i < 200; i++) {
		drop(id);
		id = new_set(1);
		EXPECT(id != first);
	}
	EXPECT_ERR(semctl(first, 0, GETVAL), EINVAL);
	drop(id);
}

TEST(a_set_as_large_as_may_be)
{
	static unsigned short values[32000];
	int id = new_set(32000);

	EXPECT_EQ(value(id, 31999), 0);
	for (int i = 0; i < 32000; i++)
		values[i] = i;
	OK(semctl(id, 0, SETALL, (union semun){ .array = values }));
	EXPECT_EQ(value(id, 31999), 31999);
	OK(op(id, 31999, 1));
	EXPECT_EQ(value(id, 31999), 32000);
	EXPECT_ERR(op(id, 32000, 1), EFBIG);
	OK(op_flags(id, 31998, 1, SEM_UNDO));
	drop(id);
}

/* ---- semop without waiting ---- */

TEST(operations_add_up)
{
	int id = new_set(3);

	EXPECT_EQ(value(id, 0), 0);
	OK(op(id, 0, 5));
	OK(op(id, 0, -2));
	EXPECT_EQ(value(id, 0), 3);
	OK(op(id, 1, 0));
	EXPECT_EQ(semctl(id, 0, GETPID), getpid());
	EXPECT_EQ(semctl(id, 1, GETPID), getpid());
	EXPECT_EQ(semctl(id, 2, GETPID), 0);
	drop(id);
}

TEST(all_operations_or_none)
{
	struct sembuf ops[] = {
		{ 0, 3, 0 }, { 1, -1, IPC_NOWAIT }, { 2, 7, 0 } };
	int id = new_set(3);

	EXPECT_ERR(semop(id, ops, 3), EAGAIN);
	EXPECT_EQ(value(id, 0), 0);
	EXPECT_EQ(value(id, 2), 0);
	set(id, 1, 1);
	OK(semop(id, ops, 3));
	EXPECT_EQ(value(id, 0), 3);
	EXPECT_EQ(value(id, 1), 0);
	EXPECT_EQ(value(id, 2), 7);
	drop(id);
}

TEST(one_semaphore_several_times)
{
	struct sembuf ops[] = { { 0, 0, IPC_NOWAIT }, { 0, 2, 0 },
				{ 0, -1, IPC_NOWAIT } };
	int id = new_set(1);

	OK(semop(id, ops, 3));
	EXPECT_EQ(value(id, 0), 1);
	EXPECT_ERR(semop(id, ops, 3), EAGAIN);
	EXPECT_EQ(value(id, 0), 1);
	drop(id);
}

TEST(operation_errors)
{
	static struct sembuf many[501];
	struct sembuf one = { 0, 1, 0 };
	int id = new_set(2);

	EXPECT_ERR(semop(id, &one, 0), EINVAL);
	EXPECT_ERR(semop(-1, &one, 1), EINVAL);
	EXPECT_ERR(semop(id ^ 0x40000000, &one, 1), EINVAL);
	EXPECT_ERR(semop(id, many, 501), E2BIG);
	OK(semop(id, many, 500));
	EXPECT_ERR(semop(id, NULL, 1), EFAULT);
	EXPECT_ERR(semop(id, (void *)8L, 500), EFAULT);
	one.sem_num = 2;
	EXPECT_ERR(semop(id, &one, 1), EFBIG);
	EXPECT_ERR(op_flags(id, 0, -1, IPC_NOWAIT), EAGAIN);
	set(id, 0, 1);
	EXPECT_ERR(op_flags(id, 0, 0, IPC_NOWAIT), EAGAIN);
	set(id, 0, 32767);
	EXPECT_ERR(op(id, 0, 1), ERANGE);
	EXPECT_ERR(op(id, 0, 32767), ERANGE);
	EXPECT_EQ(value(id, 0), 32767);
	OK(op(id, 0, -32767));
	EXPECT_EQ(value(id, 0), 0);
	drop(id);
}

TEST(undo_errors)
{
	int id = new_set(1);

	set(id, 0, 32767);
	OK(op_flags(id, 0, -32767, SEM_UNDO));
	set(id, 0, 1);		/* forgets what is to be undone */
	OK(op_flags(id, 0, -1, SEM_UNDO));
	OK(op(id, 0, 32767));
	EXPECT_ERR(op_flags(id, 0, -32767, SEM_UNDO), ERANGE);
	EXPECT_EQ(value(id, 0), 32767);
	drop(id);
}

/* ---- semtimedop ---- */

static int timed(int id, int num, int value, const struct timespec *ts)
{
	struct sembuf buf = { .sem_num = num, .sem_op = value };

	return semtimedop(id, &buf, 1, ts);
}

static long long ns_since(const struct timespec *start)
{
	struct timespec now;

	OK(clock_gettime(CLOCK_MONOTONIC, &now));
	return (now.tv_sec - start->tv_sec) * 1000000000LL +
	       now.tv_nsec - start->tv_nsec;
}

TEST(time_outs)
{
	struct timespec start, ts = { 0, 20000000 };
	int id = new_set(1);

	OK(clock_gettime(CLOCK_MONOTONIC, &start));
	EXPECT_ERR(timed(id, 0, -1, &ts), EAGAIN);
	EXPECT(ns_since(&start) >= 20000000);
	EXPECT_EQ(semctl(id, 0, GETNCNT), 0);
	OK(timed(id, 0, 1, &ts));
	ts = (struct timespec){ 0, 0 };
	EXPECT_ERR(timed(id, 0, 0, &ts), EAGAIN);
	OK(timed(id, 0, -1, NULL));
	ts.tv_nsec = 1000000000;
	EXPECT_ERR(timed(id, 0, 1, &ts), EINVAL);
	ts = (struct timespec){ -1, 0 };
	EXPECT_ERR(timed(id, 0, 1, &ts), EINVAL);
	EXPECT_ERR(timed(id, 0, 1, (void *)8L), EFAULT);
	EXPECT_EQ(value(id, 0), 0);
	drop(id);
}

/* ---- waiting ---- */

TEST(waits_until_it_grows)
{
	int id = new_set(1);
	pid_t pid;

	IN_CHILD(pid)
		OK(op(id, 0, -3));
	wait_for_waiters(id, 0, 1, GETNCNT);
	EXPECT_EQ(semctl(id, 0, GETZCNT), 0);
	OK(op(id, 0, 2));
	EXPECT_EQ(semctl(id, 0, GETNCNT), 1);
	OK(op(id, 0, 2));
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(value(id, 0), 1);
	EXPECT_EQ(semctl(id, 0, GETPID), pid);
	EXPECT_EQ(semctl(id, 0, GETNCNT), 0);
	drop(id);
}

TEST(waits_for_zero)
{
	int id = new_set(1);
	pid_t pid;

	set(id, 0, 2);
	IN_CHILD(pid)
		OK(op(id, 0, 0));
	wait_for_waiters(id, 0, 1, GETZCNT);
	EXPECT_EQ(semctl(id, 0, GETNCNT), 0);
	OK(op(id, 0, -1));
	EXPECT_EQ(semctl(id, 0, GETZCNT), 1);
	OK(op(id, 0, -1));
	EXPECT_EXIT(pid, 0);
	drop(id);
}

TEST(setval_and_setall_wake)
{
	unsigned short values[2] = { 0, 1 };
	int id = new_set(2);
	pid_t pid;

	IN_CHILD(pid)
		OK(op(id, 0, -1));
	wait_for_waiters(id, 0, 1, GETNCNT);
	set(id, 0, 1);
	EXPECT_EXIT(pid, 0);
	IN_CHILD(pid)
		OK(op(id, 1, -1));
	wait_for_waiters(id, 1, 1, GETNCNT);
	OK(semctl(id, 0, SETALL, (union semun){ .array = values }));
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(value(id, 1), 0);
	drop(id);
}

/* Who can go on does, even if an older one wants more than there is. */
TEST(a_large_wish_does_not_hold_up_small_ones)
{
	int id = new_set(1);
	pid_t large, small;

	IN_CHILD(large)
		OK(op(id, 0, -5));
	wait_for_waiters(id, 0, 1, GETNCNT);
	IN_CHILD(small)
		OK(op(id, 0, -1));
	wait_for_waiters(id, 0, 2, GETNCNT);
	OK(op(id, 0, 1));
	EXPECT_EXIT(small, 0);
	EXPECT_EQ(semctl(id, 0, GETNCNT), 1);
	OK(op(id, 0, 5));
	EXPECT_EXIT(large, 0);
	drop(id);
}

/* Of equal wishes the oldest is met first. */
TEST(first_come_first_served)
{
	struct sembuf ops[] = { { 0, -1, 0 }, { 1, 1, 0 } };
	int id = new_set(3);
	pid_t pids[4];

	for (int i = 0; i < 4; i++) {
		IN_CHILD(pids[i]) {
			OK(semop(id, ops, 2));
			OK(op(id, 2, -(i + 1)));
		}
		wait_for_waiters(id, 0, i + 1, GETNCNT);
	}
	for (int i = 0; i < 4; i++) {
		OK(op(id, 0, 1));
		wait_for_waiters(id, 2, 1, GETNCNT);
		EXPECT_EQ(semctl(id, 0, GETPID), pids[i]);
		OK(op(id, 2, i + 1));
		EXPECT_EXIT(pids[i], 0);
	}
	EXPECT_EQ(value(id, 2), 0);
	drop(id);
}

/* One semop lets another go on, which lets a third go on. */
TEST(one_thing_leads_to_another)
{
	int id = new_set(3);
	pid_t pids[3];

	for (int i = 0; i < 3; i++) {
		IN_CHILD(pids[i]) {
			struct sembuf ops[] = { { i, -1, 0 },
						{ (i + 1) % 3, 1, 0 } };

			OK(semop(id, ops, 2));
		}
		wait_for_waiters(id, i, 1, GETNCNT);
	}
	OK(op(id, 0, 1));
	for (int i = 0; i < 3; i++)
		EXPECT_EXIT(pids[i], 0);
	EXPECT_EQ(value(id, 0), 1);
	drop(id);
}

TEST(a_sleeper_fails_when_its_wish_becomes_impossible)
{
	struct sembuf ops[] = { { 0, -1, 0 }, { 1, -1, IPC_NOWAIT } };
	struct sembuf range[] = { { 0, -1, 0 }, { 1, 1, 0 } };
	int id = new_set(2);
	pid_t pid;

	IN_CHILD(pid)
		EXPECT_ERR(semop(id, ops, 2), EAGAIN);
	wait_for_waiters(id, 0, 1, GETNCNT);
	OK(op(id, 0, 1));
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(value(id, 0), 1);
	set(id, 0, 0);
	set(id, 1, 32767);
	IN_CHILD(pid)
		EXPECT_ERR(semop(id, range, 2), ERANGE);
	wait_for_waiters(id, 0, 1, GETNCNT);
	OK(op(id, 0, 1));
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(value(id, 0), 1);
	drop(id);
}

static void on_signal(int sig)
{
	(void)sig;
}

static void interrupted(int id, const struct timespec *timeout)
{
	pid_t pid;

	IN_CHILD(pid) {
		struct sigaction sa = { .sa_handler = on_signal,
					.sa_flags = SA_RESTART };

		OK(sigaction(SIGUSR1, &sa, NULL));
		EXPECT_ERR(timed(id, 0, -1, timeout), EINTR);
	}
	wait_for_waiters(id, 0, 1, GETNCNT);
	OK(kill(pid, SIGUSR1));
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(semctl(id, 0, GETNCNT), 0);
}

/* semop(2) is never restarted, whatever SA_RESTART says. */
TEST(a_signal_interrupts)
{
	struct timespec long_time = { 1000, 0 };
	int id = new_set(1);

	interrupted(id, NULL);
	interrupted(id, &long_time);
	drop(id);
}

TEST(removal_wakes_all)
{
	int id = new_set(2);
	pid_t pids[6];

	set(id, 1, 1);
	for (int i = 0; i < 6; i++) {
		IN_CHILD(pids[i])
			EXPECT_ERR(i % 2 ? op_flags(id, 0, -1, SEM_UNDO) :
					   op(id, 1, 0), EIDRM);
	}
	wait_for_waiters(id, 0, 3, GETNCNT);
	wait_for_waiters(id, 1, 3, GETZCNT);
	drop(id);
	for (int i = 0; i < 6; i++)
		EXPECT_EXIT(pids[i], 0);
}

TEST(killed_sleepers_leave_the_queue)
{
	int id = new_set(1);
	pid_t pids[5];

	for (int i = 0; i < 5; i++)
		IN_CHILD(pids[i])
			op_flags(id, 0, -1, i % 2 ? SEM_UNDO : 0);
	wait_for_waiters(id, 0, 5, GETNCNT);
	for (int i = 0; i < 5; i++) {
		OK(kill(pids[i], SIGKILL));
		EXPECT_KILLED(pids[i], SIGKILL);
		EXPECT_EQ(semctl(id, 0, GETNCNT), 4 - i);
	}
	OK(op(id, 0, 1));
	EXPECT_EQ(value(id, 0), 1);
	drop(id);
}

/* ---- semctl ---- */

TEST(stat_and_set)
{
	struct semid_ds ds;
	time_t before = time(NULL);
	int id = OK(semget(IPC_PRIVATE, 4, IPC_CREAT | 0640));

	OK(semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds }));
	EXPECT_EQ(ds.sem_perm.__key, IPC_PRIVATE);
	EXPECT_EQ(ds.sem_perm.mode, 0640);
	EXPECT_EQ(ds.sem_perm.uid, 0);
	EXPECT_EQ(ds.sem_perm.cuid, 0);
	EXPECT_EQ(ds.sem_perm.__seq, id >> 15);
	EXPECT_EQ(ds.sem_nsems, 4);
	EXPECT_EQ(ds.sem_otime, 0);
	EXPECT(ds.sem_ctime >= before);
	OK(op(id, 0, 1));
	OK(semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds }));
	EXPECT(ds.sem_otime >= before);
	ds.sem_perm.uid = 1000;
	ds.sem_perm.gid = 100;
	ds.sem_perm.mode = 07604;
	OK(semctl(id, 0, IPC_SET, (union semun){ .buf = &ds }));
	OK(semctl(id, 0, IPC_STAT, (union semun){ .buf = &ds }));
	EXPECT_EQ(ds.sem_perm.uid, 1000);
	EXPECT_EQ(ds.sem_perm.gid, 100);
	EXPECT_EQ(ds.sem_perm.cuid, 0);
	EXPECT_EQ(ds.sem_perm.mode, 0604);
	ds.sem_perm.uid = -1;
	EXPECT_ERR(semctl(id, 0, IPC_SET, (union semun){ .buf = &ds }),
		   EINVAL);
	EXPECT_ERR(semctl(id, 0, IPC_SET, (union semun){ .buf = NULL }),
		   EFAULT);
	EXPECT_ERR(semctl(id, 0, IPC_STAT, (union semun){ .buf = NULL }),
		   EFAULT);
	drop(id);
}

TEST(control_errors)
{
	unsigned short values[2] = { 0, 32768 };
	int id = new_set(2);

	EXPECT_ERR(semctl(id, 0, 99), EINVAL);
	EXPECT_ERR(semctl(-1, 0, GETVAL), EINVAL);
	EXPECT_ERR(semctl(-1, 0, IPC_INFO, (union semun){}), EINVAL);
	EXPECT_ERR(semctl(id, 2, GETVAL), EINVAL);
	EXPECT_ERR(semctl(id, -1, GETNCNT), EINVAL);
	EXPECT_ERR(semctl(id, 2, SETVAL, (union semun){ .val = 1 }), EINVAL);
	EXPECT_ERR(semctl(id, 0, SETVAL, (union semun){ .val = -1 }), ERANGE);
	EXPECT_ERR(semctl(id, 9, SETVAL, (union semun){ .val = 32768 }),
		   ERANGE);
	EXPECT_ERR(semctl(id, 0, SETALL, (union semun){ .array = values }),
		   ERANGE);
	EXPECT_ERR(semctl(id, 0, SETALL, (union semun){ .array = NULL }),
		   EFAULT);
	EXPECT_ERR(semctl(id, 0, GETALL, (union semun){ .array = NULL }),
		   EFAULT);
	drop(id);
}

TEST(getall)
{
	unsigned short values[3] = { 1, 2, 32767 }, got[3] = {};
	int id = new_set(3);

	OK(semctl(id, 0, SETALL, (union semun){ .array = values }));
	OK(semctl(id, 0, GETALL, (union semun){ .array = got }));
	EXPECT_MEM(got, values, sizeof(values));
	drop(id);
}

TEST(info_and_stat_by_index)
{
	struct seminfo info;
	struct semid_ds ds;
	int id = new_set(7), max, found = 0;

	max = OK(semctl(0, 0, IPC_INFO, (union semun){ .info = &info }));
	EXPECT_EQ(info.semmni, 32000);
	EXPECT_EQ(info.semmsl, 32000);
	EXPECT_EQ(info.semmns, 1024000000);
	EXPECT_EQ(info.semopm, 500);
	EXPECT_EQ(info.semvmx, 32767);
	EXPECT_EQ(info.semusz, 20);
	EXPECT_EQ(info.semaem, 32767);
	EXPECT_EQ(semctl(0, 0, SEM_INFO, (union semun){ .info = &info }), max);
	EXPECT(info.semusz >= 1);
	EXPECT(info.semaem >= 7);
	EXPECT_EQ(max >= (id & 32767), 1);
	for (int i = 0; i <= max; i++)
		if (semctl(i, 0, SEM_STAT, (union semun){ .buf = &ds }) == id)
			found += ds.sem_nsems == 7;
	EXPECT_EQ(found, 1);
	EXPECT_EQ(semctl(id & 32767, 0, SEM_STAT_ANY,
			 (union semun){ .buf = &ds }), id);
	EXPECT_ERR(semctl(40000, 0, SEM_STAT, (union semun){ .buf = &ds }),
		   EINVAL);
	EXPECT_ERR(semctl(0, 0, IPC_INFO, (union semun){ .info = NULL }),
		   EFAULT);
	drop(id);
}

TEST(permissions)
{
	struct semid_ds ds;
	key_t key = 0x4b454501;
	int id = OK(semget(key, 1, IPC_CREAT | 0644));
	int open_id = OK(semget(IPC_PRIVATE, 1, IPC_CREAT | 0622));
	int group = OK(semget(IPC_PRIVATE, 1, IPC_CREAT | 0640));
	pid_t pid;

	OK(semctl(group, 0, IPC_STAT, (union semun){ .buf = &ds }));
	ds.sem_perm.gid = 2000;
	OK(semctl(group, 0, IPC_SET, (union semun){ .buf = &ds }));
	IN_CHILD(pid) {
		become_user(1000, 2000);
		EXPECT_EQ(semctl(id, 0, GETVAL), 0);
		OK(op(id, 0, 0));
		EXPECT_ERR(op(id, 0, 1), EACCES);
		EXPECT_ERR(semctl(id, 0, SETVAL, (union semun){ .val = 1 }),
			   EACCES);
		EXPECT_ERR(semctl(id, 0, IPC_RMID), EPERM);
		EXPECT_ERR(semctl(id, 0, IPC_SET, (union semun){ .buf = &ds }),
			   EPERM);
		EXPECT_EQ(semget(key, 1, 0444), id);
		EXPECT_ERR(semget(key, 1, 0666), EACCES);
		OK(op(open_id, 0, 1));
		EXPECT_ERR(op(open_id, 0, 0), EACCES);
		EXPECT_ERR(semctl(open_id, 0, GETVAL), EACCES);
		EXPECT_ERR(semctl(open_id, 0, IPC_STAT,
				  (union semun){ .buf = &ds }), EACCES);
		EXPECT_EQ(semctl(open_id & 32767, 0, SEM_STAT_ANY,
				 (union semun){ .buf = &ds }), open_id);
		EXPECT_EQ(semctl(group, 0, GETVAL), 0);
		EXPECT_ERR(op(group, 0, 1), EACCES);
	}
	EXPECT_EXIT(pid, 0);
	drop(id);
	drop(open_id);
	drop(group);
}

/* ---- /proc ---- */

static const char sem_heading[] =
	"       key      semid perms      nsems   uid   gid  cuid  cgid"
	"      otime      ctime\n";

TEST(proc_lists_sets)
{
	char text[16384], want[64];
	int id = OK(semget(0x1234, 5, IPC_CREAT | 0640));

	read_file("/proc/sysvipc/sem", text, sizeof(text));
	EXPECT_EQ(strncmp(text, sem_heading, strlen(sem_heading)), 0);
	snprintf(want, sizeof(want), "%10d %10d  %4o %10u %5u", 0x1234, id,
		 0640, 5, 0);
	EXPECT(strstr(text, want) != NULL);
	drop(id);
}

TEST(limits_can_be_changed)
{
	char text[64];
	int id;

	read_file("/proc/sys/kernel/sem", text, sizeof(text));
	EXPECT_STR(text, "32000\t1024000000\t500\t32000\n");
	write_file("/proc/sys/kernel/sem", "10 1024000000 4 32000");
	EXPECT_ERR(semget(IPC_PRIVATE, 11, 0600), EINVAL);
	id = new_set(10);
	EXPECT_ERR(semop(id, (struct sembuf[5]){}, 5), E2BIG);
	write_file("/proc/sys/kernel/sem", "10 12 4 32000");
	EXPECT_ERR(semget(IPC_PRIVATE, 3, 0600), ENOSPC);
	write_file("/proc/sys/kernel/sem", "10 1200 4 1");
	EXPECT_ERR(semget(IPC_PRIVATE, 3, 0600), ENOSPC);
	write_file("/proc/sys/kernel/sem", "32000 1024000000 500 32000");
	drop(id);
}

/* ---- many at once ---- */

TEST(a_semaphore_is_a_lock_for_many)
{
	enum { WORKERS = 6, ROUNDS = 300 };
	int id = new_set(2);
	pid_t pids[WORKERS];

	set(id, 0, 1);
	for (int i = 0; i < WORKERS; i++) {
		IN_CHILD(pids[i]) {
			for (int n = 0; n < ROUNDS; n++) {
				OK(op_flags(id, 0, -1, SEM_UNDO));
				EXPECT_EQ(value(id, 0), 0);
				OK(op_flags(id, 1, 1, 0));
				OK(op_flags(id, 0, 1, SEM_UNDO));
			}
		}
	}
	for (int i = 0; i < WORKERS; i++)
		EXPECT_EXIT(pids[i], 0);
	EXPECT_EQ(value(id, 0), 1);
	EXPECT_EQ(value(id, 1), WORKERS * ROUNDS);
	drop(id);
}

/* Holders die at any instant; the lock is always given back. */
TEST(killing_holders_never_loses_the_lock)
{
	int id = new_set(1);
	pid_t pids[4];

	set(id, 0, 1);
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 4; i++)
			IN_CHILD(pids[i])
				for (;;) {
					op_flags(id, 0, -1, SEM_UNDO);
					op_flags(id, 0, 1, SEM_UNDO);
				}
		for (int i = 0; i < 20; i++)
			sched_yield();
		for (int i = 0; i < 4; i++) {
			OK(kill(pids[i], SIGKILL));
			EXPECT_KILLED(pids[i], SIGKILL);
		}
		EXPECT_EQ(value(id, 0), 1);
		EXPECT_EQ(semctl(id, 0, GETNCNT), 0);
	}
	drop(id);
}

TEST(removing_while_others_use_it)
{
	for (int round = 0; round < 20; round++) {
		int id = new_set(2);
		pid_t pids[3];

		set(id, 0, 1);
		for (int i = 0; i < 3; i++)
			IN_CHILD(pids[i]) {
				while (op_flags(id, 0, -1, SEM_UNDO) == 0 &&
				       op_flags(id, 0, 1, SEM_UNDO) == 0)
					;
				EXPECT(errno == EIDRM || errno == EINVAL);
			}
		for (int i = 0; i < 10; i++)
			sched_yield();
		drop(id);
		for (int i = 0; i < 3; i++)
			EXPECT_EXIT(pids[i], 0);
	}
}
