/*
 * The system calls that open, close and name places: open, close, chdir,
 * chroot, access, and the making of descriptors.
 */
#include <fs/file.h>

#include <fs/files.h>
#include <fs/fs.h>
#include <fs/mount.h>
#include <fs/namei.h>
#include <kernel/cred.h>
#include <kernel/syscall.h>
#include <kernel/user_struct.h>
#include <mm/slab.h>
#include <uapi/fcntl.h>

#include "file_internal.h"
#include "internal.h"
#include "open_internal.h"

#define OPEN_FLAGS_VALID \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | \
	 O_NONBLOCK | O_DSYNC | FASYNC | O_DIRECT | O_LARGEFILE | \
	 O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | __O_SYNC | \
	 O_PATH | __O_TMPFILE)
#define OPEN_FLAGS_PATH	(O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC)
#define RESOLVE_VALID \
	(RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | \
	 RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_CACHED)

static int access_mode(unsigned int flags)
{
	static const int modes[] = {
		[O_RDONLY] = MAY_READ,
		[O_WRONLY] = MAY_WRITE,
		[O_RDWR] = MAY_READ | MAY_WRITE,
		[O_ACCMODE] = MAY_READ | MAY_WRITE,
	};

	return modes[flags & O_ACCMODE];
}

static unsigned int resolve_to_lookup(uint64_t resolve)
{
	unsigned int flags = 0;

	if (resolve & RESOLVE_NO_XDEV)
		flags |= LOOKUP_NO_XDEV;
	if (resolve & RESOLVE_NO_MAGICLINKS)
		flags |= LOOKUP_NO_MAGICLINKS;
	if (resolve & RESOLVE_NO_SYMLINKS)
		flags |= LOOKUP_NO_SYMLINKS | LOOKUP_NO_MAGICLINKS;
	if (resolve & RESOLVE_BENEATH)
		flags |= LOOKUP_BENEATH;
	if (resolve & RESOLVE_IN_ROOT)
		flags |= LOOKUP_IN_ROOT;
	if (resolve & RESOLVE_CACHED)
		flags |= LOOKUP_CACHED;
	return flags;
}

static int check_how(const struct open_how *how)
{
	const uint64_t flags = how->flags;

	if ((flags & ~(uint64_t)OPEN_FLAGS_VALID) ||
	    (how->resolve & ~(uint64_t)RESOLVE_VALID))
		return -EINVAL;
	if ((how->resolve & RESOLVE_BENEATH) &&
	    (how->resolve & RESOLVE_IN_ROOT))
		return -EINVAL;
	if (how->mode & ~07777ULL)
		return -EINVAL;
	if (how->mode && !(flags & (O_CREAT | __O_TMPFILE)))
		return -EINVAL;
	if ((flags & O_PATH) && (flags & ~(uint64_t)OPEN_FLAGS_PATH))
		return -EINVAL;
	if ((flags & O_DIRECTORY) && (flags & O_CREAT))
		return -EINVAL;
	if ((flags & __O_TMPFILE) &&
	    (!(flags & O_DIRECTORY) || (flags & O_ACCMODE) == O_RDONLY))
		return -EINVAL;
	if ((how->resolve & RESOLVE_CACHED) &&
	    (flags & (O_TRUNC | O_CREAT | __O_TMPFILE)))
		return -EAGAIN;
	return 0;
}

/* Take @how apart. 0; -EINVAL; -EAGAIN (RESOLVE_CACHED with O_CREAT). */
int build_open_flags(const struct open_how *how, struct open_flags *op)
{
	unsigned int flags = how->flags;
	int err = check_how(how);

	if (err)
		return err;
	op->flags = flags;
	op->mode = how->mode;
	op->acc_mode = access_mode(flags);
	if (flags & O_TRUNC)
		op->acc_mode |= MAY_WRITE;
	if (flags & O_APPEND)
		op->acc_mode |= MAY_APPEND;
	if (flags & O_PATH)
		op->acc_mode = 0;
	op->lookup_flags = how->resolve ? resolve_to_lookup(how->resolve) : 0;
	if (flags & O_CREAT) {
		op->lookup_flags |= LOOKUP_CREATE;
		if (flags & O_EXCL)
			flags |= O_NOFOLLOW;
	}
	if (flags & O_DIRECTORY)
		op->lookup_flags |= LOOKUP_DIRECTORY;
	if (!(flags & O_NOFOLLOW))
		op->lookup_flags |= LOOKUP_FOLLOW;
	return 0;
}

