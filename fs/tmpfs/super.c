/*
 * Mounting tmpfs: its options and limits, and the nameless mount from which
 * shared anonymous memory comes.
 *
 * Source: man 5 tmpfs.
 */
#include <fs/tmpfs/tmpfs.h>

#include <fs/libfs.h>
#include <fs/mount.h>
#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <lib/parse.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/page_cache.h>
#include <mm/slab.h>
#include <uapi/stat.h>
#include <uapi/statfs.h>

/* "50%" of memory or "4m", in pages. */
static int parse_size(const char *value, unsigned long *pages)
{
	char *end;
	uint64_t n = memparse(value, &end);

	if (end == value)
		return -EINVAL;
	if (*end == '%') {
		n = n * totalram_pages() / 100;
		end++;
	} else {
		n = DIV_ROUND_UP(n, PAGE_SIZE);
	}
	*pages = n;
	return *end ? -EINVAL : 0;
}

static int parse_number(const char *value, unsigned int base,
			unsigned int *out)
{
	unsigned long n;
	int err = kstrtoul(value, base, &n);

	if (err || n > UINT_MAX)
		return -EINVAL;
	*out = n;
	return 0;
}

static int parse_option(void *ctx, char *option)
{
	struct tmpfs_sb *sbi = ctx;
	char *value = strchr(option, '='), *end;
	unsigned int mode;
	int err;

	if (!value)
		return -EINVAL;
	*value++ = '\0';
	if (strcmp(option, "size") == 0)
		return parse_size(value, &sbi->max_pages);
	if (strcmp(option, "nr_blocks") == 0) {
		sbi->max_pages = memparse(value, &end);
		return *end ? -EINVAL : 0;
	}
	if (strcmp(option, "nr_inodes") == 0) {
		sbi->max_inodes = memparse(value, &end);
		return *end ? -EINVAL : 0;
	}
	if (strcmp(option, "uid") == 0)
		return parse_number(value, 10, &sbi->uid);
	if (strcmp(option, "gid") == 0)
		return parse_number(value, 10, &sbi->gid);
	if (strcmp(option, "mode") == 0) {
		err = parse_number(value, 8, &mode);
		if (!err)
			sbi->mode = mode & 07777;
		return err;
	}
	return -EINVAL;
}

/* Apply "size=1m,mode=755" to *sbi. Return: 0, -EINVAL, -ENOMEM. */
static int parse_options(struct tmpfs_sb *sbi, const char *data)
{
	return for_each_mount_option(data, parse_option, sbi);
}

int tmpfs_fill_super(struct super_block *sb, const struct mount_args *args)
{
	struct tmpfs_sb *sbi = kzalloc(sizeof(*sbi), GFP_KERNEL);
	struct inode *root;
	int err;

	if (!sbi)
		return -ENOMEM;
	sbi->max_pages = totalram_pages() / 2;
	sbi->max_inodes = totalram_pages() / 2;
	sbi->mode = S_ISVTX | 0777;
	sbi->uid = current_fsuid();
	sbi->gid = current_fsgid();
	err = parse_options(sbi, args->data);
	if (err)
		goto free_sbi;
	sb->private = sbi;
	sb->ops = &tmpfs_super_ops;
	sb->magic = TMPFS_MAGIC;
	sb->block_size = PAGE_SIZE;
	sb->max_bytes = LLONG_MAX;
	err = -ENOMEM;
	root = tmpfs_new_inode(sb, NULL, S_IFDIR | sbi->mode, 0);
	if (!root)
		goto free_sbi;
	root->uid = sbi->uid;
	root->gid = sbi->gid;
	sb->root = d_make_root(root);
	if (sb->root)
		return 0;

free_sbi:
	sb->private = NULL;
	kfree(sbi);
	return err;
}

void tmpfs_put_super(struct super_block *sb)
{
	kfree(sb->private);
	sb->private = NULL;
}

/* Limits may change, but not to below what is in use. */
int tmpfs_remount(struct super_block *sb, const struct mount_args *args)
{
	struct tmpfs_sb *sbi = TMPFS_SB(sb), new = *sbi;
	int err = parse_options(&new, args->data);

	if (err)
		return err;
	if (new.max_pages &&
	    atomic_long_read(&sbi->used_pages) > (long)new.max_pages)
		return -EINVAL;
	if (new.max_inodes &&
	    atomic_long_read(&sbi->used_inodes) > (long)new.max_inodes)
		return -EINVAL;
	/* What was not counted so far cannot be limited from now on. */
	if (!sbi->max_pages != !new.max_pages ||
	    !sbi->max_inodes != !new.max_inodes)
		return -EINVAL;
	sbi->max_pages = new.max_pages;
	sbi->max_inodes = new.max_inodes;
	sbi->mode = new.mode;
	return 0;
}

