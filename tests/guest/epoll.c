/* epoll: instances, what they watch, level and edge, and every error. */
#include "epolltools.h"

#include <sys/mman.h>

/* ---- instances ---- */

TEST(creating)
{
	char path[64], link[64] = "";
	struct stat st;
	char c;
	int ep;

	EXPECT_ERR(syscall(SYS_epoll_create, 0), EINVAL);
	EXPECT_ERR(syscall(SYS_epoll_create, -1), EINVAL);
	EXPECT_ERR(epoll_create1(1), EINVAL);
	EXPECT_ERR(epoll_create1(O_NONBLOCK), EINVAL);
	ep = OK(syscall(SYS_epoll_create, 1));
	EXPECT_EQ(OK(fcntl(ep, F_GETFD)), 0);
	EXPECT_EQ(OK(fcntl(ep, F_GETFL)), O_RDWR);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ep);
	OK(readlink(path, link, sizeof(link) - 1));
	EXPECT_STR(link, "anon_inode:[eventpoll]");
	OK(fstat(ep, &st));
	EXPECT_EQ(st.st_mode, 0600);
	EXPECT_ERR(read(ep, &c, 1), EINVAL);
	EXPECT_ERR(write(ep, &c, 1), EINVAL);
	EXPECT_EQ(lseek(ep, 7, SEEK_SET), 0);
	OK(close(ep));
	ep = OK(epoll_create1(EPOLL_CLOEXEC));
	EXPECT_EQ(OK(fcntl(ep, F_GETFD)), FD_CLOEXEC);
	OK(close(ep));
}

TEST(errors_of_ctl)
{
	int ep = OK(epoll_create1(0)), fds[2], file, dir, null, path;
	struct epoll_event e = { .events = EPOLLIN };

	OK(pipe(fds));
	file = OK(open("f", O_CREAT | O_RDWR, 0600));
	dir = OK(open(".", O_RDONLY));
	null = OK(open("/dev/null", O_RDWR));
	path = OK(open("f", O_PATH));
	EXPECT_ERR(ctl(ep, EPOLL_CTL_ADD, 77, EPOLLIN), EBADF);
	EXPECT_ERR(ctl(77, EPOLL_CTL_ADD, fds[0], EPOLLIN), EBADF);
	EXPECT_ERR(ctl(ep, EPOLL_CTL_ADD, path, EPOLLIN), EBADF);
	EXPECT_ERR(ctl(ep, EPOLL_CTL_ADD, file, EPOLLIN), EPERM);
	EXPECT_ERR(ctl(ep, EPOLL_CTL_ADD, dir, EPOLLIN), EPERM);
	EXPECT_ERR(ctl(ep, EPOLL_CTL_ADD, null, EPOLLIN), EPERM);
	EXPECT_ERR(ctl(fds[0], EPOLL_CTL_ADD, fds[1], EPOLLIN), EINVAL);
	EXPECT_ERR(ctl(fds[0], EPOLL_CTL_ADD, file, EPOLLIN), EPERM);
	EXPECT_ERR(ctl(ep, EPOLL_CTL_ADD, ep, EPOLLIN), EINVAL);
	EXPECT_ERR(ctl(ep, EPOLL_CTL_MOD, fds[0], EPOLLIN), ENOENT);
	EXPECT_ERR(epoll_ctl(ep, EPOLL_CTL_DEL, fds[0], NULL), ENOENT);
	EXPECT_ERR(ctl(ep, 0, fds[0], EPOLLIN), EINVAL);
	EXPECT_ERR(ctl(ep, 4, fds[0], EPOLLIN), EINVAL);
	EXPECT_ERR(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], NULL), EFAULT);
	EXPECT_ERR(epoll_ctl(77, 99, 78, NULL), EFAULT);
	watch(ep, fds[0], EPOLLIN);
	EXPECT_ERR(ctl(ep, EPOLL_CTL_ADD, fds[0], EPOLLIN), EEXIST);
	EXPECT_ERR(epoll_ctl(ep, EPOLL_CTL_MOD, fds[0], (void *)8), EFAULT);
	EXPECT_ERR(epoll_ctl(ep, 4, fds[0], &e), EINVAL);
	/* DEL looks at no event. */
	OK(epoll_ctl(ep, EPOLL_CTL_DEL, fds[0], (void *)8));
	close_pair(fds);
	OK(close(file));
	OK(close(dir));
	OK(close(null));
	OK(close(path));
	OK(close(ep));
}

