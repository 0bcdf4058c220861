/*
 * Names of local sockets, and the table of all of them.
 *
 * A name is a path, or abstract: bytes behind a NUL, known to this table alone
 * and gone with the socket. Binding to a path makes a file of its own kind,
 * which only says where the socket can be found and who may connect: the
 * sockets are found by that file's inode, not by the path, so links to it work
 * and a file left over by a dead socket finds nobody.
 *
 * All sockets are in the table for /proc/net/unix, those without an abstract
 * name in the upper half of the buckets.
 */
#include "unix.h"

#include <fs/dentry.h>
#include <fs/fs.h>
#include <fs/inode.h>
#include <fs/mount.h>
#include <fs/namei.h>
#include <kernel/random.h>
#include <lib/hash.h>
#include <lib/printf.h>
#include <lib/string.h>
#include <mm/slab.h>

#define PATH_AT		offsetof(struct sockaddr_un, sun_path)
#define HASH_BITS	8
#define NR_NAMED	(1U << HASH_BITS)
#define NR_BUCKETS	(2 * NR_NAMED)
/* Autobind gives out names of five hexadecimal digits. */
#define NR_AUTO_NAMES	(1U << 20)

struct bucket {
	struct spinlock		lock;
	struct hlist_head	socks;	/* [lock] through unix_sock.node */
};

static struct bucket table[NR_BUCKETS];
static struct bucket inodes[NR_NAMED];	/* through unix_sock.inode_node */
static uint64_t hash_seed __ro_after_init;

/* ---- the table -------------------------------------------------------- */

static unsigned int unnamed_bucket(const struct sock *sk)
{
	return NR_NAMED + hash_ptr(sk, HASH_BITS);
}

/* Sockets of different types may have the same abstract name. */
static unsigned int name_bucket(const char *name, int len, int type)
{
	return (hash_name(name, len, hash_seed) ^ type) % NR_NAMED;
}

void unix_table_add(struct sock *sk)
{
	struct unix_sock *u = unix_sk(sk);

	u->bucket = unnamed_bucket(sk);
	hlist_init_node(&u->inode_node);
	spin_lock(&table[u->bucket].lock);
	hlist_add_head(&u->node, &table[u->bucket].socks);
	spin_unlock(&table[u->bucket].lock);
}

static struct bucket *inode_bucket(const struct inode *inode)
{
	return &inodes[hash_ptr(inode, HASH_BITS)];
}

/* Context: its file is closed, so nobody binds it any more. */
void unix_table_remove(struct sock *sk)
{
	struct unix_sock *u = unix_sk(sk);

	spin_lock(&table[u->bucket].lock);
	hlist_del_init(&u->node);
	spin_unlock(&table[u->bucket].lock);
	if (u->path.dentry) {
		struct bucket *bucket = inode_bucket(u->path.dentry->inode);

		spin_lock(&bucket->lock);
		hlist_del_init(&u->inode_node);
		spin_unlock(&bucket->lock);
	}
}

/*
 * A walk over all sockets: at() begins at the @pos-th, next() goes on; both
 * return NULL at the end. As long as they return one, the lock of its bucket
 * is held, which end() releases.
 */
static struct sock *__no_lock_check next_bucket(unsigned int *bucket)
{
	for (; *bucket < NR_BUCKETS; ++*bucket) {
		struct bucket *b = &table[*bucket];

		spin_lock(&b->lock);
		if (!hlist_empty(&b->socks))
			return &hlist_entry(b->socks.first, struct unix_sock,
					    node)->sk;
		spin_unlock(&b->lock);
	}
	return NULL;
}

struct sock *__no_lock_check unix_table_next(struct sock *sk,
					     unsigned int *bucket)
{
	struct hlist_node *next = unix_sk(sk)->node.next;

	if (next)
		return &hlist_entry(next, struct unix_sock, node)->sk;
	spin_unlock(&table[*bucket].lock);
	++*bucket;
	return next_bucket(bucket);
}

struct sock *unix_table_at(loff_t pos, unsigned int *bucket)
{
	struct sock *sk;

	*bucket = 0;
	for (sk = next_bucket(bucket); sk && pos; pos--)
		sk = unix_table_next(sk, bucket);
	return sk;
}

void __no_lock_check unix_table_end(struct sock *sk, unsigned int bucket)
{
	if (sk)
		spin_unlock(&table[bucket].lock);
}

/* ---- addresses -------------------------------------------------------- */

static struct unix_address *address_alloc(const void *path, int path_len)
{
	/* With a NUL behind it, so that a path is a string. */
	struct unix_address *addr = kmalloc(sizeof(*addr) + path_len + 1,
					    GFP_KERNEL | GFP_ACCOUNT);

	if (!addr)
		return NULL;
	refcount_set(&addr->refs, 1);
	addr->len = PATH_AT + path_len;
	addr->family = AF_UNIX;
	memcpy(addr->path, path, path_len);
	addr->path[path_len] = '\0';
	return addr;
}

