/*
 * The 16550 UART: one byte in, one byte out, and an interrupt for each.
 *
 * Sending: bytes go into a ring; the transmitter's interrupt ("holding
 * register empty") moves up to 16 of them into the chip's FIFO, and is switched
 * off when the ring is empty. Receiving: the interrupt drains the FIFO into
 * the line discipline, and is switched off while that has no room, so that the
 * sender has to wait once the FIFO is full too. The kernel's own messages are
 * sent by polling, since they must come out whatever state the machine is in.
 *
 * Source: National Semiconductor PC16550D data sheet.
 */
#include <drivers/tty/serial/8250.h>

#define LOG_PREFIX "serial8250"

#include <arch/io.h>
#include <arch/irq.h>
#include <drivers/base/device.h>
#include <drivers/tty/tty.h>
#include <kernel/printk.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/slab.h>

#define UART_DATA	0	/* divisor low while DLAB is set */
#define UART_IER	1	/* divisor high while DLAB is set */
#define UART_IIR	2	/* reading */
#define UART_FCR	2	/* writing */
#define UART_LCR	3
#define UART_MCR	4
#define UART_LSR	5
#define UART_MSR	6
#define UART_SCRATCH	7

#define IER_RX		0x01
#define IER_TX		0x02
#define IER_LINE	0x04
#define IIR_NONE	0x01
#define IIR_FIFO_ON	0xc0
#define FCR_ENABLE	0x01
#define FCR_CLEAR	0x06
#define FCR_TRIGGER_8	0x80
#define LCR_8N1		0x03
#define LCR_STOP2	0x04
#define LCR_PARITY	0x08
#define LCR_EVEN	0x10
#define LCR_BREAK	0x40
#define LCR_DLAB	0x80
#define MCR_DTR		0x01
#define MCR_RTS		0x02
#define MCR_OUT2	0x08	/* on a PC: lets the interrupt through */
#define MCR_LOOP	0x10
#define MSR_CTS_RI	0x50
#define MSR_DSR		0x20
#define MSR_DCD		0x80
#define LSR_DATA	0x01
#define LSR_OVERRUN	0x02
#define LSR_PARITY	0x04
#define LSR_FRAME	0x08
#define LSR_BREAK	0x10
#define LSR_TX_EMPTY	0x20	/* the FIFO can take bytes */
#define LSR_TX_IDLE	0x40	/* and the last bit is out */

#define BASE_BAUD	115200
#define FIFO_SIZE	16
#define TX_RING_SIZE	4096
#define MAX_POLLS	100000
#define MAX_IRQ_LOOPS	256	/* a chip that never stops is broken */

#define TTYS_MAJOR	4
#define TTYS_MINOR	64

struct uart {
	unsigned int	port;		/* [C] first I/O port */
	unsigned int	irq;		/* [C] */
	unsigned int	line;		/* [C] the 0 of ttyS0 */
	struct tty	*tty;		/* [C] */
	struct console	console;
	struct spinlock	lock;		/* the chip, and: */
	struct ring	tx;
	uint8_t		ier, lcr, mcr;
	bool		stopped;	/* output: ^S */
	bool		open;
	char		tx_buf[TX_RING_SIZE];
};

static unsigned int nr_uarts;	/* boot only */

static uint8_t reg_read(struct uart *uart, unsigned int reg)
{
	return inb(uart->port + reg);
}

static void reg_write(struct uart *uart, unsigned int reg, uint8_t value)
{
	outb(value, uart->port + reg);
}

static void set_ier(struct uart *uart, uint8_t ier)
{
	if (uart->ier == ier)
		return;
	uart->ier = ier;
	reg_write(uart, UART_IER, ier);
}

/* ---- sending ------------------------------------------------------------ */

/* Fill the FIFO from the ring, or switch the interrupt off. Locking: lock. */
static void transmit(struct uart *uart)
{
	char c;

	if (uart->stopped || !ring_len(&uart->tx)) {
		set_ier(uart, uart->ier & ~IER_TX);
		return;
	}
	if (!(reg_read(uart, UART_LSR) & LSR_TX_EMPTY))
		return;
	for (int i = 0; i < FIFO_SIZE && ring_get_byte(&uart->tx, &c); i++)
		reg_write(uart, UART_DATA, c);
}

