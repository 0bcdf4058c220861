/*
 * Text from a format: the printf family, into a buffer.
 *
 * Conversions d i u x X o c s p %, flags - + space # 0, width and precision
 * (also *), lengths hh h l ll z t j. No floating point, and no %n, which turns
 * a format into a means of writing to memory. Extensions:
 *
 *	%p	16 hexadecimal digits
 *	%pS	address as symbol+offset/size, if the kernel has registered how
 *	%pB	the same for a return address: the call before it is looked up,
 *		which may be the last instruction of its function
 *	%ps	address as symbol alone
 *
 * The s-forms return the length the whole text would have had, as ISO C says,
 * and the sc-forms what was really stored, which is what `pos += ...` needs.
 */
#pragma once

#include <stdarg.h>
#include <keel/compiler.h>

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
	__printf(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
	__printf(3, 0);
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

enum symbol_form {
	SYMBOL_NAME,		/* %ps */
	SYMBOL_OFFSET,		/* %pS */
	SYMBOL_RETURN,		/* %pB */
};

/*
 * Write the name of @addr into @buf, with offset and size if @form says so,
 * and return the length stored; 0 if the address has no name.
 */
typedef size_t symbol_name_fn(char *buf, size_t size, unsigned long addr,
			      enum symbol_form form);
void printf_register_symbols(symbol_name_fn *name_of);
