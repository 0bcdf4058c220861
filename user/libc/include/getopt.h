/* getopt is declared in unistd.h, as POSIX has it. */
#pragma once

#include <unistd.h>
