/*
 * Core dumps into a program: how it is started, what it gets, who waits for
 * whom. The program is this one's helper "take_core"; it tells what it sees
 * through a FIFO, and does what the test has written into the file "order".
 */
#include "test.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define PATTERN	"/proc/sys/kernel/core_pattern"
#define LIMIT	"/proc/sys/kernel/core_pipe_limit"
#define COMMAND	"|/init --helper take_core "
#define BIG	(1 << 20)

static char *big;

static void set_limit(rlim_t limit)
{
	struct rlimit r = { limit, limit };

	OK(setrlimit(RLIMIT_CORE, &r));
}

/* @words: appended to the command. The helper finds us by our directory. */
static void begin(const char *words, const char *order, const char *limit)
{
	char pattern[256], dir[100];

	EXPECT(getcwd(dir, sizeof(dir)));
	snprintf(pattern, sizeof(pattern), COMMAND "%s %s", dir, words);
	write_file(PATTERN, pattern);
	write_file(LIMIT, limit);
	write_file("order", order);
	OK(mkfifo("news", 0600));
	OK(mkfifo("go", 0600));
	big = malloc(BIG);
	memset(big, 1, BIG);
	set_limit(RLIM_INFINITY);
}

static void restore(void)
{
	write_file(PATTERN, "core");
	write_file(LIMIT, "0");
}

static pid_t start_death(void)
{
	pid_t pid;

	IN_CHILD(pid)
		raise(SIGQUIT);
	return pid;
}

/* What a helper writes, up to its end of the FIFO. */
static const char *hear(void)
{
	static char text[2048];
	size_t len = 0;
	ssize_t n;
	int fd = OK(open("news", O_RDONLY));

	while ((n = OK(read(fd, text + len, sizeof(text) - 1 - len))) > 0)
		len += n;
	text[len] = '\0';
	OK(close(fd));
	return text;
}

