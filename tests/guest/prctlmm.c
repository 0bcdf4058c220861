/*
 * prctl(2): PR_SET_MM, with which a program that was restored from a checkpoint
 * says where its parts lie; and PR_SET_SPECULATION_CTRL.
 */
#include "test.h"

#include <elf.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define SET(field, value)	prctl(PR_SET_MM, PR_SET_MM_##field, value, 0, 0)

/* As /proc/self/stat has it: the fields from 26 on, and 45 on. */
static struct prctl_mm_map now(void)
{
	static char text[2000];
	unsigned long v[53];
	struct prctl_mm_map m = { .exe_fd = -1 };
	char *p;

	read_file("/proc/self/stat", text, sizeof(text));
	p = strrchr(text, ')') + 2;
	p = strchr(p, ' ') + 1;
	for (int i = 4; i <= 52; i++)
		v[i] = strtoul(p, &p, 10);
	m.start_code = v[26];
	m.end_code = v[27];
	m.start_stack = v[28];
	m.start_data = v[45];
	m.end_data = v[46];
	m.start_brk = v[47];
	m.arg_start = v[48];
	m.arg_end = v[49];
	m.env_start = v[50];
	m.env_end = v[51];
	m.brk = (unsigned long)sbrk(0);
	return m;
}

TEST(each_field_is_set)
{
	struct prctl_mm_map was = now();
	char *page = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	OK(SET(START_CODE, was.start_code + 1));
	EXPECT_EQ(now().start_code, was.start_code + 1);
	OK(SET(END_CODE, was.end_code - 1));
	EXPECT_EQ(now().end_code, was.end_code - 1);
	OK(SET(START_DATA, was.start_data + 1));
	EXPECT_EQ(now().start_data, was.start_data + 1);
	OK(SET(END_DATA, was.end_data + 1));
	EXPECT_EQ(now().end_data, was.end_data + 1);
	OK(SET(START_STACK, was.start_stack + 16));
	EXPECT_EQ(now().start_stack, was.start_stack + 16);
	OK(SET(START_BRK, was.start_brk + 1));
	EXPECT_EQ(now().start_brk, was.start_brk + 1);
	OK(SET(BRK, was.brk));
	OK(SET(ARG_END, was.arg_start));
	EXPECT_EQ(now().arg_end, was.arg_start);
	OK(SET(ARG_START, was.arg_start - 1));
	EXPECT_EQ(now().arg_start, was.arg_start - 1);
	OK(SET(ENV_END, was.env_start + 1));
	EXPECT_EQ(now().env_end, was.env_start + 1);
	OK(SET(ENV_START, was.env_start + 1));
	EXPECT_EQ(now().env_start, was.env_start + 1);
	OK(munmap(page, 4096));
}

TEST(pairs_are_in_order)
{
	struct prctl_mm_map m = now();

	EXPECT_ERR(SET(START_CODE, m.end_code), EINVAL);
	EXPECT_ERR(SET(END_CODE, m.start_code), EINVAL);
	EXPECT_ERR(SET(START_DATA, m.end_data + 1), EINVAL);
	OK(SET(START_DATA, m.end_data));
	EXPECT_ERR(SET(END_DATA, m.end_data - 1), EINVAL);
	EXPECT_ERR(SET(START_BRK, m.brk + 1), EINVAL);
	EXPECT_ERR(SET(BRK, m.start_brk - 1), EINVAL);
	EXPECT_ERR(SET(ARG_START, m.arg_end + 1), EINVAL);
	EXPECT_ERR(SET(ARG_END, m.arg_start - 1), EINVAL);
	EXPECT_ERR(SET(ENV_START, m.env_end + 1), EINVAL);
	EXPECT_ERR(SET(ENV_END, m.env_start - 1), EINVAL);
}

