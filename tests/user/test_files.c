/*
 * Files by name: stat, directories, patterns, paths.
 */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

/* Go into a new directory of this test's own. */
static void enter(const char *name)
{
	EXPECT_EQ(mkdir(scratch(name), 0755), 0);
	EXPECT_EQ(chdir(scratch(name)), 0);
}

static void make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);

	EXPECT(fd >= 0);
	close(fd);
}

static void stat_tells(void)
{
	struct stat st, other;
	int fd;

	enter("stat");
	umask(022);
	fd = open("f", O_RDWR | O_CREAT, 0666);
	EXPECT_EQ(write(fd, "12345", 5), 5);
	EXPECT_EQ(fstat(fd, &st), 0);
	EXPECT(S_ISREG(st.st_mode));
	EXPECT_EQ(st.st_mode & 0777, 0644);
	EXPECT_EQ(st.st_size, 5);
	EXPECT_EQ(st.st_nlink, 1);
	EXPECT_EQ(link("f", "g"), 0);
	EXPECT_EQ(stat("g", &other), 0);
	EXPECT_EQ(other.st_ino, st.st_ino);
	EXPECT_EQ(other.st_nlink, 2);
	EXPECT_EQ(symlink("f", "l"), 0);
	EXPECT_EQ(lstat("l", &other), 0);
	EXPECT(S_ISLNK(other.st_mode));
	EXPECT_EQ(other.st_size, 1);
	EXPECT_EQ(chmod("f", 0400), 0);
	EXPECT_EQ(stat("l", &other), 0);
	EXPECT_EQ(other.st_mode & 07777, 0400);
	EXPECT_EQ(stat("/dev/null", &st), 0);
	EXPECT(S_ISCHR(st.st_mode));
	EXPECT_EQ(major(st.st_rdev), 1);
	EXPECT_EQ(minor(st.st_rdev), 3);
	EXPECT_EQ(makedev(1, 3), st.st_rdev);
	EXPECT_EQ(major(makedev(0xabcde, 0xfedcba)), 0xabcde);
	EXPECT_EQ(minor(makedev(0xabcde, 0xfedcba)), 0xfedcba);
	EXPECT_ERRNO(stat("nothing", &st), ENOENT);
	EXPECT_ERRNO(stat("f/x", &st), ENOTDIR);
}

static void times_can_be_set(void)
{
	const struct timespec times[2] = {
		{ .tv_sec = 1000000000, .tv_nsec = 5 },
		{ .tv_sec = 1234567890, .tv_nsec = UTIME_OMIT },
	};
	struct stat st;

	enter("times");
	make_file("f");
	EXPECT_EQ(utimensat(AT_FDCWD, "f", times, 0), 0);
	EXPECT_EQ(stat("f", &st), 0);
	EXPECT_EQ(st.st_atim.tv_sec, 1000000000);
	EXPECT_EQ(st.st_atim.tv_nsec, 5);
	EXPECT(st.st_mtim.tv_sec > 1234567890);
}

static void names_come_and_go(void)
{
	char text[16];
	struct stat st;

	enter("names");
	make_file("a");
	EXPECT_EQ(rename("a", "b"), 0);
	EXPECT_ERRNO(access("a", F_OK), ENOENT);
	EXPECT_EQ(access("b", R_OK | W_OK), 0);
	EXPECT_EQ(mkdir("d", 0700), 0);
	EXPECT_ERRNO(mkdir("d", 0700), EEXIST);
	EXPECT_ERRNO(unlink("d"), EISDIR);
	EXPECT_EQ(rename("b", "d/b"), 0);
	EXPECT_ERRNO(rmdir("d"), ENOTEMPTY);
	EXPECT_EQ(remove("d/b"), 0);
	EXPECT_EQ(remove("d"), 0);
	EXPECT_EQ(symlink("/target", "l"), 0);
	EXPECT_EQ(readlink("l", text, sizeof(text)), 7);
	EXPECT_EQ(memcmp(text, "/target", 7), 0);
	EXPECT_EQ(readlink("l", text, 3), 3);
	EXPECT_EQ(mkfifo("p", 0600), 0);
	EXPECT_EQ(stat("p", &st), 0);
	EXPECT(S_ISFIFO(st.st_mode));
}

static void several_pieces_at_once(void)
{
	char a[] = "abc", b[] = "defgh", x[2], y[10] = "";
	struct iovec out[] = { { a, 3 }, { b, 5 } };
	struct iovec in[] = { { x, 2 }, { y, 9 } };
	int fds[2];

	EXPECT_EQ(pipe(fds), 0);
	EXPECT_EQ(writev(fds[1], out, 2), 8);
	EXPECT_EQ(readv(fds[0], in, 2), 8);
	EXPECT_EQ(memcmp(x, "ab", 2), 0);
	EXPECT_STR(y, "cdefgh");
}

