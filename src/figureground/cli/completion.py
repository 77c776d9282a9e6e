"""Print what lets a shell complete verbs, options and their values with the Tab key.

  figureground completion bash > ~/.local/share/bash-completion/completions/figureground
  figureground completion zsh > ~/.zsh/_figureground          where fpath has ~/.zsh, before compinit
  figureground completion fish > ~/.config/fish/completions/figureground.fish

New shells know it then. Packages for a system find the same files in the wheel, below share/.
"""

import argparse
from pathlib import Path

import figureground

SCRIPTS = {"bash": "figureground.bash", "zsh": "_figureground", "fish": "figureground.fish"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument("shell", choices=list(SCRIPTS), help="the shell that reads it")


def run(arguments: argparse.Namespace) -> int:
    """Print the script."""
    folder = Path(figureground.__file__).parent / "shells"
    print((folder / SCRIPTS[arguments.shell]).read_text("utf-8"), end="")
    return 0