/* Some must lie below an area's end; the others' memory may be no more. */
TEST(addresses)
{
	const long top = 0x7ffffffff000, none = top - 4096;
	pid_t pid;

	EXPECT_ERR(SET(END_CODE, top), EINVAL);
	EXPECT_ERR(SET(END_CODE, 4096), EINVAL);
	EXPECT_ERR(SET(ENV_END, -1L), EINVAL);
	EXPECT_ERR(SET(ENV_END, none), EFAULT);
	EXPECT_ERR(SET(ARG_END, none), EFAULT);
	EXPECT_ERR(SET(START_STACK, none), EFAULT);
	OK(SET(END_CODE, none));
	OK(SET(END_DATA, none));
	EXPECT_ERR(prctl(PR_SET_MM, 99, none, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_MM, 0, none, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_BRK, none, 0, 1), EINVAL);
	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_BRK, none, 1, 0), EINVAL);
	IN_CHILD(pid) {
		become_user(1000, 1000);
		EXPECT_ERR(SET(BRK, 8), EPERM);
		EXPECT_ERR(SET(EXE_FILE, -1), EPERM);
		EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_AUXV, 8, 8, 0), EPERM);
		EXPECT_ERR(prctl(PR_SET_MM, 99, 8, 0, 0), EPERM);
		EXPECT_ERR(prctl(PR_SET_MM, 99, 8, 1, 0), EINVAL);
	}
	EXPECT_EXIT(pid, 0);
}

TEST(the_data_limit_holds)
{
	struct prctl_mm_map m = now();
	struct rlimit lim = { m.end_data - m.start_data + 8192, RLIM_INFINITY };

	OK(SET(START_BRK, m.brk));
	OK(setrlimit(RLIMIT_DATA, &lim));
	EXPECT_EQ(SET(BRK, m.brk + 8192), 0);
	EXPECT_ERR(SET(BRK, m.brk + 8193), EINVAL);
	OK(SET(BRK, m.brk));
}

TEST(the_command_line_moves)
{
	char *page = OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)), buf[100];
	struct prctl_mm_map m = now();

	memcpy(page, "new\0name", 9);
	m.arg_start = (unsigned long)page;
	m.arg_end = m.arg_start + 9;
	OK(prctl(PR_SET_MM, PR_SET_MM_MAP, &m, sizeof(m), 0));
	memset(buf, 0, sizeof(buf));
	read_file("/proc/self/cmdline", buf, sizeof(buf));
	EXPECT_MEM(buf, "new\0name", 9);
	OK(munmap(page, 4096));
}

TEST(all_at_once)
{
	struct prctl_mm_map m = now(), bad;
	unsigned long auxv[4] = { AT_PAGESZ, 4096, AT_NULL, 0 }, got[64];
	unsigned size = 0;
	pid_t pid;
	int fd;

	OK(prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 0));
	EXPECT_EQ(size, sizeof(m));
	EXPECT_EQ(size, 104);
	OK(prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 77, 0));
	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, 8, 0, 0), EFAULT);
	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 1), EINVAL);
	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_MAP, &m, size - 8, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_MAP, 8, size, 0), EFAULT);
	bad = m;
	bad.env_end = bad.env_start - 1;
	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_MAP, &bad, size, 0), EINVAL);
	bad = m;
	bad.arg_start = 0;
	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_MAP, &bad, size, 0), EINVAL);
	bad = m;
	bad.auxv_size = 16;
	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_MAP, &bad, size, 0), EINVAL);
	bad.auxv = (void *)8;
	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_MAP, &bad, size, 0), EFAULT);
	bad.auxv_size = 1000;
	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_MAP, &bad, size, 0), EINVAL);
	bad = m;
	bad.exe_fd = 99;
	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_MAP, &bad, size, 0), EBADF);
	/* Nobody needs a right for this, but to name another file. */
	IN_CHILD(pid) {
		become_user(1000, 1000);
		m.auxv = (void *)auxv;
		m.auxv_size = sizeof(auxv);
		OK(prctl(PR_SET_MM, PR_SET_MM_MAP, &m, size, 0));
		m.exe_fd = 0;
		EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_MAP, &m, size, 0), EPERM);
	}
	EXPECT_EXIT(pid, 0);
	m.auxv = (void *)auxv;
	m.auxv_size = sizeof(auxv);
	OK(prctl(PR_SET_MM, PR_SET_MM_MAP, &m, size, 0));
	fd = OK(open("/proc/self/auxv", O_RDONLY));
	EXPECT(OK(read(fd, got, sizeof(got))) >= 32);
	EXPECT_MEM(got, auxv, 32);
	OK(close(fd));
}