static void the_working_directory(void)
{
	char small[4], path[PATH_MAX], *allocated;

	enter("cwd");
	EXPECT(getcwd(path, sizeof(path)) == path);
	EXPECT_STR(path, scratch("cwd"));
	EXPECT_ERRNO(getcwd(small, sizeof(small)), ERANGE);
	EXPECT_ERRNO(getcwd(small, 0), EINVAL);
	allocated = getcwd(NULL, 0);
	EXPECT_STR(allocated, path);
	free(allocated);
	EXPECT_EQ(chdir("/"), 0);
	EXPECT_STR(getcwd(path, sizeof(path)), "/");
}

static void directories_are_read_whole(void)
{
	enum { FILES = 1000 };
	static bool seen[FILES];
	struct dirent *entry;
	int count = 0, dots = 0;
	char name[32];
	DIR *dir;

	enter("dir");
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof(name), "file-number-%d", i);
		make_file(name);
	}
	dir = opendir(".");
	for (int round = 0; round < 2; round++) {
		errno = 0;
		while ((entry = readdir(dir)) != NULL) {
			dots += entry->d_name[0] == '.';
			if (entry->d_name[0] == '.')
				continue;
			EXPECT_EQ(strncmp(entry->d_name, "file-number-", 12),
				  0);
			seen[atoi(entry->d_name + 12)] = true;
			count++;
		}
		EXPECT_EQ(errno, 0);
		rewinddir(dir);
	}
	EXPECT_EQ(count, 2 * FILES);
	EXPECT_EQ(dots, 4);
	for (int i = 0; i < FILES; i++)
		EXPECT(seen[i]);
	EXPECT_EQ(closedir(dir), 0);
	EXPECT_ERRNO(opendir("nothing"), ENOENT);
	EXPECT_ERRNO(opendir("file-number-7"), ENOTDIR);
}

static int has_7(const struct dirent *entry)
{
	return strchr(entry->d_name, '7') != NULL;
}

static void scandir_filters_and_sorts(void)
{
	struct dirent **list;

	enter("scan");
	make_file("b7");
	make_file("a7");
	make_file("c");
	EXPECT_EQ(scandir(".", &list, has_7, alphasort), 2);
	EXPECT_STR(list[0]->d_name, "a7");
	EXPECT_STR(list[1]->d_name, "b7");
	free(list[0]);
	free(list[1]);
	free(list);
	EXPECT_EQ(scandir("nothing", &list, NULL, NULL), -1);
}

static void match(const char *pattern, const char *name, int flags, int want)
{
	char what[64];

	snprintf(what, sizeof(what), "fnmatch(%s, %s, %d)", pattern, name,
		 flags);
	expect_eq(fnmatch(pattern, name, flags), want, __FILE__, __LINE__,
		  what);
}

#define MATCH(pattern, name, flags)	match(pattern, name, flags, 0)
#define NO_MATCH(pattern, name, flags)	match(pattern, name, flags, 1)

static void patterns(void)
{
	MATCH("", "", 0);
	MATCH("*", "", 0);
	MATCH("a*c", "abbc", 0);
	MATCH("*a*b*", "xxaxxbxx", 0);
	NO_MATCH("*a*b", "xxaxxbxx", 0);
	MATCH("*aab", "aaaab", 0);
	MATCH("a?c", "abc", 0);
	NO_MATCH("a?c", "ac", 0);
	NO_MATCH("?", "", 0);
	MATCH("[abc]x", "bx", 0);
	MATCH("[a-c0-9]", "7", 0);
	NO_MATCH("[!a-c]", "b", 0);
	MATCH("[^a-c]", "d", 0);
	MATCH("[]a]", "]", 0);
	MATCH("[!]a]", "b", 0);
	MATCH("[a-]", "-", 0);
	MATCH("[[:digit:]x]", "5", 0);
	MATCH("[[:digit:]x]", "x", 0);
	NO_MATCH("[[:alpha:]]", "5", 0);
	MATCH("[a", "[a", 0);
	MATCH("\\*", "*", 0);
	NO_MATCH("\\*", "x", 0);
	MATCH("\\*", "\\x", FNM_NOESCAPE);
	MATCH("[\\]]", "]", 0);
	MATCH("*", "a/b", 0);
	NO_MATCH("*", "a/b", FNM_PATHNAME);
	MATCH("*/*", "a/b", FNM_PATHNAME);
	NO_MATCH("a?b", "a/b", FNM_PATHNAME);
	NO_MATCH("a[/]b", "a/b", FNM_PATHNAME);
	NO_MATCH("*", ".x", FNM_PERIOD);
	NO_MATCH("*.x", ".x", FNM_PERIOD);
	MATCH(".*", ".x", FNM_PERIOD);
	NO_MATCH("?x", ".x", FNM_PERIOD);
	NO_MATCH("[.]x", ".x", FNM_PERIOD);
	MATCH("x*", "x.y", FNM_PERIOD);
	NO_MATCH("*/*", "a/.b", FNM_PATHNAME | FNM_PERIOD);
	MATCH("*/.*", "a/.b", FNM_PATHNAME | FNM_PERIOD);
	MATCH("ABC", "abc", FNM_CASEFOLD);
	MATCH("[A-C]", "b", FNM_CASEFOLD);
	/* Without care this one takes longer than the universe is old. */
	NO_MATCH("a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b",
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0);
}

