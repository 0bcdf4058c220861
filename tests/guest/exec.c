/*
 * execve: the four kinds of ELF file, scripts, argument limits, what survives.
 */
#include "test.h"

#include <elf.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* Run @path and collect what it prints; its wait status. */
static int capture(const char *path, char *const argv[], char *const envp[],
		   char *buf, size_t size)
{
	int fds[2];
	size_t len = 0;
	ssize_t n;

	OK(pipe(fds));
	pid_t pid = OK(fork());
	if (pid == 0) {
		dup2(fds[1], 1);
		close(fds[0]);
		close(fds[1]);
		execve(path, argv, envp);
		_exit(126);
	}
	OK(close(fds[1]));
	while ((n = OK(read(fds[0], buf + len, size - 1 - len))) > 0)
		len += n;
	buf[len] = '\0';
	OK(close(fds[0]));
	return wait_status(pid);
}

static void check_program(const char *path)
{
	char *argv[] = { (char *)"zero", (char *)"exit=12", (char *)"", NULL };
	char *envp[] = { (char *)"A=1", (char *)"B=two words", NULL };
	char out[2048], wanted[2048];
	int status = capture(path, argv, envp, out, sizeof(out));

	snprintf(wanted, sizeof(wanted),
		 "argc=3\nargv[0]=zero\nargv[1]=exit=12\nargv[2]=\n"
		 "env=A=1\nenv=B=two words\nexecfn=%s\n"
		 "memory=fine\nauxv=fine\nstack=high\n", path);
	EXPECT_STR(out, wanted);
	EXPECT_EQ(status, 12 << 8);
}

TEST(runs_static)
{
	check_program(PROGRAMS "/show");
}

TEST(runs_static_pie)
{
	check_program(PROGRAMS "/show-pie");
}

TEST(runs_with_interpreter)
{
	check_program(PROGRAMS "/show-dyn");
}

TEST(runs_pie_with_interpreter)
{
	check_program(PROGRAMS "/show-dyn-pie");
}

TEST(interpreter_runs_as_a_program)
{
	char *argv[] = { (char *)"ld", (char *)PROGRAMS "/show-dyn",
			 (char *)"exit=3", NULL };
	char *envp[] = { NULL };
	char out[2048];

	EXPECT_EQ(capture("/lib64/ld-linux-x86-64.so.2", argv, envp, out,
			  sizeof(out)), 3 << 8);
	EXPECT(strstr(out, "memory=fine"));
}

static int exec_errno(const char *path)
{
	char *argv[] = { (char *)"x", NULL }, *envp[] = { NULL };

	EXPECT_EQ(execve(path, argv, envp), -1);
	return errno;
}

static void write_program(const char *path, const void *data, size_t len)
{
	int fd = OK(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755));

	EXPECT_EQ(write(fd, data, len), len);
	OK(close(fd));
}

TEST(errors_of_the_path)
{
	OK(mkdir("d", 0755));
	write_file("plain", "#!/tests/show\n");
	OK(symlink("loop", "loop"));
	OK(mkfifo("fifo", 0777));
	EXPECT_EQ(exec_errno("missing"), ENOENT);
	EXPECT_EQ(exec_errno(""), ENOENT);
	EXPECT_EQ(exec_errno("d"), EACCES);
	EXPECT_EQ(exec_errno("plain"), EACCES);		/* no x bit */
	EXPECT_EQ(exec_errno("plain/x"), ENOTDIR);
	EXPECT_EQ(exec_errno("loop"), ELOOP);
	EXPECT_EQ(exec_errno("fifo"), EACCES);
	EXPECT_EQ(exec_errno("/dev/null"), EACCES);
}

TEST(errors_of_the_format)
{
	char zeros[4096] = { 0 };

	write_program("empty", "", 0);
	write_program("text", "hello, world\n", 13);
	write_program("zeros", zeros, sizeof(zeros));
	write_program("magic", "\177ELF", 4);
	EXPECT_EQ(exec_errno("empty"), ENOEXEC);
	EXPECT_EQ(exec_errno("text"), ENOEXEC);
	EXPECT_EQ(exec_errno("zeros"), ENOEXEC);
	EXPECT_EQ(exec_errno("magic"), ENOEXEC);
}

