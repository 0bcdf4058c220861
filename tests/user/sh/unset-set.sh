x=1; unset x; echo ${x-unset}
unset x; echo $?
f() { echo f; }; x=1; unset f; f; unset -f f; f 2>/dev/null; echo $?
unset -v x; echo ${x-unset}
a=1 b='it'"'"'s' c='$x "y"'; set | grep '^[abc]='
set x y z; echo $#; set -- ; echo $#
set -- "a b" c; echo $1
IFS=:; set -- a:b; echo $1; x=a:b; set -- $x; echo $1 $#
unset 'bad name'; echo no
