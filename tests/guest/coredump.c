/*
 * Core dumps: when there is one, where, what is in it, and what prevents it.
 */
#include "test.h"

#include <elf.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/procfs.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void set_limit(rlim_t limit)
{
	struct rlimit r = { limit, limit };

	OK(setrlimit(RLIMIT_CORE, &r));
}

/* The machine's settings are put back even if the test fails: by its parent. */
static char old_pattern[256], old_pid[16];

static void remember(void)
{
	read_file("/proc/sys/kernel/core_pattern", old_pattern,
		  sizeof(old_pattern));
	read_file("/proc/sys/kernel/core_uses_pid", old_pid, sizeof(old_pid));
}

static void set_pattern(const char *pattern)
{
	if (!old_pattern[0])
		remember();
	write_file("/proc/sys/kernel/core_pattern", pattern);
	write_file("/proc/sys/kernel/core_uses_pid", "0");
}

static void restore(void)
{
	write_file("/proc/sys/kernel/core_pattern", old_pattern);
	write_file("/proc/sys/kernel/core_uses_pid", old_pid);
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* A child that dies of @sig, dumpable as it is. */
static int die_of(int sig)
{
	pid_t pid = OK(fork());

	if (pid == 0) {
		signal(sig, SIG_DFL);
		raise(sig);
		_exit(1);
	}
	return wait_status(pid);
}

TEST(the_signals_that_dump)
{
	static const int dump[] = { SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGFPE,
				    SIGSEGV, SIGBUS, SIGSYS, SIGXCPU,
				    SIGXFSZ };
	static const int dont[] = { SIGTERM, SIGKILL, SIGHUP, SIGUSR1,
				    SIGALRM };

	set_pattern("core");
	set_limit(RLIM_INFINITY);
	for (size_t i = 0; i < ARRAY_SIZE(dump); i++) {
		int status = die_of(dump[i]);

		EXPECT_EQ(WTERMSIG(status), dump[i]);
		EXPECT(WCOREDUMP(status));
		EXPECT(exists("core"));
		OK(unlink("core"));
	}
	for (size_t i = 0; i < ARRAY_SIZE(dont); i++) {
		int status = die_of(dont[i]);

		EXPECT_EQ(WTERMSIG(status), dont[i]);
		EXPECT(!WCOREDUMP(status));
		EXPECT(!exists("core"));
	}
	restore();
}

TEST(waitid_says_dumped)
{
	siginfo_t info = { 0 };
	pid_t pid;

	set_pattern("core");
	set_limit(RLIM_INFINITY);
	IN_CHILD(pid)
		raise(SIGQUIT);
	OK(waitid(P_PID, pid, &info, WEXITED));
	EXPECT_EQ(info.si_code, CLD_DUMPED);
	EXPECT_EQ(info.si_status, SIGQUIT);
	restore();
}

TEST(no_core_without_limit)
{
	set_pattern("core");
	set_limit(0);
	EXPECT(!WCOREDUMP(die_of(SIGQUIT)));
	EXPECT(!exists("core"));
	restore();
}

TEST(the_limit_cuts_the_core)
{
	struct stat st;

	set_pattern("core");
	set_limit(8192);
	/* It is a core all the same. */
	EXPECT(WCOREDUMP(die_of(SIGQUIT)));
	OK(stat("core", &st));
	EXPECT(st.st_size <= 8192);
	restore();
}

TEST(the_file_size_limit_cuts_the_core)
{
	struct stat st;
	int status;
	pid_t pid;

	set_pattern("core");
	set_limit(RLIM_INFINITY);
	IN_CHILD(pid) {
		struct rlimit r = { 100, 100 };

		OK(setrlimit(RLIMIT_FSIZE, &r));
		raise(SIGQUIT);
	}
	status = wait_status(pid);
	EXPECT_EQ(WTERMSIG(status), SIGQUIT);
	EXPECT(WCOREDUMP(status));
	OK(stat("core", &st));
	EXPECT(st.st_size <= 100);
	restore();
}

TEST(a_umask_that_takes_too_much)
{
	struct stat st;
	pid_t pid;

	set_pattern("core");
	set_limit(RLIM_INFINITY);
	IN_CHILD(pid) {
		umask(0777);
		raise(SIGQUIT);
	}
	EXPECT(!WCOREDUMP(wait_status(pid)));
	OK(stat("core", &st));
	EXPECT_EQ(st.st_mode, S_IFREG);
	EXPECT_EQ(st.st_size, 0);
	restore();
}

TEST(names_from_the_pattern)
{
	char name[128];
	pid_t pid;

	set_pattern("c.%p.%s.%u.%g.%e.%%.%h%q");
	set_limit(RLIM_INFINITY);
	OK(sethostname("ho/st", 5));
	IN_CHILD(pid) {
		OK(prctl(PR_SET_NAME, "a/b", 0, 0, 0));
		raise(SIGQUIT);
	}
	EXPECT(WCOREDUMP(wait_status(pid)));
	snprintf(name, sizeof(name), "c.%d.3.0.0.a!b.%%.ho!st", pid);
	EXPECT(exists(name));
	/* In another directory. */
	OK(mkdir("dir", 0755));
	set_pattern("dir/core.%t.%c");
	EXPECT(WCOREDUMP(die_of(SIGQUIT)));
	OK(unlink(name));
	EXPECT_ERR(rmdir("dir"), ENOTEMPTY);
	OK(sethostname("test", 4));
	restore();
}

TEST(the_pid_is_appended)
{
	char name[32];
	pid_t pid;

	set_pattern("core");
	write_file("/proc/sys/kernel/core_uses_pid", "1");
	set_limit(RLIM_INFINITY);
	IN_CHILD(pid)
		raise(SIGQUIT);
	EXPECT(WCOREDUMP(wait_status(pid)));
	snprintf(name, sizeof(name), "core.%d", pid);
	EXPECT(exists(name));
	/* %p says it already; %P, which means the same here, does not count. */
	set_pattern("core.%P");
	write_file("/proc/sys/kernel/core_uses_pid", "1");
	IN_CHILD(pid)
		raise(SIGQUIT);
	EXPECT(WCOREDUMP(wait_status(pid)));
	snprintf(name, sizeof(name), "core.%d.%d", pid, pid);
	EXPECT(exists(name));
	restore();
}

TEST(the_file_is_for_the_user_alone)
{
	struct stat st;

	set_pattern("core");
	set_limit(RLIM_INFINITY);
	umask(0);
	EXPECT(WCOREDUMP(die_of(SIGQUIT)));
	OK(stat("core", &st));
	EXPECT_EQ(st.st_mode, S_IFREG | 0600);
	restore();
}

TEST(not_where_it_could_be_a_trick)
{
	struct stat st;
	pid_t pid;

	set_pattern("core");
	set_limit(RLIM_INFINITY);
	/* A symbolic link is replaced, not followed. */
	write_file("target", "precious");
	OK(symlink("target", "core"));
	EXPECT(WCOREDUMP(die_of(SIGQUIT)));
	OK(lstat("core", &st));
	EXPECT(S_ISREG(st.st_mode));
	OK(unlink("core"));
	/* And so is a file with another name. */
	OK(link("target", "core"));
	EXPECT(WCOREDUMP(die_of(SIGQUIT)));
	OK(stat("core", &st));
	EXPECT_EQ(st.st_nlink, 1);
	OK(unlink("core"));
	/* Over what is no file. */
	OK(mkdir("core", 0700));
	EXPECT(!WCOREDUMP(die_of(SIGQUIT)));
	OK(rmdir("core"));
	/* Over another's file in a directory that protects it. */
	write_file("core", "root's");
	OK(chmod("core", 0666));
	OK(chmod(".", 01777));
	IN_CHILD(pid) {
		become_user(1000, 1000);
		OK(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
		raise(SIGQUIT);
	}
	EXPECT(!WCOREDUMP(wait_status(pid)));
	OK(unlink("core"));
	char buf[32];
	EXPECT_STR(read_file("target", buf, sizeof(buf)), "precious");
	restore();
}

TEST(who_is_not_dumpable_leaves_none)
{
	pid_t pid;

	set_pattern("core");
	set_limit(RLIM_INFINITY);
	OK(chmod(".", 0777));
	IN_CHILD(pid) {
		OK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
		raise(SIGQUIT);
	}
	EXPECT(!WCOREDUMP(wait_status(pid)));
	IN_CHILD(pid) {
		OK(setresuid(-1, 1000, -1));
		raise(SIGQUIT);
	}
	EXPECT(!WCOREDUMP(wait_status(pid)));
	EXPECT(!exists("core"));
	restore();
}

TEST(for_root_only_by_an_absolute_name)
{
	char pattern[300], dir[200], old[16];
	struct stat st;
	pid_t pid;

	read_file("/proc/sys/fs/suid_dumpable", old, sizeof(old));
	write_file("/proc/sys/fs/suid_dumpable", "2");
	set_limit(RLIM_INFINITY);
	OK(chmod(".", 0777));
	set_pattern("core");
	IN_CHILD(pid) {
		become_user(1000, 1000);
		raise(SIGQUIT);
	}
	EXPECT(!WCOREDUMP(wait_status(pid)));
	EXPECT(!exists("core"));
	EXPECT(getcwd(dir, sizeof(dir)));
	snprintf(pattern, sizeof(pattern), "%s/core", dir);
	set_pattern(pattern);
	IN_CHILD(pid) {
		become_user(1000, 1000);
		raise(SIGQUIT);
	}
	EXPECT(WCOREDUMP(wait_status(pid)));
	OK(stat("core", &st));
	EXPECT_EQ(st.st_uid, 0);
	EXPECT_EQ(st.st_mode, S_IFREG | 0600);
	write_file("/proc/sys/fs/suid_dumpable", old);
	restore();
}

/* ---- what is in it --------------------------------------------------- */

struct core {
	char		*data;
	size_t		size;
	Elf64_Ehdr	*hdr;
	Elf64_Phdr	*ph;
};

static struct core open_core(const char *path)
{
	struct core c;
	struct stat st;
	int fd = OK(open(path, O_RDONLY));

	OK(fstat(fd, &st));
	c.size = st.st_size;
	c.data = OK(mmap(NULL, c.size, PROT_READ, MAP_PRIVATE, fd, 0));
	OK(close(fd));
	c.hdr = (Elf64_Ehdr *)c.data;
	EXPECT_MEM(c.data, ELFMAG, SELFMAG);
	EXPECT_EQ(c.hdr->e_type, ET_CORE);
	EXPECT_EQ(c.hdr->e_machine, EM_X86_64);
	c.ph = (Elf64_Phdr *)(c.data + c.hdr->e_phoff);
	EXPECT_EQ(c.ph[0].p_type, PT_NOTE);
	for (int i = 0; i < c.hdr->e_phnum; i++)
		EXPECT(c.ph[i].p_offset + c.ph[i].p_filesz <= c.size);
	return c;
}

static void close_core(struct core *c)
{
	OK(munmap(c->data, c->size));
}

/* The @n-th note of @type; NULL if there is none. */
static void *find_note(struct core *c, uint32_t type, int n, size_t *len)
{
	char *at = c->data + c->ph[0].p_offset;
	char *end = at + c->ph[0].p_filesz;

	while (at < end) {
		Elf64_Nhdr *note = (Elf64_Nhdr *)at;
		char *desc = at + sizeof(*note) +
			     ((note->n_namesz + 3) & ~3u);

		if (note->n_type == type && n-- == 0) {
			*len = note->n_descsz;
			return desc;
		}
		at = desc + ((note->n_descsz + 3) & ~3u);
	}
	return NULL;
}

static Elf64_Phdr *segment_of(struct core *c, const void *at)
{
	for (int i = 1; i < c->hdr->e_phnum; i++)
		if ((uintptr_t)at >= c->ph[i].p_vaddr &&
		    (uintptr_t)at < c->ph[i].p_vaddr + c->ph[i].p_memsz)
			return &c->ph[i];
	return NULL;
}

/* The dumped memory at @at; NULL if it was left out. */
static char *memory_at(struct core *c, const void *at)
{
	Elf64_Phdr *ph = segment_of(c, at);
	size_t offset;

	EXPECT(ph);
	offset = (uintptr_t)at - ph->p_vaddr;
	return offset < ph->p_filesz ? c->data + ph->p_offset + offset : NULL;
}

static char *map_anon(size_t size, int flags)
{
	return OK(mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_ANONYMOUS | flags, -1, 0));
}

TEST(memory_is_in_it)
{
	char *seen = map_anon(8192, MAP_PRIVATE);
	char *secret = map_anon(4096, MAP_PRIVATE);
	/* Read-only, lest it be one area with the others. */
	char *untouched = OK(mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE |
				  MAP_ANONYMOUS, -1, 0));
	struct core c;
	pid_t pid;

	set_pattern("core");
	set_limit(RLIM_INFINITY);
	IN_CHILD(pid) {
		strcpy(seen + 4096, "here I am");
		strcpy(secret, "not for you");
		OK(madvise(secret, 4096, MADV_DONTDUMP));
		OK(mprotect(seen, 8192, PROT_NONE));
		raise(SIGQUIT);
	}
	EXPECT(WCOREDUMP(wait_status(pid)));
	c = open_core("core");
	EXPECT(memory_at(&c, seen));
	EXPECT_STR(memory_at(&c, seen + 4096), "here I am");
	EXPECT(!memory_at(&c, secret));
	EXPECT(!memory_at(&c, untouched));
	close_core(&c);
	OK(munmap(seen, 8192));
	OK(munmap(secret, 4096));
	OK(munmap(untouched, 1 << 20));
	restore();
}

