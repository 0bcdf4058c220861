# Keel. `make help` lists what a person types; the two to know are
#
#	make run	boot it and get a shell
#	make test	prove that it works
#
# One Makefile, no recursion: tests/tests.mk and user/user.mk add the rules of
# their folders. Everything that is built goes to $(BUILD).

DEBUG		?= 0
0_or_1		= $(if $(filter-out 0 1,$($(1))),$(error $(1) is 0 or 1, not $($(1))))
$(foreach word,DEBUG FULL DIRECT UEFI KVM,$(call 0_or_1,$(word)))
KERNEL		?= keel
ifneq ($(filter-out keel linux,$(KERNEL)),)
$(error KERNEL is keel or linux, not $(KERNEL))
endif
ifeq ($(DEBUG),1)
BUILD		?= build/debug
else
BUILD		?= build
endif
# `O=dir` builds elsewhere, as people know it from other kernels.
ifdef O
BUILD		:= $(O)
endif

CROSS_COMPILE	?=
ifeq ($(origin CC),default)
CC		:= $(CROSS_COMPILE)gcc
endif
LD		:= $(CROSS_COMPILE)ld
NM		:= $(CROSS_COMPILE)nm
AR		:= $(CROSS_COMPILE)ar
OBJCOPY		:= $(CROSS_COMPILE)objcopy
NASM		?= nasm
PYTHON		?= python3
CACHE		?= build/cache

# V=1 shows the commands; otherwise each step is one short line.
V		?= 0
Q		:= $(if $(filter 1,$(V)),,@)
# (make says it itself: a process for each line would be a tenth of a build.)
tab		:= $(shell printf '\t')
say		= $(if $(filter 1,$(V)),,$(info $()  $(1)$(tab)$(2)))

# As many jobs as CPUs, unless the caller chose a number or is a make itself.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS	+= -j$(shell nproc 2>/dev/null || echo 2)
endif
MAKEFLAGS	+= --no-builtin-rules

.DELETE_ON_ERROR:
.DEFAULT_GOAL	:= all

# ---- the kernel ----------------------------------------------------------

