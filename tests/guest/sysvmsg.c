/*
 * System V message queues: msgget, msgsnd, msgrcv, msgctl.
 *
 * Objects outlive the processes that made them, so each test removes its own.
 */
#include "test.h"

#include <limits.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <time.h>

#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#endif

struct text {
	long	type;
	char	text[65536];
};

static struct text out, in;

static int new_queue(void)
{
	return OK(msgget(IPC_PRIVATE, IPC_CREAT | 0600));
}

static void drop(int id)
{
	OK(msgctl(id, IPC_RMID, NULL));
}

static int put(int id, long type, const char *s, int flags)
{
	out.type = type;
	strcpy(out.text, s);
	return msgsnd(id, &out, strlen(s), flags);
}

/* Receive, NUL at the end; the length or -1. */
static int get(int id, long type, int flags)
{
	ssize_t n = msgrcv(id, &in, sizeof(in.text) - 1, type, flags);

	if (n >= 0)
		in.text[n] = '\0';
	return n;
}

static void expect_next(int id, long type, int flags, long is_type,
			const char *text)
{
	EXPECT_EQ(get(id, type, flags | IPC_NOWAIT), strlen(text));
	EXPECT_EQ(in.type, is_type);
	EXPECT_STR(in.text, text);
}

static struct msqid_ds stat_of(int id)
{
	struct msqid_ds ds;

	OK(msgctl(id, IPC_STAT, &ds));
	return ds;
}

/* ---- msgget ---- */

TEST(get_makes_and_finds)
{
	key_t key = 0x4b454d31;
	int id;

	EXPECT_ERR(msgget(key, 0600), ENOENT);
	id = OK(msgget(key, IPC_CREAT | IPC_EXCL | 0600));
	EXPECT_EQ(msgget(key, 0), id);
	EXPECT_EQ(msgget(key, IPC_CREAT | 0600), id);
	EXPECT_ERR(msgget(key, IPC_CREAT | IPC_EXCL), EEXIST);
	drop(id);
	EXPECT_ERR(msgget(key, 0), ENOENT);
	EXPECT_ERR(msgctl(id, IPC_STAT, &(struct msqid_ds){}), EINVAL);
	EXPECT_ERR(put(id, 1, "x", IPC_NOWAIT), EINVAL);
	EXPECT_ERR(get(id, 0, IPC_NOWAIT), EINVAL);
}

/* ---- order and choice ---- */

TEST(first_in_first_out)
{
	int id = new_queue();

	OK(put(id, 3, "one", 0));
	OK(put(id, 1, "two", 0));
	OK(put(id, 2, "", 0));
	expect_next(id, 0, 0, 3, "one");
	expect_next(id, 0, 0, 1, "two");
	expect_next(id, 0, 0, 2, "");
	EXPECT_ERR(get(id, 0, IPC_NOWAIT), ENOMSG);
	drop(id);
}

TEST(by_type)
{
	int id = new_queue();

	OK(put(id, 5, "a", 0));
	OK(put(id, 3, "b", 0));
	OK(put(id, 4, "c", 0));
	OK(put(id, 3, "d", 0));
	OK(put(id, LONG_MAX, "e", 0));
	expect_next(id, 4, 0, 4, "c");
	EXPECT_ERR(get(id, 4, IPC_NOWAIT), ENOMSG);
	EXPECT_ERR(get(id, -2, IPC_NOWAIT), ENOMSG);
	expect_next(id, -4, 0, 3, "b");
	expect_next(id, -10, 0, 3, "d");
	expect_next(id, 5, MSG_EXCEPT, LONG_MAX, "e");
	EXPECT_ERR(get(id, 5, IPC_NOWAIT | MSG_EXCEPT), ENOMSG);
	expect_next(id, LONG_MIN, 0, 5, "a");
	drop(id);
}

