/*
 * Unpacking the initramfs into the root file system.
 *
 * It is one or more newc cpio archives, plain or gzip-compressed, one after
 * the other. The decompressor pushes its output into the cpio reader, and that
 * reports each member here, where it becomes a directory, a link, a node or a
 * file. Nothing is ever in memory twice but 64 KiB of window; the pages the
 * loader put the archive into are free memory afterwards.
 *
 * Hard links: members of one inode number (nlink > 1) are one file. The first
 * makes it, the others link to it, and the data may come with any of them.
 *
 * A damaged archive, or one that does not fit into memory, ends the boot with
 * what is wrong. Linux goes on with what it has unpacked so far; half a root
 * file system then fails later, and further from the cause.
 *
 * Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst.
 */
#include <fs/initramfs.h>

#define LOG_PREFIX "initramfs"

#include <arch/page.h>
#include <fs/attr.h>
#include <fs/dentry.h>
#include <fs/dev.h>
#include <fs/file.h>
#include <fs/inode.h>
#include <fs/namei.h>
#include <keel/boot_info.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <lib/cpio.h>
#include <lib/inflate.h>
#include <lib/string.h>
#include <lib/xarray.h>
#include <mm/early.h>
#include <mm/slab.h>
#include <mm/xarray_ops.h>
#include <uapi/stat.h>

struct unpacker {
	struct cpio	cpio;
	struct file	*file;		/* being written, or NULL */
	loff_t		pos;
	char		*link_text;	/* of a symlink being collected */
	size_t		link_len;
	struct cpio_entry entry;
	char		*name;		/* the entry's, absolute */
	struct xarray	links;		/* inode number -> first name */
	uint64_t	bytes;		/* unpacked so far */
};

static void __init set_owner_and_mode(const char *name,
				      const struct cpio_entry *entry)
{
	struct path path;

	if (kern_path(name, 0, &path))
		return;
	vfs_chown(&path, entry->uid, entry->gid);
	/* After chown, which clears set-id bits. */
	if (!S_ISLNK(entry->mode))
		vfs_chmod(&path, entry->mode & 07777);
	path_put(&path);
}

/* Members that are not there yet are made; what is there is replaced. */
static void __init make_room(const char *name, mode_t mode)
{
	struct path path;
	bool keep;

	if (kern_path(name, 0, &path))
		return;
	keep = S_ISDIR(mode) && S_ISDIR(path.dentry->inode->mode);
	path_put(&path);
	if (!keep)
		init_unlink(name);
}

static int __init open_file(struct unpacker *u)
{
	u->file = filp_open(u->name, O_WRONLY | O_CREAT | O_LARGEFILE, 0600);
	u->pos = 0;
	if (!IS_ERR(u->file))
		return 0;
	u->file = NULL;
	return -EINVAL;
}

/* A further name of a file already made. True if it was one. */
static bool __init make_hard_link(struct unpacker *u, int *err)
{
	const struct cpio_entry *e = &u->entry;
	unsigned long key = (unsigned long)e->ino << 16 ^
			    (unsigned long)e->major << 8 ^ e->minor;
	char *first, *copy;

	if (e->nlink < 2 || S_ISDIR(e->mode))
		return false;
	first = xa_load(&u->links, key);
	if (first) {
		*err = init_link(first, u->name);
		if (!*err && S_ISREG(e->mode) && e->size)
			*err = open_file(u);
		return true;
	}
	copy = kstrdup(u->name, GFP_KERNEL);
	if (!copy || IS_ERR(xa_store(&u->links, key, copy, GFP_KERNEL)))
		kfree(copy);
	return false;
}

static int __init make_entry(struct unpacker *u)
{
	const struct cpio_entry *e = &u->entry;
	int err = 0;

	if (make_hard_link(u, &err))
		return err;
	switch (e->mode & S_IFMT) {
	case S_IFREG:
		return open_file(u);
	case S_IFDIR:
		err = init_mkdir(u->name, e->mode & 07777);
		return err == -EEXIST ? 0 : err;
	case S_IFLNK:
		u->link_text = kmalloc(e->size + 1UL, GFP_KERNEL);
		u->link_len = 0;
		return u->link_text ? 0 : -ENOMEM;
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return init_mknod(u->name, e->mode,
				  MKDEV(e->rmajor, e->rminor));
	default:
		return -EINVAL;
	}
}