ROOMS		:= arch/x86_64 kernel mm fs ipc drivers lib net
C_SRC		:= $(sort $(foreach r,$(ROOMS),$(wildcard $(r)/*.c $(r)/*/*.c $(r)/*/*/*.c)) \
		   $(wildcard tests/kernel/*.c))
C_SRC		:= $(filter-out arch/x86_64/asm_offsets.c \
		   arch/x86_64/vdso/%.c,$(C_SRC))
ASM_SRC		:= $(sort $(wildcard boot/*.asm arch/x86_64/*.asm))
# Checkers that only a debug build has.
ifneq ($(DEBUG),1)
C_SRC		:= $(filter-out kernel/lock_debug.c kernel/sched_seed.c,$(C_SRC))
endif
C_OBJ		:= $(C_SRC:%.c=$(BUILD)/%.o)
ASM_OBJ		:= $(ASM_SRC:%.asm=$(BUILD)/%.asm.o)

# Flags a compiler may lack are asked for, never assumed.
cc_option	= $(shell $(CC) $(1) -Werror -c -x c /dev/null -o /dev/null \
		    2>/dev/null && echo '$(1)')

WARNINGS	:= -Wall -Wextra -Wshadow -Wstrict-prototypes \
		   -Wmissing-prototypes -Wvla -Wimplicit-fallthrough \
		   -Wundef -Wpointer-arith
# In CI a warning is an error; a newer compiler must not stop a student.
ifdef CI
WARNINGS	+= -Werror
endif

# gdb makes no use of views of locations, which take a sixth of a build's time.
DEBUG_INFO	:= -g $(call cc_option,-gno-variable-location-views) -pipe

# Of headers that are not ours, the compiler's own and nothing of a library's.
FREESTANDING	:= -ffreestanding -nostdinc \
		   -isystem $(shell $(CC) -print-file-name=include 2>/dev/null)

KERNEL_CFLAGS	:= -std=gnu17 -Og $(DEBUG_INFO) $(FREESTANDING) \
		   -fno-pic -fno-pie -mcmodel=kernel -mno-red-zone \
		   -mgeneral-regs-only \
		   -fcf-protection=none -fno-asynchronous-unwind-tables \
		   -fno-omit-frame-pointer -fno-optimize-sibling-calls \
		   -fno-strict-aliasing -fwrapv -fno-common \
		   -fno-delete-null-pointer-checks \
		   -ffile-prefix-map=$(CURDIR)/= \
		   -Iinclude -I. -Iarch/x86_64/include $(WARNINGS)
# The canary is per CPU and switched with the task (arch/percpu.h).
KERNEL_CFLAGS	+= $(call cc_option,-fstack-protector-strong \
		   -mstack-protector-guard=tls -mstack-protector-guard-reg=gs \
		   -mstack-protector-guard-symbol=__stack_chk_guard)
ifeq ($(DEBUG),1)
KERNEL_CFLAGS	+= -DDEBUG
endif
NASM_FLAGS	:= -f elf64 -g -F dwarf -w+all \
		   -I$(BUILD)/ -I./

# No executable stack, no dynamic anything, constants where we say.
LDFLAGS		:= -nostdlib -static -no-pie -z max-page-size=4096 \
		   -z noexecstack --no-warn-rwx-segments --build-id=none \
		   --orphan-handling=place

.PHONY: all
all: $(BUILD)/keel.elf $(BUILD)/initramfs.cpio.gz

-include tests/tests.mk user/user.mk

# One mkdir a folder, not one a file.
OBJ_DIRS	:= $(patsubst %/,%,$(sort $(dir $(C_OBJ) $(ASM_OBJ))))
$(OBJ_DIRS):
	@mkdir -p $@

# What system calls, faults, wake-ups and switches spend their time in is
# compiled for speed; all else with -Og, which builds in two thirds of the time
# and which gdb steps through line by line. (Found by counting which files' code
# a benchmark's instructions are in: what is not here has little of any row.)
FAST_arch	:= $(addprefix arch/x86_64/,clock fpu fpu_frame signal thread \
		   tlb traps uaccess)
FAST_kernel	:= $(addprefix kernel/,cred entry exit fork futex mutex pid \
		   random rcu rseq rwsem sched sched_fair sched_tick sessions \
		   signal signal_deliver signal_syscalls spinlock time \
		   time_syscalls timer usage wait wait_syscalls)
FAST_fs		:= $(addprefix fs/,dcache eventfd eventpoll_wait file \
		   file_open files inode inode_fields iov_iter lookup mount \
		   namei namei_open names open pathname permission pipe \
		   read_write readdir select stat tmpfs/dir)
FAST_lib	:= $(addprefix lib/,chacha20 inflate interval_tree rbtree \
		   xarray xarray_%)
FAST_mm		:= $(addprefix mm/,brk fault% filemap% fork_copy kmalloc \
		   madvise mmap mprotect munmap page_alloc page_cache \
		   page_table rmap slab tlb_gather truncate unmap vma \
		   vma_lock vma_split)
FAST_net	:= $(addprefix net/,skb sock socket unix/recv unix/send)
FAST_OBJ	:= $(filter $(patsubst %,$(BUILD)/%.o,$(FAST_arch) $(FAST_kernel) \
		     $(FAST_fs) $(FAST_lib) $(FAST_mm) $(FAST_net)),$(C_OBJ))
$(FAST_OBJ): KERNEL_CFLAGS += -O2

$(BUILD)/%.o: %.c | $(BUILD)/asm_offsets.inc $(OBJ_DIRS)
	$(call say,CC,$<)
	$(Q)$(CC) $(KERNEL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.asm.o: %.asm $(BUILD)/asm_offsets.inc | $(OBJ_DIRS)
	$(call say,NASM,$<)
	$(Q)$(NASM) $(NASM_FLAGS) -MD $(@:.o=.d) -o $@ $<

# Offsets of the structs that assembly knows, taken from the C compiler.
$(BUILD)/asm_offsets.inc: arch/x86_64/asm_offsets.c
	@mkdir -p $(@D)
	$(call say,OFFS,$@)
	$(Q)$(CC) $(KERNEL_CFLAGS) -MMD -MP -MT $@ -MF $@.d -S -o $(BUILD)/asm_offsets.s $<
	$(Q)sed -n 's/.*->\([A-Za-z0-9_]*\) \$$*\([-0-9]*\).*/%define \1 \2/p' \
		$(BUILD)/asm_offsets.s > $@

# Names of all system calls, from the numbers of the ABI.
$(BUILD)/syscall_names.inc: include/uapi/syscall.h
	@mkdir -p $(@D)
	$(Q)sed -n 's/^#define __NR_\([a-z0-9_]*\)[[:space:]]*\([0-9]*\).*/[\2] = "\1",/p' \
		$< > $@
$(BUILD)/kernel/syscall_table.o: $(BUILD)/syscall_names.inc
$(BUILD)/kernel/syscall_table.o: KERNEL_CFLAGS += -I$(BUILD)

# The vDSO: a shared object for user mode, of one file, inside the kernel. gdb
# reads it with its symbols; what the image holds is without debug information.
VDSO_CFLAGS	:= -std=gnu17 -O2 $(DEBUG_INFO) -fPIC $(FREESTANDING) \
		   -fno-common \
		   -fcf-protection=none -fasynchronous-unwind-tables \
		   -fno-stack-protector -fno-omit-frame-pointer \
		   -mgeneral-regs-only -ffile-prefix-map=$(CURDIR)/= \
		   -Iinclude -I. -Iarch/x86_64/include $(WARNINGS)
VDSO_LDFLAGS	:= -shared -soname=linux-vdso.so.1 --hash-style=both \
		   --build-id=sha1 --eh-frame-hdr -Bsymbolic --no-undefined \
		   -z max-page-size=4096 -z noexecstack
$(BUILD)/vdso.so.dbg: arch/x86_64/vdso/vdso.c arch/x86_64/vdso/vdso.lds
	@mkdir -p $(BUILD)/arch/x86_64/vdso
	$(call say,VDSO,$@)
	$(Q)$(CC) $(VDSO_CFLAGS) -MMD -MP -MT $@ -c \
		-o $(BUILD)/arch/x86_64/vdso/vdso.o $<
	$(Q)$(LD) $(VDSO_LDFLAGS) -T arch/x86_64/vdso/vdso.lds -o $@ \
		$(BUILD)/arch/x86_64/vdso/vdso.o
-include $(BUILD)/arch/x86_64/vdso/vdso.d
$(BUILD)/vdso.so: $(BUILD)/vdso.so.dbg
	$(Q)$(OBJCOPY) --strip-debug $< $@
$(BUILD)/arch/x86_64/vdso_image.asm.o: $(BUILD)/vdso.so
$(BUILD)/arch/x86_64/vdso_image.asm.o: NASM_FLAGS += \
		-DVDSO_IMAGE='"$(BUILD)/vdso.so"'

# Linked twice: the second time with the symbol table made from the first,
# which has an empty one and no debug data: it is only looked at for names.
$(BUILD)/kallsyms-empty.o: tools/symbols.py
	@mkdir -p $(@D)
	$(Q)$(PYTHON) tools/symbols.py $(@:.o=.asm)
	$(Q)$(NASM) -f elf64 -o $@ $(@:.o=.asm)

$(BUILD)/keel.elf: $(C_OBJ) $(ASM_OBJ) $(BUILD)/kallsyms-empty.o linker.ld
	$(call say,LD,$@)
	$(Q)$(LD) $(LDFLAGS) --strip-debug -T linker.ld -o $(BUILD)/keel.stage1 \
		$(C_OBJ) $(ASM_OBJ) $(BUILD)/kallsyms-empty.o
	$(Q)$(NM) -n $(BUILD)/keel.stage1 | \
		$(PYTHON) tools/symbols.py $(BUILD)/kallsyms.asm -
	$(Q)$(NASM) -f elf64 -o $(BUILD)/kallsyms.o $(BUILD)/kallsyms.asm
	$(Q)$(LD) $(LDFLAGS) -T linker.ld -o $@ \
		$(C_OBJ) $(ASM_OBJ) $(BUILD)/kallsyms.o

-include $(C_OBJ:.o=.d) $(ASM_OBJ:.o=.d) $(BUILD)/asm_offsets.inc.d

# ---- what is booted ------------------------------------------------------

$(BUILD)/initramfs.cpio.gz: user/manifest tests/nodes.manifest \
		tools/initramfs.py $(USER_PROGS)
	$(call say,CPIO,$@)
	$(Q)tools/initramfs.py -o $@ -D USER=$(BUILD)/user \
		tests/nodes.manifest user/manifest

.PHONY: iso
iso: $(BUILD)/keel.iso

# ROOTFS=busybox boots Debian's busybox instead of our own programs.
ROOTFS		?= keel
ROOTFS_keel	:= $(BUILD)/initramfs.cpio.gz
ROOTFS_busybox	:= $(BUILD)/busybox.cpio.gz
INITRD		?= $(or $(ROOTFS_$(ROOTFS)),$(error ROOTFS is keel or busybox))
SMP		?= 2
MEM		?= 256
APPEND		?=
export SMP MEM APPEND KVM DIRECT UEFI BUILD INITRD CACHE OBJCOPY PYTHON

# Stripped for the loader; gdb reads keel.elf.
$(BUILD)/keel.iso: $(BUILD)/keel.elf $(INITRD) boot/grub.cfg \
		tools/mkiso.sh tools/grub-words.py $(BUILD)/iso.words
	$(call say,ISO,$@)
	$(Q)sh tools/mkiso.sh $@ $(BUILD)/keel.elf $(INITRD) boot/grub.cfg

# The image has the words and the user land of who made it in it: made anew
# when they are others. Touched only then.
$(BUILD)/iso.words: FORCE
	@mkdir -p $(@D)
	$(Q)printf '%s\n' "$$INITRD $$APPEND" | cmp -s - $@ || \
		printf '%s\n' "$$INITRD $$APPEND" > $@

# GRUB is the default door where its tools are.
GRUB		:= $(shell sh tools/mkiso.sh --check >/dev/null 2>&1 && echo 1)
ifeq ($(UEFI)$(DIRECT)$(GRUB),)
DIRECT		:= 1
endif
RUN_IMAGES	:= $(BUILD)/keel.elf $(INITRD)
ifneq ($(DIRECT),1)
RUN_IMAGES	+= $(BUILD)/keel.iso
endif

.PHONY: run gdb
run: $(RUN_IMAGES)
	$(Q)sh tools/run.sh

gdb: $(BUILD)/keel.elf $(INITRD)
	$(Q)sh tools/gdb.sh

# ---- proof ---------------------------------------------------------------

# T=name runs one suite or test, KERNEL=linux the oracle, FULL=1 every boot.
T		?=
FULL		?=
.PHONY: test check bench soak
test: all test-images $(if $(GRUB),iso)
	$(Q)$(TEST) $(if $(T),T='$(T)')

check: test-images
	$(Q)$(TEST) T=check

# An hour of load, for who changes what everything stands on.
SOAK_TESTS	:= compat:debian_stress,debian_pytests_all
soak: all
	$(Q)$(MAKE) T='$(SOAK_TESTS)' test-images
	$(Q)$(TEST) T='$(SOAK_TESTS)' SOAK=$(or $(SECS),60)

TEST		= CC='$(CC)' $(PYTHON) tools/test.py KERNEL=$(KERNEL) \
		  FULL=$(FULL) BUILD=$(BUILD) CACHE=$(CACHE) DEBUG=$(DEBUG)

bench: $(BUILD)/keel.elf
	$(Q)$(PYTHON) tools/bench.py --build $(BUILD) --cache $(CACHE) $(T)

# ---- the machine this is built on ----------------------------------------

# Which packages are missing is asked on every build: it takes milliseconds.
# Making the included file installs them, and make then begins again: once.
# (What is given on make's command line a $(shell) does not see by itself.)
FOR_CC		:= CC='$(CC)' CROSS_COMPILE='$(CROSS_COMPILE)'
NO_TOOLS_NEEDED	:= help doctor clean
ifneq ($(filter-out $(NO_TOOLS_NEEDED),$(or $(MAKECMDGOALS),all)),)
ifneq ($(if $(MAKE_RESTARTS),,$(shell $(FOR_CC) sh tools/deps.sh missing)),)
include build/deps.mk
build/deps.mk: FORCE
	@$(FOR_CC) sh tools/deps.sh install
	@mkdir -p build && touch $@
endif
endif
.PHONY: FORCE
FORCE:

.PHONY: doctor help clean format compile_commands.json
doctor:
	@$(FOR_CC) sh tools/deps.sh doctor

# (--dry-run makes nothing, but two files that sources include are generated.)
compile_commands.json: $(BUILD)/syscall_names.inc $(USER_OUT)/errno_names.inc
	$(Q)$(MAKE) --always-make --dry-run V=1 all test-images | \
		$(PYTHON) tools/compile_commands.py > $@

format:
	$(Q)$(PYTHON) tools/check-format.py --fix

clean:
	rm -rf build

help:
	@echo 'What to boot:'
	@echo '  make run              build, boot in QEMU through GRUB, get a shell'
	@echo '    DIRECT=1            ... through the PVH door, without GRUB'
	@echo '    UEFI=1              ... through GRUB on UEFI firmware'
	@echo '    SMP=n MEM=n         ... with n CPUs (2), n MiB of memory (256)'
	@echo '    ROOTFS=busybox      ... into Debian'"'"'s busybox'
	@echo '    APPEND="words"      ... with more on the command line'
	@echo '    KVM=1               ... with KVM instead of emulation'
	@echo '  make gdb              boot stopped, gdb attached, with our commands'
	@echo 'What to prove:'
	@echo '  make test             everything; T=suite or T=suite:name for one'
	@echo '    KERNEL=linux        ... the same tests on Linux'
	@echo '    FULL=1              ... with every door, CPU count, memory size'
	@echo '  make check            the static checks alone'
	@echo '  make soak SECS=n      stress-ng, n seconds (60) each, on 4 CPUs'
	@echo '  make bench            cost of each operation, beside Linux'
	@echo 'What to build:'
	@echo '  make                  build/keel.elf and build/initramfs.cpio.gz'
	@echo '  make iso              build/keel.iso, for BIOS and UEFI'
	@echo '  make DEBUG=1 ...      any of these with the debug build'
	@echo '  make compile_commands.json   for editors'
	@echo '  make format           lay out the sources as make check wants'
	@echo '  make doctor           look at this machine'
	@echo '  make clean            remove build/'
	@echo 'Also: CROSS_COMPILE=prefix- picks a toolchain, O=dir another build'
	@echo 'folder, V=1 shows commands, DEPS=0 never installs packages.'