/* The results of a glob, joined by blanks. */
static const char *globbed(const char *pattern, int flags)
{
	static char out[512];
	glob_t g;
	int ret = glob(pattern, flags, NULL, &g);

	out[0] = '\0';
	for (size_t i = 0; i < g.gl_pathc; i++) {
		strlcat(out, i ? " " : "", sizeof(out));
		strlcat(out, g.gl_pathv[i], sizeof(out));
	}
	if (ret)
		snprintf(out, sizeof(out), "error %d", ret);
	globfree(&g);
	return out;
}

static void globbing(void)
{
	enter("glob");
	mkdir("dir", 0755);
	mkdir("dir2", 0755);
	make_file("b.c");
	make_file("a.c");
	make_file(".hidden.c");
	make_file("dir/x.c");
	make_file("dir2/y.c");
	make_file("odd*name");
	symlink("nowhere", "dead");
	EXPECT_STR(globbed("*.c", 0), "a.c b.c");
	EXPECT_STR(globbed("*/*.c", 0), "dir/x.c dir2/y.c");
	EXPECT_STR(globbed("./d*2/*", 0), "./dir2/y.c");
	EXPECT_STR(globbed("d*", GLOB_MARK), "dead dir/ dir2/");
	EXPECT_STR(globbed("d*/", 0), "dir/ dir2/");
	EXPECT_STR(globbed(".h*", 0), ".hidden.c");
	EXPECT_STR(globbed("*x*", 0), "error 3");
	EXPECT_STR(globbed("*x*", GLOB_NOCHECK), "*x*");
	EXPECT_STR(globbed("a.c", 0), "a.c");
	EXPECT_STR(globbed("odd\\*name", 0), "odd*name");
	EXPECT_STR(globbed("odd[*]*", 0), "odd*name");
	EXPECT_STR(globbed("nothing", 0), "error 3");
	EXPECT_STR(globbed("/de[v]/nul*", 0), "/dev/null");
	EXPECT_STR(globbed("", 0), "error 3");
}

static void globs_can_be_joined(void)
{
	glob_t g = { .gl_offs = 2 };

	enter("glob2");
	make_file("b");
	make_file("a");
	EXPECT_EQ(glob("b", GLOB_DOOFFS, NULL, &g), 0);
	EXPECT_EQ(glob("a", GLOB_DOOFFS | GLOB_APPEND, NULL, &g), 0);
	EXPECT_EQ(g.gl_pathc, 2);
	EXPECT(!g.gl_pathv[0] && !g.gl_pathv[1] && !g.gl_pathv[4]);
	EXPECT_STR(g.gl_pathv[2], "b");
	EXPECT_STR(g.gl_pathv[3], "a");
	globfree(&g);
}

static void split(const char *path, const char *dir, const char *base)
{
	char a[32], b[32];

	strcpy(a, path);
	strcpy(b, path);
	EXPECT_STR(dirname(a), dir);
	EXPECT_STR(basename(b), base);
}

static void halves_of_a_path(void)
{
	split("/usr/lib", "/usr", "lib");
	split("/usr/", "/", "usr");
	split("usr", ".", "usr");
	split("/", "/", "/");
	split("//", "/", "/");
	split("", ".", ".");
	split("a//b//", "a", "b");
	split(".", ".", ".");
}

static void real_paths(void)
{
	char want[128], *got;

	enter("real");
	mkdir("d", 0755);
	symlink("d", "l");
	make_file("d/f");
	snprintf(want, sizeof(want), "%s/d/f", scratch("real"));
	got = realpath("l/../l/./f", NULL);
	EXPECT_STR(got, want);
	free(got);
	EXPECT_ERRNO(realpath("nothing", NULL), ENOENT);
}

static void new_names(void)
{
	char a[] = "file-XXXXXX", b[] = "file-XXXXXX", bad[] = "fileXXXXX";
	int fd;

	enter("temp");
	fd = mkstemp(a);
	EXPECT(fd >= 0);
	EXPECT(mkstemp(b) >= 0);
	EXPECT(strcmp(a, b) != 0);
	EXPECT_EQ(access(a, F_OK), 0);
	EXPECT_ERRNO(mkstemp(bad), EINVAL);
}

const struct test file_tests[] = {
	{ "stat_tells", stat_tells },
	{ "file_times_can_be_set", times_can_be_set },
	{ "names_come_and_go", names_come_and_go },
	{ "several_pieces_at_once", several_pieces_at_once },
	{ "the_working_directory", the_working_directory },
	{ "directories_are_read_whole", directories_are_read_whole },
	{ "scandir_filters_and_sorts", scandir_filters_and_sorts },
	{ "fnmatch_patterns", patterns },
	{ "glob_finds", globbing },
	{ "globs_can_be_joined", globs_can_be_joined },
	{ "halves_of_a_path", halves_of_a_path },
	{ "real_paths", real_paths },
	{ "new_names", new_names },
	{ NULL, NULL },
};