TEST(nobody_writes_a_running_program)
{
	static char data[4 << 20];
	char *argv[] = { (char *)"show", NULL }, *envp[] = { NULL };
	int fd = OK(open(PROGRAMS "/show", O_RDONLY));
	ssize_t len = OK(read(fd, data, sizeof(data)));

	OK(close(fd));
	write_program("copy", data, len);
	fd = OK(open("copy", O_WRONLY));
	EXPECT_ERR(execve("copy", argv, envp), ETXTBSY);
	OK(close(fd));

	EXPECT_ERR(open(SELF, O_WRONLY), ETXTBSY);
	EXPECT_ERR(truncate(SELF, 0), ETXTBSY);
}

TEST(bad_pointers)
{
	char *argv[] = { (char *)"x", NULL }, *envp[] = { NULL };
	char *bad[] = { (char *)8, NULL };

	EXPECT_ERR(syscall(SYS_execve, 8L, argv, envp), EFAULT);
	EXPECT_ERR(syscall(SYS_execve, PROGRAMS "/show", 8L, envp), EFAULT);
	EXPECT_ERR(syscall(SYS_execve, PROGRAMS "/show", argv, 8L), EFAULT);
	EXPECT_ERR(syscall(SYS_execve, PROGRAMS "/show", bad, envp), EFAULT);
	EXPECT_ERR(syscall(SYS_execve, PROGRAMS "/show", argv, bad), EFAULT);
}

/* Linux since 5.18 gives a program started without argv an empty argv[0]. */
TEST(null_argv_becomes_one_empty_string)
{
	char out[2048];
	char *envp[] = { NULL };

	EXPECT_EQ(capture(PROGRAMS "/show", NULL, envp, out, sizeof(out)), 0);
	EXPECT(strncmp(out, "argc=1\nargv[0]=\nexecfn=", 23) == 0);
}

/* ---- scripts ---- */

static void write_script(const char *path, const char *text)
{
	write_program(path, text, strlen(text));
}

TEST(script_arguments)
{
	char *argv[] = { (char *)"ignored", (char *)"one", NULL };
	char *envp[] = { NULL };
	char out[2048];

	write_script("s1", "#!" PROGRAMS "/show\nrest\n");
	EXPECT_EQ(capture("./s1", argv, envp, out, sizeof(out)), 0);
	EXPECT(strstr(out, "argc=3\nargv[0]=" PROGRAMS "/show\n"
		      "argv[1]=./s1\nargv[2]=one\n"));
	EXPECT(strstr(out, "execfn=./s1\n"));

	/* All behind the interpreter is one argument; blanks are trimmed. */
	write_script("s2", "#! \t" PROGRAMS "/show  -a  b c \t\nrest\n");
	EXPECT_EQ(capture("s2", argv, envp, out, sizeof(out)), 0);
	EXPECT(strstr(out, "argc=4\nargv[0]=" PROGRAMS "/show\n"
		      "argv[1]=-a  b c\nargv[2]=s2\nargv[3]=one\n"));

	write_script("s3", "#!" PROGRAMS "/show");	/* no newline */
	EXPECT_EQ(capture("s3", argv, envp, out, sizeof(out)), 0);
	EXPECT(strstr(out, "argv[1]=s3\n"));
}

TEST(script_without_argv)
{
	char *argv[] = { NULL }, *envp[] = { NULL };
	char out[2048];

	write_script("s", "#!" PROGRAMS "/show\n");
	EXPECT_EQ(capture("s", argv, envp, out, sizeof(out)), 0);
	EXPECT(strstr(out, "argc=2\nargv[0]=" PROGRAMS "/show\nargv[1]=s\n"));
}

TEST(script_of_a_script)
{
	char *argv[] = { (char *)"x", NULL }, *envp[] = { NULL };
	char out[2048];

	write_script("inner", "#!" PROGRAMS "/show inner-arg\n");
	write_script("outer", "#!/tmp/inner outer-arg\n");
	EXPECT_EQ(capture("/tmp/outer", argv, envp, out, sizeof(out)), 0);
	EXPECT(strstr(out, "argc=5\nargv[0]=" PROGRAMS "/show\n"
		      "argv[1]=inner-arg\nargv[2]=/tmp/inner\n"
		      "argv[3]=outer-arg\nargv[4]=/tmp/outer\n"));
}

