"""Presses TAB in a real shell, as a person does at a terminal.

press_tab.py SHELL RCFILE: each line of the standard input is typed and completed with one TAB; then the shell itself is asked for the
words that the line has become. A line that begins with `?` is completed and thrown away. For each line a JSON array is printed: the
words (null if thrown away), and everything that the terminal has shown.
"""

import fcntl
import json
import os
import re
import select
import struct
import sys
import termios
import time

SHELLS = {
    "bash": lambda rc: ["bash", "--noprofile", "--rcfile", rc, "-i"],
    # Its rc file is found by ZDOTDIR.
    "zsh": lambda rc: ["zsh", "-d", "-i"],
}
PATIENCE = 60
BEGINNING, KILL_LINE = "\x01", "\x15"


def read_until(terminal, pattern):
    shown = ""
    end = time.monotonic() + PATIENCE
    while not re.search(pattern, shown, re.DOTALL):
        if not select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
            sys.exit(f"no {pattern!r} within {PATIENCE} s, but: {shown!r}")
        try:
            shown += os.read(terminal, 65536).decode(errors="replace")
        except OSError:
            sys.exit(f"the shell has ended: {shown!r}")
    return shown


def main():
    shell, rc = sys.argv[1:]
    child, terminal = os.forkpty()
    if child == 0:
        # No line is broken on a terminal as wide as this.
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 100, 500, 0, 0))
        os.environ.update(TERM="xterm", ZDOTDIR=os.path.dirname(rc))
        arguments = SHELLS[shell](rc)
        os.execvp(arguments[0], arguments)
    read_until(terminal, "READY> ")
    for number, line in enumerate(sys.stdin.read().splitlines(), 1000):
        # Arithmetic, so that the echo of what is typed is not taken for the answer.
        end = f"END{number}"
        ask = f"; echo END$(({number - 1}+1))\r"
        if line.startswith("?"):
            typed = f"{line[1:]}\t{KILL_LINE}{ask[2:]}"
        else:
            typed = f"{line}\t{BEGINNING}printf '<%s>' \x05{ask}"
        os.write(terminal, typed.encode())
        shown = read_until(terminal, f"{end}.*READY> ")
        words = re.search(rf"(<[^\r\n]*>){end}", shown)
        print(json.dumps([words and words[1], shown]), flush=True)
    os.close(terminal)
    os.waitpid(child, 0)


main()
