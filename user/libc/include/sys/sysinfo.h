/* Memory, load and uptime in one call, and the number of CPUs. */
#pragma once

#include <uapi/sysinfo.h>

int sysinfo(struct sysinfo *info);
int get_nprocs(void);
