/* System call numbers, for syscall(2). */
#pragma once

#include <uapi/syscall.h>
