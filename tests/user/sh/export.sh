x=1; env | grep '^x='; echo $?
export x; env | grep '^x='
export y=2 z=; env | grep '^[yz]=' | sort
x=3; env | grep '^x='
unset x; env | grep '^x='; echo $?
export new; echo ${new-unset}; new=now; env | grep '^new='
a=temp env | grep '^a='; echo ${a-unset}
a=1 b=$a sh -c 'echo $a $b'
export q="it's"; export -p | grep ' q='
export 1bad; echo no
