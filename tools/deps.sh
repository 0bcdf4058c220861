#!/bin/sh
# What Keel needs on the machine it is built on, and getting it there.
#
#	deps.sh missing		print the missing packages, one line, fast
#	deps.sh install		say what is missing, ask, install
#	deps.sh doctor		one line for each thing looked at
#
# Each need is named by what the build uses of it, never by a version alone:
# "too old" is asked of the tool itself. On Debian and its family the packages
# are installed; elsewhere they are named, and what can be built without them
# is built. DEPS=0 never installs. DEPS=1 does not ask.
set -u

CROSS=${CROSS_COMPILE:-}
CC=${CC:-${CROSS}gcc}

# Without the first group nothing is built; without one of the second a part
# of the whole is missing (a door, a suite, the debugger).
# what it is for | how to see that it is there | Debian's package
musts()
{
	cat <<-END
	C compiler|command -v ${CC%% *}|gcc
	C library headers|test -e /usr/include/stdio.h|libc6-dev
	linker|command -v ${CROSS}ld|binutils
	lister of symbols|command -v ${CROSS}nm|binutils
	maker of libraries|command -v ${CROSS}ar|binutils
	copier of objects|command -v ${CROSS}objcopy|binutils
	assembler|command -v nasm|nasm
	emulator|command -v qemu-system-x86_64|qemu-system-x86
	scripts|command -v python3|python3
	END
}

mays()
{
	cat <<-END
	ISO image|command -v grub-mkrescue|grub-common
	GRUB for BIOS|test -d /usr/lib/grub/i386-pc|grub-pc-bin
	GRUB for UEFI|test -d /usr/lib/grub/x86_64-efi|grub-efi-amd64-bin
	ISO writer|command -v xorriso|xorriso
	FAT image|command -v mformat|mtools
	UEFI firmware|test -e /usr/share/OVMF/OVMF_CODE_4M.fd|ovmf
	debugger|command -v gdb|gdb
	second compiler|command -v clang|clang
	value analysis|command -v cppcheck|cppcheck
	END
}

needs()
{
	musts
	mays
}

missing()
{
	${1:-needs} | while IFS='|' read -r _ test package; do
		sh -c "$test" >/dev/null 2>&1 || echo "$package"
	done | uniq | tr '\n' ' '
}

# The missing tools of a toolchain that was chosen by name: no package known
# here has them.
chosen_missing()
{
	for tool in "${CC%% *}" "${CROSS}ld" "${CROSS}nm" "${CROSS}ar" \
		"${CROSS}objcopy"; do
		is_chosen "$tool" && ! command -v "$tool" >/dev/null &&
			printf '%s ' "$tool"
	done
}

is_chosen()
{
	case $1 in
	gcc | clang)		return 1 ;;
	"${CC%% *}")		return 0 ;;
	"$CROSS"*)		[ -n "$CROSS" ] ;;
	*)			return 1 ;;
	esac
}

# The same packages as other systems call them, for a person to install.
elsewhere()
{
	if command -v dnf >/dev/null; then
		echo "sudo dnf install gcc binutils glibc-devel nasm qemu-system-x86 python3 grub2-tools-extra grub2-pc-modules grub2-efi-x64-modules xorriso mtools edk2-ovmf gdb clang cppcheck"
	elif command -v pacman >/dev/null; then
		echo "sudo pacman -S gcc binutils nasm qemu-system-x86 python grub libisoburn mtools edk2-ovmf gdb clang cppcheck"
	elif command -v apk >/dev/null; then
		echo "sudo apk add gcc binutils musl-dev nasm qemu-system-x86_64 python3 grub grub-bios grub-efi xorriso mtools ovmf gdb clang cppcheck"
	elif command -v brew >/dev/null; then
		echo "brew install x86_64-elf-gcc x86_64-elf-binutils nasm qemu python xorriso mtools x86_64-elf-gdb llvm cppcheck"
		echo "then: make CROSS_COMPILE=x86_64-elf- DIRECT=1 run"
	else
		return 1
	fi
}

install_debian()
{
	$sudo apt-get update -qq || echo "keel: apt-get update failed; trying with the lists there are" >&2
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq \
		--no-install-recommends $1 >&2
}

# Nothing will be installed: go on where the build itself can.
do_without()
{
	packages=$(missing musts)
	[ -z "$packages" ] || return 1
	echo "keel: going on without" >&2
}

