/*
 * /proc/net/unix: all local sockets, one to a line.
 *
 * Source: man 5 proc.
 */
#include "unix.h"

#include <fs/inode.h>
#include <fs/proc/proc.h>
#include <fs/seq_file.h>
#include <keel/bug.h>
#include <mm/slab.h>

/* The flag that says "it listens", and the states, as they have always been. */
#define SO_ACCEPTCON		0x10000
#define SS_UNCONNECTED		1
#define SS_CONNECTING		2
#define SS_CONNECTED		3
#define SS_DISCONNECTING	4

/* The bucket that a walk is in lies where single files keep their object. */
static unsigned int *bucket_of(struct seq_file *m)
{
	return (unsigned int *)&m->private;
}

static void *unix_start(struct seq_file *m, loff_t *pos)
{
	if (!*pos) {
		*bucket_of(m) = UINT32_MAX;	/* no lock is held */
		return m;
	}
	return unix_table_at(*pos - 1, bucket_of(m));
}

static void *unix_next(struct seq_file *m, void *record, loff_t *pos)
{
	++*pos;
	if (record == m)
		return unix_table_at(0, bucket_of(m));
	return unix_table_next(record, bucket_of(m));
}

static void unix_stop(struct seq_file *m, void *record)
{
	if (record && record != m)
		unix_table_end(record, *bucket_of(m));
}

static unsigned int state_of(const struct sock *sk)
{
	if (sk->socket)
		return sk->state == TCP_ESTABLISHED ? SS_CONNECTED :
						      SS_UNCONNECTED;
	return sk->state == TCP_ESTABLISHED ? SS_CONNECTING : SS_DISCONNECTING;
}

/* Abstract names begin with a NUL, and may have more: each is an '@'. */
static void show_name(struct seq_file *m, const struct unix_address *addr)
{
	int len = addr->len - offsetof(struct sockaddr_un, sun_path);

	seq_putc(m, ' ');
	if (addr->path[0])
		len--;		/* the NUL behind a path */
	for (int i = 0; i < len; i++)
		seq_putc(m, addr->path[i] ?: '@');
}

/* The first column is a number for the socket, and no address of the kernel. */
static int unix_show(struct seq_file *m, void *record)
{
	const struct unix_address *addr;
	struct sock *sk = record;
	unsigned long ino;

	if (record == m) {
		seq_puts(m, "Num       RefCount Protocol Flags    Type St "
			    "Inode Path\n");
		return 0;
	}
	SPIN_GUARD(&sk->lock);
	ino = sk->socket ? (unsigned long)sk->socket->file->inode->ino : 0;
	seq_printf(m, "%016lx: %08X %08X %08X %04X %02X %5lu", ino,
		   refcount_read(&sk->refs), 0,
		   sk->state == TCP_LISTEN ? SO_ACCEPTCON : 0, sk->type,
		   state_of(sk), ino);
	addr = smp_load_acquire(&unix_sk(sk)->addr);
	if (addr)
		show_name(m, addr);
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_ops unix_seq_ops = {
	.start = unix_start,
	.next = unix_next,
	.show = unix_show,
	.stop = unix_stop,
};

static const struct pseudo_file unix_file = {
	.name = "unix",
	.mode = 0444,
	.seq = &unix_seq_ops,
	.no_splice = true,
};

void __init unix_proc_init(void)
{
	if (!pseudo_add(&proc_net, &unix_file, NULL))
		panic("no memory for /proc/net/unix");
}
