/*
 * Show how a program was started: arguments, environment, auxiliary vector.
 *
 * The exec tests run this one source linked four ways (static, static-pie,
 * dynamic, dynamic-pie) and compare what it prints. Everything it says about
 * addresses is a check made here, so that the output is the same each time.
 */
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

extern char **environ;
static int data_word = 42;		/* .data must hold what the file says */
static char bss_page[8192];		/* .bss must be zero */
static __thread int tls_word = 7;

static const char *check_memory(void)
{
	for (size_t i = 0; i < sizeof(bss_page); i++)
		if (bss_page[i])
			return "bss is not zero";
	if (data_word != 42)
		return "data is wrong";
	if (tls_word != 7)
		return "tls is wrong";
	return "fine";
}

static const char *check_auxv(void)
{
	const ElfW(Phdr) *ph = (void *)getauxval(AT_PHDR);
	const unsigned char *random = (void *)getauxval(AT_RANDOM);
	int sum = 0;

	if (getauxval(AT_PAGESZ) != 4096)
		return "AT_PAGESZ";
	if (getauxval(AT_PHENT) != sizeof(ElfW(Phdr)))
		return "AT_PHENT";
	if (!ph || getauxval(AT_PHNUM) < 2)
		return "AT_PHDR";
	if (!getauxval(AT_ENTRY))
		return "AT_ENTRY";
	if (getauxval(AT_UID) != getuid() || getauxval(AT_EUID) != geteuid() ||
	    getauxval(AT_GID) != getgid() || getauxval(AT_EGID) != getegid())
		return "AT_UID";
	if (getauxval(AT_CLKTCK) != 100)
		return "AT_CLKTCK";
	if (getauxval(AT_SECURE) != 0)
		return "AT_SECURE";
	if (!random)
		return "AT_RANDOM";
	for (int i = 0; i < 16; i++)
		sum += random[i];
	if (!sum)
		return "AT_RANDOM is all zero";
	if (strcmp((char *)getauxval(AT_PLATFORM), "x86_64") != 0)
		return "AT_PLATFORM";
	return "fine";
}

int main(int argc, char **argv)
{
	char here;

	printf("argc=%d\n", argc);
	for (int i = 0; i < argc; i++)
		printf("argv[%d]=%s\n", i, argv[i]);
	for (char **e = environ; *e; e++)
		printf("env=%s\n", *e);
	printf("execfn=%s\n", (char *)getauxval(AT_EXECFN));
	printf("memory=%s\n", check_memory());
	printf("auxv=%s\n", check_auxv());
	printf("stack=%s\n", (unsigned long)&here > 0x7f0000000000UL ?
	       "high" : "low");
	fflush(stdout);
	return argc > 1 && strncmp(argv[1], "exit=", 5) == 0 ?
		atoi(argv[1] + 5) : 0;
}
