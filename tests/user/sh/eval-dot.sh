eval echo a b; eval 'x=1; y=2'; echo $x $y; eval; echo $?; eval ''; echo $?
eval 'echo "$x"' ; eval "for i in 1 2; do" 'echo $i; done'
name=x; eval "echo \$$name"; eval 'false'; echo $?
eval eval eval echo deep
eval 'f() { echo f; }
f'
echo 'echo sourced $1; z=3; return 4; echo no' >lib
. ./lib; echo $? $z
set -- arg; . ./lib; echo after $1
mkdir bin; echo 'echo from path' >bin/plib; chmod +x bin/plib; PATH=$PATH:$PWD/bin; . plib
echo 'for i in 1 2; do . ./brk; echo $i; done' >loop; echo 'true' >brk; . ./loop
echo '. ./c2; echo c1' >c1; echo 'return 0; echo no' >c2; . ./c1
for i in 1 2 3; do eval 'test $i = 2 && break'; echo $i; done
f() { eval 'return 5'; echo no; }; f; echo $?
f() { . ./lib; echo in f $?; }; f
(eval 'if'; echo no); echo $?
(. ./nosuch; echo no); echo $?
. /dev/null; echo $?
echo 'echo piped; false' | { . /dev/stdin; echo $?; }
(eval 'echo ${u?}'; echo no); echo $?
eval 'exit 6'
