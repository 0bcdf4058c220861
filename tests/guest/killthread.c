/*
 * kill(2) and rt_sigqueueinfo(2) by a thread's number: it stands for the
 * thread's whole process. And what kill(2) says of "everybody".
 */
#include "sigtools.h"

#include <limits.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

/* A thread that blocks all signals, waits for a word, and ends. */
struct sleeper {
	pthread_t	thread;
	pid_t		tid;
	struct event	ready, end;
};

static void *sleep_on_word(void *arg)
{
	struct sleeper *s = arg;

	s->tid = gettid();
	event_signal(&s->ready);
	event_wait(&s->end);
	return NULL;
}

static void sleeper_start(struct sleeper *s)
{
	sigset_t all, old;

	event_init(&s->ready);
	event_init(&s->end);
	sigfillset(&all);
	EXPECT_EQ(pthread_sigmask(SIG_SETMASK, &all, &old), 0);
	EXPECT_EQ(pthread_create(&s->thread, NULL, sleep_on_word, s), 0);
	EXPECT_EQ(pthread_sigmask(SIG_SETMASK, &old, NULL), 0);
	event_wait(&s->ready);
}

static void sleeper_end(struct sleeper *s)
{
	event_signal(&s->end);
	EXPECT_EQ(pthread_join(s->thread, NULL), 0);
	event_close(&s->ready);
	event_close(&s->end);
}

static siginfo_t info;

static void note_info(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	note(sig);
	info = *si;
}

/* The thread blocks the signal; its process takes it elsewhere. */
TEST(a_threads_number_names_its_process)
{
	struct sleeper s;
	pid_t pid, me = getpid();

	sleeper_start(&s);
	EXPECT(s.tid != me);
	handle_info(SIGUSR1, note_info, 0);
	OK(kill(s.tid, 0));
	EXPECT_EQ(count, 0);
	OK(kill(s.tid, SIGUSR1));
	EXPECT_EQ(count, 1);
	EXPECT_EQ(info.si_code, SI_USER);
	EXPECT_EQ(info.si_pid, me);

	IN_CHILD(pid)
		OK(kill(s.tid, SIGUSR1));
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(count, 2);
	EXPECT_EQ(info.si_pid, pid);

	/* A thread is not a group. */
	EXPECT_ERR(kill(-s.tid, 0), ESRCH);
	EXPECT_ERR(kill(s.tid, 65), EINVAL);
	sleeper_end(&s);
	/* Joined, it may have a last moment to go. */
	while (kill(s.tid, 0) == 0)
		sched_yield();
	EXPECT_EQ(errno, ESRCH);
}

TEST(it_is_asked_for_permission_all_the_same)
{
	struct sleeper s;
	pid_t pid;

	sleeper_start(&s);
	IN_CHILD(pid) {
		become_user(1234, 1234);
		EXPECT_ERR(kill(s.tid, 0), EPERM);
		EXPECT_ERR(kill(s.tid, SIGKILL), EPERM);
	}
	EXPECT_EXIT(pid, 0);
	sleeper_end(&s);
}

