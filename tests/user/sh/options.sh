"$SH" -u -c 'echo ${x}; echo no'; echo $?
"$SH" -uc 'echo ${x-ok} ${x:-ok} "$@" $*; set --; echo $1; echo no'; echo $?
"$SH" -f -c 'echo *'
"$SH" -c 'set -a; exported=1; env | grep ^exported'
"$SH" -n -c 'echo not executed'; echo $?
"$SH" -n -c 'if'; echo $?
"$SH" -x -c 'echo traced; x=1 true' 2>&1
"$SH" -c 'PS4="++ "; set -x; echo a "b c"; set +x; echo off' 2>&1
"$SH" -v -c 'echo v' 2>/dev/null
"$SH" -ec 'false; echo no'; echo $?
"$SH" -c 'set -o errexit; false; echo no'; echo $?
"$SH" -o noglob -c 'echo *'
"$SH" -c 'set -ex; set +ex; false; echo $-' 2>/dev/null
"$SH" -c 'set +o' | grep -c '^set' >/dev/null && echo commands
"$SH" -c 'set -- -a -b; echo $@; set -e -- x; echo $@; set +e; set a -e; echo $@; set --; echo $#'
"$SH" -c 'echo $0 $1 $2 $#' name one two
"$SH" -c 'echo "$@"' x 'a b' c
"$SH" -c ':' && echo empty
"$SH" -c '' ; echo $?
"$SH" -c 'set -Z'; echo $?
"$SH" -Z 2>/dev/null; [ $? -ne 0 ] && echo bad option
"$SH" -c; echo $?
"$SH" /nonexistent/script; echo $?
echo 'echo from stdin $# $1' | "$SH" -s a b
echo 'echo "$0" | sed "s|.*/||"; echo $1' >script; "$SH" script arg
echo 'echo plain stdin' | "$SH"
echo 'echo dash' | "$SH" -