TEST(the_filter_chooses)
{
	char *private = map_anon(4096, MAP_PRIVATE);
	char *shared = map_anon(4096, MAP_SHARED);
	char buf[32];
	struct core c;
	pid_t pid;

	EXPECT_STR(read_file("/proc/self/coredump_filter", buf, sizeof(buf)),
		   "00000033\n");
	set_pattern("core");
	set_limit(RLIM_INFINITY);
	*private = *shared = 1;
	for (int filter = 0; filter < 4; filter++) {
		IN_CHILD(pid) {
			*private = 2;
			snprintf(buf, sizeof(buf), "%#x", filter);
			write_file("/proc/self/coredump_filter", buf);
			raise(SIGQUIT);
		}
		EXPECT(WCOREDUMP(wait_status(pid)));
		c = open_core("core");
		EXPECT_EQ(!!memory_at(&c, private), filter & 1);
		EXPECT_EQ(!!memory_at(&c, shared), filter >> 1);
		close_core(&c);
	}
	IN_CHILD(pid) {
		write_file("/proc/self/coredump_filter", "0xfffff");
		EXPECT_STR(read_file("/proc/self/coredump_filter", buf,
				     sizeof(buf)), "000001ff\n");
	}
	EXPECT_EXIT(pid, 0);
	OK(munmap(private, 4096));
	OK(munmap(shared, 4096));
	restore();
}