static unsigned int uart_write(struct tty *tty, const char *buf,
			       unsigned int len)
{
	struct uart *uart = tty->private;
	unsigned int n;

	SPIN_GUARD_IRQSAVE(&uart->lock);
	n = ring_put(&uart->tx, buf, len);
	if (!uart->stopped && ring_len(&uart->tx)) {
		/* Begin at once; the interrupt is for what does not fit. */
		transmit(uart);
		if (ring_len(&uart->tx))
			set_ier(uart, uart->ier | IER_TX);
	}
	return n;
}

static unsigned int uart_write_room(struct tty *tty)
{
	struct uart *uart = tty->private;

	return ring_space(&uart->tx);
}

/* What is in the ring, and something if the FIFO is not empty either. */
static unsigned int uart_pending(struct tty *tty)
{
	struct uart *uart = tty->private;
	unsigned int n;

	SPIN_GUARD_IRQSAVE(&uart->lock);
	n = ring_len(&uart->tx);
	if (!n && !(reg_read(uart, UART_LSR) & LSR_TX_EMPTY)) {
		/* Who asks may want to be woken when it is. */
		set_ier(uart, uart->ier | IER_TX);
		n = 1;
	}
	return n;
}

static void uart_flush(struct tty *tty, unsigned int queue)
{
	struct uart *uart = tty->private;
	char c;

	if (queue == TCIFLUSH)
		return;
	spin_lock_irq(&uart->lock);
	while (ring_get_byte(&uart->tx, &c))
		;
	spin_unlock_irq(&uart->lock);
	tty_wake_writers(tty);
}

static void uart_stop(struct tty *tty)
{
	struct uart *uart = tty->private;

	SPIN_GUARD_IRQSAVE(&uart->lock);
	uart->stopped = true;
	set_ier(uart, uart->ier & ~IER_TX);
}

static void uart_start(struct tty *tty)
{
	struct uart *uart = tty->private;

	SPIN_GUARD_IRQSAVE(&uart->lock);
	uart->stopped = false;
	if (ring_len(&uart->tx))
		set_ier(uart, uart->ier | IER_TX);
}

/* ---- receiving ----------------------------------------------------------- */

static uint8_t flag_of(uint8_t lsr)
{
	if (lsr & LSR_BREAK)
		return TTY_BREAK;
	if (lsr & LSR_PARITY)
		return TTY_PARITY;
	if (lsr & LSR_FRAME)
		return TTY_FRAME;
	return lsr & LSR_OVERRUN ? TTY_OVERRUN : TTY_NORMAL;
}

/* Take what the FIFO has, at most @max bytes. Locking: lock. */
static unsigned int drain_fifo(struct uart *uart, char *buf, uint8_t *flags,
			       unsigned int max)
{
	unsigned int n = 0;
	uint8_t lsr;

	while (n < max) {
		lsr = reg_read(uart, UART_LSR);
		if (!(lsr & LSR_DATA))
			break;
		buf[n] = reg_read(uart, UART_DATA);
		flags[n++] = flag_of(lsr);
	}
	return n;
}

/* One turn of the interrupt handler; false when the chip has nothing more. */
static bool service(struct uart *uart, bool *wake)
{
	char buf[64];
	uint8_t flags[64];
	unsigned int before, n, room = sizeof(buf);

	spin_lock(&uart->lock);
	if (reg_read(uart, UART_IIR) & IIR_NONE) {
		spin_unlock(&uart->lock);
		return false;
	}
	if (uart->open) {
		room = min(tty_receive_room(uart->tty), room);
		if (!room)
			set_ier(uart, uart->ier & ~(IER_RX | IER_LINE));
	}
	n = drain_fifo(uart, buf, flags, room);
	before = ring_len(&uart->tx);
	if (uart->ier & IER_TX) {
		transmit(uart);
		*wake |= !(uart->ier & IER_TX);		/* all is out */
	}
	*wake |= before && ring_len(&uart->tx) < TX_RING_SIZE / 2;
	reg_read(uart, UART_MSR);	/* reading clears a modem interrupt */
	spin_unlock(&uart->lock);
	if (n && uart->open)
		tty_receive(uart->tty, buf, flags, n);
	return true;
}

static void uart_unthrottle(struct tty *tty)
{
	struct uart *uart = tty->private;

	SPIN_GUARD_IRQSAVE(&uart->lock);
	if (uart->open)
		set_ier(uart, uart->ier | IER_RX | IER_LINE);
}

static enum irq_return uart_interrupt(int irq __unused, void *dev)
{
	struct uart *uart = dev;
	bool handled = false, wake = false;