/* A file that is opened for writing when the other side reads it, or later. */
static void tell(const char *fifo, const char *text)
{
	int fd = open(fifo, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		_exit(1);
	close(fd);
}

static void wait_for_go(void)
{
	char c;
	int fd = open("go", O_RDONLY);

	if (fd < 0 || read(fd, &c, 1) < 0)
		_exit(1);
	close(fd);
}

static size_t drain(unsigned char *head)
{
	static unsigned char buf[65536];
	size_t all = 0;
	ssize_t n;

	while ((n = read(0, buf, sizeof(buf))) > 0) {
		if (all == 0)
			memcpy(head, buf, 64);
		all += n;
	}
	return all;
}

static void describe(int argc, char **argv)
{
	unsigned char head[64] = { 0 };
	Elf64_Ehdr *hdr = (Elf64_Ehdr *)head;
	struct rlimit r;
	char text[2048], cwd[100];
	int n = 0;
	size_t size;

	if (!getcwd(cwd, sizeof(cwd)))
		_exit(1);
	getrlimit(RLIMIT_CORE, &r);
	for (int i = 1; i < argc; i++)
		n += snprintf(text + n, sizeof(text) - n, "[%s]", argv[i]);
	n += snprintf(text + n, sizeof(text) - n,
		      " cwd %s uid %d gid %d ppid %d sid %d env %d limit %d "
		      "fd1 %d quit %d umask %o", cwd, geteuid(), getegid(),
		      getppid(), getsid(0), environ[0] != NULL,
		      (int)r.rlim_cur, fcntl(1, F_GETFD),
		      signal(SIGQUIT, SIG_DFL) == SIG_IGN, umask(0));
	size = drain(head);
	snprintf(text + n, sizeof(text) - n, " core %d big %d",
		 !memcmp(head, ELFMAG, SELFMAG) && hdr->e_type == ET_CORE,
		 size > BIG);
	if (chdir(argv[0]))
		_exit(1);
	tell("news", text);
}

HELPER(take_core)
{
	char order[16] = "";
	unsigned char head[64];
	int fd;

	/* argv[0] is the helper's name, the directory comes next. */
	while (argc && argv[0][0] != '/') {
		argc--;
		argv++;
	}
	if (!argc)
		return 1;
	fd = openat(AT_FDCWD, argv[0], O_DIRECTORY | O_RDONLY);
	int order_fd = openat(fd, "order", O_RDONLY);
	if (read(order_fd, order, sizeof(order) - 1) <= 0)
		return 1;
	close(order_fd);
	close(fd);
	if (!strcmp(order, "describe")) {
		describe(argc, argv);
		return 0;
	}
	if (chdir(argv[0]))
		return 1;
	if (!strcmp(order, "hold")) {		/* reads nothing for now */
		tell("news", "here");
		wait_for_go();
		drain(head);
	} else if (!strcmp(order, "keep")) {	/* reads all, stays */
		drain(head);
		tell("news", "read");
		wait_for_go();
		close(open("kept", O_CREAT | O_WRONLY, 0600));
	} else if (!strcmp(order, "refuse")) {	/* reads some, goes */
		if (read(0, head, sizeof(head)) != sizeof(head))
			return 1;
		close(0);
		tell("news", "refused");
	}
	return 0;
}

TEST(the_helper_gets_words_and_core)
{
	char want[512], dir[100];
	pid_t pid;
	int status;

	EXPECT(getcwd(dir, sizeof(dir)));
	begin("  %p %s %e.%f\t%u x%qy %% a%c %d", "describe", "0");
	umask(0077);
	IN_CHILD(pid) {
		struct rlimit r = { 4096, RLIM_INFINITY };

		OK(setrlimit(RLIMIT_CORE, &r));
		write_file("/proc/self/comm", "a b/c");
		raise(SIGQUIT);
	}
	/* Its words; where it is; the limit that does not hold for a pipe. */
	snprintf(want, sizeof(want), "[%d][3][a b!c.init][0][xy][%%][a4096][1]"
		 " cwd / uid 0 gid 0 ppid 2 sid 0 env 0 limit 1 fd1 -1 quit 0 "
		 "umask 22 core 1 big 1", pid);
	EXPECT_STR(hear(), want);
	status = wait_status(pid);
	EXPECT_EQ(WTERMSIG(status), SIGQUIT);
	EXPECT(WCOREDUMP(status));
	restore();
}

/* Not even who may not have a file of their own are kept from a pipe. */
TEST(the_limit_zero_is_for_files)
{
	begin("", "describe", "0");
	set_limit(0);
	pid_t pid = start_death();
	EXPECT(strstr(hear(), "core 1 big 1"));
	EXPECT(WCOREDUMP(wait_status(pid)));
	set_limit(1);
	EXPECT(!WCOREDUMP(wait_status(start_death())));
	restore();
}

TEST(the_user_dies_the_helper_is_root)
{
	pid_t pid;

	begin("%u %g", "describe", "0");
	IN_CHILD(pid) {
		become_user(1000, 1001);
		OK(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
		raise(SIGQUIT);
	}
	EXPECT(strstr(hear(), "[1000][1001] cwd / uid 0 gid 0"));
	EXPECT(WCOREDUMP(wait_status(pid)));
	IN_CHILD(pid) {
		become_user(1000, 1001);
		raise(SIGQUIT);
	}
	EXPECT(!WCOREDUMP(wait_status(pid)));
	restore();
}

TEST(no_helper_no_core)
{
	static const char *const bad[] = { "|", "|  ", "|/none x", "|/proc" };

	set_limit(RLIM_INFINITY);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		write_file(PATTERN, bad[i]);
		int status = wait_status(start_death());

		EXPECT_EQ(WTERMSIG(status), SIGQUIT);
		EXPECT(!WCOREDUMP(status));
	}
	restore();
}

TEST(a_helper_that_goes_early)
{
	begin("", "refuse", "0");
	pid_t pid = start_death();
	EXPECT_STR(hear(), "refused");
	int status = wait_status(pid);
	EXPECT_EQ(WTERMSIG(status), SIGQUIT);
	EXPECT(WCOREDUMP(status));
	restore();
}

TEST(kill_ends_a_dump_nobody_reads)
{
	begin("", "hold", "0");
	pid_t pid = start_death();
	EXPECT_STR(hear(), "here");
	/* Other signals are nothing to the dead. */
	OK(kill(pid, SIGTERM));
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	OK(kill(pid, SIGKILL));
	int status = wait_status(pid);
	EXPECT_EQ(WTERMSIG(status), SIGKILL);
	EXPECT(!WCOREDUMP(status));
	tell("go", "x");
	restore();
}

TEST(with_a_limit_the_reader_is_waited_for)
{
	char buf[16];

	begin("", "keep", "4");
	EXPECT_STR(read_file(LIMIT, buf, sizeof(buf)), "4\n");
	pid_t pid = start_death();
	EXPECT_STR(hear(), "read");
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	tell("go", "x");
	int status = wait_status(pid);
	EXPECT(WCOREDUMP(status));
	OK(access("kept", F_OK));
	/* And killed while it waits. */
	pid = start_death();
	EXPECT_STR(hear(), "read");
	OK(kill(pid, SIGKILL));
	status = wait_status(pid);
	EXPECT_EQ(WTERMSIG(status), SIGKILL);
	EXPECT(!WCOREDUMP(status));
	tell("go", "x");
	restore();
}

TEST(no_more_at_once_than_the_limit)
{
	begin("", "hold", "1");
	pid_t first = start_death();
	EXPECT_STR(hear(), "here");
	int status = wait_status(start_death());
	EXPECT_EQ(WTERMSIG(status), SIGQUIT);
	EXPECT(!WCOREDUMP(status));
	tell("go", "x");
	EXPECT(WCOREDUMP(wait_status(first)));
	restore();
}