static int __init begin(void *ctx, const struct cpio_entry *entry)
{
	struct unpacker *u = ctx;
	const char *name = entry->name;
	int err;

	while (*name == '/')
		name++;
	if (strncmp(name, "./", 2) == 0)
		name += 2;
	u->entry = *entry;
	if (!*name || strcmp(name, ".") == 0) {
		u->name = NULL;		/* the root itself */
		return 0;
	}
	u->name = kasprintf(GFP_KERNEL, "/%s", name);
	if (!u->name)
		return -ENOMEM;
	if (S_ISLNK(entry->mode) && entry->size >= CPIO_NAME_MAX)
		return -EINVAL;
	make_room(u->name, entry->mode);
	err = make_entry(u);
	if (err)
		pr_err("%s: error %d", u->name, err);
	/* One member that cannot be made does not spoil the others. */
	return err == -ENOMEM || err == -ENOSPC ? err : 0;
}

static int __init data(void *ctx, const void *bytes, size_t len)
{
	struct unpacker *u = ctx;
	ssize_t n;

	u->bytes += len;
	if (u->link_text) {
		memcpy(u->link_text + u->link_len, bytes, len);
		u->link_len += len;
	} else if (u->file) {
		n = kernel_write(u->file, bytes, len, &u->pos);
		if (n != (ssize_t)len)
			return n < 0 ? n : -ENOSPC;
	}
	return 0;
}

static int __init end(void *ctx)
{
	struct unpacker *u = ctx;
	int err = 0;

	if (u->file) {
		fput(u->file);
		u->file = NULL;
	}
	if (u->link_text) {
		u->link_text[u->link_len] = '\0';
		err = init_symlink(u->link_text, u->name);
		kfree(u->link_text);
		u->link_text = NULL;
	}
	if (u->name)
		set_owner_and_mode(u->name, &u->entry);
	kfree(u->name);
	u->name = NULL;
	return err;
}

static const struct cpio_ops unpack_ops = {
	.begin = begin,
	.data = data,
	.end = end,
};

static int __init push_cpio(void *ctx, const void *bytes, size_t len)
{
	struct unpacker *u = ctx;

	return cpio_push(&u->cpio, bytes, len);
}

static bool __init is_gzip(const uint8_t *in, size_t len)
{
	return len >= 2 && in[0] == 0x1f && in[1] == 0x8b;
}

/* One gzip member at @in. Return: bytes it took, or errno. */
static ssize_t __init unpack_gzip(struct unpacker *u, const uint8_t *in,
				  size_t len, const char **why)
{
	struct inflate *inflate = kvmalloc(sizeof(*inflate), GFP_KERNEL);
	ssize_t n;

	if (!inflate)
		return -ENOMEM;
	n = inflate_gzip(inflate, in, len, push_cpio, u);
	if (n == -EINVAL && inflate->error)
		*why = inflate->error;
	kvfree(inflate);
	return n;
}

static int __init unpack_all(struct unpacker *u, const uint8_t *in, size_t len,
			     const char **why)
{
	ssize_t n;

	while (len > 0) {
		if (*in == 0) {		/* padding between archives */
			in++;
			len--;
			continue;
		}
		/* Each may be compressed or not, whatever came before. */
		n = is_gzip(in, len) ? unpack_gzip(u, in, len, why) :
				       cpio_push_archive(&u->cpio, in, len);
		if (n < 0)
			return n;
		in += n;
		len -= n;
	}
	return cpio_finish(&u->cpio);
}

static void __init free_unpacker(struct unpacker *u)
{
	unsigned long index;
	void *name;

	if (u->file)
		fput(u->file);
	kfree(u->link_text);
	kfree(u->name);
	xa_for_each(&u->links, index, name)
		kfree(name);
	xa_destroy(&u->links);
	kfree(u);
}

/*
 * Unpack what the loader brought, if it brought anything, and free its memory.
 * Before: a root file system. Context: process.
 */
void __init initramfs_unpack(void)
{
	const void *in = __va(boot_info.initrd_start);
	const char *why = NULL;
	struct unpacker *u;
	int err;

	if (!boot_info.initrd_len)
		return;
	u = kzalloc(sizeof(*u), GFP_KERNEL);
	if (!u)
		panic("initramfs: not enough memory to unpack it");
	xa_init(&u->links, &xa_kernel_ops);
	cpio_init(&u->cpio, &unpack_ops, u);
	err = unpack_all(u, in, boot_info.initrd_len, &why);
	if (err == -ENOMEM || err == -ENOSPC)
		panic("initramfs: not enough memory to unpack it");
	if (err)
		panic("initramfs: damaged: %s (error %d)",
		      why ?: u->cpio.error ?: "cannot be unpacked", err);
	pr_info("unpacked %lu KiB", (unsigned long)u->bytes / 1024);
	free_unpacker(u);
	mem_free_range(boot_info.initrd_start,
		       boot_info.initrd_start + boot_info.initrd_len,
		       "initramfs");
}
