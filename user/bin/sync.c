/*
 * sync: have the kernel write to the disks what it has only in memory.
 */
#include <unistd.h>

int main(void)
{
	sync();
	return 0;
}
