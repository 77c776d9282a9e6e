"""What a stranger's machine is told of the project: workflows, forms, metadata, the way to a release."""

import importlib.util
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

import figureground

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
TOLD = [
    *(ROOT.glob("*.md")),
    ROOT / "mkdocs.yml",
    *(ROOT / ".github").rglob("*.*"),
    *(ROOT / "docs").glob("*.md"),
]


def project() -> dict[str, Any]:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    found: dict[str, Any] = tomllib.loads(text)["project"]
    return found


def tool(name: str) -> ModuleType:
    """A script of tools/ as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def steps(workflow: Path) -> list[dict[str, Any]]:
    jobs = read(workflow)["jobs"].values()
    return [step for job in jobs for step in job.get("steps", [])]


def test_there_are_workflows_for_all_that_a_release_needs() -> None:
    assert {path.stem for path in WORKFLOWS} >= {"ci", "docs", "publish"}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_to_a_commit_with_its_version_beside_it(workflow: Path) -> None:
    uses = re.findall(r"uses: (.*)", workflow.read_text("utf-8"))
    loose = [
        line
        for line in uses
        if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+|\./\.github/workflows/\w+\.yml", line)
    ]
    assert uses and not loose


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_only_what_the_makefile_and_tools_have(workflow: Path) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    for step in steps(workflow):
        command = step.get("run", "")
        for words in re.findall(r"^make (.+)$", command, re.MULTILINE):
            asked = {word for word in words.split() if "=" not in word}
            assert asked <= targets, f"{workflow.name} asks for {asked - targets}"
        for script in re.findall(r"tools/[\w.]+", command):
            assert (ROOT / script).is_file(), f"{workflow.name} runs {script}"


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_only_read_and_keeps_no_credentials(workflow: Path) -> None:
    whole = read(workflow)
    assert whole["permissions"] == {"contents": "read"}
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False
    for name, job in whole["jobs"].items():
        assert "timeout-minutes" in job or "uses" in job, f"{name} may hang for hours"


def test_only_the_job_that_publishes_may_sign_and_it_waits_for_all_tests() -> None:
    jobs = read(ROOT / ".github" / "workflows" / "publish.yml")["jobs"]
    signing = [name for name, job in jobs.items() if "id-token" in job.get("permissions", {})]
    assert signing == ["publish"]
    assert jobs["publish"]["environment"] == "pypi"
    assert set(jobs["publish"]["needs"]) == set(jobs) - {"publish"}


def test_the_runtime_is_tested_on_every_version_that_the_metadata_names() -> None:
    matrix = read(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]["runtime"]["strategy"][
        "matrix"
    ]
    begin = "Programming Language :: Python :: 3."
    named = [line.rpartition(" ")[2] for line in project()["classifiers"] if line.startswith(begin)]
    assert matrix["python"] == named
    assert {os.partition("-")[0] for os in matrix["os"]} == {"ubuntu", "macos", "windows"}
    assert f">={named[0]}" == project()["requires-python"]


def test_the_job_to_ask_for_waits_for_all_others() -> None:
    jobs = read(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]
    assert set(jobs["passed"]["needs"]) == set(jobs) - {"passed"}


def test_there_is_one_address_of_the_source() -> None:
    source = project()["urls"]["Source"]
    assert all(url.startswith((source, "https://")) for url in project()["urls"].values())
    owner = source.removeprefix("https://github.com/").partition("/")[0]
    for path in TOLD:
        if path.is_file():
            for found in re.findall(
                rf"github\.com/([\w-]+)/{source.split('/')[-1]}", path.read_text("utf-8")
            ):
                assert found == owner, path.name


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.name)
def test_a_form_says_what_it_is_for(form: Path) -> None:
    whole = read(form)
    if form.stem == "config":
        assert whole["contact_links"]
        return
    assert whole["name"] and whole["description"]
    asked = [part["id"] for part in whole["body"]]
    assert len(asked) == len(set(asked)) > 0
    assert any(part.get("validations", {}).get("required") for part in whole["body"])


def test_the_version_is_that_of_the_changelogs_first_heading() -> None:
    check = tool("check_tag")
    assert check.problem(f"v{figureground.__version__}") is None
    assert "the tag is v9.9.9" in check.problem("v9.9.9")


def test_a_tag_whose_changes_are_not_told_is_refused(tmp_path: Path) -> None:
    package = tmp_path / "src" / "figureground"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('__version__ = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n## 1.2.2\n")
    assert "'## 1.2.3'" in (tool("check_tag").problem("v1.2.3", tmp_path) or "")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1.2.3 (today)\n")
    assert tool("check_tag").problem("v1.2.3", tmp_path) is None


def test_the_worked_changes_name_what_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    package = ROOT / "src" / "figureground"
    named = re.findall(r"`((?:jobs|media|models)/\w+\.py)`", text)
    assert len(named) >= 5
    assert [name for name in named if not (package / name).is_file()] == []
    tests = re.findall(r"`(tests/[\w/]+\.py)`", text)
    assert [name for name in tests if not (ROOT / name).is_file()] == []
    worked = (ROOT / "tests" / "test_newcomers.py").read_text("utf-8")
    for change in ("kind", "format", "backbone"):
        assert f"**A new {change}" in text
        assert f"def test_a_{change}_is_one" in worked


def test_every_target_that_contributors_are_told_of_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    told = {word for words in re.findall(r"`?make ([\w -]+)", text) for word in words.split()[:1]}
    assert told and told <= targets