TEST(errors_of_wait)
{
	int ep = OK(epoll_create1(0)), fds[2];
	struct epoll_event e;
	const int most = 0x7fffffff / sizeof(e);

	OK(pipe(fds));
	EXPECT_ERR(epoll_wait(ep, &e, 0, 0), EINVAL);
	EXPECT_ERR(epoll_wait(ep, &e, -1, 0), EINVAL);
	EXPECT_ERR(syscall(SYS_epoll_wait, ep, &e, most + 1, 0), EINVAL);
	EXPECT_EQ(syscall(SYS_epoll_wait, ep, 0x10000L, most, 0), 0);
	EXPECT_ERR(epoll_wait(77, &e, 0, 0), EINVAL);
	EXPECT_ERR(epoll_wait(77, &e, 1, 0), EBADF);
	EXPECT_ERR(epoll_wait(fds[0], &e, 1, 0), EINVAL);
	/* The kernel's half is refused before anything else is looked at. */
	EXPECT_ERR(syscall(SYS_epoll_wait, 77, -4096L, 1, 0), EFAULT);
	/* The rest of memory only if there is something to write. */
	EXPECT_EQ(epoll_wait(ep, (void *)8, 1, 0), 0);
	close_pair(fds);
	OK(close(ep));
}

/* ---- level and edge ---- */

TEST(a_level_is_reported_while_it_lasts)
{
	int ep = OK(epoll_create1(0)), fds[2], fd;

	OK(pipe(fds));
	watch(ep, fds[0], EPOLLIN);
	EXPECT_EQ(now(ep), 0);
	put(fds[1]);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(wait_one(ep, &fd, FOREVER), EPOLLIN);
		EXPECT_EQ(fd, fds[0]);
	}
	get(fds[0]);
	EXPECT_EQ(now(ep), 0);
	put(fds[1]);
	EXPECT_EQ(now(ep), EPOLLIN);
	close_pair(fds);
	OK(close(ep));
}

TEST(an_edge_is_reported_once)
{
	int ep = OK(epoll_create1(0)), fds[2];

	OK(pipe(fds));
	watch(ep, fds[0], EPOLLIN | EPOLLET);
	put(fds[1]);
	EXPECT_EQ(now(ep), EPOLLIN);
	EXPECT_EQ(now(ep), 0);
	/* More data is another edge, also if the first is not yet read. */
	put(fds[1]);
	EXPECT_EQ(now(ep), EPOLLIN);
	EXPECT_EQ(now(ep), 0);
	put(fds[1]);
	put(fds[1]);
	EXPECT_EQ(now(ep), EPOLLIN);
	EXPECT_EQ(now(ep), 0);
	/* Reading is none. */
	get(fds[0]);
	EXPECT_EQ(now(ep), 0);
	/* What is there when the watch begins, or is changed, is told. */
	rearm(ep, fds[0], EPOLLIN | EPOLLET);
	EXPECT_EQ(now(ep), EPOLLIN);
	EXPECT_EQ(now(ep), 0);
	forget(ep, fds[0]);
	watch(ep, fds[0], EPOLLIN | EPOLLET);
	EXPECT_EQ(now(ep), EPOLLIN);
	EXPECT_EQ(now(ep), 0);
	close_pair(fds);
	OK(close(ep));
}

TEST(an_edge_that_has_passed_is_not_reported)
{
	int ep = OK(epoll_create1(0)), fds[2];

	OK(pipe(fds));
	watch(ep, fds[0], EPOLLIN | EPOLLET);
	put(fds[1]);
	get(fds[0]);
	EXPECT_EQ(now(ep), 0);
	close_pair(fds);
	OK(close(ep));
}

