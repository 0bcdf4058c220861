x=value
cat <<END
plain $x ${x} "$x" '$x' \$x \\ \" $(echo sub) `echo bq` $((1+1))
a\
b
END
cat <<'END'
raw $x \$x \\ $(echo sub)
a\
b
END
cat <<"E N D"
quoted delimiter $x
E N D
cat <<\E
escaped delimiter $x
E
cat <<-TAB
	tab stripped
		twice $x
	TAB
cat <<-'TAB'
	raw $x
	TAB
cat <<A; cat <<B
first
A
second
B
cat <<A - <<B
lost
A
taken $x
B
while read a b; do echo "$b-$a"; done <<E
1 2
3 4
E
if true; then cat <<E
inside if
E
fi
f() { cat <<E
in function $1
E
}
f one; f two
cat <<E | tr a-z A-Z
piped
E
cat <<''
empty delimiter

echo $(cat <<E
in substitution
E
)
cat <<E
line with "quotes" and 'more'
${u:-default "x"}
E
cat <<E
no \EOF here: \a \n
E
cat <<END
 END
END
(cat; echo after) <<E
compound
E
cat 0<<E
zero
E
cat 3<<E <&3
three
E