TEST(sigkill_by_a_threads_number_ends_all)
{
	struct sleeper *s = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	struct event ready;
	pid_t pid;

	event_init(&ready);
	IN_CHILD(pid) {
		sleeper_start(s);
		event_signal(&ready);
		pause();
	}
	event_wait(&ready);
	OK(kill(s->tid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	EXPECT_ERR(kill(s->tid, 0), ESRCH);
	event_close(&ready);
	OK(munmap(s, 4096));
}

static int queue(pid_t pid, int sig, int code, int value)
{
	siginfo_t si = {
		.si_code = code,
		.si_value.sival_int = value,
	};

	return syscall(SYS_rt_sigqueueinfo, pid, sig, &si);
}

TEST(queued_by_a_threads_number)
{
	struct sleeper s;

	sleeper_start(&s);
	handle_info(SIGRTMIN, note_info, 0);
	OK(queue(s.tid, SIGRTMIN, SI_QUEUE, 77));
	EXPECT_EQ(count, 1);
	EXPECT_EQ(info.si_code, SI_QUEUE);
	EXPECT_EQ(info.si_value.sival_int, 77);
	OK(queue(s.tid, 0, SI_QUEUE, 0));
	/* Only of itself may one say that kill(2) had sent it. */
	EXPECT_ERR(queue(s.tid, SIGRTMIN, SI_USER, 0), EPERM);
	EXPECT_ERR(queue(s.tid, SIGRTMIN, SI_TKILL, 0), EPERM);
	EXPECT_ERR(queue(s.tid, 65, SI_QUEUE, 0), EINVAL);
	OK(queue(getpid(), SIGRTMIN, SI_USER, 0));
	EXPECT_EQ(count, 2);
	sleeper_end(&s);
}

/* What is sent so is the process's: a thread that unblocks it, takes it. */
TEST(it_waits_for_any_thread)
{
	struct sleeper s;

	sleeper_start(&s);
	handle(SIGUSR1, note, 0);
	mask(SIG_BLOCK, SIGUSR1);
	OK(kill(s.tid, SIGUSR1));
	EXPECT(pending(SIGUSR1));
	EXPECT_EQ(count, 0);
	/* Sent to the thread alone, it stays with the thread. */
	handle(SIGUSR2, note, 0);
	mask(SIG_BLOCK, SIGUSR2);
	OK(tgkill(getpid(), s.tid, SIGUSR2));
	EXPECT(!pending(SIGUSR2));
	mask(SIG_UNBLOCK, SIGUSR2);
	EXPECT_EQ(count, 0);
	mask(SIG_UNBLOCK, SIGUSR1);
	EXPECT_EQ(count, 1);
	sleeper_end(&s);
}

/* ---- everybody ---- */

/* There are always others; whether one may signal them makes no difference. */
TEST(everybody)
{
	pid_t pid;

	OK(kill(-1, 0));
	EXPECT_ERR(kill(-1, 65), EINVAL);
	EXPECT_ERR(kill(-1, -1), EINVAL);
	IN_CHILD(pid) {
		pid_t mine;

		become_user(4321, 4321);
		OK(kill(-1, 0));
		OK(kill(-1, SIGTERM));
		EXPECT_ERR(kill(-1, 65), EINVAL);
		EXPECT_ERR(kill(1, SIGTERM), EPERM);
		IN_CHILD(mine)
			pause();
		OK(kill(-1, SIGTERM));
		EXPECT_KILLED(mine, SIGTERM);
		OK(kill(-1, SIGTERM));
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_ERR(kill(INT_MIN, 0), ESRCH);
}

/* ---- capget(2) without a place for the answer ---- */

static int ask_version(unsigned version, int pid, void *data,
		       unsigned *answer)
{
	struct __user_cap_header_struct head = { version, pid };
	int ret = syscall(SYS_capget, &head, data);

	*answer = head.version;
	return ret;
}

TEST(capget_asked_for_its_version)
{
	static const unsigned known[] = {
		_LINUX_CAPABILITY_VERSION_1, _LINUX_CAPABILITY_VERSION_2,
		_LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	unsigned answer;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		EXPECT_EQ(ask_version(known[i], 0, NULL, &answer), 0);
		EXPECT_EQ(answer, known[i]);
		/* The process is not even looked for. */
		EXPECT_EQ(ask_version(known[i], -1, NULL, &answer), 0);
		EXPECT_EQ(ask_version(known[i], 4194303, NULL, &answer), 0);
		EXPECT_ERR(ask_version(known[i], -1, data, &answer), EINVAL);
		EXPECT_ERR(ask_version(known[i], 4194303, data, &answer),
			   ESRCH);
		EXPECT_ERR(ask_version(known[i], 0, (void *)8, &answer),
			   EFAULT);
	}
	EXPECT_EQ(ask_version(0, 0, NULL, &answer), 0);
	EXPECT_EQ(answer, _LINUX_CAPABILITY_VERSION_3);
	EXPECT_EQ(ask_version(0, -1, NULL, &answer), 0);
	EXPECT_ERR(ask_version(0, 0, data, &answer), EINVAL);
	EXPECT_EQ(answer, _LINUX_CAPABILITY_VERSION_3);
	EXPECT_ERR(syscall(SYS_capget, NULL, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_capget, NULL, data), EFAULT);
	EXPECT_ERR(syscall(SYS_capset, NULL, NULL), EFAULT);
}

/* A header that ends behind its version: the rest is not looked at. */
TEST(capget_reads_what_it_needs)
{
	char *pages = OK(mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	unsigned *version = (unsigned *)(pages + 4092);
	struct __user_cap_data_struct data[2];

	OK(munmap(pages + 4096, 4096));
	*version = _LINUX_CAPABILITY_VERSION_3;
	EXPECT_EQ(syscall(SYS_capget, version, NULL), 0);
	EXPECT_ERR(syscall(SYS_capget, version, data), EFAULT);
	*version = 0;
	EXPECT_EQ(syscall(SYS_capget, version, NULL), 0);
	OK(munmap(pages, 4096));
}
