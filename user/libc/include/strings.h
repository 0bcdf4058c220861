/* The old BSD home of the case-blind comparisons; see string.h. */
#pragma once

#include <string.h>