TEST(notes_of_the_process)
{
	struct elf_prpsinfo *ps;
	siginfo_t *info;
	size_t len, parts;
	Elf64_auxv_t *aux;
	struct core c;
	uint64_t *files;
	pid_t pid;

	set_pattern("core");
	set_limit(RLIM_INFINITY);
	IN_CHILD(pid) {
		OK(prctl(PR_SET_NAME, "noted", 0, 0, 0));
		*(volatile int *)16 = 0;
	}
	EXPECT(WCOREDUMP(wait_status(pid)));
	c = open_core("core");
	ps = find_note(&c, NT_PRPSINFO, 0, &len);
	EXPECT(ps && len == sizeof(*ps));
	EXPECT_EQ(ps->pr_pid, pid);
	EXPECT_EQ(ps->pr_ppid, getpid());
	EXPECT_EQ(ps->pr_sid, getsid(0));
	EXPECT_STR(ps->pr_fname, "noted");
	EXPECT(strstr(ps->pr_psargs, "init"));
	info = find_note(&c, NT_SIGINFO, 0, &len);
	EXPECT(info && len == 128);
	EXPECT_EQ(info->si_signo, SIGSEGV);
	EXPECT_EQ(info->si_code, SEGV_MAPERR);
	EXPECT_EQ((uintptr_t)info->si_addr, 16);
	aux = find_note(&c, NT_AUXV, 0, &len);
	EXPECT(aux && len % sizeof(*aux) == 0);
	parts = len / sizeof(*aux);
	EXPECT_EQ(aux[parts - 1].a_type, AT_NULL);
	files = find_note(&c, NT_FILE, 0, &len);
	EXPECT(files && files[0] > 0);
	EXPECT_EQ(files[1], 4096);
	EXPECT_STR((char *)(files + 2 + 3 * files[0]), "/init");
	close_core(&c);
	restore();
}

