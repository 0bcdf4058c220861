/*
 * A console for the time before there are drivers.
 *
 * The first serial port, polled: the one device that needs no interrupts, no
 * memory and no clock, and which an emulator always has. printk() writes here
 * until the real 8250 driver takes over. A port that is not there reads as
 * all ones; it is then left alone.
 *
 * Source: National Semiconductor PC16550D data sheet.
 */
#include <arch/boot.h>
#include <arch/io.h>
#include <kernel/printk.h>

#define COM1		0x3f8
#define UART_DATA	0	/* divisor low while DLAB is set */
#define UART_IER	1	/* divisor high while DLAB is set */
#define UART_FCR	2
#define UART_LCR	3
#define UART_MCR	4
#define UART_LSR	5
#define UART_SCRATCH	7

#define LCR_8N1		0x03
#define LCR_DLAB	0x80
#define FCR_ENABLE	0x07	/* FIFOs on and cleared */
#define MCR_DTR_RTS	0x03
#define LSR_THR_EMPTY	0x20

/* One byte takes 87 us at 115200 baud; far more than this and it is dead. */
#define MAX_POLLS	100000

static bool present;

static void put_byte(char c)
{
	for (int i = 0; i < MAX_POLLS; i++)
		if (inb(COM1 + UART_LSR) & LSR_THR_EMPTY)
			break;
	outb(c, COM1 + UART_DATA);
}

/* Write @len bytes, a newline as CR LF. Context: any; polls, never sleeps. */
void early_console_write(const char *text, size_t len)
{
	if (!present)
		return;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			put_byte('\r');
		put_byte(text[i]);
	}
}

static void write_console(struct console *con __unused, const char *text,
			  size_t len, bool in_panic __unused)
{
	early_console_write(text, len);
}

static struct console early_console = {
	.name = "early",
	.write = write_console,
	.flags = CONSOLE_BOOT | CONSOLE_ENABLED,
};

/* Bring COM1 to 115200 8N1 and make it the first console, if it exists. */
__init void early_console_init(void)
{
	outb(0x5a, COM1 + UART_SCRATCH);
	if (inb(COM1 + UART_SCRATCH) != 0x5a)
		return;
	outb(0, COM1 + UART_IER);
	outb(LCR_DLAB | LCR_8N1, COM1 + UART_LCR);
	outb(1, COM1 + UART_DATA);
	outb(0, COM1 + UART_IER);
	outb(LCR_8N1, COM1 + UART_LCR);
	outb(FCR_ENABLE, COM1 + UART_FCR);
	outb(MCR_DTR_RTS, COM1 + UART_MCR);
	present = true;
	console_register(&early_console);
}
