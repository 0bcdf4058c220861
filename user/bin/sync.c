/*
 * sync: have the kernel write to the disks what it has only in memory.
 */
#include <unistd.h>

#include "common/common.h"

int main(int argc, char **argv)
{
	no_arguments(argc, argv);
	sync();
	return 0;
}
