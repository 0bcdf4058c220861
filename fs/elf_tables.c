/*
 * What a program finds on its stack when it starts: argc, the pointers to its
 * arguments and environment, and the auxiliary vector, by which the kernel
 * tells the C library and the dynamic linker what they need to know.
 *
 *	sp ->	argc
 *		argv[0] ... argv[argc-1], NULL
 *		envp[0] ..., NULL
 *		auxiliary vector: pairs (type, value), up to AT_NULL
 *		padding, 16 random bytes, "x86_64"
 *		the strings (bprm->p), see fs/exec.c
 *
 * sp is a multiple of 16, as the ABI wants it at the entry point.
 *
 * Source: System V ABI, AMD64 supplement, section 3.4.1; man 3 getauxval.
 */
#include <arch/cpu.h>
#include <arch/current.h>
#include <arch/uaccess.h>
#include <fs/elf_load.h>
#include <fs/exec.h>
#include <kernel/cred.h>
#include <kernel/random.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <uapi/elf.h>
#include <uapi/limits.h>
#include <uapi/resource.h>

static const char platform[] = "x86_64";

struct stack_writer {
	unsigned long __user	*at;	/* where the next word goes */
	bool			failed;
};

static void put_word(struct stack_writer *w, unsigned long value)
{
	if (put_user(value, w->at))
		w->failed = true;
	w->at++;
}

static unsigned long push(unsigned long *sp, const void *data, size_t len)
{
	*sp -= len;
	return copy_to_user((void __user *)*sp, data, len) ? 0 : *sp;
}

/* Fill mm->saved_auxv, which /proc/<pid>/auxv shows. Return: longs used. */
static unsigned int fill_auxv(struct linux_binprm *bprm,
			      const struct elf_load_info *info,
			      unsigned long random, unsigned long platform_addr)
{
	const struct cred *cred = current_cred();
	unsigned long *auxv = current->mm->saved_auxv;
	unsigned int n = 0;

#define AUX(type, value) (auxv[n++] = (type), auxv[n++] = (value))
	AUX(AT_SYSINFO_EHDR, info->vdso);
	AUX(AT_MINSIGSTKSZ, arch_signal_frame_size());
	AUX(AT_HWCAP, arch_elf_hwcap());
	AUX(AT_PAGESZ, PAGE_SIZE);
	AUX(AT_CLKTCK, USER_HZ);
	AUX(AT_PHDR, info->phdr_addr);
	AUX(AT_PHENT, sizeof(struct elf64_phdr));
	AUX(AT_PHNUM, info->phnum);
	AUX(AT_BASE, info->interp_base);
	AUX(AT_FLAGS, 0);
	AUX(AT_ENTRY, info->entry);
	AUX(AT_UID, cred->uid);
	AUX(AT_EUID, cred->euid);
	AUX(AT_GID, cred->gid);
	AUX(AT_EGID, cred->egid);
	AUX(AT_SECURE, bprm->secure);
	AUX(AT_RANDOM, random);
	AUX(AT_HWCAP2, arch_elf_hwcap2());
	AUX(AT_EXECFN, bprm->filename_addr);
	AUX(AT_PLATFORM, platform_addr);
	AUX(AT_NULL, 0);
#undef AUX
	static_assert(AT_VECTOR_LONGS >= 40, "saved_auxv is too short");
	return n;
}

/* Pointers to @n strings beginning at *@at, each found by its length. */
static int put_pointers(struct stack_writer *w, int n, unsigned long *at)
{
	while (n-- > 0) {
		long len;

		put_word(w, *at);
		len = strnlen_user((const char __user *)*at, MAX_ARG_STRLEN);
		if (len <= 0 || len > MAX_ARG_STRLEN)
			return -EINVAL;
		*at += len;
	}
	put_word(w, 0);
	return 0;
}

/*
 * Write the tables below bprm->p and say in *@sp where they begin.
 *
 * Context: process, in the new address space; may fault.
 * Return:  0, -EFAULT, -EINVAL.
 */
int elf_create_tables(struct linux_binprm *bprm,
		      const struct elf_load_info *info, unsigned long *sp)
{
	unsigned long strings = bprm->p, top = bprm->p, random, name;
	unsigned int auxv_longs, words;
	struct mm *mm = current->mm;
	struct stack_writer w = {};
	uint8_t bytes[16];
	int err;

	name = push(&top, platform, sizeof(platform));
	get_random_bytes(bytes, sizeof(bytes));
	random = push(&top, bytes, sizeof(bytes));
	if (!name || !random)
		return -EFAULT;
	auxv_longs = fill_auxv(bprm, info, random, name);
	words = 1 + bprm->argc + 1 + bprm->envc + 1 + auxv_longs;
	top = ALIGN_DOWN(top - words * sizeof(long), 16);

	w.at = (unsigned long __user *)top;
	put_word(&w, bprm->argc);
	mm->arg_start = strings;
	err = put_pointers(&w, bprm->argc, &strings);
	mm->arg_end = mm->env_start = strings;
	if (!err)
		err = put_pointers(&w, bprm->envc, &strings);
	mm->env_end = strings;
	mm->start_stack = top;
	if (err || w.failed)
		return err ?: -EFAULT;
	if (copy_to_user(w.at, mm->saved_auxv, auxv_longs * sizeof(long)))
		return -EFAULT;
	mm_map_page_zero();
	*sp = top;
	return 0;
}