install()
{
	tools=$(chosen_missing)
	if [ -n "$tools" ]; then
		echo "keel: not found: ${tools% }; look at CROSS_COMPILE and CC" >&2
		return 1
	fi
	packages=$(missing)
	[ -n "$packages" ] || return 0
	echo "keel: missing here: $packages" >&2
	if ! command -v apt-get >/dev/null; then
		echo "keel: please install them; on this system perhaps:" >&2
		elsewhere >&2 || echo "  (package names unknown for this system)" >&2
		do_without
		return
	fi
	if [ "${DEPS:-}" = 0 ]; then
		echo "keel: DEPS=0, so: apt-get install --no-install-recommends $packages" >&2
		do_without
		return
	fi
	sudo=
	if [ "$(id -u)" != 0 ]; then
		sudo=sudo
		command -v sudo >/dev/null || {
			echo "keel: neither root nor sudo; run as root: apt-get install --no-install-recommends $packages" >&2
			do_without
			return
		}
	fi
	if [ -t 0 ] && [ -t 2 ] && [ "${DEPS:-}" != 1 ]; then
		printf 'keel: install them with apt-get now? [Y/n] ' >&2
		# The end of input is not an answer.
		read -r answer || answer=n
		case $answer in
		[nN]*)	do_without; return ;;
		esac
	fi
	install_debian "$packages" || return 1
	packages=$(missing musts)
	[ -z "$packages" ] && return 0
	echo "keel: still missing after the installation: $packages" >&2
	return 1
}

# nasm needs a file that it can read twice.
assembles()
{
	asm=$(mktemp)
	printf 'bits 64\nstac\nclac\nswapgs\no64 sysret\n' > "$asm"
	nasm -f elf64 -g -F dwarf -w+all -o /dev/null "$asm" 2>/dev/null
	status=$?
	rm -f "$asm"
	return $status
}

# What a tool must be able to do beyond being there.
# Nothing is said of a tool that is missing: it is not too old.
features()
{
	! command -v "${CC%% *}" >/dev/null ||
	echo 'int f(void) { return 0; }' | $CC -std=gnu17 -fno-pic -mcmodel=kernel \
		-mgeneral-regs-only -x c -c -o /dev/null - 2>/dev/null ||
		echo "$CC: no -std=gnu17, or not for x86-64"
	! command -v qemu-system-x86_64 >/dev/null ||
	qemu-system-x86_64 -accel help 2>/dev/null | grep -q tcg ||
		echo "qemu-system-x86_64: has no TCG accelerator"
	! command -v python3 >/dev/null ||
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null ||
		echo "python3: 3.9 is needed"
	! command -v "${CROSS}ld" >/dev/null ||
	"${CROSS}ld" --help 2>/dev/null | grep -q -e --no-warn-rwx-segments ||
		echo "${CROSS}ld: binutils 2.39 are needed (--no-warn-rwx-segments)"
	! command -v nasm >/dev/null ||
	assembles || echo "nasm: does not know elf64 with DWARF, stac or clac"
	# A socket of Unix as target, and commands in Python.
	! command -v gdb >/dev/null ||
	gdb -nx -batch -ex 'python import re; v = re.search(r"(\d+)\.(\d+)", gdb.VERSION); print("can" * (tuple(map(int, v.groups())) >= (8, 3)))' 2>/dev/null |
		grep -q can || echo "gdb: 8.3 with Python is needed"
	! command -v clang >/dev/null ||
	echo 'int __attribute__((noderef, address_space(1))) *p;' |
		clang -fsyntax-only -std=gnu17 -Werror -Wnoderef \
			-Wthread-safety -x c - 2>/dev/null ||
		echo "clang: 8 is needed (-Wnoderef)"
}

doctor()
{
	needs | while IFS='|' read -r what test package; do
		if sh -c "$test" >/dev/null 2>&1; then
			echo "ok       $what ($package)"
		elif is_chosen "${test#command -v }"; then
			echo "MISSING  $what: ${test#command -v }"
		else
			echo "MISSING  $what: package $package"
		fi
	done
	problems=$(features)
	[ -z "$problems" ] || echo "$problems" | sed 's/^/TOO OLD  /'
	if [ -w /dev/kvm ]; then
		echo "note     /dev/kvm is there; make run KVM=1 tries it first"
	else
		echo "note     no KVM: QEMU emulates, which is all that is needed"
	fi
	[ -z "$(missing)$problems" ]
}

case ${1:-} in
missing)	missing ;;
install)	install ;;
doctor)		doctor ;;
*)		echo "usage: deps.sh missing|install|doctor" >&2; exit 2 ;;
esac
