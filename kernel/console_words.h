/*
 * console= on the command line: which consoles it names. Apart from
 * kernel/console.c, which is about showing.
 */
#pragma once

#include <keel/compiler.h>

bool console_words_none(void);
bool console_words_preferred(const char *name, int index);
