/*
 * kcmp(2): see kernel/kcmp.c.
 */
#pragma once

void kcmp_init(void);
