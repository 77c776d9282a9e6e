"""Shells complete verbs, options, their values and files; man has a page of all of it."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from figureground.cli import VERBS, completion, main
from figureground.cli.completion import SCRIPTS

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("shell_files", ROOT / "docs" / "shell_files.py")
assert SPEC is not None and SPEC.loader is not None
shell_files = importlib.util.module_from_spec(SPEC)
sys.modules["shell_files"] = shell_files
SPEC.loader.exec_module(shell_files)

CASES = [
    ("figureground re", {"remove"}),
    ("figureground pho", {"photo.jpg"}),
    ("figureground remove --dev", {"--device"}),
    ("figureground remove photo.jpg --device c", {"cpu", "cuda", "coreml"}),
    ("figureground remove pho", {"photo.jpg"}),
    ("figureground remove photo.jpg --background b", {"beach.jpg"}),
    ("figureground data spl", {"split"}),
    ("figureground data check --sh", {"--sheet"}),
]
# What bash does with a word and a function's answer, files where it gives none.
BASH = r"""
source "$1"; words=($2); last=$((${#words[@]} - 1))
[[ $(complete -p figureground) == *"-o default"* ]] || exit 1
COMP_WORDS=("${words[@]}") COMP_CWORD=$last COMP_LINE=$2 COMP_POINT=${#2} COMPREPLY=()
_shtab_figureground figureground "${words[last]}" "${words[last-1]}"
[ ${#COMPREPLY[@]} = 0 ] && COMPREPLY=($(compgen -f -- "${words[last]}"))
printf '%s\n' "${COMPREPLY[@]}"
"""
ZSH = r"""
zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell "PS1=; cd $PWD; unsetopt BEEP; zstyle ':completion:*' list-colors ''; autoload -Uz compinit"
zpty -w shell "fpath=(${1:h} $fpath); compinit -u -D; bindkey '^I' complete-word; setopt LIST_AMBIGUOUS; echo RE'A'DY"
heard=
while [[ $heard != *READY* ]]; do zpty -r shell part && heard+=$part; done
shift
for line word in "$@"; do
  heard=
  zpty -w -n shell "$line"$'\t'
  for turn in {1..400}; do
    while zpty -r -t shell part; do heard+=$part; done
    [[ ${heard#*$line} == *${word#${line##* }}* ]] && break
    sleep 0.05
  done
  (( turn < 400 )) || { print -r -- "$line: $heard"; exit 1 }
  zpty -w -n shell $'\x15'
done
"""


def script(shell: str) -> str:
    return str(Path(completion.__file__).parents[1] / "shells" / SCRIPTS[shell])


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with two images."""
    for name in ("photo.jpg", "beach.jpg"):
        (tmp_path / name).touch()
    return tmp_path


def shell_of(name: str) -> str:
    found = shutil.which(name)
    if found is None or sys.platform == "win32":
        pytest.skip(f"there is no {name} here; its script's text is tested all the same")
    return found


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_script_knows_every_verb_and_option(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    said = capsys.readouterr().out
    assert said == Path(script(shell)).read_text("utf-8")
    flat = said.replace("\\", "").replace(" -l ", " --")  # as fish spells a long option
    for verb, parser in shell_files.commands_of(shell_files.whole_parser()).items():
        assert re.search(rf"\b{verb}\b", flat)
        leaves = [*shell_files.commands_of(parser).values()] or [parser]
        for leaf in leaves:
            for name in leaf._option_string_actions:
                assert not name.startswith("--") or re.search(rf"{name}\b", flat), (verb, name)


@pytest.mark.parametrize(("line", "offered"), CASES)
def test_bash_completes(line: str, offered: set[str], desk: Path) -> None:
    done = subprocess.run(
        [shell_of("bash"), "-c", BASH, "bash", script("bash"), line],
        cwd=desk, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert offered <= set(done.stdout.split()) and done.stderr == ""


@pytest.mark.parametrize(("line", "offered"), CASES)
def test_fish_completes(line: str, offered: set[str], desk: Path) -> None:
    code = f"source {script('fish')}; complete -C '{line}'"
    command = [shell_of("fish"), "--no-config", "-c", code]
    done = subprocess.run(command, cwd=desk, capture_output=True, text=True, check=True)
    assert offered <= {line.split("\t")[0] for line in done.stdout.splitlines()}


def test_zsh_completes(desk: Path) -> None:
    asked = [word for line, (offer, *_) in CASES for word in (line, offer) if len(_) == 0]
    done = subprocess.run(
        [shell_of("zsh"), "-f", "-c", ZSH, "zsh", script("zsh"), *asked],
        cwd=desk, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done


def test_the_manual_knows_every_option() -> None:
    page = shell_files.MANUAL.read_text("utf-8")
    for verb, parser in shell_files.commands_of(shell_files.whole_parser()).items():
        assert f"\n.SS {verb}\n" in page
        for name in parser._option_string_actions:
            assert name in {"-h", "--help"} or shell_files.roff(name) in page
    assert set(VERBS) <= set(re.findall(r"^\.B (\w+)$", page, re.MULTILINE))


def test_the_manual_is_clean_to_mandoc() -> None:
    command = [shell_of("mandoc"), "-T", "lint", "-W", "warning", str(shell_files.MANUAL)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout == "" and done.returncode == 0


def test_text_is_no_command_of_the_manual() -> None:
    assert shell_files.roff(".figureground\\n -o 'a'") == "\\&.figureground\\en \\-o \\(aqa\\(aq"


def test_nothing_but_a_known_shell_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["completion", "csh"])
    assert ended.value.code == 2 and "bash" in capsys.readouterr().err
