/*
 * Numbers and words out of text: kernel parameters and files in /proc/sys.
 *
 * kstrto*() are strict: the whole string is one number (a last newline is
 * forgiven, because `echo` adds one), and it fits. They are for what a user
 * writes. simple_strtoull() takes the digits it finds and says where they
 * end, for text with more in it.
 *
 * Base 0 means that the text says: 0x for 16, 0 for 8, else 10.
 */
#pragma once

#include <keel/err.h>

int kstrtoull(const char *s, unsigned int base, unsigned long long *result);
int kstrtoll(const char *s, unsigned int base, long long *result);
int kstrtoul(const char *s, unsigned int base, unsigned long *result);
int kstrtol(const char *s, unsigned int base, long *result);
int kstrtouint(const char *s, unsigned int base, unsigned int *result);
int kstrtoint(const char *s, unsigned int base, int *result);
int kstrtobool(const char *s, bool *result);

unsigned long long simple_strtoull(const char *s, char **end,
				   unsigned int base);
unsigned long long memparse(const char *s, char **end);
int get_option(char **s, int *result);
char *next_arg(char *args, char **param, char **value);