TEST(too_long_messages_stay)
{
	int id = new_queue();

	OK(put(id, 1, "hello", 0));
	EXPECT_ERR(msgrcv(id, &in, 4, 0, IPC_NOWAIT), E2BIG);
	EXPECT_EQ(stat_of(id).msg_qnum, 1);
	EXPECT_EQ(msgrcv(id, &in, 4, 0, MSG_NOERROR), 4);
	EXPECT_MEM(in.text, "hell", 4);
	EXPECT_ERR(get(id, 0, IPC_NOWAIT), ENOMSG);
	drop(id);
}

TEST(copies_leave_the_message)
{
	int id = new_queue();

	OK(put(id, 7, "zero", 0));
	OK(put(id, 8, "one", 0));
	EXPECT_EQ(get(id, 1, MSG_COPY | IPC_NOWAIT), 3);
	EXPECT_EQ(in.type, 8);
	EXPECT_STR(in.text, "one");
	EXPECT_EQ(get(id, 0, MSG_COPY | IPC_NOWAIT), 4);
	EXPECT_ERR(get(id, 2, MSG_COPY | IPC_NOWAIT), ENOMSG);
	EXPECT_ERR(get(id, 0, MSG_COPY), EINVAL);
	EXPECT_ERR(get(id, 0, MSG_COPY | MSG_EXCEPT | IPC_NOWAIT), EINVAL);
	EXPECT_ERR(msgrcv(id, &in, 2, 0, MSG_COPY | IPC_NOWAIT), E2BIG);
	EXPECT_ERR(msgrcv(id, &in, 2, 0, MSG_COPY | IPC_NOWAIT | MSG_NOERROR),
		   EINVAL);
	EXPECT_EQ(stat_of(id).msg_qnum, 2);
	EXPECT_EQ(stat_of(id).msg_lrpid, 0);
	drop(id);
}

TEST(long_messages_arrive_whole)
{
	static const int lengths[] = { 1, 100, 4000, 4047, 4048, 4049, 4096,
				       8100, 8191, 8192 };
	int id = new_queue();

	for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
		int len = lengths[i];

		for (int n = 0; n < len; n++)
			out.text[n] = n * 7 + len;
		out.type = len;
		OK(msgsnd(id, &out, len, 0));
		EXPECT_EQ(msgrcv(id, &in, sizeof(in.text), len, 0), len);
		EXPECT_MEM(in.text, out.text, len);
	}
	drop(id);
}

/* ---- errors ---- */

TEST(errors)
{
	int id = new_queue();

	EXPECT_ERR(put(id, 0, "x", 0), EINVAL);
	EXPECT_ERR(put(id, -1, "x", 0), EINVAL);
	EXPECT_ERR(put(-1, 1, "x", 0), EINVAL);
	out.type = 1;
	EXPECT_ERR(msgsnd(id, &out, 8193, 0), EINVAL);
	EXPECT_ERR(msgsnd(id, &out, -1, 0), EINVAL);
	EXPECT_ERR(msgsnd(id, NULL, 1, 0), EFAULT);
	EXPECT_ERR(msgrcv(id, &in, -1, 0, 0), EINVAL);
	EXPECT_ERR(msgrcv(-1, &in, 1, 0, 0), EINVAL);
	EXPECT_ERR(msgctl(-1, IPC_STAT, NULL), EINVAL);
	EXPECT_ERR(msgctl(id, 99, NULL), EINVAL);
	EXPECT_ERR(msgctl(id, -1, NULL), EINVAL);
	EXPECT_ERR(msgctl(id, IPC_STAT, NULL), EFAULT);
	EXPECT_ERR(msgctl(id, IPC_SET, NULL), EFAULT);
	OK(put(id, 1, "lost", 0));
	EXPECT_ERR(msgrcv(id, NULL, 10, 0, IPC_NOWAIT), EFAULT);
	EXPECT_ERR(get(id, 0, IPC_NOWAIT), ENOMSG);
	drop(id);
}

