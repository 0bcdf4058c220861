/*
 * Formatting text, wherever it goes: the engine below the printf family.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/*
 * Where formatted text is put. It collects in [buf, buf + cap); when that is
 * full, drain() takes it away (and sets len back) or marks the sink failed.
 * A sink without drain drops what does not fit. `total` counts everything.
 */
struct sink {
	char	*buf;
	size_t	cap;
	size_t	len;
	size_t	total;
	int	failed;
	void	(*drain)(struct sink *sink);
	void	*target;
};

/* Return: the number of bytes the text has, or -1 (EINVAL, EOVERFLOW). */
int __format(struct sink *sink, const char *fmt, va_list args);
