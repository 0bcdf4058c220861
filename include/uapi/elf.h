/*
 * ELF files, 64-bit: the format of programs, of this kernel, and of the
 * auxiliary vector a new program finds above its environment.
 *
 * To run a program only its ELF header and program headers are needed; the
 * section headers serve the linker, the debugger and whoever reads symbols.
 *
 * Source: man 5 elf, man 3 getauxval; the ELF gABI and the x86-64 psABI.
 */
#pragma once

#include <uapi/types.h>

#define EI_MAG0		0
#define EI_MAG1		1
#define EI_MAG2		2
#define EI_MAG3		3
#define EI_CLASS	4
#define EI_DATA		5
#define EI_VERSION	6
#define EI_OSABI	7
#define EI_PAD		8
#define EI_NIDENT	16

#define ELFMAG0		0x7f
#define ELFMAG1		'E'
#define ELFMAG2		'L'
#define ELFMAG3		'F'
#define ELFMAG		"\177ELF"
#define SELFMAG		4

#define ELFCLASSNONE	0
#define ELFCLASS32	1
#define ELFCLASS64	2
#define ELFDATANONE	0
#define ELFDATA2LSB	1
#define ELFDATA2MSB	2
#define EV_NONE		0
#define EV_CURRENT	1
#define ELFOSABI_NONE	0
#define ELFOSABI_LINUX	3

#define ET_NONE		0
#define ET_REL		1
#define ET_EXEC		2
#define ET_DYN		3	/* also a program that can be moved */
#define ET_CORE		4

#define EM_NONE		0
#define EM_386		3
#define EM_X86_64	62

struct elf64_hdr {
	__u8	e_ident[EI_NIDENT];
	__u16	e_type;
	__u16	e_machine;
	__u32	e_version;
	__u64	e_entry;
	__u64	e_phoff;
	__u64	e_shoff;
	__u32	e_flags;
	__u16	e_ehsize;
	__u16	e_phentsize;
	__u16	e_phnum;
	__u16	e_shentsize;
	__u16	e_shnum;
	__u16	e_shstrndx;
};

#define PN_XNUM		0xffff	/* e_phnum: too many, see section 0 */

struct elf64_phdr {
	__u32	p_type;
	__u32	p_flags;
	__u64	p_offset;
	__u64	p_vaddr;
	__u64	p_paddr;
	__u64	p_filesz;
	__u64	p_memsz;	/* the part beyond p_filesz is zero */
	__u64	p_align;
};

#define PT_NULL		0
#define PT_LOAD		1
#define PT_DYNAMIC	2
#define PT_INTERP	3	/* the path of the dynamic linker */
#define PT_NOTE		4
#define PT_SHLIB	5
#define PT_PHDR		6
#define PT_TLS		7
#define PT_LOOS		0x60000000
#define PT_HIOS		0x6fffffff
#define PT_LOPROC	0x70000000
#define PT_HIPROC	0x7fffffff
#define PT_GNU_EH_FRAME	0x6474e550
#define PT_GNU_STACK	0x6474e551	/* p_flags: is the stack executable? */
#define PT_GNU_RELRO	0x6474e552
#define PT_GNU_PROPERTY	0x6474e553

#define PF_X		0x1
#define PF_W		0x2
#define PF_R		0x4

struct elf64_shdr {
	__u32	sh_name;	/* offset in the section of names */
	__u32	sh_type;
	__u64	sh_flags;
	__u64	sh_addr;
	__u64	sh_offset;
	__u64	sh_size;
	__u32	sh_link;
	__u32	sh_info;
	__u64	sh_addralign;
	__u64	sh_entsize;
};

#define SHT_NULL	0
#define SHT_PROGBITS	1
#define SHT_SYMTAB	2
#define SHT_STRTAB	3
#define SHT_RELA	4
#define SHT_HASH	5
#define SHT_DYNAMIC	6
#define SHT_NOTE	7
#define SHT_NOBITS	8
#define SHT_REL		9
#define SHT_SHLIB	10
#define SHT_DYNSYM	11
#define SHT_INIT_ARRAY	14
#define SHT_FINI_ARRAY	15

#define SHF_WRITE	0x1
#define SHF_ALLOC	0x2
#define SHF_EXECINSTR	0x4

#define SHN_UNDEF	0
#define SHN_LORESERVE	0xff00
#define SHN_ABS		0xfff1
#define SHN_COMMON	0xfff2
#define SHN_HIRESERVE	0xffff

struct elf64_sym {
	__u32	st_name;
	__u8	st_info;
	__u8	st_other;
	__u16	st_shndx;
	__u64	st_value;
	__u64	st_size;
};