TEST(text_that_cannot_be_read)
{
	/* The type is readable, the text behind it is not. */
	char *page = OK((char *)syscall(SYS_mmap, 0, 8192, 3, 0x22, -1, 0));
	long *type = (long *)(page + 4096) - 1;
	int id = new_queue();

	OK(syscall(SYS_munmap, page + 4096, 4096));
	*type = 1;
	EXPECT_ERR(msgsnd(id, type, 1, 0), EFAULT);
	OK(msgsnd(id, type, 0, 0));
	EXPECT_EQ(msgrcv(id, type, 10, 0, 0), 0);
	OK(put(id, 1, "text", 0));
	EXPECT_ERR(msgrcv(id, type, 10, 0, 0), EFAULT);
	EXPECT_EQ(stat_of(id).msg_qnum, 0);
	OK(syscall(SYS_munmap, page, 4096));
	drop(id);
}

TEST(permissions)
{
	int id = OK(msgget(0x4b454d32, IPC_CREAT | 0644));
	int write_only = OK(msgget(IPC_PRIVATE, IPC_CREAT | 0622));
	struct msqid_ds ds = stat_of(id);
	pid_t pid;

	OK(put(id, 1, "x", 0));
	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(put(id, 1, "y", 0), EACCES);
		EXPECT_EQ(get(id, 0, 0), 1);
		OK(put(write_only, 1, "z", 0));
		EXPECT_ERR(get(write_only, 0, 0), EACCES);
		EXPECT_ERR(msgctl(write_only, IPC_STAT, &ds), EACCES);
		EXPECT_EQ(msgctl(write_only & 32767, MSG_STAT_ANY, &ds),
			  write_only);
		EXPECT_ERR(msgctl(write_only & 32767, MSG_STAT, &ds), EACCES);
		EXPECT_ERR(msgctl(id, IPC_RMID, NULL), EPERM);
		EXPECT_ERR(msgctl(id, IPC_SET, &ds), EPERM);
		EXPECT_ERR(msgget(0x4b454d32, 0666), EACCES);
		EXPECT_EQ(msgget(0x4b454d32, 0444), id);
	}
	EXPECT_EXIT(pid, 0);
	drop(id);
	drop(write_only);
}

/* ---- waiting ---- */

TEST(a_receiver_waits_for_its_type)
{
	int id = new_queue();
	pid_t pid;

	IN_CHILD(pid) {
		EXPECT_EQ(get(id, 5, 0), 4);
		EXPECT_STR(in.text, "five");
	}
	wait_until_sleeping(pid);
	OK(put(id, 4, "four", 0));
	OK(put(id, 5, "five", 0));
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(stat_of(id).msg_qnum, 1);
	EXPECT_EQ(stat_of(id).msg_lrpid, pid);
	EXPECT_EQ(stat_of(id).msg_lspid, getpid());
	drop(id);
}

TEST(receivers_are_served_in_order)
{
	int id = new_queue();
	pid_t pids[4];

	for (int i = 0; i < 4; i++) {
		IN_CHILD(pids[i])
			EXPECT_EQ(get(id, i == 1 ? 9 : 0, 0), i);
		wait_until_sleeping(pids[i]);
	}
	OK(put(id, 1, "", 0));
	EXPECT_EXIT(pids[0], 0);
	OK(put(id, 1, "22", 0));
	EXPECT_EXIT(pids[2], 0);
	OK(put(id, 9, "1", 0));
	EXPECT_EXIT(pids[1], 0);
	OK(put(id, 1, "333", 0));
	EXPECT_EXIT(pids[3], 0);
	drop(id);
}

TEST(a_waiting_receiver_with_too_little_room_fails)
{
	int id = new_queue();
	pid_t pid;

	IN_CHILD(pid)
		EXPECT_ERR(msgrcv(id, &in, 2, 0, 0), E2BIG);
	wait_until_sleeping(pid);
	OK(put(id, 1, "long", 0));
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(stat_of(id).msg_qnum, 1);
	drop(id);
}