static _Atomic int spinning;

static void *spin(void *arg)
{
	register long mark asm("r15") = (long)arg;

	asm volatile("" : "+r"(mark));
	spinning++;
	asm volatile("1: pause; jmp 1b" : : "r"(mark));
	return NULL;
}

TEST(every_thread_has_its_registers)
{
	bool found[4] = { false };
	struct core c;
	size_t len;
	pid_t pid;

	set_pattern("core");
	set_limit(RLIM_INFINITY);
	IN_CHILD(pid) {
		for (long i = 0; i < 3; i++) {
			pthread_t t;

			EXPECT_EQ(pthread_create(&t, NULL, spin,
						 (void *)(0x1230 + i)), 0);
		}
		while (spinning < 3)
			usleep(1000);
		abort();
	}
	int status = wait_status(pid);
	EXPECT_EQ(WTERMSIG(status), SIGABRT);
	EXPECT(WCOREDUMP(status));
	c = open_core("core");
	for (int n = 0; n < 4; n++) {
		struct elf_prstatus *st = find_note(&c, NT_PRSTATUS, n, &len);

		EXPECT(st && len == sizeof(*st));
		EXPECT_EQ(st->pr_cursig, SIGABRT);
		EXPECT(find_note(&c, NT_FPREGSET, n, &len));
		EXPECT_EQ(len, 512);
		if (n == 0)
			EXPECT_EQ(st->pr_pid, pid);
		/* r15 comes first. */
		for (int i = 0; i < 3; i++)
			if (st->pr_reg[0] == 0x1230ul + i)
				found[i] = true;
	}
	EXPECT(!find_note(&c, NT_PRSTATUS, 4, &len));
	for (int i = 0; i < 3; i++)
		EXPECT(found[i]);
	close_core(&c);
	restore();
}

