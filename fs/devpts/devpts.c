/*
 * devpts: see devpts.h for the idea.
 *
 * The numbers are an array of inodes: index 3 holds the inode of "3", or
 * RESERVED while its number is taken but has no name. Names are looked up in
 * the array; a dentry, negative ones too, is only the cache's copy of that, and
 * is dropped when a name comes or goes.
 *
 * Locking: devpts->lock protects the array and inode->private of its inodes.
 * Names come and go with the root's rwsem held for writing, so that no lookup
 * can cache what has just changed.
 *
 * Source: Linux, Documentation/filesystems/devpts.rst.
 */
#include <fs/devpts/devpts.h>

#include <fs/attr.h>
#include <fs/char_dev.h>
#include <fs/dentry.h>
#include <fs/file.h>
#include <fs/filesystems.h>
#include <fs/inode.h>
#include <fs/libfs.h>
#include <fs/mount.h>
#include <fs/namei.h>
#include <fs/path.h>
#include <fs/seq_file.h>
#include <kernel/cred.h>
#include <kernel/mutex.h>
#include <lib/parse.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <lib/xarray.h>
#include <mm/slab.h>
#include <mm/xarray_ops.h>
#include <uapi/major.h>
#include <uapi/stat.h>
#include <uapi/statfs.h>

#define ROOT_INO	1
#define PTMX_INO	2
#define FIRST_INO	3
#define DEFAULT_MAX	(DEV_MINOR_MAX + 1)
#define RESERVED	xa_mk_value(0)

/* In readdir(3): ".", "..", "ptmx", then the numbers. */
#define FIRST_COOKIE	3

struct devpts_options {
	bool		set_uid, set_gid;
	unsigned int	uid, gid;
	unsigned int	mode, ptmx_mode;
	unsigned int	max;		/* numbers below this */
};

struct devpts {
	struct mutex	lock;
	struct xarray	inodes;		/* [lock] number -> inode, RESERVED */
	struct inode	*ptmx;		/* [C] its dentry is pinned */
	struct devpts_options options;	/* sb->umount, written by remount */
};

static struct devpts *DEVPTS(const struct super_block *sb)
{
	return sb->private;
}

/* ---- options ------------------------------------------------------------- */

static const struct {
	const char	*name;
	unsigned int	base;
	size_t		offset;
} numbers[] = {
	{ "uid",	10, offsetof(struct devpts_options, uid) },
	{ "gid",	10, offsetof(struct devpts_options, gid) },
	{ "mode",	8,  offsetof(struct devpts_options, mode) },
	{ "ptmxmode",	8,  offsetof(struct devpts_options, ptmx_mode) },
	{ "max",	10, offsetof(struct devpts_options, max) },
};

static int parse_option(void *ctx, char *option)
{
	struct devpts_options *o = ctx;
	char *value = strchr(option, '=');

	/* Every mount is an instance of its own anyway. */
	if (strcmp(option, "newinstance") == 0)
		return 0;
	if (!value)
		return -EINVAL;
	*value++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (strcmp(option, numbers[i].name) != 0)
			continue;
		o->set_uid |= numbers[i].offset ==
			      offsetof(struct devpts_options, uid);
		o->set_gid |= numbers[i].offset ==
			      offsetof(struct devpts_options, gid);
		return kstrtouint(value, numbers[i].base,
				  (unsigned int *)((char *)o +
						   numbers[i].offset));
	}
	return -EINVAL;
}

static int parse_options(struct devpts_options *o, const char *data)
{
	int err;

	*o = (struct devpts_options){ .mode = 0600, .max = DEFAULT_MAX };
	err = for_each_mount_option(data, parse_option, o);
	o->mode &= 07777;
	o->ptmx_mode &= 07777;
	return !err && o->max > DEFAULT_MAX ? -EINVAL : err;
}

