HOME=/home/keel
echo ~ ~/x "~" \~ a~ ~/
x=~/y; echo $x
x=a:~/b:~; echo $x
x=a:"~"; echo $x
echo ~root ~nosuchuser ~"root"
echo ${u:-~} ${u:-~/z}
unset HOME; echo ~
case /root in ~root) echo matched;; esac
