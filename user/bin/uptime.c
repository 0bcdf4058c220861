/*
 * uptime: how long the system has been running, and how busy it is.
 *
 * The load averages are numbers of tasks that run or want to, over the last
 * 1, 5 and 15 minutes; the kernel gives them as fractions of 65536.
 */
#include <err.h>
#include <stdlib.h>
#include <sys/sysinfo.h>
#include <time.h>

#include "common/common.h"

static void print_load(const char *gap, unsigned long load)
{
	unsigned long hundredths = load * 100 >> SI_LOAD_SHIFT;

	printf("%s%lu.%02lu", gap, hundredths / 100, hundredths % 100);
}

int main(int argc, char **argv)
{
	time_t now = time(NULL);
	struct sysinfo info;
	struct tm *tm;
	long minutes;

	no_arguments(argc, argv);
	if (sysinfo(&info) < 0)
		err(EXIT_FAILURE, "sysinfo");
	minutes = info.uptime / 60;
	tm = localtime(&now);
	if (tm)
		printf(" %02d:%02d:%02d", tm->tm_hour, tm->tm_min, tm->tm_sec);
	printf(" up ");
	if (minutes >= 24 * 60)
		printf("%ld days, ", minutes / (24 * 60));
	printf("%ld:%02ld, load average: ", minutes / 60 % 24, minutes % 60);
	print_load("", info.loads[0]);
	print_load(", ", info.loads[1]);
	print_load(", ", info.loads[2]);
	putchar('\n');
	return finish_output(EXIT_SUCCESS);
}