static int show_options(struct seq_file *m, struct dentry *root)
{
	const struct devpts_options *o = &DEVPTS(root->sb)->options;

	if (o->set_uid)
		seq_printf(m, ",uid=%u", o->uid);
	if (o->set_gid)
		seq_printf(m, ",gid=%u", o->gid);
	seq_printf(m, ",mode=%03o,ptmxmode=%03o", o->mode, o->ptmx_mode);
	if (o->max < DEFAULT_MAX)
		seq_printf(m, ",max=%u", o->max);
	return 0;
}

static int remount(struct super_block *sb, const struct mount_args *args)
{
	struct devpts *pts = DEVPTS(sb);
	struct devpts_options new;
	int err = parse_options(&new, args->data);

	if (err)
		return err;
	pts->options = new;
	pts->ptmx->mode = S_IFCHR | new.ptmx_mode;
	return 0;
}

/* ---- the directory ------------------------------------------------------- */

/* "17" -> 17; anything else, "017" too, is nobody's name: UINT_MAX. */
static unsigned int number_of(const struct dentry *dentry)
{
	unsigned int n = 0;

	if (!dentry->name_len || dentry->name_len > 7 ||
	    (dentry->name[0] == '0' && dentry->name_len > 1))
		return UINT_MAX;
	for (unsigned int i = 0; i < dentry->name_len; i++) {
		if (dentry->name[i] < '0' || dentry->name[i] > '9')
			return UINT_MAX;
		n = n * 10 + (dentry->name[i] - '0');
	}
	return n;
}

static struct inode *inode_of(struct devpts *pts, const struct dentry *dentry)
{
	unsigned int number = number_of(dentry);
	struct inode *inode;

	inode = number == UINT_MAX ? NULL : xa_load(&pts->inodes, number);
	if (!inode || xa_is_value(inode))
		return NULL;
	ihold(inode);
	return inode;
}

static struct dentry *lookup(struct inode *dir, struct dentry *dentry,
			     unsigned int flags __unused)
{
	struct devpts *pts = DEVPTS(dir->sb);
	struct inode *inode;

	mutex_lock(&pts->lock);
	inode = inode_of(pts, dentry);
	mutex_unlock(&pts->lock);
	return d_splice(inode, dentry);
}

static bool emit_number(struct dir_context *ctx, unsigned long number)
{
	char name[16];
	int len = snprintf(name, sizeof(name), "%lu", number);

	return dir_emit(ctx, name, len, FIRST_INO + number,
			mode_to_dtype(S_IFCHR));
}

static int iterate(struct file *file, struct dir_context *ctx)
{
	struct devpts *pts = DEVPTS(file->inode->sb);
	unsigned long number;
	struct inode *inode;

	if (!dir_emit_dots(file, ctx))
		return 0;
	if (ctx->pos == 2) {
		if (!dir_emit(ctx, "ptmx", 4, PTMX_INO,
			      mode_to_dtype(S_IFCHR)))
			return 0;
		ctx->pos = FIRST_COOKIE;
	}
	MUTEX_GUARD(&pts->lock);
	xa_for_each_start(&pts->inodes, number, inode,
			  ctx->pos - FIRST_COOKIE) {
		if (xa_is_value(inode))
			continue;
		ctx->pos = FIRST_COOKIE + number;
		if (!emit_number(ctx, number))
			return 0;
		ctx->pos++;
	}
	return 0;
}

static const struct inode_ops dir_iops = {
	.lookup = lookup,
};

static const struct file_ops dir_fops = {
	.read_iter = generic_read_dir,
	.llseek = generic_file_llseek,
	.iterate = iterate,
};

static const struct inode_ops node_iops = {};

/* Locking: the root's rwsem. ERR_PTR; may be negative. */
static struct dentry *find_dentry(struct super_block *sb, unsigned int number)
{
	char name[16 + 8] = {};		/* 8 readable bytes behind the NUL */
	int len = snprintf(name, 16, "%u", number);