TEST(senders_wait_for_room)
{
	int id = new_queue();
	pid_t large, small;

	out.type = 1;
	OK(msgsnd(id, &out, 8192, 0));
	OK(msgsnd(id, &out, 8000, 0));
	EXPECT_ERR(msgsnd(id, &out, 8192, IPC_NOWAIT), EAGAIN);
	OK(msgsnd(id, &out, 192, IPC_NOWAIT));
	EXPECT_ERR(msgsnd(id, &out, 1, IPC_NOWAIT), EAGAIN);
	OK(msgsnd(id, &out, 0, IPC_NOWAIT));
	IN_CHILD(large)
		OK(msgsnd(id, &out, 8193 - 1, 0));
	wait_until_sleeping(large);
	IN_CHILD(small)
		OK(msgsnd(id, &out, 1, 0));
	wait_until_sleeping(small);
	EXPECT_EQ(msgrcv(id, &in, 8192, 0, 0), 8192);
	EXPECT_EXIT(large, 0);
	EXPECT_EQ(msgrcv(id, &in, 8192, 0, 0), 8000);
	EXPECT_EXIT(small, 0);
	EXPECT_EQ(stat_of(id).msg_cbytes, 192 + 8192 + 1);
	EXPECT_EQ(stat_of(id).msg_qnum, 4);
	drop(id);
}

TEST(more_room_wakes_senders)
{
	int id = new_queue();
	struct msqid_ds ds = stat_of(id);
	pid_t pid;

	ds.msg_qbytes = 4;
	OK(msgctl(id, IPC_SET, &ds));
	IN_CHILD(pid)
		OK(put(id, 1, "12345", 0));
	wait_until_sleeping(pid);
	ds.msg_qbytes = 5;
	OK(msgctl(id, IPC_SET, &ds));
	EXPECT_EXIT(pid, 0);
	drop(id);
}

/* As many empty messages as there may be bytes. */
TEST(empty_messages_are_counted)
{
	int id = new_queue();
	struct msqid_ds ds = stat_of(id);

	ds.msg_qbytes = 3;
	OK(msgctl(id, IPC_SET, &ds));
	for (int i = 0; i < 3; i++)
		OK(put(id, 1, "", IPC_NOWAIT));
	EXPECT_ERR(put(id, 1, "", IPC_NOWAIT), EAGAIN);
	drop(id);
}

TEST(removal_wakes_all)
{
	int full = new_queue(), empty = new_queue();
	pid_t pids[4];

	out.type = 1;
	OK(msgsnd(full, &out, 8192, 0));
	OK(msgsnd(full, &out, 8192, 0));
	for (int i = 0; i < 4; i++)
		IN_CHILD(pids[i]) {
			if (i % 2)
				EXPECT_ERR(put(full, 1, "x", 0), EIDRM);
			else
				EXPECT_ERR(get(empty, i, 0), EIDRM);
		}
	for (int i = 0; i < 4; i++)
		wait_until_sleeping(pids[i]);
	drop(full);
	drop(empty);
	for (int i = 0; i < 4; i++)
		EXPECT_EXIT(pids[i], 0);
}

static void on_signal(int sig)
{
	(void)sig;
}

TEST(signals_interrupt)
{
	int full = new_queue(), empty = new_queue();
	pid_t pids[2];

	out.type = 1;
	OK(msgsnd(full, &out, 8192, 0));
	OK(msgsnd(full, &out, 8192, 0));
	for (int i = 0; i < 2; i++)
		IN_CHILD(pids[i]) {
			struct sigaction sa = { .sa_handler = on_signal,
						.sa_flags = SA_RESTART };

			OK(sigaction(SIGUSR1, &sa, NULL));
			if (i)
				EXPECT_ERR(put(full, 1, "x", 0), EINTR);
			else
				EXPECT_ERR(get(empty, 0, 0), EINTR);
		}
	for (int i = 0; i < 2; i++) {
		wait_until_sleeping(pids[i]);
		OK(kill(pids[i], SIGUSR1));
		EXPECT_EXIT(pids[i], 0);
	}
	drop(full);
	drop(empty);
}

/* A stop and SIGCONT, which no handler sees, do not end the wait. */
TEST(stopping_does_not_interrupt)
{
	int id = new_queue(), status;
	pid_t pid;

	IN_CHILD(pid)
		EXPECT_EQ(get(id, 0, 0), 1);
	wait_until_sleeping(pid);
	OK(kill(pid, SIGSTOP));
	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	OK(kill(pid, SIGCONT));
	OK(put(id, 1, "x", 0));
	EXPECT_EXIT(pid, 0);
	drop(id);
}

