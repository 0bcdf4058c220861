/*
 * Trees of files that the kernel makes up: see fs/pseudo.h for the idea.
 *
 * An entry is fully built before it is linked in with a release store, and
 * never taken out; so lookups and readdir walk the lists without a lock.
 */
#include <fs/pseudo.h>

#include <fs/attr.h>
#include <fs/libfs.h>
#include <fs/seq_file.h>
#include <keel/bug.h>
#include <kernel/mutex.h>
#include <lib/string.h>
#include <mm/slab.h>

static DEFINE_MUTEX(tree_lock, RANK_MUTEX_LEAF);	/* of all trees */
static atomic_long_t last_ino = ATOMIC_INIT(PSEUDO_ROOT_INO);

/* ---- the tree ---- */

static struct pseudo_entry *find_child(const struct pseudo_entry *dir,
				       const char *name, size_t len)
{
	struct pseudo_entry *entry;

	RCU_GUARD();
	list_for_each_entry_rcu(entry, &dir->children, sibling)
		if (strncmp(entry->name, name, len) == 0 &&
		    entry->name[len] == '\0')
			return entry;
	return NULL;
}

static struct pseudo_entry *entry_alloc(const struct pseudo_entry *parent,
					const char *name, mode_t mode)
{
	struct pseudo_entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

	if (!entry)
		return NULL;
	entry->name = kstrdup(name, GFP_KERNEL);
	if (!entry->name) {
		kfree(entry);
		return NULL;
	}
	entry->mode = mode;
	entry->ino = atomic_long_inc_return(&last_ino);
	entry->fixed = parent->fixed;
	entry->next_cookie = PSEUDO_FIRST;
	list_init(&entry->children);
	return entry;
}

/* From here on everybody sees @entry. */
static struct pseudo_entry *publish(struct pseudo_entry *parent,
				    struct pseudo_entry *entry)
{
	MUTEX_GUARD(&tree_lock);
	if (find_child(parent, entry->name, strlen(entry->name)))
		panic("two entries called %s/%s", parent->name, entry->name);
	entry->cookie = parent->next_cookie++;
	if (S_ISDIR(entry->mode))
		parent->nr_dirs++;
	list_add_tail(&entry->sibling, &parent->children);
	return entry;
}

static const struct inode_ops file_iops = {
	.setattr = pseudo_setattr,
};

struct pseudo_entry *pseudo_add(struct pseudo_entry *parent,
				const struct pseudo_file *file, void *private)
{
	struct pseudo_entry *entry = entry_alloc(parent, file->name,
						 S_IFREG | file->mode);

	if (!entry)
		return NULL;
	entry->file = file;
	entry->private = private;
	entry->ops = file->iops ?: &file_iops;
	return publish(parent, entry);
}

struct pseudo_entry *pseudo_mkdir(struct pseudo_entry *parent,
				  const char *name)
{
	struct pseudo_entry *entry = entry_alloc(parent, name, S_IFDIR | 0555);

	if (!entry)
		return NULL;
	entry->ops = &pseudo_dir_iops;
	return publish(parent, entry);
}

struct pseudo_entry *pseudo_magic_link(struct pseudo_entry *parent,
				       const char *name,
				       const struct inode_ops *ops)
{
	struct pseudo_entry *entry = entry_alloc(parent, name, S_IFLNK | 0777);

	if (!entry)
		return NULL;
	entry->ops = ops;
	return publish(parent, entry);
}

struct pseudo_entry *pseudo_symlink(struct pseudo_entry *parent,
				    const char *name, const char *target)
{
	struct pseudo_entry *entry = entry_alloc(parent, name, S_IFLNK | 0777);

	if (!entry)
		return NULL;
	entry->ops = &file_iops;
	entry->link = link_text_dup(target, GFP_KERNEL);
	if (entry->link)
		return publish(parent, entry);
	kfree(entry->name);
	kfree(entry);
	return NULL;
}

void __init pseudo_add_all(struct pseudo_entry *parent,
			   const struct pseudo_file *files, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (!pseudo_add(parent, &files[i], NULL))
			panic("no memory for %s", files[i].name);
}

/* ---- files ---- */

