echo $(echo a; echo b) "$(echo a; echo b)"
echo `echo a` "`echo 'b  c'`"
x=$(printf 'a\n\n\n'); echo "[$x]"
echo $(echo $(echo $(echo deep)))
echo `echo \`echo nested\``
echo "$(echo "quoted $(echo "inner")")"
echo `echo "\$USERX" | tr -d A-Z`
x=$(false); echo $?
x=$(exit 7); echo $?
echo $(exit 3) $?
$(echo echo) run
$(true); echo $?
y=$(cat <<E
here $(echo doc)
E
)
echo "$y"
echo "$(case a in (a) echo case;; esac)" $(case b in b) echo bare;; esac)
echo $( ) "$()" ``.
echo $(# comment )
echo x)
x=outer; : $(x=inner); echo $x
echo "`echo \"dq\"`"
echo $(set -- 1 2; echo $#)