TEST(auxiliary_vector)
{
	unsigned long auxv[4] = { AT_PAGESZ, 1, AT_NULL, 0 }, got[64];
	int fd;

	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_AUXV, auxv, 1000, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_AUXV, 8, 16, 0), EFAULT);
	EXPECT_ERR(prctl(PR_SET_MM, PR_SET_MM_AUXV, auxv, 16, 1), EINVAL);
	OK(prctl(PR_SET_MM, PR_SET_MM_AUXV, 8, 0, 0));
	OK(prctl(PR_SET_MM, PR_SET_MM_AUXV, auxv, sizeof(auxv), 0));
	fd = OK(open("/proc/self/auxv", O_RDONLY));
	EXPECT(OK(read(fd, got, sizeof(got))) >= 32);
	EXPECT_MEM(got, auxv, 32);
	OK(close(fd));
}

TEST(exe_file)
{
	int exe = OK(open(PROGRAMS "/show", O_RDONLY)), dir, text;

	write_file("text", "no program");
	text = OK(open("text", O_RDONLY));
	dir = OK(open(".", O_RDONLY));
	EXPECT_ERR(SET(EXE_FILE, 99), EBADF);
	EXPECT_ERR(SET(EXE_FILE, dir), EACCES);
	EXPECT_ERR(SET(EXE_FILE, text), EACCES);
	/* As long as the program is mapped it cannot be another one. */
	EXPECT_ERR(SET(EXE_FILE, exe), EBUSY);
	OK(close(exe));
	OK(close(dir));
	OK(close(text));
}

/* ---- speculation ---- */

TEST(speculation)
{
	EXPECT_ERR(prctl(PR_GET_SPECULATION_CTRL, 9, 0, 0, 0), ENODEV);
	EXPECT_ERR(prctl(PR_SET_SPECULATION_CTRL, 9, 2, 0, 0), ENODEV);
	EXPECT_ERR(prctl(PR_GET_SPECULATION_CTRL, 0, 1, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_GET_SPECULATION_CTRL, 0, 0, 1, 0), EINVAL);
	EXPECT_ERR(prctl(PR_GET_SPECULATION_CTRL, 0, 0, 0, 1), EINVAL);
	EXPECT_ERR(prctl(PR_SET_SPECULATION_CTRL, 0, 2, 1, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_SPECULATION_CTRL, 0, 2, 0, 1), EINVAL);
	EXPECT_EQ(prctl(PR_GET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS, 0, 0, 0),
		  PR_SPEC_NOT_AFFECTED);
	EXPECT_ERR(prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS,
			 PR_SPEC_ENABLE, 0, 0), ENXIO);
	EXPECT_EQ(prctl(PR_GET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH,
			0, 0, 0), PR_SPEC_ENABLE);
	OK(prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH,
		 PR_SPEC_ENABLE, 0, 0));
	EXPECT_ERR(prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH,
			 PR_SPEC_DISABLE, 0, 0), EPERM);
	EXPECT_ERR(prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH,
			 PR_SPEC_FORCE_DISABLE, 0, 0), EPERM);
	EXPECT_ERR(prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH,
			 PR_SPEC_DISABLE_NOEXEC, 0, 0), ERANGE);
	EXPECT_EQ(prctl(PR_GET_SPECULATION_CTRL, PR_SPEC_L1D_FLUSH, 0, 0, 0),
		  PR_SPEC_FORCE_DISABLE);
	EXPECT_ERR(prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_L1D_FLUSH,
			 PR_SPEC_ENABLE, 0, 0), EPERM);
}
