/*
 * memfd_create(2), and the seals that can be put on what it makes.
 *
 * A memfd is a tmpfs file that never had a name. Who gets one from a stranger
 * would have to fear that the stranger shortens it under his feet (SIGBUS), or
 * changes what has already been checked. Seals take such rights away from
 * everybody, for ever, and the receiver can ask which are there.
 *
 * Writing has two ways in. write(2) and its like ask for the seals, with the
 * inode locked. A store through a mapping asks nobody; so F_SEAL_WRITE is
 * refused while there is an area that may write, and afterwards there can be
 * none (address_space.writable). That is all there is to look for: whoever
 * stores to a file's page on behalf of a process does so through an area, and
 * has the area's address space locked.
 *
 * All other files of tmpfs begin with F_SEAL_SEAL, and so stay without.
 *
 * Source: man 2 memfd_create, man 2 fcntl (File Sealing).
 */
#include <fs/tmpfs/tmpfs.h>

#include <arch/uaccess.h>
#include <fs/file.h>
#include <fs/files.h>
#include <kernel/syscall.h>
#include <lib/string.h>
#include <mm/page_cache.h>
#include <mm/slab.h>
#include <uapi/limits.h>
#include <uapi/mman.h>

#define ALL_SEALS	(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | \
			 F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)

/* ---- what seals forbid --------------------------------------------------- */

/* May the file become @size long? Locking: inode->rwsem. 0 or -EPERM. */
int tmpfs_may_resize(const struct inode *inode, loff_t size)
{
	unsigned int seals = TMPFS_I(inode)->seals;
	loff_t old = inode_size(inode);

	if ((size < old && (seals & F_SEAL_SHRINK)) ||
	    (size > old && (seals & F_SEAL_GROW)))
		return -EPERM;
	return 0;
}

/* The address space's may_write op: may [pos, pos + len) be written? */
int tmpfs_may_write(struct address_space *mapping, loff_t pos, size_t len)
{
	struct inode *inode = mapping->host;

	if (tmpfs_is_write_sealed(inode))
		return -EPERM;
	if ((TMPFS_I(inode)->seals & F_SEAL_GROW) &&
	    pos + (loff_t)len > inode_size(inode))
		return -EPERM;
	return 0;
}

/*
 * May @vma map the file? One that is shared, and shall not write now, never
 * will. Locking: mmap_lock; a seal that comes meanwhile is mmap's to notice.
 * Return: 0 or -EPERM.
 */
int tmpfs_may_map(const struct inode *inode, struct vma *vma)
{
	if (likely(!tmpfs_is_write_sealed(inode)) || !(vma->flags & VM_SHARED))
		return 0;
	if (vma->flags & VM_WRITE)
		return -EPERM;
	vma->flags &= ~VM_MAYWRITE;
	return 0;
}

/* ---- fcntl(2) ------------------------------------------------------------ */

/* Locking: inode->rwsem for writing. */
static int add_seals(struct inode *inode, unsigned int seals)
{
	struct tmpfs_inode *ti = TMPFS_I(inode);
	int err = 0;

	if (ti->seals & F_SEAL_SEAL)
		return -EPERM;
	if ((seals & F_SEAL_WRITE) && !(ti->seals & F_SEAL_WRITE))
		err = mapping_deny_writable(&inode->data);
	if (err)
		return err;
	WRITE_ONCE(ti->seals, ti->seals | seals);
	if (seals & (F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		inode->data.flags |= AS_SEALED;
	return 0;
}

/*
 * The file's fcntl op; the VFS has seen to it that who seals may write.
 * Return: F_GET_SEALS: the seals; F_ADD_SEALS: 0, -EPERM (no more may be
 * added), -EBUSY (F_SEAL_WRITE, and an area may write); -EINVAL.
 */
long tmpfs_fcntl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct inode *inode = file->inode;
	int err;

	switch (cmd) {
	case F_ADD_SEALS:
		if (arg & ~(unsigned long)ALL_SEALS)
			return -EINVAL;
		inode_lock(inode);
		err = add_seals(inode, arg);
		inode_unlock(inode);
		return err;
	case F_GET_SEALS:
		return READ_ONCE(TMPFS_I(inode)->seals);
	default:
		return -EINVAL;
	}
}

/* ---- memfd_create(2) ----------------------------------------------------- */

#define MFD_PREFIX	"memfd:"
#define MFD_NAME_MAX	(NAME_MAX - (sizeof(MFD_PREFIX) - 1))
#define MFD_KNOWN	(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB)

static int check_flags(unsigned int flags)
{
	unsigned int known = MFD_KNOWN;

	/* How large the huge pages shall be. */
	if (flags & MFD_HUGETLB)
		known |= (unsigned int)MAP_HUGE_MASK << MAP_HUGE_SHIFT;
	return flags & ~known ? -EINVAL : 0;
}

/* "memfd:" and the user's name, for kfree(). ERR_PTR. */
static char *copy_name(const char __user *uname)
{
	const size_t prefix = sizeof(MFD_PREFIX) - 1;
	char *name = kmalloc(NAME_MAX + 1, GFP_KERNEL);
	long len;

	if (!name)
		return ERR_PTR(-ENOMEM);
	memcpy(name, MFD_PREFIX, prefix);
	len = strncpy_from_user(name + prefix, uname, MFD_NAME_MAX + 1);
	if (len >= 0 && len <= (long)MFD_NAME_MAX)
		return name;
	kfree(name);
	return ERR_PTR(len < 0 ? len : -EINVAL);
}

static struct file *make_file(const char *name, unsigned int flags)
{
	struct file *file;

	/* Where there is no hugetlbfs, there is none to make it in. */
	if (flags & MFD_HUGETLB)
		return ERR_PTR(-ENOSYS);
	file = shmem_file_setup(name, 0, 0);
	if (IS_ERR(file))
		return file;
	file->flags |= O_LARGEFILE;
	/* Nobody else knows it yet. */
	if (flags & MFD_ALLOW_SEALING)
		TMPFS_I(file->inode)->seals &= ~F_SEAL_SEAL;
	return file;
}

/*
 * Return: a descriptor of an empty file, open for reading and writing; -EINVAL
 * (flags, a name too long); -EFAULT; -EMFILE, -ENFILE, -ENOMEM; -ENOSYS: huge
 * pages.
 */
SYSCALL_DEFINE2(memfd_create, const char __user *, uname, unsigned int, flags)
{
	struct file *file;
	char *name;
	int fd = check_flags(flags);

	if (fd)
		return fd;
	name = copy_name(uname);
	if (IS_ERR(name))
		return PTR_ERR(name);
	fd = get_unused_fd_flags(flags & MFD_CLOEXEC ? O_CLOEXEC : 0);
	if (fd >= 0) {
		file = make_file(name, flags);
		if (IS_ERR(file)) {
			put_unused_fd(fd);
			fd = PTR_ERR(file);
		} else {
			fd_install(fd, file);
		}
	}
	kfree(name);
	return fd;
}
