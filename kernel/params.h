/*
 * The words of the kernel's command line.
 *
 * params_init() splits it once, before anything else runs; from then on each
 * subsystem asks for its own words by name, when it is initialised. There is
 * one visible table of all words we know (kernel/params.c); a word that is not
 * in it, and does not begin with "keel.", belongs to init: "name=value" goes
 * into its environment and "name" becomes an argument, as on Linux.
 */
#pragma once

#include <keel/compiler.h>

void params_init(const char *command_line);

/* The whole line as it was given, for /proc/cmdline. */
const char *command_line(void);

const char *param_get(const char *name);
bool param_is_set(const char *name);
bool param_bool(const char *name, bool if_absent);
long param_int(const char *name, long if_absent);
uint64_t param_size(const char *name, uint64_t if_absent);
bool param_list_has(const char *name, const char *item);
bool param_for_each(const char *name, const char **value, unsigned int *pos);

/* init's share; NULL after the last. */
const char *params_init_arg(unsigned int index);
const char *params_init_env(unsigned int index);