TEST(killed_sleepers_leave)
{
	int id = new_queue();
	pid_t first, second;

	IN_CHILD(first)
		get(id, 0, 0);
	wait_until_sleeping(first);
	IN_CHILD(second)
		EXPECT_EQ(get(id, 0, 0), 1);
	wait_until_sleeping(second);
	OK(kill(first, SIGKILL));
	EXPECT_KILLED(first, SIGKILL);
	OK(put(id, 1, "x", 0));
	EXPECT_EXIT(second, 0);
	drop(id);
}

TEST(losing_the_right_wakes_a_receiver)
{
	int id = OK(msgget(IPC_PRIVATE, IPC_CREAT | 0666));
	struct msqid_ds ds = stat_of(id);
	pid_t pid;

	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(get(id, 0, 0), EACCES);
	}
	wait_until_sleeping(pid);
	ds.msg_perm.mode = 0600;
	OK(msgctl(id, IPC_SET, &ds));
	EXPECT_EXIT(pid, 0);
	drop(id);
}

/* ---- msgctl and /proc ---- */

TEST(stat_and_set)
{
	time_t before = time(NULL);
	int id = OK(msgget(IPC_PRIVATE, IPC_CREAT | 0640));
	struct msqid_ds ds = stat_of(id);
	pid_t pid;

	EXPECT_EQ(ds.msg_perm.mode, 0640);
	EXPECT_EQ(ds.msg_qbytes, 16384);
	EXPECT_EQ(ds.msg_qnum, 0);
	EXPECT_EQ(ds.msg_stime, 0);
	EXPECT_EQ(ds.msg_rtime, 0);
	EXPECT(ds.msg_ctime >= before);
	OK(put(id, 1, "abc", 0));
	ds = stat_of(id);
	EXPECT_EQ(ds.__msg_cbytes, 3);
	EXPECT(ds.msg_stime >= before);
	ds.msg_perm.uid = 1000;
	ds.msg_perm.gid = 1000;
	ds.msg_perm.mode = 0600;
	ds.msg_qbytes = 20000;
	OK(msgctl(id, IPC_SET, &ds));
	IN_CHILD(pid) {
		become_user(1000, 1000);
		ds = stat_of(id);
		EXPECT_EQ(ds.msg_qbytes, 20000);
		EXPECT_ERR(msgctl(id, IPC_SET, &ds), EPERM);
		ds.msg_qbytes = 16384;
		OK(msgctl(id, IPC_SET, &ds));
		OK(msgctl(id, IPC_RMID, NULL));
	}
	EXPECT_EXIT(pid, 0);
}

TEST(info)
{
	int id = new_queue(), max, found = 0;
	struct msqid_ds ds;
	struct msginfo info;

	OK(put(id, 1, "abc", 0));
	max = OK(msgctl(0, IPC_INFO, (void *)&info));
	EXPECT_EQ(info.msgmni, 32000);
	EXPECT_EQ(info.msgmax, 8192);
	EXPECT_EQ(info.msgmnb, 16384);
	EXPECT_EQ(info.msgssz, 16);
	EXPECT_EQ(info.msgseg, 0xffff);
	EXPECT_EQ(info.msgpool, 512000);
	EXPECT_EQ(msgctl(0, MSG_INFO, (void *)&info), max);
	EXPECT(info.msgpool >= 1);
	EXPECT(info.msgmap >= 1);
	EXPECT(info.msgtql >= 3);
	for (int i = 0; i <= max; i++)
		if (msgctl(i, MSG_STAT, &ds) == id)
			found += ds.msg_qnum == 1;
	EXPECT_EQ(found, 1);
	EXPECT_ERR(msgctl(40000, MSG_STAT, &ds), EINVAL);
	drop(id);
}