int tmpfs_show_options(struct seq_file *m, struct dentry *root)
{
	struct tmpfs_sb *sbi = TMPFS_SB(root->sb);

	if (sbi->max_pages != totalram_pages() / 2)
		seq_printf(m, ",size=%luk",
			   sbi->max_pages * (PAGE_SIZE / 1024));
	if (sbi->max_inodes != totalram_pages() / 2)
		seq_printf(m, ",nr_inodes=%lu", sbi->max_inodes);
	if (sbi->mode != (S_ISVTX | 0777))
		seq_printf(m, ",mode=%03o", sbi->mode);
	if (sbi->uid)
		seq_printf(m, ",uid=%u", sbi->uid);
	if (sbi->gid)
		seq_printf(m, ",gid=%u", sbi->gid);
	return 0;
}

int tmpfs_statfs(struct dentry *dentry, struct statfs *buf)
{
	struct tmpfs_sb *sbi = TMPFS_SB(dentry->sb);
	long used = atomic_long_read(&sbi->used_pages);
	long inodes = atomic_long_read(&sbi->used_inodes);

	simple_statfs(dentry, buf);
	buf->f_type = TMPFS_MAGIC;
	buf->f_bsize = PAGE_SIZE;
	buf->f_namelen = 255;
	if (sbi->max_pages) {
		buf->f_blocks = sbi->max_pages;
		buf->f_bfree = max((long)sbi->max_pages - used, 0L);
		buf->f_bavail = buf->f_bfree;
	}
	if (sbi->max_inodes) {
		buf->f_files = sbi->max_inodes;
		buf->f_ffree = max((long)sbi->max_inodes - inodes, 0L);
	}
	return 0;
}

const struct file_system_type tmpfs_type = {
	.name = "tmpfs",
	.flags = FS_PINNED,
	.fill_super = tmpfs_fill_super,
};

/* ---- memory without a name ------------------------------------------- */

static struct mount *shmem_mount __ro_after_init;

/* Where a path is shown: it never had a name, and looks like a lost one. */
static int shmem_dname(struct dentry *dentry, char *buf, size_t size)
{
	return snprintf(buf, size, "/%s (deleted)", dentry->name);
}

static const struct dentry_ops shmem_dentry_ops = {
	.dname = shmem_dname,
};

/*
 * Made during boot: mmap(2) holds locks under which nothing can be mounted.
 * After: mount_init().
 */
void __init shmem_init(void)
{
	shmem_mount = kern_mount(&tmpfs_type);
	if (IS_ERR(shmem_mount))
		panic("cannot mount tmpfs for shared memory: %ld",
		      PTR_ERR(shmem_mount));
	/* Bounded by overcommit, not by a size. */
	TMPFS_SB(shmem_mount->sb)->max_pages = 0;
	TMPFS_SB(shmem_mount->sb)->max_inodes = 0;
	shmem_mount->sb->dentry_ops = &shmem_dentry_ops;
}

/*
 * A file for mmap's MAP_SHARED | MAP_ANONYMOUS. @name shows in /proc.
 * Context: process; may sleep. Return: ERR_PTR(-ENOMEM).
 */
static struct file *tmpfs_file_setup(const char *name, loff_t size,
				     unsigned long vm_flags __unused)
{
	struct inode *inode;
	struct file *file;

	inode = tmpfs_new_inode(shmem_mount->sb, NULL, S_IFREG | 0777, 0);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	inode_set_size(inode, size);
	clear_nlink(inode);
	file = alloc_file_pseudo(inode, shmem_mount, name, O_RDWR,
				 &tmpfs_file_ops);
	if (IS_ERR(file))
		iput(inode);
	return file;
}

/* Before: slab, dcache. After: tmpfs can be mounted, shared memory mapped. */
void __init tmpfs_init(void)
{
	tmpfs_inode_cache_init();
	shmem_file_setup = tmpfs_file_setup;
}