void unix_address_put(struct unix_address *addr)
{
	if (refcount_put(&addr->refs))
		kfree(addr);
}

/* @sk's name into SOCKADDR_MAX bytes at @addr. Return: its length. */
int unix_put_name(const struct sock *sk, void *addr)
{
	const struct unix_address *name = smp_load_acquire(&unix_sk(sk)->addr);

	if (!name) {
		*(unsigned short *)addr = AF_UNIX;
		return PATH_AT;
	}
	memcpy(addr, &name->family, name->len);
	return name->len;
}

/* Has it a name at all? Return: 0, -EINVAL. */
int unix_check_address(const struct sockaddr_un *addr, int len)
{
	if (len <= (int)PATH_AT || len > (int)sizeof(*addr) ||
	    addr->sun_family != AF_UNIX)
		return -EINVAL;
	return 0;
}

/* ---- binding ---------------------------------------------------------- */

/* From here on others see that @sk is called @addr, whose reference passes. */
static void set_address(struct unix_sock *u, struct unix_address *addr)
{
	smp_store_release(&u->addr, addr);
}

/* Make the socket's file; *@path gets references. Return: 0 or errno. */
static int make_file(const char *name, mode_t mode, struct path *path)
{
	struct dentry *dentry;
	struct path parent;
	int err;

	dentry = kern_path_create(name, &parent, 0);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	err = vfs_mknod(parent.dentry->inode, dentry, mode, 0);
	if (!err) {
		path->mount = parent.mount;
		path->dentry = dentry;
		path_get(path);
	}
	done_path_create(&parent, dentry);
	return err;
}

/* Take back a file that make_file() made, and that nobody wants now. */
static void remove_file(const struct path *path)
{
	struct dentry *parent;

	if (mnt_want_write(path->mount))
		return;
	parent = dget_parent(path->dentry);
	inode_lock_nested(parent->inode, INODE_LOCK_PARENT);
	if (path->dentry->parent == parent && !d_unhashed(path->dentry))
		vfs_unlink(parent->inode, path->dentry);
	inode_unlock(parent->inode);
	dput(parent);
	mnt_drop_write(path->mount);
}

static void insert_path(struct unix_sock *u, struct unix_address *addr,
			const struct path *path)
{
	struct bucket *bucket = inode_bucket(path->dentry->inode);

	u->path = *path;
	set_address(u, addr);
	spin_lock(&bucket->lock);
	hlist_add_head(&u->inode_node, &bucket->socks);
	spin_unlock(&bucket->lock);
}

/* Return: 0; -EADDRINUSE, -EINVAL (it has a name), what mknod(2) says. */
static int bind_path(struct socket *sock, const char *name)
{
	struct unix_sock *u = unix_sk(sock->sk);
	mode_t mode = sock->file->inode->mode & ~current_umask();
	struct unix_address *addr;
	struct path path;
	int err;

	addr = address_alloc(name, strlen(name) + 1);
	if (!addr)
		return -ENOMEM;
	err = make_file(name, mode, &path);
	if (err)
		goto put_addr;
	err = mutex_lock_interruptible(&u->bind_lock);
	if (err)
		goto remove_file;
	if (!u->addr)
		insert_path(u, addr, &path);
	else
		err = -EINVAL;
	mutex_unlock(&u->bind_lock);
	if (!err)
		return 0;
remove_file:
	remove_file(&path);
	path_put(&path);
put_addr:
	unix_address_put(addr);
	return err == -EEXIST ? -EADDRINUSE : err;
}

/* The living socket of @type with that abstract name, or NULL; no reference. */
static struct sock *find_abstract(struct bucket *bucket, const char *name,
				  int len, int type)
{
	struct unix_sock *u;

	hlist_for_each_entry(u, &bucket->socks, node)
		if (u->sk.type == type && u->addr->len == (int)PATH_AT + len &&
		    memcmp(u->addr->path, name, len) == 0)
			return &u->sk;
	return NULL;
}

/*
 * Give @u, which has no name, the abstract name @addr, unless it is taken.
 * Locking: u->bind_lock held. Return: true if that worked.
 */
static bool try_abstract(struct unix_sock *u, struct unix_address *addr)
{
	int len = addr->len - PATH_AT;
	unsigned int nr = name_bucket(addr->path, len, u->sk.type);
	struct bucket *from = &table[u->bucket], *to = &table[nr];
	bool is_free;

	/* Named buckets come before the others: in address order. */
	spin_lock_pair(&to->lock, &from->lock);
	is_free = !find_abstract(to, addr->path, len, u->sk.type);
	if (is_free) {
		hlist_del_init(&u->node);
		set_address(u, addr);
		u->bucket = nr;
		hlist_add_head(&u->node, &to->socks);
	}
	spin_unlock_pair(&to->lock, &from->lock);
	return is_free;
}