TEST(edges_of_an_event_counter)
{
	int ep = OK(epoll_create1(0)), fd = OK(eventfd(0, 0));
	uint64_t n = 1;

	watch(ep, fd, EPOLLIN | EPOLLOUT | EPOLLET);
	EXPECT_EQ(now(ep), EPOLLOUT);
	EXPECT_EQ(now(ep), 0);
	EXPECT_EQ(write(fd, &n, sizeof(n)), 8);
	EXPECT_EQ(now(ep), EPOLLIN | EPOLLOUT);
	EXPECT_EQ(now(ep), 0);
	EXPECT_EQ(write(fd, &n, sizeof(n)), 8);
	EXPECT_EQ(now(ep), EPOLLIN | EPOLLOUT);
	EXPECT_EQ(read(fd, &n, sizeof(n)), 8);
	EXPECT_EQ(now(ep), EPOLLOUT);
	EXPECT_EQ(now(ep), 0);
	OK(close(fd));
	OK(close(ep));
}

TEST(one_shot)
{
	int ep = OK(epoll_create1(0)), fds[2];

	OK(pipe(fds));
	watch(ep, fds[0], EPOLLIN | EPOLLONESHOT);
	put(fds[1]);
	EXPECT_EQ(now(ep), EPOLLIN);
	EXPECT_EQ(now(ep), 0);
	put(fds[1]);
	EXPECT_EQ(now(ep), 0);
	/* Not even a hang-up is told, but the watch still exists. */
	OK(close(fds[1]));
	EXPECT_EQ(now(ep), 0);
	EXPECT_ERR(ctl(ep, EPOLL_CTL_ADD, fds[0], EPOLLIN), EEXIST);
	rearm(ep, fds[0], EPOLLIN | EPOLLONESHOT);
	EXPECT_EQ(now(ep), EPOLLIN | EPOLLHUP);
	EXPECT_EQ(now(ep), 0);
	rearm(ep, fds[0], EPOLLIN | EPOLLONESHOT | EPOLLET);
	EXPECT_EQ(now(ep), EPOLLIN | EPOLLHUP);
	EXPECT_EQ(now(ep), 0);
	rearm(ep, fds[0], 0);
	EXPECT_EQ(now(ep), EPOLLHUP);
	EXPECT_EQ(now(ep), EPOLLHUP);
	OK(close(fds[0]));
	OK(close(ep));
}

TEST(errors_and_hang_ups_need_not_be_asked_for)
{
	int ep = OK(epoll_create1(0)), a[2], b[2];

	OK(pipe(a));
	OK(pipe(b));
	watch(ep, a[0], 0);
	put(a[1]);
	EXPECT_EQ(now(ep), 0);
	OK(close(a[1]));
	EXPECT_EQ(now(ep), EPOLLHUP);
	OK(close(a[0]));
	watch(ep, b[1], EPOLLET);
	EXPECT_EQ(now(ep), 0);
	OK(close(b[0]));
	EXPECT_EQ(now(ep), EPOLLERR);
	EXPECT_EQ(now(ep), 0);
	OK(close(b[1]));
	OK(close(ep));
}

TEST(both_directions)
{
	static char buf[65536];
	int ep = OK(epoll_create1(0)), fds[2], fd;

	OK(pipe(fds));
	watch(ep, fds[1], EPOLLOUT | EPOLLET);
	EXPECT_EQ(now(ep), EPOLLOUT);
	EXPECT_EQ(now(ep), 0);
	EXPECT_EQ(write(fds[1], buf, sizeof(buf)), sizeof(buf));
	EXPECT_EQ(now(ep), 0);
	EXPECT_EQ(read(fds[0], buf, sizeof(buf)), sizeof(buf));
	EXPECT_EQ(wait_one(ep, &fd, FOREVER), EPOLLOUT);
	EXPECT_EQ(fd, fds[1]);
	watch(ep, fds[0], EPOLLIN | EPOLLRDNORM | EPOLLPRI | EPOLLRDHUP);
	put(fds[1]);
	EXPECT_EQ(now(ep), EPOLLIN | EPOLLRDNORM);
	close_pair(fds);
	OK(close(ep));
}

