/* The kernel's log. The actions are in <uapi/klog.h>. */
#pragma once

#include <uapi/klog.h>

int klogctl(int action, char *buf, int len);
