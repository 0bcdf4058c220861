/* CPU time in clock ticks, sysconf(_SC_CLK_TCK) of them a second. */
#pragma once

#include <sys/types.h>
#include <uapi/time.h>

clock_t times(struct tms *usage);