TEST(modifying_takes_effect_at_once)
{
	int ep = OK(epoll_create1(0)), fds[2];
	struct epoll_event e = { .events = EPOLLIN, .data.u64 = ~0ULL - 4 };

	OK(pipe(fds));
	put(fds[1]);
	watch(ep, fds[0], EPOLLPRI);
	EXPECT_EQ(now(ep), 0);
	OK(epoll_ctl(ep, EPOLL_CTL_MOD, fds[0], &e));
	memset(&e, 0, sizeof(e));
	EXPECT_EQ(epoll_wait(ep, &e, 1, FOREVER), 1);
	EXPECT_EQ(e.events, EPOLLIN);
	EXPECT(e.data.u64 == ~0ULL - 4);
	/* It is on the ready list now; that it is ready no longer counts. */
	rearm(ep, fds[0], EPOLLPRI);
	EXPECT_EQ(now(ep), 0);
	close_pair(fds);
	OK(close(ep));
}

/* ---- which are told ---- */

TEST(few_at_a_time_all_get_their_turn)
{
	enum { COUNT = 5 };
	int ep = OK(epoll_create1(0)), fds[COUNT][2], fd, seen[COUNT] = {};
	struct epoll_event e[COUNT + 1];

	for (int i = 0; i < COUNT; i++) {
		OK(pipe(fds[i]));
		watch(ep, fds[i][0], EPOLLIN);
	}
	for (int i = COUNT - 1; i >= 0; i--)
		put(fds[i][1]);
	/* In the order in which they became ready, again and again. */
	for (int round = 0; round < 2; round++) {
		for (int i = COUNT - 1; i >= 0; i--) {
			EXPECT_EQ(wait_one(ep, &fd, 0), EPOLLIN);
			EXPECT_EQ(fd, fds[i][0]);
		}
	}
	EXPECT_EQ(OK(epoll_wait(ep, e, 2, 0)), 2);
	EXPECT_EQ(e[0].data.fd, fds[4][0]);
	EXPECT_EQ(e[1].data.fd, fds[3][0]);
	EXPECT_EQ(OK(epoll_wait(ep, e, COUNT + 1, 0)), COUNT);
	for (int i = 0; i < COUNT; i++)
		for (int k = 0; k < COUNT; k++)
			seen[k] += e[i].data.fd == fds[k][0];
	for (int i = 0; i < COUNT; i++) {
		EXPECT_EQ(seen[i], 1);
		close_pair(fds[i]);
	}
	OK(close(ep));
}

TEST(hundreds_of_descriptors)
{
	enum { COUNT = 300 };
	int ep = OK(epoll_create1(0)), fds[COUNT][2], fd;
	struct epoll_event e[4];

	for (int i = 0; i < COUNT; i++) {
		OK(pipe(fds[i]));
		watch(ep, fds[i][0], EPOLLIN | (i % 2 ? EPOLLET : 0));
	}
	EXPECT_EQ(now(ep), 0);
	for (int i = 0; i < COUNT; i++) {
		put(fds[i][1]);
		EXPECT_EQ(wait_one(ep, &fd, 0), EPOLLIN);
		EXPECT_EQ(fd, fds[i][0]);
		get(fds[i][0]);
	}
	put(fds[7][1]);
	put(fds[COUNT - 1][1]);
	EXPECT_EQ(OK(epoll_wait(ep, e, 4, FOREVER)), 2);
	for (int i = 0; i < COUNT; i++) {
		if (i % 3)
			forget(ep, fds[i][0]);
		close_pair(fds[i]);
	}
	EXPECT_EQ(now(ep), 0);
	OK(close(ep));
}

/* ---- the caller's buffer ---- */