/* What open(2), other than openat2(2), silently puts right. */
static struct open_how how_of_open(unsigned int flags, mode_t mode)
{
	struct open_how how = { .flags = flags & OPEN_FLAGS_VALID };

	if (how.flags & O_PATH)
		how.flags &= OPEN_FLAGS_PATH;
	else
		how.flags |= O_LARGEFILE;
	if (how.flags & (O_CREAT | __O_TMPFILE))
		how.mode = mode & 07777;
	return how;
}

static long do_openat(int dfd, const char __user *name,
		      const struct open_how *how)
{
	struct open_flags op;
	struct pathname p;
	struct file *file;
	int err = build_open_flags(how, &op), fd;

	if (err)
		return err;
	if (op.flags & O_CREAT)
		op.mode &= ~current_umask();
	err = pathname_get(&p, name, 0);
	if (err)
		return err;
	fd = get_unused_fd_flags(op.flags);
	if (fd >= 0) {
		file = open_at(dfd, p.name, &op);
		if (IS_ERR(file)) {
			put_unused_fd(fd);
			fd = PTR_ERR(file);
		} else {
			fd_install(fd, file);
		}
	}
	pathname_put(&p);
	return fd;
}

SYSCALL_DEFINE3(open, const char __user *, name, int, flags, mode_t, mode)
{
	struct open_how how = how_of_open(flags, mode);

	return do_openat(AT_FDCWD, name, &how);
}

SYSCALL_DEFINE4(openat, int, dfd, const char __user *, name, int, flags,
		mode_t, mode)
{
	struct open_how how = how_of_open(flags, mode);

	return do_openat(dfd, name, &how);
}

SYSCALL_DEFINE2(creat, const char __user *, name, mode_t, mode)
{
	struct open_how how = how_of_open(O_CREAT | O_WRONLY | O_TRUNC, mode);

	return do_openat(AT_FDCWD, name, &how);
}

SYSCALL_DEFINE4(openat2, int, dfd, const char __user *, name,
		const struct open_how __user *, user, size_t, size)
{
	struct open_how how;
	int err;

	if (size < OPEN_HOW_SIZE_VER0)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(&how, sizeof(how), user, size);
	if (err)
		return err;
	if (!(how.flags & O_PATH))
		how.flags |= O_LARGEFILE;
	return do_openat(dfd, name, &how);
}

SYSCALL_DEFINE1(close, unsigned int, fd)
{
	int err = close_fd(fd);

	/* The descriptor is gone: doing it again would be wrong. */
	if (unlikely(err == -ERESTARTSYS || err == -ERESTARTNOINTR ||
		     err == -ERESTARTNOHAND || err == -ERESTART_RESTARTBLOCK))
		return -EINTR;
	return err;
}

/* From inside the kernel. Context: may sleep. Return: ERR_PTR. */
struct file *filp_open(const char *name, int flags, mode_t mode)
{
	struct open_how how = how_of_open(flags, mode);
	struct open_flags op;
	struct pathname p;
	struct file *file;
	int err = build_open_flags(&how, &op);

	if (!err)
		err = pathname_get_kernel(&p, name);
	if (err)
		return ERR_PTR(err);
	file = open_at(AT_FDCWD, p.name, &op);
	pathname_put(&p);
	return file;
}

/* ---- places ---- */

/* May it be a working directory or root? The lookup saw to the type. */
static int chdir_allowed(const struct path *path)
{
	return path_permission(path, MAY_EXEC | MAY_CHDIR);
}