static const char msg_heading[] =
	"       key      msqid perms      cbytes       qnum lspid lrpid"
	"   uid   gid  cuid  cgid      stime      rtime      ctime\n";

TEST(proc_lists_queues)
{
	char text[16384], want[128];
	int id = OK(msgget(0x4b454d33, IPC_CREAT | 0640));

	OK(put(id, 1, "abc", 0));
	read_file("/proc/sysvipc/msg", text, sizeof(text));
	EXPECT_EQ(strncmp(text, msg_heading, strlen(msg_heading)), 0);
	snprintf(want, sizeof(want), "%10d %10d  %4o  %10lu %10lu %5u %5u",
		 0x4b454d33, id, 0640, 3UL, 1UL, getpid(), 0);
	EXPECT(strstr(text, want) != NULL);
	drop(id);
}

TEST(limits_can_be_changed)
{
	char text[32];
	int id;

	read_file("/proc/sys/kernel/msgmax", text, sizeof(text));
	EXPECT_STR(text, "8192\n");
	read_file("/proc/sys/kernel/msgmnb", text, sizeof(text));
	EXPECT_STR(text, "16384\n");
	read_file("/proc/sys/kernel/msgmni", text, sizeof(text));
	EXPECT_STR(text, "32000\n");
	write_file("/proc/sys/kernel/msgmax", "60000");
	write_file("/proc/sys/kernel/msgmnb", "60001");
	id = new_queue();
	out.type = 1;
	memset(out.text, 'x', 60000);
	OK(msgsnd(id, &out, 60000, 0));
	EXPECT_EQ(msgrcv(id, &in, sizeof(in.text), 0, 0), 60000);
	EXPECT_MEM(in.text, out.text, 60000);
	EXPECT_EQ(stat_of(id).msg_qbytes, 60001);
	write_file("/proc/sys/kernel/msgmax", "8192");
	write_file("/proc/sys/kernel/msgmnb", "16384");
	drop(id);
}

/* ---- many at once ---- */

TEST(many_senders_and_receivers)
{
	enum { PAIRS = 3, ROUNDS = 400 };
	int id = new_queue();
	struct msqid_ds ds = stat_of(id);
	pid_t pids[PAIRS * 2];

	ds.msg_qbytes = 64;	/* so that both sides wait */
	OK(msgctl(id, IPC_SET, &ds));
	for (int i = 0; i < PAIRS; i++) {
		IN_CHILD(pids[2 * i])
			for (int n = 0; n < ROUNDS; n++) {
				out.type = i + 1;
				memcpy(out.text, &n, sizeof(n));
				OK(msgsnd(id, &out, 4 + n % 20, 0));
			}
		IN_CHILD(pids[2 * i + 1])
			for (int n = 0; n < ROUNDS; n++) {
				EXPECT_EQ(get(id, i + 1, 0), 4 + n % 20);
				EXPECT_MEM(in.text, &n, sizeof(n));
			}
	}
	for (int i = 0; i < 2 * PAIRS; i++)
		EXPECT_EXIT(pids[i], 0);
	EXPECT_EQ(stat_of(id).msg_qnum, 0);
	EXPECT_EQ(stat_of(id).__msg_cbytes, 0);
	drop(id);
}

TEST(killing_senders_and_receivers)
{
	for (int round = 0; round < 10; round++) {
		int id = new_queue();
		struct msqid_ds ds = stat_of(id);
		pid_t pids[4];

		ds.msg_qbytes = 10;
		OK(msgctl(id, IPC_SET, &ds));
		for (int i = 0; i < 4; i++)
			IN_CHILD(pids[i])
				for (;;)
					if (i % 2)
						put(id, 1, "hello", 0);
					else
						get(id, 0, 0);
		for (int i = 0; i < 20; i++)
			sched_yield();
		for (int i = 0; i < 4; i++) {
			OK(kill(pids[i], SIGKILL));
			EXPECT_KILLED(pids[i], SIGKILL);
		}
		while (get(id, 0, IPC_NOWAIT) >= 0)
			;
		OK(put(id, 1, "hello", IPC_NOWAIT));
		drop(id);
	}
}