	for (int i = 0; i < MAX_IRQ_LOOPS && service(uart, &wake); i++)
		handled = true;
	if (wake)
		tty_wake_writers(uart->tty);
	return handled ? IRQ_HANDLED : IRQ_NONE;
}

/* ---- modes --------------------------------------------------------------- */

static uint8_t lcr_of(const struct termios2 *termios)
{
	uint8_t lcr = ((termios->c_cflag & CSIZE) >> 4) & 3;

	if (termios->c_cflag & CSTOPB)
		lcr |= LCR_STOP2;
	if (termios->c_cflag & PARENB)
		lcr |= LCR_PARITY;
	if (!(termios->c_cflag & PARODD))
		lcr |= LCR_EVEN;
	return lcr;
}

static void uart_set_termios(struct tty *tty, const struct termios2 *old)
{
	struct uart *uart = tty->private;
	unsigned int baud = tty_baud_rate(&tty->termios), divisor;

	SPIN_GUARD_IRQSAVE(&uart->lock);
	/* B0 hangs the line up: it drops DTR and RTS, until it is over. */
	if (!baud)
		uart->mcr &= ~(MCR_DTR | MCR_RTS);
	else if (!old || !tty_baud_rate(old))
		uart->mcr |= MCR_DTR | MCR_RTS;
	uart->lcr = lcr_of(&tty->termios);
	if (baud) {
		divisor = max(BASE_BAUD / min(baud, BASE_BAUD + 0U), 1U);
		reg_write(uart, UART_LCR, uart->lcr | LCR_DLAB);
		reg_write(uart, UART_DATA, divisor);
		reg_write(uart, UART_IER, divisor >> 8);
	}
	reg_write(uart, UART_LCR, uart->lcr);
	reg_write(uart, UART_MCR, uart->mcr);
}

static int uart_set_break(struct tty *tty, bool on)
{
	struct uart *uart = tty->private;

	SPIN_GUARD_IRQSAVE(&uart->lock);
	reg_write(uart, UART_LCR, uart->lcr | (on ? LCR_BREAK : 0));
	return 0;
}

/* Lines out are in the same order in the register and in TIOCM_*. */
static unsigned int uart_get_modem(struct tty *tty)
{
	struct uart *uart = tty->private;
	unsigned int msr;

	SPIN_GUARD_IRQSAVE(&uart->lock);
	msr = reg_read(uart, UART_MSR);
	return (uart->mcr & 3) << 1 | (uart->mcr & 0x1c) << 11 |
	       (msr & MSR_CTS_RI) << 1 | (msr & MSR_DSR) << 3 |
	       (msr & MSR_DCD) >> 1;
}

/* OUT2 is no line on a PC, but our interrupt: it stays. */
static void uart_set_modem(struct tty *tty, unsigned int clear,
			   unsigned int set)
{
	struct uart *uart = tty->private;

	SPIN_GUARD_IRQSAVE(&uart->lock);
	uart->mcr &= ~((clear >> 1 & 3) | (clear >> 11 & 0x1c));
	uart->mcr |= (set >> 1 & 3) | (set >> 11 & 0x1c) | MCR_OUT2;
	reg_write(uart, UART_MCR, uart->mcr);
}

static int uart_open(struct tty *tty)
{
	struct uart *uart = tty->private;

	SPIN_GUARD_IRQSAVE(&uart->lock);
	uart->open = true;
	uart->stopped = false;
	/* Bytes that came while nobody listened are not for who opens now. */
	while (reg_read(uart, UART_LSR) & LSR_DATA)
		reg_read(uart, UART_DATA);
	set_ier(uart, uart->ier | IER_RX | IER_LINE);
	return 0;
}

/* What was written is still sent; what arrives from now on is not kept. */
static void uart_close(struct tty *tty)
{
	struct uart *uart = tty->private;

	SPIN_GUARD_IRQSAVE(&uart->lock);
	uart->open = false;
	set_ier(uart, uart->ier & ~(IER_RX | IER_LINE));
}

static const struct tty_ops uart_ops = {
	.open = uart_open,
	.close = uart_close,
	.write = uart_write,
	.write_room = uart_write_room,
	.pending = uart_pending,
	.flush = uart_flush,
	.set_termios = uart_set_termios,
	.stop = uart_stop,
	.start = uart_start,
	.unthrottle = uart_unthrottle,
	.set_break = uart_set_break,
	.get_modem = uart_get_modem,
	.set_modem = uart_set_modem,
};

/* ---- the console --------------------------------------------------------- */