SYSCALL_DEFINE1(chdir, const char __user *, name)
{
	struct path path;
	int err = user_path_at(AT_FDCWD, name,
			       LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);

	if (err)
		return err;
	err = chdir_allowed(&path);
	if (!err)
		fs_set_pwd(current->fs, &path);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE1(fchdir, unsigned int, fd)
{
	struct fd f = fdget_raw(fd);
	int err;

	if (!f.file)
		return -EBADF;
	err = -ENOTDIR;
	if (d_is_dir(f.file->path.dentry))
		err = chdir_allowed(&f.file->path);
	if (!err)
		fs_set_pwd(current->fs, &f.file->path);
	fdput(f);
	return err;
}

SYSCALL_DEFINE1(chroot, const char __user *, name)
{
	struct path path;
	int err = user_path_at(AT_FDCWD, name,
			       LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);

	if (err)
		return err;
	err = chdir_allowed(&path);
	if (!err && !capable(CAP_SYS_CHROOT))
		err = -EPERM;
	if (!err)
		fs_set_root(current->fs, &path);
	path_put(&path);
	return err;
}

/* @buf has room for @size bytes. Return: the length with its NUL, or errno. */
SYSCALL_DEFINE2(getcwd, char __user *, buf, unsigned long, size)
{
	struct path pwd;
	char *page, *text;
	long len;

	page = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	fs_get_pwd(current->fs, &pwd);
	len = -ENOENT;
	if (!d_unlinked(pwd.dentry)) {
		text = d_path(&pwd, page, PATH_MAX);
		len = PTR_ERR(text);
		if (!IS_ERR(text)) {
			len = page + PATH_MAX - text;
			if ((unsigned long)len > size)
				len = -ERANGE;
			else if (copy_to_user(buf, text, len))
				len = -EFAULT;
		}
	}
	path_put(&pwd);
	kfree(page);
	return len;
}

/* ---- access(2) ---- */

/*
 * access(2) asks for the real user: act as him for the duration of the call.
 * Capabilities count only if he is root, or has chosen to keep them.
 */
static const struct cred *real_user_cred(void)
{
	struct cred *cred = prepare_creds();

	if (!cred)
		return NULL;
	cred->fsuid = cred->uid;
	cred->fsgid = cred->gid;
	cred->cap_effective = cred->uid ? 0 : cred->cap_permitted;
	return cred;
}

static bool acts_as_real_user(void)
{
	const struct cred *cred = current_cred();

	return cred->fsuid == cred->uid && cred->fsgid == cred->gid &&
	       cred->cap_effective == (cred->uid ? 0 : cred->cap_permitted);
}

static int access_path(const struct path *path, int mode)
{
	struct inode *inode = path->dentry->inode;
	int err;

	if ((mode & MAY_EXEC) && S_ISREG(inode->mode) && path_noexec(path))
		return -EACCES;
	err = inode_permission(inode, mode | MAY_ACCESS);
	if (!err && (mode & MAY_WRITE) && mnt_is_readonly(path->mount) &&
	    (S_ISREG(inode->mode) || S_ISDIR(inode->mode) ||
	     S_ISLNK(inode->mode)))
		err = -EROFS;
	return err;
}

static int access_at(int dfd, const char __user *name, int mode,
		     unsigned int lookup_flags)
{
	struct path path;
	int err = user_path_at(dfd, name, lookup_flags, &path);

	if (err)
		return err;
	err = access_path(&path, mode);
	path_put(&path);
	return err;
}

static long do_faccessat(int dfd, const char __user *name, int mode, int flags)
{
	unsigned int lookup_flags = flags & AT_SYMLINK_NOFOLLOW ?
					    0 : LOOKUP_FOLLOW;
	const struct cred *own = current_cred(), *real;
	int err;

	if (mode & ~(R_OK | W_OK | X_OK))
		return -EINVAL;
	if (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH)
		lookup_flags |= LOOKUP_EMPTY;
	if ((flags & AT_EACCESS) || acts_as_real_user())
		return access_at(dfd, name, mode, lookup_flags);
	real = real_user_cred();
	if (!real)
		return -ENOMEM;
	current->cred = real;
	err = access_at(dfd, name, mode, lookup_flags);
	current->cred = own;
	abort_creds((struct cred *)real);
	return err;
}

SYSCALL_DEFINE4(faccessat2, int, dfd, const char __user *, name, int, mode,
		int, flags)
{
	return do_faccessat(dfd, name, mode, flags);
}

SYSCALL_DEFINE3(faccessat, int, dfd, const char __user *, name, int, mode)
{
	return do_faccessat(dfd, name, mode, 0);
}

SYSCALL_DEFINE2(access, const char __user *, name, int, mode)
{
	return do_faccessat(AT_FDCWD, name, mode, 0);
}
