/*
 * Small regular expressions; regex.c says which.
 */
#pragma once

#include <stdbool.h>

bool regex_is_valid(const char *pattern);
bool regex_search(const char *pattern, const char *text);