#define STN_UNDEF	0
#define STB_LOCAL	0
#define STB_GLOBAL	1
#define STB_WEAK	2
#define STT_NOTYPE	0
#define STT_OBJECT	1
#define STT_FUNC	2
#define STT_SECTION	3
#define STT_FILE	4
#define STT_COMMON	5
#define STT_TLS		6

#define ELF64_ST_BIND(info)	((info) >> 4)
#define ELF64_ST_TYPE(info)	((info) & 0xf)

struct elf64_rel {
	__u64	r_offset;
	__u64	r_info;
};

struct elf64_rela {
	__u64	r_offset;
	__u64	r_info;
	__s64	r_addend;
};

#define ELF64_R_SYM(info)	((info) >> 32)
#define ELF64_R_TYPE(info)	((info) & 0xffffffff)

#define R_X86_64_NONE		0
#define R_X86_64_64		1
#define R_X86_64_PC32		2
#define R_X86_64_GOT32		3
#define R_X86_64_PLT32		4
#define R_X86_64_COPY		5
#define R_X86_64_GLOB_DAT	6
#define R_X86_64_JUMP_SLOT	7
#define R_X86_64_RELATIVE	8
#define R_X86_64_GOTPCREL	9
#define R_X86_64_32		10
#define R_X86_64_32S		11
#define R_X86_64_16		12
#define R_X86_64_PC16		13
#define R_X86_64_8		14
#define R_X86_64_PC8		15
#define R_X86_64_PC64		24

struct elf64_dyn {
	__s64	d_tag;
	union {
		__u64	d_val;
		__u64	d_ptr;
	} d_un;
};

#define DT_NULL		0
#define DT_NEEDED	1
#define DT_PLTRELSZ	2
#define DT_PLTGOT	3
#define DT_HASH		4
#define DT_STRTAB	5
#define DT_SYMTAB	6
#define DT_RELA		7
#define DT_RELASZ	8
#define DT_RELAENT	9
#define DT_STRSZ	10
#define DT_SYMENT	11
#define DT_INIT		12
#define DT_FINI		13
#define DT_SONAME	14
#define DT_RPATH	15
#define DT_SYMBOLIC	16
#define DT_REL		17
#define DT_RELSZ	18
#define DT_RELENT	19
#define DT_PLTREL	20
#define DT_DEBUG	21
#define DT_TEXTREL	22
#define DT_JMPREL	23

/* A note: this header, the name, the contents, both padded to 4 bytes. */
struct elf64_note {
	__u32	n_namesz;
	__u32	n_descsz;
	__u32	n_type;
};

#define NT_PRSTATUS	1
#define NT_PRFPREG	2
#define NT_PRPSINFO	3
#define NT_AUXV		6
#define NT_SIGINFO	0x53494749
#define NT_FILE		0x46494c45
#define NT_386_IOPERM	0x201
#define NT_X86_XSTATE	0x202

/* Of the name "GNU". */
#define NT_GNU_BUILD_ID		3
#define NT_GNU_PROPERTY_TYPE_0	5

/* The auxiliary vector: pairs, the last of type AT_NULL. */
struct elf64_auxv {
	__u64	a_type;
	__u64	a_val;
};

#define AT_NULL			0
#define AT_IGNORE		1
#define AT_EXECFD		2
#define AT_PHDR			3	/* the program headers in memory */
#define AT_PHENT		4
#define AT_PHNUM		5
#define AT_PAGESZ		6
#define AT_BASE			7	/* where the interpreter was loaded */
#define AT_FLAGS		8
#define AT_ENTRY		9	/* the program's own entry point */
#define AT_NOTELF		10
#define AT_UID			11
#define AT_EUID			12
#define AT_GID			13
#define AT_EGID			14
#define AT_PLATFORM		15	/* "x86_64" */
#define AT_HWCAP		16	/* CPUID leaf 1, edx */
#define AT_CLKTCK		17
#define AT_SECURE		23	/* set-id: distrust the environment */
#define AT_BASE_PLATFORM	24
#define AT_RANDOM		25	/* 16 random bytes */
#define AT_HWCAP2		26
#define AT_EXECFN		31	/* the path given to execve */
#define AT_SYSINFO_EHDR		33	/* the vDSO */
#define AT_MINSIGSTKSZ		51	/* a signal frame needs that much */

#define HWCAP2_RING3MWAIT	(1 << 0)
#define HWCAP2_FSGSBASE		(1 << 1)	/* rdfsbase may be used */
