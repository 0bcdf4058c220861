# Debian's programs that own a terminal; terminal.py types at them.
python3 /compat/terminal.py
