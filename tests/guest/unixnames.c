/*
 * Local sockets with names: in the file system, abstract, or the kernel's
 * choice; who listens and who connects.
 */
#include "unixtools.h"

static socklen_t name_un(struct sockaddr_un *un, const char *name)
{
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	strcpy(un->sun_path + (*name == '@'), name + (*name == '@'));
	return *name == '@' ? 2 + strlen(name) : sizeof(*un);
}

static int bind_to(int fd, const char *name)
{
	struct sockaddr_un un;
	socklen_t len = name_un(&un, name);

	return bind(fd, (void *)&un, len);
}

static int connect_to(int fd, const char *name)
{
	struct sockaddr_un un;
	socklen_t len = name_un(&un, name);

	return connect(fd, (void *)&un, len);
}

static int bound(int type, const char *name)
{
	int fd = OK(socket(AF_UNIX, type, 0));

	OK(bind_to(fd, name));
	return fd;
}

static int listener(int type, const char *name, int backlog)
{
	int fd = bound(type, name);

	OK(listen(fd, backlog));
	return fd;
}

static int connected(int type, const char *name)
{
	int fd = OK(socket(AF_UNIX, type, 0));

	OK(connect_to(fd, name));
	return fd;
}

TEST(a_name_is_a_file)
{
	struct sockaddr_un un;
	socklen_t len = sizeof(un);
	struct stat st;
	int fd, other;

	umask(022);
	fd = bound(SOCK_STREAM, "s");
	OK(stat("s", &st));
	EXPECT_EQ(st.st_mode, S_IFSOCK | 0755);
	OK(getsockname(fd, (void *)&un, &len));
	EXPECT_EQ(len, 2 + 2);
	EXPECT_STR(un.sun_path, "s");
	EXPECT_ERR(open("s", O_RDWR), ENXIO);
	other = OK(socket(AF_UNIX, SOCK_STREAM, 0));
	EXPECT_ERR(bind_to(other, "s"), EADDRINUSE);
	EXPECT_ERR(bind_to(other, "no/s"), ENOENT);
	EXPECT_ERR(bind_to(fd, "t"), EINVAL);
	EXPECT_ERR(stat("t", &st), ENOENT);
	EXPECT_ERR(bind_to(fd, "@t"), EINVAL);
	EXPECT_ERR(bind(other, (void *)&un, 1), EINVAL);
	EXPECT_ERR(bind(other, (void *)&un, 111), EINVAL);
	EXPECT_ERR(bind(other, (void *)&un, 129), EINVAL);
	EXPECT_ERR(bind(other, NULL, 10), EFAULT);
	un.sun_family = AF_INET;
	EXPECT_ERR(bind(other, (void *)&un, 10), EINVAL);
	/* The file outlives the socket, and then finds nobody. */
	OK(close(fd));
	EXPECT_ERR(connect_to(other, "s"), ECONNREFUSED);
	write_file("f", "x");
	EXPECT_ERR(connect_to(other, "f"), ECONNREFUSED);
	EXPECT_ERR(connect_to(other, "none"), ENOENT);
	OK(close(other));
}

TEST(a_path_need_not_end)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = OK(socket(AF_UNIX, SOCK_STREAM, 0));
	char got[128];
	socklen_t len = sizeof(got);
	struct stat st;

	memset(un.sun_path, 'p', sizeof(un.sun_path));
	OK(bind(fd, (void *)&un, sizeof(un)));
	OK(getsockname(fd, (void *)got, &len));
	EXPECT_EQ(len, 2 + 108 + 1);
	OK(stat(got + 2, &st));
	EXPECT_EQ(st.st_mode & S_IFMT, S_IFSOCK);
	OK(close(fd));
}

TEST(abstract_names)
{
	struct sockaddr_un un;
	socklen_t len = sizeof(un);
	int a = bound(SOCK_STREAM, "@keel"), b, c;

	OK(getsockname(a, (void *)&un, &len));
	EXPECT_EQ(len, 2 + 5);
	EXPECT_MEM(un.sun_path, "\0keel", 5);
	b = OK(socket(AF_UNIX, SOCK_STREAM, 0));
	EXPECT_ERR(bind_to(b, "@keel"), EADDRINUSE);
	c = bound(SOCK_DGRAM, "@keel");
	EXPECT_ERR(connect_to(b, "@keel"), ECONNREFUSED);
	EXPECT_ERR(connect_to(b, "@other"), ECONNREFUSED);
	OK(close(a));
	OK(bind_to(b, "@keel"));
	OK(close(b));
	OK(close(c));
}

