# How the first programs are built: our own C library, init, the shell and the
# small programs, each one static file that runs on any kernel with Linux's
# ABI. The top Makefile includes this file; it sets BUILD, CC, AR and NASM.
#
#	user-programs		all of them
#	$(USER_PROGS)		the files, in $(BUILD)/user
#
# A program is its sources linked with crt0 and libc.a; the linker takes from
# the archive only what is used, and from that only the functions that are.

USER_OUT	:= $(BUILD)/user
# Objects stand apart: $(USER_OUT)/init is a program, not a folder.
USER_OBJ	:= $(USER_OUT)/obj
# Each program with its symbols, for gdb; what is booted must be small.
USER_SYMBOLS	:= $(USER_OUT)/symbols
user_objects	= $(patsubst user/%.c,$(USER_OBJ)/%.o,$(filter %.c,$(1))) \
		  $(patsubst user/%.asm,$(USER_OBJ)/%.asm.o,\
		     $(filter %.asm,$(1)))

# (-Og: they are there to be stepped through.)
USER_CFLAGS	:= -std=gnu17 -Og $(DEBUG_INFO) $(FREESTANDING) \
		   -Iuser/libc/include -Iinclude \
		   -fno-pic -fno-pie -fcf-protection=none \
		   -fno-stack-protector -fno-asynchronous-unwind-tables \
		   -fno-common -ffunction-sections -fdata-sections \
		   -ffile-prefix-map=$(CURDIR)/= \
		   -Wall -Wextra -Wshadow -Wstrict-prototypes \
		   -Wmissing-prototypes -Wvla -Wimplicit-fallthrough -Wundef \
		   -Wpointer-arith
ifdef CI
USER_CFLAGS	+= -Werror
endif
# gcc would turn the loop inside memcpy into a call of memcpy (mem.c).
LIBC_CFLAGS	:= -fno-tree-loop-distribute-patterns
USER_LDFLAGS	:= -nostdlib -static -no-pie --gc-sections -z noexecstack \
		   -z max-page-size=4096 -z separate-code --build-id=none

LIBC_SRC	:= $(sort $(wildcard user/libc/*.c user/libc/stdio/*.c))
LIBC_ASM	:= $(filter-out %/crt0.asm,$(wildcard user/libc/x86_64/*.asm))
LIBC_OBJ	:= $(call user_objects,$(LIBC_SRC) $(LIBC_ASM))
CRT0		:= $(USER_OBJ)/libc/x86_64/crt0.asm.o
LIBC		:= $(USER_OUT)/libc.a

INIT_OBJ	:= $(call user_objects,$(sort $(wildcard user/init/*.c)))
SH_OBJ		:= $(call user_objects,$(sort $(wildcard user/sh/*.c)))
BIN_SRC		:= $(sort $(wildcard user/bin/*.c))
BIN_OBJ		:= $(call user_objects,$(BIN_SRC))
BIN_COMMON_OBJ	:= $(call user_objects,$(sort $(wildcard user/bin/common/*.c)))
BIN_COMMON	:= $(USER_OUT)/libbin.a
BIN_PROGS	:= $(BIN_SRC:user/bin/%.c=$(USER_OUT)/bin/%)
# poweroff does what it is called.
BIN_ALIASES	:= $(addprefix $(USER_OUT)/bin/,halt reboot)
# The one program there that is more than a file.
STRACE_OBJ	:= $(call user_objects,$(sort $(wildcard user/bin/strace/*.c)))
STRACE		:= $(USER_OUT)/bin/strace
USER_PROGS	:= $(USER_OUT)/init $(USER_OUT)/sh $(BIN_PROGS) $(STRACE) $(BIN_ALIASES)

.PHONY: user-programs
user-programs: $(USER_PROGS)

$(LIBC_OBJ): USER_CFLAGS += $(LIBC_CFLAGS)

USER_DIRS	:= $(patsubst %/,%,$(sort $(USER_OUT) $(USER_SYMBOLS) \
		     $(USER_OUT)/bin $(dir $(LIBC_OBJ) $(CRT0) $(INIT_OBJ) \
		     $(SH_OBJ) $(BIN_OBJ) $(BIN_COMMON_OBJ) $(STRACE_OBJ))))
$(USER_DIRS):
	@mkdir -p $@

$(USER_OBJ)/%.o: user/%.c | $(USER_DIRS)
	$(call say,CC,$<)
	$(Q)$(CC) $(USER_CFLAGS) -MMD -MP -c -o $@ $<

$(USER_OBJ)/%.asm.o: user/%.asm | $(USER_DIRS)
	$(call say,NASM,$<)
	$(Q)$(NASM) -f elf64 -g -F dwarf -w+all -MD $(@:.o=.d) -o $@ $<

# Made anew each time: an archive keeps members whose source is gone.
$(LIBC): $(LIBC_OBJ)
$(BIN_COMMON): $(BIN_COMMON_OBJ)
$(LIBC) $(BIN_COMMON):
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

# The library last, since what stands before it needs it; only libgcc, which
# holds what the compiler may call for (__popcountdi2), is needed by itself.
LIBGCC		:= $(shell $(CC) -print-libgcc-file-name 2>/dev/null)
user_link	= $(LD) $(USER_LDFLAGS) -o $(1) $(filter %.o,$^) \
		  $(filter-out $(LIBC),$(filter %.a,$^)) $(LIBC) $(LIBGCC)

$(USER_OUT)/init: $(INIT_OBJ)
$(USER_OUT)/sh: $(SH_OBJ)
$(BIN_PROGS): $(USER_OUT)/bin/%: $(USER_OBJ)/bin/%.o $(BIN_COMMON)
$(STRACE): $(STRACE_OBJ) $(BIN_COMMON)

# strace names calls and errors by the ABI's own lists of numbers.
$(USER_OUT)/errno_names.inc: include/uapi/errno.h
	@mkdir -p $(@D)
	$(Q)sed -n 's/^#define \(E[A-Z0-9]*\)[[:space:]]*\([0-9][0-9]*\).*/[\2] = "\1",/p' \
		$< > $@
$(USER_OBJ)/bin/strace/call.o: $(BUILD)/syscall_names.inc \
		$(USER_OUT)/errno_names.inc
$(USER_OBJ)/bin/strace/call.o: USER_CFLAGS += -I$(BUILD) -I$(USER_OUT)

$(filter-out $(BIN_ALIASES),$(USER_PROGS)): $(CRT0) $(LIBC)
	$(call say,LINK,$@)
	$(Q)$(call user_link,$(USER_SYMBOLS)/$(@F))
	$(Q)$(OBJCOPY) --strip-all $(USER_SYMBOLS)/$(@F) $@

$(BIN_ALIASES): $(USER_OUT)/bin/poweroff
	$(Q)ln -f $< $@

-include $(patsubst %.o,%.d,$(LIBC_OBJ) $(CRT0) $(INIT_OBJ) $(SH_OBJ) \
	   $(BIN_OBJ) $(STRACE_OBJ) $(BIN_COMMON_OBJ))
