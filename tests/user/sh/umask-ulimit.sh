umask 022; umask; umask -S
umask 077; umask; touch f; ls -l f | cut -c1-10
umask u=rwx,g=rx,o=; umask; umask g+w,o+r; umask; umask a-w; umask -S
umask 0; umask; umask -S
ulimit -n 100; ulimit -n; "$SH" -c 'ulimit -n'
(ulimit -f 1000; ulimit -f)
ulimit -c unlimited 2>/dev/null; ulimit -S -c 0; ulimit -c
umask 999; echo no