static void poll_put(struct uart *uart, char c)
{
	for (int i = 0; i < MAX_POLLS; i++)
		if (reg_read(uart, UART_LSR) & LSR_TX_EMPTY)
			break;
	reg_write(uart, UART_DATA, c);
}

static void __no_lock_check
console_write(struct console *console, const char *text,
	      size_t len, bool in_panic)
{
	struct uart *uart = console->private;
	unsigned long flags = 0;
	bool locked = true;

	if (in_panic)
		locked = spin_trylock_irqsave(&uart->lock, &flags);
	else
		flags = spin_lock_irqsave(&uart->lock);
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			poll_put(uart, '\r');
		poll_put(uart, text[i]);
	}
	if (locked)
		spin_unlock_irqrestore(&uart->lock, flags);
}

static void register_console(struct uart *uart)
{
	uart->console = (struct console){
		.name = "ttyS",
		.index = uart->line,
		.write = console_write,
		.private = uart,
		.device = uart->tty->dev,
	};
	console_register(&uart->console);
}

/* ---- probing ------------------------------------------------------------- */

/* A UART remembers its scratch register and loops its modem lines back. */
static bool is_present(struct uart *uart)
{
	uint8_t msr;

	reg_write(uart, UART_SCRATCH, 0xa5);
	if (reg_read(uart, UART_SCRATCH) != 0xa5)
		return false;
	reg_write(uart, UART_MCR, MCR_LOOP | MCR_RTS | MCR_OUT2);
	msr = reg_read(uart, UART_MSR) & 0xf0;
	reg_write(uart, UART_MCR, MCR_DTR | MCR_RTS | MCR_OUT2);
	return msr == 0x90;
}

static void reset(struct uart *uart)
{
	reg_write(uart, UART_IER, 0);
	reg_write(uart, UART_FCR, FCR_ENABLE | FCR_CLEAR | FCR_TRIGGER_8);
	uart->lcr = LCR_8N1;
	uart->mcr = MCR_DTR | MCR_RTS | MCR_OUT2;
	reg_write(uart, UART_LCR, uart->lcr);
	reg_write(uart, UART_MCR, uart->mcr);
	reg_read(uart, UART_LSR);
	reg_read(uart, UART_DATA);
	reg_read(uart, UART_IIR);
	reg_read(uart, UART_MSR);
}

static struct uart *uart_create(struct device *dev)
{
	const struct resource *io = device_resource(dev, RES_IO, 0);
	const struct resource *irq = device_resource(dev, RES_IRQ, 0);
	struct uart *uart = kzalloc(sizeof(*uart), GFP_KERNEL);

	if (!uart)
		return NULL;
	uart->port = io->start;
	uart->irq = irq_from_isa(irq->start);
	uart->line = nr_uarts;
	spin_lock_init(&uart->lock, "uart", RANK_UART);
	ring_init(&uart->tx, uart->tx_buf, sizeof(uart->tx_buf));
	return uart;
}

static int create_tty(struct uart *uart)
{
	struct termios2 termios = tty_std_termios;
	char name[16];

	termios.c_cflag = B9600 | CS8 | CREAD | HUPCL | CLOCAL;
	termios.c_ispeed = termios.c_ospeed = 9600;
	snprintf(name, sizeof(name), "ttyS%u", uart->line);
	uart->tty = tty_create(name, MKDEV(TTYS_MAJOR, TTYS_MINOR + uart->line),
			       &uart_ops, &termios, uart);
	return uart->tty ? 0 : -ENOMEM;
}

static int probe(struct device *dev)
{
	struct uart *uart = uart_create(dev);
	int err = -ENODEV;

	if (!uart)
		return -ENOMEM;
	if (!is_present(uart))
		goto free_uart;
	reset(uart);
	err = create_tty(uart);
	if (err)
		goto free_uart;
	err = request_irq(uart->irq, uart_interrupt, "ttyS", uart);
	if (err)
		goto put_tty;
	err = tty_register(uart->tty);
	if (err)
		goto free_irq;
	nr_uarts++;
	dev->driver_data = uart;
	register_console(uart);
	pr_info("%s at port %#x, irq %u, is a 16550A", uart->tty->name,
		uart->port, uart->irq);
	return 0;

free_irq:
	free_irq(uart->irq, uart);
put_tty:
	tty_put(uart->tty);
free_uart:
	kfree(uart);
	return err;
}

static const char *const ids[] = { "serial8250", NULL };

struct driver serial8250_driver = {
	.name = "serial8250",
	.bus = &platform_bus,
	.id_table = ids,
	.probe = probe,
};
