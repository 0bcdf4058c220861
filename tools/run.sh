#!/bin/sh
# Boot the built kernel with the terminal as its console (make run).
#
# From the environment: BUILD INITRD SMP MEM APPEND, and one of DIRECT=1,
# UEFI=1 or neither (GRUB on BIOS); KVM=1 to try KVM.
#
# Ctrl-A X ends QEMU, Ctrl-C goes to the guest. However QEMU ends, the terminal
# is afterwards what it was. QEMU puts it into raw mode and, when it is killed,
# does not put it back: so this script does. And QEMU makes what it reads and
# writes non-blocking, which belongs not to it but to the open file, and all who
# were started on this terminal share that one: so QEMU gets one of its own.
#
# A shell that is killed takes nobody with it: so QEMU is a child that is waited
# for, and a signal that ends this script ends QEMU first.
set -u

for number in "SMP=${SMP:=2}" "MEM=${MEM:=256}"; do
	case ${number#*=} in
	*[!0-9]* | 0*)	echo "keel: $number: not a number of CPUs or MiB" >&2
			exit 2 ;;
	esac
done
# There the kernel could not even say that it does not fit.
if [ "$MEM" -lt 2 ]; then
	echo "keel: MEM=$MEM: the kernel itself takes 2 MiB" >&2
	exit 2
fi

accel=tcg
[ "$SMP" -gt 1 ] && accel=tcg,thread=multi
if [ "${KVM:-0}" = 1 ]; then
	# /dev/kvm may exist and still hang: a guest that powers off tells.
	if timeout 10 qemu-system-x86_64 -accel kvm -m 64 -display none \
		-serial none -monitor none -no-reboot -kernel "$BUILD/keel.elf" \
		-append "keel.poweroff" </dev/null >/dev/null 2>&1; then
		accel=kvm
	else
		echo "keel: KVM does not work here; emulating" >&2
	fi
fi

set -- -accel $accel -cpu max -smp "$SMP" -m "$MEM" -display none \
	-serial mon:stdio -no-reboot -nic none
if [ "${DIRECT:-}" = 1 ]; then
	set -- "$@" -kernel "$BUILD/keel.elf" -initrd "$INITRD" \
		-append "console=ttyS0 ${APPEND:-}"
else
	set -- "$@" -cdrom "$BUILD/keel.iso"
fi
if [ "${UEFI:-}" = 1 ]; then
	for code in /usr/share/OVMF/OVMF_CODE_4M.fd \
		/usr/share/edk2/x64/OVMF_CODE.4m.fd \
		/usr/share/edk2/ovmf/OVMF_CODE.fd; do
		[ -e "$code" ] && break
	done
	[ -e "$code" ] || { echo "keel: no OVMF firmware found" >&2; exit 1; }
	set -- "$@" -drive "if=pflash,format=raw,readonly=on,file=$code"
fi

# Open what descriptor $1 is anew, if that is a terminal. Its name may be closed
# to who became another user on it; /dev/tty never is.
reopen()
{
	[ -t "$1" ] || return 0
	for name in "$(tty <&"$1")" /dev/tty; do
		if [ -c "$name" ] && (: <>"$name") 2>/dev/null; then
			eval "exec $1<>\"\$name\""
			return
		fi
	done
}

# End by the signal that asked for it, so that make knows.
on_signal()
{
	signal=$1
	[ -z "$qemu" ] || kill "$qemu" 2>/dev/null
}

saved= signal= qemu=
[ ! -t 0 ] || saved=$(stty -g)
for name in HUP INT TERM; do
	# shellcheck disable=SC2064
	trap "on_signal $name" $name
done
# (A shell gives its background an empty standard input, unless told which.)
exec 3<&0 4>&1
reopen 3
reopen 4
echo "Ctrl-A X ends QEMU."
qemu-system-x86_64 "$@" <&3 >&4 3<&- 4>&- &
qemu=$!
[ -z "$signal" ] || kill "$qemu"
# A signal ends the wait, not yet QEMU.
while :; do
	wait "$qemu"
	status=$?
	kill -0 "$qemu" 2>/dev/null || break
done
[ -z "$saved" ] || stty "$saved" 2>/dev/null
if [ -n "$signal" ]; then
	trap - "$signal"
	kill -s "$signal" $$
fi
exit $status
