/*
 * prctl(PR_SET_MM): where the parts of a program lie.
 *
 * Nothing in the kernel depends on these numbers but brk(2) and what /proc
 * shows; they are what exec saw in the file. A program that a checkpoint is
 * restored into, and one that wants another command line to be shown, know
 * better. Each field can be set by itself, or all of them at once, which needs
 * no right: that way nobody can make others believe in a heap beyond
 * RLIMIT_DATA or in an end before its beginning. To be called another file is
 * for who may restore checkpoints.
 *
 * Source: man 2 PR_SET_MM.
 */
#include <kernel/prctl.h>

#include <arch/uaccess.h>
#include <fs/file.h>
#include <fs/files.h>
#include <fs/inode.h>
#include <fs/mount.h>
#include <kernel/cred.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/vma.h>
#include <uapi/prctl.h>

/* Locking: mmap_lock. */
static void get_fields(const struct mm *mm, struct prctl_mm_map *map)
{
	*map = (struct prctl_mm_map){
		.start_code = mm->start_code, .end_code = mm->end_code,
		.start_data = mm->start_data, .end_data = mm->end_data,
		.start_brk = mm->start_brk, .brk = mm->brk,
		.start_stack = mm->start_stack,
		.arg_start = mm->arg_start, .arg_end = mm->arg_end,
		.env_start = mm->env_start, .env_end = mm->env_end,
	};
}

static void set_fields(struct mm *mm, const struct prctl_mm_map *map)
{
	mm->start_code = map->start_code;
	mm->end_code = map->end_code;
	mm->start_data = map->start_data;
	mm->end_data = map->end_data;
	mm->start_brk = map->start_brk;
	mm->brk = map->brk;
	mm->start_stack = map->start_stack;
	mm->arg_start = map->arg_start;
	mm->arg_end = map->arg_end;
	mm->env_start = map->env_start;
	mm->env_end = map->env_end;
}

/* All are user addresses, ends follow beginnings, and the data is no excess. */
static bool is_plausible(const struct prctl_mm_map *map)
{
	const uint64_t addresses[] = {
		map->start_code, map->end_code, map->start_data, map->end_data,
		map->start_brk, map->brk, map->start_stack, map->arg_start,
		map->arg_end, map->env_start, map->env_end,
	};
	uint64_t limit = task_rlimit(current, RLIMIT_DATA);

	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
		if (addresses[i] >= TASK_SIZE ||
		    addresses[i] < sysctl_mmap_min_addr)
			return false;
	return map->start_code < map->end_code &&
	       map->start_data <= map->end_data &&
	       map->start_brk <= map->brk && map->arg_start <= map->arg_end &&
	       map->env_start <= map->env_end &&
	       map->brk - map->start_brk + map->end_data - map->start_data <=
	       limit;
}

/* The field that @field means, or NULL. */
static __u64 *find_field(struct prctl_mm_map *map, unsigned long field)
{
	static const uint8_t offsets[] = {
#define FIELD(name)	offsetof(struct prctl_mm_map, name)
		[PR_SET_MM_START_CODE] = FIELD(start_code),
		[PR_SET_MM_END_CODE] = FIELD(end_code),
		[PR_SET_MM_START_DATA] = FIELD(start_data),
		[PR_SET_MM_END_DATA] = FIELD(end_data),
		[PR_SET_MM_START_STACK] = FIELD(start_stack),
		[PR_SET_MM_START_BRK] = FIELD(start_brk),
		[PR_SET_MM_BRK] = FIELD(brk),
		[PR_SET_MM_ARG_START] = FIELD(arg_start),
		[PR_SET_MM_ARG_END] = FIELD(arg_end),
		[PR_SET_MM_ENV_START] = FIELD(env_start),
		[PR_SET_MM_ENV_END] = FIELD(env_end),
#undef FIELD
	};

	if (field < PR_SET_MM_START_CODE || field >= ARRAY_SIZE(offsets))
		return NULL;
	return (__u64 *)((char *)map + offsets[field]);
}

/* These lie in memory that has to be there, or at least below some. */
static bool must_be_mapped(unsigned long field)
{
	return field == PR_SET_MM_START_STACK ||
	       (field >= PR_SET_MM_ARG_START && field <= PR_SET_MM_ENV_END);
}

static long set_one(struct mm *mm, unsigned long field, unsigned long value)
{
	struct prctl_mm_map map;
	long err = -EINVAL;
	__u64 *to = find_field(&map, field);

	if (!to || value >= TASK_SIZE || value < sysctl_mmap_min_addr)
		return -EINVAL;
	down_write(&mm->mmap_lock);
	get_fields(mm, &map);
	*to = value;
	if (!is_plausible(&map))
		goto unlock;
	err = -EFAULT;
	if (must_be_mapped(field) && !find_vma(mm, value))
		goto unlock;
	set_fields(mm, &map);
	err = 0;
unlock:
	up_write(&mm->mmap_lock);
	return err;
}

