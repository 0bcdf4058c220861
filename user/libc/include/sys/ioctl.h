/* Requests to devices that fit no other call; see <uapi/ioctl.h>. */
#pragma once

#include <uapi/ioctl.h>

int ioctl(int fd, unsigned long request, ...);