	return lookup_one(sb->root, name, len);
}

/* ---- numbers and names --------------------------------------------------- */

/*
 * Take the lowest free number. It holds the instance alive.
 * Context: process; may sleep. Return: 0, -ENOSPC, -ENOMEM.
 */
int devpts_take_number(struct super_block *sb, unsigned int *number)
{
	struct devpts *pts = DEVPTS(sb);
	unsigned int n = 0;
	int err = -ENOSPC;

	mutex_lock(&pts->lock);
	while (n < pts->options.max && xa_load(&pts->inodes, n))
		n++;
	if (n < pts->options.max)
		err = xa_insert(&pts->inodes, n, RESERVED, GFP_KERNEL);
	mutex_unlock(&pts->lock);
	if (err)
		return err;
	super_get_active(sb);
	*number = n;
	return 0;
}

/* Give a number without a name back. Context: process; may sleep. */
void devpts_drop_number(struct super_block *sb, unsigned int number)
{
	struct devpts *pts = DEVPTS(sb);

	mutex_lock(&pts->lock);
	xa_erase(&pts->inodes, number);
	mutex_unlock(&pts->lock);
	super_put_active(sb);
}

/* Put @inode (or RESERVED) at @number, whose place is taken; what was there. */
static struct inode *set_inode(struct super_block *sb, unsigned int number,
			       void *inode)
{
	struct devpts *pts = DEVPTS(sb);
	struct dentry *dentry;
	struct inode *old;

	inode_lock(sb->root->inode);
	dentry = find_dentry(sb, number);
	if (!IS_ERR(dentry)) {
		d_drop(dentry);
		dput(dentry);
	}
	mutex_lock(&pts->lock);
	old = xa_store(&pts->inodes, number, inode, GFP_KERNEL);
	if (!xa_is_value(old))
		old->private = NULL;
	mutex_unlock(&pts->lock);
	inode_unlock(sb->root->inode);
	return old;
}

/*
 * From now on the file called @number is @tty, of which no reference is taken:
 * the name is removed before the terminal goes.
 *
 * Context: process; may sleep. Return: 0 or -ENOMEM.
 */
int devpts_add_name(struct super_block *sb, unsigned int number,
		    struct tty *tty)
{
	const struct devpts_options *o = &DEVPTS(sb)->options;
	struct inode *inode = new_inode_in(sb, NULL, S_IFCHR | o->mode);

	if (!inode)
		return -ENOMEM;
	inode->ino = FIRST_INO + number;
	if (o->set_uid)
		inode->uid = o->uid;
	if (o->set_gid)
		inode->gid = o->gid;
	inode->ops = &node_iops;
	init_special_inode(inode, S_IFCHR | o->mode,
			   MKDEV(UNIX98_PTY_SLAVE_MAJOR, number));
	inode->private = tty;
	set_inode(sb, number, inode);
	return 0;
}

/* The name goes, the number stays taken. Context: process; may sleep. */
void devpts_remove_name(struct super_block *sb, unsigned int number)
{
	struct inode *inode = set_inode(sb, number, RESERVED);

	clear_nlink(inode);
	iput(inode);
}

/*
 * The terminal @inode is the name of, with a reference that @get takes.
 * Context: process; may sleep. NULL: it has no name any more, or is no name.
 */
struct tty *devpts_find(struct inode *inode,
			struct tty *(*get)(struct tty *tty))
{
	struct devpts *pts = DEVPTS(inode->sb);

	if (inode->sb->type != &devpts_type)
		return NULL;
	MUTEX_GUARD(&pts->lock);
	return inode->private ? get(inode->private) : NULL;
}

/*
 * The dentry called @number, counted. Context: may sleep. ERR_PTR: -ENOENT:
 * the name is gone.
 */
struct dentry *devpts_dentry(struct super_block *sb, unsigned int number)
{
	struct dentry *dentry;

