# Unit tests: portable kernel code as host programs, under the address and
# undefined-behaviour sanitizers. Each tests/unit/NAME.c whose name is in
# UNIT_TESTS becomes build/tests/unit/NAME, which prints TAP.
#
# All of lib/ is at a test's disposal. What else of the kernel it tests is
# named here: UNIT_SRC_NAME := mm/some.c fs/other.c

UNIT_TESTS	:= $(filter-out harness host kernel_shim, \
		   $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c)))

UNIT_OUT	:= $(BUILD)/tests/unit
UNIT_PROGRAMS	:= $(UNIT_TESTS:%=$(UNIT_OUT)/%)
UNIT_LIB_SRC	:= $(wildcard lib/*.c) tests/unit/harness.c \
		   tests/unit/kernel_shim.c
UNIT_LIB_OBJ	:= $(UNIT_LIB_SRC:%.c=$(UNIT_OUT)/obj/%.o) \
		   $(UNIT_OUT)/obj/host.o

UNIT_SANITIZE	:= -fsanitize=address,undefined -fno-sanitize-recover=all
UNIT_CFLAGS	:= -std=gnu17 -O1 -g -ffreestanding -fno-strict-aliasing \
		   -fwrapv -fno-omit-frame-pointer -DDEBUG $(WARNINGS) \
		   -Iinclude -I. -Iarch/x86_64/include \
		   -include tests/unit/rename.h $(UNIT_SANITIZE)

.PHONY: unit-tests
unit-tests: $(UNIT_PROGRAMS)
test-images: $(UNIT_PROGRAMS)

$(UNIT_OUT)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(UNIT_CFLAGS) -MMD -MP -c -o $@ $<

# The one file that is a program of the host, with the host's headers.
$(UNIT_OUT)/obj/host.o: tests/unit/host.c tests/unit/host.h
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu17 -O1 -g -Wall -Wextra $(UNIT_SANITIZE) -c -o $@ $<

$(UNIT_OUT)/obj/libkeel.a: $(UNIT_LIB_OBJ)
	$(Q)rm -f $@ && $(AR) rc $@ $^

# The sources a test names stand before the library, so that they are linked
# whole and may use it.
$(foreach t,$(UNIT_TESTS),$(eval $(UNIT_OUT)/$(t): \
	$(patsubst %.c,$(UNIT_OUT)/obj/%.o,tests/unit/$(t).c $(UNIT_SRC_$(t)))))

$(UNIT_PROGRAMS): $(UNIT_OUT)/obj/libkeel.a
	$(call say,UNIT,$@)
	$(Q)$(HOSTCC) $(UNIT_SANITIZE) -pthread -o $@ \
		$(filter %.o,$^) $(filter %.a,$^)

-include $(wildcard $(UNIT_OUT)/obj/*/*.d $(UNIT_OUT)/obj/*/*/*.d)
