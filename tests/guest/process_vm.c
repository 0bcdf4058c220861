/* process_vm_readv(2) and process_vm_writev(2). */
#include "test.h"

#include <sys/mman.h>
#include <sys/uio.h>

static char here[20000], there[20000];

TEST(copies_between_processes)
{
	struct iovec local[2] = { { here, 5000 }, { here + 6000, 9000 } };
	struct iovec remote[3] = { { there + 1, 4000 }, { there + 7000, 1 },
				   { there + 9000, 10000 } };
	struct event e;
	pid_t pid;

	event_init(&e);
	for (size_t i = 0; i < sizeof(there); i++)
		there[i] = i * 7;
	IN_CHILD(pid) {
		event_wait(&e);
		EXPECT_EQ(there[100], 'x');
		EXPECT_EQ(there[101], 'y');
	}
	memset(there, 0, sizeof(there));
	EXPECT_EQ(OK(process_vm_readv(pid, local, 2, remote, 3, 0)), 14000);
	EXPECT_EQ(here[0], (char)7);
	EXPECT_EQ(here[3999], (char)(4000 * 7));
	EXPECT_EQ(here[4000], (char)(7000 * 7));
	EXPECT_EQ(here[4001], (char)(9000 * 7));
	EXPECT_EQ(here[6000], (char)((9000 + 999) * 7));
	local[0] = (struct iovec){ "xy", 2 };
	remote[0] = (struct iovec){ there + 100, 2 };
	EXPECT_EQ(OK(process_vm_writev(pid, local, 1, remote, 1, 0)), 2);
	EXPECT_EQ(there[100], 0);
	event_signal(&e);
	EXPECT_EXIT(pid, 0);
	event_close(&e);
}

TEST(errors_of_process_vm)
{
	struct iovec local = { here, 10 }, remote = { there, 10 };
	struct iovec bad = { (void *)8, 10 };
	char *page = OK(mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	pid_t pid;

	OK(munmap(page + 4096, 4096));
	IN_CHILD(pid)
		pause();
	EXPECT_ERR(process_vm_readv(pid, &local, 1, &remote, 1, 1), EINVAL);
	EXPECT_ERR(process_vm_readv(99999999, &local, 1, &remote, 1, 0),
		   ESRCH);
	EXPECT_ERR(process_vm_readv(pid, &local, 1, &bad, 1, 0), EFAULT);
	EXPECT_ERR(process_vm_readv(pid, &bad, 1, &remote, 1, 0), EFAULT);
	EXPECT_ERR(process_vm_readv(pid, &local, 2000, &remote, 1, 0), EINVAL);
	EXPECT_EQ(OK(process_vm_readv(pid, &local, 0, &remote, 1, 0)), 0);
	/* Short at the first page that is not there. */
	remote = (struct iovec){ page + 4090, 10 };
	EXPECT_EQ(OK(process_vm_readv(pid, &local, 1, &remote, 1, 0)), 6);
	/* Unlike a debugger, it may not write what the owner may not. */
	remote = (struct iovec){ (void *)abort, 4 };
	EXPECT_ERR(process_vm_writev(pid, &local, 1, &remote, 1, 0), EFAULT);
	EXPECT_EQ(OK(process_vm_readv(pid, &local, 1, &remote, 1, 0)), 4);
	OK(kill(pid, SIGKILL));
	EXPECT_KILLED(pid, SIGKILL);
	OK(munmap(page, 4096));
}

TEST(strangers_get_eperm)
{
	struct iovec local = { here, 10 }, remote = { there, 10 };
	pid_t pid;

	IN_CHILD(pid) {
		become_user(1001, 1001);
		EXPECT_ERR(process_vm_readv(1, &local, 1, &remote, 1, 0),
			   EPERM);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- process_madvise ---- */

static long advise(int pidfd, const struct iovec *vec, size_t nr, int advice,
		   unsigned int flags)
{
	return syscall(SYS_process_madvise, pidfd, vec, nr, advice, flags);
}

TEST(advice_for_others)
{
	size_t page = 4096;
	char *p = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec vec[3] = { { p, page }, { p + page, 2 * page },
				{ p + 1, page } };
	struct event end;
	pid_t pid, zombie;
	int fd, gone;

	EXPECT(p != MAP_FAILED);
	memset(p, 7, 4 * page);
	event_init(&end);
	IN_CHILD(pid) {
		event_wait(&end);
		for (size_t i = 0; i < 4 * page; i++)
			EXPECT_EQ(p[i], 7);
	}
	fd = OK(syscall(SYS_pidfd_open, pid, 0));
	EXPECT_EQ(advise(fd, vec, 2, MADV_COLD, 0), 3 * page);
	EXPECT_EQ(advise(fd, vec, 2, MADV_PAGEOUT, 0), 3 * page);
	EXPECT_EQ(advise(fd, vec, 0, MADV_COLD, 0), 0);
	/* What was done before the first that fails counts. */
	EXPECT_EQ(advise(fd, vec, 3, MADV_COLD, 0), 3 * page);
	EXPECT_ERR(advise(fd, vec + 2, 1, MADV_COLD, 0), EINVAL);
	EXPECT_ERR(advise(fd, vec, 2, MADV_COLD, 1), EINVAL);
	EXPECT_ERR(advise(fd, vec, 2, MADV_DONTNEED, 0), EINVAL);
	EXPECT_ERR(advise(fd, vec, 2, MADV_DONTFORK, 0), EINVAL);
	EXPECT_ERR(advise(fd, vec, 2, 12345, 0), EINVAL);
	EXPECT_ERR(advise(fd, vec, 1025, MADV_COLD, 0), EINVAL);
	EXPECT_ERR(advise(fd, (void *)8, 1, MADV_COLD, 0), EFAULT);
	EXPECT_ERR(advise(-1, vec, 2, MADV_COLD, 0), EBADF);
	EXPECT_ERR(advise(0, vec, 2, MADV_COLD, 0), EBADF);
	IN_CHILD(zombie)
		;
	gone = OK(syscall(SYS_pidfd_open, zombie, 0));
	EXPECT_EXIT(zombie, 0);
	EXPECT_ERR(advise(gone, vec, 2, MADV_COLD, 0), ESRCH);
	OK(close(gone));
	IN_CHILD(zombie) {
		become_user(1000, 1000);
		EXPECT_ERR(advise(fd, vec, 2, MADV_COLD, 0), EACCES);
	}
	EXPECT_EXIT(zombie, 0);
	OK(munmap(p, 4 * page));
	event_signal(&end);
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
	event_close(&end);
}
