# The tests of our C library and programs; tests/tests.mk includes this file.
# user/user.mk says how user programs are built.
#
#	test-libc	TAP from a program of our own library; runs anywhere
#	test-programs	TAP from a script that compares our programs with the
#			host's: runs on the host only
#
# What tools/test.py finds executable in $(BUILD)/tests/user, it runs.

USER_TEST_OUT	:= $(BUILD)/tests/user
USER_TEST_OBJ	:= $(patsubst tests/user/%.c,$(USER_TEST_OUT)/obj/%.o,\
		   $(sort $(wildcard tests/user/*.c)))

test-images: user-tests
.PHONY: user-tests
user-tests: $(USER_TEST_OUT)/test-libc $(USER_TEST_OUT)/test-programs

$(USER_TEST_OUT)/obj/%.o: tests/user/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(USER_CFLAGS) -MMD -MP -c -o $@ $<

# LIBC and CRT0 are not known yet while this line is read, hence the paths.
$(USER_TEST_OUT)/test-libc: $(BUILD)/user/obj/libc/x86_64/crt0.asm.o \
		$(USER_TEST_OBJ) $(BUILD)/user/libc.a
	$(call say,LINK,$@)
	$(Q)$(call user_link,$@)

$(USER_TEST_OUT)/test-programs: tests/user/programs.sh
	@mkdir -p $(@D)
	$(Q)install -m 755 $< $@

-include $(USER_TEST_OBJ:.o=.d)