/* ---- the auxiliary vector ---- */

/* Its last pair is AT_NULL, whatever the user says. */
static int copy_auxv(unsigned long *auxv, const void __user *from, size_t len)
{
	memset(auxv, 0, AT_VECTOR_LONGS * sizeof(*auxv));
	if (copy_from_user(auxv, from, len))
		return -EFAULT;
	auxv[AT_VECTOR_LONGS - 2] = auxv[AT_VECTOR_LONGS - 1] = 0;
	return 0;
}

static long set_auxv(struct mm *mm, const void __user *from, size_t len)
{
	unsigned long auxv[AT_VECTOR_LONGS];

	if (len > sizeof(auxv))
		return -EINVAL;
	if (copy_auxv(auxv, from, len))
		return -EFAULT;
	down_write(&mm->mmap_lock);
	memcpy(mm->saved_auxv, auxv, len);
	up_write(&mm->mmap_lock);
	return 0;
}

/* ---- the file ---- */

static bool is_mapped(struct mm *mm, const struct file *file)
{
	struct vma *vma;

	for_each_vma(mm, vma)
		if (vma->file && vma->file->path.dentry == file->path.dentry &&
		    vma->file->path.mount == file->path.mount)
			return true;
	return false;
}

/* @file instead of the old program, of which nothing may be left in memory. */
static long replace_exe(struct mm *mm, struct file *file)
{
	struct file *old;

	if (deny_write_access(file->inode))
		return -EACCES;
	down_write(&mm->mmap_lock);
	old = mm->exe_file;
	if (old && is_mapped(mm, old)) {
		up_write(&mm->mmap_lock);
		allow_write_access(file->inode);
		return -EBUSY;
	}
	mm->exe_file = get_file(file);
	up_write(&mm->mmap_lock);
	if (old) {
		allow_write_access(old->inode);
		fput(old);
	}
	return 0;
}

static long set_exe_file(struct mm *mm, unsigned int fd)
{
	struct fd f = fdget(fd);
	long err = -EACCES;

	if (!f.file)
		return -EBADF;
	if (S_ISREG(f.file->inode->mode) && !path_noexec(&f.file->path))
		err = inode_permission(f.file->inode, MAY_EXEC);
	if (!err)
		err = replace_exe(mm, f.file);
	fdput(f);
	return err;
}

/* ---- all of it ---- */

static long set_all(struct mm *mm, const void __user *from, size_t size)
{
	unsigned long auxv[AT_VECTOR_LONGS];
	struct prctl_mm_map map;
	long err;

	if (size != sizeof(map))
		return -EINVAL;
	if (copy_from_user(&map, from, sizeof(map)))
		return -EFAULT;
	if (!is_plausible(&map))
		return -EINVAL;
	if (map.auxv_size) {
		if (!map.auxv || map.auxv_size > sizeof(auxv))
			return -EINVAL;
		if (copy_auxv(auxv, (const void __user *)map.auxv,
			      map.auxv_size))
			return -EFAULT;
	}
	if (map.exe_fd != (__u32)-1) {
		if (!capable(CAP_CHECKPOINT_RESTORE) && !capable(CAP_SYS_ADMIN))
			return -EPERM;
		err = set_exe_file(mm, map.exe_fd);
		if (err)
			return err;
	}
	down_write(&mm->mmap_lock);
	set_fields(mm, &map);
	if (map.auxv_size)
		memcpy(mm->saved_auxv, auxv, sizeof(auxv));
	up_write(&mm->mmap_lock);
	return 0;
}

/*
 * Context: process; may sleep. Return: 0; -EPERM; -EINVAL (field, arguments,
 * no such order), -EFAULT, -EBADF, -EACCES, -EBUSY (the file).
 */
long prctl_set_mm(unsigned long field, unsigned long value, unsigned long len,
		  unsigned long rest)
{
	bool has_len = field == PR_SET_MM_AUXV || field == PR_SET_MM_MAP ||
		       field == PR_SET_MM_MAP_SIZE;
	struct mm *mm = current->mm;

	if (rest || (len && !has_len))
		return -EINVAL;
	if (field == PR_SET_MM_MAP_SIZE)
		return put_user((unsigned int)sizeof(struct prctl_mm_map),
				(unsigned int __user *)value);
	if (field == PR_SET_MM_MAP)
		return set_all(mm, (const void __user *)value, len);
	if (!capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (field == PR_SET_MM_EXE_FILE)
		return set_exe_file(mm, value);
	if (field == PR_SET_MM_AUXV)
		return set_auxv(mm, (const void __user *)value, len);
	return set_one(mm, field, value);
}