/* Many at once, of processes with many threads: none may hang another. */
TEST(dumps_at_the_same_time)
{
	pid_t pids[6];

	set_pattern("core.%p");
	set_limit(RLIM_INFINITY);
	for (int i = 0; i < 6; i++)
		IN_CHILD(pids[i]) {
			for (long t = 0; t < 4; t++) {
				pthread_t thread;

				EXPECT_EQ(pthread_create(&thread, NULL, spin,
							 NULL), 0);
			}
			if (i % 2)
				raise(SIGQUIT);
			*(volatile int *)8 = 0;
		}
	for (int i = 0; i < 6; i++) {
		int status = wait_status(pids[i]);

		EXPECT_EQ(WTERMSIG(status), i % 2 ? SIGQUIT : SIGSEGV);
		EXPECT(WCOREDUMP(status));
	}
	restore();
}

/* Killed while it dumps, or before, or after: it ends in any case. */
TEST(kill_ends_a_dump)
{
	set_pattern("core");
	set_limit(RLIM_INFINITY);
	for (int round = 0; round < 20; round++) {
		pid_t pid;
		int status;

		IN_CHILD(pid) {
			char *big = map_anon(4 << 20, MAP_PRIVATE);

			memset(big, 1, 4 << 20);
			raise(SIGQUIT);
		}
		usleep(round * 1000);
		kill(pid, SIGKILL);
		status = wait_status(pid);
		EXPECT(WTERMSIG(status) == SIGKILL ||
		       WTERMSIG(status) == SIGQUIT);
	}
	restore();
}
