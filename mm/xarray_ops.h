/*
 * Nodes for the kernel's xarrays, from a slab cache and freed by RCU.
 */
#pragma once

#include <lib/xarray.h>

extern const struct xa_node_ops xa_kernel_ops;

void xarray_ops_init(void);
