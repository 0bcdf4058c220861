printf 'plain\n'; printf '%s\n' a b c; printf '%s-%s\n' 1 2 3
printf '%d %i %u %o %x %X\n' 42 -42 42 8 255 255
printf '[%5d] [%-5d] [%05d] [%+d] [% d]\n' 42 42 42 42 42
printf '[%10s] [%-10s] [%.2s] [%10.2s]\n' abc abc abc abc
printf '[%c]\n' hello
printf '%b' 'a\tb\n' 'c\0101d\n'
printf '%b|' 'stop\c here' no; echo
printf '\t\\ \101 \a' | od -c | head -1
printf '%%\n'
printf '%d\n' 0x1f 010 "'A" '"B'
printf '%d\n' abc; echo $?
printf '%d\n' 12abc; echo $?
printf '%s %d\n'
printf '[%s]\n' ''
printf '[%*d] [%-*d] [%.*s]\n' 5 42 5 42 2 abc
printf '%x\n' -1
printf 'no args used\n' extra
printf; echo $?
printf '%s\n' 'a\nb' "c
d"
printf '%s' x y z; echo
printf -- '-x\n'
printf '%.3d|%8.3d|%#x|%#o\n' 5 5 255 8
printf '%d %d\n' 9223372036854775807 -9223372036854775808
