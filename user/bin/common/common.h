/*
 * What several of the small programs need. It is linked with each of them;
 * the linker drops what a program does not call.
 *
 * The functions report their errors themselves and return -1 for "something
 * failed": a program that works on many files goes on with the next one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct stat;

/* tree.c */
char *join_path(const char *dir, const char *name);
bool is_directory(const char *path);

typedef int (*put_fn)(const char *from, const char *to, int flags);

int put_files(char **names, int count, put_fn put, int flags);

enum copy_flags {
	COPY_RECURSIVE	= 1,	/* directories with all that is in them */
	COPY_PRESERVE	= 2,	/* mode, owner and times too */
};

int copy_data(int from, const char *from_name, int to, const char *to_name);
int copy_path(const char *from, const char *to, int flags);

enum remove_flags {
	REMOVE_RECURSIVE = 1,
	REMOVE_FORCE	= 2,	/* what does not exist is fine */
};

int remove_path(const char *path, int flags);

/* meminfo.c */
long meminfo_kib(const char *key);

/* command.c */
long parse_number(const char *text, long min, long max);
int signal_by_name(const char *name);
const char *signal_name(int sig);
FILE *open_input(const char *name);
int close_input(FILE *file, const char *name);
void usage(const char *text) __attribute__((noreturn));
void no_options(int argc, char **argv, const char *text);
void no_arguments(int argc, char **argv);
int finish_output(int status);