TEST(a_bad_buffer_loses_nothing)
{
	int ep = OK(epoll_create1(0)), a = OK(eventfd(1, 0)),
	    b = OK(eventfd(1, 0));
	struct epoll_event *e, ok[2];
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT(page != MAP_FAILED);
	OK(munmap(page + 4096, 4096));
	watch(ep, a, EPOLLIN | EPOLLET);
	watch(ep, b, EPOLLIN | EPOLLET);
	EXPECT_ERR(epoll_wait(ep, (void *)8, 2, 0), EFAULT);
	/* The first fits, the second does not. */
	e = (void *)(page + 4096 - sizeof(*e));
	EXPECT_EQ(epoll_wait(ep, e, 2, 0), 1);
	EXPECT_EQ(e->data.fd, a);
	EXPECT_ERR(epoll_wait(ep, (void *)(page + 4096 - 4), 2, 0), EFAULT);
	EXPECT_EQ(epoll_wait(ep, ok, 2, 0), 1);
	EXPECT_EQ(ok[0].data.fd, b);
	EXPECT_EQ(now(ep), 0);
	OK(munmap(page, 4096));
	OK(close(a));
	OK(close(b));
	OK(close(ep));
}

TEST(the_structure_is_packed)
{
	unsigned char buf[32];
	int ep = OK(epoll_create1(0)), fd = OK(eventfd(1, 0));
	struct epoll_event e = { EPOLLIN, { .u64 = 0x1122334455667788 } };

	EXPECT_EQ(sizeof(e), 12);
	memset(buf, 0xee, sizeof(buf));
	OK(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));
	EXPECT_EQ(epoll_wait(ep, (void *)(buf + 1), 2, 0), 1);
	EXPECT_EQ(buf[0], 0xee);
	EXPECT_MEM(buf + 1, "\1\0\0\0\x88\x77\x66\x55\x44\x33\x22\x11\xee", 13);
	OK(close(fd));
	OK(close(ep));
}

/* ---- descriptors and files ---- */

TEST(a_closed_file_is_watched_no_more)
{
	int ep = OK(epoll_create1(0)), fds[2], other, fd;

	OK(pipe(fds));
	watch(ep, fds[0], EPOLLIN);
	put(fds[1]);
	EXPECT_EQ(now(ep), EPOLLIN);
	OK(close(fds[0]));
	EXPECT_EQ(now(ep), 0);
	EXPECT_ERR(epoll_ctl(ep, EPOLL_CTL_DEL, fds[0], NULL), EBADF);
	OK(close(fds[1]));
	/* Its number may be used again. */
	OK(pipe(fds));
	watch(ep, fds[0], EPOLLIN);
	EXPECT_EQ(now(ep), 0);
	/* With another descriptor for it, the file stays, and is told. */
	other = OK(dup(fds[0]));
	OK(close(fds[0]));
	put(fds[1]);
	EXPECT_EQ(wait_one(ep, &fd, 0), EPOLLIN);
	EXPECT_EQ(fd, fds[0]);
	EXPECT_ERR(epoll_ctl(ep, EPOLL_CTL_DEL, fds[0], NULL), EBADF);
	EXPECT_ERR(epoll_ctl(ep, EPOLL_CTL_DEL, other, NULL), ENOENT);
	OK(dup2(other, fds[0]));
	forget(ep, fds[0]);
	EXPECT_EQ(now(ep), 0);
	OK(close(other));
	close_pair(fds);
	OK(close(ep));
}

TEST(duplicates_are_watched_apart)
{
	int ep = OK(epoll_create1(0)), fds[2], other;
	struct epoll_event e[3];

	OK(pipe(fds));
	other = OK(dup(fds[0]));
	watch(ep, fds[0], EPOLLIN);
	watch(ep, other, EPOLLIN | EPOLLET);
	put(fds[1]);
	EXPECT_EQ(OK(epoll_wait(ep, e, 3, 0)), 2);
	EXPECT_EQ(e[0].data.fd + e[1].data.fd, fds[0] + other);
	EXPECT_EQ(OK(epoll_wait(ep, e, 3, 0)), 1);
	EXPECT_EQ(e[0].data.fd, fds[0]);
	forget(ep, fds[0]);
	put(fds[1]);
	EXPECT_EQ(OK(epoll_wait(ep, e, 3, 0)), 1);
	EXPECT_EQ(e[0].data.fd, other);
	OK(close(other));
	close_pair(fds);
	OK(close(ep));
}

