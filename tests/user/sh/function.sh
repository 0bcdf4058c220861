f() { echo "f:" "$@"; }
f; f 1 2; f "a b"
g() { return $1; }
g 3; echo $?; g 0; echo $?
h() { echo a; return; echo b; }; h
false; h() { return; }; h; echo $?
fact() { if [ $1 -le 1 ]; then echo 1; else echo $(($1 * $(fact $(($1 - 1))))); fi; }
fact 10
set -- outer; k() { set -- inner; echo $1; }; k; echo $1
v=global; l() { local v=local; echo $v; m; }; m() { echo "m sees $v"; }; l; echo $v
l() { v=changed; }; l; echo $v
n () ( cd /; x=sub; echo $x ); x=top; n; echo $x
o()
{
	echo newline before brace
}
o
p() { q() { echo q defined inside; }; }; p; q
f() { echo redefined; }; f
f() { f() { echo second; }; echo first; }; f; f
unset -f f; f 2>/dev/null; echo $?
r() if true; then echo body is if; fi
r
s() { echo $# $0 | sed 's|.*/||'; }; s x
t() { while true; do return 5; done; }; t; echo $?
u() { for i in 1 2 3; do echo $i; [ $i = 2 ] && return 9; done; }; u; echo $?