static int file_open(struct inode *inode, struct file *file)
{
	const struct pseudo_entry *entry = inode->private;

	if (entry->file->seq)
		return seq_open(file, entry->file->seq, entry->private);
	return single_open(file, entry->file->show, entry->private);
}

static const struct file_ops text_fops = {
	.open = file_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = seq_release,
};

static const struct file_ops unspliced_text_fops = {
	.open = file_open,
	.read_iter = seq_read_iter,
	.llseek = seq_lseek,
	.release = seq_release,
	.flags = FOPS_NO_SPLICE_IN,
};

static const struct file_ops *entry_fops(const struct pseudo_entry *entry)
{
	if (S_ISDIR(entry->mode))
		return &pseudo_dir_fops;
	if (entry->file->no_splice)
		return &unspliced_text_fops;
	return entry->file->fops ?: &text_fops;
}

struct inode *pseudo_inode(struct super_block *sb, struct pseudo_entry *entry)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->ino = entry->ino;
	inode->mode = entry->mode;
	inode->uid = entry->uid;
	inode->gid = entry->gid;
	inode->ops = entry->ops;
	inode->link = entry->link;
	inode->private = entry;
	inode->atime = inode->mtime = inode->ctime = current_time(inode);
	if (!S_ISLNK(entry->mode))
		inode->fops = entry_fops(entry);
	if (S_ISDIR(entry->mode))
		set_nlink(inode, 2 + READ_ONCE(entry->nr_dirs));
	return inode;
}

/*
 * The setattr op. Truncation, which a shell's ">" asks for, changes nothing;
 * owner and permissions are kept in the entry, which outlives the inode.
 *
 * Locking: inode->rwsem held for writing.
 * Return: 0; -EPERM: not the owner, or the tree allows no changes.
 */
int pseudo_setattr(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = dentry->inode;
	struct pseudo_entry *entry = inode->private;
	int err;

	if (entry->fixed &&
	    (attr->valid & (ATTR_MODE | ATTR_UID | ATTR_GID)))
		return -EPERM;
	err = setattr_prepare(dentry, attr);
	if (err)
		return err;
	setattr_copy(inode, attr);
	entry->mode = inode->mode;
	entry->uid = inode->uid;
	entry->gid = inode->gid;
	return 0;
}

/* ---- directories ---- */

/* The lookup op. ERR_PTR: -ENOENT, -ENOMEM. */
struct dentry *pseudo_lookup(struct inode *dir, struct dentry *dentry,
			     unsigned int lookup_flags __unused)
{
	struct pseudo_entry *entry = find_child(dir->private, dentry->name,
						dentry->name_len);
	struct inode *inode;

	if (!entry)
		return ERR_PTR(-ENOENT);
	inode = pseudo_inode(dir->sb, entry);
	return d_splice(inode ?: ERR_PTR(-ENOMEM), dentry);
}

/*
 * List "." and ".." and what stands in the tree, from ctx->pos on.
 *
 * Context: may sleep (entries are never removed, so none is lost meanwhile).
 * Return: true if all of it has been emitted.
 */
bool pseudo_emit(struct file *file, struct dir_context *ctx)
{
	const struct pseudo_entry *dir = file->inode->private;
	const struct pseudo_entry *entry;

	if (!dir_emit_dots(file, ctx))
		return false;
	list_for_each_entry_rcu(entry, &dir->children, sibling) {
		if (entry->cookie < ctx->pos)
			continue;
		ctx->pos = entry->cookie;
		if (!dir_emit(ctx, entry->name, strlen(entry->name),
			      entry->ino, mode_to_dtype(entry->mode)))
			return false;
		ctx->pos = entry->cookie + 1;
	}
	return true;
}

static int dir_iterate(struct file *file, struct dir_context *ctx)
{
	pseudo_emit(file, ctx);
	return 0;
}

const struct inode_ops pseudo_dir_iops = {
	.lookup = pseudo_lookup,
	.setattr = pseudo_setattr,
};

const struct file_ops pseudo_dir_fops = {
	.read_iter = generic_read_dir,
	.llseek = generic_file_llseek,
	.iterate = dir_iterate,
};