static int bind_abstract(struct sock *sk, const char *name, int len)
{
	struct unix_sock *u = unix_sk(sk);
	struct unix_address *addr = address_alloc(name, len);
	int err;

	if (!addr)
		return -ENOMEM;
	err = mutex_lock_interruptible(&u->bind_lock);
	if (err)
		goto put_addr;
	if (u->addr)
		err = -EINVAL;
	else if (!try_abstract(u, addr))
		err = -EADDRINUSE;
	mutex_unlock(&u->bind_lock);
	if (!err)
		return 0;
put_addr:
	unix_address_put(addr);
	return err;
}

/* Try all names that there are, from a random one on. */
static int autobind_locked(struct unix_sock *u, struct unix_address *addr)
{
	unsigned int first = get_random_u32() % NR_AUTO_NAMES;

	for (unsigned int i = 0; i < NR_AUTO_NAMES; i++) {
		char name[8];

		snprintf(name, sizeof(name), "%05x",
			 (first + i) % NR_AUTO_NAMES);
		memcpy(addr->path + 1, name, 5);
		if (try_abstract(u, addr))
			return 0;
	}
	return -ENOSPC;
}

/* An abstract name of the kernel's choice, unless @sk has a name. */
int unix_autobind(struct sock *sk)
{
	struct unix_sock *u = unix_sk(sk);
	struct unix_address *addr;
	int err;

	err = mutex_lock_interruptible(&u->bind_lock);
	if (err)
		return err;
	if (u->addr)
		goto unlock;
	err = -ENOMEM;
	addr = address_alloc("\0\0\0\0\0", 6);
	if (!addr)
		goto unlock;
	err = autobind_locked(u, addr);
	if (err)
		unix_address_put(addr);
unlock:
	mutex_unlock(&u->bind_lock);
	return err;
}

/* Who wants to know who sends (SO_PASSCRED) also tells who he is. */
int unix_autobind_if_told(struct sock *sk)
{
	if (likely(!sock_flag(sk, SOCK_PASSCRED)) || unix_sk(sk)->addr)
		return 0;
	return unix_autobind(sk);
}

/* The bind op. */
int unix_bind(struct socket *sock, const void *address, int len)
{
	const struct sockaddr_un *addr = address;
	int err;

	if (len == (int)PATH_AT && addr->sun_family == AF_UNIX)
		return unix_autobind(sock->sk);
	err = unix_check_address(addr, len);
	if (err)
		return err;
	/* The buffer goes on behind the name, with zeros. */
	if (addr->sun_path[0])
		return bind_path(sock, addr->sun_path);
	return bind_abstract(sock->sk, addr->sun_path, len - PATH_AT);
}

/* ---- finding ---------------------------------------------------------- */

static struct sock *find_inode(const struct inode *inode)
{
	struct bucket *bucket = inode_bucket(inode);
	struct unix_sock *u;

	SPIN_GUARD(&bucket->lock);
	hlist_for_each_entry(u, &bucket->socks, inode_node) {
		if (u->path.dentry->inode == inode) {
			sock_hold(&u->sk);
			return &u->sk;
		}
	}
	return NULL;
}

/* By its file, which the caller must be allowed to write to. */
static struct sock *find_path(const char *name, int type)
{
	struct inode *inode;
	struct path path;
	struct sock *sk;
	int err;

	err = kern_path(name, LOOKUP_FOLLOW, &path);
	if (err)
		return ERR_PTR(err);
	inode = path.dentry->inode;
	err = inode_permission(inode, MAY_WRITE);
	sk = err ? ERR_PTR(err) : S_ISSOCK(inode->mode) ? find_inode(inode) :
							  NULL;
	if (!sk) {
		sk = ERR_PTR(-ECONNREFUSED);
	} else if (!IS_ERR(sk) && sk->type != type) {
		sock_put(sk);
		sk = ERR_PTR(-EPROTOTYPE);
	} else if (!IS_ERR(sk)) {
		touch_atime(&path);
	}
	path_put(&path);
	return sk;
}

/*
 * The socket that a checked address names, with a reference. May sleep.
 * Return: ERR_PTR: -ECONNREFUSED (nobody), -EPROTOTYPE (another type), -EACCES,
 * and what path lookup says.
 */
struct sock *unix_find(const struct sockaddr_un *addr, int len, int type)
{
	struct bucket *bucket;
	struct sock *sk;

	if (addr->sun_path[0])
		return find_path(addr->sun_path, type);
	len -= PATH_AT;
	bucket = &table[name_bucket(addr->sun_path, len, type)];
	SPIN_GUARD(&bucket->lock);
	sk = find_abstract(bucket, addr->sun_path, len, type);
	if (!sk)
		return ERR_PTR(-ECONNREFUSED);
	sock_hold(sk);
	return sk;
}

void __init unix_table_init(void)
{
	hash_seed = get_random_u64();
	for (unsigned int i = 0; i < NR_BUCKETS; i++)
		spin_lock_init(&table[i].lock, "unix_table",
			       RANK_SOCKET_TABLE);
	for (unsigned int i = 0; i < NR_NAMED; i++)
		spin_lock_init(&inodes[i].lock, "unix_inodes",
			       RANK_SOCKET_TABLE);
}