TEST(script_errors)
{
	char line[1024];

	write_script("empty", "#!\n");
	EXPECT_EQ(exec_errno("empty"), ENOEXEC);
	write_script("blank", "#!   \t \n");
	EXPECT_EQ(exec_errno("blank"), ENOEXEC);
	write_script("missing", "#!/no/such/program\n");
	EXPECT_EQ(exec_errno("missing"), ENOENT);
	write_script("self", "#!/tmp/self\n");
	EXPECT_EQ(exec_errno("/tmp/self"), ELOOP);

	/* The name of the interpreter must end within the first 256 bytes. */
	memset(line, 'a', sizeof(line));
	memcpy(line, "#!/", 3);
	line[sizeof(line) - 1] = '\0';
	write_script("long", line);
	EXPECT_EQ(exec_errno("long"), ENOEXEC);
}

TEST(script_line_is_cut_at_255_bytes)
{
	char *argv[] = { (char *)"x", NULL }, *envp[] = { NULL };
	char line[600], out[4096], wanted[600];
	int start = sprintf(line, "#!" PROGRAMS "/show ");

	memset(line + start, 'b', sizeof(line) - start);
	strcpy(line + 500, "\n");
	write_script("cut", line);
	EXPECT_EQ(capture("cut", argv, envp, out, sizeof(out)), 0);
	snprintf(wanted, sizeof(wanted), "argv[1]=%.*s\n", 256 - 1 - start + 0,
		 line + start);
	if (!strstr(out, wanted))
		FAIL("argument is cut elsewhere: %s", out);
}

/* ---- limits ---- */

static int exec_with_argument(size_t len)
{
	char *arg = malloc(len + 1);
	char *argv[] = { (char *)"x", arg, NULL }, *envp[] = { NULL };

	memset(arg, 'a', len);
	arg[len] = '\0';
	pid_t pid = OK(fork());
	if (pid == 0) {
		execve(PROGRAMS "/show", argv, envp);
		_exit(errno == E2BIG ? 100 : 101);
	}
	free(arg);
	return WEXITSTATUS(wait_status(pid));
}

TEST(one_argument_has_at_most_32_pages)
{
	EXPECT_EQ(exec_with_argument(32 * 4096 - 1), 0);
	EXPECT_EQ(exec_with_argument(32 * 4096), 100);
}

static int exec_with_many(int count, size_t len)
{
	char **argv = calloc(count + 1, sizeof(char *));
	char *envp[] = { NULL }, *arg = malloc(len + 1);

	memset(arg, 'a', len);
	arg[len] = '\0';
	for (int i = 0; i < count; i++)
		argv[i] = arg;
	pid_t pid = OK(fork());
	if (pid == 0) {
		execve(PROGRAMS "/show", argv, envp);
		_exit(errno == E2BIG ? 100 : 101);
	}
	free(argv);
	free(arg);
	return WEXITSTATUS(wait_status(pid));
}

TEST(all_arguments_have_a_quarter_of_the_stack)
{
	struct rlimit limit = { 1 << 20, RLIM_INFINITY };

	OK(setrlimit(RLIMIT_STACK, &limit));
	EXPECT_EQ(exec_with_many(220, 1000), 0);
	EXPECT_EQ(exec_with_many(300, 1000), 100);
	/* The pointers count as well. */
	EXPECT_EQ(exec_with_many(20000, 1), 0);
	EXPECT_EQ(exec_with_many(30000, 1), 100);
}

TEST(many_arguments_arrive)
{
	char *argv[1002], *envp[] = { NULL };
	static char out[65536];

	for (int i = 0; i < 1001; i++) {
		argv[i] = malloc(16);
		sprintf(argv[i], "arg%d", i);
	}
	argv[1001] = NULL;
	EXPECT_EQ(capture(PROGRAMS "/show", argv, envp, out, sizeof(out)), 0);
	EXPECT(strstr(out, "argc=1001\n"));
	EXPECT(strstr(out, "argv[1000]=arg1000\n"));
}