	inode_lock(sb->root->inode);
	dentry = find_dentry(sb, number);
	inode_unlock(sb->root->inode);
	if (!IS_ERR(dentry) && d_is_negative(dentry)) {
		dput(dentry);
		return ERR_PTR(-ENOENT);
	}
	return dentry;
}

/*
 * Which instance does a ptmx file make its pairs in? That of the directory it
 * lies in, if that is a devpts; else the one at "pts" beside it, as /dev/pts
 * is beside /dev/ptmx.
 *
 * Context: process; may sleep. Return: 0, *@root with references; -ENODEV.
 */
int devpts_root_of(const struct file *ptmx, struct path *root)
{
	struct path dir = { .mount = ptmx->path.mount };
	int err;

	if (ptmx->inode->sb->type == &devpts_type) {
		root->mount = mntget(ptmx->path.mount);
		root->dentry = dget(ptmx->inode->sb->root);
		return 0;
	}
	dir.dentry = dget_parent(ptmx->path.dentry);
	err = vfs_path_lookup(&dir, "pts\0\0\0\0\0\0\0", LOOKUP_DIRECTORY,
			      root);
	dput(dir.dentry);
	if (err)
		return -ENODEV;
	if (root->dentry->sb->type == &devpts_type &&
	    root->dentry == root->dentry->sb->root)
		return 0;
	path_put(root);
	return -ENODEV;
}

/* ---- mounting ------------------------------------------------------------ */

static void put_super(struct super_block *sb)
{
	struct devpts *pts = DEVPTS(sb);

	xa_destroy(&pts->inodes);
	kfree(pts);
	sb->private = NULL;
}

static const struct super_ops super_ops = {
	.put_super = put_super,
	.remount = remount,
	.show_options = show_options,
};

/* The one file that always exists: its dentry stays. Return: 0, -ENOMEM. */
static int make_ptmx(struct super_block *sb)
{
	struct devpts *pts = DEVPTS(sb);
	mode_t mode = S_IFCHR | pts->options.ptmx_mode;
	struct inode *inode = new_inode_in(sb, NULL, mode);
	struct dentry *dentry;

	if (!inode)
		return -ENOMEM;
	dentry = d_alloc_name(sb->root, "ptmx");
	if (!dentry) {
		iput(inode);
		return -ENOMEM;
	}
	inode->ino = PTMX_INO;
	inode->ops = &node_iops;
	init_special_inode(inode, mode, MKDEV(TTYAUX_MAJOR, 2));
	pts->ptmx = inode;
	d_add(dentry, inode);
	return 0;
}

static struct dentry *make_root(struct super_block *sb)
{
	struct inode *inode = new_inode_in(sb, NULL, S_IFDIR | 0755);

	if (!inode)
		return NULL;
	inode->ino = ROOT_INO;
	inode->ops = &dir_iops;
	inode->fops = &dir_fops;
	set_nlink(inode, 2);
	return d_make_root(inode);
}

static int fill_super(struct super_block *sb, const struct mount_args *args)
{
	struct devpts *pts = kzalloc(sizeof(*pts), GFP_KERNEL);
	int err;

	if (!pts)
		return -ENOMEM;
	mutex_init(&pts->lock, "devpts", RANK_MUTEX_LEAF);
	xa_init(&pts->inodes, &xa_kernel_ops);
	sb->private = pts;
	sb->ops = &super_ops;
	sb->magic = DEVPTS_SUPER_MAGIC;
	err = parse_options(&pts->options, args->data);
	if (err)
		goto free_pts;
	sb->root = make_root(sb);
	err = sb->root ? make_ptmx(sb) : -ENOMEM;
	if (!err)
		return 0;
free_pts:
	sb->private = NULL;
	kfree(pts);
	return err;
}

const struct file_system_type devpts_type = {
	.name = "devpts",
	.flags = FS_PINNED,
	.fill_super = fill_super,
};
