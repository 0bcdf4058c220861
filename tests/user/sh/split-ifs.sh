show() { echo "$#:"; for a; do echo "  <$a>"; done; }
x=' a  b	c '
show $x
show "$x"
show x$x
show $x'y'
IFS=:
x=a:b::c:
show $x
show :$x
x=:a
show $x
IFS=' :'
x=' a : b  c ::d: '
show $x
IFS=
x='a b c'
show $x
unset IFS
show $x
IFS=x
y=axbxc
show $y
show "$y" 'axb' axb
show $(echo 1x2)
IFS=' '
z=''
show $z
show "$z"
show $z""
show '' $z
v='a '; w=' b'
show $v$w
show $v"$w"
