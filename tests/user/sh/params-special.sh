set -- one 'two three' four
echo $# "$#" ${#}
echo $1 "$2" $3 ${1} "${2}"
for a in "$@"; do echo "<$a>"; done
for a in $@; do echo "<$a>"; done
for a in "$*"; do echo "<$a>"; done
for a in $*; do echo "<$a>"; done
IFS=,
echo "$*"
for a in "$@"; do echo "<$a>"; done
unset IFS
set -- 1 2 3 4 5 6 7 8 9 ten eleven
echo $10 ${10} ${11} ${12}
false; echo $?
true; echo $?
[ $$ -gt 0 ] && echo pid
[ "$!" = "" ] && echo no background
set --
for a in "$@"; do echo never; done
echo "x$@y" x"$@"y
echo "[$*]"
