/*
 * Arithmetic: $((expression)).
 *
 * See arith.c.
 */
#pragma once

long arith_eval(const char *expression);
