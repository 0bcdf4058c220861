# How the tests are built. The top Makefile includes this file; it sets BUILD.
#
# The guest tests are one static program, /init of their own initramfs, made by
# the host's compiler and C library: they are user programs of the Linux ABI
# and know nothing of the kernel they run on. What runs them is tools/test.py.
#
#	test-images	all images that the suites boot
#	fetch-oracle	Debian's own kernel, for make test KERNEL=linux

HOSTCC		?= gcc
CACHE		?= build/cache

GUEST_OUT	:= $(BUILD)/tests/guest
GUEST_SRC	:= $(sort $(wildcard tests/guest/*.c))
GUEST_OBJ	:= $(GUEST_SRC:tests/%.c=$(BUILD)/tests/%.o)
GUEST_CFLAGS	:= -std=gnu17 -O1 -g -Wall -Wextra -Wno-clobbered \
		   -Wno-format-truncation -Wno-nonnull -Wno-stringop-overflow \
		   -Wno-stringop-overread -Wno-array-bounds \
		   -fno-strict-aliasing -fwrapv -U_FORTIFY_SOURCE \
		   -fno-stack-protector -fcf-protection=none -fno-pie \
		   -fno-toplevel-reorder

# Programs for the exec tests: one source, four ways to be loaded.
GUEST_PROGRAMS	:= $(addprefix $(GUEST_OUT)/programs/,show show-pie show-dyn \
		   show-dyn-pie)
DYN_LINKER	= $(shell $(HOSTCC) -print-file-name=ld-linux-x86-64.so.2)
DYN_LIBC	= $(shell $(HOSTCC) -print-file-name=libc.so.6)

BUSYBOX		:= $(CACHE)/busybox
ORACLE		:= $(CACHE)/linux/vmlinuz
GUEST_IMAGE	:= $(BUILD)/tests/guest.cpio.gz
BUSYBOX_IMAGE	:= $(BUILD)/busybox.cpio.gz

.PHONY: test-images fetch-oracle
# Images of Debian's programs: large, so not compressed.
DEBIAN_SETS	:= shell python pytest terminal trace stress
# They take a while to fetch, so only who runs their tests makes them.
DEBIAN_IMAGES	:= $(if $(filter-out compat%,$(T)),,\
		     $(DEBIAN_SETS:%=$(BUILD)/debian-%.cpio))

test-images: $(GUEST_IMAGE) $(BUSYBOX_IMAGE) $(DEBIAN_IMAGES) $(ORACLE)

fetch-oracle: $(ORACLE)

$(ORACLE):
	$(Q)tools/fetch --cache $(CACHE) linux

$(BUSYBOX):
	$(Q)tools/fetch --cache $(CACHE) busybox

$(BUILD)/tests/guest/%.o: tests/guest/%.c \
		$(wildcard tests/guest/*.h)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(GUEST_CFLAGS) -c -o $@ $<

$(GUEST_OUT)/init: $(GUEST_OBJ)
	$(Q)$(HOSTCC) -static -no-pie -s -o $@ $^

$(GUEST_OUT)/programs/show: tests/guest/programs/show.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -O1 -Wall -static -no-pie -s -o $@ $<

$(GUEST_OUT)/programs/show-pie: tests/guest/programs/show.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -O1 -Wall -fPIE -static-pie -s -o $@ $<

$(GUEST_OUT)/programs/show-dyn: tests/guest/programs/show.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -O1 -Wall -fno-pie -no-pie -s -Wl,-rpath,/lib64 -o $@ $<

$(GUEST_OUT)/programs/show-dyn-pie: tests/guest/programs/show.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -O1 -Wall -fPIE -pie -s -Wl,-rpath,/lib64 -o $@ $<

$(GUEST_IMAGE): tests/guest/manifest tests/nodes.manifest tools/initramfs.py \
		$(GUEST_OUT)/init $(GUEST_PROGRAMS) $(BUILD)/user/bin/strace
	$(Q)tools/initramfs.py -o $@ -D OUT=$(GUEST_OUT) \
		-D STRACE=$(BUILD)/user/bin/strace \
		-D LINKER=$(DYN_LINKER) -D LIBC=$(DYN_LIBC) \
		tests/nodes.manifest tests/guest/manifest

$(BUSYBOX_IMAGE): tests/compat/manifest tests/nodes.manifest \
		tools/initramfs.py tests/compat/script.sh \
		$(wildcard tests/compat/rootfs/*) $(BUSYBOX)
	$(Q)tools/initramfs.py -o $@ -D BUSYBOX=$(BUSYBOX) \
		tests/nodes.manifest tests/compat/manifest

# For gdb to look at: static, so that it is the same beside any C library.
COMPAT_CRASH	:= $(BUILD)/tests/compat/crash
$(COMPAT_CRASH): tests/compat/programs/crash.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -O0 -g -Wall -static -no-pie -fcf-protection=none \
		-ffile-prefix-map=$(CURDIR)/= -o $@ $<

.SECONDARY: $(DEBIAN_SETS:%=$(CACHE)/roots/%)
$(CACHE)/roots/%: tools/fetch
	$(Q)tools/fetch --cache $(CACHE) root:$*

$(BUILD)/debian-%.cpio: tests/compat/debian.manifest tests/nodes.manifest \
		tools/initramfs.py $(wildcard tests/compat/rootfs/*) \
		$(wildcard tests/compat/debian/*) $(CACHE)/roots/% $(BUSYBOX) $(COMPAT_CRASH)
	@echo "  CPIO    $@"
	$(Q)tools/initramfs.py -o $@ -D ROOT=$(CACHE)/roots/$* \
		-D BUSYBOX=$(BUSYBOX) -D CRASH=$(COMPAT_CRASH) \
		tests/nodes.manifest tests/compat/debian.manifest

-include $(wildcard tests/unit/unit.mk tests/user/user.mk)
