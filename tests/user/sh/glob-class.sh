touch a1 B2 c_ 9z
echo [[:digit:]]* [[:upper:]]* [[:lower:]]* [![:alpha:]]*
echo *[[:punct:]]
case x in [[:alpha:][:digit:]]) echo 1;; esac
case - in [a-]) echo 2;; esac
case ] in []]) echo 3;; esac
case b in [!]a]) echo 4;; esac
case '\' in [\\]) echo 5;; esac
case a-b in a[-]b) echo 6;; esac
