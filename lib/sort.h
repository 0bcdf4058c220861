/*
 * Sorting an array in place, and searching a sorted one.
 *
 * The comparison returns a number below, equal to or above zero as its first
 * argument sorts before, with or after the second.
 */
#pragma once

#include <keel/compiler.h>

typedef int compare_fn(const void *a, const void *b);

void sort(void *base, size_t nr, size_t size, compare_fn *compare);
void *bsearch(const void *key, const void *base, size_t nr, size_t size,
	      compare_fn *compare);
