#!/bin/sh
# Make a GRUB image that boots on BIOS and UEFI.
#
#	mkiso.sh OUT.iso KERNEL INITRAMFS... GRUB.CFG
#	mkiso.sh --check	say whether this machine can
#
# grub-mkrescue exits 0 even when the modules for BIOS are missing, and makes
# an image that cannot boot there: so they are looked for first.
set -eu

check()
{
	for tool in grub-mkrescue xorriso mformat; do
		command -v $tool >/dev/null || { echo "no $tool"; return 1; }
	done
	for platform in i386-pc x86_64-efi; do
		[ -d /usr/lib/grub/$platform ] || { echo "no GRUB for $platform"; return 1; }
	done
}

check
[ "$1" != --check ] || exit 0
out=$1 kernel=$2
shift 2
work=$(mktemp -d)
tree=$work/tree
trap 'rm -rf "$work"' EXIT
mkdir -p "$tree/boot/grub"
cp "$kernel" "$tree/boot/keel.elf"
"${OBJCOPY:-objcopy}" --strip-debug "$tree/boot/keel.elf"
initrd=
for file; do
	case $file in
	*grub.cfg)	"${PYTHON:-python3}" tools/grub-words.py "${APPEND:-}" \
				< "$file" > "$tree/boot/grub/grub.cfg" ;;
	*)		initrd=$file ;;
	esac
done
cp "$initrd" "$tree/boot/initramfs.cpio.gz"
grub-mkrescue -o "$out.tmp" "$tree" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
mv "$out.tmp" "$out"