TEST(one_file_in_many_instances)
{
	enum { COUNT = 50 };
	int eps[COUNT], fds[2];

	OK(pipe(fds));
	for (int i = 0; i < COUNT; i++) {
		eps[i] = OK(epoll_create1(0));
		watch(eps[i], fds[0], EPOLLIN);
	}
	put(fds[1]);
	for (int i = 0; i < COUNT; i++)
		EXPECT_EQ(now(eps[i]), EPOLLIN);
	for (int i = 0; i < COUNT; i += 2)
		OK(close(eps[i]));
	OK(close(fds[0]));
	for (int i = 1; i < COUNT; i += 2) {
		EXPECT_EQ(now(eps[i]), 0);
		OK(close(eps[i]));
	}
	OK(close(fds[1]));
}

TEST(fork_shares_the_instance)
{
	int ep = OK(epoll_create1(0)), fds[2], more[2], fd;
	pid_t pid;

	OK(pipe(fds));
	OK(pipe(more));
	watch(ep, fds[0], EPOLLIN);
	IN_CHILD(pid) {
		/* The child's own descriptor, in the common instance. */
		watch(ep, more[0], EPOLLIN);
		OK(close(fds[0]));
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_ERR(ctl(ep, EPOLL_CTL_ADD, more[0], EPOLLIN), EEXIST);
	put(more[1]);
	EXPECT_EQ(wait_one(ep, &fd, 0), EPOLLIN);
	EXPECT_EQ(fd, more[0]);
	get(more[0]);
	/* The parent has it open still. */
	put(fds[1]);
	EXPECT_EQ(wait_one(ep, &fd, 0), EPOLLIN);
	EXPECT_EQ(fd, fds[0]);
	close_pair(fds);
	close_pair(more);
	OK(close(ep));
}

TEST(closing_the_instance_first)
{
	int ep = OK(epoll_create1(0)), fds[2], fd = OK(eventfd(0, 0));

	OK(pipe(fds));
	watch(ep, fds[0], EPOLLIN);
	watch(ep, fds[1], EPOLLOUT);
	watch(ep, fd, EPOLLIN);
	OK(close(ep));
	put(fds[1]);
	get(fds[0]);
	close_pair(fds);
	OK(close(fd));
}

TEST(a_terminal_can_be_watched)
{
	int ep = OK(epoll_create1(0)), m, s, fd;
	char name[32], buf[16];
	unsigned int nr;
	int unlock = 0;

	m = OK(open("/dev/ptmx", O_RDWR | O_NOCTTY));
	OK(syscall(SYS_ioctl, m, 0x40045431, &unlock));
	OK(syscall(SYS_ioctl, m, 0x80045430, &nr));
	snprintf(name, sizeof(name), "/dev/pts/%u", nr);
	s = OK(open(name, O_RDWR | O_NOCTTY));
	watch(ep, s, EPOLLIN);
	watch(ep, m, EPOLLIN | EPOLLET);
	EXPECT_EQ(now(ep), 0);
	EXPECT_EQ(write(m, "hello\n", 6), 6);
	EXPECT_EQ(wait_one(ep, &fd, FOREVER) & EPOLLIN, EPOLLIN);
	while (fd != s)
		wait_one(ep, &fd, FOREVER);	/* the echo comes first */
	EXPECT_EQ(read(s, buf, sizeof(buf)), 6);
	OK(close(m));
	while (!(wait_one(ep, &fd, FOREVER) & EPOLLHUP))
		;
	EXPECT_EQ(fd, s);
	OK(close(s));
	OK(close(ep));
}

/* ---- limits and looks ---- */

TEST(fdinfo_lists_what_is_watched)
{
	int ep = OK(epoll_create1(0)), fds[2], fd, found = 0;
	char path[64], text[1024], *line;
	unsigned long long data, pos, ino;
	unsigned int events, dev;
	struct stat st;

	OK(pipe(fds));
	OK(fstat(fds[0], &st));
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", ep);
	EXPECT(!strstr(read_file(path, text, sizeof(text)), "tfd:"));
	watch(ep, fds[0], EPOLLIN | EPOLLET);
	watch(ep, fds[1], EPOLLOUT | EPOLLONESHOT);
	read_file(path, text, sizeof(text));
	for (line = text; (line = strstr(line, "tfd:")); line++) {
		EXPECT_EQ(sscanf(line, "tfd: %d events: %x data: %llx "
				 "pos:%llu ino:%llx sdev:%x\n", &fd, &events,
				 &data, &pos, &ino, &dev), 6);
		EXPECT(!strncmp(line + 13, " events: ", 9));
		EXPECT_EQ(data, fd);
		EXPECT_EQ(ino, st.st_ino);
		EXPECT_EQ(dev, st.st_dev);
		EXPECT(fd == fds[0] || fd == fds[1]);
		EXPECT_EQ(events, EPOLLERR | EPOLLHUP | (fd == fds[0] ?
			  EPOLLIN | EPOLLET : EPOLLOUT | EPOLLONESHOT));
		found++;
	}
	EXPECT_EQ(found, 2);
	EXPECT_EQ(now(ep), EPOLLOUT);
	line = strstr(read_file(path, text, sizeof(text)), "events: 40000000 ");
	EXPECT(line);
	close_pair(fds);
	OK(close(ep));
}

TEST(a_user_may_have_so_many_watches)
{
	static const char limit[] = "/proc/sys/fs/epoll/max_user_watches";
	int ep = OK(epoll_create1(0)), fds[2], other;
	char before[32], text[32];

	OK(pipe(fds));
	other = OK(dup(fds[0]));
	EXPECT(atol(read_file(limit, before, sizeof(before))) > 10000);
	write_file(limit, "2");
	EXPECT_STR(read_file(limit, text, sizeof(text)), "2\n");
	watch(ep, fds[0], EPOLLIN);
	watch(ep, fds[1], EPOLLIN);
	errno = 0;
	if (ctl(ep, EPOLL_CTL_ADD, other, EPOLLIN) != -1 || errno != ENOSPC) {
		write_file(limit, before);
		FAIL("not ENOSPC but %s", error_name(errno));
	}
	forget(ep, fds[0]);
	watch(ep, other, EPOLLIN);
	OK(close(ep));
	ep = OK(epoll_create1(0));
	watch(ep, fds[0], EPOLLIN);
	write_file(limit, before);
	OK(close(other));
	close_pair(fds);
	OK(close(ep));
}

TEST(no_memory_is_left_behind)
{
	int ep = OK(epoll_create1(0));

	for (int i = 0; i < 300; i++) {
		int fds[2];

		OK(pipe(fds));
		watch(ep, fds[0], EPOLLIN);
		watch(ep, fds[1], EPOLLOUT);
		put(fds[1]);
		EXPECT(now(ep));
		if (i % 2)
			forget(ep, fds[0]);
		close_pair(fds);
	}
	EXPECT_EQ(now(ep), 0);
	OK(close(ep));
}

/* Without sleep of the whole machine the flag is forgotten. */
TEST(flags_that_are_accepted)
{
	int ep = OK(epoll_create1(0)), fds[2];
	uint32_t flags[] = {
		EPOLLWAKEUP, EPOLLMSG, EPOLLRDBAND | EPOLLWRBAND, 1u << 16,
	};

	OK(pipe(fds));
	put(fds[1]);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		watch(ep, fds[0], EPOLLIN | flags[i]);
		EXPECT_EQ(now(ep), EPOLLIN);
		forget(ep, fds[0]);
	}
	close_pair(fds);
	OK(close(ep));
}
