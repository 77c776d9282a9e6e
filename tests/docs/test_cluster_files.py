"""The files for clusters are what they say: YAML, Python and a script that a shell understands."""

import ast
import subprocess

import yaml
from shown import ROOT

from figureground.cli import build_parser

FILES = ROOT / "examples" / "cluster"


def test_the_kubernetes_file_runs_a_command_that_is_understood() -> None:
    cluster, job = yaml.safe_load_all((FILES / "kubernetes.yaml").read_text())
    assert cluster["kind"] == "DaskCluster" and set(cluster["spec"]) == {"worker", "scheduler"}
    (container,) = job["spec"]["template"]["spec"]["containers"]
    program, verb, *words = container["command"]
    assert (program, verb) == ("figureground", "remove")
    parsed = build_parser(verb).parse_args([verb, *words])
    name, port = cluster["metadata"]["name"], cluster["spec"]["scheduler"]["service"]["ports"][0]
    assert parsed.cluster == f"tcp://{name}-scheduler:{port['port']}"


def test_the_python_and_shell_files_are_understood() -> None:
    ast.parse((FILES / "slurm.py").read_text())
    command = ["sh", "-n", str(FILES / "two-hosts.sh")]
    assert subprocess.run(command, timeout=30, check=False).returncode == 0
