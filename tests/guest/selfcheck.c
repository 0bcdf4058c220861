/* The harness's own promises: what every test finds when it starts. */
#include "test.h"

TEST(scratch_is_empty_and_writable)
{
	char where[64];

	EXPECT_STR(getcwd(where, sizeof(where)), "/tmp");
	write_file("f", "x");
	OK(unlink("f"));
}

TEST(session_is_own)
{
	EXPECT_EQ(getsid(0), getpid());
	EXPECT_EQ(getpgrp(), getpid());
	EXPECT_EQ(getppid(), 1);
}

TEST(children_report_failed_checks)
{
	pid_t pid;

	IN_CHILD(pid)
		_exit(CHECK_FAILED);
	EXPECT_EXIT(pid, CHECK_FAILED);
}

HELPER(exit_with)
{
	return argc > 1 ? atoi(argv[1]) : 0;
}

TEST(helper_runs_in_a_new_image)
{
	char *argv[] = { HELPER_ARGV("exit_with"), (char *)"23", NULL };
	pid_t pid = spawn(SELF, argv, NULL);

	EXPECT_EXIT(pid, 23);
}