/* ---- what survives ---- */

HELPER(check_survivors)
{
	struct sigaction sa;
	sigset_t set;

	if (fcntl(20, F_GETFD) != 0)		/* kept */
		return 1;
	if (fcntl(21, F_GETFD) != -1)		/* close-on-exec */
		return 2;
	if (lseek(20, 0, SEEK_CUR) != 5)
		return 3;
	sigaction(SIGUSR1, NULL, &sa);		/* handlers are reset ... */
	if (sa.sa_handler != SIG_DFL)
		return 4;
	sigaction(SIGUSR2, NULL, &sa);		/* ... ignoring is kept */
	if (sa.sa_handler != SIG_IGN)
		return 5;
	sigprocmask(SIG_BLOCK, NULL, &set);
	if (!sigismember(&set, SIGHUP))
		return 6;
	sigpending(&set);
	if (!sigismember(&set, SIGHUP))
		return 7;
	if (umask(0) != 0135)
		return 8;
	if (getpid() != atoi(argv[1]))
		return 9;
	if (alarm(0) == 0)			/* alarms go on */
		return 10;
	return 0;
}

static void on_signal(int sig)
{
	(void)sig;
}

TEST(exec_keeps_and_resets)
{
	pid_t pid;

	write_file("f", "0123456789");
	IN_CHILD(pid) {
		char me[16], c[5];
		char *argv[] = { HELPER_ARGV("check_survivors"), me, NULL };
		char *envp[] = { NULL };
		sigset_t set;
		int fd = OK(open("f", O_RDONLY));

		OK(read(fd, c, 5));
		OK(dup2(fd, 20));
		OK(dup3(fd, 21, O_CLOEXEC));
		signal(SIGUSR1, on_signal);
		signal(SIGUSR2, SIG_IGN);
		sigemptyset(&set);
		sigaddset(&set, SIGHUP);
		sigprocmask(SIG_BLOCK, &set, NULL);
		raise(SIGHUP);
		umask(0135);
		alarm(1000);
		sprintf(me, "%d", getpid());
		execve(SELF, argv, envp);
		_exit(126);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(failed_exec_changes_nothing)
{
	char name[16];

	signal(SIGUSR1, on_signal);
	OK(prctl(PR_SET_NAME, "before"));
	EXPECT_EQ(exec_errno("missing"), ENOENT);
	struct sigaction sa;
	OK(sigaction(SIGUSR1, NULL, &sa));
	EXPECT(sa.sa_handler == on_signal);
	OK(prctl(PR_GET_NAME, name));
	EXPECT_STR(name, "before");
}

HELPER(check_comm)
{
	char name[16];

	prctl(PR_GET_NAME, name);
	return strcmp(name, "a_very_long_nam") != 0;
}

TEST(exec_sets_the_task_name)
{
	char *argv[] = { HELPER_ARGV("check_comm"), NULL };

	OK(symlink(SELF, "a_very_long_name_indeed"));
	EXPECT_EXIT(spawn("a_very_long_name_indeed", argv, NULL), 0);
}

TEST(execveat_forms)
{
	char *argv[] = { HELPER_ARGV("exit_with"), (char *)"8", NULL };
	char *envp[] = { NULL };
	pid_t pid;

	OK(symlink(SELF, "link"));
	IN_CHILD(pid) {
		int fd = OK(open(SELF, O_PATH | O_CLOEXEC));
		syscall(SYS_execveat, fd, "", argv, envp, AT_EMPTY_PATH);
		_exit(126);
	}
	EXPECT_EXIT(pid, 8);
	IN_CHILD(pid) {
		int fd = OK(open("/", O_RDONLY | O_DIRECTORY));
		syscall(SYS_execveat, fd, SELF + 1, argv, envp, 0);
		_exit(126);
	}
	EXPECT_EXIT(pid, 8);
	EXPECT_ERR(syscall(SYS_execveat, AT_FDCWD, "link", argv, envp,
			   AT_SYMLINK_NOFOLLOW), ELOOP);
	EXPECT_ERR(syscall(SYS_execveat, 77, "x", argv, envp, 0), EBADF);
	EXPECT_ERR(syscall(SYS_execveat, AT_FDCWD, "x", argv, envp, 0x8000),
		   EINVAL);
}

/* ---- permissions ---- */

TEST(exec_needs_the_x_bit_that_applies)
{
	pid_t pid;

	write_script("owner", "#!" PROGRAMS "/show\n");
	OK(chmod("owner", 0654));
	OK(chown("owner", 1000, 1000));
	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_EQ(exec_errno("owner"), EACCES);	/* rw- for the owner */
	}
	EXPECT_EXIT(pid, 0);
	IN_CHILD(pid) {
		become_user(2000, 2000);
		EXPECT_EQ(exec_errno("owner"), EACCES);	/* r-- for others */
	}
	EXPECT_EXIT(pid, 0);
}

HELPER(print_ids)
{
	uid_t r, e, s;

	getresuid(&r, &e, &s);
	return r == 1000 && e == 1234 && s == 1234 ? 0 : 1;
}

TEST(set_user_id_programs)
{
	static char data[8 << 20];
	int fd = OK(open(SELF, O_RDONLY));
	ssize_t len = OK(read(fd, data, sizeof(data)));
	char *argv[] = { HELPER_ARGV("print_ids"), NULL };
	pid_t pid;

	OK(close(fd));
	write_program("suid", data, len);
	OK(chown("suid", 1234, 1234));
	OK(chmod("suid", 04755));
	IN_CHILD(pid) {
		char *envp[] = { NULL };

		become_user(1000, 1000);
		execve("suid", argv, envp);
		_exit(126);
	}
	EXPECT_EXIT(pid, 0);
}

/* A script's own bits would be a race: it is opened by name, later. */
HELPER(keeps_ids)
{
	return geteuid() == 1000 && getegid() == 1000 ? 0 : 1;
}

TEST(scripts_are_never_set_id)
{
	char *argv[] = { (char *)"x", NULL }, *envp[] = { NULL };
	pid_t pid;

	/* The file's name becomes the argument behind --helper. */
	write_script("keeps_ids", "#!" SELF " --helper\n");
	OK(chown("keeps_ids", 0, 0));
	OK(chmod("keeps_ids", 06755));
	IN_CHILD(pid) {
		become_user(1000, 1000);
		execve("keeps_ids", argv, envp);
		_exit(126);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- threads ---- */

static int idle_thread(void *leaves)
{
	if (leaves)			/* on its own, at any time */
		return 0;
	for (;;)
		pause();
}

static void exec_among_threads(void)
{
	char *argv[] = { (char *)"show", (char *)"exit=7", NULL };
	char *envp[] = { NULL };
	enum { THREADS = 6, STACK = 16384 };
	static char stacks[THREADS][STACK] __attribute__((aligned(16)));

	for (long i = 0; i < THREADS; i++)
		OK(clone(idle_thread, stacks[i] + STACK, CLONE_VM | CLONE_FS |
			 CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			 CLONE_SYSVSEM, (void *)(i & 1)));
	execve(PROGRAMS "/show", argv, envp);
}

/* Whoever waits for the last thread must not miss its end. */
TEST(exec_ends_all_other_threads)
{
	pid_t pid;

	for (int round = 0; round < 50; round++) {
		IN_CHILD(pid)
			exec_among_threads();
		EXPECT_EXIT(pid, 7);
	}
}

/* ---- ELF corner cases made by hand ---- */

struct tiny {
	Elf64_Ehdr	eh;
	Elf64_Phdr	ph[3];
	unsigned char	code[64];
};

/* A program of a few instructions: exit(42). */
static struct tiny tiny_program(void)
{
	static const unsigned char code[] = {
		0xb8, 60, 0, 0, 0,		/* mov eax, 60 */
		0xbf, 42, 0, 0, 0,		/* mov edi, 42 */
		0x0f, 0x05,			/* syscall */
	};
	struct tiny t = {
		.eh = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64,
				     ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_EXEC, .e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_entry = 0x400000 + offsetof(struct tiny, code),
			.e_phoff = offsetof(struct tiny, ph),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 1,
		},
		.ph[0] = {
			.p_type = PT_LOAD, .p_flags = PF_R | PF_X,
			.p_vaddr = 0x400000, .p_filesz = sizeof(struct tiny),
			.p_memsz = sizeof(struct tiny), .p_align = 4096,
		},
	};
	memcpy(t.code, code, sizeof(code));
	return t;
}

static int run_tiny(const struct tiny *t)
{
	char *argv[] = { (char *)"tiny", NULL };

	write_program("tiny", t, sizeof(*t));
	pid_t pid = OK(fork());
	if (pid == 0) {
		execv("tiny", argv);
		_exit(errno == ENOEXEC ? 200 : errno == EINVAL ? 201 :
		      errno == ENOMEM ? 202 : 126);
	}
	int status = wait_status(pid);
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) :
		WEXITSTATUS(status);
}

TEST(tiny_elf_runs)
{
	struct tiny t = tiny_program();

	EXPECT_EQ(run_tiny(&t), 42);
}

TEST(elf_headers_that_are_refused)
{
	struct tiny t = tiny_program();

	t.eh.e_machine = EM_AARCH64;
	EXPECT_EQ(run_tiny(&t), 200);
	t = tiny_program();
	t.eh.e_type = ET_REL;
	EXPECT_EQ(run_tiny(&t), 200);
	t = tiny_program();
	t.eh.e_phentsize = 55;
	EXPECT_EQ(run_tiny(&t), 200);
	t = tiny_program();
	t.eh.e_phnum = 0;
	EXPECT_EQ(run_tiny(&t), 200);
	t = tiny_program();
	t.eh.e_phnum = 65535;
	EXPECT_EQ(run_tiny(&t), 200);
}

TEST(data_only_segment_is_not_executable)
{
	struct tiny t = tiny_program();

	t.ph[0].p_flags = PF_R;
	EXPECT_EQ(run_tiny(&t), 1000 + SIGSEGV);
}

TEST(bss_behind_the_file_is_zero)
{
	/* exit(*(unsigned char *)0x403000 + 9) */
	static const unsigned char code[] = {
		0x0f, 0xb6, 0x3c, 0x25, 0x00, 0x30, 0x40, 0x00,
		0x83, 0xc7, 0x09, 0xb8, 60, 0, 0, 0, 0x0f, 0x05,
	};
	struct tiny t = tiny_program();

	t.ph[0].p_memsz = 0x4000;
	t.ph[0].p_flags = PF_R | PF_W | PF_X;
	memcpy(t.code, code, sizeof(code));
	EXPECT_EQ(run_tiny(&t), 9);
}

TEST(entry_outside_of_the_image_is_a_segv)
{
	struct tiny t = tiny_program();

	t.eh.e_entry = 0x900000;
	EXPECT_EQ(run_tiny(&t), 1000 + SIGSEGV);
}

TEST(segment_in_kernel_space_kills_or_fails)
{
	struct tiny t = tiny_program();

	t.ph[0].p_vaddr = 0xffffffff80000000UL;
	int result = run_tiny(&t);
	EXPECT(result == 1000 + SIGKILL || result == 1000 + SIGSEGV ||
	       (result >= 200 && result <= 202));
}

TEST(missing_interpreter_is_enoent)
{
	struct tiny t = tiny_program();
	char *argv[] = { (char *)"tiny", NULL };

	t.eh.e_phnum = 2;
	t.ph[1] = t.ph[0];
	t.ph[0] = (Elf64_Phdr){
		.p_type = PT_INTERP, .p_offset = offsetof(struct tiny, code) +
		32, .p_filesz = 8, .p_memsz = 8,
	};
	memcpy(t.code + 32, "/no/lib", 8);
	write_program("tiny", &t, sizeof(t));
	EXPECT_ERR(execv("tiny", argv), ENOENT);

	memcpy(t.code + 32, "no zero!", 8);	/* not terminated */
	write_program("tiny", &t, sizeof(t));
	EXPECT_ERR(execv("tiny", argv), ENOEXEC);
}
