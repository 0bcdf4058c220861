f() { echo "x=$x"; env | grep '^x='; }
x=outer; x=prefix f; echo $x
unset x
x=prefix f; echo ${x-unset}
g() { x=inside; }; x=before; x=prefix g; echo $x
h() { local a b=2; a=1; echo $a $b; }; a=A b=B; h; echo $a $b
i() { local a; echo "${a-unset}"; }; i
j() { echo $1; shift; [ $# -gt 0 ] && j "$@"; }; j 1 2 3
k() { return 1; } ; k && echo no || echo yes
l() { break; echo after break; }; for i in 1 2; do l; echo $i; done
