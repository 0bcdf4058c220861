for x in foo bar baz '' '*' 'a b' 3; do
case $x in
	foo) echo is foo;;
	b?r | qux) echo is bar or qux ;;
	b*) echo starts with b
	    echo twice;;
	"*") echo star;;
	[0-9]) echo digit;;
	'') echo empty;;
	*) echo other: $x
esac
done
case a in esac; echo $?
case a in b) ;; esac; echo $?
case a in a) false;; esac; echo $?
case a in a) ;; esac; echo $?
case a in (a) echo paren;; esac
case if in if) echo keyword;; esac
case esac in (esac) echo esac;; esac
p='f*'
case foo in $p) echo expanded;; esac
case foo in "$p") echo no;; *) echo quoted;; esac
case "$p" in "f*") echo literal;; esac
case a/b in a*b) echo slash;; esac
case .x in *x) echo dot;; esac
case $(echo sub) in s[tu]b) echo cmdsub;; esac
case x in
x) case y in y) echo nested;; esac;; esac
case "a
b" in a*b) echo newline;; esac
case a in a) echo one;; a) echo two;; esac
case a in a | b) echo alt;; esac; case b in a|b) echo alt;; esac
