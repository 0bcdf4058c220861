/*
 * Numbers from /proc/meminfo: lines such as "MemFree:      123456 kB".
 */
#include "common.h"

#include <stdlib.h>
#include <string.h>

/* Return: the number for @key, or 0 if the kernel does not tell. */
long meminfo_kib(const char *key)
{
	FILE *file = fopen("/proc/meminfo", "re");
	size_t key_len = strlen(key);
	char line[128];
	long value = 0;

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, key, key_len) == 0 && line[key_len] == ':')
			value = atol(line + key_len + 1);
	fclose(file);
	return value;
}
