/*
 * Talking to devices: I/O ports and memory-mapped registers.
 *
 * x86 keeps uncached accesses in program order, so readl and friends only
 * have to keep the compiler from moving or merging them. The value comes
 * first, then where it goes, as in writel(value, address).
 */
#pragma once

#include <keel/compiler.h>

#define DEFINE_PORT_IO(suffix, type) \
static inline type in##suffix(uint16_t port) \
{ \
	type value; \
	__asm__ __volatile__("in" #suffix " %1, %0" \
			     : "=a"(value) : "Nd"(port) : "memory"); \
	return value; \
} \
static inline void out##suffix(type value, uint16_t port) \
{ \
	__asm__ __volatile__("out" #suffix " %0, %1" \
			     :: "a"(value), "Nd"(port) : "memory"); \
} \
static inline void ins##suffix(uint16_t port, void *buf, size_t count) \
{ \
	__asm__ __volatile__("rep ins" #suffix \
			     : "+D"(buf), "+c"(count) \
			     : "d"(port) : "memory"); \
} \
static inline void outs##suffix(uint16_t port, const void *buf, size_t count) \
{ \
	__asm__ __volatile__("rep outs" #suffix \
			     : "+S"(buf), "+c"(count) \
			     : "d"(port) : "memory"); \
}

DEFINE_PORT_IO(b, uint8_t)
DEFINE_PORT_IO(w, uint16_t)
DEFINE_PORT_IO(l, uint32_t)

#define DEFINE_MMIO(suffix, type, insn) \
static inline type read##suffix(const volatile void __iomem *addr) \
{ \
	type value; \
	__asm__ __volatile__(insn " %1, %0" : "=r"(value) \
			     : "m"(*(const volatile type __force *)addr) \
			     : "memory"); \
	return value; \
} \
static inline void write##suffix(type value, volatile void __iomem *addr) \
{ \
	__asm__ __volatile__(insn " %1, %0" \
			     : "=m"(*(volatile type __force *)addr) \
			     : "r"(value) : "memory"); \
}

DEFINE_MMIO(b, uint8_t, "movb")
DEFINE_MMIO(w, uint16_t, "movw")
DEFINE_MMIO(l, uint32_t, "movl")
DEFINE_MMIO(q, uint64_t, "movq")

/* About a microsecond, for devices of the ISA age: an unused port. */
static inline void io_delay(void)
{
	outb(0, 0x80);
}