TEST(the_kernel_chooses)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX }, un2;
	int a = OK(socket(AF_UNIX, SOCK_DGRAM, 0)), b, on = 1;
	socklen_t len = sizeof(un);

	OK(bind(a, (void *)&un, 2));
	OK(getsockname(a, (void *)&un, &len));
	EXPECT_EQ(len, 2 + 6);
	EXPECT_EQ(un.sun_path[0], 0);
	EXPECT_EQ(strspn(un.sun_path + 1, "0123456789abcdef"), 5);
	OK(bind(a, (void *)&un, 2));
	/* Who wants to know names gets one when it sends. */
	b = OK(socket(AF_UNIX, SOCK_DGRAM, 0));
	OK(setsockopt(b, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	EXPECT_EQ(sendto(b, "x", 1, 0, (void *)&un, 8), 1);
	len = sizeof(un2);
	EXPECT_EQ(recvfrom(a, &on, 1, 0, (void *)&un2, &len), 1);
	EXPECT_EQ(len, 8);
	EXPECT(memcmp(un.sun_path, un2.sun_path, 6) != 0);
	OK(close(a));
	OK(close(b));
}

TEST(connections)
{
	struct sockaddr_un un;
	socklen_t len = sizeof(un);
	struct ucred cred;
	int l = listener(SOCK_STREAM, "s", 5), c, a;

	EXPECT_EQ(int_option(l, SO_ACCEPTCONN), 1);
	set_nonblock(l);
	EXPECT_ERR(accept(l, NULL, NULL), EAGAIN);
	EXPECT_EQ(polled(l), 0);
	c = connected(SOCK_STREAM, "s");
	EXPECT_EQ(polled(l), READABLE);
	EXPECT_ERR(connect_to(c, "s"), EISCONN);
	EXPECT_ERR(connect_to(l, "s"), EINVAL);
	send_text(c, "early");
	EXPECT_ERR(accept4(l, NULL, NULL, 0x10), EINVAL);
	a = OK(accept4(l, (void *)&un, &len, SOCK_CLOEXEC | SOCK_NONBLOCK));
	EXPECT_EQ(len, 2);
	EXPECT_EQ(fcntl(a, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(a, F_GETFL), O_RDWR | O_NONBLOCK);
	expect_text(a, "early");
	send_text(a, "answer");
	expect_text(c, "answer");
	len = sizeof(un);
	OK(getpeername(c, (void *)&un, &len));
	EXPECT_STR(un.sun_path, "s");
	len = sizeof(un);
	OK(getsockname(a, (void *)&un, &len));
	EXPECT_STR(un.sun_path, "s");
	len = sizeof(cred);
	OK(getsockopt(c, SOL_SOCKET, SO_PEERCRED, &cred, &len));
	EXPECT_EQ(cred.pid, getpid());
	EXPECT_EQ(cred.uid, 0);
	OK(close(a));
	OK(close(c));
	OK(close(l));
}

TEST(listening_needs_a_name)
{
	int fd = OK(socket(AF_UNIX, SOCK_STREAM, 0)), s[2];

	EXPECT_ERR(listen(fd, 1), EINVAL);
	EXPECT_ERR(accept(fd, NULL, NULL), EINVAL);
	OK(close(fd));
	make_pair(SOCK_STREAM, s);
	EXPECT_ERR(listen(s[0], 1), EINVAL);
	close_pair(s);
	fd = bound(SOCK_DGRAM, "d");
	EXPECT_ERR(listen(fd, 1), EOPNOTSUPP);
	EXPECT_ERR(accept(fd, NULL, NULL), EOPNOTSUPP);
	OK(close(fd));
}

TEST(types_must_agree)
{
	int l = listener(SOCK_STREAM, "s", 5);
	int fd = OK(socket(AF_UNIX, SOCK_SEQPACKET, 0));

	EXPECT_ERR(connect_to(fd, "s"), EPROTOTYPE);
	OK(close(fd));
	fd = OK(socket(AF_UNIX, SOCK_DGRAM, 0));
	EXPECT_ERR(connect_to(fd, "s"), EPROTOTYPE);
	OK(close(fd));
	OK(close(l));
}

TEST(the_backlog_is_bounded)
{
	int l = listener(SOCK_STREAM, "s", 1), c[2], fd;
	pid_t pid;

	c[0] = connected(SOCK_STREAM, "s");
	c[1] = connected(SOCK_STREAM, "s");
	fd = OK(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
	EXPECT_ERR(connect_to(fd, "s"), EAGAIN);
	IN_CHILD(pid) {
		int more = connected(SOCK_STREAM, "s");

		send_text(more, "third");
	}
	wait_until_sleeping(pid);
	for (int i = 0; i < 3; i++) {
		int a = OK(accept(l, NULL, NULL));

		if (i == 2)
			expect_text(a, "third");
		OK(close(a));
	}
	EXPECT_EXIT(pid, 0);
	OK(close(fd));
	close_pair(c);
	OK(close(l));
}

TEST(closing_a_listener)
{
	int l = listener(SOCK_STREAM, "s", 0), c = connected(SOCK_STREAM, "s");
	pid_t pid;
	char b;

	IN_CHILD(pid) {
		int fd = OK(socket(AF_UNIX, SOCK_STREAM, 0));

		OK(close(l));
		EXPECT_ERR(connect_to(fd, "s"), ECONNREFUSED);
	}
	wait_until_sleeping(pid);
	OK(close(l));
	EXPECT_EXIT(pid, 0);
	EXPECT_ERR(read(c, &b, 1), ECONNRESET);
	OK(close(c));
	/* Shut down, it accepts nobody. */
	OK(unlink("s"));
	l = listener(SOCK_STREAM, "s", 5);
	OK(shutdown(l, SHUT_RD));
	EXPECT_ERR(accept(l, NULL, NULL), EINVAL);
	c = OK(socket(AF_UNIX, SOCK_STREAM, 0));
	EXPECT_ERR(connect_to(c, "s"), ECONNREFUSED);
	OK(close(c));
	OK(close(l));
}

TEST(connecting_needs_permission)
{
	int l = listener(SOCK_STREAM, "s", 5);
	pid_t pid;

	OK(chmod(".", 0755));
	OK(chmod("s", 0755));
	IN_CHILD(pid) {
		int fd = OK(socket(AF_UNIX, SOCK_STREAM, 0));

		become_user(1000, 1000);
		EXPECT_ERR(connect_to(fd, "s"), EACCES);
		EXPECT_ERR(bind_to(fd, "t"), EACCES);
	}
	EXPECT_EXIT(pid, 0);
	OK(close(l));
}

TEST(datagrams_by_name)
{
	struct sockaddr_un un;
	socklen_t len = name_un(&un, "a"), got = sizeof(un);
	int a = bound(SOCK_DGRAM, "a"), b = bound(SOCK_DGRAM, "b");
	int c = OK(socket(AF_UNIX, SOCK_DGRAM, 0)), i;
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	char buf[8];

	EXPECT_EQ(sendto(b, "hi", 2, 0, (void *)&un, len), 2);
	EXPECT_EQ(recvfrom(a, buf, 8, 0, (void *)&un, &got), 2);
	EXPECT_STR(un.sun_path, "b");
	EXPECT_EQ(got, 4);
	OK(connect_to(a, "b"));
	len = name_un(&un, "a");
	/* Who has a peer listens to nobody else. */
	EXPECT_ERR(sendto(c, "x", 1, 0, (void *)&un, len), EPERM);
	EXPECT_ERR(connect_to(c, "a"), EPERM);
	OK(connect(a, &none, sizeof(none)));
	EXPECT_ERR(send(a, "x", 1, 0), ENOTCONN);
	/* Strangers may not fill a queue. */
	OK(connect_to(c, "a"));
	EXPECT_EQ(polled(c), WRITABLE);
	for (i = 0; send(c, "x", 1, MSG_DONTWAIT) == 1; i++)
		;
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_EQ(i, 11);
	EXPECT_EQ(polled(c), 0);
	for (i = 0; i < 11; i++)
		EXPECT_EQ(read(a, buf, 1), 1);
	EXPECT_EQ(polled(c), WRITABLE);
	OK(close(a));
	EXPECT_ERR(send(c, "x", 1, 0), ECONNREFUSED);
	EXPECT_ERR(sendto(c, "x", 1, 0, (void *)&un, len), ECONNREFUSED);
	OK(close(b));
	OK(close(c));
}

TEST(waiting_for_room_in_a_queue)
{
	int a = bound(SOCK_DGRAM, "a"), c = connected(SOCK_DGRAM, "a");
	pid_t sender, poller;
	char b;

	while (send(c, "x", 1, MSG_DONTWAIT) == 1)
		;
	IN_CHILD(sender)
		send_text(c, "y");
	IN_CHILD(poller) {
		struct pollfd p = { .fd = c, .events = POLLOUT };

		EXPECT_EQ(poll(&p, 1, -1), 1);
	}
	wait_until_sleeping(sender);
	wait_until_sleeping(poller);
	while (recv(a, &b, 1, MSG_DONTWAIT) == 1)
		;
	EXPECT_EXIT(sender, 0);
	EXPECT_EXIT(poller, 0);
	OK(close(a));
	OK(close(c));
}

TEST(proc_lists_them)
{
	static char text[65536];
	int l = listener(SOCK_STREAM, "@keel-proc", 5);
	char want[64];
	struct stat st;

	OK(fstat(l, &st));
	read_file("/proc/net/unix", text, sizeof(text));
	EXPECT_EQ(strncmp(text, "Num       RefCount Protocol Flags    Type St "
			  "Inode Path\n", 56), 0);
	snprintf(want, sizeof(want), "00010000 0001 01 %5lu @keel-proc\n",
		 (unsigned long)st.st_ino);
	EXPECT(strstr(text, want) != NULL);
	OK(close(l));
	read_file("/proc/self/net/unix", text, sizeof(text));
	EXPECT(strstr(text, "@keel-proc") == NULL);
}
